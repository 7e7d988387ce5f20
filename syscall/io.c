/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that move data through descriptors. */
#include <limits.h>
#include <sys/uio.h>

#include "signal/signal.h"
#include "syscall/convert.h"
#include "syscall/host_numbers.h"
#include "syscall/iovec.h"
#include "syscall/syscall.h"

bool iovec_make_writable(uint64_t gva, uint64_t count)
{
    bool opened = false;

    if (count > IOV_MAX)
        return false;
    for (uint64_t i = 0; i < count; i++) {
        struct iovec v;

        if (guest_read(&v, gva + i * sizeof(v), sizeof(v)))
            break;
        if (v.iov_len)
            opened |= vm_make_writable((uint64_t)v.iov_base, v.iov_len);
    }
    return opened;
}

/* A host call that fills the buffers of the iovec at a[1]. */
#define READ_VECTOR(call)                                                                          \
    int64_t r = call;                                                                              \
                                                                                                   \
    if (r == -EFAULT && iovec_make_writable(a[1], a[2]))                                           \
        r = call;                                                                                  \
    return r;

SYSCALL(read)
{
    return safe_syscall(SYS_read, a[0], guest_arg(a[1]), a[2]);
}

SYSCALL(write)
{
    return safe_syscall(SYS_write, a[0], guest_arg(a[1]), a[2]);
}

SYSCALL(pread64)
{
    return safe_syscall(SYS_pread64, a[0], guest_arg(a[1]), a[2], a[3]);
}

SYSCALL(pwrite64)
{
    return safe_syscall(SYS_pwrite64, a[0], guest_arg(a[1]), a[2], a[3]);
}

SYSCALL(readv){READ_VECTOR(safe_syscall(SYS_readv, a[0], guest_arg(a[1]), a[2]))}

SYSCALL(writev)
{
    return safe_syscall(SYS_writev, a[0], guest_arg(a[1]), a[2]);
}

/* The offset has a low and a high half; on 64 bits the low one is all of it. */
SYSCALL(preadv){READ_VECTOR(safe_syscall(SYS_preadv, a[0], guest_arg(a[1]), a[2], a[3], a[4]))}

SYSCALL(pwritev)
{
    return safe_syscall(SYS_pwritev, a[0], guest_arg(a[1]), a[2], a[3], a[4]);
}

SYSCALL(preadv2){
    READ_VECTOR(safe_syscall(SYS_preadv2, a[0], guest_arg(a[1]), a[2], a[3], a[4], a[5]))}

SYSCALL(pwritev2)
{
    return safe_syscall(SYS_pwritev2, a[0], guest_arg(a[1]), a[2], a[3], a[4], a[5]);
}

SYSCALL(sendfile)
{
    return safe_syscall(SYS_sendfile, a[0], a[1], guest_arg(a[2]), a[3]);
}

SYSCALL(splice)
{
    return safe_syscall(SYS_splice, a[0], guest_arg(a[1]), a[2], guest_arg(a[3]), a[4], a[5]);
}

SYSCALL(tee)
{
    return safe_syscall(SYS_tee, a[0], a[1], a[2], a[3]);
}

SYSCALL(vmsplice){READ_VECTOR(safe_syscall(SYS_vmsplice, a[0], guest_arg(a[1]), a[2], a[3]))}

SYSCALL(copy_file_range)
{
    return safe_syscall(SYS_copy_file_range, a[0], guest_arg(a[1]), a[2], guest_arg(a[3]), a[4],
                        a[5]);
}

SYSCALL(lseek)
{
    return host_syscall(SYS_lseek, a[0], a[1], a[2]);
}

SYSCALL(getdents64)
{
    return host_syscall(SYS_getdents64, a[0], guest_arg(a[1]), a[2]);
}

SYSCALL(ftruncate)
{
    return host_syscall(SYS_ftruncate, a[0], a[1]);
}

SYSCALL(fallocate)
{
    return safe_syscall(SYS_fallocate, a[0], a[1], a[2], a[3]);
}

SYSCALL(fadvise64)
{
    return host_syscall(SYS_fadvise64, a[0], a[1], a[2], a[3]);
}

SYSCALL(readahead)
{
    return host_syscall(SYS_readahead, a[0], a[1], a[2]);
}

SYSCALL(fsync)
{
    return host_syscall(SYS_fsync, a[0]);
}

SYSCALL(fdatasync)
{
    return host_syscall(SYS_fdatasync, a[0]);
}

SYSCALL(sync)
{
    return host_syscall(SYS_sync);
}

SYSCALL(syncfs)
{
    return host_syscall(SYS_syncfs, a[0]);
}

SYSCALL(sync_file_range)
{
    return host_syscall(SYS_sync_file_range, a[0], a[1], a[2], a[3]);
}

SYSCALL(cachestat)
{
    return host_syscall(SYS_cachestat, a[0], guest_arg(a[1]), guest_arg(a[2]), a[3]);
}

SYSCALL(getrandom)
{
    return safe_syscall(SYS_getrandom, guest_arg(a[0]), a[1], a[2]);
}

/* ---- native asynchronous input and output ---- */

SYSCALL(io_setup)
{
    return host_syscall(SYS_io_setup, a[0], guest_arg(a[1]));
}

SYSCALL(io_destroy)
{
    return host_syscall(SYS_io_destroy, a[0]);
}

SYSCALL(io_submit)
{
    return host_syscall(SYS_io_submit, a[0], a[1], guest_arg(a[2]));
}

SYSCALL(io_cancel)
{
    return host_syscall(SYS_io_cancel, a[0], guest_arg(a[1]), guest_arg(a[2]));
}

SYSCALL(io_getevents)
{
    return safe_syscall(SYS_io_getevents, a[0], a[1], a[2], guest_arg(a[3]), guest_arg(a[4]));
}
