/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The A64 decode tables against binutils' disassembler: on random words, what
 * one takes for an instruction and the other does not must be in the table of
 * known differences below.
 *
 *     a64_decode [WORDS [SEED]]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "translate/a64/a64.h"

/* ---- A builder that only checks what it gets ---- */

enum { PC = 0x10000 };

struct builder {
    unsigned count;
};

static unsigned bad;
static uint32_t current;

static void check_operands(unsigned op, const struct opnd *o, unsigned n)
{
    const struct uop_info *info = &uop_info[op];
    bool good = op < UOP_TEMPLATE_COUNT && n == info->n;
    for (unsigned i = 0; good && i < n; i++) {
        char class = info->cls[i];
        switch (o[i].kind) {
        case OPND_G:
        case OPND_GT:
            good = class == 'g' || class == 'G' || class == 'r';
            break;
        case OPND_V:
        case OPND_VT:
            good = class == 'v';
            break;
        case OPND_I:
            good = class == 'q' || (class == 'n' && (uint64_t)o[i].v < info->limit[i]) ||
                   ((class == 'i' || class == 'G') && o[i].v == (int32_t)o[i].v);
            break;
        default:
            good = false;
        }
    }
    if (good)
        return;
    printf("%08" PRIx32 " %s: bad operands of %s:", current, a64_decode_name(current), info->name);
    for (unsigned i = 0; i < n; i++)
        printf(" %c%" PRId64, "?GVTWI"[o[i].kind], o[i].v);
    printf("\n");
    bad++;
}

bool builder_next(struct builder *b)
{
    return !b->count;
}

uint64_t builder_pc(const struct builder *b)
{
    (void)b;
    return PC;
}

uint32_t builder_fetch32(struct builder *b)
{
    (void)b;
    return current;
}

uint32_t builder_peek32(const struct builder *b)
{
    (void)b;
    return 0;
}

void builder_take_next(struct builder *b)
{
    (void)b;
}

bool builder_failed(const struct builder *b)
{
    (void)b;
    return false;
}

uint32_t builder_mode(const struct builder *b)
{
    (void)b;
    return 0;
}

void builder_emit(struct builder *b, unsigned op, const struct opnd *o, unsigned n)
{
    check_operands(op, o, n);
    b->count++;
}

void builder_emit_slow(struct builder *b, unsigned helper, uint32_t x, uint32_t y, uint32_t z,
                       unsigned op, const struct opnd *o, unsigned n)
{
    (void)helper, (void)x, (void)y, (void)z;
    check_operands(op, o, n);
    b->count++;
}

void builder_emit_branch(struct builder *b, unsigned op, uint64_t pc, const struct opnd *o,
                         unsigned n)
{
    (void)pc;
    check_operands(op, o, n);
    b->count++;
}

void emit_call(struct builder *b, unsigned helper, uint32_t x, uint32_t y, uint32_t z)
{
    (void)helper, (void)x, (void)y, (void)z;
    b->count++;
}

void emit_call_raising(struct builder *b, unsigned helper, uint32_t x, uint32_t y, uint32_t z)
{
    emit_call(b, helper, x, y, z);
}

void vcpu_raise(struct vcpu *cpu, int sig, int code, uint64_t addr)
{
    (void)cpu, (void)sig, (void)code, (void)addr;
}

void emit_cc(struct builder *b, enum cc_kind kind, struct opnd x, struct opnd y)
{
    (void)kind, (void)x, (void)y;
    b->count++;
}

void emit_cc_written(struct builder *b)
{
    b->count++;
}

void emit_cc_store(struct builder *b)
{
    b->count++;
}

void emit_cc_branch(struct builder *b, enum cc_cond cond, uint64_t pc)
{
    (void)cond, (void)pc;
    b->count++;
}

void emit_cc_set(struct builder *b, enum cc_cond cond, struct opnd dst)
{
    (void)cond, (void)dst;
    b->count++;
}

void emit_cc_select(struct builder *b, enum cc_cond cond, struct opnd dst, struct opnd x,
                    struct opnd y)
{
    (void)cond, (void)dst, (void)x, (void)y;
    b->count++;
}

void emit_cc_compare(struct builder *b, enum cc_cond cond, enum cc_kind kind, struct opnd x,
                     struct opnd y, unsigned nzcv)
{
    (void)cond, (void)kind, (void)x, (void)y, (void)nzcv;
    b->count++;
}

void emit_goto(struct builder *b, uint64_t pc)
{
    (void)pc;
    b->count++;
}

void emit_goto_indirect(struct builder *b, struct opnd target)
{
    (void)target;
    b->count++;
}

void emit_branch_link(struct builder *b, uint64_t pc, uint64_t ret)
{
    (void)pc, (void)ret;
    b->count++;
}

void emit_branch_link_indirect(struct builder *b, struct opnd target, uint64_t ret)
{
    (void)target, (void)ret;
    b->count++;
}

void emit_return(struct builder *b, struct opnd target)
{
    (void)target;
    b->count++;
}

void emit_raise(struct builder *b, enum exit_reason reason, uint64_t arg)
{
    (void)reason, (void)arg;
    b->count++;
}

void emit_sync(struct builder *b)
{
    b->count++;
}

/* ---- Known differences ---- */

enum side { THEIRS, OURS }; /* who takes it for an instruction */

