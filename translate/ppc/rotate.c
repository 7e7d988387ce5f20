/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rotates and shifts (Book I, 3.3.14).  Rotates with masks are taken for what
 * they mostly are: shifts, fields taken out, fields put in.
 */
#include "translate/ppc/ppc.h"

static bool finish(struct builder *b, const struct ppc_insn *f)
{
    if (f->rc)
        ppc_emit_record(b, G(f->ra));
    return true;
}

/* Ones from bit mb to bit me, bit 0 being the highest; around the end if mb is
 * behind me. */
static uint64_t mask64(unsigned mb, unsigned me)
{
    uint64_t from = UINT64_MAX >> mb, to = UINT64_MAX << (63 - me);
    return mb <= me ? from & to : from | to;
}

/* dst = src rotated left, 0 < n < width */
static void emit_rotate(struct builder *b, bool is64, struct opnd dst, struct opnd src, unsigned n)
{
    emit(b, is64 ? UOP_ror64 : UOP_ror32, dst, src, I((is64 ? 64 : 32) - n));
}

/* dst = src & mask, by two shifts if the mask is not short. */
static void emit_mask64(struct builder *b, struct opnd dst, struct opnd src, uint64_t mask)
{
    unsigned high = mask ? (unsigned)__builtin_clzl(mask) : 0;
    unsigned low = mask ? (unsigned)__builtin_ctzl(mask) : 0;
    bool short_form = mask <= INT32_MAX || (int64_t)mask == (int32_t)mask || mask == UINT32_MAX;
    if (!short_form && !low && mask == UINT64_MAX >> high) {
        emit(b, UOP_shl64, dst, src, I(high));
        emit(b, UOP_shr64, dst, dst, I(high));
    } else if (!short_form && !high && mask == UINT64_MAX << low) {
        emit(b, UOP_shr64, dst, src, I(low));
        emit(b, UOP_shl64, dst, dst, I(low));
    } else {
        ppc_emit_and(b, dst, src, mask);
    }
}

/* ---- Words ---- */

/* A mask of a word rotate, in a 64-bit register: around the end it takes the
 * upper word, which is a copy of the rotated one. */
static uint64_t word_mask(const struct ppc_insn *f)
{
    return mask64(f->mb + 32u, f->me + 32u);
}

/* dst = the low word of src rotated left by n, twice, under the mask. */
static void emit_rotate_word(struct builder *b, struct opnd dst, struct opnd src, unsigned n,
                             uint64_t mask)
{
    if (mask > UINT32_MAX && ppc_is64(b)) {
        if (n)
            emit_rotate(b, false, T(0), src, n);
        else
            emit(b, UOP_mov32, T(0), src);
        emit(b, UOP_shl64, T(1), T(0), I(32));
        emit(b, UOP_or64, T(0), T(0), T(1));
        ppc_emit_and(b, dst, T(0), mask);
        return;
    }
    uint32_t m = (uint32_t)mask;
    if (n && m == UINT32_MAX << n) {
        emit(b, UOP_shl32, dst, src, I(n));
    } else if (n && m == UINT32_MAX >> (32 - n)) {
        emit(b, UOP_shr32, dst, src, I(32 - n));
    } else if (!n) {
        ppc_emit_and(b, dst, src, m);
    } else if (m == UINT32_MAX) {
        emit_rotate(b, false, dst, src, n);
    } else if (!(m & ~(UINT32_MAX << n))) {
        emit(b, UOP_shl32, T(0), src, I(n));
        ppc_emit_and(b, dst, T(0), m);
    } else if (!(m & ~(UINT32_MAX >> (32 - n)))) {
        emit(b, UOP_shr32, T(0), src, I(32 - n));
        ppc_emit_and(b, dst, T(0), m);
    } else {
        emit_rotate(b, false, T(0), src, n);
        ppc_emit_and(b, dst, T(0), m);
    }
}

bool trans_RLWINM(struct builder *b, const struct ppc_insn *f)
{
    emit_rotate_word(b, G(f->ra), G(f->rs), f->sh, word_mask(f));
    return finish(b, f);
}

bool trans_RLWNM(struct builder *b, const struct ppc_insn *f)
{
    uint64_t mask = word_mask(f);
    emit(b, UOP_neg32, T(0), G(f->rb));
    emit(b, UOP_ror32, T(0), G(f->rs), T(0));
    emit_rotate_word(b, G(f->ra), T(0), 0, mask);
    return finish(b, f);
}

