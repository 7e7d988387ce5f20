/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_context_*: what a signal handler sees of generated code, and can change. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hostgen/host.h"

enum { CODE = 1 << 16 };

static struct code_ptr code;
static struct vcpu *cpu, seen;
static host_enter_fn *enter;
static const uint8_t *leave_x, *trap_x, *after_x;
static bool leave_at_once;
static struct pinning pinning;

static void number(struct vcpu *c, uint64_t first)
{
    for (unsigned i = 0; i < VCPU_G_SLOTS; i++)
        c->g[i] = first + i;
    for (unsigned i = 0; i < VCPU_V_SLOTS; i++) {
        c->v[i].d[0] = first + 1000 + i;
        c->v[i].d[1] = first + 2000 + i;
    }
}

static void on_trap(int sig, siginfo_t *info, void *uc)
{
    (void)sig, (void)info;
    ck_assert_ptr_eq((void *)host_context_pc(uc), trap_x);
    ck_assert_ptr_eq(host_context_vcpu(uc), cpu);
    ck_assert_uint_eq(host_context_sp(uc), cpu->return_base);
    ck_assert_uint_eq(host_context_mxcsr(uc) & 0xffc0, 0x3f80);
    memset(cpu->g, 0, sizeof cpu->g);
    memset(cpu->v, 0, sizeof cpu->v);
    cpu->return_sp = 0;
    host_context_to_vcpu(uc, &pinning, cpu);
    seen = *cpu;
    number(cpu, 7000);
    cpu->mxcsr = 0x5f80;
    cpu->return_sp -= 16;
    host_vcpu_to_context(cpu, &pinning, uc);
    memset(cpu->g, 0, sizeof cpu->g);
    memset(cpu->v, 0, sizeof cpu->v);
    host_context_set_exit(uc, 99);
    host_context_set_pc(uc, leave_at_once ? leave_x : after_x);
}

static void emit_all(void)
{
    static const uint8_t pins[] = {0, 1, 2, 3, 19, 31, 20, 30};
    static const uint8_t vpins[] = {0, 1, 2, 3, 16, 17, 31, 8, 30, 9};
    ck_assert(hostgen_init(HOST_ISA_BASELINE));
    pinning = hostgen_pinning(pins, sizeof pins, vpins, sizeof vpins);
    hostgen_pin(&pinning);
    struct code_ptr p = code;
    enter = (host_enter_fn *)(uintptr_t)p.x;
    host_emit_enter(&p);
    leave_x = p.x;
    host_emit_leave(&p);
    trap_x = p.x;
    host_emit_trap(&p);
    after_x = p.x;
    host_emit_set_exit(&p, 42);
    host_emit_jump(&p, leave_x);
}

START_TEST(registers_survive)
{
    static const uint8_t g[] = {0, 1, 2, 3, 19, 31, 20}, v[] = {0, 1, 2, 3, 16, 17};
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    static uint64_t alternate[8192];
    stack_t ss = {.ss_sp = alternate, .ss_size = sizeof alternate};
    sigaltstack(&ss, NULL);
    sigaction(SIGILL, &action, NULL);
    emit_all();
    number(cpu, 100);
    cpu->mxcsr = 0x3f80;
    cpu->return_sp = cpu->return_base;
    leave_at_once = _i;
    ck_assert_uint_eq(enter(cpu, trap_x), _i ? 99 : 42);
    ck_assert_uint_eq(seen.return_sp, cpu->return_base);
    ck_assert_uint_eq(seen.mxcsr, 0x3f80);
    ck_assert_uint_eq(cpu->return_sp, cpu->return_base - 16);
    ck_assert_uint_eq(cpu->mxcsr, 0x5f80);
    for (unsigned i = 0; i < sizeof g; i++) {
        ck_assert_uint_eq(seen.g[g[i]], 100 + g[i]);
        ck_assert_uint_eq(cpu->g[g[i]], 7000 + g[i]);
    }
    for (unsigned i = 0; i < sizeof v; i++)
        for (unsigned k = 0; k < 2; k++) {
            ck_assert_uint_eq(seen.v[v[i]].d[k], 1100 + 1000 * k + v[i]);
            ck_assert_uint_eq(cpu->v[v[i]].d[k], 8000 + 1000 * k + v[i]);
        }
}
END_TEST

int main(void)
{
    static uint64_t stack[512];
    int fd = memfd_create("code", 0);
    if (fd < 0 || ftruncate(fd, CODE) != 0)
        return 1;
    code.w = mmap(NULL, CODE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    code.x = mmap(NULL, CODE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    cpu = aligned_alloc(64, (sizeof *cpu + 63) & ~63u);
    memset(cpu, 0, sizeof *cpu);
    cpu->host_mxcsr = 0x1f80;
    cpu->return_base = (uint64_t)(stack + 500);
    Suite *s = suite_create("host");
    TCase *t = tcase_create("context");
    tcase_add_loop_test(t, registers_survive, 0, 2);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
