/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the units of the random tester are made of. */
#include "tests/ppc/random.h"

/* Fields of an instruction, by their place. */
#define RT(x)     ((uint32_t)(x) << 21)
#define RA(x)     ((uint32_t)(x) << 16)
#define RB(x)     ((uint32_t)(x) << 11)
#define X(op, xo) ((uint32_t)(op) << 26 | (uint32_t)(xo) << 1)
#define D(op)     ((uint32_t)(op) << 26)
enum { RC = 1, OE = 1 << 10 };

static uint32_t rc(struct rng *r)
{
    return below(r, 2);
}

static uint32_t oe(struct rng *r)
{
    return below(r, 6) ? 0 : OE;
}

static uint32_t regs(struct rng *r)
{
    return RT(any_register(r)) | RA(any_register(r)) | RB(any_register(r));
}

static uint16_t immediate(struct rng *r)
{
    return (uint16_t)rng_value(r);
}

#define PICK(r, table) (table)[below((r), sizeof(table) / sizeof((table)[0]))]

/* rt = value, by one instruction */
static void load_immediate(struct unit *u, unsigned rt, int value)
{
    unit_word(u, D(14) | RT(rt) | ((uint32_t)value & 0xffff));
}

/* Two registers that are not the same. */
static unsigned other_register(struct rng *r, unsigned not )
{
    unsigned x;
    do
        x = any_register(r);
    while (x == not );
    return x;
}

/* The base of an address; 0 would stand for none. */
static unsigned base_register(struct rng *r)
{
    return 1 + below(r, 30);
}

/* ---- Arithmetic ---- */

static void arithmetic(struct rng *r, struct unit *u)
{
    /* add subf addc subfc adde subfe addme subfme addze subfze neg */
    static const uint16_t with_oe[] = {266, 40, 10, 8, 138, 136, 234, 232, 202, 200, 104};
    static const uint8_t d_forms[] = {14, 15, 12, 13, 8, 7};
    uint32_t word;
    switch (below(r, 4)) {
    case 0:
        unit_word(u, D(PICK(r, d_forms)) | (regs(r) & 0x03ff0000) | immediate(r));
        break;
    case 1: /* mullw, or mulld where there is one */
        word = target->is64 && below(r, 2) ? 233 : 235;
        unit_word(u, X(31, word) | regs(r) | oe(r) | rc(r));
        break;
    default:
        word = PICK(r, with_oe);
        if (word == 234 || word == 232 || word == 202 || word == 200 || word == 104)
            unit_word(u, X(31, word) | (regs(r) & ~RB(31)) | oe(r) | rc(r));
        else
            unit_word(u, X(31, word) | regs(r) | oe(r) | rc(r));
    }
}

/* High halves and divisions: what is undefined is cleared or not asked for. */
static void multiply_divide(struct rng *r, struct unit *u)
{
    static const uint16_t words[] = {75, 11, 491, 459};    /* mulhw(u), divw(u) */
    static const uint16_t doubles[] = {73, 9, 489, 457};   /* mulhd(u), divd(u) */
    static const uint16_t extended_words[] = {427, 395};   /* divwe(u) */
    static const uint16_t extended_doubles[] = {425, 393}; /* divde(u) */
    static const uint16_t mods[] = {779, 267, 777, 265};   /* modsw, moduw, modsd, modud */
    static const uint8_t multiply_add[] = {48, 49, 51};
    unsigned rt = any_register(r), ra = any_register(r), rb = other_register(r, ra);
    unsigned which = below(r, target->is64 ? 6 : 1);
    uint16_t xo;
    int divisor = (int)below(r, 0x7000) + 2;
    if (below(r, 2))
        divisor = -divisor;
    switch (which) {
    case 0:
        xo = PICK(r, words);
        if (xo > 400)
            load_immediate(u, rb, divisor);
        unit_word(u, X(31, xo) | RT(rt) | RA(ra) | RB(rb) | (target->is64 ? 0 : rc(r)));
        break;
    case 1:
        xo = PICK(r, doubles);
        if (xo > 400)
            load_immediate(u, rb, divisor);
        unit_word(u, X(31, xo) | RT(rt) | RA(ra) | RB(rb) | rc(r));
        return;
    case 2:
        load_immediate(u, ra, (int)below(r, 0x3000));
        load_immediate(u, rb, 0x7000);
        unit_word(u, X(31, PICK(r, extended_words)) | RT(rt) | RA(ra) | RB(rb));
        break;
    case 3:
        load_immediate(u, ra, (int)below(r, 0x3000));
        load_immediate(u, rb, 0x7000);
        unit_word(u, X(31, PICK(r, extended_doubles)) | RT(rt) | RA(ra) | RB(rb) | rc(r));
        return;
    case 4:
        load_immediate(u, rb, divisor);
        unit_word(u, X(31, PICK(r, mods)) | RT(rt) | RA(ra) | RB(rb));
        return;
    default: /* maddhd, maddhdu, maddld */
        unit_word(u, D(4) | PICK(r, multiply_add) | regs(r) | (uint32_t)any_register(r) << 6);
        return;
    }
    if (target->is64) /* clrldi rt,rt,32: the upper half is undefined */
        unit_word(u, 0x78000020 | RT(rt) | RA(rt));
}

