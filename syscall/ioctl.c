/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ioctl requests have the same numbers and structures on all guests whose
 * kernel uses the generic encoding and whose C types are laid out like the
 * host's; so they go to the kernel, which knows what the argument is and
 * checks it.  What must not go there is listed here.
 */
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "signal/signal.h"
#include "syscall/syscall.h"

/* Types (the second byte of a request) that speak of the host's processor or of
 * addresses that ferry must know of.  The kernel answers ENOTTY for requests
 * that a file doesn't know. */
static const uint8_t refused_types[] = {
    0xae, /* KVM: host instructions */
    0xaa, /* userfaultfd: faults of ferry's own memory */
};

/* Requests that may sleep in a way that a signal ends. */
static const uint32_t sleeping[] = {
    TCSBRK,  TCSBRKP,   TCXONC,  0x5402 /* TCSETS */, 0x5403 /* TCSETSW */, 0x5404 /* TCSETSF */,
    TIOCSTI, TIOCSPGRP, FICLONE, FICLONERANGE,        FIDEDUPERANGE,
};

SYSCALL(ioctl)
{
    uint32_t request = (uint32_t)a[1];

    for (unsigned i = 0; i < sizeof(refused_types); i++)
        if ((request >> 8 & 0xff) == refused_types[i])
            return -ENOTTY;
    for (unsigned i = 0; i < sizeof(sleeping) / sizeof(sleeping[0]); i++)
        if (request == sleeping[i])
            return safe_syscall(SYS_ioctl, a[0], a[1], guest_arg(a[2]));
    return host_syscall(SYS_ioctl, a[0], a[1], guest_arg(a[2]));
}
