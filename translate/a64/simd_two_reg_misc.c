/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advanced SIMD two-register miscellaneous, across lanes, scalar two-register
 * miscellaneous and scalar pairwise (Arm ARM DDI 0487, C4.1.96: the integer
 * instructions).
 */
#include "translate/a64/simd.h"
#include "translate/builder.h"

/* U:opcode of two-register miscellaneous. */
enum {
    REV64 = 0x00,
    REV16,
    SADDLP,
    SUQADD,
    CLS,
    CNT,
    SADALP,
    SQABS,
    CMGT0,
    CMEQ0,
    CMLT0,
    ABS,
    XTN = 0x12,
    SQXTN = 0x14,
    REV32 = 0x20,
    UADDLP = 0x22,
    USQADD,
    CLZ,
    NOT,
    UADALP,
    SQNEG,
    CMGE0,
    CMLE0,
    NEG = 0x2b,
    SQXTUN = 0x32,
    SHLL,
    UQXTN
};

#define ROWS2(name)                                                                                \
    {                                                                                              \
        ROW(name##_b), ROW(name##_h)                                                               \
    }
#define ROWS3(name)                                                                                \
    {                                                                                              \
        ROW(name##_b), ROW(name##_h), ROW(name##_s)                                                \
    }
#define ROWS4(name)                                                                                \
    {                                                                                              \
        ROW(name##_b), ROW(name##_h), ROW(name##_s), ROW(name##_d)                                 \
    }

static const uint16_t rows[64][4] = {
    [REV64] = ROWS3(v_rev64),          [REV32] = {ROW(v_rev32_b), ROW(v_rev32_h)},
    [REV16] = {ROW(v_rev16_b)},        [SADDLP] = ROWS3(v_saddlp),
    [UADDLP] = ROWS3(v_uaddlp),        [CNT] = {ROW(v_cnt)},
    [NOT] = {ROW(v_not), ROW(v_rbit)}, [ABS] = ROWS4(v_abs),
};

static const uint16_t narrow_rows[64][4] = {
    [XTN] = ROWS3(v_xtn),
    [SQXTN] = ROWS2(v_sqxtn),
    [UQXTN] = ROWS2(v_uqxtn),
    [SQXTUN] = ROWS2(v_sqxtun),
};

static unsigned operation(uint32_t insn)
{
    return insn_bits(insn, 29, 1) << 5 | insn_bits(insn, 12, 5);
}

static unsigned leading_zeros(uint64_t x, unsigned bits)
{
    return x ? (unsigned)__builtin_clzll(x) - (64 - bits) : bits;
}

static uint8_t reverse_bits(uint8_t x)
{
    uint8_t r = 0;
    for (unsigned i = 0; i < 8; i++)
        r |= (x >> i & 1) << (7 - i);
    return r;
}

static wide misc_lane(unsigned op, wide d, wide x, unsigned size, bool *qc)
{
    unsigned bits = 8u << size;
    uint64_t mask = ~(uint64_t)0 >> (64 - bits);
    switch (op) {
    case SUQADD: /* signed accumulator, unsigned addend */
        return saturate(d + (wide)((uint64_t)x & mask), size, false, qc);
    case USQADD: /* the reverse */
        return saturate((wide)((uint64_t)d & mask) + x, size, true, qc);
    case CLS:
        return leading_zeros((uint64_t)(x < 0 ? ~x : x) & mask, bits) - 1;
    case CLZ:
        return leading_zeros((uint64_t)x & mask, bits);
    case CNT:
        return __builtin_popcount((uint8_t)x);
    case NOT:
        return size ? reverse_bits((uint8_t)x) : ~x;
    case SQABS:
        return saturate(x < 0 ? -x : x, size, false, qc);
    case SQNEG:
        return saturate(-x, size, false, qc);
    case CMGT0:
        return -(wide)(x > 0);
    case CMGE0:
        return -(wide)(x >= 0);
    case CMEQ0:
        return -(wide)(x == 0);
    case CMLE0:
        return -(wide)(x <= 0);
    case CMLT0:
        return -(wide)(x < 0);
    case ABS:
        return x < 0 ? -x : x;
    default: /* NEG */
        return -x;
    }
}

static void reverse(v128 *r, const v128 *n, unsigned op, unsigned size, bool q)
{
    unsigned group = op == REV64 ? 3 : op == REV32 ? 2 : 1;
    unsigned flip = (1u << (group - size)) - 1;
    for (unsigned i = 0; i < lane_count(q, size); i++)
        lane_set(r, size, i, lane_get(n, size, i ^ flip, true));
}

static void add_pairs(v128 *r, const v128 *n, const v128 *d, unsigned op, unsigned size, bool q)
{
    bool uns = op & 0x20, accumulate = (op & 0x1f) == SADALP;
    for (unsigned i = 0; i < lane_count(q, size + 1); i++) {
        wide sum = lane_get(n, size, 2 * i, uns) + lane_get(n, size, 2 * i + 1, uns);
        lane_set(r, size + 1, i, sum + (accumulate ? lane_get(d, size + 1, i, uns) : 0));
    }
}

static void narrow(v128 *r, const v128 *n, unsigned op, unsigned size, unsigned base,
                   unsigned lanes, bool *qc)
{
    for (unsigned i = 0; i < lanes; i++) {
        wide x = lane_get(n, size + 1, i, op == UQXTN);
        if (op != XTN)
            x = saturate(x, size, op != SQXTN, qc);
        lane_set(r, size, base + i, x);
    }
}

void a64_helper_simd_two_reg_misc(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    unsigned op = operation(insn), size = insn_bits(insn, 22, 2);
    bool scalar = insn_bits(insn, 28, 1), q = insn_bits(insn, 30, 1), qc = false;
    v128 d = cpu->v[insn_rd(insn)], n = cpu->v[insn_rn(insn)], r = {.q = 0};
    unsigned lanes = scalar ? 1 : lane_count(q, op == NOT ? SIZE_B : size);
    unsigned high = !scalar && q ? 8u >> size : 0;
    switch (op) {
    case REV64:
    case REV32:
    case REV16:
        reverse(&r, &n, op, size, q);
        break;
    case SADDLP:
    case UADDLP:
    case SADALP:
    case UADALP:
        add_pairs(&r, &n, &d, op, size, q);
        break;
    case XTN:
    case SQXTN:
    case SQXTUN:
    case UQXTN:
        if (high)
            r.d[0] = d.d[0];
        narrow(&r, &n, op, size, high, scalar ? 1 : 8u >> size, &qc);
        break;
    case SHLL:
        for (unsigned i = 0; i < 8u >> size; i++)
            lane_set(&r, size + 1, i, lane_get(&n, size, high + i, true) << (8u << size));
        break;
    case NOT: /* with size 1 it is RBIT */
        for (unsigned i = 0; i < lanes; i++)
            r.b[i] = (uint8_t)misc_lane(op, 0, n.b[i], size, &qc);
        break;
    default:
        for (unsigned i = 0; i < lanes; i++)
            lane_set(&r, size, i,
                     misc_lane(op, lane_get(&d, size, i, false), lane_get(&n, size, i, false), size,
                               &qc));
    }
    cpu->v[insn_rd(insn)] = r;
    note_qc(cpu, qc);
}

/* NEG and the comparisons with zero: operations on a vector of zeros. */
static bool emit_with_zero(struct builder *b, const struct a64_insn *f, unsigned op, bool q)
{
    static const uint16_t compare[3][4] = {ROWS4(v_cmeq), ROWS4(v_cmgt), ROWS4(v_cmge)};
    unsigned row;
    bool zero_first = op == CMLE0 || op == CMLT0 || op == NEG;
    switch (op) {
    case CMEQ0:
        row = compare[0][f->size];
        break;
    case CMGT0:
    case CMLT0:
        row = compare[1][f->size];
        break;
    case CMGE0:
    case CMLE0:
        row = compare[2][f->size];
        break;
    case NEG:
        row = simd_sub_ops[f->size] + 1;
        break;
    default:
        return false;
    }
    emit(b, UOP_v_zero, VT(0));
    return simd_emit3(b, f, 0, row, q, zero_first ? VT(0) : V(f->rn),
                      zero_first ? V(f->rn) : VT(0));
}

bool trans_simd_two_reg_misc(struct builder *b, const struct a64_insn *f)
{
    unsigned op = operation(f->raw), size = f->size;
    bool good;
    switch (op) {
    case REV64:
    case SADDLP:
    case UADDLP:
    case SADALP:
    case UADALP:
    case CLS:
    case CLZ:
    case XTN:
    case SQXTN:
    case SQXTUN:
    case UQXTN:
    case SHLL:
        good = size != SIZE_D;
        break;
    case REV32:
    case NOT:
        good = size <= SIZE_H;
        break;
    case REV16:
    case CNT:
        good = size == SIZE_B;
        break;
    default:
        good = size != SIZE_D || f->q;
    }
    if (!good)
        return false;
    if (narrow_rows[op][size]) {
        simd_emit_narrowed(b, f, narrow_rows[op][size] - 1, V(f->rn), f->q);
        return true;
    }
    if (op == SHLL) {
        emit(b, simd_widen_ops[1][f->q][size], VT(0), V(f->rn));
        emit(b, simd_shl_ops[size + 1], V(f->rd), VT(0), I(8 << size));
        return true;
    }
    if (op == SADALP || op == UADALP) {
        emit(b, rows[op == SADALP ? SADDLP : UADDLP][size] - 1, VT(0), V(f->rn));
        simd_emit_accumulate(b, f, simd_add_ops[size + 1], f->q);
        return true;
    }
    if (emit_with_zero(b, f, op, f->q))
        return true;
    return simd_emit2(b, f, A64_HELPER_simd_two_reg_misc, rows[op][size], f->q, V(f->rn));
}

bool trans_simd_scalar_two_reg_misc(struct builder *b, const struct a64_insn *f)
{
    unsigned op = operation(f->raw), size = f->size;
    bool any_size = op == SUQADD || op == USQADD || op == SQABS || op == SQNEG;
    bool narrowing = op == SQXTN || op == SQXTUN || op == UQXTN;
    if (narrowing ? size == SIZE_D : !any_size && size != SIZE_D)
        return false;
    if (emit_with_zero(b, f, op, false))
        return true;
    return simd_emit2(b, f, A64_HELPER_simd_two_reg_misc,
                      any_size || narrowing ? 0 : rows[op][size], false, V(f->rn));
}

/* ADDP Dd, Vn.2D */
bool trans_simd_scalar_addp(struct builder *b, const struct a64_insn *f)
{
    emit(b, UOP_v_high64, VT(0), V(f->rn));
    return simd_emit3(b, f, 0, ROW(v_add_d), false, V(f->rn), VT(0));
}

/* ---- Across lanes ---- */

enum { SADDLV = 0x03, SMAXV = 0x0a, SMINV = 0x1a, ADDV, UADDLV = 0x23, UMAXV = 0x2a, UMINV = 0x3a };

void a64_helper_simd_across_lanes(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    unsigned op = operation(insn), size = insn_bits(insn, 22, 2);
    unsigned lanes = lane_count(insn_bits(insn, 30, 1), size);
    bool uns = op & 0x20, is_long = (op & 0x1f) == SADDLV;
    const v128 *n = &cpu->v[insn_rn(insn)];
    wide x = lane_get(n, size, 0, uns);
    for (unsigned i = 1; i < lanes; i++) {
        wide e = lane_get(n, size, i, uns);
        switch (op & 0x1f) {
        case SMAXV:
            x = x > e ? x : e;
            break;
        case SMINV:
            x = x < e ? x : e;
            break;
        default:
            x += e;
        }
    }
    v128 r = {.q = 0};
    lane_set(&r, size + is_long, 0, x);
    cpu->v[insn_rd(insn)] = r;
}

bool trans_simd_across_lanes(struct builder *b, const struct a64_insn *f)
{
    static const uint16_t across[64][4] = {
        [SADDLV] = ROWS3(v_saddlv), [UADDLV] = ROWS3(v_uaddlv), [ADDV] = ROWS3(v_addv),
        [SMAXV] = ROWS3(v_smaxv),   [UMAXV] = ROWS3(v_umaxv),   [SMINV] = ROWS3(v_sminv),
        [UMINV] = ROWS3(v_uminv),
    };
    unsigned op = operation(f->raw), row = across[op][f->size];
    bool sum = op == SADDLV || op == UADDLV || op == ADDV;
    if (f->size == SIZE_D || (f->size == SIZE_S && !f->q))
        return false;
    if (f->q || !row)
        return simd_emit2(b, f, A64_HELPER_simd_across_lanes, row, true, V(f->rn));
    /* The same of 16 bytes: with zeros for a sum, the 8 bytes again else. */
    if (sum)
        emit(b, UOP_v_low64, VT(0), V(f->rn));
    else
        emit(b, UOP_v_dup_d, VT(0), V(f->rn), I(0));
    return simd_emit2(b, f, A64_HELPER_simd_across_lanes, row, true, VT(0));
}
