/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's address space: what is mapped where, with which guest
 * protection.  All changes of guest mappings go through here, so that the map
 * (for /proc/self/maps, mremap, the translator's page protection) is true.
 * Guest-executable pages are never executable on the host.
 *
 * Only what the guest has mapped is the guest's: fixed mappings over anything
 * else that is mapped in this process fail, and unmapping skips it.
 *
 * Translations of executable pages that change or go are dropped by a call of
 * translate_invalidate() after the change, with the map's lock released.  So
 * the translator may call vm_prot() and vm_*protect_code() with its own lock
 * held; it must protect a page before it reads code from it.
 *
 * All functions take guest addresses and return 0 or an address >= 0, or
 * -errno as the Linux system call of the same name would.
 */
#ifndef FERRY_VM_H
#define FERRY_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/confined.h"

enum { VM_PAGE = 4096 };

struct guest;

/* Guest address 0 is at host address base; nothing is mapped at or above
 * guest address limit. */
int vm_init(uint64_t guest_base, uint64_t guest_limit);
uint64_t vm_limit(void);

int64_t vm_mmap(uint64_t addr, uint64_t len, int prot, int flags, int fd, int64_t off);
int vm_munmap(uint64_t addr, uint64_t len);
int vm_mprotect(uint64_t addr, uint64_t len, int prot);
int64_t vm_mremap(uint64_t old, uint64_t old_len, uint64_t new_len, int flags, uint64_t new_addr);
/* A mapping that something else made (shmat) or removed (shmdt). */
void vm_note(uint64_t addr, uint64_t len, int prot, int flags);
void vm_forget(uint64_t addr, uint64_t len);

/* brk: vm_set_brk once by the loader. */
void vm_set_brk(uint64_t start);
uint64_t vm_brk(uint64_t addr);

/* Guest protection of the page at addr (PROT_ bits), or -1 if not mapped. */
int vm_prot(uint64_t addr);
/* Bytes that the guest has mapped in [start, end), without its initial stack; those of them
 * that are private; and of these the writable ones. */
struct vm_usage {
    uint64_t total, private, data;
};
struct vm_usage vm_usage(uint64_t start, uint64_t end);
/* True if the guest has mapped all of [addr, addr+len). */
bool vm_mapped(uint64_t addr, uint64_t len);
/* The contents of [addr, addr+len) were thrown away or replaced without a
 * change of the map (madvise): drops translations there. */
void vm_contents_changed(uint64_t addr, uint64_t len);

/* The translator's write protection of pages that hold translated code:
 * vm_protect_code makes [addr, addr+len) read-only on the host if the guest
 * may write it; vm_unprotect_code gives the guest's protection back.  Both
 * keep guest protection as seen by vm_prot. */
void vm_protect_code(uint64_t addr, uint64_t len);
void vm_unprotect_code(uint64_t addr, uint64_t len);

/* A child that had this memory has ended; as the owner of locks it was `dead`. */
void vm_child_gone(unsigned dead);
/* To be called before (or after an unexpected EFAULT, when it says true)
 * the host kernel writes to guest memory: drops translations in
 * [addr, addr+len) if vm_protect_code made some of it read-only, and gives
 * the guest's protection back.  True: something was changed. */
bool vm_make_writable(uint64_t addr, uint64_t len);

/* What identifies the contents of a file. */
struct vm_file_id {
    uint64_t device, inode, size, mtime, ctime; /* in nanoseconds; ctime 0: not to be relied on */
    uint64_t content[2];                        /* hash of its build-id and head */
    bool has_build_id;
};

/* An executable private mapping of a file that the guest has not written to:
 * guest addresses [start, end), file offset = address - bias. */
struct vm_code_file {
    uint64_t start, end, bias;
    struct vm_file_id id;
    const char *name; /* that it was opened by, or NULL */
};

/* Says where a file of `size` bytes should be mapped if the guest gives no address: a multiple
 * of align below limit, or 0.  Such a place is tried first; if it is taken, that for the next
 * `attempt`.  Programs, which the break follows, have places apart from those of other files. */
enum { VM_PLACES = 3 };
typedef uint64_t vm_placer(const struct vm_file_id *id, bool is_program, unsigned attempt,
                           uint64_t size, uint64_t align, uint64_t limit);
void vm_set_placer(vm_placer *placer);
/* Where that says for an open file; 0: anywhere. */
uint64_t vm_place_file(int fd, bool is_program, unsigned attempt, uint64_t size, uint64_t align);
/* The guest has opened a file.  Dynamic linkers reserve memory for what they have just opened
 * before they map it, which is when its place must be chosen. */
void vm_note_open(int fd);
/* What this thread has opened by that name, should it be mapped next. */
void vm_note_name(int fd, const char *name);

/* True if the code at addr is in such a mapping. */
bool vm_code_file(uint64_t addr, struct vm_code_file *f);

/* Where much has been read but not by the guest, in parts of VM_TEXT_PART bytes from start on
 * that `parts` has a bit for: pages that it can't write to are no longer resident.  What somebody
 * has written to them all the same (ptrace(2), /proc/PID/mem) stays. */
enum { VM_TEXT_PART = 64 << 10 };
void vm_give_back_text(uint64_t start, uint64_t end, const uint64_t *parts);

/* Names for /proc/self/maps. */
enum vm_name { VM_ANON, VM_HEAP, VM_STACK, VM_VDSO };
void vm_set_name(uint64_t addr, uint64_t len, enum vm_name name);

/* Adds the guest's /proc/self/maps, smaps, smaps_rollup, numa_maps to the text, or writes the
 * first to fd; 0 or -errno. */
struct text;
int vm_maps(struct text *t);
int vm_smaps(struct text *t);
int vm_smaps_rollup(struct text *t);
int vm_numa_maps(struct text *t);
int vm_write_maps(int fd);

/* What a line of it says; name is "" for nameless ones. */
struct vm_area {
    uint64_t start, end, offset, inode;
    int prot;
    char sharing; /* 'p' or 's' */
    char device[16];
    const char *name;
};
/* Calls visit for each line, in ascending order.  visit must not change the
 * map.  0 or -errno (-ENOENT where there is no /proc). */
int vm_each_area(void (*visit)(const struct vm_area *area, void *arg), void *arg);

/* Fork: hold the map's lock across it. */
void vm_fork_prepare(void);
void vm_fork_parent(void);
void vm_fork_child(void);

/* Keeps a 64-bit guest, before it has any memory, to the lowest 2^VM_CONFINED_BITS bytes
 * of its address space, which ferry's own memory is outside of: none of its loads, stores and
 * pointers reaches anything else from then on.  False: some of ferry's memory is in there. */
bool vm_confine(void);
extern bool vm_is_confined;

/* Host address of a guest address. */
extern uint64_t vm_base;
/* What a confined guest's address stands for: itself, or what nobody can access. */
static inline uint64_t vm_confine_address(uint64_t gva)
{
    bool outside = vm_is_confined && gva >> VM_CONFINED_BITS && !(gva >> VM_HOST_BITS);
    return outside ? gva + VM_CONFINED_MOVE : gva;
}

static inline void *guest_ptr(uint64_t gva)
{
    return (void *)(vm_base + vm_confine_address(gva));
}

/* The guest address that a host fault's address stands for. */
static inline uint64_t vm_fault_address(uint64_t hva)
{
    uint64_t moved = hva - VM_CONFINED_MOVE;
    return vm_is_confined && moved >> VM_CONFINED_BITS && !(moved >> VM_HOST_BITS) ? moved
                                                                                   : hva - vm_base;
}

/* Copy between guest memory and ours; 0 or -EFAULT, never a crash. */
int guest_read(void *dst, uint64_t gva, size_t len);
int guest_write(uint64_t gva, const void *src, size_t len);
/* One long of the guest: its size and byte order, zero-extended. */
int guest_read_word(const struct guest *g, uint64_t *value, uint64_t gva);
int guest_write_word(const struct guest *g, uint64_t gva, uint64_t value);
/* Length of the string at gva (without NUL), at most max; or -EFAULT,
 * -ENAMETOOLONG when there is no NUL within max. */
int64_t guest_strlen(uint64_t gva, size_t max);
/* To be called first by the host handler of SIGSEGV and SIGBUS.  True: the
 * fault was in one of the copies above; the context has been changed so that
 * the copy fails when the handler returns. */
bool guest_copy_fault(void *ucontext);

#endif
