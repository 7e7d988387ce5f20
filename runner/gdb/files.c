/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The debugger reads the guest's files: programs, libraries, /proc of the
 * process.  GDB manual, "Host I/O Packets"; numbers of errors and the layout of
 * struct stat are those of its File-I/O extension.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/gdb/server.h"
#include "syscall/path.h"
#include "syscall/procfs.h"

/* Descriptors that the debugger may name: only those that it has opened. */
enum { FILES_MAX = 16 };
static int files[FILES_MAX];
static bool used[FILES_MAX];

/* Of our error numbers those that the protocol has agree, up to EROFS. */
static void fail(struct reply *r, int error)
{
    reply_text(r, "F-1,%x", error == ENAMETOOLONG ? 91 : error <= EROFS ? error : 9999);
}

/* A name in hex, up to a comma; what follows the comma. */
static const char *read_name(const char *hex, char name[PATH_MAX])
{
    size_t n = hex_read(hex, (uint8_t *)name, PATH_MAX - 1);
    const char *comma = strchr(hex, ',');

    name[n] = 0;
    return comma ? comma + 1 : "";
}

static int open_file(const char *name)
{
    char host[PATH_HOST_MAX];
    int fd;

    if (procfs_open(server.first, AT_FDCWD, name, O_RDONLY | O_CLOEXEC, &fd)) {
        if (fd < 0)
            errno = -fd;
        return fd < 0 ? -1 : fd;
    }
    int r = path_resolve(AT_FDCWD, name, 0, host);
    if (r) {
        errno = -r;
        return -1;
    }
    return open(host, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

static void do_open(const char *args, struct reply *r)
{
    enum { WRITES = 3 };
    char name[PATH_MAX], *end;
    const char *rest = read_name(args, name);
    unsigned i = 0;

    while (i < FILES_MAX && used[i])
        i++;
    if (strtoul(rest, &end, 16) & WRITES)
        return fail(r, EROFS);
    if (i == FILES_MAX)
        return fail(r, EMFILE);
    int fd = open_file(name);
    if (fd < 0)
        return fail(r, errno);
    /* Above what the guest's own calls would give out next. */
    int high = fcntl(fd, F_DUPFD_CLOEXEC, 900);
    if (high >= 0) {
        close(fd);
        fd = high;
    }
    files[i] = fd;
    used[i] = true;
    reply_text(r, "F%x", i);
}

static int *find(const char *args, const char **rest)
{
    char *end;
    unsigned long i = strtoul(args, &end, 16);

    *rest = *end == ',' ? end + 1 : end;
    return i < FILES_MAX && used[i] ? &files[i] : NULL;
}

static void do_pread(const char *args, struct reply *r)
{
    char data[PACKET_MAX / 2], *end;
    const int *fd = find(args, &args);
    size_t n = strtoul(args, &end, 16);
    uint64_t offset = *end == ',' ? strtoull(end + 1, NULL, 16) : 0;

    if (!fd)
        return fail(r, EBADF);
    ssize_t got = pread(*fd, data, n < sizeof data ? n : sizeof data, (off_t)offset);
    if (got < 0)
        return fail(r, errno);
    reply_text(r, "F%zx;", got);
    reply_binary(r, data, (size_t)got);
}

static uint8_t *put(uint8_t *p, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        p[size - 1 - i] = (uint8_t)(value >> 8 * i);
    return p + size;
}

static void do_fstat(const char *args, struct reply *r)
{
    const int *fd = find(args, &args);
    uint8_t bytes[64], *p = bytes;
    struct stat st;

    if (!fd)
        return fail(r, EBADF);
    if (fstat(*fd, &st))
        return fail(r, errno);
    const uint64_t words[] = {st.st_dev, st.st_ino, st.st_mode, st.st_nlink,
                              st.st_uid, st.st_gid, st.st_rdev};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        p = put(p, words[i], 4);
    p = put(put(put(p, (uint64_t)st.st_size, 8), (uint64_t)st.st_blksize, 8),
            (uint64_t)st.st_blocks, 8);
    p = put(put(put(p, (uint64_t)st.st_atime, 4), (uint64_t)st.st_mtime, 4), (uint64_t)st.st_ctime,
            4);
    reply_text(r, "F%zx;", (size_t)(p - bytes));
    reply_binary(r, bytes, (size_t)(p - bytes));
}

static void do_readlink(const char *args, struct reply *r)
{
    char name[PATH_MAX], host[PATH_HOST_MAX], target[PATH_MAX];
    ssize_t n;

    read_name(args, name);
    if (procfs_exe_link(AT_FDCWD, name, host)) {
        n = snprintf(target, sizeof target, "%s", procfs_guest_name(host));
    } else {
        int error = path_resolve(AT_FDCWD, name, PATH_NOFOLLOW, host);
        if (error)
            return fail(r, -error);
        n = readlink(host, target, sizeof target);
        if (n < 0)
            return fail(r, errno);
    }
    reply_text(r, "F%zx;", n);
    reply_binary(r, target, (size_t)n);
}

void file_command(const char *packet, size_t len, struct reply *r)
{
    static const struct {
        const char *name;
        void (*run)(const char *args, struct reply *r);
    } commands[] = {
        {"open:", do_open}, {"pread:", do_pread}, {"fstat:", do_fstat}, {"readlink:", do_readlink}};

    (void)len;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        size_t n = strlen(commands[i].name);
        if (strncmp(packet, commands[i].name, n) == 0) {
            commands[i].run(packet + n, r);
            return;
        }
    }
    if (strncmp(packet, "setfs:", 6) == 0) {
        reply_text(r, "F0");
    } else if (strncmp(packet, "close:", 6) == 0) {
        const char *rest;
        int *fd = find(packet + 6, &rest);
        if (!fd)
            return fail(r, EBADF);
        close(*fd);
        used[fd - files] = false;
        reply_text(r, "F0");
    }
}
