/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of /proc that must show the guest and not ferry: exe, maps, auxv,
 * cmdline, environ, stat of the process itself, and cpuinfo.
 *
 * They are recognized by name: below /proc/self, /proc/thread-self, the
 * process's own number and its task directories, also relative to a directory
 * descriptor.  What open() gives for them is a memory file with the text as
 * of that moment.
 */
#ifndef FERRY_PROCFS_H
#define FERRY_PROCFS_H

#include <stdbool.h>
#include <stddef.h>

struct vcpu;

/* The name is the process's exe link. */
bool procfs_is_exe(int dirfd, const char *name);
/* What that link points to: a host path, and the guest's name for it. */
const char *procfs_exe(void);
const char *procfs_exe_name(void);

/* Tells the kernel where the guest's arguments and environment are, so that
 * other processes see them in /proc/PID/cmdline.  Needs a kernel with
 * CONFIG_CHECKPOINT_RESTORE; they see ferry's own otherwise. */
void procfs_publish_arguments(void);

/* Opens an emulated file with the host's O_ flags: true with the descriptor
 * or -errno in *result; false if name is not an emulated one. */
bool procfs_open(struct vcpu *cpu, int dirfd, const char *name, int flags, int *result);

#endif
