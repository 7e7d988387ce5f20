/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Advanced SIMD copy, permute, extract and table look-up (Arm ARM DDI 0487, C4.1.96). */
#include "translate/a64/simd.h"
#include "translate/builder.h"

/* imm5: the lowest bit set says the size, the bits above it the element. */
static bool element(uint32_t insn, unsigned *size, unsigned *index)
{
    unsigned imm5 = insn_bits(insn, 16, 5);
    if (!(imm5 & 15))
        return false;
    *size = (unsigned)__builtin_ctz(imm5);
    *index = imm5 >> (*size + 1);
    return true;
}

static const uint16_t dup_rows[4] = {UOP_v_dup_b, UOP_v_dup_h, UOP_v_dup_s, UOP_v_dup_d};
static const uint16_t spread_rows[4] = {UOP_v_spread_b, UOP_v_spread_h, UOP_v_spread_s,
                                        UOP_v_spread_d};
static const uint16_t umov_rows[4] = {UOP_v_umov_b, UOP_v_umov_h, UOP_v_umov_s, UOP_v_umov_d};
static const uint16_t ins_rows[4] = {UOP_v_ins_b, UOP_v_ins_h, UOP_v_ins_s, UOP_v_ins_d};

void simd_emit_spread(struct builder *b, unsigned size, bool q, unsigned rd, struct opnd x)
{
    if (q) {
        emit(b, spread_rows[size], V(rd), x);
    } else {
        emit(b, spread_rows[size], VT(0), x);
        emit(b, UOP_v_low64, V(rd), VT(0));
    }
}

void simd_emit_insert(struct builder *b, unsigned size, unsigned rd, unsigned index, struct opnd x)
{
    emit(b, ins_rows[size], V(rd), x, I(index));
}

void simd_emit_extract(struct builder *b, unsigned size, struct opnd x, unsigned rn, unsigned index)
{
    emit(b, umov_rows[size], x, V(rn), I(index));
}

/* DUP (element) */
bool trans_DUP_elt_v(struct builder *b, const struct a64_insn *f)
{
    unsigned size, index;
    if (!element(f->raw, &size, &index) || (size == SIZE_D && !f->q))
        return false;
    if (f->q) {
        emit(b, dup_rows[size], V(f->rd), V(f->rn), I(index));
    } else {
        emit(b, dup_rows[size], VT(0), V(f->rn), I(index));
        emit(b, UOP_v_low64, V(f->rd), VT(0));
    }
    return true;
}

/* DUP (element), scalar */
bool trans_DUP_elt_s(struct builder *b, const struct a64_insn *f)
{
    unsigned size, index;
    if (!element(f->raw, &size, &index))
        return false;
    if (size == SIZE_D) {
        emit(b, index ? UOP_v_high64 : UOP_v_low64, V(f->rd), V(f->rn));
    } else {
        emit(b, umov_rows[size], T(0), V(f->rn), I(index));
        emit(b, UOP_v_from_g, V(f->rd), T(0));
    }
    return true;
}

/* DUP (general) */
bool trans_DUP_gen(struct builder *b, const struct a64_insn *f)
{
    unsigned size, index;
    if (!element(f->raw, &size, &index) || (size == SIZE_D && !f->q))
        return false;
    if (f->rn == 31)
        emit(b, UOP_v_zero, V(f->rd));
    else
        simd_emit_spread(b, size, f->q, f->rd, G(f->rn));
    return true;
}

bool trans_SMOV(struct builder *b, const struct a64_insn *f)
{
    static const uint16_t extend[2][3] = {{UOP_sext8_32, UOP_sext16_32, 0},
                                          {UOP_sext8_64, UOP_sext16_64, UOP_sext32_64}};
    unsigned size, index;
    if (!element(f->raw, &size, &index) || size > (f->q ? SIZE_S : SIZE_H))
        return false;
    emit(b, umov_rows[size], T(0), V(f->rn), I(index));
    emit(b, extend[f->q][size], a64_x_out(f->rd), T(0));
    return true;
}

bool trans_UMOV(struct builder *b, const struct a64_insn *f)
{
    unsigned size, index;
    if (!element(f->raw, &size, &index) || f->q != (size == SIZE_D))
        return false;
    emit(b, umov_rows[size], a64_x_out(f->rd), V(f->rn), I(index));
    return true;
}

/* INS (general) */
bool trans_INS_gen(struct builder *b, const struct a64_insn *f)
{
    unsigned size, index;
    if (!element(f->raw, &size, &index))
        return false;
    simd_emit_insert(b, size, f->rd, index, a64_xg(b, f->rn, T(0)));
    return true;
}

