/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/ppc/context.h"

#include <errno.h>
#include <string.h>

#include "loader/vm.h"
#include "signal/host.h"
#include "syscall/convert.h"
#include "translate/ppc/fp.h"

/* struct pt_regs by index, and the FPRs behind it (asm/ptrace.h, asm/elf.h) */
enum {
    PT_NIP = 32,
    PT_MSR,
    PT_ORIG_R3,
    PT_CTR,
    PT_LNK,
    PT_XER,
    PT_CCR,
    PT_SOFTE,
    PT_TRAP,
    PT_DAR,
    PT_DSISR,
    PT_RESULT,
    PT_DSCR,
    GREGS = 48,
    FREGS = 33,
};

/* Of MSR: what every user program sees, and which facilities are saved. */
#define MSR_SF  (UINT64_C(1) << 63)
#define MSR_HV  (UINT64_C(1) << 60)
#define MSR_VEC UINT64_C(0x02000000)
#define MSR_VSX UINT64_C(0x00800000)
#define MSR_FP  UINT64_C(0x00002000)
#define MSR_LE  UINT64_C(1)
/* EE PR ME FE0 FE1 IR DR RI */
#define MSR_USER UINT64_C(0x0000d932)

/* In struct sigcontext of 64 bits. */
enum {
    SC_SIGNAL = 32,
    SC_HANDLER = 40,
    SC_OLDMASK = 48,
    SC_REGS = 56,
    SC_GREGS = 64,
    SC_FREGS = SC_GREGS + GREGS * 8,
    SC_V_REGS = SC_FREGS + FREGS * 8,
    SC_VMX_RESERVE = SC_V_REGS + 8,
    /* In the aligned vectors: VRs, VSCR, VRSAVE; then the other halves of VSRs. */
    V_VSCR = 32 * 16,
    V_VRSAVE = 33 * 16,
    V_VSX = 34 * 16,
    V_SIZE = V_VSX + 32 * 8,
    UC64_STACK = 16,
    UC64_MASK = 40,
    UC64_MCONTEXT = 168,
};
/* In struct mcontext of 32 bits. */
enum {
    MC_FREGS = GREGS * 4,
    MC_VREGS = 464,
    MC_VRSAVE = MC_VREGS + 32 * 16,
    MC_VSX = MC_VREGS + 33 * 16,
    UC32_STACK = 8,
    UC32_REGS = 48,
    UC32_MASK = 52,
    UC32_MCONTEXT = 192,
};
_Static_assert((int)MC_VSX + 32 * 8 == (int)MCONTEXT32_SIZE, "mcontext32");
_Static_assert((int)SC_VMX_RESERVE + 101 * 8 == (int)SIGCONTEXT64_SIZE, "sigcontext");
_Static_assert((int)UC64_MCONTEXT + (int)SIGCONTEXT64_SIZE == (int)UCONTEXT64_SIZE, "ucontext");

/* ---- vectors ---- */

/* The doublewords of a vector in memory: the upper one first only in
 * large-endian order. */
static void put_vector(const struct guest *g, uint8_t *to, const v128 *v)
{
    number_store(g, to, 8, v->d[guest_swaps(g) ? 0 : 1]);
    number_store(g, to + 8, 8, v->d[guest_swaps(g) ? 1 : 0]);
}

static void get_vector(const struct guest *g, const uint8_t *from, v128 *v)
{
    v->d[guest_swaps(g) ? 0 : 1] = number_load(g, from, 8);
    v->d[guest_swaps(g) ? 1 : 0] = number_load(g, from + 8, 8);
}

static void put_vectors(struct vcpu *cpu, uint8_t *to)
{
    v128 vscr = {.d = {0, ppc_vscr_read(cpu)}};

    for (unsigned i = 0; i < 32; i++)
        put_vector(cpu->guest, to + 16 * i, &cpu->v[32 + i]);
    put_vector(cpu->guest, to + V_VSCR, &vscr);
}

