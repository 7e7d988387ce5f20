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

#endif
