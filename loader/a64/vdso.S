/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The AArch64 guest's vDSO: the functions that vdso(7) lists, as plain system
 * calls (they reach the host's own vDSO from there).  vdso.sh builds it.
 */
#include <asm/unistd.h>

        .text

        .macro call name, number
        .globl \name
        .type \name, %function
        .balign 16
\name:
        .cfi_startproc
        mov     x8, #\number
        svc     #0
        ret
        .cfi_endproc
        .size \name, . - \name
        .endm

        call __kernel_clock_gettime, __NR_clock_gettime
        call __kernel_gettimeofday, __NR_gettimeofday
        call __kernel_clock_getres, __NR_clock_getres

/*
 * Where signal handlers return to.  As in the kernel it has no unwind entry:
 * unwinders know the two instructions and find the signal frame at sp.  They
 * look up the instruction before, so that must not belong to a function.
 */
        .balign 16
        nop
        .globl __kernel_rt_sigreturn
        .type __kernel_rt_sigreturn, %function
__kernel_rt_sigreturn:
        mov     x8, #__NR_rt_sigreturn
        svc     #0
        .size __kernel_rt_sigreturn, . - __kernel_rt_sigreturn

