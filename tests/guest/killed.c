/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Children that share the memory of their parent, killed at any moment while other threads
 * go on; none may leave anything behind that the parent then waits for.
 *
 *     killed [CHILDREN [SEED]]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
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

enum { MAKERS = 2, PAGE = 4096 };

static atomic_int stop, children, victims[MAKERS];
static atomic_uint seed;
static int wrong;
static unsigned rnd(unsigned *s)
{
    *s = *s * 1103515245 + 12345;
    return *s >> 8;
}

/* Code that is new each time: work for the translator, of its parent's memory too. */
static void new_code(uint32_t *code, unsigned value)
{
#if defined(__aarch64__)
    code[0] = 0x52800000 | (value & 0xffff) << 5; /* mov w0, #value */
    code[1] = 0xd65f03c0;                         /* ret */
#elif defined(__powerpc__)
    code[0] = 0x38600000 | (value & 0x7fff); /* li r3, value */
    code[1] = 0x4e800020;                    /* blr */
#else
    const uint8_t bytes[6] = {0xb8, (uint8_t)value, (uint8_t)(value >> 8), 0, 0, 0xc3};
    memcpy(code, bytes, sizeof bytes);
#endif
    __builtin___clear_cache((char *)code, (char *)(code + 2));
#if defined(__powerpc64__) && _CALL_ELF != 2
    void *volatile descriptor[3] = {code, 0, 0};
    int (*f)(void) = (int (*)(void))descriptor;
#else
    int (*f)(void) = (int (*)(void))code;
#endif
    if (f() != (int)value)
        wrong = 1;
}

static void *new_page(void)
{
    return mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* What a child does until it is killed. */
static void busy(uint32_t *code, unsigned s)
{
    char *argv[] = {"nothing", "with", "arguments", NULL};
    for (;;) {
        unsigned what = rnd(&s);
        switch (what % 5) {
        case 0:
        case 1:
            for (unsigned i = 0; i < 8; i++)
                new_code(code + 16 * (rnd(&s) % 60), rnd(&s) & 0x7fff);
            break;
        case 2:
            munmap(mmap(NULL, PAGE * (1 + what % 7), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                   PAGE);
            break;
        case 3:
            execve("/nonexistent/program", argv, argv);
            break;
        case 4:
            close(open("/proc/self/maps", O_RDONLY));
            break;
        }
    }
}

static int busy_clone(void *arg)
{
    busy(arg, (unsigned)getpid());
    return 0;
}

static void *maker(void *arg)
{
    unsigned me = (unsigned)(uintptr_t)arg, s = atomic_fetch_add(&seed, 1);
    static char stacks[MAKERS][65536] __attribute__((aligned(16)));
    uint32_t *code = new_page();

    while (atomic_fetch_sub(&children, 1) > 0) {
        int status = 0;
        pid_t pid;
        unsigned child_seed = rnd(&s);
        if (rnd(&s) % 3) {
            pid = vfork();
            if (pid == 0) {
                victims[me] = getpid();
                busy(code, child_seed);
            }
        } else {
            pid = clone(busy_clone, stacks[me] + sizeof stacks[me], CLONE_VM | SIGCHLD, code);
            victims[me] = pid;
        }
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
            wrong = 2;
        /* All that a dead child might have held. */
        new_code(code + 16 * (rnd(&s) % 60), rnd(&s) & 0x7fff);
        free(malloc(3000));
        close(open("/proc/self/maps", O_RDONLY));
    }
    return NULL;
}

static void *killer(void *arg)
{
    unsigned s = atomic_fetch_add(&seed, 1);
    (void)arg;
    while (!stop) {
        struct timespec t = {0, rnd(&s) % 2000000};
        nanosleep(&t, NULL);
        for (unsigned i = 0; i < MAKERS; i++) {
            int pid = atomic_exchange(&victims[i], 0);
            if (pid > 0)
                kill(pid, SIGKILL);
        }
    }
    return NULL;
}

static void *worker(void *arg)
{
    unsigned s = atomic_fetch_add(&seed, 1);
    uint32_t *code = new_page();
    (void)arg;
    while (!stop) {
        for (unsigned i = 0; i < 20; i++)
            new_code(code + 16 * (rnd(&s) % 60), rnd(&s) & 0x7fff);
        munmap(new_page(), PAGE);
        free(malloc(1 + rnd(&s) % 9000));
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t t[MAKERS], k, w;

    children = argc > 1 && atoi(argv[1]) > 0 ? atoi(argv[1]) : 100;
    seed = argc > 2 && atoi(argv[2]) > 0 ? (unsigned)atoi(argv[2]) : 1;
    pthread_create(&k, NULL, killer, NULL);
    pthread_create(&w, NULL, worker, NULL);
    for (uintptr_t i = 0; i < MAKERS; i++)
        pthread_create(&t[i], NULL, maker, (void *)i);
    for (unsigned i = 0; i < MAKERS; i++)
        pthread_join(t[i], NULL);
    stop = 1;
    pthread_join(k, NULL);
    pthread_join(w, NULL);
    printf("wrong: %d\n", wrong);
    return wrong;
}
