/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/strace.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "signal/signal.h"
#include "syscall/convert.h"
#include "syscall/strace_flags.h"
#include "translate/translate.h"

enum { DATA_MAX = 64, LIST_MAX = 16 };

struct value {
    struct strace_buf *out;
    const struct strace_line *line;
    unsigned i; /* argument, or 6: the result */
    uint64_t v;
    int64_t result; /* after the call */
    const struct strace_names *names;
};

typedef void printer(const struct value *x);

/* ---- text ---- */

static void put(struct strace_buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct strace_buf *b, const char *format, ...)
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

static void put_quoted(struct strace_buf *b, const unsigned char *s, size_t len)
{
    static const char plain[] = "\n\r\t\f\v\"\\", letter[] = "nrtfv\"\\";

    put(b, "\"");
    for (size_t i = 0; i < len; i++) {
        const char *e = s[i] ? strchr(plain, s[i]) : NULL;

        if (e)
            put(b, "\\%c", letter[e - plain]);
        else if (s[i] >= ' ' && s[i] < 0x7f)
            put(b, "%c", s[i]);
        else if (i + 1 < len && s[i + 1] >= '0' && s[i + 1] <= '9')
            put(b, "\\%03o", s[i]);
        else
            put(b, "\\%o", s[i]);
    }
    put(b, "\"");
}

static void put_pointer(struct strace_buf *b, uint64_t v)
{
    if (v)
        put(b, "%#llx", (unsigned long long)v);
    else
        put(b, "NULL");
}

static void put_data(struct strace_buf *b, uint64_t gva, uint64_t len)
{
    unsigned char data[DATA_MAX];
    size_t n = len < DATA_MAX ? len : DATA_MAX;

    if (!gva || guest_read(data, gva, n)) {
        put_pointer(b, gva);
        return;
    }
    put_quoted(b, data, n);
    if (n < len)
        put(b, "...");
}

static void put_string(struct strace_buf *b, uint64_t gva)
{
    char s[PATH_MAX];
    int64_t len = guest_strlen(gva, sizeof(s) - 1);

    if (!gva || len < 0 || guest_read(s, gva, (size_t)len))
        put_pointer(b, gva);
    else
        put_quoted(b, (unsigned char *)s, (size_t)len);
}

/* ---- names ---- */

static void put_names(struct strace_buf *b, const struct strace_names *t, uint64_t v)
{
    uint64_t field = v & t->field_mask, rest = v & ~t->field_mask;
    const struct strace_name *n;
    bool any = false;

    if (t->field_mask) {
        for (n = t->names; n->name && n->value != field; n++)
            ;
        if (n->name)
            put(b, "%s", n->name);
        else
            put(b, "%#llx", (unsigned long long)field);
        any = true;
    }
    for (n = t->names; n->name && rest; n++) {
        if (!n->value || n->value & t->field_mask || (rest & n->value) != n->value)
            continue;
        put(b, "%s%s", any ? "|" : "", n->name);
        rest &= ~n->value;
        any = true;
    }
    if (rest || !any)
        put(b, any ? "|%#llx" : "%#llx", (unsigned long long)rest);
}

static const struct strace_names *find_names(const char *word, size_t len)
{
    const struct strace_names *t;

    for (t = strace_names; t->word; t++)
        if (!strncmp(t->word, word, len) && !t->word[len])
            return t;
    return NULL;
}

static void print_names(const struct value *x)
{
    put_names(x->out, x->names, (uint32_t)x->v);
}

static void print_open(const struct value *x)
{
    put_names(x->out, x->names,
              flags_to_host(x->line->cpu->guest->abi->open_flags, (uint32_t)x->v));
}

static void put_signal(struct strace_buf *b, int sig)
{
    const char *name = sigabbrev_np(sig);

    if (name)
        put(b, "SIG%s", name);
    else
        put(b, sig >= 32 && sig <= 64 ? "SIGRT_%d" : "%d", sig >= 32 && sig <= 64 ? sig - 32 : sig);
}

