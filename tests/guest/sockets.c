/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets, polling of all kinds, event descriptors, terminals. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static const char *error(long r)
{
    return r < 0 ? strerrorname_np(errno) : "ok";
}
#define SHOW(call)  (errno = 0, printf("%s: %s\n", #call, error((long)(call))))
#define VALUE(call) printf("%s: %ld\n", #call, (long)(call))

static void options(int fd)
{
    int v = 1;
    socklen_t len = sizeof(v);
    struct linger linger = {1, 5};
    struct timeval tv = {2, 500000};
    struct ucred cred;

    SHOW(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &v, sizeof(v)));
    SHOW(getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &v, &len));
    SHOW(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
    memset(&linger, 0, sizeof(linger)), len = sizeof(linger);
    SHOW(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len));
    printf("linger %d %d %u\n", linger.l_onoff, linger.l_linger, len);
    SHOW(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
    memset(&tv, 0, sizeof(tv)), len = sizeof(tv);
    SHOW(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
    printf("timeout %ld %ld %u\n", (long)tv.tv_sec, (long)tv.tv_usec, len);
    len = sizeof(v);
    SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, &len));
    VALUE(v);
    len = sizeof(cred);
    SHOW(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len));
    SHOW(setsockopt(fd, SOL_SOCKET, 12345, &v, sizeof(v)));
    SHOW(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &v, sizeof(v)));
}

static void *client(void *arg)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char b[16];

    if (connect(fd, arg, sizeof(struct sockaddr_in)))
        printf("connect: %s\n", strerrorname_np(errno));
    send(fd, "hello", 5, MSG_NOSIGNAL);
    while (recv(fd, b, sizeof(b), 0) > 0)
        ;
    close(fd);
    return NULL;
}

static void internet(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), c;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, peer;
    socklen_t len = sizeof(a);
    pthread_t t;
    char b[16];

    options(fd);
    SHOW(bind(fd, (struct sockaddr *)&a, sizeof(a)));
    SHOW(listen(fd, 5));
    SHOW(getsockname(fd, (struct sockaddr *)&a, &len));
    printf("port %d, family %d, length %u\n", a.sin_port != 0, a.sin_family, len);
    pthread_create(&t, NULL, client, &a);
    len = sizeof(peer);
    c = accept4(fd, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
    printf("from %s, %u bytes\n", inet_ntoa(peer.sin_addr), len);
    VALUE(fcntl(c, F_GETFL) & O_NONBLOCK);
    struct pollfd p = {c, POLLIN, 0};
    VALUE(poll(&p, 1, 10000));
    VALUE(recv(c, b, 16, MSG_PEEK));
    VALUE(recv(c, b, 16, 0));
    SHOW(recv(c, b, 16, 0));
    len = sizeof(peer);
    SHOW(getpeername(c, (struct sockaddr *)&peer, &len));
    SHOW(shutdown(c, SHUT_RDWR));
    SHOW(send(c, "x", 1, MSG_NOSIGNAL));
    close(c);
    pthread_join(t, NULL);
    SHOW(connect(fd, (struct sockaddr *)&a, 3));
    close(fd);
    SHOW(socket(AF_INET, 77, 0));
    SHOW(socket(12345, SOCK_STREAM, 0));

    struct ifreq r = {.ifr_name = "lo"};
    struct ifconf conf = {0};
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    SHOW(ioctl(fd, SIOCGIFINDEX, &r));
    SHOW(ioctl(fd, SIOCGIFCONF, &conf));
    strcpy(r.ifr_name, "none9");
    SHOW(ioctl(fd, SIOCGIFFLAGS, &r));
    close(fd);
}