static void get_vectors(struct vcpu *cpu, const uint8_t *from)
{
    v128 vscr;

    for (unsigned i = 0; i < 32; i++)
        get_vector(cpu->guest, from + 16 * i, &cpu->v[32 + i]);
    get_vector(cpu->guest, from + V_VSCR, &vscr);
    ppc_vscr_write(cpu, (uint32_t)vscr.d[1]);
}

static void put_halves(struct vcpu *cpu, uint8_t *to, unsigned half)
{
    for (unsigned i = 0; i < 32; i++)
        number_store(cpu->guest, to + 8 * i, 8, cpu->v[i].d[half]);
}

static void get_halves(struct vcpu *cpu, const uint8_t *from, unsigned half)
{
    for (unsigned i = 0; i < 32; i++)
        cpu->v[i].d[half] = number_load(cpu->guest, from + 8 * i, 8);
}

/* ---- general registers ---- */

static uint64_t msr(const struct vcpu *cpu)
{
    uint64_t bits = MSR_USER | MSR_FP;

    if (guest_word(cpu->guest) == 8)
        bits |= MSR_SF | MSR_HV;
    if (!guest_swaps(cpu->guest))
        bits |= MSR_LE;
    if (ppc_has(PPC_ALTIVEC))
        bits |= MSR_VEC;
    if (ppc_has(PPC_VSX))
        bits |= MSR_VSX;
    return bits;
}

/* Interrupt vector, address and status of the exception (Book III, 7.5). */
static void put_cause(uint64_t regs[GREGS], const struct ppc_cause *cause)
{
    enum { EXTERNAL = 0x500, DATA = 0x300, FETCH = 0x400, ALIGNMENT = 0x600, PROGRAM = 0x700 };
    enum { NOT_MAPPED = 0x40000000, PROTECTED = 0x08000000, STORE = 0x02000000 };
    const siginfo_t *info = cause->info;

    regs[PT_TRAP] = EXTERNAL;
    if (!info)
        return;
    if (cause->access == FAULT_FETCH) {
        regs[PT_TRAP] = FETCH;
    } else if (cause->access != FAULT_NOT_MEMORY) {
        regs[PT_TRAP] = info->si_signo == SIGBUS && info->si_code == BUS_ADRALN ? ALIGNMENT : DATA;
        regs[PT_DAR] = (uintptr_t)info->si_addr;
        regs[PT_DSISR] = (info->si_code == SEGV_ACCERR ? PROTECTED : NOT_MAPPED) |
                         (cause->access == FAULT_WRITE ? STORE : 0);
    } else if (signal_is_sync(info->si_signo) && info->si_code > 0) {
        regs[PT_TRAP] = PROGRAM;
    }
}

static void put_regs(struct vcpu *cpu, uint8_t *to, const struct ppc_cause *cause)
{
    const unsigned word = guest_word(cpu->guest);
    uint64_t regs[GREGS] = {0};

    memcpy(regs, cpu->g, 32 * sizeof *regs);
    regs[PT_NIP] = cpu->pc;
    regs[PT_MSR] = msr(cpu);
    regs[PT_ORIG_R3] = cpu->g[3];
    regs[PT_CTR] = cpu->g[PPC_CTR];
    regs[PT_LNK] = cpu->g[PPC_LR];
    regs[PT_XER] = ppc_get_xer(cpu);
    regs[PT_CCR] = ppc_get_cr(cpu);
    regs[PT_SOFTE] = 1;
    put_cause(regs, cause);
    for (unsigned i = 0; i < GREGS; i++)
        number_store(cpu->guest, to + i * word, word, regs[i]);
}

