/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The profiles: which system calls of the host there are (seccomp), and which
 * files (Landlock).  The filter lists what is allowed: a call that is new to
 * the kernel is not there.
 */
#include "runner/sandbox.h"

#include <errno.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <linux/fs.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/landlock.h"
#include "runner/options.h"
#include "runner/runner.h"

enum profile { PURE, BUILD, NET, PROFILES };

static const char *const names[PROFILES] = {"pure", "build", "net"};

/* ---- calls, by the least profile that has them ---- */

static const char pure_calls[] =
    "read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 close close_range "
    "lseek fstat newfstatat mmap munmap mprotect mremap madvise brk mincore msync mlock mlock2 "
    "munlock futex futex_waitv set_robust_list get_robust_list rseq set_tid_address gettid getpid "
    "getppid getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp getpgid getsid "
    "exit exit_group rt_sigaction rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigpending "
    "rt_sigtimedwait sigaltstack restart_syscall pause clock_gettime clock_getres clock_nanosleep "
    "gettimeofday time nanosleep times getrusage getitimer setitimer alarm timer_create "
    "timer_settime timer_gettime timer_getoverrun timer_delete timerfd_create timerfd_settime "
    "timerfd_gettime signalfd4 sched_yield sched_getaffinity sched_getparam sched_getscheduler "
    "sched_get_priority_max sched_get_priority_min sched_rr_get_interval getcpu getrandom uname "
    "sysinfo poll ppoll select pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait "
    "epoll_pwait2 eventfd2 pipe2 dup dup2 dup3 fcntl flock membarrier memfd_create ftruncate "
    "fallocate prctl arch_prctl getcwd umask capget getrlimit fadvise64 fstatfs getpriority "
    "wait4 waitid sendfile splice tee vmsplice copy_file_range fsync fdatasync sched_getattr";

/* Opening is Landlock's to bound; without it there is none. */
static const char opening_calls[] = "open openat openat2 readlink readlinkat access faccessat "
                                    "faccessat2 stat lstat statx getdents getdents64 statfs";

static const char build_calls[] =
    "fork vfork execve execveat kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo setpgid setsid "
    "setpriority sched_setaffinity sched_setscheduler sched_setparam sched_setattr chdir fchdir "
    "rename renameat renameat2 unlink unlinkat mkdir mkdirat rmdir link linkat symlink symlinkat "
    "chmod fchmod fchmodat fchmodat2 truncate utimensat utimes futimesat utime mknod mknodat creat "
    "sync_file_range syncfs sync readahead getxattr lgetxattr fgetxattr listxattr llistxattr "
    "flistxattr inotify_init1 inotify_add_watch inotify_rm_watch setuid setgid setreuid setregid "
    "setresuid setresgid setfsuid setfsgid setgroups capset pidfd_open pidfd_send_signal "
    "landlock_create_ruleset landlock_add_rule landlock_restrict_self setrlimit ioprio_get "
    "ioprio_set mlockall munlockall sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown "
    "getsockname getpeername setsockopt getsockopt";

static const char net_calls[] = "bind connect listen accept accept4";

/* These say that they are forbidden; what is not named anywhere says that it
 * isn't there, as programs try others then. */
static const char forbidden_calls[] =
    "open openat openat2 creat execve execveat fork vfork socket socketpair connect bind listen "
    "ptrace process_vm_readv process_vm_writev mount umount2 unshare setns chroot pivot_root "
    "kill tkill unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir link linkat symlink "
    "symlinkat chmod fchmod fchmodat chown fchown lchown fchownat truncate mknod mknodat setxattr "
    "lsetxattr fsetxattr removexattr lremovexattr fremovexattr chdir fchdir setuid setgid setreuid "
    "setregid setresuid setresgid setgroups sethostname setdomainname reboot swapon swapoff "
    "syslog acct quotactl bpf perf_event_open init_module delete_module finit_module keyctl "
    "add_key request_key shmget shmat msgget semget mq_open clock_settime settimeofday adjtimex "
    "clock_adjtime personality pidfd_getfd";

static const uint32_t pure_ioctls[] = {TCGETS,  TIOCGWINSZ, FIONREAD,  FIONBIO,
                                       FIOCLEX, FIONCLEX,   TIOCGPGRP, TIOCOUTQ};
static const uint32_t build_ioctls[] = {TCSETS,   TCSETSW,   TCSETSF,   TIOCSPGRP,      TIOCSWINSZ,
                                        TIOCGSID, TCSBRK,    TCFLSH,    TIOCGETD,       FICLONE,
                                        TCXONC,   TIOCNOTTY, TIOCSCTTY, FS_IOC_GETFLAGS};
