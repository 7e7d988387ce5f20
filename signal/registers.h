/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's registers as core files and debuggers want them.  Each guest has
 * one `const struct guest_registers` in signal/<guest>/registers.c; the bytes are
 * in the guest's order.
 *
 * All functions want the state in memory (not while generated code runs).
 */
#ifndef FERRY_REGISTERS_H
#define FERRY_REGISTERS_H

#include <stddef.h>
#include <stdint.h>

#include "translate/vcpu.h"

/* One note of a thread in a core file. */
struct register_note {
    const char *owner; /* "CORE" or "LINUX" */
    uint32_t type;     /* NT_ number, <elf.h> */
    uint16_t size;
    void (*fill)(struct vcpu *cpu, uint8_t *out);
};

struct guest_registers {
    /* elf_gregset_t, which NT_PRSTATUS contains, and the other notes of a
     * thread; the table ends with an owner of NULL. */
    uint16_t gregs_size;
    void (*gregs)(struct vcpu *cpu, uint8_t *out);
    const struct register_note *notes;

    /* The debugger's view: a target description (GDB manual, "Target
     * Descriptions") and its registers by number.  read returns the size, 0 if
     * there is no such register; write the same. */
    const char *description;
    unsigned count;
    size_t (*read)(struct vcpu *cpu, unsigned n, uint8_t *out);
    size_t (*write)(struct vcpu *cpu, unsigned n, const uint8_t *in);
    /* Numbers of those that every stop shows: pc, sp, frame pointer or link. */
    uint8_t expedite[3];
};

enum { REGISTER_MAX_SIZE = 64, REGISTER_NOTE_MAX = 1024 };

#endif