/* ---- Logical, rotates, shifts ---- */

static void logical(struct rng *r, struct unit *u)
{
    static const uint16_t three[] = {28, 60, 284, 476, 124, 444, 412, 316};
    static const uint16_t two[] = {954, 922, 26};
    static const uint16_t two64[] = {954, 922, 26, 986, 58, 538, 570};
    static const uint16_t plain64[] = {122, 378, 506, 154, 186};
    switch (below(r, target->is64 ? 5 : 3)) {
    case 0:
        unit_word(u, D(24 + below(r, 6)) | (regs(r) & 0x03ff0000) | immediate(r));
        break;
    case 1:
        unit_word(u, X(31, PICK(r, three)) | regs(r) | rc(r));
        break;
    case 2:
        unit_word(u, X(31, target->is64 ? PICK(r, two64) : PICK(r, two)) | (regs(r) & ~RB(31)) |
                         rc(r));
        break;
    case 3:
        unit_word(u, X(31, PICK(r, plain64)) | (regs(r) & ~RB(31)));
        break;
    default: /* cmpb, bpermd */
        unit_word(u, X(31, below(r, 2) ? 508 : 252) | regs(r));
    }
}

static void rotate(struct rng *r, struct unit *u)
{
    static const uint16_t shifts[] = {24, 536, 792, 824};
    static const uint8_t rotates[] = {20, 21, 21, 23};
    static const uint16_t shifts64[] = {27, 539, 794, 826, 890};
    switch (below(r, target->is64 ? 4 : 2)) {
    case 0: /* rlwimi, rlwinm, rlwnm */
        unit_word(u, D(PICK(r, rotates)) | regs(r) | (uint32_t)below(r, 1024) << 1 | rc(r));
        break;
    case 1:
        unit_word(u, X(31, PICK(r, shifts)) | regs(r) | RB(0) | rc(r));
        break;
    case 2: {
        unsigned xo = below(r, 6);
        uint32_t word = D(30) | regs(r) | (uint32_t)below(r, 64) << 5 | rc(r);
        unit_word(u, xo < 4 ? word | xo << 2 | below(r, 2) << 1 : word | (xo + 4) << 1);
        break;
    }
    default: {
        unsigned xo = PICK(r, shifts64); /* sradi and extswsli have a bit of the count */
        unit_word(u, X(31, xo) | regs(r) | (xo >= 826 ? below(r, 2) << 1 : 0) | rc(r));
    }
    }
}

/* ---- Conditions ---- */

