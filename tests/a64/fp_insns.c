/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AArch64 guest program: runs every floating-point instruction on special and
 * random values in many FPCR modes.  Its output must not depend on who runs it.
 *
 *     fp_insns [-m MODE] [-n ROUNDS] [-w WORD]   one line an instruction,
 *                                              mode and register choice, with
 *                                              a checksum of all results
 *     -w WORD  only this instruction, every result in full
 *     -b       binary records (struct record) of the first register choice,
 *              for tests/unit/fp_exact.c
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/a64/fp_record.h"

/* ---- The instructions: Vd=0, Vn=1, Vm=2, Va=3, Xd=0, Xn=1 ---- */

enum { MAX_INSNS = 4096 };
static uint32_t insns[MAX_INSNS];
static unsigned insn_count;

static void add(uint32_t word)
{
    if (insn_count == MAX_INSNS)
        abort();
    insns[insn_count++] = word | 2 << 16 | 1 << 5;
}

/* for fields that overlap Rm */
static void add_no_rm(uint32_t word)
{
    add(word & ~(31u << 16));
    insns[insn_count - 1] = word | 1 << 5;
}

static void list_scalar(void)
{
    static const unsigned types[] = {0, 1, 3};
    for (unsigned i = 0; i < 3; i++) {
        uint32_t type = types[i] << 22;
        for (unsigned op = 0; op < 20; op++) {
            bool convert = op >= 4 && op < 8;
            if (op == 13 || op == 6 || (convert && types[i] == (op & 3)) || (op >= 16 && i == 2))
                continue;
            add_no_rm(0x1e204000 | type | op << 15);
        }
        for (unsigned op = 0; op <= 8; op++)
            add(0x1e200800 | type | op << 12);
        for (unsigned op = 0; op < 4; op++)
            add(0x1f000c00 | type | (op & 1) << 15 | (op >> 1) << 21);
        for (unsigned op = 0; op < 4; op++)
            add((0x1e202000 | type | op << 3) & (op & 1 ? ~(31u << 16) : ~0u));
        for (unsigned cond = 0; cond < 16; cond++) {
            add(0x1e200c00 | type | cond << 12);
            add(0x1e200400 | type | cond << 12 | (cond & 1) << 4 | ((cond * 7) & 15));
        }
        for (unsigned imm = 0; imm < 256; imm += 37) {
            add_no_rm(0x1e201000 | type | imm << 13);
            insns[insn_count - 1] &= ~(31u << 5);
        }
        for (unsigned sf = 0; sf < 2; sf++) {
            for (unsigned rmode = 0; rmode < 4; rmode++)
                for (unsigned op = 0; op < 6; op++)
                    if (rmode == 0 || op < 2)
                        add_no_rm(0x1e200000 | sf << 31 | type | rmode << 19 | op << 16);
            for (unsigned scale = sf ? 0 : 32; scale < 64; scale += 9)
                for (unsigned op = 0; op < 4; op++)
                    add_no_rm(0x1e000000 | sf << 31 | type | (op & 1) << 16 |
                              (op & 2 ? 3u << 19 : 1u << 17) | scale << 10);
        }
    }
    add_no_rm(0x1e7e0000); /* FJCVTZS */
    for (unsigned op = 6; op < 8; op++) {
        add_no_rm(0x1e200000 | op << 16);
        add_no_rm(0x9e600000 | op << 16);
        add_no_rm(0x1ee00000 | op << 16);
        add_no_rm(0x9ee00000 | op << 16);
        add_no_rm(0x9ea80000 | op << 16);
    }
}

