/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connects to a local socket in the directory that is its argument, by absolute
 * names; that directory is in the sysroot. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "socket"};
    socklen_t len = sizeof un;
    int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);

    if (argc < 2 || chdir(argv[1]) || bind(server, (struct sockaddr *)&un, len) ||
        listen(server, 1)) {
        perror("bind");
        return 1;
    }
    snprintf(un.sun_path, sizeof un.sun_path, "%s/socket", argv[1]);
    if (connect(client, (struct sockaddr *)&un, len))
        perror("connect");
    printf("%d\n", write(client, "x", 1) == 1);
    unlink(un.sun_path);
    printf("%d\n", access("socket", F_OK));
    return 0;
}
