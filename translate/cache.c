/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The code cache: which arenas there are, look-up, chaining, invalidation.
 *
 * Look-up takes no lock: arenas and buckets are published with release stores.
 * A thread in generated code or in the dispatcher says which epoch it has seen; memory
 * that was given up in a later epoch outlives what it may have found.
 */
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "hostgen/far.h"
#include "translate/block.h"
#include "translate/stats.h"

enum { HASH_BITS = 16 };
/* A file arena has room for so many bytes of host code to one of guest code. */
enum { EXPANSION = 12, EXPANSION_SLACK = 4 << 20 };

struct arena arenas[MAX_ARENAS] FAR_ZEROS;
unsigned arena_count;

static struct {
    struct arena *_Atomic anonymous;
    struct arena *spare; /* the other of the two */
    struct arena_size anonymous_size;
    size_t most;   /* code of an arena */
    bool debugged; /* all code is in the anonymous arena */
    bool scarce;   /* and so is new code: there was no memory for a file's */
    atomic_uint epoch;
    struct vcpu **vcpus;
    unsigned vcpu_count, vcpu_room;
} cache;

/* The guest addresses of the file arenas, apart, for look-up: [start, end). */
static _Atomic uint64_t starts[MAX_ARENAS], ends[MAX_ARENAS];
static atomic_uint range_count;

static void start_anew(void);
static struct arena *unused_arena(void);
struct lock cache_lock = LOCK_FREE(start_anew);

/* Where memory is scarce, with less of it. */
static void start_anonymous(struct arena *a)
{
    enum { LEAST = 1 << 20 };
    for (uint64_t room = cache.anonymous_size.code_room; !arena_start(a, &cache.anonymous_size, 0);
         cache.anonymous_size = arena_size_for(room, 1 << HASH_BITS)) {
        if (room <= LEAST) {
            fprintf(stderr, "ferry: no memory for translated code; see --code-cache\n");
            exit(1);
        }
        room /= 2;
    }
}

void cache_init(const struct guest *guest, size_t bytes)
{
    standard_pinning =
        hostgen_pinning(guest->pins, guest->pin_count, guest->vpins, guest->vpin_count);
    hostgen_pin(&standard_pinning);
    link_register = G(guest->link_slot);
    cache.most = bytes;
    cache.anonymous_size = arena_size_for(bytes / 2, 1 << HASH_BITS);
    start_anonymous(&arenas[0]);
    arena_count = ANONYMOUS_ARENAS;
    atomic_store(&cache.anonymous, &arenas[0]);
    cache.spare = &arenas[1];
    atomic_store(&cache.epoch, 1);
}

struct arena *cache_anonymous(void)
{
    return atomic_load_explicit(&cache.anonymous, memory_order_acquire);
}

uint32_t cache_epoch(void)
{
    return atomic_load(&cache.epoch);
}

/* ---- Epochs ---- */

/* True if a vcpu may still use what was given up when that epoch began. */
static bool stragglers(uint32_t epoch)
{
    for (unsigned k = 0; k < cache.vcpu_count; k++) {
        const struct vcpu *cpu = cache.vcpus[k];
        if (__atomic_load_n(&cpu->in_code, __ATOMIC_SEQ_CST) &&
            (int32_t)(__atomic_load_n(&cpu->cache_epoch, __ATOMIC_SEQ_CST) - epoch) < 0)
            return true;
    }
    return false;
}

static void new_epoch(void)
{
    atomic_fetch_add(&cache.epoch, 1);
    for (unsigned k = 0; k < cache.vcpu_count; k++)
        vcpu_interrupt(cache.vcpus[k]);
}

/* ---- Arenas ---- */

/* Every block of the anonymous arena is forgotten, and the other is used.
 * Threads that are still in old code are asked to leave it, and start afresh.  Only when
 * the second change comes before a thread has left the code of the epoch before last, that
 * thread is waited for. */
