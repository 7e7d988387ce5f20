/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fixed-point arithmetic (Book I, 3.3.9).
 *
 * CA is written with the operation (CA32 where the processor has it).  OV and
 * SO come from a helper: programs that look at them are rare.  The first
 * overflow ends the block, as SO is part of vcpu.mode.
 */
#include "translate/ppc/overflow.h"
#include "translate/ppc/ppc.h"

/* For o-forms, before the operands can have been overwritten. */
static void overflow(struct builder *b, const struct ppc_insn *f, enum ppc_overflow kind)
{
    if (f->oe)
        emit_call(b, PPC_HELPER_overflow, kind, f->ra, f->rb);
}

/* CR0 for record forms, and the change of mode when SO has just been set. */
static bool finish(struct builder *b, const struct ppc_insn *f)
{
    if (f->rc)
        ppc_emit_record(b, G(f->rt));
    if (f->oe && !(builder_mode(b) & PPC_MODE_SO)) {
        uint64_t next = builder_pc(b) + 4;
        if (f->rc)
            emit(b, UOP_or64, ppc_cr(0), ppc_cr(0), G(PPC_SO));
        emit_branch(b, UOP_br_zero64, ppc_is64(b) ? next : (uint32_t)next, G(PPC_SO));
        emit_sync(b);
    }
    return true;
}

/* ---- Without carry ---- */

static bool add_immediate(struct builder *b, const struct ppc_insn *f, int64_t value)
{
    if (!f->ra)
        ppc_emit_const(b, G(f->rt), ppc_is64(b) ? (uint64_t)value : (uint32_t)value);
    else
        emit(b, PPC_OP(b, add), G(f->rt), G(f->ra), ppc_imm(b, (uint64_t)value, T(0)));
    return true;
}

bool trans_ADDI(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_prefix.active)
        return add_immediate(b, f, f->d);
    int64_t value = (int64_t)((uint64_t)ppc_prefix.high << 16 | (uint16_t)f->d);
    if (ppc_prefix.pc_relative) {
        emit_address(b, G(f->rt), builder_pc(b) + (uint64_t)value);
        return true;
    }
    return add_immediate(b, f, value);
}

bool trans_ADDIS(struct builder *b, const struct ppc_insn *f)
{
    return add_immediate(b, f, f->d * 65536);
}

bool trans_ADDPCIS(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_300))
        return false;
    int16_t d = (int16_t)(f->d0 << 6 | f->d1 << 1 | f->d2);
    uint64_t value = builder_pc(b) + 4 + (uint64_t)((int64_t)d * 65536);
    emit_address(b, G(f->rt), ppc_is64(b) ? value : (uint32_t)value);
    return true;
}

bool trans_ADD(struct builder *b, const struct ppc_insn *f)
{
    overflow(b, f, PPC_OV_ADD);
    emit(b, PPC_OP(b, add), G(f->rt), G(f->ra), G(f->rb));
    return finish(b, f);
}

bool trans_SUBF(struct builder *b, const struct ppc_insn *f)
{
    overflow(b, f, PPC_OV_SUBF);
    emit(b, PPC_OP(b, sub), G(f->rt), G(f->rb), G(f->ra));
    return finish(b, f);
}

bool trans_NEG(struct builder *b, const struct ppc_insn *f)
{
    overflow(b, f, PPC_OV_NEG);
    emit(b, PPC_OP(b, neg), G(f->rt), G(f->ra));
    return finish(b, f);
}

/* ---- With carry ---- */

static bool has_ca32(void)
{
    return ppc_has(PPC_ISA_300);
}

/* CA = carry out of x + y, or out of x + ~y + 1 (x is not below y) */
static void emit_carry(struct builder *b, bool subtract, struct opnd x, struct opnd y)
{
    unsigned op32 = subtract ? UOP_set_sub32_cs : UOP_set_add32_cs;
    unsigned op64 = subtract ? UOP_set_sub64_cs : UOP_set_add64_cs;
    if (has_ca32())
        emit(b, op32, G(PPC_CA32), x, y);
    emit(b, ppc_is64(b) ? op64 : op32, G(PPC_CA), x, y);
}

