/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The AArch64 guest as the rest of ferry sees it. */
#include <capstone/capstone.h>
#include <elf.h>
#include <stdio.h>

#define A64_DECODE_TABLES
#include "syscall/a64/table.h"
#include "translate/a64/a64.h"

/* ---- Translation ---- */

/* Translation happens under a lock, one block at a time. */
static struct {
    uint64_t pc; /* of the instruction that made it */
    uint64_t value;
    unsigned r; /* 31: none */
    bool address;
} constant;

static bool known(const struct builder *b, unsigned r, bool address, uint64_t *value)
{
    if (r == 31 || r != constant.r || constant.pc + 4 != builder_pc(b) || builder_is_target(b) ||
        constant.address != address)
        return false;
    *value = constant.value;
    return true;
}

void a64_note_constant(struct builder *b, unsigned r, bool address, uint64_t value)
{
    constant.address = address;
    constant.pc = builder_pc(b);
    constant.r = r;
    constant.value = value;
}

bool a64_known_constant(const struct builder *b, unsigned r, uint64_t *value)
{
    return known(b, r, false, value);
}

bool a64_known_address(const struct builder *b, unsigned r, uint64_t *value)
{
    return known(b, r, true, value);
}

bool a64_translate_insn(struct builder *b, uint32_t insn)
{
    return a64_decode(b, insn);
}

/* The row of the next instruction is looked for before this one is translated: the processor does
 * both at once. */
static void a64_translate(struct builder *b)
{
    uint32_t next = 0;
    unsigned next_row = a64_decode_find(next);
    constant.r = 31;
    while (builder_next(b)) {
        uint32_t insn = builder_fetch32(b);
        if (!insn && builder_failed(b))
            return;
        unsigned row = insn == next ? next_row : a64_decode_find(insn);
        next = builder_peek32(b);
        next_row = a64_decode_find(next);
        if (!a64_decode_row(b, row, insn))
            emit_raise(b, EXIT_UNDEFINED, 0);
    }
}

static helper_fn *const helpers[] = {
#define HELPER(name) a64_helper_##name,
#include "translate/a64/helpers_int.def"
#include "translate/a64/helpers_fp.def"
#include "translate/a64/helpers_simd.def"
#undef HELPER
};

static const char *const helper_names[] = {
#define HELPER(name) #name,
#include "translate/a64/helpers_int.def"
#include "translate/a64/helpers_fp.def"
#include "translate/a64/helpers_simd.def"
#undef HELPER
};

/* ---- Features ---- */

static const struct feature {
    const char *name;
    uint8_t word, bit, id, shift, value;
} features[] = {
#define FEATURE(name, word, bit, id, shift, value) {name, word, bit, A64_ID_##id, shift, value},
#include "translate/a64/features.def"
#undef FEATURE
};

enum { FEATURE_COUNT = sizeof(features) / sizeof(features[0]) };

static uint64_t hwcap_word(unsigned word)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < FEATURE_COUNT; i++)
        if (features[i].word == word)
            bits |= 1ull << features[i].bit;
    return bits;
}

static uint64_t a64_hwcap(void)
{
    return hwcap_word(1);
}

static uint64_t a64_hwcap2(void)
{
    return hwcap_word(2);
}

uint64_t a64_id_register(enum a64_id_register r)
{
    /* EL1 runs AArch64 only, as the kernel shows every processor. */
    uint64_t value = r == A64_ID_PFR0 ? 0x10 : 0;
    for (unsigned i = 0; i < FEATURE_COUNT; i++) {
        const struct feature *f = &features[i];
        if (f->id == r && f->value > (value >> f->shift & 15))
            value = (value & ~(15ull << f->shift)) | (uint64_t)f->value << f->shift;
    }
    return value;
}

