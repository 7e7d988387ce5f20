/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Locks of every kind across threads and processes, dying owners, cancelling,
 * and signals between threads. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct area {
    pthread_mutex_t mutex, pi;
    pthread_cond_t cond;
    pthread_barrier_t barrier;
    sem_t sem;
    int value;
};
static struct area *area;
static __thread volatile int mine;
static volatile int handled[8];
static pthread_t threads[8];
static void on_usr1(int sig)
{
    for (int i = 0; i < 8; i++)
        if (pthread_equal(threads[i], pthread_self()))
            handled[i]++;
}
static void *die_locked(void *arg)
{
    pthread_mutex_lock(arg);
    return NULL;
}
static void *lock_many(void *arg)
{
    pthread_mutex_t *m = arg;
    for (int i = 0; i < 10; i++)
        pthread_mutex_lock(&m[i]);
    pthread_mutex_unlock(&m[4]);
    return NULL;
}
static atomic_int sum, inside;
static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static int unguarded, spun, written;
static void *hammer(void *arg)
{
    int id = (int)(intptr_t)arg;
    for (int i = 0; i < 20000; i++) {
        atomic_fetch_add(&sum, id);
        pthread_mutex_lock(&plain);
        unguarded++;
        pthread_mutex_unlock(&plain);
        pthread_spin_lock(&spin);
        spun++;
        pthread_spin_unlock(&spin);
        if (i % 16 == 0) {
            pthread_rwlock_wrlock(&rw);
            written++;
            pthread_rwlock_unlock(&rw);
        } else {
            pthread_rwlock_rdlock(&rw);
            (void)written;
            pthread_rwlock_unlock(&rw);
        }
        mine++;
    }
    return (void *)(intptr_t)mine;
}
static void *wait_for_signal(void *arg)
{
    struct timespec t = {20, 0};
    (void)arg;
    sem_post(&area->sem);
    nanosleep(&t, NULL);
    return (void *)1;
}
static void cleanup(void *arg)
{
    printf("cleanup %s\n", (char *)arg);
}
static void *cancelled(void *arg)
{
    pthread_cleanup_push(cleanup, "ran");
    if (arg)
        for (;;)
            pthread_testcancel();
    for (;;)
        pause();
    pthread_cleanup_pop(0);
    return NULL;
}
static void *asynchronous(void *arg)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    sem_post(arg);
    for (;;)
        ;
    return NULL;
}
static void *waits(void *arg)
{
    pthread_mutex_lock(&area->mutex);
    while (area->value != 5)
        pthread_cond_wait(&area->cond, &area->mutex);
    area->value++;
    pthread_mutex_unlock(&area->mutex);
    return arg;
}

