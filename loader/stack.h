/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The initial stack of a guest program: strings, auxiliary vector, environment
 * and arguments, as fs/binfmt_elf.c (create_elf_tables) lays them out.
 */
#ifndef FERRY_STACK_H
#define FERRY_STACK_H

#include <stdint.h>

struct exec_file;

struct program_headers {
    uint64_t address; /* in guest memory */
    uint64_t size, count;
};

/* Maps the stack (size 0: as RLIMIT_STACK says) and fills it; sets the
 * stack's fields of `loaded`, whose other fields are ready.  0; or
 * -errno and f->why. */
int stack_build(struct exec_file *f, char *const env[], uint64_t size,
                const struct program_headers *headers);

#endif
