/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In a sandbox: tries to read and write the runner's memory by each kind of instruction that
 * accesses memory, and by buffers of system calls.  Every access must end with
 * SIGSEGV that names the address, every call with EFAULT; then it prints "alive".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "mappings.h"

static int failures;

/* ---- instructions ---- */

/* clang-format off */
#if defined(__aarch64__)
#define INSTRUCTIONS(X) \
    X("ldrb w9, [%0]") X("ldrh w9, [%0, #2]") X("ldr w9, [%0]") X("ldr x9, [%0, #8]") \
    X("ldrsb x9, [%0]") X("ldrsh w9, [%0]") X("ldrsw x9, [%0]") X("ldur x9, [%0, #-7]") \
    X("strb wzr, [%0]") X("strh wzr, [%0]") X("str wzr, [%0, #4]") X("str xzr, [%0]") \
    X("str x9, [%0]") X("stur x9, [%0, #1]") X("ldr x9, [%0], #8") X("str x9, [%0, #-8]!") \
    X("ldr x9, [%1, %0]") X("ldr x9, [%1, %2, lsl #3]") X("ldr w9, [%1, %2, lsl #2]") \
    X("ldrh w9, [%1, %2, lsl #1]") X("str x9, [%1, %2, lsl #3]") X("strb w9, [%1, %0]") \
    X("ldr x9, [%0, w3, uxtw]") X("ldp x9, x10, [%0]") X("stp x9, x10, [%0, #16]") \
    X("stp xzr, xzr, [%0], #16") X("ldpsw x9, x10, [%0]") X("ldr b9, [%0]") X("ldr h9, [%0]") \
    X("ldr s9, [%0]") X("ldr d9, [%0, #8]") X("ldr q9, [%0]") X("str b9, [%0]") \
    X("str q9, [%0, #16]") X("ldr q9, [%1, %2, lsl #4]") X("str d9, [%1, %2, lsl #3]") \
    X("ldp q9, q10, [%0]") X("stp q9, q10, [%0]") X("ld1 {v9.16b}, [%0]") \
    X("ld1 {v9.b}[3], [%0]") X("ld1r {v9.4s}, [%0]") X("ld2 {v9.4s, v10.4s}, [%0]") \
    X("ld3 {v9.8h, v10.8h, v11.8h}, [%0]") X("ld4 {v9.16b, v10.16b, v11.16b, v12.16b}, [%0]") \
    X("st1 {v9.16b, v10.16b}, [%0]") X("st4 {v9.2d, v10.2d, v11.2d, v12.2d}, [%0]") \
    X("st1 {v9.s}[1], [%0]") X("ldar x9, [%0]") X("stlr x9, [%0]") X("ldarb w9, [%0]") \
    X("ldxr x9, [%0]") X("ldaxr w9, [%0]") X("ldxp x9, x10, [%0]") X("dc zva, %0") \
    X(".arch armv8.3-a\n ldadd x9, x10, [%0]") X(".arch armv8.3-a\n swpb w9, w10, [%0]") \
    X(".arch armv8.3-a\n cas x9, x10, [%0]") X(".arch armv8.3-a\n casp x8, x9, x10, x11, [%0]") \
    X(".arch armv8.3-a\n stset w9, [%0]") X(".arch armv8.3-a\n ldapr x9, [%0]")
#define CLOBBERS "x3", "x8", "x9", "x10", "x11", "v9", "v10", "v11", "v12"
#define PREPARE  "mov w3, #0\n"
#define BASE     "r"
#else /* PowerPC, 64 bits */
#define INSTRUCTIONS(X) \
    X("lbz 9,0(%0)") X("lhz 9,2(%0)") X("lha 9,0(%0)") X("lwz 9,0(%0)") X("lwa 9,0(%0)") \
    X("ld 9,8(%0)") X("stb 9,0(%0)") X("sth 9,0(%0)") X("stw 9,0(%0)") X("std 9,0(%0)") \
    X("lbzx 9,%1,%0") X("ldx 9,%1,%0") X("stdx 9,%1,%0") X("lwzu 9,4(%0)") X("stdu 9,-8(%0)") \
    X("lhbrx 9,0,%0") X("lwbrx 9,0,%0") X("stwbrx 9,0,%0") X("ldbrx 9,0,%0") X("lfs 9,0(%0)") \
    X("lfd 9,0(%0)") X("stfs 9,0(%0)") X("stfd 9,8(%0)") X("stfiwx 9,0,%0") X("lfiwax 9,0,%0") \
    X("lvx 9,0,%0") X("lvebx 9,0,%0") X("stvx 9,0,%0") X("stvewx 9,0,%0") X("lxvd2x 9,0,%0") \
    X("lxvw4x 9,0,%0") X("lxsdx 9,0,%0") X("lxvdsx 9,0,%0") X("stxvd2x 9,0,%0") \
    X("stxsdx 9,0,%0") X("lwarx 9,0,%0") X("ldarx 9,0,%0") X("lbarx 9,0,%0") X("dcbz 0,%0")
