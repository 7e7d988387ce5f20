/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The front ends' side of the micro-op stream: builder.h. */
#include <assert.h>
#include <elf.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "loader/vm.h"
#include "translate/block.h"

static inline struct micro_op *append(struct builder *b, unsigned op)
{
    assert(!b->ended && b->uop_count < BLOCK_MAX_UOPS);
    struct micro_op *u = &b->uops[b->uop_count++];
    micro_op_begin(u, op, b->insn_count - 1);
    if (op < UOP_TEMPLATE_COUNT)
        b->has_vectors |= uop_sets_of(op).vectors;
    else
        b->has_flags |= op <= UOP_CC_ADCS;
    return u;
}

static inline void set_operands(struct micro_op *u, const struct opnd *o, unsigned n)
{
    assert(n <= UOP_MAX_OPERANDS);
    u->n = n;
    for (unsigned k = 0; k < n; k++)
        u->o[k] = o[k];
}

/* True if the last instruction has set flags: the next one is likely to read them,
 * and knows their form only within the block. */
static bool flags_are_fresh(const struct builder *b)
{
    for (unsigned i = b->uop_count; i-- && b->uops[i].insn == b->insn_count - 1;)
        if (b->uops[i].op == UOP_CC || b->uops[i].op == UOP_CC_COMPARE ||
            b->uops[i].op == UOP_CC_ADCS)
            return true;
    return false;
}

/* The instruction before this one was a branch that goes on here: a straight run of code has
 * ended.  Branches by flags (UOP_CC_BRANCH) are passed over: blocks may end behind others only. */
static bool run_has_ended(const struct builder *b)
{
    for (unsigned i = b->uop_count; i-- && b->uops[i].insn == b->insn_count - 1;)
        if (b->uops[i].op < UOP_TEMPLATE_COUNT && uop_info[b->uops[i].op].has_taken)
            return true;
    return false;
}

/* Code of others begins at pc, or is going to. */
static bool meets_others(const struct builder *b, uint64_t pc)
{
    /* New blocks are among the targets. */
    return arena_known(b->arena, pc) != KNOWN_NOTHING ||
           (!arena_knows_blocks(b->arena) && arena_find(b->arena, pc, b->mode));
}

/* What ends a block here that does not seek. */
static bool ends_usually(const struct builder *b, uint64_t pc)
{
    if (b->insn_count >= BLOCK_LONG_INSNS)
        return true;
    bool far = b->insn_count >= BLOCK_USUAL_INSNS && run_has_ended(b);
    return (far || meets_others(b, pc)) && !flags_are_fresh(b);
}

static void note_usual_end(struct builder *b)
{
    b->usual = (struct usual_end){.pc = b->pc,
                                  .added = b->added,
                                  .insn_count = b->insn_count,
                                  .uop_count = b->uop_count,
                                  .insn_len = b->insn_len,
                                  .fixed = b->fixed,
                                  .has_flags = b->has_flags,
                                  .has_vectors = b->has_vectors,
                                  .may_fold = b->may_fold};
    if (b->uop_count)
        b->usual.last = b->uops[b->uop_count - 1]; /* replace_constant() */
}

static bool ends_before(struct builder *b, uint64_t pc)
{
    if (b->loop || b->insn_count == BLOCK_MAX_INSNS ||
        b->uop_count + 2 * UOPS_PER_INSN >= BLOCK_MAX_UOPS || (pc - b->start) >> GUEST_PAGE_BITS ||
        pc < b->code_start || pc >= b->code_end || debug_ends_block(b, pc))
        return true;
    if (pc >= b->seek_end)
        return ends_usually(b, pc);
    if (!b->usual.insn_count && ends_usually(b, pc))
        note_usual_end(b);
    return false;
}

bool builder_next(struct builder *b)
{
    if (b->ended || b->failed)
        return false;
    uint64_t pc = b->pc + b->insn_len;
    if (b->insn_count && ends_before(b, pc)) {
        emit_goto(b, pc);
        return false;
    }
    b->pc = pc;
    b->insn_len = 0;
    b->insn_pc[b->insn_count++] = pc;
    if (debug_breaks(b, pc)) {
        emit_raise(b, EXIT_BREAK, 0);
        return false;
    }
    return true;
}

uint64_t builder_pc(const struct builder *b)
{
    return b->pc;
}

bool builder_failed(const struct builder *b)
{
    return b->failed || b->ended;
}

bool builder_is_target(const struct builder *b)
{
    for (unsigned i = 0; i < b->uop_count; i++)
        if (b->uops[i].target == b->pc)
            return true;
    return false;
}

