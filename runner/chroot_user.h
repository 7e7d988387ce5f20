/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FERRY_CHROOT_USER_H
#define FERRY_CHROOT_USER_H

/* unshare(2); for CLONE_NEWUSER the caller becomes root there, with the
 * subordinate ids of subuid(5) if newuidmap(1) grants them, else alone.  0; or
 * -1 with errno. */
int chroot_unshare(int flags);

#endif
