/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run did, for --stats, and where its code came from, for perf.
 *
 * Counters of translation are changed under cache_lock, those of exits by
 * any thread; nobody but translate_stats_print() reads them.
 */
#ifndef FERRY_STATS_H
#define FERRY_STATS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "translate/vcpu.h"

struct translate_stats {
    uint64_t blocks, guest_insns, guest_bytes, host_bytes, dropped;
    uint64_t loaded_blocks, loaded_bytes; /* from the cache on disk */
    uint64_t moved_blocks;                /* of them, those that lay elsewhere */
    uint64_t recycled;                    /* times the code cache was full */
    uint64_t nanoseconds;                 /* spent in translation */
    atomic_ullong exits[EXIT_EXCEPTION + 1], direct_exits, chained, traps;
};
extern struct translate_stats translate_stats;
/* --stats: clocks are read and exits are counted. */
extern bool stats_wanted;

/* The time in nanoseconds if --stats is on. */
uint64_t stats_clock(void);

static inline void stats_count(atomic_ullong *counter)
{
    if (__builtin_expect(stats_wanted, 0))
        atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* ---- perf: names for generated code ---- */

struct found;

/* Which files are written: /tmp/perf-PID.map, which perf finds by itself, and
 * /tmp/jit-PID.dump for perf inject --jit. */
extern struct perf_options {
    bool map, jitdump;
} perf_options;

/* Tells perf of a block that can now be entered.  Under cache_lock. */
void perf_block(struct found f);
/* The child of a fork has files of its own. */
void perf_fork_child(void);

#endif
