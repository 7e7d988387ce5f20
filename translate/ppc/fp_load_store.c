/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads and stores of the FPRs (Power ISA 3.1, Book I, 4.6.2, 4.6.3). */
#include "translate/ppc/fp.h"

static struct ppc_ea ea_d(struct builder *b, const struct ppc_insn *f)
{
    return ppc_ea_d(b, f->ra, f->d);
}

static struct ppc_ea ea_x(struct builder *b, const struct ppc_insn *f)
{
    return ppc_ea_x(b, f->ra, f->rb);
}

/* Update forms write the address to RA, after the access. */
static void update(struct builder *b, const struct ppc_insn *f, struct ppc_ea ea)
{
    emit(b, PPC_OP(b, add), G(f->ra), ea.base, I(ea.disp));
}

static void store_word(struct builder *b, struct opnd src, struct ppc_ea ea)
{
    if (!ppc_is_le(b)) {
        emit(b, UOP_bswap32, T(1), src);
        src = T(1);
    }
    emit(b, UOP_st32, src, ea.base, I(ea.disp));
}

/* A call of a helper loses temporaries, and so the address: singles are
 * converted before it is made, or after it was last used. */
static void load_single_bits(struct builder *b, unsigned vsr, struct ppc_ea ea)
{
    emit(b, ppc_is_le(b) ? UOP_ldv32 : UOP_ld_single_swap, V(vsr), ea.base, I(ea.disp));
}

static void store_single_bits(struct builder *b, unsigned vsr, struct ppc_ea ea)
{
    (void)vsr;
    store_word(b, G(CAS_EXPECTED_SLOT), ea);
}

/* A signalling NaN stays one. */
void ppc_fp_emit_widen(struct builder *b, unsigned vsr)
{
    emit_slow(b, PPC_HELPER_fp_widen, vsr, 0, 0, UOP_fcvt_s_to_d, V(vsr), V(vsr));
}

void ppc_fp_emit_narrow(struct builder *b, unsigned vsr)
{
    emit_slow(b, PPC_HELPER_fp_narrow, vsr, 0, 0, UOP_single_bits, G(CAS_EXPECTED_SLOT), V(vsr));
}

static void nothing(struct builder *b, unsigned vsr)
{
    (void)b, (void)vsr;
}

void ppc_fp_emit_load_single(struct builder *b, unsigned vsr, struct ppc_ea ea)
{
    load_single_bits(b, vsr, ea);
    ppc_fp_emit_widen(b, vsr);
}

/* After ppc_fp_emit_narrow. */
void ppc_fp_emit_store_single(struct builder *b, struct ppc_ea ea)
{
    store_single_bits(b, 0, ea);
}

void ppc_fp_emit_load_double(struct builder *b, unsigned vsr, struct ppc_ea ea)
{
    emit(b, ppc_is_le(b) ? UOP_ldv64 : UOP_ld_double_swap, V(vsr), ea.base, I(ea.disp));
}

void ppc_fp_emit_store_double(struct builder *b, unsigned vsr, struct ppc_ea ea)
{
    emit(b, ppc_is_le(b) ? UOP_stv64 : UOP_st_double_swap, V(vsr), ea.base, I(ea.disp));
}

/* 32-bit programs make doubles of words that they store to the stack: hosts don't forward two
 * stores to one load, but a store to two loads. */
static void load_double(struct builder *b, unsigned vsr, struct ppc_ea ea)
{
    if (ppc_is64(b) || ea.base.kind != OPND_G || ea.base.v != 1) {
        ppc_fp_emit_load_double(b, vsr, ea);
        return;
    }
    emit(b, UOP_ld32_swap, T(0), ea.base, I(ea.disp));
    emit(b, UOP_ld32_swap, T(1), ea.base, I(ea.disp + 4));
    emit(b, UOP_shl64, T(0), T(0), I(32));
    emit(b, UOP_or64, T(0), T(0), T(1));
    emit(b, UOP_fmov_x_to_d, V(vsr), T(0));
}

void ppc_helper_fp_widen(struct vcpu *cpu, uint32_t vsr, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    cpu->v[vsr].d[0] = (uint64_t)fpx_widen(FP_S, FP_D, cpu->v[vsr].s[0]);
    cpu->v[vsr].d[1] = 0;
}

/* What a store of a single makes of a double's bits (4.6.3, SINGLE). */
uint32_t ppc_fp_single_bits(uint64_t x)
{
    unsigned exponent = x >> 52 & 0x7ff;
    if (exponent > 896 || x << 1 == 0)
        return (uint32_t)(x >> 32 & 0xc0000000) | (uint32_t)(x >> 29 & 0x3fffffff);
    uint32_t sign = x >> 32 & 0x80000000u;
    if (exponent < 874)
        return sign; /* undefined: below the least denormal */
    uint64_t fraction = 1ull << 52 | (x & ((1ull << 52) - 1));
    return sign | (uint32_t)(fraction >> (29 + 897 - exponent));
}

