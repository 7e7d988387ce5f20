/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs every floating-point and vector instruction of insns.def on special and
 * random operands and prints a digest of what came out for each: the same
 * program must print the same on every implementation.
 *
 *     insns [-v] [-n ROUNDS] [-m COUNT] [-s SEED] [NAME...]
 *     insns -e
 *
 * With -m COUNT it runs COUNT random sequences of them instead, and prints the
 * digest of each.  With -e it compares with expected.def, and prints what differs.
 *
 * Operands are registers 3, 4 and 5 (FPRs, VRs, VSRs 3.. and 35..) and r5, r6; results
 * register 2 of each file, r4, CR and FPSCR.  r3 points to 64 bytes of memory.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The code of instruction i of the table, ended by blr. */
#ifdef __powerpc64__
#define WORD ".quad"
#else
#define WORD ".long"
#endif
#define I(text) "91: " text "\n blr\n .pushsection .data\n " WORD " 91b\n .popsection\n"
__asm__(".pushsection .text\n .balign 16\n .pushsection .data\n .balign 8\n insn_code:\n "
        ".popsection\n"
#include "insns.def"
        ".popsection\n");
#undef I
extern const uintptr_t insn_code[];

static const char *const names[] = {
#define I(text) text,
#include "insns.def"
#undef I
};

enum { COUNT = sizeof names / sizeof names[0] };

struct state {
    uint8_t f[4][16], v[4][16]; /* registers 2..5 of each */
    uint8_t memory[64];
    uint64_t vscr[2], fpscr;
    unsigned long r4, r5, r6, cr;
} __attribute__((aligned(16)));

static struct state s;

#define EACH4(op, base, off)                                                                       \
    op " 2,0,%[" base "]\n addi %[" base "],%[" base "],16\n" op " 3,0,%[" base "]\n addi %[" base \
       "],%[" base "],16\n" op " 4,0,%[" base "]\n addi %[" base "],%[" base "],16\n" op           \
       " 5,0,%[" base "]\n"

static void run(uintptr_t code)
{
    uint8_t *f = s.f[0], *v = s.v[0], *f2 = s.f[0], *v2 = s.v[0];
    register unsigned long r3 __asm__("r3") = (unsigned long)s.memory;
    register unsigned long r4 __asm__("r4") = s.r4;
    register unsigned long r5 __asm__("r5") = s.r5;
    register unsigned long r6 __asm__("r6") = s.r6;
    register unsigned long cr __asm__("r7") = s.cr;
    double status;
    memcpy(&status, &s.fpscr, 8);
    __asm__ volatile("mtfsf 255,%0" ::"f"(status));
    __asm__ volatile("mtctr %[code]\n mtcrf 255,%[cr]\n"
#ifdef __VSX__
                     EACH4("lxvd2x", "f", 0)
#else
                     EACH4("lfdx", "f", 0)
#endif
                         EACH4("lvx", "v", 0) "bctrl\n mfcr %[cr]\n mffs 6\n"
#ifdef __VSX__
                     EACH4("stxvd2x", "f2", 0)
#else
                     EACH4("stfdx", "f2", 0)
#endif
                         EACH4("stvx", "v2", 0) "stfdx 6,0,%[status]\n"
                     : [f] "+b"(f), [v] "+b"(v), [f2] "+b"(f2), [v2] "+b"(v2), "+r"(r3), "+r"(r4),
                       "+r"(r5), "+r"(r6), [cr] "+r"(cr)
                     : [code] "r"(code), [status] "r"(&s.fpscr)
                     : "fr2", "fr3", "fr4", "fr5", "fr6", "v2", "v3", "v4", "v5", "lr", "ctr",
                       "cr0", "cr1", "cr2", "cr3", "cr4", "cr5", "cr6", "cr7", "xer", "memory");
    s.r4 = r4;
    s.cr = cr;
    double zero = 0;
    __asm__ volatile("mtfsf 255,%0" ::"f"(zero));
#ifdef __ALTIVEC__
    __asm__ volatile(
        "mfvscr 0\n stvx 0,0,%0\n vxor 0,0,0\n vspltisw 0,1\n vslw 0,0,0\n" ::"r"(s.vscr)
        : "v0", "memory");
#endif
}

/* ---- Operands ---- */

static uint64_t seed;

static uint64_t random64(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed * 0x2545f4914f6cdd1d;
}

