#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Writes hostgen/ready/shapes: which instances of templates are made when ferry is built.  Runs
# some programs of the roots for tests and the benchmarks under a ferry that tells what it emits.
# To be done now and then, when micro-ops or the registers of guests have changed.
#
#     scripts/shapes.sh
set -euo pipefail

build=${BUILD:-build}
arm=$build/root-arm64 ppc=$build/root-ppc64el bench=$build/tests/bench
a64_count=5700 ppc_count=4500 all=8191 # READY_BITS
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The tables that were learned for the other one are right for this one too.
mkdir "$work/build"
cp -a "$build/gen" "$build/hostgen-tool" "$build/decodegen" "$work/build/"
make -j2 BUILD="$work/build" CFLAGS="-O2 -DHOSTGEN_SHAPES" "$work/build/ferry" >"$work/log"
gcc -O2 -D_GNU_SOURCE -I. -I"$build/gen" -Ihostgen -o "$work/choose" hostgen/ready/choose.c \
    "$build/gen/hostgen_info.c" -lm

mkdir "$work/a64" "$work/ppc"
run() { # run GUEST ROOT PROGRAM [ARGUMENT...]
    HOSTGEN_SHAPES=$work/$1/$(basename "$3") timeout 300 "$work/build/ferry" --no-cache -L "$2" "${@:3}" \
        </dev/null >/dev/null 2>&1 || true
}
a64() { run a64 "$arm" "$arm/usr/bin/$1" "${@:2}"; }

a64 true
a64 bash -c 'for i in 1 2; do a=$((i * 7)); [[ $a =~ ^[0-9]+$ ]]; done; case abc in a*) printf "%05d" 3; esac'
a64 ls -l /
a64 cat /dev/null
a64 grep -E 'a+b' Makefile
a64 sed 's/a/b/' Makefile
a64 sort Makefile
a64 date
a64 tar cf /dev/null Makefile
a64 gzip -c Makefile
a64 gawk 'BEGIN { for (i = 0; i < 10; i++) print i * 2.5 }'
a64 make -f /dev/null -p
a64 git --version
a64 openssl version
a64 lua5.4 -e 'local t = {} for i = 1, 100 do t[i] = i * 1.5 end print(table.concat(t, ","))'
a64 sqlite3 :memory: 'create table t(a, b); insert into t values(1, 2), (3, 4); select sum(a) from t group by b;'
a64 perl -e '$h{$_ % 7} .= $_ for 1 .. 100; print join ",", map {"$_=$h{$_}"} sort keys %h; printf "%.3f", 3.14159'
a64 python3 -c 'import json, re; print(json.dumps({"a": [1, 2.5]}), re.findall("a+", "baab"))'
gcc -E -P tests/bench/compile.c -o "$work/work.i"
run a64 "$arm" "$arm/usr/lib/gcc/aarch64-linux-gnu/12/cc1" -quiet -O2 "$work/work.i" -o /dev/null
for program in true bash ls sort; do
    run ppc "$ppc" "$ppc/usr/bin/$program" Makefile
done
for program in corelike nbody spectral; do
    for guest in ppc ppc64 ppc64le; do
        run ppc "$ppc" "$bench/$program.$guest" 10
    done
done

"$work/choose" $a64_count 1 "$work"/a64/* >"$work/chosen"
cut -d ' ' -f 2- "$work/chosen" >"$work/have"
"$work/choose" $ppc_count 0.25 "$work"/ppc/* |
    awk 'NR == FNR { have[$0] = 1; next } { line = $0; sub(/^[^ ]* /, "", line) } !(line in have)' "$work/have" - |
    sed -n "1,$((all - a64_count))p" >"$work/more"
{
    echo "# Shapes of instances that most programs need: see ready.c.  Written by scripts/shapes.sh."
    cat "$work/chosen" "$work/more" | sort -k 1,1gr -s | cut -d ' ' -f 2-
} >hostgen/ready/shapes
