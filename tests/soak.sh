#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Everything at once, random system calls, and want of memory and descriptors.
#
#   SOAK_SECONDS  of the stress run (3)    FUZZ_CALLS, FUZZ_SEED  of the fuzzer (20000, 1)
. tests/lib.sh

programs=$PWD/$BUILD/tests/soak
LIMIT=$((${SOAK_SECONDS:-3} + 60))
guest "$programs/stress" "${SOAK_SECONDS:-3}" >"$work/stress" 2>"$work/stress.err" </dev/null
if [ "$(cat "$work/stress")" = sound ]; then
    ok soak-stress
else
    head -n 20 "$work/stress" "$work/stress.err"
    not_ok soak-stress "status $?"
fi
LIMIT=$((${SOAK_SECONDS:-3} + 60)) FERRY_CODE_CACHE=3M \
    guest "$programs/stress" "${SOAK_SECONDS:-3}" >"$work/stress" 2>"$work/stress.err" </dev/null
if [ "$(cat "$work/stress")" = sound ]; then
    ok soak-small-cache
else
    head -n 20 "$work/stress" "$work/stress.err"
    not_ok soak-small-cache
fi

# The fuzzer runs as nobody in namespaces of its own, in a directory of its own.
if [ "$(id -u)" = 0 ] && unshare --fork --pid --mount --net --ipc --uts true 2>/dev/null; then
    mkdir -m 777 "$work/root" "$work/root/dir" "$work/root/proc" "$work/root/dev"
    chmod 711 "$work"
    cp "$FERRY" "$programs/fuzz" "$work/root/"
    : >"$work/root/runner.log"
    chmod 666 "$work/root/runner.log"
    timeout -k 1 "${FUZZ_LIMIT:-400}" unshare --fork --kill-child --pid --mount --net --ipc --uts --mount-proc="$work/root/proc" \
        chroot "$work/root" /ferry -D /runner.log /fuzz "${FUZZ_SEED:-1}" "${FUZZ_CALLS:-20000}" \
        >"$work/fuzz" 2>"$work/fuzz.err" </dev/null
    status=$?
    errors=$(cat "$work/fuzz.err" "$work/root/runner.log" | grep -a -c "internal error\|Assertion\|free():\|malloc():\|corrupt")
    if [ $status = 0 ] && [ "$errors" = 0 ] && grep -q "enough calls" "$work/fuzz"; then
        ok soak-fuzz
    else
        cat "$work/fuzz.err" "$work/root/runner.log" | grep -a "internal error\|Assertion\|free()\|malloc()\|corrupt\|calls" |
            sort | uniq -c | sort -rn | head -n 20
        not_ok soak-fuzz "status $status, $errors errors of the runner"
    fi
else
    skip soak-fuzz "no namespaces"
fi

# Killed at any time: what is on disk stays fit for use.
steps=$PWD/$BUILD/tests/debug/steps
for i in $(seq 12); do
    FERRY_CACHE_DIR="$work/cache" guest "$programs/stress" 5 >/dev/null 2>&1 </dev/null &
    sleep "0.0$i"
    pkill -KILL -P $! 2>/dev/null
    kill -KILL $! 2>/dev/null
    wait $! 2>/dev/null
done
FERRY_CACHE_DIR="$work/cache" guest "$programs/stress" 1 >"$work/stress" 2>/dev/null </dev/null
if [ "$(cat "$work/stress")" = sound ]; then ok soak-killed; else not_ok soak-killed "the cache was hurt"; fi

# Few descriptors, little memory: programs run, or ferry says why not.
for n in 4 5 8 16; do
    (
        # The shell needs descriptors for this itself; those of make are not counted.
        exec >"$work/few" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
        ulimit -n $n
        exec "$FERRY" "$steps" fork
    )
    if [ "$(cat "$work/few")" = "child ended with 3" ]; then ok soak-descriptors-$n; else not_ok soak-descriptors-$n "$(cat "$work/few")"; fi
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
