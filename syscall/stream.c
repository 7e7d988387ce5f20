/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/stream.h"

#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "syscall/convert.h"
#include "syscall/pass.h"

enum kind { PLAIN, EVENTFD, TIMERFD, SIGNALFD, INOTIFY, NETLINK };

static enum kind kind_of(int fd)
{
    static const struct {
        const char *name;
        enum kind kind;
    } known[] = {
        {"anon_inode:[eventfd]", EVENTFD},   {"anon_inode:[timerfd]", TIMERFD},
        {"anon_inode:[signalfd]", SIGNALFD}, {"anon_inode:inotify", INOTIFY},
        {"anon_inode:[inotify]", INOTIFY},
    };
    char path[32], link[64];
    struct stat st;
    ssize_t n;

    if (fstat(fd, &st))
        return PLAIN;
    if (S_ISSOCK(st.st_mode))
        return stream_is_netlink(fd) ? NETLINK : PLAIN;
    if (st.st_mode & S_IFMT) /* the kernel's own have none */
        return PLAIN;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    n = readlink(path, link, sizeof link - 1);
    link[n < 0 ? 0 : n] = '\0';
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(link, known[i].name))
            return known[i].kind;
    return PLAIN;
}

bool stream_is_counter(int fd)
{
    return kind_of(fd) == EVENTFD;
}

bool stream_is_netlink(int fd)
{
    int domain, protocol;
    socklen_t len = sizeof domain;

    return !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) && domain == AF_NETLINK &&
           !getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) &&
           protocol != NETLINK_KOBJECT_UEVENT; /* text */
}

static void convert(const struct guest *g, int fd, enum kind kind, char *p, size_t len)
{
    size_t at = 0;

    switch (kind) {
    case EVENTFD:
    case TIMERFD:
        struct_prefix(g, STRUCT_u64, p, len, true);
        break;
    case SIGNALFD:
        for (; at + 128 <= len; at += 128) {
            struct signalfd_siginfo s;
            memcpy(&s, p + at, sizeof s);
            /* The int of a sigval is the upper half of its pointer. */
            if (guest_word(g) == 8)
                s.ssi_int = (int32_t)(s.ssi_ptr >> 32);
            memcpy(p + at, &s, sizeof s);
            struct_prefix(g, STRUCT_signalfd_siginfo, p + at, 128, true);
        }
        break;
    case INOTIFY:
        while (at + 16 <= len) {
            uint32_t name;
            memcpy(&name, p + at + 12, sizeof name);
            struct_prefix(g, STRUCT_inotify_event, p + at, 16, true);
            at += 16 + name;
        }
        break;
    case NETLINK:
        netlink_convert(g, fd, p, len, true);
        break;
    case PLAIN:
        break;
    }
}

void stream_to_guest(struct vcpu *cpu, int fd, uint64_t gva, uint64_t len)
{
    enum kind kind = len < sizeof(uint64_t) ? PLAIN : kind_of(fd);
    char *buf = kind == PLAIN ? NULL : malloc(len);

    if (!buf)
        return;
    if (!guest_read(buf, gva, len)) {
        convert(cpu->guest, fd, kind, buf, len);
        guest_write(gva, buf, len);
    }
    free(buf);
}

void stream_vector_to_guest(struct vcpu *cpu, int fd, uint64_t iov, uint64_t count, uint64_t len)
{
    const struct guest *g = cpu->guest;
    enum kind kind = len < sizeof(uint64_t) ? PLAIN : kind_of(fd);
    char *buf = kind == PLAIN ? NULL : malloc(len);
    uint64_t at = 0;
    struct iovec v;

    if (!buf)
        return;
    for (int writing = 0; writing < 2; writing++, at = 0) {
        for (uint64_t i = 0; i < count && at < len; i++, at += v.iov_len) {
            if (struct_read(g, STRUCT_iovec, &v, iov + i * struct_size(g, STRUCT_iovec)))
                break;
            v.iov_len = v.iov_len < len - at ? v.iov_len : len - at;
            if (writing)
                guest_write((uint64_t)v.iov_base, buf + at, v.iov_len);
            else
                guest_read(buf + at, (uint64_t)v.iov_base, v.iov_len);
        }
        if (!writing)
            convert(g, fd, kind, buf, len);
    }
    free(buf);
}

int64_t stream_send(struct vcpu *cpu, int fd, uint64_t gva, uint64_t len, int flags,
                    const struct sockaddr *to, socklen_t to_len)
{
    enum { MOST = 1 << 20 };
    char *buf = len <= MOST ? malloc(len + 1) : NULL;
    int64_t r;

    if (!buf)
        return -EMSGSIZE;
    r = guest_read(buf, gva, len);
    if (!r) {
        netlink_convert(cpu->guest, fd, buf, len, false);
        r = safe_syscall(SYS_sendto, fd, buf, len, flags, to, to_len);
    }
    free(buf);
    return r;
}
