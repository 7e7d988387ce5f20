/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Futexes.  The kernel compares words of memory with numbers in its own byte
 * order; for a guest of the other order it gets the numbers swapped, which
 * is the same comparison.  It can't calculate with such words, so FUTEX_WAKE_OP is
 * done here, and locks with priority inheritance, in which the kernel keeps
 * thread numbers, don't exist.
 */
#include <linux/futex.h>
#include <string.h>
#include <time.h>

#include "syscall/convert.h"
#include "syscall/pass.h"

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

static int64_t do_futex(struct vcpu *cpu, const uint64_t a[6], enum structure time_structure)
{
    const struct guest *g = cpu->guest;
    struct timespec timeout, *time = NULL;
    uint32_t value = (uint32_t)a[2], value3 = (uint32_t)a[5];
    bool swaps = guest_swaps(g);

    switch ((int)a[1] & FUTEX_CMD_MASK) {
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
    case FUTEX_WAIT_REQUEUE_PI:
        if (swaps)
            return -ENOSYS;
        /* fall through */
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        if (struct_same(g, time_structure)) {
            time = guest_arg(a[3]);
        } else if (a[3]) {
            time = &timeout;
            if (struct_read(g, time_structure, time, a[3]))
                return -EFAULT;
        }
        value = swaps ? __builtin_bswap32(value) : value;
        return safe_syscall(SYS_futex, guest_arg(a[0]), a[1], value, time, guest_arg(a[4]), value3);
    case FUTEX_CMP_REQUEUE:
        value3 = swaps ? __builtin_bswap32(value3) : value3;
        break;
    case FUTEX_WAKE_OP:
        if (swaps)
            return wake_op(g, a);
        break;
    case FUTEX_UNLOCK_PI:
    case FUTEX_TRYLOCK_PI:
    case FUTEX_CMP_REQUEUE_PI:
        if (swaps)
            return -ENOSYS;
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
