/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/cc_state.h"

#include "translate/block.h"

static bool is32(unsigned kind)
{
    return kind == CC_ADD32 || kind == CC_SUB32 || kind == CC_AND32 || kind == CC_ADC32 ||
           kind == CC_SBC32;
}

/* The packed flags (bits 31..28) of kind(x, y); history: CC_SLOT. */
static uint32_t cc_compute(unsigned kind, uint64_t x, uint64_t y, uint64_t history)
{
    uint64_t r, c = 0, v = 0, carry = history >> 1 & 1;
    if (kind == CC_SBC32 || kind == CC_SBC64)
        y = ~y;
    if (is32(kind)) { /* the flags of the upper half of a 64-bit operation are the same */
        x <<= 32;
        y <<= 32;
        carry <<= 32;
    }
    switch (kind) {
    case CC_KEPT:
        return (uint32_t)x;
    case CC_ADC32:
    case CC_ADC64:
    case CC_SBC32:
    case CC_SBC64:
        r = x + y + carry;
        c = history & 1;
        v = (~(x ^ y) & (x ^ r)) >> 63;
        break;
    case CC_ADD32:
    case CC_ADD64:
        r = x + y;
        c = r < x;
        v = (~(x ^ y) & (x ^ r)) >> 63;
        break;
    case CC_SUB32:
    case CC_SUB64:
        r = x - y;
        c = x >= y;
        v = ((x ^ y) & (x ^ r)) >> 63;
        break;
    default:
        r = x & y;
        break;
    }
    return (uint32_t)(r >> 63) << 31 | (uint32_t)(r == 0) << 30 | (uint32_t)c << 29 |
           (uint32_t)v << 28;
}

/* Puts flags of a kind (as in CC_KIND_SLOT) with operands x and y into CC_SLOT. */
static void cc_store(struct vcpu *cpu, unsigned kind, uint64_t x, uint64_t y)
{
    unsigned chained = kind >> CC_CHAINED_SHIFT & CC_CHAINED_MASK;
    if (kind == CC_STORED)
        return;
    if (chained && !cpu->g[CC_SLOT])
        cpu->g[CC_SLOT] = (chained - 1) << 28;
    else
        cpu->g[CC_SLOT] = cc_compute(kind & CC_KIND_MASK, x, y, cpu->g[CC_SLOT]);
    cpu->g[CC_KIND_SLOT] = CC_STORED;
}

static uint64_t value_of(const struct vcpu *cpu, struct opnd o)
{
    return o.kind == OPND_I ? (uint64_t)o.v : cpu->g[o.v];
}

void cc_recover(struct vcpu *cpu, const struct cc_recover *r)
{
    if (r->slot) {
        late_recover(cpu, r);
        return;
    }
    if (r->kind == CC_STORED)
        return;
    uint64_t x = value_of(cpu, r->x), y = value_of(cpu, r->y);
    unsigned kind = r->kind & CC_KIND_MASK;
    bool subtract = kind == CC_SUB32 || kind == CC_SUB64 || kind == CC_SBC32 || kind == CC_SBC64;
    uint64_t carry = kind >= CC_ADC32 ? (cpu->g[CC_SLOT] >> 1 & 1) ^ subtract : 0;
    if (r->lost == LOST_X)
        x = subtract ? x + y + carry : x - y - carry;
    else if (r->lost == LOST_Y)
        y = subtract ? x - y - carry : y - x - carry;
    cc_store(cpu, r->kind, x, y);
}

void cc_normalize(struct vcpu *cpu)
{
    int64_t kind = (int64_t)cpu->g[CC_KIND_SLOT];
    uint64_t y = kind & CC_HAS_Y ? (uint64_t)(kind >> CC_Y_SHIFT) : cpu->g[CC_Y_SLOT];
    cc_store(cpu, (unsigned)kind, cpu->g[CC_X_SLOT], y);
}

void cc_carry(struct vcpu *cpu)
{
    cc_normalize(cpu);
    cpu->g[CC_X_SLOT] = cpu->g[CC_SLOT];
    cpu->g[CC_SLOT] = cpu->g[CC_SLOT] >> 29 & 1;
    cpu->g[CC_KIND_SLOT] = CC_KEPT;
}
