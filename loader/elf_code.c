/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/elf_code.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "loader/elf_reader.h"

static bool grow(void **array, unsigned count, size_t each)
{
    if (count & (count - 1)) /* room is for the next power of two */
        return true;
    void *more = realloc(*array, (count ? 2 * (size_t)count : 1) * each);
    if (more)
        *array = more;
    return more != NULL;
}

static void add_start(struct elf_code *c, uint64_t at)
{
    if (at && grow((void **)&c->starts, c->start_count, sizeof *c->starts))
        c->starts[c->start_count++] = at;
}

static void add_range(struct elf_code *c, uint64_t start, uint64_t size)
{
    if (size && grow((void **)&c->ranges, c->range_count, sizeof *c->ranges))
        c->ranges[c->range_count++] = (struct code_range){start, start + size};
}

static void add_symbols(struct elf_code *c, const struct elf_reader *r, uint64_t section)
{
    uint64_t at = FIELD(r, Shdr, section, sh_offset), size = FIELD(r, Shdr, section, sh_size);
    for (uint64_t s = at; s + SIZE(r, Sym) <= at + size && s < r->bytes; s += SIZE(r, Sym)) {
        unsigned type = ELF64_ST_TYPE(FIELD(r, Sym, s, st_info));
        if ((type == STT_FUNC || type == STT_GNU_IFUNC) && FIELD(r, Sym, s, st_shndx) != SHN_UNDEF)
            add_start(c, FIELD(r, Sym, s, st_value));
    }
}

/* The search table that linkers make of .eh_frame (LSB Core, 10.6.2), in the form that
 * they all use: addresses of 4 bytes relative to the table's section. */
static void add_unwind_table(struct elf_code *c, const struct elf_reader *r, uint64_t segment)
{
    enum { VERSION = 1, COUNT_UDATA4 = 0x03, TABLE_DATAREL_SDATA4 = 0x3b, HEADER = 12, ENTRY = 8 };
    uint64_t at = FIELD(r, Phdr, segment, p_offset), base = FIELD(r, Phdr, segment, p_vaddr);
    if (elf_get(r, at, 1) != VERSION || elf_get(r, at + 2, 1) != COUNT_UDATA4 ||
        elf_get(r, at + 3, 1) != TABLE_DATAREL_SDATA4)
        return;
    uint64_t n = elf_get(r, at + 8, 4);
    for (uint64_t k = 0; k < n && at + HEADER + k * ENTRY < r->bytes; k++)
        add_start(c, base + (uint64_t)(int32_t)elf_get(r, at + HEADER + k * ENTRY, 4));
}

static bool is_pie(const struct elf_reader *r, uint64_t section)
{
    uint64_t at = FIELD(r, Shdr, section, sh_offset), size = FIELD(r, Shdr, section, sh_size);
    for (uint64_t d = at; d + SIZE(r, Dyn) <= at + size && d < r->bytes; d += SIZE(r, Dyn))
        if (FIELD(r, Dyn, d, d_tag) == DT_FLAGS_1)
            return FIELD(r, Dyn, d, d_un.d_val) & DF_1_PIE;
    return false;
}

static void read_tables(struct elf_code *c, const struct elf_reader *r)
{
    uint64_t sections = FIELD(r, Ehdr, 0, e_shoff), n = FIELD(r, Ehdr, 0, e_shnum);
    add_start(c, FIELD(r, Ehdr, 0, e_entry));
    c->is_program = FIELD(r, Ehdr, 0, e_type) == ET_EXEC;
    for (uint64_t k = 0; sections && k < n; k++) {
        uint64_t s = sections + k * SIZE(r, Shdr), type = FIELD(r, Shdr, s, sh_type);
        if (type == SHT_SYMTAB || type == SHT_DYNSYM)
            add_symbols(c, r, s);
        if (type == SHT_DYNAMIC)
            c->is_program |= is_pie(r, s);
        if (type == SHT_PROGBITS && (FIELD(r, Shdr, s, sh_flags) & SHF_EXECINSTR))
            add_range(c, FIELD(r, Shdr, s, sh_addr), FIELD(r, Shdr, s, sh_size));
    }
    uint64_t segments = FIELD(r, Ehdr, 0, e_phoff);
    n = FIELD(r, Ehdr, 0, e_phnum);
    for (uint64_t k = 0; k < n; k++) {
        uint64_t p = segments + k * SIZE(r, Phdr);
        if (FIELD(r, Phdr, p, p_type) == PT_GNU_EH_FRAME)
            add_unwind_table(c, r, p);
    }
}

bool elf_code_read(int fd, struct elf_code *code)
{
    struct stat st;
    *code = (struct elf_code){0};
    if (fstat(fd, &st) || st.st_size < (off_t)sizeof(Elf64_Ehdr))
        return false;
    void *data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
        return false;
    struct elf_reader r = elf_reader(data, (uint64_t)st.st_size);
    read_tables(code, &r);
    munmap(data, (size_t)st.st_size);
    return true;
}

void elf_code_free(struct elf_code *code)
{
    free(code->starts);
    free(code->ranges);
}
