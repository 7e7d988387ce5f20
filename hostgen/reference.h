/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of the op tables as plain C functions, to test templates against. */
#ifndef FERRY_HOSTGEN_REFERENCE_H
#define FERRY_HOSTGEN_REFERENCE_H

#include "translate/vcpu.h"

union reference_value {
    uint64_t g;
    long long v __attribute__((vector_size(16)));
};

struct reference {
    const char *name;
    /* Returns 0 next, 1 taken, 2 slow, 3 jump; state is the state pointer. */
    int (*run)(union reference_value *operands, unsigned char *state);
    bool uses_state, uses_memory;
    unsigned char base; /* operand that is an address, if it uses memory */
};

#endif
