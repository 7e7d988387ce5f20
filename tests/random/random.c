/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * random [options]: see usage().  Makes programs of random blocks, runs them
 * under both emulators at once and compares their records.  A block that
 * differs is shrunk to the units that are needed and listed.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "random.h"

enum { BLOCKS = 128, TIME_LIMIT = 20 };

static struct {
    const char *ferry, *peer, *isa, *keep;
    uint64_t seed;
    unsigned count, units, failures;
    bool faults;
    bool dead_flags; /* NZCV may be stale: see run() */
    char dir[64];
} opt = {
    .ferry = "build/ferry", .peer = "qemu-aarch64", .count = 20000, .units = 12, .failures = 5};

static void usage(void)
{
    printf("usage: random [options]\n"
           "  --group NAME|all    what to generate (default all; 'list' lists them)\n"
           "  --seed N            (default 1)\n"
           "  --count N           instructions for each group (default 20000)\n"
           "  --units N           units in a block (default 12)\n"
           "  --faults            end blocks by a signal and compare the state at it\n"
           "  --host-isa LEVEL    passed to ferry\n"
           "  --ferry, --peer PROGRAM\n"
           "  --failures N        stop a group after N different ones (default 5)\n"
           "  --keep DIR          leave the shrunk programs there\n"
           "  --words             print random words of the groups, for a disassembler\n");
}

/* ---- running ---- */

struct result {
    struct record *record;
    unsigned records;
    int status;
};

static pid_t start(const char *emulator, bool under_test, const char *program, const char *out)
{
    pid_t pid = fork();
    if (pid)
        return pid;
    int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || dup2(fd, 1) < 0)
        _exit(126);
    /* What ferry says is shown with the shrunk block only. */
    char err[128];
    snprintf(err, sizeof err, "%s/%s", opt.dir, under_test ? "got.err" : "want.err");
    dup2(open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
    alarm(TIME_LIMIT);
    if (under_test && opt.isa)
        execlp(emulator, emulator, "--host-isa", opt.isa, program, (char *)NULL);
    else
        execlp(emulator, emulator, program, (char *)NULL);
    fprintf(stderr, "random: %s: %s\n", emulator, strerror(errno));
    _exit(127);
}

static void finish(pid_t pid, const char *out, struct result *r)
{
    waitpid(pid, &r->status, 0);
    int fd = open(out, O_RDONLY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st)) {
        perror(out);
        exit(2);
    }
    r->records = (unsigned)((size_t)st.st_size / sizeof(struct record));
    r->record = malloc((size_t)st.st_size + 1);
    if (read(fd, r->record, (size_t)st.st_size) != st.st_size) {
        perror(out);
        exit(2);
    }
    close(fd);
}

/* The peer reports another si_code for SIGILL than the kernel does, and no
 * address for some others. */
static void neutral(struct record *r)
{
    if (r->sig != SIGSEGV)
        r->code = r->addr = 0;
    r->cont = r->start = r->faults = 0;
}

/* Runs the blocks under both; the number of the first that differs, or n.
 * got and want are its records if there are any. */
static unsigned run(const struct block *const *block, unsigned n, struct record *got,
                    struct record *want, int *status)
{
    char program[128], out[2][128];
    snprintf(program, sizeof program, "%s/program", opt.dir);
    snprintf(out[0], sizeof out[0], "%s/got", opt.dir);
    snprintf(out[1], sizeof out[1], "%s/want", opt.dir);
    program_write(program, block, n, opt.faults);
    struct result g, w;
    pid_t p = start(opt.ferry, true, program, out[0]);
    pid_t q = start(opt.peer, false, program, out[1]);
    finish(p, out[0], &g);
    finish(q, out[1], &w);
    if (w.records != n) {
        printf("random: the peer ran only %u of %u blocks\n", w.records, n);
        n = w.records;
    }
    memset(got, 0, sizeof *got);
    memset(want, 0, sizeof *want);
    *status = g.status;
    unsigned i;
    for (i = 0; i < n && i < g.records; i++) {
        *got = g.record[i];
        *want = w.record[i];
        neutral(got);
        neutral(want);
        /* Flags that no path reads before they are set again are not kept over a
         * branch; only the handler of a fault on that path could see them. */
        if (opt.dead_flags)
            got->nzcv = want->nzcv;
        if (memcmp(got, want, sizeof *got))
            break;
    }
    if (i < n && i >= g.records) {
        *want = w.record[i];
        memset(got, 0, sizeof *got);
        got->sig = ~0ull;
    }
    free(g.record);
    free(w.record);
    return i;
}

