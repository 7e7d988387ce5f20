/* SPDX-License-Identifier: GPL-2.0-or-later */
/* seccomp(2): what filters decide, what may be one, who gets it. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define ARCH AUDIT_ARCH_PPC64LE
#elif defined(__powerpc64__)
#define ARCH AUDIT_ARCH_PPC64
#elif defined(__powerpc__)
#define ARCH AUDIT_ARCH_PPC
#endif
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ && __SIZEOF_LONG__ == 8
#define ARG_LOW(n) (offsetof(struct seccomp_data, args[n]) + 4)
#else
#define ARG_LOW(n) (offsetof(struct seccomp_data, args[n]))
#endif
#ifdef __powerpc__
#undef ARG_LOW
#define ARG_LOW(n)                                                                                 \
    (offsetof(struct seccomp_data, args[n]) + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0))
#endif

#define LOAD(at)        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at)
#define NR              LOAD(offsetof(struct seccomp_data, nr))
#define RETURN(k)       BPF_STMT(BPF_RET | BPF_K, k)
#define UNLESS(k, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, skip)
#define COUNT(a)        (sizeof(a) / sizeof(a)[0])
#define INSTALL(filter) install(filter, COUNT(filter), 0)

static long install(struct sock_filter *f, size_t n, unsigned flags)
{
    struct sock_fprog program = {(unsigned short)n, f};
    long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    return r < 0 ? -errno : r;
}

/* Runs f in a child and says how that ended. */
static void child(const char *name, void (*f)(void))
{
    int status;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        f();
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status))
        printf("%s: killed by %d\n", name, WTERMSIG(status));
    else
        printf("%s: exit %d\n", name, WEXITSTATUS(status));
}

static void ask_parent(const char *what)
{
    errno = 0;
    long r = syscall(SYS_getppid);
    printf("%s: %ld errno %d\n", what, r, errno);
}

static void one_action(unsigned action)
{
    struct sock_filter f[] = {NR, UNLESS(SYS_getppid, 1), RETURN(action),
                              RETURN(SECCOMP_RET_ALLOW)};
    long r = INSTALL(f);
    printf("install %ld, mode %d\n", r, prctl(PR_GET_SECCOMP));
    fflush(stdout);
}

static void returns_errno(void)
{
    one_action(SECCOMP_RET_ERRNO | 77);
    ask_parent("getppid");
    one_action(SECCOMP_RET_ERRNO | 5000);
    ask_parent("newest of equals");
    one_action(SECCOMP_RET_LOG);
    ask_parent("stricter stays");
    one_action(SECCOMP_RET_TRACE | 1);
    ask_parent("errno before trace");
}

static void traces(void)
{
    one_action(SECCOMP_RET_TRACE | 1);
    ask_parent("nobody traces");
}

static void logs(void)
{
    pid_t parent = getppid();
    one_action(SECCOMP_RET_LOG);
    printf("logged %d\n", syscall(SYS_getppid) == parent);
}

static void kills(void)
{
    one_action(SECCOMP_RET_KILL_PROCESS);
    syscall(SYS_getppid);
}

static void unknown_action(void)
{
    one_action(0x12340000);
    syscall(SYS_getppid);
}

static volatile int trapped;
static void on_sigsys(int sig, siginfo_t *info, void *context)
{
    (void)context;
    trapped = sig;
    printf("trap: signo %d code %d errno %d number %d arch %d address %d\n", info->si_signo,
           info->si_code, info->si_errno, info->si_syscall == SYS_getppid, info->si_arch == ARCH,
           info->si_call_addr != NULL);
}

static void traps(void)
{
    struct sigaction action = {.sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO};
    sigaction(SIGSYS, &action, NULL);
    one_action(SECCOMP_RET_TRAP | 42);
    syscall(SYS_getppid);
    printf("trapped %d\n", trapped);
    signal(SIGSYS, SIG_IGN);
    syscall(SYS_getppid);
    puts("not reached");
}

static void looks_at_arguments(void)
{
    struct sock_filter f[] = {LOAD(offsetof(struct seccomp_data, arch)),
                              UNLESS(ARCH, 6),
                              NR,
                              UNLESS(SYS_close, 4),
                              LOAD(ARG_LOW(0)),
                              BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff0000),
                              BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x420000, 0, 1),
                              RETURN(SECCOMP_RET_ERRNO | 99),
                              RETURN(SECCOMP_RET_ALLOW)};
    printf("install %ld\n", INSTALL(f));
    errno = 0;
    printf("close %ld", syscall(SYS_close, 0x421234));
    printf(" errno %d\n", errno);
    errno = 0;
    printf("close %ld", syscall(SYS_close, 0x101234));
    printf(" errno %d\n", errno);
}

/* errno = 10 + (number of the call is getppid) through memory and arithmetic. */
static void computes(void)
{
    struct sock_filter f[] = {BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0),
                              BPF_STMT(BPF_MISC | BPF_TXA, 0),
                              BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 3),
                              BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 1),
                              BPF_STMT(BPF_ST, 3),
                              NR,
                              UNLESS(SYS_getppid, 5),
                              BPF_STMT(BPF_LDX | BPF_MEM, 3),
                              BPF_STMT(BPF_LD | BPF_IMM, 0x50000),
                              BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0),
                              BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1),
                              BPF_STMT(BPF_RET | BPF_A, 0),
                              RETURN(SECCOMP_RET_ALLOW)};
    printf("install %ld\n", INSTALL(f));
    ask_parent("getppid");
}

