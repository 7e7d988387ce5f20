/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fixed-point logical instructions (Book I, 3.3.13). */
#include "translate/ppc/ppc.h"

static bool finish(struct builder *b, const struct ppc_insn *f)
{
    if (f->rc)
        ppc_emit_record(b, G(f->ra));
    return true;
}

/* ---- Immediate ---- */

bool trans_ANDI_rec(struct builder *b, const struct ppc_insn *f)
{
    emit(b, UOP_and32, G(f->ra), G(f->rs), I(f->ui));
    ppc_emit_record(b, G(f->ra));
    return true;
}

bool trans_ANDIS_rec(struct builder *b, const struct ppc_insn *f)
{
    emit(b, UOP_and32, G(f->ra), G(f->rs), I((int32_t)((uint32_t)f->ui << 16)));
    ppc_emit_record(b, G(f->ra));
    return true;
}

/* or and xor: the immediate's upper half is 0 */
static bool logical_immediate(struct builder *b, const struct ppc_insn *f, unsigned op32,
                              unsigned op64, uint32_t value)
{
    if (!value)
        ppc_emit_move(b, G(f->ra), G(f->rs));
    else if (ppc_is64(b))
        emit(b, op64, G(f->ra), G(f->rs), ppc_imm(b, value, T(0)));
    else
        emit(b, op32, G(f->ra), G(f->rs), I((int32_t)value));
    return true;
}

bool trans_ORI(struct builder *b, const struct ppc_insn *f)
{
    return logical_immediate(b, f, UOP_or32, UOP_or64, f->ui);
}

bool trans_ORIS(struct builder *b, const struct ppc_insn *f)
{
    return logical_immediate(b, f, UOP_or32, UOP_or64, (uint32_t)f->ui << 16);
}

bool trans_XORI(struct builder *b, const struct ppc_insn *f)
{
    return logical_immediate(b, f, UOP_xor32, UOP_xor64, f->ui);
}

bool trans_XORIS(struct builder *b, const struct ppc_insn *f)
{
    return logical_immediate(b, f, UOP_xor32, UOP_xor64, (uint32_t)f->ui << 16);
}

/* ---- Registers ---- */

static bool logical(struct builder *b, const struct ppc_insn *f, unsigned op)
{
    emit(b, op, G(f->ra), G(f->rs), G(f->rb));
    return finish(b, f);
}

static bool logical_inverted(struct builder *b, const struct ppc_insn *f, unsigned op)
{
    struct opnd from = G(f->rs);
    if (f->rs != f->rb) {
        emit(b, op, T(0), G(f->rs), G(f->rb));
        from = T(0);
    }
    emit(b, PPC_OP(b, not ), G(f->ra), from);
    return finish(b, f);
}

bool trans_AND(struct builder *b, const struct ppc_insn *f)
{
    if (f->rs == f->rb) {
        ppc_emit_move(b, G(f->ra), G(f->rs));
        return finish(b, f);
    }
    return logical(b, f, PPC_OP(b, and));
}

bool trans_OR(struct builder *b, const struct ppc_insn *f)
{
    if (f->rs == f->rb) { /* mr; or priorities and no-operations */
        ppc_emit_move(b, G(f->ra), G(f->rs));
        return finish(b, f);
    }
    return logical(b, f, PPC_OP(b, or));
}

bool trans_XOR(struct builder *b, const struct ppc_insn *f)
{
    return logical(b, f, PPC_OP(b, xor));
}

bool trans_NAND(struct builder *b, const struct ppc_insn *f)
{
    return logical_inverted(b, f, PPC_OP(b, and));
}

bool trans_NOR(struct builder *b, const struct ppc_insn *f)
{
    return logical_inverted(b, f, PPC_OP(b, or));
}

bool trans_EQV(struct builder *b, const struct ppc_insn *f)
{
    return logical(b, f, PPC_OP(b, xorn));
}

bool trans_ANDC(struct builder *b, const struct ppc_insn *f)
{
    return logical(b, f, PPC_OP(b, andn));
}

