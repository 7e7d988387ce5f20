/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Futexes.  The kernel compares words of memory with numbers in its own byte
 * order; for a guest of the other order it gets the numbers swapped, which
 * is the same comparison.  It can't calculate with such words, so FUTEX_WAKE_OP is
 * done here, and so are locks with priority inheritance, in which the kernel keeps
 * thread numbers.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "syscall/convert.h"
#include "syscall/pass.h"
#include "syscall/thread.h"

static int32_t sign_12(uint32_t v)
{
    return (int32_t)(v << 20) >> 20;
}

/* The operation on the second word: what was there before (futex(2)). */
static int64_t operate(const struct guest *g, uint64_t gva, uint32_t encoded)
{
    unsigned op = encoded >> 28 & 7;
    int32_t operand = sign_12(encoded >> 12);
    uint32_t raw, value, result;

    if (encoded >> 28 & FUTEX_OP_OPARG_SHIFT)
        operand = (int32_t)(1u << (operand & 31));
    if (gva % 4)
        return -EINVAL;
    if (guest_read(&raw, gva, sizeof raw) || guest_write(gva, &raw, 0))
        return -EFAULT;
    vm_make_writable(gva, sizeof raw);
    if (!(vm_prot(gva) & 2 /* PROT_WRITE */))
        return -EFAULT;
    do {
        value = guest_swaps(g) ? __builtin_bswap32(raw) : raw;
        switch (op) {
        case FUTEX_OP_SET:
            result = (uint32_t)operand;
            break;
        case FUTEX_OP_ADD:
            result = value + (uint32_t)operand;
            break;
        case FUTEX_OP_OR:
            result = value | (uint32_t)operand;
            break;
        case FUTEX_OP_ANDN:
            result = value & ~(uint32_t)operand;
            break;
        case FUTEX_OP_XOR:
            result = value ^ (uint32_t)operand;
            break;
        default:
            return -ENOSYS;
        }
        result = guest_swaps(g) ? __builtin_bswap32(result) : result;
    } while (!__atomic_compare_exchange_n((uint32_t *)guest_ptr(gva), &raw, result, false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    return value;
}

static bool compare(uint32_t encoded, int32_t value)
{
    int32_t with = sign_12(encoded);

    switch (encoded >> 24 & 15) {
    case FUTEX_OP_CMP_EQ:
        return value == with;
    case FUTEX_OP_CMP_NE:
        return value != with;
    case FUTEX_OP_CMP_LT:
        return value < with;
    case FUTEX_OP_CMP_LE:
        return value <= with;
    case FUTEX_OP_CMP_GT:
        return value > with;
    default: /* FUTEX_OP_CMP_GE */
        return value >= with;
    }
}

static int64_t wake_op(const struct guest *g, const uint64_t a[6])
{
    int private = (int)a[1] & FUTEX_PRIVATE_FLAG;
    uint32_t encoded = (uint32_t)a[5];

    if ((encoded >> 24 & 15) > FUTEX_OP_CMP_GE)
        return -ENOSYS;
    int64_t old = operate(g, a[4], encoded);
    if (old < 0)
        return old;
    int64_t woken = host_syscall(SYS_futex, guest_arg(a[0]), FUTEX_WAKE | private, (int)a[2]);
    if (woken < 0 || !compare(encoded, (int32_t)old))
        return woken;
    int64_t more = host_syscall(SYS_futex, guest_arg(a[4]), FUTEX_WAKE | private, (int)a[3]);
    return more < 0 ? more : woken + more;
}

/*
 * Locks with priority inheritance, for guests whose words the kernel can't
 * read: the word is 0 or the owner's thread number, with FUTEX_WAITERS when
 * somebody sleeps.  Priorities are not inherited.
 *
 * Of those that wait for one, one is woken at a time; it must say that others
 * may be left: `waited` is FUTEX_WAITERS for who has slept, else 0.
 */
static int64_t lock_pi(struct vcpu *cpu, uint64_t gva, int op, const struct timespec *timeout,
                       uint32_t waited, bool try)
{
    uint32_t *word = guest_ptr(gva), raw, mine = (uint32_t)cpu->task->tid;
    int private = op & FUTEX_PRIVATE_FLAG;
    bool realtime = op & FUTEX_CLOCK_REALTIME || (op & FUTEX_CMD_MASK) == FUTEX_LOCK_PI;

    if (gva % 4)
        return -EINVAL;
    if (guest_read(&raw, gva, sizeof raw) || !(vm_prot(gva) & 2 /* PROT_WRITE */))
        return -EFAULT;
    for (;;) {
        uint32_t value = __builtin_bswap32(raw), owner = value & FUTEX_TID_MASK, next;
        if (owner == mine)
            return -EDEADLK;
        if (!owner) {
            /* FUTEX_OWNER_DIED stays for the new owner to see. */
            next = __builtin_bswap32(mine | (value & ~(uint32_t)FUTEX_TID_MASK) | waited);
            if (__atomic_compare_exchange_n(word, &raw, next, false, __ATOMIC_SEQ_CST,
                                            __ATOMIC_SEQ_CST))
                return 0;
            continue;
        }
        if (try)
            return -EAGAIN;
        if (kill((pid_t)owner, 0) && errno == ESRCH)
            return -ESRCH;
        next = __builtin_bswap32(value | FUTEX_WAITERS);
        if (raw != next && !__atomic_compare_exchange_n(word, &raw, next, false, __ATOMIC_SEQ_CST,
                                                        __ATOMIC_SEQ_CST))
            continue;
        int64_t r = safe_syscall(
            SYS_futex, word, FUTEX_WAIT_BITSET | private | (realtime ? FUTEX_CLOCK_REALTIME : 0),
            next, timeout, NULL, FUTEX_BITSET_MATCH_ANY);
        if (r == -ERESTARTSYS)
            return -ERESTARTNOINTR;
        if (r && r != -EAGAIN && r != -EINTR)
            return r;
        waited = FUTEX_WAITERS;
        raw = __atomic_load_n(word, __ATOMIC_SEQ_CST);
    }
}

static int64_t unlock_pi(struct vcpu *cpu, const uint64_t a[6])
{
    uint32_t *word = guest_ptr(a[0]), raw;

    if (a[0] % 4)
        return -EINVAL;
    if (guest_read(&raw, a[0], sizeof raw) || !(vm_prot(a[0]) & 2 /* PROT_WRITE */))
        return -EFAULT;
    do {
        if ((__builtin_bswap32(raw) & FUTEX_TID_MASK) != (uint32_t)cpu->task->tid)
            return -EPERM;
    } while (
        !__atomic_compare_exchange_n(word, &raw, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    if (__builtin_bswap32(raw) & FUTEX_WAITERS)
        host_syscall(SYS_futex, word, FUTEX_WAKE | ((int)a[1] & FUTEX_PRIVATE_FLAG), 1);
    return 0;
}

/*
 * FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI: a sleeper at one word is moved to
 * where those sleep who wait for the lock at another, and gets that.
 */
static int64_t wait_requeue_pi(struct vcpu *cpu, const uint64_t a[6], const struct timespec *time)
{
    int op = (int)a[1];
    int64_t r;

    if (a[0] == a[4] || a[0] % 4 || a[4] % 4)
        return -EINVAL;
    r = safe_syscall(SYS_futex, guest_arg(a[0]),
                     FUTEX_WAIT_BITSET | (op & (FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)),
                     __builtin_bswap32((uint32_t)a[2]), time, NULL, FUTEX_BITSET_MATCH_ANY);
    if (r)
        return r == -ERESTARTSYS ? -ERESTARTNOINTR : r;
    r = lock_pi(cpu, a[4], op, time, FUTEX_WAITERS, false);
    /* The value that it slept for has gone: no second time. */
    return r == -ERESTARTNOINTR ? -EAGAIN : r;
}

static int64_t cmp_requeue_pi(const uint64_t a[6])
{
    int private = (int)a[1] & FUTEX_PRIVATE_FLAG;
    uint32_t *lock = guest_ptr(a[4]), raw, owner;

    if (a[0] == a[4] || a[0] % 4 || a[4] % 4 || (uint32_t)a[2] != 1 || (int32_t)a[3] < 0)
        return -EINVAL;
    vm_make_writable(a[4], sizeof raw);
    if (guest_read(&raw, a[4], sizeof raw) || !(vm_prot(a[4]) & 2 /* PROT_WRITE */))
        return -EFAULT;
    /* Before anybody sleeps there, so that the owner calls. */
    do {
        owner = __builtin_bswap32(raw) & FUTEX_TID_MASK;
    } while (owner &&
             !__atomic_compare_exchange_n(lock, &raw, raw | __builtin_bswap32(FUTEX_WAITERS), false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    int64_t r = host_syscall(SYS_futex, guest_arg(a[0]), FUTEX_CMP_REQUEUE | private, a[2],
                             (int32_t)a[3], lock, __builtin_bswap32((uint32_t)a[5]));
    /* It may have done so before they came. */
    raw = __atomic_load_n(lock, __ATOMIC_SEQ_CST);
    if (r > 0 && !(__builtin_bswap32(raw) & FUTEX_TID_MASK))
        host_syscall(SYS_futex, lock, FUTEX_WAKE | private, 1);
    return r;
}

/*
 * The kernel can't find what a process of the other byte order had locked when
 * it was killed (the rest task_exit() does).  So who waits for a robust lock,
 * which the C library has named in its list for that time, looks now and then
 * whether the owner is alive.
 */
static bool waits_for_robust(struct vcpu *cpu, uint64_t gva)
{
    struct {
        uint64_t next;
        int64_t offset;
        uint64_t pending;
    } head;

    return !abi_is_native(cpu->guest) && cpu->task->robust_head &&
           !struct_read(cpu->guest, STRUCT_robust_head, &head, cpu->task->robust_head) &&
           head.pending && (head.pending & ~UINT64_C(1)) + (uint64_t)head.offset == gva;
}

/* Also if nobody has waited for it yet. */
static bool is_dead(uint32_t tid)
{
    char path[32], text[128], *end;

    if (kill((pid_t)tid, 0))
        return errno == ESRCH;
    snprintf(path, sizeof path, "/proc/%u/stat", tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n < 0 ? 0 : n] = '\0';
    end = strrchr(text, ')');
    return end && (end[2] == 'Z' || end[2] == 'X');
}

static int64_t wait_robust(struct vcpu *cpu, const uint64_t a[6], uint32_t value)
{
    const struct timespec slice = {.tv_nsec = 50000000};
    int64_t r;

    for (;;) {
        uint32_t raw, owner;
        if (guest_read(&raw, a[0], sizeof raw))
            return -EFAULT;
        owner = (guest_swaps(cpu->guest) ? __builtin_bswap32(raw) : raw) & FUTEX_TID_MASK;
        if (owner && is_dead(owner)) {
            futex_owner_died(cpu->guest, a[0], false, false, (pid_t)owner);
            return 0;
        }
        r = safe_syscall(SYS_futex, guest_arg(a[0]), FUTEX_WAIT | ((int)a[1] & FUTEX_PRIVATE_FLAG),
                         value, &slice, NULL, 0);
        if (r != -ETIMEDOUT)
            return r;
    }
}

static int64_t do_futex(struct vcpu *cpu, const uint64_t a[6], enum structure time_structure)
{
    const struct guest *g = cpu->guest;
    struct timespec timeout, *time = NULL;
    uint32_t value = (uint32_t)a[2], value3 = (uint32_t)a[5];
    bool swaps = guest_swaps(g);

    switch ((int)a[1] & FUTEX_CMD_MASK) {
    case FUTEX_WAIT_REQUEUE_PI:
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        if (struct_same(g, time_structure)) {
            time = guest_arg(a[3]);
        } else if (a[3]) {
            time = &timeout;
            if (struct_read(g, time_structure, time, a[3]))
                return -EFAULT;
        }
        if (swaps && ((int)a[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_REQUEUE_PI)
            return wait_requeue_pi(cpu, a, time);
        if (swaps && ((int)a[1] & FUTEX_CMD_MASK) != FUTEX_WAIT &&
            ((int)a[1] & FUTEX_CMD_MASK) != FUTEX_WAIT_BITSET)
            return lock_pi(cpu, a[0], (int)a[1], time, 0, false);
        value = swaps ? __builtin_bswap32(value) : value;
        if (!time && waits_for_robust(cpu, a[0]))
            return wait_robust(cpu, a, value);
        return safe_syscall(SYS_futex, guest_arg(a[0]), a[1], value, time, guest_arg(a[4]), value3);
    case FUTEX_CMP_REQUEUE:
        value3 = swaps ? __builtin_bswap32(value3) : value3;
        break;
    case FUTEX_WAKE_OP:
        if (swaps)
            return wake_op(g, a);
        break;
    case FUTEX_UNLOCK_PI:
        if (swaps)
            return unlock_pi(cpu, a);
        break;
    case FUTEX_TRYLOCK_PI:
        if (swaps)
            return lock_pi(cpu, a[0], (int)a[1], NULL, 0, true);
        break;
    case FUTEX_CMP_REQUEUE_PI:
        if (swaps)
            return cmp_requeue_pi(a);
        break;
    }
    /* The fourth argument is a number for the operations that don't wait. */
    return host_syscall(SYS_futex, guest_arg(a[0]), a[1], a[2], a[3], guest_arg(a[4]), value3);
}

SYSCALL(futex)
{
    return do_futex(cpu, a, STRUCT_timespec);
}

SYSCALL(futex_time64)
{
    return do_futex(cpu, a, STRUCT_timespec64);
}

/* Times are always of 64 bits here, and words of 32. */
SYSCALL(futex_waitv)
{
    enum { MOST = 128, SIZE_MASK = 3, SIZE_U32 = 2 };
    struct waiter {
        uint64_t value, address;
        uint32_t flags, reserved;
    } waiters[MOST];
    struct timespec timeout;

    if (abi_is_native(cpu->guest))
        return safe_syscall(SYS_futex_waitv, guest_arg(a[0]), a[1], a[2], guest_arg(a[3]), a[4]);
    if (!a[1] || a[1] > MOST)
        return -EINVAL;
    for (uint64_t i = 0; i < a[1]; i++) {
        struct waiter *w = &waiters[i];
        if (struct_read(cpu->guest, STRUCT_futex_waitv, w,
                        a[0] + i * struct_size(cpu->guest, STRUCT_futex_waitv)))
            return -EFAULT;
        if (guest_swaps(cpu->guest) && (w->flags & SIZE_MASK) == SIZE_U32 && w->value <= UINT32_MAX)
            w->value = __builtin_bswap32((uint32_t)w->value);
    }
    if (a[3] && struct_read(cpu->guest, STRUCT_timespec64, &timeout, a[3]))
        return -EFAULT;
    return safe_syscall(SYS_futex_waitv, waiters, a[1], a[2], a[3] ? &timeout : NULL, a[4]);
}
