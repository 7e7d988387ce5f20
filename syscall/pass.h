/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that mean the same on the host.  PASS hands the arguments over as they
 * are; its second argument says which are pointers to bytes:
 *
 *     PASS(mlock, P0)
 *     PASS_SLEEP(write, P1)               // may sleep
 *
 * CALL converts the structures that the other arguments point to, for guests
 * whose layout differs (syscall/layout.h):
 *
 *     CALL(clock_gettime, 0, OUT(1, timespec))
 *     CALL_SLEEP(ppoll, 0, INOUT_ARRAY(0, pollfd, 1), INOUT(2, timespec))
 *
 * Guests with the host's layout have theirs read and written by the kernel.
 */
#ifndef FERRY_PASS_H
#define FERRY_PASS_H

#include "signal/signal.h"
#include "syscall/layout.h"
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

/* ---- with structures ---- */

enum pass_way { PASS_IN = 1, PASS_OUT = 2 };
enum pass_count { PASS_ONE, PASS_ARG /* as many as the argument */, PASS_WORDS /* its bytes */ };

struct pass {
    uint8_t arg, way, structure, count, count_arg;
};

#define IN(n, s)                                                                                   \
    {                                                                                              \
        n, PASS_IN, STRUCT_##s, PASS_ONE, 0                                                        \
    }
#define OUT(n, s)                                                                                  \
    {                                                                                              \
        n, PASS_OUT, STRUCT_##s, PASS_ONE, 0                                                       \
    }
#define INOUT(n, s)                                                                                \
    {                                                                                              \
        n, PASS_IN | PASS_OUT, STRUCT_##s, PASS_ONE, 0                                             \
    }
#define IN_ARRAY(n, s, count_arg)                                                                  \
    {                                                                                              \
        n, PASS_IN, STRUCT_##s, PASS_ARG, count_arg                                                \
    }
#define OUT_ARRAY(n, s, count_arg)                                                                 \
    {                                                                                              \
        n, PASS_OUT, STRUCT_##s, PASS_ARG, count_arg                                               \
    }
#define INOUT_ARRAY(n, s, count_arg)                                                               \
    {                                                                                              \
        n, PASS_IN | PASS_OUT, STRUCT_##s, PASS_ARG, count_arg                                     \
    }
/* Bit sets, which are made of unsigned longs; an argument says how many bytes
 * they have. */
#define IN_WORDS(n, bytes_arg)                                                                     \
    {                                                                                              \
        n, PASS_IN, STRUCT_long, PASS_WORDS, bytes_arg                                             \
    }
#define OUT_WORDS(n, bytes_arg)                                                                    \
    {                                                                                              \
        n, PASS_OUT, STRUCT_long, PASS_WORDS, bytes_arg                                            \
    }

typedef int64_t host_syscall_fn(long nr, long a0, long a1, long a2, long a3, long a4, long a5);

int64_t pass_call(struct vcpu *cpu, host_syscall_fn *how, long nr, const uint64_t a[6],
                  unsigned pointers, const struct pass *p, unsigned count);

#define CALL_WITH(how, name, nr, pointers, ...)                                                    \
    SYSCALL(name)                                                                                  \
    {                                                                                              \
        static const struct pass passes[] = {__VA_ARGS__};                                         \
        return pass_call(cpu, how, nr, a, pointers, passes, sizeof passes / sizeof *passes);       \
    }
#define CALL(name, pointers, ...)                                                                  \
    CALL_WITH(host_syscall_raw, name, SYS_##name, pointers, __VA_ARGS__)
#define CALL_SLEEP(name, pointers, ...)                                                            \
    CALL_WITH(safe_syscall_raw, name, SYS_##name, pointers, __VA_ARGS__)
/* A call of 32-bit guests that the host has under another name. */
#define CALL_AS(name, host_name, pointers, ...)                                                    \
    CALL_WITH(host_syscall_raw, name, SYS_##host_name, pointers, __VA_ARGS__)
#define CALL_SLEEP_AS(name, host_name, pointers, ...)                                              \
    CALL_WITH(safe_syscall_raw, name, SYS_##host_name, pointers, __VA_ARGS__)

/* Swaps an array of the guest's longs in place, either way. */
void words_swap(const struct guest *g, void *p, size_t bytes);

#endif
