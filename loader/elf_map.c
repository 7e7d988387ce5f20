/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mapping of ELF segments.  Position-independent programs go to a part of the
 * address space that no layout of the host uses (between the low addresses
 * that programs are linked at and the bottom of mmap's legacy layout), so that
 * the heap behind them can grow and ferry's own image is never in the way.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/random.h>

#include "loader/elf.h"
#include "loader/loader.h"
#include "loader/vm.h"

enum { RESERVE = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE };

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static const uint64_t program_base = UINT64_C(0x100000000000);
enum { PROGRAM_RANDOM_BITS = 28 }; /* pages */
/* The same of 32-bit guests, as ELF_ET_DYN_BASE of their kernels. */
enum { PROGRAM_BASE_32 = 0x20000000, PROGRAM_RANDOM_BITS_32 = 12 };

static uint64_t random_base(uint64_t align)
{
    uint64_t r = 0;

    if (!(personality(0xffffffff) & ADDR_NO_RANDOMIZE) &&
        getrandom(&r, sizeof r, GRND_NONBLOCK) != sizeof r)
        r = 0;
    if (vm_limit() <= UINT32_MAX) {
        r &= (UINT64_C(1) << PROGRAM_RANDOM_BITS_32) - 1;
        return (PROGRAM_BASE_32 + r * VM_PAGE + align - 1) & ~(align - 1);
    }
    r &= (UINT64_C(1) << PROGRAM_RANDOM_BITS) - 1;
    return (program_base + r * VM_PAGE) & ~(align - 1);
}

/* A free place for a position-independent image, held by a mapping. */
static int64_t reserve_anywhere(int fd, uint64_t size, uint64_t align, bool is_program)
{
    for (unsigned k = 0; k < VM_PLACES; k++) {
        uint64_t place = vm_place_file(fd, is_program, k, size, align > 65536 ? align : 65536);
        int64_t at =
            place ? vm_mmap(place, size, PROT_NONE, RESERVE | MAP_FIXED_NOREPLACE, -1, 0) : -1;
        if (at >= 0)
            return at;
    }
    for (int tries = 0; is_program && tries < 4; tries++) {
        int64_t at =
            vm_mmap(random_base(align), size, PROT_NONE, RESERVE | MAP_FIXED_NOREPLACE, -1, 0);
        if (at >= 0)
            return at;
    }
    uint64_t room = size + align - VM_PAGE;
    int64_t at = vm_mmap(0, room, PROT_NONE, RESERVE, -1, 0);
    if (at < 0)
        return at;
    uint64_t start = (at + align - 1) & ~(align - 1);
    if (start > (uint64_t)at)
        vm_munmap(at, start - at);
    if (start + size < at + room)
        vm_munmap(start + size, at + room - (start + size));
    return (int64_t)start;
}

static int reserve(const struct elf_image *e, bool is_program, uint64_t *bias, struct exec_file *f)
{
    uint64_t size = e->high - e->low;
    int64_t at;

    *bias = 0;
    if (e->header.e_type == ET_DYN) {
        at = reserve_anywhere(e->fd, size, e->align, is_program);
        if (at < 0)
            return elf_error(f, at, e->path, "no room for 0x%" PRIx64 " bytes: %s", size,
                             strerror(-at));
        *bias = at - e->low;
        return 0;
    }
    at = vm_mmap(e->low, size, PROT_NONE, RESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (at == -EPERM)
        return elf_error(f, at, e->path,
                         "linked at 0x%" PRIx64 ", lower than this host lets programs be "
                         "(sysctl vm.mmap_min_addr)",
                         e->low);
    if (at == -EEXIST)
        return elf_error(f, -ENOMEM, e->path,
                         "its place 0x%" PRIx64 "-0x%" PRIx64 " is taken on this host", e->low,
                         e->high);
    if (at < 0)
        return elf_error(f, at, e->path, "can't map 0x%" PRIx64 "-0x%" PRIx64 ": %s", e->low,
                         e->high, strerror(-at));
    return 0;
}

static int segment_prot(const Elf64_Phdr *p)
{
    return (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0) |
           (p->p_flags & PF_X ? PROT_EXEC : 0);
}

/* The file's part, zeros to the end of its last page, and zero pages. */
static int map_segment(const struct elf_image *e, const Elf64_Phdr *p, uint64_t bias)
{
    uint64_t in_page = p->p_vaddr & (VM_PAGE - 1);
    uint64_t start = bias + p->p_vaddr - in_page;
    uint64_t file_end = bias + p->p_vaddr + p->p_filesz;
    uint64_t file_pages_end =
        p->p_filesz ? (file_end + VM_PAGE - 1) & ~(uint64_t)(VM_PAGE - 1) : start;
    uint64_t end = (bias + p->p_vaddr + p->p_memsz + VM_PAGE - 1) & ~(uint64_t)(VM_PAGE - 1);
    int prot = segment_prot(p);
    int64_t r = 0;

    if (p->p_filesz)
        r = vm_mmap(start, p->p_filesz + in_page, prot, MAP_PRIVATE | MAP_FIXED, e->fd,
                    p->p_offset - in_page);
    if (r >= 0 && p->p_filesz && p->p_memsz > p->p_filesz && (prot & PROT_WRITE))
        memset(guest_ptr(file_end), 0, file_pages_end - file_end);
    if (r >= 0 && end > file_pages_end)
        r = vm_mmap(file_pages_end, end - file_pages_end, prot,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    return r < 0 ? (int)r : 0;
}

/* True if some segment has a part of the page at addr. */
static const Elf64_Phdr *segment_at(const struct elf_image *e, uint64_t addr)
{
    for (unsigned i = 0; i < e->header.e_phnum; i++) {
        const Elf64_Phdr *p = &e->segments[i];
        if (p->p_type == PT_LOAD && p->p_memsz && addr + VM_PAGE > p->p_vaddr &&
            addr < p->p_vaddr + p->p_memsz)
            return p;
    }
    return NULL;
}

/* Gives back what the segments left of the reservation. */
static void release_gaps(const struct elf_image *e, uint64_t bias)
{
    for (uint64_t at = e->low; at < e->high;) {
        const Elf64_Phdr *p = segment_at(e, at);
        uint64_t next = e->high;
        if (p) {
            next = (p->p_vaddr + p->p_memsz + VM_PAGE - 1) & ~(uint64_t)(VM_PAGE - 1);
        } else {
            for (unsigned i = 0; i < e->header.e_phnum; i++) {
                const Elf64_Phdr *q = &e->segments[i];
                uint64_t start = q->p_vaddr & ~(uint64_t)(VM_PAGE - 1);
                if (q->p_type == PT_LOAD && q->p_memsz && start > at && start < next)
                    next = start;
            }
            vm_munmap(bias + at, next - at);
        }
        at = next;
    }
}

int elf_map(const struct elf_image *e, bool is_program, uint64_t *bias, struct exec_file *f)
{
    int r = reserve(e, is_program, bias, f);

    vm_note_name(e->fd, e->path);
    for (unsigned i = 0; r == 0 && i < e->header.e_phnum; i++) {
        const Elf64_Phdr *p = &e->segments[i];
        if (p->p_type != PT_LOAD || p->p_memsz == 0)
            continue;
        r = map_segment(e, p, *bias);
        if (r)
            elf_error(f, r, e->path, "can't map segment %u: %s", i, strerror(-r));
    }
    if (r == 0)
        release_gaps(e, *bias);
    return r;
}
