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
#include "loader/vm.h"
#include "runner/options.h"
#include "signal/signal.h"
#include "syscall/procfs_others.h"
#include "syscall/seccomp.h"

typedef int procfs_writer(const struct vcpu *cpu, const char *path, int fd);

static int write_all(int fd, const void *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);

        if (n < 0)
            return -errno;
        data = (const char *)data + n;
        len -= (size_t)n;
    }
    return 0;
}

static int write_guest(int fd, uint64_t start, uint64_t end)
{
    char buf[4096];

    while (start < end) {
        size_t n = end - start < sizeof(buf) ? end - start : sizeof(buf);
        int r = guest_read(buf, start, n);

        if (r || (r = write_all(fd, buf, n)))
            return r == -EFAULT ? 0 : r;
        start += n;
    }
    return 0;
}

static int write_maps(const struct vcpu *cpu __attribute__((unused)),
                      const char *path __attribute__((unused)), int fd)
{
    return vm_write_maps(fd);
}

static int write_auxv(const struct vcpu *cpu __attribute__((unused)),
                      const char *path __attribute__((unused)), int fd)
{
    return write_all(fd, loaded.auxv, loaded.auxv_size);
}

static int write_cmdline(const struct vcpu *cpu __attribute__((unused)),
                         const char *path __attribute__((unused)), int fd)
{
    return write_guest(fd, loaded.arg_start, loaded.arg_end);
}

static int write_environ(const struct vcpu *cpu __attribute__((unused)),
                         const char *path __attribute__((unused)), int fd)
{
    return write_guest(fd, loaded.env_start, loaded.env_end);
}

static int write_cpuinfo(const struct vcpu *cpu, const char *path __attribute__((unused)), int fd)
{
    cpu->guest->cpuinfo(fd, (unsigned)get_nprocs());
    return 0;
}

/* The host knows nothing of the guest's filters. */
static int write_status(const struct vcpu *cpu, const char *path, int fd)
{
    char text[8192], own[64];
    int host = open(path, O_RDONLY | O_CLOEXEC), r = 0;

    if (host < 0)
        return -errno;
    ssize_t n = read(host, text, sizeof(text) - 1);
    close(host);
    if (n < 0)
        return -errno;
    text[n] = '\0';
    for (char *line = text, *next; *line && !r; line = next) {
        next = line + strcspn(line, "\n");
        next += *next == '\n';
        const char *out = line;
        size_t len = (size_t)(next - line);
        if (cpu->task->seccomp.mode && !strncmp(line, "Seccomp", 7)) {
            bool mode = line[7] == ':';
            len = (size_t)snprintf(own, sizeof(own), "Seccomp%s:\t%u\n", mode ? "" : "_filters",
                                   mode ? (unsigned)cpu->task->seccomp.mode : seccomp_count(cpu));
            out = own;
        }
        r = write_all(fd, out, len);
    }
    return r;
}

/* The host's line with the addresses that proc(5) lists replaced by the
 * guest's; fields are counted from 1, and the second may hold anything. */
static int write_stat(const struct vcpu *cpu __attribute__((unused)), const char *path, int fd)
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
    char text[4096], out[8192], *p, *save, *word;
    int host = open(path, O_RDONLY | O_CLOEXEC), field = 2;
    size_t len;
    ssize_t n;

    if (host < 0)
        return -errno;
    n = read(host, text, sizeof(text) - 1);
    close(host);
    if (n < 0)
        return -errno;
    text[n] = '\0';
    p = strrchr(text, ')');
    if (!p)
        return write_all(fd, text, (size_t)n);
    len = (size_t)(p + 1 - text);
    memcpy(out, text, len);
    for (word = strtok_r(p + 1, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
        unsigned i = 0;

        field++;
        while (i < count && replace[i].field != field)
            i++;
        if (i < count)
            len += (size_t)snprintf(out + len, sizeof(out) - len, " %llu",
                                    (unsigned long long)replace[i].value);
        else
            len += (size_t)snprintf(out + len, sizeof(out) - len, " %s", word);
    }
    out[len++] = '\n';
    return write_all(fd, out, len);
}

static const struct {
    const char *name;
    procfs_writer *write;
    bool system; /* in /proc itself */
} files[] = {
    {"exe", NULL, false},
    {"maps", write_maps, false},
    {"auxv", write_auxv, false},
    {"cmdline", write_cmdline, false},
    {"stat", write_stat, false},
    {"status", write_status, false},
    {"environ", write_environ, false},
    {"cpuinfo", write_cpuinfo, true},
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

bool procfs_open(struct vcpu *cpu, int dirfd, const char *name, int flags, int *result)
{
    char full[PATH_MAX + 64], proc_fd[64];
    int i = classify(dirfd, name, full), fd, r;
    others_writer *other = NULL;
    unsigned long pid;

    if (i == FILE_EXE || (flags & O_ACCMODE) != O_RDONLY ||
        flags & (O_DIRECTORY | O_PATH | O_CREAT))
        return false;
    if (i < 0 && !(other = others_file(dirfd, name, full, &pid)))
        return false;
    const char *base = strrchr(full, '/');
    fd = memfd_create(base ? base + 1 : full, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) {
        *result = -errno;
        return true;
    }
    r = other ? other(pid, fd) : files[i].write(cpu, full, fd);
    if (!r && fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL))
        r = -errno;
    if (!r) {
        /* Opened again, so that the guest finds it read-only and at its start. */
        snprintf(proc_fd, sizeof(proc_fd), "/proc/self/fd/%d", fd);
        r = open(proc_fd, flags);
        if (r < 0)
            r = -errno;
    }
    close(fd);
    *result = r;
    return true;
}
