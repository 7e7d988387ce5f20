/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/a64/simd.h"

#include "translate/builder.h"

wide simd_doubling_high(wide acc, wide x, wide y, unsigned size, bool rounded, bool *qc)
{
    unsigned bits = 8u << size;
    wide sum = (acc << bits) + 2 * x * y;
    if (rounded)
        sum += (wide)1 << (bits - 1);
    return saturate(sum >> bits, size, false, qc);
}

unsigned __int128 simd_polynomial_multiply(uint64_t x, uint64_t y)
{
    unsigned __int128 product = 0;
    for (unsigned i = 0; i < 64; i++)
        if (y >> i & 1)
            product ^= (unsigned __int128)x << i;
    return product;
}

static bool emit_row(struct builder *b, const struct a64_insn *f, unsigned helper, unsigned row,
                     bool q, const struct opnd *in, unsigned n)
{
    struct opnd o[UOP_MAX_OPERANDS];
    if (!row) {
        emit_call(b, helper, f->raw, 0, 0);
        return true;
    }
    const struct uop_info *info = &uop_info[row - 1];
    /* The row writes the temporary, and the move that clears the upper half
     * the register: no store and reload where that lives in memory.  A helper
     * that stands in for the row knows only the register. */
    bool direct = q || info->dir[0] == '+' || info->has_slow;
    o[0] = direct ? V(f->rd) : VT(0);
    for (unsigned i = 0; i < n; i++)
        o[1 + i] = in[i];
    if (info->has_slow)
        builder_emit_slow(b, helper, f->raw, 0, 0, row - 1, o, n + 1);
    else
        builder_emit(b, row - 1, o, n + 1);
    if (!q)
        emit(b, UOP_v_low64, V(f->rd), o[0]);
    return true;
}

bool simd_emit2(struct builder *b, const struct a64_insn *f, unsigned helper, unsigned row, bool q,
                struct opnd n)
{
    return emit_row(b, f, helper, row, q, (const struct opnd[]){n}, 1);
}

bool simd_emit3(struct builder *b, const struct a64_insn *f, unsigned helper, unsigned row, bool q,
                struct opnd n, struct opnd m)
{
    return emit_row(b, f, helper, row, q, (const struct opnd[]){n, m}, 2);
}

void simd_emit_accumulate(struct builder *b, const struct a64_insn *f, unsigned op, bool q)
{
    emit(b, op, V(f->rd), V(f->rd), VT(0));
    if (!q)
        emit(b, UOP_v_low64, V(f->rd), V(f->rd));
}

void simd_emit_narrowed(struct builder *b, const struct a64_insn *f, unsigned op, struct opnd n,
                        bool high)
{
    if (high) {
        emit(b, op, VT(0), n);
        emit(b, UOP_v_join64, V(f->rd), V(f->rd), VT(0));
    } else {
        emit(b, op, V(f->rd), n);
    }
}

#define SIZES3(name)                                                                               \
    {                                                                                              \
        UOP_##name##_b, UOP_##name##_h, UOP_##name##_s                                             \
    }
const uint16_t simd_add_ops[4] = {UOP_v_add_b, UOP_v_add_h, UOP_v_add_s, UOP_v_add_d};
const uint16_t simd_sub_ops[4] = {UOP_v_sub_b, UOP_v_sub_h, UOP_v_sub_s, UOP_v_sub_d};
const uint16_t simd_shl_ops[4] = {UOP_v_shl_b, UOP_v_shl_by_h, UOP_v_shl_by_s, UOP_v_shl_by_d};
const uint16_t simd_ushr_ops[4] = {UOP_v_ushr_b, UOP_v_ushr_by_h, UOP_v_ushr_by_s, UOP_v_ushr_by_d};
const uint16_t simd_urshr_ops[4] = {UOP_v_urshr_b, UOP_v_urshr_h, UOP_v_urshr_s, UOP_v_urshr_d};
const uint16_t simd_xtn_ops[3] = SIZES3(v_xtn);
const uint16_t simd_widen_ops[2][2][3] = {{SIZES3(v_sxtl), SIZES3(v_sxtl2)},
                                          {SIZES3(v_uxtl), SIZES3(v_uxtl2)}};
