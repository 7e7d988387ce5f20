/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating point and vector registers of the random tester's blocks. */
#include "tests/ppc/random.h"

void vector_load(struct code *c, void (*put)(struct code *, uint32_t))
{
    for (uint32_t f = 0; f < 32; f++) /* lfd */
        put(c, 50u << 26 | f << 21 | 31u << 16 | (uint32_t)(offsetof(struct record, v) + 16 * f));
}

void vector_store(struct code *c, void (*put)(struct code *, uint32_t))
{
    for (uint32_t f = 0; f < 32; f++) /* stfd */
        put(c, 54u << 26 | f << 21 | 31u << 16 | (uint32_t)(offsetof(struct record, v) + 16 * f));
}

void vector_init(struct rng *r, struct record *init)
{
    for (unsigned f = 0; f < 64; f++)
        init->v[f][0] = rng_next(r);
}
