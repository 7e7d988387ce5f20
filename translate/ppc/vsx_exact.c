/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interprets one VSX instruction exactly, from its encoding (Power ISA 3.1, Book
 * I, 7.6).  The decoder has accepted it.
 *
 * Most of the opcode space is regular: two bits of the extended opcode say
 * whether the operands are scalar singles, scalar doubles, vectors of
 * singles or vectors of doubles.
 */
#include <assert.h>

#include "translate/ppc/fp_insn.h"
#include "translate/ppc/vmx.h"
#include "translate/ppc/vsx_exact.h"

/* ---- One instruction under way: see vsx_exact.h ---- */

static unsigned lanes(const struct vsx *w)
{
    return w->vector ? w->f == FP_S ? 4 : 2 : 1;
}

static unsigned size_of(enum fp_format f)
{
    return f == FP_S ? SIZE_W : SIZE_D;
}

static void set_kind(struct vsx *w, unsigned kind)
{
    w->vector = kind & 2;
    w->f = kind == 2 ? FP_S : FP_D;
    w->single = kind == 0;
}

/* The result of a scalar is in doubleword 0. */
static void set_lane(struct vsx *w, unsigned i, u128 x)
{
    if (w->single)
        x = fpx_widen(FP_S, FP_D, x);
    v_set(&w->r, size_of(w->f), i, x);
    w->fprf = fpx_class(w->f, x);
}

static void begin(struct vsx *w)
{
    if (!w->vector)
        w->r.d[1] = 0;
}

/* ---- XX3: arithmetic and comparison ---- */

static void arithmetic(struct vsx *w, unsigned xo)
{
    static const enum fp_op plain[] = {FP_ADD, FP_SUB, FP_MUL, FP_DIV};
    static const enum fp_op fused[] = {FP_MADD, FP_MSUB, FP_NMADD, FP_NMSUB};
    bool is_fused = xo & 1, form_m = xo >> 3 & 1;
    enum fp_op op = is_fused ? fused[(xo >> 7 & 1) << 1 | (xo >> 4 & 1)] : plain[xo >> 3 & 3];
    set_kind(w, xo >> 5 & 3);
    begin(w);
    for (unsigned i = 0; i < lanes(w); i++) {
        unsigned size = size_of(w->f);
        u128 a = v_get(&w->a, size, i), b = v_get(&w->b, size, i), t = v_get(&w->t, size, i), r;
        enum fp_format to = w->single ? FP_S : w->f;
        if (!is_fused)
            r = ppc_fp_apply(&w->env, op, w->f, to, a, b, b);
        else
            r = ppc_fp_apply(&w->env, op, w->f, to, a, form_m ? t : b, form_m ? b : t);
        set_lane(w, i, r);
    }
    w->sets_fprf = !w->vector;
}

/* The larger or smaller; a number rather than a quiet NaN. */
static u128 extreme(struct vsx *w, u128 a, u128 b, bool max)
{
    enum fp_format f = w->f;
    bool a_nan = fpx_is_nan(f, a), b_nan = fpx_is_nan(f, b);
    if (fpx_is_snan(f, a) || fpx_is_snan(f, b))
        w->env.flags |= FPSCR_VXSNAN;
    if (fpx_is_snan(f, a))
        return fpx_quiet(f, a);
    if (a_nan)
        return b_nan ? a : fpx_is_snan(f, b) ? fpx_quiet(f, b) : b;
    if (fpx_is_snan(f, b))
        return fpx_quiet(f, b);
    if (b_nan)
        return a;
    unsigned order = fpx_compare(&w->env, f, a, b);
    bool first = order == 2 ? fpx_sign(f, a) != max : (order == 4) == max;
    return first ? a : b;
}

static void extremes(struct vsx *w, unsigned xo)
{
    set_kind(w, xo >> 5 & 3);
    begin(w);
    for (unsigned i = 0; i < lanes(w); i++)
        v_set(
            &w->r, size_of(w->f), i,
            extreme(w, v_get(&w->a, size_of(w->f), i), v_get(&w->b, size_of(w->f), i), !(xo & 8)));
}

/* As C's a > b ? a : b (type c), and as Java's. */
u128 vsx_extreme_c(struct fp_env *e, enum fp_format f, u128 a, u128 b, bool max)
{
    if (fpx_is_nan(f, a) || fpx_is_nan(f, b)) {
        if (fpx_is_snan(f, a) || fpx_is_snan(f, b))
            e->flags |= FPSCR_VXSNAN;
        return b;
    }
    return fpx_compare(e, f, a, b) == (max ? 4 : 8) ? a : b;
}

