/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads: their birth by clone(CLONE_THREAD), their end, futexes.
 *
 * A guest thread is a detached POSIX thread, as the C library's functions run
 * in it.  What the kernel does for the guest at the end of a thread (robust
 * futexes, then the word of CLONE_CHILD_CLEARTID) is done here, as the host
 * thread still needs the kernel's service for the C library.
 */
#include "syscall/thread.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "runner/options.h"
#include "runner/runner.h"
#include "signal/host.h"
#include "signal/signal.h"
#include "signal/stop.h"
#include "syscall/convert.h"
#include "syscall/memory_limits.h"
#include "syscall/pass.h"
#include "syscall/strace.h"
#include "translate/translate.h"

enum { THREAD_STACK = 512 << 10 };

void task_init(struct vcpu *cpu)
{
    struct process *process = calloc(1, sizeof *process);
    struct task *task = calloc(1, sizeof *task);

    if (!process || !task)
        runner_fail(EXIT_NOT_EXECUTABLE, "task", "start", "out of memory");
    process->threads = 1;
    memory_limits_init(process);
    task->process = process;
    task->cpu = cpu;
    task->tid = gettid();
    task->pid = getpid();
    task->leader = true;
    cpu->task = task;
    stop_init(task);
    current_cpu = cpu;
}

struct vcpu *task_clone(const struct vcpu *parent, const struct clone_request *rq)
{
    struct vcpu *cpu = vcpu_clone(parent);
    struct task *task = calloc(1, sizeof *task);

    if (!cpu || !task || !signal_altstack_new(task)) {
        if (cpu)
            vcpu_free(cpu);
        free(task);
        return NULL;
    }
    task->cpu = cpu;
    task->process = parent->task->process;
    task->mask = parent->task->mask;
    task->seccomp = parent->task->seccomp;
    cpu->task = task;
    cpu->pending = 0;
    clone_set_registers(cpu, rq);
    syscall_set_result(cpu, 0);
    return cpu;
}

void task_free(struct vcpu *cpu)
{
    struct task *task = cpu->task;

    vcpu_free(cpu); /* nobody kicks the task then */
    signal_altstack_free(task);
    free(task);
}

void clone_set_registers(struct vcpu *cpu, const struct clone_request *rq)
{
    if (rq->sp)
        cpu->g[cpu->guest->sp_slot] = rq->sp;
    if (rq->flags & CLONE_SETTLS)
        cpu->g[cpu->guest->tls_slot] = rq->tls;
}

/* In the child: the words with its thread number. */
void clone_set_tid(struct vcpu *cpu, const struct clone_request *rq)
{
    struct task *task = cpu->task;
    int32_t tid = task->tid = gettid();
    task->pid = getpid();

    if (rq->flags & CLONE_CHILD_SETTID)
        struct_write(cpu->guest, STRUCT_int, &tid, rq->child_tid);
    task->clear_tid = rq->flags & CLONE_CHILD_CLEARTID ? rq->child_tid : 0;
}

/* ---- birth ---- */

struct birth {
    struct vcpu *cpu;
    const struct clone_request *rq;
    sem_t born;
    int32_t tid;
};

static void thread_free(struct vcpu *cpu)
{
    signal_thread_exit(cpu);
    current_cpu = NULL;
    task_free(cpu);
}

static void *thread_main(void *arg)
{
    struct birth *birth = arg;
    struct vcpu *const cpu = birth->cpu;
    struct task *task = cpu->task;
    int unshared = 0;

    current_cpu = cpu;
    signal_thread_init(cpu);
    clone_set_tid(cpu, birth->rq);
    unshared |= birth->rq->flags & CLONE_FS ? 0 : CLONE_FS;
    unshared |= birth->rq->flags & CLONE_FILES ? 0 : CLONE_FILES;
    if (unshared)
        unshare(unshared);
    if (birth->rq->flags & CLONE_PARENT_SETTID)
        struct_write(cpu->guest, STRUCT_int, &task->tid, birth->rq->parent_tid);
    birth->tid = task->tid;
    stop_add_task(task);
    sem_post(&birth->born);

    if (!setjmp(task->exit_env)) {
        signal_unblock(cpu);
        runner_loop(cpu);
    }
    thread_free(current_cpu);
    return NULL;
}

