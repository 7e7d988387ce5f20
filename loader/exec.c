/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What execve runs: programs, and scripts with their interpreters
 * (fs/exec.c, fs/binfmt_script.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/elf.h"
#include "loader/loader.h"
#include "runner/options.h"
#include "syscall/path.h"

enum {
    HEAD_SIZE = 256, /* BINPRM_BUF_SIZE */
    SCRIPT_DEPTH = 5,
};

/* As the kernel's open_exec: a regular file that may be executed. */
static int open_exec(const char *path, struct exec_file *f)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &st)) {
        int error = errno;
        if (fd >= 0)
            close(fd);
        return elf_error(f, -error, path, "%s", strerror(error));
    }
    if (!S_ISREG(st.st_mode)) {
        close(fd);
        return elf_error(f, -EACCES, path, "not a regular file");
    }
    if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS)) {
        int error = errno;
        close(fd);
        return elf_error(f, -error, path, "not executable: %s", strerror(error));
    }
    return fd;
}

int elf_open_interp(struct elf_image *interp, const char *name, const struct guest *guest,
                    char path[PATH_HOST_MAX], struct exec_file *f)
{
    int r = path_resolve(AT_FDCWD, name, 0, path);
    if (r)
        return elf_error(f, r, name, "%s", strerror(-r));
    int fd = open_exec(path, f);
    if (fd < 0) {
        if (fd == -ENOENT)
            elf_error(f, fd, f->path, "needs the interpreter %s%s%s, which is not there", name,
                      options.sysroot ? ", below " : " (see --sysroot)",
                      options.sysroot ? options.sysroot : "");
        return fd;
    }
    r = elf_open(interp, fd, path, f);
    if (r == 0 && interp->guest != guest)
        r = elf_error(f, -ELIBBAD, path, "the interpreter is for another guest");
    else if (r == -ENOEXEC)
        r = -ELIBBAD;
    if (r)
        close(fd);
    return r;
}

/* The headers are in order and the interpreter is there. */
static int check_guest_program(struct exec_file *f)
{
    struct elf_image e, interp;
    char path[PATH_HOST_MAX];
    int r = elf_open(&e, f->fd, f->path, f);

    if (r)
        return r;
    if (e.has_interp) {
        r = elf_open_interp(&interp, e.interp, e.guest, path, f);
        if (r == 0) {
            close(interp.fd);
            elf_close(&interp);
        }
    }
    elf_close(&e);
    return r;
}

static size_t count_words(char *const *v)
{
    size_t n = 0;

    while (v[n])
        n++;
    return n;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Finds interpreter and optional argument in the first line of a script;
 * ends them with NULs.  The line may be cut by the size of head only after the
 * interpreter's name (binfmt_script.c, load_script). */
static int parse_script(char head[HEAD_SIZE + 1], char **interp, char **arg)
{
    char *line = head + 2;
    char *end = memchr(line, '\n', head + HEAD_SIZE - line);

    if (!end) {
        char *name = line + strspn(line, " \t");
        end = head + strnlen(head, HEAD_SIZE);
        if (!*name || (end == head + HEAD_SIZE && !strpbrk(name, " \t")))
            return -ENOEXEC;
    }
    while (end > line && blank(end[-1]))
        end--;
    *end = 0;
    *interp = line + strspn(line, " \t");
    if (!**interp)
        return -ENOEXEC;
    char *p = *interp + strcspn(*interp, " \t");
    *arg = NULL;
    if (*p) {
        *p++ = 0;
        p += strspn(p, " \t");
        *arg = *p ? p : NULL;
    }
    return 0;
}

static char *keep_word(struct exec_file *f, const char *word)
{
    size_t n = f->words ? count_words(f->words) : 0;
    char **more = realloc(f->words, (n + 2) * sizeof *more);

    if (!more)
        return NULL;
    f->words = more;
    more[n] = strdup(word);
    more[n + 1] = NULL;
    return more[n];
}

/* argv becomes: interpreter, its argument, name of the script, argv[1..]. */
static int enter_script(struct exec_file *f, const char *interp, const char *arg)
{
    size_t n = count_words(f->argv), i = 0;
    char **argv = malloc((n + 4) * sizeof *argv);
    char path[PATH_HOST_MAX];

    if (!argv)
        return -ENOMEM;
    argv[i++] = keep_word(f, interp);
    if (arg)
        argv[i++] = keep_word(f, arg);
    argv[i++] = keep_word(f, f->name);
    if (n > 1)
        memcpy(argv + i, f->argv + 1, (n - 1) * sizeof *argv);
    argv[i + (n > 1 ? n - 1 : 0)] = NULL;
    free(f->argv);
    f->argv = argv;

    int r = path_resolve(AT_FDCWD, interp, 0, path);
    if (r)
        return r;
    free(f->name);
    free(f->path);
    f->name = strdup(interp);
    f->path = strdup(path);
    return f->name && f->path ? 0 : -ENOMEM;
}

static int resolve(struct exec_file *f)
{
    char *interp, *arg;

    for (int depth = 0;; depth++) {
        /* One byte more than the kernel reads: always 0. */
        char head[HEAD_SIZE + 1] = {0};

        if (f->fd < 0 && (f->fd = open_exec(f->path, f)) < 0)
            return f->fd;
        ssize_t got = pread(f->fd, head, HEAD_SIZE, 0);
        if (got < 0)
            return elf_error(f, -errno, f->path, "%s", strerror(errno));
        if (memcmp(head, "#!", 2) != 0) {
            f->guest = elf_guest(head, got);
            return f->guest ? check_guest_program(f) : 0;
        }
        if (depth == SCRIPT_DEPTH)
            return elf_error(f, -ELOOP, f->path, "scripts that run scripts, too deep");
        int r = parse_script(head, &interp, &arg);
        if (r)
            return elf_error(f, r, f->path, "its first line names no interpreter");
        close(f->fd);
        f->fd = -1;
        r = enter_script(f, interp, arg);
        if (r)
            return elf_error(f, r, interp, "%s", strerror(-r));
    }
}

int exec_resolve(const char *name, const char *path, char *const argv[], struct exec_file *f)
{
    return exec_resolve_fd(name, path, -1, argv, f);
}

int exec_resolve_fd(const char *name, const char *path, int fd, char *const argv[],
                    struct exec_file *f)
{
    static char empty[] = "";
    size_t n = count_words(argv);
    int r;

    *f = (struct exec_file){.fd = fd, .name = strdup(name), .path = strdup(path)};
    f->argv = malloc((n + 2) * sizeof *f->argv);
    if (!f->name || !f->path || !f->argv) {
        r = elf_error(f, -ENOMEM, path, "%s", strerror(ENOMEM));
    } else {
        /* A program always has an argv[0] (since Linux 5.18). */
        f->argv[0] = empty;
        f->argv[1] = NULL;
        if (n)
            memcpy(f->argv, argv, (n + 1) * sizeof *argv);
        r = resolve(f);
    }
    if (r) {
        int error = r;
        exec_file_free(f);
        return error;
    }
    return 0;
}

void exec_file_free(struct exec_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    for (char **w = f->words; w && *w; w++)
        free(*w);
    free(f->words);
    free(f->argv);
    free(f->name);
    free(f->path);
    f->fd = -1;
    f->words = f->argv = NULL;
    f->name = f->path = NULL;
}
