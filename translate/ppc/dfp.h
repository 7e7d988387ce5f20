/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decimal floating point (Power ISA 3.1, Book I, chapter 5): numbers of 7, 16 and
 * 34 digits in densely packed decimal, unpacked, rounded, packed.
 */
#ifndef FERRY_PPC_DFP_H
#define FERRY_PPC_DFP_H

#include "translate/ppc/fp_exact.h"

enum dfp_format { DFP_32, DFP_64, DFP_128 };

/* FPSCR.DRN, and what RMC of an instruction says. */
enum dfp_rounding {
    DFP_EVEN,
    DFP_ZERO,
    DFP_UP,
    DFP_DOWN,
    DFP_AWAY,
    DFP_HALF_ZERO,
    DFP_FROM_ZERO,
    DFP_PREPARE
};

enum dfp_class { DFP_FINITE, DFP_INFINITE, DFP_QNAN, DFP_SNAN };

enum { DFP_MAX_DIGITS = 160 };

/* Digits with the lowest first, n of them without leading zeros (0: the number is 0), times
 * 10^exp; sticky: more, not 0, below.  Of a NaN the digits are the payload. */
struct dfp {
    enum dfp_class class;
    bool sign, sticky;
    int exp, n;
    uint8_t d[DFP_MAX_DIGITS];
};

struct dfp_env {
    enum dfp_rounding rounding;
    uint32_t flags; /* FPSCR exception bits, FR and FI */
};

int dfp_precision(enum dfp_format f);
int dfp_bias(enum dfp_format f);
int dfp_max_exponent(enum dfp_format f); /* of the lowest digit */

struct dfp dfp_unpack(enum dfp_format f, u128 x);
/* The number must fit. */
u128 dfp_pack(enum dfp_format f, const struct dfp *x);
/* The trailing significand's digits of x are kept as they are: for NaNs and infinities. */
u128 dfp_round(struct dfp_env *e, enum dfp_format f, struct dfp x, int ideal);
/* Drops the lowest `count` digits by a mode; true if that was inexact, *up if it went up. */
bool dfp_drop(struct dfp *x, int count, enum dfp_rounding mode, bool *up);

struct dfp dfp_from_integer(u128 x, bool sign);
u128 dfp_default_nan(enum dfp_format f);

/* True if an operand is a NaN: the result is then in *r. */
bool dfp_nan(struct dfp_env *e, enum dfp_format f, const struct dfp *a, const struct dfp *b,
             u128 *r);
u128 dfp_add(struct dfp_env *e, enum dfp_format f, struct dfp a, struct dfp b);
u128 dfp_mul(struct dfp_env *e, enum dfp_format f, const struct dfp *a, const struct dfp *b);
u128 dfp_div(struct dfp_env *e, enum dfp_format f, const struct dfp *a, const struct dfp *b);
/* 8 less, 4 greater, 2 equal, 1 unordered */
unsigned dfp_compare(const struct dfp *a, const struct dfp *b);
/* FPRF */
unsigned dfp_class_of(enum dfp_format f, const struct dfp *x);

#endif
