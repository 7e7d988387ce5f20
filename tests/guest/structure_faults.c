/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Structure loads and stores of bad addresses, some of them C helpers. */
#include <arm_neon.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

static sigjmp_buf back;

static void on_fault(int sig, siginfo_t *info, void *context)
{
    (void)context;
    printf("signal %d at %p\n", sig, info->si_addr);
    siglongjmp(back, 1);
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    uint8_t *volatile bad = (uint8_t *)0x1000;
    uint8x16_t ones = vdupq_n_u8(1);
    sigaction(SIGSEGV, &action, NULL);
    if (!sigsetjmp(back, 1))
        printf("%d\n", vgetq_lane_u8(vld2q_u8(bad).val[0], 0));
    if (!sigsetjmp(back, 1))
        printf("%d\n", vgetq_lane_u8(vld3q_u8(bad).val[0], 0));
    if (!sigsetjmp(back, 1))
        printf("%d\n", vgetq_lane_u8(vld4q_u8(bad).val[0], 0));
    if (!sigsetjmp(back, 1))
        vst2q_u8(bad, (uint8x16x2_t){{ones, ones}});
    if (!sigsetjmp(back, 1))
        vst3q_u8(bad, (uint8x16x3_t){{ones, ones, ones}});
    if (!sigsetjmp(back, 1))
        vst4q_u8(bad, (uint8x16x4_t){{ones, ones, ones, ones}});
    puts("done");
    return 0;
}
