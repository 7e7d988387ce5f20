/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of the guest's /proc/self/maps: the host's own, cut to the guest's
 * ranges, with the guest's protection.  So files, devices and offsets are
 * what the kernel says, deleted files and all.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "loader/text.h"
#include "loader/vm.h"
#include "loader/vm_area.h"
#include "loader/vm_table.h"
#include "runner/options.h"

bool vm_area_parse(const char *line, struct vm_area *area)
{
    struct vm_area l;
    char prot[5];
    int name = 0;

    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %15s %" SCNu64 " %n", &l.start,
               &l.end, prot, &l.offset, l.device, &l.inode, &name) < 6)
        return false;
    l.prot = PROT_NONE; /* the guest's is elsewhere */
    l.sharing = prot[3];
    l.name = line + name;
    *area = l;
    return true;
}

const char *vm_area_path(const char *path)
{
    size_t n = options.sysroot ? strlen(options.sysroot) : 0;

    return n && strncmp(path, options.sysroot, n) == 0 && path[n] == '/' ? path + n : path;
}

static const char *guest_name(const struct vm_area *l, enum vm_name name)
{
    static const char *const names[] = {
        [VM_HEAP] = "[heap]", [VM_STACK] = "[stack]", [VM_VDSO] = "[vdso]"};

    return name == VM_ANON ? vm_area_path(l->name) : names[name];
}

struct vm_area vm_area_of(const struct vm_area *host, const struct mapping *m)
{
    struct vm_area l = *host;

    if (m->start > l.start)
        l.start = m->start;
    if (m->end < l.end)
        l.end = m->end;
    l.offset = host->inode ? host->offset + (l.start - host->start) : 0;
    l.prot = m->prot;
    l.name = guest_name(host, m->name);
    return l;
}

bool vm_area_continues(const struct vm_area *a, const struct vm_area *b)
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
        struct vm_area l = vm_area_of(host, m);
        if (vm_area_continues(last, &l)) {
            last->end = l.end;
        } else {
            tell(v, last);
            *last = l;
        }
    }
}

char *vm_area_line(char **rest)
{
    char *line = *rest;

    if (!*line)
        return NULL;
    *rest += strcspn(line, "\n");
    if (**rest)
        *(*rest)++ = 0;
    return line;
}

int vm_table_each_area(void (*visit)(const struct vm_area *area, void *arg), void *arg)
{
    const struct visitor v = {visit, arg};
    struct vm_area host, last = {.name = ""};
    struct text text = {0};
    int r = text_read(&text, "/proc/self/maps");

    text_add(&text, "", 1);
    if (r == 0 && text.failed)
        r = -ENOMEM;
    char *rest = text.p;
    for (char *line; r == 0 && (line = vm_area_line(&rest));) {
        if (vm_area_parse(line, &host)) {
            host.start -= vm_base;
            host.end -= vm_base;
            cut(&v, &host, &last);
        }
    }
    if (r == 0)
        tell(&v, &last);
    text_free(&text);
    return r;
}

bool vm_nothing_below(uint64_t end)
{
    struct vm_area first;
    struct text text = {0};
    bool nothing = text_read(&text, "/proc/self/maps") == 0 && text.size;

    text_add(&text, "", 1);
    nothing = nothing && !text.failed && vm_area_parse(text.p, &first) && first.start >= end;
    text_free(&text);
    return nothing;
}

/* ---- the text ---- */

void vm_area_print(struct text *t, const struct vm_area *l)
{
    enum { NAME_COLUMN = 73 };
    size_t start = t->size;

    text_print(t, "%08" PRIx64 "-%08" PRIx64 " %c%c%c%c %08" PRIx64 " %s %" PRIu64, l->start,
               l->end, l->prot & PROT_READ ? 'r' : '-', l->prot & PROT_WRITE ? 'w' : '-',
               l->prot & PROT_EXEC ? 'x' : '-', l->sharing, l->offset, l->device, l->inode);
    int n = (int)(t->size - start);
    if (*l->name)
        text_print(t, "%*s%s", n < NAME_COLUMN ? NAME_COLUMN - n : 1, "", l->name);
    text_add(t, "\n", 1);
}

static void print(const struct vm_area *l, void *text)
{
    vm_area_print(text, l);
}

int vm_maps(struct text *t)
{
    return vm_each_area(print, t);
}

int vm_write_maps(int fd)
{
    struct text t = {0};
    int r = vm_maps(&t);

    if (r == 0)
        r = t.failed ? -ENOMEM : text_write(&t, fd);
    text_free(&t);
    return r;
}
