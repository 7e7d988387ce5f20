/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps slots that have no host register of their own in the temporaries that
 * a block's micro-ops leave free.
 *
 * A value stays in such a register from where it is written or first read to
 * its last use in the block.  Memory is written through, so that it holds the
 * whole guest state at every fault and exit: only loads are saved, and with
 * them the time that a load takes to see the store before it.
 *
 *     slot_cache_begin(b, uops, count);
 *     for (i = 0; i < count; i++) {
 *         slot_cache_step(i, &step);
 *         ... emit step.load, the micro-op with the operands returned, step.store
 *         slot_cache_done(i, hostgen_emit's answer);
 *     }
 */
#ifndef FERRY_SLOT_CACHE_H
#define FERRY_SLOT_CACHE_H

#include "translate/block.h"

struct slot_move {
    struct opnd reg, slot;
};

struct slot_step {
    struct opnd o[UOP_MAX_OPERANDS];
    struct slot_move load[UOP_MAX_OPERANDS], store[UOP_MAX_OPERANDS];
    unsigned loads, stores;
};

/* All under cache_lock.  After hostgen_pin for this block. */
void slot_cache_begin(const struct builder *b, const struct micro_op *uops, unsigned count);
/* What to emit for micro-op i, a template: its operands. */
const struct opnd *slot_cache_step(unsigned i, struct slot_step *step);
/* Micro-op i has been emitted; scratch: with the use of the legalizer's scratch register. */
void slot_cache_done(unsigned i, bool scratch);

#endif
