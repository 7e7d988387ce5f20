/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Encodings of the groups, after the tables of Arm ARM DDI 0487, C4.1.  In a
 * pattern 0 and 1 are fixed bits; all other characters are random ones.  What
 * a pattern covers may be unallocated: both sides must then raise SIGILL.
 */
#include "random.h"

/* What isn't generated, and why. */
static const struct {
    uint32_t mask, value;
} excluded[] = {
    /* Extensions that the peer has and ferry does not claim. */
    {0xfffffc00, 0x1e634000}, /* BFCVT */
    {0xbffffc00, 0x0ea16800}, /* BFCVTN */
    {0xbfa0fc00, 0x0e20ec00}, /* FMLAL (FHM) */
    {0xbfa0fc00, 0x0ea0ec00}, /* FMLSL */
    {0xbfa0fc00, 0x2e20cc00}, /* FMLAL2 */
    {0xbfa0fc00, 0x2ea0cc00}, /* FMLSL2 */
    {0xbfc0b400, 0x0f800000}, /* FMLAL, FMLSL by element */
    {0xbfc0b400, 0x2f808000}, /* FMLAL2, FMLSL2 by element */
    {0xbf00f400, 0x0f00f000}, /* SUDOT, USDOT, BFDOT, BFMLAL by element */
    /* Unallocated, but the peer runs them. */
    {0xff7fcc00, 0x5e70c800}, /* pairwise scalars with size 01 */
    /* Unallocated, and the peer stops at an assertion. */
    {0xbffffc00, 0x0ef9f800}, /* FRECPX of vectors */
};

static const char *const int_patterns[] = {
    "soo100010hiiiiiiiiiiiinnnnnddddd", /* add, sub immediate */
    "1oo01011hh0mmmmmiiiiiinnnnnddddd", /* add, sub shifted */
    "0oo01011hh0mmmmm0iiiiinnnnnddddd",
    "soo01011001mmmmmooo0iinnnnnddddd", /* add, sub extended */
    "1oo100100Nrrrrrrssssssnnnnnddddd", /* logical immediate */
    "0oo1001000rrrrrrssssssnnnnnddddd",
    "1oo01010hhNmmmmmiiiiiinnnnnddddd", /* logical shifted */
    "0oo01010hhNmmmmm0iiiiinnnnnddddd",
    "s1o100101hhiiiiiiiiiiiiiiiiddddd", /* movz, movk */
    "s00100101hhiiiiiiiiiiiiiiiiddddd", /* movn */
    "1oo1001101rrrrrrssssssnnnnnddddd", /* bitfield */
    "0oo10011000rrrrr0sssssnnnnnddddd",
    "10010011110mmmmmiiiiiinnnnnddddd", /* extr */
    "00010011100mmmmm0iiiiinnnnnddddd",
    "s101101011000000000ooonnnnnddddd", /* rbit, rev, clz, cls */
    "s0011010110mmmmm00001onnnnnddddd", /* udiv, sdiv */
    "s0011010110mmmmm0010oonnnnnddddd", /* variable shifts */
    "s0011011000mmmmmoaaaaannnnnddddd", /* madd, msub */
    "10011011u01mmmmmoaaaaannnnnddddd", /* maddl */
    "10011011u10mmmmm011111nnnnnddddd", /* mulh */
    "soo11010000mmmmm000000nnnnnddddd", /* adc, sbc */
    "so011010100mmmmmcccc0onnnnnddddd", /* conditional select */
    "so011010100mmmmmcccc0onnnnnddddd",
    "so111010010mmmmmcccc00nnnnn0ffff", /* conditional compare */
    "so111010010iiiiicccc10nnnnn0ffff",
    NULL,
};

static const char *const flagm_patterns[] = {
    "10111010000iiiiii00001nnnnn0mmmm", /* rmif */
    "00111010000000000s0010nnnnn01101", /* setf8, setf16 */
    "11010101000000000100000000011111", /* cfinv */
    "soo11010000mmmmm000000nnnnnddddd", /* adc, sbc */
    "so011010100mmmmmcccc0onnnnnddddd", NULL,
};

