/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vector instructions that have templates, storage access, and status (Power ISA
 * 3.1, Book I, chapter 6). */
#include "translate/ppc/vector.h"
#include "translate/ppc/vmx.h"

/* VR n is VSR 32 + n. */
static struct opnd vr(unsigned n)
{
    return V(32 + n);
}

bool ppc_isa_level(unsigned isa)
{
    return isa == 0 || ppc_has(isa == 7 ? PPC_ISA_207 : isa == 8 ? PPC_ISA_300 : PPC_ISA_310);
}

static bool have(const struct ppc_insn *f)
{
    return ppc_has(PPC_ALTIVEC) && ppc_isa_level(f->isa);
}

bool trans_VMX_exact(struct builder *b, const struct ppc_insn *f)
{
    if (!have(f))
        return false;
    emit_call_raising(b, PPC_HELPER_vmx_exact, f->raw, 0, 0);
    return true;
}

#define EMIT(b, f, op, ...) emit_slow((b), PPC_HELPER_vmx_exact, (f)->raw, 0, 0, (op), __VA_ARGS__)

#define BEGIN(name)                                                                                \
    bool trans_##name(struct builder *b, const struct ppc_insn *f)                                 \
    {                                                                                              \
        if (!have(f))                                                                              \
            return false;

/* ---- Three registers ---- */

#define VX3(name, op)                                                                              \
    BEGIN(name)                                                                                    \
    EMIT(b, f, UOP_##op, vr(f->rt), vr(f->ra), vr(f->rb));                                         \
    return true;                                                                                   \
    }
VX3(VADDUBM, v_add_b)
VX3(VADDUHM, v_add_h)
VX3(VADDUWM, v_add_s)
VX3(VADDUDM, v_add_d)
VX3(VSUBUBM, v_sub_b)
VX3(VSUBUHM, v_sub_h)
VX3(VSUBUWM, v_sub_s)
VX3(VSUBUDM, v_sub_d)
VX3(VADDSBS, v_sqadd_b)
VX3(VADDSHS, v_sqadd_h)
VX3(VADDSWS, v_sqadd_s)
VX3(VADDUBS, v_uqadd_b)
VX3(VADDUHS, v_uqadd_h)
VX3(VADDUWS, v_uqadd_s)
VX3(VSUBSBS, v_sqsub_b)
VX3(VSUBSHS, v_sqsub_h)
VX3(VSUBSWS, v_sqsub_s)
VX3(VSUBUBS, v_uqsub_b)
VX3(VSUBUHS, v_uqsub_h)
VX3(VSUBUWS, v_uqsub_s)
VX3(VMAXSB, v_smax_b)
VX3(VMAXSH, v_smax_h)
VX3(VMAXSW, v_smax_s)
VX3(VMAXSD, v_smax_d)
VX3(VMAXUB, v_umax_b)
VX3(VMAXUH, v_umax_h)
VX3(VMAXUW, v_umax_s)
VX3(VMAXUD, v_umax_d)
VX3(VMINSB, v_smin_b)
VX3(VMINSH, v_smin_h)
VX3(VMINSW, v_smin_s)
VX3(VMINSD, v_smin_d)
VX3(VMINUB, v_umin_b)
VX3(VMINUH, v_umin_h)
VX3(VMINUW, v_umin_s)
VX3(VMINUD, v_umin_d)
VX3(VAVGUB, v_urhadd_b)
VX3(VAVGUH, v_urhadd_h)
VX3(VABSDUB, v_uabd_b)
VX3(VABSDUH, v_uabd_h)
VX3(VABSDUW, v_uabd_s)
VX3(VAND, v_and)
VX3(VANDC, v_bic)
VX3(VORC, v_orn)
VX3(VNOR, v_nor)
VX3(VXOR, v_eor)
VX3(VNAND, v_nand)
VX3(VEQV, v_eqv)
VX3(VMULEUB, v_umul_even_b)
VX3(VMULESB, v_smul_even_b)
VX3(VMULEUH, v_umul_even_h)
VX3(VMULESH, v_smul_even_h)
VX3(VMULEUW, v_umul_even_s)
VX3(VMULESW, v_smul_even_s)
VX3(VMULOUB, v_umul_odd_b)
VX3(VMULOSB, v_smul_odd_b)
VX3(VMULOUH, v_umul_odd_h)
VX3(VMULOSH, v_smul_odd_h)
VX3(VMULOUW, v_umul_odd_s)
VX3(VMULOSW, v_smul_odd_s)
VX3(VMULUWM, v_mul_s)
VX3(VSLW, v_shl_each_s)
VX3(VSLD, v_shl_each_d)
VX3(VSRW, v_ushr_each_s)
VX3(VSRD, v_ushr_each_d)
VX3(VSRAW, v_sshr_each_s)
VX3(VSRAD, v_sshr_each_d)
VX3(VRLW, v_rotl_each_s)
VX3(VRLD, v_rotl_each_d)

#define EXACT(name)                                                                                \
    bool trans_##name(struct builder *b, const struct ppc_insn *f)                                 \
    {                                                                                              \
        return trans_VMX_exact(b, f);                                                              \
    }
EXACT(VSLB)
EXACT(VSLH)
EXACT(VSRB)
EXACT(VSRH)
EXACT(VSRAB)
EXACT(VSRAH)
EXACT(VRLB)
EXACT(VRLH)

/* vor of a register with itself is a move. */
BEGIN(VOR)
if (f->ra == f->rb)
    emit(b, UOP_v_mov, vr(f->rt), vr(f->ra));
else
    emit(b, UOP_v_orr, vr(f->rt), vr(f->ra), vr(f->rb));
return true;
}