void ppc_helper_fp_narrow(struct vcpu *cpu, uint32_t vsr, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    cpu->g[CAS_EXPECTED_SLOT] = ppc_fp_single_bits(cpu->v[vsr].d[0]);
}

#define ACCESS(name, before, access, after)                                                        \
    bool trans_##name(struct builder *b, const struct ppc_insn *f)                                 \
    {                                                                                              \
        before(b, f->rt);                                                                          \
        access(b, f->rt, ea_d(b, f));                                                              \
        after(b, f->rt);                                                                           \
        return true;                                                                               \
    }                                                                                              \
    bool trans_##name##X(struct builder *b, const struct ppc_insn *f)                              \
    {                                                                                              \
        before(b, f->rt);                                                                          \
        access(b, f->rt, ea_x(b, f));                                                              \
        after(b, f->rt);                                                                           \
        return true;                                                                               \
    }                                                                                              \
    bool trans_##name##U(struct builder *b, const struct ppc_insn *f)                              \
    {                                                                                              \
        if (!f->ra)                                                                                \
            return false;                                                                          \
        before(b, f->rt);                                                                          \
        struct ppc_ea ea = ea_d(b, f);                                                             \
        access(b, f->rt, ea);                                                                      \
        update(b, f, ea);                                                                          \
        after(b, f->rt);                                                                           \
        return true;                                                                               \
    }                                                                                              \
    bool trans_##name##UX(struct builder *b, const struct ppc_insn *f)                             \
    {                                                                                              \
        if (!f->ra)                                                                                \
            return false;                                                                          \
        before(b, f->rt);                                                                          \
        struct ppc_ea ea = ea_x(b, f);                                                             \
        access(b, f->rt, ea);                                                                      \
        update(b, f, ea);                                                                          \
        after(b, f->rt);                                                                           \
        return true;                                                                               \
    }
ACCESS(LFS, nothing, load_single_bits, ppc_fp_emit_widen)
ACCESS(LFD, nothing, load_double, nothing)
ACCESS(STFS, ppc_fp_emit_narrow, store_single_bits, nothing)
ACCESS(STFD, nothing, ppc_fp_emit_store_double, nothing)

/* ---- Words as integers ---- */

void ppc_fp_emit_load_word(struct builder *b, unsigned vsr, struct ppc_ea ea, bool is_signed)
{
    emit(b, ppc_is_le(b) ? UOP_ld32 : UOP_ld32_swap, T(1), ea.base, I(ea.disp));
    if (is_signed)
        emit(b, UOP_sext32_64, T(1), T(1));
    emit(b, UOP_fmov_x_to_d, V(vsr), T(1));
}

void ppc_fp_emit_store_word(struct builder *b, unsigned vsr, struct ppc_ea ea)
{
    emit(b, UOP_fmov_s_to_w, T(1), V(vsr));
    store_word(b, T(1), ea);
}

bool trans_LFIWAX(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_205))
        return false;
    ppc_fp_emit_load_word(b, f->rt, ea_x(b, f), true);
    return true;
}

bool trans_LFIWZX(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_206))
        return false;
    ppc_fp_emit_load_word(b, f->rt, ea_x(b, f), false);
    return true;
}

bool trans_STFIWX(struct builder *b, const struct ppc_insn *f)
{
    ppc_fp_emit_store_word(b, f->rt, ea_x(b, f));
    return true;
}

/* ---- Pairs: the even register is the one at the lower address, in
 * little-endian storage the odd one ---- */

static bool pair(struct builder *b, const struct ppc_insn *f, struct ppc_ea ea, bool load)
{
    unsigned first = f->rt + ppc_is_le(b), second = f->rt + !ppc_is_le(b);
    struct ppc_ea next = {.base = ea.base, .disp = ea.disp + 8};
    if (load) {
        /* Both must be there before a register changes. */
        emit(b, UOP_ld64, T(1), next.base, I(next.disp));
        ppc_fp_emit_load_double(b, first, ea);
        if (!ppc_is_le(b))
            emit(b, UOP_bswap64, T(1), T(1));
        emit(b, UOP_fmov_x_to_d, V(second), T(1));
    } else {
        ppc_fp_emit_store_double(b, first, ea);
        ppc_fp_emit_store_double(b, second, next);
    }
    return true;
}

static bool no_pair(const struct ppc_insn *f)
{
    return !ppc_has(PPC_ISA_205) || f->rt & 1;
}

bool trans_LFDP(struct builder *b, const struct ppc_insn *f)
{
    return !no_pair(f) && pair(b, f, ppc_ea_d(b, f->ra, f->d * 4), true);
}

bool trans_LFDPX(struct builder *b, const struct ppc_insn *f)
{
    return !no_pair(f) && pair(b, f, ea_x(b, f), true);
}

bool trans_STFDP(struct builder *b, const struct ppc_insn *f)
{
    return !no_pair(f) && pair(b, f, ppc_ea_d(b, f->ra, f->d * 4), false);
}

bool trans_STFDPX(struct builder *b, const struct ppc_insn *f)
{
    return !no_pair(f) && pair(b, f, ea_x(b, f), false);
}
