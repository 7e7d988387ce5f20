/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Data processing, register (DDI 0487, C4.1.95), without the conditional
 * instructions: conditional.c. */
#include "translate/a64/a64.h"

/* The micro-op of the right width: OP(add). */
#define OP(name) (f->sf ? UOP_##name##64 : UOP_##name##32)

/* ---- Two sources, one source ---- */

static bool two_sources(struct builder *b, const struct a64_insn *f, unsigned op)
{
    if (f->rd != 31)
        emit(b, op, G(f->rd), a64_xg(b, f->rn, T(0)), a64_xg(b, f->rm, T(1)));
    return true;
}

bool trans_UDIV(struct builder *b, const struct a64_insn *f)
{
    return two_sources(b, f, OP(udiv));
}

bool trans_SDIV(struct builder *b, const struct a64_insn *f)
{
    return two_sources(b, f, OP(sdiv));
}

bool trans_LSLV(struct builder *b, const struct a64_insn *f)
{
    return two_sources(b, f, OP(shl));
}

bool trans_LSRV(struct builder *b, const struct a64_insn *f)
{
    return two_sources(b, f, OP(shr));
}

bool trans_ASRV(struct builder *b, const struct a64_insn *f)
{
    return two_sources(b, f, OP(sar));
}

bool trans_RORV(struct builder *b, const struct a64_insn *f)
{
    return two_sources(b, f, OP(ror));
}

/* CRC32, CRC32C (C6.2.68, C6.2.69) */
bool trans_CRC32(struct builder *b, const struct a64_insn *f)
{
    static const uint16_t ops[2][4] = {{UOP_crc32_8, UOP_crc32_16, UOP_crc32_32, UOP_crc32_64},
                                       {UOP_crc32c_8, UOP_crc32c_16, UOP_crc32c_32, UOP_crc32c_64}};
    if (f->sf != (f->size == 3))
        return false;
    if (f->rd == 31)
        return true;
    emit_slow(b, A64_HELPER_crc32, f->rd, f->rn | (uint32_t)f->rm << 8,
              f->size | (uint32_t)f->castagnoli << 8, ops[f->castagnoli][f->size], G(f->rd),
              a64_xg(b, f->rn, T(0)), a64_xg(b, f->rm, T(1)));
    return true;
}

static bool one_source(struct builder *b, const struct a64_insn *f, unsigned op)
{
    if (f->rd != 31)
        emit(b, op, G(f->rd), a64_xg(b, f->rn, T(0)));
    return true;
}

/* Counting trailing zeros takes two instructions, RBIT and CLZ, and is in the inner
 * loop of every string function: they are one micro-op.  An instruction between
 * them that has nothing to do with the register, and can't fault or branch, is
 * translated as part of the same. */
static bool is_clz_of(uint32_t insn, const struct a64_insn *f)
{
    return insn == (0x5ac01000u | (uint32_t)f->sf << 31 | f->rd * 0x21u);
}

/* ADD, SUB immediate without flags; of another register. */
static bool may_stand_between(uint32_t insn, unsigned r)
{
    return (insn & 0x3f800000) == 0x11000000 && (insn & 31) != r && (insn >> 5 & 31) != r;
}

bool trans_RBIT(struct builder *b, const struct a64_insn *f)
{
    uint32_t next = builder_peek32(b);
    if (f->rd == 31)
        return true;
    if (is_clz_of(next, f)) {
        builder_take_next(b);
        return one_source(b, f, OP(ctz));
    }
    if (may_stand_between(next, f->rd) && is_clz_of(builder_peek32_at(b, 8), f)) {
        one_source(b, f, OP(ctz));
        builder_take_next(b);
        builder_take_next(b);
        return a64_translate_insn(b, next);
    }
    return one_source(b, f, OP(rbit));
}

bool trans_REV16(struct builder *b, const struct a64_insn *f)
{
    return one_source(b, f, f->sf ? UOP_rev16_64 : UOP_rev16_32);
}

bool trans_REV_w(struct builder *b, const struct a64_insn *f)
{
    return one_source(b, f, UOP_bswap32);
}

bool trans_REV32(struct builder *b, const struct a64_insn *f)
{
    return one_source(b, f, UOP_rev32_64);
}

bool trans_REV_x(struct builder *b, const struct a64_insn *f)
{
    return one_source(b, f, UOP_bswap64);
}

bool trans_CLZ(struct builder *b, const struct a64_insn *f)
{
    return one_source(b, f, OP(clz));
}

bool trans_CLS(struct builder *b, const struct a64_insn *f)
{
    return one_source(b, f, OP(cls));
}

/* ---- Shifted and extended registers ---- */

static bool shift_allocated(const struct a64_insn *f)
{
    return f->sf || f->imm6 < 32;
}

/* Xm shifted by imm6, in T(0) unless it is a register as it stands. */
static struct opnd shifted(struct builder *b, const struct a64_insn *f)
{
    const uint16_t op[4] = {OP(shl), OP(shr), OP(sar), OP(ror)};
    if (f->rm == 31 || !f->imm6)
        return a64_x(f->rm);
    emit(b, op[f->shift], T(0), G(f->rm), I(f->imm6));
    return T(0);
}

