/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code of a file that is mapped elsewhere than when it was translated.
 *
 * All that a block depends on but these addresses is relative to the arena's bias: they are
 * constants of its code that move with it.  Front ends say which ones (emit_address()); the rest
 * are return addresses and what is stored into vcpu.pc.  The other place must give the same code
 * but for the constant, so they are of three kinds, by how the host encodes them, and stay what
 * they are.
 */
#include <string.h>

#include "translate/block.h"

enum kind {
    NOT_MOVED,
    SIGNED, /* 32 bits, extended by sign or by zeros; far from such as would fit into 8 bits */
    UNSIGNED,
    WIDE /* 64 bits */
};

static enum kind kind_of(uint64_t address)
{
    const uint64_t least = 0x1000;
    return address < least         ? NOT_MOVED
           : address <= INT32_MAX  ? SIGNED
           : address <= UINT32_MAX ? UNSIGNED
           : address <= INT64_MAX  ? WIDE
                                   : NOT_MOVED;
}

static size_t bytes_of(enum kind kind)
{
    return kind == WIDE ? sizeof(uint64_t) : sizeof(uint32_t);
}

int moved_find(const uint8_t *code, size_t bytes, uint64_t address)
{
    const enum kind kind = kind_of(address);
    const size_t n = bytes_of(kind);
    int found = -1;
    if (kind == NOT_MOVED)
        return -1;
    for (size_t k = 0; k + n <= bytes; k++) {
        if (memcmp(code + k, &address, n) != 0)
            continue;
        if (found >= 0)
            return -1;
        found = (int)k;
    }
    return found;
}

uint16_t moved_entry(uint32_t off, uint64_t address)
{
    return (uint16_t)(off << 1 | (kind_of(address) == WIDE));
}

bool moved_add(struct found f, uint8_t *code, uint64_t delta)
{
    unsigned count;
    const uint16_t *entry = maps_addresses(f, &count);
    for (unsigned k = 0; k < count; k++) {
        uint64_t address = 0;
        uint8_t *at = code + (entry[k] >> 1);
        const size_t n = entry[k] & 1 ? sizeof(uint64_t) : sizeof(uint32_t);
        if ((entry[k] >> 1) + n > f.block->code_len)
            return false;
        memcpy(&address, at, n);
        const enum kind kind = kind_of(address);
        address += delta;
        if (kind == NOT_MOVED || bytes_of(kind) != n || kind_of(address) != kind)
            return false;
        memcpy(at, &address, n);
    }
    return true;
}