static const char *const crc_patterns[] = {
    "00011010110mmmmm010c00nnnnnddddd",
    "00011010110mmmmm010c01nnnnnddddd",
    "00011010110mmmmm010c10nnnnnddddd",
    "10011010110mmmmm010c11nnnnnddddd",
    NULL,
};

static const char *const fp_scalar_patterns[] = {
    "000111100t1mmmmm0ooo10nnnnnddddd", /* fmul fdiv fadd fsub fmax fmin fmaxnm fminnm */
    "000111100t1mmmmm00oo10nnnnnddddd", "000111100t1mmmmm100010nnnnnddddd", /* fnmul */
    "000111100t10000oo10000nnnnnddddd", /* fmov fabs fneg fsqrt */
    "000111110tommmmmoaaaaannnnnddddd", /* fused multiply-add */
    "000111110tommmmmoaaaaannnnnddddd", "000111100t1mmmmm001000nnnnnoo000", /* compare */
    "000111100t1mmmmmcccc01nnnnnoffff", "000111100t1mmmmmcccc11nnnnnddddd",
    "000111100t1iiiiiiii10000000ddddd", NULL,
};

/* What depends on what is known of numbers: few registers, and flags that are pending. */
static const char *const fp_chain_patterns[] = {
    "000111110to00mmmo00aaa00nnn00ddd", /* fused multiply-add */
    "000111110to00mmmo00aaa00nnn00ddd",
    "000111100t100mmm00oo1000nnn00ddd", /* fmul fdiv fadd fsub */
    "000111100t10000oo1000000nnn00ddd", /* fmov fabs fneg fsqrt */
    "000111100t100mmm00100000nnnoo000", /* compare */
    "1o101011000mmmmm000000nnnnn11111", /* cmn, cmp */
    NULL,
};

static const char *const fp_convert_patterns[] = {
    "000111100t10001oo10000nnnnnddddd", /* fcvt between formats */
    "000111101110001oo10000nnnnnddddd",
    "000111100t1001ooo10000nnnnnddddd", /* frint */
    "000111100t10100oo10000nnnnnddddd", /* frint32, frint64 */
    "s00111100t1rr00o000000nnnnnddddd", /* fcvt to integer */
    "s00111100t10001o000000nnnnnddddd", /* scvtf, ucvtf */
    "s00111100t10010o000000nnnnnddddd", /* fcvta */
    "s00111100t10o11o000000nnnnnddddd", /* fmov */
    /* Not FJCVTZS: the peer calls the conversion of a flushed denormal exact, and tests/fp.sh
     * has it in the other modes. */
    "100111100t00001oiiiiiinnnnnddddd", /* fixed point */
    "100111100t01100oiiiiiinnnnnddddd",
    "000111100t00001o1iiiiinnnnnddddd",
    "000111100t01100o1iiiiinnnnnddddd",
    NULL,
};

static const char *const fp_half_patterns[] = {
    "00011110111mmmmm0ooo10nnnnnddddd", "00011110111mmmmm100010nnnnnddddd",
    "000111101110000oo10000nnnnnddddd", "000111101111001oo10000nnnnnddddd",
    "00011111110mmmmmoaaaaannnnnddddd", "00011111111mmmmmoaaaaannnnnddddd",
    "00011110111mmmmm001000nnnnnoo000", "00011110111mmmmmcccc01nnnnnoffff",
    "00011110111mmmmmcccc11nnnnnddddd", "00011110111iiiiiiii10000000ddddd",
    "s0011110111rrooo000000nnnnnddddd", "s001111011000010iiiiiinnnnnddddd",
    "100111101100001oiiiiiinnnnnddddd", "100111101101100oiiiiiinnnnnddddd",
    "000111101110001oo10000nnnnnddddd", NULL,
};

