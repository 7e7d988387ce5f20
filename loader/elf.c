/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/loader.h"
#include "loader/vm.h"
#include "translate/guest.h"

int elf_error(struct exec_file *f, int error, const char *where, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(f->why, sizeof f->why, format, ap);
    va_end(ap);
    snprintf(f->where, sizeof f->where, "%s", where);
    return error;
}

const struct guest *elf_guest(const void *ident, unsigned size)
{
    const Elf64_Ehdr *h = ident;

    /* e_machine is at the same place in both classes. */
    if (size < offsetof(Elf64_Ehdr, e_version) || memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
        return NULL;
    unsigned machine = h->e_machine;
    if (h->e_ident[EI_DATA] == ELFDATA2MSB)
        machine = __builtin_bswap16(machine);
    for (const struct guest *const *g = guests; *g; g++) {
        if ((*g)->elf_machine == machine && (*g)->elf_class == h->e_ident[EI_CLASS] &&
            (*g)->elf_data == h->e_ident[EI_DATA])
            return *g;
    }
    return NULL;
}

/* All of it, or -EIO as the kernel's elf_read. */
static int read_at(int fd, void *to, size_t len, uint64_t at)
{
    for (size_t n = 0; n < len;) {
        ssize_t r = at + n <= INT64_MAX ? pread(fd, (char *)to + n, len - n, at + n) : 0;
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return r < 0 ? -errno : -EIO;
        n += r;
    }
    return 0;
}

unsigned elf_segment_size(const struct elf_image *e)
{
    return e->header.e_ident[EI_CLASS] == ELFCLASS32 ? sizeof(Elf32_Phdr) : sizeof(Elf64_Phdr);
}

static int check_header(const struct elf_image *e, int got, struct exec_file *f)
{
    const Elf64_Ehdr *h = &e->header;
    size_t size = h->e_ident[EI_CLASS] == ELFCLASS32 ? sizeof(Elf32_Ehdr) : sizeof *h;
    const char *w = e->path;
    const unsigned char *id = h->e_ident;

    if (got < SELFMAG || memcmp(id, ELFMAG, SELFMAG) != 0)
        return elf_error(f, -ENOEXEC, w, "not an ELF file");
    if (got < (int)size)
        return elf_error(f, -ENOEXEC, w, "ELF header is cut off");
    if (id[EI_CLASS] != ELFCLASS32 && id[EI_CLASS] != ELFCLASS64)
        return elf_error(f, -ENOEXEC, w, "ELF class %u is neither 32 nor 64 bits", id[EI_CLASS]);
    if (id[EI_DATA] != ELFDATA2LSB && id[EI_DATA] != ELFDATA2MSB)
        return elf_error(f, -ENOEXEC, w, "ELF byte order %u is unknown", id[EI_DATA]);
    if (!e->guest)
        return elf_error(f, -ENOEXEC, w,
                         "no guest runs %s-bit %s-endian programs of ELF machine %u",
                         id[EI_CLASS] == ELFCLASS64 ? "64" : "32",
                         id[EI_DATA] == ELFDATA2LSB ? "little" : "big", h->e_machine);
    if (h->e_type != ET_EXEC && h->e_type != ET_DYN)
        return elf_error(f, -ENOEXEC, w, "ELF type %u is not a program", h->e_type);
    if (h->e_phentsize != elf_segment_size(e))
        return elf_error(f, -ENOEXEC, w, "program headers of %u bytes instead of %u",
                         h->e_phentsize, elf_segment_size(e));
    if (h->e_phnum == 0 || h->e_phnum > 65536 / elf_segment_size(e))
        return elf_error(f, -ENOEXEC, w, "%u program headers", h->e_phnum);
    return 0;
}

static int check_segment(const struct elf_image *e, unsigned i, uint64_t file_size,
                         struct exec_file *f)
{
    const Elf64_Phdr *p = &e->segments[i];
    uint64_t page = VM_PAGE - 1, limit = guest_address_limit(e->guest);

    if (p->p_filesz > p->p_memsz)
        return elf_error(f, -EINVAL, e->path, "segment %u is larger in the file than in memory", i);
    if (p->p_memsz > limit || p->p_vaddr > limit - p->p_memsz)
        return elf_error(f, -ENOMEM, e->path,
                         "segment %u (0x%" PRIx64 " bytes at 0x%" PRIx64
                         ") does not fit the address space",
                         i, (uint64_t)p->p_memsz, (uint64_t)p->p_vaddr);
    if (p->p_filesz && ((p->p_offset ^ p->p_vaddr) & page))
        return elf_error(f, -EINVAL, e->path,
                         "segment %u is not at the same place of a page in file and memory", i);
    /* To the end of the last page there are zeros behind the file. */
    uint64_t file_pages = (file_size + page) & ~page;
    if (p->p_filesz && (p->p_offset > file_pages || p->p_filesz > file_pages - p->p_offset))
        return elf_error(f, -ENOEXEC, e->path, "segment %u ends after the end of the file", i);
    for (unsigned k = 0; k < i; k++) {
        const Elf64_Phdr *q = &e->segments[k];
        if (q->p_type == PT_LOAD && p->p_vaddr < q->p_vaddr + q->p_memsz &&
            q->p_vaddr < p->p_vaddr + p->p_memsz)
            return elf_error(f, -EINVAL, e->path, "segments %u and %u overlap", k, i);
    }
    return 0;
}

static int check_segments(struct elf_image *e, struct exec_file *f)
{
    struct stat st;

    if (fstat(e->fd, &st))
        return elf_error(f, -errno, e->path, "%s", strerror(errno));
    e->low = UINT64_MAX;
    e->align = VM_PAGE;
    for (unsigned i = 0; i < e->header.e_phnum; i++) {
        const Elf64_Phdr *p = &e->segments[i];
        if (p->p_type != PT_LOAD)
            continue;
        int r = check_segment(e, i, st.st_size, f);
        if (r)
            return r;
        if (p->p_memsz == 0)
            continue;
        uint64_t start = p->p_vaddr & ~(uint64_t)(VM_PAGE - 1);
        uint64_t end = (p->p_vaddr + p->p_memsz + VM_PAGE - 1) & ~(uint64_t)(VM_PAGE - 1);
        if (start < e->low)
            e->low = start;
        if (end > e->high)
            e->high = end;
        if (p->p_align > e->align && (p->p_align & (p->p_align - 1)) == 0)
            e->align = p->p_align;
    }
    if (e->high == 0)
        return elf_error(f, -EINVAL, e->path, "no loadable segments");
    if (e->align > guest_address_limit(e->guest) / 4)
        e->align = VM_PAGE;
    return 0;
}

static int read_interp(struct elf_image *e, struct exec_file *f)
{
    for (unsigned i = 0; i < e->header.e_phnum; i++) {
        const Elf64_Phdr *p = &e->segments[i];
        if (p->p_type != PT_INTERP)
            continue;
        if (p->p_filesz < 2 || p->p_filesz > PATH_MAX)
            return elf_error(f, -ENOEXEC, e->path, "interpreter name of 0x%" PRIx64 " bytes",
                             (uint64_t)p->p_filesz);
        int r = read_at(e->fd, e->interp, p->p_filesz, p->p_offset);
        if (r)
            return elf_error(f, r, e->path, "can't read the interpreter's name");
        if (e->interp[p->p_filesz - 1])
            return elf_error(f, -ENOEXEC, e->path, "interpreter name without end");
        e->has_interp = true;
        return 0;
    }
    return 0;
}

int elf_open(struct elf_image *e, int fd, const char *path, struct exec_file *f)
{
    *e = (struct elf_image){.fd = fd, .path = path};
    Elf64_Ehdr raw = {0};
    ssize_t got = pread(fd, &raw, sizeof raw, 0);
    if (got < 0)
        return elf_error(f, -errno, path, "%s", strerror(errno));
    e->guest = elf_guest(&raw, got);
    elf_decode_header(&raw, &e->header);
    int r = check_header(e, got, f);
    if (r)
        return r;
    size_t size = (size_t)e->header.e_phnum * elf_segment_size(e);
    void *segments = malloc(size);
    e->segments = malloc(e->header.e_phnum * sizeof *e->segments);
    if (!e->segments || !segments)
        r = elf_error(f, -ENOMEM, path, "%s", strerror(ENOMEM));
    else if (read_at(fd, segments, size, e->header.e_phoff))
        r = elf_error(f, -ENOEXEC, path, "program headers are cut off");
    else
        elf_decode_segments(&e->header, segments, e->segments, e->header.e_phnum);
    free(segments);
    if (!r)
        r = check_segments(e, f);
    if (!r)
        r = read_interp(e, f);
    if (r)
        elf_close(e);
    return r;
}

void elf_close(struct elf_image *e)
{
    free(e->segments);
    e->segments = NULL;
}
