/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FERRY_IOVEC_H
#define FERRY_IOVEC_H

#include <stdbool.h>
#include <stdint.h>

struct guest;

/* vm_make_writable() for all buffers of the guest's iovec array. */
bool iovec_make_writable(const struct guest *g, uint64_t gva, uint64_t count);

#endif
