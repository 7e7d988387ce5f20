/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/slot_cache.h"

#include <string.h>

enum {
    TEMPORARIES = 2,
    SCRATCH = TEMPORARIES,
    REGISTERS,
    NEVER = UINT16_MAX,
    MAX = BLOCK_MAX_UOPS * 2
};

enum { HAS_SLOTS = 1, FORGETS = 2, JOINS = 4, MENTIONS = 8 /* shifted by the temporary */ };

/* By micro-op: what it has to do with all this; when each operand's slot is read
 * next with the value that it has here; when a temporary is mentioned next,
 * and if it holds something until then. */
static struct note {
    uint8_t flags, live;
    uint16_t next_read[UOP_MAX_OPERANDS], mention[TEMPORARIES];
} notes[MAX];

static const struct micro_op *stream;
static uint64_t cacheable; /* a bit for each slot */
static unsigned held;      /* a bit for each register that holds a slot */
static struct {
    int slot; /* -1: none */
    unsigned next;
} cached[REGISTERS];

static const struct opnd registers[REGISTERS] = {
    {.v = 0, .kind = OPND_GT}, {.v = 1, .kind = OPND_GT}, {.v = 0, .kind = OPND_GS}};

static bool is_template(const struct micro_op *u)
{
    return u->op < UOP_TEMPLATE_COUNT;
}

static bool reads(const struct micro_op *u, unsigned k)
{
    return uop_info[u->op].dir[k] != '=';
}

static bool writes(const struct micro_op *u, unsigned k)
{
    return uop_info[u->op].dir[k] != ' ';
}

static bool is_cacheable(struct opnd o)
{
    return o.kind == OPND_G && (cacheable >> o.v & 1);
}

void slot_cache_begin(const struct builder *b, const struct micro_op *uops, unsigned count)
{
    uint16_t next[VCPU_G_SLOTS], mention[TEMPORARIES] = {NEVER, NEVER};
    uint8_t live = 0;
    memset(next, 0xff, sizeof next);
    stream = uops;
    /* Guest registers, and operands and carries of lazy flags: templates reach the other slots
     * that all guests share behind our back. */
    cacheable = hostgen_in_memory() & ~(UINT64_C(0x1f) << CC_KIND_SLOT | UINT64_C(3) << T_SLOT);
    for (unsigned i = count; i--;) {
        const struct micro_op *u = &uops[i];
        struct note *n = &notes[i];
        unsigned flags = join_between(b, i ? uops[i - 1].insn : 0, u->insn) ? JOINS : 0;
        if (i + 1 < count && (notes[i + 1].flags & JOINS))
            memset(next, 0xff, sizeof next);
        memcpy(n->mention, mention, sizeof mention);
        n->live = live;
        if (!is_template(u)) {
            memset(next, 0xff, sizeof next);
            for (unsigned k = 0; k < u->n; k++)
                if (u->o[k].kind == OPND_GT) {
                    mention[u->o[k].v] = i;
                    live |= 1u << u->o[k].v;
                }
            n->flags = (uint8_t)(flags | FORGETS);
            continue;
        }
        if (u->helper != HELPER_NONE) {
            flags |= FORGETS;
            memset(next, 0xff, sizeof next);
        }
        for (unsigned k = 0; k < u->n; k++) {
            if (u->o[k].kind == OPND_GT) {
                flags |= MENTIONS << u->o[k].v;
                mention[u->o[k].v] = i;
                live &= ~(1u << u->o[k].v);
            } else if (is_cacheable(u->o[k])) {
                flags |= HAS_SLOTS;
                n->next_read[k] = next[u->o[k].v];
            }
        }
        n->flags = flags;
        if (!(flags & ~(FORGETS | JOINS)))
            continue;
        for (unsigned k = 0; k < u->n; k++)
            if (writes(u, k) && is_cacheable(u->o[k]))
                next[u->o[k].v] = NEVER;
        for (unsigned k = 0; k < u->n; k++) {
            if (!reads(u, k))
                continue;
            if (u->o[k].kind == OPND_GT)
                live |= 1u << u->o[k].v;
            else if (is_cacheable(u->o[k]))
                next[u->o[k].v] = i;
        }
    }
    for (unsigned r = 0; r < REGISTERS; r++)
        cached[r].slot = -1;
    held = 0;
}

static int find(int64_t slot)
{
    for (unsigned r = 0; r < REGISTERS; r++)
        if (cached[r].slot == slot)
            return r;
    return -1;
}

static void hold(unsigned r, int64_t slot, unsigned next)
{
    cached[r].slot = (int)slot;
    cached[r].next = next;
    held |= 1u << r;
}

static void drop(unsigned r)
{
    cached[r].slot = -1;
    held &= ~(1u << r);
}

/* A register for a value that is read at `until` next, better used so than as it
 * is; -1: none.  `taken` are those that micro-op i has got already. */