/* ---- Pack, unpack, merge: elements are numbered from the left, halves as
 * integers, so halves trade places ---- */

#define MERGE(name, op)                                                                            \
    BEGIN(name)                                                                                    \
    emit(b, UOP_##op, vr(f->rt), vr(f->rb), vr(f->ra));                                            \
    emit(b, UOP_v_swap64, vr(f->rt), vr(f->rt));                                                   \
    return true;                                                                                   \
    }
MERGE(VMRGHB, v_zip1_b)
MERGE(VMRGHH, v_zip1_h)
MERGE(VMRGHW, v_zip1_s)
MERGE(VMRGLB, v_zip2_b)
MERGE(VMRGLH, v_zip2_h)
MERGE(VMRGLW, v_zip2_s)

/* Word 0 of each half is its high one. */
BEGIN(VMRGEW)
emit(b, UOP_v_trn2_s, vr(f->rt), vr(f->rb), vr(f->ra));
return true;
}

BEGIN(VMRGOW)
emit(b, UOP_v_trn1_s, vr(f->rt), vr(f->rb), vr(f->ra));
return true;
}

/* The left half is the low one, its left part the high one. */
#define UNPACK_HALF(name, widen)                                                                   \
    BEGIN(name)                                                                                    \
    emit(b, UOP_##widen, vr(f->rt), vr(f->rb));                                                    \
    emit(b, UOP_v_swap64, vr(f->rt), vr(f->rt));                                                   \
    return true;                                                                                   \
    }
UNPACK_HALF(VUPKHSB, v_sxtl_b)
UNPACK_HALF(VUPKHSH, v_sxtl_h)
UNPACK_HALF(VUPKHSW, v_sxtl_s)
UNPACK_HALF(VUPKLSB, v_sxtl2_b)
UNPACK_HALF(VUPKLSH, v_sxtl2_h)
UNPACK_HALF(VUPKLSW, v_sxtl2_s)

#define PACK(name, op)                                                                             \
    BEGIN(name)                                                                                    \
    emit(b, UOP_v_swap64, VT(0), vr(f->ra));                                                       \
    emit(b, UOP_v_swap64, V(PPC_V_TEMPORARY), vr(f->rb));                                          \
    emit(b, UOP_##op, vr(f->rt), VT(0), V(PPC_V_TEMPORARY));                                       \
    return true;                                                                                   \
    }
PACK(VPKUHUM, v_uzp1_b)
PACK(VPKUWUM, v_uzp1_h)
PACK(VPKUDUM, v_uzp1_s)

/* ---- Splats, permutation ---- */

BEGIN(VSPLTB)
emit(b, UOP_v_dup_b, vr(f->rt), vr(f->rb), I(f->uim ^ 7));
return true;
}

