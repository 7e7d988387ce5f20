/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies and patches templates.
 *
 * Operands that no template takes as they are get moved through scratch
 * registers: the host port's own, else a borrowed temporary.  Such plans are
 * searched once for each combination of places, and remembered.
 */
#include "hostgen/patch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostgen/host.h"
#include "hostgen/host_x86_64.h"
#include "hostgen/instance.h"
#include "translate/vcpu.h"

#define DECLARE_GROUP(name, first) extern const struct hg_group hostgen_group_##name;
HOSTGEN_GROUPS(DECLARE_GROUP)

/* All groups' constants are in one section. */
extern const uint8_t __start_hostgen_pool[], __stop_hostgen_pool[];
static const uint8_t own_constant[16] __attribute__((section("hostgen_pool"), aligned(16), used));

/* In the order of their micro-ops: `first` on, up to the next one's. */
#define GROUP(name, first) {&hostgen_group_##name, first, #name},
static const struct {
    const struct hg_group *group;
    unsigned first;
    const char *name;
} groups[] = {HOSTGEN_GROUPS(GROUP)};
static uint8_t group_of[UOP_TEMPLATE_COUNT];

static const struct hg_group *group_at(unsigned op)
{
    return groups[group_of[op]].group;
}

static const struct hg_op *op_at(unsigned op)
{
    return &group_at(op)->ops[op - groups[group_of[op]].first];
}

static unsigned level;
unsigned host_pins;
const unsigned host_vpins = HOST_VPINS;
/* Of slots and temporaries, by enum opnd_kind. */
enum { MOST_SLOTS = VCPU_G_SLOTS > VCPU_V_SLOTS ? VCPU_G_SLOTS : VCPU_V_SLOTS };
static struct place places[OPND_VS + 1][MOST_SLOTS];

/* Parts of a shape: the number of a register; memory, with the first operand that is the
 * same; the kind of an immediate and what it is as one of class q; a constant. */
enum { SHAPE_VECTOR = 0x10, SHAPE_MEMORY = 0x20, SHAPE_IMMEDIATE = 0x40, SHAPE_CONSTANT = 0x80 };

static struct place in_general(uint8_t number)
{
    return (struct place){.number = number, .kind = HG_R, .part = number};
}

static struct place in_vector(uint8_t number)
{
    return (struct place){.number = number, .kind = HG_X, .part = SHAPE_VECTOR + number};
}

/* `displacement` from the state pointer. */
static struct place in_state(int64_t displacement, enum hg_kind kind)
{
    unsigned sort = kind == HG_XM ? 3 : kind == HG_M ? 2 : displacement < 0;
    return (struct place){
        .number = displacement, .kind = kind, .part = (uint8_t)(SHAPE_MEMORY + 8 * sort)};
}

enum { NO_TEMPLATE = UINT32_MAX };

/* Shapes that no template takes, if there are any: often asked for, but not emitted. */
static uint64_t not_taken[256];
static bool some_not_taken;

/* ---- Set-up ---- */

static void place_temporaries(void)
{
    static const uint8_t t_registers[] = {
#define NUMBER(name, number) number,
        HOST_T_REGS(NUMBER)};
    for (unsigned i = 0; i < sizeof t_registers; i++)
        places[OPND_GT][i] = in_general(t_registers[i]);
    places[OPND_VT][0] = in_vector(HOST_VT);
    places[OPND_GS][0] = in_general(HOST_SCRATCH);
    places[OPND_VS][0] = in_vector(HOST_VSCRATCH);
}

void hostgen_prepare(enum host_isa isa)
{
    level = isa;
    host_pins = isa == HOST_ISA_V3 ? HOST_PINS : HOST_PINS - 1;
    for (unsigned op = 0, group = 0; op < UOP_TEMPLATE_COUNT; op++) {
        while (group + 1 < sizeof groups / sizeof *groups && groups[group + 1].first <= op)
            group++;
        group_of[op] = (uint8_t)group;
    }
    instance_forget_all(isa == ready_isa);
    if (some_not_taken)
        memset(not_taken, 0, sizeof not_taken);
    some_not_taken = false;
    place_temporaries();
    const struct pinning none = hostgen_pinning(NULL, 0, NULL, 0);
    hostgen_pin(&none);
}

bool hostgen_init(enum host_isa isa)
{
    if (isa > host_isa_best())
        return false;
    hostgen_prepare(isa);
    return true;
}

const uint8_t *hostgen_pool_start(void)
{
    return __start_hostgen_pool;
}

