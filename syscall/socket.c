/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets.  Guests with the host's layout have all structures read and written
 * by the kernel. */
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "runner/options.h"
#include "syscall/convert.h"
#include "syscall/iovec.h"
#include "syscall/pass.h"
#include "syscall/path.h"
#include "syscall/procfs.h"
#include "syscall/sockaddr.h"
#include "syscall/stream.h"

PASS(socket, 0)
CALL(socketpair, 0, OUT(3, two_ints))
PASS(listen, 0)
PASS(shutdown, 0)

/* ---- addresses ---- */

struct address {
    struct sockaddr_storage storage;
    uint32_t len;  /* of the guest's room */
    bool bad;      /* which can't be read: an error when there is an address */
    socklen_t got; /* what the kernel says, or is given */
    int dir;       /* open while the call lasts, or -1 */
};

/* Can the kernel do with the guest's addresses? */
static bool address_is_native(const struct guest *g)
{
    return abi_is_native(g) && !options.sysroot;
}

/* The file name of a local socket; false: it has none. */
static bool local_name(const struct address *x, char name[PATH_MAX])
{
    const struct sockaddr_un *un = (const struct sockaddr_un *)&x->storage;
    const size_t start = offsetof(struct sockaddr_un, sun_path);

    if (x->got <= start || x->got > sizeof *un || un->sun_family != AF_UNIX || !un->sun_path[0])
        return false;
    snprintf(name, PATH_MAX, "%.*s", (int)(x->got - start), un->sun_path);
    return true;
}

static void set_local_name(struct address *x, const char *name)
{
    struct sockaddr_un *un = (struct sockaddr_un *)&x->storage;

    strcpy(un->sun_path, name);
    x->got = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + 1);
}

/* Looks a local socket's name up in the sysroot; what is too long for an address then goes
 * by its directory. */
