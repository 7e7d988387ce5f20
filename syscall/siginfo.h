/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * siginfo_t of the guest: which members there are depends on the signal and on
 * what caused it (sigaction(2); kernel/signal.c, siginfo_layout).
 */
#ifndef FERRY_SIGINFO_H
#define FERRY_SIGINFO_H

#include <signal.h>
#include <stdint.h>

struct guest;

enum { SIGINFO_SIZE = 128 };

void siginfo_to_guest(const struct guest *g, const siginfo_t *host, uint8_t out[SIGINFO_SIZE]);
int siginfo_write(const struct guest *g, const siginfo_t *host, uint64_t gva);
int siginfo_read(const struct guest *g, siginfo_t *host, uint64_t gva);

#endif
