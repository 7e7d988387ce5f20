/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exact packed and zoned decimal instructions (Power ISA 3.1, Book I, 6.17). */
#include "translate/ppc/vmx.h"

/* ---- Packed decimal: 31 digits from the left, then the sign ---- */

enum { DIGITS = 31 };

struct decimal {
    bool negative, invalid;
    uint8_t digit[DIGITS]; /* [0] is the lowest */
};

static unsigned nibble(const v128 *v, unsigned i)
{
    return (unsigned)(v_quad(v) >> 4 * i) & 15;
}

static bool is_minus(unsigned sign)
{
    return sign == 0xb || sign == 0xd;
}

static struct decimal unpack(const v128 *v)
{
    struct decimal d = {.negative = is_minus(nibble(v, 0)), .invalid = nibble(v, 0) < 10};
    for (unsigned i = 0; i < DIGITS; i++) {
        d.digit[i] = (uint8_t)nibble(v, i + 1);
        d.invalid |= d.digit[i] > 9;
    }
    return d;
}

static bool is_zero(const struct decimal *d)
{
    for (unsigned i = 0; i < DIGITS; i++)
        if (d->digit[i])
            return false;
    return true;
}

/* Preferred signs: C or F (ps) for plus, D for minus. */
static v128 pack(const struct decimal *d, bool ps, bool negative)
{
    u128 r = negative ? 0xd : ps ? 0xf : 0xc;
    for (unsigned i = 0; i < DIGITS; i++)
        r |= (u128)(d->digit[i] & 15) << 4 * (i + 1);
    return v_of_quad(r);
}

/* CR6 of a result; overflow or an invalid operand sets SO. */
static void set_cr6(struct vmx *w, bool zero, bool negative, bool so)
{
    w->cpu->g[PPC_CR + 6] = (zero ? CR_EQ : negative ? CR_LT : CR_GT) | (so ? CR_SO : 0);
}

static void set_invalid(struct vmx *w)
{
    w->cpu->g[PPC_CR + 6] = CR_SO;
}

static int compare_magnitude(const struct decimal *a, const struct decimal *b)
{
    for (int i = DIGITS - 1; i >= 0; i--)
        if (a->digit[i] != b->digit[i])
            return a->digit[i] > b->digit[i] ? 1 : -1;
    return 0;
}

static bool add_magnitude(struct decimal *r, const struct decimal *a, const struct decimal *b)
{
    unsigned carry = 0;
    for (unsigned i = 0; i < DIGITS; i++) {
        unsigned s = a->digit[i] + b->digit[i] + carry;
        carry = s > 9;
        r->digit[i] = (uint8_t)(carry ? s - 10 : s);
    }
    return carry;
}

static void sub_magnitude(struct decimal *r, const struct decimal *a, const struct decimal *b)
{
    int borrow = 0;
    for (unsigned i = 0; i < DIGITS; i++) {
        int s = a->digit[i] - b->digit[i] - borrow;
        borrow = s < 0;
        r->digit[i] = (uint8_t)(borrow ? s + 10 : s);
    }
}

static void add(struct vmx *w, bool subtract)
{
    struct decimal a = unpack(&w->a), b = unpack(&w->b), r = {0};
    bool ps = w->insn & 0x200, overflow = false;
    if (a.invalid || b.invalid) {
        set_invalid(w);
        w->r.q = 0;
        return;
    }
    b.negative ^= subtract;
    if (a.negative == b.negative) {
        overflow = add_magnitude(&r, &a, &b);
        r.negative = a.negative;
    } else if (compare_magnitude(&a, &b) >= 0) {
        sub_magnitude(&r, &a, &b);
        r.negative = a.negative;
    } else {
        sub_magnitude(&r, &b, &a);
        r.negative = b.negative;
    }
    bool zero = is_zero(&r) && !overflow;
    r.negative &= !zero;
    w->r = pack(&r, ps, r.negative);
    set_cr6(w, zero, r.negative, overflow);
}

/* ---- Shifts and truncation ---- */

static int shift_count(const struct vmx *w)
{
    int n = (int8_t)v_get(&w->a, SIZE_B, 7);
    return n < -DIGITS ? -DIGITS : n;
}

/* Moves digits up by n, or down; true if digits other than 0 were lost. */
static bool shift(uint8_t *digit, unsigned count, int n)
{
    uint8_t old[32];
    bool lost = false;
    memcpy(old, digit, count);
    for (unsigned i = 0; i < count; i++) {
        int from = (int)i - n;
        digit[i] = from >= 0 && from < (int)count ? old[from] : 0;
        if (n > 0 && (int)i + n >= (int)count)
            lost |= old[i] != 0;
    }
    return lost;
}

