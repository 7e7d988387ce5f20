/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the translator: the micro-op stream of one block, the translated
 * block, and the code cache that holds blocks.  Nothing outside translate/
 * includes this.
 *
 * The way of a block: guest->translate() fills struct builder through
 * builder.h; cc_pass() resolves condition codes; lower() emits host code and
 * the block's maps; cache_publish() makes it visible.
 */
#ifndef FERRY_BLOCK_H
#define FERRY_BLOCK_H

#include <pthread.h>
#include <signal.h>

#include "hostgen/host.h"
#include "translate/builder.h"
#include "translate/translate.h"

enum {
    BLOCK_MAX_INSNS = 64,
    BLOCK_MAX_UOPS = 1024,
    UOPS_PER_INSN = 24, /* room a front end may count on for one instruction */
    BLOCK_MAX_EXITS = 2 * BLOCK_MAX_INSNS + 2,
    GUEST_PAGE_BITS = 12
};

/* Micro-ops that are not templates. */
enum pseudo_uop {
    UOP_CC = UOP_TEMPLATE_COUNT, /* sub: cc_kind, o: x, y */
    UOP_CC_WRITTEN,
    UOP_CC_STORE,
    UOP_CC_BRANCH,  /* sub: cond, target */
    UOP_CC_SET,     /* sub: cond, o: dst */
    UOP_CC_SELECT,  /* sub: cond, o: dst, x, y; arg[0]: 32 bits */
    UOP_CC_COMPARE, /* sub: cond, kind: arg[0], nzcv: arg[1], o: x, y */
    UOP_CALL,       /* helper, arg[0..2] */
    UOP_GOTO,       /* target */
    UOP_GOTO_INDIRECT,
    UOP_LINK, /* target, link: return address */
    UOP_LINK_INDIRECT,
    UOP_RETURN,
    UOP_RAISE /* sub: exit_reason, target: argument */
};

/* Helper numbers beyond the guest's own. */
enum { HELPER_CC_NORMALIZE = 0xfffe, HELPER_NONE = 0xffff };

/* Numbers in the exit register: an enum exit_reason, or a direct exit. */
enum { EXIT_ID_FIRST = 16, EXIT_ID_STEP = 2 };

/* jump_cache_entry.pc of an empty entry: no guest code can be there. */
#define JUMP_CACHE_EMPTY UINT64_C(1)

struct micro_op {
    uint16_t op;
    uint16_t helper; /* UOP_CALL, or the exact helper of a template */
    uint8_t n;
    uint8_t sub;
    uint8_t insn; /* index of the guest instruction */
    bool raising; /* UOP_CALL: leave if the helper has raised */
    bool flush;   /* a branch whose taken side first writes CC_KIND_SLOT (arg[0], signed) ... */
    uint32_t arg[3];
    uint64_t target, link;
    struct opnd o[UOP_MAX_OPERANDS];
};

/* ... and CC_X_SLOT, CC_Y_SLOT, from these places among its operands (or OPND_NONE). */
enum { BRANCH_CC_X = UOP_MAX_OPERANDS - 2, BRANCH_CC_Y };

/* How to recompute flags that were not stored when an instruction faults. */
struct cc_recover {
    uint16_t kind; /* as in CC_KIND_SLOT; CC_STORED: the slots are right as they are */
    enum { LOST_NONE, LOST_X, LOST_Y } lost : 8; /* operand that now is the result instead */
    struct opnd x, y;
};

struct builder {
    const struct guest *guest;
    uint64_t start, pc;
    uint64_t page; /* guest page known to be executable */
    uint32_t mode;
    uint8_t insn_len;
    bool ended, failed;
    bool loop;               /* the last instruction branches to the start */
    bool seek_loop;          /* go on through other blocks' code as it may lead back to the start */
    struct vcpu_fault fault; /* if failed */
    unsigned insn_count, uop_count;
    uint64_t insn_pc[BLOCK_MAX_INSNS + 1];
    struct cc_recover insn_cc[BLOCK_MAX_INSNS + 1];
    struct micro_op uops[BLOCK_MAX_UOPS];
};

/* loop_pins.c: changes a pinning to one that suits the block better if the block is
 * a loop; false if nothing is to be gained. */
bool loop_pins(const struct builder *b, const struct micro_op *uops, unsigned count,
               struct pinning *pinning);

/* cc_pass.c: replaces condition code micro-ops by templates; out has room for
 * BLOCK_MAX_UOPS * 2.  Fills insn_cc.  Returns the new count. */
unsigned cc_pass(struct builder *b, struct micro_op *out);
/* Puts flags that were not stored when an instruction faulted into CC_SLOT. */
void cc_recover(struct vcpu *cpu, const struct cc_recover *r);
/* Brings the flags of a vcpu whose state is in memory into CC_SLOT. */
void cc_normalize(struct vcpu *cpu);

struct block;

/* A direct way out of a block. */
struct exit_site {
    struct block *from;
    struct exit_site *next_incoming; /* among the exits chained to one block */
    uint64_t target;
    struct block *to;  /* chained to, or NULL */
    uint8_t *patch;    /* rel32 in the writable mapping that chaining changes */
    uint32_t stub_off; /* of the exit's stub, from the start of the cache */
    bool poll;         /* a back edge: enter the target through its safepoint */
    bool never_chain;  /* leaves for the dispatcher only */
};

