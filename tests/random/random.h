/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random differential tester for AArch64: blocks of random instructions, run
 * by ferry and by a peer from the same ELF file; registers, flags and memory
 * must be the same after each block.
 *
 * A block starts from a state of its own (all registers, FPCR, scratch memory)
 * and consists of units.  A unit is one instruction with what it needs to be
 * well defined, such as the load of its base register; blocks are shrunk by
 * leaving units out.
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where things are in the guest.  stub.S has the same numbers. */
enum {
    CODE_BASE = 0x10000000, /* the stub, then the blocks */
    INIT_BASE = 0x20000000, /* contents of scratch, then struct init for each block */
    AREA = 0x30000800,      /* struct record; ends with the last byte of a page */
    SCRATCH = AREA + 0x400, /* what loads and stores address */
    SCRATCH_SIZE = 0x400,
    STACK_BASE = 0x31000000, /* for the signal handlers */
    STACK_SIZE = 0x10000,
    UNMAPPED = 0x50000000,
    STUB_SIZE = 0x1000
};

/* Blocks begin with these set if ferry is to take it that nobody looks at them
 * (translate/a64/fp.h). */
enum { FPSR_UFC_IXC_IDC = 0x98 };

struct init {
    uint64_t x[31], sp, nzcv, fpcr, fpsr, pad;
    uint64_t v[32][2];
};

/* What a block leaves behind. */
struct record {
    uint64_t x[31], sp, nzcv, fpcr, fpsr;
    uint64_t sig, code, addr, pc; /* of a fault that ended the block */
    uint64_t undefined;           /* hash of where SIGILL was skipped */
    uint64_t cont, start, faults; /* the stub's own */
    uint64_t pad[5];
    uint64_t v[32][2];
    uint64_t pad2[16];
    uint8_t scratch[SCRATCH_SIZE];
};
_Static_assert(offsetof(struct record, v) == 0x180, "stub.S");
_Static_assert(offsetof(struct record, scratch) == 0x400, "stub.S");
_Static_assert(sizeof(struct record) == 0x800, "stub.S");
_Static_assert(offsetof(struct init, v) == 288, "stub.S");

enum { UNIT_WORDS = 15, UNIT_LITERALS = 3, MAX_UNITS = 64 };

struct unit {
    uint32_t word[UNIT_WORDS];
    unsigned words;
    /* word[at] is a load literal of value */
    struct {
        unsigned at;
        uint64_t value;
    } literal[UNIT_LITERALS];
    unsigned literals;
};

struct block {
    struct init init;
    struct unit unit[MAX_UNITS];
    unsigned units;
    unsigned number;
};

/* ---- random numbers ---- */
struct rng {
    uint64_t s;
};
uint64_t rng_next(struct rng *r);
/* 0 to n - 1 */
static inline unsigned below(struct rng *r, unsigned n)
{
    return (unsigned)(rng_next(r) >> 33) % n;
}

/* ---- templates.c ---- */
struct group {
    const char *name;
    void (*make)(struct rng *r, struct unit *u); /* or NULL: patterns */
    const char *const *patterns;                 /* NULL-terminated */
};
extern const struct group groups[];
extern const unsigned group_count;

/* Makes one unit of the group. */
void group_unit(const struct group *g, struct rng *r, struct unit *u);
/* A word of the pattern: 0 and 1 are fixed, other characters random. */
uint32_t pattern_word(struct rng *r, const char *pattern);
void unit_word(struct unit *u, uint32_t word);
/* ldr Xreg, =value */
void unit_literal(struct unit *u, unsigned reg, uint64_t value);
uint32_t integer_word(struct rng *r);

/* ---- memory.c ---- */
void memory_unit(struct rng *r, struct unit *u);
void vector_memory_unit(struct rng *r, struct unit *u);
void atomic_unit(struct rng *r, struct unit *u);
/* A unit that ends the block by a signal. */
void fault_unit(struct rng *r, struct unit *u);

/* ---- state.c: registers full of interesting values ---- */
void random_init(struct rng *r, struct init *in);
uint64_t random_fpcr(struct rng *r);

/* ---- program.c ---- */
/* Writes the ELF file that runs the blocks; faults: the first SIGILL ends a block. */
void program_write(const char *path, const struct block *const *block, unsigned n, bool faults);

#endif
