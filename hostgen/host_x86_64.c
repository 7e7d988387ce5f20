/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The x86-64 host port: the instruction sequences that are written by hand.
 * Encodings: AMD64 Architecture Programmer's Manual, volume 3.
 */
#include "hostgen/host_x86_64.h"

#include <capstone/capstone.h>
#include <elf.h>
#include <string.h>
#include <sys/platform/x86.h>
#include <sys/ucontext.h>

#include "hostgen/host.h"
#include "hostgen/patch.h"

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI };

const int host_cs_arch = CS_ARCH_X86, host_cs_mode = CS_MODE_64;
const unsigned host_elf_machine = EM_X86_64;

#define NUMBER(name, number) number,
const uint8_t host_pin_registers[] = {HOST_R_REGS(NUMBER) HOST_TOP_REG(NUMBER)};
const uint8_t host_vpin_registers[] = {HOST_X_REGS(NUMBER)};

/* ---- Processor features ---- */

/* As the C library found them at its start: on virtual machines each cpuid
 * costs microseconds.  The levels of the x86-64 psABI, and AES and PCLMUL. */
enum host_isa host_isa_best(void)
{
#define HAS(feature) CPU_FEATURE_ACTIVE(feature)
    if (!HAS(SSE3) || !HAS(SSSE3) || !HAS(SSE4_1) || !HAS(SSE4_2) || !HAS(POPCNT) ||
        !HAS(CMPXCHG16B))
        return HOST_ISA_BASELINE;
    if (!HAS(AVX) || !HAS(AVX2) || !HAS(BMI1) || !HAS(BMI2) || !HAS(F16C) || !HAS(FMA) ||
        !HAS(LZCNT) || !HAS(MOVBE) || !HAS(AES) || !HAS(PCLMULQDQ))
        return HOST_ISA_V2;
    return HOST_ISA_V3;
#undef HAS
}

bool host_supports(enum host_feature feature)
{
    if (!CPU_FEATURE_PRESENT(SSE4_1))
        return false;
    switch (feature) {
    case HOST_AES:
        return CPU_FEATURE_PRESENT(AES);
    case HOST_PCLMUL:
        return CPU_FEATURE_PRESENT(PCLMULQDQ);
    default:
        return CPU_FEATURE_PRESENT(SHA);
    }
}

/* ---- Bytes ---- */

static void put(struct code_ptr *p, const void *bytes, size_t n)
{
    memcpy(p->w, bytes, n);
    p->w += n;
    p->x += n;
}

#define PUT(p, ...) put((p), (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void put32(struct code_ptr *p, uint32_t v)
{
    put(p, &v, 4);
}

static void put64(struct code_ptr *p, uint64_t v)
{
    put(p, &v, 8);
}

/* [rbp + disp], of a field of struct vcpu: ModRM and displacement. */
static void put_state(struct code_ptr *p, unsigned reg, size_t offset)
{
    int32_t disp = (int32_t)offset - VCPU_BIAS;
    if (disp == (int8_t)disp) {
        PUT(p, (uint8_t)(0x40 | (reg & 7) << 3 | RBP), (uint8_t)disp);
    } else {
        PUT(p, (uint8_t)(0x80 | (reg & 7) << 3 | RBP));
        put32(p, (uint32_t)disp);
    }
}

/* mov reg, [state] / mov [state], reg */
static void load(struct code_ptr *p, unsigned reg, size_t offset)
{
    PUT(p, (uint8_t)(0x48 | (reg & 8) >> 1), 0x8b);
    put_state(p, reg, offset);
}

static void store(struct code_ptr *p, unsigned reg, size_t offset)
{
    PUT(p, (uint8_t)(0x48 | (reg & 8) >> 1), 0x89);
    put_state(p, reg, offset);
}

/* movaps xmm, [state] / movaps [state], xmm */
static void vector(struct code_ptr *p, unsigned reg, size_t offset, bool to_memory)
{
    if (reg & 8)
        PUT(p, 0x44);
    PUT(p, 0x0f, to_memory ? 0x29 : 0x28);
    put_state(p, reg, offset);
}

#define FIELD(name) offsetof(struct vcpu, name)

