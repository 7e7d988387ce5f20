/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which pages of the guest hold code of the anonymous arena, and what becomes of it
 * when the guest's memory changes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "hostgen/far.h"
#include "translate/block.h"

enum { PAGE_HASH_BITS = 12 };

/* One guest page that holds translated code. */
struct code_page {
    uint64_t page;
    struct code_page *next;
    uint32_t blocks; /* 1 + index of the first, or 0 */
};

static struct code_page *pages[1 << PAGE_HASH_BITS] FAR_ZEROS;
static struct code_page *free_pages;
static unsigned page_count;

static uint64_t first_page(const struct block *b)
{
    return b->pc >> GUEST_PAGE_BITS;
}

static uint64_t last_page(const struct block *b)
{
    return (b->pc + b->guest_bytes - 1) >> GUEST_PAGE_BITS;
}

static struct code_page **find_page(uint64_t page)
{
    struct code_page **p = &pages[page & ((1 << PAGE_HASH_BITS) - 1)];
    while (*p && (*p)->page != page)
        p = &(*p)->next;
    return p;
}

static uint32_t *next_on_page(struct arena *a, const struct block *b, uint64_t page)
{
    return &a->lists[b - a->blocks].next_page[first_page(b) == page ? 0 : 1];
}

static void add(struct arena *a, struct block *b, uint64_t page)
{
    struct code_page **p = find_page(page);
    if (!*p) {
        struct code_page *fresh = free_pages;
        if (fresh) {
            free_pages = fresh->next;
            atomic_signal_fence(memory_order_seq_cst);
        } else if (!(fresh = malloc(sizeof(*fresh)))) {
            fprintf(stderr, "ferry: out of memory\n");
            exit(1);
        }
        *fresh = (struct code_page){.page = page};
        atomic_signal_fence(memory_order_seq_cst);
        *p = fresh;
        page_count++;
    }
    *next_on_page(a, b, page) = (*p)->blocks;
    (*p)->blocks = b - a->blocks + 1;
}

void pages_add(struct arena *a, struct block *b)
{
    add(a, b, first_page(b));
    if (last_page(b) != first_page(b))
        add(a, b, last_page(b));
}

static void unlink_from_page(struct arena *a, struct block *b, uint64_t page)
{
    struct code_page *p = *find_page(page);
    uint32_t n = b - a->blocks + 1;
    if (!p)
        return;
    uint32_t *at = &p->blocks;
    while (*at && *at != n)
        at = next_on_page(a, &a->blocks[*at - 1], page);
    if (*at)
        *at = *next_on_page(a, b, page);
}

void pages_remove(struct arena *a, struct block *b)
{
    unlink_from_page(a, b, first_page(b));
    if (last_page(b) != first_page(b))
        unlink_from_page(a, b, last_page(b));
}

bool pages_drop(uint64_t page)
{
    struct arena *a = cache_anonymous();
    struct code_page **p = find_page(page), *gone = *p;
    if (!gone)
        return false;
    for (uint32_t n = gone->blocks, next; n; n = next) {
        struct block *b = &a->blocks[n - 1];
        next = *next_on_page(a, b, page);
        if (last_page(b) != first_page(b))
            unlink_from_page(a, b, first_page(b) == page ? last_page(b) : first_page(b));
        cache_drop_block(a, b);
    }
    *p = gone->next;
    atomic_signal_fence(memory_order_seq_cst);
    gone->next = free_pages;
    atomic_signal_fence(memory_order_seq_cst);
    free_pages = gone;
    page_count--;
    return true;
}

void pages_forget_blocks(void)
{
    for (unsigned k = 0; k < 1 << PAGE_HASH_BITS; k++)
        for (struct code_page *p = pages[k]; p; p = p->next)
            p->blocks = 0;
}

void pages_mend(void)
{
    pages_forget_blocks();
    /* Each step of a change leaves the lists whole; the number may be behind. */
    page_count = 0;
    for (unsigned k = 0; k < 1 << PAGE_HASH_BITS; k++)
        for (struct code_page *p = pages[k]; p; p = p->next)
            page_count++;
}

void translate_invalidate(uint64_t start, uint64_t len)
{
    if (!len)
        return;
    uint64_t first = start >> GUEST_PAGE_BITS, last = (start + len - 1) >> GUEST_PAGE_BITS;
    lock_take(&cache_lock);
    cache_drop_files(start, len);
    if (last - first < page_count) {
        for (uint64_t page = first; page <= last; page++)
            pages_drop(page);
    } else {
        for (unsigned k = 0; k < 1 << PAGE_HASH_BITS && page_count; k++)
            for (struct code_page *p = pages[k], *next; p; p = next) {
                next = p->next;
                if (p->page >= first && p->page <= last)
                    pages_drop(p->page);
            }
    }
    lock_drop(&cache_lock);
}

bool translate_unprotect_all(void)
{
    bool any = false;
    lock_take(&cache_lock);
    for (unsigned k = 0; k < 1 << PAGE_HASH_BITS && page_count; k++)
        for (struct code_page *p = pages[k], *next; p; p = next) {
            next = p->next;
            if (!(vm_prot(p->page << GUEST_PAGE_BITS) & PROT_WRITE))
                continue;
            uint64_t page = p->page;
            pages_drop(page);
            vm_unprotect_code(page << GUEST_PAGE_BITS, 1 << GUEST_PAGE_BITS);
            any = true;
        }
    lock_drop(&cache_lock);
    return any;
}
