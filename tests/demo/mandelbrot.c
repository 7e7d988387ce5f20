/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Draws the Mandelbrot set, two points at a time with Advanced SIMD. */
#include <arm_neon.h>

#include "mini.h"

int program(int argc, char **argv)
{
    (void)argc, (void)argv;
    enum { WIDTH = 76, HEIGHT = 24, LIMIT = 4000 };
    for (int row = 0; row < HEIGHT; row++) {
        for (int column = 0; column < WIDTH; column += 2) {
            float64x2_t cx = {-2.2 + 3.2 * column / WIDTH, -2.2 + 3.2 * (column + 1) / WIDTH};
            float64x2_t cy = vdupq_n_f64(-1.2 + 2.4 * row / HEIGHT);
            float64x2_t x = vdupq_n_f64(0), y = x;
            uint64x2_t count = vdupq_n_u64(0);
            for (int i = 0; i < LIMIT; i++) {
                float64x2_t xx = vmulq_f64(x, x), yy = vmulq_f64(y, y);
                uint64x2_t inside = vcleq_f64(vaddq_f64(xx, yy), vdupq_n_f64(4));
                if (!(vgetq_lane_u64(inside, 0) | vgetq_lane_u64(inside, 1)))
                    break;
                count = vsubq_u64(count, inside);
                y = vfmaq_f64(cy, vaddq_f64(x, x), y);
                x = vaddq_f64(vsubq_f64(xx, yy), cx);
            }
            for (int lane = 0; lane < 2; lane++) {
                uint64_t n = lane ? vgetq_lane_u64(count, 1) : vgetq_lane_u64(count, 0);
                put(n >= LIMIT ? '#' : " .:-=+*%@"[n > 40 ? 8 : n / 5]);
            }
        }
        put('\n');
    }
    return 0;
}