uint32_t builder_mode(const struct builder *b)
{
    return b->mode & ~MODE_STEP;
}

/* A fault on the first instruction is the block's; later ones end the block
 * before them, so that they happen when they are reached. */
static uint32_t fetch_fault(struct builder *b, int sig, int code)
{
    if (b->insn_count > 1) {
        b->insn_count--;
        uint64_t pc = b->pc;
        b->pc = b->insn_pc[b->insn_count - 1];
        b->insn_len = pc - b->pc;
        emit_goto(b, pc);
        return 0;
    }
    b->failed = true;
    b->fault = (struct vcpu_fault){.sig = sig, .code = code, .addr = b->pc};
    return 0;
}

/* Reads on in the page of pc, which is protected against writes by now.  False: a fault. */
static bool read_text(struct builder *b, uint64_t pc)
{
    uint64_t page_end = (pc | ((1 << GUEST_PAGE_BITS) - 1)) + 1;
    uint64_t bytes = page_end - pc < sizeof b->text ? page_end - pc : sizeof b->text;
    if (guest_read(b->text, pc, bytes) < 0) {
        bytes = sizeof *b->text;
        if (guest_read(b->text, pc, bytes) < 0)
            return false;
    }
    arena_note_text(b->arena, pc);
    b->text_start = pc;
    b->text_end = pc + bytes;
    return true;
}

static inline bool have_text(struct builder *b, uint64_t pc)
{
    return (pc >= b->text_start && pc < b->text_end) || read_text(b, pc);
}

static uint32_t text_at(const struct builder *b, uint64_t pc)
{
    uint32_t insn = b->text[(pc - b->text_start) / sizeof *b->text];
    return b->guest->elf_data == ELFDATA2MSB ? be32toh(insn) : le32toh(insn);
}

uint32_t builder_fetch32(struct builder *b)
{
    uint64_t page = b->pc >> GUEST_PAGE_BITS;
    if (b->pc & 3)
        return fetch_fault(b, SIGBUS, BUS_ADRALN);
    if (page != b->page) {
        int prot = vm_prot(b->pc);
        if (prot < 0 || !(prot & PROT_EXEC))
            return fetch_fault(b, SIGSEGV, prot < 0 ? SEGV_MAPERR : SEGV_ACCERR);
        vm_protect_code(page << GUEST_PAGE_BITS, 1 << GUEST_PAGE_BITS);
        b->page = page;
    }
    b->insn_len = 4;
    if (!have_text(b, b->pc)) {
        /* Beyond the end of a file; or another thread has just unmapped it. */
        if (vm_prot(b->pc) < 0)
            return fetch_fault(b, SIGSEGV, SEGV_MAPERR);
        return fetch_fault(b, SIGBUS, BUS_ADRERR);
    }
    return text_at(b, b->pc);
}

uint32_t builder_peek32(struct builder *b)
{
    return builder_peek32_at(b, b->insn_len);
}

uint32_t builder_peek32_at(struct builder *b, unsigned bytes)
{
    uint64_t pc = b->pc + bytes;
    if (pc >> GUEST_PAGE_BITS != b->page || debug_ends_block(b, pc) || !have_text(b, pc))
        return 0;
    return text_at(b, pc);
}

void builder_take_next(struct builder *b)
{
    b->insn_len += 4;
}

/* The row that has the last operand in its instruction, if it is an immediate. */
static unsigned immediate_form(unsigned op, const struct opnd *o, unsigned n)
{
    if (n != 3 || o[2].kind != OPND_I)
        return op;
    switch (op) {
    case UOP_shl32:
        return UOP_shl32_by;
    case UOP_shr32:
        return UOP_shr32_by;
    case UOP_sar32:
        return UOP_sar32_by;
    case UOP_ror32:
        return UOP_ror32_by;
    case UOP_ror64:
        return UOP_ror64_by;
    default:
        return op;
    }
}

static bool is_constant(unsigned op, const struct opnd *o)
{
    return (op == UOP_mov64 || op == UOP_movq) && o[0].kind == OPND_G && o[1].kind == OPND_I;
}

/* A constant made by several instructions: nothing sees what the slot held on the way. */
static bool replace_constant(struct builder *b, unsigned op, const struct opnd *o)
{
    if (!b->uop_count || !is_constant(op, o))
        return false;
    struct micro_op *u = &b->uops[b->uop_count - 1];
    if (!is_constant(u->op, u->o) || u->o[0].v != o[0].v)
        return false;
    u->op = (uint16_t)op;
    u->address = false;
    u->insn = (uint8_t)(b->insn_count - 1);
    u->o[1] = o[1];
    return true;
}

