/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compiles a guest's decode table to a decision tree in C.
 *
 *     decodegen translate/a64/a64.decode >build/gen/a64_decode.h
 *
 * The table, one line each (# begins a comment):
 *
 *     include FILE                    another table, beside this one
 *     %rdn  rn:5 rd:5                 a named run of bits, used as %rdn
 *     ADD_imm  sf 00 100010 sh imm12:12 %rdn         a pattern
 *     SUB_imm  sf 10 100010 sh imm12:12 %rdn -> ADD_imm sub=1
 *     {                               priority group: within it, an earlier
 *     NOP  ...                        pattern wins over a later one that also
 *     HINT ...                        matches
 *     }
 *
 * A pattern's words make up exactly 32 bits, highest first: strings of 0, 1
 * and x (any), and fields: name:WIDTH, name:sWIDTH (sign-extended), or just
 * name (one bit).  A name that occurs twice is one field, the parts joined
 * highest first.  `-> NAME` uses the translation function of NAME, and name=N
 * gives a field a constant.
 *
 * Output, for the table <guest>.decode:
 *   struct <guest>_insn         all fields of all patterns, and raw
 *   bool trans_NAME(struct builder *, const struct <guest>_insn *)   to be written;
 *       a macro gives it the linker's name <guest>_trans_NAME
 *   bool <guest>_decode(struct builder *, uint32_t insn), in two steps:
 *   unsigned <guest>_decode_find(uint32_t insn)
 *   bool <guest>_decode_row(struct builder *, unsigned row, uint32_t insn)
 *   const char *<guest>_decode_name(uint32_t insn)   NULL: no pattern
 * The last four and their tables come only where <GUEST>_DECODE_TABLES is defined.
 *
 * Two patterns that can match the same word are an error unless one priority
 * group holds both.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FIELDS = 32, MAX_PARTS = 4, MAX_PATTERNS = 4096, MAX_NAMES = 512, MAX_MACROS = 256 };

struct field {
    char name[32];
    unsigned parts, lo[MAX_PARTS], width[MAX_PARTS];
    bool is_signed, constant;
    unsigned value;
};

struct pattern {
    char name[48], function[48];
    uint32_t mask, value;
    unsigned fields;
    struct field field[MAX_FIELDS];
    unsigned group; /* 0: none */
    const char *file;
    unsigned line;
};

struct macro {
    char name[32], text[256];
};

/* A field name's type over all patterns. */
struct member {
    char name[32];
    unsigned width;
    bool is_signed;
};

static struct pattern *patterns;
static unsigned pattern_count;
static struct macro macros[MAX_MACROS];
static unsigned macro_count;
static struct member members[MAX_NAMES];
static unsigned member_count;
static unsigned group, group_count;

static const char *file_name;
static unsigned line_number;

__attribute__((noreturn, format(printf, 1, 2))) static void fail(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    fprintf(stderr, "%s:%u: ", file_name, line_number);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(1);
}

static void set_name(char *to, size_t size, const char *from)
{
    if (strlen(from) >= size)
        fail("name too long: %s", from);
    strcpy(to, from);
}

static void note_member(const char *name, unsigned width, bool is_signed)
{
    unsigned i = 0;
    while (i < member_count && strcmp(members[i].name, name))
        i++;
    if (i == MAX_NAMES)
        fail("too many field names");
    if (i == member_count) {
        set_name(members[i].name, sizeof(members[i].name), name);
        member_count++;
    }
    if (width > members[i].width)
        members[i].width = width;
    members[i].is_signed |= is_signed;
}

static struct field *find_field(struct pattern *p, const char *name)
{
    for (unsigned i = 0; i < p->fields; i++)
        if (!strcmp(p->field[i].name, name))
            return &p->field[i];
    if (p->fields == MAX_FIELDS)
        fail("too many fields");
    struct field *f = &p->field[p->fields++];
    set_name(f->name, sizeof(f->name), name);
    return f;
}

