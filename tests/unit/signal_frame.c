/* SPDX-License-Identifier: GPL-2.0-or-later */
/* signal/a64/frame.c: the layout that the arm64 kernel documents, the way back,
 * and frames that must be refused. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "loader/loader.h"
#include "loader/vm.h"
#include "signal/signal.h"
#include "translate/a64/a64.h"
#include "translate/builder.h"

enum { STACK = 64 << 10, HANDLER = 0x400000, RESTORER = 0x500000, TRAMPOLINE = 0x600000 };
enum {
    INFO = 0,
    CONTEXT = 128,
    STACK_T = 144,
    MASK = 168,
    FAULT = 304,
    REGS = 312,
    SP = 560,
    PC = 568,
    PSTATE = 576,
    RECORDS = 592,
    FRAME = 4688
};

static struct vcpu cpu;
static struct task task;
static uint64_t base, top;
static siginfo_t info;
static struct guest_sigaction action;

static uint64_t word(uint64_t gva)
{
    uint64_t v;
    ck_assert_int_eq(guest_read(&v, gva, sizeof v), 0);
    return v;
}

static void set_word(uint64_t gva, uint64_t v)
{
    ck_assert_int_eq(guest_write(gva, &v, sizeof v), 0);
}

static void on_fault(int sig, siginfo_t *si, void *context)
{
    (void)si;
    if (!guest_copy_fault(context))
        signal(sig, SIG_DFL);
}

static void setup(void)
{
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

    sigaction(SIGSEGV, &sa, NULL);
    vm_init(0, UINT64_C(0x7ffffffff000));
    base = (uint64_t)vm_mmap(0, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    top = base + STACK;
    vm_mprotect(base, STACK / 2, PROT_NONE);
    loaded.sigreturn = TRAMPOLINE;
    memset(&cpu, 0, sizeof cpu);
    memset(&task, 0, sizeof task);
    cpu.task = &task;
    task.cpu = &cpu;
    for (unsigned i = 0; i < 31; i++)
        cpu.g[i] = 0x1000 + i;
    for (unsigned i = 0; i < 32; i++)
        cpu.v[i].d[0] = 0x2000 + i, cpu.v[i].d[1] = ~cpu.v[i].d[0];
    cpu.g[A64_SP] = top - 40; /* needs alignment */
    cpu.g[CC_SLOT] = 0xa0000000;
    cpu.g[MONITOR_ADDRESS_SLOT] = 0x1234;
    cpu.pc = 0x4444;
    task.altstack = (struct guest_stack){.sp = 0x77000, .size = 0x8000};
    memset(&info, 0, sizeof info);
    info.si_signo = SIGSEGV;
    info.si_code = SEGV_MAPERR;
    info.si_addr = (void *)0xdead0;
    action = (struct guest_sigaction){.handler = HANDLER, .flags = SA_SIGINFO};
}

static uint64_t build(enum fault_access access)
{
    uint64_t sp = cpu.g[A64_SP];
    ck_assert_int_eq(a64_frame_ops.build(&cpu, SIGSEGV, &action, &info, 0x55, access, sp), 0);
    return cpu.g[A64_SP];
}

START_TEST(layout)
{
    uint64_t f = build(FAULT_WRITE);

    ck_assert_uint_eq(f % 16, 0);
    ck_assert_uint_eq(f, ((top - 40 - 16) & -16) - FRAME);
    ck_assert_uint_eq(cpu.pc, HANDLER);
    ck_assert_uint_eq(cpu.g[0], SIGSEGV);
    ck_assert_uint_eq(cpu.g[1], f + INFO);
    ck_assert_uint_eq(cpu.g[2], f + CONTEXT);
    ck_assert_uint_eq(cpu.g[29], f + FRAME);
    ck_assert_uint_eq(cpu.g[30], TRAMPOLINE);
    ck_assert_uint_eq(cpu.g[MONITOR_ADDRESS_SLOT], UINT64_MAX);
    ck_assert_uint_eq(word(f + FRAME), 0x1000 + 29);
    ck_assert_uint_eq(word(f + FRAME + 8), 0x1000 + 30);
    ck_assert_uint_eq(word(f + INFO + 16), 0xdead0);
    ck_assert_uint_eq(word(f + STACK_T), 0x77000);
    ck_assert_uint_eq(word(f + STACK_T + 16), 0x8000);
    ck_assert_uint_eq(word(f + MASK), 0x55);
    ck_assert_uint_eq(word(f + FAULT), 0xdead0);
    for (unsigned i = 0; i < 31; i++)
        ck_assert_uint_eq(word(f + REGS + 8 * i), 0x1000 + i);
    ck_assert_uint_eq(word(f + SP), top - 40);
    ck_assert_uint_eq(word(f + PC), 0x4444);
    ck_assert_uint_eq(word(f + PSTATE), 0xa0000000);
    ck_assert_uint_eq(word(f + RECORDS), 0x46508001 | UINT64_C(528) << 32);
    ck_assert_uint_eq(word(f + RECORDS + 16 + 16 * 7), 0x2007);
    ck_assert_uint_eq(word(f + RECORDS + 528), 0x45535201 | UINT64_C(16) << 32);
    ck_assert_uint_eq(word(f + RECORDS + 536), 0x92000047);
    ck_assert_uint_eq(word(f + RECORDS + 544), 0);
}
END_TEST

