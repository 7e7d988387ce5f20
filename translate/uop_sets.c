/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostgen/far.h"
#include "translate/block.h"

struct uop_sets uop_sets[UOP_TEMPLATE_COUNT] FAR_ZEROS;

struct uop_sets uop_find_sets(unsigned op)
{
    const struct uop_info *info = &uop_info[op];
    struct uop_sets *s = &uop_sets[op];
    for (unsigned k = 0; k < info->n; k++) {
        s->reads |= (uint8_t)((info->dir[k] != '=') << k);
        s->writes |= (uint8_t)((info->dir[k] != ' ') << k);
        s->vectors |= info->cls[k] == 'v';
    }
    return *s;
}
