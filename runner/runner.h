/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Process-wide services of the runner.
 */
#ifndef FERRY_RUNNER_H
#define FERRY_RUNNER_H

#include "hostgen/hostgen.h"

struct vcpu;
struct guest;

#define FERRY_VERSION "0.1"

enum { EXIT_USAGE = 2, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

/* Prepares for programs of guest: its processor, its address space, the cache on disk. */
void runner_begin(const struct guest *guest);
/* The host ISA that was asked for, or the best. */
enum host_isa runner_isa(void);

/* Runs the guest thread of cpu until it ends. */
_Noreturn void runner_loop(struct vcpu *cpu);

/* `ferry: what: where: why` on stderr, exit with status. */
_Noreturn void runner_fail(int status, const char *what, const char *where, const char *why);

/* ferry's own file, for execveat(AT_EMPTY_PATH); close-on-exec.  -1 if it can't
 * be found. */
int runner_self_fd(void);
/* Opens it, or takes the descriptor that an earlier ferry passed on (-1: none):
 * in a root without /proc that is the only way to it. */
void runner_open_self(int inherited);

/* Sets log_options as options.log and options.log_file say. */
void log_open(void);
/* One line for each category, for --log help. */
void log_help(void);

#endif
