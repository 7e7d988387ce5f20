/* SPDX-License-Identifier: GPL-2.0-or-later */
/* POSIX message queues. */
#include "syscall/convert.h"
#include "syscall/pass.h"

SYSCALL(mq_open)
{
    return host_syscall(SYS_mq_open, guest_arg(a[0]),
                        flags_to_host(cpu->guest->abi->open_flags, (uint32_t)a[1]), a[2],
                        guest_arg(a[3]));
}

PASS(mq_unlink, P0)
PASS_SLEEP(mq_timedsend, P1 | P4)
PASS_SLEEP(mq_timedreceive, P1 | P3 | P4)
PASS(mq_notify, P1)
PASS(mq_getsetattr, P1 | P2)