static void messages(void)
{
    int s[2], fds[2] = {0, 1};
    char control[CMSG_SPACE(sizeof(fds))] = {0}, b[32], c[8];
    struct iovec v[2] = {{"one", 3}, {" two", 4}}, r[2] = {{b, 2}, {b + 10, 20}};
    struct msghdr m = {
        .msg_iov = v, .msg_iovlen = 2, .msg_control = control, .msg_controllen = sizeof(control)};
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    struct mmsghdr many[3] = {0};

    SHOW(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, s));
    h->cmsg_level = SOL_SOCKET, h->cmsg_type = SCM_RIGHTS, h->cmsg_len = CMSG_LEN(sizeof(fds));
    memcpy(CMSG_DATA(h), fds, sizeof(fds));
    VALUE(sendmsg(s[0], &m, 0));
    memset(control, 0, sizeof(control)), memset(b, '.', sizeof(b));
    m.msg_iov = r;
    VALUE(recvmsg(s[1], &m, MSG_CMSG_CLOEXEC));
    h = CMSG_FIRSTHDR(&m);
    memcpy(fds, CMSG_DATA(h), sizeof(fds));
    printf("%.20s flags %x control %zu type %d\n", b, m.msg_flags, m.msg_controllen, h->cmsg_type);
    VALUE(fcntl(fds[0], F_GETFD));
    close(fds[0]), close(fds[1]);
    for (int i = 0; i < 3; i++)
        many[i].msg_hdr.msg_iov = &v[i % 2], many[i].msg_hdr.msg_iovlen = 1;
    VALUE(sendmmsg(s[0], many, 3, 0));
    printf("%u %u %u\n", many[0].msg_len, many[1].msg_len, many[2].msg_len);
    r[0] = (struct iovec){c, 2};
    for (int i = 0; i < 3; i++)
        many[i].msg_hdr.msg_iov = &r[i % 2], many[i].msg_hdr.msg_iovlen = 1;
    VALUE(recvmmsg(s[1], many, 3, MSG_DONTWAIT, NULL));
    printf("%u %u %u flags %x\n", many[0].msg_len, many[1].msg_len, many[2].msg_len,
           many[0].msg_hdr.msg_flags);
    SHOW(recvmmsg(s[1], many, 3, MSG_DONTWAIT, NULL));
    int queued = 0;
    write(s[0], "12345", 5);
    SHOW(ioctl(s[1], FIONREAD, &queued));
    VALUE(queued);
    close(s[0]), close(s[1]);

    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "socket"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    SHOW(connect(fd, (struct sockaddr *)&un, sizeof(un)));
    SHOW(bind(fd, (struct sockaddr *)&un, sizeof(un)));
    SHOW(bind(fd, (struct sockaddr *)&un, sizeof(un)));
    socklen_t len = sizeof(un);
    SHOW(getsockname(fd, (struct sockaddr *)&un, &len));
    printf("%s %u\n", un.sun_path, len);
    close(fd);
    unlink("socket");
}

static void on_signal(int sig)
{
    (void)sig;
}

static void polling(void)
{
    int p[2], e = eventfd(3, EFD_NONBLOCK | EFD_SEMAPHORE), t, ep = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {EPOLLIN | EPOLLET, {.u64 = 0x123456789abcdef0}}, out[8];
    struct timespec ts = {0, 20000000};
    uint64_t value;
    fd_set set;
    sigset_t mask, none;

    pipe(p);
    struct pollfd fds[3] = {{p[0], POLLIN, 0}, {p[1], POLLOUT, 0}, {-1, POLLIN, 9}};
    VALUE(ppoll(fds, 3, &ts, NULL));
    printf("%x %x %x\n", fds[0].revents, fds[1].revents, fds[2].revents);
    VALUE(poll(fds, 1, 10));
    FD_ZERO(&set);
    FD_SET(p[0], &set);
    ts = (struct timespec){0, 10000000};
    VALUE(pselect(p[0] + 1, &set, NULL, NULL, &ts, NULL));
    VALUE(FD_ISSET(p[0], &set));
    /* The call itself writes back what is left. */
    ts = (struct timespec){5, 0};
    VALUE(syscall(SYS_ppoll, fds, 2, &ts, NULL, 8));
    printf("time left: %d\n", ts.tv_sec == 4 || (ts.tv_sec == 5 && !ts.tv_nsec));
    write(p[1], "x", 1);
    FD_SET(p[0], &set);
    VALUE(select(p[0] + 1, &set, NULL, NULL, NULL));
    VALUE(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &event));
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &event));
    event = (struct epoll_event){EPOLLOUT, {.fd = p[1]}};
    VALUE(epoll_ctl(ep, EPOLL_CTL_ADD, p[1], &event));
    VALUE(epoll_wait(ep, out, 8, 100));
    for (int i = 0; i < 2; i++)
        printf("event %x data %d\n", out[i].events,
               out[i].data.u64 == 0x123456789abcdef0 || out[i].data.fd == p[1]);
    VALUE(epoll_wait(ep, out, 8, 0));
    VALUE(epoll_ctl(ep, EPOLL_CTL_DEL, p[1], NULL));
    SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, p[1], &event));
    VALUE(epoll_wait(ep, out, 8, 10));
    VALUE(read(e, &value, 8));
    VALUE(value);
    VALUE(write(e, &value, 8));
    for (int i = 0; i < 3; i++)
        read(e, &value, 8);
    SHOW(read(e, &value, 8));

    t = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    struct itimerspec it = {{0, 5000000}, {0, 1000000}}, old;
    VALUE(timerfd_settime(t, 0, &it, NULL));
    VALUE(read(t, &value, 8));
    VALUE(value >= 1);
    VALUE(timerfd_gettime(t, &old));
    VALUE(old.it_interval.tv_nsec);
    close(t);

    /* A signal that only the call lets in. */
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&none), sigemptyset(&mask), sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    raise(SIGUSR1);
    SHOW(ppoll(NULL, 0, NULL, &none));
    raise(SIGUSR1);
    SHOW(epoll_pwait(ep, out, 8, -1, &none));
    raise(SIGUSR1);
    SHOW(pselect(0, NULL, NULL, NULL, NULL, &none));
    raise(SIGUSR1);
    int s = signalfd(-1, &mask, SFD_NONBLOCK);
    struct signalfd_siginfo info;
    VALUE(read(s, &info, sizeof(info)));
    VALUE(info.ssi_signo);
    SHOW(read(s, &info, sizeof(info)));
    close(s), close(e), close(ep), close(p[0]), close(p[1]);
}

