/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From micro-ops to host code.
 *
 * A block's code is, in this order: the body, and out of the way the stubs: one for each direct
 * exit (until it is chained), then one for each template with an exact helper, the look-ups of
 * indirect calls.
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "hostgen/far.h"
#include "translate/block.h"
#include "translate/slot_cache.h"

enum { MAX_STUBS = BLOCK_MAX_UOPS * 2, MAX_TRAPS = BLOCK_MAX_UOPS };
/* Where blocks begin: processors keep decoded instructions, and know branches, by lines of their
 * cache; what begins in the middle of another block's takes more of them. */
enum { BLOCK_ALIGN = 64, LARGE_BLOCK_ALIGN = 16 };

/* A template whose rare case is handled out of line. */
struct slow_stub {
    const struct micro_op *u;
    uint8_t *fields[4];
    unsigned field_count;
    uint32_t begin, end;
    struct slot_move held[SLOT_CACHE_REGISTERS]; /* what is in registers behind it */
    unsigned held_count;
};

/* A guest call through a register to what is not in the first way of the jump cache. */
struct second_stub {
    uint8_t *field;
    struct opnd target;
    uint32_t landing;
};

struct direct_exit {
    uint8_t *field;
    uint64_t target;
    bool back;
};

/* What every block needs comes first: each page of it takes an entry of the host's TLB. */
struct lowering {
    const struct builder *b;
    struct arena *a;
    unsigned count; /* of micro-ops */
    struct code_ptr p;
    uint8_t *begin;
    const uint8_t *loop_head; /* where a block that branches to its start goes, else NULL */
    bool own_pinning;         /* it has its own */
    struct pinning pinning;
    const struct micro_op *left; /* what traps if this does is the micro-op behind it, or NULL */
    unsigned exit_count, round_count, join_count, slow_count, second_count, raise_count;
    unsigned landing_count, insn_count, recovery_count, unsaved_count, address_count;
    const uint8_t *insn_x[BLOCK_MAX_INSNS + 1];
    struct direct_exit exits[BLOCK_MAX_EXITS];
    const struct micro_op *flush[BLOCK_MAX_EXITS]; /* what an exit does first, or NULL */
    struct insn_map insns[BLOCK_MAX_INSNS + 1];
    struct second_stub seconds[BLOCK_MAX_INSNS];
    uint32_t landings[BLOCK_MAX_INSNS];
    uint16_t addresses[BLOCK_MAX_ADDRESSES]; /* moved.c */
    struct cc_recover recoveries[BLOCK_MAX_RECOVERED];
    struct {
        uint8_t *field;
        const struct micro_op *flush;
    } rounds[BLOCK_MAX_INSNS]; /* ways back to the loop's head */
    struct {
        uint8_t *field;
        const struct micro_op *u;
        unsigned insn;
    } joins[BLOCK_MAX_EXITS]; /* branches to later instructions of the block */
    struct {
        uint8_t *field;
        const struct micro_op *u;
    } raises[BLOCK_MAX_UOPS];
    struct unsaved unsaved[BLOCK_MAX_FOLDS];
    struct slow_stub slow[MAX_TRAPS];
};

static uint32_t here(const struct lowering *l)
{
    return l->p.w - l->begin;
}

/* What has been emitted from `from` on has guest address `value` in it. */
static void note_address(struct lowering *l, const uint8_t *from, uint64_t value)
{
    if (!l->a->file || l->a->fixed)
        return;
    int at = moved_find(from, (size_t)(l->p.w - from), value);
    uint32_t off = (uint32_t)(from - l->begin) + (uint32_t)at;
    if (at < 0 || off > MOVED_MOST || l->address_count == BLOCK_MAX_ADDRESSES)
        l->a->fixed = true;
    else
        l->addresses[l->address_count++] = moved_entry(off, value);
}

static void link_field(struct lowering *l, uint8_t *field, const uint8_t *target_x)
{
    host_patch_rel32(field, host_field_x(&l->p, field), target_x);
}

static void add_exit(struct lowering *l, uint8_t *field, uint64_t target, bool back)
{
    assert(l->exit_count < BLOCK_MAX_EXITS);
    l->flush[l->exit_count] = NULL;
    arena_note_known(l->a, target, KNOWN_TARGET);
    arena_expect_block(l->a, target);
    l->exits[l->exit_count++] =
        (struct direct_exit){.field = field, .target = target, .back = back};
}

