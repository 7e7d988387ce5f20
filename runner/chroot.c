/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `ferry chroot DIR [COMMAND...]`.
 *
 * Three processes: the one that was called waits, in the new user and mount
 * name spaces; its child is the first of a new PID name space, mounts, and is
 * the parent of whatever loses its own; its child enters the root and becomes
 * the command.  When the first is killed, even by SIGKILL, the second goes too,
 * and with it the kernel ends all the others and drops the mounts.
 */
#include "runner/chroot.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/loader.h"
#include "runner/chroot_user.h"
#include "runner/commands.h"
#include "runner/options.h"
#include "runner/runner.h"
#include "translate/cache_dir.h"

enum { BINDS_MAX = 32, EXIT_CHROOT = 125 };

static const char usage[] =
    "usage: ferry chroot [--bind FILE[:NAME]]... DIR [COMMAND [ARG...]]\n"
    "Runs COMMAND, or a login shell, in the root file system DIR of another processor,\n"
    "with /proc, /sys, /dev, /run and resolv.conf.  An ordinary user is root in there,\n"
    "by a user name space.  Nothing stays mounted, no process is left.\n\n"
    "  --bind FILE[:NAME]  show the host's FILE inside, as NAME\n";

/* ---- What this kernel lets us do ---- */

static int wait_status(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

/* Tried in a child: a process can't leave a name space again. */
static bool can_unshare(int flags)
{
    pid_t pid = fork();

    if (pid)
        return pid > 0 && wait_status(pid) == 0;
    if (unshare(flags))
        _exit(1);
    if (!(flags & CLONE_NEWPID))
        _exit(mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) != 0);
    pid = fork();
    if (pid)
        _exit(pid < 0 || wait_status(pid) != 0);
    /* Refused where parts of the host's /proc are hidden, as in containers. */
    _exit(mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) ||
          mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
}

/* The best set of name spaces; 0: none. */
static int choose_spaces(void)
{
    static const int sets[] = {
        CLONE_NEWNS | CLONE_NEWPID,
        CLONE_NEWNS,
        CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID,
        CLONE_NEWUSER | CLONE_NEWNS,
    };

    for (unsigned i = 0; i < sizeof sets / sizeof *sets; i++)
        if (can_unshare(sets[i]))
            return sets[i];
    return 0;
}

/* ---- The command ---- */

static const char *shell(void)
{
    return access("/bin/bash", X_OK) == 0 ? "/bin/bash" : "/bin/sh";
}

/* The host's PATH may lack the directories of the administrator. */
static const char *complete_path(void)
{
    static const char *const needed[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                         "/usr/bin",        "/sbin",          "/bin"};
    const char *path = getenv("PATH");
    char *text = NULL, around[PATH_MAX + 2], word[64];
    size_t size;
    FILE *f = open_memstream(&text, &size);

    fprintf(f, "PATH=%s", path ? path : "");
    snprintf(around, sizeof around, ":%s:", path ? path : "");
    for (unsigned i = 0; i < sizeof needed / sizeof *needed; i++) {
        snprintf(word, sizeof word, ":%s:", needed[i]);
        if (!strstr(around, word))
            fprintf(f, "%s%s", (path && *path) || i ? ":" : "", needed[i]);
    }
    fclose(f);
    options_set_env(text);
    return text + strlen("PATH=");
}

static const char *find_command(const char *name, const char *path)
{
    static char found[PATH_MAX];
    struct stat st;

    if (strchr(name, '/'))
        return name;
    for (size_t n; *path; path += n + (path[n] == ':')) {
        n = strcspn(path, ":");
        snprintf(found, sizeof found, "%.*s/%s", (int)n, path, name);
        if (n && stat(found, &st) == 0 && S_ISREG(st.st_mode) && access(found, X_OK) == 0)
            return found;
    }
    runner_fail(EXIT_NOT_FOUND, "chroot", name, "not found in the root's PATH");
}

/* Variables that name directories of the host. */
static void drop_strange_directories(void)
{
    static const char *const names[] = {"TMPDIR", "TMP", "TEMP", "XDG_RUNTIME_DIR"};

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && access(value, F_OK))
            options_unset_env(names[i]);
    }
}

