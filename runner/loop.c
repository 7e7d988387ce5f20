/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>

#include "runner/runner.h"
#include "signal/signal.h"
#include "signal/stop.h"
#include "syscall/syscall.h"
#include "translate/translate.h"

void runner_loop(struct vcpu *cpu)
{
    for (;;) {
        bool returned = cpu->pending && signal_handler_returned(cpu);
        if (cpu->pending && !returned) {
            signal_deliver(cpu);
            stop_here(cpu);
        }
        enum exit_reason reason = returned ? EXIT_SYSCALL : vcpu_run(cpu);
        if (debugger && debugger->left(cpu, reason))
            continue;
        switch (reason) {
        case EXIT_SYSCALL:
            syscall_dispatch(cpu);
            break;
        case EXIT_UNDEFINED:
            signal_raise_sync(cpu, SIGILL, ILL_ILLOPC, cpu->pc);
            break;
        case EXIT_BREAK:
            signal_raise_sync(cpu, SIGTRAP, TRAP_BRKPT, cpu->pc);
            break;
        case EXIT_FAULT:
        case EXIT_EXCEPTION:
            signal_raise_fault(cpu);
            break;
        case EXIT_LOOKUP:
        case EXIT_INTERRUPT:
            break;
        }
        if (debugger)
            debugger->done(cpu, reason);
    }
}