static void recycle(void)
{
    uint32_t epoch = cache_epoch();
    while (stragglers(epoch)) {
        lock_drop(&cache_lock);
        sched_yield();
        lock_take(&cache_lock);
        if (cache_epoch() != epoch)
            return; /* another thread has done something like it */
    }
    pages_forget_blocks();
    struct arena *next = cache.spare;
    if (next->code_room)
        arena_empty(next);
    if (next->code_room && !arena_want_memory(next)) {
        next = unused_arena();
        if (!next)
            next = cache.spare;
        *next = (struct arena){.start = UINT64_MAX};
    }
    if (!next->code_room)
        start_anonymous(next);
    cache.spare = cache_anonymous();
    atomic_store_explicit(&cache.anonymous, next, memory_order_release);
    translate_stats.recycled++;
    new_epoch();
}

static struct arena *file_arena_at(uint64_t pc)
{
    unsigned n = atomic_load_explicit(&range_count, memory_order_acquire);
    for (unsigned k = ANONYMOUS_ARENAS; k < n; k++)
        if (pc >= atomic_load_explicit(&starts[k], memory_order_acquire) &&
            pc < atomic_load_explicit(&ends[k], memory_order_acquire))
            return &arenas[k];
    return NULL;
}

static struct arena *arena_at(uint64_t pc)
{
    struct arena *a = file_arena_at(pc);
    return a ? a : cache_anonymous();
}

void cache_drop_arena(struct arena *a)
{
    unsigned k = a - arenas;
    atomic_store(&ends[k], 0);
    atomic_store(&starts[k], UINT64_MAX);
    /* Should this thread be killed, it is not dead of an epoch that everybody has seen. */
    a->dead_epoch = cache_epoch() + 1;
    atomic_signal_fence(memory_order_seq_cst);
    a->dead = true;
    translate_stats.dropped += a->block_count;
    if (log_options.block)
        dprintf(log_options.fd, "dropped all of 0x%" PRIx64 "-0x%" PRIx64 "\n", a->start, a->end);
    new_epoch();
}

static struct arena *unused_arena(void)
{
    struct arena *unused = NULL;
    for (unsigned k = ANONYMOUS_ARENAS; k < arena_count; k++) {
        struct arena *a = &arenas[k];
        if (a->dead && !stragglers(a->dead_epoch))
            arena_free(a);
        if (!a->code_room && a != cache.spare)
            unused = a;
    }
    if (!unused && arena_count < MAX_ARENAS)
        unused = &arenas[arena_count++];
    return unused;
}

/* A new arena for a mapping of a file; NULL: no memory for it. */
static struct arena *new_file_arena(const struct vm_code_file *source, uint64_t code_room)
{
    struct arena *a = unused_arena();
    if (!a)
        return NULL;
    *a = (struct arena){.file = true,
                        .bias = source->bias,
                        .start = source->start,
                        .end = source->end,
                        .source = *source};
    uint64_t bytes = source->end - source->start;
    if (bytes > (uint64_t)1 << 31)
        return NULL;
    uint64_t room = code_room ? code_room : bytes * EXPANSION + EXPANSION_SLACK;
    struct arena_size size =
        arena_size_for(room < cache.most ? room : cache.most, (bytes >> BUCKET_BITS) + 1);
    if (!code_room && cache_file_load(a)) {
        translate_stats.loaded_blocks += a->loaded;
        translate_stats.loaded_bytes += a->next;
    } else if (!arena_start(a, &size, cache_file_place(a))) {
        *a = (struct arena){.start = UINT64_MAX};
        return NULL;
    }
    unsigned k = a - arenas;
    if (k >= atomic_load(&range_count)) {
        atomic_store(&starts[k], UINT64_MAX);
        atomic_store_explicit(&range_count, k + 1, memory_order_release);
    }
    atomic_store_explicit(&starts[k], a->start, memory_order_release);
    atomic_store_explicit(&ends[k], a->end, memory_order_release);
    return a;
}

/* Somebody has died who had cache_lock, in the middle of anything: nothing that the arenas say
 * of themselves is believed any more.  All are dead from now on, and empty ones take their
 * places.  They are given back like other dead ones, but for what was not in place yet. */
