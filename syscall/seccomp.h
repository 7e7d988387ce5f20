/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp(2) for guests: filters see the guest's numbers and architecture and
 * are run here; the host's kernel knows nothing of them.  They follow their
 * thread through clone, fork and execve and are never freed.
 */
#ifndef FERRY_SECCOMP_H
#define FERRY_SECCOMP_H

#include <stdbool.h>
#include <stdint.h>

struct guest;
struct vcpu;
struct syscall_row;

/* To be called where the task is under seccomp (task->seccomp.mode), before a
 * call.  True: let it through.  False: *result is what it returns. */
bool seccomp_lets(struct vcpu *cpu, const struct syscall_row *row, uint32_t nr, int64_t *result);

/* AUDIT_ARCH_ of a guest. */
uint32_t seccomp_audit_arch(const struct guest *g);

/* The arguments of the call that the guest makes, as filters see them. */
void seccomp_args(const struct vcpu *cpu, uint64_t args[6]);

/* Filters of the task. */
unsigned seccomp_count(const struct vcpu *cpu);

/* prctl(PR_SET_SECCOMP). */
int64_t seccomp_prctl(struct vcpu *cpu, uint64_t mode, uint64_t program);

/* For execve: a descriptor with the state of the task, or -errno; and its
 * other end.  A state that can't be read ends the program. */
int seccomp_save(const struct vcpu *cpu);
void seccomp_restore(struct vcpu *cpu, int fd);

#endif