static const char *const fp_vector_patterns[] = {
    "0qu01110ot1mmmmm11ooo1nnnnnddddd", /* three same */
    "0qu01110ot1mmmmm11ooo1nnnnnddddd",
    "01u11110ot1mmmmm11ooo1nnnnnddddd",
    "0qu01110o110000011oo10nnnnnddddd", /* two registers: compares with 0, fabs, fneg */
    "0qu01110ot10000011oo10nnnnnddddd",
    "0qu01110ot1000011ooo10nnnnnddddd", /* frint, fcvt, estimates */
    "0qu01110ot100001ooo010nnnnnddddd",
    "01u11110ot1000011ooo10nnnnnddddd",
    "01u11110ot10000011oo10nnnnnddddd",
    "01u11110ot100001011010nnnnnddddd",
    "0qu01110o0110000oooo10nnnnnddddd", /* across lanes */
    "01u11110ot1100001ooo10nnnnnddddd", /* pairwise scalar */
    "0q0011111tLMmmmm0o01H0nnnnnddddd", /* by element */
    "0qu011111tLMmmmm1001H0nnnnnddddd",
    "01u111111tLMmmmmoo01H0nnnnnddddd",
    "0qu0111101iiiiii111001nnnnnddddd", /* fixed point */
    "0qu01111001iiiii111001nnnnnddddd",
    "0qu0111101iiiiii111111nnnnnddddd",
    "01u1111101iiiiii111o11nnnnnddddd",
    "0q101110zz0mmmmm110rr1nnnnnddddd", /* fcmla, fcadd */
    "0q101110zz0mmmmm111r01nnnnnddddd",
    "0q10111110LMmmmm0rr1H0nnnnnddddd",
    "0q10111101LMmmmm0rr1H0nnnnnddddd",
    "0qo0111100000iii111101iiiiiddddd", /* fmov */
    NULL,
};

static const char *const fp_vector_half_patterns[] = {
    "0qu01110o10mmmmm00ooo1nnnnnddddd",
    "0qu01110o10mmmmm00ooo1nnnnnddddd",
    "01u11110o10mmmmm00ooo1nnnnnddddd",
    "0qu01110o111100011oo10nnnnnddddd",
    "0qu01110o1111001oooo10nnnnnddddd",
    "01u1111011111000110o10nnnnnddddd",
    "0101111011111000111010nnnnnddddd",
    "01u11110o1111001101o10nnnnnddddd",
    "01u11110o1111001110110nnnnnddddd",
    "01u1111001111001110010nnnnnddddd",
    "0101111011111001111110nnnnnddddd",
    "0qu01110o0110000oooo10nnnnnddddd",
    "0q00111100LMmmmm0o01H0nnnnnddddd",
    "0qu0111100LMmmmm1001H0nnnnnddddd",
    "0qu011110001iiii111001nnnnnddddd",
    "0qu011110001iiii111111nnnnnddddd",
    "0q00111100000iii111111iiiiiddddd",
    "0qu01110o0100001011010nnnnnddddd",
    NULL,
};

