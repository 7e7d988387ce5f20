/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A short look ahead: does the code at pc read the condition flags before it
 * writes them?  Anything not recognized may be a reader.  A fault on the way
 * is no reader: a handler then sees flags that nothing else could see.
 *
 * Where a function begins or returns flags are dead: AAPCS64 6.1.1 leaves them undefined there.
 * Functions of assembly code may have agreed on something else.  The beginning of a callee
 * shows it, if it can be seen (not behind BLR).  So does a call that is followed by a reader,
 * before the callee returns: from then on the thread is in A64_MODE_FLAGS, in which flags
 * live everywhere.
 */
#include <sys/mman.h>

#include "hostgen/far.h"
#include "loader/vm.h"
#include "translate/a64/a64.h"

enum {
    LOOK_INSNS = 80,
    SOON = 3,
    LOOK_BRANCHES = 12,
    CALLEE_BRANCHES = 4,
    CALLEE_DEPTH = 3,
    PAGE = 4096
};

/* JUMPS: goes on elsewhere, maybe behind a call; FORKS: both there and here.  CROSSES: goes where
 * a function begins or returns.  From DEPENDS on: what the first row says, of that number and up,
 * that fits. */
enum effect { UNKNOWN, NEUTRAL, JUMPS, FORKS, READS, WRITES, CROSSES, OTHER, DEPENDS };

static const struct {
    uint32_t mask, value;
    enum effect effect;
} effects[] = {
    {0x7c000000, 0x14000000, JUMPS}, /* B, BL */
    {0x7c000000, 0x34000000, FORKS}, /* CBZ, CBNZ, TBZ, TBNZ */
    /* undefined among the writers: masks of ones alone, FCMP's reserved type */
    {0x7fc0fc00, 0x72007c00, OTHER},
    {0x7fc0fc00, 0x7200bc00, OTHER},
    {0x7fc0fc00, 0x7200dc00, OTHER},
    {0x7fc0fc00, 0x7200ec00, OTHER},
    {0x7fc0fc00, 0x7200f400, OTHER},
    {0x7fc0f800, 0x7200f800, OTHER},
    {0xffc0fc00, 0xf240fc00, OTHER},
    {0xffe0fc07, 0x1ea02000, OTHER},
    /* writers that read none; the first row that fits counts */
    {0x3f000000, 0x31000000, WRITES}, /* ADDS, SUBS immediate: bit 29 set */
    {0xffc00000, 0x72000000, WRITES}, /* ANDS immediate */
    {0xff800000, 0xf2000000, WRITES},
    {0x7f008000, 0x6a000000, WRITES}, /* ANDS, BICS shifted register, by less than 32 */
    {0x3fa08000, 0x2b000000, WRITES}, /* ADDS, SUBS shifted register, by less than 32 */
    {0x3fe08000, 0x2b800000, WRITES},
    {0x3fe01000, 0x2b200000, WRITES}, /* ADDS, SUBS extended register, by less than 4 */
    {0xff20fc07, 0x1e202000, WRITES}, /* FCMP, FCMPE */
    /* readers within otherwise neutral groups */
    {0x1fe00000, 0x1a000000, READS},   /* ADC, SBC, RMIF, SETF */
    {0x3fe00000, 0x3a400000, READS},   /* CCMP, CCMN */
    {0x1fe00000, 0x1a800000, READS},   /* CSEL and so on */
    {0xff200c00, 0x1e200400, READS},   /* FCCMP */
    {0xff200c00, 0x1e200c00, READS},   /* FCSEL */
    {0xff000010, 0x54000000, READS},   /* B.cond */
    {0xffffffe0, 0xd53b4200, READS},   /* MRS from NZCV */
    {0xffffff9f, 0xd500401f, READS},   /* CFINV, XAFLAG, AXFLAG */
    {0xfffffc1f, 0xd65f0000, CROSSES}, /* RET */
    /* neutral */
    {0x1c000000, 0x10000000, NEUTRAL}, /* data processing, immediate */
    {0x0a000000, 0x08000000, NEUTRAL}, /* loads and stores */
    {0x0e000000, 0x0a000000, NEUTRAL}, /* data processing, register */
    {0x0e000000, 0x0e000000, NEUTRAL}, /* floating point and SIMD */
    {0xfffff01f, 0xd503201f, NEUTRAL}, /* hints */
    {0xfffff000, 0xd5033000, NEUTRAL}, /* barriers (ISB too: it goes on behind itself) */
    {0xffdfffe0, 0xd51bd040, NEUTRAL}, /* MRS, MSR of TPIDR_EL0 */
};

static enum effect find_effect(uint32_t insn, unsigned first)
{
    for (unsigned i = first; i < sizeof(effects) / sizeof(effects[0]); i++)
        if ((insn & effects[i].mask) == effects[i].value)
            return effects[i].effect;
    return OTHER;
}

/* By the highest byte alone, where that says it. */
static uint8_t find_common_effect(uint32_t insn)
{
    const uint32_t high = 0xff000000;
    for (unsigned i = 0; i < sizeof(effects) / sizeof(effects[0]); i++) {
        if ((insn ^ effects[i].value) & effects[i].mask & high)
            continue;
        return (uint8_t)(effects[i].mask & ~high ? DEPENDS + i : effects[i].effect);
    }
    return OTHER;
}

static enum effect effect_of(uint32_t insn)
{
    static uint8_t common[256]; /* any thread writes the same there */
    uint8_t *effect = &common[insn >> 24];
    if (*effect == UNKNOWN)
        *effect = find_common_effect(insn);
    return *effect < DEPENDS ? *effect : find_effect(insn, *effect - DEPENDS);
}

