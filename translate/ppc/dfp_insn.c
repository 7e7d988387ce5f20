/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decimal floating-point instructions, always by a helper that interprets the encoding
 * (Power ISA 3.1, Book I, 5.6). */
#include <assert.h>
#include <string.h>

#include "translate/ppc/dfp.h"
#include "translate/ppc/fp.h"

bool trans_DFP_exact(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(f->isa == 9 ? PPC_ISA_310 : f->isa == 8 ? PPC_ISA_300 : PPC_ISA_205))
        return false;
    ppc_fp_emit_exact(b, PPC_HELPER_dfp_exact, f->raw);
    if (f->rc)
        ppc_fp_emit_cr1(b);
    return true;
}

/* One instruction under way. */
struct work {
    struct vcpu *cpu;
    uint32_t insn;
    struct dfp_env env;
    enum dfp_format f;
    bool sets_fprf;
};

static unsigned field_t(const struct work *w)
{
    return w->insn >> 21 & 31;
}
static unsigned field_a(const struct work *w)
{
    return w->insn >> 16 & 31;
}
static unsigned field_b(const struct work *w)
{
    return w->insn >> 11 & 31;
}

/* A quad number is in an even register and the next. */
static u128 read_bits(const struct work *w, enum dfp_format f, unsigned r)
{
    uint64_t high = w->cpu->v[r].d[0];
    return f == DFP_128 ? (u128)high << 64 | w->cpu->v[r | 1].d[0] : high;
}

static struct dfp read(const struct work *w, unsigned r)
{
    return dfp_unpack(w->f, read_bits(w, w->f, r));
}

static void put(struct vcpu *cpu, unsigned r, uint64_t x)
{
    cpu->v[r].d[0] = x;
    cpu->v[r].d[1] = 0;
}

static void write_bits(struct work *w, enum dfp_format f, u128 x)
{
    struct fp_env e = {.flags = w->env.flags};
    if (!ppc_fp_finish(w->cpu, &e, true))
        return;
    if (f == DFP_128) {
        put(w->cpu, field_t(w), (uint64_t)(x >> 64));
        put(w->cpu, field_t(w) | 1, (uint64_t)x);
    } else {
        put(w->cpu, field_t(w), (uint64_t)x);
    }
    if (w->sets_fprf) {
        struct dfp r = dfp_unpack(f, x);
        ppc_fp_set_fprf(w->cpu, dfp_class_of(f, &r));
    }
}

static void set_cr(struct work *w, unsigned value)
{
    struct fp_env e = {.flags = w->env.flags};
    w->cpu->g[PPC_CR + (w->insn >> 23 & 7)] = value;
    ppc_fp_set_fpcc(w->cpu, value);
    ppc_fp_finish(w->cpu, &e, false);
}

static enum dfp_rounding by_rmc(const struct work *w, bool r)
{
    static const enum dfp_rounding modes[2][4] = {
        {DFP_EVEN, DFP_ZERO, DFP_AWAY, DFP_EVEN},
        {DFP_UP, DFP_DOWN, DFP_FROM_ZERO, DFP_HALF_ZERO},
    };
    unsigned rmc = w->insn >> 9 & 3;
    return !r && rmc == 3 ? w->env.rounding : modes[r][rmc];
}

/* ---- Arithmetic, comparison ---- */

static u128 arithmetic(struct work *w, unsigned xo)
{
    struct dfp a = read(w, field_a(w)), b = read(w, field_b(w));
    switch (xo) {
    case 514:
        if (b.class < DFP_QNAN)
            b.sign = !b.sign;
        return dfp_add(&w->env, w->f, a, b);
    case 2:
        return dfp_add(&w->env, w->f, a, b);
    case 34:
        return dfp_mul(&w->env, w->f, &a, &b);
    default:
        return dfp_div(&w->env, w->f, &a, &b);
    }
}

static void compare(struct work *w, bool ordered)
{
    struct dfp a = read(w, field_a(w)), b = read(w, field_b(w));
    unsigned r = dfp_compare(&a, &b);
    bool snan = a.class == DFP_SNAN || b.class == DFP_SNAN;
    if (snan)
        w->env.flags |= FPSCR_VXSNAN;
    if (ordered && r == 1 && !(snan && w->cpu->g[PPC_FPSCR] & FPSCR_VE))
        w->env.flags |= FPSCR_VXVC;
    set_cr(w, r);
}

/* ---- Tests ---- */

static bool extreme(const struct work *w, const struct dfp *x)
{
    return x->exp == -dfp_bias(w->f) || x->exp == dfp_max_exponent(w->f);
}

static bool subnormal(const struct work *w, const struct dfp *x)
{
    return x->n && x->exp + x->n - 1 < -dfp_bias(w->f) + dfp_precision(w->f) - 1;
}

