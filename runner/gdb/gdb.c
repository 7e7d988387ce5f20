/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/gdb/gdb.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runner/gdb/server.h"
#include "runner/runner.h"
#include "signal/host.h"
#include "signal/signal.h"
#include "syscall/fds.h"
#include "syscall/thread.h"
#include "translate/translate.h"

struct server server = {.listener = -1, .fd = -1, .wake = -1, .handover = {-1, -1}};

enum { SERVER_STACK = 512 << 10 };

static sem_t told; /* the debugger knows that the process is gone */
static pthread_mutex_t watch_lock = PTHREAD_MUTEX_INITIALIZER;
static __thread bool stepping_over;

/* ---- what guest threads tell ---- */

/* A vfork child runs in our memory but is another process. */
static bool is_ours(const struct vcpu *cpu)
{
    return cpu->task->process == server.process;
}

static void report(struct vcpu *cpu, enum stop_event event, int sig, uint64_t value)
{
    const uint64_t one = 1;

    cpu->task->debug.info.si_signo = sig;
    if (write(server.wake, &one, sizeof one) < 0)
        return;
    stop_report(cpu, event, sig, value);
}

static bool left(struct vcpu *cpu, enum exit_reason reason)
{
    if (stepping_over) {
        stepping_over = false;
        translate_step(false);
    }
    if (is_ours(cpu))
        translate_step(cpu->task->debug.step || cpu->task->debug.trace);
    if (reason != EXIT_BREAK || !translate_is_breakpoint(cpu->pc))
        return false;
    if (is_ours(cpu)) {
        memset(&cpu->task->debug.info, 0, sizeof cpu->task->debug.info);
        report(cpu, STOP_BREAK, SIGTRAP, 0);
    } else {
        stepping_over = true;
        translate_step(true);
    }
    return true;
}

static void done(struct vcpu *cpu, enum exit_reason reason)
{
    struct task_debug *d = &cpu->task->debug;

    if (!is_ours(cpu) || (reason != EXIT_LOOKUP && reason != EXIT_SYSCALL))
        return;
    if (server.watch_count) {
        pthread_mutex_lock(&watch_lock);
        const struct watch *w = watch_changed();
        uint64_t addr = w ? w->addr : 0;
        pthread_mutex_unlock(&watch_lock);
        if (w) {
            report(cpu, STOP_WATCH, SIGTRAP, addr);
            return;
        }
        if (!d->step && reason == EXIT_LOOKUP && translate_is_breakpoint(cpu->pc)) {
            report(cpu, STOP_BREAK, SIGTRAP, 0);
            return;
        }
    }
    if (d->step)
        report(cpu, STOP_STEP, SIGTRAP, 0);
}

static int signalled(struct vcpu *cpu, int sig, const siginfo_t *info)
{
    if (!is_ours(cpu) || (server.pass_signals & SIGMASK(sig)))
        return sig;
    cpu->task->debug.info = *info;
    cpu->task->debug.resume_sig = sig; /* should the debugger be gone meanwhile */
    report(cpu, STOP_SIGNAL, sig, 0);
    return cpu->task->debug.resume_sig;
}

static void gone(struct vcpu *cpu, int status)
{
    const uint64_t one = 1;

    if (!is_ours(cpu))
        return;
    server.gone_status = status;
    server.gone = true;
    if (write(server.wake, &one, sizeof one) < 0)
        return;
    while (sem_wait(&told))
        ;
    sem_post(&told); /* for another thread that ends the process, too */
}

/* ---- fork ---- */

/* Closes a descriptor that was hidden from the guest. */
static void close_hidden(int *fd)
{
    if (*fd >= 0) {
        fds_forget(*fd);
        close(*fd);
    }
    *fd = -1;
}

static void forking(struct vcpu *cpu)
{
    if (is_ours(cpu) && server.fork_events && !pipe2(server.handover, O_CLOEXEC)) {
        server.handover[0] = fds_hide(server.handover[0]);
        server.handover[1] = fds_hide(server.handover[1]);
    }
}

static void forked(struct vcpu *cpu, pid_t child)
{
    if (server.handover[1] < 0)
        return;
    close_hidden(&server.handover[0]);
    if (child > 0 && is_ours(cpu))
        report(cpu, STOP_FORK, SIGTRAP, (uint64_t)child);
    close_hidden(&server.handover[1]);
    server.child = 0;
}

void server_release_child(bool follow)
{
    if (server.handover[1] >= 0 && write(server.handover[1], follow ? "f" : "d", 1) < 0)
        perror("ferry: debugger");
    server.child = 0;
    server.general_is_child = false;
}

static void *server_main(void *arg);

static void child_is_free(struct vcpu *cpu)
{
    debugger = NULL;
    close_hidden(&server.fd);
    translate_clear_breakpoints();
    translate_step(false);
    cpu->task->debug.step = false;
    server.watch_count = 0;
    signal_takes_changed(cpu);
}

