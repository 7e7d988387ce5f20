/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/options.h"
#include "runner/runner.h"
#include "syscall/fds.h"
#include "syscall/strace.h"
#include "translate/stats.h"
#include "translate/translate.h"

static const struct category {
    const char *name, *qemu_name, *help;
    bool *on;
} categories[] = {
    {"in", "in_asm", "guest code of each block that is translated", &log_options.in},
    {"ops", "op", "its micro-operations", &log_options.ops},
    {"out", "out_asm", "the host code that was made", &log_options.out},
    {"block", "exec", "blocks translated, entered from the dispatcher, dropped",
     &log_options.block},
    {"signal", "int", "signals and faults of the guest", &log_options.signal},
    {"page", "page", "the guest's memory map at the start", &log_options.page},
    {"strace", "strace", "system calls, as --strace", &options.strace},
};

enum { CATEGORY_COUNT = sizeof categories / sizeof *categories };

void log_help(void)
{
    for (int i = 0; i < CATEGORY_COUNT; i++)
        printf("%-8s %s\n", categories[i].name, categories[i].help);
}

static bool enable(const char *name, size_t len)
{
    for (int i = 0; i < CATEGORY_COUNT; i++) {
        const struct category *c = &categories[i];
        if ((strlen(c->name) == len && memcmp(c->name, name, len) == 0) ||
            (strlen(c->qemu_name) == len && memcmp(c->qemu_name, name, len) == 0)) {
            *c->on = true;
            return true;
        }
    }
    return false;
}

/* The log file's name, with the process number for %d. */
static int open_file(const char *name)
{
    const char *mark = strstr(name, "%d");
    char path[4096];

    if (mark)
        snprintf(path, sizeof path, "%.*s%d%s", (int)(mark - name), name, (int)getpid(), mark + 2);
    else
        snprintf(path, sizeof path, "%s", name);
    /* Appended to: programs that the guest runs write to the same file. */
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0)
        runner_fail(EXIT_USAGE, "log file", path, strerror(errno));
    return fds_hide(fd);
}

void log_open(void)
{
    int fd;

    for (const char *s = options.log; s && *s;) {
        size_t len = strcspn(s, ",");
        if (!enable(s, len))
            runner_fail(EXIT_USAGE, "log category", s, "unknown; --log help lists them");
        s += len + (s[len] == ',');
    }
    if (options.strace_file)
        strace_fd = open_file(options.strace_file);
    /* A copy, as the guest may close its own or make another file of it. */
    if (options.log_file)
        log_options.fd = open_file(options.log_file);
    else if ((options.log || options.strace || stats_wanted) &&
             (fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) >= 0)
        log_options.fd = fds_hide(fd);
}
