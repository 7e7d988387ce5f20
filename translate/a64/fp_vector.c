/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Advanced SIMD floating point, vector and scalar forms (Arm ARM DDI 0487,
 * C4.1.96, "Advanced SIMD ..."). */
#include "translate/a64/fp_emit.h"

/* The templates of one operation; 0: none, by the helper. */
struct vector_ops {
    uint16_t s2, s4, d2;
};
_Static_assert(UOP_fadd_2s != 0, "0 stands for no template");

/* 1D is no arrangement of vectors. */
static bool reserved(const struct a64_insn *f)
{
    return f->sz && !f->q;
}

static unsigned pick(const struct vector_ops *ops, const struct a64_insn *f)
{
    return f->sz ? ops->d2 : f->q ? ops->s4 : ops->s2;
}

bool trans_FP_vector_exact(struct builder *b, const struct a64_insn *f)
{
    return !reserved(f) && fp_emit_exact(b, f);
}

/* ---- Three same ---- */

static bool three_same(struct builder *b, const struct a64_insn *f, enum fp_result result,
                       struct vector_ops ops)
{
    if (reserved(f))
        return false;
    FP_EMIT_RESULT(b, f, result, pick(&ops, f), V(f->rd), V(f->rn), V(f->rm));
    return true;
}

#define THREE_SAME(name, result, ...)                                                              \
    bool trans_##name(struct builder *b, const struct a64_insn *f)                                 \
    {                                                                                              \
        return three_same(b, f, result, (struct vector_ops){__VA_ARGS__});                         \
    }
THREE_SAME(FADD_v, FP_NUMBER, UOP_fadd_2s, UOP_fadd_4s, UOP_fadd_2d)
THREE_SAME(FSUB_v, FP_NUMBER, UOP_fsub_2s, UOP_fsub_4s, UOP_fsub_2d)
THREE_SAME(FMUL_v, FP_TINY, UOP_fmul_2s, UOP_fmul_4s, UOP_fmul_2d)
THREE_SAME(FMLA_v, FP_TINY, UOP_fmla_2s, UOP_fmla_4s, UOP_fmla_2d)
THREE_SAME(FMLS_v, FP_TINY, UOP_fmls_2s, UOP_fmls_4s, UOP_fmls_2d)
THREE_SAME(FABD_v, FP_NUMBER, 0, UOP_fabd_4s, UOP_fabd_2d)
THREE_SAME(FMAX_v, FP_OPERAND, 0, UOP_fmax_4s, UOP_fmax_2d)
THREE_SAME(FMIN_v, FP_OPERAND, 0, UOP_fmin_4s, UOP_fmin_2d)
THREE_SAME(FADDP_v, FP_NUMBER, 0, UOP_faddp_4s, UOP_faddp_2d)
THREE_SAME(FCMEQ_v, FP_NO_NUMBER, 0, UOP_fcmeq_4s, UOP_fcmeq_2d)
THREE_SAME(FCMGE_v, FP_NO_NUMBER, 0, UOP_fcmge_4s, UOP_fcmge_2d)
THREE_SAME(FCMGT_v, FP_NO_NUMBER, 0, UOP_fcmgt_4s, UOP_fcmgt_2d)

/* On the host a denormal by zero is no invalid operation. */
bool trans_FDIV_v(struct builder *b, const struct a64_insn *f)
{
    if (!reserved(f) && f->q)
        fp_emit_touch(b, f, f->sz ? UOP_fp_touch_2d : UOP_fp_touch_4s);
    return three_same(b, f, FP_TINY, (struct vector_ops){0, UOP_fdiv_4s, UOP_fdiv_2d});
}

/* size 1: half, 2: single, 3: double */
bool trans_FP_complex(struct builder *b, const struct a64_insn *f)
{
    if (f->size == 0 || (f->size == 3 && !f->q))
        return false;
    return fp_emit_exact(b, f);
}

bool trans_FABD_s(struct builder *b, const struct a64_insn *f)
{
    FP_EMIT(b, f, f->sz ? UOP_fabd_d : UOP_fabd_s, V(f->rd), V(f->rn), V(f->rm));
    return true;
}

/* ---- Two-register miscellaneous ---- */

static bool misc(struct builder *b, const struct a64_insn *f, enum fp_result result,
                 struct vector_ops ops)
{
    if (reserved(f))
        return false;
    FP_EMIT_RESULT(b, f, result, pick(&ops, f), V(f->rd), V(f->rn));
    return true;
}

