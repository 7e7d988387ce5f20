/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a signal that has been taken to the guest's handler.  Follows
 * get_signal() and handle_signal() of the kernel: synchronous exceptions first;
 * then frame upon frame until nothing unblocked is left.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loader/loader.h"
#include "runner/options.h"
#include "signal/core.h"
#include "signal/host.h"
#include "signal/signal.h"
#include "signal/stop.h"
#include "syscall/convert.h"
#include "syscall/strace.h"
#include "syscall/syscall.h"
#include "translate/translate.h"

enum { SS_AUTODISARM_FLAG = INT32_MIN };
/* Actions keep these flags (UAPI_SA_FLAGS); others read back as 0, so that
 * SA_UNSUPPORTED works. */
#define GUEST_SA_FLAGS                                                                             \
    (UINT64_C(0x04000800) | (uint32_t)SA_NOCLDSTOP | (uint32_t)SA_NOCLDWAIT | SA_SIGINFO |         \
     SA_ONSTACK | SA_RESTART | SA_NODEFER | (uint32_t)SA_RESETHAND)

static const uint64_t action_default = (uint64_t)(uintptr_t)SIG_DFL;
static const uint64_t action_ignore = (uint64_t)(uintptr_t)SIG_IGN;

static void ask(struct task *task)
{
    task->waiting = 1;
    task->cpu->pending = 1;
}

/* ---- alternate stack: sigaltstack(2), kernel/signal.c ---- */

bool signal_on_altstack(const struct task *task, uint64_t sp)
{
    const struct guest_stack *s = &task->altstack;
    if (s->flags & SS_AUTODISARM_FLAG)
        return false;
    return sp > s->sp && sp - s->sp <= s->size;
}

static int altstack_state(const struct task *task, uint64_t sp)
{
    if (!task->altstack.size)
        return SS_DISABLE;
    return signal_on_altstack(task, sp) ? SS_ONSTACK : 0;
}

int signal_altstack(struct vcpu *cpu, const struct guest_stack *set, struct guest_stack *old)
{
    struct task *task = cpu->task;
    uint64_t sp = cpu->g[cpu->guest->sp_slot];

    if (old) {
        *old = task->altstack;
        old->flags = altstack_state(task, sp) | (task->altstack.flags & SS_AUTODISARM_FLAG);
    }
    if (!set)
        return 0;
    if (signal_on_altstack(task, sp))
        return -EPERM;
    int mode = set->flags & ~SS_AUTODISARM_FLAG;
    if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
        return -EINVAL;
    if (mode == SS_DISABLE) {
        task->altstack = (struct guest_stack){.flags = set->flags};
    } else {
        if (set->size < cpu->guest->abi->minsigstksz)
            return -ENOMEM;
        task->altstack = *set;
    }
    return 0;
}

/* ---- actions and masks ---- */

int signal_set_action(struct vcpu *cpu, int sig, const struct guest_sigaction *action,
                      struct guest_sigaction *old)
{
    struct process *process = cpu->task->process;

    if (sig < 1 || sig > GUEST_NSIG || (action && (SIGMASK(sig) & SIGMASK_UNBLOCKABLE)))
        return -EINVAL;
    if (!action) {
        if (old)
            *old = process->action[sig];
        return 0;
    }
    lock_take(&process->lock);
    if (old)
        *old = process->action[sig];
    struct guest_sigaction *a = &process->action[sig];
    *a = *action;
    a->flags &= GUEST_SA_FLAGS;
    a->mask &= ~SIGMASK_UNBLOCKABLE;
    if (!signal_is_sync(sig))
        host_set_action(sig, a->handler, a->flags);
    else if (a->handler == action_ignore)
        cpu->task->held &= ~SIGMASK(sig);
    lock_drop(&process->lock);
    return 0;
}

void signal_takes_changed(struct vcpu *cpu)
{
    struct process *process = cpu->task->process;

    lock_take(&process->lock);
    for (int sig = 1; sig <= GUEST_NSIG; sig++)
        if (process->action[sig].handler == action_default && !signal_is_sync(sig) &&
            signal_terminates(sig))
            host_set_action(sig, action_default, process->action[sig].flags);
    lock_drop(&process->lock);
}

static void set_action_again(struct vcpu *cpu, int sig)
{
    struct process *process = cpu->task->process;

    enum { TAKEN = 2 }; /* no handler's address */
    lock_take(&process->lock);
    /* To ignore it would throw away what is pending; our handler ignores it as well. */
    uint64_t own = process->action[sig].handler;
    host_set_action(sig, own == action_ignore ? TAKEN : own, process->action[sig].flags);
    lock_drop(&process->lock);
}

