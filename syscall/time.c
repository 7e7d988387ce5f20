/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clocks, timers and sleeping. */
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "syscall/pass.h"

PASS(clock_gettime, P1)
PASS(clock_settime, P1)
PASS(clock_getres, P1)
PASS(clock_adjtime, P1)
PASS(gettimeofday, P0 | P1)
PASS(settimeofday, P0 | P1)
PASS(adjtimex, P0)
PASS(getitimer, P1)
PASS(setitimer, P1 | P2)
PASS(timer_create, P1 | P2)
PASS(timer_gettime, P1)
PASS(timer_settime, P2 | P3)
PASS(timer_getoverrun, 0)
PASS(timer_delete, 0)

/* A sleep that a signal forestalls has all of its time left. */
static int64_t sleep_result(int64_t r, bool relative, uint64_t request, uint64_t remaining)
{
    struct timespec t;

    if (r != -ERESTARTSYS)
        return r;
    if (relative && remaining && !guest_read(&t, request, sizeof t))
        guest_write(remaining, &t, sizeof t);
    return -ERESTARTNOHAND;
}

SYSCALL(nanosleep)
{
    int64_t r = safe_syscall(SYS_nanosleep, guest_arg(a[0]), guest_arg(a[1]));
    return sleep_result(r, true, a[0], a[1]);
}

SYSCALL(clock_nanosleep)
{
    int64_t r = safe_syscall(SYS_clock_nanosleep, a[0], a[1], guest_arg(a[2]), guest_arg(a[3]));
    return sleep_result(r, !(a[1] & TIMER_ABSTIME), a[2], a[3]);
}
