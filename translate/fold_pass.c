/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Additions that nothing needs but addresses.
 *
 *     add x12, x12, #0x200
 *     ldr w30, [x0, x12, lsl #2]
 *     ubfx x12, x3, #0x28, #8
 *
 * The access adds the constant, as a displacement, and the addition is left out, if what it makes
 * is overwritten before the block can be left, and nobody reads it but as a part of addresses.
 * What faults meanwhile has the slot completed: builder.folds, from which lower.c makes entries of
 * the block's maps.  The first addition of a block stays: where it begins the state must be known.
 */
#include <assert.h>

#include "translate/block.h"

enum { SLOTS = 32 /* that may be left incomplete: general registers */ };
enum { MOST_ADDED = 1 << 24, MOST_DISPLACEMENT = 1 << 30 };

/* Slots from a micro-op on. */
struct ahead {
    uint32_t folds;        /* those that are overwritten, and read only where a constant folds */
    uint32_t written;      /* in the block */
    uint16_t write[SLOTS]; /* by this micro-op first */
};

static uint32_t bit(struct opnd o)
{
    return o.kind == OPND_G && o.v < SLOTS ? UINT32_C(1) << o.v : 0;
}

/* The row with a displacement beside the index, or 0. */
static unsigned displaced(unsigned op)
{
    switch (op) {
    case UOP_ld8x0:
        return UOP_ld8xn;
    case UOP_ld16x:
        return UOP_ld16xn;
    case UOP_ld32x:
        return UOP_ld32xn;
    case UOP_ld64x:
        return UOP_ld64xn;
    default:
        return 0;
    }
}

/* Operand k is a part of an address that a constant can be added to. */
static bool is_folding(const struct micro_op *u, unsigned k)
{
    const struct uop_address *at = &uop_info[u->op].address;
    if (at->base == UOP_NO_OPERAND || u->helper != HELPER_NONE)
        return false;
    if (at->index != UOP_NO_OPERAND)
        return (k == at->base || k == at->index) && displaced(u->op);
    return k == at->base && at->displacement != UOP_NO_OPERAND &&
           uop_info[u->op].cls[at->displacement] == 'i' &&
           u->o[at->displacement].v > -MOST_DISPLACEMENT &&
           u->o[at->displacement].v < MOST_DISPLACEMENT;
}

/* What micro-op u adds to a slot to make another, or the same; 0: it does something else. */
static int64_t added_by(const struct micro_op *u)
{
    int64_t sign = u->op == UOP_add64 ? 1 : u->op == UOP_sub64 ? -1 : 0;
    if (!sign || !bit(u->o[0]) || !bit(u->o[1]) || u->o[2].kind != OPND_I ||
        u->o[2].v <= -MOST_ADDED || u->o[2].v >= MOST_ADDED)
        return 0;
    return sign * u->o[2].v;
}

/* From behind micro-op u, number i, to before it. */
static void pass_over(struct ahead *a, const struct micro_op *u, unsigned i)
{
    const struct uop_info *info = &uop_info[u->op];
    if (u->op >= UOP_TEMPLATE_COUNT) {
        a->folds = 0;
        return;
    }
    for (unsigned k = 0; k < u->n; k++)
        if (info->dir[k] != ' ' && bit(u->o[k])) {
            a->folds |= bit(u->o[k]);
            a->written |= bit(u->o[k]);
            a->write[u->o[k].v] = (uint16_t)i;
        }
    if (info->has_taken || info->has_slow || info->has_jump || u->helper != HELPER_NONE)
        a->folds = 0;
    for (unsigned k = 0; k < u->n; k++)
        if (info->dir[k] != '=' && bit(u->o[k]) && !is_folding(u, k))
            a->folds &= ~bit(u->o[k]);
}

/* Leaves the addition u, number i, out if it can be. */
static bool fold(struct builder *b, struct ahead *a, const struct micro_op *u, unsigned i)
{
    unsigned d = (unsigned)u->o[0].v, from = (unsigned)u->o[1].v;
    if (!(a->folds & bit(u->o[0])) || b->fold_count == BLOCK_MAX_FOLDS ||
        (d != from && (a->written & bit(u->o[1])) && a->write[from] <= a->write[d]))
        return false;
    b->folds[b->fold_count++] = (struct fold){.begin = (uint16_t)i,
                                              .slot = (uint8_t)d,
                                              .from = (uint8_t)from,
                                              .added = (int32_t)added_by(u)};
    a->written |= bit(u->o[0]);
    a->write[d] = (uint16_t)i;
    a->folds &= ~bit(u->o[1]);
    return true;
}

/* Fills builder.folds, the last first: begin is the addition's number. */
static void find_folds(struct builder *b, const struct micro_op *uops, unsigned count)
{
    struct ahead a = {0};
    for (unsigned i = count; i--;) {
        const struct micro_op *u = &uops[i];
        if (i + 1 < count && join_between(b, u->insn, uops[i + 1].insn))
            a.folds = 0;
        if (!i || !added_by(u) || !fold(b, &a, u, i))
            pass_over(&a, u, i);
    }
}

/* Adds what is missing in parts of u's address. */
static void complete(struct micro_op *u, struct fold *const *active, uint32_t folded)
{
    const struct uop_address *at = &uop_info[u->op].address;
    const uint8_t parts[] = {at->base, at->index};
    int64_t added = 0;
    bool any = false;
    if (u->op >= UOP_TEMPLATE_COUNT || at->base == UOP_NO_OPERAND)
        return;
    for (unsigned k = 0; k < 2; k++) {
        if (parts[k] == UOP_NO_OPERAND || !(bit(u->o[parts[k]]) & folded))
            continue;
        const struct fold *f = active[u->o[parts[k]].v];
        u->o[parts[k]] = G(f->from);
        added += (int64_t)f->added << (k ? at->log_scale : 0);
        any = true;
    }
    if (any && at->index != UOP_NO_OPERAND) {
        u->op = (uint16_t)displaced(u->op);
        u->n = uop_info[u->op].n;
        u->o[uop_info[u->op].address.displacement] = I(added);
    } else if (any) {
        u->o[at->displacement].v += added;
    }
}

/* Micro-op u has overwritten what some make: those end before micro-op n of the new stream. */
static uint32_t end_folds(const struct micro_op *u, struct fold **active, uint32_t folded,
                          unsigned n)
{
    for (unsigned k = 0; folded && u->op < UOP_TEMPLATE_COUNT && k < u->n; k++)
        if (uop_info[u->op].dir[k] != ' ' && (bit(u->o[k]) & folded)) {
            active[u->o[k].v]->end = (uint16_t)n;
            folded &= ~bit(u->o[k]);
        }
    return folded;
}

unsigned fold_pass(struct builder *b, struct micro_op *uops, unsigned count)
{
    struct fold *active[SLOTS];
    uint32_t folded = 0;
    unsigned n = 0;
    b->fold_count = 0;
    find_folds(b, uops, count);
    if (!b->fold_count)
        return count;
    for (unsigned i = 0, left = b->fold_count; i < count; i++) {
        struct micro_op *u = &uops[i];
        if (left && b->folds[left - 1].begin == i) {
            struct fold *f = &b->folds[--left];
            folded = end_folds(u, active, folded, n) | bit(u->o[0]);
            f->begin = (uint16_t)n;
            active[f->slot] = f;
            continue;
        }
        complete(u, active, folded);
        if (n < i)
            micro_op_copy(&uops[n], u);
        n++;
        folded = end_folds(u, active, folded, n);
    }
    assert(!folded);
    return n;
}
