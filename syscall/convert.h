/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between a guest's kernel interface and the host's: flag bits
 * and the layout of structures.  Each guest has one `const struct
 * syscall_abi` (syscall/<guest>/table.c); everything that isn't described
 * there is the same on both sides and is handed to the kernel as it is.
 *
 * A layout lists the members of a host structure with their places in the
 * guest's.  Members of the guest that no entry names are zero.
 */
#ifndef FERRY_CONVERT_H
#define FERRY_CONVERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flag_map {
    uint32_t guest, host;
};

struct layout_field {
    uint16_t host_offset, guest_offset;
    uint8_t host_size, guest_size; /* 1, 2, 4 or 8 bytes */
};

struct layout {
    const struct layout_field *fields;
    uint16_t count, host_size, guest_size;
};

#define LAYOUT_FIELD(type, member, offset, size)                                                   \
    {                                                                                              \
        offsetof(type, member), (offset), sizeof(((type *)0)->member), (size)                      \
    }
#define LAYOUT(type, table, size)                                                                  \
    {                                                                                              \
        (table), sizeof(table) / sizeof(table)[0], sizeof(type), (size)                            \
    }

enum { LAYOUT_MAX_SIZE = 256 };

struct syscall_abi {
    bool swap;                         /* byte order differs from the host's */
    const struct flag_map *open_flags; /* O_ bits that differ, ends with 0 */
    struct layout stat;                /* struct stat of newfstatat, fstat */
    struct layout epoll_event;
};

/* Bits that the map doesn't name stay where they are. */
uint32_t flags_to_host(const struct flag_map *map, uint32_t guest_flags);
uint32_t flags_to_guest(const struct flag_map *map, uint32_t host_flags);

void layout_to_guest(const struct syscall_abi *abi, const struct layout *layout, const void *host,
                     void *guest);
void layout_to_host(const struct syscall_abi *abi, const struct layout *layout, const void *guest,
                    void *host);

/* The same to and from guest memory: 0 or -EFAULT. */
int layout_write(const struct syscall_abi *abi, const struct layout *layout, const void *host,
                 uint64_t gva);
int layout_read(const struct syscall_abi *abi, const struct layout *layout, void *host,
                uint64_t gva);

#endif
