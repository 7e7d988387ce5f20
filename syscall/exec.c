/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * execve(2).  A guest program is run by a new ferry with the same options; the
 * file has been checked before, so that errors come back to the caller.
 * Programs of the host are left to its kernel.
 */
#include "syscall/exec.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/loader.h"
#include "runner/binfmt.h"
#include "runner/options.h"
#include "runner/runner.h"
#include "signal/signal.h"
#include "signal/stop.h"
#include "syscall/memory_limits.h"
#include "syscall/path.h"
#include "syscall/seccomp.h"
#include "syscall/syscall.h"
#include "translate/translate.h"

/* MAX_ARG_STRLEN and MAX_ARG_STRINGS are larger than what the kernel lets
 * through in all (a quarter of the stack limit, at most 6 MiB). */
enum { ARG_STRLEN_MAX = 32 * 4096, ARG_TOTAL_MAX = 8 << 20 };

struct strings {
    char **v;
    size_t count, room;
    size_t bytes;
};

struct exec_memory {
    struct strings argv, envp;
    struct exec_file file;
    bool file_filled;
    int seccomp_fd; /* or -1 */
    char *limits;
    char **runner_argv;
};

static void strings_free(struct strings *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->v[i]);
    free(s->v);
}

static void exec_memory_free(struct exec_memory *m)
{
    if (!m)
        return;
    free(m->runner_argv);
    free(m->limits);
    if (m->seccomp_fd >= 0)
        close(m->seccomp_fd);
    if (m->file_filled)
        exec_file_free(&m->file);
    strings_free(&m->argv);
    strings_free(&m->envp);
    free(m);
}

void exec_memory_abandoned(struct exec_memory *m)
{
    if (m)
        m->file.fd = m->seccomp_fd = -1;
    exec_memory_free(m);
}

static int strings_add(struct strings *s, char *string)
{
    if (s->count + 1 >= s->room) {
        size_t room = s->room ? 2 * s->room : 64;
        char **v = realloc(s->v, room * sizeof *v);
        if (!v) {
            free(string);
            return -ENOMEM;
        }
        s->v = v;
        s->room = room;
    }
    s->v[s->count++] = string;
    s->v[s->count] = NULL;
    return 0;
}

/* Copies a NULL-terminated vector of strings; gva 0 is an empty one. */
static int strings_read(struct strings *s, uint64_t gva)
{
    int r = 0;

    s->v = calloc(1, sizeof *s->v);
    s->room = 1;
    if (!s->v)
        return -ENOMEM;
    for (uint64_t at = gva; gva && !r; at += guest_word(current_cpu->guest)) {
        uint64_t string;
        if (guest_read_word(current_cpu->guest, &string, at))
            return -EFAULT;
        if (!string)
            break;
        int64_t len = guest_strlen(string, ARG_STRLEN_MAX);
        if (len < 0)
            return len == -ENAMETOOLONG ? -E2BIG : (int)len;
        s->bytes += (size_t)len + 1 + sizeof string;
        if (s->bytes > ARG_TOTAL_MAX)
            return -E2BIG;
        char *copy = malloc((size_t)len + 1);
        if (!copy)
            return -ENOMEM;
        if (guest_read(copy, string, (size_t)len)) {
            free(copy);
            return -EFAULT;
        }
        copy[len] = 0;
        r = strings_add(s, copy);
    }
    return r;
}

/* The name that execve is about, for the guest and on the host. */
static int find(int dirfd, uint64_t gva, int flags, char name[PATH_MAX], char host[PATH_HOST_MAX])
{
    int r = path_read(gva, name);

    if (r)
        return r;
    if (!name[0]) {
        if (!(flags & AT_EMPTY_PATH))
            return -ENOENT;
        if (dirfd == AT_FDCWD)
            return -EACCES;
        if (fcntl(dirfd, F_GETFD) < 0)
            return -EBADF;
        snprintf(name, PATH_MAX, "/dev/fd/%d", dirfd);
        snprintf(host, PATH_HOST_MAX, "/proc/self/fd/%d", dirfd);
        return 0;
    }
    r = path_resolve(dirfd, name, flags & AT_SYMLINK_NOFOLLOW ? PATH_NOFOLLOW : 0, host);
    if (r)
        return r;
    if (flags & AT_SYMLINK_NOFOLLOW) {
        struct stat st;
        if (!fstatat(dirfd, host, &st, AT_SYMLINK_NOFOLLOW) && S_ISLNK(st.st_mode))
            return -ELOOP;
    }
    if (name[0] != '/' && dirfd != AT_FDCWD) {
        char relative[PATH_HOST_MAX];
        if (fcntl(dirfd, F_GETFD) < 0)
            return -EBADF;
        /* bprm->filename, fs/exec.c */
        if (snprintf(relative, sizeof relative, "/dev/fd/%d/%s", dirfd, name) >= PATH_MAX)
            return -ENAMETOOLONG;
        strcpy(name, relative);
        if (host[0] != '/') {
            strcpy(relative, host);
            if (snprintf(host, PATH_HOST_MAX, "/proc/self/fd/%d/%s", dirfd, relative) >=
                PATH_HOST_MAX)
                return -ENAMETOOLONG;
        }
    }
    return 0;
}

