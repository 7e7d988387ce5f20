/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Condition codes.
 *
 * An instruction that sets flags leaves a UOP_CC(kind, x, y); what reads them
 * leaves UOP_CC_BRANCH and the like.  This pass replaces both by templates so
 * that as little as possible is computed:
 *
 *  - A consumer is fused: br_sub64_lt(x, y).  If x or y has been overwritten
 *    since, it uses the result (for eq, ne, mi, pl) or the copies in CC_X_SLOT
 *    and CC_Y_SLOT, which are then written where the flags were set.
 *  - Flags that may be read behind an exit of the block are left there lazily:
 *    operands and kind in CC_X_SLOT, CC_Y_SLOT, CC_KIND_SLOT, which are written on
 *    the way out (for a conditional branch: out of line).
 *  - Flags that nobody reads cost nothing.  Where a function begins or returns nobody does,
 *    but in modes with guest->cc_crosses_calls.
 *  - A conditional compare (UOP_CC_COMPARE) sets flags like UOP_CC if its
 *    condition holds, else to a constant.  The condition goes to CC_SLOT as 0
 *    or 1, and the pair is then treated as one lazy set of flags, "chained".
 *    If a branch follows, it is two branches instead.
 *  - Where an addition or subtraction carries into another (UOP_CC_ADC, UOP_CC_ADCS), the
 *    carry is kept in CC_SLOT (hostgen/ops/chain.def).  The lazy form of such flags is
 *    operands and kind as ever; CC_SLOT has the carry in, too.
 *
 * For every guest instruction the pass notes how the flags can be recomputed
 * if that instruction faults, so the state at a fault is exact.  (Flags that
 * are dead on every path count as free to hold any value.)
 */
#include <assert.h>
#include <string.h>

#include "hostgen/far.h"
#include "translate/block.h"
#include "translate/cc_state.h"

#define CONDS(p, k)                                                                                \
    {                                                                                              \
        UOP_##p##_##k##_eq, UOP_##p##_##k##_ne, UOP_##p##_##k##_cs, UOP_##p##_##k##_cc,            \
            UOP_##p##_##k##_mi, UOP_##p##_##k##_pl, UOP_##p##_##k##_vs, UOP_##p##_##k##_vc,        \
            UOP_##p##_##k##_hi, UOP_##p##_##k##_ls, UOP_##p##_##k##_ge, UOP_##p##_##k##_lt,        \
            UOP_##p##_##k##_gt, UOP_##p##_##k##_le                                                 \
    }

static const uint16_t br_op[CC_KIND_COUNT][COND_COUNT] = {
    [CC_STORED] = CONDS(br, nzcv), [CC_ADD32] = CONDS(br, add32), [CC_ADD64] = CONDS(br, add64),
    [CC_SUB32] = CONDS(br, sub32), [CC_SUB64] = CONDS(br, sub64), [CC_AND32] = CONDS(br, and32),
    [CC_AND64] = CONDS(br, and64)};
static const uint16_t set_op[CC_KIND_COUNT][COND_COUNT] = {
    [CC_STORED] = CONDS(set, nzcv), [CC_ADD32] = CONDS(set, add32), [CC_ADD64] = CONDS(set, add64),
    [CC_SUB32] = CONDS(set, sub32), [CC_SUB64] = CONDS(set, sub64), [CC_AND32] = CONDS(set, and32),
    [CC_AND64] = CONDS(set, and64)};
#define PICKS(p, k)                                                                                \
    [COND_EQ] = UOP_##p##_##k##_eq, [COND_NE] = UOP_##p##_##k##_ne,                                \
    [COND_CS] = UOP_##p##_##k##_cs, [COND_CC] = UOP_##p##_##k##_cc,                                \
    [COND_HI] = UOP_##p##_##k##_hi, [COND_LS] = UOP_##p##_##k##_ls,                                \
    [COND_GE] = UOP_##p##_##k##_ge, [COND_LT] = UOP_##p##_##k##_lt,                                \
    [COND_GT] = UOP_##p##_##k##_gt, [COND_LE] = UOP_##p##_##k##_le
/* Compare and select in one, where there is a row for it; by width of the selected. */
static const uint16_t pick_op[2][CC_KIND_COUNT][COND_COUNT] = {
    {[CC_SUB32] = {PICKS(pick, sub32)},
     [CC_SUB64] = {PICKS(pick, sub64)},
     [CC_AND32] = {[COND_EQ] = UOP_pick_and32_eq, [COND_NE] = UOP_pick_and32_ne},
     [CC_AND64] = {[COND_EQ] = UOP_pick_and64_eq, [COND_NE] = UOP_pick_and64_ne}},
    {[CC_SUB32] = {PICKS(pick32, sub32)},
     [CC_SUB64] = {PICKS(pick32, sub64)},
     [CC_AND32] = {[COND_EQ] = UOP_pick32_and32_eq, [COND_NE] = UOP_pick32_and32_ne},
     [CC_AND64] = {[COND_EQ] = UOP_pick32_and64_eq, [COND_NE] = UOP_pick32_and64_ne}}};
