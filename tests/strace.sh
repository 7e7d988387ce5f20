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

# Arguments and results as strace shows them.  (Nobody else's descriptors are open.)
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
cat >want <<'END'
pipe2([3, 4], O_NONBLOCK|O_CLOEXEC)     = 0
fcntl(3, F_GETFD)                       = 0x1 (flags FD_CLOEXEC)
fcntl(3, F_GETFL)                       = 0x800 (flags O_RDONLY|O_NONBLOCK)
fcntl(1, F_SETLK, {l_type=F_RDLCK, l_whence=SEEK_END, l_start=-3, l_len=10}) = -1 EINVAL (Invalid argument)
rt_sigaction(SIGPIPE, {sa_handler=SIG_IGN, sa_mask=[USR1], sa_flags=SA_NOCLDSTOP|SA_RESTART}, NULL, 8) = 0
prctl(PR_SET_NAME, "traced")            = 0
prctl(PR_GET_DUMPABLE)                  = 1
socketpair(AF_UNIX, SOCK_STREAM, 0, [5, 6]) = 0
setsockopt(5, SOL_SOCKET, SO_KEEPALIVE, [1], 4) = 0
getsockopt(5, SOL_SOCKET, SO_TYPE, [1], [4]) = 0
ppoll([{fd=5, events=POLLIN|POLLRDHUP}], 1, {tv_sec=0, tv_nsec=0}, NULL, 0) = 0
dup3(1, 77, O_CLOEXEC)                  = 77
END
guest --strace=decoded "${steps%steps}traced" >/dev/null
sed -n 's/^[0-9]* //; /^pipe2/,/^dup3/p' decoded >got
same strace-decoded want got