void host_emit_repin(struct code_ptr *p, const struct pinning *from, const struct pinning *to)
{
    for (unsigned i = 0; i < HOST_PINS; i++)
        if (from->g[i] != to->g[i] && from->g[i] != PIN_NONE)
            store(p, host_pin_registers[i], FIELD(g) + from->g[i] * 8);
    for (unsigned i = 0; i < HOST_VPINS; i++)
        if (from->v[i] != to->v[i] && from->v[i] != PIN_NONE)
            vector(p, host_vpin_registers[i], FIELD(v) + from->v[i] * 16, true);
    for (unsigned i = 0; i < HOST_PINS; i++)
        if (from->g[i] != to->g[i] && to->g[i] != PIN_NONE)
            load(p, host_pin_registers[i], FIELD(g) + to->g[i] * 8);
    for (unsigned i = 0; i < HOST_VPINS; i++)
        if (from->v[i] != to->v[i] && to->v[i] != PIN_NONE)
            vector(p, host_vpin_registers[i], FIELD(v) + to->v[i] * 16, false);
}

/* What is pinned, in order: slots of host_pin_registers. */
static void each_pin(struct code_ptr *p, bool to_memory)
{
    for (unsigned i = 0; i < VCPU_G_SLOTS; i++) {
        struct place at = hostgen_place(G(i));
        if (at.kind == HG_R)
            (to_memory ? store : load)(p, (unsigned)at.number, FIELD(g) + i * 8);
    }
    for (unsigned i = 0; i < VCPU_V_SLOTS; i++) {
        struct place at = hostgen_place(V(i));
        if (at.kind == HG_X)
            vector(p, (unsigned)at.number, FIELD(v) + i * 16, to_memory);
    }
}

/* ldmxcsr / stmxcsr [state] */
static void mxcsr(struct code_ptr *p, bool to_memory, size_t offset)
{
    PUT(p, 0x0f, 0xae);
    put_state(p, to_memory ? 3 : 2, offset);
}

/* ---- Way in and out ---- */

enum { TRAP_FLAG = 0x100 };

/* Generated code that is entered while vcpu.pending is set runs in single steps.  With the stack
 * of C. */
static void step_if_pending(struct code_ptr *p)
{
    PUT(p, 0x83); /* cmp dword [state], 0 */
    put_state(p, 7, FIELD(pending));
    PUT(p, 0, 0x74, 9);                                /* je behind */
    PUT(p, 0x9c);                                      /* pushfq */
    PUT(p, 0x81, 0x0c, 0x24, 0, TRAP_FLAG >> 8, 0, 0); /* or dword [rsp], TRAP_FLAG */
    PUT(p, 0x9d);                                      /* popfq */
}

void host_emit_enter(struct code_ptr *p)
{
    PUT(p, 0x55, 0x53, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57); /* push callee-saved */
    PUT(p, 0x48, 0x83, 0xec, 0x08); /* sub rsp, 8: aligned to 16 */
    PUT(p, 0x48, 0x8d, 0xaf);       /* lea rbp, [rdi + BIAS] */
    put32(p, VCPU_BIAS);
    PUT(p, 0x48, 0x89, 0xf0); /* mov rax, rsi */
    store(p, RSP, FIELD(c_sp));
    each_pin(p, false);
    mxcsr(p, false, FIELD(mxcsr));
    step_if_pending(p);
    load(p, RSP, FIELD(return_sp));
    PUT(p, 0xff, 0xe0); /* jmp rax */
}

void host_emit_leave(struct code_ptr *p)
{
    each_pin(p, true);
    store(p, RSP, FIELD(return_sp));
    mxcsr(p, true, FIELD(mxcsr));
    mxcsr(p, false, FIELD(host_mxcsr));
    load(p, RSP, FIELD(c_sp));
    PUT(p, 0x48, 0x83, 0xc4, 0x08); /* add rsp, 8 */
    PUT(p, 0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5b, 0x5d, 0xc3);
}

void host_emit_helper_thunk(struct code_ptr *p)
{
    each_pin(p, true);
    store(p, RSP, FIELD(return_sp));
    load(p, RSP, FIELD(c_sp));
    PUT(p, 0x89, 0xf9); /* mov ecx, edi */
    load(p, RDI, FIELD(helpers));
    PUT(p, 0x48, 0x8b, 0x04, 0xc7); /* mov rax, [rdi + rax * 8] */
    PUT(p, 0x48, 0x8d, 0xbd);       /* lea rdi, [rbp - BIAS] */
    put32(p, (uint32_t)-VCPU_BIAS);
    PUT(p, 0xff, 0xd0); /* call rax */
    step_if_pending(p);
    load(p, RSP, FIELD(return_sp));
    each_pin(p, false);
    PUT(p, 0xc3);
}

