/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CR fields and XER as a signal handler sees them when an instruction faults, and
 * as they come out behind branches: the translator computes them late or never.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

#ifdef __powerpc64__
#define REGS(uc) ((uc)->uc_mcontext.gp_regs)
#else
#define REGS(uc) ((uc)->uc_mcontext.uc_regs->gregs)
#endif
/* Where the low word of a long is. */
#ifdef __LITTLE_ENDIAN__
#define LOW_WORD(p) ((const volatile char *)(p))
#else
#define LOW_WORD(p) ((const volatile char *)((p) + 1) - 4)
#endif
enum { NIP = 32, XER = 37, CCR = 38 };

static volatile unsigned long seen_cr, seen_xer, seen_signal;
static unsigned failures, checks;

static void handler(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    (void)info;
    seen_cr = REGS(uc)[CCR];
    seen_xer = REGS(uc)[XER];
    seen_signal = sig;
    REGS(uc)[NIP] += 4;
}

static unsigned field(long x, long y)
{
    return x < y ? 8 : x > y ? 4 : 2;
}

static unsigned field_unsigned(unsigned long x, unsigned long y)
{
    return x < y ? 8 : x > y ? 4 : 2;
}

static void check(const char *what, unsigned long got, unsigned long want)
{
    checks++;
    if (got != want) {
        printf("%s: %08lx instead of %08lx\n", what, got, want);
        failures++;
    }
}

#define CR_FIELDS "cr0", "cr1", "cr2", "cr3", "cr4", "cr5", "cr6", "cr7"

static const int numbers[] = {0, 1, -1, 5, -5, 0x7fffffff, (int)0x80000000};
enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]), CR_START = 0x12345678 };

#define START_CR(f7, f6, f1)                                                                       \
    ((CR_START & ~0x0f0000ffu) | (unsigned)(f1) << 24 | (unsigned)(f6) << 4 | (unsigned)(f7))

