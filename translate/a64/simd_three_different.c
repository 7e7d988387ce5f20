/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advanced SIMD three different, vector by element (multiplications), and
 * their scalar forms (Arm ARM DDI 0487, C4.1.96: the integer instructions).
 */
#include "translate/a64/simd.h"
#include "translate/builder.h"

/* U:opcode of three different. */
enum {
    SADDL = 0x00,
    SADDW,
    SSUBL,
    SSUBW,
    ADDHN,
    SABAL,
    SUBHN,
    SABDL,
    SMLAL,
    SQDMLAL,
    SMLSL,
    SQDMLSL,
    SMULL,
    SQDMULL,
    PMULL,
    UADDL = 0x10,
    UADDW,
    USUBL,
    USUBW,
    RADDHN,
    UABAL,
    RSUBHN,
    UABDL,
    UMLAL,
    UMLSL = 0x1a,
    UMULL = 0x1c
};

#define ROWS3(name)                                                                                \
    {                                                                                              \
        UOP_##name##_b, UOP_##name##_h, UOP_##name##_s                                             \
    }

/* [unsigned][high half] and [unsigned] */
static const uint16_t mull_ops[2][2][3] = {{ROWS3(v_smull), ROWS3(v_smull2)},
                                           {ROWS3(v_umull), ROWS3(v_umull2)}};
static const uint16_t abd_ops[2][3] = {ROWS3(v_sabd), ROWS3(v_uabd)};

static bool is_wide(unsigned op)
{
    return (op & 0xf) == SADDW || (op & 0xf) == SSUBW;
}

static bool is_narrow(unsigned op)
{
    return (op & 0xf) == ADDHN || (op & 0xf) == SUBHN;
}

static unsigned operation(uint32_t insn)
{
    return insn_bits(insn, 29, 1) << 4 | insn_bits(insn, 12, 4);
}

static wide long_lane(unsigned op, wide d, wide x, wide y, unsigned size, bool *qc)
{
    switch (op) {
    case SADDL:
    case UADDL:
    case SADDW:
    case UADDW:
        return x + y;
    case SSUBL:
    case USUBL:
    case SSUBW:
    case USUBW:
        return x - y;
    case SABAL:
    case UABAL:
        return d + (x > y ? x - y : y - x);
    case SABDL:
    case UABDL:
        return x > y ? x - y : y - x;
    case SMLAL:
    case UMLAL:
        return d + x * y;
    case SMLSL:
    case UMLSL:
        return d - x * y;
    case SMULL:
    case UMULL:
        return x * y;
    case SQDMULL:
        return saturate(2 * x * y, size + 1, false, qc);
    case SQDMLAL:
        return saturate(d + saturate(2 * x * y, size + 1, false, qc), size + 1, false, qc);
    case SQDMLSL:
        return saturate(d - saturate(2 * x * y, size + 1, false, qc), size + 1, false, qc);
    default: /* PMULL of bytes */
        return (wide)simd_polynomial_multiply((uint64_t)x, (uint64_t)y);
    }
}

/* ADDHN and its relatives: the high halves of sums of wide elements. */
static void narrow_high(struct vcpu *cpu, uint32_t insn, unsigned op, unsigned size)
{
    bool high = insn_bits(insn, 30, 1), rounded = op & 0x10;
    v128 n = cpu->v[insn_rn(insn)], m = cpu->v[insn_rm(insn)];
    v128 *d = &cpu->v[insn_rd(insn)];
    unsigned lanes = 8u >> size, bits = 8u << size;
    v128 r = {.q = 0};
    if (high)
        r.d[0] = d->d[0];
    for (unsigned i = 0; i < lanes; i++) {
        wide x = lane_get(&n, size + 1, i, true), y = lane_get(&m, size + 1, i, true);
        wide sum = (op & 0xf) == ADDHN ? x + y : x - y;
        if (rounded)
            sum += (wide)1 << (bits - 1);
        lane_set(&r, size, high * lanes + i, sum >> bits);
    }
    *d = r;
}

void a64_helper_simd_three_different(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    unsigned op = operation(insn), size = insn_bits(insn, 22, 2);
    if (is_narrow(op)) {
        narrow_high(cpu, insn, op, size);
        return;
    }
    bool scalar = insn_bits(insn, 28, 1), uns = op & 0x10 || op == PMULL, qc = false;
    unsigned lanes = scalar ? 1 : 8u >> size;
    unsigned base = !scalar && insn_bits(insn, 30, 1) ? lanes : 0;
    v128 d = cpu->v[insn_rd(insn)], n = cpu->v[insn_rn(insn)], m = cpu->v[insn_rm(insn)];
    v128 r = {.q = 0};
    if (op == PMULL && size == SIZE_D) {
        r.q = simd_polynomial_multiply(n.d[base], m.d[base]);
        lanes = 0;
    }
    for (unsigned i = 0; i < lanes; i++) {
        wide a = is_wide(op) ? lane_get(&n, size + 1, i, uns) : lane_get(&n, size, base + i, uns);
        wide c = lane_get(&m, size, base + i, uns);
        lane_set(&r, size + 1, i, long_lane(op, lane_get(&d, size + 1, i, uns), a, c, size, &qc));
    }
    cpu->v[insn_rd(insn)] = r;
    note_qc(cpu, qc);
}

