/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts primes: two hundred million sieve steps of plain integer code. */
#include "mini.h"

static uint8_t composite[2000000];

int program(int argc, char **argv)
{
    (void)argc, (void)argv;
    unsigned count = 0;
    for (int turn = 0; turn < 40; turn++) {
        memset(composite, 0, sizeof composite);
        count = 0;
        for (unsigned i = 2; i < sizeof composite; i++) {
            if (composite[i])
                continue;
            count++;
            for (unsigned j = i * 2; j < sizeof composite; j += i)
                composite[j] = 1;
        }
    }
    text("There are ");
    number(count, 10, 0);
    text(" primes below two million.\n");
    return 0;
}
