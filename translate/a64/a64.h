/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The AArch64 guest: names of its slots, helpers and features, and what its
 * translation files share.
 *
 * Instruction patterns are in a64.decode (integer, branches, memory, system),
 * a64_fp.decode and a64_simd.decode; each pattern NAME is translated by
 * trans_NAME in a file named after the manual's encoding group.  A translation
 * function returns false for an unallocated encoding, and must then not have
 * emitted anything.
 *
 * Manual: Arm Architecture Reference Manual, DDI 0487.
 */
#ifndef FERRY_A64_H
#define FERRY_A64_H

#include "translate/builder.h"
#include "a64_decode.h" /* generated: struct a64_insn, trans_NAME */

/* Slots of vcpu.g[] beyond X0..X30 (0..30); 32..39 are vcpu.h's. */
enum a64_slot {
    A64_LR = 30,
    A64_SP = 31,
    A64_FPCR = 40,
    A64_FPSR = 41, /* without the bits that the host still holds */
    A64_ZERO = 42, /* always 0: XZR where a micro-op wants a register */
    A64_TPIDRRO = 43,
    A64_TPIDR = 44,
    A64_HABITS = 45 /* bits of the mode that follow from what the program has done */
};

/* V0..V31 are slots 0..31 of vcpu.v[]; the state of SHA-256 in the host's order: */
enum { A64_SHA256_ABEF = 32, A64_SHA256_CDGH };

/* C functions that generated code calls: HELPER(name) is helper number
 * A64_HELPER_name and the function a64_helper_name. */
enum a64_helper {
#define HELPER(name) A64_HELPER_##name,
#include "translate/a64/helpers_int.def"
#include "translate/a64/helpers_fp.def"
#include "translate/a64/helpers_simd.def"
#undef HELPER
    A64_HELPER_COUNT
};

#define HELPER(name) helper_fn a64_helper_##name;
#include "translate/a64/helpers_int.def"
#include "translate/a64/helpers_fp.def"
#include "translate/a64/helpers_simd.def"
#undef HELPER

/* FPCR (D19.2): the bits that can be written. */
enum {
    A64_FPCR_FZ16 = 1 << 19,
    A64_FPCR_RMODE = 3 << 22,
    A64_FPCR_FZ = 1 << 24,
    A64_FPCR_DN = 1 << 25,
    A64_FPCR_AHP = 1 << 26,
    A64_FPCR_MASK = A64_FPCR_FZ16 | A64_FPCR_RMODE | A64_FPCR_FZ | A64_FPCR_DN | A64_FPCR_AHP
};
/* What code is translated for, in vcpu.mode: FZ and DN in their place (the host
 * has the rounding mode, and helpers the rest), whether the guest looks at
 * FPSR's sticky flags, and whether its functions take or return condition flags. */
enum { A64_MODE_WATCHED = 1, A64_MODE_FLAGS = 2 };
static inline uint32_t a64_mode(const struct vcpu *cpu)
{
    return ((uint32_t)cpu->g[A64_FPCR] & (A64_FPCR_FZ | A64_FPCR_DN)) |
           (uint32_t)cpu->g[A64_HABITS];
}

/* ID registers that the kernel lets EL0 read, made from features.def. */
enum a64_id_register {
    A64_ID_PFR0,
    A64_ID_PFR1,
    A64_ID_ISAR0,
    A64_ID_ISAR1,
    A64_ID_ISAR2,
    A64_ID_MMFR2,
    A64_ID_COUNT
};
uint64_t a64_id_register(enum a64_id_register r);
/* MIDR_EL1: an implementer code that Arm reserves for software. */
enum { A64_MIDR = 0x000f0000 };

/* Emits what an instruction word does; false if it is unallocated. */
bool a64_translate_insn(struct builder *b, uint32_t insn);

bool a64_cc_dead_at(uint64_t pc, uint64_t page, uint32_t mode);
/* The instruction at pc is the last of a PLT's entry: it goes to a function. */
bool a64_ends_veneer(uint64_t pc);
/* The function at pc takes condition flags. */
bool a64_cc_taken_at(uint64_t pc);
/* Certainly some path from pc reads the condition flags before it overwrites them. */
bool a64_cc_read_at(uint64_t pc);
/* The first few instructions at pc do. */
bool a64_cc_read_soon(uint64_t pc);
int32_t a64_jump_distance(uint32_t insn, bool *always);

/* ---- Operands ---- */

/* Xr as an input of class gi: XZR is the constant 0. */
static inline struct opnd a64_x(unsigned r)
{
    return r == 31 ? I(0) : G(r);
}

/* Xr as an output: what goes to XZR is lost in T(1). */
static inline struct opnd a64_x_out(unsigned r)
{
    return r == 31 ? T(1) : G(r);
}

/* dst = value, whatever its width. */
void a64_emit_const(struct builder *b, struct opnd dst, uint64_t value);
/* value as an operand of class gi, through tmp if it has no 32-bit form. */
struct opnd a64_imm(struct builder *b, uint64_t value, struct opnd tmp);
/* Xr as an input of class g: XZR is made in tmp. */
struct opnd a64_xg(struct builder *b, unsigned r, struct opnd tmp);
/* dst = Xr, all of it or its low half. */
void a64_emit_move(struct builder *b, bool sf, struct opnd dst, struct opnd src);
/* dst = src extended as `option` of extended registers says (UXTB .. SXTX). */
void a64_emit_extend(struct builder *b, unsigned option, struct opnd dst, struct opnd src);

/* ---- Constants in registers ---- */

/* The instruction being translated leaves value in Xr; an address, by emit_address(). */
void a64_note_constant(struct builder *b, unsigned r, bool address, uint64_t value);
/* True if the previous instruction of the block left a constant in Xr that is no address; and that
 * is one. */
bool a64_known_constant(const struct builder *b, unsigned r, uint64_t *value);
bool a64_known_address(const struct builder *b, unsigned r, uint64_t *value);

#endif
