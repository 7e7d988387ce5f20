/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the compiler compiles in the benchmark. */
#define main  corelike_main
#define lists corelike_lists
#include "corelike.c"
#undef main
#define main    intmix_main
#define compare intmix_compare
#include "intmix.c"
#undef main
#define main spectral_main
#define N    SPECTRAL_N
#include "spectral.c"
#undef N
#undef main
#define REAL float
#define N    MATMUL_N
#define a    matmul_a
#define b    matmul_b
#define c    matmul_c
#include "matmul.c"
