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

static void damage(struct bytes *b)
{
    Elf64_Ehdr *h = (Elf64_Ehdr *)b->data;
    Elf64_Phdr *p = (Elf64_Phdr *)(b->data + sizeof *h);
    unsigned n = h->e_phnum;

    for (unsigned changes = 1 + next() % 3; changes; changes--) {
        uint64_t *word;
        switch (next() % 8) {
        case 0: /* a field of the header */
            word = (uint64_t *)b->data + next() % (sizeof *h / 8);
            *word = interesting(*word);
            break;
        case 1: /* a byte near the start */
            b->data[next() % 4096 % b->size] = next();
            break;
        case 2: /* cut off */
            b->size = next() % 2 ? next() % b->size : next() % 1024 % b->size;
            return;
        case 3: /* two headers change places */
            if (n > 1) {
                unsigned i = next() % n, k = next() % n;
                Elf64_Phdr t = p[i];
                p[i] = p[k];
                p[k] = t;
            }
            break;
        case 4: /* another type */
            p[next() % n].p_type = next() % 8;
            break;
        default: /* a field of a program header */
            word = (uint64_t *)&p[next() % n] + next() % (sizeof *p / 8);
            *word = interesting(*word);
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
    vm_init(0, UINT64_C(0x7ffffffff000));
    int r = exec_resolve_fd("damaged", "damaged", fd, argv, &f);
    if (r == 0)
        r = loader_load(&f, env, 1 << 20);
    if (verbose)
        fprintf(stderr, "%d %s\n", r, r ? f.why : "");
    /* An error has a reason; success, a stack with the arguments. */
    if (r)
        return f.why[0] ? 1 : 4;
    return *(uint64_t *)guest_ptr(loaded.sp) == 2 && vm_prot(loaded.sp) == 3 ? 0 : 4;
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

    if (size < (off_t)sizeof(Elf64_Ehdr) || !(b.data = malloc(size)) ||
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