static const uint64_t special64[] = {
    0,
    1ull << 63,
    0x3ff0000000000000,
    0xbff0000000000000,
    0x4000000000000000,
    0x3fe0000000000000,
    0x7ff0000000000000,
    0xfff0000000000000,
    0x7ff8000000000000,
    0xfff8000000001234,
    0x7ff0000000000001,
    0xfff4000000000000,
    0x0000000000000001,
    0x800fffffffffffff,
    0x0010000000000000,
    0x7fefffffffffffff,
    0x41dfffffffc00000,
    0x41e0000000000000,
    0xc1e0000000000000,
    0xc1e0000000200000,
    0x43e0000000000000,
    0xc3e0000000000000,
    0x41f0000000000000,
    0x43f0000000000000,
    0x4024800000000000,
    0x36a0000000000000,
    0x380fffffe0000000,
    0x47efffffe0000000,
    0x47effffff0000000,
    0x3ff0000010000000,
    0x3ff0000030000000,
    0x3ca0000000000000,
    0x3fd5555555555555,
    0x400921fb54442d18,
};

static const uint32_t special32[] = {
    0,          0x80000000, 0x3f800000, 0xbf800000, 0x40000000, 0x7f800000, 0xff800000,
    0x7fc00000, 0xffc01234, 0x7f800001, 0xffa00000, 1,          0x807fffff, 0x00800000,
    0x7f7fffff, 0x4effffff, 0x4f000000, 0xcf000000, 0x4f800000, 0x41240000, 0x3eaaaaab,
};

/* A value of 8 bytes: integers, doubles, pairs of singles, singles as doubles. */
static uint64_t operand(void)
{
    uint64_t r = random64(), x = random64();
    switch (r % 8) {
    case 0:
    case 1:
        return special64[(r >> 8) % (sizeof special64 / 8)];
    case 2:
        return (uint64_t)special32[(r >> 8) % (sizeof special32 / 4)] << 32 |
               special32[(r >> 32) % (sizeof special32 / 4)];
    case 3: { /* a single as a double, moderate */
        float f = (float)(int32_t)x / (float)(1 << ((r >> 8) & 15));
        double d = f;
        memcpy(&x, &d, 8);
        return x;
    }
    case 4: /* a moderate double */
        return (x & 0x800fffffffffffff) | (0x3f8 + ((r >> 8) & 15)) << 52;
    case 5: /* two moderate singles */
        return (x & 0x807fffff807fffff) | (0x78 + ((r >> 8) & 15)) << 23 |
               (0x78 + ((r >> 16) & 15)) << 55;
    case 6: /* small elements */
        return x & 0x0f0f1f1f07070303;
    default:
        return x;
    }
}

static void fill(void)
{
    for (unsigned i = 0; i < 4; i++)
        for (unsigned j = 0; j < 2; j++) {
            uint64_t x = operand(), y = operand();
            memcpy(s.f[i] + 8 * j, &x, 8);
            memcpy(s.v[i] + 8 * j, &y, 8);
        }
    if (random64() % 4 == 0)
        memcpy(s.v[2], s.v[1], 16);
    if (random64() % 4 == 0)
        memcpy(s.f[2], s.f[1], 16);
    for (unsigned i = 0; i < 64; i += 8) {
        uint64_t x = operand();
        memcpy(s.memory + i, &x, 8);
    }
    s.fpscr = random64() % 2 ? random64() & 3 : 0;
    s.r4 = (unsigned long)operand();
    s.r5 = random64() % 40;
    s.r6 = (unsigned long)operand();
    s.cr = (uint32_t)random64();
}

static int starts(const char *name, const char *with)
{
    return !strncmp(name, with, strlen(with));
}

/* Digits and a sign, or characters (national), or zoned, 4 bits after another. */
static void make_decimal(uint8_t *v, unsigned kind)
{
    uint8_t bytes[16];
    for (unsigned i = 0; i < 16; i++) {
        unsigned d = random64() % 3 ? (unsigned)(random64() % 10) : 0;
        unsigned e = (unsigned)(random64() % 10);
        bytes[i] = (uint8_t)(kind == 0   ? d << 4 | e
                             : kind == 1 ? (i & 1 ? 0x30 + d : 0)
                                         : 0x30 | d);
    }
    static const uint8_t signs[] = {0xc, 0xd, 0xf, 0xb, 0xa, 0xe, 0xc, 0x2};
    unsigned sign = signs[random64() % 8];
    if (kind == 0)
        bytes[15] = (uint8_t)((bytes[15] & 0xf0) | sign);
    else if (kind == 1)
        bytes[15] = random64() % 2 ? 0x2b : 0x2d;
    else
        bytes[15] |= random64() % 2 ? 0x40 : 0;
    for (unsigned i = 0; i < 16; i++)
#ifdef __LITTLE_ENDIAN__
        v[15 - i] = bytes[i];
#else
        v[i] = bytes[i];
#endif
}

