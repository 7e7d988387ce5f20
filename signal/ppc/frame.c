/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PowerPC's signal frames.  64-bit programs have one kind; 32-bit ones have
 * another for handlers without SA_SIGINFO.  Above all of them is a gap that
 * leaf functions may use below the stack pointer; below is a stack frame for
 * the handler's caller, whose back chain leads to the interrupted one.
 * (arch/powerpc/kernel/signal.c, signal_32.c, signal_64.c)
 */
#include <errno.h>
#include <string.h>

#include "loader/loader.h"
#include "loader/vm.h"
#include "signal/ppc/context.h"
#include "signal/signal.h"
#include "syscall/convert.h"
#include "syscall/siginfo.h"
#include "translate/ppc/fp.h"

/* struct rt_sigframe of 64 bits: ucontext, room for a transaction's, two words,
 * a trampoline of 7 instructions, two pointers, siginfo, the gap. */
enum {
    RT64_TRAMP = 2 * UCONTEXT64_SIZE + 16,
    RT64_PINFO = RT64_TRAMP + 32,
    RT64_PUC = RT64_PINFO + 8,
    RT64_INFO = RT64_PUC + 8,
    RT64_SIZE = RT64_INFO + SIGINFO_SIZE,
    RT64_GAP = 512,
    STACK_FRAME64 = 128,
};
/* struct rt_sigframe of 32 bits: siginfo, two ucontexts, the gap; struct
 * sigframe: sigcontext and mcontext, both twice. */
enum {
    RT32_UC = SIGINFO_SIZE,
    RT32_SIZE = RT32_UC + UCONTEXT32_SIZE,
    RT32_GAP = UCONTEXT32_SIZE + 56 * 4,
    SC32_SIGMASK_HIGH = 12,
    SC32_SIGNAL = 16,
    SC32_HANDLER = 20,
    SC32_OLDMASK = 24,
    SC32_REGS = 28,
    SF32_MCONTEXT = 32,
    SF32_SIZE = SF32_MCONTEXT + MCONTEXT32_SIZE,
    SF32_GAP = SF32_SIZE + 56 * 4,
    STACK_FRAME32 = 64,
    RT_STACK_FRAME32 = STACK_FRAME32 + 16,
};

/* Enters a handler on a new stack frame at sp. */
static int enter(struct vcpu *cpu, int sig, uint64_t handler, uint64_t sp, uint64_t trampoline)
{
    const struct guest *g = cpu->guest;
    const unsigned word = guest_word(g);
    uint64_t entry = handler, toc = cpu->g[2];

    /* A handler is a function descriptor in the first ABI of 64 bits. */
    if (word == 8 && guest_swaps(g) && (loaded.elf_flags & 3) != 2 &&
        (guest_read_word(g, &entry, handler) || guest_read_word(g, &toc, handler + 8)))
        return -EFAULT;
    if (guest_write_word(g, sp, cpu->g[1]))
        return -EFAULT;
    if (word == 8) {
        cpu->g[2] = toc;
        cpu->g[12] = entry;
        cpu->g[PPC_CTR] = entry;
    }
    cpu->g[1] = sp;
    cpu->g[3] = (uint64_t)sig;
    cpu->g[PPC_LR] = trampoline;
    ppc_fpscr_write(cpu, 0);
    cpu->g[MONITOR_ADDRESS_SLOT] = UINT64_MAX;
    cpu->pc = entry;
    cpu->mode = g->mode(cpu);
    return 0;
}

static int build64(struct vcpu *cpu, int sig, const struct guest_sigaction *action,
                   const struct ppc_cause *cause, sigmask_t mask, uint64_t sp)
{
    uint8_t frame[RT64_SIZE];
    uint64_t at = (sp - RT64_SIZE - RT64_GAP) & ~UINT64_C(15);

    memset(frame, 0, sizeof frame);
    ppc_ucontext_save(cpu, frame, at, mask, cause);
    number_store(cpu->guest, frame + RT64_PINFO, 8, at + RT64_INFO);
    number_store(cpu->guest, frame + RT64_PUC, 8, at);
    siginfo_to_guest(cpu->guest, cause->info, frame + RT64_INFO);
    if (guest_write(at, frame, sizeof frame) ||
        enter(cpu, sig, action->handler, at - STACK_FRAME64, loaded.sigreturn))
        return -EFAULT;
    if (action->flags & SA_SIGINFO) {
        cpu->g[4] = at + RT64_INFO;
        cpu->g[5] = at;
        cpu->g[6] = at;
    } else {
        cpu->g[4] = at + UCONTEXT64_SIZE - SIGCONTEXT64_SIZE;
    }
    return 0;
}

