/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of the guest's /proc/self/smaps, smaps_rollup and numa_maps: what the kernel counts,
 * for the guest's areas.
 *
 * Several of the guest's areas can be one of the kernel's, which knows nothing of what is
 * executable for the guest and has the runner's memory beside the guest's; their counts
 * could not be told apart.  So such areas are split while the file is read, by a flag
 * that decides about core dumps of the runner only.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "loader/text.h"
#include "loader/vm.h"
#include "loader/vm_area.h"
#include "loader/vm_table.h"

/* ---- The kernel's file ---- */

/* What has another flag for the moment. */
struct part {
    uint64_t start, end;
    bool dumped; /* by what is right */
};

/* Where the piece ends that begins at `at` within an area that ends at `end`: a mapping of the
 * guest, or what is not the guest's. */
static uint64_t piece_end(uint64_t at, uint64_t end)
{
    const struct mapping *m = vm_table_at(at), *next;

    if (!m)
        return (next = vm_table_next(at, end)) ? next->start : end;
    while ((next = vm_table_at(m->end)) && next->prot == m->prot && next->name == m->name)
        m = next;
    return m->end < end ? m->end : end;
}

/* Every second piece of an area, so that all are areas of their own. */
static void list_parts(const struct vm_area *area, bool dumped, struct text *parts)
{
    bool second = false;

    for (uint64_t at = area->start, to; at < area->end; at = to, second = !second) {
        to = piece_end(at, area->end);
        if (second)
            text_add(parts, &(struct part){at, to, dumped}, sizeof(struct part));
    }
}

/* True if the line is of the area's flags; they are in *dumped. */
static bool is_flags(const char *line, bool *dumped)
{
    if (strncmp(line, "VmFlags:", 8) != 0)
        return false;
    *dumped = !strstr(line, " dd");
    return true;
}

static int read_whole(const char *path, struct text *t)
{
    int r = text_read(t, path);

    text_add(t, "", 1);
    return r == 0 && t->failed ? -ENOMEM : r;
}

static bool next_area(const char *line, struct vm_area *area)
{
    if (!vm_area_parse(line, area))
        return false;
    area->start -= vm_base;
    area->end -= vm_base;
    return true;
}

static int find_parts(struct text *parts)
{
    struct text t = {0};
    struct vm_area area = {0};
    bool dumped;
    int r = read_whole("/proc/self/smaps", &t);
    char *rest = t.p;

    for (char *line; r == 0 && (line = vm_area_line(&rest));)
        if (!next_area(line, &area) && is_flags(line, &dumped))
            list_parts(&area, dumped, parts);
    text_free(&t);
    return r == 0 && parts->failed ? -ENOMEM : r;
}

static void advise(const struct text *parts, bool right)
{
    const struct part *part = (const struct part *)parts->p;

    for (size_t k = 0; k < parts->size / sizeof *part; k++)
        madvise(guest_ptr(part[k].start), part[k].end - part[k].start,
                part[k].dumped == right ? MADV_DODUMP : MADV_DONTDUMP);
}

/* The file, ended by a zero, with all pieces apart; and which of them have the wrong flag. */
static int read_apart(const char *path, struct text *t, struct text *parts)
{
    int r = find_parts(parts);

    if (r)
        return r;
    advise(parts, false);
    r = read_whole(path, t);
    advise(parts, true);
    return r;
}

/* ---- smaps ---- */

enum { LINES_MAX = 64 };

/* proc(5), /proc/pid/smaps: an area with what is counted. */
struct counted {
    struct vm_area area;
    unsigned count;
    struct line {
        const char *text; /* of the first of the kernel's areas */
        bool added;       /* of all of them */
        uint64_t sum;
    } lines[LINES_MAX];
};

typedef void counted_visitor(const struct counted *c, void *arg);

static bool is_key(const char *line, const char *key)
{
    size_t n = strlen(key);

    return strncmp(line, key, n) == 0 && line[n] == ':';
}

/* The n-th line about an area. */
static void count(struct counted *c, unsigned n, const char *line)
{
    const char *colon = strchr(line, ':');
    size_t length = strlen(line);
    uint64_t value = colon ? strtoull(colon + 1, NULL, 10) : 0;

    if (n >= LINES_MAX || !colon)
        return;
    if (n >= c->count) {
        bool sizes = is_key(line, "KernelPageSize") || is_key(line, "MMUPageSize");
        bool kilobytes = length > 3 && strcmp(line + length - 3, " kB") == 0;
        c->lines[n] = (struct line){.text = line, .added = kilobytes && !sizes};
        c->count = n + 1;
    }
    c->lines[n].sum += value;
}

static void print_sum(struct text *t, const struct line *l)
{
    int key = (int)strcspn(l->text, ":") + 1;

    text_print(t, "%.*s%*s%8" PRIu64 " kB\n", key, l->text, 16 - key, "", l->sum);
}

