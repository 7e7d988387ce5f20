/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The code cache: memory for host code, look-up, chaining, invalidation.
 *
 * One memfd is mapped twice, once writable and once executable.  The start of
 * it holds the constants of the templates and the fixed code (trampolines);
 * the rest is two halves.  Blocks are allocated upwards in the current half.
 * When it is full every block is forgotten and allocation goes on in the other
 * half; threads that are still in old code run on undisturbed until their next
 * safepoint, where they see the new epoch and start afresh.  Only when the
 * second change comes before a thread has left the code of the epoch before
 * last, that thread is waited for.
 *
 * Look-up takes no lock: buckets are published with release stores, and a
 * block's memory outlives every thread that may have found it.
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/vm.h"
#include "translate/block.h"
#include "translate/stats.h"

enum { HASH_BITS = 16, PAGE_HASH_BITS = 12, FIXED_BYTES = 16384 };

/* One guest page that holds translated code. */
struct code_page {
    uint64_t page;
    struct code_page *next;
    struct block *blocks;
};

struct half {
    uint8_t *code_begin, *code_end;             /* writable mapping */
    uint8_t *meta_begin, *meta_end, *meta_next; /* block metadata */
    struct block **by_address;                  /* in order of code_off */
    unsigned block_count, block_room;
    struct exit_site **exits; /* by exit id */
    unsigned exit_count, exit_room;
};

static struct {
    int fork_fd; /* the copy of the code for a child, while it is made */
    uint8_t *w, *x;
    size_t bytes;
    struct half half[2];
    unsigned current;
    uint8_t *next; /* in the current half */
    atomic_uint epoch;
    _Atomic(struct block *) hash[1 << HASH_BITS];
    struct code_page *pages[1 << PAGE_HASH_BITS];
    struct code_page *free_pages;
    unsigned page_count;
    struct vcpu **vcpus;
    unsigned vcpu_count, vcpu_room;
} cache;

pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;
const uint8_t *cache_pool;

static void *must_map(void *at, size_t bytes, int prot, int flags, int fd)
{
    void *p = mmap(at, bytes, prot, flags, fd, 0);
    if (p == MAP_FAILED) {
        fprintf(stderr, "ferry: mapping %zu bytes for translated code: %s\n", bytes,
                strerror(errno));
        exit(1);
    }
    return p;
}

static int new_code_memory(size_t bytes)
{
    int fd = memfd_create("ferry-code", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, bytes) < 0) {
        fprintf(stderr, "ferry: memory for translated code: %s\n", strerror(errno));
        exit(1);
    }
    return fd;
}

