/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of system calls newer than the headers of Debian 12; since Linux
 * 5.1 a new call has the same number on every architecture.
 */
#ifndef FERRY_HOST_NUMBERS_H
#define FERRY_HOST_NUMBERS_H

#include <sys/syscall.h>

#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

#endif
