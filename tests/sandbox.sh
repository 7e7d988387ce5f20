#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Attacks on the runner, and what each profile of --sandbox lets through.
. tests/lib.sh

programs=$PWD/$BUILD/tests/sandbox

# survives NAME [OPTION...] PROGRAM [ARG...]: it tries what it can, and says so at its end.
survives() {
    local name=$1
    shift
    guest "$@" >"$work/$name" 2>&1 </dev/null
    if [ "$(tail -n 1 "$work/$name")" = alive ]; then
        ok "$name"
    else
        head -n 20 "$work/$name"
        not_ok "$name" "it got at the runner"
    fi
}

for what in memory descriptors frames; do
    survives "attack-$what" "$programs/attack" "$what"
done

mkdir "$work/inside" "$work/outside"
echo in >"$work/inside/file"
echo out >"$work/outside/file"
ln -s ../outside/file "$work/inside/link"
cp "$programs/policy" "$work/inside/"

# policy NAME PROFILE DONE...: exactly these are done, all others refused.
policy() {
    local name=$1 profile=$2
    shift 2
    rm -f "$work/inside/new"
    guest --sandbox="$profile" "$work/inside/policy" "$work/inside" "$work/outside" 9 \
        >"$work/$name.got" 2>&1 </dev/null
    printf '%s\n' "$@" | sort >"$work/$name.want"
    sed -n 's/: done$//p' "$work/$name.got" | sort >"$work/$name.done"
    if [ "$(wc -l <"$work/$name.got")" -lt 30 ]; then
        tail -n 3 "$work/$name.got"
        not_ok "sandbox-$name" "ended early"
    else
        same "sandbox-$name" "$work/$name.want" "$work/$name.done"
    fi
}

if ! [ -e /proc/sys/kernel/seccomp ]; then
    skip sandbox "no seccomp"
    exit
fi
policy pure pure compute thread "signal itself" "socket pair"
if ! dmesg 2>/dev/null | grep -q 'landlock: Up' && ! grep -q landlock /sys/kernel/security/lsm 2>/dev/null &&
    ! guest --sandbox=build:"$work/inside" "$work/inside/policy" >/dev/null 2>&1; then
    skip sandbox-build "no Landlock"
    exit
fi
build=(compute thread "read inside" "write inside" "create inside" "write /dev/null" fork execute
    "socket pair" "signal itself")
policy build "build:$work/inside" "${build[@]}"
policy net "net:$work/inside" "${build[@]}" connect
if [ -s "$work/outside/file" ] && [ ! -e "$work/outside/new" ]; then ok sandbox-outside; else not_ok sandbox-outside "see above"; fi

# The runner's memory, from inside; and that confined programs still do what they should.
for program in reach reach.ppc64 reach.ppc64le; do
    LIMIT=120 survives "sandbox-$program" --sandbox=build:"$work/inside" "$programs/$program"
done

# Real programs: libraries, a pipe, a shell that starts others, a compiler's kind of files.
steps=$PWD/$BUILD/tests/debug/steps.dynamic
guest --sandbox "$steps" >"$work/dynamic" 2>&1
if [ $? = 7 ]; then ok sandbox-dynamic; else cat "$work/dynamic"; not_ok sandbox-dynamic "see above"; fi
guest --sandbox=build "$steps" fork >"$work/dynamic" 2>&1
if [ "$(cat "$work/dynamic")" = "child ended with 3" ]; then ok sandbox-fork; else cat "$work/dynamic"; not_ok sandbox-fork "see above"; fi
guest --sandbox=build "$steps" exec >"$work/dynamic" 2>&1
if [ $? = 7 ]; then ok sandbox-exec; else cat "$work/dynamic"; not_ok sandbox-exec "see above"; fi
guest --sandbox=nothing "$steps" >"$work/bad" 2>&1
if [ $? = 2 ] && grep -q "not one of pure" "$work/bad"; then ok sandbox-bad; else not_ok sandbox-bad "see above"; fi
