/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ioctl requests have the same numbers and structures on all guests whose
 * kernel uses the generic encoding and whose C types are laid out like the
 * host's; so they go to the kernel, which knows what the argument is and
 * checks it.  What must not go there is listed here.  For other guests the
 * number is translated (syscall/ioctl.h) and the structure is converted as
 * syscall/ioctls.def says.
 */
#include "syscall/ioctl.h"

#include <asm/termbits.h>
#include <linux/fs.h>
#include <linux/nsfs.h>
#include <linux/random.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "syscall/convert.h"
#include "syscall/pass.h"
#include "syscall/seccomp_notify.h"

#ifndef TIOCGETD
#include <asm/ioctls.h>
#endif

/* Types (the second byte of a request) that speak of the host's processor or of
 * addresses that ferry must know of.  The kernel answers ENOTTY for requests
 * that a file doesn't know. */
static const uint8_t refused_types[] = {
    0xae, /* KVM: host instructions */
    0xaa, /* userfaultfd: faults of ferry's own memory */
};

/* Requests that may sleep in a way that a signal ends. */
static const uint32_t sleeping[] = {
    TCSBRK,   TCSBRKP,  TCXONC,  TCSETS,    TCSETSW, TCSETSF,      TCSETS2,
    TCSETSW2, TCSETSF2, TIOCSTI, TIOCSPGRP, FICLONE, FICLONERANGE, FIDEDUPERANGE,
};

static int64_t host_ioctl(uint64_t fd, uint32_t request, const void *arg)
{
    for (unsigned i = 0; i < sizeof(refused_types); i++)
        if ((request >> 8 & 0xff) == refused_types[i])
            return -ENOTTY;
    for (unsigned i = 0; i < sizeof(sleeping) / sizeof(sleeping[0]); i++)
        if (request == sleeping[i])
            return safe_syscall(SYS_ioctl, fd, request, arg);
    return host_syscall(SYS_ioctl, fd, request, arg);
}

/* ---- termios ---- */

/* From the masks `from` to the masks `to` of the fields. */
static uint32_t move_fields(const struct termios_field *f, uint32_t from, bool to_host)
{
    uint32_t out = 0;

    for (; f->guest; f++) {
        uint32_t in_mask = to_host ? f->guest : f->host, out_mask = to_host ? f->host : f->guest;
        uint32_t value = (from & in_mask) >> __builtin_ctz(in_mask);
        out |= value << __builtin_ctz(out_mask) & out_mask;
    }
    return out;
}

static uint32_t baud_to_host(const struct termios_abi *t, uint32_t baud)
{
    if (baud == t->other)
        return BOTHER;
    return baud < t->first ? baud : CBAUDEX + 1 + (baud - t->first);
}

static uint32_t baud_to_guest(const struct termios_abi *t, uint32_t baud)
{
    if (baud == BOTHER)
        return t->other;
    return baud & CBAUDEX ? t->first + (baud & 15) - 1 : baud;
}

static void termios_to_guest(const struct guest *g, const struct termios2 *h, uint8_t *out)
{
    const struct termios_abi *t = g->abi->ioctl->termios;
    const uint32_t flags[4] = {
        move_fields(t->iflag, h->c_iflag, false),
        move_fields(t->oflag, h->c_oflag, false),
        move_fields(t->cflag, h->c_cflag, false) | baud_to_guest(t, h->c_cflag & CBAUD),
        move_fields(t->lflag, h->c_lflag, false),
    };

    memset(out, 0, t->size);
    for (unsigned i = 0; i < 4; i++)
        number_store(g, out + 4 * i, 4, flags[i]);
    for (unsigned i = 0; i < t->cc_count; i++)
        out[t->cc_offset + i] = h->c_cc[t->cc[i]];
    out[t->line_offset] = h->c_line;
    number_store(g, out + t->speed_offset, 4, h->c_ispeed);
    number_store(g, out + t->speed_offset + 4, 4, h->c_ospeed);
}

