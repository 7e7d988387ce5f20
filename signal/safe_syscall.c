/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host system calls that may sleep.  Between the check for a waiting signal
 * and the system call instruction a signal could slip in and the call would
 * sleep on; so the handler looks whether the program counter is within that
 * range, and sends it to the exit.  All handlers have SA_RESTART: a call that
 * the kernel would restart comes back with the program counter on the
 * instruction, which is the same case.
 */
#include "signal/host.h"
#include "signal/signal.h"

#ifdef __x86_64__
/* safe_syscall_stub(waiting, nr, a0, a1, a2, a3, a4, a5) */
__asm__(".pushsection .text\n"
        ".globl safe_syscall_stub, safe_syscall_start, safe_syscall_insn, safe_syscall_abort\n"
        ".type safe_syscall_stub, @function\n"
        "safe_syscall_stub:\n"
        "   .cfi_startproc\n"
        "   mov %rdi, %r11\n"
        "   mov %rsi, %rax\n"
        "   mov %rdx, %rdi\n"
        "   mov %rcx, %rsi\n"
        "   mov %r8, %rdx\n"
        "   mov %r9, %r10\n"
        "   mov 8(%rsp), %r8\n"
        "   mov 16(%rsp), %r9\n"
        "safe_syscall_start:\n"
        "   cmpl $0, (%r11)\n"
        "   jne safe_syscall_abort\n"
        "safe_syscall_insn:\n"
        "   syscall\n"
        "   ret\n"
        "safe_syscall_abort:\n"
        "   mov $-512, %rax\n"
        "   ret\n"
        "   .cfi_endproc\n"
        ".size safe_syscall_stub, . - safe_syscall_stub\n"
        ".popsection\n");
#else
#error "safe_syscall_stub is missing for this host"
#endif

extern int64_t safe_syscall_stub(volatile sig_atomic_t *waiting, long nr, long a0, long a1, long a2,
                                 long a3, long a4, long a5);
extern const char safe_syscall_start[], safe_syscall_insn[], safe_syscall_abort[];

int64_t safe_syscall_raw(long nr, long a0, long a1, long a2, long a3, long a4, long a5)
{
    return safe_syscall_stub(&current_cpu->task->waiting, nr, a0, a1, a2, a3, a4, a5);
}

void safe_syscall_leave(ucontext_t *uc)
{
    uintptr_t pc = host_pc(uc);
    if (pc >= (uintptr_t)safe_syscall_start && pc <= (uintptr_t)safe_syscall_insn)
        host_set_pc(uc, (uintptr_t)safe_syscall_abort);
}
