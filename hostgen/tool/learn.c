/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the holes of templates and proves them.
 *
 * Rows are learned in waves: each wave compiles all instances that are
 * wanted at that point.  A variant that can't be learned as a whole is
 * split (negative immediates apart from positive ones); registers that an operand rejects are found
 * by probes.
 */
#include "hostgen/tool/tool.h"

#include <stdlib.h>
#include <string.h>

void template_patch(const struct result *r, const int64_t *value, uint8_t *code)
{
    memcpy(code, r->code, r->size);
    for (unsigned i = 0; i < r->holes; i++) {
        const struct hg_hole *h = &r->hole[i];
        uint64_t mask = h->width == 64 ? UINT64_MAX : (UINT64_C(1) << h->width) - 1, x;
        memcpy(&x, code + h->byte, 8);
        x ^= ((uint64_t)hg_turned(value[h->operand], h->turn) >> h->from & mask) << h->shift;
        memcpy(code + h->byte, &x, 8);
    }
}

/* True if each hole is a whole field: all varying bits of a register's number, a
 * displacement or an immediate from its lowest on.  Fields mixed from several operands
 * come from mistaking different shapes for one. */
bool template_whole(const struct result *r)
{
    unsigned high[MAX_OPERANDS] = {0}; /* highest bits whose low ones are still to come */
    for (unsigned i = 0; i < r->holes; i++) {
        const struct hg_hole *h = &r->hole[i];
        bool ok = h->from == 0; /* immediates */
        switch (r->kind[h->operand]) {
        case HG_R: /* the highest bit may be apart, and then comes before the others */
            ok = h->from == 0 && h->width == 4;
            if (h->from == 3 && h->width == 1)
                ok = ++high[h->operand] > 0;
            else if (h->from == 0 && h->width == 3)
                ok = high[h->operand]-- > 0;
            break;
        case HG_X:
            ok = (h->from == 0 && h->width == 3) || (h->from == 3 && h->width == 1);
            break;
        case HG_M:
            ok = h->from == 3 && h->width == 5;
            break;
        case HG_W:
            ok = h->from == 3 && h->width == 28;
            break;
        case HG_XM:
            ok = h->from == 4 && h->width == 27;
            break;
        case K_I8: /* or the sign */
            ok |= h->from == 7 && h->width == 1;
            break;
        case K_I32:
            ok |= h->from == 31 && h->width == 1;
            break;
        default:
            break;
        }
        if (!ok)
            return false;
    }
    return true;
}

static bool same_relocs(const struct reloc *a, unsigned an, const struct instance *k)
{
    return an == k->relocs && memcmp(a, k->reloc, an * sizeof *a) == 0;
}

static bool predicts(const struct result *r, const struct instance *k)
{
    uint8_t code[sizeof r->code + 8];
    if (k->error || k->size != r->size || !same_relocs(r->reloc, r->relocs, k))
        return false;
    template_patch(r, k->value, code);
    return memcmp(code, k->code, k->size) == 0;
}

static bool has_special(const struct variant *v, const struct instance *k)
{
    for (unsigned i = 0; i < v->row->n; i++)
        if (find_apart(v->kind[i], k->value[i]))
            return true;
    return false;
}

static void accept(struct result *r, const struct variant *v, const struct instance *k)
{
    for (unsigned i = 0; i < v->row->n; i++)
        if (kind_is_register(v->kind[i]))
            r->accepts[i] |= (uint16_t)(1u << k->value[i]);
}

static bool is_immediate(unsigned kind)
{
    return kind == K_I8 || kind == K_I32 || (kind >= HG_P8 && kind <= HG_Q);
}

/* True if bit b of operand i (turned, if it is an immediate) has this pattern
 * over the instances.  Bits of registers may also be stored inverted. */
