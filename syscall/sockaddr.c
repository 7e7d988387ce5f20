/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/sockaddr.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/icmpv6.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>

#include "loader/vm.h"
#include "syscall/convert.h"

#ifndef SO_TIMESTAMP_NEW
#define SO_TIMESTAMP_NEW   63
#define SO_TIMESTAMPNS_NEW 64
#endif

/* ---- addresses ---- */

void sockaddr_convert(const struct guest *g, void *address, size_t len, bool to_guest)
{
    uint16_t host;
    enum structure s = STRUCT_sockaddr;

    if (len < sizeof host || abi_is_native(g))
        return;
    memcpy(&host, address, sizeof host);
    switch (to_guest ? host : number_load(g, address, sizeof host)) {
    case AF_INET6:
        s = STRUCT_sockaddr_in6;
        break;
    case AF_NETLINK:
        s = STRUCT_sockaddr_netlink;
        break;
    case AF_PACKET:
        s = STRUCT_sockaddr_packet;
        break;
    case AF_VSOCK:
        s = STRUCT_sockaddr_vm;
        break;
    }
    struct_prefix(g, s, address, len, to_guest);
}

/* ---- options ---- */

enum { BYTES = STRUCT_COUNT, ADDRESS };

/* Options that are no number; SOL_SOCKET's with the host's numbers. */
static const struct {
    int level, name;
    unsigned as;
} options[] = {
    {SOL_SOCKET, SO_BINDTODEVICE, BYTES},
    {SOL_SOCKET, SO_PEERSEC, BYTES},
    {SOL_SOCKET, SO_PEERNAME, ADDRESS},
    {SOL_SOCKET, SO_LINGER, STRUCT_linger},
    {SOL_SOCKET, SO_PEERCRED, STRUCT_ucred},
    {IPPROTO_IP, IP_MULTICAST_IF, BYTES},
    {IPPROTO_IP, IP_ADD_MEMBERSHIP, STRUCT_ip_mreqn},
    {IPPROTO_IP, IP_DROP_MEMBERSHIP, STRUCT_ip_mreqn},
    {IPPROTO_IP, IP_OPTIONS, BYTES},
    {IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, BYTES},
    {IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP, BYTES},
    {IPPROTO_IPV6, IPV6_JOIN_GROUP, STRUCT_ipv6_mreq},
    {IPPROTO_IPV6, IPV6_LEAVE_GROUP, STRUCT_ipv6_mreq},
    {IPPROTO_IPV6, IPV6_JOIN_ANYCAST, STRUCT_ipv6_mreq},
    {IPPROTO_IPV6, IPV6_LEAVE_ANYCAST, STRUCT_ipv6_mreq},
    {IPPROTO_TCP, TCP_CONGESTION, BYTES},
    {IPPROTO_TCP, TCP_ULP, BYTES},
    {IPPROTO_TCP, TCP_FASTOPEN_KEY, BYTES},
    {IPPROTO_TCP, TCP_INFO, STRUCT_tcp_info},
    {279 /* SOL_ALG */, 1 /* ALG_SET_KEY */, BYTES},
};

void sockopt_convert(const struct guest *g, int level, int name, void *value, size_t len,
                     bool to_guest)
{
    for (unsigned i = 0; i < sizeof options / sizeof *options; i++) {
        if (options[i].level != level || options[i].name != name)
            continue;
        if (options[i].as == ADDRESS)
            sockaddr_convert(g, value, len, to_guest);
        else if (options[i].as != BYTES)
            struct_prefix(g, (enum structure)options[i].as, value, len, to_guest);
        return;
    }
    /* Ints, and arrays of them; one byte is one byte. */
    for (char *p = value; len >= 4; p += 4, len -= 4)
        struct_prefix(g, STRUCT_int, p, 4, to_guest);
}

/* ---- ancillary data ---- */

enum { INTS = STRUCT_COUNT, BYTES_OF_CONTROL, ERROR_AND_ADDRESS };

static const struct {
    int level, type;
    unsigned as;
} controls[] = {
    {SOL_SOCKET, SCM_CREDENTIALS, STRUCT_ucred},
    {SOL_SOCKET, SO_TIMESTAMP, STRUCT_timeval},
    {SOL_SOCKET, SO_TIMESTAMPNS, STRUCT_timespec},
    {SOL_SOCKET, SO_TIMESTAMP_NEW, STRUCT_timespec64},
    {SOL_SOCKET, SO_TIMESTAMPNS_NEW, STRUCT_timespec64},
    {IPPROTO_IP, IP_PKTINFO, STRUCT_in_pktinfo},
    {IPPROTO_IP, IP_RECVERR, ERROR_AND_ADDRESS},
    {IPPROTO_IP, IP_TOS, BYTES_OF_CONTROL},
    {IPPROTO_IP, IP_RECVOPTS, BYTES_OF_CONTROL},
    {IPPROTO_IP, IP_RETOPTS, BYTES_OF_CONTROL},
    {IPPROTO_IP, IP_ORIGDSTADDR, BYTES_OF_CONTROL},
    {IPPROTO_IPV6, IPV6_PKTINFO, STRUCT_in6_pktinfo},
    {IPPROTO_IPV6, IPV6_RECVERR, ERROR_AND_ADDRESS},
    {IPPROTO_UDP, UDP_SEGMENT, BYTES_OF_CONTROL},
    {279 /* SOL_ALG */, 2 /* ALG_SET_IV */, BYTES_OF_CONTROL},
};