/* What was in MSR. */
static uint64_t get_regs(struct vcpu *cpu, const uint8_t *from, bool of_signal)
{
    const struct guest *g = cpu->guest;
    const unsigned word = guest_word(g);
    uint64_t regs[GREGS], tls = cpu->g[g->tls_slot];

    for (unsigned i = 0; i < GREGS; i++)
        regs[i] = number_load(g, from + i * word, word);
    memcpy(cpu->g, regs, 32 * sizeof *regs);
    if (!of_signal)
        cpu->g[g->tls_slot] = tls;
    cpu->pc = regs[PT_NIP];
    cpu->g[PPC_CTR] = regs[PT_CTR];
    cpu->g[PPC_LR] = regs[PT_LNK];
    ppc_set_xer(cpu, regs[PT_XER]);
    ppc_set_cr(cpu, (uint32_t)regs[PT_CCR]);
    cpu->g[MONITOR_ADDRESS_SLOT] = UINT64_MAX;
    return regs[PT_MSR];
}

static void put_floats(struct vcpu *cpu, uint8_t *to)
{
    put_halves(cpu, to, 0);
    number_store(cpu->guest, to + 32 * 8, 8, ppc_fpscr_read(cpu));
}

static void get_floats(struct vcpu *cpu, const uint8_t *from)
{
    get_halves(cpu, from, 0);
    ppc_fpscr_write(cpu, number_load(cpu->guest, from + 32 * 8, 8));
}

static void state_changed(struct vcpu *cpu)
{
    cpu->mode = cpu->guest->mode(cpu);
}

/* ---- 32 bits ---- */

void ppc_mcontext32_save(struct vcpu *cpu, uint8_t *mc, const struct ppc_cause *cause)
{
    memset(mc, 0, MCONTEXT32_SIZE);
    put_regs(cpu, mc, cause);
    put_floats(cpu, mc + MC_FREGS);
    put_vectors(cpu, mc + MC_VREGS);
    number_store(cpu->guest, mc + MC_VRSAVE, 4, cpu->g[PPC_VRSAVE]);
    put_halves(cpu, mc + MC_VSX, 1);
}

int ppc_mcontext32_restore(struct vcpu *cpu, uint64_t gva, bool of_signal)
{
    uint8_t mc[MCONTEXT32_SIZE];
    uint64_t facilities;

    /* The part for VSX may lie outside of what a program has. */
    if (gva % 16 || guest_read(mc, gva, MC_VSX))
        return -EFAULT;
    facilities = get_regs(cpu, mc, of_signal) & msr(cpu);
    get_floats(cpu, mc + MC_FREGS);
    if (facilities & MSR_VEC)
        get_vectors(cpu, mc + MC_VREGS);
    cpu->g[PPC_VRSAVE] = number_load(cpu->guest, mc + MC_VRSAVE, 4);
    if (facilities & MSR_VSX) {
        if (guest_read(mc + MC_VSX, gva + MC_VSX, 32 * 8))
            return -EFAULT;
        get_halves(cpu, mc + MC_VSX, 1);
    }
    state_changed(cpu);
    return 0;
}

/* ---- 64 bits ---- */

static void sigcontext64_save(struct vcpu *cpu, uint8_t *sc, uint64_t gva, sigmask_t mask,
                              const struct ppc_cause *cause)
{
    const struct guest *g = cpu->guest;
    /* Vectors begin at a multiple of 16. */
    uint64_t vectors = (gva + SC_VMX_RESERVE + 15) & ~UINT64_C(15);
    uint8_t *v = sc + (vectors - gva);

    memset(sc, 0, SIGCONTEXT64_SIZE);
    if (cause->info)
        number_store(g, sc + SC_SIGNAL, 4, (uint64_t)cause->info->si_signo);
    number_store(g, sc + SC_OLDMASK, 8, mask);
    number_store(g, sc + SC_REGS, 8, gva + SC_GREGS);
    put_regs(cpu, sc + SC_GREGS, cause);
    put_floats(cpu, sc + SC_FREGS);
    number_store(g, sc + SC_V_REGS, 8, vectors);
    put_vectors(cpu, v);
    number_store(g, v + V_VRSAVE, 4, cpu->g[PPC_VRSAVE]);
    put_halves(cpu, v + V_VSX, 1);
}

