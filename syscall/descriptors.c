/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that make, copy, control and close descriptors. */
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/stat.h>

#include "signal/signal.h"
#include "syscall/convert.h"
#include "syscall/fds.h"
#include "syscall/syscall.h"

#ifndef F_GETOWNER_UIDS
#define F_GETOWNER_UIDS 17
#endif

/* close(2) says EINTR, and the descriptor is gone: never restarted. */
SYSCALL(close)
{
    return host_syscall(SYS_close, a[0]);
}

SYSCALL(close_range)
{
    uint32_t first = (uint32_t)a[0], last = (uint32_t)a[1], flags = (uint32_t)a[2];

    if (flags & ~(uint32_t)(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last)
        return -EINVAL;
    /* From one hidden descriptor to the next; ours are close-on-exec anyway. */
    while (first <= last && !(flags & CLOSE_RANGE_CLOEXEC)) {
        uint32_t next = fds_next_hidden(first);
        int64_t r;

        if (next > last)
            break;
        r = next > first ? host_syscall(SYS_close_range, first, next - 1, flags) : 0;
        if (r)
            return r;
        first = next + 1;
    }
    return first <= last ? host_syscall(SYS_close_range, first, last, flags) : 0;
}

SYSCALL(dup)
{
    return host_syscall(SYS_dup, a[0]);
}

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

SYSCALL(flock)
{
    return safe_syscall(SYS_flock, a[0], a[1]);
}

SYSCALL(memfd_create)
{
    return host_syscall(SYS_memfd_create, guest_arg(a[0]), a[1]);
}

SYSCALL(fchdir)
{
    return host_syscall(SYS_fchdir, a[0]);
}

SYSCALL(fchmod)
{
    return host_syscall(SYS_fchmod, a[0], a[1]);
}

SYSCALL(fchown)
{
    return host_syscall(SYS_fchown, a[0], a[1], a[2]);
}

SYSCALL(fstatfs)
{
    return host_syscall(SYS_fstatfs, a[0], guest_arg(a[1]));
}

SYSCALL(getcwd)
{
    return host_syscall(SYS_getcwd, guest_arg(a[0]), a[1]);
}

SYSCALL(umask)
{
    return host_syscall(SYS_umask, a[0]);
}

SYSCALL(open_by_handle_at)
{
    return safe_syscall(SYS_open_by_handle_at, a[0], guest_arg(a[1]),
                        flags_to_host(cpu->guest->abi->open_flags, (uint32_t)a[2]));
}

SYSCALL(quotactl_fd)
{
    return host_syscall(SYS_quotactl_fd, a[0], a[1], a[2], guest_arg(a[3]));
}

SYSCALL(vhangup)
{
    return host_syscall(SYS_vhangup);
}

SYSCALL(fgetxattr)
{
    return host_syscall(SYS_fgetxattr, a[0], guest_arg(a[1]), guest_arg(a[2]), a[3]);
}

SYSCALL(fsetxattr)
{
    return host_syscall(SYS_fsetxattr, a[0], guest_arg(a[1]), guest_arg(a[2]), a[3], a[4]);
}

SYSCALL(flistxattr)
{
    return host_syscall(SYS_flistxattr, a[0], guest_arg(a[1]), a[2]);
}

SYSCALL(fremovexattr)
{
    return host_syscall(SYS_fremovexattr, a[0], guest_arg(a[1]));
}

SYSCALL(inotify_init1)
{
    return host_syscall(SYS_inotify_init1, a[0]);
}

SYSCALL(inotify_rm_watch)
{
    return host_syscall(SYS_inotify_rm_watch, a[0], a[1]);
}

SYSCALL(fanotify_init)
{
    return host_syscall(SYS_fanotify_init, a[0],
                        flags_to_host(cpu->guest->abi->open_flags, (uint32_t)a[1]));
}

SYSCALL(fsopen)
{
    return host_syscall(SYS_fsopen, guest_arg(a[0]), a[1]);
}

SYSCALL(fsconfig)
{
    return host_syscall(SYS_fsconfig, a[0], a[1], guest_arg(a[2]), guest_arg(a[3]), a[4]);
}

SYSCALL(fsmount)
{
    return host_syscall(SYS_fsmount, a[0], a[1], a[2]);
}

SYSCALL(landlock_create_ruleset)
{
    return host_syscall(SYS_landlock_create_ruleset, guest_arg(a[0]), a[1], a[2]);
}

SYSCALL(landlock_add_rule)
{
    return host_syscall(SYS_landlock_add_rule, a[0], a[1], guest_arg(a[2]), a[3]);
}

SYSCALL(landlock_restrict_self)
{
    return host_syscall(SYS_landlock_restrict_self, a[0], a[1]);
}
