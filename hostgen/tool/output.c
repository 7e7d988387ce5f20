/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the micro-ops' names, a group's tables, and the report. */
#include "hostgen/tool/tool.h"

#include <stdlib.h>
#include <string.h>

void output_names(struct table *tables, char **groups, size_t n)
{
    size_t op = 0;
    printf("/* Made by hostgen from hostgen/ops/. */\n"
           "#ifndef FERRY_HOSTGEN_OPS_H\n#define FERRY_HOSTGEN_OPS_H\n\nenum uop {\n");
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < tables[i].count; k++)
            printf("    UOP_%s,\n", tables[i].rows[k].name);
    printf("    UOP_TEMPLATE_COUNT\n};\n\n/* X(group, number of its first micro-op) */\n"
           "#define HOSTGEN_GROUPS(X)");
    for (size_t i = 0; i < n; i++) {
        printf(" \\\n    X(%s, %zu)", groups[i], op);
        op += tables[i].count;
    }
    printf("\n\n#endif\n");
}

/* It goes through a pointer: what an operand is cast to, as state memory is not. */
static bool uses_memory(const struct row *r)
{
    return strstr(r->body[0], "*)") != NULL;
}

enum { NO_OPERAND = 0xff }; /* UOP_NO_OPERAND of hostgen.h */

static unsigned operand_named(const struct row *r, const char *name)
{
    for (unsigned k = 0; k < r->n; k++)
        if (strcmp(r->o[k].name, name) == 0)
            return k;
    return NO_OPERAND;
}

/* log2 of what the index is multiplied with: "x * sizeof(mu32)", "x * sizeof(mV)". */
static unsigned index_scale(const struct row *r)
{
    const char *p = strstr(r->body[0], "x * sizeof(");
    unsigned bits = 8, log = 0;
    if (p) {
        p += strcspn(p, "(") + 1;
        p += strcspn(p, "0123456789V)");
        bits = *p == 'V' ? 128 : (unsigned)atoi(p);
    }
    while (8u << log < bits)
        log++;
    if (8u << log != bits)
        die("%s: an index that is scaled by no power of 2", r->name);
    return log;
}

/* Where rows access guest memory (hostgen.h).  A prefetch does not: its pointer is to void. */
static void output_address(const struct row *r)
{
    bool guest = uses_memory(r) && r->n > 0 && !strstr(r->body[0], "void *)");
    unsigned base = guest ? operand_named(r, "a") : NO_OPERAND;
    if (guest && base == NO_OPERAND)
        die("%s: no operand is named a, the address", r->name);
    printf("{%u, %u, %u, %u}", base, guest ? operand_named(r, "x") : NO_OPERAND,
           guest ? operand_named(r, "n") : NO_OPERAND, guest ? index_scale(r) : 0);
}

void output_info(struct table *tables, char **groups, size_t n)
{
    (void)groups;
    printf("/* Made by hostgen from hostgen/ops/. */\n#include \"hostgen/hostgen.h\"\n\n"
           "const struct uop_info uop_info[] = {\n");
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < tables[i].count; k++) {
            const struct row *r = &tables[i].rows[k];
            printf("    {\"%s\", %u, {", r->name, r->n);
            for (unsigned o = 0; o < r->n; o++)
                printf("'%c',", r->o[o].dir);
            printf("}, {");
            for (unsigned o = 0; o < r->n; o++)
                printf("'%c',", r->o[o].cls);
            printf("}, {");
            for (unsigned o = 0; o < r->n; o++)
                printf("%u,", r->o[o].limit);
            printf("}, %d, %d, %d, %d, ", r->taken, r->slow, r->jump,
                   r->taken || r->slow || r->jump || r->vector || uses_memory(r));
            output_address(r);
            printf("},\n");
        }
    }
    printf("};\n");
}