/* Comparisons pending over faulting accesses of several kinds. */
static void faults(long x, long y)
{
    unsigned long cr, t, u = 3;
    unsigned long want = START_CR(field(x, y), field(x, 5), field_unsigned((uint32_t)x, 5));
    char *bad = (char *)16;
    int string[4] = {0};

    seen_signal = 0;
    __asm__ volatile("mtcrf 255,%[start]\n\t"
                     "cmpw 7,%[x],%[y]\n\t"
                     "cmpwi 6,%[x],5\n\t"
                     "cmplwi 1,%[x],5\n\t"
                     "lwz %[t],0(%[bad])\n\t"
                     "mfcr %[cr]"
                     : [cr] "=&r"(cr), [t] "=&r"(t)
                     : [start] "r"((unsigned long)CR_START), [x] "r"(x), [y] "r"(y), [bad] "b"(bad)
                     : CR_FIELDS);
    check("signal", seen_signal, SIGSEGV);
    check("load, handler", seen_cr, want);
    check("load, after", cr, want);

    /* an operand is overwritten before, another by the faulting access */
    unsigned long a = (unsigned long)x, b = (unsigned long)y;
    __asm__ volatile("mtcrf 255,%[start]\n\t"
                     "cmpw 7,%[a],%[b]\n\t"
                     "cmpwi 6,%[a],5\n\t"
                     "cmplwi 1,%[a],5\n\t"
                     "li %[a],77\n\t"
                     "lwz %[b],0(%[bad])\n\t"
                     "li %[b],78\n\t"
                     "mfcr %[cr]"
                     : [cr] "=&r"(cr), [a] "+r"(a), [b] "+r"(b)
                     : [start] "r"((unsigned long)CR_START), [bad] "b"(bad)
                     : CR_FIELDS);
    check("overwritten, handler", seen_cr, want);
    check("overwritten, after", cr, want);

    a = (unsigned long)x;
    __asm__ volatile("mtcrf 255,%[start]\n\t"
                     "cmpw 7,%[a],%[y]\n\t"
                     "cmpwi 6,%[a],5\n\t"
                     "cmplwi 1,%[a],5\n\t"
                     "lwz %[a],0(%[bad])\n\t"
                     "mfcr %[cr]"
                     : [cr] "=&r"(cr), [a] "+r"(a)
                     : [start] "r"((unsigned long)CR_START), [y] "r"(y), [bad] "b"(bad)
                     : CR_FIELDS);
    check("own operand, handler", seen_cr, want);
    check("own operand, after", cr, want);

    /* the only operand is overwritten before a choice and a branch ask for a bit */
    unsigned long chosen = 0, want6 = (CR_START & ~0xf0u) | field(x, 5) << 4;
    a = (unsigned long)x;
    __asm__ volatile("mtcrf 255,%[start]\n\t"
                     "cmpwi 6,%[a],5\n\t"
                     "li %[a],77\n\t"
                     "lwz %[t],0(%[bad])\n\t"
                     "bge 6,1f\n\t"
                     "li %[chosen],1\n"
                     "1:\tbgt 6,2f\n\t"
                     "addi %[chosen],%[chosen],2\n\t"
                     "lwz %[t],0(%[bad])\n"
                     "2:\tmfcr %[cr]"
                     : [cr] "=&r"(cr), [a] "+r"(a), [t] "=&r"(t), [chosen] "+b"(chosen)
                     : [start] "r"((unsigned long)CR_START), [bad] "b"(bad)
                     : CR_FIELDS);
    check("kept, handler", seen_cr, want6);
    check("kept, after", cr, want6);
    check("kept, chosen", chosen, (unsigned)(x < 5) + (x > 5 ? 0 : 2));

    /* of doubles; the operand is overwritten between two faults */
    double fx = (double)x, fy = (double)y;
    unsigned long want_double = (CR_START & ~0xf000000fu) | field(x, y) << 28 | field(y, x);
    unsigned long seen_first;
    __asm__ volatile("mtcrf 255,%[start]\n\t"
                     "fcmpu 0,%[x],%[y]\n\t"
                     "fcmpo 7,%[y],%[x]\n\t"
                     "lwz %[t],0(%[bad])\n\t"
                     "lwz %[first],0(%[seen])\n\t"
                     "fmr %[x],%[y]\n\t"
                     "lwz %[t],0(%[bad])\n\t"
                     "mfcr %[cr]"
                     : [cr] "=&r"(cr), [t] "=&r"(t), [x] "+d"(fx), [first] "=&r"(seen_first)
                     : [start] "r"((unsigned long)CR_START), [y] "d"(fy), [bad] "b"(bad),
                       [seen] "b"(LOW_WORD(&seen_cr))
                     : CR_FIELDS, "memory");
    check("doubles, first handler", seen_first, want_double);
    check("doubles, handler", seen_cr, want_double);
    check("doubles, after", cr, want_double);

    /* a misaligned reservation and a trap, which leave by other ways */
    __asm__ volatile(
        "mtcrf 255,%[start]\n\t"
        "cmpw 7,%[x],%[y]\n\t"
        "cmpwi 6,%[x],5\n\t"
        "cmplwi 1,%[x],5\n\t"
        "lwarx %[t],0,%[at]\n\t"
        "mfcr %[cr]"
        : [cr] "=&r"(cr), [t] "=&r"(t)
        : [start] "r"((unsigned long)CR_START), [x] "r"(x), [y] "r"(y), [at] "r"((char *)string + 1)
        : CR_FIELDS, "memory");
    check("signal", seen_signal, SIGBUS);
    check("reservation, handler", seen_cr, want);
    check("reservation, after", cr, want);

    __asm__ volatile("mtcrf 255,%[start]\n\t"
                     "cmpw 7,%[x],%[y]\n\t"
                     "cmpwi 6,%[x],5\n\t"
                     "cmplwi 1,%[x],5\n\t"
                     "tweqi %[u],3\n\t"
                     "mfcr %[cr]"
                     : [cr] "=&r"(cr)
                     : [start] "r"((unsigned long)CR_START), [x] "r"(x), [y] "r"(y), [u] "r"(u)
                     : CR_FIELDS);
    check("signal", seen_signal, SIGTRAP);
    check("trap, handler", seen_cr, want);
    check("trap, after", cr, want);
}

