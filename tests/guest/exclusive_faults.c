/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Store-exclusive, compare-and-swap and swap to a page that can only be read: at the fault what
 * they would write has not changed, wherever a translator keeps the registers.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { BEFORE = 0x5a5a };

static unsigned output, faults, wrong;

static void on_fault(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info;
    mcontext_t *m = &((ucontext_t *)context)->uc_mcontext;
    faults++;
    wrong += m->regs[output] != BEFORE;
    m->pc += 4;
}

#define TRY(d, v, a, before, insn)                                                                 \
    {                                                                                              \
        output = d;                                                                                \
        register uint64_t in asm("x26") = (uint64_t)page;                                          \
        asm volatile(".arch armv8.1-a\n\t"                                                         \
                     "mov x" #a ", x26\n\t"                                                        \
                     "mov x" #v ", 1\n\t"                                                          \
                     "mov x" #d ", 0x5a5a\n\t" before "\n\t" insn                                  \
                     :                                                                             \
                     : "r"(in)                                                                     \
                     : "x2", "x3", "x7", "x9", "x10", "x11", "x12", "x13", "x21", "x22",           \
                       "memory");                                                                  \
    }
#define STORE(d, v, a, size, w)                                                                    \
    TRY(d, v, a, "ldxr" size " " #w "7, [x" #a "]", "stxr" size " w" #d ", " #w #v ", [x" #a "]")
#define ALL(d, v, a)                                                                               \
    STORE(d, v, a, "b", w)                                                                         \
    STORE(d, v, a, "h", w)                                                                         \
    STORE(d, v, a, "", w)                                                                          \
    STORE(d, v, a, "", x)                                                                          \
    TRY(d, v, a, "", "casb w" #d ", w" #v ", [x" #a "]")                                           \
    TRY(d, v, a, "", "cas w" #d ", w" #v ", [x" #a "]")                                            \
    TRY(d, v, a, "", "cas x" #d ", x" #v ", [x" #a "]")                                            \
    TRY(d, v, a, "", "swp x" #v ", x" #d ", [x" #a "]")                                            \
    TRY(d, v, a, "", "ldadd w" #v ", w" #d ", [x" #a "]")                                          \
    TRY(d, v, a, "", "ldclr x" #v ", x" #d ", [x" #a "]")

int main(void)
{
    void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct sigaction act = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &act, NULL);
    ALL(2, 3, 21)
    ALL(2, 3, 11)
    ALL(2, 9, 21)
    ALL(2, 9, 11)
    ALL(10, 3, 22)
    ALL(10, 3, 11)
    ALL(10, 9, 22)
    ALL(10, 9, 11)
    ALL(22, 12, 13)
    ALL(21, 12, 13)
    printf("%u faults, %u found another value\n", faults, wrong);
    return 0;
}