/* ---- scalars ---- */

static void print_d(const struct value *x)
{
    int64_t v = (int64_t)x->v;

    /* A 32-bit value in a 64-bit register may or may not be extended. */
    put(x->out, "%lld", v == (int64_t)(uint32_t)v ? (long long)(int32_t)v : (long long)v);
}

static void print_u(const struct value *x)
{
    put(x->out, "%llu", (unsigned long long)x->v);
}

static void print_x(const struct value *x)
{
    put(x->out, "%#llx", (unsigned long long)x->v);
}

static void print_p(const struct value *x)
{
    put_pointer(x->out, x->v);
}

static void print_fd(const struct value *x)
{
    put(x->out, "%d", (int)x->v);
}

static void print_at(const struct value *x)
{
    if ((int)x->v == AT_FDCWD)
        put(x->out, "AT_FDCWD");
    else
        print_fd(x);
}

static void print_mode(const struct value *x)
{
    put(x->out, "%#o", (unsigned)x->v);
}

/* The mode of open is there only if it makes a file. */
static void print_omode(const struct value *x)
{
    uint32_t flags =
        flags_to_host(x->line->cpu->guest->abi->open_flags, (uint32_t)x->line->a[x->i - 1]);

    if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE)
        print_mode(x);
}

static void print_signal(const struct value *x)
{
    put_signal(x->out, (int)x->v);
}

/* The low byte is the signal that the parent gets. */
static void print_clone(const struct value *x)
{
    if (x->v & ~(uint64_t)0xff || !x->v)
        put_names(x->out, x->names, (uint32_t)x->v & ~0xffu);
    if (x->v & 0xff) {
        put(x->out, x->v & ~(uint64_t)0xff ? "|" : "");
        put_signal(x->out, (int)(x->v & 0xff));
    }
}

static void print_fcntl_arg(const struct value *x)
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
        put(x->out, x->v & FD_CLOEXEC ? "FD_CLOEXEC" : "0");
        break;
    case F_SETFL: {
        struct value flags = *x;

        flags.names = find_names("open", 4);
        print_open(&flags);
        break;
    }
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        print_fd(x);
        break;
    default:
        print_x(x);
    }
}

/* ---- strings and data ---- */

static void print_str(const struct value *x)
{
    put_string(x->out, x->v);
}

/* Bytes that the next argument counts. */
static void print_data(const struct value *x)
{
    put_data(x->out, x->v, x->line->a[x->i + 1]);
}

/* Bytes that the call has filled in and its result counts. */
static void print_out(const struct value *x)
{
    if (x->result >= 0)
        put_data(x->out, x->v, (uint64_t)x->result);
    else
        put_pointer(x->out, x->v);
}

static void put_strings(const struct value *x, bool count_only)
{
    uint64_t p = x->v, s;
    unsigned n = 0;

    if (!p || guest_read(&s, p, sizeof(s))) {
        put_pointer(x->out, p);
        return;
    }
    if (!count_only)
        put(x->out, "[");
    while (s && (count_only || n < LIST_MAX)) {
        if (!count_only) {
            put(x->out, "%s", n ? ", " : "");
            put_string(x->out, s);
        }
        n++;
        p += sizeof(s);
        if (guest_read(&s, p, sizeof(s)))
            break;
    }
    if (count_only)
        put(x->out, "%#llx /* %u vars */", (unsigned long long)x->v, n);
    else
        put(x->out, s ? ", ...]" : "]");
}

static void print_strv(const struct value *x)
{
    put_strings(x, false);
}

static void print_strvcount(const struct value *x)
{
    put_strings(x, true);
}