BEGIN(VSPLTH)
emit(b, UOP_v_dup_h, vr(f->rt), vr(f->rb), I(f->uim ^ 3));
return true;
}

BEGIN(VSPLTW)
emit(b, UOP_v_dup_s, vr(f->rt), vr(f->rb), I(f->uim ^ 1));
return true;
}

static bool splat_immediate(struct builder *b, const struct ppc_insn *f, uint32_t word)
{
    if (word == 0)
        emit(b, UOP_v_zero, vr(f->rt));
    else if (word == ~0u)
        emit(b, UOP_v_ones, vr(f->rt));
    else
        emit(b, UOP_v_const_s, vr(f->rt), I(word));
    return true;
}

BEGIN(VSPLTISB)
return splat_immediate(b, f, (uint8_t)f->sim * 0x01010101u);
}

BEGIN(VSPLTISH)
return splat_immediate(b, f, (uint16_t)f->sim * 0x00010001u);
}

BEGIN(VSPLTISW)
return splat_immediate(b, f, (uint32_t)f->sim);
}

BEGIN(VSLDOI)
emit(b, UOP_v_concat, vr(f->rt), vr(f->ra), vr(f->rb), I(f->shb));
return true;
}

BEGIN(VSEL)
emit(b, UOP_v_select, vr(f->rt), vr(f->rc5), vr(f->rb), vr(f->ra));
return true;
}

#define VA(name, op)                                                                               \
    BEGIN(name)                                                                                    \
    EMIT(b, f, UOP_##op, vr(f->rt), vr(f->ra), vr(f->rb), vr(f->rc5));                             \
    return true;                                                                                   \
    }
VA(VPERM, v_permute)
VA(VPERMR, v_permute_right)
VA(VPERMXOR, v_permute_xor)

BEGIN(VMLADDUHM)
emit(b, UOP_v_mul_h, VT(0), vr(f->ra), vr(f->rb));
emit(b, UOP_v_add_h, vr(f->rt), VT(0), vr(f->rc5));
return true;
}

/* ---- One operand ---- */

BEGIN(VPOPCNTB)
emit(b, UOP_v_cnt, vr(f->rt), vr(f->rb));
return true;
}

BEGIN(VNEGW)
emit(b, UOP_v_zero, VT(0));
emit(b, UOP_v_sub_s, vr(f->rt), VT(0), vr(f->rb));
return true;
}

BEGIN(VNEGD)
emit(b, UOP_v_zero, VT(0));
emit(b, UOP_v_sub_d, vr(f->rt), VT(0), vr(f->rb));
return true;
}

/* ---- Comparison ---- */

static void record(struct builder *b, const struct ppc_insn *f)
{
    if (f->rc)
        emit(b, UOP_v_all_none, ppc_cr(6), vr(f->rt));
}

#define COMPARE(name, op)                                                                          \
    BEGIN(name)                                                                                    \
    emit(b, UOP_##op, vr(f->rt), vr(f->ra), vr(f->rb));                                            \
    record(b, f);                                                                                  \
    return true;                                                                                   \
    }
COMPARE(VCMPEQUB, v_cmeq_b)
COMPARE(VCMPEQUH, v_cmeq_h)
COMPARE(VCMPEQUW, v_cmeq_s)
COMPARE(VCMPEQUD, v_cmeq_d)
COMPARE(VCMPGTSB, v_cmgt_b)
COMPARE(VCMPGTSH, v_cmgt_h)
COMPARE(VCMPGTSW, v_cmgt_s)
COMPARE(VCMPGTSD, v_cmgt_d)
COMPARE(VCMPGTUB, v_cmhi_b)
COMPARE(VCMPGTUH, v_cmhi_h)
COMPARE(VCMPGTUW, v_cmhi_s)
COMPARE(VCMPGTUD, v_cmhi_d)

#define COMPARE_NOT(name, op)                                                                      \
    BEGIN(name)                                                                                    \
    emit(b, UOP_##op, vr(f->rt), vr(f->ra), vr(f->rb));                                            \
    emit(b, UOP_v_not, vr(f->rt), vr(f->rt));                                                      \
    record(b, f);                                                                                  \
    return true;                                                                                   \
    }