/* Record forms and carries. */
static void results(long x, long y)
{
    unsigned long cr, xer, t, u;
    char *bad = (char *)16;
    __asm__ volatile("mtxer %[zero]\n\t"
                     "mtcrf 255,%[start]\n\t"
                     "add. %[t],%[x],%[y]\n\t"
                     "addic %[u],%[x],-1\n\t"
                     "lwz %[cr],0(%[bad])\n\t"
                     "mfcr %[cr]\n\t"
                     "mfxer %[xer]"
                     : [cr] "=&r"(cr), [xer] "=&r"(xer), [t] "=&r"(t), [u] "=&r"(u)
                     : [start] "r"((unsigned long)CR_START), [x] "r"(x), [y] "r"(y), [bad] "b"(bad),
                       [zero] "r"(0L)
                     : CR_FIELDS, "xer");
    unsigned long want = (CR_START & 0x0fffffff) |
                         (unsigned long)field((long)((unsigned long)x + (unsigned long)y), 0) << 28;
    unsigned long carry = x ? 0x20000000 : 0;
    check("sum, handler", seen_cr, want);
    check("sum, after", cr, want);
    check("carry, handler", seen_xer & 0x20000000, carry);
    check("carry, after", xer & 0x20000000, carry);
}

/* Fields that are needed behind a branch only, taken or not, and in a loop. */
static void branches(long x, long y)
{
    unsigned long cr, n = 3;
    __asm__ volatile("mtcrf 255,%[start]\n\t"
                     "cmpw 7,%[x],%[y]\n\t"
                     "cmpwi 6,%[x],5\n\t"
                     "cmplwi 1,%[x],5\n\t"
                     "blt 7,1f\n\t"
                     "bgt 6,2f\n\t"
                     "1: mfcr %[cr]\n\t"
                     "b 3f\n\t"
                     "2: mfcr %[cr]\n\t"
                     "3:"
                     : [cr] "=&r"(cr)
                     : [start] "r"((unsigned long)CR_START), [x] "r"(x), [y] "r"(y)
                     : CR_FIELDS);
    check("branch", cr, START_CR(field(x, y), field(x, 5), field_unsigned((uint32_t)x, 5)));
    __asm__ volatile("mtcrf 255,%[start]\n"
                     "1: addi %[n],%[n],-1\n\t"
                     "cmpw 7,%[x],%[n]\n\t"
                     "cmpwi 6,%[n],0\n\t"
                     "bgt 6,1b\n\t"
                     "mfcr %[cr]"
                     : [cr] "=&r"(cr), [n] "+r"(n)
                     : [start] "r"((unsigned long)CR_START), [x] "r"(x)
                     : CR_FIELDS);
    check("loop", cr, (CR_START & ~0xffu) | field(0, 0) << 4 | field(x, 0));
}

#ifdef __powerpc64__
static unsigned __int128 quad __attribute__((aligned(16)));

/* Stores of 16 bytes conditional on a reservation, which qemu lets none succeed of. */
static void quads(void)
{
    unsigned stored = 0;
    unsigned long cr;
    quad = 0;
    for (unsigned i = 0; i < 5; i++) {
        register unsigned long high __asm__("r8"), low __asm__("r9");
        __asm__ volatile(".machine push\n\t.machine power8\n\t"
                         "lqarx 8,0,%[at]\n\t"
                         "addi 9,9,3\n\t"
                         "addi 8,8,1\n\t"
                         "stqcx. 8,0,%[at]\n\t"
                         "mfcr %[cr]\n\t.machine pop"
                         : "=&r"(high), "=&r"(low), [cr] "=&r"(cr)
                         : [at] "b"(&quad)
                         : CR_FIELDS, "memory");
        stored += cr >> 29 & 1;
    }
    check("quads stored", stored, 5);
    check("high half", (unsigned long)(quad >> 64), 5);
    check("low half", (unsigned long)quad, 15);
    __asm__ volatile(".machine push\n\t.machine power8\n\t"
                     "stqcx. 8,0,%[at]\n\t"
                     "mfcr %[cr]\n\t.machine pop"
                     : [cr] "=&r"(cr)
                     : [at] "b"(&quad)
                     : CR_FIELDS, "memory");
    check("without reservation", cr >> 28, 0);
}
#endif

