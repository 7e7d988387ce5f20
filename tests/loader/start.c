/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program finds when it starts: arguments, auxiliary vector, memory map,
 * vDSO, and a heap that grows.  Prints one line for each argument and
 * a "wrong" line for each thing that is not as Linux has it. */
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
extern const ElfW(Ehdr) __ehdr_start;
void _start(void);

static int bss[20000];
static int data = 42;

#define EXPECT(x) ((x) ? (void)0 : (void)printf("wrong: %s\n", #x))

static int map_has(const char *needle)
{
    FILE *f = fopen("/proc/self/maps", "r");
    char line[4096];
    int found = 0;

    while (f && fgets(line, sizeof line, f))
        found |= strstr(line, needle) != NULL;
    if (f)
        fclose(f);
    return found;
}

static void check_auxv(char **argv, char **env)
{
    const unsigned char *random = (void *)getauxval(AT_RANDOM);
    const ElfW(Ehdr) *vdso = (void *)getauxval(AT_SYSINFO_EHDR);
    unsigned sum = 0;

    EXPECT(getauxval(AT_PAGESZ) == 4096);
    EXPECT(getauxval(AT_PHDR) == (unsigned long)&__ehdr_start + __ehdr_start.e_phoff);
    EXPECT(getauxval(AT_PHENT) == sizeof(ElfW(Phdr)));
    EXPECT(getauxval(AT_PHNUM) == __ehdr_start.e_phnum);
    EXPECT(getauxval(AT_ENTRY) == (unsigned long)_start);
    EXPECT(getauxval(AT_UID) == getuid() && getauxval(AT_EUID) == geteuid());
    EXPECT(getauxval(AT_GID) == getgid() && getauxval(AT_EGID) == getegid());
    EXPECT(getauxval(AT_SECURE) == 0);
    EXPECT(getauxval(AT_CLKTCK) == 100);
    EXPECT(getauxval(AT_FLAGS) == 0);
    EXPECT((getauxval(AT_HWCAP) & 3) == 3); /* fp, asimd */
    EXPECT(getauxval(51 /* AT_MINSIGSTKSZ */) >= 4720);
    EXPECT(strcmp((char *)getauxval(AT_PLATFORM), "aarch64") == 0);
    EXPECT((char *)getauxval(AT_EXECFN) > env[0]);
    for (int i = 0; i < 16; i++)
        sum += random[i];
    EXPECT(sum != 0);
    EXPECT(vdso && memcmp(vdso->e_ident, ELFMAG, SELFMAG) == 0 && vdso->e_machine == EM_AARCH64);
    /* Strings follow each other, arguments before environment. */
    EXPECT(!argv[1] || argv[1] == argv[0] + strlen(argv[0]) + 1);
    EXPECT(env[0] > argv[0]);
}

static void check_memory(void)
{
    for (int i = 0; i < 20000; i++)
        EXPECT(bss[i] == 0);
    EXPECT(data == 42);
    char *start = sbrk(300 << 20);
    EXPECT(start != (char *)-1);
    if (start != (char *)-1) {
        memset(start, 1, 4096);
        start[(300 << 20) - 1] = 1;
    }
    EXPECT(map_has("[heap]"));
    EXPECT(map_has("[stack]"));
    EXPECT(map_has("[vdso]"));
    EXPECT(!map_has("/ferry\n"));
    EXPECT(!map_has("rwxp"));
}

int main(int argc, char **argv)
{
    struct timespec t;

    for (int i = 0; i < argc; i++)
        printf("argument %d: %s\n", i, argv[i]);
    if (getenv("SHOW"))
        printf("SHOW=%s\n", getenv("SHOW"));
    if (getenv("EXECFN"))
        printf("AT_EXECFN: %s\n", (char *)getauxval(AT_EXECFN));
    check_auxv(argv, environ);
    check_memory();
    EXPECT(clock_gettime(CLOCK_MONOTONIC, &t) == 0 && t.tv_nsec < 1000000000);
    return argc;
}