/* ---- shrinking and reports ---- */

static bool fails(const struct block *b)
{
    struct record got, want;
    int status;
    return run(&b, 1, &got, &want, &status) == 0;
}

static void without(struct block *b, unsigned unit)
{
    memmove(&b->unit[unit], &b->unit[unit + 1], (b->units - unit - 1) * sizeof b->unit[0]);
    b->units--;
}

static void shrink(struct block *b)
{
    bool again = true;
    while (again) {
        again = false;
        for (unsigned i = 0; i < b->units; i++) {
            struct block t = *b;
            without(&t, i);
            if (fails(&t)) {
                *b = t;
                i--;
                again = true;
            }
        }
    }
    /* Is the mode of any importance? */
    struct block t = *b;
    t.init.fpcr = 0;
    if (t.init.fpcr != b->init.fpcr && fails(&t))
        *b = t;
}

/* The disassembly of a block's units: text, and the mnemonic of the last. */
static void disassemble(const struct block *b, char *text, size_t size, char *last,
                        size_t last_size)
{
    char path[128], command[256], line[256];
    snprintf(path, sizeof path, "%s/words", opt.dir);
    snprintf(command, sizeof command,
             "aarch64-linux-gnu-objdump -b binary -m aarch64 -D %s 2>/dev/null", path);
    FILE *f = fopen(path, "w");
    for (unsigned i = 0; i < b->units; i++)
        fwrite(b->unit[i].word, 4, b->unit[i].words, f);
    fclose(f);
    text[0] = last[0] = 0;
    f = popen(command, "r");
    size_t used = 0;
    while (f && fgets(line, sizeof line, f)) {
        char mnemonic[32];
        unsigned at, word;
        if (sscanf(line, " %x: %x %31s", &at, &word, mnemonic) != 3)
            continue;
        unsigned n = at / 4;
        const struct unit *u = b->unit;
        while (n >= u->words)
            n -= u->words, u++;
        line[strcspn(line, "\n")] = 0;
        used += (size_t)snprintf(text + used, size - used, "%s", line);
        for (unsigned i = 0; i < u->literals; i++)
            if (u->literal[i].at == n)
                used += (size_t)snprintf(text + used, size - used, "   // = 0x%lx",
                                         u->literal[i].value);
        used += (size_t)snprintf(text + used, size - used, "\n");
        snprintf(last, last_size, "%s", mnemonic);
        if (used > size - 300)
            break;
    }
    if (f)
        pclose(f);
}

/* Does the text name register n of a bank, under one of its letters? */
static bool mentions(const char *text, const char *letters, unsigned n)
{
    for (const char *p = strchr(text, '\t'); p && *p; p++) {
        if (!strchr(letters, *p) || p[1] < '0' || p[1] > '9')
            continue;
        char before = p[-1], *end;
        if ((before >= 'a' && before <= 'z') || (before >= '0' && before <= '9'))
            continue;
        if (strtoul(p + 1, &end, 10) == n && (*end < 'a' || *end > 'z'))
            return true;
    }
    return false;
}

static void show64(const char *name, unsigned i, uint64_t got, uint64_t want)
{
    if (got != want)
        printf("    %s%.0u%s %016lx, should be %016lx\n", name, i,
               i         ? ""
               : name[1] ? ""
                         : "0",
               got, want);
}

