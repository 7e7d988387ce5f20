/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PowerPC guests: 32-bit big-endian, 64-bit big-endian and 64-bit
 * little-endian.  Names of their slots, helpers and modes, and what the
 * translation files share.
 *
 * Instruction patterns are in ppc.decode (branches, fixed point, storage,
 * system), ppc_fp.decode, ppc_vmx.decode and ppc_vsx.decode; each pattern NAME
 * is translated by trans_NAME.  A translation function returns false for an
 * illegal instruction, and must then not have emitted anything.
 *
 * 32-bit guests keep their registers zero-extended in the 64-bit slots: every
 * result is made by a micro-op of 32 bits.  An effective address may carry
 * out of 32 bits by a displacement only: nothing is mapped at either end.
 *
 * Vectors: VSR n is slot v[n] (FPR n is VSR n, VR n is VSR 32 + n).  d[0] is
 * doubleword 0, the FPR; d[1] is doubleword 1; each is one host integer.  So
 * a scalar is where the host's scalar instructions want it, byte i of the
 * manual's numbering is b[i ^ 7], halfword i h[i ^ 3], word i s[i ^ 1], and
 * a little-endian lxvd2x is a plain load.
 *
 * Manual: Power ISA, version 2.07 B, and 3.1 C for what came later.
 */
#ifndef FERRY_PPC_H
#define FERRY_PPC_H

#include "translate/builder.h"
#include "ppc_decode.h" /* generated: struct ppc_insn, trans_NAME */

/* Slots of vcpu.g[] beyond the GPRs (0..31); 32..39 are vcpu.h's. */
enum ppc_slot {
    PPC_LR = 40,
    PPC_VSCR = 41, /* templates note saturation here, see fp.h */
    /* XER in parts (Book I, 3.2.2), each 0 or 1. */
    PPC_CA,
    PPC_CA32,
    PPC_OV,
    PPC_OV32,
    PPC_SO,     /* also in vcpu.mode: PPC_MODE_SO */
    PPC_STRING, /* XER bits 57:63, the length of lswx and stswx */
    /* CR fields 0..7: LT 8, GT 4, EQ 2, SO 1. */
    PPC_CR,
    PPC_FPSCR = PPC_CR + 8, /* without the bits that the host still holds, see fp.h */
    PPC_CTR,
    PPC_VRSAVE,
    PPC_TAR,
    PPC_DSCR,
    PPC_TARGET, /* where blrl jumps to */
    PPC_SLOT_END,
    /* In the place of the common condition codes, which no instruction here uses: fp.h. */
    PPC_FP_OPEN = CC_X_SLOT,
    PPC_FPCC = CC_Y_SLOT,
    PPC_FPRF = CC_SLOT /* v[PPC_V_RESULT], for ppc_dead_at only */
};
_Static_assert((int)PPC_SLOT_END <= (int)T_SLOT, "slots of g[]");

/* cpu->excp_arg of EXIT_SYSCALL: sc answers in r3 and CR0.SO, scv in r3 alone
 * (Documentation/powerpc/syscall64-abi.rst of Linux). */
enum { PPC_SC = 1, PPC_SCV = 2 };

enum { CR_LT = 8, CR_GT = 4, CR_EQ = 2, CR_SO = 1 };

/* vcpu.mode: what code is translated for.  Bits 8 and up are floating
 * point's (ppc_fp_mode). */
enum ppc_mode {
    PPC_MODE_SO = 1 << 0, /* XER.SO is set, and goes into CR fields */
    PPC_MODE_64 = 1 << 1, /* a 64-bit guest */
    PPC_MODE_LE = 1 << 2  /* a little-endian guest */
};
uint32_t ppc_fp_mode(const struct vcpu *cpu);
/* FPSCR and VSCR of a new program. */
void ppc_fp_reset(struct vcpu *cpu);
int ppc_fp_exceptions(struct vcpu *cpu, int mode); /* guest->fp_exceptions */

static inline bool ppc_is64(const struct builder *b)
{
    return builder_mode(b) & PPC_MODE_64;
}

static inline bool ppc_is_le(const struct builder *b)
{
    return builder_mode(b) & PPC_MODE_LE;
}

/* The micro-op of a guest register's width: PPC_OP(b, add). */
#define PPC_OP(b, name) (ppc_is64(b) ? UOP_##name##64 : UOP_##name##32)

/* C functions that generated code calls: HELPER(name) is helper number
 * PPC_HELPER_name and the function ppc_helper_name. */
enum ppc_helper {
#define HELPER(name) PPC_HELPER_##name,
#include "translate/ppc/helpers_int.def"
#include "translate/ppc/helpers_fp.def"
#include "translate/ppc/helpers_vec.def"
#undef HELPER
    PPC_HELPER_COUNT
};

#define HELPER(name) helper_fn ppc_helper_##name;
#include "translate/ppc/helpers_int.def"
#include "translate/ppc/helpers_fp.def"
#include "translate/ppc/helpers_vec.def"
#undef HELPER

/* ---- The processor that --cpu chose: cpu.c ---- */

enum { PPC_TIMEBASE_HZ = 512000000 };

