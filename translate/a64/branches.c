/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Branches and exception generation (DDI 0487, C4.1.93). */
#include "translate/a64/a64.h"

static uint64_t target(const struct builder *b, int64_t words)
{
    return builder_pc(b) + (uint64_t)words * 4;
}

bool trans_B_cond(struct builder *b, const struct a64_insn *f)
{
    if (f->cond >= COND_COUNT)
        emit_goto(b, target(b, f->imm19));
    else
        emit_cc_branch(b, (enum cc_cond)f->cond, target(b, f->imm19));
    return true;
}

bool trans_B(struct builder *b, const struct a64_insn *f)
{
    emit_goto(b, target(b, f->imm26));
    return true;
}

/* The callee returns flags that are read behind the call: the thread comes back here in a mode
 * that keeps them. */
static bool changes_mode(struct builder *b, uint64_t ret)
{
    if ((builder_mode(b) & A64_MODE_FLAGS) || !a64_cc_read_at(ret))
        return false;
    emit_call(b, A64_HELPER_keep_flags, 0, 0, 0);
    emit_raise(b, EXIT_LOOKUP, 0);
    return true;
}

void a64_helper_keep_flags(struct vcpu *cpu, uint32_t x, uint32_t y, uint32_t z)
{
    (void)x, (void)y, (void)z;
    cpu->g[A64_HABITS] |= A64_MODE_FLAGS;
}

bool trans_BL(struct builder *b, const struct a64_insn *f)
{
    uint64_t ret = builder_pc(b) + 4;
    if (changes_mode(b, ret))
        return true;
    emit_address(b, G(A64_LR), ret);
    emit_branch_link(b, target(b, f->imm26), ret);
    return true;
}

bool trans_BR(struct builder *b, const struct a64_insn *f)
{
    struct opnd to = a64_xg(b, f->rn, T(0));
    if (a64_ends_veneer(builder_pc(b)))
        emit_goto_function(b, to);
    else
        emit_goto_indirect(b, to);
    return true;
}

bool trans_BLR(struct builder *b, const struct a64_insn *f)
{
    uint64_t ret = builder_pc(b) + 4;
    if (changes_mode(b, ret))
        return true;
    struct opnd to = a64_xg(b, f->rn, T(0));
    if (f->rn == A64_LR) {
        emit(b, UOP_mov64, T(0), to);
        to = T(0);
    }
    emit_address(b, G(A64_LR), ret);
    emit_branch_link_indirect(b, to, ret);
    return true;
}

bool trans_RET(struct builder *b, const struct a64_insn *f)
{
    if (f->rn == A64_LR)
        emit_return(b);
    else
        emit_goto_function(b, a64_xg(b, f->rn, T(0)));
    return true;
}

bool trans_CBZ(struct builder *b, const struct a64_insn *f)
{
    if (f->rt == 31)
        emit_goto(b, target(b, f->imm19));
    else
        emit_branch(b, f->sf ? UOP_br_zero64 : UOP_br_zero32, target(b, f->imm19), G(f->rt));
    return true;
}

bool trans_CBNZ(struct builder *b, const struct a64_insn *f)
{
    if (f->rt != 31)
        emit_branch(b, f->sf ? UOP_br_nonzero64 : UOP_br_nonzero32, target(b, f->imm19), G(f->rt));
    return true;
}

/* Bit 31 is a sign: a shorter comparison. */
enum { SIGN32 = 31 };

bool trans_TBZ(struct builder *b, const struct a64_insn *f)
{
    if (f->rt == 31)
        emit_goto(b, target(b, f->imm14));
    else if (f->bit == SIGN32)
        emit_branch(b, UOP_br_sub32_ge, target(b, f->imm14), G(f->rt), I(0));
    else
        emit_branch(b, UOP_br_bit_clear, target(b, f->imm14), G(f->rt), I(f->bit));
    return true;
}

bool trans_TBNZ(struct builder *b, const struct a64_insn *f)
{
    if (f->rt != 31 && f->bit == SIGN32)
        emit_branch(b, UOP_br_sub32_lt, target(b, f->imm14), G(f->rt), I(0));
    else if (f->rt != 31)
        emit_branch(b, UOP_br_bit_set, target(b, f->imm14), G(f->rt), I(f->bit));
    return true;
}

/* ---- Exceptions: the kernel ignores SVC's immediate ---- */

bool trans_SVC(struct builder *b, const struct a64_insn *f)
{
    (void)f;
    emit_raise(b, EXIT_SYSCALL, 0);
    return true;
}

bool trans_BRK(struct builder *b, const struct a64_insn *f)
{
    emit_raise(b, EXIT_BREAK, f->imm16);
    return true;
}

/* The signed number of words in the bits from lsb on, in bytes. */
static int32_t words(uint32_t insn, unsigned lsb, unsigned width)
{
    return (int32_t)(insn << (32 - lsb - width)) >> (32 - width) << 2;
}

int32_t a64_jump_distance(uint32_t insn, bool *always)
{
    *always = (insn & 0xfc000000) == 0x14000000;
    if (*always) /* B */
        return words(insn, 0, 26);
    if ((insn & 0xff000000) == 0x54000000 || (insn & 0x7e000000) == 0x34000000)
        return words(insn, 5, 19); /* B.cond, CBZ, CBNZ */
    if ((insn & 0x7e000000) == 0x36000000)
        return words(insn, 5, 14); /* TBZ, TBNZ */
    return 0;
}
