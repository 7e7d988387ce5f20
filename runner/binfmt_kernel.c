/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "runner/binfmt.h"
#include "translate/guest.h"

#define OUR_PREFIX "ferry-"

/* ---- A guest's ELF header ---- */

static void put_half(const struct guest *g, uint8_t *to, unsigned value)
{
    bool big = g->elf_data == ELFDATA2MSB;

    to[big] = value & 0xff;
    to[!big] = value >> 8;
}

/* Looked at are the bytes of the header that the loader looks at: neither
 * the OS ABI nor what follows it in e_ident. */
static void make_magic(const struct guest *g, uint8_t magic[BINFMT_MAGIC],
                       uint8_t mask[BINFMT_MAGIC])
{
    const size_t type = offsetof(Elf64_Ehdr, e_type), machine = offsetof(Elf64_Ehdr, e_machine);

    _Static_assert(offsetof(Elf64_Ehdr, e_version) == BINFMT_MAGIC, "as long as what is checked");
    memset(magic, 0, BINFMT_MAGIC);
    memset(mask, 0, BINFMT_MAGIC);
    memcpy(magic, ELFMAG, SELFMAG);
    magic[EI_CLASS] = g->elf_class;
    magic[EI_DATA] = g->elf_data;
    magic[EI_VERSION] = EV_CURRENT;
    memset(mask, 0xff, EI_VERSION + 1);
    /* 2 and 3: ET_EXEC and ET_DYN */
    put_half(g, magic + type, ET_EXEC);
    put_half(g, mask + type, 0xfffe);
    put_half(g, magic + machine, g->elf_machine);
    put_half(g, mask + machine, 0xffff);
}

static char *put_escaped(char *to, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to += sprintf(to, "\\x%02x", bytes[i]);
    return to;
}

void binfmt_line(const struct guest *g, const char *interpreter, const char *flags,
                 char line[BINFMT_LINE_MAX])
{
    uint8_t magic[BINFMT_MAGIC], mask[BINFMT_MAGIC];
    char *p = line;

    make_magic(g, magic, mask);
    p += sprintf(p, ":" OUR_PREFIX "%s:M::", g->name);
    p = put_escaped(p, magic, sizeof magic);
    *p++ = ':';
    p = put_escaped(p, mask, sizeof mask);
    snprintf(p, (size_t)(line + BINFMT_LINE_MAX - p), ":%s:%s", interpreter, flags);
}

/* ---- What the kernel has ---- */

static bool is_mounted(void)
{
    return access(BINFMT_DIR "/register", F_OK) == 0;
}

int binfmt_mount(void)
{
    if (is_mounted())
        return 0;
    if (mount("binfmt_misc", BINFMT_DIR, "binfmt_misc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
        return -errno;
    return is_mounted() ? 0 : -ENOENT;
}

static ssize_t read_file(const char *name, char *text, size_t size)
{
    char path[512];

    snprintf(path, sizeof path, BINFMT_DIR "/%s", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n = read(fd, text, size - 1);
    if (n >= 0)
        text[n] = '\0';
    else
        n = -errno;
    close(fd);
    return n;
}

int binfmt_write(const char *name, const char *text)
{
    char path[512];

    snprintf(path, sizeof path, BINFMT_DIR "/%s", name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = write(fd, text, strlen(text)) < 0 ? -errno : 0;
    close(fd);
    return r;
}

bool binfmt_is_on(void)
{
    char text[64];

    return read_file("status", text, sizeof text) > 0 && strncmp(text, "enabled", 7) == 0;
}

static unsigned parse_bytes(const char *hex, uint8_t bytes[BINFMT_MAGIC_MAX])
{
    unsigned n = 0, byte;

    while (n < BINFMT_MAGIC_MAX && sscanf(hex + 2 * n, "%2x", &byte) == 1)
        bytes[n++] = (uint8_t)byte;
    return n;
}

void binfmt_parse(struct binfmt_entry *e, char *text)
{
    char *rest = text, *line;

    memset(e->mask, 0xff, sizeof e->mask);
    while ((line = strsep(&rest, "\n"))) {
        if (strcmp(line, "enabled") == 0)
            e->enabled = true;
        else if (strncmp(line, "interpreter ", 12) == 0)
            snprintf(e->interpreter, sizeof e->interpreter, "%s", line + 12);
        else if (strncmp(line, "flags: ", 7) == 0)
            snprintf(e->flags, sizeof e->flags, "%s", line + 7);
        else if (strncmp(line, "offset ", 7) == 0)
            e->offset = (unsigned)strtoul(line + 7, NULL, 10);
        else if (strncmp(line, "magic ", 6) == 0)
            e->size = parse_bytes(line + 6, e->magic);
        else if (strncmp(line, "mask ", 5) == 0)
            parse_bytes(line + 5, e->mask);
        else if (strncmp(line, "extension ", 10) == 0)
            e->is_extension = true;
    }
}

int binfmt_list(struct binfmt_entry **entries)
{
    DIR *dir = opendir(BINFMT_DIR);
    struct dirent *d;
    char text[4096];
    int n = 0;

    *entries = NULL;
    if (!dir)
        return -errno;
    while ((d = readdir(dir))) {
        if (d->d_name[0] == '.' || strcmp(d->d_name, "register") == 0 ||
            strcmp(d->d_name, "status") == 0 || read_file(d->d_name, text, sizeof text) < 0)
            continue;
        struct binfmt_entry *more = realloc(*entries, (size_t)(n + 1) * sizeof *more);
        if (!more)
            break;
        *entries = more;
        more[n] = (struct binfmt_entry){0};
        snprintf(more[n].name, sizeof more[n].name, "%s", d->d_name);
        binfmt_parse(&more[n++], text);
    }
    closedir(dir);
    return n;
}

bool binfmt_takes(const struct binfmt_entry *e, const struct guest *g)
{
    uint8_t file[BINFMT_MAGIC_MAX] = {0}, mask[BINFMT_MAGIC];

    if (e->is_extension || !e->size || e->offset + e->size > sizeof file)
        return false;
    make_magic(g, file, mask);
    for (unsigned i = 0; i < e->size; i++)
        if ((file[e->offset + i] ^ e->magic[i]) & e->mask[i])
            return false;
    return true;
}

const char *binfmt_our_guest(const char *entry_name)
{
    size_t n = strlen(OUR_PREFIX);

    return strncmp(entry_name, OUR_PREFIX, n) == 0 ? entry_name + n : NULL;
}

bool binfmt_gives_credentials(const struct guest *g)
{
    struct binfmt_entry e = {0};
    char name[64], text[4096];

    snprintf(name, sizeof name, OUR_PREFIX "%s", g->name);
    if (read_file(name, text, sizeof text) <= 0)
        return false;
    binfmt_parse(&e, text);
    return e.enabled && strchr(e.flags, 'C');
}

bool binfmt_listed(const char *list, const char *name)
{
    size_t len = strlen(name);

    for (const char *s = list; s && *s; s += *s == ',') {
        size_t n = strcspn(s, ",");
        if (n == len && memcmp(s, name, n) == 0)
            return true;
        s += n;
    }
    return !list;
}
