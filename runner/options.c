/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/options.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/loader.h"
#include "runner/commands.h"
#include "runner/runner.h"
#include "runner/sandbox.h"
#include "syscall/strace.h"
#include "translate/cache_dir.h"
#include "translate/guest.h"
#include "translate/stats.h"

#ifndef AT_FLAGS_PRESERVE_ARGV0
#define AT_FLAGS_PRESERVE_ARGV0 1
#endif

struct ferry_options options = {
    .program_fd = -1, .seccomp_fd = -1, .self_fd = -1, .code_cache = 256 << 20};

/* Called as qemu-<guest>: its names of options, its variables. */
static bool as_qemu;
static const char *stack_size_text, *code_cache_text;

/* ---- What the options do ---- */

static _Noreturn void bad_value(const char *option, const char *value, const char *why)
{
    runner_fail(EXIT_USAGE, option, value, why);
}

static void set_sysroot(const char *option, const char *value)
{
    char *path = realpath(value, NULL);
    struct stat st;

    if (!path)
        bad_value(option, value, strerror(errno));
    if (stat(path, &st) || !S_ISDIR(st.st_mode))
        bad_value(option, value, "not a directory");
    if (access(path, X_OK))
        bad_value(option, value, strerror(errno));
    options.sysroot = strcmp(path, "/") == 0 ? NULL : path;
}

static size_t env_find(const char *name, size_t len)
{
    size_t i = 0;

    while (options.env[i] &&
           (strncmp(options.env[i], name, len) != 0 || options.env[i][len] != '='))
        i++;
    return i;
}

static void env_set(const char *option, const char *pair)
{
    size_t len = strcspn(pair, "="), i;

    if (!pair[len] || len == 0)
        bad_value(option, pair, "not VAR=VALUE");
    i = env_find(pair, len);
    if (!options.env[i]) {
        options.env = realloc(options.env, (i + 2) * sizeof *options.env);
        options.env[i + 1] = NULL;
    }
    options.env[i] = strdup(pair);
}

static void env_unset(const char *option, const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || strchr(name, '='))
        bad_value(option, name, "not the name of a variable");
    size_t i = env_find(name, len);
    if (options.env[i]) {
        do
            options.env[i] = options.env[i + 1];
        while (options.env[i++]);
    }
}

void options_set_env(const char *pair)
{
    env_set("", pair);
}

void options_unset_env(const char *name)
{
    env_unset("", name);
}

void options_forget_sysroot(void)
{
    options.sysroot = NULL;
    env_unset("", "FERRY_SYSROOT");
}

static void each_of_list(const char *option, const char *list,
                         void (*set)(const char *option, const char *value))
{
    char *copy = strdup(list), *rest = copy, *item;

    while ((item = strsep(&rest, ",")))
        set(option, item);
    free(copy);
}

/* In variables, and for qemu everywhere, a list with commas. */
static bool lists(const char *option)
{
    return as_qemu || option[0] != '-';
}

static void set_env(const char *option, const char *value)
{
    if (lists(option))
        each_of_list(option, value, env_set);
    else
        env_set(option, value);
}

static void unset_env(const char *option, const char *value)
{
    if (lists(option))
        each_of_list(option, value, env_unset);
    else
        env_unset(option, value);
}

static void set_argv0(const char *option, const char *value)
{
    (void)option;
    options.argv0 = value;
}

static uint64_t parse_size(const char *option, const char *value)
{
    static const char suffixes[] = "KMGT";
    char *end;

    errno = 0;
    unsigned long long n = strtoull(value, &end, 0);
    const char *suffix = *end ? strchr(suffixes, *end & ~0x20) : NULL;
    unsigned shift = suffix ? 10 * (suffix - suffixes + 1) : 0;
    if (end == value || *value == '-' || errno || (*end && (!suffix || end[1])) || n == 0 ||
        n > (UINT64_C(1) << 46) >> shift)
        bad_value(option, value, "not a size: a number, with K, M or G behind it");
    return (uint64_t)n << shift;
}

static void set_stack_size(const char *option, const char *value)
{
    options.stack_size = parse_size(option, value);
    stack_size_text = value;
}

static void set_code_cache(const char *option, const char *value)
{
    options.code_cache = parse_size(option, value);
    if (options.code_cache < CODE_CACHE_MIN || options.code_cache > CODE_CACHE_MAX)
        bad_value(option, value, "must be from 3M to 1G");
    code_cache_text = value;
}

