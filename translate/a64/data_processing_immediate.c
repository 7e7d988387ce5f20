/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Data processing, immediate (DDI 0487, C4.1.92). */
#include "translate/a64/a64.h"

static void set_constant(struct builder *b, unsigned rd, uint64_t value)
{
    if (rd == 31)
        return;
    a64_emit_const(b, G(rd), value);
    a64_note_constant(b, rd, false, value);
}

static void set_address(struct builder *b, unsigned rd, uint64_t value)
{
    if (rd == 31)
        return;
    emit_address(b, G(rd), value);
    a64_note_constant(b, rd, true, value);
}

/* ADR, ADRP (C6.2.10, C6.2.11): the pc is known. */
bool trans_ADR(struct builder *b, const struct a64_insn *f)
{
    uint64_t imm = (uint64_t)f->immhi << 2 | f->immlo, pc = builder_pc(b);
    set_address(b, f->rd, f->op ? (pc & ~0xfffull) + (imm << 12) : pc + imm);
    return true;
}

/* ---- Add and subtract: register 31 is SP, but XZR where flags go ---- */

static uint32_t add_immediate(const struct a64_insn *f)
{
    return (uint32_t)f->imm12 << 12 * f->sh;
}

bool trans_ADD_imm(struct builder *b, const struct a64_insn *f)
{
    uint32_t imm = add_immediate(f);
    uint64_t value;
    if (f->sf && f->rd != 31 && a64_known_constant(b, f->rn, &value))
        set_constant(b, f->rd, value + imm);
    else if (f->sf && f->rd != 31 && a64_known_address(b, f->rn, &value))
        set_address(b, f->rd, value + imm);
    else if (!imm)
        a64_emit_move(b, f->sf, G(f->rd), G(f->rn));
    else
        emit(b, f->sf ? UOP_add64 : UOP_add32, G(f->rd), G(f->rn), I(imm));
    return true;
}

bool trans_SUB_imm(struct builder *b, const struct a64_insn *f)
{
    emit(b, f->sf ? UOP_sub64 : UOP_sub32, G(f->rd), G(f->rn), I(add_immediate(f)));
    return true;
}

bool trans_ADDS_imm(struct builder *b, const struct a64_insn *f)
{
    struct opnd imm = I(add_immediate(f));
    emit_cc(b, f->sf ? CC_ADD64 : CC_ADD32, G(f->rn), imm);
    if (f->rd != 31)
        emit(b, f->sf ? UOP_add64 : UOP_add32, G(f->rd), G(f->rn), imm);
    return true;
}

bool trans_SUBS_imm(struct builder *b, const struct a64_insn *f)
{
    struct opnd imm = I(add_immediate(f));
    emit_cc(b, f->sf ? CC_SUB64 : CC_SUB32, G(f->rn), imm);
    if (f->rd != 31)
        emit(b, f->sf ? UOP_sub64 : UOP_sub32, G(f->rd), G(f->rn), imm);
    return true;
}

/* ---- Logical ---- */

/* The bit mask that N, imms and immr encode (J1.1.3, DecodeBitMasks): an
 * element of 2 to 64 bits with imms+1 ones, rotated right by immr, repeated. */
static bool bit_mask(const struct a64_insn *f, uint64_t *mask)
{
    unsigned select = (unsigned)f->n << 6 | (~f->imms & 0x3f);
    if (select < 2 || (!f->sf && f->n))
        return false;
    unsigned size = 1u << (31 - __builtin_clz(select));
    unsigned ones = f->imms & (size - 1), rotate = f->immr & (size - 1);
    if (ones == size - 1)
        return false;
    uint64_t element = (2ull << ones) - 1;
    if (rotate)
        element = element >> rotate | element << (size - rotate);
    if (size < 64)
        element &= (1ull << size) - 1;
    for (; size < 64; size *= 2)
        element |= element << size;
    *mask = f->sf ? element : (uint32_t)element;
    return true;
}

/* The mask as an operand of a 32- or 64-bit micro-op, in T(0) if need be. */
static struct opnd mask_operand(struct builder *b, const struct a64_insn *f, uint64_t mask)
{
    return f->sf ? a64_imm(b, mask, T(0)) : I((int32_t)mask);
}

static void emit_and(struct builder *b, bool sf, struct opnd dst, struct opnd src, uint64_t mask)
{
    if (mask == 0xff)
        emit(b, UOP_zext8, dst, src);
    else if (mask == 0xffff)
        emit(b, UOP_zext16, dst, src);
    else if (mask == UINT32_MAX)
        emit(b, UOP_mov32, dst, src);
    else if (!sf || mask < UINT32_MAX)
        emit(b, UOP_and32, dst, src, I((int32_t)mask));
    else
        emit(b, UOP_and64, dst, src, a64_imm(b, mask, T(1)));
}

