/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FPCR, FPSR and what they mean for the host.
 *
 * Slot A64_FPCR holds FPCR.  FPSR is the sum of slot A64_FPSR (what helpers
 * have raised) and the host's sticky flags, which live in the MXCSR while
 * generated code runs and in cpu->mxcsr otherwise.  All access goes through
 * these functions.
 *
 * With FPCR.FZ the host flushes too (FTZ).  It cannot report a flushed
 * operand, so until IDC is set denormal operands trap instead of being taken
 * as zero (DAZ), and until UFC is set tiny results trap; the exact helper
 * raises the flag, and the next of them is the host's again.  What remains
 * inexact: IXC is also set when a result is flushed, IDC is not when the other
 * operand is a NaN, and a result that the host rounds up to the least normal
 * number counts as no underflow.
 */
#ifndef FERRY_A64_FP_H
#define FERRY_A64_FP_H

#include "translate/vcpu.h"

/* Each may be called by a helper while generated code runs, or outside.
 * After a64_fpcr_write the mode may have changed: end the block. */
uint64_t a64_fpsr_read(struct vcpu *cpu);
void a64_fpsr_write(struct vcpu *cpu, uint64_t value);
void a64_fpcr_write(struct vcpu *cpu, uint64_t value);

/* Sets sticky flags (FPSR_ bits). */
void a64_fp_raise(struct vcpu *cpu, uint32_t flags);

#endif
