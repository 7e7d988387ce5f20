/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/procfs.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "loader/loader.h"
#include "loader/text.h"
#include "loader/vm.h"
#include "runner/options.h"
#include "signal/signal.h"
#include "syscall/procfs_others.h"
#include "syscall/seccomp.h"

typedef int procfs_writer(const struct vcpu *cpu, const char *path, struct text *t);

static int add_guest(struct text *t, uint64_t start, uint64_t end)
{
    char buf[4096];

    while (start < end) {
        size_t n = end - start < sizeof(buf) ? end - start : sizeof(buf);
        int r = guest_read(buf, start, n);

        if (r)
            return r == -EFAULT ? 0 : r;
        text_add(t, buf, n);
        start += n;
    }
    return 0;
}

#define UNUSED __attribute__((unused))

static int write_maps(const struct vcpu *cpu UNUSED, const char *path UNUSED, struct text *t)
{
    return vm_maps(t);
}

static int write_smaps(const struct vcpu *cpu UNUSED, const char *path UNUSED, struct text *t)
{
    return vm_smaps(t);
}

static int write_smaps_rollup(const struct vcpu *cpu UNUSED, const char *path UNUSED,
                              struct text *t)
{
    return vm_smaps_rollup(t);
}

static int write_numa_maps(const struct vcpu *cpu UNUSED, const char *path UNUSED, struct text *t)
{
    return vm_numa_maps(t);
}

static int write_auxv(const struct vcpu *cpu UNUSED, const char *path UNUSED, struct text *t)
{
    text_add(t, loaded.auxv, loaded.auxv_size);
    return 0;
}

static int write_cmdline(const struct vcpu *cpu UNUSED, const char *path UNUSED, struct text *t)
{
    return add_guest(t, loaded.arg_start, loaded.arg_end);
}

static int write_environ(const struct vcpu *cpu UNUSED, const char *path UNUSED, struct text *t)
{
    return add_guest(t, loaded.env_start, loaded.env_end);
}

/* The host knows nothing of the guest's filters. */
static int write_status(const struct vcpu *cpu, const char *path, struct text *t)
{
    struct text host = {0};
    int r = text_read(&host, path);

    text_add(&host, "", 1);
    if (r || host.failed || !cpu->task->seccomp.mode) {
        text_add(t, host.p, host.failed ? 0 : host.size - 1);
        t->failed |= host.failed;
        text_free(&host);
        return r;
    }
    for (char *line = host.p, *next; *line; line = next) {
        next = line + strcspn(line, "\n");
        next += *next == '\n';
        bool mode = !strncmp(line, "Seccomp:", 8);
        if (mode || !strncmp(line, "Seccomp_filters:", 16))
            text_print(t, "Seccomp%s:\t%u\n", mode ? "" : "_filters",
                       mode ? (unsigned)cpu->task->seccomp.mode : seccomp_count(cpu));
        else
            text_add(t, line, (size_t)(next - line));
    }
    text_free(&host);
    return 0;
}

/* The host's line with the addresses that proc(5) lists replaced by the
 * guest's; fields are counted from 1, and the second may hold anything. */