bool trans_AND_imm(struct builder *b, const struct a64_insn *f)
{
    uint64_t mask;
    if (!bit_mask(f, &mask))
        return false;
    if (f->rn == 31)
        a64_emit_const(b, G(f->rd), 0);
    else
        emit_and(b, f->sf, G(f->rd), G(f->rn), mask);
    return true;
}

static bool or_immediate(struct builder *b, const struct a64_insn *f, unsigned op)
{
    uint64_t mask;
    if (!bit_mask(f, &mask))
        return false;
    if (f->rn == 31)
        a64_emit_const(b, G(f->rd), mask);
    else
        emit(b, op, G(f->rd), G(f->rn), mask_operand(b, f, mask));
    return true;
}

bool trans_ORR_imm(struct builder *b, const struct a64_insn *f)
{
    return or_immediate(b, f, f->sf ? UOP_or64 : UOP_or32);
}

bool trans_EOR_imm(struct builder *b, const struct a64_insn *f)
{
    return or_immediate(b, f, f->sf ? UOP_xor64 : UOP_xor32);
}

bool trans_ANDS_imm(struct builder *b, const struct a64_insn *f)
{
    uint64_t mask;
    if (!bit_mask(f, &mask))
        return false;
    struct opnd y = mask_operand(b, f, mask);
    emit_cc(b, f->sf ? CC_AND64 : CC_AND32, a64_x(f->rn), y);
    if (f->rd != 31)
        emit(b, f->sf ? UOP_and64 : UOP_and32, G(f->rd), a64_xg(b, f->rn, T(1)), y);
    return true;
}

/* ---- Move wide ---- */

bool trans_MOVZ(struct builder *b, const struct a64_insn *f)
{
    if (!f->sf && f->hw > 1)
        return false;
    set_constant(b, f->rd, (uint64_t)f->imm16 << 16 * f->hw);
    return true;
}

bool trans_MOVN(struct builder *b, const struct a64_insn *f)
{
    if (!f->sf && f->hw > 1)
        return false;
    uint64_t value = ~((uint64_t)f->imm16 << 16 * f->hw);
    set_constant(b, f->rd, f->sf ? value : (uint32_t)value);
    return true;
}

bool trans_MOVK(struct builder *b, const struct a64_insn *f)
{
    if (!f->sf && f->hw > 1)
        return false;
    if (f->rd == 31)
        return true;
    uint64_t imm = (uint64_t)f->imm16 << 16 * f->hw, hole = ~(0xffffull << 16 * f->hw), value;
    if (a64_known_constant(b, f->rd, &value)) {
        value = (value & hole) | imm;
        set_constant(b, f->rd, f->sf ? value : (uint32_t)value);
    } else if (f->sf) {
        emit(b, UOP_and64, G(f->rd), G(f->rd), a64_imm(b, hole, T(0)));
        if (imm)
            emit(b, UOP_or64, G(f->rd), G(f->rd), a64_imm(b, imm, T(0)));
    } else {
        emit(b, UOP_and32, G(f->rd), G(f->rd), I((int32_t)hole));
        if (imm)
            emit(b, UOP_or32, G(f->rd), G(f->rd), I((int32_t)imm));
    }
    return true;
}

/* ---- Bit fields (C6.2.30, C6.2.295, C6.2.393) ---- */

static bool bitfield_allocated(const struct a64_insn *f)
{
    return f->sf == f->n && (f->sf || (f->immr < 32 && f->imms < 32));
}

/* The source field [lsb, lsb+width) and its place in the result. */
struct bitfield {
    unsigned size, from, to, width;
};

static struct bitfield bitfield_of(const struct a64_insn *f)
{
    unsigned size = f->sf ? 64 : 32;
    if (f->imms >= f->immr)
        return (struct bitfield){size, f->immr, 0, f->imms - f->immr + 1u};
    return (struct bitfield){size, 0, size - f->immr, f->imms + 1u};
}