static const char *const simd_int_patterns[] = {
    "0qu01110zz1mmmmm0oooo1nnnnnddddd", /* three same */
    "0qu01110zz1mmmmm0oooo1nnnnnddddd",
    "0qu01110zz1mmmmm10ooo1nnnnnddddd",
    "01u11110zz1mmmmm0oooo1nnnnnddddd",
    "01u11110zz1mmmmm10ooo1nnnnnddddd",
    "0qu01110zz10000000oo10nnnnnddddd", /* two registers */
    "0qu01110zz1000000ooo10nnnnnddddd",
    "0qu01110zz1000000ooo10nnnnnddddd",
    "0qu01110zz10000010oo10nnnnnddddd",
    "0qu01110zz100001001010nnnnnddddd", /* xtn, sqxtun */
    "0qu01110zz100001010010nnnnnddddd", /* sqxtn, uqxtn */
    "0q101110zz100001001110nnnnnddddd", /* shll */
    "01u11110zz1000000ooo10nnnnnddddd",
    "01u11110zz10000010oo10nnnnnddddd",
    "01u11110zz1000010o0o10nnnnnddddd",
    "0qu01110zz110000001110nnnnnddddd", /* saddlv */
    "0qu01110zz11000o101010nnnnnddddd", /* max, min across */
    "0q001110zz110001101110nnnnnddddd", /* addv */
    "0101111011110001101110nnnnnddddd", /* addp scalar */
    "0qu01110zz1mmmmmoooo00nnnnnddddd", /* three different */
    "0qu01110zz1mmmmmoooo00nnnnnddddd",
    "01011110zz1mmmmm1oo100nnnnnddddd",
    "0q101110zz0mmmmm1000o1nnnnnddddd", /* sqrdmlah */
    "01111110zz0mmmmm1000o1nnnnnddddd",
    "0qu01110100mmmmm100101nnnnnddddd", /* dot */
    NULL,
};

static const char *const simd_shift_patterns[] = {
    "0qu0111101iiiiiiooooo1nnnnnddddd",
    "0qu01111001iiiiiooooo1nnnnnddddd",
    "0qu011110001iiii0oooo1nnnnnddddd",
    "0qu0111100001iii0oooo1nnnnnddddd",
    "0qu01111001iiiii0oooo1nnnnnddddd",
    "0qu011110001iiii100oo1nnnnnddddd",
    "0qu0111100001iii100oo1nnnnnddddd",
    "0qu01111001iiiii1010o1nnnnnddddd",
    "0qu0111100001iii101001nnnnnddddd",
    "01u1111101iiiiii0oooo1nnnnnddddd",
    "01u11111001iiiii0oooo1nnnnnddddd",
    "01u111110001iiii0oooo1nnnnnddddd",
    "01u1111100001iii011o01nnnnnddddd",
    "01u11111001iiiii100oo1nnnnnddddd",
    "01u111110001iiii100oo1nnnnnddddd",
    "0qo0111100000iiicccc01iiiiiddddd",
    NULL,
};

static const char *const simd_permute_patterns[] = {
    "0q001110zz0mmmmm0ooo10nnnnnddddd", /* zip, uzp, trn */
    "0q101110000mmmmm0iiii0nnnnnddddd", /* ext */
    "0q001110000mmmmm0llo00nnnnnddddd", /* tbl, tbx */
    "0q001110000iiiii000001nnnnnddddd", /* dup element */
    "0q001110000iiiii000011nnnnnddddd", /* dup general */
    "01001110000iiiii000111nnnnnddddd", /* ins general */
    "0q001110000iiiii001011nnnnnddddd", /* smov */
    "0q001110000iiiii001111nnnnnddddd", /* umov */
    "01101110000iiiii0iiii1nnnnnddddd", /* ins element */
    "01011110000iiiii000001nnnnnddddd", /* dup scalar */
    NULL,
};

static const char *const simd_element_patterns[] = {
    "0q00111101LMmmmmooooH0nnnnnddddd",
    "0q00111110LMmmmmooooH0nnnnnddddd",
    "0q10111101LMmmmmooooH0nnnnnddddd",
    "0q10111110LMmmmmooooH0nnnnnddddd",
    "01u11111zzLMmmmm1o11H0nnnnnddddd",
    "01011111zzLMmmmm0o11H0nnnnnddddd",
    "01111111zzLMmmmm11o1H0nnnnnddddd",
    "01011111zzLMmmmm110oH0nnnnnddddd",
    NULL,
};

