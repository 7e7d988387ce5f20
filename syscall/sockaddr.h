/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Socket addresses, options and messages between layouts.  For guests whose
 * layout is the host's, the calls leave all of it to the kernel.
 */
#ifndef FERRY_SOCKADDR_H
#define FERRY_SOCKADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct guest;

/* An address of len bytes in place. */
void sockaddr_convert(const struct guest *g, void *address, size_t len, bool to_guest);

/* The option's value in place; both sides have it in one size (others are
 * dealt with by the calls themselves). */
void sockopt_convert(const struct guest *g, int level, int name, void *value, size_t len,
                     bool to_guest);

/* Ancillary data (cmsg(3)): from the guest's control buffer to the host's, and
 * back.  Both return what was written; the second says in *truncated whether
 * something had no room. */
int64_t control_to_host(const struct guest *g, uint64_t gva, uint64_t len, uint8_t *host,
                        size_t room);
int64_t control_to_guest(const struct guest *g, const uint8_t *host, size_t len, uint64_t gva,
                         uint64_t room, bool *truncated);

#endif
