/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that are refused: the errno of a kernel without the feature, and of one
 * that forbids tracing. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ABSENT(name)                                                                               \
    do {                                                                                           \
        errno = 0;                                                                                 \
        long r = syscall(SYS_##name, 0, 0, 0, 0, 0, 0);                                            \
        printf(#name ": %ld %s\n", r, errno == ENOSYS ? "ENOSYS" : "another");                     \
    } while (0)

static const char *name(void)
{
    return errno == EPERM ? "EPERM" : errno == ESRCH ? "ESRCH" : errno ? "another" : "none";
}

int main(void)
{
    ABSENT(bpf);
    ABSENT(perf_event_open);
    ABSENT(userfaultfd);
    ABSENT(io_uring_setup);
    ABSENT(io_uring_enter);
    ABSENT(rseq);
    ABSENT(kexec_load);
    ABSENT(init_module);
    ABSENT(pkey_alloc);

    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        errno = 0;
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        printf("traceme: %s\n", name());
        fflush(stdout);
        pause();
    }
    usleep(50000);
    errno = 0;
    ptrace(PTRACE_ATTACH, pid, 0, 0);
    printf("attach: %s\n", name());
    errno = 0;
    ptrace(PTRACE_SEIZE, pid, 0, 0);
    printf("seize: %s\n", name());
    errno = 0;
    ptrace(PTRACE_CONT, pid, 0, 0);
    printf("continue: %s\n", name());
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    errno = 0;
    ptrace(PTRACE_ATTACH, pid, 0, 0);
    printf("attach to nobody: %s\n", name());
    return 0;
}