static void put_iovec(const struct value *x, uint64_t gva, uint64_t count, uint64_t total)
{
    put(x->out, "[");
    for (uint64_t n = 0; n < count; n++) {
        struct iovec v;

        if (n == LIST_MAX || guest_read(&v, gva + n * sizeof(v), sizeof(v))) {
            put(x->out, ", ...");
            break;
        }
        put(x->out, "%s{iov_base=", n ? ", " : "");
        put_data(x->out, (uint64_t)v.iov_base, v.iov_len < total ? v.iov_len : total);
        put(x->out, ", iov_len=%zu}", v.iov_len);
        total -= v.iov_len < total ? v.iov_len : total;
    }
    put(x->out, "]");
}

static void print_iov(const struct value *x)
{
    put_iovec(x, x->v, x->line->a[x->i + 1], UINT64_MAX);
}

static void print_iovout(const struct value *x)
{
    if (x->result >= 0)
        put_iovec(x, x->v, x->line->a[x->i + 1], (uint64_t)x->result);
    else
        put_pointer(x->out, x->v);
}

/* ---- structures: the same on both sides unless converted here ---- */

/* Reads the structure or prints the pointer. */
static bool get(const struct value *x, void *p, size_t size)
{
    if (x->v && x->result >= 0 && !guest_read(p, x->v, size))
        return true;
    put_pointer(x->out, x->v);
    return false;
}

static void put_timespec(struct strace_buf *b, const struct timespec *t)
{
    if (t->tv_nsec == UTIME_NOW)
        put(b, "UTIME_NOW");
    else if (t->tv_nsec == UTIME_OMIT)
        put(b, "UTIME_OMIT");
    else
        put(b, "{tv_sec=%lld, tv_nsec=%ld}", (long long)t->tv_sec, t->tv_nsec);
}

static void print_timespec(const struct value *x)
{
    struct timespec t;

    if (get(x, &t, sizeof(t)))
        put_timespec(x->out, &t);
}

static void print_timespec2(const struct value *x)
{
    struct timespec t[2];

    if (!get(x, t, sizeof(t)))
        return;
    put(x->out, "[");
    put_timespec(x->out, &t[0]);
    put(x->out, ", ");
    put_timespec(x->out, &t[1]);
    put(x->out, "]");
}

static void print_itimerspec(const struct value *x)
{
    struct itimerspec t;

    if (!get(x, &t, sizeof(t)))
        return;
    put(x->out, "{it_interval=");
    put_timespec(x->out, &t.it_interval);
    put(x->out, ", it_value=");
    put_timespec(x->out, &t.it_value);
    put(x->out, "}");
}

static void put_timeval(struct strace_buf *b, const struct timeval *t)
{
    put(b, "{tv_sec=%lld, tv_usec=%ld}", (long long)t->tv_sec, (long)t->tv_usec);
}

static void print_timeval(const struct value *x)
{
    struct timeval t;

    if (get(x, &t, sizeof(t)))
        put_timeval(x->out, &t);
}

static void print_itimerval(const struct value *x)
{
    struct itimerval t;

    if (!get(x, &t, sizeof(t)))
        return;
    put(x->out, "{it_interval=");
    put_timeval(x->out, &t.it_interval);
    put(x->out, ", it_value=");
    put_timeval(x->out, &t.it_value);
    put(x->out, "}");
}

static void put_sigset(struct strace_buf *b, uint64_t set)
{
    bool inverse = __builtin_popcountll(set) > 32;
    const char *between = "";

    put(b, inverse ? "~[" : "[");
    for (int sig = 1; sig <= 64; sig++) {
        if (!(set >> (sig - 1) & 1) == !inverse)
            continue;
        put(b, "%s", between);
        if (sigabbrev_np(sig))
            put(b, "%s", sigabbrev_np(sig));
        else
            put(b, "RT_%d", sig - 32);
        between = " ";
    }
    put(b, "]");
}

static void print_sigset(const struct value *x)
{
    uint64_t set;

    if (get(x, &set, sizeof(set)))
        put_sigset(x->out, set);
}

