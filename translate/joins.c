/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forward branches within a block.
 *
 * Where a branch leads to a later instruction of its own block, the two ways join: the
 * branch needs no exit and what follows is translated once.  A loop stays one
 * block then, whatever it skips in a round.  At a join nothing is known of
 * what the way there has left in temporaries or put off (slot_cache.c,
 * late_pass.c forget it there).  The common flags must be the same on both ways,
 * as nothing that is skipped touches them, or dead; then cc_pass.c forgets
 * them, too.
 */
#include <string.h>

#include "translate/block.h"

/* The instruction of the block that branch u goes to, or 0. */
static unsigned landing(const struct builder *b, const struct micro_op *u)
{
    bool branch =
        u->op == UOP_CC_BRANCH || (u->op < UOP_TEMPLATE_COUNT && uop_info[u->op].has_taken);
    if (!branch || u->target <= b->insn_pc[u->insn] || u->target > b->insn_pc[b->insn_count - 1])
        return 0;
    unsigned n = u->insn + 1u;
    while (n < b->insn_count && b->insn_pc[n] != u->target)
        n++;
    return n < b->insn_count ? n : 0;
}

bool branches_between(const struct builder *b, unsigned before, unsigned insn)
{
    for (unsigned i = 0; i < b->uop_count; i++) {
        unsigned n = landing(b, &b->uops[i]);
        if (n > before && n <= insn)
            return true;
    }
    return false;
}

static bool touches_flags(const struct micro_op *u)
{
    return (u->op >= UOP_CC && u->op <= UOP_CC_ADCS) || u->op == UOP_LINK ||
           u->op == UOP_LINK_INDIRECT;
}

void find_joins(struct builder *b)
{
    memset(b->join, JOIN_NONE, b->insn_count);
    b->has_joins = false;
    for (unsigned i = 0; i < b->uop_count; i++) {
        const struct micro_op *u = &b->uops[i];
        unsigned n = landing(b, u), k = i + 1;
        b->has_joins |= n != 0;
        if (!n || b->join[n] == JOIN_FORGET || b->join[n] == JOIN_NEVER)
            continue;
        while (b->uops[k].insn < n && !touches_flags(&b->uops[k]))
            k++;
        if (b->uops[k].insn >= n)
            b->join[n] = JOIN_SAME;
        else
            b->join[n] = cc_dead_behind(b, u->target) ? JOIN_FORGET : JOIN_NEVER;
    }
}

static bool is_join(const struct builder *b, unsigned n)
{
    return b->join[n] == JOIN_SAME || b->join[n] == JOIN_FORGET;
}

unsigned join_of(const struct builder *b, const struct micro_op *u)
{
    unsigned n = landing(b, u);
    return n && is_join(b, n) ? n : 0;
}

unsigned find_join_between(const struct builder *b, int before, unsigned insn)
{
    for (unsigned n = (unsigned)(before + 1); n <= insn; n++)
        if (is_join(b, n))
            return n;
    return 0;
}
