/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/vm.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/random.h>
#include <unistd.h>

#include "loader/vm_file.h"
#include "loader/vm_table.h"
#include "translate/lock.h"
#include "translate/translate.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/* Bits that only x86 gives a meaning to (MAP_32BIT, MAP_ABOVE4G). */
enum { HOST_ONLY_MAP_FLAGS = 0x40 | 0x80 };
/* PROT_SEM is accepted and means nothing. */
enum { GUEST_PROT_MASK = PROT_READ | PROT_WRITE | PROT_EXEC, PROT_SEM_BIT = 8 };

uint64_t vm_base;
static uint64_t limit;
static uint64_t place_top; /* 0: the host's kernel places mappings */
static uint64_t brk_start, brk_now;
static void mend(void);
static struct lock lock = LOCK_FREE(mend);

/* There has been a mapping that grows (MAP_GROWSDOWN). */
static atomic_bool growing;
static void follow_growth(void);

/* A child that shares the memory may be killed in the middle of a change of the table, so it
 * saves the table before. */
static void lock_write(void)
{
    lock_take(&lock);
    if (lock_person.child)
        vm_table_save();
    if (growing)
        follow_growth();
}

static void lock_read(void)
{
    if (growing)
        lock_write();
    else
        lock_take(&lock);
}

static void unlock(void)
{
    if (lock_person.child)
        vm_table_forget_saved();
    lock_drop(&lock);
}

static int host_prot(int prot);

/* The map is that of before the dead owner's change, or all of the change is in it.  The
 * host may be ahead, as it is of a process that is killed within mmap(2); but what
 * the translator relies on are its protections, which follow the map again. */
static void mend(void)
{
    if (!vm_table_restore() && lock_person.child) {
        /* The parent has died, and perhaps in the middle of a change: nobody knows
         * any more what is mapped here. */
        raise(SIGKILL);
    }
    uint64_t at = 0;
    for (const struct mapping *m; (m = vm_table_next(at, limit)); at = m->end)
        mprotect(guest_ptr(m->start), m->end - m->start,
                 host_prot(m->prot) & ~(m->frozen ? PROT_WRITE : 0));
}

void vm_child_gone(unsigned dead)
{
    lock_recover(&lock, dead);
}

/* The host would place mappings above what a guest of 32 bits or a confined one can
 * reach; so for it they are placed here, downwards as the kernel does, but never in the
 * first PLACE_BOTTOM bytes, which programs are linked at. */
enum { PLACE_BOTTOM = 16 << 20, PLACE_RANDOM_BITS_32 = 11, PLACE_RANDOM_BITS = 28 /* pages */ };

