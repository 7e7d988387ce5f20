/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AArch64's system call table and kernel interface, for its struct guest. */
#ifndef FERRY_A64_TABLE_H
#define FERRY_A64_TABLE_H

#include "syscall/convert.h"
#include "syscall/syscall.h"

enum { A64_SYSCALL_COUNT = 470 };

/* Fills in the row, if there is one. */
void a64_syscall(uint32_t nr, struct syscall_row *row);
extern const struct syscall_abi a64_abi;

#endif
