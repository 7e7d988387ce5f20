/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways to make processes and to run programs, and what is inherited. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static char self[4096];
static volatile int shared;
static void quiet(int sig)
{
    (void)sig;
    shared += 100;
}

static int finish(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return status & ~0x80;
}
/* What a child sees of masks, dispositions, descriptors, arguments. */
static int child_report(int argc, char **argv)
{
    sigset_t s;
    struct sigaction sa;
    printf("child argv0=%s argc=%d", argv[0], argc);
    for (int i = 2; i < argc; i++)
        printf(" [%s]", argv[i]);
    printf(" env=%s blocked:", getenv("GREETING") ? getenv("GREETING") : "none");
    sigprocmask(SIG_BLOCK, NULL, &s);
    for (int i = 1; i < 65; i++)
        if (sigismember(&s, i) == 1)
            printf(" %d", i);
    printf(" ignored:");
    for (int i = 1; i < 32; i++)
        if (!sigaction(i, NULL, &sa) && sa.sa_handler == SIG_IGN)
            printf(" %d", i);
    printf(" open:");
    for (int i = 3; i < 60; i++)
        if (fcntl(i, F_GETFD) >= 0)
            printf(" %d", i);
    for (char **e = environ; *e; e++)
        if (!strncmp(*e, "FERRY", 5))
            printf(" leaked %s", *e);
    printf("\n");
    return 42;
}
static int clone_main(void *arg)
{
    shared += (int)(intptr_t)arg;
    return 5;
}
static void *exec_thread(void *arg)
{
    (void)arg;
    execl(self, "from-thread", "report", NULL);
    return NULL;
}
static void *last_thread(void *arg)
{
    (void)arg;
    usleep(100000);
    printf("the last thread\n");
    fflush(stdout);
    return NULL;
}
static void *exit_thread(void *arg)
{
    (void)arg;
    exit(17);
}
static void *fork_thread(void *arg)
{
    (void)arg;
    pid_t pid = fork();
    if (!pid) {
        char *p = malloc(1000);
        snprintf(p, 1000, "forked from a thread: %d\n", getpid() == (pid_t)syscall(SYS_gettid));
        fputs(p, stdout);
        fflush(stdout);
        free(p);
        _exit(3);
    }
    return (void *)(intptr_t)finish(pid);
}
static void write_file(const char *name, const char *text, int mode)
{
    int fd = open(name, O_CREAT | O_TRUNC | O_WRONLY, 0700);
    write(fd, text, strlen(text));
    fchmod(fd, mode);
    close(fd);
}
static void try(const char *name)
{
    char *args[] = {"try", "report", "x", NULL};
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        execve(name, args, environ);
        printf("%s: errno %d\n", strrchr(name, '/') ? strrchr(name, '/') : name, errno);
        fflush(stdout);
        _exit(1);
    }
    printf("%x\n", finish(pid));
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc > 1 && !strcmp(argv[1], "report"))
        return child_report(argc, argv);
    if (argc > 2 && strstr(argv[1], "scr")) { /* as a script's interpreter */
        printf("script %d %s\n", argc, argv[2]);
        return 7;
    }
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    self[len] = 0;
    pid_t pid;
    int r, status;
    setenv("GREETING", "hello world", 1);

    char *args[] = {"renamed", "report", "a b", "", "c", NULL};
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t fa;
    sigset_t s;
    posix_spawnattr_init(&attr);
    posix_spawn_file_actions_init(&fa);
    sigemptyset(&s);
    sigaddset(&s, SIGUSR1);
    sigaddset(&s, SIGSEGV);
    sigaddset(&s, SIGRTMIN + 2);
    posix_spawnattr_setsigmask(&attr, &s);
    posix_spawnattr_setsigdefault(&attr, &s);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                        POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_addopen(&fa, 20, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&fa, 1, 21);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, SIG_IGN);
    signal(SIGFPE, SIG_IGN);
    struct sigaction sa = {.sa_handler = quiet, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &sa, NULL);
    fcntl(open("/dev/null", O_RDONLY), F_DUPFD_CLOEXEC, 30);
    for (int i = 3; i < 30; i++)
        close(i);
    r = posix_spawn(&pid, self, &fa, &attr, args, environ);
    printf("spawn %d", r);
    printf(" %x\n", finish(pid));
    r = posix_spawn(&pid, "/nonexistent", NULL, NULL, args, environ);
    printf("spawn missing %d\n", r);

    /* vfork shares memory, and only memory. */
    shared = 1;
    pid = vfork();
    if (!pid) {
        shared = 7;
        signal(SIGALRM, SIG_DFL);
        signal(SIGTERM, SIG_IGN);
        sigemptyset(&s);
        sigaddset(&s, SIGHUP);
        sigprocmask(SIG_BLOCK, &s, NULL);
        chdir("/");
        close(30);
        _exit(6);
    }
    sigprocmask(SIG_BLOCK, NULL, &s);
    struct sigaction got, term;
    sigaction(SIGALRM, NULL, &got);
    sigaction(SIGTERM, NULL, &term);
    r = finish(pid);
    printf("vfork %x shared %d handler kept %d term kept %d mask kept %d fd kept %d\n", r, shared,
           got.sa_handler == quiet, term.sa_handler == SIG_DFL, !sigismember(&s, SIGHUP),
           fcntl(30, F_GETFD) >= 0);
    raise(SIGALRM);
    printf("handler ran %d\n", shared);
    pid = vfork();
    if (!pid) {
        execve(self, args, environ);
        _exit(127);
    }
    printf("%x\n", finish(pid));
    pid = vfork();
    if (!pid) {
        execve("/nonexistent", args, environ);
        _exit(errno);
    }
    printf("%x\n", finish(pid));
    pid = vfork();
    if (!pid)
        kill(getpid(), SIGKILL);
    printf("killed in vfork %x\n", finish(pid));

    /* clone in its forms. */
    char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    shared = 0;
    pid = clone(clone_main, stack + 65536, CLONE_VM | SIGCHLD, (void *)3);
    r = finish(pid);
    printf("clone vm %x %d\n", r, shared);
    pid = clone(clone_main, stack + 65536, CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)4);
    printf("clone vfork at once %d", shared);
    printf(" %x\n", finish(pid));
    pid = clone(clone_main, stack + 65536, SIGCHLD, (void *)8);
    r = finish(pid);
    printf("clone %x %d\n", r, shared);
    pid = clone(clone_main, stack + 65536, 0, (void *)8);
    r = waitpid(pid, &status, 0);
    printf("no signal %d", r == -1 && errno == ECHILD);
    r = waitpid(pid, &status, __WCLONE);
    printf(" %d %x\n", r == pid, status);
    int tid = 0, fd = -1;
    pid = clone(clone_main, stack + 65536, CLONE_PARENT_SETTID | SIGCHLD, (void *)8, &tid);
    printf("parent tid %d\n", tid == pid);
    finish(pid);
    pid = clone(clone_main, stack + 65536, CLONE_PIDFD | SIGCHLD, (void *)8, &fd);
    siginfo_t si = {0};
    r = waitid(P_PIDFD, (id_t)fd, &si, WEXITED);
    printf("pidfd %d %d %d %d\n", fd > 2, r, si.si_status, si.si_pid == pid);
    close(fd);
    struct {
        uint64_t flags, pidfd, ctid, ptid, sig, stack, size, tls;
    } ca = {.sig = SIGCHLD};
    int ctid = 0;
    ca.flags = CLONE_CHILD_SETTID | CLONE_PARENT_SETTID;
    ca.ctid = (uintptr_t)&ctid;
    ca.ptid = (uintptr_t)&tid;
    pid = (pid_t)syscall(SYS_clone3, &ca, sizeof ca);
    if (!pid)
        _exit(ctid == getpid() ? 11 : 12);
    printf("clone3 %d", tid == pid);
    printf(" %x\n", finish(pid));
    r = (int)syscall(SYS_clone3, &ca, 8);
    printf("clone3 small %d %d\n", r, errno);
    r = (int)syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0);
    printf("bad thread %d %d\n", r, errno);

    /* Waiting. */
    pid = fork();
    if (!pid)
        _exit(33);
    memset(&si, 0, sizeof si);
    r = waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT);
    printf("waitid %d code %d status %d uid %d signo %d\n", r, si.si_code, si.si_status,
           si.si_uid == getuid(), si.si_signo);
    printf("%x\n", finish(pid));
    pid = fork();
    if (!pid)
        for (;;)
            pause();
    r = waitpid(pid, &status, WNOHANG);
    printf("nohang %d\n", r);
    kill(pid, SIGTERM);
    printf("%x\n", finish(pid));

    /* Threads and processes. */
    pthread_t t;
    void *result;
    fflush(stdout);
    pthread_create(&t, NULL, fork_thread, NULL);
    pthread_join(t, &result);
    printf("%x\n", (int)(intptr_t)result);
    pid = fork();
    if (!pid) {
        pthread_create(&t, NULL, exec_thread, NULL);
        for (;;)
            pause();
    }
    r = finish(pid);
    printf("exec from a thread %x\n", r);
    pid = fork();
    if (!pid) {
        pthread_create(&t, NULL, last_thread, NULL);
        pthread_exit(NULL);
    }
    printf("first thread exits first %x\n", finish(pid));
    pid = fork();
    if (!pid) {
        pthread_create(&t, NULL, last_thread, NULL);
        syscall(SYS_exit, 21);
    }
    printf("status of the first %x\n", finish(pid));
    pid = fork();
    if (!pid) {
        pthread_create(&t, NULL, exit_thread, NULL);
        for (;;)
            pause();
    }
    printf("exit from a thread %x\n", finish(pid));

    /* What can't be run. */
    char dir[] = "/tmp/spawnXXXXXX", name[100], text[5000];
    mkdtemp(dir);
    chdir(dir);
    write_file("empty", "", 0755);
    write_file("garbage", "not a program", 0755);
    write_file("noexec", "#!/bin/sh\n", 0644);
    snprintf(text, sizeof text, "#! %s scr\nfoo\n", self);
    write_file("script", text, 0755);
    write_file("script2", "#!./script  two words \n", 0755);
    write_file("missing", "#!/nonexistent/x\n", 0755);
    write_file("elf", "\177ELF\2\1\1", 0755);
    symlink("loop", "loop");
    char *names[] = {"./empty",   "./garbage", "./noexec", "./script", "./script2",
                     "./missing", "./elf",     "./loop",   "./none",   "./script/x",
                     "/",         "",          self};
    for (unsigned i = 0; i < sizeof names / sizeof *names - 1; i++)
        try(names[i]);
    try(self);
    fd = open(self, O_RDONLY | O_CLOEXEC);
    pid = fork();
    if (!pid) {
        syscall(SYS_execveat, fd, "", args, environ, AT_EMPTY_PATH);
        _exit(errno);
    }
    r = finish(pid);
    printf("execveat %x\n", r);
    pid = fork();
    if (!pid) {
        char *huge[] = {"x", malloc(200000), NULL};
        memset(huge[1], 'x', 199999);
        huge[1][199999] = 0;
        execv(self, huge);
        _exit(errno);
    }
    printf("too long %x\n", finish(pid));
    pid = fork();
    if (!pid) {
        execv(self, (char **)16);
        _exit(errno);
    }
    printf("bad argv %x\n", finish(pid));
    sprintf(text, "cp %s busy", self);
    system(text);
    fd = open("busy", O_WRONLY);
    try("./busy");
    close(fd);
    try("./busy");
    sprintf(name, "rm -rf %s", dir);
    r = system(name);
    printf("system %d\n", r);

    /* Identity. */
    prctl(PR_SET_NAME, "renamed");
    prctl(PR_GET_NAME, name);
    printf("name %s\n", name);
    printf("dumpable %d\n", prctl(PR_GET_DUMPABLE));
    r = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    printf("nnp %d %d\n", r, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    r = prctl(12345, 0);
    printf("prctl %d %d\n", r, errno);
    struct utsname u;
    uname(&u);
    printf("%s %d\n", u.sysname, u.machine[0] != 0);
    cpu_set_t cs;
    printf("affinity %d\n", sched_getaffinity(0, sizeof cs, &cs) == 0 && CPU_COUNT(&cs) >= 1);
    printf("pgid %d sid %d\n", getpgid(0) == getpgrp(), getsid(0) > 0);
    return 0;
}
