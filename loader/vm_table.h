/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table behind loader/vm.h: disjoint ranges in ascending order, joined
 * where they touch and agree.  What file a range maps is kept for code only
 * (vm_file.h): else the host kernel knows it.  Callers hold the lock of vm.c.
 */
#ifndef FERRY_VM_TABLE_H
#define FERRY_VM_TABLE_H

#include <stdbool.h>
#include <stdint.h>

struct mapping {
    uint64_t start, end;
    uint8_t prot;  /* of the guest */
    uint8_t name;  /* enum vm_name */
    bool shared;   /* MAP_SHARED and its kin */
    bool frozen;   /* read-only on the host: holds translated code */
    bool grows;    /* MAP_GROWSDOWN */
    uint16_t file; /* vm_file.h, as long as the contents are the file's; or 0 */
};

/* True if there may be no room for one more change. */
bool vm_table_full(void);

/* [start, end) becomes one range with the attributes of m (NULL: not mapped). */
void vm_table_set(uint64_t start, uint64_t end, const struct mapping *m);

/* The range that holds addr; the first that reaches into [start, end); NULL. */
const struct mapping *vm_table_at(uint64_t addr);
const struct mapping *vm_table_next(uint64_t start, uint64_t end);

/* Searches [*a, end) for the next gap / the next run of ranges without a gap.
 * True: it is [*a, *b). */
bool vm_table_gap(uint64_t *a, uint64_t *b, uint64_t end);
bool vm_table_run(uint64_t *a, uint64_t *b, uint64_t end);

/* The highest start of len free bytes in [low, high), away from what may grow towards it; 0:
 * there are none. */
uint64_t vm_table_free_below(uint64_t low, uint64_t high, uint64_t len);

/* True if a range that reaches into [start, end) has one of the protections,
 * or is frozen. */
bool vm_table_any(uint64_t start, uint64_t end, int prot);
bool vm_table_any_frozen(uint64_t start, uint64_t end);

/* For changes that may be cut short by death: the table as it is now, which comes back if it was
 * not forgotten meanwhile (false: it was). */
void vm_table_save(void);
void vm_table_forget_saved(void);
bool vm_table_restore(void);

/* Each line of the guest's /proc/self/maps; 0 or -errno. */
struct vm_area;
int vm_table_each_area(void (*visit)(const struct vm_area *area, void *arg), void *arg);
/* vm_smaps() and its kin, with the lock. */
struct text;
int vm_table_smaps(struct text *t);
int vm_table_smaps_rollup(struct text *t);
int vm_table_numa_maps(struct text *t);
/* vm_give_back_text(), with the lock: while it is held, nothing is mapped there anew. */
void vm_table_give_back(uint64_t start, uint64_t end, const uint64_t *parts);
/* True if nothing of this process is mapped below end. */
bool vm_nothing_below(uint64_t end);

#endif
