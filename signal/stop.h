/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stopping the threads of the process where their registers are in memory:
 * for core dumps and the debugger.
 *
 *     if (stop_others(cpu)) {       // they stand still from here on
 *         ...                       // look at process->tasks
 *         stop_release(cpu);
 *     }
 *
 * A thread is stopped by a signal of ferry's own (a kick: one of the kind that
 * is never blocked on the host, with a code that no kernel sends), which makes it
 * leave generated code or a sleeping system call.  It then parks in stop_here().
 * A thread that sleeps where it can't be woken (vfork) counts as stopped after a
 * while: its registers are in memory, too.
 *
 * Anybody may send a kick; all it does is to make a thread look.
 */
#ifndef FERRY_STOP_H
#define FERRY_STOP_H

#include <signal.h>
#include <stdbool.h>

#include "syscall/task.h"
#include "translate/vcpu.h"

/* Enters and removes the task of this thread in the list of its process. */
void stop_add_task(struct task *task);
void stop_remove_task(struct task *task);
/* The list and lock of a new process, whose only task this is. */
void stop_init(struct task *task);

/* Stops all threads but the one of cpu (which may be NULL: all).  False if
 * somebody else is doing so; the caller shall go to stop_here(). */
bool stop_others(struct process *process, struct vcpu *cpu);
/* Lets them run; the same thread as stop_others. */
void stop_release(struct process *process);
/* To be called by each guest thread before it runs guest code while
 * cpu->pending was set: parks it if a stop is wanted. */
void stop_here(struct vcpu *cpu);

/* Makes the thread of task leave generated code or a sleep: by a SIGTRAP of this si_code, from the
 * process itself. */
enum { STOP_KICK_CODE = -0x4b43 };
void stop_kick(const struct task *task);
bool stop_is_kick(const siginfo_t *info);

/* ---- the debugger's part ---- */

/* Told by guest threads; NULL while no debugger is attached.  All but `gone` may
 * park the thread until the debugger lets it run. */
struct debugger {
    /* vcpu_run has returned: true if that was the debugger's doing. */
    bool (*left)(struct vcpu *cpu, enum exit_reason reason);
    /* The event has been dealt with. */
    void (*done)(struct vcpu *cpu, enum exit_reason reason);
    /* sig is about to be delivered: the signal to deliver instead; 0: none. */
    int (*signal)(struct vcpu *cpu, int sig, const siginfo_t *info);
    /* In the parent, with the child waiting; in the child, before it runs. */
    void (*forking)(struct vcpu *cpu);
    void (*forked)(struct vcpu *cpu, pid_t child);
    void (*is_child)(struct vcpu *cpu);
    /* Before the process executes another guest program: how it shall be told
     * where the debugger is (option -g), NULL if it can't; and if that failed. */
    const char *(*executing)(struct vcpu *cpu);
    void (*not_executed)(struct vcpu *cpu);
    /* The process ends with this wait status. */
    void (*gone)(struct vcpu *cpu, int status);
};
extern const struct debugger *volatile debugger;

/* Why a thread has stopped, for the debugger. */
enum stop_event { STOP_NONE, STOP_SIGNAL, STOP_BREAK, STOP_STEP, STOP_WATCH, STOP_FORK, STOP_EXEC };

/* Parks the thread of cpu with this event until the debugger resumes it. */
void stop_report(struct vcpu *cpu, enum stop_event event, int sig, uint64_t value);

#endif
