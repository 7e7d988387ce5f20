/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/layout.h"

#include <ctype.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "loader/vm.h"
#include "syscall/convert.h"
#include "translate/guest.h"

static const char *const descriptions[STRUCT_COUNT] = {
#define STRUCT(name, members) [STRUCT_##name] = members,
#include "syscall/structs.def"
#undef STRUCT
};

/* ---- Numbers ---- */

uint64_t number_load(const struct guest *g, const void *p, unsigned size)
{
    bool swap = guest_swaps(g);
    uint16_t h;
    uint32_t w;
    uint64_t d;

    switch (size) {
    case 1:
        return *(const uint8_t *)p;
    case 2:
        memcpy(&h, p, 2);
        return swap ? __builtin_bswap16(h) : h;
    case 4:
        memcpy(&w, p, 4);
        return swap ? __builtin_bswap32(w) : w;
    default:
        memcpy(&d, p, 8);
        return swap ? __builtin_bswap64(d) : d;
    }
}

void number_store(const struct guest *g, void *p, unsigned size, uint64_t value)
{
    bool swap = guest_swaps(g);
    uint16_t h = swap ? __builtin_bswap16((uint16_t)value) : (uint16_t)value;
    uint32_t w = swap ? __builtin_bswap32((uint32_t)value) : (uint32_t)value;
    uint64_t d = swap ? __builtin_bswap64(value) : value;

    switch (size) {
    case 1:
        *(uint8_t *)p = (uint8_t)value;
        break;
    case 2:
        memcpy(p, &h, 2);
        break;
    case 4:
        memcpy(p, &w, 4);
        break;
    default:
        memcpy(p, &d, 8);
    }
}

static uint64_t host_load(const void *p, unsigned size, bool is_signed)
{
    uint64_t v = 0;

    memcpy(&v, p, size);
    if (is_signed && size < 8 && v >> (8 * size - 1))
        v |= ~UINT64_C(0) << 8 * size;
    return v;
}

/* ---- Descriptions ---- */

struct member {
    const char *name; /* or NULL; ends with ':' */
    char type;
    uint16_t offset;
    uint8_t size;
};

struct members {
    struct member m[STRUCT_MAX_FIELDS];
    unsigned count, size;
};

struct rules {
    unsigned word, align64;
};

static unsigned type_size(char type, const struct rules *r)
{
    switch (type) {
    case 'b':
    case 'B':
    case 'x':
        return 1;
    case 'h':
    case 'H':
        return 2;
    case 'i':
    case 'I':
        return 4;
    case 'l':
    case 'L':
    case 'p':
        return r->word;
    default:
        return 8;
    }
}

static unsigned type_align(char type, const struct rules *r)
{
    unsigned size = type_size(type, r);

    return type == 's' ? r->word : size == 8 && r->word == 4 ? r->align64 : size;
}

static unsigned align_up(unsigned n, unsigned align)
{
    return (n + align - 1) & ~(align - 1);
}

/* Places the members.  Bytes of one kind are one member. */
static void place(const char *text, const struct rules *r, struct members *out)
{
    unsigned at = 0, most = 1;

    out->count = 0;
    for (const char *p = text; *p;) {
        bool packed = false;

        p += strspn(p, " ");
        if (*p == '@') {
            at = align_up(at, r->word);
            most = most < r->word ? r->word : most;
            p++;
            continue;
        }
        if (*p == '!') {
            packed = true;
            p++;
        }
        size_t name = strcspn(p, ": ");
        struct member m = {.name = p[name] == ':' ? p : NULL};
        if (m.name)
            p += name + 1;
        m.type = *p++;
        unsigned n = isdigit((unsigned char)*p) ? (unsigned)strtoul(p, (char **)&p, 10) : 1;
        unsigned align = packed ? 1 : type_align(m.type, r);
        most = most < align ? align : most;
        at = align_up(at, align);
        m.size = (uint8_t)type_size(m.type, r);
        if (m.type == 'x') {
            m.size = (uint8_t)n;
            n = 1;
        }
        while (n-- && out->count < STRUCT_MAX_FIELDS) {
            m.offset = (uint16_t)at;
            at += m.size;
            out->m[out->count++] = m;
        }
    }
    out->size = align_up(at, most);
}

static size_t name_length(const char *name)
{
    return strcspn(name, ":");
}

/* The host's member for the nth guest member called name. */
static const struct member *find(const struct members *host, const struct members *guest,
                                 unsigned index, bool by_name)
{
    const struct member *m = &guest->m[index];
    unsigned nth = 0;

    if (!by_name)
        return &host->m[index];
    for (unsigned i = 0; i < index; i++)
        nth += guest->m[i].name == m->name;
    for (unsigned i = 0; m->name && i < host->count; i++) {
        size_t n = name_length(m->name);
        if (host->m[i].name && name_length(host->m[i].name) == n &&
            !memcmp(host->m[i].name, m->name, n) && !nth--)
            return &host->m[i];
    }
    return NULL;
}

/* The guest's own description; NULL: it has none. */
static const char *own_description(const struct guest *g, enum structure s)
{
    const struct structure_row *row = g->abi->structs;

    for (; row && row->members; row++)
        if (row->structure == s)
            return row->members;
    return NULL;
}

