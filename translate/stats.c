/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/stats.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "translate/translate.h"

struct translate_stats translate_stats;
bool stats_wanted;

uint64_t stats_clock(void)
{
    struct timespec t;
    if (!stats_wanted)
        return 0;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void translate_stats_print(void)
{
    static const char *const reasons[] = {
        [EXIT_LOOKUP] = "look-ups",      [EXIT_SYSCALL] = "system calls",
        [EXIT_UNDEFINED] = "undefined",  [EXIT_BREAK] = "breakpoints",
        [EXIT_FAULT] = "faults",         [EXIT_INTERRUPT] = "interrupts",
        [EXIT_EXCEPTION] = "exceptions",
    };
    static atomic_flag printed = ATOMIC_FLAG_INIT;
    const struct translate_stats *s = &translate_stats;
    char text[2048];
    int n;

    if (!stats_wanted || atomic_flag_test_and_set(&printed))
        return;
    n = snprintf(text, sizeof text,
                 "ferry: statistics of process %d\n"
                 "  translated        %10lu blocks, %lu instructions, %lu bytes of guest code\n"
                 "  host code made    %10lu bytes\n"
                 "  time in translation %8.3f ms\n"
                 "  from the cache    %10lu blocks, %lu bytes; %lu blocks of another place\n"
                 "  dropped           %10lu blocks; code memory recycled %lu times\n"
                 "  direct exits      %10llu, %llu of them chained\n",
                 (int)getpid(), s->blocks, s->guest_insns, s->guest_bytes, s->host_bytes,
                 (double)s->nanoseconds * 1e-6, s->loaded_blocks, s->loaded_bytes, s->moved_blocks,
                 s->dropped, s->recycled, atomic_load(&s->direct_exits), atomic_load(&s->chained));
    for (unsigned k = 0; k < sizeof reasons / sizeof *reasons; k++)
        n += snprintf(text + n, sizeof text - n, "  %-15s   %10llu\n", reasons[k],
                      atomic_load(&s->exits[k]));
    n += snprintf(text + n, sizeof text - n, "  floating-point traps %7llu\n",
                  atomic_load(&s->traps));
    if (write(log_options.fd, text, n) < 0)
        return; /* nobody is there to be told */
}
