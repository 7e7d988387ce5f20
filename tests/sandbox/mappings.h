/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the emulator that runs this program is: find_runner() fills theirs[]. */
#include <stdint.h>
#include <stdio.h>

struct range {
    uintptr_t start, end;
};
static struct range theirs[4096];
static int count;

static int read_ranges(const char *file, struct range *r, int max)
{
    FILE *f = fopen(file, "r");
    char line[512];
    int n = 0, end;

    while (f && n < max && fgets(line, sizeof line, f)) {
        end = 0;
        if (sscanf(line, "%lx-%lx %*4s %n", &r[n].start, &r[n].end, &end) == 2 && end)
            n++;
    }
    if (f)
        fclose(f);
    return n;
}

/* What the host's kernel has mapped and the guest has not. */
static void find_runner(void)
{
    static struct range all[4096], ours[4096];
    int n = read_ranges("/proc/self/smaps", all, 4096),
        m = read_ranges("/proc/self/maps", ours, 4096);

    for (int i = 0; i < n; i++) {
        int inside = all[i].start >> 47 || all[i].start < 65536;
        for (int k = 0; k < m; k++)
            inside |= all[i].start < ours[k].end && ours[k].start < all[i].end;
        if (!inside)
            theirs[count++] = all[i];
    }
}
