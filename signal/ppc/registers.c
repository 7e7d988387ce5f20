/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PowerPC's registers in core files (elf_gregset_t and so on,
 * arch/powerpc/include/uapi/asm/elf.h) and for debuggers
 * (org.gnu.gdb.power.core, .fpu, .altivec, .vsx).
 */
#include "signal/registers.h"

#include <elf.h>

#include "signal/ppc/context.h"
#include "syscall/convert.h"
#include "translate/ppc/fp.h"
#include "translate/ppc/ppc.h"

static void fpregs(struct vcpu *cpu, uint8_t *out)
{
    for (unsigned i = 0; i < 32; i++)
        number_store(cpu->guest, out + 8 * i, 8, cpu->v[i].d[0]);
    number_store(cpu->guest, out + 32 * 8, 8, ppc_fpscr_read(cpu));
}

static const struct register_note notes[] = {
    {"CORE", NT_FPREGSET, 33 * 8, fpregs},
    {"LINUX", NT_PPC_VMX, 34 * 16, ppc_vmx_save},
    {"LINUX", NT_PPC_VSX, 32 * 8, ppc_vsx_save},
    {NULL, 0, 0, NULL},
};

/* ---- the debugger's numbers ---- */

enum {
    PC = 32,
    MSR,
    CR,
    LR,
    CTR,
    XER,
    F0,
    FPSCR = F0 + 32,
    VR0,
    VSCR = VR0 + 32,
    VRSAVE,
    VSH0,
    COUNT = VSH0 + 32
};

/* clang-format off */
#define EACH(R)                                                                                    \
    R(0) R(1) R(2) R(3) R(4) R(5) R(6) R(7) R(8) R(9) R(10) R(11) R(12) R(13) R(14) R(15)          \
    R(16) R(17) R(18) R(19) R(20) R(21) R(22) R(23) R(24) R(25) R(26) R(27) R(28) R(29) R(30) R(31)
/* clang-format on */
#define GPR64(n) "<reg name=\"r" #n "\" bitsize=\"64\"/>"
#define GPR32(n) "<reg name=\"r" #n "\" bitsize=\"32\"/>"
#define FPR(n)   "<reg name=\"f" #n "\" bitsize=\"64\" type=\"ieee_double\"/>"
#define VR(n)    "<reg name=\"vr" #n "\" bitsize=\"128\" type=\"vec128\"/>"
#define VSH(n)   "<reg name=\"vs" #n "h\" bitsize=\"64\" type=\"uint64\"/>"

#define DESCRIPTION(architecture, bits, gprs)                                                      \
    "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target version=\"1.0\">"   \
    "<architecture>" architecture "</architecture><osabi>GNU/Linux</osabi>"                        \
    "<feature name=\"org.gnu.gdb.power.core\">" gprs "<reg name=\"pc\" bitsize=\"" bits            \
    "\" type=\"code_ptr\"/><reg name=\"msr\" bitsize=\"" bits "\" type=\"uint" bits                \
    "\"/><reg name=\"cr\" bitsize=\"32\" type=\"uint32\"/>"                                        \
    "<reg name=\"lr\" bitsize=\"" bits "\" type=\"code_ptr\"/>"                                    \
    "<reg name=\"ctr\" bitsize=\"" bits "\" type=\"uint" bits "\"/>"                               \
    "<reg name=\"xer\" bitsize=\"32\" type=\"uint32\"/></feature>"                                 \
    "<feature name=\"org.gnu.gdb.power.fpu\">" EACH(                                               \
        FPR) "<reg name=\"fpscr\" bitsize=\"64\" group=\"float\"/></feature>"                      \
             "<feature name=\"org.gnu.gdb.power.altivec\">"                                        \
             "<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"                               \
             "<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>"                                   \
             "<vector id=\"v8i16\" type=\"int16\" count=\"8\"/>"                                   \
             "<vector id=\"v16i8\" type=\"int8\" count=\"16\"/>"                                   \
             "<union id=\"vec128\"><field name=\"uint128\" type=\"uint128\"/>"                     \
             "<field name=\"v4_float\" type=\"v4f\"/><field name=\"v4_int32\" type=\"v4i32\"/>"    \
             "<field name=\"v8_int16\" type=\"v8i16\"/>"                                           \
             "<field name=\"v16_int8\" type=\"v16i8\"/></union>" EACH(                             \
                 VR) "<reg name=\"vscr\" bitsize=\"32\" group=\"vector\"/>"                        \
                     "<reg name=\"vrsave\" bitsize=\"32\" group=\"vector\"/></feature>"            \
                     "<feature name=\"org.gnu.gdb.power.vsx\">" EACH(VSH) "</feature></target>"

