/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/fds.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Written at start only; a vfork child inherits the same numbers. */
static int hidden[FDS_HIDDEN_MAX];
static unsigned hidden_count;
uint32_t fds_hidden_low = UINT32_MAX;

int fds_hide(int fd)
{
    struct rlimit limit;
    int high = -1;

    if (hidden_count == FDS_HIDDEN_MAX)
        return fd;
    /* A table for a million descriptors would cost real memory. */
    if (!getrlimit(RLIMIT_NOFILE, &limit)) {
        rlim_t top = limit.rlim_cur < 65536 ? limit.rlim_cur : 65536;

        if (top > FDS_HIDDEN_MAX)
            high = fcntl(fd, F_DUPFD_CLOEXEC, (int)top - FDS_HIDDEN_MAX);
    }
    if (high >= 0)
        close(fd);
    else
        high = fd;
    hidden[hidden_count++] = high;
    fds_hidden_low = fds_next_hidden(0);
    return high;
}

void fds_unhide(int fd)
{
    for (unsigned i = 0; i < hidden_count; i++) {
        if (hidden[i] == fd) {
            hidden[i] = hidden[--hidden_count];
            break;
        }
    }
    fds_hidden_low = fds_next_hidden(0);
}

bool fds_is_hidden(uint32_t fd)
{
    return fds_next_hidden(fd) == fd && fd != UINT32_MAX;
}

uint32_t fds_next_hidden(uint32_t fd)
{
    uint32_t next = UINT32_MAX;

    for (unsigned i = 0; i < hidden_count; i++)
        if ((uint32_t)hidden[i] >= fd && (uint32_t)hidden[i] < next)
            next = (uint32_t)hidden[i];
    return next;
}
