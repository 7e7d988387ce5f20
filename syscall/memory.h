/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the System V segments of a process need when it has children. */
#ifndef FERRY_MEMORY_H
#define FERRY_MEMORY_H

/* A child that had this memory has ended; as the owner of locks it was `dead`. */
void memory_child_gone(unsigned dead);

/* To be called around a fork, the latter by parent and child. */
void memory_fork_prepare(void);
void memory_fork_done(void);

#endif
