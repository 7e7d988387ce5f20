/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arenas from and to the disk.  What is trusted and why: cache_dir.h. */
#include "translate/cache_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "hostgen/far.h"
#include "loader/vm_file.h"
#include "translate/block.h"
#include "translate/cache_dir.h"
#include "translate/stats.h"

static struct {
    bool on;
    struct cache_file_key key;
    uint32_t places;
} disk;

static size_t page_up(size_t n)
{
    return (n + CACHE_FILE_PAGE - 1) & ~(size_t)(CACHE_FILE_PAGE - 1);
}

/* ---- What identifies the code ---- */

static int find_build_id(struct dl_phdr_info *info, size_t size, void *build)
{
    (void)size;
    for (unsigned k = 0; k < info->dlpi_phnum; k++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[k];
        const char *at = (const char *)(info->dlpi_addr + p->p_vaddr), *end = at + p->p_memsz;
        while (p->p_type == PT_NOTE && at + sizeof(ElfW(Nhdr)) < end) {
            const ElfW(Nhdr) *note = (const void *)at;
            const char *name = at + sizeof *note;
            const char *desc = name + ((note->n_namesz + 3) & ~3u);
            if (note->n_type == NT_GNU_BUILD_ID && note->n_descsz == 20 && !strcmp(name, "GNU")) {
                memcpy(build, desc, 20);
                return 1;
            }
            at = desc + ((note->n_descsz + 3) & ~3u);
        }
    }
    return -1; /* the first object is ferry itself */
}

void cache_file_init(const struct guest *guest, enum host_isa isa)
{
    /* Who wants to see what is translated must have it translated. */
    bool shown = log_options.in || log_options.ops || log_options.out || perf_options.map ||
                 perf_options.jitdump;
    disk.on = cache_dir_count() && !shown && dl_iterate_phdr(find_build_id, disk.key.build) == 1;
    disk.key.version = CACHE_FILE_VERSION;
    snprintf(disk.key.guest, sizeof disk.key.guest, "%s", guest->name);
    snprintf(disk.key.cpu, sizeof disk.key.cpu, "%s", cache_dir_cpu());
    disk.key.isa = isa;
    disk.key.vm_base = vm_base;
    if (cache_dir_secret())
        disk.places = (uint32_t)XXH3_64bits(cache_dir_secret(), CACHE_SECRET_BYTES);
}

static void key_of(const struct arena *a, struct cache_file_key *key)
{
    *key = disk.key;
    memcpy(key->content, a->source.id.content, sizeof key->content);
    key->offset = a->start - a->bias;
    key->bytes = a->end - a->start;
}

static void name_of(const struct cache_file_key *key, char name[64])
{
    XXH128_hash_t h = XXH3_128bits(key, sizeof *key);
    snprintf(name, 64, "%016llx%016llx" CACHE_FILE_SUFFIX, (unsigned long long)h.high64,
             (unsigned long long)h.low64);
}

/* The name of the mapped file. */
static void name_of_mapping(const struct arena *a, char *name, size_t room)
{
    uint64_t start, end, host = (uint64_t)guest_ptr(a->start);
    char line[PATH_MAX + 128];
    FILE *maps = fopen("/proc/self/maps", "re");
    /* Without /proc, that which it was opened by, if it still leads there: see text_unchanged. */
    snprintf(name, room, "%s", a->source.name && !maps ? a->source.name : "");
    while (maps && fgets(line, sizeof line, maps))
        if (sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) == 2 && host >= start &&
            host < end) {
            const char *path = strchr(line, '/');
            snprintf(name, room, "%.*s", path ? (int)strcspn(path, "\n") : 0, path);
            break;
        }
    if (maps)
        fclose(maps);
}

/* The file has not been changed since it was mapped: else some of the code may be that of the old
 * text, and the hash that of the new. */
static bool is_unchanged(const struct arena *a, const struct stat *st)
{
    struct vm_file_id now;
    vm_file_stat(st, &now);
    return vm_file_same(&now, &a->source.id);
}

static bool text_unchanged(const struct arena *a, const char *name)
{
    struct stat st;
    return stat(name, &st) == 0 && is_unchanged(a, &st);
}