static void is_child(struct vcpu *cpu)
{
    char what = 'd';

    close_hidden(&server.listener);
    close_hidden(&server.handover[1]);
    if (server.handover[0] >= 0 && read(server.handover[0], &what, 1) != 1)
        what = 'd';
    close_hidden(&server.handover[0]);
    close_hidden(&server.wake);
    if (what != 'f') {
        child_is_free(cpu);
        return;
    }
    server.wake = fds_hide(eventfd(0, EFD_CLOEXEC));
    server.first = cpu;
    server.child = 0;
    server.general_is_child = false;
    server.general = cpu->task->tid;
    server.running = false;
    server.watch_count = 0;
    translate_clear_breakpoints();
    cpu->task->process->stop.wanted = true;
    cpu->pending = 1;
    if (host_thread(cpu, SERVER_STACK, server_main, NULL)) {
        cpu->task->process->stop.wanted = false;
        child_is_free(cpu);
    }
}

/* ---- exec ---- */

enum { HAND_NO_ACK = 1, HAND_MULTIPROCESS = 2, HAND_FORK_EVENTS = 4 };

static const char *executing(struct vcpu *cpu)
{
    static char address[32];

    if (!is_ours(cpu) || !server.exec_events || server.fd < 0)
        return NULL;
    fcntl(server.fd, F_SETFD, 0);
    snprintf(address, sizeof address, "fd:%d:%d", server.fd,
             (server.no_ack ? HAND_NO_ACK : 0) | (server.multiprocess ? HAND_MULTIPROCESS : 0) |
                 (server.fork_events ? HAND_FORK_EVENTS : 0));
    return address;
}

static void not_executed(struct vcpu *cpu)
{
    if (is_ours(cpu) && server.fd >= 0)
        fcntl(server.fd, F_SETFD, FD_CLOEXEC);
}

static const struct debugger hooks = {
    .executing = executing,
    .not_executed = not_executed,
    .left = left,
    .done = done,
    .signal = signalled,
    .forking = forking,
    .forked = forked,
    .is_child = is_child,
    .gone = gone,
};

/* ---- the connection ---- */

static struct reply reply;

static bool answer(void)
{
    bool sent = packet_send(server.fd, !server.no_ack, reply.text, reply.len);

    reply.len = 0;
    return sent;
}

void server_detach(void)
{
    if (server.child)
        server_release_child(true);
    close_hidden(&server.fd);
    translate_clear_breakpoints();
    server.watch_count = 0;
    server.multiprocess = server.no_ack = server.fork_events = false;
    server.pass_signals = 0;
    debugger = NULL;
    signal_takes_changed(server.first);
    lock_take(&server.process->stop.lock);
    for (struct task *t = server.process->tasks; t; t = t->next_task)
        t->debug = (struct task_debug){.resume_sig = t->debug.resume_sig};
    lock_drop(&server.process->stop.lock);
    stop_release(server.process);
    server.running = true;
}

/* Clears events that no longer are: at a breakpoint that has been removed.  The
 * first thread with one that is to run or has just stopped; or NULL. */
static struct task *next_event(void)
{
    for (struct task *t = server.process->tasks; t; t = t->next_task) {
        if (t->debug.event == STOP_BREAK && !translate_is_breakpoint(t->cpu->pc))
            t->debug.event = STOP_NONE;
        if (t->debug.event && !t->debug.hold)
            return t;
    }
    return NULL;
}

/* All stand still: tells the debugger about one of them.  False: lost it. */
static bool tell(struct task *task)
{
    reply.len = 0;
    stop_reply(&reply, task);
    task->debug.event = STOP_NONE;
    task->debug.step = false;
    server.running = false;
    return answer();
}

static void run(void)
{
    struct task *task = next_event();

    if (task) { /* stopped before it could run */
        tell(task);
        return;
    }
    for (struct task *t = server.process->tasks; t; t = t->next_task)
        t->debug.trace = server.watch_count > 0;
    server.running = true;
    stop_release(server.process);
}

static bool handle_packet(void)
{
    static char packet[PACKET_MAX + 16];
    int n = packet_read(server.fd, !server.no_ack, packet, sizeof packet);

    if (n < 0)
        return false;
    if (strcmp(packet, "\3") == 0) {
        return true;
    }
    reply.len = 0;
    if (strcmp(packet, "QStartNoAckMode") == 0) {
        reply_text(&reply, "OK");
        answer();
        server.no_ack = true;
        return true;
    }
    switch (command(packet, (size_t)n, &reply)) {
    case ANSWER:
        return answer();
    case RESUME:
        run();
        return true;
    case DETACHED:
        answer();
        return false;
    case KILL:
        reply_text(&reply, "OK");
        answer();
        kill(getpid(), SIGKILL);
        return false;
    }
    return true;
}

