/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sub-commands: `ferry [options] NAME [ARG...]` where NAME is a row of the
 * table in commands.c.  A program that has a command's name needs ./NAME, or
 * `--` before it.
 */
#ifndef FERRY_COMMANDS_H
#define FERRY_COMMANDS_H

struct command {
    const char *name;
    /* argv[0] is the command's name.  Returns ferry's exit status; `options` is
     * filled as for a program, without one.  Or it fills in the program and
     * returns COMMAND_RUN_PROGRAM. */
    int (*run)(int argc, char **argv);
    const char *arguments; /* for --help */
    const char *help;      /* one line */
};

enum { COMMAND_RUN_PROGRAM = -1 };

/* NULL: not a command. */
const struct command *command_find(const char *name);
/* Lists them on standard output. */
void commands_help(void);

/* The commands, each in a file of its name. */
int command_binfmt(int argc, char **argv);
int command_cache(int argc, char **argv);
int command_chroot(int argc, char **argv);

#endif
