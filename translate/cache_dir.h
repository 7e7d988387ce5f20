/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where translations are kept on disk: a list of directories, the first to write
 * to, all to read from.
 *
 * Threat model.  What is read from a cache file is executed with the rights of the user
 * who runs ferry, so
 *  - a directory or file counts only if it belongs to the effective user or to
 *    root and nobody else may write to it;
 *  - the whole file is hashed before any of it is used, which catches damage by
 *    disks, crashes and transfers; that this was done is noted (`checked` in the directory:
 *    hashes over inode, time of change, boot and the secret, so that any write to it shows).
 *    The hash keeps no secret: who can write to the user's files can do as the user anyway;
 *  - files are replaced by rename and never written to in place, so what was
 *    checked is what is mapped;
 *  - a file is used only for the program text that it was made from: the same
 *    device, inode, size and times as then, or the same build-id and the same
 *    bytes in all pages that were read to make it, which is noted in `checked` too, and only by
 *    the same build of ferry for the same kind of host.
 * Guest programs are not confined by any of this: they run with the user's rights
 * and can write to the user's cache as they can to ~/.profile.  A program in the sandbox
 * could change ferry's memory and so what ferry writes: there is no cache for it.
 *
 * So that translations fit without change, files are mapped for the guest at
 * places that are the same in each run.  They follow from the file and a random secret
 * that only its user can read (`secret` in the directory), so no other user
 * can predict them.  If a place is taken, there is a second and a third.  Translations of code
 * that lies elsewhere than when they were made are copied and the addresses in them changed
 * (moved.c).  A layer that is shared brings its own secret, which is then used: who can read the
 * layer knows where its users' programs are mapped.
 */
#ifndef FERRY_CACHE_DIR_H
#define FERRY_CACHE_DIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CACHE_FILE_SUFFIX ".code"

enum { CACHE_LAYERS_MAX = 8, CACHE_SECRET_BYTES = 32, CACHE_FACT_WORDS = 7 };

/* A list of directories with colons; NULL: the default, "": none.  Forgets what
 * cache_dir_init() found.  The default is below the user's home directory; in a root file
 * system that ferry was brought into from outside, in its /dev/shm, /run or /tmp, whichever is in
 * memory. */
void cache_dir_set(const char *list);
/* The same list, with absolute names, for another ferry; "" if there is no cache. */
const char *cache_dir_list(void);

/* The guest's processor, which translations are made for. */
void cache_dir_set_cpu(const char *name);
const char *cache_dir_cpu(void);

/* Prepares the directories.  To be called once, before the ones below. */
void cache_dir_init(void);
unsigned cache_dir_count(void);
const char *cache_dir_name(unsigned layer);
/* True if translations can be written to layer 0. */
bool cache_dir_writable(void);
/* NULL: there is none. */
const uint8_t *cache_dir_secret(void);

/* Opens a file of a layer for reading if it can be trusted; -1: not. */
int cache_dir_open(unsigned layer, const char *name);

/* True if the contents of that file were found right since the host was started and it
 * has not been changed since; and to say that they are. */
bool cache_dir_is_checked(int fd, const char *name);
void cache_dir_set_checked(int fd, const char *name);

/* The same for any other fact about a file of translations that holds until the next boot. */
bool cache_dir_is_noted(const char *name, const uint64_t fact[CACHE_FACT_WORDS]);
void cache_dir_note(const char *name, const uint64_t fact[CACHE_FACT_WORDS]);

/* A guest address for a file of `size` bytes whose contents have that hash; 0: any. */
uint64_t cache_dir_place(const uint64_t content[2], bool is_program, unsigned attempt,
                         uint64_t size, uint64_t align, uint64_t limit);

/* Removes what was used least recently until the files of layer 0 take at most max bytes,
 * and what writers have left behind that no longer run.  True: there was more than max. */
bool cache_dir_trim(uint64_t max);
uint64_t cache_dir_max(void);
/* True for the name of a file of translations. */
bool cache_dir_is_file(const char *name);

#endif
