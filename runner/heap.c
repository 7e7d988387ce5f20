/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/heap.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "translate/lock.h"
#include "translate/own_memory.h"

static struct lock heap_lock = LOCK_FREE(NULL);

void heap_child_gone(unsigned dead)
{
    lock_recover(&heap_lock, dead);
}

void heap_fork_prepare(void)
{
    lock_take(&heap_lock);
}

void heap_fork_done(void)
{
    lock_drop(&heap_lock);
}

/* Sanitizers have their own allocator, which finds more. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

/* Before each allocation. */
struct header {
    uint32_t class;  /* LARGE: a mapping of its own */
    uint32_t offset; /* of the header in its block (aligned_alloc(3)) */
    size_t size;     /* of the block */
};

/* Blocks of small sizes are multiples of UNIT; then there are four sizes to each power of two. */
enum {
    UNIT = 16,
    SMALL_BITS = 9,
    LARGE_BITS = 16,
    CLASSES = (1 << SMALL_BITS) / UNIT + 1 + (LARGE_BITS - SMALL_BITS) * 4,
    LARGE = CLASSES,
    CHUNK = 1 << 20,
    PAGE = 4096
};

struct free_block {
    struct free_block *next;
};
struct chunk {
    size_t used;
    uint8_t pad[UNIT - sizeof(size_t)];
};

static struct free_block *free_blocks[CLASSES];
static struct chunk *chunk;

/* A store that comes after all before it, as a process sees it that is killed. */
#define COMMIT(place, value)                                                                       \
    do {                                                                                           \
        atomic_signal_fence(memory_order_seq_cst);                                                 \
        *(volatile __typeof__(place) *)&(place) = (value);                                         \
        atomic_signal_fence(memory_order_seq_cst);                                                 \
    } while (0)

static unsigned class_of(size_t *size)
{
    if (*size <= 1 << SMALL_BITS) {
        *size = (*size + UNIT - 1) & ~(size_t)(UNIT - 1);
        return (unsigned)(*size / UNIT);
    }
    unsigned power = 63 - (unsigned)__builtin_clzll(*size - 1); /* 2^power < size */
    size_t step = (size_t)1 << (power - 2);
    *size = (*size + step - 1) & ~(step - 1);
    return (1 << SMALL_BITS) / UNIT + (power - SMALL_BITS) * 4 +
           (unsigned)((*size - ((size_t)1 << power)) / step);
}

static void *take_block(unsigned class, size_t size)
{
    lock_take(&heap_lock);
    struct free_block *b = free_blocks[class];
    if (b) {
        COMMIT(free_blocks[class], b->next);
    } else {
        if (!chunk || CHUNK - chunk->used < size) {
            struct chunk *more = own_memory(CHUNK, 0);
            if (more) {
                more->used = sizeof *more;
                COMMIT(chunk, more);
            }
        }
        if (chunk && CHUNK - chunk->used >= size) {
            b = (struct free_block *)((uint8_t *)chunk + chunk->used);
            COMMIT(chunk->used, chunk->used + size);
        }
    }
    lock_drop(&heap_lock);
    return b;
}

static void *allocate(size_t n)
{
    size_t size = n + sizeof(struct header);
    unsigned class = LARGE;
    struct header *h;

    if (n > PTRDIFF_MAX - PAGE) {
        errno = ENOMEM;
        return NULL;
    }
    if (size <= 1 << LARGE_BITS) {
        class = class_of(&size);
        h = take_block(class, size);
    } else {
        size = (size + PAGE - 1) & ~(size_t)(PAGE - 1);
        h = own_memory(size, 0);
    }
    if (!h) {
        errno = ENOMEM;
        return NULL;
    }
    *h = (struct header){.class = class, .size = size};
    return h + 1;
}

static struct header *header_of(void *p)
{
    return (struct header *)p - 1;
}

static size_t usable(void *p)
{
    const struct header *h = header_of(p);
    return h->size - h->offset - sizeof *h;
}

static void release(void *p)
{
    struct header *h = header_of(p);
    void *block = (uint8_t *)h - h->offset;
    int saved = errno;

    if (h->class == LARGE) {
        munmap(block, h->size);
    } else {
        unsigned class = h->class;
        struct free_block *b = block;
        lock_take(&heap_lock);
        b->next = free_blocks[class];
        COMMIT(free_blocks[class], b);
        lock_drop(&heap_lock);
    }
    errno = saved;
}

static void *allocate_aligned(size_t align, size_t n)
{
    if (align <= UNIT)
        return allocate(n);
    if (align & (align - 1) || align > PTRDIFF_MAX || n > PTRDIFF_MAX - align) {
        errno = ENOMEM;
        return NULL;
    }
    uint8_t *p = allocate(n + align);
    if (!p)
        return NULL;
    uint8_t *at = (uint8_t *)(((uintptr_t)p + align - 1) & ~(uintptr_t)(align - 1));
    if (at != p) {
        struct header h = *header_of(p);
        h.offset = (uint32_t)(at - p);
        *header_of(at) = h;
    }
    return at;
}

/* ---- the C library's names ---- */

void *malloc(size_t n)
{
    return allocate(n);
}

void free(void *p)
{
    if (p)
        release(p);
}

void *calloc(size_t count, size_t each)
{
    size_t n;

    if (__builtin_mul_overflow(count, each, &n)) {
        errno = ENOMEM;
        return NULL;
    }
    void *p = allocate(n);
    if (p && header_of(p)->class != LARGE)
        memset(p, 0, n);
    return p;
}

void *realloc(void *p, size_t n)
{
    if (!p)
        return allocate(n);
    if (n == 0) {
        release(p);
        return NULL;
    }
    size_t room = usable(p);
    if (n <= room && (n >= room / 2 || room < 256))
        return p;
    void *more = allocate(n);
    if (!more)
        return NULL;
    memcpy(more, p, room < n ? room : n);
    release(p);
    return more;
}

void *aligned_alloc(size_t align, size_t n)
{
    return allocate_aligned(align, n);
}

void *memalign(size_t align, size_t n)
{
    return allocate_aligned(align, n);
}

int posix_memalign(void **p, size_t align, size_t n)
{
    int saved = errno;
    void *got = allocate_aligned(align, n);

    errno = saved;
    if (!got)
        return ENOMEM;
    *p = got;
    return 0;
}

size_t malloc_usable_size(void *p)
{
    return p ? usable(p) : 0;
}

#endif
