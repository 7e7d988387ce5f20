/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Says with whose rights it runs, or executes its argument. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc > 1) {
        execv(argv[1], argv + 1);
        perror(argv[1]);
        return 1;
    }
    printf("real %d effective %d secure %lu FERRY_LOG %s\n", (int)getuid(), (int)geteuid(),
           getauxval(AT_SECURE), getenv("FERRY_LOG"));
    return 0;
}