static void set_cpu(const char *option, const char *value)
{
    (void)option;
    if (strcmp(value, "help") == 0 || strcmp(value, "?") == 0) {
        for (const struct guest *const *g = guests; *g; g++) {
            printf("%s:", (*g)->name);
            for (const char *const *c = (*g)->cpus; c && *c; c++)
                printf(" %s", *c);
            putchar('\n');
        }
        exit(EXIT_SUCCESS);
    }
    options.cpu = value;
}

static const char *strace_text = "--strace";

static void set_strace(const char *option, const char *value)
{
    (void)option;
    options.strace = !value || (*value && strcmp(value, "0") != 0);
    if (!options.strace || !value || as_qemu || strcmp(value, "1") == 0)
        return;
    /* Programs that it runs may be elsewhere. */
    char *dir = *value == '/' ? NULL : getcwd(NULL, 0), *text;
    if (asprintf(&text, "--strace=%s%s%s", dir ? dir : "", dir ? "/" : "", value) < 0)
        abort();
    strace_text = text;
    options.strace_file = text + strlen("--strace=");
    free(dir);
}

static void set_strace_filter(const char *option, const char *value)
{
    char *bad = strace_bad_word(value, guests);

    if (bad)
        bad_value(option, bad, "neither a system call nor a class of them");
    options.strace_filter = value;
}

static void set_gdb(const char *option, const char *value)
{
    (void)option;
    options.gdb = value;
}

static void set_no_wait(const char *option, const char *value)
{
    (void)option, (void)value;
    options.gdb_no_wait = true;
}

static void set_log(const char *option, const char *value)
{
    (void)option;
    if (strcmp(value, "help") == 0) {
        log_help();
        exit(EXIT_SUCCESS);
    }
    options.log = value;
}

static void set_log_file(const char *option, const char *value)
{
    (void)option;
    options.log_file = value;
}

static void set_stats(const char *option, const char *value)
{
    (void)option;
    stats_wanted = !value || (*value && strcmp(value, "0") != 0);
}

static const char *perf_text;

static void set_perf(const char *option, const char *value)
{
    perf_text = value;
    perf_options.map = strcmp(value, "map") == 0 || strcmp(value, "all") == 0;
    perf_options.jitdump = strcmp(value, "jitdump") == 0 || strcmp(value, "all") == 0;
    if (!perf_options.map && !perf_options.jitdump)
        bad_value(option, value, "not one of map, jitdump, all");
}

static void set_host_isa(const char *option, const char *value)
{
    (void)option;
    options.host_isa = value;
}

static int descriptor(const char *option, const char *value)
{
    char *end;
    long fd = strtol(value, &end, 10);

    if (end == value || *end || fd < 0 || fd > INT_MAX)
        bad_value(option, value, "not a descriptor");
    return (int)fd;
}

/* How ferry passes on a program that the guest names by a descriptor. */
static void set_program_fd(const char *option, const char *value)
{
    options.program_fd = descriptor(option, value);
}

/* And its filters of system calls. */
static void set_seccomp_fd(const char *option, const char *value)
{
    options.seccomp_fd = descriptor(option, value);
}

static void set_memory_limits(const char *option, const char *value)
{
    (void)option;
    options.memory_limits = value;
}

static void set_credentials(const char *option, const char *value)
{
    (void)option, (void)value;
    options.credentials = true;
}

/* And itself. */
static void set_self_fd(const char *option, const char *value)
{
    options.self_fd = descriptor(option, value);
}

static bool no_cache;

static void set_cache_dir(const char *option, const char *value)
{
    (void)option;
    no_cache = !*value;
    cache_dir_set(value);
}

static void set_no_cache(const char *option, const char *value)
{
    (void)value;
    set_cache_dir(option, "");
}

static void set_sandbox(const char *option, const char *value)
{
    const char *wrong = sandbox_check(value ? value : "pure");

    if (wrong)
        bad_value(option, value, wrong);
    options.sandbox = value ? value : "pure";
    /* What the program can write, nobody else shall run. */
    set_no_cache(option, NULL);
}

static void show_version(const char *option, const char *value)
{
    (void)option, (void)value;
    puts("ferry " FERRY_VERSION);
    exit(EXIT_SUCCESS);
}

static void show_help(const char *option, const char *value);

/* ---- The table ---- */