static bool is_nan(uint64_t x)
{
    return x << 1 > UINT64_C(0x7ff) << 53;
}

/* A branch right behind a comparison of doubles, of which one may be a signalling NaN. */
static void branch_on_doubles(uint64_t x, uint64_t y)
{
    const uint64_t quiet = UINT64_C(1) << 51, vxsnan = UINT64_C(1) << 24;
    bool signals = (is_nan(x) && !(x & quiet)) || (is_nan(y) && !(y & quiet));
    double fx, fy, status;
    memcpy(&fx, &x, sizeof fx);
    memcpy(&fy, &y, sizeof fy);
    unsigned outcome = is_nan(x) || is_nan(y) ? 1 : fx < fy ? 8 : fx > fy ? 4 : 2;
    unsigned long taken, cr;
#define BRANCH_ON_DOUBLES(branch, wanted)                                                          \
    __asm__ volatile("mtfsb0 7\n\t"                                                                \
                     "fcmpu 0,%[x],%[y]\n\t" branch " 1f\n\t"                                      \
                     "li %[taken],0\n\t"                                                           \
                     "b 2f\n"                                                                      \
                     "1:\tli %[taken],1\n"                                                         \
                     "2:\tmffs %[status]\n\t"                                                      \
                     "mfcr %[cr]"                                                                  \
                     : [taken] "=&r"(taken), [cr] "=&r"(cr), [status] "=&d"(status)                \
                     : [x] "d"(fx), [y] "d"(fy)                                                    \
                     : "cr0");                                                                     \
    memcpy(&x, &status, sizeof x);                                                                 \
    check(branch, taken, (wanted) != 0);                                                           \
    check(branch ", field", cr >> 28 & 15, outcome);                                               \
    check(branch ", FPCC", x >> 12 & 15, outcome);                                                 \
    check(branch ", VXSNAN", (x & vxsnan) != 0, signals)
    BRANCH_ON_DOUBLES("blt", outcome & 8);
    BRANCH_ON_DOUBLES("bge", !(outcome & 8));
    BRANCH_ON_DOUBLES("bgt", outcome & 4);
    BRANCH_ON_DOUBLES("ble", !(outcome & 4));
    BRANCH_ON_DOUBLES("beq", outcome & 2);
    BRANCH_ON_DOUBLES("bne", !(outcome & 2));
    BRANCH_ON_DOUBLES("bun", outcome & 1);
    BRANCH_ON_DOUBLES("bnu", !(outcome & 1));
}

int main(void)
{
    static const uint64_t doubles[] = {0x3ff0000000000000, 0xbff0000000000000, 0x0000000000000000,
                                       0x8000000000000000, 0x7ff0000000000000, 0x7ff8000000000001,
                                       0x7ff4000000000002, 0xfff0000000000001};
    enum { DOUBLES = sizeof doubles / sizeof doubles[0] };
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER};
    static const int signals[] = {SIGSEGV, SIGBUS, SIGTRAP};
    for (unsigned i = 0; i < 3; i++)
        sigaction(signals[i], &action, NULL);
    /* often enough for chained code */
    for (unsigned round = 0; round < 3; round++)
        for (unsigned i = 0; i < NUMBERS; i++)
            for (unsigned k = 0; k < NUMBERS; k++) {
                faults(numbers[i], numbers[k]);
                results(numbers[i], numbers[k]);
                branches(numbers[i], numbers[k]);
            }
    for (unsigned round = 0; round < 3; round++)
        for (unsigned i = 0; i < DOUBLES; i++)
            for (unsigned k = 0; k < DOUBLES; k++)
                branch_on_doubles(doubles[i], doubles[k]);
#ifdef __powerpc64__
    quads();
#endif
    printf("%u checks, %u failures\n", checks, failures);
    return failures != 0;
}
