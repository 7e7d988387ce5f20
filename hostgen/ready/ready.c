/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ready SHAPES >instances.c: makes the instances (hostgen/instance.h) that most programs need,
 * while ferry is built.  SHAPES has a line for each, the most frequent one first: a micro-op and
 * its operands' parts of the shape, in hexadecimal.  scripts/shapes.sh writes it.
 *
 * Lines that say nothing any more, as a row has changed, are left out: such instances are made at
 * run time like any other.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "hostgen/instance.h"

/* While they are made there are none. */
const struct instance instance_ready[1];
const uint16_t instance_ready_index[1 << READY_INDEX_BITS][2];

static uint16_t place_index[1 << READY_INDEX_BITS][2];

static unsigned find_op(const char *name)
{
    unsigned op = 0;
    while (op < UOP_TEMPLATE_COUNT && strcmp(uop_info[op].name, name) != 0)
        op++;
    return op;
}

/* The op of the line, with its parts; UOP_TEMPLATE_COUNT: it says nothing. */
static unsigned read_line(const char *line, uint8_t parts[UOP_MAX_OPERANDS])
{
    char name[64];
    int at;
    if (line[0] == '#' || sscanf(line, "%63s%n", name, &at) != 1)
        return UOP_TEMPLATE_COUNT;
    unsigned op = find_op(name), n = 0;
    for (int next; n < UOP_MAX_OPERANDS && sscanf(line + at, "%" SCNx8 "%n", &parts[n], &next) == 1;
         at += next)
        n++;
    if (op < UOP_TEMPLATE_COUNT && (n != uop_info[op].n || !instance_parts_fit(op, parts)))
        op = UOP_TEMPLATE_COUNT;
    return op;
}

/* False: that place of the index is full, or the one where nothing may be. */
static bool enter(uint64_t shape, unsigned number)
{
    const uint64_t hash = instance_hash(shape);
    uint16_t *entry = place_index[instance_ready_place(hash)];
    unsigned k = entry[0] != 0;
    if (!instance_ready_place(hash) || entry[k])
        return false;
    entry[k] = (uint16_t)(number | instance_ready_tag(hash) << READY_BITS);
    return true;
}

static void put_instance(const struct instance *in)
{
    uint64_t words[sizeof *in / 8];
    memcpy(words, in, sizeof words);
    printf("    {");
    for (unsigned k = 0; k < sizeof words / sizeof *words; k++)
        printf("%s0x%" PRIx64, k ? ", " : "", words[k]);
    printf("},\n");
}

int main(int argc, char **argv)
{
    FILE *f = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (!f) {
        perror(argc == 2 ? argv[1] : "usage: ready SHAPES");
        return 1;
    }
    hostgen_prepare(ready_isa);
    printf("/* Made by hostgen/ready/ from %s. */\n#include <stdint.h>\n\n", argv[1]);
    printf("const uint64_t instance_ready[][%zu] __attribute__((aligned(4096))) = {\n    {0},\n",
           sizeof(struct instance) / 8);
    char line[128];
    unsigned number = 1;
    while (number < 1 << READY_BITS && fgets(line, sizeof line, f)) {
        uint8_t parts[UOP_MAX_OPERANDS];
        unsigned op = read_line(line, parts);
        const struct instance *in = op < UOP_TEMPLATE_COUNT ? instance_make(op, parts) : NULL;
        if (in && enter(in->shape, number)) {
            put_instance(in);
            number++;
        }
    }
    fclose(f);
    printf("};\n\nconst uint16_t instance_ready_index[][2] = {\n");
    for (unsigned k = 0; k < 1 << READY_INDEX_BITS; k++)
        printf("    {0x%x, 0x%x},\n", place_index[k][0], place_index[k][1]);
    printf("};\n");
    return 0;
}