static size_t put(struct vcpu *cpu, uint8_t *out, size_t size, uint64_t value)
{
    number_store(cpu->guest, out, (unsigned)size, value);
    return size;
}

static size_t get(struct vcpu *cpu, unsigned n, uint8_t *out)
{
    const size_t word = guest_word(cpu->guest);

    if (n < PC)
        return put(cpu, out, word, cpu->g[n]);
    if (n >= F0 && n < FPSCR)
        return put(cpu, out, 8, cpu->v[n - F0].d[0]);
    if (n >= VR0 && n < VSCR) {
        bool big = guest_swaps(cpu->guest);
        number_store(cpu->guest, out, 8, cpu->v[32 + n - VR0].d[!big]);
        number_store(cpu->guest, out + 8, 8, cpu->v[32 + n - VR0].d[big]);
        return 16;
    }
    if (n >= VSH0 && n < COUNT)
        return put(cpu, out, 8, cpu->v[n - VSH0].d[1]);
    switch (n) {
    case PC:
        return put(cpu, out, word, cpu->pc);
    case MSR:
        return put(cpu, out, word, ppc_msr(cpu));
    case CR:
        return put(cpu, out, 4, ppc_get_cr(cpu));
    case LR:
        return put(cpu, out, word, cpu->g[PPC_LR]);
    case CTR:
        return put(cpu, out, word, cpu->g[PPC_CTR]);
    case XER:
        return put(cpu, out, 4, ppc_get_xer(cpu));
    case FPSCR:
        return put(cpu, out, 8, ppc_fpscr_read(cpu));
    case VSCR:
        return put(cpu, out, 4, ppc_vscr_read(cpu));
    case VRSAVE:
        return put(cpu, out, 4, cpu->g[PPC_VRSAVE]);
    default:
        return 0;
    }
}

static size_t set(struct vcpu *cpu, unsigned n, const uint8_t *in)
{
    uint8_t old[REGISTER_MAX_SIZE];
    size_t size = get(cpu, n, old);
    uint64_t value = size && size <= 8 ? number_load(cpu->guest, in, (unsigned)size) : 0;

    if (n < PC) {
        cpu->g[n] = value;
    } else if (n >= F0 && n < FPSCR) {
        cpu->v[n - F0].d[0] = value;
    } else if (n >= VR0 && n < VSCR) {
        bool big = guest_swaps(cpu->guest);
        cpu->v[32 + n - VR0].d[!big] = number_load(cpu->guest, in, 8);
        cpu->v[32 + n - VR0].d[big] = number_load(cpu->guest, in + 8, 8);
    } else if (n >= VSH0 && n < COUNT) {
        if (ppc_has(PPC_VSX))
            cpu->v[n - VSH0].d[1] = value;
    } else {
        switch (n) {
        case PC:
            cpu->pc = value;
            break;
        case CR:
            ppc_set_cr(cpu, (uint32_t)value);
            break;
        case LR:
            cpu->g[PPC_LR] = value;
            break;
        case CTR:
            cpu->g[PPC_CTR] = value;
            break;
        case XER:
            ppc_set_xer(cpu, value);
            break;
        case FPSCR:
            ppc_fpscr_write(cpu, value);
            break;
        case VSCR:
            ppc_vscr_write(cpu, (uint32_t)value);
            break;
        case VRSAVE:
            cpu->g[PPC_VRSAVE] = value;
            break;
        default: /* MSR is the kernel's */
            break;
        }
    }
    return size;
}

const struct guest_registers ppc32_registers = {
    .gregs_size = 48 * 4,
    .gregs = ppc_gregs_save,
    .notes = notes,
    .description = DESCRIPTION("powerpc:common", "32", EACH(GPR32)),
    .count = COUNT,
    .read = get,
    .write = set,
    .expedite = {PC, 1, LR},
};

const struct guest_registers ppc64_registers = {
    .gregs_size = 48 * 8,
    .gregs = ppc_gregs_save,
    .notes = notes,
    .description = DESCRIPTION("powerpc:common64", "64", EACH(GPR64)),
    .count = COUNT,
    .read = get,
    .write = set,
    .expedite = {PC, 1, LR},
};
