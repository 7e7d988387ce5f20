/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Run-time side of the learned templates: emits host code for micro-ops.
 *
 * Micro-operations are rows of the tables hostgen/ops/<group>.def:
 *
 *     OP(add64, "=d:g a:g b:gi", d = a + b)
 *     OP(ld32,  "=d:g a:g n:i",  d = *(const u32 *)(a + n))
 *     OP(br_sub64_ltu, "a:g b:gi", if (a < b) TAKEN())
 *     OP(fadd_d, "=d:v a:v b:v", d = ...)
 *
 * The second argument names the operands in order: an optional `=` (output
 * only) or `+` (input and output), a name, a colon, the classes it accepts:
 *
 *   g   a general 64-bit slot: pinned register, temporary or state memory
 *   v   a 128-bit vector slot: pinned register, temporary or state memory
 *   i   an immediate, any that sign-extends from 32 bits (8-bit forms are
 *       variants of their own)
 *   r   a general slot for which only variants in registers are made (others are
 *       moved at run time): for rare rows, to keep the build short
 *   b   as r, but the body has the register itself (no output only) and not a variable that
 *       holds its value: a register less where the compiler would take one for that
 *   w   a general slot out of an 8-bit displacement's reach (host.def only)
 *   gi  either a general slot or such an immediate
 *   q   a full 64-bit immediate
 *   nK  one of the constants 0..K-1, each a variant of its own (lanes, and
 *       shift counts where the compiler insists on a literal)
 *
 * The body is C over those names (g: u64; v: the vector type V; immediates:
 * s64).  All outputs must be written on every path that falls through.  Types
 * and casts for bodies are in hostgen/ops/ops.h.  Besides falling off its end
 * (next) a body may leave by TAKEN() (the branch is taken), SLOW() (the rare
 * case: call the exact helper that came with the uop; outputs not yet
 * written) or JUMP(host) (indirect jump to host code).  STATE(type, field)
 * is a field of struct vcpu.  TAKEN and JUMP leave without the outputs having been
 * written, too.
 * Bodies must need no stack and call nothing.  Guest memory is addressed by
 * plain pointers; it may fault.  Such rows name what the address is made of: a + n, a + x, or
 * a + x * sizeof(type).
 *
 * A body may use an immediate as it is, negated, complemented or by one more or less
 * (compilers do that with comparisons), at 32 bits and more; anything else has no
 * bits that could be learned.  The exits are also labels `taken` and `slow`
 * for asm goto.  A row with outputs leaves none written where it does not fall through.
 *
 * hostgen compiles each row under many bindings at each ISA level, learns
 * where register numbers and immediates go, and proves it on bindings it has
 * not seen; build/hostgen-report.txt lists the result.
 */
#ifndef FERRY_HOSTGEN_H
#define FERRY_HOSTGEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hostgen_ops.h" /* generated: enum uop { UOP_add64, ..., UOP_TEMPLATE_COUNT } */

enum { UOP_MAX_OPERANDS = 6 };

/* How many slots the host port can pin (hostgen/host_x86_64.h), at the ISA level in use. */
extern unsigned host_pins;
extern const unsigned host_vpins;

enum opnd_kind { OPND_NONE, OPND_G, OPND_V, OPND_GT, OPND_VT, OPND_I, OPND_GS, OPND_VS };

struct opnd {
    int64_t v;    /* slot number, temporary number, or the immediate */
    uint8_t kind; /* enum opnd_kind */
};

/* Slot n of g[] / v[]; temporary n of the current guest instruction
 * (GT: 0..1, VT: 0); an immediate.  GS, VS: the legalizer's scratch registers, for
 * who looks at hostgen_emit's answer. */
#define G(n)  ((struct opnd){.v = (n), .kind = OPND_G})
#define V(n)  ((struct opnd){.v = (n), .kind = OPND_V})
#define T(n)  ((struct opnd){.v = (n), .kind = OPND_GT})
#define VT(n) ((struct opnd){.v = (n), .kind = OPND_VT})
#define I(n)  ((struct opnd){.v = (int64_t)(n), .kind = OPND_I})

