#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every A64 floating-point instruction on special and random values in many
# FPCR modes (tests/a64/fp_insns.c), at each level of the host's ISA: what ferry computes
# must be what qemu-aarch64 does; so must what the exact helper does when it is called alone.
. tests/lib.sh

# QEMU 7.2: FCVTZS Hd, Hn, #fbits leaves the sign in bits 31..16; FJCVTZS calls
# the conversion of a flushed denormal exact.
peer_bug='^(5f1.f[ce]|1e7e0)'

program=$BUILD/tests/a64/fp_insns
mkdir -p "$(dirname "$program")"
if ! command -v qemu-aarch64 >/dev/null; then
    skip fp "no qemu-aarch64"
    exit 0
fi
if ! aarch64-linux-gnu-gcc -O1 -static -I. -o "$program" tests/a64/fp_insns.c; then
    not_ok fp "cannot compile $program.c"
    exit 1
fi
peer() {
    qemu-aarch64 -cpu max "$program" "$@"
}

peer -b >"$work/records"
if "$BUILD/tests/unit/fp_exact" "$work/records" >"$work/log"; then
    ok fp-exact
else
    tail -n 12 "$work/log"
    not_ok fp-exact "the helper differs"
fi

for mode in 0 1 2 3 4 5 6 7 8 9 10; do
    peer -m $mode | grep -Ev "$peer_bug" >"$work/want"
    for isa in "" v2 baseline; do
        timeout -k 1 300 "$FERRY" ${isa:+--host-isa $isa} "$program" -m $mode 2>"$work/err" |
            grep -Ev "$peer_bug" >"$work/got"
        cat "$work/err"
        same "fp-mode-$mode${isa:+.$isa}" "$work/want" "$work/got"
    done
done