/* dst = bits of T(0) under the mask, others as they were. */
static void emit_insert(struct builder *b, struct opnd dst, uint64_t mask)
{
    emit(b, UOP_xor64, T(0), T(0), dst);
    ppc_emit_and(b, T(0), T(0), mask);
    emit(b, UOP_xor64, dst, dst, T(0));
}

bool trans_RLWIMI(struct builder *b, const struct ppc_insn *f)
{
    uint64_t mask = word_mask(f);
    if (!ppc_is64(b))
        mask = (uint32_t)mask;
    emit_rotate_word(b, T(0), G(f->rs), f->sh, mask > UINT32_MAX ? mask : UINT32_MAX);
    emit_insert(b, G(f->ra), mask);
    return finish(b, f);
}

/* ---- Doublewords ---- */

static unsigned shift_of(const struct ppc_insn *f)
{
    return f->shl | (unsigned)f->shh << 5;
}

static unsigned mask_of(const struct ppc_insn *f)
{
    return f->mbl | (unsigned)f->mbh << 5;
}

/* dst = src rotated left by n, under the mask */
static void emit_rotate_doubleword(struct builder *b, struct opnd dst, struct opnd src, unsigned n,
                                   uint64_t mask)
{
    if (!n) {
        emit_mask64(b, dst, src, mask);
    } else if (mask == UINT64_MAX << n) {
        emit(b, UOP_shl64, dst, src, I(n));
    } else if (mask == UINT64_MAX >> (64 - n)) {
        emit(b, UOP_shr64, dst, src, I(64 - n));
    } else if (mask == UINT64_MAX) {
        emit_rotate(b, true, dst, src, n);
    } else if (!(mask & ~(UINT64_MAX << n)) && mask >> 63 == 0 &&
               mask == (UINT64_MAX >> __builtin_clzl(mask) & UINT64_MAX << n)) {
        /* shifted left, with upper bits cleared */
        unsigned high = (unsigned)__builtin_clzl(mask);
        emit(b, UOP_shl64, T(0), src, I(n + high));
        emit(b, UOP_shr64, dst, T(0), I(high));
    } else if (!(mask & ~(UINT64_MAX >> (64 - n)))) {
        emit(b, UOP_shr64, T(0), src, I(64 - n));
        emit_mask64(b, dst, T(0), mask);
    } else {
        emit_rotate(b, true, T(0), src, n);
        emit_mask64(b, dst, T(0), mask);
    }
}

bool trans_RLDICL(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_is64(b))
        return false;
    emit_rotate_doubleword(b, G(f->ra), G(f->rs), shift_of(f), mask64(mask_of(f), 63));
    return finish(b, f);
}

bool trans_RLDICR(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_is64(b))
        return false;
    emit_rotate_doubleword(b, G(f->ra), G(f->rs), shift_of(f), mask64(0, mask_of(f)));
    return finish(b, f);
}

bool trans_RLDIC(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_is64(b))
        return false;
    unsigned n = shift_of(f);
    emit_rotate_doubleword(b, G(f->ra), G(f->rs), n, mask64(mask_of(f), 63 - n));
    return finish(b, f);
}

bool trans_RLDIMI(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_is64(b))
        return false;
    unsigned n = shift_of(f);
    uint64_t mask = mask64(mask_of(f), 63 - n);
    if (mask == UINT64_MAX << n && n == 32) { /* two words joined */
        emit(b, UOP_shl64, T(0), G(f->rs), I(32));
        emit(b, UOP_mov32, G(f->ra), G(f->ra));
        emit(b, UOP_or64, G(f->ra), G(f->ra), T(0));
        return finish(b, f);
    }
    emit_rotate_doubleword(b, T(0), G(f->rs), n, UINT64_MAX);
    emit_insert(b, G(f->ra), mask);
    return finish(b, f);
}

static bool rotate_by_register(struct builder *b, const struct ppc_insn *f, uint64_t mask)
{
    if (!ppc_is64(b))
        return false;
    emit(b, UOP_neg64, T(0), G(f->rb));
    emit(b, UOP_ror64, T(0), G(f->rs), T(0));
    emit_mask64(b, G(f->ra), T(0), mask);
    return finish(b, f);
}

bool trans_RLDCL(struct builder *b, const struct ppc_insn *f)
{
    return rotate_by_register(b, f, mask64(mask_of(f), 63));
}

bool trans_RLDCR(struct builder *b, const struct ppc_insn *f)
{
    return rotate_by_register(b, f, mask64(0, mask_of(f)));
}