/* The kernel's struct sigaction of the generic ABI: handler, flags, (restorer,) mask. */
static void print_sigaction(const struct value *x)
{
    uint64_t act[2];

    if (!get(x, act, sizeof(act)))
        return;
    put(x->out, "{sa_handler=");
    if (act[0] <= 1)
        put(x->out, act[0] ? "SIG_IGN" : "SIG_DFL");
    else
        put_pointer(x->out, act[0]);
    put(x->out, ", sa_flags=%#llx}", (unsigned long long)act[1]);
}

static void put_file_type(struct strace_buf *b, unsigned mode)
{
    static const char *const types[16] = {
        [1] = "S_IFIFO", [2] = "S_IFCHR",  [4] = "S_IFDIR",   [6] = "S_IFBLK",
        [8] = "S_IFREG", [10] = "S_IFLNK", [12] = "S_IFSOCK",
    };
    const char *type = types[mode >> 12 & 15];

    put(b, "st_mode=%s|%#o", type ? type : "0", mode & 07777);
}

static void print_statout(const struct value *x)
{
    const struct syscall_abi *abi = x->line->cpu->guest->abi;
    struct stat st;

    if (x->result < 0 || layout_read(abi, &abi->stat, &st, x->v)) {
        put_pointer(x->out, x->v);
        return;
    }
    put(x->out, "{");
    put_file_type(x->out, st.st_mode);
    if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
        put(x->out, ", st_rdev=makedev(%#x, %#x), ...}", major(st.st_rdev), minor(st.st_rdev));
    else
        put(x->out, ", st_size=%lld, ...}", (long long)st.st_size);
}

static void print_statxout(const struct value *x)
{
    struct statx st;

    if (!get(x, &st, sizeof(st)))
        return;
    put(x->out, "{stx_mask=%#x, ", st.stx_mask);
    put_file_type(x->out, st.stx_mode);
    put(x->out, ", stx_size=%llu, ...}", (unsigned long long)st.stx_size);
}

static void put_limit(struct strace_buf *b, const char *name, rlim_t v)
{
    if (v == RLIM_INFINITY)
        put(b, "%s=RLIM_INFINITY", name);
    else
        put(b, "%s=%llu", name, (unsigned long long)v);
}

static void print_rlimit(const struct value *x)
{
    struct rlimit r;

    if (!get(x, &r, sizeof(r)))
        return;
    put_limit(x->out, "{rlim_cur", r.rlim_cur);
    put_limit(x->out, ", rlim_max", r.rlim_max);
    put(x->out, "}");
}

static void print_fdpair(const struct value *x)
{
    int fd[2];

    if (get(x, fd, sizeof(fd)))
        put(x->out, "[%d, %d]", fd[0], fd[1]);
}

static void print_waitstatus(const struct value *x)
{
    int status;

    if (x->result == 0) {
        put_pointer(x->out, x->v);
        return;
    }
    if (!get(x, &status, sizeof(status)))
        return;
    if (WIFEXITED(status)) {
        put(x->out, "[{WIFEXITED(s) && WEXITSTATUS(s) == %d}]", WEXITSTATUS(status));
    } else if (WIFSIGNALED(status)) {
        put(x->out, "[{WIFSIGNALED(s) && WTERMSIG(s) == ");
        put_signal(x->out, WTERMSIG(status));
        put(x->out, "%s}]", WCOREDUMP(status) ? " && WCOREDUMP(s)" : "");
    } else {
        put(x->out, "[%#x]", (unsigned)status);
    }
}

static void print_openhow(const struct value *x)
{
    uint64_t how[3];

    if (!get(x, how, sizeof(how)))
        return;
    put(x->out, "{flags=");
    put_names(x->out, find_names("open", 4),
              flags_to_host(x->line->cpu->guest->abi->open_flags, (uint32_t)how[0]));
    put(x->out, ", mode=%#llo, resolve=%#llx}", (unsigned long long)how[1],
        (unsigned long long)how[2]);
}

