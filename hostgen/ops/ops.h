/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types and helpers for the bodies of micro-operations (hostgen/ops/.def). */
#ifndef FERRY_OPS_H
#define FERRY_OPS_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef unsigned __int128 u128;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long s64;
typedef __int128 s128;

/* A vector operand, and views of it by cast. */
typedef long long V __attribute__((vector_size(16)));
typedef u8 V16u8 __attribute__((vector_size(16)));
typedef s8 V16s8 __attribute__((vector_size(16)));
typedef u16 V8u16 __attribute__((vector_size(16)));
typedef s16 V8s16 __attribute__((vector_size(16)));
typedef u32 V4u32 __attribute__((vector_size(16)));
typedef s32 V4s32 __attribute__((vector_size(16)));
typedef u64 V2u64 __attribute__((vector_size(16)));
typedef s64 V2s64 __attribute__((vector_size(16)));
typedef float V4f __attribute__((vector_size(16)));
typedef double V2d __attribute__((vector_size(16)));

/* Unaligned access to guest memory. */
typedef u16 __attribute__((aligned(1), may_alias)) mu16;
typedef u32 __attribute__((aligned(1), may_alias)) mu32;
typedef u64 __attribute__((aligned(1), may_alias)) mu64;
typedef V __attribute__((aligned(1), may_alias)) mV;

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* A template of several instructions that may trap must leave its inputs alone
 * until none can trap any more, or an output in the place of an input would
 * be lost: for all that the compiler knows, it goes to the exact helper from here. */
#define KEEP(t)                                                                                    \
    {                                                                                              \
        __asm__ goto("" : : "x"(t) : : slow);                                                      \
        if (0)                                                                                     \
            SLOW();                                                                                \
    }

/* N, Z, C and V in bits 31 to 28 from what lahf and seto leave in ax: the host's S, Z, C and O in
 * bits 15, 14, 8 and 0. */
#define NZCV_OF_AX(x) (((x)&0xc101) * (1u << 16 | 1u << 21 | 1u << 28) & 0xf0000000)

/* The bits of a double that is too small for a normal single are the helper's, but for 0.  In a
 * register less than it takes all at once. */
#define SLOW_IF_SMALL(x)                                                                           \
    {                                                                                              \
        u64 t_ = (x) << 1;                                                                         \
        if (t_) {                                                                                  \
            t_ >>= 53;                                                                             \
            __asm__("" : "+r"(t_));                                                                \
            if (UNLIKELY(t_ < 897))                                                                \
                SLOW();                                                                            \
        }                                                                                          \
    }

/* A double with the rest 0: as first operand it makes the rest of the result 0.  A mask, as moves
 * and shuffles make arithmetic behind or before them wait two cycles more. */
#define ZD(x) ((V2d)__builtin_ia32_andpd((V2d)(x), (V2d)(V){-1, 0}))

static inline __attribute__((always_inline)) V ones(void)
{
    V x = {-1, -1};
    __asm__("" : "+x"(x)); /* made by an instruction, not loaded through a general register */
    return x;
}

#define SIGN_D  ((V){(s64)(1ul << 63), 0})
#define SIGN_2D ((V)((V2u64)ones() << 63))
#define SIGN_4S ((V)((V4u32)ones() << 31))

#endif
