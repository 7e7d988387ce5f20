/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PowerPC guests as the rest of ferry sees them. */
#define ppc_insn capstone_insn /* a name that both want */
#include <capstone/capstone.h>
#undef ppc_insn
#include <elf.h>
#include <stdio.h>

#define PPC_DECODE_TABLES
#include "loader/ppc/start.h"
#include "syscall/ppc/table.h"
#include "translate/ppc/ppc.h"

/* ---- Translation ---- */

static void ppc_translate(struct builder *b)
{
    uint64_t start = builder_pc(b);
    ppc_prefix.active = false;
    ppc_big_endian = !ppc_is_le(b);
    while (builder_next(b)) {
        /* Branches take the lowest two bits of LR and CTR for zeros (2.4). */
        if (start & 3) {
            emit_goto(b, start & ~UINT64_C(3));
            return;
        }
        uint32_t insn = builder_fetch32(b);
        if (!insn && builder_failed(b))
            return;
        if (!ppc_decode(b, insn))
            emit_raise(b, EXIT_UNDEFINED, 0);
    }
}

static helper_fn *const helpers[] = {
#define HELPER(name) ppc_helper_##name,
#include "translate/ppc/helpers_int.def"
#include "translate/ppc/helpers_fp.def"
#include "translate/ppc/helpers_vec.def"
#undef HELPER
};

static const char *const helper_names[] = {
#define HELPER(name) #name,
#include "translate/ppc/helpers_int.def"
#include "translate/ppc/helpers_fp.def"
#include "translate/ppc/helpers_vec.def"
#undef HELPER
};

static uint32_t ppc_mode(const struct vcpu *cpu)
{
    const struct guest *guest = cpu->guest;
    return (cpu->g[PPC_SO] ? PPC_MODE_SO : 0) | (guest->elf_class == ELFCLASS64 ? PPC_MODE_64 : 0) |
           (guest->elf_data == ELFDATA2LSB ? PPC_MODE_LE : 0) | ppc_fp_mode(cpu);
}

/* Conditions are kept in slots of their own. */
static bool no_common_flags(uint64_t pc, uint64_t page, uint32_t mode)
{
    (void)pc;
    (void)page;
    (void)mode;
    return true;
}

/* ---- State ---- */

static void ppc_reset(struct vcpu *cpu, uint64_t entry, uint64_t sp)
{
    for (unsigned i = 0; i < VCPU_G_SLOTS; i++)
        cpu->g[i] = 0;
    for (unsigned i = 0; i < VCPU_V_SLOTS; i++)
        cpu->v[i].q = 0;
    cpu->g[1] = sp;
    cpu->g[MONITOR_ADDRESS_SLOT] = UINT64_MAX;
    cpu->pc = entry;
    ppc_fp_reset(cpu);
    cpu->mode = ppc_mode(cpu);
}

/* Errors are positive, with CR0.SO set, but for scv. */
static void ppc_set_syscall_result(struct vcpu *cpu, int64_t result)
{
    bool scv = cpu->excp_arg == PPC_SCV;
    bool error = !scv && result < 0 && result >= -4095;
    uint64_t value = (uint64_t)(error ? -result : result);
    cpu->g[3] = cpu->guest->elf_class == ELFCLASS64 ? value : (uint32_t)value;
    if (!scv)
        cpu->g[PPC_CR] = (cpu->g[PPC_CR] & ~(uint64_t)CR_SO) | (error ? CR_SO : 0);
}

static void ppc_dump(const struct vcpu *cpu, int fd)
{
    dprintf(fd, " pc %016lx  lr %016lx  ctr %016lx  cr %08x  xer %08lx\n", cpu->pc, cpu->g[PPC_LR],
            cpu->g[PPC_CTR], ppc_get_cr(cpu), ppc_get_xer(cpu));
    for (unsigned i = 0; i < 32; i++)
        dprintf(fd, "%sr%u %016lx%s", i < 10 ? " " : "", i, cpu->g[i], i % 4 == 3 ? "\n" : "  ");
}

/* As arch/powerpc/kernel/setup-common.c prints it. */
static void ppc_cpuinfo(int fd, unsigned ncpu)
{
    const struct ppc_cpu *cpu = ppc_cpu();
    for (unsigned i = 0; i < ncpu; i++)
        dprintf(fd,
                "processor\t: %u\ncpu\t\t: %s\nclock\t\t: 1000.000000MHz\n"
                "revision\t: %u.%u (pvr %04x %04x)\n\n",
                i, cpu->name, cpu->pvr >> 8 & 255, cpu->pvr & 255, cpu->pvr >> 16,
                cpu->pvr & 0xffff);
    dprintf(fd, "timebase\t: %u\nplatform\t: ferry\n", PPC_TIMEBASE_HZ);
}

