/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads that fork, spawn, allocate and compute under a storm of signals. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static volatile int handled, stop;
static __thread int own;

static void handler(int sig)
{
    (void)sig;
    handled++;
    own++;
}
static void *shortlived(void *arg)
{
    size_t n = 100 + (size_t)arg % 1000;
    char *p = malloc(n);
    memset(p, 1, n);
    free(p);
    return arg;
}
static void check(pid_t pid, int want)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            perror("waitpid");
    if (status != want)
        printf("status %x instead of %x\n", status, want);
}
static void *forks(void *arg)
{
    for (int i = 0; i < 25; i++) {
        pid_t pid = fork();
        if (!pid) {
            char *p = malloc(5000);
            memset(p, 2, 5000);
            free(p);
            _exit(7);
        }
        check(pid, 7 << 8);
    }
    return arg;
}
static void *spawns(void *arg)
{
    char *argv[] = {"sh", "-c", "exit 9", NULL};
    for (int i = 0; i < 20; i++) {
        pid_t pid;
        int r = posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ);
        if (r)
            printf("spawn: %s\n", strerror(r));
        else
            check(pid, 9 << 8);
    }
    return arg;
}
static void *computes(void *arg)
{
    unsigned long x = (unsigned long)arg;
    for (unsigned long i = 1; !stop; i++) {
        x = x * 6364136223846793005ul + 1;
        if (i % 65536 == 0)
            free(malloc(x >> 50));
    }
    return NULL;
}
static void *sends(void *arg)
{
    while (!stop) {
        pthread_kill(*(pthread_t *)arg, SIGUSR1);
        usleep(200);
    }
    return NULL;
}

int main(void)
{
    pthread_t t[6];
    void *result;
    struct sigaction sa = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &sa, NULL);
    sigaction(SIGUSR1, &sa, NULL);
    for (long i = 0; i < 300; i++) {
        pthread_create(&t[0], NULL, shortlived, (void *)i);
        pthread_join(t[0], &result);
        if ((long)result != i)
            printf("result %ld instead of %ld\n", (long)result, i);
    }
    struct itimerval it = {{0, 400}, {0, 400}};
    setitimer(ITIMER_REAL, &it, NULL);
    pthread_create(&t[0], NULL, computes, (void *)1);
    pthread_create(&t[1], NULL, computes, (void *)2);
    pthread_create(&t[2], NULL, forks, NULL);
    pthread_create(&t[3], NULL, forks, NULL);
    pthread_create(&t[4], NULL, spawns, NULL);
    pthread_create(&t[5], NULL, sends, &t[0]);
    for (int i = 2; i < 5; i++)
        pthread_join(t[i], NULL);
    stop = 1;
    pthread_join(t[5], NULL);
    pthread_join(t[0], NULL);
    pthread_join(t[1], NULL);
    memset(&it, 0, sizeof it);
    setitimer(ITIMER_REAL, &it, NULL);
    printf("signals %d\n", handled > 50);
    return 0;
}
