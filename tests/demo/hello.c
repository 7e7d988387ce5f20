/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Says what machine it runs on and what arguments it got. */
#include "mini.h"

int program(int argc, char **argv)
{
    static char names[6][65];
    call(SYS_uname, (long)names, 0, 0, 0, 0);
    text("Hello from a program for ");
    text(names[4]);
    text(" on ");
    text(names[0]);
    text(".\n");
    for (int i = 1; i < argc; i++) {
        text("argument ");
        number((uint64_t)i, 10, 0);
        text(": ");
        text(argv[i]);
        put('\n');
    }
    return 0;
}
