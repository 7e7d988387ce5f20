/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All registers at faults of loads and stores amid values that nobody reads again, as
 * tests/guest/latefaults.c has it: code with a bad address in one access, and with a trap in place
 * of that, gives handlers the same.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { ROUNDS = 2000, MOST = 56, AREA = 1 << 16, CODE = 1 << 14 };
enum { FIRST = 3, LAST = 28, COUNTER = 29, BASE = 30, BAD = 31, FLOATS = 32 };

static struct state {
    unsigned long r[32];
    uint64_t f[FLOATS];
    uint64_t data;
} seen;
static sigjmp_buf back;
static uint8_t *area;
static int last_signal;

static uint64_t seed = 1;
static unsigned below(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
    const ucontext_t *u = context;
    (void)info;
    last_signal = sig;
#ifdef __powerpc64__
    memcpy(seen.r, u->uc_mcontext.gp_regs, sizeof seen.r);
    memcpy(seen.f, u->uc_mcontext.fp_regs, sizeof seen.f);
#else
    memcpy(seen.r, u->uc_mcontext.uc_regs->gregs, sizeof seen.r);
    memcpy(seen.f, u->uc_mcontext.uc_regs->fpregs.fpregs, sizeof seen.f);
#endif
    siglongjmp(back, 1);
}

static uint32_t *code;
static unsigned length;
static enum use { ANY, INDEX, GOOD_BASE, BAD_BASE } use[32];

static void put(uint32_t insn)
{
    code[length++] = insn;
}

static uint32_t form(unsigned op, unsigned t, unsigned a, unsigned rest)
{
    return op << 26 | t << 21 | a << 16 | rest;
}

/* r13 is the thread's. */
static unsigned any(void)
{
    unsigned r = FIRST + below(LAST - FIRST + 1);
    return r == 13 ? FIRST : r;
}

static unsigned find(enum use kind, unsigned other)
{
    unsigned r = any();
    for (unsigned k = FIRST; k <= LAST; k++) {
        if (use[r] == kind && r != 13)
            return r;
        r = r == LAST ? FIRST : r + 1;
    }
    return other;
}

static void put_access(bool bad)
{
    static const uint16_t indexed[] = {23,  87,  279, 151,
                                       215, 599, 727}; /* lwzx, lbzx, lhzx, stwx,
                                                        * stbx, lfdx, stfdx */
    static const uint8_t displaced[] = {32, 34, 40, 36, 38, 50, 54};
    unsigned base = bad ? find(BAD_BASE, BAD) : find(GOOD_BASE, BASE), index = find(INDEX, 0);
    unsigned k = below(7), t = any();
    unsigned d = base == BASE || base == BAD ? below(512) * 8 : below(8) * 8;
    if (!index || below(3) == 0)
        put(form(displaced[k], k >= 5 ? below(32) : t, base, d));
    else
        put(form(31, k >= 5 ? below(32) : t, base, index << 11 | (uint32_t)indexed[k] << 1));
    if (k < 3)
        use[t] = ANY;
}

static void put_one(void)
{
    unsigned d = any(), n;
    switch (below(9)) {
    case 0:
    case 1: /* rlwinm d, s, n, 21, 28 */
        put(form(21, any(), d, below(32) << 11 | 21 << 6 | 28 << 1));
        use[d] = INDEX;
        break;
    case 2: /* addi */
        n = find(below(2) ? INDEX : GOOD_BASE, BASE);
        d = n == BASE || below(2) ? any() : n;
        put(form(14, d, n, below(0x700)));
        use[d] = n == BASE || use[n] == GOOD_BASE ? GOOD_BASE : ANY;
        break;
    case 3:
        put(form(14, d, BAD, below(0x700)));
        use[d] = BAD_BASE;
        break;
    case 4: /* xor, add */
        n = below(2);
        put(n ? form(31, any(), d, any() << 11 | 316 << 1)
              : form(31, d, any(), any() << 11 | 266 << 1));
        use[d] = ANY;
        break;
    case 5: /* fadd, fmul, fmadd, whatever the operands are */
        n = below(3);
        put(n == 0   ? form(63, below(32), below(32), below(32) << 11 | 21 << 1)
            : n == 1 ? form(63, below(32), below(32), below(32) << 6 | 25 << 1)
                     : form(63, below(32), below(32), below(32) << 11 | below(32) << 6 | 29 << 1));
        break;
    default:
        put_access(false);
    }
}

