/* SPDX-License-Identifier: GPL-2.0-or-later */
/* swapcontext(2), which only this kernel has. */
#include "syscall/syscall.h"

SYSCALL(swapcontext)
{
    return -ENOSYS;
}
