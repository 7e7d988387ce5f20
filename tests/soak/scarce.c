/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes what there is of something until there is no more, as programs do that then go on with
 * less:
 *
 *     scarce threads | memory | descriptors | processes
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 3000, PAGE = 4096, PIECE = 1 << 20, MOST_PIECES = 100000 };

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *waits(void *arg)
{
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    return arg;
}

static int threads(void)
{
    static pthread_t t[MOST];
    pthread_attr_t attr;
    int n = 0, r = 0;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 128 << 10);
    pthread_mutex_lock(&gate);
    while (n < MOST && !(r = pthread_create(&t[n], &attr, waits, &t[n])))
        n++;
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < n; i++) {
        void *result;
        pthread_join(t[i], &result);
        if (result != &t[i])
            return 1;
    }
    return r && r != EAGAIN && r != ENOMEM;
}

static int child_status(pid_t pid)
{
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

static int memory(void)
{
    static char *p[MOST_PIECES];
    int n = 0;

    while (n < MOST_PIECES &&
           (p[n] = mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) != MAP_FAILED) {
        p[n][0] = (char)n;
        n++;
    }
    /* Nothing is left for anybody; what is tried now may fail, but must not be wrong. */
    pid_t pid = fork();
    if (pid == 0)
        _exit(7);
    if (pid > 0) {
        int status = child_status(pid);
        if (!(WIFEXITED(status) && WEXITSTATUS(status) == 7))
            printf("child: %x\n", status);
    }
    for (int i = 0; i < n; i++) {
        if (p[i][0] != (char)i)
            return 1;
        munmap(p[i], PIECE);
    }
    return 0;
}

static int descriptors(void)
{
    int fd, highest = -1;
    char line[256];

    while ((fd = open("/dev/null", O_RDONLY)) >= 0)
        highest = fd;
    if (errno != EMFILE)
        return 1;
    if (open("/proc/self/maps", O_RDONLY) >= 0 || errno != EMFILE)
        return 2;
    pid_t pid = fork();
    if (pid == 0)
        _exit(open("/proc/self/status", O_RDONLY) >= 0 || errno != EMFILE);
    if (child_status(pid) != 0)
        return 3;
    pid = vfork();
    if (pid == 0) {
        execl("/proc/self/exe", "scarce", "nothing", NULL);
        _exit(errno == EMFILE || errno == ENFILE ? 0 : 100 + errno % 100);
    }
    int status = child_status(pid);
    if (status != 0)
        return 4;
    /* The last one, and with one to spare. */
    for (int spare = 0; spare < 2; spare++) {
        close(highest - spare);
        FILE *f = fopen("/proc/self/maps", "r");
        if (!f || fileno(f) != highest - spare || !fgets(line, sizeof line, f) ||
            write(fileno(f), "", 1) >= 0)
            return 5;
        fclose(f);
    }
    return 0;
}

static int processes(void)
{
    static pid_t p[200];
    int n = 0, ends[2], bad = 0;

    if (pipe(ends))
        return 1;
    while (n < 200 && (p[n] = fork()) > 0)
        n++;
    if (n < 200 && p[n] == 0) {
        char byte;
        close(ends[1]);
        _exit(read(ends[0], &byte, 1));
    }
    close(ends[1]);
    for (int i = 0; i < n; i++)
        bad |= child_status(p[i]);
    return bad;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    int r = 0;

    if (!strcmp(what, "threads"))
        r = threads();
    else if (!strcmp(what, "memory"))
        r = memory();
    else if (!strcmp(what, "descriptors"))
        r = descriptors();
    else if (!strcmp(what, "processes"))
        r = processes();
    if (r)
        printf("%s: wrong (%d)\n", what, r);
    else if (strcmp(what, "nothing"))
        puts("went on");
    return r;
}
