/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/host.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "loader/vm.h"
#include "runner/options.h"
#include "signal/core.h"
#include "signal/signal.h"
#include "signal/stop.h"
#include "syscall/strace.h"
#include "translate/own_memory.h"
#include "translate/translate.h"

__thread struct vcpu *current_cpu;

enum { HOST_ALTSTACK = 64 << 10, GUARD = 4096, HOST_SA_RESTORER = 0x04000000 };

/* struct sigaction as the x86-64 kernel has it. */
struct kernel_sigaction {
    void (*handler)(int, siginfo_t *, void *);
    unsigned long flags;
    void (*restorer)(void);
    sigmask_t mask;
};

void host_signal_return(void);
__asm__(".pushsection .text\n"
        ".type host_signal_return, @function\n"
        "host_signal_return:\n"
        "   mov $15, %eax\n" /* rt_sigreturn */
        "   syscall\n"
        ".popsection\n");

static __thread int in_fault;

static void __attribute__((noreturn))
runner_fault(int sig, const siginfo_t *info, const ucontext_t *uc)
{
    char text[200];
    int n = snprintf(text, sizeof text,
                     "ferry: internal error: signal %d (code %d, address %p) at host pc %#lx, "
                     "guest pc %#lx\n",
                     sig, info->si_code, info->si_addr, (unsigned long)host_pc(uc),
                     current_cpu ? (unsigned long)current_cpu->pc : 0);
    /* The guest may have closed or replaced standard error, but not the log. */
    if (write(STDERR_FILENO, text, (size_t)n) < 0 ||
        (log_options.fd != STDERR_FILENO && write(log_options.fd, text, (size_t)n) < 0)) {
        /* Nobody can be told. */
    }
    signal_die(current_cpu, sig);
}

/* Something that isn't a fault: sent by a process, a timer, the terminal. */
static void take(int sig, siginfo_t *info, ucontext_t *uc)
{
    struct vcpu *cpu = current_cpu;
    struct task *task = cpu ? cpu->task : NULL;

    if (stop_is_kick(info)) {
        if (!task)
            return;
        task->kicked = 1;
    } else if (signal_is_sync(sig)) {
        /* The host can't block it, so it waits here if the guest does. */
        if (!task)
            return;
        if (!(task->held & SIGMASK(sig)))
            task->held_info[signal_sync_index(sig)] = *info;
        task->held |= SIGMASK(sig);
        if (task->mask & SIGMASK(sig))
            return;
    } else {
        sigmask_t all = ~SIGMASK_SYNC;
        memcpy(&uc->uc_sigmask, &all, sizeof all);
        /* Blocked now.  A thread that is no guest's yet has it in the process's place. */
        if (!task)
            syscall(SYS_rt_sigqueueinfo, getpid(), sig, info);
        else if (task->queued)
            signal_requeue(info);
        if (!task || task->queued)
            return;
        task->queued_info = *info;
        task->queued = 1;
    }
    task->waiting = 1;
    vcpu_interrupt(cpu);
    translate_step_out(cpu, uc);
    safe_syscall_leave(uc);
}

/* A process may send itself signals that look like faults (rt_sigqueueinfo(2)).
 * A fault of our own comes again at the same place. */
static bool was_sent(const ucontext_t *uc)
{
    static __thread uintptr_t last;

    if (host_after_syscall(uc))
        return true;
    bool again = last == host_pc(uc);
    last = host_pc(uc);
    return !again;
}

static void handler(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    int saved_errno = errno;

    if (signal_is_sync(sig) && info->si_code > 0) {
        if (guest_copy_fault(uc))
            return;
        if (in_fault)
            runner_fault(sig, info, uc);
        in_fault = 1;
        bool repaired = current_cpu && translate_host_fault(current_cpu, sig, info, uc);
        in_fault = 0;
        if (!repaired && was_sent(uc)) {
            take(sig, info, uc);
            errno = saved_errno;
            return;
        }
        if (!repaired)
            runner_fault(sig, info, uc);
        current_cpu->fault.access = host_fault_is_write(uc) ? FAULT_WRITE : FAULT_READ;
    } else {
        take(sig, info, uc);
    }
    errno = saved_errno;
}

bool signal_terminates(int sig)
{
    const sigmask_t otherwise = SIGMASK(SIGCHLD) | SIGMASK(SIGURG) | SIGMASK(SIGWINCH) |
                                SIGMASK(SIGCONT) | SIGMASK(SIGTSTP) | SIGMASK(SIGTTIN) |
                                SIGMASK(SIGTTOU) | SIGMASK_UNBLOCKABLE;

    return !(otherwise & SIGMASK(sig));
}

atomic_uint host_guards;

bool host_takes(int sig)
{
    return core_takes(sig) || (debugger && signal_terminates(sig)) ||
           (sig == HOST_SIGCANCEL && host_guards);
}