/* dst = the field of src in its place, zeros elsewhere. */
static void emit_field(struct builder *b, struct bitfield k, struct opnd dst, struct opnd src)
{
    bool sf = k.size == 64;
    unsigned shl = sf ? UOP_shl64 : UOP_shl32, shr = sf ? UOP_shr64 : UOP_shr32;
    if (k.width == k.size) {
        a64_emit_move(b, sf, dst, src);
    } else if (k.from + k.width == k.size) {
        emit(b, shr, dst, src, I(k.from));
    } else if (k.to + k.width == k.size) {
        emit(b, shl, dst, src, I(k.to));
    } else if (k.width == 8 && !k.to && k.from % 8 == 0) {
        emit(b, UOP_byte_of, dst, src, I(k.from / 8));
    } else if (k.width <= 32) {
        struct opnd field = k.to ? T(0) : dst;
        if (k.from) {
            emit(b, shr, T(0), src, I(k.from));
            src = T(0);
        }
        emit_and(b, false, field, src, (uint32_t)(UINT32_MAX >> (32 - k.width)));
        if (k.to)
            emit(b, shl, dst, field, I(k.to));
    } else {
        emit(b, shl, dst, src, I(k.size - k.from - k.width));
        emit(b, shr, dst, dst, I(k.size - k.to - k.width));
    }
}

bool trans_UBFM(struct builder *b, const struct a64_insn *f)
{
    if (!bitfield_allocated(f))
        return false;
    if (f->rd == 31)
        return true;
    if (f->rn == 31)
        a64_emit_const(b, G(f->rd), 0);
    else
        emit_field(b, bitfield_of(f), G(f->rd), G(f->rn));
    return true;
}

bool trans_SBFM(struct builder *b, const struct a64_insn *f)
{
    if (!bitfield_allocated(f))
        return false;
    if (f->rd == 31)
        return true;
    struct bitfield k = bitfield_of(f);
    struct opnd d = G(f->rd), n = a64_xg(b, f->rn, T(0));
    unsigned shl = f->sf ? UOP_shl64 : UOP_shl32, sar = f->sf ? UOP_sar64 : UOP_sar32;
    if (k.width == k.size) {
        a64_emit_move(b, f->sf, d, n);
    } else if (k.from + k.width == k.size) {
        emit(b, sar, d, n, I(k.from));
    } else if (!k.from && !k.to && k.width == 8) {
        emit(b, f->sf ? UOP_sext8_64 : UOP_sext8_32, d, n);
    } else if (!k.from && !k.to && k.width == 16) {
        emit(b, f->sf ? UOP_sext16_64 : UOP_sext16_32, d, n);
    } else if (!k.from && k.width == 32) {
        emit(b, UOP_sext32_64, d, n);
        if (k.to)
            emit(b, UOP_shl64, d, d, I(k.to));
    } else {
        emit(b, shl, d, n, I(k.size - k.from - k.width));
        emit(b, sar, d, d, I(k.size - k.to - k.width));
    }
    return true;
}

bool trans_BFM(struct builder *b, const struct a64_insn *f)
{
    if (!bitfield_allocated(f))
        return false;
    if (f->rd == 31)
        return true;
    struct bitfield k = bitfield_of(f);
    struct opnd d = G(f->rd);
    if (k.width == k.size) {
        a64_emit_move(b, f->sf, d, a64_x(f->rn));
        return true;
    }
    uint64_t hole = ~((UINT64_MAX >> (64 - k.width)) << k.to);
    if (f->rn != 31)
        emit_field(b, k, T(0), G(f->rn));
    if (f->sf)
        emit(b, UOP_and64, d, d, a64_imm(b, hole, T(1)));
    else
        emit(b, UOP_and32, d, d, I((int32_t)hole));
    if (f->rn != 31)
        emit(b, f->sf ? UOP_or64 : UOP_or32, d, d, T(0));
    return true;
}

/* EXTR, ROR immediate (C6.2.113) */
bool trans_EXTR(struct builder *b, const struct a64_insn *f)
{
    unsigned size = f->sf ? 64 : 32;
    if (f->sf != f->n || f->imms >= size)
        return false;
    if (f->rd == 31)
        return true;
    struct opnd d = G(f->rd), n = a64_xg(b, f->rn, T(0)), m = a64_xg(b, f->rm, T(1));
    if (!f->imms) {
        a64_emit_move(b, f->sf, d, m);
    } else if (f->rn == f->rm) {
        emit(b, f->sf ? UOP_ror64 : UOP_ror32, d, n, I(f->imms));
    } else if (f->sf) {
        emit(b, UOP_extract64, d, n, m, I(f->imms));
    } else {
        emit(b, UOP_shl32, T(0), n, I(size - f->imms));
        emit(b, UOP_shr32, d, m, I(f->imms));
        emit(b, UOP_or32, d, d, T(0));
    }
    return true;
}