/* Host code of one guest instruction begins at off. */
struct insn_map {
    uint32_t off; /* from the start of the block's code */
    uint16_t pc_delta;
    uint16_t cc; /* 1 + index in the block's recoveries; 0: nothing to recover */
};

/* A template whose host exceptions are handled by its stub. */
struct trap_map {
    uint32_t begin, end, stub; /* offsets from the start of the block's code */
    uint32_t count;            /* of host exceptions so far */
};

/* Where a guest return lands in the block (after a guest call). */
struct landing {
    uint32_t off;
    uint64_t pc;
};

struct block {
    uint64_t pc;
    uint64_t guest_end; /* one past the last byte of guest code */
    struct block *next_hash;
    struct block *next_page[2]; /* lists of the code pages it lies on */
    uint32_t mode;
    uint32_t code_off, code_len; /* in the cache */
    uint32_t entry_skip;         /* past the safepoint, for forward chaining */
    bool dropped;
    bool own_loop;          /* jumps back to itself without an exit */
    struct pinning pinning; /* of the code of its instructions */
    uint16_t insn_count, trap_count, exit_count, landing_count;
    struct insn_map *insns;
    struct cc_recover *recoveries;
    struct trap_map *traps;
    struct exit_site *exits;
    struct landing *landings;
    struct exit_site *incoming;
};

/* ---- cache.c: memory, look-up, chaining, invalidation.  All but
 * cache_find need cache_lock. ---- */

extern pthread_mutex_t cache_lock;

void cache_init(size_t bytes);
/* The fixed code at the start of the cache has been emitted up to p. */
struct code_ptr cache_code_start(void);
void cache_set_fixed_end(struct code_ptr p);
/* True if there is room for a block of so many bytes of code and of metadata.  If
 * not, the cache has been recycled, and cache_lock was free meanwhile: what was
 * found or made under it before is no more, and the vcpu is to begin with the new epoch. */
bool cache_make_room(size_t bytes);
void *cache_alloc(size_t bytes); /* block metadata, lives as long as the code */
/* The id that the next exit will get; each further one adds EXIT_ID_STEP. */
uint32_t cache_next_exit_id(void);
void cache_new_exits(struct exit_site *exits, unsigned n);
struct exit_site *cache_exit(uint32_t id);
void cache_publish(struct block *b, struct code_ptr end);
struct block *cache_find(uint64_t pc, uint32_t mode);
void cache_chain(struct exit_site *e, struct block *to);
uint8_t *cache_x(uint32_t off); /* executable address of a cache offset */
bool cache_contains(uint64_t host_pc);
struct block *cache_find_host(uint64_t host_pc);
/* Calls visit for all blocks that can be found. */
void cache_each(void (*visit)(const struct block *b));
uint32_t cache_epoch(void);
/* Drops all blocks on the page; true if there were any. */
bool cache_drop_page(uint64_t page);
void cache_drop(struct block *b);
extern const uint8_t *cache_pool; /* executable address of the constant pool */

/* The vcpu that this thread runs. */
struct vcpu *vcpu_running(void);
/* All vcpus of the process, for events that concern everybody. */
void cache_add_vcpu(struct vcpu *cpu);
void cache_remove_vcpu(struct vcpu *cpu);

/* ---- lower.c ---- */

/* Instructions whose templates have trapped often: they are translated to a
 * call of the exact helper from now on.  A small table that may forget. */
enum { TRAPS_BEFORE_HELPER = 16 };
void lower_avoid_template(uint64_t pc);

/* More than any block needs. */
enum { BLOCK_MAX_BYTES = BLOCK_MAX_UOPS * 2 * HOSTGEN_MAX_BYTES + 65536 };
/* Emits the block, with its maps, where cache_make_room() has made room. */
struct block *lower(const struct builder *b, const struct micro_op *uops, unsigned count);
/* Emits what all blocks share: trampolines and thunks. */
void lower_init(const struct guest *guest);

struct fixed_code {
    host_enter_fn *enter;
    const uint8_t *leave;        /* the exit register says why */
    const uint8_t *leave_lookup; /* the same with EXIT_LOOKUP */
    const uint8_t *helper_thunk;
};
extern struct fixed_code fixed_code;
/* The guest's own pinning, that all blocks begin and end with. */
extern struct pinning standard_pinning;

/* ---- debug.c ---- */

/* In vcpu.mode beside the guest's bits: blocks of one instruction, never
 * chained. */
#define MODE_STEP (UINT32_C(1) << 31)
/* MODE_STEP if this thread steps. */
uint32_t debug_mode(void);
bool debug_ends_block(const struct builder *b, uint64_t pc);
bool debug_breaks(const struct builder *b, uint64_t pc);

/* ---- list.c: -d listings ---- */
void list_guest(const struct builder *b);
void list_uops(const struct builder *b, const struct micro_op *uops, unsigned count);
void list_host(const struct block *b);

#endif
