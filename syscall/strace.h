/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --strace: one line a system call, `PID name(arguments) = result`, written
 * with one write to the log.
 *
 * The format string of a table row has a word for each argument and may end
 * in "=word" for the result; the words are the rows of the table in
 * strace.c.  Arguments that the call reads are formatted before it, those
 * that it fills in after.  Calls that don't come back are written before
 * they begin, with the result "?".
 */
#ifndef FERRY_STRACE_H
#define FERRY_STRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "syscall/syscall.h"

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

/* Which arguments of the row are descriptors, as a bit mask. */
unsigned strace_fd_args(const struct syscall_row *row);

#endif
