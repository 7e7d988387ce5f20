/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chains of carries: within a block, around a loop, and as the handler of a fault in
 * the middle sees them. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

typedef unsigned __int128 u128;
static uint64_t seed = 1;
static uint64_t number(void)
{
    static const uint64_t odd[] = {0, 1, ~0ull, 1ull << 63, ~0ull >> 1};
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return seed % 3 ? odd[seed % 5] : seed;
}

/* a += b or a -= b over n words; the carry out. */
static unsigned __attribute__((noinline))
chain(uint64_t *a, const uint64_t *b, long n, int subtract)
{
#ifdef __aarch64__
    uint64_t x, y, c;
    if (subtract)
        __asm__ volatile("cmp xzr, xzr\n"
                         "1: ldr %0, [%3]\n ldr %1, [%4], #8\n sbcs %0, %0, %1\n"
                         "str %0, [%3], #8\n sub %5, %5, #1\n cbnz %5, 1b\n adc %2, xzr, xzr"
                         : "=&r"(x), "=&r"(y), "=&r"(c), "+r"(a), "+r"(b), "+r"(n)
                         :
                         : "memory", "cc");
    else
        __asm__ volatile("adds xzr, xzr, xzr\n"
                         "1: ldr %0, [%3]\n ldr %1, [%4], #8\n adcs %0, %0, %1\n"
                         "str %0, [%3], #8\n sub %5, %5, #1\n cbnz %5, 1b\n adc %2, xzr, xzr"
                         : "=&r"(x), "=&r"(y), "=&r"(c), "+r"(a), "+r"(b), "+r"(n)
                         :
                         : "memory", "cc");
    return (unsigned)c;
#else
    unsigned c = subtract;
    for (long i = 0; i < n; i++) {
        u128 s = (u128)a[i] + (subtract ? ~b[i] : b[i]) + c;
        a[i] = (uint64_t)s;
        c = (unsigned)(s >> 64);
    }
    return c;
#endif
}

static sigjmp_buf env;
static unsigned flags;
static void handler(int sig, siginfo_t *si, void *uc)
{
    (void)sig, (void)si;
#ifdef __aarch64__
    flags = (unsigned)(((ucontext_t *)uc)->uc_mcontext.pstate >> 28) & 15;
#else
    (void)uc;
#endif
    siglongjmp(env, 1);
}

/* N, Z, C, V of x + y + c, in bits 3 to 0, as a fault right behind sees them; the
 * operands are gone by then. */
static unsigned __attribute__((noinline)) at_fault(uint64_t x, uint64_t y, unsigned c, int subtract)
{
#ifdef __aarch64__
    if (sigsetjmp(env, 1))
        return flags;
    if (subtract)
        __asm__ volatile("cmp %w2, #1\n sbcs %0, %0, %1\n mov %1, #7\n mov x9, #8\n ldr %1, [x9]\n"
                         : "+r"(x), "+r"(y)
                         : "r"(c)
                         : "cc", "x9");
    else
        __asm__ volatile("cmp %w2, #1\n adcs %0, %0, %1\n mov %1, #7\n mov x9, #8\n ldr %1, [x9]\n"
                         : "+r"(x), "+r"(y)
                         : "r"(c)
                         : "cc", "x9");
    return 99;
#else
    uint64_t z = subtract ? ~y : y;
    u128 s = (u128)x + z + c;
    uint64_t r = (uint64_t)s;
    (void)handler;
    return (unsigned)((r >> 63) << 3 | (r == 0) << 2 | (unsigned)(s >> 64) << 1 |
                      (~(x ^ z) & (x ^ r)) >> 63);
#endif
}

int main(void)
{
    struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &sa, NULL);
    uint64_t a[7], b[7], sum = 0;
    for (int i = 0; i < 2000; i++) {
        for (int k = 0; k < 7; k++)
            a[k] = number(), b[k] = number();
        unsigned c = chain(a, b, 1 + i % 7, i & 1);
        for (int k = 0; k < 7; k++)
            sum = (sum << 7 | sum >> 57) ^ a[k];
        sum += c;
    }
    printf("%016lx\n", (unsigned long)sum);
    for (int i = 0; i < 200; i++) {
        uint64_t x = number(), y = number();
        unsigned c = number() & 1;
        printf("%lx %lx %u %d: %x\n", (unsigned long)x, (unsigned long)y, c, i & 1,
               at_fault(x, y, c, i & 1));
    }
    return 0;
}
