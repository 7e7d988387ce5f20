/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processor that the program itself runs on (see state.h). */
#include "state.h"

#include <setjmp.h>
#include <signal.h>

/* harness.S */
void run_stub(struct state *s, const void *stub);
extern const uint64_t stubs[]; /* words[i]; ret */

static sigjmp_buf undefined;

static void on_sigill(int sig)
{
    (void)sig;
    siglongjmp(undefined, 1);
}

static int run_word(struct state *s, unsigned index)
{
    signal(SIGILL, on_sigill);
    if (sigsetjmp(undefined, 1))
        return 0;
    run_stub(s, &stubs[index]);
    return 1;
}
