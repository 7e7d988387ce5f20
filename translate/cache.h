/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translated blocks and the memory that they live in.
 *
 * The code cache is made of arenas.  A file arena holds the code of one
 * executable mapping of a file that the guest has not changed; all other code
 * is in an anonymous arena, of which there are two: when one is full all its
 * blocks are forgotten and the other is used.  A new pair takes their place when a child
 * that shares the memory has been killed in the middle of a change.
 *
 * An arena is one reservation of host memory:
 *
 *     code: constants of the templates, fixed code, blocks
 *     slots, struct block[], struct exit_site[], maps, look-up table
 *
 * Its code refers to nothing but itself, its slots and the state pointer, and
 * everything else to the arena by offsets and indices.  So an arena can be
 * written to a file and used straight from a mapping of it, by any process
 * (cache_file.c), and after a fork parent and child both go on with it.
 *
 * Code is seen through two mappings: x (executable) and w (writable); a part
 * of the code that came from a file, or that another process sees too, is
 * never changed ("sealed").  A direct exit of a block leads to its stub, the stub
 * puts the exit's id into the exit register and jumps through the exit's slot, and the slot
 * holds either the code that leaves generated code or the block that
 * the exit has been chained to.  Where the exit's jump is not sealed and can be
 * patched while others run it, chaining patches it instead.  What leads to a block of a file's
 * arena that was there before is a jump without any of this, unless that block has templates that
 * trap.
 *
 * Blocks of a file arena are never dropped one by one because of a change of
 * the guest's memory: the arena is, as a whole.  It is dead then: nothing
 * finds it any more, threads that are in it are asked to leave it,
 * and its memory is given back when all have done so.
 *
 * Exits lead only to blocks of their own arena; a direct jump of the guest to
 * the code of another one is looked up in the vcpu's jump cache.
 */
#ifndef FERRY_CACHE_H
#define FERRY_CACHE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "hostgen/host.h"
#include "loader/vm.h"
#include "translate/guest.h"
#include "translate/lock.h"

/* Numbers in the exit register: an enum exit_reason, or, in the arena whose index is in
 * vcpu.exit_id, EXIT_ID_FIRST + the index of a direct exit. */
#define EXIT_ID_FIRST UINT32_C(16)

/* The two entries of a vcpu's jump cache that pc can be in, the newer one first.
 * As in host_emit_jump_lookup() and glue.def.  Without a hash, as it is on the way of every
 * indirect jump: so it has to reach far.  A set is for a few instructions, of which hardly more
 * than two are jumped to: what is used of the host's cache and TLB is the less. */
enum { JUMP_CACHE_REACH_BITS = 4 };
static inline struct jump_cache_entry *jump_cache_set(const struct vcpu *cpu, uint64_t pc)
{
    return &cpu->jump_cache[(pc >> JUMP_CACHE_REACH_BITS) * 2 & (JUMP_CACHE_SIZE - 2)];
}

/* jump_cache_entry.pc of an empty entry: an address that belongs to another set, whether there
 * can be code or not.  So all sets but the first are empty when their memory is new. */
static inline uint64_t jump_cache_empty(const struct vcpu *cpu, const struct jump_cache_entry *e)
{
    return e < cpu->jump_cache + 2 ? 1 << JUMP_CACHE_REACH_BITS : 0;
}

enum { JUMP_CACHE_PART = JUMP_CACHE_SIZE / 64 };

/* Fills an entry of pc's set, while the vcpu may look. */
static inline void jump_cache_put(struct vcpu *cpu, struct jump_cache_entry *e, uint64_t pc,
                                  const uint8_t *host)
{
    cpu->jump_cache_used |= UINT64_C(1) << (unsigned)(e - cpu->jump_cache) / JUMP_CACHE_PART;
    __atomic_store_n(&e->pc, jump_cache_empty(cpu, e), __ATOMIC_SEQ_CST);
    e->host = (uint64_t)host;
    __atomic_store_n(&e->pc, pc, __ATOMIC_SEQ_CST);
}

/* Guest addresses here are relative to the arena's bias. */

/* The most code of an arena, in bytes; and a block has at least so many on average. */
enum { CODE_BITS = 29, BLOCK_LEAST_BITS = 6, EXIT_DISTANCE_BITS = 30 };
enum { BLOCK_INDEX_BITS = CODE_BITS - BLOCK_LEAST_BITS };
enum { EXIT_STUB_BITS = 64 - EXIT_DISTANCE_BITS - BLOCK_INDEX_BITS };

