/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VSX logic, permutation, and moves to and from general registers (Power ISA 3.1,
 * Book I, 7.6.1.7 on). */
#include "translate/ppc/vsx.h"

#define LOGIC(name, op)                                                                            \
    VSX(name)                                                                                      \
    emit(b, UOP_##op, V(vsx_t(f)), V(vsx_a(f)), V(vsx_b(f)));                                      \
    return true;                                                                                   \
    }
LOGIC(XXLAND, v_and)
LOGIC(XXLANDC, v_bic)
LOGIC(XXLORC, v_orn)
LOGIC(XXLNOR, v_nor)
LOGIC(XXLNAND, v_nand)
LOGIC(XXLEQV, v_eqv)
LOGIC(XXMRGHW, zip_left_s)
LOGIC(XXMRGLW, zip_right_s)

/* Moves and zeros as compilers write them. */
VSX(XXLOR)
if (vsx_a(f) == vsx_b(f))
    emit(b, UOP_v_mov, V(vsx_t(f)), V(vsx_a(f)));
else
    emit(b, UOP_v_orr, V(vsx_t(f)), V(vsx_a(f)), V(vsx_b(f)));
return true;
}

VSX(XXLXOR)
if (vsx_a(f) == vsx_b(f))
    emit(b, UOP_v_zero, V(vsx_t(f)));
else
    emit(b, UOP_v_eor, V(vsx_t(f)), V(vsx_a(f)), V(vsx_b(f)));
return true;
}

VSX(XXSEL)
emit(b, UOP_v_select, V(vsx_t(f)), V(f->cx << 5 | f->rc5), V(vsx_b(f)), V(vsx_a(f)));
return true;
}

/* The permuted register pair is A and T. */
VSX(XXPERM)
VSX_EMIT(b, f, UOP_v_permute, V(vsx_t(f)), V(vsx_a(f)), V(vsx_t(f)), V(vsx_b(f)));
return true;
}

VSX(XXPERMR)
VSX_EMIT(b, f, UOP_v_permute_right, V(vsx_t(f)), V(vsx_a(f)), V(vsx_t(f)), V(vsx_b(f)));
return true;
}

VSX(XXPERMDI)
static const uint16_t rows[] = {UOP_v_join64, UOP_v_join_01, UOP_v_join_10, UOP_v_zip2_d};
if (vsx_a(f) == vsx_b(f) && f->dm == 2)
    emit(b, UOP_v_swap64, V(vsx_t(f)), V(vsx_a(f)));
else
    emit(b, rows[f->dm], V(vsx_t(f)), V(vsx_a(f)), V(vsx_b(f)));
return true;
}

VSX(XXSLDWI)
emit(b, UOP_v_concat_s, V(vsx_t(f)), V(vsx_a(f)), V(vsx_b(f)), I(f->shw));
return true;
}

VSX(XXSPLTW)
emit(b, UOP_v_dup_s, V(vsx_t(f)), V(vsx_b(f)), I(f->uim ^ 1));
return true;
}

VSX(XXSPLTIB)
if (f->imm8)
    emit(b, UOP_v_const_s, V(vsx_t(f)), I(f->imm8 * 0x01010101u));
else
    emit(b, UOP_v_zero, V(vsx_t(f)));
return true;
}

/* ---- Byte reversal ---- */

VSX(XXBRH)
emit(b, UOP_v_rev16_b, V(vsx_t(f)), V(vsx_b(f)));
return true;
}

VSX(XXBRW)
emit(b, UOP_v_rev32_b, V(vsx_t(f)), V(vsx_b(f)));
return true;
}

VSX(XXBRD)
emit(b, UOP_v_rev64_b, V(vsx_t(f)), V(vsx_b(f)));
return true;
}

VSX(XXBRQ)
emit(b, UOP_v_rev64_b, V(vsx_t(f)), V(vsx_b(f)));
emit(b, UOP_v_swap64, V(vsx_t(f)), V(vsx_t(f)));
return true;
}

/* ---- General registers (7.6.1.10): field rt is the VSR, with tx ---- */

VSX(MFVSRD)
emit(b, UOP_fmov_d_to_x, G(f->ra), V(vsx_t(f)));
return true;
}

VSX(MFVSRWZ)
emit(b, UOP_fmov_s_to_w, G(f->ra), V(vsx_t(f)));
return true;
}

VSX(MFVSRLD)
emit(b, UOP_fmov_top_to_x, G(f->ra), V(vsx_t(f)));
return true;
}

VSX(MTVSRD)
emit(b, UOP_fmov_x_to_d, V(vsx_t(f)), G(f->ra));
return true;
}

VSX(MTVSRWA)
emit(b, UOP_sext32_64, T(0), G(f->ra));
emit(b, UOP_fmov_x_to_d, V(vsx_t(f)), T(0));
return true;
}

VSX(MTVSRWZ)
emit(b, UOP_fmov_w_to_s, V(vsx_t(f)), G(f->ra));
return true;
}

VSX(MTVSRWS)
emit(b, UOP_v_spread_s, V(vsx_t(f)), G(f->ra));
return true;
}

/* RA, or 0, and RB. */
VSX(MTVSRDD)
if (f->ra) {
    emit(b, UOP_fmov_x_to_d, VT(0), G(f->ra));
} else {
    emit(b, UOP_mov64, T(0), I(0));
    emit(b, UOP_fmov_x_to_d, VT(0), T(0));
}
emit(b, UOP_v_ins_d, VT(0), G(f->rb), I(1));
emit(b, UOP_v_mov, V(vsx_t(f)), VT(0));
return true;
}
