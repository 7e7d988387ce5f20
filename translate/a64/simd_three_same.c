/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advanced SIMD three same, three same extra, and their scalar forms
 * (Arm ARM DDI 0487, C4.1.96: the integer instructions).
 */
#include "translate/a64/simd.h"
#include "translate/builder.h"

/* U:opcode of the group. */
enum {
    SHADD = 0x00,
    SQADD,
    SRHADD,
    LOGIC,
    SHSUB,
    SQSUB,
    CMGT,
    CMGE,
    SSHL,
    SQSHL,
    SRSHL,
    SQRSHL,
    SMAX,
    SMIN,
    SABD,
    SABA,
    ADD,
    CMTST,
    MLA,
    MUL,
    SMAXP,
    SMINP,
    SQDMULH,
    ADDP,
    UHADD = 0x20,
    UQADD,
    URHADD,
    LOGIC2,
    UHSUB,
    UQSUB,
    CMHI,
    CMHS,
    USHL,
    UQSHL,
    URSHL,
    UQRSHL,
    UMAX,
    UMIN,
    UABD,
    UABA,
    SUB,
    CMEQ,
    MLS,
    PMUL,
    UMAXP,
    UMINP,
    SQRDMULH
};

#define ROWS3(name)                                                                                \
    {                                                                                              \
        ROW(name##_b), ROW(name##_h), ROW(name##_s)                                                \
    }
#define ROWS4(name)                                                                                \
    {                                                                                              \
        ROW(name##_b), ROW(name##_h), ROW(name##_s), ROW(name##_d)                                 \
    }

static const uint16_t rows[64][4] = {
    [SHADD] = {ROW(v_shadd_b), ROW(v_shadd_h)},
    [UHADD] = {ROW(v_uhadd_b), ROW(v_uhadd_h)},
    [URHADD] = {ROW(v_urhadd_b), ROW(v_urhadd_h)},
    [SQADD] = ROWS3(v_sqadd),
    [UQADD] = ROWS3(v_uqadd),
    [SQSUB] = ROWS3(v_sqsub),
    [UQSUB] = ROWS3(v_uqsub),
    [CMGT] = ROWS4(v_cmgt),
    [CMGE] = ROWS4(v_cmge),
    [CMHI] = ROWS4(v_cmhi),
    [CMHS] = ROWS4(v_cmhs),
    [CMTST] = ROWS4(v_cmtst),
    [CMEQ] = ROWS4(v_cmeq),
    [SSHL] = {0, 0, ROW(v_sshl_s), ROW(v_sshl_d)},
    [USHL] = {0, 0, ROW(v_ushl_s), ROW(v_ushl_d)},
    [SMAX] = ROWS3(v_smax),
    [UMAX] = ROWS3(v_umax),
    [SMIN] = ROWS3(v_smin),
    [UMIN] = ROWS3(v_umin),
    [SABD] = ROWS3(v_sabd),
    [UABD] = ROWS3(v_uabd),
    [ADD] = ROWS4(v_add),
    [SUB] = ROWS4(v_sub),
    [MUL] = ROWS3(v_mul),
    [SQDMULH] = {0, ROW(v_sqdmulh_h), ROW(v_sqdmulh_s)},
    [SQRDMULH] = {0, ROW(v_sqrdmulh_h), ROW(v_sqrdmulh_s)},
};

/* What is an operation of another group on adjacent pairs. */
static const uint8_t pairwise[64] = {
    [ADDP] = ADD, [SMAXP] = SMAX, [UMAXP] = UMAX, [SMINP] = SMIN, [UMINP] = UMIN};

/* What is another operation added to (subtracted from) the destination. */
static const uint8_t accumulating[64] = {[SABA] = SABD, [UABA] = UABD, [MLA] = MUL, [MLS] = MUL};

static const uint16_t logic_rows[8] = {ROW(v_and), ROW(v_bic), ROW(v_orr), ROW(v_orn),
                                       ROW(v_eor), ROW(v_bsl), ROW(v_bit), ROW(v_bif)};

static unsigned operation(uint32_t insn)
{
    return insn_bits(insn, 29, 1) << 5 | insn_bits(insn, 11, 5);
}

/* x shifted left by the signed low byte of y (SSHL and its relatives). */
static wide shift_by_register(wide x, wide y, unsigned op, unsigned size, bool *qc)
{
    int count = (int8_t)y;
    bool uns = op & 0x20, saturating = op & 1, rounded = op & 2;
    int bits = 8 << size;
    if (count < 0)
        return shift_right(x, (unsigned)-count, rounded);
    if (!saturating)
        return count < bits ? x << count : 0;
    /* What leaves the lane on the left can't come back: a shift by the
     * lane's width saturates just as a longer one. */
    if (count > bits)
        count = bits;
    if (size == SIZE_D && count == bits)
        return x ? saturate(x < 0 ? -((wide)1 << 100) : (wide)1 << 100, size, uns, qc) : 0;
    return saturate(x << count, size, uns, qc);
}

static wide three_same_lane(unsigned op, wide d, wide x, wide y, unsigned size, bool *qc)
{
    bool uns = op & 0x20;
    switch (op) {
    case SHADD:
    case UHADD:
        return (x + y) >> 1;
    case SRHADD:
    case URHADD:
        return (x + y + 1) >> 1;
    case SHSUB:
    case UHSUB:
        return (x - y) >> 1;
    case SQADD:
    case UQADD:
        return saturate(x + y, size, uns, qc);
    case SQSUB:
    case UQSUB:
        return saturate(x - y, size, uns, qc);
    case CMGT:
    case CMHI:
        return -(wide)(x > y);
    case CMGE:
    case CMHS:
        return -(wide)(x >= y);
    case SSHL:
    case USHL:
    case SQSHL:
    case UQSHL:
    case SRSHL:
    case URSHL:
    case SQRSHL:
    case UQRSHL:
        return shift_by_register(x, y, op, size, qc);
    case SMAX:
    case UMAX:
    case SMAXP:
    case UMAXP:
        return x > y ? x : y;
    case SMIN:
    case UMIN:
    case SMINP:
    case UMINP:
        return x < y ? x : y;
    case SABA:
    case UABA:
        return d + (x > y ? x - y : y - x);
    case SABD:
    case UABD:
        return x > y ? x - y : y - x;
    case ADD:
    case ADDP:
        return x + y;
    case SUB:
        return x - y;
    case CMTST:
        return -(wide)((x & y) != 0);
    case CMEQ:
        return -(wide)(x == y);
    case MLA:
        return d + x * y;
    case MLS:
        return d - x * y;
    case MUL:
        return x * y;
    case PMUL:
        return (wide)simd_polynomial_multiply((uint64_t)x, (uint64_t)y);
    default: /* SQDMULH, SQRDMULH */
        return simd_doubling_high(0, x, y, size, uns, qc);
    }
}

/* Elements of doubling multiplies are signed whatever the U bit says. */
static bool is_unsigned(unsigned op)
{
    return (op & 0x20) && op != SQRDMULH;
}

void a64_helper_simd_three_same(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    unsigned op = operation(insn), size = insn_bits(insn, 22, 2);
    bool scalar = insn_bits(insn, 28, 1), q = insn_bits(insn, 30, 1), qc = false;
    unsigned lanes = scalar ? 1 : lane_count(q, size);
    bool uns = is_unsigned(op);
    v128 d = cpu->v[insn_rd(insn)], n = cpu->v[insn_rn(insn)], m = cpu->v[insn_rm(insn)];
    v128 r = {.q = 0};
    for (unsigned i = 0; i < lanes; i++) {
        wide a, c;
        if (pairwise[op]) {
            const v128 *from = i < lanes / 2 ? &n : &m;
            unsigned k = i < lanes / 2 ? i : i - lanes / 2;
            a = lane_get(from, size, 2 * k, uns);
            c = lane_get(from, size, 2 * k + 1, uns);
        } else {
            a = lane_get(&n, size, i, uns);
            c = lane_get(&m, size, i, uns);
        }
        lane_set(&r, size, i, three_same_lane(op, lane_get(&d, size, i, uns), a, c, size, &qc));
    }
    cpu->v[insn_rd(insn)] = r;
    note_qc(cpu, qc);
}

bool trans_simd_logic(struct builder *b, const struct a64_insn *f)
{
    unsigned row = logic_rows[f->u << 2 | f->size];
    if (row == ROW(v_orr) && f->rn == f->rm)
        return simd_emit2(b, f, 0, ROW(v_mov), f->q, V(f->rn));
    if (row == ROW(v_eor) && f->rn == f->rm) {
        emit(b, UOP_v_zero, V(f->rd));
        return true;
    }
    return simd_emit3(b, f, 0, row, f->q, V(f->rn), V(f->rm));
}

static bool is_saturating(unsigned op)
{
    return (op & 0x1f) == SQADD || (op & 0x1f) == SQSUB || (op & 0x1f) == SQDMULH;
}

void simd_emit_pairwise(struct builder *b, const struct a64_insn *f, unsigned op, bool q)
{
    static const uint16_t even[4] = {UOP_v_uzp1_b, UOP_v_uzp1_h, UOP_v_uzp1_s, UOP_v_join64};
    static const uint16_t odd[4] = {UOP_v_uzp2_b, UOP_v_uzp2_h, UOP_v_uzp2_s, UOP_v_zip2_d};
    struct opnd n = V(f->rn), m = V(f->rm);
    if (!q) {
        /* Two 8-byte operands make one of 16, whose pairs give 8 bytes. */
        emit(b, UOP_v_join64, V(f->rd), n, m);
        n = m = V(f->rd);
    }
    emit(b, even[f->size], VT(0), n, m);
    emit(b, odd[f->size], V(f->rd), n, m);
    emit(b, op, q ? V(f->rd) : VT(0), VT(0), V(f->rd));
    if (!q)
        emit(b, UOP_v_low64, V(f->rd), VT(0));
}

bool trans_simd_three_same(struct builder *b, const struct a64_insn *f)
{
    unsigned op = operation(f->raw);
    bool no_d = op != SQADD && op != UQADD && op != SQSUB && op != UQSUB && op != ADD &&
                op != SUB && op != ADDP && !(op >= CMGT && op <= SQRSHL) &&
                !(op >= CMHI && op <= UQRSHL) && op != CMTST && op != CMEQ;
    if (f->size == SIZE_D && (!f->q || no_d))
        return false;
    if ((op == SQDMULH || op == SQRDMULH) && f->size == SIZE_B)
        return false;
    if (op == PMUL && f->size != SIZE_B)
        return false;
    if (pairwise[op]) {
        simd_emit_pairwise(b, f, rows[pairwise[op]][f->size] - 1, f->q);
        return true;
    }
    if (accumulating[op]) {
        emit(b, rows[accumulating[op]][f->size] - 1, VT(0), V(f->rn), V(f->rm));
        simd_emit_accumulate(b, f, (op == MLS ? simd_sub_ops : simd_add_ops)[f->size], f->q);
        return true;
    }
    return simd_emit3(b, f, A64_HELPER_simd_three_same,
                      is_saturating(op) && !f->q ? 0 : rows[op][f->size], f->q, V(f->rn), V(f->rm));
}

bool trans_simd_scalar_three_same(struct builder *b, const struct a64_insn *f)
{
    unsigned op = operation(f->raw);
    bool any_size = op == SQADD || op == UQADD || op == SQSUB || op == UQSUB || op == SQSHL ||
                    op == UQSHL || op == SQRSHL || op == UQRSHL;
    if (op == SQDMULH || op == SQRDMULH) {
        if (f->size != SIZE_H && f->size != SIZE_S)
            return false;
        return simd_emit3(b, f, A64_HELPER_simd_three_same, 0, false, V(f->rn), V(f->rm));
    }
    if (!any_size && f->size != SIZE_D)
        return false;
    return simd_emit3(b, f, A64_HELPER_simd_three_same, any_size ? 0 : rows[op][f->size], false,
                      V(f->rn), V(f->rm));
}

/* ---- Three same extra: SQRDMLAH, SQRDMLSH; SDOT, UDOT ---- */

void a64_helper_simd_rdm(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    unsigned size = insn_bits(insn, 22, 2);
    bool scalar = insn_bits(insn, 28, 1), q = insn_bits(insn, 30, 1), qc = false;
    bool subtract = insn_bits(insn, 11, 1);
    unsigned lanes = scalar ? 1 : lane_count(q, size);
    v128 d = cpu->v[insn_rd(insn)], n = cpu->v[insn_rn(insn)], m = cpu->v[insn_rm(insn)];
    v128 r = {.q = 0};
    for (unsigned i = 0; i < lanes; i++) {
        wide a = lane_get(&n, size, i, false), c = lane_get(&m, size, i, false);
        lane_set(&r, size, i,
                 simd_doubling_high(lane_get(&d, size, i, false), subtract ? -a : a, c, size, true,
                                    &qc));
    }
    cpu->v[insn_rd(insn)] = r;
    note_qc(cpu, qc);
}

bool trans_simd_rdm(struct builder *b, const struct a64_insn *f)
{
    if (f->size != SIZE_H && f->size != SIZE_S)
        return false;
    emit_call(b, A64_HELPER_simd_rdm, f->raw, 0, 0);
    return true;
}

void simd_dot(v128 *d, const v128 *n, const v128 *m, bool is_uns, bool q)
{
    v128 r = {.q = 0};
    for (unsigned i = 0; i < lane_count(q, SIZE_S); i++) {
        wide sum = d->s[i];
        for (unsigned k = 0; k < 4; k++)
            sum += lane_get(n, SIZE_B, 4 * i + k, is_uns) * lane_get(m, SIZE_B, 4 * i + k, is_uns);
        r.s[i] = (uint32_t)sum;
    }
    *d = r;
}

void a64_helper_simd_dot(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    simd_dot(&cpu->v[insn_rd(insn)], &cpu->v[insn_rn(insn)], &cpu->v[insn_rm(insn)],
             insn_bits(insn, 29, 1), insn_bits(insn, 30, 1));
}

bool trans_simd_dot(struct builder *b, const struct a64_insn *f)
{
    return simd_emit3(b, f, A64_HELPER_simd_dot, f->u ? ROW(v_udot) : ROW(v_sdot), f->q, V(f->rn),
                      V(f->rm));
}
