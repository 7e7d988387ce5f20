/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostgen/instance.h"

#include <string.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum { PAGE = 4096 };

struct instance instance_table[1 << INSTANCE_TABLE_BITS] __attribute__((aligned(PAGE)));
static unsigned kept;

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

void instance_keep(uint64_t shape, const struct code_ptr *p, const struct place *place,
                   bool legalized, struct scratch_use scratch)
{
    size_t size = (size_t)(p->w - record.begin);
    if (!record.fits || size > INSTANCE_BYTES)
        return;
    struct instance *in = instance_pair(shape);
    uint8_t code[INSTANCE_BYTES + 8] = {0};
    memcpy(code, record.begin, size);
    /* Filling is by xor: once more empties the field. */
    for (unsigned i = 0; i < record.in.holes; i++)
        instance_fill(code + record.in.hole[i].byte, place[record.in.hole[i].operand].number,
                      record.in.hole[i].turn, record.in.hole[i].from, record.in.hole[i].width,
                      record.in.hole[i].shift);
    in[1] = in[0];
    *in = record.in;
    in->shape = shape;
    in->size = (uint8_t)size;
    in->legalized = legalized;
    in->scratch = scratch;
    memcpy(in->code, code, INSTANCE_BYTES);
    /* More will follow, all over the table: cheaper than two faults for each page of it. */
    if (++kept == sizeof instance_table / PAGE / 16)
        madvise(instance_table, sizeof instance_table, MADV_POPULATE_WRITE);
}

void instance_forget_all(void)
{
    if (kept)
        memset(instance_table, 0, sizeof instance_table);
    kept = 0;
}
