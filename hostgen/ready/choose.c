/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * choose COUNT WEIGHT FILE...: which shapes most programs need.  A file has the shapes of all that
 * was emitted for one program, as numbers of 64 bits (hostgen/patch.c, HOSTGEN_SHAPES).  Prints
 * the COUNT best as lines for ready.c, each behind how frequent it is, times WEIGHT.
 *
 * First comes in how many programs a shape is, then how frequent it is there.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "hostgen/instance.h"

struct choice {
    uint64_t shape;
    double score, frequency;
};

static struct choice *choices;
static size_t choice_count;

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static int by_shape(const void *a, const void *b)
{
    const struct choice *x = a, *y = b;
    return by_number(&x->shape, &y->shape);
}

static int by_score(const void *a, const void *b)
{
    const struct choice *x = a, *y = b;
    return x->score != y->score ? (x->score < y->score ? 1 : -1) : by_shape(a, b);
}

static void *more(void *p, size_t bytes)
{
    p = realloc(p, bytes);
    if (!p)
        abort();
    return p;
}

/* All shapes of a file; their number. */
static size_t read_shapes(const char *name, uint64_t **shapes)
{
    size_t n = 0, room = 1 << 16;
    FILE *f = fopen(name, "r");
    if (!f) {
        perror(name);
        exit(1);
    }
    *shapes = more(NULL, room * sizeof **shapes);
    for (size_t got; (got = fread(*shapes + n, sizeof **shapes, room - n, f)); n += got)
        if (n + got == room)
            *shapes = more(*shapes, (room *= 2) * sizeof **shapes);
    fclose(f);
    return n;
}

static void add_program(const char *name)
{
    uint64_t *shapes;
    size_t n = read_shapes(name, &shapes);
    qsort(shapes, n, sizeof *shapes, by_number);
    choices = more(choices, (choice_count + n) * sizeof *choices);
    for (size_t k = 0, to; k < n; k = to) {
        for (to = k; to < n && shapes[to] == shapes[k];)
            to++;
        double frequency = (double)(to - k) / (double)n;
        choices[choice_count++] =
            (struct choice){shapes[k], 1000 + sqrt(1e5 * frequency), frequency};
    }
    free(shapes);
}

/* One of each shape. */
static void join_programs(void)
{
    size_t n = 0;
    qsort(choices, choice_count, sizeof *choices, by_shape);
    for (size_t k = 0; k < choice_count; k++)
        if (n && choices[n - 1].shape == choices[k].shape) {
            choices[n - 1].score += choices[k].score;
            choices[n - 1].frequency += choices[k].frequency;
        } else {
            choices[n++] = choices[k];
        }
    choice_count = n;
    qsort(choices, choice_count, sizeof *choices, by_score);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: choose COUNT WEIGHT FILE...\n");
        return 2;
    }
    for (int k = 3; k < argc; k++)
        add_program(argv[k]);
    join_programs();
    for (size_t k = 0; k < choice_count && k < strtoul(argv[1], NULL, 10); k++) {
        const struct uop_info *info = &uop_info[choices[k].shape % (1 << SHAPE_OP_BITS)];
        printf("%.9f %s", choices[k].frequency * strtod(argv[2], NULL) / (argc - 3), info->name);
        for (unsigned i = 0; i < info->n; i++)
            printf(" %02x",
                   (uint8_t)(choices[k].shape >> (SHAPE_OP_BITS + SHAPE_OPERAND_BITS * i)));
        putchar('\n');
    }
    return 0;
}
