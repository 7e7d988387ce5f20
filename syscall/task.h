/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest threads and processes.
 *
 * A guest thread is a host thread and has the host's thread number; a guest
 * process is a host process.  `struct task` hangs on cpu->task and belongs to
 * its thread: only that thread and its own signal handlers touch it.  `struct
 * process` is shared by the threads of a process.
 *
 * A vfork child runs in the memory of its parent, on a stack of its own, with
 * its own vcpu, task and process structures, while the parent sleeps: whatever
 * else ferry keeps in memory is then shared with the parent, as the guest's own
 * memory is.  So handlers must not cache per-process kernel state (working
 * directory, descriptors) in variables outside struct process.
 */
#ifndef FERRY_TASK_H
#define FERRY_TASK_H

#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "translate/lock.h"
#include "translate/vcpu.h"

enum { GUEST_NSIG = 64 };

/* Signal sets have the kernel's shape: bit n-1 is signal n. */
typedef uint64_t sigmask_t;
#define SIGMASK(sig) (UINT64_C(1) << ((sig)-1))

/* The guest's action for a signal; handler is SIG_DFL (0), SIG_IGN (1) or an
 * address.  Signals and SA_ flags are numbered as on the host. */
struct guest_sigaction {
    uint64_t handler, flags, restorer;
    sigmask_t mask;
};

/* sigaltstack(2) of the guest. */
struct guest_stack {
    uint64_t sp;
    int32_t flags;
    uint64_t size;
};

/* A stop of all threads: signal/stop.h. */
struct stop {
    struct lock lock; /* also of the list of tasks */
    struct change changed;
    volatile bool wanted;
};

struct process {
    struct lock lock; /* actions */
    struct stop stop;
    struct task *tasks; /* linked by next_task */
    struct guest_sigaction action[GUEST_NSIG + 1];
    atomic_uint threads;
    /* See syscall/memory_limits.h. */
    struct rlimit64 limit_as, limit_data;
    bool shares_memory; /* a vfork child: the memory is its parent's */
};

/* A thread under a debugger (signal/stop.h): what it stopped for, and how it
 * shall go on.  Under the lock of struct stop. */
struct task_debug {
    int event, sig; /* enum stop_event */
    uint64_t value; /* address of a watched object, number of a child */
    siginfo_t info;
    bool hold;  /* parked until the debugger says otherwise */
    bool step;  /* go on with one instruction, and report that */
    bool trace; /* step all the time, for watched objects */
    int resume_sig;
};

struct task {
    struct vcpu *cpu;
    struct process *process;
    pid_t tid, pid; /* of the thread, of its process */
    bool leader;    /* the thread that the process began with */
    struct task *next_task;
    bool parked; /* stands in stop_here() */
    struct task_debug debug;
    volatile sig_atomic_t kicked; /* a kick may have ended a system call */

    uint64_t clear_tid;               /* set_tid_address(2), or 0 */
    uint64_t robust_head, robust_len; /* set_robust_list(2) */

    struct {
        int mode;                             /* SECCOMP_MODE_; 0: none */
        const struct seccomp_filter *filters; /* the newest */
    } seccomp;

    /* ---- signals (signal/) ---- */
    sigmask_t mask;       /* blocked by the guest */
    sigmask_t saved_mask; /* to come back after sigsuspend and the like */
    bool saved_mask_valid;
    int restart; /* an ERESTART code while one is to be dealt with */
    struct guest_stack altstack;
    /* Something is to be delivered: calls that sleep return at once. */
    volatile sig_atomic_t waiting;
    /* One asynchronous signal that a host handler took for the guest; all
     * others stay blocked on the host until it has been delivered. */
    volatile sig_atomic_t queued;
    siginfo_t queued_info;
    /* Signals of the synchronous kind that were sent by somebody: the host
     * can't block those. */
    volatile sigmask_t held;
    siginfo_t held_info[5];
    /* A synchronous exception to deliver. */
    int forced;
    siginfo_t forced_info;
    enum fault_access forced_access;
    bool forced_fatal; /* a bad frame: no handler for SIGSEGV */
    void *host_altstack;

    /* ---- life ---- */
    jmp_buf exit_env;         /* leaves the run loop of a thread */
    struct exec_memory *exec; /* of an execve that is under way */
};

/* The vcpu that this host thread runs. */
extern __thread struct vcpu *current_cpu;

/* Makes the process and its first task for cpu, and makes cpu current.  Once,
 * before signal_init(). */
void task_init(struct vcpu *cpu);

/* Ends this thread as exit(2) does, or the whole process. */
void task_exit(struct vcpu *cpu, int status) __attribute__((noreturn));
void process_exit(struct vcpu *cpu, int status) __attribute__((noreturn));

#endif