static void shift_signed(struct vmx *w, bool round)
{
    struct decimal b = unpack(&w->b);
    bool ps = w->insn & 0x200;
    int n = shift_count(w);
    if (b.invalid) {
        set_invalid(w);
        w->r.q = 0;
        return;
    }
    unsigned last = n < 0 && n >= -DIGITS ? b.digit[-n - 1] : 0;
    bool lost = shift(b.digit, DIGITS, n);
    if (round && last >= 5) {
        struct decimal one = {.digit = {1}};
        add_magnitude(&b, &b, &one);
    }
    bool zero = is_zero(&b);
    w->r = pack(&b, ps, b.negative);
    set_cr6(w, zero, b.negative, lost);
}

static void shift_unsigned(struct vmx *w)
{
    uint8_t digit[32];
    bool invalid = false, zero = true;
    for (unsigned i = 0; i < 32; i++) {
        digit[i] = (uint8_t)nibble(&w->b, i);
        invalid |= digit[i] > 9;
    }
    if (invalid) {
        set_invalid(w);
        w->r.q = 0;
        return;
    }
    bool lost = shift(digit, 32, shift_count(w));
    u128 r = 0;
    for (unsigned i = 0; i < 32; i++) {
        r |= (u128)digit[i] << 4 * i;
        zero &= digit[i] == 0;
    }
    w->r = v_of_quad(r);
    set_cr6(w, zero, false, lost);
}

static void truncate(struct vmx *w, bool is_signed)
{
    unsigned keep = (unsigned)v_get(&w->a, SIZE_H, 3), most = is_signed ? 31 : 32;
    bool invalid = is_signed && nibble(&w->b, 0) < 10, lost = false, zero = true;
    bool negative = is_signed && is_minus(nibble(&w->b, 0));
    u128 r = 0;
    for (unsigned i = 0; i < most; i++) {
        unsigned at = i + is_signed, digit = nibble(&w->b, at);
        invalid |= digit > 9;
        if (i < keep) {
            r |= (u128)digit << 4 * at;
            zero &= digit == 0;
        } else {
            lost |= digit != 0;
        }
    }
    if (invalid) {
        set_invalid(w);
        w->r.q = 0;
        return;
    }
    if (is_signed)
        r |= negative ? 0xd : w->insn & 0x200 ? 0xf : 0xc;
    w->r = v_of_quad(r);
    set_cr6(w, zero, negative && !zero, lost);
}

/* ---- Conversion ---- */

static void copy_sign(struct vmx *w)
{
    struct decimal a = unpack(&w->a), b = unpack(&w->b);
    if (a.invalid || b.invalid) {
        set_invalid(w);
        w->r.q = 0;
        return;
    }
    w->r = v_of_quad((v_quad(&w->a) & ~(u128)15) | nibble(&w->b, 0));
    set_cr6(w, is_zero(&a), b.negative, false);
}

/* National decimal: 7 digits and the sign as 16-bit characters. */
static void from_national(struct vmx *w, bool ps)
{
    struct decimal d = {0};
    unsigned sign = (unsigned)v_get(&w->b, SIZE_H, 7);
    bool invalid = sign != 0x2b && sign != 0x2d;
    for (unsigned i = 0; i < 7; i++) {
        unsigned c = (unsigned)v_get(&w->b, SIZE_H, 6 - i);
        invalid |= c < 0x30 || c > 0x39;
        d.digit[i] = c & 15;
    }
    d.negative = sign == 0x2d;
    if (invalid) {
        set_invalid(w);
        w->r.q = 0;
        return;
    }
    w->r = pack(&d, ps, d.negative);
    set_cr6(w, is_zero(&d), d.negative, false);
}

static void to_national(struct vmx *w)
{
    struct decimal b = unpack(&w->b);
    bool lost = false;
    if (b.invalid) {
        set_invalid(w);
        w->r.q = 0;
        return;
    }
    for (unsigned i = 7; i < DIGITS; i++)
        lost |= b.digit[i] != 0;
    for (unsigned i = 0; i < 7; i++)
        v_set(&w->r, SIZE_H, 6 - i, 0x30u + b.digit[i]);
    v_set(&w->r, SIZE_H, 7, b.negative ? 0x2d : 0x2b);
    set_cr6(w, is_zero(&b), b.negative, lost);
}