static u128 extreme_java(struct vsx *w, u128 a, u128 b, bool max)
{
    if (fpx_is_snan(FP_D, a) || fpx_is_snan(FP_D, b))
        w->env.flags |= FPSCR_VXSNAN;
    if (fpx_is_nan(FP_D, a))
        return a;
    if (fpx_is_nan(FP_D, b))
        return b;
    unsigned order = fpx_compare(&w->env, FP_D, a, b);
    return (order == 2 ? fpx_sign(FP_D, a) != max : (order == 4) == max) ? a : b;
}

static void copy_sign(struct vsx *w, enum fp_format f, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        u128 a = v_get(&w->a, size_of(f), i), b = v_get(&w->b, size_of(f), i);
        v_set(&w->r, size_of(f), i, fpx_abs(f, b) | fpx_zero(f, fpx_sign(f, a)));
    }
}

static void vector_compare(struct vsx *w, unsigned xo)
{
    static const uint8_t accepted[] = {2, 4, 4 | 2};
    unsigned kind = xo >> 3 & 3;
    bool all = true, none = true;
    set_kind(w, xo >> 5 & 3);
    for (unsigned i = 0; i < lanes(w); i++) {
        u128 a = v_get(&w->a, size_of(w->f), i), b = v_get(&w->b, size_of(w->f), i);
        bool r = ppc_fp_compare_insn(&w->env, w->f, a, b, kind != 0, w->env.enables & FPSCR_VE) &
                 accepted[kind];
        v_set(&w->r, size_of(w->f), i, r ? ~(u128)0 : 0);
        all &= r;
        none &= !r;
    }
    w->cr6 = all << 3 | none << 1;
}

static void scalar_compare_mask(struct vsx *w, unsigned accepted, bool ordered)
{
    unsigned r = ppc_fp_compare_insn(&w->env, FP_D, w->a.d[0], w->b.d[0], ordered,
                                     w->env.enables & FPSCR_VE);
    w->r.d[0] = r & accepted ? ~0ull : 0;
    w->r.d[1] = 0;
}

static void compare_exponents(struct vsx *w)
{
    uint64_t a = w->a.d[0], b = w->b.d[0], ea = a >> 52 & 0x7ff, eb = b >> 52 & 0x7ff;
    bool nan = fpx_is_nan(FP_D, a) || fpx_is_nan(FP_D, b);
    vsx_set_cr(w, nan ? 1 : ea < eb ? 8 : ea > eb ? 4 : 2, true);
}

void vsx_set_cr(struct vsx *w, unsigned value, bool fpcc)
{
    w->cpu->g[PPC_CR + (w->insn >> 23 & 7)] = value;
    if (fpcc)
        ppc_fp_set_fpcc(w->cpu, value);
    w->no_result = true;
}

static void test_div(struct vsx *w, enum fp_format f, unsigned count)
{
    unsigned r = 0;
    for (unsigned i = 0; i < count; i++)
        r |= ppc_fp_test_div(f, v_get(&w->a, size_of(f), i), v_get(&w->b, size_of(f), i));
    vsx_set_cr(w, r, false);
}

static void test_sqrt(struct vsx *w, enum fp_format f, unsigned count)
{
    unsigned r = 0;
    for (unsigned i = 0; i < count; i++)
        r |= ppc_fp_test_sqrt(f, v_get(&w->b, size_of(f), i));
    vsx_set_cr(w, r, false);
}

