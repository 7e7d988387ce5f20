/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traps, special registers, barriers and caches (Book I, 3.3.11 and 3.3.17;
 * Book II, 4.3, 4.6 and 6), as Linux sets them up for problem state. */
#include <signal.h>
#include <sys/random.h>
#include <time.h>

#include "loader/vm.h"
#include "translate/ppc/ppc.h"
#include "translate/translate.h"

/* ---- Traps ---- */

enum { TO_LT = 16, TO_GT = 8, TO_EQ = 4, TO_LTU = 2, TO_GTU = 1, TO_ALWAYS = 31 };

static bool trap_condition(unsigned to, int64_t x, int64_t y)
{
    return (to & TO_LT && x < y) || (to & TO_GT && x > y) || (to & TO_EQ && x == y) ||
           (to & TO_LTU && (uint64_t)x < (uint64_t)y) || (to & TO_GTU && (uint64_t)x > (uint64_t)y);
}

/* Tested in the template already.  The kernel gives the trap's own address
 * (arch/powerpc/kernel/traps.c, program_check). */
void ppc_helper_trap(struct vcpu *cpu, uint32_t x, uint32_t y, uint32_t z)
{
    (void)x, (void)y, (void)z;
    vcpu_raise(cpu, SIGTRAP, TRAP_BRKPT, 0);
}

/* to | ra << 5 | rb << 10 | doubleword << 15 | immediate << 16, the value of it */
void ppc_helper_trap_test(struct vcpu *cpu, uint32_t what, uint32_t value, uint32_t high)
{
    bool immediate = what >> 16 & 1, doubleword = what >> 15 & 1;
    int64_t x = (int64_t)cpu->g[what >> 5 & 31];
    int64_t y = immediate ? (int32_t)value : (int64_t)cpu->g[what >> 10 & 31];
    (void)high;
    if (!doubleword) {
        x = (int32_t)x;
        y = (int32_t)y;
    }
    if (trap_condition(what & 31, x, y))
        cpu->g[PPC_TARGET] = 1;
    else
        cpu->g[PPC_TARGET] = 0;
}

static bool trap(struct builder *b, const struct ppc_insn *f, bool is64, struct opnd y)
{
    static const uint16_t test[32][2] = {
        [TO_LT] = {UOP_set_sub32_lt, UOP_set_sub64_lt},
        [TO_GT] = {UOP_set_sub32_gt, UOP_set_sub64_gt},
        [TO_EQ] = {UOP_set_sub32_eq, UOP_set_sub64_eq},
        [TO_LT | TO_GT] = {UOP_set_sub32_ne, UOP_set_sub64_ne},
        [TO_LT | TO_EQ] = {UOP_set_sub32_le, UOP_set_sub64_le},
        [TO_GT | TO_EQ] = {UOP_set_sub32_ge, UOP_set_sub64_ge},
        [TO_LTU] = {UOP_set_sub32_cc, UOP_set_sub64_cc},
        [TO_GTU] = {UOP_set_sub32_hi, UOP_set_sub64_hi},
        [TO_LTU | TO_EQ] = {UOP_set_sub32_ls, UOP_set_sub64_ls},
        [TO_GTU | TO_EQ] = {UOP_set_sub32_cs, UOP_set_sub64_cs},
    };
    struct opnd outcome = T(0);
    if (is64 && !ppc_is64(b))
        return false;
    if (f->to == TO_ALWAYS) {
        emit_raise(b, EXIT_BREAK, 0);
        return true;
    }
    if (!f->to)
        return true;
    if (test[f->to][is64]) {
        emit(b, test[f->to][is64], T(0), G(f->ra), y);
    } else {
        bool immediate = y.kind == OPND_I;
        emit_call(b, PPC_HELPER_trap_test,
                  f->to | (uint32_t)f->ra << 5 | (immediate ? 0 : (uint32_t)y.v << 10) |
                      (uint32_t)is64 << 15 | (uint32_t)immediate << 16,
                  immediate ? (uint32_t)y.v : 0, 0);
        outcome = G(PPC_TARGET);
    }
    emit_slow(b, PPC_HELPER_trap, 0, 0, 0, UOP_cc_check, outcome);
    return true;
}

bool trans_TWI(struct builder *b, const struct ppc_insn *f)
{
    return trap(b, f, false, I(f->d));
}

bool trans_TW(struct builder *b, const struct ppc_insn *f)
{
    return trap(b, f, false, G(f->rb));
}

bool trans_TDI(struct builder *b, const struct ppc_insn *f)
{
    return trap(b, f, true, I(f->d));
}

bool trans_TD(struct builder *b, const struct ppc_insn *f)
{
    return trap(b, f, true, G(f->rb));
}

/* ---- Special registers ---- */

enum spr {
    SPR_XER = 1,
    SPR_DSCR = 3,
    SPR_LR = 8,
    SPR_CTR = 9,
    SPR_DSCR_PRIVILEGED = 17, /* the kernel emulates it and PVR */
    SPR_VRSAVE = 256,
    SPR_SPRG3 = 259, /* processor and node, for getcpu */
    SPR_TB = 268,
    SPR_TBU = 269,
    SPR_PVR = 287,
    SPR_TAR = 815,
    SPR_PPR = 896,
    SPR_PPR32 = 898
};

