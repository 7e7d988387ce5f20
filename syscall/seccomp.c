/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp(2), prctl(PR_SET_SECCOMP); kernel/seccomp.c, and bpf_check_classic()
 * of net/core/filter.c for what a filter may be.
 */
#include "syscall/seccomp.h"

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "loader/loader.h"
#include "runner/runner.h"
#include "signal/signal.h"
#include "signal/stop.h"
#include "syscall/layout.h"
#include "syscall/seccomp_notify.h"
#include "syscall/syscall.h"

#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1
#endif

enum { STRICT = SECCOMP_MODE_STRICT, FILTER = SECCOMP_MODE_FILTER };
enum { INSNS_TOTAL_MAX = 32768, PENALTY = 4 }; /* MAX_INSNS_PER_PATH */

struct seccomp_filter {
    const struct seccomp_filter *older;
    bool listens; /* a supervisor answers for SECCOMP_RET_USER_NOTIF */
    unsigned count;
    struct sock_filter insns[];
};

uint32_t seccomp_audit_arch(const struct guest *g)
{
    return g->elf_machine | (guest_word(g) == 8 ? __AUDIT_ARCH_64BIT : 0) |
           (g->elf_data == ELFDATA2LSB ? __AUDIT_ARCH_LE : 0);
}

/* ---- what a filter may be ---- */

static bool code_is_known(uint16_t code)
{
    switch (code) {
    case BPF_LD | BPF_W | BPF_ABS:
    case BPF_LD | BPF_W | BPF_LEN:
    case BPF_LDX | BPF_W | BPF_LEN:
    case BPF_LD | BPF_IMM:
    case BPF_LDX | BPF_IMM:
    case BPF_LD | BPF_MEM:
    case BPF_LDX | BPF_MEM:
    case BPF_ST:
    case BPF_STX:
    case BPF_RET | BPF_K:
    case BPF_RET | BPF_A:
    case BPF_MISC | BPF_TAX:
    case BPF_MISC | BPF_TXA:
    case BPF_ALU | BPF_NEG:
    case BPF_JMP | BPF_JA:
        return true;
    }
    switch (BPF_CLASS(code)) {
    case BPF_ALU:
        return !(code & ~0xff) && BPF_OP(code) <= BPF_XOR && BPF_OP(code) != BPF_NEG &&
               BPF_OP(code) != BPF_MOD;
    case BPF_JMP:
        return !(code & ~0xff) && BPF_OP(code) >= BPF_JEQ && BPF_OP(code) <= BPF_JSET;
    default:
        return false;
    }
}

static bool insn_is_fine(const struct sock_filter *f, unsigned at, unsigned count)
{
    unsigned left = count - at - 1;

    if (!code_is_known(f->code))
        return false;
    switch (f->code) {
    case BPF_LD | BPF_W | BPF_ABS:
        return f->k < sizeof(struct seccomp_data) && !(f->k & 3);
    case BPF_LD | BPF_MEM:
    case BPF_LDX | BPF_MEM:
    case BPF_ST:
    case BPF_STX:
        return f->k < BPF_MEMWORDS;
    case BPF_ALU | BPF_DIV | BPF_K:
        return f->k != 0;
    case BPF_ALU | BPF_LSH | BPF_K:
    case BPF_ALU | BPF_RSH | BPF_K:
        return f->k < 32;
    case BPF_JMP | BPF_JA:
        return f->k < left;
    default:
        return BPF_CLASS(f->code) != BPF_JMP || (f->jt < left && f->jf < left);
    }
}

/* No path may load a word of memory that it hasn't stored
 * (check_load_and_stores). */
