/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions that read the condition flags, or write them in ways of their
 * own (DDI 0487, C4.1.95): carry, flag manipulation, conditional compare and
 * select. */
#include "translate/a64/a64.h"

#define OP(name)   (f->sf ? UOP_##name##64 : UOP_##name##32)
#define KIND(name) (f->sf ? CC_##name##64 : CC_##name##32)

/* ---- Carry ---- */

bool trans_ADC(struct builder *b, const struct a64_insn *f)
{
    if (f->rd != 31)
        emit_adc(b, KIND(ADC), G(f->rd), a64_x(f->rn), a64_x(f->rm));
    return true;
}

bool trans_SBC(struct builder *b, const struct a64_insn *f)
{
    if (f->rd != 31)
        emit_adc(b, KIND(SBC), G(f->rd), a64_x(f->rn), a64_x(f->rm));
    return true;
}

bool trans_ADCS(struct builder *b, const struct a64_insn *f)
{
    emit_adcs(b, KIND(ADC), f->rd == 31 ? T(0) : G(f->rd), a64_x(f->rn), a64_x(f->rm));
    return true;
}

bool trans_SBCS(struct builder *b, const struct a64_insn *f)
{
    emit_adcs(b, KIND(SBC), f->rd == 31 ? T(0) : G(f->rd), a64_x(f->rn), a64_x(f->rm));
    return true;
}

/* ---- FEAT_FlagM, FEAT_FlagM2 ---- */

bool trans_RMIF(struct builder *b, const struct a64_insn *f)
{
    emit_cc_store(b);
    emit(b, UOP_ror64, T(0), a64_xg(b, f->rn, T(0)), I(f->imm6));
    emit(b, UOP_and32, T(0), T(0), I(f->mask));
    emit(b, UOP_shl32, T(0), T(0), I(28));
    emit(b, UOP_and32, G(CC_SLOT), G(CC_SLOT), I((int32_t)(~(uint32_t)f->mask << 28)));
    emit(b, UOP_or32, G(CC_SLOT), G(CC_SLOT), T(0));
    emit_cc_written(b);
    return true;
}

bool trans_SETF8(struct builder *b, const struct a64_insn *f)
{
    emit_cc_store(b);
    emit(b, UOP_nzcv_setf8, G(CC_SLOT), G(CC_SLOT), a64_xg(b, f->rn, T(0)));
    emit_cc_written(b);
    return true;
}

bool trans_SETF16(struct builder *b, const struct a64_insn *f)
{
    emit_cc_store(b);
    emit(b, UOP_nzcv_setf16, G(CC_SLOT), G(CC_SLOT), a64_xg(b, f->rn, T(0)));
    emit_cc_written(b);
    return true;
}

bool trans_CFINV(struct builder *b, const struct a64_insn *f)
{
    (void)f;
    emit_cc_store(b);
    emit(b, UOP_xor32, G(CC_SLOT), G(CC_SLOT), I(1 << 29));
    emit_cc_written(b);
    return true;
}

bool trans_AXFLAG(struct builder *b, const struct a64_insn *f)
{
    (void)f;
    emit_cc_store(b);
    emit(b, UOP_nzcv_axflag, G(CC_SLOT), G(CC_SLOT));
    emit_cc_written(b);
    return true;
}

bool trans_XAFLAG(struct builder *b, const struct a64_insn *f)
{
    (void)f;
    emit_cc_store(b);
    emit(b, UOP_nzcv_xaflag, G(CC_SLOT), G(CC_SLOT));
    emit_cc_written(b);
    return true;
}

/* ---- Conditional compare (C6.2.48 and following) ---- */

/* Conditions 14 and 15 both mean "always". */
enum { ALWAYS = 14 };

static bool compare(struct builder *b, const struct a64_insn *f, struct opnd y)
{
    enum cc_kind kind = f->op ? (f->sf ? CC_SUB64 : CC_SUB32) : (f->sf ? CC_ADD64 : CC_ADD32);
    if (f->cond >= ALWAYS)
        emit_cc(b, kind, a64_x(f->rn), y);
    else
        emit_cc_compare(b, (enum cc_cond)f->cond, kind, a64_x(f->rn), y, f->nzcv);
    return true;
}

bool trans_CCMP_reg(struct builder *b, const struct a64_insn *f)
{
    return compare(b, f, a64_x(f->rm));
}

bool trans_CCMP_imm(struct builder *b, const struct a64_insn *f)
{
    return compare(b, f, I(f->imm5));
}

/* ---- Conditional select (C6.2.72 and following) ---- */

static enum cc_cond inverse(unsigned cond)
{
    return (enum cc_cond)(cond ^ 1);
}

/* rd = cond ? Xn : y, where y may be T(0) */
static void emit_select(struct builder *b, const struct a64_insn *f, struct opnd y)
{
    if (f->cond >= ALWAYS) {
        a64_emit_move(b, f->sf, G(f->rd), a64_x(f->rn));
    } else if (f->sf) {
        emit_cc_select(b, (enum cc_cond)f->cond, G(f->rd), a64_x(f->rn), y);
    } else {
        emit_cc_select32(b, (enum cc_cond)f->cond, G(f->rd), a64_x(f->rn), y);
    }
}

bool trans_CSEL(struct builder *b, const struct a64_insn *f)
{
    if (f->rd != 31)
        emit_select(b, f, a64_x(f->rm));
    return true;
}

bool trans_CSINC(struct builder *b, const struct a64_insn *f)
{
    if (f->rd == 31)
        return true;
    if (f->rn == f->rm && f->cond < ALWAYS) {
        /* CSET, CINC */
        emit_cc_set(b, inverse(f->cond), f->rn == 31 ? G(f->rd) : T(0));
        if (f->rn != 31)
            emit(b, OP(add), G(f->rd), G(f->rn), T(0));
        return true;
    }
    if (f->rm == 31) {
        emit_select(b, f, I(1));
    } else {
        emit(b, UOP_add64, T(0), G(f->rm), I(1));
        emit_select(b, f, T(0));
    }
    return true;
}

bool trans_CSINV(struct builder *b, const struct a64_insn *f)
{
    if (f->rd == 31)
        return true;
    if (f->rn == f->rm && f->cond < ALWAYS) {
        /* CSETM, CINV */
        emit_cc_set(b, inverse(f->cond), T(0));
        emit(b, OP(neg), f->rn == 31 ? G(f->rd) : T(0), T(0));
        if (f->rn != 31)
            emit(b, OP(xor), G(f->rd), G(f->rn), T(0));
        return true;
    }
    if (f->rm == 31) {
        emit_select(b, f, I(-1));
    } else {
        emit(b, UOP_not64, T(0), G(f->rm));
        emit_select(b, f, T(0));
    }
    return true;
}

bool trans_CSNEG(struct builder *b, const struct a64_insn *f)
{
    if (f->rd == 31)
        return true;
    if (f->rm == 31) {
        emit_select(b, f, I(0));
    } else {
        emit(b, UOP_neg64, T(0), G(f->rm));
        emit_select(b, f, T(0));
    }
    return true;
}