static void bad_programs(void)
{
    static struct sock_filter long_one[4097];
    struct sock_filter no_return[] = {NR};
    struct sock_filter far_jump[] = {NR, UNLESS(1, 9), RETURN(SECCOMP_RET_ALLOW)};
    struct sock_filter far_always[] = {BPF_STMT(BPF_JMP | BPF_JA, 5), RETURN(SECCOMP_RET_ALLOW)};
    struct sock_filter odd_load[] = {LOAD(2), RETURN(SECCOMP_RET_ALLOW)};
    struct sock_filter beyond[] = {LOAD(64), RETURN(SECCOMP_RET_ALLOW)};
    struct sock_filter byte_load[] = {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
                                      RETURN(SECCOMP_RET_ALLOW)};
    struct sock_filter divide[] = {BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0),
                                   RETURN(SECCOMP_RET_ALLOW)};
    struct sock_filter shift[] = {BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32),
                                  RETURN(SECCOMP_RET_ALLOW)};
    struct sock_filter modulo[] = {BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3),
                                   RETURN(SECCOMP_RET_ALLOW)};
    struct sock_filter memory[] = {BPF_STMT(BPF_ST, 16), RETURN(SECCOMP_RET_ALLOW)};
    struct sock_filter unset[] = {BPF_STMT(BPF_LD | BPF_MEM, 1), RETURN(SECCOMP_RET_ALLOW)};
    struct sock_filter half_set[] = {NR, UNLESS(1, 1), BPF_STMT(BPF_ST, 1),
                                     BPF_STMT(BPF_LD | BPF_MEM, 1), RETURN(SECCOMP_RET_ALLOW)};
    for (size_t i = 0; i < COUNT(long_one); i++)
        long_one[i] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
    printf("%ld %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld\n", INSTALL(no_return),
           INSTALL(far_jump), INSTALL(far_always), INSTALL(odd_load), INSTALL(beyond),
           INSTALL(byte_load), INSTALL(divide), INSTALL(shift), INSTALL(modulo), INSTALL(memory),
           INSTALL(unset), INSTALL(half_set));
    printf("%ld %ld %ld\n", install(long_one, COUNT(long_one), 0), install(long_one, 0, 0),
           install(NULL, 1, 0));
    printf("%ld %ld\n", install(long_one, 1, 0x1000), install(long_one, 1, 1 | 16));
    errno = 0;
    printf("%ld", syscall(SYS_seccomp, 99, 0, NULL));
    printf(" %d\n", errno);
    unsigned actions[] = {SECCOMP_RET_TRAP, SECCOMP_RET_LOG, 0x12340000};
    for (int i = 0; i < 3; i++) {
        errno = 0;
        printf("%ld", syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &actions[i]));
        printf(" %d;", errno);
    }
    puts("");
}

static void too_many(void)
{
    static struct sock_filter big[4096];
    int n = 0;
    long r;
    for (size_t i = 0; i < COUNT(big); i++)
        big[i] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
    while (!(r = INSTALL(big)))
        n++;
    printf("some filters %d, then %ld\n", n > 1, r);
}

static void without_privilege(void)
{
    if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
        puts("not root");
    one_action(SECCOMP_RET_LOG);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    one_action(SECCOMP_RET_LOG);
}

static void strict(void)
{
    printf("strict\n");
    fflush(stdout);
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
    if (write(1, "still writes\n", 13) != 13)
        syscall(SYS_exit, 1);
    syscall(SYS_getpid);
    syscall(SYS_exit, 2);
}

static void strict_exits(void)
{
    syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL);
    syscall(SYS_exit, 9);
}

static pthread_barrier_t barrier;
static void *ask(void *arg)
{
    (void)arg;
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    errno = 0;
    long r = syscall(SYS_getppid);
    return (void *)(r < 0 ? (long)errno : 0L);
}

static void all_threads(void)
{
    struct sock_filter f[] = {NR, UNLESS(SYS_getppid, 1), RETURN(SECCOMP_RET_ERRNO | 55),
                              RETURN(SECCOMP_RET_ALLOW)};
    pthread_t old, young;
    void *result;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&old, NULL, ask, NULL);
    pthread_barrier_wait(&barrier);
    printf("tsync %ld\n", install(f, COUNT(f), SECCOMP_FILTER_FLAG_TSYNC));
    pthread_barrier_wait(&barrier);
    pthread_join(old, &result);
    printf("the other thread: %ld\n", (long)result);
    pthread_barrier_init(&barrier, NULL, 1);
    pthread_create(&young, NULL, ask, NULL);
    pthread_join(young, &result);
    printf("a new thread: %ld\n", (long)result);
}

static const char *self;
static void over_exec(void)
{
    one_action(SECCOMP_RET_ERRNO | 66);
    execl(self, self, "after-exec", NULL);
}

static void forks(void)
{
    one_action(SECCOMP_RET_ERRNO | 67);
    pid_t pid = fork();
    if (pid == 0) {
        ask_parent("in a child");
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
    self = argv[0];
    if (argc == 2 && !strcmp(argv[1], "after-exec")) {
        ask_parent("after exec");
        printf("mode %d\n", prctl(PR_GET_SECCOMP));
        return 0;
    }
    child("errno", returns_errno);
    child("trace", traces);
    child("log", logs);
    child("kill", kills);
    child("unknown", unknown_action);
    child("trap", traps);
    child("arguments", looks_at_arguments);
    child("computes", computes);
    child("bad", bad_programs);
    child("many", too_many);
    child("privilege", without_privilege);
    child("strict", strict);
    child("strict-exit", strict_exits);
    child("threads", all_threads);
    child("exec", over_exec);
    child("fork", forks);
    printf("here %d\n", prctl(PR_GET_SECCOMP));
    return 0;
}
