/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a block knows of its vector registers.
 *
 * A scalar result leaves 0 in the rest of its register, and a single that is kept as a
 * double has few bits.  Micro-ops that needn't provide for anything else have shorter rows
 * (hostgen/ops/scalar.def, single.def): they take the place of those that must.
 *
 * No NaN is among the operands of a fused operation behind which a check has found none in
 * its result, and what has none among its operands has none as its result: if it is
 * invalid it traps, and the helper that is called then, or by the check, leaves the
 * block if it returns a NaN.  So those after it need not be checked.
 *
 * An insertion of shifted elements finds zeros where a shift by the rest of the width has just
 * brought them, as in rotations of elements: nothing need be masked out (turn.def).
 */
#include <string.h>

#include "translate/block.h"

enum fact {
    REST_0 = 1,    /* the high 64 bits are 0 */
    SINGLE = 2,    /* the low ones are a double that a single can hold */
    REST_S = 4,    /* the high 96 bits are 0 */
    NUMBER_D = 8,  /* the low 64 are a double that is no NaN */
    NUMBER_S = 16, /* the low 32 are a single that is no NaN */
    NOTHING = 0,
};

static const struct rule {
    uint8_t makes;    /* facts of the result ... */
    uint8_t copies;   /* ... and those that it has if the inputs from 1 on have them */
    uint8_t checks;   /* facts of the result and all inputs behind it */
    uint8_t needs[2]; /* facts of inputs 1 and 2 without which it is not replaced */
    uint16_t by;      /* 0: by none */
    uint16_t checked; /* the same if all inputs have the facts that it checks */
} rules[UOP_TEMPLATE_COUNT] = {
#define SCALAR(op)   [UOP_##op] = {.makes = REST_0}
#define SCALAR_N(op) [UOP_##op] = {.makes = REST_0, .copies = NUMBER_D}
#define SCALAR_Z(op)                                                                               \
    [UOP_##op] = {.makes = REST_0, .copies = NUMBER_D, .needs = {REST_0}, .by = UOP_##op##_z}
#define FUSED_Z(op)                                                                                \
    [UOP_##op] = {.makes = REST_0,                                                                 \
                  .checks = NUMBER_D,                                                              \
                  .needs = {REST_0},                                                               \
                  .by = UOP_##op##_z,                                                              \
                  .checked = UOP_##op##_n}
#define INTEGER(op)   [UOP_##op] = {.makes = REST_0 | NUMBER_D}
#define SCALAR_S(op)  [UOP_##op] = {.makes = REST_0 | REST_S}
#define SCALAR_SN(op) [UOP_##op] = {.makes = REST_0 | REST_S, .copies = NUMBER_S}
#define SCALAR_S_Z(op)                                                                             \
    [UOP_##op] = {                                                                                 \
        .makes = REST_0 | REST_S, .copies = NUMBER_S, .needs = {REST_S}, .by = UOP_##op##_z}
#define FUSED_S(op)                                                                                \
    [UOP_##op] = {                                                                                 \
        .makes = REST_0 | REST_S, .checks = NUMBER_S, .needs = {REST_S}, .checked = UOP_##op##_n}
#define INTEGER_S(op) [UOP_##op] = {.makes = REST_0 | REST_S | NUMBER_S}
#define SINGLE_Z(op)  [UOP_##op] = {.makes = REST_0 | SINGLE}
#define SINGLES(op)                                                                                \
    [UOP_##op##_single] = {                                                                        \
        .makes = REST_0 | SINGLE, .needs = {REST_0 | SINGLE, SINGLE}, .by = UOP_##op##_singles}
    SCALAR_Z(fadd_d),
    SCALAR_Z(fsub_d),
    SCALAR_Z(fmul_d),
    SCALAR_Z(fdiv_d),
    FUSED_Z(fmadd_d),
    FUSED_Z(fmsub_d),
    FUSED_Z(fnmadd_d),
    FUSED_Z(fnmsub_d),
    FUSED_Z(fma_neg_d),
    FUSED_Z(fms_neg_d),
    SCALAR_N(fsqrt_d),
    SCALAR_N(fnmul_d),
    SCALAR(fcsel_d),
    SCALAR(ldv64),
    SCALAR(ldv64x0),
    SCALAR(ldv64x),
    SCALAR(ld_double_swap),
    SCALAR(fmov_x_to_d),
    SCALAR(v_high64),
    INTEGER(scvtf_d),
    INTEGER(scvtf_x_to_d),
    INTEGER(scvtf_w_to_d),
    INTEGER(ucvtf_x_to_d),
    INTEGER(ucvtf_w_to_d),
    SCALAR_S_Z(fadd_s),
    SCALAR_S_Z(fsub_s),
    SCALAR_S_Z(fmul_s),
    SCALAR_S_Z(fdiv_s),
    FUSED_S(fmadd_s),
    FUSED_S(fmsub_s),
    FUSED_S(fnmadd_s),
    FUSED_S(fnmsub_s),
    SCALAR_SN(fsqrt_s),
    SCALAR_SN(fnmul_s),
    SCALAR_SN(fabs_s),
    SCALAR_SN(fneg_s),
    SCALAR_S(fcsel_s),
    SCALAR_S(fmov_w_to_s),
    SCALAR_S(fcvt_d_to_s),
    INTEGER_S(scvtf_x_to_s),
    INTEGER_S(scvtf_w_to_s),
    INTEGER_S(ucvtf_x_to_s),
    INTEGER_S(ucvtf_w_to_s),
    SCALAR_S(ld_single_swap),
    SCALAR_S(ldv32),
    SCALAR_S(ldv32x0),
    SCALAR_S(ldv32x),
    SINGLES(fadd),
    SINGLES(fsub),
    SINGLES(fmul),
    SINGLES(fdiv),
    SINGLE_Z(fsqrt_single),
    SINGLE_Z(fround_single),
    SINGLE_Z(fma_single),
    SINGLE_Z(fms_single),
    SINGLE_Z(fma_neg_single),
    SINGLE_Z(fms_neg_single),
    SINGLE_Z(scvtf_d_single),
    [UOP_fcvt_s_to_d] = {.makes = REST_0 | SINGLE, .needs = {REST_S}, .by = UOP_fcvt_s_to_d_z},
#define ZERO REST_0 | REST_S | SINGLE | NUMBER_D | NUMBER_S
#define SIGN .makes = REST_0, .copies = SINGLE | NUMBER_D
    [UOP_fmov_zero] = {.makes = ZERO},
    [UOP_v_zero] = {.makes = ZERO},
    [UOP_fmov_s] = {.makes = REST_0 | REST_S,
                    .copies = NUMBER_S,
                    .needs = {REST_S},
                    .by = UOP_v_mov},
    [UOP_fmov_d] = {SIGN, .needs = {REST_0}, .by = UOP_v_mov},
    [UOP_fneg_d] = {SIGN, .needs = {REST_0}, .by = UOP_fneg_d_z},
    [UOP_fabs_d] = {SIGN},
    [UOP_fnabs_d] = {SIGN},
    [UOP_v_mov] = {.copies = REST_0 | REST_S | SINGLE | NUMBER_D | NUMBER_S},
    [UOP_single_bits] = {.needs = {SINGLE}, .by = UOP_singles_bits},
};

static uint8_t *fact_of(uint8_t *facts, struct opnd o)
{
    return o.kind == OPND_V ? &facts[o.v] : o.kind == OPND_VT ? &facts[VT_SLOT] : NULL;
}

/* Slots whose elements of so many bits have so many zeros at the top. */
struct zeros {
    uint8_t width, count;
};

static void forget(uint8_t *facts, struct zeros *zeros, unsigned scalars)
{
    memset(facts, NOTHING, VCPU_V_SLOTS);
    memset(facts, REST_0, scalars);
    memset(zeros, 0, VCPU_V_SLOTS * sizeof *zeros);
}

/* A shift by an immediate, and an insertion into what it leaves. */
static void note_zeros(struct micro_op *u, struct zeros *zeros)
{
    const struct uop_info *info = &uop_info[u->op];
    unsigned width = u->op == UOP_v_ushr_by_s || u->op == UOP_v_sli_by_s   ? 32
                     : u->op == UOP_v_ushr_by_d || u->op == UOP_v_sli_by_d ? 64
                                                                           : 0;
    bool inserts = u->op == UOP_v_sli_by_s || u->op == UOP_v_sli_by_d;
    struct opnd d = u->n ? u->o[0] : (struct opnd){.kind = OPND_NONE};
    if (inserts && d.kind == OPND_V && zeros[d.v].width == width &&
        zeros[d.v].count + u->o[2].v >= width)
        u->op = width == 32 ? UOP_v_fill_by_s : UOP_v_fill_by_d;
    for (unsigned k = 0; k < u->n; k++)
        if (u->o[k].kind == OPND_V && info->dir[k] != ' ')
            zeros[u->o[k].v].width = 0;
    if (width && !inserts && d.kind == OPND_V)
        zeros[d.v] = (struct zeros){(uint8_t)width, (uint8_t)u->o[2].v};
}

static bool has_vector(const struct micro_op *u)
{
    for (unsigned k = 0; k < u->n; k++)
        if (u->o[k].kind == OPND_V || u->o[k].kind == OPND_VT)
            return true;
    return false;
}

void known_pass(const struct builder *b, struct micro_op *uops, unsigned count)
{
    uint8_t facts[VCPU_V_SLOTS];
    struct zeros zeros[VCPU_V_SLOTS];
    unsigned scalars = b->guest->scalar_slots ? b->guest->scalar_slots() : 0;
    forget(facts, zeros, scalars);
    for (unsigned i = 0; i < count; i++) {
        struct micro_op *u = &uops[i];
        if (join_between(b, i ? uops[i - 1].insn : 0, u->insn))
            forget(facts, zeros, scalars);
        if (u->op >= UOP_TEMPLATE_COUNT) {
            if (u->op == UOP_CALL || u->op == UOP_LINK || u->op == UOP_LINK_INDIRECT)
                forget(facts, zeros, scalars);
            continue;
        }
        if (!has_vector(u)) /* most */
            continue;
        const struct rule *rule = &rules[u->op];
        unsigned all = ~0u;
        bool replace = true;
        for (unsigned k = 1; k < u->n; k++) {
            uint8_t *in = fact_of(facts, u->o[k]);
            unsigned known = in ? *in : NOTHING;
            all &= known;
            if (k <= 2 && (rule->needs[k - 1] & ~known))
                replace = false;
        }
        /* A helper that the block is not left behind may have put a NaN there. */
        bool leaves = u->o[0].kind == OPND_V &&
                      !(u->helper != HELPER_NONE && lower_avoids(b->insn_pc[u->insn]));
        unsigned checks = leaves ? rule->checks : NOTHING;
        for (unsigned k = 1; k < u->n; k++) {
            uint8_t *in = fact_of(facts, u->o[k]);
            if (in)
                *in |= (uint8_t)checks;
        }
        unsigned result = rule->makes | (rule->copies & all) | checks;
        if (!leaves)
            result &= ~(unsigned)(NUMBER_D | NUMBER_S);
        const struct uop_info *info = &uop_info[u->op];
        for (unsigned k = 0; k < u->n; k++) {
            uint8_t *out = fact_of(facts, u->o[k]);
            if (out && info->dir[k] != ' ')
                *out = (uint8_t)(k ? NOTHING : result);
        }
        if (replace && rule->checked && !(rule->checks & ~all) && hostgen_does(rule->checked))
            u->op = rule->checked;
        else if (replace && rule->by && hostgen_does(rule->by))
            u->op = rule->by;
        note_zeros(u, zeros);
    }
}
