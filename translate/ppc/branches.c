/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Branches and system calls (Book I, 2.4 and 2.6). */
#include "translate/ppc/ppc.h"

/* BO (figure 40): bits of a bo field, highest first. */
enum {
    BO_ALWAYS = 16,      /* the condition does not matter */
    BO_TRUE = 8,         /* the condition's sense */
    BO_KEEP_COUNTER = 4, /* CTR is neither counted down nor looked at */
    BO_COUNTER_ZERO = 2
};

#define NOP UINT32_C(0x60000000)

static uint64_t address(const struct builder *b, uint64_t pc)
{
    return ppc_is64(b) ? pc : (uint32_t)pc;
}

static uint64_t next_pc(const struct builder *b)
{
    return address(b, builder_pc(b) + 4);
}

/* Of a branch; an absolute one does not move with the code. */
static uint64_t target(struct builder *b, uint64_t offset, bool absolute)
{
    if (absolute)
        builder_depends_on_place(b);
    return address(b, absolute ? offset : builder_pc(b) + offset);
}

static void write_link(struct builder *b)
{
    emit_address(b, G(PPC_LR), next_pc(b));
}

static bool is_unconditional(const struct ppc_insn *f)
{
    return (f->bo & (BO_ALWAYS | BO_KEEP_COUNTER)) == (BO_ALWAYS | BO_KEEP_COUNTER);
}

/* Counts down and branches to pc if the outcome of the test is `taken`. */
static void emit_test(struct builder *b, const struct ppc_insn *f, bool taken, uint64_t pc)
{
    bool counts = !(f->bo & BO_KEEP_COUNTER), tests = !(f->bo & BO_ALWAYS);
    bool zero = f->bo & BO_COUNTER_ZERO, sense = f->bo & BO_TRUE;
    if (counts)
        emit(b, PPC_OP(b, sub), G(PPC_CTR), G(PPC_CTR), I(1));
    if (counts && !tests) {
        if (ppc_is64(b))
            emit_branch(b, zero == taken ? UOP_br_zero64 : UOP_br_nonzero64, pc, G(PPC_CTR));
        else
            emit_branch(b, zero == taken ? UOP_br_zero32 : UOP_br_nonzero32, pc, G(PPC_CTR));
    } else if (!counts) {
        ppc_emit_cr_branch(b, f->bi, sense == taken, pc);
    } else {
        emit(b, zero ? UOP_set_sub64_eq : UOP_set_sub64_ne, T(0), G(PPC_CTR), I(0));
        ppc_emit_cr_bit(b, T(1), f->bi);
        if (!sense)
            emit(b, UOP_xor64, T(1), T(1), I(1));
        emit(b, UOP_and64, T(0), T(0), T(1));
        emit_branch(b, taken ? UOP_br_nonzero64 : UOP_br_zero64, pc, T(0));
    }
}

/* A branch to the next instruction only asks where it is. */
static void branch_to(struct builder *b, uint64_t target, bool link)
{
    if (link)
        write_link(b);
    if (link && target == next_pc(b))
        return;
    if (link)
        emit_branch_link(b, target, next_pc(b));
    else
        emit_goto(b, target);
}

bool trans_B(struct builder *b, const struct ppc_insn *f)
{
    uint64_t offset = (uint64_t)f->li * 4;
    branch_to(b, target(b, offset, f->aa), f->lk);
    return true;
}

/* ---- Branches over one instruction: a choice between its result and the old value ---- */

/* Without effect but on one general register, and made by one micro-op. */
static bool is_simple(uint32_t insn)
{
    switch (insn >> 26) {
    case 14: /* addi, addis, ori, xori */
    case 15:
    case 24:
    case 26:
        return insn != NOP;
    case 31:
        switch (insn & 0x7ff) {
        case 28 << 1:  /* and */
        case 60 << 1:  /* andc */
        case 316 << 1: /* xor */
        case 444 << 1: /* or */
        case 266 << 1: /* add */
        case 40 << 1:  /* subf */
            return true;
        default:
            return false;
        }
    default:
        return false;
    }
}