static void termios_to_host(const struct guest *g, const uint8_t *in, struct termios2 *h)
{
    const struct termios_abi *t = g->abi->ioctl->termios;
    uint32_t flags[4];

    for (unsigned i = 0; i < 4; i++)
        flags[i] = (uint32_t)number_load(g, in + 4 * i, 4);
    h->c_iflag = move_fields(t->iflag, flags[0], true);
    h->c_oflag = move_fields(t->oflag, flags[1], true);
    h->c_cflag = move_fields(t->cflag, flags[2], true) | baud_to_host(t, flags[2] & t->baud_mask);
    h->c_lflag = move_fields(t->lflag, flags[3], true);
    for (unsigned i = 0; i < t->cc_count; i++)
        h->c_cc[t->cc[i]] = in[t->cc_offset + i];
    h->c_line = in[t->line_offset];
    h->c_ispeed = (speed_t)number_load(g, in + t->speed_offset, 4);
    h->c_ospeed = (speed_t)number_load(g, in + t->speed_offset + 4, 4);
}

/* TCGETS and TCSETS are the host's TCGETS2 and TCSETS2, which have speeds. */
static int64_t termios_call(const struct guest *g, uint64_t fd, uint32_t request, uint64_t gva)
{
    const unsigned size = g->abi->ioctl->termios->size;
    struct termios2 h = {0};
    uint8_t raw[64];

    if (request == TCGETS2) {
        int64_t r = host_ioctl(fd, request, &h);
        if (r < 0)
            return r;
        termios_to_guest(g, &h, raw);
        return guest_write(gva, raw, size);
    }
    if (guest_read(raw, gva, size))
        return -EFAULT;
    termios_to_host(g, raw, &h);
    return host_ioctl(fd, request, &h);
}

/* ---- numbers ---- */

enum { NOT_KNOWN = 0 };

static uint32_t encode(const struct ioctl_abi *abi, unsigned direction, uint32_t request,
                       unsigned size)
{
    unsigned d =
        (direction & _IOC_READ ? abi->read : 0u) | (direction & _IOC_WRITE ? abi->write : 0u);

    return (d ? d : abi->none) << (16 + abi->size_bits) | size << 16 | (request & 0xffff);
}

/* The host's number for one that is built by the guest's rules, or the same for
 * numbers without rules, which have nothing in the upper half. */
static uint32_t request_to_host(const struct ioctl_abi *abi, uint32_t request)
{
    unsigned direction = request >> (16 + abi->size_bits);
    unsigned size = request >> 16 & ((1u << abi->size_bits) - 1);
    unsigned d =
        (direction & abi->read ? _IOC_READ : 0u) | (direction & abi->write ? _IOC_WRITE : 0u);

    for (const struct ioctl_number *n = abi->numbers; n->guest; n++) {
        if (n->guest == request)
            return n->host;
        if (n->host == request)
            return NOT_KNOWN;
    }
    if (request <= UINT16_MAX)
        return request;
    return _IOC(d, request >> 8 & 0xff, request & 0xff, size);
}

/* The guest's number for a request of the table. */
static uint32_t request_to_guest(const struct guest *g, uint32_t request, enum structure s)
{
    const struct ioctl_abi *abi = g->abi->ioctl;
    unsigned size = _IOC_SIZE(request);

    if (abi)
        for (const struct ioctl_number *n = abi->numbers; n->guest; n++)
            if (n->host == request)
                return n->guest;
    if (request <= UINT16_MAX)
        return request;
    /* Some are numbered by a size_t and have something else. */
    if (size == 8 && s != STRUCT_u64 && struct_layout(g, s)->host_size != 16)
        size = guest_word(g);
    if (!abi)
        return (request & ~(_IOC_SIZEMASK << _IOC_SIZESHIFT)) | size << _IOC_SIZESHIFT;
    return encode(abi, _IOC_DIR(request), request, size);
}

/* ---- structures ---- */

static const struct known {
    uint32_t request;
    uint8_t way, structure;
} known[] = {
#define WAY_IN              PASS_IN
#define WAY_OUT             PASS_OUT
#define WAY_INOUT           (PASS_IN | PASS_OUT)
#define IOCTL(name, way, s) {name, WAY_##way, STRUCT_##s},
#include "syscall/ioctls.def"
#undef IOCTL
};

