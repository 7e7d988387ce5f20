/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prefixed floating-point and vector instructions (3.1, Book I, 4.6, 7.6). */
#include "translate/ppc/vector.h"
#include "translate/ppc/vsx.h"

/* ---- Storage access, with ppc_prefix set ---- */

bool ppc_prefixed_fp(struct builder *b, const struct ppc_insn *f)
{
    enum { PLFS = 48, PLFD = 50, PSTFS = 52, PSTFD = 54 };
    switch (f->raw >> 26) {
    case PLFS:
        return trans_LFS(b, f);
    case PLFD:
        return trans_LFD(b, f);
    case PSTFS:
        return trans_STFS(b, f);
    case PSTFD:
        return trans_STFD(b, f);
    default:
        return false;
    }
}

static struct ppc_ea ea(struct builder *b, const struct ppc_insn *f)
{
    return ppc_ea_d(b, f->ra, f->d);
}

bool ppc_prefixed_vsx(struct builder *b, const struct ppc_insn *f)
{
    enum {
        PLXSD = 42,
        PLXSSP = 43,
        PSTXSD = 46,
        PSTXSSP = 47,
        PLXV = 50, /* and 51: the low bit is the register's highest */
        PSTXV = 54,
        PLXVP = 58,
        PSTXVP = 62
    };
    unsigned opcode = f->raw >> 26, any = (opcode & 1) << 5 | f->rt;
    unsigned pair = (f->rt & 1u) << 5 | (f->rt & 30u);
    switch (opcode) {
    case PLXSD:
        ppc_fp_emit_load_double(b, 32 + f->rt, ea(b, f));
        return true;
    case PLXSSP:
        ppc_fp_emit_load_single(b, 32 + f->rt, ea(b, f));
        return true;
    case PSTXSD:
        ppc_fp_emit_store_double(b, 32 + f->rt, ea(b, f));
        return true;
    case PSTXSSP:
        ppc_fp_emit_narrow(b, 32 + f->rt);
        ppc_fp_emit_store_single(b, ea(b, f));
        return true;
    case PLXV:
    case PLXV + 1:
        ppc_emit_load_quad(b, any, ea(b, f));
        return true;
    case PSTXV:
    case PSTXV + 1:
        ppc_emit_store_quad(b, any, ea(b, f));
        return true;
    case PLXVP:
        return ppc_emit_pair(b, pair, ea(b, f), true);
    case PSTXVP:
        return ppc_emit_pair(b, pair, ea(b, f), false);
    default:
        return false;
    }
}

/* ---- Immediates ---- */

/* dst = both doublewords of value */
static void emit_spread(struct builder *b, struct opnd dst, uint64_t value)
{
    ppc_emit_const(b, T(0), value);
    emit(b, UOP_fmov_x_to_d, dst, T(0));
    emit(b, UOP_v_dup_d, dst, dst, I(0));
}

/* A single as a double; what is not normal and has a fraction has no defined result. */
static uint64_t widened(uint32_t single)
{
    uint64_t sign = (uint64_t)(single >> 31) << 63, fraction = (uint64_t)(single & 0x7fffff) << 29;
    unsigned exponent = single >> 23 & 0xff;
    if (!exponent)
        return sign;
    return sign | (uint64_t)(exponent == 0xff ? 0x7ff : exponent + 1023 - 127) << 52 | fraction;
}

static bool splat(struct builder *b, const struct ppc_insn *f, uint32_t value)
{
    enum { SPLTI32DX = 0, SPLTI32DX_LOW = 1, SPLTIDP = 2, SPLTIW = 3 };
    unsigned t = (f->raw >> 16 & 1) << 5 | f->rt;
    switch (f->raw >> 17 & 15) {
    case SPLTI32DX: /* the upper words, or the lower */
    case SPLTI32DX_LOW: {
        bool low = f->raw >> 17 & 1;
        emit_spread(b, VT(0), low ? UINT64_C(0xffffffff00000000) : UINT32_MAX);
        emit(b, UOP_v_and, V(t), V(t), VT(0));
        emit_spread(b, VT(0), low ? value : (uint64_t)value << 32);
        emit(b, UOP_v_orr, V(t), V(t), VT(0));
        return true;
    }
    case SPLTIDP:
        emit_spread(b, V(t), widened(value));
        return true;
    case SPLTIW:
        emit_spread(b, V(t), (uint64_t)value << 32 | value);
        return true;
    default:
        return false;
    }
}