static struct layout *compile(const struct guest *g, enum structure s)
{
    const struct rules host_rules = {8, 8};
    const struct rules guest_rules = {guest_word(g), g->abi->packs_64 ? 4 : 8};
    const char *own = own_description(g, s);
    struct members host, guest;
    unsigned count = 0;

    place(descriptions[s], &host_rules, &host);
    place(own ? own : descriptions[s], &guest_rules, &guest);
    /* x86-64 packs this one, so that it is as on i386. */
    if (s == STRUCT_epoll_event) {
        host.m[1].offset = 4;
        host.size = 12;
    }
    struct layout *l = malloc(sizeof *l + guest.count * sizeof l->fields[0]);
    if (!l)
        abort();
    for (unsigned i = 0; i < guest.count; i++) {
        const struct member *h = find(&host, &guest, i, own != NULL), *m = &guest.m[i];
        if (h)
            l->fields[count++] =
                (struct layout_field){h->offset, m->offset, h->size, m->size, m->type};
    }
    l->count = (uint16_t)count;
    l->host_size = (uint16_t)host.size;
    l->guest_size = (uint16_t)guest.size;
    return l;
}

const struct layout *struct_layout(const struct guest *g, enum structure s)
{
    /* One process runs one guest; tests may change to another. */
    static struct layout *_Atomic layouts[STRUCT_COUNT];
    static const struct guest *owner;
    struct layout *l, *none = NULL;

    if (owner != g) {
        for (unsigned i = 0; i < STRUCT_COUNT; i++)
            free(atomic_exchange(&layouts[i], NULL));
        owner = g;
    }
    l = layouts[s];
    if (!l) {
        l = compile(g, s);
        if (!atomic_compare_exchange_strong(&layouts[s], &none, l)) {
            free(l);
            l = none;
        }
    }
    return l;
}

bool struct_same(const struct guest *g, enum structure s)
{
    return abi_is_native(g) && s != STRUCT_epoll_event && !own_description(g, s);
}

/* ---- Conversion ---- */

static uint64_t guest_number(const struct guest *g, const struct layout_field *f, const char *p)
{
    uint64_t v;

    if (f->type == 's' && guest_word(g) == 4)
        return number_load(g, p, 4) | number_load(g, p + 4, 4) << 32;
    v = number_load(g, p, f->guest_size);
    if (f->type == 'n' && guest_word(g) == 4)
        return (uint32_t)v;
    if (f->type == 'p')
        return vm_confine_address(v);
    if (islower((unsigned char)f->type))
        return host_load(&v, f->guest_size, true);
    return v;
}

void struct_to_guest(const struct guest *g, enum structure s, const void *host, void *guest)
{
    const struct layout *l = struct_layout(g, s);

    memset(guest, 0, l->guest_size);
    for (unsigned i = 0; i < l->count; i++) {
        const struct layout_field *f = &l->fields[i];
        const char *from = (const char *)host + f->host;
        char *to = (char *)guest + f->guest;

        if (f->type == 'x') {
            memcpy(to, from, f->guest_size < f->host_size ? f->guest_size : f->host_size);
        } else if (f->type == 's' && guest_word(g) == 4) {
            uint64_t v = host_load(from, 8, false);
            number_store(g, to, 4, v);
            number_store(g, to + 4, 4, v >> 32);
        } else {
            number_store(g, to, f->guest_size,
                         host_load(from, f->host_size, islower((unsigned char)f->type)));
        }
    }
}

void struct_to_host(const struct guest *g, enum structure s, const void *guest, void *host)
{
    const struct layout *l = struct_layout(g, s);

    memset(host, 0, l->host_size);
    for (unsigned i = 0; i < l->count; i++) {
        const struct layout_field *f = &l->fields[i];
        const char *from = (const char *)guest + f->guest;
        char *to = (char *)host + f->host;

        if (f->type == 'x') {
            memcpy(to, from, f->guest_size < f->host_size ? f->guest_size : f->host_size);
        } else {
            uint64_t v = guest_number(g, f, from);
            memcpy(to, &v, f->host_size);
        }
    }
}

void struct_prefix(const struct guest *g, enum structure s, void *p, size_t len, bool to_guest)
{
    const struct layout *l = struct_layout(g, s);
    char in[STRUCT_MAX_SIZE] = {0}, out[STRUCT_MAX_SIZE];
    size_t n = len < l->guest_size ? len : l->guest_size;

    if (abi_is_native(g))
        return;
    memcpy(in, p, n);
    if (to_guest)
        struct_to_guest(g, s, in, out);
    else
        struct_to_host(g, s, in, out);
    memcpy(p, out, n);
}

int struct_read(const struct guest *g, enum structure s, void *host, uint64_t gva)
{
    const struct layout *l = struct_layout(g, s);
    char buf[STRUCT_MAX_SIZE];

    if (struct_same(g, s))
        return guest_read(host, gva, l->host_size);
    if (guest_read(buf, gva, l->guest_size))
        return -EFAULT;
    struct_to_host(g, s, buf, host);
    return 0;
}

int struct_write(const struct guest *g, enum structure s, const void *host, uint64_t gva)
{
    const struct layout *l = struct_layout(g, s);
    char buf[STRUCT_MAX_SIZE];

    if (struct_same(g, s))
        return guest_write(gva, host, l->host_size);
    struct_to_guest(g, s, host, buf);
    return guest_write(gva, buf, l->guest_size);
}
