/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host kernel's side of signals: calls without the C library, whose
 * wrappers keep signals 32 and 33 for themselves and use larger sets.
 */
#ifndef FERRY_SIGNAL_HOST_H
#define FERRY_SIGNAL_HOST_H

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "syscall/task.h"

/* Caused by instructions; the translator uses them. */
#define SIGMASK_SYNC                                                                               \
    (SIGMASK(SIGSEGV) | SIGMASK(SIGBUS) | SIGMASK(SIGFPE) | SIGMASK(SIGILL) | SIGMASK(SIGTRAP))
#define SIGMASK_UNBLOCKABLE (SIGMASK(SIGKILL) | SIGMASK(SIGSTOP))

static inline bool signal_is_sync(int sig)
{
    return SIGMASK_SYNC & SIGMASK(sig);
}

/* Place in task->held_info. */
static inline int signal_sync_index(int sig)
{
    return __builtin_popcountll(SIGMASK_SYNC & (SIGMASK(sig) - 1));
}

/* The host's C library unblocks the first of these in new threads (signal_guard()), and takes
 * the second for itself (signal_reclaim()). */
enum { HOST_SIGCANCEL = 32, HOST_SIGSETXID = 33 };
/* How many threads are being made: nothing must be left to a default action then. */
extern atomic_uint host_guards;

static inline void host_set_mask(sigmask_t mask)
{
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof mask);
}

static inline uintptr_t host_pc(const ucontext_t *uc)
{
    return (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
}

static inline void host_set_pc(ucontext_t *uc, uintptr_t pc)
{
    uc->uc_mcontext.gregs[REG_RIP] = (greg_t)pc;
}

/* The instruction before is a system call: a signal here was sent, whatever its
 * code says. */
static inline bool host_after_syscall(const ucontext_t *uc)
{
    const uint8_t *before = (const uint8_t *)host_pc(uc) - 2;
    return before[0] == 0x0f && before[1] == 0x05;
}

/* Of a page fault: the processor's error code, bit 1. */
static inline bool host_fault_is_write(const ucontext_t *uc)
{
    return uc->uc_mcontext.gregs[REG_ERR] & 2;
}

/* Tells the kernel what to do with sig: SIG_DFL, SIG_IGN, or (any other
 * handler) our own handler. */
void host_set_action(int sig, uint64_t handler, uint64_t flags);
bool host_action_is_ignore(int sig);
/* sig comes to our handler even if the guest leaves it to the default action. */
bool host_takes(int sig);
/* signal(7): the default action ends the process. */
bool signal_terminates(int sig);

/* If a safe_syscall was about to begin or to be restarted, lets it return. */
void safe_syscall_leave(ucontext_t *uc);

#endif
