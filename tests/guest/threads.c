/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Four threads: atomics of all sizes, mutexes, condition variables, once,
 * thread-local storage, signals to threads, cancellation. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 4, ROUNDS = 20000 };
static _Atomic uint8_t a8;
static _Atomic uint16_t a16;
static _Atomic uint32_t a32;
static _Atomic uint64_t a64, acas;
static _Atomic unsigned long hits; /* lock-free, as a handler changes it */
static _Atomic(unsigned char) flags;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static long counter, spun;
static __thread long mine = 7;
static int turn, onces;
static void once(void)
{
    onces++;
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    hits += (unsigned long)info->si_value.sival_int;
}

static void *work(void *arg)
{
    long id = (long)arg;
    static pthread_once_t o = PTHREAD_ONCE_INIT;
    pthread_once(&o, once);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < ROUNDS; i++) {
        a8++, a16 += 3, a32 ^= 1u << (i & 31), a64 += (uint64_t)i;
        uint64_t old = acas;
        while (!atomic_compare_exchange_weak(&acas, &old, old * 3 + 1 - old * 2))
            ;
        atomic_fetch_or(&flags, (unsigned char)(1 << id));
        pthread_mutex_lock(&lock);
        counter++;
        pthread_mutex_unlock(&lock);
        if (i % 16 == 0) {
            pthread_spin_lock(&spin);
            spun++;
            pthread_spin_unlock(&spin);
            pthread_rwlock_rdlock(&rw);
            mine += turn >= 0;
            pthread_rwlock_unlock(&rw);
        }
    }
    for (int i = 0; i < 100; i++) {
        pthread_mutex_lock(&lock);
        while (turn % THREADS != id)
            pthread_cond_wait(&cond, &lock);
        turn++;
        pthread_cond_broadcast(&cond);
        pthread_mutex_unlock(&lock);
    }
    return (void *)mine;
}

static void *sleeper(void *arg)
{
    (void)arg;
    for (;;)
        pause();
}

static void *short_lived(void *arg)
{
    return (void *)((long)arg * 2);
}

int main(void)
{
    struct sigaction sa = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(SIGRTMIN, &sa, NULL);
    pthread_barrier_init(&barrier, NULL, THREADS);
    pthread_spin_init(&spin, 0);
    pthread_t t[THREADS];
    for (long i = 0; i < THREADS; i++)
        pthread_create(&t[i], NULL, work, (void *)i);
    /* Signals while they compute. */
    for (int i = 0; i < 400; i++)
        while (pthread_sigqueue(t[i % THREADS], SIGRTMIN, (union sigval){.sival_int = i}) == EAGAIN)
            usleep(100);
    long total = 0;
    for (int i = 0; i < THREADS; i++) {
        void *r;
        pthread_join(t[i], &r);
        total += (long)r;
    }
    printf("%u %u %u %llu %llu %u\n", a8, a16, a32, (unsigned long long)a64,
           (unsigned long long)acas, flags);
    printf("%ld %ld %ld %d %d\n", counter, spun, total, turn, onces);
    printf("signals %lu\n", hits);
    pthread_t s;
    void *r;
    pthread_create(&s, NULL, sleeper, NULL);
    usleep(1000);
    pthread_cancel(s);
    pthread_join(s, &r);
    printf("cancelled %d\n", r == PTHREAD_CANCELED);
    long sum = 0;
    for (long i = 0; i < 300; i++) {
        pthread_create(&s, NULL, short_lived, (void *)i);
        pthread_join(s, &r);
        sum += (long)r;
    }
    printf("%ld\n", sum);
    sem_t sem;
    sem_init(&sem, 0, 0);
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    ts.tv_nsec += 10000000;
    if (ts.tv_nsec >= 1000000000)
        ts.tv_sec++, ts.tv_nsec -= 1000000000;
    int e = sem_timedwait(&sem, &ts);
    printf("%d %d\n", e, errno == ETIMEDOUT);
    return 3;
}
