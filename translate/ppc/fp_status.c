/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FPSCR and VSCR on the host's MXCSR, and the instructions that move them
 * (Power ISA 3.1, Book I, 4.6.9; 6.3.2). */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "loader/vm.h"
#include "translate/fpenv.h"
#include "translate/ppc/fp.h"

static uint32_t get_mxcsr(const struct vcpu *cpu)
{
    return cpu->in_code ? mxcsr_get() : cpu->mxcsr;
}

/* Writing the register takes much longer than reading it. */
static void change_mxcsr(struct vcpu *cpu, uint32_t now, uint32_t mxcsr)
{
    if (now == mxcsr)
        return;
    cpu->mxcsr = mxcsr;
    if (cpu->in_code)
        mxcsr_set(mxcsr);
}

static void set_mxcsr(struct vcpu *cpu, uint32_t mxcsr)
{
    change_mxcsr(cpu, get_mxcsr(cpu), mxcsr);
}

enum { ENOUGH_TRAPS = 8 * PPC_VSCR_TRAP };

/* Vectors have been inexact too often to trap: whether something else was, the host can't
 * tell.  Until XX is set helpers do that. */
static bool inexact_is_vectors(const struct vcpu *cpu)
{
    uint64_t vscr = cpu->g[PPC_VSCR];
    return vscr & PPC_VSCR_FLOAT && (vscr & PPC_VSCR_TRAPS) >= ENOUGH_TRAPS &&
           !(cpu->g[PPC_FPSCR] & FPSCR_XX);
}

/* The control bits for the guest's rounding mode, no flags. */
static uint32_t control_bits(const struct vcpu *cpu)
{
    static const uint32_t rounding[] = {0, MXCSR_ZERO, MXCSR_UP, MXCSR_DOWN};
    uint64_t fpscr = cpu->g[PPC_FPSCR], vscr = cpu->g[PPC_VSCR];
    uint32_t trap = MXCSR_IM;
    if (fpscr & PPC_FPSCR_BY_TRAP)
        trap |= (fpscr & FPSCR_OX ? 0 : MXCSR_OM) | (fpscr & FPSCR_UX ? 0 : MXCSR_UM) |
                (fpscr & FPSCR_ZX ? 0 : MXCSR_ZM);
    if (vscr & PPC_VSCR_FLOAT) {
        trap |= MXCSR_DM | MXCSR_OM | MXCSR_UM;
        if (!(fpscr & FPSCR_XX) && (vscr & PPC_VSCR_TRAPS) < ENOUGH_TRAPS)
            trap |= MXCSR_PM;
    }
    return (MXCSR_MASKS & ~trap) | rounding[fpscr & FPSCR_RN];
}

/* FX is set when one of the exception bits becomes 1. */
static uint64_t with_exceptions(uint64_t fpscr, uint32_t flags)
{
    if (flags & ~fpscr)
        fpscr |= FPSCR_FX;
    return fpscr | flags;
}

/* The host's flags as the guest's.  What traps sets its flag too, and says nothing:
 * the helper knows. */
static uint32_t flags_of(const struct vcpu *cpu, uint32_t host)
{
    host &= host / (MXCSR_IM / MXCSR_IE);
    if (inexact_is_vectors(cpu))
        host &= ~(uint32_t)MXCSR_PE;
    return (host & MXCSR_ZE ? FPSCR_ZX : 0) | (host & MXCSR_OE ? FPSCR_OX : 0) |
           (host & MXCSR_UE ? FPSCR_UX : 0) | (host & MXCSR_PE ? FPSCR_XX : 0);
}

/* VX and FEX are sums of the other bits. */
static uint64_t with_summaries(uint64_t fpscr)
{
    fpscr &= ~(uint64_t)(FPSCR_VX | FPSCR_FEX);
    if (fpscr & FPSCR_VX_ALL)
        fpscr |= FPSCR_VX;
    /* VX, OX, UX, ZX, XX are above VE, OE, UE, ZE, XE in the same order. */
    if (fpscr >> 22 & fpscr & FPSCR_ENABLES)
        fpscr |= FPSCR_FEX;
    return fpscr;
}

