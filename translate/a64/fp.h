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
 * as zero (DAZ); and it reports a flushed result as inexact, so tiny and
 * inexact results trap until UFC and IXC are set.  The exact helper raises the
 * flag.  Flags of the MXCSR whose exception is not masked say nothing.
 *
 * Arm finds a result tiny before it is rounded, the host after: where that
 * makes a difference the result is the least normal number.  Templates whose
 * results can be tiny and inexact are checked for it when results are
 * flushed, or when the flags are watched: from the guest's first access to
 * FPSR on, and until it writes one that has UFC, IXC and IDC set.  (What is not
 * told is an underflow of this kind before the first access.)  While the
 * flags are watched and results are flushed the exact helpers do everything:
 * the host says nothing of a denormal beside a NaN.
 *
 * With FPCR.DN results are checked for NaNs.
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