/* A direct way out of a block. */
struct exit_site {
    int64_t distance : EXIT_DISTANCE_BITS; /* of the target from the block's pc */
    uint64_t from : BLOCK_INDEX_BITS;      /* index of the block */
    uint64_t stub : EXIT_STUB_BITS;        /* distance of the stub from the rel32 ... */
    uint32_t patch : CODE_BITS;            /* ... that leads to it, which has this code offset */
    uint32_t back : 1;                     /* a back edge */
    uint32_t chained : 1;                  /* to the block at its target */
    uint32_t patched : 1;                  /* by its rel32, not by its slot */
} __attribute__((packed, aligned(4)));

/* What only an anonymous arena keeps of an exit and of a block: its blocks are often dropped one by
 * one, those of a file's hardly ever. */
struct exit_chain {
    uint32_t to;            /* 1 + index of the block that it is chained to */
    uint32_t next_incoming; /* 1 + index of an exit chained to the same block, or 0 */
};
struct block_lists {
    uint32_t next_page[2]; /* 1 + index of the next block on the code pages that it lies on, or 0 */
    uint32_t incoming;     /* 1 + index of the first exit chained to it, or 0 */
};

/* Host code of one guest instruction begins at off. */
struct insn_map {
    uint32_t off; /* from the start of the block's code */
    uint16_t pc_delta;
    uint16_t cc; /* 1 + where its recoveries begin; 0: nothing to recover */
    bool exact;  /* the guest's state is known there */
};

/* A template whose host exceptions are handled by its stub. */
struct trap_map {
    uint32_t begin, end, stub; /* offsets from the start of the block's code */
    uint32_t count;            /* of host exceptions so far */
};

struct block {
    uint64_t pc;
    uint32_t mode;
    uint32_t code_off, code_len;
    uint32_t next_hash; /* 1 + index of the next block in the bucket, or 0 */
    uint32_t exits;     /* index of its first exit */
    uint32_t maps;      /* offset in the arena's maps (maps.c) */
    uint16_t insn_bytes, trap_count;
    uint16_t guest_bytes; /* from pc to behind the last byte of guest code */
    uint16_t exit_count;
    uint8_t insn_count, landing_count;
    bool dropped : 1;
    bool has_addresses : 1;
    bool has_unsaved : 1;
    bool own_loop : 1; /* jumps back to itself without an exit, perhaps with a pinning of its own */
} __attribute__((packed, aligned(4)));

/* Where computed jumps have led to in the code of a file (targets.c), in the order of groups: those
 * that one page of the jump cache has room for, wherever the code lies. */
enum { TARGET_GROUPS = JUMP_CACHE_SIZE / JUMP_CACHE_PART, TARGETS_MOST = 4096 };
struct targets {
    uint32_t mode;
    uint16_t begin[TARGET_GROUPS + 1]; /* index of a group's first; its last is before the next's */
    struct {
        uint32_t offset; /* from where the code of the file begins */
        uint32_t code_off;
    } of[];
};
enum { TARGETS_BYTES = sizeof(struct targets) + TARGETS_MOST * 2 * sizeof(uint32_t) };

/* What has been populated of a part that grows: from where, and up to where. */
struct arena_ready {
    size_t begin, end; /* bytes */
};

/* One with more code is of a program most of whose code is seldom run: memory, and time to
 * translate, are worth more there. */
enum { ARENA_LARGE = 4 << 20 };

struct arena {
    uint64_t bias, start, end; /* guest addresses of its code; bias 0 and no bounds: anonymous */
    bool file;
    bool fixed; /* some of its code is right for no other bias */
    bool dead;
    uint32_t dead_epoch; /* threads that have seen this epoch have left it */
    uint32_t serial;     /* not 0, and no other one's */

    uint8_t *base; /* the reservation, which begins with x */
    size_t bytes;
    uint8_t *x, *w;   /* code; w + off is writable from sealed on, if has_memory */
    uint32_t w_begin; /* the writable mapping */
    size_t bytes_w;
    bool has_memory; /* for more code, from next on */
    bool shared;     /* what is sealed, with another process after a fork */
    size_t written;  /* since the writable view was given back */
    struct {
        struct arena_ready code, blocks, exits, slots, maps;
    } ready;
    uint32_t code_room, next;
    uint32_t code_begin; /* where blocks begin */
    uint32_t sealed;     /* code below it is never changed */
    uint32_t patch_from; /* exits below it are chained by their slots: a write would cost a fault */
    uint32_t leave, lookup_second, return_miss, helper_thunk; /* fixed code */

