/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of one guest processor (one per guest thread).
 *
 * Generated code addresses it from the state pointer S, which points
 * VCPU_BIAS bytes into the structure so that the slots g[4]..g[35] are
 * reached with an 8-bit displacement on x86.  A guest numbers its registers
 * as slots of g[] (64-bit) and v[] (128-bit); its slot names are an enum in
 * translate/<guest>/<guest>.h.  Guests list the slots that are worth a fixed
 * host register (struct guest, pins and vpins); g[0]..g[3] should be among
 * them.
 *
 * While generated code runs, pinned slots live in host registers and their
 * memory is stale.  Everywhere else (helpers, system calls, signal delivery)
 * the memory is the truth, and so is pc.
 */
#ifndef FERRY_VCPU_H
#define FERRY_VCPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VCPU_G_SLOTS = 64, VCPU_V_SLOTS = 72, VCPU_BIAS = 4 * 8 + 128 };

typedef union {
    uint8_t b[16];
    uint16_t h[8];
    uint32_t s[4];
    uint64_t d[2];
    float f[4];
    double lf[2];
    unsigned __int128 q;
} v128 __attribute__((aligned(16)));

/* Slots of g[] with one meaning for every guest; the rest are the guest's. */
enum {
    /* Condition codes (builder.h). */
    CC_X_SLOT = 32,
    CC_Y_SLOT = 33,
    CC_SLOT = 34,
    CC_KIND_SLOT = 35,
    /* The exclusive monitor: the address (-1: open) and what was loaded. */
    MONITOR_ADDRESS_SLOT = 36,
    MONITOR_VALUE_SLOT = 37,
    MONITOR_VALUE2_SLOT = 38, /* second half, for pairs */
    CAS_EXPECTED_SLOT = 39,   /* what a compare and swap compares with */
    /* Temporaries that had to go to memory. */
    T_SLOT = 62,
    VT_SLOT = VCPU_V_SLOTS - 1
};

struct vcpu;

/* A C function that generated code calls.  a, b, c are immediates of the
 * call's micro-op (usually slot numbers).  The vcpu's memory is in sync
 * before and is reloaded after.  It must not compute in floating point
 * without putting MXCSR into a state of its own (translate/fpenv.h). */
typedef void helper_fn(struct vcpu *cpu, uint32_t a, uint32_t b, uint32_t c);

/* Why generated code was left. */
enum exit_reason {
    EXIT_LOOKUP,    /* look up cpu->pc, translate if needed, go on */
    EXIT_SYSCALL,   /* cpu->pc is the address after the call instruction */
    EXIT_UNDEFINED, /* undefined instruction at cpu->pc */
    EXIT_BREAK,     /* breakpoint instruction at cpu->pc, code in excp_arg */
    EXIT_FAULT,     /* synchronous host fault at cpu->pc: see struct vcpu.fault */
    EXIT_INTERRUPT, /* vcpu.pending was set, cpu->pc is next */
    EXIT_EXCEPTION  /* raised by a helper: signal in fault, pc is the culprit */
};

/* What the guest was doing to memory; a fault of the fetch has no host fault. */
enum fault_access { FAULT_FETCH, FAULT_READ, FAULT_WRITE, FAULT_NOT_MEMORY };

enum { FAULT_RESYNC = -1 }; /* as sig: no fault, see vcpu_resync */
struct vcpu_fault {
    int sig;       /* guest signal number */
    int code;      /* si_code */
    uint64_t addr; /* guest address for si_addr */
    int access;    /* enum fault_access */
};

struct jump_cache_entry {
    uint64_t pc;
    uint64_t host; /* entry in the executable mapping */
};

enum { JUMP_CACHE_BITS = 14, JUMP_CACHE_SIZE = 1 << JUMP_CACHE_BITS };

struct vcpu {
    uint64_t g[VCPU_G_SLOTS];
    v128 v[VCPU_V_SLOTS];

    uint64_t pc;               /* guest pc, valid outside generated code */
    volatile uint32_t pending; /* not 0: leave generated code (run.c, Interrupts) */
    uint32_t exit_reason;      /* enum exit_reason */
    uint32_t exit_id;          /* which direct exit, for chaining */
    uint32_t mode;             /* translation mode of the current blocks (guest->mode) */
    uint32_t mxcsr;            /* host control word while generated code runs */
    uint32_t host_mxcsr;       /* and while C runs */
    uint64_t excp_arg;
    struct vcpu_fault fault;

    helper_fn *const *helpers;           /* the guest's helper table */
    struct jump_cache_entry *jump_cache; /* JUMP_CACHE_SIZE entries: jump_cache_set() in cache.h */
    uint64_t c_sp;                       /* host C stack while generated code runs */
    uint64_t return_sp;                  /* host return stack pointer while C runs */
    uint64_t return_base;                /* and its base (empty) */
    uint64_t return_limit;               /* lowest usable address; below is the guard page */
    uint64_t scratch[4];                 /* for code emitted by the host port */

    bool in_code;         /* generated code is running (set around entry) */
    uint32_t cache_epoch; /* code cache generation last seen */

    const struct guest *guest;
    struct task *task; /* thread and process state: syscall/task.h */

    uint64_t jump_cache_used; /* a bit for each 64th of the jump cache: some of it is filled */
};

#endif
