/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Executes every micro-op's templates on random operands, held in random
 * places, at every ISA level, and compares with the row compiled as plain C.
 * Also checks that nothing else changes: other slots, temporaries, pinned registers.
 */
#include <check.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hostgen/host.h"
#include "hostgen/reference.h"

#define DECLARE(name, first) extern const struct reference reference_##name[];
HOSTGEN_GROUPS(DECLARE)

static struct code_ptr code, block;
static host_enter_fn *enter;
static const uint8_t *leave_x, *thunk_x;
static struct vcpu *cpu, *expected, *before;
/* In the part of the address space that confined guests have, too. */
static uint8_t *memory;
static uint8_t memory_before[1 << 13], memory_after[1 << 13];
enum { MEMORY = 1 << 13, CODE = 1 << 20, T0 = 50, T1 = 51, VT0 = 36 };

static uint64_t seed = 1;

static uint64_t rng(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed * UINT64_C(0x2545f4914f6cdd1d);
}

static unsigned below(unsigned n)
{
    return (unsigned)((rng() >> 33) % n);
}

/* Numbers that make operations interesting. */
static uint64_t interesting(void)
{
    static const uint64_t some[] = {0,
                                    1,
                                    2,
                                    0x7f,
                                    0x80,
                                    0xff,
                                    0x7fff,
                                    0x8000,
                                    0xffff,
                                    0x7fffffff,
                                    0x80000000,
                                    0xffffffff,
                                    INT64_MAX,
                                    (uint64_t)INT64_MIN,
                                    -1u,
                                    -2u,
                                    0x3ff0000000000000,
                                    0x7ff0000000000000,
                                    0xbff0000000000000,
                                    0x3f8000003f800000,
                                    0x7f8000007f800000,
                                    0x8000000000000000};
    switch (below(4)) {
    case 0:
        return some[below(sizeof some / sizeof *some)];
    case 1:
        return (uint64_t)(int64_t)(int8_t)rng();
    case 2:
        return rng() & 0xffffffff;
    default:
        return rng();
    }
}