static unsigned control_kind(int level, int type)
{
    for (unsigned i = 0; i < sizeof controls / sizeof *controls; i++)
        if (controls[i].level == level && controls[i].type == type)
            return controls[i].as;
    return INTS;
}

/* One item's data from `in` to `out`; its length there. */
static size_t convert_data(const struct guest *g, unsigned kind, const uint8_t *in, size_t len,
                           uint8_t *out, bool to_guest)
{
    memcpy(out, in, len);
    switch (kind) {
    case BYTES_OF_CONTROL:
        if (len == 2) /* UDP_SEGMENT */
            number_store(g, out, 2, (uint64_t)(in[0] | in[1] << 8));
        return len;
    case INTS:
        for (size_t at = 0; at + 4 <= len; at += 4)
            struct_prefix(g, STRUCT_int, out + at, 4, to_guest);
        return len;
    case ERROR_AND_ADDRESS:
        struct_prefix(g, STRUCT_sock_extended_err, out, len, to_guest);
        if (len > sizeof(struct sock_extended_err))
            sockaddr_convert(g, out + sizeof(struct sock_extended_err),
                             len - sizeof(struct sock_extended_err), to_guest);
        return len;
    default: {
        const struct layout *l = struct_layout(g, (enum structure)kind);
        size_t want = to_guest ? l->host_size : l->guest_size;
        if (len < want)
            return len;
        if (to_guest)
            struct_to_guest(g, (enum structure)kind, in, out);
        else
            struct_to_host(g, (enum structure)kind, in, out);
        return to_guest ? l->guest_size : l->host_size;
    }
    }
}

static size_t word_up(const struct guest *g, size_t n)
{
    size_t word = guest_word(g);

    return (n + word - 1) & ~(word - 1);
}

int64_t control_to_host(const struct guest *g, uint64_t gva, uint64_t len, uint8_t *host,
                        size_t room)
{
    const size_t head = word_up(g, struct_size(g, STRUCT_cmsghdr));
    uint8_t data[4096], out[4096 + 64];
    size_t used = 0;

    for (uint64_t at = 0; at + head <= len;) {
        struct cmsghdr c;

        if (struct_read(g, STRUCT_cmsghdr, &c, gva + at))
            return -EFAULT;
        if (c.cmsg_len < head || c.cmsg_len > len - at)
            return -EINVAL;
        size_t n = c.cmsg_len - head;
        if (n > sizeof data)
            return -EINVAL;
        if (guest_read(data, gva + at + head, n))
            return -EFAULT;
        size_t size = convert_data(g, control_kind(c.cmsg_level, c.cmsg_type), data, n, out, false);
        if (used + CMSG_SPACE(size) > room)
            return -ENOBUFS;
        memset(host + used, 0, CMSG_SPACE(size));
        at += word_up(g, c.cmsg_len);
        c.cmsg_len = CMSG_LEN(size);
        memcpy(host + used, &c, sizeof c);
        memcpy(host + used + CMSG_LEN(0), out, size);
        used += CMSG_SPACE(size);
    }
    return (int64_t)used;
}

int64_t control_to_guest(const struct guest *g, const uint8_t *host, size_t len, uint64_t gva,
                         uint64_t room, bool *truncated)
{
    const size_t head = word_up(g, struct_size(g, STRUCT_cmsghdr));
    uint8_t out[4096 + 64];
    uint64_t used = 0;

    for (size_t at = 0; at + CMSG_LEN(0) <= len;) {
        struct cmsghdr c;

        memcpy(&c, host + at, sizeof c);
        if (c.cmsg_len < CMSG_LEN(0) || c.cmsg_len > len - at)
            break;
        size_t n = c.cmsg_len - CMSG_LEN(0);
        if (n > 4096)
            return -ENOBUFS;
        size_t size = convert_data(g, control_kind(c.cmsg_level, c.cmsg_type),
                                   host + at + CMSG_LEN(0), n, out, true);
        at += CMSG_ALIGN(c.cmsg_len);
        if (room - used < head) {
            *truncated = true;
            break;
        }
        if (size > room - used - head) {
            *truncated = true;
            size = room - used - head;
        }
        c.cmsg_len = head + size;
        if (struct_write(g, STRUCT_cmsghdr, &c, gva + used) ||
            guest_write(gva + used + head, out, size))
            return -EFAULT;
        used += word_up(g, c.cmsg_len);
        used = used < room ? used : room;
    }
    return (int64_t)used;
}
