/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that mean the same on the host, with structures that a 64-bit guest
 * lays out alike.  The second argument says which arguments are pointers:
 *
 *     PASS(clock_gettime, P1)
 *     PASS_SLEEP(msgrcv, P1)       // may sleep
 */
#ifndef FERRY_PASS_H
#define FERRY_PASS_H

#include "signal/signal.h"
#include "syscall/syscall.h"

enum { P0 = 1, P1 = 2, P2 = 4, P3 = 8, P4 = 16, P5 = 32 };

static inline long pass_arg(const uint64_t a[6], int n, unsigned pointers)
{
    return pointers & 1u << n ? (long)(uintptr_t)guest_arg(a[n]) : (long)a[n];
}

#define PASS_WITH(how, name, p)                                                                    \
    SYSCALL(name)                                                                                  \
    {                                                                                              \
        return how(SYS_##name, pass_arg(a, 0, p), pass_arg(a, 1, p), pass_arg(a, 2, p),            \
                   pass_arg(a, 3, p), pass_arg(a, 4, p), pass_arg(a, 5, p));                       \
    }
#define PASS(name, pointers)       PASS_WITH(host_syscall_raw, name, pointers)
#define PASS_SLEEP(name, pointers) PASS_WITH(safe_syscall_raw, name, pointers)

#endif