static const uint16_t nzcv_op[CC_KIND_COUNT] = {
    [CC_ADD32] = UOP_nzcv_add32, [CC_ADD64] = UOP_nzcv_add64, [CC_SUB32] = UOP_nzcv_sub32,
    [CC_SUB64] = UOP_nzcv_sub64, [CC_AND32] = UOP_nzcv_and32, [CC_AND64] = UOP_nzcv_and64,
    [CC_ADC32] = UOP_nzcv_adc32, [CC_ADC64] = UOP_nzcv_adc64, [CC_SBC32] = UOP_nzcv_sbc32,
    [CC_SBC64] = UOP_nzcv_sbc64};
/* The micro-op that computes the result that the flags describe. */
static const uint16_t result_op[CC_KIND_COUNT] = {
    [CC_ADD32] = UOP_add32, [CC_ADD64] = UOP_add64, [CC_SUB32] = UOP_sub32,
    [CC_SUB64] = UOP_sub64, [CC_AND32] = UOP_and32, [CC_AND64] = UOP_and64};

static bool is32(unsigned kind)
{
    return kind == CC_ADD32 || kind == CC_SUB32 || kind == CC_AND32 || kind == CC_ADC32 ||
           kind == CC_SBC32;
}

/* Additions and subtractions by the carry that they give and take: the result is made in place. */
static const uint16_t first_op[CC_KIND_COUNT] = {[CC_ADD32] = UOP_add_first32,
                                                 [CC_ADD64] = UOP_add_first64,
                                                 [CC_SUB32] = UOP_sub_first32,
                                                 [CC_SUB64] = UOP_sub_first64};
static const uint16_t next_op[CC_KIND_COUNT] = {[CC_ADC32] = UOP_adc_next32,
                                                [CC_ADC64] = UOP_adc_next64,
                                                [CC_SBC32] = UOP_sbc_next32,
                                                [CC_SBC64] = UOP_sbc_next64};
static const uint16_t last_op[CC_KIND_COUNT] = {[CC_ADC32] = UOP_adc_last32,
                                                [CC_ADC64] = UOP_adc_last64,
                                                [CC_SBC32] = UOP_sbc_last32,
                                                [CC_SBC64] = UOP_sbc_last64};

static bool takes_carry(unsigned kind)
{
    return next_op[kind] != 0;
}

static bool commutes(unsigned kind)
{
    return kind == CC_ADD32 || kind == CC_ADD64 || kind == CC_ADC32 || kind == CC_ADC64;
}

static bool y_in_kind(struct opnd y)
{
    return y.kind == OPND_I && y.v >= -CC_Y_LIMIT && y.v < CC_Y_LIMIT;
}

enum source { SOURCE_DIRECT, SOURCE_RESULT, SOURCE_COPY, SOURCE_CARRY, SOURCE_STORED };

/* What is to be done about flags in unknown form. */
enum check { CHECK_NONE, CHECK_FLAGS, CHECK_CARRY };

/* What is decided about the setting of flags at one UOP_CC. */
struct def {
    bool copy, store, chained, carry;
    struct opnd result;
};

static unsigned kind_of(const struct micro_op *d)
{
    return d->op == UOP_CC_COMPARE ? d->arg[0] : d->sub;
}

struct pass {
    struct builder *b;
    int def; /* uop index of the current UOP_CC; -1 stored; -2 unknown (as at block entry) */
    bool x_ok, y_ok, result_ok;
    struct def defs[BLOCK_MAX_UOPS];
    uint8_t source[BLOCK_MAX_UOPS]; /* of each consumer */
    int insn_def[BLOCK_MAX_INSNS + 1];
    struct {
        bool x, y, result; /* intact before this instruction */
    } insn_ok[BLOCK_MAX_INSNS + 1];
    uint8_t check[BLOCK_MAX_UOPS]; /* consumer of flags in unknown form: enum check */
    bool flush[BLOCK_MAX_UOPS];    /* exit behind which the flags may be read */
};

static bool same(struct opnd p, struct opnd q)
{
    return p.kind == q.kind && p.v == q.v;
}

static void clobber(struct pass *p, struct opnd o)
{
    if (p->def < 0)
        return;
    const struct micro_op *d = &p->b->uops[p->def];
    if (same(o, d->o[0]))
        p->x_ok = false;
    if (same(o, d->o[1]))
        p->y_ok = false;
    if (same(o, p->defs[p->def].result))
        p->result_ok = false;
}

static void clobber_temporaries(struct pass *p)
{
    if (p->def < 0)
        return;
    const struct micro_op *d = &p->b->uops[p->def];
    if (d->o[0].kind == OPND_GT)
        p->x_ok = false;
    if (d->o[1].kind == OPND_GT)
        p->y_ok = false;
    if (p->defs[p->def].result.kind == OPND_GT)
        p->result_ok = false;
}