    uint64_t *slots; /* [0]: the arena's index; [1 + exit] */
    struct block *blocks;
    struct exit_site *exits;
    struct exit_chain *chains;
    struct block_lists *lists;
    uint8_t *maps;
    uint32_t *heads;         /* look-up: 1 + index of the first block of a bucket, or 0 */
    uint8_t *text_pages;     /* behind them, of a file arena: arena_note_text() */
    struct targets *targets; /* and these, if it is from the disk */
    uint32_t target_count;
    uint32_t block_count, block_room, exit_count, exit_room, maps_next, maps_room, head_count;

    struct vm_code_file source; /* of a file arena */
    uint32_t loaded;            /* how many blocks came from the disk */
    uint64_t generation;        /* of the file that they came from */
    uint32_t superseded;        /* blocks that were dropped */
    uint8_t *known;             /* KNOWN_BITS for each 4 bytes of guest code; NULL: nothing */
    uint8_t *looked_through;    /* loop_heads.c */
    uint64_t *text_parts;       /* a bit for each VM_TEXT_PART that has lately been read */
    uint32_t text_part_count;   /* of them */
    uint32_t text_given_back;   /* how often */
};

/* What is known of an address of an arena's code, each more than the one before: other code jumps
 * there; a short loop begins there (loop_heads.c); a block that this process has made does.  Who
 * has no lock may find less than there is. */
enum known_code { KNOWN_NOTHING, KNOWN_TARGET, KNOWN_LOOP, KNOWN_BLOCK, KNOWN_BITS = 2 };

static inline enum known_code arena_known(const struct arena *a, uint64_t pc)
{
    uint64_t n = (pc - a->start) / 4 * KNOWN_BITS;
    return a->known ? __atomic_load_n(&a->known[n / 8], __ATOMIC_RELAXED) >> n % 8 & 3
                    : KNOWN_NOTHING;
}

static inline void arena_note_known(struct arena *a, uint64_t pc, enum known_code what)
{
    uint64_t n = (pc - a->start) / 4 * KNOWN_BITS;
    if (pc - a->start < a->end - a->start && what > arena_known(a, pc))
        __atomic_store_n(&a->known[n / 8],
                         (uint8_t)((a->known[n / 8] & ~(3u << n % 8)) | what << n % 8),
                         __ATOMIC_RELAXED);
}

/* Of the guest's code, a bit for each page that has been read to make blocks of this arena: what
 * they depend on. */
enum { TEXT_PAGE_BITS = 12 };
static inline size_t text_pages_bytes(uint64_t code_bytes)
{
    return ((code_bytes >> TEXT_PAGE_BITS) / 64 + 1) * 8;
}
static inline void arena_note_text(struct arena *a, uint64_t pc)
{
    uint64_t n = (pc - a->start) >> TEXT_PAGE_BITS;
    if (!a->text_pages || pc - a->start >= a->end - a->start)
        return;
    a->text_pages[n / 8] |= (uint8_t)(1 << n % 8);
    if (a->text_parts) {
        uint64_t part = (pc - a->start) / VM_TEXT_PART, *parts = &a->text_parts[part / 64];
        a->text_part_count += !(*parts >> part % 64 & 1);
        *parts |= UINT64_C(1) << part % 64;
    }
}

/* True if what arena_known() says of blocks is all there is. */
static inline bool arena_knows_blocks(const struct arena *a)
{
    return a->known && !a->loaded;
}

struct found {
    struct arena *arena;
    struct block *block; /* NULL: none */
};

static inline uint64_t block_pc(struct found f)
{
    return f.arena->bias + f.block->pc;
}

static inline uint8_t *block_x(struct found f)
{
    return f.arena->x + f.block->code_off;
}

static inline uint64_t exit_target(const struct arena *a, const struct exit_site *e)
{
    return a->blocks[e->from].pc + (uint64_t)e->distance;
}

/* Buckets of a file arena's look-up table are in the order of its code. */
enum { BUCKET_BITS = 6 };
static inline uint32_t file_bucket(const struct arena *a, uint64_t pc)
{
    return (pc - a->start) >> BUCKET_BITS;
}

extern struct lock cache_lock;

/* ---- maps.c: a block's maps, packed ---- */

struct cc_recover;
struct unsaved;
struct block_maps {
    const struct insn_map *insns; /* cc: 1 + an index in recoveries */
    const struct cc_recover *recoveries;
    const struct trap_map *traps;
    const uint32_t *landings;
    const struct pinning *pinning; /* of a loop, else NULL */
    const uint16_t *addresses;     /* moved_entry() */
    const struct unsaved *unsaved;
    unsigned unsaved_count;
    unsigned insn_count, recovery_count, trap_count, landing_count, address_count;
};

