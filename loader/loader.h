/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a file name to a guest program ready to run.
 *
 *     struct exec_file f;
 *     int r = exec_resolve("/bin/prog", "/bin/prog", argv, &f);
 *     if (r == 0 && f.guest)
 *         r = loader_load(&f, env, stack_size);
 *     if (r)
 *         complain(f.where, f.why);
 *     f.guest->reset(cpu, loaded.entry, loaded.sp);
 *
 * exec_resolve is what execve needs too: it says what kind of file a name
 * stands for and follows scripts to their interpreter as the kernel does.
 */
#ifndef FERRY_LOADER_H
#define FERRY_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "translate/guest.h"

struct exec_file {
    /* The guest that the file is for; NULL: no guest's ELF, the host's
     * kernel may know it (host programs, other binary formats). */
    const struct guest *guest;
    int fd;       /* open for reading, close-on-exec */
    char *name;   /* as the guest calls it; a script's interpreter */
    char *path;   /* the same as a host path */
    char **argv;  /* NULL-terminated; script interpreters have been put in */
    char **words; /* the strings that argv has got from scripts, to be freed */

    /* After an error: the file that it is about, and one sentence. */
    char where[4096];
    char why[160];
};

/* Finds out what execve(name, argv) is to run.  path is the host path
 * of name (sysroot applied, /proc/self/fd/N for a descriptor).  Returns 0 and
 * fills f, or -errno as the kernel's execve (ENOENT, EACCES, ENOEXEC, ELOOP,
 * ELIBBAD, ...; of a guest ELF the program headers and the presence of its
 * interpreter have been checked).  fs/exec.c, fs/binfmt_script.c. */
int exec_resolve(const char *name, const char *path, char *const argv[], struct exec_file *f);
/* The same for a program that is open already as fd, which f then owns. */
int exec_resolve_fd(const char *name, const char *path, int fd, char *const argv[],
                    struct exec_file *f);
void exec_file_free(struct exec_file *f);

/* Maps the program of f (a guest ELF) and its ELF interpreter, and builds the
 * initial stack.  Fills `loaded`.  0; or -errno with f->where and f->why. */
int loader_load(struct exec_file *f, char *const env[], uint64_t stack_size);

/* The running program, for /proc/self/{auxv,cmdline,environ,exe,stat} and
 * prctl(PR_SET_MM).  All addresses are the guest's. */
enum { AUXV_MAX = 48 };
struct loaded_program {
    const struct guest *guest;
    char *exe;  /* absolute host path, for /proc/self/exe */
    char *name; /* AT_EXECFN: name of the program as execve got it */
    char comm[16];
    uint64_t entry, sp;     /* where to start */
    uint64_t program_entry; /* AT_ENTRY */
    uint64_t load_bias, interp_base;
    uint64_t entry_bias; /* of the image that entry is in */
    uint32_t elf_flags;  /* e_flags of the program */
    uint64_t start_code, end_code, start_data, end_data, start_brk, start_stack;
    uint64_t arg_start, arg_end, env_start, env_end;
    uint64_t stack_low, stack_high; /* mapping of the initial stack */
    uint64_t vdso;                  /* image, or 0 */
    uint64_t sigreturn;             /* address of the vDSO's rt_sigreturn, or 0 */
    uint64_t sigreturn_old;         /* and of sigreturn */
    uint8_t auxv[AUXV_MAX * 16];    /* as the guest got it, AT_NULL included */
    size_t auxv_size;
};
extern struct loaded_program loaded;

/* For struct guest.auxv. */
void auxv_add(struct auxv *v, uint64_t type, uint64_t value);
/* Puts a string onto the initial stack; its guest address. */
uint64_t auxv_string(struct auxv *v, const char *s);

/* A guest's vDSO (struct guest.vdso): a complete ELF image, mapped as it is. */
struct guest_vdso {
    const uint8_t *image;
    size_t size;
    /* Offsets of the trampolines that signal handlers return to; the second
     * for frames without siginfo, where the guest has them, or 0. */
    uint32_t sigreturn, sigreturn_old;
};

#endif
