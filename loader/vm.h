/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's address space: what is mapped where, with which guest
 * protection.  All changes of guest mappings go through here, so that the map
 * (for /proc/self/maps, mremap, the translator's page protection) is true.
 * Guest-executable pages are never executable on the host.
 *
 * All functions take guest addresses and return 0 or an address >= 0, or
 * -errno as the Linux system call of the same name would.
 */
#ifndef FERRY_VM_H
#define FERRY_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int vm_init(uint64_t guest_base, uint64_t guest_limit);

int64_t vm_mmap(uint64_t addr, uint64_t len, int prot, int flags, int fd, int64_t off);
int vm_munmap(uint64_t addr, uint64_t len);
int vm_mprotect(uint64_t addr, uint64_t len, int prot);
int64_t vm_mremap(uint64_t old, uint64_t old_len, uint64_t new_len, int flags, uint64_t new_addr);
/* A mapping that something else made (shmat): records it. */
void vm_note(uint64_t addr, uint64_t len, int prot, int flags);

/* brk: vm_set_brk once by the loader, with room reserved above. */
void vm_set_brk(uint64_t start);
uint64_t vm_brk(uint64_t addr);

/* Guest protection of the page at addr (PROT_ bits), or -1 if not mapped. */
int vm_prot(uint64_t addr);

/* The translator's write protection of pages that hold translated code:
 * vm_protect_code makes [addr, addr+len) read-only on the host if the guest
 * may write it; vm_unprotect_code gives the guest's protection back.  Both
 * keep guest protection as seen by vm_prot. */
void vm_protect_code(uint64_t addr, uint64_t len);
void vm_unprotect_code(uint64_t addr, uint64_t len);

/* Writes the guest's /proc/self/maps to fd. */
int vm_write_maps(int fd);

/* Fork: hold the map's lock across it. */
void vm_fork_prepare(void);
void vm_fork_parent(void);
void vm_fork_child(void);

/* Host address of a guest address. */
extern uint64_t vm_base;
static inline void *guest_ptr(uint64_t gva)
{
    return (void *)(vm_base + gva);
}

/* Copy between guest memory and ours; 0 or -EFAULT, never a crash. */
int guest_read(void *dst, uint64_t gva, size_t len);
int guest_write(uint64_t gva, const void *src, size_t len);
/* Length of the string at gva (without NUL), at most max; or -EFAULT,
 * -ENAMETOOLONG when there is no NUL within max. */
int64_t guest_strlen(uint64_t gva, size_t max);

#endif