/* The rows as plain C functions, for tests: see hostgen/reference.h. */
void output_reference(struct table *t, const char *group)
{
    printf("/* Made by hostgen from hostgen/ops/%s.def. */\n#include <stddef.h>\n"
           "#include \"hostgen/ops/ops.h\"\n#include \"hostgen/reference.h\"\n"
           "#define TAKEN() return 1\n#define SLOW() return 2\n#define JUMP(x) return 3\n"
           "#define STATE(type, field) "
           "(*(type *)(S + offsetof(struct vcpu, field) - VCPU_BIAS))\n%s\n",
           group, t->prelude[0]);
    for (size_t i = 0; i < t->count; i++) {
        const struct row *r = &t->rows[i];
        printf("static int f%zu(union reference_value *o_, unsigned char *S)\n{\n", i);
        unsigned constants = 0;
        for (unsigned k = 0; k < r->n; k++) {
            const struct operand *o = &r->o[k];
            if (o->cls == 'n') {
                constants++;
                continue;
            }
            printf("    %s %s = %so_[%u].%c;\n",
                   o->cls == 'v'   ? "V"
                   : o->cls == 'i' ? "s64"
                                   : "u64",
                   o->name, o->cls == 'v' ? "(V)" : "", k, o->cls == 'v' ? 'v' : 'g');
        }
        printf("    (void)S;\n");
        unsigned depth = 0, limit[MAX_OPERANDS] = {0}, value[MAX_OPERANDS] = {0},
                 place[MAX_OPERANDS] = {0};
        for (unsigned k = 0; k < r->n; k++) {
            if (r->o[k].cls == 'n') {
                place[depth] = k;
                limit[depth++] = r->o[k].limit;
            }
        }
        for (;;) {
            printf("    if (1");
            for (unsigned d = 0; d < depth; d++)
                printf(" && o_[%u].g == %u", place[d], value[d]);
            printf(") {\n");
            for (unsigned d = 0; d < depth; d++)
                printf("        enum { %s = %u };\n", r->o[place[d]].name, value[d]);
            printf("        %s;\n    }\n", r->body[0]);
            unsigned d = 0;
            while (d < depth && ++value[d] == limit[d])
                value[d++] = 0;
            if (d == depth)
                break;
        }
        for (unsigned k = 0; k < r->n; k++)
            if (r->o[k].dir != ' ')
                printf("    o_[%u].%c = %s;\n", k, r->o[k].cls == 'v' ? 'v' : 'g', r->o[k].name);
        /* bodies may also name the labels, in asm goto */
        printf("    return 0;\ntaken: __attribute__((unused));\n    return 1;\n"
               "slow: __attribute__((unused));\n    return 2;\n}\n\n");
    }
    printf("const struct reference reference_%s[] = {\n", group);
    for (size_t i = 0; i < t->count; i++) {
        const struct row *r = &t->rows[i];
        bool state = strstr(r->body[0], "STATE") != NULL;
        bool memory = uses_memory(r);
        unsigned base = 0;
        for (unsigned k = 0; k < r->n; k++)
            if (strcmp(r->o[k].name, "a") == 0)
                base = k;
        printf("    {\"%s\", f%zu, %d, %d, %u},\n", r->name, i, state, memory, base);
    }
    printf("    {0, 0, 0, 0, 0}};\n");
}

/* ---- Tables ---- */

struct entries {
    struct hg_variant *v;
    size_t n;
};

static void enter(struct entries *e, uint64_t key, uint8_t levels, uint32_t tmpl, bool weak)
{
    size_t i = 0;
    while (i < e->n && e->v[i].key != key)
        i++;
    if (i == e->n) {
        e->v = grow(e->v, e->n, sizeof *e->v);
        e->v[e->n++] = (struct hg_variant){key, {UINT32_MAX, UINT32_MAX, UINT32_MAX}};
    }
    for (unsigned l = 0; l < LEVELS; l++)
        if ((levels >> l & 1) && !(weak && e->v[i].tmpl[l] != UINT32_MAX))
            e->v[i].tmpl[l] = tmpl;
}

/* Turned, the lowest number of a kind could leave its range. */
static bool turns(const struct result *s, unsigned operand)
{
    for (unsigned h = 0; h < s->holes; h++)
        if (s->hole[h].operand == operand && s->hole[h].turn != HG_AS_IS)
            return true;
    return false;
}

