/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One execution of one instruction, as fp_insns -b writes it. */
#ifndef FERRY_TESTS_FP_RECORD_H
#define FERRY_TESTS_FP_RECORD_H

#include <stdint.h>

struct record {
    uint32_t insn, fpcr, fpsr, pad;
    uint64_t v_in[4][2], v_out[2]; /* V0..V3; V0 */
    uint64_t x_in[2], x_out;       /* X0, X1; X0 */
    uint64_t nzcv_in, nzcv_out;
};

#endif