/* ---- polling and sockets ---- */

static void print_pollfds(const struct value *x)
{
    uint64_t count = x->line->a[x->i + 1];

    if (!x->v) {
        put(x->out, "NULL");
        return;
    }
    put(x->out, "[");
    for (uint64_t n = 0; n < count; n++) {
        struct pollfd p;

        if (n == LIST_MAX || guest_read(&p, x->v + n * sizeof(p), sizeof(p))) {
            put(x->out, ", ...");
            break;
        }
        put(x->out, "%s{fd=%d, events=", n ? ", " : "", p.fd);
        put_names(x->out, find_names("epoll", 5), (uint16_t)p.events);
        if (x->result > 0 && p.revents) {
            put(x->out, ", revents=");
            put_names(x->out, find_names("epoll", 5), (uint16_t)p.revents);
        }
        put(x->out, "}");
    }
    put(x->out, "]");
}

static void put_epoll(const struct value *x, uint64_t count)
{
    const struct syscall_abi *abi = x->line->cpu->guest->abi;

    for (uint64_t n = 0; n < count; n++) {
        struct epoll_event e;

        if (n == LIST_MAX ||
            layout_read(abi, &abi->epoll_event, &e, x->v + n * abi->epoll_event.guest_size)) {
            put(x->out, ", ...");
            break;
        }
        put(x->out, "%s{events=", n ? ", " : "");
        put_names(x->out, find_names("epoll", 5), e.events);
        put(x->out, ", data=%#llx}", (unsigned long long)e.data.u64);
    }
}

static void print_epoll_event(const struct value *x)
{
    if (x->v)
        put_epoll(x, 1);
    else
        put(x->out, "NULL");
}

static void print_epoll_events(const struct value *x)
{
    put(x->out, "[");
    put_epoll(x, x->result > 0 ? (uint64_t)x->result : 0);
    put(x->out, "]");
}

static void put_sockaddr(struct strace_buf *b, uint64_t gva, uint64_t len)
{
    union {
        struct sockaddr sa;
        struct sockaddr_un un;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } u;
    char text[INET6_ADDRSTRLEN];
    size_t n = len < sizeof(u) ? len : sizeof(u);

    memset(&u, 0, sizeof(u));
    if (!gva || n < sizeof(u.sa.sa_family) || guest_read(&u, gva, n)) {
        put_pointer(b, gva);
        return;
    }
    put(b, "{sa_family=");
    put_names(b, find_names("family", 6), u.sa.sa_family);
    switch (u.sa.sa_family) {
    case AF_UNIX: {
        size_t path_len = n - offsetof(struct sockaddr_un, sun_path);

        if (path_len && !u.un.sun_path[0]) {
            put(b, ", sun_path=@");
            put_quoted(b, (unsigned char *)u.un.sun_path + 1, path_len - 1);
        } else if (path_len) {
            put(b, ", sun_path=");
            put_quoted(b, (unsigned char *)u.un.sun_path, strnlen(u.un.sun_path, path_len));
        }
        break;
    }
    case AF_INET:
        put(b, ", sin_port=htons(%u), sin_addr=inet_addr(\"%s\")", ntohs(u.in.sin_port),
            inet_ntop(AF_INET, &u.in.sin_addr, text, sizeof(text)));
        break;
    case AF_INET6:
        put(b, ", sin6_port=htons(%u), sin6_addr=\"%s\"", ntohs(u.in6.sin6_port),
            inet_ntop(AF_INET6, &u.in6.sin6_addr, text, sizeof(text)));
        break;
    }
    put(b, "}");
}

static void print_sockaddr(const struct value *x)
{
    put_sockaddr(x->out, x->v, (uint32_t)x->line->a[x->i + 1]);
}

static void print_sockaddrout(const struct value *x)
{
    uint32_t len;

    if (x->result < 0 || guest_read(&len, x->line->a[x->i + 1], sizeof(len)))
        put_pointer(x->out, x->v);
    else
        put_sockaddr(x->out, x->v, len);
}

