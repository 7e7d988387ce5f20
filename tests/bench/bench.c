/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the work of a list natively, under ferry and under the peer, in turn
 * and N times each, and writes medians and ratios as a Markdown table and JSON.
 *
 *     bench [-n ROUNDS] [-k WORD] [-r NATIVE-ROOT:GUEST-ROOT] LIST DIR GUEST FERRY PEER OUT
 *
 * OUT.md and OUT.json are written.  Programs of DIR are NAME.native and NAME.GUEST.
 * Without roots, work that needs them is left out.
 *
 * Under ferry everything runs twice a round: with an empty translation cache, and
 * with what that left there.  Times are CPU time (user and system, with that of
 * children), what the user waits where the list says "wall", or seconds a
 * gigabyte, or a thousand signatures, where the program tells its rate (openssl speed -mr: "rate").
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ROUNDS = 31, TIME_LIMIT = 120 };
enum variant { NATIVE, FIRST, FERRY, PEER, VARIANTS };
enum unit { CPU, WALL, RATE };

struct sample {
    double cpu, wall, time; /* seconds; time is the one that counts */
    long rss;               /* KiB */
};

struct row {
    char name[64], what[128], command[512];
    enum unit unit;
    struct sample median[VARIANTS];
    bool failed[VARIANTS], wrong[VARIANTS];
};

static const char *dir, *guest, *emulator[VARIANTS], *root[VARIANTS];
static char cache[512]; /* of translations, by its name outside a root */
static int rounds = 5;

static void enter_root(const char *path)
{
    uid_t uid = geteuid();
    if (uid) {
        char map[64];
        if (unshare(CLONE_NEWUSER)) {
            perror("bench: user name space");
            _exit(126);
        }
        int fd = open("/proc/self/uid_map", O_WRONLY);
        int n = snprintf(map, sizeof map, "0 %u 1", uid);
        if (write(fd, map, (size_t)n) != n)
            perror("bench: uid_map");
        close(fd);
    }
    /* ferry keeps translations by what /proc/self/maps says. */
    char proc[512];
    snprintf(proc, sizeof proc, "%s/proc", path);
    mkdir(proc, 0755);
    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("/proc", proc, NULL, MS_BIND | MS_REC, NULL))
        perror("bench: /proc");
    if (chroot(path) || chdir("/tmp/bench")) {
        perror(path);
        _exit(126);
    }
}

/* The command as words; /bin/sh is not there for the guest, so quotes are ours. */
static int split(char *s, char **word, int max)
{
    int n = 0;
    while (*s && n < max - 1) {
        while (*s == ' ')
            s++;
        if (!*s)
            break;
        char end = ' ';
        if (*s == '"')
            end = *s++;
        word[n++] = s;
        while (*s && *s != end)
            s++;
        if (*s)
            *s++ = 0;
    }
    word[n] = NULL;
    return n;
}

static void execute(const struct row *r, enum variant v)
{
    static char program[256], cache_variable[600];
    char command[512], *word[64];
    int at = 0;
    if (v != NATIVE)
        word[at++] = (char *)emulator[v];
    snprintf(command, sizeof command, "%s", r->command);
    split(command, word + at, 60);
    snprintf(cache_variable, sizeof cache_variable, "FERRY_CACHE_DIR=%s", cache);
    if (word[at][0] == '%') {
        snprintf(program, sizeof program, "%s/%s.%s", dir, word[at] + 1,
                 v == NATIVE ? "native" : guest);
        word[at] = program;
    } else {
        enter_root(root[v]);
        if (v != NATIVE)
            word[0] = v == PEER ? "/tmp/bench/peer" : "/tmp/bench/ferry";
        snprintf(cache_variable, sizeof cache_variable, "FERRY_CACHE_DIR=/tmp/bench/cache");
    }
    char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=/tmp", cache_variable,
                                 NULL};
    execve(word[0], word, environment);
    if (v == PEER && strchr(word[0], '/') == NULL)
        execvpe(word[0], word, environment);
    perror(word[0]);
    _exit(127);
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static bool in_root(const struct row *r)
{
    return r->command[0] != '%';
}

static void empty_cache(const struct row *r)
{
    char command[600];
    if (in_root(r))
        snprintf(command, sizeof command, "rm -rf '%s/tmp/bench/cache'", root[FERRY]);
    else
        snprintf(command, sizeof command, "rm -rf '%s'", cache);
    if (system(command))
        perror(command);
}

/* What `openssl speed -mr` says last: bytes a second, or for RSA (+F2:number:bits:signatures:
 * verifications, a second), millions of signatures. */
static double rate_of(const char *out)
{
    char line[256];
    double rate = 0;
    FILE *f = fopen(out, "r");
    while (f && fgets(line, sizeof line, f)) {
        double signatures;
        if (sscanf(line, "+F2:%*d:%*d:%lf", &signatures) == 1)
            rate = signatures * 1e6;
        else if (!strncmp(line, "+F", 2) && strrchr(line, ':'))
            rate = atof(strrchr(line, ':') + 1);
    }
    if (f)
        fclose(f);
    return rate;
}

