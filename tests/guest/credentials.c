/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Credentials belong to threads; the C library gives all of them the same.  Shows more
 * when root runs it, and the same as a native program in any case. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static sem_t changed, seen;

static void show(const char *who)
{
    uid_t r = -1, e = -1, s = -1;
    gid_t gr = -1, ge = -1, gs = -1;

    getresuid(&r, &e, &s);
    getresgid(&gr, &ge, &gs);
    printf("%s: %d %d %d, %d %d %d, groups %d\n", who, r, e, s, gr, ge, gs, getgroups(0, NULL));
}

/* What the kernel tells others of a thread. */
static void show_status(const char *who)
{
    char name[64], line[256];

    snprintf(name, sizeof name, "/proc/self/task/%d/status", (int)syscall(SYS_gettid));
    FILE *f = fopen(name, "r");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "Uid:", 4) || !strncmp(line, "Gid:", 4) || !strncmp(line, "CapEff", 6))
            printf("%s: %s", who, line);
    if (f)
        fclose(f);
}

static void *alone(void *arg)
{
    (void)arg;
    /* The kernel's own calls: this thread only. */
    printf("setresgid: %ld\n", syscall(SYS_setresgid, 65534, 65534, 65534));
    printf("setresuid: %ld\n", syscall(SYS_setresuid, 65534, 65534, 65534));
    show("the thread");
    show_status("the thread");
    int fd = open("file", O_CREAT | O_WRONLY | O_EXCL, 0600);
    struct stat st = {0};
    fstat(fd, &st);
    printf("its file: %s %d\n", fd < 0 ? strerrorname_np(errno) : "made", (int)st.st_uid);
    close(fd);
    unlink("file");
    printf("shadow: %s\n",
           open("/etc/shadow", O_RDONLY) < 0 ? strerrorname_np(errno) : "could be read");
    return NULL;
}

static void *follows(void *arg)
{
    (void)arg;
    sem_wait(&changed);
    show("the other thread");
    show_status("the other thread");
    sem_post(&seen);
    return NULL;
}

static int run(void)
{
    pthread_t thread;

    show("at first");
    sem_init(&changed, 0, 0);
    sem_init(&seen, 0, 0);
    pthread_create(&thread, NULL, alone, NULL);
    pthread_join(thread, NULL);
    show("the main thread");
    show_status("the main thread");
    printf("setfsuid: %d\n", setfsuid(65534));
    printf("is: %d\n", setfsuid(-1));
    setfsuid(getuid());
    pthread_create(&thread, NULL, follows, NULL);
    /* The library's: all threads, by signals. */
    gid_t groups[] = {7, 8};
    printf("setgroups: %d\n", setgroups(2, groups));
    printf("setgid: %d\n", setgid(65534));
    printf("seteuid: %d\n", seteuid(65534));
    show("the main thread");
    printf("back: %d\n", seteuid(getuid()));
    printf("setuid: %d\n", setuid(65534));
    show("the main thread");
    printf("no way back: %d\n", setuid(0));
    sem_post(&changed);
    sem_wait(&seen);
    pthread_join(thread, NULL);
    return 0;
}

int main(void)
{
    char dir[] = "/tmp/credentials.XXXXXX";
    int status;

    setvbuf(stdout, NULL, _IONBF, 0);
    if (!mkdtemp(dir) || chmod(dir, 0777) || chdir(dir))
        return 1;
    pid_t pid = fork();
    if (!pid)
        exit(run());
    waitpid(pid, &status, 0);
    printf("status %d, still %d\n", status, (int)geteuid());
    return rmdir(dir);
}
