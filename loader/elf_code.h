/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the code of an ELF file begins: its entry, the functions of its symbol tables and unwind
 * tables; and which sections are code.  Addresses are as in the file.  And whether it is a program
 * or a library, which the ELF type alone does not tell. */
#ifndef FERRY_ELF_CODE_H
#define FERRY_ELF_CODE_H

#include <stdbool.h>

#include "translate/translate.h"

struct elf_code {
    uint64_t *starts;
    struct code_range *ranges;
    unsigned start_count, range_count;
    bool is_program;
};

/* Reads the file; false: that is not possible. */
bool elf_code_read(int fd, struct elf_code *code);
void elf_code_free(struct elf_code *code);

#endif
