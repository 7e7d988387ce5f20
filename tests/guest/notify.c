/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Seccomp's notifications: another process answers for system calls. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define ARCH AUDIT_ARCH_I386
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define ARCH AUDIT_ARCH_PPC64LE
#elif defined(__powerpc64__)
#define ARCH AUDIT_ARCH_PPC64
#elif defined(__powerpc__)
#define ARCH AUDIT_ARCH_PPC
#endif

static void say(const char *what, long r)
{
    printf("%s: %ld%s%s\n", what, r, r < 0 ? " " : "", r < 0 ? strerror(errno) : "");
    fflush(stdout);
}

/* Notifies of mkdirat, symlinkat and getpgid. */
static long install(unsigned flags)
{
    struct sock_filter f[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdirat, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_symlinkat, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    };
    struct sock_fprog program = {sizeof f / sizeof *f, f};

    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static int pass_fd(int socket, int fd)
{
    char byte = 0;
    union {
        struct cmsghdr h;
        char room[CMSG_SPACE(sizeof(int))];
    } u;
    struct iovec v = {&byte, 1};
    struct msghdr m;

    memset(&m, 0, sizeof m);
    memset(&u, 0, sizeof u);
    m.msg_iov = &v;
    m.msg_iovlen = 1;
    m.msg_control = &u;
    m.msg_controllen = sizeof u;
    if (fd < 0) {
        if (recvmsg(socket, &m, 0) != 1)
            return -1;
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
        return fd;
    }
    u.h.cmsg_level = SOL_SOCKET;
    u.h.cmsg_type = SCM_RIGHTS;
    u.h.cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(&u.h), &fd, sizeof fd);
    return sendmsg(socket, &m, 0) == 1 ? 0 : -1;
}

static void on_signal(int sig)
{
    (void)sig;
}

static void supervised(int socket, char **argv)
{
    long fd = install(SECCOMP_FILTER_FLAG_NEW_LISTENER);
    struct sigaction sa;

    say("listener", fd > 2);
    say("another", install(SECCOMP_FILTER_FLAG_NEW_LISTENER));
    printf("close-on-exec %d\n", fcntl((int)fd, F_GETFD));
    say("sent", pass_fd(socket, (int)fd));
    close((int)fd);

    char line[100];
    FILE *f = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, f))
        if (!strncmp(line, "Seccomp:", 8))
            printf("%s", line);
    fclose(f);
    say("refused", mkdirat(AT_FDCWD, "/tmp/ferry-notify", 0700));
    say("answered", getpgid(77));
    say("negative", getpgid(78));
    say("let on", symlinkat("nothing", -100, "/nowhere/at/all"));
    say("a descriptor", getpgid(79));
    say("reads", write(9, "through the hole", 16));

    /* A signal while it waits: the call begins again, or not. */
    memset(&sa, 0, sizeof sa);
    sa.sa_handler = on_signal;
    sigaction(SIGUSR1, &sa, NULL);
    say("interrupted", getpgid(80));
    sa.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &sa, NULL);
    say("restarted", getpgid(81));

    /* Children and further programs are supervised too. */
    pid_t pid = fork();
    if (pid == 0) {
        say("in a child", getpgid(82));
        execl(argv[0], argv[0], "further", NULL);
        _exit(1);
    }
    waitpid(pid, NULL, 0);
    say("nobody listens", getpgid(84));
    fd = install(SECCOMP_FILTER_FLAG_NEW_LISTENER);
    say("a new one", fd > 0);
    close((int)fd);
    exit(3);
}

static struct seccomp_notif n;

