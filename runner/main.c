/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "runner/gdb/gdb.h"
#include "loader/loader.h"
#include "loader/vm.h"
#include "runner/commands.h"
#include "runner/options.h"
#include "runner/runner.h"
#include "runner/sandbox.h"
#include "signal/signal.h"
#include "syscall/memory_limits.h"
#include "syscall/procfs.h"
#include "syscall/seccomp.h"
#include "syscall/task.h"
#include "translate/translate.h"

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
    memory_limits_take();
    int r = exec_resolve_fd(options.program_name, options.program, options.program_fd, options.argv,
                            &f);
    if (r)
        fail_to_run(&f, r);
    if (f.guest)
        runner_begin(f.guest);
    r = loader_load(&f, options.env, options.stack_size);
    if (r)
        fail_to_run(&f, r);
    const struct guest *guest = f.guest;
    exec_file_free(&f);
    runner_open_self(options.self_fd);
    procfs_publish();
    prctl(PR_SET_NAME, loaded.comm);
    if (log_options.page)
        vm_write_maps(log_options.fd);

    translate_init(guest, runner_isa(), options.code_cache);
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
    if (options.sandbox)
        sandbox_enter(options.sandbox);
    runner_loop(cpu);
}