/* A file that is open for writing can't be executed.  Nobody says so of a file
 * that is only read; but it can't have a read lease then either (fcntl(2)). */
static bool open_for_writing(int fd)
{
    if (fcntl(fd, F_SETLEASE, F_RDLCK))
        return errno == EAGAIN;
    fcntl(fd, F_SETLEASE, F_UNLCK);
    return false;
}

/* Only the kernel can give a program the rights of its owner, and does so for
 * one that binfmt_misc hands to ferry with flag C. */
static bool started_by_kernel(const struct exec_file *f)
{
    struct stat st;

    return !fstat(f->fd, &st) &&
           (st.st_mode & S_ISUID || (st.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP)) &&
           (options.credentials || binfmt_gives_credentials(f->guest));
}

/* Returns if it can't. */
static int64_t execute(const struct exec_memory *m)
{
    const struct exec_file *f = &m->file;
    bool by_ferry = f->guest && runner_self_fd() >= 0;
    int64_t r = -ENOEXEC;

    /* The kernel's way would lose the guest's filters of system calls. */
    if (!by_ferry || (m->seccomp_fd < 0 && started_by_kernel(f)))
        r = host_syscall(SYS_execve, f->path, f->argv, m->envp.v);
    if (by_ferry && r == -ENOEXEC) {
        fcntl(runner_self_fd(), F_SETFD, 0);
        r = host_syscall(SYS_execveat, runner_self_fd(), "", m->runner_argv, m->envp.v,
                         AT_EMPTY_PATH);
        fcntl(runner_self_fd(), F_SETFD, FD_CLOEXEC);
    }
    return r;
}

static int64_t exec(struct vcpu *cpu, int dirfd, uint64_t path, uint64_t argv, uint64_t envp,
                    int flags)
{
    char name[PATH_MAX], host[PATH_HOST_MAX];
    struct exec_memory *m = calloc(1, sizeof *m);

    if (!m)
        return -ENOMEM;
    m->seccomp_fd = -1;
    int64_t r = find(dirfd, path, flags, name, host);
    if (!r)
        r = strings_read(&m->argv, argv);
    if (!r && !m->argv.count) /* there always is an argv[0] since Linux 5.18 */
        r = strings_add(&m->argv, calloc(1, 1));
    if (!r)
        r = strings_read(&m->envp, envp);
    if (!r) {
        r = exec_resolve(name, host, m->argv.v, &m->file);
        m->file_filled = !r;
    }
    if (!r && m->file.guest && open_for_writing(m->file.fd))
        r = -ETXTBSY;
    if (!r && cpu->task->seccomp.mode) {
        /* The filters are for the guest's numbers: no use for a host program. */
        m->seccomp_fd = m->file.guest ? seccomp_save(cpu) : -EACCES;
        r = m->seccomp_fd < 0 ? m->seccomp_fd : 0;
    }
    if (!r && m->file.guest) {
        m->limits = memory_limits_text(cpu->task->process);
        const struct options_handed handed = {debugger ? debugger->executing(cpu) : NULL, m->limits,
                                              m->seccomp_fd};
        m->runner_argv = options_exec_argv(&m->file, &handed);
        if (!m->runner_argv)
            r = -ENOMEM;
    }
    if (!r) {
        signal_block_all();
        if (signal_waiting(cpu)) {
            cpu->pending = 1;
            r = -ERESTARTNOINTR;
        } else {
            cpu->task->exec = m;
            if (!cpu->task->process->shares_memory)
                translate_save();
            signal_exec_prepare(cpu);
            r = execute(m);
            signal_exec_failed(cpu);
            if (debugger)
                debugger->not_executed(cpu);
            cpu->task->exec = NULL;
        }
    }
    exec_memory_free(m);
    return r;
}

SYSCALL(execve)
{
    return exec(cpu, AT_FDCWD, a[0], a[1], a[2], 0);
}

SYSCALL(execveat)
{
    if ((int)a[4] & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
        return -EINVAL;
    return exec(cpu, (int)a[0], a[1], a[2], a[3], (int)a[4]);
}
