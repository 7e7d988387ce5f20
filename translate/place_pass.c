/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results made where they are to be.
 *
 * An instruction in two micro-ops, of which the second reads from a temporary what the first
 * has put there, and writes a register: the first may write the register as well, if
 * nobody else reads the temporary and the second doesn't need what the register held.  That
 * saves a move, as hosts' instructions overwrite an operand.
 */
#include "translate/block.h"

static bool same(struct opnd a, struct opnd b)
{
    return a.kind == b.kind && a.v == b.v;
}

static bool is_plain(const struct micro_op *u)
{
    const struct uop_info *info = &uop_info[u->op];
    return u->op < UOP_TEMPLATE_COUNT && u->helper == HELPER_NONE && u->n && !info->has_taken &&
           !info->has_slow && !info->has_jump && info->dir[0] == '=';
}

/* No micro-op from u to end reads temporary t before it is written. */
static bool is_dead(const struct micro_op *u, const struct micro_op *end, struct opnd t)
{
    for (; u < end; u++) {
        bool written = false;
        for (unsigned k = 0; k < u->n; k++) {
            if (!same(u->o[k], t))
                continue;
            if (u->op >= UOP_TEMPLATE_COUNT || uop_info[u->op].dir[k] != '=')
                return false;
            written = true;
        }
        if (written)
            return true;
    }
    return true;
}

void place_pass(struct micro_op *uops, unsigned count)
{
    const struct micro_op *end = uops + count;
    for (struct micro_op *u = uops; u + 1 < end; u++) {
        struct micro_op *next = u + 1;
        struct opnd t = u->o[0], d = next->o[0];
        if (t.kind != OPND_GT || !is_plain(u) || !is_plain(next) || u->insn != next->insn ||
            d.kind != OPND_G || hostgen_in_memory() >> d.v & 1 || hostgen_accesses_memory(next->op))
            continue;
        bool reads_t = false, clear = true;
        for (unsigned k = 1; k < u->n; k++)
            clear &= uop_info[u->op].dir[k] == ' ';
        for (unsigned k = 1; k < next->n; k++) {
            reads_t |= same(next->o[k], t);
            clear &= !same(next->o[k], d) && uop_info[next->op].dir[k] == ' ';
        }
        if (!reads_t || !clear || !is_dead(next + 1, end, t))
            continue;
        u->o[0] = d;
        for (unsigned k = 1; k < next->n; k++)
            if (same(next->o[k], t))
                next->o[k] = d;
    }
}
