/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FPCR and FPSR (Arm ARM DDI 0487, C5.2.8 and C5.2.10) on the host's MXCSR. */
#include "translate/a64/a64.h"
#include "translate/a64/fp.h"
#include "translate/a64/fp_exact.h"
#include "translate/fpenv.h"

enum {
    FPSR_FLAGS = FPSR_IOC | FPSR_DZC | FPSR_OFC | FPSR_UFC | FPSR_IXC | FPSR_IDC,
};
/* with the condition flags that AArch32 keeps here */
static const uint32_t fpsr_mask = 0xf0000000u | FPSR_QC | FPSR_FLAGS;

/* The invalid flag is never among them: it is set by traps only, and the helper
 * that has run then knows whether the guest's is. */
static uint32_t host_flags(const struct vcpu *cpu)
{
    uint32_t m = cpu->in_code ? mxcsr_get() : cpu->mxcsr;
    return m & m >> 7 & MXCSR_FLAGS; /* a flag's mask is 7 bits above it */
}

static void set_mxcsr(struct vcpu *cpu, uint32_t mxcsr)
{
    cpu->mxcsr = mxcsr;
    if (cpu->in_code)
        mxcsr_set(mxcsr);
}

/* The control bits for the guest's FPCR and sticky flags. */
static uint32_t control_bits(const struct vcpu *cpu)
{
    static const uint32_t rounding[] = {0, MXCSR_UP, MXCSR_DOWN, MXCSR_ZERO};
    uint64_t fpcr = cpu->g[A64_FPCR], fpsr = cpu->g[A64_FPSR];
    uint32_t m = (MXCSR_MASKS & ~MXCSR_IM) | rounding[fpcr >> 22 & 3];
    if (fpcr & A64_FPCR_FZ) {
        m |= MXCSR_FTZ;
        if (fpsr & FPSR_IDC)
            m |= MXCSR_DAZ;
        else
            m &= ~MXCSR_DM;
        if (!(fpsr & FPSR_IXC))
            m &= ~(MXCSR_PM | MXCSR_UM);
        else if (!(fpsr & FPSR_UFC))
            m &= ~MXCSR_UM;
    }
    return m;
}

uint64_t a64_fpsr_read(struct vcpu *cpu)
{
    uint32_t host = host_flags(cpu);
    return cpu->g[A64_FPSR] | (host & MXCSR_ZE ? FPSR_DZC : 0) | (host & MXCSR_OE ? FPSR_OFC : 0) |
           (host & MXCSR_UE ? FPSR_UFC : 0) | (host & MXCSR_PE ? FPSR_IXC : 0);
}

void a64_fpsr_write(struct vcpu *cpu, uint64_t value)
{
    cpu->g[A64_FPSR] = value & fpsr_mask;
    set_mxcsr(cpu, control_bits(cpu));
}

void a64_fpcr_write(struct vcpu *cpu, uint64_t value)
{
    cpu->g[A64_FPSR] = a64_fpsr_read(cpu);
    cpu->g[A64_FPCR] = value & A64_FPCR_MASK;
    set_mxcsr(cpu, control_bits(cpu));
}

void a64_fp_raise(struct vcpu *cpu, uint32_t flags)
{
    cpu->g[A64_FPSR] |= flags;
    if (cpu->g[A64_FPCR] & A64_FPCR_FZ)
        a64_fpsr_write(cpu, a64_fpsr_read(cpu));
}

/* ---- Helpers ---- */

void a64_helper_write_fpcr(struct vcpu *cpu, uint32_t slot, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    a64_fpcr_write(cpu, cpu->g[slot]);
}

void a64_helper_write_fpsr(struct vcpu *cpu, uint32_t slot, uint32_t y, uint32_t z)
{
    static const uint32_t all = FPSR_UFC | FPSR_IXC | FPSR_IDC;
    (void)y, (void)z;
    a64_fpsr_write(cpu, cpu->g[slot]);
    if ((cpu->g[A64_FPSR] & all) == all)
        cpu->g[A64_HABITS] &= ~(uint64_t)A64_MODE_WATCHED;
    else
        cpu->g[A64_HABITS] |= A64_MODE_WATCHED;
}

void a64_helper_read_fpsr(struct vcpu *cpu, uint32_t slot, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    cpu->g[slot] = a64_fpsr_read(cpu);
    cpu->g[A64_HABITS] |= A64_MODE_WATCHED;
}
