/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the translator needs of the host besides the learned templates: glue
 * between blocks, the way in and out of generated code, helper calls, and
 * access to the registers in a signal context.  hostgen/host_x86_64.c is the
 * only implementation so far; every byte written by hand is in there.
 *
 * Registers while generated code runs: the state pointer S (rbp) is the vcpu
 * plus VCPU_BIAS; the stack pointer is the host return stack; pinned slots
 * are in their registers (hostgen_pin); T(0), T(1), VT(0) and scratch
 * registers are free at every guest instruction's end.  The "exit register"
 * (eax) carries a number out of generated code.
 *
 * The host return stack grows down.  A guest call is a host call, and a guest return
 * through the link register a host return, whatever is there: what it comes back to first
 * compares the link register with the guest address that it stands for.  If they
 * differ it returns once more, so that frames that the guest has left otherwise are passed over.
 * The word at vcpu.return_base is the address of code that looks the target up.
 *
 * Functions named host_emit_* write at p->w and advance p.  Those that
 * return uint8_t * return the rel32 field (writable mapping) of the jump that
 * they wrote; a target of NULL leaves the field to be patched.
 * host_field_x gives such a field's executable address.
 *
 * A typical exit of a block, to be chained later:
 *
 *     uint8_t *field = host_emit_chain_jump(&p, NULL);  // its own alignment
 *     host_patch_rel32(field, host_field_x(&p, field), p.x);   // to here:
 *     host_emit_store_imm64(&p, offsetof(struct vcpu, pc), pc);
 *     host_emit_set_exit(&p, id);
 *     host_emit_jump(&p, leave_x);
 */
#ifndef FERRY_HOST_H
#define FERRY_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hostgen/hostgen.h"
#include "translate/vcpu.h"

/* ---- Way in and out ---- */

/* Runs generated code at entry (executable mapping) until it leaves; returns
 * the exit register.  Loads the pinned slots, MXCSR from cpu->mxcsr, and the
 * stack pointer from cpu->return_sp.  If cpu->pending is set the code runs in single steps,
 * a SIGTRAP behind each instruction. */
typedef uint32_t host_enter_fn(struct vcpu *cpu, const uint8_t *entry);

/* Emits a host_enter_fn.  Emit after hostgen_pin. */
void host_emit_enter(struct code_ptr *p);

/* Emits the code that every exit jumps to with the exit register set: stores
 * the pinned slots, the return stack pointer (cpu->return_sp) and MXCSR
 * (cpu->mxcsr: so the sticky exception flags are kept there), loads
 * cpu->host_mxcsr, returns from host_enter_fn. */
void host_emit_leave(struct code_ptr *p);

/* Emits the thunk through which generated code calls helpers.  It stores the
 * pinned slots, changes to the C stack, calls cpu->helpers[], reloads the
 * pinned slots.  cpu->return_sp is set meanwhile: the word there is the host
 * address after the call.  MXCSR is left alone: it is still the guest's in
 * the helper, and what the helper leaves in it stays.  If cpu->pending is set then, the code goes
 * on in single steps. */
void host_emit_helper_thunk(struct code_ptr *p);

/* Calls helper number `helper` through the thunk at thunk_x.  T and VT die. */
void host_emit_helper_call(struct code_ptr *p, const uint8_t *thunk_x, uint32_t helper, uint32_t a,
                           uint32_t b, uint32_t c);

/* ---- Jumps ---- */

uint8_t *host_emit_jump(struct code_ptr *p, const uint8_t *target_x);

/* A jump whose field may be patched while other threads run it. */
uint8_t *host_emit_chain_jump(struct code_ptr *p, const uint8_t *target_x);

/* True if this field (of any jump, also a template's taken exit) may be
 * patched while other threads run it: the write is seen whole. */
bool host_rel32_atomic(const uint8_t *field);

/* Sets a jump's target, in one store. */
void host_patch_rel32(uint8_t *field_w, const uint8_t *field_x, const uint8_t *target_x);
/* Where a jump goes at present. */
const uint8_t *host_rel32_target(const uint8_t *field_w, const uint8_t *field_x);

static inline const uint8_t *host_field_x(const struct code_ptr *p, const uint8_t *field_w)
{
    return p->x + (field_w - p->w);
}

