/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exact VSX instructions outside the regular part of the opcode space: exponents and
 * significands, half precision, data classes, words and bytes, constants. */
#include "translate/ppc/vmx.h"
#include "translate/ppc/vsx_exact.h"

bool vsx_data_class(enum fp_format f, u128 x, unsigned mask)
{
    bool sign = fpx_sign(f, x);
    unsigned bit = fpx_is_nan(f, x)        ? 6
                   : fpx_is_inf(f, x)      ? 5 - sign
                   : fpx_is_zero(f, x)     ? 3 - sign
                   : fpx_is_denormal(f, x) ? 1 - sign
                                           : 7;
    return mask >> bit & 1;
}

static void set_class_cr(struct vsx *w, enum fp_format f, u128 x, bool not_single)
{
    bool match = vsx_data_class(f, x, w->insn >> 16 & 127);
    vsx_set_cr(w, fpx_sign(f, x) << 3 | match << 1 | not_single, w->record);
}

/* A double that a single can't hold. */
static bool is_not_single(uint64_t x)
{
    struct fp_env e = {.rounding = FP_ZERO};
    if (fpx_is_nan(FP_D, x))
        return x & 0x1fffffff;
    return fpx_widen(FP_S, FP_D, fpx_convert(&e, FP_D, FP_S, x)) != x;
}

static void vector_class(struct vsx *w, enum fp_format f)
{
    unsigned mask = (w->insn >> 16 & 31) | (w->insn >> 2 & 1) << 5 | (w->insn >> 6 & 1) << 6;
    unsigned size = f == FP_S ? SIZE_W : SIZE_D;
    for (unsigned i = 0; i < vmx_count(size); i++)
        v_set(&w->r, size, i, vsx_data_class(f, v_get(&w->b, size, i), mask) ? ~(u128)0 : 0);
}

static u128 significand_of(enum fp_format f, u128 x)
{
    unsigned fraction = f == FP_D ? 52 : 23;
    u128 s = x & (((u128)1 << fraction) - 1);
    bool normal =
        !fpx_is_nan(f, x) && !fpx_is_inf(f, x) && !fpx_is_zero(f, x) && !fpx_is_denormal(f, x);
    return s | (u128)normal << fraction;
}

static void to_general(struct vsx *w, uint64_t x)
{
    w->cpu->g[w->insn >> 21 & 31] = x;
    w->no_result = true;
}

/* The 16-bit number in the right part of each word of b. */
static uint32_t half_of(const struct vsx *w, unsigned i)
{
    return (uint32_t)v_get(&w->b, SIZE_W, i) & 0xffff;
}

static uint32_t to_bfloat(struct fp_env *e, uint32_t x)
{
    if (fpx_is_nan(FP_S, x)) {
        if (fpx_is_snan(FP_S, x))
            e->flags |= FPSCR_VXSNAN;
        return (x | 0x400000) >> 16;
    }
    uint32_t rest = x & 0xffff, r = x >> 16;
    bool sign = x >> 31;
    bool up = e->rounding == FP_EVEN ? rest > 0x8000 || (rest == 0x8000 && r & 1)
              : e->rounding == FP_UP ? rest && !sign
                                     : e->rounding == FP_DOWN && rest && sign;
    if (rest)
        e->flags |= FPSCR_XX | (fpx_is_denormal(FP_S, x) ? FPSCR_UX : 0);
    r += up;
    if ((r & 0x7f80) == 0x7f80 && rest)
        e->flags |= FPSCR_OX;
    return r;
}

/* xo 475: bits 11:15 say what. */
static bool vector_parts(struct vsx *w)
{
    unsigned kind = w->insn >> 16 & 31;
    w->vector = true;
    switch (kind) {
    case 0:
        for (unsigned i = 0; i < 2; i++)
            w->r.d[i] = w->b.d[i] >> 52 & 0x7ff;
        return true;
    case 1:
        for (unsigned i = 0; i < 2; i++)
            w->r.d[i] = (uint64_t)significand_of(FP_D, w->b.d[i]);
        return true;
    case 2: { /* xvtlsbb */
        bool all = true, none = true;
        for (unsigned i = 0; i < 16; i++) {
            all &= w->b.b[i] & 1;
            none &= !(w->b.b[i] & 1);
        }
        vsx_set_cr(w, all << 3 | none << 1, false);
        return true;
    }
    case 8:
        for (unsigned i = 0; i < 4; i++)
            w->r.s[i] = w->b.s[i] >> 23 & 0xff;
        return true;
    case 9:
        for (unsigned i = 0; i < 4; i++)
            w->r.s[i] = (uint32_t)significand_of(FP_S, w->b.s[i]);
        return true;
    case 16: /* xvcvbf16spn */
        for (unsigned i = 0; i < 4; i++)
            w->r.s[i] = w->b.s[i] << 16;
        return true;
    case 17: /* xvcvspbf16 */
        for (unsigned i = 0; i < 4; i++)
            w->r.s[i] = to_bfloat(&w->env, w->b.s[i]);
        return true;
    case 24: /* xvcvhpsp */
        for (unsigned i = 0; i < 4; i++)
            v_set(&w->r, SIZE_W, i, fpx_convert(&w->env, FP_H, FP_S, half_of(w, i)));
        return true;
    case 25: /* xvcvsphp */
        for (unsigned i = 0; i < 4; i++)
            v_set(&w->r, SIZE_W, i, fpx_convert(&w->env, FP_S, FP_H, v_get(&w->b, SIZE_W, i)));
        return true;
    default:
        return false;
    }
}

