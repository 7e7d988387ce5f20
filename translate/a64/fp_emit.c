/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How templates of floating point are emitted for the modes: see fp.h. */
#include "translate/a64/fp_emit.h"

#include <string.h>

_Static_assert(UOP_fp_commit_d == UOP_fp_commit_s + 1 && UOP_fp_flush_d == UOP_fp_flush_s + 1,
               "singles, then doubles");

/* Flushing to zero while the guest looks at the flags: a denormal beside a NaN
 * raises IDC, of which the host says nothing. */
static bool exact_only(const struct builder *b)
{
    uint32_t both = A64_FPCR_FZ | A64_MODE_WATCHED;
    return (builder_mode(b) & both) == both;
}

/* The template (for singles; doubles' is the next) that makes the guest's result of the
 * host's; 0: they are the same. */
static unsigned finish(const struct builder *b, enum fp_result result)
{
    uint32_t mode = builder_mode(b);
    switch (result) {
    case FP_TINY:
        return mode ? UOP_fp_commit_s : 0;
    case FP_NUMBER:
        return mode & A64_FPCR_DN ? UOP_fp_commit_s : 0;
    case FP_OPERAND:
        return mode & A64_FPCR_FZ ? UOP_fp_flush_s : 0;
    default:
        return 0;
    }
}

/* The same operation with the check of fp_commit in it; 0: there is none. */
static unsigned with_check(unsigned op)
{
    static const uint16_t rows[][2] = {
        {UOP_fmul_4s, UOP_fmul_checked_4s},           {UOP_fmul_2d, UOP_fmul_checked_2d},
        {UOP_fmla_4s, UOP_fmla_checked_4s},           {UOP_fmla_2d, UOP_fmla_checked_2d},
        {UOP_fmla_lane_4s, UOP_fmla_lane_checked_4s}, {UOP_fmla_lane_2d, UOP_fmla_lane_checked_2d}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i][0] == op)
            return rows[i][1];
    return 0;
}

void fp_emit_result(struct builder *b, const struct a64_insn *f, enum fp_result result, unsigned op,
                    const struct opnd *o, unsigned n)
{
    if (op == 0 || exact_only(b)) {
        fp_emit_exact(b, f);
        return;
    }
    unsigned last = finish(b, result);
    if (last == UOP_fp_commit_s && with_check(op)) {
        op = with_check(op);
        last = 0;
    }
    if (!last) {
        builder_emit_slow(b, A64_HELPER_fp_exact, f->raw, LEAVE_WITH_NAN, 0, op, o, n);
        return;
    }
    struct opnd to[UOP_MAX_OPERANDS];
    const char *name = uop_info[op].name;
    memcpy(to, o, n * sizeof *o);
    to[0] = VT(0);
    if (uop_info[op].dir[0] == '+')
        emit(b, UOP_movv, VT(0), o[0]);
    builder_emit_slow(b, A64_HELPER_fp_exact_vt, f->raw, 0, 0, op, to, n);
    emit_slow(b, A64_HELPER_fp_exact, f->raw, 0, 0, last + (name[strlen(name) - 1] == 'd'), o[0],
              VT(0));
}

void fp_emit_touch(struct builder *b, const struct a64_insn *f, unsigned op)
{
    if (builder_mode(b) & A64_FPCR_FZ && !exact_only(b))
        emit_slow(b, A64_HELPER_fp_denormal, f->raw, 0, 0, op, V(f->rn));
}
