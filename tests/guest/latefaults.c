/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All registers at faults of loads and stores amid values that nobody reads again: a translator may
 * leave them out, but handlers of SIGSEGV see them.
 *
 * Random straight code is made twice: with a bad address in one access, and with an undefined
 * instruction in place of that.  The signals must find the same.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { ROUNDS = 3000, MOST = 48, AREA = 1 << 16, HALF = AREA / 2, CODE = 1 << 14, ADDED = 0x700 };
enum { BASE = 0, BAD = 1, SCRATCH_FIRST = 2, SCRATCH_LAST = 17, COUNTER = 27, REGISTERS = 31 };

struct state {
    uint64_t x[REGISTERS];
    __uint128_t v[32];
    uint64_t data; /* a sum of what is in memory */
};

static sigjmp_buf back;
static struct state seen;
static uint8_t *area;
static int last_signal;

static uint64_t seed = 1;
static unsigned below(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
    const mcontext_t *m = &((ucontext_t *)context)->uc_mcontext;
    const struct fpsimd_context *fp = (const void *)m->__reserved;
    (void)info;
    last_signal = sig;
    memcpy(seen.x, m->regs, sizeof seen.x);
    memcpy(seen.v, fp->vregs, sizeof seen.v);
    siglongjmp(back, 1);
}

/* ---- The code ---- */

/* What a register may be used for: an index of at most `bound`, or a good or bad base. */
static struct use {
    enum { ANY, INDEX, GOOD_BASE, BAD_BASE } kind;
    unsigned bound;
} use[REGISTERS];

static uint32_t *code;
static unsigned length;

static void put(uint32_t insn)
{
    code[length++] = insn;
}

static unsigned any(void)
{
    return SCRATCH_FIRST + below(SCRATCH_LAST - SCRATCH_FIRST + 1);
}

/* A register of the kind, or `other`. */
static unsigned find(int kind, unsigned other)
{
    unsigned first = any();
    for (unsigned k = 0, r = first; k <= SCRATCH_LAST - SCRATCH_FIRST; k++) {
        if ((int)use[r].kind == kind && use[r].bound < 0x1800)
            return r;
        r = r == SCRATCH_LAST ? SCRATCH_FIRST : r + 1;
    }
    return other;
}

static void put_index(void)
{
    unsigned d = any(), from = below(7) * 8;
    put(0xd3400000 | from << 16 | (from + 7) << 10 | any() << 5 | d); /* ubfx */
    use[d] = (struct use){INDEX, 255};
}

static void put_addition(void)
{
    unsigned n = find(below(2) ? INDEX : GOOD_BASE, BASE), d = below(3) ? n : any();
    unsigned added = below(2) ? below(8) * 0x100 : below(ADDED), bound = use[n].bound + added;
    if (n == BASE || n == BAD)
        d = any();
    put(0x91000000 | added << 10 | n << 5 | d);
    use[d] = use[n];
    use[d].bound = bound;
}

static void put_bad_base(void)
{
    unsigned d = any();
    put(0x91000000 | below(ADDED) << 10 | BAD << 5 | d);
    use[d] = (struct use){BAD_BASE, 0};
}

static void put_operation(void)
{
    static const uint32_t operations[] = {0xca000000, 0x8b000000, 0x4a000000, 0xcb000000};
    unsigned d = any();
    put(operations[below(4)] | any() << 16 | any() << 5 | d);
    use[d] = (struct use){ANY, 0};
}

static void put_vector_operation(void)
{
    static const uint32_t operations[] = {0x4ea08400, 0x6e201c00, 0x6ea08400, 0x4ea11c00};
    unsigned k = below(4), n = below(32), m = k == 3 ? n : below(32);
    put((operations[k] & ~(k == 3 ? 0x1f0000u : 0u)) | m << 16 | n << 5 | below(32));
}

static void put_access(bool bad)
{
    /* With an index, scaled or not; with a displacement; of vectors. */
    static const uint32_t indexed[] = {0xb8607800, 0xf8607800, 0x78607800, 0x38606800,
                                       0xf8606800, 0x3ce07800, 0xb8207800, 0x3ca07800};
    static const uint32_t displaced[] = {0xf9400000, 0x39400000, 0x3dc00000, 0xf9000000};
    unsigned base = bad ? find(BAD_BASE, BAD) : find(GOOD_BASE, BASE), index = find(INDEX, 0);
    bool derived = !bad && base != BASE;
    unsigned k = below(8), t = any();
    if (!index || below(4) == 0) {
        k = below(4);
        put(displaced[k] | below(16) << 10 | base << 5 | (k == 2 ? below(32) : t));
        if (k < 2)
            use[t] = (struct use){ANY, 0};
        return;
    }
    /* Indices scaled by 16 would leave the area. */
    if ((k == 5 || k == 7) && use[index].bound > 255)
        k = 1;
    if (derived && k < 3)
        k = 3;
    bool vector = k == 5 || k == 7;
    put(indexed[k] | index << 16 | base << 5 | (vector ? below(32) : t));
    if (!vector && k != 6)
        use[t] = (struct use){ANY, 0};
}