static void watching(void)
{
    int fd = inotify_init1(IN_NONBLOCK), w = inotify_add_watch(fd, ".", IN_CREATE | IN_DELETE);
    char b[512];
    ssize_t n;

    close(creat("watched", 0600));
    unlink("watched");
    n = read(fd, b, sizeof(b));
    for (ssize_t at = 0; at < n;) {
        struct inotify_event *e = (struct inotify_event *)(b + at);
        printf("event %x %s\n", e->mask, e->name);
        at += sizeof(*e) + e->len;
    }
    SHOW(inotify_rm_watch(fd, w));
    SHOW(inotify_rm_watch(fd, 77));
    SHOW(inotify_add_watch(fd, "none", IN_CREATE));
    close(fd);
}

static void terminals(void)
{
    int master, slave;
    struct winsize size = {24, 80, 0, 0};
    struct termios t;
    char b[64];

    if (openpty(&master, &slave, NULL, NULL, &size)) {
        printf("openpty: %s\n", strerrorname_np(errno));
        return;
    }
    SHOW(tcgetattr(slave, &t));
    printf("flags %x %x %x %x speed %d\n", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag,
           (int)cfgetospeed(&t));
    cfmakeraw(&t);
    SHOW(tcsetattr(slave, TCSANOW, &t));
    memset(&size, 0, sizeof(size));
    SHOW(ioctl(slave, TIOCGWINSZ, &size));
    printf("%d by %d\n", size.ws_row, size.ws_col);
    VALUE(write(master, "typed\n", 6));
    VALUE(read(slave, b, sizeof(b)));
    SHOW(ioctl(slave, TIOCGPGRP, b));
    VALUE(isatty(slave));
    SHOW(tcgetattr(fileno(stdout), &t));
    close(master), close(slave);
}

static void queues(void)
{
    struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 32}, got;
    char name[64], b[32];
    unsigned priority;
    mqd_t q;

    snprintf(name, sizeof(name), "/ferry-test-%d", getpid());
    q = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attr);
    if (q == (mqd_t)-1) {
        printf("mq_open: %s\n", strerrorname_np(errno));
        return;
    }
    SHOW(mq_send(q, "low", 3, 1));
    SHOW(mq_send(q, "high", 4, 9));
    SHOW(mq_getattr(q, &got));
    printf("%ld %ld %ld %ld\n", got.mq_flags, got.mq_maxmsg, got.mq_msgsize, got.mq_curmsgs);
    VALUE(mq_receive(q, b, sizeof(b), &priority));
    VALUE(priority);
    VALUE(mq_receive(q, b, sizeof(b), NULL));
    SHOW(mq_receive(q, b, sizeof(b), NULL));
    SHOW(mq_receive(q, b, 3, NULL));
    mq_close(q);
    SHOW(mq_unlink(name));
}

int main(void)
{
    char dir[] = "/tmp/sockets.XXXXXX";

    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    alarm(50);
    if (!mkdtemp(dir) || chdir(dir))
        return 1;
    internet();
    messages();
    polling();
    watching();
    terminals();
    queues();
    return chdir("/") || rmdir(dir);
}