struct beginning {
    void *(*start)(void *);
    void *arg;
    sem_t guarded;
};

static void *begin(void *arg)
{
    struct beginning *b = arg;
    void *(*start)(void *) = b->start;
    void *start_arg = b->arg;

    signal_block_all();
    sem_post(&b->guarded);
    return start(start_arg);
}

/*
 * pthread_create for the guest or the runner: a detached thread that begins
 * with all signals blocked, as its creator has them.
 *
 * But the C library lets a new thread begin with its own signal for cancellation
 * unblocked, whatever the creator's mask is, and nothing turns that off.  To the guest this is
 * a signal like others (its C library's own, which expires timers by it); one that
 * came in here would end the process by its default action.  So a handler stands
 * guard until the thread has blocked it.
 */
int host_thread(struct vcpu *cpu, size_t stack, void *(*start)(void *), void *arg)
{
    struct beginning b = {.start = start, .arg = arg};
    pthread_attr_t attr;
    pthread_t thread;

    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, stack);
    sem_init(&b.guarded, 0, 0);
    signal_guard(cpu);
    int r = pthread_create(&thread, &attr, begin, &b);
    while (!r && sem_wait(&b.guarded))
        ;
    signal_reclaim(cpu);
    sem_destroy(&b.guarded);
    pthread_attr_destroy(&attr);
    return r;
}

int64_t thread_create(struct vcpu *parent, const struct clone_request *rq)
{
    struct birth birth = {.rq = rq};

    birth.cpu = task_clone(parent, rq);
    if (!birth.cpu)
        return -ENOMEM;
    sem_init(&birth.born, 0, 0);
    atomic_fetch_add(&parent->task->process->threads, 1);
    int r = host_thread(parent, THREAD_STACK, thread_main, &birth);
    if (r) {
        atomic_fetch_sub(&parent->task->process->threads, 1);
        task_free(birth.cpu);
        return -r;
    }
    while (sem_wait(&birth.born))
        ;
    sem_destroy(&birth.born);
    return birth.tid;
}

/* ---- end ---- */

