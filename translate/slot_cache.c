/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/slot_cache.h"

#include <limits.h>
#include <string.h>

#include "hostgen/far.h"

enum {
    TEMPORARIES = 4, /* with the scratch register that templates may need themselves */
    REGISTERS = SLOT_CACHE_REGISTERS,
    NEVER = UINT16_MAX,
    MAX = BLOCK_MAX_UOPS * 2
};
enum { SLOTS = VCPU_G_SLOTS + VCPU_V_SLOTS };
_Static_assert(VCPU_G_SLOTS == 64, "the general slots are one word of a set");
enum { GENERAL, VECTOR, CLASSES };

/* Temporaries first. */
static const struct {
    struct opnd o;
    uint8_t class;
} registers[REGISTERS] = {{{.v = 0, .kind = OPND_GT}, GENERAL},
                          {{.v = 1, .kind = OPND_GT}, GENERAL},
                          {{.v = 0, .kind = OPND_VT}, VECTOR},
                          {{.v = 0, .kind = OPND_GS}, GENERAL},
                          {{.v = 0, .kind = OPND_VS}, VECTOR}};
enum { VECTOR_TEMPORARY = 2, SCRATCH = 3 /* + class */ };

enum { FORGETS = 1, JOINS = 2, MENTIONS = 4 /* shifted by the temporary */ };

/* By micro-op: what it has to do with all this; which operands are slots that may be cached, a bit
 * each; when each of them is read next with the value that it has here; when a temporary is
 * mentioned next, and if it holds something until then. */
static struct note {
    uint8_t flags, live, slots;
    uint16_t next_read[UOP_MAX_OPERANDS], mention[TEMPORARIES];
} notes[MAX] FAR_ZEROS;

static const struct micro_op *stream;
static uint64_t cacheable[(SLOTS + 63) / 64]; /* a bit for each number_of */
static unsigned held;                         /* a bit for each register that holds a slot */
static struct {
    struct opnd slot;
    unsigned next;
    bool made; /* in this block, not loaded: to load it would wait for its store */
} cached[REGISTERS];

static bool is_template(const struct micro_op *u)
{
    return u->op < UOP_TEMPLATE_COUNT;
}

/* The first of a set of operands, which is taken out of it. */
static inline unsigned take_operand(unsigned *set)
{
    unsigned k = (unsigned)__builtin_ctz(*set);
    *set &= *set - 1;
    return k;
}

static bool writes(const struct micro_op *u, unsigned k)
{
    return uop_sets_of(u->op).writes >> k & 1;
}

static bool is_slot(struct opnd o)
{
    return o.kind == OPND_G || o.kind == OPND_V;
}

static unsigned number_of(struct opnd slot)
{
    return (slot.kind == OPND_V ? VCPU_G_SLOTS : 0) + (unsigned)slot.v;
}

static bool is_cacheable(struct opnd o)
{
    return is_slot(o) && (cacheable[number_of(o) / 64] >> number_of(o) % 64 & 1);
}

static unsigned class_of(struct opnd slot)
{
    return slot.kind == OPND_V ? VECTOR : GENERAL;
}

/* The temporary that it is, or -1. */
static int temporary(struct opnd o)
{
    return o.kind == OPND_GT ? (int)o.v : o.kind == OPND_VT ? VECTOR_TEMPORARY : -1;
}

static bool same(struct opnd a, struct opnd b)
{
    return a.kind == b.kind && a.v == b.v;
}

/* Behind where slot_cache_begin has come to: which slots are read as they are there, by
 * number_of, and when. */
struct reads {
    uint64_t set[(SLOTS + 63) / 64];
    uint16_t at[SLOTS]; /* of those in the set */
};

/* All that is known there. */
struct ahead {
    struct reads next;
    uint16_t mention[TEMPORARIES];
    uint8_t live;
};

static inline void note_read(struct reads *next, struct opnd slot, unsigned i)
{
    unsigned n = number_of(slot);
    next->set[n / 64] |= UINT64_C(1) << n % 64;
    next->at[n] = (uint16_t)i;
}

