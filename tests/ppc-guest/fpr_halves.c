/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processors without VSX have FPRs of 64 bits: a signal frame does not bring more. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { MSR = 33, MSR_VSX = 0x00800000, HALVES = 464 + 33 * 16 };

static volatile unsigned frames, set;

static void handler(int sig, siginfo_t *info, void *context)
{
    unsigned char *mc = (unsigned char *)((ucontext_t *)context)->uc_mcontext.uc_regs;
    uint32_t *gregs = (uint32_t *)mc;
    uint64_t halves[32];
    (void)sig, (void)info;
    if (!frames++) {
        gregs[MSR] |= MSR_VSX;
        memset(mc + HALVES, 0xff, sizeof halves);
        return;
    }
    memcpy(halves, mc + HALVES, sizeof halves);
    for (unsigned i = 0; i < 32; i++)
        set += halves[i] != 0;
}

int main(void)
{
    struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    volatile double x = 2;
    sigaction(SIGUSR1, &act, NULL);
    raise(SIGUSR1);
    x = x * x + 1;
    raise(SIGUSR1);
    printf("%u frames, %u high halves, %g\n", frames, set, x);
    return 0;
}