static bool add_immediate_carrying(struct builder *b, const struct ppc_insn *f)
{
    emit_carry(b, false, G(f->ra), I(f->d));
    emit(b, PPC_OP(b, add), G(f->rt), G(f->ra), I(f->d));
    return true;
}

bool trans_ADDIC(struct builder *b, const struct ppc_insn *f)
{
    return add_immediate_carrying(b, f);
}

bool trans_ADDIC_rec(struct builder *b, const struct ppc_insn *f)
{
    add_immediate_carrying(b, f);
    ppc_emit_record(b, G(f->rt));
    return true;
}

bool trans_SUBFIC(struct builder *b, const struct ppc_insn *f)
{
    ppc_emit_move(b, T(0), I(f->d));
    emit_carry(b, true, T(0), G(f->ra));
    emit(b, PPC_OP(b, sub), G(f->rt), T(0), G(f->ra));
    return true;
}

bool trans_ADDC(struct builder *b, const struct ppc_insn *f)
{
    overflow(b, f, PPC_OV_ADD);
    emit_carry(b, false, G(f->ra), G(f->rb));
    emit(b, PPC_OP(b, add), G(f->rt), G(f->ra), G(f->rb));
    return finish(b, f);
}

bool trans_SUBFC(struct builder *b, const struct ppc_insn *f)
{
    overflow(b, f, PPC_OV_SUBF);
    emit_carry(b, true, G(f->rb), G(f->ra));
    emit(b, PPC_OP(b, sub), G(f->rt), G(f->rb), G(f->ra));
    return finish(b, f);
}

/* rt = x + y + carry, with carry out.  x is a register or T(0), y a register or
 * the constant 0 or -1. */
static void emit_extended(struct builder *b, const struct ppc_insn *f, struct opnd x, struct opnd y,
                          unsigned carry)
{
    bool constant = y.kind == OPND_I;
    unsigned carry32 = carry == PPC_CA ? PPC_CA32 : PPC_OV32;
    struct opnd z = y;
    if (constant) {
        emit(b, UOP_mov64, T(1), y);
        z = T(1);
    }
    if (has_ca32())
        emit(b, UOP_carry32, G(carry32), x, z, G(carry));
    emit(b, PPC_OP(b, carry), T(1), x, z, G(carry));
    emit(b, PPC_OP(b, add), T(0), x, G(carry));
    emit(b, UOP_mov64, G(carry), T(1));
    emit(b, PPC_OP(b, add), G(f->rt), T(0), y);
}

bool trans_ADDE(struct builder *b, const struct ppc_insn *f)
{
    overflow(b, f, PPC_OV_ADDE);
    emit_extended(b, f, G(f->ra), G(f->rb), PPC_CA);
    return finish(b, f);
}

bool trans_SUBFE(struct builder *b, const struct ppc_insn *f)
{
    overflow(b, f, PPC_OV_SUBFE);
    if (f->ra == f->rb) { /* a carry made into 0 or -1 */
        if (has_ca32())
            emit(b, UOP_mov64, G(PPC_CA32), G(PPC_CA));
        emit(b, PPC_OP(b, sub), G(f->rt), G(PPC_CA), I(1));
        return finish(b, f);
    }
    emit(b, PPC_OP(b, not ), T(0), G(f->ra));
    emit_extended(b, f, T(0), G(f->rb), PPC_CA);
    return finish(b, f);
}

bool trans_ADDME(struct builder *b, const struct ppc_insn *f)
{
    overflow(b, f, PPC_OV_ADDME);
    emit_extended(b, f, G(f->ra), I(-1), PPC_CA);
    return finish(b, f);
}

bool trans_SUBFME(struct builder *b, const struct ppc_insn *f)
{
    overflow(b, f, PPC_OV_SUBFME);
    emit(b, PPC_OP(b, not ), T(0), G(f->ra));
    emit_extended(b, f, T(0), I(-1), PPC_CA);
    return finish(b, f);
}

