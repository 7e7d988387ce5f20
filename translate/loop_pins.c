/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers for a loop.
 *
 * A block that is a loop by itself, whose last branch goes back to its start and
 * whose other branches leave the address range of the loop, gets a pinning
 * of its own: registers whose slots it does not use serve the slots that
 * it uses most.  They are exchanged on the way in and on the ways out, so what the
 * exchange costs is paid once for the whole loop.
 *
 * A branch inside the range that is no join of the block's is an alternative path that
 * comes back to the start: it would pay for the exchange in each round.  Such a loop keeps the
 * guest's own pinning, as does one with calls.
 */
#include <string.h>

#include "translate/block.h"

/* Fewer uses in one round than this don't pay: where the register is free, and where it serves
 * another slot.  (Many a loop has but few rounds.) */
enum { MIN_GAIN = 2, MIN_GAIN_OF_USED = 8 };
/* A loop with more ways out seeks something and soon finds it (a hash table's entry): the
 * exchange would be paid for in most rounds. */
enum { MAX_WAYS_OUT = 5 };

static bool is_plain_loop(const struct builder *b, const struct micro_op *uops, unsigned count)
{
    uint64_t end = b->pc + b->insn_len;
    unsigned ways_out = 0;
    if (!b->loop)
        return false;
    for (unsigned i = 0; i < count; i++) {
        const struct micro_op *u = &uops[i];
        switch (u->op) {
        case UOP_GOTO:
            break;
        case UOP_CALL:
        case UOP_LINK:
        case UOP_LINK_INDIRECT:
        case UOP_RETURN:
        case UOP_GOTO_INDIRECT:
        case UOP_RAISE:
            return false;
        default:
            if (!uop_info[u->op].has_taken || u->target == b->start || join_of(b, u))
                break;
            if (u->target > b->start && u->target < end)
                return false;
            if (++ways_out > MAX_WAYS_OUT)
                return false;
            break;
        }
    }
    return true;
}

/* Slots that templates and the fixed code address as fields of the state stay there. */
static bool may_pin(unsigned slot)
{
    return slot < CC_X_SLOT || (slot > CAS_EXPECTED_SLOT && slot < T_SLOT);
}

/* The slot with most uses that has no register; `slots`: none is worth one. */
static unsigned most_used(const uint8_t *pins, unsigned registers, const uint16_t *uses,
                          unsigned slots, bool (*allowed)(unsigned slot))
{
    unsigned best = slots;
    for (unsigned s = 0; s < slots; s++)
        if (uses[s] && allowed(s) && !memchr(pins, (int)s, registers) &&
            (best == slots || uses[s] > uses[best]))
            best = s;
    return best;
}

/* Gives the registers that serve `uses` least to the slots that need them most.
 * Returns the uses gained. */
static unsigned exchange(uint8_t *pins, unsigned registers, uint16_t *uses, unsigned slots,
                         bool (*allowed)(unsigned slot))
{
    for (unsigned gain = 0;;) {
        unsigned best = most_used(pins, registers, uses, slots, allowed), least = registers;
        for (unsigned i = 0; i < registers; i++)
            if (pins[i] != PIN_NONE && (least == registers || uses[pins[i]] < uses[pins[least]]))
                least = i;
        if (best == slots || least == registers)
            return gain;
        unsigned lost = uses[pins[least]];
        if (uses[best] < lost + (lost ? MIN_GAIN_OF_USED : MIN_GAIN))
            return gain;
        gain += uses[best] - lost;
        pins[least] = (uint8_t)best;
    }
}

static bool any_vector(unsigned slot)
{
    return slot < VT_SLOT;
}

static bool pin_most_used(const struct micro_op *uops, unsigned count, struct pinning *pinning)
{
    uint16_t g[VCPU_G_SLOTS] = {0}, v[VCPU_V_SLOTS] = {0};
    for (unsigned i = 0; i < count; i++)
        for (unsigned k = 0; k < uops[i].n; k++) {
            bool twice = uops[i].op < UOP_TEMPLATE_COUNT && uop_info[uops[i].op].dir[k] == '+';
            if (uops[i].o[k].kind == OPND_G)
                g[uops[i].o[k].v] += 1 + twice;
            else if (uops[i].o[k].kind == OPND_V)
                v[uops[i].o[k].v] += 1 + twice;
        }
    return exchange(pinning->g, host_pins, g, VCPU_G_SLOTS, may_pin) +
           exchange(pinning->v, host_vpins, v, VCPU_V_SLOTS, any_vector);
}

bool loop_pins(const struct builder *b, const struct micro_op *uops, unsigned count,
               struct pinning *pinning)
{
    return is_plain_loop(b, uops, count) && pin_most_used(uops, count, pinning);
}
