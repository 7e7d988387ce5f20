/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Printers of structures. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>

#include "syscall/convert.h"
#include "syscall/sockaddr.h"
#include "syscall/strace_print.h"

/* Reads the structure or prints the pointer. */
static bool get_as(const struct strace_value *x, void *p, enum structure s)
{
    if (x->v && x->result >= 0 && !struct_read(x->line->cpu->guest, s, p, x->v))
        return true;
    strace_put_pointer(x->out, x->v);
    return false;
}

/* As the word says. */
static bool get(const struct strace_value *x, void *p)
{
    return get_as(x, p, x->structure);
}

static void put_timespec(struct strace_buf *b, const struct timespec *t)
{
    if (t->tv_nsec == UTIME_NOW)
        strace_put(b, "UTIME_NOW");
    else if (t->tv_nsec == UTIME_OMIT)
        strace_put(b, "UTIME_OMIT");
    else
        strace_put(b, "{tv_sec=%lld, tv_nsec=%ld}", (long long)t->tv_sec, t->tv_nsec);
}

void strace_print_timespec(const struct strace_value *x)
{
    struct timespec t;

    if (get(x, &t))
        put_timespec(x->out, &t);
}

void strace_print_timespec2(const struct strace_value *x)
{
    struct timespec t[2];

    const struct guest *g = x->line->cpu->guest;

    if (!get(x, &t[0]))
        return;
    strace_put(x->out, "[");
    put_timespec(x->out, &t[0]);
    strace_put(x->out, ", ");
    if (!struct_read(g, x->structure, &t[1], x->v + struct_size(g, x->structure)))
        put_timespec(x->out, &t[1]);
    strace_put(x->out, "]");
}

void strace_print_itimerspec(const struct strace_value *x)
{
    struct itimerspec t;

    if (!get(x, &t))
        return;
    strace_put(x->out, "{it_interval=");
    put_timespec(x->out, &t.it_interval);
    strace_put(x->out, ", it_value=");
    put_timespec(x->out, &t.it_value);
    strace_put(x->out, "}");
}

static void put_timeval(struct strace_buf *b, const struct timeval *t)
{
    strace_put(b, "{tv_sec=%lld, tv_usec=%ld}", (long long)t->tv_sec, (long)t->tv_usec);
}

void strace_print_timeval(const struct strace_value *x)
{
    struct timeval t;

    if (get(x, &t))
        put_timeval(x->out, &t);
}

void strace_print_itimerval(const struct strace_value *x)
{
    struct itimerval t;

    if (!get(x, &t))
        return;
    strace_put(x->out, "{it_interval=");
    put_timeval(x->out, &t.it_interval);
    strace_put(x->out, ", it_value=");
    put_timeval(x->out, &t.it_value);
    strace_put(x->out, "}");
}

static void put_sigset(struct strace_buf *b, uint64_t set)
{
    bool inverse = __builtin_popcountll(set) > 32;
    const char *between = "";

    strace_put(b, inverse ? "~[" : "[");
    for (int sig = 1; sig <= 64; sig++) {
        if (!(set >> (sig - 1) & 1) == !inverse)
            continue;
        strace_put(b, "%s", between);
        if (sigabbrev_np(sig))
            strace_put(b, "%s", sigabbrev_np(sig));
        else
            strace_put(b, "RT_%d", sig - 32);
        between = " ";
    }
    strace_put(b, "]");
}

void strace_print_sigset(const struct strace_value *x)
{
    uint64_t set;

    if (get_as(x, &set, STRUCT_sigset))
        put_sigset(x->out, set);
}

/* The kernel's struct sigaction of the generic ABI: handler, flags, (restorer,) mask. */
void strace_print_sigaction(const struct strace_value *x)
{
    uint64_t act[4];

    if (!get_as(x, act, STRUCT_sigaction))
        return;
    strace_put(x->out, "{sa_handler=");
    if (act[0] <= 1)
        strace_put(x->out, act[0] ? "SIG_IGN" : "SIG_DFL");
    else
        strace_put_pointer(x->out, act[0]);
    strace_put(x->out, ", sa_mask=");
    put_sigset(x->out, act[3]);
    strace_put(x->out, ", sa_flags=");
    strace_put_names(x->out, strace_find_names("saflags", 7), (uint32_t)act[1]);
    strace_put(x->out, "}");
}

static void put_file_type(struct strace_buf *b, unsigned mode)
{
    static const char *const types[16] = {
        [1] = "S_IFIFO", [2] = "S_IFCHR",  [4] = "S_IFDIR",   [6] = "S_IFBLK",
        [8] = "S_IFREG", [10] = "S_IFLNK", [12] = "S_IFSOCK",
    };
    const char *type = types[mode >> 12 & 15];

    strace_put(b, "st_mode=%s|%#o", type ? type : "0", mode & 07777);
}

void strace_print_statout(const struct strace_value *x)
{
    struct stat st;

    if (!get(x, &st))
        return;
    strace_put(x->out, "{");
    put_file_type(x->out, st.st_mode);
    if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
        strace_put(x->out, ", st_rdev=makedev(%#x, %#x), ...}", major(st.st_rdev),
                   minor(st.st_rdev));
    else
        strace_put(x->out, ", st_size=%lld, ...}", (long long)st.st_size);
}

