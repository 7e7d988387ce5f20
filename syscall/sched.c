/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scheduling, limits, accounting, and what the system says of itself. */
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include "syscall/pass.h"

PASS(sched_yield, 0)
PASS(sched_getaffinity, P2)
PASS(sched_setaffinity, P2)
PASS(sched_getscheduler, 0)
PASS(sched_setscheduler, P2)
PASS(sched_getparam, P1)
PASS(sched_setparam, P1)
PASS(sched_getattr, P1)
PASS(sched_setattr, P1)
PASS(sched_get_priority_min, 0)
PASS(sched_get_priority_max, 0)
PASS(sched_rr_get_interval, P1)
PASS(getpriority, 0)
PASS(setpriority, 0)
PASS(ioprio_get, 0)
PASS(ioprio_set, 0)
PASS(getcpu, P0 | P1 | P2)
PASS(getrusage, P1)
PASS(times, P0)
PASS(sysinfo, P0)
PASS(syslog, P1)
PASS(sethostname, P0)
PASS(setdomainname, P0)
PASS(reboot, P3)

/* ---- limits ---- */

/* Limits of memory would hit the runner's own needs: they are kept, not
 * enforced. */
static struct rlimit64 *kept_limit(struct process *process, int resource)
{
    switch (resource) {
    case RLIMIT_AS:
        return &process->limit_as;
    case RLIMIT_DATA:
        return &process->limit_data;
    default:
        return NULL;
    }
}

static int64_t do_prlimit(struct vcpu *cpu, pid_t pid, int resource, uint64_t set, uint64_t old)
{
    struct rlimit64 *kept =
        pid == 0 || pid == getpid() ? kept_limit(cpu->task->process, resource) : NULL;
    struct rlimit64 value;

    if (!kept) {
        int64_t r = host_syscall(SYS_prlimit64, pid, resource, guest_arg(set), guest_arg(old));
        if (resource == RLIMIT_CORE && set && !r)
            signal_core_limit_changed(cpu);
        return r;
    }
    if (set) {
        if (guest_read(&value, set, sizeof value))
            return -EFAULT;
        if (value.rlim_cur > value.rlim_max)
            return -EINVAL;
        if (value.rlim_max > kept->rlim_max && geteuid() != 0)
            return -EPERM;
    }
    if (old && guest_write(old, kept, sizeof *kept))
        return -EFAULT;
    if (set)
        *kept = value;
    return 0;
}

SYSCALL(prlimit64)
{
    return do_prlimit(cpu, (pid_t)a[0], (int)a[1], a[2], a[3]);
}

SYSCALL(getrlimit)
{
    return do_prlimit(cpu, 0, (int)a[0], 0, a[1]);
}

SYSCALL(setrlimit)
{
    return do_prlimit(cpu, 0, (int)a[0], a[1], 0);
}

/* ---- the system ---- */

SYSCALL(uname)
{
    struct utsname name;
    int64_t r = host_syscall(SYS_uname, &name);

    if (r)
        return r;
    memset(name.machine, 0, sizeof name.machine);
    snprintf(name.machine, sizeof name.machine, "%s", cpu->guest->uname_machine);
    return guest_write(a[0], &name, sizeof name);
}

SYSCALL(personality)
{
    /* The host's kernel must not make ferry's own mappings executable. */
    if ((uint32_t)a[0] != UINT32_MAX && (a[0] & READ_IMPLIES_EXEC))
        return -EINVAL;
    return host_syscall(SYS_personality, a[0]);
}