START_TEST(restorer)
{
    action.flags = 0x04000000;
    action.restorer = RESTORER;
    cpu.g[1] = 99;
    build(FAULT_NOT_MEMORY);
    ck_assert_uint_eq(cpu.g[30], RESTORER);
    ck_assert_uint_eq(cpu.g[1], 99); /* no SA_SIGINFO */
    ck_assert_uint_eq(word(cpu.g[A64_SP] + RECORDS + 528), 0);
}
END_TEST

START_TEST(round_trip)
{
    static struct vcpu before;
    sigmask_t mask;
    struct guest_stack altstack;

    before = cpu;
    uint64_t f = build(FAULT_READ);
    memset(cpu.g, 0x33, 31 * sizeof cpu.g[0]);
    memset(cpu.v, 0x44, sizeof cpu.v);
    set_word(f + REGS + 8 * 5, 0xabc);
    ck_assert_int_eq(a64_frame_ops.restore(&cpu, &mask, &altstack), 0);
    before.g[5] = 0xabc;
    for (unsigned i = 0; i < 32; i++)
        ck_assert_uint_eq(cpu.g[i], before.g[i]);
    ck_assert_int_eq(memcmp(cpu.v, before.v, 32 * sizeof cpu.v[0]), 0);
    ck_assert_uint_eq(cpu.g[CC_SLOT], 0xa0000000);
    ck_assert_uint_eq(cpu.pc, 0x4444);
    ck_assert_uint_eq(mask, 0x55);
    ck_assert_uint_eq(altstack.sp, 0x77000);
}
END_TEST

START_TEST(bad_frames)
{
    static const struct {
        unsigned offset;
        uint64_t value;
    } bad[] = {
        {PSTATE, 0x5},                                     /* EL1 */
        {PSTATE, 0x10},                                    /* AArch32 */
        {RECORDS, 0},                                      /* no fpsimd */
        {RECORDS, 0x46508001 | UINT64_C(512) << 32},       /* too small */
        {RECORDS, 0x46508001 | UINT64_C(0x100000) << 32},  /* too large */
        {RECORDS, 0x11111111 | UINT64_C(528) << 32},       /* unknown */
        {RECORDS + 528, 0x46508001 | UINT64_C(528) << 32}, /* twice */
        {RECORDS + 528, 0x45535201 | UINT64_C(8) << 32},   /* ragged */
    };
    sigmask_t mask;
    struct guest_stack altstack;

    uint64_t f = build(FAULT_READ);
    ck_assert_int_eq(a64_frame_ops.restore(&cpu, &mask, &altstack), 0);
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t good = word(f + bad[i].offset);
        set_word(f + bad[i].offset, bad[i].value);
        cpu.g[A64_SP] = f;
        ck_assert_int_eq(a64_frame_ops.restore(&cpu, &mask, &altstack), -EFAULT);
        set_word(f + bad[i].offset, good);
    }
    cpu.g[A64_SP] = f + 8;
    ck_assert_int_eq(a64_frame_ops.restore(&cpu, &mask, &altstack), -EFAULT);
    cpu.g[A64_SP] = top - 64;
    ck_assert_int_eq(a64_frame_ops.restore(&cpu, &mask, &altstack), -EFAULT);
}
END_TEST

START_TEST(no_room)
{
    uint64_t pc = cpu.pc, x0 = cpu.g[0];

    ck_assert_int_eq(a64_frame_ops.build(&cpu, SIGUSR1, &action, &info, 0, FAULT_NOT_MEMORY,
                                         base + STACK / 2 + 1000),
                     -EFAULT);
    ck_assert_uint_eq(cpu.pc, pc);
    ck_assert_uint_eq(cpu.g[0], x0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("signal_frame");
    TCase *tc = tcase_create("a64");
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, layout);
    tcase_add_test(tc, restorer);
    tcase_add_test(tc, round_trip);
    tcase_add_test(tc, bad_frames);
    tcase_add_test(tc, no_room);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