/* Book II, 3.1: medium priority is what a program runs at and all it gets. */
enum { PPR_MEDIUM = 4 };

static unsigned spr(const struct ppc_insn *f)
{
    return f->sprl | (unsigned)f->sprh << 5;
}

void ppc_helper_read_time_base(struct vcpu *cpu, uint32_t rt, uint32_t shift, uint32_t unused)
{
    struct timespec now;
    (void)unused;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t tb = (uint64_t)now.tv_sec * PPC_TIMEBASE_HZ +
                  (uint64_t)now.tv_nsec * (PPC_TIMEBASE_HZ / 1000000) / 1000;
    tb >>= shift;
    cpu->g[rt] = cpu->mode & PPC_MODE_64 ? tb : (uint32_t)tb;
}

void ppc_helper_get_xer(struct vcpu *cpu, uint32_t rt, uint32_t unused1, uint32_t unused2)
{
    (void)unused1;
    (void)unused2;
    cpu->g[rt] = ppc_get_xer(cpu);
}

void ppc_helper_set_xer(struct vcpu *cpu, uint32_t rs, uint32_t unused1, uint32_t unused2)
{
    (void)unused1;
    (void)unused2;
    ppc_set_xer(cpu, cpu->g[rs]);
}

static bool read_time_base(struct builder *b, unsigned rt, unsigned shift)
{
    emit_call(b, PPC_HELPER_read_time_base, rt, shift, 0);
    return true;
}

bool trans_MFSPR(struct builder *b, const struct ppc_insn *f)
{
    struct opnd rt = G(f->rt);
    switch (spr(f)) {
    case SPR_XER:
        emit_call(b, PPC_HELPER_get_xer, f->rt, 0, 0);
        return true;
    case SPR_LR:
        ppc_emit_move(b, rt, G(PPC_LR));
        return true;
    case SPR_CTR:
        ppc_emit_move(b, rt, G(PPC_CTR));
        return true;
    case SPR_VRSAVE:
        ppc_emit_move(b, rt, G(PPC_VRSAVE));
        return true;
    case SPR_TB:
        return read_time_base(b, f->rt, 0);
    case SPR_TBU:
        return read_time_base(b, f->rt, 32);
    case SPR_PVR:
        ppc_emit_const(b, rt, ppc_cpu()->pvr);
        return true;
    case SPR_DSCR:
    case SPR_DSCR_PRIVILEGED:
        if (!ppc_has(PPC_ISA_206))
            return false;
        ppc_emit_move(b, rt, G(PPC_DSCR));
        return true;
    case SPR_SPRG3:
        ppc_emit_const(b, rt, 0);
        return true;
    case SPR_TAR:
        if (!ppc_has(PPC_ISA_207))
            return false;
        ppc_emit_move(b, rt, G(PPC_TAR));
        return true;
    case SPR_PPR:
        if (!ppc_has(PPC_ISA_206) || !ppc_is64(b))
            return false;
        ppc_emit_const(b, rt, (uint64_t)PPR_MEDIUM << 50);
        return true;
    case SPR_PPR32:
        if (!ppc_has(PPC_ISA_206))
            return false;
        ppc_emit_const(b, rt, PPR_MEDIUM << 18);
        return true;
    default:
        return false;
    }
}

bool trans_MTSPR(struct builder *b, const struct ppc_insn *f)
{
    struct opnd rs = G(f->rs);
    switch (spr(f)) {
    case SPR_XER:
        emit_call(b, PPC_HELPER_set_xer, f->rs, 0, 0);
        emit_sync(b);
        return true;
    case SPR_LR:
        ppc_emit_move(b, G(PPC_LR), rs);
        return true;
    case SPR_CTR:
        ppc_emit_move(b, G(PPC_CTR), rs);
        return true;
    case SPR_VRSAVE:
        emit(b, UOP_mov32, G(PPC_VRSAVE), rs);
        return true;
    case SPR_DSCR:
    case SPR_DSCR_PRIVILEGED:
        if (!ppc_has(PPC_ISA_206))
            return false;
        ppc_emit_move(b, G(PPC_DSCR), rs);
        return true;
    case SPR_TAR:
        if (!ppc_has(PPC_ISA_207))
            return false;
        ppc_emit_move(b, G(PPC_TAR), rs);
        return true;
    case SPR_PPR:
    case SPR_PPR32: /* a program's priority is no concern of ours */
        return ppc_has(PPC_ISA_206);
    default:
        return false;
    }
}

bool trans_MFTB(struct builder *b, const struct ppc_insn *f)
{
    switch (spr(f)) {
    case SPR_TB:
        return read_time_base(b, f->rt, 0);
    case SPR_TBU:
        return read_time_base(b, f->rt, 32);
    default:
        return false;
    }
}

