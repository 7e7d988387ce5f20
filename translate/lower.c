/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From micro-ops to host code.
 *
 * A block's code is, in this order: a safepoint (the entry of back edges and
 * indirect jumps), the body (the entry of forward edges), and out of the way
 * the stubs: one for each direct exit (until it is chained), one for each
 * template with an exact helper, the look-ups of indirect calls.
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "translate/block.h"
#include "translate/slot_cache.h"

enum { MAX_STUBS = BLOCK_MAX_UOPS * 2, MAX_TRAPS = BLOCK_MAX_UOPS };

struct fixed_code fixed_code;
struct pinning standard_pinning;

/* A template whose rare case is handled out of line. */
struct slow_stub {
    const struct micro_op *u;
    uint8_t *fields[4];
    unsigned field_count;
    uint32_t begin, end;
};

/* A guest call through a register: the look-up follows the host call. */
struct lookup_stub {
    uint8_t *field;
    struct opnd target;
};

struct miss_stub {
    uint8_t *field;
    struct opnd target;
};

struct lowering {
    const struct builder *b;
    struct code_ptr p;
    uint8_t *begin;
    struct block *block;
    struct pinning pinning;
    const uint8_t *loop_head; /* of a block with a pinning of its own, else NULL */
    struct exit_site exits[BLOCK_MAX_EXITS];
    const struct micro_op *flush[BLOCK_MAX_EXITS]; /* what an exit does first, or NULL */
    unsigned exit_count;
    struct {
        uint8_t *field;
        const struct micro_op *flush;
    } rounds[BLOCK_MAX_INSNS]; /* ways back to the loop's head */
    unsigned round_count;
    struct slow_stub slow[MAX_TRAPS];
    unsigned slow_count;
    struct lookup_stub lookups[BLOCK_MAX_INSNS];
    unsigned lookup_count;
    struct miss_stub misses[BLOCK_MAX_INSNS];
    unsigned miss_count;
    struct {
        uint8_t *field;
        uint64_t pc;
    } raises[BLOCK_MAX_UOPS];
    unsigned raise_count;
    struct landing landings[BLOCK_MAX_INSNS];
    unsigned landing_count;
    struct insn_map insns[BLOCK_MAX_INSNS + 1];
    unsigned insn_count;
    struct cc_recover recoveries[BLOCK_MAX_INSNS + 1];
    unsigned recovery_count;
};

static uint32_t here(const struct lowering *l)
{
    return l->p.w - l->begin;
}

static void link_field(struct lowering *l, uint8_t *field, const uint8_t *target_x)
{
    host_patch_rel32(field, host_field_x(&l->p, field), target_x);
}

static uint8_t *add_exit(struct lowering *l, uint8_t *field, uint64_t target, bool back)
{
    assert(l->exit_count < BLOCK_MAX_EXITS);
    l->flush[l->exit_count] = NULL;
    l->exits[l->exit_count++] =
        (struct exit_site){.target = target, .patch = field, .poll = back, .never_chain = !field};
    return field;
}

/* A loop's way back to its start, or a way out. */
static void add_branch(struct lowering *l, uint8_t *field, const struct micro_op *u)
{
    if (!l->loop_head || u->target != l->b->start) {
        add_exit(l, field, u->target, u->target <= l->b->insn_pc[u->insn]);
        if (u->flush)
            l->flush[l->exit_count - 1] = u;
    } else if (u->flush) {
        l->rounds[l->round_count].field = field;
        l->rounds[l->round_count++].flush = u;
    } else
        link_field(l, field, l->loop_head);
}

/* Between the loop's pinning and the guest's. */
static void enter_loop(struct lowering *l)
{
    if (l->loop_head)
        host_emit_repin(&l->p, &standard_pinning, &l->pinning);
}

