/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arithmetic of dfp.h, digit by digit. */
#include <string.h>

#include "translate/ppc/dfp.h"

static const struct format {
    int bits, continuation, digits, bias;
} formats[] = {
    [DFP_32] = {32, 6, 7, 101},
    [DFP_64] = {64, 8, 16, 398},
    [DFP_128] = {128, 12, 34, 6176},
};

int dfp_precision(enum dfp_format f)
{
    return formats[f].digits;
}

int dfp_bias(enum dfp_format f)
{
    return formats[f].bias;
}

int dfp_max_exponent(enum dfp_format f)
{
    return (3 << formats[f].continuation) - 1 - formats[f].bias;
}

/* ---- Densely packed decimal (5.3.2, B.2) ---- */

/* The three digits of ten bits, the lowest in bits 3..0. */
static unsigned declet_digits(unsigned x)
{
    unsigned p = x >> 7 & 7, s = x >> 4 & 7, w = x & 7;
    unsigned r = p & 1, u = s & 1, y = w & 1, pq = p & 6, st = s & 6;
    if (!(x & 8))
        return p << 8 | s << 4 | w;
    switch (w >> 1) {
    case 0:
        return p << 8 | s << 4 | (8 | y);
    case 1:
        return p << 8 | (8 | u) << 4 | (st | y);
    case 2:
        return (8 | r) << 8 | s << 4 | (pq | y);
    }
    switch (st) {
    case 0:
        return (8 | r) << 8 | (8 | u) << 4 | (pq | y);
    case 2:
        return (8 | r) << 8 | (pq | u) << 4 | (8 | y);
    case 4:
        return p << 8 | (8 | u) << 4 | (8 | y);
    default:
        return (8 | r) << 8 | (8 | u) << 4 | (8 | y);
    }
}

/* The preferred ten bits of three digits: the least that give them. */
static unsigned declet(unsigned d0, unsigned d1, unsigned d2)
{
    unsigned want = d2 << 8 | d1 << 4 | d0, x = 0;
    while (declet_digits(x) != want)
        x++;
    return x;
}

static void trim(struct dfp *x)
{
    while (x->n && !x->d[x->n - 1])
        x->n--;
}

struct dfp dfp_unpack(enum dfp_format f, u128 x)
{
    const struct format *t = &formats[f];
    struct dfp r = {.sign = x >> (t->bits - 1) & 1};
    unsigned g = (unsigned)(x >> (t->bits - 6)) & 31, lead = g & 7, high = g >> 3;
    int continuation = (int)(x >> (t->bits - 6 - t->continuation)) & ((1 << t->continuation) - 1);
    if (g >> 3 == 3) {
        high = g >> 1 & 3;
        lead = 8 | (g & 1);
    }
    if (g >= 30) {
        r.class = g == 30                                 ? DFP_INFINITE
                  : continuation >> (t->continuation - 1) ? DFP_SNAN
                                                          : DFP_QNAN;
        lead = 0;
    }
    r.exp = (int)(high << t->continuation | (unsigned)continuation) - t->bias;
    for (int i = 0; i < t->digits - 1; i += 3) {
        unsigned three = declet_digits((unsigned)(x >> (i / 3 * 10)) & 0x3ff);
        r.d[i] = three & 15;
        r.d[i + 1] = three >> 4 & 15;
        r.d[i + 2] = three >> 8 & 15;
    }
    r.d[t->digits - 1] = (uint8_t)lead;
    r.n = t->digits;
    trim(&r);
    return r;
}

static u128 trailing(enum dfp_format f, const struct dfp *x)
{
    u128 r = 0;
    for (int i = 0; i < formats[f].digits - 1; i += 3)
        r |= (u128)declet(x->d[i], x->d[i + 1], x->d[i + 2]) << (i / 3 * 10);
    return r;
}

u128 dfp_pack(enum dfp_format f, const struct dfp *in)
{
    const struct format *t = &formats[f];
    struct dfp x = *in;
    for (int i = x.n; i < t->digits; i++)
        x.d[i] = 0;
    u128 r = trailing(f, &x);
    unsigned g, biased = (unsigned)(x.exp + t->bias), lead = x.d[t->digits - 1];
    unsigned high = biased >> t->continuation;
    u128 continuation = biased & ((1u << t->continuation) - 1);
    if (x.class == DFP_FINITE) {
        g = lead < 8 ? high << 3 | lead : 24 | high << 1 | (lead & 1);
    } else {
        g = x.class == DFP_INFINITE ? 30 : 31;
        continuation = x.class == DFP_SNAN ? 1u << (t->continuation - 1) : 0;
    }
    return r | continuation << (t->bits - 6 - t->continuation) | (u128)g << (t->bits - 6) |
           (u128)x.sign << (t->bits - 1);
}