static void place_below(uint64_t end, unsigned random_bits)
{
    uint64_t random = 0;

    if (!(personality(0xffffffff) & ADDR_NO_RANDOMIZE) &&
        getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
        random = 0;
    limit = end;
    place_top = end - (random & ((UINT64_C(1) << random_bits) - 1)) * VM_PAGE;
}

int vm_init(uint64_t guest_base, uint64_t guest_limit)
{
    vm_base = guest_base;
    limit = guest_limit;
    if (limit <= UINT32_MAX)
        place_below(limit, PLACE_RANDOM_BITS_32);
    return 0;
}

bool vm_is_confined;

bool vm_confine(void)
{
    place_below(UINT64_C(1) << VM_CONFINED_BITS, PLACE_RANDOM_BITS);
    vm_is_confined = true;
    return vm_nothing_below(limit);
}

uint64_t vm_limit(void)
{
    return limit;
}

static uint64_t page_up(uint64_t n)
{
    return (n + VM_PAGE - 1) & ~(uint64_t)(VM_PAGE - 1);
}

static bool aligned(uint64_t n)
{
    return n % VM_PAGE == 0;
}

/* Executable pages need not be readable for the guest, but for us. */
static int host_prot(int prot)
{
    if (prot & PROT_EXEC)
        prot |= PROT_READ;
    return prot & (PROT_READ | PROT_WRITE);
}

static int host_mprotect(uint64_t start, uint64_t end, int prot)
{
    return mprotect(guest_ptr(start), end - start, prot) ? -errno : 0;
}

/* ---- Mappings that grow ---- */

static bool host_has(uint64_t page)
{
    unsigned char resident;

    return !mincore(guest_ptr(page), VM_PAGE, &resident);
}

/* The kernel makes them longer at a fault below, and keeps everything else away from there:
 * what is mapped next to one is its own.  The table learns of it here. */
static void follow_growth(void)
{
    uint64_t start = 0;

    for (const struct mapping *m; !vm_table_full() && (m = vm_table_next(start, limit));) {
        struct mapping n = *m;
        uint64_t low = n.start;
        while (n.grows && low > VM_PAGE && !vm_table_at(low - VM_PAGE) && host_has(low - VM_PAGE))
            low -= VM_PAGE;
        if (low < n.start)
            vm_table_set(low, n.start, &n);
        start = n.end;
    }
}

/* ---- Fixed places ---- */

/* Gives back what claim() took in [start, end). */
static void release_gaps(uint64_t start, uint64_t end)
{
    uint64_t a = start, b;

    while (vm_table_gap(&a, &b, end)) {
        munmap(guest_ptr(a), b - a);
        a = b;
    }
}

/* Makes all of [start, end) the guest's or ours for the moment: whatever is
 * not in the table must be free on the host.  The kernel's check
 * (MAP_FIXED_NOREPLACE) keeps the runner's own memory safe. */
static int claim(uint64_t start, uint64_t end)
{
    uint64_t a = start, b;

    while (vm_table_gap(&a, &b, end)) {
        void *want = guest_ptr(a);
        void *got = mmap(want, b - a, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
        int error = got == MAP_FAILED ? errno : got != want ? EEXIST : 0;
        if (error) {
            if (got != MAP_FAILED)
                munmap(got, b - a);
            release_gaps(start, a);
            return error == EEXIST ? -ENOMEM : -error;
        }
        a = b;
    }
    return 0;
}

/* ---- mmap, munmap, mprotect, mremap ---- */

static int64_t host_mmap(uint64_t addr, uint64_t len, int prot, int flags, int fd, int64_t off)
{
    void *want = addr || (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) ? guest_ptr(addr) : NULL;
    void *got = mmap(want, len, host_prot(prot), flags, fd, off);

    if (got == MAP_FAILED)
        return -errno;
    /* A kernel that doesn't know MAP_FIXED_NOREPLACE takes addr as a hint. */
    if ((flags & MAP_FIXED_NOREPLACE) && got != want) {
        munmap(got, len);
        return -EEXIST;
    }
    return (int64_t)((uint64_t)got - vm_base);
}

static vm_placer *place_file;

void vm_set_placer(vm_placer *placer)
{
    place_file = placer;
}

static _Atomic int last_opened = -1;

void vm_note_open(int fd)
{
    last_opened = fd;
}

uint64_t vm_place_file(int fd, bool is_program, unsigned attempt, uint64_t size, uint64_t align)
{
    struct vm_file_id id;
    if (!place_file || !vm_file_identify(fd, &id))
        return 0;
    return place_file(&id, is_program, attempt, size, align, limit);
}

/* The file that a mapping of no address is for: an ELF file itself, or what was
 * opened last if this is a reservation.  False: there is none to find a place for. */
static bool is_for_file(int prot, int flags, bool known, struct vm_file_id *id)
{
    if (!place_file || known)
        return place_file && known;
    int fd = prot == PROT_NONE && (flags & MAP_ANONYMOUS) ? atomic_exchange(&last_opened, -1) : -1;
    return fd >= 0 && vm_file_identify(fd, id);
}

/* At one of the file's places, as in each run; negative: all are taken. */
static int64_t mmap_at_place(const struct vm_file_id *id, uint64_t len, int prot, int flags, int fd,
                             int64_t off)
{
    const uint64_t align = 65536; /* whatever the reservation's user aligns to */
    int64_t got = -EEXIST;
    for (unsigned k = 0; k < VM_PLACES && got == -EEXIST; k++) {
        uint64_t place = place_file(id, false, k, len, align, limit);
        got = place ? host_mmap(place, len, prot, flags | MAP_FIXED_NOREPLACE, fd, off) : -ENOMEM;
    }
    return got;
}

/* A place that the guest reaches: at the hint, else the highest that is free.
 * What isn't in the table but taken is not the guest's; the search goes on
 * below it. */
static int64_t mmap_placed(uint64_t hint, uint64_t len, int prot, int flags, int fd, int64_t off)
{
    uint64_t high = place_top, at;
    int64_t got;

    hint &= ~(uint64_t)(VM_PAGE - 1);
    flags |= MAP_FIXED_NOREPLACE;
    if (hint >= PLACE_BOTTOM && hint <= limit - len) {
        got = host_mmap(hint, len, prot, flags, fd, off);
        if (got != -EEXIST)
            return got;
    }
    while ((at = vm_table_free_below(PLACE_BOTTOM, high, len))) {
        got = host_mmap(at, len, prot, flags, fd, off);
        if (got != -EEXIST)
            return got;
        high = at + len - VM_PAGE;
    }
    return -ENOMEM;
}

static int64_t mmap_fixed(uint64_t addr, uint64_t len, int prot, int flags, int fd, int64_t off)
{
    uint64_t a = addr, b;

    flags &= ~MAP_FIXED;
    /* All free: one call does, and says so if the runner is there. */
    if (vm_table_gap(&a, &b, addr + len) && a == addr && b == addr + len) {
        int64_t r = host_mmap(addr, len, prot, flags | MAP_FIXED_NOREPLACE, fd, off);
        return r == -EEXIST ? -ENOMEM : r;
    }
    int r = claim(addr, addr + len);
    if (r)
        return r;
    int64_t got = host_mmap(addr, len, prot, flags | MAP_FIXED, fd, off);
    if (got < 0)
        release_gaps(addr, addr + len);
    return got;
}

int64_t vm_mmap(uint64_t addr, uint64_t len, int prot, int flags, int fd, int64_t off)
{
    bool fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
    bool drop = false;
    struct vm_file_id id;
    int64_t got;

    if (len == 0 || !aligned(off) || (fixed && !aligned(addr)))
        return -EINVAL;
    len = page_up(len);
    if (len == 0 || len > limit)
        return -ENOMEM;
    if (fixed && (addr > limit || addr + len > limit))
        return -ENOMEM;
    if (!fixed && (addr > limit || addr + len > limit))
        addr = 0;
    flags &= ~HOST_ONLY_MAP_FLAGS;
    bool known = fd >= 0 && (flags & (MAP_TYPE | MAP_ANONYMOUS)) == MAP_PRIVATE &&
                 !(prot & PROT_WRITE) && ((prot & PROT_EXEC) || (!addr && off == 0)) &&
                 vm_file_identify(fd, &id);

    bool placed = !addr && !fixed && is_for_file(prot, flags, known, &id);

    lock_write();
    if (vm_table_full()) {
        got = -ENOMEM;
    } else if (placed && (got = mmap_at_place(&id, len, prot, flags, fd, off)) >= 0) {
        /* done */
    } else if (flags & MAP_FIXED_NOREPLACE) {
        got = host_mmap(addr, len, prot, flags & ~MAP_FIXED, fd, off);
    } else if (flags & MAP_FIXED) {
        drop = vm_table_any(addr, addr + len, PROT_EXEC);
        got = mmap_fixed(addr, len, prot, flags, fd, off);
    } else if (place_top) {
        got = mmap_placed(addr, len, prot, flags, fd, off);
    } else {
        got = host_mmap(addr, len, prot, flags, fd, off);
        if (got >= 0 && (uint64_t)got + len > limit) {
            munmap(guest_ptr(got), len);
            got = -ENOMEM;
        }
    }
    /* What has a neighbour never does. */
    bool grows = got > 0 && (flags & MAP_GROWSDOWN) && !host_has((uint64_t)got - VM_PAGE);
    if (got >= 0)
        vm_table_set(got, got + len,
                     &(struct mapping){.prot = prot & GUEST_PROT_MASK,
                                       .shared = (flags & MAP_TYPE) != MAP_PRIVATE,
                                       .grows = grows,
                                       .file = known && (prot & PROT_EXEC)
                                                   ? vm_file_enter(&id, (uint64_t)(got - off), fd)
                                                   : 0});
    growing = growing || grows;
    unlock();
    if (got >= 0 && drop)
        translate_invalidate(addr, len);
    return got;
}

/* Before the host is told: what it has given back may be the runner's at the next moment, and no
 * table that a dead child leaves may then say that it is the guest's. */
static void leave_table(uint64_t start, uint64_t end)
{
    vm_table_set(start, end, NULL);
    if (lock_person.child)
        vm_table_save();
}

/* Unmaps what the guest has in [start, end), run by run. */
static void unmap(uint64_t start, uint64_t end)
{
    uint64_t a = start, b;

    while (vm_table_run(&a, &b, end)) {
        leave_table(a, b);
        munmap(guest_ptr(a), b - a);
        a = b;
    }
}

int vm_munmap(uint64_t addr, uint64_t len)
{
    if (!aligned(addr) || len == 0 || len > limit || addr > limit - len)
        return -EINVAL;
    len = page_up(len);
    if (addr + len > limit)
        return -EINVAL;

    lock_write();
    bool drop = vm_table_any(addr, addr + len, PROT_EXEC);
    bool full = vm_table_full();
    if (!full)
        unmap(addr, addr + len);
    unlock();
    if (full)
        return -ENOMEM;
    if (drop)
        translate_invalidate(addr, len);
    return 0;
}

/* Sets the guest protection of a run that is mapped as a whole. */
static int protect_run(uint64_t start, uint64_t end, int prot)
{
    int r = host_mprotect(start, end, host_prot(prot));

    if (r)
        return r;
    while (start < end) {
        struct mapping m = *vm_table_at(start);
        uint64_t to = m.end < end ? m.end : end;
        m.prot = prot;
        m.frozen = false;
        if (prot & PROT_WRITE)
            m.file = 0;
        vm_table_set(start, to, &m);
        start = to;
    }
    return 0;
}

/* Where the kernel's mapping begins that this is in, which write protection may have split. */
static uint64_t lowest_like(const struct mapping *m)
{
    for (const struct mapping *below; (below = vm_table_at(m->start - 1)) &&
                                      below->name == m->name && below->prot == m->prot &&
                                      below->grows == m->grows && below->shared == m->shared;)
        m = below;
    return m->start;
}

int vm_mprotect(uint64_t addr, uint64_t len, int prot)
{
    int grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
    int r = 0;

    prot &= ~(grows | PROT_SEM_BIT);
    if ((prot & ~GUEST_PROT_MASK) || grows == (PROT_GROWSDOWN | PROT_GROWSUP) || !aligned(addr))
        return -EINVAL;
    if (len == 0)
        return 0;
    if (len > limit || addr > limit - len)
        return -ENOMEM;
    uint64_t end = page_up(addr + len);

    lock_write();
    if (vm_table_full()) {
        r = -ENOMEM;
    } else if (grows) {
        /* Nothing grows up; the initial stack is mapped whole. */
        const struct mapping *m = vm_table_at(addr);
        if (grows == PROT_GROWSUP || !m || (m->name != VM_STACK && !m->grows))
            r = m ? -EINVAL : -ENOMEM;
        else
            addr = lowest_like(m);
    }
    bool drop = vm_table_any(addr, end, PROT_EXEC);
    for (uint64_t a = addr, b; r == 0 && a < end; a = b) {
        uint64_t from = a;
        if (!vm_table_run(&a, &b, end) || a != from)
            r = -ENOMEM;
        else
            r = protect_run(a, b, prot);
    }
    unlock();
    if (drop)
        translate_invalidate(addr, end - addr);
    return r;
}

/* Gives the guest's protection back where pages were write-protected. */
static bool thaw(uint64_t start, uint64_t end)
{
    bool changed = false;

    for (const struct mapping *m; (m = vm_table_next(start, end));) {
        uint64_t from = m->start > start ? m->start : start;
        uint64_t to = m->end < end ? m->end : end;
        if (m->frozen) {
            struct mapping n = *m;
            n.frozen = false;
            host_mprotect(from, to, host_prot(n.prot));
            vm_table_set(from, to, &n);
            changed = true;
        }
        start = to;
    }
    return changed;
}

/* The new address; m: what is in the table at the old one. */
static int64_t host_mremap(uint64_t old, uint64_t old_len, uint64_t new_len, int flags,
                           uint64_t new_addr, const struct mapping *m)
{
    bool fixed = flags & (MREMAP_FIXED | MREMAP_DONTUNMAP);
    bool leaves = old_len && !(flags & MREMAP_DONTUNMAP);

    if (leaves)
        leave_table(old, old + old_len);
    void *got = mremap(guest_ptr(old), old_len, new_len, flags, fixed ? guest_ptr(new_addr) : NULL);
    if (got == MAP_FAILED) {
        int error = errno;
        if (leaves)
            vm_table_set(old, old + old_len, m);
        return -error;
    }
    return (int64_t)((uint64_t)got - vm_base);
}

static int64_t mremap_locked(uint64_t old, uint64_t old_len, uint64_t new_len, int flags,
                             uint64_t new_addr)
{
    const struct mapping *m = vm_table_at(old);
    uint64_t span = old_len ? old_len : VM_PAGE;
    bool fixed = flags & MREMAP_FIXED;

    /* One mapping, as the kernel asks; ours may be split by write protection. */
    if (!m || vm_table_full())
        return m ? -ENOMEM : -EFAULT;
    thaw(old, old + span);
    m = vm_table_at(old);
    if (m->end < old + span)
        return -EFAULT;
    const struct mapping before = *m;
    struct mapping moved = *m;
    moved.file = 0;
    /* Which of them the kernel finds is not worth knowing: moved ones are left alone. */
    moved.grows = false;
    int64_t got = -ENOMEM;
    if (place_top && !fixed && (flags & MREMAP_MAYMOVE)) {
        if (!(flags & MREMAP_DONTUNMAP))
            got = host_mremap(old, old_len, new_len, flags & ~MREMAP_MAYMOVE, 0, &before);
        if (got < 0) {
            new_addr = vm_table_free_below(PLACE_BOTTOM, place_top, new_len);
            if (!new_addr)
                return -ENOMEM;
            flags |= MREMAP_FIXED;
            fixed = true;
        }
    }
    if (got < 0) {
        int r = fixed ? claim(new_addr, new_addr + new_len) : 0;
        if (r)
            return r;
        got = host_mremap(old, old_len, new_len, flags, new_addr, &before);
        if (got < 0 && fixed)
            release_gaps(new_addr, new_addr + new_len);
    }
    if (got >= 0)
        vm_table_set((uint64_t)got, (uint64_t)got + new_len, &moved);
    return got;
}

int64_t vm_mremap(uint64_t old, uint64_t old_len, uint64_t new_len, int flags, uint64_t new_addr)
{
    const int known = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;

    old_len = page_up(old_len);
    new_len = page_up(new_len);
    if ((flags & ~known) || !aligned(old) || new_len == 0)
        return -EINVAL;
    if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && !(flags & MREMAP_MAYMOVE))
        return -EINVAL;
    if ((flags & MREMAP_DONTUNMAP) && old_len != new_len)
        return -EINVAL;
    if (old_len > limit || old > limit - old_len)
        return -EFAULT;
    if (flags & MREMAP_FIXED) {
        if (!aligned(new_addr) || new_len > limit || new_addr > limit - new_len ||
            (old < new_addr + new_len && new_addr < old + old_len))
            return -EINVAL;
    } else if (new_len > limit) {
        return -ENOMEM;
    }

    lock_write();
    bool drop = vm_table_any(old, old + old_len, PROT_EXEC);
    bool drop_new = (flags & MREMAP_FIXED) && vm_table_any(new_addr, new_addr + new_len, PROT_EXEC);
    int64_t r = mremap_locked(old, old_len, new_len, flags, new_addr);
    unlock();
    if (drop)
        translate_invalidate(old, old_len);
    if (drop_new)
        translate_invalidate(new_addr, new_len);
    return r;
}

void vm_note(uint64_t addr, uint64_t len, int prot, int flags)
{
    lock_write();
    vm_table_set(addr, addr + page_up(len),
                 &(struct mapping){.prot = prot & GUEST_PROT_MASK,
                                   .shared = (flags & MAP_TYPE) != MAP_PRIVATE});
    unlock();
}

void vm_forget(uint64_t addr, uint64_t len)
{
    lock_write();
    bool drop = vm_table_any(addr, addr + page_up(len), PROT_EXEC);
    vm_table_set(addr, addr + page_up(len), NULL);
    unlock();
    if (drop)
        translate_invalidate(addr, page_up(len));
}

void vm_set_name(uint64_t addr, uint64_t len, enum vm_name name)
{
    lock_write();
    const struct mapping *m = vm_table_at(addr);
    if (m) {
        struct mapping n = *m;
        n.name = name;
        vm_table_set(addr, addr + page_up(len), &n);
    }
    unlock();
}

/* ---- brk ---- */

void vm_set_brk(uint64_t start)
{
    brk_start = brk_now = start;
}

/* brk(2) as the kernel's: the new break, or the old one if it can't move. */
uint64_t vm_brk(uint64_t addr)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;

    lock_write();
    uint64_t top = page_up(brk_now), want = page_up(addr);
    if (addr < brk_start || addr > limit || vm_table_full()) {
        addr = brk_now;
    } else if (want > top) {
        /* Refused where anything is in the way, the guest's or ours. */
        if (host_mmap(top, want - top, PROT_READ | PROT_WRITE, flags, -1, 0) < 0)
            addr = brk_now;
        else
            vm_table_set(top, want,
                         &(struct mapping){.prot = PROT_READ | PROT_WRITE, .name = VM_HEAP});
    } else if (want < top) {
        unmap(want, top);
    }
    brk_now = addr;
    unlock();
    return addr;
}