static void condition(struct rng *r, struct unit *u)
{
    static const uint16_t logical_xo[] = {257, 225, 449, 193, 33, 289, 129, 417};
    uint32_t bf = (uint32_t)below(r, 8) << 23, l = target->is64 ? (uint32_t)below(r, 2) << 21 : 0;
    uint32_t two = RA(any_register(r)) | RB(any_register(r));
    switch (below(r, target->is64 ? 12 : 9)) {
    case 0:
        unit_word(u, D(11) | bf | l | (two & RA(31)) | immediate(r));
        break;
    case 1:
        unit_word(u, D(10) | bf | l | (two & RA(31)) | immediate(r));
        break;
    case 2:
        unit_word(u, X(31, 0) | bf | l | two);
        break;
    case 3:
        unit_word(u, X(31, 32) | bf | l | two);
        break;
    case 4:
    case 5: /* all bits, r31's number too */
        unit_word(u, X(19, PICK(r, logical_xo)) | RT(below(r, 32)) | RA(below(r, 32)) |
                         RB(below(r, 32)));
        break;
    case 6:
        unit_word(u, X(19, 0) | bf | (uint32_t)below(r, 8) << 18);
        break;
    case 7: /* mfcr, mtcrf, or of one field */
        if (below(r, 2))
            unit_word(u, X(31, 19) | RT(any_register(r)));
        else
            unit_word(u, X(31, 144) | RT(any_register(r)) | (uint32_t)below(r, 256) << 12);
        break;
    case 8: {
        uint32_t one = 1u << 20 | 1u << (12 + below(r, 8));
        unsigned rt = any_register(r), field = (unsigned)__builtin_ctz(one) - 12;
        if (below(r, 2)) {
            unit_word(u, X(31, 144) | RT(rt) | one);
        } else { /* other fields are undefined */
            unit_word(u, X(31, 19) | RT(rt) | one);
            unit_word(u, D(21) | RT(rt) | RA(rt) | (28 - 4 * field) << 6 | (31 - 4 * field) << 1);
        }
        break;
    }
    case 9: /* isel */
        unit_word(u, X(31, 15) | regs(r) | (uint32_t)below(r, 32) << 6);
        break;
    case 10: /* setb, mcrxrx */
        if (below(r, 2))
            unit_word(u, X(31, 128) | RT(any_register(r)) | (uint32_t)below(r, 8) << 18);
        else
            unit_word(u, X(31, 576) | bf);
        break;
    default: /* cmprb, cmpeqb */
        if (below(r, 2))
            unit_word(u, X(31, 192) | bf | (uint32_t)below(r, 2) << 21 | two);
        else
            unit_word(u, X(31, 224) | bf | two);
    }
}

/* Branches over one instruction, calls of the next, moves of LR, CTR, XER. */
static void branch(struct rng *r, struct unit *u)
{
    static const uint8_t bo[] = {0, 2, 4, 8, 10, 12, 16, 18, 20};
    static const uint16_t spr[] = {1, 8, 9};
    unsigned rt = base_register(r);
    switch (below(r, 5)) {
    case 0:
    case 1: /* bc(l) */
        unit_word(u, D(16) | RT(PICK(r, bo)) | RA(below(r, 32)) | 8 | below(r, 2));
        unit_word(u, D(14) | RT(rt) | RA(rt) | 1);
        break;
    case 2: { /* bcl 20,31,.+4; mflr; addi; mtctr or mtlr; bc(ctr|lr)(l) behind an addi */
        bool ctr = below(r, 2);
        unsigned how = PICK(r, bo);
        if (ctr)
            how |= 4; /* no counting down */
        unit_word(u, 0x429f0005);
        unit_word(u, X(31, 339) | RT(rt) | (8 << 16));
        unit_word(u, D(14) | RT(rt) | RA(rt) | 20);
        unit_word(u, X(31, 467) | RT(rt) | (ctr ? 9 : 8) << 16);
        unit_word(u, X(19, ctr ? 528 : 16) | RT(how) | RA(below(r, 32)) | below(r, 2));
        unit_word(u, D(14) | RT(rt) | RA(rt) | 1);
        break;
    }
    case 3:
        unit_word(u, X(31, below(r, 2) ? 339 : 467) | RT(rt) | (uint32_t)PICK(r, spr) << 16);
        if (u->word[0] >> 1 == X(31, 467) >> 1) /* XER has bits that differ by processor */
            break;
        if ((u->word[0] & 0x001f07fe) == (0x10000 | 467 << 1)) {
            u->words = 0;
            unit_word(u, D(15) | RT(rt) | (uint32_t)below(r, 8) << 13);
            unit_word(u, X(31, 467) | RT(rt) | 1 << 16);
        }
        break;
    default: /* a trap that is none: to itself, unequal */
        unit_word(u, X(31, 4) | RT(27) | RA(rt) | RB(rt));
    }
}

/* ---- Memory ---- */

enum { MIDDLE = offsetof(struct record, memory) + MEMORY_SIZE / 2, REACH = MEMORY_SIZE / 2 - 144 };

static int offset(struct rng *r, unsigned align)
{
    return ((int)below(r, 2 * REACH) - REACH) & -(int)align;
}

