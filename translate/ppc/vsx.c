/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VSX floating point (Power ISA 3.1, Book I, 7.6). */
#include "translate/ppc/vsx.h"

/* Everything that has no template may raise. */
bool trans_VSX_exact(struct builder *b, const struct ppc_insn *f)
{
    if (!vsx_have(f))
        return false;
    ppc_fp_emit_exact(b, PPC_HELPER_vsx_exact, f->raw);
    return true;
}

/* ---- Scalar: status goes to FPRF ---- */

#define SCALAR(b, f, op, ...)                                                                      \
    do {                                                                                           \
        if (ppc_fp_must_be_exact(b))                                                               \
            return trans_VSX_exact((b), (f));                                                      \
        VSX_EMIT(b, f, op, __VA_ARGS__);                                                           \
        ppc_fp_emit_result((b), vsx_t(f));                                                         \
    } while (0)

#define SCALAR2(name, op)                                                                          \
    VSX(name)                                                                                      \
    SCALAR(b, f, UOP_##op, V(vsx_t(f)), V(vsx_a(f)), V(vsx_b(f)));                                 \
    return true;                                                                                   \
    }
#define SCALAR1(name, op)                                                                          \
    VSX(name)                                                                                      \
    SCALAR(b, f, UOP_##op, V(vsx_t(f)), V(vsx_b(f)));                                              \
    return true;                                                                                   \
    }
/* Form a: t = a * b + t; form m: t = a * t + b. */
#define SCALAR_FUSED(name, type, op)                                                               \
    VSX(name##A##type)                                                                             \
    SCALAR(b, f, UOP_##op, V(vsx_t(f)), V(vsx_a(f)), V(vsx_b(f)), V(vsx_t(f)));                    \
    return true;                                                                                   \
    }                                                                                              \
    VSX(name##M##type)                                                                             \
    SCALAR(b, f, UOP_##op, V(vsx_t(f)), V(vsx_a(f)), V(vsx_t(f)), V(vsx_b(f)));                    \
    return true;                                                                                   \
    }
SCALAR2(XSADDDP, fadd_d)
SCALAR2(XSSUBDP, fsub_d)
SCALAR2(XSMULDP, fmul_d)
SCALAR2(XSDIVDP, fdiv_d)
SCALAR2(XSADDSP, fadd_single)
SCALAR2(XSSUBSP, fsub_single)
SCALAR2(XSMULSP, fmul_single)
SCALAR2(XSDIVSP, fdiv_single)
SCALAR1(XSSQRTDP, fsqrt_d)
SCALAR1(XSSQRTSP, fsqrt_single)
SCALAR_FUSED(XSMADD, DP, fmadd_d)
SCALAR_FUSED(XSMSUB, DP, fnmsub_d)
SCALAR_FUSED(XSNMADD, DP, fma_neg_d)
SCALAR_FUSED(XSNMSUB, DP, fms_neg_d)
SCALAR_FUSED(XSMADD, SP, fma_single)
SCALAR_FUSED(XSMSUB, SP, fms_single)
SCALAR_FUSED(XSNMADD, SP, fma_neg_single)
SCALAR_FUSED(XSNMSUB, SP, fms_neg_single)
SCALAR1(XSRDPI, frinta_d)
SCALAR1(XSRDPIC, frintx_d)
SCALAR1(XSRDPIM, frintm_d)
SCALAR1(XSRDPIP, frintp_d)
SCALAR1(XSRDPIZ, frintz_d)
SCALAR1(XSRSP, fround_single)

/* From integers: their templates may not trap, as inexact results do there. */
#define FROM_INTEGER(name, emit_it, op)                                                            \
    VSX(name)                                                                                      \
    if (builder_mode(b) & (PPC_MODE_VFLOAT | PPC_MODE_ROUNDED))                                    \
        return trans_VSX_exact(b, f);                                                              \
    emit_it(b, f, UOP_##op, V(vsx_t(f)), V(vsx_b(f)));                                             \
    return true;                                                                                   \
    }
FROM_INTEGER(XSCVSXDDP, SCALAR, scvtf_d)
FROM_INTEGER(XSCVUXDDP, SCALAR, ucvtf_d)
FROM_INTEGER(XSCVSXDSP, SCALAR, scvtf_d_single)

/* No FPRF, or none that is defined. */
#define STATUS_ONLY(name, op)                                                                      \
    VSX(name)                                                                                      \
    if (ppc_fp_must_be_exact(b))                                                                   \
        return trans_VSX_exact(b, f);                                                              \
    VSX_EMIT(b, f, UOP_##op, V(vsx_t(f)), V(vsx_b(f)));                                            \
    return true;                                                                                   \
    }
STATUS_ONLY(XSCVDPSXDS, fcvtz_d_to_s)
STATUS_ONLY(XSCVDPSXWS, fcvtz_d_to_pair_w)

VSX(XSMAXDP)
if (ppc_fp_must_be_exact(b))
    return trans_VSX_exact(b, f);
VSX_EMIT(b, f, UOP_fmax_d, V(vsx_t(f)), V(vsx_a(f)), V(vsx_b(f)));
return true;
}

VSX(XSMINDP)
if (ppc_fp_must_be_exact(b))
    return trans_VSX_exact(b, f);
VSX_EMIT(b, f, UOP_fmin_d, V(vsx_t(f)), V(vsx_a(f)), V(vsx_b(f)));
return true;
}