static struct code_ptr map_code(void)
{
    int fd = memfd_create("code", 0);
    if (fd < 0 || ftruncate(fd, CODE) != 0)
        abort();
    struct code_ptr p = {mmap(NULL, CODE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
                         mmap(NULL, CODE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0)};
    if (p.w == MAP_FAILED || p.x == MAP_FAILED)
        abort();
    close(fd);
    return p;
}

static void set_up(enum host_isa isa)
{
    static const uint8_t pins[] = {0, 1, 2, 3, 19, 31, 20, 30, 4, 5};
    static const uint8_t vpins[] = {0, 1, 2, 3, 16, 17, 31, 8, 30, 9};
    ck_assert(hostgen_init(isa));
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
    thunk_x = block.x;
    host_emit_helper_thunk(&block);
    host_emit_align(&block, 64);
}

/* An operand's place in the register files: temporaries have slots of their own here. */
static uint64_t *g_home(struct vcpu *c, struct opnd o)
{
    return &c->g[o.kind == OPND_GT ? T0 + o.v : o.v];
}

static v128 *v_home(struct vcpu *c, struct opnd o)
{
    return &c->v[o.kind == OPND_VT ? VT0 : o.v];
}

static struct opnd pick_g(void)
{
    static const uint8_t near[] = {0, 1, 2, 3, 4, 5, 19, 31, 20, 30, 35};
    switch (below(8)) {
    case 0:
        return T(below(2));
    case 1:
        return G(36 + below(8));
    default:
        return G(near[below(sizeof near)]);
    }
}

static struct opnd pick_v(void)
{
    static const uint8_t near[] = {0, 1, 2, 3, 16, 17, 8, 9, 4, 5, 30, 31};
    return below(8) == 0 ? VT(0) : V(near[below(sizeof near)]);
}

static void emit_exit(unsigned id)
{
    /* what follows the micro-op must not disturb, so temporaries are kept first */
    for (unsigned i = 0; i < 2; i++)
        hostgen_emit(&block, UOP_mov64, (struct opnd[]){G(T0 + i), T(i)}, code.x, NULL);
    hostgen_emit(&block, UOP_movv, (struct opnd[]){V(VT0), VT(0)}, code.x, NULL);
    host_emit_set_exit(&block, id);
    host_emit_jump(&block, leave_x);
}

/* Where operands are taken for addresses, they point into memory. */
static void point_into_memory(const struct uop_info *info, struct opnd *o, unsigned base)
{
    for (unsigned i = 0; i < info->n; i++) {
        if (info->dir[i] == '=' || info->cls[i] == 'v' || info->cls[i] == 'n')
            continue;
        if (o[i].kind == OPND_I)
            o[i].v = (int64_t)below(256) - 128;
        else
            *g_home(cpu, o[i]) =
                i == base ? (uint64_t)(memory + MEMORY / 2) + below(16) * 16 : below(128);
    }
}

static bool try_one(unsigned op, const struct reference *r)
{
    const struct uop_info *info = &uop_info[op];
    struct opnd o[UOP_MAX_OPERANDS] = {0};
    union reference_value value[UOP_MAX_OPERANDS] = {0};
    for (unsigned i = 0; i < VCPU_G_SLOTS; i++)
        cpu->g[i] = interesting();
    for (unsigned i = 0; i < VCPU_V_SLOTS; i++)
        for (unsigned k = 0; k < 2; k++)
            cpu->v[i].d[k] = interesting();
    for (unsigned i = 0; i < info->n; i++) {
        switch (info->cls[i]) {
        case 'v':
            o[i] = pick_v();
            break;
        case 'i': /* counts of vector shifts are within the element */
            o[i] = I(info->cls[0] == 'v' ? (int64_t)below(8) : (int16_t)interesting());
            break;
        case 'q':
            o[i] = I(interesting());
            break;
        case 'n':
            o[i] = I(below(info->limit[i]));
            break;
        case 'G':
            o[i] = below(2) ? I((int32_t)interesting()) : pick_g();
            break;
        case 'r':
            o[i] = G(below(4));
            break;
        case 'w':
            o[i] = G(36 + below(8));
            break;
        default:
            o[i] = pick_g();
            break;
        }
        /* two outputs are never the same */
        for (unsigned k = 0; k < i; k++)
            if (info->dir[i] != ' ' && info->dir[k] != ' ' && o[i].v == o[k].v &&
                o[i].kind == o[k].kind)
                return true;
    }
    if (r->uses_memory)
        point_into_memory(info, o, r->base);
    for (unsigned i = 0; r->uses_memory && i < info->n; i++)
        if (i != r->base && info->dir[i] != '=' && o[i].kind == o[r->base].kind &&
            o[i].v == o[r->base].v)
            return true; /* twice the base is no address */
    *before = *cpu;
    *expected = *cpu;
    for (unsigned i = 0; i < info->n; i++) {
        if (o[i].kind == OPND_I)
            value[i].g = (uint64_t)o[i].v;
        else if (info->cls[i] == 'v')
            memcpy(&value[i].v, v_home(cpu, o[i]), 16);
        else
            value[i].g = *g_home(cpu, o[i]);
    }
    struct code_ptr start = block;
    struct template_exits exits;
    for (unsigned i = 0; i < 2; i++)
        hostgen_emit(&block, UOP_mov64, (struct opnd[]){T(i), G(T0 + i)}, code.x, NULL);
    hostgen_emit(&block, UOP_movv, (struct opnd[]){VT(0), V(VT0)}, code.x, NULL);
    const uint8_t *first = block.x;
    hostgen_emit(&block, op, o, code.x, &exits);
    const uint8_t *last = block.x;
    emit_exit(0);
    for (unsigned i = 0; i < exits.taken_count; i++)
        host_patch_rel32(exits.taken[i], host_field_x(&block, exits.taken[i]), block.x);
    emit_exit(1);
    for (unsigned i = 0; i < exits.slow_count; i++)
        host_patch_rel32(exits.slow[i], host_field_x(&block, exits.slow[i]), block.x);
    emit_exit(2);
    memcpy(memory_before, memory, MEMORY);
    int want = r->run(value, (unsigned char *)cpu + VCPU_BIAS);
    if (r->uses_memory) {
        memcpy(memory_after, memory, MEMORY);
        memcpy(memory, memory_before, MEMORY);
    }
    uint32_t got = enter(cpu, start.x);
    if (want == 0) {
        for (unsigned i = 0; i < info->n; i++) {
            if (info->dir[i] == ' ')
                continue;
            if (info->cls[i] == 'v')
                memcpy(v_home(expected, o[i]), &value[i].v, 16);
            else
                *g_home(expected, o[i]) = value[i].g;
        }
    }
    /* at the baseline more may be left to SLOW */
    bool ok = want == 2 ||
              ((!r->uses_memory || want != 0 || !memcmp(memory, memory_after, MEMORY)) &&
               got == (uint32_t)want &&
               (want != 0 || (!memcmp(cpu->g, expected->g, sizeof cpu->g) &&
                              !memcmp(cpu->v, expected->v, sizeof(v128) * (VCPU_V_SLOTS - 1)))));
    if (!ok) {
        fprintf(stderr, "%s: exit %u, want %d\n", info->name, got, want);
        for (unsigned i = 0; i < info->n; i++)
            fprintf(stderr, "  operand %u: kind %u %lld, in %llx %llx\n", i, o[i].kind,
                    (long long)o[i].v,
                    o[i].kind == OPND_I   ? 0
                    : info->cls[i] == 'v' ? (unsigned long long)v_home(before, o[i])->d[0]
                                          : (unsigned long long)*g_home(before, o[i]),
                    info->cls[i] == 'v' && o[i].kind != OPND_I
                        ? (unsigned long long)v_home(before, o[i])->d[1]
                        : 0);
        for (unsigned i = 0; i < VCPU_G_SLOTS; i++)
            if (cpu->g[i] != expected->g[i])
                fprintf(stderr, "  g[%u] %llx, want %llx\n", i, (unsigned long long)cpu->g[i],
                        (unsigned long long)expected->g[i]);
        for (unsigned i = 0; i < VCPU_V_SLOTS - 1; i++)
            if (memcmp(&cpu->v[i], &expected->v[i], 16))
                fprintf(stderr, "  v[%u] %llx %llx, want %llx %llx\n", i,
                        (unsigned long long)cpu->v[i].d[0], (unsigned long long)cpu->v[i].d[1],
                        (unsigned long long)expected->v[i].d[0],
                        (unsigned long long)expected->v[i].d[1]);
        fprintf(stderr, "  code:");
        for (const uint8_t *p = first; p < last; p++)
            fprintf(stderr, " %02x", *p);
        fputc('\n', stderr);
    }
    block = start;
    return ok;
}

static const struct {
    const char *group;
    unsigned first;
    const struct reference *rows;
} groups[] = {
#define ENTRY(name, first) {#name, first, reference_##name},
    HOSTGEN_GROUPS(ENTRY)};

/* A crash in a template or the patcher is that row's failure only. */
static sigjmp_buf crashed;

static void on_crash(int sig)
{
    siglongjmp(crashed, sig);
}

static bool try_guarded(unsigned op, const struct reference *r)
{
    struct code_ptr start = block;
    int sig = sigsetjmp(crashed, 1);
    if (sig == 0)
        return try_one(op, r);
    fprintf(stderr, "%s: signal %d\n", r->name, sig);
    block = start;
    return false;
}

static void run_level(enum host_isa isa)
{
    const char *only = getenv("HOSTGEN_EXEC_ONLY"), *times = getenv("HOSTGEN_EXEC_TIMES");
    unsigned tries = times ? (unsigned)atoi(times) : 60, bad = 0;
    if (isa > host_isa_best())
        return;
    signal(SIGSEGV, on_crash);
    signal(SIGBUS, on_crash);
    signal(SIGILL, on_crash);
    signal(SIGFPE, on_crash);
    signal(SIGABRT, on_crash);
    set_up(isa);
    cpu->mxcsr = cpu->host_mxcsr = 0x1f80;
    for (unsigned g = 0; g < sizeof groups / sizeof *groups; g++) {
        for (const struct reference *r = groups[g].rows; r->name; r++) {
            unsigned op = groups[g].first + (unsigned)(r - groups[g].rows);
            if (r->uses_state || uop_info[op].has_jump || (only && !strstr(r->name, only)))
                continue;
            for (unsigned i = 0; i < tries; i++) {
                if (!try_guarded(op, r)) {
                    bad++;
                    break;
                }
            }
        }
    }
    ck_assert_msg(bad == 0, "%u micro-ops differ at ISA level %u", bad, isa + 1);
}

START_TEST(templates_do_what_the_rows_say)
{
    run_level((enum host_isa)_i);
}
END_TEST

/* Operands of general classes in the places that make the legalizer work hardest. */
static struct opnd hard_place(const struct uop_info *info, unsigned i)
{
    static const uint8_t slots[] = {0, 1, 2, 3, 19, 31, 20, 5, 40, 45};
    switch (info->cls[i]) {
    case 'v':
        return below(4) ? V(below(32)) : VT(0);
    case 'w':
        return G(40);
    case 'n':
        return I(below(info->limit[i]));
    case 'i':
    case 'q':
        return I((int8_t)rng());
    case 'G':
        if (below(4) == 0)
            return I((int8_t)rng());
        break;
    default:
        break;
    }
    return below(2) ? T(below(2)) : G(slots[below(sizeof slots)]);
}

/* What a fault or an exit in the middle would show: pinned registers are as they were
 * before. */
START_TEST(no_pinned_register_is_borrowed_by_what_may_leave)
{
    if ((enum host_isa)_i > host_isa_best())
        return;
    set_up((enum host_isa)_i);
    for (unsigned op = 0; op < UOP_TEMPLATE_COUNT; op++) {
        const struct uop_info *info = &uop_info[op];
        if (!info->may_leave)
            continue;
        for (unsigned n = 0; n < 100; n++) {
            struct opnd o[UOP_MAX_OPERANDS] = {0};
            struct code_ptr start = block;
            for (unsigned i = 0; i < info->n; i++)
                o[i] = hard_place(info, i);
            hostgen_emit(&block, op, o, code.x, NULL); /* aborts if it finds no way */
            block = start;
        }
    }
}
END_TEST

/* Like hard_place, with immediates of all widths. */
static struct opnd any_place(const struct uop_info *info, unsigned i)
{
    struct opnd o = hard_place(info, i);
    if (o.kind != OPND_I || info->cls[i] == 'n')
        return o;
    if (info->cls[i] == 'q')
        return I(interesting());
    if (info->cls[i] == 'G')
        return I((int32_t)interesting());
    return I(info->cls[0] == 'v' ? (int64_t)below(8) : (int16_t)interesting());
}

/* The same place with another number, if it is one of a kind that code is kept for. */
static struct opnd other_number(const struct uop_info *info, unsigned i, struct opnd o)
{
    struct opnd other;
    uint64_t far = hostgen_in_memory();
    if (o.kind != OPND_I && (o.kind != OPND_G || !(far >> o.v & 1)))
        return o;
    do
        other = any_place(info, i);
    while (other.kind != o.kind || (o.kind == OPND_G && !(far >> other.v & 1)));
    return other;
}

struct emitted {
    uint8_t bytes[HOSTGEN_MAX_BYTES];
    size_t size;
    struct template_exits exits;
    struct scratch_use scratch;
};

static void emit_at_block(struct emitted *e, unsigned op, const struct opnd *o)
{
    struct code_ptr p = block;
    memset(e, 0, sizeof *e);
    e->scratch = hostgen_emit(&p, op, o, code.x, &e->exits);
    e->size = (size_t)(p.w - block.w);
    memcpy(e->bytes, block.w, e->size);
}

/* What has been kept of an earlier time gives the same code as making it anew. */
START_TEST(what_is_emitted_again_is_the_same)
{
    enum { SAME = 4, SETS = 24 };
    static struct opnd o[UOP_TEMPLATE_COUNT][SETS][UOP_MAX_OPERANDS];
    static struct emitted anew, again;
    /* Slots on both sides of what is in reach of a short displacement are in memory. */
    static const uint8_t pins[] = {2, 3, 19, 31};
    const struct pinning pinning = hostgen_pinning(pins, sizeof pins, NULL, 0);
    enum host_isa isa = (enum host_isa)_i;
    if (isa > host_isa_best())
        return;
    set_up(isa);
    hostgen_pin(&pinning);
    for (unsigned op = 0; op < UOP_TEMPLATE_COUNT; op++)
        for (unsigned n = 0; n < SETS; n++)
            for (unsigned i = 0; i < uop_info[op].n; i++)
                o[op][n][i] = n % SAME ? other_number(&uop_info[op], i, o[op][n - n % SAME][i])
                                       : any_place(&uop_info[op], i);
    for (unsigned op = 0; op < UOP_TEMPLATE_COUNT; op++)
        for (unsigned n = 0; n < SETS; n++) {
            set_up(isa); /* forgets */
            hostgen_pin(&pinning);
            emit_at_block(&anew, op, o[op][n]);
            set_up(isa);
            hostgen_pin(&pinning);
            for (unsigned k = 0; k < SAME; k++)
                emit_at_block(&again, op, o[op][n / SAME * SAME + k]);
            emit_at_block(&again, op, o[op][n]);
            ck_assert_msg(anew.size == again.size &&
                              memcmp(anew.bytes, again.bytes, anew.size) == 0 &&
                              memcmp(&anew.exits, &again.exits, sizeof anew.exits) == 0 &&
                              memcmp(&anew.scratch, &again.scratch, sizeof anew.scratch) == 0,
                          "%s, operands %u", uop_info[op].name, n);
        }
}
END_TEST

/* ---- Glue ---- */

static void helper(struct vcpu *c, uint32_t a, uint32_t b, uint32_t d)
{
    ck_assert(((uintptr_t)__builtin_frame_address(0) & 15) == 0);
    for (unsigned i = 0; i < 32; i++)
        c->g[i] = c->g[i] * 3 + a;
    for (unsigned i = 0; i < 32; i++)
        c->v[i].d[1] += b;
    c->excp_arg = d;
}

START_TEST(helpers_see_and_change_all_slots)
{
    static helper_fn *const table[] = {NULL, helper};
    set_up(HOST_ISA_BASELINE);
    for (unsigned i = 0; i < 32; i++) {
        cpu->g[i] = rng();
        cpu->v[i].d[0] = cpu->v[i].d[1] = i;
    }
    *before = *cpu;
    cpu->helpers = table;
    cpu->return_sp = cpu->return_base;
    const uint8_t *start = block.x;
    host_emit_helper_call(&block, thunk_x, 1, 77, 5, 0xfffffffe);
    host_emit_set_exit(&block, 42);
    host_emit_jump(&block, leave_x);
    ck_assert_uint_eq(enter(cpu, start), 42);
    for (unsigned i = 0; i < 32; i++) {
        ck_assert_uint_eq(cpu->g[i], before->g[i] * 3 + 77);
        ck_assert_uint_eq(cpu->v[i].d[1], i + 5);
    }
    ck_assert_uint_eq(cpu->excp_arg, 0xfffffffe);
    ck_assert_uint_eq(cpu->return_sp, cpu->return_base);
}
END_TEST

/* Two calls, one in the other, of which the inner one returns where the link register says: to
 * either caller, or to neither. */
START_TEST(returns_pass_over_frames_of_others)
{
    static const uint64_t returns[] = {0x1234, 0xffff000000001234, 0x80000000, 0xffffffff80001230};
    enum { INNER = 1, OUTER, NEITHER };
    for (unsigned k = 0; k < 4; k++) {
        for (unsigned slot = 0; slot < 40; slot += 13) {
            for (unsigned to = INNER; to <= NEITHER; to++) {
                set_up(HOST_ISA_BASELINE);
                uint64_t inner = returns[k], outer = returns[(k + 1) % 4];
                cpu->g[slot] = to == INNER ? inner : to == OUTER ? outer : 7;
                const uint8_t *empty = block.x;
                host_emit_return_reset(&block);
                host_emit_set_exit(&block, NEITHER);
                host_emit_jump(&block, leave_x);
                *(const uint8_t **)cpu->return_base = empty;
                const uint8_t *leaf = block.x;
                host_emit_guest_return(&block);
                const uint8_t *middle = block.x;
                uint8_t *field = host_emit_guest_call(&block, leaf);
                ck_assert(host_rel32_atomic(field));
                ck_assert_ptr_eq(host_rel32_target(field, host_field_x(&block, field)), leaf);
                field = host_emit_return_check(&block, G(slot), inner, leaf);
                ck_assert_ptr_eq(host_rel32_target(field, host_field_x(&block, field)), leaf);
                host_emit_return_reset(&block);
                host_emit_set_exit(&block, INNER);
                host_emit_jump(&block, leave_x);
                const uint8_t *start = block.x;
                host_emit_guest_call(&block, middle);
                host_emit_return_check(&block, G(slot), outer, leaf);
                host_emit_set_exit(&block, OUTER);
                host_emit_jump(&block, leave_x);
                cpu->return_sp = cpu->return_base;
                ck_assert_uint_eq(enter(cpu, start), to);
                ck_assert_uint_eq(cpu->return_sp, cpu->return_base);
            }
        }
    }
}
END_TEST

/* Leaves, with exit 2, when the code comes there in single steps. */
static const uint8_t *leave_at;

static void leave_stepping(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info;
    ck_assert(host_context_steps(context));
    if (host_context_pc(context) != (uint64_t)leave_at)
        return;
    host_context_set_step(context, false);
    host_context_set_exit(context, 2);
    host_context_set_pc(context, leave_x);
}

static void ask_to_leave(struct vcpu *c, uint32_t pending, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    c->pending = pending;
}

START_TEST(code_steps_where_something_is_pending)
{
    static helper_fn *const table[] = {ask_to_leave};
    struct sigaction action = {.sa_sigaction = leave_stepping, .sa_flags = SA_SIGINFO}, old;
    sigaction(SIGTRAP, &action, &old);
    for (unsigned before_it = 0; before_it < 2; before_it++)
        for (unsigned by_helper = 0; by_helper < 2; by_helper++) {
            set_up(HOST_ISA_BASELINE);
            cpu->helpers = table;
            cpu->pending = before_it;
            cpu->return_sp = cpu->return_base;
            const uint8_t *start = block.x;
            host_emit_helper_call(&block, thunk_x, 0, by_helper, 0, 0);
            leave_at = before_it ? start : block.x;
            host_emit_set_exit(&block, 1);
            host_emit_jump(&block, leave_x);
            ck_assert_uint_eq(enter(cpu, start), before_it || by_helper ? 2 : 1);
            ck_assert_uint_eq(cpu->return_sp, cpu->return_base);
        }
    cpu->pending = 0;
    sigaction(SIGTRAP, &old, NULL);
}
END_TEST

int main(void)
{
    static uint64_t stack[512];
    Suite *s = suite_create("hostgen");
    TCase *t = tcase_create("exec");
    cpu = aligned_alloc(64, (sizeof *cpu + 63) & ~63u);
    before = aligned_alloc(64, (sizeof *cpu + 63) & ~63u);
    expected = aligned_alloc(64, (sizeof *cpu + 63) & ~63u);
    memset(cpu, 0, sizeof *cpu);
    cpu->mxcsr = cpu->host_mxcsr = 0x1f80;
    cpu->return_base = cpu->return_sp = (uint64_t)(stack + 500);
    code = map_code();
    /* Above the address sanitizer's shadow. */
    memory = mmap((void *)(UINT64_C(3) << 43), MEMORY, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return 1;
    tcase_set_timeout(t, 300);
    tcase_add_test(t, helpers_see_and_change_all_slots);
    tcase_add_test(t, returns_pass_over_frames_of_others);
    tcase_add_test(t, code_steps_where_something_is_pending);
    tcase_add_loop_test(t, templates_do_what_the_rows_say, 0, HOST_ISA_COUNT);
    tcase_add_loop_test(t, no_pinned_register_is_borrowed_by_what_may_leave, 0, HOST_ISA_COUNT);
    tcase_add_loop_test(t, what_is_emitted_again_is_the_same, 0, HOST_ISA_COUNT);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