void signal_guard(struct vcpu *cpu)
{
    atomic_fetch_add(&host_guards, 1);
    set_action_again(cpu, HOST_SIGCANCEL);
}

void signal_reclaim(struct vcpu *cpu)
{
    static atomic_bool done;

    atomic_fetch_sub(&host_guards, 1);
    set_action_again(cpu, HOST_SIGCANCEL);
    if (!atomic_exchange(&done, true))
        set_action_again(cpu, HOST_SIGSETXID);
}

void signal_set_mask(struct vcpu *cpu, sigmask_t mask)
{
    struct task *task = cpu->task;
    task->mask = mask & ~SIGMASK_UNBLOCKABLE;
    if (task->held & ~task->mask)
        ask(task);
    signal_unblock(cpu);
}

void signal_mask_begin_with(struct vcpu *cpu, sigmask_t mask, sigmask_t *storage, sigmask_t **host)
{
    struct task *task = cpu->task;

    task->saved_mask = task->mask;
    task->saved_mask_valid = true;
    task->mask = mask & ~SIGMASK_UNBLOCKABLE;
    if (task->held & ~task->mask)
        ask(task);
    *storage = task->mask & ~SIGMASK_SYNC;
    *host = storage;
}

int signal_mask_begin(struct vcpu *cpu, uint64_t gva, uint64_t size, sigmask_t *storage,
                      sigmask_t **host)
{
    sigmask_t mask;

    *host = NULL;
    if (!gva)
        return 0;
    if (size != sizeof mask)
        return -EINVAL;
    if (struct_read(cpu->guest, STRUCT_sigset, &mask, gva))
        return -EFAULT;
    signal_mask_begin_with(cpu, mask, storage, host);
    return 0;
}

int64_t signal_mask_end(struct vcpu *cpu, int64_t result)
{
    struct task *task = cpu->task;

    if (result == -ERESTARTSYS || result == -EINTR)
        result = task->waiting ? -ERESTARTNOHAND : -EINTR;
    if (result != -ERESTARTNOHAND && task->saved_mask_valid) {
        task->mask = task->saved_mask;
        task->saved_mask_valid = false;
    }
    return result;
}

/* ---- raising ---- */

void signal_raise_sync(struct vcpu *cpu, int sig, int code, uint64_t addr)
{
    struct task *task = cpu->task;
    task->forced = sig;
    memset(&task->forced_info, 0, sizeof task->forced_info);
    task->forced_info.si_signo = sig;
    task->forced_info.si_code = code;
    task->forced_info.si_addr = (void *)(uintptr_t)addr;
    task->forced_access = FAULT_NOT_MEMORY;
    task->forced_fatal = false;
    cpu->pending = 1;
}

void signal_raise_fault(struct vcpu *cpu)
{
    signal_raise_sync(cpu, cpu->fault.sig, cpu->fault.code, cpu->fault.addr);
    if (cpu->fault.sig == SIGSEGV || cpu->fault.sig == SIGBUS)
        cpu->task->forced_access = cpu->fault.access;
}

/* A frame that can't be written or read back (force_sigsegv). */
static void raise_bad_frame(struct vcpu *cpu, int sig)
{
    signal_raise_sync(cpu, SIGSEGV, SI_KERNEL, 0);
    cpu->task->forced_fatal = sig == SIGSEGV;
}

void signal_syscall_interrupted(struct vcpu *cpu, int64_t result)
{
    cpu->task->restart = (int)-result;
    cpu->pending = 1;
}

/* ---- delivering ---- */

/* What becomes of an interrupted system call now that a handler with these
 * flags runs, or none. */
static void settle_restart(struct vcpu *cpu, bool handler, uint64_t flags)
{
    struct task *task = cpu->task;
    if (!task->restart)
        return;
    bool again = !handler || task->restart == ERESTARTNOINTR ||
                 (task->restart == ERESTARTSYS && (flags & SA_RESTART));
    task->restart = 0;
    if (again)
        cpu->guest->frame->restart(cpu);
    else
        syscall_set_result(cpu, -EINTR);
}

static void build_frame(struct vcpu *cpu, int sig, const struct guest_sigaction *action,
                        const siginfo_t *info, enum fault_access access)
{
    struct task *task = cpu->task;
    uint64_t sp = cpu->g[cpu->guest->sp_slot];

    settle_restart(cpu, true, action->flags);
    if ((action->flags & SA_ONSTACK) && !altstack_state(task, sp))
        sp = task->altstack.sp + task->altstack.size;
    sigmask_t restore = task->saved_mask_valid ? task->saved_mask : task->mask;
    if (log_options.signal)
        dprintf(log_options.fd, "signal %d at %#" PRIx64 ", handler %#" PRIx64 "\n", sig, cpu->pc,
                action->handler);
    if (cpu->guest->frame->build(cpu, sig, action, info, restore, access, sp)) {
        raise_bad_frame(cpu, sig);
        return;
    }
    task->saved_mask_valid = false;
    if (task->altstack.flags & SS_AUTODISARM_FLAG)
        task->altstack = (struct guest_stack){.flags = SS_DISABLE};
    task->mask |= action->mask;
    if (!(action->flags & SA_NODEFER))
        task->mask |= SIGMASK(sig);
}