/* Is there anything that the host may have to say? */
static void note_open(struct vcpu *cpu)
{
    uint64_t told = PPC_FPSCR_BY_TRAP | FPSCR_XX;
    cpu->g[PPC_FP_OPEN] = (cpu->g[PPC_FPSCR] & told) != told;
}

/* Takes over what the host has noted.  Its flags stay: as long as the guest's
 * are set too, they say nothing new, and what clears the guest's clears them. */
static void harvest(struct vcpu *cpu)
{
    uint32_t host = get_mxcsr(cpu);
    cpu->g[PPC_FPSCR] = with_summaries(with_exceptions(cpu->g[PPC_FPSCR], flags_of(cpu, host)));
    note_open(cpu);
    uint64_t fprf = cpu->g[PPC_FPSCR] >> 12 & 31, x = cpu->v[PPC_V_RESULT].d[0];
    uint64_t fpcc = cpu->g[PPC_FPCC];
    if (x == FPRF_EXPLICIT && !fpcc)
        return;
    if (x != FPRF_EXPLICIT)
        fprf = (x << 1 >> 53) - 1 < 2046 ? x >> 63 ? 8 : 4 : fpx_class(FP_D, x);
    if (fpcc)
        fprf = (fprf & 16) | fpcc;
    ppc_fp_set_fprf(cpu, (unsigned)fprf);
}

void ppc_fp_set_fprf(struct vcpu *cpu, unsigned fprf)
{
    cpu->g[PPC_FPSCR] = (cpu->g[PPC_FPSCR] & ~(uint64_t)FPSCR_FPRF) | fprf << 12;
    cpu->v[PPC_V_RESULT].d[0] = FPRF_EXPLICIT;
    cpu->g[PPC_FPCC] = 0;
}

void ppc_fp_set_fpcc(struct vcpu *cpu, unsigned fpcc)
{
    harvest(cpu);
    cpu->g[PPC_FPSCR] = (cpu->g[PPC_FPSCR] & ~(uint64_t)FPSCR_FPCC) | fpcc << 12;
}

void ppc_fp_leave_with_nan(struct vcpu *cpu, unsigned fprf)
{
    ppc_fp_set_fprf(cpu, fprf);
    if (!cpu->fault.sig)
        vcpu_leave_after(cpu, 4);
}

uint64_t ppc_fpscr_read(struct vcpu *cpu)
{
    harvest(cpu);
    return cpu->g[PPC_FPSCR] & PPC_FPSCR_BITS;
}

void ppc_fpscr_write(struct vcpu *cpu, uint64_t value)
{
    uint64_t above = cpu->g[PPC_FPSCR] & ~PPC_FPSCR_BITS;
    value &= PPC_FPSCR_BITS & ~(uint64_t)(FPSCR_VX | FPSCR_FEX | 1 << 11);
    cpu->g[PPC_FPSCR] = with_summaries(value) | above;
    cpu->v[PPC_V_RESULT].d[0] = FPRF_EXPLICIT;
    cpu->g[PPC_FPCC] = 0;
    uint32_t host = get_mxcsr(cpu);
    /* Those of the flags that say nothing new may stay, see harvest. */
    bool told = !(flags_of(cpu, host) & ~value) && host & MXCSR_PM;
    uint32_t mxcsr = control_bits(cpu) | (told ? host & MXCSR_FLAGS : 0);
    change_mxcsr(cpu, host, mxcsr);
    note_open(cpu);
}

static bool flushes(const struct vcpu *cpu)
{
    return cpu->g[PPC_FPSCR] & FPSCR_NI && ppc_cpu()->non_ieee;
}

uint32_t ppc_fp_mode(const struct vcpu *cpu)
{
    bool exact = cpu->g[PPC_FPSCR] & FPSCR_ENABLES || flushes(cpu) || inexact_is_vectors(cpu);
    return (exact ? PPC_MODE_FP_EXACT : 0) | (cpu->g[PPC_VSCR] & VSCR_NJ ? 0 : PPC_MODE_JAVA) |
           (!(cpu->g[PPC_VSCR] & PPC_VSCR_FLOAT) ? 0
            : cpu->g[PPC_FPSCR] & FPSCR_RN       ? PPC_MODE_ROUNDED
                                                 : PPC_MODE_VFLOAT);
}