/* False if it failed; its output is left in the file out. */
static bool run(const struct row *r, enum variant v, const char *out, struct sample *s)
{
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600), null = open("/dev/null", O_RDWR);
        dup2(fd, 1);
        dup2(null, 0);
        if (!getenv("VERBOSE"))
            dup2(null, 2);
        alarm(TIME_LIMIT);
        execute(r, v);
    }
    int status;
    struct rusage u;
    if (wait4(pid, &status, 0, &u) != pid)
        return false;
    clock_gettime(CLOCK_MONOTONIC, &b);
    s->wall = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) * 1e-9;
    s->cpu = seconds(u.ru_utime) + seconds(u.ru_stime);
    s->rss = u.ru_maxrss;
    s->time = r->unit == WALL ? s->wall : s->cpu;
    if (r->unit == RATE) {
        double rate = rate_of(out);
        s->time = rate > 0 ? 1e9 / rate : 0;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool same_files(const char *a, const char *b)
{
    FILE *f = fopen(a, "r"), *g = fopen(b, "r");
    bool same = f && g;
    int c, d = 0;
    while (same && d != EOF) {
        c = getc(f), d = getc(g);
        same = c == d;
    }
    if (f)
        fclose(f);
    if (g)
        fclose(g);
    return same;
}

static int by_time(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;
    return (x->time > y->time) - (x->time < y->time);
}

static void measure(struct row *r)
{
    struct sample s[VARIANTS][MAX_ROUNDS];
    char out[VARIANTS][256];
    for (int v = 0; v < VARIANTS; v++)
        snprintf(out[v], sizeof out[v], "%s/output.%d", dir, v);
    for (int i = 0; i < rounds; i++) {
        for (int v = 0; v < VARIANTS; v++) {
            if (r->failed[v])
                continue;
            if (v == FIRST)
                empty_cache(r);
            r->failed[v] = !run(r, v, out[v], &s[v][i]);
        }
    }
    /* What depends on word size or byte order is as the peer has it. */
    for (int v = FIRST; v <= FERRY; v++)
        r->wrong[v] = r->unit != RATE && !r->failed[v] && !same_files(out[v], out[NATIVE]) &&
                      (r->failed[PEER] || !same_files(out[v], out[PEER]));
    for (int v = 0; v < VARIANTS; v++) {
        if (r->failed[v])
            continue;
        qsort(s[v], (size_t)rounds, sizeof s[v][0], by_time);
        r->median[v] = s[v][rounds / 2];
    }
}

static void cell(FILE *f, const struct row *r, enum variant v)
{
    if (r->failed[v])
        fprintf(f, " failed |");
    else
        fprintf(f, " %.3f s%s |", r->median[v].time, r->wrong[v] ? " (wrong output)" : "");
}

static void ratio(FILE *f, const struct row *r, enum variant a, enum variant b)
{
    if (r->failed[a] || r->failed[b] || r->median[b].time <= 0)
        fprintf(f, " - |");
    else
        fprintf(f, " %.2f |", r->median[a].time / r->median[b].time);
}

/* Translation: a program that runs each of its many functions once or twice.
 * The second turn costs only the running, the first also the translating. */
static double translation(const char *list_dir, enum variant v, double instructions)
{
    struct row r = {.name = "once", .unit = CPU};
    struct sample s[2][MAX_ROUNDS];
    char out[256];
    snprintf(out, sizeof out, "%s/output.once", list_dir);
    for (int i = 0; i < rounds; i++)
        for (int k = 0; k < 2; k++) {
            snprintf(r.command, sizeof r.command, "%%once %d", k ? 1 : 0);
            empty_cache(&r);
            if (!run(&r, v, out, &s[k][i]))
                return 0;
        }
    for (int k = 0; k < 2; k++)
        qsort(s[k], (size_t)rounds, sizeof s[k][0], by_time);
    double t = s[1][rounds / 2].time - s[0][rounds / 2].time;
    return t > 0 ? instructions / t : 0;
}

static void machine(char *text, size_t size)
{
    char line[256], cpu[200] = "?";
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "model name", 10)) {
            snprintf(cpu, sizeof cpu, "%s", strchr(line, ':') + 2);
            cpu[strcspn(cpu, "\n")] = 0;
            break;
        }
    if (f)
        fclose(f);
    struct utsname u;
    uname(&u);
    snprintf(text, size, "%s, %ld processors, Linux %s", cpu, sysconf(_SC_NPROCESSORS_ONLN),
             u.release);
}

/* One line of the list: name | what it is | [wall|rate] command. */
static bool parse(const char *line, struct row *r)
{
    *r = (struct row){.unit = CPU};
    if (line[0] == '#' ||
        sscanf(line, " %63[^|]|%127[^|]| %511[^\n]", r->name, r->what, r->command) != 3)
        return false;
    for (char *p = r->name + strlen(r->name); p > r->name && p[-1] == ' ';)
        *--p = 0;
    for (char *p = r->what + strlen(r->what); p > r->what && p[-1] == ' ';)
        *--p = 0;
    static const char *const units[] = {[WALL] = "wall ", [RATE] = "rate "};
    for (unsigned u = WALL; u <= RATE; u++)
        if (!strncmp(r->command, units[u], 5)) {
            r->unit = u;
            memmove(r->command, r->command + 5, strlen(r->command + 5) + 1);
        }
    return true;
}

