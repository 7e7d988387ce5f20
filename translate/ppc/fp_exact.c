/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arithmetic of fp_exact.h: unpack to a normalized 256-bit significand, compute
 * without loss (a sticky lowest bit stands for all that lies below), round once.
 */
#include "translate/ppc/fp_exact.h"

struct format {
    unsigned bits, fraction, exponent; /* widths */
    int bias, adjust;                  /* of the exponent; when an enabled exception scales */
};
static const struct format formats[] = {
    [FP_H] = {16, 10, 5, 15, 24},
    [FP_S] = {32, 23, 8, 127, 192},
    [FP_D] = {64, 52, 11, 1023, 1536},
    [FP_Q] = {128, 112, 15, 16383, 24576},
};

enum class { ZERO, FINITE, INFINITE, NAN_CLASS };

/* A finite value is 1.xxx * 2^exp, where hi:lo is the significand with its
 * highest bit set. */
struct num {
    enum class class;
    bool sign;
    int exp;
    u128 hi, lo;
};

static u128 ones(unsigned n)
{
    return n >= 128 ? ~(u128)0 : ((u128)1 << n) - 1;
}

static unsigned leading_zeros(u128 x)
{
    uint64_t high = x >> 64, low = (uint64_t)x;
    return high ? (unsigned)__builtin_clzll(high) : low ? 64 + (unsigned)__builtin_clzll(low) : 128;
}

/* ---- Fields ---- */

static unsigned biased_exponent(enum fp_format f, u128 x)
{
    return (unsigned)(x >> formats[f].fraction) & (unsigned)ones(formats[f].exponent);
}

static u128 fraction(enum fp_format f, u128 x)
{
    return x & ones(formats[f].fraction);
}

static bool exponent_full(enum fp_format f, u128 x)
{
    return biased_exponent(f, x) == ones(formats[f].exponent);
}

static u128 quiet_bit(enum fp_format f)
{
    return (u128)1 << (formats[f].fraction - 1);
}

static u128 sign_bit(enum fp_format f)
{
    return (u128)1 << (formats[f].bits - 1);
}

bool fpx_is_nan(enum fp_format f, u128 x)
{
    return exponent_full(f, x) && fraction(f, x);
}

bool fpx_is_snan(enum fp_format f, u128 x)
{
    return fpx_is_nan(f, x) && !(x & quiet_bit(f));
}

bool fpx_is_inf(enum fp_format f, u128 x)
{
    return exponent_full(f, x) && !fraction(f, x);
}

bool fpx_is_zero(enum fp_format f, u128 x)
{
    return fpx_abs(f, x) == 0;
}

bool fpx_is_denormal(enum fp_format f, u128 x)
{
    return biased_exponent(f, x) == 0 && fraction(f, x);
}

bool fpx_sign(enum fp_format f, u128 x)
{
    return (x & sign_bit(f)) != 0;
}

u128 fpx_neg(enum fp_format f, u128 x)
{
    return x ^ sign_bit(f);
}

u128 fpx_abs(enum fp_format f, u128 x)
{
    return x & (sign_bit(f) - 1);
}

u128 fpx_quiet(enum fp_format f, u128 x)
{
    return x | quiet_bit(f);
}

u128 fpx_infinity(enum fp_format f, bool sign)
{
    return fpx_zero(f, sign) | ones(formats[f].exponent) << formats[f].fraction;
}

u128 fpx_default_nan(enum fp_format f)
{
    return fpx_infinity(f, false) | quiet_bit(f);
}

u128 fpx_zero(enum fp_format f, bool sign)
{
    return sign ? sign_bit(f) : 0;
}

int fpx_exponent(enum fp_format f, u128 x)
{
    return (int)biased_exponent(f, x) - formats[f].bias;
}

unsigned fpx_bits(enum fp_format f)
{
    return formats[f].bits;
}

unsigned fpx_class(enum fp_format f, u128 x)
{
    unsigned sign = fpx_sign(f, x) ? 8 : 4;
    if (fpx_is_nan(f, x))
        return 0x11;
    if (fpx_is_inf(f, x))
        return sign | 1;
    if (fpx_is_zero(f, x))
        return fpx_sign(f, x) ? 0x12 : 2;
    return sign | (fpx_is_denormal(f, x) ? 0x10 : 0);
}

/* ---- Significands ---- */

