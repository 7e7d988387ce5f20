/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating point: printf, conversions, rounding modes, flags, the math library. */
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double value[] = {
    0.0,          -0.0,    1,         -1,        0.5,   1.5,     2.5,          -2.5,
    3.7,          1e10,    -1e10,     1e19,      -1e19, 1e300,   1e-300,       5e-324,
    DBL_MAX,      DBL_MIN, INFINITY,  -INFINITY, 0.1,   1.0 / 3, 2147483647.5, -2147483648.5,
    4294967295.5, 9.3e18,  123456.789};
enum { N = sizeof value / sizeof *value };

static const char *bits(double d)
{
    static char s[8][24];
    static int n;
    uint64_t u;
    memcpy(&u, &d, 8);
    char *p = s[n++ % 8];
    if (d != d)
        return "nan";
    sprintf(p, "%016lx", u);
    return p;
}

int main(void)
{
    static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    for (int i = 0; i < N; i++) {
        double a = value[i];
        printf("%g %.17g %a %e %.3f %10.2f|%-12.4g|\n", a, a, a, a, a, a, a);
        printf("%d %d %d %d %d\n", isnan(a), isinf(a), isnormal(a), signbit(a),
               fpclassify(a) == FP_SUBNORMAL);
        for (int m = 0; m < 4; m++) {
            fesetround(modes[m]);
            volatile double b = a, c = 3, d = b / c;
            volatile float f = (float)b;
            volatile float g = f / 3;
            printf("%s %s %s %.9g %.9g %s\n", bits(d), bits(b * 0.1), bits(b + 0.3), f, g,
                   bits(sqrt(fabs(b))));
            printf("%s %s %s %s %s %s\n", bits(rint(b)), bits(nearbyint(b)), bits(floor(b)),
                   bits(ceil(b)), bits(trunc(b)), bits(round(b)));
            if (fabs(b) < 1e9)
                printf("%ld %ld %lld\n", lrint(b), lround(b), llrint(b));
        }
        fesetround(FE_TONEAREST);
        for (int j = 0; j < N; j++) {
            volatile double b = value[j];
            printf("%s %s %s %s ", bits(a + b), bits(a - b), bits(a * b), bits(a / b));
            printf("%s %s %s %d%d%d%d ", bits(a == b ? a : fmin(a, b)),
                   bits(a == b ? a : fmax(a, b)), bits(copysign(a, b)), a < b, a <= b, a == b,
                   isunordered(a, b));
            printf("%s %s %s\n", bits(fma(a, b, 1.25)), bits(fmod(a, b)), bits(remainder(a, b)));
        }
    }
    for (int i = 0; i < 60; i++) {
        double x = -3 + i * 0.11, y = exp(i * 0.3 - 5);
        printf("%.11g %.11g %.11g %.11g %.11g %.11g\n", sin(x), cos(x), tan(x), exp(x), atan(x),
               tanh(x));
        printf("%.11g %.11g %.11g %.11g %.11g %.11g\n", log(y), log2(y), log10(y), pow(y, x),
               cbrt(y), hypot(x, y));
        printf("%.10g %.10g %.10g %.6g %.6g %.6g\n", erf(x), tgamma(y / 10), atan2(x, y),
               sinf((float)x), expf((float)x), powf((float)y, 1.3f));
    }
    static const struct {
        int bit;
        const char *name;
    } flag[] = {{FE_INVALID, "invalid"},
                {FE_DIVBYZERO, "divbyzero"},
                {FE_OVERFLOW, "overflow"},
                {FE_UNDERFLOW, "underflow"},
                {FE_INEXACT, "inexact"}};
#define FLAGS(expr)                                                                                \
    do {                                                                                           \
        feclearexcept(FE_ALL_EXCEPT);                                                              \
        volatile double r = (expr);                                                                \
        printf("%s = %s:", #expr, bits(r));                                                        \
        for (int i_ = 0; i_ < 5; i_++)                                                             \
            if (fetestexcept(flag[i_].bit))                                                        \
                printf(" %s", flag[i_].name);                                                      \
        printf("\n");                                                                              \
    } while (0)
    volatile double zero = 0, one = 1, big = DBL_MAX, tiny = DBL_MIN, inf = INFINITY, three = 3;
    FLAGS(one / three);
    FLAGS(one / zero);
    FLAGS(zero / zero);
    FLAGS(inf - inf);
    FLAGS(big * big);
    FLAGS(tiny / three);
    FLAGS(sqrt(-one));
    FLAGS(one + one);
    FLAGS((double)(float)big);
    FLAGS(inf * zero);
    FLAGS(fma(inf, zero, one));
    FLAGS(zero < NAN);
    FLAGS(rint(0.5 * three));
    uint64_t seed = 88172645463325252;
    for (int i = 0; i < 200; i++) {
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        double d;
        memcpy(&d, &seed, 8);
        if (d != d)
            continue;
        char s[64];
        sprintf(s, "%.17g", d);
        printf("%s %s %s %.8g\n", s, bits(strtod(s, NULL)), bits((double)(float)d),
               (double)strtof(s, NULL));
        printf("%s %s %.9g %.9g\n", bits((double)(int64_t)seed), bits((double)seed),
               (float)(int64_t)seed, (float)seed);
    }
    return 0;
}
