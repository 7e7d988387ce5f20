/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packets that a stopped program answers: GDB manual, "Packets". */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/gdb/server.h"
#include "loader/loader.h"
#include "loader/vm.h"
#include "signal/registers.h"
#include "syscall/procfs.h"
#include "syscall/siginfo.h"
#include "translate/translate.h"

/* ---- signals: the protocol's numbers (include/gdb/signals.def of GDB) ---- */

static const uint8_t protocol_signals[GUEST_NSIG + 1] = {
    [SIGHUP] = 1,   [SIGINT] = 2,    [SIGQUIT] = 3,  [SIGILL] = 4,   [SIGTRAP] = 5,
    [SIGABRT] = 6,  [SIGFPE] = 8,    [SIGKILL] = 9,  [SIGBUS] = 10,  [SIGSEGV] = 11,
    [SIGSYS] = 12,  [SIGPIPE] = 13,  [SIGALRM] = 14, [SIGTERM] = 15, [SIGURG] = 16,
    [SIGSTOP] = 17, [SIGTSTP] = 18,  [SIGCONT] = 19, [SIGCHLD] = 20, [SIGTTIN] = 21,
    [SIGTTOU] = 22, [SIGIO] = 23,    [SIGXCPU] = 24, [SIGXFSZ] = 25, [SIGVTALRM] = 26,
    [SIGPROF] = 27, [SIGWINCH] = 28, [SIGUSR1] = 30, [SIGUSR2] = 31, [SIGPWR] = 32,
    [32] = 77,      [64] = 78,
};

unsigned to_protocol_signal(int sig)
{
    enum { REALTIME_33 = 45, UNKNOWN = 143 };

    if (sig > 32 && sig < 64)
        return (unsigned)(sig - 33 + REALTIME_33);
    return protocol_signals[sig] ? protocol_signals[sig] : UNKNOWN;
}

static int from_protocol(unsigned number)
{
    for (int sig = 1; sig <= GUEST_NSIG; sig++)
        if (to_protocol_signal(sig) == number)
            return sig;
    return 0;
}

/* ---- threads ---- */

static struct task *tasks(void)
{
    return server.process->tasks;
}

struct task *task_find(pid_t tid)
{
    struct task *task = tasks();

    while (task && task->tid != tid)
        task = task->next_task;
    return task;
}

/* The thread that g, m and so on are about; a forked child that nobody has
 * decided about is as its parent is. */
static struct task *general(void)
{
    struct task *task = server.general_is_child ? NULL : task_find(server.general);

    return task ? task : tasks();
}

static void put_thread(struct reply *r, pid_t pid, pid_t tid)
{
    if (server.multiprocess)
        reply_text(r, "p%x.", (unsigned)pid);
    reply_text(r, "%x", (unsigned)tid);
}

/* "pPID.TID", "TID": 0 stands for any, -1 for all. */
static const char *read_thread(const char *p, long *pid, long *tid)
{
    char *end = (char *)(uintptr_t)p;

    *pid = 0;
    if (*p == 'p') {
        *pid = strtol(p + 1, &end, 16);
        *tid = -1;
        if (*end != '.')
            return end;
        p = end + 1;
    }
    *tid = strtol(p, &end, 16);
    return end;
}

static void threads_list(struct reply *r)
{
    const char *separator = "m";

    for (struct task *t = tasks(); t; t = t->next_task) {
        reply_text(r, "%s", separator);
        put_thread(r, getpid(), t->tid);
        separator = ",";
    }
}

static void thread_name(const char *args, struct reply *r)
{
    char path[64], name[32];
    long pid, tid;

    read_thread(args, &pid, &tid);
    snprintf(path, sizeof path, "/proc/self/task/%ld/comm", tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, name, sizeof name);
    if (fd >= 0)
        close(fd);
    if (n > 1)
        reply_hex(r, name, (size_t)n - 1);
}

static void set_general(const char *args, struct reply *r)
{
    long pid, tid;

    read_thread(args, &pid, &tid);
    server.general_is_child = server.child && pid == server.child;
    if (tid > 0 && !server.general_is_child) {
        if (!task_find((pid_t)tid)) {
            reply_text(r, "E01");
            return;
        }
        server.general = (pid_t)tid;
    }
    reply_text(r, "OK");
}

