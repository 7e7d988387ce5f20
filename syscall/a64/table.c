/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/a64/table.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#define SYS(nr, name, format) syscall_fn sys_##name;
#define NOSYS(nr, name, format)
#include "syscall/a64/table.def"
#undef SYS
#undef NOSYS

const struct syscall_row a64_syscalls[A64_SYSCALL_COUNT] = {
#define SYS(nr, name, format)   [nr] = {#name, sys_##name, format},
#define NOSYS(nr, name, format) [nr] = {#name, NULL, format},
#include "syscall/a64/table.def"
#undef SYS
#undef NOSYS
};

/* arch/arm64/include/uapi/asm/fcntl.h */
static const struct flag_map open_flags[] = {
    {0040000, O_DIRECTORY},
    {0100000, O_NOFOLLOW},
    {0200000, O_DIRECT},
    {0400000, 0100000}, /* O_LARGEFILE: glibc's is 0 on 64-bit hosts */
    {0, 0},
};

/* include/uapi/asm-generic/stat.h */
static const struct layout_field stat_fields[] = {
    LAYOUT_FIELD(struct stat, st_dev, 0, 8),
    LAYOUT_FIELD(struct stat, st_ino, 8, 8),
    LAYOUT_FIELD(struct stat, st_mode, 16, 4),
    LAYOUT_FIELD(struct stat, st_nlink, 20, 4),
    LAYOUT_FIELD(struct stat, st_uid, 24, 4),
    LAYOUT_FIELD(struct stat, st_gid, 28, 4),
    LAYOUT_FIELD(struct stat, st_rdev, 32, 8),
    LAYOUT_FIELD(struct stat, st_size, 48, 8),
    LAYOUT_FIELD(struct stat, st_blksize, 56, 4),
    LAYOUT_FIELD(struct stat, st_blocks, 64, 8),
    LAYOUT_FIELD(struct stat, st_atim.tv_sec, 72, 8),
    LAYOUT_FIELD(struct stat, st_atim.tv_nsec, 80, 8),
    LAYOUT_FIELD(struct stat, st_mtim.tv_sec, 88, 8),
    LAYOUT_FIELD(struct stat, st_mtim.tv_nsec, 96, 8),
    LAYOUT_FIELD(struct stat, st_ctim.tv_sec, 104, 8),
    LAYOUT_FIELD(struct stat, st_ctim.tv_nsec, 112, 8),
};

/* Packed on x86 only. */
static const struct layout_field epoll_event_fields[] = {
    LAYOUT_FIELD(struct epoll_event, events, 0, 4),
    LAYOUT_FIELD(struct epoll_event, data.u64, 8, 8),
};

const struct syscall_abi a64_abi = {
    .swap = false,
    .open_flags = open_flags,
    .stat = LAYOUT(struct stat, stat_fields, 128),
    .epoll_event = LAYOUT(struct epoll_event, epoll_event_fields, 16),
};
