#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian's debootstrap --foreign, its second stage under ferry, and work in the
# root that it made.  As root, with the machine's apt configuration.
#
#     tests/debootstrap.sh               a minimal root, by ferry chroot
#     DEBOOTSTRAP=full tests/debootstrap.sh
#                                        or a list of: binfmt (by binfmt_misc too, in a
#                                        user name space), qemu (compares the time),
#                                        work (packages and programs: tests/real/accept)
#
# ARCH=ppc64el for another architecture than arm64.
. tests/lib.sh

arch=${ARCH:-arm64}
case $arch in
arm64) guest=aarch64 ;;
ppc64el) guest=ppc64le ;;
*) guest=$arch ;;
esac
skip_all() {
    skip debootstrap "$1"
    exit 0
}
[ "$(id -u)" = 0 ] || skip_all "not root"
command -v debootstrap >/dev/null || skip_all "debootstrap is not installed"
"$FERRY" chroot / true 2>/dev/null || skip_all "no mount name space here"
suite=bookworm
mirror=$(apt-get indextargets --format '$(COMPONENT) $(RELEASE) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    sed -n "s/^main $suite //p" | head -n 1)
mirror=${mirror%/}
[ -n "$mirror" ] || skip_all "apt knows no mirror of $suite"

# ---- The first stage, kept for the next run ----
first=$BUILD/debootstrap-$suite-$arch.tar
if [ ! -e "$first" ]; then
    echo "fetching $suite for $arch" >&2
    if ! debootstrap --foreign --variant=minbase --arch="$arch" "$suite" "$work/first" "$mirror" >"$work/log" 2>&1; then
        tail -n 5 "$work/log"
        skip_all "debootstrap's first stage failed"
    fi
    tar -cf "$first.new" -C "$work/first" . && mv "$first.new" "$first"
    rm -rf "$work/first"
fi

# Is this part asked for?
wanted() {
    case ,${DEBOOTSTRAP-}, in *,full,* | *,"$1",*) ;; *) false ;; esac
}

# unpack DIR
unpack() {
    mkdir -p "$1"
    tar -xf "$first" -C "$1"
}

# A name space with all identities and a binfmt_misc of its own, where
# INTERPRETER with FLAGS starts the programs of $arch.
# by_binfmt INTERPRETER FLAGS DIR COMMAND...
by_binfmt() {
    local go=$work/go pid
    rm -f "$go" && mkfifo "$go"
    unshare -U -m -p -f bash -c '
        read -r _
        mount -t binfmt_misc none /proc/sys/fs/binfmt_misc || exit 125
        printf "%s" "$1" >/proc/sys/fs/binfmt_misc/register || exit 125
        mount --rbind "$2" "$2"
        [ ! -L "$2/proc" ] || { rm "$2/proc" && mkdir "$2/proc"; }
        mount -t proc proc "$2/proc"
        mkdir -p "$2/dev/shm" && mount -t tmpfs none "$2/dev/shm"
        dir=$2
        shift 2
        # lxc: debootstrap can make no device nodes here
        exec env -i container=lxc LC_ALL=C HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$dir" "$@"' \
        bash "$(sed -n "s|^\(:ferry-$guest:M::.*:\)[^:]*:[^:]*$|\1$1:F$2|p" \
        "$work/lines/etc/binfmt.d/zz-ferry.conf")" "${@:3}" <"$go" &
    pid=$!
    exec 9>"$go"
    for _ in {1..50}; do
        [ "$(readlink /proc/$pid/ns/user)" = "$(readlink /proc/self/ns/user)" ] || break
        sleep 0.1
    done
    echo "0 0 4294967295" >/proc/$pid/uid_map
    echo "0 0 4294967295" >/proc/$pid/gid_map
    echo >&9
    exec 9>&-
    wait $pid
}

