/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The format of a file of translations: a header, then the arena's parts as they
 * are in memory, each at a page's beginning.  Numbers have the host's byte order.
 */
#ifndef FERRY_CACHE_FILE_H
#define FERRY_CACHE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/vm.h"

enum { CACHE_FILE_VERSION = 12, CACHE_FILE_PAGE = 4096 };
#define CACHE_FILE_MAGIC UINT64_C(0x0a65686361436662)

/* What the code was made for and from; decides the file's name. */
struct cache_file_key {
    uint8_t build[20]; /* ferry's own build-id */
    uint32_t version;
    char guest[16], cpu[24];
    uint32_t isa;
    uint64_t vm_base;
    uint64_t content[2];    /* of the file */
    uint64_t offset, bytes; /* of the mapping in it */
};

enum cache_file_part {
    PART_CODE,
    PART_SLOTS,
    PART_BLOCKS,
    PART_EXITS,
    PART_MAPS,
    PART_HEADS, /* and text_pages, targets */
    PART_COUNT
};

struct cache_file_header {
    uint64_t magic;
    uint64_t checksum; /* XXH3 of all that follows it */
    uint64_t file_bytes;
    struct cache_file_key key;
    struct vm_file_id id; /* the file, when its text had that hash */
    uint64_t text_hash;   /* XXH3 of the mapping's pages that text_pages names */
    uint64_t generation;  /* a random number */
    uint64_t bias;        /* that the code is right for: guest address - file offset */
    uint64_t base;        /* host address that the slots are right for */
    uint32_t places;      /* hash of the secret that decided where the file was mapped */
    uint32_t fixed;       /* the code can't be moved to another bias */
    uint32_t code_room, exit_room, block_room, maps_room, head_count; /* struct arena_size */
    uint32_t next, code_begin, leave, lookup_second, return_miss, helper_thunk, block_count,
        exit_count, maps_next, target_count; /* struct arena */
    struct {
        uint64_t at, bytes;
    } part[PART_COUNT];
    char name[256]; /* of the file, for people */
};

/* Reads and checks the header of an open file; NULL, or what is wrong. */
const char *cache_file_header(int fd, struct cache_file_header *h);
/* True if it is of this build of ferry. */
bool cache_file_is_ours(const struct cache_file_header *h);
/* Reads and checks header and contents of an open file; NULL, or what is wrong. */
const char *cache_file_check(int fd, struct cache_file_header *h);

#endif
