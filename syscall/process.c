/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes: fork, vfork and clone, waiting, and what identifies a process.
 */
#include <limits.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "runner/heap.h"
#include "runner/runner.h"
#include "signal/host.h"
#include "signal/signal.h"
#include "signal/stop.h"
#include "syscall/exec.h"
#include "syscall/convert.h"
#include "syscall/memory.h"
#include "syscall/pass.h"
#include "syscall/seccomp.h"
#include "syscall/siginfo.h"
#include "syscall/syscall.h"
#include "syscall/thread.h"
#include "translate/own_memory.h"
#include "translate/translate.h"

/* ---- children with memory of their own ---- */

/* Flags that the host's clone has to see; all others are done by ferry. */
#define CLONE_HOST_FLAGS                                                                           \
    (CLONE_FS | CLONE_FILES | CLONE_PARENT | CLONE_SYSVSEM | CLONE_IO | CLONE_NEWNS |              \
     CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | \
     CLONE_VFORK | CLONE_PIDFD | CLONE_PTRACE | CLONE_UNTRACED)
#define CLONE_CLEAR_SIGHAND_FLAG (UINT64_C(1) << 32)
#define CLONE_INTO_CGROUP_FLAG   (UINT64_C(1) << 33)
#define CLONE_NEWTIME_FLAG       UINT64_C(0x80)

/* struct clone_args, all versions up to v5.7. */
struct clone3_args {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid,
        set_tid_size, cgroup;
};

/* The C library's fork knows its own locks, so it is taken where it can say
 * what the guest wants. */
static int64_t host_fork(const struct clone_request *rq, int32_t *pidfd)
{
    uint64_t flags = rq->flags & (CLONE_HOST_FLAGS | CLONE_NEWTIME_FLAG | CLONE_INTO_CGROUP_FLAG);

    if (!flags && rq->exit_signal == SIGCHLD && !rq->set_tid_size) {
        /* The C library's locks would be the end of the parent if such a child is killed
         * while it has them; _Fork() takes none. */
        pid_t pid = lock_person.child ? _Fork() : fork();
        return pid < 0 ? -errno : pid;
    }
    if (!rq->set_tid_size && !(flags & (CLONE_NEWTIME_FLAG | CLONE_INTO_CGROUP_FLAG)))
        return host_syscall(SYS_clone, flags | (unsigned)rq->exit_signal, 0, pidfd, 0, 0);
    int32_t tids[32];
    for (uint64_t i = 0; i < rq->set_tid_size; i++)
        if (struct_read(current_cpu->guest, STRUCT_int, &tids[i], rq->set_tid + i * sizeof *tids))
            return -EFAULT;
    struct clone3_args args = {
        .flags = flags,
        .exit_signal = (unsigned)rq->exit_signal,
        .pidfd = (uintptr_t)pidfd,
        .set_tid = rq->set_tid_size ? (uintptr_t)tids : 0,
        .set_tid_size = rq->set_tid_size,
        .cgroup = rq->cgroup,
    };
    return host_syscall(SYS_clone3, &args, sizeof args);
}

static void clear_handlers(struct process *process)
{
    for (int sig = 1; sig <= GUEST_NSIG; sig++) {
        struct guest_sigaction *action = &process->action[sig];
        if (action->handler == (uint64_t)(uintptr_t)SIG_IGN)
            continue;
        *action = (struct guest_sigaction){0};
        if (!signal_is_sync(sig) && !(SIGMASK(sig) & SIGMASK_UNBLOCKABLE))
            host_set_action(sig, 0, 0);
    }
}

static void become_process(struct vcpu *cpu, const struct clone_request *rq)
{
    struct task *task = cpu->task;

    task->process->lock = (struct lock)LOCK_FREE(NULL);
    lock_person.child = false;
    stop_init(task);
    task->process->threads = 1;
    task->process->shares_memory = false;
    task->leader = true;
    task->robust_head = 0;
    task->held = 0;
    clone_set_registers(cpu, rq);
    clone_set_tid(cpu, rq);
    if (rq->flags & CLONE_CLEAR_SIGHAND_FLAG)
        clear_handlers(task->process);
}