/* Flags are read behind exit i. */
static void leaves(struct pass *p, unsigned i)
{
    if (p->def < 0)
        return;
    p->flush[i] = true;
    if (!p->x_ok || !p->y_ok)
        p->defs[p->def].copy = true;
}

/* Only the code that the block's lies in says what becomes of flags: other code may be
 * another one in the next run. */
static bool is_own_code(const struct builder *b, uint64_t pc)
{
    return pc >= b->code_start && pc < b->code_end;
}

bool cc_dead_behind(const struct builder *b, uint64_t pc)
{
    return is_own_code(b, pc) && b->guest->cc_dead_at(pc, b->page, b->mode);
}

static bool holds(unsigned cond, unsigned nzcv)
{
    bool n = nzcv >> 3 & 1, z = nzcv >> 2 & 1, c = nzcv >> 1 & 1, v = nzcv & 1;
    const bool table[] = {z, c, n, v, c && !z, n == v, n == v && !z};
    return table[cond / 2] ^ (cond & 1);
}

/* A conditional compare with a branch behind it: if the first condition fails, the constant
 * decides where to go; else the comparison does.  So it is two branches, of which neither
 * needs the pair of flags if the first one's target does not.  Both then belong to the branch's
 * instruction: nothing may come to the block in between. */
static void split_compares(struct builder *b)
{
    for (unsigned i = b->uop_count; i-- > 1;) {
        struct micro_op *compare = &b->uops[i - 1], *branch = compare + 1;
        if (compare->op != UOP_CC_COMPARE || branch->op != UOP_CC_BRANCH)
            continue;
        uint64_t target = holds(branch->sub, compare->arg[1]) ? branch->target : branch->link;
        if (b->uop_count == BLOCK_MAX_UOPS || !cc_dead_behind(b, target) ||
            branches_between(b, compare->insn, branch->insn))
            continue;
        memmove(branch + 1, branch, (b->uop_count++ - i) * sizeof(*branch));
        *branch = *compare;
        branch->op = UOP_CC;
        branch->sub = (uint8_t)compare->arg[0];
        compare->op = UOP_CC_BRANCH;
        compare->sub ^= 1;
        compare->n = 0;
        compare->target = target;
        compare->insn = branch->insn = branch[1].insn;
    }
}

/* As cc_dead_behind, where a round of a loop begins again. */
static bool dead_at_start(const struct builder *b)
{
    for (unsigned i = 0; i < b->uop_count; i++) {
        const struct micro_op *u = &b->uops[i];
        switch (u->op) {
        case UOP_CC:
        case UOP_CC_WRITTEN:
            return true;
        case UOP_CALL:
            break;
        default:
            if (u->op >= UOP_TEMPLATE_COUNT)
                return u->op == UOP_GOTO && u->target == b->start;
            if (uop_info[u->op].has_taken && u->target != b->start && !cc_dead_behind(b, u->target))
                return false;
            break;
        }
    }
    return false;
}

/* They may be, as the exit goes to pc. */
static void leaves_to(struct pass *p, unsigned i, uint64_t pc)
{
    const struct builder *b = p->b;
    if (p->def >= 0 && !(b->loop && pc == b->start ? dead_at_start(b) : cc_dead_behind(b, pc)))
        leaves(p, i);
}

/* The same, as a function begins at pc. */
static void calls(struct pass *p, unsigned i, uint64_t pc)
{
    const struct builder *b = p->b;
    if (p->def >= 0 && ((b->mode & b->guest->cc_crosses_calls) || !is_own_code(b, pc) ||
                        b->guest->cc_taken_at(pc)))
        leaves_to(p, i, pc);
}

static void branches_to(struct pass *p, unsigned i)
{
    const struct micro_op *u = &p->b->uops[i];
    if (!join_of(p->b, u))
        leaves_to(p, i, u->target);
}

/* The check stands before the whole instruction, as its slow path is a call and
 * loses temporaries. */
static void check_before(struct pass *p, unsigned i, enum check check)
{
    const struct micro_op *u = p->b->uops;
    while (i && u[i - 1].insn == u[i].insn)
        i--;
    p->check[i] = check;
}

/* True if the current flags' carry can be in CC_SLOT, and has it put there. */
static bool gives_carry(struct pass *p)
{
    const struct micro_op *d = &p->b->uops[p->def];
    if (d->op == UOP_CC_COMPARE || !(first_op[d->sub] || takes_carry(d->sub)))
        return false;
    p->defs[p->def].carry = true;
    return true;
}

/* Consumer i of the carry alone. */
static void consume_carry(struct pass *p, unsigned i)
{
    if (p->def == -2) {
        check_before(p, i, CHECK_CARRY);
        p->source[i] = SOURCE_CARRY;
        return;
    }
    if (p->def >= 0 && gives_carry(p)) {
        p->source[i] = SOURCE_CARRY;
        return;
    }
    p->source[i] = SOURCE_STORED;
    if (p->def >= 0)
        p->defs[p->def].store = true;
}

