/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rounds of SHA-256.  The guest has two instructions for the same four rounds, each of which
 * gives half of the state, and each does them by itself on the host (hostgen/ops/crypto.def): it
 * brings the state into the host's order, does the rounds, and takes its half.  Where that order
 * is at hand, and where the rounds have been done, the rest is enough.  The guest's registers are
 * always what they should be; what the host's order is of is known by numbers of values.
 */
#include "translate/block.h"

/* Of the micro-ops of an instruction, before the last one. */
enum { ABEF, CDGH, FIRST, SECOND, SHA256_UOPS };

struct state {
    unsigned abcd, efgh; /* values */
};

struct values {
    unsigned of[VCPU_V_SLOTS], count; /* all are from 1 to count */
    struct state now;                 /* what the host's order is of */
    struct state before;              /* and was of before the last rounds, ... */
    unsigned added;                   /* ... which have added this */
};

static unsigned new_value(struct values *v)
{
    return ++v->count;
}

static void forget(struct values *v)
{
    for (unsigned s = 0; s < VCPU_V_SLOTS; s++)
        v->of[s] = new_value(v);
}

static bool same(struct state a, struct state b)
{
    return a.abcd == b.abcd && a.efgh == b.efgh;
}

/* How many of the instruction's micro-ops from u on have been done. */
static unsigned count_done(const struct values *v, const struct micro_op *u)
{
    struct state state = {v->of[u[ABEF].o[1].v], v->of[u[ABEF].o[2].v]};
    if (same(state, v->before) && v->of[u[FIRST].o[2].v] == v->added)
        return SHA256_UOPS;
    return same(state, v->now) ? FIRST : 0;
}

static void note(struct values *v, const struct micro_op *u)
{
    if (u->op >= UOP_TEMPLATE_COUNT || u->helper != HELPER_NONE) {
        forget(v);
        return;
    }
    for (unsigned k = 0; k < u->n; k++)
        if (u->o[k].kind == OPND_V && uop_info[u->op].dir[k] != ' ')
            v->of[u->o[k].v] = new_value(v);
    switch (u->op) {
    case UOP_v_mov:
        if (u->o[0].kind == OPND_V && u->o[1].kind == OPND_V)
            v->of[u->o[0].v] = v->of[u->o[1].v];
        break;
    case UOP_sha256_abef:
        v->now = (struct state){v->of[u->o[1].v], v->of[u->o[2].v]};
        break;
    case UOP_sha256_second:
        v->before = v->now;
        v->added = v->of[u->o[2].v];
        v->now.abcd = new_value(v);
        v->now.efgh = new_value(v);
        break;
    case UOP_sha256_abcd:
        v->of[u->o[0].v] = v->now.abcd;
        break;
    case UOP_sha256_efgh:
        v->of[u->o[0].v] = v->now.efgh;
        break;
    default:
        break;
    }
}

unsigned sha_pass(const struct builder *b, struct micro_op *uops, unsigned count)
{
    unsigned any = 0, n = 0;
    while (any < count && uops[any].op != UOP_sha256_abef)
        any++;
    if (any == count)
        return count;
    struct values values = {.count = 0};
    forget(&values);
    for (unsigned i = 0; i < count; i++) {
        if (i && join_between(b, uops[i - 1].insn, uops[i].insn))
            forget(&values);
        if (uops[i].op == UOP_sha256_abef)
            i += count_done(&values, &uops[i]);
        note(&values, &uops[i]);
        if (n < i)
            micro_op_copy(&uops[n], &uops[i]);
        n++;
    }
    return n;
}
