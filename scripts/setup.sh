#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs the Debian packages that ferry needs and that are missing; asks
# nothing.
#
#     scripts/setup.sh            to build ferry
#     scripts/setup.sh --tests    and to test and measure it
set -eu

packages="gcc libc6-dev make binutils libelf-dev libcapstone-dev libxxhash-dev libseccomp-dev"
case ${1-} in
'') ;;
--tests)
    packages="$packages check pkg-config g++ gcc-aarch64-linux-gnu g++-aarch64-linux-gnu
    libc6-dev-arm64-cross binutils-aarch64-linux-gnu qemu-user qemu-user-static
    gcc-i686-linux-gnu g++-i686-linux-gnu libc6-dev-i386-cross
    gcc-powerpc-linux-gnu g++-powerpc-linux-gnu libc6-dev-powerpc-cross
    gcc-powerpc64-linux-gnu g++-powerpc64-linux-gnu libc6-dev-ppc64-cross
    gcc-powerpc64le-linux-gnu g++-powerpc64le-linux-gnu libc6-dev-ppc64el-cross
    gdb-multiarch
    perl ca-certificates xz-utils bzip2 tcl debootstrap"
    ;;
*)
    echo "usage: scripts/setup.sh [--tests]" >&2
    exit 2
    ;;
esac

missing=
for p in $packages; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) || state=
    [ "$state" = installed ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

echo "installing:$missing"
sudo=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup.sh: not root and no sudo; install these packages:$missing" >&2
        exit 1
    fi
    sudo=sudo
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of words
$sudo apt-get install -qq -y --no-install-recommends $missing >/dev/null 2>&1 || {
    $sudo apt-get update -qq
    $sudo apt-get install -qq -y --no-install-recommends $missing >/dev/null
}
