/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random differential tester for Power: blocks of random instructions, run by
 * ferry and by qemu-user from the same ELF file; registers and memory must be the
 * same after each block.
 *
 *     random [--guest ppc|ppc64|ppc64le] [--group G] [--seed N] [--count N]
 *            [--cpu NAME] [--host-isa L] [--keep DIR]
 *
 * A block has a record with the initial contents of all registers and of scratch
 * memory; it loads them, runs, and stores what has become of them.  r31 always
 * holds the record's address.  A unit is one instruction with what it needs to be
 * well defined, such as its base register.  A block that differs is shrunk by
 * leaving units out.
 */
#include "tests/ppc/random.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

const struct target *target;

static const struct target targets[] = {
    {"ppc", "qemu-ppc", EM_PPC, false, true, "7450"},
    {"ppc64", "qemu-ppc64", EM_PPC64, true, true, "power9"},
    {"ppc64le", "qemu-ppc64le", EM_PPC64, true, false, "power9"},
};

static struct {
    const char *cpu, *isa, *keep, *ferry;
    uint64_t seed;
    unsigned count;
} options = {.seed = 1, .count = 4000};

static char directory[] = "/tmp/ferry-ppc-random-XXXXXX";

/* ---- Random numbers ---- */

uint64_t rng_next(struct rng *r)
{
    r->s ^= r->s << 13;
    r->s ^= r->s >> 7;
    r->s ^= r->s << 17;
    return r->s * UINT64_C(0x2545f4914f6cdd1d);
}

/* Small numbers, bounds of all widths, and anything. */
uint64_t rng_value(struct rng *r)
{
    static const uint64_t interesting[] = {
        0,           1,         UINT64_MAX,         0x7f,       0x80,
        0x7fff,      0x8000,    0x7fffffff,         0x80000000, 0xffffffff,
        0x100000000, INT64_MAX, (uint64_t)INT64_MIN};
    uint64_t x = rng_next(r);
    switch (below(r, 6)) {
    case 0:
        return interesting[below(r, sizeof(interesting) / sizeof(*interesting))];
    case 1:
        return (uint64_t)((int64_t)(x % 64) - 32);
    case 2:
        return (uint32_t)x;
    case 3:
        return (uint64_t)(int64_t)(int32_t)x;
    case 4:
        return x & rng_next(r) & rng_next(r);
    default:
        return x;
    }
}

/* ---- Programs ---- */

static uint32_t put32(uint32_t x)
{
    return target->big ? htobe32(x) : htole32(x);
}

static uint64_t put64(uint64_t x)
{
    return target->big ? htobe64(x) : htole64(x);
}

static uint64_t get64(uint64_t x)
{
    return target->big ? be64toh(x) : le64toh(x);
}

enum { CODE = 0x10000000, TABLE = 0x20000000, CODE_SIZE = 16 << 20 };

struct code {
    uint32_t *word;
    unsigned count;
};

static void put(struct code *c, uint32_t word)
{
    if (c->count == CODE_SIZE / 4)
        abort();
    c->word[c->count++] = put32(word);
}

#define D_FORM(op, rt, ra, d) ((uint32_t)(op) << 26 | (rt) << 21 | (ra) << 16 | ((d)&0xffff))

static void load_register(struct code *c, unsigned rt, unsigned offset)
{
    if (target->is64)
        put(c, D_FORM(58, rt, 31, offset)); /* ld */
    else
        put(c, D_FORM(32, rt, 31, offset + 4)); /* lwz, the low half */
}

static void store_register(struct code *c, unsigned rt, unsigned offset)
{
    if (target->is64)
        put(c, D_FORM(62, rt, 31, offset));
    else
        put(c, D_FORM(36, rt, 31, offset + 4));
}

static uint32_t move_spr(bool to, unsigned r, unsigned spr)
{
    return 31u << 26 | r << 21 | (spr & 31) << 16 | (spr >> 5) << 11 | (to ? 467u : 339u) << 1;
}

