/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where loops begin, found a little ahead of translation.
 *
 * Code that comes to a loop from before would be translated on through the loop, and then the
 * loop again when it branches back: a tenth of all that is translated.  So the guest's text is
 * looked through for jumps backward, each piece of it once, and blocks end where such a jump leads
 * to.  Jumps without a condition count only if the way is short: compilers put code that is seldom
 * run behind the rest, and it comes back by one; what it comes back to should stay whole.
 *
 * What is not code may look like a jump: a block ends there for nothing.
 */
#include <elf.h>
#include <endian.h>
#include <stdlib.h>

#include "loader/vm.h"
#include "translate/block.h"

enum { STEP = USUAL_INSN_BYTES, PIECE = 512, AHEAD = 1024 };
/* The longest loop that may be one block, and the longest way back without a condition. */
enum { LOOP_MOST = BLOCK_MAX_INSNS * STEP, SHORT = 256 };

void arena_begin_known(struct arena *a)
{
    uint64_t bytes = a->end - a->start;
    a->known = calloc(bytes / STEP * KNOWN_BITS / 8 + 1, 1);
    a->looked_through = calloc(bytes / PIECE / 8 + 1, 1);
    a->text_parts = calloc((bytes / VM_TEXT_PART + 64) / 64, sizeof *a->text_parts);
    if (!a->looked_through) {
        free(a->known);
        a->known = NULL;
    }
}

/* Reads so many bytes of code, or up to its end; the number of instructions. */
static unsigned read_text(struct arena *a, uint64_t from, uint32_t *text, size_t bytes)
{
    if (bytes > a->end - from)
        bytes = a->end - from;
    arena_note_text(a, from);
    arena_note_text(a, from + bytes - 1);
    return guest_read(text, from, bytes) < 0 ? 0 : bytes / STEP; /* 0: the file has ended */
}

/* Of the guest's text as it is in memory: in host byte order, or the other way round. */
static inline uint32_t from_text(const struct guest *guest, uint32_t text)
{
    return guest->elf_data == ELFDATA2MSB ? be32toh(text) : le32toh(text);
}

/* guest->jumps, to be compared with text. */
struct jumps {
    uint32_t mask, value;
};

static struct jumps jumps_in_text(const struct guest *guest)
{
    return (struct jumps){from_text(guest, guest->jumps.mask),
                          from_text(guest, guest->jumps.value)};
}

/* How far back one of guest->jumps goes, or 0: it does not, or may be no loop's. */
static uint32_t way_back(const struct guest *guest, uint32_t text)
{
    bool always;
    int32_t distance = guest->jump_distance(from_text(guest, text), &always);
    return distance < 0 && (distance >= -SHORT || !always) ? -(uint32_t)distance : 0;
}

static void look_through(struct arena *a, const struct guest *guest, uint64_t from)
{
    const struct jumps jumps = jumps_in_text(guest);
    uint32_t text[PIECE / STEP];
    unsigned count = read_text(a, from, text, sizeof text);
    for (unsigned k = 0; k < count; k++) {
        if ((text[k] & jumps.mask) != jumps.value)
            continue;
        uint32_t back = way_back(guest, text[k]);
        if (back)
            arena_note_known(a, from + k * STEP - back,
                             back < LOOP_MOST ? KNOWN_LOOP : KNOWN_TARGET);
    }
}

void find_loop_heads(struct arena *a, const struct guest *guest, uint64_t pc)
{
    if (!a->known)
        return;
    uint64_t n = (pc - a->start) / PIECE;
    for (uint64_t from = a->start + n * PIECE; from < pc + AHEAD && from < a->end;
         from += PIECE, n++)
        if (!(a->looked_through[n / 8] >> n % 8 & 1)) {
            a->looked_through[n / 8] |= (uint8_t)(1 << n % 8);
            look_through(a, guest, from);
        }
}

uint64_t find_loop_end(struct arena *a, const struct guest *guest, uint64_t pc)
{
    const struct jumps jumps = jumps_in_text(guest);
    uint32_t text[LOOP_MOST / STEP];
    for (unsigned k = read_text(a, pc, text, sizeof text); k-- > 1;)
        if ((text[k] & jumps.mask) == jumps.value && way_back(guest, text[k]) == k * STEP)
            return pc + (k + 1) * STEP;
    return 0;
}
