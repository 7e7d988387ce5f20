/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can't be learned is tabulated: each binding of registers is compiled,
 * and its bytes are a template for that binding alone.  Only rows whose operands
 * are registers (or constants of class n) can be, and at run time the others
 * are moved to registers.  Slots that are the same are moved apart.
 */
#include "hostgen/tool/tool.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_BINDINGS = 800 };

#define NUMBER(name, number) number,
static const uint8_t general[] = {HOST_T_REGS(NUMBER) HOST_R_REGS(NUMBER)};
static const uint8_t vectors[] = {HOST_X_REGS(NUMBER)};

struct list {
    struct variant *v;
    size_t n, bindings;
};

static void each_value(struct variant *v, unsigned i, int64_t *value, size_t *count)
{
    static const struct {
        const uint8_t *list;
        unsigned n;
    } registers[] = {[HG_R] = {general, sizeof general}, [HG_X] = {vectors, sizeof vectors}};
    if (i == v->row->n) {
        v->inst = grow(v->inst, v->count, sizeof *v->inst);
        struct instance *k = &v->inst[v->count++];
        memset(k, 0, sizeof *k);
        memcpy(k->value, value, sizeof k->value);
        ++*count;
        return;
    }
    if (v->kind[i] == K_CONST) {
        value[i] = v->constant[i];
        each_value(v, i + 1, value, count);
        return;
    }
    for (unsigned r = 0; r < registers[v->kind[i]].n && *count <= MAX_BINDINGS; r++) {
        bool used = false;
        value[i] = registers[v->kind[i]].list[r];
        for (unsigned j = 0; j < i; j++)
            used |= v->kind[j] == v->kind[i] && value[j] == value[i];
        if (!used)
            each_value(v, i + 1, value, count);
    }
}

/* False: an operand can be anything. */
static bool each_kind(struct variant *v, unsigned i, struct list *l)
{
    if (l->bindings > MAX_BINDINGS)
        return true;
    if (i == v->row->n) {
        int64_t value[MAX_OPERANDS] = {0};
        v->inst = NULL;
        v->count = 0;
        each_value(v, 0, value, &l->bindings);
        l->v = grow(l->v, l->n, sizeof *l->v);
        l->v[l->n++] = *v;
        return true;
    }
    v->rep[i] = (uint8_t)i;
    switch (v->row->o[i].cls) {
    case 'g':
    case 'G':
    case 'r':
        v->kind[i] = HG_R;
        return each_kind(v, i + 1, l);
    case 'v':
        v->kind[i] = HG_X;
        return each_kind(v, i + 1, l);
    case 'n':
        v->kind[i] = K_CONST;
        for (unsigned c = 0; c < v->row->o[i].limit; c++) {
            v->constant[i] = (uint8_t)c;
            each_kind(v, i + 1, l);
        }
        return true;
    default:
        return false;
    }
}

static bool can_be_listed(const struct row *r)
{
    for (unsigned i = 0; i < r->n; i++)
        if (!strchr("gGrvn", r->o[i].cls))
            return false;
    return true;
}

static void keep_binding(const struct variant *v, const struct instance *k)
{
    struct result r = {.size = (uint16_t)k->size,
                       .relocs = (uint8_t)k->relocs,
                       .learned = 1,
                       .shaped = ONE_BINDING};
    if (k->error || k->size > sizeof r.code - 8) {
        text_add(&v->row->notes, "    level %u, %s: %s\n", v->level + 1, variant_name(v),
                 k->error ? k->error : "it is too long");
        return;
    }
    memcpy(r.code, k->code, k->size);
    memcpy(r.reloc, k->reloc, sizeof r.reloc);
    for (unsigned i = 0; i < v->row->n; i++)
        if (kind_is_register(v->kind[i]))
            r.accepts[i] = (uint16_t)(1u << k->value[i]);
    result_keep(v, &r);
}

unsigned row_levels(const struct row *r)
{
    unsigned levels = 0;
    for (size_t k = 0; k < r->result_count; k++)
        levels |= r->results[k]->levels;
    return levels;
}

static void table_row(const struct table *t, struct row *r, unsigned level)
{
    struct list l = {0};
    struct variant first = {.row = r, .level = level};
    struct instance **all = NULL;
    size_t n = 0;
    if (can_be_listed(r))
        each_kind(&first, 0, &l);
    if (l.n == 0 || l.bindings > MAX_BINDINGS) {
        text_add(&r->notes, "    level %u: it has too many bindings for a table\n", level + 1);
        return;
    }
    for (size_t i = 0; i < l.n; i++) {
        for (unsigned k = 0; k < l.v[i].count; k++) {
            l.v[i].inst[k].v = &l.v[i];
            all = grow(all, n, sizeof *all);
            all[n++] = &l.v[i].inst[k];
        }
    }
    compile_all(t, all, n);
    free(all);
    for (size_t i = 0; i < l.n; i++) {
        for (unsigned k = 0; k < l.v[i].count; k++) {
            keep_binding(&l.v[i], &l.v[i].inst[k]);
            free(l.v[i].inst[k].code);
        }
        free(l.v[i].inst);
    }
    free(l.v);
}

void table_rows(const struct table *t, struct row **rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (unsigned level = 0; level < LEVELS; level++)
            if (!(row_levels(rows[i]) >> level & 1))
                table_row(t, rows[i], level);
}
