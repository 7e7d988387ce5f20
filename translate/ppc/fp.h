/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FPSCR, VSCR and what they mean for the host (Power ISA, Book I, 4.2.2, 6.3.2).
 *
 * Slot PPC_FPSCR holds FPSCR.  OX, UX, ZX and XX may be in the host's MXCSR only,
 * until FPSCR is read.  To look there takes the host long: where a program reads FPSCR at all,
 * OX, UX and ZX trap as long as they are 0 (PPC_FPSCR_BY_TRAP), for the helpers to do,
 * but no more than a few times.  With XX set there is no news then, and slot PPC_FP_OPEN is 0.
 * FPRF is made when it is read from the last result, which code keeps in
 * slot PPC_V_RESULT, d[0] (FPRF_EXPLICIT: the bits are in FPSCR), and from the
 * FPCC that a later comparison (which gives no 0) has left in slot PPC_FPCC, or 0.  FR and FI
 * are those of the last instruction that an exact helper has done: code is
 * made to call it where FPSCR is read in what follows without a branch.
 *
 * As long as no exception is enabled, nor a mode without denormals, results come from the host,
 * with invalid operations trapping to the helpers; else helpers do everything. All access goes
 * through these functions.
 *
 * Floating point of the vector facility (not VSX) has no status: it flushes
 * denormals and notes nothing.  Once a thread has used it (PPC_VSCR_FLOAT) denormal
 * operands, tiny and too large results trap too, for the helpers to do.  So do inexact
 * results as long as FPSCR.XX is 0, for a few times: after that only helpers do what may
 * set XX, until it is set.
 */
#ifndef FERRY_PPC_FP_H
#define FERRY_PPC_FP_H

#include "translate/ppc/fp_exact.h"
#include "translate/ppc/ppc.h"

enum { PPC_V_RESULT = 64, PPC_V_TEMPORARY = 65 };

/* A signalling NaN, which no operation returns. */
static const uint64_t FPRF_EXPLICIT = 0x7ff0000000000001;

/* In slot PPC_FPSCR, above the register: MSR.FE0 and FE1 as prctl(PR_SET_FPEXC)
 * sets them.  If not 0, enabled exceptions are delivered. */
enum { PPC_FPSCR_MODE_SHIFT = 62 };
static const uint64_t PPC_FPSCR_DELIVER = 3ull << PPC_FPSCR_MODE_SHIFT;
static const uint64_t PPC_FPSCR_BITS = 0x7ffffffffull;
/* Also there: the host traps for OX, UX and ZX; and how often it has. */
static const uint64_t PPC_FPSCR_BY_TRAP = 1ull << 40, PPC_FPSCR_TRAP = 1ull << 41,
                      PPC_FPSCR_TRAPS = 15ull << 41;

/* vcpu.mode */
enum {
    PPC_MODE_FP_EXACT = 1 << 8, /* an exception is enabled, NI means something, or as above */
    PPC_MODE_JAVA = 1 << 9,     /* VSCR.NJ is 0: vectors know denormals */
    PPC_MODE_ROUNDED = 1 << 10, /* not to nearest, as vectors always are */
    PPC_MODE_VFLOAT = 1 << 11   /* the host's control word is fit for vectors */
};

/* VSCR; in slot PPC_VSCR, NJ is in its place and SAT where templates note it. */
enum { VSCR_NJ = 1 << 16, VSCR_SAT = 1, PPC_SAT_BIT = 1 << 27 };
/* Also in that slot: this thread computes with vectors in floating point, and how
 * often helpers have done it since. */
enum { PPC_VSCR_FLOAT = 1 << 0, PPC_VSCR_TRAP = 1 << 1, PPC_VSCR_TRAPS = 15 << 1 };

uint64_t ppc_fpscr_read(struct vcpu *cpu);
/* The mode may have changed after: ppc_fp_note_mode. */
void ppc_fpscr_write(struct vcpu *cpu, uint64_t value);
uint32_t ppc_vscr_read(const struct vcpu *cpu);
void ppc_vscr_write(struct vcpu *cpu, uint32_t value);

/* A helper, one that may raise, does an operation of the vector facility: sees to the host's
 * control word. */
void ppc_vector_float(struct vcpu *cpu);

/* The environment of an operation in the guest's mode. */
struct fp_env ppc_fp_env(struct vcpu *cpu);
/* Notes env's exceptions in FPSCR, with FR and FI if the instruction is scalar, and
 * raises SIGFPE if one is enabled and delivered.  False: the target must stay. */
bool ppc_fp_finish(struct vcpu *cpu, const struct fp_env *env, bool scalar);
/* FPRF of a result of format f. */
void ppc_fp_set_fprf(struct vcpu *cpu, unsigned fprf);
/* In place of a template, a scalar instruction has given a NaN: sets FPRF and ends the block, as
 * known_pass.c wants it. */
void ppc_fp_leave_with_nan(struct vcpu *cpu, unsigned fprf);
/* FPCC of a comparison. */
void ppc_fp_set_fpcc(struct vcpu *cpu, unsigned fpcc);

/* ---- Emitting ---- */

/* The whole instruction by an exact helper that may raise. */
void ppc_fp_emit_exact(struct builder *b, unsigned helper, uint32_t insn);
/* Keeps the result that FPRF comes from. */
void ppc_fp_emit_result(struct builder *b, unsigned vsr);
/* Compares two VSRs; check: fcmp_check_d or its like. */
void ppc_fp_emit_compare(struct builder *b, const struct ppc_insn *f, unsigned check, unsigned vsr,
                         unsigned with);
/* For helpers that may raise: leaves the running code if it is not for the mode that there
 * is now. */
void ppc_fp_note_mode(struct vcpu *cpu);
/* The same for arithmetic that has no record form, or is none: XX may have been set. */
void ppc_fp_note_inexact(struct vcpu *cpu);
/* CR1 after a record form. */
void ppc_fp_emit_cr1(struct builder *b);
/* Loads and stores of one register, singles converted. */
/* The single in VSR's lowest word as a double. */
void ppc_fp_emit_widen(struct builder *b, unsigned vsr);
void ppc_fp_emit_load_single(struct builder *b, unsigned vsr, struct ppc_ea ea);
void ppc_fp_emit_load_double(struct builder *b, unsigned vsr, struct ppc_ea ea);
void ppc_fp_emit_load_word(struct builder *b, unsigned vsr, struct ppc_ea ea, bool is_signed);
/* Makes what is stored: before the address, and then the store. */
void ppc_fp_emit_narrow(struct builder *b, unsigned vsr);
void ppc_fp_emit_store_single(struct builder *b, struct ppc_ea ea);
void ppc_fp_emit_store_double(struct builder *b, unsigned vsr, struct ppc_ea ea);
void ppc_fp_emit_store_word(struct builder *b, unsigned vsr, struct ppc_ea ea);
uint32_t ppc_fp_single_bits(uint64_t x);
/* True if templates may not be used for this scalar instruction. */
bool ppc_fp_must_be_exact(struct builder *b);

#endif
