/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core file itself: ELF header, program headers, notes, then memory.
 * Layouts: elf(5), core(5), include/uapi/linux/elfcore.h; numbers in the
 * guest's size and byte order.
 */
#include <elf.h>
#include <endian.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/times.h>
#include <unistd.h>

#include "loader/loader.h"
#include "loader/vm.h"
#include "signal/core.h"
#include "signal/registers.h"
#include "signal/stop.h"
#include "syscall/siginfo.h"

#ifndef NT_FILE
#define NT_FILE 0x46494c45
#endif

/* ---- bytes for the guest ---- */

struct blob {
    const struct guest *guest;
    uint8_t *p;
    size_t len, room;
    bool failed;
};

static uint8_t *blob_room(struct blob *b, size_t n)
{
    static uint8_t nowhere[REGISTER_NOTE_MAX];

    if (b->len + n > b->room) {
        size_t room = 2 * b->room + n + 4096;
        uint8_t *p = realloc(b->p, room);
        if (!p) {
            b->failed = true;
            return nowhere;
        }
        b->p = p;
        b->room = room;
    }
    b->len += n;
    return memset(b->p + b->len - n, 0, n);
}

static void put_bytes(struct blob *b, const void *bytes, size_t n)
{
    while (n) {
        size_t part = n < REGISTER_NOTE_MAX ? n : REGISTER_NOTE_MAX;
        memcpy(blob_room(b, part), bytes, part);
        bytes = (const char *)bytes + part;
        n -= part;
    }
}

static void put_number(struct blob *b, uint64_t value, unsigned size)
{
    bool big = b->guest->elf_data == ELFDATA2MSB;
    uint8_t *p = blob_room(b, size);

    for (unsigned i = 0; i < size; i++)
        p[big ? size - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

static void put16(struct blob *b, uint64_t value)
{
    put_number(b, value, 2);
}

static void put32(struct blob *b, uint64_t value)
{
    put_number(b, value, 4);
}

/* A long of the guest. */
static void put_word(struct blob *b, uint64_t value)
{
    put_number(b, value, guest_word(b->guest));
}

static void align_to(struct blob *b, size_t start, size_t n)
{
    blob_room(b, -(b->len - start) & (n - 1));
}

/* ---- what memory there is ---- */

struct area {
    uint64_t start, end, offset, dumped;
    int prot;
    bool file;
    char *name;
};

struct areas {
    struct area *v;
    size_t count, room;
    unsigned filter;
    int pagemap;
};

enum { FILTER_ANON_PRIVATE = 1, FILTER_ANON_SHARED = 2, FILTER_PRIVATE = 4, FILTER_SHARED = 8 };
enum { FILTER_ELF_HEADERS = 16, FILTER_DEFAULT = 0x33 };

/* Documentation/admin-guide/mm/pagemap.rst */
#define PAGEMAP_PRESENT (UINT64_C(1) << 63)
#define PAGEMAP_SWAPPED (UINT64_C(1) << 62)
#define PAGEMAP_FILE    (UINT64_C(1) << 61)

enum { PAGEMAP_CHUNK = 4096 }; /* pages */

/* Reads the words for [start, start + n pages); false: unknown. */
static bool pagemap(int fd, uint64_t start, uint64_t *words, size_t n)
{
    uint64_t at = (vm_base + start) / VM_PAGE * sizeof *words;

    return pread(fd, words, n * sizeof *words, (off_t)at) == (ssize_t)(n * sizeof *words);
}

static bool has_private_pages(int fd, uint64_t start, uint64_t end)
{
    uint64_t words[PAGEMAP_CHUNK];

    for (size_t n; start < end; start += n * VM_PAGE) {
        n = (end - start) / VM_PAGE < PAGEMAP_CHUNK ? (end - start) / VM_PAGE : PAGEMAP_CHUNK;
        if (!pagemap(fd, start, words, n))
            return true;
        for (size_t i = 0; i < n; i++)
            if ((words[i] & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED)) && !(words[i] & PAGEMAP_FILE))
                return true;
    }
    return false;
}

/* How much of it belongs into the core: vma_dump_size(), fs/coredump.c. */
static uint64_t dumped_size(const struct areas *list, const struct vm_area *a)
{
    uint64_t all = a->end - a->start;
    char magic[SELFMAG];

    if (strcmp(a->name, "[vdso]") == 0)
        return all;
    if (a->sharing == 's') {
        bool deleted = strstr(a->name, " (deleted)");
        return list->filter & (deleted ? FILTER_ANON_SHARED : FILTER_SHARED) ? all : 0;
    }
    if ((list->filter & FILTER_ANON_PRIVATE) && has_private_pages(list->pagemap, a->start, a->end))
        return all;
    if (!a->inode)
        return 0;
    if (list->filter & FILTER_PRIVATE)
        return all;
    if ((list->filter & FILTER_ELF_HEADERS) && a->offset == 0 && (a->prot & PROT_READ) &&
        !guest_read(magic, a->start, sizeof magic) && memcmp(magic, ELFMAG, SELFMAG) == 0)
        return VM_PAGE;
    return 0;
}

static void add_area(const struct vm_area *a, void *arg)
{
    struct areas *list = arg;

    if (list->count == PN_XNUM - 2)
        return;
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 64;
        struct area *v = realloc(list->v, room * sizeof *v);
        if (!v)
            return;
        list->v = v;
        list->room = room;
    }
    list->v[list->count++] = (struct area){
        .start = a->start,
        .end = a->end,
        .offset = a->offset,
        .prot = a->prot,
        .file = a->inode != 0,
        .name = strdup(a->name),
        .dumped = dumped_size(list, a),
    };
}

