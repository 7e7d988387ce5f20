/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `ferry binfmt install | remove | status`.
 */
#include "runner/binfmt.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runner/commands.h"
#include "runner/options.h"
#include "runner/runner.h"
#include "translate/guest.h"

struct request {
    const char *arch;        /* list with commas; NULL: all */
    const char *root;        /* "" or a directory */
    const char *interpreter; /* as found in root */
    bool force, credentials, boot, wait;
};

static const char usage[] =
    "usage: ferry binfmt install [--arch NAME,...] [--credentials] [--force] [--no-boot]\n"
    "                            [--interpreter FILE] [--root DIR] [--wait]\n"
    "       ferry binfmt remove  [--arch NAME,...] [--no-boot] [--root DIR]\n"
    "       ferry binfmt status  [--arch NAME,...] [--root DIR]\n"
    "       ferry binfmt boot\n"
    "Has the kernel start programs of other processors with ferry.\n\n"
    "  install        register with binfmt_misc, now and at each boot\n"
    "  remove         undo that\n"
    "  status         say for each architecture whether its programs run, by what, and\n"
    "                 if not, why; exit status 1 if one does not\n"
    "  boot           register what an earlier install left for it\n\n"
    "  --arch NAME,...     these architectures only (default: all that ferry knows)\n"
    "  --credentials       let setuid programs have the rights of their owner: read the\n"
    "                      manual page's warning first\n"
    "  --force             remove what others registered for the same programs\n"
    "  --no-boot           leave the files that are read at boot alone\n"
    "  --interpreter FILE  register FILE instead of this ferry\n"
    "  --wait              stay until a signal says to end, then remove: for a container\n"
    "  --root DIR          the files of the system in DIR: install and remove leave the\n"
    "                      running kernel alone, status looks from inside DIR\n";

/* ---- Which guests ---- */

static void check_list(const char *list)
{
    for (const char *s = list; s && *s; s += *s == ',') {
        size_t n = strcspn(s, ",");
        const struct guest *const *g = guests;
        while (*g && (strlen((*g)->name) != n || memcmp((*g)->name, s, n) != 0))
            g++;
        if (!*g) {
            fprintf(stderr, "ferry: binfmt: --arch: %.*s: not one of", (int)n, s);
            for (g = guests; *g; g++)
                fprintf(stderr, " %s", (*g)->name);
            fputc('\n', stderr);
            exit(EXIT_USAGE);
        }
        s += n;
    }
}

/* ---- Install ---- */

/* binfmt_misc's AT_FLAGS bit, by which the program's own argv[0] is known, is
 * there since Linux 5.12. */
static bool kernel_tells_argv0(void)
{
    struct utsname u;
    unsigned major = 0, minor = 0;

    return uname(&u) == 0 && sscanf(u.release, "%u.%u", &major, &minor) == 2 &&
           (major > 5 || (major == 5 && minor >= 12));
}

static void choose_interpreter(struct request *q)
{
    static const char *const places[] = {"/usr/local/bin/ferry", "/usr/bin/ferry", "/bin/ferry",
                                         "/ferry"};
    static char path[PATH_MAX];

    if (q->interpreter && q->interpreter[0] != '/')
        runner_fail(EXIT_USAGE, "--interpreter", q->interpreter, "not an absolute file name");
    if (q->interpreter)
        return;
    if (!*q->root) {
        ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
        if (n < 0)
            runner_fail(EXIT_FAILURE, "binfmt", "/proc/self/exe", strerror(errno));
        path[n] = '\0';
        q->interpreter = path;
        return;
    }
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(path, sizeof path, "%s%s", q->root, places[i]);
        if (access(path, X_OK) == 0) {
            q->interpreter = places[i];
            return;
        }
    }
    runner_fail(EXIT_FAILURE, "binfmt", q->root,
                "no ferry in /usr/local/bin, /usr/bin, /bin or / there: copy it there first");
}

static int explain(const char *what, const char *where, int error)
{
    const char *advice = "";

    if (error == -EPERM || error == -EACCES)
        advice = " (it takes root)";
    else if (error == -ENODEV || error == -ENOENT)
        advice = " (does this kernel have binfmt_misc? `modprobe binfmt_misc`)";
    fprintf(stderr, "ferry: binfmt: %s: %s: %s%s\n", what, where, strerror(-error), advice);
    return EXIT_FAILURE;
}

