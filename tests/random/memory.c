/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads and stores: each unit loads its base register so that the access is
 * within the scratch memory. */
#include "random.h"

enum { MARGIN = 64 };

/* A register for an address: any but those in the mask; 31 is sp. */
static unsigned base_reg(struct rng *r, uint32_t not )
{
    unsigned reg;
    do
        reg = below(r, 32);
    while (reg < 31 && not >> reg & 1);
    return reg;
}

/* Makes base + offset an address in scratch that is aligned to align. */
static void set_base(struct rng *r, struct unit *u, unsigned base, int64_t offset, unsigned size,
                     unsigned align)
{
    uint64_t at = SCRATCH + MARGIN + below(r, SCRATCH_SIZE - 2 * MARGIN - size);
    uint64_t value = (at & -(uint64_t)align) - (uint64_t)offset;
    if (base != 31) {
        unit_literal(u, base, value);
        return;
    }
    /* sp must be aligned itself. */
    unit_literal(u, 16, value & ~15ull);
    unit_word(u, 0x9100021f); /* mov sp, x16 */
}

static int64_t sign_extend(uint32_t v, unsigned bits)
{
    return (int64_t)((uint64_t)v << (64 - bits)) >> (64 - bits);
}

/* size:2 V opc:2 of a load or store of one register; false if unallocated */
static bool single_size(unsigned size, unsigned v, unsigned opc, unsigned *bytes)
{
    if (v && opc >= 2) {
        *bytes = 16;
        return size == 0;
    }
    *bytes = 1u << size;
    return v || !(size == 3 && opc == 3) ? !(size == 2 && opc == 3 && !v) : false;
}

static void single_unit(struct rng *r, struct unit *u, unsigned v)
{
    unsigned size, opc, bytes, form;
    do {
        size = below(r, 4), opc = below(r, 4), form = below(r, 6);
    } while (!single_size(size, v, opc, &bytes) ||
             /* PRFM has no indexed or unprivileged form. */
             (!v && size == 3 && opc == 2 && form > 1 && form != 5) || (v && form == 4));
    unsigned shift = bytes == 16 ? 4 : size;
    unsigned rt = below(r, 32), rn = base_reg(r, v ? 0 : 1u << rt);
    if (rn == 31 && !v && rt == 31 && (form == 2 || form == 3))
        rt = 3;
    uint32_t w = size << 30 | 7u << 27 | v << 26 | opc << 22 | rn << 5 | rt;
    if (form == 0) { /* unsigned offset */
        unsigned imm = below(r, 4096);
        set_base(r, u, rn, (int64_t)imm << shift, bytes, 1);
        unit_word(u, w | 1u << 24 | imm << 10);
    } else if (form < 5) { /* unscaled, post, pre, unprivileged */
        static const unsigned type[] = {0, 0, 1, 3, 2};
        unsigned imm = below(r, 512);
        set_base(r, u, rn, form == 2 ? 0 : sign_extend(imm, 9), bytes, 1);
        unit_word(u, w | imm << 12 | type[form] << 10);
    } else { /* register offset */
        static const unsigned option[] = {2, 3, 6, 7};
        unsigned o = option[below(r, 4)], s = below(r, 2);
        unsigned rm = base_reg(r, (1u << (rn & 31)) | 1u << 16 | (v ? 0 : 1u << (rt & 31)));
        uint64_t index = rng_next(r) >> below(r, 64);
        uint64_t extended = o == 2 ? (uint32_t)index : o == 6 ? (uint64_t)(int32_t)index : index;
        if (rm == 31)
            extended = 0; /* xzr */
        else
            unit_literal(u, rm, index);
        set_base(r, u, rn, (int64_t)(extended << (s ? shift : 0)), bytes, 1);
        unit_word(u, w | 1u << 21 | rm << 16 | o << 13 | s << 12 | 2u << 10);
    }
}

