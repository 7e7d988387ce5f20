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
 * Where signal handlers return to.  Their unwind entries say where the frame
 * above (signal/ppc/frame.c) keeps the interrupted registers; the stack pointer
 * among them is the canonical frame address.  They begin one instruction
 * early, as unwinders look up the one before a return address.  Column 67 is the
 * interrupted address, 65 LR, 70 CR, 77 and up the vector registers.
 */
#ifdef __powerpc64__
#define WORD 8
#else
#define WORD 4
#endif
#ifdef __LITTLE_ENDIAN__
#define CR_AT 0
#else
#define CR_AT (WORD - 4)
#endif
#define DW_CFA_def_cfa_expression 0x0f
#define DW_CFA_expression         0x10
#define DW_OP_deref               0x06
#define DW_OP_plus_uconst         0x23
#define DW_OP_breg1               0x71
#define LEB(n)                    ((n) & 0x7f) | 0x80, ((n) >> 7) & 0x7f

        .macro saved column, at
        .cfi_escape DW_CFA_expression, \column, 3, DW_OP_breg1, LEB(\at)
        .endm

        .macro unwind_by gregs
        .cfi_startproc
        .cfi_signal_frame
        .cfi_return_column 67
        .cfi_escape DW_CFA_def_cfa_expression, 4, DW_OP_breg1, LEB(\gregs + 1 * WORD), DW_OP_deref
        .set n, 0
        .rept 32
        .if n != 1
        saved n, \gregs + n * WORD
        .endif
        saved 32 + n, \gregs + 48 * WORD + n * 8
        .set n, n + 1
        .endr
        saved 67, \gregs + 32 * WORD
        saved 65, \gregs + 36 * WORD
        saved 66, \gregs + 35 * WORD
        saved 70, \gregs + 38 * WORD + CR_AT
        .set n, 20
        .rept 12
#ifdef __powerpc64__
        .cfi_escape DW_CFA_expression, 77 + n, 7, DW_OP_breg1, LEB(\gregs + 81 * 8), DW_OP_deref, DW_OP_plus_uconst, LEB(n * 16)
#else
        saved 77 + n, \gregs + 464 + n * 16
#endif
        .set n, n + 1
        .endr
        .endm

        .balign 16
#ifdef __powerpc64__
        unwind_by 128 + 168 + 64
        nop
        .globl __kernel_sigtramp_rt64
        .type __kernel_sigtramp_rt64, %function
__kernel_sigtramp_rt64:
        addi    1, 1, 128
        li      0, __NR_rt_sigreturn
        sc
        .cfi_endproc
/* libgcc takes a trampoline without this number behind it for one on the stack. */
        .balign 8
        .quad   0, 0, -21 * 8
#else
        unwind_by 80 + 128 + 192
        nop
        .globl __kernel_sigtramp_rt32
        .type __kernel_sigtramp_rt32, %function
__kernel_sigtramp_rt32:
        li      0, __NR_rt_sigreturn
        sc
        .cfi_endproc
        .balign 16
        unwind_by 64 + 32
        nop
        .globl __kernel_sigtramp32
        .type __kernel_sigtramp32, %function
__kernel_sigtramp32:
        li      0, __NR_sigreturn
        sc
        .cfi_endproc
#endif
