/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processors that --cpu offers, with what the kernel says of them in the
 * auxiliary vector (arch/powerpc/kernel/cpu_specs*.h of Linux). */
#include <string.h>

#include "translate/ppc/ppc.h"

/* arch/powerpc/include/uapi/asm/cputable.h */
enum {
    HWCAP_32 = 1u << 31,
    HWCAP_64 = 1u << 30,
    HWCAP_ALTIVEC = 1u << 28,
    HWCAP_FPU = 1u << 27,
    HWCAP_MMU = 1u << 26,
    HWCAP_POWER4 = 1u << 19,
    HWCAP_SMT = 1u << 14,
    HWCAP_ICACHE_SNOOP = 1u << 13,
    HWCAP_DFP = 1u << 10,
    HWCAP_ARCH_2_06 = 1u << 8,
    HWCAP_VSX = 1u << 7,
    HWCAP_PERFMON = 1u << 6,
    HWCAP_TRUE_LE = 1u << 1,
    HWCAP_PPC_LE = 1u << 0,

    HWCAP_POWER8 = HWCAP_32 | HWCAP_64 | HWCAP_ALTIVEC | HWCAP_FPU | HWCAP_MMU | HWCAP_SMT |
                   HWCAP_ICACHE_SNOOP | HWCAP_DFP | HWCAP_ARCH_2_06 | HWCAP_VSX | HWCAP_PERFMON |
                   HWCAP_TRUE_LE,

    HWCAP2_ARCH_2_07 = 1u << 31,
    HWCAP2_DSCR = 1u << 29,
    HWCAP2_ISEL = 1u << 27,
    HWCAP2_TAR = 1u << 26,
    HWCAP2_VEC_CRYPTO = 1u << 25,
    HWCAP2_ARCH_3_00 = 1u << 23,
    HWCAP2_IEEE128 = 1u << 22,
    HWCAP2_DARN = 1u << 21,
    HWCAP2_SCV = 1u << 20,
    HWCAP2_ARCH_3_1 = 1u << 18,

    HWCAP2_POWER8 = HWCAP2_ARCH_2_07 | HWCAP2_DSCR | HWCAP2_ISEL | HWCAP2_TAR | HWCAP2_VEC_CRYPTO,
    HWCAP2_POWER9 = HWCAP2_POWER8 | HWCAP2_ARCH_3_00 | HWCAP2_IEEE128 | HWCAP2_DARN | HWCAP2_SCV,
    HWCAP2_POWER10 = HWCAP2_POWER9 | HWCAP2_ARCH_3_1,
};

enum {
    UP_TO_207 = PPC_ALTIVEC | PPC_VSX | PPC_ISA_205 | PPC_ISA_206 | PPC_ISA_207,
    UP_TO_300 = UP_TO_207 | PPC_ISA_300,
    UP_TO_310 = UP_TO_300 | PPC_ISA_310
};

static const struct ppc_cpu cpus[] = {
    {.name = "power8",
     .platform = "power8",
     .facilities = UP_TO_207,
     .pvr = 0x004d0200,
     .dcache_line = 128,
     .hwcap = HWCAP_POWER8,
     .hwcap2 = HWCAP2_POWER8},
    {.name = "power9",
     .platform = "power9",
     .facilities = UP_TO_300,
     .pvr = 0x004e1202,
     .dcache_line = 128,
     .hwcap = HWCAP_POWER8,
     .hwcap2 = HWCAP2_POWER9},
    {.name = "power10",
     .platform = "power10",
     .facilities = UP_TO_310,
     .pvr = 0x00800200,
     .dcache_line = 128,
     .hwcap = HWCAP_POWER8,
     .hwcap2 = HWCAP2_POWER10},
    {.name = "970",
     .platform = "ppc970",
     .facilities = PPC_ALTIVEC,
     .pvr = 0x003c0301,
     .dcache_line = 128,
     .hwcap = HWCAP_32 | HWCAP_64 | HWCAP_ALTIVEC | HWCAP_FPU | HWCAP_MMU | HWCAP_POWER4},
    {.name = "7450",
     .platform = "ppc7450",
     .facilities = PPC_ALTIVEC,
     .pvr = 0x80000201,
     .dcache_line = 32,
     .non_ieee = true,
     .hwcap = HWCAP_32 | HWCAP_ALTIVEC | HWCAP_FPU | HWCAP_MMU | HWCAP_PPC_LE},
    {.name = "750",
     .platform = "ppc750",
     .facilities = 0,
     .pvr = 0x00080301,
     .dcache_line = 32,
     .non_ieee = true,
     .hwcap = HWCAP_32 | HWCAP_FPU | HWCAP_MMU | HWCAP_PPC_LE},
};

enum { CPU_COUNT = sizeof(cpus) / sizeof(cpus[0]) };

/* The first is the default. */
const char *const ppc32_cpus[] = {"7450", "750", "970", "power8", "power9", "power10", "any", NULL};
const char *const ppc64_cpus[] = {"power8", "power9", "power10", "970", "any", NULL};
const char *const ppc64le_cpus[] = {"power8", "power9", "power10", "any", NULL};

static const struct ppc_cpu *chosen = &cpus[0];

void ppc_set_cpu(const char *name)
{
    for (unsigned i = 0; i < CPU_COUNT; i++)
        if (!strcmp(cpus[i].name, name))
            chosen = &cpus[i];
}

const struct ppc_cpu *ppc_cpu(void)
{
    return chosen;
}

bool ppc_has(enum ppc_facility f)
{
    return chosen->facilities & f;
}

const char *ppc_platform(void)
{
    return chosen->platform;
}

uint64_t ppc_hwcap(void)
{
    return chosen->hwcap;
}

uint64_t ppc_hwcap2(void)
{
    return chosen->hwcap2;
}