static int address_resolve(struct address *x)
{
    char name[PATH_MAX], host[PATH_HOST_MAX], by_dir[64 + sizeof(struct sockaddr_un)];
    const size_t room = sizeof((struct sockaddr_un *)0)->sun_path;

    /* A relative one is told as it was given, by getsockname. */
    if (!options.sysroot || !local_name(x, name) || name[0] != '/')
        return 0;
    int r = path_resolve(AT_FDCWD, name, 0, host);
    if (r || strcmp(name, host) == 0)
        return r;
    if (strlen(host) < room) {
        set_local_name(x, host);
        return 0;
    }
    char *base = strrchr(host, '/');
    *base++ = '\0';
    x->dir = open(host, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (x->dir < 0)
        return -errno;
    if ((size_t)snprintf(by_dir, sizeof by_dir, "/proc/self/fd/%d/%s", x->dir, base) >= room) {
        close(x->dir);
        return -ENAMETOOLONG;
    }
    set_local_name(x, by_dir);
    return 0;
}

static void address_done(const struct address *x)
{
    if (x->dir >= 0)
        close(x->dir);
}

static int address_read(const struct guest *g, struct address *x, uint64_t gva, uint64_t len)
{
    x->got = (socklen_t)len;
    x->dir = -1;
    if ((int32_t)len < 0 || len > sizeof x->storage)
        return -EINVAL;
    if (guest_read(&x->storage, gva, len))
        return -EFAULT;
    sockaddr_convert(g, &x->storage, len, false);
    return address_resolve(x);
}

/* Before a call that fills in an address: how much room there is. */
static int address_room(const struct guest *g, struct address *x, uint64_t gva, uint64_t len_gva)
{
    x->got = sizeof x->storage;
    x->dir = -1;
    x->len = 0;
    x->bad = gva && struct_read(g, STRUCT_u32, &x->len, len_gva);
    return (int32_t)x->len < 0 ? -EINVAL : 0;
}

/* A name in the sysroot is told without that. */
static void address_unresolve(struct address *x)
{
    char name[PATH_MAX];

    if (options.sysroot && local_name(x, name) && procfs_guest_name(name) != name)
        set_local_name(x, procfs_guest_name(name));
}

static int address_write(const struct guest *g, struct address *x, uint64_t gva, uint64_t len_gva)
{
    if (!gva)
        return 0;
    if (x->bad)
        return -EFAULT;
    address_unresolve(x);
    size_t n = x->got < x->len ? x->got : x->len;
    if (n > sizeof x->storage)
        n = sizeof x->storage;
    sockaddr_convert(g, &x->storage, x->got, true);
    if (guest_write(gva, &x->storage, n) || struct_write(g, STRUCT_u32, &x->got, len_gva))
        return -EFAULT;
    return 0;
}

/* bind, connect: descriptor, address, length. */
static int64_t with_address(struct vcpu *cpu, host_syscall_fn *how, long nr, const uint64_t a[6])
{
    struct address x;

    if (address_is_native(cpu->guest))
        return how(nr, (long)a[0], (long)guest_arg(a[1]), (long)a[2], 0, 0, 0);
    int64_t r = address_read(cpu->guest, &x, a[1], a[2]);
    if (!r)
        r = how(nr, (long)a[0], (long)&x.storage, (long)x.got, 0, 0, 0);
    address_done(&x);
    return r;
}

SYSCALL(bind)
{
    return with_address(cpu, host_syscall_raw, SYS_bind, a);
}

SYSCALL(connect)
{
    return with_address(cpu, safe_syscall_raw, SYS_connect, a);
}

/* accept, getsockname, ...: descriptor, address, length to be filled in, flags. */
static int64_t for_address(struct vcpu *cpu, host_syscall_fn *how, long nr, const uint64_t a[6])
{
    struct address x;

    if (address_is_native(cpu->guest))
        return how(nr, (long)a[0], (long)guest_arg(a[1]), (long)guest_arg(a[2]), (long)a[3], 0, 0);
    int64_t r = address_room(cpu->guest, &x, a[1], a[2]);
    if (!r)
        r = how(nr, (long)a[0], a[1] ? (long)&x.storage : 0, a[1] ? (long)&x.got : 0, (long)a[3], 0,
                0);
    if (r >= 0 && address_write(cpu->guest, &x, a[1], a[2])) {
        if (nr == SYS_accept4)
            close((int)r);
        r = -EFAULT;
    }
    return r;
}

SYSCALL(accept)
{
    const uint64_t h[6] = {a[0], a[1], a[2], 0};

    return for_address(cpu, safe_syscall_raw, SYS_accept4, h);
}

SYSCALL(accept4)
{
    return for_address(cpu, safe_syscall_raw, SYS_accept4, a);
}

SYSCALL(getsockname)
{
    return for_address(cpu, host_syscall_raw, SYS_getsockname, a);
}

SYSCALL(getpeername)
{
    return for_address(cpu, host_syscall_raw, SYS_getpeername, a);
}

/* ---- data ---- */

SYSCALL(sendto)
{
    struct address x = {.got = 0, .dir = -1};

    if (address_is_native(cpu->guest))
        return safe_syscall(SYS_sendto, a[0], guest_arg(a[1]), a[2], a[3], guest_arg(a[4]), a[5]);
    int64_t r = a[4] ? address_read(cpu->guest, &x, a[4], a[5]) : 0;
    if (r)
        return r;
    struct sockaddr *to = a[4] ? (struct sockaddr *)&x.storage : NULL;
    if (guest_swaps(cpu->guest) && stream_is_netlink((int)a[0]))
        return stream_send(cpu, (int)a[0], a[1], a[2], (int)a[3], to, x.got);
    r = safe_syscall(SYS_sendto, a[0], guest_arg(a[1]), a[2], a[3], to, x.got);
    address_done(&x);
    return r;
}

SYSCALL(recvfrom)
{
    const struct guest *g = cpu->guest;
    struct address x;

    if (address_is_native(g))
        return safe_syscall(SYS_recvfrom, a[0], guest_arg(a[1]), a[2], a[3], guest_arg(a[4]),
                            guest_arg(a[5]));
    int64_t r = address_room(g, &x, a[4], a[5]);
    if (!r)
        r = safe_syscall(SYS_recvfrom, a[0], guest_arg(a[1]), a[2], a[3], a[4] ? &x.storage : NULL,
                         a[4] ? &x.got : NULL);
    if (r > 0 && guest_swaps(g))
        stream_to_guest(cpu, (int)a[0], a[1], (uint64_t)r < a[2] ? (uint64_t)r : a[2]);
    if (r >= 0 && address_write(g, &x, a[4], a[5]))
        r = -EFAULT;
    return r;
}

SYSCALL(send)
{
    return sys_sendto(cpu, (const uint64_t[6]){a[0], a[1], a[2], a[3]});
}

SYSCALL(recv)
{
    return sys_recvfrom(cpu, (const uint64_t[6]){a[0], a[1], a[2], a[3]});
}

/* ---- messages ---- */

enum { CONTROL_MAX = 16384 };

/* A message on its way: the guest's header and the host's. */
struct message {
    struct msghdr guest, host; /* guest's with guest addresses */
    struct address address;
    struct iovec few[8], *vector;
    uint8_t control[CONTROL_MAX] __attribute__((aligned(8)));
};

static void message_free(struct message *m)
{
    if (m->vector != m->few)
        free(m->vector);
    address_done(&m->address);
    free(m);
}

/* Makes the host's header for the one at gva; what is sent is converted. */
static int64_t message_begin(const struct guest *g, uint64_t gva, bool sends, struct message **out)
{
    struct message *m = malloc(sizeof *m);
    int64_t r = 0;

    if (!m)
        return -ENOMEM;
    m->vector = m->few;
    m->address.dir = -1;
    if (struct_read(g, STRUCT_msghdr, &m->guest, gva))
        r = -EFAULT;
    else if (m->guest.msg_iovlen > IOV_MAX)
        r = -EMSGSIZE;
    else if (m->guest.msg_iovlen > sizeof m->few / sizeof *m->few &&
             !(m->vector = malloc(m->guest.msg_iovlen * sizeof *m->vector)))
        r = -ENOMEM;
    for (size_t i = 0; !r && i < m->guest.msg_iovlen; i++)
        r = struct_read(g, STRUCT_iovec, &m->vector[i],
                        (uint64_t)m->guest.msg_iov + i * struct_size(g, STRUCT_iovec));
    if (r) {
        message_free(m);
        return r;
    }
    m->host = (struct msghdr){
        .msg_iov = m->vector, .msg_iovlen = m->guest.msg_iovlen, .msg_flags = m->guest.msg_flags};
    if (m->guest.msg_name) {
        m->host.msg_name = &m->address.storage;
        m->host.msg_namelen = sends ? m->guest.msg_namelen : sizeof m->address.storage;
        if (sends) {
            r = address_read(g, &m->address, (uint64_t)m->guest.msg_name, m->guest.msg_namelen);
            m->host.msg_namelen = m->address.got;
        }
    }
    if (!r && m->guest.msg_control && m->guest.msg_controllen) {
        m->host.msg_control = m->control;
        m->host.msg_controllen = sizeof m->control;
        if (sends) {
            r = control_to_host(g, (uint64_t)m->guest.msg_control, m->guest.msg_controllen,
                                m->control, sizeof m->control);
            m->host.msg_controllen = r < 0 ? 0 : (size_t)r;
            r = r < 0 ? r : 0;
        } else if (m->guest.msg_controllen < sizeof m->control / 4) {
            /* No more than what fits, so that no descriptor comes in vain. */
            m->host.msg_controllen =
                m->guest.msg_controllen + (8 - guest_word(g)) * (m->guest.msg_controllen / 12);
        }
    }
    if (r)
        message_free(m);
    else
        *out = m;
    return r;
}

static int64_t message_send(struct vcpu *cpu, int fd, uint64_t gva, int flags)
{
    struct message *m;
    int64_t r = message_begin(cpu->guest, gva, true, &m);

    if (r)
        return r;
    if (guest_swaps(cpu->guest) && m->host.msg_iovlen && stream_is_netlink(fd)) {
        /* In one piece, as messages may lie across buffers. */
        size_t len = 0, at = 0;
        for (size_t i = 0; i < m->host.msg_iovlen; i++)
            len += m->vector[i].iov_len;
        char *all = len <= 1 << 20 ? malloc(len + 1) : NULL;
        r = all ? 0 : -ENOMEM;
        for (size_t i = 0; !r && i < m->host.msg_iovlen; at += m->vector[i++].iov_len)
            r = guest_read(all + at, (uint64_t)m->vector[i].iov_base, m->vector[i].iov_len);
        if (!r) {
            netlink_convert(cpu->guest, fd, all, len, false);
            struct iovec one = {all, len};
            m->host.msg_iov = &one;
            m->host.msg_iovlen = 1;
            r = safe_syscall(SYS_sendmsg, fd, &m->host, flags);
        }
        free(all);
    } else {
        r = safe_syscall(SYS_sendmsg, fd, &m->host, flags);
    }
    message_free(m);
    return r;
}

static int64_t message_receive(struct vcpu *cpu, int fd, uint64_t gva, int flags)
{
    const struct guest *g = cpu->guest;
    struct message *m;
    int64_t r = message_begin(g, gva, false, &m);

    if (r)
        return r;
    r = safe_syscall(SYS_recvmsg, fd, &m->host, flags);
    if (r >= 0) {
        struct msghdr *to = &m->guest;
        bool truncated = false;
        int64_t control = 0;

        if (guest_swaps(g) && r)
            stream_vector_to_guest(cpu, fd, (uint64_t)to->msg_iov, to->msg_iovlen, (uint64_t)r);
        if (to->msg_name) {
            m->address.got = m->host.msg_namelen;
            address_unresolve(&m->address);
            m->host.msg_namelen = m->address.got;
            size_t n =
                m->host.msg_namelen < to->msg_namelen ? m->host.msg_namelen : to->msg_namelen;
            sockaddr_convert(g, &m->address.storage, m->host.msg_namelen, true);
            if (guest_write((uint64_t)to->msg_name, &m->address.storage, n))
                r = -EFAULT;
            to->msg_namelen = m->host.msg_namelen;
        }
        if (m->host.msg_control)
            control = control_to_guest(g, m->control, m->host.msg_controllen,
                                       (uint64_t)to->msg_control, to->msg_controllen, &truncated);
        to->msg_controllen = control < 0 ? 0 : (size_t)control;
        to->msg_flags = m->host.msg_flags | (truncated ? MSG_CTRUNC : 0);
        if (struct_write(g, STRUCT_msghdr, to, gva) || control < 0)
            r = -EFAULT;
    }
    message_free(m);
    return r;
}

SYSCALL(sendmsg)
{
    if (abi_is_native(cpu->guest))
        return safe_syscall(SYS_sendmsg, a[0], guest_arg(a[1]), a[2]);
    return message_send(cpu, (int)a[0], a[1], (int)a[2]);
}

/* Several messages: one after the other, until one fails or none is there. */
typedef int64_t message_fn(struct vcpu *cpu, int fd, uint64_t gva, int flags);

static int64_t messages(struct vcpu *cpu, const uint64_t a[6], message_fn *one)
{
    enum { WAITFORONE = 0x10000 };
    const unsigned stride = struct_size(cpu->guest, STRUCT_mmsghdr);
    const unsigned length_at = stride - guest_word(cpu->guest);
    int flags = (int)a[3];
    int64_t done = 0, r = 0;

    for (; done < (int64_t)a[2] && done < IOV_MAX; done++) {
        uint64_t at = a[1] + (uint64_t)done * stride;

        r = one(cpu, (int)a[0], at, flags & ~WAITFORONE);
        if (r < 0)
            break;
        uint32_t len = (uint32_t)r;
        if (struct_write(cpu->guest, STRUCT_u32, &len, at + length_at))
            return -EFAULT;
        if (flags & WAITFORONE)
            flags |= MSG_DONTWAIT;
    }
    return done ? done : r;
}

SYSCALL(sendmmsg)
{
    if (abi_is_native(cpu->guest))
        return safe_syscall(SYS_sendmmsg, a[0], guest_arg(a[1]), a[2], a[3]);
    return messages(cpu, a, message_send);
}

/* Makes what the messages at gva point to writable after an EFAULT. */
static bool messages_make_writable(const struct guest *g, uint64_t gva, uint64_t count,
                                   uint64_t stride)
{
    bool opened = false;

    for (uint64_t i = 0; i < count && i < IOV_MAX; i++) {
        struct msghdr m;

        if (struct_read(g, STRUCT_msghdr, &m, gva + i * stride))
            break;
        opened |= iovec_make_writable(g, (uint64_t)m.msg_iov, m.msg_iovlen);
        if (m.msg_name)
            opened |= vm_make_writable((uint64_t)m.msg_name, m.msg_namelen);
        if (m.msg_control)
            opened |= vm_make_writable((uint64_t)m.msg_control, m.msg_controllen);
    }
    return opened;
}

static int64_t receive_one(struct vcpu *cpu, const uint64_t a[6])
{
    if (abi_is_native(cpu->guest))
        return safe_syscall(SYS_recvmsg, a[0], guest_arg(a[1]), a[2]);
    return message_receive(cpu, (int)a[0], a[1], (int)a[2]);
}

SYSCALL(recvmsg)
{
    int64_t r = receive_one(cpu, a);

    if (r == -EFAULT && messages_make_writable(cpu->guest, a[1], 1, 0))
        r = receive_one(cpu, a);
    return r;
}

/* The time is looked at between messages only, as the kernel does. */
static int64_t receive_many(struct vcpu *cpu, const uint64_t a[6])
{
    if (abi_is_native(cpu->guest))
        return safe_syscall(SYS_recvmmsg, a[0], guest_arg(a[1]), a[2], a[3], guest_arg(a[4]));
    return messages(cpu, a, message_receive);
}

SYSCALL(recvmmsg)
{
    int64_t r = receive_many(cpu, a);

    if (r == -EFAULT &&
        messages_make_writable(cpu->guest, a[1], a[2], struct_size(cpu->guest, STRUCT_mmsghdr)))
        r = receive_many(cpu, a);
    return r;
}

SYSCALL(recvmmsg_time64)
{
    return sys_recvmmsg(cpu, a);
}

/* ---- options ---- */

enum { OPTION_MAX = 4096 };

static int option_to_host(const struct guest *g, int level, int name)
{
    return level == SOL_SOCKET ? (int)number_to_host(g->abi->sock_options, (uint32_t)name) : name;
}

static bool is_time(int level, int name)
{
    return level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO);
}

