/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The x86-64 assembly language as far as the learner needs it.
 *
 * gcc makes no conditional tail calls: it jumps over, or to, a jump.  Here
 * `jcc .L; jmp next_; .L: jmp taken_` becomes `jcc taken_`, so that branches come out
 * as compare and jump with a 32-bit displacement to be patched.
 */
#include "hostgen/tool/tool.h"

#include <capstone/capstone.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct line {
    char *label; /* or */
    char *op, *arg;
    bool dead;
};

static bool is_local(const char *s)
{
    return strncmp(s, ".L", 2) == 0;
}

static bool is_direct_jump(const struct line *l)
{
    return l->op && l->op[0] == 'j' && l->arg && l->arg[0] != '*';
}

static bool is_unconditional(const struct line *l)
{
    return l->op && (strcmp(l->op, "jmp") == 0 || strcmp(l->op, "ud2") == 0);
}

static size_t next_live(const struct line *l, size_t n, size_t i)
{
    while (i < n && l[i].dead)
        i++;
    return i;
}

/* What a jump to this label comes to in the end. */
static const char *thread(const struct line *l, size_t n, const char *label)
{
    for (unsigned hops = 0; hops < 16 && is_local(label); hops++) {
        size_t i = 0;
        while (i < n && !(l[i].label && !l[i].dead && strcmp(l[i].label, label) == 0))
            i++;
        while (i < n && (l[i].dead || l[i].label))
            i++;
        if (i == n || strcmp(l[i].op, "jmp") != 0 || !is_direct_jump(&l[i]))
            break;
        label = l[i].arg;
    }
    return label;
}

static bool sweep(struct line *l, size_t n)
{
    bool changed = false;
    for (size_t i = 0; i < n; i++) {
        if (l[i].dead)
            continue;
        if (is_direct_jump(&l[i])) {
            const char *to = thread(l, n, l[i].arg);
            if (strcmp(to, l[i].arg) != 0) {
                l[i].arg = strdup(to);
                changed = true;
            }
        }
        if (l[i].label) {
            bool used = false;
            for (size_t j = 0; j < n && !used; j++)
                used = !l[j].dead && is_direct_jump(&l[j]) && strcmp(l[j].arg, l[i].label) == 0;
            if (!used)
                l[i].dead = changed = true;
        }
        if (is_unconditional(&l[i]))
            for (size_t j = i + 1; j < n && !(l[j].label && !l[j].dead); j++)
                if (!l[j].dead)
                    l[j].dead = changed = true;
    }
    return changed;
}

