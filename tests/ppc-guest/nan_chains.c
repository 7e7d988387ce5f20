/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chains of floating-point arithmetic give what their instructions give one by one, whatever a
 * translator knows in the middle of a chain: of registers that are no NaNs, of status that is
 * overwritten.  Prints how many chains did not.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { REGISTERS = 8, LENGTH = 14, CHAINS = 400, DATA = 40, ROOM = 2 * REGISTERS + 8 };

static struct state {
    uint64_t f[REGISTERS], fpscr;
} s;
static uint32_t code[CHAINS * (LENGTH + (LENGTH + 1) * ROOM)] __attribute__((aligned(65536)));

static uint64_t seed = 1;
static unsigned pick(unsigned n)
{
    seed = seed * 6364136223846793005 + 1442695040888963407;
    return (unsigned)(seed >> 33) % n;
}

static uint64_t value(void)
{
    static const uint64_t special[] = {0x7ff8000000000001, 0xfff8000000000002, 0x7ffc000000000003,
                                       0x7ff0000000000004, 0xfff4000000000005, 0x7ff0000000000000,
                                       0xfff0000000000000, 0x0000000000000000, 0x8000000000000000,
                                       0x000fffffffffffff, 0x7fefffffffffffff, 0x7ff80000e0000000};
    if (pick(5) == 0)
        return special[pick(sizeof special / sizeof special[0])];
    double x = ((int)pick(64) - 32) * 0.375;
    uint64_t bits;
    memcpy(&bits, &x, 8);
    return bits;
}

static uint32_t a_form(unsigned op, unsigned xo, unsigned t, unsigned a, unsigned b, unsigned c)
{
    return op << 26 | t << 21 | a << 16 | b << 11 | c << 6 | xo << 1;
}

static uint32_t instruction(void)
{
    unsigned t = pick(REGISTERS), a = pick(REGISTERS), b = pick(REGISTERS), c = pick(REGISTERS);
    unsigned op = pick(4) ? 63 : 59;
#ifdef __VSX__
    static const uint8_t vsx[] = {32, 40, 48, 56, 33, 41, 49, 57, 161, 169, 177, 185};
    if (pick(2))
        return 60u << 26 | t << 21 | a << 16 | b << 11 | (uint32_t)vsx[pick(sizeof vsx)] << 3;
#endif
    switch (pick(12)) {
    case 0:
        return a_form(op, 21, t, a, b, 0); /* fadd */
    case 1:
        return a_form(op, 20, t, a, b, 0); /* fsub */
    case 2:
        return a_form(op, 25, t, a, 0, c); /* fmul */
    case 3:
        return a_form(op, 18, t, a, b, 0); /* fdiv */
    case 4:
        return a_form(63, 8, t, pick(2) ? 1 : 8, b, 0); /* fneg, fabs */
    case 5:
        return 63u << 26 | t << 21 | b << 11 | 72 << 1; /* fmr */
    case 6:
        return 63u << 26 | pick(8) << 23 | a << 16 | b << 11; /* fcmpu */
    case 7:
        return a_form(63, 28, t, a, b, c) | pick(2); /* fmsub, fmsub. */
    default:
        return a_form(op, 28 + pick(4), t, a, b, c); /* fmadd and its kin */
    }
}

/* A function: r3 is s. */
static uint32_t *wrap(uint32_t **at, const uint32_t *body, unsigned n)
{
    uint32_t *p = *at, *begin = p;
    *p++ = 50u << 26 | 8 << 21 | 3 << 16 | 8 * REGISTERS; /* lfd f8 */
    *p++ = 0xfdfe458e;                                    /* mtfsf 255,f8 */
    for (unsigned i = 0; i < REGISTERS; i++)
        *p++ = 50u << 26 | i << 21 | 3 << 16 | 8 * i;
    memcpy(p, body, n * sizeof *body);
    p += n;
    for (unsigned i = 0; i < REGISTERS; i++)
        *p++ = 54u << 26 | i << 21 | 3 << 16 | 8 * i; /* stfd */
    *p++ = 0x48000004;                                /* b .+4 */
    *p++ = 63u << 26 | 8 << 21 | 583 << 1;            /* mffs f8 */
    *p++ = 54u << 26 | 8 << 21 | 3 << 16 | 8 * REGISTERS;
    *p++ = 0x4e800020; /* blr */
    for (uint32_t *q = begin; q < p; q++)
        __asm__ volatile("dcbst 0,%0\n sync\n icbi 0,%0\n isync\n" ::"r"(q) : "memory");
    *at = p;
    return begin;
}

static void run(const uint32_t *f)
{
    register struct state *state __asm__("r3") = &s;
    __asm__ volatile("mtctr %1\n bctrl\n"
                     : "+r"(state)
                     : "r"(f)
                     : "memory", "lr", "ctr", "cc", "cr1", "cr5", "cr6", "cr7", "fr0", "fr1", "fr2",
                       "fr3", "fr4", "fr5", "fr6", "fr7", "fr8");
    s.fpscr &= ~0x60000ull; /* not FR and FI */
}

int main(void)
{
    static uint32_t *whole[CHAINS], *part[CHAINS][LENGTH], insn[CHAINS][LENGTH];
    uint32_t *at = code;
    unsigned differ = 0;
    mprotect(code, sizeof code, PROT_READ | PROT_WRITE | PROT_EXEC);
    for (unsigned k = 0; k < CHAINS; k++) {
        for (unsigned i = 0; i < LENGTH; i++) {
            insn[k][i] = instruction();
            part[k][i] = wrap(&at, &insn[k][i], 1);
        }
        whole[k] = wrap(&at, insn[k], LENGTH);
    }
    for (unsigned n = 0; n < DATA; n++)
        for (unsigned k = 0; k < CHAINS; k++) {
            struct state before = {.fpscr = 0}, want;
            for (unsigned i = 0; i < REGISTERS; i++)
                before.f[i] = value();
            s = before;
            for (unsigned i = 0; i < LENGTH; i++)
                run(part[k][i]);
            want = s;
            s = before;
            run(whole[k]);
            if (!memcmp(&want, &s, sizeof s))
                continue;
            if (!differ++) {
                for (unsigned i = 0; i < LENGTH; i++)
                    printf("  %08x\n", (unsigned)insn[k][i]);
                for (unsigned i = 0; i < REGISTERS; i++)
                    printf("f%u %016llx: %016llx, not %016llx\n", i,
                           (unsigned long long)before.f[i], (unsigned long long)s.f[i],
                           (unsigned long long)want.f[i]);
                printf("fpscr %llx, not %llx\n", (unsigned long long)s.fpscr,
                       (unsigned long long)want.fpscr);
            }
        }
    printf("%u of %u chains differ\n", differ, CHAINS * DATA);
    return 0;
}
