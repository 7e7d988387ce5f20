/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signal calls: rt_sigaction(2) and its kin. */
#include <string.h>
#include <time.h>

#include "signal/host.h"
#include "signal/signal.h"
#include "syscall/pass.h"
#include "syscall/siginfo.h"

static int64_t do_sigaction(struct vcpu *cpu, enum structure s, const uint64_t a[6])
{
    struct guest_sigaction set, old;

    if (a[1] && struct_read(cpu->guest, s, &set, a[1]))
        return -EFAULT;
    int r = signal_set_action(cpu, (int)a[0], a[1] ? &set : NULL, &old);
    if (r)
        return r;
    return a[2] ? struct_write(cpu->guest, s, &old, a[2]) : 0;
}

SYSCALL(rt_sigaction)
{
    if (a[3] != sizeof(sigmask_t))
        return -EINVAL;
    return do_sigaction(cpu, STRUCT_sigaction, a);
}

static int64_t change_mask(struct vcpu *cpu, int how, sigmask_t set)
{
    sigmask_t old = cpu->task->mask;

    switch (how) {
    case SIG_BLOCK:
        set |= old;
        break;
    case SIG_UNBLOCK:
        set = old & ~set;
        break;
    case SIG_SETMASK:
        break;
    default:
        return -EINVAL;
    }
    signal_set_mask(cpu, set);
    return 0;
}

SYSCALL(rt_sigprocmask)
{
    sigmask_t old = cpu->task->mask, set;
    int64_t r = 0;

    if (a[3] != sizeof set)
        return -EINVAL;
    if (a[1]) {
        if (struct_read(cpu->guest, STRUCT_sigset, &set, a[1]))
            return -EFAULT;
        r = change_mask(cpu, (int)a[0], set);
    }
    return r || !a[2] ? r : struct_write(cpu->guest, STRUCT_sigset, &old, a[2]);
}

static int64_t pending_signals(struct vcpu *cpu, sigmask_t *pending)
{
    int64_t r = host_syscall(SYS_rt_sigpending, pending, sizeof *pending);

    *pending = (*pending | cpu->task->held) & cpu->task->mask;
    return r;
}

SYSCALL(rt_sigpending)
{
    sigmask_t pending;
    char out[sizeof pending];

    if (a[1] > sizeof pending)
        return -EINVAL;
    int64_t r = pending_signals(cpu, &pending);
    if (r < 0)
        return r;
    struct_to_guest(cpu->guest, STRUCT_sigset, &pending, out);
    return guest_write(a[0], out, a[1]);
}

SYSCALL(rt_sigsuspend)
{
    sigmask_t storage, *host;

    int r = signal_mask_begin(cpu, a[0], a[1], &storage, &host);
    if (r)
        return r;
    if (!host)
        return -EFAULT;
    return signal_mask_end(cpu, safe_syscall(SYS_rt_sigsuspend, host, sizeof storage));
}

static int64_t do_sigtimedwait(struct vcpu *cpu, enum structure time_structure, const uint64_t a[6])
{
    struct task *task = cpu->task;
    struct timespec timeout;
    siginfo_t info;
    sigmask_t set;
    int64_t r;

    if (a[3] != sizeof set)
        return -EINVAL;
    if (struct_read(cpu->guest, STRUCT_sigset, &set, a[0]) ||
        (a[2] && struct_read(cpu->guest, time_structure, &timeout, a[2])))
        return -EFAULT;
    sigmask_t held = task->held & set;
    if (held) {
        r = __builtin_ctzll(held) + 1;
        task->held &= ~SIGMASK(r);
        info = task->held_info[signal_sync_index((int)r)];
    } else {
        r = safe_syscall(SYS_rt_sigtimedwait, &set, &info, a[2] ? &timeout : NULL, sizeof set);
    }
    if (r > 0 && a[1] && siginfo_write(cpu->guest, &info, a[1]))
        return -EFAULT;
    return r == -ERESTARTSYS ? -ERESTARTNOHAND : r;
}

SYSCALL(rt_sigtimedwait)
{
    return do_sigtimedwait(cpu, STRUCT_timespec, a);
}

SYSCALL(rt_sigtimedwait_time64)
{
    return do_sigtimedwait(cpu, STRUCT_timespec64, a);
}

/* ---- the calls of before 64 signals, one word a set ---- */

SYSCALL(sigaction)
{
    return do_sigaction(cpu, STRUCT_old_sigaction, a);
}

static int old_set_read(struct vcpu *cpu, uint64_t gva, sigmask_t *set)
{
    uint64_t word;

    if (guest_read_word(cpu->guest, &word, gva))
        return -EFAULT;
    *set = word;
    return 0;
}