u128 dfp_default_nan(enum dfp_format f)
{
    struct dfp nan = {.class = DFP_QNAN};
    return dfp_pack(f, &nan);
}

static u128 infinity(enum dfp_format f, bool sign)
{
    struct dfp x = {.class = DFP_INFINITE, .sign = sign};
    return dfp_pack(f, &x);
}

struct dfp dfp_from_integer(u128 x, bool sign)
{
    struct dfp r = {.sign = sign};
    for (; x; x /= 10)
        r.d[r.n++] = x % 10;
    return r;
}

/* ---- Rounding (5.5.2) ---- */

static bool rounds_up(enum dfp_rounding mode, bool sign, unsigned last, unsigned next, bool rest)
{
    bool inexact = next || rest, above = next > 5 || (next == 5 && rest), half = next == 5 && !rest;
    switch (mode) {
    case DFP_EVEN:
        return above || (half && last & 1);
    case DFP_AWAY:
        return above || half;
    case DFP_HALF_ZERO:
        return above;
    case DFP_UP:
        return inexact && !sign;
    case DFP_DOWN:
        return inexact && sign;
    case DFP_FROM_ZERO:
        return inexact;
    case DFP_PREPARE:
        return inexact && (last == 0 || last == 5);
    default:
        return false;
    }
}

static void increment(struct dfp *x)
{
    int i = 0;
    while (i < x->n && x->d[i] == 9)
        x->d[i++] = 0;
    if (i == x->n)
        x->d[x->n++] = 1;
    else
        x->d[i]++;
}

bool dfp_drop(struct dfp *x, int count, enum dfp_rounding mode, bool *up)
{
    unsigned next = 0;
    bool rest = x->sticky;
    if (count > 0) {
        for (int i = 0; i < count - 1 && i < x->n; i++)
            rest |= x->d[i] != 0;
        next = count - 1 < x->n ? x->d[count - 1] : 0;
        int keep = x->n > count ? x->n - count : 0;
        memmove(x->d, x->d + (x->n > count ? count : 0), (size_t)keep);
        x->n = keep;
        x->exp += count;
    }
    x->sticky = false;
    bool inexact = next || rest;
    *up = rounds_up(mode, x->sign, x->n ? x->d[0] : 0, next, rest);
    if (*up)
        increment(x);
    return inexact;
}

static void append_zeros(struct dfp *x, int count)
{
    if (x->n) {
        memmove(x->d + count, x->d, (size_t)x->n);
        memset(x->d, 0, (size_t)count);
        x->n += count;
    }
    x->exp -= count;
}

u128 dfp_round(struct dfp_env *e, enum dfp_format f, struct dfp x, int ideal)
{
    const struct format *t = &formats[f];
    int least = -t->bias, most = dfp_max_exponent(f);
    e->flags &= ~(uint32_t)(FPSCR_FR | FPSCR_FI);
    bool tiny = x.n && x.exp + x.n - 1 < least + t->digits - 1;
    int drop = x.n - t->digits;
    if (drop < least - x.exp)
        drop = least - x.exp;
    bool inexact = false, up = false;
    if (x.n == 0 && !x.sticky) {
        x.exp = ideal < least ? least : ideal > most ? most : ideal;
        return dfp_pack(f, &x);
    }
    if (drop > 0 || x.sticky)
        inexact = dfp_drop(&x, drop > 0 ? drop : 0, e->rounding, &up);
    if (x.n > t->digits) { /* carried into one more */
        memmove(x.d, x.d + 1, (size_t)--x.n);
        x.exp++;
    }
    if (inexact)
        e->flags |= FPSCR_XX | FPSCR_FI | (up ? FPSCR_FR : 0) | (tiny ? FPSCR_UX : 0);
    if (!inexact) {
        while (x.exp < ideal && x.n && !x.d[0]) {
            memmove(x.d, x.d + 1, (size_t)--x.n);
            x.exp++;
        }
        if (x.exp > ideal && x.n < t->digits) {
            int room = t->digits - x.n, want = x.exp - (ideal < least ? least : ideal);
            if (want > 0)
                append_zeros(&x, want < room ? want : room);
        }
    }
    if (x.n == 0 && x.exp > most)
        x.exp = most;
    if (x.exp > most) {
        if (x.n + x.exp - most <= t->digits) {
            append_zeros(&x, x.exp - most);
        } else {
            bool to_infinity = e->rounding == DFP_UP ? !x.sign
                               : e->rounding == DFP_DOWN
                                   ? x.sign
                                   : e->rounding != DFP_ZERO && e->rounding != DFP_PREPARE;
            e->flags |= FPSCR_OX | FPSCR_XX | FPSCR_FI;
            if (to_infinity)
                return infinity(f, x.sign);
            memset(x.d, 9, (size_t)t->digits);
            x.n = t->digits;
            x.exp = most;
        }
    }
    return dfp_pack(f, &x);
}