static int64_t fork_process(struct vcpu *cpu, const struct clone_request *rq)
{
    int32_t pidfd = -1;

    lock_take(&cpu->task->process->lock);
    translate_fork_prepare();
    vm_fork_prepare();
    memory_fork_prepare();
    const struct debugger *watching = debugger;
    if (watching)
        watching->forking(cpu);
    heap_fork_prepare();
    int64_t pid = host_fork(rq, &pidfd);
    heap_fork_done();
    memory_fork_done();
    if (pid == 0) {
        vm_fork_child();
        translate_fork_child();
        become_process(cpu, rq);
        if (watching)
            watching->is_child(cpu);
    } else {
        vm_fork_parent();
        translate_fork_parent();
        lock_drop(&cpu->task->process->lock);
        if (pid > 0 && (rq->flags & CLONE_PARENT_SETTID)) {
            int32_t tid = (int32_t)pid;
            struct_write(cpu->guest, STRUCT_int, &tid, rq->parent_tid);
        }
        if (pid > 0 && (rq->flags & CLONE_PIDFD))
            struct_write(cpu->guest, STRUCT_int, &pidfd, rq->pidfd);
        if (watching)
            watching->forked(cpu, (pid_t)pid);
    }
    return pid;
}

/* ---- children in the parent's memory ---- */

/*
 * The child gets a host stack, a vcpu and a task of its own, and borrows the C
 * library's thread-local data from the thread that made it, which sleeps until
 * the child has called execve or ended.  Where the guest doesn't want
 * to sleep (CLONE_VM without CLONE_VFORK), a thread is made that does.
 *
 * It can't be a fork with a copy of the memory: what it writes is the parent's to see
 * (posix_spawn(3) hears of errors so), up to the moment of its death.  So all of the
 * runner's memory is the child's too, and whatever kills the child may do so in the
 * middle of any change.  The thread that slept for it makes that good (child_gone): all
 * locks that a child can hold name their owner, and what they guard can be mended or
 * thrown away (translate/lock.h).  A child takes no lock of the C library that another thread
 * could wait for: memory is allocated by runner/heap.c, streams aren't opened.
 */
struct sharing_child {
    struct vcpu *parent, *cpu;
    const struct clone_request *rq;
    struct process process;
    char *stack;
    int32_t pidfd;
    int64_t pid;
    unsigned number; /* struct lock_person */
    bool sleeper;    /* made by a thread for that purpose */
    sem_t started;
    atomic_int users; /* the sleeper and the parent, until it has started */
};

enum { CHILD_STACK = 512 << 10, SLEEPER_STACK = 64 << 10 };

static int sharing_child_main(void *arg)
{
    struct sharing_child *child = arg;
    struct vcpu *cpu = child->cpu;

    lock_person = (struct lock_person){
        .number = child->number,
        .child = true,
        .parent = child->rq->flags & CLONE_PARENT ? 0 : getppid(),
    };
    current_cpu = cpu;
    signal_thread_init(cpu);
    clone_set_tid(cpu, child->rq);
    if (child->rq->flags & CLONE_PARENT_SETTID)
        struct_write(cpu->guest, STRUCT_int, &cpu->task->tid, child->rq->parent_tid);
    if (child->rq->flags & CLONE_CLEAR_SIGHAND_FLAG)
        clear_handlers(cpu->task->process);
    if (child->sleeper) {
        child->pid = cpu->task->tid;
        sem_post(&child->started);
    }
    signal_unblock(cpu);
    runner_loop(cpu);
}

static void sharing_child_free(struct sharing_child *child)
{
    if (child->cpu) {
        exec_memory_abandoned(child->cpu->task->exec);
        task_free(child->cpu);
    }
    if (child->stack)
        munmap(child->stack, CHILD_STACK);
    free(child);
}

static struct sharing_child *sharing_child_new(struct vcpu *parent, const struct clone_request *rq)
{
    struct sharing_child *child = calloc(1, sizeof *child);
    struct process *process = parent->task->process;

