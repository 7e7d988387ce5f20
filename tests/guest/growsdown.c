/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MAP_GROWSDOWN: mappings that become longer when memory below them is touched. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, SIZE = 4096 * PAGE };

static sigjmp_buf env;
static char *base;

static void on_fault(int sig)
{
    siglongjmp(env, sig);
}

static void touch(const char *what, char *p)
{
    int sig = sigsetjmp(env, 1);
    if (sig == 0)
        *(volatile char *)p = 7;
    printf("%s: %s\n", what, sig == 0 ? "fine" : sig == SIGSEGV ? "SIGSEGV" : "another signal");
}

/* The lines between base and base + SIZE, in pages from the top. */
static void show(void)
{
    char line[400];
    FILE *f = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, f)) {
        unsigned long start, end;
        char prot[8];
        if (sscanf(line, "%lx-%lx %7s", &start, &end, prot) == 3 && start >= (uintptr_t)base &&
            end <= (uintptr_t)base + SIZE)
            printf("  %ld to %ld %s\n", (long)((uintptr_t)base + SIZE - start) / PAGE,
                   (long)((uintptr_t)base + SIZE - end) / PAGE, prot);
    }
    fclose(f);
}

static void say(const char *what, int r)
{
    printf("%s: %d %s\n", what, r, r ? strerror(errno) : "");
}

static char *grows(char *at, size_t size)
{
    return mmap(at, size, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | (at ? MAP_FIXED : 0), -1, 0);
}

int main(void)
{
    struct sigaction sa;
    memset(&sa, 0, sizeof sa);
    sa.sa_handler = on_fault;
    sigaction(SIGSEGV, &sa, NULL);
    sigaction(SIGBUS, &sa, NULL);

    /* Apart from what is above. */
    base = mmap(NULL, SIZE + PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(base, SIZE);
    char *top = base + SIZE;
    printf("mapped %d\n", grows(top - 2 * PAGE, 2 * PAGE) == top - 2 * PAGE);
    show();
    touch("the page below", top - 3 * PAGE);
    show();
    touch("further below", top - 90 * PAGE + 5);
    show();
    printf("contents %d %d\n", top[-90 * PAGE + 5], top[-89 * PAGE]);

    /* The kernel's own accesses grow it too. */
    int fd = open("/proc/self/exe", O_RDONLY);
    printf("read %d\n", (int)read(fd, top - 100 * PAGE, 4));
    printf("contents %.3s\n", top - 100 * PAGE + 1);
    say("stat of a name there", access(top - 120 * PAGE, F_OK));
    show();
    unsigned char resident[1];
    printf("mincore %d\n", mincore(top - 110 * PAGE, PAGE, resident));

    /* Parts of it go and change; it grows on. */
    printf("mprotect %d\n", mprotect(top - 50 * PAGE, 10 * PAGE, PROT_READ));
    touch("read-only now", top - 45 * PAGE);
    touch("below", top - 130 * PAGE);
    show();
    printf("munmap %d\n", munmap(top - 130 * PAGE, 20 * PAGE));
    touch("grown again", top - 115 * PAGE);
    show();
    printf("with PROT_GROWSDOWN: %d\n",
           mprotect(top - 60 * PAGE, PAGE, PROT_READ | PROT_GROWSDOWN));
    show();
    touch("no longer written", top - 100 * PAGE);
    say("growing up", mprotect(top - PAGE, PAGE, PROT_READ | PROT_GROWSUP));
    char *plain = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    say("what doesn't grow", mprotect(plain, PAGE, PROT_READ | PROT_GROWSDOWN));

    /* Not up to another mapping. */
    munmap(base, SIZE);
    grows(top - 2 * PAGE, 2 * PAGE);
    char *below = mmap(top - 600 * PAGE, PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    printf("below %d\n", below == top - 600 * PAGE);
    touch("a guard away", top - 340 * PAGE);
    touch("nearer", top - 400 * PAGE);
    show();
    /* A child has it too. */
    fflush(stdout);
    if (fork() == 0) {
        touch("in a child", top - 341 * PAGE);
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    show();
    printf("over it %d\n",
           mmap(top - 342 * PAGE, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                0) == top - 342 * PAGE);
    show();
    munmap(base, SIZE);
    show();
    /* Nothing is put into its way. */
    char *g = grows(NULL, PAGE), *near = NULL;
    for (int i = 0; i < 200; i++) {
        char *p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p < g && g - p < 256 * PAGE)
            near = p;
    }
    printf("near %d\n", near != NULL);
    return 0;
}
