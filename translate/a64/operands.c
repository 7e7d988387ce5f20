/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operands that several encoding groups share. */
#include "translate/a64/a64.h"

void a64_emit_const(struct builder *b, struct opnd dst, uint64_t value)
{
    if ((int64_t)value == (int32_t)value)
        emit(b, UOP_mov64, dst, I(value));
    else
        emit(b, UOP_movq, dst, I(value));
}

struct opnd a64_imm(struct builder *b, uint64_t value, struct opnd tmp)
{
    if ((int64_t)value == (int32_t)value)
        return I(value);
    emit(b, UOP_movq, tmp, I(value));
    return tmp;
}

struct opnd a64_xg(struct builder *b, unsigned r, struct opnd tmp)
{
    if (r != 31)
        return G(r);
    emit(b, UOP_mov64, tmp, I(0));
    return tmp;
}

void a64_emit_move(struct builder *b, bool sf, struct opnd dst, struct opnd src)
{
    if (src.kind == OPND_I)
        a64_emit_const(b, dst, sf ? (uint64_t)src.v : (uint32_t)src.v);
    else if (!sf)
        emit(b, UOP_mov32, dst, src);
    else if (src.kind != dst.kind || src.v != dst.v)
        emit(b, UOP_mov64, dst, src);
}

void a64_emit_extend(struct builder *b, unsigned option, struct opnd dst, struct opnd src)
{
    static const uint16_t ops[8] = {UOP_zext8,    UOP_zext16,    UOP_mov32,     UOP_mov64,
                                    UOP_sext8_64, UOP_sext16_64, UOP_sext32_64, UOP_mov64};
    emit(b, ops[option], dst, src);
}
