/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arithmetic of fp_exact.h: unpack to an integer significand and an exponent,
 * compute without loss (a sticky lowest bit stands for all that lies below),
 * round once.
 */
#include "translate/a64/fp_exact.h"

typedef unsigned __int128 u128;

struct format {
    int bits, fraction, exponent; /* widths */
};
static const struct format formats[] = {
    [FP_H] = {16, 10, 5},
    [FP_S] = {32, 23, 8},
    [FP_D] = {64, 52, 11},
};

enum class { ZERO, FINITE, INFINITE, QNAN, SNAN };

/* A finite value is mant * 2^exp. */
struct num {
    enum class class;
    bool sign;
    int exp;
    u128 mant;
};

static uint64_t sign_bit(enum fp_size size, bool sign)
{
    return (uint64_t)sign << (formats[size].bits - 1);
}

static uint64_t ones(int n)
{
    return (1ull << n) - 1;
}

static uint64_t fp_zero(enum fp_size size, bool sign)
{
    return sign_bit(size, sign);
}

static uint64_t fp_infinity(enum fp_size size, bool sign)
{
    return sign_bit(size, sign) | ones(formats[size].exponent) << formats[size].fraction;
}

static uint64_t fp_max_normal(enum fp_size size, bool sign)
{
    return fp_infinity(size, sign) - 1;
}

static uint64_t default_nan(enum fp_size size)
{
    return fp_infinity(size, false) | 1ull << (formats[size].fraction - 1);
}

static int min_exponent(enum fp_size size)
{
    return 2 - (1 << (formats[size].exponent - 1));
}

static bool flushes(const struct fp_env *env, enum fp_size size)
{
    return env->fpcr & (size == FP_H ? A64_FPCR_FZ16 : A64_FPCR_FZ);
}

/* FPUnpackBase.  Conversions between formats (cv) heed AHP but not FZ16, all
 * other operations the reverse. */
static struct num unpack(struct fp_env *env, enum fp_size size, uint64_t x, bool cv)
{
    const struct format *f = &formats[size];
    uint64_t frac = x & ones(f->fraction);
    int biased = x >> f->fraction & ones(f->exponent);
    struct num n = {.class = FINITE, .sign = x >> (f->bits - 1) & 1};
    if (biased == 0) {
        if (frac && flushes(env, size) && !(cv && size == FP_H)) {
            if (size != FP_H)
                env->fpsr |= FPSR_IDC;
            frac = 0;
        }
        if (frac == 0)
            n.class = ZERO;
        biased = 1;
    } else if (biased == (int)ones(f->exponent) &&
               !(cv && size == FP_H && env->fpcr & A64_FPCR_AHP)) {
        n.class = frac == 0 ? INFINITE : frac >> (f->fraction - 1) ? QNAN : SNAN;
        return n;
    } else {
        frac |= 1ull << f->fraction;
    }
    n.mant = frac;
    n.exp = biased - 1 + min_exponent(size) - f->fraction;
    return n;
}

static bool is_nan(struct num n)
{
    return n.class >= QNAN;
}

static int top_bit(u128 x)
{
    uint64_t high = x >> 64;
    return high ? 127 - __builtin_clzll(high) : 63 - __builtin_clzll((uint64_t)x);
}

/* x >> n, the lowest bit of the result also set if any bit was lost */
static u128 shift_right_sticky(u128 x, int n)
{
    if (n <= 0)
        return x;
    if (n > 127)
        return x != 0;
    return x >> n | ((x & (((u128)1 << n) - 1)) != 0);
}

/* How the part that rounding drops compares with half a unit. */
enum error { EXACT, BELOW_HALF, HALF, ABOVE_HALF };