static const char *const crypto_patterns[] = {
    "010011100010100001oo10nnnnnddddd",                                     /* aes */
    "01011110000mmmmm0ooo00nnnnnddddd",                                     /* sha1, sha256 */
    "010111100010100000oo10nnnnnddddd", "11001110011mmmmm1000oonnnnnddddd", /* sha512, rax1 */
    "1100111011000000100000nnnnnddddd", "11001110000mmmmm0aaaaannnnnddddd", /* eor3 */
    "11001110001mmmmm0aaaaannnnnddddd",                                     /* bcax */
    "11001110100mmmmmiiiiiinnnnnddddd",                                     /* xar */
    "0q001110001mmmmm111000nnnnnddddd",                                     /* pmull */
    "0q001110111mmmmm111000nnnnnddddd", NULL,
};

uint32_t pattern_word(struct rng *r, const char *p)
{
    for (;;) {
        uint32_t w = 0, random = (uint32_t)(rng_next(r) >> 32);
        for (int i = 0; i < 32; i++)
            w |= (p[i] == '0' ? 0 : p[i] == '1' ? 1 : random >> (31 - i) & 1) << (31 - i);
        bool bad = false;
        for (unsigned i = 0; i < sizeof excluded / sizeof *excluded; i++)
            bad |= (w & excluded[i].mask) == excluded[i].value;
        if (!bad)
            return w;
    }
}

static uint32_t any_word(struct rng *r, const char *const *patterns)
{
    unsigned n = 0;
    while (patterns[n])
        n++;
    return pattern_word(r, patterns[below(r, n)]);
}

void unit_word(struct unit *u, uint32_t word)
{
    u->word[u->words++] = word;
}

void unit_literal(struct unit *u, unsigned reg, uint64_t value)
{
    u->literal[u->literals].at = u->words;
    u->literal[u->literals++].value = value;
    unit_word(u, 0x58000000 | reg);
}

uint32_t integer_word(struct rng *r)
{
    return any_word(r, int_patterns);
}

/* Branches over one or two instructions, taken or not. */
static void branch_unit(struct rng *r, struct unit *u)
{
    unsigned skip = 1 + below(r, 3), reg = below(r, 30);
    uint32_t over = (skip + 1) << 5;
    switch (below(r, 8)) {
    case 0:
    case 1:
    case 2: /* b.cond, after something that sets the flags */
        if (below(r, 2))
            unit_word(u, pattern_word(r, "s1101011000mmmmm000000nnnnn11111"));
        else if (below(r, 2))
            unit_word(u, pattern_word(r, "soo1000101iiiiiiiiiiiinnnnnddddd") | 1u << 29);
        for (unsigned n = below(r, 3); n; n--) /* ccmn, ccmp */
            unit_word(u, pattern_word(r, "so111010010mmmmmcccci0nnnnn0zzzz"));
        unit_word(u, 0x54000000 | over | below(r, 16));
        break;
    case 3:
    case 4: /* cbz, cbnz */
        unit_word(u, pattern_word(r, "s011010o0000000000000000000ttttt") | over);
        break;
    case 5: /* tbz, tbnz */
        unit_word(u, pattern_word(r, "b011011obbbbb00000000000000ttttt") | over);
        break;
    case 6: /* b, bl */
        unit_word(u, pattern_word(r, "o0010100000000000000000000000000") | (skip + 1));
        break;
    default: /* adr; br, blr */
        unit_word(u, 0x10000000 | (skip + 2) << 5 | reg);
        unit_word(u, (below(r, 2) ? 0xd61f0000 : 0xd63f0000) | reg << 5);
        break;
    }
    for (unsigned i = 0; i < skip; i++)
        unit_word(u, integer_word(r));
}

/* A backward branch: a loop of a few turns. */
static void loop_unit(struct rng *r, struct unit *u)
{
    unsigned reg = below(r, 30), body = 1 + below(r, 4);
    unit_word(u, 0xd2800000 | (1 + below(r, 5)) << 5 | reg); /* mov reg, n */
    for (unsigned i = 0; i < body; i++) {
        uint32_t w;
        do
            w = pattern_word(r, "soo01011hh0mmmmm0iiiiinnnnnddddd");
        while ((w & 31) == reg);
        unit_word(u, w);
    }
    unit_word(u, 0xf1000400 | reg << 5 | reg);                   /* subs reg, reg, 1 */
    unit_word(u, 0x54000001 | ((0u - body - 1) & 0x7ffff) << 5); /* b.ne */
}

