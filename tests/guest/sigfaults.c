/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Synchronous signals: recovery, addresses and codes, alternate stacks, and
 * contexts that a handler changes. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#ifdef __aarch64__
#define PC(uc)  ((uc)->uc_mcontext.pc)
#define SP(uc)  ((uc)->uc_mcontext.sp)
#define ARG(uc) ((uc)->uc_mcontext.regs[0])
#elif defined(__powerpc64__)
#define PC(uc)  ((uc)->uc_mcontext.gp_regs[32])
#define SP(uc)  ((uc)->uc_mcontext.gp_regs[1])
#define ARG(uc) ((uc)->uc_mcontext.gp_regs[3])
#elif defined(__powerpc__)
#define PC(uc)  ((uc)->uc_mcontext.uc_regs->gregs[32])
#define SP(uc)  ((uc)->uc_mcontext.uc_regs->gregs[1])
#define ARG(uc) ((uc)->uc_mcontext.uc_regs->gregs[3])
#else
#define PC(uc)  ((uc)->uc_mcontext.gregs[REG_RIP])
#define SP(uc)  ((uc)->uc_mcontext.gregs[REG_RSP])
#define ARG(uc) ((uc)->uc_mcontext.gregs[REG_RDI])
#endif

/* From an address of code to a function pointer and back. */
#if defined(_CALL_ELF) && _CALL_ELF == 1
static uintptr_t descriptor[3];
#define FUNCTION(p) (descriptor[0] = (uintptr_t)(p), (void (*)(void))descriptor)
#define ENTRY(f)    (*(uintptr_t *)(f))
#else
#define FUNCTION(p) ((void (*)(void))(p))
#define ENTRY(f)    ((uintptr_t)(f))
#endif

