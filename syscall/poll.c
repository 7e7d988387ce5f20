/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for descriptors: poll, select, epoll; event, timer and signal descriptors. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "syscall/convert.h"
#include "syscall/pass.h"

/* What the kernel's own table of sets takes. */
enum { HOST_MASK_SIZE = sizeof(sigmask_t) };

static const struct pass poll_passes[] = {INOUT_ARRAY(0, pollfd, 1), INOUT(2, timespec)};
static const struct pass poll_passes64[] = {INOUT_ARRAY(0, pollfd, 1), INOUT(2, timespec64)};

/* With a mask that the host's call takes from our memory.  The kernel writes
 * back what is left of the time. */
static int64_t do_ppoll(struct vcpu *cpu, const uint64_t a[6], const struct pass passes[2])
{
    sigmask_t storage, *mask;
    int r = signal_mask_begin(cpu, a[3], a[4], &storage, &mask);

    if (r)
        return r;
    const uint64_t h[6] = {a[0], (uint32_t)a[1], a[2], (uint64_t)(uintptr_t)mask, HOST_MASK_SIZE};
    return signal_mask_end(cpu, pass_call(cpu, safe_syscall_raw, SYS_ppoll, h, 0, passes, 2));
}

SYSCALL(ppoll)
{
    return do_ppoll(cpu, a, poll_passes);
}

SYSCALL(ppoll_time64)
{
    return do_ppoll(cpu, a, poll_passes64);
}

CALL_SLEEP(poll, 0, INOUT_ARRAY(0, pollfd, 1))

/* Three sets of n bits in the guest's longs. */
struct fd_sets {
    uint64_t bits[3][1024 / 64 * 16];
    fd_set *host[3];
    size_t bytes;
};

static int sets_read(struct vcpu *cpu, struct fd_sets *s, const uint64_t gva[3], int n)
{
    unsigned word = guest_word(cpu->guest);

    if (n < 0)
        return -EINVAL;
    s->bytes = ((size_t)n + 8 * word - 1) / (8 * word) * word;
    if (s->bytes > sizeof s->bits[0])
        return -EINVAL;
    for (int i = 0; i < 3; i++) {
        s->host[i] = NULL;
        if (!gva[i])
            continue;
        memset(s->bits[i], 0, (s->bytes + 7) & ~(size_t)7);
        if (guest_read(s->bits[i], gva[i], s->bytes))
            return -EFAULT;
        words_swap(cpu->guest, s->bits[i], s->bytes);
        s->host[i] = (fd_set *)s->bits[i];
    }
    return 0;
}

static int sets_write(struct vcpu *cpu, struct fd_sets *s, const uint64_t gva[3])
{
    for (int i = 0; i < 3; i++) {
        words_swap(cpu->guest, s->bits[i], s->bytes);
        if (s->host[i] && guest_write(gva[i], s->bits[i], s->bytes))
            return -EFAULT;
    }
    return 0;
}

/* time: what to wait, and what is left of it afterwards. */
static int64_t select_common(struct vcpu *cpu, int n, const uint64_t gva[3], struct timespec *time,
                             const void *mask)
{
    struct fd_sets sets;
    int64_t r;

    if (abi_is_native(cpu->guest))
        return safe_syscall(SYS_pselect6, n, guest_arg(gva[0]), guest_arg(gva[1]),
                            guest_arg(gva[2]), time, mask);
    r = sets_read(cpu, &sets, gva, n);
    if (r)
        return r;
    r = safe_syscall(SYS_pselect6, n, sets.host[0], sets.host[1], sets.host[2], time, mask);
    if (r >= 0 && sets_write(cpu, &sets, gva))
        r = -EFAULT;
    return r;
}

static int64_t do_pselect6(struct vcpu *cpu, const uint64_t a[6], enum structure time_structure)
{
    struct {
        uint64_t address, size;
    } arg = {0, 0};
    struct {
        sigmask_t *mask;
        size_t size;
    } host = {NULL, HOST_MASK_SIZE};
    struct timespec time;
    sigmask_t storage;
    int64_t r;

    if (a[5] && struct_read(cpu->guest, STRUCT_pselect_mask, &arg, a[5]))
        return -EFAULT;
    if (a[4] && struct_read(cpu->guest, time_structure, &time, a[4]))
        return -EFAULT;
    r = signal_mask_begin(cpu, arg.address, arg.size, &storage, &host.mask);
    if (r)
        return r;
    r = signal_mask_end(cpu, select_common(cpu, (int)a[0], a + 1, a[4] ? &time : NULL, &host));
    /* What can't be written of the time that is left is nobody's error. */
    if (a[4] && (r >= 0 || r == -EINTR || r == -ERESTARTNOHAND))
        struct_write(cpu->guest, time_structure, &time, a[4]);
    return r;
}

