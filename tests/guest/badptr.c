/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls with pointers, lengths and descriptors that no kernel accepts:
 * each must fail as it does natively. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* Stand for an argument that is to be replaced in turn. */
#define P 0x5000000000000001
#define CALL(name, ...)                                                                            \
    {                                                                                              \
        SYS_##name, #name,                                                                         \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

static const struct call {
    long nr;
    const char *name;
    uint64_t a[6];
} calls[] = {
    CALL(read, 3, P, 16),
    CALL(write, 3, P, 16),
    CALL(pread64, 3, P, 16, 0),
    CALL(pwrite64, 3, P, 16, 0),
    CALL(readv, 3, P, 2),
    CALL(writev, 3, P, 2),
    CALL(preadv, 3, P, 2, 0, 0),
    CALL(pwritev, 3, P, 2, 0, 0),
    CALL(openat, AT_FDCWD, P, O_RDONLY, 0),
    CALL(openat2, AT_FDCWD, P, P, 24),
    CALL(mkdirat, AT_FDCWD, P, 0700),
    CALL(mknodat, AT_FDCWD, P, 0600, 0),
    CALL(unlinkat, AT_FDCWD, P, 0),
    CALL(symlinkat, P, AT_FDCWD, P),
    CALL(linkat, AT_FDCWD, P, AT_FDCWD, P, 0),
    CALL(renameat2, AT_FDCWD, P, AT_FDCWD, P, 0),
    CALL(faccessat, AT_FDCWD, P, 0),
    CALL(faccessat2, AT_FDCWD, P, 0, 0),
    CALL(fchmodat, AT_FDCWD, P, 0600),
    CALL(fchownat, AT_FDCWD, P, 0, 0, 0),
#ifdef SYS_newfstatat
    CALL(newfstatat, AT_FDCWD, P, P, 0),
#else
    {SYS_fstatat64, "newfstatat", {AT_FDCWD, P, P, 0}},
#endif
    CALL(fstat, 3, P),
    CALL(statx, AT_FDCWD, P, 0, 0x7ff, P),
    CALL(readlinkat, AT_FDCWD, P, P, 16),
    CALL(truncate, P, 0),
    CALL(statfs, P, P),
    CALL(fstatfs, 3, P),
    CALL(chdir, P),
    CALL(getcwd, P, 4096),
    CALL(getdents64, 4, P, 4096),
    CALL(getxattr, P, P, P, 16),
    CALL(fgetxattr, 3, P, P, 16),
    CALL(listxattr, P, P, 16),
    CALL(setxattr, P, P, P, 16, 0),
    CALL(pipe2, P, 0),
    CALL(epoll_ctl, 5, EPOLL_CTL_ADD, 6, P),
    CALL(socketpair, AF_UNIX, SOCK_STREAM, 0, P),
    CALL(bind, 7, P, 16),
    CALL(connect, 7, P, 16),
    CALL(getsockname, 7, P, P),
    CALL(sendto, 7, P, 16, MSG_DONTWAIT, P, 16),
    CALL(recvfrom, 8, P, 16, MSG_DONTWAIT, P, P),
    CALL(sendmsg, 7, P, MSG_DONTWAIT),
    CALL(recvmsg, 7, P, MSG_DONTWAIT),
    CALL(setsockopt, 7, SOL_SOCKET, SO_REUSEADDR, P, 4),
    CALL(getsockopt, 7, SOL_SOCKET, SO_TYPE, P, P),
    CALL(fcntl, 3, F_GETLK, P),
    CALL(fcntl, 3, F_SETLK, P),
    CALL(ioctl, 9, FIONREAD, P),
    CALL(ioctl, 3, TCGETS, P),
    CALL(ppoll, P, 1, P, 0, 8),
    CALL(pselect6, 1, P, P, P, P, P),
    CALL(epoll_pwait, 5, P, 4, 0, P, 8),
    CALL(inotify_add_watch, 10, P, 1),
    CALL(timerfd_create, 99, 0),
    CALL(timerfd_settime, 11, 0, P, P),
    CALL(memfd_create, P, 0),
    CALL(getrandom, P, 16, 0),
    CALL(utimensat, AT_FDCWD, P, P, 0),
    CALL(copy_file_range, 3, P, 4, P, 16, 0),
    CALL(sendfile, 3, 3, P, 16),
    CALL(mq_open, P, 0, 0, 0),
    CALL(name_to_handle_at, AT_FDCWD, P, P, P, 0),
    CALL(signalfd4, -1, P, 8, 0),
};

static const char *error(long r)
{
    return r == -1 ? strerrorname_np(errno) : "ok";
}

int main(void)
{
    char *pages = mmap(NULL, 3 * 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const struct {
        const char *name;
        uint64_t value;
    } bad[] = {
        {"null", 0},
        {"one", 1},
        {"unmapped", (uint64_t)pages + 65536},
        {"inaccessible", (uint64_t)pages + 2 * 65536},
        {"kernel", UINT64_C(0xffff800000000000)},
        {"noncanonical", UINT64_C(0x0123456789abcdef)},
        {"last", UINT64_MAX},
        {"page end", (uint64_t)pages + 65536 - 4},
    };
    char dir[] = "/tmp/badptr.XXXXXX";
    int pair[2], fds[2];

    alarm(30);
    memset(pages, 'x', 65536);
    munmap(pages + 65536, 65536);
    mprotect(pages + 2 * 65536, 65536, PROT_NONE);
    if (!mkdtemp(dir) || chdir(dir))
        return 1;
    /* Descriptors 3 to 11 of known kinds. */
    for (int fd = 3; fd < 64; fd++)
        close(fd);
    if (open("file", O_RDWR | O_CREAT, 0600) != 3 || open(".", O_RDONLY) != 4 ||
        epoll_create1(0) != 5 || pipe(fds))
        return 1;
    dup2(fds[0], 6);
    close(fds[1] == 7 ? -1 : fds[1]);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair))
        return 1;
    int a = fcntl(pair[0], F_DUPFD, 100), b = fcntl(pair[1], F_DUPFD, 100);
    for (int fd = 7; fd < 64; fd++)
        close(fd);
    dup2(a, 7);
    dup2(b, 8);
    dup2(6, 9);
    syscall(SYS_inotify_init1, 0);     /* 10 */
    syscall(SYS_timerfd_create, 1, 0); /* 11 */

    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        for (int n = 0; n < 6; n++) {
            if (calls[i].a[n] != P)
                continue;
            for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
                uint64_t v[6];
                static char good[8192];

                /* A name, or a timeout of zero. */
                memset(good, 0, sizeof(good));
                bool waits = calls[i].nr == SYS_ppoll || calls[i].nr == SYS_pselect6;
                if (!waits)
                    strcpy(good, "file");
                else if (!bad[k].value)
                    continue;
                for (int m = 0; m < 6; m++)
                    v[m] = calls[i].a[m] == P ? (uint64_t)good : calls[i].a[m];
                v[n] = bad[k].value;
                /* How much is written before a fault is the kernel's choice. */
                memset(pages + 65536 - 4, 'x', 4);
                errno = 0;
                long r = syscall(calls[i].nr, v[0], v[1], v[2], v[3], v[4], v[5]);
                printf("%s argument %d %s: %s\n", calls[i].name, n, bad[k].name, error(r));
                if (r > 11 && r < 64)
                    close((int)r);
            }
        }
    }

    /* Lengths and counts. */
    struct iovec v[2] = {{pages, SSIZE_MAX}, {pages, SSIZE_MAX}};
    printf("writev too long: %s\n", error(writev(3, v, 2)));
    printf("writev negative count: %s\n", error(syscall(SYS_writev, 3, v, -1)));
    printf("writev 1025: %s\n", error(syscall(SYS_writev, 3, v, 1025)));
    v[0] = (struct iovec){(void *)1, 5};
    printf("writev bad base: %s\n", error(writev(3, v, 1)));
    v[0] = (struct iovec){pages, 5}, v[1] = (struct iovec){(void *)1, 5};
    printf("writev second bad: %ld\n", (long)writev(3, v, 2));
    printf("write huge: %s\n", error(syscall(SYS_write, 3, pages + 65536 - 1, SIZE_MAX)));
    printf("read negative: %s\n", error(syscall(SYS_read, 3, pages, -1L)));
    printf("epoll_pwait 0: %s\n", error(syscall(SYS_epoll_pwait, 5, pages, 0, 0, 0, 8)));
    printf("epoll_pwait -1: %s\n", error(syscall(SYS_epoll_pwait, 5, pages, -1, 0, 0, 8)));
    printf("ppoll count: %s\n", error(syscall(SYS_ppoll, pages, 1u << 30, 0, 0, 8)));
    printf("ppoll mask size: %s\n", error(syscall(SYS_ppoll, 0, 0, 0, pages, 4)));
    printf("getcwd 1: %s\n", error(syscall(SYS_getcwd, pages, 1)));
    printf("readlink 0: %s\n", error(syscall(SYS_readlinkat, AT_FDCWD, "file", pages, 0)));
    printf("openat2 size 8: %s\n", error(syscall(SYS_openat2, AT_FDCWD, "file", pages, 8)));
    printf("openat2 size big: %s\n", error(syscall(SYS_openat2, AT_FDCWD, "file", pages, 70000)));
    memset(pages, 0, 4096);
    printf("openat2 zeros: %s\n", error(syscall(SYS_openat2, AT_FDCWD, "file", pages, 64)));
    pages[40] = 1;
    printf("openat2 unknown: %s\n", error(syscall(SYS_openat2, AT_FDCWD, "file", pages, 64)));
    memset(pages, 'x', 65536);
    printf("long name: %s\n", error(open(pages, O_RDONLY)));
    pages[4095] = 0;
    printf("name of 4095: %s\n", error(open(pages, O_RDONLY)));
    pages[255] = 0;
    printf("name of 255: %s\n", error(open(pages, O_RDONLY)));
    pages[4096] = 0, pages[4095] = 'x', pages[255] = '/';
    printf("name of 4096: %s\n", error(open(pages, O_RDONLY)));
    for (int fd = -2; fd < 0; fd++) {
        printf("close %d: %s\n", fd, error(close(fd)));
        printf("dup %d: %s\n", fd, error(dup(fd)));
        printf("dup3 same %d: %s\n", fd, error(dup3(3, fd, 0)));
    }
    printf("dup3 equal: %s\n", error(dup3(3, 3, 0)));
    printf("fcntl unknown: %s\n", error(fcntl(3, 12345, 0)));
    printf("ioctl unknown: %s\n", error(syscall(SYS_ioctl, 3, 0xdeadbeef, 0)));
    printf("unknown call: %s\n", error(syscall(5000, 0)));
    printf("close_range: %s\n", error(syscall(SYS_close_range, 9, 8, 0)));
    printf("close_range flags: %s\n", error(syscall(SYS_close_range, 8, 9, 99)));
    if (unlink("file") || chdir("/") || rmdir(dir))
        printf("left over: %s\n", strerrorname_np(errno));
    return 0;
}
