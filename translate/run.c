/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running a vcpu: the dispatcher between translated blocks, and the host
 * faults that happen in them. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <xmmintrin.h>

#include "hostgen/far.h"
#include "loader/vm.h"
#include "translate/block.h"
#include "translate/own_memory.h"
#include "translate/stats.h"

enum { RETURN_STACK_BYTES = 1 << 20, RETURN_GUARD_BYTES = 4096 };

struct log_options log_options = {.fd = 2};

static __thread struct vcpu *running;
/* The generated code of this thread that has just written to a page of code, or 0. */
static __thread uint64_t writer;
static helper_fn **helper_table; /* COMMON_HELPERS, then the guest's */

static void help_cc_normalize(struct vcpu *cpu, uint32_t a, uint32_t b, uint32_t c)
{
    (void)a;
    (void)b;
    (void)c;
    cc_normalize(cpu);
}

static void help_cc_carry(struct vcpu *cpu, uint32_t a, uint32_t b, uint32_t c)
{
    (void)a;
    (void)b;
    (void)c;
    cc_carry(cpu);
}

static void unmap(void *p, size_t bytes)
{
    if (p)
        munmap(p, bytes);
}

void translate_init(const struct guest *guest, enum host_isa isa, size_t cache_bytes)
{
    if (!hostgen_init(isa)) {
        fprintf(stderr, "ferry: this processor lacks the instructions of the chosen host ISA\n");
        exit(2);
    }
    helper_table = malloc((guest->helper_count + COMMON_HELPERS) * sizeof(*helper_table));
    if (!helper_table)
        abort();
    helper_table[HELPER_CC_NORMALIZE - HELPER_CC_NORMALIZE] = help_cc_normalize;
    helper_table[HELPER_CC_CARRY - HELPER_CC_NORMALIZE] = help_cc_carry;
    memcpy(helper_table + COMMON_HELPERS, guest->helpers,
           guest->helper_count * sizeof(*helper_table));
    cache_init(guest, cache_bytes);
    cache_file_init(guest, isa);
}

/* A vcpu and its jump cache. */
enum { VCPU_BYTES = JUMP_CACHE_OFFSET + JUMP_CACHE_SIZE * sizeof(struct jump_cache_entry) };
_Static_assert(sizeof(struct vcpu) <= JUMP_CACHE_OFFSET, "the vcpu comes first");

/* NULL: there is no memory for it. */
static struct vcpu *vcpu_alloc(void)
{
    struct vcpu *cpu = own_memory(VCPU_BYTES, MAP_NORESERVE);
    char *stack = own_memory(RETURN_STACK_BYTES, MAP_NORESERVE);
    if (!cpu || !stack) {
        unmap(cpu, VCPU_BYTES);
        unmap(stack, RETURN_STACK_BYTES);
        return NULL;
    }
    cpu->jump_cache = (void *)((char *)cpu + JUMP_CACHE_OFFSET);
    for (unsigned way = 0; way < 2; way++)
        cpu->jump_cache[way].pc = jump_cache_empty(cpu, &cpu->jump_cache[way]);
    mprotect(stack, RETURN_GUARD_BYTES, PROT_NONE);
    cpu->return_limit = (uint64_t)stack + RETURN_GUARD_BYTES;
    cpu->return_base = (uint64_t)stack + RETURN_STACK_BYTES - sizeof(uint64_t);
    *(const uint8_t **)cpu->return_base = fixed_code.return_empty;
    cpu->return_sp = cpu->return_base;
    cpu->cache_epoch = cache_epoch();
    return cpu;
}

struct vcpu *vcpu_new(const struct guest *guest)
{
    struct vcpu *cpu = vcpu_alloc();
    if (!cpu) {
        fprintf(stderr, "ferry: no memory for a virtual processor: %s\n", strerror(errno));
        exit(1);
    }
    cpu->guest = guest;
    cpu->helpers = helper_table;
    cpu->host_mxcsr = _mm_getcsr();
    cpu->mxcsr = 0x1f80 & ~0x80; /* all masked but invalid operation */
    cache_add_vcpu(cpu);
    return cpu;
}

