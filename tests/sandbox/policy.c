/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a sandbox lets through: policy INSIDE OUTSIDE PORT (two directories). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void says(const char *what, long r)
{
    printf("%s: %s\n", what, r < 0 ? "refused" : "done");
}

static void *thread(void *arg)
{
    return arg;
}

static long file(const char *dir, const char *name, int flags)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, flags, 0600);
    if (fd >= 0)
        close(fd);
    return fd;
}

static long forks(void)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return pid < 0 ? -1 : waitpid(pid, &status, 0);
}

static long runs(const char *program)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        execl(program, program, NULL);
        _exit(99);
    }
    if (pid < 0)
        return -1;
    waitpid(pid, &status, 0);
    return status ? -1 : 0;
}

static long connects(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0)
        return -1;
    long r = connect(fd, (struct sockaddr *)&a, sizeof a);
    int refused = r && errno == ECONNREFUSED; /* the network was asked */
    close(fd);
    return refused ? 0 : r;
}

int main(int argc, char **argv)
{
    const char *inside = argv[1], *outside = argv[2];
    char path[4096], byte;
    pthread_t t;
    void *result;
    int pair[2];

    if (argc < 4) {
        puts("run");
        return 0;
    }
    says("compute", malloc(1 << 20) ? 0 : -1);
    says("thread", pthread_create(&t, NULL, thread, NULL) || pthread_join(t, &result) ? -1 : 0);
    says("read inside", file(inside, "file", O_RDONLY));
    says("write inside", file(inside, "file", O_RDWR));
    says("create inside", file(inside, "new", O_CREAT | O_WRONLY));
    says("read outside", file(outside, "file", O_RDONLY));
    says("write outside", file(outside, "file", O_WRONLY));
    says("create outside", file(outside, "new", O_CREAT | O_WRONLY));
    snprintf(path, sizeof path, "%s/link", inside);
    says("read outside by a link", open(path, O_RDONLY));
    snprintf(path, sizeof path, "%s/file", outside);
    says("unlink outside", unlink(path));
    says("truncate outside", truncate(path, 0));
    snprintf(path, sizeof path, "%s/x", outside);
    says("mkdir outside", mkdir(path, 0700));
    says("write own memory", open("/proc/self/mem", O_RDWR));
    says("write /dev/null", open("/dev/null", O_RDWR));
    says("fork", forks());
    says("execute", runs(argv[0]));
    says("connect", connects(atoi(argv[3])));
    says("unix socket", socket(AF_UNIX, SOCK_STREAM, 0));
    says("raw socket", socket(AF_PACKET, SOCK_RAW, 0));
    says("socket pair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    says("datagram pair", socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    says("signal the parent", kill(getppid(), 0));
    says("signal itself", kill(getpid(), 0));
    says("ptrace", ptrace(PTRACE_ATTACH, getppid(), 0, 0));
    struct iovec v = {&byte, 1}, w = {(void *)main, 1};
    says("process_vm_readv", process_vm_readv(getppid(), &v, 1, &w, 1, 0));
    says("mount", mount("none", "/tmp", "tmpfs", 0, ""));
    says("namespace", unshare(CLONE_NEWUSER));
    says("setns", setns(0, 0));
    says("chroot", chroot("/"));
    says("keyctl", syscall(SYS_keyctl, 0, -1, 0));
    says("bpf", syscall(SYS_bpf, 0, 0, 0));
    says("io_uring", syscall(SYS_io_uring_setup, 1, NULL));
    says("userfaultfd", syscall(SYS_userfaultfd, 0));
    says("sethostname", sethostname("x", 1));
    return 0;
}