static bool three_registers(struct vsx *w)
{
    unsigned xo = w->insn >> 3 & 255;
    if ((xo & 7) == 0 && xo < 128) {
        arithmetic(w, xo);
        return true;
    }
    if ((xo & 7) == 1) {
        arithmetic(w, xo);
        return true;
    }
    switch (xo) {
    case 160:
    case 168:
    case 192:
    case 200:
    case 224:
    case 232:
        extremes(w, xo);
        return true;
    case 128:
    case 136:
        w->r = (v128){
            .d = {(uint64_t)vsx_extreme_c(&w->env, FP_D, w->a.d[0], w->b.d[0], xo == 128), 0}};
        return true;
    case 144:
    case 152:
        w->r = (v128){.d = {(uint64_t)extreme_java(w, w->a.d[0], w->b.d[0], xo == 144), 0}};
        return true;
    case 176:
        w->r.d[1] = 0;
        copy_sign(w, FP_D, 1);
        return true;
    case 240:
        copy_sign(w, FP_D, 2);
        return true;
    case 208:
        copy_sign(w, FP_S, 4);
        return true;
    case 248: /* xviexpdp */
        for (unsigned i = 0; i < 2; i++)
            w->r.d[i] = (w->a.d[i] & 0x800fffffffffffff) | (w->b.d[i] & 0x7ff) << 52;
        return true;
    case 216: /* xviexpsp */
        for (unsigned i = 0; i < 4; i++)
            w->r.s[i] = (w->a.s[i] & 0x807fffff) | (w->b.s[i] & 0xff) << 23;
        return true;
    case 3:
        scalar_compare_mask(w, 2, false);
        return true;
    case 11:
        scalar_compare_mask(w, 4, true);
        return true;
    case 19:
        scalar_compare_mask(w, 4 | 2, true);
        return true;
    case 35:
    case 43:
        vsx_set_cr(w,
                   ppc_fp_compare_insn(&w->env, FP_D, w->a.d[0], w->b.d[0], xo == 43,
                                       w->env.enables & FPSCR_VE),
                   w->record);
        return true;
    case 59:
        compare_exponents(w);
        return true;
    case 61:
        test_div(w, FP_D, 1);
        return true;
    case 125:
        test_div(w, FP_D, 2);
        return true;
    case 93:
        test_div(w, FP_S, 4);
        return true;
    case 26: /* xxperm */
    case 58: /* xxpermr */
        for (unsigned i = 0; i < 16; i++) {
            unsigned index = ((unsigned)v_get(&w->b, SIZE_B, i) ^ (xo == 58 ? 31 : 0)) & 31;
            v_set(&w->r, SIZE_B, i, v_get(index & 16 ? &w->t : &w->a, SIZE_B, index & 15));
        }
        return true;
    }
    xo &= 127;
    if ((xo & 7) == 3 && xo >= 64 && (xo >> 3 & 3) != 3) {
        vector_compare(w, xo);
        if (w->insn >> 10 & 1)
            w->cpu->g[PPC_CR + 6] = w->cr6;
        return true;
    }
    return false;
}

/* ---- XX2 ---- */

static void unary(struct vsx *w, enum fp_op op)
{
    begin(w);
    for (unsigned i = 0; i < lanes(w); i++)
        set_lane(w, i,
                 ppc_fp_apply(&w->env, op, w->f, w->single ? FP_S : w->f, 0, 0,
                              v_get(&w->b, size_of(w->f), i)));
    w->sets_fprf = !w->vector;
}

static void round_integral(struct vsx *w, enum fp_rounding rounding, bool inexact)
{
    begin(w);
    for (unsigned i = 0; i < lanes(w); i++)
        set_lane(w, i,
                 fpx_round_int(&w->env, w->f, v_get(&w->b, size_of(w->f), i), rounding, inexact));
    w->sets_fprf = !w->vector;
}

static void signs(struct vsx *w, unsigned low)
{
    begin(w);
    for (unsigned i = 0; i < lanes(w); i++) {
        u128 x = v_get(&w->b, size_of(w->f), i), a = fpx_abs(w->f, x);
        v_set(&w->r, size_of(w->f), i,
              low == 25   ? a
              : low == 41 ? fpx_neg(w->f, a)
                          : fpx_neg(w->f, x));
    }
}

/* A word result is in both words of its doubleword. */
static void set_pair(struct vsx *w, unsigned i, uint32_t x)
{
    w->r.d[i] = (uint64_t)x << 32 | x;
}

static void to_integer(struct vsx *w, bool is_signed, bool to_double)
{
    unsigned from = size_of(w->f), count = w->vector ? 2 : 1;
    if (w->vector && w->f == FP_S && !to_double)
        count = 4;
    begin(w);
    for (unsigned i = 0; i < count; i++) {
        unsigned source = w->f == FP_S && to_double ? 2 * i : i;
        u128 x = v_get(&w->b, from, source);
        uint64_t r =
            (uint64_t)fpx_to_int(&w->env, w->f, x, FP_ZERO, is_signed, to_double ? 64 : 32);
        if (to_double)
            w->r.d[i] = r;
        else if (w->f == FP_S)
            v_set(&w->r, SIZE_W, i, r);
        else
            set_pair(w, i, (uint32_t)r);
    }
}

static void from_integer(struct vsx *w, bool is_signed, bool from_double)
{
    unsigned count = w->vector ? 2 : 1;
    if (w->f == FP_S && !from_double)
        count = 4;
    begin(w);
    for (unsigned i = 0; i < count; i++) {
        unsigned size = from_double ? SIZE_D : SIZE_W;
        unsigned source = !from_double && w->f == FP_D ? 2 * i : i;
        u128 x = is_signed ? (u128)v_get_signed(&w->b, size, source) : v_get(&w->b, size, source);
        enum fp_format to = w->single ? FP_S : w->f;
        u128 r = fpx_from_int(&w->env, to, x, is_signed, 0);
        if (w->f == FP_S && from_double)
            set_pair(w, i, (uint32_t)r);
        else
            set_lane(w, i, r);
    }
    w->sets_fprf = !w->vector;
}

