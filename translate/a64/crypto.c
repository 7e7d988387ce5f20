/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cryptographic AES, SHA-1, SHA-256, SHA-512 and SHA-3 instructions (Arm ARM
 * DDI 0487, C4.1.96).  On hosts with the instructions for it they are rows of
 * hostgen/ops/crypto.def, elsewhere the portable helpers below.
 */
#include <pthread.h>

#include "translate/a64/simd.h"
#include "translate/builder.h"

static uint32_t rol(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}
static uint32_t ror(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

/* ---- AES (FIPS 197) ---- */

/* Product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. */
static uint8_t gf_multiply(uint8_t x, uint8_t y)
{
    uint8_t r = 0;
    for (; y; y >>= 1) {
        r ^= y & 1 ? x : 0;
        x = (uint8_t)(x << 1 ^ (x & 0x80 ? 0x1b : 0));
    }
    return r;
}

static uint8_t sbox[256], inverse_sbox[256];

/* The multiplicative inverse (x to the 254th), then the affine map. */
static void make_sboxes(void)
{
    for (unsigned i = 0; i < 256; i++) {
        uint8_t x = (uint8_t)i, inverse = 1, s = 0x63;
        for (unsigned k = 0; k < 7; k++) {
            x = gf_multiply(x, x);
            inverse = gf_multiply(inverse, x);
        }
        for (unsigned k = 0; k < 5; k++)
            s ^= (uint8_t)(inverse << k | inverse >> (8 - k));
        sbox[i] = s;
        inverse_sbox[s] = (uint8_t)i;
    }
}

/* AESE, AESD: byte 4 * column + row. */
static v128 aes_substitute(v128 x, bool decrypt)
{
    static pthread_once_t made = PTHREAD_ONCE_INIT;
    v128 r;

    pthread_once(&made, make_sboxes);
    for (unsigned i = 0; i < 16; i++) {
        unsigned row = i & 3, column = i >> 2;
        unsigned from = 4 * ((decrypt ? column - row : column + row) & 3) + row;
        r.b[i] = (decrypt ? inverse_sbox : sbox)[x.b[from]];
    }
    return r;
}

/* AESMC, AESIMC */
static v128 aes_mix(v128 x, bool decrypt)
{
    static const uint8_t factors[2][4] = {{2, 3, 1, 1}, {14, 11, 13, 9}};
    v128 r;
    for (unsigned i = 0; i < 16; i++) {
        r.b[i] = 0;
        for (unsigned k = 0; k < 4; k++)
            r.b[i] ^= gf_multiply(x.b[(i & 12) + ((i + k) & 3)], factors[decrypt][k]);
    }
    return r;
}

void a64_helper_crypto_aes(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    v128 *d = &cpu->v[insn_rd(insn)], n = cpu->v[insn_rn(insn)];
    bool decrypt = insn_bits(insn, 12, 1);
    if (insn_bits(insn, 13, 1))
        *d = aes_mix(n, decrypt);
    else
        *d = aes_substitute((v128){.q = d->q ^ n.q}, decrypt);
}

bool trans_crypto_aes(struct builder *b, const struct a64_insn *f)
{
    static const uint16_t rows[4] = {ROW(aese), ROW(aesd), ROW(aesmc), ROW(aesimc)};
    static const uint16_t pairs[2] = {UOP_aese_aesmc, UOP_aesd_aesimc};
    unsigned op = insn_bits(f->raw, 12, 2);
    if (!host_supports(HOST_AES)) {
        emit_call(b, A64_HELPER_crypto_aes, f->raw, 0, 0);
        return true;
    }
    /* A round's two halves mostly follow each other: AESE Vd, Vn; AESMC Vd, Vd. */
    if (op < 2 && builder_peek32(b) == (0x4e286800 | op << 12 | f->rd << 5 | f->rd)) {
        builder_take_next(b);
        emit(b, pairs[op], V(f->rd), V(f->rn));
        return true;
    }
    return simd_emit2(b, f, 0, rows[op], true, V(f->rn));
}

/* ---- SHA-1 (FIPS 180-4) ---- */

static uint32_t choose(uint32_t x, uint32_t y, uint32_t z)
{
    return (x & y) | (~x & z);
}
static uint32_t majority(uint32_t x, uint32_t y, uint32_t z)
{
    return (x & y) | (x & z) | (y & z);
}

/* SHA1C, SHA1P, SHA1M: four rounds */
void a64_helper_crypto_sha1_rounds(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    v128 x = cpu->v[insn_rd(insn)], w = cpu->v[insn_rm(insn)];
    uint32_t e = cpu->v[insn_rn(insn)].s[0];
    for (unsigned i = 0; i < 4; i++) {
        uint32_t t;
        switch (insn_bits(insn, 12, 2)) {
        case 0:
            t = choose(x.s[1], x.s[2], x.s[3]);
            break;
        case 1:
            t = x.s[1] ^ x.s[2] ^ x.s[3];
            break;
        default:
            t = majority(x.s[1], x.s[2], x.s[3]);
        }
        t += e + rol(x.s[0], 5) + w.s[i];
        e = x.s[3];
        x = (v128){.s = {t, x.s[0], rol(x.s[1], 30), x.s[2]}};
    }
    cpu->v[insn_rd(insn)] = x;
}

bool trans_crypto_sha1_rounds(struct builder *b, const struct a64_insn *f)
{
    static const uint16_t rows[3] = {ROW(sha1c), ROW(sha1p), ROW(sha1m)};
    unsigned row = host_supports(HOST_SHA) ? rows[insn_bits(f->raw, 12, 2)] : 0;
    return simd_emit3(b, f, A64_HELPER_crypto_sha1_rounds, row, true, V(f->rn), V(f->rm));
}

bool trans_SHA1SU0(struct builder *b, const struct a64_insn *f)
{
    return simd_emit3(b, f, 0, ROW(sha1su0), true, V(f->rn), V(f->rm));
}

bool trans_SHA1H(struct builder *b, const struct a64_insn *f)
{
    return simd_emit2(b, f, 0, ROW(sha1h), true, V(f->rn));
}

bool trans_SHA1SU1(struct builder *b, const struct a64_insn *f)
{
    unsigned row = host_supports(HOST_SHA) ? ROW(sha1su1_host) : ROW(sha1su1);
    return simd_emit2(b, f, 0, row, true, V(f->rn));
}

/* ---- SHA-256 ---- */

static void sha256_four_rounds(v128 *abcd, v128 *efgh, const v128 *w)
{
    for (unsigned i = 0; i < 4; i++) {
        uint32_t a = abcd->s[0], e = efgh->s[0];
        uint32_t t = efgh->s[3] + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) +
                     choose(e, efgh->s[1], efgh->s[2]) + w->s[i];
        uint32_t u = (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) + majority(a, abcd->s[1], abcd->s[2]);
        *efgh = (v128){.s = {abcd->s[3] + t, e, efgh->s[1], efgh->s[2]}};
        *abcd = (v128){.s = {t + u, a, abcd->s[1], abcd->s[2]}};
    }
}

