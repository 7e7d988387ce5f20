/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation ahead of time, for the cache on disk. */
#include <stdlib.h>
#include <string.h>

#include "translate/block.h"

enum { STEP = 4 }; /* instructions begin at multiples of it */

/* The code of one arena. */
struct walk {
    struct vcpu *cpu;
    struct arena *a;
    const struct code_range *ranges;
    unsigned range_count;
    uint8_t *covered;              /* for each STEP bytes from a->start: by a block */
    uint32_t seen;                 /* how many blocks that says of */
    uint64_t code, before, passed; /* bytes: of all arenas, of those before, the most of this */
    atomic_uint *share;
};

/* Up to where the last range ends: behind it may be other things in the same mapping. */
static uint64_t code_bytes(const struct walk *w, const struct arena *a)
{
    uint64_t bytes = 0;
    for (const struct code_range *r = w->ranges; r < w->ranges + w->range_count; r++)
        if (r->start >= a->start && r->end <= a->end && r->end - a->start > bytes)
            bytes = r->end - a->start;
    return bytes;
}

/* All up to pc has been looked at. */
static void note_passed(struct walk *w, uint64_t pc)
{
    if (pc - w->a->start <= w->passed || w->before + (pc - w->a->start) > w->code)
        return;
    w->passed = pc - w->a->start;
    atomic_store(w->share, (unsigned)((w->before + w->passed) * AHEAD_WHOLE / w->code));
}

/* False: there is no room for more. */
static bool translate_at(const struct walk *w, uint64_t pc, uint64_t loop_end)
{
    struct found f = cache_find(pc, w->cpu->mode);
    if (f.block || f.arena != w->a)
        return true;
    if (!arena_has_room(f.arena, BLOCK_MAX_BYTES) || !cache_make_room(pc))
        return false;
    translate_block(w->cpu, pc, loop_end);
    return true;
}

/* What blocks lead to is among the exits, which grow meanwhile.  Of those from *done on, what
 * begins in [start, end). */
static bool follow_exits(const struct walk *w, uint32_t *done, uint64_t start, uint64_t end)
{
    const struct arena *a = w->a;
    for (; *done < a->exit_count; ++*done) {
        const struct exit_site *e = &a->exits[*done];
        uint64_t pc = a->bias + exit_target(a, e);
        if (pc >= start && pc < end && !translate_at(w, pc, exit_loop_end(a, e)))
            return false;
    }
    return true;
}

static void cover(struct walk *w)
{
    const struct arena *a = w->a;
    for (; w->seen < a->block_count; ++w->seen) {
        const struct block *b = &a->blocks[w->seen];
        uint64_t from = a->bias + b->pc - a->start;
        memset(w->covered + from / STEP, 1, b->guest_bytes / STEP);
    }
}

/* Code that only computed jumps lead to begins behind other code. */
static bool fill_gaps(struct walk *w, uint32_t *done, uint64_t start, uint64_t end)
{
    static const uint8_t nothing[STEP];
    for (uint64_t pc = start; pc < end; pc += STEP) {
        cover(w);
        note_passed(w, pc);
        if (w->covered[(pc - w->a->start) / STEP] || memcmp(guest_ptr(pc), nothing, STEP) == 0)
            continue;
        if (!translate_at(w, pc, 0) || !follow_exits(w, done, start, end))
            return false;
    }
    return true;
}

/* The function that begins at start, and what of the ranges lies before end. */
static bool translate_function(struct walk *w, uint64_t start, uint64_t end)
{
    uint32_t done = w->a->exit_count;
    if (!translate_at(w, start, 0) || !follow_exits(w, &done, start, end))
        return false;
    for (unsigned k = 0; k < w->range_count; k++) {
        const struct code_range *r = &w->ranges[k];
        uint64_t from = r->start > start ? r->start : start, to = r->end < end ? r->end : end;
        if (!fill_gaps(w, &done, from, to))
            return false;
    }
    return true;
}

/* One function after the other, each whole, in the order of their addresses: what is run together
 * lies together then. */
static void translate_arena(struct walk *w, const uint64_t *starts, unsigned count)
{
    const struct arena *a = w->a;
    uint32_t done = 0;
    unsigned k = 0;
    while (k < count && starts[k] < a->start)
        k++;
    for (uint64_t end = a->start; k < count && end < a->end; k++) {
        end = k + 1 < count && starts[k + 1] < a->end ? starts[k + 1] : a->end;
        if (end > starts[k] && !translate_function(w, starts[k], end))
            return;
    }
    follow_exits(w, &done, 0, UINT64_MAX);
    for (const struct code_range *r = w->ranges; r < w->ranges + w->range_count; r++)
        if (r->start >= a->start && r->end <= a->end)
            fill_gaps(w, &done, r->start, r->end);
}

static int by_address(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

unsigned translate_ahead(struct vcpu *cpu, uint64_t *starts, unsigned start_count,
                         const struct code_range *ranges, unsigned range_count, atomic_uint *share)
{
    unsigned blocks = 0;
    struct walk w = {.cpu = cpu, .ranges = ranges, .range_count = range_count, .share = share};
    cpu->mode = cpu->guest->mode(cpu);
    if (start_count)
        qsort(starts, start_count, sizeof *starts, by_address);
    lock_take(&cache_lock);
    for (unsigned k = 0; k < start_count; k++)
        cache_open(starts[k]);
    for (unsigned k = ANONYMOUS_ARENAS; k < arena_count; k++)
        if (arenas[k].code_room && !arenas[k].dead)
            w.code += code_bytes(&w, &arenas[k]);
    for (unsigned k = ANONYMOUS_ARENAS; k < arena_count; k++) {
        struct arena *a = &arenas[k];
        if (!a->code_room || a->dead)
            continue;
        w.a = a;
        w.seen = 0;
        w.passed = 0;
        w.covered = calloc((a->end - a->start) / STEP + 64, 1);
        if (w.covered)
            translate_arena(&w, starts, start_count);
        free(w.covered);
        w.before += code_bytes(&w, a);
        blocks += a->block_count;
    }
    lock_drop(&cache_lock);
    return blocks;
}