static void is_alive(const char *args, struct reply *r)
{
    long pid, tid;

    read_thread(args, &pid, &tid);
    bool child = server.child && pid == server.child;
    reply_text(r, child || task_find((pid_t)tid) ? "OK" : "E01");
}

/* ---- registers ---- */

static const struct guest_registers *registers(void)
{
    return server.first->guest->registers;
}

static void put_register(struct reply *r, struct task *task, unsigned n)
{
    uint8_t value[REGISTER_MAX_SIZE];

    reply_hex(r, value, registers()->read(task->cpu, n, value));
}

static void read_register(const char *args, struct reply *r)
{
    size_t before = r->len;

    put_register(r, general(), (unsigned)strtoul(args, NULL, 16));
    if (r->len == before)
        reply_text(r, "E01");
}

static void write_register(const char *args, struct reply *r)
{
    uint8_t value[REGISTER_MAX_SIZE] = {0};
    char *end;
    unsigned n = (unsigned)strtoul(args, &end, 16);

    bool done = *end == '=' && hex_read(end + 1, value, sizeof value) &&
                registers()->write(general()->cpu, n, value);
    reply_text(r, done ? "OK" : "E01");
}

static void read_registers(struct reply *r)
{
    for (unsigned n = 0; n < registers()->count; n++)
        put_register(r, general(), n);
}

static void write_registers(const char *hex, struct reply *r)
{
    for (unsigned n = 0; n < registers()->count && *hex; n++) {
        uint8_t value[REGISTER_MAX_SIZE];
        size_t size = registers()->read(general()->cpu, n, value);

        if (hex_read(hex, value, size) == size)
            registers()->write(general()->cpu, n, value);
        hex += 2 * size;
    }
    reply_text(r, "OK");
}

/* ---- memory ---- */

static void read_memory(const char *args, struct reply *r)
{
    uint8_t bytes[PACKET_MAX / 2];
    char *end;
    uint64_t addr = strtoull(args, &end, 16);
    size_t n = *end == ',' ? strtoul(end + 1, NULL, 16) : 0;

    if (n > sizeof bytes)
        n = sizeof bytes;
    size_t got = memory_read(addr, bytes, n);
    if (n && !got)
        reply_text(r, "E14");
    else
        reply_hex(r, bytes, got);
}

static void write_memory(const char *packet, size_t len, bool binary, struct reply *r)
{
    uint8_t bytes[PACKET_MAX];
    char *end;
    uint64_t addr = strtoull(packet, &end, 16);
    size_t n = *end == ',' ? strtoul(end + 1, &end, 16) : 0;

    if (*end++ != ':' || n > sizeof bytes) {
        reply_text(r, "E01");
        return;
    }
    if (binary) {
        size_t there = len - (size_t)(end - packet);
        n = n < there ? n : there;
        memcpy(bytes, end, n);
    } else {
        n = hex_read(end, bytes, n);
    }
    reply_text(r, server.general_is_child || memory_write(addr, bytes, n) == n ? "OK" : "E14");
}

/* Z and z: kinds 0 and 1 are breakpoints, 2 an object that is watched for
 * writes.  Those of a forked child are not ours. */
static void points(bool set, const char *args, struct reply *r)
{
    char *end;
    unsigned kind = (unsigned)strtoul(args, &end, 16);
    uint64_t addr = *end == ',' ? strtoull(end + 1, &end, 16) : 0;
    uint64_t size = *end == ',' ? strtoull(end + 1, &end, 16) : 0;
    bool done = true;

    if (kind > 2)
        return;
    if (server.general_is_child)
        done = true;
    else if (kind == 2)
        done = set ? watch_set(addr, size) : watch_remove(addr, size);
    else
        done = translate_breakpoint(addr, set);
    reply_text(r, done ? "OK" : "E01");
}

/* ---- resuming ---- */

/* One action of vCont: c, s, with a signal C, S, or t. */
static void apply(struct task *task, char action, int sig)
{
    struct task_debug *d = &task->debug;

    d->hold = action == 't';
    d->step = action == 's' || action == 'S';
    d->resume_sig = action == 'C' || action == 'S' ? sig : 0;
}