/* A program that this guest has no build of. */
static bool missing(const struct row *r)
{
    char path[512];
    if (in_root(r))
        return !root[FERRY];
    snprintf(path, sizeof path, "%s/%.*s.%s", dir, (int)strcspn(r->command + 1, " "),
             r->command + 1, guest);
    return access(path, X_OK) != 0;
}

static void put_row(FILE *md, FILE *json, const struct row *r, const char *separator)
{
    static const char *const name[] = {"native", "first", "ferry", "qemu"};
    fprintf(md, "| %s |%s |", r->name, r->what);
    fprintf(json, "%s\n    {\"name\": \"%s\"", separator, r->name);
    for (int v = 0; v < VARIANTS; v++) {
        cell(md, r, v);
        if (!r->failed[v])
            fprintf(
                json, ", \"%s\": {\"time\": %.6f, \"cpu\": %.6f, \"wall\": %.6f, \"rss_kb\": %ld}",
                name[v], r->median[v].time, r->median[v].cpu, r->median[v].wall, r->median[v].rss);
    }
    ratio(md, r, FERRY, NATIVE);
    ratio(md, r, FIRST, NATIVE);
    ratio(md, r, PEER, FERRY);
    if (r->failed[FERRY] || r->failed[NATIVE])
        fprintf(md, " - |\n");
    else
        fprintf(md, " %.1f MB |\n", (double)(r->median[FERRY].rss - r->median[NATIVE].rss) / 1024);
    fprintf(json, "}");
    fflush(md);
    printf("%-20s", r->name);
    for (int v = 0; v < VARIANTS; v++)
        printf(r->failed[v] ? "   failed" : " %8.3f", r->median[v].time);
    printf("%s\n", r->wrong[FERRY] || r->wrong[FIRST] ? "  wrong output" : "");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const char *only = NULL;
    char *colon;
    int o;
    while ((o = getopt(argc, argv, "n:k:r:")) != -1) {
        if (o == 'n')
            rounds = atoi(optarg);
        else if (o == 'k')
            only = optarg;
        else if (o == 'r' && (colon = strchr(optarg, ':'))) {
            *colon = 0;
            root[NATIVE] = optarg;
            root[FIRST] = root[FERRY] = root[PEER] = colon + 1;
        } else
            return 2;
    }
    if (argc - optind != 6 || rounds < 1 || rounds > MAX_ROUNDS) {
        fprintf(stderr, "usage: bench [-n ROUNDS] [-k WORD] [-r NATIVE-ROOT:GUEST-ROOT] LIST DIR "
                        "GUEST FERRY PEER OUT\n");
        return 2;
    }
    char **arg = argv + optind;
    dir = arg[1];
    guest = arg[2];
    emulator[FIRST] = emulator[FERRY] = arg[3];
    emulator[PEER] = arg[4];
    char *full = realpath(dir, NULL);
    snprintf(cache, sizeof cache, "%s/cache", full ? full : dir);
    free(full);

    FILE *list = fopen(arg[0], "r");
    char path[300], line[1024], host[512];
    snprintf(path, sizeof path, "%s.md", arg[5]);
    FILE *md = fopen(path, "w");
    snprintf(path, sizeof path, "%s.json", arg[5]);
    FILE *json = fopen(path, "w");
    if (!list || !md || !json) {
        perror("bench");
        return 2;
    }
    machine(host, sizeof host);
    fprintf(md, "# Guest %s\n\n%s; medians of %d.\n\n", guest, host, rounds);
    fprintf(md,
            "| work | | native | ferry, first run | ferry | qemu-user | ferry / native | first / "
            "native | qemu / ferry | memory over native |\n"
            "|---|---|---|---|---|---|---|---|---|---|\n");
    fprintf(json,
            "{\n  \"guest\": \"%s\",\n  \"machine\": \"%s\",\n  \"rounds\": %d,\n  \"work\": [",
            guest, host, rounds);
    const char *separator = "";
    while (fgets(line, sizeof line, list)) {
        struct row r;
        if (!parse(line, &r) || (only && !strstr(r.name, only)) || missing(&r))
            continue;
        measure(&r);
        put_row(md, json, &r, separator);
        separator = ",";
    }
    fprintf(json, "\n  ]");
    const char *count = getenv("ONCE_INSTRUCTIONS");
    if (count && *count && !only) {
        double f = translation(dir, FERRY, atof(count)), q = translation(dir, PEER, atof(count));
        fprintf(md,
                "\nTranslation (a program of %s instructions, each run about once): "
                "%.2f million guest instructions a second under ferry, %.2f under qemu-user.\n",
                count, f / 1e6, q / 1e6);
        fprintf(json, ",\n  \"translation\": {\"ferry\": %.0f, \"qemu\": %.0f}", f, q);
    }
    fprintf(json, "\n}\n");
    return fclose(md) || fclose(json);
}
