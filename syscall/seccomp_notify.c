/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/seccomp_notify.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include "signal/signal.h"
#include "syscall/fds.h"
#include "syscall/layout.h"
#include "syscall/seccomp.h"
#include "syscall/syscall.h"

/* Of Linux 6.6. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

/* Numbers that mean a guest's: ASKS, 4 bits of its place among the guests, 16 of the
 * number.  Bit 30 is x32's. */
enum { ASKS = 0x0fe00000, ASKS_MASK = 0x7ff00000, GUEST_SHIFT = 16, NR_MASK = 0xffff };

/* No call's result. */
#define GO_ON (INT64_MIN + 0x60696e67)

int64_t seccomp_notify_listen(uint32_t flags)
{
    struct sock_filter insns[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ASKS_MASK),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ASKS, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof insns / sizeof *insns, insns};

    return host_syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static uint32_t place_of(const struct guest *g)
{
    uint32_t i = 0;

    while (guests[i] != g)
        i++;
    return i;
}

bool seccomp_notify_ask(struct vcpu *cpu, uint32_t nr, int64_t *result)
{
    const struct guest *g = cpu->guest;
    uint64_t args[6];

    /* There is no such call, whatever the supervisor would say. */
    if (nr > NR_MASK) {
        *result = -ENOSYS;
        return false;
    }
    seccomp_args(cpu, args);
    int64_t r = safe_syscall(ASKS | place_of(g) << GUEST_SHIFT | nr, args[0], args[1], args[2],
                             args[3], args[4], args[5]);
    if (r == GO_ON)
        return true;
    *result = r;
    /* A supervisor may say anything. */
    if (r == -ESIGRETURN)
        syscall_set_result(cpu, r);
    return false;
}

/* ---- the supervisor's side ---- */

static bool is_zero(const void *p, size_t n)
{
    for (const char *at = p; n--; at++)
        if (*at)
            return false;
    return true;
}

/* What the host's kernel says of a guest's call, as the guest's would; it doesn't know the
 * program counter. */
static void translate(struct seccomp_data *data)
{
    const uint32_t place = (uint32_t)data->nr >> GUEST_SHIFT & 15;

    if (((uint32_t)data->nr & ASKS_MASK) != ASKS)
        return;
    data->nr &= NR_MASK;
    data->arch = seccomp_audit_arch(guests[place]);
    data->instruction_pointer = 0;
}

static int64_t receive(const struct guest *g, uint64_t fd, uint64_t gva)
{
    struct seccomp_notif n;

    if (guest_read(&n, gva, sizeof n))
        return -EFAULT;
    if (!is_zero(&n, sizeof n))
        return -EINVAL;
    if (guest_write(gva, &n, sizeof n))
        return -EFAULT;
    int64_t r = safe_syscall(SYS_ioctl, fd, SECCOMP_IOCTL_NOTIF_RECV, &n);
    if (r)
        return r;
    translate(&n.data);
    return struct_write(g, STRUCT_seccomp_notif, &n, gva);
}

static int64_t answer(const struct guest *g, uint64_t fd, uint64_t gva)
{
    struct seccomp_notif_resp resp;

    if (struct_read(g, STRUCT_seccomp_notif_resp, &resp, gva))
        return -EFAULT;
    if (resp.flags == SECCOMP_USER_NOTIF_FLAG_CONTINUE) {
        if (resp.error || resp.val)
            return -EINVAL;
        resp.flags = 0;
        resp.val = GO_ON;
    }
    return host_syscall(SYS_ioctl, fd, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

static int64_t add_fd(const struct guest *g, uint64_t fd, uint64_t gva)
{
    struct seccomp_notif_addfd add;

    if (struct_read(g, STRUCT_seccomp_notif_addfd, &add, gva))
        return -EFAULT;
    /* Neither ours nor in the place of another ferry's, which are the same numbers. */
    if (fds_is_hidden(add.srcfd) ||
        ((add.flags & SECCOMP_ADDFD_FLAG_SETFD) && fds_is_hidden(add.newfd)))
        return -EBADF;
    return host_syscall(SYS_ioctl, fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
}

static int64_t id_valid(const struct guest *g, uint64_t fd, uint64_t gva)
{
    uint64_t id;

    if (struct_read(g, STRUCT_u64, &id, gva))
        return -EFAULT;
    return host_syscall(SYS_ioctl, fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);
}

bool seccomp_notify_ioctl(struct vcpu *cpu, uint64_t fd, uint32_t request, uint64_t arg,
                          int64_t *result)
{
    switch (request) {
    case SECCOMP_IOCTL_NOTIF_RECV:
        *result = receive(cpu->guest, fd, arg);
        return true;
    case SECCOMP_IOCTL_NOTIF_SEND:
        *result = answer(cpu->guest, fd, arg);
        return true;
    case SECCOMP_IOCTL_NOTIF_ID_VALID:
    case SECCOMP_IOR(2, __u64): /* as it was defined at first */
        *result = id_valid(cpu->guest, fd, arg);
        return true;
    case SECCOMP_IOCTL_NOTIF_ADDFD:
        *result = add_fd(cpu->guest, fd, arg);
        return true;
    case SECCOMP_IOCTL_NOTIF_SET_FLAGS:
        *result = host_syscall(SYS_ioctl, fd, request, arg);
        return true;
    default:
        return false;
    }
}

int64_t seccomp_notify_sizes(struct vcpu *cpu, uint64_t gva)
{
    struct seccomp_notif_sizes sizes;
    int64_t r = host_syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes);

    /* Those that are translated here, should the kernel have longer ones. */
    sizes = (struct seccomp_notif_sizes){sizeof(struct seccomp_notif),
                                         sizeof(struct seccomp_notif_resp),
                                         sizeof(struct seccomp_data)};
    return r ? r : struct_write(cpu->guest, STRUCT_seccomp_notif_sizes, &sizes, gva);
}