static void consume(struct pass *p, unsigned i)
{
    unsigned cond = p->b->uops[i].sub;
    if (p->def < 0) {
        p->source[i] = SOURCE_STORED;
        if (p->def == -2)
            check_before(p, i, CHECK_FLAGS);
        p->def = -1;
        return;
    }
    unsigned kind = kind_of(&p->b->uops[p->def]);
    bool of_result = cond == COND_EQ || cond == COND_NE || cond == COND_MI || cond == COND_PL;
    if (p->x_ok && p->y_ok && !takes_carry(kind))
        p->source[i] = SOURCE_DIRECT;
    else if (of_result && p->result_ok)
        p->source[i] = SOURCE_RESULT;
    else if ((cond == COND_CS || cond == COND_CC) && gives_carry(p))
        p->source[i] = SOURCE_CARRY;
    else if (takes_carry(kind)) {
        p->source[i] = SOURCE_STORED;
        p->defs[p->def].store = true;
    } else {
        p->source[i] = SOURCE_COPY;
        p->defs[p->def].copy = true;
    }
}

static void define(struct pass *p, unsigned i)
{
    struct builder *b = p->b;
    const struct micro_op *u = &b->uops[i];
    p->def = i;
    p->defs[i] = (struct def){.result = {.kind = OPND_NONE}, .chained = u->op == UOP_CC_COMPARE};
    p->x_ok = p->y_ok = true;
    p->result_ok = false;
    if (u->op == UOP_CC_ADCS) {
        p->defs[i].result = u->o[2];
        p->x_ok = !same(u->o[0], u->o[2]);
        p->y_ok = !same(u->o[1], u->o[2]);
        p->result_ok = true;
        return;
    }
    if (i + 1 < b->uop_count && u->op == UOP_CC) {
        const struct micro_op *next = &b->uops[i + 1];
        bool sum = u->sub == CC_ADD32 || u->sub == CC_ADD64;
        if (next->op == result_op[u->sub] &&
            ((same(next->o[1], u->o[0]) && same(next->o[2], u->o[1])) ||
             (sum && same(next->o[1], u->o[1]) && same(next->o[2], u->o[0]))))
            p->defs[i].result = next->o[0];
    }
}

/* True if the flags of def can be told at the beginning of this instruction
 * without copies of the operands. */
static bool recoverable(const struct pass *p, int def, unsigned insn, struct cc_recover *r)
{
    const struct micro_op *d = &p->b->uops[def];
    struct opnd result = p->defs[def].result;
    bool x_ok = p->insn_ok[insn].x, y_ok = p->insn_ok[insn].y;
    unsigned kind = kind_of(d);
    *r = (struct cc_recover){.kind = kind, .x = d->o[0], .y = d->o[1]};
    if (d->op == UOP_CC_COMPARE)
        r->kind = cc_chained_kind(kind, d->arg[1]);
    if (x_ok && y_ok)
        return true;
    if (!p->insn_ok[insn].result)
        return false;
    if (kind == CC_AND32 || kind == CC_AND64)
        r->x = r->y = result;
    else if (y_ok) {
        r->lost = LOST_X;
        r->x = result;
    } else if (x_ok) {
        r->lost = LOST_Y;
        r->y = result;
    } else
        return false;
    return true;
}

/* An instruction that may fault: its handler may look at the flags. */
static void may_fault(struct pass *p, unsigned insn)
{
    struct cc_recover r;
    if (p->def >= 0 && p->insn_def[insn] == p->def && !recoverable(p, p->def, insn, &r))
        p->defs[p->def].copy = true;
}

