/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Core dumps of the guest: an ELF core file of the guest's architecture, named
 * and bounded as core(5) says, with the threads' registers and the memory that
 * the kernel's coredump_filter selects.
 *
 * The kernel, not we, decides the bit of the wait status that says "core
 * dumped".  It is set by letting it write a small core of its own into a
 * directory that is removed as soon as the process is gone; so it is set only
 * where core_pattern is a plain file name.  Where core_pattern is a pipe
 * no core is written, as its program expects a process of the host.
 */
#ifndef FERRY_CORE_H
#define FERRY_CORE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* The default action of sig is to dump core. */
bool core_signal(int sig);
/* The same, and a core would be written now.
 * Such signals must not be left to the kernel. */
bool core_takes(int sig);

/* Stops all threads and writes the core; the caller goes on to die of sig. */
void core_dump(struct vcpu *cpu, int sig, const siginfo_t *info);

/* ---- core_file.c ---- */

/* Writes the ELF file to fd, at most limit bytes; the threads stand still. */
void core_write(int fd, struct vcpu *cpu, int sig, const siginfo_t *info, uint64_t limit);

#endif