static void list_simd(void)
{
    /* Three same: opcode<2:0>, U and a, as single, double, half. */
    static const uint8_t three[4] = {0xdf, 0x47, 0xff, 0x75}; /* U:a -> opcodes */
    for (unsigned ua = 0; ua < 4; ua++)
        for (unsigned op = 0; op < 8; op++) {
            if (!(three[ua] >> op & 1) || (ua == 2 && op == 1))
                continue;
            uint32_t word = (ua >> 1) << 29 | (ua & 1) << 23 | op << 11;
            bool scalar = (ua == 0 && (op == 3 || op == 4 || op == 7)) || (ua == 1 && op == 7) ||
                          (ua == 2 && (op == 4 || op == 5)) ||
                          (ua == 3 && (op == 2 || op == 4 || op == 5));
            for (unsigned q = 0; q < 2; q++) {
                add(0x0e20c400 | q << 30 | word);
                add(0x0e400400 | q << 30 | word);
            }
            add(0x4e60c400 | word);
            if (scalar) {
                add(0x5e20c400 | word);
                add(0x5e60c400 | word);
                add(0x5e400400 | word);
            }
        }
    for (unsigned size = 1; size < 4; size++)
        for (unsigned q = size == 3; q < 2; q++) {
            for (unsigned rot = 0; rot < 4; rot++)
                add(0x2e00c400 | q << 30 | size << 22 | rot << 11);
            for (unsigned rot = 0; rot < 2; rot++)
                add(0x2e00e400 | q << 30 | size << 22 | rot << 12);
        }
    /* Two-register miscellaneous. */
    for (unsigned ua = 0; ua < 4; ua++)
        for (unsigned op = 0x0c; op < 0x20; op++) {
            bool u = ua >> 1, a = ua & 1;
            bool compare = a && (op == 0x0c || op == 0x0d || (op == 0x0e && !u));
            bool sign = a && op == 0x0f;
            bool round = (op == 0x18 && !(u && a)) || op == 0x19;
            bool to_int = op == 0x1a || op == 0x1b || (op == 0x1c && !a);
            bool from_int = op == 0x1d && !a, estimate = op == 0x1d && a;
            bool exponent = op == 0x1f && a && !u, root = op == 0x1f && a && u;
            bool frint_n = !a && (op == 0x1e || op == 0x1f);
            uint32_t word = u << 29 | a << 23 | op << 12;
            if (compare || sign || round || to_int || from_int || estimate || root)
                for (unsigned q = 0; q < 2; q++) {
                    add_no_rm(0x0e200800 | q << 30 | word);
                    add_no_rm(0x0e780800 | q << 30 | word);
                    if (q)
                        add_no_rm(0x4e600800 | word);
                }
            if (frint_n || (op == 0x1c && a)) {
                add_no_rm(0x0e200800 | word);
                add_no_rm(0x4e200800 | word);
                if (frint_n)
                    add_no_rm(0x4e600800 | word);
            }
            if (compare || to_int || from_int || estimate || exponent) {
                add_no_rm(0x5e200800 | word);
                add_no_rm(0x5e600800 | word);
                add_no_rm(0x5e780800 | word);
            }
            if (!a && (op == 0x16 || (op == 0x17 && !u)))
                for (unsigned q = 0; q < 2; q++)
                    for (unsigned sz = op == 0x16 && u; sz < 2; sz++)
                        add_no_rm(0x0e200800 | q << 30 | sz << 22 | word);
        }
    add_no_rm(0x7e616800); /* FCVTXN, scalar */
    /* Pairwise scalar and across lanes. */
    for (unsigned a = 0; a < 2; a++)
        for (unsigned op = 0x0c; op < 0x10; op++) {
            if (op == 0x0e || (op == 0x0d && a))
                continue;
            uint32_t word = a << 23 | op << 12;
            add_no_rm(0x5e300800 | word);
            add_no_rm(0x7e300800 | word);
            add_no_rm(0x7e700800 | word);
            if (op != 0x0d) {
                add_no_rm(0x0e300800 | word);
                add_no_rm(0x4e300800 | word);
                add_no_rm(0x6e300800 | word);
            }
        }
    /* By element, register v2. */
    static const uint32_t element[] = {0x1000, 0x5000, 0x9000, 0x20009000};
    for (unsigned i = 0; i < 4; i++)
        for (unsigned index = 0; index < 8; index++) {
            uint32_t hl = (index >> 2) << 11 | (index >> 1 & 1) << 21;
            for (unsigned form = 0; form < 3; form++) {
                static const uint32_t forms[] = {0x0f000000, 0x4f000000, 0x5f000000};
                add(forms[form] | element[i] | hl | (index & 1) << 20);
                if (!(index & 1))
                    add(forms[form] | element[i] | hl | 2 << 22);
                if (!(index & 3) && form)
                    add(forms[form] | element[i] | hl | 3 << 22);
            }
        }
    for (unsigned rot = 0; rot < 4; rot++)
        for (unsigned index = 0; index < 4; index++) {
            uint32_t hl = (index >> 1) << 11 | (index & 1) << 21;
            if (index < 2)
                add(0x2f401000 | rot << 13 | hl);
            add(0x6f401000 | rot << 13 | hl);
            if (!(index & 1))
                add(0x6f801000 | rot << 13 | hl);
        }
    /* Fixed point: immh:immb 16..127. */
    for (unsigned imm = 16; imm < 128; imm += 5)
        for (unsigned op = 0; op < 4; op++) {
            uint32_t word = (op & 1) << 29 | (op & 2 ? 0xfc00 : 0xe400) | imm << 16;
            if (imm < 64)
                add_no_rm(0x0f000000 | word);
            add_no_rm(0x4f000000 | word);
            add_no_rm(0x5f000000 | word);
        }
    /* FMOV, vector, immediate */
    for (unsigned imm = 0; imm < 256; imm += 51) {
        uint32_t word = 0x0f00f400 | (imm >> 5) << 16 | (imm & 31) << 5;
        insns[insn_count++] = word;
        insns[insn_count++] = word | 1 << 30;
        insns[insn_count++] = word | 1 << 30 | 1 << 29;
        insns[insn_count++] = word | 1 << 11;
        insns[insn_count++] = word | 1 << 30 | 1 << 11;
    }
}