static bool memory_is_fine(const struct sock_filter *f, unsigned count)
{
    uint16_t *known = malloc(count * sizeof *known), now = 0;
    bool fine = known;

    if (known)
        memset(known, 0xff, count * sizeof *known);
    for (unsigned i = 0; fine && i < count; i++) {
        now &= known[i];
        switch (f[i].code) {
        case BPF_ST:
        case BPF_STX:
            now |= (uint16_t)(1u << f[i].k);
            break;
        case BPF_LD | BPF_MEM:
        case BPF_LDX | BPF_MEM:
            fine = now & 1u << f[i].k;
            break;
        case BPF_JMP | BPF_JA:
            known[i + 1 + f[i].k] &= now;
            now = 0xffff;
            break;
        default:
            if (BPF_CLASS(f[i].code) != BPF_JMP)
                break;
            known[i + 1 + f[i].jt] &= now;
            known[i + 1 + f[i].jf] &= now;
            now = 0xffff;
        }
    }
    free(known);
    return fine;
}

static bool program_is_fine(const struct sock_filter *f, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (!insn_is_fine(&f[i], i, count))
            return false;
    return BPF_CLASS(f[count - 1].code) == BPF_RET && memory_is_fine(f, count);
}

/* ---- running one ---- */

static uint32_t arithmetic(uint16_t op, uint32_t a, uint32_t b)
{
    switch (op) {
    case BPF_ADD:
        return a + b;
    case BPF_SUB:
        return a - b;
    case BPF_MUL:
        return a * b;
    case BPF_OR:
        return a | b;
    case BPF_AND:
        return a & b;
    case BPF_XOR:
        return a ^ b;
    case BPF_LSH:
        return a << (b & 31);
    case BPF_RSH:
        return a >> (b & 31);
    default:
        return 0;
    }
}

static bool condition(uint16_t op, uint32_t a, uint32_t b)
{
    switch (op) {
    case BPF_JEQ:
        return a == b;
    case BPF_JGT:
        return a > b;
    case BPF_JGE:
        return a >= b;
    default: /* BPF_JSET */
        return a & b;
    }
}

/* data is struct seccomp_data as words in the guest's order. */
static uint32_t run_filter(const struct seccomp_filter *filter, const uint32_t *data)
{
    uint32_t a = 0, x = 0, mem[BPF_MEMWORDS] = {0};

    for (const struct sock_filter *f = filter->insns;; f++) {
        uint32_t operand = BPF_SRC(f->code) == BPF_X ? x : f->k;
        switch (f->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            a = data[f->k / 4];
            continue;
        case BPF_LD | BPF_W | BPF_LEN:
            a = sizeof(struct seccomp_data);
            continue;
        case BPF_LDX | BPF_W | BPF_LEN:
            x = sizeof(struct seccomp_data);
            continue;
        case BPF_LD | BPF_IMM:
            a = f->k;
            continue;
        case BPF_LDX | BPF_IMM:
            x = f->k;
            continue;
        case BPF_LD | BPF_MEM:
            a = mem[f->k];
            continue;
        case BPF_LDX | BPF_MEM:
            x = mem[f->k];
            continue;
        case BPF_ST:
            mem[f->k] = a;
            continue;
        case BPF_STX:
            mem[f->k] = x;
            continue;
        case BPF_RET | BPF_K:
            return f->k;
        case BPF_RET | BPF_A:
            return a;
        case BPF_MISC | BPF_TAX:
            x = a;
            continue;
        case BPF_MISC | BPF_TXA:
            a = x;
            continue;
        case BPF_ALU | BPF_NEG:
            a = -a;
            continue;
        case BPF_ALU | BPF_DIV | BPF_X:
        case BPF_ALU | BPF_DIV | BPF_K:
            if (!operand)
                return 0; /* the filter's result is then 0: kill */
            a /= operand;
            continue;
        case BPF_JMP | BPF_JA:
            f += f->k;
            continue;
        }
        if (BPF_CLASS(f->code) == BPF_ALU)
            a = arithmetic(BPF_OP(f->code), a, operand);
        else
            f += condition(BPF_OP(f->code), a, operand) ? f->jt : f->jf;
    }
}

void seccomp_args(const struct vcpu *cpu, uint64_t args[6])
{
    const struct guest *g = cpu->guest;

    for (int i = 0; i < 6; i++) {
        args[i] = cpu->g[g->syscall_arg_slots[i]];
        if (guest_word(g) == 4)
            args[i] = (uint32_t)args[i];
    }
}

