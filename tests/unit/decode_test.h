/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of decode tables against binutils share: a builder that only
 * checks the micro-ops that it gets, and the table of known differences.  A test
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
static uint32_t builder_mode_bits; /* the translation mode */
static uint32_t current;

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

uint32_t builder_peek32_at(const struct builder *b, unsigned bytes)
{
    (void)b, (void)bytes;
    return 0;
}

uint32_t builder_peek32(const struct builder *b)
{
    (void)b;
    return 0;
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

void emit_cc(struct builder *b, enum cc_kind kind, struct opnd x, struct opnd y)
{
    (void)kind, (void)x, (void)y;
    b->count++;
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

void emit_return(struct builder *b, struct opnd target)
{
    (void)target;
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

#endif