/* x >> n with the error, n >= 0 */
static u128 shift_right_error(u128 x, int n, enum error *error)
{
    if (n == 0 || x == 0) {
        *error = EXACT;
        return x;
    }
    if (n > 128) {
        *error = BELOW_HALF;
        return 0;
    }
    u128 half = (u128)1 << (n - 1), rest = n == 128 ? x : x & (((u128)1 << n) - 1);
    *error = rest == 0 ? EXACT : rest < half ? BELOW_HALF : rest == half ? HALF : ABOVE_HALF;
    return n == 128 ? 0 : x >> n;
}

static bool rounds_up(enum fp_rounding rounding, bool sign, bool odd, enum error error)
{
    switch (rounding) {
    case FP_EVEN:
        return error == ABOVE_HALF || (error == HALF && odd);
    case FP_UP:
        return error != EXACT && !sign;
    case FP_DOWN:
        return error != EXACT && sign;
    case FP_AWAY:
        return error >= HALF;
    default:
        return false;
    }
}

/* FPRoundBase of (sign) mant * 2^exp, mant not 0, its lowest bit sticky. */
static uint64_t fp_round_base(struct fp_env *env, enum fp_size size, bool sign, int exp, u128 mant,
                              enum fp_rounding rounding, bool cv)
{
    const struct format *f = &formats[size];
    bool alternative = cv && size == FP_H && env->fpcr & A64_FPCR_AHP;
    int up = 127 - top_bit(mant);
    mant <<= up;
    exp += 127 - up;

    int minimum = min_exponent(size);
    if (exp < minimum && flushes(env, size) && !(cv && size == FP_H)) {
        env->fpsr |= FPSR_UFC;
        return fp_zero(size, sign);
    }
    int biased = exp < minimum ? 0 : exp - minimum + 1;
    int down = 127 - f->fraction + (biased ? 0 : minimum - exp);
    enum error error;
    uint64_t m = shift_right_error(mant, down, &error);
    if (biased == 0 && error != EXACT)
        env->fpsr |= FPSR_UFC;
    if (rounds_up(rounding, sign, m & 1, error)) {
        m++;
        if (biased == 0 && m == 1ull << f->fraction)
            biased = 1;
        if (m == 2ull << f->fraction) {
            biased++;
            m >>= 1;
        }
    }
    if (rounding == FP_ODD && error != EXACT)
        m |= 1;

    int limit = (int)ones(f->exponent);
    if (alternative ? biased > limit : biased >= limit) {
        if (alternative) {
            env->fpsr |= FPSR_IOC;
            return sign_bit(size, sign) | ones(f->bits - 1);
        }
        env->fpsr |= FPSR_OFC | FPSR_IXC;
        bool to_infinity =
            rounding == FP_EVEN || rounding == FP_AWAY || rounding == (sign ? FP_DOWN : FP_UP);
        return to_infinity ? fp_infinity(size, sign) : fp_max_normal(size, sign);
    }
    if (error != EXACT)
        env->fpsr |= FPSR_IXC;
    return sign_bit(size, sign) | (uint64_t)biased << f->fraction | (m & ones(f->fraction));
}

static uint64_t fp_round(struct fp_env *env, enum fp_size size, bool sign, int exp, u128 mant)
{
    return fp_round_base(env, size, sign, exp, mant, fp_mode(env), false);
}

/* ---- NaNs ---- */

static uint64_t invalid(struct fp_env *env, enum fp_size size)
{
    env->fpsr |= FPSR_IOC;
    return default_nan(size);
}

static uint64_t process_nan(struct fp_env *env, enum fp_size size, enum class class, uint64_t x)
{
    if (class == SNAN) {
        env->fpsr |= FPSR_IOC;
        x |= 1ull << (formats[size].fraction - 1);
    }
    return env->fpcr & A64_FPCR_DN ? default_nan(size) : x;
}

