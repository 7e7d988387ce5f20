/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A64 floating point in integer arithmetic, exact in every FPCR mode: what
 * the templates fall back on when a NaN is met or made, a conversion is out of
 * range, the mode is unusual, or the host lacks the operation.
 *
 * The functions are those of the Arm ARM's shared pseudo code
 * (DDI 0487, J1.3, "shared/functions/float").  Values are the bits of a half,
 * single or double, zero-extended; `size` says which.  Exceptions are
 * accumulated in env->fpsr.  Nothing here depends on the host's MXCSR.
 */
#ifndef FERRY_A64_FP_EXACT_H
#define FERRY_A64_FP_EXACT_H

#include <stdbool.h>
#include <stdint.h>

#include "translate/a64/a64.h"

/* log2 of the bytes */
enum fp_size { FP_H = 1, FP_S = 2, FP_D = 3 };

/* The first four are FPCR.RMode. */
enum fp_rounding { FP_EVEN, FP_UP, FP_DOWN, FP_ZERO, FP_AWAY, FP_ODD };

struct fp_env {
    uint32_t fpcr, fpsr;
};

enum {
    FPSR_IOC = 1 << 0,
    FPSR_DZC = 1 << 1,
    FPSR_OFC = 1 << 2,
    FPSR_UFC = 1 << 3,
    FPSR_IXC = 1 << 4,
    FPSR_IDC = 1 << 7,
    FPSR_QC = 1 << 27
};

static inline enum fp_rounding fp_mode(const struct fp_env *env)
{
    return (enum fp_rounding)(env->fpcr >> 22 & 3);
}

/* For singles and doubles. */
static inline bool fp_is_nan(enum fp_size size, uint64_t x)
{
    return size == FP_D ? x << 1 > UINT64_C(0x7ff) << 53 : (uint32_t)x << 1 > 0xff000000u;
}

typedef uint64_t fp_unary(struct fp_env *, enum fp_size, uint64_t);
typedef uint64_t fp_binary(struct fp_env *, enum fp_size, uint64_t, uint64_t);

fp_unary fp_abs, fp_neg, fp_sqrt, fp_recip_estimate, fp_rsqrt_estimate, fp_recip_exponent;
fp_binary fp_add, fp_sub, fp_mul, fp_nmul, fp_mulx, fp_div, fp_abs_diff;
fp_binary fp_max, fp_min, fp_maxnum, fp_minnum, fp_recip_step, fp_rsqrt_step;

/* addend + x * y with one rounding */
uint64_t fp_muladd(struct fp_env *env, enum fp_size size, uint64_t addend, uint64_t x, uint64_t y);

/* N, Z, C, V in bits 3..0 */
unsigned fp_compare(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y,
                    bool signal_nans);
/* 0 or 1; the last two compare magnitudes */
fp_binary fp_eq, fp_ge, fp_gt, fp_abs_ge, fp_abs_gt;

uint64_t fp_convert(struct fp_env *env, enum fp_size to, enum fp_size from, uint64_t x,
                    enum fp_rounding rounding);
uint64_t fp_round_int(struct fp_env *env, enum fp_size size, uint64_t x, enum fp_rounding rounding,
                      bool inexact);
/* FRINT32x, FRINT64x: to an integer that fits bits */
uint64_t fp_round_int_n(struct fp_env *env, enum fp_size size, uint64_t x,
                        enum fp_rounding rounding, unsigned bits);
/* x * 2^fbits as an integer of bits (16, 32, 64), saturated, zero-extended */
uint64_t fp_to_fixed(struct fp_env *env, enum fp_size size, uint64_t x, unsigned fbits,
                     bool is_unsigned, enum fp_rounding rounding, unsigned bits);
/* x / 2^fbits from an integer of bits */
uint64_t fp_from_fixed(struct fp_env *env, enum fp_size size, uint64_t x, unsigned fbits,
                       bool is_unsigned, enum fp_rounding rounding, unsigned bits);
/* FJCVTZS; *exact becomes the Z flag */
uint32_t fp_to_js_int(struct fp_env *env, uint64_t x, bool *exact);

uint32_t fp_unsigned_recip_estimate(uint32_t x);
uint32_t fp_unsigned_rsqrt_estimate(uint32_t x);

#endif
