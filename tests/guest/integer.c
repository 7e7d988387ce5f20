/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Integer arithmetic of all widths on values around every edge. */
#include <stdint.h>
#include <stdio.h>

static uint64_t hash = 0xcbf29ce484222325;
static void mix(uint64_t v)
{
    for (int i = 0; i < 8; i++)
        hash = (hash ^ (v >> (i * 8) & 255)) * 0x100000001b3;
}

static uint64_t value(unsigned i)
{
    static const uint64_t edge[] = {0,
                                    1,
                                    2,
                                    3,
                                    7,
                                    10,
                                    0x7f,
                                    0x80,
                                    0xff,
                                    0x7fff,
                                    0x8000,
                                    0xffff,
                                    0x7fffffff,
                                    0x80000000,
                                    0xffffffff,
                                    0x100000000,
                                    0x7fffffffffffffff,
                                    0x8000000000000000,
                                    0xffffffffffffffff,
                                    0xfffffffffffffffe,
                                    0xaaaaaaaaaaaaaaaa,
                                    0x123456789abcdef};
    return edge[i % 22] + (i / 22) * 0x9e3779b97f4a7c15;
}

#define OPS(T, U, a, b)                                                                            \
    do {                                                                                           \
        T x = (T)(a), y = (T)(b);                                                                  \
        mix((U)x + (U)y), mix((U)x - (U)y), mix((U)x *(U)y), mix(x &y), mix(x | ~y);               \
        mix(x < y), mix(x <= y), mix(x == y), mix(x > y ? x : y), mix(x ^ y);                      \
        if (y != 0 && !(y == (T)-1))                                                               \
            mix((U)(x / y)), mix((U)(x % y));                                                      \
        mix((U)x << ((U)y % (sizeof(T) * 8))), mix((U)(x >> ((U)y % (sizeof(T) * 8))));            \
        mix((U)((U)x >> (U)y % (sizeof(T) * 8) | (U)x << (U)(-(U)y) % (sizeof(T) * 8)));           \
        T r;                                                                                       \
        mix(__builtin_add_overflow(x, y, &r)), mix((U)r);                                          \
        mix(__builtin_sub_overflow(x, y, &r)), mix((U)r);                                          \
        mix(__builtin_mul_overflow(x, y, &r)), mix((U)r);                                          \
    } while (0)

/* The upper half of a product. */
static uint64_t high_unsigned(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    return (uint64_t)((unsigned __int128)a * b >> 64);
#else
    uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX);
    uint64_t mid1 = (a >> 32) * (b & UINT32_MAX) + (low >> 32);
    uint64_t mid2 = (a & UINT32_MAX) * (b >> 32) + (mid1 & UINT32_MAX);
    return (a >> 32) * (b >> 32) + (mid1 >> 32) + (mid2 >> 32);
#endif
}

int main(void)
{
    for (unsigned i = 0; i < 88; i++) {
        for (unsigned j = 0; j < 88; j++) {
            uint64_t a = value(i), b = value(j);
            OPS(int8_t, uint8_t, a, b);
            OPS(uint8_t, uint8_t, a, b);
            OPS(int16_t, uint16_t, a, b);
            OPS(uint16_t, uint16_t, a, b);
            OPS(int32_t, uint32_t, a, b);
            OPS(uint32_t, uint32_t, a, b);
            OPS(int64_t, uint64_t, a, b);
            OPS(uint64_t, uint64_t, a, b);
            mix(high_unsigned(a, b));
            mix(high_unsigned(a, b) - ((int64_t)a < 0 ? b : 0) - ((int64_t)b < 0 ? a : 0));
#ifdef __SIZEOF_INT128__
            if (high_unsigned(a, b) - ((int64_t)a < 0 ? b : 0) - ((int64_t)b < 0 ? a : 0) !=
                (uint64_t)((__int128)(int64_t)a * (int64_t)b >> 64))
                puts("signed product");
#endif
        }
        uint64_t a = value(i);
        mix(__builtin_popcountll(a)), mix(__builtin_bswap64(a)), mix(__builtin_bswap32(a));
        mix(__builtin_bswap16(a)), mix(__builtin_parityll(a)), mix(__builtin_ffsll(a));
        if (a)
            mix(__builtin_clzll(a)), mix(__builtin_ctzll(a));
        if ((uint32_t)a)
            mix(__builtin_clz(a)), mix(__builtin_ctz(a)), mix(__builtin_clrsb(a));
        printf("%u %016lx\n", i, hash);
    }
    return hash & 63;
}
