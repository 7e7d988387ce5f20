/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Landlock: rule sets for files and ports, inherited, with longer and shorter descriptions. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* linux/landlock.h */
struct attributes {
    uint64_t files, net, scoped, future;
};
struct path_beneath {
    uint64_t access;
    int32_t fd;
} __attribute__((packed));
struct net_port {
    uint64_t access, port;
};
enum {
    WRITE_FILE = 2,
    READ_FILE = 4,
    MAKE_REG = 256,
    BIND_TCP = 1,
    PATH_BENEATH = 1,
    NET_PORT = 2
};

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif

static void say(const char *what, long r)
{
    printf("%s: %s\n", what, r < 0 ? strerror(errno) : "fine");
}

static void try_bind(int port)
{
    struct sockaddr_in in;
    memset(&in, 0, sizeof in);
    in.sin_family = AF_INET;
    in.sin_port = htons((uint16_t)port);
    int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    int r = bind(s, (struct sockaddr *)&in, sizeof in);
    printf("port %d: %s\n", port, r && errno == EACCES ? "refused" : "not refused");
    close(s);
}

int main(void)
{
    struct attributes a = {WRITE_FILE | READ_FILE | MAKE_REG, BIND_TCP, 0, 0};
    char dir[] = "/tmp/ferry-landlock.XXXXXX", inside[64], outside[64];
    struct stat st;

    long version = syscall(SYS_landlock_create_ruleset, NULL, 0L, 1);
    printf("version: %s\n", version < 0 ? strerror(errno) : "some");
    if (version < 4)
        return 0;
    say("no bits", syscall(SYS_landlock_create_ruleset, &(struct attributes){0, 0, 0, 0}, 16L, 0));
    say("unknown bits",
        syscall(SYS_landlock_create_ruleset, &(struct attributes){1ull << 60, 0, 0, 0}, 8L, 0));
    say("too short", syscall(SYS_landlock_create_ruleset, &a, 4L, 0));
    say("too long", syscall(SYS_landlock_create_ruleset, &a, 5000L, 0));
    a.future = 1;
    say("from the future", syscall(SYS_landlock_create_ruleset, &a, (long)sizeof a, 0));
    a.future = 0;
    say("nowhere", syscall(SYS_landlock_create_ruleset, (void *)8, 16L, 0));
    long fd = syscall(SYS_landlock_create_ruleset, &a, (long)sizeof a, 0);
    say("a rule set", fd);

    mkdtemp(dir);
    snprintf(inside, sizeof inside, "%s/in", dir);
    snprintf(outside, sizeof outside, "%s.out", dir);
    close(open(outside, O_CREAT | O_RDWR, 0600));
    struct path_beneath p = {WRITE_FILE | READ_FILE | MAKE_REG, open(dir, O_PATH)};
    say("a rule for files", syscall(SYS_landlock_add_rule, (int)fd, PATH_BENEATH, &p, 0));
    struct net_port n = {BIND_TCP, 45671};
    say("a rule for a port", syscall(SYS_landlock_add_rule, (int)fd, NET_PORT, &n, 0));
    n.access = 8;
    say("a bad rule", syscall(SYS_landlock_add_rule, (int)fd, NET_PORT, &n, 0));
    p.fd = -5;
    say("a bad descriptor", syscall(SYS_landlock_add_rule, (int)fd, PATH_BENEATH, &p, 0));
    say("another kind of rule", syscall(SYS_landlock_add_rule, (int)fd, 77, &p, 0));
    say("a rule from nowhere", syscall(SYS_landlock_add_rule, (int)fd, PATH_BENEATH, (void *)8, 0));
    fflush(stdout);

    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        say("restricted", syscall(SYS_landlock_restrict_self, (int)fd, 0));
        say("make a file inside", open(inside, O_CREAT | O_WRONLY, 0600));
        say("write outside", open(outside, O_WRONLY));
        say("read outside", open(outside, O_RDONLY));
        say("make a file outside", open("/tmp/ferry-landlock.x", O_CREAT | O_WRONLY, 0600));
        say("look outside", stat(outside, &st));
        try_bind(45671);
        try_bind(45672);
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    unlink(inside);
    unlink(outside);
    rmdir(dir);
    return 0;
}
