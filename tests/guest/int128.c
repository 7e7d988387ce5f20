/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 128-bit integers: carries, shifts, division. */
#include <stdint.h>
#include <stdio.h>

typedef unsigned __int128 u128;
typedef __int128 s128;
static void show(const char *what, u128 v)
{
    printf("%s %016lx%016lx\n", what, (uint64_t)(v >> 64), (uint64_t)v);
}

int main(void)
{
    u128 x = 1, y = 0;
    for (int i = 0; i < 200; i++) {
        x = x * 0xda942042e4dd58b5 + ((u128)0x9e3779b97f4a7c15 << (i & 63));
        y ^= x >> (i % 128) | x << (-i & 127);
        if (i % 10 == 0) {
            u128 d = y >> (i % 120) | 1;
            show("x", x), show("y", y), show("+", x + y), show("-", x - y), show("/", x / d);
            show("%", x % d), show("s/", (u128)((s128)x / (s128)d)),
                show("s%", (u128)((s128)x % (s128)d));
            show("s>>", (u128)((s128)x >> (i % 128)));
            printf("%d %d %d\n", x < y, (s128)x < (s128)y, x == y);
            printf("%.17g %.17g %.9g\n", (double)x, (double)(s128)y, (float)x);
        }
    }
    return 0;
}
