/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Something to be debugged:
 *
 *     steps         calls, a watched object, a signal, exit status 7
 *     steps fork    a child with exit status 3
 *     steps loop    runs until it is interrupted and changed
 *     steps exec    becomes `steps`
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct pair {
    int first, second;
} pair = {1, 2};
volatile int go_on = 1, signals;
volatile unsigned long turns;
double ratio = 1.5;

__attribute__((noinline)) int add(int a, int b)
{
    return a + b;
}

__attribute__((noinline)) void change(int value)
{
    pair.first = 1;
    pair.second = add(value, 1);
    pair.first = add(pair.second, 1);
}

static void on_signal(int sig)
{
    signals += sig;
}

__attribute__((noinline)) void in_child(int value)
{
    exit(value);
}

int main(int argc, char **argv)
{
    signal(SIGUSR1, on_signal);
    if (argc > 1 && !strcmp(argv[1], "fork")) {
        int status = 0;
        pid_t pid = fork();
        if (pid == 0)
            in_child(3);
        waitpid(pid, &status, 0);
        printf("child ended with %d\n", WEXITSTATUS(status));
        return 0;
    }
    if (argc > 1 && !strcmp(argv[1], "exec")) {
        execl(argv[0], argv[0], "again", NULL);
        return 1;
    }
    while (argc > 1 && !strcmp(argv[1], "loop") && go_on)
        turns++;
    for (int i = 0; i < 3; i++)
        change(10 * i);
    raise(SIGUSR1);
    printf("signals %d, pair %d %d\n", signals, pair.first, pair.second);
    return 7;
}
