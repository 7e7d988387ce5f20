/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exclusive, ordered and atomic accesses (DDI 0487, C4.1.94).
 *
 * The exclusive monitor is an address and the value that was loaded from it: a
 * store-exclusive is a compare and swap of that value (hostgen/ops/memory.def).
 * All these accesses must be aligned, else SIGBUS (B2.5.2, without FEAT_LSE2).
 */
#include <signal.h>

#include "loader/vm.h"
#include "translate/a64/a64.h"

/* The exact part of a misaligned access: at slot rn + offset. */
void a64_helper_misaligned(struct vcpu *cpu, uint32_t rn, uint32_t offset, uint32_t unused)
{
    (void)unused;
    vcpu_raise(cpu, SIGBUS, BUS_ADRALN, cpu->g[rn] + (uint64_t)(int32_t)offset);
}

/* A micro-op by log2 of the access size. */
#define BY_SIZE(prefix, suffix)                                                                    \
    {                                                                                              \
        UOP_##prefix##8##suffix, UOP_##prefix##16##suffix, UOP_##prefix##32##suffix,               \
            UOP_##prefix##64##suffix                                                               \
    }

/* An access at Xrn + offset that raises if it is misaligned. */
#define emit_aligned(b, size, rn, offset, op, ...)                                                 \
    ((size)                                                                                        \
         ? emit_slow((b), A64_HELPER_misaligned, (rn), (uint32_t)(offset), 0, (op), __VA_ARGS__)   \
         : emit((b), (op), __VA_ARGS__))

/* ---- Ordered ---- */

static const uint16_t load_acquire[4] = BY_SIZE(ld, _acquire);
static const uint16_t store_release[4] = BY_SIZE(st, _release);

/* Xrn + offset, in T(1) unless it is a register. */
static struct opnd address(struct builder *b, unsigned rn, int64_t offset)
{
    if (!offset)
        return G(rn);
    emit(b, UOP_add64, T(1), G(rn), I(offset));
    return T(1);
}

static bool ordered_store(struct builder *b, const struct a64_insn *f, int64_t offset)
{
    emit_aligned(b, f->size, f->rn, offset, store_release[f->size], a64_xg(b, f->rt, T(0)),
                 address(b, f->rn, offset));
    return true;
}

static void ordered_load(struct builder *b, const struct a64_insn *f, struct opnd dst,
                         int64_t offset)
{
    emit_aligned(b, f->size, f->rn, offset, load_acquire[f->size], dst, address(b, f->rn, offset));
}

bool trans_STLR(struct builder *b, const struct a64_insn *f)
{
    return ordered_store(b, f, 0);
}

bool trans_LDAR(struct builder *b, const struct a64_insn *f)
{
    ordered_load(b, f, a64_x_out(f->rt), 0);
    return true;
}

bool trans_STLUR(struct builder *b, const struct a64_insn *f)
{
    return ordered_store(b, f, f->imm9);
}

bool trans_LDAPUR(struct builder *b, const struct a64_insn *f)
{
    ordered_load(b, f, a64_x_out(f->rt), f->imm9);
    return true;
}

bool trans_LDAPURS_64(struct builder *b, const struct a64_insn *f)
{
    static const uint16_t extend[4] = {UOP_sext8_64, UOP_sext16_64, UOP_sext32_64, 0};
    if (f->size == 3)
        return false;
    ordered_load(b, f, T(0), f->imm9);
    emit(b, extend[f->size], a64_x_out(f->rt), T(0));
    return true;
}

bool trans_LDAPURS_32(struct builder *b, const struct a64_insn *f)
{
    if (f->size > 1)
        return false;
    ordered_load(b, f, T(0), f->imm9);
    emit(b, f->size ? UOP_sext16_32 : UOP_sext8_32, a64_x_out(f->rt), T(0));
    return true;
}

/* ---- Exclusive ---- */

static const uint16_t load_exclusive[4] = BY_SIZE(ld, _exclusive);
static const uint16_t store_exclusive[4] = BY_SIZE(st, _exclusive);

