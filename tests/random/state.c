/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "random.h"

uint64_t rng_next(struct rng *r)
{
    uint64_t z = r->s += 0x9e3779b97f4a7c15; /* splitmix64 */
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static uint64_t random_integer(struct rng *r)
{
    static const uint64_t edge[] = {
        0,
        1,
        2,
        31,
        32,
        63,
        64,
        0x7f,
        0x80,
        0xff,
        0x100,
        0x7fff,
        0x8000,
        0xffff,
        0x7fffffff,
        0x80000000,
        0xffffffff,
        0x100000000,
        0x7fffffffffffffff,
        0x8000000000000000,
    };
    uint64_t v = edge[below(r, sizeof edge / sizeof *edge)];
    switch (below(r, 6)) {
    case 0:
        return v;
    case 1:
        return -v;
    case 2:
        return (uint32_t)-v;
    case 3:
        return rng_next(r) >> below(r, 64);
    case 4:
        return (uint64_t)((int64_t)rng_next(r) >> below(r, 64));
    default:
        return rng_next(r);
    }
}

/* Floating-point formats, by their fraction and exponent bits. */
static uint64_t random_float(struct rng *r, unsigned fraction, unsigned exponent)
{
    uint64_t sign = (uint64_t)below(r, 2) << (fraction + exponent);
    uint64_t top = (1ull << exponent) - 1, bias = top >> 1, f = (1ull << fraction) - 1;
    uint64_t e = 0, m = 0;
    switch (below(r, 16)) {
    case 0: /* zero */
        break;
    case 1: /* infinity */
        e = top;
        break;
    case 2: /* quiet */
        e = top, m = 1ull << (fraction - 1) | (rng_next(r) & f);
        break;
    case 3: /* signalling */
        e = top, m = ((rng_next(r) & f) >> 1) | 1;
        break;
    case 4: /* subnormal */
        m = (rng_next(r) & f) >> below(r, fraction);
        break;
    case 5: /* largest, and near it */
        e = top - 1 - below(r, 2), m = below(r, 2) ? f : rng_next(r) & f;
        break;
    case 6: /* smallest normal, and near it */
        e = 1 + below(r, 2), m = below(r, 2) ? 0 : rng_next(r) & f;
        break;
    case 7: /* small integers and halves */
        e = bias + below(r, 6) - 2, m = (uint64_t)below(r, 8) << (fraction - 3);
        break;
    case 8: /* where conversions saturate */
        e = bias + 7 + 8 * below(r, 8) + below(r, 2), m = below(r, 2) ? 0 : rng_next(r) & f;
        e = e > top ? top - 1 : e;
        break;
    case 9: /* bits that round */
        e = bias + below(r, fraction + 2), m = rng_next(r) & f;
        e = e > top ? top - 1 : e;
        break;
    case 10: /* just one */
        e = bias;
        break;
    default:
        m = rng_next(r) & f, e = rng_next(r) & top;
        /* usually near enough to each other to be added */
        if (below(r, 3))
            e = bias - 8 + below(r, 16);
        break;
    }
    return sign | e << fraction | m;
}

static uint64_t random_lane(struct rng *r, unsigned kind)
{
    switch (kind) {
    case 0: { /* half precision */
        uint64_t v = 0;
        for (int i = 0; i < 4; i++)
            v = v << 16 | random_float(r, 10, 5);
        return v;
    }
    case 1:
    case 2:
        return random_float(r, 23, 8) << 32 | random_float(r, 23, 8);
    case 3:
    case 4:
        return random_float(r, 52, 11);
    default:
        return random_integer(r);
    }
}

uint64_t random_fpcr(struct rng *r)
{
    static const uint64_t usual[] = {0, 0, 0, 1u << 22, 2u << 22, 3u << 22, 1u << 24, 1u << 25};
    /* AHP, DN, FZ, RMode, FZ16 */
    return below(r, 3) ? usual[below(r, 8)] : rng_next(r) & 0x07c80000;
}

void random_init(struct rng *r, struct init *in)
{
    for (int i = 0; i < 31; i++)
        in->x[i] = random_integer(r);
    in->sp = random_integer(r) & ~15ull;
    in->nzcv = rng_next(r) & 0xf0000000;
    in->fpcr = random_fpcr(r);
    in->fpsr = (below(r, 2) ? 0 : rng_next(r) & 0x0800009f);
    if (below(r, 2))
        in->fpsr |= FPSR_UFC_IXC_IDC;
    in->pad = 0;
    /* Most registers of a block hold the same kind of value, so that
     * operations of that kind meet the special ones. */
    unsigned usual = below(r, 7);
    for (int i = 0; i < 32; i++)
        for (int j = 0; j < 2; j++)
            in->v[i][j] = random_lane(r, below(r, 4) ? usual : below(r, 7));
}
