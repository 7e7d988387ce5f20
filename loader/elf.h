/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF files as the kernel sees them: file header and program headers, nothing
 * else (fs/binfmt_elf.c).  They are read with pread and checked here, so that
 * who maps them needs no further tests.
 */
#ifndef FERRY_ELF_H
#define FERRY_ELF_H

#include <elf.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "syscall/path.h"

struct guest;
struct exec_file;

/* Both classes and byte orders are kept in one form. */
struct elf_image {
    int fd;
    const char *path; /* for messages */
    const struct guest *guest;
    Elf64_Ehdr header;
    Elf64_Phdr *segments; /* header.e_phnum, from malloc */
    uint64_t low, high;   /* of the loadable segments, page-aligned, not biased */
    uint64_t align;       /* of the place of a position-independent image */
    bool has_interp;
    char interp[PATH_MAX]; /* PT_INTERP, if has_interp */
};

/* The guest whose programs begin with these bytes; NULL: none. */
const struct guest *elf_guest(const void *ident, unsigned size);

/* Reads and checks the headers of the file fd; 0, or -errno with f->where and
 * f->why.  The image keeps fd and path. */
int elf_open(struct elf_image *e, int fd, const char *path, struct exec_file *f);
void elf_close(struct elf_image *e);

/* Bytes of a program header as in the file. */
unsigned elf_segment_size(const struct elf_image *e);

/* elf_decode.c: from the file's class and byte order. */
void elf_decode_header(const void *raw, Elf64_Ehdr *h);
void elf_decode_segments(const Elf64_Ehdr *h, const void *raw, Elf64_Phdr *p, unsigned count);

/* Fills f->where and f->why; returns error. */
int elf_error(struct exec_file *f, int error, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Opens the ELF interpreter `name` (through the sysroot) and checks it as a
 * program for guest. */
int elf_open_interp(struct elf_image *interp, const char *name, const struct guest *guest,
                    char path[PATH_HOST_MAX], struct exec_file *f);

/* Maps the loadable segments; *bias is what was added to their addresses. */
int elf_map(const struct elf_image *e, bool is_program, uint64_t *bias, struct exec_file *f);

#endif