bool trans_ORC(struct builder *b, const struct ppc_insn *f)
{
    return logical(b, f, PPC_OP(b, orn));
}

/* ---- One source ---- */

static bool one_source(struct builder *b, const struct ppc_insn *f, unsigned op)
{
    emit(b, op, G(f->ra), G(f->rs));
    return finish(b, f);
}

bool trans_EXTSB(struct builder *b, const struct ppc_insn *f)
{
    return one_source(b, f, ppc_is64(b) ? UOP_sext8_64 : UOP_sext8_32);
}

bool trans_EXTSH(struct builder *b, const struct ppc_insn *f)
{
    return one_source(b, f, ppc_is64(b) ? UOP_sext16_64 : UOP_sext16_32);
}

bool trans_EXTSW(struct builder *b, const struct ppc_insn *f)
{
    return ppc_is64(b) && one_source(b, f, UOP_sext32_64);
}

bool trans_CNTLZW(struct builder *b, const struct ppc_insn *f)
{
    return one_source(b, f, UOP_clz32);
}

bool trans_CNTLZD(struct builder *b, const struct ppc_insn *f)
{
    return ppc_is64(b) && one_source(b, f, UOP_clz64);
}

bool trans_CNTTZW(struct builder *b, const struct ppc_insn *f)
{
    return ppc_has(PPC_ISA_300) && one_source(b, f, UOP_ctz32);
}

bool trans_CNTTZD(struct builder *b, const struct ppc_insn *f)
{
    return ppc_has(PPC_ISA_300) && ppc_is64(b) && one_source(b, f, UOP_ctz64);
}

/* These have no record form. */
static bool plain(struct builder *b, const struct ppc_insn *f, enum ppc_facility need, unsigned op)
{
    if (!ppc_has(need))
        return false;
    emit(b, op, G(f->ra), G(f->rs));
    return true;
}

bool trans_POPCNTB(struct builder *b, const struct ppc_insn *f)
{
    return plain(b, f, PPC_ISA_205, UOP_popcount8);
}

bool trans_POPCNTW(struct builder *b, const struct ppc_insn *f)
{
    return plain(b, f, PPC_ISA_206, UOP_popcount32);
}

bool trans_POPCNTD(struct builder *b, const struct ppc_insn *f)
{
    return ppc_is64(b) && plain(b, f, PPC_ISA_206, UOP_popcount64);
}

bool trans_BRH(struct builder *b, const struct ppc_insn *f)
{
    return plain(b, f, PPC_ISA_310, ppc_is64(b) ? UOP_rev16_64 : UOP_rev16_32);
}

bool trans_BRW(struct builder *b, const struct ppc_insn *f)
{
    return plain(b, f, PPC_ISA_310, ppc_is64(b) ? UOP_rev32_64 : UOP_bswap32);
}

bool trans_BRD(struct builder *b, const struct ppc_insn *f)
{
    return ppc_is64(b) && plain(b, f, PPC_ISA_310, UOP_bswap64);
}

/* The parity of the lowest bits of all bytes, of `width` bits each. */
static void emit_parity(struct builder *b, const struct ppc_insn *f, unsigned width, uint64_t mask)
{
    struct opnd from = G(f->rs);
    for (unsigned shift = width / 2; shift >= 8; shift /= 2) {
        emit(b, UOP_shr64, T(1), from, I(shift));
        emit(b, UOP_xor64, T(0), from, T(1));
        from = T(0);
    }
    ppc_emit_and(b, G(f->ra), T(0), mask);
}

bool trans_PRTYW(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_205))
        return false;
    emit_parity(b, f, 32, UINT64_C(0x0000000100000001));
    return true;
}

bool trans_PRTYD(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_205) || !ppc_is64(b))
        return false;
    emit_parity(b, f, 64, 1);
    return true;
}

