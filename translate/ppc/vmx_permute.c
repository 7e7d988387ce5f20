/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exact vector permutation: pack, merge, splat, permute, shift by octets, extract,
 * insert (Power ISA 3.1, Book I, 6.8). */
#include "translate/ppc/vmx.h"

/* Element of half the size from each element of a, then b; saturated. */
static void pack(struct vmx *w, unsigned size, bool from_signed, bool to_signed, bool saturate)
{
    unsigned n = vmx_count(size), bits = 4u << size;
    for (unsigned i = 0; i < 2 * n; i++) {
        const v128 *v = i < n ? &w->a : &w->b;
        s128 x = from_signed ? v_get_signed(v, size, i % n) : (s128)v_get(v, size, i % n);
        if (saturate)
            x = v_saturate(x, bits, to_signed, &w->saturated);
        v_set(&w->r, size - 1, i, (u128)x);
    }
}

static void pack_pixels(struct vmx *w)
{
    for (unsigned i = 0; i < 8; i++) {
        uint32_t x = (uint32_t)v_get(i < 4 ? &w->a : &w->b, SIZE_W, i % 4);
        v_set(&w->r, SIZE_H, i, (x >> 9 & 0xfc00) | (x >> 6 & 0x3e0) | (x >> 3 & 31));
    }
}

static void merge(struct vmx *w, unsigned size, unsigned first)
{
    for (unsigned i = 0; i < vmx_count(size) / 2; i++) {
        v_set(&w->r, size, 2 * i, v_get(&w->a, size, first + i));
        v_set(&w->r, size, 2 * i + 1, v_get(&w->b, size, first + i));
    }
}

static uint8_t byte_of_pair(const struct vmx *w, unsigned i)
{
    return (uint8_t)v_get(i & 16 ? &w->b : &w->a, SIZE_B, i & 15);
}

static void permute(struct vmx *w, unsigned flip)
{
    for (unsigned i = 0; i < 16; i++) {
        unsigned index = ((unsigned)v_get(&w->c, SIZE_B, i) ^ flip) & 31;
        v_set(&w->r, SIZE_B, i, byte_of_pair(w, index));
    }
}

/* The pair a:b shifted left by n bits, the high half. */
static u128 shift_pair(const struct vmx *w, unsigned n)
{
    return n ? v_quad(&w->a) << n | v_quad(&w->b) >> (128 - n) : v_quad(&w->a);
}

/* Bytes of a vector with the neighbour that variable shifts take. */
static void shift_variable(struct vmx *w, bool left)
{
    for (unsigned i = 0; i < 16; i++) {
        unsigned n = (unsigned)v_get(&w->b, SIZE_B, i) & 7, x = (unsigned)v_get(&w->a, SIZE_B, i);
        unsigned next = left ? i < 15 ? (unsigned)v_get(&w->a, SIZE_B, i + 1) : 0
                        : i  ? (unsigned)v_get(&w->a, SIZE_B, i - 1)
                             : 0;
        v_set(&w->r, SIZE_B, i, left ? (x << 8 | next) << n >> 8 : (next << 8 | x) >> n);
    }
}

/* `bytes` bytes of the pair from `index` on, as a number. */
static uint64_t element_at(const struct vmx *w, unsigned index, unsigned bytes)
{
    uint64_t r = 0;
    for (unsigned i = 0; i < bytes; i++)
        r = r << 8 | byte_of_pair(w, index + i);
    return r;
}

static void insert_at(struct vmx *w, unsigned index, unsigned bytes, uint64_t x)
{
    w->r = w->t;
    for (unsigned i = 0; i < bytes && index + i < 16; i++)
        *v_byte(&w->r, index + i) = (uint8_t)(x >> 8 * (bytes - 1 - i));
}

/* vextu*lx, vextu*rx: to RT, the index is in RA, the vector VRB. */
static void extract_to_general(struct vmx *w, unsigned bytes, bool right)
{
    unsigned index = w->cpu->g[vmx_ra(w)] & 15;
    if (right)
        index = 16 - bytes - index;
    w->a = w->b;
    uint64_t r = index + bytes <= 16 ? element_at(w, index, bytes) : 0;
    w->cpu->g[vmx_rt(w)] = r;
    w->no_result = true;
}

/* vextd*: from the pair, the index is in RC. */
static void extract_double(struct vmx *w, unsigned bytes, bool right)
{
    unsigned index = w->cpu->g[w->insn >> 6 & 31] & 31;
    if (right)
        index = 32 - bytes - index;
    w->r = (v128){.d = {index + bytes <= 32 ? element_at(w, index, bytes) : 0, 0}};
}

static void insert_indexed(struct vmx *w, unsigned bytes, bool right, uint64_t x)
{
    unsigned index = w->cpu->g[vmx_ra(w)] & 15;
    insert_at(w, right ? 16 - bytes - index : index, bytes, x);
}

/* The element of VRB that is inserted: the low part of doubleword 0. */
static uint64_t source_element(const struct vmx *w)
{
    return w->b.d[0];
}

static void splat(struct vmx *w, unsigned size, u128 x)
{
    for (unsigned i = 0; i < vmx_count(size); i++)
        v_set(&w->r, size, i, x);
}

