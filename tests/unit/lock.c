/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Locks and memory shared with children that are killed at any moment (translate/lock.h,
 * runner/heap.h).
 *
 *     LOCK_KILLS, LOCK_SEED    how many children are killed (300), and when (1)
 */
#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runner/heap.h"
#include "runner/options.h"
#include "translate/lock.h"

enum { STACK = 65536, THREADS = 2 };

struct ferry_options options;

static void mend(void);
static struct lock lock = LOCK_FREE(mend);
static struct change change;
/* Guarded: always the same, but in the middle of a change. */
static volatile unsigned long pair[2];
static unsigned mended;
static atomic_bool stop;
static atomic_int child; /* that runs */

static void mend(void)
{
    pair[1] = pair[0];
    mended++;
}

static void step(void)
{
    lock_take(&lock);
    if (pair[0] != pair[1])
        abort();
    pair[0]++;
    pair[1]++;
    lock_drop(&lock);
}

static void begin_child(unsigned number)
{
    lock_person = (struct lock_person){.number = number, .child = true, .parent = getppid()};
    child = getpid();
}

/* As a vfork child does: in our thread-local data too, while we sleep. */
static pid_t run_child(int (*body)(void *), unsigned *number)
{
    static char stack[STACK] __attribute__((aligned(16)));
    const struct lock_person self = lock_person;
    int status;

    *number = lock_new_number();
    pid_t pid = clone(body, stack + STACK, CLONE_VM | CLONE_VFORK | SIGCHLD, number);
    lock_person = self;
    heap_child_gone(*number); /* before anything is allocated */
    ck_assert_int_gt(pid, 0);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return pid;
}

static int dies_as_owner(void *number)
{
    begin_child(*(unsigned *)number);
    lock_take(&lock);
    pair[0]++;
    raise(SIGKILL);
    return 0;
}

START_TEST(test_owner_dies)
{
    unsigned dead;

    run_child(dies_as_owner, &dead);
    ck_assert(!lock_take_within(&lock, 20));
    ck_assert(pair[0] != pair[1]);
    lock_recover(&lock, dead);
    ck_assert_uint_eq(mended, 1);
    step();
    /* Nobody's death is not the owner's. */
    lock_take(&lock);
    lock_recover(&lock, dead);
    ck_assert_uint_eq(mended, 1);
    lock_drop(&lock);
}
END_TEST

static int waits(void *arg)
{
    begin_child(lock_new_number());
    lock_take(&lock);
    *(int *)arg = 1 + (int)mended;
    return 0;
}

/* The parent's death: the child inherits by itself. */
START_TEST(test_parent_dies)
{
    int *result = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int ends[2];
    char byte;

    ck_assert(result != MAP_FAILED && !pipe(ends));
    pid_t parent = fork();
    if (!parent) {
        static char stack[STACK] __attribute__((aligned(16)));
        lock_take(&lock);
        clone(waits, stack + STACK, CLONE_VM, result);
        while (!child)
            sched_yield();
        raise(SIGKILL);
    }
    close(ends[1]);
    ck_assert_int_eq(waitpid(parent, NULL, 0), parent);
    ck_assert_int_eq(read(ends[0], &byte, 1), 0); /* the child has ended */
    ck_assert_int_eq(*result, 2);
}
END_TEST

/* ---- killed at random ---- */

static int busy(void *number)
{
    unsigned n = *(unsigned *)number;

    begin_child(n);
    for (;;) {
        void *p[8];
        step();
        for (unsigned k = 0; k < 8; k++)
            p[k] = malloc((n = n * 1103515245 + 12345) >> 8 & 0x7ff);
        for (unsigned k = 0; k < 8; k++)
            free(p[k]);
    }
    return 0;
}

static void *killer(void *arg)
{
    unsigned seed = *(unsigned *)arg;

    while (!stop) {
        pid_t pid = atomic_exchange(&child, 0);
        seed = seed * 1103515245 + 12345;
        const struct timespec t = {0, (seed >> 8) % 300000};
        nanosleep(&t, NULL);
        if (pid)
            kill(pid, SIGKILL);
    }
    return NULL;
}

static void *worker(void *arg)
{
    (void)arg;
    while (!stop) {
        step();
        free(malloc(100));
        change_announce(&change);
    }
    return NULL;
}

START_TEST(test_killed_at_random)
{
    const char *kills = getenv("LOCK_KILLS"), *seed_text = getenv("LOCK_SEED");
    unsigned seed = seed_text ? (unsigned)atoi(seed_text) : 1;
    pthread_t threads[THREADS + 1];

    pthread_create(&threads[THREADS], NULL, killer, &seed);
    for (unsigned k = 0; k < THREADS; k++)
        pthread_create(&threads[k], NULL, worker, NULL);
    for (int n = kills ? atoi(kills) : 300; n > 0; n--) {
        unsigned dead;
        run_child(busy, &dead);
        lock_recover(&lock, dead);
        step();
        lock_take(&lock);
        change_wait(&change, &lock, 0);
        lock_drop(&lock);
    }
    stop = true;
    for (unsigned k = 0; k <= THREADS; k++)
        pthread_join(threads[k], NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lock");
    TCase *tc = tcase_create("lock");

    tcase_set_timeout(tc, 50);
    tcase_add_test(tc, test_owner_dies);
    tcase_add_test(tc, test_parent_dies);
    tcase_add_test(tc, test_killed_at_random);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
