/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Actions, flags, masks, queues, nesting and waiting of signals. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char trace[4096];
static void note(const char *fmt, int a, int b)
{
    sprintf(trace + strlen(trace), fmt, a, b);
}
static void show(const char *what)
{
    printf("%s: %s\n", what, trace);
    trace[0] = 0;
}
static void plain(int sig)
{
    note(" [%d", sig, 0);
    note("]", 0, 0);
}
static void info(int sig, siginfo_t *si, void *uc)
{
    (void)uc;
    note(" %d:code%d", sig, si->si_code);
    note(":val%d:mine%d", si->si_value.sival_int, si->si_pid == getpid());
}
static void nested(int sig)
{
    note(" <%d", sig, 0);
    if (sig == SIGUSR1)
        raise(SIGUSR2);
    if (sig == SIGUSR2)
        raise(SIGALRM);
    note(" %d>", sig, 0);
}
static void reraise_once(int sig)
{
    static int count;
    int n = ++count % 3;
    note(" (%d", n, 0);
    if (n)
        raise(sig);
    note(" %d)", n, 0);
}
static sigjmp_buf env;
static void jump(int sig)
{
    siglongjmp(env, sig);
}
static void mask_seen(int sig)
{
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    note(" in %d:", sig, 0);
    for (int i = 1; i < 65; i++)
        if (sigismember(&now, i) == 1)
            note(" %d", i, 0);
}
static void set(int sig, void *handler, int flags, ...)
{
    struct sigaction sa = {.sa_flags = flags};
    sa.sa_handler = (void (*)(int))handler;
    if (sigaction(sig, &sa, NULL))
        printf("sigaction %d: %s\n", sig, strerror(errno));
}
static int status_of(void (*child)(void))
{
    int status;
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        child();
        _exit(99);
    }
    waitpid(pid, &status, 0);
    return status & ~0x80;
}
static int die_sig;
static void die_raise(void)
{
    raise(die_sig);
}
static void die_kill(void)
{
    kill(getpid(), die_sig);
}
static void die_ignored_fault(void)
{
    signal(SIGSEGV, SIG_IGN);
    *(volatile int *)16 = 1;
}
static void die_blocked_fault(void)
{
    sigset_t s;
    sigemptyset(&s);
    sigaddset(&s, SIGSEGV);
    sigprocmask(SIG_BLOCK, &s, NULL);
    *(volatile int *)16 = 1;
}
static void die_reset(void)
{
    set(SIGUSR1, plain, SA_RESETHAND);
    raise(SIGUSR1);
    if (!trace[0])
        _exit(1);
    raise(SIGUSR1);
}
static void die_pipe(void)
{
    int p[2];
    pipe(p);
    close(p[0]);
    write(p[1], "x", 1);
}