uint32_t ppc_vscr_read(const struct vcpu *cpu)
{
    return (cpu->g[PPC_VSCR] & VSCR_NJ) | (cpu->g[PPC_VSCR] & PPC_SAT_BIT ? VSCR_SAT : 0);
}

void ppc_vscr_write(struct vcpu *cpu, uint32_t value)
{
    cpu->g[PPC_VSCR] = (cpu->g[PPC_VSCR] & (PPC_VSCR_FLOAT | PPC_VSCR_TRAPS)) | (value & VSCR_NJ) |
                       (value & VSCR_SAT ? PPC_SAT_BIT : 0);
}

/* The kernel's modes: 0 off, 1 imprecise, 2 imprecise but recoverable, 3 precise, as here
 * all are (include/uapi/linux/prctl.h). */
int ppc_fp_exceptions(struct vcpu *cpu, int mode)
{
    if (mode > 3)
        return -EINVAL;
    if (mode >= 0)
        cpu->g[PPC_FPSCR] = (cpu->g[PPC_FPSCR] & ~PPC_FPSCR_DELIVER) | (uint64_t)(unsigned)mode
                                                                           << PPC_FPSCR_MODE_SHIFT;
    return (int)(cpu->g[PPC_FPSCR] >> PPC_FPSCR_MODE_SHIFT);
}

void ppc_fp_note_mode(struct vcpu *cpu)
{
    uint32_t bits = PPC_MODE_FP_EXACT | PPC_MODE_JAVA | PPC_MODE_ROUNDED | PPC_MODE_VFLOAT;
    if ((cpu->mode & bits) != ppc_fp_mode(cpu) && !cpu->fault.sig)
        vcpu_resync(cpu, 4);
}

void ppc_fp_note_inexact(struct vcpu *cpu)
{
    if (cpu->mode & PPC_MODE_FP_EXACT)
        ppc_fp_note_mode(cpu);
}

/* As the kernel starts a program: no exceptions enabled, not Java mode. */
void ppc_fp_reset(struct vcpu *cpu)
{
    cpu->g[PPC_FPSCR] = 0;
    cpu->g[PPC_VSCR] = VSCR_NJ;
    ppc_fpscr_write(cpu, 0);
}

void ppc_vector_float(struct vcpu *cpu)
{
    uint64_t *vscr = &cpu->g[PPC_VSCR];
    if (!(*vscr & PPC_VSCR_FLOAT) || !(get_mxcsr(cpu) & MXCSR_PM))
        harvest(cpu);
    else if ((*vscr & PPC_VSCR_TRAPS) == PPC_VSCR_TRAPS)
        return;
    if (*vscr & PPC_VSCR_FLOAT && (*vscr & PPC_VSCR_TRAPS) != PPC_VSCR_TRAPS)
        *vscr += PPC_VSCR_TRAP;
    *vscr |= PPC_VSCR_FLOAT;
    uint32_t host = get_mxcsr(cpu), flags = host & MXCSR_FLAGS;
    if (!(host & MXCSR_PM) || !(host & MXCSR_OM))
        flags &= ~(uint32_t)(host & MXCSR_PM ? MXCSR_OE | MXCSR_UE : MXCSR_FLAGS);
    else
        flags = 0; /* FPSCR has them now */
    set_mxcsr(cpu, control_bits(cpu) | flags);
    ppc_fp_note_mode(cpu);
}

struct fp_env ppc_fp_env(struct vcpu *cpu)
{
    uint64_t fpscr = cpu->g[PPC_FPSCR];
    return (struct fp_env){.rounding = (enum fp_rounding)(fpscr & FPSCR_RN),
                           .enables = fpscr & FPSCR_ENABLES,
                           .flush = flushes(cpu)};
}

