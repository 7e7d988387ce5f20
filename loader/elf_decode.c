/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF headers of both classes and byte orders.  A table lists each member's
 * place in the two forms of the file (gABI, chapters 4 and 5); e_ident is alike
 * in both.
 */
#include <stddef.h>
#include <string.h>

#include "loader/elf.h"

struct place {
    uint8_t offset, size;
};
struct member {
    struct place in32, in64;
};

#define PLACE(type, m)                                                                             \
    {                                                                                              \
        offsetof(type, m), sizeof(((type *)0)->m)                                                  \
    }
#define EHDR(m)                                                                                    \
    {                                                                                              \
        PLACE(Elf32_Ehdr, m), PLACE(Elf64_Ehdr, m)                                                 \
    }
#define PHDR(m)                                                                                    \
    {                                                                                              \
        PLACE(Elf32_Phdr, m), PLACE(Elf64_Phdr, m)                                                 \
    }

static const struct member header_members[] = {
    EHDR(e_type),      EHDR(e_machine), EHDR(e_version),  EHDR(e_entry),     EHDR(e_phoff),
    EHDR(e_shoff),     EHDR(e_flags),   EHDR(e_ehsize),   EHDR(e_phentsize), EHDR(e_phnum),
    EHDR(e_shentsize), EHDR(e_shnum),   EHDR(e_shstrndx),
};
static const struct member segment_members[] = {
    PHDR(p_type),   PHDR(p_flags), PHDR(p_offset), PHDR(p_vaddr),
    PHDR(p_filesz), PHDR(p_memsz), PHDR(p_align),  PHDR(p_paddr),
};

static uint64_t load(const uint8_t *p, unsigned size, bool big)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v = v << 8 | p[big ? i : size - 1 - i];
    return v;
}

static void decode(const unsigned char *ident, const struct member *m, unsigned count,
                   const void *raw, void *out)
{
    bool big = ident[EI_DATA] == ELFDATA2MSB;

    for (; count--; m++) {
        const struct place *in = ident[EI_CLASS] == ELFCLASS32 ? &m->in32 : &m->in64;
        uint64_t v = load((const uint8_t *)raw + in->offset, in->size, big);
        memcpy((char *)out + m->in64.offset, &v, m->in64.size);
    }
}

void elf_decode_header(const void *raw, Elf64_Ehdr *h)
{
    memcpy(h->e_ident, raw, EI_NIDENT);
    decode(h->e_ident, header_members, sizeof header_members / sizeof *header_members, raw, h);
}

void elf_decode_segments(const Elf64_Ehdr *h, const void *raw, Elf64_Phdr *p, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        decode(h->e_ident, segment_members, sizeof segment_members / sizeof *segment_members,
               (const char *)raw + i * h->e_phentsize, &p[i]);
}