enum { XER = 1, LR = 8, CTR = 9, NOP = 0x60000000 };

static void put_block(struct code *c, const struct block *b, unsigned index)
{
    uint32_t at = TABLE + index * (uint32_t)sizeof(struct record);
    put(c, D_FORM(15, 31, 0, at >> 16)); /* lis */
    put(c, D_FORM(24, 31, 31, at));      /* ori */
    load_register(c, 0, offsetof(struct record, cr));
    put(c, 0x7c0ff120); /* mtcrf 255,r0 */
    load_register(c, 0, offsetof(struct record, xer));
    put(c, move_spr(true, 0, XER));
    load_register(c, 0, offsetof(struct record, lr));
    put(c, move_spr(true, 0, LR));
    load_register(c, 0, offsetof(struct record, ctr));
    put(c, move_spr(true, 0, CTR));
    for (unsigned r = 0; r < 31; r++)
        load_register(c, r, offsetof(struct record, r) + 8 * r);
    for (unsigned i = 0; i < b->units; i++)
        for (unsigned k = 0; k < b->unit[i].words; k++) {
            uint32_t word = b->unit[i].word[k];
            if (word >> 26 == 1 && k == b->unit[i].prefix && (c->count & 15) == 15)
                put(c, NOP); /* a prefixed instruction may not cross 64 bytes */
            put(c, word);
        }
    for (unsigned r = 0; r < 31; r++)
        store_register(c, r, offsetof(struct record, r) + 8 * r);
    put(c, 0x7c000026); /* mfcr r0 */
    store_register(c, 0, offsetof(struct record, cr));
    put(c, move_spr(false, 0, XER));
    store_register(c, 0, offsetof(struct record, xer));
    put(c, move_spr(false, 0, LR));
    store_register(c, 0, offsetof(struct record, lr));
    put(c, move_spr(false, 0, CTR));
    store_register(c, 0, offsetof(struct record, ctr));
}

static void put_write_and_exit(struct code *c, uint32_t bytes)
{
    put(c, D_FORM(14, 0, 0, 4)); /* write(1, TABLE, bytes) */
    put(c, D_FORM(14, 3, 0, 1));
    put(c, D_FORM(15, 4, 0, TABLE >> 16));
    put(c, D_FORM(15, 5, 0, bytes >> 16));
    put(c, D_FORM(24, 5, 5, bytes));
    put(c, 0x44000002);
    put(c, D_FORM(14, 0, 0, 234)); /* exit_group(0) */
    put(c, D_FORM(14, 3, 0, 0));
    put(c, 0x44000002);
}

static void record_to_guest(const struct record *from, struct record *to)
{
    *to = *from;
    for (unsigned i = 0; i < offsetof(struct record, memory) / 8; i++)
        ((uint64_t *)to)[i] = put64(((const uint64_t *)from)[i]);
}

static void write_all(int fd, const void *p, size_t n)
{
    if (write(fd, p, n) != (ssize_t)n) {
        perror("random: writing a program");
        exit(2);
    }
}

static void write_program(const char *path, const struct block *blocks, unsigned n)
{
    static uint32_t words[CODE_SIZE / 4];
    struct code c = {.word = words};
    for (unsigned i = 0; i < n; i++)
        put_block(&c, &blocks[i], i);
    uint32_t bytes = n * (uint32_t)sizeof(struct record);
    put_write_and_exit(&c, bytes);

    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0755);
    uint64_t code_bytes = c.count * 4u, code_at = 0x1000;
    uint64_t table_at = (code_at + code_bytes + 0xfff) & ~0xfffull;
    unsigned char header[0x1000] = {0x7f, 'E', 'L', 'F'};
    header[EI_CLASS] = target->is64 ? ELFCLASS64 : ELFCLASS32;
    header[EI_DATA] = target->big ? ELFDATA2MSB : ELFDATA2LSB;
    header[EI_VERSION] = EV_CURRENT;