/* SIGFPE if an enabled exception is pending; si_code as the kernel finds it (arch/powerpc
 * traps.c, parse of FPSCR): invalid, overflow, underflow, zero divide, inexact. */
static void raise_pending(struct vcpu *cpu)
{
    uint64_t fpscr = cpu->g[PPC_FPSCR];
    if (!(fpscr & FPSCR_FEX) || !(fpscr & PPC_FPSCR_DELIVER))
        return;
    int code = fpscr & FPSCR_VX && fpscr & FPSCR_VE   ? FPE_FLTINV
               : fpscr & FPSCR_OX && fpscr & FPSCR_OE ? FPE_FLTOVF
               : fpscr & FPSCR_UX && fpscr & FPSCR_UE ? FPE_FLTUND
               : fpscr & FPSCR_ZX && fpscr & FPSCR_ZE ? FPE_FLTDIV
                                                      : FPE_FLTRES;
    vcpu_raise(cpu, SIGFPE, code, 0);
}

/* Counts a trap, if one for OX, UX or ZX it was.  After a few there are no more. */
static void count_trap(struct vcpu *cpu)
{
    const uint64_t enough = 8 * PPC_FPSCR_TRAP;
    uint32_t host = get_mxcsr(cpu), masked = host / (MXCSR_IM / MXCSR_IE);
    if (!(host & ~masked & (MXCSR_OE | MXCSR_UE | MXCSR_ZE)))
        return;
    cpu->g[PPC_FPSCR] += PPC_FPSCR_TRAP;
    if ((cpu->g[PPC_FPSCR] & PPC_FPSCR_TRAPS) >= enough)
        cpu->g[PPC_FPSCR] &= ~PPC_FPSCR_BY_TRAP;
}

bool ppc_fp_finish(struct vcpu *cpu, const struct fp_env *env, bool scalar)
{
    harvest(cpu);
    bool by_trap = cpu->g[PPC_FPSCR] & PPC_FPSCR_BY_TRAP;
    if (by_trap)
        count_trap(cpu);
    uint64_t fpscr = cpu->g[PPC_FPSCR];
    uint32_t status = env->flags & (FPSCR_FR | FPSCR_FI);
    bool keep = (env->flags & FPSCR_VX_ALL && fpscr & FPSCR_VE) ||
                (env->flags & FPSCR_ZX && fpscr & FPSCR_ZE);
    fpscr = with_exceptions(fpscr, env->flags & ~(uint32_t)(FPSCR_FR | FPSCR_FI));
    if (scalar)
        fpscr = (fpscr & ~(uint64_t)(FPSCR_FR | FPSCR_FI)) | (keep ? 0 : status);
    cpu->g[PPC_FPSCR] = with_summaries(fpscr);
    if (by_trap || cpu->g[PPC_VSCR] & PPC_VSCR_FLOAT)
        set_mxcsr(cpu, control_bits(cpu));
    note_open(cpu);
    if (env->flags & ~(uint32_t)(FPSCR_FR | FPSCR_FI))
        raise_pending(cpu);
    return !keep;
}

/* ---- What comes after ---- */

bool ppc_writes_fprf(uint32_t insn)
{
    unsigned a_form = insn >> 1 & 31, xx3 = insn >> 3 & 255;
    switch (insn >> 26) {
    case 59:
    case 63:
        return (1u << a_form &
                (1u << 18 | 1u << 20 | 1u << 21 | 1u << 22 | 1u << 25 | 0xfu << 28)) != 0;
    case 60: /* scalar arithmetic */
        return (xx3 < 64 && xx3 % 8 <= 1) || (xx3 >= 128 && xx3 < 192 && xx3 % 8 == 1);
    default:
        return false;
    }
}

/* An instruction after this one, and no branch before it, reads the status of this one. */
static bool is_read_next(const struct builder *b)
{
    enum { FAR = 16, PAGE = 4096 };
    uint64_t pc = builder_pc(b);
    for (unsigned i = 1; i <= FAR; i++) {
        uint64_t at = pc + 4 * i;
        uint32_t insn;
        if (at / PAGE != pc / PAGE)
            break;
        memcpy(&insn, guest_ptr(at), 4);
        if (!ppc_is_le(b))
            insn = __builtin_bswap32(insn);
        unsigned op = insn >> 26, xo = insn >> 1 & 1023;
        if (ppc_writes_fprf(insn))
            return false;
        if (op == 63 && (xo == 583 || xo == 64)) /* mffs, mcrfs */
            return true;
        if (op >= 16 && op <= 19) /* branches and calls */
            break;
    }
    return false;
}

