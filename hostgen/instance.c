/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostgen/instance.h"

#include <limits.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum { PAGE = 4096, FIRST_BITS = 10, LAST_BITS = 12 };

unsigned instance_ready_mask;
struct instance instance_table[2 << LAST_BITS] FAR_ZEROS __attribute__((aligned(PAGE)));
unsigned instance_pair_bits = FIRST_BITS;
static unsigned kept;

/* When the table gets its memory, and when it grows. */
enum { SOME = 16, MANY = 1200 };

/* What is being emitted. */
static struct {
    struct instance in;
    const uint8_t *begin;
    bool fits;
} record;

void instance_record(const struct code_ptr *p)
{
    record.in.holes = record.in.relocs = 0;
    record.begin = p->w;
    record.fits = true;
}

void instance_note_hole(const uint8_t *at, unsigned operand, const struct hg_hole *h)
{
    struct instance *in = &record.in;
    if (in->holes == INSTANCE_HOLES || at - record.begin >= INSTANCE_BYTES) {
        record.fits = false;
        return;
    }
    unsigned n = in->holes++;
    in->hole[n].byte = (uint8_t)(at - record.begin);
    in->hole[n].operand = (uint8_t)operand;
    in->hole[n].shift = h->shift;
    in->hole[n].width = h->width;
    in->hole[n].from = h->from;
    in->hole[n].turn = h->turn;
}

void instance_note_reloc(const uint8_t *at, const struct hg_reloc *r)
{
    struct instance *in = &record.in;
    if (r->kind == HG_POOL || in->relocs == INSTANCE_RELOCS ||
        at - record.begin >= INSTANCE_BYTES) {
        record.fits = false;
        return;
    }
    in->reloc[in->relocs].byte = (uint8_t)(at - record.begin);
    in->reloc[in->relocs++].kind = r->kind;
}

static size_t table_bytes(void)
{
    return sizeof(struct instance) << (instance_pair_bits + 1);
}

/* The first of its pair from now on. */
static struct instance *make_first(uint64_t shape)
{
    struct instance *in = instance_pair(instance_hash(shape));
    in[1] = in[0];
    return in;
}

/* More will follow, all over the table: cheaper than two faults for each page of it. */
static void populate(void)
{
    madvise(instance_table, table_bytes(), MADV_POPULATE_WRITE);
}

/* From the end on, as a pair's new places are not before it. */
static void grow(void)
{
    instance_pair_bits = LAST_BITS;
    populate();
    for (unsigned n = 2 << FIRST_BITS; n; n -= 2) {
        struct instance *pair = &instance_table[n - 2];
        const struct instance first = pair[0], second = pair[1];
        memset(pair, 0, 2 * sizeof *pair);
        if (second.shape)
            *make_first(second.shape) = second;
        if (first.shape)
            *make_first(first.shape) = first;
    }
}

void instance_keep(uint64_t shape, const struct code_ptr *p, const struct place *place,
                   bool legalized, struct scratch_use scratch)
{
    size_t size = (size_t)(p->w - record.begin);
    if (!record.fits || size > INSTANCE_BYTES)
        return;
    uint8_t code[INSTANCE_BYTES + 8] = {0};
    memcpy(code, record.begin, size);
    /* Filling is by xor: once more empties the field. */
    for (unsigned i = 0; i < record.in.holes; i++)
        instance_fill(code + record.in.hole[i].byte, place[record.in.hole[i].operand].number,
                      record.in.hole[i].turn, record.in.hole[i].from, record.in.hole[i].width,
                      record.in.hole[i].shift);
    struct instance *in = make_first(shape);
    *in = record.in;
    in->shape = shape;
    in->size = (uint8_t)size;
    in->legalized = legalized;
    in->scratch = scratch;
    memcpy(in->code, code, INSTANCE_BYTES);
    if (++kept == SOME)
        populate();
    else if (kept == MANY)
        grow();
}

void instance_forget_all(bool ready)
{
    instance_ready_mask = ready ? UINT_MAX : 0;
    if (kept)
        memset(instance_table, 0, table_bytes());
    kept = 0;
    instance_pair_bits = FIRST_BITS;
}
