/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating point in all rounding modes, the C library's functions, vector intrinsics. */
#include <altivec.h>
#include <stdio.h>
#include <string.h>
#include <math.h>
#include <fenv.h>
#pragma STDC FENV_ACCESS ON
#ifdef __ALTIVEC__
typedef vector unsigned char vu8;
typedef vector signed int vs32;
typedef vector float vf;
static void pv(const char *n, vu8 v)
{
    unsigned char b[16];
    memcpy(b, &v, 16);
    printf("%s ", n);
    for (int i = 0; i < 16; i++)
        printf("%02x", b[i]);
    puts("");
}
#endif
volatile double vd[] = {0.1, -0.0, 1e308, 1e-310, INFINITY,
                        NAN, 3.5,  -2.5,  1e15,   4503599627370497.5};
int main(void)
{
    int rm[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    for (int r = 0; r < 4; r++) {
        fesetround(rm[r]);
        printf("round %d\n", fegetround() == rm[r]);
        for (int i = 0; i < 10; i++) {
            feclearexcept(FE_ALL_EXCEPT);
            double a = vd[i];
            double s = sqrt(fabs(a));
            printf("%a %a %a %a %a %ld %a %a x%x\n", rint(a), nearbyint(a), floor(a), ceil(a),
                   trunc(a), isfinite(a) && fabs(a) < 1e17 ? lrint(a) : 0, s, fma(a, a, 1.0),
                   fetestexcept(FE_ALL_EXCEPT));
            float f = (float)a;
            printf("%a %a %a x%x\n", f, sqrtf(fabsf(f)), fmaf(f, f, -1.0f),
                   fetestexcept(FE_ALL_EXCEPT));
            feclearexcept(FE_ALL_EXCEPT);
            double z = vd[(i + 1) % 10];
            double q = a / z;
            printf("%a x%x %d %d %d\n", q, fetestexcept(FE_ALL_EXCEPT), a < z, a >= z,
                   isunordered(a, z));
        }
    }
    fesetround(FE_TONEAREST);
    for (int i = 0; i < 10; i++)
        printf("%.17g %.17g %.17g %.17g\n", sin(vd[i]), exp(vd[i] / 1e16), pow(fabs(vd[i]), 0.3),
               log(fabs(vd[i])));
    long double ld = 1.0L;
    for (int i = 1; i < 30; i++)
        ld = ld / 3 + i;
    printf("%.30Lg\n", ld);
#ifdef __ALTIVEC__
    vu8 a = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
        b = {200, 100, 50, 25, 12, 6, 3, 1, 255, 254, 253, 252, 9, 8, 7, 6};
    pv("add", vec_add(a, b));
    pv("adds", vec_adds(a, b));
    pv("perm", vec_perm(a, b, b));
    pv("mergeh", vec_mergeh(a, b));
    pv("mergel", vec_mergel(a, b));
    pv("sld", vec_sld(a, b, 5));
    pv("cmp", (vu8)vec_cmpgt(a, b));
    pv("pack", (vu8)vec_pack((vector unsigned short)a, (vector unsigned short)b));
    pv("unpackh", (vu8)vec_unpackh((vector signed char)b));
    pv("mule", (vu8)vec_mule(a, b));
    pv("mulo", (vu8)vec_mulo(a, b));
    pv("msum", (vu8)vec_msum(a, b, (vector unsigned int)a));
    pv("sl", (vu8)vec_sl(a, b));
    pv("splat", vec_splat(b, 3));
    printf("any %d all %d\n", vec_any_eq(a, b), vec_all_gt(b, a));
    vf x = {1.5f, -2.25f, 1e30f, 1e-40f}, y = {0.1f, 3.0f, 1e30f, 2.0f};
    pv("fadd", (vu8)vec_add(x, y));
    pv("fmadd", (vu8)vec_madd(x, y, x));
    pv("fmax", (vu8)vec_max(x, y));
    pv("cts", (vu8)vec_cts(x, 1));
    pv("ctf", (vu8)vec_ctf((vs32)a, 3));
    pv("re", (vu8)vec_floor(x));
#endif
    return 0;
}
