/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a front end uses to turn guest instructions into micro-ops.
 *
 *     void a64_translate(struct builder *b)
 *     {
 *         while (builder_next(b)) {           // marks a new guest instruction
 *             uint32_t insn = builder_fetch32(b);   // at builder_pc(b)
 *             if (!a64_decode(b, insn))       // calls one translation function
 *                 emit_raise(b, EXIT_UNDEFINED, 0);
 *         }
 *     }
 *
 *     bool add_immediate(struct builder *b, const struct a64_fields *f)
 *     {
 *         emit(b, UOP_add64, G(f->rd), G(f->rn), I(f->imm12));
 *         return true;
 *     }
 *
 * Contract of the stream:
 *  - Operands are slots, temporaries or immediates; any operand place that the
 *    micro-op's row allows.  Output and input operands may be the same slot.
 *  - Temporaries T(0), T(1), VT(0) live from their definition to the end of
 *    the guest instruction; never across one.
 *  - A guest instruction that faults in one of its memory micro-ops is taken
 *    not to have happened: write the guest registers after the last
 *    memory access that can fault, as far as the architecture asks.
 *  - The first terminator (goto, return, raise, ...) ends the block.
 *    Conditional branches do not: the block goes on with the next instruction.
 */
#ifndef FERRY_BUILDER_H
#define FERRY_BUILDER_H

#include "hostgen/hostgen.h"
#include "translate/guest.h"

/* Begins the next guest instruction; false when the block has ended. */
bool builder_next(struct builder *b);
uint64_t builder_pc(const struct builder *b);
/* Reads the instruction at builder_pc() (host byte order) and says its
 * length to the builder.  A fault while reading ends the block with
 * the fault and returns 0 with builder_failed() true. */
uint32_t builder_fetch32(struct builder *b);
bool builder_failed(const struct builder *b);
/* Pairs that the guest's processors fuse too: the 4-byte instruction after
 * this one, or (from 4 on) so many bytes behind, or 0 if that would be on another
 * page; and to take the next one, after which the two are one instruction of 8 bytes. */
uint32_t builder_peek32(struct builder *b);
uint32_t builder_peek32_at(struct builder *b, unsigned bytes);
/* A look at the code at pc by other means has an influence on the block: translations on disk are
 * right only where all that was looked at is the same. */
void builder_has_read(uint64_t pc);
/* As long as this number is the same so is the code that may be looked at, and who depends on it;
 * 0: the code may change. */
uint32_t builder_text(void);
void builder_take_next(struct builder *b);
/* True if a branch of the block leads here: who comes by it has not passed the instruction
 * before. */
bool builder_is_target(const struct builder *b);
/* The translation mode (guest->mode) of this block. */
uint32_t builder_mode(const struct builder *b);

/* One template micro-op: emit(b, UOP_add64, G(0), G(1), I(5)). */
#define emit(b, op, ...)                                                                           \
    builder_emit((b), (op), (const struct opnd[]){__VA_ARGS__},                                    \
                 sizeof((const struct opnd[]){__VA_ARGS__}) / sizeof(struct opnd))
void builder_emit(struct builder *b, unsigned op, const struct opnd *o, unsigned n);

/* dst = the guest address `value`, which follows from builder_pc(): it is another one when the same
 * code lies elsewhere.  No other immediate may depend on where the code lies; if the translation
 * does in any other way, builder_depends_on_place() says so. */
void emit_address(struct builder *b, struct opnd dst, uint64_t value);
void builder_depends_on_place(struct builder *b);

/* One template micro-op with an exact helper for the rare case: a body's
 * SLOW(), or a host floating-point exception (invalid operation) in it.
 * helper(cpu, x, y, z) is then called instead of the micro-op, with the
 * guest state as before the micro-op, and does its whole work: it writes the
 * micro-op's outputs and of other late slots only those that the instruction writes behind it.
 * It may raise.  If the first operand is VT(0),
 * it leaves that in slot VT_SLOT. */
#define emit_slow(b, helper, x, y, z, op, ...)                                                     \
    builder_emit_slow((b), (helper), (x), (y), (z), (op), (const struct opnd[]){__VA_ARGS__},      \
                      sizeof((const struct opnd[]){__VA_ARGS__}) / sizeof(struct opnd))
void builder_emit_slow(struct builder *b, unsigned helper, uint32_t x, uint32_t y, uint32_t z,
                       unsigned op, const struct opnd *o, unsigned n);

/* Calls guest->helpers[helper](cpu, x, y, z).  The helper sees and may change
 * all slots.  T and VT do not survive.  A guest memory access in the helper
 * may fault: the guest state is then what the helper has made of it so far. */
void emit_call(struct builder *b, unsigned helper, uint32_t x, uint32_t y, uint32_t z);
/* The same for helpers that may raise: if the helper calls vcpu_raise(), the
 * code is left after it with cpu->pc at this instruction. */
void emit_call_raising(struct builder *b, unsigned helper, uint32_t x, uint32_t y, uint32_t z);
/* The address of SIGTRAP and SIGFPE is the instruction's, whatever addr is. */
void vcpu_raise(struct vcpu *cpu, int sig, int code, uint64_t addr);
/* If it calls this, the code is left too, and it goes on with a look-up behind this instruction
 * of so many bytes (changes of guest->mode). */