/* ---- Values ---- */

static uint64_t random_state = 0x9e3779b97f4a7c15;

static uint64_t random64(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * 0x2545f4914f6cdd1d;
}

/* A value of `bits` bits whose kind is drawn at random. */
static uint64_t draw(unsigned bits)
{
    unsigned fraction = bits == 16 ? 10 : bits == 32 ? 23 : 52, exponent = bits - 1 - fraction;
    uint64_t top = (1ull << exponent) - 1, ones = (1ull << fraction) - 1, bias = top >> 1;
    uint64_t r = random64(), e, f = 0, s = r & 1;
    r >>= 8;
    switch (r % 16) {
    case 0: /* zero */
        e = 0;
        break;
    case 1: /* denormal */
        e = 0;
        f = random64() >> (random64() & 63);
        break;
    case 2: /* infinity */
        e = top;
        break;
    case 3: /* quiet NaN */
        e = top;
        f = random64() | (ones + 1) >> 1;
        break;
    case 4: /* signalling NaN */
        e = top;
        f = (random64() & ones >> 1) | 1;
        break;
    case 5: /* about the least normal, of this size or half of it, and the largest */
        if (bits == 64 && random64() & 1)
            return 0x380fffffffffffff | s << 63;
        e = random64() & 1 ? 1 + (random64() & 1) : top - 1;
        f = random64() & 1 ? 0 : random64() & 1 ? ones : random64();
        break;
    case 6: /* small integers and halves */
        e = bias - 1 + (random64() & 3);
        f = (random64() & 7) << (fraction - 3);
        break;
    case 7: /* about the limits of integers */
        e = bias + (random64() & 1 ? 30 : 14) + (random64() & 1 ? 32 : 0) + (random64() & 3);
        f = random64() & 1 ? 0 : random64() & 1 ? ones : random64();
        break;
    case 8: /* any bits */
        return random64() & (bits == 64 ? ~0ull : (1ull << bits) - 1);
    case 9: /* sparse fraction */
        e = bias - 4 + (random64() & 15);
        f = 1ull << (random64() % fraction);
        break;
    case 10: /* all exponents */
        e = random64() % top;
        f = random64();
        break;
    default: /* near one */
        e = bias - 8 + (random64() & 15);
        f = random64();
    }
    if (e > top)
        e = top - 1;
    return s << (bits - 1) | e << fraction | (f & ones);
}

static void fill(uint64_t v[2], unsigned bits)
{
    uint8_t *p = (uint8_t *)v;
    for (unsigned i = 0; i < 16; i += bits / 8) {
        uint64_t x = draw(bits);
        memcpy(p + i, &x, bits / 8);
    }
}

/* Factors whose product is rounded up to the least normal, with nothing added. */
static void fill_factors(uint64_t v[8][2], unsigned bits)
{
    unsigned fraction = bits == 16 ? 10 : bits == 32 ? 23 : 52;
    uint64_t least = 1ull << fraction;
    uint64_t below_one = (((1ull << (bits - 2)) - 1) >> fraction << fraction) - 1;
    for (unsigned r = 0; r < 8; r++) {
        uint64_t x = (r & 3) == 1 ? below_one : (r & 3) == 2 ? least : 0;
        for (unsigned at = bits; at < 64; at += bits)
            x |= x << bits;
        v[r][0] = v[r][1] = x;
    }
}

/* ---- Running ---- */