static int64_t attach_filter(const struct guest *g, const uint64_t a[6], int name)
{
    struct sock_fprog program;
    int64_t r = 0;

    if (a[4] != struct_size(g, STRUCT_sock_fprog))
        return -EINVAL;
    if (struct_read(g, STRUCT_sock_fprog, &program, a[3]))
        return -EFAULT;
    uint64_t gva = (uint64_t)program.filter;
    if (!program.len || program.len > BPF_MAXINSNS)
        return -EINVAL;
    program.filter = malloc(program.len * sizeof *program.filter);
    if (!program.filter)
        return -ENOMEM;
    for (unsigned i = 0; i < program.len && !r; i++)
        r = struct_read(g, STRUCT_sock_filter, &program.filter[i],
                        gva + i * sizeof *program.filter);
    if (!r)
        r = host_syscall(SYS_setsockopt, a[0], a[1], name, &program, sizeof program);
    free(program.filter);
    return r;
}

SYSCALL(setsockopt)
{
    const struct guest *g = cpu->guest;
    int level = (int)a[1], name = option_to_host(g, level, (int)a[2]);
    uint64_t value[OPTION_MAX / 8];

    if (abi_is_native(g))
        return host_syscall(SYS_setsockopt, a[0], a[1], name, guest_arg(a[3]), a[4]);
    if (level == SOL_SOCKET && (name == SO_ATTACH_FILTER || name == SO_ATTACH_REUSEPORT_CBPF))
        return attach_filter(g, a, name);
    if (a[4] > sizeof value)
        return (int32_t)a[4] < 0 ? -EINVAL : -ENOBUFS;
    if (is_time(level, name)) {
        if (a[4] < struct_size(g, STRUCT_timeval))
            return -EINVAL;
        if (struct_read(g, STRUCT_timeval, value, a[3]))
            return -EFAULT;
        return host_syscall(SYS_setsockopt, a[0], a[1], name, value, sizeof(struct timeval));
    }
    if (guest_read(value, a[3], a[4]))
        return -EFAULT;
    sockopt_convert(g, level, name, value, a[4], false);
    return host_syscall(SYS_setsockopt, a[0], a[1], name, value, a[4]);
}

