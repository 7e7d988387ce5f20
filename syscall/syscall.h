/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest system calls.
 *
 * Each guest has a table of rows indexed by system call number
 * (syscall/<guest>/table.def).  A row names the call, the handler and how
 * --strace shows it; a row without a handler answers ENOSYS.  Handlers are
 * shared by all guests and know the guest's layout only through
 * cpu->guest->abi (syscall/convert.h).
 *
 * A handler returns the result or -errno.  Three more results, as in the
 * kernel, say that a signal interrupted the call and what shall become of it:
 *
 *   -ERESTARTSYS      restart unless a handler without SA_RESTART ran
 *   -ERESTARTNOINTR   restart always
 *   -ERESTARTNOHAND   restart unless a handler ran
 *
 * and -ESIGRETURN says that the handler set the guest's registers itself.
 * For the restart codes the dispatcher leaves the argument registers alone
 * and calls signal_syscall_interrupted(): see signal/signal.h.
 *
 * A new handler is one function:
 *
 *     SYSCALL(dup) { return host_syscall(SYS_dup, a[0]); }
 *
 * Pointers among the arguments are given to the kernel with guest_arg(); it
 * checks them.  Those that ferry reads itself go through guest_read().
 */
#ifndef FERRY_SYSCALL_H
#define FERRY_SYSCALL_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loader/vm.h"
#include "translate/guest.h"

#ifndef ERESTARTSYS
#define ERESTARTSYS    512
#define ERESTARTNOINTR 513
#define ERESTARTNOHAND 514
#endif
#define ESIGRETURN 520

typedef int64_t syscall_fn(struct vcpu *cpu, const uint64_t a[6]);

struct syscall_row {
    const char *name;
    syscall_fn *fn;   /* NULL: not implemented */
    const char *args; /* formats of the arguments and the result: syscall/strace.h */
    uint8_t pairs;    /* arguments of 64 bits that a 32-bit guest passes in two registers */
};

/* Cases of a switch that fills a row.  Not an array: a program that may be anywhere would have to
 * relocate it at each start. */
#define SYSCALL_CASE(nr, its_name, handler, format, mask)                                          \
    case nr:                                                                                       \
        row->name = its_name;                                                                      \
        row->fn = handler;                                                                         \
        row->args = format;                                                                        \
        row->pairs = mask;                                                                         \
        break;

/* Defines the handler sys_NAME(cpu, a). */
#define SYSCALL(name)                                                                              \
    syscall_fn sys_##name;                                                                         \
    int64_t sys_##name(struct vcpu *cpu __attribute__((unused)),                                   \
                       const uint64_t a[6] __attribute__((unused)))

/* Tells the guest the result of a system call, -errno for an error. */
static inline void syscall_set_result(struct vcpu *cpu, int64_t r)
{
    if (cpu->guest->set_syscall_result)
        cpu->guest->set_syscall_result(cpu, r);
    else
        cpu->g[cpu->guest->syscall_ret_slot] = (uint64_t)r;
}

/* Does the system call that the guest asks for: number and arguments from
 * the guest's slots, result into its result slot. */
void syscall_dispatch(struct vcpu *cpu);

/* A host system call that can't block: result or -errno. */
int64_t host_syscall_raw(long nr, long a0, long a1, long a2, long a3, long a4, long a5);
#define host_syscall(...) HOST_SYSCALL_PAD(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define HOST_SYSCALL_PAD(nr, a0, a1, a2, a3, a4, a5, ...)                                          \
    host_syscall_raw((long)(nr), (long)(a0), (long)(a1), (long)(a2), (long)(a3), (long)(a4),       \
                     (long)(a5))

/* A guest pointer for the kernel; NULL stays NULL. */
static inline void *guest_arg(uint64_t gva)
{
    return gva ? guest_ptr(gva) : NULL;
}

#endif