SYSCALL(pselect6)
{
    return do_pselect6(cpu, a, STRUCT_timespec);
}

SYSCALL(pselect6_time64)
{
    return do_pselect6(cpu, a, STRUCT_timespec64);
}

/* select(2) takes a timeval. */
SYSCALL(_newselect)
{
    const struct {
        sigmask_t *mask;
        size_t size;
    } none = {NULL, HOST_MASK_SIZE};
    struct timeval given;
    struct timespec time = {0};

    if (a[4]) {
        if (struct_read(cpu->guest, STRUCT_timeval, &given, a[4]))
            return -EFAULT;
        if (given.tv_sec < 0 || given.tv_usec < 0)
            return -EINVAL;
        time.tv_sec = given.tv_sec + given.tv_usec / 1000000;
        time.tv_nsec = given.tv_usec % 1000000 * 1000;
    }
    int64_t r = select_common(cpu, (int)a[0], a + 1, a[4] ? &time : NULL, &none);
    if (r == -ERESTARTSYS)
        r = -ERESTARTNOHAND;
    if (a[4] && (r >= 0 || r == -EINTR || r == -ERESTARTNOHAND)) {
        given.tv_sec = time.tv_sec;
        given.tv_usec = time.tv_nsec / 1000;
        struct_write(cpu->guest, STRUCT_timeval, &given, a[4]);
    }
    return r;
}

/* ---- epoll ---- */

PASS(epoll_create1, 0)
PASS(epoll_create, 0)

SYSCALL(epoll_ctl)
{
    struct epoll_event event;

    if ((int)a[1] == EPOLL_CTL_DEL)
        return host_syscall(SYS_epoll_ctl, a[0], a[1], a[2], NULL);
    if (struct_read(cpu->guest, STRUCT_epoll_event, &event, a[3]))
        return -EFAULT;
    return host_syscall(SYS_epoll_ctl, a[0], a[1], a[2], &event);
}

/* Waits with a host call of epoll_pwait's arguments and hands the events over.
 * Fewer events than asked for are a legal answer, so the array is bounded. */
static int64_t epoll_wait_common(struct vcpu *cpu, long nr, const uint64_t a[6], uint64_t mask_gva,
                                 uint64_t mask_size, uint64_t timeout)
{
    enum { MOST = 1024, ON_STACK = 64 };
    const unsigned size = struct_size(cpu->guest, STRUCT_epoll_event);
    struct epoll_event few[ON_STACK], *events = few;
    int max = (int)a[2];
    sigmask_t storage, *mask;
    int64_t r;

    if (max <= 0 || max > INT_MAX / (int)size)
        return -EINVAL;
    if (a[1] > vm_limit() - (uint64_t)max * size)
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
        if (struct_write(cpu->guest, STRUCT_epoll_event, &events[i], a[1] + (uint64_t)i * size)) {
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

SYSCALL(epoll_wait)
{
    return epoll_wait_common(cpu, SYS_epoll_pwait, a, 0, 0, a[3]);
}

/* Always with times of 64 bits. */
SYSCALL(epoll_pwait2)
{
    struct timespec t;

    if (a[3] && struct_read(cpu->guest, STRUCT_timespec64, &t, a[3]))
        return -EFAULT;
    return epoll_wait_common(cpu, SYS_epoll_pwait2, a, a[4], a[5], a[3] ? (uint64_t)&t : 0);
}

/* ---- descriptors that tell of events ---- */

PASS(eventfd2, 0)
PASS(eventfd, 0)

/* The guest's blocked signals wait in the host's queue, where the host's
 * signalfd finds them. */
CALL(signalfd4, 0, IN(1, sigset))
CALL(signalfd, 0, IN(1, sigset))
PASS(timerfd_create, 0)