/* Narrower kinds of immediates that a template can also take (weakly: if they
 * have none of their own). */
static unsigned immediate_kinds(const struct result *s, unsigned i, char cls, bool weak,
                                uint8_t *to)
{
    unsigned n = 0, kind = s->kind[i];
    bool wide = kind == K_I32 || kind == HG_P32 || kind == HG_N32;
    bool positive = kind == K_I8 || kind == K_I32 || kind == HG_P8 || kind == HG_P32;
    bool negative = kind == K_I8 || kind == K_I32 || kind == HG_N8 || kind == HG_N32;
    if (positive)
        to[n++] = wide ? HG_P32 : HG_P8;
    if (negative)
        to[n++] = wide ? HG_N32 : HG_N8;
    if (!weak || cls == 'q')
        return n;
    if (positive && wide)
        to[n++] = HG_P8;
    if (negative && wide)
        to[n++] = HG_N8;
    if (positive && !turns(s, i))
        to[n++] = HG_Z;
    return n;
}

/* A template for both kinds of registers or several kinds of immediates has several keys. */
static void enter_keys(struct entries *e, const struct row *r, const struct result *s, unsigned i,
                       uint64_t key, uint32_t tmpl, bool weak, const uint8_t *chosen)
{
    uint8_t kind[MAX_OPERANDS];
    if (i == r->n) {
        for (unsigned j = 1; j < r->n; j++)
            for (unsigned k = 0; k < j; k++)
                if (s->rep[j] == s->rep[k])
                    key |= HG_ALIAS(k, j);
        enter(e, key, s->levels, tmpl, weak);
        return;
    }
    uint8_t options[6];
    unsigned n = 1;
    options[0] = s->kind[i];
    if (s->rep[i] != i) {
        options[0] = chosen[s->rep[i]];
    } else if (s->kind[i] == K_I8 || s->kind[i] == K_I32 ||
               (s->kind[i] >= HG_P8 && s->kind[i] <= HG_N32)) {
        n = immediate_kinds(s, i, r->o[i].cls, weak, options);
    } else if (s->kind[i] == K_CONST) {
        options[0] = s->constant[i];
    }
    memcpy(kind, chosen, sizeof kind);
    for (unsigned k = 0; k < n; k++) {
        kind[i] = options[k];
        enter_keys(e, r, s, i + 1, key | (uint64_t)options[k] << (HG_KEY_BITS * i), tmpl, weak,
                   kind);
    }
}

/* Registers that are not tried apart are all alike (also where few bindings
 * came out in the template's shape).  HOST_TOP and HOST_SCRATCH have the encodings of the
 * short ones, and serve where the code does not take them for something else: unused. */
static unsigned accepted(const struct result *s, unsigned operand, unsigned unused)
{
#define BIT(name, number)       | 1u << number
#define BIT_APART(number, kind) | 1u << number
    enum {
        R = (0 HOST_T_REGS(BIT) HOST_R_REGS(BIT)) & ~(0 HOST_APART_REGS(BIT_APART)),
        X = 0 HOST_X_REGS(BIT)
    };
    unsigned all = 0;
    switch (s->shaped == ONE_BINDING ? K_CONST : s->kind[operand]) {
    case HG_X:
        all = X;
        break;
    case HG_R:
        all = R | unused;
        break;
    default:
        break;
    }
    return s->accepts[operand] | all;
}

/* Templates of one binding each stand one after the other if they have one key. */
static bool same_key(const struct row *r, const struct result *a, const struct result *b)
{
    return a->shaped == ONE_BINDING && b->shaped == ONE_BINDING && a->level == b->level &&
           memcmp(a->kind, b->kind, r->n) == 0 && memcmp(a->constant, b->constant, r->n) == 0;
}

static bool has_wide(const struct row *r, const struct result *s)
{
    for (unsigned i = 0; i < r->n; i++)
        if (s->kind[i] == K_I32 || s->kind[i] == HG_P32 || s->kind[i] == HG_N32)
            return true;
    return false;
}

