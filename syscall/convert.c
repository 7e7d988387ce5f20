/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/convert.h"

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

uint32_t number_to_host(const struct flag_map *map, uint32_t number)
{
    for (; map && (map->guest || map->host); map++)
        if (map->guest == number)
            return map->host;
    return number;
}

uint32_t number_to_guest(const struct flag_map *map, uint32_t number)
{
    for (; map && (map->guest || map->host); map++)
        if (map->host == number)
            return map->guest;
    return number;
}
