/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the work of a list natively, under ferry and under the peer, in turn
 * and N times each, and writes medians and ratios as a Markdown table and JSON.
 *
 *     bench [-n ROUNDS] [-k WORD] LIST DIR FERRY PEER NATIVE-ROOT GUEST-ROOT OUT
 *
 * OUT.md and OUT.json are written.  Times are CPU time (user and system, with
 * that of children); for processes that only start, it is what the user waits.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ROUNDS = 31, TIME_LIMIT = 120 };
enum variant { NATIVE, FERRY, PEER, VARIANTS };

struct sample {
    double cpu, wall;
    long rss; /* KiB */
};

struct row {
    char name[64], what[128], command[512];
    struct sample median[VARIANTS];
    bool failed[VARIANTS], wrong[VARIANTS];
};

static const char *dir, *emulator[VARIANTS], *root[VARIANTS];
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
    static char program[256];
    char command[512], *word[64];
    int at = 0;
    if (v != NATIVE)
        word[at++] = (char *)emulator[v];
    snprintf(command, sizeof command, "%s", r->command);
    split(command, word + at, 60);
    if (!strcmp(word[at], "%p")) {
        snprintf(program, sizeof program, "%s/%s.%s", dir, r->name,
                 v == NATIVE ? "native" : "static");
        word[at] = program;
    } else {
        enter_root(root[v]);
        if (v != NATIVE)
            word[0] = v == FERRY ? "/tmp/bench/ferry" : "/tmp/bench/peer";
    }
    static char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=/tmp", NULL};
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

static int by_cpu(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;
    return (x->cpu > y->cpu) - (x->cpu < y->cpu);
}

static void measure(struct row *r)
{
    struct sample s[VARIANTS][MAX_ROUNDS];
    char out[VARIANTS][256];
    for (int v = 0; v < VARIANTS; v++)
        snprintf(out[v], sizeof out[v], "%s/output.%d", dir, v);
    for (int i = 0; i < rounds; i++)
        for (int v = 0; v < VARIANTS; v++) {
            if (r->failed[v])
                continue;
            r->failed[v] = !run(r, v, out[v], &s[v][i]);
            if (i == 0 && v != NATIVE && !r->failed[v])
                r->wrong[v] = !same_files(out[v], out[NATIVE]);
        }
    for (int v = 0; v < VARIANTS; v++) {
        if (r->failed[v])
            continue;
        qsort(s[v], (size_t)rounds, sizeof s[v][0], by_cpu);
        r->median[v] = s[v][rounds / 2];
    }
}

static void cell(FILE *f, const struct row *r, enum variant v)
{
    if (r->failed[v])
        fprintf(f, " failed |");
    else
        fprintf(f, " %.3f s%s |", r->median[v].cpu, r->wrong[v] ? " (wrong output)" : "");
}

static void ratio(FILE *f, const struct row *r, enum variant a, enum variant b)
{
    if (r->failed[a] || r->failed[b] || r->median[b].cpu <= 0)
        fprintf(f, " - |");
    else
        fprintf(f, " %.2f |", r->median[a].cpu / r->median[b].cpu);
}

/* Translation: a program that runs each of its many functions once or twice.
 * The second turn costs only the running, the first also the translating. */
