/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `ferry cache stat | clear | verify | build`: translations on disk.
 */
#include "runner/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/commands.h"
#include "runner/runner.h"
#include "translate/cache_dir.h"
#include "translate/cache_file.h"

static const char usage[] =
    "usage: ferry cache stat [-v]\n"
    "       ferry cache clear\n"
    "       ferry cache verify\n"
    "       ferry cache build [-j JOBS] PATH...\n"
    "Looks after the translations on disk: --cache-dir or FERRY_CACHE_DIR, else\n"
    "$XDG_CACHE_HOME/ferry or ~/.cache/ferry.\n\n"
    "  stat    say what there is (-v: each file)\n"
    "  clear   remove all that can be written\n"
    "  verify  read everything, remove what is damaged; exit status 1 if something was\n"
    "  build   translate programs and libraries before they are used: files, and all ELF\n"
    "          files in directories\n";

typedef void visit_file(unsigned layer, const char *name, int fd, void *data);

/* Calls visit for the files of translations of a layer that can be trusted; fd is -1 for others. */
static void each_file(unsigned layer, visit_file *visit, void *data)
{
    DIR *d = opendir(cache_dir_name(layer));
    if (!d)
        return;
    for (struct dirent *f; (f = readdir(d));) {
        if (!cache_dir_is_file(f->d_name))
            continue;
        int fd = cache_dir_open(layer, f->d_name);
        visit(layer, f->d_name, fd, data);
        if (fd >= 0)
            close(fd);
    }
    closedir(d);
}

static void file_path(unsigned layer, const char *name, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s", cache_dir_name(layer), name);
}

/* ---- stat ---- */

struct totals {
    bool verbose;
    unsigned files, other;
    uint64_t bytes, blocks;
};

static void add_file(unsigned layer, const char *name, int fd, void *data)
{
    struct totals *t = data;
    struct cache_file_header h;
    struct stat st;
    const char *wrong = fd < 0 ? "not to be trusted: owner or mode" : cache_file_header(fd, &h);
    (void)layer;
    if (fd >= 0 && !fstat(fd, &st))
        t->bytes += (uint64_t)st.st_size;
    if (!wrong && !cache_file_is_ours(&h))
        wrong = "of another ferry";
    t->files++;
    if (wrong)
        t->other++;
    else
        t->blocks += h.block_count;
    if (!t->verbose)
        return;
    if (wrong)
        printf("  %s: %s\n", name, wrong);
    else
        printf("  %s: %s %s, %" PRIu32 " blocks, %" PRIu64 " KiB\n", name, h.key.guest, h.name,
               h.block_count, h.file_bytes >> 10);
}

static int stat_cache(bool verbose)
{
    if (!cache_dir_count())
        puts("no directory for translations");
    for (unsigned k = 0; k < cache_dir_count(); k++) {
        struct totals t = {.verbose = verbose};
        bool to_write = k == 0 && cache_dir_writable();
        printf("%s%s\n", cache_dir_name(k), to_write ? "" : " (only read)");
        each_file(k, add_file, &t);
        printf("  %u files, %" PRIu64 " blocks, %" PRIu64 " KiB", t.files, t.blocks, t.bytes >> 10);
        if (t.other)
            printf("; %u files of no use to this ferry", t.other);
        if (to_write)
            printf("; at most %" PRIu64 " MiB are kept", cache_dir_max() >> 20);
        putchar('\n');
    }
    return EXIT_SUCCESS;
}

/* ---- clear ---- */

static void remove_file(unsigned layer, const char *name, int fd, void *data)
{
    char path[PATH_MAX];
    (void)fd;
    file_path(layer, name, path);
    if (unlink(path)) {
        fprintf(stderr, "ferry: cache: %s: %s\n", path, strerror(errno));
        *(int *)data = EXIT_FAILURE;
    }
}

static int clear_cache(void)
{
    int status = EXIT_SUCCESS;
    if (cache_dir_count())
        each_file(0, remove_file, &status);
    return status;
}

/* ---- verify ---- */

static void verify_file(unsigned layer, const char *name, int fd, void *data)
{
    struct cache_file_header h;
    char path[PATH_MAX];
    const char *wrong = fd < 0 ? "not to be trusted: owner or mode" : cache_file_check(fd, &h);
    if (!wrong)
        return;
    file_path(layer, name, path);
    bool gone = layer == 0 && fd >= 0 && !unlink(path);
    printf("%s: %s%s\n", path, wrong, gone ? "; removed" : "");
    *(int *)data = EXIT_FAILURE;
}

static int verify_cache(void)
{
    int status = EXIT_SUCCESS;
    for (unsigned k = 0; k < cache_dir_count(); k++)
        each_file(k, verify_file, &status);
    return status;
}

int command_cache(int argc, char **argv)
{
    const struct option names[] = {{"help", no_argument, NULL, 'h'},
                                   {"jobs", required_argument, NULL, 'j'},
                                   {"verbose", no_argument, NULL, 'v'},
                                   {0}};
    long jobs = sysconf(_SC_NPROCESSORS_ONLN);
    bool verbose = false;
    int o;

    while ((o = getopt_long(argc, argv, "hj:v", names, NULL)) != -1) {
        if (o == 'h') {
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        } else if (o == 'v') {
            verbose = true;
        } else if (o == 'j') {
            jobs = atol(optarg);
        } else {
            fputs(usage, stderr);
            return EXIT_USAGE;
        }
    }
    const char *what = optind < argc ? argv[optind] : "";
    bool alone = optind + 1 == argc;
    if (strcmp(what, "build") == 0 && !alone && jobs > 0)
        return cache_build(argv + optind + 1, (unsigned)jobs);
    cache_dir_init();
    if (strcmp(what, "stat") == 0 && alone)
        return stat_cache(verbose);
    if (strcmp(what, "clear") == 0 && alone)
        return clear_cache();
    if (strcmp(what, "verify") == 0 && alone)
        return verify_cache();
    fputs(usage, stderr);
    return EXIT_USAGE;
}
