/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the rows of learn.def with operands in all places: pinned, temporary, in memory. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hostgen/host.h"
#include "hostgen/instance.h"

/* None is made beforehand. */
const struct instance instance_ready[1];
const uint16_t instance_ready_index[1 << READY_INDEX_BITS][2];

enum { CODE = 1 << 20, PLACES = 12 };

static struct vcpu *cpu;
static struct code_ptr code, block;
static const uint8_t *leave_x;
static host_enter_fn *enter;

static void set_up(enum host_isa isa)
{
    static const uint8_t pins[] = {0, 1, 2, 3, 19, 20, 21, 30};
    static const uint8_t vpins[] = {0, 1, 2, 3, 16, 17, 31, 8, 30, 9};
    hostgen_init(isa);
    const struct pinning pinning = hostgen_pinning(pins, sizeof pins, vpins, sizeof vpins);
    hostgen_pin(&pinning);
    block = code;
    memcpy(block.w, hostgen_pool, hostgen_pool_size);
    block.w += hostgen_pool_size;
    block.x += hostgen_pool_size;
    enter = (host_enter_fn *)(uintptr_t)block.x;
    host_emit_enter(&block);
    leave_x = block.x;
    host_emit_leave(&block);
    host_emit_align(&block, 64);
}

static struct opnd place(unsigned n)
{
    static const uint8_t slots[] = {0, 1, 2, 3, 19, 20, 21, 5, 30, 44};
    return n < 2 ? T(n) : G(slots[n - 2]);
}

static unsigned failures;

static void run(struct code_ptr start)
{
    host_emit_set_exit(&block, 1);
    host_emit_jump(&block, leave_x);
    enter(cpu, start.x);
    block = start;
}

static void try_row(unsigned op, unsigned to, unsigned from, unsigned n)
{
    struct code_ptr start = block;
    struct opnd d = place(to), a = place(from), o[] = {d, a, I(n)};
    uint64_t x = UINT64_C(0x123456789abcdef) * (to * 16 + from + 1);
    hostgen_emit(&block, UOP_movq, (const struct opnd[]){a, I(x)}, code.x, NULL);
    hostgen_emit(&block, op, o, code.x, NULL);
    hostgen_emit(&block, UOP_mov64, (const struct opnd[]){G(50), d}, code.x, NULL);
    hostgen_emit(&block, UOP_mov64, (const struct opnd[]){G(51), a}, code.x, NULL);
    run(start);
    if (cpu->g[50] != x + n || (to != from && cpu->g[51] != x)) {
        printf("%s: places %u, %u: %lx and %lx, not %lx\n", uop_info[op].name, to, from,
               (unsigned long)cpu->g[50], (unsigned long)cpu->g[51], (unsigned long)(x + n));
        failures++;
    }
}

int main(void)
{
    static struct vcpu state __attribute__((aligned(64)));
    static uint64_t stack[64];
    int fd = memfd_create("code", 0);
    if (fd < 0 || ftruncate(fd, CODE) != 0)
        return 1;
    code.w = mmap(NULL, CODE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    code.x = mmap(NULL, CODE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    cpu = &state;
    cpu->mxcsr = cpu->host_mxcsr = 0x1f80;
    cpu->return_base = cpu->return_sp = (uint64_t)(stack + 60);
    for (enum host_isa isa = HOST_ISA_BASELINE; isa <= host_isa_best(); isa++) {
        set_up(isa);
        for (unsigned to = 0; to < PLACES; to++)
            for (unsigned from = 0; from < PLACES; from++) {
                try_row(UOP_t_odd_numbers, to, from, 0);
                for (unsigned n = 0; n < 2; n++)
                    try_row(UOP_t_odd_constant, to, from, n);
            }
    }
    return failures != 0;
}