static void fill_data(const struct vcpu *cpu, uint32_t nr, uint32_t *data)
{
    const struct guest *g = cpu->guest;
    uint64_t wide[7] = {cpu->pc};

    seccomp_args(cpu, wide + 1);
    data[0] = nr;
    data[1] = seccomp_audit_arch(g);
    bool big = g->elf_data == ELFDATA2MSB;
    for (int i = 0; i < 7; i++) {
        data[2 + 2 * i + big] = (uint32_t)wide[i];
        data[2 + 2 * i + !big] = (uint32_t)(wide[i] >> 32);
    }
}

/* ---- actions ---- */

static void raise_sigsys(struct vcpu *cpu, uint32_t nr, uint32_t reason, bool fatal)
{
    signal_raise_sync(cpu, SIGSYS, SYS_SECCOMP, cpu->pc);
    siginfo_t *info = &cpu->task->forced_info;
    info->si_errno = (int)reason;
    info->si_syscall = (int)nr;
    info->si_arch = seccomp_audit_arch(cpu->guest);
    cpu->task->forced_fatal = fatal;
}

static bool act(struct vcpu *cpu, uint32_t nr, uint32_t verdict, bool listens, int64_t *result)
{
    enum { ERRNO_MAX = 4095 };
    uint32_t data = verdict & SECCOMP_RET_DATA;

    switch (verdict & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_LOG: /* there is no audit log to write to */
        return true;
    case SECCOMP_RET_ERRNO:
        *result = -(int64_t)(data < ERRNO_MAX ? data : ERRNO_MAX);
        return false;
    case SECCOMP_RET_USER_NOTIF:
        if (listens)
            return seccomp_notify_ask(cpu, nr, result);
        /* fall through */
    case SECCOMP_RET_TRACE: /* nobody traces */
        *result = -ENOSYS;
        return false;
    case SECCOMP_RET_TRAP:
        raise_sigsys(cpu, nr, data, false);
        break;
    case SECCOMP_RET_KILL_THREAD:
        if (cpu->task->process->threads > 1)
            task_exit(cpu, SIGSYS);
        raise_sigsys(cpu, nr, data, true);
        break;
    default:
        raise_sigsys(cpu, nr, data, true);
        break;
    }
    *result = -ESIGRETURN;
    return false;
}

static bool strict_lets(struct vcpu *cpu, const struct syscall_row *row)
{
    static const char *const allowed[] = {"read", "write", "exit", "rt_sigreturn", "sigreturn"};

    for (size_t i = 0; row->name && i < sizeof allowed / sizeof *allowed; i++)
        if (strcmp(row->name, allowed[i]) == 0)
            return true;
    if (cpu->task->process->threads > 1)
        task_exit(cpu, SIGKILL);
    signal_die(cpu, SIGKILL);
}

bool seccomp_lets(struct vcpu *cpu, const struct syscall_row *row, uint32_t nr, int64_t *result)
{
    uint32_t data[sizeof(struct seccomp_data) / 4], verdict = SECCOMP_RET_ALLOW;
    bool listens = false;

    if (cpu->task->seccomp.mode == STRICT)
        return strict_lets(cpu, row);
    fill_data(cpu, nr, data);
    /* All are run; the strictest decides, of equals the newest. */
    for (const struct seccomp_filter *f = cpu->task->seccomp.filters; f; f = f->older) {
        uint32_t r = run_filter(f, data);
        if ((int32_t)(r & SECCOMP_RET_ACTION_FULL) < (int32_t)(verdict & SECCOMP_RET_ACTION_FULL)) {
            verdict = r;
            listens = f->listens;
        }
    }
    return act(cpu, nr, verdict, listens, result);
}

/* ---- installing ---- */

static bool may_install(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct caps[2] = {0};

    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
        return true;
    return !syscall(SYS_capget, &header, caps) && (caps[0].effective & 1u << CAP_SYS_ADMIN);
}