static void start_anew(void)
{
    struct arena *old = cache_anonymous();
    for (unsigned k = 0; k < arena_count; k++)
        if (arenas[k].code_room && !arenas[k].dead && &arenas[k] != old)
            cache_drop_arena(&arenas[k]);
    pages_mend();
    cache.spare = NULL;
    struct arena *next = unused_arena();
    if (next)
        *next = (struct arena){.start = UINT64_MAX};
    if (!next) {
        fprintf(stderr, "ferry: too many arenas of translated code\n");
        exit(1);
    }
    start_anonymous(next);
    cache.spare = next; /* not an unused one */
    struct arena *spare = unused_arena();
    if (spare)
        *spare = (struct arena){.start = UINT64_MAX};
    cache.spare = spare ? spare : &arenas[0];
    atomic_store_explicit(&cache.anonymous, next, memory_order_release);
    /* Last, as whoever sees the epoch of its death must not find it any more. */
    cache_drop_arena(old);
}

void cache_open(uint64_t pc)
{
    struct vm_code_file source;
    if (!cache.debugged && !cache.scarce && !file_arena_at(pc) && vm_code_file(pc, &source))
        new_file_arena(&source, 0);
}

bool cache_make_room(uint64_t pc)
{
    struct arena *a = arena_at(pc);
    bool full = !arena_has_room(a, BLOCK_MAX_BYTES);
    if (!full && arena_want_memory(a)) {
        if (a->file && !a->known)
            arena_begin_known(a);
        return true;
    }
    if (a->file) {
        struct vm_code_file source = a->source;
        uint64_t room = 2 * (uint64_t)a->code_room;
        cache_drop_arena(a);
        if (!full || !new_file_arena(&source, room))
            cache.scarce = true;
    } else {
        recycle();
    }
    return false;
}

struct arena *cache_arena(uint64_t pc)
{
    return arena_at(pc);
}

struct arena *cache_bounds(uint64_t pc, uint64_t *start, uint64_t *end)
{
    const struct arena *a = file_arena_at(pc);
    *start = a ? a->start : 0;
    *end = a ? a->end : UINT64_MAX;
    return a ? (struct arena *)a : cache_anonymous();
}

bool cache_reaches(const struct arena *a, uint64_t from, uint64_t pc)
{
    const uint64_t reach = UINT64_C(1) << (EXIT_DISTANCE_BITS - 1);
    if (pc - from + reach >= 2 * reach)
        return false;
    return a->file ? pc >= a->start && pc < a->end : !file_arena_at(pc);
}

/* ---- Look-up ---- */

static uint32_t *bucket(const struct arena *a, uint64_t pc)
{
    if (a->file)
        return &a->heads[file_bucket(a, pc)];
    return &a->heads[(pc >> 2 ^ pc >> (HASH_BITS + 2)) & ((1 << HASH_BITS) - 1)];
}

void arena_expect(const struct arena *a, uint64_t pc)
{
    __builtin_prefetch(bucket(a, pc));
    if (a->known)
        __builtin_prefetch(&a->known[(pc - a->start) / 4 * KNOWN_BITS / 8]);
}

void arena_expect_block(const struct arena *a, uint64_t pc)
{
    uint32_t k = 0;
    if (pc - a->start < a->end - a->start && arena_known(a, pc) == KNOWN_BLOCK)
        k = *bucket(a, pc);
    if (k)
        __builtin_prefetch(&a->blocks[k - 1]);
}

struct block *arena_find(const struct arena *a, uint64_t pc, uint32_t mode)
{
    uint64_t own = pc - a->bias;
    for (uint32_t k = __atomic_load_n(bucket(a, pc), __ATOMIC_ACQUIRE); k;) {
        struct block *b = &a->blocks[k - 1];
        if (b->pc == own && b->mode == mode)
            return b;
        k = __atomic_load_n(&b->next_hash, __ATOMIC_ACQUIRE);
    }
    return NULL;
}

