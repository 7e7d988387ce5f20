/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The maps of a block, in as few bytes as can be: most are never looked at.
 *
 * In the arena's maps, before block.maps, if there are any: uint16_t[], the addresses in the
 * block's code (moved.c); how many, the last.  From block.maps on:
 *
 *     struct pinning, of a loop with its own
 *     struct trap_map[], uint32_t landings[]
 *     if block.has_unsaved, its bytes, and struct unsaved[]: the distance of begin from the one
 *         before's, the length, and the rest
 *     instructions, block.insn_bytes: for each the distance in host code from the one
 *         before, with flags; its guest address if that is not 4 behind; its cc if that
 *         is another
 *     recoveries
 */
#include <assert.h>

#include "hostgen/far.h"
#include "translate/block.h"

enum { PC_DIFFERS = 1, CC_DIFFERS = 2, EXACT = 4, INSN_FLAG_BITS = 3, USUAL_STEP = 4 };
enum { LOST_BITS = 2, HAS_MORE = 1 << LOST_BITS, HAS_SLOT = 2 << LOST_BITS };
enum { MOST_BYTES_OF_RECOVERY = 32, MOST_BYTES_OF_UNSAVED = 24 };

/* ---- Numbers: seven bits a byte, the lowest first ---- */

static uint8_t *put(uint8_t *p, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        *p++ = v | 0x80;
    *p++ = v;
    return p;
}

