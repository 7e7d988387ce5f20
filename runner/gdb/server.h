/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the debugger's server share. */
#ifndef FERRY_DEBUG_SERVER_H
#define FERRY_DEBUG_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "signal/stop.h"

enum { PACKET_MAX = 0x4000, WATCHES_MAX = 16, WATCH_MAX_SIZE = 64 };

struct watch {
    uint64_t addr, size;
    uint8_t old[WATCH_MAX_SIZE];
};

struct server {
    struct process *process;
    struct vcpu *first; /* any vcpu, for what is the same for all */
    int listener, fd;   /* sockets; -1: none */
    int wake;           /* eventfd: a thread has an event */
    int handover[2];    /* to a forked child: what becomes of it */
    bool no_ack, multiprocess, fork_events, exec_events;
    bool waited, executed;
    bool running;         /* the guest runs: nothing but an interrupt may come */
    pid_t general, child; /* thread of g, m, ...; a forked child that waits */
    bool general_is_child;
    uint64_t pass_signals; /* never reported */
    struct watch watch[WATCHES_MAX];
    unsigned watch_count;
    /* The process is about to end. */
    volatile bool gone;
    int gone_status;
};
extern struct server server;

/* ---- packet.c ---- */

struct reply {
    char text[2 * PACKET_MAX + 64];
    size_t len;
};
void reply_text(struct reply *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
void reply_hex(struct reply *r, const void *bytes, size_t n);
/* Bytes with the protocol's escapes. */
void reply_binary(struct reply *r, const void *bytes, size_t n);
/* The part of an object that a qXfer packet asks for, "OFFSET,LENGTH". */
void reply_part(struct reply *r, const char *range, const void *object, size_t size);

/* Reads the next packet, undone of its escapes, and its length; "\3" for an
 * interrupt; -1 at the end of the connection. */
int packet_read(int fd, bool ack, char *text, size_t size);
bool packet_send(int fd, bool ack, const char *text, size_t len);

size_t hex_read(const char *hex, uint8_t *out, size_t max);

/* ---- commands.c ---- */

enum outcome { ANSWER, RESUME, DETACHED, KILL };
enum outcome command(char *packet, size_t len, struct reply *r);
/* The stop reply for a thread's event. */
void stop_reply(struct reply *r, struct task *task);
struct task *task_find(pid_t tid);
/* The protocol's number of a signal. */
unsigned to_protocol_signal(int sig);

/* ---- memory.c ---- */

/* Guest memory, as much as there is: bytes done. */
size_t memory_read(uint64_t gva, void *out, size_t n);
size_t memory_write(uint64_t gva, const void *in, size_t n);
/* Watched objects; true if it could be done. */
bool watch_set(uint64_t addr, uint64_t size);
bool watch_remove(uint64_t addr, uint64_t size);
/* The first that has changed since it was last looked at; or NULL. */
const struct watch *watch_changed(void);

/* ---- files.c ---- */

void file_command(const char *packet, size_t len, struct reply *r);

/* ---- gdb.c ---- */

/* Lets go of the program: no breakpoints, all threads run. */
void server_detach(void);
/* Tells a forked child to go its own way, or to take the debugger over. */
void server_release_child(bool follow);

#endif
