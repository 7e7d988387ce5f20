/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The translator as the rest of ferry sees it.
 *
 *     translate_init(guest, isa, cache_bytes);
 *     struct vcpu *cpu = vcpu_new(guest);
 *     guest->reset(cpu, entry, sp);
 *     for (;;) {
 *         switch (vcpu_run(cpu)) { case EXIT_SYSCALL: ... }
 *     }
 *
 * vcpu_run returns with the whole guest state in *cpu.  Any thread may run
 * its own vcpu; the code cache is shared.
 */
#ifndef FERRY_TRANSLATE_H
#define FERRY_TRANSLATE_H

#include <signal.h>
#include <stdatomic.h>

#include "hostgen/hostgen.h"
#include "translate/guest.h"

void translate_init(const struct guest *guest, enum host_isa isa, size_t cache_bytes);

struct vcpu *vcpu_new(const struct guest *guest);
/* A copy of the guest state for a new thread or a vfork child; NULL: no memory. */
struct vcpu *vcpu_clone(const struct vcpu *cpu);
void vcpu_free(struct vcpu *cpu);

/* Runs until an event; returns EXIT_LOOKUP only to a thread that steps. */
enum exit_reason vcpu_run(struct vcpu *cpu);

/* Interrupts the thread of vcpu.task with a signal whose handler calls translate_step_out: set
 * before there are several. */
extern void (*translate_kick)(const struct task *task);

/* Asks a vcpu (of any thread) to leave generated code soon.  The handler of a signal that has
 * interrupted generated code calls translate_step_out besides.  Async-signal-safe. */
void vcpu_interrupt(struct vcpu *cpu);
void translate_step_out(const struct vcpu *cpu, void *ucontext);

/* To be called first by the host handler of SIGSEGV, SIGBUS, SIGFPE, SIGILL
 * and SIGTRAP.  True: the context was changed so that the thread goes on as it
 * should (repaired, or leaves generated code with EXIT_FAULT); just return.
 * False: the fault was not in guest code: it is the runner's own. */
bool translate_host_fault(struct vcpu *cpu, int sig, siginfo_t *info, void *ucontext);

/* Guest code in [start, start + len) has changed or gone. */
void translate_invalidate(uint64_t start, uint64_t len);
/* Makes all guest pages that hold translated code and that the guest may write
 * writable again, dropping their code.  True if there were any: a system call
 * that failed with EFAULT because the kernel could not write there is to be
 * tried again. */
bool translate_unprotect_all(void);
/* The child of a fork has one thread only. */
void translate_fork_prepare(void);
void translate_fork_parent(void);
void translate_fork_child(void);
/* A child that had this memory has ended, and may have been killed while it translated; as
 * the owner of locks it was `dead` (translate/lock.h).  cpu: what this thread runs, if anything. */
void translate_child_gone(unsigned dead, struct vcpu *cpu);

/* ---- for debuggers: translate/debug.c ---- */

/* A debugger is there, which changes code as it likes: nothing comes from the cache
 * on disk any more or goes to it. */
void translate_for_debugger(void);
/* Sets or removes a breakpoint: vcpu_run returns EXIT_BREAK with pc there,
 * before the instruction.  Guest memory is not changed.  False: too many. */
bool translate_breakpoint(uint64_t pc, bool set);
bool translate_is_breakpoint(uint64_t pc);
void translate_clear_breakpoints(void);
/* From now on vcpu_run of this thread returns after one instruction at the
 * latest (EXIT_LOOKUP: it was done, nothing else happened); breakpoints don't
 * count. */
void translate_step(bool on);

/* Log categories (-d), set by the runner. */
struct log_options {
    bool in, ops, out, block, signal, page;
    int fd;
};
extern struct log_options log_options;

/* Translates ahead of time: the code at `starts` (it sorts them), all that direct jumps from there
 * lead to, and then what is left of `ranges` (guest addresses), each as far as it is code of a
 * file.  Meanwhile *share says how much of it has been passed, of AHEAD_WHOLE.  Returns how many
 * blocks there are then. */
enum { AHEAD_WHOLE = 1 << 16 };
struct code_range {
    uint64_t start, end;
};
unsigned translate_ahead(struct vcpu *cpu, uint64_t *starts, unsigned start_count,
                         const struct code_range *ranges, unsigned range_count, atomic_uint *share);

/* Writes new translations to the cache on disk.  To be called before the process ends or
 * becomes another program. */
void translate_save(void);

/* Prints what --stats asks for to the log; once.  To be called when the process
 * ends. */
void translate_stats_print(void);

#endif