/* xo 347: bits 11:15 say what. */
static bool scalar_parts(struct vsx *w)
{
    uint64_t b = w->b.d[0];
    u128 r;
    switch (w->insn >> 16 & 31) {
    case 0:
        to_general(w, b >> 52 & 0x7ff);
        return true;
    case 1:
        to_general(w, (uint64_t)significand_of(FP_D, b));
        return true;
    case 16: /* xscvhpdp */
        r = fpx_convert(&w->env, FP_H, FP_D, b & 0xffff);
        w->fprf = fpx_class(FP_D, r);
        break;
    default: /* xscvdphp */
        r = fpx_convert(&w->env, FP_D, FP_H, b);
        w->fprf = fpx_class(FP_H, r);
    }
    w->sets_fprf = true;
    w->r = (v128){.d = {(uint64_t)r, 0}};
    return true;
}

/* Constants of lxvkq: the high doubleword of a quad-precision number. */
static uint64_t constant_quad(unsigned n)
{
    static const uint16_t high[32] = {
        [1] = 0x3fff,  [2] = 0x4000,  [3] = 0x4000,  [4] = 0x4001,  [5] = 0x4001,  [6] = 0x4001,
        [7] = 0x4001,  [8] = 0x7fff,  [9] = 0x7fff,  [16] = 0x8000, [17] = 0xbfff, [18] = 0xc000,
        [19] = 0xc000, [20] = 0xc001, [21] = 0xc001, [22] = 0xc001, [23] = 0xc001, [24] = 0xffff};
    static const uint16_t next[32] = {
        [3] = 0x8000,  [5] = 0x4000,  [6] = 0x8000,  [7] = 0xc000, [9] = 0x8000,
        [19] = 0x8000, [21] = 0x4000, [22] = 0x8000, [23] = 0xc000};
    return (uint64_t)high[n] << 48 | (uint64_t)next[n] << 32;
}

/* Permute controls from a byte mask: expand or compress, for either byte order. */
static void generate_control(struct vsx *w, unsigned size)
{
    unsigned mode = w->insn >> 16 & 31, count = vmx_count(size), bytes = 1u << size, k = 0;
    bool little = mode & 2, compress = mode & 1;
    v128 mask = w->cpu->v[32 + (w->insn >> 11 & 31)];
    w->r = (v128){.d = {0, 0}};
    if (compress) {
        for (unsigned n = 0; n < count; n++) {
            unsigned i = little ? count - 1 - n : n;
            if (v_get_signed(&mask, size, i) >= 0)
                continue;
            for (unsigned j = 0; j < bytes; j++) {
                unsigned at = little ? 15 - (k * bytes + j) : k * bytes + j;
                *v_byte(&w->r, at) = (uint8_t)(n * bytes + j);
            }
            k++;
        }
        return;
    }
    for (unsigned n = 0; n < count; n++) {
        unsigned i = little ? count - 1 - n : n;
        bool set = v_get_signed(&mask, size, i) < 0;
        for (unsigned j = 0; j < bytes; j++) {
            unsigned at = little ? 15 - (n * bytes + j) : n * bytes + j;
            *v_byte(&w->r, at) = (uint8_t)(set ? k * bytes + j : 16 + n * bytes + j);
        }
        k += set;
    }
}

bool vsx_other(struct vsx *w)
{
    unsigned xo9 = w->insn >> 2 & 511, xo10 = w->insn >> 1 & 1023, uim = w->insn >> 16 & 15;
    switch (xo10) {
    case 918: /* xsiexpdp */
        w->r = (v128){.d = {(w->cpu->g[w->insn >> 16 & 31] & 0x800fffffffffffff) |
                                (w->cpu->g[w->insn >> 11 & 31] & 0x7ff) << 52,
                            0}};
        return true;
    case 916:
    case 917:
    case 948:
    case 949:
        generate_control(w, (xo10 >= 948 ? 2 : 0) + (xo10 & 1));
        return true;
    }
    if ((w->insn >> 3 & 0xf7) == 0xf5 || (w->insn >> 3 & 0xf7) == 0xd5) { /* xvtstdc* */
        vector_class(w, w->insn >> 8 & 1 ? FP_D : FP_S);
        return true;
    }
    switch (xo9) {
    case 475:
        return vector_parts(w);
    case 347:
        return scalar_parts(w);
    case 362: /* xststdcdp */
        set_class_cr(w, FP_D, w->b.d[0], false);
        return true;
    case 298: { /* xststdcsp: a denormal is one of single precision */
        uint64_t x = w->b.d[0];
        unsigned exponent = x >> 52 & 0x7ff;
        u128 as_single = exponent && exponent < 897 ? (x & 1ull << 63) | 1 : x;
        set_class_cr(w, FP_D, as_single, is_not_single(x));
        return true;
    }
    case 165: { /* xxextractuw */
        uint64_t r = 0;
        for (unsigned i = 0; i < 4; i++)
            r = r << 8 | *v_byte(&w->b, uim + i);
        w->r = (v128){.d = {r, 0}};
        return true;
    }
    case 181: /* xxinsertw */
        for (unsigned i = 0; i < 4 && uim + i < 16; i++)
            *v_byte(&w->r, uim + i) = *v_byte(&w->b, 4 + i);
        return true;
    case 180: /* lxvkq */
        w->r = (v128){.d = {constant_quad(w->insn >> 11 & 31), 0}};
        return true;
    default:
        return false;
    }
}
