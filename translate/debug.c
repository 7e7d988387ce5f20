/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Breakpoints and single steps: translate.h. */
#include "loader/vm.h"
#include "translate/block.h"

/* A debugger sets few; beyond this it is told that there is no room. */
enum { BREAKPOINTS_MAX = 1024 };

static uint64_t breakpoints[BREAKPOINTS_MAX];
unsigned debug_breakpoint_count;
static __thread bool stepping;

bool translate_is_breakpoint(uint64_t pc)
{
    unsigned n = __atomic_load_n(&debug_breakpoint_count, __ATOMIC_ACQUIRE);

    for (unsigned i = 0; i < n; i++)
        if (__atomic_load_n(&breakpoints[i], __ATOMIC_RELAXED) == pc)
            return true;
    return false;
}

bool translate_breakpoint(uint64_t pc, bool set)
{
    bool done = true;

    lock_take(&cache_lock);
    unsigned n = debug_breakpoint_count, i = 0;
    while (i < n && breakpoints[i] != pc)
        i++;
    if (set && i == n) {
        done = n < BREAKPOINTS_MAX;
        if (done) {
            breakpoints[n] = pc;
            __atomic_store_n(&debug_breakpoint_count, n + 1, __ATOMIC_RELEASE);
        }
    } else if (!set && i < n) {
        breakpoints[i] = breakpoints[n - 1];
        __atomic_store_n(&debug_breakpoint_count, n - 1, __ATOMIC_RELEASE);
    }
    lock_drop(&cache_lock);
    translate_invalidate(pc, 1);
    return done;
}

void translate_clear_breakpoints(void)
{
    while (debug_breakpoint_count)
        translate_breakpoint(breakpoints[0], false);
}

void translate_step(bool on)
{
    stepping = on;
}

uint32_t debug_mode(void)
{
    return stepping ? MODE_STEP : 0;
}
