/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AArch64's registers in core files (struct user_pt_regs and
 * user_fpsimd_state, arch/arm64/include/uapi/asm/ptrace.h) and for debuggers
 * (org.gnu.gdb.aarch64.core, .fpu, .tls).
 */
#include <elf.h>
#include <string.h>

#include "signal/registers.h"
#include "translate/a64/a64.h"
#include "translate/a64/fp.h"

#define PSTATE_NZCV UINT64_C(0xf0000000)

static void gregs(struct vcpu *cpu, uint8_t *out)
{
    uint64_t r[34];

    memcpy(r, cpu->g, 31 * sizeof *r);
    r[31] = cpu->g[A64_SP];
    r[32] = cpu->pc;
    r[33] = cpu->g[CC_SLOT] & PSTATE_NZCV;
    memcpy(out, r, sizeof r);
}

static void fpsimd(struct vcpu *cpu, uint8_t *out)
{
    const uint32_t control[4] = {(uint32_t)a64_fpsr_read(cpu), (uint32_t)cpu->g[A64_FPCR], 0, 0};

    memcpy(out, cpu->v, 32 * 16);
    memcpy(out + 32 * 16, control, sizeof control);
}

static void tls(struct vcpu *cpu, uint8_t *out)
{
    memcpy(out, &cpu->g[A64_TPIDR], 8);
}

static const struct register_note notes[] = {
    {"CORE", NT_FPREGSET, 528, fpsimd},
    {"LINUX", NT_ARM_TLS, 8, tls},
    {NULL, 0, 0, NULL},
};

/* ---- the debugger's numbers: x0..x30, sp, pc, cpsr, v0..v31, fpsr, fpcr, tpidr ---- */

enum { SP = 31, PC, CPSR, V0, FPSR = V0 + 32, FPCR, TPIDR, COUNT };

static const char description[] =
    "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target version=\"1.0\">"
    "<architecture>aarch64</architecture><osabi>GNU/Linux</osabi>"
    "<feature name=\"org.gnu.gdb.aarch64.core\">"
#define X(n) "<reg name=\"x" #n "\" bitsize=\"64\"/>"
    X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(
        17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30)
#undef X
        "<reg name=\"sp\" bitsize=\"64\" type=\"data_ptr\"/>"
        "<reg name=\"pc\" bitsize=\"64\" type=\"code_ptr\"/>"
        "<flags id=\"cpsr_flags\" size=\"4\"><field name=\"V\" start=\"28\" end=\"28\"/>"
        "<field name=\"C\" start=\"29\" end=\"29\"/><field name=\"Z\" start=\"30\" end=\"30\"/>"
        "<field name=\"N\" start=\"31\" end=\"31\"/></flags>"
        "<reg name=\"cpsr\" bitsize=\"32\" type=\"cpsr_flags\"/></feature>"
        "<feature name=\"org.gnu.gdb.aarch64.fpu\">"
        "<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>"
        "<vector id=\"v2u\" type=\"uint64\" count=\"2\"/>"
        "<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"
        "<vector id=\"v4u\" type=\"uint32\" count=\"4\"/>"
        "<vector id=\"v8u\" type=\"uint16\" count=\"8\"/>"
        "<vector id=\"v16u\" type=\"uint8\" count=\"16\"/>"
        "<vector id=\"v1u\" type=\"uint128\" count=\"1\"/>"
        "<union id=\"vnd\"><field name=\"f\" type=\"v2d\"/><field name=\"u\" type=\"v2u\"/></union>"
        "<union id=\"vns\"><field name=\"f\" type=\"v4f\"/><field name=\"u\" type=\"v4u\"/></union>"
        "<union id=\"vnh\"><field name=\"u\" type=\"v8u\"/></union>"
        "<union id=\"vnb\"><field name=\"u\" type=\"v16u\"/></union>"
        "<union id=\"vnq\"><field name=\"u\" type=\"v1u\"/></union>"
        "<union id=\"aarch64v\"><field name=\"d\" type=\"vnd\"/><field name=\"s\" type=\"vns\"/>"
        "<field name=\"h\" type=\"vnh\"/><field name=\"b\" type=\"vnb\"/>"
        "<field name=\"q\" type=\"vnq\"/></union>"
#define VECTOR(n) "<reg name=\"v" #n "\" bitsize=\"128\" type=\"aarch64v\"/>"
    VECTOR(0) VECTOR(1) VECTOR(2) VECTOR(3) VECTOR(4) VECTOR(5) VECTOR(6) VECTOR(7) VECTOR(
        8) VECTOR(9) VECTOR(10) VECTOR(11) VECTOR(12) VECTOR(13) VECTOR(14) VECTOR(15) VECTOR(16)
        VECTOR(17) VECTOR(18) VECTOR(19) VECTOR(20) VECTOR(21) VECTOR(22) VECTOR(23) VECTOR(24)
            VECTOR(25) VECTOR(26) VECTOR(27) VECTOR(28) VECTOR(29) VECTOR(30) VECTOR(31)
#undef VECTOR
                "<reg name=\"fpsr\" bitsize=\"32\"/><reg name=\"fpcr\" bitsize=\"32\"/></feature>"
                "<feature name=\"org.gnu.gdb.aarch64.tls\">"
                "<reg name=\"tpidr\" bitsize=\"64\" type=\"data_ptr\"/></feature></target>";

static size_t get(struct vcpu *cpu, unsigned n, uint8_t *out)
{
    uint32_t word;

    switch (n) {
    case CPSR:
        word = cpu->g[CC_SLOT] & PSTATE_NZCV;
        break;
    case FPSR:
        word = (uint32_t)a64_fpsr_read(cpu);
        break;
    case FPCR:
        word = (uint32_t)cpu->g[A64_FPCR];
        break;
    case PC:
        memcpy(out, &cpu->pc, 8);
        return 8;
    case TPIDR:
        memcpy(out, &cpu->g[A64_TPIDR], 8);
        return 8;
    default:
        if (n >= COUNT)
            return 0;
        if (n < V0) {
            memcpy(out, &cpu->g[n < SP ? n : (unsigned)A64_SP], 8);
            return 8;
        }
        memcpy(out, &cpu->v[n - V0], 16);
        return 16;
    }
    memcpy(out, &word, 4);
    return 4;
}

static size_t set(struct vcpu *cpu, unsigned n, const uint8_t *in)
{
    uint32_t word;

    memcpy(&word, in, 4);
    switch (n) {
    case CPSR:
        cpu->g[CC_SLOT] = word & PSTATE_NZCV;
        return 4;
    case FPSR:
        a64_fpsr_write(cpu, word);
        return 4;
    case FPCR:
        a64_fpcr_write(cpu, word);
        return 4;
    case PC:
        memcpy(&cpu->pc, in, 8);
        return 8;
    case TPIDR:
        memcpy(&cpu->g[A64_TPIDR], in, 8);
        return 8;
    default:
        if (n >= COUNT)
            return 0;
        if (n < V0) {
            memcpy(&cpu->g[n < SP ? n : (unsigned)A64_SP], in, 8);
            return 8;
        }
        memcpy(&cpu->v[n - V0], in, 16);
        return 16;
    }
}

const struct guest_registers a64_registers = {
    .gregs_size = 34 * 8,
    .gregs = gregs,
    .notes = notes,
    .description = description,
    .count = COUNT,
    .read = get,
    .write = set,
    .expedite = {PC, SP, 29},
};
