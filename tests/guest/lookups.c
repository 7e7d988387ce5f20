/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lookups [N]: calls N functions, at most 4, in turn through a pointer, and jumps out of each
 * depth of a recursion.  The functions lie so that a jump cache has all of them in
 * one set (translate/cache.h).  Then calls where no code can be.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALLS = 20000, FUNCTIONS = 4 };

#define FAR __attribute__((noinline, aligned(131072)))

FAR static unsigned times3(unsigned x)
{
    return x * 3 + 1;
}
FAR static unsigned times5(unsigned x)
{
    return x * 5 + 2;
}
FAR static unsigned times7(unsigned x)
{
    return x * 7 + 3;
}
FAR static unsigned times9(unsigned x)
{
    return x * 9 + 4;
}

static unsigned (*volatile functions[FUNCTIONS])(unsigned) = {times3, times5, times7, times9};
static jmp_buf out;

/* What returns after a longjmp finds another's address on the host's return stack. */
__attribute__((noinline)) static unsigned deep(unsigned n, unsigned x)
{
    if (!n)
        longjmp(out, 1);
    return deep(n - 1, functions[n % FUNCTIONS](x)) + n;
}

__attribute__((noinline)) static unsigned try(unsigned depth, unsigned x)
{
    if (!setjmp(out))
        return deep(depth, x);
    return functions[depth % FUNCTIONS](x);
}

static sigjmp_buf caught;
static volatile uintptr_t fault;

static void on_fault(int sig, siginfo_t *info, void *uc)
{
    (void)sig;
    (void)uc;
    fault = (uintptr_t)info->si_addr;
    siglongjmp(caught, 1);
}

static void call_nothing(uintptr_t at)
{
    unsigned (*f)(unsigned);
    memcpy(&f, &at, sizeof f);
    if (!sigsetjmp(caught, 1))
        f(1);
    printf("%#lx: %#lx\n", (unsigned long)at, (unsigned long)fault);
}

int main(int argc, char **argv)
{
    unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : 0, x = 1;
    if (n < 1 || n > FUNCTIONS)
        n = FUNCTIONS;
    for (unsigned i = 0; i < CALLS; i++)
        x = functions[i % n](x);
    printf("%u\n", x);
    for (unsigned depth = 0; depth < 40; depth++)
        x = try(depth, x) ^ x << 1;
    printf("%u\n", x);
    struct sigaction act = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &act, NULL);
    sigaction(SIGBUS, &act, NULL);
    for (uintptr_t at = 0; at < 32; at++)
        call_nothing(at);
    return 0;
}
