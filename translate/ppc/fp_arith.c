/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scalar floating point on the FPRs (Power ISA 3.1, Book I, 4.6.5 to 4.6.9). */
#include "translate/ppc/fp.h"

/* The instruction by a template; the helper does it instead if it traps, and ends the block if
 * it gives a NaN: before CR1 would be written. */
#define FP_EMIT(b, f, op, ...)                                                                     \
    do {                                                                                           \
        if (ppc_fp_must_be_exact(b) || (f)->rc) {                                                  \
            ppc_fp_emit_exact((b), PPC_HELPER_fp_exact, (f)->raw);                                 \
        } else {                                                                                   \
            emit_slow((b), PPC_HELPER_fp_exact, (f)->raw, 0, 0, (op), __VA_ARGS__);                \
            ppc_fp_emit_result((b), (f)->rt);                                                      \
        }                                                                                          \
        record((b), (f));                                                                          \
    } while (0)

static void record(struct builder *b, const struct ppc_insn *f)
{
    if (f->rc)
        ppc_fp_emit_cr1(b);
}

/* ---- Moves: no status ---- */

#define MOVE(name, op)                                                                             \
    bool trans_##name(struct builder *b, const struct ppc_insn *f)                                 \
    {                                                                                              \
        emit(b, UOP_##op, V(f->rt), V(f->rb));                                                     \
        record(b, f);                                                                              \
        return true;                                                                               \
    }
MOVE(FMR, fmov_d)
MOVE(FNEG, fneg_d)
MOVE(FABS, fabs_d)
MOVE(FNABS, fnabs_d)

bool trans_FCPSGN(struct builder *b, const struct ppc_insn *f)
{
    emit(b, UOP_fcopysign_d, V(f->rt), V(f->ra), V(f->rb));
    record(b, f);
    return true;
}

/* Words of doubleword 0 of both, side by side. */
bool trans_FMRGEW(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_207))
        return false;
    emit_call(b, PPC_HELPER_fp_exact, f->raw, 0, 0);
    return true;
}

bool trans_FMRGOW(struct builder *b, const struct ppc_insn *f)
{
    return trans_FMRGEW(b, f);
}

bool trans_FSEL(struct builder *b, const struct ppc_insn *f)
{
    emit(b, UOP_fsel_d, V(f->rt), V(f->ra), V(f->rc5), V(f->rb));
    record(b, f);
    return true;
}

/* ---- Arithmetic ---- */

#define TWO(name, op)                                                                              \
    bool trans_##name(struct builder *b, const struct ppc_insn *f)                                 \
    {                                                                                              \
        FP_EMIT(b, f, UOP_##op, V(f->rt), V(f->ra), V(f->rb));                                     \
        return true;                                                                               \
    }
#define ONE(name, op)                                                                              \
    bool trans_##name(struct builder *b, const struct ppc_insn *f)                                 \
    {                                                                                              \
        FP_EMIT(b, f, UOP_##op, V(f->rt), V(f->rb));                                               \
        return true;                                                                               \
    }
#define FUSED(name, op)                                                                            \
    bool trans_##name(struct builder *b, const struct ppc_insn *f)                                 \
    {                                                                                              \
        FP_EMIT(b, f, UOP_##op, V(f->rt), V(f->ra), V(f->rc5), V(f->rb));                          \
        return true;                                                                               \
    }
TWO(FADD, fadd_d)
TWO(FADDS, fadd_single)
TWO(FSUB, fsub_d)
TWO(FSUBS, fsub_single)
TWO(FMUL, fmul_d)
TWO(FMULS, fmul_single)
TWO(FDIV, fdiv_d)
TWO(FDIVS, fdiv_single)
ONE(FSQRT, fsqrt_d)
ONE(FSQRTS, fsqrt_single)
FUSED(FMADD, fmadd_d)
FUSED(FMADDS, fma_single)
FUSED(FMSUB, fnmsub_d)
FUSED(FMSUBS, fms_single)
FUSED(FNMADD, fma_neg_d)
FUSED(FNMADDS, fma_neg_single)
FUSED(FNMSUB, fms_neg_d)
FUSED(FNMSUBS, fms_neg_single)

static bool exact(struct builder *b, const struct ppc_insn *f)
{
    ppc_fp_emit_exact(b, PPC_HELPER_fp_exact, f->raw);
    record(b, f);
    return true;
}

#define EXACT(name)                                                                                \
    bool trans_##name(struct builder *b, const struct ppc_insn *f)                                 \
    {                                                                                              \
        return exact(b, f);                                                                        \
    }
EXACT(FRE)
EXACT(FRES)
EXACT(FRSQRTE)
EXACT(FRSQRTES)

/* ---- Conversion ---- */

ONE(FRSP, fround_single)
/* From integers: their templates may not trap, as inexact results do there. */
#define FROM_INTEGER(name, op)                                                                     \
    bool trans_##name(struct builder *b, const struct ppc_insn *f)                                 \
    {                                                                                              \
        if (builder_mode(b) & (PPC_MODE_VFLOAT | PPC_MODE_ROUNDED))                                \
            return exact(b, f);                                                                    \
        FP_EMIT(b, f, UOP_##op, V(f->rt), V(f->rb));                                               \
        return true;                                                                               \
    }
FROM_INTEGER(FCFID, scvtf_d)
FROM_INTEGER(FCFIDS, scvtf_d_single)
FROM_INTEGER(FCFIDU, ucvtf_d)
EXACT(FCFIDUS)
ONE(FRIN, frinta_d)
ONE(FRIZ, frintz_d)
ONE(FRIP, frintp_d)
ONE(FRIM, frintm_d)
EXACT(FP_convert)

/* To integers: FPRF is undefined and stays. */
#define TO_INTEGER(name, op)                                                                       \
    bool trans_##name(struct builder *b, const struct ppc_insn *f)                                 \
    {                                                                                              \
        if (ppc_fp_must_be_exact(b))                                                               \
            return exact(b, f);                                                                    \
        emit_slow(b, PPC_HELPER_fp_exact, f->raw, 0, 0, UOP_##op, V(f->rt), V(f->rb));             \
        record(b, f);                                                                              \
        return true;                                                                               \
    }
TO_INTEGER(FCTID, fcvt_d_to_x)
TO_INTEGER(FCTIDZ, fcvtz_d_to_s)
TO_INTEGER(FCTIW, fcvt_d_to_w)
TO_INTEGER(FCTIWZ, fcvtz_d_to_w)

/* ---- Comparison ---- */

static bool compare(struct builder *b, const struct ppc_insn *f, unsigned check)
{
    if (ppc_fp_must_be_exact(b)) {
        ppc_fp_emit_exact(b, PPC_HELPER_fp_exact, f->raw);
    } else {
        ppc_fp_emit_compare(b, f, check, f->ra, f->rb);
    }
    return true;
}

bool trans_FCMPU(struct builder *b, const struct ppc_insn *f)
{
    return compare(b, f, UOP_fcmp_check_d);
}

bool trans_FCMPO(struct builder *b, const struct ppc_insn *f)
{
    return compare(b, f, UOP_fcmp_check_signal_d);
}

/* The tests for software division and square root touch CR only. */
bool trans_FTDIV(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_206))
        return false;
    emit_call(b, PPC_HELPER_fp_exact, f->raw, 0, 0);
    return true;
}

bool trans_FTSQRT(struct builder *b, const struct ppc_insn *f)
{
    return trans_FTDIV(b, f);
}