/* Xm extended and shifted left, in T(0) likewise. */
static struct opnd extended(struct builder *b, const struct a64_insn *f)
{
    bool whole = f->sf ? (f->option & 3) == 3 : f->option & 2;
    if (f->rm == 31 || (whole && !f->imm3))
        return a64_x(f->rm);
    if (whole) {
        emit(b, OP(shl), T(0), G(f->rm), I(f->imm3));
        return T(0);
    }
    a64_emit_extend(b, f->option, T(0), G(f->rm));
    if (f->imm3)
        emit(b, UOP_shl64, T(0), T(0), I(f->imm3));
    return T(0);
}

/* dst = src << shift, or with add != NULL *add + that, for LSL by 1 to 3. */
static bool emit_add_scaled(struct builder *b, struct opnd dst, struct opnd base, struct opnd x,
                            unsigned shift)
{
    static const uint16_t op[4] = {0, UOP_add_shl1, UOP_add_shl2, UOP_add_shl3};
    if (!shift || shift > 3)
        return false;
    emit(b, op[shift], dst, base, x);
    return true;
}

/* ---- Logical, shifted register ---- */

/* op with y, or with ~y; neither is for a source of XZR. */
static void emit_logical(struct builder *b, const struct a64_insn *f, unsigned op, unsigned op_not)
{
    struct opnd y = shifted(b, f), x = a64_xg(b, f->rn, T(1));
    if (!f->n) {
        emit(b, op, G(f->rd), x, y);
    } else if (y.kind == OPND_I) {
        emit(b, op, G(f->rd), x, I(-1));
    } else {
        emit(b, op_not, G(f->rd), x, y);
    }
}

bool trans_AND_shift(struct builder *b, const struct a64_insn *f)
{
    if (!shift_allocated(f))
        return false;
    if (f->rd != 31)
        emit_logical(b, f, OP(and), OP(andn));
    return true;
}

bool trans_ORR_shift(struct builder *b, const struct a64_insn *f)
{
    if (!shift_allocated(f))
        return false;
    if (f->rd == 31)
        return true;
    if (f->rn != 31) {
        emit_logical(b, f, OP(or), OP(orn));
        return true;
    }
    /* MOV and MVN */
    struct opnd y = shifted(b, f);
    if (!f->n)
        a64_emit_move(b, f->sf, G(f->rd), y);
    else if (y.kind == OPND_I)
        a64_emit_const(b, G(f->rd), f->sf ? UINT64_MAX : UINT32_MAX);
    else
        emit(b, OP(not ), G(f->rd), y);
    return true;
}

bool trans_EOR_shift(struct builder *b, const struct a64_insn *f)
{
    if (!shift_allocated(f))
        return false;
    if (f->rd != 31)
        emit_logical(b, f, OP(xor), OP(xorn));
    return true;
}

/* What is compared or tested with: a constant, if it is one, as that survives its register. */
static struct opnd compared(struct builder *b, const struct a64_insn *f)
{
    uint64_t value;
    if (f->rd == 31 && !f->imm6 && a64_known_constant(b, f->rm, &value) &&
        (int64_t)value == (int32_t)value)
        return I(value);
    return shifted(b, f);
}

bool trans_ANDS_shift(struct builder *b, const struct a64_insn *f)
{
    if (!shift_allocated(f))
        return false;
    struct opnd y = f->n ? shifted(b, f) : compared(b, f);
    if (f->n && y.kind == OPND_I) {
        y = I(-1);
    } else if (f->n) {
        emit(b, OP(not ), T(0), y);
        y = T(0);
    }
    emit_cc(b, f->sf ? CC_AND64 : CC_AND32, a64_x(f->rn), y);
    if (f->rd != 31)
        emit(b, OP(and), G(f->rd), a64_xg(b, f->rn, T(1)), y);
    return true;
}

/* ---- Add and subtract ---- */

static void emit_add(struct builder *b, const struct a64_insn *f, struct opnd x, struct opnd y)
{
    if (x.kind == OPND_I)
        a64_emit_move(b, f->sf, G(f->rd), y);
    else if (y.kind == OPND_I)
        a64_emit_move(b, f->sf, G(f->rd), x);
    else if (f->rm == f->rd && y.kind == OPND_G)
        emit(b, OP(add), G(f->rd), y, x); /* in place */
    else
        emit(b, OP(add), G(f->rd), x, y);
}

static void emit_sub(struct builder *b, const struct a64_insn *f, struct opnd x, struct opnd y)
{
    if (y.kind == OPND_I)
        a64_emit_move(b, f->sf, G(f->rd), x);
    else if (x.kind == OPND_I)
        emit(b, OP(neg), G(f->rd), y);
    else
        emit(b, OP(sub), G(f->rd), x, y);
}

static bool add_shift_allocated(const struct a64_insn *f)
{
    return f->shift != 3 && shift_allocated(f);
}

