/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that make, copy, control and close descriptors. */
#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/landlock.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "syscall/convert.h"
#include "syscall/fds.h"
#include "syscall/pass.h"

#ifndef F_GETOWNER_UIDS
#define F_GETOWNER_UIDS 17
#endif
/* linux/landlock.h; older headers lack what newer kernels have. */
enum { RULE_NET_PORT = 2 };

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

PASS(dup2, 0)

SYSCALL(pipe2)
{
    static const struct pass pair = OUT(0, two_ints);
    const uint64_t h[6] = {a[0], flags_to_host(cpu->guest->abi->open_flags, (uint32_t)a[1])};

    return pass_call(cpu, host_syscall_raw, SYS_pipe2, h, 0, &pair, 1);
}

CALL(pipe, 0, OUT(0, two_ints))

/* A command whose argument points to a structure. */
static int64_t fcntl_structure(struct vcpu *cpu, const uint64_t a[6], unsigned way,
                               enum structure s)
{
    const struct pass p = {2, (uint8_t)way, (uint8_t)s, PASS_ONE, 0};

    return pass_call(cpu, host_syscall_raw, SYS_fcntl, a, 0, &p, 1);
}

/* A lock of 64 bits; commands of 32-bit guests have numbers of their own. */
static int64_t fcntl_lock64(struct vcpu *cpu, const uint64_t a[6], int command)
{
    const struct pass p = INOUT(2, flock64);
    const uint64_t h[6] = {a[0], (uint64_t)command, a[2]};
    bool sleeps = command == F_SETLKW || command == F_OFD_SETLKW;

    return pass_call(cpu, sleeps ? safe_syscall_raw : host_syscall_raw, SYS_fcntl, h, 0, &p, 1);
}

SYSCALL(fcntl)
{
    const struct flag_map *map = cpu->guest->abi->open_flags;
    const struct pass lock = INOUT(2, flock);
    int64_t r;

    switch ((int)a[1]) {
    case F_GETFL:
        r = host_syscall(SYS_fcntl, a[0], a[1]);
        return r < 0 ? r : flags_to_guest(map, (uint32_t)r);
    case F_SETFL:
        return host_syscall(SYS_fcntl, a[0], a[1], flags_to_host(map, (uint32_t)a[2]));
    case F_SETLKW:
        return pass_call(cpu, safe_syscall_raw, SYS_fcntl, a, 0, &lock, 1);
    case F_GETLK:
    case F_SETLK:
        return pass_call(cpu, host_syscall_raw, SYS_fcntl, a, 0, &lock, 1);
    case F_OFD_SETLKW:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
        return fcntl_lock64(cpu, a, (int)a[1]);
    case F_GETOWN_EX:
    case F_GETOWNER_UIDS:
        return fcntl_structure(cpu, a, PASS_OUT, STRUCT_two_ints);
    case F_SETOWN_EX:
        return fcntl_structure(cpu, a, PASS_IN, STRUCT_two_ints);
    case F_GET_RW_HINT:
    case F_GET_FILE_RW_HINT:
        return fcntl_structure(cpu, a, PASS_OUT, STRUCT_u64);
    case F_SET_RW_HINT:
    case F_SET_FILE_RW_HINT:
        return fcntl_structure(cpu, a, PASS_IN, STRUCT_u64);
    default: /* whatever the kernel takes it for */
        return host_syscall(SYS_fcntl, a[0], a[1], guest_arg(a[2]));
    }
}

