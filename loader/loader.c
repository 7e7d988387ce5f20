/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/loader.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/elf.h"
#include "loader/stack.h"
#include "loader/vm.h"
#include "syscall/path.h"

struct loaded_program loaded;

static int map_vdso(const struct guest_vdso *vdso, struct exec_file *f)
{
    if (!vdso)
        return 0;
    int64_t at = vm_mmap(0, vdso->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at < 0)
        return elf_error(f, at, f->path, "no room for the vDSO: %s", strerror(-at));
    memcpy(guest_ptr(at), vdso->image, vdso->size);
    vm_mprotect(at, vdso->size, PROT_READ | PROT_EXEC);
    vm_set_name(at, vdso->size, VM_VDSO);
    loaded.vdso = at;
    loaded.sigreturn = at + vdso->sigreturn;
    loaded.sigreturn_old = at + vdso->sigreturn_old;
    return 0;
}

/* Address of the program headers in memory: in the segment that holds them. */
static uint64_t headers_address(const struct elf_image *e, uint64_t bias)
{
    for (unsigned i = 0; i < e->header.e_phnum; i++) {
        const Elf64_Phdr *p = &e->segments[i];
        if (p->p_type == PT_LOAD && p->p_offset <= e->header.e_phoff &&
            e->header.e_phoff - p->p_offset < p->p_filesz)
            return bias + p->p_vaddr + (e->header.e_phoff - p->p_offset);
    }
    return 0;
}

/* Borders of code and data as the kernel finds them (mm_struct). */
static void note_borders(const struct elf_image *e, uint64_t bias)
{
    uint64_t brk = 0;

    loaded.start_code = UINT64_MAX;
    for (unsigned i = 0; i < e->header.e_phnum; i++) {
        const Elf64_Phdr *p = &e->segments[i];
        if (p->p_type != PT_LOAD)
            continue;
        uint64_t start = bias + p->p_vaddr, end = start + p->p_filesz;
        if (p->p_flags & PF_X) {
            if (start < loaded.start_code)
                loaded.start_code = start;
            if (end > loaded.end_code)
                loaded.end_code = end;
        }
        if (start > loaded.start_data)
            loaded.start_data = start;
        if (end > loaded.end_data)
            loaded.end_data = end;
        if (start + p->p_memsz > brk)
            brk = start + p->p_memsz;
    }
    loaded.start_brk = (brk + VM_PAGE - 1) & ~(uint64_t)(VM_PAGE - 1);
    vm_set_brk(loaded.start_brk);
}

static void note_names(const struct exec_file *f)
{
    char link[32], exe[PATH_MAX];
    const char *base = strrchr(f->name, '/');

    snprintf(link, sizeof link, "/proc/self/fd/%d", f->fd);
    ssize_t n = readlink(link, exe, sizeof exe - 1);
    loaded.exe = n > 0 ? strndup(exe, n) : strdup(f->path);
    loaded.name = strdup(f->name);
    snprintf(loaded.comm, sizeof loaded.comm, "%s", base ? base + 1 : f->name);
}

/* Maps the interpreter that the program names; its entry is where to start. */
static int load_interp(const struct elf_image *program, struct exec_file *f)
{
    struct elf_image interp;
    char path[PATH_HOST_MAX];
    uint64_t bias;
    int r = elf_open_interp(&interp, program->interp, program->guest, path, f);

    if (r)
        return r;
    r = elf_map(&interp, false, &bias, f);
    loaded.interp_base = loaded.entry_bias = bias;
    loaded.entry = bias + interp.header.e_entry;
    close(interp.fd);
    elf_close(&interp);
    return r;
}

int loader_load(struct exec_file *f, char *const env[], uint64_t stack_size)
{
    struct elf_image e;
    uint64_t bias;
    int r = elf_open(&e, f->fd, f->path, f);

    if (r)
        return r;
    r = elf_map(&e, true, &bias, f);
    if (r == 0) {
        loaded.guest = e.guest;
        loaded.load_bias = bias;
        loaded.entry = loaded.program_entry = bias + e.header.e_entry;
        loaded.entry_bias = bias;
        loaded.elf_flags = e.header.e_flags;
        note_borders(&e, bias);
        note_names(f);
        if (e.has_interp)
            r = load_interp(&e, f);
    }
    if (r == 0)
        r = map_vdso(e.guest->vdso, f);
    if (r == 0)
        r = stack_build(f, env, stack_size,
                        &(struct program_headers){.address = headers_address(&e, bias),
                                                  .size = elf_segment_size(&e),
                                                  .count = e.header.e_phnum});
    elf_close(&e);
    return r;
}