static void differences(const struct record *got, const struct record *want)
{
    for (unsigned i = 0; i < 31; i++)
        show64("x", i, got->x[i], want->x[i]);
    show64("sp", 0, got->sp, want->sp);
    show64("nzcv", 0, got->nzcv, want->nzcv);
    show64("fpcr", 0, got->fpcr, want->fpcr);
    show64("fpsr", 0, got->fpsr, want->fpsr);
    show64("signal", 0, got->sig, want->sig);
    show64("code", 0, got->code, want->code);
    show64("address", 0, got->addr, want->addr);
    show64("pc", 0, got->pc, want->pc);
    show64("SIGILLs", 0, got->undefined, want->undefined);
    for (unsigned i = 0; i < 32; i++)
        if (memcmp(got->v[i], want->v[i], 16))
            printf("    v%u %016lx %016lx, should be\n       %016lx %016lx\n", i, got->v[i][1],
                   got->v[i][0], want->v[i][1], want->v[i][0]);
    for (unsigned i = 0; i < SCRATCH_SIZE; i++)
        if (got->scratch[i] != want->scratch[i]) {
            printf("    memory at 0x%x: %02x, should be %02x\n", SCRATCH + i, got->scratch[i],
                   want->scratch[i]);
            break;
        }
}

static void report(const struct block *b, const char *text, const char *group, uint64_t seed)
{
    struct record got, want;
    int status;
    run(&b, 1, &got, &want, &status);
    printf("\nmismatch: group %s, seed %lu, block %u%s\n%s", group, seed, b->number,
           opt.faults ? ", with faults" : "", text);
    printf("  before: nzcv %lx fpcr %lx fpsr %lx", b->init.nzcv >> 28, b->init.fpcr, b->init.fpsr);
    if (strstr(text, "sp"))
        printf(" sp %lx", b->init.sp);
    printf("\n");
    for (unsigned i = 0; i < 31; i++)
        if (mentions(text, "xw", i))
            printf("    x%u %016lx\n", i, b->init.x[i]);
    for (unsigned i = 0; i < 32; i++)
        if (mentions(text, "vqdshb", i))
            printf("    v%u %016lx %016lx\n", i, b->init.v[i][1], b->init.v[i][0]);
    printf("  after:\n");
    if (got.sig == ~0ull) {
        printf("    no record: %s %d\n", WIFSIGNALED(status) ? "ended by signal" : "exit status",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    } else {
        differences(&got, &want);
    }
    char path[256];
    snprintf(path, sizeof path, "%s/got.err", opt.dir);
    FILE *f = fopen(path, "r");
    for (int c; f && (c = getc(f)) != EOF;)
        putchar(c);
    if (f)
        fclose(f);
    if (opt.keep) {
        snprintf(path, sizeof path, "%s/%s-%lu-%u.elf", opt.keep, group, seed, b->number);
        mkdir(opt.keep, 0777);
        program_write(path, &b, 1, opt.faults);
        printf("  program: %s\n", path);
    }
    fflush(stdout);
}

/* ---- groups ---- */

static void make_block(const struct group *g, unsigned number, struct block *b)
{
    uint64_t h = opt.seed;
    for (const char *p = g->name; *p; p++)
        h = h * 31 + (unsigned char)*p;
    struct rng r = {h * 1000003 + number};
    memset(b, 0, sizeof *b);
    b->number = number;
    random_init(&r, &b->init);
    unsigned fault = opt.faults ? below(&r, opt.units) : ~0u;
    for (unsigned i = 0; i < opt.units; i++) {
        if (i == fault)
            fault_unit(&r, &b->unit[b->units++]);
        group_unit(g, &r, &b->unit[b->units]);
        if (b->unit[b->units].words)
            b->units++;
    }
}

static bool test_group(const struct group *g)
{
    struct block *block = calloc(BLOCKS, sizeof *block);
    char seen[64][32];
    unsigned done = 0, failures = 0, bad = 0, number = 0, blocks = 0;
    opt.dead_flags = opt.faults && (!strcmp(g->name, "branch") || !strcmp(g->name, "mixed") ||
                                    !strcmp(g->name, "system") || !strcmp(g->name, "carry_loop"));
    while (done < opt.count && failures < opt.failures && bad < 40) {
        const struct block *list[BLOCKS];
        unsigned n = 0;
        while (n < BLOCKS && done < opt.count) {
            make_block(g, number++, &block[n]);
            for (unsigned i = 0; i < block[n].units; i++)
                done += block[n].unit[i].words;
            list[n] = &block[n];
            n++;
        }
        blocks += n;
        /* After a block that differs go on with the rest. */
        for (unsigned from = 0; from < n && failures < opt.failures && bad < 40;) {
            struct record got, want;
            int status;
            unsigned i = run(list + from, n - from, &got, &want, &status) + from;
            if (i == n)
                break;
            bad++;
            from = i + 1;
            struct block b = *list[i];
            char text[8192], last[32];
            if (!fails(&b)) {
                printf("\nmismatch: group %s, seed %lu, block %u, but not alone\n", g->name,
                       opt.seed, b.number);
                differences(&got, &want);
                failures++;
                continue;
            }
            shrink(&b);
            disassemble(&b, text, sizeof text, last, sizeof last);
            bool known = false;
            for (unsigned k = 0; k < failures && k < 64; k++)
                known |= !strcmp(seen[k], last);
            if (known)
                continue;
            snprintf(seen[failures++ % 64], sizeof seen[0], "%s", last);
            report(&b, text, g->name, opt.seed);
        }
    }
    free(block);
    char name[80];
    snprintf(name, sizeof name, "random.%s%s%s%s", g->name, opt.faults ? ".faults" : "",
             opt.isa ? "." : "", opt.isa ? opt.isa : "");
    if (bad) {
        printf("not ok %s - %u blocks differ (seed %lu)\n", name, bad, opt.seed);
        for (unsigned k = 0; k < failures && k < 64; k++)
            printf("    %s\n", seen[k]);
    } else
        printf("ok %s (%u instructions, seed %lu)\n", name, done, opt.seed);
    fflush(stdout);
    return !bad;
}

static void print_words(const struct group *g)
{
    for (unsigned number = 0; number * opt.units < opt.count; number++) {
        struct block b;
        make_block(g, number, &b);
        for (unsigned i = 0; i < b.units; i++)
            fwrite(b.unit[i].word, 4, b.unit[i].words, stdout);
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"group", 1, 0, 'g'}, {"seed", 1, 0, 's'},   {"count", 1, 0, 'c'},
        {"units", 1, 0, 'u'}, {"faults", 0, 0, 'f'}, {"host-isa", 1, 0, 'i'},
        {"ferry", 1, 0, 'F'}, {"peer", 1, 0, 'p'},   {"failures", 1, 0, 'n'},
        {"keep", 1, 0, 'k'},  {"words", 0, 0, 'w'},  {"help", 0, 0, 'h'},
        {0, 0, 0, 0},
    };
    const char *only = "all";
    bool words = false;
    opt.seed = 1;
    int o;
    while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (o) {
        case 'g':
            only = optarg;
            break;
        case 's':
            opt.seed = strtoull(optarg, NULL, 0);
            break;
        case 'c':
            opt.count = (unsigned)strtoul(optarg, NULL, 0);
            break;
        case 'u':
            opt.units = (unsigned)strtoul(optarg, NULL, 0);
            break;
        case 'f':
            opt.faults = true;
            break;
        case 'i':
            opt.isa = optarg;
            break;
        case 'F':
            opt.ferry = optarg;
            break;
        case 'p':
            opt.peer = optarg;
            break;
        case 'n':
            opt.failures = (unsigned)strtoul(optarg, NULL, 0);
            break;
        case 'k':
            opt.keep = optarg;
            break;
        case 'w':
            words = true;
            break;
        case 'h':
            usage();
            return 0;
        default:
            usage();
            return 2;
        }
    }
    if (opt.units < 1 || opt.units > MAX_UNITS - 1) {
        fprintf(stderr, "random: units: 1 to %d\n", MAX_UNITS - 1);
        return 2;
    }
    if (!strcmp(only, "list")) {
        for (unsigned i = 0; i < group_count; i++)
            printf("%s\n", groups[i].name);
        return 0;
    }
    snprintf(opt.dir, sizeof opt.dir, "/tmp/ferry-random.XXXXXX");
    if (!mkdtemp(opt.dir)) {
        perror(opt.dir);
        return 2;
    }
    unsigned found = 0, bad = 0;
    for (unsigned i = 0; i < group_count; i++) {
        if (strcmp(only, "all") && strcmp(only, groups[i].name))
            continue;
        found++;
        if (words)
            print_words(&groups[i]);
        else
            bad += !test_group(&groups[i]);
    }
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", opt.dir);
    if (system(command))
        perror(opt.dir);
    if (!found)
        fprintf(stderr, "random: no group '%s'\n", only);
    return !found ? 2 : bad != 0;
}