static bool matches(const struct variant *v, unsigned i, unsigned b, unsigned turn,
                    uint32_t pattern)
{
    uint32_t p = 0, all = (1u << v->learn) - 1;
    bool immediate = is_immediate(v->kind[i]);
    for (unsigned k = 0; k < v->learn; k++)
        p |= (uint32_t)(hg_turned(v->inst[k].value[i], immediate ? turn : HG_AS_IS) >> b & 1) << k;
    return p == pattern || (!immediate && p == (pattern ^ all));
}

/* The operand bit that a code bit comes from.  last: the hole that ended just
 * before it, to be gone on with if possible. */
static bool find_operand_bit(const struct variant *v, uint32_t pattern, unsigned turn,
                             const struct hg_hole *last, unsigned *operand, unsigned *bit)
{
    if (last && last->from + last->width < 64 &&
        matches(v, last->operand, last->from + last->width, turn, pattern)) {
        *operand = last->operand;
        *bit = last->from + last->width;
        return true;
    }
    for (unsigned i = 0; i < v->row->n; i++) {
        if (v->rep[i] != i)
            continue;
        bool byte = v->kind[i] == K_I8 || v->kind[i] == HG_P8 || v->kind[i] == HG_N8;
        unsigned bits = byte ? 8 : v->kind[i] == HG_Q ? 64 : 32;
        for (unsigned b = 0; b < bits; b++) {
            if (matches(v, i, b, turn, pattern)) {
                *operand = i;
                *bit = b;
                return true;
            }
        }
    }
    return false;
}

/* Vector registers are learned from those with high numbers (variants.c); the others have zeros
 * where those have the highest bits. */
static bool widen_vectors(struct result *r)
{
    for (unsigned i = 0, n = r->holes; i < n; i++) {
        const struct hg_hole *h = &r->hole[i];
        if (r->kind[h->operand] != HG_X)
            continue;
        if (r->holes == sizeof r->hole / sizeof *r->hole)
            return false;
        unsigned bit = asm_high_bit(r->code, r->size, h->byte * 8u + h->shift);
        r->hole[r->holes++] = (struct hg_hole){.byte = (uint16_t)(bit / 8),
                                               .shift = bit % 8,
                                               .width = 1,
                                               .operand = h->operand,
                                               .from = 3,
                                               .turn = HG_AS_IS};
    }
    return true;
}

/* Returns why not, or NULL. */
static const char *find_holes_turned(const struct variant *v, unsigned turn, struct result *r)
{
    const struct instance *first = &v->inst[0];
    for (unsigned k = 0; k < v->learn; k++) {
        if (v->inst[k].error)
            return v->inst[k].error;
        if (v->inst[k].size != first->size)
            return "the length depends on the binding";
        if (!same_relocs(first->reloc, first->relocs, &v->inst[k]))
            return "relocations or constants depend on the binding";
    }
    if (first->size > sizeof r->code - 8)
        return "it is too long";
    memset(r, 0, sizeof *r);
    r->size = (uint16_t)first->size;
    memcpy(r->code, first->code, first->size);
    memcpy(r->reloc, first->reloc, sizeof r->reloc);
    r->relocs = (uint8_t)first->relocs;
    uint32_t all = (1u << v->learn) - 1;
    for (unsigned t = 0; t < first->size * 8; t++) {
        uint32_t pattern = 0;
        unsigned operand, bit;
        for (unsigned k = 0; k < v->learn; k++)
            pattern |= (uint32_t)(v->inst[k].code[t / 8] >> (t % 8) & 1) << k;
        if (pattern == 0 || pattern == all)
            continue;
        struct hg_hole *h = r->holes ? &r->hole[r->holes - 1] : NULL;
        if (h && (h->byte * 8u + h->shift + h->width != t || h->shift + h->width == 64))
            h = NULL;
        if (!find_operand_bit(v, pattern, turn, h, &operand, &bit))
            return "a bit of the code is no bit of an operand";
        if (h && h->operand == operand && h->from + h->width == bit) {
            h->width++;
            continue;
        }
        if (r->holes == sizeof r->hole / sizeof *r->hole)
            return "it has too many holes";
        r->hole[r->holes++] =
            (struct hg_hole){.byte = (uint16_t)(t / 8),
                             .shift = t % 8,
                             .width = 1,
                             .operand = (uint8_t)operand,
                             .from = (uint8_t)bit,
                             .turn = is_immediate(v->kind[operand]) ? (uint8_t)turn : HG_AS_IS};
    }
    memcpy(r->kind, v->kind, sizeof r->kind);
    if (!template_whole(r))
        return "a hole is not a whole field";
    if (!widen_vectors(r))
        return "it has too many holes";
    /* Take instance 0's numbers out: the template is for all bits 0. */
    uint8_t blank[sizeof r->code + 8];
    template_patch(r, first->value, blank);
    memcpy(r->code, blank, r->size);
    return NULL;
}

