/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs ferry and keeps kicking it out of generated code (signal/stop.h), at whatever instruction
 * it is.  Nothing may come of that.
 *
 *     kick MICROSECONDS FERRY [ARG...]    so long between kicks
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "signal/stop.h"

/* It has a handler for SIGTRAP. */
static bool is_ready(pid_t pid)
{
    char name[32], line[256];
    unsigned long caught = 0;
    snprintf(name, sizeof name, "/proc/%d/status", (int)pid);
    FILE *f = fopen(name, "r");
    while (f && fgets(line, sizeof line, f))
        sscanf(line, "SigCgt: %lx", &caught);
    if (f)
        fclose(f);
    return caught >> (SIGTRAP - 1) & 1;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: kick MICROSECONDS FERRY [ARG...]\n");
        return 2;
    }
    useconds_t pause = (useconds_t)atoi(argv[1]);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execv(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    siginfo_t info = {.si_signo = SIGTRAP, .si_code = STOP_KICK_CODE};
    info.si_pid = pid;
    int status;
    bool ready = false;
    while (waitpid(pid, &status, WNOHANG) != pid) {
        ready = ready || is_ready(pid);
        if (ready)
            syscall(SYS_rt_tgsigqueueinfo, pid, pid, SIGTRAP, &info);
        usleep(pause);
    }
    if (WIFSIGNALED(status)) {
        signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
    }
    return WEXITSTATUS(status);
}