/* SMULL and its relatives, of vectors or with an element in VT(0). */
static bool emit_multiply_long(struct builder *b, const struct a64_insn *f, unsigned op,
                               struct opnd m)
{
    unsigned mull = mull_ops[op >> 4][f->q][f->size], wide_size = f->size + 1;
    switch (op & 0xf) {
    case SMULL:
        emit(b, mull, V(f->rd), V(f->rn), m);
        return true;
    case SMLAL:
    case SMLSL:
        emit(b, mull, VT(0), V(f->rn), m);
        simd_emit_accumulate(b, f, ((op & 0xf) == SMLAL ? simd_add_ops : simd_sub_ops)[wide_size],
                             true);
        return true;
    }
    return false;
}

bool trans_simd_three_different(struct builder *b, const struct a64_insn *f)
{
    unsigned op = operation(f->raw), size = f->size;
    if (size == SIZE_D || ((op == SQDMULL || op == SQDMLAL || op == SQDMLSL) && !size))
        return false;
    unsigned u = op >> 4, widen = simd_widen_ops[u][f->q][size];
    unsigned add = simd_add_ops[size + 1], sub = simd_sub_ops[size + 1];
    struct opnd d = V(f->rd), n = V(f->rn), m = V(f->rm);
    switch (op & 0xf) {
    case SADDL:
    case SSUBL: /* Vn is read before Vd is written, Vm when it is */
        emit(b, widen, VT(0), n);
        emit(b, widen, d, m);
        emit(b, (op & 0xf) == SADDL ? add : sub, d, VT(0), d);
        return true;
    case SADDW:
    case SSUBW:
        emit(b, widen, VT(0), m);
        emit(b, (op & 0xf) == SADDW ? add : sub, d, n, VT(0));
        return true;
    case SABDL:
    case SABAL: /* a distance fits in the narrow element, unsigned */
        emit(b, abd_ops[u][size], VT(0), n, m);
        widen = simd_widen_ops[1][f->q][size];
        if ((op & 0xf) == SABDL) {
            emit(b, widen, d, VT(0));
        } else {
            emit(b, widen, VT(0), VT(0));
            simd_emit_accumulate(b, f, add, true);
        }
        return true;
    case ADDHN:
    case SUBHN:
        emit(b, (op & 0xf) == ADDHN ? add : sub, VT(0), n, m);
        emit(b, (u ? simd_urshr_ops : simd_ushr_ops)[size + 1], VT(0), VT(0), I(8 << size));
        simd_emit_narrowed(b, f, simd_xtn_ops[size], VT(0), f->q);
        return true;
    default:
        if (!emit_multiply_long(b, f, op, m))
            emit_call(b, A64_HELPER_simd_three_different, f->raw, 0, 0);
        return true;
    }
}

bool trans_simd_scalar_three_different(struct builder *b, const struct a64_insn *f)
{
    if (f->size != SIZE_H && f->size != SIZE_S)
        return false;
    emit_call(b, A64_HELPER_simd_three_different, f->raw, 0, 0);
    return true;
}

bool trans_simd_pmull(struct builder *b, const struct a64_insn *f)
{
    if (f->size != SIZE_B && f->size != SIZE_D)
        return false;
    unsigned row = 0;
    if (f->size == SIZE_D && host_supports(HOST_PCLMUL))
        row = f->q ? ROW(pmull2_d) : ROW(pmull_d);
    return simd_emit3(b, f, A64_HELPER_simd_three_different, row, true, V(f->rn), V(f->rm));
}

/* ---- By element ---- */

/* U:opcode of vector by element. */
enum {
    E_SMLAL = 0x02,
    E_SQDMLAL,
    E_SMLSL = 0x06,
    E_SQDMLSL,
    E_MUL,
    E_SMULL = 0x0a,
    E_SQDMULL,
    E_SQDMULH,
    E_SQRDMULH,
    E_SDOT,
    E_MLA = 0x10,
    E_UMLAL = 0x12,
    E_MLS = 0x14,
    E_UMLSL = 0x16,
    E_UMULL = 0x1a,
    E_SQRDMLAH = 0x1d,
    E_UDOT,
    E_SQRDMLSH
};

/* The operation on long elements that does the same with a vector. */
static unsigned long_operation(unsigned op)
{
    switch (op) {
    case E_SMLAL:
        return SMLAL;
    case E_UMLAL:
        return UMLAL;
    case E_SMLSL:
        return SMLSL;
    case E_UMLSL:
        return UMLSL;
    case E_SMULL:
        return SMULL;
    case E_UMULL:
        return UMULL;
    case E_SQDMLAL:
        return SQDMLAL;
    case E_SQDMLSL:
        return SQDMLSL;
    default:
        return SQDMULL;
    }
}

static bool is_long(unsigned op)
{
    return (op & 0xf) == E_SMLAL || (op & 0xf) == E_SMLSL || (op & 0xf) == E_SMULL ||
           op == E_SQDMLAL || op == E_SQDMLSL || op == E_SQDMULL;
}