bool trans_ADDZE(struct builder *b, const struct ppc_insn *f)
{
    overflow(b, f, PPC_OV_ADDZE);
    if (has_ca32())
        emit(b, UOP_set_add32_cs, G(PPC_CA32), G(f->ra), G(PPC_CA));
    emit(b, ppc_is64(b) ? UOP_set_add64_cs : UOP_set_add32_cs, T(0), G(f->ra), G(PPC_CA));
    emit(b, PPC_OP(b, add), G(f->rt), G(f->ra), G(PPC_CA));
    emit(b, UOP_mov64, G(PPC_CA), T(0));
    return finish(b, f);
}

bool trans_SUBFZE(struct builder *b, const struct ppc_insn *f)
{
    overflow(b, f, PPC_OV_SUBFZE);
    emit(b, PPC_OP(b, not ), T(0), G(f->ra));
    emit_extended(b, f, T(0), I(0), PPC_CA);
    return finish(b, f);
}

/* The carry is OV (3.0) */
bool trans_ADDEX(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_300))
        return false;
    emit_extended(b, f, G(f->ra), G(f->rb), PPC_OV);
    return true;
}

/* ---- Multiply ---- */

bool trans_MULLI(struct builder *b, const struct ppc_insn *f)
{
    emit(b, UOP_mov64, T(0), I(f->d));
    emit(b, PPC_OP(b, mul), G(f->rt), G(f->ra), T(0));
    return true;
}

bool trans_MULLW(struct builder *b, const struct ppc_insn *f)
{
    overflow(b, f, PPC_OV_MULLW);
    emit(b, ppc_is64(b) ? UOP_smull : UOP_mul32, G(f->rt), G(f->ra), G(f->rb));
    return finish(b, f);
}

/* The upper half of the result is undefined: it is made 0. */
static bool multiply_high_word(struct builder *b, const struct ppc_insn *f, unsigned op)
{
    emit(b, op, T(0), G(f->ra), G(f->rb));
    emit(b, UOP_shr64, G(f->rt), T(0), I(32));
    return finish(b, f);
}

bool trans_MULHW(struct builder *b, const struct ppc_insn *f)
{
    return multiply_high_word(b, f, UOP_smull);
}

bool trans_MULHWU(struct builder *b, const struct ppc_insn *f)
{
    return multiply_high_word(b, f, UOP_umull);
}

static bool doubleword(struct builder *b, const struct ppc_insn *f, unsigned op)
{
    if (!ppc_is64(b))
        return false;
    emit(b, op, G(f->rt), G(f->ra), G(f->rb));
    return finish(b, f);
}

bool trans_MULLD(struct builder *b, const struct ppc_insn *f)
{
    if (ppc_is64(b))
        overflow(b, f, PPC_OV_MULLD);
    return doubleword(b, f, UOP_mul64);
}

bool trans_MULHD(struct builder *b, const struct ppc_insn *f)
{
    return doubleword(b, f, UOP_smulh);
}

bool trans_MULHDU(struct builder *b, const struct ppc_insn *f)
{
    return doubleword(b, f, UOP_umulh);
}

/* rt = (ra * rb + rc) >> 64 */
static bool multiply_add_high(struct builder *b, const struct ppc_insn *f, unsigned op,
                              bool is_signed)
{
    if (!ppc_is64(b) || !ppc_has(PPC_ISA_300))
        return false;
    emit(b, UOP_mul64, T(0), G(f->ra), G(f->rb));
    emit(b, UOP_set_add64_cs, T(0), T(0), G(f->rc5));
    if (is_signed) {
        emit(b, UOP_sar64, T(1), G(f->rc5), I(63));
        emit(b, UOP_add64, T(0), T(0), T(1));
    }
    emit(b, op, T(1), G(f->ra), G(f->rb));
    emit(b, UOP_add64, G(f->rt), T(1), T(0));
    return true;
}

