/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is registered at boot: /etc/binfmt.d/zz-ferry.conf, which systemd-binfmt
 * reads, and OpenRC's binfmt too.  Where neither is, a service of ours
 * (binfmt/) has ferry read it.  The name sorts last, as of several entries for
 * a file the kernel takes the one that was registered last.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/binfmt.h"

#define CONFIG "/etc/binfmt.d/zz-ferry.conf"
#define UNIT   "/etc/systemd/system/ferry-binfmt.service"
#define WANTS  "/etc/systemd/system/sysinit.target.wants/ferry-binfmt.service"
#define INIT   "/etc/init.d/ferry-binfmt"
#define OPENRC "/etc/runlevels/boot/binfmt"

static const char *const run_levels[] = {"/etc/rc2.d/S01ferry-binfmt", "/etc/rc3.d/S01ferry-binfmt",
                                         "/etc/rc4.d/S01ferry-binfmt",
                                         "/etc/rc5.d/S01ferry-binfmt"};
enum { RUN_LEVELS = sizeof run_levels / sizeof *run_levels };

/* The services' sources, from the files of those names. */
#define EMBED(name, file)                                                                          \
    __asm__(".pushsection .rodata\n" #name ": .incbin \"" file "\"\n.byte 0\n.popsection");        \
    extern const char name[] __attribute__((visibility("hidden")))
EMBED(binfmt_unit, "binfmt/ferry-binfmt.service");
EMBED(binfmt_init, "binfmt/ferry-binfmt.init");

static const char *in_root(const char *root, const char *name, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s%s", root, name);
    return path;
}

static bool there(const char *root, const char *name)
{
    char path[PATH_MAX];

    return access(in_root(root, name, path), F_OK) == 0;
}

static int fail(const char *what, const char *where)
{
    fprintf(stderr, "ferry: binfmt: cannot %s %s: %s\n", what, where, strerror(errno));
    return EXIT_FAILURE;
}

/* Directories above path. */
static void make_parents(char *path)
{
    for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
        *p = '\0';
        mkdir(path, 0755);
        *p = '/';
    }
}

static int write_file(const char *root, const char *name, const char *text, mode_t mode)
{
    char path[PATH_MAX], temporary[PATH_MAX + 8];

    make_parents((char *)in_root(root, name, path));
    snprintf(temporary, sizeof temporary, "%s.new", path);
    FILE *f = fopen(temporary, "we");
    if (!f)
        return fail("write", temporary);
    bool failed = fputs(text, f) < 0;
    failed |= fchmod(fileno(f), mode) != 0;
    failed |= fclose(f) != 0;
    if (failed || rename(temporary, path)) {
        int status = fail("write", path);
        unlink(temporary);
        return status;
    }
    printf("wrote %s\n", path);
    return 0;
}

static int remove_file(const char *root, const char *name)
{
    char path[PATH_MAX];

    if (unlink(in_root(root, name, path)) == 0) {
        printf("removed %s\n", path);
        return 0;
    }
    return errno == ENOENT || errno == ENOTDIR ? 0 : fail("remove", path);
}

static int make_link(const char *root, const char *name, const char *target)
{
    char path[PATH_MAX];

    make_parents((char *)in_root(root, name, path));
    return symlink(target, path) == 0 || errno == EEXIST ? 0 : fail("write", path);
}

/* A service's source with ferry's place put in. */
static char *fill_in(const char *source, const char *ferry)
{
    static const char mark[] = "@FERRY@";
    char *text = NULL;
    const char *found;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    for (; (found = strstr(source, mark)); source = found + strlen(mark))
        fprintf(f, "%.*s%s", (int)(found - source), source, ferry);
    fputs(source, f);
    fclose(f);
    return text;
}

/* ---- Who reads the file ---- */

static bool has_systemd(const char *root, const char *unit)
{
    char name[PATH_MAX];

    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "%s/lib/systemd/system%s", i ? "/usr" : "", unit);
        if (there(root, name))
            return true;
    }
    return false;
}

