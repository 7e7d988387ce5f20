/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said to the kernel about memory and the process, and what it answers. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *what, long r)
{
    printf("%s: %ld%s%s\n", what, r, r < 0 ? " " : "", r < 0 ? strerror(errno) : "");
}

static sigjmp_buf env;
static volatile int code;
static void on_fault(int sig, siginfo_t *info, void *context)
{
    (void)context;
    code = info->si_code;
    siglongjmp(env, sig);
}

static void touch(const char *what, char *p, int write_too)
{
    int sig = sigsetjmp(env, 1);
    volatile char c = 0;
    if (sig == 0) {
        c = *(volatile char *)p;
        if (write_too)
            *(volatile char *)p = c;
    }
    printf("%s: %s, code %d\n", what,
           sig == 0        ? "fine"
           : sig == SIGBUS ? "SIGBUS"
                           : "SIGSEGV",
           sig ? code : 0);
}

int main(void)
{
    enum { BIG = 4 << 20 };
    struct sigaction sa;
    memset(&sa, 0, sizeof sa);
    sa.sa_sigaction = on_fault;
    sa.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &sa, NULL);
    sigaction(SIGBUS, &sa, NULL);

    char *p = mmap(NULL, BIG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(p, 3, BIG);
    static const int advice[] = {MADV_NORMAL,
                                 MADV_RANDOM,
                                 MADV_SEQUENTIAL,
                                 MADV_WILLNEED,
                                 MADV_HUGEPAGE,
                                 MADV_NOHUGEPAGE,
                                 MADV_DONTDUMP,
                                 MADV_DODUMP,
                                 MADV_DONTFORK,
                                 MADV_DOFORK,
                                 MADV_COLD,
                                 MADV_PAGEOUT,
                                 MADV_MERGEABLE,
                                 MADV_UNMERGEABLE,
                                 22,
                                 23,
                                 1000};
    for (unsigned i = 0; i < sizeof advice / sizeof *advice; i++) {
        char name[32];
        snprintf(name, sizeof name, "madvise %d", advice[i]);
        say(name, madvise(p, BIG, advice[i]));
    }
    printf("contents %d %d\n", p[0], p[BIG - 1]);
    say("MADV_FREE", madvise(p, 4096, MADV_FREE));
    say("MADV_WIPEONFORK", madvise(p + 4096, 4096, MADV_WIPEONFORK));
    say("MADV_DONTFORK", madvise(p + 8192, 4096, MADV_DONTFORK));
    fflush(stdout);
    if (fork() == 0) {
        printf("wiped %d, kept %d\n", p[4096], p[3 * 4096]);
        touch("not there in a child", p + 8192, 0);
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    say("not aligned", madvise(p + 1, 4096, MADV_NORMAL));
    munmap(p + 8192, 4096);
    say("with a hole", madvise(p, 16384, MADV_NORMAL));

    say("huge pages", mmap(NULL, BIG, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0) != MAP_FAILED);
    say("huge pages of an odd size",
        mmap(NULL, BIG, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 13 << 26, -1, 0) !=
            MAP_FAILED);
    say("mlock", mlock(p, 4096));
    say("mlock2", (long)syscall(SYS_mlock2, p + 3 * 4096, 4096, 1));
    say("munlock", munlock(p, 4096));

    /* A file that becomes shorter below its mapping. */
    int fd = memfd_create("shrinks", MFD_ALLOW_SEALING);
    ftruncate(fd, 3 * 4096);
    char *f = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    touch("within", f + 2 * 4096, 1);
    touch("beyond", f + 3 * 4096, 1);
    ftruncate(fd, 4096 + 10);
    touch("in the last page", f + 2 * 4096 - 1, 1);
    touch("no longer within", f + 2 * 4096, 0);
    ftruncate(fd, 4 * 4096);
    touch("again within", f + 3 * 4096, 1);
    say("seal while it is mapped", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    munmap(f, 4 * 4096);
    say("seal", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK));
    say("seals", fcntl(fd, F_GET_SEALS));
    say("write", write(fd, "x", 1));
    say("shrink", ftruncate(fd, 0));
    say("grow", ftruncate(fd, 5 * 4096));
    say("map to write", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED);
    say("map a copy to write",
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) != MAP_FAILED);
    f = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    say("mprotect", mprotect(f, 4096, PROT_READ | PROT_WRITE));
    say("future write", fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
    say("seal it all", fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
    say("no more", fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));

    /* The process. */
    char name[20] = "";
    say("dumpable", prctl(PR_GET_DUMPABLE));
    say("not", prctl(PR_SET_DUMPABLE, 0));
    say("dumpable", prctl(PR_GET_DUMPABLE));
    struct stat st;
    say("owner of its /proc", stat("/proc/self/environ", &st) ? -1 : (long)st.st_uid);
    say("again", prctl(PR_SET_DUMPABLE, 1));
    say("as only the kernel may", prctl(PR_SET_DUMPABLE, 2));
    say("name", prctl(PR_SET_NAME, "a name that is too long"));
    say("name", prctl(PR_GET_NAME, name));
    printf("%s\n", name);
    FILE *comm = fopen("/proc/thread-self/comm", "r");
    printf("%s", fgets(name, sizeof name, comm));
    fclose(comm);
    say("no huge pages", prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
    say("are there", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
    say("timer slack", prctl(PR_SET_TIMERSLACK, 123456));
    say("timer slack", prctl(PR_GET_TIMERSLACK));
    say("keep capabilities", prctl(PR_SET_KEEPCAPS, 1));
    say("kept", prctl(PR_GET_KEEPCAPS));
    say("death signal", prctl(PR_SET_PDEATHSIG, SIGUSR2));
    int sig = 0;
    say("death signal", prctl(PR_GET_PDEATHSIG, &sig));
    printf("%d\n", sig == SIGUSR2);
    say("subreaper", prctl(PR_SET_CHILD_SUBREAPER, 1));
    say("no such", prctl(12345, 0, 0, 0, 0));
    say("persona", personality(0xffffffff) & ~ADDR_NO_RANDOMIZE);
    say("set", personality(personality(0xffffffff) | UNAME26) >= 0);
    say("persona", personality(0xffffffff) & ~ADDR_NO_RANDOMIZE);
    return 0;
}
