/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Printers of numbers, flags, strings and data. */
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>

#include "syscall/convert.h"
#include "syscall/strace_print.h"

enum { DATA_MAX = 64 };
/* F_SETLK64 of 32-bit guests, whose F_SETLK has other offsets. */
enum { LOCK_64 = 13 };

/* ---- text ---- */

void strace_put(struct strace_buf *b, const char *format, ...)
{
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(b->text + b->len, sizeof(b->text) - b->len, format, ap);
    va_end(ap);
    if (n > 0)
        b->len += (unsigned)n;
    if (b->len > sizeof(b->text) - 1)
        b->len = sizeof(b->text) - 1;
}

void strace_put_quoted(struct strace_buf *b, const unsigned char *s, size_t len)
{
    static const char plain[] = "\n\r\t\f\v\"\\", letter[] = "nrtfv\"\\";

    strace_put(b, "\"");
    for (size_t i = 0; i < len; i++) {
        const char *e = s[i] ? strchr(plain, s[i]) : NULL;

        if (e)
            strace_put(b, "\\%c", letter[e - plain]);
        else if (s[i] >= ' ' && s[i] < 0x7f)
            strace_put(b, "%c", s[i]);
        else if (i + 1 < len && s[i + 1] >= '0' && s[i + 1] <= '9')
            strace_put(b, "\\%03o", s[i]);
        else
            strace_put(b, "\\%o", s[i]);
    }
    strace_put(b, "\"");
}

void strace_put_pointer(struct strace_buf *b, uint64_t v)
{
    if (v)
        strace_put(b, "%#llx", (unsigned long long)v);
    else
        strace_put(b, "NULL");
}

void strace_put_data(struct strace_buf *b, uint64_t gva, uint64_t len)
{
    unsigned char data[DATA_MAX];
    size_t n = len < DATA_MAX ? len : DATA_MAX;

    if (!gva || guest_read(data, gva, n)) {
        strace_put_pointer(b, gva);
        return;
    }
    strace_put_quoted(b, data, n);
    if (n < len)
        strace_put(b, "...");
}

static void put_string(struct strace_buf *b, uint64_t gva)
{
    char s[PATH_MAX];
    int64_t len = guest_strlen(gva, sizeof(s) - 1);

    if (!gva || len < 0 || guest_read(s, gva, (size_t)len))
        strace_put_pointer(b, gva);
    else
        strace_put_quoted(b, (unsigned char *)s, (size_t)len);
}

/* ---- names ---- */

void strace_put_names(struct strace_buf *b, const struct strace_names *t, uint64_t v)
{
    uint64_t field = v & t->field_mask, rest = v & ~t->field_mask;
    const struct strace_name *n;
    bool any = false;

    if (t->field_mask) {
        for (n = t->names; n->name && n->value != field; n++)
            ;
        if (n->name)
            strace_put(b, "%s", n->name);
        else
            strace_put(b, "%#llx", (unsigned long long)field);
        any = true;
    }
    for (n = t->names; n->name && rest; n++) {
        if (!n->value || n->value & t->field_mask || (rest & n->value) != n->value)
            continue;
        strace_put(b, "%s%s", any ? "|" : "", n->name);
        rest &= ~n->value;
        any = true;
    }
    if (rest || !any)
        strace_put(b, any ? "|%#llx" : "%#llx", (unsigned long long)rest);
}

const struct strace_names *strace_find_names(const char *word, size_t len)
{
    const struct strace_names *t;

    for (t = strace_names; t->word; t++)
        if (!strncmp(t->word, word, len) && !t->word[len])
            return t;
    return NULL;
}

void strace_print_names(const struct strace_value *x)
{
    strace_put_names(x->out, x->names, (uint32_t)x->v);
}

void strace_print_open(const struct strace_value *x)
{
    strace_put_names(x->out, x->names,
                     flags_to_host(x->line->cpu->guest->abi->open_flags, (uint32_t)x->v));
}

void strace_put_signal(struct strace_buf *b, int sig)
{
    const char *name = sigabbrev_np(sig);

    if (name)
        strace_put(b, "SIG%s", name);
    else
        strace_put(b, sig >= 32 && sig <= 64 ? "SIGRT_%d" : "%d",
                   sig >= 32 && sig <= 64 ? sig - 32 : sig);
}

