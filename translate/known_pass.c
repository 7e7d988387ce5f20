/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a block knows of its vector registers.
 *
 * A scalar result leaves 0 in the rest of its register, and a single that is kept as a
 * double has few bits.  Micro-ops that needn't provide for anything else have shorter rows
 * (hostgen/ops/scalar.def, single.def): they take the place of those that must.
 */
#include <string.h>

#include "translate/block.h"

enum fact {
    REST_0 = 1, /* the high 64 bits are 0 */
    SINGLE = 2, /* the low ones are a double that a single can hold */
    NOTHING = 0,
};

static const struct rule {
    uint8_t makes;    /* facts of the result ... */
    uint8_t copies;   /* ... and those that it has if the inputs from 1 on have them */
    uint8_t needs[2]; /* facts of inputs 1 and 2 without which it is not replaced */
    uint16_t by;      /* 0: by none */
} rules[UOP_TEMPLATE_COUNT] = {
#define SCALAR(op)   [UOP_##op] = {.makes = REST_0}
#define SCALAR_Z(op) [UOP_##op] = {.makes = REST_0, .needs = {REST_0}, .by = UOP_##op##_z}
#define SINGLE_Z(op) [UOP_##op] = {.makes = REST_0 | SINGLE}
#define SINGLES(op)                                                                                \
    [UOP_##op##_single] = {                                                                        \
        .makes = REST_0 | SINGLE, .needs = {REST_0 | SINGLE, SINGLE}, .by = UOP_##op##_singles}
    SCALAR_Z(fadd_d),
    SCALAR_Z(fsub_d),
    SCALAR_Z(fmul_d),
    SCALAR_Z(fdiv_d),
    SCALAR_Z(fmadd_d),
    SCALAR_Z(fmsub_d),
    SCALAR_Z(fnmadd_d),
    SCALAR_Z(fnmsub_d),
    SCALAR_Z(fma_neg_d),
    SCALAR_Z(fms_neg_d),
    SCALAR(fsqrt_d),
    SCALAR(ldv64),
    SCALAR(ld_double_swap),
    SCALAR(fmov_x_to_d),
    SCALAR(scvtf_d),
    SCALAR(scvtf_x_to_d),
    SCALAR(scvtf_w_to_d),
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
    SINGLE_Z(fcvt_s_to_d),
    SINGLE_Z(scvtf_d_single),
    SINGLE_Z(fmov_zero),
    [UOP_fmov_d] = {.makes = REST_0, .copies = SINGLE, .needs = {REST_0}, .by = UOP_v_mov},
    [UOP_fneg_d] = {.makes = REST_0, .copies = SINGLE, .needs = {REST_0}, .by = UOP_fneg_d_z},
    [UOP_fabs_d] = {.makes = REST_0, .copies = SINGLE},
    [UOP_fnabs_d] = {.makes = REST_0, .copies = SINGLE},
    [UOP_v_mov] = {.copies = REST_0 | SINGLE},
    [UOP_single_bits] = {.needs = {SINGLE}, .by = UOP_singles_bits},
};

static uint8_t *fact_of(uint8_t *facts, struct opnd o)
{
    return o.kind == OPND_V ? &facts[o.v] : o.kind == OPND_VT ? &facts[VT_SLOT] : NULL;
}

static void forget(uint8_t *facts)
{
    memset(facts, NOTHING, VCPU_V_SLOTS);
}

void known_pass(const struct builder *b, struct micro_op *uops, unsigned count)
{
    uint8_t facts[VCPU_V_SLOTS];
    forget(facts);
    for (unsigned i = 0; i < count; i++) {
        struct micro_op *u = &uops[i];
        if (join_between(b, i ? uops[i - 1].insn : 0, u->insn))
            forget(facts);
        if (u->op >= UOP_TEMPLATE_COUNT) {
            if (u->op == UOP_CALL || u->op == UOP_LINK || u->op == UOP_LINK_INDIRECT)
                forget(facts);
            continue;
        }
        const struct rule *rule = &rules[u->op];
        unsigned makes = rule->copies;
        bool replace = rule->by && hostgen_does(rule->by);
        for (unsigned k = 1; k < u->n; k++) {
            uint8_t *in = fact_of(facts, u->o[k]);
            unsigned known = in ? *in : NOTHING;
            makes &= known;
            if (k <= 2 && (rule->needs[k - 1] & ~known))
                replace = false;
        }
        const struct uop_info *info = &uop_info[u->op];
        for (unsigned k = 0; k < u->n; k++) {
            uint8_t *out = fact_of(facts, u->o[k]);
            if (out && info->dir[k] != ' ')
                *out = (uint8_t)(k ? NOTHING : rule->makes | makes);
        }
        if (replace)
            u->op = rule->by;
    }
}
