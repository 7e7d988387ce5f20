/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/own_memory.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/random.h>

enum { PAGE = 4096, RANDOM_BITS = 26 /* pages */ };
/* Between where programs are linked and where the kernel maps. */
#define FIRST_PLACE UINT64_C(0x600000000000)

void *own_memory_place(size_t bytes)
{
    static _Atomic uint64_t next;
    uint64_t start = 0;

    if (!atomic_load(&next)) {
        uint32_t random = 0;
        if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
            random = 0;
        random &= (1u << RANDOM_BITS) - 1;
        atomic_compare_exchange_strong(&next, &start, FIRST_PLACE + (uint64_t)random * PAGE);
    }
    bytes = (bytes + 2 * PAGE - 1) & ~(size_t)(PAGE - 1);
    return (void *)atomic_fetch_add(&next, bytes);
}

void *own_memory(size_t bytes, int flags)
{
    void *p = mmap(own_memory_place(bytes), bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}