static void test_class(struct work *w, bool group)
{
    struct dfp x = read(w, field_a(w));
    unsigned mask = w->insn >> 10 & 63, bit;
    if (group)
        bit = x.class != DFP_FINITE                ? 5
              : x.n == 0                           ? extreme(w, &x)
              : subnormal(w, &x) || extreme(w, &x) ? 2
              : x.n < dfp_precision(w->f)          ? 3
                                                   : 4;
    else
        bit = x.class == DFP_SNAN       ? 5
              : x.class == DFP_QNAN     ? 4
              : x.class == DFP_INFINITE ? 3
              : x.n == 0                ? 0
              : subnormal(w, &x)        ? 1
                                        : 2;
    set_cr(w, x.sign << 3 | (mask >> (5 - bit) & 1) << 1);
}

static void test_exponent(struct work *w)
{
    struct dfp a = read(w, field_a(w)), b = read(w, field_b(w));
    if (a.class == DFP_FINITE && b.class == DFP_FINITE)
        set_cr(w, a.exp < b.exp ? 8 : a.exp > b.exp ? 4 : 2);
    else
        set_cr(w, (a.class >= DFP_QNAN && b.class >= DFP_QNAN) ||
                          (a.class == DFP_INFINITE && b.class == DFP_INFINITE)
                      ? 2
                      : 1);
}

static void test_significance(struct work *w, int k)
{
    struct dfp b = read(w, field_b(w));
    set_cr(w, b.class != DFP_FINITE ? 1 : k == 0 || b.n == 0 || k > b.n ? 4 : k < b.n ? 8 : 2);
}

/* ---- Quantum adjustment ---- */

static u128 conversion_invalid(struct work *w)
{
    w->env.flags |= FPSCR_VXCVI;
    return dfp_default_nan(w->f);
}

static void note_inexact(struct work *w, bool inexact, bool up)
{
    if (inexact)
        w->env.flags |= FPSCR_XX | FPSCR_FI | (up ? FPSCR_FR : 0);
}

static u128 quantize(struct work *w, struct dfp b, int exp)
{
    int drop = exp - b.exp;
    bool up = false, inexact = false;
    if (b.n == 0) {
        b.exp = exp;
        return dfp_pack(w->f, &b);
    }
    if (drop > 0) {
        inexact = dfp_drop(&b, drop, by_rmc(w, false), &up);
    } else if (b.n - drop > dfp_precision(w->f)) {
        return conversion_invalid(w);
    } else {
        memmove(b.d - drop, b.d, (size_t)b.n);
        memset(b.d, 0, (size_t)-drop);
        b.n -= drop;
    }
    b.exp = exp;
    if (b.n > dfp_precision(w->f))
        return conversion_invalid(w);
    note_inexact(w, inexact, up);
    return dfp_pack(w->f, &b);
}

static u128 quantize_immediate(struct work *w)
{
    struct dfp b = read(w, field_b(w));
    u128 nan;
    int te = (int)(field_a(w) ^ 16) - 16;
    if (dfp_nan(&w->env, w->f, &b, NULL, &nan))
        return nan;
    /* The form asked for is that of a finite number. */
    if (b.class == DFP_INFINITE)
        return conversion_invalid(w);
    return quantize(w, b, te);
}

static u128 quantize_like(struct work *w)
{
    struct dfp a = read(w, field_a(w)), b = read(w, field_b(w));
    u128 nan;
    if (dfp_nan(&w->env, w->f, &a, &b, &nan))
        return nan;
    if (a.class != b.class)
        return conversion_invalid(w);
    if (b.class == DFP_INFINITE) {
        struct dfp r = {.class = DFP_INFINITE, .sign = b.sign};
        return dfp_pack(w->f, &r);
    }
    return quantize(w, b, a.exp);
}

static u128 reround(struct work *w)
{
    int k = (int)(w->cpu->v[field_a(w)].d[0] & 63);
    struct dfp b = read(w, field_b(w));
    bool up;
    u128 nan;
    if (dfp_nan(&w->env, w->f, &b, NULL, &nan))
        return nan;
    if (b.class == DFP_INFINITE)
        b.n = 0;
    if (b.class == DFP_INFINITE || k == 0 || b.n <= k)
        return dfp_pack(w->f, &b);
    bool inexact = dfp_drop(&b, b.n - k, by_rmc(w, false), &up);
    if (b.n > k) {
        memmove(b.d, b.d + 1, (size_t)--b.n);
        b.exp++;
    }
    if (b.exp > dfp_max_exponent(w->f))
        return conversion_invalid(w);
    note_inexact(w, inexact, up);
    return dfp_pack(w->f, &b);
}

