/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Quadword, multiple and string accesses (Book I, 3.3.4, 3.3.6, 3.3.7), by helpers
 * but for short multiples.  In little-endian mode multiples and strings are
 * alignment interrupts, which Linux turns into SIGBUS.
 */
#include <endian.h>
#include <signal.h>

#include "loader/vm.h"
#include "translate/ppc/ppc.h"

enum { INLINE_REGISTERS = 16 };

static uint64_t ea(const struct vcpu *cpu, uint32_t ra, uint64_t offset)
{
    uint64_t a = (ra ? cpu->g[ra] : 0) + offset;
    return cpu->mode & PPC_MODE_64 ? a : (uint32_t)a;
}

/* ---- Multiple ---- */

void ppc_helper_little_endian_multiple(struct vcpu *cpu, uint32_t ra, uint32_t rb, uint32_t d)
{
    vcpu_raise(cpu, SIGBUS, BUS_ADRALN, ea(cpu, ra, rb < 32 ? cpu->g[rb] : (uint64_t)(int32_t)d));
}

enum { NO_INDEX = 32 };

static bool refuse_little_endian(struct builder *b, const struct ppc_insn *f, unsigned rb,
                                 int32_t d)
{
    emit_call_raising(b, PPC_HELPER_little_endian_multiple, f->ra, rb, (uint32_t)d);
    return true;
}

void ppc_helper_load_multiple(struct vcpu *cpu, uint32_t rt, uint32_t ra, uint32_t d)
{
    uint64_t a = ea(cpu, ra, (uint64_t)(int32_t)d);
    for (unsigned i = rt; i < 32; i++, a += 4) {
        uint32_t value;
        __builtin_memcpy(&value, guest_ptr(a), sizeof(value));
        cpu->g[i] = be32toh(value);
    }
}

void ppc_helper_store_multiple(struct vcpu *cpu, uint32_t rs, uint32_t ra, uint32_t d)
{
    uint64_t a = ea(cpu, ra, (uint64_t)(int32_t)d);
    for (unsigned i = rs; i < 32; i++, a += 4) {
        uint32_t value = htobe32((uint32_t)cpu->g[i]);
        __builtin_memcpy(guest_ptr(a), &value, sizeof(value));
    }
}

static bool multiple(struct builder *b, const struct ppc_insn *f, unsigned op, unsigned helper)
{
    if (ppc_is_le(b))
        return refuse_little_endian(b, f, NO_INDEX, f->d);
    if (32 - f->rt > INLINE_REGISTERS || f->d > INT16_MAX - 4 * 32) {
        emit_call(b, helper, f->rt, f->ra, (uint32_t)(int32_t)f->d);
        return true;
    }
    struct ppc_ea at = ppc_ea_d(b, f->ra, f->d);
    for (unsigned i = f->rt; i < 32; i++, at.disp += 4)
        emit(b, op, G(i), at.base, I(at.disp));
    return true;
}

/* Loading the base is invalid. */
bool trans_LMW(struct builder *b, const struct ppc_insn *f)
{
    if (f->ra >= f->rt)
        return false;
    return multiple(b, f, UOP_ld32_swap, PPC_HELPER_load_multiple);
}

bool trans_STMW(struct builder *b, const struct ppc_insn *f)
{
    return multiple(b, f, UOP_st32_swap, PPC_HELPER_store_multiple);
}

/* ---- Strings ---- */

/* Arguments: rt | ra << 5 | rb << 10 (32: none), number of bytes (0: as XER says). */
static unsigned string_bytes(const struct vcpu *cpu, uint32_t bytes)
{
    return bytes ? bytes : (unsigned)cpu->g[PPC_STRING];
}

static uint64_t string_address(const struct vcpu *cpu, uint32_t regs)
{
    uint32_t rb = regs >> 10;
    return ea(cpu, regs >> 5 & 31, rb < 32 ? cpu->g[rb] : 0);
}

void ppc_helper_load_string(struct vcpu *cpu, uint32_t regs, uint32_t bytes, uint32_t unused)
{
    unsigned n = string_bytes(cpu, bytes), r = regs & 31;
    const uint8_t *p = guest_ptr(string_address(cpu, regs));
    (void)unused;
    for (unsigned i = 0; i < n; i += 4, r = (r + 1) & 31) {
        uint32_t word = 0;
        for (unsigned k = 0; k < 4; k++)
            word = word << 8 | (i + k < n ? p[i + k] : 0);
        cpu->g[r] = word;
    }
}