/* Makes the code; returns where in it the bad access is. */
static unsigned make(void)
{
    unsigned count = 8 + below(MOST - 8), bad = below(count), at = 0;
    length = 0;
    for (unsigned r = 0; r < REGISTERS; r++)
        use[r] = (struct use){ANY, 0};
    use[BASE].kind = GOOD_BASE;
    use[BAD].kind = BAD_BASE;
    for (unsigned r = 2; r < 30; r++)
        put(0xf9400000 | r << 10 | 30 << 5 | r); /* ldr xr, [x30, #8 * r] */
    for (unsigned r = 0; r < 32; r++)
        put(0x3dc00000 | (16 + r) << 10 | 30 << 5 | r); /* ldr qr, [x30, #256 + 16 * r] */
    unsigned start = length;
    for (unsigned n = 0; n < count; n++) {
        if (n == bad) {
            at = length;
            put_access(true);
            continue;
        }
        switch (below(10)) {
        case 0:
        case 1:
            put_index();
            break;
        case 2:
        case 3:
        case 4:
            put_addition();
            break;
        case 5:
            put_bad_base();
            break;
        case 6:
            put_vector_operation();
            break;
        case 7:
            put_operation();
            break;
        default:
            put_access(false);
        }
    }
    /* Everything is overwritten before the code can be left. */
    for (unsigned r = SCRATCH_FIRST; r <= SCRATCH_LAST; r++)
        if (below(8))
            put(0xd2800000 | below(100) << 5 | r);
    for (unsigned r = 0; r < 32; r++)
        if (below(4))
            put(0x4f000400 | r);
    put(0xf1000400 | COUNTER << 5 | COUNTER);            /* subs x27, x27, #1 */
    put(0x54000001 | ((start - length) & 0x7ffff) << 5); /* b.ne */
    put(0);
    return at;
}

/* Runs it up to a signal. */
static struct state run(void)
{
    static uint64_t before[32 + 2 * 32] __attribute__((aligned(16)));
    uint64_t x = 12345;
    for (unsigned r = 0; r < sizeof before / sizeof *before; r++)
        before[r] = x = x * 6364136223846793005u + r;
    before[COUNTER] = 2;
    for (unsigned i = 0; i < 2 * AREA; i++)
        area[i] = (uint8_t)(i * 7 ^ i >> 5);
    __builtin___clear_cache((char *)code, (char *)(code + length));
    if (!sigsetjmp(back, 1)) {
        register uint64_t x0 asm("x0") = (uint64_t)area;
        register uint64_t x1 asm("x1") = (uint64_t)area + 2 * AREA;
        register uint64_t x16 asm("x16") = (uint64_t)code;
        register uint64_t x30 asm("x30") = (uint64_t)before;
        asm volatile("br x16" : : "r"(x0), "r"(x1), "r"(x16), "r"(x30) : "memory");
        __builtin_unreachable();
    }
    for (unsigned i = 0; i < 2 * AREA; i++)
        seen.data = seen.data * 31 + area[i];
    return seen;
}

static bool compare(unsigned round, const struct state *got, const struct state *want)
{
    bool same = true;
    for (unsigned r = 0; r < REGISTERS; r++)
        if (got->x[r] != want->x[r]) {
            printf("round %u: x%u is %#lx, not %#lx\n", round, r, got->x[r], want->x[r]);
            same = false;
        }
    for (unsigned r = 0; r < 32; r++)
        if (got->v[r] != want->v[r]) {
            printf("round %u: v%u differs\n", round, r);
            same = false;
        }
    if (got->data != want->data) {
        printf("round %u: memory differs\n", round);
        same = false;
    }
    return same;
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    unsigned failed = 0;
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGILL, &action, NULL);
    area = mmap(NULL, 4 * AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(area + 2 * AREA, 2 * AREA, PROT_NONE);
    uint8_t *text = mmap(NULL, 2 * CODE, PROT_READ | PROT_WRITE | PROT_EXEC,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (unsigned round = 0; round < ROUNDS && failed < 10; round++) {
        code = (uint32_t *)text;
        unsigned at = make();
        seen.data = 0;
        struct state got = run();
        int sig = last_signal;
        uint32_t *copy = (uint32_t *)(text + CODE);
        memcpy(copy, code, length * sizeof *code);
        copy[at] = 0;
        code = copy;
        seen.data = 0;
        struct state want = run();
        if (sig != SIGSEGV || last_signal != SIGILL) {
            printf("round %u: signals %d and %d\n", round, sig, last_signal);
            failed++;
        } else if (!compare(round, &got, &want)) {
            failed++;
        }
    }
    puts("done");
    return 0;
}
