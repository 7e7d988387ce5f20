/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Storage access of the vector facility (Power ISA 3.1, Book I, 6.7). */
#include "translate/ppc/vector.h"

/* A register's 16 bytes in the order of storage: in little-endian storage one
 * 128-bit integer. */
void ppc_emit_load_quad(struct builder *b, unsigned vsr, struct ppc_ea ea)
{
    emit(b, ppc_is_le(b) ? UOP_ldv128_swap : UOP_ldv128_rev64, V(vsr), ea.base, I(ea.disp));
}

void ppc_emit_store_quad(struct builder *b, unsigned vsr, struct ppc_ea ea)
{
    emit(b, ppc_is_le(b) ? UOP_stv128_swap : UOP_stv128_rev64, V(vsr), ea.base, I(ea.disp));
}

/* The address less its lowest four bits. */
static struct ppc_ea aligned(struct builder *b, const struct ppc_insn *f)
{
    struct ppc_ea ea = ppc_ea_x(b, f->ra, f->rb);
    emit(b, UOP_and64, T(0), ea.base, I(-16));
    return (struct ppc_ea){.base = T(0)};
}

bool trans_LVX(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ALTIVEC))
        return false;
    ppc_emit_load_quad(b, 32 + f->rt, aligned(b, f));
    return true;
}

bool trans_STVX(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ALTIVEC))
        return false;
    ppc_emit_store_quad(b, 32 + f->rt, aligned(b, f));
    return true;
}

bool trans_VMX_element(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ALTIVEC))
        return false;
    emit_call(b, PPC_HELPER_vmx_element, f->raw, 0, 0);
    return true;
}

bool trans_LVSL(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ALTIVEC))
        return false;
    emit(b, UOP_v_ramp_up, V(32 + f->rt), ppc_ea_x(b, f->ra, f->rb).base);
    return true;
}

bool trans_LVSR(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ALTIVEC))
        return false;
    emit(b, UOP_v_ramp_down, V(32 + f->rt), ppc_ea_x(b, f->ra, f->rb).base);
    return true;
}
