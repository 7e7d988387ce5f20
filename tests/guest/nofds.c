/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that has used up its descriptors can still fork, in more than one generation,
 * and what it runs is its own. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int generation(int n)
{
    if (n == 0)
        return 7;
    pid_t pid = fork();
    if (pid < 0)
        return 99;
    if (pid == 0)
        _exit(generation(n - 1) + n);
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

int main(void)
{
    struct rlimit few = {32, 32};
    setrlimit(RLIMIT_NOFILE, &few);
    while (dup(1) >= 0)
        ;
    printf("%d\n", generation(4));
    return 0;
}