static const uint32_t modes[] = {
    0,
    1 << 22,
    2 << 22,
    3 << 22,
    1 << 24,
    1 << 25,
    1 << 19,
    1 << 26,
    1 << 24 | 1 << 22,
    1 << 24 | 2 << 22,
    1 << 25 | 1 << 24 | 1 << 19 | 1 << 26 | 3 << 22,
};

/* Registers d, n, m, a that stand in for 0, 1, 2, 3. */
static const uint8_t choices[][4] = {
    {0, 1, 2, 3},     {1, 1, 2, 3},   {2, 1, 2, 3},     {3, 1, 2, 3},
    {0, 1, 1, 3},     {1, 1, 1, 1},   {20, 21, 22, 23}, {21, 21, 22, 23},
    {22, 21, 22, 23}, {20, 1, 22, 3}, {0, 21, 2, 23},
};

struct state {
    uint64_t v[8][2]; /* V0..V3, V20..V23 */
    uint64_t x[2], nzcv, fpcr, fpsr;
};

static void run(struct state *s, const void *code)
{
    register struct state *p __asm__("x19") = s;
    register const void *c __asm__("x20") = code;
    __asm__ volatile("ldp q0, q1, [%0]\n\tldp q2, q3, [%0, #32]\n\t"
                     "ldp q20, q21, [%0, #64]\n\tldp q22, q23, [%0, #96]\n\t"
                     "ldp x0, x1, [%0, #128]\n\tldp x2, x3, [%0, #144]\n\t"
                     "msr nzcv, x2\n\tmsr fpcr, x3\n\tldr x2, [%0, #160]\n\tmsr fpsr, x2\n\t"
                     "blr %1\n\t"
                     "mrs x2, nzcv\n\tmrs x3, fpsr\n\tmsr fpcr, xzr\n\t"
                     "stp q0, q1, [%0]\n\tstp q2, q3, [%0, #32]\n\t"
                     "stp q20, q21, [%0, #64]\n\tstp q22, q23, [%0, #96]\n\t"
                     "stp x0, x1, [%0, #128]\n\tstr x2, [%0, #144]\n\tstr x3, [%0, #160]\n\t"
                     :
                     : "r"(p), "r"(c)
                     : "x0", "x1", "x2", "x3", "x30", "v0", "v1", "v2", "v3", "v20", "v21", "v22",
                       "v23", "memory", "cc");
}

static volatile bool undefined;

/* An instruction that is not there is left undone. */
static void on_sigill(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    (void)sig, (void)info;
    undefined = true;
    uc->uc_mcontext.pc = uc->uc_mcontext.regs[30];
}

/* Set before every other three rounds: ferry takes it that nobody looks at the
 * flags then (translate/a64/fp.h). */
enum { UFC_IXC_IDC = 0x98 };

static uint32_t with_registers(uint32_t word, const uint8_t *choice)
{
    bool scalar = (word & 0x5f000000) == 0x1e000000;
    bool three_source = (word & 0x5f000000) == 0x1f000000;
    bool fixed = scalar && !(word >> 21 & 1);
    bool to_general = scalar && !(word & 0xfc00) && !(word >> 16 & 2);
    bool from_general =
        scalar && ((!(word & 0xfc00) && (word >> 16 & 2)) || fixed) && !(fixed && word >> 19 & 3);
    bool compare = scalar && !fixed && ((word >> 10 & 3) == 1 || (word >> 10 & 15) == 8);
    bool immediate =
        (scalar && !fixed && (word & 0x1c00) == 0x1000) || (word & 0x9ff80400) == 0x0f000400;
    if (fixed && word >> 19 & 3)
        to_general = true;
    /* FMOV to general has opcode 6, to V opcode 7; FJCVTZS opcode 6. */
    if (scalar && !(word & 0xfc00) && (word >> 16 & 7) == 6) {
        to_general = true;
        from_general = false;
    }
    if (!to_general && !compare)
        word = (word & ~31u) | choice[0];
    if (!from_general && !immediate)
        word = (word & ~(31u << 5)) | choice[1] << 5;
    if ((word >> 16 & 31) == 2 &&
        (three_source || (scalar && !fixed && word >> 10 & 3 && !immediate) ||
         (compare && !(word >> 3 & 1)) ||
         (!scalar && (word & 0x01000400) != 0x01000400 && ((word >> 10 & 1) || word >> 24 & 1))))
        word = (word & ~(31u << 16)) | choice[2] << 16;
    if (three_source)
        word = (word & ~(31u << 10)) | choice[3] << 10;
    return word;
}

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9fb21c651e98df25;
    return h ^ h >> 29;
}

