/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exact cryptographic vector instructions (Power ISA 3.1, Book I, 6.15): AES (FIPS
 * 197), SHA-2 (FIPS 180-4), carry-less multiplication. */
#include "translate/ppc/vmx.h"

/* ---- AES: the S-box is the inverse in GF(2^8), then an affine map ---- */

static uint8_t times_two(uint8_t x)
{
    return (uint8_t)(x << 1 ^ (x >> 7 ? 0x1b : 0));
}

static uint8_t multiply(uint8_t x, uint8_t y)
{
    uint8_t r = 0;
    for (; y; y >>= 1, x = times_two(x))
        if (y & 1)
            r ^= x;
    return r;
}

static uint8_t inverse(uint8_t x)
{
    /* x^254 */
    uint8_t r = 1;
    for (unsigned i = 0; i < 7; i++) {
        x = multiply(x, x);
        r = multiply(r, x);
    }
    return r;
}

static uint8_t rotate8(uint8_t x, unsigned n)
{
    return (uint8_t)(x << n | x >> (8 - n));
}

static uint8_t sub(uint8_t x)
{
    uint8_t s = inverse(x);
    return s ^ rotate8(s, 1) ^ rotate8(s, 2) ^ rotate8(s, 3) ^ rotate8(s, 4) ^ 0x63;
}

static uint8_t inverse_sub(uint8_t x)
{
    x ^= 0x63;
    return inverse(rotate8(x, 1) ^ rotate8(x, 3) ^ rotate8(x, 6));
}

/* Byte 4 c + r of the manual's numbering is row r, column c of the state. */
static v128 substitute_and_shift(v128 x, bool inverted)
{
    v128 r;
    for (unsigned i = 0; i < 16; i++) {
        unsigned from = (inverted ? i + 12 * (i % 4) : i + 4 * (i % 4)) % 16;
        uint8_t s = (uint8_t)v_get(&x, SIZE_B, from);
        *v_byte(&r, i) = inverted ? inverse_sub(s) : sub(s);
    }
    return r;
}

static v128 mix_columns(v128 x, bool inverted)
{
    static const uint8_t forward[] = {2, 3, 1, 1}, backward[] = {14, 11, 13, 9};
    const uint8_t *m = inverted ? backward : forward;
    v128 r;
    for (unsigned i = 0; i < 16; i++) {
        uint8_t sum = 0;
        for (unsigned k = 0; k < 4; k++)
            sum ^= multiply((uint8_t)v_get(&x, SIZE_B, (i & 12) + k), m[(k + 4 - i % 4) % 4]);
        *v_byte(&r, i) = sum;
    }
    return r;
}

static void aes(struct vmx *w, unsigned xo)
{
    bool inverted = xo & 64, last = xo & 1;
    v128 r = substitute_and_shift(w->a, inverted);
    if (inverted)
        r.q ^= w->b.q;
    if (!last)
        r = mix_columns(r, inverted);
    if (!inverted)
        r.q ^= w->b.q;
    w->r = r;
}

/* ---- SHA-2: the functions sigma (FIPS 180-4, 4.1.2, 4.1.3) ---- */

static u128 rotate_right(u128 x, unsigned n, unsigned bits)
{
    return (x >> n | x << (bits - n)) & v_ones(bits);
}

static void sigma(struct vmx *w, unsigned size)
{
    /* [size][upper case][kind]: two rotations, then a rotation or shift */
    static const uint8_t counts[2][2][2][3] = {
        {{{7, 18, 3}, {17, 19, 10}}, {{2, 13, 22}, {6, 11, 25}}},
        {{{1, 8, 7}, {19, 61, 6}}, {{28, 34, 39}, {14, 18, 41}}},
    };
    unsigned upper = w->insn >> 15 & 1, six = w->insn >> 11 & 15, bits = 8u << size;
    for (unsigned i = 0; i < vmx_count(size); i++) {
        unsigned kind = six >> (3 - (size == SIZE_D ? 2 * i : i)) & 1;
        const uint8_t *n = counts[size == SIZE_D][upper][kind];
        u128 x = v_get(&w->a, size, i);
        u128 last = upper ? rotate_right(x, n[2], bits) : x >> n[2];
        v_set(&w->r, size, i, rotate_right(x, n[0], bits) ^ rotate_right(x, n[1], bits) ^ last);
    }
}

/* ---- Carry-less ---- */

static u128 polynomial_product(u128 x, uint64_t y)
{
    u128 r = 0;
    for (; y; y >>= 1, x <<= 1)
        if (y & 1)
            r ^= x;
    return r;
}

static void polynomial_sum(struct vmx *w, unsigned size)
{
    for (unsigned i = 0; i < vmx_count(size + 1); i++) {
        u128 r = 0;
        for (unsigned j = 2 * i; j < 2 * i + 2; j++)
            r ^= polynomial_product(v_get(&w->a, size, j), (uint64_t)v_get(&w->b, size, j));
        v_set(&w->r, size + 1, i, r);
    }
}

bool vmx_crypto(struct vmx *w)
{
    unsigned xo = w->insn & 0x7ff;
    switch (xo) {
    case 1288:
    case 1289:
    case 1352:
    case 1353:
        aes(w, xo);
        return true;
    case 1480: /* vsbox */
        for (unsigned i = 0; i < 16; i++)
            w->r.b[i] = sub(w->a.b[i]);
        return true;
    case 1666:
    case 1730:
        sigma(w, xo == 1730 ? SIZE_D : SIZE_W);
        return true;
    case 1032:
    case 1096:
    case 1160:
    case 1224:
        polynomial_sum(w, (xo - 1032) >> 6);
        return true;
    default:
        return false;
    }
}