/* FPProcessNaNs, FPProcessNaNs3: true if one of the n operands is a NaN */
static bool process_nans(struct fp_env *env, enum fp_size size, int n, const struct num *num,
                         const uint64_t *x, uint64_t *result)
{
    for (enum class class = SNAN; class >= QNAN; class --)
        for (int i = 0; i < n; i++)
            if (num[i].class == class) {
                *result = process_nan(env, size, class, x[i]);
                return true;
            }
    return false;
}

static bool process_nans2(struct fp_env *env, enum fp_size size, struct num a, struct num b,
                          uint64_t x, uint64_t y, uint64_t *result)
{
    return process_nans(env, size, 2, (struct num[]){a, b}, (uint64_t[]){x, y}, result);
}

uint64_t fp_abs(struct fp_env *env, enum fp_size size, uint64_t x)
{
    (void)env;
    return x & ~sign_bit(size, true);
}

uint64_t fp_neg(struct fp_env *env, enum fp_size size, uint64_t x)
{
    (void)env;
    return x ^ sign_bit(size, true);
}

/* ---- Arithmetic ---- */

/* The sum of two finite numbers; class ZERO if it is exactly 0.  Both are
 * brought to 126 bits, so what the alignment drops is only ever sticky. */
static struct num exact_sum(struct num a, struct num b)
{
    if (a.mant == 0 || b.mant == 0)
        return a.mant ? a : b;
    int up = 125 - top_bit(a.mant);
    a.mant <<= up;
    a.exp -= up;
    up = 125 - top_bit(b.mant);
    b.mant <<= up;
    b.exp -= up;
    if (a.exp < b.exp || (a.exp == b.exp && a.mant < b.mant)) {
        struct num t = a;
        a = b;
        b = t;
    }
    b.mant = shift_right_sticky(b.mant, a.exp - b.exp);
    a.mant = a.sign == b.sign ? a.mant + b.mant : a.mant - b.mant;
    if (a.mant == 0)
        a.class = ZERO;
    return a;
}

static struct num exact_product(struct num a, struct num b)
{
    return (struct num){.class = a.mant && b.mant ? FINITE : ZERO,
                        .sign = a.sign ^ b.sign,
                        .exp = a.exp + b.exp,
                        .mant = a.mant * b.mant};
}

/* Rounds the sum of two finite numbers; a zero sum of unlike terms has the
 * sign that the rounding mode gives. */
static uint64_t round_sum(struct fp_env *env, enum fp_size size, struct num a, struct num b)
{
    if (a.mant == 0 && b.mant == 0 && a.sign == b.sign)
        return fp_zero(size, a.sign);
    struct num sum = exact_sum(a, b);
    if (sum.mant == 0)
        return fp_zero(size, fp_mode(env) == FP_DOWN);
    return fp_round(env, size, sum.sign, sum.exp, sum.mant);
}

uint64_t fp_add(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    struct num a = unpack(env, size, x, false), b = unpack(env, size, y, false);
    uint64_t r;
    if (process_nans2(env, size, a, b, x, y, &r))
        return r;
    if (a.class == INFINITE && b.class == INFINITE && a.sign != b.sign)
        return invalid(env, size);
    if (a.class == INFINITE || b.class == INFINITE)
        return fp_infinity(size, a.class == INFINITE ? a.sign : b.sign);
    return round_sum(env, size, a, b);
}

uint64_t fp_sub(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    struct num a = unpack(env, size, x, false), b = unpack(env, size, y, false);
    uint64_t r;
    if (process_nans2(env, size, a, b, x, y, &r))
        return r;
    if (a.class == INFINITE && b.class == INFINITE && a.sign == b.sign)
        return invalid(env, size);
    if (a.class == INFINITE || b.class == INFINITE)
        return fp_infinity(size, a.class == INFINITE ? a.sign : !b.sign);
    b.sign = !b.sign;
    return round_sum(env, size, a, b);
}

uint64_t fp_abs_diff(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    return fp_abs(env, size, fp_sub(env, size, x, y));
}