/* ---- scalars ---- */

void strace_print_d(const struct strace_value *x)
{
    int64_t v = (int64_t)x->v;

    /* A 32-bit value in a 64-bit register may or may not be extended. */
    strace_put(x->out, "%lld", v == (int64_t)(uint32_t)v ? (long long)(int32_t)v : (long long)v);
}

void strace_print_u(const struct strace_value *x)
{
    strace_put(x->out, "%llu", (unsigned long long)x->v);
}

void strace_print_x(const struct strace_value *x)
{
    strace_put(x->out, "%#llx", (unsigned long long)x->v);
}

void strace_print_p(const struct strace_value *x)
{
    strace_put_pointer(x->out, x->v);
}

void strace_print_fd(const struct strace_value *x)
{
    strace_put(x->out, "%d", (int)x->v);
}

void strace_print_at(const struct strace_value *x)
{
    if ((int)x->v == AT_FDCWD)
        strace_put(x->out, "AT_FDCWD");
    else
        strace_print_fd(x);
}

void strace_print_mode(const struct strace_value *x)
{
    strace_put(x->out, "%#o", (unsigned)x->v);
}

/* The mode of open is there only if it makes a file. */
void strace_print_omode(const struct strace_value *x)
{
    uint32_t flags =
        flags_to_host(x->line->cpu->guest->abi->open_flags, (uint32_t)x->line->a[x->i - 1]);

    if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE)
        strace_print_mode(x);
}

void strace_print_signal(const struct strace_value *x)
{
    strace_put_signal(x->out, (int)x->v);
}

/* The low byte is the signal that the parent gets. */
void strace_print_clone(const struct strace_value *x)
{
    if (x->v & ~(uint64_t)0xff || !x->v)
        strace_put_names(x->out, x->names, (uint32_t)x->v & ~0xffu);
    if (x->v & 0xff) {
        strace_put(x->out, x->v & ~(uint64_t)0xff ? "|" : "");
        strace_put_signal(x->out, (int)(x->v & 0xff));
    }
}

static bool is_fcntl(const struct strace_line *line)
{
    return line->row->name && !strncmp(line->row->name, "fcntl", 5);
}

bool strace_put_fcntl_result(struct strace_buf *b, const struct strace_line *line, int64_t result)
{
    if (!is_fcntl(line) || ((int)line->a[1] != F_GETFD && (int)line->a[1] != F_GETFL))
        return false;
    strace_put(b, "%#llx", (unsigned long long)result);
    if ((int)line->a[1] == F_GETFD) {
        strace_put(b, result & FD_CLOEXEC ? " (flags FD_CLOEXEC)" : "");
        return true;
    }
    strace_put(b, " (flags ");
    strace_put_names(b, strace_find_names("open", 4),
                     flags_to_host(line->cpu->guest->abi->open_flags, (uint32_t)result));
    strace_put(b, ")");
    return true;
}

/* What comes behind the option: as many as it takes. */
void strace_print_prctl_arg(const struct strace_value *x)
{
    static const int none[] = {
        PR_GET_DUMPABLE,           PR_GET_KEEPCAPS,   PR_GET_TIMING,   PR_GET_SECCOMP,
        PR_GET_SECUREBITS,         PR_GET_TIMERSLACK, PR_MCE_KILL_GET, PR_TASK_PERF_EVENTS_DISABLE,
        PR_TASK_PERF_EVENTS_ENABLE};
    static const int one[] = {PR_SET_PDEATHSIG,
                              PR_GET_PDEATHSIG,
                              PR_SET_DUMPABLE,
                              PR_SET_KEEPCAPS,
                              PR_CAPBSET_READ,
                              PR_CAPBSET_DROP,
                              PR_SET_SECUREBITS,
                              PR_SET_TIMERSLACK,
                              PR_SET_CHILD_SUBREAPER,
                              PR_GET_CHILD_SUBREAPER,
                              PR_GET_TID_ADDRESS,
                              PR_SET_NAME,
                              PR_GET_NAME};
    int option = (int)x->line->a[0];

    for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        if (none[i] == option)
            return;
    for (unsigned i = 0; x->i > 1 && i < sizeof(one) / sizeof(one[0]); i++)
        if (one[i] == option)
            return;
    if (x->i == 1 && option == PR_SET_NAME)
        strace_print_str(x);
    else
        strace_print_x(x);
}

