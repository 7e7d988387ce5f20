/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Our descriptors lie at the end of what programs usually have. */
enum { OWN_FDS = 4, OWN_FDS_TOP = 1024 };
static int own_fd[OWN_FDS];
static int own_fd_count;
static int self_fd = -1;

void runner_fail(int status, const char *what, const char *where, const char *why)
{
    fprintf(stderr, "ferry: %s: %s: %s\n", what, where, why);
    exit(status);
}

int runner_keep_fd(int fd)
{
    struct rlimit rl;
    int low = OWN_FDS_TOP - OWN_FDS;

    if (getrlimit(RLIMIT_NOFILE, &rl) == 0 && rl.rlim_cur < OWN_FDS_TOP)
        low = rl.rlim_cur > 2 * OWN_FDS ? (int)rl.rlim_cur - OWN_FDS : 3;
    int kept = fcntl(fd, F_DUPFD_CLOEXEC, low);
    if (kept < 0)
        return fd;
    own_fd[own_fd_count++] = kept;
    return kept;
}

bool runner_owns_fd(int fd)
{
    for (int i = 0; i < own_fd_count; i++) {
        if (own_fd[i] == fd)
            return true;
    }
    return false;
}

void runner_open_self(void)
{
    int fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);

    if (fd < 0)
        return;
    self_fd = runner_keep_fd(fd);
    if (self_fd != fd)
        close(fd);
}

int runner_self_fd(void)
{
    return self_fd;
}
