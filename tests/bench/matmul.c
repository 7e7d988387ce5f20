/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A matrix product that the compiler vectorises, -DREAL=float or double. */
#include <stdio.h>

enum { N = 320 };
static REAL a[N][N], b[N][N], c[N][N];

int main(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            a[i][j] = (REAL)((i * 3 + j) % 7), b[i][j] = (REAL)((i + j * 5) % 11);
    for (int turn = 0; turn < 20; turn++)
        for (int i = 0; i < N; i++)
            for (int k = 0; k < N; k++)
                for (int j = 0; j < N; j++)
                    c[i][j] += a[i][k] * b[k][j];
    REAL s = 0;
    for (int i = 0; i < N; i++)
        s += c[i][i];
    printf("%.0f\n", (double)s);
    return 0;
}