static const uint32_t net_ioctls[] = {SIOCGIFCONF, SIOCGIFFLAGS,  SIOCGIFADDR,  SIOCGIFNETMASK,
                                      SIOCGIFNAME, SIOCGIFHWADDR, SIOCGIFINDEX, SIOCGIFMTU,
                                      SIOCATMARK,  SIOCOUTQ};

static _Noreturn void fail(const char *what, int error)
{
    runner_fail(EXIT_NOT_EXECUTABLE, "sandbox", what, strerror(error));
}

/* ---- the filter ---- */

static void rule(scmp_filter_ctx ctx, uint32_t action, const char *name, unsigned n,
                 const struct scmp_arg_cmp *args)
{
    int nr = seccomp_syscall_resolve_name(name);

    /* Names that the library is too old for stay out. */
    if (nr == __NR_SCMP_ERROR || nr < 0)
        return;
    int r = seccomp_rule_add_array(ctx, action, nr, n, args);
    /* The same call may stand in two lists. */
    if (r && r != -EEXIST && r != -EACCES)
        fail(name, -r);
}

static void each(scmp_filter_ctx ctx, uint32_t action, const char *list, const char *but)
{
    char *copy = strdup(list), *rest = copy, *name;

    while ((name = strsep(&rest, " "))) {
        size_t len = strlen(name);
        const char *p = but;
        while (p && (p = strstr(p, name)) &&
               !((p == but || p[-1] == ' ') && (p[len] == ' ' || !p[len])))
            p++;
        if (!p)
            rule(ctx, action, name, 0, NULL);
    }
    free(copy);
}

/* Allows a call for these 32 bits of an argument only. */
static void allow_if(scmp_filter_ctx ctx, const char *name, unsigned arg, uint64_t mask,
                     uint64_t value)
{
    const struct scmp_arg_cmp cmp = {arg, SCMP_CMP_MASKED_EQ, mask, value};

    rule(ctx, SCMP_ACT_ALLOW, name, 1, &cmp);
}

static void allow_ioctls(scmp_filter_ctx ctx, const uint32_t *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        allow_if(ctx, "ioctl", 1, UINT32_MAX, list[i]);
}

static void allow_clone(scmp_filter_ctx ctx, enum profile p)
{
    const uint64_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                CLONE_NEWUSER | CLONE_NEWPID | (uint32_t)CLONE_NEWNET;
    const uint64_t thread = p == PURE ? CLONE_THREAD : 0;
    const struct scmp_arg_cmp process = {0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0};

    allow_if(ctx, "clone", 0, namespaces | thread, thread);
    if (p == PURE)
        rule(ctx, SCMP_ACT_ERRNO(EPERM), "clone", 1, &process);
    /* clone3 keeps its flags in memory, out of sight: the library has clone. */
    rule(ctx, SCMP_ACT_ERRNO(ENOSYS), "clone3", 0, NULL);
}

/* Signals to this process, limits of this process. */
static void allow_self(scmp_filter_ctx ctx, enum profile p)
{
    static const char *const signals[] = {"kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"};

    allow_if(ctx, "prlimit64", 0, UINT32_MAX, 0);
    allow_if(ctx, "prlimit64", 0, UINT32_MAX, (uint32_t)getpid());
    for (size_t i = 0; p == PURE && i < sizeof signals / sizeof *signals; i++)
        allow_if(ctx, signals[i], 0, UINT32_MAX, (uint32_t)getpid());
}

static void allow_sockets(scmp_filter_ctx ctx, enum profile p)
{
    static const int families[] = {AF_INET, AF_INET6, AF_NETLINK};
    /* Pairs of streams only: other sockets can be sent to by name. */
    const struct scmp_arg_cmp pair[] = {{0, SCMP_CMP_MASKED_EQ, UINT32_MAX, AF_UNIX},
                                        {1, SCMP_CMP_MASKED_EQ, 0xf, SOCK_STREAM}};

    rule(ctx, SCMP_ACT_ALLOW, "socketpair", 2, pair);
    for (size_t i = 0; p == NET && i < sizeof families / sizeof *families; i++)
        allow_if(ctx, "socket", 0, UINT32_MAX, (uint64_t)families[i]);
}