/* Makes the code; returns where in it the bad access is. */
static unsigned make(void)
{
    unsigned count = 30 + below(MOST - 30), bad = below(count), at = 0;
    length = 0;
    memset(use, ANY, sizeof use);
    for (unsigned r = 0; r < FLOATS; r++)
        put(form(50, r, 4, 256 + 8 * r)); /* lfd fr, 256 + 8 * r(r4) */
    for (unsigned r = FIRST; r <= BAD; r++)
        if (r != 13 && r != 4)
            put(form(sizeof(long) == 8 ? 58 : 32, r, 4, sizeof(long) * r));
    put(form(14, 4, 0, 77));
    unsigned start = length;
    for (unsigned n = 0; n < count; n++) {
        if (n == bad) {
            at = length;
            put_access(true);
        } else {
            put_one();
        }
    }
    for (unsigned r = FIRST; r <= LAST; r++)
        if (r != 13 && below(8))
            put(form(14, r, 0, below(100)));
    for (unsigned r = 0; r < FLOATS; r++)
        if (below(4))
            put(form(50, r, BASE, below(100) * 8));
    put(form(14, COUNTER, COUNTER, 0xffff));
    put(form(11, 0, COUNTER, 0));                         /* cmpwi */
    put(form(16, 4, 2, ((start - length) * 4) & 0xfffc)); /* bne */
    put(form(31, 31, 0, 4 << 1));                         /* trap */
    return at;
}

static struct state run(void)
{
    static struct {
        unsigned long r[256 / sizeof(long)];
        uint64_t f[FLOATS];
    } before;
    uint64_t x = 12345;
    for (unsigned r = 0; r < 32; r++) {
        before.r[r] = (unsigned long)(x = x * 6364136223846793005u + r);
        before.f[r] = below(4) ? (uint64_t)(1000 + below(50)) << 52 | x >> 13 : x;
    }
    before.r[COUNTER] = 2;
    before.r[BASE] = (unsigned long)area + 0x1000;
    before.r[BAD] = (unsigned long)area + AREA + 0x1000;
    for (unsigned i = 0; i < AREA; i++)
        area[i] = (uint8_t)(i * 7 ^ i >> 5);
    __builtin___clear_cache((char *)code, (char *)(code + length));
    if (!sigsetjmp(back, 1)) {
        register unsigned long r4 asm("r4") = (unsigned long)&before;
        register unsigned long r12 asm("r12") = (unsigned long)code;
        asm volatile("mtctr 12\n\tbctr" : : "r"(r4), "r"(r12) : "memory");
        __builtin_unreachable();
    }
    for (unsigned i = 0; i < AREA; i++)
        seen.data = seen.data * 31 + area[i];
    return seen;
}

static bool compare(unsigned round, const struct state *got, const struct state *want)
{
    bool same = got->data == want->data;
    if (!same)
        printf("round %u: memory differs\n", round);
    for (unsigned r = 0; r < 32; r++) {
        if (got->r[r] != want->r[r])
            printf("round %u: r%u is %#lx, not %#lx\n", round, r, got->r[r], want->r[r]);
        if (got->f[r] != want->f[r])
            printf("round %u: f%u is %#llx, not %#llx\n", round, r, (unsigned long long)got->f[r],
                   (unsigned long long)want->f[r]);
        same &= got->r[r] == want->r[r] && got->f[r] == want->f[r];
    }
    return same;
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    unsigned failed = 0;
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGTRAP, &action, NULL);
    area = mmap(NULL, 2 * AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(area + AREA, AREA, PROT_NONE);
    uint8_t *text = mmap(NULL, 2 * CODE, PROT_READ | PROT_WRITE | PROT_EXEC,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (unsigned round = 0; round < ROUNDS && failed < 10; round++) {
        code = (uint32_t *)text;
        unsigned at = make();
        uint64_t kept = seed;
        seen.data = 0;
        struct state got = run();
        int sig = last_signal;
        uint32_t *copy = (uint32_t *)(text + CODE);
        memcpy(copy, code, length * sizeof *code);
        copy[at] = form(31, 31, 0, 4 << 1);
        code = copy;
        seed = kept;
        seen.data = 0;
        struct state want = run();
        if (sig != SIGSEGV || last_signal != SIGTRAP) {
            printf("round %u: signals %d and %d\n", round, sig, last_signal);
            failed++;
        } else if (!compare(round, &got, &want)) {
            failed++;
        }
    }
    printf("%u of %u differ\n", failed, ROUNDS);
    return 0;
}
