/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prefixed instructions (3.1, Book I, 1.6.3).  Most are a word instruction
 * whose displacement the prefix makes longer: that word is translated with
 * ppc_prefix set.
 */
#include "translate/ppc/ppc.h"

enum { TYPE_8LS, TYPE_8RR, TYPE_MLS, TYPE_MRR };

static unsigned opcode(uint32_t word)
{
    return word >> 26;
}

static bool mls(struct builder *b, const struct ppc_insn *f)
{
    switch (opcode(f->raw)) {
    case 14:
        return trans_ADDI(b, f);
    case 32:
        return trans_LWZ(b, f);
    case 34:
        return trans_LBZ(b, f);
    case 36:
        return trans_STW(b, f);
    case 38:
        return trans_STB(b, f);
    case 40:
        return trans_LHZ(b, f);
    case 42:
        return trans_LHA(b, f);
    case 44:
        return trans_STH(b, f);
    default:
        return ppc_prefixed_fp(b, f);
    }
}

static bool eight_byte(struct builder *b, const struct ppc_insn *f)
{
    switch (opcode(f->raw)) {
    case 41:
        return trans_LWA(b, f);
    case 56:
        return ppc_prefixed_quad(b, f, false);
    case 60:
        return ppc_prefixed_quad(b, f, true);
    case 57:
        return trans_LD(b, f);
    case 61:
        return trans_STD(b, f);
    default:
        return ppc_prefixed_vsx(b, f);
    }
}

bool trans_PREFIX(struct builder *b, const struct ppc_insn *f)
{
    uint32_t prefix = f->raw, suffix = builder_peek32(b);
    unsigned type = prefix >> 24 & 3;
    bool done = false;
    /* It may not cross a 64-byte boundary. */
    if (!ppc_has(PPC_ISA_310) || !ppc_is64(b) || (builder_pc(b) & 63) == 60)
        return false;
    struct ppc_insn g = {
        .raw = suffix, .rt = suffix >> 21 & 31, .ra = suffix >> 16 & 31, .d = (int16_t)suffix};
    /* The length first, as it is needed where the next instruction is. */
    builder_take_next(b);
    if (type == TYPE_MLS || type == TYPE_8LS) {
        bool pc_relative = prefix >> 20 & 1;
        if ((prefix & 0x00ec0000) || (pc_relative && g.ra))
            return false;
        ppc_prefix = (struct ppc_prefix){
            .active = true, .pc_relative = pc_relative, .high = (int32_t)(prefix << 14) >> 14};
        done = type == TYPE_MLS ? mls(b, &g) : eight_byte(b, &g);
        ppc_prefix.active = false;
    } else if (type == TYPE_MRR && (prefix & 0x03ffffff) == 0x03000000) {
        done = true; /* pnop: the suffix is not looked at */
    } else if (type == TYPE_8RR) {
        done = ppc_prefixed_vector(b, prefix, &g);
    }
    return done;
}