static void leave_loop(struct lowering *l)
{
    if (l->loop_head)
        host_emit_repin(&l->p, &l->pinning, &standard_pinning);
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

static void emit_move(struct lowering *l, struct opnd to, struct opnd from)
{
    hostgen_emit(&l->p, UOP_mov64, (const struct opnd[]){to, from}, cache_pool, NULL);
}

/* Condition codes for who comes behind an exit. */
static void emit_flush(struct lowering *l, const struct micro_op *u)
{
    static const struct {
        uint8_t place, slot;
    } operand[] = {{BRANCH_CC_X, CC_X_SLOT}, {BRANCH_CC_Y, CC_Y_SLOT}};
    for (unsigned k = 0; k < 2; k++)
        if (u->o[operand[k].place].kind != OPND_NONE)
            emit_move(l, G(operand[k].slot), u->o[operand[k].place]);
    emit_move(l, G(CC_KIND_SLOT), I((int32_t)u->arg[0]));
}

static void emit_template(struct lowering *l, const struct micro_op *u, unsigned i)
{
    struct template_exits exits = {0};
    struct slot_step step;
    const struct opnd *o = slot_cache_step(i, &step);
    for (unsigned k = 0; k < step.loads; k++)
        emit_move(l, step.load[k].reg, step.load[k].slot);
    uint32_t begin = here(l);
    bool scratch = hostgen_emit(&l->p, u->op, o, cache_pool, &exits);
    for (unsigned k = 0; k < step.stores; k++)
        emit_move(l, step.store[k].slot, step.store[k].reg);
    slot_cache_done(i, scratch);
    for (unsigned k = 0; k < exits.taken_count; k++)
        add_branch(l, exits.taken[k], u);
    if (u->helper == HELPER_NONE) {
        assert(!exits.slow_count);
        return;
    }
    struct slow_stub *s = &l->slow[l->slow_count++];
    *s = (struct slow_stub){.u = u, .begin = begin, .end = here(l)};
    s->field_count = exits.slow_count;
    memcpy(s->fields, exits.slow, exits.slow_count * sizeof(*exits.slow));
}

static void emit_jump_lookup(struct lowering *l, struct opnd target)
{
    struct template_exits exits = {0};
    hostgen_emit(&l->p, UOP_jump_lookup, &target, cache_pool, &exits);
    for (unsigned k = 0; k < exits.taken_count; k++)
        link_field(l, exits.taken[k], fixed_code.leave_lookup);
}

static void add_landing(struct lowering *l, uint64_t pc)
{
    host_emit_align(&l->p, 2);
    l->landings[l->landing_count++] = (struct landing){.off = here(l), .pc = pc};
}

/* As in run.c's table. */
static unsigned helper_index(unsigned helper)
{
    return helper == HELPER_CC_NORMALIZE ? 0 : helper + 1;
}

static void emit_helper(struct lowering *l, const struct micro_op *u)
{
    host_emit_helper_call(&l->p, fixed_code.helper_thunk, helper_index(u->helper), u->arg[0],
                          u->arg[1], u->arg[2]);
}

/* The exact helper of a template, with a temporary for its output. */
static void emit_exact(struct lowering *l, const struct micro_op *u)
{
    emit_helper(l, u);
    if (u->n && u->o[0].kind == OPND_VT && uop_info[u->op].dir[0] != ' ')
        hostgen_emit(&l->p, UOP_movv, (const struct opnd[]){VT(0), V(VT_SLOT)}, cache_pool, NULL);
}

/* Leaves after a helper that has raised. */
static void emit_raise_check(struct lowering *l, const struct micro_op *u)
{
    struct template_exits exits = {0};
    hostgen_emit(&l->p, UOP_raise_check, NULL, cache_pool, &exits);
    for (unsigned k = 0; k < exits.taken_count; k++) {
        l->raises[l->raise_count].field = exits.taken[k];
        l->raises[l->raise_count++].pc = l->b->insn_pc[u->insn];
    }
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
        emit_jump_lookup(l, u->o[0]);
        break;
    case UOP_LINK:
        add_exit(l, host_emit_guest_call(&l->p, u->link, NULL), u->target, u->target <= pc);
        add_landing(l, u->link);
        break;
    case UOP_LINK_INDIRECT:
        l->lookups[l->lookup_count++] = (struct lookup_stub){
            .field = host_emit_guest_call(&l->p, u->link, NULL), .target = u->o[0]};
        add_landing(l, u->link);
        break;
    case UOP_RETURN:
        l->misses[l->miss_count++] = (struct miss_stub){
            .field = host_emit_guest_return(&l->p, u->o[0], NULL), .target = u->o[0]};
        break;
    case UOP_RAISE:
        host_emit_store_imm64(&l->p, offsetof(struct vcpu, pc), u->link);
        if (u->target)
            host_emit_store_imm64(&l->p, offsetof(struct vcpu, excp_arg), u->target);
        host_emit_set_exit(&l->p, u->sub);
        host_emit_jump(&l->p, fixed_code.leave);
        break;
    default:
        assert(u->op < UOP_TEMPLATE_COUNT);
        if (u->helper == HELPER_NONE || *avoided_entry(pc) != pc) {
            emit_template(l, u, i);
            return;
        }
        leave_loop(l);
        emit_helper(l, u);
        enter_loop(l);
        break;
    }
    slot_cache_done(i, true);
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
        host_emit_jump(&l->p, l->p.x - (here(l) - s->end));
    }
    for (unsigned k = 0; k < l->raise_count; k++) {
        link_field(l, l->raises[k].field, l->p.x);
        host_emit_store_imm64(&l->p, offsetof(struct vcpu, pc), l->raises[k].pc);
        host_emit_set_exit(&l->p, EXIT_EXCEPTION);
        host_emit_jump(&l->p, fixed_code.leave);
    }
    for (unsigned k = 0; k < l->lookup_count; k++) {
        link_field(l, l->lookups[k].field, l->p.x);
        emit_jump_lookup(l, l->lookups[k].target);
    }
    /* A frame too many on the host return stack (a call that was no call) is
     * dropped; anything else (longjmp, a change of stacks) empties it. */
    for (unsigned k = 0; k < l->miss_count; k++) {
        link_field(l, l->misses[k].field, l->p.x);
        host_emit_return_drop(&l->p);
        uint8_t *again = host_emit_guest_return(&l->p, l->misses[k].target, NULL);
        link_field(l, again, l->p.x);
        host_emit_return_reset(&l->p);
        emit_jump_lookup(l, l->misses[k].target);
    }
    for (unsigned k = 0; k < l->round_count; k++) {
        link_field(l, l->rounds[k].field, l->p.x);
        emit_flush(l, l->rounds[k].flush);
        host_emit_jump(&l->p, l->loop_head);
    }
    uint32_t id = cache_next_exit_id();
    for (unsigned k = 0; k < l->exit_count; k++, id += EXIT_ID_STEP) {
        struct exit_site *e = &l->exits[k];
        bool in_stub = e->patch && (l->flush[k] || l->loop_head || !host_rel32_atomic(e->patch));
        if (in_stub) { /* chain by a jump of the stub's own */
            uint8_t *own;
            link_field(l, e->patch, l->p.x);
            if (l->flush[k])
                emit_flush(l, l->flush[k]);
            leave_loop(l);
            own = host_emit_chain_jump(&l->p, NULL);
            e->patch = own;
        }
        e->stub_off = l->p.x - cache_x(0);
        if (e->patch)
            link_field(l, e->patch, l->p.x);
        else
            leave_loop(l);
        host_emit_set_exit(&l->p, id);
        host_emit_jump(&l->p, fixed_code.leave);
    }
}