struct vcpu *vcpu_clone(const struct vcpu *cpu)
{
    struct vcpu *fresh = vcpu_alloc();
    if (!fresh)
        return NULL;
    const struct vcpu own = *fresh;
    *fresh = *cpu;
    fresh->jump_cache = own.jump_cache;
    fresh->jump_cache_used = 0;
    fresh->return_base = own.return_base;
    fresh->return_limit = own.return_limit;
    fresh->return_sp = own.return_sp;
    fresh->pending = 0;
    fresh->in_code = false;
    fresh->cache_epoch = own.cache_epoch;
    cache_add_vcpu(fresh);
    return fresh;
}

void vcpu_free(struct vcpu *cpu)
{
    cache_remove_vcpu(cpu);
    munmap((void *)(cpu->return_limit - RETURN_GUARD_BYTES), RETURN_STACK_BYTES);
    munmap(cpu, VCPU_BYTES);
}

void (*translate_kick)(const struct task *task);

void vcpu_interrupt(struct vcpu *cpu)
{
    bool asked = __atomic_exchange_n(&cpu->pending, 1, __ATOMIC_SEQ_CST);
    if (!asked && cpu != running && __atomic_load_n(&cpu->in_code, __ATOMIC_SEQ_CST))
        translate_kick(cpu->task);
}

void vcpu_interrupt_in(struct vcpu *cpu, struct found f)
{
    if (cpu != running || !writer || cache_find_host(writer).block == f.block)
        vcpu_interrupt(cpu);
}

static bool is_pending(const struct vcpu *cpu)
{
    return __atomic_load_n(&cpu->pending, __ATOMIC_ACQUIRE);
}

struct vcpu *vcpu_running(void)
{
    return running;
}

void vcpu_set_running(struct vcpu *cpu)
{
    running = cpu;
    writer = 0;
}

/* ---- Translation ---- */

/* The arena of the block that is being made; NULL: none is.  Under cache_lock. */
static struct arena *made_in;

void builder_has_read(uint64_t pc)
{
    if (made_in)
        arena_note_text(made_in, pc);
}

uint32_t builder_text(void)
{
    return made_in && made_in->file ? made_in->serial : 0;
}

static void build(struct builder *b, const struct vcpu *cpu, uint64_t pc, uint64_t seek_end)
{
    b->guest = cpu->guest;
    b->start = b->pc = pc;
    b->page = UINT64_MAX;
    b->text_start = b->text_end = 0;
    b->mode = cpu->mode;
    b->insn_len = 0;
    b->ended = b->failed = b->fixed = b->loop = b->has_flags = b->has_vectors = false;
    b->has_selects = false;
    b->seek_end = seek_end;
    b->usual.insn_count = 0;
    b->insn_count = b->uop_count = b->fold_count = 0;
    b->may_fold = false;
    b->added = 0;
    b->arena = cache_bounds(pc, &b->code_start, &b->code_end);
    cpu->guest->translate(b);
}

/* The block that has been made up to seek_end in vain is as if that had been 0. */
static void end_usually(struct builder *b)
{
    const struct usual_end *end = &b->usual;
    if (!end->insn_count)
        return;
    b->pc = end->pc;
    b->added = end->added;
    b->insn_count = end->insn_count;
    b->uop_count = end->uop_count;
    b->insn_len = end->insn_len;
    b->fixed = end->fixed;
    b->has_flags = end->has_flags;
    b->has_vectors = end->has_vectors;
    b->may_fold = end->may_fold;
    b->ended = false;
    if (b->uop_count)
        b->uops[b->uop_count - 1] = end->last;
    emit_goto(b, b->pc + b->insn_len);
}

struct found translate_block(struct vcpu *cpu, uint64_t pc, uint64_t loop_end)
{
    static struct builder b FAR_ZEROS;
    static struct micro_op cc_out[BLOCK_MAX_UOPS * 2] FAR_ZEROS,
        late_out[BLOCK_MAX_UOPS * 2] FAR_ZEROS;
    struct micro_op *out = b.uops;
    uint64_t begin = stats_clock();

