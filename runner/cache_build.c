/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `ferry cache build`: each file is mapped as it would be for a program and translated by a
 * process of its own, as many at a time as there are processors.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/elf.h"
#include "loader/elf_code.h"
#include "loader/loader.h"
#include "runner/cache.h"
#include "runner/options.h"
#include "runner/runner.h"
#include "translate/cache_dir.h"
#include "translate/translate.h"

static struct {
    struct file {
        char *path;
        off_t bytes;
    } * v;
    size_t count, room;
    off_t bytes;
    atomic_uint *shares; /* of each that has been translated; the processes that do it tell */
    size_t done;
} files;

/* ---- What there is to do ---- */

static const struct guest *guest_of(const char *path)
{
    char head[64];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t n = fd < 0 ? -1 : pread(fd, head, sizeof head, 0);
    if (fd >= 0)
        close(fd);
    return n > 0 ? elf_guest(head, (unsigned)n) : NULL;
}

static int add_file(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)at;
    if (type != FTW_F || !S_ISREG(st->st_mode) || !guest_of(path))
        return 0;
    if (files.count == files.room) {
        files.room = files.room ? 2 * files.room : 64;
        files.v = realloc(files.v, files.room * sizeof *files.v);
        if (!files.v)
            runner_fail(EXIT_USAGE, "cache build", path, strerror(ENOMEM));
    }
    files.v[files.count++] = (struct file){strdup(path), st->st_size};
    files.bytes += st->st_size;
    return 0;
}

/* What takes longest first, or it would keep one processor busy at the end. */
static int by_size(const void *a, const void *b)
{
    const struct file *x = a, *y = b;
    return x->bytes > y->bytes ? -1 : x->bytes < y->bytes;
}

static int add_path(const char *path)
{
    struct stat st;
    char *real = realpath(path, NULL); /* a link that was named is followed */
    if (!real || stat(real, &st)) {
        fprintf(stderr, "ferry: cache build: %s: %s\n", path, strerror(errno));
        free(real);
        return EXIT_FAILURE;
    }
    size_t before = files.count;
    nftw(real, add_file, 32, FTW_PHYS | FTW_MOUNT);
    if (S_ISREG(st.st_mode) && files.count == before) {
        fprintf(stderr, "ferry: cache build: %s: not a program or library of a guest\n", path);
        free(real);
        return EXIT_FAILURE;
    }
    free(real);
    return EXIT_SUCCESS;
}

/* ---- One file ---- */

/* In a process of its own.  Files without code of the kind that is kept are no failure. */
static int build_file(const char *path, atomic_uint *share)
{
    struct exec_file f = {.fd = -1};
    struct elf_image e;
    struct elf_code code;
    uint64_t bias;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || elf_open(&e, fd, path, &f) || !elf_code_read(fd, &code))
        return EXIT_SUCCESS;
    runner_begin(e.guest);
    if (!cache_dir_writable())
        return EXIT_FAILURE;
    int r = elf_map(&e, code.is_program, &bias, &f);
    if (r) {
        fprintf(stderr, "ferry: cache build: %s: %s\n", path, f.why);
        return EXIT_FAILURE;
    }
    translate_init(e.guest, runner_isa(), options.code_cache);
    struct vcpu *cpu = vcpu_new(e.guest);
    e.guest->reset(cpu, bias + e.header.e_entry, 0);
    for (unsigned k = 0; k < code.start_count; k++)
        code.starts[k] += bias;
    for (unsigned k = 0; k < code.range_count; k++) {
        code.ranges[k].start += bias;
        code.ranges[k].end += bias;
    }
    translate_ahead(cpu, code.starts, code.start_count, code.ranges, code.range_count, share);
    translate_save();
    return EXIT_SUCCESS;
}

/* ---- All of them ---- */

/* By bytes, as one file may take as long as all others. */
static void show_progress(void)
{
    enum { WIDTH = 40 };
    static const char bar[] = "########################################";
    double bytes = 0;
    if (!isatty(STDERR_FILENO) || !files.bytes)
        return;
    for (size_t k = 0; k < files.count; k++)
        bytes += (double)files.v[k].bytes * atomic_load(&files.shares[k]) / AHEAD_WHOLE;
    bool all = files.done == files.count;
    int filled = all ? WIDTH : (int)(bytes * WIDTH / (double)files.bytes);
    fprintf(stderr, "\r[%-*.*s] %zu of %zu files%s", WIDTH, filled, bar, files.done, files.count,
            all ? "\n" : "");
}

static void interrupt_wait(int sig)
{
    (void)sig;
}

static void set_showing(bool on)
{
    const suseconds_t often = on ? 200000 : 0;
    const struct itimerval timer = {.it_interval.tv_usec = often, .it_value.tv_usec = often};
    const struct sigaction act = {.sa_handler = interrupt_wait}; /* no SA_RESTART */
    if (isatty(STDERR_FILENO) && !sigaction(SIGALRM, &act, NULL))
        setitimer(ITIMER_REAL, &timer, NULL);
}

static bool wait_for_one(void)
{
    int status = 0;
    while (wait(&status) < 0 && errno == EINTR)
        show_progress();
    files.done++;
    show_progress();
    return status == 0;
}

int cache_build(char *const paths[], unsigned jobs)
{
    int result = EXIT_SUCCESS;
    unsigned running = 0;
    size_t failed = 0;

    for (; *paths; paths++)
        if (add_path(*paths))
            result = EXIT_FAILURE;
    if (files.count)
        qsort(files.v, files.count, sizeof *files.v, by_size);
    files.shares = mmap(NULL, (files.count + 1) * sizeof *files.shares, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (files.shares == MAP_FAILED)
        runner_fail(EXIT_USAGE, "cache build", "memory", strerror(errno));
    set_showing(true);
    for (size_t k = 0; k < files.count; k++) {
        if (running == jobs) {
            failed += !wait_for_one();
            running--;
        }
        fflush(NULL);
        pid_t pid = fork();
        if (pid == 0) {
            int status = build_file(files.v[k].path, &files.shares[k]);
            atomic_store(&files.shares[k], AHEAD_WHOLE);
            _exit(status);
        }
        if (pid < 0)
            runner_fail(EXIT_USAGE, "cache build", files.v[k].path, strerror(errno));
        running++;
    }
    for (; running; running--)
        failed += !wait_for_one();
    set_showing(false);
    cache_dir_init();
    if (cache_dir_trim(cache_dir_max()))
        fprintf(stderr,
                "ferry: cache build: %s has grown beyond %" PRIu64
                " MiB: some was removed; see FERRY_CACHE_SIZE\n",
                cache_dir_name(0), cache_dir_max() >> 20);
    if (failed)
        fprintf(stderr, "ferry: cache build: %zu of %zu files could not be translated%s\n", failed,
                files.count, files.done ? "" : "; is the cache directory writable?");
    return failed ? EXIT_FAILURE : result;
}
