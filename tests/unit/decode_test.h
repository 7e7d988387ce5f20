/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of decode tables against binutils share: a builder that only
 * checks the micro-ops that it gets, the table of known differences, and the comparison.  A test
 * defines decode_name, then includes this.
 */
#ifndef DECODE_TEST_H
#define DECODE_TEST_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The name of the pattern that takes insn, or NULL. */
static const char *decode_name(uint32_t insn);

/* ---- A builder that only checks what it gets ---- */

enum { PC = 0x10000 };

struct builder {
    unsigned count;
};

static unsigned bad;
static uint32_t builder_mode_bits;  /* the translation mode */
static uint32_t current, following; /* the word, and the next, or 0 */

static void check_operands(unsigned op, const struct opnd *o, unsigned n)
{
    const struct uop_info *info = &uop_info[op];
    bool good = op < UOP_TEMPLATE_COUNT && n == info->n;
    for (unsigned i = 0; good && i < n; i++) {
        char class = info->cls[i];
        switch (o[i].kind) {
        case OPND_G:
        case OPND_GT:
            good = class == 'g' || class == 'G' || class == 'r';
            break;
        case OPND_V:
        case OPND_VT:
            good = class == 'v';
            break;
        case OPND_I:
            good = class == 'q' || (class == 'n' && (uint64_t)o[i].v < info->limit[i]) ||
                   ((class == 'i' || class == 'G') && o[i].v == (int32_t)o[i].v);
            break;
        default:
            good = false;
        }
    }
    if (good)
        return;
    printf("%08" PRIx32 " %s: bad operands of %s:", current, decode_name(current), info->name);
    for (unsigned i = 0; i < n; i++)
        printf(" %c%" PRId64, "?GVTWI"[o[i].kind], o[i].v);
    printf("\n");
    bad++;
}

bool builder_next(struct builder *b)
{
    return !b->count;
}

uint64_t builder_pc(const struct builder *b)
{
    (void)b;
    return PC;
}

uint32_t builder_fetch32(struct builder *b)
{
    (void)b;
    return current;
}

uint32_t builder_peek32_at(struct builder *b, unsigned bytes)
{
    (void)b, (void)bytes;
    return 0;
}

bool builder_is_target(const struct builder *b)
{
    (void)b;
    return false;
}

uint32_t builder_peek32(struct builder *b)
{
    (void)b;
    return following;
}

void builder_take_next(struct builder *b)
{
    (void)b;
}

bool builder_failed(const struct builder *b)
{
    (void)b;
    return false;
}

uint32_t builder_mode(const struct builder *b)
{
    (void)b;
    return builder_mode_bits;
}

void builder_emit(struct builder *b, unsigned op, const struct opnd *o, unsigned n)
{
    check_operands(op, o, n);
    b->count++;
}

void builder_emit_slow(struct builder *b, unsigned helper, uint32_t x, uint32_t y, uint32_t z,
                       unsigned op, const struct opnd *o, unsigned n)
{
    (void)helper, (void)x, (void)y, (void)z;
    check_operands(op, o, n);
    b->count++;
}

void emit_address(struct builder *b, struct opnd dst, uint64_t value)
{
    emit(b, UOP_movq, dst, I(value));
}

void builder_depends_on_place(struct builder *b)
{
    (void)b;
}

void builder_emit_branch(struct builder *b, unsigned op, uint64_t pc, const struct opnd *o,
                         unsigned n)
{
    (void)pc;
    check_operands(op, o, n);
    b->count++;
}

void emit_call(struct builder *b, unsigned helper, uint32_t x, uint32_t y, uint32_t z)
{
    (void)helper, (void)x, (void)y, (void)z;
    b->count++;
}

void emit_call_raising(struct builder *b, unsigned helper, uint32_t x, uint32_t y, uint32_t z)
{
    emit_call(b, helper, x, y, z);
}

void vcpu_raise(struct vcpu *cpu, int sig, int code, uint64_t addr)
{
    (void)cpu, (void)sig, (void)code, (void)addr;
}

void vcpu_resync(struct vcpu *cpu, unsigned insn_bytes)
{
    (void)cpu, (void)insn_bytes;
}

void emit_cc(struct builder *b, enum cc_kind kind, struct opnd x, struct opnd y)
{
    (void)kind, (void)x, (void)y;
    b->count++;
}

void emit_adc(struct builder *b, enum cc_kind kind, struct opnd dst, struct opnd x, struct opnd y)
{
    (void)kind, (void)dst, (void)x, (void)y;
    b->count++;
}

void emit_adcs(struct builder *b, enum cc_kind kind, struct opnd dst, struct opnd x, struct opnd y)
{
    emit_adc(b, kind, dst, x, y);
}

void emit_cc_written(struct builder *b)
{
    b->count++;
}

void emit_cc_store(struct builder *b)
{
    b->count++;
}

void emit_cc_branch(struct builder *b, enum cc_cond cond, uint64_t pc)
{
    (void)cond, (void)pc;
    b->count++;
}

void emit_cc_set(struct builder *b, enum cc_cond cond, struct opnd dst)
{
    (void)cond, (void)dst;
    b->count++;
}

void emit_cc_select(struct builder *b, enum cc_cond cond, struct opnd dst, struct opnd x,
                    struct opnd y)
{
    (void)cond, (void)dst, (void)x, (void)y;
    b->count++;
}

void emit_cc_select32(struct builder *b, enum cc_cond cond, struct opnd dst, struct opnd x,
                      struct opnd y)
{
    emit_cc_select(b, cond, dst, x, y);
}

