/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A short look ahead: which CR fields and carries, and FPRF, does the code at pc write before
 * it reads them?  All that reads one must be recognized here; what writes one may be
 * missed.  A fault on the way is no reader: a handler then sees conditions that
 * nothing else could see.
 */
#include <elf.h>
#include <endian.h>
#include <sys/mman.h>

#include "loader/vm.h"
#include "translate/ppc/ppc.h"

enum { LOOK_INSNS = 64, LOOK_DEPTH = 2, PAGE = 4096 };

#define SLOT(n)  (UINT64_C(1) << (n))
#define FIELD(n) SLOT(PPC_CR + ((n)&7))
#define ALL      UINT64_MAX
#define CARRIES  (SLOT(PPC_CA) | SLOT(PPC_CA32))

struct effect {
    uint64_t reads, writes;
};

static unsigned bits(uint32_t insn, unsigned first, unsigned count)
{
    return insn >> (32 - first - count) & ((1u << count) - 1);
}

/* Opcode 31 with a record bit and nothing else to do with conditions. */
static bool has_record_bit(unsigned xo)
{
    switch (xo) {
    case 28:  /* and */
    case 60:  /* andc */
    case 124: /* nor */
    case 284: /* eqv */
    case 316: /* xor */
    case 412: /* orc */
    case 444: /* or */
    case 476: /* nand */
    case 954: /* extsb */
    case 922: /* extsh */
    case 986: /* extsw */
    case 26:  /* cntlzw */
    case 58:  /* cntlzd */
    case 24:  /* slw */
    case 536: /* srw */
    case 27:  /* sld */
    case 539: /* srd */
    case 266: /* add */
    case 40:  /* subf */
    case 104: /* neg */
    case 235: /* mullw */
    case 233: /* mulld */
    case 75:  /* mulhw */
    case 11:  /* mulhwu */
    case 491: /* divw */
    case 459: /* divwu */
    case 489: /* divd */
    case 457: /* divdu */
        return true;
    default:
        return false;
    }
}

static struct effect effect_of_31(uint32_t insn)
{
    unsigned xo = bits(insn, 21, 10);
    uint64_t record = insn & 1 ? FIELD(0) : 0;
    if (bits(insn, 26, 5) == 15) /* isel */
        return (struct effect){.reads = FIELD(bits(insn, 21, 5) / 4)};
    if (has_record_bit(xo))
        return (struct effect){.writes = record};
    switch (xo) {
    case 0: /* cmp, cmpl */
    case 32:
    case 192: /* cmprb, cmpeqb */
    case 224:
        return (struct effect){.writes = FIELD(bits(insn, 6, 3))};
    case 792: /* sraw, srawi, srad, sradi */
    case 824:
    case 794:
    case 826:
    case 827:
    case 10: /* addc, subfc */
    case 8:
        return (struct effect){.writes = CARRIES | record};
    case 138: /* adde, subfe, addme, subfme, addze, subfze, and with overflow */
    case 136:
    case 234:
    case 232:
    case 202:
    case 200:
    case 138 + 512:
    case 136 + 512:
    case 234 + 512:
    case 232 + 512:
    case 202 + 512:
    case 200 + 512:
        return (struct effect){.reads = SLOT(PPC_CA), .writes = CARRIES | record};
    case 150: /* store conditional */
    case 214:
    case 182:
    case 694:
    case 726:
        return (struct effect){.writes = FIELD(0)};
    case 19: /* mfcr, mfocrf */
        if (insn & 1u << 20 && __builtin_popcount(bits(insn, 12, 8)) == 1)
            return (struct effect){.reads = FIELD(7 - (unsigned)__builtin_ctz(bits(insn, 12, 8)))};
        return (struct effect){.reads = ALL};
    case 144: { /* mtcrf */
        struct effect e = {0};
        for (unsigned i = 0; i < 8; i++)
            if (insn >> (19 - i) & 1)
                e.writes |= FIELD(i);
        return e;
    }
    case 339: /* mfspr of LR, CTR and VRSAVE, which the ABI's code has */
    case 467:
        switch (bits(insn, 11, 5) | bits(insn, 16, 5) << 5) {
        case 8:
        case 9:
        case 256:
            return (struct effect){0};
        default:
            return (struct effect){.reads = ALL};
        }
    case 128: /* setb */
        return (struct effect){.reads = FIELD(bits(insn, 11, 3))};
    case 384: /* setbc, setbcr, setnbc, setnbcr */
    case 416:
    case 448:
    case 480:
        return (struct effect){.reads = FIELD(bits(insn, 11, 5) / 4)};
    case 512: /* mcrxr, mcrxrx */
    case 576:
        return (struct effect){.reads = ALL};
    default:
        return (struct effect){0};
    }
}

/* mtfsf of FPSCR's fields 3 and 4, or of all. */
static bool writes_all_fprf(uint32_t insn)
{
    return (insn & 0x7fe) == 711 << 1 &&
           (bits(insn, 6, 1) || (!bits(insn, 15, 1) && (bits(insn, 7, 8) & 0x18) == 0x18));
}

