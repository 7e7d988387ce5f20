/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PowerPC guests' vDSO: the functions that vdso(7) lists, as plain system
 * calls (they reach the host's own vDSO from there).  They answer as sc does:
 * a positive error with CR0.SO.  Symbols are addresses of code in all ABIs.
 * vdso.sh builds it three times.
 */
#include <asm/unistd.h>

#ifdef _CALL_ELF
#if _CALL_ELF == 2
        .abiversion 2
#endif
#endif
        .text

        .macro call name, number
        .globl \name
        .type \name, %function
        .balign 16
\name:
        .cfi_startproc
        li      0, \number
        sc
        blr
        .cfi_endproc
        .size \name, . - \name
        .endm

        call __kernel_clock_gettime, __NR_clock_gettime
        call __kernel_clock_getres, __NR_clock_getres
        call __kernel_gettimeofday, __NR_gettimeofday
        call __kernel_time, __NR_time
        call __kernel_getcpu, __NR_getcpu
#ifdef __NR_clock_gettime64
        call __kernel_clock_gettime64, __NR_clock_gettime64
#endif

        .macro begin name
        .globl \name
        .type \name, %function
        .balign 16
\name:
        .endm

/* Ticks of the time base in a second. */
        begin __kernel_get_tbfreq
        .cfi_startproc
#ifdef __powerpc64__
        lis     3, 512000000@h
        ori     3, 3, 512000000@l
#else
        li      3, 0
        lis     4, 512000000@h
        ori     4, 4, 512000000@l
#endif
        crclr   4*cr0+so
        blr
        .cfi_endproc

/* Makes code in [r3, r4) run that was just written there. */
        begin __kernel_sync_dicache
        .cfi_startproc
        li      5, 32
        subf    6, 3, 4
        addi    6, 6, 63
        srwi.   6, 6, 5
        beq     2f
        mtctr   6
1:      dcbst   0, 3
        icbi    0, 3
        add     3, 3, 5
        bdnz    1b
        sync
        isync
2:      crclr   4*cr0+so
        li      3, 0
        blr
        .cfi_endproc

/*
 * Where signal handlers return to.  They have no unwind entry: unwinders know
 * the instructions.  They look up the instruction before, too.
 */
        .balign 16
        nop
#ifdef __powerpc64__
        begin __kernel_sigtramp_rt64
        addi    1, 1, 128
        li      0, __NR_rt_sigreturn
        sc
#else
        begin __kernel_sigtramp_rt32
        li      0, __NR_rt_sigreturn
        sc
        .balign 16
        nop
        begin __kernel_sigtramp32
        li      0, __NR_sigreturn
        sc
#endif
