/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that make, copy, control and close descriptors. */
#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "syscall/convert.h"
#include "syscall/fds.h"
#include "syscall/pass.h"

#ifndef F_GETOWNER_UIDS
#define F_GETOWNER_UIDS 17
#endif

/* close(2) says EINTR, and the descriptor is gone: never restarted. */
PASS(close, 0)

SYSCALL(close_range)
{
    uint32_t first = (uint32_t)a[0], last = (uint32_t)a[1], flags = (uint32_t)a[2];

    if (flags & ~(uint32_t)(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last)
        return -EINVAL;
    /* From one hidden descriptor to the next; ours are close-on-exec anyway. */
    while (first <= last && !(flags & CLOSE_RANGE_CLOEXEC)) {
        uint32_t next = fds_next_hidden(first);
        int64_t r;

        if (next > last || next == UINT32_MAX)
            break;
        r = next > first ? host_syscall(SYS_close_range, first, next - 1, flags) : 0;
        if (r)
            return r;
        first = next + 1;
    }
    return first <= last ? host_syscall(SYS_close_range, first, last, flags) : 0;
}

PASS(dup, 0)

SYSCALL(dup3)
{
    return host_syscall(SYS_dup3, a[0], a[1],
                        flags_to_host(cpu->guest->abi->open_flags, (uint32_t)a[2]));
}

SYSCALL(pipe2)
{
    return host_syscall(SYS_pipe2, guest_arg(a[0]),
                        flags_to_host(cpu->guest->abi->open_flags, (uint32_t)a[1]));
}

SYSCALL(fcntl)
{
    const struct flag_map *map = cpu->guest->abi->open_flags;
    int64_t r;

    switch ((int)a[1]) {
    case F_GETFL:
        r = host_syscall(SYS_fcntl, a[0], a[1]);
        return r < 0 ? r : flags_to_guest(map, (uint32_t)r);
    case F_SETFL:
        return host_syscall(SYS_fcntl, a[0], a[1], flags_to_host(map, (uint32_t)a[2]));
    case F_SETLKW:
    case F_OFD_SETLKW:
        return safe_syscall(SYS_fcntl, a[0], a[1], guest_arg(a[2]));
    case F_GETLK:
    case F_SETLK:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_GETOWN_EX:
    case F_SETOWN_EX:
    case F_GETOWNER_UIDS:
    case F_GET_RW_HINT:
    case F_SET_RW_HINT:
    case F_GET_FILE_RW_HINT:
    case F_SET_FILE_RW_HINT:
        return host_syscall(SYS_fcntl, a[0], a[1], guest_arg(a[2]));
    default:
        return host_syscall(SYS_fcntl, a[0], a[1], a[2]);
    }
}

/* The directory lists the process's own descriptors. */
static bool lists_descriptors(int fd)
{
    char link[64], name[64], end[8];
    unsigned pid, tid;
    struct statfs fs;
    ssize_t len;

    if (fstatfs(fd, &fs) || fs.f_type != PROC_SUPER_MAGIC)
        return false;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    len = readlink(link, name, sizeof(name) - 1);
    if (len < 0)
        return false;
    name[len] = '\0';
    if (sscanf(name, "/proc/%u/task/%u/%7s", &pid, &tid, end) != 3 &&
        sscanf(name, "/proc/%u/%7s", &pid, end) != 2)
        return false;
    return pid == (unsigned)getpid() && (!strcmp(end, "fd") || !strcmp(end, "fdinfo"));
}

/* Takes hidden descriptors out of len bytes of directory entries at gva;
 * what is left, or -EFAULT. */
static int64_t drop_hidden(uint64_t gva, int64_t len)
{
    char entries[4096];
    int64_t kept = 0;

    if (guest_read(entries, gva, (size_t)len))
        return -EFAULT;
    for (int64_t at = 0; at < len;) {
        struct dirent64 *d = (struct dirent64 *)(entries + at);
        int64_t next = at + d->d_reclen;
        char *end;
        unsigned long fd = strtoul(d->d_name, &end, 10);

        if (end == d->d_name || *end || !fds_is_hidden((uint32_t)fd)) {
            memmove(entries + kept, d, d->d_reclen);
            kept += next - at;
        }
        at = next;
    }
    return guest_write(gva, entries, (size_t)kept) ? -EFAULT : kept;
}

SYSCALL(getdents64)
{
    int64_t r;

    if (fds_hidden_low == UINT32_MAX || !lists_descriptors((int)a[0]))
        return host_syscall(SYS_getdents64, a[0], guest_arg(a[1]), a[2]);
    do {
        r = host_syscall(SYS_getdents64, a[0], guest_arg(a[1]), a[2] < 4096 ? a[2] : 4096);
        if (r <= 0)
            return r;
        r = drop_hidden(a[1], r);
    } while (!r); /* an empty answer would be the end */
    return r;
}

PASS_SLEEP(flock, 0)
PASS(memfd_create, P0)
PASS(fchdir, 0)
PASS(fchmod, 0)
PASS(fchown, 0)
PASS(fstatfs, P1)
PASS(getcwd, P0)
PASS(umask, 0)

SYSCALL(open_by_handle_at)
{
    return safe_syscall(SYS_open_by_handle_at, a[0], guest_arg(a[1]),
                        flags_to_host(cpu->guest->abi->open_flags, (uint32_t)a[2]));
}

PASS(quotactl_fd, P3)
PASS(vhangup, 0)
PASS(fgetxattr, P1 | P2)
PASS(fsetxattr, P1 | P2)
PASS(flistxattr, P1)
PASS(fremovexattr, P1)
PASS(inotify_init1, 0)
PASS(inotify_rm_watch, 0)

SYSCALL(fanotify_init)
{
    return host_syscall(SYS_fanotify_init, a[0],
                        flags_to_host(cpu->guest->abi->open_flags, (uint32_t)a[1]));
}

PASS(fsopen, P0)
PASS(fsconfig, P2 | P3)
PASS(fsmount, 0)
PASS(landlock_create_ruleset, P0)
PASS(landlock_add_rule, P2)
PASS(landlock_restrict_self, 0)