/* SHA256H, SHA256H2, SHA256SU1 */
void a64_helper_crypto_sha256(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    v128 d = cpu->v[insn_rd(insn)], n = cpu->v[insn_rn(insn)], m = cpu->v[insn_rm(insn)], r;
    switch (insn_bits(insn, 12, 2)) {
    case 0:
        sha256_four_rounds(&d, &n, &m);
        r = d;
        break;
    case 1:
        sha256_four_rounds(&n, &d, &m);
        r = d;
        break;
    default:
        for (unsigned i = 0; i < 4; i++) {
            uint32_t s = i < 2 ? m.s[i + 2] : r.s[i - 2];
            r.s[i] = d.s[i] + (i < 3 ? n.s[i + 1] : m.s[0]) + (ror(s, 17) ^ ror(s, 19) ^ s >> 10);
        }
    }
    cpu->v[insn_rd(insn)] = r;
}

bool trans_crypto_sha256(struct builder *b, const struct a64_insn *f)
{
    const struct opnd x = V(A64_SHA256_ABEF), y = V(A64_SHA256_CDGH);
    unsigned op = insn_bits(f->raw, 12, 2), row = host_supports(HOST_SHA) ? ROW(sha256su1) : 0;
    if (op > 1 || !row)
        return simd_emit3(b, f, A64_HELPER_crypto_sha256, row, true, V(f->rn), V(f->rm));
    struct opnd abcd = V(op ? f->rn : f->rd), efgh = V(op ? f->rd : f->rn);
    emit(b, UOP_sha256_abef, x, abcd, efgh);
    emit(b, UOP_sha256_cdgh, y, abcd, efgh);
    emit(b, UOP_sha256_first, y, x, V(f->rm));
    emit(b, UOP_sha256_second, x, y, V(f->rm));
    emit(b, op ? UOP_sha256_efgh : UOP_sha256_abcd, V(f->rd), x, y);
    return true;
}