static int install_service(const char *root, const char *ferry)
{
    int status = 0;
    char *text;

    if (has_systemd(root, "/systemd-binfmt.service"))
        return 0;
    if (has_systemd(root, "/sysinit.target")) {
        text = fill_in(binfmt_unit, ferry);
        status = write_file(root, UNIT, text, 0644);
        free(text);
        return status ? status : make_link(root, WANTS, UNIT);
    }
    if (there(root, "/etc/init.d/binfmt") && there(root, "/etc/runlevels/boot"))
        return make_link(root, OPENRC, "/etc/init.d/binfmt");
    if (there(root, "/etc/init.d")) {
        text = fill_in(binfmt_init, ferry);
        status = write_file(root, INIT, text, 0755);
        free(text);
        for (int i = 0; i < RUN_LEVELS && !status; i++)
            status = make_link(root, run_levels[i], "../init.d/ferry-binfmt");
        return status;
    }
    printf("nothing here registers it at boot: have it run `%s binfmt boot` then\n", ferry);
    return 0;
}

static int remove_service(const char *root)
{
    int status = 0;

    for (int i = 0; i < RUN_LEVELS; i++)
        status |= remove_file(root, run_levels[i]);
    return status | remove_file(root, INIT) | remove_file(root, WANTS) | remove_file(root, UNIT);
}

/* ---- The file ---- */

/* The guest of a line; NULL: a comment. */
static const char *line_guest(char *line)
{
    char *end;

    if (line[0] != ':' || !(end = strchr(line + 1, ':')))
        return NULL;
    *end = '\0';
    const char *guest = binfmt_our_guest(line + 1);
    return guest;
}

int binfmt_boot_update(const char *root, const char *ferry, const char *archs, const char *added)
{
    char path[PATH_MAX], line[BINFMT_LINE_MAX + 2], copy[BINFMT_LINE_MAX + 2], *text = NULL;
    const char *guest;
    bool empty = !added;
    size_t size;
    int status;
    FILE *old = fopen(in_root(root, CONFIG, path), "re"), *f;

    if (!old && !added)
        return 0;
    f = open_memstream(&text, &size);
    fputs("# Written by `ferry binfmt`, which rewrites it.\n", f);
    while (old && fgets(line, sizeof line, old)) {
        strcpy(copy, line);
        guest = line_guest(copy);
        if (guest && !binfmt_listed(archs, guest)) {
            fputs(line, f);
            empty = false;
        }
    }
    if (old)
        fclose(old);
    if (added)
        fputs(added, f);
    fclose(f);
    if (empty)
        status = remove_file(root, CONFIG) | remove_service(root);
    else
        status = write_file(root, CONFIG, text, 0644);
    free(text);
    if (added && !status)
        status = install_service(root, ferry);
    return status;
}

bool binfmt_boot_has(const char *root, const char *guest)
{
    char path[PATH_MAX], line[BINFMT_LINE_MAX + 2];
    FILE *f = fopen(in_root(root, CONFIG, path), "re");
    const char *name;
    bool found = false;

    while (f && !found && fgets(line, sizeof line, f))
        found = (name = line_guest(line)) && strcmp(name, guest) == 0;
    if (f)
        fclose(f);
    return found;
}

int binfmt_boot_load(void)
{
    char line[BINFMT_LINE_MAX + 2], copy[BINFMT_LINE_MAX + 2];
    FILE *f = fopen(CONFIG, "re");
    int r = binfmt_mount(), status = 0;

    if (!f)
        return fail("read", CONFIG);
    while (!r && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        strcpy(copy, line);
        if (!line_guest(copy))
            continue;
        binfmt_write(copy + 1, "-1");
        errno = -binfmt_write("register", line);
        if (errno)
            status = fail("register", copy + 1);
    }
    fclose(f);
    errno = -r;
    return r ? fail("mount", BINFMT_DIR) : status;
}
