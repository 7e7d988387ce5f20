/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Atomic updates (Book II, 4.5 and 4.6.2).  The reservation is an address and the
 * value that was loaded from it: a store conditional is a compare and swap of
 * that value (hostgen/ops/memory.def).  All these accesses must be aligned, else
 * SIGBUS: the kernel does not mend them.
 */
#include <endian.h>
#include <signal.h>

#include "loader/vm.h"
#include "translate/ppc/ppc.h"

static const uint16_t load_exclusive[4] = {UOP_ld8_exclusive, UOP_ld16_exclusive,
                                           UOP_ld32_exclusive, UOP_ld64_exclusive};
static const uint16_t store_exclusive[4] = {UOP_st8_exclusive, UOP_st16_exclusive,
                                            UOP_st32_exclusive, UOP_st64_exclusive};

static uint64_t ea(const struct vcpu *cpu, uint32_t ra, uint32_t rb)
{
    uint64_t a = (ra ? cpu->g[ra] : 0) + cpu->g[rb];
    return cpu->mode & PPC_MODE_64 ? a : (uint32_t)a;
}

void ppc_helper_misaligned(struct vcpu *cpu, uint32_t ra, uint32_t rb, uint32_t unused)
{
    (void)unused;
    vcpu_raise(cpu, SIGBUS, BUS_ADRALN, ea(cpu, ra, rb));
}

/* dst = src with its lowest bytes in the other order */
static void emit_swap(struct builder *b, unsigned log_size, struct opnd dst, struct opnd src)
{
    if (log_size == 3) {
        emit(b, UOP_bswap64, dst, src);
    } else if (log_size) {
        emit(b, UOP_bswap32, dst, src);
        if (log_size == 1)
            emit(b, UOP_shr32, dst, dst, I(16));
    } else if (dst.kind != src.kind || dst.v != src.v) {
        emit(b, UOP_mov64, dst, src);
    }
}

static bool load_reserve(struct builder *b, const struct ppc_insn *f, unsigned log_size)
{
    struct opnd at = ppc_ea_x(b, f->ra, f->rb).base;
    bool swap = !ppc_is_le(b) && log_size;
    struct opnd dst = swap ? T(1) : G(f->rt);
    if (log_size)
        emit_slow(b, PPC_HELPER_misaligned, f->ra, f->rb, 0, load_exclusive[log_size], dst, at);
    else
        emit(b, load_exclusive[log_size], dst, at);
    if (swap)
        emit_swap(b, log_size, G(f->rt), T(1));
    return true;
}

/* CR0 = EQ if it stored, and SO; T(1) is 1 if it did not. */
static void emit_outcome(struct builder *b)
{
    bool so = builder_mode(b) & PPC_MODE_SO;
    emit(b, UOP_xor64, T(1), T(1), I(1));
    emit(b, UOP_shl64, ppc_cr(0), T(1), I(1));
    if (so)
        emit(b, UOP_or64, ppc_cr(0), ppc_cr(0), I(CR_SO));
}

static bool store_conditional(struct builder *b, const struct ppc_insn *f, unsigned log_size)
{
    struct opnd at = ppc_ea_x(b, f->ra, f->rb).base, src = G(f->rt);
    if (!ppc_is_le(b) && log_size) {
        emit_swap(b, log_size, T(1), src);
        src = T(1);
    }
    emit(b, store_exclusive[log_size], T(1), src, at);
    emit_outcome(b);
    return true;
}

bool trans_LBARX(struct builder *b, const struct ppc_insn *f)
{
    return ppc_has(PPC_ISA_206) && load_reserve(b, f, 0);
}

bool trans_LHARX(struct builder *b, const struct ppc_insn *f)
{
    return ppc_has(PPC_ISA_206) && load_reserve(b, f, 1);
}

bool trans_LWARX(struct builder *b, const struct ppc_insn *f)
{
    return load_reserve(b, f, 2);
}

bool trans_LDARX(struct builder *b, const struct ppc_insn *f)
{
    return ppc_is64(b) && load_reserve(b, f, 3);
}

bool trans_STBCX(struct builder *b, const struct ppc_insn *f)
{
    return ppc_has(PPC_ISA_206) && store_conditional(b, f, 0);
}

bool trans_STHCX(struct builder *b, const struct ppc_insn *f)
{
    return ppc_has(PPC_ISA_206) && store_conditional(b, f, 1);
}

bool trans_STWCX(struct builder *b, const struct ppc_insn *f)
{
    return store_conditional(b, f, 2);
}

bool trans_STDCX(struct builder *b, const struct ppc_insn *f)
{
    return ppc_is64(b) && store_conditional(b, f, 3);
}

/* ---- Quadwords ---- */

typedef unsigned __int128 quad;

/* As it lies in memory. */
static quad quad_of(const struct vcpu *cpu, uint64_t high, uint64_t low)
{
    if (cpu->mode & PPC_MODE_LE)
        return (quad)high << 64 | low;
    return (quad)htobe64(low) << 64 | htobe64(high);
}