bool trans_MADDHD(struct builder *b, const struct ppc_insn *f)
{
    return multiply_add_high(b, f, UOP_smulh, true);
}

bool trans_MADDHDU(struct builder *b, const struct ppc_insn *f)
{
    return multiply_add_high(b, f, UOP_umulh, false);
}

bool trans_MADDLD(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_is64(b) || !ppc_has(PPC_ISA_300))
        return false;
    emit(b, UOP_mul64, T(0), G(f->ra), G(f->rb));
    emit(b, UOP_add64, G(f->rt), T(0), G(f->rc5));
    return true;
}

/* ---- Divide: what has no result (0 as divisor, overflow) is undefined ---- */

static bool divide(struct builder *b, const struct ppc_insn *f, unsigned op, enum ppc_overflow kind)
{
    overflow(b, f, kind);
    emit(b, op, G(f->rt), G(f->ra), G(f->rb));
    return finish(b, f);
}

bool trans_DIVW(struct builder *b, const struct ppc_insn *f)
{
    return divide(b, f, UOP_sdiv32, PPC_OV_DIVW);
}

bool trans_DIVWU(struct builder *b, const struct ppc_insn *f)
{
    return divide(b, f, UOP_udiv32, PPC_OV_DIVWU);
}

bool trans_DIVD(struct builder *b, const struct ppc_insn *f)
{
    return ppc_is64(b) && divide(b, f, UOP_sdiv64, PPC_OV_DIVD);
}

bool trans_DIVDU(struct builder *b, const struct ppc_insn *f)
{
    return ppc_is64(b) && divide(b, f, UOP_udiv64, PPC_OV_DIVDU);
}

static bool divide_extended(struct builder *b, const struct ppc_insn *f, enum ppc_overflow kind,
                            bool is64)
{
    if (!ppc_has(PPC_ISA_206) || (is64 && !ppc_is64(b)))
        return false;
    overflow(b, f, kind);
    emit_call(b, PPC_HELPER_divide_extended, f->rt, f->ra | (uint32_t)f->rb << 8, kind);
    return finish(b, f);
}

bool trans_DIVWE(struct builder *b, const struct ppc_insn *f)
{
    return divide_extended(b, f, PPC_OV_DIVWE, false);
}

bool trans_DIVWEU(struct builder *b, const struct ppc_insn *f)
{
    return divide_extended(b, f, PPC_OV_DIVWEU, false);
}

bool trans_DIVDE(struct builder *b, const struct ppc_insn *f)
{
    return divide_extended(b, f, PPC_OV_DIVDE, true);
}

bool trans_DIVDEU(struct builder *b, const struct ppc_insn *f)
{
    return divide_extended(b, f, PPC_OV_DIVDEU, true);
}

static bool modulo(struct builder *b, const struct ppc_insn *f, unsigned divide_op, bool is64)
{
    if (!ppc_has(PPC_ISA_300) || (is64 && !ppc_is64(b)))
        return false;
    emit(b, divide_op, T(0), G(f->ra), G(f->rb));
    emit(b, is64 ? UOP_mul64 : UOP_mul32, T(0), T(0), G(f->rb));
    emit(b, is64 ? UOP_sub64 : UOP_sub32, G(f->rt), G(f->ra), T(0));
    return true;
}

/* The 32-bit remainder is sign-extended in a 64-bit register. */
bool trans_MODSW(struct builder *b, const struct ppc_insn *f)
{
    if (!modulo(b, f, UOP_sdiv32, false))
        return false;
    if (ppc_is64(b))
        emit(b, UOP_sext32_64, G(f->rt), G(f->rt));
    return true;
}

bool trans_MODUW(struct builder *b, const struct ppc_insn *f)
{
    return modulo(b, f, UOP_udiv32, false);
}

bool trans_MODSD(struct builder *b, const struct ppc_insn *f)
{
    return modulo(b, f, UOP_sdiv64, true);
}

bool trans_MODUD(struct builder *b, const struct ppc_insn *f)
{
    return modulo(b, f, UOP_udiv64, true);
}
