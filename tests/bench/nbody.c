/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Planets pulling at each other, in double precision. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { BODIES = 5 };
static struct body {
    double x, y, z, vx, vy, vz, mass;
} body[BODIES];

static double energy(void)
{
    double e = 0;
    for (int i = 0; i < BODIES; i++) {
        const struct body *b = &body[i];
        e += 0.5 * b->mass * (b->vx * b->vx + b->vy * b->vy + b->vz * b->vz);
        for (int j = i + 1; j < BODIES; j++) {
            double dx = b->x - body[j].x, dy = b->y - body[j].y, dz = b->z - body[j].z;
            e -= b->mass * body[j].mass / sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return e;
}

int main(int argc, char **argv)
{
    int steps = argc > 1 ? atoi(argv[1]) : 400000;
    for (int i = 0; i < BODIES; i++)
        body[i] =
            (struct body){i * 2.1,        i * -1.3 + 0.2, 0.1 * i * i,          0.3 - 0.11 * i,
                          0.25 * (i & 1), 0.05 * i,       1.0 / (1 + i * i * 3)};
    printf("%.9f\n", energy());
    for (int n = 0; n < steps; n++) {
        const double dt = 0.0005;
        for (int i = 0; i < BODIES; i++)
            for (int j = i + 1; j < BODIES; j++) {
                struct body *a = &body[i], *b = &body[j];
                double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
                double d = dx * dx + dy * dy + dz * dz + 0.01, f = dt / (d * sqrt(d));
                a->vx -= dx * b->mass * f, a->vy -= dy * b->mass * f, a->vz -= dz * b->mass * f;
                b->vx += dx * a->mass * f, b->vy += dy * a->mass * f, b->vz += dz * a->mass * f;
            }
        for (int i = 0; i < BODIES; i++)
            body[i].x += dt * body[i].vx, body[i].y += dt * body[i].vy,
                body[i].z += dt * body[i].vz;
    }
    printf("%.9f\n", energy());
    return 0;
}
