/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The little of a C library that the demo programs need, so that they are a
 * few kilobytes as ELF files. */
#ifndef MINI_H
#define MINI_H

#include <stddef.h>
#include <stdint.h>

enum {
    SYS_pipe2 = 59,
    SYS_read = 63,
    SYS_write = 64,
    SYS_exit_group = 94,
    SYS_clock_gettime = 113,
    SYS_uname = 160,
    SYS_getpid = 172,
    SYS_clone = 220,
    SYS_execve = 221,
    SYS_wait4 = 260
};

static long call(long nr, long a, long b, long c, long d, long e)
{
    register long x8 __asm__("x8") = nr;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
    return x0;
}

static char out[8192];
static size_t out_len;

static void flush(void)
{
    call(SYS_write, 1, (long)out, (long)out_len, 0, 0);
    out_len = 0;
}

static void put(char c)
{
    if (out_len == sizeof out)
        flush();
    out[out_len++] = c;
}

static void text(const char *s)
{
    while (*s)
        put(*s++);
}

static void number(uint64_t v, unsigned base, unsigned width)
{
    char digits[64];
    unsigned n = 0;
    do
        digits[n++] = "0123456789abcdef"[v % base];
    while (v /= base);
    for (unsigned i = n; i < width; i++)
        put(base == 16 ? '0' : ' ');
    while (n)
        put(digits[--n]);
}

int program(int argc, char **argv);

__attribute__((used)) static void begin(long *sp)
{
    int status = program((int)sp[0], (char **)(sp + 1));
    flush();
    for (;;)
        call(SYS_exit_group, status, 0, 0, 0, 0);
}
__asm__(".global _start\n_start: mov x29, 0\n mov x30, 0\n mov x0, sp\n b begin\n");

/* The compiler may call these. */
__attribute__((used)) void *memset(void *p, int c, size_t n)
{
    for (volatile char *q = p; n--;)
        *q++ = (char)c;
    return p;
}
__attribute__((used)) void *memcpy(void *p, const void *s, size_t n)
{
    volatile char *q = p;
    for (const char *t = s; n--;)
        *q++ = *t++;
    return p;
}

#endif
