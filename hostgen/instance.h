/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Templates with their registers filled in, so that emitting the same once more is
 * a copy.
 *
 * A shape is a micro-op with the places of its operands: it says everything but the
 * numbers of immediates and the displacements of memory.  The bytes for a shape are
 * kept when they are made the first time, moves of the legalizer included,
 * with the fields where those numbers go.
 *
 * Those that most programs need are made when ferry is built (hostgen/ready/): a short program
 * makes hardly any itself.  For the others there is a small table that may forget: of a pair of
 * entries the first is the one that was used last, the other one goes.  It grows, as most
 * programs are short and need few shapes.
 *
 *     const struct instance *in = instance_find(shape);
 *     if (!in) {
 *         instance_record(p);
 *         ... instance_note_hole(), instance_note_reloc() ...
 *         instance_keep(shape, p, place, ...);
 *     }
 */
#ifndef FERRY_HOSTGEN_INSTANCE_H
#define FERRY_HOSTGEN_INSTANCE_H

#include "hostgen/far.h"
#include "hostgen/patch.h"

enum { INSTANCE_BYTES = 32, INSTANCE_HOLES = 3, INSTANCE_RELOCS = 2 };

/* One line of the cache: most of them are not in it when they are needed. */
struct instance {
    uint64_t shape;
    uint8_t size;
    uint8_t holes : 2, relocs : 2;
    bool legalized : 1; /* by moves */
    struct scratch_use scratch;
    struct {
        uint8_t byte : 5, kind : 3; /* HG_TAKEN, HG_SLOW */
    } reloc[INSTANCE_RELOCS];
    struct {
        uint32_t byte : 5, operand : 3, shift : 3, width : 7, from : 6,
            turn : 3; /* struct hg_hole */
    } hole[INSTANCE_HOLES];
    uint8_t code[INSTANCE_BYTES];
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct instance) == 64, "an instance");

/* Operand i's part of a shape, and the whole for micro-op op. */
enum { SHAPE_OPERAND_BITS = 8, SHAPE_OP_BITS = 12 };
static inline uint64_t shape_of_operand(unsigned i, uint8_t part)
{
    return (uint64_t)part << (SHAPE_OP_BITS + SHAPE_OPERAND_BITS * i);
}
#define SHAPE_OF_OP(op) (UINT64_C(1) << 63 | (op))

static inline uint64_t instance_hash(uint64_t shape)
{
    return shape * UINT64_C(0x9e3779b97f4a7c15);
}

/* Those that were made at build time, for the highest ISA level: the most frequent ones first, and
 * none at 0.  They are found through an index that is a hash table of pairs: a number of
 * instance_ready and, above it, more of the hash, so that few others are looked at in vain. */
enum { READY_BITS = 13, READY_INDEX_BITS = 13, READY_TAG_BITS = 16 - READY_BITS };
extern const struct instance instance_ready[];
extern const uint16_t instance_ready_index[1 << READY_INDEX_BITS][2];
extern unsigned instance_ready_mask; /* 0: not for this level */
static inline unsigned instance_ready_place(uint64_t hash)
{
    return (unsigned)(hash >> (64 - READY_INDEX_BITS));
}
static inline unsigned instance_ready_tag(uint64_t hash)
{
    return (unsigned)(hash >> 32) % (1 << READY_TAG_BITS);
}

static inline const struct instance *instance_find_ready(uint64_t shape, uint64_t hash)
{
    const uint16_t *entry = instance_ready_index[instance_ready_place(hash) & instance_ready_mask];
    const unsigned tag = instance_ready_tag(hash);
    for (unsigned k = 0; k < 2; k++) {
        const struct instance *in = &instance_ready[entry[k] % (1 << READY_BITS)];
        if (entry[k] >> READY_BITS == tag && in->shape == shape)
            return in;
    }
    return NULL;
}

extern struct instance instance_table[];
extern unsigned instance_pair_bits; /* of the numbers of pairs, at present */
static inline struct instance *instance_pair(uint64_t hash)
{
    return &instance_table[(hash >> (64 - instance_pair_bits)) * 2];
}

/* NULL: none. */
static inline const struct instance *instance_find(uint64_t shape)
{
    const uint64_t hash = instance_hash(shape);
    const struct instance *ready = instance_find_ready(shape, hash);
    if (ready)
        return ready;
    struct instance *in = instance_pair(hash);
    if (in[0].shape == shape)
        return in;
    if (in[1].shape != shape)
        return NULL;
    const struct instance found = in[1];
    in[1] = in[0];
    in[0] = found;
    return in;
}

/* What is emitted from p on is going to be an instance. */
void instance_record(const struct code_ptr *p);
/* A field, at `at` in the writable mapping, that depends on an operand's number. */
void instance_note_hole(const uint8_t *at, unsigned operand, const struct hg_hole *h);
void instance_note_reloc(const uint8_t *at, const struct hg_reloc *r);
/* Keeps what has been emitted up to p with these operands. */
void instance_keep(uint64_t shape, const struct code_ptr *p, const struct place *place,
                   bool legalized, struct scratch_use scratch);
/* Starts with those that were made at build time, or without. */
void instance_forget_all(bool ready);

/* ---- For hostgen/ready/ ---- */

/* The level that they are made for; and hostgen_init() for any, whatever the processor is, as
 * nothing that is emitted will be run. */
static const enum host_isa ready_isa = HOST_ISA_V3;
void hostgen_prepare(enum host_isa level);
/* True if micro-op op can have operands of these parts of a shape; and the instance for them, or
 * NULL: it can't be one. */
bool instance_parts_fit(unsigned op, const uint8_t *parts);
const struct instance *instance_make(unsigned op, const uint8_t *parts);

/* Fills a field that is empty, or empties it: the operand's number is xor-ed in. */
static inline void instance_fill(uint8_t *at, int64_t number, unsigned turn, unsigned from,
                                 unsigned width, unsigned shift)
{
    uint64_t v = (uint64_t)(turn ? hg_turned(number, turn) : number), x;
    __builtin_memcpy(&x, at, 8);
    x ^= (v >> from & (UINT64_MAX >> (64 - width))) << shift;
    __builtin_memcpy(at, &x, 8);
}

static inline void instance_emit(const struct instance *in, struct code_ptr *p,
                                 const struct place *place, struct template_exits *exits)
{
    __builtin_memcpy(p->w, in->code, INSTANCE_BYTES);
    for (unsigned i = 0; i < in->holes; i++)
        instance_fill(p->w + in->hole[i].byte, place[in->hole[i].operand].number, in->hole[i].turn,
                      in->hole[i].from, in->hole[i].width, in->hole[i].shift);
    for (unsigned i = 0; i < in->relocs; i++) {
        if (in->reloc[i].kind == HG_TAKEN)
            exits->taken[exits->taken_count++] = p->w + in->reloc[i].byte;
        else
            exits->slow[exits->slow_count++] = p->w + in->reloc[i].byte;
    }
    p->w += in->size;
    p->x += in->size;
}

#endif
