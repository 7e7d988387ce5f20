/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files the guest's mappings are of. */
#include "loader/vm_file.h"

#define XXH_INLINE_ALL
#include <elf.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "hostgen/far.h"

enum { HEAD_BYTES = 4096, MAX_FILES = 4096 };

/* A file at one place; mappings name it by its index. */
static struct {
    uint64_t bias;
    struct vm_file_id id;
    char *name;
} files[MAX_FILES] FAR_ZEROS;
static unsigned count = 1;

static uint64_t nanoseconds(const struct timespec *t)
{
    return (uint64_t)t->tv_sec * 1000000000 + (uint64_t)t->tv_nsec;
}

/* A GNU build-id note of 20 bytes (either byte order), which linkers put into
 * the first page. */
static bool has_build_id(const uint8_t *head, size_t n)
{
    static const char little[16] = "\4\0\0\0\24\0\0\0\3\0\0\0GNU",
                      big[16] = "\0\0\0\4\0\0\0\24\0\0\0\3GNU";
    return memmem(head, n, little, sizeof little) || memmem(head, n, big, sizeof big);
}

/* Changed so lately that it can change again without a change of its times? */
static bool may_hide_a_change(const struct stat *st)
{
    const uint64_t tick = 20000000;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return nanoseconds(&st->st_ctim) + tick > nanoseconds(&now);
}

void vm_file_stat(const struct stat *st, struct vm_file_id *id)
{
    id->device = st->st_dev;
    id->inode = st->st_ino;
    id->size = (uint64_t)st->st_size;
    id->mtime = nanoseconds(&st->st_mtim);
    id->ctime = may_hide_a_change(st) ? 0 : nanoseconds(&st->st_ctim);
}

bool vm_file_same(const struct vm_file_id *a, const struct vm_file_id *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->mtime == b->mtime && a->ctime == b->ctime && a->ctime;
}

bool vm_file_identify(int fd, struct vm_file_id *id)
{
    struct stat st;
    uint8_t head[HEAD_BYTES];

    ssize_t n = pread(fd, head, sizeof head, 0);
    if (n < EI_NIDENT || memcmp(head, ELFMAG, SELFMAG) != 0 || fstat(fd, &st) ||
        !S_ISREG(st.st_mode))
        return false;
    *id = (struct vm_file_id){.has_build_id = has_build_id(head, (size_t)n)};
    vm_file_stat(&st, id);
    XXH128_hash_t h = XXH3_128bits_withSeed(head, (size_t)n, id->size);
    if (!id->has_build_id) {
        const uint64_t more[] = {h.low64, h.high64, id->device, id->inode, id->mtime, id->ctime};
        h = XXH3_128bits(more, sizeof more);
    }
    id->content[0] = h.low64;
    id->content[1] = h.high64;
    return true;
}

static __thread struct {
    int fd;
    char name[PATH_MAX]; /* "": none */
} noted;

void vm_note_name(int fd, const char *name)
{
    noted.fd = fd;
    snprintf(noted.name, sizeof noted.name, "%s", name);
}

unsigned vm_file_enter(const struct vm_file_id *id, uint64_t bias, int fd)
{
    for (unsigned i = 1; i < count; i++)
        if (files[i].bias == bias && memcmp(&files[i].id, id, sizeof *id) == 0)
            return i;
    if (count == MAX_FILES)
        return 0;
    files[count].bias = bias;
    files[count].id = *id;
    files[count].name = noted.fd == fd && noted.name[0] ? strdup(noted.name) : NULL;
    return count++;
}

void vm_file_get(unsigned file, struct vm_code_file *f)
{
    f->bias = files[file].bias;
    f->id = files[file].id;
    f->name = files[file].name;
}