/* Behind this instruction FPRF is written before it is read. */
static bool fprf_is_dead(const struct builder *b)
{
    return ppc_dead_at(builder_pc(b) + 4, UINT64_C(1) << PPC_FPRF);
}

/* ---- Emitting ---- */

bool ppc_fp_must_be_exact(struct builder *b)
{
    return builder_mode(b) & PPC_MODE_FP_EXACT || is_read_next(b);
}

void ppc_fp_emit_exact(struct builder *b, unsigned helper, uint32_t insn)
{
    if (builder_mode(b) & PPC_MODE_FP_EXACT)
        emit_call_raising(b, helper, insn, 1, 0);
    else
        emit_call(b, helper, insn, 1, 0);
}

void ppc_fp_emit_result(struct builder *b, unsigned vsr)
{
    if (!fprf_is_dead(b))
        emit(b, UOP_v_mov, V(PPC_V_RESULT), V(vsr));
    emit(b, UOP_mov64, G(PPC_FPCC), I(0));
}

void ppc_fp_emit_compare(struct builder *b, const struct ppc_insn *f, unsigned check, unsigned vsr,
                         unsigned with)
{
    emit_slow(b, PPC_HELPER_fp_compare, f->raw, 0, 0, check, V(vsr), V(with));
    emit(b, UOP_order_d, ppc_cr(f->bf), V(vsr), V(with));
    emit(b, UOP_order_d, G(PPC_FPCC), V(vsr), V(with));
}

void ppc_helper_fp_compare(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    if (insn >> 26 == 60)
        ppc_helper_vsx_exact(cpu, insn, 1, 0);
    else
        ppc_helper_fp_exact(cpu, insn, 1, 0);
    if (!cpu->fault.sig)
        vcpu_resync(cpu, 4);
}

void ppc_fp_emit_cr1(struct builder *b)
{
    emit_call(b, PPC_HELPER_fp_cr1, 0, 0, 0);
}

void ppc_helper_fp_cr1(struct vcpu *cpu, uint32_t x, uint32_t y, uint32_t z)
{
    (void)x, (void)y, (void)z;
    cpu->g[PPC_CR + 1] = ppc_fpscr_read(cpu) >> 28 & 15;
}

/* ---- Instructions ---- */

/* The fields of mtfsf and others: bit i of the mask is FPSCR field 7 - i. */
static uint64_t field_mask(unsigned fields)
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < 16; i++)
        if (fields >> i & 1)
            mask |= 15ull << 4 * i;
    return mask;
}

static void write_and_raise(struct vcpu *cpu, uint64_t value, bool record)
{
    ppc_fpscr_write(cpu, value);
    if (record)
        ppc_helper_fp_cr1(cpu, 0, 0, 0);
    raise_pending(cpu);
    ppc_fp_note_mode(cpu);
}

