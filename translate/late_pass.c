/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conditions that are kept in slots of their own, computed late or never.
 *
 * Some guests have several condition fields and carries, each a slot
 * (guest->late_slots), which most instructions write for one reader or for none.
 * A micro-op that only makes such a slot from two operands (hostgen/ops/order.def,
 * carries) is taken out of the stream and pending, until
 *
 *  - a branch or a choice asks for one bit: it is fused with the comparison;
 *  - somebody else reads the slot, or an operand is about to be overwritten:
 *    it is computed there;
 *  - an exit is reached behind which the slot may be read (guest->dead_at): it
 *    is computed on the way out;
 *  - a template with an exact helper is reached, which reads the slot
 *    (guest->helper_slots);
 *  - the slot is overwritten: it was not needed.
 *
 * For faults each instruction has a list of what was pending at its
 * beginning.  (What is dead on every path counts as free to hold any value.)
 */
#include <assert.h>
#include <string.h>

#include "hostgen/far.h"
#include "translate/block.h"

enum { BITS = 4, SLOTS = 64 };

/* A comparison whose outcome's bits (3 less, 2 greater, 1 equal, 0 unordered) have conditions;
 * 0 where there is no micro-op for it. */
struct order {
    uint16_t op;
    uint16_t branch_set[BITS], branch_clear[BITS], set[BITS];
    uint16_t pick_set[BITS], pick_clear[BITS];
};