static uint32_t pool_offset(struct text *pool, const struct reloc *k)
{
    uint8_t entry[16] = {0};
    memcpy(entry, k->data, k->size);
    for (size_t i = 0; i < pool->n; i += 16)
        if (memcmp(pool->s + i, entry, 16) == 0)
            return (uint32_t)i;
    text_write(pool, entry, 16);
    return (uint32_t)pool->n - 16;
}

static void bytes(FILE *f, const char *declaration, const void *data, size_t n)
{
    const uint8_t *b = data;
    fprintf(f, "%s = {", declaration);
    for (size_t i = 0; i < n; i++)
        fprintf(f, "%s%u,", i % 32 ? "" : "\n", b[i]);
    fprintf(f, "%s};\n\n", n ? "" : "0");
}

void output_tables(struct table *t, const char *group, const char *path)
{
    struct text code = {0}, holes = {0}, relocs = {0}, templates = {0}, variants = {0}, ops = {0};
    struct text pool = {0};
    uint32_t hole = 0, reloc = 0, tmpl = 0, variant = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct row *r = &t->rows[i];
        struct entries e = {0};
        const uint8_t none[MAX_OPERANDS] = {0};
        for (size_t k = 0; k < r->result_count; k++)
            if (k == 0 || !same_key(r, r->results[k - 1], r->results[k]))
                enter_keys(&e, r, r->results[k], 0, 0, tmpl + (uint32_t)k, false, none);
        for (unsigned wide = 0; wide < 2; wide++)
            for (size_t k = 0; k < r->result_count; k++)
                if (has_wide(r, r->results[k]) == wide && r->results[k]->shaped != ONE_BINDING)
                    enter_keys(&e, r, r->results[k], 0, 0, tmpl + (uint32_t)k, true, none);
        unsigned log = 1;
        while ((1u << log) < e.n + e.n / 2 + 1)
            log++;
        struct hg_variant *slots = malloc(sizeof *slots << log);
        for (size_t k = 0; k < (size_t)1 << log; k++)
            slots[k] = (struct hg_variant){HG_KEY_NONE, {0, 0, 0}};
        for (size_t k = 0; k < e.n; k++) {
            uint32_t at = hg_hash(e.v[k].key, log);
            while (slots[at].key != HG_KEY_NONE)
                at = (at + 1) & ((1u << log) - 1);
            slots[at] = e.v[k];
        }
        for (size_t k = 0; k < (size_t)1 << log; k++)
            text_add(&variants, "{0x%llxu,{%d,%d,%d}},\n", (unsigned long long)slots[k].key,
                     (int)slots[k].tmpl[0], (int)slots[k].tmpl[1], (int)slots[k].tmpl[2]);
        const uint32_t first = variant;
        unsigned scratch = 0;
        variant += 1u << log;
        for (size_t k = 0; k < r->result_count; k++, tmpl++) {
            const struct result *s = r->results[k];
            bool more = k + 1 < r->result_count && same_key(r, s, r->results[k + 1]);
            bool uses_scratch = asm_touches(s->code, s->size, HOST_SCRATCH);
            unsigned unused = (uses_scratch ? 0 : 1u << HOST_SCRATCH) |
                              (asm_touches(s->code, s->size, HOST_TOP) ? 0 : 1u << HOST_TOP);
            if (uses_scratch)
                scratch |= s->levels;
            text_add(&templates, "{%zu,%u,%u,%u,%d,%u,%u,%d,{", code.n, hole, reloc, s->size,
                     uses_scratch, s->holes, s->relocs, more);
            for (unsigned o = 0; o < MAX_OPERANDS; o++)
                text_add(&templates, "%u,", o < r->n ? accepted(s, s->rep[o], unused) : 0);
            text_add(&templates, "}},\n");
            text_write(&code, s->code, s->size);
            for (unsigned h = 0; h < s->holes; h++, hole++) {
                const struct hg_hole *x = &s->hole[h];
                text_add(&holes, "{%u,%u,%u,%u,%u,%u},", x->byte, x->shift, x->width, x->operand,
                         x->from, x->turn);
            }
            text_add(&holes, "\n");
            for (unsigned h = 0; h < s->relocs; h++, reloc++) {
                const struct reloc *x = &s->reloc[h];
                text_add(&relocs, "{%u,%d,%u,%u},", x->byte, x->addend, x->kind,
                         x->kind == HG_POOL ? pool_offset(&pool, x) : 0);
            }
        }
        text_add(&ops, "{%u,%u,%u}, /* %s */\n", first, log, scratch, r->name);
        free(slots);
        free(e.v);
    }
    char tmp[4096];
    snprintf(tmp, sizeof tmp, "%s.tmp", path);
    FILE *f = fopen(tmp, "w");
    if (!f)
        die("cannot write %s", tmp);
    fprintf(f, "/* Made by hostgen from hostgen/ops/%s.def. */\n#include \"hostgen/tables.h\"\n\n",
            group);
    text_write(&code, (const uint8_t[16]){0}, 16); /* copied in blocks */
    bytes(f, "static const uint8_t code[]", code.s, code.n);
    fprintf(f, "static const struct hg_hole holes[] = {\n%s{0}};\n\n", holes.s ? holes.s : "");
    fprintf(f, "static const struct hg_reloc relocs[] = {\n%s{0}};\n\n", relocs.s ? relocs.s : "");
    fprintf(f, "static const struct hg_template templates[] = {\n%s{0}};\n\n",
            templates.s ? templates.s : "");
    fprintf(f, "static const struct hg_variant variants[] = {\n%s{0}};\n\n",
            variants.s ? variants.s : "");
    fprintf(f, "static const struct hg_op ops[] = {\n%s{0}};\n\n", ops.s ? ops.s : "");
    if (pool.n)
        bytes(f,
              "static const uint8_t pool[] "
              "__attribute__((section(\"hostgen_pool\"), aligned(16), used))",
              pool.s, pool.n);
    fprintf(f,
            "extern const struct hg_group hostgen_group_%s;\n"
            "const struct hg_group hostgen_group_%s = {code, holes, relocs, templates, variants, "
            "ops, %s};\n",
            group, group, pool.n ? "pool" : "0");
    if (fclose(f) != 0 || rename(tmp, path) != 0)
        die("cannot write %s", path);
}