static void read_areas(struct areas *list)
{
    char text[16] = "";
    int fd = open("/proc/self/coredump_filter", O_RDONLY | O_CLOEXEC);

    *list = (struct areas){.filter = FILTER_DEFAULT};
    if (fd >= 0) {
        if (read(fd, text, sizeof text - 1) > 0)
            list->filter = (unsigned)strtoul(text, NULL, 16);
        close(fd);
    }
    list->pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    vm_each_area(add_area, list);
}

/* ---- notes ---- */

/* Begins a note; give its result to end_note. */
static size_t begin_note(struct blob *b, const char *owner, uint32_t type)
{
    size_t at = b->len;

    put32(b, strlen(owner) + 1);
    put32(b, 0);
    put32(b, type);
    put_bytes(b, owner, strlen(owner) + 1);
    align_to(b, at, 4);
    return at;
}

static void end_note(struct blob *b, size_t at, const char *owner)
{
    size_t name = (strlen(owner) + 1 + 3) & ~(size_t)3, start = at + 12 + name;
    size_t end = b->len;

    if (b->failed)
        return;
    b->len = at + 4;
    put_number(b, end - start, 4);
    b->len = end;
    align_to(b, at, 4);
}

static void put_times(struct blob *b)
{
    struct tms t;
    long ticks = sysconf(_SC_CLK_TCK);

    times(&t);
    const clock_t each[4] = {t.tms_utime, t.tms_stime, t.tms_cutime, t.tms_cstime};
    for (int i = 0; i < 4; i++) {
        put_word(b, (uint64_t)(each[i] / ticks));
        put_word(b, (uint64_t)(each[i] % ticks * (1000000 / ticks)));
    }
}

/* struct elf_prstatus */
static void put_prstatus(struct blob *b, struct task *task, int sig)
{
    const struct guest_registers *r = b->guest->registers;
    size_t note = begin_note(b, "CORE", NT_PRSTATUS), start = b->len;

    put32(b, (unsigned)sig);
    put32(b, 0);
    put32(b, 0);
    put16(b, (unsigned)sig);
    align_to(b, start, guest_word(b->guest));
    put_word(b, task->held);
    put_word(b, task->mask);
    put32(b, (unsigned)task->tid);
    put32(b, (unsigned)getppid());
    put32(b, (unsigned)getpgrp());
    put32(b, (unsigned)getsid(0));
    put_times(b);
    r->gregs(task->cpu, blob_room(b, r->gregs_size));
    put32(b, 1); /* there are floating-point registers */
    align_to(b, start, guest_word(b->guest));
    end_note(b, note, "CORE");
}