/* FPMul, and FPMulX (extended), where infinity times zero is 2 */
static uint64_t multiply(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y,
                         bool extended)
{
    struct num a = unpack(env, size, x, false), b = unpack(env, size, y, false);
    uint64_t r;
    if (process_nans2(env, size, a, b, x, y, &r))
        return r;
    bool sign = a.sign ^ b.sign;
    if ((a.class == INFINITE && b.class == ZERO) || (a.class == ZERO && b.class == INFINITE))
        return extended ? fp_round(env, size, sign, 1, 1) : invalid(env, size);
    if (a.class == INFINITE || b.class == INFINITE)
        return fp_infinity(size, sign);
    struct num product = exact_product(a, b);
    return product.mant ? fp_round(env, size, sign, product.exp, product.mant)
                        : fp_zero(size, sign);
}

uint64_t fp_mul(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    return multiply(env, size, x, y, false);
}

uint64_t fp_mulx(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    return multiply(env, size, x, y, true);
}

uint64_t fp_nmul(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    return fp_neg(env, size, fp_mul(env, size, x, y));
}

uint64_t fp_div(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    struct num a = unpack(env, size, x, false), b = unpack(env, size, y, false);
    uint64_t r;
    if (process_nans2(env, size, a, b, x, y, &r))
        return r;
    bool sign = a.sign ^ b.sign;
    if (a.class == b.class && (a.class == INFINITE || a.class == ZERO))
        return invalid(env, size);
    if (a.class == INFINITE || b.class == ZERO) {
        if (a.class != INFINITE)
            env->fpsr |= FPSR_DZC;
        return fp_infinity(size, sign);
    }
    if (a.class == ZERO || b.class == INFINITE)
        return fp_zero(size, sign);
    int up = 126 - top_bit(a.mant);
    u128 n = a.mant << up;
    u128 quotient = n / b.mant;
    quotient |= quotient * b.mant != n;
    return fp_round(env, size, sign, a.exp - up - b.exp, quotient);
}

/* floor of the square root of a 126-bit number */
static uint64_t integer_sqrt(u128 x)
{
    u128 root = 0;
    for (int bit = 62; bit >= 0; bit--) {
        u128 t = root | (u128)1 << bit;
        if (t * t <= x)
            root = t;
    }
    return root;
}

uint64_t fp_sqrt(struct fp_env *env, enum fp_size size, uint64_t x)
{
    struct num a = unpack(env, size, x, false);
    if (is_nan(a))
        return process_nan(env, size, a.class, x);
    if (a.class == ZERO)
        return fp_zero(size, a.sign);
    if (a.sign)
        return invalid(env, size);
    if (a.class == INFINITE)
        return fp_infinity(size, false);
    int up = 124 - top_bit(a.mant);
    up += (a.exp - up) & 1;
    a.mant <<= up;
    a.exp -= up;
    u128 root = integer_sqrt(a.mant);
    /* one more bit below the root's last for the sticky bit */
    u128 mant = root << 1 | (root * root != a.mant);
    return fp_round(env, size, false, a.exp / 2 - 1, mant);
}

/* FPMulAdd; halved: (addend + x * y) / 2 (FPRSqrtStepFused) */
static uint64_t muladd_finite(struct fp_env *env, enum fp_size size, struct num addend,
                              struct num a, struct num b, bool halved)
{
    struct num product = exact_product(a, b);
    addend.exp -= halved;
    product.exp -= halved;
    return round_sum(env, size, addend, product);
}