/* Adds one word of bits to p below bit position `top`; returns the new top. */
static unsigned add_bits(struct pattern *p, char *word, unsigned top)
{
    if (*word == '%') {
        for (unsigned i = 0; i < macro_count; i++) {
            if (strcmp(macros[i].name, word + 1))
                continue;
            char text[sizeof(macros[i].text)], *save;
            strcpy(text, macros[i].text);
            for (char *w = strtok_r(text, " \t", &save); w; w = strtok_r(NULL, " \t", &save))
                top = add_bits(p, w, top);
            return top;
        }
        fail("no such run of bits: %s", word);
    }
    if (strspn(word, "01x") == strlen(word)) {
        for (; *word; word++) {
            if (!top--)
                fail("more than 32 bits");
            if (*word != 'x')
                p->mask |= 1u << top;
            if (*word == '1')
                p->value |= 1u << top;
        }
        return top;
    }
    unsigned width = 1;
    bool is_signed = false;
    char *colon = strchr(word, ':');
    if (colon) {
        *colon++ = 0;
        is_signed = *colon == 's';
        width = (unsigned)atoi(colon + is_signed);
    }
    if (!isalpha((unsigned char)*word) || !width)
        fail("not a field: %s", word);
    if (width > top)
        fail("more than 32 bits");
    struct field *f = find_field(p, word);
    if (f->parts == MAX_PARTS)
        fail("too many parts: %s", word);
    f->lo[f->parts] = top - width;
    f->width[f->parts++] = width;
    f->is_signed |= is_signed;
    return top - width;
}

static unsigned field_width(const struct field *f)
{
    unsigned width = 0;
    for (unsigned i = 0; i < f->parts; i++)
        width += f->width[i];
    return width;
}

static void add_pattern(char *name, char **save)
{
    if (pattern_count == MAX_PATTERNS)
        fail("too many patterns");
    struct pattern *p = &patterns[pattern_count++];
    unsigned top = 32;
    char *word;
    set_name(p->name, sizeof(p->name), name);
    set_name(p->function, sizeof(p->function), name);
    p->file = file_name;
    p->line = line_number;
    p->group = group;
    while ((word = strtok_r(NULL, " \t", save))) {
        char *equals = strchr(word, '=');
        if (!strcmp(word, "->")) {
            word = strtok_r(NULL, " \t", save);
            if (!word)
                fail("-> without a function");
            set_name(p->function, sizeof(p->function), word);
        } else if (equals) {
            *equals = 0;
            struct field *f = find_field(p, word);
            if (f->parts)
                fail("%s is a field and a constant", word);
            f->constant = true;
            f->value = (unsigned)strtoul(equals + 1, NULL, 0);
        } else {
            top = add_bits(p, word, top);
        }
    }
    if (top)
        fail("%s has %u bits, not 32", name, 32 - top);
    for (unsigned i = 0; i < p->fields; i++) {
        const struct field *f = &p->field[i];
        unsigned width = f->constant ? 1 : field_width(f);
        while (f->constant && width < 32 && f->value >> width)
            width++;
        note_member(f->name, width, f->is_signed);
    }
}

static void read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[1024];
    const char *outer_name = file_name;
    unsigned outer_line = line_number;
    if (!file) {
        perror(path);
        exit(1);
    }
    file_name = strdup(path);
    line_number = 0;
    while (fgets(line, sizeof(line), file)) {
        char *save, *word;
        line_number++;
        line[strcspn(line, "#\n")] = 0;
        word = strtok_r(line, " \t", &save);
        if (!word)
            continue;
        if (!strcmp(word, "include")) {
            char other[512];
            const char *slash = strrchr(path, '/');
            word = strtok_r(NULL, " \t", &save);
            snprintf(other, sizeof(other), "%.*s%s", slash ? (int)(slash - path + 1) : 0, path,
                     word ? word : "");
            read_file(other);
        } else if (!strcmp(word, "{")) {
            if (group)
                fail("groups do not nest");
            group = ++group_count;
        } else if (!strcmp(word, "}")) {
            if (!group)
                fail("} without {");
            group = 0;
        } else if (*word == '%') {
            if (macro_count == MAX_MACROS)
                fail("too many runs");
            for (unsigned i = 0; i < macro_count; i++)
                if (!strcmp(macros[i].name, word + 1))
                    fail("%s is defined twice", word);
            struct macro *m = &macros[macro_count++];
            set_name(m->name, sizeof(m->name), word + 1);
            set_name(m->text, sizeof(m->text), save + strspn(save, " \t"));
        } else {
            add_pattern(word, &save);
        }
    }
    if (group)
        fail("{ without }");
    fclose(file);
    file_name = outer_name;
    line_number = outer_line;
}