static bool same_operand(struct opnd a, struct opnd b)
{
    return a.kind == b.kind && a.v == b.v;
}

/* A loop's way back to its start, a way over some instructions, or a way out. */
static void add_branch(struct lowering *l, uint8_t *field, const struct micro_op *u)
{
    unsigned join = u->op < UOP_TEMPLATE_COUNT ? join_of(l->b, u) : 0;
    if (join) {
        l->joins[l->join_count].field = field;
        l->joins[l->join_count].u = u;
        l->joins[l->join_count++].insn = join;
    } else if (!l->loop_head || u->target != l->b->start) {
        add_exit(l, field, u->target, u->target <= l->b->insn_pc[u->insn]);
        if (u->flush || u->sunks)
            l->flush[l->exit_count - 1] = u;
    } else if (u->flush || u->sunks) {
        l->rounds[l->round_count].field = field;
        l->rounds[l->round_count++].flush = u;
    } else
        link_field(l, field, l->loop_head);
}

/* Between the loop's pinning and the guest's. */
static void enter_loop(struct lowering *l)
{
    if (l->own_pinning)
        host_emit_repin(&l->p, &standard_pinning, &l->pinning);
}

static void leave_loop(struct lowering *l)
{
    if (l->own_pinning)
        host_emit_repin(&l->p, &l->pinning, &standard_pinning);
}

static const uint8_t *fixed(const struct lowering *l, uint32_t code)
{
    return l->a->x + code;
}

static uint64_t avoided[1024];

static uint64_t *avoided_entry(uint64_t pc)
{
    return &avoided[(pc >> 2) % (sizeof(avoided) / sizeof(avoided[0]))];
}

void lower_avoid_template(uint64_t pc)
{
    *avoided_entry(pc) = pc;
}

bool lower_avoids(uint64_t pc)
{
    return *avoided_entry(pc) == pc;
}

static void emit_move(struct lowering *l, struct opnd to, struct opnd from)
{
    bool vector = to.kind == OPND_V || from.kind == OPND_V;
    hostgen_emit(&l->p, vector ? UOP_movv : UOP_mov64, (const struct opnd[]){to, from}, l->a->x,
                 NULL);
}

static void emit_sunk(struct lowering *l, const struct micro_op *u)
{
    for (unsigned k = 0; k < u->sunks; k++) {
        const struct micro_op *s = &l->b->sunk[u->sunk + k];
        hostgen_emit(&l->p, s->op, s->o, l->a->x, NULL);
    }
}

/* Condition codes for who comes behind an exit. */
static void emit_flush(struct lowering *l, const struct micro_op *u)
{
    static const struct {
        uint8_t place, slot;
    } operand[] = {{BRANCH_CC_X, CC_X_SLOT}, {BRANCH_CC_Y, CC_Y_SLOT}};
    emit_sunk(l, u);
    if (!u->flush)
        return;
    if (u->arg[1]) {
        struct opnd x = u->o[BRANCH_CC_X];
        if (x.kind == OPND_I)
            emit_move(l, T(1), x);
        const struct opnd o[] = {G(CC_SLOT), x.kind == OPND_I ? T(1) : x, u->o[BRANCH_CC_Y]};
        hostgen_emit(&l->p, u->arg[1], o, l->a->x, NULL);
    }
    for (unsigned k = 0; k < 2 && !u->arg[1]; k++)
        if (u->o[operand[k].place].kind != OPND_NONE)
            emit_move(l, G(operand[k].slot), u->o[operand[k].place]);
    emit_move(l, G(CC_KIND_SLOT), I((int32_t)u->arg[0]));
}

/* The row that suits the operands' places.  Rows of three operands take a constant of more than 8
 * bits only beside registers that are pinned. */
static unsigned form_for_places(unsigned op, const struct opnd *o)
{
    if (op == UOP_byte_of)
        return hostgen_takes(UOP_byte_of_register, o) ? UOP_byte_of_register : op;
    unsigned form = op == UOP_add64   ? UOP_add64_by
                    : op == UOP_and64 ? UOP_and64_by
                    : op == UOP_and32 ? UOP_and32_by
                                      : op;
    if (form == op || o[2].kind != OPND_I || hostgen_takes(op, o))
        return op;
    return hostgen_takes(form, o) ? form : op;
}

