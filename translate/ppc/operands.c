/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operands that several instruction groups share. */
#include "translate/ppc/ppc.h"

struct ppc_prefix ppc_prefix;

static bool fits32(uint64_t value)
{
    return (int64_t)value == (int32_t)value;
}

void ppc_emit_const(struct builder *b, struct opnd dst, uint64_t value)
{
    if (fits32(value))
        emit(b, UOP_mov64, dst, I(value));
    else
        emit(b, UOP_movq, dst, I(value));
}

struct opnd ppc_imm(struct builder *b, uint64_t value, struct opnd tmp)
{
    if (fits32(value))
        return I(value);
    emit(b, UOP_movq, tmp, I(value));
    return tmp;
}

void ppc_emit_move(struct builder *b, struct opnd dst, struct opnd src)
{
    if (src.kind == OPND_I)
        ppc_emit_const(b, dst, ppc_is64(b) ? (uint64_t)src.v : (uint32_t)src.v);
    else if (src.kind != dst.kind || src.v != dst.v)
        emit(b, UOP_mov64, dst, src);
}

void ppc_emit_and(struct builder *b, struct opnd dst, struct opnd src, uint64_t mask)
{
    if (mask == UINT64_MAX)
        ppc_emit_move(b, dst, src);
    else if (mask == 0xff)
        emit(b, UOP_zext8, dst, src);
    else if (mask == 0xffff)
        emit(b, UOP_zext16, dst, src);
    else if (mask == UINT32_MAX)
        emit(b, UOP_mov32, dst, src);
    else if (mask < UINT32_MAX)
        emit(b, UOP_and32, dst, src, I((int32_t)mask));
    else
        emit(b, UOP_and64, dst, src, ppc_imm(b, mask, T(1)));
}

struct ppc_ea ppc_ea_d(struct builder *b, unsigned ra, int32_t disp)
{
    int64_t d = disp;
    if (ppc_prefix.active) {
        d = (int64_t)((uint64_t)ppc_prefix.high << 16 | (uint16_t)disp);
        if (ppc_prefix.pc_relative) {
            emit_address(b, T(0), builder_pc(b) + (uint64_t)d);
            return (struct ppc_ea){.base = T(0)};
        }
    }
    if (!ra) {
        ppc_emit_const(b, T(0), ppc_is64(b) ? (uint64_t)d : (uint32_t)d);
        return (struct ppc_ea){.base = T(0)};
    }
    if (!fits32((uint64_t)d)) {
        emit(b, UOP_movq, T(0), I(d));
        emit(b, PPC_OP(b, add), T(0), T(0), G(ra));
        return (struct ppc_ea){.base = T(0)};
    }
    return (struct ppc_ea){.base = G(ra), .disp = (int32_t)d};
}

struct ppc_ea ppc_ea_x(struct builder *b, unsigned ra, unsigned rb)
{
    if (!ra)
        return (struct ppc_ea){.base = G(rb)};
    emit(b, PPC_OP(b, add), T(0), G(ra), G(rb));
    return (struct ppc_ea){.base = T(0)};
}
