/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files behind the guest's mappings, as far as the cache of translations wants
 * to know them: ELF files that are mapped privately.  Callers hold the lock
 * of vm.c.
 */
#ifndef FERRY_VM_FILE_H
#define FERRY_VM_FILE_H

#include "loader/vm.h"

/* False: not an ELF file. */
bool vm_file_identify(int fd, struct vm_file_id *id);

struct stat;
/* What a file's status says of it. */
void vm_file_stat(const struct stat *st, struct vm_file_id *id);
/* The same file, unchanged. */
bool vm_file_same(const struct vm_file_id *a, const struct vm_file_id *b);

/* A number (1...) for the file, open as fd, at that bias; 0 when there are too many. */
unsigned vm_file_enter(const struct vm_file_id *id, uint64_t bias, int fd);
/* Fills in bias and id. */
void vm_file_get(unsigned file, struct vm_code_file *f);

#endif
