/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loops of one block, which get host registers of their own: the state that a
 * signal handler finds in them, and that they go on with what it changes.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>

static uint64_t seen[8];
static sigjmp_buf out;
static volatile sig_atomic_t ticks;

/* A carry that a round finds at its start from the one before; and one that a round may
 * skip making. */
static void carry_around(uint64_t rounds)
{
    uint64_t found = 0, sum = 1, total = 0;
    const uint64_t step = 0x9e3779b97f4a7c15;
#ifdef __aarch64__
    uint64_t n = rounds;
    __asm__ volatile("cmn xzr, xzr\n"
                     "1: cinc %0, %0, cs\n"
                     "add %2, %2, %1\n"
                     "adds %1, %1, %4\n"
                     "sub %3, %3, #1\n"
                     "cbnz %3, 1b\n"
                     : "+r"(found), "+r"(sum), "+r"(total), "+r"(n)
                     : "r"(step)
                     : "cc");
    n = rounds;
    __asm__ volatile("cmn xzr, xzr\n"
                     "1: tbz %3, #1, 2f\n"
                     "adds %1, %1, %4\n"
                     "2: adc %2, %2, %0\n"
                     "sub %3, %3, #1\n"
                     "cbnz %3, 1b\n"
                     : "+r"(found), "+r"(sum), "+r"(total), "+r"(n)
                     : "r"(step)
                     : "cc");
#else
    unsigned carry = 0;
    for (uint64_t n = rounds; n; n--) {
        found += carry;
        total += sum;
        carry = __builtin_add_overflow(sum, step, &sum);
    }
    carry = 0;
    for (uint64_t n = rounds; n; n--) {
        if (n & 2)
            carry = __builtin_add_overflow(sum, step, &sum);
        total += found + carry;
    }
#endif
    printf("carries: %llu %016llx %016llx\n", (unsigned long long)found, (unsigned long long)sum,
           (unsigned long long)total);
}

/* The registers of the loop below: pointer, sum, product, count, and three
 * that only take turns. */
static void on_fault(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    (void)info;
#ifdef __aarch64__
    ucontext_t *uc = context;
    for (unsigned i = 0; i < 8; i++)
        seen[i] = uc->uc_mcontext.regs[8 + i];
#else
    (void)context;
#endif
    siglongjmp(out, 1);
}