/* The highest (or only) doubleword of a decimal number near 1; its digits may be few. */
static uint64_t decimal_float(int quad)
{
    uint64_t r = random64(), trailing = random64();
    unsigned few = (unsigned)(r >> 8) % 64, continuation = quad ? 14 : 10;
    static const uint64_t specials[] = {0x7800000000000000, 0xf800000000000000, 0x7c00000000000000,
                                        0xfe00000000000000};
    if ((r >> 40) % 16 == 0)
        return specials[(r >> 48) % 4];
    /* exponent: 1 and then the continuation, around the bias */
    uint64_t exponent = quad ? 0x800 + (r >> 20) % 64 : 0x80 + (r >> 20) % 32;
    trailing = quad ? trailing & 0x3fffffffffff : trailing & 0x3ffffffffffff;
    trailing = few < 50 ? trailing >> few : trailing;
    return (r & 1) << 63 | (8 | (r >> 1 & 7)) << 58 | exponent << (quad ? 46 : 50) |
           (continuation ? trailing : 0);
}

static void fit_decimal(const char *name)
{
    int quad = strchr(name, 'q') && name[strcspn(name, " ") - 1] == 'q';
    if (random64() % 8 == 0)
        return;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t x = decimal_float(quad), zero = 0;
        if (quad && i & 1) {
            x = random64();
            if (x % 3 == 0)
                x = 0;
        }
        int integer = starts(name, "dcffix") || starts(name, "denbcd") || starts(name, "diex") ||
                      starts(name, "dtstsf");
        if (integer && !(i == 2 && (starts(name, "diex") || starts(name, "dtstsf"))))
            x = starts(name, "denbcd") ? random64() & 0x7777777777777777
                                       : random64() >> random64() % 64;
        if (starts(name, "dctdp"))
            x = (random64() & 0x83ffffff) | 0x22000000;
        memcpy(s.f[i], &x, 8);
        memcpy(s.f[i] + 8, &zero, 8);
        if (quad && i & 1) { /* behind an infinity there is nothing */
            memcpy(&x, s.f[i - 1], 8);
            if ((x >> 58 & 31) == 30)
                memset(s.f[i], 0, 8);
        }
    }
}

/* Keeps out of what the architecture leaves undefined. */
static void fit(const char *name)
{
    if (starts(name, "d"))
        fit_decimal(name);
    if (starts(name, "bcd")) {
        unsigned kind = starts(name, "bcdcfn") ? 1 : starts(name, "bcdcfz") ? 2 : 0;
        make_decimal(s.v[2], kind);
        if (starts(name, "bcdadd") || starts(name, "bcdsub") || starts(name, "bcdcps"))
            make_decimal(s.v[1], 0);
    }
    if (starts(name, "bcdtrunc") || starts(name, "bcdutrunc"))
        for (unsigned i = 0; i < 16; i++)
            s.v[1][i] = i & 1 ? 0 : s.v[1][i] & 31;
    if (starts(name, "vext") || starts(name, "vins"))
        s.r5 %= 9;
    /* The peer rounds a negated result as if it had been negated before. */
    if (strstr(name, "nms") || strstr(name, "nma"))
        s.fpscr = 0;
    double f3;
    memcpy(&f3, s.f[1], 8);
    if (starts(name, "fre") && f3 == 0)
        memset(s.f[1], 0x40, 8);
}

/* Inexact results of the vector facility may count as scalar ones' (fp.h). */
static int is_vector_float(const char *name)
{
    return starts(name, "vaddfp") || starts(name, "vsubfp") || starts(name, "vmaddfp") ||
           starts(name, "vnmsubfp") || starts(name, "vcfsx") || starts(name, "vcfux");
}

static void hide_undefined(const char *name)
{
    if (starts(name, "lxs") || starts(name, "mtvsrd 2") || starts(name, "mtvsrw"))
        memset(s.f[0] + 8, 0, 8);
    /* FPRF of conversions to integers is undefined.  Of a vector's exceptions the peer loses some
     * that come together with others. */
    if (starts(name, "fcti") || starts(name, "xscvdpsx") || starts(name, "xscvdpux"))
        s.fpscr &= ~0x1f000ull;
    if (starts(name, "xv"))
        s.fpscr &= ~0x0c000000ull;
    /* XX of estimates is undefined, and the peer does not know their ZX. */
    if (starts(name, "fre") || starts(name, "frsq") || starts(name, "xsre") ||
        starts(name, "xsrsq") || starts(name, "xvre") || starts(name, "xvrsq"))
        s.fpscr &= ~0x86000000ull;
    /* The peer sets FEX although nothing is enabled, and no FPRF of invalid operations. */
    if (starts(name, "d") && s.fpscr & 0x20000000)
        s.fpscr &= ~0x4001f000ull;
    if (is_vector_float(name))
        s.fpscr &= ~0x82000000ull;
    /* what an invalid decimal gives is undefined */
    if (starts(name, "bcd") && (s.cr & 0xf0) == 0x10)
        memset(s.v[0], 0, 16);
}

