/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/pass.h"

#include <stdlib.h>
#include <string.h>

#include "syscall/convert.h"

enum { ARENA_SIZE = 2048, COUNT_MAX = 1 << 20 };

/* A structure on its way: where it is on the host, and how many there are. */
struct passing {
    char *host;
    bool allocated;
    uint64_t count;
};

struct arena {
    char bytes[ARENA_SIZE] __attribute__((aligned(16)));
    size_t used;
};

void words_swap(const struct guest *g, void *p, size_t bytes)
{
    unsigned word = guest_word(g);

    if (!guest_swaps(g))
        return;
    for (char *at = p; bytes >= word; at += word, bytes -= word) {
        uint64_t v = number_load(g, at, word);
        memcpy(at, &v, word);
    }
}

static bool take_room(struct arena *arena, struct passing *x, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if (size <= ARENA_SIZE - arena->used) {
        x->host = arena->bytes + arena->used;
        arena->used += size;
        memset(x->host, 0, size);
        return true;
    }
    x->host = calloc(1, size);
    x->allocated = true;
    return x->host;
}

static int bring(const struct guest *g, const struct pass *p, struct passing *x,
                 struct arena *arena, const uint64_t a[6])
{
    const struct layout *l = struct_layout(g, p->structure);
    uint64_t gva = a[p->arg];

    x->count = p->count == PASS_ONE ? 1 : a[p->count_arg];
    if (x->count > COUNT_MAX)
        return -EINVAL;
    size_t size = p->count == PASS_WORDS ? (x->count + 15) & ~7ull : x->count * l->host_size;
    if (!take_room(arena, x, size))
        return -ENOMEM;
    if (!(p->way & PASS_IN))
        return 0;
    if (p->count == PASS_WORDS) {
        if (guest_read(x->host, gva, x->count))
            return -EFAULT;
        words_swap(g, x->host, (x->count + 7) & ~7ull);
        return 0;
    }
    for (uint64_t i = 0; i < x->count; i++)
        if (struct_read(g, p->structure, x->host + i * l->host_size, gva + i * l->guest_size))
            return -EFAULT;
    return 0;
}

static int take_back(const struct guest *g, const struct pass *p, const struct passing *x,
                     const uint64_t a[6])
{
    const struct layout *l = struct_layout(g, p->structure);
    uint64_t gva = a[p->arg];

    if (p->count == PASS_WORDS) {
        words_swap(g, x->host, (x->count + 7) & ~7ull);
        return guest_write(gva, x->host, x->count);
    }
    for (uint64_t i = 0; i < x->count; i++)
        if (struct_write(g, p->structure, x->host + i * l->host_size, gva + i * l->guest_size))
            return -EFAULT;
    return 0;
}

/* What the kernel may have written to: everything on success, and the time
 * that is left of a sleep that a signal ended. */
static bool wrote(const struct pass *p, int64_t r)
{
    return p->way & PASS_OUT &&
           (r >= 0 ||
            ((p->way & PASS_IN) && (r == -EINTR || (r <= -ERESTARTSYS && r >= -ERESTARTNOHAND))));
}

int64_t pass_call(struct vcpu *cpu, host_syscall_fn *how, long nr, const uint64_t a[6],
                  unsigned pointers, const struct pass *p, unsigned count)
{
    const struct guest *g = cpu->guest;
    struct passing x[6];
    struct arena arena;
    long h[6];
    int64_t r = 0;
    unsigned n;

    bool same = abi_is_native(g);

    for (unsigned i = 0; i < count; i++) {
        pointers |= 1u << p[i].arg;
        same = same && struct_same(g, p[i].structure);
    }
    for (int i = 0; i < 6; i++)
        h[i] = pass_arg(a, i, pointers);
    if (same)
        return how(nr, h[0], h[1], h[2], h[3], h[4], h[5]);

    arena.used = 0;
    for (n = 0; n < count && !r; n++) {
        x[n] = (struct passing){0};
        if (!a[p[n].arg])
            continue;
        r = bring(g, &p[n], &x[n], &arena, a);
        h[p[n].arg] = (long)x[n].host;
    }
    if (!r) {
        r = how(nr, h[0], h[1], h[2], h[3], h[4], h[5]);
        for (unsigned i = 0; i < count; i++)
            if (x[i].host && wrote(&p[i], r) && take_back(g, &p[i], &x[i], a))
                r = -EFAULT;
    }
    for (unsigned i = 0; i < n; i++)
        if (x[i].allocated)
            free(x[i].host);
    return r;
}
