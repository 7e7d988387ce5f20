/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the suites listed in a file and adds up what they report.
 *
 *     runner [-j JOBS] [-k WORD] [-t FILE] LIST
 *
 * A line of the list is a time limit in seconds, a name, and a shell command.  The
 * command prints one line for each test:
 *
 *     ok NAME
 *     not ok NAME - reason
 *     skip NAME - reason
 *
 * Other output is detail, shown when the suite has a failure.  A suite that
 * reports nothing, that ends in failure without a "not ok", or that runs out
 * of time counts as one failed test.  -k runs only the suites whose names contain
 * WORD.  The last line of output is the total, which -t also writes to a file;
 * the exit status is 0 when nothing failed.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_JOBS = 16 };

struct suite {
    char *name;
    char *out; /* all that it wrote */
    size_t len, size;
    double start, deadline;
    unsigned limit;
    pid_t pid; /* also its process group */
    int fd;
};

static struct {
    unsigned passed, failed, skipped;
} total;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void suite_start(struct suite *s, unsigned limit, const char *name, const char *command)
{
    int p[2];
    if (pipe(p)) {
        perror("runner: pipe");
        exit(2);
    }
    *s = (struct suite){.name = strdup(name), .start = now(), .limit = limit, .fd = p[0]};
    s->deadline = s->start + limit;
    fflush(stdout);
    s->pid = fork();
    if (s->pid < 0) {
        perror("runner: fork");
        exit(2);
    }
    if (s->pid == 0) {
        setpgid(0, 0);
        dup2(p[1], 1);
        dup2(p[1], 2);
        close(p[0]);
        close(p[1]);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    setpgid(s->pid, s->pid);
    close(p[1]);
}

/* Reads what is there; false at the end. */
static bool suite_read(struct suite *s)
{
    if (s->size - s->len < 65536)
        s->out = realloc(s->out, s->size = s->size * 2 + 131072);
    ssize_t n = read(s->fd, s->out + s->len, s->size - s->len - 1);
    if (n > 0)
        s->len += (size_t)n;
    return n > 0 || (n < 0 && errno == EINTR);
}

static void suite_end(struct suite *s, bool timed_out)
{
    /* Whatever it left running would disturb the next ones. */
    kill(-s->pid, SIGKILL);
    int status = 0;
    waitpid(s->pid, &status, 0);
    close(s->fd);

    unsigned ok = 0, bad = 0, skip = 0;
    s->out = s->out ? s->out : calloc(1, 1);
    s->out[s->len] = 0;
    char *detail = strdup(s->out);
    for (char *line = s->out, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        ok += !strncmp(line, "ok ", 3);
        bad += !strncmp(line, "not ok ", 7);
        if (!strncmp(line, "skip ", 5)) {
            skip++;
            printf("%s: %s\n", s->name, line);
        }
    }
    char why[64] = "";
    if (timed_out)
        snprintf(why, sizeof why, "still running after %u s", s->limit);
    else if (WIFSIGNALED(status))
        snprintf(why, sizeof why, "ended by signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status) && !bad)
        snprintf(why, sizeof why, "exit status %d", WEXITSTATUS(status));
    else if (!ok && !bad && !skip)
        snprintf(why, sizeof why, "reported nothing");
    bad += why[0] != 0;

    if (bad) {
        size_t len = strlen(detail), most = 20000;
        if (len > most)
            printf("%s: ... (%zu bytes left out)\n", s->name, len - most);
        fputs(len > most ? detail + len - most : detail, stdout);
        if (why[0])
            printf("not ok %s - %s\n", s->name, why);
    }
    printf("%-28s %4u ok", s->name, ok);
    if (bad)
        printf(", %u FAILED", bad);
    if (skip)
        printf(", %u skipped", skip);
    printf("  (%.1f s)\n", now() - s->start);
    fflush(stdout);
    total.passed += ok;
    total.failed += bad;
    total.skipped += skip;
    free(detail);
    free(s->out);
    free(s->name);
    s->pid = 0;
}

static void wait_for_some(struct suite *s, unsigned n)
{
    struct pollfd p[MAX_JOBS];
    double first = now() + 3600;
    for (unsigned i = 0; i < n; i++) {
        p[i] = (struct pollfd){.fd = s[i].pid ? s[i].fd : -1, .events = POLLIN};
        if (s[i].pid && s[i].deadline < first)
            first = s[i].deadline;
    }
    int ms = (int)((first - now()) * 1000) + 1;
    poll(p, n, ms > 0 ? ms : 0);
    for (unsigned i = 0; i < n; i++) {
        if (!s[i].pid)
            continue;
        if (p[i].revents && !suite_read(&s[i]))
            suite_end(&s[i], false);
        else if (now() > s[i].deadline)
            suite_end(&s[i], true);
    }
}

int main(int argc, char **argv)
{
    unsigned jobs = 1;
    const char *only = NULL, *total_file = NULL;
    int o;
    while ((o = getopt(argc, argv, "j:k:t:")) != -1) {
        if (o == 'j')
            jobs = (unsigned)atoi(optarg);
        else if (o == 'k')
            only = optarg;
        else if (o == 't')
            total_file = optarg;
        else
            return 2;
    }
    if (optind + 1 != argc || jobs < 1 || jobs > MAX_JOBS) {
        fprintf(stderr, "usage: runner [-j JOBS] [-k WORD] LIST\n");
        return 2;
    }
    setenv("BUILD", "build", 0);
    /* Tests with Check report in our form (TAP). */
    setenv("CK_TAP_LOG_FILE_NAME", "-", 0);
    setenv("CK_VERBOSITY", "silent", 0);
    FILE *f = fopen(argv[optind], "r");
    if (!f) {
        perror(argv[optind]);
        return 2;
    }
    static struct suite running[MAX_JOBS];
    char line[4096];
    bool more = true;
    for (;;) {
        unsigned busy = 0, slot = jobs;
        for (unsigned i = 0; i < jobs; i++) {
            busy += running[i].pid != 0;
            if (!running[i].pid)
                slot = i;
        }
        if (!more && !busy)
            break;
        if (!more || slot == jobs) {
            wait_for_some(running, jobs);
            continue;
        }
        more = fgets(line, sizeof line, f) != NULL;
        unsigned limit;
        char name[64];
        int at;
        line[strcspn(line, "\n")] = 0;
        if (!more || line[0] == '#' || sscanf(line, "%u %63s %n", &limit, name, &at) != 2)
            continue;
        if (!only || strstr(name, only))
            suite_start(&running[slot], limit, name, line + at);
    }
    fclose(f);
    char text[100];
    int len = snprintf(text, sizeof text, "%u passed, %u failed", total.passed, total.failed);
    if (total.skipped)
        snprintf(text + len, sizeof text - (size_t)len, ", %u skipped", total.skipped);
    puts(text);
    f = total_file ? fopen(total_file, "w") : NULL;
    if (total_file && (!f || fprintf(f, "%s\n", text) < 0 || fclose(f))) {
        perror(total_file);
        return 2;
    }
    return total.failed != 0;
}
