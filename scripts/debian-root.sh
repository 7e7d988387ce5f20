#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unpacks Debian packages and what they depend on into a directory, for any
# architecture, with the machine's apt configuration.  The machine's own dpkg
# and apt state are not touched, and nothing of the packages is run.
#
#     scripts/debian-root.sh ARCH DIR PACKAGE...
set -eu

if [ $# -lt 3 ]; then
    echo "usage: scripts/debian-root.sh ARCH DIR PACKAGE..." >&2
    exit 2
fi
arch=$1 dir=$2
shift 2

stamp=$dir/.packages
if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$*" ]; then
    exit 0
fi
rm -rf "$dir"
mkdir -p "$dir"
state=$(cd "$dir" && pwd)/.apt
mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
: >"$state/status"

# apt drops root for downloads to directories that its user can't reach.
apt="apt-get -qq -o APT::Architecture=$arch -o APT::Architectures=$arch
    -o Dir::State=$state -o Dir::State::lists=$state/lists -o Dir::State::status=$state/status
    -o Dir::Cache=$state/cache -o APT::Sandbox::User=root -o Debug::NoLocking=1
    -o APT::Install-Recommends=0 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0"
echo "fetching Debian packages for $arch into $dir"
# What one archive lacks, another may have.
$apt update || echo "going on with the indexes that could be fetched"
$apt -y --download-only install "$@" >/dev/null

for d in bin sbin lib lib64; do
    mkdir -p "$dir/usr/$d"
    ln -s "usr/$d" "$dir/$d"
done
for p in "$state"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$p" |
        tar -x -C "$dir" --keep-directory-symlink --no-same-owner --exclude './usr/share/doc/*' \
            --exclude './usr/share/man/*' --exclude './usr/share/locale/*'
done
rm -rf "$state"

# What maintainer scripts would do.
mkdir -p "$dir/tmp" "$dir/proc" "$dir/dev" "$dir/sys" "$dir/root" "$dir/etc"
chmod 1777 "$dir/tmp"
[ -e "$dir/bin/sh" ] || ln -s dash "$dir/bin/sh"
if [ -e "$dir/usr/bin/gawk" ]; then
    ln -sf gawk "$dir/usr/bin/awk"
elif [ -e "$dir/usr/bin/mawk" ]; then
    ln -sf mawk "$dir/usr/bin/awk"
fi
printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n' \
    >"$dir/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$dir/etc/group"
echo "$*" >"$stamp"
