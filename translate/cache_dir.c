/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/cache_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static const char *wanted_list;

static struct {
    char *names[CACHE_LAYERS_MAX];
    unsigned count;
    bool writable, has_secret;
    bool in_memory; /* layer 0 */
    uint8_t secret[CACHE_SECRET_BYTES];
    char *list;
} dirs;

void cache_dir_set(const char *list)
{
    wanted_list = list;
    while (dirs.count)
        free(dirs.names[--dirs.count]);
    free(dirs.list);
    dirs.list = NULL;
    dirs.writable = dirs.has_secret = dirs.in_memory = false;
}

static const char *wanted_cpu = "";

void cache_dir_set_cpu(const char *name)
{
    wanted_cpu = name;
}

const char *cache_dir_cpu(void)
{
    return wanted_cpu;
}

static bool trusted(const struct stat *st)
{
    return (st->st_uid == geteuid() || st->st_uid == 0) && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* ---- The list ---- */

static void add_layer(const char *name, size_t len)
{
    char *path;
    struct stat st;
    if (dirs.count == CACHE_LAYERS_MAX || !len)
        return;
    if (name[0] == '/') {
        path = strndup(name, len);
    } else {
        char *here = getcwd(NULL, 0);
        if (!here || asprintf(&path, "%s/%.*s", here, (int)len, name) < 0)
            path = NULL;
        free(here);
    }
    if (!path)
        return;
    if (dirs.count == 0)
        mkdir(path, 0700);
    if (stat(path, &st) || !S_ISDIR(st.st_mode) || !trusted(&st)) {
        free(path);
        return;
    }
    dirs.names[dirs.count++] = path;
}

/* Is the root directory another one than where ferry's own file is, as for programs of
 * containers that binfmt_misc starts? */
static bool in_foreign_root(void)
{
    const char *link = "/proc/self/exe";
    char path[PATH_MAX];
    struct stat self, named;
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0)
        return true;
    path[n] = '\0';
    return stat(link, &self) || stat(path, &named) || self.st_dev != named.st_dev ||
           self.st_ino != named.st_ino;
}

/* What is kept in such a root would become part of an image that is being made: so
 * only in memory. */
static void add_in_memory(void)
{
    const char *const places[] = {"/dev/shm", "/run", "/tmp"};
    for (unsigned k = 0; k < sizeof places / sizeof *places && !dirs.count; k++) {
        struct statfs fs;
        struct stat st;
        char path[64];
        int n = snprintf(path, sizeof path, "%s/ferry-%u", places[k], (unsigned)geteuid());
        if (!statfs(places[k], &fs) && fs.f_type == TMPFS_MAGIC &&
            (lstat(path, &st) || S_ISDIR(st.st_mode))) /* no link that somebody has put there */
            add_layer(path, (size_t)n);
    }
    dirs.in_memory = dirs.count > 0;
}

/* Whoever became another user (sudo) and kept HOME must leave nothing there. */
static bool is_own(const char *dir)
{
    struct stat st;
    return dir && dir[0] == '/' && !stat(dir, &st) && st.st_uid == geteuid();
}

/* A directory that may still have to be made (XDG Base Directory Specification). */
static bool is_own_or_new(const char *dir)
{
    char parent[PATH_MAX];
    const char *name = dir ? strrchr(dir, '/') : NULL;
    if (is_own(dir))
        return true;
    if (!name || name == dir || name - dir >= PATH_MAX)
        return false;
    memcpy(parent, dir, (size_t)(name - dir));
    parent[name - dir] = 0;
    return is_own(parent) && !mkdir(dir, 0700);
}

static void add_default(void)
{
    if (in_foreign_root()) {
        add_in_memory();
        return;
    }
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char path[PATH_MAX];
    int n = -1;
    if (is_own_or_new(base)) {
        n = snprintf(path, sizeof path, "%s/ferry", base);
    } else if (!base && is_own(home)) {
        n = snprintf(path, sizeof path, "%s/.cache", home);
        if (n > 0 && n < (int)sizeof path)
            mkdir(path, 0700);
        n = snprintf(path, sizeof path, "%s/.cache/ferry", home);
    }
    if (n > 0 && n < (int)sizeof path)
        add_layer(path, (size_t)n);
}

/* ---- The secret ---- */