/* Options are named at the socket level only. */
static void print_sockopt(const struct value *x)
{
    if ((int)x->line->a[1] == SOL_SOCKET)
        print_names(x);
    else
        print_d(x);
}

static void put_msghdr(const struct value *x, uint64_t total)
{
    struct msghdr m;

    if (!get(x, &m, sizeof(m)))
        return;
    put(x->out, "{msg_name=");
    put_sockaddr(x->out, (uint64_t)m.msg_name, m.msg_namelen);
    put(x->out, ", msg_iov=");
    put_iovec(x, (uint64_t)m.msg_iov, m.msg_iovlen, total);
    put(x->out, ", msg_controllen=%zu, msg_flags=", m.msg_controllen);
    put_names(x->out, find_names("msgflags", 8), (uint32_t)m.msg_flags);
    put(x->out, "}");
}

static void print_msghdr(const struct value *x)
{
    put_msghdr(x, UINT64_MAX);
}

static void print_msghdrout(const struct value *x)
{
    put_msghdr(x, x->result > 0 ? (uint64_t)x->result : 0);
}

/* ---- the words of format strings ---- */

static const struct word {
    const char *word;
    printer *print;
    bool after; /* filled in by the call */
} words[] = {
    {"d", print_d, false},
    {"u", print_u, false},
    {"x", print_x, false},
    {"p", print_p, false},
    {"fd", print_fd, false},
    {"at", print_at, false},
    {"mode", print_mode, false},
    {"omode", print_omode, false},
    {"signal", print_signal, false},
    {"open", print_open, false},
    {"clone", print_clone, false},
    {"fcntl_arg", print_fcntl_arg, false},
    {"path", print_str, false},
    {"str", print_str, false},
    {"strv", print_strv, false},
    {"strvcount", print_strvcount, false},
    {"data", print_data, false},
    {"out", print_out, true},
    {"iov", print_iov, false},
    {"iovout", print_iovout, true},
    {"timespec", print_timespec, false},
    {"timespecout", print_timespec, true},
    {"timespec2", print_timespec2, false},
    {"timevalout", print_timeval, true},
    {"itimerspec", print_itimerspec, false},
    {"itimerspecout", print_itimerspec, true},
    {"itimerval", print_itimerval, false},
    {"itimervalout", print_itimerval, true},
    {"sigset", print_sigset, false},
    {"sigsetout", print_sigset, true},
    {"sigaction", print_sigaction, false},
    {"statout", print_statout, true},
    {"statxout", print_statxout, true},
    {"rlimit", print_rlimit, false},
    {"rlimitout", print_rlimit, true},
    {"fdpair", print_fdpair, true},
    {"waitstatus", print_waitstatus, true},
    {"openhow", print_openhow, false},
    {"pollfds", print_pollfds, true},
    {"epoll_event", print_epoll_event, false},
    {"epoll_events", print_epoll_events, true},
    {"sockaddr", print_sockaddr, false},
    {"sockaddrout", print_sockaddrout, true},
    {"sockopt", print_sockopt, false},
    {"msghdr", print_msghdr, false},
    {"msghdrout", print_msghdrout, true},
};

/* The next word of a format string; NULL at its end. */
static const char *next_word(const char **format, size_t *len)
{
    const char *start = *format + strspn(*format, " ");

    *len = strcspn(start, " ");
    *format = start + *len;
    return *len ? start : NULL;
}

static const struct word *find_word(const char *word, size_t len)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (!strncmp(words[i].word, word, len) && !words[i].word[len])
            return &words[i];
    return NULL;
}

static void print_word(struct value *x, const char *word, size_t len)
{
    const struct word *w = find_word(word, len);

    x->names = find_names(word, len);
    if (w)
        w->print(x);
    else if (x->names)
        print_names(x);
    else
        print_x(x);
}

