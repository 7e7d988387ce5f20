/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fork, vfork, pipes, exec of itself, wait, signals between processes. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static volatile sig_atomic_t got;
static void handler(int sig)
{
    got = got * 10 + (sig == SIGUSR1 ? 1 : sig == SIGUSR2 ? 2 : 3);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc > 1 && !strcmp(argv[1], "child")) {
        printf("child %s %s\n", argv[2], getenv("GREETING") ? getenv("GREETING") : "none");
        return atoi(argv[2]);
    }
    int p[2], status;
    for (int i = 0; i < 5; i++) {
        pipe(p);
        pid_t pid = fork();
        if (pid == 0) {
            char text[100];
            int n = sprintf(text, "from child %d", i);
            write(p[1], text, (size_t)n);
            if (i == 3)
                abort();
            if (i == 4)
                kill(getpid(), SIGKILL);
            _exit(i * 10);
        }
        close(p[1]);
        char buf[200];
        ssize_t n = read(p[0], buf, sizeof buf);
        close(p[0]);
        waitpid(pid, &status, 0);
        printf("%.*s: exited %d status %d signal %d\n", (int)n, buf, WIFEXITED(status),
               WIFEXITED(status) ? WEXITSTATUS(status) : 0,
               WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    }
    setenv("GREETING", "hello", 1);
    for (int i = 1; i < 4; i++) {
        char num[8];
        sprintf(num, "%d", i);
        char *args[] = {argv[0], "child", num, NULL};
        pid_t pid;
        if (i == 1) {
            pid = vfork();
            if (pid == 0) {
                execv("/proc/self/exe", args);
                _exit(127);
            }
        } else if (i == 2)
            posix_spawn(&pid, argv[0], NULL, NULL, args, environ);
        else if ((pid = fork()) == 0) {
            execve(argv[0], args, (char *[]){"X=1", NULL});
            _exit(127);
        }
        waitpid(pid, &status, 0);
        printf("status %d\n", WEXITSTATUS(status));
    }
    int e = execv("/nonexistent", argv);
    printf("exec missing: %d %s\n", e, strerror(errno));
    struct sigaction sa = {.sa_handler = handler};
    sigaction(SIGUSR1, &sa, NULL);
    sigaction(SIGUSR2, &sa, NULL);
    sigset_t set, old, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    raise(SIGUSR1);
    raise(SIGUSR2);
    sigpending(&pending);
    printf("got %d pending %d\n", (int)got, sigismember(&pending, SIGUSR1));
    sigprocmask(SIG_SETMASK, &old, NULL);
    printf("got %d\n", (int)got);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        usleep(20000);
        kill(parent, SIGUSR1);
        usleep(20000);
        _exit(0);
    }
    char c;
    pipe(p);
    ssize_t n = read(p[0], &c, 1);
    printf("read %zd %d\n", n, n < 0 && errno == EINTR);
    waitpid(pid, &status, 0);
    sa.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &sa, NULL);
    pid = fork();
    if (pid == 0) {
        usleep(20000);
        kill(parent, SIGUSR1);
        usleep(20000);
        write(p[1], "z", 1);
        _exit(0);
    }
    c = 0;
    n = read(p[0], &c, 1);
    printf("restarted read %zd %c\n", n, c);
    waitpid(pid, &status, 0);
    pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    kill(pid, SIGSTOP);
    waitpid(pid, &status, WUNTRACED);
    printf("stopped %d\n", WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    kill(pid, SIGCONT);
    waitpid(pid, &status, WCONTINUED);
    printf("continued %d\n", WIFCONTINUED(status));
    kill(pid, SIGTERM);
    waitpid(pid, &status, 0);
    printf("terminated %d\n", WTERMSIG(status) == SIGTERM);
    int sv[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, sv);
    write(sv[0], "ping", 4);
    struct pollfd pf = {.fd = sv[1], .events = POLLIN};
    e = poll(&pf, 1, 1000);
    printf("poll %d %d\n", e, pf.revents);
    char buf[10];
    printf("recv %zd\n", recv(sv[1], buf, sizeof buf, 0));
    FILE *f = popen("echo from the shell; exit 5", "r");
    char line[100];
    printf("%s", fgets(line, sizeof line, f));
    printf("%d\n", WEXITSTATUS(pclose(f)));
    printf("%d\n", WEXITSTATUS(system("exit 9")));
    e = wait(NULL);
    printf("%d %d\n", e, errno == ECHILD);
    n = write(p[1], (void *)8, 4);
    printf("efault %zd %d\n", n, errno == EFAULT);
    e = close(999);
    printf("ebadf %d %d\n", e, errno == EBADF);
    struct rlimit rl = {100, 200};
    e = setrlimit(RLIMIT_NOFILE, &rl);
    printf("rlimit %d %d\n", e, getrlimit(RLIMIT_NOFILE, &rl));
    printf("%ld %ld\n", (long)rl.rlim_cur, (long)rl.rlim_max);
    raise(SIGTERM);
    return 0;
}