SYSCALL(getsockopt)
{
    const struct guest *g = cpu->guest;
    int level = (int)a[1], name = option_to_host(g, level, (int)a[2]);
    uint64_t value[OPTION_MAX / 8];
    uint32_t room;

    if (abi_is_native(g))
        return host_syscall(SYS_getsockopt, a[0], a[1], name, guest_arg(a[3]), guest_arg(a[4]));
    if (struct_read(g, STRUCT_u32, &room, a[4]))
        return -EFAULT;
    if ((int32_t)room < 0)
        return -EINVAL;
    socklen_t len = room < sizeof value ? room : sizeof value;
    if (is_time(level, name))
        len = sizeof(struct timeval);
    int64_t r = host_syscall(SYS_getsockopt, a[0], a[1], name, value, &len);
    if (r)
        return r;
    if (is_time(level, name)) {
        struct timeval t;
        memcpy(&t, value, sizeof t);
        struct_to_guest(g, STRUCT_timeval, &t, value);
        len = struct_size(g, STRUCT_timeval);
        len = len < room ? len : room;
    } else {
        /* The type and family of a socket are numbers, as all the rest. */
        sockopt_convert(g, level, name, value, len, true);
    }
    if (guest_write(a[3], value, len) || struct_write(g, STRUCT_u32, &len, a[4]))
        return -EFAULT;
    return 0;
}

