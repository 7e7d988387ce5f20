/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FPSCR in random sequences of what changes it and what reads it: arithmetic that raises
 * exceptions, moves of the whole and of fields and bits, with other roundings between.  The
 * same program must print the same on every implementation.  Short sequences in processes of
 * their own come first: ferry may learn what a process does with FPSCR.
 */
#include <altivec.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t seed = 1;

static uint64_t random64(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed * 0x2545f4914f6cdd1d;
}

static double value(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, 8);
    return x;
}

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, 8);
    return bits;
}

#define OP3(text) __asm__ volatile(text " %0,%1,%2" : "=d"(r) : "d"(a), "d"(b))
#define BIT(n)                                                                                     \
    case n:                                                                                        \
        if (set)                                                                                   \
            __asm__ volatile("mtfsb1 " #n);                                                        \
        else                                                                                       \
            __asm__ volatile("mtfsb0 " #n);                                                        \
        break;

/* Exceptions, roundings; FEX and VX can't be written. */
static void move_bit(unsigned n, int set)
{
    switch (n) {
        BIT(0)
        BIT(3)
        BIT(4) BIT(5) BIT(6) BIT(7) BIT(10) BIT(12) BIT(22) BIT(23) BIT(30) BIT(31) default : break;
    }
}

static void move_field(unsigned n)
{
    switch (n) {
    case 0:
        __asm__ volatile("mtfsfi 7,0");
        break;
    case 1:
        __asm__ volatile("mtfsfi 7,1");
        break;
    case 2:
        __asm__ volatile("mtfsfi 7,2");
        break;
    case 3:
        __asm__ volatile("mtfsfi 7,3");
        break;
    case 4:
        __asm__ volatile("mtfsfi 6,0");
        break;
    case 5:
        __asm__ volatile("mtfsfi 2,0");
        break;
    case 6:
        __asm__ volatile("mtfsfi 0,0");
        break;
    default:
        __asm__ volatile("mtfsfi 1,0");
        break;
    }
}

static uint64_t rounds(unsigned count)
{
    static const double operands[] = {1,       3,       -0.1, 0x1p-1022, 0x1.8p1023,
                                      0x1p-40, -0x1p60, 0,    1e300,     0x1.0000000000001p0};
    uint64_t digest = 14695981039346656037ull;
    double saved = 0, r = 0, status;
    const vector float third = {1.f / 3, 1.f / 3, 1.f / 3, 1.f / 3}, large = {3e6f, 1, 1e7f, 1e37f};
    vector float sum;
    for (unsigned i = 0; i < count; i++) {
        uint64_t x = random64();
        double a = operands[x >> 8 & 7], b = operands[(x >> 16) % 10];
        switch (x % 22) {
        case 0:
        case 1:
            OP3("fadd");
            break;
        case 2:
            OP3("fmul");
            break;
        case 3:
            OP3("fdiv");
            break;
        case 4:
            OP3("fsub");
            break;
        case 5:
            __asm__ volatile("frsp %0,%1" : "=d"(r) : "d"(a));
            break;
        case 6:
            __asm__ volatile("fcmpu 3,%0,%1" ::"d"(a), "d"(b) : "cr3");
            break;
        case 7:
            __asm__ volatile("mffs %0" : "=d"(saved));
            break;
        case 8:
        case 9:
            __asm__ volatile("mtfsf 255,%0" ::"d"(saved));
            break;
        case 10: /* as libm: away from a mode and back */
            __asm__ volatile("mffs %0\n mtfsfi 7,0\n fmul %1,%2,%3\n mtfsf 255,%0\n fadd %1,%1,%3"
                             : "=&d"(saved), "=&d"(r)
                             : "d"(a), "d"(b));
            break;
        case 11:
            __asm__ volatile("mtfsf 1,%0" ::"d"(value(x >> 32 & 3)));
            break;
        case 12:
            if (x >> 40 & 1)
                __asm__ volatile("mtfsf 255,%0" ::"d"(value(x >> 32 & 0x9ff870ff & ~0xfcull)));
            break;
        case 13:
            if (!(x >> 40 & 7))
                __asm__ volatile("mtfsf 255,%0" ::"d"(value(0)));
            break;
        case 14:
        case 15:
            move_bit(x >> 32 & 31, x >> 40 & 1);
            break;
        case 16:
        case 17:
            move_field(x >> 32 & 7);
            break;
        case 18:
            if (!(x >> 40 & 7))
                __asm__ volatile("mcrfs 4,3\n mcrfs 4,0" ::: "cr4");
            break;
        case 19: /* vectors have no part in it */
        case 20:
            __asm__ volatile("vaddfp %0,%1,%2" : "=v"(sum) : "v"(third), "v"(large));
            break;
        case 21:
            __asm__ volatile("vmaddfp %0,%1,%2,%1" : "=v"(sum) : "v"(large), "v"(third));
            __asm__ volatile("vrefp %0,%1" : "=v"(sum) : "v"(third));
            break;
        default:
            break;
        }
        __asm__ volatile("mffs %0" : "=d"(status));
        /* Not FEX, FR and FI, nor FX, which the peer sets where no exception is new, nor what a
         * scaled result's bits would tell. */
        digest = (digest ^ (bits_of(status) & 0x3ff9ffff)) * 0x100000001b3;
        if (!(bits_of(status) & 0x60))
            digest = (digest ^ bits_of(r)) * 0x100000001b3;
        if (i % 1000 == 0)
            printf("%u %016llx\n", i, (unsigned long long)digest);
    }
    return digest;
}

int main(void)
{
    for (unsigned i = 1; i <= 100; i++) {
        if (!fork()) {
            seed = i * 0x9e3779b97f4a7c15;
            printf("process %u ", i);
            printf("%016llx\n", (unsigned long long)rounds(400));
            return 0;
        }
        wait(NULL);
    }
    rounds(200000);
    return 0;
}
