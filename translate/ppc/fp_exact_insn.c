/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interprets one floating-point instruction on the FPRs exactly, from its
 * encoding (Power ISA 3.1, Book I, 4.6).  The decoder has accepted it.
 */
#include <assert.h>

#include "translate/ppc/fp.h"
#include "translate/ppc/fp_insn.h"

u128 ppc_fp_apply(struct fp_env *e, enum fp_op op, enum fp_format f, enum fp_format to, u128 a,
                  u128 c, u128 b)
{
    u128 r;
    switch (op) {
    case FP_ADD:
        return fpx_add(e, f, to, a, b);
    case FP_SUB:
        return fpx_sub(e, f, to, a, b);
    case FP_MUL:
        return fpx_mul(e, f, to, a, b);
    case FP_DIV:
        return fpx_div(e, f, to, a, b);
    case FP_SQRT:
        return fpx_sqrt(e, f, to, b);
    case FP_RE:
        return fpx_div(e, f, to, (u128)fpx_one(f), b);
    case FP_RSQRTE: {
        /* The root may be rounded first: an estimate needs no more. */
        struct fp_env root = {.rounding = e->rounding, .flush = e->flush};
        u128 s = fpx_sqrt(&root, f, f, b);
        e->flags |= root.flags & (FPSCR_VXSNAN | FPSCR_VXSQRT);
        return fpx_div(e, f, to, fpx_one(f), s);
    }
    default:
        r = fpx_muladd(e, f, to, a, c, b, op == FP_MSUB || op == FP_NMSUB);
        return op >= FP_NMADD && !fpx_is_nan(to, r) ? fpx_neg(to, r) : r;
    }
}

/* ---- Results ---- */

static void write(struct vcpu *cpu, uint32_t insn, struct fp_env *e, uint64_t r, bool keep_fprf,
                  bool record)
{
    unsigned frt = insn >> 21 & 31;
    bool result = ppc_fp_finish(cpu, e, true);
    if (!(insn & 1)) /* else CR1 follows */
        ppc_fp_note_inexact(cpu);
    if (!result)
        return;
    cpu->v[frt].d[0] = r;
    cpu->v[frt].d[1] = 0;
    if (keep_fprf)
        return;
    if (record)
        ppc_fp_set_fprf(cpu, fpx_class(FP_D, r));
    else if (fpx_is_nan(FP_D, r))
        ppc_fp_leave_with_nan(cpu, fpx_class(FP_D, r));
}

static uint64_t widened(u128 single)
{
    return (uint64_t)fpx_widen(FP_S, FP_D, single);
}

/* ---- A-form arithmetic ---- */

/* The operation that bits 26:30 name, or FP_NONE. */
static enum fp_op a_form(unsigned xo)
{
    switch (xo) {
    case 18:
        return FP_DIV;
    case 20:
        return FP_SUB;
    case 21:
        return FP_ADD;
    case 22:
        return FP_SQRT;
    case 24:
        return FP_RE;
    case 25:
        return FP_MUL;
    case 26:
        return FP_RSQRTE;
    case 28:
        return FP_MSUB;
    case 29:
        return FP_MADD;
    case 30:
        return FP_NMSUB;
    case 31:
        return FP_NMADD;
    default:
        return FP_NONE;
    }
}

static void arithmetic(struct vcpu *cpu, uint32_t insn, enum fp_op op, bool single, bool record)
{
    struct fp_env e = ppc_fp_env(cpu);
    uint64_t a = cpu->v[insn >> 16 & 31].d[0], b = cpu->v[insn >> 11 & 31].d[0];
    uint64_t c = cpu->v[insn >> 6 & 31].d[0];
    u128 r = ppc_fp_apply(&e, op, FP_D, single ? FP_S : FP_D, a, c, op == FP_MUL ? c : b);
    write(cpu, insn, &e, single ? widened(r) : (uint64_t)r, false, record);
}

/* ---- X-form ---- */

static void compare(struct vcpu *cpu, uint32_t insn, bool ordered, bool record)
{
    struct fp_env e = ppc_fp_env(cpu);
    uint64_t a = cpu->v[insn >> 16 & 31].d[0], b = cpu->v[insn >> 11 & 31].d[0];
    unsigned r = ppc_fp_compare_insn(&e, FP_D, a, b, ordered, cpu->g[PPC_FPSCR] & FPSCR_VE);
    cpu->g[PPC_CR + (insn >> 23 & 7)] = r;
    if (record)
        ppc_fp_set_fpcc(cpu, r);
    ppc_fp_finish(cpu, &e, false);
}

unsigned ppc_fp_compare_insn(struct fp_env *e, enum fp_format f, u128 a, u128 b, bool ordered,
                             bool invalid_enabled)
{
    unsigned r = fpx_compare(e, f, a, b);
    bool snan = fpx_is_snan(f, a) || fpx_is_snan(f, b);
    if (snan)
        e->flags |= FPSCR_VXSNAN;
    if (ordered && r == 1 && !(snan && invalid_enabled))
        e->flags |= FPSCR_VXVC;
    return r;
}