/* mffs and its kin (3.0): y is their number in bits 11:15. */
void ppc_helper_mffs(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    unsigned frt = insn >> 21 & 31, kind = insn >> 16 & 31, frb = insn >> 11 & 31;
    /* Processors that don't know the others ignore the field. */
    if (!ppc_has(PPC_ISA_300))
        kind = 0;
    uint64_t fpscr = ppc_fpscr_read(cpu), result = fpscr, b = cpu->v[frb].d[0];
    const uint64_t drn = 7ull << 32, control = drn | FPSCR_ENABLES | FPSCR_NI | FPSCR_RN;
    switch (kind) {
    case 0: /* mffs */
        break;
    case 1: /* mffsce */
        ppc_fpscr_write(cpu, fpscr & ~(uint64_t)FPSCR_ENABLES);
        break;
    case 20: /* mffscdrn */
        ppc_fpscr_write(cpu, (fpscr & ~drn) | (b & drn));
        break;
    case 21: /* mffscdrni */
        ppc_fpscr_write(cpu, (fpscr & ~drn) | (uint64_t)(frb & 7) << 32);
        break;
    case 22: /* mffscrn */
        ppc_fpscr_write(cpu, (fpscr & ~3ull) | (b & 3));
        break;
    case 23: /* mffscrni */
        ppc_fpscr_write(cpu, (fpscr & ~3ull) | (frb & 3));
        break;
    default: /* mffsl */
        result = fpscr & (control | FPSCR_FPRF | FPSCR_FR | FPSCR_FI);
    }
    if (kind && kind != 24)
        result &= control;
    cpu->v[frt].d[0] = result;
    cpu->v[frt].d[1] = 0;
    ppc_fp_note_mode(cpu);
}

void ppc_helper_mtfs(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    unsigned xo = insn >> 1 & 1023, bt = insn >> 21 & 31;
    uint64_t fpscr = ppc_fpscr_read(cpu), bit = 1ull << (31 - bt), mask;
    switch (xo) {
    case 711: { /* mtfsf */
        bool all = insn >> 25 & 1, upper = insn >> 16 & 1;
        unsigned fields = insn >> 17 & 255;
        uint64_t b = cpu->v[insn >> 11 & 31].d[0];
        mask = all ? ~0ull : field_mask(upper ? fields << 8 : fields);
        fpscr = (fpscr & ~mask) | (b & mask);
        break;
    }
    case 134: { /* mtfsfi */
        unsigned shift = 4 * (7 - (insn >> 23 & 7) + (insn >> 16 & 1 ? 8 : 0));
        fpscr = (fpscr & ~(15ull << shift)) | (uint64_t)(insn >> 12 & 15) << shift;
        break;
    }
    case 70: /* mtfsb0 */
        fpscr &= ~bit;
        break;
    default: /* mtfsb1 */
        if (bit & (FPSCR_VX_ALL | FPSCR_OX | FPSCR_UX | FPSCR_ZX | FPSCR_XX))
            fpscr = with_exceptions(fpscr, (uint32_t)bit);
        else
            fpscr |= bit;
    }
    write_and_raise(cpu, fpscr, insn & 1);
}

/* Copies FPSCR field bfa to CR field bf and clears its exception bits. */
void ppc_helper_mcrfs(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    const uint64_t sticky = FPSCR_FX | FPSCR_OX | FPSCR_UX | FPSCR_ZX | FPSCR_XX | FPSCR_VX_ALL;
    unsigned shift = 4 * (7 - (insn >> 18 & 7));
    uint64_t fpscr = ppc_fpscr_read(cpu);
    cpu->g[PPC_CR + (insn >> 23 & 7)] = fpscr >> shift & 15;
    ppc_fpscr_write(cpu, fpscr & ~(15ull << shift & sticky));
    ppc_fp_note_mode(cpu);
}

bool trans_MFFS_change(struct builder *b, const struct ppc_insn *f)
{
    emit_call_raising(b, PPC_HELPER_mffs, f->raw, 0, 0);
    return true;
}

bool trans_MCRFS(struct builder *b, const struct ppc_insn *f)
{
    emit_call_raising(b, PPC_HELPER_mcrfs, f->raw, 0, 0);
    return true;
}

/* ---- Without a helper: what mathematical libraries do around their work is to read
 * FPSCR, and to write what it holds already ---- */

void ppc_helper_fp_settle(struct vcpu *cpu, uint32_t x, uint32_t y, uint32_t z)
{
    (void)x, (void)y, (void)z;
    harvest(cpu);
    if (cpu->g[PPC_FPSCR] & (PPC_FPSCR_BY_TRAP | PPC_FPSCR_TRAPS))
        return;
    cpu->g[PPC_FPSCR] |= PPC_FPSCR_BY_TRAP;
    set_mxcsr(cpu, control_bits(cpu));
    note_open(cpu);
}