/* A check whether a comparison may be left to the host, before the branch which compares: the
 * branch traps as well, before it has done anything. */
static bool leave_check(const struct micro_op *u, const struct micro_op *branch)
{
    return u->op == UOP_fcmp_check_d && late_branches(branch->op, UOP_order_d) &&
           same_operand(u->o[0], branch->o[0]) && same_operand(u->o[1], branch->o[1]);
}

static void add_slow_stub(struct lowering *l, const struct micro_op *u, uint32_t begin,
                          const struct template_exits *exits)
{
    struct slow_stub *s = &l->slow[l->slow_count++];
    s->u = u;
    s->begin = begin;
    s->end = here(l);
    s->field_count = exits->slow_count;
    memcpy(s->fields, exits->slow, exits->slow_count * sizeof(*exits->slow));
    s->held_count = slot_cache_held(s->held);
}

static void emit_template(struct lowering *l, const struct micro_op *u, unsigned i)
{
    struct template_exits exits;
    struct slot_step step;
    const struct opnd *o = slot_cache_step(i, &step);
    for (unsigned k = 0; k < step.loads; k++)
        emit_move(l, step.load[k].reg, step.load[k].slot);
    uint32_t begin = here(l);
    if (i + 1 < l->count && leave_check(u, u + 1)) {
        l->left = u;
        slot_cache_done(i, (struct scratch_use){0});
        return;
    }
    struct scratch_use scratch = hostgen_emit(&l->p, form_for_places(u->op, o), o, l->a->x, &exits);
    if (u->address)
        note_address(l, l->begin + begin, (uint64_t)u->o[1].v);
    for (unsigned k = 0; k < step.stores; k++)
        emit_move(l, step.store[k].slot, step.store[k].reg);
    slot_cache_done(i, scratch);
    for (unsigned k = 0; k < exits.taken_count; k++)
        add_branch(l, exits.taken[k], u);
    const struct micro_op *slow = l->left ? l->left : u;
    l->left = NULL;
    if (slow->helper != HELPER_NONE)
        add_slow_stub(l, slow, begin, &exits);
    else
        assert(!exits.slow_count);
}

static void emit_jump_lookup(struct lowering *l, struct opnd target)
{
    host_emit_jump_lookup(&l->p, target);
    host_emit_jump(&l->p, fixed(l, l->a->lookup_second));
}

/* Where a return to pc lands. */
static void add_landing(struct lowering *l, uint64_t pc)
{
    const uint8_t *from = l->p.w;
    l->landings[l->landing_count++] = here(l);
    host_emit_return_check(&l->p, link_register, pc, fixed(l, l->a->return_miss));
    note_address(l, from, pc);
}

/* As in run.c's table. */
static unsigned helper_index(unsigned helper)
{
    return helper >= HELPER_CC_NORMALIZE ? helper - HELPER_CC_NORMALIZE : helper + COMMON_HELPERS;
}

static void emit_helper(struct lowering *l, const struct micro_op *u)
{
    host_emit_helper_call(&l->p, fixed(l, l->a->helper_thunk), helper_index(u->helper), u->arg[0],
                          u->arg[1], u->arg[2]);
}

/* The exact helper of a template, with a temporary for its output. */
static void emit_exact(struct lowering *l, const struct micro_op *u)
{
    emit_helper(l, u);
    if (u->n && u->o[0].kind == OPND_VT && uop_info[u->op].dir[0] != ' ')
        hostgen_emit(&l->p, UOP_movv, (const struct opnd[]){VT(0), V(VT_SLOT)}, l->a->x, NULL);
}

/* Leaves after a helper that has raised. */
static void emit_raise_check(struct lowering *l, const struct micro_op *u)
{
    struct template_exits exits = {0};
    hostgen_emit(&l->p, UOP_raise_check, NULL, l->a->x, &exits);
    for (unsigned k = 0; k < exits.taken_count; k++) {
        l->raises[l->raise_count].field = exits.taken[k];
        l->raises[l->raise_count++].u = u;
    }
}