static struct effect effect_of_fp(uint32_t insn)
{
    unsigned opcode = insn >> 26;
    bool compares = opcode == 63
                        ? !(insn & 0x7be)                           /* fcmpu, fcmpo */
                        : opcode == 60 && (insn >> 3 & 0xf7) == 35; /* xscmpudp, xscmpodp */
    if (compares)
        return (struct effect){.writes = FIELD(bits(insn, 6, 3)) | SLOT(PPC_FPCC)};
    if (ppc_writes_fprf(insn) || (opcode == 63 && writes_all_fprf(insn)))
        return (struct effect){.writes = SLOT(PPC_FPCC) | SLOT(PPC_FPRF)};
    if (opcode == 63 && ((insn & 0x7fe) == 583 << 1 || (insn & 0x7fe) == 64 << 1)) /* mffs, mcrfs */
        return (struct effect){.reads = SLOT(PPC_FPCC) | SLOT(PPC_FPRF)};
    return (struct effect){0};
}

static struct effect effect_of(uint32_t insn)
{
    switch (insn >> 26) {
    case 8: /* subfic, addic */
    case 12:
        return (struct effect){.writes = CARRIES};
    case 13:
        return (struct effect){.writes = CARRIES | FIELD(0)};
    case 10: /* cmpli, cmpi */
    case 11:
        return (struct effect){.writes = FIELD(bits(insn, 6, 3))};
    case 28: /* andi., andis. */
    case 29:
        return (struct effect){.writes = FIELD(0)};
    case 20: /* rotates */
    case 21:
    case 23:
    case 30:
        return (struct effect){.writes = insn & 1 ? FIELD(0) : 0};
    case 31:
        return effect_of_31(insn);
    case 19:
        switch (bits(insn, 21, 10)) {
        case 0: /* mcrf */
            return (struct effect){.reads = FIELD(bits(insn, 11, 3)),
                                   .writes = FIELD(bits(insn, 6, 3))};
        case 150: /* isync */
            return (struct effect){0};
        default: /* bits of the field that stay count as read */
            return (struct effect){.reads = FIELD(bits(insn, 6, 5) / 4) |
                                            FIELD(bits(insn, 11, 5) / 4) |
                                            FIELD(bits(insn, 16, 5) / 4)};
        }
    case 59:
    case 60:
    case 63:
        return effect_of_fp(insn);
    default:
        return (struct effect){0};
    }
}

bool ppc_big_endian;

struct look {
    uint64_t page; /* looked up last */
};

static bool fetch(struct look *look, uint64_t pc, uint32_t *insn)
{
    if (pc / PAGE != look->page) {
        int prot = vm_prot(pc);
        if (prot < 0 || !(prot & PROT_EXEC) || !(prot & PROT_READ))
            return false;
        look->page = pc / PAGE;
        builder_has_read(pc);
    }
    uint32_t raw = *(const uint32_t *)guest_ptr(pc);
    *insn = ppc_big_endian ? be32toh(raw) : le32toh(raw);
    return true;
}

static uint64_t dead(struct look *look, uint64_t pc, uint64_t slots, unsigned depth)
{
    uint64_t found = 0;
    for (unsigned n = 0; n < LOOK_INSNS && slots; n++, pc += 4) {
        uint32_t insn;
        if (!fetch(look, pc, &insn))
            break;
        switch (insn >> 26) {
        case 1: /* a prefix */
            pc += 4;
            continue;
        case 17: /* sc */
            return found;
        case 18: { /* b, bl: go on there */
            int64_t offset = (int32_t)(insn << 6) >> 6 & ~3;
            pc = (insn & 2 ? 0 : pc) + (uint64_t)offset - 4;
            continue;
        }
        case 16: { /* bc */
            unsigned bo = bits(insn, 6, 5);
            int64_t offset = (int16_t)(insn & 0xfffc);
            uint64_t target = (insn & 2 ? 0 : pc) + (uint64_t)offset;
            if (!(bo & 16))
                slots &= ~FIELD(bits(insn, 11, 5) / 4);
            if (depth == LOOK_DEPTH || !slots)
                return found;
            uint64_t both = dead(look, target, slots, depth + 1);
            if (both)
                both &= dead(look, pc + 4, both, depth + 1);
            return found | both;
        }
        case 19: {
            unsigned xo = bits(insn, 21, 10);
            if (xo == 16 || xo == 528 || xo == 560)
                return found;
            break;
        }
        default:
            break;
        }
        struct effect e = effect_of(insn);
        slots &= ~e.reads;
        found |= slots & e.writes;
        slots &= ~e.writes;
    }
    return found;
}

uint64_t ppc_dead_at(uint64_t pc, uint64_t slots)
{
    struct look look = {.page = UINT64_MAX};
    return pc & 3 ? 0 : dead(&look, pc, slots, 0);
}