static void pair_unit(struct rng *r, struct unit *u, unsigned v)
{
    unsigned opc = below(r, 3), type = below(r, 4), l = below(r, 2);
    if (!v && opc == 1)
        l = 1, type = type ? type : 1; /* ldpsw */
    unsigned scale = v ? 2 + opc : opc == 2 ? 3 : 2, imm = below(r, 128);
    unsigned rt = below(r, 32), rt2;
    do
        rt2 = below(r, 32);
    while (l && rt2 == rt);
    unsigned rn = base_reg(r, v ? 0 : 1u << rt | 1u << rt2);
    int64_t offset = sign_extend(imm, 7) * (1 << scale);
    set_base(r, u, rn, type == 1 ? 0 : offset, 2u << scale, 1);
    unit_word(u, opc << 30 | 5u << 27 | v << 26 | type << 23 | l << 22 | imm << 15 | rt2 << 10 |
                     rn << 5 | rt);
}

static void literal_unit(struct rng *r, struct unit *u, unsigned v)
{
    static const uint32_t op[] = {0x18000000, 0x58000000, 0x98000000, 0x1c000000, 0x5c000000};
    unsigned rt = below(r, 32);
    u->literal[u->literals].at = u->words;
    u->literal[u->literals++].value = rng_next(r);
    unit_word(u, op[v ? 3 + below(r, 2) : below(r, 3)] | rt);
}

void memory_unit(struct rng *r, struct unit *u)
{
    switch (below(r, 8)) {
    case 0:
    case 1:
    case 2:
        pair_unit(r, u, 0);
        break;
    case 3:
        literal_unit(r, u, 0);
        break;
    default:
        single_unit(r, u, 0);
        break;
    }
}

/* LD1 to LD4, ST1 to ST4, of whole registers, one lane, or replicated. */
static void structure_unit(struct rng *r, struct unit *u)
{
    unsigned q = below(r, 2), post = below(r, 2), l = below(r, 2), size = below(r, 4);
    unsigned rt = below(r, 32), rn = base_reg(r, 1u << 16), rm = 0, bytes;
    uint32_t w = q << 30 | l << 22 | rt;
    if (below(r, 2)) {
        static const uint8_t opcode[] = {0, 2, 4, 6, 7, 8, 10};
        static const uint8_t regs[] = {4, 4, 3, 3, 1, 2, 2};
        unsigned k = below(r, 7);
        if (!q && size == 3 && (opcode[k] == 0 || opcode[k] == 4 || opcode[k] == 8))
            size = 2;
        bytes = regs[k] * (q ? 16u : 8u);
        w |= 0x0c000000 | (unsigned)opcode[k] << 12 | size << 10;
    } else {
        unsigned selem = 1 + below(r, 4), scale = below(r, 4), s = below(r, 2);
        unsigned op = (scale << 1) | ((selem - 1) >> 1), rbit = (selem - 1) & 1;
        if (scale == 3)
            l = 1, w |= 1u << 22, s = 0, bytes = selem << size; /* replicate */
        else if (scale == 0)
            bytes = selem;
        else if (scale == 1)
            size &= 2, bytes = selem * 2;
        else
            size &= 1, s = size ? 0 : s, bytes = selem * (size ? 8 : 4);
        w |= 0x0d000000 | rbit << 21 | op << 13 | s << 12 | size << 10;
    }
    if (post) {
        rm = below(r, 2) ? 31 : base_reg(r, (1u << (rn & 31)) | 1u << 16);
        if (rm != 31)
            unit_literal(u, rm, rng_next(r));
    }
    set_base(r, u, rn, 0, bytes, 1);
    unit_word(u, w | post << 23 | (post ? rm << 16 : 0) | rn << 5);
}

void vector_memory_unit(struct rng *r, struct unit *u)
{
    switch (below(r, 8)) {
    case 0:
    case 1:
        pair_unit(r, u, 1);
        break;
    case 2:
        literal_unit(r, u, 1);
        break;
    case 3:
    case 4:
        single_unit(r, u, 1);
        break;
    default:
        structure_unit(r, u);
        break;
    }
}

/* Three different registers, none of them 16 (used to set sp), maybe 31 for the second and third.
 */
static void atomic_regs(struct rng *r, unsigned *rn, unsigned *rt, unsigned *rs)
{
    *rn = base_reg(r, 1u << 16);
    do
        *rt = below(r, 32);
    while (*rt == *rn || *rt == 16);
    do
        *rs = below(r, 32);
    while (*rs == *rn || *rs == *rt || *rs == 16);
}

