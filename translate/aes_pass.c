/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rounds of AES, where the guest adds a round's key at its start and the host at its end: a
 * round adds the key of the one that follows it (hostgen/ops/aes.def).  In between the slot
 * does not hold what it should: nothing there may look at it, leave the block, or come
 * there by another way.
 */
#include "translate/block.h"

static bool is_register(struct opnd o)
{
    return o.kind == OPND_V;
}

static const struct rounds {
    uint16_t full, final; /* of a slot and a key: with or without mixing of columns */
    uint16_t first, next, last, end;
} rounds[] = {
    {UOP_aese_aesmc, UOP_aese, UOP_encrypt_first, UOP_encrypt_next, UOP_encrypt_last,
     UOP_encrypt_end},
    {UOP_aesd_aesimc, UOP_aesd, UOP_decrypt_first, UOP_decrypt_next, UOP_decrypt_last,
     UOP_decrypt_end},
};

static bool mentions(const struct micro_op *u, struct opnd o, bool written)
{
    for (unsigned n = 0; n < u->n; n++)
        if (u->o[n].kind == o.kind && u->o[n].v == o.v &&
            !(written && uop_info[u->op].dir[n] == ' '))
            return true;
    return false;
}

static bool may_leave(const struct micro_op *u)
{
    const struct uop_info *info;
    if (u->op >= UOP_TEMPLATE_COUNT || u->helper != HELPER_NONE)
        return true;
    info = &uop_info[u->op];
    return info->has_taken || info->has_slow || info->has_jump || hostgen_accesses_memory(u->op);
}

/* The round that follows round i of the slot, if that may add its key; or NULL. */
static struct micro_op *following_round(const struct builder *b, struct micro_op *uops,
                                        unsigned count, unsigned i, const struct rounds *r)
{
    struct opnd slot = uops[i].o[0];
    unsigned j = i + 1;
    while (j < count && !may_leave(&uops[j]) && !mentions(&uops[j], slot, false))
        j++;
    if (j == count || join_between(b, uops[i].insn, uops[j].insn) || may_leave(&uops[j]) ||
        (uops[j].op != r->full && uops[j].op != r->final))
        return NULL;
    struct opnd key = uops[j].o[1];
    if (!mentions(&uops[j], slot, true) || !is_register(key) ||
        (key.kind == slot.kind && key.v == slot.v))
        return NULL;
    for (unsigned k = i; k < j; k++)
        if (mentions(&uops[k], key, true))
            return NULL;
    return &uops[j];
}

static void join_rounds(const struct builder *b, struct micro_op *uops, unsigned count, unsigned i,
                        const struct rounds *r)
{
    struct micro_op *u = &uops[i], *next = following_round(b, uops, count, i, r);
    if (!next)
        return;
    bool has_key = false; /* u's was added by the round before */
    do {
        unsigned after = next ? (unsigned)(next - uops) : 0;
        bool final = u->op == r->final;
        struct opnd key = next ? next->o[1] : u->o[1];
        if (final || !next) {
            u->op = final ? r->end : r->last;
            u->n = 1;
        } else if (has_key) {
            u->op = r->next;
            u->o[1] = key;
        } else {
            u->op = r->first;
            u->o[2] = key;
            u->n = 3;
        }
        has_key = true;
        u = next;
        next = u && u->op == r->full ? following_round(b, uops, count, after, r) : NULL;
    } while (u);
}

void aes_pass(const struct builder *b, struct micro_op *uops, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        for (unsigned n = 0; n < sizeof rounds / sizeof *rounds; n++)
            if (uops[i].op == rounds[n].full)
                join_rounds(b, uops, count, i, &rounds[n]);
}
