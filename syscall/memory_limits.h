/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RLIMIT_AS and RLIMIT_DATA (setrlimit(2)).  The host's would count the runner's own
 * memory, so they are kept in struct process and compared with what the guest has mapped;
 * the host's soft limits are out of the way as far as the hard ones let them be.
 */
#ifndef FERRY_MEMORY_LIMITS_H
#define FERRY_MEMORY_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

struct process;
struct vcpu;
struct rlimit64;

/* Takes the limits that the ferry before an execve had, or the host's.  First of all. */
void memory_limits_take(void);
/* They become the process's. */
void memory_limits_init(struct process *process);
/* How they are passed over execve: "AS:AS:DATA:DATA" (soft, hard), from malloc; NULL: there are
 * none. */
char *memory_limits_text(const struct process *process);

/* The kept limit; NULL: it is not one of these. */
struct rlimit64 *memory_limit(struct process *process, int resource);

/* Is there room for `total` bytes more, `data` of them private and writable, when what is in
 * [start, end) goes?  mm/mmap.c, may_expand_vm. */
bool memory_room(const struct vcpu *cpu, uint64_t start, uint64_t end, uint64_t total,
                 uint64_t data);
/* For the page protection of [start, end) to become writable. */
bool memory_room_writable(const struct vcpu *cpu, uint64_t start, uint64_t end);

#endif