/* The register and the element number in it (size H or S). */
static void element_operand(uint32_t insn, unsigned size, unsigned *rm, unsigned *index)
{
    unsigned h = insn_bits(insn, 11, 1), l = insn_bits(insn, 21, 1), m = insn_bits(insn, 20, 1);
    if (size == SIZE_H) {
        *rm = insn_bits(insn, 16, 4);
        *index = h << 2 | l << 1 | m;
    } else {
        *rm = insn_rm(insn);
        *index = h << 1 | l;
    }
}

void a64_helper_simd_by_element(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    unsigned op = insn_bits(insn, 29, 1) << 4 | insn_bits(insn, 12, 4);
    unsigned size = insn_bits(insn, 22, 2), rm, index;
    bool scalar = insn_bits(insn, 28, 1), q = insn_bits(insn, 30, 1), qc = false;
    element_operand(insn, size, &rm, &index);
    v128 d = cpu->v[insn_rd(insn)], n = cpu->v[insn_rn(insn)], m = cpu->v[rm], r = {.q = 0};
    if (op == E_SDOT || op == E_UDOT) {
        for (unsigned i = 0; i < 4; i++)
            r.s[i] = m.s[index];
        simd_dot(&cpu->v[insn_rd(insn)], &n, &r, op == E_UDOT, q);
        return;
    }
    /* MUL, MLA and MLS are the same for both signs; the saturating ones with
     * the U bit are signed. */
    bool uns = op == E_UMLAL || op == E_UMLSL || op == E_UMULL;
    wide c = lane_get(&m, size, index, uns);
    unsigned lanes = scalar ? 1 : is_long(op) ? 8u >> size : lane_count(q, size);
    unsigned base = !scalar && q && is_long(op) ? lanes : 0;
    unsigned dsize = size + is_long(op);
    for (unsigned i = 0; i < lanes; i++) {
        wide a = lane_get(&n, size, base + i, uns), acc = lane_get(&d, dsize, i, uns), x;
        if (is_long(op))
            x = long_lane(long_operation(op), acc, a, c, size, &qc);
        else if (op == E_MUL)
            x = a * c;
        else if (op == E_MLA)
            x = acc + a * c;
        else if (op == E_MLS)
            x = acc - a * c;
        else if (op == E_SQRDMLAH || op == E_SQRDMLSH)
            x = simd_doubling_high(acc, op == E_SQRDMLSH ? -a : a, c, size, true, &qc);
        else
            x = simd_doubling_high(0, a, c, size, op == E_SQRDMULH, &qc);
        lane_set(&r, dsize, i, x);
    }
    cpu->v[insn_rd(insn)] = r;
    note_qc(cpu, qc);
}

bool trans_simd_by_element(struct builder *b, const struct a64_insn *f)
{
    static const uint16_t rows[32][4] = {
        [E_MUL] = {0, ROW(v_mul_h), ROW(v_mul_s)},
        [E_MLA] = {0, ROW(v_mul_h), ROW(v_mul_s)},
        [E_MLS] = {0, ROW(v_mul_h), ROW(v_mul_s)},
        [E_SQDMULH] = {0, ROW(v_sqdmulh_h), ROW(v_sqdmulh_s)},
        [E_SQRDMULH] = {0, ROW(v_sqrdmulh_h), ROW(v_sqrdmulh_s)},
        [E_SDOT] = {0, 0, ROW(v_sdot)},
        [E_UDOT] = {0, 0, ROW(v_udot)},
    };
    unsigned op = f->u << 4 | f->opcode, rm, index;
    bool dot = op == E_SDOT || op == E_UDOT;
    if (dot ? f->size != SIZE_S : f->size != SIZE_H && f->size != SIZE_S)
        return false;
    element_operand(f->raw, f->size, &rm, &index);
    bool saturating = op == E_SQDMULH || op == E_SQRDMULH;
    bool long_multiply = is_long(op) && op != E_SQDMULL && op != E_SQDMLAL && op != E_SQDMLSL;
    unsigned row = rows[op][f->size];
    if (!long_multiply && (!row || (saturating && !f->q))) {
        emit_call(b, A64_HELPER_simd_by_element, f->raw, 0, 0);
        return true;
    }
    emit(b, f->size == SIZE_H ? UOP_v_dup_h : UOP_v_dup_s, VT(0), V(rm), I(index));
    if (long_multiply)
        return emit_multiply_long(b, f, long_operation(op), VT(0));
    if (op == E_MLA || op == E_MLS) {
        emit(b, row - 1, VT(0), V(f->rn), VT(0));
        simd_emit_accumulate(b, f, (op == E_MLA ? simd_add_ops : simd_sub_ops)[f->size], f->q);
        return true;
    }
    return simd_emit3(b, f, A64_HELPER_simd_by_element, row, f->q, V(f->rn), VT(0));
}

bool trans_simd_scalar_by_element(struct builder *b, const struct a64_insn *f)
{
    if (f->size != SIZE_H && f->size != SIZE_S)
        return false;
    emit_call(b, A64_HELPER_simd_by_element, f->raw, 0, 0);
    return true;
}
