/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VSX storage access (Power ISA 3.1, Book I, 7.6.1.2, 7.6.2). */
#include <string.h>

#include "loader/vm.h"
#include "translate/ppc/vmx.h"
#include "translate/ppc/vsx.h"

static struct ppc_ea ea_x(struct builder *b, const struct ppc_insn *f)
{
    return ppc_ea_x(b, f->ra, f->rb);
}

/* ---- Whole registers, as elements in the guest's byte order ---- */

/* True if half of what lxvd2x loads has just been stored by itself, by stfdx with the same
 * registers: a vectorised loop over structures does that. */
static bool half_was_stored(struct builder *b, const struct ppc_insn *f)
{
    enum { FAR = 12, PAGE = 4096 };
    uint64_t pc = builder_pc(b);
    for (unsigned i = 1; i <= FAR && (pc - 4 * i) / PAGE == pc / PAGE; i++) {
        uint32_t insn;
        memcpy(&insn, (const void *)(uintptr_t)(pc - 4 * i), 4);
        if ((insn & 0xfc0007ff) == 0x7c0005ae)
            return (insn >> 16 & 31) == f->ra && (insn >> 11 & 31) == f->rb;
    }
    return false;
}

/* What makes of a plain load of 16 bytes the elements of a little-endian guest:
 * doublewords are in place. */
static bool load(struct builder *b, const struct ppc_insn *f, unsigned little)
{
    struct ppc_ea ea = ea_x(b, f);
    if (!ppc_is_le(b)) {
        emit(b, UOP_ldv128_rev64, V(vsx_t(f)), ea.base, I(ea.disp));
        return true;
    }
    /* Hosts forward a store to a load of no more. */
    if (!little && half_was_stored(b, f)) {
        emit(b, UOP_ldv64, VT(0), ea.base, I(ea.disp));
        emit(b, UOP_ld64, T(1), ea.base, I(ea.disp + 8));
        emit(b, UOP_v_ins_d, VT(0), T(1), I(1));
        emit(b, UOP_v_mov, V(vsx_t(f)), VT(0));
        return true;
    }
    emit(b, UOP_ldv128, V(vsx_t(f)), ea.base, I(ea.disp));
    if (little)
        emit(b, little, V(vsx_t(f)), V(vsx_t(f)));
    return true;
}

static bool store(struct builder *b, const struct ppc_insn *f, unsigned little)
{
    struct ppc_ea ea = ea_x(b, f);
    if (!ppc_is_le(b)) {
        emit(b, UOP_stv128_rev64, V(vsx_t(f)), ea.base, I(ea.disp));
        return true;
    }
    if (little)
        emit(b, little, VT(0), V(vsx_t(f)));
    emit(b, UOP_stv128, little ? VT(0) : V(vsx_t(f)), ea.base, I(ea.disp));
    return true;
}

#define ACCESS(name, access, little)                                                               \
    VSX(name)                                                                                      \
    return access(b, f, little);                                                                   \
    }
ACCESS(LXVD2X, load, 0)
ACCESS(LXVW4X, load, UOP_v_rev64_s)
ACCESS(LXVH8X, load, UOP_v_rev64_h)
ACCESS(STXVD2X, store, 0)
ACCESS(STXVW4X, store, UOP_v_rev64_s)
ACCESS(STXVH8X, store, UOP_v_rev64_h)

/* Bytes are in the same order for both. */
VSX(LXVB16X)
struct ppc_ea ea = ea_x(b, f);
emit(b, UOP_ldv128_rev64, V(vsx_t(f)), ea.base, I(ea.disp));
return true;
}

VSX(STXVB16X)
struct ppc_ea ea = ea_x(b, f);
emit(b, UOP_stv128_rev64, V(vsx_t(f)), ea.base, I(ea.disp));
return true;
}

VSX(LXVX)
ppc_emit_load_quad(b, vsx_t(f), ea_x(b, f));
return true;
}

VSX(STXVX)
ppc_emit_store_quad(b, vsx_t(f), ea_x(b, f));
return true;
}

VSX(LXV)
ppc_emit_load_quad(b, vsx_t(f), ppc_ea_d(b, f->ra, f->dq * 16));
return true;
}

