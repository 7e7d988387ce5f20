/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Process-wide services of the runner.
 */
#ifndef FERRY_RUNNER_H
#define FERRY_RUNNER_H

#include <stdbool.h>

struct vcpu;

enum { EXIT_USAGE = 2, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

/* Runs the guest thread of cpu until it ends. */
_Noreturn void runner_loop(struct vcpu *cpu);

/* `ferry: what: where: why` on stderr, exit with status. */
_Noreturn void runner_fail(int status, const char *what, const char *where, const char *why);

/* ferry's own file, for execveat(AT_EMPTY_PATH); close-on-exec. */
int runner_self_fd(void);
/* True for descriptors that belong to the runner: the guest must not see,
 * close or replace them. */
bool runner_owns_fd(int fd);

/* Opens the log for the categories of options.log. */
void log_open(void);

#endif
