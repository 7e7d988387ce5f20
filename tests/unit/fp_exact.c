/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compares the exact floating-point helper with records of an emulator or a
 * processor: fp_exact FILE, the output of tests/a64/fp_insns -b.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/a64/fp_record.h"
#include "translate/a64/a64.h"
#include "translate/a64/fp.h"

static bool is_exact_helpers(uint32_t insn)
{
    bool scalar = (insn & 0x5f000000) == 0x1e000000;
    bool immediate = (scalar && (insn & 0x201c00) == 0x201000) || (insn & 0x9ff80400) == 0x0f000400;
    bool select = scalar && (insn & 0x200c00) == 0x200c00;
    bool move = scalar && (insn & 0x20fc00) == 0x200000 && (insn >> 16 & 6) == 6 &&
                (insn & 0xffff0000) != 0x1e7e0000;
    return !immediate && !select && !move;
}

static bool condition_holds(unsigned cond, unsigned nzcv)
{
    bool n = nzcv & 8, z = nzcv & 4, c = nzcv & 2, v = nzcv & 1;
    bool holds[] = {z, c, n, v, c && !z, n == v, n == v && !z, true};
    return holds[cond >> 1] != (cond & 1) || cond >= 14;
}

int main(int argc, char **argv)
{
    FILE *f = argc > 1 ? fopen(argv[1], "rb") : stdin;
    if (!f) {
        perror(argv[1]);
        return 2;
    }
    struct record r;
    unsigned long count = 0, failed = 0;
    uint32_t last = 0;
    while (fread(&r, sizeof(r), 1, f) == 1) {
        if (!is_exact_helpers(r.insn))
            continue;
        static struct vcpu cpu;
        memcpy(cpu.v, r.v_in, sizeof(r.v_in));
        cpu.g[0] = r.x_in[0];
        cpu.g[1] = r.x_in[1];
        cpu.g[CC_SLOT] = r.nzcv_in;
        cpu.g[CC_Y_SLOT] = condition_holds(r.insn >> 12 & 15, r.nzcv_in >> 28);
        cpu.g[A64_FPCR] = r.fpcr;
        cpu.g[A64_FPSR] = 0;
        a64_helper_fp_exact(&cpu, r.insn, 0, 0);
        count++;
        if ((r.insn & 0x5f203c00) == 0x1e202000) { /* FCMP: flags as of a subtraction */
            uint64_t x = cpu.g[CC_X_SLOT];
            cpu.g[CC_SLOT] = (x == 0 ? 8ul : x == 1 ? 6 : x == 2 ? 2 : 3) << 28;
        }
        /* QEMU 7.2 sign-extends FCVTZS Hd, Hn, #fbits beyond 16 bits. */
        if ((r.insn & 0xfff0fc00) == 0x5f10fc00)
            r.v_out[0] &= 0xffff;
        if (cpu.v[0].d[0] == r.v_out[0] && cpu.v[0].d[1] == r.v_out[1] && cpu.g[0] == r.x_out &&
            cpu.g[CC_SLOT] == r.nzcv_out && cpu.g[A64_FPSR] == r.fpsr)
            continue;
        failed++;
        if (r.insn == last)
            continue;
        last = r.insn;
        printf("%08x fpcr %08x\n", r.insn, r.fpcr);
        for (int i = 0; i < 4; i++)
            printf("   v%d %016" PRIx64 ":%016" PRIx64 "\n", i, r.v_in[i][1], r.v_in[i][0]);
        printf("   x0 %016" PRIx64 " x1 %016" PRIx64 " nzcv %" PRIx64 "\n", r.x_in[0], r.x_in[1],
               r.nzcv_in >> 28);
        printf(" expected %016" PRIx64 ":%016" PRIx64 " x0 %" PRIx64 " nzcv %" PRIx64
               " fpsr %08x\n",
               r.v_out[1], r.v_out[0], r.x_out, r.nzcv_out >> 28, r.fpsr);
        printf("      got %016" PRIx64 ":%016" PRIx64 " x0 %" PRIx64 " nzcv %" PRIx64
               " fpsr %08" PRIx64 "\n",
               cpu.v[0].d[1], cpu.v[0].d[0], cpu.g[0], cpu.g[CC_SLOT] >> 28, cpu.g[A64_FPSR]);
    }
    printf("%s: fp_exact: %lu of %lu differ\n", failed ? "FAIL" : "PASS", failed, count);
    return failed != 0;
}
