/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers whose parts have slots of their own, as a whole. */
#include "translate/ppc/ppc.h"

uint32_t ppc_get_cr(const struct vcpu *cpu)
{
    uint32_t cr = 0;
    for (unsigned i = 0; i < 8; i++)
        cr = cr << 4 | (cpu->g[PPC_CR + i] & 15); /* one that is dead may have more */
    return cr;
}

void ppc_set_cr(struct vcpu *cpu, uint32_t cr)
{
    for (unsigned i = 8; i--; cr >>= 4)
        cpu->g[PPC_CR + i] = cr & 15;
}

/* XER (Book I, 3.2.2; 3.2.2 of version 3.0 for OV32 and CA32). */
enum { XER_SO = 31, XER_OV = 30, XER_CA = 29, XER_OV32 = 19, XER_CA32 = 18 };

uint64_t ppc_get_xer(const struct vcpu *cpu)
{
    uint64_t xer = cpu->g[PPC_SO] << XER_SO | cpu->g[PPC_OV] << XER_OV | cpu->g[PPC_CA] << XER_CA |
                   cpu->g[PPC_STRING];
    if (ppc_has(PPC_ISA_300))
        xer |= cpu->g[PPC_OV32] << XER_OV32 | cpu->g[PPC_CA32] << XER_CA32;
    return xer;
}

void ppc_set_xer(struct vcpu *cpu, uint64_t xer)
{
    cpu->g[PPC_SO] = xer >> XER_SO & 1;
    cpu->g[PPC_OV] = xer >> XER_OV & 1;
    cpu->g[PPC_CA] = xer >> XER_CA & 1;
    cpu->g[PPC_OV32] = xer >> XER_OV32 & 1;
    cpu->g[PPC_CA32] = xer >> XER_CA32 & 1;
    cpu->g[PPC_STRING] = xer & 0x7f;
}
