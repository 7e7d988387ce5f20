/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/syscall.h"

#include <string.h>

#include "runner/options.h"
#include "signal/signal.h"
#include "syscall/convert.h"
#include "syscall/fds.h"
#include "syscall/seccomp.h"
#include "syscall/strace.h"

int64_t host_syscall_raw(long nr, long a0, long a1, long a2, long a3, long a4, long a5)
{
    long r = syscall(nr, a0, a1, a2, a3, a4, a5);

    return r == -1 ? -errno : r;
}

/* A host call fails with EFAULT on pages that the guest may write but that the
 * translator keeps read-only: opens those that the arguments point to.  A
 * length is usually the next argument.  True: worth another try. */
static bool open_code_pages(const uint64_t a[6])
{
    bool opened = false;

    for (int i = 0; i < 6; i++) {
        uint64_t len = i < 5 && a[i + 1] > 0 && a[i + 1] < 1 << 20 ? a[i + 1] : 256;

        if (a[i] >= VM_PAGE)
            opened |= vm_make_writable(a[i], len);
    }
    return opened;
}

static bool names_hidden_fd(const struct syscall_row *row, const uint64_t a[6])
{
    unsigned fd_args = 0;

    for (int i = 0; i < 6; i++) {
        uint32_t fd = (uint32_t)a[i];

        if (fd < fds_hidden_low || !fds_is_hidden(fd))
            continue;
        if (!fd_args)
            fd_args = strace_fd_args(row);
        if (fd_args & 1u << i)
            return true;
    }
    return false;
}

static int64_t run(struct vcpu *cpu, const struct syscall_row *row, uint32_t nr,
                   const uint64_t a[6])
{
    int64_t r;

    if (cpu->task->seccomp.mode && !seccomp_lets(cpu, row, nr, &r))
        return r;
    if (!row->fn)
        return -ENOSYS;
    if (names_hidden_fd(row, a))
        return -EBADF;
    r = row->fn(cpu, a);
    if (r == -EFAULT && open_code_pages(a))
        r = row->fn(cpu, a);
    return r;
}

/* The arguments as 64-bit numbers, one each. */
static void arguments(const struct vcpu *cpu, const struct syscall_row *row, uint64_t a[6])
{
    const struct guest *guest = cpu->guest;
    unsigned r = 0;
    uint64_t raw[8] = {0};

    for (int i = 0; i < 6; i++)
        raw[i] = cpu->g[guest->syscall_arg_slots[i]];
    if (guest_word(guest) == 8) {
        memcpy(a, raw, 6 * sizeof *raw);
        return;
    }
    for (int i = 0; i < 6; i++) {
        if (row->pairs & 1u << i) {
            r += guest->abi->pairs_aligned && r % 2 && r < 6;
            uint32_t first = (uint32_t)raw[r], second = (uint32_t)raw[r + 1];
            a[i] = guest_swaps(guest) ? (uint64_t)first << 32 | second
                                      : (uint64_t)second << 32 | first;
            r += 2;
        } else {
            a[i] = (uint32_t)raw[r++];
        }
        r = r < 6 ? r : 6;
    }
}

static bool is_sigreturn(const struct signal_frame_ops *frame, uint32_t nr)
{
    return nr == frame->sigreturn_nr || (frame->restore_old && nr == frame->sigreturn_old_nr);
}

void syscall_dispatch(struct vcpu *cpu)
{
    struct syscall_row found = {.args = "x x x x x x"}, *row = &found;
    const struct guest *guest = cpu->guest;
    uint32_t nr = (uint32_t)cpu->g[guest->syscall_nr_slot];
    uint64_t a[6];
    int64_t r;

    /* A signal that came before the call is handled before it, so that calls
     * that never sleep are never seen interrupted; but a frame is taken back first. */
    if (signal_waiting(cpu) && !is_sigreturn(guest->frame, nr)) {
        guest->frame->restart(cpu);
        cpu->pending = 1;
        return;
    }
    guest->syscall(nr, row);
    arguments(cpu, row, a);

    if (options.strace && strace_selects(options.strace_filter, row)) {
        struct strace_line line;

        strace_enter(&line, cpu, nr, row, a);
        r = run(cpu, row, nr, a);
        strace_leave(&line, r);
    } else {
        r = run(cpu, row, nr, a);
    }

    /* The guest got no signal: it shall not notice that it was stopped. */
    if (r == -EINTR && cpu->task->kicked)
        r = -ERESTARTNOHAND;
    cpu->task->kicked = 0;

    switch (r) {
    case -ESIGRETURN:
        break;
    case -ERESTARTSYS:
    case -ERESTARTNOINTR:
    case -ERESTARTNOHAND:
        signal_syscall_interrupted(cpu, r);
        break;
    default:
        syscall_set_result(cpu, r);
    }
}