#define MISC(name, result, ...)                                                                    \
    bool trans_##name(struct builder *b, const struct a64_insn *f)                                 \
    {                                                                                              \
        return misc(b, f, result, (struct vector_ops){__VA_ARGS__});                               \
    }
MISC(FABS_v, FP_NO_NUMBER, UOP_fabs_2s, UOP_fabs_4s, UOP_fabs_2d)
MISC(FNEG_v, FP_NO_NUMBER, UOP_fneg_2s, UOP_fneg_4s, UOP_fneg_2d)
MISC(FSQRT_v, FP_NUMBER, 0, UOP_fsqrt_4s, UOP_fsqrt_2d)
MISC(SCVTF_v, FP_NO_NUMBER, UOP_scvtf_2s, UOP_scvtf_4s, UOP_scvtf_2d)
MISC(UCVTF_v, FP_NO_NUMBER, 0, UOP_ucvtf_4s, 0)

/* Those that the host does not report denormals of. */
static bool misc_touched(struct builder *b, const struct a64_insn *f, enum fp_result result,
                         struct vector_ops ops)
{
    if (pick(&ops, f))
        fp_emit_touch(b, f, f->sz ? UOP_fp_touch_2d : UOP_fp_touch_4s);
    return misc(b, f, result, ops);
}

#define MISC_TOUCHED(name, result, ...)                                                            \
    bool trans_##name(struct builder *b, const struct a64_insn *f)                                 \
    {                                                                                              \
        return misc_touched(b, f, result, (struct vector_ops){__VA_ARGS__});                       \
    }
MISC_TOUCHED(FRINTN_v, FP_NUMBER, 0, UOP_frintn_4s, UOP_frintn_2d)
MISC_TOUCHED(FRINTM_v, FP_NUMBER, 0, UOP_frintm_4s, UOP_frintm_2d)
MISC_TOUCHED(FRINTP_v, FP_NUMBER, 0, UOP_frintp_4s, UOP_frintp_2d)
MISC_TOUCHED(FRINTZ_v, FP_NUMBER, 0, UOP_frintz_4s, UOP_frintz_2d)
MISC_TOUCHED(FRINTX_v, FP_NUMBER, 0, UOP_frintx_4s, UOP_frintx_2d)
MISC_TOUCHED(FCVTZS_v, FP_NO_NUMBER, 0, UOP_fcvtzs_4s, UOP_fcvtzs_2d)

/* Rn op 0, or 0 op Rn. */
static bool compare_zero(struct builder *b, const struct a64_insn *f, struct vector_ops ops,
                         bool zero_first)
{
    if (reserved(f))
        return false;
    unsigned op = pick(&ops, f);
    if (op)
        emit(b, UOP_fmov_zero, VT(0));
    FP_EMIT_RESULT(b, f, FP_NO_NUMBER, op, V(f->rd), zero_first ? VT(0) : V(f->rn),
                   zero_first ? V(f->rn) : VT(0));
    return true;
}

