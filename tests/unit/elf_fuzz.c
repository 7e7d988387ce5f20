/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Damages programs and loads them: loading must end with success or with an
 * error and a reason, never with a crash.
 *
 *     elf_fuzz PROGRAM...      FUZZ_RUNS: how many of each (3000)
 *                              FUZZ_SEED: first seed (1)
 */
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/loader.h"
#include "loader/vm.h"
#include "runner/options.h"

struct bytes {
    uint8_t *data;
    size_t size;
};

/* splitmix64 */
static uint64_t state;
static uint64_t next(void)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t interesting(uint64_t old)
{
    static const uint64_t values[] = {
        0,
        1,
        2,
        4095,
        4096,
        0xffff,
        0x10000,
        0x7fffffff,
        0x80000000,
        0xffffffff,
        0x7fffffffe000,
        0x7fffffffffff,
        0x800000000000,
        INT64_MAX,
        UINT64_C(1) << 63,
        UINT64_MAX - 4095,
        UINT64_MAX,
    };

    switch (next() % 4) {
    case 0:
        return values[next() % (sizeof values / sizeof *values)];
    case 1:
        return old + next() % 17 - 8;
    case 2:
        return old ^ UINT64_C(1) << next() % 64;
    default:
        return next() >> next() % 64;
    }
}

/* ---- words of the file: in its class and byte order ---- */

struct shape {
    unsigned word, header, segment; /* sizes */
    bool big;
};

static struct shape shape_of(const struct bytes *b)
{
    bool wide = b->data[EI_CLASS] == ELFCLASS64;

    return (struct shape){wide ? 8 : 4, wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr),
                          wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr),
                          b->data[EI_DATA] == ELFDATA2MSB};
}

static uint64_t number_at(const uint8_t *p, unsigned size, bool big)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v = v << 8 | p[big ? i : size - 1 - i];
    return v;
}

static void put_number(uint8_t *p, unsigned size, bool big, uint64_t v)
{
    for (unsigned i = 0; i < size; i++, v >>= 8)
        p[big ? size - 1 - i : i] = (uint8_t)v;
}

/* Another value for one of the words in [p, p + bytes). */
static void change_word(uint8_t *p, unsigned bytes, const struct shape *s)
{
    p += next() % (bytes / s->word) * s->word;
    put_number(p, s->word, s->big, interesting(number_at(p, s->word, s->big)));
}

static void damage(struct bytes *b)
{
    const struct shape s = shape_of(b);
    uint8_t *segments = b->data + s.header;
    unsigned n = (unsigned)number_at(
        b->data + (s.word == 8 ? offsetof(Elf64_Ehdr, e_phnum) : offsetof(Elf32_Ehdr, e_phnum)), 2,
        s.big);

    for (unsigned changes = 1 + next() % 3; changes && n; changes--) {
        switch (next() % 8) {
        case 0: /* a field of the header */
            change_word(b->data, s.header, &s);
            return; /* nothing is where it was */
        case 1:     /* a byte near the start */
            b->data[next() % 4096 % b->size] = next();
            break;
        case 2: /* cut off */
            b->size = next() % 2 ? next() % b->size : next() % 1024 % b->size;
            return;
        case 3: { /* two headers change places */
            uint8_t *one = segments + next() % n * s.segment;
            uint8_t *other = segments + next() % n * s.segment, kept[sizeof(Elf64_Phdr)];
            memcpy(kept, one, s.segment);
            memmove(one, other, s.segment);
            memcpy(other, kept, s.segment);
            break;
        }
        case 4: /* another type; both classes have it first */
            put_number(segments + next() % n * s.segment, 4, s.big, next() % 8);
            break;
        default: /* a field of a program header */
            change_word(segments + next() % n * s.segment, s.segment, &s);
        }
    }
}

static int load(const struct bytes *b, bool verbose)
{
    char *argv[] = {"damaged", "argument", NULL}, *env[] = {"A=b", NULL};
    struct exec_file f;
    int fd = memfd_create("damaged", MFD_CLOEXEC);

    if (write(fd, b->data, b->size) != (ssize_t)b->size)
        return 3;
    int r = exec_resolve_fd("damaged", "damaged", fd, argv, &f);
    vm_init(0, r == 0 && f.guest ? guest_address_limit(f.guest) : UINT64_C(0x7ffffffff000));
    if (r == 0)
        r = loader_load(&f, env, 1 << 20);
    if (verbose)
        fprintf(stderr, "%d %s\n", r, r ? f.why : "");
    /* An error has a reason; success, a stack with the arguments. */
    if (r)
        return f.why[0] ? 1 : 4;
    uint64_t count;
    return !guest_read_word(loaded.guest, &count, loaded.sp) && count == 2 &&
                   vm_prot(loaded.sp) == 3
               ? 0
               : 4;
}

static bool run(const struct bytes *base, uint64_t seed, unsigned count[2])
{
    struct bytes b = {malloc(base->size), base->size};
    bool fine = false;
    int status;

    memcpy(b.data, base->data, base->size);
    state = seed;
    damage(&b);
    pid_t pid = fork();
    if (pid == 0) {
        alarm(10);
        _exit(load(&b, getenv("FUZZ_VERBOSE")));
    }
    if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) < 2) {
        fine = true;
        count[WEXITSTATUS(status)]++;
    } else {
        printf("seed %llu: status 0x%x\n", (unsigned long long)seed, status);
    }
    free(b.data);
    return fine;
}

static struct bytes read_file(const char *name)
{
    struct bytes b = {NULL, 0};
    int fd = open(name, O_RDONLY);
    off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);

    if (size < (off_t)(sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr)) || !(b.data = malloc(size)) ||
        pread(fd, b.data, size, 0) != size) {
        fprintf(stderr, "elf_fuzz: cannot read %s\n", name);
        exit(2);
    }
    b.size = size;
    close(fd);
    return b;
}

static uint64_t number(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);

    return text ? strtoull(text, NULL, 0) : otherwise;
}

int main(int argc, char **argv)
{
    uint64_t runs = number("FUZZ_RUNS", 3000), first = number("FUZZ_SEED", 1);
    int failures = 0;

    options.sysroot = getenv("SYSROOT");
    for (int i = 1; i < argc; i++) {
        struct bytes base = read_file(argv[i]);
        unsigned count[2] = {0}, bad = 0;
        const char *name = strrchr(argv[i], '/');
        for (uint64_t seed = first; seed < first + runs; seed++)
            bad += !run(&base, seed, count);
        printf("%u loaded, %u refused\n%sok elf-fuzz.%s%s\n", count[0], count[1], bad ? "not " : "",
               name ? name + 1 : argv[i], bad ? " - ferry crashed" : "");
        failures += bad;
        free(base.data);
    }
    return failures != 0;
}
