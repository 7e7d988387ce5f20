/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The C library's string functions on every alignment, and up to the last
 * byte of a page that is followed by nothing. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <wchar.h>

static uint64_t hash = 0xcbf29ce484222325;
static void mix(long v)
{
    hash = (hash ^ (uint64_t)v) * 0x100000001b3;
}
static int sign(int v)
{
    return (v > 0) - (v < 0);
}
static void mix_bytes(const void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        mix(((const unsigned char *)p)[i]);
}

static char *guarded(void)
{
    long page = 65536;
    char *p = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(p + page, page, PROT_READ | PROT_WRITE);
    return p + page;
}

int main(void)
{
    const size_t page = 65536;
    char *a = guarded(), *b = guarded();
    char *ends[2] = {a + page, b + page};
    for (size_t len = 0; len < 200; len += len < 70 ? 1 : 13) {
        for (size_t off = 0; off < 34; off += 1 + off / 8) {
            /* At the end of a page, and at its start with an offset. */
            char *places[2] = {ends[0] - len - 1, a + off};
            for (int k = 0; k < 2; k++) {
                char *s = places[k], *t = k ? ends[1] - len - 1 : b + off;
                for (size_t i = 0; i < len; i++)
                    s[i] = (char)('a' + (i * 7 + len) % 26);
                s[len] = 0;
                mix((long)strlen(s)), mix((long)strnlen(s, len / 2)),
                    mix((long)strnlen(s, len + 1));
                char *c = strchr(s, 'm');
                mix(c ? c - s : -1);
                c = strrchr(s, 'm'), mix(c ? c - s : -1);
                c = memchr(s, 'z', len), mix(c ? c - s : -1);
                c = memrchr(s, 'e', len), mix(c ? c - s : -1);
                mix(strchrnul(s, '!') - s);
                mix((char *)rawmemchr(s, 0) - s);
                strcpy(t, s), mix_bytes(t, len + 1), mix(strcmp(s, t)), mix(memcmp(s, t, len + 1));
                if (len) {
                    t[len / 2] ^= 1;
                    mix(sign(strcmp(s, t))), mix(sign(memcmp(s, t, len))),
                        mix(sign(strncmp(s, t, len / 2)));
                    mix(sign(strncmp(s, t, len))), mix(sign(strcasecmp(s, t))),
                        mix(sign(strncasecmp(s, t, len)));
                }
                memset(t, (int)len, len), mix_bytes(t, len);
                memcpy(t, s, len + 1), mix_bytes(t, len + 1);
                mix(stpcpy(t, s) - t), strncpy(t, s, len + 1), mix_bytes(t, len + 1);
                mix((char *)mempcpy(t, s, len) - t);
                if (len > 3) {
                    memmove(t + 3, t, len - 3), mix_bytes(t, len);
                    memmove(t, t + 2, len - 2), mix_bytes(t, len);
                    memmove(t + 1, t, len - 1), mix_bytes(t, len);
                    c = strstr(s, "hov"), mix(c ? c - s : -1);
                    c = memmem(s, len, s + len - 2, 2), mix(c ? c - s : -1);
                    mix((long)strspn(s, "abcdefghijkl")), mix((long)strcspn(s, "xyz"));
                    c = strpbrk(s, "qrs"), mix(c ? c - s : -1);
                }
                memset(t, 0, len + 1), mix_bytes(t, len + 1);
            }
        }
        printf("%zu %016lx\n", len, hash);
    }
    /* Large copies and clears (DC ZVA), overlapping both ways. */
    char *m = malloc(3 << 20);
    for (size_t i = 0; i < 3 << 20; i++)
        m[i] = (char)(i * i >> 7);
    for (size_t n = 1000; n < 1 << 20; n = n * 3 + 11) {
        memcpy(m + (1 << 20) + n % 17, m + n % 5, n), memmove(m + 100, m + 37, n),
            memmove(m + 37, m + 150, n);
        memset(m + (2 << 20) + n % 19, 0, n), memset(m + n, 0xaa, n / 2);
        mix_bytes(m + (n & 1023), 3000), mix_bytes(m + (1 << 20), 4000),
            mix_bytes(m + (2 << 20) - 100, 9000);
    }
    wchar_t w[200], x[200];
    for (int i = 0; i < 199; i++)
        w[i] = 1000 + i * 37 % 101, w[i + 1] = 0;
    mix((long)wcslen(w)), mix(wcschr(w, 1050) - w), mix(wcscmp(w, wcscpy(x, w))),
        mix(wmemchr(w, 1003, 199) - w);
    printf("%016lx\n", hash);
    printf("%s\n", strerror(2));
    char text[] = "a,b;c,,d";
    for (char *p = strtok(text, ",;"); p; p = strtok(NULL, ",;"))
        printf("[%s]", p);
    printf("\n%ld %lu %g %ld\n", strtol("-0x7fff", NULL, 0), strtoul("777", NULL, 8),
           strtod("1.5e-7", NULL), atol("12z"));
    return 0;
}