bool trans_LDXR(struct builder *b, const struct a64_insn *f)
{
    emit_aligned(b, f->size, f->rn, 0, load_exclusive[f->size], a64_x_out(f->rt), G(f->rn));
    return true;
}

/* It may fail before its alignment is looked at (J1.3, ExclusiveMonitorsPass),
 * and a monitor's address is aligned. */
bool trans_STXR(struct builder *b, const struct a64_insn *f)
{
    emit(b, store_exclusive[f->size], a64_x_out(f->rs), a64_xg(b, f->rt, T(0)), G(f->rn));
    return true;
}

/* Helpers' operands: rt | rt2 << 8 | rs << 16. */
static uint32_t pack(const struct a64_insn *f)
{
    return f->rt | (uint32_t)f->rt2 << 8 | (uint32_t)f->rs << 16;
}

static uint64_t get(const struct vcpu *cpu, unsigned r)
{
    return (r & 31) == 31 ? 0 : cpu->g[r & 31];
}

static void put(struct vcpu *cpu, unsigned r, uint64_t value)
{
    if ((r & 31) != 31)
        cpu->g[r & 31] = value;
}

/* 16 bytes at once: the host has a compare and swap for them. */
#ifdef __x86_64__
__attribute__((target("cx16")))
#endif
static unsigned __int128
compare_and_swap_16(void *p, unsigned __int128 old, unsigned __int128 new)
{
    return __sync_val_compare_and_swap((unsigned __int128 *)p, old, new);
}

static unsigned __int128 join(uint64_t low, uint64_t high)
{
    return (unsigned __int128)high << 64 | low;
}

void a64_helper_ldxp(struct vcpu *cpu, uint32_t regs, uint32_t rn, uint32_t unused)
{
    uint64_t address = cpu->g[rn];
    (void)unused;
    if (address & 15) {
        vcpu_raise(cpu, SIGBUS, BUS_ADRALN, address);
        return;
    }
    /* The two halves are one only if the store succeeds, which compares both. */
    const volatile uint64_t *p = guest_ptr(address);
    uint64_t low = p[0], high = p[1];
    cpu->g[MONITOR_ADDRESS_SLOT] = address;
    cpu->g[MONITOR_VALUE_SLOT] = low;
    cpu->g[MONITOR_VALUE2_SLOT] = high;
    put(cpu, regs, low);
    put(cpu, regs >> 8, high);
}

void a64_helper_stxp(struct vcpu *cpu, uint32_t regs, uint32_t rn, uint32_t unused)
{
    uint64_t address = cpu->g[rn];
    bool stored = false;
    (void)unused;
    if (cpu->g[MONITOR_ADDRESS_SLOT] == address) {
        unsigned __int128 old = join(cpu->g[MONITOR_VALUE_SLOT], cpu->g[MONITOR_VALUE2_SLOT]);
        stored = compare_and_swap_16(guest_ptr(address), old,
                                     join(get(cpu, regs), get(cpu, regs >> 8))) == old;
    }
    cpu->g[MONITOR_ADDRESS_SLOT] = UINT64_MAX;
    put(cpu, regs >> 16, !stored);
}

/* A pair of words is one access of 8 bytes. */
bool trans_LDXP(struct builder *b, const struct a64_insn *f)
{
    if (f->size) {
        emit_call_raising(b, A64_HELPER_ldxp, pack(f), f->rn, 0);
        return true;
    }
    emit_slow(b, A64_HELPER_misaligned, f->rn, 0, 0, UOP_ld64_exclusive, T(0), G(f->rn));
    emit(b, UOP_mov32, a64_x_out(f->rt), T(0));
    emit(b, UOP_shr64, a64_x_out(f->rt2), T(0), I(32));
    return true;
}

