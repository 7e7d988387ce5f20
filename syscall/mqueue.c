/* SPDX-License-Identifier: GPL-2.0-or-later */
/* POSIX message queues. */
#include "signal/signal.h"
#include "syscall/convert.h"
#include "syscall/syscall.h"

SYSCALL(mq_open)
{
    return host_syscall(SYS_mq_open, guest_arg(a[0]),
                        flags_to_host(cpu->guest->abi->open_flags, (uint32_t)a[1]), a[2],
                        guest_arg(a[3]));
}

SYSCALL(mq_unlink)
{
    return host_syscall(SYS_mq_unlink, guest_arg(a[0]));
}

SYSCALL(mq_timedsend)
{
    return safe_syscall(SYS_mq_timedsend, a[0], guest_arg(a[1]), a[2], a[3], guest_arg(a[4]));
}

SYSCALL(mq_timedreceive)
{
    return safe_syscall(SYS_mq_timedreceive, a[0], guest_arg(a[1]), a[2], guest_arg(a[3]),
                        guest_arg(a[4]));
}

SYSCALL(mq_notify)
{
    return host_syscall(SYS_mq_notify, a[0], guest_arg(a[1]));
}

SYSCALL(mq_getsetattr)
{
    return host_syscall(SYS_mq_getsetattr, a[0], guest_arg(a[1]), guest_arg(a[2]));
}