static const struct known *find_known(const struct guest *g, uint32_t request)
{
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++) {
        const struct known *k = &known[i];
        uint32_t number = request_to_guest(g, k->request, (enum structure)k->structure);
        if (number == request)
            return k;
        /* 64-bit sizes in the number, whatever the word. */
        if (k->structure == STRUCT_u64 && guest_word(g) == 4 && _IOC_SIZE(k->request) == 8 &&
            (number & ~0x1fff0000u) == (request & ~0x1fff0000u) && (request >> 16 & 0x1fff) == 4)
            return k;
    }
    return NULL;
}

static int64_t converted(const struct guest *g, uint64_t fd, const struct known *k, uint64_t gva)
{
    /* Larger than any structure, as the kernel copies all of an ifreq. */
    uint64_t buf[STRUCT_MAX_SIZE / 8] = {0};

    if ((k->way & PASS_IN) && struct_read(g, (enum structure)k->structure, buf, gva))
        return -EFAULT;
    int64_t r = host_ioctl(fd, k->request, buf);
    if (r >= 0 && (k->way & PASS_OUT) && struct_write(g, (enum structure)k->structure, buf, gva))
        return -EFAULT;
    return r;
}

/* SIOCGIFCONF: a list of interfaces with addresses, in a buffer of its own. */
static int64_t interface_list(const struct guest *g, uint64_t fd, uint64_t gva)
{
    const unsigned size = guest_word(g) == 8 ? 40 : 32;
    struct {
        int32_t len;
        uint64_t buf;
    } conf;
    enum { HOST_SIZE = 40, MOST = 1024 };
    struct {
        int32_t len;
        uint64_t buf;
    } host = {0, 0};

    if (struct_read(g, STRUCT_ifconf, &conf, gva))
        return -EFAULT;
    unsigned count = conf.len < 0 ? 0 : (unsigned)conf.len / size;
    count = count < MOST ? count : MOST;
    char *list = conf.buf ? malloc(count * HOST_SIZE + 1) : NULL;
    host.buf = (uintptr_t)list;
    host.len = (int32_t)(count * HOST_SIZE);
    int64_t r = host_ioctl(fd, SIOCGIFCONF, &host);
    unsigned got = r < 0 ? 0 : (unsigned)host.len / HOST_SIZE;
    for (unsigned i = 0; list && r >= 0 && i < got; i++) {
        char out[HOST_SIZE];
        memcpy(out, list + i * HOST_SIZE, HOST_SIZE);
        struct_prefix(g, STRUCT_ifreq_short, out, HOST_SIZE, true);
        if (guest_write(conf.buf + i * size, out, size))
            r = -EFAULT;
    }
    free(list);
    conf.len = (int32_t)(got * size);
    return r < 0 ? r : struct_write(g, STRUCT_ifconf, &conf, gva);
}

SYSCALL(ioctl)
{
    const struct guest *g = cpu->guest;
    const struct ioctl_abi *abi = g->abi->ioctl;
    uint32_t guest_request = (uint32_t)a[1], request = guest_request;
    int64_t r;

    if (abi && !(request = request_to_host(abi, guest_request)))
        return -ENOTTY;
    if (abi && abi->termios &&
        (request == TCGETS2 || request == TCSETS2 || request == TCSETSW2 || request == TCSETSF2))
        return termios_call(g, a[0], request, a[2]);
    if (seccomp_notify_ioctl(cpu, a[0], request, a[2], &r))
        return r;
    if (abi_is_native(g))
        return host_ioctl(a[0], request, guest_arg(a[2]));
    if (request == SIOCGIFCONF)
        return interface_list(g, a[0], a[2]);
    const struct known *k = find_known(g, guest_request);
    if (k)
        return converted(g, a[0], k, a[2]);
    /* Numbers as arguments. */
    if (request <= UINT16_MAX ? request >> 8 == 'T' || request >> 8 == 0x12 || request >> 8 == 'L'
                              : _IOC_DIR(request) == _IOC_NONE || request == FICLONE)
        return host_ioctl(a[0], request, guest_arg(a[2]));
    return -ENOTTY;
}