/* Double to single in words, single to double. */
static void convert(struct vsx *w, unsigned xo)
{
    w->r.d[1] = 0;
    switch (xo) {
    case 281: /* xsrsp */
        w->single = true;
        w->f = FP_D;
        set_lane(w, 0, fpx_convert(&w->env, FP_D, FP_S, w->b.d[0]));
        w->sets_fprf = true;
        break;
    case 265: { /* xscvdpsp */
        u128 r = fpx_convert(&w->env, FP_D, FP_S, w->b.d[0]);
        set_pair(w, 0, (uint32_t)r);
        w->fprf = fpx_class(FP_S, r);
        w->sets_fprf = true;
        break;
    }
    case 329: { /* xscvspdp */
        u128 r = fpx_convert(&w->env, FP_S, FP_D, v_get(&w->b, SIZE_W, 0));
        w->r.d[0] = (uint64_t)r;
        w->fprf = fpx_class(FP_D, r);
        w->sets_fprf = true;
        break;
    }
    case 267: /* xscvdpspn */
        set_pair(w, 0, ppc_fp_single_bits(w->b.d[0]));
        break;
    case 331: /* xscvspdpn */
        w->r.d[0] = (uint64_t)fpx_widen(FP_S, FP_D, v_get(&w->b, SIZE_W, 0));
        break;
    case 393: /* xvcvdpsp */
        for (unsigned i = 0; i < 2; i++)
            set_pair(w, i, (uint32_t)fpx_convert(&w->env, FP_D, FP_S, w->b.d[i]));
        break;
    default: /* xvcvspdp */
        for (unsigned i = 0; i < 2; i++)
            w->r.d[i] = (uint64_t)fpx_convert(&w->env, FP_S, FP_D, v_get(&w->b, SIZE_W, 2 * i));
    }
}

static bool two_registers(struct vsx *w)
{
    unsigned xo = w->insn >> 2 & 511, low = xo & 63;
    set_kind(w, xo >> 6 & 3);
    switch (xo) {
    case 281:
    case 265:
    case 329:
    case 267:
    case 331:
    case 393:
    case 457:
        convert(w, xo);
        return true;
    case 106:
        test_sqrt(w, FP_D, 1);
        return true;
    case 234:
        test_sqrt(w, FP_D, 2);
        return true;
    case 170:
        test_sqrt(w, FP_S, 4);
        return true;
    }
    if (low == 24 || low == 8) {
        to_integer(w, low == 24, xo & 256);
        return true;
    }
    if (low == 56 || low == 40) {
        from_integer(w, low == 56, xo & 256);
        return true;
    }
    if (xo & 256) {
        if (low != 25 && low != 41 && low != 57)
            return false;
        signs(w, low);
        return true;
    }
    switch (low) {
    case 11:
        unary(w, FP_SQRT);
        return true;
    case 26:
        unary(w, FP_RE);
        return true;
    case 10:
        unary(w, FP_RSQRTE);
        return true;
    case 9:
        round_integral(w, FP_AWAY, false);
        return true;
    case 43:
        round_integral(w, w->env.rounding, true);
        return true;
    case 57:
        round_integral(w, FP_DOWN, false);
        return true;
    case 41:
        round_integral(w, FP_UP, false);
        return true;
    case 25:
        round_integral(w, FP_ZERO, false);
        return true;
    default:
        return false;
    }
}

void ppc_helper_vsx_exact(struct vcpu *cpu, uint32_t insn, uint32_t record, uint32_t z)
{
    (void)z;
    struct vsx w = {.cpu = cpu, .insn = insn, .record = record, .env = ppc_fp_env(cpu)};
    unsigned t = (insn & 1) << 5 | (insn >> 21 & 31);
    w.a = cpu->v[(insn >> 2 & 1) << 5 | (insn >> 16 & 31)];
    w.b = cpu->v[(insn >> 1 & 1) << 5 | (insn >> 11 & 31)];
    w.t = cpu->v[t];
    w.r = w.t;
    bool done = vsx_other(&w) || three_registers(&w) || two_registers(&w);
    assert(done);
    bool write = !w.env.flags && !w.sets_fprf;
    if (!write) {
        write = ppc_fp_finish(cpu, &w.env, !w.vector);
        ppc_fp_note_inexact(cpu);
    }
    if (!write || w.no_result)
        return;
    cpu->v[t] = w.r;
    if (w.sets_fprf && record)
        ppc_fp_set_fprf(cpu, w.fprf);
    else if (w.sets_fprf && fpx_is_nan(FP_D, w.r.d[0]))
        ppc_fp_leave_with_nan(cpu, w.fprf);
}
