/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of the kernel's files about memory, and of the guest's, for what writes the latter. */
#ifndef FERRY_VM_AREA_H
#define FERRY_VM_AREA_H

#include <stdbool.h>

#include "loader/text.h"
#include "loader/vm.h"

struct mapping;

/* proc(5), /proc/pid/maps: host addresses; the name points into the line. */
bool vm_area_parse(const char *line, struct vm_area *l);
/* The next line, ended where its newline was; NULL: there is none. */
char *vm_area_line(char **rest);
/* The guest's name for a file. */
const char *vm_area_path(const char *path);
/* The part of the kernel's area (at the guest's addresses) that is in m. */
struct vm_area vm_area_of(const struct vm_area *host, const struct mapping *m);
/* True if b is for the guest more of a. */
bool vm_area_continues(const struct vm_area *a, const struct vm_area *b);
void vm_area_print(struct text *t, const struct vm_area *l);

#endif
