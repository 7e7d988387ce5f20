/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/memory_limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>

#include "loader/vm.h"
#include "runner/options.h"
#include "syscall/task.h"

/* The host's limit, which then becomes as wide as it can. */
static struct rlimit64 take_over(int resource)
{
    struct rlimit64 limit = {RLIM64_INFINITY, RLIM64_INFINITY};

    if (getrlimit64(resource, &limit) == 0 && limit.rlim_cur != RLIM64_INFINITY) {
        const struct rlimit64 none = {RLIM64_INFINITY, RLIM64_INFINITY};
        const struct rlimit64 widest = {limit.rlim_max, limit.rlim_max};
        if (setrlimit64(resource, &none))
            setrlimit64(resource, &widest);
    }
    return limit;
}

static struct rlimit64 as_at_start = {RLIM64_INFINITY, RLIM64_INFINITY},
                       data_at_start = {RLIM64_INFINITY, RLIM64_INFINITY};

void memory_limits_take(void)
{
    struct rlimit64 *as = &as_at_start, *data = &data_at_start;

    if (options.memory_limits &&
        sscanf(options.memory_limits, "%" SCNu64 ":%" SCNu64 ":%" SCNu64 ":%" SCNu64, &as->rlim_cur,
               &as->rlim_max, &data->rlim_cur, &data->rlim_max) == 4)
        return;
    *as = take_over(RLIMIT_AS);
    *data = take_over(RLIMIT_DATA);
}

void memory_limits_init(struct process *process)
{
    process->limit_as = as_at_start;
    process->limit_data = data_at_start;
}

static bool unlimited(const struct rlimit64 *l)
{
    return l->rlim_cur == RLIM64_INFINITY && l->rlim_max == RLIM64_INFINITY;
}

char *memory_limits_text(const struct process *process)
{
    const struct rlimit64 *as = &process->limit_as, *data = &process->limit_data;
    char *text;

    if ((unlimited(as) && unlimited(data)) ||
        asprintf(&text, "%" PRIu64 ":%" PRIu64 ":%" PRIu64 ":%" PRIu64, (uint64_t)as->rlim_cur,
                 (uint64_t)as->rlim_max, (uint64_t)data->rlim_cur, (uint64_t)data->rlim_max) < 0)
        return NULL;
    return text;
}

struct rlimit64 *memory_limit(struct process *process, int resource)
{
    switch (resource) {
    case RLIMIT_AS:
        return &process->limit_as;
    case RLIMIT_DATA:
        return &process->limit_data;
    default:
        return NULL;
    }
}

static bool exceeds(uint64_t used, uint64_t gone, uint64_t more, uint64_t limit)
{
    return more && limit != RLIM64_INFINITY &&
           used - gone + more > (limit & ~(uint64_t)(VM_PAGE - 1));
}

bool memory_room(const struct vcpu *cpu, uint64_t start, uint64_t end, uint64_t total,
                 uint64_t data)
{
    const struct process *p = cpu->task->process;

    if (p->limit_as.rlim_cur == RLIM64_INFINITY && p->limit_data.rlim_cur == RLIM64_INFINITY)
        return true;
    const struct vm_usage all = vm_usage(0, vm_limit()), gone = vm_usage(start, end);
    return !exceeds(all.total, gone.total, total, p->limit_as.rlim_cur) &&
           !exceeds(all.data, gone.data, data, p->limit_data.rlim_cur);
}

bool memory_room_writable(const struct vcpu *cpu, uint64_t start, uint64_t end)
{
    if (cpu->task->process->limit_data.rlim_cur == RLIM64_INFINITY)
        return true;
    const struct vm_usage range = vm_usage(start, end);
    return memory_room(cpu, 0, 0, 0, range.private - range.data);
}
