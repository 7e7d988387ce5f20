/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of the guest's /proc/self/maps: the host's own, cut to the guest's
 * ranges, with the guest's protection.  So files, devices and offsets are
 * what the kernel says, deleted files and all.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/vm.h"
#include "loader/vm_table.h"
#include "runner/options.h"

static char *read_all(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t size = 0, room = 1 << 16;
    char *text = fd >= 0 ? malloc(room) : NULL;

    while (text) {
        ssize_t n = read(fd, text + size, room - size - 1);
        if (n <= 0)
            break;
        size += n;
        if (room - size < 4096) {
            char *more = realloc(text, room *= 2);
            if (!more)
                free(text);
            text = more;
        }
    }
    if (text)
        text[size] = 0;
    if (fd >= 0)
        close(fd);
    return text;
}

/* proc(5), /proc/pid/maps */
static bool parse(char *line, struct vm_area *l)
{
    char prot[5];
    int name = 0;

    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %15s %" SCNu64 " %n", &l->start,
               &l->end, prot, &l->offset, l->device, &l->inode, &name) < 6)
        return false;
    l->sharing = prot[3];
    l->name = line + name;
    return true;
}

static const char *guest_name(const struct vm_area *l, enum vm_name name)
{
    static const char *const names[] = {
        [VM_HEAP] = "[heap]", [VM_STACK] = "[stack]", [VM_VDSO] = "[vdso]"};
    size_t n = options.sysroot ? strlen(options.sysroot) : 0;

    if (name != VM_ANON)
        return names[name];
    if (n && strncmp(l->name, options.sysroot, n) == 0 && l->name[n] == '/')
        return l->name + n;
    return l->name;
}

static bool continues(const struct vm_area *a, const struct vm_area *b)
{
    return a->end == b->start && a->prot == b->prot && a->sharing == b->sharing &&
           a->inode == b->inode && strcmp(a->device, b->device) == 0 &&
           strcmp(a->name, b->name) == 0 &&
           (a->inode == 0 || a->offset + (a->end - a->start) == b->offset);
}

struct visitor {
    void (*visit)(const struct vm_area *area, void *arg);
    void *arg;
};

static void tell(const struct visitor *v, const struct vm_area *l)
{
    if (l->start != l->end)
        v->visit(l, v->arg);
}

/* The guest's part of one host line; write protection of translated code may
 * have split lines that belong together. */
static void cut(const struct visitor *v, const struct vm_area *host, struct vm_area *last)
{
    uint64_t at = host->start;

    for (const struct mapping *m; (m = vm_table_next(at, host->end)); at = m->end) {
        struct vm_area l = *host;
        if (m->start > l.start)
            l.start = m->start;
        if (m->end < l.end)
            l.end = m->end;
        l.offset = host->inode ? host->offset + (l.start - host->start) : 0;
        l.prot = m->prot;
        l.name = guest_name(host, m->name);
        if (continues(last, &l)) {
            last->end = l.end;
        } else {
            tell(v, last);
            *last = l;
        }
    }
}

int vm_table_each_area(void (*visit)(const struct vm_area *area, void *arg), void *arg)
{
    const struct visitor v = {visit, arg};
    struct vm_area host, last = {.name = ""};
    char *text = read_all("/proc/self/maps"), *save = NULL;

    if (!text)
        return -ENOENT;
    for (char *s = strtok_r(text, "\n", &save); s; s = strtok_r(NULL, "\n", &save)) {
        if (parse(s, &host)) {
            host.start -= vm_base;
            host.end -= vm_base;
            cut(&v, &host, &last);
        }
    }
    tell(&v, &last);
    free(text);
    return 0;
}

bool vm_nothing_below(uint64_t end)
{
    struct vm_area first;
    char *text = read_all("/proc/self/maps"), *save = NULL;
    bool nothing = text && parse(strtok_r(text, "\n", &save), &first) && first.start >= end;

    free(text);
    return nothing;
}

/* ---- the text ---- */

struct text {
    char *p;
    size_t size, room;
};

/* The area's line; p is NULL when there is no more memory. */
static void print(const struct vm_area *l, void *arg)
{
    enum { NAME_COLUMN = 73, FIELDS = 160 };
    struct text *t = arg;
    size_t most = t->size + FIELDS + NAME_COLUMN + strlen(l->name);

    if (!t->p)
        return;
    if (most > t->room) {
        char *more = realloc(t->p, most *= 2);
        if (!more)
            free(t->p);
        t->p = more;
        t->room = most;
        if (!more)
            return;
    }
    char *at = t->p + t->size;
    int n = sprintf(at, "%08" PRIx64 "-%08" PRIx64 " %c%c%c%c %08" PRIx64 " %s %" PRIu64, l->start,
                    l->end, l->prot & PROT_READ ? 'r' : '-', l->prot & PROT_WRITE ? 'w' : '-',
                    l->prot & PROT_EXEC ? 'x' : '-', l->sharing, l->offset, l->device, l->inode);
    if (*l->name)
        n += sprintf(at + n, "%*s%s", n < NAME_COLUMN ? NAME_COLUMN - n : 1, "", l->name);
    at[n++] = '\n';
    t->size += (size_t)n;
}

int vm_write_maps(int fd)
{
    struct text t = {.p = malloc(4096), .room = 4096};

    int r = t.p ? vm_each_area(print, &t) : -ENOMEM;
    if (r == 0 && !t.p)
        r = -ENOMEM;
    for (size_t done = 0; r == 0 && done < t.size;) {
        ssize_t n = write(fd, t.p + done, t.size - done);
        if (n < 0)
            r = -errno;
        else
            done += n;
    }
    free(t.p);
    return r;
}
