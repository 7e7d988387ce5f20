/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets.  Addresses, options and messages have the same shape on all
 * little-endian 64-bit guests, so the kernel reads them from guest memory.
 */
#include <limits.h>
#include <sys/socket.h>

#include "signal/signal.h"
#include "syscall/iovec.h"
#include "syscall/syscall.h"

SYSCALL(socket)
{
    return host_syscall(SYS_socket, a[0], a[1], a[2]);
}

SYSCALL(socketpair)
{
    return host_syscall(SYS_socketpair, a[0], a[1], a[2], guest_arg(a[3]));
}

SYSCALL(bind)
{
    return host_syscall(SYS_bind, a[0], guest_arg(a[1]), a[2]);
}

SYSCALL(listen)
{
    return host_syscall(SYS_listen, a[0], a[1]);
}

SYSCALL(accept)
{
    return safe_syscall(SYS_accept, a[0], guest_arg(a[1]), guest_arg(a[2]));
}

SYSCALL(accept4)
{
    return safe_syscall(SYS_accept4, a[0], guest_arg(a[1]), guest_arg(a[2]), a[3]);
}

SYSCALL(connect)
{
    return safe_syscall(SYS_connect, a[0], guest_arg(a[1]), a[2]);
}

SYSCALL(getsockname)
{
    return host_syscall(SYS_getsockname, a[0], guest_arg(a[1]), guest_arg(a[2]));
}

SYSCALL(getpeername)
{
    return host_syscall(SYS_getpeername, a[0], guest_arg(a[1]), guest_arg(a[2]));
}

SYSCALL(sendto)
{
    return safe_syscall(SYS_sendto, a[0], guest_arg(a[1]), a[2], a[3], guest_arg(a[4]), a[5]);
}

SYSCALL(recvfrom)
{
    return safe_syscall(SYS_recvfrom, a[0], guest_arg(a[1]), a[2], a[3], guest_arg(a[4]),
                        guest_arg(a[5]));
}

SYSCALL(setsockopt)
{
    return host_syscall(SYS_setsockopt, a[0], a[1], a[2], guest_arg(a[3]), a[4]);
}

SYSCALL(getsockopt)
{
    return host_syscall(SYS_getsockopt, a[0], a[1], a[2], guest_arg(a[3]), guest_arg(a[4]));
}

SYSCALL(shutdown)
{
    return host_syscall(SYS_shutdown, a[0], a[1]);
}

SYSCALL(sendmsg)
{
    return safe_syscall(SYS_sendmsg, a[0], guest_arg(a[1]), a[2]);
}

SYSCALL(sendmmsg)
{
    return safe_syscall(SYS_sendmmsg, a[0], guest_arg(a[1]), a[2], a[3]);
}

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