/* A confined guest's accesses stay in its space: each has one before it that faults if the
 * address lies elsewhere.  It looks at the first byte only, as that space ends with a gap longer
 * than any access.  (Helpers reach memory by guest_ptr(), which does the same.) */
static void confine(struct builder *b, unsigned op, const struct opnd *o)
{
    static const uint16_t indexed[] = {UOP_confine_x0, UOP_confine_x1, UOP_confine_x2,
                                       UOP_confine_x3, UOP_confine_x4};
    const struct uop_address *at = &uop_info[op].address;

    if (at->base == UOP_NO_OPERAND)
        return;
    if (at->index != UOP_NO_OPERAND)
        set_operands(append(b, indexed[at->log_scale]),
                     (const struct opnd[]){o[at->base], o[at->index]}, 2);
    else
        set_operands(append(b, UOP_confine),
                     (const struct opnd[]){o[at->base], at->displacement == UOP_NO_OPERAND
                                                            ? I(0)
                                                            : o[at->displacement]},
                     2);
}

/* For fold_pass.c. */
static void note_index(struct builder *b, unsigned op, const struct opnd *o)
{
    unsigned index = uop_info[op].address.index;
    if (index != UOP_NO_OPERAND && o[index].kind == OPND_G)
        b->may_fold |= b->added >> o[index].v & 1;
    else if (op == UOP_add64 && o[2].kind == OPND_I && o[0].kind == OPND_G)
        b->added |= UINT64_C(1) << o[0].v;
}

void builder_emit(struct builder *b, unsigned op, const struct opnd *o, unsigned n)
{
    assert(op < UOP_TEMPLATE_COUNT && n == uop_info[op].n);
    if (replace_constant(b, op, o))
        return;
    if (vm_is_confined)
        confine(b, op, o);
    else
        note_index(b, op, o);
    set_operands(append(b, immediate_form(op, o, n)), o, n);
}

void emit_address(struct builder *b, struct opnd dst, uint64_t value)
{
    emit(b, (int64_t)value == (int32_t)value ? UOP_mov64 : UOP_movq, dst, I(value));
    b->uops[b->uop_count - 1].address = true;
}

void builder_depends_on_place(struct builder *b)
{
    b->fixed = true;
}

void builder_emit_slow(struct builder *b, unsigned helper, uint32_t x, uint32_t y, uint32_t z,
                       unsigned op, const struct opnd *o, unsigned n)
{
    assert(op < UOP_TEMPLATE_COUNT && n == uop_info[op].n);
    if (vm_is_confined)
        confine(b, op, o);
    struct micro_op *u = append(b, op);
    set_operands(u, o, n);
    u->helper = helper;
    u->arg[0] = x;
    u->arg[1] = y;
    u->arg[2] = z;
}

void emit_call(struct builder *b, unsigned helper, uint32_t x, uint32_t y, uint32_t z)
{
    struct micro_op *u = append(b, UOP_CALL);
    u->helper = helper;
    u->arg[0] = x;
    u->arg[1] = y;
    u->arg[2] = z;
}

void emit_call_raising(struct builder *b, unsigned helper, uint32_t x, uint32_t y, uint32_t z)
{
    emit_call(b, helper, x, y, z);
    b->uops[b->uop_count - 1].raising = true;
}

void vcpu_raise(struct vcpu *cpu, int sig, int code, uint64_t addr)
{
    cpu->fault = (struct vcpu_fault){.sig = sig, .code = code, .addr = addr};
}

void vcpu_resync(struct vcpu *cpu, unsigned insn_bytes)
{
    cpu->fault = (struct vcpu_fault){.sig = FAULT_RESYNC, .addr = insn_bytes};
}

void emit_cc(struct builder *b, enum cc_kind kind, struct opnd x, struct opnd y)
{
    struct micro_op *u = append(b, UOP_CC);
    u->sub = kind;
    set_operands(u, (const struct opnd[]){x, y}, 2);
}

static void append_adc(struct builder *b, unsigned op, enum cc_kind kind, struct opnd dst,
                       struct opnd x, struct opnd y)
{
    struct micro_op *u = append(b, op);
    u->sub = kind;
    set_operands(u, (const struct opnd[]){x, y, dst}, 3);
}

void emit_adc(struct builder *b, enum cc_kind kind, struct opnd dst, struct opnd x, struct opnd y)
{
    append_adc(b, UOP_CC_ADC, kind, dst, x, y);
}