static const char *inverted(const char *op)
{
    static const char *const pairs[][2] = {
        {"je", "jne"}, {"jb", "jnb"}, {"jb", "jae"}, {"jc", "jnc"}, {"jbe", "ja"},
        {"jl", "jge"}, {"jle", "jg"}, {"js", "jns"}, {"jo", "jno"}, {"jp", "jnp"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (strcmp(op, pairs[i][0]) == 0)
            return pairs[i][1];
        if (strcmp(op, pairs[i][1]) == 0)
            return pairs[i][0];
    }
    return NULL;
}

/* Brings `jmp next_` to the end, where it falls away. */
static void drop_last_jump(struct line *l, size_t n)
{
    size_t last = n, before = n;
    for (size_t i = next_live(l, n, 0); i < n; i = next_live(l, n, i + 1)) {
        before = last;
        last = i;
    }
    if (last == n || !l[last].op || strcmp(l[last].op, "jmp") != 0)
        return;
    if (strcmp(l[last].arg, "next_") == 0) {
        l[last].dead = true;
        return;
    }
    const char *inv = before < n && is_direct_jump(&l[before]) ? inverted(l[before].op) : NULL;
    if (inv && strcmp(l[before].arg, "next_") == 0) {
        l[before].op = (char *)inv;
        l[before].arg = l[last].arg;
        l[last].dead = true;
    }
}

static const char *check(const struct line *l)
{
    static const char *const calls[] = {"call",  "ret",   "push",      "pop",
                                        "leave", "enter", "vzeroupper"};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (strncmp(l->op, calls[i], strlen(calls[i])) == 0 && strncmp(l->op, "popcnt", 6) != 0)
            return l->op[0] == 'c' ? "it calls a function" : "it needs a stack";
    if (l->arg && (strstr(l->arg, "%rsp") || strstr(l->arg, "%esp")))
        return "it needs a stack";
    if (strcmp(l->op, "jmp") == 0 && l->arg[0] != '*' && !is_local(l->arg) &&
        strcmp(l->arg, "next_") != 0 && strcmp(l->arg, "taken_") != 0 &&
        strcmp(l->arg, "slow_") != 0)
        return "it calls a function";
    return NULL;
}

/* In VEX encoding: AVX, and of BMI what the compiler uses unasked (AMD64 Architecture
 * Programmer's Manual, volume 3, appendix A). */
static bool is_vex(const char *op)
{
    static const char *const general[] = {"andn", "bextr", "bls",  "bzhi", "mulx",
                                          "rorx", "sarx",  "shlx", "shrx"};
    for (size_t i = 0; i < sizeof general / sizeof *general; i++)
        if (strncmp(op, general[i], strlen(general[i])) == 0)
            return true;
    return op[0] == 'v';
}

/* The encoding that the instruction has with r8 to r15.  VEX of two bytes reaches them where they
 * are in the field reg. */
static const char *encoding(const char *op)
{
    if (!is_vex(op))
        return "{rex} ";
    return strstr(op, "2si") || strstr(op, "movmsk") ? "" : "{vex3} ";
}

/* The stand-in whose name, of whatever width, is at p, behind its %; NULL: none. */
static const struct stand_in *find_stand_in(const char *p, const struct stand_in *stand_ins,
                                            unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        size_t n = strlen(stand_ins[i].name);
        if (strncmp(p, stand_ins[i].name, n) == 0 && !isdigit((unsigned char)p[n]))
            return &stand_ins[i];
    }
    return NULL;
}

/* The part of a short register that has the suffix which r8 to r15 have for it. */
static const char *part_of(unsigned reg, char suffix)
{
#define PARTS(name, number, part32, part16, part8)                                                 \
    if (reg == (number))                                                                           \
        return suffix == 'd' ? #part32 : suffix == 'w' ? #part16 : suffix == 'b' ? #part8 : #name;
    HOST_SHORT_REGS(PARTS)
    die("no short register %u", reg);
}

/* Writes the line with stand-ins replaced, in the long encoding: all registers look alike then. */
static void write_line(const struct line *l, const struct stand_in *stand_ins, unsigned count,
                       struct text *out)
{
    struct text arg = {0};
    bool renamed = false;
    const char *p = l->arg, *q;
    text_write(&arg, "", 0);
    while ((q = strchr(p, '%'))) {
        text_write(&arg, p, (size_t)(q + 1 - p));
        p = q + 1;
        const struct stand_in *s = find_stand_in(p, stand_ins, count);
        if (!s)
            continue;
        renamed = true;
        p += strlen(s->name);
        text_add(&arg, "%s", part_of(s->reg, *p));
        p += *p == 'd' || *p == 'w' || *p == 'b';
    }
    text_add(out, "\t%s%s\t%s%s\n", renamed ? encoding(l->op) : "", l->op, arg.n ? arg.s : "", p);
    free(arg.s);
}

const char *asm_function(char *text, const struct stand_in *stand_ins, unsigned count,
                         struct text *out)
{
    struct line *l = NULL;
    size_t n = 0;
    const char *error = NULL;
    char *save = NULL;
    for (char *s = strtok_r(text, "\n", &save); s; s = strtok_r(NULL, "\n", &save)) {
        s += strspn(s, " \t");
        char *end = s + strlen(s);
        if (end == s || *s == '#' || (*s == '.' && end[-1] != ':'))
            continue; /* directives: alignment, line notes */
        l = grow(l, n, sizeof *l);
        struct line *k = &l[n++];
        memset(k, 0, sizeof *k);
        if (end[-1] == ':') {
            end[-1] = 0;
            k->label = s;
        } else {
            k->op = s;
            k->arg = s + strcspn(s, " \t");
            if (*k->arg)
                *k->arg++ = 0;
            k->arg += strspn(k->arg, " \t");
            if (!error)
                error = check(k);
        }
    }
    while (sweep(l, n))
        ;
    drop_last_jump(l, n);
    while (sweep(l, n))
        ;
    for (size_t i = 0; i < n; i++) {
        if (l[i].dead)
            continue;
        if (l[i].label)
            text_add(out, "%s:\n", l[i].label);
        else
            write_line(&l[i], stand_ins, count, out);
    }
    free(l);
    return error;
}