static void analyse(struct pass *p)
{
    struct builder *b = p->b;
    int insn = -1;
    p->def = -2;
    for (unsigned i = 0; i < b->uop_count; i++) {
        const struct micro_op *u = &b->uops[i];
        while (insn < u->insn) {
            insn++;
            if (b->join[insn] == JOIN_FORGET)
                p->def = -2;
            clobber_temporaries(p);
            p->insn_def[insn] = p->def;
            p->insn_ok[insn].x = p->x_ok;
            p->insn_ok[insn].y = p->y_ok;
            p->insn_ok[insn].result = p->result_ok;
        }
        switch (u->op) {
        case UOP_CC:
            define(p, i);
            break;
        case UOP_CC_WRITTEN:
            p->def = -1;
            break;
        case UOP_CC_STORE:
            if (p->def >= 0)
                p->defs[p->def].store = true;
            else if (p->def == -2) {
                check_before(p, i, CHECK_FLAGS);
                p->def = -1;
            }
            break;
        case UOP_CC_BRANCH:
            consume(p, i);
            branches_to(p, i);
            break;
        case UOP_CC_SET:
        case UOP_CC_SELECT:
            consume(p, i);
            clobber(p, u->o[0]);
            break;
        case UOP_CC_COMPARE:
            consume(p, i);
            define(p, i);
            break;
        case UOP_CC_ADC:
            consume_carry(p, i);
            clobber(p, u->o[2]);
            break;
        case UOP_CC_ADCS:
            consume_carry(p, i);
            define(p, i);
            break;
        case UOP_CALL:
            may_fault(p, u->insn);
            p->x_ok = p->y_ok = p->result_ok = false;
            break;
        case UOP_GOTO:
            leaves_to(p, i, u->target);
            break;
        case UOP_RAISE:
            if (u->sub == EXIT_LOOKUP || u->sub == EXIT_SYSCALL)
                leaves_to(p, i, u->link);
            else /* the instruction there is not what it looks like */
                leaves(p, i);
            break;
        case UOP_LINK:
            calls(p, i, u->target);
            p->def = -2; /* the callee has run in between */
            break;
        case UOP_GOTO_INDIRECT:
        case UOP_RETURN:
        case UOP_LINK_INDIRECT:
            if ((b->mode & b->guest->cc_crosses_calls) || u->op == UOP_LINK_INDIRECT ||
                (u->op == UOP_GOTO_INDIRECT && u->sub != GOTO_FUNCTION))
                leaves(p, i);
            p->def = -2;
            break;
        default: {
            const struct uop_info *info = &uop_info[u->op];
            if (info->has_taken)
                branches_to(p, i);
            else if (info->may_leave || u->helper != HELPER_NONE)
                may_fault(p, u->insn);
            for (unsigned k = 0; k < u->n; k++)
                if (info->dir[k] != ' ')
                    clobber(p, u->o[k]);
            if (p->def >= 0 && (int)i == p->def + 1 && p->defs[p->def].result.kind != OPND_NONE &&
                u->op == result_op[b->uops[p->def].sub])
                p->result_ok = true;
            break;
        }
        }
    }
}

struct out {
    struct micro_op *u;
    unsigned n;
    const struct micro_op *model; /* of the instruction that is being replaced */
};

#define put(w, opcode, ...)                                                                        \
    put_uop((w), (opcode), (const struct opnd[]){__VA_ARGS__},                                     \
            sizeof((const struct opnd[]){__VA_ARGS__}) / sizeof(struct opnd))

static struct micro_op *put_uop(struct out *w, unsigned op, const struct opnd *o, unsigned n)
{
    assert(w->n < BLOCK_MAX_UOPS * 2);
    struct micro_op *u = &w->u[w->n++];
    micro_op_begin(u, op, w->model->insn);
    u->n = n;
    for (unsigned k = 0; k < n; k++)
        u->o[k] = o[k];
    return u;
}

static struct opnd in_register(struct out *w, struct opnd x)
{
    if (x.kind != OPND_I)
        return x;
    put(w, UOP_mov64, T(1), x); /* the first operand of a row is never a constant */
    return T(1);
}

/* True if consumer i gets the carry from CC_SLOT. */
static bool from_carry(const struct pass *p, unsigned i, int def)
{
    return p->source[i] == SOURCE_CARRY && (def < 0 || !p->defs[def].store);
}

/* The operands from which consumer i gets its flags, and their kind; not for those from the
 * carry. */
static unsigned sources(const struct pass *p, unsigned i, int def, struct opnd o[2])
{
    const struct micro_op *d = def < 0 ? NULL : &p->b->uops[def];
    if (p->source[i] == SOURCE_STORED || p->source[i] == SOURCE_CARRY ||
        (p->defs[def].chained && p->defs[def].store)) {
        o[0] = G(CC_SLOT);
        return CC_STORED;
    }
    switch (p->source[i]) {
    case SOURCE_DIRECT:
        o[0] = d->o[0];
        o[1] = d->o[1];
        return kind_of(d);
    case SOURCE_RESULT:
        o[0] = p->defs[def].result;
        o[1] = I(0);
        return is32(d->sub) ? CC_SUB32 : CC_SUB64;
    default:
        o[0] = G(CC_X_SLOT);
        o[1] = d->o[1].kind == OPND_I ? d->o[1] : G(CC_Y_SLOT);
        return kind_of(d);
    }
}

/* dst = the condition of consumer i, or its opposite if that is cheaper and the
 * caller can do with it (*opposite). */
