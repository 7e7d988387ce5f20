/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which system calls --strace shows: names and classes as strace's -e trace=
 * has them.
 */
#include <stdlib.h>
#include <string.h>

#include "syscall/strace.h"

/* Classes are made of names, but for two that follow from the arguments. */
static const struct {
    const char *class, *names;
} classes[] = {
    {"process", " clone clone3 execve execveat exit exit_group fork kill pidfd_open "
                "pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo tgkill tkill unshare vfork "
                "wait4 waitid waitpid "},
    {"network",
     " accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom "
     "recvmmsg "
     "recvmsg send sendfile sendmmsg sendmsg sendto setsockopt shutdown socket socketcall "
     "socketpair "},
    {"signal", " kill pause pidfd_send_signal rt_sigaction rt_sigpending rt_sigprocmask "
               "rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo "
               "sigaction sigaltstack signal signalfd signalfd4 sigpending sigprocmask sigreturn "
               "sigsuspend tgkill tkill "},
    {"ipc", " ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl "
            "msgget msgrcv msgsnd semctl semget semop semtimedop shmat shmctl shmdt shmget "},
    {"memory",
     " brk get_mempolicy madvise mbind migrate_pages mincore mlock mlock2 mlockall mmap mmap2 "
     "move_pages mprotect mremap msync munlock munlockall munmap pkey_mprotect process_madvise "
     "remap_file_pages set_mempolicy shmat shmdt "},
    {"creds",
     " capget capset getegid geteuid getgid getgroups getresgid getresuid getuid prctl setfsgid "
     "setfsuid setgid setgroups setregid setresgid setresuid setreuid setuid "},
    {"clock", " adjtimex clock_adjtime clock_getres clock_gettime clock_settime gettimeofday "
              "settimeofday time "},
    {"stat", " fstat fstat64 fstatat64 lstat newfstatat stat statx "},
    {"pure", " getegid geteuid getgid getpgrp getpid getppid gettid getuid "},
};

static bool listed(const char *list, const char *name, size_t len)
{
    for (const char *p = list; (p = strstr(p, name)); p += len)
        if (p[-1] == ' ' && p[len] == ' ')
            return true;
    return false;
}

static bool in_class(const char *class, const struct syscall_row *row, bool *known)
{
    *known = true;
    if (strcmp(class, "all") == 0)
        return true;
    if (strcmp(class, "none") == 0)
        return false;
    if (strcmp(class, "file") == 0)
        return strstr(row->args, "path") != NULL;
    if (strcmp(class, "desc") == 0)
        return strace_fd_args(row) || strstr(row->args, "=fd");
    if (strcmp(class, "net") == 0)
        class = "network";
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strcmp(class, classes[i].class) == 0)
            return row->name && listed(classes[i].names, row->name, strlen(row->name));
    *known = false;
    return false;
}

/* One word of the expression. */
static bool matches(const char *word, const struct syscall_row *row)
{
    bool known;

    if (row->name && strcmp(word, row->name) == 0)
        return true;
    return in_class(word + (*word == '%'), row, &known);
}

static bool is_name(const struct guest *guest, const char *word)
{
    for (unsigned nr = 0; nr < guest->syscall_count; nr++) {
        struct syscall_row row = {.name = NULL};
        guest->syscall(nr, &row);
        if (row.name && strcmp(row.name, word) == 0)
            return true;
    }
    return false;
}

/* Calls visit for each word; without the beginning "trace=" and the "!". */
static bool each_word(const char *expression, bool *negated,
                      bool (*visit)(const char *word, void *arg), void *arg)
{
    const char *prefix = "trace=";
    bool found = false;

    if (strncmp(expression, prefix, strlen(prefix)) == 0)
        expression += strlen(prefix);
    *negated = *expression == '!';
    char *copy = strdup(expression + *negated), *rest = copy, *word;
    while (!found && (word = strsep(&rest, ",")))
        found = *word && visit(word, arg);
    free(copy);
    return found;
}

static bool visit_match(const char *word, void *arg)
{
    return matches(word, arg);
}

bool strace_selects(const char *expression, const struct syscall_row *row)
{
    bool negated;

    if (!expression)
        return true;
    bool found = each_word(expression, &negated, visit_match, (void *)(uintptr_t)row);
    return found != negated;
}

struct search {
    const struct guest *const *guests;
    char *bad;
};

static bool visit_unknown(const char *word, void *arg)
{
    const struct syscall_row nothing = {.args = ""};
    struct search *s = arg;
    bool known;

    in_class(word + (*word == '%'), &nothing, &known);
    for (const struct guest *const *g = s->guests; !known && *g; g++)
        known = is_name(*g, word);
    if (!known)
        s->bad = strdup(word);
    return !known;
}

char *strace_bad_word(const char *expression, const struct guest *const *all)
{
    struct search s = {all, NULL};
    bool negated;

    each_word(expression, &negated, visit_unknown, &s);
    return s.bad;
}
