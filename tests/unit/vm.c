/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loader/vm.c against a model of one byte a page, and against the host's map. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/text.h"
#include "loader/vm.h"
#include "runner/options.h"
#include "translate/translate.h"

enum { ARENA_PAGES = 64, STEPS = 20000 };

static uint64_t arena;
static int model[ARENA_PAGES]; /* guest protection, -1: not mapped */
static uint64_t dropped_start, dropped_end;

struct ferry_options options;

void translate_invalidate(uint64_t start, uint64_t len)
{
    dropped_start = start;
    dropped_end = start + len;
    vm_unprotect_code(start, len);
}

static uint64_t page(unsigned n)
{
    return arena + n * (uint64_t)VM_PAGE;
}

/* The host's protection of each page of the arena, -1: not mapped. */
static void host_map(int prot[ARENA_PAGES])
{
    FILE *f = fopen("/proc/self/maps", "r");
    char line[512], p[5];
    uint64_t start, end;

    for (unsigned i = 0; i < ARENA_PAGES; i++)
        prot[i] = -1;
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &start, &end, p) != 3)
            continue;
        for (unsigned i = 0; i < ARENA_PAGES; i++)
            if (page(i) >= start && page(i) < end)
                prot[i] = (p[0] == 'r' ? PROT_READ : 0) | (p[1] == 'w' ? PROT_WRITE : 0) |
                          (p[2] == 'x' ? PROT_EXEC : 0);
    }
    fclose(f);
}

static void setup(void)
{
    arena = 0x20000000; /* where sanitizers have nothing of their own */
    vm_init(0, UINT64_C(0x7ffffffff000));
    for (unsigned i = 0; i < ARENA_PAGES; i++)
        model[i] = -1;
    srandom(1);
}

static bool all(unsigned at, unsigned n, bool mapped)
{
    for (unsigned i = at; i < at + n; i++)
        if ((model[i] >= 0) != mapped)
            return false;
    return true;
}