VSX(STXV)
ppc_emit_store_quad(b, vsx_t(f), ppc_ea_d(b, f->ra, f->dq * 16));
return true;
}

/* Pairs: the even register is the one at the lower address, in little-endian
 * storage the odd one.  Both accesses must be possible before a register changes. */
bool ppc_emit_pair(struct builder *b, unsigned vsr, struct ppc_ea ea, bool is_load)
{
    unsigned low = vsr + ppc_is_le(b), high = vsr + !ppc_is_le(b);
    struct ppc_ea next = {.base = ea.base, .disp = ea.disp + 16};
    if (!is_load) {
        ppc_emit_store_quad(b, low, ea);
        ppc_emit_store_quad(b, high, next);
        return true;
    }
    ppc_emit_load_quad(b, PPC_V_TEMPORARY, ea);
    ppc_emit_load_quad(b, high, next);
    emit(b, UOP_v_mov, V(low), V(PPC_V_TEMPORARY));
    return true;
}

static unsigned pair_register(const struct ppc_insn *f)
{
    return f->tx << 5 | f->tp << 1;
}

VSX(LXVP)
return ppc_emit_pair(b, pair_register(f), ppc_ea_d(b, f->ra, f->dq * 16), true);
}

VSX(STXVP)
return ppc_emit_pair(b, pair_register(f), ppc_ea_d(b, f->ra, f->dq * 16), false);
}

VSX(LXVPX)
return ppc_emit_pair(b, pair_register(f), ea_x(b, f), true);
}

VSX(STXVPX)
return ppc_emit_pair(b, pair_register(f), ea_x(b, f), false);
}

/* ---- Scalars ---- */

VSX(LXSDX)
ppc_fp_emit_load_double(b, vsx_t(f), ea_x(b, f));
return true;
}

VSX(STXSDX)
ppc_fp_emit_store_double(b, vsx_t(f), ea_x(b, f));
return true;
}

VSX(LXSSPX)
ppc_fp_emit_load_single(b, vsx_t(f), ea_x(b, f));
return true;
}

VSX(STXSSPX)
ppc_fp_emit_narrow(b, vsx_t(f));
ppc_fp_emit_store_single(b, ea_x(b, f));
return true;
}

/* The DS-forms reach the vector registers. */
VSX(LXSD)
ppc_fp_emit_load_double(b, 32 + f->rt, ppc_ea_d(b, f->ra, f->d * 4));
return true;
}

VSX(STXSD)
ppc_fp_emit_store_double(b, 32 + f->rt, ppc_ea_d(b, f->ra, f->d * 4));
return true;
}

VSX(LXSSP)
ppc_fp_emit_load_single(b, 32 + f->rt, ppc_ea_d(b, f->ra, f->d * 4));
return true;
}

VSX(STXSSP)
ppc_fp_emit_narrow(b, 32 + f->rt);
ppc_fp_emit_store_single(b, ppc_ea_d(b, f->ra, f->d * 4));
return true;
}

VSX(LXSIWAX)
ppc_fp_emit_load_word(b, vsx_t(f), ea_x(b, f), true);
return true;
}

VSX(LXSIWZX)
ppc_fp_emit_load_word(b, vsx_t(f), ea_x(b, f), false);
return true;
}

VSX(STXSIWX)
ppc_fp_emit_store_word(b, vsx_t(f), ea_x(b, f));
return true;
}

VSX(LXSIBZX)
struct ppc_ea ea = ea_x(b, f);
emit(b, UOP_ld8, T(1), ea.base, I(ea.disp));
emit(b, UOP_fmov_x_to_d, V(vsx_t(f)), T(1));
return true;
}

VSX(LXSIHZX)
struct ppc_ea ea = ea_x(b, f);
emit(b, UOP_ld16, T(1), ea.base, I(ea.disp));
if (!ppc_is_le(b)) {
    emit(b, UOP_rev16_32, T(1), T(1));
}
emit(b, UOP_fmov_x_to_d, V(vsx_t(f)), T(1));
return true;
}

/* ---- Splats ---- */

