/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What /proc tells of other processes that ferry runs.  They have told the kernel where their
 * guests' program is (procfs_publish()); the rest is read from the kernel's own files, so
 * who may see it is the kernel's decision.
 */
#ifndef FERRY_PROCFS_OTHERS_H
#define FERRY_PROCFS_OTHERS_H

#include <stdbool.h>

#include "syscall/path.h"

/* The numbers of proc_pid_stat(5), counted as there. */
enum { STAT_FIELDS = 52, STAT_START_CODE = 26, STAT_START_STACK = 28 };
bool procfs_read_stat(const char *path, unsigned long long v[STAT_FIELDS]);

/* Does that process run this very ferry? */
bool procfs_runs_ferry(unsigned long pid);
/* The host path of its guest's program; false: it can't be known. */
bool procfs_other_exe(unsigned long pid, char host[PATH_HOST_MAX]);
/* Writes its auxiliary vector: the kernel keeps those only that are no longer than the host
 * processor's.  0 or -errno. */
int procfs_other_auxv(unsigned long pid, int fd);
/* Writes its map without what is known to be the runner's.  0 or -errno. */
int procfs_other_maps(unsigned long pid, int fd);

#endif
