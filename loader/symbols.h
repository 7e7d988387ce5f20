/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of guest functions, from the symbol tables of the mapped files.  For
 * profiles and listings: reads files when first asked, keeps what it found.
 * Not thread-safe: callers hold a lock.
 */
#ifndef FERRY_SYMBOLS_H
#define FERRY_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

/* Writes "function+0x12 [file]" for a guest address, or what is known of it. */
void symbols_name(uint64_t gva, char *name, size_t size);

#endif
