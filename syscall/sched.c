/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scheduling, limits, accounting, and what the system says of itself. */
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "syscall/convert.h"
#include "syscall/memory_limits.h"
#include "syscall/pass.h"

PASS(sched_yield, 0)
CALL(sched_setaffinity, 0, IN_WORDS(2, 1))
PASS(sched_getscheduler, 0)
CALL(sched_setscheduler, 0, IN(2, int))
CALL(sched_getparam, 0, OUT(1, int))
CALL(sched_setparam, 0, IN(1, int))
PASS(sched_get_priority_min, 0)
PASS(sched_get_priority_max, 0)
CALL(sched_rr_get_interval, 0, OUT(1, timespec))
CALL_AS(sched_rr_get_interval_time64, sched_rr_get_interval, 0, OUT(1, timespec64))
PASS(getpriority, 0)
PASS(setpriority, 0)
PASS(ioprio_get, 0)
PASS(ioprio_set, 0)
CALL(getcpu, P2, OUT(0, u32), OUT(1, u32))
CALL(getrusage, 0, OUT(1, rusage))
CALL(times, 0, OUT(0, tms))
PASS(syslog, P1)
PASS(sethostname, P0)
PASS(setdomainname, P0)
PASS(reboot, P3)

/* The result says how many bytes there are; a guest's may be fewer, as its
 * longs are. */
SYSCALL(sched_getaffinity)
{
    const struct guest *g = cpu->guest;
    char set[1024];

    if (abi_is_native(g))
        return host_syscall(SYS_sched_getaffinity, a[0], a[1], guest_arg(a[2]));
    if (a[1] % guest_word(g))
        return -EINVAL;
    int64_t r = host_syscall(SYS_sched_getaffinity, a[0], sizeof set, set);
    if (r < 0)
        return r;
    if ((uint64_t)r > a[1]) {
        /* What doesn't fit must be empty. */
        for (int64_t i = (int64_t)a[1]; i < r; i++)
            if (set[i])
                return -EINVAL;
        r = (int64_t)a[1];
    }
    words_swap(g, set, (size_t)r);
    return guest_write(a[2], set, (size_t)r) ? -EFAULT : r;
}

/* struct sched_attr says its size itself; newer kernels know more of it. */
SYSCALL(sched_setattr)
{
    const struct guest *g = cpu->guest;
    uint8_t raw[64] = {0}, attr[64];
    uint32_t size;

    if (abi_is_native(g))
        return host_syscall(SYS_sched_setattr, a[0], guest_arg(a[1]), a[2]);
    if (struct_read(g, STRUCT_u32, &size, a[1]))
        return -EFAULT;
    if (!size)
        size = 48;
    if (size < 48 || size > struct_size(g, STRUCT_sched_attr))
        return size < 48 ? -EINVAL : -E2BIG;
    if (guest_read(raw, a[1], size))
        return -EFAULT;
    struct_to_host(g, STRUCT_sched_attr, raw, attr);
    return host_syscall(SYS_sched_setattr, a[0], attr, a[2]);
}

SYSCALL(sched_getattr)
{
    const struct guest *g = cpu->guest;
    uint8_t raw[64], attr[64] = {0};

    if (abi_is_native(g))
        return host_syscall(SYS_sched_getattr, a[0], guest_arg(a[1]), a[2], a[3]);
    if (a[2] > VM_PAGE)
        return -EINVAL;
    unsigned size = a[2] < struct_size(g, STRUCT_sched_attr) ? (unsigned)a[2]
                                                             : struct_size(g, STRUCT_sched_attr);
    int64_t r = host_syscall(SYS_sched_getattr, a[0], attr, size, a[3]);
    if (r < 0)
        return r;
    struct_to_guest(g, STRUCT_sched_attr, attr, raw);
    return guest_write(a[1], raw, size);
}

/* Sizes of memory that don't fit 32 bits are given in larger units. */
SYSCALL(sysinfo)
{
    struct sysinfo info;
    unsigned shift = 0;
    int64_t r = host_syscall(SYS_sysinfo, &info);

    if (r < 0)
        return r;
    if (guest_word(cpu->guest) == 4)
        while ((info.totalram | info.totalswap) >> shift > UINT32_MAX)
            shift++;
    if (shift) {
        unsigned long *const sizes[] = {&info.totalram,  &info.freeram,   &info.sharedram,
                                        &info.bufferram, &info.totalswap, &info.freeswap,
                                        &info.totalhigh, &info.freehigh};
        for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++)
            *sizes[i] >>= shift;
        info.mem_unit <<= shift;
    }
    return struct_write(cpu->guest, STRUCT_sysinfo, &info, a[0]);
}

/* ---- limits ---- */

static int64_t do_prlimit(struct vcpu *cpu, pid_t pid, int resource, const struct rlimit64 *set,
                          struct rlimit64 *old)
{
    struct rlimit64 *kept =
        pid == 0 || pid == getpid() ? memory_limit(cpu->task->process, resource) : NULL;

    if (!kept) {
        int64_t r = host_syscall(SYS_prlimit64, pid, resource, set, old);
        if (resource == RLIMIT_CORE && set && !r)
            signal_takes_changed(cpu);
        return r;
    }
    if (set) {
        if (set->rlim_cur > set->rlim_max)
            return -EINVAL;
        if (set->rlim_max > kept->rlim_max && geteuid() != 0)
            return -EPERM;
    }
    if (old)
        *old = *kept;
    if (set)
        *kept = *set;
    return 0;
}

SYSCALL(prlimit64)
{
    struct rlimit64 set, old;

    if (a[2] && struct_read(cpu->guest, STRUCT_rlimit64, &set, a[2]))
        return -EFAULT;
    int64_t r = do_prlimit(cpu, (pid_t)a[0], (int)a[1], a[2] ? &set : NULL, a[3] ? &old : NULL);
    if (!r && a[3] && struct_write(cpu->guest, STRUCT_rlimit64, &old, a[3]))
        return -EFAULT;
    return r;
}

/* In longs of 32 bits, all ones are no limit, and what is larger is that. */
SYSCALL(getrlimit)
{
    struct rlimit64 old;
    int64_t r = do_prlimit(cpu, 0, (int)a[0], NULL, &old);

    if (!r && guest_word(cpu->guest) == 4) {
        old.rlim_cur = old.rlim_cur > UINT32_MAX ? UINT32_MAX : old.rlim_cur;
        old.rlim_max = old.rlim_max > UINT32_MAX ? UINT32_MAX : old.rlim_max;
    }
    return r ? r : struct_write(cpu->guest, STRUCT_rlimit, &old, a[1]);
}

SYSCALL(ugetrlimit)
{
    return sys_getrlimit(cpu, a);
}

SYSCALL(setrlimit)
{
    struct rlimit64 set;

    if (struct_read(cpu->guest, STRUCT_rlimit, &set, a[1]))
        return -EFAULT;
    if (guest_word(cpu->guest) == 4) {
        set.rlim_cur = set.rlim_cur == UINT32_MAX ? RLIM64_INFINITY : set.rlim_cur;
        set.rlim_max = set.rlim_max == UINT32_MAX ? RLIM64_INFINITY : set.rlim_max;
    }
    return do_prlimit(cpu, 0, (int)a[0], &set, NULL);
}

/* nice(2), in terms of what has replaced it: 20 - priority. */
SYSCALL(nice)
{
    int64_t now = host_syscall(SYS_getpriority, PRIO_PROCESS, 0);

    return now < 0 ? now : host_syscall(SYS_setpriority, PRIO_PROCESS, 0, 20 - now + (int)a[0]);
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
