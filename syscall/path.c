/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/vm.h"
#include "runner/options.h"
#include "syscall/procfs.h"

enum { MAX_LINKS = 40 /* MAXSYMLINKS of the kernel */, MISSING_LAST = 1 };

static bool under(const char *path, const char *dir, size_t dir_len)
{
    return !strncmp(path, dir, dir_len) && (path[dir_len] == '/' || !path[dir_len]);
}

/* Walks rest (which it overwrites) from the host directory host[0..len), a
 * canonical path at or below the sysroot.  0 with the canonical host path of
 * an existing file in host; MISSING_LAST if only the last component is missing
 * there; or -errno. */
static int walk(size_t root_len, char *host, size_t len, char rest[PATH_HOST_MAX], unsigned flags)
{
    char link[PATH_HOST_MAX];
    char *p = rest;
    int links = 0;
    bool slash = false;

    for (;;) {
        size_t n;
        ssize_t link_len;

        while (*p == '/') {
            slash = true;
            p++;
        }
        n = strcspn(p, "/");
        if (!n)
            break;
        if (n == 1 && p[0] == '.') {
            slash = true;
            p += n;
            continue;
        }
        if (n == 2 && p[0] == '.' && p[1] == '.') {
            while (len > root_len && host[--len] != '/')
                ;
            host[len] = '\0';
            slash = true;
            p += n;
            continue;
        }
        if (len + n + 2 > PATH_HOST_MAX)
            return -ENAMETOOLONG;
        host[len] = '/';
        memcpy(host + len + 1, p, n);
        host[len + 1 + n] = '\0';
        p += n;
        slash = false;

        link_len = readlink(host, link, sizeof(link) - 1);
        if (link_len < 0 && errno == ENOENT && !*p)
            return MISSING_LAST;
        if (link_len < 0 && errno != EINVAL)
            return -errno;
        if (link_len < 0 || (!*p && flags & PATH_NOFOLLOW)) {
            len += 1 + n;
            continue;
        }
        if (++links > MAX_LINKS)
            return -ELOOP;
        if ((size_t)link_len + strlen(p) + 1 > sizeof(link))
            return -ENAMETOOLONG;
        strcpy(link + link_len, p);
        strcpy(rest, link);
        p = rest;
        if (link[0] == '/')
            len = root_len;
        host[len] = '\0';
    }
    /* Keep what demands a directory. */
    if (slash && len + 1 < PATH_HOST_MAX)
        strcpy(host + len, "/");
    return 0;
}

/* The host path of dirfd or of the working directory; its length, or 0. */
static size_t directory_path(int dirfd, char host[PATH_HOST_MAX])
{
    char link[64] = "/proc/self/cwd";
    ssize_t len;

    if (dirfd != AT_FDCWD)
        snprintf(link, sizeof(link), "/proc/self/fd/%d", dirfd);
    len = readlink(link, host, PATH_HOST_MAX - 1);
    if (len <= 0)
        return 0;
    host[len] = '\0';
    return (size_t)len;
}

static bool always_host(const char *name)
{
    return under(name, "/proc", 5) || under(name, "/sys", 4) || under(name, "/dev", 4);
}

int path_resolve(int dirfd, const char *name, unsigned flags, char host[PATH_HOST_MAX])
{
    const char *root = options.sysroot;
    char rest[PATH_HOST_MAX];
    size_t root_len, len;
    int r;

    if (!(flags & PATH_NOFOLLOW) && procfs_exe_link(dirfd, name, host))
        return 0;
    if (!root || !*name || (*name == '/' && always_host(name))) {
        strcpy(host, name);
        return 0;
    }
    root_len = strlen(root);
    if (*name == '/') {
        if (under(name, root, root_len)) {
            strcpy(host, name);
            return 0;
        }
        len = root_len;
        memcpy(host, root, root_len + 1);
    } else {
        len = directory_path(dirfd, host);
        if (!len || !under(host, root, root_len)) {
            strcpy(host, name);
            return 0;
        }
    }
    strcpy(rest, name);
    r = walk(root_len, host, len, rest, flags);
    /* A new file in a directory of the sysroot that was named relatively. */
    if (r == MISSING_LAST && *name != '/')
        return 0;
    if (r == MISSING_LAST || r == -ENOENT || r == -ENOTDIR) {
        strcpy(host, name);
        r = 0;
    }
    /* For anything else, EACCES above all, the kernel finds the reason again. */
    return r == -ELOOP || r == -ENAMETOOLONG ? r : 0;
}

int path_read(uint64_t gva, char name[PATH_MAX])
{
    int64_t len = guest_strlen(gva, PATH_MAX - 1);

    if (len < 0)
        return (int)len;
    if (guest_read(name, gva, (size_t)len + 1))
        return -EFAULT;
    name[len] = '\0';
    return 0;
}

int path_get(int dirfd, uint64_t gva, unsigned flags, char host[PATH_HOST_MAX])
{
    char name[PATH_MAX];
    int r = path_read(gva, name);

    return r ? r : path_resolve(dirfd, name, flags, host);
}