/* Jumps to the address that the 64-bit word at slot_x holds. */
void host_emit_jump_slot(struct code_ptr *p, const uint8_t *slot_x);

/* Jumps to the translated code of guest address `target` (a slot or a temporary) if the first way
 * of the vcpu's jump cache has it, else goes on behind with the address in vcpu.pc.  The
 * jump cache's sets are those of jump_cache_set() in translate/cache.h. */
enum { JUMP_CACHE_OFFSET = 4096 }; /* from the vcpu's beginning */
void host_emit_jump_lookup(struct code_ptr *p, struct opnd target);
/* The same as a guest call.  If the first way is for another address it jumps (the returned field)
 * to code that host_emit_call_second emits, which calls second_x with the address in vcpu.pc and
 * goes on at landing_x, behind the call. */
uint8_t *host_emit_call_lookup(struct code_ptr *p, struct opnd target);
void host_emit_call_second(struct code_ptr *p, struct opnd target, const uint8_t *second_x,
                           const uint8_t *landing_x);

/* Pads with no-operations to a multiple of align (a power of 2, up to 64). */
void host_emit_align(struct code_ptr *p, unsigned align);
/* An instruction that raises SIGILL. */
void host_emit_trap(struct code_ptr *p);

/* ---- State ---- */

/* The exit register = id. */
void host_emit_set_exit(struct code_ptr *p, uint32_t id);
/* Field of struct vcpu at offset = value.  The 64-bit form may use the exit register. */
void host_emit_store_imm32(struct code_ptr *p, size_t offset, uint32_t value);
void host_emit_store_imm64(struct code_ptr *p, size_t offset, uint64_t value);
/* Field of struct vcpu at offset = the 32-bit word at from_x, in reach of the code.  For
 * code that exits jump to. */
void host_emit_copy32(struct code_ptr *p, size_t offset, const uint8_t *from_x);

/* Moves slots between registers and memory: code with one pinning goes on as code with
 * another.  Nothing but the registers that differ is touched.  A slot that is
 * in both must be in the same register. */
void host_emit_repin(struct code_ptr *p, const struct pinning *from, const struct pinning *to);

/* ---- Host return stack ---- */

/* Calls; the host return lands right after: emit the check there.  The field is the call's and
 * may be patched while other threads run it. */
uint8_t *host_emit_guest_call(struct code_ptr *p, const uint8_t *target_x);
void host_emit_guest_return(struct code_ptr *p);
/* Goes on if slot `link` holds `ret`, else jumps away (the returned field). */
uint8_t *host_emit_return_check(struct code_ptr *p, struct opnd link, uint64_t ret,
                                const uint8_t *miss_x);
/* Empties the stack. */
void host_emit_return_reset(struct code_ptr *p);

/* ---- Signal contexts (ucontext_t) taken in generated code ---- */

uint64_t host_context_pc(const void *ucontext);
void host_context_set_pc(void *ucontext, const void *x);
uint64_t host_context_sp(const void *ucontext);
void host_context_set_sp(void *ucontext, uint64_t sp);
/* Going on in single steps, or not. */
void host_context_set_step(void *ucontext, bool on);
bool host_context_steps(const void *ucontext);
/* The exit register, for making a context leave: set it, then pc = leave. */
void host_context_set_exit(void *ucontext, uint32_t id);
uint32_t host_context_mxcsr(const void *ucontext);
/* The vcpu that the context's state pointer belongs to. */
struct vcpu *host_context_vcpu(const void *ucontext);
/* Pinned slots, return_sp and mxcsr from the context to the vcpu's memory,
 * and back, for code with this pinning.  Only for a context whose pc is in block code, not in the
 * enter, leave or helper thunks. */
void host_context_to_vcpu(const void *ucontext, const struct pinning *pinning, struct vcpu *cpu);
void host_vcpu_to_context(const struct vcpu *cpu, const struct pinning *pinning, void *ucontext);

/* ---- Listings ---- */

/* The host register that a slot is pinned to, or NULL. */
const char *host_pin_name(bool vector, unsigned slot);
/* capstone architecture and mode of the host. */
extern const int host_cs_arch, host_cs_mode;
/* e_machine of the host, for perf. */
extern const unsigned host_elf_machine;

#endif