static bool compare(struct builder *b, const struct ppc_insn *f, unsigned check)
{
    if (ppc_fp_must_be_exact(b))
        return trans_VSX_exact(b, f);
    ppc_fp_emit_compare(b, f, check, vsx_a(f), vsx_b(f));
    return true;
}

VSX(XSCMPUDP)
return compare(b, f, UOP_fcmp_check_d);
}

VSX(XSCMPODP)
return compare(b, f, UOP_fcmp_check_signal_d);
}

/* ---- Without status ---- */

#define QUIET1(name, op)                                                                           \
    VSX(name)                                                                                      \
    VSX_EMIT(b, f, UOP_##op, V(vsx_t(f)), V(vsx_b(f)));                                            \
    return true;                                                                                   \
    }
QUIET1(XSABSDP, fabs_d)
QUIET1(XSNABSDP, fnabs_d)
QUIET1(XSNEGDP, fneg_d)
QUIET1(XVABSDP, fabs_2d)
QUIET1(XVABSSP, fabs_4s)
QUIET1(XVNABSDP, fnabs_2d)
QUIET1(XVNABSSP, fnabs_4s)
QUIET1(XVNEGDP, fneg_2d)
QUIET1(XVNEGSP, fneg_4s)
QUIET1(XSCVSPDPN, left_s_quiet_to_d)
QUIET1(XSCVDPSPN, d_bits_to_left_s)

VSX(XSCPSGNDP)
emit(b, UOP_fcopysign_d, V(vsx_t(f)), V(vsx_a(f)), V(vsx_b(f)));
return true;
}

/* ---- Vectors: exceptions, no FPRF ---- */

static bool exact_mode(const struct builder *b)
{
    return builder_mode(b) & PPC_MODE_FP_EXACT;
}

#define VECTOR(b, f, op, ...)                                                                      \
    do {                                                                                           \
        if (exact_mode(b))                                                                         \
            return trans_VSX_exact((b), (f));                                                      \
        VSX_EMIT(b, f, op, __VA_ARGS__);                                                           \
    } while (0)
#define VECTOR2(name, op)                                                                          \
    VSX(name)                                                                                      \
    VECTOR(b, f, UOP_##op, V(vsx_t(f)), V(vsx_a(f)), V(vsx_b(f)));                                 \
    return true;                                                                                   \
    }
#define VECTOR1(name, op)                                                                          \
    VSX(name)                                                                                      \
    VECTOR(b, f, UOP_##op, V(vsx_t(f)), V(vsx_b(f)));                                              \
    return true;                                                                                   \
    }