static const struct option_row {
    char letter;
    const char *name;      /* --name */
    const char *qemu_name; /* -name; NULL: qemu-user has none like it */
    const char *value;     /* what the value is called, "[=X]" if it may be missing; NULL: none */
    const char *variable, *qemu_variable;
    void (*set)(const char *option, const char *value);
    const char *help;
} table[] = {
    {'L', "sysroot", "L", "DIR", "FERRY_SYSROOT", "QEMU_LD_PREFIX", set_sysroot,
     "look for the guest's files in DIR first"},
    {'E', "set-env", "E", "VAR=VALUE", "FERRY_SET_ENV", "QEMU_SET_ENV", set_env,
     "set a variable in the program's environment"},
    {'U', "unset-env", "U", "VAR", "FERRY_UNSET_ENV", "QEMU_UNSET_ENV", unset_env,
     "remove a variable from it"},
    {'0', "argv0", "0", "NAME", "FERRY_ARGV0", "QEMU_ARGV0", set_argv0,
     "give the program NAME as its argv[0]"},
    {'s', "stack-size", "s", "SIZE", "FERRY_STACK_SIZE", "QEMU_STACK_SIZE", set_stack_size,
     "size of the stack (K, M, G); else the limit of ulimit -s"},
    {0, "cpu", "cpu", "NAME", "FERRY_CPU", "QEMU_CPU", set_cpu,
     "processor to be ('help' lists them)"},
    {0, "strace", "strace", "[=FILE]", "FERRY_STRACE", "QEMU_STRACE", set_strace,
     "show the program's system calls, or append them to FILE"},
    {0, "strace-filter", NULL, "WHICH", "FERRY_STRACE_FILTER", NULL, set_strace_filter,
     "only those named, or of the classes file, process, ...; !: others"},
    {'g', "gdb", "g", "ADDRESS", NULL, "QEMU_GDB", set_gdb,
     "serve a debugger at PORT or unix:PATH, and wait for it"},
    {0, "no-wait", NULL, NULL, NULL, NULL, set_no_wait, "do not wait for the debugger"},
    {'d', "log", "d", "WHAT,...", "FERRY_LOG", "QEMU_LOG", set_log,
     "log what the translator does ('help' lists what)"},
    {'D', "log-file", "D", "FILE", "FERRY_LOG_FILE", "QEMU_LOG_FILENAME", set_log_file,
     "append the log to FILE (%d: process number), not to stderr"},
    {0, "stats", NULL, NULL, "FERRY_STATS", NULL, set_stats,
     "say at the end what the translator did"},
    {0, "perf", NULL, "WHAT", "FERRY_PERF", NULL, set_perf,
     "name translated code for perf: map, jitdump or all"},
    {0, "host-isa", NULL, "LEVEL", "FERRY_HOST_ISA", NULL, set_host_isa,
     "use no more of the host than baseline, v2 or v3"},
    {0, "code-cache", NULL, "SIZE", "FERRY_CODE_CACHE", NULL, set_code_cache,
     "memory for translated code; else 256M"},
    {0, "cache-dir", NULL, "DIR[:DIR...]", "FERRY_CACHE_DIR", NULL, set_cache_dir,
     "keep translations in the first DIR, use those of all"},
    {0, "no-cache", NULL, NULL, NULL, NULL, set_no_cache, "keep no translations on disk"},
    {0, "sandbox", NULL, "[=PROFILE]", "FERRY_SANDBOX", NULL, set_sandbox,
     "let the program do no more than PROFILE: pure, build[:DIR...] or net[:DIR...]"},
    {0, "program-fd", NULL, "FD", NULL, NULL, set_program_fd, NULL},
    {0, "seccomp-fd", NULL, "FD", NULL, NULL, set_seccomp_fd, NULL},
    {0, "memory-limits", NULL, "LIMITS", NULL, NULL, set_memory_limits, NULL},
    {0, "credentials", NULL, NULL, NULL, NULL, set_credentials, NULL},
    {0, "self-fd", NULL, "FD", NULL, NULL, set_self_fd, NULL},
    {'h', "help", "h", NULL, NULL, NULL, show_help, "show this help"},
    {'h', "help", "help", NULL, NULL, NULL, show_help, NULL},
    {'V', "version", "version", NULL, NULL, NULL, show_version, "show the version"},
};

enum { OPTION_COUNT = sizeof table / sizeof *table };