bool trans_CMPB(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_205))
        return false;
    emit(b, UOP_equal8, G(f->ra), G(f->rs), G(f->rb));
    if (!ppc_is64(b))
        emit(b, UOP_mov32, G(f->ra), G(f->ra));
    return true;
}

/* ---- By helpers ---- */

void ppc_helper_bit_permute(struct vcpu *cpu, uint32_t ra, uint32_t rs, uint32_t rb)
{
    uint64_t indexes = cpu->g[rs], from = cpu->g[rb], result = 0;
    for (unsigned i = 0; i < 8; i++) {
        unsigned index = indexes >> (8 * i) & 0xff;
        if (index < 64)
            result |= (from >> (63 - index) & 1) << i;
    }
    cpu->g[ra] = result;
}

bool trans_BPERMD(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_206) || !ppc_is64(b))
        return false;
    emit_call(b, PPC_HELPER_bit_permute, f->ra, f->rs, f->rb);
    return true;
}

enum gather { GATHER_CENTRIFUGE, GATHER_EXTRACT, GATHER_DEPOSIT, GATHER_CLZ, GATHER_CTZ };

/* The bits of value under mask, moved together to the low end. */
static uint64_t extract(uint64_t value, uint64_t mask)
{
    uint64_t result = 0;
    for (unsigned n = 0; mask; mask &= mask - 1)
        result |= (value >> __builtin_ctzl(mask) & 1) << n++;
    return result;
}

static uint64_t deposit(uint64_t value, uint64_t mask)
{
    uint64_t result = 0;
    for (; mask; mask &= mask - 1, value >>= 1)
        result |= (value & 1) << __builtin_ctzl(mask);
    return result;
}

void ppc_helper_bit_gather(struct vcpu *cpu, uint32_t ra, uint32_t rs_rb, uint32_t kind)
{
    uint64_t value = cpu->g[rs_rb & 31], mask = cpu->g[rs_rb >> 8], result = 0, bits;
    unsigned ones = (unsigned)__builtin_popcountl(mask);
    switch (kind) {
    case GATHER_CENTRIFUGE:
        result = extract(value, mask);
        if (ones < 64)
            result |= extract(value, ~mask) << ones;
        break;
    case GATHER_EXTRACT:
        result = extract(value, mask);
        break;
    case GATHER_DEPOSIT:
        result = deposit(value, mask);
        break;
    case GATHER_CLZ:
        bits = ones ? extract(value, mask) << (64 - ones) : 0;
        result = bits ? (unsigned)__builtin_clzl(bits) : ones;
        break;
    default:
        bits = extract(value, mask);
        result = bits ? (unsigned)__builtin_ctzl(bits) : ones;
    }
    cpu->g[ra] = result;
}

static bool gather(struct builder *b, const struct ppc_insn *f, enum gather kind)
{
    if (!ppc_has(PPC_ISA_310) || !ppc_is64(b))
        return false;
    emit_call(b, PPC_HELPER_bit_gather, f->ra, f->rs | (uint32_t)f->rb << 8, kind);
    return true;
}

bool trans_CFUGED(struct builder *b, const struct ppc_insn *f)
{
    return gather(b, f, GATHER_CENTRIFUGE);
}

bool trans_PEXTD(struct builder *b, const struct ppc_insn *f)
{
    return gather(b, f, GATHER_EXTRACT);
}

bool trans_PDEPD(struct builder *b, const struct ppc_insn *f)
{
    return gather(b, f, GATHER_DEPOSIT);
}

bool trans_CNTLZDM(struct builder *b, const struct ppc_insn *f)
{
    return gather(b, f, GATHER_CLZ);
}

bool trans_CNTTZDM(struct builder *b, const struct ppc_insn *f)
{
    return gather(b, f, GATHER_CTZ);
}

/* ---- Decimal assist (3.3.15) ---- */

