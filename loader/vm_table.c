/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/vm_table.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "hostgen/far.h"
#include "loader/vm.h"

/* Twice the host kernel's usual bound on mappings (vm.max_map_count); only
 * touched pages cost anything. */
enum { TABLE_SIZE = 1 << 17, TABLE_SLACK = 8 };
/* stack_guard_gap: what the kernel leaves free below a mapping that grows. */
enum { GUARD_GAP = 256 * VM_PAGE };

static struct mapping table[TABLE_SIZE] FAR_ZEROS;
static size_t count;

static struct {
    struct mapping table[TABLE_SIZE];
    size_t count;
    volatile bool valid;
} saved FAR_ZEROS;

void vm_table_save(void)
{
    saved.valid = false;
    atomic_signal_fence(memory_order_seq_cst);
    memcpy(saved.table, table, count * sizeof *table);
    saved.count = count;
    atomic_signal_fence(memory_order_seq_cst);
    saved.valid = true;
}

void vm_table_forget_saved(void)
{
    atomic_signal_fence(memory_order_seq_cst);
    saved.valid = false;
}

bool vm_table_restore(void)
{
    if (!saved.valid)
        return false;
    memcpy(table, saved.table, saved.count * sizeof *table);
    count = saved.count;
    vm_table_forget_saved();
    return true;
}

bool vm_table_full(void)
{
    return count > TABLE_SIZE - TABLE_SLACK;
}

/* Index of the first range that ends after addr. */
static size_t find(uint64_t addr)
{
    size_t lo = 0, hi = count;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (table[mid].end > addr)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

static bool joins(const struct mapping *a, const struct mapping *b)
{
    return a->end == b->start && a->prot == b->prot && a->name == b->name &&
           a->shared == b->shared && a->frozen == b->frozen && a->grows == b->grows &&
           a->file == b->file;
}

static void splice(size_t at, size_t gone, const struct mapping *in, size_t n)
{
    memmove(table + at + n, table + at + gone, (count - at - gone) * sizeof *table);
    if (n)
        memcpy(table + at, in, n * sizeof *table);
    count += n - gone;
}

void vm_table_set(uint64_t start, uint64_t end, const struct mapping *m)
{
    struct mapping in[3] = {0};
    size_t n = 0, first = find(start), last = first;

    if (start >= end)
        return;
    while (last < count && table[last].start < end)
        last++;
    if (first < last && table[first].start < start) {
        in[n] = table[first];
        in[n++].end = start;
    }
    if (m) {
        in[n] = *m;
        in[n].start = start;
        in[n++].end = end;
    }
    if (first < last && table[last - 1].end > end) {
        in[n] = table[last - 1];
        in[n++].start = end;
    }
    splice(first, last - first, in, n);

    for (size_t i = first ? first - 1 : 0, stop = first + n; i < stop && i + 1 < count;) {
        if (joins(&table[i], &table[i + 1])) {
            table[i].end = table[i + 1].end;
            splice(i + 1, 1, NULL, 0);
            stop--;
        } else {
            i++;
        }
    }
}

const struct mapping *vm_table_next(uint64_t start, uint64_t end)
{
    size_t i = find(start);

    return start < end && i < count && table[i].start < end ? &table[i] : NULL;
}

const struct mapping *vm_table_at(uint64_t addr)
{
    return vm_table_next(addr, addr + 1);
}

bool vm_table_gap(uint64_t *a, uint64_t *b, uint64_t end)
{
    size_t i = find(*a);

    while (i < count && table[i].start <= *a)
        *a = table[i++].end;
    if (*a >= end)
        return false;
    *b = i < count && table[i].start < end ? table[i].start : end;
    return true;
}

bool vm_table_run(uint64_t *a, uint64_t *b, uint64_t end)
{
    size_t i = find(*a);

    if (*a >= end || i == count || table[i].start >= end)
        return false;
    if (table[i].start > *a)
        *a = table[i].start;
    *b = table[i].end;
    while (++i < count && table[i].start == *b)
        *b = table[i].end;
    if (*b > end)
        *b = end;
    return true;
}

/* Where what is below must end. */
static uint64_t low_end(const struct mapping *m)
{
    uint64_t gap = m->grows ? GUARD_GAP : 0;

    return m->start > gap ? m->start - gap : 0;
}

uint64_t vm_table_free_below(uint64_t low, uint64_t high, uint64_t len)
{
    size_t i = find(high - 1);

    /* table[i] ends at or above high, if it is there. */
    if (i < count && low_end(&table[i]) < high)
        high = low_end(&table[i]);
    while (high >= low && high - low >= len) {
        uint64_t below = i ? table[i - 1].end : 0;
        if (below <= high - len)
            return high - len;
        high = low_end(&table[--i]);
    }
    return 0;
}

bool vm_table_any(uint64_t start, uint64_t end, int prot)
{
    for (size_t i = find(start); i < count && table[i].start < end; i++) {
        if (table[i].prot & prot)
            return true;
    }
    return false;
}

bool vm_table_any_frozen(uint64_t start, uint64_t end)
{
    for (size_t i = find(start); i < count && table[i].start < end; i++) {
        if (table[i].frozen)
            return true;
    }
    return false;
}