uint64_t fp_muladd(struct fp_env *env, enum fp_size size, uint64_t addend, uint64_t x, uint64_t y)
{
    struct num n[3] = {unpack(env, size, addend, false), unpack(env, size, x, false),
                       unpack(env, size, y, false)};
    struct num c = n[0], a = n[1], b = n[2];
    bool inf_by_zero =
        (a.class == INFINITE && b.class == ZERO) || (a.class == ZERO && b.class == INFINITE);
    uint64_t r;
    bool nan = process_nans(env, size, 3, n, (uint64_t[]){addend, x, y}, &r);
    if (c.class == QNAN && inf_by_zero)
        return invalid(env, size);
    if (nan)
        return r;
    bool product_sign = a.sign ^ b.sign;
    bool product_inf = a.class == INFINITE || b.class == INFINITE;
    if (inf_by_zero || (c.class == INFINITE && product_inf && c.sign != product_sign))
        return invalid(env, size);
    if (c.class == INFINITE)
        return fp_infinity(size, c.sign);
    if (product_inf)
        return fp_infinity(size, product_sign);
    return muladd_finite(env, size, c, a, b, false);
}

/* ---- Comparison, minimum, maximum ---- */

/* -1, 0, 1 of two that are no NaNs */
static int order(struct num a, struct num b)
{
    if (a.class == ZERO && b.class == ZERO)
        return 0;
    if (a.class == INFINITE || b.class == INFINITE) {
        int x = a.class == INFINITE ? a.sign ? -1 : 1 : 0;
        int y = b.class == INFINITE ? b.sign ? -1 : 1 : 0;
        return (x > y) - (x < y);
    }
    b.sign = !b.sign;
    struct num difference = exact_sum(a, b);
    return difference.mant == 0 ? 0 : difference.sign ? -1 : 1;
}

unsigned fp_compare(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y, bool signal_nans)
{
    struct num a = unpack(env, size, x, false), b = unpack(env, size, y, false);
    if (is_nan(a) || is_nan(b)) {
        if (a.class == SNAN || b.class == SNAN || signal_nans)
            env->fpsr |= FPSR_IOC;
        return 3;
    }
    int o = order(a, b);
    return o == 0 ? 6 : o < 0 ? 8 : 2;
}

uint64_t fp_eq(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    return fp_compare(env, size, x, y, false) == 6;
}

uint64_t fp_ge(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    unsigned nzcv = fp_compare(env, size, x, y, true);
    return nzcv == 6 || nzcv == 2;
}

uint64_t fp_gt(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    return fp_compare(env, size, x, y, true) == 2;
}

uint64_t fp_abs_ge(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    return fp_ge(env, size, fp_abs(env, size, x), fp_abs(env, size, y));
}

uint64_t fp_abs_gt(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    return fp_gt(env, size, fp_abs(env, size, x), fp_abs(env, size, y));
}

static uint64_t extreme(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y, bool max)
{
    struct num a = unpack(env, size, x, false), b = unpack(env, size, y, false);
    uint64_t r;
    if (process_nans2(env, size, a, b, x, y, &r))
        return r;
    if (a.class == ZERO && b.class == ZERO)
        return fp_zero(size, max ? a.sign && b.sign : a.sign || b.sign);
    bool first = max ? order(a, b) > 0 : order(a, b) < 0;
    return (first ? a : b).class == ZERO ? fp_zero(size, (first ? a : b).sign) : first ? x : y;
}

uint64_t fp_max(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    return extreme(env, size, x, y, true);
}

uint64_t fp_min(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    return extreme(env, size, x, y, false);
}

/* A quiet NaN gives way to a number. */
static uint64_t extreme_number(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y,
                               bool max)
{
    struct fp_env quiet = *env;
    bool x_qnan = unpack(&quiet, size, x, false).class == QNAN;
    bool y_qnan = unpack(&quiet, size, y, false).class == QNAN;
    if (x_qnan && !y_qnan)
        x = fp_infinity(size, max);
    else if (!x_qnan && y_qnan)
        y = fp_infinity(size, max);
    return extreme(env, size, x, y, max);
}

uint64_t fp_maxnum(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    return extreme_number(env, size, x, y, true);
}

uint64_t fp_minnum(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    return extreme_number(env, size, x, y, false);
}

/* ---- Conversion ---- */