static bool check_overlaps(void)
{
    bool good = true;
    for (unsigned i = 0; i < pattern_count; i++)
        for (unsigned j = i + 1; j < pattern_count; j++) {
            const struct pattern *p = &patterns[i], *q = &patterns[j];
            if ((p->value ^ q->value) & p->mask & q->mask)
                continue;
            if (!p->group || p->group != q->group) {
                fprintf(stderr, "%s:%u: %s overlaps %s (%s:%u)\n", q->file, q->line, q->name,
                        p->name, p->file, p->line);
                good = false;
            } else if ((p->mask & q->mask) == p->mask) {
                fprintf(stderr, "%s:%u: %s is hidden by %s (%s:%u)\n", q->file, q->line, q->name,
                        p->name, p->file, p->line);
                good = false;
            }
        }
    return good;
}

/*
 * The tree is an array of 32-bit nodes.  An inner node is shift and width of
 * the bits to look at, with the index of its 1 << width children; a leaf is a
 * list of candidates, tried in order.
 *     inner: index << 10 | shift << 5 | width       leaf: index << 10, width 0
 */
static uint32_t *nodes;
static unsigned node_count;
static uint16_t *leaves;
static unsigned leaf_count;

enum { MAX_NODES = 1 << 20, MAX_LEAF = 2, MAX_WIDTH = 8 };

static uint32_t add_leaf(const unsigned *set, unsigned n)
{
    /* Lists are shared where they are the same. */
    for (unsigned i = 0; i + n < leaf_count; i++) {
        unsigned k = 0;
        while (k < n && leaves[i + k] == set[k] + 1)
            k++;
        if (k == n && !leaves[i + n])
            return i << 10;
    }
    uint32_t node = leaf_count << 10;
    for (unsigned i = 0; i < n; i++)
        leaves[leaf_count++] = (uint16_t)(set[i] + 1);
    leaves[leaf_count++] = 0;
    return node;
}

/* The children of looking at bits [shift, shift+width): how large they are. */
static double split_cost(const unsigned *set, unsigned n, unsigned shift, unsigned width,
                         uint32_t tested)
{
    uint32_t window = ((1u << width) - 1) << shift;
    double sum = 0;
    if (window & tested)
        return 1e30;
    for (uint32_t v = 0; v < 1u << width; v++) {
        unsigned in = 0;
        for (unsigned i = 0; i < n; i++) {
            const struct pattern *p = &patterns[set[i]];
            in += !((p->value ^ (v << shift)) & p->mask & window);
        }
        sum += (double)in * in;
    }
    /* Mean candidates left, plus something for the table's size. */
    return sum / (1u << width) + (double)(1u << width) / 24;
}