/* ---- What is there ---- */

int vm_prot(uint64_t addr)
{
    lock_read();
    const struct mapping *m = vm_table_at(addr);
    int prot = m ? m->prot : -1;
    unlock();
    return prot;
}

struct vm_usage vm_usage(uint64_t start, uint64_t end)
{
    struct vm_usage u = {0};

    lock_read();
    for (const struct mapping *m; (m = vm_table_next(start, end)); start = m->end) {
        uint64_t from = m->start > start ? m->start : start;
        uint64_t bytes = (m->end < end ? m->end : end) - from;
        if (m->name == VM_STACK)
            continue;
        u.total += bytes;
        u.private += m->shared ? 0 : bytes;
        u.data += m->shared || m->grows || !(m->prot & PROT_WRITE) ? 0 : bytes;
    }
    unlock();
    return u;
}

bool vm_code_file(uint64_t addr, struct vm_code_file *f)
{
    lock_read();
    const struct mapping *m = vm_table_at(addr);
    bool known = m && m->file && (m->prot & PROT_EXEC);
    if (known) {
        vm_file_get(m->file, f);
        f->start = m->start;
        f->end = m->end;
    }
    unlock();
    return known;
}

void vm_give_back_text(uint64_t start, uint64_t end, const uint64_t *parts)
{
    lock_read();
    vm_table_give_back(start, end, parts);
    unlock();
}

