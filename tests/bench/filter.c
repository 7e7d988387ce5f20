/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A blur (1 2 1 in both directions) and a threshold over an image of bytes, by
 * the vector intrinsics of the processor that it is compiled for. */
#include <stdint.h>
#include <stdio.h>

enum { W = 1024, H = 512, TURNS = 2500 };
static uint8_t image[H][W], rows[H][W], out[H][W];

#if defined __aarch64__
#include <arm_neon.h>
typedef uint8x16_t vec;
#define LOAD(p)         vld1q_u8(p)
#define STORE(p, v)     vst1q_u8(p, v)
#define AVERAGE(a, b)   vrhaddq_u8(a, b)
#define DIFFER(a, b)    vabdq_u8(a, b)
#define ABOVE(a, n)     vcgtq_u8(a, vdupq_n_u8(n))
#define CHOOSE(m, a, b) vbslq_u8(m, a, b)
#elif defined __x86_64__
#include <emmintrin.h>
typedef __m128i vec;
#define LOAD(p)         _mm_loadu_si128((const __m128i *)(p))
#define STORE(p, v)     _mm_storeu_si128((__m128i *)(p), v)
#define AVERAGE(a, b)   _mm_avg_epu8(a, b)
#define DIFFER(a, b)    _mm_or_si128(_mm_subs_epu8(a, b), _mm_subs_epu8(b, a))
#define ABOVE(a, n)     _mm_cmpgt_epi8(_mm_xor_si128(a, _mm_set1_epi8(-128)), _mm_set1_epi8((n)-128))
#define CHOOSE(m, a, b) _mm_or_si128(_mm_and_si128(m, a), _mm_andnot_si128(m, b))
#else
#define PLAIN
#endif

static void blur(uint8_t *to, const uint8_t *a, const uint8_t *b, const uint8_t *c, int n)
{
#ifdef PLAIN
    for (int i = 0; i < n; i++) {
        unsigned side = (a[i] + c[i] + 1u) >> 1;
        to[i] = (uint8_t)((side + b[i] + 1) >> 1);
    }
#else
    for (int i = 0; i < n; i += 16)
        STORE(to + i, AVERAGE(AVERAGE(LOAD(a + i), LOAD(c + i)), LOAD(b + i)));
#endif
}

static void sharpen(uint8_t *to, const uint8_t *soft, const uint8_t *from, int n)
{
#ifdef PLAIN
    for (int i = 0; i < n; i++) {
        unsigned d = soft[i] > from[i] ? soft[i] - from[i] : from[i] - soft[i];
        to[i] = d > 24 ? from[i] : soft[i];
    }
#else
    for (int i = 0; i < n; i += 16) {
        vec s = LOAD(soft + i), f = LOAD(from + i);
        STORE(to + i, CHOOSE(ABOVE(DIFFER(s, f), 24), f, s));
    }
#endif
}

int main(void)
{
    uint32_t x = 1, sum = 0;
    for (int y = 0; y < H; y++)
        for (int i = 0; i < W; i++)
            image[y][i] = (uint8_t)((x = x * 1664525 + 1013904223) >> 24);
    for (int t = 0; t < TURNS; t++) {
        for (int y = 0; y < H; y++)
            blur(&rows[y][16], &image[y][15], &image[y][16], &image[y][17], W - 32);
        for (int y = 1; y < H - 1; y++)
            blur(&out[y][16], &rows[y - 1][16], &rows[y][16], &rows[y + 1][16], W - 32);
        for (int y = 1; y < H - 1; y++)
            sharpen(&image[y][16], &out[y][16], &image[y][16], W - 32);
    }
    for (int y = 0; y < H; y++)
        for (int i = 0; i < W; i++)
            sum = sum * 31 + image[y][i];
    printf("%08x\n", sum);
    return 0;
}