size_t hostgen_pool_bytes(void)
{
    return (size_t)(__stop_hostgen_pool - __start_hostgen_pool);
}

static int64_t g_disp(unsigned slot)
{
    return (int64_t)slot * 8 - VCPU_BIAS;
}

static int64_t v_disp(unsigned slot)
{
    return (int64_t)offsetof(struct vcpu, v) + slot * 16 - VCPU_BIAS;
}

static struct {
    uint64_t key;
    uint32_t registers, op;
    uint8_t to[UOP_MAX_OPERANDS];
    bool valid;
} plans[2048] FAR_ZEROS;

struct pinning hostgen_pinning(const uint8_t *pins, unsigned n, const uint8_t *vpins, unsigned vn)
{
    struct pinning p;
    memset(&p, PIN_NONE, sizeof p);
    for (unsigned i = 0; i < n && i < host_pins; i++)
        p.g[i] = pins[i];
    for (unsigned i = 0; i < vn && i < host_vpins; i++)
        p.v[i] = vpins[i];
    return p;
}

static uint64_t in_memory, vectors_in_memory[(VCPU_V_SLOTS + 63) / 64];

uint64_t hostgen_in_memory(void)
{
    return in_memory;
}

void hostgen_vectors_in_memory(uint64_t set[2])
{
    memcpy(set, vectors_in_memory, sizeof vectors_in_memory);
}

void hostgen_pin(const struct pinning *pinning)
{
    struct place *g = places[OPND_G], *v = places[OPND_V];
    in_memory = UINT64_MAX;
    memset(vectors_in_memory, 0xff, sizeof vectors_in_memory);
    for (unsigned i = 0; i < VCPU_G_SLOTS; i++)
        g[i] = in_state(g_disp(i), i >= HOST_SLOT_FIRST && i <= HOST_SLOT_LAST ? HG_M : HG_W);
    for (unsigned i = 0; i < VCPU_V_SLOTS; i++)
        v[i] = in_state(v_disp(i), HG_XM);
    for (unsigned i = 0; i < host_pins; i++)
        if (pinning->g[i] != PIN_NONE) {
            g[pinning->g[i]] = in_general(host_pin_registers[i]);
            in_memory &= ~(UINT64_C(1) << pinning->g[i]);
        }
    for (unsigned i = 0; i < host_vpins; i++)
        if (pinning->v[i] != PIN_NONE) {
            v[pinning->v[i]] = in_vector(host_vpin_registers[i]);
            vectors_in_memory[pinning->v[i] / 64] &= ~(UINT64_C(1) << pinning->v[i] % 64);
        }
}

struct place hostgen_place(struct opnd o)
{
    return places[o.kind][o.v];
}

static inline unsigned immediate_kind(int64_t v, char cls)
{
    unsigned kind;
    if (cls == 'n')
        kind = (unsigned)v;
    else if (cls == 'q')
        kind = v >= 0 ? (v <= UINT32_MAX ? HG_P32 : HG_Q) : (v >= INT32_MIN ? HG_N32 : HG_Q);
    else if (v >= 0)
        kind = v == 0 ? HG_Z : v < INT8_MAX ? HG_P8 : v < INT32_MAX ? HG_P32 : HG_Q;
    else
        kind = v > INT8_MIN ? HG_N8 : v > INT32_MIN ? HG_N32 : HG_Q;
    return kind;
}

/* ---- Look-up ---- */

static bool in_slot(unsigned kind)
{
    return kind <= HG_M || (kind >= HG_X && kind < HG_KIND_COUNT);
}

static bool in_register(unsigned kind)
{
    return kind == HG_R || kind == HG_X || kind == HG_ODD || kind == HG_ODD_DISP;
}

/* apart: inputs that share a place count as two. */
static uint64_t make_key_of(const struct uop_info *info, const struct place *p, bool apart)
{
    uint64_t key = 0;
    for (unsigned i = 0; i < info->n; i++) {
        key |= (uint64_t)p[i].kind << (HG_KEY_BITS * i);
        if (info->cls[i] == 'n' || !in_slot(p[i].kind))
            continue;
        for (unsigned j = 0; j < i; j++)
            if (p[j].kind == p[i].kind && p[j].number == p[i].number && info->cls[j] != 'n' &&
                !(apart && info->dir[i] == ' ' && info->dir[j] == ' '))
                key |= HG_ALIAS(j, i);
    }
    return key;
}

static uint64_t make_key(const struct uop_info *info, const struct place *p)
{
    return make_key_of(info, p, false);
}