/* The user's own must be readable by nobody else; that of a layer is what its owner made it. */
static bool read_secret(int dir, bool own)
{
    struct stat st;
    int fd = openat(dir, "secret", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    bool ok = !fstat(fd, &st) && S_ISREG(st.st_mode) && trusted(&st) &&
              !(own && (st.st_mode & 077)) &&
              read(fd, dirs.secret, sizeof dirs.secret) == sizeof dirs.secret;
    close(fd);
    return ok;
}

/* The last layer that has one decides: what is in it must fit. */
static bool read_layer_secret(void)
{
    for (unsigned k = dirs.count; k-- > 1;) {
        int dir = open(dirs.names[k], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        bool found = dir >= 0 && read_secret(dir, false);
        if (dir >= 0)
            close(dir);
        if (found)
            return true;
    }
    return false;
}

/* Whoever links it first has made it. */
static void make_secret(int dir)
{
    char name[32];
    uint8_t fresh[CACHE_SECRET_BYTES];
    if (getrandom(fresh, sizeof fresh, GRND_NONBLOCK) != sizeof fresh)
        return;
    snprintf(name, sizeof name, "secret.%d.tmp", (int)getpid());
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    bool ok = write(fd, fresh, sizeof fresh) == sizeof fresh;
    close(fd);
    if (ok)
        (void)!linkat(dir, name, dir, "secret", 0);
    unlinkat(dir, name, 0);
}

void cache_dir_init(void)
{
    const char *list = wanted_list;
    if (!list)
        add_default();
    while (list && *list) {
        size_t len = strcspn(list, ":");
        add_layer(list, len);
        list += len + (list[len] == ':');
    }
    if (!dirs.count)
        return;
    int dir = open(dirs.names[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return;
    dirs.writable = faccessat(dir, ".", W_OK, AT_EACCESS) == 0;
    dirs.has_secret = read_layer_secret() || read_secret(dir, true);
    if (!dirs.has_secret && dirs.writable) {
        make_secret(dir);
        dirs.has_secret = read_secret(dir, true);
    }
    close(dir);
}

const char *cache_dir_list(void)
{
    size_t bytes = 1;
    if (dirs.list)
        return dirs.list;
    for (unsigned k = 0; k < dirs.count; k++)
        bytes += strlen(dirs.names[k]) + 1;
    dirs.list = calloc(1, bytes);
    for (unsigned k = 0; dirs.list && k < dirs.count; k++) {
        strcat(dirs.list, k ? ":" : "");
        strcat(dirs.list, dirs.names[k]);
    }
    return dirs.list ? dirs.list : "";
}

unsigned cache_dir_count(void)
{
    return dirs.count;
}

const char *cache_dir_name(unsigned layer)
{
    return dirs.names[layer];
}

bool cache_dir_writable(void)
{
    return dirs.writable;
}

const uint8_t *cache_dir_secret(void)
{
    return dirs.has_secret ? dirs.secret : NULL;
}

int cache_dir_open(unsigned layer, const char *name)
{
    char path[PATH_MAX];
    struct stat st;
    if (snprintf(path, sizeof path, "%s/%s", dirs.names[layer], name) >= (int)sizeof path)
        return -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !trusted(&st)) {
        close(fd);
        return -1;
    }
    /* When it was used last, for cache_dir_trim; not more often than tells something. */
    const time_t often = 6 * 3600;
    if (layer == 0 && dirs.writable && st.st_atime + often < time(NULL))
        futimens(fd, (const struct timespec[2]){{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_OMIT}});
    return fd;
}

/* ---- What has been found right ---- */

enum { CHECKED_ENTRIES = 4096 };

/* Tells this start of the host from others. */
static const char *boot_id(void)
{
    static char id[40];
    if (!id[0]) {
        int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, id, sizeof id - 1);
        if (fd >= 0)
            close(fd);
        if (n <= 0)
            return NULL;
    }
    return id;
}

/* The mark of a fact about a file of translations. */
static bool mark_of(const char *name, const uint64_t fact[CACHE_FACT_WORDS], uint64_t *mark)
{
    struct {
        char boot[40], name[64];
        uint64_t fact[CACHE_FACT_WORDS];
        uint8_t secret[CACHE_SECRET_BYTES];
    } what;
    const char *boot = boot_id();
    if (!boot || !dirs.has_secret)
        return false;
    memset(&what, 0, sizeof what);
    memcpy(what.boot, boot, sizeof what.boot);
    snprintf(what.name, sizeof what.name, "%s", name);
    memcpy(what.fact, fact, sizeof what.fact);
    memcpy(what.secret, dirs.secret, sizeof what.secret);
    *mark = XXH3_64bits(&what, sizeof what);
    return true;
}

static int open_checked(int flags)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/checked", dirs.names[0]);
    return open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static off_t place_of(uint64_t mark)
{
    return (off_t)(mark % CHECKED_ENTRIES * sizeof mark);
}

bool cache_dir_is_noted(const char *name, const uint64_t fact[CACHE_FACT_WORDS])
{
    uint64_t mark, noted;
    if (!mark_of(name, fact, &mark))
        return false;
    int list = open_checked(O_RDONLY);
    if (list < 0)
        return false;
    bool same = pread(list, &noted, sizeof noted, place_of(mark)) == sizeof noted && noted == mark;
    close(list);
    return same;
}

void cache_dir_note(const char *name, const uint64_t fact[CACHE_FACT_WORDS])
{
    uint64_t mark;
    if (!dirs.writable || !mark_of(name, fact, &mark))
        return;
    int list = open_checked(O_WRONLY | O_CREAT);
    if (list < 0)
        return;
    (void)!pwrite(list, &mark, sizeof mark, place_of(mark));
    close(list);
}

static bool status_of(int fd, uint64_t fact[CACHE_FACT_WORDS])
{
    struct stat st;
    if (fstat(fd, &st))
        return false;
    memset(fact, 0, CACHE_FACT_WORDS * sizeof *fact);
    fact[0] = st.st_dev;
    fact[1] = st.st_ino;
    fact[2] = (uint64_t)st.st_size;
    fact[3] = (uint64_t)st.st_ctim.tv_sec * 1000000000 + (uint64_t)st.st_ctim.tv_nsec;
    return true;
}

bool cache_dir_is_checked(int fd, const char *name)
{
    uint64_t fact[CACHE_FACT_WORDS];
    return status_of(fd, fact) && cache_dir_is_noted(name, fact);
}

void cache_dir_set_checked(int fd, const char *name)
{
    uint64_t fact[CACHE_FACT_WORDS];
    if (status_of(fd, fact))
        cache_dir_note(name, fact);
}

/* ---- Places ---- */

/* In 512 GiB that no layout of the host's kernel uses; for a guest of 32 bits, in what it has.
 * The break follows a program, so nothing else has its place soon behind. */
static const struct area {
    uint64_t low, room;
} areas[2][2] = {
    /* other files, programs */
    {{0x90000000, 0x20000000}, {0x20000000, 0x10000000}},
    {{0x204000000000, UINT64_C(1) << 38}, {0x200000000000, UINT64_C(1) << 37}},
};

uint64_t cache_dir_place(const uint64_t content[2], bool is_program, unsigned attempt,
                         uint64_t size, uint64_t align, uint64_t limit)
{
    const struct area *area = &areas[limit > UINT32_MAX][is_program];
    if (!dirs.has_secret || size > area->room / 8)
        return 0;
    uint8_t text[CACHE_SECRET_BYTES + 16 + sizeof attempt];
    memcpy(text, dirs.secret, CACHE_SECRET_BYTES);
    memcpy(text + CACHE_SECRET_BYTES, content, 16);
    memcpy(text + CACHE_SECRET_BYTES + 16, &attempt, sizeof attempt);
    return (area->low + XXH3_64bits(text, sizeof text) % area->room) & ~(align - 1);
}

/* ---- Size ---- */

uint64_t cache_dir_max(void)
{
    const char *text = getenv("FERRY_CACHE_SIZE");
    const uint64_t usual = dirs.in_memory ? UINT64_C(256) << 20 : UINT64_C(2) << 30;
    return text ? strtoull(text, NULL, 10) << 20 : usual;
}

struct entry {
    char name[64];
    uint64_t bytes;
    time_t used;
};

static int by_use(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return x->used < y->used ? -1 : x->used > y->used;
}

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n > m && strcmp(name + n - m, end) == 0;
}

bool cache_dir_is_file(const char *name)
{
    return ends_with(name, CACHE_FILE_SUFFIX);
}

bool cache_dir_trim(uint64_t max)
{
    const time_t old = time(NULL) - 3600;
    struct entry *entries = NULL;
    size_t count = 0, room = 0;
    uint64_t total = 0;
    DIR *d = dirs.count ? opendir(dirs.names[0]) : NULL;
    if (!d)
        return false;
    for (struct dirent *f; (f = readdir(d));) {
        struct stat st;
        if (strlen(f->d_name) >= sizeof entries->name ||
            fstatat(dirfd(d), f->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
            continue;
        if (ends_with(f->d_name, ".tmp") && st.st_mtime < old)
            unlinkat(dirfd(d), f->d_name, 0);
        if (!cache_dir_is_file(f->d_name))
            continue;
        if (count == room) {
            room = room ? 2 * room : 256;
            struct entry *more = realloc(entries, room * sizeof *entries);
            if (!more)
                break;
            entries = more;
        }
        struct entry *e = &entries[count++];
        strcpy(e->name, f->d_name);
        e->bytes = (uint64_t)st.st_blocks * 512;
        e->used = st.st_atime > st.st_mtime ? st.st_atime : st.st_mtime;
        total += e->bytes;
    }
    /* Down to less than the bound, so that not each writer has to do this. */
    bool more = total > max;
    if (more) {
        qsort(entries, count, sizeof *entries, by_use);
        for (size_t k = 0; k < count && total > max - max / 8; k++)
            if (!unlinkat(dirfd(d), entries[k].name, 0))
                total -= entries[k].bytes;
    }
    free(entries);
    closedir(d);
    return more;
}
