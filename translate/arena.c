/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of arenas: cache.h says what they are. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "translate/block.h"
#include "translate/own_memory.h"
#include "translate/stats.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

enum { PAGE = 4096, FIXED_BYTES = 16384 };
/* The most that the maps of one block need beside its code. */
enum { BLOCK_MAPS_BYTES = 128 << 10 };

struct fixed_code fixed_code;
struct pinning standard_pinning;
struct opnd link_register;
static uint32_t last_serial;

static size_t page_up(size_t n)
{
    return (n + PAGE - 1) & ~(size_t)(PAGE - 1);
}

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "ferry: memory for translated code: %s: %s\n", what, strerror(errno));
    exit(1);
}

struct arena_size arena_size_for(uint64_t code_room, uint32_t heads)
{
    const uint64_t least = BLOCK_MAX_BYTES + FIXED_BYTES * 2, most = 1 << CODE_BITS;
    code_room = page_up(code_room < least ? least : code_room > most ? most : code_room);
    return (struct arena_size){.code_room = code_room,
                               .exit_room = code_room / 32,
                               .block_room = code_room >> BLOCK_LEAST_BITS,
                               .maps_room = code_room,
                               .head_count = heads};
}

bool arena_reserve(struct arena *a, const struct arena_size *size, uint64_t at)
{
    size_t slots = page_up((size->exit_room + (size_t)1) * sizeof(*a->slots));
    size_t blocks = page_up(size->block_room * sizeof(*a->blocks));
    size_t exits = page_up(size->exit_room * sizeof(*a->exits));
    size_t maps = page_up(size->maps_room);
    size_t text = a->file ? text_pages_bytes(a->end - a->start) : 0;
    size_t targets = a->file ? TARGETS_BYTES : 0;
    size_t heads = page_up(size->head_count * sizeof(*a->heads) + text + targets);
    size_t chains = a->file ? 0 : page_up(size->exit_room * sizeof(*a->chains));
    size_t lists = a->file ? 0 : page_up(size->block_room * sizeof(*a->lists));
    size_t bytes = size->code_room + slots + blocks + exits + maps + heads + chains + lists;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    uint8_t *p = MAP_FAILED;
    if (at) {
        p = mmap((void *)at, bytes, PROT_READ | PROT_WRITE, flags | MAP_FIXED_NOREPLACE, -1, 0);
        if (p != MAP_FAILED && p != (uint8_t *)at) {
            munmap(p, bytes);
            p = MAP_FAILED;
        }
    }
    if (p == MAP_FAILED)
        p = mmap(own_memory_place(bytes), bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (p == MAP_FAILED)
        return false;
    madvise(p, bytes, MADV_NOHUGEPAGE);
    a->serial = ++last_serial;
    a->base = a->x = p;
    a->bytes = bytes;
    a->w = NULL;
    a->has_memory = false;
    a->slots = (uint64_t *)(p += size->code_room);
    a->blocks = (struct block *)(p += slots);
    a->exits = (struct exit_site *)(p += blocks);
    a->maps = p += exits;
    a->heads = (uint32_t *)(p += maps);
    a->text_pages = a->file ? (uint8_t *)(a->heads + size->head_count) : NULL;
    a->targets = a->file ? (struct targets *)(a->text_pages + text) : NULL;
    a->target_count = 0;
    a->chains = (struct exit_chain *)(p += heads);
    a->lists = (struct block_lists *)(p + chains);
    a->block_room = size->block_room;
    a->exit_room = size->exit_room;
    a->maps_room = size->maps_room;
    a->head_count = size->head_count;
    a->next = a->sealed = a->patch_from = 0;
    memset(&a->ready, 0, sizeof a->ready);
    a->block_count = a->exit_count = a->maps_next = 0;
    __atomic_store_n(&a->code_room, size->code_room, __ATOMIC_RELEASE);
    return true;
}

void arena_free(struct arena *a)
{
    __atomic_store_n(&a->code_room, 0, __ATOMIC_RELEASE);
    if (a->w)
        munmap(a->w + a->w_begin, a->bytes_w);
    munmap(a->base, a->bytes);
    free(a->known);
    free(a->looked_through);
    free(a->text_parts);
    *a = (struct arena){.start = UINT64_MAX};
}

bool arena_has_room(const struct arena *a, size_t bytes)
{
    return a->code_room - a->next >= bytes && a->maps_room - a->maps_next >= BLOCK_MAPS_BYTES &&
           a->block_count < a->block_room && a->exit_room - a->exit_count >= BLOCK_MAX_EXITS;
}

/* ---- Writable code ---- */

/* Memory without a file: perf takes names of code from its map file for no
 * other, and files are bounded by the guest's RLIMIT_FSIZE.  NULL: none. */
static uint8_t *new_memory(size_t bytes)
{
    uint8_t *p = mmap(own_memory_place(bytes), bytes, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

/* w: [from, code_room) of the arena's code, writable.  False: no memory; all is as before. */
static bool map_views(struct arena *a, uint32_t from, uint8_t *w)
{
    size_t bytes = a->code_room - from;
    /* The same pages once more; at first elsewhere, where a failure does no harm and until
     * they are what others who run the code that was there will find. */
    uint8_t *x = mremap(w, 0, bytes, MREMAP_MAYMOVE);
    if (x == MAP_FAILED)
        return false;
    if (mprotect(x, bytes, PROT_READ | PROT_EXEC)) {
        munmap(x, bytes);
        return false;
    }
    if (mremap(x, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, a->x + from) == MAP_FAILED)
        fail("mmap");
    /* Should this process die here, nobody gives the same addresses back twice. */
    uint8_t *old = a->w ? a->w + a->w_begin : NULL;
    size_t old_bytes = a->bytes_w;
    a->w = NULL;
    atomic_signal_fence(memory_order_seq_cst);
    if (old)
        munmap(old, old_bytes);
    a->w_begin = from;
    a->bytes_w = bytes;
    a->ready.code = (struct arena_ready){0};
    atomic_signal_fence(memory_order_seq_cst);
    a->w = w - from;
    a->has_memory = true;
    return true;
}

/* What is in the page of `next` already was mapped from elsewhere, and is copied. */
bool arena_want_memory(struct arena *a)
{
    if (a->has_memory)
        return true;
    uint32_t from = a->next & ~(uint32_t)(PAGE - 1), kept = a->next - from;
    uint8_t *w = new_memory(a->code_room - from);
    if (!w)
        return false;
    memcpy(w, a->x + from, kept);
    if (!map_views(a, from, w)) {
        munmap(w, a->code_room - from);
        return false;
    }
    return true;
}

struct code_ptr arena_code(const struct arena *a)
{
    return (struct code_ptr){.w = a->w + a->next, .x = a->x + a->next};
}

/* Has the kernel make several pages at once of what is going to be written next, of which `used`
 * bytes of `room` are: taking a fault for each would be a good part of a first run.  Behind what
 * has come from the disk little is expected. */
static void populate(uint8_t *part, size_t used, size_t room, struct arena_ready *ready)
{
    enum { LEAST = 4 * PAGE, MOST = 32 * PAGE };
    if (used + PAGE < ready->end)
        return;
    size_t from = page_up(used);
    if (!ready->end)
        ready->begin = used <= LEAST ? 0 : from;
    size_t fresh = from - ready->begin, ahead = fresh > MOST ? MOST : fresh;
    if (!ready->begin && ahead < LEAST)
        ahead = LEAST;
    ready->end = from + ahead;
    if (ahead && ready->end <= room)
        madvise(part + from, ahead, MADV_POPULATE_WRITE);
}

static void populate_all(struct arena *a)
{
    populate(a->w + a->w_begin, a->next - a->w_begin, a->bytes_w, &a->ready.code);
    populate((uint8_t *)a->blocks, a->block_count * sizeof *a->blocks,
             a->block_room * sizeof *a->blocks, &a->ready.blocks);
    populate((uint8_t *)a->exits, a->exit_count * sizeof *a->exits, a->exit_room * sizeof *a->exits,
             &a->ready.exits);
    populate((uint8_t *)a->slots, (a->exit_count + (size_t)1) * sizeof *a->slots,
             a->exit_room * sizeof *a->slots, &a->ready.slots);
    populate(a->maps, a->maps_next, a->maps_room, &a->ready.maps);
}

/* What translation reads of the guest's code does not stay resident, but where that is little.
 * The rest of a file's mapping the guest itself reads: what it does no longer need of that goes now
 * and then. */
static void give_back_text(struct arena *a)
{
    enum { LEAST = 24, MOST = 96, NOW_AND_THEN = 16 };
    const uint64_t count = (a->end - a->start) / VM_TEXT_PART + 1;
    const size_t bytes = (count + 63) / 64 * sizeof *a->text_parts;
    const uint64_t bound = count / 3 < LEAST ? LEAST : count / 3 > MOST ? MOST : count / 3;
    if (a->text_part_count < bound)
        return;
    if (++a->text_given_back % NOW_AND_THEN == 0)
        memset(a->text_parts, 0xff, bytes);
    vm_give_back_text(a->start, a->end, a->text_parts);
    memset(a->text_parts, 0, bytes);
    a->text_part_count = 0;
}

void arena_wrote(struct arena *a, size_t bytes)
{
    enum { MOST_RESIDENT = 7 << 17 };
    populate_all(a);
    give_back_text(a);
    a->written += bytes;
    if (a->written < MOST_RESIDENT)
        return;
    a->written = 0;
    if (a->next > ARENA_LARGE)
        a->patch_from = a->next;
    madvise(a->w + a->w_begin, page_up(a->next - a->w_begin), MADV_DONTNEED);
}

uint32_t arena_alloc(struct arena *a, size_t bytes)
{
    uint32_t at = a->maps_next;
    a->maps_next += (bytes + 3) & ~(size_t)3;
    return at;
}

/* ---- Fixed code ---- */

/* What all indirect jumps share: behind it follows the way out to the dispatcher. */
static void emit_jumps(struct arena *a, struct code_ptr *p)
{
    const struct opnd target = T(0);
    /* The frame was not the guest's: maybe one above is. */
    a->return_miss = p->x - a->x;
    host_emit_guest_return(p);
    if (!fixed_code.return_empty)
        fixed_code.return_empty = p->x;
    host_emit_return_reset(p);
    hostgen_emit(p, UOP_mov64, (const struct opnd[]){target, link_register}, a->x, NULL);
    host_emit_jump_lookup(p, target);
    a->lookup_second = p->x - a->x;
    struct template_exits exits = {0};
    hostgen_emit(p, UOP_jump_lookup_second, NULL, a->x, &exits);
    for (unsigned k = 0; k < exits.taken_count; k++)
        host_patch_rel32(exits.taken[k], host_field_x(p, exits.taken[k]), p->x);
}

bool arena_start(struct arena *a, const struct arena_size *size, uint64_t at)
{
    if (!arena_reserve(a, size, at))
        return false;
    a->slots[0] = a - arenas;
    if (!arena_want_memory(a)) {
        arena_free(a);
        return false;
    }
    memcpy(a->w, hostgen_pool, hostgen_pool_size);
    a->next = (hostgen_pool_size + 63) & ~(size_t)63;
    struct code_ptr p = arena_code(a);
    if (!fixed_code.enter)
        fixed_code.enter = (host_enter_fn *)(uintptr_t)p.x;
    host_emit_enter(&p);
    emit_jumps(a, &p);
    host_emit_set_exit(&p, EXIT_LOOKUP);
    a->leave = p.x - a->x;
    host_emit_copy32(&p, offsetof(struct vcpu, exit_id), (uint8_t *)&a->slots[0]);
    if (!fixed_code.leave)
        fixed_code.leave = p.x;
    host_emit_leave(&p);
    host_emit_align(&p, 16);
    a->helper_thunk = p.x - a->x;
    host_emit_helper_thunk(&p);
    if (p.w > a->w + a->next + FIXED_BYTES)
        abort();
    host_emit_align(&p, 64);
    a->next = a->code_begin = a->sealed = p.x - a->x;
    return true;
}

void arena_empty(struct arena *a)
{
    if (a->shared)
        a->has_memory = a->shared = false;
    a->next = a->sealed = a->code_begin;
    a->patch_from = 0;
    a->block_count = a->exit_count = a->maps_next = 0;
    memset(a->heads, 0, a->head_count * sizeof(*a->heads));
}

/* ---- Forks ---- */

void arena_seal(struct arena *a)
{
    a->sealed = a->next;
    a->shared = true;
}

void arena_unshare(struct arena *a)
{
    arena_seal(a);
    a->has_memory = false;
}

void arena_own(struct arena *a)
{
    if (!a->shared)
        return;
    uint8_t *copy = new_memory(a->code_room);
    if (!copy)
        fail("mmap");
    memcpy(copy, a->x, a->next);
    if (!map_views(a, 0, copy))
        fail("mremap");
    a->sealed = a->code_begin;
    a->shared = false;
}