/* Makes room for the entry of g. */
static int clear_way(const struct request *q, const struct guest *g)
{
    struct binfmt_entry *entries;
    int n = binfmt_list(&entries), status = 0;

    if (n < 0)
        return explain("cannot list", BINFMT_DIR, n);
    for (int i = 0; i < n && !status; i++) {
        struct binfmt_entry *e = &entries[i];
        if (!binfmt_takes(e, g))
            continue;
        bool ours = binfmt_our_guest(e->name);
        if (!ours && !q->force && e->enabled) {
            fprintf(stderr,
                    "ferry: binfmt: %s: %s is registered for its programs already, by %s;"
                    " --force removes that\n",
                    g->name, e->interpreter, e->name);
            status = EXIT_FAILURE;
        } else if (ours || q->force) {
            int r = binfmt_write(e->name, "-1");
            if (r)
                status = explain("cannot remove", e->name, r);
        }
    }
    free(entries);
    return status;
}

static int install_entries(struct request *q)
{
    char line[BINFMT_LINE_MAX], flags[8], *added = NULL;
    size_t added_size;
    int status = 0, r;

    choose_interpreter(q);
    snprintf(flags, sizeof flags, "F%s%s", kernel_tells_argv0() ? "P" : "",
             q->credentials ? "OC" : "");
    if (!*q->root && (r = binfmt_mount()))
        return explain("cannot mount", BINFMT_DIR, r);
    FILE *f = open_memstream(&added, &added_size);
    for (const struct guest *const *g = guests; *g; g++) {
        if (!binfmt_listed(q->arch, (*g)->name))
            continue;
        binfmt_line(*g, q->interpreter, flags, line);
        if (!*q->root) {
            int failed = clear_way(q, *g);
            if (!failed && (r = binfmt_write("register", line)))
                failed = explain("cannot register", (*g)->name, r);
            if (failed) {
                status = failed;
                continue;
            }
            printf("%s: registered: %s (%s)\n", (*g)->name, q->interpreter, flags);
        }
        fprintf(f, "%s\n", line);
    }
    fclose(f);
    if (!*q->root && !binfmt_is_on())
        printf("binfmt_misc is switched off: `echo 1 >" BINFMT_DIR "/status` switches it on\n");
    if (q->boot && *added) {
        int failed = binfmt_boot_update(q->root, q->interpreter, q->arch, added);
        status = failed ? failed : status;
    }
    free(added);
    return status;
}

/* ---- Remove ---- */

static int remove_entries(const struct request *q)
{
    struct binfmt_entry *entries = NULL;
    /* In a container it is not mounted.  A kernel without it has no registrations. */
    int r = *q->root ? 0 : binfmt_mount(), n = 0, status = 0;

    if (!r && !*q->root)
        r = n = binfmt_list(&entries);
    if (r < 0 && r != -ENODEV)
        status = explain("cannot list", BINFMT_DIR, r);
    for (int i = 0; i < n; i++) {
        struct binfmt_entry *e = &entries[i];
        const char *guest = binfmt_our_guest(e->name);
        if (!guest || !binfmt_listed(q->arch, guest))
            continue;
        r = binfmt_write(e->name, "-1");
        if (r)
            status = explain("cannot remove", e->name, r);
        else
            printf("%s: removed\n", guest);
    }
    free(entries);
    if (q->boot) {
        int failed = binfmt_boot_update(q->root, NULL, q->arch, NULL);
        status = failed ? failed : status;
    }
    return status;
}

/* ---- Status ---- */

/* Why the kernel would not start programs with e; NULL: it would. */
static const char *obstacle(const struct request *q, const struct binfmt_entry *e)
{
    static char path[PATH_MAX + BINFMT_LINE_MAX];

    /* Opened when it was registered. */
    if (strchr(e->flags, 'F'))
        return NULL;
    snprintf(path, sizeof path, "%s%s", q->root, e->interpreter);
    if (access(path, X_OK) == 0)
        return NULL;
    return *q->root ? "its interpreter is not in that root, and it lacks flag F"
                    : "its interpreter is not there";
}

