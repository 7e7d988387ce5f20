#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real Debian programs: tests/real/cases, run by the guest's bash, and the same
# cases by the host architecture's own packages.  ARCH: whose (arm64).
#
#     tests/real.sh chroot|sysroot [CASE...]
#
# chroot: ferry is copied into the unpacked packages and runs there.
# sysroot: ferry -L; the rest of the file system is the host's.
. tests/lib.sh

mode=$1
shift
arch=${ARCH:-arm64}
arm=$BUILD/root-$arch host=$BUILD/root-amd64
read -r packages <tests/real/packages
for debian in "$arch" amd64; do
    # shellcheck disable=SC2086 # a list of words
    if ! flock "$BUILD" scripts/debian-root.sh "$debian" "$BUILD/root-$debian" $packages >&2; then
        skip "real.$mode" "can't fetch Debian packages for $debian"
        exit 0
    fi
done
unshare=(unshare -m)
[ "$(id -u)" = 0 ] || unshare=(unshare -r -m)
if ! "${unshare[@]}" true 2>/dev/null; then
    skip "real.$mode" "no mount name space here"
    exit 0
fi
cp "$FERRY" "$work/ferry"

# in_root DIR COMMAND...: chroot with /proc, /dev and the work directory.
in_root() {
    local root=$1
    shift
    "${unshare[@]}" sh -c '
        root=$1 work=$2
        shift 2
        mount --rbind /proc "$root/proc" && mount --rbind /dev "$root/dev" || exit 125
        mount -t tmpfs none "$root/tmp" && mkdir "$root/tmp/w" "$root/tmp/f" || exit 125
        mount --bind "$work" "$root/tmp/f" || exit 125
        exec chroot "$root" "$@"' sh "$root" "$work" "$@"
}

environment=(env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin LC_ALL=C.UTF-8 TZ=UTC HOME=/tmp)
if [ -n "${FERRY_ISA-}" ] && is_ferry; then
    environment+=("FERRY_HOST_ISA=$FERRY_ISA")
fi
[ -z "${FERRY_CODE_CACHE-}" ] || environment+=("FERRY_CODE_CACHE=$FERRY_CODE_CACHE")

run_native() {
    in_root "$host" "${environment[@]}" timeout -k 1 60 bash -c "cd /tmp/w; $1"
}
run_guest() {
    if [ "$mode" = chroot ]; then
        "${environment[@]}" FERRY_CACHE_DIR=/tmp/f/cache timeout -k 1 "${LIMIT:-120}" bash -c "$(declare -f in_root)
            $(declare -p unshare work)"'
            in_root "$1" /tmp/f/ferry /usr/bin/bash -c "cd /tmp/w; $2"' bash "$arm" "$1"
    else
        local w
        w=$(mktemp -d "$work/cwd.XXXXXX")
        (cd "$w" && "${environment[@]}" "FERRY_CACHE_DIR=$work/cache" timeout -k 1 "${LIMIT:-120}" "$FERRY" -L "$root_path" \
            "$root_path/usr/bin/bash" -c "$1")
    fi
}
root_path=$(cd "$arm" && pwd)

# Splits the cases into files.
awk -v dir="$work" '/^=== / { f = dir "/case." $2; names = names " " $2; next }
    f { print > f } END { print names > dir "/names" }' tests/real/cases
read -r -a names <"$work/names"
[ $# = 0 ] || names=("$@")
for name in "${names[@]}"; do
    script=$(cat "$work/case.$name")
    run_native "$script" >"$work/want" 2>"$work/want.err" </dev/null
    echo "exit status $?" >>"$work/want"
    # WARM: and once more, with translations from the disk.
    for again in "" ${WARM:+.warm}; do
        start=$(date +%s%N)
        run_guest "$script" >"$work/got" 2>"$work/got.err" </dev/null
        echo "exit status $?" >>"$work/got"
        cmp -s "$work/want" "$work/got" || head -n 20 "$work/got.err"
        same "${ARCH:+$ARCH.}$mode.$name${FERRY_ISA:+.$FERRY_ISA}$again" "$work/want" "$work/got"
        [ -z "${VERBOSE-}" ] || echo "  $((($(date +%s%N) - start) / 1000000)) ms"
    done
done