unsigned strace_fd_args(const struct syscall_row *row)
{
    const char *format = row->args, *word;
    unsigned mask = 0, i = 0;
    size_t len;

    while ((word = next_word(&format, &len)) && *word != '=') {
        if (len == 2 && (!memcmp(word, "fd", 2) || !memcmp(word, "at", 2)))
            mask |= 1u << i;
        i++;
    }
    return mask;
}

/* ---- lines ---- */

static void print_args(struct strace_line *line, bool after, int64_t result)
{
    const char *format = line->row->args, *word;
    size_t len;

    for (unsigned i = 0; i < 6 && (word = next_word(&format, &len)) && *word != '='; i++) {
        const struct word *w = find_word(word, len);
        struct value x = {&line->args[i], line, i, line->a[i], result, NULL};

        if ((w && w->after) == after)
            print_word(&x, word, len);
    }
}

static void write_line(struct strace_line *line, const char *result)
{
    const char *separator = "";
    struct strace_buf out = {.len = 0};
    char text[sizeof(out.text) + 256];
    int n;

    /* The arguments share the room of one line. */
    for (unsigned i = 0; i < 6; i++) {
        if (line->args[i].len) {
            put(&out, "%s%s", separator, line->args[i].text);
            separator = ", ";
        }
    }
    if (line->row->name)
        n = snprintf(text, sizeof(text), "%d %s(%s) = %s\n", line->cpu->task->tid, line->row->name,
                     out.text, result);
    else
        n = snprintf(text, sizeof(text), "%d syscall_%u(%s) = %s\n", line->cpu->task->tid, line->nr,
                     out.text, result);
    while (write(log_options.fd, text, (size_t)n) < 0 && errno == EINTR)
        ;
    line->written = true;
}

static bool may_not_return(const char *name)
{
    static const char *const names[] = {"exit", "exit_group", "execve", "execveat", "rt_sigreturn"};

    for (size_t i = 0; name && i < sizeof(names) / sizeof(names[0]); i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

void strace_enter(struct strace_line *line, struct vcpu *cpu, uint32_t nr,
                  const struct syscall_row *row, const uint64_t a[6])
{
    line->cpu = cpu;
    line->row = row;
    line->nr = nr;
    line->a = a;
    line->written = false;
    for (unsigned i = 0; i < 6; i++) {
        line->args[i].len = 0;
        line->args[i].text[0] = '\0';
    }
    print_args(line, false, 0);
    if (may_not_return(row->name))
        write_line(line, "?");
}

static void print_result(struct strace_buf *out, const struct strace_line *line, int64_t result)
{
    const char *format = line->row->args, *word;
    size_t len;

    switch (result) {
    case -ERESTARTSYS:
        put(out, "? ERESTARTSYS (To be restarted if SA_RESTART is set)");
        return;
    case -ERESTARTNOINTR:
        put(out, "? ERESTARTNOINTR (To be restarted)");
        return;
    case -ERESTARTNOHAND:
        put(out, "? ERESTARTNOHAND (To be restarted if no handler)");
        return;
    }
    if (result < 0 && result > -4096) {
        const char *name = strerrorname_np((int)-result);

        put(out, "-1 %s (%s)", name ? name : "?", strerror((int)-result));
        if (!line->row->fn)
            put(out, " [not implemented]");
        return;
    }
    while ((word = next_word(&format, &len)) && *word != '=')
        ;
    if (word) {
        struct value x = {out, line, 6, (uint64_t)result, 0, NULL};

        print_word(&x, word + 1, len - 1);
    } else {
        put(out, "%lld", (long long)result);
    }
}

void strace_leave(struct strace_line *line, int64_t result)
{
    struct strace_buf text = {.len = 0};

    /* Back from one that needn't come back: a second line, if it failed. */
    if (line->written && (result == -ESIGRETURN || result >= 0))
        return;
    print_args(line, true, result);
    print_result(&text, line, result);
    write_line(line, text.text);
}
