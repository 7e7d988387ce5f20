#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Prints a C program of many different functions, each called as often as the
# first argument says: with 1, nearly all of the time goes into translation.
awk 'BEGIN {
    srand(1)
    n = 4000
    print "#include <stdio.h>\n#include <stdlib.h>\nstatic unsigned long g[256];"
    for (i = 0; i < n; i++) {
        printf "static __attribute__((noinline)) unsigned long f%d(unsigned long a, unsigned long b)\n{\n", i
        for (k = 0; k < 12; k++) {
            x = int(rand() * 256); y = int(rand() * 256); c = int(rand() * 65536)
            r = int(rand() * 7)
            if (r == 0) printf "    a += b * %d + g[%d];\n", c, x
            if (r == 1) printf "    g[%d] ^= a >> %d;\n", y, c % 60 + 1
            if (r == 2) printf "    if (a & %d) b -= a; else g[%d]++;\n", c + 1, x
            if (r == 3) printf "    b = (b << %d | a) ^ %d;\n", c % 13 + 1, c
            if (r == 4) printf "    a = a < b ? a + %d : b - %d;\n", c, x
            if (r == 5) printf "    for (int i = 0; i < 2; i++) a += g[(b + i * %d) & 255];\n", c
            if (r == 6) printf "    a ^= (unsigned char)b * %dul; b += a;\n", c
        }
        print "    return a + b;\n}"
    }
    print "typedef unsigned long fn(unsigned long, unsigned long);\nstatic fn *const table[] = {"
    for (i = 0; i < n; i++) printf "f%d,\n", i
    print "};\nint main(int argc, char **argv)\n{\n    unsigned long s = 1;\n    int turns = argc > 1 ? atoi(argv[1]) : 1;"
    printf "    for (int t = 0; t < turns; t++)\n        for (int i = 0; i < %d; i++)\n            s = table[i](s, i);\n", n
    print "    printf(\"%lx\\n\", s);\n    return 0;\n}"
}'