/* FPConvertNaN: the top of the payload stays */
static uint64_t convert_nan(enum fp_size to, enum fp_size from, uint64_t x)
{
    const struct format *f = &formats[from], *t = &formats[to];
    uint64_t payload = x & ones(f->fraction - 1);
    payload = t->fraction < f->fraction ? payload >> (f->fraction - t->fraction)
                                        : payload << (t->fraction - f->fraction);
    return default_nan(to) | sign_bit(to, x >> (f->bits - 1) & 1) | payload;
}

uint64_t fp_convert(struct fp_env *env, enum fp_size to, enum fp_size from, uint64_t x,
                    enum fp_rounding rounding)
{
    struct num a = unpack(env, from, x, true);
    bool alternative = to == FP_H && env->fpcr & A64_FPCR_AHP;
    if (is_nan(a)) {
        if (a.class == SNAN || alternative)
            env->fpsr |= FPSR_IOC;
        return alternative               ? fp_zero(to, a.sign)
               : env->fpcr & A64_FPCR_DN ? default_nan(to)
                                         : convert_nan(to, from, x);
    }
    if (a.class == INFINITE) {
        if (!alternative)
            return fp_infinity(to, a.sign);
        env->fpsr |= FPSR_IOC;
        return sign_bit(to, a.sign) | ones(formats[to].bits - 1);
    }
    if (a.class == ZERO)
        return fp_zero(to, a.sign);
    return fp_round_base(env, to, a.sign, a.exp, a.mant, rounding, true);
}

/* The magnitude of mant * 2^exp rounded to an integer.  Values of 2^65 and
 * more become 2^65 (all users saturate or keep them as they are). */
static u128 round_to_integer(struct num a, enum fp_rounding rounding, bool *inexact)
{
    *inexact = false;
    if (a.mant == 0)
        return 0;
    if (a.exp >= 0)
        return top_bit(a.mant) + a.exp > 64 ? (u128)1 << 65 : a.mant << a.exp;
    enum error error;
    u128 n = shift_right_error(a.mant, -a.exp, &error);
    *inexact = error != EXACT;
    return n + rounds_up(rounding, a.sign, n & 1, error);
}

uint64_t fp_round_int(struct fp_env *env, enum fp_size size, uint64_t x, enum fp_rounding rounding,
                      bool inexact)
{
    struct num a = unpack(env, size, x, false);
    if (is_nan(a))
        return process_nan(env, size, a.class, x);
    if (a.class == INFINITE || (a.class == FINITE && a.exp >= 0))
        return x;
    bool rounded;
    u128 n = round_to_integer(a, rounding, &rounded);
    if (rounded && inexact)
        env->fpsr |= FPSR_IXC;
    return n ? fp_round_base(env, size, a.sign, 0, n, FP_ZERO, false) : fp_zero(size, a.sign);
}

uint64_t fp_round_int_n(struct fp_env *env, enum fp_size size, uint64_t x,
                        enum fp_rounding rounding, unsigned bits)
{
    struct num a = unpack(env, size, x, false);
    u128 limit = (u128)1 << (bits - 1);
    bool rounded = false, overflow = is_nan(a) || a.class == INFINITE;
    u128 n = 0;
    if (!overflow) {
        n = round_to_integer(a, rounding, &rounded);
        overflow = n > limit - !a.sign;
    }
    if (overflow) {
        env->fpsr |= FPSR_IOC;
        return fp_round_base(env, size, true, 0, limit, FP_ZERO, false);
    }
    if (rounded)
        env->fpsr |= FPSR_IXC;
    return n ? fp_round_base(env, size, a.sign, 0, n, FP_ZERO, false) : fp_zero(size, a.sign);
}