static void receive(int fd)
{
    struct pollfd p = {fd, POLLIN, 0};
    static const char *const names[] = {"getpgid", "mkdirat", "symlinkat", "?"};

    int ready = poll(&p, 1, -1);
    printf("  poll %d %x\n", ready, p.revents);
    memset(&n, 0, sizeof n);
    long r = ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n);
    int which = n.data.nr == SYS_getpgid     ? 0
                : n.data.nr == SYS_mkdirat   ? 1
                : n.data.nr == SYS_symlinkat ? 2
                                             : 3;
    printf("  received %ld: %s, arch %d, pid %d, flags %u", r, names[which], n.data.arch == ARCH,
           n.pid > 0, n.flags);
    if (which == 0)
        printf(", %d", (int)n.data.args[0]);
    if (which == 1) {
        char path[18] = "";
        struct iovec to = {path, 17}, from = {(void *)(uintptr_t)n.data.args[1], 17};
        printf(", %d", (int)process_vm_readv((pid_t)n.pid, &to, 1, &from, 1, 0));
        printf(", %d %s %o", (int)n.data.args[0], path, (unsigned)n.data.args[2]);
    }
    printf("\n  valid %d\n", ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &n.id));
    fflush(stdout);
}

static void answer(int fd, int error, long long val, unsigned flags)
{
    struct seccomp_notif_resp r;
    memset(&r, 0, sizeof r);
    r.id = n.id;
    r.error = error;
    r.val = val;
    r.flags = flags;
    /* What has been answered may or may not have been picked up. */
    if (ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r))
        printf("  send: %s\n", errno == EINPROGRESS ? strerror(ENOENT) : strerror(errno));
}

int main(int argc, char **argv)
{
    int pair[2], hole[2], said[2], status;
    char text[4096] = "";

    if (argc == 2 && !strcmp(argv[1], "further")) {
        say("in a further program", getpgid(83));
        return 0;
    }
    uint32_t action = SECCOMP_RET_USER_NOTIF;
    say("available", syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
    struct seccomp_notif_sizes sizes;
    say("sizes", syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes));
    printf("%u %u %u\n", sizes.seccomp_notif, sizes.seccomp_notif_resp, sizes.seccomp_data);
    say("flag without a listener", install(1u << 5));
    say("all without ESRCH", install(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_NEW_LISTENER));
    fflush(stdout);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    pipe(hole);
    pipe(said); /* what the child says comes last */
    pid_t pid = fork();
    if (pid == 0) {
        dup2(said[1], 1);
        close(said[1]);
        close(hole[0]);
        close(hole[1]);
        supervised(pair[1], argv);
    }
    close(said[1]);
    int fd = pass_fd(pair[0], -1);
    struct seccomp_notif full;
    memset(&full, 1, sizeof full);
    struct pollfd nothing = {-1, 0, 0};
    receive(fd);
    say("  receive into a full one", ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &full));
    answer(fd, 0, 5, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
    answer(fd, 0, 0, 2);
    answer(fd, -EXDEV, 0, 0);
    answer(fd, 0, 0, 0);
    receive(fd);
    answer(fd, 0, 1234567, 0);
    receive(fd);
    answer(fd, 0, -EDOM, 0);
    receive(fd);
    answer(fd, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
    receive(fd);
    struct seccomp_notif_addfd add;
    memset(&add, 0, sizeof add);
    add.id = n.id;
    add.srcfd = (unsigned)hole[1];
    add.newfd = 9;
    add.flags = SECCOMP_ADDFD_FLAG_SETFD;
    printf("  add %d\n", ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add));
    add.srcfd = 777;
    say("  add a bad one", ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add));
    answer(fd, 0, 9, 0);
    printf("read %d\n", (int)read(hole[0], text, 16));
    printf("%s\n", text);
    receive(fd);
    kill((pid_t)n.pid, SIGUSR1);
    poll(&nothing, 0, 50);
    printf("  valid %d\n", ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &n.id));
    answer(fd, 0, 1, 0);
    receive(fd);
    kill((pid_t)n.pid, SIGUSR1);
    receive(fd);
    answer(fd, 0, 2, 0);
    receive(fd);
    answer(fd, 0, 3, 0);
    receive(fd);
    answer(fd, 0, 4, 0);
    close(fd);
    waitpid(pid, &status, 0);
    printf("ended with %d\n", status >> 8);
    memset(text, 0, sizeof text);
    for (ssize_t at = 0, more; (more = read(said[0], text + at, sizeof text - 1 - at)) > 0;)
        at += more;
    printf("%s", text);
    return 0;
}