/* Fills options with the program; does not return if it is one of the host. */
static void prepare_command(char **argv, int spaces)
{
    static char *login_shell[] = {NULL, "-l", NULL};
    struct exec_file f;

    options_forget_sysroot();
    options_set_env("HOME=/root");
    drop_strange_directories();
    /* debootstrap and maintainer scripts then make no device nodes, which a
     * user name space does not allow. */
    if (spaces & CLONE_NEWUSER && !getenv("container"))
        options_set_env("container=lxc");
    const char *path = complete_path();
    if (!*argv) {
        login_shell[0] = (char *)shell();
        argv = login_shell;
    }
    options.program = options.program_name = find_command(*argv, path);
    options.argv = argv;
    int r = exec_resolve(options.program, options.program, options.argv, &f);
    if (r == 0 && !f.guest) {
        execve(f.path, f.argv, options.env);
        runner_fail(EXIT_NOT_EXECUTABLE, "chroot", f.path, strerror(errno));
    }
    /* Otherwise found again, or complained of, as any program is. */
    if (r == 0)
        exec_file_free(&f);
}

static void enter_root(const char *dir)
{
    runner_open_self(-1);
    if (chroot(dir) || chdir("/"))
        runner_fail(EXIT_CHROOT, "cannot enter", dir, strerror(errno));
}

/* ---- Waiting ---- */

static volatile pid_t signal_to;

static void pass_on(int sig)
{
    if (signal_to > 0)
        kill(signal_to, sig);
}

/* Those of the terminal reach the command by themselves. */
static const struct {
    int sig;
    void (*handler)(int sig);
} waited[] = {
    {SIGINT, SIG_IGN}, {SIGQUIT, SIG_IGN}, {SIGTERM, pass_on},
    {SIGHUP, pass_on}, {SIGUSR1, pass_on}, {SIGUSR2, pass_on},
};
enum { WAITED = sizeof waited / sizeof *waited };
static struct sigaction before[WAITED]; /* the command's, as nohup(1) may have set them */

