/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signal calls: rt_sigaction(2) and its kin.  Structures are those of
 * 64-bit guests with the kernel's generic layout. */
#include <string.h>

#include "signal/host.h"
#include "signal/signal.h"
#include "syscall/pass.h"

SYSCALL(rt_sigaction)
{
    struct guest_sigaction set, old;

    if (a[3] != sizeof(sigmask_t))
        return -EINVAL;
    if (a[1] && guest_read(&set, a[1], sizeof set))
        return -EFAULT;
    int r = signal_set_action(cpu, (int)a[0], a[1] ? &set : NULL, &old);
    if (r)
        return r;
    return a[2] ? guest_write(a[2], &old, sizeof old) : 0;
}

SYSCALL(rt_sigprocmask)
{
    sigmask_t old = cpu->task->mask, set, mask;

    if (a[3] != sizeof set)
        return -EINVAL;
    if (a[1]) {
        if (guest_read(&set, a[1], sizeof set))
            return -EFAULT;
        switch ((int)a[0]) {
        case SIG_BLOCK:
            mask = old | set;
            break;
        case SIG_UNBLOCK:
            mask = old & ~set;
            break;
        case SIG_SETMASK:
            mask = set;
            break;
        default:
            return -EINVAL;
        }
        signal_set_mask(cpu, mask);
    }
    return a[2] ? guest_write(a[2], &old, sizeof old) : 0;
}

SYSCALL(rt_sigpending)
{
    sigmask_t pending;

    if (a[1] > sizeof pending)
        return -EINVAL;
    int64_t r = host_syscall(SYS_rt_sigpending, &pending, sizeof pending);
    if (r < 0)
        return r;
    pending = (pending | cpu->task->held) & cpu->task->mask;
    return guest_write(a[0], &pending, a[1]);
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

SYSCALL(rt_sigtimedwait)
{
    struct task *task = cpu->task;
    sigmask_t set;

    if (a[3] != sizeof set)
        return -EINVAL;
    if (guest_read(&set, a[0], sizeof set))
        return -EFAULT;
    sigmask_t held = task->held & set;
    if (held) {
        int sig = __builtin_ctzll(held) + 1;
        task->held &= ~SIGMASK(sig);
        siginfo_t info = task->held_info[signal_sync_index(sig)];
        if (a[1] && guest_write(a[1], &info, sizeof info))
            return -EFAULT;
        return sig;
    }
    int64_t r = safe_syscall(SYS_rt_sigtimedwait, guest_arg(a[0]), guest_arg(a[1]), guest_arg(a[2]),
                             sizeof set);
    return r == -ERESTARTSYS ? -ERESTARTNOHAND : r;
}

PASS(kill, 0)
PASS(tkill, 0)
PASS(tgkill, 0)
PASS(rt_sigqueueinfo, P2)
PASS(rt_tgsigqueueinfo, P3)
PASS(pidfd_send_signal, P2)

SYSCALL(rt_sigreturn)
{
    sigmask_t mask;
    struct guest_stack altstack;
    uint64_t sp = cpu->g[cpu->guest->sp_slot];

    if (cpu->guest->frame->restore(cpu, &mask, &altstack)) {
        signal_raise_sync(cpu, SIGSEGV, vm_prot(sp) < 0 ? SEGV_MAPERR : SEGV_ACCERR, sp);
        return -ESIGRETURN;
    }
    signal_altstack(cpu, &altstack, NULL); /* errors are ignored, as in the kernel */
    signal_set_mask(cpu, mask);
    return -ESIGRETURN;
}

SYSCALL(sigaltstack)
{
    struct guest_stack set, old;

    if (a[0] && guest_read(&set, a[0], sizeof set))
        return -EFAULT;
    int r = signal_altstack(cpu, a[0] ? &set : NULL, &old);
    if (r)
        return r;
    return a[1] ? guest_write(a[1], &old, sizeof old) : 0;
}

/* Sleeps restart from their beginning or end with EINTR, so nothing is ever
 * left for this call. */
SYSCALL(restart_syscall)
{
    return -EINTR;
}