struct found cache_find(uint64_t pc, uint32_t mode)
{
    struct arena *a = arena_at(pc);
    bool none = arena_knows_blocks(a) && arena_known(a, pc) != KNOWN_BLOCK;
    return (struct found){a, none ? NULL : arena_find(a, pc, mode)};
}

/* Also while others begin and end, of which none has host_pc. */
static struct arena *__attribute__((no_sanitize("thread"))) arena_of_host(uint64_t host_pc)
{
    for (unsigned k = 0; k < arena_count; k++) {
        struct arena *a = &arenas[k];
        uint64_t room = __atomic_load_n(&a->code_room, __ATOMIC_ACQUIRE);
        if (host_pc - (uint64_t)a->x < room)
            return a;
    }
    return NULL;
}

bool cache_contains(uint64_t host_pc)
{
    return arena_of_host(host_pc) != NULL;
}

static struct found find_code(struct arena *a, uint64_t host_pc)
{
    uint32_t off = host_pc - (uint64_t)a->x;
    const uint32_t count = __atomic_load_n(&a->block_count, __ATOMIC_ACQUIRE);
    unsigned lo = 0, hi = count;
    while (lo < hi) {
        unsigned mid = (lo + hi) / 2;
        if (a->blocks[mid].code_off + a->blocks[mid].code_len <= off)
            lo = mid + 1;
        else
            hi = mid;
    }
    bool there = lo < count && a->blocks[lo].code_off <= off;
    return (struct found){a, there ? &a->blocks[lo] : NULL};
}

struct found cache_find_host(uint64_t host_pc)
{
    struct arena *a = arena_of_host(host_pc);
    return a ? find_code(a, host_pc) : (struct found){NULL, NULL};
}

void cache_each(void (*visit)(struct found f))
{
    for (unsigned k = 0; k < arena_count; k++) {
        struct arena *a = &arenas[k];
        if (a->dead || !a->code_room || (!a->file && a != cache_anonymous()))
            continue;
        for (uint32_t n = 0; n < a->block_count; n++)
            if (!a->blocks[n].dropped)
                visit((struct found){a, &a->blocks[n]});
    }
}

struct exit_site *cache_exit(const struct vcpu *cpu, uint32_t id)
{
    return &arenas[cpu->exit_id].exits[id - EXIT_ID_FIRST];
}

void cache_publish(struct arena *a, struct block *b, struct code_ptr end)
{
    arena_wrote(a, end.w - a->w - a->next);
    a->next = end.w - a->w;
    __atomic_store_n(&a->block_count, a->block_count + 1, __ATOMIC_RELEASE);
    if (!a->file) {
        a->lists[b - a->blocks] = (struct block_lists){.incoming = 0};
        pages_add(a, b);
    }
    arena_note_known(a, a->bias + b->pc, KNOWN_BLOCK);
    uint32_t *head = bucket(a, a->bias + b->pc);
    b->next_hash = *head;
    __atomic_store_n(head, b - a->blocks + 1, __ATOMIC_RELEASE);
}

/* ---- Chaining ---- */

static void set_target(struct arena *a, struct exit_site *e, uint32_t target)
{
    enum { LIKELY_NEW_PAGE = 128 };
    host_patch_rel32(a->w + e->patch, a->x + e->patch, a->x + target);
    if (e->patch < a->next) /* else it is of the block that is being made */
        arena_wrote(a, LIKELY_NEW_PAGE);
}

static void set_slot(struct arena *a, struct exit_site *e, uint32_t target)
{
    __atomic_store_n(arena_slot(a, e - a->exits), (uint64_t)(a->x + target), __ATOMIC_RELEASE);
}

void cache_chain(struct arena *a, struct exit_site *e, struct block *to)
{
    if (e->chained || a->blocks[e->from].dropped || to->dropped)
        return;
    e->chained = true;
    if (!a->file) {
        uint32_t n = e - a->exits, *incoming = &a->lists[to - a->blocks].incoming;
        a->chains[n] = (struct exit_chain){.to = to - a->blocks + 1, .next_incoming = *incoming};
        *incoming = n + 1;
    }
    uint32_t target = to->code_off;
    e->patched =
        e->patch >= a->sealed && e->patch >= a->patch_from && host_rel32_atomic(a->x + e->patch);
    if (e->patched)
        set_target(a, e, target);
    else
        set_slot(a, e, target);
}