# CPU seconds of COMMAND, in hundredths, in $cpu; its output in $work/log.
timed() {
    local status=0 TIMEFORMAT='%U %S %R' user system
    { time "$@" >"$work/log" 2>&1; } 2>"$work/time" || status=$?
    read -r user system real <"$work/time"
    cpu=$((10#${user/./} / 10 + 10#${system/./} / 10))
    return $status
}

# second NAME DIR COMMAND...: the second stage by COMMAND in DIR.
second() {
    local name=debootstrap.$arch.$1 dir=$2 status=0
    shift 2
    unpack "$dir"
    timed "$@" /debootstrap/debootstrap --second-stage || status=$?
    if [ $status = 0 ] && grep -q 'Base system installed successfully' "$work/log"; then
        ok "$name"
        echo "  $real s, $((cpu / 100)).$((cpu % 100)) s of CPU time"
    else
        tail -n 20 "$work/log" "$dir/debootstrap/debootstrap.log"
        not_ok "$name" "exit status $status"
        return 1
    fi
}

# inside NAME SCRIPT: passes if the script does, in the root.
inside() {
    local name=debootstrap.$arch.$1
    if timeout -k 1 600 "$FERRY" chroot --bind "$work/share:/run/share" "$work/root" sh -ec "$2" >"$work/log" 2>&1; then
        ok "$name"
    else
        tail -n 20 "$work/log" | sed 's/^/  /'
        not_ok "$name" "failed"
    fi
}

mkdir "$work/share"
environment=(env -i LC_ALL=C TERM=dumb "HOME=$HOME" PATH=/usr/sbin:/usr/bin:/sbin:/bin)
cp "$FERRY" "$work/ferry" # this one, whatever is built meanwhile
FERRY=$work/ferry
mkdir "$work/lines"
"$FERRY" binfmt install --root "$work/lines" --interpreter /ferry >/dev/null
second chroot "$work/root" "${environment[@]}" "$FERRY" chroot "$work/root" || exit 0
inside audit '[ -z "$(dpkg --audit)" ]'
inside ldconfig 'ldconfig -p | grep libc.so.6'
inside users 'useradd -m joe; su joe -c "touch ~/f"; [ "$(stat -c %U /home/joe/f)" = joe ]; userdel -r joe'
if grep -q "$work" /proc/self/mounts; then
    not_ok debootstrap."$arch".mounts "something is still mounted"
else
    ok debootstrap."$arch".mounts
fi
# ---- Not in short ----
root_cpu=$cpu root_real=$real
if wanted binfmt; then
    second binfmt "$work/binfmt" by_binfmt "$FERRY" P "$work/binfmt"
    rm -rf "$work/binfmt"
fi
qemu=$(command -v qemu-"$guest"-static)
if wanted qemu && [ -n "$qemu" ]; then
    second qemu "$work/qemu" by_binfmt "$qemu" "" "$work/qemu"
    rm -rf "$work/qemu"
    echo "  ferry took $root_real s ($root_cpu hundredths of CPU time), qemu-user $real s ($cpu)"
    if [ "$arch" != arm64 ]; then
        : # to be seen, no more
    elif [ $((4 * root_cpu)) -le "$cpu" ]; then
        ok debootstrap."$arch".speed
    else
        not_ok debootstrap."$arch".speed "less than 4 times faster than qemu-user"
    fi
fi
wanted work || exit 0

# A repository of the packages that are needed, for apt in the root.
read -r packages <tests/real/accept.packages
[ "$arch" = arm64 ] || packages=${packages/ luajit/} # not made for all
repository=$work/share/repository state=$work/apt
mkdir -p "$repository" "$state/lists/partial" "$state/cache/archives/partial"
apt=(apt-get -qq -o "APT::Architecture=$arch" -o "APT::Architectures=$arch" -o "Dir::State=$state"
    -o "Dir::State::lists=$state/lists" -o "Dir::State::status=$work/root/var/lib/dpkg/status"
    -o "Dir::Cache=$state/cache" -o APT::Sandbox::User=root -o Debug::NoLocking=1 -o APT::Install-Recommends=0)
# shellcheck disable=SC2086 # a list of words
if ! { "${apt[@]}" update && "${apt[@]}" -y --download-only install $packages; } >"$work/log" 2>&1; then
    tail -n 5 "$work/log"
    skip debootstrap.$arch.work "can't fetch packages"
    exit 0
fi
mv "$state"/cache/archives/*.deb "$repository"
(
    cd "$repository" || exit
    for deb in *.deb; do
        dpkg-deb -f "$deb"
        echo "Filename: ./$deb"
        echo "Size: $(stat -c %s "$deb")"
        echo "SHA256: $(sha256sum "$deb" | cut -d ' ' -f 1)"
        echo
    done >Packages
)
cp tests/real/accept "$work/share/"
wget -q -O "$work/share/lua.tar.gz" "$mirror/pool/main/l/lua5.4/lua5.4_5.4.4.orig.tar.gz"
wget -q -O "$work/share/zlib.tar.bz2" "$mirror/pool/main/z/zlib/zlib_1.2.13.dfsg.orig.tar.bz2"
inside apt-update 'echo "deb [trusted=yes] file:/run/share/repository ./" >/etc/apt/sources.list; apt-get update'
inside apt-install "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages"
inside apt-audit '[ -z "$(dpkg --audit)" ]'
"$FERRY" chroot --bind "$work/share:/run/share" "$work/root" bash /run/share/accept
