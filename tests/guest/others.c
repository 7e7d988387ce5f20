/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another process as one sees it: in /proc, by its memory, by descriptors of it, in other
 * name spaces. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_send_signal 424
#define SYS_pidfd_open        434
#define SYS_pidfd_getfd       438
#endif

static char text[1 << 17];

static void say(const char *what, long r)
{
    printf("%s: %ld%s%s\n", what, r, r < 0 ? " " : "", r < 0 ? strerror(errno) : "");
}

static long get(pid_t pid, const char *file)
{
    char name[64];
    long n = 0, r;

    snprintf(name, sizeof name, "/proc/%d/%s", pid, file);
    int fd = open(name, O_RDONLY);
    while ((r = read(fd, text + n, sizeof text - 1 - (size_t)n)) > 0)
        n += r;
    text[n] = 0;
    close(fd);
    return fd < 0 ? -1 : n;
}

/* The line of maps that holds p, without what differs from run to run. */
static void show_map(const char *what, const void *p)
{
    char *save;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        unsigned long start, end;
        char prot[8];
        if (sscanf(line, "%lx-%lx %7s", &start, &end, prot) == 3 && (uintptr_t)p >= start &&
            (uintptr_t)p < end) {
            printf("%s: %s\n", what, prot);
            return;
        }
    }
    printf("%s: nothing\n", what);
}

static unsigned long auxv(unsigned long type, long size)
{
    for (long at = 0; at + (long)(2 * sizeof(long)) <= size; at += 2 * (long)sizeof(long)) {
        unsigned long v[2];
        memcpy(v, text + at, sizeof v);
        if (v[0] == type)
            return v[1];
    }
    return 0;
}

static volatile char word[32] = "a word of the child";

/* What the further program says of itself. */
struct facts {
    char *word, *map;
    int fd;
};