static void put_set(struct out *w, const struct pass *p, unsigned i, int def, struct opnd dst,
                    bool *opposite)
{
    struct opnd o[2];
    unsigned cond = p->b->uops[i].sub;
    if (from_carry(p, i, def)) {
        *opposite = cond == COND_CC;
        put(w, UOP_and64, dst, G(CC_SLOT), I(1));
        return;
    }
    unsigned kind = sources(p, i, def, o);
    *opposite = false;
    if (kind == CC_STORED) {
        put(w, set_op[kind][cond], dst, o[0]);
        return;
    }
    if (!p->defs[def].chained) {
        put(w, set_op[kind][cond], dst, in_register(w, o[0]), o[1]);
        return;
    }
    /* If the first condition failed the constant decides: look for the case that
     * needs both. */
    *opposite = holds(cond, p->b->uops[def].arg[1]);
    put(w, set_op[kind][cond ^ *opposite], T(1), in_register(w, o[0]), o[1]);
    put(w, UOP_and64, dst, T(1), G(CC_SLOT));
}

static void put_set_exact(struct out *w, const struct pass *p, unsigned i, int def, struct opnd dst)
{
    bool opposite;
    put_set(w, p, i, def, dst, &opposite);
    if (opposite)
        put(w, UOP_xor64, dst, dst, I(1));
}

static bool in_memory(struct opnd o)
{
    return o.kind == OPND_G && (hostgen_in_memory() >> o.v & 1);
}

/* Compare and select in one micro-op; false if there is none for this case. */
static bool put_pick(struct out *w, const struct pass *p, unsigned i, int def)
{
    const struct micro_op *u = &p->b->uops[i];
    struct opnd o[2], dst = u->o[0], x = u->o[1], y = u->o[2], to = dst;
    if (from_carry(p, i, def))
        return false;
    unsigned cond = u->sub, kind = sources(p, i, def, o);
    if (kind == CC_STORED || p->defs[def].chained || o[0].kind == OPND_I)
        return false;
    if ((kind == CC_SUB32 || kind == CC_SUB64) && same(o[1], I(0)) &&
        (cond == COND_MI || cond == COND_PL))
        cond = cond == COND_MI ? COND_LT : COND_GE;
    if (same(dst, x) || (x.kind == OPND_I && !same(dst, y))) {
        struct opnd t = x;
        x = y;
        y = t;
        cond ^= 1;
    }
    if (!pick_op[u->arg[0]][kind][cond] || x.kind == OPND_I)
        return false;
    if ((!same(dst, y) && (same(dst, o[0]) || same(dst, o[1]))) || in_memory(dst))
        to = T(1);
    if (!same(to, y))
        put(w, UOP_mov64, to, y);
    put(w, pick_op[u->arg[0]][kind][cond], to, o[0], o[1], x);
    if (!same(to, dst))
        put(w, UOP_mov64, dst, to);
    return true;
}

static const struct opnd nothing = {.kind = OPND_NONE};

/* What is to be written on an exit: operands (or nothing), and the kind. */
static int64_t flush_of(const struct pass *p, int def, struct opnd *x, struct opnd *y)
{
    const struct micro_op *d = &p->b->uops[def];
    int64_t kind = kind_of(d);
    bool constant = y_in_kind(d->o[1]), copied = p->defs[def].copy;
    if (d->op == UOP_CC_COMPARE)
        kind = cc_chained_kind((unsigned)kind, d->arg[1]);
    if (constant)
        kind |= CC_HAS_Y | (int64_t)((uint64_t)d->o[1].v << CC_Y_SHIFT);
    *x = copied || same(d->o[0], G(CC_X_SLOT)) ? nothing : d->o[0];
    *y = constant || (copied && d->o[1].kind != OPND_I) ? nothing : d->o[1];
    return kind;
}

/* The micro-op that stores the flags on the way to pc if that is better than to leave them as
 * they are: who reads them there, not knowing their form, would have a helper store them. */
static unsigned store_op(const struct pass *p, int def, uint64_t pc)
{
    const struct builder *b = p->b;
    const struct micro_op *d = &b->uops[def];
    if (d->op != UOP_CC || !b->guest->cc_read_soon || !is_own_code(b, pc) ||
        !b->guest->cc_read_soon(pc))
        return 0;
    return nzcv_op[d->sub];
}

/* Where the operands of def are at an exit. */
static void operands_of(const struct pass *p, int def, struct opnd *x, struct opnd *y)
{
    const struct micro_op *d = &p->b->uops[def];
    bool copied = p->defs[def].copy;
    *x = copied ? G(CC_X_SLOT) : d->o[0];
    *y = copied && d->o[1].kind != OPND_I ? G(CC_Y_SLOT) : d->o[1];
}

static void put_nzcv(struct out *w, unsigned kind, struct opnd dst, struct opnd x, struct opnd y)
{
    put(w, nzcv_op[kind], dst, in_register(w, x), y);
}

