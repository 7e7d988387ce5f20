/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PowerPC floating point in integer arithmetic, exact in every mode: what the
 * templates fall back on when a NaN is met or made, a conversion is out of
 * range, an exception is enabled, or the host lacks the operation.
 *
 * Values are the bits of a half, single, double or quad number in the low
 * bits of a u128.  Exceptions are gathered in env->flags as the bits of FPSCR
 * (Power ISA 3.1, Book I, 4.2.2).  Nothing here depends on the host's MXCSR.
 */
#ifndef FERRY_PPC_FP_EXACT_H
#define FERRY_PPC_FP_EXACT_H

#include <stdbool.h>
#include <stdint.h>

typedef unsigned __int128 u128;
typedef __int128 s128;

enum fp_format { FP_H, FP_S, FP_D, FP_Q };

/* The first four are FPSCR.RN. */
enum fp_rounding { FP_EVEN, FP_ZERO, FP_UP, FP_DOWN, FP_AWAY, FP_ODD };

/* FPSCR */
enum {
    FPSCR_FX = 1u << 31,
    FPSCR_FEX = 1 << 30,
    FPSCR_VX = 1 << 29,
    FPSCR_OX = 1 << 28,
    FPSCR_UX = 1 << 27,
    FPSCR_ZX = 1 << 26,
    FPSCR_XX = 1 << 25,
    FPSCR_VXSNAN = 1 << 24,
    FPSCR_VXISI = 1 << 23,
    FPSCR_VXIDI = 1 << 22,
    FPSCR_VXZDZ = 1 << 21,
    FPSCR_VXIMZ = 1 << 20,
    FPSCR_VXVC = 1 << 19,
    FPSCR_FR = 1 << 18,
    FPSCR_FI = 1 << 17,
    FPSCR_FPRF = 0x1f << 12,
    FPSCR_FPCC = 0xf << 12,
    FPSCR_VXSOFT = 1 << 10,
    FPSCR_VXSQRT = 1 << 9,
    FPSCR_VXCVI = 1 << 8,
    FPSCR_VE = 1 << 7,
    FPSCR_OE = 1 << 6,
    FPSCR_UE = 1 << 5,
    FPSCR_ZE = 1 << 4,
    FPSCR_XE = 1 << 3,
    FPSCR_NI = 1 << 2,
    FPSCR_RN = 3,
    FPSCR_VX_ALL = FPSCR_VXSNAN | FPSCR_VXISI | FPSCR_VXIDI | FPSCR_VXZDZ | FPSCR_VXIMZ |
                   FPSCR_VXVC | FPSCR_VXSOFT | FPSCR_VXSQRT | FPSCR_VXCVI,
    FPSCR_ENABLES = FPSCR_VE | FPSCR_OE | FPSCR_UE | FPSCR_ZE | FPSCR_XE
};

struct fp_env {
    enum fp_rounding rounding;
    uint32_t flags;   /* FPSCR exception bits, FR and FI of the last rounding */
    uint32_t enables; /* FPSCR_OE and FPSCR_UE scale the result */
    bool flush;       /* denormals are zeros, as operands and results */
};

bool fpx_is_nan(enum fp_format f, u128 x);
bool fpx_is_snan(enum fp_format f, u128 x);
bool fpx_is_inf(enum fp_format f, u128 x);
bool fpx_is_zero(enum fp_format f, u128 x);
bool fpx_is_denormal(enum fp_format f, u128 x);
bool fpx_sign(enum fp_format f, u128 x);
u128 fpx_neg(enum fp_format f, u128 x);
u128 fpx_abs(enum fp_format f, u128 x);
u128 fpx_quiet(enum fp_format f, u128 x);
u128 fpx_default_nan(enum fp_format f);
u128 fpx_infinity(enum fp_format f, bool sign);
u128 fpx_zero(enum fp_format f, bool sign);
/* The exponent without its bias; the format's width of it. */
int fpx_exponent(enum fp_format f, u128 x);
unsigned fpx_bits(enum fp_format f);
/* C and FPCC, in bits 4..0 */
unsigned fpx_class(enum fp_format f, u128 x);

/* Each operation on operands of format f rounds once, to format `to`: a single-
 * precision operation on doubles is (FP_D, FP_S, ...), with the result a single.
 * Operands that are NaN have their priority in the order of the arguments. */
u128 fpx_add(struct fp_env *e, enum fp_format f, enum fp_format to, u128 a, u128 b);
u128 fpx_sub(struct fp_env *e, enum fp_format f, enum fp_format to, u128 a, u128 b);
u128 fpx_mul(struct fp_env *e, enum fp_format f, enum fp_format to, u128 a, u128 b);
u128 fpx_div(struct fp_env *e, enum fp_format f, enum fp_format to, u128 a, u128 b);
u128 fpx_sqrt(struct fp_env *e, enum fp_format f, enum fp_format to, u128 a);
/* a * c + b, or - b; NaNs in the order a, b, c */
u128 fpx_muladd(struct fp_env *e, enum fp_format f, enum fp_format to, u128 a, u128 c, u128 b,
                bool subtract);
/* Rounds to another format, signalling NaNs become quiet. */
u128 fpx_convert(struct fp_env *e, enum fp_format f, enum fp_format to, u128 a);
/* The same number in a wider format, no exceptions, NaNs as they are. */
u128 fpx_widen(enum fp_format f, enum fp_format to, u128 a);
/* To an integral value; XX, FR and FI only if inexact is set. */
u128 fpx_round_int(struct fp_env *e, enum fp_format f, u128 a, enum fp_rounding rounding,
                   bool inexact);
/* To an integer of `bits` (up to 128), saturated: VXCVI.  NaNs give the least
 * (signed) or 0. */
u128 fpx_to_int(struct fp_env *e, enum fp_format f, u128 a, enum fp_rounding rounding,
                bool is_signed, unsigned bits);
/* From a 128-bit integer, scaled by 2^-scale. */
u128 fpx_from_int(struct fp_env *e, enum fp_format to, u128 a, bool is_signed, int scale);
/* 8 less, 4 greater, 2 equal, 1 unordered; no exceptions. */
unsigned fpx_compare(const struct fp_env *e, enum fp_format f, u128 a, u128 b);

#endif
