/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between a guest's kernel interface and the host's.  Each guest
 * has one `const struct syscall_abi` (syscall/<guest>/table.c); everything
 * that isn't described there, or by its word size and byte order
 * (syscall/layout.h), is the same on both sides and is handed to the kernel
 * as it is.
 */
#ifndef FERRY_CONVERT_H
#define FERRY_CONVERT_H

#include "loader/vm.h"
#include "syscall/layout.h"
#include "translate/guest.h"

struct flag_map {
    uint32_t guest, host;
};

struct ioctl_abi;

struct syscall_abi {
    bool packs_64;                       /* 64-bit members are aligned to 32 bits */
    bool pairs_aligned;                  /* 64-bit arguments begin at an even register */
    const struct flag_map *open_flags;   /* O_ bits that differ, ends with 0 */
    const struct flag_map *mmap_flags;   /* MAP_ bits that differ, or NULL */
    const struct flag_map *sock_options; /* numbers of SOL_SOCKET that differ, or NULL */
    const struct structure_row *structs; /* structures that differ in their members */
    const struct ioctl_abi *ioctl;       /* requests that differ (syscall/ioctl.h), or NULL */
    uint32_t mcl_current, mcl_future, mcl_onfault; /* of mlockall */
    uint32_t minsigstksz;                          /* of sigaltstack */
};

/* Word size and byte order are the host's: what structs and flags don't name
 * needs no conversion.  (Pointers within structures do if the guest is confined.) */
static inline bool abi_is_native(const struct guest *g)
{
    return guest_word(g) == 8 && !guest_swaps(g) && !vm_is_confined;
}

/* Bits that the map doesn't name stay where they are. */
uint32_t flags_to_host(const struct flag_map *map, uint32_t guest_flags);
uint32_t flags_to_guest(const struct flag_map *map, uint32_t host_flags);

/* The same for whole numbers; map may be NULL. */
uint32_t number_to_host(const struct flag_map *map, uint32_t number);
uint32_t number_to_guest(const struct flag_map *map, uint32_t number);

#endif