#define ORDER(name, w, lt, ge, gt, le)                                                             \
    {                                                                                              \
        .op = UOP_order_##name##w,                                                                 \
        .branch_set = {0, UOP_br_sub##w##_eq, UOP_br_sub##w##_##gt, UOP_br_sub##w##_##lt},         \
        .branch_clear = {0, UOP_br_sub##w##_ne, UOP_br_sub##w##_##le, UOP_br_sub##w##_##ge},       \
        .set = {0, UOP_set_sub##w##_eq, UOP_set_sub##w##_##gt, UOP_set_sub##w##_##lt},             \
        .pick_set = {0, UOP_pick_sub##w##_eq, UOP_pick_sub##w##_##gt, UOP_pick_sub##w##_##lt},     \
        .pick_clear = {0, UOP_pick_sub##w##_ne, UOP_pick_sub##w##_##le, UOP_pick_sub##w##_##ge},   \
    }

static const struct order orders[] = {
    ORDER(s, 32, lt, ge, gt, le),
    ORDER(u, 32, cc, cs, hi, ls),
    ORDER(s, 64, lt, ge, gt, le),
    ORDER(u, 64, cc, cs, hi, ls),
    ORDER(zero_s, 32, lt, ge, gt, le),
    ORDER(zero_s, 64, lt, ge, gt, le),
    {.op = UOP_order_d,
     .branch_set = {UOP_br_d_un, UOP_br_d_eq, UOP_br_d_gt, UOP_br_d_lt},
     .branch_clear = {UOP_br_d_not_un, UOP_br_d_not_eq, UOP_br_d_not_gt, UOP_br_d_not_lt},
     .set = {UOP_set_d_un, UOP_set_d_eq, UOP_set_d_gt, UOP_set_d_lt}},
};

/* What a comparison compares with. */
static struct opnd second(const struct micro_op *u)
{
    return u->n > 2 ? u->o[2] : I(0);
}

static const struct order *order_of(unsigned op)
{
    for (unsigned i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
        if (orders[i].op == op)
            return &orders[i];
    return NULL;
}

bool late_branches(unsigned op, unsigned comparison)
{
    const struct order *order = order_of(comparison);
    bool found = false;
    for (unsigned n = 0; n < BITS; n++)
        found |= op == order->branch_set[n] || op == order->branch_clear[n];
    return found;
}

/* What it makes of the bits of two doubles. */
static uint64_t order_doubles(uint64_t x, uint64_t y)
{
    const uint64_t sign = UINT64_C(1) << 63, infinity = UINT64_C(0x7ff) << 52;
    if ((x & ~sign) > infinity || (y & ~sign) > infinity)
        return 1;
    int64_t p = (int64_t)(x & sign ? sign - x : x), q = (int64_t)(y & sign ? sign - y : y);
    return p < q ? 8 : p > q ? 4 : 2;
}

/* What a micro-op that can be pending computes. */
static uint64_t evaluate(unsigned op, uint64_t x, uint64_t y)
{
    bool less, more;
    switch (op) {
    case UOP_order_s32:
    case UOP_order_zero_s32:
        less = (int32_t)x < (int32_t)y;
        more = (int32_t)x > (int32_t)y;
        break;
    case UOP_order_u32:
        less = (uint32_t)x < (uint32_t)y;
        more = (uint32_t)x > (uint32_t)y;
        break;
    case UOP_order_s64:
    case UOP_order_zero_s64:
        less = (int64_t)x < (int64_t)y;
        more = (int64_t)x > (int64_t)y;
        break;
    case UOP_order_u64:
        less = x < y;
        more = x > y;
        break;
    case UOP_order_d:
        return order_doubles(x, y);
    case UOP_set_add32_cs:
        return (uint32_t)(x + y) < (uint32_t)x;
    case UOP_set_add64_cs:
        return x + y < x;
    case UOP_set_sub32_cs:
        return (uint32_t)x >= (uint32_t)y;
    case UOP_set_sub64_cs:
        return x >= y;
    case UOP_negative_and32:
        return (int32_t)x < 0 && ((uint32_t)x & (uint32_t)y);
    default:
        assert(op == UOP_mov64);
        return x;
    }
    return less ? 8 : more ? 4 : 2;
}

/* Micro-ops without effect but for their output, and those of them that can be late. */
enum { PURE = 1, LATE = 2 };
static const uint8_t traits[UOP_TEMPLATE_COUNT] = {
#define TRAITS(op, what) [UOP_##op] = (what)
    TRAITS(order_s32, PURE | LATE),
    TRAITS(order_u32, PURE | LATE),
    TRAITS(order_s64, PURE | LATE),
    TRAITS(order_u64, PURE | LATE),
    TRAITS(order_zero_s32, PURE | LATE),
    TRAITS(order_zero_s64, PURE | LATE),
    TRAITS(order_d, PURE | LATE),
    TRAITS(set_add32_cs, PURE | LATE),
    TRAITS(set_add64_cs, PURE | LATE),
    TRAITS(set_sub32_cs, PURE | LATE),
    TRAITS(set_sub64_cs, PURE | LATE),
    TRAITS(negative_and32, PURE | LATE),
    TRAITS(mov64, PURE | LATE),
    TRAITS(carry32, PURE),
    TRAITS(carry64, PURE),
    TRAITS(sar_carry32, PURE),
    TRAITS(sar_carry64, PURE),
    TRAITS(and32, PURE),
    TRAITS(and64, PURE),
    TRAITS(or64, PURE),
    TRAITS(shl64, PURE),
};

static uint64_t value_of(const struct vcpu *cpu, struct opnd o)
{
    return o.kind == OPND_I ? (uint64_t)o.v : o.kind == OPND_V ? cpu->v[o.v].d[0] : cpu->g[o.v];
}

void late_recover(struct vcpu *cpu, const struct cc_recover *r)
{
    cpu->g[r->slot] = evaluate(r->kind, value_of(cpu, r->x), value_of(cpu, r->y));
}

struct pass {
    struct builder *b;
    const struct micro_op *in;
    unsigned count;
    uint64_t slots; /* that are written late in this block, a bit each */
    /* Slots that are needed before each micro-op and at its target. */
    uint64_t needed[BLOCK_MAX_UOPS * 2 + 1], at_target[BLOCK_MAX_UOPS * 2];
    uint64_t read[BLOCK_MAX_UOPS * 2], written[BLOCK_MAX_UOPS * 2]; /* slots, by each micro-op */
    const struct micro_op *pending[SLOTS];
    struct micro_op kept[SLOTS]; /* those whose operand is in the slot itself */
    uint64_t pending_slots;
    struct micro_op *out;
    unsigned n;
};

static uint64_t bit(struct opnd o)
{
    return o.kind == OPND_G ? UINT64_C(1) << o.v : 0;
}

/* The same of the vector slots that operands may be in. */
static uint64_t vector_bit(struct opnd o)
{
    return o.kind == OPND_V && o.v < SLOTS ? UINT64_C(1) << o.v : 0;
}

static uint64_t reads(const struct micro_op *u)
{
    uint64_t slots = 0;
    for (unsigned k = 0; k < u->n; k++)
        if (u->op >= UOP_TEMPLATE_COUNT || uop_info[u->op].dir[k] != '=')
            slots |= bit(u->o[k]);
    return slots;
}

static uint64_t writes(const struct micro_op *u)
{
    uint64_t slots = 0;
    if (u->op < UOP_TEMPLATE_COUNT)
        for (unsigned k = 0; k < u->n; k++)
            if (uop_info[u->op].dir[k] != ' ')
                slots |= bit(u->o[k]);
    return slots;
}

/* What a micro-op writes, or several. */
struct written {
    uint64_t slots, vectors;
};

static void add_written(struct written *w, const struct micro_op *u)
{
    w->slots |= writes(u);
    if (u->op < UOP_TEMPLATE_COUNT)
        for (unsigned k = 0; k < u->n; k++)
            if (uop_info[u->op].dir[k] != ' ')
                w->vectors |= vector_bit(u->o[k]);
}

/* Makes a late slot from operands that outlive the guest instruction. */
static bool is_late(const struct pass *p, const struct micro_op *u)
{
    if (!(traits[u->op] & LATE) || u->o[0].kind != OPND_G ||
        !(p->b->guest->late_slots >> u->o[0].v & 1))
        return false;
    for (unsigned k = 1; k < u->n; k++)
        if (u->o[k].kind == OPND_GT || (bit(u->o[k]) & p->b->guest->late_slots) ||
            u->o[k].kind == OPND_VT || (u->o[k].kind == OPND_V && !vector_bit(u->o[k])))
            return false;
    return true;
}

static uint64_t needed_at(const struct pass *p, uint64_t pc)
{
    return p->slots & ~p->b->guest->dead_at(pc, p->slots);
}

static void find_needs(struct pass *p)
{
    uint64_t live = p->slots;
    p->needed[p->count] = live;
    for (unsigned i = p->count; i--;) {
        const struct micro_op *u = &p->in[i];
        p->at_target[i] = 0;
        switch (u->op) {
        case UOP_GOTO:
            live = needed_at(p, u->target);
            break;
        case UOP_LINK: /* what a callee writes first is its own when it returns */
            live = needed_at(p, u->target);
            break;
        case UOP_RAISE:
            live = u->sub == EXIT_LOOKUP ? needed_at(p, u->link) : p->slots;
            break;
        case UOP_CALL:
        case UOP_GOTO_INDIRECT:
        case UOP_LINK_INDIRECT:
        case UOP_RETURN:
            live = p->slots;
            break;
        default:
            live &= ~(p->written[i] & ~p->read[i]);
            if (uop_info[u->op].has_taken) {
                p->at_target[i] = needed_at(p, u->target);
                live |= p->at_target[i];
            }
            if (u->helper == HELPER_NONE && (traits[u->op] & PURE) && (bit(u->o[0]) & p->slots) &&
                !(p->needed[i + 1] & bit(u->o[0])))
                break; /* not needed itself: so its operands are not */
            live |= p->read[i] & p->slots;
            break;
        }
        p->needed[i] = live;
    }
}

static struct micro_op *put(struct pass *p, const struct micro_op *u, unsigned insn)
{
    assert(p->n < BLOCK_MAX_UOPS * 2);
    struct micro_op *to = &p->out[p->n++];
    micro_op_copy(to, u);
    to->insn = (uint8_t)insn;
    return to;
}

static void forget(struct pass *p, uint64_t slots)
{
    p->pending_slots &= ~slots;
}

static bool same(struct opnd p, struct opnd q)
{
    return p.kind == q.kind && p.v == q.v;
}

/* What computes u, or gets it from `before`, which has just been computed. */
static struct micro_op definition(const struct micro_op *u, const struct micro_op *before)
{
    struct micro_op d = *u;
    if (before && before->op == u->op && u->op == UOP_order_d && same(u->o[1], before->o[1]) &&
        same(u->o[2], before->o[2])) {
        d.op = UOP_mov64;
        d.n = 2;
        d.o[1] = before->o[0];
    }
    return d;
}

/* Computes what is pending in slots, before the next micro-op. */
static void compute(struct pass *p, uint64_t slots, unsigned insn)
{
    const struct micro_op *before = NULL;
    for (uint64_t todo = slots & p->pending_slots; todo; todo &= todo - 1) {
        const struct micro_op *u = p->pending[__builtin_ctzl(todo)];
        struct micro_op d = definition(u, before);
        put(p, &d, insn);
        before = u;
    }
    forget(p, slots);
}

/* Pending slots that have one of those written as operand. */
static uint64_t users(const struct pass *p, struct written w)
{
    uint64_t found = 0;
    for (uint64_t todo = p->pending_slots; todo; todo &= todo - 1) {
        const struct micro_op *u = p->pending[__builtin_ctzl(todo)];
        uint64_t vectors = 0;
        for (unsigned k = 1; k < u->n; k++)
            vectors |= vector_bit(u->o[k]);
        if ((reads(u) & w.slots) || (vectors & w.vectors))
            found |= todo & -todo;
    }
    return found;
}

/* Copies what is pending in slots to where exits find it. */
static void attach(struct pass *p, struct micro_op *u, uint64_t slots)
{
    struct builder *b = p->b;
    u->sunk = (uint16_t)b->sunk_count;
    const struct micro_op *before = NULL;
    for (uint64_t todo = slots & p->pending_slots; todo; todo &= todo - 1) {
        const struct micro_op *late = p->pending[__builtin_ctzl(todo)];
        b->sunk[b->sunk_count++] = definition(late, before);
        u->sunks++;
        before = late;
    }
}

/* The consumer u of one bit of a pending comparison, as a micro-op of its own. */
static bool fuse(const struct pass *p, const struct micro_op *u, struct micro_op *fused)
{
    bool branch = u->op == UOP_br_bit_set || u->op == UOP_br_bit_clear;
    if (!branch && u->op != UOP_field_bit)
        return false;
    struct opnd field = u->o[branch ? 0 : 1], n = u->o[branch ? 1 : 2];
    if (!(bit(field) & p->pending_slots))
        return false;
    const struct micro_op *def = p->pending[field.v];
    const struct order *order = order_of(def->op);
    if (!order || !order->set[n.v])
        return false;
    *fused = *u;
    fused->n = branch ? 2 : 3;
    fused->o[branch ? 0 : 1] = def->o[1];
    fused->o[branch ? 1 : 2] = second(def);
    fused->op = (u->op == UOP_br_bit_set     ? order->branch_set
                 : u->op == UOP_br_bit_clear ? order->branch_clear
                                             : order->set)[n.v];
    return true;
}

static void put_template(struct pass *p, unsigned op, unsigned insn, unsigned n,
                         const struct opnd *o)
{
    struct micro_op u = {.op = (uint16_t)op, .helper = HELPER_NONE, .n = (uint8_t)n};
    memcpy(u.o, o, n * sizeof(*o));
    put(p, &u, insn);
}

/* A choice by one bit, micro-ops i and i + 1, in one: false if they are none. */
static bool fuse_choice(struct pass *p, unsigned i)
{
    const struct micro_op *u = &p->in[i], *sel = u + 1;
    if (u->op != UOP_field_bit || i + 1 == p->count || sel->op != UOP_sel || sel->insn != u->insn ||
        u->o[0].kind != OPND_GT || !same(sel->o[1], u->o[0]) || !(bit(u->o[1]) & p->pending_slots))
        return false;
    const struct micro_op *def = p->pending[u->o[1].v];
    const struct order *order = order_of(def->op);
    struct opnd dst = sel->o[0], x = sel->o[2], y = sel->o[3], to = dst;
    if (!order || !order->pick_set[u->o[2].v])
        return false;
    const uint16_t *pick = order->pick_set;
    if (same(dst, x) || (x.kind == OPND_I && !same(dst, y))) {
        struct opnd t = x;
        x = y;
        y = t;
        pick = order->pick_clear;
    }
    /* The temporary that held the bit is free. */
    if (x.kind == OPND_I || same(x, u->o[0]) || same(y, u->o[0]))
        return false;
    if ((!same(dst, y) && (same(dst, def->o[1]) || same(dst, second(def)) || same(dst, x))) ||
        (dst.kind == OPND_G && (hostgen_in_memory() >> dst.v & 1)))
        to = u->o[0];
    uint64_t out = p->written[i + 1];
    struct written written = {0};
    add_written(&written, sel);
    compute(p, users(p, written) & p->needed[i + 2] & ~out, u->insn);
    if (!same(to, y))
        put_template(p, UOP_mov64, u->insn, 2, (const struct opnd[]){to, y});
    put_template(p, pick[u->o[2].v], u->insn, 4,
                 (const struct opnd[]){to, def->o[1], second(def), x});
    if (!same(to, dst))
        put_template(p, UOP_mov64, u->insn, 2, (const struct opnd[]){dst, to});
    forget(p, out | users(p, written));
    return true;
}

/* True if the first to read the slot, from micro-op i on, asks for a bit of it. */
static bool is_asked_for_bit(const struct pass *p, unsigned i, uint64_t slot)
{
    for (; i < p->count && p->in[i].op < UOP_TEMPLATE_COUNT; i++) {
        const struct micro_op *u = &p->in[i];
        if (p->read[i] & slot)
            return u->op == UOP_br_bit_set || u->op == UOP_br_bit_clear || u->op == UOP_field_bit;
        if (p->written[i] & slot)
            return false;
    }
    return false;
}

/* Pending comparisons of `lost` that are with a constant and will be fused need only their
 * other operand: the slot keeps it, until they are computed or overwritten.  Returns the
 * rest. */
static uint64_t keep_operands(struct pass *p, uint64_t lost, unsigned i, unsigned insn)
{
    uint64_t rest = lost;
    for (uint64_t todo = lost; todo; todo &= todo - 1) {
        unsigned slot = (unsigned)__builtin_ctzl(todo);
        const struct micro_op *def = p->pending[slot];
        if (!order_of(def->op) || second(def).kind != OPND_I || def == &p->kept[slot] ||
            !is_asked_for_bit(p, i, todo & -todo))
            continue;
        put_template(p, UOP_mov64, insn, 2, (const struct opnd[]){G(slot), def->o[1]});
        p->kept[slot] = *def;
        p->kept[slot].o[1] = G(slot);
        p->pending[slot] = &p->kept[slot];
        rest &= ~(todo & -todo);
    }
    return rest;
}

/* At the beginning of a guest instruction. */
static void begin_insn(struct pass *p, unsigned i, unsigned insn)
{
    struct builder *b = p->b;
    struct written written = {0};
    uint64_t replaced = 0;
    /* On the way past a join; branches have brought along what is read behind it. */
    if (join_between(b, (int)insn - 1, insn)) {
        compute(p, p->pending_slots & p->needed[i], insn - 1);
        forget(p, UINT64_MAX);
    }
    /* What loses an operand on the way through the instruction and is needed behind
     * that is computed before it, so that the list for faults is right all the
     * way; so is all before a helper, which may have changed anything when it faults. */
    for (unsigned k = i; k < p->count && p->in[k].insn == insn && p->pending_slots; k++) {
        const struct micro_op *u = &p->in[k];
        add_written(&written, u);
        replaced |= p->written[k] & ~p->read[k];
        uint64_t lost = users(p, written) & p->needed[k + 1] & ~replaced;
        compute(p,
                u->op == UOP_CALL ? p->pending_slots & ~replaced : keep_operands(p, lost, k, insn),
                insn);
    }
    uint64_t list = p->pending_slots & p->needed[i];
    if (b->recovery_count + (unsigned)__builtin_popcountl(list) > BLOCK_MAX_RECOVERIES) {
        compute(p, list, insn);
        list = 0;
    }
    b->insn_late[insn] = 0;
    for (uint64_t todo = list; todo; todo &= todo - 1) {
        const struct micro_op *u = p->pending[__builtin_ctzl(todo)];
        struct cc_recover *r = &b->recoveries[b->recovery_count++];
        if (!b->insn_late[insn])
            b->insn_late[insn] = (uint16_t)b->recovery_count;
        *r = (struct cc_recover){.kind = u->op,
                                 .slot = (uint8_t)u->o[0].v,
                                 .more = (todo & (todo - 1)) != 0,
                                 .x = u->o[1],
                                 .y = second(u)};
    }
}

static void rewrite_template(struct pass *p, const struct micro_op *u, unsigned i)
{
    uint64_t after = p->needed[i + 1], out = p->written[i];
    struct written written = {0};
    bool dead = u->helper == HELPER_NONE && (traits[u->op] & PURE) && (bit(u->o[0]) & p->slots) &&
                !(after & bit(u->o[0]));
    if (dead) {
        forget(p, out);
        return;
    }
    if (is_late(p, u)) {
        /* Operands that are about to go keep others from being late. */
        forget(p, out);
        p->pending[u->o[0].v] = u;
        p->pending_slots |= out;
        return;
    }
    struct micro_op fused;
    const struct micro_op *becomes = u;
    if (fuse(p, u, &fused))
        becomes = &fused;
    else
        compute(p, p->read[i], u->insn);
    add_written(&written, u);
    compute(p, users(p, written) & after & ~out, u->insn);
    forget(p, out | users(p, written));
    uint64_t leaving = uop_info[becomes->op].has_taken ? p->at_target[i] : 0;
    if (u->helper != HELPER_NONE) { /* the helper may raise */
        compute(p, p->b->guest->helper_slots & after, u->insn);
        leaving = p->pending_slots & after;
    }
    if (p->b->sunk_count + (unsigned)__builtin_popcountl(leaving & p->pending_slots) >
        BLOCK_MAX_SUNK)
        compute(p, leaving, u->insn);
    attach(p, put(p, becomes, u->insn), leaving);
}

bool late_pass(struct builder *b, const struct micro_op *in, unsigned *count, struct micro_op *out)
{
    static struct pass pass FAR_ZEROS; /* under cache_lock */
    struct pass *p = &pass;
    int insn = -1;
    p->b = b;
    p->in = in;
    p->count = *count;
    p->out = out;
    p->n = 0;
    p->slots = p->pending_slots = 0;
    b->sunk_count = b->recovery_count = 0;
    if (!b->guest->late_slots)
        return false;
    for (unsigned i = 0; i < p->count; i++)
        if (in[i].op < UOP_TEMPLATE_COUNT && (traits[in[i].op] & PURE))
            p->slots |= bit(in[i].o[0]) & b->guest->late_slots;
    memset(b->insn_late, 0, b->insn_count * sizeof(*b->insn_late));
    if (!p->slots)
        return false;
    for (unsigned i = 0; i < p->count; i++) {
        p->read[i] = reads(&in[i]);
        p->written[i] = writes(&in[i]);
    }
    find_needs(p);
    for (unsigned i = 0; i < p->count; i++) {
        const struct micro_op *u = &in[i];
        while (insn < u->insn)
            begin_insn(p, i, (unsigned)++insn);
        if (u->op >= UOP_TEMPLATE_COUNT) {
            compute(p, p->needed[i], u->insn);
            forget(p, UINT64_MAX);
            put(p, u, u->insn);
        } else if (fuse_choice(p, i)) {
            i++;
        } else {
            rewrite_template(p, u, i);
        }
    }
    *count = p->n;
    return true;
}