extern const struct signal_frame_ops ppc_frame_ops;
extern const struct guest_registers ppc32_registers, ppc64_registers;

/* The FPRs, where they are no VSRs (Power ISA, book I, 7.2.1.1). */
static unsigned scalar_slots(void)
{
    return ppc_has(PPC_VSX) ? 0 : 32;
}

/* In the order of how often compiled code uses them: temporaries, arguments, the stack pointer,
 * and LR, which every call writes twice.  What a host has no register for is stored each time:
 * where many stores wait, the host does.  FPR 13 is the compilers' last choice. */
static const uint8_t pins[] = {9, 3, 10, 1, 4, 31, PPC_LR, 30, 8, 29};
static const uint8_t vpins[] = {0, 1, 12, 31, 11, 10, 9, 7, 30, 29};

#define PPC_GUEST                                                                                  \
    .pins = pins, .vpins = vpins, .pin_count = sizeof(pins), .vpin_count = sizeof(vpins),          \
    .helpers = helpers, .helper_count = PPC_HELPER_COUNT, .helper_names = helper_names,            \
    .translate = ppc_translate, .cc_dead_at = no_common_flags, .late_slots = PPC_LATE_SLOTS,       \
    .helper_slots = UINT64_C(1) << PPC_FPCC, .dead_at = ppc_dead_at, .scalar_slots = scalar_slots, \
    .jump_distance = ppc_jump_distance, .jumps = {0xf4000000, 0x40000000}, .mode = ppc_mode,       \
    .link_slot = PPC_LR, .sp_slot = 1, .syscall_nr_slot = 0, .syscall_ret_slot = 3,                \
    .syscall_arg_slots = {3, 4, 5, 6, 7, 8}, .set_syscall_result = ppc_set_syscall_result,         \
    .set_cpu = ppc_set_cpu, .platform = ppc_platform, .reset = ppc_reset,                          \
    .fp_exceptions = ppc_fp_exceptions, .hwcap = ppc_hwcap, .hwcap2 = ppc_hwcap2,                  \
    .cpuinfo = ppc_cpuinfo, .cs_arch = CS_ARCH_PPC, .dump = ppc_dump, .frame = &ppc_frame_ops,     \
    .start = ppc_start, .auxv = ppc_auxv

const struct guest ppc_guest = {
    PPC_GUEST,
    .name = "ppc",
    .uname_machine = "ppc",
    .elf_machine = EM_PPC,
    .registers = &ppc32_registers,
    .elf_class = ELFCLASS32,
    .elf_data = ELFDATA2MSB,
    .cpus = ppc32_cpus,
    .tls_slot = 2,
    .page_size = 4096,
    .syscall = ppc_syscall,
    .syscall_count = PPC_SYSCALL_COUNT,
    .abi = &ppc_abi,
    .vdso = &ppc_vdso,
    .minsigstksz = 2048,
    .cs_mode = CS_MODE_32 | CS_MODE_BIG_ENDIAN,
};

const struct guest ppc64_guest = {
    PPC_GUEST,
    .name = "ppc64",
    .uname_machine = "ppc64",
    .elf_machine = EM_PPC64,
    .registers = &ppc64_registers,
    .elf_class = ELFCLASS64,
    .elf_data = ELFDATA2MSB,
    .cpus = ppc64_cpus,
    .tls_slot = 13,
    .page_size = 4096,
    .syscall = ppc64_syscall,
    .syscall_count = PPC_SYSCALL_COUNT,
    .abi = &ppc64_abi,
    .vdso = &ppc64_vdso,
    .minsigstksz = 8192,
    .cs_mode = CS_MODE_64 | CS_MODE_BIG_ENDIAN,
};

const struct guest ppc64le_guest = {
    PPC_GUEST,
    .name = "ppc64le",
    .uname_machine = "ppc64le",
    .elf_machine = EM_PPC64,
    .registers = &ppc64_registers,
    .elf_class = ELFCLASS64,
    .elf_data = ELFDATA2LSB,
    .cpus = ppc64le_cpus,
    .tls_slot = 13,
    .page_size = 4096,
    .syscall = ppc64_syscall,
    .syscall_count = PPC_SYSCALL_COUNT,
    .abi = &ppc64_abi,
    .vdso = &ppc64le_vdso,
    .minsigstksz = 8192,
    .cs_mode = CS_MODE_64 | CS_MODE_LITTLE_ENDIAN,
};
