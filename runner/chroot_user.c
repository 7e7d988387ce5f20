/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identities of an ordinary user in a root file system: user_namespaces(7).
 */
#include "runner/chroot_user.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct range {
    unsigned long first, count;
};

/* The user's name, without the C library's switch of name services: that needs
 * shared objects. */
static void user_name(uid_t uid, char name[256])
{
    FILE *f = fopen("/etc/passwd", "re");
    struct passwd *p;

    name[0] = '\0';
    while (f && (p = fgetpwent(f)))
        if (p->pw_uid == uid) {
            snprintf(name, 256, "%s", p->pw_name);
            break;
        }
    if (f)
        fclose(f);
}

/* The first range of the user in subuid(5) or subgid(5). */
static bool read_range(const char *file, uid_t uid, struct range *r)
{
    char name[256], line[512], owner[256], number[16];
    FILE *f = fopen(file, "re");
    bool found = false;

    user_name(uid, name);
    snprintf(number, sizeof number, "%u", uid);
    while (f && !found && fgets(line, sizeof line, f))
        found = sscanf(line, "%255[^:]:%lu:%lu", owner, &r->first, &r->count) == 3 &&
                (strcmp(owner, name) == 0 || strcmp(owner, number) == 0);
    if (f)
        fclose(f);
    return found;
}

static bool run_map(const char *tool, pid_t pid, unsigned self, const struct range *r)
{
    char words[4][24];
    int status;

    snprintf(words[0], sizeof words[0], "%d", (int)pid);
    snprintf(words[1], sizeof words[1], "%u", self);
    snprintf(words[2], sizeof words[2], "%lu", r->first);
    snprintf(words[3], sizeof words[3], "%lu", r->count);
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDERR_FILENO);
        execlp(tool, tool, words[0], "0", words[1], "1", "1", words[2], words[3], NULL);
        _exit(1);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static int write_text(const char *file, const char *text)
{
    int fd = open(file, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return -1;
    ssize_t n = write(fd, text, strlen(text));
    close(fd);
    return n < 0 ? -1 : 0;
}

/* One identity only: files can't be given to other users then. */
static int map_self(uid_t uid, gid_t gid)
{
    char text[32];

    /* Not there before Linux 3.19. */
    if (write_text("/proc/self/setgroups", "deny") && errno != ENOENT)
        return -1;
    snprintf(text, sizeof text, "0 %u 1", uid);
    if (write_text("/proc/self/uid_map", text))
        return -1;
    snprintf(text, sizeof text, "0 %u 1", gid);
    return write_text("/proc/self/gid_map", text);
}

/* A child in the old name space, to map us when we have left it and written a
 * byte to *go; its exit status says whether it could.  -1: no use. */
static pid_t start_mapper(uid_t uid, gid_t gid, int *go)
{
    struct range uids, gids;
    pid_t parent = getpid(), pid;
    int fd[2];
    char byte;

    if (!read_range("/etc/subuid", uid, &uids) || !read_range("/etc/subgid", uid, &gids) ||
        pipe2(fd, O_CLOEXEC))
        return -1;
    pid = fork();
    if (pid == 0) {
        close(fd[1]);
        if (read(fd[0], &byte, 1) != 1)
            _exit(1);
        _exit(!run_map("newgidmap", parent, gid, &gids) ||
              !run_map("newuidmap", parent, uid, &uids));
    }
    close(fd[0]);
    *go = fd[1];
    return pid;
}

int chroot_unshare(int flags)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    pid_t mapper = -1;
    int go = -1, status = -1;

    if (!(flags & CLONE_NEWUSER))
        return unshare(flags);
    mapper = start_mapper(uid, gid, &go);
    if (unshare(flags))
        return -1;
    if (mapper > 0) {
        if (write(go, "", 1) == 1)
            waitpid(mapper, &status, 0);
        close(go);
    }
    if (status == 0) {
        setgroups(0, NULL);
        return setresgid(0, 0, 0) || setresuid(0, 0, 0) ? -1 : 0;
    }
    return map_self(uid, gid);
}