/* Ten bits of densely packed decimal as three digits (Book I, appendix B). */
static unsigned digits_of(unsigned dpd)
{
    unsigned p = dpd >> 7 & 7, s = dpd >> 4 & 7, u = dpd & 7;
    unsigned low_p = p & 1, low_s = s & 1, low_u = u & 1;
    if (!(dpd & 8))
        return p << 8 | s << 4 | u;
    switch (dpd >> 1 & 3) {
    case 0:
        return p << 8 | s << 4 | 8 | low_u;
    case 1:
        return p << 8 | (8 | low_s) << 4 | (s & 6) | low_u;
    case 2:
        return (8 | low_p) << 8 | s << 4 | (p & 6) | low_u;
    default:
        break;
    }
    switch (s >> 1) {
    case 0:
        return (8 | low_p) << 8 | (8 | low_s) << 4 | (p & 6) | low_u;
    case 1:
        return (8 | low_p) << 8 | ((p & 6) | low_s) << 4 | 8 | low_u;
    case 2:
        return p << 8 | (8 | low_s) << 4 | 8 | low_u;
    default:
        return (8 | low_p) << 8 | (8 | low_s) << 4 | 8 | low_u;
    }
}

/* The other way.  Large digits (8 and 9) have one bit that counts. */
static unsigned packed_of(unsigned digits)
{
    unsigned a = digits >> 8 & 15, d = digits >> 4 & 15, g = digits & 15;
    unsigned low = (a & 1) << 7 | (d & 1) << 4 | (g & 1);
    switch ((a >> 3) << 2 | (d >> 3) << 1 | g >> 3) {
    case 0:
        return a << 7 | d << 4 | g;
    case 1:
        return a << 7 | d << 4 | 8 | (g & 1);
    case 2:
        return a << 7 | (g & 6) << 4 | (d & 1) << 4 | 10 | (g & 1);
    case 4:
        return (g & 6) << 7 | d << 4 | low | 12;
    case 6:
        return (g & 6) << 7 | low | 14;
    case 5:
        return (d & 6) << 7 | low | 0x20 | 14;
    case 3:
        return a << 7 | low | 0x40 | 14;
    default:
        return low | 0x60 | 14;
    }
}

/* Each word: two groups of ten bits, or six digits. */
void ppc_helper_decimal_convert(struct vcpu *cpu, uint32_t ra, uint32_t rs, uint32_t to_packed)
{
    uint64_t from = cpu->g[rs], result = 0;
    for (unsigned word = 0; word < 64; word += 32) {
        uint32_t w = (uint32_t)(from >> word);
        uint32_t r = to_packed ? packed_of(w >> 12 & 0xfff) << 10 | packed_of(w & 0xfff)
                               : digits_of(w >> 10 & 0x3ff) << 12 | digits_of(w & 0x3ff);
        result |= (uint64_t)r << word;
    }
    cpu->g[ra] = result;
}

static bool decimal_convert(struct builder *b, const struct ppc_insn *f, bool to_packed)
{
    if (!ppc_has(PPC_ISA_206))
        return false;
    emit_call(b, PPC_HELPER_decimal_convert, f->ra, f->rs, to_packed);
    return true;
}

bool trans_CDTBCD(struct builder *b, const struct ppc_insn *f)
{
    return decimal_convert(b, f, false);
}

bool trans_CBCDTD(struct builder *b, const struct ppc_insn *f)
{
    return decimal_convert(b, f, true);
}

/* Six in each digit out of which the sum of the operands does not carry. */
void ppc_helper_add_sixes(struct vcpu *cpu, uint32_t rt, uint32_t ra, uint32_t rb)
{
    unsigned __int128 x = cpu->g[ra], y = cpu->g[rb], carries = x ^ y ^ (x + y);
    uint64_t result = 0;
    for (unsigned i = 0; i < 64; i += 4)
        if (!(carries >> (i + 4) & 1))
            result |= UINT64_C(6) << i;
    cpu->g[rt] = cpu->mode & PPC_MODE_64 ? result : (uint32_t)result;
}

bool trans_ADDG6S(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_206))
        return false;
    emit_call(b, PPC_HELPER_add_sixes, f->rt, f->ra, f->rb);
    return true;
}