/* Before a terminator or a call. */
static void put_flush(struct out *w, const struct pass *p, unsigned i, int def)
{
    const struct micro_op *u = &p->b->uops[i];
    struct opnd x, y;
    if (!p->flush[i] || p->defs[def].store)
        return;
    if (u->op == UOP_GOTO && store_op(p, def, u->target)) {
        operands_of(p, def, &x, &y);
        put_nzcv(w, p->b->uops[def].sub, G(CC_SLOT), x, y);
        put(w, UOP_mov64, G(CC_KIND_SLOT), I(CC_STORED));
        return;
    }
    int64_t kind = flush_of(p, def, &x, &y);
    if (x.kind != OPND_NONE)
        put(w, UOP_mov64, G(CC_X_SLOT), x);
    if (y.kind != OPND_NONE)
        put(w, UOP_mov64, G(CC_Y_SLOT), y);
    put(w, UOP_mov64, G(CC_KIND_SLOT), I(kind));
}

/* On the taken side of a conditional branch. */
static void flush_taken(const struct pass *p, unsigned i, int def, struct micro_op *t)
{
    if (!p->flush[i] || p->defs[def].store)
        return;
    t->flush = true;
    t->arg[1] = store_op(p, def, t->target);
    if (t->arg[1]) {
        operands_of(p, def, &t->o[BRANCH_CC_X], &t->o[BRANCH_CC_Y]);
        t->arg[0] = CC_STORED;
        return;
    }
    t->arg[0] = (uint32_t)flush_of(p, def, &t->o[BRANCH_CC_X], &t->o[BRANCH_CC_Y]);
}

static void put_branch(struct out *w, const struct pass *p, unsigned i, int def)
{
    const struct micro_op *u = &p->b->uops[i];
    struct micro_op *t;
    struct opnd o[2];
    unsigned kind = from_carry(p, i, def) ? CC_KIND_COUNT : sources(p, i, def, o);
    if (kind == CC_KIND_COUNT)
        t = put(w, u->sub == COND_CS ? UOP_br_bit_set : UOP_br_bit_clear, G(CC_SLOT), I(0));
    else if (kind == CC_STORED)
        t = put(w, br_op[kind][u->sub], o[0]);
    else if (!p->defs[def].chained) {
        struct opnd x = in_register(w, o[0]);
        t = put(w, br_op[kind][u->sub], x, o[1]);
    } else {
        bool opposite;
        put_set(w, p, i, def, T(1), &opposite);
        t = put(w, opposite ? UOP_br_zero64 : UOP_br_nonzero64, T(1));
    }
    t->target = u->target;
    flush_taken(p, i, def, t);
}

static void put_copies(struct out *w, const struct micro_op *u)
{
    if (!same(u->o[0], G(CC_X_SLOT)))
        put(w, UOP_mov64, G(CC_X_SLOT), u->o[0]);
    if (u->o[1].kind != OPND_I)
        put(w, UOP_mov64, G(CC_Y_SLOT), u->o[1]);
}

/* d = x and y by op, which works in place and has carry c as its third operand. */
static void put_in_place(struct out *w, unsigned op, bool commutative, struct opnd d, struct opnd x,
                         struct opnd y, struct opnd c)
{
    if (commutative && !same(d, x) && (same(d, y) || x.kind == OPND_I)) {
        struct opnd t = x;
        x = y;
        y = t;
    }
    struct opnd at = d;
    if (!same(d, y) ? in_memory(d) && (in_memory(y) || !same(d, x)) : !same(d, x))
        at = same(y, T(0)) ? T(1) : T(0);
    if (!same(at, x))
        put(w, UOP_mov64, at, x);
    put(w, op, at, y, c);
    if (!same(at, d))
        put(w, UOP_mov64, d, at);
}

/* Flags whose carry is wanted; true if their result has been made, too. */
static bool put_first(struct out *w, const struct micro_op *u, struct opnd result)
{
    if (result.kind == OPND_NONE) {
        put(w, set_op[u->sub][COND_CS], G(CC_SLOT), in_register(w, u->o[0]), u->o[1]);
        return false;
    }
    put_in_place(w, first_op[u->sub], commutes(u->sub), result, u->o[0], u->o[1], G(CC_SLOT));
    return true;
}

/* UOP_CC_ADC, or UOP_CC_ADCS with what is to become of its flags. */
static void put_adc(struct out *w, const struct pass *p, unsigned i, int def,
                    const struct def *flags)
{
    const struct micro_op *u = &p->b->uops[i];
    struct opnd x = u->o[0], y = u->o[1], c = G(CC_SLOT);
    bool store = flags && flags->store;
    if (flags && flags->copy)
        put_copies(w, u);
    if (!flags || store)
        c = T(1);
    if (!from_carry(p, i, def))
        put(w, UOP_set_nzcv_cs, c, G(CC_SLOT));
    else if (store)
        put(w, UOP_mov64, c, G(CC_SLOT));
    else
        c = G(CC_SLOT);
    if (store) {
        struct opnd r = x;
        if (x.kind == OPND_I) {
            put(w, UOP_mov64, T(0), x);
            r = T(0);
        }
        put(w, nzcv_op[u->sub], G(CC_SLOT), r, y, c);
        put(w, UOP_mov64, G(CC_KIND_SLOT), I(CC_STORED));
    }
    put_in_place(w, flags && !store ? next_op[u->sub] : last_op[u->sub], commutes(u->sub), u->o[2],
                 x, y, c);
}

