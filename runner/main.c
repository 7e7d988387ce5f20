/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "debug/gdb.h"
#include "loader/loader.h"
#include "loader/vm.h"
#include "runner/commands.h"
#include "runner/options.h"
#include "runner/runner.h"
#include "signal/signal.h"
#include "syscall/procfs.h"
#include "syscall/seccomp.h"
#include "syscall/task.h"
#include "translate/cache_dir.h"
#include "translate/translate.h"

static enum host_isa choose_isa(void)
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

    if (!options.cpu) {
        if (guest->set_cpu)
            guest->set_cpu(guest->cpus[0]);
        return;
    }
    while (name && *name && strcmp(*name, options.cpu) != 0)
        name++;
    if (!name || !*name)
        runner_fail(EXIT_USAGE, "--cpu", options.cpu, "unknown; --cpu help lists them");
    if (guest->set_cpu)
        guest->set_cpu(*name);
}

/* The same place in each run, where translations on disk fit. */
static uint64_t place_file(const struct vm_file_id *id, uint64_t size, uint64_t align,
                           uint64_t limit)
{
    return cache_dir_place(id->content, size, align, limit);
}

static _Noreturn void fail_to_run(const struct exec_file *f, int error)
{
    runner_fail(error == -ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE, "cannot run", f->where,
                f->why);
}

int main(int argc, char **argv, char **env)
{
    struct exec_file f;

    options_parse(argc, argv, env);
    if (options.command) {
        int status = options.command->run((int)(argv + argc - options.argv), options.argv);
        if (status != COMMAND_RUN_PROGRAM)
            return status;
    }
    log_open();
    int r = exec_resolve_fd(options.program_name, options.program, options.program_fd, options.argv,
                            &f);
    if (r)
        fail_to_run(&f, r);
    /* Guests use their own addresses, 32-bit ones the lowest 4 GiB: ferry itself
     * is linked to be loaded far above. */
    if (f.guest) {
        choose_cpu(f.guest);
        vm_init(0, guest_address_limit(f.guest));
    }
    cache_dir_init();
    vm_set_placer(place_file);
    r = loader_load(&f, options.env, options.stack_size);
    if (r)
        fail_to_run(&f, r);
    const struct guest *guest = f.guest;
    exec_file_free(&f);
    runner_open_self(options.self_fd);
    procfs_publish_arguments();
    prctl(PR_SET_NAME, loaded.comm);
    if (log_options.page)
        vm_write_maps(log_options.fd);

    translate_init(guest, choose_isa(), options.code_cache);
    struct vcpu *cpu = vcpu_new(guest);
    guest->reset(cpu, loaded.entry, loaded.sp);
    if (guest->start)
        guest->start(cpu);
    task_init(cpu);
    signal_init();
    if (options.seccomp_fd >= 0)
        seccomp_restore(cpu, options.seccomp_fd);
    if (options.gdb)
        gdb_start(cpu, options.gdb, !options.gdb_no_wait);
    runner_loop(cpu);
}
