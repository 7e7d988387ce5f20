#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Advanced SIMD: random words of every pattern on random states, here and
# under qemu-aarch64.  One test for each pattern of a64_simd.decode.
set -u
. tests/lib.sh

program=$BUILD/tests/simd
want=$(mktemp) got=$(mktemp)
trap 'rm -f "$want" "$got"' EXIT

qemu-aarch64 "$program" >"$want" || { not_ok simd "qemu-aarch64 failed"; exit 1; }
guest "$program" >"$got" || { not_ok simd "exit status $?"; exit 1; }

# Lines are "index word name digests..."
paste -d '\n' "$want" "$got" | awk '
    NR % 2 { want = $0; next }
    { name = $3 }
    !(name in bad) { bad[name] = ""; order[++n] = name }
    $0 != want && bad[name] == "" { split(want, w); bad[name] = "word " w[2] ": '"$program"' " w[1] }
    END {
        for (i = 1; i <= n; i++)
            if (bad[order[i]] == "")
                print "ok simd " order[i]
            else
                print "not ok simd " order[i] " - " bad[order[i]]
        exit n == 0
    }'