static uint32_t find(unsigned op, uint64_t key)
{
    const struct hg_op *o = op_at(op);
    const struct hg_variant *v = group_at(op)->variants + o->variant;
    uint32_t mask = (1u << o->log) - 1;
    for (uint32_t at = hg_hash(key, o->log);; at = (at + 1) & mask) {
        if (v[at].key == key)
            return v[at].tmpl[level];
        if (v[at].key == HG_KEY_NONE)
            return NO_TEMPLATE;
    }
}

/* Bit mask of operands whose register the template rejects. */
static unsigned rejected(const struct hg_template *t, const struct uop_info *info,
                         const struct place *p)
{
    unsigned mask = 0;
    for (unsigned i = 0; i < info->n; i++)
        if (info->cls[i] != 'n' && in_register(p[i].kind) && !(t->accepts[i] >> p[i].number & 1))
            mask |= 1u << i;
    return mask;
}

/* The template of the key that rejects no register, or else its last one;
 * *mask: what that rejects. */
static const struct hg_template *find_accepting(unsigned op, const struct uop_info *info,
                                                const struct place *p, uint64_t key, unsigned *mask)
{
    uint32_t t = find(op, key);
    if (t == NO_TEMPLATE)
        return NULL;
    const struct hg_template *tmpl = &group_at(op)->templates[t];
    while ((*mask = rejected(tmpl, info, p)) && tmpl->more)
        tmpl++;
    return tmpl;
}

/* The kind of templates for a general register alone, if it has its own. */
static enum hg_kind kind_alone(int64_t number)
{
    switch (number) {
#define CASE_APART(reg, kind)                                                                      \
    case reg:                                                                                      \
        return kind;
        HOST_APART_REGS(CASE_APART)
    default:
        return HG_R;
    }
}

static const struct hg_template *lookup_key(unsigned op, const struct uop_info *info,
                                            const struct place *p, uint64_t key)
{
    unsigned mask;
    const struct hg_template *tmpl = find_accepting(op, info, p, key, &mask);
    if (!tmpl || !mask)
        return tmpl;
    /* Templates for one odd register alone. */
    struct place q[UOP_MAX_OPERANDS];
    memcpy(q, p, info->n * sizeof *q);
    for (unsigned i = 0; i < info->n; i++)
        if (mask >> i & 1)
            q[i].kind = kind_alone(p[i].number);
    tmpl = find_accepting(op, info, q, make_key(info, q), &mask);
    return !tmpl || mask ? NULL : tmpl;
}

/* No template changes an input: what takes two takes the same one twice, if there is nothing
 * shorter. */
static const struct hg_template *lookup(unsigned op, const struct uop_info *info,
                                        const struct place *p, uint64_t key)
{
    const struct hg_template *tmpl = lookup_key(op, info, p, key);
    uint64_t apart = tmpl ? key : make_key_of(info, p, true);
    return apart == key ? tmpl : lookup_key(op, info, p, apart);
}

/* ---- Copying ---- */

static void put_rel32(struct code_ptr *p, const struct hg_reloc *r, const uint8_t *target)
{
    int32_t rel = (int32_t)(target + r->addend - (p->x + r->byte));
    memcpy(p->w + r->byte, &rel, 4);
}

/* Returns what becomes of the scratch register. */
static struct scratch_use copy(struct code_ptr *p, unsigned op, const struct hg_template *t,
                               const struct place *place, const uint8_t *pool_x,
                               struct template_exits *exits)
{
    const struct hg_group *g = group_at(op);
    const uint8_t *code = g->code + t->code;
    __builtin_prefetch(g->holes + t->hole);
    __builtin_prefetch(g->relocs + t->reloc);
    for (unsigned i = 0; i < t->size; i += 16)
        memcpy(p->w + i, code + i, 16);
    const struct hg_hole *h = g->holes + t->hole;
    for (unsigned i = 0; i < t->holes; i++, h++) {
        const struct place *from = &place[h->operand];
        instance_fill(p->w + h->byte, from->number, h->turn, h->from, h->width, h->shift);
        if (from->source)
            instance_note_hole(p->w + h->byte, from->source - 1u, h);
    }
    const struct hg_reloc *r = g->relocs + t->reloc;
    for (unsigned i = 0; i < t->relocs; i++, r++) {
        instance_note_reloc(p->w + r->byte, r);
        if (r->kind == HG_TAKEN)
            exits->taken[exits->taken_count++] = p->w + r->byte;
        else if (r->kind == HG_SLOW)
            exits->slow[exits->slow_count++] = p->w + r->byte;
        else
            put_rel32(p, r, pool_x + (g->pool - __start_hostgen_pool) + r->target);
    }
    p->w += t->size;
    p->x += t->size;
    return (struct scratch_use){t->scratch ? SCRATCH_LOST : 0, 0};
}

