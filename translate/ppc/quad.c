/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quad precision (Power ISA 3.1, Book I, 7.6, XS..QP), always by the exact helper.
 * Registers are VRs. */
#include <assert.h>

#include "translate/ppc/fp_insn.h"
#include "translate/ppc/vmx.h"
#include "translate/ppc/vsx.h"
#include "translate/ppc/vsx_exact.h"

bool trans_quad_exact(struct builder *b, const struct ppc_insn *f)
{
    if (!vsx_have(f))
        return false;
    ppc_fp_emit_exact(b, PPC_HELPER_quad_exact, f->raw);
    return true;
}

/* The operation of an X-form with three registers, or FP_NONE. */
static enum fp_op operation(unsigned xo)
{
    switch (xo) {
    case 4:
        return FP_ADD;
    case 516:
        return FP_SUB;
    case 36:
        return FP_MUL;
    case 548:
        return FP_DIV;
    case 388:
        return FP_MADD;
    case 420:
        return FP_MSUB;
    case 452:
        return FP_NMADD;
    case 484:
        return FP_NMSUB;
    default:
        return FP_NONE;
    }
}

static void set_quad(struct vsx *w, u128 x)
{
    w->r = v_of_quad(x);
}

static void set_with_class(struct vsx *w, enum fp_format f, u128 x)
{
    w->sets_fprf = true;
    w->fprf = fpx_class(f, x);
    if (f == FP_Q)
        set_quad(w, x);
    else
        w->r = (v128){.d = {(uint64_t)x, 0}};
}

static void to_integer(struct vsx *w, bool is_signed, unsigned bits)
{
    u128 r = fpx_to_int(&w->env, FP_Q, v_quad(&w->b), FP_ZERO, is_signed, bits);
    if (bits == 128)
        set_quad(w, r);
    else
        w->r =
            (v128){.d = {bits == 32 && is_signed ? (uint64_t)(int64_t)(int32_t)r : (uint64_t)r, 0}};
}

static void from_integer(struct vsx *w, u128 x, bool is_signed)
{
    set_with_class(w, FP_Q, fpx_from_int(&w->env, FP_Q, x, is_signed, 0));
}

/* xo 836: bits 11:15 say what. */
static bool convert(struct vsx *w, bool odd)
{
    u128 b = v_quad(&w->b);
    switch (w->insn >> 16 & 31) {
    case 0:
        to_integer(w, false, 128);
        return true;
    case 1:
        to_integer(w, false, 32);
        return true;
    case 2:
        from_integer(w, w->b.d[0], false);
        return true;
    case 3:
        from_integer(w, b, false);
        return true;
    case 8:
        to_integer(w, true, 128);
        return true;
    case 9:
        to_integer(w, true, 32);
        return true;
    case 10:
        from_integer(w, (u128)(s128)(int64_t)w->b.d[0], true);
        return true;
    case 11:
        from_integer(w, b, true);
        return true;
    case 17:
        to_integer(w, false, 64);
        return true;
    case 20:
        if (odd)
            w->env.rounding = FP_ODD;
        set_with_class(w, FP_D, fpx_convert(&w->env, FP_Q, FP_D, b));
        return true;
    case 22:
        set_with_class(w, FP_Q, fpx_convert(&w->env, FP_D, FP_Q, w->b.d[0]));
        return true;
    case 25:
        to_integer(w, true, 64);
        return true;
    default:
        return false;
    }
}

/* xo 804: bits 11:15 say what. */
static bool unary(struct vsx *w)
{
    u128 b = v_quad(&w->b), mask = ((u128)1 << 112) - 1;
    switch (w->insn >> 16 & 31) {
    case 0:
        set_quad(w, fpx_abs(FP_Q, b));
        return true;
    case 2: /* xsxexpqp */
        w->r = (v128){.d = {(uint64_t)(b >> 112) & 0x7fff, 0}};
        return true;
    case 8:
        set_quad(w, fpx_neg(FP_Q, fpx_abs(FP_Q, b)));
        return true;
    case 16:
        set_quad(w, fpx_neg(FP_Q, b));
        return true;
    case 18: { /* xsxsigqp */
        bool normal = !fpx_is_zero(FP_Q, b) && !fpx_is_denormal(FP_Q, b) && !fpx_is_nan(FP_Q, b) &&
                      !fpx_is_inf(FP_Q, b);
        set_quad(w, (b & mask) | (u128)normal << 112);
        return true;
    }
    case 27:
        if (w->insn & 1)
            w->env.rounding = FP_ODD;
        set_with_class(w, FP_Q, fpx_sqrt(&w->env, FP_Q, FP_Q, b));
        return true;
    default:
        return false;
    }
}

/* R and RMC of the rounding instructions. */
static enum fp_rounding rounding_of(const struct vsx *w)
{
    static const enum fp_rounding with_r[] = {FP_EVEN, FP_ZERO, FP_UP, FP_DOWN};
    bool r = w->insn >> 16 & 1;
    unsigned rmc = w->insn >> 9 & 3;
    if (r)
        return with_r[rmc];
    return rmc == 3 ? w->env.rounding : FP_AWAY;
}