static void branch_or_loop_unit(struct rng *r, struct unit *u)
{
    if (below(r, 5))
        branch_unit(r, u);
    else
        loop_unit(r, u);
}

/* An instruction of a chain of carries, on few registers so that it often overwrites what
 * flags come from. */
static uint32_t carry_word(struct rng *r)
{
    static const char *const patterns[] = {
        "so111010000mmmmm000000nnnnnddddd", /* adcs, sbcs */
        "so111010000mmmmm000000nnnnnddddd", "1o111010000mmmmm000000nnnnnddddd",
        "so011010000mmmmm000000nnnnnddddd",                                     /* adc, sbc */
        "so101011000mmmmm000000nnnnnddddd", "so101011hh0mmmmm0iiiiinnnnnddddd", /* adds, subs */
        "so1100010iiiiiiiiiiiiinnnnnddddd", "10011011o10mmmmm011111nnnnnddddd", /* mulh */
        "s0011011000mmmmm011111nnnnnddddd", "so011010100mmmmmcccc0onnnnnddddd", /* mul, csel */
        "so111010010mmmmmcccc00nnnnn0ffff", "s1101010000mmmmm000000nnnnnddddd", /* ccmp, ands */
    };
    static const uint8_t registers[] = {0, 1, 2, 5, 9, 10, 11, 31};
    uint32_t word = pattern_word(r, patterns[below(r, sizeof patterns / sizeof *patterns)]);
    bool immediate = (word & 0x1f000000) == 0x11000000, compare = (word & 0x3fe00000) == 0x3a400000;
    word = (word & ~(31u << 5)) | (uint32_t)registers[below(r, 7 + !immediate)] << 5;
    if (!immediate)
        word = (word & ~(31u << 16)) | (uint32_t)registers[below(r, 8)] << 16;
    if (!compare)
        word = (word & ~31u) | registers[below(r, 8)];
    return word;
}

/* Short, so that all units are in one translation: behind it dead flags are not kept. */
static void carry_unit(struct rng *r, struct unit *u)
{
    for (unsigned i = 1 + below(r, 2); i--;)
        unit_word(u, carry_word(r));
}

/* A loop of a few turns whose carry goes around. */
static void carry_loop_unit(struct rng *r, struct unit *u)
{
    unit_word(u, 0xd2800000 | (1 + below(r, 5)) << 5 | 7); /* mov x7, n */
    for (unsigned i = 1 + below(r, 6); i--;)
        unit_word(u, carry_word(r));
    unit_word(u, 0xd10004e7);                                   /* sub x7, x7, 1 */
    unit_word(u, 0xb5000007 | ((1 - u->words) & 0x7ffff) << 5); /* cbnz x7 */
}

/* What depends on what is known of a vector: rotations of elements by ushr and sli, of the
 * vector by ext, and scalars, on few registers. */
static void known_vector_unit(struct rng *r, struct unit *u)
{
    static const char *const patterns[] = {
        "000111100t1000mm0ooo10000nn000dd", "000111100t1000mm00oo10000nn000dd",
        "000111100t10000oo10000000nn000dd", /* fmov, fabs, fneg, fsqrt */
        "01001110o01000mm000111000nn000dd", /* and or, orr */
        "01101110000000mm0iiii0000nn000dd", /* ext */
    };
    unsigned width = below(r, 2) ? 32 : 64, right = 1 + below(r, width), left = width - right;
    unsigned d = below(r, 4), odd = below(r, 4);
    if (odd == 1 && left)
        left--;
    else if (odd == 2 && left + 1 < width)
        left++;
    unit_word(u, 0x6f000400 | (2 * width - right) << 16 | below(r, 4) << 5 | d); /* ushr */
    for (unsigned i = below(r, 3); i--;)
        unit_word(u, pattern_word(r, patterns[below(r, sizeof patterns / sizeof *patterns)]));
    unit_word(u, 0x6f005400 | (width + left) << 16 | below(r, 4) << 5 | d); /* sli */
    for (unsigned i = below(r, 4); i--;)
        unit_word(u, pattern_word(r, patterns[below(r, sizeof patterns / sizeof *patterns)]));
}