static inline void note_write(struct reads *next, struct opnd slot)
{
    next->set[number_of(slot) / 64] &= ~(UINT64_C(1) << number_of(slot) % 64);
}

static inline uint16_t find_read(const struct reads *next, struct opnd slot)
{
    unsigned n = number_of(slot);
    return next->set[n / 64] >> n % 64 & 1 ? next->at[n] : NEVER;
}

/* What jumps and calls take from slots, the last thing before all is forgotten. */
static void note_jump(const struct micro_op *u, unsigned i, struct reads *next)
{
    if (u->op == UOP_GOTO_INDIRECT || u->op == UOP_LINK_INDIRECT)
        if (is_cacheable(u->o[0]))
            note_read(next, u->o[0], i);
}

/* Of a micro-op that is no template: all is forgotten. */
static void note_leave(const struct micro_op *u, unsigned i, struct note *n, struct ahead *a)
{
    memset(a->next.set, 0, sizeof a->next.set);
    note_jump(u, i, &a->next);
    for (unsigned k = 0; k < u->n; k++) {
        int t = temporary(u->o[k]);
        if (t >= 0) {
            a->mention[t] = (uint16_t)i;
            a->live |= (uint8_t)(1u << t);
        }
    }
    n->flags |= FORGETS;
    n->slots = 0;
}

static void note_template(const struct micro_op *u, unsigned i, struct note *n, struct ahead *a)
{
    const struct uop_sets sets = uop_sets_of(u->op);
    unsigned slots = 0, mentioned = 0, read = 0;
    for (unsigned k = 0; k < u->n; k++) {
        const struct opnd o = u->o[k];
        if (o.kind == OPND_I)
            continue;
        if (is_slot(o)) {
            if (is_cacheable(o)) {
                slots |= 1u << k;
                n->next_read[k] = find_read(&a->next, o);
            }
            continue;
        }
        int t = temporary(o);
        if (t >= 0) {
            mentioned |= 1u << t;
            a->mention[t] = (uint16_t)i;
            read |= (sets.reads >> k & 1u) << t;
        }
    }
    n->flags |= (uint8_t)(mentioned * MENTIONS);
    n->slots = (uint8_t)slots;
    if (hostgen_needs_scratch(u->op))
        a->mention[SCRATCH] = (uint16_t)i;
    a->live = (uint8_t)((a->live & ~mentioned) | read);
    for (unsigned left = slots & sets.writes; left;)
        note_write(&a->next, u->o[take_operand(&left)]);
    for (unsigned left = slots & sets.reads; left;)
        note_read(&a->next, u->o[take_operand(&left)], i);
}

void slot_cache_begin(const struct builder *b, const struct micro_op *uops, unsigned count)
{
    struct ahead a;
    bool joins = true; /* the micro-op behind */
    a.live = 0;
    memset(a.mention, 0xff, sizeof a.mention); /* NEVER */
    stream = uops;
    /* Guest registers, and operands and carries of lazy flags: templates reach the other slots
     * that all guests share behind our back. */
    cacheable[0] = hostgen_in_memory() & ~(UINT64_C(0x1f) << CC_KIND_SLOT | UINT64_C(3) << T_SLOT);
    hostgen_vectors_in_memory(cacheable + 1);
    cacheable[1 + VT_SLOT / 64] &= ~(UINT64_C(1) << VT_SLOT % 64);
    for (unsigned i = count; i--;) {
        const struct micro_op *u = &uops[i];
        struct note *n = &notes[i];
        if (joins)
            memset(a.next.set, 0, sizeof a.next.set);
        joins = join_between(b, i ? uops[i - 1].insn : 0, u->insn);
        n->flags = joins ? JOINS : 0;
        memcpy(n->mention, a.mention, sizeof n->mention);
        n->live = a.live;
        if (is_template(u))
            note_template(u, i, n, &a);
        else
            note_leave(u, i, n, &a);
    }
    slot_cache_forget();
}

static int find(struct opnd slot)
{
    for (unsigned r = 0; held >> r; r++)
        if ((held >> r & 1) && same(cached[r].slot, slot))
            return (int)r;
    return -1;
}

