/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of all kinds: varargs, structures by value, recursion, function
 * pointers, computed goto, large switches, deep recursion, alloca. */
#include <alloca.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct small {
    int a;
    char b;
};
struct floats {
    float a, b, c, d;
};
struct doubles {
    double a, b;
};
struct large {
    long a[9];
    double d;
    char s[13];
};

static struct small __attribute__((noinline)) f_small(struct small s, int n)
{
    s.a += n, s.b ^= n;
    return s;
}
static struct floats __attribute__((noinline)) f_floats(struct floats s, float n)
{
    return (struct floats){s.d + n, s.c * n, s.b - n, s.a / n};
}
static struct doubles __attribute__((noinline)) f_doubles(int i, struct doubles s)
{
    return (struct doubles){s.b * i, s.a + i};
}
static struct large __attribute__((noinline)) f_large(struct large s, struct small t)
{
    for (int i = 0; i < 9; i++)
        s.a[i] = s.a[(i + 1) % 9] * t.a + i;
    s.d /= t.b;
    s.s[3] = (char)('a' + t.a % 26);
    return s;
}

static double __attribute__((noinline)) sum(const char *kinds, ...)
{
    va_list v, w;
    va_start(v, kinds);
    va_copy(w, v);
    double total = 0;
    for (const char *k = kinds; *k; k++) {
        switch (*k) {
        case 'i':
            total += va_arg(v, int);
            break;
        case 'l':
            total += (double)va_arg(v, long);
            break;
        case 'd':
            total += va_arg(v, double);
            break;
        case 's':
            total += va_arg(v, struct small).a;
            break;
        case 'f':
            total += va_arg(v, struct floats).c;
            break;
        case 'L':
            total += va_arg(v, struct large).d;
            break;
        }
    }
    total += va_arg(w, int);
    va_end(v);
    va_end(w);
    return total;
}

static unsigned ackermann(unsigned m, unsigned n)
{
    return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}
static long fib(int n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
static long __attribute__((noinline)) depth(long n, volatile char *p)
{
    volatile char local[64];
    local[n & 63] = (char)n;
    return n == 0 ? p != local : depth(n - 1, local) + local[n & 63] % 3;
}
static long __attribute__((noinline)) even(long n);
static long __attribute__((noinline)) odd(long n)
{
    return n == 0 ? 0 : even(n - 1);
}
static long __attribute__((noinline)) even(long n)
{
    return n == 0 ? 1 : odd(n - 1);
}

static int add(int a, int b)
{
    return a + b;
}
static int sub(int a, int b)
{
    return a - b;
}
static int mul(int a, int b)
{
    return a * b;
}
static int (*const table[])(int, int) = {add, sub, mul, add, mul};

static long interpret(const unsigned char *code, long acc)
{
    static const void *const go[] = {&&op_add, &&op_mul, &&op_xor, &&op_shift, &&op_loop, &&op_end};
    const unsigned char *pc = code;
    int loops = 1000;
    goto *go[*pc];
op_add:
    acc += pc[1];
    pc += 2;
    goto *go[*pc];
op_mul:
    acc *= pc[1] | 1;
    pc += 2;
    goto *go[*pc];
op_xor:
    acc ^= (long)pc[1] << 20;
    pc += 2;
    goto *go[*pc];
op_shift:
    acc = (long)((unsigned long)acc << 7 | (unsigned long)acc >> 57);
    pc += 1;
    goto *go[*pc];
op_loop:
    pc = --loops ? code : pc + 1;
    goto *go[*pc];
op_end:
    return acc;
}

static unsigned __attribute__((noinline)) big_switch(unsigned n)
{
#define C(i)                                                                                       \
    case i:                                                                                        \
        return n * (i + 3) ^ (i << 4);
#define C8(i) C(i) C(i + 1) C(i + 2) C(i + 3) C(i + 4) C(i + 5) C(i + 6) C(i + 7)
    switch (n) {
        C8(0)
        C8(8)
        C8(16)
        C8(24)
        C8(32)
        C8(48) C8(56) C8(64) C8(80) C8(1000) C8(1008) C(5000) C(70000) C(0x80000000) C(0xffffffff)
    }
    return 42;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        printf("argument %d: %s\n", i, i ? argv[i] : "-");
    struct small s = {5, 'x'};
    struct large l = {{1, 2, 3, 4, 5, 6, 7, 8, 9}, 3.5, "hello, world"};
    for (int i = 1; i < 20; i++) {
        s = f_small(s, i);
        l = f_large(l, s);
        struct floats f = f_floats((struct floats){i, 2 * i, 3, 4}, i + 0.5f);
        struct doubles d = f_doubles(i, (struct doubles){1.0 / i, i});
        printf("%d %d %ld %.9g %s %.6g %.6g %.6g %.6g %.17g %.17g\n", s.a, s.b, l.a[i % 9], l.d,
               l.s, f.a, f.b, f.c, f.d, d.a, d.b);
    }
    struct floats f = {1, 2, 3, 4};
    printf("%.17g\n", sum("iidlsfdLildddddddddii", 1, 2, 3.5, 4L, s, f, 5.25, l, 6, 7L, 1., 2., 3.,
                          4., 5., 6., 7., 8., 9., 10, 11));
    printf("%u %ld %ld %ld\n", ackermann(2, 300), fib(25), depth(20000, NULL), even(1000001));
    int v = 1;
    for (int i = 0; i < 1000; i++)
        v = table[(unsigned)(v ^ i) % 5](v, i);
    printf("%d\n", v);
    static const unsigned char code[] = {0, 17, 1, 33, 2, 9, 3, 0, 200, 1, 7, 4, 5};
    printf("%lx\n", interpret(code, 99));
    unsigned h = 0;
    for (unsigned i = 0; i < 1100; i++)
        h = h * 31 + big_switch(i);
    printf("%x %x %x %x %x\n", h, big_switch(5000), big_switch(70000), big_switch(1u << 31),
           big_switch(-1));
    double *a = malloc(5000 * sizeof *a);
    unsigned long seed = 1;
    for (int i = 0; i < 5000; i++)
        seed = seed * 6364136223846793005 + 1442695040888963407, a[i] = (double)(long)seed / 1e9;
    qsort(a, 5000, sizeof *a, compare);
    for (int i = 0; i < 5000; i += 250)
        printf("%.3f\n", a[i]);
    long total = 0;
    for (int i = 1; i < 300; i++) {
        char *p = alloca((size_t)i);
        memset(p, i, (size_t)i);
        total += p[i / 2];
    }
    printf("%ld\n", total);
    return 7;
}
