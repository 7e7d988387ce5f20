/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clocks, timers and sleeping.  32-bit guests have most calls twice, for times
 * of 32 and of 64 bits. */
#include <errno.h>
#include <string.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>

#include "syscall/convert.h"
#include "syscall/pass.h"

CALL(clock_settime, 0, IN(1, timespec))
CALL(clock_getres, 0, OUT(1, timespec))
CALL(clock_adjtime, 0, INOUT(1, timex))
CALL(settimeofday, 0, IN(0, timeval), IN(1, timezone))
CALL(adjtimex, 0, INOUT(0, timex))
CALL(getitimer, 0, OUT(1, itimerval))
CALL(setitimer, 0, IN(1, itimerval), OUT(2, itimerval))
CALL(timer_create, 0, IN(1, sigevent), OUT(2, int))
CALL(timer_gettime, 0, OUT(1, itimerspec))
CALL(timer_settime, 0, IN(2, itimerspec), OUT(3, itimerspec))
PASS(timer_getoverrun, 0)
PASS(timer_delete, 0)
CALL(timerfd_settime, 0, IN(2, itimerspec), OUT(3, itimerspec))
CALL(timerfd_gettime, 0, OUT(1, itimerspec))

CALL_AS(clock_settime64, clock_settime, 0, IN(1, timespec64))
CALL_AS(clock_getres_time64, clock_getres, 0, OUT(1, timespec64))
CALL_AS(clock_adjtime64, clock_adjtime, 0, INOUT(1, timex64))
CALL_AS(timer_gettime64, timer_gettime, 0, OUT(1, itimerspec64))
CALL_AS(timer_settime64, timer_settime, 0, IN(2, itimerspec64), OUT(3, itimerspec64))
CALL_AS(timerfd_settime64, timerfd_settime, 0, IN(2, itimerspec64), OUT(3, itimerspec64))
CALL_AS(timerfd_gettime64, timerfd_gettime, 0, OUT(1, itimerspec64))

/* By the C library, which asks the vDSO: the kernel is not entered for the usual clocks. */
static int64_t read_clock(const struct guest *g, enum structure s, uint64_t clock, uint64_t to)
{
    struct timespec t;

    if (clock_gettime((clockid_t)clock, &t))
        return -errno;
    return struct_write(g, s, &t, to);
}

SYSCALL(clock_gettime)
{
    return read_clock(cpu->guest, STRUCT_timespec, a[0], a[1]);
}

SYSCALL(clock_gettime64)
{
    return read_clock(cpu->guest, STRUCT_timespec64, a[0], a[1]);
}

SYSCALL(gettimeofday)
{
    struct timeval t;
    struct timezone zone; /* the kernel's: the C library knows of none */

    gettimeofday(&t, NULL);
    if (a[0] && struct_write(cpu->guest, STRUCT_timeval, &t, a[0]))
        return -EFAULT;
    if (!a[1])
        return 0;
    int64_t r = host_syscall(SYS_gettimeofday, NULL, &zone);
    return r ? r : struct_write(cpu->guest, STRUCT_timezone, &zone, a[1]);
}

/* time(2) gives its result twice. */
SYSCALL(time)
{
    int64_t now = time(NULL);

    if (a[0] && guest_write_word(cpu->guest, a[0], (uint64_t)now))
        return -EFAULT;
    return now;
}

SYSCALL(stime)
{
    uint64_t seconds;

    if (guest_read_word(cpu->guest, &seconds, a[0]))
        return -EFAULT;
    struct timespec t = {.tv_sec = (time_t)seconds};
    return host_syscall(SYS_clock_settime, CLOCK_REALTIME, &t);
}

/* A sleep that a signal forestalls has all of its time left; one that it
 * ends has what the kernel says. */
static int64_t do_sleep(struct vcpu *cpu, enum structure s, int clock, int flags, uint64_t request,
                        uint64_t remaining)
{
    struct timespec t, left;
    bool relative = !(flags & TIMER_ABSTIME);

    if (struct_read(cpu->guest, s, &t, request))
        return -EFAULT;
    left = t;
    int64_t r = safe_syscall(SYS_clock_nanosleep, clock, flags, &t, &left);
    if (relative && remaining && (r == -ERESTARTSYS || r == -EINTR) &&
        struct_write(cpu->guest, s, &left, remaining))
        return -EFAULT;
    return r == -ERESTARTSYS ? -ERESTARTNOHAND : r;
}

SYSCALL(nanosleep)
{
    return do_sleep(cpu, STRUCT_timespec, CLOCK_MONOTONIC, 0, a[0], a[1]);
}

SYSCALL(clock_nanosleep)
{
    return do_sleep(cpu, STRUCT_timespec, (int)a[0], (int)a[1], a[2], a[3]);
}

SYSCALL(clock_nanosleep_time64)
{
    return do_sleep(cpu, STRUCT_timespec64, (int)a[0], (int)a[1], a[2], a[3]);
}
