/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for descriptors: poll, select, epoll; event, timer and signal descriptors. */
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "syscall/convert.h"
#include "syscall/pass.h"

/* What the kernel's own table of sets takes. */
enum { HOST_MASK_SIZE = sizeof(sigmask_t) };

SYSCALL(ppoll)
{
    sigmask_t storage, *mask;
    int r = signal_mask_begin(cpu, a[3], a[4], &storage, &mask);

    if (r)
        return r;
    /* The kernel writes back what is left of the time. */
    return signal_mask_end(
        cpu, safe_syscall(SYS_ppoll, guest_arg(a[0]), a[1], guest_arg(a[2]), mask, HOST_MASK_SIZE));
}

SYSCALL(pselect6)
{
    uint64_t arg[2] = {0, 0}; /* address and size of the mask */
    struct {
        sigmask_t *mask;
        size_t size;
    } host = {NULL, HOST_MASK_SIZE};
    sigmask_t storage;
    int r;

    if (a[5] && guest_read(arg, a[5], sizeof(arg)))
        return -EFAULT;
    r = signal_mask_begin(cpu, arg[0], arg[1], &storage, &host.mask);
    if (r)
        return r;
    return signal_mask_end(cpu, safe_syscall(SYS_pselect6, a[0], guest_arg(a[1]), guest_arg(a[2]),
                                             guest_arg(a[3]), guest_arg(a[4]), &host));
}

/* ---- epoll ---- */

PASS(epoll_create1, 0)

SYSCALL(epoll_ctl)
{
    const struct syscall_abi *abi = cpu->guest->abi;
    struct epoll_event event;

    if ((int)a[1] == EPOLL_CTL_DEL)
        return host_syscall(SYS_epoll_ctl, a[0], a[1], a[2], NULL);
    if (layout_read(abi, &abi->epoll_event, &event, a[3]))
        return -EFAULT;
    return host_syscall(SYS_epoll_ctl, a[0], a[1], a[2], &event);
}

/* Waits with a host call of epoll_pwait's arguments and hands the events over.
 * Fewer events than asked for are a legal answer, so the array is bounded. */
static int64_t epoll_wait_common(struct vcpu *cpu, long nr, const uint64_t a[6], uint64_t mask_gva,
                                 uint64_t mask_size, uint64_t timeout)
{
    enum { MOST = 1024, ON_STACK = 64 };
    const struct syscall_abi *abi = cpu->guest->abi;
    struct epoll_event few[ON_STACK], *events = few;
    int max = (int)a[2];
    sigmask_t storage, *mask;
    int64_t r;

    if (max <= 0 || max > INT_MAX / (int)abi->epoll_event.guest_size)
        return -EINVAL;
    if (a[1] > vm_limit() - (uint64_t)max * abi->epoll_event.guest_size)
        return -EFAULT;
    if (max > MOST)
        max = MOST;
    r = signal_mask_begin(cpu, mask_gva, mask_size, &storage, &mask);
    if (r)
        return r;
    if (max > ON_STACK && !(events = malloc((size_t)max * sizeof(*events))))
        return signal_mask_end(cpu, -ENOMEM);
    r = safe_syscall(nr, a[0], events, max, timeout, mask, HOST_MASK_SIZE);
    r = signal_mask_end(cpu, r);
    for (int64_t i = 0; i < r; i++) {
        if (layout_write(abi, &abi->epoll_event, &events[i],
                         a[1] + (uint64_t)i * abi->epoll_event.guest_size)) {
            r = i ? i : -EFAULT;
            break;
        }
    }
    if (events != few)
        free(events);
    return r;
}

SYSCALL(epoll_pwait)
{
    return epoll_wait_common(cpu, SYS_epoll_pwait, a, a[4], a[5], a[3]);
}

SYSCALL(epoll_pwait2)
{
    return epoll_wait_common(cpu, SYS_epoll_pwait2, a, a[4], a[5], (uint64_t)guest_arg(a[3]));
}

/* ---- descriptors that tell of events ---- */

PASS(eventfd2, 0)

/* The guest's blocked signals wait in the host's queue, where the host's
 * signalfd finds them. */
PASS(signalfd4, P1)
PASS(timerfd_create, 0)
PASS(timerfd_settime, P2 | P3)
PASS(timerfd_gettime, P1)