/* Fills in what the block says of them.  Under cache_lock. */
void maps_write(struct arena *a, struct block *b, const struct block_maps *m);
const uint16_t *maps_addresses(struct found f, unsigned *count);
struct trap_map *maps_traps(struct found f);
/* Where guest returns land in the block (behind guest calls): offsets in its code. */
const uint32_t *maps_landings(struct found f);
/* The guest instruction that the host code at off belongs to. */
struct insn_map maps_insn_at(struct found f, uint32_t off);
/* *exact: the last up to there that is. */
struct insn_map maps_insns_at(struct found f, uint32_t off, struct insn_map *exact);
/* What is to be recovered where that has faulted, or NULL; reads one, and returns the next. */
const uint8_t *maps_recoveries(struct found f, const struct insn_map *m);
const uint8_t *maps_recovery(const uint8_t *at, struct cc_recover *r);
/* Where what is unsaved now and then is listed, up to what end; reads one, s being the one before
 * or all 0, and returns the next. */
const uint8_t *maps_unsaved(struct found f, const uint8_t **end);
const uint8_t *maps_next_unsaved(const uint8_t *at, struct unsaved *s);

/* ---- arena.c: memory.  All under cache_lock. ---- */

struct fixed_code {
    host_enter_fn *enter;
    const uint8_t *leave;        /* the exit register says why */
    const uint8_t *return_empty; /* what is at the base of host return stacks */
};
extern struct fixed_code fixed_code;
/* The guest's own pinning, that all blocks begin and end with. */
extern struct pinning standard_pinning;
/* Its link register. */
extern struct opnd link_register;

/* Of the code of the block's instructions. */
static inline const struct pinning *block_pinning(struct found f)
{
    return f.block->own_loop ? (const struct pinning *)(f.arena->maps + f.block->maps)
                             : &standard_pinning;
}

/* What decides an arena's size.  heads: buckets of the look-up table. */
struct arena_size {
    uint32_t code_room, exit_room, block_room, maps_room, head_count;
};
struct arena_size arena_size_for(uint64_t code_room, uint32_t heads);

/* Reserves memory (at `at` if that is free) and fills in where everything lies; false: none. */
bool arena_reserve(struct arena *a, const struct arena_size *size, uint64_t at);
/* The same, and starts it with fixed code. */
bool arena_start(struct arena *a, const struct arena_size *size, uint64_t at);
void arena_empty(struct arena *a);
void arena_free(struct arena *a);
/* True if there is room for a block of that many bytes of code. */
bool arena_has_room(const struct arena *a, size_t bytes);
/* Makes the code from next on writable, if it is not; false: no memory. */
bool arena_want_memory(struct arena *a);
struct code_ptr arena_code(const struct arena *a);
/* So many bytes of code have been written: now and then the pages of the writable view are
 * given back, or all code would be resident twice, and so are those of the guest's text that
 * translation has read lately. */
void arena_wrote(struct arena *a, size_t bytes);
/* Room for maps of a block; an offset. */
uint32_t arena_alloc(struct arena *a, size_t bytes);
/* Forks: no code that there is may be changed from now on; the child also has new
 * memory for its own. */
void arena_seal(struct arena *a);
void arena_unshare(struct arena *a);
/* Before code is changed nevertheless: from now on it is this process' own. */
void arena_own(struct arena *a);

/* The slot that exit number n jumps through. */
static inline uint64_t *arena_slot(const struct arena *a, uint32_t n)
{
    return &a->slots[1 + n];
}

/* ---- cache.c: look-up, chaining.  All but cache_find need cache_lock. ---- */

enum { MAX_ARENAS = 1024, ANONYMOUS_ARENAS = 2 };
extern struct arena arenas[MAX_ARENAS];
extern unsigned arena_count; /* that are or were used */

void cache_init(const struct guest *guest, size_t bytes);
/* Sees to it that code of a file has its arena. */
void cache_open(uint64_t pc);
/* True if there is room for a block at pc.  If not, blocks have been dropped to make
 * some, and cache_lock was free meanwhile: what was found or made under it before is no
 * more, and the vcpu is to begin with the new epoch. */