void atomic_unit(struct rng *r, struct unit *u)
{
    unsigned size = below(r, 4), rn, rt, rs, ar = below(r, 4);
    atomic_regs(r, &rn, &rt, &rs);
    set_base(r, u, rn, 0, 16, 16);
    uint32_t w = size << 30 | rn << 5 | rt;
    switch (below(r, 9)) {
    case 0: /* load and store exclusive, with or without order */
        unit_word(u, w | 0x085f7c00 | (ar & 1) << 15);
        if (below(r, 2))
            unit_word(u, integer_word(r) & ~31u); /* mostly writes x0 */
        if (below(r, 4) == 0)
            unit_word(u, 0xd503305f); /* clrex */
        unit_word(u, w | 0x08007c00 | rs << 16 | (ar >> 1) << 15);
        if (u->word[u->words - 2] != 0xd503305f && (u->word[u->words - 2] >> 24) != 8 &&
            (rn == 0 || rt == 0 || rs == 0))
            u->word[u->words - 2] = 0xd503201f; /* the integer word would change an operand */
        break;
    case 1: { /* exclusive pairs */
        unsigned rt2;
        do
            rt2 = below(r, 31);
        while (rt2 == rt || rt2 == rs || rt2 == rn);
        w = (2u | (size & 1)) << 30 | rn << 5 | rt | rt2 << 10;
        unit_word(u, w | 0x087f0000 | (ar & 1) << 15);
        unit_word(u, w | 0x08200000 | rs << 16 | (ar >> 1) << 15);
        break;
    }
    case 2: /* ldar, stlr */
        unit_word(u, w | 0x089ffc00 | (ar & 1) << 22);
        break;
    case 3: /* ldapr */
        unit_word(u, w | 0x38bfc000);
        break;
    case 4: { /* ldapur, stlur */
        unsigned opc = below(r, 4);
        if ((size == 3 && opc >= 2) || (size == 2 && opc == 3))
            opc = 1;
        unsigned imm = below(r, 2) ? 0 : 8;
        unit_word(u, w | 0x19000000 | opc << 22 | imm << 12);
        break;
    }
    case 5: /* cas, half of the time with the right value */
        if (below(r, 2))
            unit_word(u, size << 30 | 0x39400000 | rn << 5 | rs);
        unit_word(u, w | 0x08a07c00 | (ar & 1) << 22 | rs << 16 | (ar >> 1) << 15);
        break;
    case 6: { /* casp */
        unsigned s = below(r, 14) * 2, t;
        do
            t = below(r, 14) * 2;
        while (t == s);
        if ((rn & 30) == s || (rn & 30) == t || s == 16 || t == 16)
            break;
        if (below(r, 2))
            unit_word(u, (size & 1 ? 0xa9400000 : 0x29400000) | (s + 1) << 10 | rn << 5 | s);
        unit_word(u, (size & 1) << 30 | 0x08207c00 | (ar & 1) << 22 | s << 16 | (ar >> 1) << 15 |
                         rn << 5 | t);
        break;
    }
    default: /* ldadd, ..., swp */
        unit_word(u, w | 0x38200000 | ar << 22 | rs << 16 |
                         (below(r, 5) ? below(r, 8) << 12 : 1u << 15));
        break;
    }
}

void fault_unit(struct rng *r, struct unit *u)
{
    static const uint32_t undefined[] = {0x00000000, 0x0000ffff, 0x0e60f400 | 0x1000, 0x1e700800,
                                         0xd4200000, 0x1ac0a000, 0xd5380000 | 0x4100};
    if (below(r, 3) == 0) {
        unit_word(u, undefined[below(r, sizeof undefined / sizeof *undefined)]);
        return;
    }
    /* An access far from anything, or a store to what is read-only. */
    struct unit t = {0};
    if (below(r, 3) == 0)
        vector_memory_unit(r, &t);
    else if (below(r, 4) == 0)
        atomic_unit(r, &t);
    else
        memory_unit(r, &t);
    uint64_t move = below(r, 3) ? UNMAPPED : 0x8000000000ull;
    for (unsigned i = 0; i < t.literals; i++)
        if (t.literal[i].value >= SCRATCH - 0x10000 && t.literal[i].value < SCRATCH + 0x10000)
            t.literal[i].value += move;
    *u = t;
}
