/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processor's state in signal frames and user contexts, as
 * arch/powerpc/kernel/signal_32.c and signal_64.c of Linux lay it out, for
 * kernels of 64 bits in both cases.
 */
#ifndef FERRY_PPC_CONTEXT_H
#define FERRY_PPC_CONTEXT_H

#include <signal.h>

#include "syscall/task.h"

/* struct sigcontext of 64-bit programs, struct mcontext of 32-bit ones: sizes,
 * and where the first begins within struct ucontext. */
enum {
    SIGCONTEXT64_SIZE = 1528,
    UCONTEXT64_SIZE = 1696,
    MCONTEXT32_SIZE = 1248,
    UCONTEXT32_SIZE = 192 + MCONTEXT32_SIZE,
};

/* Why a frame is made: a fault of memory, another exception, a signal from
 * outside.  Fills trap, dar and dsisr. */
struct ppc_cause {
    const siginfo_t *info; /* NULL: none */
    enum fault_access access;
};

/* A whole ucontext for memory at gva: registers, mask and alternate stack. */
void ppc_ucontext_save(struct vcpu *cpu, uint8_t *uc, uint64_t gva, sigmask_t mask,
                       const struct ppc_cause *cause);
/* Takes one back.  of_signal: the thread pointer too.  0 or -EFAULT. */
int ppc_ucontext_restore(struct vcpu *cpu, uint64_t gva, bool of_signal, sigmask_t *mask,
                         struct guest_stack *altstack);

/* For core files: elf_gregset_t, the VRs with VSCR and VRSAVE, the second
 * halves of VSR 0..31. */
void ppc_gregs_save(struct vcpu *cpu, uint8_t *out);
void ppc_vmx_save(struct vcpu *cpu, uint8_t *out);
void ppc_vsx_save(struct vcpu *cpu, uint8_t *out);
uint64_t ppc_msr(const struct vcpu *cpu);

/* The 32-bit mcontext alone. */
void ppc_mcontext32_save(struct vcpu *cpu, uint8_t *mc, const struct ppc_cause *cause);
int ppc_mcontext32_restore(struct vcpu *cpu, uint64_t gva, bool of_signal);

#endif
