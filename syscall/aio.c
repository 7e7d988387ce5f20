/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Native asynchronous input and output: io_setup(2) and its kin, fs/aio.c.
 *
 * A context is known by the address of memory that the kernel shares with the
 * process, which libaio looks into.  So it is mapped where the guest reaches it, and
 * noted as the guest's.  Guests of the host's layout have their control blocks read
 * by the kernel where they are.  For others each is converted into a slot of ours, which
 * is what the kernel's event then names; events lie in memory that the guest may
 * write to, so what they say is only used as an index.
 */
#include <limits.h>
#include <linux/aio_abi.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "syscall/convert.h"
#include "syscall/fds.h"
#include "syscall/iovec.h"
#include "syscall/pass.h"

/* ---- contexts ---- */

static struct context {
    _Atomic uint64_t gva; /* 0: not in use */
    uint64_t size;
} contexts[256];

static struct context *find_context(uint64_t gva)
{
    for (unsigned i = 0; gva && i < sizeof contexts / sizeof *contexts; i++)
        if (contexts[i].gva == gva)
            return &contexts[i];
    return NULL;
}

static struct context *take_context(uint64_t gva)
{
    /* The parent's before a fork: the kernel has forgotten it in the child. */
    struct context *old = find_context(gva);

    for (unsigned i = 0; !old && i < sizeof contexts / sizeof *contexts; i++) {
        uint64_t none = 0;
        if (atomic_compare_exchange_strong(&contexts[i].gva, &none, gva))
            old = &contexts[i];
    }
    return old;
}

/* ---- control blocks on their way, for guests of another layout ---- */

enum { SLOTS = 1 << 16 };

static struct slot {
    struct iocb host;
    uint64_t gva, context;
    atomic_bool used;
} * _Atomic slots;

static struct slot *take_slot(uint64_t context, uint64_t gva)
{
    static _Atomic unsigned next;
    struct slot *all = slots, *none = NULL;

    if (!all) {
        void *p = mmap(NULL, SLOTS * sizeof *all, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p == MAP_FAILED)
            return NULL;
        all = p;
        if (!atomic_compare_exchange_strong(&slots, &none, all)) {
            munmap(p, SLOTS * sizeof *all);
            all = none;
        }
    }
    for (unsigned i = 0; i < SLOTS; i++) {
        struct slot *s = &all[next++ % SLOTS];
        bool used = false;
        if (atomic_compare_exchange_strong(&s->used, &used, true)) {
            s->gva = gva;
            s->context = context;
            return s;
        }
    }
    return NULL;
}

static void free_slots_of(uint64_t context)
{
    struct slot *all = slots;

    for (unsigned i = 0; all && i < SLOTS; i++)
        if (all[i].used && all[i].context == context)
            all[i].used = false;
}

/* The slot that an event names, which is free from now on; or NULL. */
static struct slot *slot_of_event(uint64_t object)
{
    struct slot *all = slots;
    uint64_t at = object - (uintptr_t)all;

    if (!all || at >= SLOTS * sizeof *all || at % sizeof *all)
        return NULL;
    return &all[at / sizeof *all];
}

/* ---- calls ---- */

/* What the kernel keeps at the beginning of its memory (struct aio_ring). */
struct ring {
    uint32_t id, count, head, tail, magic, compat, incompat, header;
};

static uint64_t ring_size(const struct ring *r)
{
    return sizeof *r + r->count * sizeof(struct io_event);
}