static bool handle_event(void)
{
    uint64_t n;

    if (read(server.wake, &n, sizeof n) < 0)
        return true;
    if (server.gone) {
        int status = server.gone_status;
        reply.len = 0;
        if (status & 0x7f)
            reply_text(&reply, "X%02x", to_protocol_signal(status & 0x7f));
        else
            reply_text(&reply, "W%02x", status >> 8);
        if (server.multiprocess)
            reply_text(&reply, ";process:%x", (unsigned)getpid());
        answer();
        sem_post(&told);
        for (;;)
            pause();
    }
    if (!stop_others(server.process, NULL))
        return true; /* a core is being written: the end is near */
    struct task *task = next_event();
    if (task)
        return tell(task);
    stop_release(server.process);
    return true;
}

static bool handle_interrupt(void)
{
    char c;

    if (recv(server.fd, &c, 1, 0) != 1)
        return false;
    if (c != 3 || !stop_others(server.process, NULL))
        return true;
    struct task *task = next_event();
    if (!task) {
        task = task_find(server.general);
        if (!task || task->debug.hold)
            task = server.process->tasks;
        task->debug.sig = SIGINT;
        task->debug.info = (siginfo_t){.si_signo = SIGINT};
    }
    return tell(task);
}

static bool serve(void)
{
    if (!server.running)
        return handle_packet();

    struct pollfd p[2] = {{server.fd, POLLIN, 0}, {server.wake, POLLIN, 0}};
    if (poll(p, 2, -1) < 0)
        return errno == EINTR;
    if (p[1].revents)
        return handle_event();
    return !p[0].revents || handle_interrupt();
}

static void attach(void)
{
    int one = 1;
    int fd = accept4(server.listener, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    server.fd = fds_hide(fd);
    debugger = &hooks;
    signal_takes_changed(server.first);
    if (server.running && !stop_others(server.process, NULL)) {
        server_detach();
        return;
    }
    server.running = false;
    server.general = server.process->tasks->tid;
}

static void *server_main(void *arg)
{
    const sigmask_t all = ~UINT64_C(0);

    (void)arg;
    host_set_mask(all);
    if (server.executed)
        tell(server.first->task);
    for (;;) {
        if (server.fd < 0) {
            if (server.listener < 0)
                return NULL;
            attach();
        } else if (!serve()) {
            server_detach();
        }
    }
}

/* ---- the beginning ---- */

static int listen_unix(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    if (strlen(path) >= sizeof a.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(a.sun_path, path);
    unlink(path);
    return bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 1) ? -1 : fd;
}

static int listen_tcp(const char *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    char *end;
    unsigned long n = strtoul(port, &end, 10);

    if (*end || end == port || n > 65535) {
        errno = EINVAL;
        return -1;
    }
    a.sin_port = htons((uint16_t)n);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    return bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 1) ? -1 : fd;
}

/* A program that this process ran before has a debugger: executing(). */
static bool take_over(struct vcpu *cpu, const char *address)
{
    int fd, flags;

    if (sscanf(address, "fd:%d:%d", &fd, &flags) != 2)
        return false;
    server.fd = fds_hide(fd);
    server.no_ack = flags & HAND_NO_ACK;
    server.multiprocess = flags & HAND_MULTIPROCESS;
    server.fork_events = flags & HAND_FORK_EVENTS;
    server.exec_events = server.executed = true;
    cpu->task->debug.event = STOP_EXEC;
    cpu->task->debug.sig = SIGTRAP;
    debugger = &hooks;
    signal_takes_changed(cpu);
    return true;
}

static void start_listening(const char *address)
{
    const char *scheme = "unix:";
    size_t n = strlen(scheme);
    int fd = strncmp(address, scheme, n) == 0 ? listen_unix(address + n) : listen_tcp(address);

    if (fd < 0)
        runner_fail(EXIT_USAGE, "cannot listen for a debugger", address, strerror(errno));
    server.listener = fds_hide(fd);
}

void gdb_start(struct vcpu *cpu, const char *address, bool wait)
{
    translate_for_debugger();
    if (!take_over(cpu, address))
        start_listening(address);
    server.wake = fds_hide(eventfd(0, EFD_CLOEXEC));
    server.process = cpu->task->process;
    server.first = cpu;
    server.waited = wait;
    server.running = !wait;
    sem_init(&told, 0, 0);
    if (wait) {
        server.process->stop.wanted = true;
        cpu->pending = 1;
    }
    signal_block_all();
    int r = host_thread(cpu, SERVER_STACK, server_main, NULL);
    signal_unblock(cpu);
    if (r)
        runner_fail(EXIT_USAGE, "cannot serve a debugger", address, strerror(r));
}