static struct num unpack(const struct fp_env *e, enum fp_format f, u128 x)
{
    const struct format *t = &formats[f];
    u128 frac = fraction(f, x);
    int biased = (int)biased_exponent(f, x);
    struct num n = {.class = FINITE, .sign = fpx_sign(f, x)};
    if (exponent_full(f, x)) {
        n.class = frac ? NAN_CLASS : INFINITE;
        return n;
    }
    if (biased == 0) {
        if (frac == 0 || e->flush) {
            n.class = ZERO;
            return n;
        }
        biased = 1;
    } else {
        frac |= (u128)1 << t->fraction;
    }
    unsigned up = leading_zeros(frac);
    n.hi = frac << up;
    n.exp = biased - t->bias + (int)(127 - up) - (int)t->fraction;
    return n;
}

/* hi:lo >> count, with sticky lowest bit */
static void shift_right(struct num *n, unsigned count)
{
    bool lost;
    if (count == 0)
        return;
    if (count >= 256) {
        lost = n->hi || n->lo;
        n->hi = n->lo = 0;
    } else if (count >= 128) {
        count -= 128;
        lost = n->lo || (count && n->hi << (128 - count));
        n->lo = count ? n->hi >> count : n->hi;
        n->hi = 0;
    } else {
        lost = n->lo << (128 - count) != 0;
        n->lo = n->lo >> count | n->hi << (128 - count);
        n->hi >>= count;
    }
    n->lo |= lost;
}

static void normalize(struct num *n)
{
    if (n->hi == 0) {
        n->hi = n->lo;
        n->lo = 0;
        n->exp -= 128;
        if (n->hi == 0) {
            n->class = ZERO;
            return;
        }
    }
    unsigned up = leading_zeros(n->hi);
    if (up) {
        n->hi = n->hi << up | n->lo >> (128 - up);
        n->lo <<= up;
        n->exp -= (int)up;
    }
}

static bool rounds_up(enum fp_rounding rounding, bool sign, bool odd, u128 rest_hi, u128 rest_lo)
{
    u128 half = (u128)1 << 127;
    bool inexact = rest_hi || rest_lo;
    switch (rounding) {
    case FP_EVEN:
        return rest_hi > half || (rest_hi == half && (rest_lo || odd));
    case FP_AWAY:
        return rest_hi >= half;
    case FP_UP:
        return inexact && !sign;
    case FP_DOWN:
        return inexact && sign;
    case FP_ODD:
        return inexact && !odd;
    default:
        return false;
    }
}

/* The highest `keep` bits of n rounded to an integer (keep may be 0 or less). */
static u128 take(const struct num *n, int keep, enum fp_rounding rounding, bool *up, bool *inexact)
{
    struct num t = *n;
    u128 m = 0;
    if (keep <= 0) {
        shift_right(&t, (unsigned)-keep);
    } else if (keep < 128) {
        m = t.hi >> (128 - keep);
        t.hi = t.hi << keep | t.lo >> (128 - keep);
        t.lo <<= keep;
    } else {
        m = t.hi;
        t.hi = t.lo;
        t.lo = 0;
    }
    *inexact = t.hi || t.lo;
    *up = rounds_up(rounding, n->sign, m & 1, t.hi, t.lo);
    return m + *up;
}

/* Rounds a finite number that is not 0 (4.3.6; exceptions 4.4). */
static u128 fpx_round(struct fp_env *e, enum fp_format f, struct num n)
{
    const struct format *t = &formats[f];
    int least = 1 - t->bias;
    bool tiny = n.exp < least, up, inexact;
    e->flags &= ~(uint32_t)(FPSCR_FR | FPSCR_FI);
    if (tiny && e->flush)
        return fpx_zero(f, n.sign);
    if (tiny && e->enables & FPSCR_UE) {
        e->flags |= FPSCR_UX;
        n.exp += t->adjust;
        tiny = false;
    }
    int keep = (int)t->fraction + 1 - (tiny ? least - n.exp : 0);
    u128 m = take(&n, keep, e->rounding, &up, &inexact);
    int biased = tiny ? 0 : n.exp + t->bias;
    if (inexact)
        e->flags |= FPSCR_XX | FPSCR_FI | (tiny ? FPSCR_UX : 0) | (up ? FPSCR_FR : 0);
    if (m >> (t->fraction + 1)) {
        m >>= 1;
        biased++;
    }
    if (tiny && m >> t->fraction)
        biased = 1;
    if (biased >= (int)ones(t->exponent)) {
        e->flags |= FPSCR_OX;
        if (e->enables & FPSCR_OE) {
            biased -= t->adjust;
        } else {
            bool infinite = e->rounding == FP_EVEN || e->rounding == FP_AWAY ||
                            e->rounding == (n.sign ? FP_DOWN : FP_UP);
            e->flags |= FPSCR_XX | FPSCR_FI;
            return fpx_infinity(f, n.sign) - !infinite;
        }
    }
    return fpx_zero(f, n.sign) | (u128)(unsigned)biased << t->fraction | fraction(f, m);
}