uint64_t fp_to_fixed(struct fp_env *env, enum fp_size size, uint64_t x, unsigned fbits,
                     bool is_unsigned, enum fp_rounding rounding, unsigned bits)
{
    struct num a = unpack(env, size, x, false);
    uint64_t mask = bits == 64 ? ~0ull : ones(bits);
    if (is_nan(a)) {
        env->fpsr |= FPSR_IOC;
        return 0;
    }
    u128 n = (u128)1 << 65;
    bool inexact = false;
    if (a.class != INFINITE) {
        a.exp += fbits;
        n = round_to_integer(a, rounding, &inexact);
    }
    u128 positive = is_unsigned ? mask : mask >> 1;
    u128 negative = is_unsigned ? 0 : (u128)(mask >> 1) + 1;
    u128 limit = a.sign ? negative : positive;
    if (n > limit) {
        env->fpsr |= FPSR_IOC;
        n = limit;
    } else if (inexact) {
        env->fpsr |= FPSR_IXC;
    }
    return (a.sign ? -(uint64_t)n : (uint64_t)n) & mask;
}

uint64_t fp_from_fixed(struct fp_env *env, enum fp_size size, uint64_t x, unsigned fbits,
                       bool is_unsigned, enum fp_rounding rounding, unsigned bits)
{
    uint64_t mask = bits == 64 ? ~0ull : ones(bits);
    x &= mask;
    if (x == 0)
        return fp_zero(size, false);
    bool sign = !is_unsigned && x >> (bits - 1);
    uint64_t magnitude = sign ? -x & mask : x;
    return fp_round_base(env, size, sign, -(int)fbits, magnitude, rounding, false);
}

uint32_t fp_to_js_int(struct fp_env *env, uint64_t x, bool *exact)
{
    struct num a = unpack(env, FP_D, x, false);
    *exact = false;
    if (a.class >= INFINITE) {
        env->fpsr |= FPSR_IOC;
        return 0;
    }
    if (a.class == ZERO) {
        *exact = !a.sign; /* a subnormal may have been flushed */
        return 0;
    }
    enum error error = EXACT;
    uint64_t low;
    bool large;
    if (a.exp >= 0) {
        low = a.exp < 32 ? (uint64_t)a.mant << a.exp : 0;
        large = true;
    } else {
        low = shift_right_error(a.mant, -a.exp, &error);
        large = low > 0x7fffffffull + a.sign;
    }
    if (large)
        env->fpsr |= FPSR_IOC;
    else if (error != EXACT)
        env->fpsr |= FPSR_IXC;
    else
        *exact = true;
    return a.sign ? -(uint32_t)low : (uint32_t)low;
}

/* ---- Estimates ---- */

/* RecipEstimate: of a in 256..511, 256..511 */
static unsigned recip_estimate(unsigned a)
{
    return ((1u << 19) / (2 * a + 1) + 1) / 2;
}

/* RecipSqrtEstimate: of a in 128..511, 256..511 */
static unsigned rsqrt_estimate(unsigned a)
{
    a = a < 256 ? 2 * a + 1 : ((a & ~1u) + 1) * 2;
    unsigned b = 512;
    while (a * (b + 1) * (b + 1) < 1u << 28)
        b++;
    return (b + 1) / 2;
}

uint32_t fp_unsigned_recip_estimate(uint32_t x)
{
    return x >> 31 ? recip_estimate(x >> 23) << 23 : ~0u;
}

uint32_t fp_unsigned_rsqrt_estimate(uint32_t x)
{
    return x >> 30 ? rsqrt_estimate(x >> 23) << 23 : ~0u;
}