struct opnd slot_cache_operand(unsigned i, struct opnd o)
{
    if (notes[i].flags & JOINS)
        slot_cache_forget();
    int r = held && is_cacheable(o) ? find(o) : -1;
    return r < 0 ? o : registers[r].o;
}

static void hold(unsigned r, struct opnd slot, unsigned next, bool made)
{
    cached[r].slot = slot;
    cached[r].next = next;
    cached[r].made = made;
    held |= 1u << r;
}

static void drop(unsigned r)
{
    held &= ~(1u << r);
}

void slot_cache_forget(void)
{
    held = 0;
}

unsigned slot_cache_held(struct slot_move *moves)
{
    unsigned n = 0;
    for (unsigned r = 0; held >> r; r++)
        if (held >> r & 1)
            moves[n++] = (struct slot_move){.reg = registers[r].o, .slot = cached[r].slot};
    return n;
}

/* The lower, the better is a register used so: what is made here, and what is read soon. */
static unsigned rank(unsigned next, bool made)
{
    return next + (made ? 0 : MAX);
}

/* A register for a value that is read at `until` next, better used so than as it
 * is; -1: none.  `taken` are those that micro-op i has got already. */
static int choose(const struct note *n, unsigned class, unsigned until, bool made, unsigned taken)
{
    int best = -1;
    unsigned worst = rank(until, made);
    for (unsigned r = 0; r < REGISTERS; r++) {
        unsigned present = held >> r & 1 ? rank(cached[r].next, cached[r].made) : UINT_MAX;
        if (registers[r].class != class || (taken >> r & 1) || present <= worst)
            continue;
        if (r < TEMPORARIES &&
            ((n->flags & MENTIONS << r) || (n->live >> r & 1) || n->mention[r] <= until))
            continue;
        worst = present;
        best = (int)r;
    }
    return best;
}

static unsigned drop_moves(struct slot_move *m, unsigned count, unsigned r)
{
    unsigned n = 0;
    for (unsigned k = 0; k < count; k++)
        if (!same(m[k].reg, registers[r].o))
            m[n++] = m[k];
    return n;
}

/* Leaves the operands that were to be in register r where they are. */
static void undo(const struct micro_op *u, struct slot_step *step, unsigned r)
{
    for (unsigned k = 0; k < u->n; k++)
        if (is_cacheable(u->o[k]) && same(step->o[k], registers[r].o))
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
    unsigned places[CLASSES] = {0}, risky = 0;
    for (unsigned k = 0; k < u->n; k++)
        if (u->o[k].kind != OPND_I)
            places[u->o[k].kind == OPND_V || u->o[k].kind == OPND_VT ? VECTOR : GENERAL]++;
    for (unsigned r = 0; r < REGISTERS; r++)
        if ((taken >> r & 1) && (r >= SCRATCH || places[registers[r].class] >= 3))
            risky |= 1u << r;
    if (!risky || hostgen_takes(u->op, step->o))
        return;
    for (unsigned r = 0; r < REGISTERS; r++)
        if (risky >> r & 1)
            undo(u, step, r);
}

/* Inputs in memory, if they are more than the legalizer can move without borrowing registers that
 * it has to give back: into those that are free, all of them or none, and for this micro-op alone.
 * Returns what is taken. */
static unsigned load_inputs(unsigned i, struct slot_step *step, unsigned taken)
{
    const struct micro_op *u = &stream[i];
    unsigned in_memory = 0, filled = 0;
    for (unsigned left = notes[i].slots & ~uop_sets_of(u->op).writes; left;)
        in_memory += is_slot(step->o[take_operand(&left)]);
    if (in_memory < 2 || hostgen_takes(u->op, step->o))
        return taken;
    for (unsigned k = 0; k < u->n; k++) {
        struct opnd slot = step->o[k];
        if (!is_cacheable(slot) || writes(u, k))
            continue;
        int r = choose(&notes[i], class_of(slot), i, false, taken | filled);
        if (r < 0)
            continue;
        step->load[step->loads++] = (struct slot_move){.reg = registers[r].o, .slot = slot};
        step->o[k] = registers[r].o;
        filled |= 1u << r;
        drop((unsigned)r);
    }
    if (hostgen_takes(u->op, step->o))
        return taken | filled;
    for (unsigned r = 0; r < REGISTERS; r++)
        if (filled >> r & 1)
            undo(u, step, r);
    return taken;
}