static bool by_helper(struct builder *b, const struct ppc_insn *f)
{
    return builder_mode(b) & PPC_MODE_FP_EXACT || f->rc;
}

/* All exceptions are in FPSCR after. */
static void settle(struct builder *b)
{
    emit_slow(b, PPC_HELPER_fp_settle, 0, 0, 0, UOP_expect_zero, G(PPC_FP_OPEN));
}

bool trans_MFFS(struct builder *b, const struct ppc_insn *f)
{
    if (by_helper(b, f)) {
        emit_call(b, PPC_HELPER_mffs, f->raw, 0, 0);
        if (f->rc)
            ppc_fp_emit_cr1(b);
        return true;
    }
    settle(b);
    emit_slow(b, PPC_HELPER_mffs, f->raw, 0, 0, UOP_fp_status, V(f->rt), V(PPC_V_RESULT),
              G(PPC_FPCC), G(PPC_FPSCR), I(PPC_FPSCR_BITS & ~(uint64_t)FPSCR_FPRF));
    return true;
}

/* The instruction changes nothing, or it is the helper's: if bits of (FPSCR ^ value) in mask
 * are not 0. */
static void expect_same(struct builder *b, const struct ppc_insn *f, struct opnd value,
                        uint64_t mask)
{
    bool zero = value.kind == OPND_I && value.v == 0;
    if (!zero)
        emit(b, UOP_xor64, T(0), G(PPC_FPSCR), value);
    emit_slow(b, PPC_HELPER_mtfs, f->raw, 0, 0, UOP_expect_clear, zero ? G(PPC_FPSCR) : T(0),
              I(mask));
}

static bool move_status(struct builder *b, const struct ppc_insn *f)
{
    emit_call_raising(b, PPC_HELPER_mtfs, f->raw, 0, 0);
    return true;
}

static const uint64_t CONTROL = 0xff, RESULT = FPSCR_FPRF | FPSCR_FR | FPSCR_FI;

bool trans_MTFSF(struct builder *b, const struct ppc_insn *f)
{
    uint64_t mask = f->l ? ~0ull : field_mask(f->w ? f->flm << 8 : f->flm), result = mask & RESULT;
    uint64_t same = mask & PPC_FPSCR_BITS & ~(RESULT | FPSCR_VX | FPSCR_FEX | 1 << 11);
    if (by_helper(b, f) || (result && result != RESULT))
        return move_status(b, f);
    if (same & ~CONTROL)
        settle(b);
    emit(b, UOP_fmov_d_to_x, T(0), V(f->rb));
    expect_same(b, f, T(0), same);
    if (result && !fprf_is_dead(b)) {
        emit(b, UOP_fmov_d_to_x, T(0), V(f->rb));
        emit(b, UOP_and32, T(0), T(0), I(RESULT));
        emit(b, UOP_and64, G(PPC_FPSCR), G(PPC_FPSCR), I(~RESULT));
        emit(b, UOP_or64, G(PPC_FPSCR), G(PPC_FPSCR), T(0));
        emit(b, UOP_fmov_imm, V(PPC_V_RESULT), I(FPRF_EXPLICIT));
    }
    if (result)
        emit(b, UOP_mov64, G(PPC_FPCC), I(0));
    return true;
}

bool trans_MTFSFI(struct builder *b, const struct ppc_insn *f)
{
    unsigned shift = 4 * (7 - f->bf);
    if (by_helper(b, f) || f->w || 15u << shift & ~CONTROL)
        return move_status(b, f);
    expect_same(b, f, I(f->u << shift), 15u << shift);
    return true;
}

static bool move_bit(struct builder *b, const struct ppc_insn *f, bool set)
{
    uint64_t bit = 1u << (31 - f->bt);
    if (by_helper(b, f) || bit & ~CONTROL)
        return move_status(b, f);
    expect_same(b, f, I(set ? bit : 0), bit);
    return true;
}

bool trans_MTFSB0(struct builder *b, const struct ppc_insn *f)
{
    return move_bit(b, f, false);
}

bool trans_MTFSB1(struct builder *b, const struct ppc_insn *f)
{
    return move_bit(b, f, true);
}
