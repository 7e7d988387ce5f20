/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscall/: AArch64's calls through the dispatcher, names in a sysroot, the
 * emulated files of /proc, hidden descriptors and --strace. */
#include <check.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#include "loader/loader.h"
#include "runner/options.h"
#include "signal/signal.h"
#include "syscall/a64/table.h"
#include "syscall/fds.h"
#include "syscall/path.h"
#include "syscall/procfs.h"
#include "translate/translate.h"

enum {
    A64_FSTATAT = 79,
    A64_OPENAT = 56,
    A64_FCNTL = 25,
    A64_EPOLL_CTL = 21,
    A64_EPOLL_PWAIT = 22,
    A64_READLINKAT = 78,
    A64_CLOSE_RANGE = 436,
    A64_GETDENTS64 = 61,
    A64_CLOSE = 57,
    A64_READ = 63,
    A64_IO_URING_SETUP = 425,
    A64_MKDIRAT = 34,
    A64_STATX = 291,
    A64_O_DIRECTORY = 040000,
    A64_O_NOFOLLOW = 0100000
};

static const struct guest guest = {
    .syscall_nr_slot = 8,
    .syscall_ret_slot = 0,
    .syscall_arg_slots = {0, 1, 2, 3, 4, 5},
    .syscall = a64_syscall,
    .syscall_count = A64_SYSCALL_COUNT,
    .abi = &a64_abi,
};
static struct task task;
static struct vcpu cpu = {.guest = &guest, .task = &task};
static char dir[64], exe[PATH_MAX];

static int64_t sys_raw(uint64_t nr, const uint64_t a[6])
{
    cpu.g[8] = nr;
    memcpy(cpu.g, a, 6 * sizeof(a[0]));
    syscall_dispatch(&cpu);
    return (int64_t)cpu.g[0];
}
#define sys(nr, ...) sys_raw(nr, (const uint64_t[6]){__VA_ARGS__})
#define A(p)         ((uint64_t)(p))

static void handle_fault(int sig, siginfo_t *info, void *context)
{
    (void)info;
    if (!guest_copy_fault(context))
        signal(sig, SIG_DFL);
}