static uint64_t digest(uint64_t h)
{
    const uint8_t *p = (const uint8_t *)&s;
    for (size_t i = 0; i < sizeof s; i++)
        h = (h ^ p[i]) * 0x100000001b3;
    return h;
}

static void show(const char *what, unsigned index)
{
    printf("  %s %u: f2 ", what, index);
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned j = 0; j < 16; j++)
            printf("%02x%s", s.f[i][j], j == 7 ? "_" : "");
        printf(i < 3 ? " " : "; v2 ");
    }
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned j = 0; j < 16; j++)
            printf("%02x%s", s.v[i][j], j % 4 == 3 ? "_" : "");
        printf(" ");
    }
    printf("r4 %lx r5 %lx r6 %lx cr %lx fpscr %llx vscr %llx\n", s.r4, s.r5, s.r6, s.cr,
           (unsigned long long)s.fpscr, (unsigned long long)(s.vscr[0] | s.vscr[1]));
}

static int wanted(const char *name, char **only)
{
    for (char **o = only; *o; o++)
        if (starts(name, *o))
            return 1;
    return !*only;
}

/* ---- Sequences ---- */

/* Those that don't touch memory, whose results are all defined, and that the peer gets
 * right in any state. */
static int mixes(unsigned i)
{
    static const char *const not [] = {
        "l",      "st",     "mtvsr",    "bcd",     "vdiv",      "vmod",     "vext",      "vins",
        "fre",    "xsre",   "xvre",     "fnm",     "xsnm",      "xvnm",     "mtfs",      "mcrfs",
        "mffs",   "vrldmi", "xvcv",     "drdpq",   "drsp",      "dctfixqq", "xststdcsp", "xsrqp",
        "frsqrt", "xsrsq",  "xvrsq",    "vrsq",    "vrefp",     "dctfix",   "vmul10",    "fctiwz.",
        "denbcd", "pl",     "pst",      "stx",     "xscvdpspn", "fmrg",     "xsnegqp",   "fcti",
        "fcfid",  "fcmpo",  "xscvdpsx", "xscvdpux"};
    for (unsigned k = 0; k < sizeof not / sizeof not [0]; k++)
        if (starts(names[i], not [k]))
            return 0;
    size_t length = strcspn(names[i], " ");
    int scalar_single = starts(names[i], "xs") && !strncmp(names[i] + length - 2, "sp", 2);
    const uint32_t *word = (const uint32_t *)insn_code[i];
    return !scalar_single && word[0] >> 26 != 1 && word[1] == 0x4e800020;
}

static void run_mixes(unsigned count, uint64_t first, int verbose)
{
    enum { LENGTH = 10 };
    static uint32_t code[4096 * LENGTH] __attribute__((aligned(65536)));
    mprotect(code, sizeof code, PROT_READ | PROT_WRITE | PROT_EXEC);
    for (unsigned k = 0; k < count; k++) {
        uint32_t *p = code + k % 4096 * LENGTH;
        unsigned chosen[LENGTH];
        seed = (first + k) * 0x9e3779b97f4a7c15;
        for (unsigned i = 0; i < LENGTH - 1; i++) {
            do
                chosen[i] = (unsigned)(random64() % COUNT);
            while (!mixes(chosen[i]));
            p[i] = *(const uint32_t *)insn_code[chosen[i]];
        }
        p[LENGTH - 1] = 0x4e800020;
        for (unsigned i = 0; i < LENGTH; i++)
            __asm__ volatile("dcbst 0,%0\n sync\n icbi 0,%0\n isync\n" ::"r"(p + i) : "memory");
        memset(&s, 0, sizeof s);
        fill();
        if (verbose)
            show("in", k);
        run((uintptr_t)p);
        /* Not FR and FI, nor FEX, which the peer may leave set, nor what it loses of vectors'. */
        s.fpscr &= ~0x4c060000ull;
        for (unsigned i = 0; i < LENGTH - 1; i++)
            if (is_vector_float(names[chosen[i]]))
                s.fpscr &= ~0x82000000ull;
        s.cr &= ~0x04000000ul;
        if (verbose)
            show("out", k);
        printf("%u %016llx", k, (unsigned long long)digest(14695981039346656037ull));
        for (unsigned i = 0; i < LENGTH - 1; i++)
            printf("; %s", names[chosen[i]]);
        printf("\n");
    }
}