/* Reads at most n bytes of the mapping; 0: its file ends there.  From the file, if that is open:
 * what is read through the mapping becomes resident. */
static size_t read_text(const struct arena *a, int fd, uint8_t *buffer, uint64_t at, size_t n)
{
    ssize_t got = fd < 0 ? -1 : pread(fd, buffer, n, (off_t)(at - a->bias));
    if (got >= 0) {
        size_t bytes = page_up((size_t)got);
        memset(buffer + got, 0, bytes - (size_t)got);
        return bytes;
    }
    if (!guest_read(buffer, at, n))
        return n;
    return guest_read(buffer, at, VM_PAGE) ? 0 : VM_PAGE;
}

static bool has_text_page(const uint8_t *pages, uint64_t n)
{
    return pages[n / 8] >> n % 8 & 1;
}

/* The next run of such pages from byte *at of the code on, of at most `most` bytes: [*at, *at +
 * the result).  0: there is none. */
static uint64_t next_text(const uint8_t *pages, uint64_t *at, uint64_t end, uint64_t most)
{
    while (*at < end && !has_text_page(pages, *at >> TEXT_PAGE_BITS))
        *at += VM_PAGE;
    uint64_t to = *at;
    while (to < end && to - *at < most && has_text_page(pages, to >> TEXT_PAGE_BITS))
        to += VM_PAGE;
    return (to < end ? to : end) - *at;
}

/* Of those pages of the mapping, as far as its file goes. */
static uint64_t hash_text(const struct arena *a, const uint8_t *pages, const char *name)
{
    enum { CHUNK = 65536 };
    static uint8_t buffer[CHUNK] FAR_ZEROS;
    struct stat st;
    XXH3_state_t state;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0 && (fstat(fd, &st) || !is_unchanged(a, &st))) {
        close(fd);
        fd = -1;
    }
    XXH3_64bits_reset(&state);
    for (uint64_t at = 0, n; (n = next_text(pages, &at, a->end - a->start, CHUNK)); at += n) {
        n = read_text(a, fd, buffer, a->start + at, n);
        if (!n)
            break;
        XXH3_64bits_update(&state, buffer, n);
    }
    if (fd >= 0)
        close(fd);
    return XXH3_64bits_digest(&state);
}

/* ---- Reading ---- */

static uint64_t targets_bytes(uint32_t count)
{
    return sizeof(struct targets) + count * sizeof *((struct targets *)NULL)->of;
}

static uint64_t part_bytes(const struct cache_file_header *h, enum cache_file_part part)
{
    const uint64_t bytes[PART_COUNT] = {
        [PART_CODE] = h->next,
        [PART_SLOTS] = (h->exit_count + UINT64_C(1)) * sizeof(uint64_t),
        [PART_BLOCKS] = h->block_count * (uint64_t)sizeof(struct block),
        [PART_EXITS] = h->exit_count * (uint64_t)sizeof(struct exit_site),
        [PART_MAPS] = h->maps_next,
        [PART_HEADS] = h->head_count * (uint64_t)sizeof(uint32_t) + text_pages_bytes(h->key.bytes) +
                       targets_bytes(h->target_count)};
    return bytes[part];
}

static bool header_in_order(const struct cache_file_header *h)
{
    uint64_t at = CACHE_FILE_PAGE;
    for (unsigned k = 0; k < PART_COUNT; k++) {
        if (h->part[k].at != at || h->part[k].bytes != page_up(part_bytes(h, k)))
            return false;
        at += h->part[k].bytes;
    }
    return at == h->file_bytes && h->code_room <= 1 << CODE_BITS && h->next <= h->code_room &&
           h->exit_count <= h->exit_room && h->block_count <= h->block_room &&
           h->maps_next <= h->maps_room && h->code_begin <= h->next && h->leave < h->code_begin &&
           h->lookup_second < h->code_begin && h->return_miss < h->code_begin &&
           h->helper_thunk < h->code_begin && h->exit_room <= h->code_room &&
           h->block_room <= h->code_room >> BLOCK_LEAST_BITS && h->maps_room <= h->code_room &&
           h->target_count <= TARGETS_MOST && h->name[sizeof h->name - 1] == 0;
}

