/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that work on file names. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "signal/signal.h"
#include "syscall/convert.h"
#include "syscall/host_numbers.h"
#include "syscall/pass.h"
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
    if (r)
        return r;
    int64_t fd = safe_syscall(SYS_openat, a[0], path, flags, a[3]);
    if (fd >= 0) {
        vm_note_open((int)fd);
        vm_note_name((int)fd, path);
    }
    return fd;
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
    if (guest_swaps(cpu->guest))
        for (uint64_t i = 0; i < size / 8; i++)
            how[i] = __builtin_bswap64(how[i]);
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

/* Sizes and inodes that the guest's structure can't hold are errors. */
static int64_t stat_write(struct vcpu *cpu, enum structure s, const struct stat *st, uint64_t gva)
{
    if (s == STRUCT_stat && guest_word(cpu->guest) == 4 &&
        (st->st_ino > UINT32_MAX || st->st_size > INT32_MAX))
        return -EOVERFLOW;
    return struct_write(cpu->guest, s, st, gva);
}

static int64_t do_fstatat(struct vcpu *cpu, enum structure s, int dirfd, uint64_t name,
                          uint64_t gva, uint64_t flags)
{
    char path[PATH_HOST_MAX];
    struct stat st;
    int r;

    if (!name && flags & AT_EMPTY_PATH)
        r = (int)host_syscall(SYS_newfstatat, dirfd, NULL, &st, flags);
    else if (!(r = path_get(dirfd, name, nofollow(flags), path)))
        r = fstatat(dirfd, path, &st, (int)flags) ? -errno : 0;
    return r ? r : stat_write(cpu, s, &st, gva);
}

static int64_t do_fstat(struct vcpu *cpu, enum structure s, int fd, uint64_t gva)
{
    struct stat st;

    return fstat(fd, &st) ? -errno : stat_write(cpu, s, &st, gva);
}

SYSCALL(newfstatat)
{
    return do_fstatat(cpu, STRUCT_stat, (int)a[0], a[1], a[2], a[3]);
}

SYSCALL(fstatat64)
{
    return do_fstatat(cpu, STRUCT_stat64, (int)a[0], a[1], a[2], a[3]);
}

SYSCALL(fstat)
{
    return do_fstat(cpu, STRUCT_stat, (int)a[0], a[1]);
}

SYSCALL(fstat64)
{
    return do_fstat(cpu, STRUCT_stat64, (int)a[0], a[1]);
}

SYSCALL(stat)
{
    return do_fstatat(cpu, STRUCT_stat, AT_FDCWD, a[0], a[1], 0);
}

SYSCALL(stat64)
{
    return do_fstatat(cpu, STRUCT_stat64, AT_FDCWD, a[0], a[1], 0);
}

SYSCALL(lstat)
{
    return do_fstatat(cpu, STRUCT_stat, AT_FDCWD, a[0], a[1], AT_SYMLINK_NOFOLLOW);
}

SYSCALL(lstat64)
{
    return do_fstatat(cpu, STRUCT_stat64, AT_FDCWD, a[0], a[1], AT_SYMLINK_NOFOLLOW);
}

SYSCALL(statx)
{
    static const struct pass out = OUT(4, statx);
    char path[PATH_HOST_MAX];
    int r = 0;

    if (a[1] || !(a[2] & AT_EMPTY_PATH))
        r = path_get((int)a[0], a[1], nofollow(a[2]), path);
    const uint64_t h[6] = {a[0], a[1] ? (uintptr_t)path : 0, a[2], a[3], a[4]};
    return r ? r : pass_call(cpu, host_syscall_raw, SYS_statx, h, 0, &out, 1);
}

