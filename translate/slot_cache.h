/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps slots that have no host register of their own in the temporaries that
 * a block's micro-ops leave free.
 *
 * A value stays in such a register from where it is written or first read to
 * its last use in the block; in a scratch register also what the legalizer has left there.  Memory
 * is written through, so that it holds the whole guest state at every fault and exit: only loads
 * are saved, and with them the time that a load takes to see the store before it.
 *
 *     slot_cache_begin(b, uops, count);
 *     for (i = 0; i < count; i++) {
 *         slot_cache_step(i, &step);
 *         ... emit step.load, the micro-op with the operands returned, step.store
 *         slot_cache_done(i, hostgen_emit's answer);
 *         ... where it is a template with a helper out of line: that ends with what
 *             slot_cache_held() lists
 *     }
 */
#ifndef FERRY_SLOT_CACHE_H
#define FERRY_SLOT_CACHE_H

#include "translate/block.h"

struct slot_move {
    struct opnd reg, slot;
};

enum { SLOT_CACHE_REGISTERS = 5 };

struct slot_step {
    struct opnd o[UOP_MAX_OPERANDS];
    struct slot_move load[UOP_MAX_OPERANDS], store[UOP_MAX_OPERANDS];
    unsigned loads, stores;
};

/* All under cache_lock.  After hostgen_pin for this block. */
void slot_cache_begin(const struct builder *b, const struct micro_op *uops, unsigned count);
/* What to emit for micro-op i, a template: its operands. */
const struct opnd *slot_cache_step(unsigned i, struct slot_step *step);
/* Where micro-op i, which is no template, finds an operand, or what it pushes: in a register if it
 * is there. */
struct opnd slot_cache_operand(unsigned i, struct opnd o);
/* Micro-op i has been emitted; scratch: what the legalizer has done to its registers. */
void slot_cache_done(unsigned i, struct scratch_use scratch);
/* Instead: what has been emitted for it leaves nothing where it was. */
void slot_cache_forget(void);
/* The loads that bring all registers into the state that they are in now; at most
 * SLOT_CACHE_REGISTERS.  Returns how many. */
unsigned slot_cache_held(struct slot_move *held);

#endif