/* ---- Legalizing ---- */

/* Where an operand may be moved: the scratch registers are always free, the
 * temporaries are saved and restored if the guest instruction may need them; a vector
 * input may be put into memory.  When all that does not do (three operands,
 * two of them the temporaries), a pinned register is saved and restored, but never
 * where the micro-op may leave in between: its slot would be wrong then.
 * From INTO on: an input is first moved to the place of output operand to - INTO. */
enum {
    STAY,
    SCRATCH,
    SCRATCH_V,
    BORROW_0,
    BORROW_1,
    BORROW_V,
    BORROW_R,
    SPILL_V,
    TARGETS,
    INTO = TARGETS
};

/* In bytes of a template: a plan is as good as its code is short. */
enum { MOVE_COST = 4 };

/* The pinned register to borrow for the present micro-op. */
static uint8_t spare;

static void choose_spare(const struct uop_info *info, const struct place *p)
{
    for (unsigned r = 0; r < host_pins; r++) {
        bool free = kind_alone(host_pin_registers[r]) == HG_R;
        for (unsigned i = 0; i < info->n && free; i++)
            free = info->cls[i] == 'n' || p[i].kind != HG_R || p[i].number != host_pin_registers[r];
        if (free)
            spare = host_pin_registers[r];
    }
}

/* Memory that keeps a borrowed temporary. */
static struct place keeper(unsigned to)
{
    if (to == BORROW_R)
        to = BORROW_1 + 1;
    else if (to == BORROW_V)
        return in_state(v_disp(VCPU_V_SLOTS - 1), HG_XM);
    return in_state(
        (int64_t)offsetof(struct vcpu, scratch) + (int64_t)(to - BORROW_0) * 8 - VCPU_BIAS, HG_W);
}

static struct place target_place(unsigned to)
{
    if (to == SCRATCH)
        return in_general(HOST_SCRATCH);
    if (to == SCRATCH_V)
        return in_vector(HOST_VSCRATCH);
    if (to == BORROW_V)
        return places[OPND_VT][0];
    if (to == SPILL_V)
        return keeper(BORROW_V);
    if (to == BORROW_R)
        return in_general(spare);
    return places[OPND_GT][to - BORROW_0];
}

static bool same_place(const struct place *a, const struct place *b)
{
    return a->kind == b->kind && a->number == b->number;
}

/* Two operands may share a register if one is only written and the other
 * only read, or if they are the same slot. */
static bool may_share(const struct uop_info *info, const struct place *p, unsigned a, unsigned b)
{
    if (info->dir[a] != ' ' && info->dir[b] != ' ')
        return false;
    return (info->dir[a] == '=') != (info->dir[b] == '=') || same_place(&p[a], &p[b]);
}

struct search {
    unsigned op;
    const struct uop_info *info;
    const struct place *p;
    uint8_t to[UOP_MAX_OPERANDS], best[UOP_MAX_OPERANDS];
    unsigned best_cost;
    bool busy[TARGETS]; /* temporaries that are operands */
};

static bool is_temporary(const struct place *p)
{
    return same_place(p, &places[OPND_GT][0]) || same_place(p, &places[OPND_GT][1]);
}

/* True if input operand i may be moved to the place of output operand k: nothing
 * else that is read may be there. */
static bool may_go_into(const struct search *s, unsigned i, unsigned k)
{
    const struct uop_info *info = s->info;
    if (info->dir[i] != ' ' || info->dir[k] != '=' || s->to[k] != STAY ||
        !in_register(s->p[k].kind) || (info->cls[i] == 'v') != (info->cls[k] == 'v'))
        return false;
    if (!in_slot(s->p[i].kind) && !in_register(s->p[k].kind))
        return false; /* not every immediate goes straight to memory */
    if (hostgen_accesses_memory(s->op) && s->p[k].kind != HG_X && !is_temporary(&s->p[k]))
        return false; /* at a fault the slot must still hold what it held */
    for (unsigned j = 0; j < info->n; j++) {
        if (j == k || info->cls[j] == 'n')
            continue;
        if (same_place(&s->p[j], &s->p[k]) || (j < i && s->to[j] == INTO + k))
            return false;
    }
    return true;
}

/* True if operand i, which is not in a register, may have a temporary that is an operand,
 * because that one is moved away before. */
