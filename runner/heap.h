/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * malloc and its kin for the runner, in the C library's place.
 *
 * A child that shares the memory (vfork) allocates too and may be killed at any moment; the C
 * library's allocator would be left locked, or with its lists in disorder.  Here each
 * operation takes effect by one store, under a lock that outlives its owner
 * (translate/lock.h): what death can cost is one block of memory.
 */
#ifndef FERRY_HEAP_H
#define FERRY_HEAP_H

/* A child that had this memory has ended; as the owner of locks it was `dead`. */
void heap_child_gone(unsigned dead);

/* To be called around a fork, the latter by parent and child. */
void heap_fork_prepare(void);
void heap_fork_done(void);

#endif