/* Facilities, as bits. */
enum ppc_facility {
    PPC_ALTIVEC = 1 << 0,
    PPC_VSX = 1 << 1,
    PPC_ISA_205 = 1 << 2, /* also cmpb, prty, DFP */
    PPC_ISA_206 = 1 << 3,
    PPC_ISA_207 = 1 << 4, /* also crypto */
    PPC_ISA_300 = 1 << 5,
    PPC_ISA_310 = 1 << 6
};
bool ppc_has(enum ppc_facility f);
struct ppc_cpu {
    const char *name, *platform;
    uint32_t facilities;
    uint32_t pvr;
    unsigned dcache_line; /* also the block of dcbz, and AT_DCACHEBSIZE */
    /* FPSCR.NI: scalar denormals are zeros (750GX User's Manual, tables 2-5 and 2-6).  Others
     * have no such mode, as the Power ISA leaves them free to (Book I, 4.2.2). */
    bool non_ieee;
    uint32_t hwcap, hwcap2;
};
const struct ppc_cpu *ppc_cpu(void);
extern const char *const ppc32_cpus[], *const ppc64_cpus[], *const ppc64le_cpus[];
void ppc_set_cpu(const char *name);
const char *ppc_platform(void);
uint64_t ppc_hwcap(void);
uint64_t ppc_hwcap2(void);

/* ---- Registers in parts: registers.c ---- */

uint32_t ppc_get_cr(const struct vcpu *cpu);
void ppc_set_cr(struct vcpu *cpu, uint32_t cr);
uint64_t ppc_get_xer(const struct vcpu *cpu);
void ppc_set_xer(struct vcpu *cpu, uint64_t xer);

/* ---- Operands: operands.c ---- */

/* dst = value, whatever its width. */
void ppc_emit_const(struct builder *b, struct opnd dst, uint64_t value);
/* value as an operand of class gi, through tmp if it has no 32-bit form. */
struct opnd ppc_imm(struct builder *b, uint64_t value, struct opnd tmp);
/* dst = src in a register's width. */
void ppc_emit_move(struct builder *b, struct opnd dst, struct opnd src);
/* dst = src & mask, all 64 bits; T(1) may be used. */
void ppc_emit_and(struct builder *b, struct opnd dst, struct opnd src, uint64_t mask);

/* A place in memory: base + disp.  The displacement fits 32 bits. */
struct ppc_ea {
    struct opnd base;
    int32_t disp;
};
/* (RA|0) + disp of this instruction, with the prefix's part of it; T(0) may
 * be used. */
struct ppc_ea ppc_ea_d(struct builder *b, unsigned ra, int32_t disp);
/* (RA|0) + (RB), in T(0) unless it is a register. */
struct ppc_ea ppc_ea_x(struct builder *b, unsigned ra, unsigned rb);
/* The prefix of the instruction that is being translated (prefixed.c); one
 * block is translated at a time. */
struct ppc_prefix {
    bool active, pc_relative;
    int32_t high; /* immediate bits above the suffix's 16, signed 18 */
};
extern struct ppc_prefix ppc_prefix;

/* ---- Condition register: condition.c ---- */

/* Computed late or never: CR fields, carries. */
#define PPC_LATE_SLOTS                                                                             \
    (UINT64_C(0xff) << PPC_CR | UINT64_C(1) << PPC_CA | UINT64_C(1) << PPC_CA32 |                  \
     UINT64_C(1) << PPC_FPCC)
/* conditions_live.c: for code in the byte order of the block that is being translated. */
uint64_t ppc_dead_at(uint64_t pc, uint64_t slots);
/* A scalar result, which FPRF, FR and FI are about: fp_status.c. */
bool ppc_writes_fprf(uint32_t insn);
int32_t ppc_jump_distance(uint32_t insn, bool *always);
extern bool ppc_big_endian;

static inline struct opnd ppc_cr(unsigned field)
{
    return G(PPC_CR + field);
}

/* CR field = x compared with y, in 32 or 64 bits.  x is of class g, y of gi. */
void ppc_emit_compare(struct builder *b, unsigned field, bool is64, bool is_signed, struct opnd x,
                      struct opnd y);
/* CR0 = result compared with 0: record forms. */
void ppc_emit_record(struct builder *b, struct opnd result);
/* dst = bit bi (0..31) of CR, 0 or 1. */
void ppc_emit_cr_bit(struct builder *b, struct opnd dst, unsigned bi);
/* Branches if bit bi is `set`. */
void ppc_emit_cr_branch(struct builder *b, unsigned bi, bool set, uint64_t pc);

/* ---- Prefixed instructions (3.1, Book I, 1.6.3): prefixed.c ---- */

/* Those with ppc_prefix set: f has raw (the suffix), rt, ra and d of it. */
bool ppc_prefixed_fp(struct builder *b, const struct ppc_insn *f);
bool ppc_prefixed_vsx(struct builder *b, const struct ppc_insn *f);
bool ppc_prefixed_quad(struct builder *b, const struct ppc_insn *f, bool store);
/* Register to register: xxspltiw and its like. */
bool ppc_prefixed_vector(struct builder *b, uint32_t prefix, const struct ppc_insn *f);

#endif