static void address(struct unit *u, unsigned base, int at)
{
    unit_word(u, D(14) | RT(base) | RA(31) | ((MIDDLE + (uint32_t)at) & 0xffff));
}

static void memory(struct rng *r, struct unit *u)
{
    static const uint8_t loads[] = {32, 33, 34, 35, 40, 41, 42, 43};
    static const uint8_t stores[] = {36, 37, 38, 39, 44, 45};
    static const uint16_t x_loads[] = {23, 55, 87, 119, 279, 311, 343, 375};
    static const uint16_t x_stores[] = {151, 183, 215, 247, 407, 439};
    static const uint16_t x_loads64[] = {21, 53, 341, 373};
    static const uint16_t x_stores64[] = {149, 181};
    static const uint16_t reversed[] = {790, 534, 918, 662};
    static const uint16_t reversed64[] = {532, 660};
    unsigned base = base_register(r), rt = other_register(r, base), index = rt;
    switch (below(r, target->is64 ? 9 : 6)) {
    case 0:
        address(u, base, 0);
        unit_word(u, D(PICK(r, loads)) | RT(rt) | RA(base) | ((uint32_t)offset(r, 1) & 0xffff));
        break;
    case 1:
        address(u, base, 0);
        unit_word(u, D(PICK(r, stores)) | RT(rt) | RA(base) | ((uint32_t)offset(r, 1) & 0xffff));
        break;
    case 2:
    case 3:
        do
            index = any_register(r);
        while (index == base);
        address(u, base, 0);
        load_immediate(u, index, offset(r, 1));
        unit_word(u, X(31, below(r, 2) ? PICK(r, x_loads) : PICK(r, x_stores)) | RT(rt) | RA(base) |
                         RB(index));
        break;
    case 4:
        address(u, base, offset(r, 1));
        unit_word(u, X(31, PICK(r, reversed)) | RT(any_register(r)) | RB(base));
        break;
    case 5: /* dcbz */
        address(u, base, offset(r, 1));
        unit_word(u, X(31, 1014) | RB(base));
        break;
    case 6: /* ld, ldu, lwa; std, stdu */
        address(u, base, 0);
        unit_word(u, D(58) | RT(rt) | RA(base) | ((uint32_t)offset(r, 4) & 0xffff) | below(r, 3));
        if (below(r, 2))
            u->word[1] = D(62) | (u->word[1] & 0x03fffffd);
        break;
    case 7:
        do
            index = any_register(r);
        while (index == base);
        address(u, base, 0);
        load_immediate(u, index, offset(r, 1));
        unit_word(u, X(31, below(r, 2) ? PICK(r, x_loads64) : PICK(r, x_stores64)) | RT(rt) |
                         RA(base) | RB(index));
        break;
    default:
        address(u, base, offset(r, 1));
        unit_word(u, X(31, PICK(r, reversed64)) | RT(any_register(r)) | RB(base));
    }
}

static void atomic(struct rng *r, struct unit *u)
{
    static const uint16_t load[] = {52, 116, 20, 84}, store[] = {694, 726, 150, 214};
    unsigned base = base_register(r), rt = other_register(r, base), rs = other_register(r, base);
    unsigned size = target->is64 ? below(r, 4) : 2;
    int at = offset(r, 8);
    /* The middle is aligned by 8 only if the record is. */
    address(u, base, at);
    unit_word(u, X(31, load[size]) | RT(rt) | RB(base));
    if (!below(r, 3))
        unit_word(u, 0x7c0004ac | (uint32_t)below(r, 2) << 21); /* sync, lwsync */
    if (!below(r, 4)) /* changed meanwhile; the value may be the same */
        unit_word(u, D(38) | RT(rs) | RA(base) | below(r, 8));
    unit_word(u, X(31, store[size]) | RT(rs) | RB(base) | RC);
    if (!below(r, 4)) /* without a reservation */
        unit_word(u, X(31, store[size]) | RT(rt) | RB(base) | RC);
}

/* Accesses of 16 bytes, and 3.0's atomic memory operations.  QEMU 7.2 compares signed
 * words without their sign, takes 1 << 31 for what says that a doubleword was not incremented, and
 * lets no stqcx. succeed. */
