/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an A64 program sees of its processor: system registers, cache and
 * hint operations, undefined instructions.  A64 only. */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>

#define READ(name)                                                                                 \
    ({                                                                                             \
        uint64_t v_;                                                                               \
        __asm__ volatile("mrs %0, " name : "=r"(v_));                                              \
        v_;                                                                                        \
    })

static sigjmp_buf env;
static volatile int code;
static uint64_t culprit;
static void undefined(int sig, siginfo_t *info, void *context)
{
    (void)context;
    code = info->si_code;
    culprit = (uint64_t)info->si_addr;
    siglongjmp(env, sig);
}

static void check(const char *what, int ok)
{
    printf("%s: %s\n", what, ok ? "as it should be" : "WRONG");
}

static unsigned field(uint64_t v, unsigned low)
{
    return v >> low & 15;
}

int main(void)
{
    uint64_t ctr = READ("ctr_el0"), dczid = READ("dczid_el0"), freq = READ("cntfrq_el0");
    check("cache lines", (ctr & 15) >= 2 && (ctr >> 16 & 15) >= 2 && ctr >> 31 & 1);
    check("counter frequency", freq >= 1000000 && freq <= 10000000000);
    uint64_t a = READ("cntvct_el0");
    struct timespec t = {0, 20000000}, start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    nanosleep(&t, NULL);
    uint64_t b = READ("cntvct_el0");
    clock_gettime(CLOCK_MONOTONIC, &end);
    double wall = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
    double counted = (double)(b - a) / (double)freq;
    check("counter", counted > 0.019 && counted < wall + 0.1);

    static unsigned char buffer[8192] __attribute__((aligned(4096)));
    unsigned block = 4u << (dczid & 15);
    if (dczid & 16) {
        check("DC ZVA", 1);
    } else {
        memset(buffer, 0x55, sizeof buffer);
        __asm__ volatile("dc zva, %0" ::"r"(buffer + 2 * block + 5) : "memory");
        unsigned zero = 0;
        for (unsigned i = 0; i < sizeof buffer; i++)
            zero += buffer[i] == 0;
        check("DC ZVA", zero == block && buffer[2 * block] == 0 && buffer[3 * block - 1] == 0);
    }
    __asm__ volatile("dc cvau, %0\n dc cvac, %0\n dc civac, %0\n dsb ish\n ic ivau, %0\n dsb ish\n"
                     "isb" ::"r"(buffer));
    __asm__ volatile("nop\n yield\n wfe\n sev\n sevl\n hint 34\n hint 7\n hint 100\n dmb sy\n"
                     "prfm pldl1keep, [%0]\n csdb\n esb" ::"r"((uint64_t)0x123));
    /* Pointer authentication is only hints: nothing changes. */
    register uint64_t x30 __asm__("x30") = 0x123456;
    __asm__ volatile("hint 25\n hint 29\n hint 27\n hint 31" : "+r"(x30));
    check("PAC hints", x30 == 0x123456);

    uint64_t hwcap = getauxval(AT_HWCAP), isar0 = READ("id_aa64isar0_el1");
    uint64_t isar1 = READ("id_aa64isar1_el1"), pfr0 = READ("id_aa64pfr0_el1");
    check("HWCAP_CPUID", hwcap >> 11 & 1);
    check("fp, asimd", (hwcap & 3) == 3 && field(pfr0, 16) != 15 && field(pfr0, 20) != 15);
    check("fp16", (hwcap >> 9 & 3) == (field(pfr0, 16) == 1 ? 3 : 0));
    check("aes, pmull", (hwcap >> 3 & 3) == (field(isar0, 4) == 2 ? 3 : field(isar0, 4)));
    check("sha1", (hwcap >> 5 & 1) == field(isar0, 8));
    check("sha2", (hwcap >> 6 & 1) == (field(isar0, 12) >= 1));
    check("sha512", (hwcap >> 21 & 1) == (field(isar0, 12) == 2));
    check("crc32", (hwcap >> 7 & 1) == field(isar0, 16));
    check("atomics", (hwcap >> 8 & 1) == (field(isar0, 20) == 2));
    check("rdm", (hwcap >> 12 & 1) == field(isar0, 28));
    check("sha3", (hwcap >> 17 & 1) == field(isar0, 32));
    check("dotprod", (hwcap >> 20 & 1) == field(isar0, 44));
    check("jscvt", (hwcap >> 13 & 1) == field(isar1, 12));
    check("fcma", (hwcap >> 14 & 1) == field(isar1, 16));
    check("lrcpc", (hwcap >> 15 & 1) == (field(isar1, 20) >= 1));
    check("midr", READ("midr_el1") != 0);
    check("sve", field(pfr0, 32) == 0 && (hwcap >> 22 & 1) == 0);

    struct sigaction sa = {.sa_sigaction = undefined, .sa_flags = SA_SIGINFO};
    sigaction(SIGILL, &sa, NULL);
    extern char udf[], smc[], privileged[], sve[];
    int sig;
#define TRY(label, insn, name)                                                                     \
    if (!(sig = sigsetjmp(env, 1)))                                                                \
        __asm__ volatile(".globl " #label "\n" #label ": " insn);                                  \
    check(name, sig == SIGILL && code == ILL_ILLOPC && culprit == (uint64_t)label)
    TRY(udf, ".inst 0", "udf");
    TRY(smc, ".inst 0xd4000003", "smc");
    TRY(privileged, ".inst 0xd5181000", "msr sctlr_el1");
    TRY(sve, ".inst 0x04a00000", "sve");

    /* System registers keep what is written. */
    __asm__ volatile("msr nzcv, %0" ::"r"(0xa0000000ull));
    check("nzcv", READ("nzcv") == 0xa0000000);
    __asm__ volatile("msr fpcr, %0" ::"r"(0x03c00000ull));
    check("fpcr", READ("fpcr") == 0x03c00000);
    __asm__ volatile("msr fpcr, xzr");
    __asm__ volatile("msr fpsr, %0" ::"r"(0x0800009full));
    check("fpsr", READ("fpsr") == 0x0800009f);
    return 0;
}
