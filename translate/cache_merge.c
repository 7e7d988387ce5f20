/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two processes have translated different code of the same file, and the other one has
 * saved first.  The code of one block can't be moved into another arena; so what one of
 * the two lacks is translated again, into that one which lacks less.  This is never
 * more than the process has translated itself.
 */
#include <stdlib.h>

#include "translate/block.h"

enum { MERGE_MOST = 4096 }; /* blocks */

struct wanted {
    uint64_t pc; /* of the guest */
    uint32_t mode;
    bool loop_head;
};

static int compare(const void *a, const void *b)
{
    const struct saved_block *x = a, *y = b;
    if (x->pc != y->pc)
        return x->pc < y->pc ? -1 : 1;
    return x->mode < y->mode ? -1 : x->mode > y->mode;
}

/* Those that the other file has and this arena has not. */
static unsigned list_missing(const struct arena *a, const struct saved_block *saved, unsigned count,
                             struct wanted *w)
{
    unsigned n = 0;
    for (unsigned k = 0; k < count; k++) {
        uint64_t pc = a->bias + saved[k].pc;
        if (pc >= a->start && pc < a->end && !arena_find(a, pc, saved[k].mode))
            w[n++] = (struct wanted){pc, saved[k].mode, saved[k].own_loop};
    }
    return n;
}

/* Those that this process has translated and the other file has not. */
static unsigned list_fresh(const struct arena *a, struct saved_block *saved, unsigned count,
                           struct wanted *w)
{
    unsigned n = 0;
    qsort(saved, count, sizeof *saved, compare);
    for (uint32_t k = a->loaded; k < a->block_count; k++) {
        const struct block *b = &a->blocks[k];
        const struct saved_block key = {.pc = b->pc, .mode = b->mode};
        if (!b->dropped && !bsearch(&key, saved, count, sizeof *saved, compare))
            w[n++] = (struct wanted){a->bias + b->pc, b->mode, b->own_loop};
    }
    return n;
}

/* Into the arena, as far as there is room. */
static void translate_wanted(struct vcpu *cpu, const struct arena *a, const struct wanted *w,
                             unsigned count)
{
    const uint32_t mode = cpu->mode;
    const struct vcpu_fault fault = cpu->fault;
    for (unsigned k = 0; k < count; k++) {
        cpu->mode = w[k].mode;
        if (arena_find(a, w[k].pc, w[k].mode))
            continue;
        if (!arena_has_room(a, BLOCK_MAX_BYTES) || !cache_make_room(w[k].pc))
            break;
        translate_block(cpu, w[k].pc, w[k].loop_head ? LOOP_END_UNKNOWN : 0);
    }
    cpu->mode = mode;
    cpu->fault = fault;
}

struct arena *cache_merge(struct arena *a, struct saved_block *saved, unsigned count)
{
    struct vcpu *cpu = vcpu_running();
    struct wanted *missing = malloc((count + 1) * sizeof *missing);
    struct wanted *fresh = malloc((a->block_count - a->loaded + 1) * sizeof *fresh);
    if (cpu && missing && fresh) {
        unsigned missing_count = list_missing(a, saved, count, missing);
        unsigned fresh_count = list_fresh(a, saved, count, fresh);
        if (!fresh_count || (missing_count > MERGE_MOST && fresh_count > MERGE_MOST)) {
            a = NULL;
        } else if (missing_count <= fresh_count) {
            translate_wanted(cpu, a, missing, missing_count);
        } else {
            const uint64_t start = a->start;
            cache_drop_arena(a);
            cache_open(start);
            a = cache_arena(start);
            if (a->file && a->loaded)
                translate_wanted(cpu, a, fresh, fresh_count);
            else
                a = NULL;
        }
    }
    free(missing);
    free(fresh);
    return a;
}