static const char *find_holes(const struct variant *v, struct result *r)
{
    const char *why = find_holes_turned(v, HG_AS_IS, r);
    bool one_sign = false, negative = false;
    for (unsigned i = 0; i < v->row->n; i++) {
        one_sign |= is_immediate(v->kind[i]) && v->kind[i] != K_I8 && v->kind[i] != K_I32 &&
                    v->row->o[i].cls != 'q';
        negative |= v->kind[i] == HG_N8 || v->kind[i] == HG_N32;
    }
    /* -1 plus one would wrap, as a number without sign */
    for (unsigned turn = HG_NEGATED; why && one_sign && turn < HG_TURNS; turn++)
        if (!(turn == HG_PLUS_ONE && negative) && !find_holes_turned(v, turn, r))
            why = NULL;
    return why;
}

struct result *result_keep(const struct variant *v, const struct result *r)
{
    struct result *k = malloc(sizeof *k);
    struct row *row = v->row;
    *k = *r;
    memcpy(k->kind, v->kind, sizeof k->kind);
    memcpy(k->rep, v->rep, sizeof k->rep);
    memcpy(k->constant, v->constant, sizeof k->constant);
    k->level = (uint8_t)v->level;
    k->levels = (uint8_t)(1u << v->level);
    row->results = grow(row->results, row->result_count, sizeof *row->results);
    row->results[row->result_count++] = k;
    return k;
}

/* ---- Waves ---- */

struct list {
    struct variant *v;
    size_t n;
};

static void push(struct list *l, const struct variant *v)
{
    l->v = grow(l->v, l->n, sizeof *l->v);
    struct variant *k = &l->v[l->n++];
    *k = *v;
    k->inst = NULL;
    k->partial = NULL;
    k->stage = LEARN;
    k->learn = k->count = 0;
}

static void push_probe(struct list *l, const struct variant *v, const struct result *r)
{
    push(l, v);
    struct variant *k = &l->v[l->n - 1];
    k->stage = PROBE;
    k->partial = malloc(sizeof *r);
    *k->partial = *r;
}

static void refine(const struct variant *v, struct list *next, const char *why)
{
    unsigned both = MAX_OPERANDS;
    for (unsigned i = 0; i < v->row->n; i++)
        if (v->kind[i] == K_I32 || v->kind[i] == K_I8)
            both = i;
    if (both < MAX_OPERANDS) {
        struct variant k = *v;
        bool wide = v->kind[both] == K_I32;
        k.kind[both] = wide ? HG_P32 : HG_P8;
        push(next, &k);
        k.kind[both] = wide ? HG_N32 : HG_N8;
        push(next, &k);
    } else if (v->stage == LEARN && !v->inst[0].error) {
        push(next, v);
        next->v[next->n - 1].stage = SHAPES;
    } else {
        text_add(&v->row->notes, "    level %u, %s: %s\n", v->level + 1, variant_name(v), why);
    }
}