#define COMPARE_ZERO(name, op, zero_first)                                                         \
    bool trans_##name(struct builder *b, const struct a64_insn *f)                                 \
    {                                                                                              \
        return compare_zero(b, f, (struct vector_ops){0, UOP_##op##_4s, UOP_##op##_2d},            \
                            zero_first);                                                           \
    }
COMPARE_ZERO(FCMGT_zero_v, fcmgt, false)
COMPARE_ZERO(FCMGE_zero_v, fcmge, false)
COMPARE_ZERO(FCMEQ_zero_v, fcmeq, false)
COMPARE_ZERO(FCMLT_zero_v, fcmgt, true)
COMPARE_ZERO(FCMLE_zero_v, fcmge, true)

bool trans_FCVTL_v(struct builder *b, const struct a64_insn *f)
{
    FP_EMIT(b, f, !f->sz ? 0 : f->q ? UOP_fcvtl2_2d : UOP_fcvtl_2d, V(f->rd), V(f->rn));
    return true;
}

bool trans_FCVTN_v(struct builder *b, const struct a64_insn *f)
{
    FP_EMIT_RESULT(b, f, FP_TINY,
                   !f->sz ? 0
                   : f->q ? UOP_fcvtn2_4s
                          : UOP_fcvtn_2s,
                   V(f->rd), V(f->rn));
    return true;
}

bool trans_SCVTF_s(struct builder *b, const struct a64_insn *f)
{
    FP_EMIT_RESULT(b, f, FP_NO_NUMBER, f->sz ? UOP_scvtf_d : UOP_scvtf_s, V(f->rd), V(f->rn));
    return true;
}

bool trans_UCVTF_s(struct builder *b, const struct a64_insn *f)
{
    FP_EMIT_RESULT(b, f, FP_NO_NUMBER, f->sz ? UOP_ucvtf_d : UOP_ucvtf_s, V(f->rd), V(f->rn));
    return true;
}

bool trans_FCVTZS_s(struct builder *b, const struct a64_insn *f)
{
    fp_emit_touch(b, f, f->sz ? UOP_fp_touch_d : UOP_fp_touch_s);
    FP_EMIT_RESULT(b, f, FP_NO_NUMBER, f->sz ? UOP_fcvtz_d_to_s : UOP_fcvtz_s_to_s, V(f->rd),
                   V(f->rn));
    return true;
}

bool trans_FADDP_s(struct builder *b, const struct a64_insn *f)
{
    FP_EMIT(b, f, f->sz ? UOP_faddp_d : UOP_faddp_s, V(f->rd), V(f->rn));
    return true;
}

/* ---- By element: rm holds M, the index is H:L for singles, H for doubles ---- */

static bool reserved_element(const struct a64_insn *f)
{
    return f->sz && f->l;
}

static unsigned element_index(const struct a64_insn *f)
{
    return f->sz ? f->h : f->h << 1 | f->l;
}

bool trans_FP_elem_exact(struct builder *b, const struct a64_insn *f)
{
    return !reserved_element(f) && fp_emit_exact(b, f);
}

bool trans_FP_vector_elem_exact(struct builder *b, const struct a64_insn *f)
{
    return !reserved(f) && trans_FP_elem_exact(b, f);
}

static bool by_element(struct builder *b, const struct a64_insn *f, unsigned op)
{
    FP_EMIT_RESULT(b, f, FP_TINY, op, V(f->rd), V(f->rn), V(f->rm), I(element_index(f)));
    return true;
}

#define BY_ELEMENT(name, ...)                                                                      \
    bool trans_##name(struct builder *b, const struct a64_insn *f)                                 \
    {                                                                                              \
        return !reserved(f) && !reserved_element(f) &&                                             \
               by_element(b, f, pick(&(struct vector_ops){__VA_ARGS__}, f));                       \
    }
BY_ELEMENT(FMUL_elem, UOP_fmul_lane_2s, UOP_fmul_lane_4s, UOP_fmul_lane_2d)
BY_ELEMENT(FMLA_elem, UOP_fmla_lane_2s, UOP_fmla_lane_4s, UOP_fmla_lane_2d)
BY_ELEMENT(FMLS_elem, 0, UOP_fmls_lane_4s, UOP_fmls_lane_2d)

#define BY_ELEMENT_SCALAR(name, s, d)                                                              \
    bool trans_##name(struct builder *b, const struct a64_insn *f)                                 \
    {                                                                                              \
        return !reserved_element(f) && by_element(b, f, f->sz ? UOP_##d : UOP_##s);                \
    }
BY_ELEMENT_SCALAR(FMUL_elem_s, fmul_lane_s, fmul_lane_d)
BY_ELEMENT_SCALAR(FMLA_elem_s, fmla_lane_s, fmla_lane_d)
BY_ELEMENT_SCALAR(FMLS_elem_s, fmls_lane_s, fmls_lane_d)

/* size 1 (half): the index is H:L, and 64-bit vectors have two pairs; size 2 */
bool trans_FCMLA_elem(struct builder *b, const struct a64_insn *f)
{
    bool half = f->raw >> 22 & 1;
    if (half ? f->h && !f->q : f->l || !f->q)
        return false;
    return fp_emit_exact(b, f);
}

/* ---- Fixed point ---- */

/* The leading 1 of immh gives the size: 001x half, 01xx single, 1xxx double.
 * immh 0 is the modified immediates' encoding space. */
bool trans_FP_fixed_v(struct builder *b, const struct a64_insn *f)
{
    if (f->immh < 2 || (f->immh >= 8 && !f->q))
        return false;
    return fp_emit_exact(b, f);
}

bool trans_FP_fixed_s(struct builder *b, const struct a64_insn *f)
{
    return f->immh >= 2 && fp_emit_exact(b, f);
}