/* ---- socketcall(2): all of them through one number ---- */

SYSCALL(socketcall)
{
    static const struct {
        syscall_fn *call;
        uint8_t args;
    } calls[] = {
        /* include/uapi/linux/net.h */
        [1] = {sys_socket, 3},      [2] = {sys_bind, 3},        [3] = {sys_connect, 3},
        [4] = {sys_listen, 2},      [5] = {sys_accept, 3},      [6] = {sys_getsockname, 3},
        [7] = {sys_getpeername, 3}, [8] = {sys_socketpair, 4},  [9] = {sys_send, 4},
        [10] = {sys_recv, 4},       [11] = {sys_sendto, 6},     [12] = {sys_recvfrom, 6},
        [13] = {sys_shutdown, 2},   [14] = {sys_setsockopt, 5}, [15] = {sys_getsockopt, 5},
        [16] = {sys_sendmsg, 3},    [17] = {sys_recvmsg, 3},    [18] = {sys_accept4, 4},
        [19] = {sys_recvmmsg, 5},   [20] = {sys_sendmmsg, 4},
    };
    uint64_t args[6] = {0};

    if (!a[0] || a[0] >= sizeof calls / sizeof *calls)
        return -EINVAL;
    for (unsigned i = 0; i < calls[a[0]].args; i++)
        if (guest_read_word(cpu->guest, &args[i], a[1] + i * guest_word(cpu->guest)))
            return -EFAULT;
    return calls[a[0]].call(cpu, args);
}
