# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For the suites: where things are, how to run a guest, how to report.
#
#   FERRY     the emulator under test (build/ferry; qemu-aarch64 also works)
#   FERRY_ISA host ISA level to run it with (unset: the best)
#   SYSROOT   where dynamic guests find their libraries

BUILD=${BUILD:-build}
FERRY=${FERRY:-$PWD/$BUILD/ferry}
SYSROOT=${SYSROOT:-/usr/aarch64-linux-gnu}

is_ferry() {
    case $FERRY in *qemu*) false ;; esac
}

ferry_command=("$FERRY")
if [ -n "${FERRY_ISA-}" ] && is_ferry; then
    ferry_command+=(--host-isa "$FERRY_ISA")
fi

# guest PROGRAM [ARG...]: runs it under test, with a limit on the time.
guest() {
    timeout -k 1 "${LIMIT:-60}" "${ferry_command[@]}" -L "$SYSROOT" "$@"
}

ok() {
    echo "ok $1"
}
not_ok() {
    echo "not ok $1 - $2"
}
skip() {
    echo "skip $1 - $2"
}

# same NAME WANT GOT: compares two files.
same() {
    if cmp -s "$2" "$3"; then
        ok "$1"
    else
        diff -a -u "$2" "$3" | head -n 30
        not_ok "$1" "output differs"
    fi
}

work=$(mktemp -d "${TMPDIR:-/tmp}/ferry-test.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Translations on disk are each suite's own.
export FERRY_CACHE_DIR=${FERRY_TEST_CACHE_DIR-$work/cache}
