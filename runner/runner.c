/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/runner.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "syscall/fds.h"

static int self_fd = -1;

void runner_fail(int status, const char *what, const char *where, const char *why)
{
    fprintf(stderr, "ferry: %s: %s: %s\n", what, where, why);
    exit(status);
}

/* Is fd the file that this process runs?  Without /proc nobody else says. */
static bool is_self(int fd)
{
    extern const char __ehdr_start[] __attribute__((visibility("hidden")));
    char head[64];

    return fd >= 0 && pread(fd, head, sizeof head, 0) == sizeof head &&
           memcmp(head, __ehdr_start, sizeof head) == 0;
}

void runner_open_self(int inherited)
{
    int fd;

    if (self_fd >= 0)
        return;
    fd = inherited >= 0 ? inherited : open("/proc/self/exe", O_PATH | O_CLOEXEC);
    if (fd < 0) {
        /* The program's name, if binfmt_misc started ferry. */
        fd = open((const char *)getauxval(AT_EXECFN), O_RDONLY | O_CLOEXEC);
        if (!is_self(fd)) {
            close(fd);
            return;
        }
    }
    self_fd = fds_hide(fd);
}

int runner_self_fd(void)
{
    return self_fd;
}
