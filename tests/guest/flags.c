/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flags that are set in one block and used in the middle of another's
 * instruction. */
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

int main(void)
{
    for (int x = -6; x < 7; x++)
        printf("%d: %d %d %d %d %d %d\n", x, negate(x), invert(x), increment(x), extend(x),
               carry(x), compare(x));
    return 0;
}