void host_set_action(int sig, uint64_t guest_handler, uint64_t flags)
{
    struct kernel_sigaction k = {
        .handler = handler,
        .flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART | HOST_SA_RESTORER |
                 (flags & (SA_NOCLDSTOP | SA_NOCLDWAIT)),
        .restorer = host_signal_return,
        /* Who is to be stepped out of generated code must still be in it when that begins. */
        .mask = ~SIGMASK_SYNC | SIGMASK(SIGTRAP),
    };
    if (signal_is_sync(sig))
        k.flags |= SA_NODEFER;
    if ((guest_handler == (uint64_t)(uintptr_t)SIG_DFL && !host_takes(sig)) ||
        guest_handler == (uint64_t)(uintptr_t)SIG_IGN)
        k.handler = (void (*)(int, siginfo_t *, void *))(uintptr_t)guest_handler;
    syscall(SYS_rt_sigaction, sig, &k, NULL, sizeof k.mask);
}

bool host_action_is_ignore(int sig)
{
    struct kernel_sigaction k = {0};
    syscall(SYS_rt_sigaction, sig, NULL, &k, sizeof k.mask);
    return (uintptr_t)k.handler == (uintptr_t)SIG_IGN;
}

int signal_requeue(const siginfo_t *info)
{
    siginfo_t copy = *info;
    long r = syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), copy.si_signo, &copy);
    return r < 0 ? -errno : 0;
}

void signal_block_all(void)
{
    host_set_mask(~SIGMASK_SYNC);
}

void signal_unblock(struct vcpu *cpu)
{
    host_set_mask(cpu->task->mask & ~SIGMASK_SYNC);
}

void signal_die(struct vcpu *cpu, int sig)
{
    const struct kernel_sigaction k = {0};

    signal_block_all();
    /* A fault of the runner may come where there is no guest. */
    if (cpu && options.strace)
        strace_end(cpu, sig);
    if (cpu && debugger)
        debugger->gone(cpu, sig);
    if (cpu && cpu->task && !cpu->task->process->shares_memory)
        translate_save();
    translate_stats_print();
    syscall(SYS_rt_sigaction, sig, &k, NULL, sizeof k.mask);
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), sig);
    host_set_mask(~SIGMASK(sig));
    /* The first process of a container survives its own signals. */
    for (;;)
        syscall(SYS_exit_group, 128 + sig);
}

bool signal_altstack_new(struct task *task)
{
    char *p = own_memory(HOST_ALTSTACK + GUARD, 0);
    if (!p)
        return false;
    mprotect(p, GUARD, PROT_NONE);
    task->host_altstack = p;
    return true;
}

void signal_thread_init(struct vcpu *cpu)
{
    stack_t ss = {.ss_sp = (char *)cpu->task->host_altstack + GUARD, .ss_size = HOST_ALTSTACK};
    sigaltstack(&ss, NULL);
}

void signal_thread_exit(struct vcpu *cpu)
{
    stack_t ss = {.ss_flags = SS_DISABLE};
    sigaltstack(&ss, NULL);
    signal_altstack_free(cpu->task);
}

void signal_child_gone(void)
{
    in_fault = 0;
}

void signal_altstack_free(struct task *task)
{
    if (task->host_altstack)
        munmap(task->host_altstack, HOST_ALTSTACK + GUARD);
    task->host_altstack = NULL;
}

void signal_init(void)
{
    struct task *task = current_cpu->task;

    translate_kick = stop_kick;
    if (!signal_altstack_new(task)) {
        perror("ferry: no memory for a signal stack");
        _exit(127);
    }
    signal_thread_init(current_cpu);
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &task->mask, sizeof task->mask);
    for (int sig = 1; sig <= GUEST_NSIG; sig++) {
        if (SIGMASK(sig) & SIGMASK_UNBLOCKABLE)
            continue;
        bool ignored = host_action_is_ignore(sig);
        if (ignored)
            task->process->action[sig].handler = (uint64_t)(uintptr_t)SIG_IGN;
        if (signal_is_sync(sig))
            host_set_action(sig, 2, 0);
        else if (!ignored && host_takes(sig))
            host_set_action(sig, 0, 0);
    }
    host_set_mask(task->mask & ~SIGMASK_SYNC);
}

void signal_exec_prepare(struct vcpu *cpu)
{
    const struct process *process = cpu->task->process;
    for (int sig = 1; sig <= GUEST_NSIG; sig++)
        if (signal_is_sync(sig) && process->action[sig].handler == (uint64_t)(uintptr_t)SIG_IGN)
            host_set_action(sig, (uint64_t)(uintptr_t)SIG_IGN, 0);
    host_set_mask(cpu->task->mask);
}

void signal_exec_failed(struct vcpu *cpu)
{
    for (int sig = 1; sig <= GUEST_NSIG; sig++)
        if (signal_is_sync(sig))
            host_set_action(sig, 2, 0);
    signal_unblock(cpu);
}