void strace_print_fcntl_arg(const struct strace_value *x)
{
    switch ((int)x->line->a[1]) {
    case F_GETFD:
    case F_GETFL:
    case F_GETOWN:
    case F_GETSIG:
    case F_GETLEASE:
    case F_GETPIPE_SZ:
    case F_GET_SEALS:
        break;
    case F_SETFD:
        strace_put(x->out, x->v & FD_CLOEXEC ? "FD_CLOEXEC" : "0");
        break;
    case F_SETFL: {
        struct strace_value flags = *x;

        flags.names = strace_find_names("open", 4);
        strace_print_open(&flags);
        break;
    }
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        strace_print_fd(x);
        break;
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
    case LOCK_64:
    case LOCK_64 + 1:
        strace_print_flock(x);
        break;
    default:
        strace_print_x(x);
    }
}

/* ---- strings and data ---- */

void strace_print_str(const struct strace_value *x)
{
    put_string(x->out, x->v);
}

/* Bytes that the next argument counts. */
void strace_print_data(const struct strace_value *x)
{
    strace_put_data(x->out, x->v, x->line->a[x->i + 1]);
}

/* Bytes that the call has filled in and its result counts. */
void strace_print_out(const struct strace_value *x)
{
    if (x->result >= 0)
        strace_put_data(x->out, x->v, (uint64_t)x->result);
    else
        strace_put_pointer(x->out, x->v);
}

static void put_strings(const struct strace_value *x, bool count_only)
{
    const struct guest *g = x->line->cpu->guest;
    uint64_t p = x->v, s;
    unsigned n = 0;

    if (!p || guest_read_word(g, &s, p)) {
        strace_put_pointer(x->out, p);
        return;
    }
    if (!count_only)
        strace_put(x->out, "[");
    while (s && (count_only || n < STRACE_LIST_MAX)) {
        if (!count_only) {
            strace_put(x->out, "%s", n ? ", " : "");
            put_string(x->out, s);
        }
        n++;
        p += guest_word(g);
        if (guest_read_word(g, &s, p))
            break;
    }
    if (count_only)
        strace_put(x->out, "%#llx /* %u vars */", (unsigned long long)x->v, n);
    else
        strace_put(x->out, s ? ", ...]" : "]");
}

void strace_print_strv(const struct strace_value *x)
{
    put_strings(x, false);
}

void strace_print_strvcount(const struct strace_value *x)
{
    put_strings(x, true);
}

void strace_put_iovec(const struct strace_value *x, uint64_t gva, uint64_t count, uint64_t total)
{
    const struct guest *g = x->line->cpu->guest;

    strace_put(x->out, "[");
    for (uint64_t n = 0; n < count; n++) {
        struct iovec v;

        if (n == STRACE_LIST_MAX ||
            struct_read(g, STRUCT_iovec, &v, gva + n * struct_size(g, STRUCT_iovec))) {
            strace_put(x->out, ", ...");
            break;
        }
        strace_put(x->out, "%s{iov_base=", n ? ", " : "");
        strace_put_data(x->out, (uint64_t)v.iov_base, v.iov_len < total ? v.iov_len : total);
        strace_put(x->out, ", iov_len=%zu}", v.iov_len);
        total -= v.iov_len < total ? v.iov_len : total;
    }
    strace_put(x->out, "]");
}

void strace_print_iov(const struct strace_value *x)
{
    strace_put_iovec(x, x->v, x->line->a[x->i + 1], UINT64_MAX);
}

void strace_print_iovout(const struct strace_value *x)
{
    if (x->result >= 0)
        strace_put_iovec(x, x->v, x->line->a[x->i + 1], (uint64_t)x->result);
    else
        strace_put_pointer(x->out, x->v);
}