static const struct difference {
    enum side side;
    uint32_t mask, value;
    const char *mnemonics; /* if not NULL, binutils' names; a dash stands for any ending */
    const char *why;
} differences[] = {
    {THEIRS, 0x1e000000, 0x04000000, NULL, "SVE is absent"},
    {THEIRS, 0x9e000000, 0x80000000, NULL, "SME is absent"},
    {THEIRS, 0xffff0000, 0x00000000, "udf", "permanently undefined"},
    {THEIRS, 0, 0, "addg subg irg gmi subp subps cmpp ldg ldgm stg- stz2g stzg- st2g stgp",
     "memory tagging is absent"},
    {THEIRS, 0, 0, "ldraa ldrab pac- aut- xpac- bra- blra- reta- ereta-",
     "pointer authentication is absent but for the hints"},
    {THEIRS, 0, 0, "bc.-", "FEAT_HBC is absent"},
    {THEIRS, 0, 0, "sm3- sm4-", "SM3 and SM4 are absent"},
    {THEIRS, 0, 0, "fmlal- fmlsl-", "FEAT_FHM is absent"},
    {THEIRS, 0, 0, "usdot sudot smmla ummla usmmla", "FEAT_I8MM is absent"},
    {THEIRS, 0, 0, "bf-", "FEAT_BF16 is absent"},
    {THEIRS, 0x3b200c00, 0x19000400, "cpy- set-", "FEAT_MOPS is absent"},
    {THEIRS, 0, 0, "tcancel tstart ttest tcommit", "transactions are absent"},
    {THEIRS, 0, 0, "ld64b st64b-", "FEAT_LS64 is absent"},
    {THEIRS, 0, 0, "wfet wfit", "FEAT_WFxT is absent"},
    {THEIRS, 0x7fe00000, 0x11c00000, NULL, "FEAT_CSSC is absent"},
    {THEIRS, 0x7fe0f000, 0x1ac06000, NULL, "FEAT_CSSC is absent"},
    {THEIRS, 0x7fffe000, 0x5ac02000, "abs", "FEAT_CSSC is absent"},
    {THEIRS, 0x7ffff800, 0x5ac01800, "ctz cnt", "FEAT_CSSC is absent"},
    {THEIRS, 0xfffff3ff, 0xd503323f, "dsb", "FEAT_XS is absent"},
    {THEIRS, 0xff000000, 0xd4000000, "hvc smc hlt dcps1 dcps2 dcps3", "not for EL0"},
    {THEIRS, 0xfe000000, 0xd6000000, "eret drps", "not for EL0"},
    {THEIRS, 0xffd80000, 0xd5080000, NULL, "system operations that are not for EL0"},
    {THEIRS, 0xffc00000, 0xd5000000, "msr mrs mrrs msrr smstart smstop",
     "registers that are not for EL0"},
    {OURS, 0x3fe00000, 0x08c00000, NULL, "fields that should be one are not looked at"},
    {OURS, 0x3fe0fc00, 0x38a0c000, NULL, "fields that should be one are not looked at"},
    {OURS, 0xfe400000, 0x68400000, NULL, "LDPSW of one register twice or of its base"},
};

/* True if the first word of text is in the list. */
static bool named(const char *list, const char *text)
{
    size_t length = strcspn(text, " \t");
    while (*list) {
        size_t n = strcspn(list, " ");
        if (list[n - 1] == '-' ? length >= n - 1 && !strncmp(list, text, n - 1)
                               : n == length && !strncmp(list, text, n))
            return true;
        list += n + (list[n] == ' ');
    }
    return false;
}

static const struct difference *explain(enum side side, uint32_t insn, const char *text)
{
    for (unsigned i = 0; i < sizeof(differences) / sizeof(differences[0]); i++) {
        const struct difference *d = &differences[i];
        if (d->side == side && (insn & d->mask) == d->value &&
            (!d->mnemonics || named(d->mnemonics, text)))
            return d;
    }
    return NULL;
}

/* ---- The comparison ---- */

static uint64_t random_state;

static uint32_t random_word(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)((random_state * UINT64_C(0x2545f4914f6cdd1d)) >> 32);
}

static bool ours(uint32_t insn)
{
    struct builder b = {0};
    current = insn;
    return a64_decode(&b, insn);
}

int main(int argc, char **argv)
{
    unsigned words = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 400000;
    random_state = argc > 2 ? strtoul(argv[2], NULL, 0) | 1 : 20261122;
    char path[] = "/tmp/ferry-decode-XXXXXX", command[128], line[256];
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "wb");
    for (unsigned i = 0; i < words; i++) {
        uint32_t insn = random_word();
        /* Few words are system instructions otherwise. */
        if (i % 16 == 0)
            insn = 0xd5000000 | (insn & 0x3fffff);
        fwrite(&insn, sizeof(insn), 1, file);
    }
    fclose(file);
    snprintf(command, sizeof(command), "aarch64-linux-gnu-objdump -D -z -b binary -m aarch64 %s",
             path);
    FILE *list = popen(command, "r");
    unsigned seen = 0, unexplained = 0, allocated = 0;
    while (list && fgets(line, sizeof(line), list)) {
        uint32_t insn;
        int at = 0;
        if (sscanf(line, " %*x: %8" SCNx32 " %n", &insn, &at) != 1 || !at)
            continue;
        char *text = line + at;
        text[strcspn(text, "\n")] = 0;
        bool theirs = strncmp(text, ".inst", 5) != 0, mine = ours(insn);
        seen++;
        allocated += mine;
        if (theirs == mine || explain(theirs ? THEIRS : OURS, insn, text))
            continue;
        if (unexplained++ < 100)
            printf("%08" PRIx32 " binutils: %-40s ferry: %s%s\n", insn, text,
                   a64_decode_name(insn) ? a64_decode_name(insn) : "-", mine ? "" : " (undefined)");
    }
    if (list)
        pclose(list);
    unlink(path);
    printf("a64_decode: %u words, %u instructions, %u unexplained differences, %u bad micro-ops\n",
           seen, allocated, unexplained, bad);
    return seen < words || unexplained || bad;
}
