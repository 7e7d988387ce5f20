/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SECCOMP_RET_USER_NOTIF: a supervisor answers instead of the kernel.
 *
 * The notification itself is the host kernel's.  Who installs a filter with a listener
 * also gets a host filter that notifies of one range of numbers, which are no system
 * calls; such a call, with the guest's number and arguments in it, is made for each
 * verdict of the guest's filter.  So the listener is a real one, which can be polled,
 * sent elsewhere and inherited, and ends with its last holder; what the supervisor's
 * requests say is translated in its own ioctl(2).  A supervisor that lets a call go on
 * answers with a number that says so, as the host's kernel must not run it.
 */
#ifndef FERRY_SECCOMP_NOTIFY_H
#define FERRY_SECCOMP_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* A listener for this thread, or all with SECCOMP_FILTER_FLAG_TSYNC; flags as of
 * seccomp(2).  A descriptor or -errno (-EBUSY: it has one). */
int64_t seccomp_notify_listen(uint32_t flags);

/* Asks the supervisor.  True: it lets the call go on.  False: *result. */
bool seccomp_notify_ask(struct vcpu *cpu, uint32_t nr, int64_t *result);

/* ioctl(2) of a listener: true if request (the host's number) is one. */
bool seccomp_notify_ioctl(struct vcpu *cpu, uint64_t fd, uint32_t request, uint64_t arg,
                          int64_t *result);

/* SECCOMP_GET_NOTIF_SIZES. */
int64_t seccomp_notify_sizes(struct vcpu *cpu, uint64_t gva);

#endif
