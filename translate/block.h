/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the translator: the micro-op stream of one block and its way to host code.
 * What becomes of blocks is in cache.h.  Nothing outside translate/ includes this.
 *
 * The way of a block: guest->translate() fills struct builder through
 * builder.h; cc_pass() and other passes rewrite it; lower() emits host code and
 * the block's maps; cache_publish() makes it visible.
 */
#ifndef FERRY_BLOCK_H
#define FERRY_BLOCK_H

#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "hostgen/host.h"
#include "translate/builder.h"
#include "translate/cache.h"
#include "translate/translate.h"

enum {
    BLOCK_MAX_INSNS = 240, /* of a whole loop */
    /* Where a block that is no loop ends: longer ones repeat each other's code.  The latter
     * while the flags are fresh. */
    BLOCK_USUAL_INSNS = 32,
    BLOCK_LONG_INSNS = 64,
    BLOCK_MAX_UOPS = 1024,
    UOPS_PER_INSN =
        24, /* room a front end may count on for one instruction; twice that if confined */
    BLOCK_MAX_EXITS = 2 * BLOCK_MAX_INSNS + 2,
    BLOCK_MAX_SUNK = 256,
    BLOCK_MAX_RECOVERIES = 512,
    BLOCK_MAX_FOLDS = 64,
    BLOCK_MAX_RECOVERED = BLOCK_MAX_INSNS + 1 + BLOCK_MAX_RECOVERIES, /* by faults, in all */
    USUAL_INSN_BYTES = 4,
    GUEST_PAGE_BITS = 12
};

/* Micro-ops that are not templates. */
enum pseudo_uop {
    UOP_CC = UOP_TEMPLATE_COUNT, /* sub: cc_kind, o: x, y */
    UOP_CC_WRITTEN,
    UOP_CC_STORE,
    UOP_CC_BRANCH,     /* sub: cond, target, link: the next instruction */
    UOP_CC_SET,        /* sub: cond, o: dst */
    UOP_CC_SELECT,     /* sub: cond, o: dst, x, y; arg[0]: 32 bits */
    UOP_CC_COMPARE,    /* sub: cond, kind: arg[0], nzcv: arg[1], o: x, y */
    UOP_CC_ADC,        /* sub: cc_kind, o: x, y, dst */
    UOP_CC_ADCS,       /* the same */
    UOP_CALL,          /* helper, arg[0..2] */
    UOP_GOTO,          /* target */
    UOP_GOTO_INDIRECT, /* sub: GOTO_FUNCTION where a function begins, else 0 */
    UOP_LINK,          /* target, link: return address */
    UOP_LINK_INDIRECT,
    UOP_RETURN,
    UOP_RAISE /* sub: exit_reason, target: argument */
};

enum { GOTO_FUNCTION = 1 };

/* Helper numbers beyond the guest's own. */
enum { HELPER_CC_NORMALIZE = 0xfffd, HELPER_CC_CARRY, HELPER_NONE = 0xffff };
enum { COMMON_HELPERS = HELPER_NONE - HELPER_CC_NORMALIZE };

struct micro_op {
    uint16_t op;
    uint16_t helper; /* UOP_CALL, or the exact helper of a template */
    uint8_t n;
    uint8_t sub;
    uint8_t insn;  /* index of the guest instruction */
    bool raising;  /* UOP_CALL: leave if the helper has raised */
    bool address;  /* its immediate is a guest address: emit_address() */
    bool flush;    /* a branch whose taken side first writes CC_KIND_SLOT (arg[0], signed) ... */
    uint8_t sunks; /* micro-ops to be done on the way out by this one, in builder.sunk */
    uint16_t sunk; /* from here on */
    uint32_t arg[3];
    uint64_t target, link;
    struct opnd o[UOP_MAX_OPERANDS]; /* n are set */
};

/* ... and CC_X_SLOT, CC_Y_SLOT, from these places among its operands (or OPND_NONE); or, if
 * arg[1] is not 0, CC_SLOT by that micro-op of these operands. */
enum { BRANCH_CC_X = UOP_MAX_OPERANDS - 2, BRANCH_CC_Y };

static inline void micro_op_begin(struct micro_op *u, unsigned op, unsigned insn)
{
    memset(u, 0, offsetof(struct micro_op, o));
    u->op = op;
    u->helper = HELPER_NONE;
    u->insn = insn;
}

static inline void micro_op_copy(struct micro_op *to, const struct micro_op *from)
{
    memcpy(to, from, offsetof(struct micro_op, o));
    for (unsigned k = 0; k < from->n; k++)
        to->o[k] = from->o[k];
    if (from->flush) {
        to->o[BRANCH_CC_X] = from->o[BRANCH_CC_X];
        to->o[BRANCH_CC_Y] = from->o[BRANCH_CC_Y];
    }
}

/* Which operands a template reads and writes, a bit each, and if any is a vector: what uop_info
 * says of them, found once.  Under cache_lock. */
