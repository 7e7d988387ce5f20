/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scalar floating point (Arm ARM DDI 0487, C4.1.96, "Floating-point ..." and
 * "Conversion between floating-point and ..."). */
#include "translate/a64/fp_emit.h"

/* The templates of one operation for single and double. */
struct scalar_ops {
    uint16_t s, d;
};

enum { TYPE_S = 0, TYPE_D = 1, TYPE_H = 3 };

static bool reserved(unsigned type)
{
    return type == 2;
}

static unsigned pick(const struct scalar_ops *ops, unsigned type)
{
    return type == TYPE_S ? ops->s : type == TYPE_D ? ops->d : 0;
}

bool trans_FP_exact(struct builder *b, const struct a64_insn *f)
{
    return fp_emit_exact(b, f);
}

bool trans_FP_scalar_exact(struct builder *b, const struct a64_insn *f)
{
    return !reserved(f->type) && fp_emit_exact(b, f);
}

/* ---- 1 source ---- */

static bool one_source(struct builder *b, const struct a64_insn *f, enum fp_result result,
                       struct scalar_ops ops)
{
    if (reserved(f->type))
        return false;
    FP_EMIT_RESULT(b, f, result, pick(&ops, f->type), V(f->rd), V(f->rn));
    return true;
}

#define ONE_SOURCE(name, result, s, d)                                                             \
    bool trans_##name(struct builder *b, const struct a64_insn *f)                                 \
    {                                                                                              \
        return one_source(b, f, result, (struct scalar_ops){UOP_##s, UOP_##d});                    \
    }
ONE_SOURCE(FABS_fp, FP_NO_NUMBER, fabs_s, fabs_d)
ONE_SOURCE(FNEG_fp, FP_NO_NUMBER, fneg_s, fneg_d)
ONE_SOURCE(FSQRT_fp, FP_NUMBER, fsqrt_s, fsqrt_d)

bool trans_FMOV_fp(struct builder *b, const struct a64_insn *f)
{
    static const uint16_t ops[] = {UOP_fmov_s, UOP_fmov_d, 0, UOP_fmov_h};
    if (reserved(f->type))
        return false;
    emit(b, ops[f->type], V(f->rd), V(f->rn));
    return true;
}

bool trans_FCVT(struct builder *b, const struct a64_insn *f)
{
    if (reserved(f->type) || reserved(f->opc) || f->type == f->opc)
        return false;
    unsigned op = f->type == TYPE_S && f->opc == TYPE_D   ? UOP_fcvt_s_to_d
                  : f->type == TYPE_D && f->opc == TYPE_S ? UOP_fcvt_d_to_s
                                                          : 0;
    FP_EMIT_RESULT(b, f, FP_TINY, op, V(f->rd), V(f->rn));
    return true;
}

static void touch(struct builder *b, const struct a64_insn *f)
{
    if (f->type != TYPE_H)
        fp_emit_touch(b, f, f->type == TYPE_S ? UOP_fp_touch_s : UOP_fp_touch_d);
}

#define FRINT(name, s, d)                                                                          \
    bool trans_##name(struct builder *b, const struct a64_insn *f)                                 \
    {                                                                                              \
        if (reserved(f->type))                                                                     \
            return false;                                                                          \
        touch(b, f);                                                                               \
        return one_source(b, f, FP_NUMBER, (struct scalar_ops){UOP_##s, UOP_##d});                 \
    }
FRINT(FRINTN_fp, frintn_s, frintn_d)
FRINT(FRINTP_fp, frintp_s, frintp_d)
FRINT(FRINTM_fp, frintm_s, frintm_d)
FRINT(FRINTZ_fp, frintz_s, frintz_d)
FRINT(FRINTA_fp, frinta_s, frinta_d)
FRINT(FRINTX_fp, frintx_s, frintx_d)
FRINT(FRINTI_fp, frinti_s, frinti_d)

/* ---- 2 and 3 source ---- */

#define TWO_SOURCE(name, result, s, d)                                                             \
    bool trans_##name(struct builder *b, const struct a64_insn *f)                                 \
    {                                                                                              \
        if (reserved(f->type))                                                                     \
            return false;                                                                          \
        FP_EMIT_RESULT(b, f, result, pick(&(struct scalar_ops){UOP_##s, UOP_##d}, f->type),        \
                       V(f->rd), V(f->rn), V(f->rm));                                              \
        return true;                                                                               \
    }
TWO_SOURCE(FMUL_fp, FP_TINY, fmul_s, fmul_d)
TWO_SOURCE(FADD_fp, FP_NUMBER, fadd_s, fadd_d)
TWO_SOURCE(FSUB_fp, FP_NUMBER, fsub_s, fsub_d)
TWO_SOURCE(FMAX_fp, FP_OPERAND, fmax_s, fmax_d)
TWO_SOURCE(FMIN_fp, FP_OPERAND, fmin_s, fmin_d)
TWO_SOURCE(FNMUL_fp, FP_TINY, fnmul_s, fnmul_d)

/* On the host a denormal by zero is no invalid operation. */
bool trans_FDIV_fp(struct builder *b, const struct a64_insn *f)
{
    static const struct scalar_ops ops = {UOP_fdiv_s, UOP_fdiv_d};
    if (reserved(f->type))
        return false;
    touch(b, f);
    FP_EMIT_RESULT(b, f, FP_TINY, pick(&ops, f->type), V(f->rd), V(f->rn), V(f->rm));
    return true;
}

#define THREE_SOURCE(name, s, d)                                                                   \
    bool trans_##name(struct builder *b, const struct a64_insn *f)                                 \
    {                                                                                              \
        if (reserved(f->type))                                                                     \
            return false;                                                                          \
        FP_EMIT_RESULT(b, f, FP_TINY, pick(&(struct scalar_ops){UOP_##s, UOP_##d}, f->type),       \
                       V(f->rd), V(f->rn), V(f->rm), V(f->ra));                                    \
        return true;                                                                               \
    }
THREE_SOURCE(FMADD, fmadd_s, fmadd_d)
THREE_SOURCE(FMSUB, fmsub_s, fmsub_d)
THREE_SOURCE(FNMADD, fnmadd_s, fnmadd_d)
THREE_SOURCE(FNMSUB, fnmsub_s, fnmsub_d)

/* ---- Comparison and selection ---- */

/* The comparison leaves in CC_X_SLOT what gives its flags when 1 is
 * subtracted, so that they are fused with their consumers as an integer comparison's. */
static bool compare(struct builder *b, const struct a64_insn *f, struct scalar_ops ops, bool zero)
{
    if (reserved(f->type))
        return false;
    if (zero)
        emit(b, UOP_fmov_zero, VT(0));
    FP_EMIT_RESULT(b, f, FP_NO_NUMBER, pick(&ops, f->type), G(CC_X_SLOT), V(f->rn),
                   zero ? VT(0) : V(f->rm));
    emit_cc(b, CC_SUB32, G(CC_X_SLOT), I(1));
    return true;
}

#define COMPARE(name, op, zero)                                                                    \
    bool trans_##name(struct builder *b, const struct a64_insn *f)                                 \
    {                                                                                              \
        return compare(b, f, (struct scalar_ops){UOP_##op##_s, UOP_##op##_d}, zero);               \
    }
COMPARE(FCMP, fcmp, false)
COMPARE(FCMP_zero, fcmp, true)
COMPARE(FCMPE, fcmpe, false)
COMPARE(FCMPE_zero, fcmpe, true)

/* Whether the condition holds goes to CC_Y_SLOT, where the helper finds it too. */
bool trans_FCCMP(struct builder *b, const struct a64_insn *f)
{
    static const struct scalar_ops quiet = {UOP_fccmp_s, UOP_fccmp_d},
                                   signalling = {UOP_fccmpe_s, UOP_fccmpe_d};
    if (reserved(f->type))
        return false;
    if (f->cond >= COND_COUNT) /* always */
        emit(b, UOP_mov64, G(CC_Y_SLOT), I(1));
    else
        emit_cc_set(b, (enum cc_cond)f->cond, G(CC_Y_SLOT));
    FP_EMIT_RESULT(b, f, FP_NO_NUMBER, pick(f->op ? &signalling : &quiet, f->type), G(CC_SLOT),
                   G(CC_Y_SLOT), V(f->rn), V(f->rm));
    emit(b, UOP_sel32, G(CC_SLOT), G(CC_Y_SLOT), G(CC_SLOT), I((int32_t)((uint32_t)f->nzcv << 28)));
    emit_cc_written(b);
    return true;
}

bool trans_FCSEL(struct builder *b, const struct a64_insn *f)
{
    if (reserved(f->type))
        return false;
    static const uint16_t ops[] = {UOP_fcsel_s, UOP_fcsel_d, 0, UOP_fcsel_h};
    if (f->cond >= COND_COUNT) /* always */
        return trans_FMOV_fp(b, f);
    emit_cc_set(b, (enum cc_cond)f->cond, T(0));
    emit(b, ops[f->type], V(f->rd), T(0), V(f->rn), V(f->rm));
    return true;
}

/* ---- Moves ---- */

/* VFPExpandImm: a:NOT(b):bbb..:cdefgh:000.. */
static uint64_t expand_immediate(unsigned imm8, unsigned bits, unsigned exponent)
{
    unsigned fraction = bits - 1 - exponent;
    uint64_t b = imm8 >> 6 & 1;
    uint64_t exp =
        (b ^ 1) << (exponent - 1) | (b ? ((1ull << (exponent - 3)) - 1) << 2 : 0) | (imm8 >> 4 & 3);
    return (uint64_t)(imm8 >> 7) << (bits - 1) | exp << fraction |
           (uint64_t)(imm8 & 15) << (fraction - 4);
}

bool trans_FMOV_imm(struct builder *b, const struct a64_insn *f)
{
    if (reserved(f->type))
        return false;
    uint64_t value = f->type == TYPE_S   ? expand_immediate(f->imm8, 32, 8)
                     : f->type == TYPE_D ? expand_immediate(f->imm8, 64, 11)
                                         : expand_immediate(f->imm8, 16, 5);
    emit(b, UOP_fmov_imm, V(f->rd), I(value));
    return true;
}

static bool move_to_general(struct builder *b, const struct a64_insn *f, unsigned op)
{
    emit(b, op, a64_x_out(f->rd), V(f->rn));
    return true;
}

static bool move_from_general(struct builder *b, const struct a64_insn *f, unsigned op)
{
    emit(b, op, V(f->rd), a64_xg(b, f->rn, T(0)));
    return true;
}

bool trans_FMOV_w_s(struct builder *b, const struct a64_insn *f)
{
    return move_to_general(b, f, UOP_fmov_s_to_w);
}

bool trans_FMOV_x_d(struct builder *b, const struct a64_insn *f)
{
    return move_to_general(b, f, UOP_fmov_d_to_x);
}

bool trans_FMOV_w_h(struct builder *b, const struct a64_insn *f)
{
    return move_to_general(b, f, UOP_fmov_h_to_w);
}

bool trans_FMOV_x_top(struct builder *b, const struct a64_insn *f)
{
    return move_to_general(b, f, UOP_fmov_top_to_x);
}

bool trans_FMOV_s_w(struct builder *b, const struct a64_insn *f)
{
    return move_from_general(b, f, UOP_fmov_w_to_s);
}

bool trans_FMOV_d_x(struct builder *b, const struct a64_insn *f)
{
    return move_from_general(b, f, UOP_fmov_x_to_d);
}

bool trans_FMOV_h_w(struct builder *b, const struct a64_insn *f)
{
    return move_from_general(b, f, UOP_fmov_w_to_h);
}

bool trans_FMOV_top_x(struct builder *b, const struct a64_insn *f)
{
    return move_from_general(b, f, UOP_fmov_x_to_top);
}

/* ---- Conversions ---- */

bool trans_FP_fixed(struct builder *b, const struct a64_insn *f)
{
    if (reserved(f->type) || (!f->sf && f->scale < 32))
        return false;
    return fp_emit_exact(b, f);
}

/* [type][sf]; half precision has none */
typedef const uint16_t general_ops[2][2];

static unsigned pick_general(general_ops ops, const struct a64_insn *f)
{
    return f->type == TYPE_H ? 0 : ops[f->type][f->sf];
}

bool trans_FCVTxS_int(struct builder *b, const struct a64_insn *f)
{
    static general_ops ops = {{UOP_fcvt_s_to_sw, UOP_fcvt_s_to_sx},
                              {UOP_fcvt_d_to_sw, UOP_fcvt_d_to_sx}};
    static const uint8_t host_rounding[] = {0, 2, 1, 3};
    if (reserved(f->type))
        return false;
    touch(b, f);
    FP_EMIT_RESULT(b, f, FP_NO_NUMBER, pick_general(ops, f), a64_x_out(f->rd), V(f->rn),
                   I(host_rounding[f->rmode]));
    return true;
}

bool trans_FCVTxU_int(struct builder *b, const struct a64_insn *f)
{
    static general_ops ops = {{UOP_fcvtz_s_to_uw, UOP_fcvtz_s_to_ux},
                              {UOP_fcvtz_d_to_uw, UOP_fcvtz_d_to_ux}};
    if (reserved(f->type))
        return false;
    if (f->rmode != 3)
        return fp_emit_exact(b, f);
    touch(b, f);
    FP_EMIT_RESULT(b, f, FP_NO_NUMBER, pick_general(ops, f), a64_x_out(f->rd), V(f->rn));
    return true;
}

static bool from_integer(struct builder *b, const struct a64_insn *f, general_ops ops)
{
    if (reserved(f->type))
        return false;
    FP_EMIT_RESULT(b, f, FP_NO_NUMBER, pick_general(ops, f), V(f->rd),
                   f->rn == 31 ? G(A64_ZERO) : G(f->rn));
    return true;
}

bool trans_SCVTF_int(struct builder *b, const struct a64_insn *f)
{
    static general_ops ops = {{UOP_scvtf_w_to_s, UOP_scvtf_x_to_s},
                              {UOP_scvtf_w_to_d, UOP_scvtf_x_to_d}};
    return from_integer(b, f, ops);
}

bool trans_UCVTF_int(struct builder *b, const struct a64_insn *f)
{
    static general_ops ops = {{UOP_ucvtf_w_to_s, UOP_ucvtf_x_to_s},
                              {UOP_ucvtf_w_to_d, UOP_ucvtf_x_to_d}};
    return from_integer(b, f, ops);
}

bool trans_FJCVTZS(struct builder *b, const struct a64_insn *f)
{
    fp_emit_exact(b, f);
    emit_cc_written(b);
    return true;
}
