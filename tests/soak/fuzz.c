/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random system calls with random arguments:
 *
 *     fuzz SEED CALLS
 *
 * Workers are forked that make some calls each and may die of them.  To be run
 * where it can do no harm: it drops root, and bounds processes and files.
 * Prints how many calls were made and how workers ended.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, ARENA = 64 * PAGE, PER_WORKER = 300, NUMBERS = 470 };

static struct {
    volatile unsigned long calls;
    volatile long nr;
    volatile uint64_t args[6];
} * shared;
static char *arena, *read_only, *last_page;
static uint64_t state;

static uint64_t rnd(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * UINT64_C(0x2545f4914f6cdd1d);
}

static unsigned below(unsigned n)
{
    return (unsigned)(rnd() >> 33) % n;
}

/* Calls that end the worker, or stop it for good. */
static int left_out(long nr)
{
    switch (nr) {
    case SYS_exit:
    case SYS_exit_group:
    case SYS_reboot:
    case SYS_vhangup:
    case SYS_sync:
    case SYS_syncfs:
    case SYS_rt_sigsuspend:
#ifdef SYS_pause
    case SYS_pause:
    case SYS_sigsuspend:
#endif
        return 1;
    default:
        return 0;
    }
}

static uint64_t pointer(void)
{
    switch (below(10)) {
    case 0:
        return 0;
    case 1:
        return (uintptr_t)read_only + below(PAGE);
    case 2:
        return (uintptr_t)last_page + PAGE - below(64); /* nothing behind it */
    case 3:
        return 0x1000 + below(PAGE);
    case 4:
        return rnd() | UINT64_C(1) << 63;
    default:
        return (uintptr_t)arena + (below(ARENA / 8) * 8 & ~(uint64_t)(below(2) ? 0 : PAGE - 1));
    }
}

static uint64_t argument(void)
{
    switch (below(12)) {
    case 0:
        return (uint64_t)-1 - below(3);
    case 1:
        return UINT64_C(1) << below(64);
    case 2:
        return rnd() >> below(64);
    case 3:
        return (uint64_t)getpid();
    case 4:
        return PAGE * (uint64_t)below(80);
    case 5:
    case 6:
        return below(70);
    case 7:
        return below(8);
    default:
        return pointer();
    }
}

/* What the worker writes to must stay its own: an address that it gives up may be the runner's
 * the next moment, as it may be the C library's. */
static int gives_up_arena(long nr, const uint64_t a[6])
{
    uint64_t start = (uintptr_t)arena - PAGE, end = (uintptr_t)arena + ARENA;

    return (nr == SYS_munmap || nr == SYS_mremap) && a[0] < end && a[0] + a[1] + PAGE > start;
}

/* Something that calls may understand. */
static void fill_arena(void)
{
    static const char *const names[] = {"a",
                                        ".",
                                        "..",
                                        "",
                                        "/proc/self/exe",
                                        "/proc/self/maps",
                                        "/proc/self/fd/1",
                                        "/dev/null",
                                        "dir/file",
                                        "/nothing"};

    for (unsigned i = 0; i < ARENA / 8; i++) {
        uint64_t v = argument();
        memcpy(arena + 8 * i, &v, 8);
    }
    for (int i = 0; i < 400; i++)
        strcpy(arena + below(ARENA - 64), names[below(sizeof names / sizeof *names)]);
}

static void worker(void)
{
    for (int i = 0; i < PER_WORKER; i++) {
        uint64_t a[6];
        long nr = (long)below(NUMBERS);

        if (left_out(nr))
            continue;
        for (int k = 0; k < 6; k++)
            shared->args[k] = a[k] = argument();
        if (gives_up_arena(nr, a))
            continue;
        shared->nr = nr;
        if (i % 50 == 0)
            fill_arena();
        pid_t before = getpid();
        long r =
            syscall(nr, (long)a[0], (long)a[1], (long)a[2], (long)a[3], (long)a[4], (long)a[5]);
        /* A child that shares nothing with us but the code. */
        if ((nr == SYS_clone || nr == SYS_clone3) && r == 0 && getpid() != before)
            _exit(0);
        shared->calls++;
    }
    _exit(0);
}

static void limit(int what, rlim_t value)
{
    struct rlimit l = {value, value};
    setrlimit(what, &l);
}

static void sleep_ms(long ms)
{
    struct timespec t = {0, ms * 1000000};
    nanosleep(&t, NULL);
}

/* Waits for the worker; kills it when it gets no further. */
static int finish(pid_t pid)
{
    unsigned long seen = 0;
    int status = 0, idle = 0;

    while (waitpid(pid, &status, WNOHANG) == 0) {
        sleep_ms(2);
        idle = shared->calls == seen ? idle + 1 : 0;
        seen = shared->calls;
        if (idle == 40)
            kill(pid, SIGKILL);
    }
    return status;
}

int main(int argc, char **argv)
{
    unsigned long seed = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
    unsigned long calls = argc > 2 ? strtoul(argv[2], NULL, 0) : 10000;
    unsigned long ended[65] = {0}, made = 0;

    shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    read_only = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    last_page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(last_page + PAGE, PAGE);
    if (!getuid() && (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)))
        return 2;
    prctl(PR_SET_DUMPABLE, 1);
    limit(RLIMIT_NPROC, 60);
    limit(RLIMIT_FSIZE, 1 << 20);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, 600);
    /* Workers may send anything to anybody. */
    for (int sig = 1; sig <= 64; sig++)
        signal(sig, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    for (unsigned long n = 0; made < calls && n < calls; n++) {
        shared->calls = 0;
        state = (seed * 1000003 + n) * UINT64_C(0x9e3779b97f4a7c15) | 1;
        pid_t pid = fork();
        if (pid == 0) {
            for (int sig = 1; sig <= 64; sig++)
                signal(sig, SIG_DFL);
            setsid();
            worker();
        }
        if (pid < 0) {
            sleep_ms(20);
            continue;
        }
        int status = finish(pid);
        made += shared->calls < PER_WORKER ? shared->calls : PER_WORKER;
        ended[WIFSIGNALED(status) ? WTERMSIG(status) : 0]++;
        kill(-pid, SIGKILL);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
    printf("%s\n", made >= calls ? "enough calls" : "too few calls");
    fprintf(stderr, "%lu calls", made);
    for (int i = 0; i <= 64; i++)
        if (ended[i])
            fprintf(stderr, ", signal %d: %lu", i, ended[i]);
    fprintf(stderr, "\n");
    return 0;
}
