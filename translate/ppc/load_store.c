/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loads and stores of one register (Book I, 3.3.2 to 3.3.5).  Guests of the
 * other byte order than the host's have micro-ops that swap.
 */
#include "translate/ppc/ppc.h"

enum kind { LOAD8, LOAD16, LOAD16S, LOAD32, LOAD32S, LOAD64, STORE8, STORE16, STORE32, STORE64 };

struct access {
    uint16_t little, big; /* with a displacement */
    uint16_t indexed;     /* little-endian with an index, or 0 */
};

static const struct access accesses[] = {
    [LOAD8] = {UOP_ld8, UOP_ld8, UOP_ld8x0},
    [LOAD16] = {UOP_ld16, UOP_ld16_swap, 0},
    [LOAD16S] = {UOP_lds16_64, UOP_lds16_64_swap, 0},
    [LOAD32] = {UOP_ld32, UOP_ld32_swap, UOP_ld32x0},
    [LOAD32S] = {UOP_lds32_64, UOP_lds32_64_swap, 0},
    [LOAD64] = {UOP_ld64, UOP_ld64_swap, UOP_ld64x0},
    [STORE8] = {UOP_st8, UOP_st8, UOP_st8x0},
    [STORE16] = {UOP_st16, UOP_st16_swap, 0},
    [STORE32] = {UOP_st32, UOP_st32_swap, UOP_st32x0},
    [STORE64] = {UOP_st64, UOP_st64_swap, UOP_st64x0},
};

static unsigned access_op(const struct builder *b, enum kind kind, bool little)
{
    if (kind == LOAD16S && !ppc_is64(b))
        return little ? UOP_lds16_32 : UOP_lds16_32_swap;
    return little ? accesses[kind].little : accesses[kind].big;
}

static bool needs64(enum kind kind)
{
    return kind == LOAD32S || kind == LOAD64 || kind == STORE64;
}

/* A load with update may not load its base (3.3.1): that would be an invalid form. */
static bool update_allowed(const struct ppc_insn *f, enum kind kind)
{
    return f->ra && (kind >= STORE8 || f->ra != f->rt);
}

static bool access_d(struct builder *b, const struct ppc_insn *f, enum kind kind, int32_t disp,
                     bool update)
{
    if ((needs64(kind) && !ppc_is64(b)) || (update && !update_allowed(f, kind)))
        return false;
    struct ppc_ea ea = ppc_ea_d(b, f->ra, disp);
    emit(b, access_op(b, kind, ppc_is_le(b)), G(f->rt), ea.base, I(ea.disp));
    if (update)
        emit(b, PPC_OP(b, add), G(f->ra), G(f->ra), I(disp));
    return true;
}

static bool access_x(struct builder *b, const struct ppc_insn *f, enum kind kind, bool update)
{
    if ((needs64(kind) && !ppc_is64(b)) || (update && !update_allowed(f, kind)))
        return false;
    unsigned indexed = accesses[kind].indexed;
    if (indexed && ppc_is64(b) && f->ra && !update &&
        (ppc_is_le(b) || kind == LOAD8 || kind == STORE8)) {
        emit(b, indexed, G(f->rt), G(f->ra), G(f->rb));
        return true;
    }
    struct ppc_ea ea = ppc_ea_x(b, f->ra, f->rb);
    emit(b, access_op(b, kind, ppc_is_le(b)), G(f->rt), ea.base, I(0));
    if (update)
        emit(b, UOP_mov64, G(f->ra), ea.base);
    return true;
}

/* trans_NAME of an access with a displacement, with update, and their X-forms */
#define ACCESS(name, kind)                                                                         \
    bool trans_##name(struct builder *b, const struct ppc_insn *f)                                 \
    {                                                                                              \
        return access_d(b, f, kind, f->d, false);                                                  \
    }                                                                                              \
    bool trans_##name##U(struct builder *b, const struct ppc_insn *f)                              \
    {                                                                                              \
        return access_d(b, f, kind, f->d, true);                                                   \
    }                                                                                              \
    ACCESS_X(name, kind)
#define ACCESS_X(name, kind)                                                                       \
    bool trans_##name##X(struct builder *b, const struct ppc_insn *f)                              \
    {                                                                                              \
        return access_x(b, f, kind, false);                                                        \
    }                                                                                              \
    bool trans_##name##UX(struct builder *b, const struct ppc_insn *f)                             \
    {                                                                                              \
        return access_x(b, f, kind, true);                                                         \
    }

ACCESS(LBZ, LOAD8)
ACCESS(LHZ, LOAD16)
ACCESS(LHA, LOAD16S)
ACCESS(LWZ, LOAD32)
ACCESS_X(LWA, LOAD32S)
ACCESS_X(LD, LOAD64)
ACCESS(STB, STORE8)
ACCESS(STH, STORE16)
ACCESS(STW, STORE32)
ACCESS_X(STD, STORE64)

/* The displacement of DS-forms is in words; a prefix's is in bytes. */
static int32_t ds(const struct ppc_insn *f)
{
    return ppc_prefix.active ? f->d : f->d * 4;
}

bool trans_LWA(struct builder *b, const struct ppc_insn *f)
{
    return access_d(b, f, LOAD32S, ds(f), false);
}

bool trans_LD(struct builder *b, const struct ppc_insn *f)
{
    return access_d(b, f, LOAD64, ds(f), false);
}

bool trans_LDU(struct builder *b, const struct ppc_insn *f)
{
    return access_d(b, f, LOAD64, f->d * 4, true);
}

bool trans_STD(struct builder *b, const struct ppc_insn *f)
{
    return access_d(b, f, STORE64, ds(f), false);
}

bool trans_STDU(struct builder *b, const struct ppc_insn *f)
{
    return access_d(b, f, STORE64, f->d * 4, true);
}

/* ---- Byte-reversed ---- */

static bool reversed(struct builder *b, const struct ppc_insn *f, enum kind kind)
{
    struct ppc_ea ea = ppc_ea_x(b, f->ra, f->rb);
    emit(b, access_op(b, kind, !ppc_is_le(b)), G(f->rt), ea.base, I(0));
    return true;
}

bool trans_LHBRX(struct builder *b, const struct ppc_insn *f)
{
    return reversed(b, f, LOAD16);
}

bool trans_LWBRX(struct builder *b, const struct ppc_insn *f)
{
    return reversed(b, f, LOAD32);
}

bool trans_LDBRX(struct builder *b, const struct ppc_insn *f)
{
    return ppc_is64(b) && reversed(b, f, LOAD64);
}

bool trans_STHBRX(struct builder *b, const struct ppc_insn *f)
{
    return reversed(b, f, STORE16);
}

bool trans_STWBRX(struct builder *b, const struct ppc_insn *f)
{
    return reversed(b, f, STORE32);
}

bool trans_STDBRX(struct builder *b, const struct ppc_insn *f)
{
    return ppc_is64(b) && reversed(b, f, STORE64);
}
