/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interprets one floating-point instruction exactly, from its encoding
 * (Arm ARM DDI 0487, C4.1.95 "Data Processing -- Scalar Floating-Point and
 * Advanced SIMD").  The decoder has accepted it already: unallocated
 * encodings do not get here.
 */
#include <assert.h>

#include "translate/a64/a64.h"
#include "translate/a64/fp.h"
#include "translate/a64/fp_exact.h"

static unsigned bits(uint32_t insn, int high, int low)
{
    return insn >> low & ((2u << (high - low)) - 1);
}

static unsigned bit(uint32_t insn, int n)
{
    return insn >> n & 1;
}

static uint64_t lane_get(const v128 *v, enum fp_size size, unsigned i)
{
    return size == FP_H ? v->h[i] : size == FP_S ? v->s[i] : v->d[i];
}

static void lane_set(v128 *v, enum fp_size size, unsigned i, uint64_t x)
{
    if (size == FP_H)
        v->h[i] = x;
    else if (size == FP_S)
        v->s[i] = x;
    else
        v->d[i] = x;
}

static unsigned width(enum fp_size size)
{
    return 8u << size;
}

/* One instruction under way: its fields, operands and result. */
struct work {
    struct fp_env env;
    struct vcpu *cpu;
    uint32_t insn;
    enum fp_size size;
    unsigned lanes;
    v128 n, m, d; /* operands: registers n, m, and d as it was */
    v128 result;
};

/* ---- Scalar floating point (C4.1.95: "Floating-point ...") ---- */

static enum fp_size scalar_size(unsigned type)
{
    return type == 0 ? FP_S : type == 1 ? FP_D : FP_H;
}

static void one_source(struct work *w)
{
    unsigned opcode = bits(w->insn, 20, 15);
    uint64_t x = lane_get(&w->n, w->size, 0), r;
    enum fp_size to = w->size;
    enum fp_rounding mode = fp_mode(&w->env);
    switch (opcode) {
    case 0:
        r = x;
        break;
    case 1:
        r = fp_abs(&w->env, w->size, x);
        break;
    case 2:
        r = fp_neg(&w->env, w->size, x);
        break;
    case 3:
        r = fp_sqrt(&w->env, w->size, x);
        break;
    case 4:
    case 5:
    case 7:
        to = scalar_size(opcode & 3);
        r = fp_convert(&w->env, to, w->size, x, mode);
        break;
    case 8 ... 11:
        r = fp_round_int(&w->env, w->size, x, (enum fp_rounding)(opcode & 3), false);
        break;
    case 12:
        r = fp_round_int(&w->env, w->size, x, FP_AWAY, false);
        break;
    case 14:
    case 15:
        r = fp_round_int(&w->env, w->size, x, mode, opcode == 14);
        break;
    default:
        assert(opcode >= 16 && opcode < 20);
        r = fp_round_int_n(&w->env, w->size, x, opcode & 1 ? mode : FP_ZERO, opcode & 2 ? 64 : 32);
    }
    lane_set(&w->result, to, 0, r);
}

static void two_source(struct work *w)
{
    static fp_binary *const ops[] = {fp_mul, fp_div,    fp_add,    fp_sub, fp_max,
                                     fp_min, fp_maxnum, fp_minnum, fp_nmul};
    uint64_t r = ops[bits(w->insn, 15, 12)](&w->env, w->size, lane_get(&w->n, w->size, 0),
                                            lane_get(&w->m, w->size, 0));
    lane_set(&w->result, w->size, 0, r);
}

static void three_source(struct work *w)
{
    bool o1 = bit(w->insn, 21), o0 = bit(w->insn, 15);
    uint64_t a = lane_get(&w->cpu->v[bits(w->insn, 14, 10)], w->size, 0);
    uint64_t x = lane_get(&w->n, w->size, 0);
    if (o1)
        a = fp_neg(&w->env, w->size, a);
    if (o1 != o0)
        x = fp_neg(&w->env, w->size, x);
    lane_set(&w->result, w->size, 0,
             fp_muladd(&w->env, w->size, a, x, lane_get(&w->m, w->size, 0)));
}

static void set_nzcv(struct vcpu *cpu, unsigned nzcv)
{
    cpu->g[CC_SLOT] = (uint64_t)nzcv << 28;
}

/* The flags are left as those of the 32-bit subtraction CC_X_SLOT - 1. */
static void compare(struct work *w)
{
    bool with_zero = bit(w->insn, 3), signal_nans = bit(w->insn, 4);
    uint64_t y = with_zero ? 0 : lane_get(&w->m, w->size, 0);
    unsigned nzcv = fp_compare(&w->env, w->size, lane_get(&w->n, w->size, 0), y, signal_nans);
    w->cpu->g[CC_X_SLOT] = nzcv == 8 ? 0 : nzcv == 6 ? 1 : nzcv == 2 ? 2 : 1ull << 31;
}

/* The front end has put whether the condition holds into CC_Y_SLOT. */
static void conditional_compare(struct work *w)
{
    if (w->cpu->g[CC_Y_SLOT])
        set_nzcv(w->cpu, fp_compare(&w->env, w->size, lane_get(&w->n, w->size, 0),
                                    lane_get(&w->m, w->size, 0), bit(w->insn, 4)));
    else
        set_nzcv(w->cpu, bits(w->insn, 3, 0));
}

static uint64_t general(const struct vcpu *cpu, unsigned r)
{
    return r == 31 ? 0 : cpu->g[r];
}

static void set_general(struct vcpu *cpu, unsigned r, uint64_t x)
{
    if (r != 31)
        cpu->g[r] = x;
}

/* Conversions between general and floating-point registers, integer
 * (scale 64) and fixed point.  Returns true if a V register was written. */
static bool general_conversion(struct work *w)
{
    uint32_t insn = w->insn;
    unsigned opcode = bits(insn, 18, 16), rmode = bits(insn, 20, 19);
    unsigned width_g = bit(insn, 31) ? 64 : 32;
    unsigned fbits = bit(insn, 21) ? 0 : 64 - bits(insn, 15, 10);
    unsigned rd = bits(insn, 4, 0);
    uint64_t x = lane_get(&w->n, w->size, 0);
    if (opcode == 6 && rmode == 3) {
        bool exact;
        set_general(w->cpu, rd, fp_to_js_int(&w->env, w->n.d[0], &exact));
        set_nzcv(w->cpu, exact ? 4 : 0);
        return false;
    }
    if (opcode == 2 || opcode == 3) {
        lane_set(&w->result, w->size, 0,
                 fp_from_fixed(&w->env, w->size, general(w->cpu, bits(insn, 9, 5)), fbits,
                               opcode & 1, fp_mode(&w->env), width_g));
        return true;
    }
    assert(opcode < 6);
    set_general(w->cpu, rd,
                fp_to_fixed(&w->env, w->size, x, fbits, opcode & 1,
                            opcode >= 4 ? FP_AWAY : (enum fp_rounding)rmode, width_g));
    return false;
}

/* True if the result is for register Vd. */
static bool scalar(struct work *w)
{
    uint32_t insn = w->insn;
    w->size = scalar_size(bits(insn, 23, 22));
    if (bit(insn, 24)) {
        three_source(w);
        return true;
    }
    if (!bit(insn, 21))
        return general_conversion(w);
    switch (bits(insn, 11, 10)) {
    case 1:
        conditional_compare(w);
        return false;
    case 2:
        two_source(w);
        return true;
    }
    if (bit(insn, 13)) {
        assert(bits(insn, 15, 10) == 8);
        compare(w);
        return false;
    }
    if (bit(insn, 14)) {
        one_source(w);
        return true;
    }
    return general_conversion(w);
}

/* ---- Advanced SIMD ---- */

/* [U][a][opcode bits 2..0], of three same and three same (FP16) */
static fp_binary *const three_same_ops[2][2][8] = {
    {{fp_maxnum, NULL, fp_add, fp_mulx, fp_eq, NULL, fp_max, fp_recip_step},
     {fp_minnum, NULL, fp_sub, NULL, NULL, NULL, fp_min, fp_rsqrt_step}},
    {{fp_maxnum, NULL, fp_add, fp_mul, fp_ge, fp_abs_ge, fp_max, fp_div},
     {fp_minnum, NULL, fp_abs_diff, NULL, fp_gt, fp_abs_gt, fp_min, NULL}},
};

static void three_same(struct work *w)
{
    bool u = bit(w->insn, 29), a = bit(w->insn, 23);
    unsigned op = bits(w->insn, 13, 11);
    enum fp_size size = w->size;
    if (!u && op == 1) {
        for (unsigned i = 0; i < w->lanes; i++) {
            uint64_t x = lane_get(&w->n, size, i);
            lane_set(&w->result, size, i,
                     fp_muladd(&w->env, size, lane_get(&w->d, size, i),
                               a ? fp_neg(&w->env, size, x) : x, lane_get(&w->m, size, i)));
        }
        return;
    }
    fp_binary *fn = three_same_ops[u][a][op];
    bool pairwise = u && (op == 0 || op == 6 || (op == 2 && !a));
    bool mask = op == 4 || op == 5;
    for (unsigned i = 0; i < w->lanes; i++) {
        uint64_t x = lane_get(&w->n, size, i), y = lane_get(&w->m, size, i);
        if (pairwise) {
            const v128 *from = i < w->lanes / 2 ? &w->n : &w->m;
            unsigned first = 2 * i % w->lanes;
            x = lane_get(from, size, first);
            y = lane_get(from, size, first + 1);
        }
        uint64_t r = fn(&w->env, size, x, y);
        lane_set(&w->result, size, i, mask ? -r : r);
    }
}

/* One pair (or element) of FCMLA: y.re, y.im is the element of Vm. */
static void complex_muladd(struct work *w, unsigned pair, unsigned rot, uint64_t re, uint64_t im)
{
    enum fp_size size = w->size;
    struct fp_env *env = &w->env;
    unsigned i = 2 * pair;
    uint64_t x = lane_get(&w->n, size, i + (rot & 1));
    uint64_t y0 = rot & 1 ? im : re, y1 = rot & 1 ? re : im;
    if (rot == 1 || rot == 2)
        y0 = fp_neg(env, size, y0);
    if (rot == 2 || rot == 3)
        y1 = fp_neg(env, size, y1);
    lane_set(&w->result, size, i, fp_muladd(env, size, lane_get(&w->d, size, i), x, y0));
    lane_set(&w->result, size, i + 1, fp_muladd(env, size, lane_get(&w->d, size, i + 1), x, y1));
}

static void three_same_extra(struct work *w)
{
    enum fp_size size = w->size;
    unsigned opcode = bits(w->insn, 14, 11);
    for (unsigned i = 0; i < w->lanes; i += 2) {
        uint64_t re = lane_get(&w->m, size, i), im = lane_get(&w->m, size, i + 1);
        if (!(opcode & 4)) {
            complex_muladd(w, i / 2, opcode & 3, re, im);
            continue;
        }
        if (opcode & 2) /* rotated by 270 degrees, else 90 */
            re = fp_neg(&w->env, size, re);
        else
            im = fp_neg(&w->env, size, im);
        lane_set(&w->result, size, i, fp_add(&w->env, size, lane_get(&w->n, size, i), im));
        lane_set(&w->result, size, i + 1, fp_add(&w->env, size, lane_get(&w->n, size, i + 1), re));
    }
}

static void by_element(struct work *w)
{
    uint32_t insn = w->insn;
    unsigned opcode = bits(insn, 15, 12), size_field = bits(insn, 23, 22);
    bool complex = bit(insn, 29) && (opcode & 9) == 1;
    unsigned h = bit(insn, 11), l = bit(insn, 21), rm = bits(insn, 20, 16), index;
    enum fp_size size = size_field == 0 ? FP_H : size_field == 2 ? FP_S : FP_D;
    if (complex) {
        size = size_field == 1 ? FP_H : FP_S;
        index = size == FP_H ? h * 2 + l : h;
    } else if (size == FP_H) {
        index = h * 4 + l * 2 + bit(insn, 20);
        rm &= 15;
    } else {
        index = size == FP_S ? h * 2 + l : h;
    }
    w->size = size;
    w->lanes = bit(insn, 28) ? 1 : (bit(insn, 30) ? 16 : 8) >> size;
    const v128 *m = &w->cpu->v[rm];
    if (complex) {
        for (unsigned i = 0; i < w->lanes / 2; i++)
            complex_muladd(w, i, opcode >> 1 & 3, lane_get(m, size, 2 * index),
                           lane_get(m, size, 2 * index + 1));
        return;
    }
    uint64_t y = lane_get(m, size, index);
    for (unsigned i = 0; i < w->lanes; i++) {
        uint64_t x = lane_get(&w->n, size, i), r;
        if (opcode == 9)
            r = (bit(insn, 29) ? fp_mulx : fp_mul)(&w->env, size, x, y);
        else
            r = fp_muladd(&w->env, size, lane_get(&w->d, size, i),
                          opcode & 4 ? fp_neg(&w->env, size, x) : x, y);
        lane_set(&w->result, size, i, r);
    }
}

/* The operation of a two-register miscellaneous instruction on one lane. */
static uint64_t misc_lane(struct work *w, uint64_t x)
{
    struct fp_env *env = &w->env;
    enum fp_size size = w->size;
    bool u = bit(w->insn, 29), a = bit(w->insn, 23);
    unsigned opcode = bits(w->insn, 16, 12);
    enum fp_rounding directed = (enum fp_rounding)(a | (opcode & 1) << 1);
    switch (opcode) {
    case 0x0c:
        return -(u ? fp_ge : fp_gt)(env, size, x, 0);
    case 0x0d:
        return -(u ? fp_ge(env, size, 0, x) : fp_eq(env, size, x, 0));
    case 0x0e:
        return -fp_gt(env, size, 0, x);
    case 0x0f:
        return (u ? fp_neg : fp_abs)(env, size, x);
    case 0x18:
    case 0x19:
        if (!u)
            return fp_round_int(env, size, x, directed, false);
        return opcode == 0x18 ? fp_round_int(env, size, x, FP_AWAY, false)
                              : fp_round_int(env, size, x, fp_mode(env), !a);
    case 0x1a:
    case 0x1b:
        return fp_to_fixed(env, size, x, 0, u, directed, width(size));
    case 0x1c:
        if (!a)
            return fp_to_fixed(env, size, x, 0, u, FP_AWAY, width(size));
        return u ? fp_unsigned_rsqrt_estimate(x) : fp_unsigned_recip_estimate(x);
    case 0x1d:
        if (!a)
            return fp_from_fixed(env, size, x, 0, u, fp_mode(env), width(size));
        return (u ? fp_rsqrt_estimate : fp_recip_estimate)(env, size, x);
    case 0x1e:
        return fp_round_int_n(env, size, x, u ? fp_mode(env) : FP_ZERO, 32);
    default:
        assert(opcode == 0x1f);
        if (a)
            return (u ? fp_sqrt : fp_recip_exponent)(env, size, x);
        return fp_round_int_n(env, size, x, u ? fp_mode(env) : FP_ZERO, 64);
    }
}

static void misc(struct work *w)
{
    uint32_t insn = w->insn;
    unsigned opcode = bits(insn, 16, 12);
    bool high = bit(insn, 30) && !bit(insn, 28);
    enum fp_size wide = bit(insn, 22) ? FP_D : FP_S, narrow = wide - 1;
    unsigned wide_lanes = bit(insn, 28) ? 1 : 16 >> wide;
    if (opcode == 0x16) { /* FCVTN, FCVTXN */
        enum fp_rounding rounding = bit(insn, 29) ? FP_ODD : fp_mode(&w->env);
        if (high)
            w->result.d[0] = w->d.d[0];
        for (unsigned i = 0; i < wide_lanes; i++)
            lane_set(&w->result, narrow, i + high * wide_lanes,
                     fp_convert(&w->env, narrow, wide, lane_get(&w->n, wide, i), rounding));
    } else if (opcode == 0x17) { /* FCVTL */
        for (unsigned i = 0; i < wide_lanes; i++)
            lane_set(&w->result, wide, i,
                     fp_convert(&w->env, wide, narrow,
                                lane_get(&w->n, narrow, i + high * wide_lanes), fp_mode(&w->env)));
    } else {
        for (unsigned i = 0; i < w->lanes; i++)
            lane_set(&w->result, w->size, i, misc_lane(w, lane_get(&w->n, w->size, i)));
    }
}

/* Scalar pairwise and across lanes: U=0 is for half precision. */
static void reduce(struct work *w)
{
    uint32_t insn = w->insn;
    enum fp_size size = !bit(insn, 29) ? FP_H : bit(insn, 22) ? FP_D : FP_S;
    unsigned lanes = bit(insn, 28) ? 2 : (bit(insn, 30) ? 16 : 8) >> size;
    unsigned opcode = bits(insn, 16, 12);
    bool min = bit(insn, 23);
    fp_binary *fn = opcode == 0x0d   ? fp_add
                    : opcode == 0x0c ? (min ? fp_minnum : fp_maxnum)
                                     : (min ? fp_min : fp_max);
    v128 v = w->n;
    /* Pairs are combined as neighbours, then pairs of those. */
    for (; lanes > 1; lanes /= 2)
        for (unsigned i = 0; i < lanes / 2; i++)
            lane_set(&v, size, i,
                     fn(&w->env, size, lane_get(&v, size, 2 * i), lane_get(&v, size, 2 * i + 1)));
    lane_set(&w->result, size, 0, lane_get(&v, size, 0));
}

static void fixed_point(struct work *w)
{
    uint32_t insn = w->insn;
    unsigned immh = bits(insn, 22, 19);
    enum fp_size size = immh & 8 ? FP_D : immh & 4 ? FP_S : FP_H;
    unsigned fbits = 2 * width(size) - bits(insn, 22, 16);
    unsigned lanes = bit(insn, 28) ? 1 : (bit(insn, 30) ? 16 : 8) >> size;
    bool u = bit(insn, 29);
    for (unsigned i = 0; i < lanes; i++) {
        uint64_t x = lane_get(&w->n, size, i);
        lane_set(&w->result, size, i,
                 bits(insn, 15, 11) == 0x1c
                     ? fp_from_fixed(&w->env, size, x, fbits, u, fp_mode(&w->env), width(size))
                     : fp_to_fixed(&w->env, size, x, fbits, u, FP_ZERO, width(size)));
    }
}

static void simd(struct work *w)
{
    uint32_t insn = w->insn;
    if (bit(insn, 24)) {
        (bit(insn, 10) ? fixed_point : by_element)(w);
        return;
    }
    bool three = bit(insn, 10), half;
    if (three)
        half = !bit(insn, 21) && !bit(insn, 15);
    else
        half = bits(insn, 20, 17) == 12;
    w->size = half ? FP_H : bit(insn, 22) ? FP_D : FP_S;
    if (three && !bit(insn, 21) && !half)
        w->size = (enum fp_size)bits(insn, 23, 22);
    w->lanes = bit(insn, 28) ? 1 : (bit(insn, 30) ? 16 : 8) >> w->size;
    if (!three)
        (bits(insn, 20, 17) == 8 ? reduce : misc)(w);
    else if (bit(insn, 21) || half)
        three_same(w);
    else
        three_same_extra(w);
}

void a64_helper_fp_exact(struct vcpu *cpu, uint32_t insn, uint32_t leave, uint32_t z)
{
    (void)z;
    unsigned rd = bits(insn, 4, 0);
    struct work w = {.env = {.fpcr = cpu->g[A64_FPCR]},
                     .cpu = cpu,
                     .insn = insn,
                     .n = cpu->v[bits(insn, 9, 5)],
                     .m = cpu->v[bits(insn, 20, 16)],
                     .d = cpu->v[rd]};
    bool is_scalar = bit(insn, 28) && !bit(insn, 30), to_vector = true;
    if (is_scalar)
        to_vector = scalar(&w);
    else
        simd(&w);
    if (to_vector)
        cpu->v[rd] = w.result;
    if (w.env.fpsr)
        a64_fp_raise(cpu, w.env.fpsr);
    if (leave && is_scalar && to_vector && !cpu->fault.sig &&
        fp_is_nan(bit(insn, 22) ? FP_D : FP_S, w.result.d[0]))
        vcpu_leave_after(cpu, 4);
}

void a64_helper_fp_exact_vt(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    v128 *d = &cpu->v[bits(insn, 4, 0)], was = *d;
    (void)y;
    a64_helper_fp_exact(cpu, insn, 0, z);
    cpu->v[VT_SLOT] = *d;
    *d = was;
}

/* Raises what the instruction raises, and does not do it. */
void a64_helper_fp_denormal(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    unsigned rd = bits(insn, 4, 0);
    v128 v = cpu->v[rd];
    uint64_t g = cpu->g[rd];
    a64_helper_fp_exact(cpu, insn, y, z);
    cpu->v[rd] = v;
    cpu->g[rd] = g;
}