/* False: the jump can't be changed. */
static bool unchain(struct arena *a, struct exit_site *e)
{
    if (e->patched && e->patch < a->sealed)
        return false;
    if (e->patched)
        set_target(a, e, e->patch + e->stub);
    else
        set_slot(a, e, a->leave);
    e->chained = e->patched = false;
    return true;
}

static void remove_from_bucket(struct arena *a, struct block *b)
{
    uint32_t *at = bucket(a, a->bias + b->pc), n = b - a->blocks + 1;
    while (*at != n)
        at = &a->blocks[*at - 1].next_hash;
    __atomic_store_n(at, b->next_hash, __ATOMIC_RELEASE);
}

/* In a file's arena, which keeps no lists. */
static bool unchain_all_to(struct arena *a, const struct block *b)
{
    bool all = true;
    for (uint32_t n = 0; n < a->exit_count; n++) {
        struct exit_site *e = &a->exits[n];
        if (e->chained && exit_target(a, e) == b->pc && a->blocks[e->from].mode == b->mode)
            all &= unchain(a, e);
    }
    return all;
}

static bool unchain_incoming(struct arena *a, struct block *b)
{
    bool all = true;
    uint32_t kept = 0;
    if (a->file)
        return unchain_all_to(a, b);
    uint32_t *incoming = &a->lists[b - a->blocks].incoming;
    for (uint32_t n = *incoming, next; n; n = next) {
        next = a->chains[n - 1].next_incoming;
        if (!unchain(a, &a->exits[n - 1])) {
            all = false;
            a->chains[n - 1].next_incoming = kept;
            kept = n;
        }
    }
    *incoming = kept;
    return all;
}

static void unchain_outgoing(struct arena *a, struct block *b)
{
    for (uint32_t n = b->exits; n < b->exits + b->exit_count; n++) {
        struct exit_site *e = &a->exits[n];
        if (!e->chained)
            continue;
        uint32_t *at = &a->lists[a->chains[n].to - 1].incoming;
        while (*at != n + 1)
            at = &a->chains[*at - 1].next_incoming;
        *at = a->chains[n].next_incoming;
        unchain(a, e);
    }
}

static void forget_jumps(uint64_t pc)
{
    for (unsigned k = 0; k < cache.vcpu_count; k++) {
        struct jump_cache_entry *e = jump_cache_set(cache.vcpus[k], pc);
        for (unsigned way = 0; way < 2; way++)
            if (__atomic_load_n(&e[way].pc, __ATOMIC_RELAXED) == pc)
                __atomic_store_n(&e[way].pc, jump_cache_empty(cache.vcpus[k], &e[way]),
                                 __ATOMIC_SEQ_CST);
    }
}

bool cache_drop_block(struct arena *a, struct block *b)
{
    if (b->dropped)
        return true;
    b->dropped = true;
    a->superseded++;
    translate_stats.dropped++;
    if (log_options.block)
        dprintf(log_options.fd, "dropped 0x%" PRIx64 "\n", a->bias + b->pc);
    remove_from_bucket(a, b);
    a->target_count = 0;
    for (unsigned k = 0; b->own_loop && k < cache.vcpu_count; k++)
        vcpu_interrupt_in(cache.vcpus[k], (struct found){a, b}); /* it may be going round in it */
    if (!a->file)
        arena_own(a);
    bool all = unchain_incoming(a, b);
    if (!a->file) {
        /* The guest's code has changed: whoever is in the block must leave it. */
        unchain_outgoing(a, b);
        const uint32_t *landings = maps_landings((struct found){a, b});
        for (unsigned k = 0; k < b->landing_count; k++) {
            struct code_ptr p = {.w = a->w + b->code_off + landings[k],
                                 .x = a->x + b->code_off + landings[k]};
            host_emit_trap(&p);
        }
    }
    forget_jumps(a->bias + b->pc);
    return all;
}

