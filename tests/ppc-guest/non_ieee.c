/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FPSCR.NI: what becomes of denormals.  With an argument, the processor has no such mode. */
#include <stdio.h>

static void set_ni(int on)
{
    if (on)
        __asm__ volatile("mtfsb1 29" ::: "memory");
    else
        __asm__ volatile("mtfsb0 29" ::: "memory");
}

int main(int argc, char **argv)
{
    static volatile double tiny = 0x1p-1060, least = 0x1p-1022, half = 0.5, one = 1;
    static volatile float low = 0x1p-126f, part = 0.25f;
    (void)argv;
    for (int ni = 0; ni < 2; ni++) {
        set_ni(ni);
        volatile double sum = tiny + tiny, product = least * half, scaled = tiny * 0x1p100;
        volatile float single = low * part;
        volatile int below = tiny > 0, normal = least + least == 0x1p-1021,
                     third = one / 3 == 0x1.5555555555555p-2;
        set_ni(0);
        int as_expected = argc > 1 || !ni
                              ? sum == 0x1p-1059 && product == 0x1p-1023 && scaled == 0x1p-960 &&
                                    single == 0x1p-128f && below
                              : sum == 0 && product == 0 && scaled == 0 && single == 0 && !below;
        printf("NI %d: denormals %s, others %s\n", ni, as_expected ? "as they should be" : "wrong",
               normal && third ? "too" : "wrong");
        if (!as_expected)
            printf("%a %a %a %a %d\n", sum, product, scaled, (double)single, below);
    }
    return 0;
}
