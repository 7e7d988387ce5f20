/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets.  Addresses, options and messages have the same shape on all
 * little-endian 64-bit guests, so the kernel reads them from guest memory.
 */
#include <limits.h>
#include <sys/socket.h>

#include "syscall/iovec.h"
#include "syscall/pass.h"

PASS(socket, 0)
PASS(socketpair, P3)
PASS(bind, P1)
PASS(listen, 0)
PASS_SLEEP(accept, P1 | P2)
PASS_SLEEP(accept4, P1 | P2)
PASS_SLEEP(connect, P1)
PASS(getsockname, P1 | P2)
PASS(getpeername, P1 | P2)
PASS_SLEEP(sendto, P1 | P4)
PASS_SLEEP(recvfrom, P1 | P4 | P5)
PASS(setsockopt, P3)
PASS(getsockopt, P3 | P4)
PASS(shutdown, 0)
PASS_SLEEP(sendmsg, P1)
PASS_SLEEP(sendmmsg, P1)

/* Makes what the messages at gva point to writable after an EFAULT. */
static bool messages_make_writable(uint64_t gva, uint64_t count, uint64_t stride)
{
    bool opened = false;

    for (uint64_t i = 0; i < count && i < IOV_MAX; i++) {
        struct msghdr m;

        if (guest_read(&m, gva + i * stride, sizeof(m)))
            break;
        opened |= iovec_make_writable((uint64_t)m.msg_iov, m.msg_iovlen);
        if (m.msg_name)
            opened |= vm_make_writable((uint64_t)m.msg_name, m.msg_namelen);
        if (m.msg_control)
            opened |= vm_make_writable((uint64_t)m.msg_control, m.msg_controllen);
    }
    return opened;
}

SYSCALL(recvmsg)
{
    int64_t r = safe_syscall(SYS_recvmsg, a[0], guest_arg(a[1]), a[2]);

    if (r == -EFAULT && messages_make_writable(a[1], 1, sizeof(struct msghdr)))
        r = safe_syscall(SYS_recvmsg, a[0], guest_arg(a[1]), a[2]);
    return r;
}

SYSCALL(recvmmsg)
{
    int64_t r = safe_syscall(SYS_recvmmsg, a[0], guest_arg(a[1]), a[2], a[3], guest_arg(a[4]));

    if (r == -EFAULT && messages_make_writable(a[1], a[2], sizeof(struct mmsghdr)))
        r = safe_syscall(SYS_recvmmsg, a[0], guest_arg(a[1]), a[2], a[3], guest_arg(a[4]));
    return r;
}