static uint64_t checksum_of(int fd, const struct cache_file_header *h)
{
    enum { CHUNK = 128 << 10 };
    static uint8_t buffer[CHUNK] FAR_ZEROS;
    const size_t skip = offsetof(struct cache_file_header, file_bytes);
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    for (uint64_t at = skip; at < h->file_bytes;) {
        size_t want = h->file_bytes - at < CHUNK ? h->file_bytes - at : CHUNK;
        ssize_t n = pread(fd, buffer, want, (off_t)at);
        if (n <= 0)
            return ~h->checksum;
        XXH3_64bits_update(&state, buffer, (size_t)n);
        at += (size_t)n;
    }
    return XXH3_64bits_digest(&state);
}

const char *cache_file_header(int fd, struct cache_file_header *h)
{
    struct stat st;
    if (pread(fd, h, sizeof *h, 0) != sizeof *h || fstat(fd, &st))
        return "too short";
    if (h->magic != CACHE_FILE_MAGIC)
        return "not a file of translations";
    if (h->key.version != CACHE_FILE_VERSION)
        return "of another version";
    if (h->file_bytes != (uint64_t)st.st_size || !header_in_order(h))
        return "damaged (its size)";
    return NULL;
}

bool cache_file_is_ours(const struct cache_file_header *h)
{
    uint8_t build[sizeof h->key.build];
    return dl_iterate_phdr(find_build_id, build) == 1 &&
           memcmp(build, h->key.build, sizeof build) == 0;
}

const char *cache_file_check(int fd, struct cache_file_header *h)
{
    const char *wrong = cache_file_header(fd, h);
    if (!wrong && checksum_of(fd, h) != h->checksum)
        wrong = "damaged (its checksum)";
    return wrong;
}

/* From a file system that is mounted noexec. */
static bool copy_part(void *place, uint64_t bytes, uint64_t at, int prot, int fd)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    return mmap(place, bytes, PROT_READ | PROT_WRITE, flags, -1, 0) != MAP_FAILED &&
           pread(fd, place, bytes, (off_t)at) == (ssize_t)bytes &&
           mprotect(place, bytes, prot) == 0;
}

static bool contents_checked(int fd, const struct cache_file_header *h, const char *name)
{
    /* Where hashing is about as quick as asking. */
    const uint64_t small = 16 << 10;
    if (h->file_bytes > small && cache_dir_is_checked(fd, name))
        return true;
    if (checksum_of(fd, h) != h->checksum)
        return false;
    if (h->file_bytes > small)
        cache_dir_set_checked(fd, name);
    return true;
}

/* The hash of what that file of translations was made from, as the mapped file has it. */
static bool hash_same_text(const struct arena *a, int fd, const struct cache_file_header *h,
                           uint64_t *hash)
{
    const size_t bytes = text_pages_bytes(h->key.bytes);
    const uint64_t at = h->part[PART_HEADS].at + h->head_count * (uint64_t)sizeof(uint32_t);
    uint8_t *pages = malloc(bytes);
    bool ok = pages && pread(fd, pages, bytes, (off_t)at) == (ssize_t)bytes;
    if (ok) {
        char mapped[PATH_MAX];
        name_of_mapping(a, mapped, sizeof mapped);
        *hash = hash_text(a, pages, mapped);
    }
    free(pages);
    return ok;
}

/* True if the file that is mapped has the text that was translated. */
static bool text_is_same(const struct arena *a, int fd, const struct cache_file_header *h,
                         const char *name)
{
    const struct vm_file_id *id = &a->source.id;
    const uint64_t fact[CACHE_FACT_WORDS] = {id->device, id->inode, id->size,    id->mtime,
                                             id->ctime,  1,         h->text_hash};
    if (vm_file_same(&h->id, id) || (id->ctime && cache_dir_is_noted(name, fact)))
        return true;
    uint64_t hash;
    if (!hash_same_text(a, fd, h, &hash) || hash != h->text_hash)
        return false;
    if (id->ctime)
        cache_dir_note(name, fact);
    return true;
}

