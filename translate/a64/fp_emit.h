/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the translation files of floating point share. */
#ifndef FERRY_A64_FP_EMIT_H
#define FERRY_A64_FP_EMIT_H

#include "translate/a64/a64.h"

/* The instruction by the exact helper.  It reads and writes the flags in
 * CC_SLOT: see emit_cc_store and emit_cc_written. */
static inline bool fp_emit_exact(struct builder *b, const struct a64_insn *f)
{
    emit_call(b, A64_HELPER_fp_exact, f->raw, 0, 0);
    return true;
}

/* The instruction by a template; the helper does it instead if it traps.
 * op 0: there is no template. */
#define FP_EMIT(b, f, op, ...)                                                                     \
    do {                                                                                           \
        if ((op) == 0 || builder_mode(b) & A64_FPCR_DN)                                            \
            fp_emit_exact((b), (f));                                                               \
        else                                                                                       \
            emit_slow((b), A64_HELPER_fp_exact, (f)->raw, 0, 0, (op), __VA_ARGS__);                \
    } while (0)

/* Before templates that would take a denormal operand silently as zero (or
 * not), while FPCR.FZ flushes: traps if IDC is still to be raised. */
static inline void fp_emit_touch(struct builder *b, const struct a64_insn *f, unsigned op)
{
    if ((builder_mode(b) & (A64_FPCR_FZ | A64_FPCR_DN)) == A64_FPCR_FZ)
        emit_slow(b, A64_HELPER_fp_denormal, f->raw, 0, 0, op, V(f->rn));
}

#endif