/* What the kernel's handle_futex_death() does with one lock of a dead owner. */
void futex_owner_died(const struct guest *g, uint64_t gva, bool pi, bool pending, pid_t tid)
{
    uint32_t raw, value;
    int prot = vm_prot(gva);

    if (gva % sizeof value || prot < 0 || !(prot & PROT_WRITE) || guest_read(&raw, gva, sizeof raw))
        return;
    value = guest_swaps(g) ? __builtin_bswap32(raw) : raw;
    if (prot & PROT_EXEC) { /* may be write-protected for the translator */
        translate_invalidate(gva, sizeof value);
        vm_unprotect_code(gva, sizeof value);
    }
    if (pending && !pi && !value) {
        host_syscall(SYS_futex, guest_ptr(gva), FUTEX_WAKE, 1);
        return;
    }
    while ((value & FUTEX_TID_MASK) == (uint32_t)tid) {
        uint32_t died = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
        died = guest_swaps(g) ? __builtin_bswap32(died) : died;
        if (!__atomic_compare_exchange_n((uint32_t *)guest_ptr(gva), &raw, died, false,
                                         __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
            value = guest_swaps(g) ? __builtin_bswap32(raw) : raw;
            continue;
        }
        if (!pi && (value & FUTEX_WAITERS))
            host_syscall(SYS_futex, guest_ptr(gva), FUTEX_WAKE, 1);
        return;
    }
}

static void robust_list_exit(struct task *task)
{
    const struct guest *g = task->cpu->guest;
    struct {
        uint64_t next;
        int64_t offset;
        uint64_t pending;
    } head;

    if (!task->robust_head || struct_read(g, STRUCT_robust_head, &head, task->robust_head))
        return;
    uint64_t at = head.next;
    for (unsigned n = 0; n < ROBUST_LIST_LIMIT && (at & ~UINT64_C(1)) != task->robust_head; n++) {
        uint64_t next, entry = at & ~UINT64_C(1);
        bool more = !guest_read_word(g, &next, entry);
        if (entry != (head.pending & ~UINT64_C(1)))
            futex_owner_died(g, entry + (uint64_t)head.offset, at & 1, false, task->tid);
        if (!more)
            break;
        at = next;
    }
    if (head.pending)
        futex_owner_died(g, (head.pending & ~UINT64_C(1)) + (uint64_t)head.offset, head.pending & 1,
                         true, task->tid);
    task->robust_head = 0;
    host_syscall(SYS_set_robust_list, NULL, 3 * sizeof(uint64_t));
}

void task_exit(struct vcpu *cpu, int status)
{
    struct task *task = cpu->task;

    signal_block_all();
    if (task->queued && task->queued_info.si_code != SI_TKILL) {
        /* Taken, but another thread will have to handle it. */
        siginfo_t info = task->queued_info;
        host_syscall(SYS_rt_sigqueueinfo, getpid(), info.si_signo, &info);
    }
    stop_remove_task(task);
    bool last = atomic_fetch_sub(&task->process->threads, 1) == 1;
    if (!last || task->process->shares_memory) {
        robust_list_exit(task);
        if (task->clear_tid) {
            const int32_t zero = 0;
            if (!guest_write(task->clear_tid, &zero, sizeof zero))
                host_syscall(SYS_futex, guest_ptr(task->clear_tid), FUTEX_WAKE, 1);
        }
    }
    if (options.strace)
        strace_end(cpu, (status & 0xff) << 8);
    if (last && debugger)
        debugger->gone(cpu, (status & 0xff) << 8);
    /* The last thread's status becomes the process's; the first thread has no
     * caller to return to. */
    if (last) {
        if (!task->process->shares_memory)
            translate_save();
        translate_stats_print();
    }
    while (last || task->leader)
        syscall(SYS_exit, status);
    longjmp(task->exit_env, 1);
}

void process_exit(struct vcpu *cpu, int status)
{
    /* The host's kernel knows the list only where it can read it. */
    if (!abi_is_native(cpu->guest))
        robust_list_exit(cpu->task);
    if (options.strace)
        strace_end(cpu, (status & 0xff) << 8);
    if (debugger)
        debugger->gone(cpu, (status & 0xff) << 8);
    signal_block_all();
    if (!cpu->task->process->shares_memory)
        translate_save();
    translate_stats_print();
    for (;;)
        syscall(SYS_exit_group, status);
}

SYSCALL(exit)
{
    task_exit(cpu, (int)a[0]);
}

SYSCALL(exit_group)
{
    process_exit(cpu, (int)a[0]);
}

/* ---- identity, futexes ---- */

SYSCALL(gettid)
{
    return cpu->task->tid;
}

SYSCALL(set_tid_address)
{
    cpu->task->clear_tid = a[0];
    return cpu->task->tid;
}

SYSCALL(set_robust_list)
{
    int64_t r = 0;

    if (abi_is_native(cpu->guest))
        r = host_syscall(SYS_set_robust_list, guest_arg(a[0]), a[1]);
    else if (a[1] != struct_size(cpu->guest, STRUCT_robust_head))
        r = -EINVAL;
    if (!r)
        cpu->task->robust_head = a[0];
    return r;
}

SYSCALL(get_robust_list)
{
    static const struct pass out[] = {OUT(1, pointer), OUT(2, long)};
    bool self = !a[0] || (pid_t)a[0] == cpu->task->tid;

    if (abi_is_native(cpu->guest))
        return pass_call(cpu, host_syscall_raw, SYS_get_robust_list, a, 0, out, 2);
    if (!self)
        return -EPERM;
    if (guest_write_word(cpu->guest, a[2], struct_size(cpu->guest, STRUCT_robust_head)))
        return -EFAULT;
    return guest_write_word(cpu->guest, a[1], cpu->task->robust_head);
}

PASS(membarrier, 0)
