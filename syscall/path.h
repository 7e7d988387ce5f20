/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest's file name means on the host.
 *
 * Every call that takes a path finds it with path_get(), so that --sysroot and
 * the emulated parts of /proc work alike everywhere:
 *
 *     char path[PATH_HOST_MAX];
 *     int r = path_get(dirfd, a[1], 0, path);
 *     return r ? r : host_syscall(SYS_unlinkat, dirfd, path, flags);
 *
 * An absolute name is looked up in the sysroot, with absolute symbolic links
 * there meaning the sysroot's, and stands for the host's file if the sysroot
 * has none.  /proc, /sys and /dev are always the host's.  Relative names from
 * a directory inside the sysroot are treated alike.  Others are left as they
 * are, for the kernel to resolve against dirfd.
 */
#ifndef FERRY_PATH_H
#define FERRY_PATH_H

#include <limits.h>
#include <stdint.h>

enum { PATH_HOST_MAX = 2 * PATH_MAX };

enum path_flags {
    PATH_NOFOLLOW = 1, /* a symbolic link at the end is meant itself */
};

/* Reads the name at gva and finds the host's.  0, or -EFAULT, -ENAMETOOLONG,
 * -ELOOP. */
int path_get(int dirfd, uint64_t gva, unsigned flags, char host[PATH_HOST_MAX]);

/* The same for a name that ferry has already; at most PATH_MAX - 1 long. */
int path_resolve(int dirfd, const char *name, unsigned flags, char host[PATH_HOST_MAX]);

/* Reads the name at gva as it is: 0 or -errno. */
int path_read(uint64_t gva, char name[PATH_MAX]);

#endif