#define CLOBBERS "r9", "r10", "fr9", "v9"
#define PREPARE  ""
#define BASE     "b"
#endif
/* clang-format on */

static sigjmp_buf back;
static uintptr_t hit;

static void on_fault(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    hit = (uintptr_t)info->si_addr;
    siglongjmp(back, 1);
}

static void must_fault(const char *text, uintptr_t at, void (*access)(uintptr_t at))
{
    if (sigsetjmp(back, 1) == 0) {
        access(at);
        printf("%s at %#lx: done\n", text, (unsigned long)at);
        failures++;
    } else if (hit - (at - 16) > 64 + 64) { /* a line is cleared from its start on */
        printf("%s at %#lx: a fault at %#lx\n", text, (unsigned long)at, (unsigned long)hit);
        failures++;
    }
}

#define STRINGS(text) text,
static const char *const texts[] = {INSTRUCTIONS(STRINGS)};
enum { INSTRUCTION_COUNT = sizeof texts / sizeof *texts };

/* The address is operand 0, or operand 1 + an index that is operand 2. */
static int chosen;
static void access_memory(uintptr_t at)
{
    const uintptr_t index = 32;
    int n = 0;
#define SCALE(text) (strstr(text, "#4") ? 16 : strstr(text, "#3") ? 8 : strstr(text, "#2") ? 4 : 2)
#define TRY(text)                                                                                  \
    if (n++ == chosen) {                                                                           \
        uintptr_t address = at, base = strstr(text, "%2") ? at - index * SCALE(text) : 0;          \
        __asm__ volatile(PREPARE text                                                              \
                         : "+" BASE(address)                                                       \
                         : BASE(base), BASE(index)                                                 \
                         : CLOBBERS, "memory");                                                    \
        return;                                                                                    \
    }
    INSTRUCTIONS(TRY)
}

static void instructions(uintptr_t at)
{
    for (chosen = 0; chosen < INSTRUCTION_COUNT; chosen++)
        must_fault(texts[chosen], at, access_memory);
}

/* ---- system calls ---- */

static void refused(const char *what, uintptr_t at, long r)
{
    if (r != -1 || errno != EFAULT) {
        printf("%s at %#lx: %ld, %s\n", what, (unsigned long)at, r, strerror(errno));
        failures++;
    }
}

