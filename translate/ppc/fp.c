/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating point as the rest of the front end sees it. */
#include "translate/ppc/ppc.h"

bool ppc_prefixed_fp(struct builder *b, const struct ppc_insn *f)
{
    (void)b;
    (void)f;
    return false;
}

bool ppc_prefixed_vsx(struct builder *b, const struct ppc_insn *f)
{
    (void)b;
    (void)f;
    return false;
}

bool ppc_prefixed_vector(struct builder *b, uint32_t prefix, const struct ppc_insn *f)
{
    (void)b;
    (void)prefix;
    (void)f;
    return false;
}
