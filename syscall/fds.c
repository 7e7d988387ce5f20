/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/fds.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

static int hidden[FDS_HIDDEN_MAX];
static unsigned hidden_count;
uint32_t fds_hidden_low = UINT32_MAX;

int fds_hide(int fd)
{
    struct rlimit limit;
    int low = FDS_TOP - FDS_HIDDEN_MAX, copy;

    if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < FDS_TOP)
        low = limit.rlim_cur > 2 * FDS_HIDDEN_MAX ? (int)limit.rlim_cur - FDS_HIDDEN_MAX : 3;
    unsigned i = 0;
    while (i < hidden_count && hidden[i] >= 0)
        i++;
    if (fd < 0 || i == FDS_HIDDEN_MAX)
        return fd;
    copy = fcntl(fd, F_DUPFD_CLOEXEC, low);
    if (copy >= 0)
        close(fd);
    else
        copy = fd;
    hidden[i] = copy;
    if (i == hidden_count)
        hidden_count++;
    fds_hidden_low = fds_next_hidden(0);
    return copy;
}

void fds_forget(int fd)
{
    for (unsigned i = 0; i < hidden_count; i++)
        if (hidden[i] == fd)
            hidden[i] = -1;
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