bool vm_mapped(uint64_t addr, uint64_t len)
{
    if (len > limit || addr > limit - len)
        return false;
    lock_read();
    uint64_t a = addr, b;
    bool free = vm_table_gap(&a, &b, addr + len);
    unlock();
    return !free;
}

void vm_contents_changed(uint64_t addr, uint64_t len)
{
    lock_read();
    bool drop = vm_table_any(addr, addr + len, PROT_EXEC);
    unlock();
    if (drop)
        translate_invalidate(addr, len);
}

/* ---- Write protection of translated code ---- */

static bool any_to_freeze(uint64_t start, uint64_t end)
{
    for (const struct mapping *m; (m = vm_table_next(start, end)); start = m->end) {
        if ((m->prot & PROT_WRITE) && !m->frozen)
            return true;
    }
    return false;
}

void vm_protect_code(uint64_t addr, uint64_t len)
{
    uint64_t start = addr & ~(uint64_t)(VM_PAGE - 1), end = page_up(addr + len);

    /* Nearly always the code is not writable at all. */
    lock_read();
    bool any = any_to_freeze(start, end);
    unlock();
    if (!any)
        return;

    lock_write();
    for (const struct mapping *m; (m = vm_table_next(start, end));) {
        uint64_t from = m->start > start ? m->start : start;
        uint64_t to = m->end < end ? m->end : end;
        if ((m->prot & PROT_WRITE) && !m->frozen && !vm_table_full()) {
            struct mapping n = *m;
            n.frozen = true;
            vm_table_set(from, to, &n);
            /* No page may stay behind a dead child that can't be written and is not
             * known for it. */
            if (lock_person.child)
                vm_table_save();
            host_mprotect(from, to, host_prot(n.prot) & ~PROT_WRITE);
        }
        start = to;
    }
    unlock();
}

