/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies that survive bad guest pointers.  The only instructions that touch
 * guest memory lie between two labels; the host's fault handler asks
 * guest_copy_fault(), which sends them to the error return.
 */
#include <errno.h>
#include <string.h>
#include <ucontext.h>

#include "loader/vm.h"
#include "translate/guest.h"

#ifndef __x86_64__
#error "write copy_bytes for this host"
#endif

/* 0, or -1 after a fault. */
int copy_bytes(void *dst, const void *src, size_t len) __attribute__((visibility("hidden")));
extern const char copy_bytes_fail[] __attribute__((visibility("hidden")));

__asm__(".text\n"
        ".hidden copy_bytes\n"
        ".globl copy_bytes\n"
        ".type copy_bytes, @function\n"
        "copy_bytes:\n" /* instructions and words of structures are the rule */
        "    cmp $4, %rdx\n"
        "    je 1f\n"
        "    cmp $8, %rdx\n"
        "    je 2f\n"
        "    mov %rdx, %rcx\n"
        "    rep movsb\n"
        "    xor %eax, %eax\n"
        "    ret\n"
        "1:  mov (%rsi), %eax\n"
        "    mov %eax, (%rdi)\n"
        "    xor %eax, %eax\n"
        "    ret\n"
        "2:  mov (%rsi), %rax\n"
        "    mov %rax, (%rdi)\n"
        "    xor %eax, %eax\n"
        "    ret\n"
        ".hidden copy_bytes_fail\n"
        ".globl copy_bytes_fail\n"
        "copy_bytes_fail:\n"
        "    mov $-1, %eax\n"
        "    ret\n"
        ".size copy_bytes, . - copy_bytes\n");

bool guest_copy_fault(void *ucontext)
{
    ucontext_t *uc = ucontext;
    greg_t *pc = &uc->uc_mcontext.gregs[REG_RIP];

    if (*pc < (greg_t)copy_bytes || *pc >= (greg_t)copy_bytes_fail)
        return false;
    *pc = (greg_t)copy_bytes_fail;
    return true;
}

static bool in_range(uint64_t gva, size_t len)
{
    return len <= vm_limit() && gva <= vm_limit() - len;
}

int guest_read(void *dst, uint64_t gva, size_t len)
{
    return in_range(gva, len) && copy_bytes(dst, guest_ptr(gva), len) == 0 ? 0 : -EFAULT;
}

int guest_write(uint64_t gva, const void *src, size_t len)
{
    if (!in_range(gva, len))
        return -EFAULT;
    if (copy_bytes(guest_ptr(gva), src, len) == 0)
        return 0;
    /* The page may be read-only because its code was translated. */
    if (vm_make_writable(gva, len) && copy_bytes(guest_ptr(gva), src, len) == 0)
        return 0;
    return -EFAULT;
}

int guest_read_word(const struct guest *g, uint64_t *value, uint64_t gva)
{
    uint32_t half;

    if (guest_word(g) == 8) {
        if (guest_read(value, gva, 8))
            return -EFAULT;
        if (guest_swaps(g))
            *value = __builtin_bswap64(*value);
        return 0;
    }
    if (guest_read(&half, gva, 4))
        return -EFAULT;
    *value = guest_swaps(g) ? __builtin_bswap32(half) : half;
    return 0;
}

int guest_write_word(const struct guest *g, uint64_t gva, uint64_t value)
{
    uint32_t half = (uint32_t)value;

    if (guest_word(g) == 8) {
        if (guest_swaps(g))
            value = __builtin_bswap64(value);
        return guest_write(gva, &value, 8);
    }
    if (guest_swaps(g))
        half = __builtin_bswap32(half);
    return guest_write(gva, &half, 4);
}

int64_t guest_strlen(uint64_t gva, size_t max)
{
    char part[256];
    size_t n = 0;

    /* Parts end where pages may end, so that only the string's own count. */
    while (n <= max) {
        uint64_t at = gva + n;
        size_t len = sizeof part - at % sizeof part;
        if (guest_read(part, at, len))
            return -EFAULT;
        const char *end = memchr(part, 0, len);
        if (end)
            return n + (end - part) <= max ? (int64_t)(n + (end - part)) : -ENAMETOOLONG;
        n += len;
    }
    return -ENAMETOOLONG;
}