static void setup(void)
{
    struct sigaction action = {.sa_sigaction = handle_fault, .sa_flags = SA_SIGINFO};

    sigaction(SIGSEGV, &action, NULL);
    vm_init(0, UINT64_C(0x7ffffffff000));
    current_cpu = &cpu;
    task.cpu = &cpu;
    task.tid = 7;
    strcpy(dir, "/tmp/unit-syscalls.XXXXXX");
    ck_assert(mkdtemp(dir) && !chdir(dir));
    ck_assert(
        !system("mkdir -p root/usr/lib root/etc root/proc && echo lib >root/usr/lib/a &&"
                "ln -s /usr/lib root/lib && ln -s usr/lib/a root/a && ln -s ../../.. root/usr/up &&"
                "ln -s /usr/lib/missing root/dangling && ln -s /loop root/loop &&"
                "echo etc >root/etc/passwd && echo file >file"));
    ck_assert(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
    loaded.exe = exe;
}

static void teardown(void)
{
    char command[100];

    snprintf(command, sizeof(command), "rm -rf %s", dir);
    ck_assert(!chdir("/") && !system(command));
    options = (struct ferry_options){0};
}

START_TEST(converts_stat)
{
    unsigned char out[128];
    struct stat st;
    uint32_t mode, nlink;
    int64_t size, mtime;

    memset(out, 0xee, sizeof(out));
    ck_assert_int_eq(sys(A64_FSTATAT, (uint64_t)AT_FDCWD, A("file"), A(out)), 0);
    stat("file", &st);
    memcpy(&mode, out + 16, 4), memcpy(&nlink, out + 20, 4), memcpy(&size, out + 48, 8);
    memcpy(&mtime, out + 88, 8);
    ck_assert_uint_eq(mode, st.st_mode);
    ck_assert_uint_eq(nlink, st.st_nlink);
    ck_assert_int_eq(size, 5);
    ck_assert_int_eq(mtime, st.st_mtime);
    ck_assert_uint_eq(out[127], 0);
    ck_assert_int_eq(sys(A64_FSTATAT, (uint64_t)AT_FDCWD, A("none"), A(out)), -ENOENT);
    ck_assert_int_eq(sys(A64_FSTATAT, (uint64_t)AT_FDCWD, A("file"), 8), -EFAULT);
    ck_assert_int_eq(sys(A64_FSTATAT, (uint64_t)AT_FDCWD, 0, A(out)), -EFAULT);
}
END_TEST

START_TEST(converts_open_flags)
{
    ck_assert_int_eq(sys(A64_OPENAT, (uint64_t)AT_FDCWD, A("file"), A64_O_DIRECTORY), -ENOTDIR);
    ck_assert(!symlink("file", "link"));
    ck_assert_int_eq(sys(A64_OPENAT, (uint64_t)AT_FDCWD, A("link"), A64_O_NOFOLLOW), -ELOOP);
    int64_t fd = sys(A64_OPENAT, (uint64_t)AT_FDCWD, A("root"), A64_O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    int64_t flags = sys(A64_FCNTL, fd, F_GETFL);
    ck_assert_int_eq(flags & 0740000, 0400000 | A64_O_DIRECTORY);
    ck_assert_int_eq(sys(A64_CLOSE, fd), 0);
}
END_TEST

START_TEST(converts_epoll_events)
{
    struct {
        uint32_t events, pad;
        uint64_t data;
    } event = {EPOLLIN, 0, 0x1122334455667788}, out[3];
    int fds[2], ep = epoll_create1(0);

    ck_assert(ep >= 0 && !pipe(fds) && write(fds[1], "x", 1) == 1);
    ck_assert_int_eq(sys(A64_EPOLL_CTL, ep, EPOLL_CTL_ADD, fds[0], A(&event)), 0);
    memset(out, 0xee, sizeof(out));
    ck_assert_int_eq(sys(A64_EPOLL_PWAIT, ep, A(out), 3, 0, 0, 8), 1);
    ck_assert_uint_eq(out[0].events, EPOLLIN);
    ck_assert_uint_eq(out[0].data, 0x1122334455667788);
    ck_assert_uint_eq(out[1].events, 0xeeeeeeee);
    ck_assert_int_eq(sys(A64_EPOLL_PWAIT, ep, 16, 3, 0, 0, 8), -EFAULT);
    ck_assert_int_eq(sys(A64_EPOLL_PWAIT, ep, A(out), 0, 0, 0, 8), -EINVAL);
    close(ep), close(fds[0]), close(fds[1]);
}
END_TEST

static const char *resolved(const char *name, unsigned flags)
{
    static char host[PATH_HOST_MAX];
    int r = path_resolve(AT_FDCWD, name, flags, host);

    if (r)
        snprintf(host, sizeof(host), "%s", strerrorname_np(-r));
    /* Without the sysroot's own place. */
    return !strncmp(host, dir, strlen(dir)) ? host + strlen(dir) : host;
}

START_TEST(resolves_in_sysroot)
{
    char root[100];

    snprintf(root, sizeof(root), "%s/root", dir);
    options.sysroot = root;
    ck_assert_str_eq(resolved("/usr/lib/a", 0), "/root/usr/lib/a");
    ck_assert_str_eq(resolved("/lib/a", 0), "/root/usr/lib/a");
    ck_assert_str_eq(resolved("//lib//./a", 0), "/root/usr/lib/a");
    ck_assert_str_eq(resolved("/a", 0), "/root/usr/lib/a");
    ck_assert_str_eq(resolved("/a", PATH_NOFOLLOW), "/root/a");
    ck_assert_str_eq(resolved("/lib", PATH_NOFOLLOW), "/root/lib");
    ck_assert_str_eq(resolved("/lib/", PATH_NOFOLLOW), "/root/usr/lib/");
    ck_assert_str_eq(resolved("/usr/up/usr/lib/../lib/a", 0), "/root/usr/lib/a");
    ck_assert_str_eq(resolved("/../../etc/passwd", 0), "/root/etc/passwd");
    ck_assert_str_eq(resolved("/etc/hosts", 0), "/etc/hosts");
    ck_assert_str_eq(resolved("/etc/passwd/x", 0), "/etc/passwd/x");
    ck_assert_str_eq(resolved("/dangling", 0), "/dangling");
    ck_assert_str_eq(resolved("/dangling", PATH_NOFOLLOW), "/root/dangling");
    ck_assert_str_eq(resolved("/loop", 0), "ELOOP");
    ck_assert_str_eq(resolved("/proc", 0), "/proc");
    ck_assert_str_eq(resolved("/dev/null", 0), "/dev/null");
    ck_assert_str_eq(resolved("/", 0), "/root/");
    ck_assert_str_eq(resolved("", 0), "");
    ck_assert_str_eq(resolved("file", 0), "file");
    ck_assert_str_eq(resolved(root, 0), "/root");
    /* From a directory inside. */
    ck_assert(!chdir("root/etc"));
    ck_assert_str_eq(resolved("../lib/a", 0), "/root/usr/lib/a");
    ck_assert_str_eq(resolved("../dangling", 0), "/root/usr/lib/missing");
    ck_assert_str_eq(resolved("new", 0), "/root/etc/new");
    ck_assert_str_eq(resolved("../../../etc/passwd", 0), "/root/etc/passwd");
    ck_assert(!chdir(dir));
}
END_TEST

START_TEST(shows_guest_in_proc)
{
    static const char auxv[] = "auxiliary vector", args[] = "prog\0one";
    char name[64], out[PATH_MAX];
    int64_t fd;
    const char *const cmdlines[] = {"/proc/self/cmdline", "/proc/thread-self/cmdline",
                                    "/proc//self/./cmdline", name};

    memcpy(loaded.auxv, auxv, sizeof(auxv));
    loaded.auxv_size = sizeof(auxv);
    loaded.arg_start = A(args);
    loaded.arg_end = A(args + sizeof(args));
    snprintf(name, sizeof(name), "/proc/%d/task/%d/cmdline", getpid(), getpid());
    for (unsigned i = 0; i < 4; i++) {
        fd = sys(A64_OPENAT, (uint64_t)AT_FDCWD, A(cmdlines[i]), O_RDONLY);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(sys(A64_READ, fd, A(out), sizeof(out)), sizeof(args));
        ck_assert_mem_eq(out, args, sizeof(args));
        sys(A64_CLOSE, fd);
    }
    int proc = open("/proc/self", O_RDONLY);
    fd = sys(A64_OPENAT, proc, A("auxv"), O_RDONLY);
    ck_assert_int_eq(sys(A64_READ, fd, A(out), sizeof(out)), sizeof(auxv));
    ck_assert_mem_eq(out, auxv, sizeof(auxv));
    sys(A64_CLOSE, fd);
    /* Not ours. */
    fd = sys(A64_OPENAT, (uint64_t)AT_FDCWD, A("/proc/1/cmdline"), O_RDONLY);
    sys(A64_READ, fd, A(out), sizeof(out));
    ck_assert_mem_ne(out, args, sizeof(args));
    sys(A64_CLOSE, fd);

    loaded.exe = "/tmp/some/program";
    memset(out, 0, sizeof(out));
    ck_assert_int_eq(sys(A64_READLINKAT, (uint64_t)AT_FDCWD, A("/proc/self/exe"), A(out), 100), 17);
    ck_assert_str_eq(out, loaded.exe);
    ck_assert_int_eq(sys(A64_READLINKAT, proc, A("exe"), A(out), 4), 4);
    ck_assert_int_eq(sys(A64_READLINKAT, (uint64_t)AT_FDCWD, A("/proc/self/exe"), A(out), 0),
                     -EINVAL);
    ck_assert_int_eq(sys(A64_OPENAT, (uint64_t)AT_FDCWD, A("/proc/self/exe"), O_RDONLY), -ENOENT);
    loaded.exe = exe;
    fd = sys(A64_OPENAT, (uint64_t)AT_FDCWD, A("/proc/self/exe"), O_RDONLY);
    ck_assert_int_ge(fd, 0);
    sys(A64_CLOSE, fd);

    loaded.start_stack = 123456789;
    fd = sys(A64_OPENAT, (uint64_t)AT_FDCWD, A("/proc/self/stat"), O_RDONLY);
    memset(out, 0, sizeof(out));
    ck_assert_int_gt(sys(A64_READ, fd, A(out), sizeof(out)), 100);
    ck_assert_ptr_nonnull(strstr(out, " 123456789 "));
    ck_assert_int_eq(atoi(out), getpid());
    sys(A64_CLOSE, fd);
    close(proc);
}
END_TEST

START_TEST(publishes_arguments)
{
    char *args = strdup("12345678"), out[PATH_MAX];

    memcpy(args, "guest\0a", 8);
    loaded.arg_start = loaded.env_start = loaded.env_end = A(args);
    loaded.arg_end = A(args + 8);
    procfs_publish();
    int fd = open("/proc/self/cmdline", O_RDONLY);
    ck_assert_int_eq(read(fd, out, sizeof(out)), 8);
    ck_assert_mem_eq(out, args, 8);
    close(fd);
    free(args);
}
END_TEST

START_TEST(hides_descriptors)
{
    int own = fds_hide(open("/dev/null", O_RDONLY));
    int dup_fd = open("/dev/null", O_RDONLY);
    char entries[4096], number[16];

    ck_assert(own > 100 && fds_is_hidden(own));
    ck_assert_int_eq(sys(A64_CLOSE, own), -EBADF);
    ck_assert_int_eq(sys(A64_FCNTL, own, F_GETFD), -EBADF);
    ck_assert_int_eq(sys(A64_CLOSE_RANGE, dup_fd, UINT32_MAX, 0), 0);
    ck_assert_int_ge(fcntl(own, F_GETFD), 0);
    ck_assert_int_lt(fcntl(dup_fd, F_GETFD), 0);

    int64_t fd = sys(A64_OPENAT, (uint64_t)AT_FDCWD, A("/proc/self/fd"), A64_O_DIRECTORY);
    int64_t n = sys(A64_GETDENTS64, fd, A(entries), sizeof(entries));
    ck_assert_int_gt(n, 0);
    snprintf(number, sizeof(number), "%d", own);
    ck_assert_ptr_null(memmem(entries, n, number, strlen(number) + 1));
    ck_assert_int_eq(sys(A64_GETDENTS64, fd, A(entries), sizeof(entries)), 0);
    sys(A64_CLOSE, fd);
}
END_TEST

/* The line that --strace writes for a call. */
static const char *traced(uint64_t nr, const uint64_t a[6])
{
    static char line[8192];
    int fds[2];

    ck_assert(!pipe(fds));
    options.strace = true;
    log_options.fd = fds[1];
    sys_raw(nr, a);
    options.strace = false;
    ssize_t n = read(fds[0], line, sizeof(line) - 1);
    line[n > 0 ? n : 0] = '\0';
    close(fds[0]), close(fds[1]);
    /* Without what puts results in a column. */
    for (char *gap; (gap = strstr(line, ")  "));)
        memmove(gap + 1, gap + 2, strlen(gap + 2) + 1);
    return line;
}
#define TRACED(nr, ...) traced(nr, (const uint64_t[6]){__VA_ARGS__})

START_TEST(traces)
{
    char buf[64], *page = malloc(20000);

    ck_assert_str_eq(TRACED(A64_OPENAT, (uint32_t)AT_FDCWD, A("no\n\"ne"),
                            A64_O_DIRECTORY | O_WRONLY | O_CLOEXEC, 0123),
                     "7 openat(AT_FDCWD, \"no\\n\\\"ne\", O_WRONLY|O_DIRECTORY|O_CLOEXEC) = "
                     "-1 ENOENT (No such file or directory)\n");
    ck_assert_str_eq(TRACED(A64_MKDIRAT, (uint64_t)AT_FDCWD, 8, 0700),
                     "7 mkdirat(AT_FDCWD, 0x8, 0700) = -1 EFAULT (Bad address)\n");
    ck_assert_str_eq(
        TRACED(A64_FSTATAT, (uint64_t)AT_FDCWD, A("file"), A(page), AT_SYMLINK_NOFOLLOW),
        "7 newfstatat(AT_FDCWD, \"file\", {st_mode=S_IFREG|0644, st_size=5, ...}, "
        "AT_SYMLINK_NOFOLLOW) = 0\n");
    ck_assert_str_eq(TRACED(A64_IO_URING_SETUP, 1, 0),
                     "7 io_uring_setup(1, NULL) = -1 ENOSYS (Function not implemented) "
                     "[not implemented]\n");
    ck_assert_str_eq(TRACED(9999, 1, 2, 3, 4, 5, 6),
                     "7 syscall_9999(0x1, 0x2, 0x3, 0x4, 0x5, 0x6) = "
                     "-1 ENOSYS (Function not implemented) [not implemented]\n");
    ck_assert_str_eq(TRACED(A64_FCNTL, 0, F_SETFD, 1), "7 fcntl(0, F_SETFD, FD_CLOEXEC) = 0\n");
    int fd = open("file", O_RDONLY);
    snprintf(buf, sizeof(buf), "7 read(%d, \"file\\n\", 64) = 5\n", fd);
    ck_assert_str_eq(TRACED(A64_READ, fd, A(page), 64), buf);
    close(fd);
    /* Arguments that don't fit are cut, the line stays whole. */
    memset(page, '\1', 20000), page[4000] = '\0';
    const char *line = TRACED(A64_MKDIRAT, (uint64_t)AT_FDCWD, A(page), 0);
    ck_assert_int_eq(line[strlen(line) - 1], '\n');
    free(page);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("syscalls");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);

    suite_add_tcase(s, t);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, converts_stat);
    tcase_add_test(t, converts_open_flags);
    tcase_add_test(t, converts_epoll_events);
    tcase_add_test(t, resolves_in_sysroot);
    tcase_add_test(t, shows_guest_in_proc);
    tcase_add_test(t, publishes_arguments);
    tcase_add_test(t, hides_descriptors);
    tcase_add_test(t, traces);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
