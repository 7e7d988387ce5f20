/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the exact interpreters of VSX: vsx_exact.c and vsx_other.c. */
#ifndef FERRY_PPC_VSX_EXACT_H
#define FERRY_PPC_VSX_EXACT_H

#include "translate/ppc/fp.h"

/* One instruction under way. */
struct vsx {
    struct vcpu *cpu;
    uint32_t insn;
    struct fp_env env;
    enum fp_format f; /* of the operands */
    bool vector;      /* else scalar, in doubleword 0 */
    bool single;      /* a scalar that is rounded to single and kept as a double */
    bool record;      /* FPRF, FPCC are the helper's to keep */
    v128 a, b, t;     /* operands; t is XT as it was */
    v128 r;           /* the result */
    bool no_result, sets_fprf;
    unsigned fprf, cr6;
};

/* CR field bf = value, which may go to FPCC too. */
void vsx_set_cr(struct vsx *w, unsigned value, bool fpcc);
/* max and min of type c (7.6.3, XSMAXCDP) */
u128 vsx_extreme_c(struct fp_env *e, enum fp_format f, u128 a, u128 b, bool max);
/* Exponents and significands, half precision, classes, bytes: true if it is one. */
bool vsx_other(struct vsx *w);
/* Data class of x against a mask DCMX (7.6.3, XSTSTDCDP). */
bool vsx_data_class(enum fp_format f, u128 x, unsigned mask);

#endif