static void rewrite(struct pass *p, struct out *w)
{
    struct builder *b = p->b;
    int def = -2, insn = -1;
    for (unsigned i = 0; i < b->uop_count; i++) {
        const struct micro_op *u = &b->uops[i];
        while (insn < u->insn)
            if (b->join[++insn] == JOIN_FORGET)
                def = -2;
        w->model = u;
        if (p->check[i]) {
            bool carry = p->check[i] == CHECK_CARRY;
            struct micro_op *c = put(w, carry ? UOP_chain_check : UOP_cc_check, G(CC_KIND_SLOT));
            c->helper = carry ? HELPER_CC_CARRY : HELPER_CC_NORMALIZE;
        }
        switch (u->op) {
        case UOP_CC: {
            const struct def *d = &p->defs[i];
            def = i;
            if (d->copy)
                put_copies(w, u);
            if (d->store) {
                put_nzcv(w, u->sub, G(CC_SLOT), u->o[0], u->o[1]);
                put(w, UOP_mov64, G(CC_KIND_SLOT), I(CC_STORED));
            } else if (d->carry && put_first(w, u, d->result)) {
                i++;
            }
            break;
        }
        case UOP_CC_ADC:
            put_adc(w, p, i, def, NULL);
            break;
        case UOP_CC_ADCS:
            put_adc(w, p, i, def, &p->defs[i]);
            def = i;
            break;
        case UOP_CC_COMPARE: {
            const struct def *d = &p->defs[i];
            put_set_exact(w, p, i, def, T(0));
            def = i;
            if (d->store) {
                put_nzcv(w, u->arg[0], T(1), u->o[0], u->o[1]);
                put(w, UOP_sel32, G(CC_SLOT), T(0), T(1), I((int32_t)(u->arg[1] << 28)));
                put(w, UOP_mov64, G(CC_KIND_SLOT), I(CC_STORED));
                break;
            }
            if (d->copy)
                put_copies(w, u);
            put(w, UOP_mov64, G(CC_SLOT), T(0));
            break;
        }
        case UOP_CC_WRITTEN:
            put(w, UOP_mov64, G(CC_KIND_SLOT), I(CC_STORED));
            break;
        case UOP_CC_STORE:
            break;
        case UOP_CC_BRANCH:
            put_branch(w, p, i, def);
            break;
        case UOP_CC_SET:
            put_set_exact(w, p, i, def, u->o[0]);
            break;
        case UOP_CC_SELECT: {
            bool opposite;
            if (put_pick(w, p, i, def))
                break;
            put_set(w, p, i, def, T(1), &opposite);
            put(w, u->arg[0] ? UOP_sel32 : UOP_sel, u->o[0], T(1), u->o[1 + opposite],
                u->o[2 - opposite]);
            break;
        }
        default:
            assert(w->n < BLOCK_MAX_UOPS * 2);
            if (u->op >= UOP_TEMPLATE_COUNT)
                put_flush(w, p, i, def);
            micro_op_copy(&w->u[w->n++], u);
            if (u->op < UOP_TEMPLATE_COUNT)
                flush_taken(p, i, def, &w->u[w->n - 1]);
            if (u->op == UOP_LINK || u->op == UOP_LINK_INDIRECT)
                def = -2;
            break;
        }
    }
}

static void note_recovery(struct pass *p)
{
    struct builder *b = p->b;
    for (unsigned k = 0; k < b->insn_count; k++) {
        struct cc_recover *r = &b->insn_cc[k];
        int def = p->insn_def[k];
        r->kind = CC_STORED; /* the rest is not looked at then */
        if (def < 0 || p->defs[def].store)
            continue;
        struct cc_recover found;
        if (recoverable(p, def, k, &found))
            *r = found;
        else if (p->defs[def].copy)
            *r = (struct cc_recover){.kind = found.kind,
                                     .x = G(CC_X_SLOT),
                                     .y = found.y.kind == OPND_I ? found.y : G(CC_Y_SLOT)};
    }
}

bool cc_pass(struct builder *b, struct micro_op *out, unsigned *count)
{
    static struct pass pass FAR_ZEROS; /* under cache_lock */
    if (!b->has_flags) {
        find_joins(b);
        for (unsigned k = 0; k < b->insn_count; k++)
            b->insn_cc[k].kind = CC_STORED;
        return false;
    }
    split_compares(b);
    find_joins(b);
    pass.b = b;
    memset(pass.check, 0, b->uop_count);
    memset(pass.flush, 0, b->uop_count);
    memset(pass.insn_def, 0xff, b->insn_count * sizeof(*pass.insn_def));
    analyse(&pass);
    struct out w = {.u = out};
    rewrite(&pass, &w);
    note_recovery(&pass);
    *count = w.n;
    return true;
}
