/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads, signals, fork, mmap and code that changes, all at once, each with an
 * invariant:
 *
 *     stress SECONDS
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, KINDS = 7, THREADS = 2 * KINDS };

static atomic_int stop, failures;
static atomic_ulong work[KINDS], sent, taken;
static pthread_t threads[THREADS];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned long guarded[2];
static pthread_key_t key;

static void check(int fine, const char *what)
{
    if (!fine && atomic_fetch_add(&failures, 1) < 10)
        printf("broken: %s\n", what);
}

static void on_signal(int sig)
{
    (void)sig;
    volatile double x = 1.5; /* floating-point registers are the handler's to use */
    for (int i = 0; i < 8; i++)
        x *= 1.25;
    atomic_fetch_add(&taken, 1);
}

/* Registers survive signals: a sum in many of them. */
static void compute(unsigned seed)
{
    unsigned long a = seed, b = 1, c = 2, d = 3;
    double x = 1, y = 2;
    for (int i = 0; i < 20000; i++) {
        a = a * 3 + b;
        b += c ^ a;
        c += d;
        d += a >> 7;
        x = x * 0.5 + (double)(i & 7);
        y = y * 0.25 + x;
    }
    unsigned long a2 = seed, b2 = 1, c2 = 2, d2 = 3;
    double x2 = 1, y2 = 2;
    for (int i = 0; i < 20000; i++) {
        a2 = a2 * 3 + b2;
        b2 += c2 ^ a2;
        c2 += d2;
        d2 += a2 >> 7;
        x2 = x2 * 0.5 + (double)(i & 7);
        y2 = y2 * 0.25 + x2;
    }
    check(a == a2 && b == b2 && c == c2 && d == d2 && x == x2 && y == y2, "registers");
}

static void forks(unsigned seed)
{
    int status = -1, code = (int)(seed % 100);
    pid_t pid = fork();
    if (pid == 0) {
        char *p = malloc(5000);
        memset(p, code, 5000);
        _exit(p[4999] == code ? code : 101);
    }
    if (pid < 0)
        return;
    while (waitpid(pid, &status, 0) < 0)
        ;
    check(WIFEXITED(status) && WEXITSTATUS(status) == code, "exit status of a child");
}

static void maps(unsigned seed)
{
    size_t pages = 2 + seed % 30;
    char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return;
    for (size_t i = 0; i < pages; i++)
        p[i * PAGE] = (char)(seed + i);
    mprotect(p + PAGE, PAGE, PROT_READ);
    char *q = mremap(p, pages * PAGE, 2 * pages * PAGE, MREMAP_MAYMOVE);
    if (q == MAP_FAILED) {
        /* Two mappings by now: only a part can be moved. */
        q = p;
    }
    for (size_t i = 0; i < pages; i++)
        check(q[i * PAGE] == (char)(seed + i), "a page");
    /* Each page once: what is free may be another thread's the next moment. */
    munmap(q + PAGE, PAGE);
    munmap(q, PAGE);
    munmap(q + 2 * PAGE, (pages - 2) * PAGE);
    if (q != p)
        munmap(q + pages * PAGE, pages * PAGE);
}

/* return VALUE, as code that is written anew each time. */
static void write_code(uint32_t *at, unsigned value)
{
#if defined(__aarch64__)
    at[0] = 0x52800000 | (value & 0xffff) << 5; /* mov w0, #value */
    at[1] = 0xd65f03c0;                         /* ret */
#elif defined(__powerpc__)
    at[0] = 0x38600000 | (value & 0x7fff); /* li r3, value */
    at[1] = 0x4e800020;                    /* blr */
#else
    const uint8_t code[6] = {0xb8, (uint8_t)value, (uint8_t)(value >> 8), 0, 0, 0xc3};
    memcpy(at, code, sizeof code);
#endif
    __builtin___clear_cache((char *)at, (char *)(at + 2));
}

static void changes_code(unsigned seed)
{
    uint32_t *code = pthread_getspecific(key);
    if (!code) {
        code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                    0);
        pthread_setspecific(key, code);
    }
    for (unsigned i = 0; i < 20; i++) {
        unsigned value = (seed + i) & 0x7fff;
        uint32_t *at = code + 16 * (i % 50);
        write_code(at, value);
#if defined(__powerpc64__) && _CALL_ELF != 2
        void *volatile descriptor[3] = {at, 0, 0};
        int (*f)(void) = (int (*)(void))descriptor;
#else
        int (*f)(void) = (int (*)(void))at;
#endif
        check(f() == (int)value, "code that was written anew");
    }
}

static void locks(unsigned seed)
{
    for (int i = 0; i < 50; i++) {
        pthread_mutex_lock(&mutex);
        guarded[0] += seed;
        guarded[1] -= seed;
        check(guarded[0] + guarded[1] == 0, "what a lock guards");
        pthread_mutex_unlock(&mutex);
    }
}

static void allocates(unsigned seed)
{
    unsigned char *p[32];
    for (int i = 0; i < 32; i++) {
        size_t n = 1 + (seed * 31u + (unsigned)i * 977u) % 9000;
        p[i] = malloc(n);
        memset(p[i], i, n);
    }
    for (int i = 0; i < 32; i++) {
        check(p[i][0] == i, "an allocation");
        free(p[i]);
    }
}

static void *nothing(void *arg)
{
    return arg;
}

static void starts_threads(unsigned seed)
{
    pthread_t t;
    void *result = NULL;
    if (!pthread_create(&t, NULL, nothing, (void *)(uintptr_t)seed)) {
        pthread_join(t, &result);
        check((uintptr_t)result == seed, "a thread's result");
    }
}

static void *run(void *arg)
{
    static void (*const kinds[KINDS])(unsigned) = {compute, forks,     maps,          changes_code,
                                                   locks,   allocates, starts_threads};
    unsigned i = (unsigned)(uintptr_t)arg, seed = i + 1;

    while (!stop) {
        seed = seed * 1103515245 + 12345;
        kinds[i % KINDS](seed >> 8);
        atomic_fetch_add(&work[i % KINDS], 1);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 3);
    unsigned n = 0;

    pthread_key_create(&key, NULL);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGRTMIN, &action, NULL);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, run, (void *)(uintptr_t)i);
    while (time(NULL) < end) {
        struct timespec t = {0, 300000};
        /* Queued ones are never lost. */
        if (!pthread_kill(threads[n % THREADS], n % 3 ? SIGRTMIN : SIGUSR1) && n % 3)
            atomic_fetch_add(&sent, 1);
        n++;
        nanosleep(&t, NULL);
    }
    stop = 1;
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    check(taken >= sent, "queued signals");
    for (int i = 0; i < KINDS; i++)
        check(work[i] > 0, "work of all kinds");
    fprintf(stderr, "%lu signals;", (unsigned long)taken);
    for (int i = 0; i < KINDS; i++)
        fprintf(stderr, " %lu", (unsigned long)work[i]);
    fprintf(stderr, "\n");
    puts(failures ? "broken" : "sound");
    return failures != 0;
}