static void *copy(const void *from, size_t bytes)
{
    return bytes ? memcpy(cache_alloc(bytes), from, bytes) : NULL;
}

struct block *lower(const struct builder *b, const struct micro_op *uops, unsigned count)
{
    static struct lowering lowering; /* under cache_lock */
    struct lowering *l = &lowering;
    struct block *block;
    l->b = b;
    l->exit_count = l->slow_count = l->lookup_count = l->miss_count = 0;
    l->round_count = l->raise_count = l->landing_count = l->insn_count = l->recovery_count = 0;
    l->pinning = standard_pinning;
    l->loop_head = NULL;
    l->p = cache_code_start();
    host_emit_align(&l->p, 16);
    l->begin = l->p.w;
    block = cache_alloc(sizeof(*block));
    *block = (struct block){.pc = b->start,
                            .guest_end = b->pc + b->insn_len,
                            .mode = b->mode,
                            .code_off = l->p.x - cache_x(0)};

    bool own_pinning = loop_pins(b, uops, count, &l->pinning);
    if (own_pinning) {
        host_emit_repin(&l->p, &standard_pinning, &l->pinning);
        host_emit_align(&l->p, 16);
        l->loop_head = l->p.x;
        hostgen_pin(&l->pinning);
    }
    block->own_loop = own_pinning;
    block->pinning = l->pinning;
    slot_cache_begin(uops, count);
    uint8_t *poll = host_emit_safepoint(&l->p, NULL);
    block->entry_skip = own_pinning ? 0 : here(l);
    for (unsigned i = 0; i < count; i++) {
        while (l->insn_count <= uops[i].insn) {
            unsigned n = l->insn_count++;
            bool recover = b->insn_cc[n].kind != CC_STORED;
            if (recover)
                l->recoveries[l->recovery_count++] = b->insn_cc[n];
            l->insns[n] = (struct insn_map){.off = here(l),
                                            .pc_delta = b->insn_pc[n] - b->start,
                                            .cc = recover ? l->recovery_count : 0};
        }
        emit_uop(l, &uops[i], i);
    }
    if (block->guest_end == block->pc)
        block->guest_end++;

