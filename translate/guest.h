/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ferry knows of one guest architecture.  Every guest is one
 * `const struct guest`, listed in runner/guests.c; nothing else names it.
 */
#ifndef FERRY_GUEST_H
#define FERRY_GUEST_H

#include <elf.h>

#include "translate/vcpu.h"

struct builder;
struct syscall_row;
struct syscall_abi;
struct signal_frame_ops;
struct guest_vdso;
struct guest_registers;
struct auxv;

struct guest {
    const char *name; /* as in `ferry binfmt`: "aarch64" */
    const char *uname_machine;
    const char *(*platform)(void); /* AT_PLATFORM */
    uint16_t elf_machine;          /* e_machine */
    uint8_t elf_class, elf_data;

    /* Slots held in host registers, most used first.  At most
     * HOST_PINS / HOST_VPINS (hostgen/hostgen.h) are taken. */
    const uint8_t *pins, *vpins;
    uint8_t pin_count, vpin_count;

    helper_fn *const *helpers;
    unsigned helper_count;
    const char *const *helper_names; /* for listings */

    /* Translates from builder_pc() on: see translate/builder.h. */
    void (*translate)(struct builder *b);
    /* True if every path from pc overwrites the condition flags before it
     * reads them, as far as a short look at the code can tell.  page: the number of a page
     * that is known to hold readable code. */
    bool (*cc_dead_at)(uint64_t pc, uint64_t page, uint32_t mode);
    /* In modes with this bit the flags live where functions begin and return; in others only
     * in functions that certainly take them. */
    uint32_t cc_crosses_calls;
    bool (*cc_taken_at)(uint64_t pc);
    /* The code at pc reads them in its first instructions.  NULL if there are no flags. */
    bool (*cc_read_soon)(uint64_t pc);
    /* How far an instruction jumps if it is a direct jump and no call, else 0.  *always: whatever
     * the conditions are. */
    int32_t (*jump_distance)(uint32_t insn, bool *always);
    /* All that are, and not many others, have these bits. */
    struct {
        uint32_t mask, value;
    } jumps;
    /* Slots that hold conditions, a bit each: they are computed late or never.  dead_at
     * gives those of slots that every path from pc overwrites before it reads them, as
     * cc_dead_at does for the flags.  NULL if there are none. */
    uint64_t late_slots;
    uint64_t helper_slots; /* those of them that exact helpers of templates read */
    uint64_t (*dead_at)(uint64_t pc, uint64_t slots);
    /* So many of the first vector slots are scalars: their high 64 bits are always 0.  NULL: none
     * are. */
    unsigned (*scalar_slots)(void);
    /* Mode bits that change what code is generated (0 for the usual mode). */
    uint32_t (*mode)(const struct vcpu *cpu);

    /* ABI */
    uint8_t link_slot; /* where calls put the return address */
    uint8_t sp_slot, syscall_nr_slot, syscall_ret_slot, tls_slot;
    uint8_t syscall_arg_slots[6];
    void (*syscall)(uint32_t nr, struct syscall_row *row); /* fills it in, if there is one */
    unsigned syscall_count;
    const struct syscall_abi *abi; /* syscall/convert.h */
    const struct signal_frame_ops *frame;
    const struct guest_registers *registers; /* signal/registers.h */
    const struct guest_vdso *vdso;           /* loader/<guest>/vdso.c, or NULL */
    const char *const *cpus;           /* names that --cpu takes, NULL-terminated; first: default */
    void (*set_cpu)(const char *name); /* before anything else; or NULL: no choice */
    uint64_t page_size;
    uint64_t minsigstksz; /* AT_MINSIGSTKSZ */
    uint64_t stack_top;   /* highest address for the initial stack; 0: host chooses */
    /* Writes the result of a system call (-errno for an error) where the guest
     * looks for it; NULL: as it is into syscall_ret_slot. */
    void (*set_syscall_result)(struct vcpu *cpu, int64_t result);
    /* Entries of the auxiliary vector that only this guest has; or NULL. */
    void (*auxv)(struct auxv *v);
    /* What a program finds in registers at its start beside pc and sp, which
     * reset has set (loader/loader.h, loaded); or NULL. */
    void (*start)(struct vcpu *cpu);

    /* prctl(PR_SET_FPEXC): delivers enabled floating-point exceptions, or not; returns the
     * mode, or -EINVAL.  mode -1 only asks.  NULL: the kernel has no such call. */
    int (*fp_exceptions)(struct vcpu *cpu, int mode);

    void (*reset)(struct vcpu *cpu, uint64_t entry, uint64_t sp);
    uint64_t (*hwcap)(void);
    uint64_t (*hwcap2)(void);
    /* Text of /proc/cpuinfo for ncpu processors, written to fd. */
    void (*cpuinfo)(int fd, unsigned ncpu);
    /* capstone architecture and mode for listings. */
    int cs_arch, cs_mode;
    /* Prints registers for --log and fatal signals. */
    void (*dump)(const struct vcpu *cpu, int fd);
};

/* Bytes of a long or a pointer. */
static inline unsigned guest_word(const struct guest *g)
{
    return g->elf_class == ELFCLASS32 ? 4 : 8;
}

/* The byte order differs from the host's. */
static inline bool guest_swaps(const struct guest *g)
{
    return g->elf_data == ELFDATA2MSB;
}

/* Where the guest's address space ends: below the host's own bound, or the last
 * 64 KiB of 4 GiB, where no Linux maps anything either. */
static inline uint64_t guest_address_limit(const struct guest *g)
{
    return guest_word(g) == 4 ? UINT64_C(0xffff0000) : UINT64_C(0x7ffffffff000);
}

extern const struct guest *const guests[]; /* NULL-terminated, runner/guests.c */

#endif
