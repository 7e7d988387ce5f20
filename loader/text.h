/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text that grows, for what is made up as a whole before anybody sees it.
 *
 *     struct text t = {0};
 *     text_print(&t, "%s\n", name);
 *     if (!t.failed)
 *         ... t.p, t.size ...
 *     text_free(&t);
 *
 * No stream of the C library: see syscall/process.c on children that share the memory.
 */
#ifndef FERRY_TEXT_H
#define FERRY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
    char *p; /* not terminated */
    size_t size, room;
    bool failed; /* there was no memory for all */
};

/* Room for n more bytes, at the end; NULL: none. */
char *text_grow(struct text *t, size_t n);
void text_add(struct text *t, const void *bytes, size_t n);
void text_print(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds what there is to read, to the end; 0 or -errno. */
int text_read(struct text *t, const char *path);
/* Writes it all; 0 or -errno. */
int text_write(const struct text *t, int fd);
void text_free(struct text *t);

#endif
