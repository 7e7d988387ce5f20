/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/ppc/table.h"

#include <sys/stat.h>

#define SYS(nr, name, format) syscall_fn sys_##name;
#include "syscall/ppc/table.def"
#undef SYS

#define SYS(nr, name, format) [nr] = {#name, sys_##name, format},
const struct syscall_row ppc_syscalls[PPC_SYSCALL_COUNT] = {
#include "syscall/ppc/table.def"
};
const struct syscall_row ppc64_syscalls[PPC_SYSCALL_COUNT] = {
#include "syscall/ppc/table.def"
};
#undef SYS

/* arch/powerpc/include/uapi/asm/stat.h */
static const struct layout_field stat64_fields[] = {
    LAYOUT_FIELD(struct stat, st_dev, 0, 8),
    LAYOUT_FIELD(struct stat, st_ino, 8, 8),
    LAYOUT_FIELD(struct stat, st_nlink, 16, 8),
    LAYOUT_FIELD(struct stat, st_mode, 24, 4),
    LAYOUT_FIELD(struct stat, st_uid, 28, 4),
    LAYOUT_FIELD(struct stat, st_gid, 32, 4),
    LAYOUT_FIELD(struct stat, st_rdev, 40, 8),
    LAYOUT_FIELD(struct stat, st_size, 48, 8),
    LAYOUT_FIELD(struct stat, st_blksize, 56, 8),
    LAYOUT_FIELD(struct stat, st_blocks, 64, 8),
    LAYOUT_FIELD(struct stat, st_atim.tv_sec, 72, 8),
    LAYOUT_FIELD(struct stat, st_atim.tv_nsec, 80, 8),
    LAYOUT_FIELD(struct stat, st_mtim.tv_sec, 88, 8),
    LAYOUT_FIELD(struct stat, st_mtim.tv_nsec, 96, 8),
    LAYOUT_FIELD(struct stat, st_ctim.tv_sec, 104, 8),
    LAYOUT_FIELD(struct stat, st_ctim.tv_nsec, 112, 8),
};

const struct syscall_abi ppc_abi = {.swap = true};
const struct syscall_abi ppc64_abi = {.swap = true,
                                      .stat = LAYOUT(struct stat, stat64_fields, 144)};
const struct syscall_abi ppc64le_abi = {.stat = LAYOUT(struct stat, stat64_fields, 144)};