static bool permute_va(struct vmx *w)
{
    unsigned xo = w->insn & 63;
    switch (xo) {
    case 43:
        permute(w, 0);
        return true;
    case 59:
        permute(w, 31);
        return true;
    case 45: /* vpermxor */
        for (unsigned i = 0; i < 16; i++) {
            unsigned c = (unsigned)v_get(&w->c, SIZE_B, i);
            v_set(&w->r, SIZE_B, i, v_get(&w->a, SIZE_B, c >> 4) ^ v_get(&w->b, SIZE_B, c & 15));
        }
        return true;
    case 44: /* vsldoi */
        w->r = v_of_quad(shift_pair(w, (w->insn >> 6 & 15) * 8));
        return true;
    case 22: { /* vsldbi, vsrdbi */
        unsigned n = w->insn >> 6 & 7;
        u128 right = n ? v_quad(&w->a) << (128 - n) | v_quad(&w->b) >> n : v_quad(&w->b);
        w->r = v_of_quad(w->insn & 0x200 ? right : shift_pair(w, n));
        return true;
    }
    case 24 ... 31:
        extract_double(w, 1u << (xo - 24) / 2, xo & 1);
        return true;
    default:
        return false;
    }
}

bool vmx_permute(struct vmx *w)
{
    unsigned xo = w->insn & 0x7ff, uim = vmx_ra(w);
    uint64_t from = w->cpu->g[vmx_rb(w)];
    int imm = (int)(uim ^ 16) - 16;
    if ((xo & 63) >= 16 && permute_va(w))
        return true;
    switch (xo) {
    case 14:
        pack(w, SIZE_H, false, false, false);
        break;
    case 78:
        pack(w, SIZE_W, false, false, false);
        break;
    case 1102:
        pack(w, SIZE_D, false, false, false);
        break;
    case 142:
        pack(w, SIZE_H, false, false, true);
        break;
    case 206:
        pack(w, SIZE_W, false, false, true);
        break;
    case 1230:
        pack(w, SIZE_D, false, false, true);
        break;
    case 270:
        pack(w, SIZE_H, true, false, true);
        break;
    case 334:
        pack(w, SIZE_W, true, false, true);
        break;
    case 1358:
        pack(w, SIZE_D, true, false, true);
        break;
    case 398:
        pack(w, SIZE_H, true, true, true);
        break;
    case 462:
        pack(w, SIZE_W, true, true, true);
        break;
    case 1486:
        pack(w, SIZE_D, true, true, true);
        break;
    case 782:
        pack_pixels(w);
        break;
    case 12:
    case 76:
    case 140:
        merge(w, xo >> 6, 0);
        break;
    case 268:
    case 332:
    case 396:
        merge(w, (xo - 256) >> 6, vmx_count((xo - 256) >> 6) / 2);
        break;
    case 1932: /* vmrgew */
    case 1676: /* vmrgow */
        for (unsigned i = 0; i < 4; i++)
            v_set(&w->r, SIZE_W, i, v_get(i & 1 ? &w->b : &w->a, SIZE_W, (i & 2) + (xo == 1676)));
        break;
    case 524:
    case 588:
    case 652: {
        unsigned size = (xo - 524) >> 6;
        splat(w, size, v_get(&w->b, size, uim & (vmx_count(size) - 1)));
        break;
    }
    case 780:
    case 844:
    case 908:
        splat(w, (xo - 780) >> 6, (u128)(s128)imm);
        break;
    case 1860:
    case 1796:
        shift_variable(w, xo == 1860);
        break;
    case 525:
    case 589:
    case 653:
    case 717: /* vextractu*, vextractd */
        w->a = w->b;
        w->r = (v128){.d = {element_at(w, uim & 15, 1u << ((xo - 525) >> 6)), 0}};
        break;
    case 781:
    case 845:
    case 909:
    case 973: /* vinsert* */
        insert_at(w, uim & 15, 1u << ((xo - 781) >> 6), source_element(w));
        break;
    case 207: /* vinsw */
        insert_at(w, uim & 15, 4, from);
        break;
    case 463: /* vinsd */
        insert_at(w, uim & 15, 8, from);
        break;
    case 527:
    case 591:
    case 655:
    case 719:
        insert_indexed(w, 1u << ((xo - 527) >> 6), false, from);
        break;
    case 783:
    case 847:
    case 911:
    case 975:
        insert_indexed(w, 1u << ((xo - 783) >> 6), true, from);
        break;
    case 15:
    case 79:
    case 143:
        insert_indexed(w, 1u << (xo >> 6), false, source_element(w));
        break;
    case 271:
    case 335:
    case 399:
        insert_indexed(w, 1u << ((xo - 271) >> 6), true, source_element(w));
        break;
    case 1549:
    case 1613:
    case 1677:
        extract_to_general(w, 1u << ((xo - 1549) >> 6), false);
        break;
    case 1805:
    case 1869:
    case 1933:
        extract_to_general(w, 1u << ((xo - 1805) >> 6), true);
        break;
    default:
        return false;
    }
    return true;
}
