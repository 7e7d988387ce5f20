/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of /proc that must show the guest and not ferry: exe, maps, smaps,
 * smaps_rollup, numa_maps, auxv, cmdline, environ, stat, status of the process itself,
 * and cpuinfo.
 *
 * They are recognized by name: below /proc/self, /proc/thread-self, the
 * process's own number and its task directories, also relative to a directory
 * descriptor; exe and maps also of other processes (procfs_others.h).  What open() gives for
 * them is a memory file with the text as of that moment.
 */
#ifndef FERRY_PROCFS_H
#define FERRY_PROCFS_H

#include <stdbool.h>
#include <stddef.h>

#include "syscall/path.h"

struct vcpu;

/* The name is the exe link of this process, or of another one that ferry runs: true with
 * the host path that it points to. */
bool procfs_exe_link(int dirfd, const char *name, char host[PATH_HOST_MAX]);
/* The guest's name for a host path. */
const char *procfs_guest_name(const char *host);
/* And that of the program. */
const char *procfs_exe_name(void);

/* Tells the kernel where the guest's program, arguments and environment are, and its
 * auxiliary vector, so that other processes see them in /proc/PID.  Needs a kernel with
 * CONFIG_CHECKPOINT_RESTORE; they see ferry's own otherwise. */
void procfs_publish(void);

/* Opens an emulated file with the host's O_ flags: true with the descriptor
 * or -errno in *result; false if name is not an emulated one. */
bool procfs_open(struct vcpu *cpu, int dirfd, const char *name, int flags, int *result);

#endif