static double translation(const char *list_dir, enum variant v, double instructions)
{
    struct row r = {.name = "once"};
    struct sample s[2][MAX_ROUNDS];
    char out[256];
    snprintf(out, sizeof out, "%s/output.once", list_dir);
    for (int i = 0; i < rounds; i++)
        for (int k = 0; k < 2; k++) {
            snprintf(r.command, sizeof r.command, "%%p %d", k ? 1 : 0);
            if (!run(&r, v, out, &s[k][i]))
                return 0;
        }
    for (int k = 0; k < 2; k++)
        qsort(s[k], (size_t)rounds, sizeof s[k][0], by_cpu);
    double t = s[1][rounds / 2].cpu - s[0][rounds / 2].cpu;
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

int main(int argc, char **argv)
{
    const char *only = NULL;
    int o;
    while ((o = getopt(argc, argv, "n:k:")) != -1) {
        if (o == 'n')
            rounds = atoi(optarg);
        else if (o == 'k')
            only = optarg;
        else
            return 2;
    }
    if (argc - optind != 7 || rounds < 1 || rounds > MAX_ROUNDS) {
        fprintf(stderr, "usage: bench [-n ROUNDS] [-k WORD] LIST DIR FERRY PEER NATIVE-ROOT "
                        "GUEST-ROOT OUT\n");
        return 2;
    }
    char **arg = argv + optind;
    dir = arg[1];
    emulator[FERRY] = arg[2];
    emulator[PEER] = arg[3];
    root[NATIVE] = arg[4];
    root[FERRY] = root[PEER] = arg[5];

    FILE *list = fopen(arg[0], "r");
    char path[300], line[1024], host[512];
    snprintf(path, sizeof path, "%s.md", arg[6]);
    FILE *md = fopen(path, "w");
    snprintf(path, sizeof path, "%s.json", arg[6]);
    FILE *json = fopen(path, "w");
    if (!list || !md || !json) {
        perror("bench");
        return 2;
    }
    machine(host, sizeof host);
    fprintf(md, "# AArch64 guest\n\n%s; medians of %d, CPU time.\n\n", host, rounds);
    fprintf(md, "| work | | native | ferry | qemu-user | ferry / native | qemu / ferry |\n"
                "|---|---|---|---|---|---|---|\n");
    fprintf(
        json,
        "{\n  \"guest\": \"aarch64\",\n  \"machine\": \"%s\",\n  \"rounds\": %d,\n  \"work\": [",
        host, rounds);
    const char *separator = "";
    struct row start = {.failed = {true, true, true}};
    while (fgets(line, sizeof line, list)) {
        struct row r = {0};
        if (line[0] == '#' ||
            sscanf(line, " %63[^|]|%127[^|]| %511[^\n]", r.name, r.what, r.command) != 3)
            continue;
        for (char *p = r.name + strlen(r.name); p > r.name && p[-1] == ' ';)
            *--p = 0;
        for (char *p = r.what + strlen(r.what); p > r.what && p[-1] == ' ';)
            *--p = 0;
        if (only && !strstr(r.name, only))
            continue;
        measure(&r);
        fprintf(md, "| %s |%s |", r.name, r.what);
        fprintf(json, "%s\n    {\"name\": \"%s\"", separator, r.name);
        separator = ",";
        static const char *const name[] = {"native", "ferry", "qemu"};
        for (int v = 0; v < VARIANTS; v++) {
            cell(md, &r, v);
            if (!r.failed[v])
                fprintf(json, ", \"%s\": {\"cpu\": %.6f, \"wall\": %.6f, \"rss_kb\": %ld}", name[v],
                        r.median[v].cpu, r.median[v].wall, r.median[v].rss);
        }
        ratio(md, &r, FERRY, NATIVE);
        ratio(md, &r, PEER, FERRY);
        fprintf(md, "\n");
        fprintf(json, "}");
        fflush(md);
        printf("%-16s", r.name);
        for (int v = 0; v < VARIANTS; v++)
            printf(r.failed[v] ? "   failed" : " %8.3f", r.median[v].cpu);
        printf("%s\n", r.wrong[FERRY] ? "  wrong output" : "");
        fflush(stdout);
        if (!strcmp(r.name, "/bin/true"))
            start = r;
    }
    fprintf(json, "\n  ]");
    if (!start.failed[FERRY]) {
        fprintf(md, "\nDynamic `/bin/true`: %.1f ms and %.1f MB resident under ferry",
                start.median[FERRY].wall * 1e3, (double)start.median[FERRY].rss / 1024);
        if (!start.failed[PEER])
            fprintf(md, ", %.1f ms and %.1f MB under qemu-user", start.median[PEER].wall * 1e3,
                    (double)start.median[PEER].rss / 1024);
        fprintf(md, ", %.1f ms natively.\n", start.median[NATIVE].wall * 1e3);
    }
    const char *count = getenv("ONCE_INSTRUCTIONS");
    if (count && !only) {
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