static uint32_t build(const unsigned *set, unsigned n, uint32_t tested)
{
    double best = (double)n * n;
    unsigned shift = 0, width = 0;
    if (n > MAX_LEAF)
        for (unsigned s = 0; s < 32; s++)
            for (unsigned w = 1; w <= MAX_WIDTH && s + w <= 32; w++) {
                double cost = split_cost(set, n, s, w, tested);
                if (cost < best) {
                    best = cost;
                    shift = s;
                    width = w;
                }
            }
    if (!width)
        return add_leaf(set, n);

    uint32_t window = ((1u << width) - 1) << shift;
    unsigned at = node_count;
    node_count += 1u << width;
    if (node_count > MAX_NODES) {
        fprintf(stderr, "decodegen: the tree grows past %d nodes\n", MAX_NODES);
        exit(1);
    }
    unsigned *part = malloc(n * sizeof(*part));
    for (uint32_t v = 0; v < 1u << width; v++) {
        unsigned m = 0;
        for (unsigned i = 0; i < n; i++) {
            const struct pattern *p = &patterns[set[i]];
            if (!((p->value ^ (v << shift)) & p->mask & window))
                part[m++] = set[i];
        }
        nodes[at + v] = build(part, m, tested | window);
    }
    free(part);
    return at << 10 | shift << 5 | width;
}

static void print_fields(const struct pattern *p, const char *guest)
{
    printf("    const struct %s_insn f = {.raw = insn", guest);
    for (unsigned i = 0; i < p->fields; i++) {
        const struct field *f = &p->field[i];
        printf(", .%s = ", f->name);
        if (f->constant) {
            printf("%u", f->value);
            continue;
        }
        unsigned width = field_width(f), below = width;
        if (f->is_signed)
            printf("(int32_t)((");
        for (unsigned k = 0; k < f->parts; k++) {
            below -= f->width[k];
            printf("%s(insn >> %u & 0x%x)", k ? " | " : "", f->lo[k], (1u << f->width[k]) - 1);
            if (below)
                printf(" << %u", below);
        }
        if (f->is_signed)
            printf(") << %u) >> %u", 32 - width, 32 - width);
    }
    printf("};\n");
}

/* Members by falling size so that the struct has no gaps. */
static const char *member_type(const struct member *m)
{
    if (m->is_signed)
        return m->width > 16 ? "int32_t" : "int16_t";
    return m->width > 16 ? "uint32_t" : m->width > 8 ? "uint16_t" : "uint8_t";
}

static void print_struct(const char *guest)
{
    static const char *const types[] = {"int32_t", "uint32_t", "int16_t", "uint16_t", "uint8_t"};
    printf("struct %s_insn {\n    uint32_t raw;\n", guest);
    for (unsigned t = 0; t < sizeof(types) / sizeof(types[0]); t++)
        for (unsigned i = 0; i < member_count; i++)
            if (!strcmp(member_type(&members[i]), types[t]))
                printf("    %s %s;\n", types[t], members[i].name);
    printf("};\n\n");
}

static void print_prototypes(const char *guest)
{
    for (unsigned i = 0; i < pattern_count; i++) {
        bool seen = false;
        for (unsigned k = 0; k < i && !seen; k++)
            seen = !strcmp(patterns[k].function, patterns[i].function);
        if (!seen)
            printf("#define trans_%s %s_trans_%s\n"
                   "bool trans_%s(struct builder *b, const struct %s_insn *f);\n",
                   patterns[i].function, guest, patterns[i].function, patterns[i].function, guest);
    }
    printf("\nunsigned %s_decode_find(uint32_t insn);\n"
           "bool %s_decode_row(struct builder *b, unsigned row, uint32_t insn);\n"
           "bool %s_decode(struct builder *b, uint32_t insn);\n",
           guest, guest, guest);
    printf("const char *%s_decode_name(uint32_t insn);\n\n", guest);
}

