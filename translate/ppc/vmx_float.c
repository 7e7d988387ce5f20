/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exact vector floating point (Power ISA 3.1, Book I, 6.6, 6.11): always
 * rounded to nearest, no exceptions, denormals are zeros unless in Java mode. */
#include "translate/ppc/fp.h"
#include "translate/ppc/fp_insn.h"
#include "translate/ppc/vmx.h"

static struct fp_env environment(const struct vmx *w)
{
    return (struct fp_env){.rounding = FP_EVEN, .flush = w->cpu->g[PPC_VSCR] & VSCR_NJ};
}

typedef u128 fp_element(struct fp_env *e, u128 a, u128 c, u128 b);

static void each(struct vmx *w, fp_element *fn)
{
    struct fp_env e = environment(w);
    for (unsigned i = 0; i < 4; i++)
        w->r.s[i] = (uint32_t)fn(&e, w->a.s[i], w->c.s[i], w->b.s[i]);
}

#define APPLY(name, op)                                                                            \
    static u128 name(struct fp_env *e, u128 a, u128 c, u128 b)                                     \
    {                                                                                              \
        return ppc_fp_apply(e, op, FP_S, FP_S, a, c, b);                                           \
    }
APPLY(add, FP_ADD)
APPLY(subtract, FP_SUB)
APPLY(multiply_add, FP_MADD)
APPLY(negative_multiply_subtract, FP_NMSUB)
APPLY(reciprocal, FP_RE)
APPLY(reciprocal_root, FP_RSQRTE)

static u128 extreme(struct fp_env *e, u128 a, u128 b, bool max)
{
    if (fpx_is_nan(FP_S, a))
        return fpx_quiet(FP_S, a);
    if (fpx_is_nan(FP_S, b))
        return fpx_quiet(FP_S, b);
    if (e->flush && fpx_is_denormal(FP_S, a))
        a = fpx_zero(FP_S, fpx_sign(FP_S, a));
    if (e->flush && fpx_is_denormal(FP_S, b))
        b = fpx_zero(FP_S, fpx_sign(FP_S, b));
    unsigned order = fpx_compare(e, FP_S, a, b);
    bool first = order == 2 ? fpx_sign(FP_S, a) != max : (order == 4) == max;
    return first ? a : b;
}

static u128 maximum(struct fp_env *e, u128 a, u128 c, u128 b)
{
    (void)c;
    return extreme(e, a, b, true);
}

static u128 minimum(struct fp_env *e, u128 a, u128 c, u128 b)
{
    (void)c;
    return extreme(e, a, b, false);
}

static void round_integral(struct vmx *w, enum fp_rounding rounding)
{
    struct fp_env e = environment(w);
    for (unsigned i = 0; i < 4; i++)
        w->r.s[i] = (uint32_t)fpx_round_int(&e, FP_S, w->b.s[i], rounding, false);
}

/* ---- Estimates of 2^x and log2 x: within 1 of 16 and 1 of 32, as asked (6.11.5). ---- */

/* 2^f for f in [0, 1), scaled by 2^30: by squaring up the roots of 2. */
static uint32_t power_of_fraction(uint32_t f)
{
    /* 2^(2^-k) * 2^30 for k = 1..12 */
    static const uint32_t roots[] = {1518500250, 1276901417, 1170923762, 1121280436,
                                     1097253708, 1085434106, 1079572136, 1076653033,
                                     1075196443, 1074468888, 1074105294, 1073923544};
    uint64_t r = 1u << 30;
    for (unsigned k = 0; k < 12; k++)
        if (f >> (31 - k) & 1)
            r = r * roots[k] >> 30;
    return (uint32_t)r;
}

static u128 power(struct fp_env *e, u128 a, u128 c, u128 b)
{
    (void)a, (void)c;
    struct fp_env exact = {.rounding = FP_DOWN};
    if (fpx_is_nan(FP_S, b))
        return fpx_quiet(FP_S, b);
    if (fpx_is_inf(FP_S, b))
        return fpx_sign(FP_S, b) ? 0 : b;
    if (fpx_exponent(FP_S, b) > 8)
        return fpx_sign(FP_S, b) ? 0 : fpx_infinity(FP_S, false);
    /* x in fixed point with 32 bits of fraction */
    s128 one = (s128)1 << 32;
    u128 scaled = fpx_mul(&exact, FP_D, FP_D, fpx_widen(FP_S, FP_D, b),
                          fpx_from_int(&exact, FP_D, (u128)one, true, 0));
    int64_t x = (int64_t)fpx_to_int(&exact, FP_D, scaled, FP_DOWN, true, 64);
    return fpx_from_int(e, FP_S, power_of_fraction((uint32_t)x), false, 30 - (int)(x >> 32));
}

