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
    const struct uop_info *info = row ? &uop_info[row - 1] : NULL;
    /* A saturating row would look at the upper half too. */
    if (!row || (!q && info->n > 1 + n)) {
        emit_call(b, helper, f->raw, 0, 0);
        return true;
    }
    /* The row writes the temporary, and the move that clears the upper half
     * the register: no store and reload where that lives in memory.  A helper
     * that stands in for the row knows only the register. */
    bool direct = q || info->dir[0] == '+' || info->has_slow;
    o[0] = direct ? V(f->rd) : VT(0);
    for (unsigned i = 0; i < n; i++)
        o[1 + i] = in[i];
    n++;
    if (n < info->n)
        o[n++] = G(A64_FPSR);
    if (info->has_slow)
        builder_emit_slow(b, helper, f->raw, 0, 0, row - 1, o, n);
    else
        builder_emit(b, row - 1, o, n);
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
