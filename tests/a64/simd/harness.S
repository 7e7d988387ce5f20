/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run_stub(state, stub): loads the state, calls the stub, stores the state. */
        .text
        .global run_stub
run_stub:
        stp     x29, x30, [sp, -176]!
        mov     x29, sp
        stp     x19, x20, [sp, 16]
        stp     d8, d9, [sp, 32]
        stp     d10, d11, [sp, 48]
        stp     d12, d13, [sp, 64]
        stp     d14, d15, [sp, 80]
        mov     x19, x0
        mov     x20, x1
        ldr     x9, [x19, 640]
        msr     fpsr, x9
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        ldr     q\n, [x19, 16 * \n]
        .endr
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
        ldr     x\n, [x19, 512 + 8 * \n]
        .endr
        blr     x20
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
        str     x\n, [x19, 512 + 8 * \n]
        .endr
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        str     q\n, [x19, 16 * \n]
        .endr
        mrs     x9, fpsr
        str     x9, [x19, 640]
        ldp     d14, d15, [sp, 80]
        ldp     d12, d13, [sp, 64]
        ldp     d10, d11, [sp, 48]
        ldp     d8, d9, [sp, 32]
        ldp     x19, x20, [sp, 16]
        ldp     x29, x30, [sp], 176
        ret

        .global stubs
        .balign 8
stubs:
#define WORD(w) .inst w; ret;
#include "stubs.inc"

        .section .note.GNU-stack, "", %progbits