static int write_stat(const struct vcpu *cpu UNUSED, const char *path, struct text *t)
{
    const struct {
        int field;
        uint64_t value;
    } replace[] = {
        {26, loaded.start_code}, {27, loaded.end_code}, {28, loaded.start_stack},
        {45, loaded.start_data}, {46, loaded.end_data}, {47, loaded.start_brk},
        {48, loaded.arg_start},  {49, loaded.arg_end},  {50, loaded.env_start},
        {51, loaded.env_end},
    };
    const unsigned count = sizeof(replace) / sizeof(replace[0]);
    struct text host = {0};
    char *p = NULL, *save, *word;
    int field = 2, r = text_read(&host, path);

    text_add(&host, "", 1);
    if (r == 0 && host.failed)
        r = -ENOMEM;
    if (r || !(p = strrchr(host.p, ')'))) {
        text_free(&host);
        return r ? r : -EIO;
    }
    text_add(t, host.p, (size_t)(p + 1 - host.p));
    for (word = strtok_r(p + 1, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
        unsigned i = 0;

        field++;
        while (i < count && replace[i].field != field)
            i++;
        if (i < count)
            text_print(t, " %llu", (unsigned long long)replace[i].value);
        else
            text_print(t, " %s", word);
    }
    text_add(t, "\n", 1);
    text_free(&host);
    return 0;
}

static const struct {
    const char *name;
    procfs_writer *write; /* NULL: cpuinfo */
    bool system;          /* in /proc itself */
} files[] = {
    {"exe", NULL, false},
    {"maps", write_maps, false},
    {"smaps", write_smaps, false},
    {"smaps_rollup", write_smaps_rollup, false},
    {"numa_maps", write_numa_maps, false},
    {"auxv", write_auxv, false},
    {"cmdline", write_cmdline, false},
    {"stat", write_stat, false},
    {"status", write_status, false},
    {"environ", write_environ, false},
    {"cpuinfo", NULL, true},
};
enum { FILE_COUNT = sizeof(files) / sizeof(files[0]), FILE_EXE = 0 };

/* Skips "/" and "/./"; false if there is no slash. */
static bool skip_slashes(const char **p)
{
    if (**p != '/')
        return false;
    while (**p == '/' || (**p == '.' && (*p)[1] == '/'))
        ++*p;
    return true;
}

/* Takes one component that must equal word. */
static bool take(const char **p, const char *word)
{
    const char *q = *p;
    size_t len = strlen(word);

    if (!skip_slashes(&q) || strncmp(q, word, len) || (q[len] && q[len] != '/'))
        return false;
    *p = q + len;
    return true;
}

/* Takes a number. */
static bool take_number(const char **p, unsigned long *number)
{
    const char *q = *p;
    char *end;

    if (!skip_slashes(&q) || *q < '1' || *q > '9')
        return false;
    *number = strtoul(q, &end, 10);
    if (*end && *end != '/')
        return false;
    *p = end;
    return true;
}

/* A task directory of this process; p behind /proc. */
static bool take_self(const char **p)
{
    const char *q = *p;
    char task[64];
    unsigned long number;

    if (take(&q, "thread-self")) {
        *p = q;
        return true;
    }
    if (!take(&q, "self")) {
        if (!take_number(&q, &number))
            return false;
        if (number != (unsigned long)getpid()) {
            snprintf(task, sizeof(task), "/proc/self/task/%lu", number);
            if (access(task, F_OK))
                return false;
        }
    }
    *p = q;
    if (take(&q, "task") && take_number(&q, &number))
        *p = q;
    return true;
}

/* The absolute name for one below /proc; or false. */
static bool absolute(int dirfd, const char *name, char full[PATH_MAX + 64])
{
    char link[64] = "/proc/self/cwd";
    ssize_t len;

    if (*name == '/') {
        strcpy(full, name);
        return true;
    }
    if (dirfd != AT_FDCWD)
        snprintf(link, sizeof(link), "/proc/self/fd/%d", dirfd);
    len = readlink(link, full, PATH_MAX);
    if (len < 5 || memcmp(full, "/proc", 5) || (size_t)len + strlen(name) > PATH_MAX)
        return false;
    full[len] = '/';
    strcpy(full + len + 1, name);
    return true;
}

/* The index in files[] of the emulated file that name stands for, or -1.
 * full receives the absolute name. */
static int classify(int dirfd, const char *name, char full[PATH_MAX + 64])
{
    const char *base = strrchr(name, '/'), *p = full;
    int i;

    base = base ? base + 1 : name;
    for (i = 0; i < FILE_COUNT && strcmp(base, files[i].name); i++)
        ;
    if (i == FILE_COUNT || !absolute(dirfd, name, full) || !take(&p, "proc"))
        return -1;
    if (files[i].system)
        return take(&p, base) && !*p ? i : -1;
    return take_self(&p) && take(&p, base) && !*p ? i : -1;
}

/* ---- exe ---- */

/* As the kernel's own link, it can be read by who may trace the process. */
bool procfs_exe_link(int dirfd, const char *name, char host[PATH_HOST_MAX])
{
    char full[PATH_MAX + 64];
    const char *p = full;
    size_t len = strlen(name);
    unsigned long pid;

    if (len < 3 || strcmp(name + len - 3, "exe") || !absolute(dirfd, name, full))
        return false;
    if (classify(dirfd, name, full) == FILE_EXE) {
        strcpy(host, loaded.exe);
        return true;
    }
    return take(&p, "proc") && take_number(&p, &pid) && take(&p, "exe") && !*p &&
           procfs_runs_ferry(pid) && procfs_other_exe(pid, host);
}

const char *procfs_guest_name(const char *host)
{
    size_t root = options.sysroot ? strlen(options.sysroot) : 0;

    return root && !strncmp(host, options.sysroot, root) && host[root] == '/' ? host + root : host;
}

const char *procfs_exe_name(void)
{
    return procfs_guest_name(loaded.exe);
}

/* ---- What other processes see ---- */

void procfs_publish(void)
{
    struct prctl_mm_map map = {.exe_fd = (uint32_t)-1};
    unsigned long long v[STAT_FIELDS];

    if (!procfs_read_stat("/proc/self/stat", v))
        return;
    /* The call replaces them all. */
    map.start_code = loaded.end_code ? (uintptr_t)guest_ptr(loaded.start_code) : v[STAT_START_CODE];
    map.end_code = loaded.end_code ? (uintptr_t)guest_ptr(loaded.end_code) : v[27];
    map.start_stack =
        loaded.start_stack ? (uintptr_t)guest_ptr(loaded.start_stack) : v[STAT_START_STACK];
    map.start_data = loaded.start_data ? (uintptr_t)guest_ptr(loaded.start_data) : v[45];
    map.end_data = loaded.start_data ? (uintptr_t)guest_ptr(loaded.end_data) : v[46];
    map.start_brk = v[47]; /* ferry's own: brk(2) goes by it */
    map.brk = (uintptr_t)sbrk(0);
    map.arg_start = (uintptr_t)guest_ptr(loaded.arg_start);
    map.arg_end = (uintptr_t)guest_ptr(loaded.arg_end);
    map.env_start = (uintptr_t)guest_ptr(loaded.env_start);
    map.env_end = (uintptr_t)guest_ptr(loaded.env_end);
    map.auxv = loaded.auxv_size ? (void *)loaded.auxv : NULL;
    map.auxv_size = (uint32_t)loaded.auxv_size;
    if (prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0) == 0)
        return;
    /* A vector longer than the host's processor has. */
    map.auxv = NULL;
    map.auxv_size = 0;
    prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0);
}