    if (!child)
        return NULL;
    child->parent = parent;
    child->rq = rq;
    child->stack = own_memory(CHILD_STACK, MAP_STACK);
    child->cpu = task_clone(parent, rq);
    if (!child->cpu || !child->stack) {
        sharing_child_free(child);
        return NULL;
    }
    mprotect(child->stack, 4096, PROT_NONE);
    if (!(rq->flags & CLONE_SIGHAND)) {
        lock_take(&process->lock);
        child->process = *process;
        lock_drop(&process->lock);
        child->process.lock = (struct lock)LOCK_FREE(NULL);
        child->process.threads = 1;
        child->process.shares_memory = true;
        child->cpu->task->process = &child->process;
        stop_init(child->cpu->task);
    }
    child->cpu->task->leader = true;
    if (rq->flags & CLONE_VFORK)
        child->cpu->task->altstack = parent->task->altstack;
    return child;
}

/* The child has left the memory: by execve, by its end, or by SIGKILL in the middle of anything.
 * The allocator comes first, the others may need it. */
static void child_gone(const struct sharing_child *child, struct vcpu *self)
{
    struct process *process = child->cpu->task->process;

    signal_child_gone();
    heap_child_gone(child->number);
    vm_child_gone(child->number);
    translate_child_gone(child->number, self);
    memory_child_gone(child->number);
    lock_recover(&process->lock, child->number);
    lock_recover(&process->stop.lock, child->number);
}

/* Returns when the child has left the memory. */
static int64_t sharing_child_run(struct sharing_child *child)
{
    const struct clone_request *rq = child->rq;
    int flags = CLONE_VM | CLONE_VFORK | (int)(rq->flags & (CLONE_HOST_FLAGS | CLONE_SIGHAND)) |
                rq->exit_signal;
    struct vcpu *self = current_cpu;
    const struct lock_person person = lock_person;

    child->number = lock_new_number();
    int64_t pid = clone(sharing_child_main, child->stack + CHILD_STACK, flags, child, &child->pidfd,
                        NULL, NULL);
    if (pid < 0)
        return -errno;
    lock_person = person;
    current_cpu = self;
    child_gone(child, self);
    return pid;
}

static void sharing_child_leave(struct sharing_child *child)
{
    if (atomic_fetch_sub(&child->users, 1) == 1)
        sharing_child_free(child);
}

static void *sleeper_main(void *arg)
{
    struct sharing_child *child = arg;
    int64_t pid = sharing_child_run(child);

    /* It may have been killed before it could say that it runs. */
    if (!child->pid)
        child->pid = pid;
    sem_post(&child->started);
    sharing_child_leave(child);
    return NULL;
}

static int64_t sharing_process(struct vcpu *cpu, const struct clone_request *rq)
{
    struct sharing_child *child = sharing_child_new(cpu, rq);
    int64_t pid;

    if (!child)
        return -ENOMEM;
    if (rq->flags & CLONE_VFORK) {
        pid = sharing_child_run(child);
        if (pid > 0 && (rq->flags & CLONE_PIDFD))
            struct_write(cpu->guest, STRUCT_int, &child->pidfd, rq->pidfd);
        sharing_child_free(child);
        return pid;
    }

    child->sleeper = true;
    child->users = 2;
    sem_init(&child->started, 0, 0);
    int r = host_thread(cpu, SLEEPER_STACK, sleeper_main, child);
    if (r) {
        sharing_child_free(child);
        return -r;
    }
    while (sem_wait(&child->started))
        ;
    pid = child->pid;
    if (pid > 0 && (rq->flags & CLONE_PIDFD))
        struct_write(cpu->guest, STRUCT_int, &child->pidfd, rq->pidfd);
    sharing_child_leave(child);
    return pid;
}

/* ---- clone(2) ---- */

