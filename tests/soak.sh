#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Everything at once, random system calls, sudden ends, and want of memory and descriptors, for
# each guest.
#
#   SOAK_SECONDS  of the stress runs (3)    FUZZ_CALLS, FUZZ_SEED  of the fuzzer (10000, 1)
#   SOAK_GUESTS   aarch64 ppc ppc64 ppc64le SOAK_KILLS  of the run that is killed (12)
#   SOAK_FRAMES   damaged by each guest (200)
. tests/lib.sh

guests=${SOAK_GUESTS:-aarch64 ppc ppc64 ppc64le}

# program NAME GUEST: the file.
program() {
    local suffix=.$2
    [ "$2" = aarch64 ] && suffix=
    echo "$PWD/$BUILD/tests/soak/$1$suffix"
}

# stress NAME GUEST SECONDS
stress() {
    LIMIT=$(($3 + 60)) guest "$(program stress "$2")" "$3" >"$work/stress" 2>"$work/stress.err" </dev/null
    local status=$?
    if [ "$(cat "$work/stress")" = sound ]; then
        ok "$1-$2"
    else
        head -n 20 "$work/stress" "$work/stress.err"
        not_ok "$1-$2" "status $status"
    fi
}

for g in $guests; do
    stress soak-stress "$g" "${SOAK_SECONDS:-3}"
    FERRY_CODE_CACHE=3M stress soak-small-cache "$g" "${SOAK_SECONDS:-3}"
done

# The fuzzer runs as nobody in namespaces of its own, in a directory of its own.
fuzz() {
    local root=$work/root-$1 status errors
    mkdir -m 777 "$root" "$root/dir" "$root/proc" "$root/dev"
    cp "$FERRY" "$root/ferry"
    cp "$(program fuzz "$1")" "$root/fuzz"
    : >"$root/runner.log"
    chmod 666 "$root/runner.log"
    timeout -k 1 "${FUZZ_LIMIT:-400}" unshare --fork --kill-child --pid --mount --net --ipc --uts --mount-proc="$root/proc" \
        chroot "$root" /ferry -D /runner.log /fuzz "${FUZZ_SEED:-1}" "${FUZZ_CALLS:-10000}" \
        >"$work/fuzz" 2>"$work/fuzz.err" </dev/null
    status=$?
    errors=$(cat "$work/fuzz.err" "$root/runner.log" | grep -a -c "internal error\|Assertion\|corrupt")
    if [ $status = 0 ] && [ "$errors" = 0 ] && grep -a -q "enough calls" "$work/fuzz"; then
        ok "soak-fuzz-$1"
    else
        cat "$work/fuzz.err" "$root/runner.log" | grep -a "internal error\|Assertion\|corrupt\|calls" |
            tr -cd '[:print:]\n' | cut -c 1-200 | sort | uniq -c | sort -rn | head -n 20
        not_ok "soak-fuzz-$1" "status $status, $errors errors of the runner"
    fi
}
if [ "$(id -u)" = 0 ] && unshare --fork --pid --mount --net --ipc --uts true 2>/dev/null; then
    chmod 711 "$work"
    for g in $guests; do fuzz "$g"; done
else
    skip soak-fuzz "no namespaces"
fi

# Frames that handlers have damaged.
for g in $guests; do
    LIMIT=${FUZZ_LIMIT:-400} guest "$(program frames "$g")" "${SOAK_FRAMES:-200}" "${FUZZ_SEED:-1}" \
        >"$work/frames" 2>"$work/frames.err" </dev/null
    if [ "$(tail -n 1 "$work/frames")" = "went on" ] && ! grep -a -q "internal error" "$work/frames.err"; then
        ok "soak-frames-$g"
    else
        tail -n 5 "$work/frames"
        grep -a "internal error" "$work/frames.err" | head -n 5
        not_ok "soak-frames-$g" "strange ends or errors of the runner"
    fi
done

# Killed at any time, parents and children alike: what is on disk stays fit for use.
RANDOM=${FUZZ_SEED:-1}
export FERRY_CACHE_DIR="$work/killed"
for _ in $(seq "${SOAK_KILLS:-12}"); do
    setsid "${ferry_command[@]}" "$(program stress aarch64)" 5 >/dev/null 2>&1 </dev/null &
    sleep "0.$(printf %03d $((RANDOM % 250)))"
    kill -KILL -- -$! 2>/dev/null
    wait $! 2>/dev/null
done
if "${ferry_command[@]}" cache verify >"$work/verify" 2>&1; then
    ok soak-killed-verify
else
    cat "$work/verify"
    not_ok soak-killed-verify "the cache was hurt"
fi
stress soak-killed aarch64 1

# Few descriptors, little memory: programs run, or ferry says why not.
steps=$PWD/$BUILD/tests/debug/steps
# few NUMBER COMMAND...: with so many descriptors.
few() {
    (
        # The shell needs descriptors for this itself; those of make are not counted.
        exec >"$work/few" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- 10>&-
        ulimit -n "$1"
        shift
        exec timeout -k 1 60 "${ferry_command[@]}" "$@"
    )
}
for n in 4 5 8 16; do
    few $n "$steps" fork
    if [ "$(cat "$work/few")" = "child ended with 3" ]; then ok soak-descriptors-$n; else not_ok soak-descriptors-$n "$(cat "$work/few")"; fi
done
for g in $guests; do
    few 20 "$(program scarce "$g")" descriptors
    if [ "$(cat "$work/few")" = "went on" ]; then ok "soak-no-descriptors-$g"; else not_ok "soak-no-descriptors-$g" "$(cat "$work/few")"; fi
done
for kib in 50000 200000 1000000 4000000; do
    (
        ulimit -v $kib
        "$FERRY" "$steps" fork >"$work/little" 2>&1
    )
    case $(cat "$work/little") in
    "child ended with 3" | "ferry: "*memory*) ok soak-memory-$kib ;;
    *) not_ok soak-memory-$kib "$(cat "$work/little")" ;;
    esac
done
# Programs that take all there is: threads that can't be made are refused, and the rest goes on.
for g in $guests; do
    for what in threads memory processes; do
        (
            ulimit -v 700000
            guest "$(program scarce "$g")" $what >"$work/little" 2>&1
        )
        case $(tail -n 1 "$work/little") in
        "went on") ok "soak-scarce-$what-$g" ;;
        *) not_ok "soak-scarce-$what-$g" "$(tail -n 3 "$work/little")" ;;
        esac
    done
done