SYSCALL(fcntl64)
{
    enum { GETLK64 = 12, SETLK64, SETLKW64 }; /* asm-generic/fcntl.h */

    switch ((int)a[1]) {
    case GETLK64:
        return fcntl_lock64(cpu, a, F_GETLK);
    case SETLK64:
        return fcntl_lock64(cpu, a, F_SETLK);
    case SETLKW64:
        return fcntl_lock64(cpu, a, F_SETLKW);
    default:
        return sys_fcntl(cpu, a);
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

/* Takes hidden descriptors out of len bytes of directory entries; what is
 * left. */
static int64_t drop_hidden(char *entries, int64_t len)
{
    int64_t kept = 0;

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
    return kept;
}

/*
 * Positions in a directory are hashes of 64 bits with some file systems.  A
 * 32-bit guest gets 31 bits of them, with which lseek finds them again; a
 * position that too many others have come after is lost.
 */
enum { POSITIONS = 4096 };
static _Atomic uint64_t positions[POSITIONS];

static uint64_t position_to_guest(const struct guest *g, uint64_t position)
{
    if (guest_word(g) == 8 || position <= INT32_MAX)
        return position;
    uint32_t cookie = (uint32_t)(position ^ position >> 31) & INT32_MAX;
    positions[cookie % POSITIONS] = position;
    return cookie;
}

uint64_t position_to_host(const struct guest *g, int fd, uint64_t position)
{
    struct stat st;

    if (guest_word(g) == 8 || !position || position > INT32_MAX)
        return position;
    uint64_t known = positions[position % POSITIONS];
    if (((known ^ known >> 31) & INT32_MAX) != position || fstat(fd, &st) || !S_ISDIR(st.st_mode))
        return position;
    return known;
}

/* Puts the numbers of directory entries into the guest's order. */
static void swap_entries(const struct guest *g, char *entries, int64_t len)
{
    for (int64_t at = 0, next; at < len; at = next) {
        struct dirent64 *d = (struct dirent64 *)(entries + at);

        next = at + d->d_reclen;
        number_store(g, &d->d_ino, sizeof d->d_ino, d->d_ino);
        number_store(g, &d->d_off, sizeof d->d_off, position_to_guest(g, (uint64_t)d->d_off));
        number_store(g, &d->d_reclen, sizeof d->d_reclen, d->d_reclen);
    }
}

SYSCALL(getdents64)
{
    const struct guest *g = cpu->guest;
    bool hides = fds_hidden_low != UINT32_MAX && lists_descriptors((int)a[0]);
    char entries[4096] __attribute__((aligned(8)));
    int64_t r;

    if (!hides && abi_is_native(g))
        return host_syscall(SYS_getdents64, a[0], guest_arg(a[1]), a[2]);
    /* Entries that can't be handed over would be lost. */
    if (!abi_is_native(g) && (vm_prot(a[1]) < 0 || !(vm_prot(a[1]) & PROT_WRITE)))
        return -EFAULT;
    do {
        r = host_syscall(SYS_getdents64, a[0], entries,
                         a[2] < sizeof entries ? a[2] : sizeof entries);
        if (r <= 0)
            return r;
        if (hides)
            r = drop_hidden(entries, r);
    } while (!r); /* an empty answer would be the end */
    if (!abi_is_native(g))
        swap_entries(g, entries, r);
    return guest_write(a[1], entries, (size_t)r) ? -EFAULT : r;
}

/* The old form: inode and offset are longs, and the type is the last byte. */
SYSCALL(getdents)
{
    const struct guest *g = cpu->guest;
    const unsigned word = guest_word(g);
    char entries[4096] __attribute__((aligned(8)));
    uint32_t count = (uint32_t)a[2];
    uint64_t out = 0;
    /* No entry grows on its way. */
    int64_t r = host_syscall(SYS_getdents64, a[0], entries,
                             count < sizeof entries ? count : sizeof entries);

    if (r <= 0)
        return r;
    if (fds_hidden_low != UINT32_MAX && lists_descriptors((int)a[0]))
        r = drop_hidden(entries, r);
    for (int64_t at = 0; at < r;) {
        const struct dirent64 *d = (const struct dirent64 *)(entries + at);
        size_t name = strlen(d->d_name) + 1;
        uint16_t size = (uint16_t)((2 * word + 2 + name + 1 + word - 1) & ~(size_t)(word - 1));
        char entry[sizeof *d + 8] = {0};

        number_store(g, entry, word, d->d_ino);
        number_store(g, entry + word, word, position_to_guest(g, (uint64_t)d->d_off));
        number_store(g, entry + 2 * word, 2, size);
        memcpy(entry + 2 * word + 2, d->d_name, name);
        entry[size - 1] = (char)d->d_type;
        if (guest_write(a[1] + out, entry, size))
            return -EFAULT;
        out += size;
        at += d->d_reclen;
    }
    return (int64_t)out;
}

PASS_SLEEP(flock, 0)
PASS(memfd_create, P0)
PASS(fchdir, 0)
PASS(fchmod, 0)
PASS(fchown, 0)
CALL(fstatfs, 0, OUT(1, statfs))

SYSCALL(fstatfs64)
{
    struct statfs fs;
    int64_t r;

    if (a[1] != struct_size(cpu->guest, STRUCT_statfs64))
        return -EINVAL;
    r = host_syscall(SYS_fstatfs, a[0], &fs);
    return r ? r : struct_write(cpu->guest, STRUCT_statfs64, &fs, a[2]);
}

PASS(getcwd, P0)
PASS(umask, 0)

SYSCALL(open_by_handle_at)
{
    char handle[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    uint32_t head[2];

    if (struct_read(cpu->guest, STRUCT_file_handle, head, a[1]))
        return -EFAULT;
    if (!head[0] || head[0] > MAX_HANDLE_SZ)
        return -EINVAL;
    memcpy(handle, head, sizeof head);
    if (guest_read(handle + sizeof head, a[1] + sizeof head, head[0]))
        return -EFAULT;
    return safe_syscall(SYS_open_by_handle_at, a[0], handle,
                        flags_to_host(cpu->guest->abi->open_flags, (uint32_t)a[2]));
}

PASS(vhangup, 0)
PASS(fgetxattr, P1 | P2)
PASS(fsetxattr, P1 | P2)
PASS(flistxattr, P1)
PASS(fremovexattr, P1)
PASS(inotify_init, 0)

SYSCALL(inotify_init1)
{
    return host_syscall(SYS_inotify_init1,
                        flags_to_host(cpu->guest->abi->open_flags, (uint32_t)a[0]));
}

PASS(inotify_rm_watch, 0)

SYSCALL(fanotify_init)
{
    return host_syscall(SYS_fanotify_init, a[0],
                        flags_to_host(cpu->guest->abi->open_flags, (uint32_t)a[1]));
}

PASS(fsopen, P0)
PASS(fsconfig, P2 | P3)
PASS(fsmount, 0)

/* ---- Landlock ---- */

/* A rule set's description grows with the kernel: what a longer one says that isn't known here
 * must be 0, as for a kernel that is older than its caller. */
SYSCALL(landlock_create_ruleset)
{
    uint8_t attr[STRUCT_MAX_SIZE] = {0};
    const size_t known = struct_size(cpu->guest, STRUCT_landlock_ruleset_attr);

    if (abi_is_native(cpu->guest) || !a[0] || !a[1] || a[1] > VM_PAGE)
        return host_syscall(SYS_landlock_create_ruleset, guest_arg(a[0]), a[1], a[2]);
    if (guest_read(attr, a[0], a[1] < known ? a[1] : known))
        return -EFAULT;
    for (uint64_t at = known; at < a[1]; at++) {
        uint8_t byte;
        if (guest_read(&byte, a[0] + at, 1))
            return -EFAULT;
        if (byte)
            return -E2BIG;
    }
    struct_prefix(cpu->guest, STRUCT_landlock_ruleset_attr, attr, known, false);
    return host_syscall(SYS_landlock_create_ruleset, attr, a[1] < known ? a[1] : known, a[2]);
}

SYSCALL(landlock_add_rule)
{
    static const enum structure rules[] = {
        [LANDLOCK_RULE_PATH_BENEATH] = STRUCT_landlock_path_beneath,
        [RULE_NET_PORT] = STRUCT_landlock_net_port,
    };
    const uint32_t type = (uint32_t)a[1];
    uint8_t rule[STRUCT_MAX_SIZE];

    if (type < LANDLOCK_RULE_PATH_BENEATH || type >= sizeof rules / sizeof *rules)
        return host_syscall(SYS_landlock_add_rule, a[0], a[1], guest_arg(a[2]), a[3]);
    if (struct_read(cpu->guest, rules[type], rule, a[2]))
        return -EFAULT;
    return host_syscall(SYS_landlock_add_rule, a[0], type, rule, a[3]);
}

PASS(landlock_restrict_self, 0)
