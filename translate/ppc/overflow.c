/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OV, OV32 and SO of the o-forms (Book I, 3.3.9), and the extended divisions,
 * which share the question when a quotient does not fit. */
#include "translate/ppc/overflow.h"
#include "translate/ppc/ppc.h"

typedef __int128 int128;
typedef unsigned __int128 uint128;

/* The sum as if registers had any width, of the low `bits` bits. */
static bool sum_overflows(uint64_t x, uint64_t y, uint64_t carry, unsigned bits)
{
    if (bits == 32) {
        int64_t sum = (int64_t)(int32_t)x + (int32_t)y + (int64_t)carry;
        return sum != (int32_t)sum;
    }
    int128 sum = (int128)(int64_t)x + (int64_t)y + (int64_t)carry;
    return sum != (int64_t)sum;
}

/* The quotient that a division gives, false if it has none. */
static bool quotient(enum ppc_overflow kind, uint64_t ra, uint64_t rb, uint64_t *result)
{
    bool is64 = kind >= PPC_OV_DIVD;
    bool is_signed =
        kind == PPC_OV_DIVW || kind == PPC_OV_DIVWE || kind == PPC_OV_DIVD || kind == PPC_OV_DIVDE;
    bool extended = kind == PPC_OV_DIVWE || kind == PPC_OV_DIVWEU || kind == PPC_OV_DIVDE ||
                    kind == PPC_OV_DIVDEU;
    unsigned width = is64 ? 64 : 32;
    *result = 0;
    if (is_signed) {
        int128 x = is64 ? (int64_t)ra : (int32_t)ra, y = is64 ? (int64_t)rb : (int32_t)rb;
        if (extended)
            x = (int128)((uint128)x << width);
        if (!y || (y == -1 && x == (int128)((uint128)1 << 127)))
            return false;
        int128 q = x / y;
        *result = is64 ? (uint64_t)q : (uint32_t)q;
        return is64 ? q == (int64_t)q : q == (int32_t)q;
    }
    uint128 x = is64 ? ra : (uint32_t)ra, y = is64 ? rb : (uint32_t)rb;
    if (extended)
        x <<= width;
    if (!y)
        return false;
    uint128 q = x / y;
    *result = is64 ? (uint64_t)q : (uint32_t)q;
    return !(q >> width);
}

void ppc_helper_overflow(struct vcpu *cpu, uint32_t kind, uint32_t ra, uint32_t rb)
{
    uint64_t x = cpu->g[ra], y = cpu->g[rb], carry = cpu->g[PPC_CA], q;
    unsigned width = cpu->mode & PPC_MODE_64 ? 64 : 32;
    bool ov, ov32;
    if (kind <= PPC_OV_NEG) {
        switch (kind) {
        case PPC_OV_ADD:
            carry = 0;
            break;
        case PPC_OV_ADDE:
            break;
        case PPC_OV_ADDME:
            y = UINT64_MAX;
            break;
        case PPC_OV_ADDZE:
            y = 0;
            break;
        case PPC_OV_SUBF:
            x = ~x;
            carry = 1;
            break;
        case PPC_OV_SUBFE:
            x = ~x;
            break;
        case PPC_OV_SUBFME:
            x = ~x;
            y = UINT64_MAX;
            break;
        case PPC_OV_SUBFZE:
            x = ~x;
            y = 0;
            break;
        default:
            x = ~x;
            y = 0;
            carry = 1;
        }
        ov = sum_overflows(x, y, carry, width);
        ov32 = sum_overflows(x, y, carry, 32);
    } else if (kind == PPC_OV_MULLW) {
        int64_t product = (int64_t)(int32_t)x * (int32_t)y;
        ov = ov32 = product != (int32_t)product;
    } else if (kind == PPC_OV_MULLD) {
        int128 product = (int128)(int64_t)x * (int64_t)y;
        ov = ov32 = product != (int64_t)product;
    } else {
        ov = ov32 = !quotient((enum ppc_overflow)kind, x, y, &q);
    }
    cpu->g[PPC_OV] = ov;
    cpu->g[PPC_OV32] = ov32;
    cpu->g[PPC_SO] |= ov;
}

void ppc_helper_divide_extended(struct vcpu *cpu, uint32_t rt, uint32_t ra_rb, uint32_t kind)
{
    uint64_t q;
    bool good = quotient((enum ppc_overflow)kind, cpu->g[ra_rb & 31], cpu->g[ra_rb >> 8], &q);
    cpu->g[rt] = good ? q : 0;
}
