/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's floating-point control word, as guests' status code and helpers
 * that compute in floating point need it:
 *
 *     uint32_t old = fpenv_enter(rounding);   // nothing traps
 *     double r = a + b;
 *     flags = fpenv_leave(old);               // MXCSR_ flags that were raised
 *
 * Integer-only helpers need none of it.
 */
#ifndef FERRY_FPENV_H
#define FERRY_FPENV_H

#include <stdint.h>

enum {
    MXCSR_IE = 1 << 0,
    MXCSR_DE = 1 << 1,
    MXCSR_ZE = 1 << 2,
    MXCSR_OE = 1 << 3,
    MXCSR_UE = 1 << 4,
    MXCSR_PE = 1 << 5,
    MXCSR_FLAGS = 0x3f,
    MXCSR_DAZ = 1 << 6,
    MXCSR_IM = 1 << 7,
    MXCSR_DM = 1 << 8,
    MXCSR_UM = 1 << 11,
    MXCSR_MASKS = 0x1f80,
    MXCSR_DOWN = 1 << 13,
    MXCSR_UP = 2 << 13,
    MXCSR_ZERO = 3 << 13,
    MXCSR_FTZ = 1 << 15
};

static inline uint32_t mxcsr_get(void)
{
    uint32_t m;
    __asm__ volatile("stmxcsr %0" : "=m"(m)::"memory");
    return m;
}

static inline void mxcsr_set(uint32_t m)
{
    __asm__ volatile("ldmxcsr %0" ::"m"(m) : "memory");
}

/* rounding: 0 or one of MXCSR_DOWN, MXCSR_UP, MXCSR_ZERO */
static inline uint32_t fpenv_enter(uint32_t rounding)
{
    uint32_t old = mxcsr_get();
    mxcsr_set(MXCSR_MASKS | rounding);
    return old;
}

static inline uint32_t fpenv_leave(uint32_t old)
{
    uint32_t flags = mxcsr_get() & MXCSR_FLAGS;
    mxcsr_set(old);
    return flags;
}

#endif
