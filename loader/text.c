/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *text_grow(struct text *t, size_t n)
{
    if (t->room - t->size < n && !t->failed) {
        size_t room = 2 * (t->size + n);
        char *more = realloc(t->p, room);
        t->failed = !more;
        if (more) {
            t->p = more;
            t->room = room;
        }
    }
    return t->failed ? NULL : t->p + t->size;
}

void text_add(struct text *t, const void *bytes, size_t n)
{
    if (n && text_grow(t, n)) {
        memcpy(t->p + t->size, bytes, n);
        t->size += n;
    }
}

void text_print(struct text *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *at = text_grow(t, (size_t)n + 1);
    va_start(args, format);
    if (at)
        t->size += (size_t)vsnprintf(at, (size_t)n + 1, format, args);
    va_end(args);
}

int text_read(struct text *t, const char *path)
{
    enum { AT_ONCE = 1 << 15 };
    int fd = open(path, O_RDONLY | O_CLOEXEC), r = fd < 0 ? -errno : 0;
    ssize_t n = 1;

    while (r == 0 && n > 0) {
        char *at = text_grow(t, AT_ONCE);
        n = at ? read(fd, at, AT_ONCE) : 0;
        if (!at || n < 0)
            r = at ? -errno : -ENOMEM;
        else
            t->size += (size_t)n;
    }
    if (fd >= 0)
        close(fd);
    return r;
}

int text_write(const struct text *t, int fd)
{
    for (size_t done = 0; done < t->size;) {
        ssize_t n = write(fd, t->p + done, t->size - done);
        if (n < 0)
            return -errno;
        done += (size_t)n;
    }
    return 0;
}

void text_free(struct text *t)
{
    free(t->p);
    *t = (struct text){0};
}