uint8_t asm_register_bits(const uint8_t *code, unsigned at)
{
    if (code[at] >> 4 == 4)
        return 0x07;                              /* REX.R, X, B */
    return at && code[at - 1] == 0xc4 ? 0xe0 : 0; /* VEX.R, X, B */
}

static csh disassembler(void)
{
    static csh handle;
    if (!handle && (cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK ||
                    cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON) != CS_ERR_OK))
        die("capstone has no x86-64");
    return handle;
}

/* The next instruction of what is left. */
static const cs_insn *next_instruction(const uint8_t **code, size_t *left, uint64_t *at)
{
    static cs_insn *insn;
    if (!insn)
        insn = cs_malloc(disassembler());
    if (!cs_disasm_iter(disassembler(), code, left, at, insn))
        die("capstone does not know an instruction of the compiler");
    return insn;
}

/* The first byte of the instruction that byte `at` belongs to. */
static unsigned instruction_start(const uint8_t *code, unsigned size, unsigned at)
{
    size_t left = size;
    uint64_t end = 0;
    const cs_insn *insn;
    do
        insn = next_instruction(&code, &left, &end);
    while (end <= at);
    return (unsigned)insn->address;
}

bool asm_touches(const uint8_t *code, unsigned size, unsigned reg)
{
    static const char *const parts[][5] = {{"rax", "eax", "ax", "al", "ah"},
                                           {"rcx", "ecx", "cx", "cl", "ch"},
                                           {"rdx", "edx", "dx", "dl", "dh"}};
    size_t left = size;
    uint64_t at = 0;
    while (left) {
        cs_regs of[2];
        uint8_t n[2];
        const cs_insn *insn = next_instruction(&code, &left, &at);
        if (cs_regs_access(disassembler(), insn, of[0], &n[0], of[1], &n[1]) != CS_ERR_OK)
            die("capstone does not tell an instruction's registers");
        for (unsigned written = 0; written < 2; written++)
            for (unsigned i = 0; i < n[written]; i++)
                for (unsigned part = 0; part < 5; part++)
                    if (strcmp(cs_reg_name(disassembler(), of[written][i]), parts[reg][part]) == 0)
                        return true;
    }
    return false;
}

/* AMD64 Architecture Programmer's Manual, volume 3, 1.2.7 (REX), 1.2.8 (VEX), 1.4 (ModRM). */
unsigned asm_high_bit(const uint8_t *code, unsigned size, unsigned at)
{
    enum { REX_R = 2, REX_B = 0, VEX_R = 7, VEX_B = 5, VEX_V = 6, RM = 0, REG = 3, IS4 = 4 };
    unsigned byte = at / 8, field = at % 8;
    unsigned prefix = instruction_start(code, size, byte);
    while (code[prefix] == 0x66 || code[prefix] == 0xf2 || code[prefix] == 0xf3)
        prefix++;
    bool vex = code[prefix] == 0xc4 || code[prefix] == 0xc5;
    unsigned last = prefix + (code[prefix] == 0xc4 ? 2 : vex ? 1 : 0); /* of the prefix */
    if (vex && byte == last && field == 3)
        return byte * 8 + VEX_V;
    if (vex && byte > last && field == IS4)
        return byte * 8 + 7;
    if (byte > last && field == REG && (vex || code[prefix] >> 4 == 4))
        return (prefix + vex) * 8 + (vex ? VEX_R : REX_R);
    if (byte > last && field == RM && (code[prefix] == 0xc4 || code[prefix] >> 4 == 4))
        return (prefix + vex) * 8 + (vex ? VEX_B : REX_B);
    die("a vector register in an unknown place");
}
