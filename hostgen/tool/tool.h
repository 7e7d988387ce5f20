/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The learner: from rows of the op tables to templates.
 *
 *   rows.c     reads the tables by way of the C preprocessor
 *   variants.c which variants a row has, and bindings to try them with
 *   compile.c  runs the compiler over many instances at once
 *   asm_*.c    the one part that reads the host's assembly language
 *   learn.c    finds the holes of a variant, and proves them
 *   table.c    the last resort: the compiler's bytes for each binding
 *   cache.c    keeps the results of rows between runs
 *   output.c   writes tables and report
 */
#ifndef FERRY_HOSTGEN_TOOL_H
#define FERRY_HOSTGEN_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "hostgen/host_x86_64.h"
#include "hostgen/tables.h"

enum {
    MAX_OPERANDS = 6,
    LEVELS = 3,
    MAX_ISA_FLAGS = 4,
    MAX_LEARN = 16,
    MAX_SHAPED = 28,
    MAX_TESTS = 40,
    MAX_RELOCS = 16
};

void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void *grow(void *array, size_t count, size_t size); /* room for one more element */

struct text { /* a growing string */
    char *s;
    size_t n, room;
};
void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_write(struct text *t, const void *s, size_t n);
char *read_file(const char *path);
void *read_bytes(const char *path, size_t *size);
void write_file(const char *path, const void *data, size_t size);

/* ---- Rows ---- */

struct operand {
    char dir;       /* '=', '+', ' ' */
    char cls;       /* g G(gi) i q v n w r */
    bool direct;    /* the body has the register itself, not a variable */
    uint16_t limit; /* of class n */
    char name[24];
};

struct row {
    char name[64];
    unsigned n;
    struct operand o[MAX_OPERANDS];
    char *body[LEVELS];
    bool taken, slow, jump, vector;
    bool same, differ; /* some templates of the level below are (not) this level's */
    /* results */
    struct result **results;
    size_t result_count;
    struct text notes; /* for the report */
    bool cached;
    char key[40]; /* of the cache */
};

struct table {
    struct row *rows;
    size_t count;
    char *prelude[LEVELS]; /* declarations between the rows */
};

void rows_read(const char *path, struct table *t, bool bodies);
/* ---- Variants ---- */

/* What an operand place is in a variant.  The first ones are enum hg_kind; K_I8 and K_I32 are both
 * signs at once. */
enum { K_I8 = HG_KIND_COUNT, K_I32, K_CONST };

struct variant {
    struct row *row;
    unsigned level;
    uint8_t kind[MAX_OPERANDS];
    uint8_t rep[MAX_OPERANDS];      /* first operand of the same slot */
    uint8_t constant[MAX_OPERANDS]; /* K_CONST */
    struct result *lower;           /* the same variant a level below */
    /* work */
    struct instance *inst;
    unsigned learn, count; /* instances to learn from, then those to prove with */
    enum { LEARN, PROBE, SHAPES } stage;
    struct result *partial; /* while probing */
};

struct variant *variants_initial(struct row *r, size_t *count);
/* Makes instances to learn from and to prove with. */
void variant_bind(struct variant *v);
bool variant_wanted(const struct variant *v);
/* Many instances, of which some that look alike will do. */
void variant_bind_shapes(struct variant *v);
/* One instance to compare with the level below. */
void variant_bind_sample(struct variant *v);
/* One instance per (operand, register) to find out which operands reject it. */
void variant_bind_probe(struct variant *v);
bool variant_patterns_differ(const struct variant *v, unsigned n, bool middle_bits_too);
const char *variant_name(const struct variant *v);
bool kind_is_register(unsigned kind);
/* Registers that are tried apart from the rest, and the kinds of variants for one of them alone. */
enum { APART = 2 };
extern const struct apart {
    uint8_t reg, kind;
} apart[APART];
/* NULL: the operand's register is none of them. */
const struct apart *find_apart(unsigned kind, int64_t value);

/* ---- Compiling ---- */

struct reloc {
    uint16_t byte;
    int8_t addend;
    uint8_t kind;
    uint8_t size;     /* HG_POOL: bytes of the constant */
    uint8_t data[16]; /* HG_POOL */
};

struct instance {
    const struct variant *v;
    int64_t value[MAX_OPERANDS];
    unsigned odd_operand, odd_reg; /* probes */
    /* what the compiler made of it */
    const char *error; /* NULL: fine */
    uint8_t *code;
    unsigned size;
    struct reloc reloc[MAX_RELOCS];
    unsigned relocs;
};

void compile_all(const struct table *t, struct instance **list, size_t count);

/* ---- Assembly language (asm_<host>.c) ---- */

/* A register that the compiler has seen in the place of a short one. */
struct stand_in {
    const char *name; /* one of r8 to r15 */
    uint8_t reg;      /* of HOST_SHORT_REGS */
};

/* Threads and removes jumps in one function of the compiler's output, and drops a last
 * jump to next_; stand-ins become the registers that they stand for.
 * Returns an error for what a micro-op must not do, else NULL. */
const char *asm_function(char *text, const struct stand_in *stand_ins, unsigned count,
                         struct text *out);

/* The bits of a byte of code that come from register numbers if it is of a prefix. */
uint8_t asm_register_bits(const uint8_t *code, unsigned at);

/* True if code (with the numbers of registers 0) reads or writes register `reg`, also without
 * naming it. */
bool asm_touches(const uint8_t *code, unsigned size, unsigned reg);

/* Where code has the highest bit of a vector register's number whose lower bits are those of
 * bit `at` on; bits are counted from the first byte's lowest. */
unsigned asm_high_bit(const uint8_t *code, unsigned size, unsigned at);

/* ---- Learning ---- */

struct result {
    uint8_t kind[MAX_OPERANDS], rep[MAX_OPERANDS], constant[MAX_OPERANDS];
    uint8_t level;           /* lowest level that it is for */
    uint8_t levels;          /* mask of the levels it is for */
    uint8_t learned, proved; /* instances */
    uint8_t shaped;          /* 0, or how many instances came out in other shapes, or ONE_BINDING */
    uint16_t size;
    uint8_t code[480];
    struct hg_hole hole[96];
    uint8_t holes;
    struct reloc reloc[MAX_RELOCS];
    uint8_t relocs;
    uint16_t accepts[MAX_OPERANDS];
};

/* result.shaped: the bytes of one binding, which is all that it accepts. */
enum { ONE_BINDING = 255 };

bool template_whole(const struct result *r);
/* Adds a template to the row's results. */
struct result *result_keep(const struct variant *v, const struct result *r);
/* For rows that have no template at some level: one for each binding of registers. */
void table_rows(const struct table *t, struct row **rows, size_t count);
/* Mask of the levels that a row has templates for. */
unsigned row_levels(const struct row *r);
void learn_rows(struct table *t, struct row **rows, size_t count);
/* The bytes that the template gives for a binding. */
void template_patch(const struct result *r, const int64_t *value, uint8_t *code);

/* ---- Cache, output ---- */

void cache_key(const struct table *t, struct row *r);
bool cache_load(struct row *r);
void cache_store(const struct row *r);
/* Only one process at a time learns into a shared cache. */
int cache_lock(void);
void cache_unlock(int lock);

void output_names(struct table *tables, char **groups, size_t n);
void output_info(struct table *tables, char **groups, size_t n);
void output_reference(struct table *t, const char *group);
void output_tables(struct table *t, const char *group, const char *path);
void output_report(struct table *t, const char *group, const char *path);

#endif
