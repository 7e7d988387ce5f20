/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PowerPC's system call tables and kernel interface, for its guests. */
#ifndef FERRY_PPC_TABLE_H
#define FERRY_PPC_TABLE_H

#include "syscall/convert.h"
#include "syscall/syscall.h"

enum { PPC_SYSCALL_COUNT = 470 };

/* They fill in the row, if there is one. */
void ppc_syscall(uint32_t nr, struct syscall_row *row);
void ppc64_syscall(uint32_t nr, struct syscall_row *row);
extern const struct syscall_abi ppc_abi, ppc64_abi;

#endif
