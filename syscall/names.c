/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that work on file names. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "signal/signal.h"
#include "syscall/convert.h"
#include "syscall/host_numbers.h"
#include "syscall/path.h"
#include "syscall/procfs.h"
#include "syscall/syscall.h"

/* A call with one file name, which `path` stands for among the arguments. */
#define PATH_CALL(name, dirfd, gva, lookup, ...)                                                   \
    SYSCALL(name)                                                                                  \
    {                                                                                              \
        char path[PATH_HOST_MAX];                                                                  \
        int r = path_get((int)(dirfd), (gva), (lookup), path);                                     \
                                                                                                   \
        return r ? r : host_syscall(SYS_##name, __VA_ARGS__);                                      \
    }

/* A call with two. */
#define PATH_CALL2(name, dirfd, gva, lookup, dirfd2, gva2, lookup2, ...)                           \
    SYSCALL(name)                                                                                  \
    {                                                                                              \
        char path[PATH_HOST_MAX], path2[PATH_HOST_MAX];                                            \
        int r = path_get((int)(dirfd), (gva), (lookup), path);                                     \
                                                                                                   \
        if (!r)                                                                                    \
            r = path_get((int)(dirfd2), (gva2), (lookup2), path2);                                 \
        return r ? r : host_syscall(SYS_##name, __VA_ARGS__);                                      \
    }

static unsigned nofollow(uint64_t at_flags)
{
    return at_flags & AT_SYMLINK_NOFOLLOW ? PATH_NOFOLLOW : 0;
}

static unsigned open_lookup(int flags)
{
    return flags & O_NOFOLLOW || (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL) ? PATH_NOFOLLOW
                                                                                    : 0;
}

SYSCALL(openat)
{
    int flags = (int)flags_to_host(cpu->guest->abi->open_flags, (uint32_t)a[2]);
    char name[PATH_MAX], path[PATH_HOST_MAX];
    int r = path_read(a[1], name);

    if (r || procfs_open(cpu, (int)a[0], name, flags, &r))
        return r;
    r = path_resolve((int)a[0], name, open_lookup(flags), path);
    return r ? r : safe_syscall(SYS_openat, a[0], path, flags, a[3]);
}

SYSCALL(openat2)
{
    /* struct open_how begins with flags, mode, resolve; it may grow. */
    uint64_t how[VM_PAGE / 8], size = a[3];
    char name[PATH_MAX], path[PATH_HOST_MAX];
    int r;

    if (size < 24)
        return -EINVAL;
    if (size > sizeof(how))
        return -E2BIG;
    if (guest_read(how, a[2], size))
        return -EFAULT;
    how[0] = (how[0] & ~(uint64_t)UINT32_MAX) |
             flags_to_host(cpu->guest->abi->open_flags, (uint32_t)how[0]);
    /* The kernel looks at the flags before the name. */
    r = path_read(a[1], name);
    if (r)
        return host_syscall(SYS_openat2, a[0], guest_arg(a[1]), how, size);
    /* With restrictions on the way, it is the kernel that must walk it. */
    if (how[2])
        return safe_syscall(SYS_openat2, a[0], name, how, size);
    if (procfs_open(cpu, (int)a[0], name, (int)how[0], &r))
        return r;
    r = path_resolve((int)a[0], name, open_lookup((int)how[0]), path);
    return r ? r : safe_syscall(SYS_openat2, a[0], path, how, size);
}

SYSCALL(newfstatat)
{
    char path[PATH_HOST_MAX];
    struct stat st;
    int r;

    if (!a[1] && a[3] & AT_EMPTY_PATH)
        r = (int)host_syscall(SYS_newfstatat, a[0], NULL, &st, a[3]);
    else if (!(r = path_get((int)a[0], a[1], nofollow(a[3]), path)))
        r = fstatat((int)a[0], path, &st, (int)a[3]) ? -errno : 0;
    return r ? r : layout_write(cpu->guest->abi, &cpu->guest->abi->stat, &st, a[2]);
}

SYSCALL(fstat)
{
    struct stat st;

    if (fstat((int)a[0], &st))
        return -errno;
    return layout_write(cpu->guest->abi, &cpu->guest->abi->stat, &st, a[1]);
}

SYSCALL(statx)
{
    char path[PATH_HOST_MAX];
    int r;

    if (!a[1] && a[2] & AT_EMPTY_PATH)
        return host_syscall(SYS_statx, a[0], NULL, a[2], a[3], guest_arg(a[4]));
    r = path_get((int)a[0], a[1], nofollow(a[2]), path);
    return r ? r : host_syscall(SYS_statx, a[0], path, a[2], a[3], guest_arg(a[4]));
}

SYSCALL(readlinkat)
{
    char name[PATH_MAX], path[PATH_HOST_MAX];
    int r = path_read(a[1], name);

    if (r)
        return r;
    if (procfs_is_exe((int)a[0], name)) {
        const char *target = procfs_exe_name();
        size_t len = strlen(target);

        if ((int)a[3] <= 0)
            return -EINVAL;
        if (len > (size_t)(int)a[3])
            len = (size_t)(int)a[3];
        r = guest_write(a[2], target, len);
        return r ? r : (int64_t)len;
    }
    r = path_resolve((int)a[0], name, PATH_NOFOLLOW, path);
    return r ? r : host_syscall(SYS_readlinkat, a[0], path, guest_arg(a[2]), a[3]);
}

SYSCALL(utimensat)
{
    char path[PATH_HOST_MAX];
    int r;

    if (!a[1])
        return host_syscall(SYS_utimensat, a[0], NULL, guest_arg(a[2]), a[3]);
    r = path_get((int)a[0], a[1], nofollow(a[3]), path);
    return r ? r : host_syscall(SYS_utimensat, a[0], path, guest_arg(a[2]), a[3]);
}

SYSCALL(symlinkat)
{
    char target[PATH_MAX], path[PATH_HOST_MAX];
    int r = path_read(a[0], target);

    if (!r)
        r = path_get((int)a[1], a[2], PATH_NOFOLLOW, path);
    return r ? r : host_syscall(SYS_symlinkat, target, a[1], path);
}

PATH_CALL(mkdirat, a[0], a[1], PATH_NOFOLLOW, a[0], path, a[2])
PATH_CALL(mknodat, a[0], a[1], PATH_NOFOLLOW, a[0], path, a[2], a[3])
PATH_CALL(unlinkat, a[0], a[1], PATH_NOFOLLOW, a[0], path, a[2])
PATH_CALL(faccessat, a[0], a[1], 0, a[0], path, a[2])
PATH_CALL(faccessat2, a[0], a[1], nofollow(a[3]), a[0], path, a[2], a[3])
PATH_CALL(fchmodat, a[0], a[1], 0, a[0], path, a[2])
PATH_CALL(fchmodat2, a[0], a[1], nofollow(a[3]), a[0], path, a[2], a[3])
PATH_CALL(fchownat, a[0], a[1], nofollow(a[4]), a[0], path, a[2], a[3], a[4])
PATH_CALL(truncate, AT_FDCWD, a[0], 0, path, a[1])
PATH_CALL(statfs, AT_FDCWD, a[0], 0, path, guest_arg(a[1]))
PATH_CALL(chdir, AT_FDCWD, a[0], 0, path)
PATH_CALL(chroot, AT_FDCWD, a[0], 0, path)
PATH_CALL(acct, AT_FDCWD, a[0], 0, path)
PATH_CALL(swapon, AT_FDCWD, a[0], 0, path, a[1])
PATH_CALL(swapoff, AT_FDCWD, a[0], 0, path)
PATH_CALL(umount2, AT_FDCWD, a[0], a[1] & 8 /* UMOUNT_NOFOLLOW */ ? PATH_NOFOLLOW : 0, path, a[1])
PATH_CALL(inotify_add_watch, AT_FDCWD, a[1],
          a[2] & 0x02000000 /* IN_DONT_FOLLOW */ ? PATH_NOFOLLOW : 0, a[0], path, a[2])
PATH_CALL(name_to_handle_at, a[0], a[1], a[4] & AT_SYMLINK_FOLLOW ? 0 : PATH_NOFOLLOW, a[0], path,
          guest_arg(a[2]), guest_arg(a[3]), a[4])
PATH_CALL(open_tree, a[0], a[1], nofollow(a[2]), a[0], path, a[2])
PATH_CALL(fspick, a[0], a[1], a[2] & 2 /* FSPICK_SYMLINK_NOFOLLOW */ ? PATH_NOFOLLOW : 0, a[0],
          path, a[2])
PATH_CALL(mount_setattr, a[0], a[1], nofollow(a[2]), a[0], path, a[2], guest_arg(a[3]), a[4])

PATH_CALL2(renameat, a[0], a[1], PATH_NOFOLLOW, a[2], a[3], PATH_NOFOLLOW, a[0], path, a[2], path2)
PATH_CALL2(renameat2, a[0], a[1], PATH_NOFOLLOW, a[2], a[3], PATH_NOFOLLOW, a[0], path, a[2], path2,
           a[4])
PATH_CALL2(linkat, a[0], a[1], a[4] & AT_SYMLINK_FOLLOW ? 0 : PATH_NOFOLLOW, a[2], a[3],
           PATH_NOFOLLOW, a[0], path, a[2], path2, a[4])
PATH_CALL2(pivot_root, AT_FDCWD, a[0], 0, AT_FDCWD, a[1], 0, path, path2)
PATH_CALL2(move_mount, a[0], a[1], a[4] & 0x01 /* MOVE_MOUNT_F_SYMLINKS */ ? 0 : PATH_NOFOLLOW,
           a[2], a[3], a[4] & 0x10 /* MOVE_MOUNT_T_SYMLINKS */ ? 0 : PATH_NOFOLLOW, a[0], path,
           a[2], path2, a[4])

/* ---- extended attributes ---- */

#define XATTR_CALLS(get, set, list, remove, lookup)                                                \
    PATH_CALL(get, AT_FDCWD, a[0], lookup, path, guest_arg(a[1]), guest_arg(a[2]), a[3])           \
    PATH_CALL(set, AT_FDCWD, a[0], lookup, path, guest_arg(a[1]), guest_arg(a[2]), a[3], a[4])     \
    PATH_CALL(list, AT_FDCWD, a[0], lookup, path, guest_arg(a[1]), a[2])                           \
    PATH_CALL(remove, AT_FDCWD, a[0], lookup, path, guest_arg(a[1]))

XATTR_CALLS(getxattr, setxattr, listxattr, removexattr, 0)
XATTR_CALLS(lgetxattr, lsetxattr, llistxattr, lremovexattr, PATH_NOFOLLOW)

/* ---- names that may be absent ---- */

SYSCALL(mount)
{
    char target[PATH_HOST_MAX], source[PATH_HOST_MAX], name[PATH_MAX];
    const char *from = guest_arg(a[0]);
    int r = path_get(AT_FDCWD, a[1], 0, target);

    if (!r && a[0] && !(r = path_read(a[0], name)) && strchr(name, '/')) {
        r = path_resolve(AT_FDCWD, name, 0, source);
        from = source;
    }
    return r ? r : host_syscall(SYS_mount, from, target, guest_arg(a[2]), a[3], guest_arg(a[4]));
}

SYSCALL(quotactl)
{
    char path[PATH_HOST_MAX];
    int r;

    if (!a[1])
        return host_syscall(SYS_quotactl, a[0], NULL, a[2], guest_arg(a[3]));
    r = path_get(AT_FDCWD, a[1], 0, path);
    return r ? r : host_syscall(SYS_quotactl, a[0], path, a[2], guest_arg(a[3]));
}

SYSCALL(fanotify_mark)
{
    char path[PATH_HOST_MAX];
    int r;

    if (!a[4])
        return host_syscall(SYS_fanotify_mark, a[0], a[1], a[2], a[3], NULL);
    r = path_get((int)a[3], a[4], a[1] & 4 /* FAN_MARK_DONT_FOLLOW */ ? PATH_NOFOLLOW : 0, path);
    return r ? r : host_syscall(SYS_fanotify_mark, a[0], a[1], a[2], a[3], path);
}