/* Reads the action; one that is for one time only is used up by that. */
static struct guest_sigaction use_action(struct process *process, int sig)
{
    struct guest_sigaction action;
    lock_take(&process->lock);
    action = process->action[sig];
    if (action.handler != action_default && action.handler != action_ignore &&
        (action.flags & SA_RESETHAND)) {
        process->action[sig].handler = action_default;
        if (!signal_is_sync(sig))
            host_set_action(sig, action_default, action.flags);
    }
    lock_drop(&process->lock);
    return action;
}

static void __attribute__((noreturn)) die_of_fault(struct vcpu *cpu, int sig, const siginfo_t *info)
{
    if (log_options.signal || log_options.block) {
        dprintf(log_options.fd, "fatal signal %d (code %d, address %p) at %#" PRIx64 "\n", sig,
                info->si_code, info->si_addr, cpu->pc);
        if (cpu->guest->dump)
            cpu->guest->dump(cpu, log_options.fd);
    }
    core_dump(cpu, sig, info);
    signal_die(cpu, sig);
}

static void deliver_forced(struct vcpu *cpu)
{
    struct task *task = cpu->task;
    int sig = task->forced;
    siginfo_t info = task->forced_info;

    task->forced = 0;
    if (options.strace)
        strace_signal(cpu, sig, &info);
    if (debugger && !(sig = debugger->signal(cpu, sig, &info)))
        return;
    struct guest_sigaction action = use_action(task->process, sig);
    if (task->forced_fatal || action.handler == action_default || action.handler == action_ignore ||
        (task->mask & SIGMASK(sig)))
        die_of_fault(cpu, sig, &info);
    build_frame(cpu, sig, &action, &info, task->forced_access);
}

static void deliver_sent(struct vcpu *cpu, const siginfo_t *info)
{
    struct task *task = cpu->task;
    int sig = info->si_signo;

    if (task->mask & SIGMASK(sig)) {
        /* Blocked since it was taken: the kernel shall keep it. */
        signal_requeue(info);
        return;
    }
    if (options.strace)
        strace_signal(cpu, sig, info);
    if (debugger && !(sig = debugger->signal(cpu, sig, info)))
        return;
    struct guest_sigaction action = use_action(task->process, sig);
    if (action.handler == action_ignore)
        return;
    if (action.handler != action_default) {
        build_frame(cpu, sig, &action, info, FAULT_NOT_MEMORY);
    } else if (signal_is_sync(sig) || host_takes(sig)) {
        die_of_fault(cpu, sig, info);
    } else {
        /* The host's action is the default one too by now. */
        signal_requeue(info);
    }
}

bool signal_handler_returned(struct vcpu *cpu)
{
    const struct signal_frame_ops *frame = cpu->guest->frame;
    uint16_t nr;

    if (!cpu->pc || cpu->task->forced)
        return false;
    if (cpu->pc == loaded.sigreturn)
        nr = frame->sigreturn_nr;
    else if (cpu->pc == loaded.sigreturn_old)
        nr = frame->sigreturn_old_nr;
    else
        return false;
    frame->trampoline(cpu, nr);
    return true;
}

void signal_deliver(struct vcpu *cpu)
{
    struct task *task = cpu->task;

    signal_block_all();
    cpu->pending = 0;
    for (;;) {
        sigmask_t ready = task->held & ~task->mask;
        if (task->forced) {
            deliver_forced(cpu);
        } else if (ready) {
            int sig = __builtin_ctzll(ready) + 1;
            siginfo_t info = task->held_info[signal_sync_index(sig)];
            task->held &= ~SIGMASK(sig);
            deliver_sent(cpu, &info);
        } else if (task->queued) {
            siginfo_t info = task->queued_info;
            task->queued = 0;
            deliver_sent(cpu, &info);
        } else {
            if (task->saved_mask_valid) {
                task->mask = task->saved_mask;
                task->saved_mask_valid = false;
            }
            task->waiting = 0;
            signal_unblock(cpu); /* more may come in here */
            if (!task->queued && !(task->held & ~task->mask))
                break;
            signal_block_all();
            cpu->pending = 0;
        }
    }
    settle_restart(cpu, false, 0);
}