/* The registers that are tried apart, where one was rejected, become variants of their own. */
static void add_odd(const struct variant *v, const struct result *r, struct list *next)
{
    for (unsigned i = 0; i < v->row->n; i++)
        if (v->kind[i] == HG_ODD || v->kind[i] == HG_ODD_DISP)
            return;
    for (unsigned i = 0; i < v->row->n; i++) {
        if (v->rep[i] != i || v->kind[i] != HG_R)
            continue;
        for (unsigned o = 0; o < APART; o++) {
            struct variant k = *v;
            if (r->accepts[i] >> apart[o].reg & 1)
                continue;
            for (unsigned j = i; j < v->row->n; j++)
                if (v->rep[j] == i)
                    k.kind[j] = apart[o].kind;
            push(next, &k);
        }
    }
}

static bool same_hole(const struct hg_hole *a, const struct hg_hole *b)
{
    return a->byte == b->byte && a->shift == b->shift && a->width == b->width &&
           a->operand == b->operand && a->from == b->from && a->turn == b->turn;
}

/* True if the level below has this template. */
static bool same_template(const struct variant *v, const struct result *r)
{
    const struct result *l = v->lower;
    if (!l || memcmp(l->kind, v->kind, sizeof l->kind) != 0 || l->size != r->size ||
        memcmp(l->code, r->code, r->size) != 0 || l->holes != r->holes || l->relocs != r->relocs ||
        memcmp(l->reloc, r->reloc, r->relocs * sizeof *r->reloc) != 0 ||
        memcmp(l->accepts, r->accepts, sizeof r->accepts) != 0)
        return false;
    for (unsigned i = 0; i < r->holes; i++)
        if (!same_hole(&l->hole[i], &r->hole[i]))
            return false;
    return true;
}

static void conclude(struct variant *v, struct list *next)
{
    struct result r;
    const char *why = find_holes(v, &r);
    bool special_failed = false;
    for (unsigned k = v->learn; !why && k < v->count; k++) {
        if (predicts(&r, &v->inst[k]))
            continue;
        if (has_special(v, &v->inst[k]))
            special_failed = true;
        else
            why = v->inst[k].error ? v->inst[k].error : "an unseen binding came out differently";
    }
    if (why) {
        refine(v, next, why);
        return;
    }
    for (unsigned k = 0; k < v->count; k++) {
        if (k >= v->learn && !predicts(&r, &v->inst[k]))
            continue;
        accept(&r, v, &v->inst[k]);
        if (k < v->learn)
            r.learned++;
        else
            r.proved++;
    }
    if (special_failed)
        push_probe(next, v, &r);
    else if (same_template(v, &r))
        v->lower->levels |= (uint8_t)(1u << v->level);
    else
        result_keep(v, &r);
}

/* Bytes that take few values over the instances are operation codes, not
 * register fields: instances that are alike in them have one shape.  Prefixes with bits of
 * register numbers say nothing. */
static bool same_shape(const struct variant *v, const struct instance *a, const struct instance *b)
{
    enum { FEW = 3 };
    if (a->error || b->error || a->size != b->size || !same_relocs(a->reloc, a->relocs, b))
        return false;
    for (unsigned at = 0; at < a->size; at++) {
        uint8_t seen[FEW + 1];
        unsigned count = 0;
        if (!((a->code[at] ^ b->code[at]) & ~asm_register_bits(a->code, at)))
            continue;
        for (unsigned k = 0; k < v->learn && count <= FEW; k++) {
            const struct instance *i = &v->inst[k];
            if (i->error || i->size != a->size || memchr(seen, i->code[at], count))
                continue;
            seen[count++] = i->code[at];
        }
        if (count <= FEW)
            return false;
    }
    return true;
}

/* The compiler may have several ways for one thing, and choose by register
 * numbers (which of two equal moves, or their order).  Learns from instances
 * of one shape, and takes the shape that most instances agree with. */