static int64_t do_clone(struct vcpu *cpu, const struct clone_request *rq)
{
    uint64_t flags = rq->flags;

    /* copy_process(), kernel/fork.c */
    if ((flags & (CLONE_NEWNS | CLONE_FS)) == (CLONE_NEWNS | CLONE_FS) ||
        (flags & (CLONE_NEWUSER | CLONE_FS)) == (CLONE_NEWUSER | CLONE_FS) ||
        ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND)) ||
        ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM)) ||
        ((flags & CLONE_SIGHAND) && (flags & CLONE_CLEAR_SIGHAND_FLAG)) ||
        ((flags & CLONE_THREAD) && (flags & (CLONE_NEWUSER | CLONE_NEWPID | CLONE_PIDFD))))
        return -EINVAL;

    signal_block_all();
    if (signal_waiting(cpu)) {
        cpu->pending = 1;
        return -ERESTARTNOINTR;
    }
    int64_t r;
    if (flags & CLONE_THREAD)
        r = thread_create(cpu, rq);
    else if (flags & CLONE_VM)
        r = sharing_process(cpu, rq);
    else
        r = fork_process(cpu, rq);
    signal_unblock(cpu);
    return r;
}

SYSCALL(fork)
{
    const struct clone_request rq = {.exit_signal = SIGCHLD};

    return do_clone(cpu, &rq);
}

SYSCALL(vfork)
{
    const struct clone_request rq = {.flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD};

    return do_clone(cpu, &rq);
}

SYSCALL(clone)
{
    const struct clone_request rq = {
        .flags = (uint32_t)a[0] & ~(uint64_t)CSIGNAL & ~(uint64_t)CLONE_DETACHED,
        .exit_signal = (int)(a[0] & CSIGNAL),
        .sp = a[1],
        .parent_tid = a[2],
        .pidfd = a[2],
        .tls = a[3],
        .child_tid = a[4],
    };
    if ((rq.flags & CLONE_PIDFD) && (rq.flags & CLONE_PARENT_SETTID))
        return -EINVAL;
    return do_clone(cpu, &rq);
}

SYSCALL(clone3)
{
    struct clone3_args raw = {0}, args;
    enum { VERSION_0 = 64 };

    if (a[1] > 4096)
        return -E2BIG;
    if (a[1] < VERSION_0)
        return -EINVAL;
    size_t known = a[1] < sizeof args ? a[1] : sizeof args;
    if (guest_read(&raw, a[0], known))
        return -EFAULT;
    struct_to_host(cpu->guest, STRUCT_clone_args, &raw, &args);
    for (uint64_t at = known; at < a[1]; at++) {
        uint8_t byte;
        if (guest_read(&byte, a[0] + at, 1))
            return -EFAULT;
        if (byte)
            return -E2BIG;
    }
    const uint64_t all = UINT64_C(0x3ffffffff) & ~(uint64_t)CSIGNAL;
    if ((args.flags & ~(all | CLONE_NEWTIME_FLAG)) || (args.flags & CLONE_DETACHED) ||
        args.exit_signal > GUEST_NSIG || !args.stack != !args.stack_size ||
        args.set_tid_size > 32 || !args.set_tid != !args.set_tid_size)
        return -EINVAL;
    if ((args.flags & (CLONE_THREAD | CLONE_PARENT)) && args.exit_signal)
        return -EINVAL;
    if (args.set_tid_size && (args.flags & CLONE_VM))
        return -EPERM;
    const struct clone_request rq = {
        .flags = args.flags,
        .exit_signal = (int)args.exit_signal,
        .sp = args.stack ? args.stack + args.stack_size : 0,
        .tls = args.tls,
        .parent_tid = args.parent_tid,
        .child_tid = args.child_tid,
        .pidfd = args.pidfd,
        .set_tid = args.set_tid,
        .set_tid_size = args.set_tid_size,
        .cgroup = args.cgroup,
    };
    return do_clone(cpu, &rq);
}

/* ---- waiting, identity ---- */

/* Nothing is written when there was nobody to wait for. */
CALL_SLEEP(wait4, 0, INOUT(1, int), INOUT(3, rusage))

SYSCALL(waitpid)
{
    return sys_wait4(cpu, (const uint64_t[6]){a[0], a[1], a[2]});
}

SYSCALL(waitid)
{
    siginfo_t info = {0};
    long usage[18];
    /* The kernel fills the information in even when there is nobody. */
    int64_t r =
        safe_syscall(SYS_waitid, a[0], a[1], a[2] ? &info : NULL, a[3], a[4] ? usage : NULL);

    if (r < 0)
        return r;
    if ((a[2] && siginfo_write(cpu->guest, &info, a[2])) ||
        (a[4] && info.si_signo && struct_write(cpu->guest, STRUCT_rusage, usage, a[4])))
        return -EFAULT;
    return r;
}