unsigned ppc_fp_test_div(enum fp_format f, u128 a, u128 b)
{
    /* Limits of the exponents as 4.6.6.1 gives them for double, and 7.6 for single. */
    int low = f == FP_D ? -1022 : -126, high = f == FP_D ? 1021 : 125, few = f == FP_D ? 970 : 103;
    int ea = fpx_exponent(f, a), eb = fpx_exponent(f, b);
    bool fe = false, fg = false;
    if (fpx_is_inf(f, a) || fpx_is_inf(f, b) || fpx_is_zero(f, b))
        return 8 | 4 | 2;
    if (fpx_is_nan(f, a) || fpx_is_nan(f, b))
        fe = true;
    else if (eb <= low || eb >= high)
        fe = true;
    else if (!fpx_is_zero(f, a) && (ea - eb >= high + 2 || ea - eb <= low + 1 || ea <= -few))
        fe = true;
    if (fpx_is_denormal(f, b))
        fg = true;
    return 8 | fg << 2 | fe << 1;
}

unsigned ppc_fp_test_sqrt(enum fp_format f, u128 b)
{
    int few = f == FP_D ? 970 : 103;
    bool fe = fpx_is_nan(f, b) || fpx_sign(f, b) || fpx_exponent(f, b) <= -few;
    if (fpx_is_inf(f, b) || fpx_is_zero(f, b))
        return 8 | 4 | 2;
    return 8 | fpx_is_denormal(f, b) << 2 | fe << 1;
}

/* fcti*: xo is 10 bits. */
static void to_integer(struct vcpu *cpu, uint32_t insn, unsigned xo)
{
    struct fp_env e = ppc_fp_env(cpu);
    bool is_signed = !(xo & 128), wide = xo >= 512;
    uint64_t b = cpu->v[insn >> 11 & 31].d[0];
    u128 r = fpx_to_int(&e, FP_D, b, xo & 1 ? FP_ZERO : e.rounding, is_signed, wide ? 64 : 32);
    write(cpu, insn, &e, ppc_fp_word_result((uint64_t)r, wide, is_signed, fpx_is_nan(FP_D, b)),
          true, false);
}

/* How a word is found in a doubleword: sign-extended, but for what a NaN gives. */
uint64_t ppc_fp_word_result(uint64_t r, bool wide, bool is_signed, bool nan)
{
    if (wide || !is_signed || nan)
        return r;
    return (uint64_t)(int64_t)(int32_t)r;
}

static void from_integer(struct vcpu *cpu, uint32_t insn, bool is_signed, bool single, bool record)
{
    struct fp_env e = ppc_fp_env(cpu);
    uint64_t x = cpu->v[insn >> 11 & 31].d[0];
    u128 value = is_signed ? (u128)(s128)(int64_t)x : x;
    u128 r = fpx_from_int(&e, single ? FP_S : FP_D, value, is_signed, 0);
    write(cpu, insn, &e, single ? widened(r) : (uint64_t)r, false, record);
}

static void round_integral(struct vcpu *cpu, uint32_t insn, enum fp_rounding rounding, bool record)
{
    struct fp_env e = ppc_fp_env(cpu);
    u128 r = fpx_round_int(&e, FP_D, cpu->v[insn >> 11 & 31].d[0], rounding, false);
    write(cpu, insn, &e, (uint64_t)r, false, record);
}

static void merge_words(struct vcpu *cpu, uint32_t insn, unsigned word)
{
    uint64_t a = cpu->v[insn >> 16 & 31].s[word], b = cpu->v[insn >> 11 & 31].s[word];
    v128 *t = &cpu->v[insn >> 21 & 31];
    t->d[0] = a << 32 | b;
    t->d[1] = 0;
}

void ppc_helper_fp_exact(struct vcpu *cpu, uint32_t insn, uint32_t record, uint32_t z)
{
    (void)z;
    bool single = insn >> 26 == 59;
    enum fp_op op = a_form(insn >> 1 & 31);
    unsigned xo = insn >> 1 & 1023, bf = insn >> 23 & 7;
    uint64_t a = cpu->v[insn >> 16 & 31].d[0], b = cpu->v[insn >> 11 & 31].d[0];
    if (op != FP_NONE) {
        arithmetic(cpu, insn, op, single, record);
        return;
    }
    switch (xo) {
    case 0:
        compare(cpu, insn, false, record);
        break;
    case 32:
        compare(cpu, insn, true, record);
        break;
    case 12: { /* frsp */
        struct fp_env e = ppc_fp_env(cpu);
        u128 r = fpx_convert(&e, FP_D, FP_S, b);
        write(cpu, insn, &e, widened(r), false, record);
        break;
    }
    case 14:
    case 15:
    case 142:
    case 143:
    case 814:
    case 815:
    case 942:
    case 943:
        to_integer(cpu, insn, xo);
        break;
    case 846:
    case 974:
        from_integer(cpu, insn, xo == 846, single, record);
        break;
    case 128:
        cpu->g[PPC_CR + bf] = ppc_fp_test_div(FP_D, a, b);
        break;
    case 160:
        cpu->g[PPC_CR + bf] = ppc_fp_test_sqrt(FP_D, b);
        break;
    case 392:
        round_integral(cpu, insn, FP_AWAY, record);
        break;
    case 424:
        round_integral(cpu, insn, FP_ZERO, record);
        break;
    case 456:
        round_integral(cpu, insn, FP_UP, record);
        break;
    case 488:
        round_integral(cpu, insn, FP_DOWN, record);
        break;
    case 966: /* fmrgew: word 0 is the high half */
        merge_words(cpu, insn, 1);
        break;
    default:
        assert(xo == 838); /* fmrgow */
        merge_words(cpu, insn, 0);
    }
}