bool trans_STXP(struct builder *b, const struct a64_insn *f)
{
    if (f->size) {
        emit_call(b, A64_HELPER_stxp, pack(f), f->rn, 0);
        return true;
    }
    emit(b, UOP_shl64, T(0), a64_xg(b, f->rt2, T(0)), I(32));
    emit(b, UOP_mov32, T(1), a64_xg(b, f->rt, T(1)));
    emit(b, UOP_or64, T(0), T(0), T(1));
    emit(b, UOP_st64_exclusive, a64_x_out(f->rs), T(0), G(f->rn));
    return true;
}

/* ---- FEAT_LSE ---- */

enum atomic {
    ATOMIC_ADD,
    ATOMIC_CLEAR,
    ATOMIC_XOR,
    ATOMIC_OR,
    ATOMIC_SMAX,
    ATOMIC_SMIN,
    ATOMIC_UMAX,
    ATOMIC_UMIN,
    ATOMIC_SWAP,
    ATOMIC_CAS
};

static uint64_t apply(unsigned operation, unsigned log_size, uint64_t old, uint64_t v)
{
    unsigned up = 64 - (8 << log_size);
    int64_t sold = (int64_t)(old << up), sv = (int64_t)(v << up);
    switch (operation) {
    case ATOMIC_ADD:
        return old + v;
    case ATOMIC_CLEAR:
        return old & ~v;
    case ATOMIC_XOR:
        return old ^ v;
    case ATOMIC_OR:
        return old | v;
    case ATOMIC_SMAX:
        return sold > sv ? old : v;
    case ATOMIC_SMIN:
        return sold < sv ? old : v;
    case ATOMIC_UMAX:
        return (uint64_t)sold > (uint64_t)sv ? old : v;
    case ATOMIC_UMIN:
        return (uint64_t)sold < (uint64_t)sv ? old : v;
    default:
        return v;
    }
}

/* One type of access: the value there becomes the operation's result (for a
 * compare and swap only if it was `expected`); the old one is returned. */
#define ATOMIC_ACCESS(type)                                                                        \
    ({                                                                                             \
        type *at_ = (type *)guest_ptr(address);                                                    \
        type was_ =                                                                                \
            operation == ATOMIC_CAS ? (type)expected : __atomic_load_n(at_, __ATOMIC_RELAXED);     \
        while (!__atomic_compare_exchange_n(at_, &was_, (type)apply(operation, log_size, was_, v), \
                                            false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) &&          \
               operation != ATOMIC_CAS)                                                            \
            ;                                                                                      \
        was_;                                                                                      \
    })

/* regs: rt | rs << 16; what: enum atomic | log2 of the size << 8 */
void a64_helper_atomic(struct vcpu *cpu, uint32_t regs, uint32_t rn, uint32_t what)
{
    uint64_t address = cpu->g[rn], old;
    unsigned operation = what & 0xff, log_size = what >> 8, rt = regs & 31, rs = regs >> 16 & 31;
    bool cas = operation == ATOMIC_CAS;
    uint64_t v = get(cpu, cas ? rt : rs), expected = get(cpu, rs);
    if (address & ((1u << log_size) - 1)) {
        vcpu_raise(cpu, SIGBUS, BUS_ADRALN, address);
        return;
    }
    switch (log_size) {
    case 0:
        old = ATOMIC_ACCESS(uint8_t);
        break;
    case 1:
        old = ATOMIC_ACCESS(uint16_t);
        break;
    case 2:
        old = ATOMIC_ACCESS(uint32_t);
        break;
    default:
        old = ATOMIC_ACCESS(uint64_t);
        break;
    }
    put(cpu, cas ? rs : rt, old);
}

static void emit_atomic_call(struct builder *b, const struct a64_insn *f, enum atomic operation)
{
    emit_call_raising(b, A64_HELPER_atomic, pack(f), f->rn, operation | (uint32_t)f->size << 8);
}

