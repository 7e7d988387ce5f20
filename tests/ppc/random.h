/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of the random differential tester for Power: random.c. */
#ifndef PPC_RANDOM_H
#define PPC_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct target {
    const char *name, *peer;
    uint16_t machine;
    bool is64, big;
    const char *cpu;
};
extern const struct target *target;

/* What a block starts from and what it leaves; doublewords in the guest's order,
 * then memory that loads and stores address. */
enum { MEMORY_SIZE = 512 };
struct record {
    uint64_t r[31];
    uint64_t cr, xer, lr, ctr, pad;
    uint8_t memory[MEMORY_SIZE] __attribute__((aligned(8)));
};

enum { UNIT_WORDS = 10, MAX_UNITS = 40 };

struct unit {
    uint32_t word[UNIT_WORDS];
    unsigned words;
    unsigned prefix; /* which word is the prefix of a prefixed instruction, if it is one */
};

struct block {
    struct record init;
    struct unit unit[MAX_UNITS];
    unsigned units;
};

struct rng {
    uint64_t s;
};
uint64_t rng_next(struct rng *r);
uint64_t rng_value(struct rng *r);
/* 0 to n - 1 */
static inline unsigned below(struct rng *r, unsigned n)
{
    return (unsigned)(rng_next(r) >> 33) % n;
}

/* ---- groups ---- */

struct group {
    const char *name;
    void (*make)(struct rng *r, struct unit *u);
    bool only64, only_big;
    const char *cpu; /* for both sides, or NULL */
};
extern const struct group groups[];
extern const unsigned group_count;

static inline void unit_word(struct unit *u, uint32_t word)
{
    if (u->words < UNIT_WORDS)
        u->word[u->words++] = word;
}

/* A register that an instruction may write: not r31. */
static inline unsigned any_register(struct rng *r)
{
    return below(r, 31);
}

#endif