static bool may_take_over(const struct search *s, unsigned i, unsigned to)
{
    struct place t = target_place(to);
    if (to < BORROW_0 || to > BORROW_V || in_register(s->p[i].kind))
        return false;
    for (unsigned k = 0; k < s->info->n; k++)
        if (s->info->cls[k] != 'n' && same_place(&s->p[k], &t) &&
            (s->info->dir[k] != ' ' || s->to[k] == STAY || s->to[k] == to))
            return false;
    return true;
}

/* What saving and restoring costs, in moves. */
static const uint8_t borrowing[TARGETS] = {
    [BORROW_0] = 4, [BORROW_1] = 4, [BORROW_V] = 4, [BORROW_R] = 40};

static void search(struct search *s, unsigned i, unsigned cost)
{
    const struct uop_info *info = s->info;
    if (cost * MOVE_COST >= s->best_cost)
        return;
    if (i == info->n) {
        struct place q[UOP_MAX_OPERANDS] = {0};
        bool used[TARGETS] = {0};
        for (unsigned k = 0; k < info->n; k++) {
            q[k] = s->to[k] >= INTO ? s->p[s->to[k] - INTO]
                   : s->to[k]       ? target_place(s->to[k])
                                    : s->p[k];
            if (s->to[k] < TARGETS)
                used[s->to[k]] = true;
        }
        if (used[SPILL_V] && used[BORROW_V])
            return; /* they keep in one place */
        for (unsigned k = 0; k < info->n; k++)
            if (s->to[k] && s->to[k] < TARGETS && s->busy[s->to[k]] &&
                !may_take_over(s, k, s->to[k]))
                return;
        const struct hg_template *t = lookup(s->op, info, q, make_key(info, q));
        if (t && cost * MOVE_COST + t->size < s->best_cost) {
            s->best_cost = cost * MOVE_COST + t->size;
            memcpy(s->best, s->to, sizeof s->best);
        }
        return;
    }
    s->to[i] = STAY;
    if (s->p[i].kind != HG_W || info->cls[i] == 'w' || info->cls[i] == 'n')
        search(s, i + 1, cost);
    bool general = info->cls[i] == 'g' || info->cls[i] == 'G' || info->cls[i] == 'r';
    if (!general && info->cls[i] != 'v')
        return;
    for (unsigned to = SCRATCH; to < TARGETS; to++) {
        bool ok = general != (to == SCRATCH_V || to == BORROW_V || to == SPILL_V);
        if (to == SPILL_V && (info->dir[i] != ' ' || s->p[i].kind == HG_XM))
            ok = false;
        if (to == BORROW_R && info->may_leave)
            ok = false;
        bool first = true; /* to borrow it */
        for (unsigned k = 0; k < i && ok; k++) {
            ok = s->to[k] != to || may_share(info, s->p, k, i);
            first &= s->to[k] != to;
        }
        if (!ok)
            continue;
        s->to[i] = (uint8_t)to;
        search(s, i + 1, cost + (info->dir[i] == '+' ? 2 : 1) + first * borrowing[to]);
    }
    for (unsigned k = 0; k < i; k++) {
        if (!may_go_into(s, i, k))
            continue;
        s->to[i] = (uint8_t)(INTO + k);
        search(s, i + 1, cost + 1);
    }
    s->to[i] = STAY;
}

static void find_plan(unsigned op, const struct uop_info *info, const struct place *p, uint8_t *to)
{
    struct search s = {.op = op, .info = info, .p = p, .best_cost = UINT32_MAX};
    for (unsigned i = 0; i < info->n; i++)
        for (unsigned t = SCRATCH; t < TARGETS; t++) {
            struct place q = target_place(t);
            s.busy[t] |= info->cls[i] != 'n' && same_place(&p[i], &q);
        }
    search(&s, 0, 0);
    if (s.best_cost == UINT32_MAX) {
        fprintf(stderr, "ferry: no template of micro-op %s takes these operands:", info->name);
        for (unsigned i = 0; i < info->n; i++)
            fprintf(stderr, " %u:%lld", p[i].kind, (long long)p[i].number);
        fputc('\n', stderr);
        abort();
    }
    memcpy(to, s.best, sizeof s.best);
}