static void store_pc(struct lowering *l, uint64_t pc)
{
    const uint8_t *from = l->p.w;
    host_emit_store_imm64(&l->p, offsetof(struct vcpu, pc), pc);
    note_address(l, from, pc);
}

static void emit_uop(struct lowering *l, const struct micro_op *u, unsigned i)
{
    uint64_t pc = l->b->insn_pc[u->insn];
    switch (u->op) {
    case UOP_CALL:
        emit_helper(l, u);
        if (u->raising)
            emit_raise_check(l, u);
        break;
    case UOP_GOTO:
        add_branch(l, host_emit_chain_jump(&l->p, NULL), u);
        break;
    case UOP_GOTO_INDIRECT:
        emit_jump_lookup(l, slot_cache_operand(i, u->o[0]));
        break;
    case UOP_LINK:
        add_exit(l, host_emit_guest_call(&l->p, NULL), u->target, u->target <= pc);
        add_landing(l, u->link);
        break;
    case UOP_LINK_INDIRECT: {
        struct second_stub *s = &l->seconds[l->second_count++];
        s->target = slot_cache_operand(i, u->o[0]);
        s->field = host_emit_call_lookup(&l->p, s->target);
        s->landing = here(l);
        add_landing(l, u->link);
        break;
    }
    case UOP_RETURN:
        host_emit_guest_return(&l->p);
        break;
    case UOP_RAISE:
        store_pc(l, u->link);
        if (u->target)
            host_emit_store_imm64(&l->p, offsetof(struct vcpu, excp_arg), u->target);
        host_emit_set_exit(&l->p, u->sub);
        host_emit_jump(&l->p, fixed(l, l->a->leave));
        break;
    default:
        assert(u->op < UOP_TEMPLATE_COUNT);
        if (u->helper == HELPER_NONE || !lower_avoids(pc)) {
            emit_template(l, u, i);
            return;
        }
        leave_loop(l);
        emit_helper(l, u);
        emit_raise_check(l, u);
        enter_loop(l);
        break;
    }
    slot_cache_forget();
}

static void emit_stubs(struct lowering *l, struct trap_map *traps)
{
    for (unsigned k = 0; k < l->slow_count; k++) {
        struct slow_stub *s = &l->slow[k];
        traps[k] = (struct trap_map){.begin = s->begin, .end = s->end, .stub = here(l)};
        for (unsigned n = 0; n < s->field_count; n++)
            link_field(l, s->fields[n], l->p.x);
        leave_loop(l);
        emit_exact(l, s->u);
        emit_raise_check(l, s->u); /* a misaligned atomic access */
        enter_loop(l);
        for (unsigned n = 0; n < s->held_count; n++)
            emit_move(l, s->held[n].reg, s->held[n].slot);
        host_emit_jump(&l->p, l->p.x - (here(l) - s->end));
    }
    if (l->raise_count)
        hostgen_pin(&standard_pinning);
    for (unsigned k = 0; k < l->raise_count; k++) {
        const struct micro_op *u = l->raises[k].u;
        link_field(l, l->raises[k].field, l->p.x);
        emit_sunk(l, u);
        store_pc(l, l->b->insn_pc[u->insn]);
        host_emit_set_exit(&l->p, EXIT_EXCEPTION);
        host_emit_jump(&l->p, fixed(l, l->a->leave));
    }
    if (l->raise_count)
        hostgen_pin(&l->pinning);
    for (unsigned k = 0; k < l->second_count; k++) {
        const struct second_stub *s = &l->seconds[k];
        link_field(l, s->field, l->p.x);
        host_emit_call_second(&l->p, s->target, fixed(l, l->a->lookup_second),
                              l->p.x - (here(l) - s->landing));
    }
    for (unsigned k = 0; k < l->round_count; k++) {
        link_field(l, l->rounds[k].field, l->p.x);
        emit_flush(l, l->rounds[k].flush);
        host_emit_jump(&l->p, l->loop_head);
    }
    for (unsigned k = 0; k < l->join_count; k++) {
        const struct micro_op *u = l->joins[k].u;
        const uint8_t *to = l->insn_x[l->joins[k].insn];
        link_field(l, l->joins[k].field, u->sunks ? l->p.x : to);
        if (u->sunks) {
            emit_sunk(l, u);
            host_emit_jump(&l->p, to);
        }
    }
}