static void conclude_shapes(struct variant *v, struct list *next)
{
    enum { ATTEMPTS = 200, MOST = 12 };
    struct variant sub = *v;
    struct instance pick[MAX_LEARN];
    struct result best, r;
    unsigned best_agree = 0, normal = v->learn;
    uint64_t random = 88172645463325252u;
    sub.inst = pick;
    memset(&best, 0, sizeof best);
    for (unsigned seed = 0; seed < normal; seed++) {
        unsigned alike[MAX_SHAPED], count = 0;
        bool seen = false;
        for (unsigned k = 0; k < normal; k++) {
            if (!same_shape(v, &v->inst[seed], &v->inst[k]))
                continue;
            seen |= k < seed;
            alike[count++] = k;
        }
        bool found = seen;
        for (unsigned n = 3; !found && n + 3 <= count && n <= MOST; n++) {
            sub.learn = n;
            for (unsigned attempt = 0; !found && attempt < ATTEMPTS; attempt++) {
                for (unsigned k = 0; k < n; k++) {
                    random = random * 6364136223846793005u + 1442695040888963407u;
                    unsigned other = k + (unsigned)(random >> 33) % (count - k), t = alike[k];
                    alike[k] = alike[other];
                    alike[other] = t;
                    pick[k] = v->inst[alike[k]];
                }
                if (!variant_patterns_differ(&sub, n, true) || find_holes(&sub, &r))
                    continue;
                unsigned agree = 0;
                for (unsigned k = 0; k < normal; k++)
                    agree += predicts(&r, &v->inst[k]);
                if (agree < n + 3)
                    continue;
                found = true;
                if (agree > best_agree) {
                    best = r;
                    best_agree = agree;
                    best.learned = (uint8_t)n;
                    best.proved = (uint8_t)(agree - n);
                    best.shaped = (uint8_t)(normal - agree);
                }
            }
        }
    }
    if (best_agree == 0) {
        refine(v, next, "no shape of it has enough bindings that agree");
        return;
    }
    for (unsigned k = 0; k < v->count; k++) {
        if (!predicts(&best, &v->inst[k]))
            continue;
        accept(&best, v, &v->inst[k]);
        best.proved += k >= normal;
    }
    result_keep(v, &best);
    add_odd(v, &best, next);
}

static void conclude_probe(struct variant *v, struct list *next)
{
    struct result *r = v->partial;
    for (unsigned k = 0; k < v->count; k++) {
        const struct instance *p = &v->inst[k];
        if (predicts(r, p)) {
            r->proved++;
            for (unsigned i = 0; i < v->row->n; i++)
                if (v->rep[i] == p->odd_operand)
                    r->accepts[i] |= (uint16_t)(1u << p->odd_reg);
        } else {
            for (unsigned i = 0; i < v->row->n; i++)
                if (v->rep[i] == p->odd_operand)
                    r->accepts[i] &= (uint16_t) ~(1u << p->odd_reg);
        }
    }
    if (r->proved >= 3)
        result_keep(v, r);
    else
        text_add(&v->row->notes, "    level %u, %s: not proven\n", v->level + 1, variant_name(v));
    add_odd(v, r, next);
}

static void release(struct variant *v)
{
    for (unsigned i = 0; v->inst && i < MAX_TESTS; i++)
        free(v->inst[i].code);
    free(v->inst);
    free(v->partial);
}

static void compile_list(const struct table *t, struct list *l)
{
    struct instance **all = NULL;
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++) {
        for (unsigned k = 0; k < l->v[i].count; k++) {
            l->v[i].inst[k].v = &l->v[i];
            all = grow(all, n, sizeof *all);
            all[n++] = &l->v[i].inst[k];
        }
    }
    if (n)
        compile_all(t, all, n);
    free(all);
}