/* One line for the guest; true if its programs run. */
static bool show_guest(const struct request *q, const struct guest *g,
                       const struct binfmt_entry *entries, int n)
{
    const struct binfmt_entry *first = NULL, *off = NULL;

    for (int i = 0; i < n && !first; i++) {
        if (!binfmt_takes(&entries[i], g))
            continue;
        if (entries[i].enabled)
            first = &entries[i];
        else
            off = &entries[i];
    }
    printf("%s: ", g->name);
    if (!first && off) {
        printf("does not run: %s is switched off; `echo 1 >" BINFMT_DIR "/%s` switches it on\n",
               off->name, off->name);
        return false;
    }
    if (!first) {
        printf("does not run: nothing is registered; `ferry binfmt install --arch %s` does it\n",
               g->name);
        return false;
    }
    const char *why = obstacle(q, first);
    bool ours = binfmt_our_guest(first->name);
    printf("%s, by %s (%s, flags %s)", why ? "does not run" : "runs", first->interpreter,
           first->name, *first->flags ? first->flags : "none");
    if (why)
        printf(": %s", why);
    else if (!strchr(first->flags, 'F'))
        printf("; in other roots only where that file is");
    if (!ours)
        printf("; `ferry binfmt install --force --arch %s` puts ferry in its place", g->name);
    else if (!*q->root && !binfmt_boot_has("", g->name))
        printf("; not after the next boot");
    putchar('\n');
    return !why;
}

/* Lasting and not: what stands in the way of all. */
static const char *general_obstacle(void)
{
    int r = binfmt_mount();

    if (r)
        return access("/proc/self", F_OK) != 0 ? "/proc is not mounted"
               : geteuid() == 0 && (r == -EPERM || r == -EACCES)
                   ? "binfmt_misc can't be mounted here: in a container it takes --privileged"
               : geteuid() != 0 ? "binfmt_misc is not mounted, or this kernel does not have it: "
                                  "root can find out"
                                : "binfmt_misc can't be mounted: does this kernel have it? "
                                  "`modprobe binfmt_misc`";
    if (!binfmt_is_on())
        return "binfmt_misc is switched off; `echo 1 >" BINFMT_DIR "/status` switches it on";
    return NULL;
}

static int show_status(const struct request *q)
{
    const char *why = general_obstacle();
    struct binfmt_entry *entries = NULL;
    int n = why ? 0 : binfmt_list(&entries);
    bool all = true;

    for (const struct guest *const *g = guests; *g; g++) {
        if (!binfmt_listed(q->arch, (*g)->name))
            continue;
        if (why)
            printf("%s: does not run: %s\n", (*g)->name, why);
        if (why || !show_guest(q, *g, entries, n))
            all = false;
    }
    free(entries);
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- The command ---- */

static struct request parse_request(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"arch", required_argument, NULL, 'a'},
        {"root", required_argument, NULL, 'r'},
        {"interpreter", required_argument, NULL, 'i'},
        {"force", no_argument, NULL, 'f'},
        {"credentials", no_argument, NULL, 'c'},
        {"no-boot", no_argument, NULL, 'n'},
        {"wait", no_argument, NULL, 'w'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct request q = {.root = "", .boot = true};
    char *root;
    int c;

    while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        switch (c) {
        case 'a':
            check_list(q.arch = optarg);
            break;
        case 'r':
            root = realpath(optarg, NULL);
            if (!root)
                runner_fail(EXIT_USAGE, "--root", optarg, strerror(errno));
            q.root = strcmp(root, "/") == 0 ? "" : root;
            break;
        case 'i':
            q.interpreter = optarg;
            break;
        case 'f':
            q.force = true;
            break;
        case 'c':
            q.credentials = true;
            break;
        case 'n':
            q.boot = false;
            break;
        case 'w':
            q.wait = true;
            break;
        case 'h':
            fputs(usage, stdout);
            exit(EXIT_SUCCESS);
        default:
            fputs(usage, stderr);
            exit(EXIT_USAGE);
        }
    }
    return q;
}

/* The first process of a container gets no signal that it has not asked for. */
static int install_and_wait(struct request *q)
{
    sigset_t ends;
    int sig;

    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    int status = install_entries(q);
    if (status)
        return status;
    fflush(stdout);
    sigwait(&ends, &sig);
    return remove_entries(q);
}

int command_binfmt(int argc, char **argv)
{
    struct request q = parse_request(argc, argv);
    const char *verb = optind + 1 == argc ? argv[optind] : "";

    if (strcmp(verb, "install") == 0)
        return q.wait ? install_and_wait(&q) : install_entries(&q);
    if (strcmp(verb, "remove") == 0)
        return remove_entries(&q);
    if (strcmp(verb, "status") == 0)
        return show_status(&q);
    if (strcmp(verb, "boot") == 0)
        return binfmt_boot_load();
    fputs(usage, stderr);
    return EXIT_USAGE;
}
