/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signal frames that the handler has damaged before it returns:
 *
 *     frames [WORKERS [SEED]]
 *
 * Workers are forked that may die of it, but by signals that such a program can get.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static uint64_t state;

static uint64_t rnd(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * UINT64_C(0x2545f4914f6cdd1d);
}

static uint64_t value(void)
{
    switch (rnd() % 5) {
    case 0:
        return 0;
    case 1:
        return ~(uint64_t)0;
    case 2:
        return rnd() % 4096;
    case 3:
        return (uint64_t)1 << rnd() % 64;
    default:
        return rnd();
    }
}

static void damage(int sig, siginfo_t *info, void *context)
{
    enum { WORD = sizeof(long) };
    char *frame = context;
    (void)sig;
    (void)info;
    for (unsigned n = 1 + rnd() % 4; n; n--) {
        unsigned long v = (unsigned long)value();
        if (rnd() % 4)
            memcpy(frame + rnd() % (sizeof(ucontext_t) / WORD) * WORD, &v, WORD);
        else
            frame[rnd() % sizeof(ucontext_t)] = (char)v;
    }
}

static void worker(void)
{
    static char stack[65536];
    const stack_t ss = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_sigaction = damage, .sa_flags = SA_SIGINFO};

    alarm(2);
    if (rnd() % 2) {
        sigaltstack(&ss, NULL);
        action.sa_flags |= SA_ONSTACK;
    }
    sigaction(SIGUSR1, &action, NULL);
    for (int i = 0; i < 20; i++)
        raise(SIGUSR1);
    _exit(0);
}

int main(int argc, char **argv)
{
    int workers = argc > 1 ? atoi(argv[1]) : 300, strange = 0;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    const struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
    for (int n = 0; n < workers; n++) {
        int status = 0;
        state = (seed * 1000003 + (unsigned)n) * UINT64_C(0x9e3779b97f4a7c15) | 1;
        pid_t pid = fork();
        if (pid == 0)
            worker();
        waitpid(pid, &status, 0);
        int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        if (sig && sig != SIGSEGV && sig != SIGILL && sig != SIGBUS && sig != SIGTRAP &&
            sig != SIGALRM && sig != SIGABRT && sig != SIGFPE) {
            printf("worker %d: signal %d\n", n, sig);
            strange++;
        }
    }
    puts(strange ? "strange" : "went on");
    return strange != 0;
}
