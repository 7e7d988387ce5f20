/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors of ferry's own (log file, its own executable): they live at the
 * top of the usual descriptor range and the guest can't name them.  The
 * dispatcher answers EBADF for them, and close_range leaves them open.
 */
#ifndef FERRY_FDS_H
#define FERRY_FDS_H

#include <stdbool.h>
#include <stdint.h>

enum { FDS_HIDDEN_MAX = 12, FDS_TOP = 1024 };

/* Moves fd out of the guest's way, close-on-exec, and hides it.  Returns the new
 * number; or fd itself, still hidden, if it can't be moved.  By one thread at a time. */
int fds_hide(int fd);

/* fd is about to be closed. */
void fds_forget(int fd);

/* Hidden descriptors are at or above this; UINT32_MAX if there are none. */
extern uint32_t fds_hidden_low;
bool fds_is_hidden(uint32_t fd);
/* The lowest hidden descriptor at or above fd, or UINT32_MAX. */
uint32_t fds_next_hidden(uint32_t fd);

/* A directory's position as lseek got it from a guest whose longs are short. */
struct guest;
uint64_t position_to_host(const struct guest *g, int fd, uint64_t position);

#endif
