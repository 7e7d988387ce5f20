/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Mandelbrot set in single precision. */
#include <stdio.h>

int main(void)
{
    enum { SIZE = 900, LIMIT = 200 };
    unsigned total = 0;
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            float cx = 3.0f * j / SIZE - 2.0f, cy = 2.0f * i / SIZE - 1.0f, x = 0, y = 0;
            unsigned n = 0;
            for (; n < LIMIT && x * x + y * y < 4.0f; n++) {
                float t = x * x - y * y + cx;
                y = 2 * x * y + cy, x = t;
            }
            total += n;
        }
    printf("%u\n", total);
    return 0;
}
