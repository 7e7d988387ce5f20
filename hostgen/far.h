/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FAR_ZEROS: a large array that begins as zeros lies behind all that is small.  The variables that
 * every start of ferry needs then share a few pages; among the arrays each would have one of its
 * own, and a page costs as much as ten system calls.
 */
#ifndef FERRY_HOSTGEN_FAR_H
#define FERRY_HOSTGEN_FAR_H

/* The sanitizer looks after nothing in other sections; clang would write the zeros to the file. */
#if defined __SANITIZE_ADDRESS__ || defined __clang__
#define FAR_ZEROS
#else
#define FAR_ZEROS __attribute__((section(".lbss")))
#endif

#endif