/* CR field = SO, OV, CA, 0; these are then cleared (Book I of 2.02, 3.3.14; the kernel
 * emulates it where it is gone). */
bool trans_MCRXR(struct builder *b, const struct ppc_insn *f)
{
    struct opnd cr = ppc_cr(f->bf);
    emit(b, UOP_add64, T(0), G(PPC_SO), G(PPC_SO));
    emit(b, UOP_or64, T(0), T(0), G(PPC_OV));
    emit(b, UOP_add64, T(0), T(0), T(0));
    emit(b, UOP_or64, T(0), T(0), G(PPC_CA));
    emit(b, UOP_add64, cr, T(0), T(0));
    emit(b, UOP_mov64, G(PPC_SO), I(0));
    emit(b, UOP_mov64, G(PPC_OV), I(0));
    emit(b, UOP_mov64, G(PPC_CA), I(0));
    if (builder_mode(b) & PPC_MODE_SO)
        emit_sync(b);
    return true;
}

/* CR field = OV, OV32, CA, CA32 */
bool trans_MCRXRX(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_300))
        return false;
    emit(b, UOP_add64, T(0), G(PPC_OV), G(PPC_OV));
    emit(b, UOP_or64, T(0), T(0), G(PPC_OV32));
    emit(b, UOP_add64, T(0), T(0), T(0));
    emit(b, UOP_or64, T(0), T(0), G(PPC_CA));
    emit(b, UOP_add64, T(0), T(0), T(0));
    emit(b, UOP_or64, ppc_cr(f->bf), T(0), G(PPC_CA32));
    return true;
}

/* 3.0: all ones say that there is no number to be had. */
void ppc_helper_random(struct vcpu *cpu, uint32_t rt, uint32_t bits, uint32_t unused)
{
    uint64_t value;
    (void)unused;
    if (getrandom(&value, sizeof(value), 0) != sizeof(value))
        value = UINT64_MAX;
    else if (bits == 32)
        value = (uint32_t)value;
    cpu->g[rt] = value;
}

bool trans_DARN(struct builder *b, const struct ppc_insn *f)
{
    if (!ppc_has(PPC_ISA_300) || !ppc_is64(b) || f->l == 3)
        return false;
    emit_call(b, PPC_HELPER_random, f->rt, f->l ? 64 : 32, 0);
    return true;
}

/* ---- Barriers: only a store followed by a load needs one here ---- */

bool trans_SYNC(struct builder *b, const struct ppc_insn *f)
{
    enum { LWSYNC = 1 };
    if (f->sl != LWSYNC)
        emit(b, UOP_fence);
    return true;
}

bool trans_EIEIO(struct builder *b, const struct ppc_insn *f)
{
    (void)b;
    (void)f;
    return true;
}

bool trans_ISYNC(struct builder *b, const struct ppc_insn *f)
{
    (void)b;
    (void)f;
    return true;
}

bool trans_WAIT(struct builder *b, const struct ppc_insn *f)
{
    (void)b;
    (void)f;
    return ppc_has(PPC_ISA_300);
}

/* ---- Caches ---- */

void ppc_helper_invalidate_code(struct vcpu *cpu, uint32_t ra, uint32_t rb, uint32_t unused)
{
    uint64_t line = ppc_cpu()->dcache_line, a = (ra ? cpu->g[ra] : 0) + cpu->g[rb];
    (void)unused;
    if (!(cpu->mode & PPC_MODE_64))
        a = (uint32_t)a;
    translate_invalidate(a & -line, line);
}

/* The block ends, as its own code may be gone. */
bool trans_ICBI(struct builder *b, const struct ppc_insn *f)
{
    emit_call(b, PPC_HELPER_invalidate_code, f->ra, f->rb, 0);
    emit_sync(b);
    return true;
}

bool trans_cache_hint(struct builder *b, const struct ppc_insn *f)
{
    (void)b;
    (void)f;
    return true;
}

bool trans_stream_hint(struct builder *b, const struct ppc_insn *f)
{
    (void)b;
    (void)f;
    return ppc_has(PPC_ALTIVEC);
}

/* Nothing to write back, but the address must be readable. */
bool trans_cache_flush(struct builder *b, const struct ppc_insn *f)
{
    emit(b, UOP_ld8, T(1), ppc_ea_x(b, f->ra, f->rb).base, I(0));
    return true;
}

bool trans_DCBZ(struct builder *b, const struct ppc_insn *f)
{
    enum { ZEROED = 64 }; /* by zero_line */
    int line = (int)ppc_cpu()->dcache_line;
    struct opnd at = ppc_ea_x(b, f->ra, f->rb).base;
    emit(b, UOP_and64, T(0), at, I(-line));
    if (line < ZEROED) {
        for (int i = 0; i < line; i += 8)
            emit(b, UOP_st64, I(0), T(0), I(i));
        return true;
    }
    emit(b, UOP_zero_line, T(0));
    for (int i = ZEROED; i < line; i += ZEROED) {
        emit(b, UOP_add64, T(0), T(0), I(ZEROED));
        emit(b, UOP_zero_line, T(0));
    }
    return true;
}