#define VECTOR_FUSED(name, type, op)                                                               \
    VSX(name##A##type)                                                                             \
    VECTOR(b, f, UOP_##op, V(vsx_t(f)), V(vsx_a(f)), V(vsx_b(f)), V(vsx_t(f)));                    \
    return true;                                                                                   \
    }                                                                                              \
    VSX(name##M##type)                                                                             \
    VECTOR(b, f, UOP_##op, V(vsx_t(f)), V(vsx_a(f)), V(vsx_t(f)), V(vsx_b(f)));                    \
    return true;                                                                                   \
    }
VECTOR2(XVADDDP, fadd_2d)
VECTOR2(XVSUBDP, fsub_2d)
VECTOR2(XVMULDP, fmul_2d)
VECTOR2(XVDIVDP, fdiv_2d)
VECTOR2(XVADDSP, fadd_4s)
VECTOR2(XVSUBSP, fsub_4s)
VECTOR2(XVMULSP, fmul_4s)
VECTOR2(XVDIVSP, fdiv_4s)
VECTOR2(XVMAXDP, fmax_2d)
VECTOR2(XVMINDP, fmin_2d)
VECTOR2(XVMAXSP, fmax_4s)
VECTOR2(XVMINSP, fmin_4s)
VECTOR_FUSED(XVMADD, DP, fma_2d)
VECTOR_FUSED(XVMSUB, DP, fms_2d)
VECTOR_FUSED(XVNMADD, DP, fma_neg_2d)
VECTOR_FUSED(XVNMSUB, DP, fms_neg_2d)
VECTOR_FUSED(XVMADD, SP, fma_4s)
VECTOR_FUSED(XVMSUB, SP, fms_4s)
VECTOR_FUSED(XVNMADD, SP, fma_neg_4s)
VECTOR_FUSED(XVNMSUB, SP, fms_neg_4s)
VECTOR1(XVSQRTDP, fsqrt_2d)
VECTOR1(XVSQRTSP, fsqrt_4s)
VECTOR1(XVRDPIC, frintx_2d)
VECTOR1(XVRDPIM, frintm_2d)
VECTOR1(XVRDPIP, frintp_2d)
VECTOR1(XVRDPIZ, frintz_2d)
VECTOR1(XVRSPIC, frintx_4s)
VECTOR1(XVRSPIM, frintm_4s)
VECTOR1(XVRSPIP, frintp_4s)
VECTOR1(XVRSPIZ, frintz_4s)
VECTOR1(XVCVDPSXDS, fcvtzs_2d)
VECTOR1(XVCVSPSXWS, fcvtzs_4s)
FROM_INTEGER(XVCVSXDDP, VECTOR, scvtf_2d)
FROM_INTEGER(XVCVSXWSP, VECTOR, scvtf_4s)
FROM_INTEGER(XVCVUXWSP, VECTOR, ucvtf_4s)
VECTOR1(XVCVSPDP, fcvt_left_s_to_2d)
VECTOR1(XVCVDPSP, fcvt_2d_to_pairs_s)
VECTOR1(XVCVSXWDP, scvtf_left_s_to_2d)

/* The record forms' CR6 comes from the mask. */
#define VECTOR_COMPARE(name, op)                                                                   \
    VSX(name)                                                                                      \
    VECTOR(b, f, UOP_##op, V(vsx_t(f)), V(vsx_a(f)), V(vsx_b(f)));                                 \
    if (f->rc)                                                                                     \
        emit(b, UOP_v_all_none, ppc_cr(6), V(vsx_t(f)));                                           \
    return true;                                                                                   \
    }
VECTOR_COMPARE(XVCMPEQDP, fcmeq_2d)
VECTOR_COMPARE(XVCMPGEDP, fcmge_2d)
VECTOR_COMPARE(XVCMPGTDP, fcmgt_2d)
VECTOR_COMPARE(XVCMPEQSP, fcmeq_4s)
VECTOR_COMPARE(XVCMPGESP, fcmge_4s)
VECTOR_COMPARE(XVCMPGTSP, fcmgt_4s)
