/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hints, barriers, cache maintenance and system registers (DDI 0487, C4.1.93,
 * C5), as Linux sets them up for EL0. */
#include <time.h>

#include "loader/vm.h"
#include "translate/a64/a64.h"
#include "translate/translate.h"

bool trans_HINT(struct builder *b, const struct a64_insn *f)
{
    (void)b;
    (void)f;
    return true;
}

/* ---- Barriers ---- */

bool trans_CLREX(struct builder *b, const struct a64_insn *f)
{
    (void)f;
    emit(b, UOP_mov64, G(MONITOR_ADDRESS_SLOT), I(-1));
    return true;
}

bool trans_DMB(struct builder *b, const struct a64_insn *f)
{
    (void)f;
    emit(b, UOP_fence);
    return true;
}

bool trans_DSB(struct builder *b, const struct a64_insn *f)
{
    return trans_DMB(b, f);
}

bool trans_SB(struct builder *b, const struct a64_insn *f)
{
    return trans_DMB(b, f);
}

bool trans_ISB(struct builder *b, const struct a64_insn *f)
{
    (void)f;
    emit_sync(b);
    return true;
}

/* ---- Caches: lines of 64 bytes (A64_CTR) ---- */

/* CTR_EL0 (D19.2.34): PIPT instruction cache, lines and granules of 64 bytes,
 * both maintenance operations needed.  DCZID_EL0: blocks of 64 bytes. */
enum { A64_LINE = 64, A64_DCZID = 4 };
static const uint32_t ctr = 0x8444c004;

void a64_helper_cache_invalidate(struct vcpu *cpu, uint32_t r, uint32_t unused1, uint32_t unused2)
{
    (void)unused1;
    (void)unused2;
    translate_invalidate((r == 31 ? 0 : cpu->g[r]) & -(uint64_t)A64_LINE, A64_LINE);
}

bool trans_IC_IVAU(struct builder *b, const struct a64_insn *f)
{
    emit_call(b, A64_HELPER_cache_invalidate, f->rt, 0, 0);
    emit_sync(b);
    return true;
}

/* Nothing to clean, but the address must be readable. */
bool trans_DC_clean(struct builder *b, const struct a64_insn *f)
{
    emit(b, UOP_ld8, T(1), a64_xg(b, f->rt, T(0)), I(0));
    return true;
}

bool trans_DC_ZVA(struct builder *b, const struct a64_insn *f)
{
    emit(b, UOP_zero_line, a64_xg(b, f->rt, T(0)));
    return true;
}

/* ---- System registers ---- */