/* INS (element) */
bool trans_INS_elt(struct builder *b, const struct a64_insn *f)
{
    unsigned size, index;
    if (!element(f->raw, &size, &index))
        return false;
    unsigned from = insn_bits(f->raw, 11, 4) >> size;
    if (size == SIZE_D) {
        static const uint16_t move[2][2] = {{UOP_v_ins_d00, UOP_v_ins_d01},
                                            {UOP_v_ins_d10, UOP_v_ins_d11}};
        emit(b, move[index][from], V(f->rd), V(f->rn));
    } else {
        emit(b, umov_rows[size], T(0), V(f->rn), I(from));
        emit(b, ins_rows[size], V(f->rd), T(0), I(index));
    }
    return true;
}

/* ---- Permute ---- */

/* With two elements they are all the same. */
#define FIRST(name)                                                                                \
    {                                                                                              \
        ROW(name##_b), ROW(name##_h), ROW(name##_s), ROW(v_join64)                                 \
    }
#define SECOND(name)                                                                               \
    {                                                                                              \
        ROW(name##_b), ROW(name##_h), ROW(name##_s), ROW(v_zip2_d)                                 \
    }

/* UZP1, UZP2, TRN1, TRN2, ZIP1, ZIP2 */
bool trans_simd_permute(struct builder *b, const struct a64_insn *f)
{
    static const uint16_t rows[8][4] = {
        [1] = FIRST(v_uzp1),  [2] = FIRST(v_trn1),  [3] = FIRST(v_zip1),
        [5] = SECOND(v_uzp2), [6] = SECOND(v_trn2), [7] = SECOND(v_zip2),
    };
    unsigned op = insn_bits(f->raw, 12, 3);
    if (f->size == SIZE_D && !f->q)
        return false;
    if (f->q)
        return simd_emit3(b, f, 0, rows[op][f->size], true, V(f->rn), V(f->rm));
    if (op == 7) {
        /* The upper half of an 8-byte ZIP is that of the 16-byte ZIP1. */
        emit(b, rows[3][f->size] - 1, VT(0), V(f->rn), V(f->rm));
        emit(b, UOP_v_high64, V(f->rd), VT(0));
        return true;
    }
    if (op == 1 || op == 5) {
        emit(b, UOP_v_join64, VT(0), V(f->rn), V(f->rm));
        return simd_emit3(b, f, 0, rows[op][f->size], false, VT(0), VT(0));
    }
    return simd_emit3(b, f, 0, rows[op][f->size], false, V(f->rn), V(f->rm));
}

bool trans_EXT(struct builder *b, const struct a64_insn *f)
{
    unsigned from = insn_bits(f->raw, 11, 4);
    if (f->q && f->rn == f->rm && from % 4 == 0) {
        emit(b, UOP_v_turn_s, V(f->rd), V(f->rn), I(from / 4));
        return true;
    }
    if (f->q) {
        emit(b, UOP_v_ext, V(f->rd), V(f->rn), V(f->rm), I(from));
        return true;
    }
    if (from & 8)
        return false;
    emit(b, UOP_v_join64, VT(0), V(f->rn), V(f->rm));
    emit(b, UOP_v_ext, VT(0), VT(0), VT(0), I(from));
    emit(b, UOP_v_low64, V(f->rd), VT(0));
    return true;
}

/* ---- TBL, TBX ---- */

void a64_helper_simd_table(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    bool q = insn_bits(insn, 30, 1), extend = insn_bits(insn, 12, 1);
    unsigned count = insn_bits(insn, 13, 2) + 1, rn = insn_rn(insn);
    v128 d = cpu->v[insn_rd(insn)], m = cpu->v[insn_rm(insn)], r = {.q = 0};
    for (unsigned i = 0; i < (q ? 16 : 8); i++) {
        unsigned k = m.b[i];
        if (k < 16 * count)
            r.b[i] = cpu->v[(rn + k / 16) & 31].b[k % 16];
        else if (extend)
            r.b[i] = d.b[i];
    }
    cpu->v[insn_rd(insn)] = r;
}

bool trans_simd_table(struct builder *b, const struct a64_insn *f)
{
    unsigned count = insn_bits(f->raw, 13, 2) + 1;
    bool extend = insn_bits(f->raw, 12, 1);
    if (count == 1)
        return simd_emit3(b, f, A64_HELPER_simd_table, extend ? ROW(v_tbx1) : ROW(v_tbl1), f->q,
                          V(f->rn), V(f->rm));
    if (hostgen_does(UOP_v_tbl_more)) {
        emit(b, UOP_v_tbl2, VT(0), V(f->rn), V((f->rn + 1) & 31), V(f->rm));
        for (unsigned i = 2; i < count; i++)
            emit(b, UOP_v_tbl_more, VT(0), V((f->rn + i) & 31), V(f->rm), I(i));
        if (extend)
            emit(b, UOP_v_tbx_merge, V(f->rd), VT(0), V(f->rm), I(count));
        else if (f->q)
            emit(b, UOP_v_mov, V(f->rd), VT(0));
        if (!f->q)
            emit(b, UOP_v_low64, V(f->rd), extend ? V(f->rd) : VT(0));
        return true;
    }
    emit_call(b, A64_HELPER_simd_table, f->raw, 0, 0);
    return true;
}
