/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Integer code of other kinds: sieve, hash table, quick sort through a
 * function pointer, n queens, 64-bit multiply and divide, byte code. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 1;
static uint64_t next(void)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return seed;
}
static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}
static unsigned queens(unsigned n, unsigned columns, unsigned left, unsigned right)
{
    unsigned all = (1u << n) - 1, count = 0;
    if (columns == all)
        return 1;
    for (unsigned free = all & ~(columns | left | right); free; free &= free - 1) {
        unsigned bit = free & -free;
        count += queens(n, columns | bit, (left | bit) << 1, (right | bit) >> 1);
    }
    return count;
}
static uint64_t power(uint64_t b, uint64_t e, uint64_t m)
{
    uint64_t r = 1;
    for (b %= m; e; e >>= 1, b = b * b % m)
        if (e & 1)
            r = r * b % m;
    return r;
}
static long interpret(const uint8_t *code, long n)
{
    long acc = 0, x = 1;
    for (const uint8_t *p = code;;) {
        switch (*p++) {
        case 0:
            acc += x;
            break;
        case 1:
            x = x * 3 + 1;
            break;
        case 2:
            acc ^= x >> 3;
            break;
        case 3:
            if (acc & 1)
                p++;
            break;
        case 4:
            x -= acc;
            break;
        case 5:
            if (--n)
                p = code;
            break;
        case 6:
            return acc;
        }
    }
}

static void turn(void)
{
    enum { SIEVE = 2000000, KEYS = 200000 };
    uint8_t *sieve = calloc(SIEVE, 1);
    unsigned primes = 0;
    for (unsigned i = 2; i < SIEVE; i++) {
        if (sieve[i])
            continue;
        primes++;
        for (unsigned j = i * 2; j < SIEVE; j += i)
            sieve[j] = 1;
    }
    uint32_t *key = malloc(KEYS * 4), *table = calloc(1 << 19, 4), hits = 0;
    for (unsigned i = 0; i < KEYS; i++)
        key[i] = (uint32_t)next() | 1;
    for (unsigned round = 0; round < 4; round++)
        for (unsigned i = 0; i < KEYS; i++) {
            uint32_t h = key[i] * 2654435761u >> 13;
            while (table[h] && table[h] != key[i])
                h = (h + 1) & ((1 << 19) - 1);
            hits += table[h] == key[i];
            table[h] = key[i];
        }
    qsort(key, KEYS, 4, compare);
    uint64_t p = 0;
    for (unsigned i = 0; i < 20000; i++)
        p += power(i + 2, 0x12345, 1000003 + 2 * i);
    static const uint8_t code[] = {0, 1, 2, 3, 0, 4, 2, 1, 5, 6};
    printf("%u %u %u %u %lu %ld\n", primes, hits, key[KEYS / 2], queens(10, 0, 0, 0), p,
           interpret(code, 500000));
    free(sieve);
    free(key);
    free(table);
}

int main(void)
{
    for (int i = 0; i < 5; i++)
        turn();
    return 0;
}
