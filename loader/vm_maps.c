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

struct maps_line {
    uint64_t start, end, offset, inode;
    int prot;
    char sharing; /* 'p' or 's' */
    char device[16];
    const char *name; /* in the text of the host's file */
};

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
static bool parse(char *line, struct maps_line *l)
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

static const char *guest_name(const struct maps_line *l, enum vm_name name)
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

static void print(FILE *out, const struct maps_line *l)
{
    enum { NAME_COLUMN = 73 };

    if (l->start == l->end)
        return;
    int n = fprintf(out, "%08" PRIx64 "-%08" PRIx64 " %c%c%c%c %08" PRIx64 " %s %" PRIu64, l->start,
                    l->end, l->prot & PROT_READ ? 'r' : '-', l->prot & PROT_WRITE ? 'w' : '-',
                    l->prot & PROT_EXEC ? 'x' : '-', l->sharing, l->offset, l->device, l->inode);
    if (*l->name)
        fprintf(out, "%*s%s", n < NAME_COLUMN ? NAME_COLUMN - n : 1, "", l->name);
    fputc('\n', out);
}

static bool continues(const struct maps_line *a, const struct maps_line *b)
{
    return a->end == b->start && a->prot == b->prot && a->sharing == b->sharing &&
           a->inode == b->inode && strcmp(a->device, b->device) == 0 &&
           strcmp(a->name, b->name) == 0 &&
           (a->inode == 0 || a->offset + (a->end - a->start) == b->offset);
}

/* The guest's part of one host line; write protection of translated code may
 * have split lines that belong together. */
static void cut(FILE *out, const struct maps_line *host, struct maps_line *last)
{
    uint64_t at = host->start;

    for (const struct mapping *m; (m = vm_table_next(at, host->end)); at = m->end) {
        struct maps_line l = *host;
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
            print(out, last);
            *last = l;
        }
    }
}

int vm_table_write_maps(int fd)
{
    struct maps_line host, last = {.name = ""};
    char *text = read_all("/proc/self/maps");
    char *out_text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&out_text, &size);
    int r = 0;

    if (out && text) {
        char *save = NULL;
        for (char *s = strtok_r(text, "\n", &save); s; s = strtok_r(NULL, "\n", &save)) {
            if (parse(s, &host)) {
                host.start -= vm_base;
                host.end -= vm_base;
                cut(out, &host, &last);
            }
        }
        print(out, &last);
    }
    if (!out || !text || fclose(out))
        r = text ? -ENOMEM : -ENOENT;
    for (size_t done = 0; r == 0 && done < size;) {
        ssize_t n = write(fd, out_text + done, size - done);
        if (n < 0)
            r = -errno;
        else
            done += n;
    }
    free(out_text);
    free(text);
    return r;
}
