/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/siginfo.h"

#include <errno.h>
#include <string.h>

#include "loader/vm.h"
#include "syscall/convert.h"
#include "syscall/layout.h"

static enum structure of_fault(int sig, int code)
{
    enum { BOUNDS = 3, PROTECTION_KEY = 4 }; /* SEGV_BNDERR, SEGV_PKUERR */

    return sig == SIGSEGV && (code == BOUNDS || code == PROTECTION_KEY) ? STRUCT_siginfo_bounds
                                                                        : STRUCT_siginfo_fault;
}

static enum structure kind(int sig, int code)
{
    switch (code) {
    case SI_USER:
    case SI_TKILL:
        return STRUCT_siginfo_kill;
    case SI_TIMER:
        return STRUCT_siginfo_timer;
    case SI_SIGIO:
        return STRUCT_siginfo_poll;
    }
    if (code < 0)
        return STRUCT_siginfo_queue;
    if (code == SI_KERNEL)
        return sig == SIGSEGV || sig == SIGBUS ? STRUCT_siginfo_fault : STRUCT_siginfo_kill;
    switch (sig) {
    case SIGCHLD:
        return STRUCT_siginfo_child;
    case SIGILL:
    case SIGFPE:
    case SIGSEGV:
    case SIGBUS:
    case SIGTRAP:
        return of_fault(sig, code);
    case SIGPOLL:
        return STRUCT_siginfo_poll;
    case SIGSYS:
        return STRUCT_siginfo_sys;
    default:
        return STRUCT_siginfo_queue;
    }
}

void siginfo_to_guest(const struct guest *g, const siginfo_t *host, uint8_t out[SIGINFO_SIZE])
{
    memset(out, 0, SIGINFO_SIZE);
    if (abi_is_native(g))
        memcpy(out, host, SIGINFO_SIZE);
    else
        struct_to_guest(g, kind(host->si_signo, host->si_code), host, out);
}

int siginfo_write(const struct guest *g, const siginfo_t *host, uint64_t gva)
{
    uint8_t out[SIGINFO_SIZE];

    siginfo_to_guest(g, host, out);
    return guest_write(gva, out, sizeof out);
}

int siginfo_read(const struct guest *g, siginfo_t *host, uint64_t gva)
{
    uint8_t raw[SIGINFO_SIZE];

    if (guest_read(raw, gva, sizeof raw))
        return -EFAULT;
    if (abi_is_native(g)) {
        memcpy(host, raw, sizeof raw);
        return 0;
    }
    memset(host, 0, sizeof *host);
    struct_to_host(g, STRUCT_siginfo, raw, host);
    struct_to_host(g, kind(host->si_signo, host->si_code), raw, host);
    return 0;
}
