/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals of the host and of the guest.
 *
 * The guest's dispositions and masks are mirrored on the host: what the guest
 * ignores or leaves to the default action the host kernel ignores or does
 * itself, what the guest blocks stays pending in the kernel.  Only signals with
 * a guest handler arrive here.  The host's handler takes one, blocks the rest
 * and asks the vcpu to leave generated code; signal_deliver() then builds the
 * guest's frame and opens the mask again.  So the kernel keeps the queues, their
 * order and their bounds.
 *
 * SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGTRAP are never blocked on the host (but SIGTRAP
 * while a handler runs) and always have our handler, as the translator lives by them.
 *
 *     task_init(cpu); signal_init();
 *     for (;;) {
 *         if (cpu->pending)
 *             signal_deliver(cpu);
 *         switch (vcpu_run(cpu)) {
 *         case EXIT_FAULT: case EXIT_EXCEPTION: signal_raise_fault(cpu); break;
 *         case EXIT_UNDEFINED: signal_raise_sync(cpu, SIGILL, ILL_ILLOPC, cpu->pc); break;
 *         ...
 */
#ifndef FERRY_SIGNAL_H
#define FERRY_SIGNAL_H

#include <stdint.h>

#include "syscall/task.h"
#include "translate/vcpu.h"

/* How a guest's signal frames look. */
struct signal_frame_ops {
    /* Builds a frame below sp and sets the registers for the handler.  mask is
     * what sigreturn shall restore; access describes a synchronous fault of
     * memory (FAULT_NOT_MEMORY: this is none).
     * 0, or -EFAULT if the stack can't be written: nothing has changed then. */
    int (*build)(struct vcpu *cpu, int sig, const struct guest_sigaction *action,
                 const siginfo_t *info, sigmask_t mask, enum fault_access access, uint64_t sp);
    /* Takes the frame at the stack pointer back.  0 with registers, *mask and
     * *altstack as in the frame; or -EFAULT for a bad frame. */
    int (*restore)(struct vcpu *cpu, sigmask_t *mask, struct guest_stack *altstack);
    /* The same for frames of handlers without SA_SIGINFO, where the guest has
     * them; or NULL. */
    int (*restore_old)(struct vcpu *cpu, sigmask_t *mask, struct guest_stack *altstack);
    /* Numbers of the system calls that take these two kinds of frames back. */
    uint16_t sigreturn_nr, sigreturn_old_nr;
    /* At the start of a trampoline in the vDSO: does its instructions, with the one
     * that makes system call nr, which is still to be dispatched. */
    void (*trampoline)(struct vcpu *cpu, uint16_t nr);
    /* Moves the pc back onto the system call instruction. */
    void (*restart)(struct vcpu *cpu);
};

/* Installs the host's handlers and takes over inherited dispositions and mask. */
void signal_init(void);
/* The same for further threads: alternate stack and mask of cpu's task. */
void signal_thread_init(struct vcpu *cpu);
void signal_thread_exit(struct vcpu *cpu);
/* Frees the alternate stack of a task that has ended. */
/* The host's alternate stack for a thread that is to be; false: no memory. */
bool signal_altstack_new(struct task *task);
void signal_altstack_free(struct task *task);
/* A child that had this thread's thread-local data has ended, perhaps in a handler. */
void signal_child_gone(void);

/* Delivers what is pending; may change all registers, may end the process.
 * Clears cpu->pending.  To be called before guest code runs on whenever
 * cpu->pending is set. */
void signal_deliver(struct vcpu *cpu);

/* True if a handler has just returned to the vDSO's trampoline, and no exception is
 * to be delivered: then the trampoline's instructions have been done, and its
 * system call is to be dispatched.  A signal that were delivered there would leave two
 * frames between which no code ran: libgcc's unwinder, which thread cancellation uses,
 * takes the second one's place from the first one's and goes astray. */
bool signal_handler_returned(struct vcpu *cpu);

/* A synchronous exception of the guest at cpu->pc: delivered next.  Kills the
 * process if the guest blocks or ignores sig, as the kernel does. */
void signal_raise_sync(struct vcpu *cpu, int sig, int code, uint64_t addr);
/* The same with what cpu->fault says (EXIT_FAULT, EXIT_EXCEPTION). */
void signal_raise_fault(struct vcpu *cpu);

/* The dispatcher calls this instead of writing a result, when a handler has
 * returned -ERESTARTSYS, -ERESTARTNOINTR or -ERESTARTNOHAND. */
void signal_syscall_interrupted(struct vcpu *cpu, int64_t result);

/* For system calls that take a signal mask to hold while they sleep (ppoll,
 * pselect6, epoll_pwait): reads the mask at gva (size must be 8) unless gva is 0,
 * and makes it the guest's.  *host is then the mask for the host's call, or NULL;
 * 0 or -errno.  After the call, signal_mask_end(cpu, result) gives the
 * result to return, and puts the old mask back as soon as that is right. */
int signal_mask_begin(struct vcpu *cpu, uint64_t gva, uint64_t size, sigmask_t *storage,
                      sigmask_t **host);
void signal_mask_begin_with(struct vcpu *cpu, sigmask_t mask, sigmask_t *storage, sigmask_t **host);
int64_t signal_mask_end(struct vcpu *cpu, int64_t result);

/* A host system call that may sleep: the result or -errno; -ERESTARTSYS if
 * a signal for the guest is waiting or comes before the call has begun, or if it
 * interrupts a call that the kernel would restart. */
#define safe_syscall(...) SAFE_SYSCALL_PAD(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define SAFE_SYSCALL_PAD(nr, a0, a1, a2, a3, a4, a5, ...)                                          \
    safe_syscall_raw((long)(nr), (long)(a0), (long)(a1), (long)(a2), (long)(a3), (long)(a4),       \
                     (long)(a5))
int64_t safe_syscall_raw(long nr, long a0, long a1, long a2, long a3, long a4, long a5);

/* True if a signal waits that would interrupt a sleep: for loops that wait. */
static inline bool signal_waiting(const struct vcpu *cpu)
{
    return cpu->task->waiting;
}

/* ---- for the calls in syscall/ ---- */

/* Blocks all signals on the host (a critical section), or goes back to
 * the guest's mask. */
void signal_block_all(void);
void signal_unblock(struct vcpu *cpu);
void signal_set_mask(struct vcpu *cpu, sigmask_t mask);
/* Changes an action; NULL for no change; old may be NULL.  0 or -errno. */
int signal_set_action(struct vcpu *cpu, int sig, const struct guest_sigaction *action,
                      struct guest_sigaction *old);
/* To be called before and after the host's C library makes a thread, which begins with one
 * signal unblocked; the first one makes it have a handler for another. */
void signal_guard(struct vcpu *cpu);
void signal_reclaim(struct vcpu *cpu);
/* The limit of core dumps has changed, or a debugger has come or gone: which
 * signals with their default action the host's kernel deals with. */
void signal_takes_changed(struct vcpu *cpu);
/* What the host kernel must know before it runs another program, and back. */
void signal_exec_prepare(struct vcpu *cpu);
void signal_exec_failed(struct vcpu *cpu);
/* Sends a signal with its information to this thread by the kernel's queue. */
int signal_requeue(const siginfo_t *info);
/* Ends the process as the default action of sig does. */
void signal_die(struct vcpu *cpu, int sig) __attribute__((noreturn));

/* True if sp is on the guest's alternate stack. */
bool signal_on_altstack(const struct task *task, uint64_t sp);
/* sigaltstack(2) with new and old stack (NULL: none). */
int signal_altstack(struct vcpu *cpu, const struct guest_stack *set, struct guest_stack *old);

extern const struct signal_frame_ops a64_frame_ops;

#endif
