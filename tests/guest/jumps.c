/* SPDX-License-Identifier: GPL-2.0-or-later */
/* setjmp and longjmp out of depth, from signal handlers, in loops; contexts. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

static jmp_buf env;
static sigjmp_buf senv;
static void __attribute__((noinline)) down(int n)
{
    if (n == 0)
        longjmp(env, 5);
    down(n - 1);
    printf("");
}
static void handler(int sig)
{
    siglongjmp(senv, sig);
}
static ucontext_t main_context, coroutine[3];
static int turns;
static void body(int id)
{
    for (int i = 0; i < 4; i++) {
        printf("coroutine %d turn %d\n", id, i);
        turns++;
        swapcontext(&coroutine[id], &coroutine[(id + 1) % 3]);
    }
}

int main(void)
{
    volatile int count = 0;
    for (int i = 0; i < 300; i++) {
        int r = setjmp(env);
        if (r == 0)
            down(i);
        count += r;
    }
    printf("%d\n", count);
    signal(SIGUSR1, handler);
    signal(SIGSEGV, handler);
    for (volatile int i = 0; i < 50; i++) {
        int r = sigsetjmp(senv, 1);
        if (r == 0) {
            if (i & 1)
                raise(SIGUSR1);
            else
                *(volatile int *)(long)(i * 16) = 1;
            printf("not reached\n");
        } else
            count += r;
    }
    printf("%d\n", count);
    for (int i = 0; i < 3; i++) {
        getcontext(&coroutine[i]);
        coroutine[i].uc_stack.ss_sp = malloc(65536);
        coroutine[i].uc_stack.ss_size = 65536;
        coroutine[i].uc_link = &main_context;
        makecontext(&coroutine[i], (void (*)(void))body, 1, i);
    }
    swapcontext(&main_context, &coroutine[0]);
    printf("%d turns\n", turns);
    return count & 127;
}
