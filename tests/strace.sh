#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --strace: where it goes, what it selects, signals and ends.
. tests/lib.sh

steps=$PWD/$BUILD/tests/debug/steps
cd "$work" || exit 1

# calls FILE: the names of the calls in it
calls() {
    sed -n 's/^[0-9]* \([a-z0-9_]*\)(.*/\1/p' "$1" | sort -u | tr '\n' ' '
}
is() {
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "'$3', not '$2'"; fi
}

guest --strace=trace --strace-filter process "$steps" exec >out 2>&1
is strace-class "execve exit_group tgkill " "$(calls trace)"
is strace-quiet "signals 10, pair 22 21" "$(cat out)"
is strace-exit 1 "$(grep -c '^[0-9]* +++ exited with 7 +++$' trace)"
is strace-signal 1 "$(grep -c '^[0-9]* --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_TKILL, si_pid=' trace)"
guest --strace=names --strace-filter trace=write,gettid "$steps" >/dev/null
is strace-names "gettid write " "$(calls names)"
guest --strace=others --strace-filter '!memory,creds,desc,file,signal' "$steps" >/dev/null
is strace-others "exit_group getpid getrandom gettid prlimit64 rseq set_robust_list set_tid_address " \
    "$(calls others)"
guest --strace=killed --strace-filter none "${steps%steps}crash" segv 2>/dev/null
is strace-killed "SIGSEGV" "$(sed -n 's/^.*killed by \([A-Z]*\) +++$/\1/p' killed)"
guest --strace-filter write,nonsense "$steps" >/dev/null 2>bad
is strace-bad 1 "$(grep -c nonsense bad)"