/* Zoned: a digit in each byte's low half; the sign is the last byte's high half. */
static void from_zoned(struct vmx *w, bool ps)
{
    struct decimal d = {0};
    bool invalid = false;
    for (unsigned i = 0; i < 16; i++) {
        unsigned c = (unsigned)v_get(&w->b, SIZE_B, 15 - i), zone = c >> 4;
        d.digit[i] = c & 15;
        invalid |= d.digit[i] > 9;
        if (i)
            invalid |= zone != (ps ? 0xf : 3);
        else
            d.negative = ps ? is_minus(zone) : zone & 4;
        if (i == 0 && ps)
            invalid |= zone < 10;
    }
    if (invalid) {
        set_invalid(w);
        w->r.q = 0;
        return;
    }
    w->r = pack(&d, false, d.negative);
    set_cr6(w, is_zero(&d), d.negative, false);
}

static void to_zoned(struct vmx *w, bool ps)
{
    struct decimal b = unpack(&w->b);
    bool lost = false;
    if (b.invalid) {
        set_invalid(w);
        w->r.q = 0;
        return;
    }
    for (unsigned i = 16; i < DIGITS; i++)
        lost |= b.digit[i] != 0;
    for (unsigned i = 0; i < 16; i++) {
        unsigned zone = ps ? 0xf : 3;
        if (i == 0)
            zone = ps ? b.negative ? 0xd : 0xc : b.negative ? 7 : 3;
        v_set(&w->r, SIZE_B, 15 - i, zone << 4 | b.digit[i]);
    }
    set_cr6(w, is_zero(&b), b.negative, lost);
}

static void from_quad(struct vmx *w, bool ps)
{
    struct decimal d = {0};
    bool negative = (s128)v_quad(&w->b) < 0;
    u128 x = negative ? -v_quad(&w->b) : v_quad(&w->b);
    bool zero = x == 0;
    for (unsigned i = 0; i < DIGITS; i++, x /= 10)
        d.digit[i] = (uint8_t)(x % 10);
    if (x == 0) /* else it has more digits, and the result is undefined */
        w->r = pack(&d, ps, negative);
    set_cr6(w, zero, negative, x != 0);
}

static void to_quad(struct vmx *w)
{
    struct decimal b = unpack(&w->b);
    u128 x = 0;
    if (b.invalid) {
        set_invalid(w);
        w->r.q = 0;
        return;
    }
    for (int i = DIGITS - 1; i >= 0; i--)
        x = x * 10 + b.digit[i];
    w->r = v_of_quad(b.negative ? -x : x);
    set_cr6(w, is_zero(&b), b.negative, false);
}

static void set_sign(struct vmx *w, bool ps)
{
    struct decimal b = unpack(&w->b);
    if (b.invalid) {
        set_invalid(w);
        w->r.q = 0;
        return;
    }
    w->r = pack(&b, ps, b.negative);
    set_cr6(w, is_zero(&b), b.negative, false);
}

static bool convert(struct vmx *w)
{
    bool ps = w->insn & 0x200;
    switch (vmx_ra(w)) {
    case 0:
        to_quad(w);
        return true;
    case 2:
        from_quad(w, ps);
        return true;
    case 4:
        to_zoned(w, ps);
        return true;
    case 5:
        to_national(w);
        return true;
    case 6:
        from_zoned(w, ps);
        return true;
    case 7:
        from_national(w, ps);
        return true;
    default:
        set_sign(w, ps);
        return true;
    }
}

/* ---- Multiplication of 32 unsigned digits by 10 ---- */

static void multiply_by_ten(struct vmx *w, bool carry_out, bool extended)
{
    u128 x = v_quad(&w->a), in = extended ? nibble(&w->b, 0) : 0;
    u128 low = (u128)(uint64_t)x * 10 + in;
    u128 high = (x >> 64) * 10 + (low >> 64);
    w->r = v_of_quad(carry_out ? high >> 64 : high << 64 | (uint64_t)low);
}

bool vmx_decimal(struct vmx *w)
{
    unsigned xo = w->insn & 0x7ff;
    switch (xo) {
    case 1:
        multiply_by_ten(w, true, false);
        return true;
    case 513:
        multiply_by_ten(w, false, false);
        return true;
    case 65:
        multiply_by_ten(w, true, true);
        return true;
    case 577:
        multiply_by_ten(w, false, true);
        return true;
    case 833:
        copy_sign(w);
        return true;
    }
    switch (xo & 0x5ff) {
    case 0x401:
    case 0x441:
        add(w, xo & 0x40);
        return true;
    case 0x4c1:
        shift_signed(w, false);
        return true;
    case 0x5c1:
        shift_signed(w, true);
        return true;
    case 0x481:
        shift_unsigned(w);
        return true;
    case 0x501:
        truncate(w, true);
        return true;
    case 0x541:
        truncate(w, false);
        return true;
    case 0x581:
        return convert(w);
    default:
        return false;
    }
}
