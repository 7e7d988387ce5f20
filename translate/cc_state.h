/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lazy condition codes in the state of a vcpu: what cc_pass leaves in
 * CC_KIND_SLOT.  Its lowest bits are an enum cc_kind; above are, for chained flags, their
 * constant plus 1, and an operand y that is a small constant (CC_Y_SLOT is free
 * then) with a bit that says so.  The slot is signed, in 32 bits.
 */
#ifndef FERRY_CC_STATE_H
#define FERRY_CC_STATE_H

enum {
    CC_CHAINED_SHIFT = 4,
    CC_KIND_MASK = (1 << CC_CHAINED_SHIFT) - 1,
    CC_CHAINED_MASK = 31,
    CC_HAS_Y = 1 << 9,
    CC_Y_SHIFT = 10,
    CC_Y_LIMIT = 1 << 20
};

static inline unsigned cc_chained_kind(unsigned kind, unsigned nzcv)
{
    return kind | (nzcv + 1) << CC_CHAINED_SHIFT;
}

#endif