void vm_unprotect_code(uint64_t addr, uint64_t len)
{
    lock_write();
    thaw(addr & ~(uint64_t)(VM_PAGE - 1), page_up(addr + len));
    unlock();
}

bool vm_make_writable(uint64_t addr, uint64_t len)
{
    uint64_t start = addr & ~(uint64_t)(VM_PAGE - 1), end = page_up(addr + len);

    lock_read();
    bool any = vm_table_any_frozen(start, end);
    unlock();
    if (!any)
        return false;
    translate_invalidate(start, end - start);
    vm_unprotect_code(start, end - start);
    return true;
}

/* ---- Fork ---- */

void vm_fork_prepare(void)
{
    lock_write();
}

void vm_fork_parent(void)
{
    unlock();
}

void vm_fork_child(void)
{
    unlock();
}

/* ---- /proc/self/maps ---- */

int vm_each_area(void (*visit)(const struct vm_area *area, void *arg), void *arg)
{
    lock_read();
    int r = vm_table_each_area(visit, arg);
    unlock();
    return r;
}

int vm_smaps(struct text *t)
{
    lock_read();
    int r = vm_table_smaps(t);
    unlock();
    return r;
}

int vm_smaps_rollup(struct text *t)
{
    lock_read();
    int r = vm_table_smaps_rollup(t);
    unlock();
    return r;
}

int vm_numa_maps(struct text *t)
{
    lock_read();
    int r = vm_table_numa_maps(t);
    unlock();
    return r;
}
