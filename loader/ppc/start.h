/* SPDX-License-Identifier: GPL-2.0-or-later */
/* struct guest's start and auxv for PowerPC; its vDSOs, made by vdso.sh. */
#ifndef FERRY_PPC_START_H
#define FERRY_PPC_START_H

#include "loader/loader.h"

void ppc_start(struct vcpu *cpu);
void ppc_auxv(struct auxv *v);

extern const struct guest_vdso ppc_vdso, ppc64_vdso, ppc64le_vdso;

#endif
