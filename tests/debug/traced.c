/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls with arguments of many kinds, for --strace. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    struct sigaction sa = {.sa_handler = SIG_IGN, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_END, .l_start = -3, .l_len = 10};
    int fds[2], pair[2], on = 1;
    socklen_t len = sizeof on;

    sigaddset(&sa.sa_mask, SIGUSR1);
    pipe2(fds, O_CLOEXEC | O_NONBLOCK);
    fcntl(fds[0], F_GETFD);
    fcntl(fds[0], F_GETFL);
    fcntl(1, F_SETLK, &lock);
    sigaction(SIGPIPE, &sa, NULL);
    prctl(PR_SET_NAME, "traced");
    prctl(PR_GET_DUMPABLE);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    setsockopt(pair[0], SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    getsockopt(pair[0], SOL_SOCKET, SO_TYPE, &on, &len);
    struct pollfd p = {pair[0], POLLIN | POLLRDHUP, 0};
    poll(&p, 1, 0);
    dup3(1, 77, O_CLOEXEC);
    return 0;
}
