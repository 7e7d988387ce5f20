/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables that hostgen's tool writes and the run-time patcher reads.
 *
 * A micro-op has variants, found by a key: how each operand is held (6 bits
 * each) and which slot operands are the same slot.  A variant is a template
 * per ISA level: bytes for all operand bits 0, and holes: fields of the bytes
 * into which a field of an operand's number is xor-ed.
 *
 * Numbers of operands: a host register's number, a slot's displacement from
 * the state pointer, an immediate's value.
 */
#ifndef FERRY_HOSTGEN_TABLES_H
#define FERRY_HOSTGEN_TABLES_H

#include <stdint.h>

/* How an operand is held; the constants of class n are kinds themselves. */
enum hg_kind {
    HG_R,        /* a register */
    HG_M,        /* state memory within an 8-bit displacement */
    HG_Z,        /* immediates: 0 */
    HG_P8,       /* 1..126 */
    HG_N8,       /* -127..-1 */
    HG_P32,      /* ..2^31-2 (for class q: 0..2^32-1) */
    HG_N32,      /* -2^31+1.. (for class q: -2^31..-1) */
    HG_Q,        /* any other */
    HG_X,        /* a vector register */
    HG_XM,       /* a vector in state memory */
    HG_ODD,      /* the base register that needs a longer address */
    HG_W,        /* g slot in state memory outside the 8-bit displacement */
    HG_ODD_DISP, /* the one that needs a displacement */
    HG_KIND_COUNT
};

/* Compilers like to turn an immediate over: subtract the negative, compare
 * with one less.  The field is then one of this.  (The ranges of the kinds above
 * are such that the result has the same width, and does not wrap.) */
enum hg_turn { HG_AS_IS, HG_NEGATED, HG_LESS_ONE, HG_PLUS_ONE, HG_COMPLEMENT, HG_TURNS };

static inline int64_t hg_turned(int64_t v, unsigned turn)
{
    switch (turn) {
    case HG_NEGATED:
        return (int64_t) - (uint64_t)v;
    case HG_LESS_ONE:
        return (int64_t)((uint64_t)v - 1);
    case HG_PLUS_ONE:
        return (int64_t)((uint64_t)v + 1);
    case HG_COMPLEMENT:
        return ~v;
    default:
        return v;
    }
}

#define HG_KEY_BITS 6
/* Bit of the key that says that operands i < j are the same slot. */
#define HG_ALIAS(i, j) (UINT64_C(1) << (36 + (j) * ((j)-1) / 2 + (i)))

struct hg_hole {
    uint16_t byte; /* of the template */
    uint8_t shift; /* within that byte, 0..7 */
    uint8_t width; /* bits; shift + width <= 64 */
    uint8_t operand;
    uint8_t from; /* lowest bit of the operand's number */
    uint8_t turn; /* enum hg_turn */
};

enum hg_reloc_kind { HG_TAKEN, HG_SLOW, HG_POOL };

struct hg_reloc {
    uint16_t byte;   /* of a rel32 field */
    int8_t addend;   /* what is added to target - field (-4 and less) */
    uint8_t kind;    /* enum hg_reloc_kind */
    uint32_t target; /* HG_POOL: offset in the group's pool */
};

struct hg_template {
    uint32_t code, hole, reloc; /* first of each */
    uint16_t size : 15;
    uint16_t scratch : 1; /* it uses the legalizer's scratch register */
    uint8_t holes;
    uint8_t relocs : 7;
    uint8_t more : 1;    /* another of the same key follows, for other registers */
    uint16_t accepts[6]; /* register numbers, a bit mask per operand */
};

struct hg_variant {
    uint64_t key;
    uint32_t tmpl[3]; /* per ISA level, UINT32_MAX: none */
};

/* Hash table of a micro-op's variants: 1 << log entries, linear probing. */
struct hg_op {
    uint32_t variant;
    uint8_t log;
    uint8_t scratch; /* a mask of the ISA levels at which templates use that register */
};

struct hg_group {
    const uint8_t *code;
    const struct hg_hole *holes;
    const struct hg_reloc *relocs;
    const struct hg_template *templates;
    const struct hg_variant *variants;
    const struct hg_op *ops;
    const uint8_t *pool;
};

#define HG_KEY_NONE UINT64_MAX

static inline uint32_t hg_hash(uint64_t key, unsigned log)
{
    return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) >> (32 - log);
}

#endif