static void put_thread(struct blob *b, struct task *task, int sig)
{
    put_prstatus(b, task, sig);
    for (const struct register_note *n = b->guest->registers->notes; n->owner; n++) {
        size_t note = begin_note(b, n->owner, n->type);
        n->fill(task->cpu, blob_room(b, n->size));
        end_note(b, note, n->owner);
    }
}

/* struct elf_prpsinfo */
static void put_prpsinfo(struct blob *b)
{
    char arguments[80] = "", comm[16] = "";
    uint64_t n = loaded.arg_end - loaded.arg_start;

    if (n > sizeof arguments - 1)
        n = sizeof arguments - 1;
    if (!guest_read(arguments, loaded.arg_start, n))
        for (uint64_t i = 0; i + 1 < n; i++)
            if (!arguments[i])
                arguments[i] = ' ';
    prctl(PR_GET_NAME, comm);

    size_t note = begin_note(b, "CORE", NT_PRPSINFO), start = b->len;
    put_bytes(b, "\0R\0\0", 4);
    align_to(b, start, guest_word(b->guest));
    put_word(b, 0);
    put32(b, getuid());
    put32(b, getgid());
    put32(b, (unsigned)getpid());
    put32(b, (unsigned)getppid());
    put32(b, (unsigned)getpgrp());
    put32(b, (unsigned)getsid(0));
    put_bytes(b, comm, sizeof comm);
    put_bytes(b, arguments, sizeof arguments);
    end_note(b, note, "CORE");
}

static void put_siginfo_note(struct blob *b, const siginfo_t *info)
{
    size_t note = begin_note(b, "CORE", NT_SIGINFO);

    siginfo_to_guest(b->guest, info, blob_room(b, SIGINFO_SIZE));
    end_note(b, note, "CORE");
}

static void put_auxv(struct blob *b)
{
    size_t note = begin_note(b, "CORE", NT_AUXV);

    put_bytes(b, loaded.auxv, loaded.auxv_size);
    end_note(b, note, "CORE");
}

static void put_files(struct blob *b, const struct areas *list)
{
    size_t note = begin_note(b, "CORE", NT_FILE), files = 0;

    for (size_t i = 0; i < list->count; i++)
        files += list->v[i].file && list->v[i].name;
    put_word(b, files);
    put_word(b, VM_PAGE);
    for (size_t i = 0; i < list->count; i++) {
        const struct area *a = &list->v[i];
        if (!a->file || !a->name)
            continue;
        put_word(b, a->start);
        put_word(b, a->end);
        put_word(b, a->offset / VM_PAGE);
    }
    for (size_t i = 0; i < list->count; i++)
        if (list->v[i].file && list->v[i].name)
            put_bytes(b, list->v[i].name, strlen(list->v[i].name) + 1);
    end_note(b, note, "CORE");
}

static void put_notes(struct blob *b, struct vcpu *cpu, int sig, const siginfo_t *info,
                      const struct areas *list)
{
    /* The thread that caused it comes first, and what concerns all after it. */
    put_prstatus(b, cpu->task, sig);
    put_prpsinfo(b);
    put_siginfo_note(b, info);
    put_auxv(b);
    put_files(b, list);
    for (const struct register_note *n = b->guest->registers->notes; n->owner; n++) {
        size_t note = begin_note(b, n->owner, n->type);
        n->fill(cpu, blob_room(b, n->size));
        end_note(b, note, n->owner);
    }
    for (struct task *t = cpu->task->process->tasks; t; t = t->next_task)
        if (t != cpu->task)
            put_thread(b, t, sig);
}

/* ---- headers ---- */

static void put_header(struct blob *b, size_t segments)
{
    bool wide = guest_word(b->guest) == 8;
    const uint8_t ident[EI_NIDENT] = {
        ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, b->guest->elf_class, b->guest->elf_data, EV_CURRENT};

    put_bytes(b, ident, sizeof ident);
    put16(b, ET_CORE);
    put16(b, b->guest->elf_machine);
    put32(b, EV_CURRENT);
    put_word(b, 0);
    put_word(b, wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr));
    put_word(b, 0);
    put32(b, loaded.elf_flags);
    put16(b, wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr));
    put16(b, wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
    put16(b, segments);
    put16(b, 0);
    put16(b, 0);
    put16(b, 0);
}