static int sigcontext64_restore(struct vcpu *cpu, uint64_t gva, bool of_signal)
{
    uint8_t sc[SC_VMX_RESERVE], v[V_SIZE];

    if (guest_read(sc, gva, sizeof sc))
        return -EFAULT;
    uint64_t vectors = number_load(cpu->guest, sc + SC_V_REGS, 8);
    uint64_t facilities = number_load(cpu->guest, sc + SC_GREGS + PT_MSR * 8, 8) & msr(cpu);
    size_t size = !vectors ? 0 : facilities & MSR_VSX ? V_SIZE : facilities & MSR_VEC ? V_VSX : 0;
    if (vectors % 16 || guest_read(v, vectors, size))
        return -EFAULT;
    get_regs(cpu, sc + SC_GREGS, of_signal);
    get_floats(cpu, sc + SC_FREGS);
    if (size && (facilities & MSR_VEC)) {
        get_vectors(cpu, v);
        cpu->g[PPC_VRSAVE] = number_load(cpu->guest, v + V_VRSAVE, 4);
    }
    if (size == V_SIZE)
        get_halves(cpu, v + V_VSX, 1);
    state_changed(cpu);
    return 0;
}

/* ---- struct ucontext ---- */

void ppc_ucontext_save(struct vcpu *cpu, uint8_t *uc, uint64_t gva, sigmask_t mask,
                       const struct ppc_cause *cause)
{
    const struct guest *g = cpu->guest;
    const struct guest_stack *stack = &cpu->task->altstack;

    if (guest_word(g) == 8) {
        memset(uc, 0, UCONTEXT64_SIZE);
        struct_to_guest(g, STRUCT_sigaltstack, stack, uc + UC64_STACK);
        struct_to_guest(g, STRUCT_sigset, &mask, uc + UC64_MASK);
        sigcontext64_save(cpu, uc + UC64_MCONTEXT, gva + UC64_MCONTEXT, mask, cause);
    } else {
        memset(uc, 0, UCONTEXT32_SIZE);
        struct_to_guest(g, STRUCT_sigaltstack, stack, uc + UC32_STACK);
        number_store(g, uc + UC32_REGS, 4, gva + UC32_MCONTEXT);
        struct_to_guest(g, STRUCT_sigset, &mask, uc + UC32_MASK);
        ppc_mcontext32_save(cpu, uc + UC32_MCONTEXT, cause);
    }
}

int ppc_ucontext_restore(struct vcpu *cpu, uint64_t gva, bool of_signal, sigmask_t *mask,
                         struct guest_stack *altstack)
{
    const struct guest *g = cpu->guest;
    uint64_t regs;

    if (guest_word(g) == 8)
        return struct_read(g, STRUCT_sigaltstack, altstack, gva + UC64_STACK) ||
                       struct_read(g, STRUCT_sigset, mask, gva + UC64_MASK) ||
                       sigcontext64_restore(cpu, gva + UC64_MCONTEXT, of_signal)
                   ? -EFAULT
                   : 0;
    return struct_read(g, STRUCT_sigaltstack, altstack, gva + UC32_STACK) ||
                   struct_read(g, STRUCT_sigset, mask, gva + UC32_MASK) ||
                   guest_read_word(g, &regs, gva + UC32_REGS) ||
                   ppc_mcontext32_restore(cpu, regs, of_signal)
               ? -EFAULT
               : 0;
}

/* ---- core files ---- */

void ppc_gregs_save(struct vcpu *cpu, uint8_t *out)
{
    put_regs(cpu, out, &(struct ppc_cause){.info = NULL});
}

void ppc_vmx_save(struct vcpu *cpu, uint8_t *out)
{
    put_vectors(cpu, out);
    number_store(cpu->guest, out + V_VRSAVE, 4, cpu->g[PPC_VRSAVE]);
}

void ppc_vsx_save(struct vcpu *cpu, uint8_t *out)
{
    put_halves(cpu, out, 1);
}

uint64_t ppc_msr(const struct vcpu *cpu)
{
    return msr(cpu);
}