void emit_cc_compare(struct builder *b, enum cc_cond cond, enum cc_kind kind, struct opnd x,
                     struct opnd y, unsigned nzcv)
{
    (void)cond, (void)kind, (void)x, (void)y, (void)nzcv;
    b->count++;
}

void emit_goto(struct builder *b, uint64_t pc)
{
    (void)pc;
    b->count++;
}

void emit_goto_indirect(struct builder *b, struct opnd target)
{
    (void)target;
    b->count++;
}

void emit_goto_function(struct builder *b, struct opnd target)
{
    (void)target;
    b->count++;
}

void emit_branch_link(struct builder *b, uint64_t pc, uint64_t ret)
{
    (void)pc, (void)ret;
    b->count++;
}

void emit_branch_link_indirect(struct builder *b, struct opnd target, uint64_t ret)
{
    (void)target, (void)ret;
    b->count++;
}

void emit_return(struct builder *b)
{
    b->count++;
}

void emit_raise(struct builder *b, enum exit_reason reason, uint64_t arg)
{
    (void)reason, (void)arg;
    b->count++;
}

void emit_sync(struct builder *b)
{
    b->count++;
}

/* ---- Known differences ---- */

enum side { THEIRS, OURS }; /* who takes it for an instruction */

struct difference {
    enum side side;
    uint32_t mask, value;
    const char *mnemonics; /* if not NULL, binutils' names; a dash stands for any ending */
    const char *why;
};

/* True if the first word of text is in the list. */
static bool named(const char *list, const char *text)
{
    size_t length = strcspn(text, " \t");
    while (*list) {
        size_t n = strcspn(list, " ");
        if (list[n - 1] == '-' ? length >= n - 1 && !strncmp(list, text, n - 1)
                               : n == length && !strncmp(list, text, n))
            return true;
        list += n + (list[n] == ' ');
    }
    return false;
}

static const struct difference *explain(const struct difference *d, unsigned count, enum side side,
                                        uint32_t insn, const char *text)
{
    for (; count--; d++)
        if (d->side == side && (insn & d->mask) == d->value &&
            (!d->mnemonics || named(d->mnemonics, text)))
            return d;
    return NULL;
}

/* ---- Words ---- */

static uint64_t random_state;

static uint32_t random_word(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)((random_state * UINT64_C(0x2545f4914f6cdd1d)) >> 32);
}

/* ---- The comparison ---- */

struct decode_test {
    const char *name;
    const char *objdump; /* with %s for the file */
    const char *unknown; /* how it writes what is no instruction */
    uint64_t seed;
    unsigned max_words;                                  /* of an instruction */
    unsigned (*random_insn)(unsigned i, uint32_t *insn); /* how many words it has */
    bool (*decode)(struct builder *b, uint32_t insn);
    const struct difference *differences;
    unsigned difference_count;
};

static bool accepts(const struct decode_test *t, uint32_t insn, uint32_t next)
{
    struct builder b = {0};
    current = insn;
    following = next;
    return t->decode(&b, insn);
}

/* A line of binutils' is an address, the bytes and the text, with tabs between them; the second
 * word of an instruction has no text. */
static void compare_line(const struct decode_test *t, const uint32_t *words, char *line,
                         unsigned *allocated, unsigned *unexplained)
{
    char *text = strchr(line, '\t');
    unsigned at = (unsigned)strtoul(line, NULL, 16) / 4;
    if (!text || !(text = strchr(text + 1, '\t')))
        return;
    text++;
    text[strcspn(text, "\n")] = 0;
    if (!*text)
        return;
    bool theirs = strncmp(text, t->unknown, strlen(t->unknown)) != 0;
    bool ours = accepts(t, words[at], words[at + 1]);
    *allocated += ours;
    if (theirs == ours ||
        explain(t->differences, t->difference_count, theirs ? THEIRS : OURS, words[at], text))
        return;
    const char *name = decode_name(words[at]);
    if ((*unexplained)++ < 100)
        printf("%08" PRIx32 " %08" PRIx32 " binutils: %-40s ferry: %s%s\n", words[at],
               words[at + 1], text, name ? name : "-", ours ? "" : " (undefined)");
}

/* main of a test: [WORDS [SEED]] */
static int decode_test(const struct decode_test *t, int argc, char **argv)
{
    unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 400000;
    char path[] = "/tmp/ferry-decode-XXXXXX", command[200], line[256];
    uint32_t *words = calloc(count + t->max_words, sizeof *words);
    unsigned seen = 0, unexplained = 0, allocated = 0;
    FILE *file = fdopen(mkstemp(path), "wb");
    random_state = argc > 2 ? strtoul(argv[2], NULL, 0) | 1 : t->seed;
    for (unsigned i = 0; i < count;)
        i += t->random_insn(i, &words[i]);
    fwrite(words, sizeof *words, count, file);
    fclose(file);
    snprintf(command, sizeof command, t->objdump, path);
    FILE *list = popen(command, "r");
    while (list && fgets(line, sizeof line, list)) {
        unsigned at;
        int colon = 0;
        if (sscanf(line, " %x:%n\t", &at, &colon) != 1 || !colon)
            continue;
        seen++;
        compare_line(t, words, line, &allocated, &unexplained);
    }
    if (list)
        pclose(list);
    unlink(path);
    free(words);
    printf("%s: %u words, %u instructions, %u unexplained differences, %u bad micro-ops\n", t->name,
           seen, allocated, unexplained, bad);
    return seen < count || unexplained || bad;
}

#endif