    struct arena *a = made_in = cache_arena(pc);
    find_loop_heads(a, cpu->guest, pc);
    if (!loop_end && arena_known(a, pc) == KNOWN_LOOP)
        loop_end = find_loop_end(a, cpu->guest, pc);
    if (loop_end != LOOP_END_UNKNOWN && loop_end - pc > BLOCK_MAX_INSNS * USUAL_INSN_BYTES)
        loop_end = 0;
    build(&b, cpu, pc, loop_end);
    if (!b.loop)
        end_usually(&b);
    if (b.failed) {
        made_in = NULL;
        cpu->fault = b.fault;
        return (struct found){NULL, NULL};
    }
    if (log_options.in)
        list_guest(&b);
    unsigned count = b.uop_count;
    if (cc_pass(&b, cc_out, &count))
        out = cc_out;
    if (late_pass(&b, out, &count, late_out))
        out = late_out;
    place_pass(out, count);
    if (b.has_vectors)
        count = sha_pass(&b, out, count);
    if (b.may_fold)
        count = fold_pass(&b, out, count);
    if (b.has_selects)
        behind_pass(out, count);
    if (out == b.uops)
        b.uop_count = count;
    if (b.has_vectors) {
        aes_pass(&b, out, count);
        known_pass(&b, out, count);
    }
    if (log_options.ops)
        list_uops(&b, out, count);
    struct found f = lower(&b, out, count);
    made_in = NULL;
    const struct block *block = f.block;
    if (log_options.out)
        list_host(f);
    if (log_options.block)
        dprintf(log_options.fd, "translated 0x%" PRIx64 ": %u instructions, %u bytes\n", pc,
                b.insn_count, block->code_len);
    translate_stats.blocks++;
    translate_stats.guest_insns += b.insn_count;
    translate_stats.guest_bytes += block->guest_bytes;
    translate_stats.host_bytes += block->code_len;
    translate_stats.nanoseconds += stats_clock() - begin;
    perf_block(f);
    return f;
}

/* No block also if the cache was recycled. */
static struct found find_or_translate(struct vcpu *cpu, uint64_t pc, uint64_t loop_end)
{
    struct found f = cache_find(pc, cpu->mode);
    if (f.block)
        return f;
    lock_take(&cache_lock);
    /* While this thread waited the cache may have been recycled: it is what the next
     * recycling waits for, and must not wait for that itself. */
    if (cpu->cache_epoch == cache_epoch()) {
        cache_open(pc);
        f = cache_find(pc, cpu->mode);
        if (!f.block && cache_make_room(pc))
            f = translate_block(cpu, pc, loop_end);
    }
    lock_drop(&cache_lock);
    return f;
}

/* ---- The dispatcher ---- */

static void forget_blocks(struct vcpu *cpu)
{
    for (; cpu->jump_cache_used; cpu->jump_cache_used &= cpu->jump_cache_used - 1) {
        struct jump_cache_entry *e =
            &cpu->jump_cache[(unsigned)__builtin_ctzl(cpu->jump_cache_used) * JUMP_CACHE_PART];
        for (unsigned k = 0; k < JUMP_CACHE_PART; k++)
            __atomic_store_n(&e[k].pc, jump_cache_empty(cpu, &e[k]), __ATOMIC_RELAXED);
    }
    cpu->return_sp = cpu->return_base;
}

/* From here on the vcpu counts as running code of the current epoch, until
 * in_code is cleared. */
static void begin_code(struct vcpu *cpu)
{
    for (;;) {
        uint32_t epoch = cache_epoch();
        bool fresh = cpu->cache_epoch != epoch;
        __atomic_store_n(&cpu->cache_epoch, epoch, __ATOMIC_SEQ_CST);
        __atomic_store_n(&cpu->in_code, true, __ATOMIC_SEQ_CST);
        if (fresh)
            forget_blocks(cpu);
        if (cache_epoch() == epoch)
            return;
    }
}

/* All that was found is done with. */
static void end_code(struct vcpu *cpu)
{
    __atomic_store_n(&cpu->in_code, false, __ATOMIC_RELEASE);
}

static void remember(struct vcpu *cpu, struct found f)
{
    uint64_t pc = cpu->pc;
    struct jump_cache_entry *e = jump_cache_set(cpu, pc);
    lock_take(&cache_lock); /* against a drop of the block meanwhile */
    /* Of another epoch the block may be gone: whoever takes a dead child's lock starts anew. */
    if (cpu->cache_epoch == cache_epoch() && !f.block->dropped) {
        bool first = e->pc == jump_cache_empty(cpu, e);
        if (e->pc != pc)
            e[1] = e[0];
        jump_cache_put(cpu, e, pc, block_x(f));
        if (first)
            targets_remember(cpu, f.arena, pc);
    }
    lock_drop(&cache_lock);
}

