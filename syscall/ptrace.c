/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ptrace(2): nobody can be traced, which is what a kernel says that forbids it
 * (Yama, a container's seccomp).  The host's call would show the runner's
 * registers and stops; debuggers have `ferry -g`.
 */
#include <signal.h>
#include <sys/ptrace.h>

#include "syscall/syscall.h"

SYSCALL(ptrace)
{
    switch ((long)a[0]) {
    case PTRACE_TRACEME:
        return -EPERM;
    case PTRACE_ATTACH:
    case PTRACE_SEIZE:
        if ((int)a[1] <= 0)
            return -ESRCH;
        return kill((int)a[1], 0) && errno == ESRCH ? -ESRCH : -EPERM;
    default: /* it isn't traced */
        return -ESRCH;
    }
}
