/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sleepers that are moved to a lock with priority inheritance: FUTEX_WAIT_REQUEUE_PI,
 * FUTEX_CMP_REQUEUE_PI. */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 6, ROUNDS = 40 };

static _Atomic uint32_t condition, lock;
static _Atomic int asleep, awake;
static int inside, most, errors;
static struct {
    long sec, nsec;
} none;

static long futex(_Atomic uint32_t *word, int op, uint32_t value, const void *time,
                  _Atomic uint32_t *other, uint32_t value3)
{
    return syscall(SYS_futex, word, op, value, time, other, value3);
}

static void take(void)
{
    uint32_t nobody = 0;
    if (!atomic_compare_exchange_strong(&lock, &nobody, (uint32_t)syscall(SYS_gettid)) &&
        futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0))
        errors++;
}

static void give(void)
{
    uint32_t me = (uint32_t)syscall(SYS_gettid);
    if (!atomic_compare_exchange_strong(&lock, &me, 0) &&
        futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0))
        errors++;
}

static void *sleeper(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        take();
        uint32_t value = condition;
        asleep++;
        give();
        long r = futex(&condition, FUTEX_WAIT_REQUEUE_PI, value, NULL, &lock, 0);
        if (r)
            take(); /* it had changed before we slept */
        if ((lock & FUTEX_TID_MASK) != (uint32_t)syscall(SYS_gettid))
            errors++;
        inside++;
        most = inside > most ? inside : most;
        inside--;
        awake++;
        give();
    }
    return arg;
}

static void say(const char *what, long r)
{
    printf("%s: %ld%s%s\n", what, r, r < 0 ? " " : "", r < 0 ? strerror(errno) : "");
}

int main(void)
{
    pthread_t t[THREADS];

    for (int i = 0; i < THREADS; i++)
        pthread_create(&t[i], NULL, sleeper, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        while (asleep < THREADS * (i + 1))
            usleep(100);
        usleep(i % 4 * 300);
        /* With the lock held, or free. */
        if (i % 2)
            take();
        condition++;
        long r;
        while ((r = futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, (void *)(long)THREADS, &lock,
                          condition)) < 0 &&
               errno == EAGAIN)
            ;
        if (r < 0 || r > THREADS)
            errors++;
        if (i % 2)
            give();
        while (awake < THREADS * (i + 1))
            usleep(100);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    printf("woken %d, at once %d, errors %d, lock %u\n", awake, most, errors, lock);

    say("another value", futex(&condition, FUTEX_WAIT_REQUEUE_PI, condition + 1, NULL, &lock, 0));
    say("no time", futex(&condition, FUTEX_WAIT_REQUEUE_PI, condition, &none, &lock, 0));
    say("onto itself", futex(&condition, FUTEX_WAIT_REQUEUE_PI, condition, &none, &condition, 0));
    say("requeue two", futex(&condition, FUTEX_CMP_REQUEUE_PI, 2, NULL, &lock, condition));
    say("requeue for another", futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, NULL, &lock, 0));
    say("requeue nobody", futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, NULL, &lock, condition));
    say("requeue onto itself",
        futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, NULL, &condition, condition));
    return 0;
}