/* ---- Report ---- */

void output_report(struct table *t, const char *group, const char *path)
{
    static const char *const levels[] = {"", "1", "2", "1+2", "3", "1+3", "2+3", "1+2+3"};
    FILE *f = fopen(path, "w");
    if (!f)
        die("cannot write %s", path);
    fprintf(f,
            "%s: micro-op, variant, ISA levels, bytes, holes, bindings learned from, unseen "
            "bindings proven byte for byte\n\n",
            group);
    for (size_t i = 0; i < t->count; i++) {
        const struct row *r = &t->rows[i];
        fprintf(f, "%s: %zu templates\n", r->name, r->result_count);
        for (size_t k = 0; k < r->result_count; k++) {
            const struct result *s = r->results[k];
            struct variant v = {.row = (struct row *)r};
            memcpy(v.kind, s->kind, sizeof v.kind);
            memcpy(v.rep, s->rep, sizeof v.rep);
            memcpy(v.constant, s->constant, sizeof v.constant);
            if (s->shaped == ONE_BINDING) {
                if (k == 0 || !same_key(r, r->results[k - 1], s)) {
                    size_t n = 1;
                    while (k + n < r->result_count && same_key(r, s, r->results[k + n]))
                        n++;
                    fprintf(f, "    %-24s levels %-6s table of %zu bindings\n", variant_name(&v),
                            levels[s->levels & 7], n);
                }
                continue;
            }
            fprintf(f, "    %-24s levels %-6s %3u bytes %2u holes, %u learned, %u proven",
                    variant_name(&v), levels[s->levels & 7], s->size, s->holes, s->learned,
                    s->proved);
            if (s->shaped)
                fprintf(f, ", %u in other shapes", s->shaped);
            fputc('\n', f);
        }
        if (r->notes.n)
            fprintf(f, "  left to the legalizer:\n%s", r->notes.s);
    }
    fclose(f);
}