static void put_segment(struct blob *b, uint32_t type, uint32_t flags, uint64_t offset,
                        uint64_t address, uint64_t in_file, uint64_t in_memory, uint64_t alignment)
{
    bool wide = guest_word(b->guest) == 8;

    put32(b, type);
    if (wide)
        put32(b, flags);
    put_word(b, offset);
    put_word(b, address);
    put_word(b, 0);
    put_word(b, in_file);
    put_word(b, in_memory);
    if (!wide)
        put32(b, flags);
    put_word(b, alignment);
}

static uint32_t segment_flags(int prot)
{
    return (prot & PROT_READ ? PF_R : 0) | (prot & PROT_WRITE ? PF_W : 0) |
           (prot & PROT_EXEC ? PF_X : 0);
}

/* ---- memory ---- */

/* Copies [start, start + len) to offset in the file, leaving holes where
 * nothing was ever written. */
static void write_memory(int fd, int mem, int map, uint64_t start, uint64_t len, uint64_t offset,
                         uint64_t limit)
{
    enum { CHUNK_PAGES = 16 };
    uint64_t words[CHUNK_PAGES];
    char buffer[CHUNK_PAGES * VM_PAGE];

    for (uint64_t done = 0, n; done < len && offset + done < limit; done += n) {
        n = len - done < sizeof buffer ? len - done : sizeof buffer;
        bool touched = !pagemap(map, start + done, words, n / VM_PAGE);
        for (size_t i = 0; !touched && i < n / VM_PAGE; i++)
            touched = words[i] & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED | PAGEMAP_FILE);
        if (!touched)
            continue;
        if (pread(mem, buffer, n, (off_t)(vm_base + start + done)) != (ssize_t)n &&
            guest_read(buffer, start + done, n))
            continue;
        uint64_t room = limit - (offset + done);
        if (pwrite(fd, buffer, n < room ? n : room, (off_t)(offset + done)) < 0)
            return;
    }
}

static uint64_t page_up(uint64_t n)
{
    return (n + VM_PAGE - 1) & ~(uint64_t)(VM_PAGE - 1);
}

void core_write(int fd, struct vcpu *cpu, int sig, const siginfo_t *info, uint64_t limit)
{
    struct blob head = {.guest = cpu->guest}, notes = {.guest = cpu->guest};
    struct areas list;
    int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

    read_areas(&list);
    put_notes(&notes, cpu, sig, info, &list);
    put_header(&head, list.count + 1);
    size_t entry = guest_word(cpu->guest) == 8 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    uint64_t notes_at = head.len + (list.count + 1) * entry;
    uint64_t first = page_up(notes_at + notes.len), at = first;
    put_segment(&head, PT_NOTE, 0, notes_at, 0, notes.len, 0, 4);
    for (size_t i = 0; i < list.count; i++) {
        const struct area *a = &list.v[i];
        put_segment(&head, PT_LOAD, segment_flags(a->prot), at, a->start, a->dumped,
                    a->end - a->start, VM_PAGE);
        at += a->dumped;
    }
    if (!head.failed && !notes.failed) {
        put_bytes(&head, notes.p, notes.len);
        size_t n = head.len < limit ? head.len : limit;
        if (!head.failed && pwrite(fd, head.p, n, 0) == (ssize_t)n &&
            !ftruncate(fd, (off_t)(at < limit ? at : limit))) {
            at = first;
            for (size_t i = 0; i < list.count; at += list.v[i++].dumped)
                write_memory(fd, mem, list.pagemap, list.v[i].start, list.v[i].dumped, at, limit);
        }
    }
    if (mem >= 0)
        close(mem);
    if (list.pagemap >= 0)
        close(list.pagemap);
    for (size_t i = 0; i < list.count; i++)
        free(list.v[i].name);
    free(list.v);
    free(head.p);
    free(notes.p);
}
