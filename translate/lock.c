/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/lock.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* How long to sleep before looking whether the owner can be alive. */
enum { LOOK_MS = 500 };
#define LOCK_WAITED (1u << 31)

__thread struct lock_person lock_person;

unsigned lock_new_number(void)
{
    static atomic_uint last;
    unsigned n;

    do
        n = (atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1) & ~LOCK_WAITED;
    while (!n);
    return n;
}

static unsigned self(void)
{
    if (!lock_person.number)
        lock_person.number = lock_new_number();
    return lock_person.number;
}

/* errno stays as it is: callers have it in use. */
static bool futex_wait(atomic_uint *word, unsigned value, unsigned ms)
{
    const struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    int saved = errno;
    bool late = syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, ms ? &t : NULL, NULL, 0) < 0 &&
                errno == ETIMEDOUT;

    errno = saved;
    return !late;
}

static void futex_wake(atomic_uint *word, int most)
{
    int saved = errno;

    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, most, NULL, NULL, 0);
    errno = saved;
}

/* A child whose parent has died: whoever else there was died with it. */
static bool is_alone(void)
{
    return lock_person.child && lock_person.parent && getppid() != lock_person.parent;
}

static bool take(struct lock *l, unsigned ms, bool forever)
{
    const unsigned me = self();
    unsigned seen = 0;

    if (atomic_compare_exchange_strong_explicit(&l->word, &seen, me, memory_order_acquire,
                                                memory_order_relaxed))
        return true;
    assert((seen & ~LOCK_WAITED) != me);
    for (;;) {
        /* Whoever has slept must suppose that others still do. */
        if (!(seen & ~LOCK_WAITED)) {
            if (atomic_compare_exchange_weak_explicit(&l->word, &seen, me | LOCK_WAITED,
                                                      memory_order_acquire, memory_order_relaxed))
                return true;
            continue;
        }
        if (!(seen & LOCK_WAITED) &&
            !atomic_compare_exchange_weak_explicit(&l->word, &seen, seen | LOCK_WAITED,
                                                   memory_order_relaxed, memory_order_relaxed))
            continue;
        if (!futex_wait(&l->word, seen | LOCK_WAITED, forever ? LOOK_MS : ms)) {
            if (!forever)
                return false;
            if (is_alone() && lock_inherit(l, seen & ~LOCK_WAITED)) {
                if (l->mend)
                    l->mend();
                return true;
            }
        }
        seen = atomic_load_explicit(&l->word, memory_order_relaxed);
    }
}

void lock_take(struct lock *l)
{
    take(l, 0, true);
}

bool lock_take_within(struct lock *l, unsigned ms)
{
    return take(l, ms, false);
}

void lock_drop(struct lock *l)
{
    if (atomic_exchange_explicit(&l->word, 0, memory_order_release) & LOCK_WAITED)
        futex_wake(&l->word, 1);
}

bool lock_inherit(struct lock *l, unsigned dead)
{
    unsigned seen = atomic_load_explicit(&l->word, memory_order_relaxed);

    while ((seen & ~LOCK_WAITED) == dead)
        if (atomic_compare_exchange_weak_explicit(&l->word, &seen, self() | LOCK_WAITED,
                                                  memory_order_acquire, memory_order_relaxed))
            return true;
    /* It may have been the one that was woken to take it. */
    futex_wake(&l->word, INT_MAX);
    return false;
}

void lock_recover(struct lock *l, unsigned dead)
{
    if (!lock_inherit(l, dead))
        return;
    if (l->mend)
        l->mend();
    lock_drop(l);
}

void change_wait(struct change *c, struct lock *l, unsigned ms)
{
    unsigned seen = atomic_load(&c->count);

    lock_drop(l);
    futex_wait(&c->count, seen, ms);
    lock_take(l);
}

void change_announce(struct change *c)
{
    atomic_fetch_add(&c->count, 1);
    futex_wake(&c->count, INT_MAX);
}