/* What was at p if it is `expected`, which desired then replaces: cmpxchg16b. */
static quad exchange(quad *p, quad expected, quad desired)
{
    uint64_t low = (uint64_t)expected, high = (uint64_t)(expected >> 64);
    __asm__ volatile("lock cmpxchg16b %0"
                     : "+m"(*p), "+a"(low), "+d"(high)
                     : "b"((uint64_t)desired), "c"((uint64_t)(desired >> 64))
                     : "cc", "memory");
    return (quad)high << 64 | low;
}

/* It reads by a compare and swap with itself where the page can be written, else
 * by halves: nobody else writes there. */
void ppc_helper_load_quad_reserve(struct vcpu *cpu, uint32_t rt, uint32_t ra, uint32_t rb)
{
    uint64_t a = ea(cpu, ra, rb), pair[2];
    if (a & 15) {
        vcpu_raise(cpu, SIGBUS, BUS_ADRALN, a);
        return;
    }
    const volatile uint64_t *p = guest_ptr(a);
    do {
        pair[0] = p[0];
        pair[1] = p[1];
    } while (pair[0] != p[0]);
    cpu->g[MONITOR_ADDRESS_SLOT] = a;
    cpu->g[MONITOR_VALUE_SLOT] = pair[0];
    cpu->g[MONITOR_VALUE2_SLOT] = pair[1];
    bool big = !(cpu->mode & PPC_MODE_LE);
    cpu->g[rt] = big ? be64toh(pair[0]) : pair[1];
    cpu->g[rt + 1] = big ? be64toh(pair[1]) : pair[0];
}

void ppc_helper_store_quad_conditional(struct vcpu *cpu, uint32_t rs, uint32_t ra, uint32_t rb)
{
    uint64_t a = ea(cpu, ra, rb);
    bool stored = false;
    if (cpu->g[MONITOR_ADDRESS_SLOT] == a && !(a & 15)) {
        quad expected = (quad)cpu->g[MONITOR_VALUE2_SLOT] << 64 | cpu->g[MONITOR_VALUE_SLOT];
        quad desired = quad_of(cpu, cpu->g[rs], cpu->g[rs + 1]);
        stored = exchange(guest_ptr(a), expected, desired) == expected;
    }
    cpu->g[MONITOR_ADDRESS_SLOT] = UINT64_MAX;
    cpu->g[PPC_CR] = (stored ? CR_EQ : 0) | cpu->g[PPC_SO];
}

bool trans_LQARX(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_207) || !ppc_is64(b) || f->rt & 1 || f->rt == f->ra || f->rt == f->rb)
        return false;
    emit_call_raising(b, PPC_HELPER_load_quad_reserve, f->rt, f->ra, f->rb);
    return true;
}

bool trans_STQCX(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_207) || !ppc_is64(b) || f->rt & 1)
        return false;
    emit_call(b, PPC_HELPER_store_quad_conditional, f->rt, f->ra, f->rb);
    return true;
}

/* ---- Atomic memory operations (3.0, Book II, 4.5) ---- */

/* Function codes; loads, then stores from 32 on. */
enum {
    AMO_ADD,
    AMO_XOR,
    AMO_OR,
    AMO_AND,
    AMO_MAX_UNSIGNED,
    AMO_MAX_SIGNED,
    AMO_MIN_UNSIGNED,
    AMO_MIN_SIGNED,
    AMO_SWAP,
    AMO_SWAP_NOT_EQUAL = 16,
    AMO_INCREMENT_BOUNDED = 24,
    AMO_INCREMENT_EQUAL = 25,
    AMO_DECREMENT_BOUNDED = 28,
    AMO_STORE_TWIN = 24
};

static uint64_t in_guest_order(const struct vcpu *cpu, uint64_t value, unsigned bytes)
{
    if (cpu->mode & PPC_MODE_LE)
        return value;
    return bytes == 8 ? htobe64(value) : htobe32((uint32_t)value);
}

static int64_t extend(uint64_t value, unsigned bytes)
{
    return bytes == 8 ? (int64_t)value : (int32_t)value;
}

/* The new value of a memory operand; second is the next register's. */
static uint64_t combine(unsigned fc, uint64_t old, uint64_t value, uint64_t second, unsigned bytes)
{
    switch (fc) {
    case AMO_ADD:
        return old + value;
    case AMO_XOR:
        return old ^ value;
    case AMO_OR:
        return old | value;
    case AMO_AND:
        return old & value;
    case AMO_MAX_UNSIGNED:
        return old > value ? old : value;
    case AMO_MAX_SIGNED:
        return extend(old, bytes) > extend(value, bytes) ? old : value;
    case AMO_MIN_UNSIGNED:
        return old < value ? old : value;
    case AMO_MIN_SIGNED:
        return extend(old, bytes) < extend(value, bytes) ? old : value;
    case AMO_SWAP_NOT_EQUAL:
        return old != value ? second : old;
    default:
        return value;
    }
}

