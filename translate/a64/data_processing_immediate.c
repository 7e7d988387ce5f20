/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Data processing, immediate (DDI 0487, C4.1.92). */
#include "translate/a64/a64.h"

/* PC-relative addressing (C6.2.10, C6.2.11): the pc is known. */
bool trans_ADR(struct builder *b, const struct a64_insn *f)
{
    int64_t imm = (int64_t)f->immhi * 4 + f->immlo;
    uint64_t pc = builder_pc(b);
    if (f->rd != 31)
        a64_emit_const(b, G(f->rd),
                       f->op ? (pc & ~0xfffull) + ((uint64_t)imm << 12) : pc + (uint64_t)imm);
    return true;
}

/* Add and subtract (C6.2.4 and following): register 31 is SP as source, and as
 * destination unless flags are set. */
bool trans_ADD_imm(struct builder *b, const struct a64_insn *f)
{
    uint32_t imm = (uint32_t)f->imm12 << 12 * f->sh;
    if (f->sf && !imm)
        emit(b, UOP_mov64, G(f->rd), G(f->rn));
    else
        emit(b, f->sf ? UOP_add64 : UOP_add32, G(f->rd), G(f->rn), I(imm));
    return true;
}

bool trans_SUB_imm(struct builder *b, const struct a64_insn *f)
{
    uint32_t imm = (uint32_t)f->imm12 << 12 * f->sh;
    emit(b, f->sf ? UOP_sub64 : UOP_sub32, G(f->rd), G(f->rn), I(imm));
    return true;
}

bool trans_ADDS_imm(struct builder *b, const struct a64_insn *f)
{
    uint32_t imm = (uint32_t)f->imm12 << 12 * f->sh;
    emit_cc(b, f->sf ? CC_ADD64 : CC_ADD32, G(f->rn), I(imm));
    if (f->rd != 31)
        emit(b, f->sf ? UOP_add64 : UOP_add32, G(f->rd), G(f->rn), I(imm));
    return true;
}

bool trans_SUBS_imm(struct builder *b, const struct a64_insn *f)
{
    uint32_t imm = (uint32_t)f->imm12 << 12 * f->sh;
    emit_cc(b, f->sf ? CC_SUB64 : CC_SUB32, G(f->rn), I(imm));
    if (f->rd != 31)
        emit(b, f->sf ? UOP_sub64 : UOP_sub32, G(f->rd), G(f->rn), I(imm));
    return true;
}