void a64_helper_crypto_sha256su0(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    v128 d = cpu->v[insn_rd(insn)], n = cpu->v[insn_rn(insn)], r;
    for (unsigned i = 0; i < 4; i++) {
        uint32_t s = i < 3 ? d.s[i + 1] : n.s[0];
        r.s[i] = d.s[i] + (ror(s, 7) ^ ror(s, 18) ^ s >> 3);
    }
    cpu->v[insn_rd(insn)] = r;
}

bool trans_SHA256SU0(struct builder *b, const struct a64_insn *f)
{
    unsigned row = host_supports(HOST_SHA) ? ROW(sha256su0) : 0;
    return simd_emit2(b, f, A64_HELPER_crypto_sha256su0, row, true, V(f->rn));
}

/* ---- SHA-512 ---- */

bool trans_SHA512H(struct builder *b, const struct a64_insn *f)
{
    emit(b, UOP_sha512h_first, VT(0), V(f->rd), V(f->rn), V(f->rm));
    emit(b, UOP_sha512h_second, VT(0), V(f->rn), V(f->rm));
    emit(b, UOP_sha512h_both, V(f->rd), VT(0));
    return true;
}

bool trans_SHA512H2(struct builder *b, const struct a64_insn *f)
{
    emit(b, UOP_sha512h2_first, VT(0), V(f->rd), V(f->rn), V(f->rm));
    emit(b, UOP_sha512h2_second, V(f->rd), VT(0), V(f->rm));
    return true;
}

bool trans_SHA512SU0(struct builder *b, const struct a64_insn *f)
{
    return simd_emit2(b, f, 0, ROW(sha512su0), true, V(f->rn));
}

bool trans_SHA512SU1(struct builder *b, const struct a64_insn *f)
{
    return simd_emit3(b, f, 0, ROW(sha512su1), true, V(f->rn), V(f->rm));
}

/* ---- SHA-3 ---- */

bool trans_EOR3(struct builder *b, const struct a64_insn *f)
{
    emit(b, UOP_eor3, V(f->rd), V(f->rn), V(f->rm), V(f->ra));
    return true;
}

bool trans_BCAX(struct builder *b, const struct a64_insn *f)
{
    emit(b, UOP_bcax, V(f->rd), V(f->rn), V(f->rm), V(f->ra));
    return true;
}

bool trans_RAX1(struct builder *b, const struct a64_insn *f)
{
    return simd_emit3(b, f, 0, ROW(rax1), true, V(f->rn), V(f->rm));
}

bool trans_XAR(struct builder *b, const struct a64_insn *f)
{
    emit(b, UOP_xar, V(f->rd), V(f->rn), V(f->rm), I(insn_bits(f->raw, 10, 6)));
    return true;
}
