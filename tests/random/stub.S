/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every random program begins with: sets up signals, brings a block into
 * its start state, writes the record of a block.  Addresses and offsets as in
 * random.h.  The blocks call `enter` at +8 and `leave` at +12.
 */
#define ALL 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, \
            21, 22, 23, 24, 25, 26, 27, 28, 29
        .set    INIT_BASE, 0x20000000
        .set    AREA, 0x30000800
        .set    SCRATCH, AREA + 0x400
        .set    STACK, 0x31000000
        .set    R_SP, 248
        .set    R_NZCV, 256
        .set    R_FPCR, 264
        .set    R_FPSR, 272
        .set    R_SIG, 280
        .set    R_CODE, 288
        .set    R_ADDR, 296
        .set    R_PC, 304
        .set    R_UNDEFINED, 312
        .set    R_CONT, 320
        .set    R_START, 328
        .set    R_FAULTS, 336
        .set    R_V, 0x180
        .set    UC_REGS, 184
        .set    UC_SP, 432
        .set    UC_PC, 440
        .set    UC_PSTATE, 448
        .set    UC_RESERVED, 464
        .set    FPSIMD_MAGIC, 0x46508001

        .text
        .global _start
_start: b       begin
        nop
        b       enter
        b       leave

begin:  ldr     x0, =stack
        mov     x1, 0
        mov     x8, 132                 // sigaltstack
        svc     0
        mov     x19, 4                  // SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV
1:      mov     x0, x19
        ldr     x1, =action
        mov     x2, 0
        mov     x3, 8
        mov     x8, 134                 // rt_sigaction
        svc     0
        add     x19, x19, 1
        cmp     x19, 12
        b.ne    1b
        ldr     x0, =0x10001000
        br      x0

// x0: struct init; x1: where to go on after a fault; x30: the block
enter:  ldr     x2, =AREA
        stp     x1, x30, [x2, R_CONT]
        stp     xzr, xzr, [x2, R_SIG]
        stp     xzr, xzr, [x2, R_ADDR]
        str     xzr, [x2, R_UNDEFINED]
        ldr     x3, =SCRATCH
        ldr     x4, =INIT_BASE
        mov     x5, 1024 / 32
1:      ldp     q0, q1, [x4], 32
        stp     q0, q1, [x3], 32
        subs    x5, x5, 1
        b.ne    1b
        add     x1, x0, 288
        .irp    n, ALL, 30, 31
        ldr     q\n, [x1, \n * 16]
        .endr
        ldr     x1, [x0, R_NZCV]
        msr     nzcv, x1
        ldr     x1, [x0, R_FPCR]
        msr     fpcr, x1
        ldr     x1, [x0, R_FPSR]
        msr     fpsr, x1
        ldr     x1, [x0, R_SP]
        mov     sp, x1
        .irp    n, ALL
        .if     \n > 1
        ldr     x\n, [x0, \n * 8]
        .endif
        .endr
        ldp     x0, x1, [x0]
        ret

// x29: AREA; x28 and x29 saved in it, x30 in TPIDR
leave:  .irp    n, ALL
        .if     \n < 28
        str     x\n, [x29, \n * 8]
        .endif
        .endr
        mrs     x0, tpidr_el0
        mov     x1, sp
        stp     x0, x1, [x29, 240]
        mrs     x0, nzcv
        mrs     x1, fpcr
        stp     x0, x1, [x29, R_NZCV]
        mrs     x0, fpsr
        str     x0, [x29, R_FPSR]
        add     x1, x29, R_V
        .irp    n, ALL, 30, 31
        str     q\n, [x1, \n * 16]
        .endr
        mov     x0, 1
        mov     x1, x29
        mov     x2, 0x800
        mov     x8, 64                  // write
        svc     0
        ret

// x0: signal; x1: siginfo; x2: ucontext
handler:
        ldr     x9, =AREA
        ldr     x10, [x2, UC_PC]
        ldr     x11, [x9, R_START]
        sub     x11, x10, x11
        ldr     x12, [x9, R_FAULTS]
        cmp     w0, 4
        b.ne    2f
        cbnz    x12, 2f
        // skip the undefined instruction
        ldr     x12, [x9, R_UNDEFINED]
        mov     x13, 31
        add     x11, x11, 1
        madd    x12, x12, x13, x11
        str     x12, [x9, R_UNDEFINED]
        add     x10, x10, 4
        str     x10, [x2, UC_PC]
        ret
2:      mov     w0, w0
        ldrsw   x12, [x1, 8]
        stp     x0, x12, [x9, R_SIG]
        ldr     x12, [x1, 16]
        stp     x12, x11, [x9, R_ADDR]
        ldr     x12, [x9, R_CONT]
        str     x12, [x2, UC_PC]
        add     x3, x2, UC_REGS         // x0 to x30 and sp
        mov     x4, x9
        mov     x5, 32
3:      ldr     x6, [x3], 8
        str     x6, [x4], 8
        subs    x5, x5, 1
        b.ne    3b
        ldr     x3, [x2, UC_PSTATE]
        and     x3, x3, 0xf0000000
        str     x3, [x9, R_NZCV]
        add     x3, x2, UC_RESERVED
        ldr     w5, =FPSIMD_MAGIC
4:      ldr     w4, [x3]
        cmp     w4, w5
        b.eq    5f
        ldr     w4, [x3, 4]
        cbz     w4, 7f
        add     x3, x3, x4
        b       4b
5:      ldr     w4, [x3, 8]
        str     x4, [x9, R_FPSR]
        ldr     w4, [x3, 12]
        str     x4, [x9, R_FPCR]
        add     x3, x3, 16
        add     x4, x9, R_V
        mov     x5, 32
6:      ldr     q0, [x3], 16
        str     q0, [x4], 16
        subs    x5, x5, 1
        b.ne    6b
7:      mov     x0, 1
        mov     x1, x9
        mov     x2, 0x800
        mov     x8, 64                  // write
        svc     0
        ret

        .balign 8
stack:  .quad   STACK, 0, 0x10000
action: .quad   handler, 0x48000004, 0, 0   // SA_SIGINFO | SA_ONSTACK | SA_NODEFER
        .ltorg
        .org    0x1000