static void learn_list(const struct table *t, struct list work)
{
    while (work.n) {
        struct list next = {0};
        for (size_t i = 0; i < work.n; i++) {
            if (work.v[i].stage == PROBE)
                variant_bind_probe(&work.v[i]);
            else if (work.v[i].stage == SHAPES)
                variant_bind_shapes(&work.v[i]);
            else
                variant_bind(&work.v[i]);
        }
        compile_list(t, &work);
        for (size_t i = 0; i < work.n; i++) {
            if (work.v[i].stage == PROBE)
                conclude_probe(&work.v[i], &next);
            else if (work.v[i].stage == SHAPES)
                conclude_shapes(&work.v[i], &next);
            else
                conclude(&work.v[i], &next);
            release(&work.v[i]);
        }
        free(work.v);
        work = next;
    }
}

/* True if one of the operands is held in a way that was in no variant of the row yet. */
static bool shows_new(const struct variant *v, uint64_t seen[MAX_OPERANDS][3])
{
    bool news = false;
    for (unsigned i = 0; i < v->row->n; i++) {
        bool shared = v->rep[i] != i, constant = v->kind[i] == K_CONST;
        uint64_t *set = &seen[i][shared ? 2 : constant];
        uint64_t bit = UINT64_C(1) << (shared ? v->rep[i] : constant ? v->constant[i] : v->kind[i]);
        news |= !(*set & bit);
        *set |= bit;
    }
    return news;
}

/* Compiles one instance of each, and moves those that the level below predicts out of the
 * way; the others are to be learned. */
static void judge_samples(const struct table *t, struct list *samples, struct list *work)
{
    for (size_t i = 0; i < samples->n; i++)
        variant_bind_sample(&samples->v[i]);
    compile_list(t, samples);
    for (size_t i = 0; i < samples->n; i++) {
        struct variant *v = &samples->v[i];
        if (predicts(v->lower, &v->inst[0])) {
            v->lower->levels |= (uint8_t)(1u << v->level);
            v->row->same = true;
        } else {
            push(work, v);
            v->row->differ = true;
        }
        release(v);
    }
    free(samples->v);
}

/* A level's variants are tried with the level below's templates first, unless these take a
 * register that is not the compiler's any more.  Where a few of a
 * row, with each way of holding each operand, are all the same or all
 * different, so are taken to be the others: the level below's code is right at this level too. */
static void learn_level(const struct table *t, struct row **rows, size_t count, unsigned level)
{
    struct list samples = {0}, rest = {0}, more = {0}, work = {0};
    for (size_t i = 0; i < count; i++) {
        uint64_t seen[MAX_OPERANDS][3] = {{0}};
        rows[i]->same = rows[i]->differ = false;
        for (size_t k = 0; k < rows[i]->result_count; k++) {
            struct result *r = rows[i]->results[k];
            if (!(r->levels >> (level - 1) & 1))
                continue;
            struct variant v = {.row = rows[i], .level = level, .lower = r};
            memcpy(v.kind, r->kind, sizeof v.kind);
            memcpy(v.rep, r->rep, sizeof v.rep);
            memcpy(v.constant, r->constant, sizeof v.constant);
            if (level == LEVELS - 1 && asm_touches(r->code, r->size, HOST_TOP)) {
                push(&work, &v);
                rows[i]->differ = true;
                continue;
            }
            push(shows_new(&v, seen) ? &samples : &rest, &v);
        }
    }
    judge_samples(t, &samples, &work);
    for (size_t i = 0; i < rest.n; i++) {
        struct variant *v = &rest.v[i];
        if (!v->row->differ)
            v->lower->levels |= (uint8_t)(1u << level);
        else
            push(v->row->same ? &more : &work, v);
    }
    free(rest.v);
    judge_samples(t, &more, &work);
    learn_list(t, work);
}

void learn_rows(struct table *t, struct row **rows, size_t count)
{
    struct list work = {0};
    for (size_t i = 0; i < count; i++) {
        size_t n;
        struct variant *list = variants_initial(rows[i], &n);
        for (size_t k = 0; k < n; k++)
            push(&work, &list[k]);
        free(list);
    }
    learn_list(t, work);
    for (unsigned level = 1; level < LEVELS; level++)
        learn_level(t, rows, count, level);
    table_rows(t, rows, count);
}