/* To the precision of the 80-bit format: 64 bits of significand. */
static u128 round_to_extended(struct vsx *w)
{
    u128 x = v_quad(&w->b), a = fpx_abs(FP_Q, x);
    enum { DROP = 112 - 63 };
    if (fpx_is_nan(FP_Q, x)) {
        if (fpx_is_snan(FP_Q, x))
            w->env.flags |= FPSCR_VXSNAN;
        return fpx_quiet(FP_Q, x);
    }
    enum fp_rounding mode = rounding_of(w);
    bool sign = fpx_sign(FP_Q, x);
    u128 rest = a & (((u128)1 << DROP) - 1), half = (u128)1 << (DROP - 1), m = a >> DROP;
    bool up = mode == FP_EVEN   ? rest > half || (rest == half && m & 1)
              : mode == FP_AWAY ? rest >= half
              : mode == FP_UP   ? rest && !sign
                                : mode == FP_DOWN && rest && sign;
    if (rest && !fpx_is_inf(FP_Q, x)) {
        w->env.flags |= FPSCR_XX | FPSCR_FI | (up ? FPSCR_FR : 0);
        m += up;
    }
    u128 r = m << DROP | fpx_zero(FP_Q, sign);
    if (fpx_is_inf(FP_Q, r) && !fpx_is_inf(FP_Q, x))
        w->env.flags |= FPSCR_OX;
    return r;
}

static void compare(struct vsx *w, bool ordered)
{
    vsx_set_cr(w,
               ppc_fp_compare_insn(&w->env, FP_Q, v_quad(&w->a), v_quad(&w->b), ordered,
                                   w->env.enables & FPSCR_VE),
               true);
}

static void compare_mask(struct vsx *w, unsigned accepted, bool ordered)
{
    unsigned r = ppc_fp_compare_insn(&w->env, FP_Q, v_quad(&w->a), v_quad(&w->b), ordered,
                                     w->env.enables & FPSCR_VE);
    set_quad(w, r & accepted ? ~(u128)0 : 0);
}

static bool quad(struct vsx *w)
{
    unsigned xo = w->insn >> 1 & 1023;
    u128 a = v_quad(&w->a), b = v_quad(&w->b), t = v_quad(&w->t);
    enum fp_op op = operation(xo);
    if (op != FP_NONE) {
        if (w->insn & 1)
            w->env.rounding = FP_ODD;
        bool fused = op >= FP_MADD;
        set_with_class(w, FP_Q, ppc_fp_apply(&w->env, op, FP_Q, FP_Q, a, b, fused ? t : b));
        return true;
    }
    switch (xo) {
    case 68:
        compare_mask(w, 2, false);
        return true;
    case 196:
        compare_mask(w, 4 | 2, true);
        return true;
    case 228:
        compare_mask(w, 4, true);
        return true;
    case 100: /* xscpsgnqp */
        set_quad(w, fpx_abs(FP_Q, b) | fpx_zero(FP_Q, fpx_sign(FP_Q, a)));
        return true;
    case 132:
        compare(w, true);
        return true;
    case 644:
        compare(w, false);
        return true;
    case 164: { /* xscmpexpqp */
        unsigned ea = (unsigned)(a >> 112) & 0x7fff, eb = (unsigned)(b >> 112) & 0x7fff;
        bool nan = fpx_is_nan(FP_Q, a) || fpx_is_nan(FP_Q, b);
        vsx_set_cr(w, nan ? 1 : ea < eb ? 8 : ea > eb ? 4 : 2, true);
        return true;
    }
    case 676:
    case 740: /* xsmaxcqp, xsmincqp */
        set_quad(w, vsx_extreme_c(&w->env, FP_Q, a, b, xo == 676));
        return true;
    case 708: { /* xststdcqp */
        bool match = vsx_data_class(FP_Q, b, w->insn >> 16 & 127);
        vsx_set_cr(w, fpx_sign(FP_Q, b) << 3 | match << 1, true);
        return true;
    }
    case 804:
        return unary(w);
    case 836:
        return convert(w, w->insn & 1);
    case 868: /* xsiexpqp */
        set_quad(w, (a & ~((u128)0x7fff << 112)) | (u128)(w->b.d[0] & 0x7fff) << 112);
        return true;
    }
    switch (xo & 255) {
    case 5:
        set_with_class(w, FP_Q, fpx_round_int(&w->env, FP_Q, b, rounding_of(w), w->insn & 1));
        return true;
    case 37:
        set_with_class(w, FP_Q, round_to_extended(w));
        return true;
    default:
        return false;
    }
}

void ppc_helper_quad_exact(struct vcpu *cpu, uint32_t insn, uint32_t record, uint32_t z)
{
    (void)z;
    struct vsx w = {.cpu = cpu, .insn = insn, .record = record, .env = ppc_fp_env(cpu)};
    v128 *t = &cpu->v[32 + (insn >> 21 & 31)];
    w.a = cpu->v[32 + (insn >> 16 & 31)];
    w.b = cpu->v[32 + (insn >> 11 & 31)];
    w.t = *t;
    bool done = quad(&w);
    assert(done);
    bool write = !w.env.flags && !w.sets_fprf;
    if (!write)
        write = ppc_fp_finish(cpu, &w.env, true);
    if (!write || w.no_result)
        return;
    *t = w.r;
    if (w.sets_fprf && record)
        ppc_fp_set_fprf(cpu, w.fprf);
}
