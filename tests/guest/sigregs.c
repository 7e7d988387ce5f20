/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asynchronous signals hit loops at any place and must change nothing: integer,
 * flags, vector and floating-point state are computed with and without. */
#define _GNU_SOURCE
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static volatile sig_atomic_t ticks;
static double junk[8];
static void tick(int sig)
{
    (void)sig;
    ticks++;
    for (int i = 0; i < 8; i++) /* spoils all kinds of registers */
        junk[i] = sqrt((double)ticks + i) * 1.5;
}
static uint64_t integers(void)
{
    uint64_t a = 1, b = 2, c = 3, d = 4;
    for (int i = 0; i < 3000000; i++) {
        a = a * 6364136223846793005u + 1442695040888963407u;
        b ^= a >> 33;
        c += b < a ? b : ~b;
        d = (d << 7 | d >> 57) + c;
        if (d & 1)
            b -= d;
    }
    return a ^ b ^ c ^ d;
}
static double doubles(void)
{
    double x = 0.5, y = 0.25, z = 0;
    for (int i = 0; i < 2000000; i++) {
        x = x * 3.7 * (1 - x);
        y = y * 0.999 + x;
        z += x > y / 100 ? x : y;
    }
    return x + y + z;
}
static uint32_t vectors(void)
{
    uint32_t v[64];
    for (int i = 0; i < 64; i++)
        v[i] = (uint32_t)i * 2654435761u;
    for (int n = 0; n < 60000; n++)
        for (int i = 0; i < 64; i++)
            v[i] = (v[i] ^ v[i] >> 15) * 2246822519u + (uint32_t)n;
    uint32_t s = 0;
    for (int i = 0; i < 64; i++)
        s ^= v[i];
    return s;
}
static int compare(const void *a, const void *b)
{
    return (*(int *)a > *(int *)b) - (*(int *)a < *(int *)b);
}
static void *worker(void *arg)
{
    uint64_t *out = arg;
    out[0] = integers();
    double d = doubles();
    memcpy(&out[1], &d, 8);
    out[2] = vectors();
    return NULL;
}

int main(void)
{
    uint64_t want[3], got[3], other[3];
    worker(want);
    struct sigaction sa = {.sa_handler = tick, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &sa, NULL);
    struct itimerval it = {{0, 500}, {0, 500}};
    setitimer(ITIMER_REAL, &it, NULL);
    pthread_t t;
    int bad = 0;
    for (int i = 0; i < 3; i++) {
        pthread_create(&t, NULL, worker, other);
        worker(got);
        pthread_join(t, NULL);
        bad += memcmp(got, want, sizeof got) != 0;
        bad += memcmp(other, want, sizeof other) != 0;
    }
    static int sorted[100000];
    uint32_t r = 1;
    for (int i = 0; i < 100000; i++)
        sorted[i] = (int)((r = r * 1664525 + 1013904223) >> 1);
    qsort(sorted, 100000, sizeof(int), compare);
    for (int i = 1; i < 100000; i++)
        bad += sorted[i - 1] > sorted[i];
    memset(&it, 0, sizeof it);
    setitimer(ITIMER_REAL, &it, NULL);
    printf("%016lx %016lx %08lx\n", (long)want[0], (long)want[1], (long)want[2]);
    printf("differences %d, enough ticks %d\n", bad, ticks > 50);
    return bad != 0;
}
