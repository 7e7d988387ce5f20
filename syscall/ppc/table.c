/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/ppc/table.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define SYS(nr, name, format)          syscall_fn sys_##name;
#define SYS32(nr, name, format)        syscall_fn sys_##name;
#define SYS64(nr, name, format)        syscall_fn sys_##name;
#define PAIR(nr, name, format, mask)   syscall_fn sys_##name;
#define PAIR32(nr, name, format, mask) syscall_fn sys_##name;
#define NOSYS(nr, name, format)
#define NOSYS32(nr, name, format)
#include "syscall/ppc/table.def"
#undef SYS
#undef SYS32
#undef SYS64
#undef PAIR
#undef PAIR32
#undef NOSYS
#undef NOSYS32

#define SYS(nr, name, format)        SYSCALL_CASE(nr, #name, sys_##name, format, 0)
#define PAIR(nr, name, format, mask) SYSCALL_CASE(nr, #name, sys_##name, format, mask)
#define NOSYS(nr, name, format)      SYSCALL_CASE(nr, #name, NULL, format, 0)

#define SYS32(nr, name, format)        SYS(nr, name, format)
#define PAIR32(nr, name, format, mask) PAIR(nr, name, format, mask)
#define NOSYS32(nr, name, format)      NOSYS(nr, name, format)
#define SYS64(nr, name, format)
void ppc_syscall(uint32_t nr, struct syscall_row *row)
{
    switch (nr) {
#include "syscall/ppc/table.def"
    }
}
#undef SYS32
#undef PAIR32
#undef NOSYS32
#undef SYS64

#define SYS32(nr, name, format)
#define PAIR32(nr, name, format, mask)
#define NOSYS32(nr, name, format)
#define SYS64(nr, name, format) SYS(nr, name, format)
void ppc64_syscall(uint32_t nr, struct syscall_row *row)
{
    switch (nr) {
#include "syscall/ppc/table.def"
    }
}

extern const struct ioctl_abi ppc_ioctl;

/* Headers are those of arch/powerpc/include/uapi/asm/. */

/* fcntl.h */
static const struct flag_map open_flags[] = {
    {0040000, O_DIRECTORY}, {0100000, O_NOFOLLOW},
    {0200000, 0100000}, /* O_LARGEFILE: glibc's is 0 on 64-bit hosts */
    {0400000, O_DIRECT},    {0, 0},
};

/* mman.h */
static const struct flag_map mmap_flags[] = {
    {0x40, MAP_NORESERVE},
    {0x80, MAP_LOCKED},
    {0, 0},
};

/* socket.h */
static const struct flag_map sock_options[] = {
    {16, SO_RCVLOWAT},
    {17, SO_SNDLOWAT},
    {18, SO_RCVTIMEO},
    {19, SO_SNDTIMEO},
    {20, SO_PASSCRED},
    {21, SO_PEERCRED},
    {0, 0},
};

/* stat.h, ipcbuf.h, semdbuf.h, msgbuf.h, shmbuf.h */
#define PERM "key:i uid:I gid:I cuid:I cgid:I mode:I seq:I pad1:I unused1:Q2 "

static const struct structure_row structs32[] = {
    {STRUCT_stat, "dev:L ino:L mode:I nlink:H uid:I gid:I rdev:L size:l blksize:l blocks:l atime:l "
                  "atime_nsec:L mtime:l mtime_nsec:L ctime:l ctime_nsec:L unused:L2"},
    {STRUCT_stat64, "dev:Q ino:Q mode:I nlink:I uid:I gid:I rdev:Q pad2:H size:q blksize:i "
                    "blocks:q atime:i atime_nsec:I mtime:i mtime_nsec:I ctime:i ctime_nsec:I "
                    "unused:I2"},
    {STRUCT_semid, PERM "otime_high:L otime:L ctime_high:L ctime:L nsems:L unused2:L2"},
    {STRUCT_msqid, PERM "stime_high:L stime:L rtime_high:L rtime:L ctime_high:L ctime:L cbytes:L "
                        "qnum:L qbytes:L lspid:i lrpid:i unused2:L2"},
    {STRUCT_shmid, PERM "atime_high:L atime:L dtime_high:L dtime:L ctime_high:L ctime:L unused3:L "
                        "segsz:L cpid:i lpid:i nattch:L unused2:L2"},
    /* linux/sysinfo.h: filled up to 64 bytes */
    {STRUCT_sysinfo, "uptime:l loads:L3 totalram:L freeram:L sharedram:L bufferram:L totalswap:L "
                     "freeswap:L procs:H pad:H totalhigh:L freehigh:L unit:I unused:L2"},
    {0, NULL},
};

static const struct structure_row structs64[] = {
    {STRUCT_stat, "dev:L ino:L nlink:L mode:I uid:I gid:I rdev:L size:l blksize:L blocks:L "
                  "atime:l atime_nsec:L mtime:l mtime_nsec:L ctime:l ctime_nsec:L unused:L3"},
    {STRUCT_semid, PERM "otime:l ctime:l nsems:L unused2:L2"},
    {STRUCT_msqid, PERM "stime:l rtime:l ctime:l cbytes:L qnum:L qbytes:L lspid:i lrpid:i "
                        "unused2:L2"},
    {STRUCT_shmid, PERM "atime:l dtime:l ctime:l segsz:L cpid:i lpid:i nattch:L unused2:L2"},
    {0, NULL},
};

#define PPC_ABI                                                                                    \
    .open_flags = open_flags, .mmap_flags = mmap_flags, .sock_options = sock_options,              \
    .ioctl = &ppc_ioctl, .mcl_current = 0x2000, .mcl_future = 0x4000,                              \
    .mcl_onfault = 0x8000 /* mman.h */

const struct syscall_abi ppc_abi = {
    PPC_ABI, .pairs_aligned = true, .structs = structs32, .minsigstksz = 2048, /* signal.h */
};

const struct syscall_abi ppc64_abi = {
    PPC_ABI,
    .structs = structs64,
    .minsigstksz = 8192,
};
