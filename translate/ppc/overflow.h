/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Overflow of the fixed-point operations, by a helper: overflow.c. */
#ifndef FERRY_PPC_OVERFLOW_H
#define FERRY_PPC_OVERFLOW_H

enum ppc_overflow {
    PPC_OV_ADD,
    PPC_OV_ADDE,
    PPC_OV_ADDME,
    PPC_OV_ADDZE,
    PPC_OV_SUBF,
    PPC_OV_SUBFE,
    PPC_OV_SUBFME,
    PPC_OV_SUBFZE,
    PPC_OV_NEG,
    PPC_OV_MULLW,
    PPC_OV_MULLD,
    PPC_OV_DIVW,
    PPC_OV_DIVWU,
    PPC_OV_DIVWE,
    PPC_OV_DIVWEU,
    PPC_OV_DIVD,
    PPC_OV_DIVDU,
    PPC_OV_DIVDE,
    PPC_OV_DIVDEU
};

#endif