/* The code at the vcpu's pc, if its jump cache knows it; else NULL. */
static const uint8_t *remembered(const struct vcpu *cpu)
{
    const struct jump_cache_entry *e = jump_cache_set(cpu, cpu->pc);
    for (unsigned way = 0; way < 2; way++)
        if (__atomic_load_n(&e[way].pc, __ATOMIC_ACQUIRE) == cpu->pc)
            return (const uint8_t *)e[way].host;
    return NULL;
}

/* By the exit that the vcpu has left through. */
static void chain(struct vcpu *cpu, struct exit_site *e, struct found to)
{
    lock_take(&cache_lock);
    if (cpu->cache_epoch == cache_epoch() && to.arena == &arenas[cpu->exit_id])
        cache_chain(to.arena, e, to.block);
    lock_drop(&cache_lock);
}

enum exit_reason vcpu_run(struct vcpu *cpu)
{
    struct exit_site *from = NULL;
    bool by_lookup = true;
    uint64_t loop_end = 0;
    running = cpu;
    cpu->fault.sig = 0; /* helpers that raise are known by it */
    uint32_t mode = cpu->guest->mode(cpu) | debug_mode();
    if (mode != cpu->mode) {
        cpu->mode = mode;
        forget_blocks(cpu);
    }
    begin_code(cpu);
    for (;;) {
        if (is_pending(cpu)) {
            end_code(cpu);
            cc_normalize(cpu);
            return EXIT_INTERRUPT;
        }
        const uint8_t *code = by_lookup ? remembered(cpu) : NULL;
        if (!code) {
            uint32_t epoch = cpu->cache_epoch;
            struct found f = find_or_translate(cpu, cpu->pc, loop_end);
            if (cache_epoch() != epoch) { /* blocks were dropped: f may be of the next epoch */
                begin_code(cpu);
                from = NULL;
                by_lookup = false;
                loop_end = 0;
                continue;
            }
            if (!f.block) {
                end_code(cpu);
                cc_normalize(cpu);
                return EXIT_FAULT;
            }
            code = block_x(f);
            if (from) {
                chain(cpu, from, f);
                stats_count(&translate_stats.chained);
            }
            if (by_lookup)
                remember(cpu, f);
            if (cache_epoch() != epoch) { /* so have those that took a dead child's lock */
                begin_code(cpu);
                from = NULL;
                by_lookup = false;
                loop_end = 0;
                continue;
            }
        }
        if (log_options.block)
            dprintf(log_options.fd, "enter 0x%" PRIx64 "\n", cpu->pc);
        uint32_t id = fixed_code.enter(cpu, code);
        from = NULL;
        by_lookup = false;
        loop_end = 0;
        stats_count(id < EXIT_ID_FIRST ? &translate_stats.exits[id]
                                       : &translate_stats.direct_exits);
        if (id >= EXIT_ID_FIRST) {
            from = cache_exit(cpu, id);
            cpu->pc = arenas[cpu->exit_id].bias + exit_target(&arenas[cpu->exit_id], from);
            loop_end = exit_loop_end(&arenas[cpu->exit_id], from);
        }
        if (id == EXIT_EXCEPTION && cpu->fault.sig == FAULT_RESYNC) {
            cpu->pc += cpu->fault.addr;
            cpu->fault.sig = 0;
            id = EXIT_LOOKUP;
        }
        if (id == EXIT_EXCEPTION && (cpu->fault.sig == SIGTRAP || cpu->fault.sig == SIGFPE))
            cpu->fault.addr = cpu->pc;
        if ((cpu->mode & MODE_STEP) && (from || id == EXIT_LOOKUP))
            id = EXIT_LOOKUP;
        else if (from)
            continue;
        if (id == EXIT_LOOKUP && !(cpu->mode & MODE_STEP)) {
            mode = cpu->guest->mode(cpu) | debug_mode();
            if (mode != cpu->mode) {
                cpu->mode = mode;
                forget_blocks(cpu);
            }
            by_lookup = true;
            continue;
        }
        end_code(cpu);
        cpu->exit_reason = id;
        cc_normalize(cpu);
        return id;
    }
}

/* ---- Host faults ---- */

/* The template whose stub host address x is in, or NULL.  The stubs of exact helpers stand behind
 * the body. */
static struct trap_map *find_stub(struct found f, uint64_t x)
{
    struct trap_map *traps = maps_traps(f);
    unsigned count = f.block->trap_count;
    uint32_t off = x - (uint64_t)block_x(f);
    for (unsigned k = count; k--;)
        if (traps[k].stub && off >= traps[k].stub)
            return &traps[k];
    return NULL;
}