/* ---- Arithmetic (5.5.8 on) ---- */

bool dfp_nan(struct dfp_env *e, enum dfp_format f, const struct dfp *a, const struct dfp *b,
             u128 *r)
{
    const struct dfp *from = NULL;
    if (a->class == DFP_SNAN || (b && b->class == DFP_SNAN))
        e->flags |= FPSCR_VXSNAN;
    /* Signalling ones go first. */
    if (a->class == DFP_SNAN || (a->class == DFP_QNAN && !(b && b->class == DFP_SNAN)))
        from = a;
    else if (b && b->class >= DFP_QNAN)
        from = b;
    if (!from)
        return false;
    struct dfp nan = *from;
    nan.class = DFP_QNAN;
    *r = dfp_pack(f, &nan);
    return true;
}

static u128 invalid(struct dfp_env *e, enum dfp_format f, uint32_t why)
{
    e->flags |= why;
    return dfp_default_nan(f);
}

/* Magnitudes of numbers with the same exponent. */
static int compare_digits(const struct dfp *a, const struct dfp *b)
{
    if (a->n != b->n)
        return a->n > b->n ? 1 : -1;
    for (int i = a->n - 1; i >= 0; i--)
        if (a->d[i] != b->d[i])
            return a->d[i] > b->d[i] ? 1 : -1;
    return 0;
}

/* Brings both to one exponent.  What lies far below the other becomes sticky. */
static void align(struct dfp *a, struct dfp *b)
{
    enum { FAR = 80 };
    if (a->exp < b->exp) {
        align(b, a);
        return;
    }
    if (a->n == 0) {
        a->exp = b->exp;
        return;
    }
    int up = a->exp - b->exp;
    if (up > FAR) {
        append_zeros(a, FAR);
        bool lost = b->n != 0;
        int drop = a->exp - b->exp;
        int keep = b->n > drop ? b->n - drop : 0;
        memmove(b->d, b->d + (b->n > drop ? drop : 0), (size_t)keep);
        b->n = keep;
        b->exp = a->exp;
        b->sticky = lost;
        return;
    }
    append_zeros(a, up);
}

static void add_digits(struct dfp *r, const struct dfp *a, const struct dfp *b)
{
    unsigned carry = 0;
    int n = a->n > b->n ? a->n : b->n;
    for (int i = 0; i < n; i++) {
        unsigned s = carry + (i < a->n ? a->d[i] : 0) + (i < b->n ? b->d[i] : 0);
        carry = s > 9;
        r->d[i] = (uint8_t)(carry ? s - 10 : s);
    }
    r->n = n;
    if (carry)
        r->d[r->n++] = 1;
}

/* a - b, a not less */
static void subtract_digits(struct dfp *r, const struct dfp *a, const struct dfp *b,
                            bool borrow_one)
{
    int borrow = borrow_one;
    for (int i = 0; i < a->n; i++) {
        int s = a->d[i] - borrow - (i < b->n ? b->d[i] : 0);
        borrow = s < 0;
        r->d[i] = (uint8_t)(borrow ? s + 10 : s);
    }
    r->n = a->n;
    trim(r);
}

u128 dfp_add(struct dfp_env *e, enum dfp_format f, struct dfp a, struct dfp b)
{
    u128 nan;
    if (dfp_nan(e, f, &a, &b, &nan))
        return nan;
    if (a.class == DFP_INFINITE || b.class == DFP_INFINITE) {
        if (a.class == b.class && a.sign != b.sign)
            return invalid(e, f, FPSCR_VXISI);
        return infinity(f, a.class == DFP_INFINITE ? a.sign : b.sign);
    }
    int ideal = a.exp < b.exp ? a.exp : b.exp;
    align(&a, &b);
    struct dfp r = {.exp = a.exp, .sticky = a.sticky || b.sticky};
    if (a.sign == b.sign) {
        add_digits(&r, &a, &b);
        r.sign = a.sign;
    } else {
        int order = compare_digits(&a, &b);
        const struct dfp *x = order >= 0 ? &a : &b, *y = order >= 0 ? &b : &a;
        /* A sticky rest is of the smaller one: one less, and a rest again. */
        subtract_digits(&r, x, y, y->sticky);
        r.sign = order == 0 ? e->rounding == DFP_DOWN : x->sign;
    }
    return dfp_round(e, f, r, ideal);
}