void vcpu_resync(struct vcpu *cpu, unsigned insn_bytes);
/* The same for a helper that does what a template can't (emit_slow), where flags may not be in
 * their slots: they are put there as they are before the instruction.  Nothing happens if the
 * helper stands in the template's place, which lower_avoids() tells the passes. */
void vcpu_leave_after(struct vcpu *cpu, unsigned insn_bytes);

/* ---- Condition codes: lazy, fused with their consumers by cc_pass ---- */

/* How the flags are made from two operands (results are a+b, a-b, a&b, and with the
 * carry from before a+b+C, a-b-1+C: emit_adcs). */
enum cc_kind {
    CC_STORED,
    CC_ADD32,
    CC_ADD64,
    CC_SUB32,
    CC_SUB64,
    CC_AND32,
    CC_AND64,
    CC_ADC32,
    CC_ADC64,
    CC_SBC32,
    CC_SBC64,
    CC_KEPT, /* in CC_KIND_SLOT only */
    CC_KIND_COUNT
};

/* Conditions, in the encoding order of Arm (C1.2.4).  Carry after CC_SUB and CC_SBC is
 * "no borrow"; overflow and carry after CC_AND are 0. */
enum cc_cond {
    COND_EQ,
    COND_NE,
    COND_CS,
    COND_CC,
    COND_MI,
    COND_PL,
    COND_VS,
    COND_VC,
    COND_HI,
    COND_LS,
    COND_GE,
    COND_LT,
    COND_GT,
    COND_LE,
    COND_COUNT
};

/* Sets the flags from a and b.  Emit it BEFORE the micro-op that writes the
 * result, so that a and b are still the operands. */
void emit_cc(struct builder *b, enum cc_kind kind, struct opnd x, struct opnd y);
/* dst = x + y + C or x - y - 1 + C, by kind; emit_adcs sets the flags too, and its dst may
 * be T(0) for a result that nobody wants.  x and y: slots or constants. */
void emit_adc(struct builder *b, enum cc_kind kind, struct opnd dst, struct opnd x, struct opnd y);
void emit_adcs(struct builder *b, enum cc_kind kind, struct opnd dst, struct opnd x, struct opnd y);
/* The flags have been written in their stored form, bits 31..28 = N,Z,C,V of
 * slot CC_SLOT, by micro-ops emitted just before. */
void emit_cc_written(struct builder *b);
/* The next micro-ops read slot CC_SLOT (or a helper does): store the flags. */
void emit_cc_store(struct builder *b);

/* Branch to pc / dst = cond / dst = cond ? x : y */
void emit_cc_branch(struct builder *b, enum cc_cond cond, uint64_t pc);
void emit_cc_set(struct builder *b, enum cc_cond cond, struct opnd dst);
void emit_cc_select(struct builder *b, enum cc_cond cond, struct opnd dst, struct opnd x,
                    struct opnd y);
/* The same with the low half of x or y, zero-extended. */
void emit_cc_select32(struct builder *b, enum cc_cond cond, struct opnd dst, struct opnd x,
                      struct opnd y);
/* flags = cond ? flags of kind(x, y) : the constant nzcv (bits 3..0) */
void emit_cc_compare(struct builder *b, enum cc_cond cond, enum cc_kind kind, struct opnd x,
                     struct opnd y, unsigned nzcv);

/* CC_KIND_SLOT is an enum cc_kind: the flags are kind(CC_X, CC_Y); CC_STORED: they
 * are in CC_SLOT.  After CC_ADC and CC_SBC, CC_SLOT has their carry out in bit 0 and the
 * carry in in bit 1.  CC_KEPT: the flags are in CC_X, their carry in bit 0 of CC_SLOT. */

/* ---- Ends of blocks ---- */

/* Conditional branch by a template with TAKEN(): br ops of branch.def. */
#define emit_branch(b, op, pc, ...)                                                                \
    builder_emit_branch((b), (op), (pc), (const struct opnd[]){__VA_ARGS__},                       \
                        sizeof((const struct opnd[]){__VA_ARGS__}) / sizeof(struct opnd))
void builder_emit_branch(struct builder *b, unsigned op, uint64_t pc, const struct opnd *o,
                         unsigned n);

void emit_goto(struct builder *b, uint64_t pc);
void emit_goto_indirect(struct builder *b, struct opnd target);
/* The same, to the beginning of a function. */
void emit_goto_function(struct builder *b, struct opnd target);
/* Calls: the return address has been written to its guest register by the
 * front end before; ret is what a matching return will jump to. */
void emit_branch_link(struct builder *b, uint64_t pc, uint64_t ret);
void emit_branch_link_indirect(struct builder *b, struct opnd target, uint64_t ret);
/* To where the guest's link register says. */
void emit_return(struct builder *b);
/* Leaves generated code.  For EXIT_SYSCALL pc is the next instruction, for the
 * others this one. */
void emit_raise(struct builder *b, enum exit_reason reason, uint64_t arg);
/* Ends the block here and goes on with a look-up at the next instruction
 * (context synchronization, changes of guest->mode). */
void emit_sync(struct builder *b);

#endif