bool trans_ADD_shift(struct builder *b, const struct a64_insn *f)
{
    if (!add_shift_allocated(f))
        return false;
    if (f->rd == 31)
        return true;
    if (f->sf && !f->shift && f->rn != 31 && f->rm != 31 &&
        emit_add_scaled(b, G(f->rd), G(f->rn), G(f->rm), f->imm6))
        return true;
    emit_add(b, f, a64_x(f->rn), shifted(b, f));
    return true;
}

bool trans_SUB_shift(struct builder *b, const struct a64_insn *f)
{
    if (!add_shift_allocated(f))
        return false;
    if (f->rd != 31)
        emit_sub(b, f, a64_x(f->rn), shifted(b, f));
    return true;
}

bool trans_ADDS_shift(struct builder *b, const struct a64_insn *f)
{
    if (!add_shift_allocated(f))
        return false;
    struct opnd x = a64_x(f->rn), y = shifted(b, f);
    emit_cc(b, f->sf ? CC_ADD64 : CC_ADD32, x, y);
    if (f->rd != 31)
        emit_add(b, f, x, y);
    return true;
}

bool trans_SUBS_shift(struct builder *b, const struct a64_insn *f)
{
    if (!add_shift_allocated(f))
        return false;
    struct opnd x = a64_x(f->rn), y = compared(b, f);
    emit_cc(b, f->sf ? CC_SUB64 : CC_SUB32, x, y);
    if (f->rd != 31)
        emit_sub(b, f, x, y);
    return true;
}

/* Extended registers: rn, and rd where no flags are set, may be SP. */
bool trans_ADD_ext(struct builder *b, const struct a64_insn *f)
{
    if (f->imm3 > 4)
        return false;
    struct opnd y = a64_x(f->rm);
    if (f->sf && f->rm != 31 && f->imm3 >= 1 && f->imm3 <= 3) {
        if ((f->option & 3) != 3) {
            a64_emit_extend(b, f->option, T(0), y);
            y = T(0);
        }
        emit_add_scaled(b, G(f->rd), G(f->rn), y, f->imm3);
        return true;
    }
    emit_add(b, f, G(f->rn), extended(b, f));
    return true;
}

bool trans_SUB_ext(struct builder *b, const struct a64_insn *f)
{
    if (f->imm3 > 4)
        return false;
    emit_sub(b, f, G(f->rn), extended(b, f));
    return true;
}

bool trans_ADDS_ext(struct builder *b, const struct a64_insn *f)
{
    if (f->imm3 > 4)
        return false;
    struct opnd x = G(f->rn), y = extended(b, f);
    emit_cc(b, f->sf ? CC_ADD64 : CC_ADD32, x, y);
    if (f->rd != 31)
        emit_add(b, f, x, y);
    return true;
}

bool trans_SUBS_ext(struct builder *b, const struct a64_insn *f)
{
    if (f->imm3 > 4)
        return false;
    struct opnd x = G(f->rn), y = extended(b, f);
    emit_cc(b, f->sf ? CC_SUB64 : CC_SUB32, x, y);
    if (f->rd != 31)
        emit_sub(b, f, x, y);
    return true;
}

/* ---- Three sources ---- */

/* rd = ra +- product, the product by `multiply`. */
static bool multiply_add(struct builder *b, const struct a64_insn *f, bool is64, unsigned multiply,
                         bool subtract)
{
    if (f->rd == 31)
        return true;
    struct opnd d = G(f->rd), n = a64_xg(b, f->rn, T(0)), m = a64_xg(b, f->rm, T(1));
    if (f->ra == 31) {
        emit(b, multiply, d, n, m);
        if (subtract)
            emit(b, is64 ? UOP_neg64 : UOP_neg32, d, d);
        return true;
    }
    emit(b, multiply, T(0), n, m);
    if (subtract)
        emit(b, is64 ? UOP_sub64 : UOP_sub32, d, G(f->ra), T(0));
    else
        emit(b, is64 ? UOP_add64 : UOP_add32, d, G(f->ra), T(0));
    return true;
}

bool trans_MADD(struct builder *b, const struct a64_insn *f)
{
    return multiply_add(b, f, f->sf, OP(mul), false);
}

bool trans_MSUB(struct builder *b, const struct a64_insn *f)
{
    return multiply_add(b, f, f->sf, OP(mul), true);
}

bool trans_SMADDL(struct builder *b, const struct a64_insn *f)
{
    return multiply_add(b, f, true, UOP_smull, false);
}

bool trans_SMSUBL(struct builder *b, const struct a64_insn *f)
{
    return multiply_add(b, f, true, UOP_smull, true);
}

bool trans_UMADDL(struct builder *b, const struct a64_insn *f)
{
    return multiply_add(b, f, true, UOP_umull, false);
}

bool trans_UMSUBL(struct builder *b, const struct a64_insn *f)
{
    return multiply_add(b, f, true, UOP_umull, true);
}

bool trans_SMULH(struct builder *b, const struct a64_insn *f)
{
    return two_sources(b, f, UOP_smulh);
}

bool trans_UMULH(struct builder *b, const struct a64_insn *f)
{
    return two_sources(b, f, UOP_umulh);
}
