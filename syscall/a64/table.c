/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/a64/table.h"

#include <fcntl.h>
#include <sys/mman.h>

#define SYS(nr, name, format) syscall_fn sys_##name;
#define NOSYS(nr, name, format)
#include "syscall/a64/table.def"
#undef SYS
#undef NOSYS

void a64_syscall(uint32_t nr, struct syscall_row *row)
{
    switch (nr) {
#define SYS(nr, name, format)   SYSCALL_CASE(nr, #name, sys_##name, format, 0)
#define NOSYS(nr, name, format) SYSCALL_CASE(nr, #name, NULL, format, 0)
#include "syscall/a64/table.def"
#undef SYS
#undef NOSYS
    }
}

/* arch/arm64/include/uapi/asm/fcntl.h */
static const struct flag_map open_flags[] = {
    {0040000, O_DIRECTORY},
    {0100000, O_NOFOLLOW},
    {0200000, O_DIRECT},
    {0400000, 0100000}, /* O_LARGEFILE: glibc's is 0 on 64-bit hosts */
    {0, 0},
};

/* include/uapi/asm-generic/stat.h */
#define STAT                                                                                       \
    "dev:L ino:L mode:I nlink:I uid:I gid:I rdev:L pad1:L size:l blksize:i pad2:i blocks:l "       \
    "atime:l atime_nsec:L mtime:l mtime_nsec:L ctime:l ctime_nsec:L unused:I2"

/* Of System V's, the host has its own. */
#define PERM "key:i uid:I gid:I cuid:I cgid:I mode:I seq:H pad1:H @ unused1:L2 "

static const struct structure_row structs[] = {
    {STRUCT_stat, STAT},
    {STRUCT_semid, PERM "otime:l ctime:l nsems:L unused2:L2"},
    {0, NULL},
};

const struct syscall_abi a64_abi = {
    .open_flags = open_flags,
    .structs = structs,
    .mcl_current = MCL_CURRENT,
    .mcl_future = MCL_FUTURE,
    .mcl_onfault = MCL_ONFAULT,
    .minsigstksz = 5120, /* arch/arm64/include/uapi/asm/signal.h */
};