static u128 round_or_zero(struct fp_env *e, enum fp_format f, struct num n)
{
    return n.class == ZERO ? fpx_zero(f, n.sign) : fpx_round(e, f, n);
}

/* ---- NaNs ---- */

static u128 invalid(struct fp_env *e, enum fp_format to, uint32_t why)
{
    e->flags |= why;
    return fpx_default_nan(to);
}

/* A NaN in another format, made quiet: the top of the payload stays. */
static u128 convert_nan(enum fp_format f, enum fp_format to, u128 x)
{
    int down = (int)formats[f].fraction - (int)formats[to].fraction;
    u128 payload = fraction(f, x);
    payload = down >= 0 ? payload >> down : payload << -down;
    return fpx_infinity(to, fpx_sign(f, x)) | payload | quiet_bit(to);
}

/* True if one of the n operands is a NaN: the first one is the result. */
static bool take_nan(struct fp_env *e, enum fp_format f, enum fp_format to, unsigned n,
                     const u128 *x, u128 *result)
{
    bool found = false;
    for (unsigned i = 0; i < n; i++) {
        if (fpx_is_snan(f, x[i]))
            e->flags |= FPSCR_VXSNAN;
        if (fpx_is_nan(f, x[i]) && !found) {
            *result = convert_nan(f, to, x[i]);
            found = true;
        }
    }
    return found;
}

/* ---- Arithmetic ---- */

/* The sum of two numbers that are not infinite. */
static struct num exact_sum(struct num a, struct num b, enum fp_rounding rounding)
{
    if (a.class == ZERO && b.class == ZERO) {
        a.sign = a.sign == b.sign ? a.sign : rounding == FP_DOWN;
        return a;
    }
    if (a.class == ZERO)
        return b;
    if (b.class == ZERO)
        return a;
    if (a.exp < b.exp || (a.exp == b.exp && (a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo)))) {
        struct num t = a;
        a = b;
        b = t;
    }
    shift_right(&b, (unsigned)(a.exp - b.exp));
    if (a.sign == b.sign) {
        u128 lo = a.lo + b.lo, carry = lo < a.lo;
        u128 hi = a.hi + b.hi, over = hi < a.hi;
        hi += carry;
        over |= hi < carry;
        a.hi = hi;
        a.lo = lo;
        if (over) {
            shift_right(&a, 1);
            a.hi |= (u128)1 << 127;
            a.exp++;
        }
        return a;
    }
    u128 borrow = a.lo < b.lo;
    a.lo -= b.lo;
    a.hi -= b.hi + borrow;
    normalize(&a);
    if (a.class == ZERO)
        a.sign = rounding == FP_DOWN;
    return a;
}

static struct num exact_product(struct num a, struct num b)
{
    struct num p = {.class = FINITE, .sign = a.sign ^ b.sign, .exp = a.exp + b.exp + 1};
    if (a.class == ZERO || b.class == ZERO) {
        p.class = ZERO;
        return p;
    }
    uint64_t ah = a.hi >> 64, al = (uint64_t)a.hi, bh = b.hi >> 64, bl = (uint64_t)b.hi;
    u128 ll = (u128)al * bl, lh = (u128)al * bh, hl = (u128)ah * bl, hh = (u128)ah * bh;
    u128 mid = (ll >> 64) + (uint64_t)lh + (uint64_t)hl;
    p.lo = mid << 64 | (uint64_t)ll;
    p.hi = hh + (lh >> 64) + (hl >> 64) + (mid >> 64);
    normalize(&p);
    return p;
}

u128 fpx_add(struct fp_env *e, enum fp_format f, enum fp_format to, u128 a, u128 b)
{
    u128 r;
    if (take_nan(e, f, to, 2, (u128[]){a, b}, &r))
        return r;
    struct num x = unpack(e, f, a), y = unpack(e, f, b);
    if (x.class == INFINITE && y.class == INFINITE && x.sign != y.sign)
        return invalid(e, to, FPSCR_VXISI);
    if (x.class == INFINITE || y.class == INFINITE)
        return fpx_infinity(to, x.class == INFINITE ? x.sign : y.sign);
    return round_or_zero(e, to, exact_sum(x, y, e->rounding));
}