/* Moves it where the guest reaches it.  Its address there, or -errno. */
static int64_t move_ring(void *ring, uint64_t size)
{
    int64_t place = vm_mmap(0, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (place < 0)
        return place;
    if (mremap(ring, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, guest_ptr((uint64_t)place)) ==
        MAP_FAILED) {
        int error = errno;
        vm_munmap((uint64_t)place, size);
        return -error;
    }
    return place;
}

SYSCALL(io_setup)
{
    aio_context_t host = 0;
    uint64_t given;

    if (guest_read_word(cpu->guest, &given, a[1]))
        return -EFAULT;
    if (given)
        return -EINVAL;
    int64_t r = host_syscall(SYS_io_setup, (unsigned)a[0], &host);
    if (r)
        return r;
    void *ring = (void *)(uintptr_t)host;
    uint64_t size = ring_size(ring);
    int64_t gva = (int64_t)(host - vm_base);
    if (host < vm_base || host - vm_base > vm_limit() - size)
        gva = move_ring(ring, size);
    struct context *c = gva < 0 ? NULL : take_context((uint64_t)gva);
    if (!c) {
        host_syscall(SYS_io_destroy, host);
        return gva < 0 ? gva : -EAGAIN;
    }
    c->size = size;
    free_slots_of((uint64_t)gva);
    vm_note((uint64_t)gva, size, PROT_READ | PROT_WRITE, MAP_SHARED);
    if (guest_write_word(cpu->guest, a[1], (uint64_t)gva)) {
        host_syscall(SYS_io_destroy, guest_ptr((uint64_t)gva));
        vm_forget((uint64_t)gva, size);
        c->gva = 0;
        return -EFAULT;
    }
    return 0;
}

/* The kernel unmaps the memory of a context: only while it is the guest's. */
SYSCALL(io_destroy)
{
    struct context *c = find_context(a[0]);

    if (!c || !vm_mapped(a[0], c->size))
        return -EINVAL;
    int64_t r = host_syscall(SYS_io_destroy, guest_ptr(a[0]));
    if (!r) {
        vm_forget(a[0], c->size);
        free_slots_of(a[0]);
        c->gva = 0;
    }
    return r;
}

/* The header has these two in the order of the bytes of a word. */
static void read_iocb(const struct guest *g, struct iocb *out)
{
    if (guest_swaps(g)) {
        uint32_t key = (uint32_t)out->aio_rw_flags;
        out->aio_rw_flags = (__kernel_rwf_t)out->aio_key;
        out->aio_key = key;
    }
}

static bool names_hidden(const struct iocb *b)
{
    return fds_is_hidden(b->aio_fildes) ||
           ((b->aio_flags & IOCB_FLAG_RESFD) && fds_is_hidden(b->aio_resfd));
}

/* The kernel is going to write to its buffers, at a time when nobody could help. */
static void prepare_buffers(const struct guest *g, const struct iocb *b)
{
    if (b->aio_lio_opcode == IOCB_CMD_PREAD)
        vm_make_writable(b->aio_buf, b->aio_nbytes);
    else if (b->aio_lio_opcode == IOCB_CMD_PREADV)
        iovec_make_writable(g, b->aio_buf, b->aio_nbytes);
}

/* Reads a vector for the host, which copies it.  NULL: *error. */
static struct iovec *read_vector(const struct guest *g, uint64_t gva, uint64_t count,
                                 int64_t *error)
{
    *error = -EINVAL;
    if (count > IOV_MAX)
        return NULL;
    struct iovec *v = calloc(count + 1, sizeof *v);
    *error = v ? 0 : -ENOMEM;
    for (uint64_t i = 0; i < count && !*error; i++) {
        if (struct_read(g, STRUCT_iovec, &v[i], gva + i * struct_size(g, STRUCT_iovec)))
            *error = -EFAULT;
        v[i].iov_base = guest_arg((uint64_t)v[i].iov_base);
    }
    if (*error) {
        free(v);
        v = NULL;
    }
    return v;
}

/* One control block of a guest with another layout.  1 or -errno. */
static int64_t submit_converted(struct vcpu *cpu, uint64_t context, uint64_t gva)
{
    const struct guest *g = cpu->guest;
    const uint32_t key = 0; /* KIOCB_KEY */
    struct slot *s;
    struct iovec *vector = NULL;
    struct iocb b;
    int64_t r = 0;

    if (struct_read(g, STRUCT_iocb, &b, gva))
        return -EFAULT;
    read_iocb(g, &b);
    if (names_hidden(&b))
        return -EBADF;
    prepare_buffers(g, &b);
    if (guest_write(gva + (guest_swaps(g) ? 12 : 8), &key, sizeof key))
        return -EFAULT;
    switch (b.aio_lio_opcode) {
    case IOCB_CMD_PREAD:
    case IOCB_CMD_PWRITE:
        b.aio_buf = (uintptr_t)guest_arg(b.aio_buf);
        break;
    case IOCB_CMD_PREADV:
    case IOCB_CMD_PWRITEV:
        vector = read_vector(g, b.aio_buf, b.aio_nbytes, &r);
        if (!vector)
            return r;
        b.aio_buf = (uintptr_t)vector;
        break;
    }
    s = take_slot(context, gva);
    if (s) {
        struct iocb *one = &s->host;
        s->host = b;
        r = safe_syscall(SYS_io_submit, guest_ptr(context), 1, &one);
        if (r != 1)
            s->used = false;
    } else {
        r = -EAGAIN;
    }
    free(vector);
    return r;
}

/* What a guest of the host's layout submits: 0 or -errno. */
static int64_t check_native(const struct guest *g, uint64_t gva)
{
    struct iocb b;

    if (struct_read(g, STRUCT_iocb, &b, gva))
        return -EFAULT;
    prepare_buffers(g, &b);
    return names_hidden(&b) ? -EBADF : 0;
}

SYSCALL(io_submit)
{
    const struct guest *g = cpu->guest;
    const bool native = abi_is_native(g);
    int64_t count = guest_word(g) == 4 ? (int32_t)a[1] : (int64_t)a[1], r = 0, done = 0;
    struct context *c = find_context(a[0]);

    if (!c || count <= 0)
        return host_syscall(SYS_io_submit, guest_arg(a[0]), count > 0 ? 0 : count, NULL);
    for (; done < count && r >= 0; done += r > 0) {
        struct iocb *one;
        uint64_t gva;
        if (guest_read_word(g, &gva, a[2] + (uint64_t)done * guest_word(g))) {
            r = -EFAULT;
            break;
        }
        if (!native) {
            r = submit_converted(cpu, a[0], gva);
            continue;
        }
        r = check_native(g, gva);
        one = guest_arg(gva);
        if (!r)
            r = safe_syscall(SYS_io_submit, guest_ptr(a[0]), 1, &one);
    }
    return done ? done : r;
}

SYSCALL(io_cancel)
{
    struct slot *all = slots;

    if (abi_is_native(cpu->guest))
        return host_syscall(SYS_io_cancel, guest_arg(a[0]), guest_arg(a[1]), guest_arg(a[2]));
    for (unsigned i = 0; all && i < SLOTS; i++)
        if (all[i].used && all[i].context == a[0] && all[i].gva == a[1])
            return host_syscall(SYS_io_cancel, guest_arg(a[0]), &all[i].host, NULL);
    return -EINVAL;
}

static int64_t events_to_guest(const struct guest *g, struct io_event *events, int64_t n,
                               uint64_t gva)
{
    for (int64_t i = 0; i < n; i++) {
        struct slot *s = slot_of_event(events[i].obj);
        events[i].obj = s ? s->gva : 0;
        if (s)
            s->used = false;
        if (struct_write(g, STRUCT_io_event, &events[i],
                         gva + (uint64_t)i * struct_size(g, STRUCT_io_event)))
            return i ? i : -EFAULT;
    }
    return n;
}

/* With a host call of io_pgetevents' arguments. */
static int64_t get_events(struct vcpu *cpu, long nr, const uint64_t a[6],
                          enum structure time_structure, const void *mask)
{
    enum { MOST = 1 << 20 };
    const struct guest *g = cpu->guest;
    int64_t least = guest_word(g) == 4 ? (int32_t)a[1] : (int64_t)a[1];
    int64_t most = guest_word(g) == 4 ? (int32_t)a[2] : (int64_t)a[2];
    struct timespec t = {0}, *time = a[4] ? &t : NULL;

    if (time && struct_read(g, time_structure, time, a[4]))
        return -EFAULT;
    if (abi_is_native(g))
        return safe_syscall(nr, guest_arg(a[0]), least, most, guest_arg(a[3]), time, mask);
    if (least < 0 || least > most)
        return -EINVAL;
    most = most < MOST ? most : MOST;
    least = least < most ? least : most;
    struct io_event *events = calloc((size_t)most + 1, sizeof *events);
    if (!events)
        return -ENOMEM;
    int64_t r = safe_syscall(nr, guest_arg(a[0]), least, most, events, time, mask);
    if (r > 0)
        r = events_to_guest(g, events, r, a[3]);
    free(events);
    return r;
}

SYSCALL(io_getevents)
{
    return get_events(cpu, SYS_io_getevents, a, STRUCT_timespec, NULL);
}

/* a[5]: the address of an address of a mask and of its size. */
static int64_t get_events_masked(struct vcpu *cpu, const uint64_t a[6],
                                 enum structure time_structure)
{
    struct {
        uint64_t address, size;
    } arg = {0, 0};
    struct {
        sigmask_t *mask;
        size_t size;
    } host = {NULL, sizeof(sigmask_t)};
    sigmask_t storage;

    if (a[5] && struct_read(cpu->guest, STRUCT_pselect_mask, &arg, a[5]))
        return -EFAULT;
    int r = signal_mask_begin(cpu, arg.address, arg.size, &storage, &host.mask);
    if (r)
        return r;
    return signal_mask_end(cpu, get_events(cpu, SYS_io_pgetevents, a, time_structure, &host));
}

SYSCALL(io_pgetevents)
{
    return get_events_masked(cpu, a, STRUCT_timespec);
}

SYSCALL(io_pgetevents_time64)
{
    return get_events_masked(cpu, a, STRUCT_timespec64);
}
