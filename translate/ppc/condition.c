/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The condition register (Book I, 2.5): its fields are slots of their own, and
 * XER.SO, which every comparison copies, is part of vcpu.mode, so that the
 * usual code has nothing to do with it.
 */
#include "translate/ppc/ppc.h"

/* Shift of bit bi within its field. */
static unsigned field_shift(unsigned bi)
{
    return 3 - (bi & 3);
}

void ppc_emit_compare(struct builder *b, unsigned field, bool is64, bool is_signed, struct opnd x,
                      struct opnd y)
{
    static const uint16_t op[2][2] = {{UOP_order_u32, UOP_order_s32},
                                      {UOP_order_u64, UOP_order_s64}};
    if (is_signed && y.kind == OPND_I && !y.v)
        emit(b, is64 ? UOP_order_zero_s64 : UOP_order_zero_s32, ppc_cr(field), x);
    else
        emit(b, op[is64][is_signed], ppc_cr(field), x, y);
    if (builder_mode(b) & PPC_MODE_SO)
        emit(b, UOP_or64, ppc_cr(field), ppc_cr(field), I(CR_SO));
}

void ppc_emit_record(struct builder *b, struct opnd result)
{
    ppc_emit_compare(b, 0, ppc_is64(b), true, result, I(0));
}

void ppc_emit_cr_bit(struct builder *b, struct opnd dst, unsigned bi)
{
    emit(b, UOP_field_bit, dst, ppc_cr(bi / 4), I(field_shift(bi)));
}

void ppc_emit_cr_branch(struct builder *b, unsigned bi, bool set, uint64_t pc)
{
    emit_branch(b, set ? UOP_br_bit_set : UOP_br_bit_clear, pc, ppc_cr(bi / 4), I(field_shift(bi)));
}

/* ---- Compares (3.3.10) ---- */

static bool compare_allowed(const struct builder *b, const struct ppc_insn *f)
{
    return !f->l || ppc_is64(b);
}

bool trans_CMPI(struct builder *b, const struct ppc_insn *f)
{
    if (!compare_allowed(b, f))
        return false;
    ppc_emit_compare(b, f->bf, f->l, true, G(f->ra), I(f->d));
    return true;
}

bool trans_CMP(struct builder *b, const struct ppc_insn *f)
{
    if (!compare_allowed(b, f))
        return false;
    ppc_emit_compare(b, f->bf, f->l, true, G(f->ra), G(f->rb));
    return true;
}

bool trans_CMPLI(struct builder *b, const struct ppc_insn *f)
{
    if (!compare_allowed(b, f))
        return false;
    ppc_emit_compare(b, f->bf, f->l, false, G(f->ra), I(f->ui));
    return true;
}

bool trans_CMPL(struct builder *b, const struct ppc_insn *f)
{
    if (!compare_allowed(b, f))
        return false;
    ppc_emit_compare(b, f->bf, f->l, false, G(f->ra), G(f->rb));
    return true;
}

void ppc_helper_compare_range(struct vcpu *cpu, uint32_t field, uint32_t ra, uint32_t rb_l)
{
    uint8_t x = (uint8_t)cpu->g[ra];
    uint32_t ranges = (uint32_t)cpu->g[rb_l & 31];
    bool in = x >= (uint8_t)ranges && x <= (uint8_t)(ranges >> 8);
    if (rb_l >> 5)
        in |= x >= (uint8_t)(ranges >> 16) && x <= (uint8_t)(ranges >> 24);
    cpu->g[PPC_CR + field] = in ? CR_GT : 0;
}

bool trans_CMPRB(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_300))
        return false;
    emit_call(b, PPC_HELPER_compare_range, f->bf, f->ra, f->rb | (uint32_t)f->l << 5);
    return true;
}

void ppc_helper_compare_any_byte(struct vcpu *cpu, uint32_t field, uint32_t ra, uint32_t rb)
{
    bool found = false;
    for (unsigned i = 0; i < 64; i += 8)
        found |= (uint8_t)cpu->g[ra] == (uint8_t)(cpu->g[rb] >> i);
    cpu->g[PPC_CR + field] = found ? CR_GT : 0;
}

bool trans_CMPEQB(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_300) || !ppc_is64(b))
        return false;
    emit_call(b, PPC_HELPER_compare_any_byte, f->bf, f->ra, f->rb);
    return true;
}

/* ---- Values from conditions ---- */

bool trans_SETB(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_300))
        return false;
    ppc_emit_cr_bit(b, T(0), f->bfa * 4);
    emit(b, PPC_OP(b, neg), T(0), T(0));
    ppc_emit_cr_bit(b, T(1), f->bfa * 4 + 1);
    emit(b, UOP_sel, G(f->rt), T(0), T(0), T(1));
    return true;
}

/* rt = bit bi, or its opposite, or the negative of either */
static bool set_from_bit(struct builder *b, const struct ppc_insn *f, bool reverse, bool negative)
{
    if (!ppc_has(PPC_ISA_310))
        return false;
    ppc_emit_cr_bit(b, G(f->rt), f->bi);
    if (reverse)
        emit(b, UOP_xor64, G(f->rt), G(f->rt), I(1));
    if (negative)
        emit(b, PPC_OP(b, neg), G(f->rt), G(f->rt));
    return true;
}

bool trans_SETBC(struct builder *b, const struct ppc_insn *f)
{
    return set_from_bit(b, f, false, false);
}

