/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AArch64's system call table and kernel interface, for its struct guest. */
#ifndef FERRY_A64_TABLE_H
#define FERRY_A64_TABLE_H

#include "syscall/convert.h"
#include "syscall/syscall.h"

extern const struct syscall_row a64_syscalls[];
extern const unsigned a64_syscall_count;
extern const struct syscall_abi a64_abi;

#endif
