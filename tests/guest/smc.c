/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Code that writes code: rewritten in place, by copies, from two threads,
 * through a second mapping, and in parents and children.  A64 only. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

typedef long fn(long);
enum { RET = 0xd65f03c0, PAGE = 65536 };
static uint32_t movz(unsigned imm)
{
    return 0xd2800000 | imm << 5;
} /* mov x0, imm */
static uint32_t add(unsigned imm)
{
    return 0x91000000 | imm << 10;
} /* add x0, x0, imm */

static void write_code(uint32_t *p, uint32_t a, uint32_t b)
{
    p[0] = a, p[1] = b, p[2] = RET;
    __builtin___clear_cache((char *)p, (char *)(p + 3));
}

static uint32_t *code[2];
static _Atomic int ready[2], stop;
static void *runner(void *arg)
{
    long id = (long)arg, total = 0;
    for (int i = 0; i < 3000; i++) {
        write_code(code[id], movz((unsigned)(i % 1000)), add((unsigned)(id + 1)));
        total += ((fn *)code[id])(0);
    }
    return (void *)total;
}
/* One thread writes, the other runs: what it returns must be one of the values ever written. */
static void *writer(void *arg)
{
    (void)arg;
    for (unsigned i = 0; !stop; i++) {
        code[0][1] = add(i & 7);
        __builtin___clear_cache((char *)code[0], (char *)(code[0] + 3));
    }
    return NULL;
}

/* Functions of two blocks, of which the first branches to the second on another page.  After a fork
 * either process rewrites its second blocks, and finds its own. */
enum { FUNCTIONS = 48, STRIDE = 64, SECOND = 4096, GENERATIONS = 3 };
static unsigned values[FUNCTIONS];
static void write_second(uint32_t *p, unsigned i, unsigned value)
{
    values[i] = value;
    write_code(p + SECOND + i * STRIDE, add(value), add(1));
}
static unsigned wrong(uint32_t *p)
{
    unsigned n = 0;
    for (unsigned i = 0; i < FUNCTIONS; i++)
        n += ((fn *)(p + i * STRIDE))(0) != (long)(i + values[i] + 1);
    return n;
}
static unsigned generation(uint32_t *p, unsigned g)
{
    unsigned n = wrong(p);
    if (g == GENERATIONS)
        return n;
    pid_t pid = fork();
    for (unsigned i = 0; i < FUNCTIONS; i++)
        if (i % 3 == (pid ? 0 : 1))
            write_second(p, i, (i * 5 + g * 7 + (pid ? 100 : 200)) % 4000);
    n += wrong(p);
    n += generation(p, g + 1);
    if (!pid)
        _exit(n != 0);
    int status;
    n += waitpid(pid, &status, 0) != pid || status != 0;
    return n + wrong(p);
}
static unsigned forked(void)
{
    uint32_t *p =
        mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        uint32_t *f = p + i * STRIDE;
        f[0] = movz(i), f[1] = 0xb6f80000 | (SECOND - 1) << 5, f[2] = RET; /* tbz x0, 63 */
        write_second(p, i, i * 3);
    }
    unsigned n = 0;
    for (unsigned round = 0; round < 5; round++)
        n += generation(p, 0);
    munmap(p, PAGE);
    return n;
}

int main(void)
{
    printf("forked %u\n", forked());
    uint32_t *p =
        mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long total = 0;
    for (unsigned i = 0; i < 2000; i++) {
        write_code(p + i % 7 * 4, movz(i), add(i & 63));
        total += ((fn *)(p + i % 7 * 4))(0);
    }
    printf("rewritten %ld\n", total);
    for (unsigned i = 0; i < 5000; i++)
        write_code(p + i * 3, movz(i), add(1));
    for (unsigned i = 0; i < 5000; i++)
        total += ((fn *)(p + i * 3))(0);
    printf("many %ld\n", total);
    /* protection flips, as a JIT does */
    uint32_t *q = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (unsigned i = 0; i < 200; i++) {
        mprotect(q, PAGE, PROT_READ | PROT_WRITE);
        q[0] = movz(i * 3), q[1] = add(i), q[2] = RET;
        mprotect(q, PAGE, PROT_READ | PROT_EXEC);
        __builtin___clear_cache((char *)q, (char *)(q + 3));
        total += ((fn *)q)(0);
    }
    printf("protected %ld\n", total);
    /* two mappings of one file */
    int fd = memfd_create("code", 0);
    ftruncate(fd, PAGE);
    uint32_t *w = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    uint32_t *x = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    for (unsigned i = 0; i < 200; i++) {
        w[0] = movz(i * 7), w[1] = add(i), w[2] = RET;
        __builtin___clear_cache((char *)w, (char *)(w + 3));
        __builtin___clear_cache((char *)x, (char *)(x + 3));
        total += ((fn *)x)(0);
    }
    printf("aliased %ld\n", total);
    /* remapping puts other code at the same address */
    for (unsigned i = 0; i < 50; i++) {
        uint32_t *m = mmap(q, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        write_code(m, movz(i), add(5));
        total += ((fn *)m)(0);
    }
    printf("remapped %ld\n", total);
    pthread_t t[2];
    for (long i = 0; i < 2; i++)
        code[i] = p + 8192 + i * 16;
    for (long i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, runner, (void *)i);
    for (long i = 0; i < 2; i++) {
        void *r;
        pthread_join(t[i], &r);
        printf("thread %ld\n", (long)r);
    }
    code[0] = p;
    write_code(p, movz(100), add(0));
    pthread_create(&t[0], NULL, writer, NULL);
    int bad = 0;
    for (int i = 0; i < 200000; i++) {
        long r = ((fn *)p)(0);
        bad += r < 100 || r > 107;
    }
    stop = 1;
    pthread_join(t[0], NULL);
    printf("bad %d, forked %u\n", bad, forked());
    return 0;
}