bool cache_make_room(uint64_t pc);
/* The arena for code at pc. */
struct arena *cache_arena(uint64_t pc);
/* The bounds of the memory that a block which begins at pc must stay within, and its arena. */
struct arena *cache_bounds(uint64_t pc, uint64_t *start, uint64_t *end);
struct found cache_find(uint64_t pc, uint32_t mode);
/* The same in an arena that is known to have the code at pc. */
struct block *arena_find(const struct arena *a, uint64_t pc, uint32_t mode);
/* The block at pc is going to be looked for. */
void arena_expect(const struct arena *a, uint64_t pc);
/* The same soon, and that has been said before. */
void arena_expect_block(const struct arena *a, uint64_t pc);
/* The exit by which the vcpu has left. */
struct exit_site *cache_exit(const struct vcpu *cpu, uint32_t id);
/* True if exits of a block at `from` can be chained to guest code at pc. */
bool cache_reaches(const struct arena *a, uint64_t from, uint64_t pc);
void cache_publish(struct arena *a, struct block *b, struct code_ptr end);
void cache_chain(struct arena *a, struct exit_site *e, struct block *to);
/* The block whose code host_pc is in; takes no lock. */
struct found cache_find_host(uint64_t host_pc);
bool cache_contains(uint64_t host_pc);
/* Calls visit for all blocks that can be found. */
void cache_each(void (*visit)(struct found f));
uint32_t cache_epoch(void);
/* Has the block translated anew when it is needed again.  False: jumps that can't be
 * changed still lead to it. */
bool cache_drop(struct found f);
void cache_drop_arena(struct arena *a);

void cache_add_vcpu(struct vcpu *cpu);
void cache_remove_vcpu(struct vcpu *cpu);
/* The vcpu that this thread runs. */
struct vcpu *vcpu_running(void);
void vcpu_set_running(struct vcpu *cpu);

/* ---- pages.c: which pages of the guest hold code of the anonymous arena ---- */

void pages_add(struct arena *a, struct block *b);
void pages_remove(struct arena *a, struct block *b);
/* Drops all blocks on the page; true if there were any. */
bool pages_drop(uint64_t page);
/* The arena is empty again; the pages stay write-protected and known. */
void pages_forget_blocks(void);
/* The same for a new owner of cache_lock, whose predecessor has died. */
void pages_mend(void);
/* For pages.c: the anonymous arena that is in use, and what drops its blocks. */
struct arena *cache_anonymous(void);
bool cache_drop_block(struct arena *a, struct block *b);
/* Drops file arenas with code in [start, start + len). */
void cache_drop_files(uint64_t start, uint64_t len);

/* ---- cache_file.c: the cache on disk ---- */

/* What code is made for, beside the file that it is of. */
void cache_file_init(const struct guest *guest, enum host_isa isa);
/* Fills the arena from the cache on disk; false: there is nothing for it.  The arena's guest
 * bounds and source are set. */
bool cache_file_load(struct arena *a);
/* Where a new arena should lie, so that it can be there again when it comes from the
 * disk; 0: anywhere. */
uint64_t cache_file_place(const struct arena *a);
/* Writes what is new, if that is worth it, together with what others have written since. */
void cache_file_save(struct arena *a);

/* ---- moved.c: guest addresses in code ---- */

enum { BLOCK_MAX_ADDRESSES = 1024, MOVED_MOST = INT16_MAX };
/* Where in those bytes of code, which have it as a constant, an address is; -1: in no way that
 * another address of its kind could take its place in. */
int moved_find(const uint8_t *code, size_t bytes, uint64_t address);
/* What to note of an address, which is off from the block's code. */
uint16_t moved_entry(uint32_t off, uint64_t address);
/* Adds delta to all in the code of the block.  False: one is of another kind then, and the code
 * is of no use. */
bool moved_add(struct found f, uint8_t *code, uint64_t delta);

/* ---- targets.c: what earlier processes have looked up ---- */

/* The vcpu has looked up pc, which is code of the arena: has its jump cache know those that belong
 * into the same page.  Under cache_lock. */
void targets_remember(struct vcpu *cpu, const struct arena *a, uint64_t pc);
/* What there is to be kept: those that the arena came with and those that the vcpu (or NULL)
 * knows.  t: TARGETS_BYTES.  Returns how many. */
uint32_t targets_list(const struct arena *a, const struct vcpu *cpu, struct targets *t);

/* ---- cache_merge.c ---- */

/* A block in a file that another process has written. */
struct saved_block {
    uint64_t pc; /* relative to the bias, as in struct block */
    uint32_t mode;
    bool own_loop;
};
/* The arena that has what the arena has and, as far as there is room, what the file in its place on
 * the disk has: the same, or one made from that file, and the first is dead.  Sorts `saved`.  NULL:
 * the file is as good. */
struct arena *cache_merge(struct arena *a, struct saved_block *saved, unsigned count);

#endif
