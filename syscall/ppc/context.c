/* SPDX-License-Identifier: GPL-2.0-or-later */
/* swapcontext(2), which only this kernel has (signal_32.c, signal_64.c). */
#include "signal/ppc/context.h"
#include "signal/signal.h"
#include "syscall/convert.h"
#include "syscall/syscall.h"

SYSCALL(swapcontext)
{
    static const struct ppc_cause none = {NULL, FAULT_NOT_MEMORY};
    uint8_t uc[UCONTEXT64_SIZE];
    size_t size = guest_word(cpu->guest) == 8 ? UCONTEXT64_SIZE : UCONTEXT32_SIZE;
    struct guest_stack altstack;
    sigmask_t mask;

    /* Contexts of before VSX are smaller; what they hold is the same. */
    if (a[2] < size - 32 * 8)
        return -EINVAL;
    if (a[0]) {
        syscall_set_result(cpu, 0);
        ppc_ucontext_save(cpu, uc, a[0], cpu->task->mask, &none);
        if (guest_write(a[0], uc, a[2] < size ? a[2] : size))
            return -EFAULT;
    }
    if (!a[1])
        return 0;
    if (ppc_ucontext_restore(cpu, a[1], false, &mask, &altstack)) {
        signal_raise_sync(cpu, SIGSEGV, SEGV_MAPERR, a[1]);
        return -ESIGRETURN;
    }
    signal_set_mask(cpu, mask);
    return -ESIGRETURN;
}
