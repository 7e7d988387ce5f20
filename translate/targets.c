/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where computed jumps have led to, kept with the translations of a file.
 *
 * A process that looks one of them up finds the page of its jump cache that it has to touch
 * anyway filled with all the others that belong there.  What it never comes near costs it
 * nothing: a fault costs as much as half a dozen look-ups, and most processes are short.
 */
#include <stddef.h>
#include <stdlib.h>

#include "hostgen/far.h"
#include "translate/block.h"

/* The group of an address, relative to the beginning of the code, which a page of the guest begins
 * with. */
static unsigned group_of(uint64_t offset)
{
    enum { SPAN = JUMP_CACHE_PART / 2 << JUMP_CACHE_REACH_BITS }; /* as in jump_cache_set() */
    return (unsigned)(offset / SPAN % TARGET_GROUPS);
}

void targets_remember(struct vcpu *cpu, const struct arena *a, uint64_t pc)
{
    const struct targets *t = a->targets;
    if (!a->target_count || t->mode != cpu->mode)
        return;
    const unsigned group = group_of(pc - a->start);
    for (unsigned k = t->begin[group]; k < t->begin[group + 1] && k < a->target_count; k++) {
        uint64_t to = a->start + t->of[k].offset;
        struct jump_cache_entry *e = jump_cache_set(cpu, to);
        if (e[0].pc == to || e[1].pc == to)
            continue;
        for (unsigned way = 0; way < 2; way++)
            if (e[way].pc == jump_cache_empty(cpu, &e[way])) {
                jump_cache_put(cpu, &e[way], to, a->x + t->of[k].code_off);
                break;
            }
    }
}

/* Group and offset in one number, which they can be sorted by. */
static uint64_t key_of(uint64_t offset)
{
    return (uint64_t)group_of(offset) << 32 | offset;
}

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* Those that the vcpu's jump cache knows. */
static unsigned list_own(const struct arena *a, const struct vcpu *cpu, uint64_t *keys)
{
    unsigned n = 0;
    for (uint64_t used = cpu->jump_cache_used; used; used &= used - 1) {
        const struct jump_cache_entry *e =
            cpu->jump_cache + (unsigned)__builtin_ctzl(used) * JUMP_CACHE_PART;
        for (unsigned k = 0; k < JUMP_CACHE_PART; k++) {
            uint64_t pc = __atomic_load_n(&e[k].pc, __ATOMIC_RELAXED);
            if (pc >= a->start && pc < a->end)
                keys[n++] = key_of(pc - a->start);
        }
    }
    return n;
}

uint32_t targets_list(const struct arena *a, const struct vcpu *cpu, struct targets *t)
{
    static uint64_t keys[JUMP_CACHE_SIZE + TARGETS_MOST] FAR_ZEROS;
    uint32_t found = 0, count = 0, group = 0;
    t->mode = cpu ? cpu->mode : 0;
    if (cpu)
        found = list_own(a, cpu, keys);
    for (uint32_t k = 0; k < a->target_count && a->targets->mode == t->mode; k++)
        keys[found++] = key_of(a->targets->of[k].offset);
    qsort(keys, found, sizeof *keys, compare);
    for (uint32_t k = 0; k < found && count < TARGETS_MOST; k++) {
        const uint64_t offset = (uint32_t)keys[k];
        const struct block *b = arena_find(a, a->start + offset, t->mode);
        if (!b || (k && keys[k] == keys[k - 1]))
            continue;
        while (group <= keys[k] >> 32)
            t->begin[group++] = (uint16_t)count;
        t->of[count].offset = (uint32_t)offset;
        t->of[count++].code_off = b->code_off;
    }
    while (group <= TARGET_GROUPS)
        t->begin[group++] = (uint16_t)count;
    return count;
}