/* The guest jumps to code of another arena. */
static void emit_far_stub(struct lowering *l, const struct direct_exit *d,
                          const struct micro_op *flush)
{
    const struct opnd o[] = {T(0), I(d->target)};
    link_field(l, d->field, l->p.x);
    if (flush)
        emit_flush(l, flush);
    leave_loop(l);
    const uint8_t *from = l->p.w;
    hostgen_emit(&l->p, UOP_movq, o, l->a->x, NULL);
    note_address(l, from, d->target);
    emit_jump_lookup(l, T(0));
}

/* Where an exit leads to a block that is there already it need not find out by being taken.
 * NULL: none is. */
static struct block *find_target(const struct lowering *l, uint64_t target)
{
    const struct arena *a = l->a;
    if ((l->b->mode & MODE_STEP) ||
        (arena_knows_blocks(a) && arena_known(a, target) != KNOWN_BLOCK))
        return NULL;
    return arena_find(a, target, l->b->mode);
}

/* A block of a file's arena is dropped alone only if its templates have trapped. */
static bool stays(const struct arena *a, const struct block *b)
{
    return a->file && !b->trap_count;
}

/* Stubs of the direct exits.  One that leads to a block which stays is a plain jump, and is not
 * heard of any more. */
static void emit_exits(struct lowering *l, struct block *block)
{
    struct arena *a = l->a;
    block->exits = a->exit_count;
    for (unsigned k = 0; k < l->exit_count; k++) {
        const struct direct_exit *d = &l->exits[k];
        if (!cache_reaches(a, l->b->start, d->target)) {
            emit_far_stub(l, d, l->flush[k]);
            continue;
        }
        struct block *to = find_target(l, d->target);
        bool final = to && stays(a, to);
        uint8_t *field = d->field;
        bool far = !final && l->p.w - field >= 1 << EXIT_STUB_BITS;
        if (l->own_pinning || l->flush[k] || far) { /* chain by a jump of the stub's own */
            link_field(l, field, l->p.x);
            if (l->flush[k])
                emit_flush(l, l->flush[k]);
            leave_loop(l);
            field = final ? host_emit_jump(&l->p, NULL) : host_emit_chain_jump(&l->p, NULL);
        }
        if (final) {
            link_field(l, field, fixed(l, to->code_off));
            continue;
        }
        uint32_t n = a->exit_count++;
        a->exits[n] = (struct exit_site){.distance = (int64_t)(d->target - l->b->start),
                                         .from = block - a->blocks,
                                         .stub = l->p.w - field,
                                         .patch = field - a->w,
                                         .back = d->back};
        link_field(l, field, l->p.x);
        host_emit_set_exit(&l->p, EXIT_ID_FIRST + n);
        host_emit_jump_slot(&l->p, (const uint8_t *)arena_slot(a, n));
        *arena_slot(a, n) = (uint64_t)fixed(l, a->leave);
        if (to)
            cache_chain(a, &a->exits[n], to);
    }
    block->exit_count = a->exit_count - block->exits;
}

static bool same_recovery(const struct cc_recover *a, const struct cc_recover *b)
{
    return a->kind == b->kind && a->lost == b->lost && a->slot == b->slot && a->more == b->more &&
           same_operand(a->x, b->x) && same_operand(a->y, b->y);
}

/* How to complete the state if instruction n faults: as in insn_map.cc.  Often that is
 * what it was for the instruction before. */
static unsigned add_recoveries(struct lowering *l, unsigned n)
{
    const struct builder *b = l->b;
    unsigned first = l->recovery_count + 1;
    if (b->insn_cc[n].kind != CC_STORED)
        l->recoveries[l->recovery_count++] = b->insn_cc[n];
    if (b->guest->late_slots && b->insn_late[n]) {
        const struct cc_recover *r = &b->recoveries[b->insn_late[n] - 1];
        do
            l->recoveries[l->recovery_count++] = *r;
        while (r++->more);
    }
    unsigned count = l->recovery_count + 1 - first, before = n ? l->insns[n - 1].cc : 0, same = 0;
    if (!count)
        return 0;
    while (before && same < count && before + same < first &&
           same_recovery(&l->recoveries[before - 1 + same], &l->recoveries[first - 1 + same]))
        same++;
    if (same < count || before + same != first)
        return first;
    l->recovery_count = first - 1;
    return before;
}