int main(void)
{
    sigset_t s, old, pend;
    struct timespec ms = {0, 20000000}, zero = {0, 0};
    siginfo_t si;

    set(SIGUSR1, plain, 0);
    raise(SIGUSR1);
    kill(getpid(), SIGUSR1);
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1);
    show("plain");

    for (int i = 0; i < 4; i++)
        set((int[]){SIGUSR1, SIGRTMIN, SIGRTMIN + 5, SIGRTMAX}[i], info, SA_SIGINFO);
    sigfillset(&s);
    sigprocmask(SIG_BLOCK, &s, &old);
    for (int i = 0; i < 3; i++) {
        sigqueue(getpid(), SIGRTMIN + 5, (union sigval){.sival_int = i});
        sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 10 + i});
        sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 20 + i});
        sigqueue(getpid(), SIGRTMAX, (union sigval){.sival_int = 30 + i});
    }
    sigpending(&pend);
    for (int i = 1; i < 65; i++)
        if (sigismember(&pend, i) == 1)
            note(" %d", i, 0);
    show("pending");
    sigprocmask(SIG_SETMASK, &old, NULL);
    show("queued");

    set(SIGUSR1, nested, 0);
    set(SIGUSR2, nested, 0);
    set(SIGALRM, nested, 0);
    raise(SIGUSR1);
    show("nested");
    set(SIGUSR1, reraise_once, SA_NODEFER);
    raise(SIGUSR1);
    show("nodefer");
    set(SIGUSR1, reraise_once, 0);
    raise(SIGUSR1);
    show("defer");

    struct sigaction sa = {.sa_handler = mask_seen};
    sigaddset(&sa.sa_mask, SIGUSR2);
    sigaddset(&sa.sa_mask, SIGSEGV);
    sigaddset(&sa.sa_mask, SIGKILL);
    sigaction(SIGUSR1, &sa, NULL);
    raise(SIGUSR1);
    note(" after:", 0, 0);
    mask_seen(0);
    show("mask");

    for (volatile int i = 0; i < 3; i++) {
        set(SIGUSR1, jump, 0);
        int v = sigsetjmp(env, 1);
        if (!v) {
            raise(SIGUSR1);
            puts("not reached");
        }
        sigprocmask(SIG_BLOCK, NULL, &s);
        note(" jumped %d blocked %d", v, sigismember(&s, SIGUSR1));
    }
    show("siglongjmp");

    /* A synchronous signal that somebody sends, blocked and not. */
    set(SIGSEGV, info, SA_SIGINFO);
    kill(getpid(), SIGSEGV);
    sigemptyset(&s);
    sigaddset(&s, SIGSEGV);
    sigprocmask(SIG_BLOCK, &s, &old);
    kill(getpid(), SIGSEGV);
    sigpending(&pend);
    note(" pending %d", sigismember(&pend, SIGSEGV), 0);
    sigprocmask(SIG_SETMASK, &old, NULL);
    show("sent SIGSEGV");

    /* Waiting. */
    sigemptyset(&s);
    sigaddset(&s, SIGUSR1);
    sigaddset(&s, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &s, &old);
    note(" %d", sigtimedwait(&s, &si, &zero), 0);
    note(" errno %d", errno, 0);
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 7});
    note(" %d", sigtimedwait(&s, &si, &ms), 0);
    note(" value %d code %d", si.si_value.sival_int, si.si_code);
    raise(SIGUSR1);
    int sig;
    sigwait(&s, &sig);
    note(" sigwait %d", sig, 0);
    show("wait");

    set(SIGUSR1, plain, 0);
    pid_t child = fork();
    if (!child) {
        usleep(30000);
        kill(getppid(), SIGUSR1);
        _exit(0);
    }
    sigset_t none;
    sigemptyset(&none);
    int r = sigsuspend(&none);
    note(" %d %d", r, errno == EINTR);
    sigprocmask(SIG_BLOCK, NULL, &pend);
    note(" still blocked %d", sigismember(&pend, SIGUSR1), 0);
    waitpid(child, NULL, 0);
    show("sigsuspend");

    raise(SIGUSR1);
    errno = 0;
    r = ppoll(NULL, 0, NULL, &none);
    note(" ppoll %d %d", r, errno == EINTR);
    raise(SIGUSR1);
    errno = 0;
    r = pselect(0, NULL, NULL, NULL, &ms, &none);
    note(" pselect %d %d", r, errno == EINTR);
    raise(SIGUSR1);
    errno = 0;
    struct epoll_event ev;
    int ep = epoll_create1(0);
    r = epoll_pwait(ep, &ev, 1, 1000, &none);
    note(" epoll %d %d", r, errno == EINTR);
    r = ppoll(NULL, 0, &ms, &none);
    note(" quiet %d", r, 0);
    sigprocmask(SIG_BLOCK, NULL, &pend);
    note(" still blocked %d", sigismember(&pend, SIGUSR1), 0);
    show("mask arguments");

    sigaddset(&s, SIGUSR2);
    sigprocmask(SIG_BLOCK, &s, NULL);
    int fd = signalfd(-1, &s, SFD_NONBLOCK);
    struct signalfd_siginfo fdsi;
    note(" %d", (int)read(fd, &fdsi, sizeof fdsi), 0);
    sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 5});
    note(" %d", (int)read(fd, &fdsi, sizeof fdsi), 0);
    note(" %d %d", (int)fdsi.ssi_signo, fdsi.ssi_int);
    show("signalfd");
    sigprocmask(SIG_SETMASK, &old, NULL);

    /* Sleep, interrupted. */
    set(SIGALRM, plain, SA_RESTART);
    alarm(1);
    struct timespec req = {3, 0}, rem = {0, 0};
    r = nanosleep(&req, &rem);
    note(" %d left %d", r, rem.tv_sec == 1 || rem.tv_sec == 2);
    show("nanosleep");

    /* Actions read back. */
    struct sigaction got;
    sigemptyset(&sa.sa_mask);
    sa.sa_handler = plain;
    sa.sa_flags = SA_RESTART | SA_NODEFER | 0x400 | 0x100;
    sigaction(SIGUSR2, &sa, NULL);
    sigaction(SIGUSR2, NULL, &got);
    printf("flags %x same %d\n", got.sa_flags & ~0x04000000, got.sa_handler == plain);
    printf("bad %d", sigaction(SIGKILL, &sa, NULL));
    printf(" %d", sigaction(65, &sa, NULL));
    printf(" %d", sigaction(0, &sa, NULL));
    printf(" %d\n", kill(getpid(), 70));

    /* Deaths. */
    die_sig = SIGTERM;
    printf("TERM %x\n", status_of(die_raise));
    die_sig = SIGSEGV;
    set(SIGSEGV, SIG_DFL, 0);
    printf("SEGV %x\n", status_of(die_raise));
    die_sig = SIGABRT;
    printf("ABRT %x\n", status_of(die_kill));
    die_sig = SIGRTMAX;
    set(SIGRTMAX, SIG_DFL, 0);
    printf("RTMAX %x\n", status_of(die_kill));
    die_sig = SIGKILL;
    printf("KILL %x\n", status_of(die_kill));
    die_sig = SIGCHLD;
    printf("CHLD %x\n", status_of(die_kill));
    die_sig = SIGFPE;
    printf("FPE %x\n", status_of(die_kill));
    die_sig = SIGTRAP;
    printf("TRAP %x\n", status_of(die_kill));
    printf("ignored fault %x\n", status_of(die_ignored_fault));
    printf("blocked fault %x\n", status_of(die_blocked_fault));
    printf("reset %x\n", status_of(die_reset));
    printf("pipe %x\n", status_of(die_pipe));

    /* Ignored is ignored, also after exec and in children. */
    signal(SIGUSR1, SIG_IGN);
    raise(SIGUSR1);
    signal(SIGCHLD, SIG_IGN);
    child = fork();
    if (!child)
        _exit(3);
    r = waitpid(child, NULL, 0);
    printf("no zombie %d %d\n", r, errno == ECHILD);
    set(SIGCHLD, plain, SA_NOCLDSTOP);
    child = fork();
    if (!child) {
        raise(SIGSTOP);
        _exit(0);
    }
    waitpid(child, NULL, WUNTRACED);
    kill(child, SIGCONT);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    show("SIGCHLD");
    fflush(stdout);
    execl("/bin/sh", "sh", "-c", "kill -USR1 $$; echo survived USR1; kill -TERM $$", NULL);
}
