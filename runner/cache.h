/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of `ferry cache`. */
#ifndef FERRY_RUNNER_CACHE_H
#define FERRY_RUNNER_CACHE_H

/* Translates programs, libraries and whole directories ahead of time; the exit status. */
int cache_build(char *const paths[], unsigned jobs);

#endif
