/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation ahead of time, for the cache on disk. */
#include <stdlib.h>
#include <string.h>

#include "translate/block.h"

enum { STEP = 4 }; /* instructions begin at multiples of it */

/* False: there is no room for more. */
static bool translate_at(struct vcpu *cpu, uint64_t pc, uint64_t loop_end)
{
    struct found f = cache_find(pc, cpu->mode);
    if (f.block || !f.arena->file)
        return true;
    if (!arena_has_room(f.arena, BLOCK_MAX_BYTES) || !cache_make_room(pc))
        return false;
    translate_block(cpu, pc, loop_end);
    return true;
}

/* What blocks lead to is among the exits, which grow meanwhile. */
static bool follow_exits(struct vcpu *cpu, struct arena *a, uint32_t *done)
{
    for (; *done < a->exit_count; ++*done) {
        const struct exit_site *e = &a->exits[*done];
        if (!translate_at(cpu, a->bias + exit_target(a, e), exit_loop_end(a, e)))
            return false;
    }
    return true;
}

static void cover(uint8_t *covered, const struct arena *a, uint32_t *seen)
{
    for (; *seen < a->block_count; ++*seen) {
        const struct block *b = &a->blocks[*seen];
        uint64_t from = a->bias + b->pc - a->start;
        memset(covered + from / STEP, 1, b->guest_bytes / STEP);
    }
}

/* Code that only computed jumps lead to begins behind other code. */
static void fill_gaps(struct vcpu *cpu, struct arena *a, const struct code_range *r, uint32_t *done)
{
    uint8_t *covered = calloc((a->end - a->start) / STEP + 64, 1);
    uint32_t seen = 0;
    if (!covered)
        return;
    for (uint64_t pc = r->start; pc < r->end; pc += STEP) {
        static const uint8_t nothing[STEP];
        cover(covered, a, &seen);
        if (covered[(pc - a->start) / STEP] || memcmp(guest_ptr(pc), nothing, STEP) == 0)
            continue;
        if (!translate_at(cpu, pc, 0) || !follow_exits(cpu, a, done))
            break;
    }
    free(covered);
}

unsigned translate_ahead(struct vcpu *cpu, const uint64_t *starts, unsigned start_count,
                         const struct code_range *ranges, unsigned range_count)
{
    unsigned blocks = 0;
    cpu->mode = cpu->guest->mode(cpu);
    lock_take(&cache_lock);
    for (unsigned k = 0; k < start_count; k++) {
        cache_open(starts[k]);
        if (!translate_at(cpu, starts[k], 0))
            break;
    }
    for (unsigned k = ANONYMOUS_ARENAS; k < arena_count; k++) {
        struct arena *a = &arenas[k];
        uint32_t done = 0;
        if (!a->code_room || a->dead)
            continue;
        follow_exits(cpu, a, &done);
        for (unsigned r = 0; r < range_count; r++)
            if (ranges[r].start >= a->start && ranges[r].end <= a->end)
                fill_gaps(cpu, a, &ranges[r], &done);
        blocks += a->block_count;
    }
    lock_drop(&cache_lock);
    return blocks;
}