static u128 round_integral(struct work *w, bool note)
{
    struct dfp b = read(w, field_b(w));
    u128 nan;
    bool up, inexact;
    if (dfp_nan(&w->env, w->f, &b, NULL, &nan))
        return nan;
    if (b.class == DFP_INFINITE)
        return dfp_pack(w->f, &(struct dfp){.class = DFP_INFINITE, .sign = b.sign});
    if (b.exp >= 0)
        return dfp_pack(w->f, &b);
    inexact = dfp_drop(&b, -b.exp, by_rmc(w, w->insn >> 16 & 1), &up);
    b.exp = 0;
    if (note)
        note_inexact(w, inexact, up);
    return dfp_pack(w->f, &b);
}

/* ---- Conversion ---- */

/* To another format: widening keeps the quantum, narrowing rounds. */
static void change_format(struct work *w, enum dfp_format from, enum dfp_format to, bool quiet)
{
    u128 bits = read_bits(w, from, field_b(w));
    struct dfp b = dfp_unpack(from, from == DFP_32 ? (uint32_t)bits : bits);
    u128 r;
    if (b.class != DFP_FINITE) {
        if (b.class == DFP_SNAN && quiet) {
            w->env.flags |= FPSCR_VXSNAN;
            b.class = DFP_QNAN;
        }
        if (b.class == DFP_INFINITE)
            b.n = 0;
        /* What no longer fits of the payload is lost at the left. */
        if (b.n > dfp_precision(to) - 1)
            b.n = dfp_precision(to) - 1;
        r = dfp_pack(to, &b);
    } else {
        r = dfp_round(&w->env, to, b, b.exp);
    }
    write_bits(w, to, r);
    if (from == DFP_128) /* the rest of the pair */
        put(w->cpu, field_t(w) | 1, 0);
}

static void from_integer(struct work *w, u128 x)
{
    bool sign = (s128)x < 0;
    write_bits(w, w->f, dfp_round(&w->env, w->f, dfp_from_integer(sign ? -x : x, sign), 0));
}

static void to_integer(struct work *w, unsigned bits)
{
    struct dfp b = read(w, field_b(w));
    u128 least = (u128)1 << (bits - 1), limit = b.sign ? least : least - 1, m = 0;
    bool up = false, inexact = false, huge = b.class != DFP_FINITE;
    if (b.class == DFP_SNAN)
        w->env.flags |= FPSCR_VXSNAN;
    if (!huge && b.exp < 0)
        inexact = dfp_drop(&b, -b.exp, w->env.rounding, &up);
    for (int i = b.n - 1; !huge && i >= 0; i--) {
        huge = m > limit / 10;
        m = m * 10 + b.d[i];
    }
    for (int i = 0; !huge && m && i < b.exp; i++) {
        huge = m > limit / 10;
        m *= 10;
    }
    if (huge || m > limit) {
        w->env.flags |= FPSCR_VXCVI;
        m = b.class >= DFP_QNAN ? least : limit;
        if (b.class >= DFP_QNAN)
            b.sign = false;
    } else {
        note_inexact(w, inexact, up);
    }
    w->sets_fprf = false;
    if (b.sign)
        m = -m;
    if (bits == 128) { /* to a vector register */
        struct fp_env e = {.flags = w->env.flags};
        if (ppc_fp_finish(w->cpu, &e, true))
            w->cpu->v[32 + field_t(w)] = (v128){.d = {(uint64_t)(m >> 64), (uint64_t)m}};
    } else {
        write_bits(w, DFP_64, (uint64_t)m);
    }
}

/* ---- Digits, exponents ---- */

static void to_bcd(struct work *w)
{
    struct dfp b = read(w, field_b(w));
    bool is_signed = w->insn >> 20 & 1, plus_f = w->insn >> 19 & 1;
    int count = (w->f == DFP_128 ? 32 : 16) - is_signed;
    u128 r = 0;
    for (int i = 0; i < count && b.class != DFP_INFINITE; i++)
        if (i < b.n)
            r |= (u128)b.d[i] << 4 * i;
    if (is_signed)
        r = r << 4 | (b.sign ? 0xd : plus_f ? 0xf : 0xc);
    w->sets_fprf = false;
    write_bits(w, w->f, r);
}

static void from_bcd(struct work *w)
{
    u128 x = read_bits(w, w->f, field_b(w));
    bool is_signed = w->insn >> 20 & 1, bad = false;
    struct dfp r = {.n = (w->f == DFP_128 ? 32 : 16) - is_signed};
    if (is_signed) {
        unsigned sign = (unsigned)x & 15;
        bad = sign < 10;
        r.sign = sign == 0xb || sign == 0xd;
        x >>= 4;
    }
    for (int i = 0; i < r.n; i++, x >>= 4) {
        r.d[i] = x & 15;
        bad |= r.d[i] > 9;
    }
    while (r.n && !r.d[r.n - 1])
        r.n--;
    write_bits(w, w->f, bad ? conversion_invalid(w) : dfp_pack(w->f, &r));
}

