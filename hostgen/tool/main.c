/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostgen --names GROUP.def...      the C header with the micro-ops' numbers
 * hostgen --info GROUP.def...       the C file with uop_info[]
 * hostgen --reference GROUP.def     the C file with the rows as functions, for tests
 * hostgen --learn GROUP.def --report FILE -o FILE
 */
#include "hostgen/tool/tool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void die(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    fputs("hostgen: ", stderr);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(1);
}

void *grow(void *array, size_t count, size_t size)
{
    if ((count & (count - 1)) == 0)
        array = realloc(array, (count ? count * 2 : 1) * size);
    if (!array)
        die("out of memory");
    return array;
}

void text_write(struct text *t, const void *s, size_t n)
{
    if (t->n + n + 1 > t->room) {
        t->room = (t->n + n + 1) * 2;
        t->s = realloc(t->s, t->room);
        if (!t->s)
            die("out of memory");
    }
    memcpy(t->s + t->n, s, n);
    t->n += n;
    t->s[t->n] = 0;
}

void text_add(struct text *t, const char *format, ...)
{
    va_list ap;
    char *s;
    va_start(ap, format);
    int n = vasprintf(&s, format, ap);
    va_end(ap);
    if (n < 0)
        die("out of memory");
    text_write(t, s, (size_t)n);
    free(s);
}

void *read_bytes(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    struct text t = {0};
    char buf[65536];
    size_t n;
    while ((n = fread(buf, 1, sizeof buf, f)) > 0)
        text_write(&t, buf, n);
    fclose(f);
    text_write(&t, "", 0);
    *size = t.n;
    return t.s;
}

char *read_file(const char *path)
{
    size_t n;
    char *s = read_bytes(path, &n);
    if (!s)
        die("cannot read %s: %s", path, strerror(errno));
    return s;
}

void write_file(const char *path, const void *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, 1, size, f) != size || fclose(f) != 0)
        die("cannot write %s: %s", path, strerror(errno));
}

/* hostgen/ops/integer.def -> integer */
static char *group_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *s = strdup(slash ? slash + 1 : path), *dot = strrchr(s, '.');
    if (dot)
        *dot = 0;
    return s;
}

/* Rows are learned so many at a time. */
enum { CHUNK = 32 };

/* The rows of a chunk that are not in the cache. */
static size_t missing(struct table *t, size_t first, struct row **todo)
{
    size_t n = 0;
    for (size_t i = first; i < t->count && i < first + CHUNK; i++)
        if (!t->rows[i].result_count && !cache_load(&t->rows[i]))
            todo[n++] = &t->rows[i];
    return n;
}

static void learn(const char *path, const char *report, const char *out)
{
    struct table t;
    rows_read(path, &t, true);
    for (size_t i = 0; i < t.count; i++)
        cache_key(&t, &t.rows[i]);
    for (size_t first = 0; first < t.count; first += CHUNK) {
        struct row *todo[CHUNK];
        size_t n = missing(&t, first, todo);
        if (n == 0)
            continue;
        /* Others who share the cache wait, and find the results then. */
        int lock = cache_lock();
        n = missing(&t, first, todo);
        learn_rows(&t, todo, n);
        for (size_t i = 0; i < n; i++)
            if (todo[i]->result_count)
                cache_store(todo[i]);
        cache_unlock(lock);
    }
    bool bad = false;
    for (size_t i = 0; i < t.count; i++) {
        if (row_levels(&t.rows[i]) != (1u << LEVELS) - 1) {
            fprintf(stderr, "hostgen: %s: %s: no template at some ISA level:\n%s", path,
                    t.rows[i].name, t.rows[i].notes.s ? t.rows[i].notes.s : "");
            bad = true;
        }
    }
    if (bad)
        exit(1);
    char *group = group_name(path);
    output_report(&t, group, report);
    output_tables(&t, group, out);
}

int main(int argc, char **argv)
{
    if (argc >= 3 && (strcmp(argv[1], "--names") == 0 || strcmp(argv[1], "--info") == 0)) {
        size_t n = (size_t)argc - 2;
        struct table *tables = calloc(n, sizeof *tables);
        char **groups = calloc(n, sizeof *groups);
        for (size_t i = 0; i < n; i++) {
            groups[i] = group_name(argv[i + 2]);
            rows_read(argv[i + 2], &tables[i], false);
        }
        if (strcmp(argv[1], "--names") == 0)
            output_names(tables, groups, n);
        else
            output_info(tables, groups, n);
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "--reference") == 0) {
        struct table t;
        rows_read(argv[2], &t, false);
        output_reference(&t, group_name(argv[2]));
        return 0;
    }
    if (argc == 7 && strcmp(argv[1], "--learn") == 0 && strcmp(argv[3], "--report") == 0 &&
        strcmp(argv[5], "-o") == 0) {
        learn(argv[2], argv[4], argv[6]);
        return 0;
    }
    fprintf(stderr, "usage: hostgen --names|--info GROUP.def...\n"
                    "       hostgen --reference GROUP.def\n"
                    "       hostgen --learn GROUP.def --report FILE -o FILE\n");
    return 2;
}
