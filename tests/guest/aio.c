/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Native asynchronous input and output. */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static struct {
    long sec, nsec;
} second = {1, 0}, no_time = {0, 0}, moment = {0, 20000000};

static aio_context_t ctx;

static void say(const char *what, long r)
{
    printf("%s: %ld%s%s\n", what, r, r < 0 ? " " : "", r < 0 ? strerror(errno) : "");
}

static struct iocb make(int op, int fd, const void *buf, size_t n, long long offset)
{
    struct iocb b;
    memset(&b, 0, sizeof b);
    b.aio_data = 0x1122334455667788ull + (unsigned)op;
    b.aio_key = 7;
    b.aio_lio_opcode = (unsigned short)op;
    b.aio_fildes = (unsigned)fd;
    b.aio_buf = (uintptr_t)buf;
    b.aio_nbytes = n;
    b.aio_offset = offset;
    return b;
}

static void reap(const char *what, struct iocb *first, int want)
{
    struct io_event e[8];
    memset(e, 0x55, sizeof e);
    long n = syscall(SYS_io_getevents, ctx, (long)want, 8L, e, &second);
    say(what, n);
    for (long i = 0; i < n; i++)
        printf("  data %llx object %ld result %lld %lld\n", (unsigned long long)e[i].data,
               (long)((struct iocb *)(uintptr_t)e[i].obj - first), (long long)e[i].res,
               (long long)e[i].res2);
}

static void on_alarm(int sig)
{
    (void)sig;
}