static void quad(struct rng *r, struct unit *u)
{
    static const uint8_t load_code[] = {0, 1, 2, 3, 4, 6, 8, 16, 5, 7};
    static const uint8_t store_code[] = {0, 1, 2, 3, 4, 6, 24, 5, 7};
    unsigned rt = 2 * below(r, 14), base = 30; /* and two more from rt on */
    bool word = below(r, 2);
    address(u, base, offset(r, 16));
    switch (below(r, 4)) {
    case 0: /* lq, stq */
        unit_word(u, D(56) | RT(rt) | RA(base));
        break;
    case 1:
        unit_word(u, D(62) | RT(rt) | RA(base) | 2);
        break;
    case 2: /* lwat, ldat */
        unit_word(u, X(31, word ? 582 : 614) | RT(rt) | RA(base) |
                         RB(load_code[below(r, word ? 8 : 10)]));
        break;
    default: /* stwat, stdat */
        unit_word(u, X(31, word ? 710 : 742) | RT(rt) | RA(base) |
                         RB(store_code[below(r, word ? 7 : 9)]));
    }
}

/* An indexed access somewhere, with base and index set before. */
static void indexed(struct rng *r, struct unit *u, unsigned xo, unsigned rt, unsigned align)
{
    unsigned base = base_register(r), index = other_register(r, base);
    address(u, base, 0);
    load_immediate(u, index, offset(r, align));
    unit_word(u, X(31, xo) | RT(rt) | RA(base) | RB(index));
}

/* Through a floating-point register: words, singles as what they are in a register, doubles. */
static void fp_memory(struct rng *r, struct unit *u)
{
    static const uint16_t x_loads[] = {535, 567, 599, 631};
    static const uint16_t x_stores[] = {663, 695, 727, 759};
    unsigned f = below(r, 32), base = base_register(r), kind = below(r, 4);
    if (target->is64 && !below(r, 4)) { /* lfiwax, lfiwzx */
        kind = 2;
        indexed(r, u, below(r, 2) ? 855 : 887, f, 1);
    } else if (below(r, 2)) {
        address(u, base, 0);
        unit_word(u, D(48 + kind) | RT(f) | RA(base) | ((uint32_t)offset(r, 1) & 0xffff));
    } else {
        indexed(r, u, x_loads[kind], f, 1);
    }
    /* A double that is no single may not be stored as one. */
    unsigned how = kind >= 2 || below(r, 2) ? 2 + below(r, 2) : below(r, 2);
    switch (below(r, 3)) {
    case 0:
        address(u, base, 0);
        unit_word(u, D(52 + how) | RT(f) | RA(base) | ((uint32_t)offset(r, 1) & 0xffff));
        break;
    case 1:
        indexed(r, u, x_stores[how], f, 1);
        break;
    default:
        indexed(r, u, 983, f, 1); /* stfiwx */
    }
}

/* Comparisons of doubles, many of them special, among what reads conditions or overwrites an
 * operand. */
static void fp_condition(struct rng *r, struct unit *u)
{
    static const uint16_t high[] = {0x7ff8, 0xfffc, 0x7ff4, 0x7ff0, 0xfff0, 0,
                                    0x8000, 0x0001, 0x3ff0, 0x3ff1, 0xbff0, 0xc000};
    enum { REGISTERS = 4 };
    unsigned a = below(r, REGISTERS), b = below(r, REGISTERS), rt = base_register(r);
    unsigned which = below(r, 10), at = MIDDLE + (below(r, REACH) & ~7u);
    switch (which) {
    case 0: /* a double from two words */
    case 1:
        unit_word(u, D(15) | RT(rt) | PICK(r, high));
        unit_word(u, D(36) | RT(rt) | RA(31) | (at + (target->big ? 0 : 4)));
        load_immediate(u, rt, (int)below(r, 2));
        unit_word(u, D(36) | RT(rt) | RA(31) | (at + (target->big ? 4 : 0)));
        unit_word(u, D(50) | RT(a) | RA(31) | at);
        break;
    case 2: /* fmr */
        unit_word(u, X(63, 72) | RT(a) | RB(b));
        break;
    case 3:
    case 4:
    case 5: /* fcmpu, fcmpo */
        unit_word(u, X(63, below(r, 2) * 32) | below(r, 8) << 23 | RA(a) | RB(b));
        break;
    case 6: /* xscmpudp, xscmpodp */
        if (target->is64)
            unit_word(u, D(60) | (35 + below(r, 2) * 8) << 3 | below(r, 8) << 23 | RA(a) | RB(b));
        break;
    case 7:
        condition(r, u);
        break;
    default:
        branch(r, u);
    }
}