static bool map_parts(struct arena *a, const struct cache_file_header *h, int fd)
{
    void *const places[PART_COUNT] = {a->x, a->slots, a->blocks, a->exits, a->maps, a->heads};
    for (unsigned k = 0; k < PART_COUNT; k++) {
        int prot = k == PART_CODE ? PROT_READ | PROT_EXEC : PROT_READ | PROT_WRITE;
        if (h->part[k].bytes &&
            mmap(places[k], h->part[k].bytes, prot, MAP_PRIVATE | MAP_FIXED, fd,
                 (off_t)h->part[k].at) == MAP_FAILED &&
            (errno != EPERM || !copy_part(places[k], h->part[k].bytes, h->part[k].at, prot, fd)))
            return false;
    }
    return true;
}

/* The arena could not be mapped where the slots say it is. */
static void move_slots(struct arena *a, uint64_t from)
{
    for (uint32_t n = 0; n < a->exit_count; n++)
        *arena_slot(a, n) += (uint64_t)a->base - from;
}

/* The code is right for another bias: a copy is made right for this one. */
static bool move_code(struct arena *a, const struct cache_file_header *h, int fd)
{
    const size_t bytes = h->part[PART_CODE].bytes;
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    if (h->fixed || mmap(a->x, bytes, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED ||
        pread(fd, a->x, bytes, (off_t)h->part[PART_CODE].at) != (ssize_t)bytes)
        return false;
    for (uint32_t n = 0; n < h->block_count; n++) {
        struct found f = {a, &a->blocks[n]};
        if (f.block->code_off + (uint64_t)f.block->code_len > h->next ||
            !moved_add(f, a->x + f.block->code_off, a->bias - h->bias))
            return false;
    }
    if (mprotect(a->x, bytes, PROT_READ | PROT_EXEC))
        return false;
    translate_stats.moved_blocks += h->block_count;
    return true;
}

static bool load(struct arena *a, int fd, const struct cache_file_key *key, const char *name)
{
    struct cache_file_header h;
    if (cache_file_header(fd, &h) || memcmp(&h.key, key, sizeof *key) != 0 ||
        !contents_checked(fd, &h, name))
        return false;
    if (!text_is_same(a, fd, &h, name))
        return false;
    const struct arena_size size = {h.code_room, h.exit_room, h.block_room, h.maps_room,
                                    h.head_count};
    if (!arena_reserve(a, &size, h.base))
        return false;
    if (!map_parts(a, &h, fd) || (a->bias != h.bias && !move_code(a, &h, fd))) {
        munmap(a->base, a->bytes);
        a->code_room = 0;
        return false;
    }
    a->next = a->sealed = h.next;
    a->code_begin = h.code_begin;
    a->leave = h.leave;
    a->lookup_second = h.lookup_second;
    a->return_miss = h.return_miss;
    a->helper_thunk = h.helper_thunk;
    a->exit_count = h.exit_count;
    a->maps_next = h.maps_next;
    a->block_count = a->loaded = h.block_count;
    a->target_count = h.target_count;
    a->fixed = h.fixed;
    a->generation = h.generation;
    if ((uint64_t)a->base != h.base)
        move_slots(a, h.base);
    const uint64_t self = (uint64_t)(a - arenas);
    if (a->slots[0] != self) /* else the page stays shared */
        a->slots[0] = self;
    return true;
}

bool cache_file_load(struct arena *a)
{
    struct cache_file_key key;
    char name[64];
    if (!disk.on)
        return false;
    key_of(a, &key);
    name_of(&key, name);
    for (unsigned layer = 0; layer < cache_dir_count(); layer++) {
        int fd = cache_dir_open(layer, name);
        bool loaded = fd >= 0 && load(a, fd, &key, name);
        if (fd >= 0)
            close(fd);
        if (loaded)
            return true;
    }
    return false;
}

/* ---- Writing ---- */

static uint32_t find_block(const struct arena *a, uint64_t pc, uint32_t mode)
{
    if (arena_knows_blocks(a) && arena_known(a, a->bias + pc) != KNOWN_BLOCK)
        return 0;
    for (uint32_t n = a->heads[file_bucket(a, a->bias + pc)]; n; n = a->blocks[n - 1].next_hash)
        if (a->blocks[n - 1].pc == pc && a->blocks[n - 1].mode == mode)
            return n;
    return 0;
}

static void forget_traps(struct arena *a)
{
    for (uint32_t n = 0; n < a->block_count; n++) {
        struct block *b = &a->blocks[n];
        for (unsigned k = 0; k < b->trap_count; k++)
            maps_traps((struct found){a, b})[k].count = 0;
    }
}

/* Gathers what is written. */
enum { BUFFER_ENOUGH = 64 << 10 };
struct writer {
    int fd;
    bool ok;
    uint64_t at;
    XXH3_state_t hash;
    size_t used; /* less than BUFFER_ENOUGH, so that a block has room behind it */
    uint8_t buffer[BUFFER_ENOUGH + BLOCK_MAX_BYTES];
};

static void put_out(struct writer *w)
{
    const uint8_t *p = w->buffer;
    XXH3_64bits_update(&w->hash, p, w->used);
    for (ssize_t done; w->ok && w->used; w->used -= w->ok ? (size_t)done : 0) {
        done = write(w->fd, p, w->used);
        w->ok = done > 0;
        p += done;
    }
    w->used = 0;
}

/* What is in the buffer already. */
static void put_filled(struct writer *w, size_t n)
{
    w->at += n;
    w->used += n;
    if (w->used >= BUFFER_ENOUGH)
        put_out(w);
}

static void put(struct writer *w, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    while (n) {
        size_t room = BUFFER_ENOUGH - w->used, part = n < room ? n : room;
        memcpy(w->buffer + w->used, p, part);
        put_filled(w, part);
        p += part;
        n -= part;
    }
}

static void put_page_end(struct writer *w)
{
    static const uint8_t zeros[CACHE_FILE_PAGE];
    put(w, zeros, page_up(w->at) - w->at);
}

/* Every exit whose target is there becomes a direct jump to it in the file, if it is none yet.
 * The arena says so from now on, though its own code may still go through slots: such exits are
 * just not chained any more, which is right, if slower, should the process go on. */
static void link_exits(struct arena *a, const struct block *b, uint8_t *code)
{
    for (uint32_t k = b->exits; k < b->exits + b->exit_count; k++) {
        struct exit_site *e = &a->exits[k];
        const uint8_t *x = a->x + e->patch, *target = x + e->stub;
        uint8_t *field = code + (e->patch - b->code_off);
        if (e->patch >= a->sealed && host_rel32_target(field, x) != target)
            continue;
        uint32_t n = find_block(a, exit_target(a, e), b->mode);
        e->chained = e->patched = n != 0;
        if (n)
            target = a->x + a->blocks[n - 1].code_off;
        host_patch_rel32(field, x, target);
    }
}

/* Which place a file of translations is right for. */
struct home {
    uint64_t bias, base;
};

/* The code as it would be if all exits had been chained by patching. */
static void put_code(struct writer *w, struct arena *a, const struct home *home)
{
    uint32_t from = a->code_begin;
    put(w, a->x, from);
    for (uint32_t n = 0; n < a->block_count; n++) {
        struct block *b = &a->blocks[n];
        uint32_t end = b->code_off + b->code_len;
        uint8_t *code = memcpy(w->buffer + w->used, a->x + from, end - from);
        link_exits(a, b, code + (b->code_off - from));
        if (home->bias != a->bias)
            w->ok &=
                moved_add((struct found){a, b}, code + (b->code_off - from), home->bias - a->bias);
        put_filled(w, end - from);
        from = end;
    }
    put(w, a->x + from, a->next - from);
}

static void put_slots(struct writer *w, const struct arena *a, const struct home *home)
{
    const uint64_t self = (uint64_t)(a - arenas);
    const uint64_t leave = home->base + (uint64_t)(a->x - a->base) + a->leave;
    put(w, &self, sizeof self);
    for (uint32_t k = 0; k < a->exit_count; k++)
        put(w, &leave, sizeof leave);
}

static void fill_header(struct cache_file_header *h, const struct arena *a,
                        const struct cache_file_key *key, const struct home *home,
                        uint32_t target_count)
{
    *h = (struct cache_file_header){.magic = CACHE_FILE_MAGIC,
                                    .key = *key,
                                    .id = a->source.id,
                                    .bias = home->bias,
                                    .base = home->base,
                                    .places = disk.places,
                                    .fixed = a->fixed,
                                    .code_room = a->code_room,
                                    .exit_room = a->exit_room,
                                    .block_room = a->block_room,
                                    .maps_room = a->maps_room,
                                    .head_count = a->head_count,
                                    .next = a->next,
                                    .code_begin = a->code_begin,
                                    .leave = a->leave,
                                    .lookup_second = a->lookup_second,
                                    .return_miss = a->return_miss,
                                    .helper_thunk = a->helper_thunk,
                                    .block_count = a->block_count,
                                    .exit_count = a->exit_count,
                                    .maps_next = a->maps_next,
                                    .target_count = target_count};
    if (getrandom(&h->generation, sizeof h->generation, GRND_NONBLOCK) != sizeof h->generation)
        h->generation = (uint64_t)getpid() << 32 | a->block_count;
    name_of_mapping(a, h->name, sizeof h->name);
    h->text_hash = hash_text(a, a->text_pages, h->name);
    uint64_t at = CACHE_FILE_PAGE;
    for (unsigned k = 0; k < PART_COUNT; k++) {
        h->part[k].at = at;
        h->part[k].bytes = page_up(part_bytes(h, k));
        at += h->part[k].bytes;
    }
    h->file_bytes = at;
}

static bool write_arena(int fd, struct arena *a, const struct cache_file_key *key,
                        const struct home *home)
{
    const void *const from[PART_COUNT] = {[PART_BLOCKS] = a->blocks,
                                          [PART_EXITS] = a->exits,
                                          [PART_MAPS] = a->maps,
                                          [PART_HEADS] = a->heads};
    static struct writer writer FAR_ZEROS; /* under cache_lock */
    static union {
        struct targets t;
        uint8_t bytes[TARGETS_BYTES];
    } targets FAR_ZEROS;
    struct writer *w = &writer;
    struct cache_file_header h;
    forget_traps(a);
    fill_header(&h, a, key, home, targets_list(a, vcpu_running(), &targets.t));
    XXH3_64bits_reset(&w->hash);
    w->fd = fd;
    w->used = 0;
    w->at = offsetof(struct cache_file_header, file_bytes);
    w->ok = text_unchanged(a, h.name) && lseek(fd, (off_t)w->at, SEEK_SET) >= 0;
    put(w, (const uint8_t *)&h + w->at, sizeof h - w->at);
    put_page_end(w);
    put_code(w, a, home);
    put_page_end(w);
    put_slots(w, a, home);
    put_page_end(w);
    for (unsigned k = PART_BLOCKS; k < PART_COUNT; k++) {
        const size_t behind = k == PART_HEADS ? targets_bytes(h.target_count) : 0;
        put(w, from[k], part_bytes(&h, k) - behind);
        put(w, &targets, behind);
        put_page_end(w);
    }
    put_out(w);
    h.checksum = XXH3_64bits_digest(&w->hash);
    if (!w->ok || w->at != h.file_bytes || pwrite(fd, &h, sizeof h, 0) != (ssize_t)sizeof h)
        return false;
    a->generation = h.generation;
    return true;
}

/* What another process has written meanwhile; NULL: nothing, or nothing of use. */
static struct saved_block *read_other(const struct arena *a, const struct cache_file_key *key,
                                      const char *name, unsigned *count)
{
    struct cache_file_header h;
    struct saved_block *saved = NULL;
    struct block *blocks = NULL;
    int fd = cache_dir_open(0, name);
    if (fd < 0)
        return NULL;
    if (!cache_file_header(fd, &h) && memcmp(&h.key, key, sizeof *key) == 0 &&
        h.generation != a->generation && contents_checked(fd, &h, name) &&
        text_is_same(a, fd, &h, name)) {
        const size_t bytes = part_bytes(&h, PART_BLOCKS);
        blocks = malloc(bytes + 1);
        saved = malloc(h.block_count * sizeof *saved + 1);
        if (!blocks || !saved ||
            pread(fd, blocks, bytes, (off_t)h.part[PART_BLOCKS].at) != (ssize_t)bytes) {
            free(saved);
            saved = NULL;
        }
    }
    close(fd);
    *count = 0;
    for (uint32_t n = 0; saved && n < h.block_count; n++)
        if (!blocks[n].dropped)
            saved[(*count)++] =
                (struct saved_block){blocks[n].pc, blocks[n].mode, blocks[n].own_loop};
    free(blocks);
    return saved;
}

/* One writer of a file at a time; -1: somebody else is at it, for longer than is worth waiting. */
static int lock_name(const char *name)
{
    enum { TRIES = 20 };
    const struct timespec millisecond = {.tv_nsec = 1000000};
    char path[PATH_MAX];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    lock.l_start = (off_t)(XXH3_64bits(name, strlen(name)) >> 2);
    snprintf(path, sizeof path, "%s/lock", cache_dir_name(0));
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    for (int k = 0; fd >= 0 && fcntl(fd, F_OFD_SETLK, &lock); k++) {
        if (k == TRIES || (errno != EAGAIN && errno != EACCES)) {
            close(fd);
            return -1;
        }
        nanosleep(&millisecond, NULL);
    }
    return fd;
}

/* The file that there is keeps its place: that of a second mapping of the same code is only a
 * guest.  Unless the place has followed from another secret. */
static struct home home_of(const struct arena *a, const struct cache_file_key *key,
                           const char *name)
{
    struct home home = {a->bias, (uint64_t)a->base};
    struct cache_file_header h;
    int fd = cache_dir_open(0, name);
    if (fd >= 0 && !cache_file_header(fd, &h) && memcmp(&h.key, key, sizeof *key) == 0 &&
        h.places == disk.places && !h.fixed && !a->fixed)
        home = (struct home){h.bias, h.base};
    if (fd >= 0)
        close(fd);
    return home;
}

static void replace(struct arena *a, const struct cache_file_key *key, const char *name)
{
    const struct home home = home_of(a, key, name);
    char path[PATH_MAX], temporary[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", cache_dir_name(0), name);
    snprintf(temporary, sizeof temporary, "%s.%d.tmp", path, (int)getpid());
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return;
    if (!write_arena(fd, a, key, &home) || rename(temporary, path))
        unlink(temporary);
    else
        cache_dir_set_checked(fd, name);
    close(fd);
}

/* Writing costs about as much for 30 blocks as translating one again.  If little is
 * new, only some of the processes that need it write it. */
static bool worth_saving(const struct arena *a)
{
    uint64_t fresh = a->block_count - a->loaded + a->superseded;
    uint32_t chance;
    if (!a->file || !a->code_room || a->dead || !fresh)
        return false;
    return fresh * 32 > a->loaded ||
           (getrandom(&chance, sizeof chance, GRND_NONBLOCK) == sizeof chance &&
            chance % a->loaded < fresh * 32);
}

void cache_file_save(struct arena *a)
{
    struct cache_file_key key;
    char name[64];
    if (!disk.on || !cache_dir_writable() || !worth_saving(a))
        return;
    key_of(a, &key);
    name_of(&key, name);
    int lock = lock_name(name);
    if (lock < 0)
        return;
    unsigned count;
    struct saved_block *saved = read_other(a, &key, name, &count);
    struct arena *whole = saved ? cache_merge(a, saved, count) : a;
    free(saved);
    if (whole) {
        replace(whole, &key, name);
        whole->loaded = whole->block_count;
        whole->superseded = 0;
        /* Now and then. */
        if ((a->block_count ^ (unsigned)getpid()) % 16 == 0)
            cache_dir_trim(cache_dir_max());
    }
    close(lock);
    a->loaded = a->block_count;
    a->superseded = 0;
}

uint64_t cache_file_place(const struct arena *a)
{
    const uint64_t low = UINT64_C(0x300000000000), room = UINT64_C(1) << 41;
    uint64_t of[CACHE_SECRET_BYTES / 8 + 4] = {0};
    const uint8_t *secret = cache_dir_secret();
    if (!disk.on || !secret)
        return 0;
    memcpy(of, secret, CACHE_SECRET_BYTES);
    memcpy(of + CACHE_SECRET_BYTES / 8, a->source.id.content, sizeof a->source.id.content);
    of[CACHE_SECRET_BYTES / 8 + 2] = a->start;
    of[CACHE_SECRET_BYTES / 8 + 3] = 1;
    return low + (XXH3_64bits(of, sizeof of) % room & ~UINT64_C(0xffff));
}