static void show_help(const char *option, const char *value)
{
    (void)option, (void)value;
    printf("usage: %s [options] PROGRAM [ARG...]\n"
           "%s"
           "Runs a Linux program that was compiled for another processor.\n\n",
           as_qemu ? "qemu-GUEST" : "ferry",
           as_qemu ? "" : "       ferry [options] COMMAND [ARG...]\n");
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *o = &table[i];
        const char *variable = as_qemu ? o->qemu_variable : o->variable;
        bool takes = o->value && o->value[0] != '[';
        char left[64];
        if (!o->help || (as_qemu && !o->qemu_name))
            continue;
        if (as_qemu)
            snprintf(left, sizeof left, "-%s%s%s", o->qemu_name, takes ? " " : "",
                     takes ? o->value : "");
        else
            snprintf(left, sizeof left, "%c%c%c --%s%s%s", o->letter ? '-' : ' ',
                     o->letter ? o->letter : ' ', o->letter ? ',' : ' ', o->name, takes ? " " : "",
                     o->value ? o->value : "");
        printf("  %-28s %s%s%s%s\n", left, o->help, variable ? " [" : "", variable ? variable : "",
               variable ? "]" : "");
    }
    if (!as_qemu)
        commands_help();
    exit(EXIT_SUCCESS);
}

/* ---- Reading them ---- */

static _Noreturn void unknown(const char *arg)
{
    runner_fail(EXIT_USAGE, "option", arg,
                as_qemu ? "not supported; -h lists what is" : "unknown; see ferry --help");
}

/* The row for arg (with its dashes); *value is what follows in the same
 * argument, or NULL. */
static const struct option_row *find_row(char *arg, char **value)
{
    bool is_long = arg[1] == '-';
    char *equals = strchr(arg, '=');

    *value = NULL;
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *o = &table[i];
        if (as_qemu) {
            if (o->qemu_name && strcmp(arg + 1, o->qemu_name) == 0)
                return o;
        } else if (is_long) {
            size_t len = equals ? (size_t)(equals - arg - 2) : strlen(arg + 2);
            if (strlen(o->name) == len && memcmp(o->name, arg + 2, len) == 0) {
                *value = equals ? equals + 1 : NULL;
                return o;
            }
        } else if (o->letter == arg[1] && (o->value || !arg[2])) {
            *value = arg[2] ? arg + 2 : NULL;
            return o;
        }
    }
    unknown(arg);
}

/* *ended: by --, so that a program follows. */
static int parse_arguments(int argc, char **argv, bool *ended)
{
    int i = 1;

    while (i < argc && argv[i][0] == '-' && argv[i][1]) {
        char *arg = argv[i++], *value;
        if (strcmp(arg, "--") == 0) {
            *ended = true;
            break;
        }
        const struct option_row *o = find_row(arg, &value);
        if (!o->value && value)
            runner_fail(EXIT_USAGE, "option", arg, "takes no value");
        if (o->value && !value && o->value[0] != '[') {
            if (i == argc)
                runner_fail(EXIT_USAGE, "option", arg, "needs a value");
            value = argv[i++];
        }
        o->set(arg, value);
    }
    return i;
}

/* The variables of a caller have no say in a program with more rights than he
 * has, nor in what that program executes. */
static void drop_variables(void)
{
    cache_dir_set("");
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (table[i].variable)
            env_unset("", table[i].variable);
        if (table[i].qemu_variable)
            env_unset("", table[i].qemu_variable);
    }
}

static void parse_variables(void)
{
    if (getauxval(AT_SECURE)) {
        drop_variables();
        return;
    }
    for (int i = 0; i < OPTION_COUNT; i++) {
        const char *name = as_qemu ? table[i].qemu_variable : table[i].variable;
        const char *value = name ? getenv(name) : NULL;
        if (value)
            table[i].set(name, value);
    }
    /* They are for this program, not for those that it runs. */
    if (!as_qemu) {
        env_unset("", "FERRY_SET_ENV");
        env_unset("", "FERRY_UNSET_ENV");
        env_unset("", "FERRY_ARGV0");
        env_unset("", "FERRY_SANDBOX");
    }
}

static void copy_env(char **env)
{
    size_t n = 0;

    while (env[n])
        n++;
    options.env = malloc((n + 1) * sizeof *env);
    memcpy(options.env, env, (n + 1) * sizeof *env);
}

