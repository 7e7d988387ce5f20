/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the Advanced SIMD files (simd_<encoding group>.c, crypto.c).
 *
 * Each encoding group has one exact helper, helper_simd_<group>(cpu, insn),
 * that interprets any instruction of the group over element size and
 * signedness.  It is the reference; the instructions that programs use have
 * rows in hostgen/ops/vector.def and never come here.
 *
 * Lane values are held in 128 bits, so that nothing below can overflow.
 */
#ifndef FERRY_A64_SIMD_H
#define FERRY_A64_SIMD_H

#include "translate/a64/a64.h"

typedef __int128 wide;

/* log2 of the bytes of an element, as in most size fields. */
enum { SIZE_B, SIZE_H, SIZE_S, SIZE_D };

enum { FPSR_QC = 1 << 27 };

static inline unsigned insn_bits(uint32_t insn, unsigned low, unsigned width)
{
    return insn >> low & ((1u << width) - 1);
}

static inline unsigned insn_rd(uint32_t insn)
{
    return insn & 31;
}
static inline unsigned insn_rn(uint32_t insn)
{
    return insn >> 5 & 31;
}
static inline unsigned insn_rm(uint32_t insn)
{
    return insn >> 16 & 31;
}

/* Element i of v; is_unsigned says how it is extended. */
static inline wide lane_get(const v128 *v, unsigned size, unsigned i, bool is_unsigned)
{
    switch (size) {
    case SIZE_B:
        return is_unsigned ? (wide)v->b[i] : (int8_t)v->b[i];
    case SIZE_H:
        return is_unsigned ? (wide)v->h[i] : (int16_t)v->h[i];
    case SIZE_S:
        return is_unsigned ? (wide)v->s[i] : (int32_t)v->s[i];
    default:
        return is_unsigned ? (wide)v->d[i] : (int64_t)v->d[i];
    }
}

static inline void lane_set(v128 *v, unsigned size, unsigned i, wide x)
{
    switch (size) {
    case SIZE_B:
        v->b[i] = (uint8_t)x;
        break;
    case SIZE_H:
        v->h[i] = (uint16_t)x;
        break;
    case SIZE_S:
        v->s[i] = (uint32_t)x;
        break;
    default:
        v->d[i] = (uint64_t)x;
    }
}

/* x as a value of 8 << size bits; notes in *qc that it did not fit. */
static inline wide saturate(wide x, unsigned size, bool is_unsigned, bool *qc)
{
    unsigned bits = 8u << size;
    wide max = ((wide)1 << (is_unsigned ? bits : bits - 1)) - 1;
    wide min = is_unsigned ? 0 : -max - 1;
    if (x > max) {
        *qc = true;
        return max;
    }
    if (x < min) {
        *qc = true;
        return min;
    }
    return x;
}

/* x >> count for count of 1 or more, rounded to nearest (ties up) if asked. */
static inline wide shift_right(wide x, unsigned count, bool rounded)
{
    if (count > 65)
        count = 65;
    if (rounded)
        x += (wide)1 << (count - 1);
    return x >> count;
}

static inline void note_qc(struct vcpu *cpu, bool qc)
{
    if (qc)
        cpu->g[A64_FPSR] |= FPSR_QC;
}

/* Lanes of an operation on 8 or 16 bytes. */
static inline unsigned lane_count(bool q, unsigned size)
{
    return (q ? 16u : 8u) >> size;
}

/* A saturating doubling multiply, high half (Arm ARM DDI 0487, C7.2:
 * SQDMULH, SQRDMULH, SQRDMLAH, SQRDMLSH); acc is 0 for the first two. */
wide simd_doubling_high(wide acc, wide x, wide y, unsigned size, bool rounded, bool *qc);
/* d += dot products of the groups of four bytes of n and m. */
void simd_dot(v128 *d, const v128 *n, const v128 *m, bool is_unsigned, bool q);
/* Carry-less product of two polynomials of at most 64 bits. */
unsigned __int128 simd_polynomial_multiply(uint64_t x, uint64_t y);

/*
 * Emission.  row is ROW(name) of a micro-op over whole vectors, or 0 where none
 * was written: then the group's helper is called.  The first operand of such a
 * micro-op is V(f->rd), its inputs follow.
 * With q false only the low 64 bits count and the high ones are cleared; rows
 * that saturate look at all lanes and are not for that.
 * Always returns true, for `return simd_emit3(...)`.
 */
#define ROW(name) (UOP_##name + 1)

bool simd_emit2(struct builder *b, const struct a64_insn *f, unsigned helper, unsigned row, bool q,
                struct opnd n);
bool simd_emit3(struct builder *b, const struct a64_insn *f, unsigned helper, unsigned row, bool q,
                struct opnd n, struct opnd m);

/* Vd = op(Vd, VT(0)) */
void simd_emit_accumulate(struct builder *b, const struct a64_insn *f, unsigned op, bool q);
/* The low half of Vd (the rest cleared), or the high half (the rest kept), is
 * op(n), which has its result in the low half. */
void simd_emit_narrowed(struct builder *b, const struct a64_insn *f, unsigned op, struct opnd n,
                        bool high);

/* Vd = op(the even elements of Vn:Vm, the odd ones) */
void simd_emit_pairwise(struct builder *b, const struct a64_insn *f, unsigned op, bool q);

/* Rows by size, that others are made from; widening: [unsigned][high half]. */
extern const uint16_t simd_add_ops[4], simd_sub_ops[4], simd_shl_ops[4], simd_ushr_ops[4],
    simd_urshr_ops[4], simd_xtn_ops[3], simd_widen_ops[2][2][3];

/* Vd = x in all lanes; Vd[index] = x; x = Vn[index] (zero-extended). */
void simd_emit_spread(struct builder *b, unsigned size, bool q, unsigned rd, struct opnd x);
void simd_emit_insert(struct builder *b, unsigned size, unsigned rd, unsigned index, struct opnd x);
void simd_emit_extract(struct builder *b, unsigned size, struct opnd x, unsigned rn,
                       unsigned index);

#endif
