/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that move data through descriptors. */
#include <limits.h>
#include <sys/uio.h>

#include "syscall/convert.h"
#include "syscall/fds.h"
#include "syscall/host_numbers.h"
#include "syscall/iovec.h"
#include "syscall/pass.h"
#include "syscall/stream.h"

bool iovec_make_writable(const struct guest *g, uint64_t gva, uint64_t count)
{
    bool opened = false;

    if (count > IOV_MAX)
        return false;
    for (uint64_t i = 0; i < count; i++) {
        struct iovec v;

        if (struct_read(g, STRUCT_iovec, &v, gva + i * struct_size(g, STRUCT_iovec)))
            break;
        if (v.iov_len)
            opened |= vm_make_writable((uint64_t)v.iov_base, v.iov_len);
    }
    return opened;
}

/* The vector at a[1]. */
static int64_t pass_vector(struct vcpu *cpu, long nr, const uint64_t a[6])
{
    static const struct pass vector = IN_ARRAY(1, iovec, 2);

    return a[2] > IOV_MAX ? -EINVAL : pass_call(cpu, safe_syscall_raw, nr, a, 0, &vector, 1);
}

/* Fills its buffers. */
static int64_t read_vector(struct vcpu *cpu, long nr, const uint64_t a[6])
{
    int64_t r;

    do
        r = pass_vector(cpu, nr, a);
    while (r == -EFAULT && iovec_make_writable(cpu->guest, a[1], a[2]));
    if (r > 0 && guest_swaps(cpu->guest))
        stream_vector_to_guest(cpu, (int)a[0], a[1], a[2], (uint64_t)r);
    return r;
}

/* 32-bit guests pass the offset in two halves, the lower one first. */
#define WHOLE_OFFSET(cpu, a)                                                                       \
    {                                                                                              \
        a[0], a[1], a[2], guest_word((cpu)->guest) == 4 ? a[3] | a[4] << 32 : a[3], 0, a[5]        \
    }

SYSCALL(read)
{
    int64_t r = safe_syscall(SYS_read, a[0], guest_arg(a[1]), a[2]);

    if (r > 0 && guest_swaps(cpu->guest))
        stream_to_guest(cpu, (int)a[0], a[1], (uint64_t)r);
    return r;
}

SYSCALL(write)
{
    uint64_t number;

    if (guest_swaps(cpu->guest) && a[2] == sizeof number && stream_is_counter((int)a[0])) {
        if (struct_read(cpu->guest, STRUCT_u64, &number, a[1]))
            return -EFAULT;
        return safe_syscall(SYS_write, a[0], &number, sizeof number);
    }
    if (guest_swaps(cpu->guest) && stream_is_netlink((int)a[0]))
        return stream_send(cpu, (int)a[0], a[1], a[2], 0, NULL, 0);
    return safe_syscall(SYS_write, a[0], guest_arg(a[1]), a[2]);
}

PASS_SLEEP(pread64, P1)
PASS_SLEEP(pwrite64, P1)

SYSCALL(readv)
{
    return read_vector(cpu, SYS_readv, a);
}

SYSCALL(writev)
{
    return pass_vector(cpu, SYS_writev, a);
}

SYSCALL(preadv)
{
    const uint64_t h[6] = WHOLE_OFFSET(cpu, a);

    return read_vector(cpu, SYS_preadv, h);
}

SYSCALL(pwritev)
{
    const uint64_t h[6] = WHOLE_OFFSET(cpu, a);

    return pass_vector(cpu, SYS_pwritev, h);
}

SYSCALL(preadv2)
{
    const uint64_t h[6] = WHOLE_OFFSET(cpu, a);

    return read_vector(cpu, SYS_preadv2, h);
}

SYSCALL(pwritev2)
{
    const uint64_t h[6] = WHOLE_OFFSET(cpu, a);

    return pass_vector(cpu, SYS_pwritev2, h);
}

SYSCALL(vmsplice)
{
    int64_t r;

    do
        r = pass_vector(cpu, SYS_vmsplice, a);
    while (r == -EFAULT && iovec_make_writable(cpu->guest, a[1], a[2]));
    return r;
}

CALL_SLEEP(sendfile, 0, INOUT(2, long))
CALL_SLEEP_AS(sendfile64, sendfile, 0, INOUT(2, u64))
CALL_SLEEP(splice, 0, INOUT(1, u64), INOUT(3, u64))
PASS_SLEEP(tee, 0)
CALL_SLEEP(copy_file_range, 0, INOUT(1, u64), INOUT(3, u64))

/* An offset of 32 bits has a sign. */
static int64_t offset_arg(const struct vcpu *cpu, uint64_t v)
{
    return guest_word(cpu->guest) == 4 ? (int32_t)v : (int64_t)v;
}

SYSCALL(lseek)
{
    uint64_t to = (uint64_t)offset_arg(cpu, a[1]);
    int64_t r;

    if ((int)a[2] == SEEK_SET)
        to = position_to_host(cpu->guest, (int)a[0], to);
    r = host_syscall(SYS_lseek, a[0], to, a[2]);

    return guest_word(cpu->guest) == 4 && r > INT32_MAX ? -EOVERFLOW : r;
}

SYSCALL(_llseek)
{
    uint64_t to = a[1] << 32 | (uint32_t)a[2];
    int64_t r;

    if ((int)a[4] == SEEK_SET)
        to = position_to_host(cpu->guest, (int)a[0], to);
    r = host_syscall(SYS_lseek, a[0], to, a[4]);

    if (r < 0)
        return r;
    return struct_write(cpu->guest, STRUCT_u64, &r, a[3]);
}

SYSCALL(ftruncate)
{
    return host_syscall(SYS_ftruncate, a[0], offset_arg(cpu, a[1]));
}

SYSCALL(ftruncate64)
{
    return host_syscall(SYS_ftruncate, a[0], a[1]);
}

/* The order of arguments that some kernels of 32 bits have. */
SYSCALL(fadvise64_64)
{
    return host_syscall(SYS_fadvise64, a[0], a[2], a[3], a[1]);
}

SYSCALL(sync_file_range2)
{
    return host_syscall(SYS_sync_file_range, a[0], a[2], a[3], a[1]);
}

PASS_SLEEP(fallocate, 0)
PASS(fadvise64, 0)
PASS(readahead, 0)
PASS(fsync, 0)
PASS(fdatasync, 0)
PASS(sync, 0)
PASS(syncfs, 0)
PASS(sync_file_range, 0)
CALL(cachestat, 0, IN(1, cachestat_range), OUT(2, cachestat))
/* Never interrupted once the kernel has gathered entropy. */
PASS(getrandom, P0)
