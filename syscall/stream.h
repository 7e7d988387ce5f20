/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What read(2) and its kin give for descriptors that deliver structures
 * instead of bytes (eventfd, timerfd, signalfd, inotify, netlink) is in the
 * host's byte order.  Only guests of the other order need this; which kind a
 * descriptor is, the kernel is asked each time.
 */
#ifndef FERRY_STREAM_H
#define FERRY_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct guest;
struct vcpu;

/* Converts what was read in place: len bytes at gva, or in a vector of buffers. */
void stream_to_guest(struct vcpu *cpu, int fd, uint64_t gva, uint64_t len);
void stream_vector_to_guest(struct vcpu *cpu, int fd, uint64_t iov, uint64_t count, uint64_t len);

/* A descriptor to which 64-bit numbers are written. */
bool stream_is_counter(int fd);
/* A netlink socket whose messages have binary headers. */
bool stream_is_netlink(int fd);

/* Netlink messages: sends len bytes at gva; converts len bytes in place. */
int64_t stream_send(struct vcpu *cpu, int fd, uint64_t gva, uint64_t len, int flags,
                    const struct sockaddr *to, socklen_t to_len);
void netlink_convert(const struct guest *g, int fd, void *messages, size_t len, bool to_guest);

#endif
