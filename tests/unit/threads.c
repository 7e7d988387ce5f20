/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What threads share, used by many at once: the code cache (translating, chaining, dropping,
 * recycling, starting anew), the map of guest memory, the list of tasks.  Results are checked; what
 * else there is to find is for the thread sanitizer (make tsan).
 *
 *     THREADS_ROUNDS    of each thread (300)
 */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "loader/vm.h"
#include "runner/options.h"
#include "signal/host.h"
#include "signal/signal.h"
#include "signal/stop.h"
#include "translate/cache.h"
#include "translate/translate.h"

enum { THREADS = 4, PAGES = 4, FUNCTION = 64, FUNCTIONS = PAGES * VM_PAGE / FUNCTION };
enum { TAKEN = 2 }; /* no handler's address */

extern const struct guest a64_guest;
static uint64_t shared; /* code that all run and nobody changes */
static struct process process;
static atomic_uint wrong;

static unsigned next(unsigned *seed)
{
    *seed = *seed * 1103515245 + 12345;
    return *seed >> 8;
}

/* x0 = value, by way of three blocks and a loop. */
static void write_code(uint64_t at, uint32_t value)
{
    const uint32_t code[] = {
        0xd2800060,              /* mov x0, #3 */
        0xf1000400,              /* subs x0, x0, #1 */
        0x54ffffe1,              /* b.ne .-4 */
        0x14000002,              /* b .+8 */
        0,                       /* not reached */
        0xd2800000 | value << 5, /* mov x0, #value */
        0xd4000001,              /* svc #0 */
    };
    vm_make_writable(at, sizeof code);
    memcpy(guest_ptr(at), code, sizeof code);
    translate_invalidate(at, sizeof code);
}

static void run(struct vcpu *cpu, uint64_t at, uint32_t value)
{
    cpu->pc = at;
    for (;;) {
        enum exit_reason reason = vcpu_run(cpu);
        if (reason == EXIT_SYSCALL)
            break;
        if (reason == EXIT_INTERRUPT)
            __atomic_store_n(&cpu->pending, 0, __ATOMIC_RELEASE);
        else if (reason != EXIT_LOOKUP) {
            atomic_fetch_add(&wrong, 1);
            return;
        }
    }
    if (cpu->g[0] != value)
        atomic_fetch_add(&wrong, 1);
}

static uint64_t code_pages(void)
{
    return (uint64_t)vm_mmap(0, PAGES * VM_PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* As a child does that shares the memory and is killed while it has the lock. */
static void die_with_lock(struct vcpu *cpu)
{
    const struct lock_person self = lock_person;
    unsigned dead = lock_person.number = lock_new_number();

    lock_take(&cache_lock);
    lock_person = self;
    translate_child_gone(dead, cpu);
}

static void *thread(void *arg)
{
    const char *text = getenv("THREADS_ROUNDS");
    unsigned seed = (unsigned)(uintptr_t)arg;
    struct vcpu *cpu = vcpu_new(&a64_guest);
    struct task task = {.cpu = cpu, .process = &process, .tid = gettid(), .pid = getpid()};
    uint64_t own = code_pages();

    a64_guest.reset(cpu, own, 0);
    cpu->task = &task;
    current_cpu = cpu;
    ck_assert(signal_altstack_new(&task));
    signal_thread_init(cpu);
    for (int n = text ? atoi(text) : 300; n; n--) {
        stop_add_task(&task);
        for (unsigned k = 0; k < 8; k++) {
            unsigned f = next(&seed) % FUNCTIONS;
            run(cpu, shared + f * FUNCTION, f);
        }
        unsigned f = next(&seed) % FUNCTIONS, value = next(&seed) & 0xffff;
        write_code(own + f * FUNCTION, value);
        run(cpu, own + f * FUNCTION, value);
        if (next(&seed) % 16 == 0) { /* their translations go with pages */
            vm_munmap(own, PAGES * VM_PAGE);
            own = code_pages();
        }
        if (next(&seed) % 8 == 0)
            die_with_lock(cpu);
        if (vm_prot(own) != (PROT_READ | PROT_WRITE | PROT_EXEC) || !vm_mapped(shared, VM_PAGE))
            atomic_fetch_add(&wrong, 1);
        stop_remove_task(&task);
    }
    vm_munmap(own, PAGES * VM_PAGE);
    signal_thread_exit(cpu);
    vcpu_free(cpu);
    return NULL;
}

START_TEST(at_once)
{
    pthread_t threads[THREADS];

    vm_init(0, UINT64_C(0x7ffffffff000));
    translate_init(&a64_guest, HOST_ISA_BASELINE, 1 << 20);
    host_set_action(SIGTRAP, TAKEN, 0);
    translate_kick = stop_kick;
    shared = code_pages();
    for (unsigned f = 0; f < FUNCTIONS; f++)
        write_code(shared + f * FUNCTION, f);
    for (uintptr_t k = 0; k < THREADS; k++)
        ck_assert_int_eq(pthread_create(&threads[k], NULL, thread, (void *)(k + 1)), 0);
    for (unsigned k = 0; k < THREADS; k++)
        pthread_join(threads[k], NULL);
    ck_assert_uint_eq(wrong, 0);
    ck_assert_ptr_null(process.tasks);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("threads");
    TCase *t = tcase_create("threads");

    tcase_set_timeout(t, 100);
    tcase_add_test(t, at_once);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_set_tap(r, "-");
    srunner_run_all(r, CK_SILENT);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