static void print_tables(const char *guest, uint32_t root)
{
    for (unsigned i = 0; i < pattern_count; i++) {
        printf("static bool decode_%u(struct builder *b, uint32_t insn)\n{\n", i);
        print_fields(&patterns[i], guest);
        printf("    return trans_%s(b, &f);\n}\n", patterns[i].function);
    }
    /* No pointers: a program that may be anywhere would have to relocate them at each start. */
    printf("\nstatic const struct decode_pattern {\n    uint32_t mask, value;\n"
           "} decode_patterns[] = {\n");
    size_t longest = 0;
    for (unsigned i = 0; i < pattern_count; i++) {
        printf("    {0x%08x, 0x%08x},\n", patterns[i].mask, patterns[i].value);
        if (strlen(patterns[i].name) > longest)
            longest = strlen(patterns[i].name);
    }
    printf("};\n\nstatic const char decode_names[][%zu] = {\n", longest + 1);
    for (unsigned i = 0; i < pattern_count; i++)
        printf("    \"%s\",\n", patterns[i].name);
    printf("};\n\nstatic const uint32_t decode_nodes[] = {");
    for (unsigned i = 0; i < node_count || !i; i++)
        printf("%s0x%x,", i % 10 ? " " : "\n    ", i < node_count ? nodes[i] : 0);
    printf("\n};\n\nstatic const uint16_t decode_leaves[] = {");
    for (unsigned i = 0; i < leaf_count; i++)
        printf("%s%u,", i % 16 ? " " : "\n    ", leaves[i]);
    printf("\n};\n\n"
           "unsigned %s_decode_find(uint32_t insn)\n{\n"
           "    uint32_t node = 0x%x;\n"
           "    while (node & 31)\n"
           "        node = decode_nodes[(node >> 10) +\n"
           "                            (insn >> (node >> 5 & 31) & ((1u << (node & 31)) - 1))];\n"
           "    for (const uint16_t *leaf = &decode_leaves[node >> 10]; *leaf; leaf++) {\n"
           "        const struct decode_pattern *p = &decode_patterns[*leaf - 1];\n"
           "        if ((insn & p->mask) == p->value)\n"
           "            return *leaf - 1u;\n"
           "    }\n"
           "    return %u;\n}\n\n",
           guest, root, pattern_count);
    printf("bool %s_decode_row(struct builder *b, unsigned row, uint32_t insn)\n{\n"
           "    switch (row) {\n",
           guest);
    for (unsigned i = 0; i < pattern_count; i++)
        printf("    case %u:\n        return decode_%u(b, insn);\n", i, i);
    printf("    }\n    return false;\n}\n\n"
           "bool %s_decode(struct builder *b, uint32_t insn)\n{\n"
           "    return %s_decode_row(b, %s_decode_find(insn), insn);\n}\n\n"
           "const char *%s_decode_name(uint32_t insn)\n{\n"
           "    unsigned row = %s_decode_find(insn);\n"
           "    return row < %u ? decode_names[row] : NULL;\n}\n",
           guest, guest, guest, guest, guest, pattern_count);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: decodegen GUEST.decode\n");
        return 2;
    }
    patterns = calloc(MAX_PATTERNS, sizeof(*patterns));
    nodes = calloc(MAX_NODES, sizeof(*nodes));
    leaves = calloc(MAX_NODES, sizeof(*leaves));
    read_file(argv[1]);
    if (!check_overlaps())
        return 1;

    const char *slash = strrchr(argv[1], '/');
    char *guest = strdup(slash ? slash + 1 : argv[1]);
    guest[strcspn(guest, ".")] = 0;
    char *upper = strdup(guest);
    for (char *c = upper; *c; c++)
        *c = (char)toupper((unsigned char)*c);

    unsigned *all = malloc(pattern_count * sizeof(*all));
    for (unsigned i = 0; i < pattern_count; i++)
        all[i] = i;
    uint32_t root = build(all, pattern_count, 0);

    printf("/* Made by decodegen from %s; do not edit. */\n", argv[1]);
    printf("#ifndef FERRY_%s_DECODE_H\n#define FERRY_%s_DECODE_H\n\n"
           "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n"
           "struct builder;\n\n",
           upper, upper);
    print_struct(guest);
    print_prototypes(guest);
    printf("#ifdef %s_DECODE_TABLES\n\n", upper);
    print_tables(guest, root);
    printf("\n#endif\n\n#endif\n");
    return 0;
}