SYSCALL(readlinkat)
{
    char name[PATH_MAX], path[PATH_HOST_MAX];
    int r = path_read(a[1], name);

    if (r)
        return r;
    if (procfs_exe_link((int)a[0], name, path)) {
        const char *target = procfs_guest_name(path);
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

static int64_t do_utimensat(struct vcpu *cpu, enum structure s, const uint64_t a[6])
{
    char path[PATH_HOST_MAX];
    struct timespec times[2];
    int r = 0;

    for (unsigned i = 0; i < 2 && a[2]; i++)
        if (struct_read(cpu->guest, s, &times[i], a[2] + i * struct_size(cpu->guest, s)))
            return -EFAULT;
    if (a[1])
        r = path_get((int)a[0], a[1], nofollow(a[3]), path);
    return r ? r : host_syscall(SYS_utimensat, a[0], a[1] ? path : NULL, a[2] ? times : NULL, a[3]);
}

SYSCALL(utimensat)
{
    return do_utimensat(cpu, STRUCT_timespec, a);
}

SYSCALL(utimensat_time64)
{
    return do_utimensat(cpu, STRUCT_timespec64, a);
}

/* Times of microseconds: futimesat(2), utimes(2). */
SYSCALL(futimesat)
{
    char path[PATH_HOST_MAX];
    struct timeval times[2];
    int r = 0;

    for (unsigned i = 0; i < 2 && a[2]; i++)
        if (struct_read(cpu->guest, STRUCT_timeval, &times[i],
                        a[2] + i * struct_size(cpu->guest, STRUCT_timeval)))
            return -EFAULT;
    if (a[1])
        r = path_get((int)a[0], a[1], 0, path);
    return r ? r : host_syscall(SYS_futimesat, a[0], a[1] ? path : NULL, a[2] ? times : NULL);
}

SYSCALL(utimes)
{
    return sys_futimesat(cpu, (const uint64_t[6]){(uint64_t)AT_FDCWD, a[0], a[1]});
}

SYSCALL(utime)
{
    char path[PATH_HOST_MAX];
    long times[2];
    int r;

    if (a[1] && struct_read(cpu->guest, STRUCT_utimbuf, times, a[1]))
        return -EFAULT;
    r = path_get(AT_FDCWD, a[0], 0, path);
    return r ? r : host_syscall(SYS_utime, path, a[1] ? times : NULL);
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
PATH_CALL(truncate, AT_FDCWD, a[0], 0, path,
          guest_word(cpu->guest) == 4 ? (int64_t)(int32_t)a[1] : (int64_t)a[1])
PATH_CALL(chdir, AT_FDCWD, a[0], 0, path)
PATH_CALL(chroot, AT_FDCWD, a[0], 0, path)
PATH_CALL(acct, AT_FDCWD, a[0], 0, path)
PATH_CALL(swapon, AT_FDCWD, a[0], 0, path, a[1])
PATH_CALL(swapoff, AT_FDCWD, a[0], 0, path)
PATH_CALL(umount2, AT_FDCWD, a[0], a[1] & 8 /* UMOUNT_NOFOLLOW */ ? PATH_NOFOLLOW : 0, path, a[1])
PATH_CALL(inotify_add_watch, AT_FDCWD, a[1],
          a[2] & 0x02000000 /* IN_DONT_FOLLOW */ ? PATH_NOFOLLOW : 0, a[0], path, a[2])
PATH_CALL(open_tree, a[0], a[1], nofollow(a[2]), a[0], path, a[2])
PATH_CALL(fspick, a[0], a[1], a[2] & 2 /* FSPICK_SYMLINK_NOFOLLOW */ ? PATH_NOFOLLOW : 0, a[0],
          path, a[2])

PATH_CALL2(renameat, a[0], a[1], PATH_NOFOLLOW, a[2], a[3], PATH_NOFOLLOW, a[0], path, a[2], path2)
PATH_CALL2(renameat2, a[0], a[1], PATH_NOFOLLOW, a[2], a[3], PATH_NOFOLLOW, a[0], path, a[2], path2,
           a[4])
PATH_CALL2(linkat, a[0], a[1], a[4] & AT_SYMLINK_FOLLOW ? 0 : PATH_NOFOLLOW, a[2], a[3],
           PATH_NOFOLLOW, a[0], path, a[2], path2, a[4])
PATH_CALL2(pivot_root, AT_FDCWD, a[0], 0, AT_FDCWD, a[1], 0, path, path2)
PATH_CALL2(move_mount, a[0], a[1], a[4] & 0x01 /* MOVE_MOUNT_F_SYMLINKS */ ? 0 : PATH_NOFOLLOW,
           a[2], a[3], a[4] & 0x10 /* MOVE_MOUNT_T_SYMLINKS */ ? 0 : PATH_NOFOLLOW, a[0], path,
           a[2], path2, a[4])

/* ---- the same with dirfd, or without ---- */

#define PATH_CALL_AS(name, host, gva, lookup, ...)                                                 \
    SYSCALL(name)                                                                                  \
    {                                                                                              \
        char path[PATH_HOST_MAX];                                                                  \
        int r = path_get(AT_FDCWD, (gva), (lookup), path);                                         \
                                                                                                   \
        return r ? r : host_syscall(SYS_##host, __VA_ARGS__);                                      \
    }

SYSCALL(open)
{
    return sys_openat(cpu, (const uint64_t[6]){(uint64_t)AT_FDCWD, a[0], a[1], a[2]});
}

SYSCALL(creat)
{
    char path[PATH_HOST_MAX];
    int r = path_get(AT_FDCWD, a[0], 0, path);

    return r ? r : safe_syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, a[1]);
}

SYSCALL(readlink)
{
    return sys_readlinkat(cpu, (const uint64_t[6]){(uint64_t)AT_FDCWD, a[0], a[1], a[2]});
}

SYSCALL(symlink)
{
    return sys_symlinkat(cpu, (const uint64_t[6]){a[0], (uint64_t)AT_FDCWD, a[1]});
}

PATH_CALL(mkdir, AT_FDCWD, a[0], PATH_NOFOLLOW, path, a[1])
PATH_CALL(mknod, AT_FDCWD, a[0], PATH_NOFOLLOW, path, a[1], a[2])
PATH_CALL(unlink, AT_FDCWD, a[0], PATH_NOFOLLOW, path)
PATH_CALL(rmdir, AT_FDCWD, a[0], PATH_NOFOLLOW, path)
PATH_CALL(access, AT_FDCWD, a[0], 0, path, a[1])
PATH_CALL(chmod, AT_FDCWD, a[0], 0, path, a[1])
PATH_CALL(chown, AT_FDCWD, a[0], 0, path, a[1], a[2])
PATH_CALL(lchown, AT_FDCWD, a[0], PATH_NOFOLLOW, path, a[1], a[2])
PATH_CALL_AS(truncate64, truncate, a[0], 0, path, a[1])
PATH_CALL_AS(umount, umount2, a[0], 0, path, 0)
PATH_CALL2(rename, AT_FDCWD, a[0], PATH_NOFOLLOW, AT_FDCWD, a[1], PATH_NOFOLLOW, path, path2)
PATH_CALL2(link, AT_FDCWD, a[0], PATH_NOFOLLOW, AT_FDCWD, a[1], PATH_NOFOLLOW, path, path2)

/* ---- with structures ---- */

static int64_t do_statfs(struct vcpu *cpu, enum structure s, uint64_t name, uint64_t gva)
{
    char path[PATH_HOST_MAX];
    struct statfs fs;
    int64_t r = path_get(AT_FDCWD, name, 0, path);

    if (!r)
        r = host_syscall(SYS_statfs, path, &fs);
    return r ? r : struct_write(cpu->guest, s, &fs, gva);
}

SYSCALL(statfs)
{
    return do_statfs(cpu, STRUCT_statfs, a[0], a[1]);
}

SYSCALL(statfs64)
{
    if (a[1] != struct_size(cpu->guest, STRUCT_statfs64))
        return -EINVAL;
    return do_statfs(cpu, STRUCT_statfs64, a[0], a[2]);
}

SYSCALL(name_to_handle_at)
{
    char path[PATH_HOST_MAX], handle[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    uint32_t head[2];
    int mount_id;
    int64_t r = path_get((int)a[0], a[1], a[4] & AT_SYMLINK_FOLLOW ? 0 : PATH_NOFOLLOW, path);

    if (r)
        return r;
    if (struct_read(cpu->guest, STRUCT_file_handle, head, a[2]))
        return -EFAULT;
    if (head[0] > MAX_HANDLE_SZ)
        return -EINVAL;
    memcpy(handle, head, sizeof head);
    r = host_syscall(SYS_name_to_handle_at, a[0], path, handle, &mount_id, a[4]);
    if (r && r != -EOVERFLOW)
        return r;
    size_t had = head[0];
    memcpy(head, handle, sizeof head);
    if (struct_write(cpu->guest, STRUCT_file_handle, head, a[2]) ||
        struct_write(cpu->guest, STRUCT_int, &mount_id, a[3]) ||
        (!r &&
         guest_write(a[2] + sizeof head, handle + sizeof head, had < head[0] ? had : head[0])))
        return -EFAULT;
    return r;
}

SYSCALL(mount_setattr)
{
    static const struct pass in = IN(3, mount_attr);
    char path[PATH_HOST_MAX];
    int r = path_get((int)a[0], a[1], nofollow(a[2]), path);
    const uint64_t h[6] = {a[0], (uintptr_t)path, a[2], a[3], a[4]};

    if (!r && !abi_is_native(cpu->guest) && a[4] != struct_size(cpu->guest, STRUCT_mount_attr))
        return -EINVAL;
    return r ? r : pass_call(cpu, host_syscall_raw, SYS_mount_setattr, h, 0, &in, 1);
}

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

/* A quota command, with the host's name or descriptor of the file system. */
static int64_t do_quotactl(struct vcpu *cpu, long nr, const uint64_t h[4])
{
    enum {
        SETQUOTA = 0x800008,
        GETQUOTA = 0x800007,
        SETINFO = 0x800006,
        GETINFO = 0x800005,
        GETFMT = 0x800004
    };
    static const struct {
        uint32_t command;
        struct pass pass;
    } known[] = {
        {GETFMT, OUT(3, u32)},     {GETINFO, OUT(3, dqinfo)}, {SETINFO, IN(3, dqinfo)},
        {GETQUOTA, OUT(3, dqblk)}, {SETQUOTA, IN(3, dqblk)},
    };
    uint32_t command = (uint32_t)(nr == SYS_quotactl ? h[0] : h[1]) >> 8;
    const uint64_t six[6] = {h[0], h[1], h[2], h[3]};

    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].command == command)
            return pass_call(cpu, host_syscall_raw, nr, six, 0, &known[i].pass, 1);
    /* XFS's and others have structures that only the host's layout fits. */
    if (!abi_is_native(cpu->guest) && command >> 8 == 'X')
        return -EINVAL;
    return pass_call(cpu, host_syscall_raw, nr, six, P3, NULL, 0);
}

SYSCALL(quotactl)
{
    char path[PATH_HOST_MAX];
    int r = a[1] ? path_get(AT_FDCWD, a[1], 0, path) : 0;

    if (r)
        return r;
    return do_quotactl(cpu, SYS_quotactl,
                       (const uint64_t[]){a[0], a[1] ? (uintptr_t)path : 0, a[2], a[3]});
}

SYSCALL(quotactl_fd)
{
    return do_quotactl(cpu, SYS_quotactl_fd, a);
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