void strace_print_statxout(const struct strace_value *x)
{
    struct statx st;

    if (!get_as(x, &st, STRUCT_statx))
        return;
    strace_put(x->out, "{stx_mask=%#x, ", st.stx_mask);
    put_file_type(x->out, st.stx_mode);
    strace_put(x->out, ", stx_size=%llu, ...}", (unsigned long long)st.stx_size);
}

static void put_limit(struct strace_buf *b, const char *name, rlim_t v)
{
    if (v == RLIM_INFINITY)
        strace_put(b, "%s=RLIM_INFINITY", name);
    else
        strace_put(b, "%s=%llu", name, (unsigned long long)v);
}

void strace_print_rlimit(const struct strace_value *x)
{
    struct rlimit r;

    if (!get(x, &r))
        return;
    put_limit(x->out, "{rlim_cur", r.rlim_cur);
    put_limit(x->out, ", rlim_max", r.rlim_max);
    strace_put(x->out, "}");
}

void strace_print_fdpair(const struct strace_value *x)
{
    int fd[2];

    if (get_as(x, fd, STRUCT_two_ints))
        strace_put(x->out, "[%d, %d]", fd[0], fd[1]);
}

void strace_print_waitstatus(const struct strace_value *x)
{
    int status;

    if (x->result == 0) {
        strace_put_pointer(x->out, x->v);
        return;
    }
    if (!get_as(x, &status, STRUCT_int))
        return;
    if (WIFEXITED(status)) {
        strace_put(x->out, "[{WIFEXITED(s) && WEXITSTATUS(s) == %d}]", WEXITSTATUS(status));
    } else if (WIFSIGNALED(status)) {
        strace_put(x->out, "[{WIFSIGNALED(s) && WTERMSIG(s) == ");
        strace_put_signal(x->out, WTERMSIG(status));
        strace_put(x->out, "%s}]", WCOREDUMP(status) ? " && WCOREDUMP(s)" : "");
    } else {
        strace_put(x->out, "[%#x]", (unsigned)status);
    }
}

void strace_print_openhow(const struct strace_value *x)
{
    uint64_t how[3];

    if (!get_as(x, how, STRUCT_open_how))
        return;
    strace_put(x->out, "{flags=");
    strace_put_names(x->out, strace_find_names("open", 4),
                     flags_to_host(x->line->cpu->guest->abi->open_flags, (uint32_t)how[0]));
    strace_put(x->out, ", mode=%#llo, resolve=%#llx}", (unsigned long long)how[1],
               (unsigned long long)how[2]);
}

/* ---- polling and sockets ---- */

void strace_print_pollfds(const struct strace_value *x)
{
    uint64_t count = x->line->a[x->i + 1];

    if (!x->v) {
        strace_put(x->out, "NULL");
        return;
    }
    strace_put(x->out, "[");
    for (uint64_t n = 0; n < count; n++) {
        struct pollfd p;

        if (n == STRACE_LIST_MAX ||
            struct_read(x->line->cpu->guest, STRUCT_pollfd, &p, x->v + n * sizeof(p))) {
            strace_put(x->out, ", ...");
            break;
        }
        strace_put(x->out, "%s{fd=%d, events=", n ? ", " : "", p.fd);
        strace_put_names(x->out, strace_find_names("pollbits", 8), (uint16_t)p.events);
        if (x->result > 0 && p.revents) {
            strace_put(x->out, ", revents=");
            strace_put_names(x->out, strace_find_names("pollbits", 8), (uint16_t)p.revents);
        }
        strace_put(x->out, "}");
    }
    strace_put(x->out, "]");
}

static void put_epoll(const struct strace_value *x, uint64_t count)
{
    const struct guest *g = x->line->cpu->guest;

    for (uint64_t n = 0; n < count; n++) {
        struct epoll_event e;

        if (n == STRACE_LIST_MAX ||
            struct_read(g, STRUCT_epoll_event, &e, x->v + n * struct_size(g, STRUCT_epoll_event))) {
            strace_put(x->out, ", ...");
            break;
        }
        strace_put(x->out, "%s{events=", n ? ", " : "");
        strace_put_names(x->out, strace_find_names("epoll", 5), e.events);
        strace_put(x->out, ", data=%#llx}", (unsigned long long)e.data.u64);
    }
}

void strace_print_epoll_event(const struct strace_value *x)
{
    if (x->v)
        put_epoll(x, 1);
    else
        strace_put(x->out, "NULL");
}

void strace_print_epoll_events(const struct strace_value *x)
{
    strace_put(x->out, "[");
    put_epoll(x, x->result > 0 ? (uint64_t)x->result : 0);
    strace_put(x->out, "]");
}

