/* SPDX-License-Identifier: GPL-2.0-or-later */
/* threads N own|lock: N threads on work of their own, or taking turns at a lock. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 40000000, TURNS = 3000000, MAX = 16 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long shared;

static void *own(void *p)
{
    unsigned long x = (unsigned long)p + 1, sum = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        sum += x & 255;
    }
    return (void *)sum;
}

static void *turns(void *p)
{
    for (unsigned i = 0; i < TURNS; i++) {
        pthread_mutex_lock(&lock);
        shared = shared * 3 + 1;
        pthread_mutex_unlock(&lock);
    }
    return p;
}

int main(int argc, char **argv)
{
    unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : 2;
    void *(*work)(void *) = argc > 2 && !strcmp(argv[2], "lock") ? turns : own;
    pthread_t id[MAX];
    unsigned long sum = 0;
    for (unsigned long i = 0; i < n && i < MAX; i++)
        pthread_create(&id[i], NULL, work, (void *)i);
    for (unsigned i = 0; i < n && i < MAX; i++) {
        void *r;
        pthread_join(id[i], &r);
        sum += (unsigned long)r;
    }
    printf("%lu %lu\n", (unsigned long)(unsigned)sum, (unsigned long)(unsigned)shared);
    return 0;
}
