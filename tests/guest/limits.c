/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits of memory, and what comes of them over fork, vfork and execve. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MB = 1 << 20 };

static void show(const char *what, int ok)
{
    printf("%s: %s\n", what, ok ? "ok" : strerrorname_np(errno));
    fflush(stdout);
}

static void *map(size_t mb, int prot, int flags)
{
    return mmap(NULL, mb * MB, prot, MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
}

static void limit(int resource, size_t mb)
{
    struct rlimit l;

    getrlimit(resource, &l);
    l.rlim_cur = mb * MB;
    show("setrlimit", setrlimit(resource, &l) == 0);
}

static void look(int resource)
{
    struct rlimit l = {0};

    getrlimit(resource, &l);
    if (l.rlim_cur == RLIM_INFINITY)
        printf("unlimited\n");
    else
        printf("%d MB\n", (int)(l.rlim_cur / MB));
    fflush(stdout);
}

static int after_exec(void)
{
    look(RLIMIT_AS);
    look(RLIMIT_DATA);
    show("800 MB after execve", map(800, PROT_NONE, MAP_PRIVATE) != MAP_FAILED);
    show("100 MB after execve", map(100, PROT_NONE, MAP_PRIVATE) != MAP_FAILED);
    show("200 MB of data", map(200, PROT_READ | PROT_WRITE, MAP_PRIVATE) != MAP_FAILED);
    return 0;
}

int main(int argc, char **argv)
{
    const int rw = PROT_READ | PROT_WRITE;
    void *p;
    int status;

    if (argc > 1 && !strcmp(argv[1], "again"))
        return after_exec();

    limit(RLIMIT_DATA, 128);
    show("100 MB", (p = map(100, rw, MAP_PRIVATE)) != MAP_FAILED);
    show("100 MB more", map(100, rw, MAP_PRIVATE) != MAP_FAILED);
    show("in place of the first",
         mmap(p, 100 * MB, rw, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) ==
             p);
    show("larger", mremap(p, 100 * MB, 200 * MB, MREMAP_MAYMOVE) != MAP_FAILED);
    munmap(p, 100 * MB);
    show("200 MB shared", (p = map(200, rw, MAP_SHARED)) != MAP_FAILED);
    munmap(p, 200 * MB);
    show("200 MB without access", (p = map(200, PROT_NONE, MAP_PRIVATE)) != MAP_FAILED);
    show("writable", mprotect(p, 200 * MB, rw) == 0);
    show("half of it writable", mprotect(p, 100 * MB, rw) == 0);
    munmap(p, 200 * MB);
    show("break", sbrk(200 * MB) != (void *)-1);
    show("small break", sbrk(50 * MB) != (void *)-1);
    sbrk(-50 * MB);

    limit(RLIMIT_AS, 512);
    show("600 MB", map(600, PROT_NONE, MAP_PRIVATE) != MAP_FAILED);
    show("300 MB", (p = map(300, PROT_NONE, MAP_PRIVATE)) != MAP_FAILED);
    show("300 MB more", map(300, PROT_NONE, MAP_SHARED) != MAP_FAILED);
    int id = shmget(IPC_PRIVATE, 300 * MB, 0600 | IPC_CREAT | SHM_NORESERVE);
    show("shared segment", shmat(id, NULL, 0) != (void *)-1);
    munmap(p, 300 * MB);
    show("now", shmat(id, NULL, 0) != (void *)-1);
    shmctl(id, IPC_RMID, NULL);
    show("malloc", malloc((size_t)600 * MB) != NULL);

    if (!fork()) {
        look(RLIMIT_AS);
        show("in a child", map(600, PROT_NONE, MAP_PRIVATE) != MAP_FAILED);
        _exit(0);
    }
    wait(&status);
    if (!vfork()) {
        execl("/proc/self/exe", argv[0], "again", NULL);
        _exit(1);
    }
    wait(&status);
    printf("status %d\n", status);
    struct rlimit l = {600 * (rlim_t)MB, 500 * (rlim_t)MB};
    show("soft above hard", setrlimit(RLIMIT_AS, &l) == 0);
    return 0;
}