static enum outcome resume(const char *p, struct reply *r)
{
    for (struct task *t = tasks(); t; t = t->next_task)
        t->debug.hold = true;
    /* The leftmost action that fits a thread is its. */
    while (*p == ';') {
        char action = *++p, *end = (char *)(uintptr_t)p + 1;
        int sig = 0;
        long pid = 0, tid = -1;

        if (action == 'C' || action == 'S')
            sig = from_protocol((unsigned)strtoul(p + 1, &end, 16));
        if (*end == ':')
            end = (char *)(uintptr_t)read_thread(end + 1, &pid, &tid);
        if (!strchr("cCsSt", action) || (pid > 0 && pid != getpid())) {
            if (pid <= 0) {
                reply_text(r, "E01");
                return ANSWER;
            }
            p = end;
            continue;
        }
        for (struct task *t = tasks(); t; t = t->next_task)
            if (t->debug.hold && (tid <= 0 || t->tid == tid))
                apply(t, action, sig);
        p = end;
    }
    return RESUME;
}

/* c, s and their like: all threads, as the old packets have it. */
static enum outcome resume_old(const char *p)
{
    char action = *p;
    int sig = 0;

    if (action == 'C' || action == 'S')
        sig = from_protocol((unsigned)strtoul(p + 1, NULL, 16));
    for (struct task *t = tasks(); t; t = t->next_task)
        apply(t, t == general() ? action : 'c', sig);
    return RESUME;
}

void stop_reply(struct reply *r, struct task *task)
{
    struct task_debug *d = &task->debug;
    const struct guest_registers *regs = registers();

    server.general = task->tid;
    server.general_is_child = false;
    reply_text(r, "T%02xthread:", to_protocol_signal(d->sig));
    put_thread(r, getpid(), task->tid);
    for (size_t i = 0; i < sizeof regs->expedite; i++) {
        reply_text(r, ";%x:", regs->expedite[i]);
        put_register(r, task, regs->expedite[i]);
    }
    reply_text(r, ";");
    switch (d->event) {
    case STOP_BREAK:
        reply_text(r, "swbreak:;");
        break;
    case STOP_WATCH:
        reply_text(r, "watch:%llx;", (unsigned long long)d->value);
        break;
    case STOP_FORK:
        reply_text(r, "fork:");
        put_thread(r, (pid_t)d->value, (pid_t)d->value);
        reply_text(r, ";");
        server.child = (pid_t)d->value;
        break;
    case STOP_EXEC:
        reply_text(r, "exec:");
        reply_hex(r, procfs_exe_name(), strlen(procfs_exe_name()));
        reply_text(r, ";");
        break;
    default:
        break;
    }
}

/* ---- queries ---- */

static void supported(const char *args, struct reply *r)
{
    server.multiprocess = strstr(args, "multiprocess+");
    server.fork_events = server.multiprocess && strstr(args, "fork-events+");
    server.exec_events = strstr(args, "exec-events+");
    reply_text(r,
               "PacketSize=%x;qXfer:features:read+;qXfer:auxv:read+;qXfer:exec-file:read+;"
               "qXfer:siginfo:read+;QStartNoAckMode+;QPassSignals+;vContSupported+;swbreak+%s%s%s",
               PACKET_MAX, server.multiprocess ? ";multiprocess+" : "",
               server.fork_events ? ";fork-events+" : "",
               server.exec_events ? ";exec-events+" : "");
}

static void pass_signals(const char *p, struct reply *r)
{
    server.pass_signals = 0;
    while (*p) {
        char *end;
        int sig = from_protocol((unsigned)strtoul(p, &end, 16));
        if (sig)
            server.pass_signals |= SIGMASK(sig);
        p = *end == ';' ? end + 1 : "";
    }
    reply_text(r, "OK");
}

static void features(const char *args, struct reply *r)
{
    const char *text = registers()->description;

    reply_part(r, args, text, strlen(text));
}

static void auxv(const char *args, struct reply *r)
{
    reply_part(r, args, loaded.auxv, loaded.auxv_size);
}