void options_parse(int argc, char **argv, char **env)
{
    const char *base = argc ? strrchr(argv[0], '/') : NULL;
    int i = 1;

    base = base ? base + 1 : argc ? argv[0] : "ferry";
    as_qemu = strncmp(base, "qemu-", 5) == 0;
    copy_env(env);
    parse_variables();

    /* binfmt_misc with flag P: the program's path, then its own argv[0]. */
    bool preserved = getauxval(AT_FLAGS) & AT_FLAGS_PRESERVE_ARGV0;
    size_t suffix = strlen("-binfmt-P");
    if (strlen(base) > suffix && strcmp(base + strlen(base) - suffix, "-binfmt-P") == 0)
        preserved = true;
    /* And with flag O: the program is open.  Its name may look like an option. */
    errno = 0;
    unsigned long fd = getauxval(AT_EXECFD);
    if (errno == 0)
        options.program_fd = (int)fd;
    /* So does flag C, and only with it `ferry binfmt` sets O. */
    options.credentials = options.program_fd >= 0;
    bool is_program = preserved || options.program_fd >= 0;
    if (!is_program)
        i = parse_arguments(argc, argv, &is_program);
    if (i >= argc)
        runner_fail(EXIT_USAGE, "usage", base,
                    as_qemu ? "[options] PROGRAM [ARG...]; -h explains"
                            : "[options] PROGRAM [ARG...]; --help explains");
    if (!is_program && !as_qemu && (options.command = command_find(argv[i]))) {
        options.argv = argv + i;
        return;
    }
    options.program = argv[i];
    if (preserved && i + 1 < argc)
        i++;
    options.argv = argv + i;
    if (options.argv0)
        options.argv[0] = (char *)options.argv0;

    /* What the guest calls it. */
    size_t n = options.sysroot ? strlen(options.sysroot) : 0;
    options.program_name = options.program;
    if (n && strncmp(options.program, options.sysroot, n) == 0 && options.program[n] == '/')
        options.program_name += n;
}

char **options_exec_argv(const struct exec_file *f, const struct options_handed *handed)
{
    const char *cache_dirs = cache_dir_list();
    const char *fixed[][2] = {
        {"-L", options.sysroot},
        {"--cpu", options.cpu},
        {"--host-isa", options.host_isa},
        {"-d", options.log},
        {"-D", options.log_file},
        {"-s", stack_size_text},
        {"--perf", perf_text},
        {"--code-cache", code_cache_text},
        {"--strace-filter", options.strace_filter},
        {"-g", handed->gdb},
        {"--memory-limits", handed->limits},
        {"--cache-dir", no_cache || *cache_dirs ? cache_dirs : NULL},
    };
    enum { FIXED = sizeof fixed / sizeof *fixed, EXTRA = 2 * FIXED + 14, FD_TEXT = 12 };
    const char *descriptors = "/proc/self/fd/";
    size_t n = 0, i = 0;

    while (f->argv[n])
        n++;
    /* One block: the vector, and numbers of descriptors behind it. */
    const char **argv = malloc((n + EXTRA) * sizeof *argv + 3 * FD_TEXT);
    if (!argv)
        return NULL;
    char *text = (char *)(argv + n + EXTRA), *self_text = text + FD_TEXT,
         *seccomp_text = self_text + FD_TEXT;
    argv[i++] = "ferry";
    for (int k = 0; k < FIXED; k++) {
        if (fixed[k][1]) {
            argv[i++] = fixed[k][0];
            argv[i++] = fixed[k][1];
        }
    }
    if (options.strace)
        argv[i++] = strace_text;
    if (stats_wanted)
        argv[i++] = "--stats";
    if (options.credentials)
        argv[i++] = "--credentials";
    if (runner_self_fd() >= 0) {
        snprintf(self_text, FD_TEXT, "%d", runner_self_fd());
        argv[i++] = "--self-fd";
        argv[i++] = self_text;
    }
    if (handed->seccomp_fd >= 0) {
        snprintf(seccomp_text, FD_TEXT, "%d", handed->seccomp_fd);
        argv[i++] = "--seccomp-fd";
        argv[i++] = seccomp_text;
    }
    argv[i++] = "-0";
    argv[i++] = f->argv[0];
    if (strncmp(f->path, descriptors, strlen(descriptors)) == 0) {
        /* The guest's own may be close-on-exec. */
        fcntl(f->fd, F_SETFD, 0);
        snprintf(text, FD_TEXT, "%d", f->fd);
        argv[i++] = "--program-fd";
        argv[i++] = text;
        argv[i++] = "--";
        argv[i++] = f->name;
    } else {
        argv[i++] = "--";
        argv[i++] = f->path;
    }
    memcpy(argv + i, f->argv + 1, n * sizeof *argv);
    return (char **)argv;
}
