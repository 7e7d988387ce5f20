/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where operands are held, shared by the patcher and the host port. */
#ifndef FERRY_HOSTGEN_PATCH_H
#define FERRY_HOSTGEN_PATCH_H

#include "hostgen/hostgen.h"
#include "hostgen/tables.h"

struct place {
    int64_t number; /* register, displacement from the state pointer, immediate */
    uint8_t kind;   /* enum hg_kind, or the constant of a class n operand */
    uint8_t source; /* 1 + the operand whose number it is, where instances differ by it; or 0 */
    uint8_t part;   /* of a shape (instance.h) */
};

/* Where a slot or temporary is. */
struct place hostgen_place(struct opnd o);

/* Registers of the host port, in hostgen_pin's order. */
extern const uint8_t host_pin_registers[], host_vpin_registers[];

#endif