/* The guest memory that a micro-op accesses: at base + (index << log_scale) + displacement,
 * which are numbers of operands, or UOP_NO_OPERAND. */
enum { UOP_NO_OPERAND = 0xff };
struct uop_address {
    uint8_t base, index, displacement, log_scale;
};

/* What the tables say of one template micro-op. */
struct uop_info {
    char name[24];                    /* in place: no address to be relocated at each start */
    uint8_t n;                        /* operands */
    char dir[UOP_MAX_OPERANDS];       /* '=', '+' or ' ' */
    char cls[UOP_MAX_OPERANDS];       /* 'g','v','i','G' (gi),'q','n' */
    uint16_t limit[UOP_MAX_OPERANDS]; /* K of nK */
    bool has_taken, has_slow, has_jump;
    bool may_leave; /* before its end: by an exit, or by a fault of memory or vector arithmetic */
    struct uop_address address;
};
extern const struct uop_info uop_info[];

/* Code is written at w (writable mapping) and will run at x (executable
 * mapping); both move together. */
struct code_ptr {
    uint8_t *w;
    uint8_t *x;
};

/* Where a template's other continuations were left to be patched: rel32
 * fields, as addresses in the writable mapping (NULL: none). */
struct template_exits {
    uint8_t *taken[4];
    uint8_t *slow[4];
    unsigned taken_count, slow_count;
};

enum host_isa { HOST_ISA_BASELINE, HOST_ISA_V2, HOST_ISA_V3, HOST_ISA_COUNT };

/* Chooses the tables for an ISA level.  Returns false if the processor lacks
 * it.  host_isa_best() says the highest that it has. */
bool hostgen_init(enum host_isa level);
enum host_isa host_isa_best(void);
/* What it may have beyond its level.  (All rows for these take SSE4.1.) */
enum host_feature { HOST_AES, HOST_PCLMUL, HOST_SHA };
bool host_supports(enum host_feature feature);

/* Which slots are in the host port's registers: slot numbers in the registers'
 * order, PIN_NONE for a register that holds none. */
enum { PINNING_MAX = 16, PIN_NONE = 0xff };
struct pinning {
    uint8_t g[PINNING_MAX], v[PINNING_MAX];
};

/* A guest's list of slots as a pinning; what exceeds the registers is left out. */
struct pinning hostgen_pinning(const uint8_t *pins, unsigned n, const uint8_t *vpins, unsigned vn);

/* Gives the slots these registers, for all code to be emitted from now on. */
void hostgen_pin(const struct pinning *pinning);

/* The slots of g[] that are in memory, a bit each. */
uint64_t hostgen_in_memory(void);
/* The same of v[], from the lowest on. */
void hostgen_vectors_in_memory(uint64_t set[2]);

/* Constants that templates refer to; copied to the start of the code cache. */
const uint8_t *hostgen_pool_start(void);
size_t hostgen_pool_bytes(void);
#define hostgen_pool      hostgen_pool_start()
#define hostgen_pool_size hostgen_pool_bytes()

/* False: at this ISA level the row does nothing but leave for its helper. */
bool hostgen_does(unsigned op);

/* True if templates of the row need the legalizer's general scratch register themselves. */
bool hostgen_needs_scratch(unsigned op);

/* True if the row accesses guest memory. */
bool hostgen_accesses_memory(unsigned op);

/* True if a template takes these operands as they are. */
bool hostgen_takes(unsigned op, const struct opnd *o);

/* Emits one micro-op.  pool_x: executable address of the constant pool copy.
 * Operands that no proven variant takes are moved through the host port's
 * own scratch registers.  At most HOSTGEN_MAX_BYTES are written, and as many must
 * be writable.  Operands must be of the classes that the row asks for.  Returns what became
 * of the scratch registers: 0: not used; SCRATCH_LOST; else 1 + the operand whose value it holds
 * now. */
enum { HOSTGEN_MAX_BYTES = 512, SCRATCH_LOST = UINT8_MAX };
struct scratch_use {
    uint8_t general, vector;
};
struct scratch_use hostgen_emit(struct code_ptr *p, unsigned op, const struct opnd *o,
                                const uint8_t *pool_x, struct template_exits *exits);

#endif
