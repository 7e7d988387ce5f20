/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the parts of --strace: a printer appends one argument or result to
 * the text of x->out.  strace_values.c has those of numbers, strings and data,
 * strace_structs.c those of structures, strace.c the table of their names.
 */
#ifndef FERRY_STRACE_PRINT_H
#define FERRY_STRACE_PRINT_H

#include "syscall/layout.h"
#include "syscall/strace.h"
#include "syscall/strace_flags.h"

enum { STRACE_LIST_MAX = 16 };

struct strace_value {
    struct strace_buf *out;
    const struct strace_line *line;
    unsigned i; /* argument, or 6: the result */
    uint64_t v;
    int64_t result; /* after the call; 0 before it */
    enum structure structure;
    const struct strace_names *names;
};

typedef void strace_printer(const struct strace_value *x);

void strace_put(struct strace_buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void strace_put_quoted(struct strace_buf *b, const unsigned char *s, size_t len);
void strace_put_pointer(struct strace_buf *b, uint64_t v);
/* The bytes at gva, quoted, cut after some. */
void strace_put_data(struct strace_buf *b, uint64_t gva, uint64_t len);
/* An iovec array whose buffers hold total bytes. */
void strace_put_iovec(const struct strace_value *x, uint64_t gva, uint64_t count, uint64_t total);
void strace_put_names(struct strace_buf *b, const struct strace_names *t, uint64_t v);
/* What fcntl(2) tells by its result; false: it's a number. */
bool strace_put_fcntl_result(struct strace_buf *b, const struct strace_line *line, int64_t result);
void strace_put_signal(struct strace_buf *b, int sig);
const struct strace_names *strace_find_names(const char *word, size_t len);

strace_printer strace_print_names, strace_print_d, strace_print_u, strace_print_x, strace_print_p,
    strace_print_fd, strace_print_at, strace_print_mode, strace_print_omode, strace_print_signal,
    strace_print_open, strace_print_clone, strace_print_fcntl_arg, strace_print_str,
    strace_print_strv, strace_print_strvcount, strace_print_data, strace_print_out,
    strace_print_iov, strace_print_iovout, strace_print_timespec, strace_print_timespec2,
    strace_print_timeval, strace_print_itimerspec, strace_print_itimerval, strace_print_sigset,
    strace_print_sigaction, strace_print_statout, strace_print_statxout, strace_print_rlimit,
    strace_print_fdpair, strace_print_waitstatus, strace_print_openhow, strace_print_pollfds,
    strace_print_epoll_event, strace_print_epoll_events, strace_print_sockaddr,
    strace_print_sockaddrout, strace_print_sockopt, strace_print_optval, strace_print_int,
    strace_print_utsname, strace_print_flock, strace_print_prctl_arg, strace_print_msghdr,
    strace_print_msghdrout;

#endif