/* `mixes` of them make a round. */
static inline __attribute__((always_inline)) void run(const uint64_t *from, const uint64_t *end,
                                                      int mixes)
{
#ifdef __aarch64__
    (void)end;
    __asm__ volatile("mov x8, %0\n mov x9, #0\n mov x10, #1\n mov x11, #0\n"
                     "mov x12, #3\n mov x13, #5\n mov x14, #7\n mov x15, #0\n"
                     "1: ldr x15, [x8], #8\n"
                     "add x9, x9, x15\n"
                     ".rept %c1\n"
                     "mul x10, x10, x12\n"
                     "add x10, x10, x13\n"
                     "eor x13, x13, x9\n"
                     "add x14, x14, x13, lsl #3\n"
                     ".endr\n"
                     "add x11, x11, #1\n"
                     "cbnz x8, 1b\n"
                     :
                     : "r"(from), "i"(mixes)
                     : "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "memory", "cc");
#else
    uint64_t v[8] = {(uint64_t)from, 0, 1, 0, 3, 5, 7, 0};
    for (; (const uint64_t *)v[0] < end; v[0] += 8, v[3]++) {
        v[7] = *(const uint64_t *)v[0];
        v[1] += v[7];
        for (int k = 0; k < mixes; k++) {
            v[2] = v[2] * v[4] + v[5];
            v[5] ^= v[1];
            v[6] += v[5] << 3;
        }
    }
    memcpy(seen, v, sizeof v);
    siglongjmp(out, 1);
#endif
}

static void run_to_fault(const uint64_t *from, const uint64_t *end)
{
    run(from, end, 1);
}

/* Longer than other blocks are. */
static void run_long(const uint64_t *from, const uint64_t *end)
{
    run(from, end, 40);
}

/* The same with ways over parts of a round, that meet again. */
static void run_with_skips(const uint64_t *from, const uint64_t *end)
{
#ifdef __aarch64__
    (void)end;
    __asm__ volatile("mov x8, %0\n mov x9, #0\n mov x10, #1\n mov x11, #0\n"
                     "mov x12, #3\n mov x13, #5\n mov x14, #7\n mov x15, #0\n"
                     "mov x6, #11\n mov x7, #13\n"
                     "1: ldr x15, [x8], #8\n"
                     "add x9, x9, x15\n"
                     "tbz x15, #2, 2f\n"
                     "eor x13, x13, x9\n"
                     "add x9, x9, x12\n"
                     "add x6, x6, x15\n"
                     "add x7, x7, x6\n"
                     "cmp x13, x9\n"
                     "b.ls 3f\n"
                     "mul x10, x10, x12\n"
                     "2: add x10, x10, x13\n"
                     "add x9, x9, x10\n"
                     "cmp x10, #0\n"
                     "ccmp x9, x10, #0, lt\n"
                     "b.hi 4f\n"
                     "eor x9, x9, x6\n"
                     "3: add x14, x14, x13, lsl #3\n"
                     "add x6, x6, x7\n"
                     "add x9, x9, x6\n"
                     "add x9, x9, x14\n"
                     "cmp x14, #9\n"
                     "ccmn x13, #3, #4, ge\n"
                     "b.ne 4f\n"
                     "add x12, x12, #2\n"
                     "4: add x11, x11, #1\n"
                     "cbnz x8, 1b\n"
                     :
                     : "r"(from)
                     : "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "memory",
                       "cc");
#else
    uint64_t v[8] = {(uint64_t)from, 0, 1, 0, 3, 5, 7, 0}, x = 11, y = 13;
    for (; (const uint64_t *)v[0] < end; v[0] += 8, v[3]++) {
        v[7] = *(const uint64_t *)v[0];
        v[1] += v[7];
        if (v[7] & 4) {
            v[5] ^= v[1];
            v[1] += v[4];
            x += v[7];
            y += x;
            if (v[5] <= v[1])
                goto third;
            v[2] *= v[4];
        }
        v[2] += v[5];
        v[1] += v[2];
        if ((int64_t)v[2] < 0 && v[1] > v[2])
            continue;
        v[1] ^= x;
    third:
        v[6] += v[5] << 3;
        x += y;
        v[1] += x;
        v[1] += v[6];
        if ((int64_t)v[6] < 9 || v[5] + 3 == 0)
            v[4] += 2;
    }
    memcpy(seen, v, sizeof v);
    siglongjmp(out, 1);
#endif
}

static void on_tick(int sig)
{
    (void)sig;
    ticks++;
}

/* Runs for some ticks; what the loop computes must not suffer. */
static uint64_t __attribute__((noinline)) spin(uint64_t rounds, const uint32_t *table, double *d)
{
    uint64_t a = 1, b = 2, c = 3, e = 4;
    double x = 1, y = 0.5;
    for (uint64_t i = 0; i < rounds; i++) {
        a = a * 6364136223846793005u + b;
        b ^= a >> 29;
        c += table[a >> 60] ^ e;
        e = (e << 7 | e >> 57) + c;
        x = x * 0.999 + y;
        y = y * 0.5 + (double)(c & 7);
    }
    *d = x + y;
    return a ^ b ^ c ^ e;
}

int main(void)
{
    enum { PAGE = 4096, WORDS = 100 };
    char *m = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(m + PAGE, PAGE);
    uint64_t *end = (uint64_t *)(m + PAGE), *from = end - WORDS;
    for (unsigned i = 0; i < WORDS; i++)
        from[i] = i * 0x123456789abcdefu;
    struct sigaction fault = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &fault, NULL);
    void (*const runs[])(const uint64_t *, const uint64_t *) = {run_to_fault, run_with_skips,
                                                                run_long};
    for (unsigned k = 0; k < 3; k++) {
        if (!sigsetjmp(out, 1))
            runs[k](from, end);
        printf("at the fault: offset %d", (int)((char *)seen[0] - (char *)end));
        for (unsigned i = 1; i < 8; i++)
            printf(" %016llx", (unsigned long long)seen[i]);
        printf("\n");
    }

    carry_around(1000);

    static uint32_t table[16];
    for (unsigned i = 0; i < 16; i++)
        table[i] = i * 2654435761u;
    struct sigaction tick = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &tick, NULL);
    struct itimerval each = {{0, 500}, {0, 500}};
    double d, first;
    uint64_t before = spin(3000000, table, &first);
    setitimer(ITIMER_REAL, &each, NULL);
    uint64_t h = spin(3000000, table, &d);
    memset(&each, 0, sizeof each);
    setitimer(ITIMER_REAL, &each, NULL);
    printf("with ticks: %s, the same: %d %d, %016llx %.17g\n", ticks > 2 ? "some" : "none",
           h == before, d == first, (unsigned long long)h, d);
    return 0;
}
