/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clone(2) in all its forms is made of. */
#ifndef FERRY_THREAD_H
#define FERRY_THREAD_H

#include <stdint.h>

#include "syscall/task.h"

/* The arguments of clone and clone3 in one shape. */
struct clone_request {
    uint64_t flags; /* without the exit signal */
    int exit_signal;
    uint64_t sp; /* initial stack pointer; 0: the parent's */
    uint64_t tls;
    uint64_t parent_tid, child_tid, pidfd; /* guest addresses */
    uint64_t set_tid, set_tid_size, cgroup;
};

/* A vcpu and task for a child that shares the parent's memory. */
struct vcpu *task_clone(const struct vcpu *parent, const struct clone_request *rq);
/* Frees both; the thread, if there was one, has gone or is about to. */
void task_free(struct vcpu *cpu);
void clone_set_registers(struct vcpu *cpu, const struct clone_request *rq);
void clone_set_tid(struct vcpu *cpu, const struct clone_request *rq);

/* Marks a robust lock of the dead thread tid, as the kernel does. */
void futex_owner_died(const struct guest *g, uint64_t gva, bool pi, bool pending, pid_t tid);

/* A detached host thread; with all signals blocked.  0 or an error number. */
int host_thread(struct vcpu *cpu, size_t stack, void *(*start)(void *), void *arg);

/* A new thread of this process; with all signals blocked.  Its number or
 * -errno. */
int64_t thread_create(struct vcpu *parent, const struct clone_request *rq);

#endif