static int64_t branch_offset(uint32_t insn, unsigned lsb, unsigned width)
{
    return (int64_t)((uint64_t)insn << (64 - lsb - width)) >> (64 - width) << 2;
}

/* What becomes of the flags. */
enum fate { DEAD, UNSURE, READ };

/* One question: what may still be looked at, what ends the look, what an instruction stands for
 * that is not recognized, if flags live across calls, the page that was last found to hold
 * code, in how many calls it is; and the branches that have been looked at. */
struct look {
    unsigned insns;
    enum fate enough, other;
    bool crosses;
    uint64_t page;
    unsigned calls, branches;
    uint64_t branch[LOOK_BRANCHES];
};

static void begin_look(struct look *look, unsigned insns, enum fate enough, enum fate other)
{
    look->insns = insns;
    look->enough = enough;
    look->other = other;
    look->crosses = false;
    look->page = UINT64_MAX;
    look->calls = look->branches = 0;
}

static bool has_seen(const struct look *look, uint64_t pc)
{
    for (unsigned i = 0; i < look->branches; i++)
        if (look->branch[i] == pc)
            return true;
    return false;
}

static enum fate fate_of(const struct look *look, enum effect effect)
{
    switch (effect) {
    case WRITES:
        return DEAD;
    case READS:
        return READ;
    case CROSSES:
        return look->crosses ? UNSURE : DEAD;
    default:
        return look->other;
    }
}

enum { BR_X17 = 0xd61f0220 };

/* As a linker's entry of a PLT does: LDR X17, [X16, ...]; ADD X16, ...; BR X17. */
bool a64_ends_veneer(uint64_t pc)
{
    const uint32_t *insn = guest_ptr(pc);
    return *insn == BR_X17 && pc % PAGE >= 8 && (insn[-2] & 0xffc003ff) == 0xf9400211;
}

static enum fate fate_at(struct look *look, uint64_t pc);

/* The last answers about callees: many call the same.  Under cache_lock. */
static struct answer {
    uint64_t pc;
    uint32_t text; /* builder_text() */
    uint8_t other, calls, fate;
} answers[512] FAR_ZEROS;

static struct answer *answer_place(uint64_t pc, unsigned calls)
{
    const uint64_t hash = (pc ^ calls) * UINT64_C(0x9e3779b97f4a7c15);
    return &answers[(hash >> 32) % (sizeof answers / sizeof *answers)];
}

/* Behind a call, where flags are dead unless they are an argument. */
static enum fate fate_in_callee(uint64_t pc, enum fate other, unsigned calls)
{
    if (calls > CALLEE_DEPTH)
        return DEAD;
    const uint32_t text = builder_text();
    struct answer *a = answer_place(pc, calls);
    if (text && a->text == text && a->pc == pc && a->other == other && a->calls == calls)
        return a->fate;
    struct look look;
    begin_look(&look, LOOK_INSNS, READ, other);
    look.calls = calls;
    const enum fate fate = fate_at(&look, pc) == READ ? READ : DEAD;
    *a = (struct answer){pc, text, (uint8_t)other, (uint8_t)calls, (uint8_t)fate};
    return fate;
}

/* The worst of all paths from pc; what leads to a branch once more adds nothing. */
static enum fate fate_at(struct look *look, uint64_t pc)
{
    enum fate worst = DEAD, fate;
    for (; look->insns; pc += 4) {
        look->insns--;
        if (pc / PAGE != look->page) {
            int prot = vm_prot(pc);
            if (prot < 0 || !(prot & PROT_EXEC) || !(prot & PROT_READ))
                break;
            look->page = pc / PAGE;
            builder_has_read(pc);
        }
        uint32_t insn = *(const uint32_t *)guest_ptr(pc);
        enum effect effect = effect_of(insn);
        if (effect == NEUTRAL)
            continue;
        if (effect == JUMPS) {
            pc += (uint64_t)branch_offset(insn, 0, 26) - 4;
            if (insn >> 31 && !look->crosses) {
                fate = fate_in_callee(pc + 4, look->enough == UNSURE ? READ : look->other,
                                      look->calls + 1);
                return fate > worst ? fate : worst;
            }
        } else if (effect == FORKS) {
            bool test_bit = insn & 0x02000000;
            if (has_seen(look, pc))
                return worst;
            if (look->branches == (look->calls ? CALLEE_BRANCHES : LOOK_BRANCHES))
                break;
            look->branch[look->branches++] = pc;
            uint64_t taken = pc + (uint64_t)branch_offset(insn, 5, test_bit ? 14 : 19);
            fate = fate_at(look, taken);
            if (fate >= look->enough)
                return fate;
            if (fate > worst)
                worst = fate;
        } else {
            fate = fate_of(look, insn == BR_X17 && a64_ends_veneer(pc) ? CROSSES : effect);
            return fate > worst ? fate : worst;
        }
    }
    return UNSURE;
}

bool a64_cc_dead_at(uint64_t pc, uint64_t page, uint32_t mode)
{
    struct look look;
    begin_look(&look, LOOK_INSNS, UNSURE, UNSURE);
    look.crosses = mode & A64_MODE_FLAGS;
    look.page = page;
    return !(pc & 3) && fate_at(&look, pc) == DEAD;
}

bool a64_cc_taken_at(uint64_t pc)
{
    return fate_in_callee(pc, READ, 1) == READ;
}

bool a64_cc_read_at(uint64_t pc)
{
    struct look look;
    begin_look(&look, LOOK_INSNS, READ, UNSURE);
    return fate_at(&look, pc) == READ;
}

bool a64_cc_read_soon(uint64_t pc)
{
    struct look look;
    begin_look(&look, SOON, READ, UNSURE);
    return fate_at(&look, pc) == READ;
}