#define SYSREG(op0, op1, crn, crm, op2)                                                            \
    (((op0)-2) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

enum {
    SYSREG_MIDR = SYSREG(3, 0, 0, 0, 0),
    SYSREG_MPIDR = SYSREG(3, 0, 0, 0, 5),
    SYSREG_REVIDR = SYSREG(3, 0, 0, 0, 6),
    SYSREG_PFR0 = SYSREG(3, 0, 0, 4, 0),
    SYSREG_PFR1 = SYSREG(3, 0, 0, 4, 1),
    SYSREG_DFR0 = SYSREG(3, 0, 0, 5, 0),
    SYSREG_ISAR0 = SYSREG(3, 0, 0, 6, 0),
    SYSREG_ISAR1 = SYSREG(3, 0, 0, 6, 1),
    SYSREG_ISAR2 = SYSREG(3, 0, 0, 6, 2),
    SYSREG_MMFR0 = SYSREG(3, 0, 0, 7, 0),
    SYSREG_MMFR2 = SYSREG(3, 0, 0, 7, 2),
    SYSREG_CTR = SYSREG(3, 3, 0, 0, 1),
    SYSREG_DCZID = SYSREG(3, 3, 0, 0, 7),
    SYSREG_NZCV = SYSREG(3, 3, 4, 2, 0),
    SYSREG_FPCR = SYSREG(3, 3, 4, 4, 0),
    SYSREG_FPSR = SYSREG(3, 3, 4, 4, 1),
    SYSREG_TPIDR = SYSREG(3, 3, 13, 0, 2),
    SYSREG_TPIDRRO = SYSREG(3, 3, 13, 0, 3),
    SYSREG_CNTFRQ = SYSREG(3, 3, 14, 0, 0),
    SYSREG_CNTVCT = SYSREG(3, 3, 14, 0, 2),
};

/* The counter runs in nanoseconds. */
enum { COUNTER_HZ = 1000000000 };

void a64_helper_read_counter(struct vcpu *cpu, uint32_t r, uint32_t unused1, uint32_t unused2)
{
    struct timespec now;
    (void)unused1;
    (void)unused2;
    clock_gettime(CLOCK_MONOTONIC, &now);
    cpu->g[r] = (uint64_t)now.tv_sec * COUNTER_HZ + (uint64_t)now.tv_nsec;
}

/* Registers of a fixed value, among them those that the kernel emulates
 * (arch/arm64/kernel/cpufeature.c): its answer for a field that it hides is the
 * lowest capability.  False: undefined at EL0. */
static bool constant_register(unsigned sysreg, uint64_t *value)
{
    switch (sysreg) {
    case SYSREG_MIDR:
        *value = A64_MIDR;
        return true;
    case SYSREG_MPIDR:
        *value = 0x80000000;
        return true;
    case SYSREG_PFR0:
        *value = a64_id_register(A64_ID_PFR0);
        return true;
    case SYSREG_PFR1:
        *value = a64_id_register(A64_ID_PFR1);
        return true;
    case SYSREG_DFR0:
        *value = 6;
        return true;
    case SYSREG_ISAR0:
        *value = a64_id_register(A64_ID_ISAR0);
        return true;
    case SYSREG_ISAR1:
        *value = a64_id_register(A64_ID_ISAR1);
        return true;
    case SYSREG_ISAR2:
        *value = a64_id_register(A64_ID_ISAR2);
        return true;
    case SYSREG_MMFR0: /* no granules said to be there */
        *value = 0xff000000;
        return true;
    case SYSREG_MMFR2:
        *value = a64_id_register(A64_ID_MMFR2);
        return true;
    case SYSREG_CTR:
        *value = ctr;
        return true;
    case SYSREG_DCZID:
        *value = A64_DCZID;
        return true;
    case SYSREG_CNTFRQ:
        *value = COUNTER_HZ;
        return true;
    default:
        /* REVIDR and the rest of the ID space read as zero. */
        *value = 0;
        return sysreg == SYSREG_REVIDR ||
               (sysreg >= SYSREG(3, 0, 0, 2, 0) && sysreg <= SYSREG(3, 0, 0, 7, 7));
    }
}

bool trans_MRS(struct builder *b, const struct a64_insn *f)
{
    struct opnd d = a64_x_out(f->rt);
    uint64_t value;
    switch (f->sysreg) {
    case SYSREG_NZCV:
        emit_cc_store(b);
        emit(b, UOP_mov64, d, G(CC_SLOT));
        return true;
    case SYSREG_FPCR:
        emit(b, UOP_mov64, d, G(A64_FPCR));
        return true;
    case SYSREG_FPSR:
        if (f->rt != 31)
            emit_call(b, A64_HELPER_read_fpsr, f->rt, 0, 0);
        if (f->rt != 31 && !(builder_mode(b) & A64_MODE_WATCHED))
            emit_sync(b);
        return true;
    case SYSREG_TPIDR:
        emit(b, UOP_mov64, d, G(A64_TPIDR));
        return true;
    case SYSREG_TPIDRRO:
        emit(b, UOP_mov64, d, G(A64_TPIDRRO));
        return true;
    case SYSREG_CNTVCT:
        if (f->rt != 31)
            emit_call(b, A64_HELPER_read_counter, f->rt, 0, 0);
        return true;
    default:
        if (!constant_register(f->sysreg, &value))
            return false;
        a64_emit_const(b, d, value);
        return true;
    }
}

bool trans_MSR_reg(struct builder *b, const struct a64_insn *f)
{
    switch (f->sysreg) {
    case SYSREG_NZCV:
        if (f->rt == 31)
            emit(b, UOP_mov64, G(CC_SLOT), I(0));
        else
            emit(b, UOP_and32, G(CC_SLOT), G(f->rt), I((int32_t)0xf0000000));
        emit_cc_written(b);
        return true;
    case SYSREG_FPCR:
        emit_call(b, A64_HELPER_write_fpcr, f->rt == 31 ? A64_ZERO : f->rt, 0, 0);
        emit_sync(b);
        return true;
    case SYSREG_FPSR:
        emit_call(b, A64_HELPER_write_fpsr, f->rt == 31 ? A64_ZERO : f->rt, 0, 0);
        emit_sync(b);
        return true;
    case SYSREG_TPIDR:
        emit(b, UOP_mov64, G(A64_TPIDR), a64_x(f->rt));
        return true;
    default:
        return false;
    }
}