/* mov r32, imm32 */
static void load_imm32(struct code_ptr *p, unsigned reg, uint32_t v)
{
    PUT(p, (uint8_t)(0xb8 + reg));
    put32(p, v);
}

static uint8_t *put_rel32(struct code_ptr *p, const uint8_t *target_x)
{
    uint8_t *field = p->w;
    put32(p, target_x ? (uint32_t)(target_x - (p->x + 4)) : 0);
    return field;
}

static uint8_t *put_call(struct code_ptr *p, const uint8_t *target_x)
{
    PUT(p, 0xe8);
    return put_rel32(p, target_x);
}

void host_emit_helper_call(struct code_ptr *p, const uint8_t *thunk_x, uint32_t helper, uint32_t a,
                           uint32_t b, uint32_t c)
{
    load_imm32(p, RSI, a);
    load_imm32(p, RDX, b);
    load_imm32(p, RDI, c);
    load_imm32(p, RAX, helper);
    put_call(p, thunk_x);
}

/* ---- Jumps ---- */

uint8_t *host_emit_jump(struct code_ptr *p, const uint8_t *target_x)
{
    PUT(p, 0xe9);
    return put_rel32(p, target_x);
}

void host_emit_jump_slot(struct code_ptr *p, const uint8_t *slot_x)
{
    PUT(p, 0xff, 0x25); /* jmp [rip + disp32] */
    put_rel32(p, slot_x);
}