VSX(LXVDSX)
struct ppc_ea ea = ea_x(b, f);
if (ppc_is_le(b)) {
    emit(b, UOP_ldv64_spread, V(vsx_t(f)), ea.base, I(ea.disp));
} else {
    emit(b, UOP_ld64, T(1), ea.base, I(ea.disp));
    emit(b, UOP_bswap64, T(1), T(1));
    emit(b, UOP_v_spread_d, V(vsx_t(f)), T(1));
}
return true;
}

VSX(LXVWSX)
struct ppc_ea ea = ea_x(b, f);
emit(b, UOP_ld32, T(1), ea.base, I(ea.disp));
if (!ppc_is_le(b))
    emit(b, UOP_bswap32, T(1), T(1));
emit(b, UOP_v_spread_s, V(vsx_t(f)), T(1));
return true;
}

/* ---- The rest, by bytes ---- */

VSX(VSX_storage)
emit_call(b, PPC_HELPER_vsx_storage, f->raw, 0, 0);
return true;
}

/* Bytes of a register in the order in which storage has them. */
static void image(const v128 *v, bool little, uint8_t *bytes)
{
    for (unsigned i = 0; i < 16; i++)
        bytes[i] = v->b[(little ? 15 - i : i) ^ 7];
}

static void from_image(v128 *v, bool little, const uint8_t *bytes)
{
    for (unsigned i = 0; i < 16; i++)
        v->b[(little ? 15 - i : i) ^ 7] = bytes[i];
}

/* lxvl and others: the length is in the highest byte of RB. */
static void with_length(struct vcpu *cpu, uint32_t insn, uint64_t at, uint64_t length, bool little)
{
    unsigned n = length >> 56 > 16 ? 16 : (unsigned)(length >> 56);
    v128 *v = &cpu->v[(insn & 1) << 5 | (insn >> 21 & 31)];
    uint8_t bytes[16] = {0};
    if (insn >> 8 & 1) {
        image(v, little, bytes);
        memcpy(guest_ptr(at), bytes, n);
    } else {
        memcpy(bytes, guest_ptr(at), n);
        from_image(v, little, bytes);
    }
}

/* One element: the rightmost of doubleword 1 (lxvr*), or of doubleword 0's right (stxsi*). */
static void element(struct vcpu *cpu, uint32_t insn, uint64_t at, unsigned bytes, bool right,
                    bool little)
{
    v128 *v = &cpu->v[(insn & 1) << 5 | (insn >> 21 & 31)];
    uint8_t raw[8] = {0};
    uint64_t x = 0;
    if (insn >> 8 & 1) {
        x = v->d[right];
        for (unsigned i = 0; i < bytes; i++)
            raw[i] = (uint8_t)(x >> 8 * (little ? i : bytes - 1 - i));
        memcpy(guest_ptr(at), raw, bytes);
        return;
    }
    memcpy(raw, guest_ptr(at), bytes);
    for (unsigned i = 0; i < bytes; i++)
        x |= (uint64_t)raw[i] << 8 * (little ? i : bytes - 1 - i);
    *v = (v128){.d = {right ? 0 : x, right ? x : 0}};
}

void ppc_helper_vsx_storage(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    unsigned ra = insn >> 16 & 31, xo = insn >> 1 & 1023;
    bool little = cpu->mode & PPC_MODE_LE;
    uint64_t base = ra ? cpu->g[ra] : 0, index = cpu->g[insn >> 11 & 31];
    uint64_t at = base + index;
    if (!(cpu->mode & PPC_MODE_64))
        at = (uint32_t)at;
    switch (xo) {
    case 269: /* lxvl */
    case 397: /* stxvl */
        with_length(cpu, insn, base, index, little);
        break;
    case 301: /* lxvll */
    case 429: /* stxvll */
        with_length(cpu, insn, base, index, false);
        break;
    case 909: /* stxsibx */
    case 941: /* stxsihx */
        element(cpu, insn, at, xo == 909 ? 1 : 2, false, little);
        break;
    default: /* lxvr*x, stxvr*x */
        element(cpu, insn, at, 1u << (xo >> 5 & 3), true, little);
    }
}
