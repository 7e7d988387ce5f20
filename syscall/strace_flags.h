/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of flags and constants for --strace. */
#ifndef FERRY_STRACE_FLAGS_H
#define FERRY_STRACE_FLAGS_H

#include <stdint.h>

struct strace_name {
    uint64_t value;
    const char *name; /* NULL ends a table */
};

/* A value that is a number from field_mask, whose names come first, and bits. */
struct strace_names {
    const char *word;    /* in format strings */
    uint64_t field_mask; /* UINT64_MAX: a plain enumeration */
    const struct strace_name *names;
};

extern const struct strace_names strace_names[]; /* ends with a NULL word */

#endif