const struct opnd *slot_cache_step(unsigned i, struct slot_step *step)
{
    const struct micro_op *u = &stream[i];
    const struct note *n = &notes[i];
    unsigned taken = 0, written = 0; /* written: outputs, which don't share */
    step->loads = step->stores = 0;
    if (n->flags & JOINS)
        slot_cache_forget();
    if (!n->slots)
        return u->o;
    memcpy(step->o, u->o, sizeof step->o); /* what is not set, too: its size is known */
    const struct uop_sets sets = uop_sets_of(u->op);
    /* Inputs first, so that an output may take the register of one. */
    for (unsigned left = n->slots & sets.reads; left;) {
        unsigned k = take_operand(&left);
        struct opnd slot = u->o[k];
        int r = held ? find(slot) : -1;
        unsigned next = n->next_read[k];
        bool made = r >= 0 && cached[r].made;
        if (r < 0) {
            if (next == NEVER)
                continue;
            r = choose(n, class_of(slot), next, false, taken);
            if (r < 0)
                continue;
            step->load[step->loads++] = (struct slot_move){.reg = registers[r].o, .slot = slot};
        }
        hold((unsigned)r, slot, next == NEVER ? NEVER + 1u : next, made);
        taken |= 1u << r;
        if (!(sets.writes >> k & 1))
            step->o[k] = registers[r].o;
        else
            written |= 1u << r;
    }
    for (unsigned left = n->slots & sets.writes; left;) {
        unsigned k = take_operand(&left);
        struct opnd slot = u->o[k];
        int r = held ? find(slot) : -1;
        if (n->next_read[k] == NEVER) {
            if (r >= 0)
                drop((unsigned)r);
            continue;
        }
        if (r < 0) {
            bool read = sets.reads >> k & 1;
            r = choose(n, class_of(slot), n->next_read[k], true, read ? taken : written);
            if (r < 0)
                continue;
            if (read)
                step->load[step->loads++] = (struct slot_move){.reg = registers[r].o, .slot = slot};
        }
        hold((unsigned)r, slot, n->next_read[k], true);
        taken |= 1u << r;
        written |= 1u << r;
        step->o[k] = registers[r].o;
        step->store[step->stores++] = (struct slot_move){.reg = registers[r].o, .slot = slot};
    }
    taken = load_inputs(i, step, taken);
    if (taken)
        make_room(u, step, taken);
    return step->o;
}

/* The legalizer has left the value of operand k of micro-op i in register r. */
static void keep_left(unsigned i, unsigned r, unsigned k)
{
    const struct micro_op *u = &stream[i];
    struct opnd slot = u->o[k];
    if (!is_cacheable(slot) || notes[i].next_read[k] == NEVER || find(slot) >= 0)
        return;
    for (unsigned j = 0; j < u->n; j++)
        if (j != k && same(u->o[j], slot) && writes(u, j))
            return;
    hold(r, slot, notes[i].next_read[k], writes(u, k));
}

void slot_cache_done(unsigned i, struct scratch_use scratch)
{
    const unsigned left[CLASSES] = {scratch.general, scratch.vector}, flags = notes[i].flags;
    held &= flags & FORGETS ? 0 : ~(flags / MENTIONS);
    if (!scratch.general && !scratch.vector)
        return;
    for (unsigned c = 0; c < CLASSES; c++)
        if (left[c])
            drop(SCRATCH + c);
    for (unsigned c = 0; c < CLASSES; c++)
        if (left[c] && left[c] != SCRATCH_LOST && !(flags & FORGETS))
            keep_left(i, SCRATCH + c, left[c] - 1);
}
