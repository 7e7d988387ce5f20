/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address space: mmap and its kin, and System V shared memory. */
#include "syscall/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "syscall/convert.h"
#include "syscall/memory_limits.h"
#include "syscall/pass.h"
#include "translate/translate.h"

static uint64_t page_up(uint64_t n)
{
    return (n + 4095) & ~UINT64_C(4095);
}

SYSCALL(brk)
{
    uint64_t now = vm_brk(0), top = page_up(now), want = page_up(a[0]);

    if (want > top && !memory_room(cpu, 0, 0, want - top, want - top))
        return (int64_t)now;
    return (int64_t)vm_brk(a[0]);
}

static int64_t do_mmap(struct vcpu *cpu, const uint64_t a[6], uint64_t offset)
{
    const struct flag_map *map = cpu->guest->abi->mmap_flags;
    uint32_t flags = (uint32_t)a[3];

    if (map)
        flags = flags_to_host(map, flags);
    uint64_t len = page_up(a[1]);
    bool data = (flags & MAP_TYPE) == MAP_PRIVATE && !(flags & MAP_GROWSDOWN) && a[2] & PROT_WRITE;
    if (!memory_room(cpu, a[0], flags & MAP_FIXED ? a[0] + len : a[0], len, data ? len : 0))
        return -ENOMEM;
    return vm_mmap(a[0], a[1], (int)a[2], (int)flags, (int)a[4], (int64_t)offset);
}

SYSCALL(mmap)
{
    return do_mmap(cpu, a, a[5]);
}

/* Of 32-bit guests: the offset counts pages. */
SYSCALL(mmap2)
{
    return do_mmap(cpu, a, a[5] << 12); /* MMAP2_PAGE_UNIT */
}

SYSCALL(munmap)
{
    return vm_munmap(a[0], a[1]);
}

SYSCALL(mprotect)
{
    if (a[2] & PROT_WRITE && !memory_room_writable(cpu, a[0], page_up(a[0] + a[1])))
        return -ENOMEM;
    return vm_mprotect(a[0], a[1], (int)a[2]);
}

SYSCALL(mremap)
{
    uint64_t old = page_up(a[1]), new = page_up(a[2]), more = new > old ? new - old : 0;
    bool data = more && vm_usage(a[0], a[0] + VM_PAGE).data;

    if (!memory_room(cpu, 0, 0, more, data ? more : 0))
        return -ENOMEM;
    return vm_mremap(a[0], a[1], a[2], (int)a[3], a[4]);
}

SYSCALL(madvise)
{
    /* None of the runner's own, which could be emptied, or be gone in a child. */
    if (a[0] % VM_PAGE == 0 && a[1] && !vm_mapped(a[0], page_up(a[1])))
        return -ENOMEM;
    int64_t r = host_syscall(SYS_madvise, guest_ptr(a[0]), a[1], a[2]);
    switch ((int)a[2]) {
    case MADV_DONTNEED:
    case MADV_REMOVE:
    case MADV_FREE:
    case 24: /* MADV_DONTNEED_LOCKED */
        /* Translated code in them is gone too. */
        vm_contents_changed(a[0], page_up(a[1]));
    }
    return r;
}

PASS_SLEEP(msync, P0)
PASS(mincore, P0 | P2)
PASS(mlock, P0)
PASS(mlock2, P0)
PASS(munlock, P0)

/* ---- memory policies: sets of nodes, counted in bits from 1 ---- */

enum { NODES_MAX = 1024 };

static uint64_t nodes_bytes(const struct guest *g, uint64_t bits)
{
    uint64_t word_bits = 8 * guest_word(g);

    return bits > 1 ? (bits - 1 + word_bits - 1) / word_bits * guest_word(g) : 0;
}

/* *p is NULL or the set at gva. */
static int64_t nodes_read(const struct guest *g, uint64_t gva, uint64_t bits,
                          uint64_t set[NODES_MAX / 64], uint64_t **p)
{
    *p = NULL;
    if (!gva || bits <= 1)
        return 0;
    if (bits > NODES_MAX)
        return -EINVAL;
    memset(set, 0, NODES_MAX / 8);
    if (guest_read(set, gva, nodes_bytes(g, bits)))
        return -EFAULT;
    words_swap(g, set, NODES_MAX / 8);
    *p = set;
    return 0;
}

SYSCALL(mbind)
{
    uint64_t set[NODES_MAX / 64], *nodes;
    int64_t r = nodes_read(cpu->guest, a[3], a[4], set, &nodes);

    return r ? r : host_syscall(SYS_mbind, guest_arg(a[0]), a[1], a[2], nodes, a[4], a[5]);
}

SYSCALL(set_mempolicy)
{
    uint64_t set[NODES_MAX / 64], *nodes;
    int64_t r = nodes_read(cpu->guest, a[1], a[2], set, &nodes);

    return r ? r : host_syscall(SYS_set_mempolicy, a[0], nodes, a[2]);
}

SYSCALL(migrate_pages)
{
    uint64_t old_set[NODES_MAX / 64], new_set[NODES_MAX / 64], *from, *to;
    int64_t r = nodes_read(cpu->guest, a[2], a[1], old_set, &from);

    if (!r)
        r = nodes_read(cpu->guest, a[3], a[1], new_set, &to);
    return r ? r : host_syscall(SYS_migrate_pages, a[0], a[1], from, to);
}