/* As arch/arm64/kernel/cpuinfo.c prints it, with the numbers of MIDR_EL1. */
static void a64_cpuinfo(int fd, unsigned ncpu)
{
    for (unsigned cpu = 0; cpu < ncpu; cpu++) {
        dprintf(fd, "processor\t: %u\nBogoMIPS\t: 100.00\nFeatures\t:", cpu);
        for (unsigned word = 1; word <= 2; word++)
            for (unsigned i = 0; i < FEATURE_COUNT; i++)
                if (features[i].word == word)
                    dprintf(fd, " %s", features[i].name);
        dprintf(fd,
                "\nCPU implementer\t: 0x%02x\nCPU architecture: 8\nCPU variant\t: 0x%x\n"
                "CPU part\t: 0x%03x\nCPU revision\t: %u\n\n",
                A64_MIDR >> 24, A64_MIDR >> 20 & 15, A64_MIDR >> 4 & 0xfff, A64_MIDR & 15);
    }
}

/* ---- State ---- */

static void a64_reset(struct vcpu *cpu, uint64_t entry, uint64_t sp)
{
    for (unsigned i = 0; i < VCPU_G_SLOTS; i++)
        cpu->g[i] = 0;
    for (unsigned i = 0; i < VCPU_V_SLOTS; i++)
        cpu->v[i].q = 0;
    cpu->g[A64_SP] = sp;
    cpu->g[MONITOR_ADDRESS_SLOT] = UINT64_MAX;
    cpu->pc = entry;
    cpu->mode = a64_mode(cpu);
}

static void a64_dump(const struct vcpu *cpu, int fd)
{
    dprintf(fd, " pc %016lx  sp %016lx  nzcv %x  fpcr %08lx\n", cpu->pc, cpu->g[A64_SP],
            (unsigned)(cpu->g[CC_SLOT] >> 28 & 15), cpu->g[A64_FPCR]);
    for (unsigned i = 0; i < 31; i++)
        dprintf(fd, "%sx%u %016lx%s", i < 10 ? " " : "", i, cpu->g[i],
                i % 4 == 3 || i == 30 ? "\n" : "  ");
}

/* In the order of how often compiled code uses them: arguments, then the
 * first callee-saved registers and SP; V16 is the first of those that are neither. */
static const uint8_t pins[] = {0, 1, 2, 3, 4, A64_SP, 19, 20, 22, 21};
static const uint8_t vpins[] = {0, 1, 2, 3, 4, 5, 6, 16, 8, 9};

static const char *a64_platform(void)
{
    return "aarch64";
}

static const char *const cpus[] = {"max", "any", NULL};

extern const struct signal_frame_ops a64_frame_ops;
extern const struct guest_vdso a64_vdso;
extern const struct guest_registers a64_registers;

const struct guest a64_guest = {
    .name = "aarch64",
    .uname_machine = "aarch64",
    .platform = a64_platform,
    .elf_machine = EM_AARCH64,
    .elf_class = ELFCLASS64,
    .elf_data = ELFDATA2LSB,
    .pins = pins,
    .vpins = vpins,
    .pin_count = sizeof(pins),
    .vpin_count = sizeof(vpins),
    .helpers = helpers,
    .helper_count = A64_HELPER_COUNT,
    .helper_names = helper_names,
    .translate = a64_translate,
    .cc_dead_at = a64_cc_dead_at,
    .cc_crosses_calls = A64_MODE_FLAGS,
    .cc_taken_at = a64_cc_taken_at,
    .cc_read_soon = a64_cc_read_soon,
    .jump_distance = a64_jump_distance,
    .jumps = {0x1c000000, 0x14000000},
    .mode = a64_mode,
    .link_slot = A64_LR,
    .sp_slot = A64_SP,
    .syscall_nr_slot = 8,
    .syscall_ret_slot = 0,
    .tls_slot = A64_TPIDR,
    .syscall_arg_slots = {0, 1, 2, 3, 4, 5},
    .syscall = a64_syscall,
    .syscall_count = A64_SYSCALL_COUNT,
    .abi = &a64_abi,
    .frame = &a64_frame_ops,
    .registers = &a64_registers,
    .vdso = &a64_vdso,
    .cpus = cpus,
    .page_size = 4096,
    /* Frame with floating point, a frame record, and alignment. */
    .minsigstksz = 4720,
    .reset = a64_reset,
    .hwcap = a64_hwcap,
    .hwcap2 = a64_hwcap2,
    .cpuinfo = a64_cpuinfo,
    .cs_arch = CS_ARCH_ARM64,
    .cs_mode = CS_MODE_LITTLE_ENDIAN,
    .dump = a64_dump,
};
