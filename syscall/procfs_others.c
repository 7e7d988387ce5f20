/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/procfs_others.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool procfs_read_stat(const char *path, unsigned long long v[STAT_FIELDS])
{
    char text[2048], *p, *save, *word;
    int fd = open(path, O_RDONLY | O_CLOEXEC), field = 2;
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    if (!(p = strrchr(text, ')')))
        return false;
    for (word = strtok_r(p + 1, " \n", &save); word && field < STAT_FIELDS - 1;
         word = strtok_r(NULL, " \n", &save))
        v[++field] = strtoull(word, NULL, 10);
    return field == STAT_FIELDS - 1;
}

bool procfs_runs_ferry(unsigned long pid)
{
    char link[64];
    struct stat self, other;

    snprintf(link, sizeof(link), "/proc/%lu/exe", pid);
    return !stat("/proc/self/exe", &self) && !stat(link, &other) && self.st_dev == other.st_dev &&
           self.st_ino == other.st_ino;
}

/* A line of maps (proc_pid_maps(5)); name points into it, its newline taken off. */
struct line {
    char text[PATH_HOST_MAX + 128];
    unsigned long low, high;
    unsigned major, minor;
    unsigned long inode;
    bool executable;
    char *name;
};

/* No stream: see syscall/process.c on children that share the memory. */
struct reader {
    int fd;
    size_t at, end;
    char buffer[4096];
};

static bool open_maps(struct reader *r, unsigned long pid)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%lu/maps", pid);
    r->fd = open(path, O_RDONLY | O_CLOEXEC);
    r->at = r->end = 0;
    return r->fd >= 0;
}

static bool next_line(struct reader *r, struct line *l)
{
    char prot[8];
    int name = 0;
    size_t n = 0;

    for (;;) {
        if (r->at == r->end) {
            ssize_t got = read(r->fd, r->buffer, sizeof(r->buffer));
            if (got <= 0)
                return false;
            r->at = 0;
            r->end = (size_t)got;
        }
        char c = r->buffer[r->at++];
        if (c == '\n')
            break;
        if (n < sizeof(l->text) - 1)
            l->text[n++] = c;
    }
    l->text[n] = '\0';
    if (sscanf(l->text, "%lx-%lx %7s %*s %x:%x %lu %n", &l->low, &l->high, prot, &l->major,
               &l->minor, &l->inode, &name) != 6)
        return false;
    l->name = l->text + name;
    l->executable = strchr(prot, 'x') != NULL;
    return true;
}

bool procfs_other_exe(unsigned long pid, char host[PATH_HOST_MAX])
{
    unsigned long long v[STAT_FIELDS];
    char path[64];
    struct reader maps;
    struct line l;
    bool found = false;

    snprintf(path, sizeof(path), "/proc/%lu/stat", pid);
    if (!procfs_read_stat(path, v))
        return false;
    if (!open_maps(&maps, pid))
        return false;
    while (!found && next_line(&maps, &l))
        found = v[STAT_START_CODE] >= l.low && v[STAT_START_CODE] < l.high;
    close(maps.fd);
    if (!found || l.name[0] != '/' || strlen(l.name) >= PATH_HOST_MAX)
        return false;
    strcpy(host, l.name);
    return true;
}

/* ---- the auxiliary vector ---- */

/* A process with what its initial stack holds: words of this size and order. */
struct initial_stack {
    int memory;
    unsigned word;
    bool swap;
    uint64_t at;
};

static bool next_word(struct initial_stack *s, uint64_t *v)
{
    uint32_t half;
    bool fine = s->word == 4 ? pread(s->memory, &half, 4, (off_t)s->at) == 4
                             : pread(s->memory, v, 8, (off_t)s->at) == 8;

    if (s->word == 4)
        *v = s->swap ? __builtin_bswap32(half) : half;
    else if (fine && s->swap)
        *v = __builtin_bswap64(*v);
    s->at += s->word;
    return fine;
}

/* Behind the number of arguments, their addresses, those of the environment. */
static bool find_auxv(struct initial_stack *s, uint64_t *size)
{
    uint64_t count, v = 1;

    if (!next_word(s, &count))
        return false;
    s->at += (count + 1) * s->word;
    while (v)
        if (!next_word(s, &v))
            return false;
    uint64_t start = s->at;
    for (v = 1; v;)
        if (!next_word(s, &v) || !next_word(s, &count))
            return false;
    *size = s->at - start;
    s->at = start;
    return true;
}

int procfs_other_auxv(unsigned long pid, int fd)
{
    unsigned long long v[STAT_FIELDS];
    char path[PATH_HOST_MAX], vector[4096];
    unsigned char ident[EI_NIDENT] = {0};
    struct initial_stack s;
    uint64_t size;
    int r = 0;

    if (!procfs_other_exe(pid, path))
        return -EACCES;
    int exe = open(path, O_RDONLY | O_CLOEXEC);
    bool known = exe >= 0 && read(exe, ident, sizeof ident) == sizeof ident;
    if (exe >= 0)
        close(exe);
    snprintf(path, sizeof path, "/proc/%lu/stat", pid);
    if (!known || !procfs_read_stat(path, v))
        return -EACCES;
    snprintf(path, sizeof path, "/proc/%lu/mem", pid);
    s.memory = open(path, O_RDONLY | O_CLOEXEC);
    if (s.memory < 0)
        return -errno;
    s.word = ident[EI_CLASS] == ELFCLASS32 ? 4 : 8;
    s.swap = ident[EI_DATA] == ELFDATA2MSB;
    s.at = v[STAT_START_STACK];
    if (!find_auxv(&s, &size) || size > sizeof vector ||
        pread(s.memory, vector, size, (off_t)s.at) != (ssize_t)size ||
        write(fd, vector, size) != (ssize_t)size)
        r = -EIO;
    close(s.memory);
    return r;
}

/* ---- the map ---- */

/* Files of which something is executable: the guest's pages never are on the host. */
enum { RUNNERS_MAX = 64 };
struct runners {
    unsigned long inode[RUNNERS_MAX];
    unsigned major[RUNNERS_MAX], minor[RUNNERS_MAX], count;
};

static void note(struct runners *r, const struct line *l)
{
    if (!l->executable || !l->inode || r->count == RUNNERS_MAX)
        return;
    r->inode[r->count] = l->inode;
    r->major[r->count] = l->major;
    r->minor[r->count++] = l->minor;
}

/* And what the kernel names after its use by the runner, but for the stack, of which it has
 * been told. */
static bool is_runners(const struct runners *r, const struct line *l)
{
    if (l->executable || (l->name[0] == '[' && strcmp(l->name, "[stack]") != 0))
        return true;
    for (unsigned i = 0; i < r->count; i++)
        if (l->inode == r->inode[i] && l->major == r->major[i] && l->minor == r->minor[i])
            return true;
    return false;
}

int procfs_other_maps(unsigned long pid, int fd)
{
    struct runners runners = {.count = 0};
    struct reader maps;
    struct line l;

    if (!open_maps(&maps, pid))
        return -errno;
    while (next_line(&maps, &l))
        note(&runners, &l);
    lseek(maps.fd, 0, SEEK_SET);
    maps.at = maps.end = 0;
    while (next_line(&maps, &l))
        if (!is_runners(&runners, &l))
            dprintf(fd, "%s\n", l.text);
    close(maps.fd);
    return 0;
}