typedef int others_writer(unsigned long pid, int fd);

static const struct {
    const char *name;
    others_writer *write;
} others_files[] = {{"maps", procfs_other_maps}, {"auxv", procfs_other_auxv}};

/* Who writes /proc/PID/NAME of another process that ferry runs; NULL: it's not that. */
static others_writer *others_file(int dirfd, const char *name, char full[PATH_MAX + 64],
                                  unsigned long *pid)
{
    const char *base = strrchr(name, '/');

    base = base ? base + 1 : name;
    for (unsigned i = 0; i < sizeof(others_files) / sizeof(others_files[0]); i++) {
        const char *p = full;
        if (!strcmp(base, others_files[i].name))
            return absolute(dirfd, name, full) && take(&p, "proc") && take_number(&p, pid) &&
                           take(&p, base) && !*p && procfs_runs_ferry(*pid)
                       ? others_files[i].write
                       : NULL;
    }
    return NULL;
}

/* In a file the text, or what another process's writer makes up, or else cpuinfo; a descriptor that
 * can't be written to, at its start, or -errno. */
static int text_file(const struct vcpu *cpu, const char *name, int flags, const struct text *t,
                     others_writer *other, unsigned long pid)
{
    char proc_fd[64];
    int r = 0, fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0)
        return -errno;
    if (other)
        r = other(pid, fd);
    else if (t)
        r = text_write(t, fd);
    else
        cpu->guest->cpuinfo(fd, (unsigned)get_nprocs());
    if (!r && fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL))
        r = -errno;
    if (r) {
        close(fd);
        return r;
    }
    /* Opened again to be read-only, if there is another descriptor left: the seals keep it from
     * being written to. */
    snprintf(proc_fd, sizeof(proc_fd), "/proc/self/fd/%d", fd);
    int again = open(proc_fd, flags);
    if (again >= 0) {
        dup3(again, fd, flags & O_CLOEXEC); /* the lowest that was free */
        close(again);
    } else {
        lseek(fd, 0, SEEK_SET);
        fcntl(fd, F_SETFD, flags & O_CLOEXEC ? FD_CLOEXEC : 0);
    }
    return fd;
}

bool procfs_open(struct vcpu *cpu, int dirfd, const char *name, int flags, int *result)
{
    char full[PATH_MAX + 64];
    int i = classify(dirfd, name, full), r = 0;
    others_writer *other = NULL;
    unsigned long pid = 0;
    struct text t = {0};

    if (i == FILE_EXE || (flags & O_ACCMODE) != O_RDONLY ||
        flags & (O_DIRECTORY | O_PATH | O_CREAT))
        return false;
    if (i < 0 && !(other = others_file(dirfd, name, full, &pid)))
        return false;
    const char *base = strrchr(full, '/');
    /* Before the file is made: it may need the only descriptor that is left. */
    bool text = !other && files[i].write;
    if (text)
        r = files[i].write(cpu, full, &t);
    if (!r && t.failed)
        r = -ENOMEM;
    *result = r ? r : text_file(cpu, base ? base + 1 : full, flags, text ? &t : NULL, other, pid);
    text_free(&t);
    return true;
}