/* The instruction that host address x belongs to. */
static struct insn_map locate_insn(struct found f, uint64_t x)
{
    const struct trap_map *t = find_stub(f, x);
    return maps_insn_at(f, t ? t->begin : (uint32_t)(x - (uint64_t)block_x(f)));
}

/* Completes the slots that the code at off has not brought up to date. */
static void save_unsaved(struct vcpu *cpu, struct found f, uint32_t off)
{
    struct unsaved s = {0};
    const uint8_t *end;
    for (const uint8_t *at = maps_unsaved(f, &end); at < end;) {
        at = maps_next_unsaved(at, &s);
        if (off >= s.begin && off < s.end)
            cpu->g[s.slot] = cpu->g[s.from] + (uint64_t)(int64_t)s.added;
    }
}

/* Puts the guest state at an instruction into *cpu, whose slots are in memory already; host
 * address x belongs to it. */
static void locate_at(struct vcpu *cpu, struct found f, uint64_t x, struct insn_map m)
{
    struct cc_recover r;
    cpu->pc = block_pc(f) + m.pc_delta;
    save_unsaved(cpu, f, (uint32_t)(x - (uint64_t)block_x(f)));
    for (const uint8_t *at = maps_recoveries(f, &m); at;) {
        at = maps_recovery(at, &r);
        cc_recover(cpu, &r);
    }
}

static void locate(struct vcpu *cpu, struct found f, uint64_t x)
{
    locate_at(cpu, f, x, locate_insn(f, x));
}

static void leave_with(struct vcpu *cpu, void *uc, enum exit_reason reason)
{
    host_vcpu_to_context(cpu, &standard_pinning, uc);
    host_context_set_exit(uc, reason);
    host_context_set_pc(uc, fixed_code.leave);
}

/* ---- Interrupts ----
 *
 * Generated code does not ask whether the thread is to leave it.  Instead, once vcpu.pending is
 * set, it goes on in single steps up to an instruction at whose beginning the guest's state is
 * known (insn_map.exact): one that accesses memory, or the first of a block. */

void translate_step_out(const struct vcpu *cpu, void *uc)
{
    if (is_pending(cpu) && cpu->in_code && cache_contains(host_context_pc(uc)))
        host_context_set_step(uc, true);
}

static void stepped(struct vcpu *cpu, void *uc)
{
    uint64_t pc = host_context_pc(uc);
    if (!is_pending(cpu) || !cpu->in_code || !cache_contains(pc)) {
        host_context_set_step(uc, false); /* C code asks by itself */
        return;
    }
    struct found f = cache_find_host(pc);
    if (!f.block)
        return;
    struct insn_map m;
    maps_insns_at(f, (uint32_t)(pc - (uint64_t)block_x(f)), &m);
    if (!m.exact || (uint64_t)block_x(f) + m.off != pc)
        return;
    host_context_set_step(uc, false);
    host_context_to_vcpu(uc, block_pinning(f), cpu);
    locate_at(cpu, f, pc, m);
    leave_with(cpu, uc, EXIT_INTERRUPT);
}

/* A guest call deeper than the host return stack: start anew at its base. */
static bool return_stack_overflow(struct vcpu *cpu, const siginfo_t *info, void *uc)
{
    uint64_t addr = (uint64_t)info->si_addr;
    if (addr - (cpu->return_limit - RETURN_GUARD_BYTES) >= RETURN_GUARD_BYTES)
        return false;
    host_context_set_sp(uc, cpu->return_base);
    return true;
}

/* A write to a page that is protected only because of its translated code. */
static bool write_to_code(int sig, const siginfo_t *info, uint64_t pc)
{
    if (sig != SIGSEGV || info->si_code != SEGV_ACCERR)
        return false;
    uint64_t addr = (uint64_t)info->si_addr - vm_base;
    int prot = vm_prot(addr);
    if (prot < 0 || !(prot & PROT_WRITE))
        return false;
    uint64_t page = addr >> GUEST_PAGE_BITS;
    lock_take(&cache_lock);
    writer = cache_contains(pc) ? pc : 0;
    pages_drop(page);
    writer = 0;
    vm_unprotect_code(page << GUEST_PAGE_BITS, 1 << GUEST_PAGE_BITS);
    lock_drop(&cache_lock);
    return true;
}

