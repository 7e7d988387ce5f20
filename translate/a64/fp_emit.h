/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the translation files of floating point share. */
#ifndef FERRY_A64_FP_EMIT_H
#define FERRY_A64_FP_EMIT_H

#include "translate/a64/a64.h"

/* The instruction by the exact helper.  It reads and writes the flags in
 * CC_SLOT: see emit_cc_store and emit_cc_written. */
/* For A64_HELPER_fp_exact: a scalar result that is a NaN ends the block, as known_pass.c wants
 * it.  No micro-op of the instruction may follow that is needed then. */
enum { LEAVE_WITH_NAN = 1 };

static inline bool fp_emit_exact(struct builder *b, const struct a64_insn *f)
{
    emit_call(b, A64_HELPER_fp_exact, f->raw, 0, 0);
    return true;
}

/* What a template's output is. */
enum fp_result {
    FP_NUMBER,   /* a number that is exact when it is tiny */
    FP_TINY,     /* a number that may be inexact when it is tiny */
    FP_OPERAND,  /* one of the operands, no NaN */
    FP_NO_NUMBER /* an integer, a mask, flags; or NaNs are passed on as they are */
};

/* The instruction by a template; the helper does it instead if it traps, or if
 * the mode asks for more than the template does.  op 0: there is no template.
 * The names of templates end in s or d, for the size of their result. */
void fp_emit_result(struct builder *b, const struct a64_insn *f, enum fp_result result, unsigned op,
                    const struct opnd *o, unsigned n);
#define FP_EMIT_RESULT(b, f, result, op, ...)                                                      \
    fp_emit_result((b), (f), (result), (op), (const struct opnd[]){__VA_ARGS__},                   \
                   sizeof((const struct opnd[]){__VA_ARGS__}) / sizeof(struct opnd))
#define FP_EMIT(b, f, op, ...) FP_EMIT_RESULT(b, f, FP_NUMBER, op, __VA_ARGS__)

/* Before templates that would take a denormal operand silently as zero (or
 * not), while FPCR.FZ flushes: traps if IDC is still to be raised. */
void fp_emit_touch(struct builder *b, const struct a64_insn *f, unsigned op);

#endif