PASS(getpid, 0)
PASS(getpgrp, 0)
PASS(getppid, 0)
PASS(getpgid, 0)
PASS(setpgid, 0)
PASS(getsid, 0)
PASS(setsid, 0)
PASS(pidfd_open, 0)
PASS(pidfd_getfd, 0)
PASS(unshare, 0)
PASS(setns, 0)
PASS(kcmp, 0)

/* Operations that mean for an AArch64 process what they mean for the runner.
 * The others are about hardware that the guest hasn't got, or about
 * the process's host side (PR_SET_MM, PR_SET_SYSCALL_USER_DISPATCH,
 * PR_SET_MDWE, which would forbid the translator's work): EINVAL. */
SYSCALL(prctl)
{
    enum { SET_VMA = 0x53564d41, SET_PTRACER = 0x59616d61, SCHED_CORE = 62 };

    switch ((int)a[0]) {
    case PR_GET_TID_ADDRESS:
        return guest_write_word(cpu->guest, a[1], cpu->task->clear_tid);
    case PR_SET_FPEXC: {
        if (!cpu->guest->fp_exceptions || (int)a[1] < 0)
            return -EINVAL;
        int mode = cpu->guest->fp_exceptions(cpu, (int)a[1]);
        return mode < 0 ? mode : 0;
    }
    case PR_GET_FPEXC: {
        uint8_t mode[4];
        if (!cpu->guest->fp_exceptions)
            return -EINVAL;
        number_store(cpu->guest, mode, 4, (uint64_t)cpu->guest->fp_exceptions(cpu, -1));
        return guest_write(a[1], mode, 4);
    }
    case PR_GET_SECCOMP:
        return cpu->task->seccomp.mode;
    case PR_SET_SECCOMP:
        return seccomp_prctl(cpu, a[1], a[2]);
    case PR_SET_PDEATHSIG:
    case PR_GET_DUMPABLE:
    case PR_SET_DUMPABLE:
    case PR_GET_KEEPCAPS:
    case PR_SET_KEEPCAPS:
    case PR_GET_TIMING:
    case PR_SET_TIMING:
    case PR_CAPBSET_READ:
    case PR_CAPBSET_DROP:
    case PR_GET_SECUREBITS:
    case PR_SET_SECUREBITS:
    case PR_SET_TIMERSLACK:
    case PR_GET_TIMERSLACK:
    case PR_TASK_PERF_EVENTS_DISABLE:
    case PR_TASK_PERF_EVENTS_ENABLE:
    case PR_MCE_KILL:
    case PR_MCE_KILL_GET:
    case PR_SET_CHILD_SUBREAPER:
    case PR_SET_NO_NEW_PRIVS:
    case PR_GET_NO_NEW_PRIVS:
    case PR_SET_THP_DISABLE:
    case PR_GET_THP_DISABLE:
    case PR_CAP_AMBIENT:
    case PR_GET_SPECULATION_CTRL:
    case PR_SET_SPECULATION_CTRL:
    case PR_SET_IO_FLUSHER:
    case PR_GET_IO_FLUSHER:
    case SET_PTRACER:
        return host_syscall(SYS_prctl, a[0], a[1], a[2], a[3], a[4]);
    case PR_SET_NAME:
    case PR_GET_NAME:
        return host_syscall(SYS_prctl, a[0], guest_arg(a[1]), a[2], a[3], a[4]);
    case PR_GET_PDEATHSIG:
    case PR_GET_CHILD_SUBREAPER: {
        static const struct pass out = OUT(1, int);
        return pass_call(cpu, host_syscall_raw, SYS_prctl, a, 0, &out, 1);
    }
    case SCHED_CORE: {
        static const struct pass out = OUT(4, u64);
        return pass_call(cpu, host_syscall_raw, SYS_prctl, a, 0, &out, 1);
    }
    case SET_VMA:
        return host_syscall(SYS_prctl, a[0], a[1], guest_arg(a[2]), a[3], guest_arg(a[4]));
    default:
        return -EINVAL;
    }
}
