/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/commands.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct command commands[] = {
    {"binfmt", command_binfmt, "install|remove|status", "let the kernel start foreign programs"},
    {"cache", command_cache, "stat|clear|verify|build", "look after the translations on disk"},
    {"chroot", command_chroot, "DIR [COMMAND...]", "enter a foreign root file system"},
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

const struct command *command_find(const char *name)
{
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

void commands_help(void)
{
    puts("\nCommands (`ferry COMMAND --help` explains each; a program of that name needs ./NAME):");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s %s", commands[i].name, commands[i].arguments);
        printf("  %-28s %s\n", left, commands[i].help);
    }
}