SYSCALL(get_mempolicy)
{
    uint64_t set[NODES_MAX / 64] = {0};
    int32_t mode;

    if (a[1] && a[2] > NODES_MAX)
        return -EINVAL;
    int64_t r = host_syscall(SYS_get_mempolicy, a[0] ? &mode : NULL, a[1] ? set : NULL, a[2],
                             guest_arg(a[3]), a[4]);
    if (r < 0)
        return r;
    words_swap(cpu->guest, set, sizeof set);
    if ((a[0] && struct_write(cpu->guest, STRUCT_int, &mode, a[0])) ||
        (a[1] && guest_write(a[1], set, nodes_bytes(cpu->guest, a[2]))))
        return -EFAULT;
    return r;
}

CALL(move_pages, 0, IN_ARRAY(2, pointer, 1), IN_ARRAY(3, int, 1), OUT_ARRAY(4, int, 1))

CALL(process_madvise, 0, IN_ARRAY(1, iovec, 2))
PASS(process_mrelease, 0)

/* Locking the present pages locks the runner's too, which does no harm;
 * future ones would include the code cache and every thread's stacks. */
SYSCALL(mlockall)
{
    const struct syscall_abi *abi = cpu->guest->abi;
    uint32_t flags = (uint32_t)a[0], host = 0;

    if (flags & ~(abi->mcl_current | abi->mcl_future | abi->mcl_onfault))
        return -EINVAL;
    host |= flags & abi->mcl_current ? MCL_CURRENT : 0;
    host |= flags & abi->mcl_future ? MCL_FUTURE : 0;
    host |= flags & abi->mcl_onfault ? MCL_ONFAULT : 0;
    return host_syscall(SYS_mlockall, host);
}

PASS(munlockall, 0)

/* Vectors of the other process are its guest addresses, which are host
 * addresses as well. */
CALL(process_vm_readv, 0, IN_ARRAY(1, iovec, 2), IN_ARRAY(3, iovec, 4))
CALL(process_vm_writev, 0, IN_ARRAY(1, iovec, 2), IN_ARRAY(3, iovec, 4))

/* ---- System V shared memory ---- */

/* What is attached where, for shmdt.  Process-wide as the memory is, so a
 * vfork child shares it rightly. */
static struct attachment {
    struct attachment *next;
    uint64_t at, size;
} * attachments;
static struct lock attachments_lock = LOCK_FREE(NULL);

static void attachment_add(uint64_t at, uint64_t size)
{
    struct attachment *n = malloc(sizeof *n);

    if (!n)
        return;
    lock_take(&attachments_lock);
    *n = (struct attachment){attachments, at, size};
    atomic_signal_fence(memory_order_seq_cst);
    attachments = n;
    lock_drop(&attachments_lock);
}

/* Forgets the attachment and returns its size; 0 if there is none. */
static uint64_t attachment_take(uint64_t at)
{
    uint64_t size = 0;

    lock_take(&attachments_lock);
    for (struct attachment **p = &attachments; *p; p = &(*p)->next)
        if ((*p)->at == at) {
            struct attachment *gone = *p;
            size = gone->size;
            *p = gone->next;
            atomic_signal_fence(memory_order_seq_cst);
            free(gone);
            break;
        }
    lock_drop(&attachments_lock);
    return size;
}

void memory_child_gone(unsigned dead)
{
    lock_recover(&attachments_lock, dead);
}

void memory_fork_prepare(void)
{
    lock_take(&attachments_lock);
}

void memory_fork_done(void)
{
    lock_drop(&attachments_lock);
}

static uint64_t segment_size(int id)
{
    struct shmid_ds ds;
    return shmctl(id, IPC_STAT, &ds) ? 0 : page_up(ds.shm_segsz);
}

SYSCALL(shmat)
{
    uint64_t size = segment_size((int)a[0]);
    int prot = PROT_READ | (a[2] & SHM_RDONLY ? 0 : PROT_WRITE) | (a[2] & SHM_EXEC ? PROT_EXEC : 0);
    uint64_t at = a[1];
    int64_t r;

    if (!size)
        return host_syscall(SYS_shmat, a[0], guest_arg(at), a[2]); /* the kernel says why */
    if (at & 4095) {
        if (!(a[2] & SHM_RND))
            return -EINVAL;
        at &= ~UINT64_C(4095);
        if (!at)
            return -EINVAL;
    }
    if (!at && (a[2] & SHM_REMAP))
        return -EINVAL;
    if (!memory_room(cpu, 0, 0, size, 0))
        return -ENOMEM;
    /* The place is taken first, so that it is one that the guest can reach. */
    int fixed = !at ? 0 : a[2] & SHM_REMAP ? MAP_FIXED : MAP_FIXED_NOREPLACE;
    r = vm_mmap(at, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
    if (r < 0)
        return r == -EEXIST ? -EINVAL : r;
    at = (uint64_t)r;
    /* Executable for the guest only. */
    r = host_syscall(SYS_shmat, a[0], guest_ptr(at),
                     (a[2] & ~(uint64_t)(SHM_EXEC | SHM_RND)) | SHM_REMAP);
    if (r < 0) {
        vm_munmap(at, size);
        return r;
    }
    vm_note(at, size, prot, MAP_SHARED);
    attachment_add(at, size);
    return (int64_t)at;
}

SYSCALL(shmdt)
{
    int64_t r = host_syscall(SYS_shmdt, guest_ptr(a[0]));

    if (!r) {
        uint64_t size = attachment_take(a[0]);
        if (size)
            vm_munmap(a[0], size);
    }
    return r;
}
