/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members of ELF structures in a file that is mapped as a whole, of either class and byte
 * order: FIELD(&r, Shdr, at, sh_offset) is that of the section header at offset `at`.  What
 * lies outside of the file is 0.
 */
#ifndef FERRY_ELF_READER_H
#define FERRY_ELF_READER_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_reader {
    const uint8_t *data;
    uint64_t bytes;
    bool wide, swap;
};

static inline struct elf_reader elf_reader(const uint8_t *data, uint64_t bytes)
{
    return (struct elf_reader){.data = data,
                               .bytes = bytes,
                               .wide = bytes > EI_DATA && data[EI_CLASS] == ELFCLASS64,
                               .swap = bytes > EI_DATA && data[EI_DATA] == ELFDATA2MSB};
}

static inline uint64_t elf_get(const struct elf_reader *r, uint64_t at, unsigned size)
{
    uint64_t v = 0;
    if (at > r->bytes || size > r->bytes - at)
        return 0;
    for (unsigned k = 0; k < size; k++)
        v |= (uint64_t)r->data[at + k] << 8 * (r->swap ? size - 1 - k : k);
    return v;
}

#define FIELD(r, type, at, member)                                                                 \
    ((r)->wide                                                                                     \
         ? elf_get(r, (at) + offsetof(Elf64_##type, member), sizeof((Elf64_##type *)0)->member)    \
         : elf_get(r, (at) + offsetof(Elf32_##type, member), sizeof((Elf32_##type *)0)->member))
#define SIZE(r, type) ((r)->wide ? sizeof(Elf64_##type) : sizeof(Elf32_##type))

#endif
