#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the learner makes of the rows of tests/hostgen/: holes, shapes, tables
# of bindings, refusals; and what it keeps for the next time.
. tests/lib.sh

tool=$BUILD/hostgen-tool
export HOSTGEN_CACHE=$work/cache

learn() {
    "$tool" --learn "$1" --report "$work/report" -o "$work/$(basename "$1" .def).c" 2>"$work/err"
}
# has NAME PATTERN: a line of the report matches.
has() {
    if grep -Eq "$2" "$work/report"; then
        ok "hostgen-$1"
    else
        head -n 40 "$work/report"
        not_ok "hostgen-$1" "nothing in the report is like $2"
    fi
}
# section ROW: its part of the report, alone.
section() {
    sed -n "/^$1:/,/^[a-z]/p" "$work/all" >"$work/report"
}

if learn tests/hostgen/learn.def; then
    ok hostgen-learn
else
    cat "$work/err"
    not_ok hostgen-learn "the tool failed"
fi
cp "$work/report" "$work/all"
cp "$work/learn.c" "$work/learn-all.c"
section t_affine
has registers ' R R R .* 6 holes, [0-9]+ learned, [3-9] proven$'
has memory ' M R R .* 5 holes'
has immediate ' R R i32 .* 5 holes'
has aliased ' R =d R '
section t_shapes
has shapes 'in other shapes'
section t_odd_numbers
has table ' R R +levels 1 +table of 110 bindings'
has table-v3 ' R R +levels 3 +table of 110 bindings'
section t_odd_constant
has table-constant ' R R 1 .*table of 110 bindings'

if learn tests/hostgen/refused.def; then
    not_ok hostgen-refused "a row that can't be proven was accepted"
elif grep -q 't_refused: no template' "$work/err" && [ ! -e "$work/refused.c" ]; then
    ok hostgen-refused
else
    cat "$work/err"
    not_ok hostgen-refused "the failure is not explained"
fi

# Only what has changed is learned again.
kept=$(find "$work/cache" -type f -name '????????????????????????????????' | wc -l)
sed 's/d = a + b/d = a - b/' tests/hostgen/learn.def >"$work/learn.def"
learn "$work/learn.def"
now=$(find "$work/cache" -type f -name '????????????????????????????????' | wc -l)
if [ "$kept" = 4 ] && [ "$now" = 5 ]; then
    ok hostgen-relearn-row
else
    not_ok hostgen-relearn-row "$kept results became $now, not 4 and 5"
fi
groups=$(make -n -W hostgen/ops/glue.def "BUILD=$BUILD" "$BUILD/ferry" 2>/dev/null | grep -c -- --learn)
if [ "$groups" = 1 ]; then
    ok hostgen-relearn-group
else
    not_ok hostgen-relearn-group "$groups groups would be learned for a change of one"
fi

# The tables at work.
unset HOSTGEN_CACHE
defs="hostgen/ops/host.def hostgen/ops/integer.def tests/hostgen/learn.def"
# shellcheck disable=SC2086 # lists of words
if "$tool" --names $defs >"$work/hostgen_ops.h" && "$tool" --info $defs >"$work/info.c" &&
    gcc -D_GNU_SOURCE -O1 -w -I"$work" -I. -Ihostgen -o "$work/run" tests/hostgen/run.c \
        hostgen/patch.c hostgen/instance.c hostgen/host_x86_64.c "$BUILD/gen/hostgen_host.c" \
        "$BUILD/gen/hostgen_integer.c" "$work/learn-all.c" "$work/info.c" 2>"$work/err" &&
    "$work/run"; then
    ok hostgen-table-runs
else
    cat "$work/err"
    not_ok hostgen-table-runs "a tabulated row does the wrong thing"
fi
