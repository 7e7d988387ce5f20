/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --sandbox: what the host's kernel lets this process do from now on.  What it
 * is for and what it is not, is in runner/SANDBOX.md.
 */
#ifndef FERRY_SANDBOX_H
#define FERRY_SANDBOX_H

#include <stdbool.h>

/* Checks PROFILE or PROFILE:DIR[:DIR...]; a sentence about what is wrong, or
 * NULL. */
const char *sandbox_check(const char *profile);

/* Enters it; the program and its interpreter are loaded.  Ends ferry with a
 * message where the kernel can't enforce the profile.  There is no way back. */
void sandbox_enter(const char *profile);

#endif