static void move(struct code_ptr *p, struct place to, struct place from)
{
    struct place o[UOP_MAX_OPERANDS] = {to, from};
    unsigned op = UOP_mov64;
    if (to.kind == HG_X || from.kind == HG_X)
        op = UOP_movv;
    else if (from.kind == HG_W)
        op = UOP_load_slot;
    else if (to.kind == HG_W)
        op = UOP_store_slot;
    else if (!in_slot(from.kind)) {
        op = UOP_movq;
        o[1].kind = (uint8_t)immediate_kind(from.number, 'q');
    }
    const struct uop_info *info = &uop_info[op];
    const struct hg_template *t = lookup(op, info, o, make_key(info, o));
    if (!t) {
        fprintf(stderr, "ferry: no template for a move (%s %u:%lld %u:%lld)\n", info->name, to.kind,
                (long long)to.number, from.kind, (long long)from.number);
        abort();
    }
    copy(p, op, t, o, NULL, NULL);
    /* Far slots were learned above the state pointer: the sign of a displacement,
     * in the last byte of such a move, is in no hole. */
    if ((from.kind == HG_W && from.number < 0) || (to.kind == HG_W && to.number < 0))
        p->w[-1] |= 0x80;
}

static struct scratch_use emit_legalized(struct code_ptr *p, unsigned op,
                                         const struct uop_info *info, const struct place *place,
                                         uint64_t key, const uint8_t *pool_x,
                                         struct template_exits *exits)
{
    uint32_t registers = 0;
    choose_spare(info, place);
    for (unsigned i = 0; i < info->n; i++)
        if (info->cls[i] != 'n' && in_register(place[i].kind))
            registers |= (uint32_t)place[i].number << (4 * i);
    uint64_t hash =
        (key ^ (uint64_t)registers << 20 ^ (uint64_t)op << 40) * UINT64_C(0x9e3779b97f4a7c15);
    unsigned at = (unsigned)(hash >> 53);
    if (!plans[at].valid || plans[at].key != key || plans[at].registers != registers ||
        plans[at].op != op) {
        find_plan(op, info, place, plans[at].to);
        plans[at].key = key;
        plans[at].registers = registers;
        plans[at].op = op;
        plans[at].valid = true;
    }
    const uint8_t *to = plans[at].to;
    struct place q[UOP_MAX_OPERANDS] = {0};
    uint8_t holds[TARGETS] = {0};
    bool loaded[TARGETS] = {0}, saved[TARGETS] = {0};
    for (unsigned i = 0; i < info->n; i++) {
        if (to[i] < TARGETS && (!holds[to[i]] || info->dir[i] != ' '))
            holds[to[i]] = (uint8_t)(i + 1);
        q[i] = to[i] >= INTO ? place[to[i] - INTO] : to[i] ? target_place(to[i]) : place[i];
        if (to[i] >= BORROW_0 && to[i] <= BORROW_R && !saved[to[i]]) {
            saved[to[i]] = true;
            move(p, keeper(to[i]), q[i]);
        }
    }
    /* Registers first: others may take their place. */
    for (unsigned k = 0; k < 2 * info->n; k++) {
        unsigned i = k % info->n;
        if (in_register(place[i].kind) != (k < info->n))
            continue;
        if (to[i] >= INTO) {
            move(p, q[i], place[i]);
        } else if (to[i] && info->dir[i] != '=' && !loaded[to[i]]) {
            loaded[to[i]] = true;
            move(p, q[i], place[i]);
        }
    }
    struct scratch_use use = copy(p, op, lookup(op, info, q, make_key(info, q)), q, pool_x, exits);
    for (unsigned i = 0; i < info->n; i++)
        if (to[i] && info->dir[i] != ' ')
            move(p, place[i], q[i]);
    for (unsigned t = BORROW_0; t <= BORROW_R; t++)
        if (saved[t])
            move(p, target_place(t), keeper(t));
    if (holds[SCRATCH])
        use.general = holds[SCRATCH];
    use.vector = holds[SCRATCH_V];
    return use;
}

/* ---- Shapes ---- */

_Static_assert((int)UOP_TEMPLATE_COUNT <= 1 << SHAPE_OP_BITS, "micro-ops in a shape");

static unsigned shape_of_immediate(int64_t v, unsigned kind, char cls)
{
    if (cls == 'n')
        return SHAPE_CONSTANT + kind;
    if (kind != HG_Q)
        return SHAPE_IMMEDIATE + kind;
    return SHAPE_IMMEDIATE + HG_KIND_COUNT + immediate_kind(v, 'q'); /* as move() may take it */
}

