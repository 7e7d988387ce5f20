/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/stack.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "loader/elf.h"
#include "loader/loader.h"
#include "loader/vm.h"

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

enum {
    STACK_MIN = 128 << 10,
    STACK_MAX = 1 << 30,      /* of an unlimited RLIMIT_STACK */
    STACK_MAX_32 = 256 << 20, /* of any, where addresses are few */
    STACK_GUARD = 16 * VM_PAGE,
    CLOCK_TICKS = 100, /* USER_HZ, the same on all of Linux */
};

static uint64_t stack_size_wanted(uint64_t size)
{
    struct rlimit rl;

    if (size == 0) {
        size = STACK_MAX;
        if (getrlimit(RLIMIT_STACK, &rl) == 0 && rl.rlim_cur < size)
            size = rl.rlim_cur;
    }
    if (guest_word(loaded.guest) == 4 && size > STACK_MAX_32)
        size = STACK_MAX_32;
    if (size < STACK_MIN)
        size = STACK_MIN;
    return (size + VM_PAGE - 1) & ~(uint64_t)(VM_PAGE - 1);
}

/* The stack is mapped whole (it costs nothing until it is used), with a guard
 * below.  Huge pages would make its first page a costly one. */
static int map_stack(struct exec_file *f, uint64_t size)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK;
    uint64_t top = loaded.guest->stack_top;
    int64_t at =
        vm_mmap(top ? top - size - STACK_GUARD : 0, size + STACK_GUARD, PROT_NONE, flags, -1, 0);

    if (at < 0)
        return elf_error(f, at, f->path, "no room for a stack of %llu KiB: %s",
                         (unsigned long long)size >> 10, strerror(-at));
    loaded.stack_low = at + STACK_GUARD;
    loaded.stack_high = loaded.stack_low + size;
    vm_mprotect(loaded.stack_low, size, PROT_READ | PROT_WRITE);
    vm_set_name(loaded.stack_low, size, VM_STACK);
    madvise(guest_ptr(loaded.stack_low), size, MADV_NOHUGEPAGE);
    return 0;
}

static size_t strings_size(char *const list[], size_t *count)
{
    size_t size = 0;

    for (*count = 0; list[*count]; ++*count)
        size += strlen(list[*count]) + 1;
    return size;
}

static uint64_t push(uint64_t *sp, const void *bytes, size_t len)
{
    *sp -= len;
    memcpy(guest_ptr(*sp), bytes, len);
    return *sp;
}

static uint64_t put_word(uint64_t at, uint64_t value)
{
    guest_write_word(loaded.guest, at, value);
    return at + guest_word(loaded.guest);
}

/* Strings upwards from at; their addresses go to `to`, a NULL after them.
 * What follows `to`. */
static uint64_t put_strings(uint64_t at, char *const list[], uint64_t to)
{
    for (; *list; list++) {
        size_t n = strlen(*list) + 1;
        memcpy(guest_ptr(at), *list, n);
        to = put_word(to, at);
        at += n;
    }
    return put_word(to, 0);
}

struct auxv {
    uint64_t pair[AUXV_MAX][2];
    unsigned n;
    uint64_t *sp; /* for strings */
};

void auxv_add(struct auxv *v, uint64_t type, uint64_t value)
{
    v->pair[v->n][0] = type;
    v->pair[v->n++][1] = value;
}

uint64_t auxv_string(struct auxv *v, const char *s)
{
    return push(v->sp, s, strlen(s) + 1);
}

static void fill_auxv(struct auxv *v, const struct program_headers *headers, uint64_t random,
                      uint64_t platform, uint64_t name)
{
    const struct guest *g = loaded.guest;

    if (loaded.vdso)
        auxv_add(v, AT_SYSINFO_EHDR, loaded.vdso);
    if (g->minsigstksz)
        auxv_add(v, AT_MINSIGSTKSZ, g->minsigstksz);
    auxv_add(v, AT_HWCAP, g->hwcap ? g->hwcap() : 0);
    auxv_add(v, AT_PAGESZ, g->page_size);
    auxv_add(v, AT_CLKTCK, CLOCK_TICKS);
    auxv_add(v, AT_PHDR, headers->address);
    auxv_add(v, AT_PHENT, headers->size);
    auxv_add(v, AT_PHNUM, headers->count);
    auxv_add(v, AT_BASE, loaded.interp_base);
    auxv_add(v, AT_FLAGS, 0);
    auxv_add(v, AT_ENTRY, loaded.program_entry);
    auxv_add(v, AT_UID, getuid());
    auxv_add(v, AT_EUID, geteuid());
    auxv_add(v, AT_GID, getgid());
    auxv_add(v, AT_EGID, getegid());
    auxv_add(v, AT_SECURE, getauxval(AT_SECURE));
    auxv_add(v, AT_RANDOM, random);
    auxv_add(v, AT_HWCAP2, g->hwcap2 ? g->hwcap2() : 0);
    auxv_add(v, AT_EXECFN, name);
    auxv_add(v, AT_PLATFORM, platform);
    if (g->auxv)
        g->auxv(v);
    auxv_add(v, AT_NULL, 0);
}

int stack_build(struct exec_file *f, char *const env[], uint64_t size,
                const struct program_headers *headers)
{
    size_t argc, envc, arg_bytes = strings_size(f->argv, &argc);
    size_t env_bytes = strings_size(env, &envc);
    const size_t word = guest_word(loaded.guest);
    size_t vectors = (1 + argc + 1 + envc + 1) * word + sizeof(struct auxv);
    uint8_t random[16] = {0};
    struct auxv v = {.n = 0};

    size = stack_size_wanted(size);
    if (arg_bytes + env_bytes + vectors + VM_PAGE > size - size / 4)
        return elf_error(f, -E2BIG, f->path,
                         "arguments and environment leave too little of a stack of %llu KiB",
                         (unsigned long long)size >> 10);
    int r = map_stack(f, size);
    if (r)
        return r;
    /* Not blocking: early in the boot weak entropy is better than none. */
    if (getrandom(random, sizeof random, GRND_NONBLOCK) != sizeof random)
        memcpy(random, (void *)getauxval(AT_RANDOM), sizeof random);

    /* Downwards: an empty word, the name, environment, arguments. */
    uint64_t sp = loaded.stack_high - word;
    uint64_t name = push(&sp, loaded.name, strlen(loaded.name) + 1);
    loaded.env_end = sp;
    loaded.env_start = loaded.arg_end = sp -= env_bytes;
    loaded.arg_start = sp -= arg_bytes;
    const char *name_of_cpu = loaded.guest->platform();
    uint64_t platform = push(&sp, name_of_cpu, strlen(name_of_cpu) + 1);
    uint64_t random_at = push(&sp, random, sizeof random);

    v.sp = &sp;
    fill_auxv(&v, headers, random_at, platform, name);
    size_t aux_bytes = v.n * 2 * word;
    sp -= (1 + argc + 1 + envc + 1) * word + aux_bytes;
    sp &= ~UINT64_C(15);
    uint64_t at = put_word(sp, argc);
    at = put_strings(loaded.arg_start, f->argv, at);
    uint64_t aux_at = put_strings(loaded.env_start, env, at);
    at = aux_at;
    for (unsigned i = 0; i < v.n; i++)
        at = put_word(put_word(at, v.pair[i][0]), v.pair[i][1]);
    memcpy(loaded.auxv, guest_ptr(aux_at), aux_bytes);
    loaded.auxv_size = aux_bytes;
    loaded.start_stack = loaded.sp = sp;
    return 0;
}
