/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What PowerPC's kernel gives a new program beyond the common: registers
 * (start_thread(), arch/powerpc/kernel/process.c) and entries of the auxiliary
 * vector (ARCH_DLINFO, arch/powerpc/include/asm/elf.h).
 */
#include "loader/ppc/start.h"

#include <elf.h>

#include "loader/loader.h"
#include "loader/vm.h"
#include "translate/ppc/ppc.h"

#ifndef AT_L1I_CACHESIZE
#define AT_L1I_CACHESIZE 40
#endif
enum {
    L1I_GEOMETRY = 41,
    L1D_SIZE = 42,
    L1D_GEOMETRY = 43,
    L2_SIZE = 44,
    L2_GEOMETRY = 45,
    L3_SIZE = 46,
    L3_GEOMETRY = 47,
    EF_PPC64_ABI_MASK = 3,
};

void ppc_start(struct vcpu *cpu)
{
    const struct guest *g = cpu->guest;
    uint64_t entry, toc;

    if (guest_word(g) == 4) {
        /* Arguments as the first ABI's start code wants them. */
        uint64_t argc = 0;
        guest_read_word(g, &argc, loaded.sp);
        cpu->g[3] = argc;
        cpu->g[4] = loaded.sp + 4;
        cpu->g[5] = cpu->g[4] + 4 * (argc + 1);
        return;
    }
    if (!guest_swaps(g) || (loaded.elf_flags & EF_PPC64_ABI_MASK) == 2) {
        cpu->g[12] = cpu->pc;
        return;
    }
    /* The entry point is a function descriptor, not yet relocated. */
    if (guest_read_word(g, &entry, cpu->pc) || guest_read_word(g, &toc, cpu->pc + 8))
        return;
    cpu->pc = loaded.entry_bias + entry;
    cpu->g[2] = loaded.entry_bias + toc;
}

void ppc_auxv(struct auxv *v)
{
    const struct ppc_cpu *cpu = ppc_cpu();
    unsigned line = cpu->dcache_line;

    /* glibc once took 16 and 17 for something else; two of these align it. */
    auxv_add(v, AT_IGNOREPPC, AT_IGNOREPPC);
    auxv_add(v, AT_IGNOREPPC, AT_IGNOREPPC);
    auxv_add(v, AT_DCACHEBSIZE, line);
    auxv_add(v, AT_ICACHEBSIZE, line);
    auxv_add(v, AT_UCACHEBSIZE, 0);
    /* Size in bytes; ways in the upper half and line in the lower. */
    auxv_add(v, AT_L1I_CACHESIZE, 32 << 10);
    auxv_add(v, L1I_GEOMETRY, 8 << 16 | line);
    auxv_add(v, L1D_SIZE, 32 << 10);
    auxv_add(v, L1D_GEOMETRY, 8 << 16 | line);
    auxv_add(v, L2_SIZE, 512 << 10);
    auxv_add(v, L2_GEOMETRY, 8 << 16 | line);
    auxv_add(v, L3_SIZE, 0);
    auxv_add(v, L3_GEOMETRY, 0);
    auxv_add(v, AT_BASE_PLATFORM, auxv_string(v, cpu->platform));
}
