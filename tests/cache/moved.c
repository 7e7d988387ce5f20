/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compares two files of translations of the same code at different places: what was made for one
 * place, moved to the other, is what was made there, byte for byte.
 *
 *     moved ONE.code OTHER.code      each may be any of the two
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "translate/block.h"
#include "translate/cache_file.h"

/* maps.c writes, too; not here. */
uint32_t arena_alloc(struct arena *a, size_t bytes)
{
    (void)a, (void)bytes;
    abort();
}

struct file {
    const struct cache_file_header *h;
    struct arena a;
};

static void open_file(const char *name, struct file *f)
{
    struct stat st;
    int fd = open(name, O_RDONLY);
    if (fd < 0 || fstat(fd, &st)) {
        perror(name);
        exit(2);
    }
    uint8_t *p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED) {
        perror(name);
        exit(2);
    }
    f->h = (const void *)p;
    f->a = (struct arena){.x = p + f->h->part[PART_CODE].at,
                          .blocks = (void *)(p + f->h->part[PART_BLOCKS].at),
                          .maps = p + f->h->part[PART_MAPS].at};
}

static const uint8_t *part(const struct file *f, enum cache_file_part k)
{
    return (const uint8_t *)f->h + f->h->part[k].at;
}

int main(int argc, char **argv)
{
    struct file one, other;
    if (argc != 3)
        return 2;
    open_file(argv[1], &one);
    open_file(argv[2], &other);
    const uint64_t delta = other.h->bias - one.h->bias;
    if (!delta || one.h->fixed || other.h->fixed || one.h->block_count != other.h->block_count) {
        printf("%s: bias %#lx and %#lx, %u and %u blocks%s\n", one.h->name, one.h->bias,
               other.h->bias, one.h->block_count, other.h->block_count,
               one.h->fixed || other.h->fixed ? ", can't be moved" : "");
        return 1;
    }
    for (unsigned k = PART_BLOCKS; k < PART_COUNT; k++)
        if (one.h->part[k].bytes != other.h->part[k].bytes ||
            memcmp(part(&one, k), part(&other, k), one.h->part[k].bytes) != 0) {
            printf("%s: part %u differs\n", one.h->name, k);
            return 1;
        }
    unsigned addresses = 0;
    for (uint32_t n = 0; n < one.h->block_count; n++) {
        const struct block *b = &one.a.blocks[n];
        struct found f = {&one.a, &one.a.blocks[n]};
        unsigned count;
        maps_addresses(f, &count);
        addresses += count;
        if (!moved_add(f, one.a.x + b->code_off, delta)) {
            printf("%s: block at %#lx does not move\n", one.h->name, b->pc);
            return 1;
        }
        if (memcmp(one.a.x + b->code_off, other.a.x + b->code_off, b->code_len) != 0) {
            printf("%s: block at %#lx differs when it is moved\n", one.h->name, b->pc);
            return 1;
        }
    }
    if (memcmp(one.a.x, other.a.x, one.h->next) != 0) {
        printf("%s: code between blocks differs\n", one.h->name);
        return 1;
    }
    printf("%s: %u blocks, %u addresses\n", one.h->name, one.h->block_count, addresses);
    return 0;
}