COMPARE_NOT(VCMPNEB, v_cmeq_b)
COMPARE_NOT(VCMPNEH, v_cmeq_h)
COMPARE_NOT(VCMPNEW, v_cmeq_s)

/* ---- Cryptography by the host's instructions ---- */

#define CRYPTO(name, op)                                                                           \
    BEGIN(name)                                                                                    \
    if (!host_supports(HOST_AES) || !host_supports(HOST_PCLMUL))                                   \
        return trans_VMX_exact(b, f);                                                              \
    EMIT(b, f, UOP_##op, vr(f->rt), vr(f->ra), vr(f->rb));                                         \
    return true;                                                                                   \
    }
CRYPTO(VCIPHER, aes_round)
CRYPTO(VCIPHERLAST, aes_last)
CRYPTO(VNCIPHER, aes_inverse)
CRYPTO(VNCIPHERLAST, aes_inverse_last)
CRYPTO(VPMSUMD, v_clmul_sum)

/* ---- Floating point ---- */

/* Templates need the host's control word fit for them: the helper sees to it
 * the first time. */
static bool ready(struct builder *b, const struct ppc_insn *f)
{
    if ((builder_mode(b) & (PPC_MODE_JAVA | PPC_MODE_VFLOAT)) == PPC_MODE_VFLOAT)
        return true;
    emit_call_raising(b, PPC_HELPER_vmx_exact, f->raw, 0, 0);
    if (!(builder_mode(b) & (PPC_MODE_JAVA | PPC_MODE_ROUNDED)))
        emit_sync(b);
    return false;
}

#define FLOAT(name, op, ...)                                                                       \
    BEGIN(name)                                                                                    \
    if (ready(b, f))                                                                               \
        EMIT(b, f, UOP_##op, vr(f->rt), __VA_ARGS__);                                              \
    return true;                                                                                   \
    }
FLOAT(VADDFP, fadd_4s, vr(f->ra), vr(f->rb))
FLOAT(VSUBFP, fsub_4s, vr(f->ra), vr(f->rb))
FLOAT(VMAXFP, fmax_4s, vr(f->ra), vr(f->rb))
FLOAT(VMINFP, fmin_4s, vr(f->ra), vr(f->rb))
FLOAT(VMADDFP, fma_4s, vr(f->ra), vr(f->rc5), vr(f->rb))
FLOAT(VNMSUBFP, fms_neg_4s, vr(f->ra), vr(f->rc5), vr(f->rb))

/* The helper sets CR6 too; if it has ended the block, nothing more is needed. */
#define FLOAT_COMPARE(name, op)                                                                    \
    BEGIN(name)                                                                                    \
    if (ready(b, f)) {                                                                             \
        EMIT(b, f, UOP_##op, vr(f->rt), vr(f->ra), vr(f->rb));                                     \
        record(b, f);                                                                              \
    }                                                                                              \
    return true;                                                                                   \
    }
FLOAT_COMPARE(VCMPEQFP, fcmeq_4s)
FLOAT_COMPARE(VCMPGEFP, fcmge_4s)
FLOAT_COMPARE(VCMPGTFP, fcmgt_4s)

/* Scaled by 2^-uim. */
BEGIN(VCFSX)
if (f->uim)
    return trans_VMX_exact(b, f);
if (ready(b, f))
    EMIT(b, f, UOP_scvtf_4s, vr(f->rt), vr(f->rb));
return true;
}

EXACT(VCFUX)

/* ---- Status ---- */

void ppc_helper_mfvscr(struct vcpu *cpu, uint32_t vsr, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    cpu->v[vsr].d[0] = 0;
    cpu->v[vsr].d[1] = ppc_vscr_read(cpu);
}

void ppc_helper_mtvscr(struct vcpu *cpu, uint32_t vsr, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    ppc_vscr_write(cpu, (uint32_t)cpu->v[vsr].d[1]);
    ppc_fp_note_mode(cpu);
}

BEGIN(MFVSCR)
emit_call(b, PPC_HELPER_mfvscr, 32 + f->rt, 0, 0);
return true;
}

BEGIN(MTVSCR)
emit_call_raising(b, PPC_HELPER_mtvscr, 32 + f->rb, 0, 0);
return true;
}