void emit_adcs(struct builder *b, enum cc_kind kind, struct opnd dst, struct opnd x, struct opnd y)
{
    append_adc(b, UOP_CC_ADCS, kind, dst, x, y);
}

void emit_cc_written(struct builder *b)
{
    append(b, UOP_CC_WRITTEN);
}

void emit_cc_store(struct builder *b)
{
    append(b, UOP_CC_STORE);
}

/* The passes look at what is at pc: it had better be in the processor's cache by then. */
static void expect(const struct builder *b, uint64_t pc)
{
    __builtin_prefetch(guest_ptr(pc));
    if (pc >= b->code_start && pc < b->code_end)
        arena_expect(b->arena, pc);
}

static void set_target(struct builder *b, struct micro_op *u, uint64_t pc)
{
    expect(b, pc);
    u->target = pc;
    b->loop |= pc == b->start && !(b->mode & MODE_STEP);
}

void emit_cc_branch(struct builder *b, enum cc_cond cond, uint64_t pc)
{
    struct micro_op *u = append(b, UOP_CC_BRANCH);
    u->sub = cond;
    u->link = b->pc + b->insn_len;
    set_target(b, u, pc);
}

void emit_cc_set(struct builder *b, enum cc_cond cond, struct opnd dst)
{
    struct micro_op *u = append(b, UOP_CC_SET);
    u->sub = cond;
    set_operands(u, &dst, 1);
}

void emit_cc_select(struct builder *b, enum cc_cond cond, struct opnd dst, struct opnd x,
                    struct opnd y)
{
    struct micro_op *u = append(b, UOP_CC_SELECT);
    b->has_selects = true;
    u->sub = cond;
    set_operands(u, (const struct opnd[]){dst, x, y}, 3);
}

void emit_cc_select32(struct builder *b, enum cc_cond cond, struct opnd dst, struct opnd x,
                      struct opnd y)
{
    emit_cc_select(b, cond, dst, x, y);
    b->uops[b->uop_count - 1].arg[0] = 1;
}

void emit_cc_compare(struct builder *b, enum cc_cond cond, enum cc_kind kind, struct opnd x,
                     struct opnd y, unsigned nzcv)
{
    struct micro_op *u = append(b, UOP_CC_COMPARE);
    u->sub = cond;
    u->arg[0] = kind;
    u->arg[1] = nzcv;
    set_operands(u, (const struct opnd[]){x, y}, 2);
}

void builder_emit_branch(struct builder *b, unsigned op, uint64_t pc, const struct opnd *o,
                         unsigned n)
{
    assert(op < UOP_TEMPLATE_COUNT && uop_info[op].has_taken && n == uop_info[op].n);
    struct micro_op *u = append(b, op);
    set_operands(u, o, n);
    set_target(b, u, pc);
}

void emit_goto(struct builder *b, uint64_t pc)
{
    set_target(b, append(b, UOP_GOTO), pc);
    b->ended = true;
}

void emit_goto_indirect(struct builder *b, struct opnd target)
{
    set_operands(append(b, UOP_GOTO_INDIRECT), &target, 1);
    b->ended = true;
}

void emit_goto_function(struct builder *b, struct opnd target)
{
    emit_goto_indirect(b, target);
    b->uops[b->uop_count - 1].sub = GOTO_FUNCTION;
}

/* Calls do not end the block: the host return comes back to the code behind. */
void emit_branch_link(struct builder *b, uint64_t pc, uint64_t ret)
{
    struct micro_op *u = append(b, UOP_LINK);
    expect(b, pc);
    u->target = pc;
    u->link = ret;
}

void emit_branch_link_indirect(struct builder *b, struct opnd target, uint64_t ret)
{
    struct micro_op *u = append(b, UOP_LINK_INDIRECT);
    set_operands(u, &target, 1);
    u->link = ret;
}

void emit_return(struct builder *b)
{
    append(b, UOP_RETURN);
    b->ended = true;
}

void emit_raise(struct builder *b, enum exit_reason reason, uint64_t arg)
{
    struct micro_op *u = append(b, UOP_RAISE);
    u->sub = reason;
    u->target = arg;
    u->link = reason == EXIT_SYSCALL ? b->pc + b->insn_len : b->pc;
    b->ended = true;
}

void emit_sync(struct builder *b)
{
    struct micro_op *u = append(b, UOP_RAISE);
    u->sub = EXIT_LOOKUP;
    u->link = b->pc + b->insn_len;
    b->ended = true;
}
