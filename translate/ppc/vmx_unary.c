/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exact vector instructions of one operand, comparisons, bit manipulation (Power
 * ISA 3.1, Book I, 6.9, 6.10, 6.13). */
#include "translate/ppc/vmx.h"

/* ---- One operand ---- */

static unsigned leading_zeros(u128 x, unsigned bits)
{
    unsigned n = 0;
    while (n < bits && !(x >> (bits - 1 - n) & 1))
        n++;
    return n;
}

static unsigned trailing_zeros(u128 x, unsigned bits)
{
    unsigned n = 0;
    while (n < bits && !(x >> n & 1))
        n++;
    return n;
}

static unsigned population(u128 x)
{
    return (unsigned)(__builtin_popcountll((uint64_t)x) +
                      __builtin_popcountll((uint64_t)(x >> 64)));
}

/* The lowest bits of x's bytes, summed modulo 2. */
static unsigned parity(u128 x, unsigned bits)
{
    unsigned p = 0;
    for (unsigned i = 0; i < bits; i += 8)
        p ^= (unsigned)(x >> i) & 1;
    return p;
}

/* Leading or trailing bytes whose lowest bit is 0. */
static void count_low_bits(struct vmx *w, bool trailing)
{
    unsigned n = 0;
    while (n < 16 && !(v_get(&w->b, SIZE_B, trailing ? 15 - n : n) & 1))
        n++;
    w->cpu->g[vmx_rt(w)] = n;
    w->no_result = true;
}

/* Sign-extends the low part of each element. */
static void extend_sign(struct vmx *w, unsigned from, unsigned to)
{
    for (unsigned i = 0; i < vmx_count(to); i++)
        v_set(&w->r, to, i, (u128)v_get_signed(&w->b, from, ((i + 1) << (to - from)) - 1));
}

#define EACH(size, e)                                                                              \
    for (unsigned i = 0; i < vmx_count(size); i++) {                                               \
        u128 x = v_get(&w->b, (size), i);                                                          \
        v_set(&w->r, (size), i, (e));                                                              \
    }

/* xo 1538: bits 11:15 say what. */
static bool miscellaneous(struct vmx *w)
{
    unsigned kind = vmx_ra(w), size = kind & 3, bits = 8u << size;
    switch (kind) {
    case 0:
    case 1:
        count_low_bits(w, kind);
        return true;
    case 6:
    case 7:
        EACH(size, -x)
        return true;
    case 8:
    case 9:
    case 10:
        size = SIZE_W + kind - 8;
        bits = 8u << size;
        EACH(size, parity(x, bits))
        return true;
    case 16:
    case 17:
        extend_sign(w, kind - 16, SIZE_W);
        return true;
    case 24 ... 26:
        extend_sign(w, kind - 24, SIZE_D);
        return true;
    case 27:
        extend_sign(w, SIZE_D, SIZE_Q);
        return true;
    default: /* vctz* */
        EACH(size, trailing_zeros(x, bits))
        return true;
    }
}

/* xo 1602: masks of elements' highest bits. */
static bool masks(struct vmx *w)
{
    unsigned kind = vmx_ra(w), size = kind & 7, bits, n = 0;
    uint64_t m = 0, from = w->cpu->g[vmx_rb(w)];
    if (kind >= 24) { /* vcntmb*: also the bit that is looked for */
        size = (kind - 24) / 2;
        for (unsigned i = 0; i < vmx_count(size); i++)
            n += (v_get_signed(&w->b, size, i) < 0) == (kind & 1);
        w->cpu->g[vmx_rt(w)] = (uint64_t)n << (56 + size);
        w->no_result = true;
        return true;
    }
    bits = vmx_count(size);
    for (unsigned i = 0; i < bits; i++) {
        bool set = v_get_signed(&w->b, size, i) < 0;
        if (kind >= 16) /* mtvsr*m */
            set = from >> (bits - 1 - i) & 1;
        v_set(&w->r, size, i, set ? ~(u128)0 : 0);
        m = m << 1 | set;
    }
    if (kind >= 8 && kind < 16) { /* vextract*m */
        w->cpu->g[vmx_rt(w)] = m;
        w->no_result = true;
    }
    return true;
}

/* The bit matrix of 8 bytes, transposed. */
static uint64_t transpose(uint64_t x)
{
    uint64_t r = 0;
    for (unsigned i = 0; i < 8; i++)
        for (unsigned j = 0; j < 8; j++)
            r |= (x >> (8 * i + j) & 1) << (8 * j + i);
    return r;
}

/* Unpacking: the first or the second half, each element twice as wide. */
static void unpack(struct vmx *w, unsigned size, bool low)
{
    unsigned n = vmx_count(size + 1);
    for (unsigned i = 0; i < n; i++)
        v_set(&w->r, size + 1, i, (u128)v_get_signed(&w->b, size, i + (low ? n : 0)));
}