/* perf takes names of code from its map file only for memory without a file. */
static void map_nameless(size_t bytes)
{
    cache.w = must_map(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    cache.x = mremap(cache.w, 0, bytes, MREMAP_MAYMOVE); /* the same pages once more */
    if (cache.x == MAP_FAILED || mprotect(cache.x, bytes, PROT_READ | PROT_EXEC)) {
        fprintf(stderr, "ferry: mapping translated code for perf: %s\n", strerror(errno));
        exit(1);
    }
}

static void map_code_memory(size_t bytes)
{
    int fd = new_code_memory(bytes);
    cache.w = must_map(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd);
    cache.x = must_map(NULL, bytes, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_NORESERVE, fd);
    close(fd);
}

void cache_init(size_t bytes)
{
    bytes = (bytes + 0xfffff) & ~(size_t)0xfffff;
    cache.bytes = bytes;
    (perf_options.map ? map_nameless : map_code_memory)(bytes);
    memcpy(cache.w, hostgen_pool, hostgen_pool_size);
    cache_pool = cache.x;
    cache.next = cache.w + ((hostgen_pool_size + 63) & ~(size_t)63);
    uint8_t *first = cache.next + FIXED_BYTES;
    size_t each = (cache.w + bytes - first) / 2 & ~(size_t)63;
    for (unsigned k = 0; k < 2; k++) {
        struct half *h = &cache.half[k];
        h->code_begin = first + k * each;
        h->code_end = h->code_begin + each;
        h->meta_begin = must_map(NULL, each, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
        h->meta_end = h->meta_begin + each;
        h->meta_next = h->meta_begin;
    }
    atomic_store(&cache.epoch, 1);
}

struct code_ptr cache_code_start(void)
{
    return (struct code_ptr){.w = cache.next, .x = cache.x + (cache.next - cache.w)};
}

void cache_set_fixed_end(struct code_ptr p)
{
    if (p.w > cache.half[0].code_begin) {
        fprintf(stderr, "ferry: fixed code exceeds %d bytes\n", FIXED_BYTES);
        abort();
    }
    cache.next = cache.half[0].code_begin;
}

uint8_t *cache_x(uint32_t off)
{
    return cache.x + off;
}

bool cache_contains(uint64_t host_pc)
{
    return host_pc - (uint64_t)cache.x < cache.bytes;
}

uint32_t cache_epoch(void)
{
    return atomic_load(&cache.epoch);
}

/* ---- Recycling ---- */

/* True if a vcpu may still run code of the epoch before the current one. */
static bool stragglers(void)
{
    uint32_t now = cache_epoch();
    for (unsigned k = 0; k < cache.vcpu_count; k++) {
        const struct vcpu *cpu = cache.vcpus[k];
        if (__atomic_load_n(&cpu->in_code, __ATOMIC_SEQ_CST) &&
            __atomic_load_n(&cpu->cache_epoch, __ATOMIC_SEQ_CST) != now)
            return true;
    }
    return false;
}

static void recycle(void)
{
    uint32_t epoch = cache_epoch();
    while (stragglers()) {
        pthread_mutex_unlock(&cache_lock);
        sched_yield();
        pthread_mutex_lock(&cache_lock);
        if (cache_epoch() != epoch)
            return; /* another thread has done it */
    }
    for (unsigned k = 0; k < 1 << HASH_BITS; k++)
        atomic_store_explicit(&cache.hash[k], NULL, memory_order_release);
    for (unsigned k = 0; k < 1 << PAGE_HASH_BITS; k++)
        for (struct code_page *p = cache.pages[k]; p; p = p->next)
            p->blocks = NULL; /* the pages stay write-protected and known */
    cache.current ^= 1;
    translate_stats.recycled++;
    struct half *h = &cache.half[cache.current];
    cache.next = h->code_begin;
    h->meta_next = h->meta_begin;
    h->block_count = h->exit_count = 0;
    atomic_fetch_add(&cache.epoch, 1);
    for (unsigned k = 0; k < cache.vcpu_count; k++)
        vcpu_interrupt(cache.vcpus[k]);
}

bool cache_make_room(size_t bytes)
{
    struct half *h = &cache.half[cache.current];
    if ((size_t)(h->code_end - cache.next) >= bytes &&
        (size_t)(h->meta_end - h->meta_next) >= bytes)
        return true;
    recycle();
    return false;
}

void *cache_alloc(size_t bytes)
{
    struct half *h = &cache.half[cache.current];
    void *p = h->meta_next;
    h->meta_next += (bytes + 15) & ~(size_t)15;
    return p;
}

static void *grow(void *array, unsigned count, unsigned *room, size_t each)
{
    if (count < *room)
        return array;
    *room = *room ? *room * 2 : 64;
    array = realloc(array, *room * each);
    if (!array) {
        fprintf(stderr, "ferry: out of memory\n");
        exit(1);
    }
    return array;
}

/* Exit ids name the half, so that those of old code stay good until its
 * memory is used again. */
uint32_t cache_next_exit_id(void)
{
    return EXIT_ID_FIRST + (cache.half[cache.current].exit_count << 1 | cache.current);
}

void cache_new_exits(struct exit_site *exits, unsigned n)
{
    struct half *h = &cache.half[cache.current];
    for (unsigned k = 0; k < n; k++) {
        h->exits = grow(h->exits, h->exit_count, &h->exit_room, sizeof(*h->exits));
        h->exits[h->exit_count++] = &exits[k];
    }
}

struct exit_site *cache_exit(uint32_t id)
{
    id -= EXIT_ID_FIRST;
    return cache.half[id & 1].exits[id >> 1];
}

/* ---- Look-up ---- */

static unsigned hash_pc(uint64_t pc)
{
    return (pc >> 2 ^ pc >> (HASH_BITS + 2)) & ((1 << HASH_BITS) - 1);
}

struct block *cache_find(uint64_t pc, uint32_t mode)
{
    struct block *b = atomic_load_explicit(&cache.hash[hash_pc(pc)], memory_order_acquire);
    while (b && (b->pc != pc || b->mode != mode))
        b = __atomic_load_n(&b->next_hash, __ATOMIC_ACQUIRE);
    return b;
}

struct block *cache_find_host(uint64_t host_pc)
{
    uint32_t off = host_pc - (uint64_t)cache.x;
    for (unsigned k = 0; k < 2; k++) {
        const struct half *h = &cache.half[k];
        if (off < h->code_begin - cache.w || off >= h->code_end - cache.w)
            continue;
        unsigned lo = 0, hi = h->block_count;
        while (lo < hi) {
            unsigned mid = (lo + hi) / 2;
            if (h->by_address[mid]->code_off + h->by_address[mid]->code_len <= off)
                lo = mid + 1;
            else
                hi = mid;
        }
        if (lo < h->block_count && h->by_address[lo]->code_off <= off)
            return h->by_address[lo];
    }
    return NULL;
}

void cache_each(void (*visit)(const struct block *b))
{
    for (unsigned k = 0; k < 1 << HASH_BITS; k++)
        for (struct block *b = atomic_load(&cache.hash[k]); b; b = b->next_hash)
            visit(b);
}

static struct code_page **find_page(uint64_t page)
{
    struct code_page **p = &cache.pages[page & ((1 << PAGE_HASH_BITS) - 1)];
    while (*p && (*p)->page != page)
        p = &(*p)->next;
    return p;
}

static void add_to_page(struct block *b, unsigned which, uint64_t page)
{
    struct code_page **p = find_page(page);
    if (!*p) {
        struct code_page *fresh = cache.free_pages;
        if (fresh)
            cache.free_pages = fresh->next;
        else if (!(fresh = malloc(sizeof(*fresh)))) {
            fprintf(stderr, "ferry: out of memory\n");
            exit(1);
        }
        *fresh = (struct code_page){.page = page};
        *p = fresh;
        cache.page_count++;
    }
    b->next_page[which] = (*p)->blocks;
    (*p)->blocks = b;
}

void cache_publish(struct block *b, struct code_ptr end)
{
    struct half *h = &cache.half[cache.current];
    h->by_address = grow(h->by_address, h->block_count, &h->block_room, sizeof(*h->by_address));
    h->by_address[h->block_count++] = b;
    cache.next = end.w;
    uint64_t first = b->pc >> GUEST_PAGE_BITS, last = (b->guest_end - 1) >> GUEST_PAGE_BITS;
    add_to_page(b, 0, first);
    if (last != first)
        add_to_page(b, 1, last);
    _Atomic(struct block *) *bucket = &cache.hash[hash_pc(b->pc)];
    b->next_hash = atomic_load_explicit(bucket, memory_order_relaxed);
    atomic_store_explicit(bucket, b, memory_order_release);
}

/* ---- Chaining ---- */

static const uint8_t *x_of(const uint8_t *w)
{
    return cache.x + (w - cache.w);
}

static void set_target(struct exit_site *e, const uint8_t *target)
{
    host_patch_rel32(e->patch, x_of(e->patch), target);
}

void cache_chain(struct exit_site *e, struct block *to)
{
    if (e->never_chain || e->to || e->from->dropped || to->dropped || !e->patch)
        return;
    e->to = to;
    e->next_incoming = to->incoming;
    to->incoming = e;
    set_target(e, cache_x(to->code_off + (e->poll ? 0 : to->entry_skip)));
}

static void unchain(struct exit_site *e)
{
    e->to = NULL;
    set_target(e, cache_x(e->stub_off));
}

static void drop_block(struct block *b)
{
    if (b->dropped)
        return;
    b->dropped = true;
    translate_stats.dropped++;
    if (log_options.block)
        dprintf(log_options.fd, "dropped 0x%" PRIx64 "\n", b->pc);
    _Atomic(struct block *) *bucket = &cache.hash[hash_pc(b->pc)];
    struct block *before = atomic_load(bucket);
    if (before == b)
        atomic_store_explicit(bucket, b->next_hash, memory_order_release);
    else {
        while (before->next_hash != b)
            before = before->next_hash;
        __atomic_store_n(&before->next_hash, b->next_hash, __ATOMIC_RELEASE);
    }
    for (struct exit_site *e = b->incoming, *next; e; e = next) {
        next = e->next_incoming;
        unchain(e);
    }
    b->incoming = NULL;
    for (unsigned k = 0; k < b->exit_count; k++) {
        struct exit_site *e = &b->exits[k];
        if (!e->to)
            continue;
        struct exit_site **p = &e->to->incoming;
        while (*p != e)
            p = &(*p)->next_incoming;
        *p = e->next_incoming;
        unchain(e);
    }
    for (unsigned k = 0; b->own_loop && k < cache.vcpu_count; k++)
        vcpu_interrupt(cache.vcpus[k]); /* one may be going round in it */
    for (unsigned k = 0; k < b->landing_count; k++) {
        struct code_ptr p = {.w = cache.w + b->code_off + b->landings[k].off};
        p.x = cache.x + (p.w - cache.w);
        host_emit_trap(&p);
    }
    for (unsigned k = 0; k < cache.vcpu_count; k++) {
        struct jump_cache_entry *e =
            &cache.vcpus[k]->jump_cache[b->pc >> 2 & (JUMP_CACHE_SIZE - 1)];
        if (__atomic_load_n(&e->pc, __ATOMIC_RELAXED) == b->pc)
            __atomic_store_n(&e->pc, JUMP_CACHE_EMPTY, __ATOMIC_SEQ_CST);
    }
}

/* ---- Invalidation ---- */

static struct block *next_on_page(const struct block *b, uint64_t page)
{
    return b->next_page[b->pc >> GUEST_PAGE_BITS == page ? 0 : 1];
}

static void unlink_from_page(struct block *b, uint64_t page)
{
    struct code_page *p = *find_page(page);
    if (!p)
        return;
    struct block **q = &p->blocks;
    while (*q && *q != b)
        q = &(*q)->next_page[(*q)->pc >> GUEST_PAGE_BITS == page ? 0 : 1];
    if (*q)
        *q = next_on_page(b, page);
}

bool cache_drop_page(uint64_t page)
{
    struct code_page **p = find_page(page), *gone = *p;
    if (!gone)
        return false;
    for (struct block *b = gone->blocks, *next; b; b = next) {
        next = next_on_page(b, page);
        uint64_t first = b->pc >> GUEST_PAGE_BITS, last = (b->guest_end - 1) >> GUEST_PAGE_BITS;
        if (last != first)
            unlink_from_page(b, first == page ? last : first);
        drop_block(b);
    }
    *p = gone->next;
    gone->next = cache.free_pages;
    cache.free_pages = gone;
    cache.page_count--;
    return true;
}

void cache_drop(struct block *b)
{
    uint64_t first = b->pc >> GUEST_PAGE_BITS, last = (b->guest_end - 1) >> GUEST_PAGE_BITS;
    if (b->dropped)
        return;
    unlink_from_page(b, first);
    if (last != first)
        unlink_from_page(b, last);
    drop_block(b);
}

void translate_invalidate(uint64_t start, uint64_t len)
{
    if (!len)
        return;
    uint64_t first = start >> GUEST_PAGE_BITS, last = (start + len - 1) >> GUEST_PAGE_BITS;
    pthread_mutex_lock(&cache_lock);
    if (last - first < cache.page_count) {
        for (uint64_t page = first; page <= last; page++)
            cache_drop_page(page);
    } else {
        for (unsigned k = 0; k < 1 << PAGE_HASH_BITS && cache.page_count; k++)
            for (struct code_page *p = cache.pages[k], *next; p; p = next) {
                next = p->next;
                if (p->page >= first && p->page <= last)
                    cache_drop_page(p->page);
            }
    }
    pthread_mutex_unlock(&cache_lock);
}

bool translate_unprotect_all(void)
{
    bool any = false;
    pthread_mutex_lock(&cache_lock);
    for (unsigned k = 0; k < 1 << PAGE_HASH_BITS && cache.page_count; k++)
        for (struct code_page *p = cache.pages[k], *next; p; p = next) {
            next = p->next;
            if (!(vm_prot(p->page << GUEST_PAGE_BITS) & PROT_WRITE))
                continue;
            uint64_t page = p->page;
            cache_drop_page(page);
            vm_unprotect_code(page << GUEST_PAGE_BITS, 1 << GUEST_PAGE_BITS);
            any = true;
        }
    pthread_mutex_unlock(&cache_lock);
    return any;
}

/* ---- vcpus and forks ---- */

void cache_add_vcpu(struct vcpu *cpu)
{
    pthread_mutex_lock(&cache_lock);
    cache.vcpus = grow(cache.vcpus, cache.vcpu_count, &cache.vcpu_room, sizeof(*cache.vcpus));
    cache.vcpus[cache.vcpu_count++] = cpu;
    pthread_mutex_unlock(&cache_lock);
}

void cache_remove_vcpu(struct vcpu *cpu)
{
    pthread_mutex_lock(&cache_lock);
    for (unsigned k = 0; k < cache.vcpu_count; k++)
        if (cache.vcpus[k] == cpu) {
            cache.vcpus[k] = cache.vcpus[--cache.vcpu_count];
            break;
        }
    pthread_mutex_unlock(&cache_lock);
}

/* The code memory is shared between processes after a fork: the child gets its
 * own copy of what is in use, at the same addresses.  The parent makes it before,
 * as its own would change while the child copies. */
void translate_fork_prepare(void)
{
    pthread_mutex_lock(&cache_lock);
    const struct half *h = &cache.half[cache.current];
    const uint8_t *pieces[2][2] = {{cache.w, cache.half[0].code_begin},
                                   {h->code_begin, cache.next}};
    cache.fork_fd = new_code_memory(cache.bytes);
    for (unsigned k = 0; k < 2; k++)
        for (const uint8_t *p = pieces[k][0]; p < pieces[k][1];) {
            ssize_t n = pwrite(cache.fork_fd, p, pieces[k][1] - p, p - cache.w);
            if (n <= 0) {
                fprintf(stderr, "ferry: copying translated code for a fork: %s\n", strerror(errno));
                exit(1);
            }
            p += n;
        }
}

void translate_fork_parent(void)
{
    close(cache.fork_fd);
    pthread_mutex_unlock(&cache_lock);
}

void translate_fork_child(void)
{
    must_map(cache.w, cache.bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE | MAP_FIXED,
             cache.fork_fd);
    must_map(cache.x, cache.bytes, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_NORESERVE | MAP_FIXED,
             cache.fork_fd);
    close(cache.fork_fd);
    struct vcpu *self = vcpu_running();
    cache.vcpu_count = 0;
    if (self)
        cache.vcpus[cache.vcpu_count++] = self;
    perf_fork_child();
    pthread_mutex_unlock(&cache_lock);
}
