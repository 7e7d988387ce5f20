/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/strace.h"

#include <stdio.h>
#include <string.h>

#include "signal/signal.h"
#include "syscall/strace_print.h"
#include "translate/translate.h"

/* ---- the words of format strings ---- */

static const struct word {
    const char *word;
    strace_printer *print;
    bool after; /* filled in by the call */
    enum structure structure;
} words[] = {
    {"d", strace_print_d, false, 0},
    {"u", strace_print_u, false, 0},
    {"x", strace_print_x, false, 0},
    {"p", strace_print_p, false, 0},
    {"fd", strace_print_fd, false, 0},
    {"at", strace_print_at, false, 0},
    {"mode", strace_print_mode, false, 0},
    {"omode", strace_print_omode, false, 0},
    {"signal", strace_print_signal, false, 0},
    {"open", strace_print_open, false, 0},
    {"fdflags", strace_print_open, false, 0},
    {"prctl_arg", strace_print_prctl_arg, false, 0},
    {"clone", strace_print_clone, false, 0},
    {"fcntl_arg", strace_print_fcntl_arg, false, 0},
    {"path", strace_print_str, false, 0},
    {"str", strace_print_str, false, 0},
    {"strv", strace_print_strv, false, 0},
    {"strvcount", strace_print_strvcount, false, 0},
    {"data", strace_print_data, false, 0},
    {"out", strace_print_out, true, 0},
    {"iov", strace_print_iov, false, 0},
    {"iovout", strace_print_iovout, true, 0},
    {"timespec", strace_print_timespec, false, STRUCT_timespec},
    {"timespec64", strace_print_timespec, false, STRUCT_timespec64},
    {"timespecout", strace_print_timespec, true, STRUCT_timespec},
    {"timespec64out", strace_print_timespec, true, STRUCT_timespec64},
    {"timespec2", strace_print_timespec2, false, STRUCT_timespec},
    {"timespec642", strace_print_timespec2, false, STRUCT_timespec64},
    {"timevalout", strace_print_timeval, true, STRUCT_timeval},
    {"itimerspec", strace_print_itimerspec, false, STRUCT_itimerspec},
    {"itimerspec64", strace_print_itimerspec, false, STRUCT_itimerspec64},
    {"itimerspecout", strace_print_itimerspec, true, STRUCT_itimerspec},
    {"itimerspec64out", strace_print_itimerspec, true, STRUCT_itimerspec64},
    {"itimerval", strace_print_itimerval, false, STRUCT_itimerval},
    {"itimervalout", strace_print_itimerval, true, STRUCT_itimerval},
    {"sigset", strace_print_sigset, false, 0},
    {"sigsetout", strace_print_sigset, true, 0},
    {"sigaction", strace_print_sigaction, false, 0},
    {"statout", strace_print_statout, true, STRUCT_stat},
    {"stat64out", strace_print_statout, true, STRUCT_stat64},
    {"statxout", strace_print_statxout, true, 0},
    {"rlimit", strace_print_rlimit, false, STRUCT_rlimit},
    {"rlimit64", strace_print_rlimit, false, STRUCT_rlimit64},
    {"rlimitout", strace_print_rlimit, true, STRUCT_rlimit},
    {"rlimit64out", strace_print_rlimit, true, STRUCT_rlimit64},
    {"fdpair", strace_print_fdpair, true, 0},
    {"optval", strace_print_optval, false, 0},
    {"optvalout", strace_print_optval, true, 0},
    {"intout", strace_print_int, true, 0},
    {"utsnameout", strace_print_utsname, true, 0},
    {"waitstatus", strace_print_waitstatus, true, 0},
    {"openhow", strace_print_openhow, false, 0},
    {"pollfds", strace_print_pollfds, true, 0},
    {"epoll_event", strace_print_epoll_event, false, 0},
    {"epoll_events", strace_print_epoll_events, true, 0},
    {"sockaddr", strace_print_sockaddr, false, 0},
    {"sockaddrout", strace_print_sockaddrout, true, 0},
    {"sockopt", strace_print_sockopt, false, 0},
    {"msghdr", strace_print_msghdr, false, 0},
    {"msghdrout", strace_print_msghdrout, true, 0},
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

static void print_word(struct strace_value *x, const char *word, size_t len)
{
    const struct word *w = find_word(word, len);

    x->names = strace_find_names(word, len);
    if (w) {
        x->structure = w->structure;
        w->print(x);
    } else if (x->names) {
        strace_print_names(x);
    } else {
        strace_print_x(x);
    }
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

int strace_fd = -1;

static void put_line(const char *text, int n)
{
    while (write(strace_fd >= 0 ? strace_fd : log_options.fd, text, (size_t)n) < 0 &&
           errno == EINTR)
        ;
}

static void print_args(struct strace_line *line, bool after, int64_t result)
{
    const char *format = line->row->args, *word;
    size_t len;

    for (unsigned i = 0; i < 6 && (word = next_word(&format, &len)) && *word != '='; i++) {
        const struct word *w = find_word(word, len);
        struct strace_value x = {&line->args[i], line, i, line->a[i], result, 0, NULL};

        if ((w && w->after) == after)
            print_word(&x, word, len);
    }
}

enum { RESULT_COLUMN = 40 };

static void write_line(struct strace_line *line, const char *result)
{
    const char *separator = "";
    struct strace_buf out = {.len = 0};
    char text[sizeof(out.text) + 256], name[64];
    int n;

    /* The arguments share the room of one line. */
    for (unsigned i = 0; i < 6; i++) {
        if (line->args[i].len) {
            strace_put(&out, "%s%s", separator, line->args[i].text);
            separator = ", ";
        }
    }
    if (line->row->name)
        snprintf(name, sizeof(name), "%s", line->row->name);
    else
        snprintf(name, sizeof(name), "syscall_%u", line->nr);
    /* Results stand in a column where the call leaves room. */
    int length = (int)(strlen(name) + out.len + 2), room = RESULT_COLUMN - 1 - length;
    n = snprintf(text, sizeof(text), "%d %s(%s)%*s = %s\n", line->cpu->task->tid, name, out.text,
                 room > 0 ? room : 0, "", result);
    put_line(text, n < (int)sizeof(text) ? n : (int)sizeof(text) - 1);
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
        strace_put(out, "? ERESTARTSYS (To be restarted if SA_RESTART is set)");
        return;
    case -ERESTARTNOINTR:
        strace_put(out, "? ERESTARTNOINTR (To be restarted)");
        return;
    case -ERESTARTNOHAND:
        strace_put(out, "? ERESTARTNOHAND (To be restarted if no handler)");
        return;
    }
    if (result < 0 && result > -4096) {
        const char *name = strerrorname_np((int)-result);

        strace_put(out, "-1 %s (%s)", name ? name : "?", strerror((int)-result));
        if (!line->row->fn)
            strace_put(out, " [not implemented]");
        return;
    }
    while ((word = next_word(&format, &len)) && *word != '=')
        ;
    if (word) {
        struct strace_value x = {out, line, 6, (uint64_t)result, 0, 0, NULL};

        print_word(&x, word + 1, len - 1);
    } else if (!strace_put_fcntl_result(out, line, result)) {
        strace_put(out, "%lld", (long long)result);
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

/* ---- signals, the end ---- */

/* si_code: asm-generic/siginfo.h */
static const char *code_name(const siginfo_t *info)
{
    static const char *const segv[] = {NULL, "SEGV_MAPERR", "SEGV_ACCERR"};
    static const char *const bus[] = {NULL, "BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR"};
    static const char *const child[] = {NULL,          "CLD_EXITED",  "CLD_KILLED",   "CLD_DUMPED",
                                        "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"};
    static const char *const any[] = {"SI_USER",    "SI_QUEUE", "SI_TIMER", "SI_MESGQ",
                                      "SI_ASYNCIO", "SI_SIGIO", "SI_TKILL"};
    int code = info->si_code;

    if (code == SI_KERNEL)
        return "SI_KERNEL";
    if (code <= 0)
        return -code < (int)(sizeof any / sizeof *any) ? any[-code] : NULL;
    if (info->si_signo == SIGSEGV && code <= 2)
        return segv[code];
    if (info->si_signo == SIGBUS && code <= 3)
        return bus[code];
    if (info->si_signo == SIGCHLD && code <= 6)
        return child[code];
    return info->si_signo == SIGTRAP && code == TRAP_BRKPT  ? "TRAP_BRKPT"
           : info->si_signo == SIGILL && code == ILL_ILLOPC ? "ILL_ILLOPC"
                                                            : NULL;
}

void strace_signal(const struct vcpu *cpu, int sig, const siginfo_t *info)
{
    struct strace_buf b = {.len = 0};
    const char *code = code_name(info);

    strace_put(&b, "%d --- ", cpu->task->tid);
    strace_put_signal(&b, sig);
    strace_put(&b, " {si_signo=");
    strace_put_signal(&b, sig);
    strace_put(&b, code ? ", si_code=%s" : ", si_code=%.0s%d", code ? code : "", info->si_code);
    if (info->si_code <= 0 || sig == SIGCHLD)
        strace_put(&b, ", si_pid=%d, si_uid=%d", info->si_pid, info->si_uid);
    else
        strace_put(&b, ", si_addr=%p", info->si_addr);
    strace_put(&b, "} ---\n");
    put_line(b.text, (int)b.len);
}

void strace_end(const struct vcpu *cpu, int status)
{
    struct strace_buf b = {.len = 0};

    strace_put(&b, "%d +++ ", cpu->task->tid);
    if (status & 0x7f) {
        strace_put(&b, "killed by ");
        strace_put_signal(&b, status & 0x7f);
    } else {
        strace_put(&b, "exited with %d", status >> 8 & 0xff);
    }
    strace_put(&b, " +++\n");
    put_line(b.text, (int)b.len);
}
