/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Enabled floating-point exceptions become SIGFPE, once prctl has asked for them. */
#define _GNU_SOURCE
#include <fenv.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
static sigjmp_buf jb;
static volatile int code;
static void h(int s, siginfo_t *i, void *u)
{
    (void)s;
    (void)u;
    code = i->si_code;
    siglongjmp(jb, 1);
}
static volatile double zero = 0, one = 1, big = 1e308, neg = -1, third = 3, x;
#define TRY(e)                                                                                     \
    if (!sigsetjmp(jb, 1)) {                                                                       \
        code = 0;                                                                                  \
        x = 0;                                                                                     \
        e;                                                                                         \
        printf("%-12s no signal, %g\n", #e, x);                                                    \
    } else                                                                                         \
        printf("%-12s code %d\n", #e, code);                                                       \
    feclearexcept(FE_ALL_EXCEPT)
int main(void)
{
    struct sigaction sa = {.sa_sigaction = h, .sa_flags = SA_SIGINFO};
    sigaction(SIGFPE, &sa, 0);
    int m = -1;
    prctl(PR_GET_FPEXC, &m);
    printf("mode %d\n", m);
    TRY(x = one / zero);
    TRY(x = zero / zero);
    int ex[] = {FE_DIVBYZERO, FE_INVALID, FE_OVERFLOW, FE_UNDERFLOW, FE_INEXACT, FE_ALL_EXCEPT};
    for (int i = 0; i < 6; i++) {
        feclearexcept(FE_ALL_EXCEPT);
        fedisableexcept(FE_ALL_EXCEPT);
        int r = feenableexcept(ex[i]);
        prctl(PR_GET_FPEXC, &m);
        printf("enabled %x was %x mode %d now %x\n", ex[i], r, m, fegetexcept());
        TRY(x = one / zero);
        TRY(x = zero / zero);
        TRY(x = big * big);
        TRY(x = (1 / big) / big);
        TRY(x = one / third);
        TRY(x = sqrt(neg));
        TRY(x = (int)big);
        TRY(x = one + one);
        TRY(x = (float)big);
    }
    return 0;
}