int main(void)
{
    char name[] = "/tmp/ferry-aio.XXXXXX", buf[64] = "", part[2][8];
    int fd = mkstemp(name), pair[2], event = eventfd(0, 0);
    unlink(name);

    ctx = 1;
    say("setup of a used one", syscall(SYS_io_setup, 8, &ctx));
    ctx = 0;
    say("setup of none", syscall(SYS_io_setup, 0, &ctx));
    say("setup at nowhere", syscall(SYS_io_setup, 8, NULL));
    say("setup", syscall(SYS_io_setup, 8, &ctx));
    printf("context: %d\n", ctx != 0);
    /* libaio looks into it. */
    printf("its memory: %d\n", ((volatile unsigned *)(uintptr_t)ctx)[2]);

    struct iocb b[4] = {make(IOCB_CMD_PWRITE, fd, "hello, asynchronous world", 25, 3)};
    struct iocb *list[4] = {&b[0], &b[1], &b[2], &b[3]};
    b[0].aio_flags = IOCB_FLAG_RESFD;
    b[0].aio_resfd = (unsigned)event;
    say("submit a write", syscall(SYS_io_submit, ctx, 1L, list));
    reap("written", b, 1);
    printf("key %u\n", b[0].aio_key);
    uint64_t count = 0;
    say("event", read(event, &count, sizeof count));
    printf("count %d\n", (int)count);

    struct iovec v[2] = {{part[0], 5}, {part[1], 8}};
    b[0] = make(IOCB_CMD_PREAD, fd, buf, sizeof buf, 3);
    b[1] = make(IOCB_CMD_PREADV, fd, v, 2, 3);
    b[2] = make(IOCB_CMD_FSYNC, fd, NULL, 0, 0);
    say("submit two reads", syscall(SYS_io_submit, ctx, 2L, list));
    reap("read", b, 2);
    printf("%.25s|%.5s|%.8s\n", buf, part[0], part[1]);
    v[0].iov_base = "vec";
    v[0].iov_len = 3;
    v[1].iov_base = "tors";
    v[1].iov_len = 4;
    b[0] = make(IOCB_CMD_PWRITEV, fd, v, 2, 100);
    say("submit a vector", syscall(SYS_io_submit, ctx, 1L, list));
    reap("written", b, 1);
    say("pread", pread(fd, buf, 7, 100));
    printf("%.7s\n", buf);
    list[0] = &b[2];
    say("submit fsync", syscall(SYS_io_submit, ctx, 1L, list));
    reap("synced", b, 1);
    list[0] = &b[0];

    /* What is done in part, what fails. */
    b[0] = make(IOCB_CMD_PREAD, fd, buf, 4, 0);
    b[1] = make(IOCB_CMD_PREAD, -1, buf, 4, 0);
    say("submit with a bad second", syscall(SYS_io_submit, ctx, 2L, list));
    reap("the first", b, 1);
    list[0] = &b[1];
    say("submit a bad descriptor", syscall(SYS_io_submit, ctx, 1L, list));
    b[1] = make(77, fd, buf, 4, 0);
    say("submit a bad operation", syscall(SYS_io_submit, ctx, 1L, list));
    b[1] = make(IOCB_CMD_PREAD, fd, buf, 4, 0);
    b[1].aio_reserved2 = 1;
    say("submit reserved bits", syscall(SYS_io_submit, ctx, 1L, list));
    list[0] = NULL;
    say("submit nothing", syscall(SYS_io_submit, ctx, 1L, list));
    list[0] = (struct iocb *)8;
    say("submit from nowhere", syscall(SYS_io_submit, ctx, 1L, list));
    say("submit none", syscall(SYS_io_submit, ctx, 0L, list));
    say("submit too few", syscall(SYS_io_submit, ctx, -1L, list));
    say("submit to nobody", syscall(SYS_io_submit, ctx + 4096, 1L, list));
    list[0] = &b[0];
    void *gone = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    b[0] = make(IOCB_CMD_PREAD, fd, gone, 4, 0);
    say("submit a bad buffer", syscall(SYS_io_submit, ctx, 1L, list));
    struct io_event e[2];
    say("events of it", syscall(SYS_io_getevents, ctx, 0L, 2L, e, &no_time) >= 0);

    /* A wait. */
    say("pipe", pipe(pair));
    b[0] = make(IOCB_CMD_POLL, pair[0], NULL, 0, 0);
    b[0].aio_buf = POLLIN;
    say("submit a poll", syscall(SYS_io_submit, ctx, 1L, list));
    say("nothing yet", syscall(SYS_io_getevents, ctx, 0L, 2L, e, &no_time));
    say("nothing yet", syscall(SYS_io_getevents, ctx, 1L, 2L, e, &moment));
    say("write", write(pair[1], "x", 1));
    reap("readable", b, 1);
    say("read", read(pair[0], buf, 1));

    /* Cancelled. */
    say("submit a poll", syscall(SYS_io_submit, ctx, 1L, list));
    say("cancel", syscall(SYS_io_cancel, ctx, list[0], e));
    reap("cancelled", b, 1);
    say("cancel again", syscall(SYS_io_cancel, ctx, list[0], e));

    /* With a mask: the signal ends the wait although it is blocked outside. */
    struct sigaction sa;
    memset(&sa, 0, sizeof sa);
    sa.sa_handler = on_alarm;
    sigaction(SIGUSR1, &sa, NULL);
    sigset_t block, open;
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, NULL);
    raise(SIGUSR1);
    sigemptyset(&open);
    struct {
        const void *set;
        size_t size;
    } mask = {&open, 8};
    say("wait with a mask", syscall(SYS_io_pgetevents, ctx, 1L, 2L, e, &second, &mask));
    say("wait without", syscall(SYS_io_pgetevents, ctx, 1L, 2L, e, &moment, NULL));
    mask.size = 3;
    say("a mask of a bad size", syscall(SYS_io_pgetevents, ctx, 1L, 2L, e, &moment, &mask));
    say("more than there is room", syscall(SYS_io_getevents, ctx, 3L, 2L, e, &moment));
    say("less than none", syscall(SYS_io_getevents, ctx, -1L, 2L, e, &moment));

    pid_t pid = fork();
    if (pid == 0)
        _exit(syscall(SYS_io_getevents, ctx, 0L, 2L, e, &no_time) == -1 && errno == EINVAL ? 5 : 6);
    int status;
    waitpid(pid, &status, 0);
    printf("a child's: %d\n", status >> 8);
    say("destroy", syscall(SYS_io_destroy, ctx));
    say("destroy again", syscall(SYS_io_destroy, ctx));
    say("after it", syscall(SYS_io_getevents, ctx, 0L, 2L, e, &no_time));
    return 0;
}
