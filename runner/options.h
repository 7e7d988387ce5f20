/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line: `ferry [options] PROGRAM [ARG...]`, or that of
 * qemu-<guest> when called through such a name.  Each option is a row of the
 * table in options.c.  The structure is filled once at start.
 */
#ifndef FERRY_OPTIONS_H
#define FERRY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct command;
struct exec_file;

/* Two of the largest blocks must fit; its offsets have 32 bits. */
enum { CODE_CACHE_MIN = 3 << 20, CODE_CACHE_MAX = 1 << 30 };

struct ferry_options {
    const char *sysroot; /* absolute, no slash at its end; NULL: none */
    const char *argv0;
    const char *cpu;      /* NULL: the guest's default */
    const char *host_isa; /* NULL: the best */
    const char *log, *log_file;
    uint64_t stack_size; /* 0: RLIMIT_STACK */
    uint64_t code_cache; /* bytes */
    bool strace;
    const char *strace_file, *strace_filter; /* NULL: the log; all calls */
    const char *gdb;                         /* where to serve a debugger; NULL: nowhere */
    bool gdb_no_wait;
    const char *sandbox; /* profile; NULL: none */

    const struct command *command; /* with argv; or NULL: a program */
    const char *program;           /* host path */
    const char *program_name;      /* what the guest calls it: without the sysroot */
    char **argv;                   /* of the program, argv[0] included */
    char **env;                    /* of the program */
    int seccomp_fd;                /* filters from before an execve; or -1 */
    int program_fd;                /* PROGRAM is open already (binfmt_misc); or -1 */
    int self_fd;                   /* ferry itself, from the ferry that executed it; or -1 */
    const char *memory_limits;     /* from before an execve; or NULL */
    bool credentials;              /* binfmt_misc has flag C: the kernel starts setuid programs */
};
extern struct ferry_options options;

/* Fills options.  Prints and exits for bad usage, --help and --version. */
void options_parse(int argc, char **argv, char **env);

/* VAR=VALUE in the program's environment. */
void options_set_env(const char *pair);
void options_unset_env(const char *name);
void options_forget_sysroot(void);

/* The argument vector with which ferry runs f with the same options: what
 * execve of a guest program executes (see runner_self_fd(), which is inherited);
 * handed: what
 * only this process knows.  From malloc,
 * strings are shared with f and options. */
struct options_handed {
    const char *gdb;    /* for -g, or NULL */
    const char *limits; /* syscall/memory_limits.h, or NULL */
    int seccomp_fd;     /* or -1 */
};
char **options_exec_argv(const struct exec_file *f, const struct options_handed *handed);

#endif
