/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/symbols.h"

#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/elf_reader.h"
#include "loader/vm.h"

struct symbol {
    uint64_t value, size; /* an address as in the file */
    const char *name;
};

/* A file with its symbols; its text stays mapped for the names. */
struct symbol_file {
    struct symbol_file *next;
    char *path;
    const uint8_t *data;
    uint64_t bytes;
    struct symbol *symbols;
    size_t count, room;
};

/* A piece of the address space, as it was when it was last looked at. */
struct piece {
    uint64_t start, end, offset;
    struct symbol_file *file;
};

static struct symbol_file *files;
static struct piece *pieces;
static size_t piece_count;

static void add_symbols(struct symbol_file *f, const struct elf_reader *r, uint64_t section,
                        uint64_t sections)
{
    uint64_t at = FIELD(r, Shdr, section, sh_offset), size = FIELD(r, Shdr, section, sh_size);
    uint64_t link = sections + FIELD(r, Shdr, section, sh_link) * SIZE(r, Shdr);
    uint64_t strings = FIELD(r, Shdr, link, sh_offset), end = FIELD(r, Shdr, link, sh_size);
    end = strings + end;
    if (strings > f->bytes || end > f->bytes || end <= strings || f->data[end - 1])
        return;
    for (uint64_t s = at; s + SIZE(r, Sym) <= at + size && s < f->bytes; s += SIZE(r, Sym)) {
        unsigned type = ELF64_ST_TYPE(FIELD(r, Sym, s, st_info));
        uint64_t name = strings + FIELD(r, Sym, s, st_name);
        if ((type != STT_FUNC && type != STT_GNU_IFUNC) || name >= end || !f->data[name] ||
            FIELD(r, Sym, s, st_shndx) == SHN_UNDEF)
            continue;
        if (f->count == f->room) {
            f->room = f->room ? f->room * 2 : 256;
            struct symbol *more = realloc(f->symbols, f->room * sizeof *more);
            if (!more)
                return;
            f->symbols = more;
        }
        f->symbols[f->count++] = (struct symbol){.value = FIELD(r, Sym, s, st_value),
                                                 .size = FIELD(r, Sym, s, st_size),
                                                 .name = (const char *)f->data + name};
    }
}

static int by_value(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

static void read_symbols(struct symbol_file *f)
{
    if (f->bytes < sizeof(Elf64_Ehdr) || memcmp(f->data, ELFMAG, SELFMAG) != 0)
        return;
    struct elf_reader r = elf_reader(f->data, f->bytes);
    uint64_t sections = FIELD(&r, Ehdr, 0, e_shoff), n = FIELD(&r, Ehdr, 0, e_shnum);
    for (uint64_t k = 0; k < n; k++) {
        uint64_t section = sections + k * SIZE(&r, Shdr);
        uint64_t type = FIELD(&r, Shdr, section, sh_type);
        if (type == SHT_SYMTAB || type == SHT_DYNSYM)
            add_symbols(f, &r, section, sections);
    }
    qsort(f->symbols, f->count, sizeof *f->symbols, by_value);
}

/* The address as in the file of what lies at an offset of it. */
static uint64_t address_of(const struct symbol_file *f, uint64_t offset)
{
    struct elf_reader r = elf_reader(f->data, f->bytes);
    if (f->bytes < sizeof(Elf64_Ehdr))
        return offset;
    uint64_t table = FIELD(&r, Ehdr, 0, e_phoff), n = FIELD(&r, Ehdr, 0, e_phnum);
    for (uint64_t k = 0; k < n; k++) {
        uint64_t p = table + k * SIZE(&r, Phdr), from = FIELD(&r, Phdr, p, p_offset);
        if (FIELD(&r, Phdr, p, p_type) == PT_LOAD && offset >= from &&
            offset - from < FIELD(&r, Phdr, p, p_filesz))
            return offset - from + FIELD(&r, Phdr, p, p_vaddr);
    }
    return offset;
}

/* ---- Files and where they are ---- */

static struct symbol_file *file_of(const char *path)
{
    struct symbol_file *f = files;
    struct stat st;
    while (f && strcmp(f->path, path) != 0)
        f = f->next;
    if (f || !(f = calloc(1, sizeof *f)))
        return f;
    f->path = strdup(path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0) {
        void *data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data != MAP_FAILED) {
            f->data = data;
            f->bytes = st.st_size;
            read_symbols(f);
        }
    }
    if (fd >= 0)
        close(fd);
    f->next = files;
    files = f;
    return f;
}

static void look_at_maps(void)
{
    FILE *in = fopen("/proc/self/maps", "re");
    char line[4352];
    piece_count = 0;
    while (in && fgets(line, sizeof line, in)) {
        struct piece p;
        int name = 0;
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %*s %*u %n", &p.start, &p.end,
                   &p.offset, &name) < 3 ||
            !name || line[name] != '/')
            continue;
        line[strcspn(line, "\n")] = 0;
        struct piece *more = realloc(pieces, (piece_count + 1) * sizeof *more);
        if (!more)
            break;
        pieces = more;
        p.file = file_of(line + name);
        pieces[piece_count++] = p;
    }
    if (in)
        fclose(in);
}

static const struct piece *piece_of(uint64_t host)
{
    for (size_t k = 0; k < piece_count; k++)
        if (host >= pieces[k].start && host < pieces[k].end)
            return &pieces[k];
    return NULL;
}

static const struct symbol *symbol_at(const struct symbol_file *f, uint64_t address)
{
    size_t lo = 0, hi = f->count;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (f->symbols[mid].value <= address)
            lo = mid + 1;
        else
            hi = mid;
    }
    const struct symbol *s = lo ? &f->symbols[lo - 1] : NULL;
    /* Assembler code often has no sizes. */
    return s && (!s->size || address < s->value + s->size) ? s : NULL;
}

void symbols_name(uint64_t gva, char *name, size_t size)
{
    uint64_t host = (uint64_t)guest_ptr(gva);
    const struct piece *p = piece_of(host);
    if (!p) {
        look_at_maps();
        p = piece_of(host);
    }
    if (!p || !p->file) {
        snprintf(name, size, "0x%" PRIx64, gva);
        return;
    }
    uint64_t address = address_of(p->file, p->offset + (host - p->start));
    const struct symbol *s = symbol_at(p->file, address);
    const char *base = strrchr(p->file->path, '/') + 1;
    if (s)
        snprintf(name, size, "%s+0x%" PRIx64 " [%s]", s->name, address - s->value, base);
    else
        snprintf(name, size, "0x%" PRIx64 " [%s]", address, base);
}