#define H16(x) (target->big ? htobe16(x) : htole16(x))
#define H32(x) put32(x)
#define H64(x) put64(x)
    if (target->is64) {
        Elf64_Ehdr *e = (Elf64_Ehdr *)header;
        Elf64_Phdr *p = (Elf64_Phdr *)(header + sizeof(*e));
        e->e_type = H16(ET_EXEC), e->e_machine = H16(target->machine), e->e_version = H32(1);
        e->e_entry = H64(CODE), e->e_phoff = H64(sizeof(*e)), e->e_ehsize = H16(sizeof(*e));
        e->e_phentsize = H16(sizeof(*p)), e->e_phnum = H16(2), e->e_flags = H32(2);
        p[0].p_type = p[1].p_type = H32(PT_LOAD);
        p[0].p_flags = H32(PF_R | PF_X), p[1].p_flags = H32(PF_R | PF_W);
        p[0].p_offset = H64(code_at), p[0].p_vaddr = H64(CODE), p[0].p_align = H64(0x1000);
        p[0].p_filesz = p[0].p_memsz = H64(code_bytes);
        p[1].p_offset = H64(table_at), p[1].p_vaddr = H64(TABLE), p[1].p_align = H64(0x1000);
        p[1].p_filesz = p[1].p_memsz = H64(bytes);
    } else {
        Elf32_Ehdr *e = (Elf32_Ehdr *)header;
        Elf32_Phdr *p = (Elf32_Phdr *)(header + sizeof(*e));
        e->e_type = H16(ET_EXEC), e->e_machine = H16(target->machine), e->e_version = H32(1);
        e->e_entry = H32(CODE), e->e_phoff = H32(sizeof(*e)), e->e_ehsize = H16(sizeof(*e));
        e->e_phentsize = H16(sizeof(*p)), e->e_phnum = H16(2);
        p[0].p_type = p[1].p_type = H32(PT_LOAD);
        p[0].p_flags = H32(PF_R | PF_X), p[1].p_flags = H32(PF_R | PF_W);
        p[0].p_offset = H32((uint32_t)code_at), p[0].p_vaddr = H32(CODE),
        p[0].p_align = H32(0x1000);
        p[0].p_filesz = p[0].p_memsz = H32((uint32_t)code_bytes);
        p[1].p_offset = H32((uint32_t)table_at), p[1].p_vaddr = H32(TABLE);
        p[1].p_align = H32(0x1000), p[1].p_filesz = p[1].p_memsz = H32(bytes);
    }
    write_all(fd, header, sizeof(header));
    write_all(fd, words, code_bytes);
    static const char zeros[0x1000];
    write_all(fd, zeros, table_at - code_at - code_bytes);
    for (unsigned i = 0; i < n; i++) {
        struct record r;
        record_to_guest(&blocks[i].init, &r);
        write_all(fd, &r, sizeof(r));
    }
    close(fd);
}

/* The entry of a 64-bit big-endian program is a function descriptor with ELFv1; e_flags
 * says ELFv2, where it is an address. */

/* ---- Running ---- */

/* Reads what the command writes; false if it fails or writes something else than size
 * bytes. */
