/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The x86-64 host as hostgen's tool and the run-time patcher know it: register
 * lists and compiler flags.  Register numbers are the instruction set's own
 * (AMD64 Architecture Programmer's Manual, volume 3, 1.2.7).
 *
 * Scratch registers of the compiler inside a template are those not named
 * here: rax, rdx, below the highest ISA level rcx, and xmm0..xmm3.
 */
#ifndef FERRY_HOST_X86_64_H
#define FERRY_HOST_X86_64_H

/* X(name, number): state pointer, temporaries T(0), T(1), registers for pinned slots.
 * r12 needs longer addresses as a base register, r13 too without a displacement: they are tried
 * apart from the rest.
 * rbx, rsi and rdi have shorter encodings and are in classes of their own for the compiler, which
 * makes other code with them: it never sees them, others stand in, and the assembler is told to
 * take the encodings that those have. */
#define HOST_STATE_REG "rbp"
#define HOST_T_REGS(X) X(rsi, 6) X(rdi, 7)
#define HOST_R_REGS(X)                                                                             \
    X(r8, 8) X(r9, 9) X(r10, 10) X(r11, 11) X(r14, 14) X(r15, 15) X(rbx, 3) X(r12, 12) X(r13, 13)
/* One more at the highest ISA level.  Below, shifts need it for their counts. */
#define HOST_TOP_REG(X) X(rcx, 1)

/* X(number, kind): those that are tried apart, and the kinds of variants for them alone. */
#define HOST_APART_REGS(X) X(12, HG_ODD) X(13, HG_ODD_DISP)

/* Registers with shorter encodings, and their parts of 32, 16 and 8 bits. */
#define HOST_SHORT_REGS(X) X(rbx, 3, ebx, bx, bl) X(rsi, 6, esi, si, sil) X(rdi, 7, edi, di, dil)

/* Vector registers: pinned slots, then the legalizer's scratch register, VT(0) last.
 * xmm4 to xmm7 have shorter encodings: templates are learned with the others, and take them
 * in the others' encodings (asm_high_bit). */
#define HOST_X_REGS(X)                                                                             \
    X(xmm8, 8)                                                                                     \
    X(xmm9, 9)                                                                                     \
    X(xmm10, 10)                                                                                   \
    X(xmm11, 11)                                                                                   \
    X(xmm12, 12) X(xmm13, 13) X(xmm6, 6) X(xmm7, 7) X(xmm4, 4) X(xmm5, 5) X(xmm14, 14) X(xmm15, 15)

enum {
    HOST_PINS = 10,
    HOST_TOP = 1,
    HOST_VPINS = 10,
    /* The legalizer's, where a template does not need it itself (rdx). */
    HOST_SCRATCH = 2
};
enum { HOST_VSCRATCH = 14, HOST_VT = 15 };

/* g[] slots within reach of an 8-bit displacement from the state pointer. */
enum { HOST_SLOT_FIRST = 4, HOST_SLOT_LAST = 35 };

/* How micro-operations are compiled.  The last lines leave out passes that change nothing in
 * bodies so short: a quarter of the compiler's time. */
#define HOST_CFLAGS                                                                                \
    "-O2", "-w", "-pipe", "-std=gnu11", "-fno-pic", "-fno-pie", "-fomit-frame-pointer",            \
        "-fno-stack-protector", "-fcf-protection=none", "-fno-asynchronous-unwind-tables",         \
        "-fno-unwind-tables", "-fno-exceptions", "-mno-red-zone", "-falign-functions=1",           \
        "-falign-jumps=1", "-falign-loops=1", "-falign-labels=1", "-ffixed-rbx", "-ffixed-rbp",    \
        "-fcall-used-r12", "-fcall-used-r13", "-fcall-used-r14", "-fcall-used-r15",                \
        "-ffp-contract=off", "-frounding-math", "-fno-strict-aliasing", "-fno-jump-tables",        \
        "-fno-reorder-blocks-and-partition", "-fno-common", "-fno-ipa-icf", "-mtune=generic",      \
        "-fno-gcse", "-fno-tree-dominator-opts", "-fno-tree-pre", "-fno-tree-vrp",                 \
        "-fno-tree-loop-optimize", "-fno-tree-sink", "-fno-tree-slsr", "-fno-store-merging",       \
        "-fno-tree-tail-merge", "-fno-split-paths", "-fno-tree-loop-im", "-fno-ivopts",            \
        "-fno-tree-pta", "-fno-tree-sra", "-fno-tree-dse", "-fno-dse", "-fno-optimize-strlen",     \
        "-fno-ssa-backprop", "-fno-tree-copy-prop", "-fno-ipa-pure-const", "-fno-ipa-modref"
/* Rows without vector operands: the compiler is kept off the pinned vectors. */
#define HOST_CFLAGS_NO_VECTOR                                                                      \
    "-ffixed-xmm4", "-ffixed-xmm5", "-ffixed-xmm6", "-ffixed-xmm7", "-ffixed-xmm8",                \
        "-ffixed-xmm9", "-ffixed-xmm10", "-ffixed-xmm11", "-ffixed-xmm12", "-ffixed-xmm13",        \
        "-ffixed-xmm14", "-ffixed-xmm15"
#define HOST_ISA_FLAGS                                                                             \
    {                                                                                              \
        {"-march=x86-64"}, {"-march=x86-64-v2"},                                                   \
        {                                                                                          \
            "-march=x86-64-v3", "-maes", "-mpclmul", "-ffixed-rcx"                                 \
        }                                                                                          \
    }

#endif
