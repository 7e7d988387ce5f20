/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that move data through descriptors. */
#include <limits.h>
#include <sys/uio.h>

#include "syscall/convert.h"
#include "syscall/host_numbers.h"
#include "syscall/iovec.h"
#include "syscall/pass.h"

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

/* Fills the buffers of the iovec at a[1]. */
#define PASS_READ_VECTOR(name)                                                                     \
    SYSCALL(name)                                                                                  \
    {                                                                                              \
        int64_t r;                                                                                 \
                                                                                                   \
        do                                                                                         \
            r = safe_syscall(SYS_##name, a[0], guest_arg(a[1]), a[2], a[3], a[4], a[5]);           \
        while (r == -EFAULT && iovec_make_writable(a[1], a[2]));                                   \
        return r;                                                                                  \
    }

PASS_SLEEP(read, P1)
PASS_SLEEP(write, P1)
PASS_SLEEP(pread64, P1)
PASS_SLEEP(pwrite64, P1)

PASS_READ_VECTOR(readv)

PASS_SLEEP(writev, P1)

PASS_READ_VECTOR(preadv)

PASS_SLEEP(pwritev, P1)

PASS_READ_VECTOR(preadv2)

PASS_SLEEP(pwritev2, P1)
PASS_SLEEP(sendfile, P2)
PASS_SLEEP(splice, P1 | P3)
PASS_SLEEP(tee, 0)

PASS_READ_VECTOR(vmsplice)

PASS_SLEEP(copy_file_range, P1 | P3)
PASS(lseek, 0)
PASS(ftruncate, 0)
PASS_SLEEP(fallocate, 0)
PASS(fadvise64, 0)
PASS(readahead, 0)
PASS(fsync, 0)
PASS(fdatasync, 0)
PASS(sync, 0)
PASS(syncfs, 0)
PASS(sync_file_range, 0)
PASS(cachestat, P1 | P2)
/* Never interrupted once the kernel has gathered entropy. */
PASS(getrandom, P0)

/* ---- native asynchronous input and output ---- */

PASS(io_setup, P1)
PASS(io_destroy, 0)
PASS(io_submit, P2)
PASS(io_cancel, P1 | P2)
PASS_SLEEP(io_getevents, P3 | P4)