/* The recommended no-operations of 1 to 9 bytes (AMD64 APM volume 3, NOP). */
static void nops(struct code_ptr *p, unsigned n)
{
    static const uint8_t nop[9][9] = {{0x90},
                                      {0x66, 0x90},
                                      {0x0f, 0x1f, 0x00},
                                      {0x0f, 0x1f, 0x40, 0x00},
                                      {0x0f, 0x1f, 0x44, 0x00, 0x00},
                                      {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
                                      {0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00},
                                      {0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
                                      {0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00}};
    for (; n > 9; n -= 9)
        put(p, nop[8], 9);
    if (n)
        put(p, nop[n - 1], n);
}

/* A store is seen whole by the instruction fetch of another processor if it lies within
 * an aligned block of the size that is fetched at once. */
enum { FETCH = 16 };

/* By segment prefixes, which direct jumps ignore: unlike nops they take no time. */
static void align_field(struct code_ptr *p, unsigned before)
{
    unsigned at = (unsigned)((uintptr_t)p->x + before) % FETCH;
    for (; at > FETCH - 4 && at < FETCH; at++)
        PUT(p, 0x2e);
}

bool host_rel32_atomic(const uint8_t *field)
{
    return (uintptr_t)field % FETCH <= FETCH - 4;
}

uint8_t *host_emit_chain_jump(struct code_ptr *p, const uint8_t *target_x)
{
    align_field(p, 1);
    return host_emit_jump(p, target_x);
}

void host_patch_rel32(uint8_t *field_w, const uint8_t *field_x, const uint8_t *target_x)
{
    typedef int32_t __attribute__((aligned(1), may_alias)) field;
    *(volatile field *)field_w = (int32_t)(target_x - (field_x + 4));
}

const uint8_t *host_rel32_target(const uint8_t *field_w, const uint8_t *field_x)
{
    int32_t rel;
    memcpy(&rel, field_w, 4);
    return field_x + 4 + rel;
}

void host_emit_align(struct code_ptr *p, unsigned align)
{
    nops(p, (unsigned)(-(uintptr_t)p->x & (align - 1)));
}

void host_emit_trap(struct code_ptr *p)
{
    PUT(p, 0x06); /* "push es" is no instruction in 64-bit mode */
}

/* ---- State ---- */

void host_emit_set_exit(struct code_ptr *p, uint32_t id)
{
    load_imm32(p, RAX, id);
}

void host_emit_store_imm32(struct code_ptr *p, size_t offset, uint32_t value)
{
    PUT(p, 0xc7);
    put_state(p, 0, offset);
    put32(p, value);
}

void host_emit_copy32(struct code_ptr *p, size_t offset, const uint8_t *from_x)
{
    PUT(p, 0x8b, 0x15); /* mov edx, [rip + disp32] */
    put_rel32(p, from_x);
    PUT(p, 0x89); /* mov [state], edx */
    put_state(p, RDX, offset);
}

/* Into rax, in the shortest way. */
static void load_imm64(struct code_ptr *p, uint64_t value)
{
    if (value <= UINT32_MAX) {
        load_imm32(p, RAX, (uint32_t)value);
    } else {
        PUT(p, 0x48, 0xb8);
        put64(p, value);
    }
}

void host_emit_store_imm64(struct code_ptr *p, size_t offset, uint64_t value)
{
    if ((int64_t)value == (int32_t)value) {
        PUT(p, 0x48, 0xc7);
        put_state(p, 0, offset);
        put32(p, (uint32_t)value);
        return;
    }
    load_imm64(p, value);
    store(p, RAX, offset);
}

/* ---- Host return stack ---- */

static bool in_memory(struct place at)
{
    return at.kind == HG_M || at.kind == HG_W;
}

uint8_t *host_emit_guest_call(struct code_ptr *p, const uint8_t *target_x)
{
    align_field(p, 1);
    return put_call(p, target_x);
}

void host_emit_guest_return(struct code_ptr *p)
{
    PUT(p, 0xc3);
}

uint8_t *host_emit_return_check(struct code_ptr *p, struct opnd link, uint64_t ret,
                                const uint8_t *miss_x)
{
    struct place at = hostgen_place(link);
    bool is_short = (int64_t)ret == (int32_t)ret;
    if (!is_short)
        load_imm64(p, ret);
    /* cmp link, imm32 / cmp link, rax */
    PUT(p, (uint8_t)(0x48 | (in_memory(at) ? 0 : at.number >> 3)), is_short ? 0x81 : 0x39);
    if (in_memory(at))
        put_state(p, is_short ? 7 : RAX, FIELD(g) + (size_t)link.v * 8);
    else
        PUT(p, (uint8_t)((is_short ? 0xf8 : 0xc0) | (at.number & 7)));
    if (is_short)
        put32(p, (uint32_t)ret);
    PUT(p, 0x0f, 0x85); /* jne */
    return put_rel32(p, miss_x);
}

enum { JUMP_CACHE = JUMP_CACHE_OFFSET - VCPU_BIAS };

/* Where look_up has the target. */
static unsigned target_register(struct opnd target)
{
    struct place at = hostgen_place(target);
    return in_memory(at) ? RDX : (unsigned)at.number;
}

/* Compares the entry of the jump cache, at 2 * rax behind its start, with the target. */
static void look_up(struct code_ptr *p, struct opnd target)
{
    const unsigned reg = target_register(target);
    if (in_memory(hostgen_place(target)))
        load(p, reg, FIELD(g) + (size_t)target.v * 8);
    const uint8_t long_reg = (uint8_t)((reg & 8) >> 1), modrm = (uint8_t)(0x84 | (reg & 7) << 3);
    PUT(p, (uint8_t)(0x40 | long_reg), 0x89, (uint8_t)(0xc0 | (reg & 7) << 3)); /* mov eax, reg */
    PUT(p, 0x25);                                                               /* and eax, */
    put32(p, (JUMP_CACHE_SIZE - 2) * 8);
    PUT(p, (uint8_t)(0x48 | long_reg), 0x39, modrm, 0x45); /* cmp [rbp + rax * 2 + entries], reg */
    put32(p, JUMP_CACHE + offsetof(struct jump_cache_entry, pc));
}

void host_emit_jump_lookup(struct code_ptr *p, struct opnd target)
{
    look_up(p, target);
    PUT(p, 0x75, 0x07);       /* jne over */
    PUT(p, 0xff, 0xa4, 0x45); /* jmp [rbp + rax * 2 + entries + 8] */
    put32(p, JUMP_CACHE + offsetof(struct jump_cache_entry, host));
    store(p, target_register(target), FIELD(pc));
}

uint8_t *host_emit_call_lookup(struct code_ptr *p, struct opnd target)
{
    look_up(p, target);
    PUT(p, 0x0f, 0x85); /* jne */
    uint8_t *field = put_rel32(p, NULL);
    PUT(p, 0xff, 0x94, 0x45); /* call [rbp + rax * 2 + entries + 8] */
    put32(p, JUMP_CACHE + offsetof(struct jump_cache_entry, host));
    return field;
}

void host_emit_call_second(struct code_ptr *p, struct opnd target, const uint8_t *second_x,
                           const uint8_t *landing_x)
{
    store(p, target_register(target), FIELD(pc));
    put_call(p, second_x);
    host_emit_jump(p, landing_x);
}

void host_emit_return_reset(struct code_ptr *p)
{
    load(p, RSP, FIELD(return_base));
}

/* ---- Signal contexts ---- */

static greg_t *context_register(void *ucontext, unsigned number)
{
    static const uint8_t index[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                      REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                      REG_R12, REG_R13, REG_R14, REG_R15};
    return &((ucontext_t *)ucontext)->uc_mcontext.gregs[index[number]];
}

static greg_t context_get(const void *ucontext, unsigned number)
{
    return *context_register((void *)ucontext, number);
}

uint64_t host_context_pc(const void *ucontext)
{
    return (uint64_t)((const ucontext_t *)ucontext)->uc_mcontext.gregs[REG_RIP];
}

void host_context_set_pc(void *ucontext, const void *x)
{
    ((ucontext_t *)ucontext)->uc_mcontext.gregs[REG_RIP] = (greg_t)x;
}

uint64_t host_context_sp(const void *ucontext)
{
    return (uint64_t)context_get(ucontext, RSP);
}

void host_context_set_sp(void *ucontext, uint64_t sp)
{
    *context_register(ucontext, RSP) = (greg_t)sp;
}

void host_context_set_step(void *ucontext, bool on)
{
    greg_t *flags = &((ucontext_t *)ucontext)->uc_mcontext.gregs[REG_EFL];
    *flags = on ? *flags | TRAP_FLAG : *flags & ~TRAP_FLAG;
}

bool host_context_steps(const void *ucontext)
{
    return ((const ucontext_t *)ucontext)->uc_mcontext.gregs[REG_EFL] & TRAP_FLAG;
}

void host_context_set_exit(void *ucontext, uint32_t id)
{
    *context_register(ucontext, RAX) = id;
}

uint32_t host_context_mxcsr(const void *ucontext)
{
    return ((const ucontext_t *)ucontext)->uc_mcontext.fpregs->mxcsr;
}

struct vcpu *host_context_vcpu(const void *ucontext)
{
    return (struct vcpu *)(context_get(ucontext, RBP) - VCPU_BIAS);
}

void host_context_to_vcpu(const void *ucontext, const struct pinning *pinning, struct vcpu *cpu)
{
    const struct _libc_fpstate *fp = ((const ucontext_t *)ucontext)->uc_mcontext.fpregs;
    for (unsigned i = 0; i < HOST_PINS; i++)
        if (pinning->g[i] != PIN_NONE)
            cpu->g[pinning->g[i]] = (uint64_t)context_get(ucontext, host_pin_registers[i]);
    for (unsigned i = 0; i < HOST_VPINS; i++)
        if (pinning->v[i] != PIN_NONE)
            memcpy(&cpu->v[pinning->v[i]], &fp->_xmm[host_vpin_registers[i]], 16);
    cpu->return_sp = host_context_sp(ucontext);
    cpu->mxcsr = fp->mxcsr;
}

void host_vcpu_to_context(const struct vcpu *cpu, const struct pinning *pinning, void *ucontext)
{
    struct _libc_fpstate *fp = ((ucontext_t *)ucontext)->uc_mcontext.fpregs;
    for (unsigned i = 0; i < HOST_PINS; i++)
        if (pinning->g[i] != PIN_NONE)
            *context_register(ucontext, host_pin_registers[i]) = (greg_t)cpu->g[pinning->g[i]];
    for (unsigned i = 0; i < HOST_VPINS; i++)
        if (pinning->v[i] != PIN_NONE)
            memcpy(&fp->_xmm[host_vpin_registers[i]], &cpu->v[pinning->v[i]], 16);
    /* A fault in a C helper: the compiler may have used it there. */
    *context_register(ucontext, RBP) = (greg_t)((uintptr_t)cpu + VCPU_BIAS);
    host_context_set_sp(ucontext, cpu->return_sp);
    fp->mxcsr = cpu->mxcsr;
}

/* ---- Listings ---- */

const char *host_pin_name(bool is_vector, unsigned slot)
{
#define CASE(name, number)                                                                         \
    case number:                                                                                   \
        return #name;
    struct place at = hostgen_place(is_vector ? V(slot) : G(slot));
    if (at.kind == HG_R) {
        switch (at.number) {
            HOST_R_REGS(CASE)
            HOST_TOP_REG(CASE)
        }
    } else if (at.kind == HG_X) {
        switch (at.number) {
            HOST_X_REGS(CASE)
        }
    }
    return NULL;
}