/* Its result, in T(0) or where it stands, and the register that it writes. */
static struct opnd simple_result(struct builder *b, uint32_t insn, unsigned *rd)
{
    unsigned rt = insn >> 21 & 31, ra = insn >> 16 & 31, rb = insn >> 11 & 31, op = 0;
    int64_t d = (int16_t)insn, ui = insn & 0xffff;
    *rd = ra;
    switch (insn >> 26) {
    case 14:
    case 15:
        d *= insn >> 26 == 15 ? 65536 : 1;
        *rd = rt;
        if (ra)
            emit(b, PPC_OP(b, add), T(0), G(ra), I(d));
        else
            ppc_emit_const(b, T(0), ppc_is64(b) ? (uint64_t)d : (uint32_t)d);
        return T(0);
    case 24:
        emit(b, PPC_OP(b, or), T(0), G(rt), I(ui));
        return T(0);
    case 26:
        emit(b, PPC_OP(b, xor), T(0), G(rt), I(ui));
        return T(0);
    }
    switch (insn >> 1 & 0x3ff) {
    case 28:
        op = PPC_OP(b, and);
        break;
    case 60:
        op = PPC_OP(b, andn);
        break;
    case 316:
        op = PPC_OP(b, xor);
        break;
    case 444:
        if (rt == rb)
            return G(rt);
        op = PPC_OP(b, or);
        break;
    case 266:
        *rd = rt;
        emit(b, PPC_OP(b, add), T(0), G(ra), G(rb));
        return T(0);
    default:
        *rd = rt;
        emit(b, PPC_OP(b, sub), T(0), G(rb), G(ra));
        return T(0);
    }
    emit(b, op, T(0), G(rt), G(rb));
    return T(0);
}

static bool choose(struct builder *b, const struct ppc_insn *f)
{
    unsigned rd;
    uint32_t next = builder_peek32(b);
    if (f->lk || f->aa || f->bd != 2 || !(f->bo & BO_KEEP_COUNTER) || f->bo & BO_ALWAYS ||
        !is_simple(next))
        return false;
    struct opnd value = simple_result(b, next, &rd);
    builder_take_next(b);
    ppc_emit_cr_bit(b, T(1), f->bi);
    if (f->bo & BO_TRUE) /* not done if the bit is set */
        emit(b, UOP_sel, G(rd), T(1), G(rd), value);
    else
        emit(b, UOP_sel, G(rd), T(1), value, G(rd));
    return true;
}

bool trans_BC(struct builder *b, const struct ppc_insn *f)
{
    uint64_t offset = (uint64_t)f->bd * 4;
    if (choose(b, f))
        return true;
    uint64_t to = target(b, offset, f->aa);
    if (is_unconditional(f)) {
        branch_to(b, to, f->lk);
    } else if (f->lk) {
        /* LR is written whether the branch is taken or not. */
        write_link(b);
        emit_test(b, f, false, next_pc(b));
        emit_branch_link(b, to, next_pc(b));
    } else {
        emit_test(b, f, true, to);
    }
    return true;
}

static bool branch_to_register(struct builder *b, const struct ppc_insn *f, unsigned slot)
{
    struct opnd to = G(slot);
    if (f->lk && slot == PPC_LR) {
        emit(b, UOP_mov64, G(PPC_TARGET), to);
        to = G(PPC_TARGET);
    }
    if (f->lk)
        write_link(b);
    if (!is_unconditional(f))
        emit_test(b, f, false, next_pc(b));
    if (f->lk)
        emit_branch_link_indirect(b, to, next_pc(b));
    else if (slot == PPC_LR)
        emit_return(b);
    else
        emit_goto_indirect(b, to);
    return true;
}

bool trans_BCLR(struct builder *b, const struct ppc_insn *f)
{
    return branch_to_register(b, f, PPC_LR);
}

/* Counting down the register that is jumped to is invalid. */
bool trans_BCCTR(struct builder *b, const struct ppc_insn *f)
{
    if (!(f->bo & BO_KEEP_COUNTER))
        return false;
    return branch_to_register(b, f, PPC_CTR);
}

bool trans_BCTAR(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_207))
        return false;
    return branch_to_register(b, f, PPC_TAR);
}

/* ---- System calls ---- */

bool trans_SC(struct builder *b, const struct ppc_insn *f)
{
    if (f->lev)
        return false;
    emit_raise(b, EXIT_SYSCALL, PPC_SC);
    return true;
}

bool trans_SCV(struct builder *b, const struct ppc_insn *f)
{
    if (f->lev || !ppc_is64(b) || !ppc_has(PPC_ISA_300))
        return false;
    /* LR and CTR are overwritten (Documentation/powerpc/syscall64-abi.rst). */
    emit_address(b, G(PPC_LR), next_pc(b));
    emit(b, UOP_mov64, G(PPC_CTR), I(0));
    emit_raise(b, EXIT_SYSCALL, PPC_SCV);
    return true;
}

int32_t ppc_jump_distance(uint32_t insn, bool *always)
{
    enum { B = 18, BC = 16, ABSOLUTE = 2, LINK = 1 };
    unsigned opcode = insn >> 26, bo = insn >> 21 & 31;
    if ((opcode != B && opcode != BC) || (insn & (ABSOLUTE | LINK)))
        return 0;
    *always = opcode == B || (bo & (BO_ALWAYS | BO_KEEP_COUNTER)) == (BO_ALWAYS | BO_KEEP_COUNTER);
    return opcode == B ? (int32_t)(insn << 6) >> 6 & ~3 : (int16_t)(insn & ~3u);
}