/* Rounds of AES on two vectors with four keys, now and then with something in between. */
static void aes_unit(struct rng *r, struct unit *u)
{
    uint32_t decrypt = below(r, 6) ? 0 : 0x1000, d = below(r, 2);
    for (unsigned i = 1 + below(r, 3); i--;) {
        unit_word(u, 0x4e284800 | decrypt | (1 + below(r, 5)) << 5 | d); /* aese, aesd */
        if (below(r, 8))
            unit_word(u, 0x4e286800 | decrypt | d << 5 | d); /* aesmc, aesimc */
        if (!below(r, 4))
            unit_word(u, pattern_word(r, "01101110001000mm000111000nn000dd")); /* eor */
        else if (!below(r, 4))
            d ^= 1;
    }
}

/* Now and then one of few vectors is written, or the next instruction is left out. */
static void sha256_between(struct rng *r, struct unit *u)
{
    static const char *const patterns[] = {
        "01101110001000mm000111000nn000dd", /* eor */
        "01001110101000mm000111000nn000dd", /* orr, mov */
        "1001110000000000000000000oo000dd", /* ldr of these very instructions */
        "0101010000000000000000000100cccc", /* b.cond */
    };
    if (!below(r, 4))
        unit_word(u, pattern_word(r, patterns[below(r, sizeof patterns / sizeof *patterns)]));
}

/* Both halves of four rounds of SHA-256 from one state, mostly, and those that follow. */
static void sha256_unit(struct rng *r, struct unit *u)
{
    bool loop = !below(r, 4);
    unsigned state[3] = {0, 1, 2}; /* ABCD, EFGH, ABCD before */
    unsigned m = 4 + below(r, 2), begin = 0;
    if (loop) {
        unit_word(u, 0xd2800000 | (1 + below(r, 3)) << 5 | 7); /* mov x7, n */
        begin = u->words;
    }
    for (unsigned i = below(r, 2) + 1; i--;) {
        unsigned from = state[0], to = state[2];
        if (!below(r, 4)) /* the copy goes on */
            state[0] = to, state[2] = from;
        if (!below(r, 4))
            state[below(r, 3)] = below(r, 4);
        unit_word(u, 0x4ea01c00 | from << 16 | from << 5 | to); /* mov */
        sha256_between(r, u);
        unit_word(u, 0x5e004000 | m << 16 | state[1] << 5 | state[0]); /* sha256h */
        sha256_between(r, u);
        if (!below(r, 8))
            m = below(r, 6);
        unit_word(u, 0x5e005000 | m << 16 | state[2] << 5 | state[1]); /* sha256h2 */
        if (i)
            sha256_between(r, u);
    }
    if (loop) {
        unit_word(u, 0xd10004e7);                                       /* sub x7, x7, 1 */
        unit_word(u, 0xb5000007 | ((begin - u->words) & 0x7ffff) << 5); /* cbnz x7 */
    }
}

/* A comparison of floating-point numbers and a branch by it, mostly with other flags behind. */
static void compare_branch_unit(struct rng *r, struct unit *u)
{
    static const char *const compare[] = {"000111100t1mmmmm001000nnnnnoo000",
                                          "000111100t1000mm001000000nnoo000"};
    unsigned reg = below(r, 28), add = 0x91000000 | (1 + below(r, 4095)) << 10 | reg << 5 | reg;
    unit_word(u, pattern_word(r, compare[below(r, 2)])); /* fcmp, fcmpe */
    unit_word(u, 0x54000040 | below(r, 14));             /* b.cond over what follows */
    unit_word(u, add);
    if (below(r, 4))
        unit_word(u, pattern_word(r, "1o101011000mmmmm000000nnnnn11111")); /* cmn, cmp */
}