static void set_fault(struct vcpu *cpu, int sig, const siginfo_t *info)
{
    int code = info->si_code;
    uint64_t addr = vm_fault_address((uint64_t)info->si_addr);
    if (sig == SIGSEGV && code != SEGV_ACCERR)
        code = SEGV_MAPERR; /* also for addresses that the host can't express */
    cpu->fault = (struct vcpu_fault){.sig = sig, .code = code, .addr = addr};
}

/* A template keeps trapping, or ending its block: have that translated anew, with the exact helper
 * in its place.  If jumps that can't be changed keep leading to the block, the whole
 * arena has to go. */
static void trapped(struct found f, struct trap_map *t)
{
    enum { TRAPS_BEFORE_DROP = 1024 };
    uint32_t count = ++t->count;
    if (count != TRAPS_BEFORE_HELPER && count != TRAPS_BEFORE_DROP)
        return;
    lock_take(&cache_lock);
    lower_avoid_template(block_pc(f) + maps_insn_at(f, t->begin).pc_delta);
    if (count == TRAPS_BEFORE_HELPER)
        cache_drop(f);
    else if (f.arena->file && !f.arena->dead)
        cache_drop_arena(f.arena);
    lock_drop(&cache_lock);
}

void vcpu_leave_after(struct vcpu *cpu, unsigned insn_bytes)
{
    uint64_t caller = *(const uint64_t *)cpu->return_sp - 1;
    struct found f = cache_find_host(caller);
    struct trap_map *t = find_stub(f, caller);
    if (!t) /* the helper stands in the template's place */
        return;
    struct insn_map m = maps_insn_at(f, t->begin);
    struct cc_recover r;
    for (const uint8_t *at = maps_recoveries(f, &m); at;) {
        at = maps_recovery(at, &r);
        if (!r.slot) /* code behind the call has the others */
            cc_recover(cpu, &r);
    }
    trapped(f, t);
    vcpu_resync(cpu, insn_bytes);
}

bool translate_host_fault(struct vcpu *cpu, int sig, siginfo_t *info, void *uc)
{
    uint64_t pc = host_context_pc(uc);
    if (!cpu)
        return false;
    if (sig == SIGTRAP && host_context_steps(uc)) {
        stepped(cpu, uc);
        return true;
    }
    if (sig == SIGSEGV && write_to_code(sig, info, pc)) {
        translate_step_out(cpu, uc);
        return true;
    }
    if (!cpu->in_code)
        return false;
    if (!cache_contains(pc)) {
        /* In a helper: its state is in memory, it was called from return_sp. */
        if (sig != SIGSEGV && sig != SIGBUS)
            return false;
        uint64_t caller = *(const uint64_t *)cpu->return_sp - 1;
        struct found f = cache_find_host(caller);
        if (!f.block)
            return false;
        cpu->return_sp = cpu->return_base;
        cpu->mxcsr = host_context_mxcsr(uc); /* the kernel gives handlers a fresh one */
        locate(cpu, f, caller);
        set_fault(cpu, sig, info);
        leave_with(cpu, uc, EXIT_FAULT);
        return true;
    }
    if (sig == SIGSEGV && return_stack_overflow(cpu, info, uc))
        return true;
    struct found f = cache_find_host(pc);
    const struct block *b = f.block;
    if (!b)
        return false;
    uint32_t off = pc - (uint64_t)block_x(f);
    if (sig == SIGFPE)
        for (unsigned k = 0; k < b->trap_count; k++) {
            struct trap_map *t = maps_traps(f) + k;
            if (off < t->begin || off >= t->end)
                continue;
            stats_count(&translate_stats.traps);
            host_context_set_pc(uc, block_x(f) + t->stub);
            trapped(f, t);
            translate_step_out(cpu, uc);
            return true;
        }
    host_context_to_vcpu(uc, block_pinning(f), cpu);
    if (sig == SIGILL) {
        const uint32_t *landings = maps_landings(f);
        for (unsigned k = 0; k < b->landing_count; k++)
            if (b->dropped && off == landings[k]) { /* before the check */
                cpu->pc = cpu->g[cpu->guest->link_slot];
                leave_with(cpu, uc, EXIT_LOOKUP);
                return true;
            }
    }
    if (sig != SIGSEGV && sig != SIGBUS)
        return false;
    locate(cpu, f, pc);
    set_fault(cpu, sig, info);
    leave_with(cpu, uc, EXIT_FAULT);
    return true;
}
