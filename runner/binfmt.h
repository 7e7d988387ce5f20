/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registration with the kernel's binfmt_misc (Documentation/admin-guide/
 * binfmt-misc.rst).  One entry a guest, "ferry-<guest>", recognises its ELF
 * files by class, byte order and machine, taken from struct guest.  Entries
 * of others are never touched without being told to.
 *
 * Flags: F, so that the entry works in other roots and containers; P, so that
 * the program gets its own argv[0]; C on request.
 */
#ifndef FERRY_BINFMT_H
#define FERRY_BINFMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guest;

enum {
    BINFMT_MAGIC = 20,      /* up to and with e_machine */
    BINFMT_MAGIC_MAX = 256, /* of any entry: what the kernel reads of a file */
    BINFMT_LINE_MAX = 1920,
};
#define BINFMT_DIR "/proc/sys/fs/binfmt_misc"

struct binfmt_entry {
    char name[256];
    char interpreter[BINFMT_LINE_MAX];
    char flags[16];
    bool enabled, is_extension;
    unsigned offset, size; /* of magic */
    uint8_t magic[BINFMT_MAGIC_MAX], mask[BINFMT_MAGIC_MAX];
};

/* Mounts binfmt_misc where it is not.  0 or -errno. */
int binfmt_mount(void);
/* False if entries are there but the whole is switched off. */
bool binfmt_is_on(void);
/* All entries, those that the kernel asks first at the front as far as that can
 * be told; from malloc.  The number of them, or -errno. */
int binfmt_list(struct binfmt_entry **entries);
/* Parses the text that the kernel shows of an entry. */
void binfmt_parse(struct binfmt_entry *e, char *text);
/* Would this entry start programs of the guest? */
bool binfmt_takes(const struct binfmt_entry *e, const struct guest *g);
/* The guest that an entry made by ferry is for; NULL: made by others. */
const char *binfmt_our_guest(const char *entry_name);
/* Is the name in the list (with commas; NULL: of all)? */
bool binfmt_listed(const char *list, const char *name);
/* Does ferry's entry for g have flag C?  False where that can't be seen. */
bool binfmt_gives_credentials(const struct guest *g);
/* Writes to the file of that name below BINFMT_DIR.  0 or -errno. */
int binfmt_write(const char *name, const char *text);

/* The line to register for g (no newline), as binfmt.d(5) has it too. */
void binfmt_line(const struct guest *g, const char *interpreter, const char *flags,
                 char line[BINFMT_LINE_MAX]);

/* ---- The next boot ---- */

/* Files are below root ("" for this system).  Drops the lines of the guests in
 * `archs` (a list with commas; NULL: all) from the file there and puts `added`
 * (lines with newlines, or NULL) in; an empty file is removed, with the service
 * that was made for it.  `ferry` is its file name for that service.  Says what
 * it did and what is left to do.  An exit status. */
int binfmt_boot_update(const char *root, const char *ferry, const char *archs, const char *added);
/* Whether a line for the guest is there. */
bool binfmt_boot_has(const char *root, const char *guest);
/* Registers the lines of the file.  An exit status. */
int binfmt_boot_load(void);

#endif