static void enter_filter(enum profile p, bool files)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    const char *const conditional = "clone clone3 prlimit64 ioctl socket socketpair";
    char *allowed;

    if (!ctx)
        fail("filter", ENOMEM);
    if (asprintf(&allowed, "%s %s %s %s%s%s", pure_calls, files ? opening_calls : "",
                 p >= BUILD ? build_calls : "", p >= NET ? net_calls : "",
                 p == PURE ? " kill tgkill rt_sigqueueinfo rt_tgsigqueueinfo" : "",
                 p == NET ? " socket socketpair" : " socketpair") < 0)
        fail("filter", ENOMEM);
    seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    each(ctx, SCMP_ACT_ALLOW, pure_calls, conditional);
    if (files)
        each(ctx, SCMP_ACT_ALLOW, opening_calls, conditional);
    if (p >= BUILD)
        each(ctx, SCMP_ACT_ALLOW, build_calls, conditional);
    if (p >= NET)
        each(ctx, SCMP_ACT_ALLOW, net_calls, conditional);
    allow_ioctls(ctx, pure_ioctls, sizeof pure_ioctls / sizeof *pure_ioctls);
    if (p >= BUILD)
        allow_ioctls(ctx, build_ioctls, sizeof build_ioctls / sizeof *build_ioctls);
    if (p >= NET)
        allow_ioctls(ctx, net_ioctls, sizeof net_ioctls / sizeof *net_ioctls);
    allow_clone(ctx, p);
    allow_self(ctx, p);
    allow_sockets(ctx, p);
    each(ctx, SCMP_ACT_ERRNO(EPERM), forbidden_calls, allowed);
    free(allowed);
    int r = seccomp_load(ctx);
    if (r)
        fail("filter", -r);
    seccomp_release(ctx);
}

/* ---- files ---- */

static void allow_system(int ruleset, bool build)
{
    static const char *const pure[] = {"/lib",          "/lib64",     "/usr/lib",
                                       "/usr/lib64",    "/usr/share", "/etc/ld.so.cache",
                                       "/etc/localtime"};
    static const char *const more[] = {"/usr",    "/bin", "/sbin", "/lib32", "/libx32",
                                       "/libo32", "/etc", "/opt",  "/proc"};
    static const char *const devices[] = {"/dev/null", "/dev/zero",    "/dev/full",
                                          "/dev/tty",  "/dev/urandom", "/dev/random"};
    char path[4096];

    /* A sysroot stands for the whole system, its libraries come from there. */
    for (size_t i = 0; i < sizeof pure / sizeof *pure; i++) {
        snprintf(path, sizeof path, "%s%s", options.sysroot ? options.sysroot : "", pure[i]);
        landlock_allow(ruleset, path, LANDLOCK_READ);
        landlock_allow(ruleset, pure[i], LANDLOCK_READ);
    }
    landlock_allow(ruleset, options.program, LANDLOCK_READ);
    landlock_allow(ruleset, "/proc/self/exe", LANDLOCK_READ);
    if (!build)
        return;
    if (options.sysroot)
        landlock_allow(ruleset, options.sysroot, LANDLOCK_READ);
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        landlock_allow(ruleset, more[i], LANDLOCK_READ);
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        landlock_allow(ruleset, devices[i], LANDLOCK_WRITE);
}

/* The directories behind the profile's name; the current one if none is given. */
static void allow_directories(int ruleset, const char *list)
{
    char *copy = strdup(*list == ':' ? list + 1 : "."), *rest = copy, *dir;

    while ((dir = strsep(&rest, ":")))
        if (*dir && !landlock_allow(ruleset, dir, LANDLOCK_WRITE))
            fail(dir, errno);
    free(copy);
}

/* ---- all of it ---- */

static int find_profile(const char *profile)
{
    size_t len = strcspn(profile, ":");

    for (int i = 0; i < PROFILES; i++)
        if (strlen(names[i]) == len && memcmp(profile, names[i], len) == 0)
            return i;
    return -1;
}

const char *sandbox_check(const char *profile)
{
    int p = find_profile(profile);

    if (p < 0)
        return "not one of pure, build[:DIR...], net[:DIR...]";
    return p == PURE && strchr(profile, ':') ? "takes no directories" : NULL;
}

void sandbox_enter(const char *profile)
{
    enum profile p = (enum profile)find_profile(profile);
    int ruleset = landlock_begin(p == NET);

    if (ruleset < 0 && p != PURE)
        runner_fail(EXIT_NOT_EXECUTABLE, "sandbox", names[p],
                    "this kernel has no Landlock to bound what files are opened");
    if (ruleset >= 0) {
        allow_system(ruleset, p >= BUILD);
        if (p >= BUILD)
            allow_directories(ruleset, profile + strlen(names[p]));
        int r = landlock_enter(ruleset);
        if (r)
            fail("Landlock", -r);
    }
    enter_filter(p, ruleset >= 0);
}