struct uop_sets {
    uint8_t reads, writes;
    bool vectors;
};
extern struct uop_sets uop_sets[UOP_TEMPLATE_COUNT];
struct uop_sets uop_find_sets(unsigned op);
static inline struct uop_sets uop_sets_of(unsigned op)
{
    const struct uop_sets s = uop_sets[op];
    return s.reads | s.writes ? s : uop_find_sets(op);
}

/* How to recompute flags that were not stored when an instruction faults. */
struct cc_recover {
    uint16_t kind; /* as in CC_KIND_SLOT; CC_STORED: the slots are right as they are */
    enum { LOST_NONE, LOST_X, LOST_Y } lost : 8; /* operand that now is the result instead */
    uint8_t slot; /* not 0: this slot is what micro-op `kind` makes of x and y */
    bool more;    /* the next entry is for the same instruction */
    struct opnd x, y;
};

/* An addition that addresses do, from before micro-op `begin` to before `end`: meanwhile the slot
 * should hold what slot `from` holds and this constant. */
struct fold {
    uint16_t begin, end;
    uint8_t slot, from;
    int32_t added;
};

/* The same in host code: while that from begin up to end runs. */
struct unsaved {
    uint32_t begin, end; /* offsets from the start of the block's code */
    uint8_t slot, from;
    int32_t added;
};

/* Where a block ends that does not seek the end of a loop, and what is known of it there. */
struct usual_end {
    uint64_t pc; /* of its last instruction */
    uint64_t added;
    unsigned insn_count, uop_count; /* the former 0: not found yet */
    uint8_t insn_len;
    bool fixed, has_flags, has_vectors, may_fold;
    struct micro_op last;
};

/* What every block needs comes first: each page of it takes an entry of the host's TLB. */
struct builder {
    const struct guest *guest;
    uint64_t start, pc;
    uint64_t page;                 /* guest page known to be executable */
    uint64_t text_start, text_end; /* what of it has been read */
    uint32_t text[32];
    struct arena *arena;           /* of the block */
    uint64_t code_start, code_end; /* what all instructions must lie in */
    uint32_t mode;
    uint8_t insn_len;
    bool ended, failed;
    bool fixed;              /* what is made of it is right for no other place of the code */
    bool loop;               /* the last instruction branches to the start */
    bool has_flags;          /* some micro-op is cc_pass.c's */
    bool has_vectors;        /* among the operands */
    bool has_selects;        /* some micro-op is (or was, in what end_usually() leaves out) one */
    bool has_joins;          /* joins.c: some branch goes to an instruction of the block */
    bool may_fold;           /* an index is ... */
    uint64_t added;          /* ... among the general slots to which a constant has been added */
    uint64_t seek_end;       /* up to here go on through other blocks' code, which may lead back */
    struct vcpu_fault fault; /* if failed */
    unsigned insn_count, uop_count, sunk_count, recovery_count, fold_count;
    struct usual_end usual;
    uint8_t join[BLOCK_MAX_INSNS + 1]; /* enum join */
    uint64_t insn_pc[BLOCK_MAX_INSNS + 1];
    struct micro_op uops[BLOCK_MAX_UOPS];
    struct cc_recover insn_cc[BLOCK_MAX_INSNS + 1];
    /* late_pass.c: what exits do first; what faults do first, a list for each
     * instruction (1 + index of its begin; 0: none). */
    struct micro_op sunk[BLOCK_MAX_SUNK];
    struct cc_recover recoveries[BLOCK_MAX_RECOVERIES];
    uint16_t insn_late[BLOCK_MAX_INSNS + 1];
    struct fold folds[BLOCK_MAX_FOLDS]; /* fold_pass.c */
};

/* joins.c: what it is to an instruction that a branch of its block comes to it: it may not;
 * the flags are the same on both ways; they are dead. */
enum join { JOIN_NONE, JOIN_NEVER, JOIN_SAME, JOIN_FORGET };
void find_joins(struct builder *b);
/* Some branch of the block goes to an instruction behind `before` up to insn. */
bool branches_between(const struct builder *b, unsigned before, unsigned insn);
/* The instruction that branch u goes to within the block, or 0. */
unsigned join_of(const struct builder *b, const struct micro_op *u);
/* The first join of the instructions behind `before` up to insn, or 0. */
unsigned find_join_between(const struct builder *b, int before, unsigned insn);
static inline unsigned join_between(const struct builder *b, int before, unsigned insn)
{
    return b->has_joins ? find_join_between(b, before, insn) : 0;
}

/* loop_heads.c: room for what is known of a file's code; */
void arena_begin_known(struct arena *a);
/* notes where loops begin in the code at pc and a little farther, which the guest must
 * be able to run. */
void find_loop_heads(struct arena *a, const struct guest *guest, uint64_t pc);
/* The end of a short loop that begins at pc, or 0. */
uint64_t find_loop_end(struct arena *a, const struct guest *guest, uint64_t pc);

