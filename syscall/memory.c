/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address space: mmap and its kin, and System V shared memory. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "syscall/pass.h"
#include "translate/translate.h"

static uint64_t page_up(uint64_t n)
{
    return (n + 4095) & ~UINT64_C(4095);
}

SYSCALL(brk)
{
    return (int64_t)vm_brk(a[0]);
}

SYSCALL(mmap)
{
    return vm_mmap(a[0], a[1], (int)a[2], (int)a[3], (int)a[4], (int64_t)a[5]);
}

SYSCALL(munmap)
{
    return vm_munmap(a[0], a[1]);
}

SYSCALL(mprotect)
{
    return vm_mprotect(a[0], a[1], (int)a[2]);
}

SYSCALL(mremap)
{
    return vm_mremap(a[0], a[1], a[2], (int)a[3], a[4]);
}

SYSCALL(madvise)
{
    int64_t r;

    /* Advice that empties pages must not reach the runner's own. */
    switch ((int)a[2]) {
    case MADV_DONTNEED:
    case MADV_REMOVE:
    case MADV_FREE:
    case 24: /* MADV_DONTNEED_LOCKED */
        if (a[0] % VM_PAGE == 0 && a[1] && !vm_mapped(a[0], page_up(a[1])))
            return -ENOMEM;
        r = host_syscall(SYS_madvise, guest_ptr(a[0]), a[1], a[2]);
        /* Translated code in them is gone too. */
        vm_contents_changed(a[0], page_up(a[1]));
        return r;
    default:
        return host_syscall(SYS_madvise, guest_ptr(a[0]), a[1], a[2]);
    }
}

PASS_SLEEP(msync, P0)
PASS(mincore, P0 | P2)
PASS(mlock, P0)
PASS(mlock2, P0)
PASS(munlock, P0)
PASS(mbind, P0 | P3)
PASS(get_mempolicy, P0 | P1 | P3)
PASS(set_mempolicy, P1)
PASS(migrate_pages, P2 | P3)
PASS(move_pages, P2 | P3 | P4)
PASS(process_madvise, P1)
PASS(process_mrelease, 0)

/* Locking the present pages locks the runner's too, which does no harm;
 * future ones would include the code cache and every thread's stacks. */
SYSCALL(mlockall)
{
    return host_syscall(SYS_mlockall, a[0]);
}

PASS(munlockall, 0)

/* Vectors of the other process are its guest addresses, which are host
 * addresses as well. */
PASS(process_vm_readv, P1 | P3)
PASS(process_vm_writev, P1 | P3)

/* ---- System V shared memory ---- */

PASS(shmget, 0)
PASS(shmctl, P2)

/* What is attached where, for shmdt.  Process-wide as the memory is, so a
 * vfork child shares it rightly. */
static struct attachment {
    struct attachment *next;
    uint64_t at, size;
} * attachments;
static pthread_mutex_t attachments_lock = PTHREAD_MUTEX_INITIALIZER;

static void attachment_add(uint64_t at, uint64_t size)
{
    struct attachment *n = malloc(sizeof *n);

    if (!n)
        return;
    pthread_mutex_lock(&attachments_lock);
    *n = (struct attachment){attachments, at, size};
    attachments = n;
    pthread_mutex_unlock(&attachments_lock);
}

/* Forgets the attachment and returns its size; 0 if there is none. */
static uint64_t attachment_take(uint64_t at)
{
    uint64_t size = 0;

    pthread_mutex_lock(&attachments_lock);
    for (struct attachment **p = &attachments; *p; p = &(*p)->next)
        if ((*p)->at == at) {
            struct attachment *gone = *p;
            size = gone->size;
            *p = gone->next;
            free(gone);
            break;
        }
    pthread_mutex_unlock(&attachments_lock);
    return size;
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
