/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of the runner's own, away from the guest's.
 *
 * Where the kernel chooses, it takes the highest gap: what the guest has just given up, or the
 * page that it left free behind a buffer on purpose.  A guest that writes there has a fault
 * coming, not our structures.  So the runner asks for addresses far from those that the
 * kernel gives to guests, each with an unmapped page behind it.  A place that is taken does no
 * harm: the kernel then chooses.
 */
#ifndef FERRY_OWN_MEMORY_H
#define FERRY_OWN_MEMORY_H

#include <stddef.h>

/* Private memory, zeroed, readable and writable, with these flags of mmap(2) besides; NULL and
 * errno. */
void *own_memory(size_t bytes, int flags);
/* An address to ask for. */
void *own_memory_place(size_t bytes);

#endif
