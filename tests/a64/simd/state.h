/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Test of single instructions: each word of a list is executed on several
 * random states, and one line per word is printed: its name, and for every run
 * a digest of the state after it, or "undefined".  The words come from
 * words.py.  run_word() is the processor under test.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 6, MEMORY = 256, BASE = 64 };

struct state {
    uint64_t v[32][2]; /* harness.S knows these places */
    uint64_t x[16];    /* 512 */
    uint64_t fpsr;     /* 640 */
    uint8_t memory[MEMORY];
};

struct word {
    uint32_t word;
    const char *name;
};

static const struct word words[] = {
#include "words.inc"
};
enum { WORDS = sizeof(words) / sizeof(words[0]) };

/* Executes words[index] on s; false: undefined instruction. */
static int run_word(struct state *s, unsigned index);

static uint64_t seed;

static uint64_t draw(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed * UINT64_C(0x2545f4914f6cdd1d);
}

/* Eight bytes of elements of one size: random, or near the ends of ranges. */
static uint64_t draw_elements(void)
{
    unsigned bits = 8u << (draw() & 3);
    unsigned kind = draw() & 3;
    uint64_t r = 0;
    for (unsigned at = 0; at < 64; at += bits) {
        uint64_t mask = ~UINT64_C(0) >> (64 - bits), e = draw() & mask;
        if (kind == 1)
            e = ((e >> 3 & 1) << (bits - 1)) + (e & 7) - 4;
        else if (kind == 2)
            e = (e & 255) - 128;
        r |= (e & mask) << at;
    }
    return r;
}

static void draw_state(struct state *s)
{
    uint8_t *memory = s->memory;
    for (unsigned i = 0; i < 32; i++)
        for (unsigned k = 0; k < 2; k++)
            s->v[i][k] = draw_elements();
    for (unsigned i = 0; i < 16; i++)
        s->x[i] = draw_elements();
    s->x[1] = (uint64_t)(memory + BASE + (draw() & 15));
    s->fpsr = 0;
    for (unsigned i = 0; i < MEMORY; i++)
        memory[i] = (uint8_t)draw();
}

static uint64_t digest(const struct state *s)
{
    struct state t = *s;
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    t.x[1] -= (uint64_t)s->memory;
    for (unsigned i = 0; i < sizeof(t); i++)
        h = (h ^ ((const uint8_t *)&t)[i]) * UINT64_C(0x100000001b3);
    return h;
}

static void print_state(const struct state *s, const struct state *before)
{
    for (unsigned i = 0; i < 32; i++)
        if (!before || memcmp(s->v[i], before->v[i], 16))
            printf(" v%u=%016lx:%016lx", i, (unsigned long)s->v[i][1], (unsigned long)s->v[i][0]);
    for (unsigned i = 2; i < 16; i++)
        if (!before || s->x[i] != before->x[i])
            printf(" x%u=%016lx", i, (unsigned long)s->x[i]);
    if (!before || s->fpsr != before->fpsr)
        printf(" fpsr=%lx", (unsigned long)s->fpsr);
    putchar('\n');
}

/* No argument: all words.  INDEX: one, with the states. */
int main(int argc, char **argv)
{
    static struct state s, before;
    for (unsigned i = 0; i < WORDS; i++) {
        if (argc > 1 && (unsigned)atoi(argv[1]) != i)
            continue;
        seed = i * UINT64_C(0x9e3779b97f4a7c15) + 1;
        printf("%u %08x %s", i, words[i].word, words[i].name);
        for (unsigned k = 0; k < RUNS; k++) {
            draw_state(&s);
            before = s;
            if (!run_word(&s, i)) {
                printf(" undefined");
                break;
            }
            printf(" %016lx", (unsigned long)digest(&s));
            if (argc > 1) {
                uint32_t w = words[i].word;
                printf("\n rd=v%u %016lx:%016lx rn=v%u %016lx:%016lx rm=v%u %016lx:%016lx ->",
                       w & 31, before.v[w & 31][1], before.v[w & 31][0], w >> 5 & 31,
                       before.v[w >> 5 & 31][1], before.v[w >> 5 & 31][0], w >> 16 & 31,
                       before.v[w >> 16 & 31][1], before.v[w >> 16 & 31][0]);
                print_state(&s, &before);
            }
        }
        putchar('\n');
    }
    return 0;
}
