/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/core.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "loader/loader.h"
#include "signal/host.h"
#include "signal/stop.h"
#include "syscall/procfs.h"

/* signal(7): the default action is "Core". */
#define SIGMASK_CORE                                                                               \
    (SIGMASK_SYNC | SIGMASK(SIGQUIT) | SIGMASK(SIGABRT) | SIGMASK(SIGXCPU) | SIGMASK(SIGXFSZ) |    \
     SIGMASK(SIGSYS))

enum { SMALLEST = 4096 }; /* a lower limit means none (ELF_EXEC_PAGESIZE) */

static uint64_t size_limit(void)
{
    struct rlimit64 limit;

    return getrlimit64(RLIMIT_CORE, &limit) ? 0 : limit.rlim_cur;
}

static void read_setting(const char *path, char *text, size_t size, const char *otherwise)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

    if (fd >= 0)
        close(fd);
    if (n < 0) {
        snprintf(text, size, "%s", otherwise);
        return;
    }
    text[n] = 0;
    text[strcspn(text, "\n")] = 0;
}

bool core_signal(int sig)
{
    return SIGMASK_CORE & SIGMASK(sig);
}

bool core_takes(int sig)
{
    return core_signal(sig) && size_limit() >= SMALLEST && getpid() != 1;
}

/* ---- core_pattern: core(5), fs/coredump.c ---- */

struct name {
    char text[PATH_MAX];
    size_t len;
};

static void put(struct name *n, const char *text)
{
    while (*text && n->len + 1 < sizeof n->text)
        n->text[n->len++] = *text++;
    n->text[n->len] = 0;
}

/* In a value a slash would make directories, and dots name them. */
static void put_value(struct name *n, const char *value)
{
    char copy[PATH_MAX];

    snprintf(copy, sizeof copy, "%s", value);
    for (char *p = copy; *p; p++)
        if (*p == '/')
            *p = '!';
    if (strcmp(copy, ".") == 0 || strcmp(copy, "..") == 0)
        copy[0] = '!';
    put(n, copy);
}

static void put_number(struct name *n, int64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, number);
    put(n, text);
}

static void put_specifier(struct name *n, char what, const struct vcpu *cpu, int sig)
{
    char comm[17] = "";
    struct utsname host;
    const char *slash;

    switch (what) {
    case '%':
        put(n, "%");
        break;
    case 'p':
    case 'P':
        put_number(n, getpid());
        break;
    case 'i':
    case 'I':
        put_number(n, cpu->task->tid);
        break;
    case 'u':
        put_number(n, getuid());
        break;
    case 'g':
        put_number(n, getgid());
        break;
    case 'd':
        put_number(n, prctl(PR_GET_DUMPABLE));
        break;
    case 's':
        put_number(n, sig);
        break;
    case 't':
        put_number(n, time(NULL));
        break;
    case 'h':
        put_value(n, uname(&host) ? "" : host.nodename);
        break;
    case 'e':
        prctl(PR_GET_NAME, comm);
        put_value(n, comm);
        break;
    case 'f':
        slash = strrchr(procfs_exe_name(), '/');
        put_value(n, slash ? slash + 1 : procfs_exe_name());
        break;
    case 'E':
        put_value(n, procfs_exe_name());
        break;
    case 'c':
        put_number(n, (int64_t)size_limit());
        break;
    default: /* unknown ones are left out */
        break;
    }
}

/* False: there shall be no file. */
static bool make_name(struct name *n, const struct vcpu *cpu, int sig)
{
    char pattern[256], uses_pid[8];
    bool pid_in_pattern = false;

    read_setting("/proc/sys/kernel/core_pattern", pattern, sizeof pattern, "core");
    read_setting("/proc/sys/kernel/core_uses_pid", uses_pid, sizeof uses_pid, "0");
    if (pattern[0] == '|' || pattern[0] == '@' || pattern[0] == 0)
        return false;
    n->len = 0;
    for (const char *p = pattern; *p; p++) {
        if (*p != '%') {
            put(n, (const char[]){*p, 0});
            continue;
        }
        if (!*++p)
            break;
        pid_in_pattern |= *p == 'p';
        put_specifier(n, *p, cpu, sig);
    }
    if (uses_pid[0] != '0' && !pid_in_pattern) {
        put(n, ".");
        put_number(n, getpid());
    }
    return n->len > 0;
}