/* Through a vector register: all of it there, all or an element back. */
static void vector_memory(struct rng *r, struct unit *u)
{
    static const uint16_t loads[] = {103, 359, 6, 38};          /* lvx, lvxl, lvsl, lvsr */
    static const uint16_t stores[] = {231, 487, 135, 167, 199}; /* stvx(l), stve(b|h|w)x */
    static const uint16_t vsx_loads[] = {844, 780, 332, 876, 812};
    static const uint16_t vsx_stores[] = {972, 908, 1004, 940, 716};
    unsigned v = below(r, 32);
    bool vsx_load = target->is64 && below(r, 2), vsx_store = target->is64 && below(r, 2);
    if (vsx_load && below(r, 2)) { /* half of it has just been stored */
        indexed(r, u, 727, below(r, 32), 1);
        unit_word(u, X(31, 844) | RT(v) | (u->word[u->words - 1] & (RA(31) | RB(31))));
    } else {
        indexed(r, u, vsx_load ? PICK(r, vsx_loads) : PICK(r, loads), v, 1);
    }
    u->word[u->words - 1] |= vsx_load; /* VSRs of 32 and up are the VRs */
    indexed(r, u, vsx_store ? PICK(r, vsx_stores) : PICK(r, stores), v, 1);
    u->word[u->words - 1] |= vsx_store;
}

/* Multiples and strings: big-endian only. */
static void string(struct rng *r, struct unit *u)
{
    unsigned base = base_register(r), n = below(r, 32), first;
    switch (below(r, 4)) {
    case 0: /* stmw, of r31 too */
        address(u, base, -REACH);
        unit_word(u, D(47) | RT(below(r, 32)) | RA(base) | (uint32_t)below(r, REACH));
        break;
    case 1: { /* lmw would load r31: string of up to what is below it */
        first = below(r, 20);
        n = 1 + below(r, 32);
        if (first + (n + 3) / 4 > 30)
            n = 4;
        base = first ? first - 1 : 29;
        if (!base)
            base = 30;
        address(u, base, offset(r, 1) & ~31);
        unit_word(u, X(31, 597) | RT(first) | RA(base) | RB(n & 31));
        break;
    }
    case 2:
        address(u, base, offset(r, 1));
        unit_word(u, X(31, 725) | RT(any_register(r)) | RA(base) | RB(n));
        break;
    default: /* stswx, with the length in XER: CA and the rest cleared */
        address(u, base, offset(r, 1));
        n = other_register(r, base);
        load_immediate(u, n, (int)below(r, 64));
        unit_word(u, X(31, 467) | RT(n) | 1 << 16);
        unit_word(u, X(31, 661) | RT(any_register(r)) | RB(base));
    }
}

/* Version 3.1: prefixed forms and others. */
static void power10(struct rng *r, struct unit *u)
{
    static const uint8_t mls[] = {32, 34, 40, 42, 36, 38, 44};
    static const uint8_t eight[] = {41, 57, 61};
    static const uint16_t set[] = {384, 416, 448, 480};
    static const uint16_t gather[] = {220, 188, 156, 59, 571};
    static const uint16_t reverse[] = {219, 155, 187};
    unsigned base = base_register(r), rt = other_register(r, base);
    uint32_t high = (uint32_t)rng_next(r) & 0x3ffff;
    switch (below(r, 6)) {
    case 0: /* paddi, with a register, without, relative */
        u->prefix = 0;
        base = below(r, 2) ? base : 0;
        unit_word(u, 0x06000000 | high | (base ? 0 : (uint32_t)below(r, 2) << 20));
        unit_word(u, D(14) | RT(rt) | RA(base) | immediate(r));
        break;
    case 1: /* accesses, with a distance that the base makes up for */
    case 2: {
        int32_t far = (int32_t)((uint32_t)rng_next(r) & 0x3fff) - 0x2000;
        address(u, base, offset(r, 1));
        unit_word(u, D(15) | RT(base) | RA(base) | ((uint32_t)far & 0xffff)); /* addis */
        u->prefix = 2;
        bool wide = below(r, 2);
        unit_word(u, (wide ? 0x04000000 : 0x06000000) | ((uint32_t)-far & 0x3ffff));
        unit_word(u, D(wide ? PICK(r, eight) : PICK(r, mls)) | RT(rt) | RA(base));
        break;
    }
    case 3:
        unit_word(u, X(31, PICK(r, set)) | RT(rt) | RA(below(r, 32)));
        break;
    case 4:
        unit_word(u, X(31, PICK(r, gather)) | regs(r));
        break;
    default:
        unit_word(u, X(31, PICK(r, reverse)) | (regs(r) & ~RB(31)));
    }
}