/* Places of the operands; returns the shape. */
static inline uint64_t find_places(unsigned op, const struct uop_info *info, const struct opnd *o,
                                   struct place *place)
{
    uint64_t shape = SHAPE_OF_OP(op);
    for (unsigned i = 0, n = info->n; i < n; i++) {
        unsigned part;
        if (o[i].kind == OPND_I) {
            unsigned kind = immediate_kind(o[i].v, info->cls[i]);
            place[i].number = o[i].v;
            place[i].kind = (uint8_t)kind;
            place[i].source = (uint8_t)(i + 1);
            part = shape_of_immediate(o[i].v, kind, info->cls[i]);
        } else {
            memcpy(&place[i], &places[o[i].kind][o[i].v], sizeof *place);
            part = place[i].part;
            if (part >= SHAPE_MEMORY) {
                place[i].source = (uint8_t)(i + 1);
                for (unsigned same = 0; !same_place(&place[same], &place[i]); same++)
                    part++;
            }
        }
        shape |= shape_of_operand(i, (uint8_t)part);
    }
    return shape;
}

bool hostgen_does(unsigned op)
{
    const struct hg_op *o = op_at(op);
    const struct hg_variant *v = group_at(op)->variants + o->variant;
    for (uint32_t i = 0; i < 1u << o->log; i++) {
        if (v[i].key == HG_KEY_NONE || v[i].tmpl[level] == NO_TEMPLATE)
            continue;
        const struct hg_template *t = &group_at(op)->templates[v[i].tmpl[level]];
        const struct hg_reloc *r = group_at(op)->relocs + t->reloc;
        /* a jump's field is its end */
        return !(t->relocs == 1 && r->kind == HG_SLOW && r->byte + 4 == t->size && t->size < 8);
    }
    return false;
}

bool hostgen_needs_scratch(unsigned op)
{
    return op_at(op)->scratch >> level & 1;
}

bool hostgen_accesses_memory(unsigned op)
{
    const char *name = groups[group_of[op]].name;
    return strncmp(name, "memory", 6) == 0 || strncmp(name, "swap", 4) == 0;
}

/* Between a register and a slot out of reach: one instruction, without scratch register. */
static bool is_far_move(const struct place *p)
{
    return (p[0].kind == HG_W && in_register(p[1].kind)) ||
           (p[1].kind == HG_W && in_register(p[0].kind));
}

/* A constant for a slot out of reach, which no template takes. */
static bool is_far_constant(const struct place *p)
{
    return p[0].kind == HG_W && p[1].kind >= HG_Z && p[1].kind <= HG_N32;
}

bool hostgen_takes(unsigned op, const struct opnd *o)
{
    const struct uop_info *info = &uop_info[op];
    struct place place[UOP_MAX_OPERANDS];
    const uint64_t shape = find_places(op, info, o, place);
    uint64_t *not =
        &not_taken[(instance_hash(shape) >> 32) % (sizeof not_taken / sizeof *not_taken)];
    if (*not == shape)
        return false;
    const struct instance *in = instance_find(shape);
    bool takes = in ? !in->legalized
                    : (op == UOP_mov64 && is_far_move(place)) ||
                          lookup(op, info, place, make_key(info, place)) != NULL;
    if (!takes) {
        *not = shape;
        some_not_taken = true;
    }
    return takes;
}

/* A shape that is not among the instances. */
static struct scratch_use emit_new(struct code_ptr *p, unsigned op, const struct place *place,
                                   uint64_t shape, const uint8_t *pool_x,
                                   struct template_exits *exits)
{
    const struct uop_info *info = &uop_info[op];
    struct scratch_use scratch = {0};
    bool legalized = false;
    if (op == UOP_mov64 && is_far_constant(place)) {
        host_emit_store_imm64(p, (size_t)(place[0].number + VCPU_BIAS), (uint64_t)place[1].number);
        return scratch;
    }
    instance_record(p);
    if (op == UOP_mov64 && is_far_move(place)) {
        move(p, place[0], place[1]);
    } else {
        uint64_t key = make_key(info, place);
        const struct hg_template *t = lookup(op, info, place, key);
        legalized = !t;
        if (t)
            scratch = copy(p, op, t, place, pool_x, exits);
        else
            scratch = emit_legalized(p, op, info, place, key, pool_x, exits);
    }
    instance_keep(shape, p, place, legalized, scratch);
    return scratch;
}

#ifdef HOSTGEN_SHAPES /* scripts/shapes.sh */
#include <fcntl.h>
#include <unistd.h>

/* Appends it to the file that $HOSTGEN_SHAPES names, many at a time. */
static void log_shape(uint64_t shape)
{
    static uint64_t shapes[64];
    static unsigned count;
    static int fd = -1;
    const char *name = getenv("HOSTGEN_SHAPES");
    shapes[count++] = shape;
    if (count < sizeof shapes / sizeof *shapes)
        return;
    count = 0;
    if (fd < 0 && name)
        fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (write(fd, shapes, sizeof shapes) < 0)
        perror(name);
}
#else
static void log_shape(uint64_t shape)
{
    (void)shape;
}
#endif