/* Of the flags, the guest's protection and whether it dumps. */
static void print_flags(struct text *t, const struct vm_area *area, const char *line, bool dumped)
{
    text_print(t, "VmFlags:%s%s%s", area->prot & PROT_READ ? " rd" : "",
               area->prot & PROT_WRITE ? " wr" : "", area->prot & PROT_EXEC ? " ex" : "");
    for (const char *p = line + strlen("VmFlags:"); *p;) {
        p += strspn(p, " ");
        size_t n = strcspn(p, " ");
        if (n == 2 && memcmp(p, "rd", 2) && memcmp(p, "wr", 2) && memcmp(p, "ex", 2) &&
            memcmp(p, "dd", 2))
            text_print(t, " %.2s", p);
        p += n;
    }
    text_print(t, "%s \n", dumped ? "" : " dd");
}

static void print_counted(const struct counted *c, void *text)
{
    struct text *t = text;
    bool dumped;

    vm_area_print(t, &c->area);
    for (unsigned k = 0; k < c->count; k++) {
        const struct line *l = &c->lines[k];
        if (l->added)
            print_sum(t, l);
        else if (is_flags(l->text, &dumped))
            print_flags(t, &c->area, l->text, dumped);
        else
            text_print(t, "%s\n", l->text);
    }
}

/* Has the flags say what is right. */
static void mend_flags(char *line, const struct vm_area *area, const struct text *parts)
{
    const struct part *part = (const struct part *)parts->p;
    char *dd = strstr(line, " dd");

    for (size_t k = 0; k < parts->size / sizeof *part; k++)
        if (area->start >= part[k].start && area->start < part[k].end && part[k].dumped && dd)
            memset(dd, ' ', 3);
}

static void tell(const struct counted *c, counted_visitor *visit, void *arg)
{
    if (c->area.start != c->area.end)
        visit(c, arg);
}

/* t is for the kernel's text, which what is visited points to. */
static int each_counted(struct text *t, counted_visitor *visit, void *arg)
{
    struct text parts = {0};
    struct vm_area host = {0};
    struct counted last = {.area = {.name = ""}};
    bool guests = false, dumped;
    unsigned n = 0;
    int r = read_apart("/proc/self/smaps", t, &parts);
    char *rest = t->p;

    for (char *line; r == 0 && (line = vm_area_line(&rest));) {
        if (next_area(line, &host)) {
            const struct mapping *m = vm_table_at(host.start);
            n = 0;
            guests = m != NULL;
            if (!m)
                continue;
            struct vm_area area = vm_area_of(&host, m);
            area.end = host.end; /* of the same kind, or it would be another piece */
            if (vm_area_continues(&last.area, &area)) {
                last.area.end = area.end;
                continue;
            }
            tell(&last, visit, arg);
            last = (struct counted){.area = area};
        } else if (guests) {
            if (is_flags(line, &dumped))
                mend_flags(line, &host, &parts);
            count(&last, n++, line);
        }
    }
    if (r == 0)
        tell(&last, visit, arg);
    text_free(&parts);
    return r;
}

int vm_table_smaps(struct text *out)
{
    struct text t = {0};
    int r = each_counted(&t, print_counted, out);

    text_free(&t);
    return r;
}

static void add_up(const struct counted *c, void *arg)
{
    struct counted *sum = arg;

    if (!sum->count)
        sum->area.start = c->area.start;
    sum->area.end = c->area.end;
    sum->count = c->count;
    for (unsigned k = 0; k < c->count; k++) {
        sum->lines[k].text = c->lines[k].text;
        sum->lines[k].added = c->lines[k].added && !is_key(c->lines[k].text, "Size");
        sum->lines[k].sum += c->lines[k].sum;
    }
}

/* The sum of smaps.  It lacks what those don't tell (Pss_Anon, Pss_File, Pss_Shmem), like that
 * of kernels before 5.4. */
int vm_table_smaps_rollup(struct text *out)
{
    struct text t = {0};
    struct counted sum = {.area = {.name = "[rollup]", .sharing = 'p', .device = "00:00"}};
    int r = each_counted(&t, add_up, &sum);

    vm_area_print(out, &sum.area);
    for (unsigned k = 0; k < sum.count; k++)
        if (sum.lines[k].added)
            print_sum(out, &sum.lines[k]);
    text_free(&t);
    return r;
}

/* ---- numa_maps(5) ---- */

int vm_table_numa_maps(struct text *out)
{
    struct text t = {0}, parts = {0};
    int r = read_apart("/proc/self/numa_maps", &t, &parts);
    char *rest = t.p, *fields;

    for (char *line; r == 0 && (line = vm_area_line(&rest));) {
        uint64_t at = strtoull(line, &fields, 16) - vm_base;
        char *file = strstr(fields, " file=");
        if (!vm_table_at(at))
            continue;
        size_t n = file ? (size_t)(file - fields) + strlen(" file=") : strlen(fields);
        text_print(out, "%08" PRIx64 "%.*s%s\n", at, (int)n, fields,
                   file ? vm_area_path(fields + n) : "");
    }
    text_free(&t);
    text_free(&parts);
    return r;
}