static void further(void)
{
    struct facts f = {(char *)word, mmap(NULL, 65536, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
                      memfd_create("of the child", 0)};
    write(f.fd, "contents", 8);
    prctl(PR_SET_NAME, "another name");
    write(1, &f, sizeof f);
    char byte;
    while (read(0, &byte, 1) == 1) {
        if (byte == 'u') {
            struct utsname u;
            uname(&u);
            write(1, u.nodename, sizeof u.nodename);
        }
        if (byte == 'w')
            write(1, (char *)word, sizeof word);
    }
    _exit(9);
}

int main(int argc, char **argv)
{
    int to[2], from[2], status;
    struct facts f;
    struct utsname u;

    if (argc == 4 && !strcmp(argv[1], "further"))
        further();
    fflush(stdout);
    pipe(to);
    pipe(from);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        for (int i = 3; i < 20; i++)
            close(i);
        setenv("OF_THE_CHILD", "yes", 1);
        execl(argv[0], "zero", "further", "two words", "", NULL);
        _exit(1);
    }
    close(to[0]);
    close(from[1]);
    say("facts", read(from[0], &f, sizeof f) == (long)sizeof f);

    long n = get(pid, "cmdline");
    for (long i = 0; i < n; i++)
        putchar(text[i] ? text[i] : '|');
    putchar('\n');
    say("comm", get(pid, "comm"));
    printf("%s", text);
    char mine[4096] = "", its[4096] = "", name[64];
    snprintf(name, sizeof name, "/proc/%d/exe", pid);
    say("exe",
        readlink("/proc/self/exe", mine, sizeof mine - 1) == readlink(name, its, sizeof its - 1));
    printf("the same %d\n", !strcmp(mine, its));
    n = get(pid, "environ");
    say("environ", memmem(text, (size_t)n, "OF_THE_CHILD=yes", 17) != NULL);
    n = get(pid, "auxv");
    printf("auxv: page %lu, clock %lu, uid %d, vector %d\n", auxv(AT_PAGESZ, n), auxv(AT_CLKTCK, n),
           auxv(AT_UID, n) == getuid(), auxv(AT_PHDR, n) != 0);
    get(pid, "maps");
    show_map("shared", f.map);
    get(pid, "maps");
    show_map("data", f.word);
    get(pid, "stat");
    int parent = 0;
    char state = 0;
    sscanf(strrchr(text, ')') + 1, " %c %d", &state, &parent);
    printf("stat: %s, parent %d\n", strchr(text, '(') ? strtok(strchr(text, '('), " ") : "",
           parent == getpid());
    get(pid, "status");
    printf("%.18s, %s\n", text, strstr(text, "\nThreads:\t1\n") ? "one thread" : "more");
    snprintf(name, sizeof name, "/proc/%d/fd/%d", pid, f.fd);
    memset(its, 0, sizeof its);
    say("fd", readlink(name, its, sizeof its - 1));
    printf("%s\n", its);
    int fd = open(name, O_RDONLY);
    say("opened", pread(fd, text, 20, 0));
    close(fd);

    /* Its memory. */
    struct iovec local = {text, sizeof word}, remote = {f.word, sizeof word};
    say("read", process_vm_readv(pid, &local, 1, &remote, 1, 0));
    printf("%s\n", text);
    strcpy(text, "the parent's");
    remote.iov_len = local.iov_len = 13;
    say("written", process_vm_writev(pid, &local, 1, &remote, 1, 0));
    write(to[1], "w", 1);
    read(from[0], text, sizeof word);
    printf("%s\n", text);
    remote.iov_base = f.map;
    say("write to what is read-only", process_vm_writev(pid, &local, 1, &remote, 1, 0));
    remote.iov_base = (void *)16;
    say("read from nothing", process_vm_readv(pid, &local, 1, &remote, 1, 0));
    snprintf(name, sizeof name, "/proc/%d/mem", pid);
    fd = open(name, O_RDONLY);
    say("mem", pread64(fd, text, 13, (off64_t)(uintptr_t)f.word));
    printf("%s\n", text);
    close(fd);

    /* Descriptors of processes. */
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    say("pidfd", pidfd > 2);
    fd = (int)syscall(SYS_pidfd_getfd, pidfd, f.fd, 0);
    say("its descriptor", pread(fd, text, 20, 0));
    say("kcmp", syscall(SYS_kcmp, getpid(), pid, 0, fd, f.fd));
    say("kcmp of others", syscall(SYS_kcmp, getpid(), pid, 0, to[1], f.fd) > 0);
    say("not its descriptor", syscall(SYS_pidfd_getfd, pidfd, 700, 0));
    say("pidfd of nobody", syscall(SYS_pidfd_open, 1 << 30, 0));

    /* Name spaces. */
    uname(&u);
    int apart = unshare(CLONE_NEWUTS);
    if (apart == 0) {
        say("sethostname", sethostname("elsewhere", 9));
        struct utsname here;
        uname(&here);
        printf("%s\n", here.nodename);
        write(to[1], "u", 1);
        read(from[0], text, sizeof u.nodename);
        printf("the child's is the old one: %d\n", !strcmp(text, u.nodename));
        say("setns by a process", setns(pidfd, CLONE_NEWUTS));
        uname(&here);
        printf("back: %d\n", !strcmp(here.nodename, u.nodename));
    } else {
        say("unshare", apart);
    }
    say("signal 0", syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
    say("signal", syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0));
    waitpid(pid, &status, 0);
    printf("ended by %d\n", WTERMSIG(status));
    say("signal after", syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0));

    /* A user and a process name space of one's own. */
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        uid_t outside = getuid();
        if (unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS)) {
            say("unshare", -1);
            _exit(0);
        }
        printf("unmapped: %d\n", getuid());
        int map = open("/proc/self/uid_map", O_WRONLY);
        dprintf(map, "0 %d 1\n", outside);
        close(map);
        printf("mapped: %d\n", getuid());
        fflush(stdout);
        pid_t inner = fork();
        if (inner == 0) {
            printf("process %d of %d\n", getpid(), getppid());
            fflush(stdout);
            _exit(4);
        }
        waitpid(inner, &status, 0);
        printf("ended with %d\n", WEXITSTATUS(status));
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
