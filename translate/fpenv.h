/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's floating-point control word (MXCSR), for guests' status code.
 * Helpers compute floating point in integers, so none needs a state of its own.
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
    MXCSR_ZM = 1 << 9,
    MXCSR_OM = 1 << 10,
    MXCSR_UM = 1 << 11,
    MXCSR_PM = 1 << 12,
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

#endif