static int64_t read_filter(const struct vcpu *cpu, uint64_t gva, struct seccomp_filter **out)
{
    struct sock_fprog program;
    const size_t insn = sizeof(struct sock_filter);

    if (struct_read(cpu->guest, STRUCT_sock_fprog, &program, gva))
        return -EFAULT;
    if (!program.len || program.len > BPF_MAXINSNS || !program.filter)
        return -EINVAL;
    unsigned total = program.len;
    for (const struct seccomp_filter *f = cpu->task->seccomp.filters; f; f = f->older)
        total += f->count + PENALTY;
    if (total > INSNS_TOTAL_MAX)
        return -ENOMEM;
    if (!may_install())
        return -EACCES;
    struct seccomp_filter *f = malloc(sizeof *f + program.len * insn);
    if (!f)
        return -ENOMEM;
    f->listens = false;
    f->count = program.len;
    for (unsigned i = 0; i < f->count; i++)
        if (struct_read(cpu->guest, STRUCT_sock_filter, &f->insns[i],
                        (uint64_t)(uintptr_t)program.filter + i * insn)) {
            free(f);
            return -EFAULT;
        }
    if (!program_is_fine(f->insns, f->count)) {
        free(f);
        return -EINVAL;
    }
    *out = f;
    return 0;
}

unsigned seccomp_count(const struct vcpu *cpu)
{
    unsigned n = 0;

    for (const struct seccomp_filter *f = cpu->task->seccomp.filters; f; f = f->older)
        n++;
    return n;
}

static bool is_ancestor(const struct seccomp_filter *old, const struct seccomp_filter *young)
{
    while (young && young != old)
        young = young->older;
    return young == old;
}

/* Gives all threads our filters.  0, or the first that has others. */
static pid_t synchronize(struct vcpu *cpu, const struct seccomp_filter *now)
{
    struct process *process = cpu->task->process;
    pid_t other = 0;

    lock_take(&process->stop.lock);
    for (struct task *t = process->tasks; t && !other; t = t->next_task)
        if (t->seccomp.mode == STRICT ||
            !is_ancestor(t->seccomp.filters, cpu->task->seccomp.filters))
            other = t->tid;
    for (struct task *t = process->tasks; t && !other; t = t->next_task) {
        t->seccomp.filters = now;
        t->seccomp.mode = FILTER;
    }
    lock_drop(&process->stop.lock);
    return other;
}

/* A listener for filter f, which is the only one: the host's kernel says whether an older
 * filter's is still held.  A descriptor or -errno. */
static int64_t listen_for(struct seccomp_filter *f, uint32_t flags)
{
    int64_t fd = seccomp_notify_listen(flags);

    if (fd < 0)
        return fd;
    /* Nobody else writes to them. */
    for (struct seccomp_filter *old = (struct seccomp_filter *)f->older; old;
         old = (struct seccomp_filter *)old->older)
        old->listens = false;
    f->listens = true;
    return fd;
}

static int64_t set_filter(struct vcpu *cpu, uint32_t flags, uint64_t program)
{
    const uint32_t listen = SECCOMP_FILTER_FLAG_NEW_LISTENER, all = SECCOMP_FILTER_FLAG_TSYNC;
    const uint32_t known = all | SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW |
                           SECCOMP_FILTER_FLAG_TSYNC_ESRCH | listen |
                           SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    struct seccomp_filter *f;

    if ((flags & ~known) ||
        ((flags & all) && (flags & listen) && !(flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH)) ||
        ((flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) && !(flags & listen)))
        return -EINVAL;
    int64_t r = read_filter(cpu, program, &f);
    if (r)
        return r;
    f->older = cpu->task->seccomp.filters;
    if (cpu->task->seccomp.mode == STRICT)
        r = -EINVAL;
    else if (flags & listen)
        r = listen_for(f, flags);
    if (r < 0) {
        free(f);
        return r;
    }
    if (flags & all) {
        pid_t other = synchronize(cpu, f);
        if (!other)
            return r;
        if (flags & listen)
            close((int)r);
        free(f);
        return flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH ? -ESRCH : other;
    }
    cpu->task->seccomp.filters = f;
    cpu->task->seccomp.mode = FILTER;
    return r;
}