static void exec_file(const char *args, struct reply *r)
{
    const char *range = strchr(args, ':');

    reply_part(r, range ? range + 1 : args, procfs_exe_name(), strlen(procfs_exe_name()));
}

static void siginfo(const char *args, struct reply *r)
{
    uint8_t bytes[SIGINFO_SIZE];

    siginfo_to_guest(server.first->guest, &general()->debug.info, bytes);
    reply_part(r, args, bytes, sizeof bytes);
}

static void current(const char *args, struct reply *r)
{
    (void)args;
    reply_text(r, "QC");
    put_thread(r, getpid(), general()->tid);
}

static void attached(const char *args, struct reply *r)
{
    (void)args;
    reply_text(r, "%d", !server.waited);
}

static void threads(const char *args, struct reply *r)
{
    (void)args;
    threads_list(r);
}

static void no_more(const char *args, struct reply *r)
{
    (void)args;
    reply_text(r, "l");
}

static void fine(const char *args, struct reply *r)
{
    (void)args;
    reply_text(r, "OK");
}

static const struct {
    const char *prefix;
    void (*run)(const char *args, struct reply *r);
} queries[] = {
    {"qSupported", supported},
    {"qXfer:features:read:target.xml:", features},
    {"qXfer:auxv:read::", auxv},
    {"qXfer:exec-file:read:", exec_file},
    {"qXfer:siginfo:read::", siginfo},
    {"QPassSignals:", pass_signals},
    {"qfThreadInfo", threads},
    {"qsThreadInfo", no_more},
    {"qThreadExtraInfo,", thread_name},
    {"qAttached", attached},
    {"qSymbol:", fine},
    {"qC", current},
};

static void query(const char *packet, struct reply *r)
{
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        size_t n = strlen(queries[i].prefix);
        if (strncmp(packet, queries[i].prefix, n) == 0) {
            queries[i].run(packet + n, r);
            return;
        }
    }
}

/* ---- all of them ---- */

static enum outcome verbose(char *packet, size_t len, struct reply *r)
{
    if (strcmp(packet, "vCont?") == 0)
        reply_text(r, "vCont;c;C;s;S;t");
    else if (strncmp(packet, "vCont;", 6) == 0)
        return resume(packet + 5, r);
    else if (strncmp(packet, "vFile:", 6) == 0)
        file_command(packet + 6, len - 6, r);
    else if (strncmp(packet, "vKill;", 6) == 0)
        return KILL;
    return ANSWER;
}

/* "D" or "D;PID": one of two may be let go while both stand still. */
static enum outcome detach(const char *packet, struct reply *r)
{
    long pid = packet[1] == ';' ? strtol(packet + 2, NULL, 16) : getpid();

    reply_text(r, "OK");
    if (server.child && pid == server.child) {
        server_release_child(false);
        return ANSWER;
    }
    return DETACHED;
}

enum outcome command(char *packet, size_t len, struct reply *r)
{
    switch (packet[0]) {
    case '?': {
        struct task *task = general();
        if (!task->debug.sig)
            task->debug.sig = SIGTRAP;
        stop_reply(r, task);
        break;
    }
    case 'g':
        read_registers(r);
        break;
    case 'G':
        write_registers(packet + 1, r);
        break;
    case 'p':
        read_register(packet + 1, r);
        break;
    case 'P':
        write_register(packet + 1, r);
        break;
    case 'm':
        read_memory(packet + 1, r);
        break;
    case 'M':
        write_memory(packet + 1, len - 1, false, r);
        break;
    case 'X':
        write_memory(packet + 1, len - 1, true, r);
        break;
    case 'Z':
    case 'z':
        points(packet[0] == 'Z', packet + 1, r);
        break;
    case 'H':
        if (packet[1] == 'g')
            set_general(packet + 2, r);
        else
            reply_text(r, "OK");
        break;
    case 'T':
        is_alive(packet + 1, r);
        break;
    case 'c':
    case 'C':
    case 's':
    case 'S':
        return resume_old(packet);
    case 'v':
        return verbose(packet, len, r);
    case 'q':
    case 'Q':
        query(packet, r);
        break;
    case 'D':
        return detach(packet, r);
    case 'k':
        return KILL;
    default: /* an empty answer: not supported */
        break;
    }
    return ANSWER;
}