SYSCALL(sigprocmask)
{
    sigmask_t old = cpu->task->mask, set;
    int64_t r = 0;

    if (a[1]) {
        if (old_set_read(cpu, a[1], &set))
            return -EFAULT;
        /* The signals above stay as they are. */
        if (guest_word(cpu->guest) == 4 && (int)a[0] == SIG_SETMASK)
            set |= old & ~(sigmask_t)UINT32_MAX;
        r = change_mask(cpu, (int)a[0], set);
    }
    return r || !a[2] ? r : guest_write_word(cpu->guest, a[2], old);
}

SYSCALL(sigpending)
{
    sigmask_t pending;
    int64_t r = pending_signals(cpu, &pending);

    return r < 0 ? r : guest_write_word(cpu->guest, a[0], pending);
}

SYSCALL(sigsuspend)
{
    sigmask_t storage, *host;

    signal_mask_begin_with(cpu, a[0], &storage, &host);
    return signal_mask_end(cpu, safe_syscall(SYS_rt_sigsuspend, host, sizeof storage));
}

SYSCALL(signal)
{
    struct guest_sigaction set = {.handler = a[1],
                                  .flags = (uint32_t)SA_RESETHAND | (uint32_t)SA_NODEFER};
    struct guest_sigaction old;
    int r = signal_set_action(cpu, (int)a[0], &set, &old);

    return r ? r : (int64_t)old.handler;
}

SYSCALL(sgetmask)
{
    return (uint32_t)cpu->task->mask;
}

SYSCALL(ssetmask)
{
    sigmask_t old = cpu->task->mask;

    signal_set_mask(cpu, a[0]);
    return (uint32_t)old;
}

SYSCALL(pause)
{
    int64_t r = safe_syscall(SYS_pause);

    return r == -ERESTARTSYS || r == -EINTR ? -ERESTARTNOHAND : r;
}

SYSCALL(alarm)
{
    return host_syscall(SYS_alarm, (uint32_t)a[0]);
}

/* ---- sending ---- */

PASS(kill, 0)
PASS(tkill, 0)
PASS(tgkill, 0)

SYSCALL(rt_sigqueueinfo)
{
    siginfo_t info;

    if (siginfo_read(cpu->guest, &info, a[2]))
        return -EFAULT;
    return host_syscall(SYS_rt_sigqueueinfo, a[0], a[1], &info);
}

SYSCALL(rt_tgsigqueueinfo)
{
    siginfo_t info;

    if (siginfo_read(cpu->guest, &info, a[3]))
        return -EFAULT;
    return host_syscall(SYS_rt_tgsigqueueinfo, a[0], a[1], a[2], &info);
}

SYSCALL(pidfd_send_signal)
{
    siginfo_t info;

    if (a[2] && siginfo_read(cpu->guest, &info, a[2]))
        return -EFAULT;
    return host_syscall(SYS_pidfd_send_signal, a[0], a[1], a[2] ? &info : NULL, a[3]);
}

typedef int restore_fn(struct vcpu *cpu, sigmask_t *mask, struct guest_stack *altstack);

static int64_t do_sigreturn(struct vcpu *cpu, restore_fn *restore)
{
    sigmask_t mask;
    struct guest_stack altstack = cpu->task->altstack;
    uint64_t sp = cpu->g[cpu->guest->sp_slot];

    if (restore(cpu, &mask, &altstack)) {
        signal_raise_sync(cpu, SIGSEGV, vm_prot(sp) < 0 ? SEGV_MAPERR : SEGV_ACCERR, sp);
        return -ESIGRETURN;
    }
    signal_altstack(cpu, &altstack, NULL); /* errors are ignored, as in the kernel */
    signal_set_mask(cpu, mask);
    return -ESIGRETURN;
}

SYSCALL(rt_sigreturn)
{
    return do_sigreturn(cpu, cpu->guest->frame->restore);
}

/* From a frame without siginfo. */
SYSCALL(sigreturn)
{
    if (!cpu->guest->frame->restore_old)
        return -ENOSYS;
    return do_sigreturn(cpu, cpu->guest->frame->restore_old);
}

SYSCALL(sigaltstack)
{
    struct guest_stack set, old;

    if (a[0] && struct_read(cpu->guest, STRUCT_sigaltstack, &set, a[0]))
        return -EFAULT;
    int r = signal_altstack(cpu, a[0] ? &set : NULL, &old);
    if (r)
        return r;
    return a[1] ? struct_write(cpu->guest, STRUCT_sigaltstack, &old, a[1]) : 0;
}

/* Sleeps restart from their beginning or end with EINTR, so nothing is ever
 * left for this call. */
SYSCALL(restart_syscall)
{
    return -EINTR;
}
