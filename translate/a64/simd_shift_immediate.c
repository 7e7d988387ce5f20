/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advanced SIMD shift by immediate, its scalar form, and modified immediate
 * (Arm ARM DDI 0487, C4.1.96: the integer instructions).
 */
#include "translate/a64/simd.h"
#include "translate/builder.h"

/* U:opcode of the group. */
enum {
    SSHR = 0x00,
    SSRA = 0x02,
    SRSHR = 0x04,
    SRSRA = 0x06,
    SHL = 0x0a,
    SQSHL = 0x0e,
    SHRN = 0x10,
    RSHRN,
    SQSHRN,
    SQRSHRN,
    SSHLL,
    USHR = 0x20,
    USRA = 0x22,
    URSHR = 0x24,
    URSRA = 0x26,
    SRI = 0x28,
    SLI = 0x2a,
    SQSHLU = 0x2c,
    UQSHL = 0x2e,
    SQSHRUN = 0x30,
    SQRSHRUN,
    UQSHRN,
    UQRSHRN,
    USHLL
};

#define ROWS4(name)                                                                                \
    {                                                                                              \
        ROW(name##_b), ROW(name##_h), ROW(name##_s), ROW(name##_d)                                 \
    }

/* The host has no shifts of bytes. */
#define ROWS4_BY(name)                                                                             \
    {                                                                                              \
        ROW(name##_b), ROW(name##_by_h), ROW(name##_by_s), ROW(name##_by_d)                        \
    }

static const uint16_t rows[64][4] = {
    [SSHR] = {ROW(v_sshr_b), ROW(v_sshr_by_h), ROW(v_sshr_by_s), ROW(v_sshr_d)},
    [USHR] = ROWS4_BY(v_ushr),
    [SRSHR] = ROWS4(v_srshr),
    [URSHR] = ROWS4(v_urshr),
    [SHL] = ROWS4_BY(v_shl),
    [SLI] = ROWS4_BY(v_sli),
    [SRI] = ROWS4_BY(v_sri),
};

/* Which shift is added to the destination. */
static const uint8_t accumulating[64] = {
    [SSRA] = SSHR + 1, [USRA] = USHR + 1, [SRSRA] = SRSHR + 1, [URSRA] = URSHR + 1};

static unsigned operation(uint32_t insn)
{
    return insn_bits(insn, 29, 1) << 5 | insn_bits(insn, 11, 5);
}

/* immh:immb is 1xxx.. by size: left shifts count from the lane's width up,
 * right shifts down from twice the width. */
static unsigned shift_size(uint32_t insn)
{
    return 31 - (unsigned)__builtin_clz(insn_bits(insn, 19, 4));
}

static unsigned left_count(uint32_t insn)
{
    return insn_bits(insn, 16, 7) - (8u << shift_size(insn));
}

static unsigned right_count(uint32_t insn)
{
    return (16u << shift_size(insn)) - insn_bits(insn, 16, 7);
}

static bool is_narrow(unsigned op)
{
    return (op & 0x1f) >= SHRN && (op & 0x1f) <= SQRSHRN;
}

static wide shift_lane(unsigned op, wide d, wide x, unsigned size, uint32_t insn, bool *qc)
{
    unsigned left = left_count(insn), right = right_count(insn);
    uint64_t mask = ~(uint64_t)0 >> (64 - (8u << size));
    switch (op) {
    case SSHR:
    case USHR:
        return shift_right(x, right, false);
    case SSRA:
    case USRA:
        return d + shift_right(x, right, false);
    case SRSHR:
    case URSHR:
        return shift_right(x, right, true);
    case SRSRA:
    case URSRA:
        return d + shift_right(x, right, true);
    case SHL:
        return x << left;
    case SLI:
        mask <<= left;
        return (d & (wide)~mask) | (x << left & (wide)mask);
    case SRI:
        mask = right == 64 ? 0 : mask >> right;
        return (d & (wide)~mask) | (right == 64 ? 0 : x >> right);
    case SQSHLU:
        return saturate(x << left, size, true, qc);
    default: /* SQSHL, UQSHL */
        return saturate(x << left, size, op & 0x20, qc);
    }
}

static void narrow(v128 *r, const v128 *n, unsigned op, unsigned size, unsigned count,
                   unsigned base, unsigned lanes, bool *qc)
{
    bool rounded = op & 1, uns_in = op == UQSHRN || op == UQRSHRN;
    bool saturating = op != SHRN && op != RSHRN;
    for (unsigned i = 0; i < lanes; i++) {
        wide x = shift_right(lane_get(n, size + 1, i, uns_in), count, rounded);
        if (saturating)
            x = saturate(x, size, op & 0x20, qc);
        lane_set(r, size, base + i, x);
    }
}

void a64_helper_simd_shift_immediate(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    unsigned op = operation(insn), size = shift_size(insn);
    bool scalar = insn_bits(insn, 28, 1), q = insn_bits(insn, 30, 1), qc = false;
    v128 d = cpu->v[insn_rd(insn)], n = cpu->v[insn_rn(insn)], r = {.q = 0};
    unsigned high = !scalar && q ? 8u >> size : 0;
    if (is_narrow(op)) {
        if (high)
            r.d[0] = d.d[0];
        narrow(&r, &n, op, size, right_count(insn), high, scalar ? 1 : 8u >> size, &qc);
    } else {
        bool uns = op & 0x20 && op != SQSHLU;
        unsigned lanes = scalar ? 1 : lane_count(q, size);
        for (unsigned i = 0; i < lanes; i++)
            lane_set(&r, size, i,
                     shift_lane(op, lane_get(&d, size, i, uns), lane_get(&n, size, i, uns), size,
                                insn, &qc));
    }
    cpu->v[insn_rd(insn)] = r;
    note_qc(cpu, qc);
}

/* Shifts that keep the size of their elements. */
static bool emit_shift(struct builder *b, const struct a64_insn *f, unsigned op, unsigned size,
                       bool q)
{
    bool left = op == SHL || op == SLI;
    struct opnd count = I(left ? left_count(f->raw) : right_count(f->raw));
    if (accumulating[op]) {
        emit(b, rows[accumulating[op] - 1][size] - 1, VT(0), V(f->rn), count);
        simd_emit_accumulate(b, f, simd_add_ops[size], q);
        return true;
    }
    return simd_emit3(b, f, A64_HELPER_simd_shift_immediate, rows[op][size], q, V(f->rn), count);
}

bool trans_simd_shift_immediate(struct builder *b, const struct a64_insn *f)
{
    unsigned op = operation(f->raw), size = shift_size(f->raw);
    if (size == SIZE_D && (!f->q || op == SSHLL || op == USHLL || is_narrow(op)))
        return false;
    if (op == SSHLL || op == USHLL) {
        unsigned count = left_count(f->raw), widen = simd_widen_ops[op == USHLL][f->q][size];
        emit(b, widen, count ? VT(0) : V(f->rd), V(f->rn));
        if (count)
            emit(b, simd_shl_ops[size + 1], V(f->rd), VT(0), I(count));
        return true;
    }
    if (op == SHRN || op == RSHRN) {
        emit(b, (op == SHRN ? simd_ushr_ops : simd_urshr_ops)[size + 1], VT(0), V(f->rn),
             I(right_count(f->raw)));
        simd_emit_narrowed(b, f, simd_xtn_ops[size], VT(0), f->q);
        return true;
    }
    return emit_shift(b, f, op, size, f->q);
}

bool trans_simd_scalar_shift_immediate(struct builder *b, const struct a64_insn *f)
{
    if (!insn_bits(f->raw, 19, 4))
        return false;
    unsigned op = operation(f->raw), size = shift_size(f->raw);
    if (is_narrow(op) || op == SQSHL || op == UQSHL || op == SQSHLU) {
        if (is_narrow(op) && size == SIZE_D)
            return false;
        emit_call(b, A64_HELPER_simd_shift_immediate, f->raw, 0, 0);
        return true;
    }
    return size == SIZE_D && emit_shift(b, f, op, size, false);
}

/* ---- Modified immediate ---- */

/* AdvSIMDExpandImm (shared/functions/vector): 64 bits that are repeated. */
static uint64_t expand_immediate(unsigned cmode, unsigned op, uint64_t imm8)
{
    uint64_t x;
    switch (cmode >> 1) {
    case 0:
    case 1:
    case 2:
    case 3:
        x = imm8 << (cmode >> 1) * 8;
        return x << 32 | x;
    case 4:
    case 5:
        x = imm8 << (cmode >> 1 & 1) * 8;
        return x * 0x0001000100010001;
    case 6:
        x = cmode & 1 ? imm8 << 16 | 0xffff : imm8 << 8 | 0xff;
        return x << 32 | x;
    }
    if (!(cmode & 1)) {
        if (!op)
            return imm8 * 0x0101010101010101;
        x = 0;
        for (unsigned i = 0; i < 8; i++)
            x |= imm8 >> i & 1 ? (uint64_t)0xff << 8 * i : 0;
        return x;
    }
    if (!op) {
        x = (imm8 & 0x80) << 24 | (imm8 & 0x40 ? 0x3e000000 : 0x40000000) | (imm8 & 0x3f) << 19;
        return x << 32 | x;
    }
    return (imm8 & 0x80) << 56 | (imm8 & 0x40 ? (uint64_t)0x3fc0 << 48 : (uint64_t)0x4000 << 48) |
           (imm8 & 0x3f) << 48;
}

/* FMOV (vector, immediate) of half-precision elements. */
static uint64_t expand_half(uint64_t imm8)
{
    uint64_t x = (imm8 & 0x80) << 8 | (imm8 & 0x40 ? 0x3000 : 0x4000) | (imm8 & 0x3f) << 6;
    return x * 0x0001000100010001;
}

/* d = the 64-bit value twice. */
static void emit_vector_constant(struct builder *b, struct opnd d, uint64_t value)
{
    uint32_t low = (uint32_t)value;
    if (!value)
        emit(b, UOP_v_zero, d);
    else if (value == UINT64_MAX)
        emit(b, UOP_v_ones, d);
    else if (low == value >> 32)
        emit(b, UOP_v_const_s, d, I(low));
    else
        emit(b, UOP_v_const_d, d, I(value));
}

bool trans_simd_modified_immediate(struct builder *b, const struct a64_insn *f)
{
    unsigned cmode = insn_bits(f->raw, 12, 4), op = f->u;
    uint64_t imm8 = insn_bits(f->raw, 16, 3) << 5 | insn_bits(f->raw, 5, 5), value;
    if (insn_bits(f->raw, 11, 1)) { /* FMOV of halves */
        if (cmode != 15 || op)
            return false;
        value = expand_half(imm8);
    } else {
        if (cmode == 15 && op && !f->q)
            return false;
        value = expand_immediate(cmode, op, imm8);
    }
    bool logic = cmode < 12 && (cmode & 1);
    if (op && cmode < 14) /* MVNI, BIC */
        value = ~value;
    if (logic) {
        emit_vector_constant(b, VT(0), value);
        return simd_emit3(b, f, 0, op ? ROW(v_and) : ROW(v_orr), f->q, V(f->rd), VT(0));
    }
    if (f->q || !value)
        emit_vector_constant(b, V(f->rd), value);
    else
        emit(b, UOP_v_const_low, V(f->rd), I(value));
    return true;
}