bool cache_drop(struct found f)
{
    if (f.arena->dead || f.block->dropped)
        return true;
    if (!f.arena->file)
        pages_remove(f.arena, f.block);
    return cache_drop_block(f.arena, f.block);
}

void cache_drop_files(uint64_t start, uint64_t len)
{
    for (unsigned k = ANONYMOUS_ARENAS; k < arena_count; k++) {
        struct arena *a = &arenas[k];
        if (a->code_room && !a->dead && a->start < start + len && start < a->end)
            cache_drop_arena(a);
    }
}

void translate_for_debugger(void)
{
    lock_take(&cache_lock);
    cache.debugged = true;
    cache_drop_files(0, UINT64_MAX);
    lock_drop(&cache_lock);
}

void translate_save(void)
{
    struct rlimit limit;
    /* A write beyond the limit of the size of files would be the guest's end. */
    if (getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_cur < (rlim_t)1 << 30)
        return;
    /* Whoever has the lock may have been stopped. */
    if (!lock_take_within(&cache_lock, 1000))
        return;
    for (unsigned k = ANONYMOUS_ARENAS; k < arena_count; k++)
        if (arenas[k].file)
            cache_file_save(&arenas[k]);
    lock_drop(&cache_lock);
}

/* ---- vcpus and forks ---- */

void cache_add_vcpu(struct vcpu *cpu)
{
    lock_take(&cache_lock);
    if (cache.vcpu_count == cache.vcpu_room) {
        unsigned room = cache.vcpu_room ? 2 * cache.vcpu_room : 16;
        struct vcpu **old = cache.vcpus, **more = malloc(room * sizeof *more);
        if (!more)
            abort();
        if (old)
            memcpy(more, old, cache.vcpu_count * sizeof *more);
        cache.vcpus = more;
        atomic_signal_fence(memory_order_seq_cst);
        cache.vcpu_room = room;
        free(old);
    }
    cache.vcpus[cache.vcpu_count] = cpu;
    atomic_signal_fence(memory_order_seq_cst);
    cache.vcpu_count++;
    lock_drop(&cache_lock);
}

void cache_remove_vcpu(struct vcpu *cpu)
{
    lock_take(&cache_lock);
    /* Each step leaves all the others there, one perhaps twice. */
    for (unsigned k = 0; k < cache.vcpu_count;)
        if (cache.vcpus[k] == cpu) {
            cache.vcpus[k] = cache.vcpus[cache.vcpu_count - 1];
            atomic_signal_fence(memory_order_seq_cst);
            cache.vcpu_count--;
        } else {
            k++;
        }
    lock_drop(&cache_lock);
}

/* Code memory is shared between processes after a fork: what is there stays as it is for both, and
 * each adds its own.  Who has to change some of the anonymous arena takes a copy first. */
void translate_fork_prepare(void)
{
    lock_take(&cache_lock);
}

void translate_fork_parent(void)
{
    for (unsigned k = 0; k < arena_count; k++)
        if (arenas[k].code_room)
            arena_seal(&arenas[k]);
    lock_drop(&cache_lock);
}

void translate_fork_child(void)
{
    for (unsigned k = 0; k < arena_count; k++)
        if (arenas[k].code_room)
            arena_unshare(&arenas[k]);
    /* What the parent has translated is the parent's to save. */
    for (unsigned k = ANONYMOUS_ARENAS; k < arena_count; k++)
        arenas[k].loaded = arenas[k].block_count;
    struct vcpu *self = vcpu_running();
    cache.vcpu_count = 0;
    if (self)
        cache.vcpus[cache.vcpu_count++] = self;
    perf_fork_child();
    lock_drop(&cache_lock);
}

void translate_child_gone(unsigned dead, struct vcpu *cpu)
{
    vcpu_set_running(cpu);
    lock_recover(&cache_lock, dead);
}
