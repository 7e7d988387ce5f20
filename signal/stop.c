/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/stop.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "translate/translate.h"

const struct debugger *volatile debugger;

/* How long to wait for threads that may not be able to come, and how often to
 * remind them. */
enum { PATIENCE = 20, REMIND_MS = 50 };

void stop_add_task(struct task *task)
{
    struct stop *stop = &task->process->stop;

    lock_take(&stop->lock);
    task->next_task = task->process->tasks;
    task->process->tasks = task;
    task->debug.trace = task->next_task && task->next_task->debug.trace;
    translate_step(task->debug.trace);
    if (stop->wanted)
        task->cpu->pending = 1;
    lock_drop(&stop->lock);
}

void stop_remove_task(struct task *task)
{
    struct stop *stop = &task->process->stop;

    lock_take(&stop->lock);
    for (struct task **p = &task->process->tasks; *p; p = &(*p)->next_task)
        if (*p == task) {
            *p = task->next_task;
            break;
        }
    change_announce(&stop->changed);
    lock_drop(&stop->lock);
}

void stop_init(struct task *task)
{
    struct stop *stop = &task->process->stop;

    *stop = (struct stop){.wanted = false};
    task->parked = false;
    task->next_task = NULL;
    task->process->tasks = task;
}

void stop_kick(const struct task *task)
{
    siginfo_t info = {.si_signo = SIGTRAP, .si_code = STOP_KICK_CODE};

    info.si_pid = task->pid;
    __atomic_store_n(&task->cpu->pending, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_rt_tgsigqueueinfo, task->pid, task->tid, SIGTRAP, &info);
}

bool stop_is_kick(const siginfo_t *info)
{
    return info->si_code == STOP_KICK_CODE && info->si_pid == getpid();
}

static struct task *first_running(const struct process *process, const struct vcpu *cpu)
{
    struct task *task = process->tasks;

    while (task && (task->parked || task->cpu == cpu))
        task = task->next_task;
    return task;
}

static unsigned milliseconds_since(const struct timespec *start)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned)((now.tv_sec - start->tv_sec) * 1000 +
                      (now.tv_nsec - start->tv_nsec) / 1000000);
}

bool stop_others(struct process *process, struct vcpu *cpu)
{
    struct stop *stop = &process->stop;

    lock_take(&stop->lock);
    if (stop->wanted) {
        lock_drop(&stop->lock);
        return false;
    }
    stop->wanted = true;
    for (int n = 0; n < PATIENCE && first_running(process, cpu); n++) {
        struct timespec start;

        for (struct task *t = process->tasks; t; t = t->next_task)
            if (!t->parked && t->cpu != cpu)
                stop_kick(t);
        clock_gettime(CLOCK_MONOTONIC, &start);
        while (first_running(process, cpu)) {
            unsigned passed = milliseconds_since(&start);
            if (passed >= REMIND_MS)
                break;
            change_wait(&stop->changed, &stop->lock, REMIND_MS - passed);
        }
    }
    lock_drop(&stop->lock);
    return true;
}

void stop_release(struct process *process)
{
    lock_take(&process->stop.lock);
    process->stop.wanted = false;
    change_announce(&process->stop.changed);
    lock_drop(&process->stop.lock);
}

/* With the lock held. */
static void park(struct task *task)
{
    struct stop *stop = &task->process->stop;

    task->parked = true;
    change_announce(&stop->changed);
    while (stop->wanted || task->debug.hold || task->debug.event)
        change_wait(&stop->changed, &stop->lock, 0);
    task->parked = false;
    translate_step(task->debug.step || task->debug.trace);
}

void stop_here(struct vcpu *cpu)
{
    struct task *task = cpu->task;

    if (!task->process->stop.wanted)
        return;
    lock_take(&task->process->stop.lock);
    park(task);
    lock_drop(&task->process->stop.lock);
}

void stop_report(struct vcpu *cpu, enum stop_event event, int sig, uint64_t value)
{
    struct task *task = cpu->task;

    lock_take(&task->process->stop.lock);
    if (debugger) {
        task->debug.event = event;
        task->debug.sig = sig;
        task->debug.value = value;
        task->debug.resume_sig = 0;
        park(task);
    }
    lock_drop(&task->process->stop.lock);
}