u128 fpx_sub(struct fp_env *e, enum fp_format f, enum fp_format to, u128 a, u128 b)
{
    return fpx_add(e, f, to, a, fpx_is_nan(f, b) ? b : fpx_neg(f, b));
}

u128 fpx_mul(struct fp_env *e, enum fp_format f, enum fp_format to, u128 a, u128 b)
{
    u128 r;
    if (take_nan(e, f, to, 2, (u128[]){a, b}, &r))
        return r;
    struct num x = unpack(e, f, a), y = unpack(e, f, b);
    if ((x.class == INFINITE && y.class == ZERO) || (x.class == ZERO && y.class == INFINITE))
        return invalid(e, to, FPSCR_VXIMZ);
    if (x.class == INFINITE || y.class == INFINITE)
        return fpx_infinity(to, x.sign ^ y.sign);
    return round_or_zero(e, to, exact_product(x, y));
}

u128 fpx_muladd(struct fp_env *e, enum fp_format f, enum fp_format to, u128 a, u128 c, u128 b,
                bool subtract)
{
    struct num x = unpack(e, f, a), y = unpack(e, f, c), z = unpack(e, f, b);
    bool by_zero =
        (x.class == INFINITE && y.class == ZERO) || (x.class == ZERO && y.class == INFINITE);
    u128 r;
    if (by_zero)
        e->flags |= FPSCR_VXIMZ;
    if (take_nan(e, f, to, 3, (u128[]){a, b, c}, &r))
        return r;
    if (by_zero)
        return fpx_default_nan(to);
    z.sign ^= subtract;
    bool sign = x.sign ^ y.sign, infinite = x.class == INFINITE || y.class == INFINITE;
    if (infinite && z.class == INFINITE && sign != z.sign)
        return invalid(e, to, FPSCR_VXISI);
    if (infinite || z.class == INFINITE)
        return fpx_infinity(to, infinite ? sign : z.sign);
    return round_or_zero(e, to, exact_sum(exact_product(x, y), z, e->rounding));
}

u128 fpx_div(struct fp_env *e, enum fp_format f, enum fp_format to, u128 a, u128 b)
{
    u128 r;
    if (take_nan(e, f, to, 2, (u128[]){a, b}, &r))
        return r;
    struct num x = unpack(e, f, a), y = unpack(e, f, b);
    bool sign = x.sign ^ y.sign;
    if (x.class == INFINITE && y.class == INFINITE)
        return invalid(e, to, FPSCR_VXIDI);
    if (x.class == ZERO && y.class == ZERO)
        return invalid(e, to, FPSCR_VXZDZ);
    if (x.class == INFINITE)
        return fpx_infinity(to, sign);
    if (y.class == ZERO) {
        e->flags |= FPSCR_ZX;
        return fpx_infinity(to, sign);
    }
    if (x.class == ZERO || y.class == INFINITE)
        return fpx_zero(to, sign);
    struct num q = {.class = FINITE, .sign = sign, .exp = x.exp - y.exp};
    u128 rest = x.hi;
    bool carry = false;
    for (unsigned i = 0; i < 128; i++) {
        q.hi <<= 1;
        if (carry || rest >= y.hi) {
            rest -= y.hi;
            q.hi |= 1;
        }
        carry = rest >> 127;
        rest <<= 1;
    }
    q.lo = rest || carry ? 1 : 0;
    normalize(&q);
    return fpx_round(e, to, q);
}

u128 fpx_sqrt(struct fp_env *e, enum fp_format f, enum fp_format to, u128 a)
{
    u128 r;
    if (take_nan(e, f, to, 1, &a, &r))
        return r;
    struct num x = unpack(e, f, a);
    if (x.class == ZERO)
        return fpx_zero(to, x.sign);
    if (x.sign)
        return invalid(e, to, FPSCR_VXSQRT);
    if (x.class == INFINITE)
        return fpx_infinity(to, false);
    /* Two bits of the radicand give one of the root. */
    enum { ROOT_BITS = 120 };
    struct num root = {.class = FINITE, .exp = x.exp >> 1};
    u128 radicand = x.exp & 1 ? x.hi : x.hi >> 1, rest = 0;
    for (unsigned i = 0; i < ROOT_BITS; i++) {
        rest = rest << 2 | radicand >> 126;
        radicand <<= 2;
        root.hi <<= 1;
        u128 t = root.hi << 1 | 1;
        if (rest >= t) {
            rest -= t;
            root.hi |= 1;
        }
    }
    root.hi <<= 128 - ROOT_BITS;
    root.lo = rest != 0;
    normalize(&root);
    return fpx_round(e, to, root);
}