/* By operation and log2 of the size; 0: the helper does it. */
static const uint16_t atomic_op[][4] = {
    [ATOMIC_ADD] = {0, 0, UOP_fetch_add32, UOP_fetch_add64},
    [ATOMIC_CLEAR] = {0, 0, UOP_fetch_clear32, UOP_fetch_clear64},
    [ATOMIC_XOR] = {0, 0, UOP_fetch_xor32, UOP_fetch_xor64},
    [ATOMIC_OR] = {0, 0, UOP_fetch_or32, UOP_fetch_or64},
    [ATOMIC_SWAP] = {UOP_swap8, 0, UOP_swap32, UOP_swap64},
    [ATOMIC_CAS] = {UOP_cas8, 0, UOP_cas32, UOP_cas64},
};

static bool atomic(struct builder *b, const struct a64_insn *f, enum atomic operation)
{
    unsigned op = atomic_op[operation][f->size];
    if (!op) {
        emit_atomic_call(b, f, operation);
        return true;
    }
    /* The host exchanges with a register before it knows of a fault: not Rt's. */
    emit(b, UOP_mov64, T(1), a64_x(f->rs));
    emit_aligned(b, f->size, f->rn, 0, op, T(1), G(f->rn));
    if (f->rt != 31)
        emit(b, UOP_mov64, G(f->rt), T(1));
    return true;
}

#define ATOMIC(insn, operation)                                                                    \
    bool trans_##insn(struct builder *b, const struct a64_insn *f)                                 \
    {                                                                                              \
        return atomic(b, f, operation);                                                            \
    }
ATOMIC(LDADD, ATOMIC_ADD)
ATOMIC(LDCLR, ATOMIC_CLEAR)
ATOMIC(LDEOR, ATOMIC_XOR)
ATOMIC(LDSET, ATOMIC_OR)
ATOMIC(LDSMAX, ATOMIC_SMAX)
ATOMIC(LDSMIN, ATOMIC_SMIN)
ATOMIC(LDUMAX, ATOMIC_UMAX)
ATOMIC(LDUMIN, ATOMIC_UMIN)
ATOMIC(SWP, ATOMIC_SWAP)

bool trans_CAS(struct builder *b, const struct a64_insn *f)
{
    unsigned op = atomic_op[ATOMIC_CAS][f->size];
    if (!op) {
        emit_atomic_call(b, f, ATOMIC_CAS);
        return true;
    }
    emit(b, UOP_mov64, G(CAS_EXPECTED_SLOT), a64_x(f->rs));
    emit_aligned(b, f->size, f->rn, 0, op, a64_x_out(f->rs), a64_xg(b, f->rt, T(0)), G(f->rn));
    return true;
}

/* regs: rt, rs; width of a half in bytes: size */
void a64_helper_casp(struct vcpu *cpu, uint32_t regs, uint32_t rn, uint32_t size)
{
    uint64_t address = cpu->g[rn];
    unsigned rt = regs & 31, rs = regs >> 16 & 31;
    if (address & (2 * size - 1)) {
        vcpu_raise(cpu, SIGBUS, BUS_ADRALN, address);
        return;
    }
    if (size == 8) {
        unsigned __int128 was =
            compare_and_swap_16(guest_ptr(address), join(get(cpu, rs), get(cpu, rs + 1)),
                                join(get(cpu, rt), get(cpu, rt + 1)));
        put(cpu, rs, (uint64_t)was);
        put(cpu, rs + 1, (uint64_t)(was >> 64));
    } else {
        uint64_t old = (uint32_t)get(cpu, rs) | get(cpu, rs + 1) << 32;
        uint64_t new = (uint32_t)get(cpu, rt) | get(cpu, rt + 1) << 32;
        old = __sync_val_compare_and_swap((uint64_t *)guest_ptr(address), old, new);
        put(cpu, rs, (uint32_t)old);
        put(cpu, rs + 1, old >> 32);
    }
}

bool trans_CASP(struct builder *b, const struct a64_insn *f)
{
    if ((f->rs | f->rt) & 1)
        return false;
    emit_call_raising(b, A64_HELPER_casp, pack(f), f->rn, f->size ? 8 : 4);
    return true;
}