/* ---- Expected values ---- */

enum { F = 1, V = 2 }; /* the file of the operands, and of the result */
#define FX      0x80000000u
#define VX      0x20000000u
#define OX      0x10000000u
#define UX      0x08000000u
#define ZX      0x04000000u
#define XX      0x02000000u
#define VXSNAN  0x01000000u
#define VXVC    0x00080000u
#define VXCVI   0x00000100u
#define FPRF(x) ((x) << 12)
#define ANY     (1ull << 40)
#define CR3(x)  ((x) << 16)
#define CR6(x)  ((x) << 4)
#define Q(d0, d1)                                                                                  \
    {                                                                                              \
        d0, d1                                                                                     \
    }
#define Z                                                                                          \
    {                                                                                              \
        0, 0                                                                                       \
    }
static const struct expected {
    const char *name;
    unsigned file;
    uint64_t in[4][2], fpscr, out[2], status;
    unsigned long cr;
} expected[] = {
#define E(name, file, r2, r3, r4, r5, fpscr, out, status, cr)                                      \
    {name, file, {r2, r3, r4, r5}, fpscr, out, status, cr},
#include "expected.def"
#undef E
};

/* Doubleword i of a register in memory. */
static uint8_t *doubleword(uint8_t *reg, unsigned file, unsigned i)
{
#ifdef __LITTLE_ENDIAN__
    return reg + 8 * (file & V ? 1 - i : i);
#else
    (void)file;
    return reg + 8 * i;
#endif
}

static int check_expected(void)
{
    unsigned wrong = 0, count = sizeof expected / sizeof expected[0];
    for (const struct expected *e = expected; e < expected + count; e++) {
        unsigned i = 0;
        uint64_t out[2], status;
        while (i < COUNT && strcmp(names[i], e->name))
            i++;
        memset(&s, 0, sizeof s);
        for (unsigned r = 0; r < 4; r++)
            for (unsigned d = 0; d < 2; d++)
                memcpy(doubleword(e->file & F ? s.f[r] : s.v[r], e->file & F ? F : V, d),
                       &e->in[r][d], 8);
        s.fpscr = e->fpscr;
        if (i < COUNT)
            run(insn_code[i]);
        for (unsigned d = 0; d < 2; d++)
            memcpy(&out[d], doubleword(e->file & V ? s.v[0] : s.f[0], e->file, d), 8);
        status = s.fpscr & ~0x60000ull;
        if (e->status & ANY)
            status = (status & ~0x1f000ull) | ANY;
        if (i == COUNT || memcmp(out, e->out, 16) || status != e->status || s.cr != e->cr) {
            printf("%u: %s: %016llx_%016llx fpscr %llx cr %lx\n", (unsigned)(e - expected), e->name,
                   (unsigned long long)out[0], (unsigned long long)out[1],
                   (unsigned long long)s.fpscr, s.cr);
            wrong++;
        }
    }
    printf("%u of %u as expected\n", count - wrong, count);
    return wrong != 0;
}

int main(int argc, char **argv)
{
    unsigned rounds = 200, mix = 0;
    int verbose = 0;
    uint64_t first = 1;
    char **arg = argv + 1;
    (void)argc;
    for (; *arg && **arg == '-'; arg++) {
        if (!strcmp(*arg, "-v"))
            verbose = 1;
        else if (!strcmp(*arg, "-m"))
            mix = (unsigned)atoi(*++arg);
        else if (!strcmp(*arg, "-e"))
            return check_expected();
        else if (!strcmp(*arg, "-n"))
            rounds = (unsigned)atoi(*++arg);
        else
            first = strtoull(*++arg, NULL, 0);
    }
    if (mix) {
        run_mixes(mix, first, verbose);
        return 0;
    }
    for (unsigned i = 0; i < COUNT; i++) {
        if (!wanted(names[i], arg))
            continue;
        uint64_t h = 14695981039346656037ull;
        seed = first * 0x9e3779b97f4a7c15 + i;
        for (unsigned k = 0; k < rounds; k++) {
            memset(&s, 0, sizeof s);
            fill();
            fit(names[i]);
            if (verbose)
                show("in", k);
            run(insn_code[i]);
            s.fpscr &= ~0x60000ull; /* FR and FI */
            hide_undefined(names[i]);
            if (verbose)
                show("out", k);
            h = digest(h);
        }
        printf("%-32s %016llx\n", names[i], (unsigned long long)h);
    }
    return 0;
}