/* loop_pins.c: changes a pinning to one that suits the block better if the block is
 * a loop; false if nothing is to be gained. */
bool loop_pins(const struct builder *b, const struct micro_op *uops, unsigned count,
               struct pinning *pinning);

/* cc_pass.c: replaces condition code micro-ops by templates; out has room for
 * BLOCK_MAX_UOPS * 2, *count is that of what it holds then.  Fills insn_cc.  False if there is
 * nothing to do: nothing is put there. */
bool cc_pass(struct builder *b, struct micro_op *out, unsigned *count);
/* Nothing behind pc reads the flags that it finds. */
bool cc_dead_behind(const struct builder *b, uint64_t pc);
/* late_pass.c: makes conditions that are kept in slots (guest->late_slots) late or never,
 * from a stream of *count without condition code micro-ops.  Fills sunk, recoveries and
 * insn_late; out, *count and what it returns are as cc_pass's. */
bool late_pass(struct builder *b, const struct micro_op *in, unsigned *count, struct micro_op *out);
/* place_pass.c: makes results where they are to be. */
void place_pass(struct micro_op *uops, unsigned count);
/* fold_pass.c: lets accesses add the constants of their addresses.  Fills folds; returns the new
 * count. */
unsigned fold_pass(struct builder *b, struct micro_op *uops, unsigned count);
/* behind_pass.c: lets loads wait for what they are likely to read. */
void behind_pass(struct micro_op *uops, unsigned count);
/* aes_pass.c: lets rounds add the next one's key. */
void aes_pass(const struct builder *b, struct micro_op *uops, unsigned count);
/* sha_pass.c: takes out the rounds of SHA-256 that have been done; returns the new count. */
unsigned sha_pass(const struct builder *b, struct micro_op *uops, unsigned count);
/* known_pass.c: shorter rows where the block knows enough of its vectors. */
void known_pass(const struct builder *b, struct micro_op *uops, unsigned count);
void late_recover(struct vcpu *cpu, const struct cc_recover *r);
/* Micro-op op is a branch by an outcome of this comparison (order_...). */
bool late_branches(unsigned op, unsigned comparison);

/* Puts flags that were not stored when an instruction faulted into CC_SLOT. */
void cc_recover(struct vcpu *cpu, const struct cc_recover *r);
/* Brings the flags of a vcpu whose state is in memory into CC_SLOT. */
void cc_normalize(struct vcpu *cpu);
/* Their carry into bit 0 of CC_SLOT: CC_KEPT. */
void cc_carry(struct vcpu *cpu);

/* ---- run.c ---- */

/* As vcpu_interrupt, if it may be in that block. */
void vcpu_interrupt_in(struct vcpu *cpu, struct found f);

/* Translates what is at pc, where cache_make_room() has made room; under cache_lock.
 * No block: the code can't be fetched, cpu->fault says why.  loop_end: a backward
 * branch comes here from before that address, the block may be a whole loop; else 0. */
struct found translate_block(struct vcpu *cpu, uint64_t pc, uint64_t loop_end);
static const uint64_t LOOP_END_UNKNOWN = UINT64_MAX;
/* The loop_end for who comes by exit e of arena a. */
static inline uint64_t exit_loop_end(const struct arena *a, const struct exit_site *e)
{
    const struct block *from = &a->blocks[e->from];
    return e->back ? a->bias + from->pc + from->guest_bytes : 0;
}

/* ---- lower.c ---- */

/* Instructions whose templates have trapped often: they are translated to a
 * call of the exact helper from now on.  A small table that may forget. */
enum { TRAPS_BEFORE_HELPER = 16 };
void lower_avoid_template(uint64_t pc);
bool lower_avoids(uint64_t pc);

/* More than any block needs. */
enum { BLOCK_MAX_BYTES = BLOCK_MAX_UOPS * 2 * HOSTGEN_MAX_BYTES + 65536 };
/* Emits the block, with its maps, where cache_make_room() has made room. */
struct found lower(const struct builder *b, const struct micro_op *uops, unsigned count);

/* ---- debug.c ---- */

/* In vcpu.mode beside the guest's bits: blocks of one instruction, never
 * chained. */
#define MODE_STEP (UINT32_C(1) << 31)
/* MODE_STEP if this thread steps. */
uint32_t debug_mode(void);
extern unsigned debug_breakpoint_count;
/* The instruction at pc must begin a block of its own, or end one. */
static inline bool debug_ends_block(const struct builder *b, uint64_t pc)
{
    return (b->mode & MODE_STEP) || (debug_breakpoint_count && translate_is_breakpoint(pc));
}
static inline bool debug_breaks(const struct builder *b, uint64_t pc)
{
    return debug_breakpoint_count && !(b->mode & MODE_STEP) && translate_is_breakpoint(pc);
}

/* ---- list.c: -d listings ---- */
void list_guest(const struct builder *b);
void list_uops(const struct builder *b, const struct micro_op *uops, unsigned count);
void list_host(struct found f);

#endif
