/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Templates with their registers filled in, so that emitting the same once more is
 * a copy.
 *
 * A shape is a micro-op with the places of its operands: it says everything but the
 * numbers of immediates and the displacements of memory.  The bytes for a shape are
 * kept when they are made the first time, moves of the legalizer included,
 * with the fields where those numbers go.  A small table that may forget: of a pair of entries
 * the first is the one that was used last, the other one goes.  It grows once, as most programs
 * are short and need few shapes.
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

extern struct instance instance_table[];
extern unsigned instance_pair_bits; /* of the numbers of pairs, at present */
static inline struct instance *instance_pair(uint64_t shape)
{
    return &instance_table[(shape * UINT64_C(0x9e3779b97f4a7c15) >> (64 - instance_pair_bits)) * 2];
}

/* NULL: none. */
static inline const struct instance *instance_find(uint64_t shape)
{
    struct instance *in = instance_pair(shape);
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
void instance_forget_all(void);

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