bool trans_SETBCR(struct builder *b, const struct ppc_insn *f)
{
    return set_from_bit(b, f, true, false);
}

bool trans_SETNBC(struct builder *b, const struct ppc_insn *f)
{
    return set_from_bit(b, f, false, true);
}

bool trans_SETNBCR(struct builder *b, const struct ppc_insn *f)
{
    return set_from_bit(b, f, true, true);
}

bool trans_ISEL(struct builder *b, const struct ppc_insn *f)
{
    ppc_emit_cr_bit(b, T(1), f->bi);
    emit(b, UOP_sel, G(f->rt), T(1), f->ra ? G(f->ra) : I(0), G(f->rb));
    return true;
}

/* ---- Logical operations on bits (2.5.1) ---- */

/* bit bt = T(0), which is 0 or 1 */
static void insert_bit(struct builder *b, unsigned bt)
{
    unsigned shift = field_shift(bt);
    struct opnd cr = ppc_cr(bt / 4);
    if (shift)
        emit(b, UOP_shl64, T(0), T(0), I(shift));
    emit(b, UOP_and64, cr, cr, I(15 & ~(1u << shift)));
    emit(b, UOP_or64, cr, cr, T(0));
}

static bool set_bit(struct builder *b, unsigned bt, bool value)
{
    struct opnd cr = ppc_cr(bt / 4);
    unsigned mask = 1u << field_shift(bt);
    if (value)
        emit(b, UOP_or64, cr, cr, I(mask));
    else
        emit(b, UOP_and64, cr, cr, I(15 & ~mask));
    return true;
}

/* bt = ba op (bb ^ invert_b) ^ invert */
static bool combine(struct builder *b, const struct ppc_insn *f, unsigned op, bool invert_b,
                    bool invert)
{
    ppc_emit_cr_bit(b, T(0), f->ba);
    if (f->ba != f->bb || op == UOP_xor64 || invert_b) {
        ppc_emit_cr_bit(b, T(1), f->bb);
        if (invert_b)
            emit(b, UOP_xor64, T(1), T(1), I(1));
        emit(b, op, T(0), T(0), T(1));
    }
    if (invert)
        emit(b, UOP_xor64, T(0), T(0), I(1));
    insert_bit(b, f->bt);
    return true;
}

bool trans_CRAND(struct builder *b, const struct ppc_insn *f)
{
    return combine(b, f, UOP_and64, false, false);
}

bool trans_CRNAND(struct builder *b, const struct ppc_insn *f)
{
    return combine(b, f, UOP_and64, false, true);
}

bool trans_CROR(struct builder *b, const struct ppc_insn *f)
{
    return combine(b, f, UOP_or64, false, false);
}

bool trans_CRNOR(struct builder *b, const struct ppc_insn *f)
{
    return combine(b, f, UOP_or64, false, true);
}

bool trans_CRXOR(struct builder *b, const struct ppc_insn *f)
{
    if (f->ba == f->bb)
        return set_bit(b, f->bt, false);
    return combine(b, f, UOP_xor64, false, false);
}

bool trans_CREQV(struct builder *b, const struct ppc_insn *f)
{
    if (f->ba == f->bb)
        return set_bit(b, f->bt, true);
    return combine(b, f, UOP_xor64, false, true);
}

bool trans_CRANDC(struct builder *b, const struct ppc_insn *f)
{
    return combine(b, f, UOP_and64, true, false);
}

bool trans_CRORC(struct builder *b, const struct ppc_insn *f)
{
    return combine(b, f, UOP_or64, true, false);
}

bool trans_MCRF(struct builder *b, const struct ppc_insn *f)
{
    ppc_emit_move(b, ppc_cr(f->bf), ppc_cr(f->bfa));
    return true;
}

/* ---- Moves of fields (3.3.17) ---- */

static bool mtcrf(struct builder *b, const struct ppc_insn *f)
{
    for (unsigned i = 0; i < 8; i++) {
        unsigned shift = 28 - 4 * i;
        struct opnd from = G(f->rs);
        if (!(f->fxm >> (7 - i) & 1))
            continue;
        if (shift) {
            emit(b, UOP_shr32, T(0), from, I(shift));
            from = T(0);
        }
        emit(b, UOP_and32, ppc_cr(i), from, I(15));
    }
    return true;
}

bool trans_MTCRF(struct builder *b, const struct ppc_insn *f)
{
    return mtcrf(b, f);
}

/* One field; with none or several the effect is undefined. */
bool trans_MTOCRF(struct builder *b, const struct ppc_insn *f)
{
    return mtcrf(b, f);
}

bool trans_MFCR(struct builder *b, const struct ppc_insn *f)
{
    emit(b, UOP_mov64, T(0), ppc_cr(0));
    for (unsigned i = 1; i < 8; i++) {
        emit(b, UOP_shl64, T(0), T(0), I(4));
        emit(b, UOP_or64, i == 7 ? G(f->rt) : T(0), T(0), ppc_cr(i));
    }
    return true;
}

bool trans_MFOCRF(struct builder *b, const struct ppc_insn *f)
{
    if (!f->fxm || f->fxm & (f->fxm - 1))
        return trans_MFCR(b, f);
    unsigned i = 7 - (unsigned)__builtin_ctz(f->fxm);
    if (i == 7)
        ppc_emit_move(b, G(f->rt), ppc_cr(7));
    else
        emit(b, UOP_shl64, G(f->rt), ppc_cr(i), I(28 - 4 * i));
    return true;
}