static const char *hex128(const uint64_t v[2], char *buffer)
{
    sprintf(buffer, "%016lx:%016lx", v[1], v[0]);
    return buffer;
}

int main(int argc, char **argv)
{
    int only_mode = -1, rounds = 24, option;
    uint32_t only = 0;
    bool binary = false;
    while ((option = getopt(argc, argv, "m:n:w:b")) > 0)
        switch (option) {
        case 'm':
            only_mode = atoi(optarg);
            break;
        case 'n':
            rounds = atoi(optarg);
            break;
        case 'w':
            only = strtoul(optarg, NULL, 16);
            break;
        case 'b':
            binary = true;
            break;
        default:
            return 2;
        }
    struct sigaction action = {.sa_sigaction = on_sigill, .sa_flags = SA_SIGINFO};
    sigaction(SIGILL, &action, NULL);
    list_scalar();
    list_simd();

    enum { CHOICES = sizeof(choices) / sizeof(choices[0]), MODES = sizeof(modes) / 4 };
    unsigned used = binary ? 1 : CHOICES;
    size_t size = (size_t)insn_count * used * 8;
    uint32_t *code = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (unsigned c = 0; c < used; c++)
        for (unsigned i = 0; i < insn_count; i++) {
            code[(c * insn_count + i) * 2] = with_registers(insns[i], choices[c]);
            code[(c * insn_count + i) * 2 + 1] = 0xd65f03c0; /* RET */
        }
    __builtin___clear_cache((char *)code, (char *)code + size);
    mprotect(code, size, PROT_READ | PROT_EXEC);

    for (unsigned c = 0; c < used; c++)
        for (unsigned m = 0; m < MODES; m++)
            for (unsigned i = 0; i < insn_count; i++) {
                const uint32_t *stub = &code[(c * insn_count + i) * 2];
                if ((only_mode >= 0 && m != (unsigned)only_mode) || (only && *stub != only))
                    continue;
                uint64_t hash = 0;
                random_state = 0x9e3779b97f4a7c15 + ((uint64_t)i << 32 | m << 8 | c);
                for (int round = 0; round < (m ? rounds / 3 + 1 : rounds) << !!only; round++) {
                    struct state s = {.fpcr = modes[m], .nzcv = (random64() & 15) << 28};
                    unsigned bits = 16u << round % 3;
                    s.fpsr = !binary && round / 3 & 1 ? UFC_IXC_IDC : 0;
                    for (unsigned r = 0; r < 8; r++)
                        fill(s.v[r], bits);
                    if (random64() % 8 == 0)
                        fill_factors(s.v, bits);
                    s.x[0] = random64();
                    s.x[1] = random64() & 1 ? random64()
                                            : (uint64_t)((int64_t)random64() >> (random64() & 63));
                    struct state in = s;
                    run(&s, stub);
                    if (undefined) {
                        undefined = false;
                        printf("%08x is undefined\n", *stub);
                        break;
                    }
                    if (binary) {
                        struct record rec = {.insn = *stub, .fpcr = modes[m], .fpsr = s.fpsr};
                        memcpy(rec.v_in, in.v, sizeof(rec.v_in));
                        memcpy(rec.v_out, s.v[0], 16);
                        rec.x_in[0] = in.x[0], rec.x_in[1] = in.x[1];
                        rec.x_out = s.x[0];
                        rec.nzcv_in = in.nzcv, rec.nzcv_out = s.nzcv;
                        fwrite(&rec, sizeof(rec), 1, stdout);
                        continue;
                    }
                    for (unsigned k = 0; k < 16; k++)
                        hash = mix(hash, s.v[k / 2][k & 1]);
                    hash = mix(mix(mix(hash, s.x[0]), s.nzcv), s.fpsr);
                    if (only) {
                        char b[40];
                        printf("%08x fpcr %08x nzcv %08lx x0 %lx x1 %lx\n", *stub, modes[m],
                               in.nzcv, in.x[0], in.x[1]);
                        for (unsigned r = 0; r < 8; r++)
                            printf("   v%-2u %s", r < 4 ? r : r + 16, hex128(in.v[r], b)),
                                printf(" -> %s\n", hex128(s.v[r], b));
                        printf("   x0 %lx nzcv %08lx fpsr %08lx\n", s.x[0], s.nzcv, s.fpsr);
                    }
                }
                if (!binary)
                    printf("%08x fpcr=%08x %016lx\n", *stub, modes[m], hash);
            }
    return 0;
}