static void unpack_pixels(struct vmx *w, bool low)
{
    for (unsigned i = 0; i < 4; i++) {
        uint32_t h = (uint32_t)v_get(&w->b, SIZE_H, i + (low ? 4 : 0));
        v_set(&w->r, SIZE_W, i,
              (h >> 15 ? 0xff000000u : 0) | (h >> 10 & 31) << 16 | (h >> 5 & 31) << 8 | (h & 31));
    }
}

bool vmx_unary(struct vmx *w)
{
    unsigned xo = w->insn & 0x7ff, size = xo >> 6 & 3, bits = 8u << size;
    switch (xo) {
    case 1538:
        return miscellaneous(w);
    case 1602:
        return masks(w);
    case 1794:
    case 1858:
    case 1922:
    case 1986:
        EACH(size, leading_zeros(x, bits))
        return true;
    case 1795:
    case 1859:
    case 1923:
    case 1987:
        EACH(size, population(x))
        return true;
    case 1292: /* vgbbd */
        EACH(SIZE_D, transpose((uint64_t)x))
        return true;
    case 526:
    case 590:
    case 1614:
        unpack(w, xo == 526 ? SIZE_B : xo == 590 ? SIZE_H : SIZE_W, false);
        return true;
    case 654:
    case 718:
    case 1742:
        unpack(w, xo == 654 ? SIZE_B : xo == 718 ? SIZE_H : SIZE_W, true);
        return true;
    case 846:
    case 974:
        unpack_pixels(w, xo == 974);
        return true;
    default:
        return false;
    }
}

/* ---- Comparison ---- */

/* Of a VC-form: size, or 5 if it is none of integers. */
static bool holds(const struct vmx *w, unsigned xo, unsigned size, unsigned i)
{
    s128 x = v_get_signed(&w->a, size, i), y = v_get_signed(&w->b, size, i);
    u128 ux = v_get(&w->a, size, i), uy = v_get(&w->b, size, i);
    switch (xo & ~(3u << 6 | 1)) {
    case 6:
        return (xo & 1) ? (size == SIZE_D ? ux == uy : ux != uy) : ux == uy;
    case 262: /* vcmpnez* */
        return ux != uy || ux == 0 || uy == 0;
    case 774:
        return x > y;
    default: /* 518 */
        return ux > uy;
    }
}

/* CR6: all true, none true. */
static void set_cr6(struct vmx *w, bool all, bool none)
{
    if (w->insn & 0x400)
        w->cpu->g[PPC_CR + 6] = all << 3 | none << 1;
}

static void compare_quad(struct vmx *w, unsigned xo)
{
    u128 x = v_quad(&w->a), y = v_quad(&w->b);
    bool r = xo == 455 ? x == y : xo == 903 ? (s128)x > (s128)y : x > y;
    w->r = v_of_quad(r ? ~(u128)0 : 0);
    set_cr6(w, r, !r);
}

bool vmx_compare(struct vmx *w)
{
    unsigned xo = w->insn & 0x3ff, size = xo >> 6 & 3;
    if ((w->insn & 0x7ff) == 257 || (w->insn & 0x7ff) == 321) { /* vcmpuq, vcmpsq */
        u128 x = v_quad(&w->a), y = v_quad(&w->b);
        bool less = w->insn & 64 ? (s128)x < (s128)y : x < y;
        w->cpu->g[PPC_CR + (w->insn >> 23 & 7)] = x == y ? CR_EQ : less ? CR_LT : CR_GT;
        w->no_result = true;
        return true;
    }
    if ((xo & 62) != 6)
        return false;
    switch (xo) {
    case 455:
    case 647:
    case 903:
        compare_quad(w, xo);
        return true;
    case 6:
    case 70:
    case 134:
    case 199:
    case 774:
    case 838:
    case 902:
    case 967:
    case 518:
    case 582:
    case 646:
    case 711:
    case 7:
    case 71:
    case 135:
    case 263:
    case 327:
    case 391:
        break;
    default:
        return false;
    }
    bool all = true, none = true;
    for (unsigned i = 0; i < vmx_count(size); i++) {
        bool r = holds(w, xo, size, i);
        v_set(&w->r, size, i, r ? ~(u128)0 : 0);
        all &= r;
        none &= !r;
    }
    set_cr6(w, all, none);
    return true;
}

/* ---- Bits ---- */

static uint64_t deposit(uint64_t x, uint64_t mask)
{
    uint64_t r = 0;
    for (; mask; mask &= mask - 1, x >>= 1)
        if (x & 1)
            r |= mask & -mask;
    return r;
}

static uint64_t extract(uint64_t x, uint64_t mask)
{
    uint64_t r = 0;
    for (unsigned n = 0; mask; mask &= mask - 1, n++)
        if (x & mask & -mask)
            r |= 1ull << n;
    return r;
}

/* Bits under ones of the mask to the right, the others to the left. */
static uint64_t centrifuge(uint64_t x, uint64_t mask)
{
    unsigned n = (unsigned)__builtin_popcountll(mask);
    return extract(x, mask) | (n < 64 ? extract(x, ~mask) << n : 0);
}

