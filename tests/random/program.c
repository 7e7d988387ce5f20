/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "random.h"

/* build/tests/random-stub.bin, linked in as it is */
extern const uint8_t _binary_stub_start[], _binary_stub_end[];

struct code {
    uint32_t *word;
    unsigned words, size;
};

static void put(struct code *c, uint32_t w)
{
    if (c->words == c->size)
        c->word = realloc(c->word, (c->size = c->size * 2 + 4096) * sizeof *c->word);
    c->word[c->words++] = w;
}

static uint32_t branch(uint32_t op, unsigned from, unsigned to)
{
    return op | ((to - from) & 0x3ffffff);
}

enum { B = 0x14000000, BL = 0x94000000, LDR_X0 = 0x58000000 };

static void put_literal(struct code *c, unsigned at, uint64_t value)
{
    c->word[at] |= ((c->words - at) & 0x7ffff) << 5;
    put(c, (uint32_t)value);
    put(c, (uint32_t)(value >> 32));
}

static void put_block(struct code *c, const struct block *b, uint64_t init)
{
    unsigned enter = 2, leave = 3, base = STUB_SIZE / 4;
    unsigned init_at = c->words, cont_at, x30_at, area_at, next_at;
    unsigned literal_at[MAX_UNITS][UNIT_LITERALS];

    put(c, LDR_X0);
    cont_at = c->words;
    put(c, LDR_X0 | 1);
    put(c, branch(BL, base + c->words, enter));
    x30_at = c->words;
    put(c, LDR_X0 | 30);
    for (unsigned i = 0; i < b->units; i++) {
        const struct unit *u = &b->unit[i];
        for (unsigned j = 0; j < u->literals; j++)
            literal_at[i][j] = c->words + u->literal[j].at;
        for (unsigned j = 0; j < u->words; j++)
            put(c, u->word[j]);
    }
    put(c, 0xd51bd05e); /* msr tpidr_el0, x30 */
    area_at = c->words;
    put(c, LDR_X0 | 30);
    put(c, 0xa90e77dc); /* stp x28, x29, [x30, 224] */
    put(c, 0xaa1e03fd); /* mov x29, x30 */
    put(c, branch(BL, base + c->words, leave));
    next_at = c->words;
    put(c, 0);

    put_literal(c, init_at, init);
    put_literal(c, x30_at, b->init.x[30]);
    put_literal(c, area_at, AREA);
    for (unsigned i = 0; i < b->units; i++)
        for (unsigned j = 0; j < b->unit[i].literals; j++)
            put_literal(c, literal_at[i][j], b->unit[i].literal[j].value);
    put_literal(c, cont_at, CODE_BASE + 4ull * (base + c->words + 2));
    c->word[next_at] = branch(B, next_at, c->words);
}

void program_write(const char *path, const struct block *const *block, unsigned n, bool faults)
{
    struct code c = {0};
    for (unsigned i = 0; i < n; i++)
        put_block(&c, block[i], INIT_BASE + SCRATCH_SIZE + i * sizeof(struct init));
    put(&c, 0xd2800000); /* mov x0, 0 */
    put(&c, 0xd2800bc8); /* mov x8, 94: exit_group */
    put(&c, 0xd4000001); /* svc 0 */

    uint8_t scratch[SCRATCH_SIZE];
    struct rng r = {42};
    for (unsigned i = 0; i < SCRATCH_SIZE; i++)
        scratch[i] = (uint8_t)rng_next(&r);
    struct record area = {.faults = faults};

    enum { PAGE = 0x1000 };
    uint64_t code_size = STUB_SIZE + 4ull * c.words;
    uint64_t code_end = (code_size + PAGE - 1) & ~(PAGE - 1ull);
    uint64_t init_size = SCRATCH_SIZE + n * sizeof(struct init);
    uint64_t init_end = (init_size + PAGE - 1) & ~(PAGE - 1ull);
    Elf64_Phdr ph[] = {
        {PT_LOAD, PF_R | PF_X, PAGE, CODE_BASE, CODE_BASE, code_size, code_size, PAGE},
        {PT_LOAD, PF_R, PAGE + code_end, INIT_BASE, INIT_BASE, init_size, init_size, PAGE},
        {PT_LOAD, PF_R | PF_W, PAGE + code_end + init_end, AREA - 0x800, AREA - 0x800, PAGE, PAGE,
         PAGE},
        {PT_LOAD, PF_R | PF_W, 0, STACK_BASE, STACK_BASE, 0, STACK_SIZE, PAGE},
    };
    Elf64_Ehdr eh = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_AARCH64,
        .e_version = EV_CURRENT,
        .e_entry = CODE_BASE,
        .e_phoff = sizeof eh,
        .e_ehsize = sizeof eh,
        .e_phentsize = sizeof *ph,
        .e_phnum = sizeof ph / sizeof *ph,
    };
    FILE *f = fopen(path, "w");
    if (!f) {
        perror(path);
        exit(2);
    }
    fwrite(&eh, sizeof eh, 1, f);
    fwrite(ph, sizeof ph, 1, f);
    fseek(f, PAGE, SEEK_SET);
    fwrite(_binary_stub_start, STUB_SIZE, 1, f);
    fwrite(c.word, 4, c.words, f);
    fseek(f, (long)(PAGE + code_end), SEEK_SET);
    fwrite(scratch, sizeof scratch, 1, f);
    for (unsigned i = 0; i < n; i++)
        fwrite(&block[i]->init, sizeof block[i]->init, 1, f);
    fseek(f, (long)(PAGE + code_end + init_end + 0x800), SEEK_SET);
    fwrite(&area, sizeof area, 1, f);
    if (fclose(f)) {
        perror(path);
        exit(2);
    }
    chmod(path, 0755);
    free(c.word);
}
