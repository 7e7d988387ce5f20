/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --strace: one line a system call, `PID name(arguments) = result`, written
 * with one write to the log, or to a file of its own (strace_fd).
 *
 * The format string of a table row has a word for each argument and may end
 * in "=word" for the result; the words are the rows of the table in
 * strace.c.  Arguments that the call reads are formatted before it, those
 * that it fills in after.  Calls that don't come back are written before
 * they begin, with the result "?".
 */
#ifndef FERRY_STRACE_H
#define FERRY_STRACE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "syscall/syscall.h"

/* Where lines go; -1: to the log. */
extern int strace_fd;

struct strace_buf {
    char text[1400]; /* what doesn't fit is cut off */
    unsigned len;
};

struct strace_line {
    struct vcpu *cpu;
    const struct syscall_row *row;
    uint32_t nr;
    const uint64_t *a;
    struct strace_buf args[6];
    bool written;
};

void strace_enter(struct strace_line *line, struct vcpu *cpu, uint32_t nr,
                  const struct syscall_row *row, const uint64_t a[6]);
void strace_leave(struct strace_line *line, int64_t result);

/* `--- SIGNAL {...} ---` for one that is about to be delivered, and
 * `+++ exited with STATUS +++` or `+++ killed by SIGNAL +++` (a wait status). */
void strace_signal(const struct vcpu *cpu, int sig, const siginfo_t *info);
void strace_end(const struct vcpu *cpu, int status);

/* True if an expression (names and classes with commas, "!" before it for the
 * others; NULL: all) selects the row. */
bool strace_selects(const char *expression, const struct syscall_row *row);
/* The first word that is neither a class nor a call of one of the guests, from
 * malloc; or NULL. */
char *strace_bad_word(const char *expression, const struct guest *const *all);

/* Which arguments of the row are descriptors, as a bit mask. */
unsigned strace_fd_args(const struct syscall_row *row);

#endif