static int open_core(const char *name)
{
    struct stat st;

    /* do_coredump: never into what somebody else has put there. */
    if (!lstat(name, &st) && S_ISREG(st.st_mode))
        unlink(name);
    int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_nlink != 1 || st.st_uid != geteuid()) {
        close(fd);
        return -1;
    }
    return fd;
}

/* ---- the bit in the wait status ---- */

static char scratch_path[64];
static int scratch_fd = -1;

static bool make_scratch(void)
{
    static const char *const places[] = {"/tmp", "/var/tmp", "/dev/shm"};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(scratch_path, sizeof scratch_path, "%s/ferry-core.XXXXXX", places[i]);
        if (!mkdtemp(scratch_path))
            continue;
        scratch_fd = open(scratch_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (scratch_fd >= 0)
            return true;
        rmdir(scratch_path);
    }
    return false;
}

/* Waits for the end of the process behind pidfd and removes the directory.  Must
 * hold nothing that somebody may wait for. */
static void __attribute__((noreturn)) clean_up(int pidfd)
{
    struct pollfd p = {.events = POLLIN};
    DIR *dir;

    /* Above the low numbers first, so that neither is overwritten. */
    int watch = fcntl(pidfd, F_DUPFD, 3), where = fcntl(scratch_fd, F_DUPFD, 3);
    if (watch < 0 || where < 0)
        _exit(1);
    dup2(watch, 0);
    dup2(where, 1);
    syscall(SYS_close_range, 2, ~0U, 0);
    if (chdir("/"))
        _exit(1);
    while (poll(&p, 1, -1) < 0 && errno == EINTR)
        ;
    dir = fdopendir(1);
    for (struct dirent *d; dir && (d = readdir(dir));)
        if (d->d_name[0] != '.')
            unlinkat(dirfd(dir), d->d_name, 0);
    rmdir(scratch_path);
    _exit(0);
}

/* A process that nobody waits for, or false. */
static bool start_cleaner(void)
{
    int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0), status = -1;

    if (pidfd < 0)
        return false;
    pid_t pid = (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0); /* sends no signal when it ends */
    if (pid == 0) {
        pid = (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0);
        if (pid == 0)
            clean_up(pidfd);
        _exit(pid < 0);
    }
    close(pidfd);
    if (pid < 0)
        return false;
    while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR)
        ;
    return status == 0;
}

/* What the kernel shall dump when it ends the process: nothing, or one page to
 * where it doesn't matter. */
static void set_host_core(bool one_page)
{
    struct rlimit64 limit;

    if (one_page && make_scratch()) {
        if (start_cleaner() && !fchdir(scratch_fd)) {
            limit = (struct rlimit64){SMALLEST, RLIM64_INFINITY};
            struct rlimit64 now;
            if (!getrlimit64(RLIMIT_CORE, &now))
                limit.rlim_max = now.rlim_max;
            setrlimit64(RLIMIT_CORE, &limit);
            return;
        }
        rmdir(scratch_path);
    }
    if (!getrlimit64(RLIMIT_CORE, &limit)) {
        limit.rlim_cur = 0;
        setrlimit64(RLIMIT_CORE, &limit);
    }
    /* A pipe is served whatever the limit. */
    prctl(PR_SET_DUMPABLE, 0);
}

/* ---- all of it ---- */

void core_dump(struct vcpu *cpu, int sig, const siginfo_t *info)
{
    struct process *process = cpu->task->process;
    uint64_t limit = size_limit();
    struct name name;
    int fd = -1;

    if (!core_signal(sig))
        return;
    while (!stop_others(process, cpu))
        stop_here(cpu); /* another thread's death is this one's, too */
    if (limit >= SMALLEST && prctl(PR_GET_DUMPABLE) == 1 && make_name(&name, cpu, sig))
        fd = open_core(name.text);
    if (fd < 0) {
        set_host_core(false);
        return;
    }
    core_write(fd, cpu, sig, info, limit);
    close(fd);
    set_host_core(!strchr(name.text, '/') && !process->shares_memory);
}