/* ---- Shifts: a word's count has six bits, so 64-bit shifts are right ---- */

bool trans_SLW(struct builder *b, const struct ppc_insn *f)
{
    emit(b, UOP_shl64, T(0), G(f->rs), G(f->rb));
    emit(b, UOP_mov32, G(f->ra), T(0));
    return finish(b, f);
}

bool trans_SRW(struct builder *b, const struct ppc_insn *f)
{
    struct opnd from = G(f->rs);
    if (ppc_is64(b)) {
        emit(b, UOP_mov32, T(0), from);
        from = T(0);
    }
    emit(b, UOP_shr64, G(f->ra), from, G(f->rb));
    return finish(b, f);
}

/* CA32 is CA in shifts (3.0). */
static void copy_carry(struct builder *b)
{
    if (ppc_has(PPC_ISA_300))
        emit(b, UOP_mov64, G(PPC_CA32), G(PPC_CA));
}

bool trans_SRAW(struct builder *b, const struct ppc_insn *f)
{
    emit(b, UOP_sar_carry32, G(PPC_CA), G(f->rs), G(f->rb));
    copy_carry(b);
    emit(b, UOP_sext32_64, T(0), G(f->rs));
    if (ppc_is64(b)) {
        emit(b, UOP_sar64, G(f->ra), T(0), G(f->rb));
    } else {
        emit(b, UOP_sar64, T(0), T(0), G(f->rb));
        emit(b, UOP_mov32, G(f->ra), T(0));
    }
    return finish(b, f);
}

bool trans_SRAWI(struct builder *b, const struct ppc_insn *f)
{
    if (f->sh == 31) { /* the mask would be the one number whose neighbour is negative */
        emit(b, UOP_mov64, T(0), I(31));
        emit(b, UOP_sar_carry32, G(PPC_CA), G(f->rs), T(0));
    } else if (f->sh) {
        emit(b, UOP_negative_and32, G(PPC_CA), G(f->rs), I((1u << f->sh) - 1));
    } else {
        emit(b, UOP_mov64, G(PPC_CA), I(0));
    }
    copy_carry(b);
    if (!ppc_is64(b)) {
        if (f->sh)
            emit(b, UOP_sar32, G(f->ra), G(f->rs), I(f->sh));
        else
            ppc_emit_move(b, G(f->ra), G(f->rs));
    } else if (f->sh) {
        emit(b, UOP_sext32_64, T(0), G(f->rs));
        emit(b, UOP_sar64, G(f->ra), T(0), I(f->sh));
    } else {
        emit(b, UOP_sext32_64, G(f->ra), G(f->rs));
    }
    return finish(b, f);
}

static bool shift_doubleword(struct builder *b, const struct ppc_insn *f, unsigned op)
{
    if (!ppc_is64(b))
        return false;
    emit(b, op, G(f->ra), G(f->rs), G(f->rb));
    return finish(b, f);
}

bool trans_SLD(struct builder *b, const struct ppc_insn *f)
{
    return shift_doubleword(b, f, UOP_shl64_wide);
}

bool trans_SRD(struct builder *b, const struct ppc_insn *f)
{
    return shift_doubleword(b, f, UOP_shr64_wide);
}

bool trans_SRAD(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_is64(b))
        return false;
    emit(b, UOP_sar_carry64, G(PPC_CA), G(f->rs), G(f->rb));
    copy_carry(b);
    return shift_doubleword(b, f, UOP_sar64_wide);
}

bool trans_SRADI(struct builder *b, const struct ppc_insn *f)
{
    unsigned n = shift_of(f);
    if (!ppc_is64(b))
        return false;
    if (n) {
        emit(b, UOP_mov64, T(0), I(n));
        emit(b, UOP_sar_carry64, G(PPC_CA), G(f->rs), T(0));
        copy_carry(b);
        emit(b, UOP_sar64, G(f->ra), G(f->rs), I(n));
    } else {
        emit(b, UOP_mov64, G(PPC_CA), I(0));
        copy_carry(b);
        ppc_emit_move(b, G(f->ra), G(f->rs));
    }
    return finish(b, f);
}

bool trans_EXTSWSLI(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_300) || !ppc_is64(b))
        return false;
    emit(b, UOP_sext32_64, G(f->ra), G(f->rs));
    if (shift_of(f))
        emit(b, UOP_shl64, G(f->ra), G(f->ra), I(shift_of(f)));
    return finish(b, f);
}