struct scratch_use hostgen_emit(struct code_ptr *p, unsigned op, const struct opnd *o,
                                const uint8_t *pool_x, struct template_exits *exits)
{
    struct place place[UOP_MAX_OPERANDS];
    struct template_exits none;
    exits = exits ? exits : &none;
    exits->taken_count = exits->slow_count = 0;
    uint64_t shape = find_places(op, &uop_info[op], o, place);
    log_shape(shape);
    const struct instance *in = instance_find(shape);
    if (!in)
        return emit_new(p, op, place, shape, pool_x, exits);
    instance_emit(in, p, place, exits);
    return in->scratch;
}

/* ---- Instances made at build time ---- */

static struct place slot_of_sort(unsigned sort, unsigned n)
{
    const int64_t far = 128, first = HOST_SLOT_FIRST * 8 - VCPU_BIAS;
    switch (sort) {
    case 0:
        return in_state(far + 8 * n, HG_W);
    case 1:
        return in_state(-far - 8 * (n + 1), HG_W);
    case 2:
        return in_state(first + 8 * n, HG_M);
    default:
        return in_state(v_disp(n), HG_XM);
    }
}

/* A place of that part, for operand i behind those in `before`. */
static struct place place_of_part(unsigned part, unsigned i, const struct place *before)
{
    static const int64_t of_kind[HG_KIND_COUNT] = {[HG_P8] = 1,
                                                   [HG_N8] = -1,
                                                   [HG_P32] = 1 << 20,
                                                   [HG_N32] = -(1 << 20),
                                                   [HG_Q] = INT64_C(1) << 40};
    struct place p = {.source = (uint8_t)(i + 1)};
    if (part >= SHAPE_CONSTANT) {
        p.number = part - SHAPE_CONSTANT;
        p.kind = (uint8_t)p.number;
    } else if (part >= SHAPE_IMMEDIATE + HG_KIND_COUNT) {
        unsigned as_q = part - SHAPE_IMMEDIATE - HG_KIND_COUNT;
        p.kind = HG_Q;
        p.number = as_q == HG_P32 ? UINT32_MAX : as_q == HG_N32 ? INT32_MIN : of_kind[HG_Q];
    } else if (part >= SHAPE_IMMEDIATE) {
        p.kind = (uint8_t)(part - SHAPE_IMMEDIATE);
        p.number = of_kind[p.kind];
    } else if (part >= SHAPE_MEMORY) {
        p = part % 8 < i ? before[part % 8] : slot_of_sort((part - SHAPE_MEMORY) / 8, i);
        p.source = (uint8_t)(i + 1);
    } else if (part >= SHAPE_VECTOR) {
        p = in_vector((uint8_t)(part - SHAPE_VECTOR));
    } else {
        p = in_general((uint8_t)part);
    }
    return p;
}

static bool part_fits(unsigned part, char cls, unsigned limit)
{
    if (cls == 'n' || part >= SHAPE_CONSTANT)
        return cls == 'n' && part >= SHAPE_CONSTANT && part - SHAPE_CONSTANT < limit;
    if (part >= SHAPE_IMMEDIATE)
        return cls == 'i' || cls == 'q' || cls == 'G';
    bool vector = part >= SHAPE_MEMORY ? part >= SHAPE_MEMORY + 8 * 3 : part >= SHAPE_VECTOR;
    return vector ? cls == 'v' : cls == 'g' || cls == 'G' || cls == 'r';
}

bool instance_parts_fit(unsigned op, const uint8_t *parts)
{
    const struct uop_info *info = &uop_info[op];
    for (unsigned i = 0; i < info->n; i++)
        if (!part_fits(parts[i], info->cls[i], info->limit[i]))
            return false;
    return true;
}

const struct instance *instance_make(unsigned op, const uint8_t *parts)
{
    const struct uop_info *info = &uop_info[op];
    struct place place[UOP_MAX_OPERANDS];
    uint8_t code[HOSTGEN_MAX_BYTES];
    struct code_ptr p = {code, code};
    struct template_exits exits = {0};
    uint64_t shape = SHAPE_OF_OP(op);
    for (unsigned i = 0; i < info->n; i++) {
        place[i] = place_of_part(parts[i], i, place);
        shape |= shape_of_operand(i, parts[i]);
    }
    emit_new(&p, op, place, shape, code, &exits);
    return instance_find(shape);
}
