/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mappings: protection and faults with address and code, mremap, shared
 * memory across fork, files, brk. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static sigjmp_buf env;
static volatile int code, trying;
static char *volatile where;
static void fault(int sig, siginfo_t *info, void *context)
{
    (void)context;
    if (!trying)
        _exit(99);
    code = info->si_code, where = info->si_addr;
    siglongjmp(env, sig);
}
static void try(const char *what, volatile char *p, int write)
{
    int sig = sigsetjmp(env, 1);
    trying = sig == 0;
    if (sig == 0) {
        if (write)
            *p = 1;
        else
            (void)*p;
        printf("%s: fine\n", what);
    } else
        printf("%s: signal %d code %d address %d\n", what, sig, code, where == p);
    trying = 0;
}

int main(void)
{
    struct sigaction sa = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &sa, NULL);
    sigaction(SIGBUS, &sa, NULL);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *p = mmap(NULL, 16 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(p, 7, 16 * page);
    mprotect(p + page, page, PROT_READ);
    mprotect(p + 2 * page, page, PROT_NONE);
    munmap(p + 3 * page, page);
    try("write rw", p + 5, 1);
    try("read ro", p + page + 9, 0);
    try("write ro", p + page + 9, 1);
    try("read none", p + 2 * page + 1, 0);
    try("write none", p + 2 * page + 1, 1);
    try("read unmapped", p + 3 * page + 3, 0);
    try("write unmapped", p + 3 * page + 3, 1);
    try("null", NULL, 0);
    mprotect(p + page, 2 * page, PROT_READ | PROT_WRITE);
    try("write again", p + page + 9, 1);
    char *q = mremap(p + 8 * page, 4 * page, 8 * page, MREMAP_MAYMOVE);
    printf("mremap %d %d\n", q != MAP_FAILED, q[4 * page - 1]);
    printf("shrink %d\n", mremap(q, 8 * page, page, 0) == q);
    try("after shrink", q + page, 1);
    char *fixed =
        mmap(p + 4 * page, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    printf("fixed %d %d\n", fixed == p + 4 * page, *fixed);
    printf("noreplace %d\n",
           mmap(p, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) ==
                   MAP_FAILED &&
               errno == EEXIST);
    int *shared = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fork() == 0) {
        shared[3] = 12345;
        p[0] = 99;
        _exit(0);
    }
    wait(NULL);
    printf("shared %d private %d\n", shared[3], p[0]);
    char name[] = "/tmp/ferry-memory-XXXXXX";
    int fd = mkstemp(name);
    unlink(name);
    printf("truncate %d\n", ftruncate(fd, (off_t)page + 100));
    pwrite(fd, "hello", 5, 10);
    char *f = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    printf("%.5s\n", f + 10);
    strcpy(f + 20, "written");
    char back[8] = "";
    pread(fd, back, 7, 20);
    printf("%s\n", back);
    try("beyond the file", f + 2 * page, 0);
    printf("msync %d\n", msync(f, page, MS_SYNC));
    char *g = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    g[10] = 'J';
    printf("%.5s %.5s\n", f + 10, g + 10);
    char *b = sbrk(0);
    printf("brk %d\n", sbrk(100000) == b);
    memset(b, 1, 100000);
    printf("%d\n", b[99999]);
    printf("%d\n", sbrk(-100000) == b + 100000);
    int r = mmap((void *)1, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
            MAP_FAILED;
    printf("bad %d %d\n", r, errno);
    r = munmap(p + 1, page);
    printf("bad %d %d\n", r, errno);
    unsigned char vec[4];
    printf("mincore %d\n", mincore(p, page, vec));
    r = madvise(p, page, MADV_DONTNEED);
    printf("madvise %d %d\n", r, p[0]);
    char *big = mmap(NULL, 1ul << 36, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    printf("big %d\n", big != MAP_FAILED);
    big[1ul << 35] = 5;
    printf("%d\n", munmap(big, 1ul << 36));
    return 0;
}