/* ---- Four operands, by a helper ---- */

enum { BLEND_LOG_SIZE_MASK = 3, PERMUTE = 4, EVALUATE = 5 };

/* Elements of 1 << log bytes: B's where C's highest bit is set, else A's. */
static v128 blend(const v128 *a, const v128 *b, const v128 *c, unsigned log)
{
    v128 r;
    for (unsigned i = 0; i < 16; i++) {
        unsigned sign = i | ((1u << log) - 1); /* the highest byte of a host integer */
        r.b[i] = c->b[sign] & 0x80 ? b->b[i] : a->b[i];
    }
    return r;
}

/* Bytes of A and B that C names, if its upper bits are what `part` says. */
static v128 permute(const v128 *a, const v128 *b, const v128 *c, unsigned part)
{
    v128 r;
    for (unsigned i = 0; i < 16; i++) {
        unsigned index = c->b[i], n = index & 31;
        r.b[i] = index >> 5 != part ? 0 : n < 16 ? a->b[n ^ 7] : b->b[(n - 16) ^ 7];
    }
    return r;
}

/* Any function of three bits, as a table with the case of no bits first. */
static v128 evaluate(const v128 *a, const v128 *b, const v128 *c, unsigned table)
{
    v128 r = {.q = 0};
    for (unsigned i = 0; i < 8; i++) {
        if (!(table >> (7 - i) & 1))
            continue;
        r.q |= (i & 4 ? a->q : ~a->q) & (i & 2 ? b->q : ~b->q) & (i & 1 ? c->q : ~c->q);
    }
    return r;
}

/* Registers t | a << 8 | b << 16 | c << 24; what to do; an immediate. */
void ppc_helper_vsx_four(struct vcpu *cpu, uint32_t registers, uint32_t what, uint32_t imm)
{
    const v128 *a = &cpu->v[registers >> 8 & 63], *b = &cpu->v[registers >> 16 & 63],
               *c = &cpu->v[registers >> 24 & 63];
    v128 *t = &cpu->v[registers & 63];
    if (what == PERMUTE)
        *t = permute(a, b, c, imm);
    else if (what == EVALUATE)
        *t = evaluate(a, b, c, imm);
    else
        *t = blend(a, b, c, what & BLEND_LOG_SIZE_MASK);
}

static bool four(struct builder *b, const struct ppc_insn *f, unsigned what, uint32_t imm)
{
    uint32_t w = f->raw;
    uint32_t t = (w & 1) << 5 | (w >> 21 & 31), x = (w >> 2 & 1) << 5 | (w >> 16 & 31),
             y = (w >> 1 & 1) << 5 | (w >> 11 & 31), z = (w >> 3 & 1) << 5 | (w >> 6 & 31);
    emit_call(b, PPC_HELPER_vsx_four, t | x << 8 | y << 16 | z << 24, what, imm);
    return true;
}

bool ppc_prefixed_vector(struct builder *b, uint32_t prefix, const struct ppc_insn *f)
{
    enum { SPLAT = 32, BLEND = 33, PERMUTE_OR_EVALUATE = 34 };
    unsigned kind = f->raw >> 4 & 3;
    if (!ppc_has(PPC_VSX) || (prefix & 0x00f00000))
        return false;
    switch (f->raw >> 26) {
    case SPLAT:
        return splat(b, f, (prefix & 0xffff) << 16 | (f->raw & 0xffff));
    case BLEND:
        return four(b, f, kind, 0);
    case PERMUTE_OR_EVALUATE:
        if (kind > 1)
            return false;
        return kind ? four(b, f, EVALUATE, prefix & 0xff) : four(b, f, PERMUTE, prefix & 7);
    default:
        return false;
    }
}
