/* SPDX-License-Identifier: GPL-2.0-or-later */
/* More code than a small code cache holds, run by four threads in different orders
 * while a timer's signals come: what recycling must not disturb. */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>

enum { FUNCTIONS = 20000, BYTES = 16, THREADS = 4 };

static unsigned char *code;
static volatile sig_atomic_t ticks;

/* x + k, with a jump that makes a block more */
static void make_function(unsigned char *p, unsigned k)
{
#ifdef __aarch64__
    uint32_t insns[4] = {0x91000000 | (k & 4095) << 10, /* add x0, x0, k */
                         0x14000002,                    /* b .+8 */
                         0xd4200000,                    /* brk */
                         0xd65f03c0};                   /* ret */
    memcpy(p, insns, sizeof insns);
#else
    static const unsigned char insns[BYTES] = {0x48, 0x8d, 0x87, 0, 0, 0, 0, 0xeb, 1, 0xcc, 0xc3};
    uint32_t imm = k & 4095;
    memcpy(p, insns, sizeof insns);
    memcpy(p + 3, &imm, 4);
#endif
}

static uint64_t call(unsigned i, uint64_t x)
{
    uint64_t (*f)(uint64_t);
    unsigned char *p = code + (size_t)i * BYTES;
    memcpy(&f, &p, sizeof f);
    return f(x);
}

static void *run(void *arg)
{
    unsigned step = *(unsigned *)arg, at = 0;
    uint64_t sum = 0;
    for (unsigned turn = 0; turn < 2; turn++)
        for (unsigned i = 0; i < FUNCTIONS; i++) {
            sum = call(at, sum);
            at = (at + step) % FUNCTIONS;
        }
    return (void *)(uintptr_t)sum;
}

static void tick(int sig)
{
    (void)sig;
    ticks = ticks + 1;
}

int main(void)
{
    static unsigned steps[THREADS] = {1, 7919, 12289, 19997};
    struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    struct sigaction sa = {.sa_handler = tick, .sa_flags = SA_RESTART};
    pthread_t thread[THREADS];

    code = mmap(NULL, FUNCTIONS * BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED)
        return 1;
    for (unsigned i = 0; i < FUNCTIONS; i++)
        make_function(code + (size_t)i * BYTES, i);
    __builtin___clear_cache((char *)code, (char *)code + FUNCTIONS * BYTES);
    sigaction(SIGALRM, &sa, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, run, &steps[i]);
    for (unsigned i = 0; i < THREADS; i++) {
        void *sum;
        pthread_join(thread[i], &sum);
        printf("%u: %lu\n", steps[i], (unsigned long)(uintptr_t)sum);
    }
    for (unsigned turn = 0; turn < 2 || !ticks; turn++)
        run(&steps[1]);
    setitimer(ITIMER_REAL, &never, NULL);
    printf("ticks: %s\n", ticks ? "some" : "none");
    return 0;
}
