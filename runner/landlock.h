/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Landlock (Documentation/userspace-api/landlock.rst): which files a process may
 * open, for good.
 */
#ifndef FERRY_LANDLOCK_H
#define FERRY_LANDLOCK_H

#include <stdbool.h>

enum landlock_access { LANDLOCK_READ, LANDLOCK_WRITE }; /* execution counts as reading */

/* A new ruleset that forbids all that the kernel knows of; -1 if it has no
 * Landlock. */
int landlock_begin(bool network);
/* Allows access to path and what lies below it.  False with errno: it isn't
 * there. */
bool landlock_allow(int ruleset, const char *path, enum landlock_access access);
/* From now on; 0 or -errno. */
int landlock_enter(int ruleset);

#endif