/* ---- Conversion ---- */

u128 fpx_convert(struct fp_env *e, enum fp_format f, enum fp_format to, u128 a)
{
    u128 r;
    if (take_nan(e, f, to, 1, &a, &r))
        return r;
    struct num x = unpack(e, f, a);
    if (x.class == INFINITE)
        return fpx_infinity(to, x.sign);
    return round_or_zero(e, to, x);
}

u128 fpx_widen(enum fp_format f, enum fp_format to, u128 a)
{
    struct fp_env e = {.rounding = FP_EVEN};
    u128 r = fpx_convert(&e, f, to, a);
    return fpx_is_snan(f, a) ? r & ~quiet_bit(to) : r;
}

/* The magnitude as an integer; 2^128 and more are "huge". */
static u128 to_integer(struct num n, enum fp_rounding rounding, bool *up, bool *inexact, bool *huge)
{
    *up = *inexact = false;
    *huge = n.class == INFINITE || (n.class == FINITE && n.exp > 127);
    if (n.class != FINITE || *huge)
        return 0;
    u128 m = take(&n, n.exp < -2 ? -1 : n.exp + 1, rounding, up, inexact);
    *huge = m == 0 && n.exp == 127;
    return m;
}

u128 fpx_round_int(struct fp_env *e, enum fp_format f, u128 a, enum fp_rounding rounding,
                   bool inexact)
{
    u128 r;
    bool up, lost, huge;
    if (take_nan(e, f, f, 1, &a, &r))
        return r;
    struct num x = unpack(e, f, a);
    if (x.class == INFINITE || (x.class == FINITE && x.exp >= (int)formats[f].fraction))
        return a;
    r = to_integer(x, rounding, &up, &lost, &huge);
    uint32_t flags = e->flags & ~(uint32_t)(FPSCR_FR | FPSCR_FI);
    if (lost && inexact)
        flags |= FPSCR_XX | FPSCR_FI | (up ? FPSCR_FR : 0);
    struct num n = {.class = FINITE, .sign = x.sign, .exp = 127, .hi = r};
    normalize(&n);
    r = round_or_zero(e, f, n);
    e->flags = flags;
    return r;
}

u128 fpx_to_int(struct fp_env *e, enum fp_format f, u128 a, enum fp_rounding rounding,
                bool is_signed, unsigned bits)
{
    u128 least = is_signed ? (u128)1 << (bits - 1) : 0, most = ones(bits - is_signed), limit;
    bool up, lost, huge;
    if (fpx_is_nan(f, a)) {
        e->flags |= FPSCR_VXCVI | (fpx_is_snan(f, a) ? FPSCR_VXSNAN : 0);
        return least;
    }
    struct num x = unpack(e, f, a);
    u128 m = to_integer(x, rounding, &up, &lost, &huge);
    limit = x.sign ? least : most;
    if (huge || m > limit) {
        e->flags |= FPSCR_VXCVI;
        return limit;
    }
    if (lost)
        e->flags |= FPSCR_XX | FPSCR_FI | (up ? FPSCR_FR : 0);
    return (x.sign ? -m : m) & ones(bits);
}

u128 fpx_from_int(struct fp_env *e, enum fp_format to, u128 a, bool is_signed, int scale)
{
    bool sign = is_signed && (s128)a < 0;
    if (a == 0)
        return 0;
    struct num n = {.class = FINITE, .sign = sign, .exp = 127 - scale, .hi = sign ? -a : a};
    normalize(&n);
    return fpx_round(e, to, n);
}

/* ---- Comparison ---- */

unsigned fpx_compare(const struct fp_env *e, enum fp_format f, u128 a, u128 b)
{
    if (fpx_is_nan(f, a) || fpx_is_nan(f, b))
        return 1;
    if (e->flush && fpx_is_denormal(f, a))
        a = fpx_zero(f, false);
    if (e->flush && fpx_is_denormal(f, b))
        b = fpx_zero(f, false);
    u128 x = fpx_abs(f, a), y = fpx_abs(f, b);
    if (x == 0 && y == 0)
        return 2;
    bool sx = fpx_sign(f, a), sy = fpx_sign(f, b);
    if (sx != sy)
        return sx ? 8 : 4;
    if (x == y)
        return 2;
    return (x < y) != sx ? 8 : 4;
}
