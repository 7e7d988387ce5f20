/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of the vector-scalar facility (Power ISA 3.1, Book I, chapter
 * 7): registers from an instruction's fields, and what is emitted for it. */
#ifndef FERRY_PPC_VSX_H
#define FERRY_PPC_VSX_H

#include "translate/ppc/vector.h"

static inline unsigned vsx_t(const struct ppc_insn *f)
{
    return f->tx << 5 | f->rt;
}
static inline unsigned vsx_a(const struct ppc_insn *f)
{
    return f->ax << 5 | f->ra;
}
static inline unsigned vsx_b(const struct ppc_insn *f)
{
    return f->bx << 5 | f->rb;
}

static inline bool vsx_have(const struct ppc_insn *f)
{
    return ppc_has(PPC_VSX) && ppc_isa_level(f->isa);
}

/* A translation function with its check. */
#define VSX(name)                                                                                  \
    bool trans_##name(struct builder *b, const struct ppc_insn *f)                                 \
    {                                                                                              \
        if (!vsx_have(f))                                                                          \
            return false;

/* A micro-op with the exact helper behind it. */
#define VSX_EMIT(b, f, op, ...)                                                                    \
    emit_slow((b), PPC_HELPER_vsx_exact, (f)->raw, 0, 0, (op), __VA_ARGS__)

#endif