static void put_sockaddr(const struct strace_value *x, uint64_t gva, uint64_t len)
{
    struct strace_buf *b = x->out;
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
        strace_put_pointer(b, gva);
        return;
    }
    sockaddr_convert(x->line->cpu->guest, &u, n, false);
    strace_put(b, "{sa_family=");
    strace_put_names(b, strace_find_names("family", 6), u.sa.sa_family);
    switch (u.sa.sa_family) {
    case AF_UNIX: {
        size_t path_len = n - offsetof(struct sockaddr_un, sun_path);

        if (path_len && !u.un.sun_path[0]) {
            strace_put(b, ", sun_path=@");
            strace_put_quoted(b, (unsigned char *)u.un.sun_path + 1, path_len - 1);
        } else if (path_len) {
            strace_put(b, ", sun_path=");
            strace_put_quoted(b, (unsigned char *)u.un.sun_path, strnlen(u.un.sun_path, path_len));
        }
        break;
    }
    case AF_INET:
        strace_put(b, ", sin_port=htons(%u), sin_addr=inet_addr(\"%s\")", ntohs(u.in.sin_port),
                   inet_ntop(AF_INET, &u.in.sin_addr, text, sizeof(text)));
        break;
    case AF_INET6:
        strace_put(b, ", sin6_port=htons(%u), sin6_addr=\"%s\"", ntohs(u.in6.sin6_port),
                   inet_ntop(AF_INET6, &u.in6.sin6_addr, text, sizeof(text)));
        break;
    }
    strace_put(b, "}");
}

void strace_print_sockaddr(const struct strace_value *x)
{
    put_sockaddr(x, x->v, (uint32_t)x->line->a[x->i + 1]);
}

void strace_print_sockaddrout(const struct strace_value *x)
{
    uint32_t len;

    if (x->result < 0 || struct_read(x->line->cpu->guest, STRUCT_u32, &len, x->line->a[x->i + 1]))
        strace_put_pointer(x->out, x->v);
    else
        put_sockaddr(x, x->v, len);
}

/* Options are named at the socket level only. */
void strace_print_sockopt(const struct strace_value *x)
{
    if ((int)x->line->a[1] == SOL_SOCKET)
        strace_print_names(x);
    else
        strace_print_d(x);
}

void strace_print_int(const struct strace_value *x)
{
    int v;

    if (get_as(x, &v, STRUCT_int))
        strace_put(x->out, "[%d]", v);
}

/* Most are one number. */
void strace_print_optval(const struct strace_value *x)
{
    uint32_t len = (uint32_t)x->line->a[x->i + 1];
    bool set = x->line->row->name[0] == 's';

    if (!set &&
        (x->result < 0 || struct_read(x->line->cpu->guest, STRUCT_u32, &len, x->line->a[x->i + 1])))
        strace_put_pointer(x->out, x->v);
    else if (len == sizeof(int))
        strace_print_int(x);
    else
        strace_put_data(x->out, x->v, len);
}

void strace_print_utsname(const struct strace_value *x)
{
    struct utsname u;

    if (x->result < 0 || !x->v || guest_read(&u, x->v, sizeof(u)))
        strace_put_pointer(x->out, x->v);
    else
        strace_put(x->out, "{sysname=\"%s\", nodename=\"%s\", ..., machine=\"%s\"}", u.sysname,
                   u.nodename, u.machine);
}

void strace_print_flock(const struct strace_value *x)
{
    static const char *const types[] = {"F_RDLCK", "F_WRLCK", "F_UNLCK"};
    static const char *const whence[] = {"SEEK_SET", "SEEK_CUR", "SEEK_END"};
    bool wide = guest_word(x->line->cpu->guest) == 8 || (int)x->line->a[1] > F_SETLKW;
    struct flock l;

    if (!get_as(x, &l, wide ? STRUCT_flock64 : STRUCT_flock))
        return;
    strace_put(x->out, "{l_type=%s", l.l_type >= 0 && l.l_type < 3 ? types[l.l_type] : "?");
    strace_put(x->out, ", l_whence=%s",
               l.l_whence >= 0 && l.l_whence < 3 ? whence[l.l_whence] : "?");
    strace_put(x->out, ", l_start=%lld, l_len=%lld}", (long long)l.l_start, (long long)l.l_len);
}

static void put_msghdr(const struct strace_value *x, uint64_t total)
{
    struct msghdr m;

    if (!get_as(x, &m, STRUCT_msghdr))
        return;
    strace_put(x->out, "{msg_name=");
    put_sockaddr(x, (uint64_t)m.msg_name, m.msg_namelen);
    strace_put(x->out, ", msg_iov=");
    strace_put_iovec(x, (uint64_t)m.msg_iov, m.msg_iovlen, total);
    strace_put(x->out, ", msg_controllen=%zu, msg_flags=", m.msg_controllen);
    strace_put_names(x->out, strace_find_names("msgflags", 8), (uint32_t)m.msg_flags);
    strace_put(x->out, "}");
}

void strace_print_msghdr(const struct strace_value *x)
{
    put_msghdr(x, UINT64_MAX);
}

void strace_print_msghdrout(const struct strace_value *x)
{
    put_msghdr(x, x->result > 0 ? (uint64_t)x->result : 0);
}
