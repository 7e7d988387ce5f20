#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Conditions of PowerPC at faults and behind branches (tests/ppc-guest/conditions.c), in
# all three guests; the program checks itself.
. tests/lib.sh

for name in powerpc powerpc64 powerpc64le; do
    program=$BUILD/tests/ppc-guest/conditions.$name
    mkdir -p "$(dirname "$program")"
    "$name-linux-gnu-gcc" -O2 -static -o "$program" tests/ppc-guest/conditions.c &&
        guest "$program" >"$work/got" 2>&1
    status=$?
    echo "0 failures, status 0" >"$work/want"
    sed -n 's/^[0-9]* checks, //p' "$work/got" | sed "s/\$/, status $status/" >"$work/last"
    cmp -s "$work/want" "$work/last" || cat "$work/got"
    same "conditions-$name${FERRY_ISA:+.$FERRY_ISA}" "$work/want" "$work/last"
done