static int choose(const struct note *n, unsigned until, unsigned taken)
{
    int best = -1;
    unsigned best_next = until;
    for (unsigned r = 0; r < REGISTERS; r++) {
        unsigned next = held >> r & 1 ? cached[r].next : NEVER + 1u;
        if ((taken >> r & 1) || next <= best_next)
            continue;
        if (r < TEMPORARIES &&
            ((n->flags & MENTIONS << r) || (n->live >> r & 1) || n->mention[r] <= until))
            continue;
        best_next = next;
        best = (int)r;
    }
    return best;
}

static unsigned drop_moves(struct slot_move *m, unsigned count, unsigned r)
{
    unsigned n = 0;
    for (unsigned k = 0; k < count; k++)
        if (m[k].reg.kind != registers[r].kind || m[k].reg.v != registers[r].v)
            m[n++] = m[k];
    return n;
}

/* Leaves the operands that were to be in register r where they are. */
static void undo(const struct micro_op *u, struct slot_step *step, unsigned r)
{
    for (unsigned k = 0; k < u->n; k++)
        if (is_cacheable(u->o[k]) && step->o[k].kind == registers[r].kind &&
            step->o[k].v == registers[r].v)
            step->o[k] = u->o[k];
    step->loads = drop_moves(step->load, step->loads, r);
    step->stores = drop_moves(step->store, step->stores, r);
    drop(r);
}

/* What the legalizer has to move needs its scratch register, and with many
 * operands the temporaries: else it would borrow a pinned one, which must be in its
 * place when the micro-op faults. */
static void make_room(const struct micro_op *u, struct slot_step *step, unsigned taken)
{
    unsigned places = 0;
    for (unsigned k = 0; k < u->n; k++)
        places += u->o[k].kind != OPND_I;
    if ((!(taken >> SCRATCH & 1) && places < 3) || hostgen_takes(u->op, step->o))
        return;
    for (unsigned r = 0; r < REGISTERS; r++)
        if ((taken >> r & 1) && (r == SCRATCH || places >= 3))
            undo(u, step, r);
}

const struct opnd *slot_cache_step(unsigned i, struct slot_step *step)
{
    const struct micro_op *u = &stream[i];
    const struct note *n = &notes[i];
    unsigned taken = 0, written = 0; /* written: outputs, which don't share */
    step->loads = step->stores = 0;
    if (n->flags & JOINS)
        for (unsigned r = 0; r < REGISTERS; r++)
            drop(r);
    if (!(n->flags & HAS_SLOTS))
        return u->o;
    bool forgets = n->flags & FORGETS;
    memcpy(step->o, u->o, u->n * sizeof *u->o);
    /* Inputs first, so that an output may take the register of one. */
    for (unsigned k = 0; k < u->n; k++) {
        int64_t slot = u->o[k].v;
        if (!is_cacheable(u->o[k]) || !reads(u, k))
            continue;
        int r = held ? find(slot) : -1;
        unsigned next = n->next_read[k];
        if (r < 0) {
            if (next == NEVER || forgets)
                continue;
            r = choose(n, next, taken);
            if (r < 0)
                continue;
            step->load[step->loads++] = (struct slot_move){.reg = registers[r], .slot = u->o[k]};
        }
        hold((unsigned)r, slot, next == NEVER ? NEVER + 1u : next);
        taken |= 1u << r;
        if (!writes(u, k))
            step->o[k] = registers[r];
        else
            written |= 1u << r;
    }
    for (unsigned k = 0; k < u->n; k++) {
        int64_t slot = u->o[k].v;
        if (!is_cacheable(u->o[k]) || !writes(u, k))
            continue;
        int r = held ? find(slot) : -1;
        if (n->next_read[k] == NEVER || forgets) {
            if (r >= 0)
                drop((unsigned)r);
            continue;
        }
        if (r < 0) {
            r = choose(n, n->next_read[k], reads(u, k) ? taken : written);
            if (r < 0)
                continue;
            if (reads(u, k))
                step->load[step->loads++] =
                    (struct slot_move){.reg = registers[r], .slot = u->o[k]};
        }
        hold((unsigned)r, slot, n->next_read[k]);
        taken |= 1u << r;
        written |= 1u << r;
        step->o[k] = registers[r];
        step->store[step->stores++] = (struct slot_move){.reg = registers[r], .slot = u->o[k]};
    }
    if (taken)
        make_room(u, step, taken);
    return step->o;
}

void slot_cache_done(unsigned i, bool scratch)
{
    unsigned flags = notes[i].flags;
    unsigned gone =
        flags & FORGETS ? held : held & (flags / MENTIONS | (unsigned)scratch << SCRATCH);
    for (unsigned r = 0; gone >> r; r++)
        if (gone >> r & 1)
            drop(r);
}
