/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the translation files of VMX and VSX share. */
#ifndef FERRY_PPC_VECTOR_H
#define FERRY_PPC_VECTOR_H

#include "translate/ppc/fp.h"

/* The version of the architecture in field isa of the decode tables: 7 for
 * 2.07, 8 for 3.0, 9 for 3.1, 0 for any. */
bool ppc_isa_level(unsigned isa);

/* 16 bytes of storage in order. */
void ppc_emit_load_quad(struct builder *b, unsigned vsr, struct ppc_ea ea);
void ppc_emit_store_quad(struct builder *b, unsigned vsr, struct ppc_ea ea);
/* Two of them, for a pair of registers: vsr is the even one. */
bool ppc_emit_pair(struct builder *b, unsigned vsr, struct ppc_ea ea, bool is_load);

#endif