static void system_unit(struct rng *r, struct unit *u)
{
    static const uint32_t hint[] = {
        0xd503201f, 0xd503203f,        0xd503209f, 0xd50320bf, 0xd503241f,
        0xd503245f,                                                        /* nop.. bti */
        0xd5033b9f, 0xd5033f5f | 0x80, 0xd50339bf, 0xd5033fdf, 0xd503305f, /* barriers, clrex */
    };
    unsigned reg = below(r, 31);
    switch (below(r, 8)) {
    case 0:
        unit_word(u, hint[below(r, sizeof hint / sizeof *hint)]);
        break;
    case 1:
        unit_word(u, 0xd53b4200 | reg); /* mrs nzcv */
        break;
    case 2:
        unit_word(u, 0xd51b4200 | below(r, 32)); /* msr nzcv */
        break;
    case 3:
        unit_word(u, 0xd53b4420 | reg); /* mrs fpsr */
        break;
    case 4:
        unit_literal(u, reg, rng_next(r) & 0xf800009f);
        unit_word(u, 0xd51b4420 | reg); /* msr fpsr */
        break;
    case 5:
        unit_word(u, 0xd53b4400 | reg); /* mrs fpcr */
        break;
    case 6:
        unit_literal(u, reg, random_fpcr(r));
        unit_word(u, 0xd51b4400 | reg); /* msr fpcr */
        unit_word(u, pattern_word(r, "000111100t1mmmmm00oo10nnnnnddddd"));
        break;
    default:
        unit_word(u, pattern_word(r, "000111100t1mmmmm001000nnnnnoo000"));
        unit_word(u, 0xd53b4420 | reg);
        break;
    }
}

static void mixed_unit(struct rng *r, struct unit *u);

const struct group groups[] = {
    {.name = "int", .patterns = int_patterns},
    {.name = "flagm", .patterns = flagm_patterns},
    {.name = "carry", .make = carry_unit},
    {.name = "carry_loop", .make = carry_loop_unit},
    {.name = "branch", .make = branch_or_loop_unit},
    {.name = "mem", .make = memory_unit},
    {.name = "mem_vector", .make = vector_memory_unit},
    {.name = "atomic", .make = atomic_unit},
    {.name = "system", .make = system_unit},
    {.name = "compare_branch", .make = compare_branch_unit},
    {.name = "crc", .patterns = crc_patterns},
    {.name = "fp_scalar", .patterns = fp_scalar_patterns},
    {.name = "fp_chain", .patterns = fp_chain_patterns},
    {.name = "fp_convert", .patterns = fp_convert_patterns},
    {.name = "fp_half", .patterns = fp_half_patterns},
    {.name = "fp_vector", .patterns = fp_vector_patterns},
    {.name = "fp_vector_half", .patterns = fp_vector_half_patterns},
    {.name = "simd_int", .patterns = simd_int_patterns},
    {.name = "simd_shift", .patterns = simd_shift_patterns},
    {.name = "simd_permute", .patterns = simd_permute_patterns},
    {.name = "simd_element", .patterns = simd_element_patterns},
    {.name = "known_vector", .make = known_vector_unit},
    {.name = "aes", .make = aes_unit},
    {.name = "sha256", .make = sha256_unit},
    {.name = "crypto", .patterns = crypto_patterns},
    {.name = "mixed", .make = mixed_unit},
};
const unsigned group_count = sizeof groups / sizeof *groups;

static void mixed_unit(struct rng *r, struct unit *u)
{
    group_unit(&groups[below(r, group_count - 1)], r, u);
}

void group_unit(const struct group *g, struct rng *r, struct unit *u)
{
    if (g->make)
        g->make(r, u);
    else
        unit_word(u, any_word(r, g->patterns));
}