static bool accesses_memory(const struct micro_op *u)
{
    return u->op < UOP_TEMPLATE_COUNT && uop_info[u->op].address.base != UOP_NO_OPERAND;
}

/* uop_off: where each micro-op begins, and the last one ends. */
static void add_folds(struct lowering *l, const uint32_t *uop_off)
{
    for (unsigned k = l->b->fold_count; k--;) {
        const struct fold *f = &l->b->folds[k];
        if (uop_off[f->begin] != uop_off[f->end])
            l->unsaved[l->unsaved_count++] = (struct unsaved){.begin = uop_off[f->begin],
                                                              .end = uop_off[f->end],
                                                              .slot = f->slot,
                                                              .from = f->from,
                                                              .added = f->added};
    }
}

struct found lower(const struct builder *b, const struct micro_op *uops, unsigned count)
{
    static struct lowering lowering FAR_ZEROS; /* under cache_lock */
    static uint32_t uop_off[BLOCK_MAX_UOPS * 2 + 1] FAR_ZEROS;
    struct lowering *l = &lowering;
    struct arena *a = cache_arena(b->start);
    struct block *block = &a->blocks[a->block_count];
    l->b = b;
    l->a = a;
    l->count = count;
    l->left = NULL;
    l->exit_count = l->slow_count = l->second_count = 0;
    l->round_count = l->join_count = l->raise_count = l->landing_count = l->insn_count =
        l->recovery_count = l->unsaved_count = l->address_count = 0;
    a->fixed |= b->fixed;
    l->pinning = standard_pinning;
    l->loop_head = NULL;
    l->p = arena_code(a);
    bool own_pinning = l->own_pinning = loop_pins(b, uops, count, &l->pinning);
    bool aligned = !own_pinning && a->next < ARENA_LARGE;
    host_emit_align(&l->p, aligned ? BLOCK_ALIGN : LARGE_BLOCK_ALIGN);
    l->begin = l->p.w;
    *block = (struct block){.pc = b->start - a->bias,
                            .guest_bytes = b->pc + b->insn_len - b->start,
                            .mode = b->mode,
                            .code_off = l->p.x - a->x};

    if (own_pinning) {
        host_emit_repin(&l->p, &standard_pinning, &l->pinning);
        host_emit_align(&l->p, 16);
        hostgen_pin(&l->pinning);
    }
    if (b->loop)
        l->loop_head = l->p.x;
    slot_cache_begin(b, uops, count);
    for (unsigned i = 0; i < count; i++) {
        while (l->insn_count <= uops[i].insn && !l->left) {
            unsigned n = l->insn_count++;
            l->insn_x[n] = l->p.x;
            l->insns[n] = (struct insn_map){.off = here(l),
                                            .pc_delta = b->insn_pc[n] - b->start,
                                            .cc = add_recoveries(l, n),
                                            .exact = !n};
        }
        /* As for its fault, which however finds done what late_pass.c computes before it. */
        if (!b->guest->late_slots && accesses_memory(&uops[i]))
            l->insns[uops[i].insn].exact = true;
        uop_off[i] = here(l);
        emit_uop(l, &uops[i], i);
    }
    uop_off[count] = here(l);
    add_folds(l, uop_off);
    if (!block->guest_bytes)
        block->guest_bytes = 1;

    struct trap_map traps[MAX_TRAPS];
    emit_exits(l, block); /* first: they are to be in reach of the jumps to them */
    emit_stubs(l, traps);
    if (own_pinning)
        hostgen_pin(&standard_pinning);

    block->code_len = here(l);
    maps_write(a, block,
               &(struct block_maps){.insns = l->insns,
                                    .insn_count = l->insn_count,
                                    .recoveries = l->recoveries,
                                    .recovery_count = l->recovery_count,
                                    .unsaved = l->unsaved,
                                    .unsaved_count = l->unsaved_count,
                                    .traps = traps,
                                    .trap_count = l->slow_count,
                                    .landings = l->landings,
                                    .landing_count = l->landing_count,
                                    .addresses = l->addresses,
                                    .address_count = l->address_count,
                                    .pinning = b->loop ? &l->pinning : NULL});
    cache_publish(a, block, l->p);
    return (struct found){a, block};
}