static void calls(uintptr_t address)
{
    void *at = (void *)address;
    struct iovec v = {at, 64};
    struct iovec two[2] = {{"x", 1}, {at, 64}};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1}, outside = {.msg_iov = at, .msg_iovlen = 1};
    struct msghdr control = {
        .msg_iov = two, .msg_iovlen = 1, .msg_control = at, .msg_controllen = 64};
    struct mmsghdr many = {.msg_hdr = m};
    int zero = open("/dev/zero", O_RDONLY), null = open("/dev/null", O_WRONLY), pair[2], fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || pipe(fds) || zero < 0 || null < 0) {
        printf("no descriptors: %s\n", strerror(errno));
        failures++;
        return;
    }
    if (write(pair[1], "0123456789", 10) != 10)
        failures++;
    /* /dev/null takes everything without a look. */
    refused("write", address, write(fds[1], at, 64));
    refused("read", address, read(zero, at, 64));
    refused("pread", address, pread(zero, at, 64, 0));
    refused("writev", address, writev(fds[1], &v, 1));
    refused("readv", address, readv(zero, &v, 1));
    refused("vector outside", address, readv(zero, at, 1));
    refused("preadv", address, preadv(zero, &v, 1, 0));
    refused("vmsplice", address, vmsplice(fds[1], &v, 1, 0));
    refused("send", address, send(pair[0], at, 64, 0));
    refused("recv", address, recv(pair[0], at, 64, MSG_DONTWAIT));
    refused("sendmsg", address, sendmsg(pair[0], &m, 0));
    refused("sendmsg outside", address, sendmsg(pair[0], &outside, 0));
    refused("sendmsg control", address, sendmsg(pair[0], &control, 0));
    refused("recvmsg", address, recvmsg(pair[0], &m, MSG_DONTWAIT));
    refused("sendmmsg", address, sendmmsg(pair[0], &many, 1, 0));
    refused("recvmmsg", address, recvmmsg(pair[0], &many, 1, MSG_DONTWAIT, NULL));
    refused("getrandom", address, getrandom(at, 16, 0));
    refused("open", address, open(at, O_RDONLY));
    refused("stat", address, stat("/usr", at));
    refused("statx", address, syscall(SYS_statx, AT_FDCWD, "/usr", 0, 0x7ff, at));
    refused("getcwd", address, syscall(SYS_getcwd, at, 4096));
    refused("pipe2", address, syscall(SYS_pipe2, at, 0));
    refused("clock_gettime", address, syscall(SYS_clock_gettime, CLOCK_REALTIME, at));
    refused("nanosleep", address, nanosleep(at, NULL));
    refused("poll", address, poll(at, 1, 0));
    refused("uname", address, syscall(SYS_uname, at));
    refused("futex", address, syscall(SYS_futex, at, 0, 0, NULL, NULL, 0));
    refused("sigaction", address, syscall(SYS_rt_sigaction, SIGUSR1, NULL, at, 8));
    refused("sigprocmask", address, syscall(SYS_rt_sigprocmask, SIG_BLOCK, at, NULL, 8));
    refused("lock", address, fcntl(zero, F_GETLK, at));
    refused("hint", address, fcntl(zero, 1035 /* F_GET_RW_HINT */, at));
    refused("bytes waiting", address, ioctl(pair[0], FIONREAD, at));
    refused("getsockopt", address, syscall(SYS_getsockopt, pair[0], SOL_SOCKET, SO_TYPE, at, at));
    refused("affinity", address, syscall(SYS_sched_getaffinity, 0, 128, at));
    refused("times", address, syscall(SYS_times, at));
    refused("getrusage", address, syscall(SYS_getrusage, 0, at));
    refused("rlimit", address, syscall(SYS_prlimit64, 0, 7, NULL, at));
    refused("name", address, syscall(SYS_prctl, 16 /* PR_GET_NAME */, at, 0, 0, 0));
    refused("affinity list", address, syscall(SYS_getresuid, at, at, at));
    refused("timer", address, syscall(SYS_timer_create, CLOCK_REALTIME, NULL, at));
    refused("getdents", address,
            syscall(SYS_getdents64, open("/usr", O_RDONLY | O_DIRECTORY), at, 4096));
    int e = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(e, EPOLL_CTL_ADD, pair[0], &event);
    refused("epoll_ctl", address, epoll_ctl(e, EPOLL_CTL_MOD, pair[0], at));
    refused("epoll_wait", address, epoll_wait(e, at, 1, 0));
    refused("copy", address, syscall(SYS_copy_file_range, zero, at, null, NULL, 16, 0));
    for (int fd = zero; fd <= e; fd++)
        close(fd);
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    find_runner();
    printf("the runner's mappings are %s\n", count > 3 ? "known" : "not known");
    for (int i = 0; i < count; i++) {
        uintptr_t middle = theirs[i].start + (theirs[i].end - theirs[i].start) / 2;
        instructions(middle & ~(uintptr_t)127);
        calls(middle & ~(uintptr_t)127);
    }
    /* Where nobody is: the same answers. */
    instructions(UINT64_C(0x200000000000));
    instructions(UINT64_C(0x7fffffffe000));
    calls(UINT64_C(0x200000000000));
    puts(failures || count <= 3 ? "hurt" : "alive");
    return failures != 0;
}
