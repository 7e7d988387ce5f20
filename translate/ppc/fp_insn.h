/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the exact interpreters of FPR and VSX instructions share. */
#ifndef FERRY_PPC_FP_INSN_H
#define FERRY_PPC_FP_INSN_H

#include "translate/ppc/fp.h"

/* From FP_NMADD on the result is negated. */
enum fp_op {
    FP_NONE,
    FP_ADD,
    FP_SUB,
    FP_MUL,
    FP_DIV,
    FP_SQRT,
    FP_RE,
    FP_RSQRTE,
    FP_MADD,
    FP_MSUB,
    FP_NMADD,
    FP_NMSUB
};

/* Operations of one operand take b; fused ones are a * c + b. */
u128 ppc_fp_apply(struct fp_env *e, enum fp_op op, enum fp_format f, enum fp_format to, u128 a,
                  u128 c, u128 b);
/* The CR field of a comparison, with its exceptions (4.6.8). */
unsigned ppc_fp_compare_insn(struct fp_env *e, enum fp_format f, u128 a, u128 b, bool ordered,
                             bool invalid_enabled);
/* ftdiv, ftsqrt and their VSX forms (4.6.6.1, 7.6.1.4) */
unsigned ppc_fp_test_div(enum fp_format f, u128 a, u128 b);
unsigned ppc_fp_test_sqrt(enum fp_format f, u128 b);
uint64_t ppc_fp_word_result(uint64_t r, bool wide, bool is_signed, bool nan);

static inline u128 fpx_one(enum fp_format f)
{
    return f == FP_Q ? (u128)0x3fff << 112 : f == FP_D ? 0x3ffull << 52 : 0x7full << 23;
}

#endif