/* Bit i of x, 0 the highest. */
static bool bit_of(const v128 *v, unsigned i)
{
    return v->d[i >> 6] >> (63 - (i & 63)) & 1;
}

static void permute_bits(struct vmx *w, bool quad)
{
    v128 r = {.q = 0};
    for (unsigned i = 0; i < 16; i++) {
        unsigned index = (unsigned)v_get(&w->b, SIZE_B, i);
        if (quad)
            r.d[0] |= (uint64_t)(index < 128 && bit_of(&w->a, index)) << (15 - i);
        else if (index < 64)
            r.d[i / 8] |= (uint64_t)bit_of(&w->a, index + 64 * (i / 8)) << (7 - i % 8);
    }
    w->r = r;
}

/* Every n-th bit, to the left. */
static void gather(struct vmx *w)
{
    unsigned n = vmx_ra(w) & 7, k = 0;
    uint64_t r = 0;
    for (unsigned i = 0; n >= 2 && i < 128; i += n, k++)
        r |= (uint64_t)bit_of(&w->b, i) << (63 - k);
    w->cpu->g[vmx_rt(w)] = r;
    w->no_result = true;
}

static void isolate_string(struct vmx *w)
{
    unsigned kind = vmx_ra(w), size = kind >> 1 & 1, count = vmx_count(size);
    bool right = kind & 1, found = false;
    for (unsigned k = 0; k < count; k++) {
        unsigned i = right ? count - 1 - k : k;
        found |= v_get(&w->b, size, i) == 0;
        v_set(&w->r, size, i, found ? 0 : v_get(&w->b, size, i));
    }
    if (w->insn & 0x400)
        w->cpu->g[PPC_CR + 6] = found ? CR_EQ : 0;
}

bool vmx_bits(struct vmx *w)
{
    uint64_t n = w->cpu->g[vmx_rb(w)];
    switch (w->insn & 0x7ff) {
    case 13:
    case 13 + 0x400:
        isolate_string(w);
        return true;
    case 397: /* vclrlb */
    case 461: /* vclrrb */
        n = n > 16 ? 16 : n;
        for (unsigned i = 0; i < 16; i++) {
            bool kept = w->insn & 64 ? i < n : i >= 16 - n;
            *v_byte(&w->r, i) = kept ? *v_byte(&w->a, i) : 0;
        }
        return true;
    case 1028:
        w->r.q = w->a.q & w->b.q;
        return true;
    case 1092:
        w->r.q = w->a.q & ~w->b.q;
        return true;
    case 1156:
        w->r.q = w->a.q | w->b.q;
        return true;
    case 1348:
        w->r.q = w->a.q | ~w->b.q;
        return true;
    case 1284:
        w->r.q = ~(w->a.q | w->b.q);
        return true;
    case 1220:
        w->r.q = w->a.q ^ w->b.q;
        return true;
    case 1412:
        w->r.q = ~(w->a.q & w->b.q);
        return true;
    case 1668:
        w->r.q = ~(w->a.q ^ w->b.q);
        return true;
    case 1356:
    case 1484:
        permute_bits(w, (w->insn & 0x7ff) == 1356);
        return true;
    case 1228:
        gather(w);
        return true;
    case 1357: /* vcfuged */
        for (unsigned i = 0; i < 2; i++)
            w->r.d[i] = centrifuge(w->a.d[i], w->b.d[i]);
        return true;
    case 1485: /* vpdepd */
        for (unsigned i = 0; i < 2; i++)
            w->r.d[i] = deposit(w->a.d[i], w->b.d[i]);
        return true;
    case 1421: /* vpextd */
        for (unsigned i = 0; i < 2; i++)
            w->r.d[i] = extract(w->a.d[i], w->b.d[i]);
        return true;
    case 1924: /* vclzdm: zeros of a at the mask's ones, from the left */
    case 1988: /* vctzdm */
        for (unsigned i = 0; i < 2; i++) {
            unsigned ones = (unsigned)__builtin_popcountll(w->b.d[i]);
            uint64_t x = extract(w->a.d[i], w->b.d[i]);
            w->r.d[i] = (w->insn & 64 ? trailing_zeros(x, ones) : leading_zeros(x, ones));
        }
        return true;
    default:
        break;
    }
    if ((w->insn & 63) == 20) { /* mtvsrbmi */
        unsigned m = (w->insn >> 6 & 0x3ff) << 6 | (w->insn >> 16 & 31) << 1 | (w->insn & 1);
        for (unsigned i = 0; i < 16; i++)
            *v_byte(&w->r, i) = m >> (15 - i) & 1 ? 0xff : 0;
        return true;
    }
    if ((w->insn & 63) == 42) { /* vsel */
        w->r.q = (w->a.q & ~w->c.q) | (w->b.q & w->c.q);
        return true;
    }
    return false;
}