int main(void)
{
    pthread_mutexattr_t ma;
    pthread_condattr_t ca;
    pthread_barrierattr_t ba;
    pthread_t t;
    void *result;
    int r, status;
    struct timespec ts;

    setvbuf(stdout, NULL, _IOLBF, 0);
    area = mmap(NULL, sizeof *area, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_init(&ma);
    pthread_mutexattr_setrobust(&ma, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&ma, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&area->mutex, &ma);
    pthread_mutexattr_setprotocol(&ma, PTHREAD_PRIO_INHERIT);
    pthread_mutex_init(&area->pi, &ma);
    pthread_condattr_init(&ca);
    pthread_condattr_setpshared(&ca, PTHREAD_PROCESS_SHARED);
    pthread_cond_init(&area->cond, &ca);
    pthread_barrierattr_init(&ba);
    pthread_barrierattr_setpshared(&ba, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&area->barrier, &ba, 2);
    sem_init(&area->sem, 1, 0);

    pthread_create(&t, NULL, die_locked, &area->mutex);
    pthread_join(t, NULL);
    r = pthread_mutex_trylock(&area->mutex);
    printf("thread died: %s\n", strerror(r));
    pthread_mutex_consistent(&area->mutex);
    pthread_mutex_unlock(&area->mutex);
    printf("consistent: %d\n", pthread_mutex_lock(&area->mutex));
    pthread_mutex_unlock(&area->mutex);
    pthread_create(&t, NULL, die_locked, &area->pi);
    pthread_join(t, NULL);
    printf("pi: %s\n", strerror(pthread_mutex_lock(&area->pi)));
    pthread_mutex_consistent(&area->pi);
    pthread_mutex_unlock(&area->pi);
    static pthread_mutex_t many[10];
    pthread_mutexattr_setprotocol(&ma, PTHREAD_PRIO_NONE);
    for (int i = 0; i < 10; i++)
        pthread_mutex_init(&many[i], &ma);
    pthread_create(&t, NULL, lock_many, many);
    pthread_join(t, NULL);
    for (int i = 0; i < 10; i++)
        printf("%d ", pthread_mutex_trylock(&many[i]) == EOWNERDEAD);
    printf("\n");

    pid_t pid = fork();
    if (!pid) {
        pthread_mutex_lock(&area->mutex);
        sem_post(&area->sem);
        for (;;)
            pause();
    }
    sem_wait(&area->sem);
    kill(pid, SIGKILL);
    printf("process died: %s\n", strerror(pthread_mutex_lock(&area->mutex)));
    waitpid(pid, &status, 0);
    pthread_mutex_consistent(&area->mutex);
    pthread_mutex_unlock(&area->mutex);

    pid = fork();
    if (!pid) {
        pthread_barrier_wait(&area->barrier);
        pthread_mutex_lock(&area->mutex);
        area->value = 5;
        pthread_cond_broadcast(&area->cond);
        pthread_mutex_unlock(&area->mutex);
        _exit(0);
    }
    pthread_create(&t, NULL, waits, (void *)9);
    pthread_barrier_wait(&area->barrier);
    pthread_join(t, &result);
    waitpid(pid, &status, 0);
    printf("condition: %d %d\n", (int)(intptr_t)result, area->value);

    pthread_spin_init(&spin, 0);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, hammer, (void *)(intptr_t)(i + 1));
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &result);
        printf("%d ", (int)(intptr_t)result);
    }
    printf("| %d %d %d %d\n", sum, unguarded, spun, written);

    clock_gettime(CLOCK_REALTIME, &ts);
    ts.tv_nsec += 20000000;
    if (ts.tv_nsec >= 1000000000)
        ts.tv_sec++, ts.tv_nsec -= 1000000000;
    pthread_mutex_lock(&plain);
    printf("timed lock: %s\n", strerror(pthread_mutex_timedlock(&plain, &ts)));
    pthread_mutex_unlock(&plain);
    r = sem_timedwait(&area->sem, &ts);
    printf("timed wait: %d %s\n", r, strerror(errno));
    uint32_t word = 1;
    r = (int)syscall(SYS_futex, &word, FUTEX_WAIT, 2, NULL);
    printf("futex: %d %s\n", r, strerror(errno));
    r = (int)syscall(SYS_futex, &word, FUTEX_WAIT, 1, &(struct timespec){0, 1000000});
    printf("futex: %d %s\n", r, strerror(errno));
    r = (int)syscall(SYS_futex, (void *)16, FUTEX_WAIT, 1, NULL);
    printf("futex: %d %s\n", r, strerror(errno));

    struct sigaction sa = {.sa_handler = on_usr1};
    sigaction(SIGUSR1, &sa, NULL);
    for (int i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, wait_for_signal, NULL);
    for (int i = 0; i < 8; i++)
        sem_wait(&area->sem);
    usleep(50000); /* until they sleep */
    for (int i = 0; i < 8; i += 2)
        pthread_kill(threads[i], SIGUSR1);
    for (int i = 0; i < 8; i += 2)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 8; i++)
        printf("%d ", handled[i]);
    for (int i = 1; i < 8; i += 2) {
        pthread_cancel(threads[i]);
        pthread_join(threads[i], &result);
        printf("%d ", result == PTHREAD_CANCELED);
    }
    printf("\n");
    for (intptr_t i = 0; i < 2; i++) {
        pthread_create(&t, NULL, cancelled, (void *)i);
        usleep(20000);
        pthread_cancel(t);
        pthread_join(t, &result);
        printf("cancelled %d\n", result == PTHREAD_CANCELED);
    }
    pthread_create(&t, NULL, asynchronous, &area->sem);
    sem_wait(&area->sem);
    usleep(1000);
    pthread_cancel(t);
    pthread_join(t, &result);
    printf("cancelled %d\n", result == PTHREAD_CANCELED);

    /* The C library changes the identity of all threads by a signal. */
    pthread_create(&t, NULL, wait_for_signal, NULL);
    printf("setresuid %d\n", setresuid(getuid(), getuid(), getuid()));
    pthread_cancel(t);
    pthread_join(t, NULL);
    for (int i = 0; i < 200; i++) {
        pthread_create(&t, NULL, die_locked, &(pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER);
        pthread_join(t, NULL);
    }
    puts("end");
    return 0;
}
