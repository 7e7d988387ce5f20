/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The debugger's server: GDB's remote serial protocol (GDB manual, appendix E)
 * on a local socket.
 *
 * A host thread of its own owns the connection.  While it answers packets
 * all guest threads are parked (signal/stop.h), so their registers are in
 * memory.  Breakpoints are the translator's and guest memory stays as it is;
 * watched objects make every thread step and compare.
 */
#ifndef FERRY_GDB_H
#define FERRY_GDB_H

#include <stdbool.h>

struct vcpu;

/* Serves at `address` (PORT on the loopback interface, or unix:PATH).  With
 * wait, returns when a debugger has come and let the program go; its first
 * stop is before the program's first instruction.  Exits with a message if the
 * address can't be had.  cpu is the only guest thread. */
void gdb_start(struct vcpu *cpu, const char *address, bool wait);

#endif
