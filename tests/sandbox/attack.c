/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tries to get at the emulator that runs it, without a sandbox:
 *
 *     attack memory        system calls on the runner's mappings
 *     attack descriptors   closes and replaces all that there may be
 *     attack frames        signal frames and jumps that lead out
 *
 * Each ends with "alive" if all attempts failed as they should.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "mappings.h"

static int failures;
static void fails(const char *what, long r, uintptr_t at)
{
    if (r != -1) {
        printf("%s at %#lx: %ld\n", what, (unsigned long)at, r);
        failures++;
    }
}

static int forks_and_lives(void)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        char *p = malloc(100000);
        memset(p, 1, 100000);
        _exit(getppid() > 0 ? 42 : 1);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 42;
}

static void memory(void)
{
    static const int advice[] = {MADV_DONTNEED,
                                 MADV_FREE,
                                 MADV_REMOVE,
                                 MADV_DONTFORK,
                                 18 /* WIPEONFORK */,
                                 102 /* GUARD_INSTALL */,
                                 100 /* HWPOISON */,
                                 101,
                                 21,
                                 20};
    int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);

    find_runner();
    printf("the runner's mappings are %s\n", count > 3 ? "known" : "not known");
    failures += count <= 3;
    for (int i = 0; i < count; i++) {
        char *at = (char *)theirs[i].start;
        size_t size = theirs[i].end - theirs[i].start;
        fails("mmap",
              (long)mmap(at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                         -1, 0),
              theirs[i].start);
        fails("mmap noreplace",
              (long)mmap(at, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | 0x100000, -1, 0),
              theirs[i].start);
        fails("mprotect", mprotect(at, size, PROT_NONE), theirs[i].start);
        fails("mprotect", mprotect(at, 4096, PROT_READ | PROT_WRITE | PROT_EXEC), theirs[i].start);
        munmap(at, size);
        fails("mremap", (long)mremap(at, size, size + 4096, MREMAP_MAYMOVE), theirs[i].start);
        fails("mremap in place", (long)mremap(at, size, 4096, 0), theirs[i].start);
        fails("shmat", (long)shmat(id, at, SHM_REMAP), theirs[i].start);
        shmdt(at);
        for (unsigned k = 0; k < sizeof advice / sizeof *advice; k++)
            if (advice[k] != 20 && advice[k] != 21)
                fails("madvise", madvise(at, size, advice[k]), theirs[i].start);
    }
    shmctl(id, IPC_RMID, NULL);
}

static void all_memory_but_ours(void)
{
    /* From the end of each of our mappings to the beginning of the next. */
    static struct range ours[4096];
    int m = read_ranges("/proc/self/maps", ours, 4096);

    for (int k = 0; k + 1 < m; k++) {
        char *at = (char *)ours[k].end;
        size_t size = ours[k + 1].start - ours[k].end;
        if (size)
            munmap(at, size);
    }
    if (m && ours[m - 1].end < 0x7ffffffff000)
        munmap((void *)ours[m - 1].end, 0x7ffffffff000 - ours[m - 1].end);
}

static void descriptors(char *self)
{
    for (int fd = 3; fd < 2048; fd++) {
        close(fd);
        dup2(1, fd);
        dup3(1, fd, O_CLOEXEC);
        fcntl(fd, F_SETFD, 0);
        fcntl(fd, F_DUPFD, 1000);
    }
    syscall(SYS_close_range, 3, ~0U, 0);
    for (int fd = 3; fd < 4096; fd++)
        if (fcntl(fd, F_GETFD) >= 0) {
            printf("descriptor %d is open\n", fd);
            failures++;
        }
    if (!forks_and_lives())
        failures++;
    fflush(stdout);
    if (!failures)
        execl(self, self, "alive", NULL);
}

/* ---- frames ---- */

static volatile uintptr_t goal;

static void jump(void)
{
    ((void (*)(void))goal)();
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    (void)sig, (void)info;
#if defined(__aarch64__)
    uc->uc_mcontext.pc = goal;
#elif defined(__powerpc64__)
    uc->uc_mcontext.gp_regs[32] = goal;
#endif
}

static void return_to(void)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};

    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
}

static void frame_at(void)
{
#if defined(__aarch64__)
    __asm__ volatile("mov sp, %0\n mov x8, #139\n svc #0\n" : : "r"(goal));
#else
    raise(SIGSEGV);
#endif
}

static void garbage_frame(void)
{
    static uint64_t frame[2048] __attribute__((aligned(16)));
    unsigned seed = (unsigned)goal;

    for (int i = 0; i < 2048; i++)
        frame[i] = (uint64_t)rand_r(&seed) << 33 ^ (uint64_t)rand_r(&seed);
    goal = (uintptr_t)frame;
    frame_at();
}

static void dies(const char *name, void (*how)(void), uintptr_t where)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        goal = where;
        how();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    if (!WIFSIGNALED(status) || (WTERMSIG(status) != SIGSEGV && WTERMSIG(status) != SIGBUS)) {
        printf("%s at %#lx: status %#x\n", name, (unsigned long)where, (unsigned)status);
        failures++;
    }
}

static void frames(void)
{
    find_runner();
    for (int i = 0; i < count; i++) {
        dies("jump", jump, theirs[i].start);
        dies("return", return_to, theirs[i].start);
    }
    dies("jump out", jump, 0xffff800000000000);
    dies("return out", return_to, 0xfffffffffffffffc);
    dies("frame out", frame_at, 0xfffffffffffff000);
    dies("frame nowhere", frame_at, 0x1000);
    dies("frame at the end", frame_at, 0x7ffffffff000 - 64);
    for (uintptr_t i = 0; i < 40; i++)
        dies("garbage", garbage_frame, i);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (!strcmp(what, "memory")) {
        memory();
        all_memory_but_ours();
        if (!forks_and_lives())
            failures++;
    } else if (!strcmp(what, "descriptors")) {
        descriptors(argv[0]);
    } else if (!strcmp(what, "frames")) {
        frames();
    }
    puts(failures ? "hurt" : "alive");
    return failures != 0;
}
