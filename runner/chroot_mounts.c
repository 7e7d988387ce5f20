/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/chroot.h"

#define RESOLV "/etc/resolv.conf"

enum { FOLLOW_MAX = 16 };

static const char *in_root(const struct chroot_plan *plan, const char *name, char path[PATH_MAX])
{
    if (snprintf(path, PATH_MAX, "%s%s", plan->dir, name) >= PATH_MAX)
        path[0] = '\0';
    return path;
}

static void warn(const char *what, const char *where)
{
    fprintf(stderr, "ferry: chroot: cannot %s %s: %s\n", what, where, strerror(errno));
}

/* A directory of the root itself: a link would lead out to the host's. */
static bool has_directory(const struct chroot_plan *plan, const char *name, char path[PATH_MAX])
{
    struct stat st;

    return lstat(in_root(plan, name, path), &st) == 0 && S_ISDIR(st.st_mode);
}

/* debootstrap --foreign leaves /proc as a link to itself, for nobody's use. */
static void mend_proc(const struct chroot_plan *plan)
{
    char path[PATH_MAX], link[8];

    if (readlink(in_root(plan, "/proc", path), link, sizeof link) == strlen("/proc") &&
        memcmp(link, "/proc", strlen("/proc")) == 0 && (unlink(path) || mkdir(path, 0555)))
        warn("make", path);
}

/* A part of the host's tree, with what is mounted below it. */
static int mount_bind(const char *from, const char *to)
{
    return mount(from, to, NULL, MS_BIND | MS_REC, NULL);
}

static void mount_host_tree(const struct chroot_plan *plan, const char *name)
{
    char path[PATH_MAX];

    if (has_directory(plan, name, path) && mount_bind(name, path))
        warn("mount", path);
}

static int mount_proc(const struct chroot_plan *plan)
{
    char path[PATH_MAX];

    mend_proc(plan);
    if (!has_directory(plan, "/proc", path))
        return 0;
    if (plan->own_pids)
        return mount("proc", path, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    if (mount_bind("/proc", path))
        warn("mount", path);
    return 0;
}

static void mount_run(const struct chroot_plan *plan)
{
    char path[PATH_MAX];

    if (!has_directory(plan, "/run", path))
        return;
    if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")) {
        warn("mount", path);
        return;
    }
    if (mkdir(in_root(plan, "/run/lock", path), 01777) || chmod(path, 01777))
        warn("make", path);
}

/* ---- resolv.conf ---- */

/* Where the symbolic link name leads, from inside. */
static void follow(const struct chroot_plan *plan, char name[PATH_MAX])
{
    char path[PATH_MAX], link[PATH_MAX];
    ssize_t n;

    for (int i = 0; i < FOLLOW_MAX; i++) {
        n = readlink(in_root(plan, name, path), link, sizeof link - 1);
        if (n <= 0)
            return;
        link[n] = '\0';
        if (link[0] == '/') {
            strcpy(name, link);
            continue;
        }
        char *last = strrchr(name, '/');
        if ((size_t)(last + 1 - name) + (size_t)n >= PATH_MAX)
            return;
        strcpy(last + 1, link);
    }
}

static ssize_t read_whole(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return -1;
    ssize_t n = read(fd, text, size);
    close(fd);
    return n;
}

static int write_whole(const char *path, const char *text, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0)
        return -1;
    ssize_t n = write(fd, text, size);
    return close(fd) || n != (ssize_t)size ? -1 : 0;
}

static char made[PATH_MAX]; /* an empty file to mount over */

/* The host's name servers, as a copy: what is written inside stays there. */
static void mount_resolv(const struct chroot_plan *plan)
{
    static char text[1 << 14], old[1 << 14];
    char name[PATH_MAX] = RESOLV, path[PATH_MAX], copy[PATH_MAX];
    ssize_t n = read_whole(RESOLV, text, sizeof text);

    if (n <= 0 || !has_directory(plan, "/etc", path))
        return;
    follow(plan, name);
    in_root(plan, name, path);
    if (strncmp(name, "/run/", 5) == 0 || strstr(name, "/../run/")) {
        for (char *p = strchr(path + strlen(plan->dir) + 1, '/'); p; p = strchr(p + 1, '/')) {
            *p = '\0';
            mkdir(path, 0755);
            *p = '/';
        }
        if (write_whole(path, text, (size_t)n))
            warn("write", path);
        return;
    }
    ssize_t old_size = read_whole(path, old, sizeof old);
    if (old_size == n && memcmp(text, old, (size_t)n) == 0)
        return;
    if (old_size < 0) {
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0) {
            warn("make", path);
            return;
        }
        close(fd);
        strcpy(made, path);
    }
    if (write_whole(in_root(plan, "/run/.resolv.conf", copy), text, (size_t)n) ||
        mount(copy, path, NULL, MS_BIND, NULL))
        warn("mount", path);
    unlink(copy);
}

void chroot_clean(void)
{
    struct stat st;

    if (!made[0])
        return;
    umount2(made, MNT_DETACH);
    if (stat(made, &st) == 0 && st.st_size == 0)
        unlink(made);
}

/* ---- All ---- */

static void mount_asked(const struct chroot_plan *plan, const struct chroot_bind *bind)
{
    char path[PATH_MAX];
    struct stat st;

    if (stat(bind->from, &st)) {
        warn("find", bind->from);
        return;
    }
    in_root(plan, bind->to, path);
    if (S_ISDIR(st.st_mode) && mkdir(path, 0755) && errno != EEXIST) {
        warn("make", path);
        return;
    }
    if (!S_ISDIR(st.st_mode))
        close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    if (mount_bind(bind->from, path))
        warn("mount", path);
}

int chroot_mount(const struct chroot_plan *plan)
{
    if (mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL))
        warn("make private the mounts of", "/");
    /* A mount point, so that / has an entry in the tables of mounts inside. */
    if (mount_bind(plan->dir, plan->dir))
        warn("mount", plan->dir);
    if (mount_proc(plan))
        return -1;
    mount_host_tree(plan, "/sys");
    mount_host_tree(plan, "/dev");
    mount_run(plan);
    mount_resolv(plan);
    for (unsigned i = 0; i < plan->bind_count; i++)
        mount_asked(plan, &plan->binds[i]);
    return 0;
}
