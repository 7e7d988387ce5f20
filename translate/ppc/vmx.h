/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the exact interpreters of vector instructions (Power ISA 3.1,
 * Book I, chapter 6).  They are the reference; what programs use often has
 * templates, which fall back on them.
 *
 * Elements are numbered as in the manual, 0 the leftmost; a single
 * element's value is a host integer.  Values are held in 128 bits.
 */
#ifndef FERRY_PPC_VMX_H
#define FERRY_PPC_VMX_H

#include <string.h>

#include "translate/ppc/fp_exact.h"
#include "translate/ppc/ppc.h"

/* log2 of an element's bytes */
enum { SIZE_B, SIZE_H, SIZE_W, SIZE_D, SIZE_Q };

/* One instruction under way. */
struct vmx {
    struct vcpu *cpu;
    uint32_t insn;
    v128 a, b, c, t; /* operands; t is VRT as it was */
    v128 r;          /* the result */
    bool saturated;  /* sets VSCR.SAT */
    bool no_result;  /* nothing for VRT */
};

static inline unsigned vmx_rt(const struct vmx *w)
{
    return w->insn >> 21 & 31;
}
static inline unsigned vmx_ra(const struct vmx *w)
{
    return w->insn >> 16 & 31;
}
static inline unsigned vmx_rb(const struct vmx *w)
{
    return w->insn >> 11 & 31;
}

static inline unsigned vmx_count(unsigned size)
{
    return 16u >> size;
}

static inline u128 v_quad(const v128 *v)
{
    return (u128)v->d[0] << 64 | v->d[1];
}

static inline v128 v_of_quad(u128 x)
{
    return (v128){.d = {(uint64_t)(x >> 64), (uint64_t)x}};
}

/* Byte i; halfword, word, doubleword i. */
static inline uint8_t *v_byte(v128 *v, unsigned i)
{
    return &v->b[(i & 15) ^ 7];
}

static inline u128 v_get(const v128 *v, unsigned size, unsigned i)
{
    switch (size) {
    case SIZE_B:
        return v->b[i ^ 7];
    case SIZE_H:
        return v->h[i ^ 3];
    case SIZE_W:
        return v->s[i ^ 1];
    case SIZE_D:
        return v->d[i];
    default:
        return v_quad(v);
    }
}

static inline s128 v_get_signed(const v128 *v, unsigned size, unsigned i)
{
    unsigned up = 128 - (8u << size);
    return (s128)(v_get(v, size, i) << up) >> up;
}

static inline void v_set(v128 *v, unsigned size, unsigned i, u128 x)
{
    switch (size) {
    case SIZE_B:
        v->b[i ^ 7] = (uint8_t)x;
        break;
    case SIZE_H:
        v->h[i ^ 3] = (uint16_t)x;
        break;
    case SIZE_W:
        v->s[i ^ 1] = (uint32_t)x;
        break;
    case SIZE_D:
        v->d[i] = (uint64_t)x;
        break;
    default:
        *v = v_of_quad(x);
    }
}

static inline u128 v_ones(unsigned bits)
{
    return bits >= 128 ? ~(u128)0 : ((u128)1 << bits) - 1;
}

/* x as a value of `bits`, which may not be enough. */
static inline s128 v_saturate(s128 x, unsigned bits, bool is_signed, bool *saturated)
{
    s128 max = ((s128)1 << (bits - is_signed)) - 1, min = is_signed ? -max - 1 : 0;
    if (x > max || x < min)
        *saturated = true;
    return x > max ? max : x < min ? min : x;
}

/* Each does the instruction if it is one of its group. */
bool vmx_elementwise(struct vmx *w);
bool vmx_quadword(struct vmx *w);
bool vmx_unary(struct vmx *w);
bool vmx_compare(struct vmx *w);
bool vmx_permute(struct vmx *w);
bool vmx_bits(struct vmx *w);
bool vmx_multiply_sum(struct vmx *w);
bool vmx_float(struct vmx *w);
bool vmx_crypto(struct vmx *w);
bool vmx_decimal(struct vmx *w);

#endif