void ppc_helper_store_string(struct vcpu *cpu, uint32_t regs, uint32_t bytes, uint32_t unused)
{
    unsigned n = string_bytes(cpu, bytes), r = regs & 31;
    uint8_t *p = guest_ptr(string_address(cpu, regs));
    (void)unused;
    for (unsigned i = 0; i < n; i++) {
        p[i] = (uint8_t)(cpu->g[r] >> (24 - 8 * (i & 3)));
        if ((i & 3) == 3)
            r = (r + 1) & 31;
    }
}

static uint32_t string_registers(const struct ppc_insn *f, unsigned rb)
{
    return f->rt | (uint32_t)f->ra << 5 | (uint32_t)rb << 10;
}

/* True if the base is among the registers that n bytes from memory fill. */
static bool fills(const struct ppc_insn *f, unsigned n, unsigned r)
{
    return ((r - f->rt) & 31u) < (n + 3) / 4;
}

static bool string_immediate(struct builder *b, const struct ppc_insn *f, unsigned helper)
{
    if (ppc_is_le(b))
        return refuse_little_endian(b, f, NO_INDEX, 0);
    emit_call(b, helper, string_registers(f, NO_INDEX), f->nb ? f->nb : 32, 0);
    return true;
}

static bool string_indexed(struct builder *b, const struct ppc_insn *f, unsigned helper)
{
    if (ppc_is_le(b))
        return refuse_little_endian(b, f, f->rb, 0);
    emit_call(b, helper, string_registers(f, f->rb), 0, 0);
    return true;
}

bool trans_LSWI(struct builder *b, const struct ppc_insn *f)
{
    if (fills(f, f->nb ? f->nb : 32, f->ra))
        return false;
    return string_immediate(b, f, PPC_HELPER_load_string);
}

bool trans_STSWI(struct builder *b, const struct ppc_insn *f)
{
    return string_immediate(b, f, PPC_HELPER_store_string);
}

bool trans_LSWX(struct builder *b, const struct ppc_insn *f)
{
    if (f->rt == f->ra || f->rt == f->rb)
        return false;
    return string_indexed(b, f, PPC_HELPER_load_string);
}

bool trans_STSWX(struct builder *b, const struct ppc_insn *f)
{
    return string_indexed(b, f, PPC_HELPER_store_string);
}

/* ---- Quadwords: the even register has the high half, in either order ---- */

static bool quad_raises(struct vcpu *cpu, uint64_t a)
{
    if (a & 15)
        vcpu_raise(cpu, SIGBUS, BUS_ADRALN, a);
    return a & 15;
}

void ppc_helper_load_quad(struct vcpu *cpu, uint32_t rt, uint32_t ra, uint32_t d)
{
    uint64_t a = ea(cpu, ra, (uint64_t)(int32_t)d), pair[2];
    bool big = !(cpu->mode & PPC_MODE_LE);
    if (quad_raises(cpu, a))
        return;
    __builtin_memcpy(pair, guest_ptr(a), sizeof(pair));
    cpu->g[rt] = big ? be64toh(pair[0]) : pair[1];
    cpu->g[rt + 1] = big ? be64toh(pair[1]) : pair[0];
}

void ppc_helper_store_quad(struct vcpu *cpu, uint32_t rs, uint32_t ra, uint32_t d)
{
    uint64_t a = ea(cpu, ra, (uint64_t)(int32_t)d), high = cpu->g[rs], low = cpu->g[rs + 1];
    bool big = !(cpu->mode & PPC_MODE_LE);
    if (quad_raises(cpu, a))
        return;
    uint64_t pair[2] = {big ? htobe64(high) : low, big ? htobe64(low) : high};
    __builtin_memcpy(guest_ptr(a), pair, sizeof(pair));
}

bool trans_LQ(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_207) || !ppc_is64(b) || f->rt & 1 || f->rt == f->ra)
        return false;
    emit_call_raising(b, PPC_HELPER_load_quad, f->rt, f->ra, (uint32_t)f->dq * 16);
    return true;
}

bool trans_STQ(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_207) || !ppc_is64(b) || f->rt & 1)
        return false;
    emit_call_raising(b, PPC_HELPER_store_quad, f->rt, f->ra, (uint32_t)f->d * 4);
    return true;
}

/* PLQ and PSTQ: the address may be further away than the helper's displacement goes. */
bool ppc_prefixed_quad(struct builder *b, const struct ppc_insn *f, bool store)
{
    if (f->rt & 1 || (!store && f->rt == f->ra))
        return false;
    struct ppc_ea at = ppc_ea_d(b, f->ra, f->d);
    emit(b, UOP_add64, G(PPC_TARGET), at.base, I(at.disp));
    emit_call_raising(b, store ? PPC_HELPER_store_quad : PPC_HELPER_load_quad, f->rt, PPC_TARGET,
                      0);
    return true;
}
