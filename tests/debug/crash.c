/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ends by a signal of core dumps, with a second thread that sleeps in a system
 * call and a third that computes:
 *
 *     crash segv | abort | quit | trap | fpe
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

volatile unsigned long counter, table[4] = {11, 22, 33, 44};
volatile int *nowhere = (int *)0x1230;
double half = 0.5;

__attribute__((noinline)) void sleeper_function(int *number)
{
    int pipe_fd[2];
    char c;

    if (pipe(pipe_fd))
        return;
    *number = 4711;
    if (read(pipe_fd[0], &c, 1) != 1)
        *number = 1;
}

void *sleeper(void *arg)
{
    int number;

    (void)arg;
    sleeper_function(&number);
    return NULL;
}

void *worker(void *arg)
{
    (void)arg;
    for (;;)
        counter++;
}

__attribute__((noinline)) void crash_here(const char *how, int depth)
{
    volatile int local = depth * 100;

    if (depth < 3) {
        crash_here(how, depth + 1);
    } else if (!strcmp(how, "segv")) {
        *nowhere = local;
    } else if (!strcmp(how, "abort")) {
        abort();
    } else if (!strcmp(how, "quit")) {
        kill(getpid(), SIGQUIT);
        pause();
    } else if (!strcmp(how, "fpe")) {
        raise(SIGFPE);
    } else {
        __builtin_trap();
    }
    local++;
}

int main(int argc, char **argv)
{
    pthread_t thread[2];

    pthread_create(&thread[0], NULL, sleeper, NULL);
    pthread_create(&thread[1], NULL, worker, NULL);
    while (counter < 1000)
        ;
    usleep(20000);
    crash_here(argc > 1 ? argv[1] : "segv", 1);
    return 0;
}
