/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/convert.h"

#include <string.h>

#include "loader/vm.h"

static uint64_t load(const void *p, unsigned size, bool swap)
{
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

static void store(void *p, unsigned size, bool swap, uint64_t value)
{
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

uint32_t flags_to_host(const struct flag_map *map, uint32_t guest_flags)
{
    uint32_t known = 0, host = 0;

    for (; map->guest; map++) {
        known |= map->guest;
        if (guest_flags & map->guest)
            host |= map->host;
    }
    return host | (guest_flags & ~known);
}

uint32_t flags_to_guest(const struct flag_map *map, uint32_t host_flags)
{
    uint32_t known = 0, guest = 0;

    for (; map->guest; map++) {
        known |= map->host;
        if (host_flags & map->host)
            guest |= map->guest;
    }
    return guest | (host_flags & ~known);
}

void layout_to_guest(const struct syscall_abi *abi, const struct layout *layout, const void *host,
                     void *guest)
{
    memset(guest, 0, layout->guest_size);
    for (unsigned i = 0; i < layout->count; i++) {
        const struct layout_field *f = &layout->fields[i];

        store((char *)guest + f->guest_offset, f->guest_size, abi->swap,
              load((const char *)host + f->host_offset, f->host_size, false));
    }
}

void layout_to_host(const struct syscall_abi *abi, const struct layout *layout, const void *guest,
                    void *host)
{
    memset(host, 0, layout->host_size);
    for (unsigned i = 0; i < layout->count; i++) {
        const struct layout_field *f = &layout->fields[i];

        store((char *)host + f->host_offset, f->host_size, false,
              load((const char *)guest + f->guest_offset, f->guest_size, abi->swap));
    }
}

int layout_write(const struct syscall_abi *abi, const struct layout *layout, const void *host,
                 uint64_t gva)
{
    char buf[LAYOUT_MAX_SIZE];

    layout_to_guest(abi, layout, host, buf);
    return guest_write(gva, buf, layout->guest_size);
}

int layout_read(const struct syscall_abi *abi, const struct layout *layout, void *host,
                uint64_t gva)
{
    char buf[LAYOUT_MAX_SIZE];
    int r = guest_read(buf, gva, layout->guest_size);

    if (!r)
        layout_to_host(abi, layout, buf, host);
    return r;
}