    /* The safepoint leaves with the pc of the block, through an exit that is
     * never chained. */
    unsigned poll_exit = l->exit_count;
    add_exit(l, NULL, b->start, true);
    struct trap_map traps[MAX_TRAPS];
    emit_stubs(l, traps);
    link_field(l, poll, cache_x(l->exits[poll_exit].stub_off));
    if (own_pinning)
        hostgen_pin(&standard_pinning);

    block->code_len = here(l);
    block->insn_count = l->insn_count;
    block->insns = copy(l->insns, l->insn_count * sizeof(*l->insns));
    block->recoveries = copy(l->recoveries, l->recovery_count * sizeof(*l->recoveries));
    block->trap_count = l->slow_count;
    block->traps = copy(traps, l->slow_count * sizeof(*traps));
    block->landing_count = l->landing_count;
    block->landings = copy(l->landings, l->landing_count * sizeof(*l->landings));
    block->exit_count = l->exit_count;
    block->exits = copy(l->exits, l->exit_count * sizeof(*l->exits));
    for (unsigned k = 0; k < block->exit_count; k++)
        block->exits[k].from = block;
    cache_new_exits(block->exits, block->exit_count);
    cache_publish(block, l->p);
    return block;
}

void lower_init(const struct guest *guest)
{
    struct code_ptr p;
    standard_pinning =
        hostgen_pinning(guest->pins, guest->pin_count, guest->vpins, guest->vpin_count);
    hostgen_pin(&standard_pinning);
    p = cache_code_start();
    fixed_code.enter = (host_enter_fn *)(uintptr_t)p.x;
    host_emit_enter(&p);
    fixed_code.leave_lookup = p.x;
    host_emit_set_exit(&p, EXIT_LOOKUP);
    fixed_code.leave = p.x;
    host_emit_leave(&p);
    host_emit_align(&p, 16);
    fixed_code.helper_thunk = p.x;
    host_emit_helper_thunk(&p);
    cache_set_fixed_end(p);
}
