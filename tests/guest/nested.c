/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A signal comes in before a handler or after it, never between its return and
 * sigreturn: the C library's unwinder can't go through two frames that meet there,
 * and a thread that is cancelled there would crash. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <ucontext.h>

static pthread_t target;
static atomic_bool ended;
static volatile uintptr_t trampoline;
static volatile long between, others, steps;

/* Code without a loop, in which no signal is taken before its end. */
#define TWICE(x) x x
#define LONG(x)  TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(x))))))))

static uintptr_t interrupted_pc(const ucontext_t *uc)
{
#if defined __aarch64__
    return uc->uc_mcontext.pc;
#elif defined __powerpc64__
    return uc->uc_mcontext.gp_regs[32];
#elif defined __powerpc__
    return uc->uc_mcontext.uc_regs->gregs[32];
#else
    (void)uc;
    return 0; /* a native run may be interrupted anywhere */
#endif
}

static void on_usr1(int sig)
{
    (void)sig;
    trampoline = (uintptr_t)__builtin_extract_return_addr(__builtin_return_address(0));
    LONG(steps++;)
}

static void on_usr2(int sig, siginfo_t *info, void *uc)
{
    (void)sig;
    (void)info;
    others++;
    if (interrupted_pc(uc) - trampoline < 12)
        between++;
}

static void *send(void *arg)
{
    while (!ended)
        pthread_kill(target, SIGUSR2);
    return arg;
}

int main(void)
{
    struct sigaction usr1 = {.sa_handler = on_usr1},
                     usr2 = {.sa_sigaction = on_usr2, .sa_flags = SA_SIGINFO};
    pthread_t sender;

    target = pthread_self();
    sigaction(SIGUSR1, &usr1, NULL);
    raise(SIGUSR1); /* without SA_SIGINFO: ppc has a trampoline of its own for it */
    sigaction(SIGUSR2, &usr2, NULL);
    pthread_create(&sender, NULL, send, NULL);
    for (int i = 0; i < 20000; i++) {
        if (i == 10000) {
            usr1.sa_flags = SA_SIGINFO;
            sigaction(SIGUSR1, &usr1, NULL);
        }
        pthread_kill(target, SIGUSR1);
    }
    ended = 1;
    pthread_join(sender, NULL);
    printf("%s, between a handler and sigreturn %ld\n", others ? "nested" : "never nested",
           between);
    return 0;
}
