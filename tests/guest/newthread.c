/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A thread inherits the mask of blocked signals before anything can come in: the signals that C
 * libraries keep for themselves too. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    THREADS = 200,
    FLAGS = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
            CLONE_CHILD_CLEARTID
};

static char stack[65536] __attribute__((aligned(64)));
static volatile int alive;

static int nothing(void *arg)
{
    (void)arg;
    return 0;
}

int main(void)
{
    enum { BITS = 8 * sizeof(long) };
    unsigned long set[64 / BITS];
    struct timespec none = {0, 0};

    memset(set, 0xff, sizeof set);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, set, NULL, sizeof set);
    for (int sig = 32; sig <= 34; sig++)
        kill(getpid(), sig);
    for (int i = 0; i < THREADS; i++) {
        alive = 1;
        if (clone(nothing, stack + sizeof stack, FLAGS, NULL, NULL, NULL, (void *)&alive) < 0)
            return 1;
        while (alive)
            sched_yield();
    }
    for (int sig = 32; sig <= 34; sig++) {
        memset(set, 0, sizeof set);
        set[(sig - 1) / BITS] = 1ul << (sig - 1) % BITS;
        printf("%ld\n", syscall(SYS_rt_sigtimedwait, set, NULL, &none, sizeof set));
    }
    return 0;
}