static void wait_signals(void)
{
    for (int i = 0; i < WAITED; i++) {
        sigaction(waited[i].sig, NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            signal(waited[i].sig, waited[i].handler);
    }
}

static void restore_signals(void)
{
    for (int i = 0; i < WAITED; i++)
        sigaction(waited[i].sig, &before[i], NULL);
}

/* The first process inside: returns only in the command's process. */
static void supervise(const struct chroot_plan *plan, int caller, int result)
{
    struct pollfd gone = {.fd = caller};
    int status = 0;
    pid_t pid, ended;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (poll(&gone, 1, 0) != 0)
        _exit(EXIT_CHROOT);
    if (chroot_mount(plan))
        runner_fail(EXIT_CHROOT, "cannot mount /proc in", plan->dir, strerror(errno));
    pid = fork();
    if (pid < 0)
        runner_fail(EXIT_CHROOT, "chroot", "fork", strerror(errno));
    if (pid == 0) {
        restore_signals();
        close(caller);
        close(result);
        enter_root(plan->dir);
        return;
    }
    signal_to = pid;
    do
        ended = waitpid(-1, &status, 0);
    while (ended != pid && (ended > 0 || errno == EINTR));
    chroot_clean();
    if (write(result, &status, sizeof status) != sizeof status)
        _exit(EXIT_CHROOT);
    _exit(EXIT_SUCCESS);
}

/* As the command ended. */
static int end_alike(int status)
{
    const struct rlimit none = {0, 0};

    if (!WIFSIGNALED(status))
        return WEXITSTATUS(status);
    setrlimit(RLIMIT_CORE, &none);
    signal(WTERMSIG(status), SIG_DFL);
    kill(getpid(), WTERMSIG(status));
    return 128 + WTERMSIG(status);
}

static int run_inside(struct chroot_plan *plan, int spaces)
{
    int caller[2], result[2], status;

    if (pipe2(caller, O_CLOEXEC) || pipe2(result, O_CLOEXEC))
        runner_fail(EXIT_CHROOT, "chroot", "pipe", strerror(errno));
    plan->own_pids = spaces & CLONE_NEWPID;
    if (chroot_unshare(spaces))
        runner_fail(EXIT_CHROOT, "chroot", "unshare", strerror(errno));
    wait_signals();
    pid_t pid = fork();
    if (pid < 0)
        runner_fail(EXIT_CHROOT, "chroot", "fork", strerror(errno));
    if (pid == 0) {
        close(caller[1]);
        close(result[0]);
        supervise(plan, caller[0], result[1]);
        return COMMAND_RUN_PROGRAM;
    }
    signal_to = pid;
    close(caller[0]);
    close(result[1]);
    ssize_t n;
    while ((n = read(result[0], &status, sizeof status)) < 0 && errno == EINTR)
        ;
    int end = wait_status(pid);
    restore_signals();
    return end_alike(n == sizeof status ? status : end);
}

/* ---- The command line ---- */

static struct chroot_bind binds[BINDS_MAX];

static void add_bind(struct chroot_plan *plan, char *text)
{
    char *to = strchr(text, ':');

    if (to)
        *to++ = '\0';
    char *from = realpath(text, NULL);
    if (!from)
        runner_fail(EXIT_USAGE, "--bind", text, strerror(errno));
    if (to && *to != '/')
        runner_fail(EXIT_USAGE, "--bind", to, "not an absolute name");
    if (plan->bind_count == BINDS_MAX)
        runner_fail(EXIT_USAGE, "--bind", text, "too many of them");
    binds[plan->bind_count++] = (struct chroot_bind){from, to ? to : from};
}

/* Translations are kept where the caller's are, not in the root. */
static void share_cache(struct chroot_plan *plan)
{
    static char names[CACHE_LAYERS_MAX][32], list[CACHE_LAYERS_MAX * sizeof *names];
    char run[PATH_MAX];
    struct stat st;

    cache_dir_init();
    snprintf(run, sizeof run, "%s/run", plan->dir);
    bool have_run = lstat(run, &st) == 0 && S_ISDIR(st.st_mode);
    for (unsigned i = 0; have_run && i < cache_dir_count() && plan->bind_count < BINDS_MAX; i++) {
        snprintf(names[i], sizeof *names, "/run/.ferry-cache-%u", i);
        if (i)
            strcat(list, ":");
        strcat(list, names[i]);
        binds[plan->bind_count++] = (struct chroot_bind){strdup(cache_dir_name(i)), names[i]};
    }
    cache_dir_set(list);
}

int command_chroot(int argc, char **argv)
{
    static const struct option long_options[] = {{"bind", required_argument, NULL, 'b'},
                                                 {"help", no_argument, NULL, 'h'},
                                                 {NULL, 0, NULL, 0}};
    struct chroot_plan plan = {.binds = binds};
    struct stat st;
    int c;

    while ((c = getopt_long(argc, argv, "+h", long_options, NULL)) != -1) {
        if (c == 'b') {
            add_bind(&plan, optarg);
        } else {
            fputs(usage, c == 'h' ? stdout : stderr);
            return c == 'h' ? EXIT_SUCCESS : EXIT_USAGE;
        }
    }
    if (optind == argc) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    plan.dir = realpath(argv[optind], NULL);
    if (!plan.dir)
        runner_fail(EXIT_CHROOT, "chroot", argv[optind], strerror(errno));
    if (stat(plan.dir, &st) || !S_ISDIR(st.st_mode))
        runner_fail(EXIT_CHROOT, "chroot", plan.dir, "not a directory");

    int spaces = choose_spaces();
    if (!spaces && geteuid() != 0)
        runner_fail(EXIT_CHROOT, "chroot", plan.dir,
                    "not root, and this system lets users make no user name spaces "
                    "(sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, "
                    "kernel.apparmor_restrict_unprivileged_userns)");
    if (spaces) {
        share_cache(&plan);
        int status = run_inside(&plan, spaces);
        if (status != COMMAND_RUN_PROGRAM)
            return status;
    } else {
        fputs("ferry: chroot: can't make a mount name space; mounting nothing\n", stderr);
        enter_root(plan.dir);
    }
    prepare_command(argv + optind + 1, spaces);
    return COMMAND_RUN_PROGRAM;
}