static void extract_exponent(struct work *w)
{
    struct dfp b = read(w, field_b(w));
    w->sets_fprf = false;
    write_bits(w, DFP_64,
               b.class == DFP_FINITE     ? (uint64_t)(b.exp + dfp_bias(w->f))
               : b.class == DFP_INFINITE ? ~0ull
               : b.class == DFP_QNAN     ? ~1ull
                                         : ~2ull);
}

static void insert_exponent(struct work *w)
{
    int64_t exp = (int64_t)w->cpu->v[field_a(w)].d[0];
    struct dfp b = read(w, field_b(w)), special = {.sign = b.sign};
    u128 trailing = w->f == DFP_128 ? ((u128)1 << 110) - 1 : ((u128)1 << 50) - 1, r;
    if (exp >= 0 && exp <= dfp_max_exponent(w->f) + dfp_bias(w->f)) {
        b.class = DFP_FINITE;
        b.exp = (int)exp - dfp_bias(w->f);
        r = dfp_pack(w->f, &b);
    } else {
        special.class = exp == -1 ? DFP_INFINITE : exp == -3 ? DFP_SNAN : DFP_QNAN;
        r = dfp_pack(w->f, &special) | (read_bits(w, w->f, field_b(w)) & trailing);
    }
    w->sets_fprf = false;
    write_bits(w, w->f, r);
}

static void shift(struct work *w, bool left)
{
    struct dfp a = read(w, field_a(w)), r = a;
    int n = (int)(w->insn >> 10 & 63), digits = dfp_precision(w->f) - (a.class != DFP_FINITE);
    memset(r.d, 0, sizeof r.d);
    for (int i = 0; i < a.n && a.class != DFP_INFINITE; i++) {
        int to = left ? i + n : i - n;
        if (to >= 0 && to < digits)
            r.d[to] = a.d[i];
    }
    r.n = digits;
    w->sets_fprf = false;
    write_bits(w, w->f, dfp_pack(w->f, &r));
}

/* ---- Decoding ---- */

static void by_ten_bits(struct work *w, unsigned xo)
{
    bool quad = w->f == DFP_128;
    switch (xo) {
    case 2:
    case 34:
    case 514:
    case 546:
        write_bits(w, w->f, arithmetic(w, xo));
        break;
    case 130:
    case 642:
        compare(w, xo == 130);
        break;
    case 162:
        test_exponent(w);
        break;
    case 674:
        test_significance(w, (int)(w->cpu->v[field_a(w)].d[0] & 63));
        break;
    case 675:
        test_significance(w, (int)(w->insn >> 16 & 63));
        break;
    case 258:
        change_format(w, quad ? DFP_64 : DFP_32, w->f, quad);
        break;
    case 770:
        change_format(w, w->f, quad ? DFP_64 : DFP_32, quad);
        break;
    case 802:
        from_integer(w, (u128)(s128)(int64_t)w->cpu->v[field_b(w)].d[0]);
        break;
    case 290:
        to_integer(w, 64);
        break;
    case 322:
        to_bcd(w);
        break;
    case 834:
        from_bcd(w);
        break;
    case 354:
        extract_exponent(w);
        break;
    case 866:
        insert_exponent(w);
        break;
    default:
        assert(xo == 994); /* dcffixqq, dctfixqq */
        if (field_a(w) == 1) {
            to_integer(w, 128);
        } else {
            v128 b = w->cpu->v[32 + field_b(w)];
            from_integer(w, (u128)b.d[0] << 64 | b.d[1]);
        }
    }
}

void ppc_helper_dfp_exact(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    struct work w = {.cpu = cpu,
                     .insn = insn,
                     .env.rounding = (enum dfp_rounding)(cpu->g[PPC_FPSCR] >> 32 & 7),
                     .f = insn >> 26 == 63 ? DFP_128 : DFP_64,
                     .sets_fprf = true};
    switch (insn >> 1 & 255) { /* Z23-form */
    case 3:
        write_bits(&w, w.f, quantize_like(&w));
        return;
    case 35:
        write_bits(&w, w.f, reround(&w));
        return;
    case 67:
        write_bits(&w, w.f, quantize_immediate(&w));
        return;
    case 99:
    case 227:
        write_bits(&w, w.f, round_integral(&w, (insn >> 1 & 255) == 99));
        return;
    }
    switch (insn >> 1 & 511) { /* Z22-form */
    case 66:
    case 98:
        shift(&w, (insn >> 1 & 511) == 66);
        return;
    case 194:
    case 226:
        test_class(&w, (insn >> 1 & 511) == 226);
        return;
    }
    by_ten_bits(&w, insn >> 1 & 1023);
}
