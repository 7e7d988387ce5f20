/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flags that are set in one block and used in the middle of another's
 * instruction, by a callee behind some branches, or after what was compared is gone. */
#include <stdio.h>

#ifdef __aarch64__
#define ACROSS(name, use, otherwise)                                                               \
    static int __attribute__((noinline)) name(int x)                                               \
    {                                                                                              \
        int r;                                                                                     \
        __asm__("cmp %w1, #0\n adr x9, 1f\n br x9\n1: " use : "=r"(r) : "r"(x) : "x9", "cc");      \
        return r;                                                                                  \
    }
#else
#define ACROSS(name, use, otherwise)                                                               \
    static int __attribute__((noinline)) name(int x)                                               \
    {                                                                                              \
        return otherwise;                                                                          \
    }
#endif
ACROSS(negate, "cneg %w0, %w1, lt", x < 0 ? -x : x)
ACROSS(invert, "cinv %w0, %w1, ge", x >= 0 ? ~x : x)
ACROSS(increment, "cinc %w0, %w1, ne", x ? x + 1 : x)
ACROSS(extend, "csel %w0, %w1, wzr, gt", x > 0 ? x : 0)
ACROSS(carry, "adc %w0, %w1, wzr", x + 1)
ACROSS(compare, "ccmp %w1, #5, #4, ne\n cset %w0, eq", x == 0 || x == 5)

#ifdef __aarch64__
#define WITHIN(name, code, otherwise)                                                              \
    static int __attribute__((noinline)) name(int x, int y)                                        \
    {                                                                                              \
        int r;                                                                                     \
        __asm__(code : "=&r"(r) : "r"(x), "r"(y) : "x9", "x10", "x30", "cc");                      \
        return r;                                                                                  \
    }
#else
#define WITHIN(name, code, otherwise)                                                              \
    static int __attribute__((noinline)) name(int x, int y)                                        \
    {                                                                                              \
        (void)y;                                                                                   \
        return otherwise;                                                                          \
    }
#endif
WITHIN(callee,
       "mov x9, x30\n cmp %w1, #0\n bl 1f\n mov x30, x9\n b 9f\n"
       "1: cbz %w2, 2f\n tbnz %w2, #0, 3f\n cbz %w1, 4f\n cmp %w1, #3\n"
       "2: cset %w0, lt\n ret\n 3: cset %w0, gt\n ret\n 4: cset %w0, eq\n ret\n9:",
       y == 0    ? x < 0
       : (y & 1) ? x > 0
       : x == 0  ? 1
                 : x < 3)
WITHIN(constant, "mov w9, #3\n cmp %w1, w9\n mov w9, %w2\n cset %w0, gt\n add %w0, %w0, w9",
       (x > 3) + y)
WITHIN(negative, "sxtw x10, %w1\n mov x9, #-3\n cmp x10, x9\n mov x9, #9\n cset %w0, ge", x >= -3)
WITHIN(large,
       "mov w9, #0x5678\n movk w9, #0x1234, lsl #16\n cmp %w1, w9\n mov w9, #0\n cset %w0, lt",
       x < 0x12345678)
WITHIN(joined, "mov w9, #1\n cbz %w2, 1f\n mov w9, #5\n1: movk w9, #2, lsl #16\n add %w0, %w1, w9",
       x + 0x20000 + (y ? 5 : 1))
WITHIN(tested, "mov w9, #6\n tst %w1, w9\n mov w9, %w2\n csel %w0, w9, wzr, ne", x & 6 ? y : 0)
/* A branch goes between two conditional compares, of which another branch tests the last. */
WITHIN(entered,
       "mov %w0, #0\n cmp %w1, #1\n b.hi 1f\n ccmp %w2, #2, #13, ls\n"
       "1: ccmn %w2, #0, #14, gt\n b.cs 2f\n mov %w0, #1\n2: cmp %w1, %w1",
       (unsigned)x > 1 ? x > 1 : y > 2)

/* By a callee's callee, which a caller that does not look at them has called before. */
WITHIN(returned,
       "mov x9, x30\n bl 1f\n cmp x9, x9\n bl 2f\n cset %w0, lt\n b 9f\n"
       "1: cmp %w1, %w2\n ret\n 2: mov x10, x30\n bl 1b\n mov x30, x10\n ret\n9: mov x30, x9",
       x < y)

/* A store to one place or the other, of which both are read next (behind_pass.c). */
static long __attribute__((noinline)) stored(int x, const long *from)
{
    long place[2] = {1, 2}, *a = &place[0], *b = &place[1];
#ifdef __aarch64__
    long c, d;
    __asm__("adr x9, 1f\n br x9\n1: cmp %w2, #0\n csel x4, %3, %4, le\n ldr x10, [%5]\n"
            "str x10, [x4]\n ldr %0, [%3]\n ldr x10, [%4]\n ldr %1, [%4, #-8]\n add %0, %0, x10\n"
            "adr x9, 2f\n br x9\n2:"
            : "=&r"(c), "=&r"(d)
            : "r"(x), "r"(a), "r"(b), "r"(from)
            : "x4", "x9", "x10", "cc", "memory");
    return c * 100 + d;
#else
    *(x <= 0 ? a : b) = *from;
    return (*a + *b) * 100 + *a;
#endif
}

int main(void)
{
    for (int x = -6; x < 7; x++)
        for (int y = 0; y < 4; y++)
            printf("%d %d: %d %d %d %d %d %d\n", x, y, callee(x, y), constant(x, y), negative(x, y),
                   large(x + 0x12345676, y), tested(x, y), joined(x, y));
    for (int x = -6; x < 7; x++)
        printf("%d: %d %d %d %d %d %d\n", x, negate(x), invert(x), increment(x), extend(x),
               carry(x), compare(x));
    for (int x = -6; x < 7; x++)
        printf("%d: %d %d %d %d %d\n", x, returned(x, 2), returned(2, x), callee(x, 2),
               entered(x, 2), entered(x, 3));
    const long from = -7;
    for (int x = -1; x < 2; x++)
        printf("%d: %ld\n", x, stored(x, &from));
    return 0;
}