static sigjmp_buf env;
static siginfo_t last;
static uint64_t last_pc, last_sp;
static int on_stack;
static char *alt;
static void recover(int sig, siginfo_t *si, void *ucv)
{
    ucontext_t *uc = ucv;
    char here;
    last = *si;
    last_pc = PC(uc);
    last_sp = SP(uc);
    on_stack = alt && &here > alt && &here < alt + 65536;
    siglongjmp(env, sig);
}
static void touch(const char *what, volatile char *p, int write, volatile char *base)
{
    volatile int sig = sigsetjmp(env, 1);
    if (!sig) {
        if (write)
            *p = 1;
        else
            (void)*p;
        printf("%s: fine\n", what);
        return;
    }
    printf("%s: signal %d code %d offset %ld\n", what, sig, last.si_code,
           (long)((char *)last.si_addr - (char *)base));
}
static volatile char *page;
static volatile int opened;
static void open_page(int sig, siginfo_t *si, void *uc)
{
    (void)sig;
    (void)uc;
    opened++;
    mprotect((void *)((uintptr_t)si->si_addr & -4096), 4096, PROT_READ | PROT_WRITE);
}
static int __attribute__((noinline)) landing(int x)
{
    printf("landed with %d\n", x);
    fflush(stdout);
    siglongjmp(env, 77);
}
static void redirect(int sig, siginfo_t *si, void *ucv)
{
    ucontext_t *uc = ucv;
    (void)sig;
    (void)si;
    PC(uc) = ENTRY(landing);
#if defined(_CALL_ELF) && _CALL_ELF == 2
    uc->uc_mcontext.gp_regs[12] = ENTRY(landing);
#endif
    ARG(uc) = 4711;
    SP(uc) = (SP(uc) - 4096) & -16;
#ifdef __x86_64__
    SP(uc) -= 8;
#endif
}
static int __attribute__((noinline)) deep(int n)
{
    volatile char space[4096];
    memset((char *)space, n, sizeof space);
    return n ? deep(n + 1) + space[7] : 0;
}
static void set(int sig, void *f, int flags)
{
    struct sigaction sa = {.sa_flags = SA_SIGINFO | flags};
    sa.sa_sigaction = (void (*)(int, siginfo_t *, void *))f;
    sigaction(sig, &sa, NULL);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    set(SIGSEGV, recover, 0);
    set(SIGBUS, recover, 0);
    touch("null", (char *)24, 0, 0);
    touch("null write", (char *)24, 1, 0);
    page = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(page + 4096, 4096, PROT_READ);
    munmap(page + 8192, 4096);
    touch("ok", page + 5, 1, page);
    touch("read only", page + 4100, 0, page);
    touch("read only write", page + 4100, 1, page);
    touch("unmapped", page + 8192 + 3, 0, page);
    mprotect(page, 4096, PROT_NONE);
    touch("none", page + 1, 0, page);
    FILE *f = tmpfile();
    char *file = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(f), 0);
    touch("past the end", file + 4097, 0, file);
    ftruncate(fileno(f), 8192);
    touch("now inside", file + 4097, 1, file);

    set(SIGSEGV, open_page, 0);
    for (int i = 0; i < 4096; i++)
        page[4096 + i] = (char)i;
    page[0] = 9;
    printf("opened %d: %d %d\n", opened, page[4096 + 100], page[0]);

    if (sigsetjmp(env, 1) != 77) {
        set(SIGSEGV, redirect, 0);
        *(volatile int *)64 = 1;
    }
    puts("back");

    set(SIGSEGV, recover, SA_ONSTACK);
    alt = malloc(65536);
    stack_t ss = {.ss_sp = alt, .ss_size = 65536}, old;
    printf("sigaltstack %d\n", sigaltstack(&ss, &old));
    printf("old flags %d size %zu\n", old.ss_flags, old.ss_size);
    ss.ss_size = 100;
    printf("small %d", sigaltstack(&ss, NULL));
    printf(" %d\n", errno == ENOMEM);
    ss.ss_size = 65536;
    ss.ss_flags = 44;
    printf("flags %d", sigaltstack(&ss, NULL));
    printf(" %d\n", errno == EINVAL);
    struct rlimit rl = {1 << 20, 8 << 20};
    setrlimit(RLIMIT_STACK, &rl);
    volatile int sig = sigsetjmp(env, 1);
    if (!sig)
        deep(1);
    printf("overflow: signal %d, on the alternate stack %d\n", sig, on_stack);
    sigaltstack(NULL, &old);
    printf("flags after jump %d\n", old.ss_flags);

    /* No alternate stack: a stack overflow kills. */
    int status;
    pid_t pid = fork();
    if (!pid) {
        ss.ss_flags = SS_DISABLE;
        sigaltstack(&ss, NULL);
        deep(1);
        _exit(1);
    }
    waitpid(pid, &status, 0);
    printf("killed by %d\n", WTERMSIG(status));

    /* Executing what can't be executed. */
    char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    sig = sigsetjmp(env, 1);
    if (!sig)
        FUNCTION(code + 16)();
    printf("no exec: %d code %d address %d pc %d\n", sig, last.si_code,
           (char *)last.si_addr == code + 16, last_pc == (uintptr_t)code + 16);
    munmap(code, 4096);
    sig = sigsetjmp(env, 1);
    if (!sig)
        FUNCTION(code + 16)();
    printf("no code: %d code %d address %d pc %d\n", sig, last.si_code,
           (char *)last.si_addr == code + 16, last_pc == (uintptr_t)code + 16);

    /* Undefined instruction. */
    set(SIGILL, recover, 0);
    set(SIGTRAP, recover, 0);
    static uint32_t undefined[1024] __attribute__((aligned(4096)));
#ifdef __x86_64__
    undefined[0] = 0x0b0f;
#else
    undefined[0] = 0;
#endif
    mprotect(undefined, 4096, PROT_READ | PROT_EXEC);
    sig = sigsetjmp(env, 1);
    if (!sig)
        FUNCTION(undefined)();
    printf("undefined: %d pc %d\n", sig, last_pc == (uintptr_t)undefined);

    /* Kernel says EFAULT for bad pointers, not a signal. */
    printf("efault %zd", write(1, (void *)16, 4));
    printf(" %d\n", errno == EFAULT);
    return 0;
}