static int build32_rt(struct vcpu *cpu, int sig, const struct guest_sigaction *action,
                      const struct ppc_cause *cause, sigmask_t mask, uint64_t sp)
{
    uint8_t frame[RT32_SIZE];
    uint64_t at = (sp - RT32_SIZE - RT32_GAP) & ~UINT64_C(15);

    siginfo_to_guest(cpu->guest, cause->info, frame);
    ppc_ucontext_save(cpu, frame + RT32_UC, at + RT32_UC, mask, cause);
    if (guest_write(at, frame, sizeof frame) ||
        enter(cpu, sig, action->handler, at - RT_STACK_FRAME32, loaded.sigreturn))
        return -EFAULT;
    cpu->g[4] = at;
    cpu->g[5] = at + RT32_UC;
    cpu->g[6] = at;
    return 0;
}

static int build32(struct vcpu *cpu, int sig, const struct guest_sigaction *action,
                   const struct ppc_cause *cause, sigmask_t mask, uint64_t sp)
{
    const struct guest *g = cpu->guest;
    uint8_t frame[SF32_SIZE];
    uint64_t at = (sp - SF32_SIZE - SF32_GAP) & ~UINT64_C(15);

    memset(frame, 0, SF32_MCONTEXT);
    number_store(g, frame + SC32_SIGMASK_HIGH, 4, mask >> 32);
    number_store(g, frame + SC32_SIGNAL, 4, (uint64_t)sig);
    number_store(g, frame + SC32_HANDLER, 4, action->handler);
    number_store(g, frame + SC32_OLDMASK, 4, mask);
    number_store(g, frame + SC32_REGS, 4, at + SF32_MCONTEXT);
    ppc_mcontext32_save(cpu, frame + SF32_MCONTEXT, cause);
    if (guest_write(at, frame, sizeof frame) ||
        enter(cpu, sig, action->handler, at - STACK_FRAME32, loaded.sigreturn_old))
        return -EFAULT;
    cpu->g[4] = at;
    return 0;
}

static int build(struct vcpu *cpu, int sig, const struct guest_sigaction *action,
                 const siginfo_t *info, sigmask_t mask, enum fault_access access, uint64_t sp)
{
    const struct ppc_cause cause = {info, access};

    if (guest_word(cpu->guest) == 8)
        return build64(cpu, sig, action, &cause, mask, sp);
    if (action->flags & SA_SIGINFO)
        return build32_rt(cpu, sig, action, &cause, mask, sp);
    return build32(cpu, sig, action, &cause, mask, sp);
}

/* The trampoline of 64 bits has taken the handler's stack frame away. */
static int restore(struct vcpu *cpu, sigmask_t *mask, struct guest_stack *altstack)
{
    uint64_t uc = cpu->g[1];

    if (guest_word(cpu->guest) == 4)
        uc = (uint32_t)(uc + RT_STACK_FRAME32 + RT32_UC);
    return ppc_ucontext_restore(cpu, uc, true, mask, altstack);
}

static int restore_old(struct vcpu *cpu, sigmask_t *mask, struct guest_stack *altstack)
{
    const struct guest *g = cpu->guest;
    uint64_t sc = (uint32_t)(cpu->g[1] + STACK_FRAME32), regs, low, high;

    (void)altstack; /* stays what it is */
    if (guest_word(g) == 8 || guest_read_word(g, &low, sc + SC32_OLDMASK) ||
        guest_read_word(g, &high, sc + SC32_SIGMASK_HIGH) ||
        guest_read_word(g, &regs, sc + SC32_REGS) || ppc_mcontext32_restore(cpu, regs, true))
        return -EFAULT;
    *mask = high << 32 | low;
    return 0;
}

static void trampoline(struct vcpu *cpu, uint16_t nr)
{
    if (guest_word(cpu->guest) == 8) {
        cpu->g[1] += STACK_FRAME64;
        cpu->pc += 4;
    }
    cpu->g[0] = nr;
    cpu->pc += 8;
}

static void restart(struct vcpu *cpu)
{
    cpu->pc -= 4;
}

const struct signal_frame_ops ppc_frame_ops = {
    .build = build,
    .restore = restore,
    .restore_old = restore_old,
    .sigreturn_nr = 172,
    .sigreturn_old_nr = 119,
    .trampoline = trampoline,
    .restart = restart,
};