static struct dfp product(const struct dfp *a, const struct dfp *b)
{
    struct dfp r = {.sign = a->sign ^ b->sign, .exp = a->exp + b->exp};
    for (int i = 0; i < a->n; i++) {
        unsigned carry = 0;
        for (int j = 0; j < b->n || carry; j++) {
            unsigned s = r.d[i + j] + carry + (j < b->n ? a->d[i] * b->d[j] : 0u);
            r.d[i + j] = s % 10;
            carry = s / 10;
        }
    }
    r.n = a->n + b->n;
    trim(&r);
    return r;
}

u128 dfp_mul(struct dfp_env *e, enum dfp_format f, const struct dfp *a, const struct dfp *b)
{
    u128 nan;
    if (dfp_nan(e, f, a, b, &nan))
        return nan;
    if (a->class == DFP_INFINITE || b->class == DFP_INFINITE) {
        const struct dfp *other = a->class == DFP_INFINITE ? b : a;
        if (other->class == DFP_FINITE && other->n == 0)
            return invalid(e, f, FPSCR_VXIMZ);
        return infinity(f, a->sign ^ b->sign);
    }
    struct dfp r = product(a, b);
    return dfp_round(e, f, r, r.exp);
}

u128 dfp_div(struct dfp_env *e, enum dfp_format f, const struct dfp *a, const struct dfp *b)
{
    u128 nan;
    if (dfp_nan(e, f, a, b, &nan))
        return nan;
    bool sign = a->sign ^ b->sign;
    if (a->class == DFP_INFINITE)
        return b->class == DFP_INFINITE ? invalid(e, f, FPSCR_VXIDI) : infinity(f, sign);
    struct dfp q = {.sign = sign};
    if (b->class == DFP_INFINITE) {
        q.exp = -dfp_bias(f);
        return dfp_pack(f, &q);
    }
    int ideal = a->exp - b->exp;
    if (b->n == 0) {
        if (a->n == 0)
            return invalid(e, f, FPSCR_VXZDZ);
        e->flags |= FPSCR_ZX;
        return infinity(f, sign);
    }
    q.exp = ideal;
    if (a->n == 0)
        return dfp_round(e, f, q, ideal);
    /* Enough digits: as many as the divisor's, the precision's, and two. */
    struct dfp rest = {0}, n = *a;
    append_zeros(&n, b->n + dfp_precision(f) + 2);
    q.exp = n.exp - b->exp;
    q.n = n.n;
    for (int i = n.n - 1; i >= 0; i--) {
        append_zeros(&rest, rest.n ? 1 : 0);
        rest.d[0] = n.d[i];
        if (rest.n == 0)
            rest.n = 1;
        trim(&rest);
        q.d[i] = 0;
        while (compare_digits(&rest, b) >= 0) {
            struct dfp t = rest;
            subtract_digits(&rest, &t, b, false);
            q.d[i]++;
        }
    }
    trim(&q);
    q.sticky = rest.n != 0;
    return dfp_round(e, f, q, ideal);
}

unsigned dfp_compare(const struct dfp *a, const struct dfp *b)
{
    if (a->class >= DFP_QNAN || b->class >= DFP_QNAN)
        return 1;
    bool zero_a = a->class == DFP_FINITE && a->n == 0, zero_b = b->class == DFP_FINITE && b->n == 0;
    if (zero_a && zero_b)
        return 2;
    if (zero_a || zero_b || a->sign != b->sign)
        return zero_a ? b->sign ? 4 : 8 : a->sign ? 8 : 4;
    int order;
    if (a->class == DFP_INFINITE || b->class == DFP_INFINITE) {
        order = (a->class == DFP_INFINITE) - (b->class == DFP_INFINITE);
    } else if (a->exp + a->n != b->exp + b->n) {
        order = a->exp + a->n > b->exp + b->n ? 1 : -1;
    } else {
        struct dfp x = *a, y = *b;
        align(&x, &y);
        order = compare_digits(&x, &y);
    }
    return order == 0 ? 2 : (order > 0) != a->sign ? 4 : 8;
}

unsigned dfp_class_of(enum dfp_format f, const struct dfp *x)
{
    if (x->class >= DFP_QNAN)
        return x->class == DFP_QNAN ? 0x11 : 1;
    if (x->class == DFP_INFINITE)
        return x->sign ? 9 : 5;
    if (x->n == 0)
        return x->sign ? 0x12 : 2;
    bool small = x->exp + x->n - 1 < -dfp_bias(f) + dfp_precision(f) - 1;
    return (x->sign ? 8 : 4) | (small ? 0x10 : 0);
}
