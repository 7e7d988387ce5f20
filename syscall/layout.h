/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Structures of the kernel interface in the guest's layout and the host's.
 *
 *     struct timespec t;
 *     if (struct_read(cpu->guest, STRUCT_timespec, &t, a[1]))
 *         return -EFAULT;
 *
 * syscall/structs.def describes them; the layouts are computed when they are
 * first used.  A guest with the host's word size and byte order shares all
 * that it doesn't describe itself: struct_same() says so, and such
 * structures can be left to the kernel where they are.
 *
 * Numbers that are narrower in the guest lose their upper bits on the way
 * there; signed ones are extended on the way back.
 */
#ifndef FERRY_LAYOUT_H
#define FERRY_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guest;

enum structure {
#define STRUCT(name, members) STRUCT_##name,
#include "syscall/structs.def"
#undef STRUCT
    STRUCT_COUNT
};

/* A guest's own description of one of them; a table ends with members NULL. */
struct structure_row {
    enum structure structure;
    const char *members;
};

enum { STRUCT_MAX_SIZE = 512, STRUCT_MAX_FIELDS = 64 };

struct layout {
    uint16_t host_size, guest_size, count;
    struct layout_field {
        uint16_t host, guest; /* offsets */
        uint8_t host_size, guest_size;
        char type;
    } fields[];
};

const struct layout *struct_layout(const struct guest *g, enum structure s);
bool struct_same(const struct guest *g, enum structure s);

/* Bytes in the guest. */
static inline unsigned struct_size(const struct guest *g, enum structure s)
{
    return struct_layout(g, s)->guest_size;
}

/* Between buffers.  Bytes that no member covers become 0. */
void struct_to_guest(const struct guest *g, enum structure s, const void *host, void *guest);
void struct_to_host(const struct guest *g, enum structure s, const void *guest, void *host);

/* The first len bytes of a structure that has one size on all guests, in place. */
void struct_prefix(const struct guest *g, enum structure s, void *p, size_t len, bool to_guest);

/* To and from guest memory: 0 or -EFAULT. */
int struct_read(const struct guest *g, enum structure s, void *host, uint64_t gva);
int struct_write(const struct guest *g, enum structure s, const void *host, uint64_t gva);

/* Numbers of size bytes in the guest's order. */
uint64_t number_load(const struct guest *g, const void *p, unsigned size);
void number_store(const struct guest *g, void *p, unsigned size, uint64_t value);

#endif