uint64_t fp_recip_estimate(struct fp_env *env, enum fp_size size, uint64_t x)
{
    const struct format *f = &formats[size];
    struct num a = unpack(env, size, x, false);
    if (is_nan(a))
        return process_nan(env, size, a.class, x);
    if (a.class == INFINITE)
        return fp_zero(size, a.sign);
    if (a.class == ZERO) {
        env->fpsr |= FPSR_DZC;
        return fp_infinity(size, a.sign);
    }
    int bias = (int)ones(f->exponent - 1);
    int exp = top_bit(a.mant) + a.exp; /* of the normalized value */
    if (exp < -(bias + 1)) {           /* the reciprocal overflows */
        env->fpsr |= FPSR_OFC | FPSR_IXC;
        enum fp_rounding mode = fp_mode(env);
        bool to_infinity = mode == FP_EVEN || mode == (a.sign ? FP_DOWN : FP_UP);
        return to_infinity ? fp_infinity(size, a.sign) : fp_max_normal(size, a.sign);
    }
    if (exp >= bias - 1 && flushes(env, size)) {
        env->fpsr |= FPSR_UFC;
        return fp_zero(size, a.sign);
    }
    /* 1.eeeeeeee * 2^result */
    int result = -1 - exp + bias;
    uint64_t top = (uint64_t)(a.mant << (63 - top_bit(a.mant))) >> 55;
    uint64_t frac = (uint64_t)(recip_estimate(top) & 0xff) << 44;
    if (result <= 0) {
        frac = (1ull << 52 | frac) >> (1 - result);
        result = 0;
    }
    return sign_bit(size, a.sign) | (uint64_t)result << f->fraction | frac >> (52 - f->fraction);
}

uint64_t fp_rsqrt_estimate(struct fp_env *env, enum fp_size size, uint64_t x)
{
    const struct format *f = &formats[size];
    struct num a = unpack(env, size, x, false);
    if (is_nan(a))
        return process_nan(env, size, a.class, x);
    if (a.class == ZERO) {
        env->fpsr |= FPSR_DZC;
        return fp_infinity(size, a.sign);
    }
    if (a.sign)
        return invalid(env, size);
    if (a.class == INFINITE)
        return fp_zero(size, false);
    int bias = (int)ones(f->exponent - 1);
    int biased = top_bit(a.mant) + a.exp + bias;
    uint64_t top = (uint64_t)(a.mant << (63 - top_bit(a.mant))) >> 55;
    /* An odd biased exponent is an even true one (bias is odd). */
    unsigned estimate = rsqrt_estimate(biased & 1 ? top >> 1 : top);
    int result = (3 * bias - 1 - biased) >> 1;
    return (uint64_t)result << f->fraction | (uint64_t)(estimate & 0xff) << (f->fraction - 8);
}

uint64_t fp_recip_exponent(struct fp_env *env, enum fp_size size, uint64_t x)
{
    const struct format *f = &formats[size];
    struct num a = unpack(env, size, x, false);
    if (is_nan(a))
        return process_nan(env, size, a.class, x);
    uint64_t exp = x >> f->fraction & ones(f->exponent);
    exp = exp == 0 ? ones(f->exponent) - 1 : ~exp & ones(f->exponent);
    return sign_bit(size, a.sign) | exp << f->fraction;
}

/* constant - x * y, halved for the square root's: FPRecipStepFused,
 * FPRSqrtStepFused */
static uint64_t step(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y,
                     unsigned constant, bool halved)
{
    x = fp_neg(env, size, x);
    struct num a = unpack(env, size, x, false), b = unpack(env, size, y, false);
    uint64_t r;
    if (process_nans2(env, size, a, b, x, y, &r))
        return r;
    struct num c = {.class = FINITE, .mant = constant};
    if ((a.class == INFINITE && b.class == ZERO) || (a.class == ZERO && b.class == INFINITE))
        return fp_round(env, size, false, -halved, constant);
    if (a.class == INFINITE || b.class == INFINITE)
        return fp_infinity(size, a.sign ^ b.sign);
    return muladd_finite(env, size, c, a, b, halved);
}

uint64_t fp_recip_step(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    return step(env, size, x, y, 2, false);
}

uint64_t fp_rsqrt_step(struct fp_env *env, enum fp_size size, uint64_t x, uint64_t y)
{
    return step(env, size, x, y, 3, true);
}
