/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts itself in child processes, each of which sends a line through a
 * pipe: fork, execve of a foreign program, wait, without binfmt_misc. */
#include "mini.h"

int program(int argc, char **argv)
{
    if (argc > 1) {
        text("child ");
        text(argv[1]);
        text(" is a process of its own\n");
        return argv[1][0] - '0';
    }
    for (char i = '1'; i <= '3'; i++) {
        int pipe[2], status = 0;
        char number_text[] = {i, 0}, line[100];
        call(SYS_pipe2, (long)pipe, 0, 0, 0, 0);
        long pid = call(SYS_clone, 17 /* SIGCHLD */, 0, 0, 0, 0);
        if (pid == 0) {
            char *args[] = {argv[0], number_text, NULL};
            call(24 /* dup3 */, pipe[1], 1, 0, 0, 0);
            call(SYS_execve, (long)"/proc/self/exe", (long)args, (long)(args + 2), 0, 0);
            call(SYS_exit_group, 127, 0, 0, 0, 0);
        }
        call(SYS_wait4, pid, (long)&status, 0, 0, 0);
        long n = call(SYS_read, pipe[0], (long)line, sizeof line - 1, 0, 0);
        line[n > 0 ? n : 0] = 0;
        text(line);
        text("  and returned ");
        number((uint64_t)(status >> 8 & 255), 10, 0);
        put('\n');
    }
    return 0;
}
