/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RBIT and CLZ in a row, with something between them, and not quite so. */
#include <stdio.h>

typedef unsigned long u64;

#define COUNT(name, text)                                                                          \
    static u64 name(u64 x, u64 *between)                                                           \
    {                                                                                              \
        u64 r, other = 7;                                                                          \
        asm volatile(text : "=&r"(r), "+&r"(other) : "r"(x));                                      \
        *between = other;                                                                          \
        return r;                                                                                  \
    }
COUNT(row, "rbit %0, %2; clz %0, %0")
COUNT(row32, "rbit %w0, %w2; clz %w0, %w0")
COUNT(between, "rbit %0, %2; add %1, %1, #5; clz %0, %0")
COUNT(between32, "rbit %w0, %w2; sub %w1, %w1, #9; clz %w0, %w0")
COUNT(stack, "rbit %0, %2; add %1, sp, #0x10; clz %0, %0; mov %1, #3")
COUNT(kept, "rbit %1, %2; clz %0, %1")
COUNT(width, "rbit %0, %2; clz %w0, %w0")
COUNT(touched, "rbit %0, %2; add %0, %0, #1; clz %0, %0")
COUNT(read, "rbit %0, %2; add %1, %0, #1; clz %0, %0")
COUNT(in_place, "mov %0, %2; rbit %0, %0; clz %0, %0")

int main(void)
{
    static const u64 values[] = {0,
                                 1,
                                 2,
                                 0x80,
                                 0x10000,
                                 0x80000000,
                                 0x100000000,
                                 0x8000000000000000,
                                 0xfffffffffffffff0,
                                 0x123456789abcdef0};
    static u64 (*const count[])(u64, u64 *) = {row,  row32, between, between32, stack,
                                               kept, width, touched, read,      in_place};
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
        for (unsigned k = 0; k < sizeof count / sizeof *count; k++) {
            u64 other, r = count[k](values[i], &other);
            printf(" %lu %lx", r, other);
        }
        putchar('\n');
    }
    return 0;
}