static void random_step(void)
{
    unsigned at = random() % ARENA_PAGES, n = 1 + random() % 12;
    unsigned to = random() % ARENA_PAGES;
    int prot = random() % 8;

    if (at + n > ARENA_PAGES)
        n = ARENA_PAGES - at;
    if (to + n > ARENA_PAGES)
        to = ARENA_PAGES - n;
    switch (random() % 6) {
    case 0:
        ck_assert_int_eq(
            vm_mmap(page(at), n * VM_PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
            page(at));
        for (unsigned i = at; i < at + n; i++)
            model[i] = prot;
        break;
    case 1:
        ck_assert_int_eq(vm_munmap(page(at), n * VM_PAGE), 0);
        for (unsigned i = at; i < at + n; i++)
            model[i] = -1;
        break;
    case 2:
        ck_assert_int_eq(vm_mprotect(page(at), n * VM_PAGE, prot), all(at, n, true) ? 0 : -ENOMEM);
        for (unsigned i = at; i < at + n && model[i] >= 0; i++)
            model[i] = prot;
        break;
    case 3:
        vm_protect_code(page(at), n * VM_PAGE);
        break;
    case 4: {
        int64_t r =
            vm_mremap(page(at), n * VM_PAGE, n * VM_PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, page(to));
        if (at < to + n && to < at + n) {
            ck_assert_int_eq(r, -EINVAL);
        } else if (r == (int64_t)page(to)) {
            for (unsigned i = 0; i < n; i++) {
                ck_assert_int_ge(model[at + i], 0);
                model[to + i] = model[at + i];
                model[at + i] = -1;
            }
        } else {
            ck_assert_int_eq(r, -EFAULT);
        }
        break;
    }
    case 5: {
        int64_t r = vm_mmap(page(at), n * VM_PAGE, prot,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        ck_assert_int_eq(r, all(at, n, false) ? (int64_t)page(at) : -EEXIST);
        for (unsigned i = at; r >= 0 && i < at + n; i++)
            model[i] = prot;
        break;
    }
    }
}

START_TEST(random_changes)
{
    int host[ARENA_PAGES];

    for (unsigned s = 0; s < STEPS; s++) {
        random_step();
        if (s % 16)
            continue;
        host_map(host);
        for (unsigned i = 0; i < ARENA_PAGES; i++) {
            ck_assert_int_eq(vm_prot(page(i)), model[i]);
            ck_assert_int_eq(vm_mapped(page(i), VM_PAGE), model[i] >= 0);
            if (model[i] < 0) {
                ck_assert_int_eq(host[i], -1);
                continue;
            }
            int want = model[i] & (PROT_READ | PROT_WRITE);
            if (model[i] & PROT_EXEC)
                want |= PROT_READ;
            /* Write-protected where code may have been translated. */
            ck_assert(host[i] == want || host[i] == (want & ~PROT_WRITE));
        }
    }
    vm_munmap(arena, ARENA_PAGES * VM_PAGE);
}
END_TEST

START_TEST(runner_memory_is_safe)
{
    char *own = mmap(NULL, 4 * VM_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t at = (uint64_t)own;

    own[VM_PAGE] = 42;
    ck_assert_int_eq(
        vm_mmap(at, 4 * VM_PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
        -ENOMEM);
    ck_assert_int_eq(vm_mprotect(at, VM_PAGE, PROT_READ), -ENOMEM);
    ck_assert_int_eq(vm_munmap(at, 4 * VM_PAGE), 0);
    ck_assert_int_eq(vm_mremap(at, VM_PAGE, VM_PAGE, 1, 0), -EFAULT);
    /* Half the guest's, half ours: nothing happens. */
    ck_assert_int_eq(munmap(own, VM_PAGE), 0);
    ck_assert_int_eq(vm_mmap(at, VM_PAGE, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
                     at);
    own[0] = 43;
    ck_assert_int_eq(
        vm_mmap(at, 2 * VM_PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
        -ENOMEM);
    ck_assert_int_eq(own[0], 43);
    ck_assert_int_eq(own[VM_PAGE], 42);
    ck_assert_int_eq(vm_munmap(at, 4 * VM_PAGE), 0);
    ck_assert_int_eq(own[VM_PAGE], 42);
}
END_TEST

START_TEST(arguments)
{
    const int anon = MAP_PRIVATE | MAP_ANONYMOUS;

    ck_assert_int_eq(vm_mmap(0, 0, PROT_READ, anon, -1, 0), -EINVAL);
    ck_assert_int_eq(vm_mmap(0, UINT64_MAX - 4095, PROT_READ, anon, -1, 0), -ENOMEM);
    ck_assert_int_eq(vm_mmap(0, UINT64_MAX, PROT_READ, anon, -1, 0), -ENOMEM);
    ck_assert_int_eq(vm_mmap(arena + 1, VM_PAGE, PROT_READ, anon | MAP_FIXED, -1, 0), -EINVAL);
    ck_assert_int_eq(vm_mmap(UINT64_MAX - 4095, VM_PAGE, PROT_READ, anon | MAP_FIXED, -1, 0),
                     -ENOMEM);
    ck_assert_int_eq(vm_mmap(0, VM_PAGE, PROT_READ, MAP_PRIVATE, -1, 0), -EBADF);
    ck_assert_int_eq(vm_mmap(0, VM_PAGE, PROT_READ, MAP_PRIVATE, 0, 1), -EINVAL);
    ck_assert_int_eq(vm_munmap(arena + 1, VM_PAGE), -EINVAL);
    ck_assert_int_eq(vm_munmap(arena, 0), -EINVAL);
    ck_assert_int_eq(vm_munmap(UINT64_MAX - 4095, VM_PAGE), -EINVAL);
    ck_assert_int_eq(vm_mprotect(arena, VM_PAGE, 0x1000), -EINVAL);
    ck_assert_int_eq(vm_mprotect(arena, 0, PROT_READ), 0);
    ck_assert_int_eq(vm_mprotect(arena, VM_PAGE, PROT_READ), -ENOMEM);
    ck_assert_int_eq(vm_mremap(arena, VM_PAGE, 0, 0, 0), -EINVAL);
    ck_assert_int_eq(vm_mremap(arena, VM_PAGE, VM_PAGE, MREMAP_FIXED, 0), -EINVAL);
    ck_assert_int_eq(vm_mremap(arena, VM_PAGE, VM_PAGE, 0, 0), -EFAULT);
}
END_TEST

START_TEST(code)
{
    const int anon = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    const int rwx = PROT_READ | PROT_WRITE | PROT_EXEC;

    vm_mmap(arena, 4 * VM_PAGE, rwx, anon, -1, 0);
    vm_protect_code(page(1), 4);
    ck_assert_int_eq(vm_prot(page(1)), rwx);
    /* A write by ferry itself drops the translations there. */
    dropped_end = 0;
    ck_assert(!vm_make_writable(page(0), VM_PAGE));
    ck_assert(vm_make_writable(page(0), VM_PAGE + 1));
    ck_assert_uint_eq(dropped_start, page(0));
    ck_assert_uint_eq(dropped_end, page(2));
    memset(guest_ptr(page(0)), 1, 4 * VM_PAGE);
    /* Changes of executable pages do too, others do not. */
    dropped_end = 0;
    vm_mprotect(page(0), VM_PAGE, PROT_READ);
    ck_assert_uint_eq(dropped_end, page(1));
    dropped_end = 0;
    vm_mprotect(page(0), VM_PAGE, PROT_READ | PROT_WRITE);
    ck_assert_uint_eq(dropped_end, 0);
    vm_mmap(page(2), VM_PAGE, PROT_READ, anon, -1, 0);
    ck_assert_uint_eq(dropped_end, page(3));
    vm_munmap(page(3), VM_PAGE);
    ck_assert_uint_eq(dropped_end, page(4));
    /* Moving a mapping whose middle is write-protected. */
    vm_mmap(arena, 4 * VM_PAGE, rwx, anon, -1, 0);
    vm_protect_code(page(1), 4);
    ck_assert_int_eq(
        vm_mremap(arena, 4 * VM_PAGE, 4 * VM_PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, page(8)),
        page(8));
    ck_assert_int_eq(vm_prot(page(0)), -1);
    memset(guest_ptr(page(8)), 1, 4 * VM_PAGE);
    vm_munmap(arena, ARENA_PAGES * VM_PAGE);
}
END_TEST

static bool is_present(uint64_t addr)
{
    uint64_t entry = 0;
    int fd = open("/proc/self/pagemap", O_RDONLY);

    ck_assert_int_eq(pread(fd, &entry, sizeof entry,
                           (off_t)((uint64_t)guest_ptr(addr) / VM_PAGE * sizeof entry)),
                     sizeof entry);
    close(fd);
    return entry >> 63;
}

/* Text that has only been read is no longer resident; what was written to it by force stays. */
START_TEST(given_back)
{
    enum { PAGES = 700, WRITTEN = 600 };
    static uint8_t bytes[PAGES * VM_PAGE];
    FILE *f = tmpfile();
    int mem = open("/proc/self/mem", O_RDWR);

    memset(bytes, 'a', sizeof bytes);
    ck_assert_int_eq(fwrite(bytes, 1, sizeof bytes, f), sizeof bytes);
    fflush(f);
    int64_t at = vm_mmap(0, sizeof bytes, PROT_READ | PROT_EXEC, MAP_PRIVATE, fileno(f), 0);
    ck_assert_int_gt(at, 0);
    uint64_t written = (uint64_t)at + WRITTEN * VM_PAGE;
    ck_assert_int_eq(memcmp(guest_ptr((uint64_t)at), bytes, sizeof bytes), 0);
    bytes[WRITTEN * VM_PAGE] = 'b';
    ck_assert_int_eq(pwrite(mem, "b", 1, (off_t)(uint64_t)guest_ptr(written)), 1);
    ck_assert(is_present((uint64_t)at) && is_present(written));
    const uint64_t all = UINT64_MAX, none = 0;
    _Static_assert(sizeof bytes <= 64 * VM_TEXT_PART, "a bit for each part");
    vm_give_back_text((uint64_t)at, (uint64_t)at + sizeof bytes, &none);
    ck_assert(is_present((uint64_t)at) && is_present(written));
    vm_give_back_text((uint64_t)at, (uint64_t)at + sizeof bytes, &all);
    /* The kernel may just be moving some pages: they look like such with contents of their own. */
    unsigned kept = 0;
    for (unsigned n = 0; n < PAGES; n++)
        kept += is_present((uint64_t)at + n * (uint64_t)VM_PAGE);
    ck_assert_uint_lt(kept, PAGES / 2);
    ck_assert_int_eq(memcmp(guest_ptr((uint64_t)at), bytes, sizeof bytes), 0);
    vm_munmap((uint64_t)at, sizeof bytes);
    close(mem);
    fclose(f);
}
END_TEST

START_TEST(heap)
{
    vm_set_brk(arena);
    ck_assert_uint_eq(vm_brk(0), arena);
    ck_assert_uint_eq(vm_brk(arena + 100), arena + 100);
    *(char *)guest_ptr(arena + VM_PAGE - 1) = 1;
    ck_assert_uint_eq(vm_brk(arena + 300 * (UINT64_C(1) << 20)), arena + 300 * (UINT64_C(1) << 20));
    ck_assert_uint_eq(vm_brk(arena + VM_PAGE), arena + VM_PAGE);
    ck_assert_int_eq(vm_prot(page(1)), -1);
    ck_assert_int_eq(*(char *)guest_ptr(arena + VM_PAGE - 1), 1);
    /* Something in the way. */
    vm_mmap(page(4), VM_PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    ck_assert_uint_eq(vm_brk(page(6)), arena + VM_PAGE);
    ck_assert_uint_eq(vm_brk(page(4)), page(4));
    ck_assert_uint_eq(vm_brk(arena), arena);
    vm_munmap(page(4), VM_PAGE);
}
END_TEST

static void fault(int sig, siginfo_t *info, void *context)
{
    (void)info;
    if (!guest_copy_fault(context))
        signal(sig, SIG_DFL);
}

START_TEST(copies)
{
    const int anon = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    struct sigaction sa = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO};
    char buffer[64] = "abc";

    sigaction(SIGSEGV, &sa, NULL);
    vm_mmap(arena, VM_PAGE, PROT_READ | PROT_WRITE, anon, -1, 0);
    ck_assert_int_eq(guest_write(page(1) - 8, buffer, 8), 0);
    ck_assert_int_eq(guest_write(page(1) - 8, buffer, 9), -EFAULT);
    ck_assert_int_eq(guest_read(buffer, page(1) - 8, 8), 0);
    ck_assert_int_eq(guest_read(buffer, page(1) - 8, 9), -EFAULT);
    ck_assert_int_eq(guest_read(buffer, 0, 1), -EFAULT);
    ck_assert_int_eq(guest_read(buffer, UINT64_MAX, 1), -EFAULT);
    ck_assert_int_eq(guest_read(buffer, UINT64_C(0x8000000000000000), 1), -EFAULT);
    ck_assert_int_eq(guest_strlen(page(1) - 8, 100), 3);
    ck_assert_int_eq(guest_strlen(page(1) - 8, 3), 3);
    ck_assert_int_eq(guest_strlen(page(1) - 8, 2), -ENAMETOOLONG);
    ck_assert_int_eq(guest_write(page(1) - 4, "efgh", 4), 0);
    ck_assert_int_eq(guest_strlen(page(1) - 4, 100), -EFAULT);
    ck_assert_int_eq(guest_strlen(page(1), 100), -EFAULT);
    /* Into a page that holds translated code. */
    vm_mprotect(arena, VM_PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    vm_protect_code(arena, 1);
    ck_assert_int_eq(guest_write(arena, "x", 1), 0);
    vm_munmap(arena, VM_PAGE);
    signal(SIGSEGV, SIG_DFL);
}
END_TEST

START_TEST(maps)
{
    const int anon = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    char path[] = "/tmp/ferry-vm.XXXXXX", text[65536], want[256];
    int fd = mkstemp(path), out = memfd_create("maps", 0);

    ck_assert_int_eq(ftruncate(fd, 4 * VM_PAGE), 0);
    vm_mmap(arena, 4 * VM_PAGE, 7, MAP_PRIVATE | MAP_FIXED, fd, 0);
    vm_protect_code(page(1), 1);
    vm_munmap(page(3), VM_PAGE);
    vm_mmap(page(8), VM_PAGE, PROT_READ | PROT_WRITE, anon, -1, 0);
    vm_set_name(page(8), VM_PAGE, VM_STACK);
    ck_assert_int_eq(vm_write_maps(out), 0);
    ssize_t n = pread(out, text, sizeof text - 1, 0);
    ck_assert_int_gt(n, 0);
    text[n] = 0;
    /* One line although the host has three; nothing of ours. */
    snprintf(want, sizeof want, "%08" PRIx64 "-%08" PRIx64 " rwxp 00000000 ", page(0), page(3));
    ck_assert_ptr_nonnull(strstr(text, want));
    ck_assert_ptr_nonnull(strstr(text, path));
    ck_assert_ptr_null(strstr(text, "libc"));
    char *line = strchr(text, '\n') + 1;
    snprintf(want, sizeof want, "%08" PRIx64 "-%08" PRIx64 " rw-p 00000000 00:00 0 ", page(8),
             page(9));
    ck_assert_ptr_eq(strstr(text, want), line);
    ck_assert_str_eq(line + 73, "[stack]\n");
    vm_munmap(arena, ARENA_PAGES * VM_PAGE);
    close(fd);
    close(out);
    unlink(path);
}
END_TEST

/* The number behind the key, of the area that the line begins. */
static long counted(const char *text, uint64_t start, uint64_t end, const char *key)
{
    char line[64];

    snprintf(line, sizeof line, "%08" PRIx64 "-%08" PRIx64 " ", start, end);
    const char *at = strstr(text, line), *value = at ? strstr(at, key) : NULL;
    return value ? strtol(value + strlen(key), NULL, 10) : -1;
}

static void terminated(int (*make)(struct text *), struct text *t)
{
    text_free(t);
    ck_assert_int_eq(make(t), 0);
    text_add(t, "", 1);
    ck_assert(!t->failed);
}

START_TEST(counts)
{
    const int anon = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    struct text t = {0};

    /* One area for the kernel, three for the guest. */
    vm_mmap(arena, 6 * VM_PAGE, PROT_READ | PROT_WRITE, anon, -1, 0);
    memset(guest_ptr(page(1)), 1, 3 * VM_PAGE);
    vm_mprotect(page(0), 2 * VM_PAGE, PROT_READ);
    vm_mprotect(page(2), 2 * VM_PAGE, PROT_READ | PROT_EXEC);
    vm_mprotect(page(4), 2 * VM_PAGE, PROT_READ);
    terminated(vm_smaps, &t);
    for (uint64_t k = 0; k < 6; k += 2) {
        ck_assert_int_eq(counted(t.p, page(k), page(k + 2), "Size:"), 8);
        ck_assert_int_eq(counted(t.p, page(k), page(k + 2), "Rss:"), k == 0 ? 4 : k == 2 ? 8 : 0);
    }
    ck_assert_ptr_nonnull(strstr(t.p, "VmFlags: rd ex "));
    ck_assert_ptr_null(strstr(t.p, "libc"));
    ck_assert_ptr_null(strstr(t.p, " dd"));
    /* Two for the kernel, one for the guest. */
    vm_munmap(arena, 6 * VM_PAGE);
    vm_mmap(arena, 4 * VM_PAGE, 7, anon, -1, 0);
    memset(guest_ptr(page(0)), 1, 4 * VM_PAGE);
    vm_protect_code(page(1), 1);
    terminated(vm_smaps, &t);
    ck_assert_int_eq(counted(t.p, page(0), page(4), "Rss:"), 16);
    terminated(vm_smaps_rollup, &t);
    ck_assert_int_eq(counted(t.p, page(0), page(4), "Rss:"), 16);
    vm_munmap(arena, ARENA_PAGES * VM_PAGE);
    text_free(&t);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("vm");
    TCase *t = tcase_create("vm");

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, random_changes);
    tcase_add_test(t, runner_memory_is_safe);
    tcase_add_test(t, arguments);
    tcase_add_test(t, code);
    tcase_add_test(t, given_back);
    tcase_add_test(t, heap);
    tcase_add_test(t, copies);
    tcase_add_test(t, maps);
    tcase_add_test(t, counts);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_set_tap(r, "-");
    srunner_run_all(r, CK_SILENT);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
