/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interprets one instruction of the vector facility exactly, from its encoding
 * (Power ISA 3.1, Book I, chapter 6).  The decoder has accepted it. */
#include <assert.h>

#include "loader/vm.h"
#include "translate/ppc/fp.h"
#include "translate/ppc/vmx.h"

void ppc_helper_vmx_exact(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    static bool (*const groups[])(struct vmx *) = {
        vmx_elementwise, vmx_compare, vmx_permute, vmx_bits,   vmx_multiply_sum,
        vmx_quadword,    vmx_unary,   vmx_float,   vmx_crypto, vmx_decimal,
    };
    (void)y, (void)z;
    struct vmx w = {.cpu = cpu,
                    .insn = insn,
                    .a = cpu->v[32 + (insn >> 16 & 31)],
                    .b = cpu->v[32 + (insn >> 11 & 31)],
                    .c = cpu->v[32 + (insn >> 6 & 31)],
                    .t = cpu->v[32 + (insn >> 21 & 31)]};
    w.r = w.t;
    bool done = false;
    for (unsigned i = 0; !done && i < sizeof(groups) / sizeof(groups[0]); i++)
        done = groups[i](&w);
    assert(done);
    if (!w.no_result)
        cpu->v[32 + vmx_rt(&w)] = w.r;
    if (w.saturated)
        cpu->g[PPC_VSCR] |= PPC_SAT_BIT;
}

/* ---- Storage: elements, and parts of vectors ---- */

/* lvebx and others: x is the instruction, the address is aligned to the element. */
static uint64_t address_x(const struct vcpu *cpu, uint32_t insn)
{
    unsigned ra = insn >> 16 & 31, rb = insn >> 11 & 31;
    uint64_t at = (ra ? cpu->g[ra] : 0) + cpu->g[rb];
    return cpu->mode & PPC_MODE_64 ? at : (uint32_t)at;
}

/* Byte i of storage is this byte of the register. */
static unsigned byte_for(const struct vcpu *cpu, unsigned i)
{
    return cpu->mode & PPC_MODE_LE ? 15 - i : i;
}

void ppc_helper_vmx_element(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    unsigned bytes = 1u << (insn >> 6 & 3);
    bool store = insn >> 8 & 1;
    uint64_t at = address_x(cpu, insn) & -(uint64_t)bytes;
    v128 *v = &cpu->v[32 + (insn >> 21 & 31)];
    volatile uint8_t *p = guest_ptr(at);
    uint8_t image[8];
    for (unsigned i = 0; i < bytes; i++) {
        uint8_t *element = v_byte(v, byte_for(cpu, (unsigned)(at + i) & 15));
        if (store)
            p[i] = *element;
        else
            image[i] = p[i];
    }
    for (unsigned i = 0; !store && i < bytes; i++)
        *v_byte(v, byte_for(cpu, (unsigned)(at + i) & 15)) = image[i];
}