static int64_t set_strict(struct vcpu *cpu)
{
    if (cpu->task->seccomp.mode == FILTER)
        return -EINVAL;
    cpu->task->seccomp.mode = STRICT;
    return 0;
}

static int64_t action_available(struct vcpu *cpu, uint64_t gva)
{
    uint32_t action;

    if (struct_read(cpu->guest, STRUCT_u32, &action, gva))
        return -EFAULT;
    switch (action) {
    case SECCOMP_RET_KILL_PROCESS:
    case SECCOMP_RET_KILL_THREAD:
    case SECCOMP_RET_TRAP:
    case SECCOMP_RET_ERRNO:
    case SECCOMP_RET_TRACE:
    case SECCOMP_RET_LOG:
    case SECCOMP_RET_ALLOW:
        return 0;
    case SECCOMP_RET_USER_NOTIF:
        return host_syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
    default:
        return -EOPNOTSUPP;
    }
}

SYSCALL(seccomp)
{
    uint32_t op = (uint32_t)a[0], flags = (uint32_t)a[1];

    switch (op) {
    case SECCOMP_SET_MODE_STRICT:
        return flags || a[2] ? -EINVAL : set_strict(cpu);
    case SECCOMP_SET_MODE_FILTER:
        return set_filter(cpu, flags, a[2]);
    case SECCOMP_GET_ACTION_AVAIL:
        return flags ? -EINVAL : action_available(cpu, a[2]);
    case SECCOMP_GET_NOTIF_SIZES:
        return flags ? -EINVAL : seccomp_notify_sizes(cpu, a[2]);
    default:
        return -EINVAL;
    }
}

int64_t seccomp_prctl(struct vcpu *cpu, uint64_t mode, uint64_t program)
{
    switch (mode) {
    case STRICT:
        return set_strict(cpu);
    case FILTER:
        return set_filter(cpu, 0, program);
    default:
        return -EINVAL;
    }
}

/* ---- over execve ---- */

/* The mode, then from the newest filter on: count, whether it listens, and instructions. */
int seccomp_save(const struct vcpu *cpu)
{
    const struct task *task = cpu->task;
    int fd = memfd_create("seccomp", 0);
    bool fine = fd >= 0 && write(fd, &task->seccomp.mode, sizeof task->seccomp.mode) > 0;

    for (const struct seccomp_filter *f = task->seccomp.filters; fine && f; f = f->older) {
        ssize_t bytes = (ssize_t)(f->count * sizeof *f->insns);
        fine = write(fd, &f->count, sizeof f->count) == sizeof f->count &&
               write(fd, &f->listens, sizeof f->listens) == sizeof f->listens &&
               write(fd, f->insns, (size_t)bytes) == bytes;
    }
    if (fine)
        return fd;
    if (fd >= 0)
        close(fd);
    return -ENOMEM;
}

static _Noreturn void bad_state(void)
{
    runner_fail(EXIT_NOT_EXECUTABLE, "seccomp", "execve", "the filters can't be read");
}

void seccomp_restore(struct vcpu *cpu, int fd)
{
    const struct seccomp_filter **last = &cpu->task->seccomp.filters;
    unsigned count;
    ssize_t n;

    if (lseek(fd, 0, SEEK_SET) ||
        read(fd, &cpu->task->seccomp.mode, sizeof cpu->task->seccomp.mode) <= 0)
        bad_state();
    while ((n = read(fd, &count, sizeof count)) == sizeof count) {
        struct seccomp_filter *f = calloc(1, sizeof *f + count * sizeof *f->insns);
        ssize_t bytes = (ssize_t)(count * sizeof *f->insns);
        if (!f || !count || count > BPF_MAXINSNS ||
            read(fd, &f->listens, sizeof f->listens) != sizeof f->listens ||
            read(fd, f->insns, (size_t)bytes) != bytes || !program_is_fine(f->insns, count))
            bad_state();
        f->count = count;
        *last = f;
        last = &f->older;
    }
    if (n)
        bad_state();
    close(fd);
}
