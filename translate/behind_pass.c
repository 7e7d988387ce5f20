/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loads behind a store to one place or another.
 *
 *     csel x2, x24, x23, le
 *     ldr x0, [x19]
 *     str x0, [x2]
 *     ldr x19, [sp, #0x58]
 *
 * The last reads what was stored if x2 says so.  Processors learn to keep it until they know where
 * the store goes, but try it before they have what is stored, and once more later: in a loop in
 * which the next choice hangs on it that costs a quarter of the time.  So it waits for x0.
 */
#include "translate/block.h"

static uint64_t bit(struct opnd o)
{
    return o.kind == OPND_G && o.v < 64 ? UINT64_C(1) << o.v : 0;
}

static uint64_t written_by(const struct micro_op *u)
{
    uint64_t slots = 0;
    for (unsigned k = 0; u->op < UOP_TEMPLATE_COUNT && k < u->n; k++)
        if (uop_info[u->op].dir[k] != ' ')
            slots |= bit(u->o[k]);
    return slots;
}

static bool picks(const struct micro_op *u)
{
    return u->op >= UOP_pick_sub32_eq && u->op <= UOP_pick32_and64_ne;
}

void behind_pass(struct micro_op *uops, unsigned count)
{
    uint64_t picked = 0, loaded = 0, written = 0;
    const struct opnd *stored = NULL;
    for (unsigned i = 0; i < count; i++)
        written |= written_by(&uops[i]);
    for (struct micro_op *u = uops; u < uops + count; u++) {
        if (stored && u->op == UOP_ld64 && u->o[0].kind == OPND_G && bit(u->o[1]) & ~written) {
            u->op = UOP_ld64_behind;
            u->o[u->n++] = *stored;
        }
        uint64_t writes = written_by(u);
        picked = picks(u) ? picked | writes : picked & ~writes;
        loaded = u->op == UOP_ld64 ? loaded | writes : loaded & ~writes;
        if (u->op == UOP_st64 && bit(u->o[0]) & loaded && bit(u->o[1]) & picked)
            stored = &u->o[0];
        else if (stored && bit(*stored) & writes)
            stored = NULL;
    }
}
