/* SPDX-License-Identifier: GPL-2.0-or-later */
/* POSIX message queues. */
#include "syscall/convert.h"
#include "syscall/pass.h"

SYSCALL(mq_open)
{
    long attr[8];

    if (a[3] && struct_read(cpu->guest, STRUCT_mq_attr, attr, a[3]))
        return -EFAULT;
    return host_syscall(SYS_mq_open, guest_arg(a[0]),
                        flags_to_host(cpu->guest->abi->open_flags, (uint32_t)a[1]), a[2],
                        a[3] ? attr : NULL);
}

PASS(mq_unlink, P0)
CALL_SLEEP(mq_timedsend, P1, IN(4, timespec))
CALL_SLEEP(mq_timedreceive, P1, OUT(3, u32), IN(4, timespec))
CALL_SLEEP_AS(mq_timedsend_time64, mq_timedsend, P1, IN(4, timespec64))
CALL_SLEEP_AS(mq_timedreceive_time64, mq_timedreceive, P1, OUT(3, u32), IN(4, timespec64))
CALL(mq_notify, 0, IN(1, sigevent))
CALL(mq_getsetattr, 0, IN(1, mq_attr), OUT(2, mq_attr))
