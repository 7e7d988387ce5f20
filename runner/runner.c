/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/runner.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "syscall/fds.h"

static int self_fd = -1;

void runner_fail(int status, const char *what, const char *where, const char *why)
{
    fprintf(stderr, "ferry: %s: %s: %s\n", what, where, why);
    exit(status);
}

void runner_open_self(void)
{
    int fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);

    if (fd >= 0)
        self_fd = fds_hide(fd);
}

int runner_self_fd(void)
{
    return self_fd;
}