static uint8_t *put_signed(uint8_t *p, int64_t v)
{
    return put(p, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

static uint64_t get(const uint8_t **p)
{
    uint64_t v = 0;
    unsigned shift = 0;
    for (; **p & 0x80; shift += 7)
        v |= (uint64_t)(*(*p)++ & 0x7f) << shift;
    return v | (uint64_t) * (*p)++ << shift;
}

static int64_t get_signed(const uint8_t **p)
{
    uint64_t v = get(p);
    return (int64_t)(v >> 1 ^ -(v & 1));
}

/* ---- Writing ---- */

static uint8_t *put_operand(uint8_t *p, struct opnd o)
{
    *p++ = o.kind;
    return o.kind == OPND_NONE ? p : put_signed(p, o.v);
}

static uint8_t *put_recovery(uint8_t *p, const struct cc_recover *r)
{
    *p++ = r->lost | (r->more ? HAS_MORE : 0) | (r->slot ? HAS_SLOT : 0);
    p = put(p, r->kind);
    if (r->slot)
        *p++ = r->slot;
    return put_operand(put_operand(p, r->x), r->y);
}

/* s: in the order of begin. */
static uint8_t *put_unsaved(uint8_t *p, const struct unsaved *s, unsigned count)
{
    uint32_t begin = 0;
    for (; count--; s++) {
        p = put(p, s->begin - begin);
        p = put(p, s->end - s->begin);
        *p++ = s->slot;
        *p++ = s->from;
        p = put_signed(p, s->added);
        begin = s->begin;
    }
    return p;
}

static uint8_t *put_insns(uint8_t *p, const struct insn_map *insns, unsigned count,
                          const uint16_t *recovery_at)
{
    struct insn_map before = {0};
    for (unsigned n = 0; n < count; n++) {
        struct insn_map m = insns[n];
        int step = (int)m.pc_delta - before.pc_delta;
        m.cc = m.cc ? 1 + recovery_at[m.cc - 1] : 0;
        unsigned flags = (step != (n ? USUAL_STEP : 0) ? PC_DIFFERS : 0) |
                         (m.cc != before.cc ? CC_DIFFERS : 0) | (m.exact ? EXACT : 0);
        p = put(p, (m.off - before.off) << INSN_FLAG_BITS | flags);
        if (flags & PC_DIFFERS)
            p = put_signed(p, step);
        if (flags & CC_DIFFERS)
            p = put(p, m.cc);
        before = m;
    }
    return p;
}

void maps_write(struct arena *a, struct block *b, const struct block_maps *m)
{
    static uint8_t
        recoveries[BLOCK_MAX_RECOVERED * MOST_BYTES_OF_RECOVERY] FAR_ZEROS; /* under cache_lock */
    static uint16_t recovery_at[BLOCK_MAX_RECOVERED];
    uint8_t *end = recoveries;
    for (unsigned n = 0; n < m->recovery_count; n++) {
        recovery_at[n] = end - recoveries;
        end = put_recovery(end, &m->recoveries[n]);
    }
    size_t recovery_bytes = end - recoveries;

    uint8_t *begin = a->maps + a->maps_next, *p = begin;
    b->has_addresses = m->address_count;
    if (m->address_count) {
        const uint16_t count = (uint16_t)m->address_count;
        p += count % 2 ? 0 : sizeof count; /* what follows is aligned to 4 */
        memcpy(p, m->addresses, count * sizeof *m->addresses);
        p += count * sizeof *m->addresses;
        memcpy(p, &count, sizeof count);
        p += sizeof count;
    }
    b->maps = a->maps_next + (uint32_t)(p - begin);
    if (m->pinning) {
        memcpy(p, m->pinning, sizeof *m->pinning);
        p += sizeof *m->pinning;
    }
    b->own_loop = m->pinning;
    b->trap_count = m->trap_count;
    memcpy(p, m->traps, m->trap_count * sizeof *m->traps);
    p += m->trap_count * sizeof *m->traps;
    b->landing_count = m->landing_count;
    memcpy(p, m->landings, m->landing_count * sizeof *m->landings);
    p += m->landing_count * sizeof *m->landings;
    b->has_unsaved = m->unsaved_count;
    if (m->unsaved_count) {
        static uint8_t unsaved[BLOCK_MAX_FOLDS * MOST_BYTES_OF_UNSAVED]; /* under cache_lock */
        size_t bytes = put_unsaved(unsaved, m->unsaved, m->unsaved_count) - unsaved;
        p = put(p, bytes);
        memcpy(p, unsaved, bytes);
        p += bytes;
    }
    uint8_t *insns = p;
    b->insn_count = m->insn_count;
    p = put_insns(p, m->insns, m->insn_count, recovery_at);
    b->insn_bytes = p - insns;
    memcpy(p, recoveries, recovery_bytes);
    p += recovery_bytes;
    arena_alloc(a, p - begin);
}

/* ---- Reading ---- */

static uint8_t *after_pinning(struct found f)
{
    return f.arena->maps + f.block->maps + (f.block->own_loop ? sizeof(struct pinning) : 0);
}

const uint16_t *maps_addresses(struct found f, unsigned *count)
{
    const uint16_t *end = (const uint16_t *)(f.arena->maps + f.block->maps) - 1;
    *count = f.block->has_addresses ? *end : 0;
    return end - *count;
}

struct trap_map *maps_traps(struct found f)
{
    return (struct trap_map *)after_pinning(f);
}

const uint32_t *maps_landings(struct found f)
{
    return (const uint32_t *)(maps_traps(f) + f.block->trap_count);
}

const uint8_t *maps_unsaved(struct found f, const uint8_t **end)
{
    const uint8_t *p = (const uint8_t *)(maps_landings(f) + f.block->landing_count);
    size_t bytes = f.block->has_unsaved ? get(&p) : 0;
    *end = p + bytes;
    return p;
}

static const uint8_t *insns_of(struct found f)
{
    const uint8_t *end;
    maps_unsaved(f, &end);
    return end;
}

struct insn_map maps_insn_at(struct found f, uint32_t off)
{
    struct insn_map exact;
    return maps_insns_at(f, off, &exact);
}

struct insn_map maps_insns_at(struct found f, uint32_t off, struct insn_map *exact)
{
    const uint8_t *p = insns_of(f);
    struct insn_map found = {0}, m = {0};
    *exact = m;
    for (unsigned n = 0; n < f.block->insn_count; n++) {
        uint32_t distance = get(&p);
        m.off += distance >> INSN_FLAG_BITS;
        m.exact = distance & EXACT;
        m.pc_delta += distance & PC_DIFFERS ? (int)get_signed(&p) : n ? USUAL_STEP : 0;
        if (distance & CC_DIFFERS)
            m.cc = get(&p);
        if (n && m.off > off)
            break;
        found = m;
        if (m.exact)
            *exact = m;
    }
    return found;
}

const uint8_t *maps_recoveries(struct found f, const struct insn_map *m)
{
    return m->cc ? insns_of(f) + f.block->insn_bytes + m->cc - 1 : NULL;
}

static struct opnd get_operand(const uint8_t **p)
{
    struct opnd o = {.kind = *(*p)++};
    if (o.kind != OPND_NONE)
        o.v = get_signed(p);
    return o;
}

const uint8_t *maps_next_unsaved(const uint8_t *at, struct unsaved *s)
{
    s->begin += (uint32_t)get(&at);
    s->end = s->begin + (uint32_t)get(&at);
    s->slot = *at++;
    s->from = *at++;
    s->added = (int32_t)get_signed(&at);
    return at;
}

const uint8_t *maps_recovery(const uint8_t *at, struct cc_recover *r)
{
    unsigned flags = *at++;
    *r = (struct cc_recover){.lost = flags & (HAS_MORE - 1), .more = flags & HAS_MORE};
    r->kind = get(&at);
    if (flags & HAS_SLOT)
        r->slot = *at++;
    r->x = get_operand(&at);
    r->y = get_operand(&at);
    return r->more ? at : NULL;
}