static uint64_t load_unit(const struct vcpu *cpu, const void *p, unsigned bytes)
{
    uint64_t raw = bytes == 8 ? __atomic_load_n((const uint64_t *)p, __ATOMIC_SEQ_CST)
                              : __atomic_load_n((const uint32_t *)p, __ATOMIC_SEQ_CST);
    return in_guest_order(cpu, raw, bytes);
}

/* Stores if the unit still has the value old. */
static bool replace_unit(const struct vcpu *cpu, void *p, uint64_t old, uint64_t new,
                         unsigned bytes)
{
    uint64_t expected = in_guest_order(cpu, old, bytes), value = in_guest_order(cpu, new, bytes);
    if (bytes == 8)
        return __atomic_compare_exchange_n((uint64_t *)p, &expected, value, false, __ATOMIC_SEQ_CST,
                                           __ATOMIC_SEQ_CST);
    uint32_t expected32 = (uint32_t)expected;
    return __atomic_compare_exchange_n((uint32_t *)p, &expected32, (uint32_t)value, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* Operations that look at the next unit (or the one before) as well. */
static void bounded(struct vcpu *cpu, unsigned fc, unsigned rt, uint8_t *p, unsigned bytes)
{
    uint64_t old, other, new;
    do {
        old = load_unit(cpu, p, bytes);
        other = load_unit(cpu, fc == AMO_DECREMENT_BOUNDED ? p - bytes : p + bytes, bytes);
        bool goes = (fc == AMO_INCREMENT_EQUAL) == (old == other);
        new = fc == AMO_DECREMENT_BOUNDED ? old - 1 : old + 1;
        if (!goes) {
            cpu->g[rt] = UINT64_C(1) << (8 * bytes - 1);
            return;
        }
    } while (!replace_unit(cpu, p, old, new, bytes));
    cpu->g[rt] = old;
}

static void store_twin(struct vcpu *cpu, unsigned rs, uint8_t *p, unsigned bytes)
{
    uint64_t first = load_unit(cpu, p, bytes), value = cpu->g[rs];
    if (first != load_unit(cpu, p + bytes, bytes))
        return;
    while (!replace_unit(cpu, p, first, value, bytes))
        first = load_unit(cpu, p, bytes);
    while (!replace_unit(cpu, p + bytes, load_unit(cpu, p + bytes, bytes), value, bytes))
        continue;
}

/* fc | store << 5 | bytes << 8 */
void ppc_helper_atomic_memory(struct vcpu *cpu, uint32_t rt, uint32_t ra, uint32_t what)
{
    unsigned fc = what & 31, bytes = what >> 8;
    bool store = what >> 5 & 1;
    uint64_t a = ra ? cpu->g[ra] : 0, old, new;
    if (a & (bytes - 1)) {
        vcpu_raise(cpu, SIGBUS, BUS_ADRALN, a);
        return;
    }
    uint8_t *p = guest_ptr(a);
    if (store && fc == AMO_STORE_TWIN) {
        store_twin(cpu, rt, p, bytes);
        return;
    }
    if (!store && fc >= AMO_INCREMENT_BOUNDED) {
        bounded(cpu, fc, rt, p, bytes);
        return;
    }
    uint64_t value = cpu->g[store ? rt : (rt + 1) & 31], second = cpu->g[(rt + 2) & 31];
    if (bytes == 4) {
        value = (uint32_t)value;
        second = (uint32_t)second;
    }
    do {
        old = load_unit(cpu, p, bytes);
        new = combine(fc, old, value, second, bytes);
    } while (!replace_unit(cpu, p, old, new, bytes));
    if (!store)
        cpu->g[rt] = old;
}

static bool atomic_memory(struct builder *b, const struct ppc_insn *f, unsigned bytes, bool store,
                          uint32_t codes)
{
    if (!ppc_has(PPC_ISA_300) || !ppc_is64(b) || !(codes >> f->fc & 1))
        return false;
    emit_call_raising(b, PPC_HELPER_atomic_memory, f->rt, f->ra,
                      f->fc | (uint32_t)store << 5 | bytes << 8);
    return true;
}

static const uint32_t load_codes = 0x1ff | 1u << AMO_SWAP_NOT_EQUAL | 1u << AMO_INCREMENT_BOUNDED |
                                   1u << AMO_INCREMENT_EQUAL | 1u << AMO_DECREMENT_BOUNDED;
static const uint32_t store_codes = 0xff | 1u << AMO_STORE_TWIN;

bool trans_LWAT(struct builder *b, const struct ppc_insn *f)
{
    return atomic_memory(b, f, 4, false, load_codes);
}

bool trans_LDAT(struct builder *b, const struct ppc_insn *f)
{
    return atomic_memory(b, f, 8, false, load_codes);
}

bool trans_STWAT(struct builder *b, const struct ppc_insn *f)
{
    return atomic_memory(b, f, 4, true, store_codes);
}

bool trans_STDAT(struct builder *b, const struct ppc_insn *f)
{
    return atomic_memory(b, f, 8, true, store_codes);
}
