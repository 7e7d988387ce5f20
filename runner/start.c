/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has to be decided before a guest's memory is laid out. */
#include <string.h>

#include "loader/vm.h"
#include "runner/options.h"
#include "runner/runner.h"
#include "translate/cache_dir.h"
#include "translate/guest.h"

enum host_isa runner_isa(void)
{
    static const char *const names[] = {
        [HOST_ISA_BASELINE] = "baseline", [HOST_ISA_V2] = "v2", [HOST_ISA_V3] = "v3"};
    enum host_isa best = host_isa_best();

    if (!options.host_isa)
        return best;
    for (unsigned i = 0; i < HOST_ISA_COUNT; i++) {
        if (strcmp(options.host_isa, names[i]) != 0)
            continue;
        if (i > best)
            runner_fail(EXIT_USAGE, "--host-isa", names[i], "this processor lacks it");
        return i;
    }
    runner_fail(EXIT_USAGE, "--host-isa", options.host_isa, "not one of baseline, v2, v3");
}

static void choose_cpu(const struct guest *guest)
{
    const char *const *name = guest->cpus;

    while (options.cpu && name && *name && strcmp(*name, options.cpu) != 0)
        name++;
    if (options.cpu && (!name || !*name))
        runner_fail(EXIT_USAGE, "--cpu", options.cpu, "unknown; --cpu help lists them");
    if (guest->set_cpu)
        guest->set_cpu(*name);
    cache_dir_set_cpu(name ? *name : "");
}

/* The same place in each run, where translations on disk fit. */
static uint64_t place_file(const struct vm_file_id *id, bool is_program, unsigned attempt,
                           uint64_t size, uint64_t align, uint64_t limit)
{
    return cache_dir_place(id->content, is_program, attempt, size, align, limit);
}

/* Guests use their own addresses, 32-bit ones the lowest 4 GiB: ferry itself is
 * linked to be loaded far above. */
void runner_begin(const struct guest *guest)
{
    choose_cpu(guest);
    vm_init(0, guest_address_limit(guest));
    if (options.sandbox && guest_word(guest) == 8 && !vm_confine())
        runner_fail(EXIT_NOT_EXECUTABLE, "--sandbox", guest->name,
                    "ferry's own memory lies where the guest's has to be kept apart from it");
    cache_dir_init();
    vm_set_placer(place_file);
}
