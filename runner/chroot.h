/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `ferry chroot`: what is mounted in the root that is entered.  All in a mount
 * name space of its own, so that the kernel undoes it when the last process in
 * there ends.
 */
#ifndef FERRY_CHROOT_H
#define FERRY_CHROOT_H

#include <stdbool.h>

struct chroot_bind {
    const char *from, *to; /* a file or directory of the host; its name inside */
};

struct chroot_plan {
    const char *dir; /* absolute */
    const struct chroot_bind *binds;
    unsigned bind_count;
    bool own_pids; /* in a new PID name space: it needs a /proc of its own */
};

/* Mounts what plan asks for; the caller is in a new mount name space.
 * Warnings go to stderr; 0, or -1 when /proc can't be mounted for own_pids. */
int chroot_mount(const struct chroot_plan *plan);
/* At the end: removes what was made to be mounted over. */
void chroot_clean(void);

#endif