static bool run(char *const argv[], void *out, size_t size)
{
    int fds[2], status;
    size_t got = 0;
    if (pipe(fds))
        exit(2);
    pid_t pid = fork();
    if (!pid) {
        dup2(fds[1], 1);
        close(fds[0]);
        close(fds[1]);
        alarm(60);
        execvp(argv[0], argv);
        _exit(127);
    }
    close(fds[1]);
    for (ssize_t n; got < size && (n = read(fds[0], (char *)out + got, size - got)) > 0;)
        got += (size_t)n;
    close(fds[0]);
    waitpid(pid, &status, 0);
    return got == size && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool run_ferry(const char *path, void *out, size_t size)
{
    char *argv[8], **a = argv;
    *a++ = (char *)options.ferry;
    *a++ = "--cpu", *a++ = (char *)options.cpu;
    if (options.isa)
        *a++ = "--host-isa", *a++ = (char *)options.isa;
    *a++ = (char *)path;
    *a = NULL;
    return run(argv, out, size);
}

static bool run_peer(const char *path, void *out, size_t size)
{
    char *argv[] = {(char *)target->peer, "-cpu", (char *)options.cpu, (char *)path, NULL};
    return run(argv, out, size);
}

/* ---- Comparing ---- */

static void name_field(unsigned index, char *name, size_t size)
{
    static const char *const others[] = {"cr", "xer", "lr", "ctr", "pad"};
    unsigned at = index * 8;
    if (at < offsetof(struct record, cr))
        snprintf(name, size, "r%u", index);
    else if (at < offsetof(struct record, memory))
        snprintf(name, size, "%s", others[(at - offsetof(struct record, cr)) / 8]);
    else
        snprintf(name, size, "memory+%x", at - (unsigned)offsetof(struct record, memory));
}

static void show(const struct block *b, const struct record *ours, const struct record *theirs)
{
    char path[64], command[160], name[32];
    snprintf(path, sizeof(path), "%s/words", directory);
    FILE *f = fopen(path, "wb");
    for (unsigned i = 0; i < b->units; i++)
        for (unsigned k = 0; k < b->unit[i].words; k++) {
            uint32_t w = htobe32(b->unit[i].word[k]);
            fwrite(&w, 4, 1, f);
        }
    fclose(f);
    fflush(stdout);
    snprintf(command, sizeof(command),
             "powerpc-linux-gnu-objdump -D -EB -b binary -m powerpc:common64 -M power10,any %s | "
             "tail -n +8",
             path);
    if (system(command))
        printf("(no disassembler)\n");
    const uint64_t *x = (const uint64_t *)ours, *y = (const uint64_t *)theirs;
    const uint64_t *z = (const uint64_t *)&b->init;
    for (unsigned i = 0; i < sizeof(struct record) / 8; i++) {
        if (x[i] == y[i])
            continue;
        name_field(i, name, sizeof(name));
        printf("  %-10s ferry %016lx  peer %016lx  was %016lx\n", name, get64(x[i]), get64(y[i]),
               z[i]);
    }
    printf("  before:");
    for (unsigned r = 0; r < 31; r++)
        printf(" r%u=%lx", r, z[r]);
    printf(" cr=%lx xer=%lx\n", b->init.cr, b->init.xer);
}

/* Runs blocks; true if all are the same.  *bad is the first that differs. */
static bool same(const struct block *blocks, unsigned n, unsigned *bad, bool tell)
{
    static struct record *ours, *theirs;
    static unsigned room;
    char path[64];
    if (n > room) {
        ours = realloc(ours, n * sizeof(*ours));
        theirs = realloc(theirs, n * sizeof(*theirs));
        room = n;
    }
    snprintf(path, sizeof(path), "%s/program", directory);
    write_program(path, blocks, n);
    size_t size = n * sizeof(*ours);
    bool peer = run_peer(path, theirs, size), mine = run_ferry(path, ours, size);
    if (!peer || !mine) {
        if (tell)
            printf("  %s fails\n", !peer ? target->peer : "ferry");
        *bad = 0;
        return !peer && n == 1 ? true : false;
    }
    for (unsigned i = 0; i < n; i++) {
        if (!memcmp(&ours[i], &theirs[i], sizeof(*ours)))
            continue;
        *bad = i;
        if (tell)
            show(&blocks[i], &ours[i], &theirs[i]);
        return false;
    }
    return true;
}

static void shrink(struct block *b)
{
    unsigned bad;
    for (bool again = true; again;) {
        again = false;
        for (unsigned i = 0; i < b->units && b->units > 1; i++) {
            struct block smaller = *b;
            memmove(&smaller.unit[i], &smaller.unit[i + 1],
                    (smaller.units - i - 1) * sizeof(*smaller.unit));
            smaller.units--;
            if (!same(&smaller, 1, &bad, false)) {
                *b = smaller;
                again = true;
                i--;
            }
        }
    }
}

/* ---- Blocks ---- */

static void make_block(const struct group *g, struct rng *r, struct block *b)
{
    uint64_t *init = (uint64_t *)&b->init;
    memset(b, 0, sizeof(*b));
    for (unsigned i = 0; i < sizeof(b->init) / 8; i++)
        init[i] = rng_value(r);
    if (!target->is64) { /* what lies above 32 bits is never looked at */
        for (unsigned i = 0; i < offsetof(struct record, memory) / 8; i++)
            init[i] = (uint32_t)init[i];
    }
    b->init.cr = (uint32_t)b->init.cr;
    b->init.xer = (below(r, 4) ? 0 : 0x80000000) | (below(r, 2) ? 0x40000000 : 0) |
                  (below(r, 2) ? 0x20000000 : 0) | below(r, 33);
    while (b->units < MAX_UNITS) {
        struct unit *u = &b->unit[b->units++];
        u->words = 0;
        g->make(r, u);
    }
}

static int run_group(const struct group *g)
{
    enum { BATCH = 100 };
    static struct block blocks[BATCH];
    struct rng r = {options.seed * 0x9e3779b97f4a7c15 + 1};
    unsigned done = 0, bad;
    rng_next(&r);
    while (done < options.count) {
        unsigned n = 0;
        for (; n < BATCH && done + n * MAX_UNITS < options.count; n++)
            make_block(g, &r, &blocks[n]);
        if (!same(blocks, n, &bad, false)) {
            struct block *b = &blocks[bad];
            if (same(b, 1, &bad, false)) { /* which one made the program fail? */
                for (bad = 0; bad < n; bad++)
                    if (!same(b = &blocks[bad], 1, &(unsigned){0}, false))
                        break;
            }
            shrink(b);
            printf("%s %s, seed %lu: differs\n", target->name, g->name, options.seed);
            same(b, 1, &bad, true);
            return 1;
        }
        done += n * MAX_UNITS;
    }
    printf("ok %s %s: %u instructions\n", target->name, g->name, done);
    return 0;
}

static void cleanup(void)
{
    char path[64];
    if (options.keep)
        return;
    snprintf(path, sizeof(path), "%s/program", directory);
    unlink(path);
    snprintf(path, sizeof(path), "%s/words", directory);
    unlink(path);
    rmdir(directory);
}

int main(int argc, char **argv)
{
    const char *guest = NULL, *group = NULL;
    const char *build = getenv("BUILD");
    static char ferry[256];
    int failed = 0;
    snprintf(ferry, sizeof(ferry), "%s/ferry", build ? build : "build");
    options.ferry = ferry;
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *value = argv[i + 1];
        if (!strcmp(argv[i], "--guest"))
            guest = value;
        else if (!strcmp(argv[i], "--group"))
            group = value;
        else if (!strcmp(argv[i], "--seed"))
            options.seed = strtoul(value, NULL, 0);
        else if (!strcmp(argv[i], "--count"))
            options.count = (unsigned)strtoul(value, NULL, 0);
        else if (!strcmp(argv[i], "--cpu"))
            options.cpu = value;
        else if (!strcmp(argv[i], "--host-isa"))
            options.isa = value;
        else if (!strcmp(argv[i], "--keep"))
            options.keep = value;
        else
            return 2;
    }
    if (!mkdtemp(directory))
        return 2;
    const char *cpu = options.cpu;
    for (unsigned t = 0; t < sizeof(targets) / sizeof(*targets); t++) {
        target = &targets[t];
        if (guest && strcmp(guest, target->name))
            continue;
        for (unsigned i = 0; i < group_count; i++) {
            if (group && strcmp(group, groups[i].name))
                continue;
            if (groups[i].only64 && !target->is64)
                continue;
            if (groups[i].only_big && !target->big)
                continue;
            options.cpu = cpu ? cpu : groups[i].cpu ? groups[i].cpu : target->cpu;
            failed |= run_group(&groups[i]);
            fflush(stdout);
        }
    }
    cleanup();
    return failed;
}
