/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/stop.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "translate/translate.h"

const struct debugger *volatile debugger;

enum { KICK_CODE = -0x4b43 };
/* How long to wait for threads that may not be able to come, and how often to
 * remind them. */
enum { PATIENCE = 20, REMIND_NS = 50 * 1000 * 1000 };

void stop_add_task(struct task *task)
{
    struct stop *stop = &task->process->stop;

    pthread_mutex_lock(&stop->lock);
    task->next_task = task->process->tasks;
    task->process->tasks = task;
    task->debug.trace = task->next_task && task->next_task->debug.trace;
    translate_step(task->debug.trace);
    if (stop->wanted)
        task->cpu->pending = 1;
    pthread_mutex_unlock(&stop->lock);
}

void stop_remove_task(struct task *task)
{
    struct stop *stop = &task->process->stop;

    pthread_mutex_lock(&stop->lock);
    for (struct task **p = &task->process->tasks; *p; p = &(*p)->next_task)
        if (*p == task) {
            *p = task->next_task;
            break;
        }
    pthread_cond_broadcast(&stop->changed);
    pthread_mutex_unlock(&stop->lock);
}

void stop_init(struct task *task)
{
    struct stop *stop = &task->process->stop;

    pthread_mutex_init(&stop->lock, NULL);
    pthread_cond_init(&stop->changed, NULL);
    stop->wanted = false;
    task->parked = false;
    task->next_task = NULL;
    task->process->tasks = task;
}

void stop_kick(const struct task *task)
{
    siginfo_t info = {.si_signo = SIGTRAP, .si_code = KICK_CODE};

    info.si_pid = getpid();
    vcpu_interrupt(task->cpu);
    syscall(SYS_rt_tgsigqueueinfo, getpid(), task->tid, SIGTRAP, &info);
}

bool stop_is_kick(const siginfo_t *info)
{
    return info->si_code == KICK_CODE && info->si_pid == getpid();
}

static struct task *first_running(const struct process *process, const struct vcpu *cpu)
{
    struct task *task = process->tasks;

    while (task && (task->parked || task->cpu == cpu))
        task = task->next_task;
    return task;
}

bool stop_others(struct process *process, struct vcpu *cpu)
{
    struct stop *stop = &process->stop;

    pthread_mutex_lock(&stop->lock);
    if (stop->wanted) {
        pthread_mutex_unlock(&stop->lock);
        return false;
    }
    stop->wanted = true;
    for (int n = 0; n < PATIENCE && first_running(process, cpu); n++) {
        struct timespec until;

        for (struct task *t = process->tasks; t; t = t->next_task)
            if (!t->parked && t->cpu != cpu)
                stop_kick(t);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += REMIND_NS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        while (first_running(process, cpu) &&
               !pthread_cond_timedwait(&stop->changed, &stop->lock, &until))
            ;
    }
    pthread_mutex_unlock(&stop->lock);
    return true;
}

void stop_release(struct process *process)
{
    pthread_mutex_lock(&process->stop.lock);
    process->stop.wanted = false;
    pthread_cond_broadcast(&process->stop.changed);
    pthread_mutex_unlock(&process->stop.lock);
}

/* With the lock held. */
static void park(struct task *task)
{
    struct stop *stop = &task->process->stop;

    task->parked = true;
    pthread_cond_broadcast(&stop->changed);
    while (stop->wanted || task->debug.hold || task->debug.event)
        pthread_cond_wait(&stop->changed, &stop->lock);
    task->parked = false;
    translate_step(task->debug.step || task->debug.trace);
}

void stop_here(struct vcpu *cpu)
{
    struct task *task = cpu->task;

    if (!task->process->stop.wanted)
        return;
    pthread_mutex_lock(&task->process->stop.lock);
    park(task);
    pthread_mutex_unlock(&task->process->stop.lock);
}

void stop_report(struct vcpu *cpu, enum stop_event event, int sig, uint64_t value)
{
    struct task *task = cpu->task;

    pthread_mutex_lock(&task->process->stop.lock);
    if (debugger) {
        task->debug.event = event;
        task->debug.sig = sig;
        task->debug.value = value;
        task->debug.resume_sig = 0;
        park(task);
    }
    pthread_mutex_unlock(&task->process->stop.lock);
}
