/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AArch64's signal frame, as arch/arm64/kernel/signal.c of Linux lays it out
 * for a processor without SVE: siginfo, ucontext with the records fpsimd and,
 * for faults, esr; above it a frame record that links the handler's stack
 * frame to the interrupted one.
 */
#include <errno.h>
#include <string.h>

#include "loader/loader.h"
#include "loader/vm.h"
#include "signal/signal.h"
#include "translate/a64/a64.h"
#include "translate/a64/fp.h"
#include "translate/builder.h"

enum {
    FPSIMD_MAGIC = 0x46508001,
    ESR_MAGIC = 0x45535201,
    EXTRA_MAGIC = 0x45585401,
    RESERVED_SIZE = 4096,
};
#define PSTATE_NZCV UINT32_C(0xf0000000)
/* Mode, interrupt masks and execution state: all 0 in a user's PSTATE. */
#define PSTATE_PRIVILEGED UINT32_C(0x000003df)

struct record {
    uint32_t magic, size;
};

struct fpsimd_record {
    struct record head;
    uint32_t fpsr, fpcr;
    v128 v[32];
};

struct esr_record {
    struct record head;
    uint64_t esr;
};

struct a64_frame {
    siginfo_t info;
    struct {
        uint64_t flags, link;
        struct guest_stack stack;
        sigmask_t sigmask;
        uint8_t unused[1024 / 8 - sizeof(sigmask_t)];
        struct {
            uint64_t fault_address;
            uint64_t x[31], sp, pc, pstate;
            uint8_t reserved[RESERVED_SIZE] __attribute__((aligned(16)));
        } mc __attribute__((aligned(16)));
    } uc;
};
_Static_assert(sizeof(struct a64_frame) == 4688, "arm64 rt_sigframe");
_Static_assert(offsetof(struct a64_frame, uc.mc.reserved) == 592, "arm64 rt_sigframe");

static void put_record(uint8_t **p, const void *record, size_t size)
{
    memcpy(*p, record, size);
    *p += size;
}

/* ESR_EL1 for the fault: exception class, 32-bit instruction, write bit, fault
 * status (translation or permission, level 3; alignment).  D17.2.37. */
static uint64_t syndrome(const siginfo_t *info, enum fault_access access)
{
    uint64_t class = access == FAULT_FETCH ? 0x20 : 0x24;
    uint64_t status = info->si_signo == SIGBUS ? 0x21 : info->si_code == SEGV_ACCERR ? 0x0f : 0x07;
    return class << 26 | 1 << 25 | (access == FAULT_WRITE) << 6 | status;
}

static int build(struct vcpu *cpu, int sig, const struct guest_sigaction *action,
                 const siginfo_t *info, sigmask_t mask, enum fault_access access, uint64_t sp)
{
    struct a64_frame frame;
    const uint64_t link[2] = {cpu->g[29], cpu->g[30]};

    memset(&frame, 0, sizeof frame);
    frame.info = *info;
    frame.uc.stack = cpu->task->altstack;
    frame.uc.sigmask = mask;
    if (access != FAULT_NOT_MEMORY)
        frame.uc.mc.fault_address = (uintptr_t)info->si_addr;
    memcpy(frame.uc.mc.x, cpu->g, sizeof frame.uc.mc.x);
    frame.uc.mc.sp = cpu->g[A64_SP];
    frame.uc.mc.pc = cpu->pc;
    frame.uc.mc.pstate = cpu->g[CC_SLOT] & PSTATE_NZCV;

    uint8_t *p = frame.uc.mc.reserved;
    struct fpsimd_record fp = {.head = {FPSIMD_MAGIC, sizeof fp},
                               .fpsr = (uint32_t)a64_fpsr_read(cpu),
                               .fpcr = (uint32_t)cpu->g[A64_FPCR]};
    memcpy(fp.v, cpu->v, sizeof fp.v);
    put_record(&p, &fp, sizeof fp);
    if (access != FAULT_NOT_MEMORY) {
        const struct esr_record e = {{ESR_MAGIC, sizeof e}, syndrome(info, access)};
        put_record(&p, &e, sizeof e);
    }

    uint64_t link_at = (sp - sizeof link) & ~UINT64_C(15);
    uint64_t at = link_at - sizeof frame;
    if (guest_write(at, &frame, sizeof frame) || guest_write(link_at, link, sizeof link))
        return -EFAULT;

    cpu->g[0] = (uint64_t)sig;
    if (action->flags & SA_SIGINFO) {
        cpu->g[1] = at + offsetof(struct a64_frame, info);
        cpu->g[2] = at + offsetof(struct a64_frame, uc);
    }
    cpu->g[29] = link_at;
    cpu->g[30] = action->flags & 0x04000000 ? action->restorer : loaded.sigreturn;
    cpu->g[A64_SP] = at;
    cpu->g[MONITOR_ADDRESS_SLOT] = UINT64_MAX;
    cpu->pc = action->handler;
    return 0;
}

/* Walks the records; the one for fpsimd must be there. */
static const struct fpsimd_record *find_fpsimd(const struct a64_frame *frame)
{
    const struct fpsimd_record *fp = NULL;
    size_t at = 0;

    for (;;) {
        struct record head;
        if (at + sizeof head > RESERVED_SIZE)
            return NULL;
        memcpy(&head, frame->uc.mc.reserved + at, sizeof head);
        if (!head.magic)
            return head.size ? NULL : fp;
        if (head.size < sizeof head || head.size % 16 || head.size > RESERVED_SIZE - at)
            return NULL;
        switch (head.magic) {
        case FPSIMD_MAGIC:
            if (fp || head.size != sizeof *fp)
                return NULL;
            fp = (const struct fpsimd_record *)(frame->uc.mc.reserved + at);
            break;
        case ESR_MAGIC:
            break;
        case EXTRA_MAGIC: /* Only ever made for records that we don't have. */
        default:
            return NULL;
        }
        at += head.size;
    }
}

static int restore(struct vcpu *cpu, sigmask_t *mask, struct guest_stack *altstack)
{
    struct a64_frame frame;
    uint64_t sp = cpu->g[A64_SP];

    if (sp % 16 || guest_read(&frame, sp, sizeof frame))
        return -EFAULT;
    const struct fpsimd_record *fp = find_fpsimd(&frame);
    if (!fp || (frame.uc.mc.pstate & PSTATE_PRIVILEGED))
        return -EFAULT;

    memcpy(cpu->g, frame.uc.mc.x, sizeof frame.uc.mc.x);
    cpu->g[A64_SP] = frame.uc.mc.sp;
    cpu->pc = frame.uc.mc.pc;
    cpu->g[CC_SLOT] = frame.uc.mc.pstate & PSTATE_NZCV;
    memcpy(cpu->v, fp->v, sizeof fp->v);
    a64_fpcr_write(cpu, fp->fpcr);
    a64_fpsr_write(cpu, fp->fpsr);
    cpu->g[MONITOR_ADDRESS_SLOT] = UINT64_MAX;
    *mask = frame.uc.sigmask;
    *altstack = frame.uc.stack;
    return 0;
}

static void trampoline(struct vcpu *cpu, uint16_t nr)
{
    cpu->g[8] = nr;
    cpu->pc += 8;
}

static void restart(struct vcpu *cpu)
{
    cpu->pc -= 4;
}

const struct signal_frame_ops a64_frame_ops = {
    .build = build,
    .restore = restore,
    .sigreturn_nr = 139,
    .trampoline = trampoline,
    .restart = restart,
};
