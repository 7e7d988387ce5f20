#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Indirect jumps find their translations without the dispatcher.
. tests/lib.sh

program=$BUILD/tests/guest/lookups.static
stats=$work/stats

lookups() { # lookups N: how many of lookups.c's jumps the dispatcher had to look up
    rm -f "$stats"
    timeout -k 1 60 "${ferry_command[@]}" --no-cache --stats -D "$stats" "$program" "$1" >/dev/null
    sed -n 's/^  look-ups *\([0-9]*\).*/\1/p' "$stats"
}
few() { # few NAME N
    local n
    n=$(lookups "$2")
    if [ -n "$n" ] && [ "$n" -lt 2000 ]; then ok "$1"; else not_ok "$1" "${n:-no} look-ups"; fi
}
few one-target 1
few two-ways 2
# More than there are ways: the test above would not show anything otherwise.
n=$(lookups 4)
if [ "${n:-0}" -ge 10000 ]; then ok one-set; else not_ok one-set "${n:-no} look-ups"; fi
