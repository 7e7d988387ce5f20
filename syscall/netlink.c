/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Netlink messages between byte orders (netlink(7), rtnetlink(7)).  Headers
 * and attributes are numbers of the host; what an attribute holds depends on
 * its message.  Known are those of the routing family; attributes of others
 * are taken for bytes.
 */
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "syscall/convert.h"
#include "syscall/stream.h"

struct swapper {
    const struct guest *g;
    bool to_guest;
};

/* The number at p in the host's order, whichever way it goes; then turns it. */
static uint64_t turn(const struct swapper *s, void *p, unsigned size)
{
    uint64_t v = 0;

    if (s->to_guest) {
        memcpy(&v, p, size);
        number_store(s->g, p, size, v);
    } else {
        v = number_load(s->g, p, size);
        memcpy(p, &v, size);
    }
    return v;
}

static void turn_all(const struct swapper *s, uint8_t *p, size_t len, unsigned size)
{
    for (; len >= size; p += size, len -= size)
        turn(s, p, size);
}

/* What follows the header of a message of the routing family. */
static const struct body {
    uint16_t first, last; /* message types */
    uint8_t size;
    uint8_t halves[2], words[4]; /* offsets of its numbers; 0: no more */
    /* Attributes made of numbers of 32 bits, of 64, and of attributes. */
    uint8_t attr32[32], attr64[2], nested[2];
} bodies[] = {
    {RTM_NEWLINK,
     RTM_SETLINK,
     16,
     {2},
     {4, 8, 12},
     {IFLA_MTU,
      IFLA_LINK,
      IFLA_STATS,
      IFLA_COST,
      IFLA_PRIORITY,
      IFLA_MASTER,
      IFLA_TXQLEN,
      IFLA_WEIGHT,
      IFLA_NET_NS_PID,
      IFLA_NUM_VF,
      IFLA_NET_NS_FD,
      IFLA_GROUP,
      IFLA_EXT_MASK,
      IFLA_PROMISCUITY,
      IFLA_NUM_TX_QUEUES,
      IFLA_NUM_RX_QUEUES,
      IFLA_CARRIER_CHANGES,
      IFLA_LINK_NETNSID,
      IFLA_GSO_MAX_SEGS,
      IFLA_GSO_MAX_SIZE,
      IFLA_IF_NETNSID,
      IFLA_CARRIER_UP_COUNT,
      IFLA_CARRIER_DOWN_COUNT,
      IFLA_NEW_IFINDEX,
      IFLA_MIN_MTU,
      IFLA_MAX_MTU},
     {IFLA_STATS64},
     {0}},
    {RTM_NEWADDR,
     RTM_GETADDR,
     8,
     {0},
     {4},
     {IFA_CACHEINFO, IFA_FLAGS, IFA_RT_PRIORITY, IFA_TARGET_NETNSID},
     {0},
     {0}},
    {RTM_NEWROUTE,
     RTM_GETROUTE,
     12,
     {0},
     {8},
     {RTA_IIF, RTA_OIF, RTA_PRIORITY, RTA_FLOW, RTA_CACHEINFO, RTA_TABLE, RTA_MARK, RTA_UID,
      RTA_NH_ID},
     {0},
     {RTA_METRICS}},
    {RTM_NEWNEIGH,
     RTM_GETNEIGH,
     12,
     {8},
     {4},
     {NDA_CACHEINFO, NDA_PROBES, NDA_VNI, NDA_IFINDEX, NDA_MASTER, NDA_LINK_NETNSID},
     {0},
     {0}},
    {RTM_NEWRULE,
     RTM_GETRULE,
     12,
     {0},
     {8},
     {6 /* FRA_PRIORITY */, 10 /* FRA_FWMARK */, 15 /* FRA_TABLE */, 16 /* FRA_FWMASK */},
     {0},
     {0}},
    {RTM_NEWQDISC, RTM_GETTFILTER, 20, {0}, {4, 8, 12, 16}, {0}, {0}, {0}},
};

static bool listed(const uint8_t *list, size_t n, unsigned type)
{
    return type && type <= UINT8_MAX && memchr(list, (int)type, n);
}

/* All values in a nested attribute are numbers of 32 bits. */
static void convert_attributes(const struct swapper *s, const struct body *body, bool nested,
                               uint8_t *p, size_t len)
{
    while (len >= sizeof(struct rtattr)) {
        size_t size = turn(s, p, 2);
        unsigned type = (unsigned)turn(s, p + 2, 2) & NLA_TYPE_MASK;
        uint8_t *value = p + sizeof(struct rtattr);

        if (size < sizeof(struct rtattr) || size > len)
            return;
        if (nested || listed(body->attr32, sizeof body->attr32, type))
            turn_all(s, value, size - sizeof(struct rtattr), 4);
        else if (listed(body->attr64, sizeof body->attr64, type))
            turn_all(s, value, size - sizeof(struct rtattr), 8);
        else if (listed(body->nested, sizeof body->nested, type))
            convert_attributes(s, body, true, value, size - sizeof(struct rtattr));
        size = NLA_ALIGN(size);
        if (size >= len)
            return;
        p += size;
        len -= size;
    }
}

static void convert_route(const struct swapper *s, unsigned type, uint8_t *p, size_t len)
{
    for (unsigned i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const struct body *b = &bodies[i];
        /* A request may be shorter: one byte that says the family. */
        if (type < b->first || type > b->last || len < b->size)
            continue;
        for (unsigned k = 0; k < sizeof b->halves && b->halves[k]; k++)
            turn(s, p + b->halves[k], 2);
        for (unsigned k = 0; k < sizeof b->words && b->words[k]; k++)
            turn(s, p + b->words[k], 4);
        convert_attributes(s, b, false, p + NLMSG_ALIGN(b->size), len - NLMSG_ALIGN(b->size));
        return;
    }
}

static unsigned convert_header(const struct swapper *s, uint8_t *p, size_t *len)
{
    *len = turn(s, p, 4);
    unsigned type = (unsigned)turn(s, p + 4, 2);
    turn(s, p + 6, 2);
    turn(s, p + 8, 4);
    turn(s, p + 12, 4);
    return type;
}

void netlink_convert(const struct guest *g, int fd, void *messages, size_t len, bool to_guest)
{
    const struct swapper s = {g, to_guest};
    uint8_t *p = messages;
    int protocol = -1;
    socklen_t option = sizeof protocol;

    getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &option);
    while (len >= NLMSG_HDRLEN) {
        size_t size, ignored;
        unsigned type = convert_header(&s, p, &size);

        if (size < NLMSG_HDRLEN || size > len)
            return;
        uint8_t *body = p + NLMSG_HDRLEN;
        size_t body_len = size - NLMSG_HDRLEN;
        if ((type == NLMSG_ERROR || type == NLMSG_DONE) && body_len >= 4) {
            turn(&s, body, 4);
            if (type == NLMSG_ERROR && body_len >= 4 + NLMSG_HDRLEN)
                convert_header(&s, body + 4, &ignored);
        } else if (protocol == NETLINK_ROUTE) {
            convert_route(&s, type, body, body_len);
        }
        size = NLMSG_ALIGN(size);
        if (size >= len)
            return;
        p += size;
        len -= size;
    }
}
