/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc shows of the process: the guest, not what runs it. */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char text[1 << 16];

static size_t get_at(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    size_t len = 0;
    ssize_t n;

    while ((n = read(fd, text + len,
                     4000 < sizeof(text) - 1 - len ? 4000 : sizeof(text) - 1 - len)) > 0)
        len += n;
    text[len] = 0;
    close(fd);
    return len;
}

static size_t get(const char *name)
{
    return get_at(AT_FDCWD, name);
}

static bool holds_arguments(size_t len, char **argv)
{
    size_t at = 0;

    for (; *argv; argv++) {
        if (at + strlen(*argv) >= len || strcmp(text + at, *argv))
            return false;
        at += strlen(*argv) + 1;
    }
    return at == len;
}

static void show(const char *what, bool good)
{
    printf("%s: %s\n", what, good ? "yes" : "no");
}

static bool field_is_mapped(int n)
{
    char *p = strrchr(text, ')'), *end, *m;
    unsigned long v, low, high;
    bool found = false;

    for (int i = 2; p && i < n; i++)
        p = strchr(p + 1, ' ');
    v = p ? strtoul(p, NULL, 10) : 0;
    size_t len = get("/proc/self/maps");
    for (m = text; m < text + len; m = strchr(m, '\n') + 1) {
        low = strtoul(m, &end, 16), high = strtoul(end + 1, NULL, 16);
        found |= v >= low && v < high;
    }
    return found;
}

int main(int argc, char **argv)
{
    char exe[4096] = "", real[4096], name[64];
    struct stat a, b;
    const char *base = strrchr(argv[0], '/') + 1;

    readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    show("exe is the program", realpath(argv[0], real) && !strcmp(exe, real));
    show("exe's file is the program's", !stat("/proc/self/exe", &a) && !stat(argv[0], &b) &&
                                            a.st_ino == b.st_ino && a.st_dev == b.st_dev);
    get("/proc/self/exe");
    show("exe is for AArch64", !memcmp(text, ELFMAG, SELFMAG) && text[18] == (char)EM_AARCH64);

    const char *const cmdlines[] = {"/proc/self/cmdline", "/proc/thread-self/cmdline", name,
                                    "//proc/./self//cmdline"};
    snprintf(name, sizeof(name), "/proc/%d/cmdline", getpid());
    for (int i = 0; i < 4; i++)
        show("arguments", holds_arguments(get(cmdlines[i]), argv));
    int self = open("/proc/self", O_RDONLY | O_DIRECTORY);
    show("arguments by a directory", holds_arguments(get_at(self, "cmdline"), argv));
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        snprintf(name, sizeof(name), "/proc/%d/cmdline", getppid());
        show("the parent's arguments", holds_arguments(get(name), argv));
        snprintf(name, sizeof(name), "/proc/%d/exe", getppid());
        memset(exe, 0, sizeof(exe));
        readlink(name, exe, sizeof(exe) - 1);
        show("the parent's file", !strcmp(exe, real));
        show("its contents", !stat(name, &a) && a.st_ino == b.st_ino && a.st_dev == b.st_dev);
        snprintf(name, sizeof(name), "/proc/%d/maps", getppid());
        get(name);
        show("its maps have the program", strstr(text, base));
        show("its maps have one stack",
             strstr(text, "[stack]") && !strstr(strstr(text, "[stack]") + 1, "[stack]"));
        show("its maps don't have the runner", !strstr(text, "ferry"));
        size_t own = get("/proc/self/auxv");
        char *vector = memcpy(malloc(own), text, own);
        snprintf(name, sizeof(name), "/proc/%d/auxv", getppid());
        show("its vector", get(name) >= own && !memcmp(text, vector, own));
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, NULL, 0);

    setenv("LATE", "1", 1);
    size_t len = get("/proc/self/environ");
    show("environment", len > 0 && memmem(text, len, "PATH=", 5) && !memmem(text, len, "LATE=", 5));

    get("/proc/self/maps");
    show("maps have the program", strstr(text, base));
    show("maps have a stack", strstr(text, "[stack]"));
    show("maps don't have the runner", !strstr(text, "ferry\n"));
    get("/proc/self/smaps");
    show("smaps have the program", strstr(text, base) && strstr(text, "VmFlags:"));
    show("smaps don't have the runner", !strstr(text, "ferry\n"));
    get("/proc/self/smaps_rollup");
    show("rollup", strstr(text, "[rollup]") && strstr(text, "Pss:"));
    get("/proc/self/stat");
    show("code is mapped", field_is_mapped(26));
    get("/proc/self/stat");
    show("stack is mapped", field_is_mapped(28));
    get("/proc/self/stat");
    snprintf(name, sizeof(name), "%d (%.15s)", getpid(), base);
    show("number and name", !strncmp(text, name, strlen(name)));
    get("/proc/self/comm");
    show("comm", !strncmp(text, base, strlen(base) < 15 ? strlen(base) : 15));

    len = get("/proc/self/auxv");
    Elf64_auxv_t *v = (Elf64_auxv_t *)text;
    bool good = true;
    size_t i;
    for (i = 0; i < len / sizeof(*v) && v[i].a_type; i++)
        good &= getauxval(v[i].a_type) == v[i].a_un.a_val;
    show("auxiliary vector", good && i > 10 && (i + 1) * sizeof(*v) <= len);

    get("/proc/cpuinfo");
    show("processor", strstr(text, "CPU implementer") && strstr(text, "Features"));
    show("processor has what the vector says",
         !strstr(text, " atomics") == !(getauxval(AT_HWCAP) & HWCAP_ATOMICS));
    show("absent below another directory", openat(self, "cpuinfo", O_RDONLY) < 0);
    show("descriptor is read-only", write(openat(self, "maps", O_RDONLY), "x", 1) < 0);
    show("closed on exec",
         fcntl(openat(self, "stat", O_RDONLY | O_CLOEXEC), F_GETFD) == FD_CLOEXEC);
    show("not without asking", fcntl(openat(self, "stat", O_RDONLY), F_GETFD) == 0);
    return 0;
}