static u128 logarithm(struct fp_env *e, u128 a, u128 c, u128 b)
{
    (void)a, (void)c;
    if (fpx_is_nan(FP_S, b))
        return fpx_quiet(FP_S, b);
    if (fpx_is_zero(FP_S, b) || (e->flush && fpx_is_denormal(FP_S, b)))
        return fpx_infinity(FP_S, true);
    if (fpx_sign(FP_S, b))
        return fpx_default_nan(FP_S);
    if (fpx_is_inf(FP_S, b))
        return b;
    uint64_t wide = (uint64_t)fpx_widen(FP_S, FP_D, b);
    int exponent = fpx_exponent(FP_D, wide);
    /* 1.f squared repeatedly: each carry into 2 is a bit of the logarithm. */
    uint64_t m = 1ull << 31 | (wide >> 21 & 0x7fffffff);
    int64_t r = exponent;
    for (unsigned i = 0; i < 24; i++) {
        m = (uint64_t)((u128)m * m >> 31);
        r = r * 2 + (m >> 32);
        if (m >> 32)
            m >>= 1;
    }
    return fpx_from_int(e, FP_S, (u128)(s128)r, true, 24);
}

/* ---- Conversion ---- */

static void from_fixed(struct vmx *w, bool is_signed)
{
    struct fp_env e = environment(w);
    for (unsigned i = 0; i < 4; i++) {
        u128 x = is_signed ? (u128)(s128)(int32_t)w->b.s[i] : w->b.s[i];
        w->r.s[i] = (uint32_t)fpx_from_int(&e, FP_S, x, is_signed, (int)vmx_ra(w));
    }
}

static void to_fixed(struct vmx *w, bool is_signed)
{
    unsigned scale = vmx_ra(w);
    for (unsigned i = 0; i < 4; i++) {
        struct fp_env e = environment(w);
        uint64_t x = (uint64_t)fpx_widen(FP_S, FP_D, w->b.s[i]);
        w->r.s[i] = 0;
        if (fpx_is_nan(FP_S, w->b.s[i]))
            continue;
        u128 two = (u128)(1023 + scale) << 52;
        x = (uint64_t)fpx_mul(&e, FP_D, FP_D, x, two);
        e.flags = 0;
        w->r.s[i] = (uint32_t)fpx_to_int(&e, FP_D, x, FP_ZERO, is_signed, 32);
        if (e.flags & FPSCR_VXCVI)
            w->saturated = true;
    }
}

/* ---- Comparison ---- */

static void compare(struct vmx *w, unsigned accepted)
{
    struct fp_env e = environment(w);
    bool all = true, none = true;
    for (unsigned i = 0; i < 4; i++) {
        bool r = fpx_compare(&e, FP_S, w->a.s[i], w->b.s[i]) & accepted;
        w->r.s[i] = r ? ~0u : 0;
        all &= r;
        none &= !r;
    }
    if (w->insn & 0x400)
        w->cpu->g[PPC_CR + 6] = all << 3 | none << 1;
}

static void compare_bounds(struct vmx *w)
{
    struct fp_env e = environment(w);
    uint32_t any = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint32_t a = w->a.s[i], b = w->b.s[i];
        bool above = !(fpx_compare(&e, FP_S, a, b) & (8 | 2));
        bool below = !(fpx_compare(&e, FP_S, a, fpx_neg(FP_S, b)) & (4 | 2));
        w->r.s[i] = (uint32_t)above << 31 | (uint32_t)below << 30;
        any |= w->r.s[i];
    }
    if (w->insn & 0x400)
        w->cpu->g[PPC_CR + 6] = any ? 0 : CR_EQ;
}

static bool operation(struct vmx *w)
{
    unsigned xo = w->insn & 0x7ff;
    switch (w->insn & 63) {
    case 46:
        each(w, multiply_add);
        return true;
    case 47:
        each(w, negative_multiply_subtract);
        return true;
    }
    switch (xo & 0x3ff) {
    case 198:
        if ((xo & 63) == 6) {
            compare(w, 2);
            return true;
        }
        break;
    case 454:
        compare(w, 2 | 4);
        return true;
    case 710:
        compare(w, 4);
        return true;
    case 966:
        compare_bounds(w);
        return true;
    }
    switch (xo) {
    case 10:
        each(w, add);
        return true;
    case 74:
        each(w, subtract);
        return true;
    case 1034:
        each(w, maximum);
        return true;
    case 1098:
        each(w, minimum);
        return true;
    case 266:
        each(w, reciprocal);
        return true;
    case 330:
        each(w, reciprocal_root);
        return true;
    case 394:
        each(w, power);
        return true;
    case 458:
        each(w, logarithm);
        return true;
    case 522:
        round_integral(w, FP_EVEN);
        return true;
    case 586:
        round_integral(w, FP_ZERO);
        return true;
    case 650:
        round_integral(w, FP_UP);
        return true;
    case 714:
        round_integral(w, FP_DOWN);
        return true;
    case 778:
    case 842:
        from_fixed(w, xo == 842);
        return true;
    case 906:
    case 970:
        to_fixed(w, xo == 970);
        return true;
    default:
        return false;
    }
}

bool vmx_float(struct vmx *w)
{
    if (!operation(w))
        return false;
    ppc_vector_float(w->cpu);
    return true;
}
