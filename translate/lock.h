/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Locks that outlive their owner.
 *
 *     static struct lock list_lock = LOCK_FREE(mend_list);
 *
 *     lock_take(&list_lock);
 *     ...
 *     lock_drop(&list_lock);
 *
 * A child that shares the memory (vfork) runs the runner's code, in a process of its own
 * that anybody may kill at any moment.  SIGKILL can't be blocked, so such a child may die as
 * the owner of a lock, with what the lock guards half changed.  The C library's locks can't
 * be told of that in time: even its robust ones are on a list of the thread's, which here is
 * the parent's too, and there is a moment at which a lock is taken and says not yet by whom.
 * The word of this one names its owner in the very operation that takes it.
 *
 * The parent learns of the death from the kernel (it sleeps until the child has left
 * the memory), and then calls lock_inherit() for each lock that the child can have held.
 * Where that says so, it mends what is guarded and drops the lock.  So what is guarded
 * must either be such that each step leaves it whole (a list whose changes are one
 * store each), or be such that it can be thrown away, or be saved before it is changed.
 *
 * The other way round, a child outlives its parent, whose threads may have died as owners:
 * whoever waits long looks for that, inherits the lock and calls its `mend`.
 *
 * Not recursive; not for signal handlers that may interrupt an owner.
 */
#ifndef FERRY_LOCK_H
#define FERRY_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

struct lock {
    atomic_uint word; /* 0, or the owner's number, with LOCK_WAITED if somebody sleeps */
    /* Makes whole what is guarded, for a new owner; NULL: it always is. */
    void (*mend)(void);
};

#define LOCK_FREE(mend_function)                                                                   \
    {                                                                                              \
        0, mend_function                                                                           \
    }

/* Who this thread is to locks.  A child that borrows the thread's thread-local data is
 * somebody else. */
struct lock_person {
    unsigned number; /* 0: none yet */
    bool child;      /* shares the memory of the process `parent` */
    pid_t parent;    /* as getppid() says in the child; 0: can't be known */
};
extern __thread struct lock_person lock_person;

/* A number that nobody has had. */
unsigned lock_new_number(void);

void lock_take(struct lock *l);
/* Gives up after that many milliseconds: false. */
bool lock_take_within(struct lock *l, unsigned ms);
void lock_drop(struct lock *l);

/* The person with that number is dead.  True: it held the lock, which is the caller's now. */
bool lock_inherit(struct lock *l, unsigned dead);
/* The same, with all that is to be done. */
void lock_recover(struct lock *l, unsigned dead);

/* What threads wait for under a lock: a condition variable that nobody's death hurts. */
struct change {
    atomic_uint count;
};
/* Drops l, sleeps until the next change_announce() or for that many milliseconds (0: for
 * ever), and takes l.  May return early. */
void change_wait(struct change *c, struct lock *l, unsigned ms);
void change_announce(struct change *c);

#endif