/* lxv or stxv of a VSR, at r31's record. */
static void whole_vector(struct rng *r, struct unit *u, unsigned vsr, bool store)
{
    uint32_t at = (MIDDLE + (uint32_t)offset(r, 16)) & 0xfff0;
    unit_word(u, D(61) | RT(vsr & 31) | RA(31) | at | (vsr & 32) >> 2 | (store ? 5 : 1));
}

/* Prefixed loads and stores of FPRs and vectors (3.1). */
static void prefixed_vector(struct rng *r, struct unit *u)
{
    enum { FPR, VR, VSR, PAIR };
    static const struct {
        uint8_t load, store, file;
        bool eight; /* the form of the prefix */
    } kinds[] = {{48, 52, FPR, false}, {50, 54, FPR, false}, {42, 46, VR, true},
                 {43, 47, VR, true},   {50, 54, VSR, true},  {58, 62, PAIR, true}};
    unsigned k = below(r, sizeof kinds / sizeof kinds[0]), file = kinds[k].file;
    unsigned t = below(r, 32), upper = below(r, 2), base = base_register(r);
    unsigned vsr = file == FPR    ? t
                   : file == VR   ? 32 + t
                   : file == PAIR ? (t & 1) * 32 + (t & 30)
                                  : upper * 32 + t;
    bool store = below(r, 2);
    int32_t far = (int32_t)((uint32_t)rng_next(r) & 0x3fff) - 0x2000;
    uint32_t opcode = store ? kinds[k].store : kinds[k].load;
    if (store && kinds[k].store == 52) /* a double that is no single may not be stored as one */
        unit_word(u, D(48) | RT(t) | RA(31) | (MIDDLE + (uint32_t)offset(r, 4)));
    else if (store)
        for (unsigned i = 0; i <= (file == PAIR); i++)
            whole_vector(r, u, vsr + i, false);
    address(u, base, offset(r, 1));
    unit_word(u, D(15) | RT(base) | RA(base) | ((uint32_t)far & 0xffff)); /* addis */
    u->prefix = u->words;
    unit_word(u, (kinds[k].eight ? 0x04000000 : 0x06000000) | ((uint32_t)-far & 0x3ffff));
    unit_word(u, D(opcode + (file == VSR ? upper : 0)) | RT(t) | RA(base));
    if (!store)
        for (unsigned i = 0; i <= (file == PAIR); i++)
            whole_vector(r, u, vsr + i, true);
}

static void mixed(struct rng *r, struct unit *u)
{
    static void (*const make[])(struct rng *, struct unit *) = {
        arithmetic, multiply_divide, logical, rotate, condition, branch, memory, atomic};
    PICK(r, make)(r, u);
}

/* The same without what came with version 3.0. */
static void mixed8(struct rng *r, struct unit *u)
{
    static void (*const make[])(struct rng *, struct unit *) = {arithmetic, branch, memory, atomic};
    PICK(r, make)(r, u);
}

const struct group groups[] = {
    {"arithmetic", arithmetic, false, false, NULL},
    {"multiply-divide", multiply_divide, false, false, NULL},
    {"logical", logical, false, false, NULL},
    {"rotate", rotate, false, false, NULL},
    {"condition", condition, false, false, NULL},
    {"branch", branch, false, false, NULL},
    {"memory", memory, false, false, NULL},
    {"atomic", atomic, false, false, NULL},
    {"fp-memory", fp_memory, false, false, NULL},
    {"fp-condition", fp_condition, false, false, NULL},
    {"vector-memory", vector_memory, false, false, NULL},
    {"string", string, false, true, NULL},
    {"quad", quad, true, false, NULL},
    {"power10", power10, true, false, "power10"},
    {"prefixed-vector", prefixed_vector, true, false, "power10"},
    {"power8", mixed8, true, false, "power8"},
    {"mixed", mixed, false, false, NULL},
};
const unsigned group_count = sizeof(groups) / sizeof(groups[0]);
