/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The A64 decode tables against binutils' disassembler: on random words, what
 * one takes for an instruction and the other does not must be in the table of
 * known differences below.
 *
 *     a64_decode [WORDS [SEED]]
 */
#include "translate/a64/a64.h"

#include "tests/unit/decode_test.h"

static const char *decode_name(uint32_t insn)
{
    return a64_decode_name(insn);
}

/* ---- Known differences ---- */

static const struct difference differences[] = {
    {THEIRS, 0x1e000000, 0x04000000, NULL, "SVE is absent"},
    {THEIRS, 0x9e000000, 0x80000000, NULL, "SME is absent"},
    {THEIRS, 0xffff0000, 0x00000000, "udf", "permanently undefined"},
    {THEIRS, 0, 0, "addg subg irg gmi subp subps cmpp ldg ldgm stg- stz2g stzg- st2g stgp",
     "memory tagging is absent"},
    {THEIRS, 0, 0, "ldraa ldrab pac- aut- xpac- bra- blra- reta- ereta-",
     "pointer authentication is absent but for the hints"},
    {THEIRS, 0, 0, "bc.-", "FEAT_HBC is absent"},
    {THEIRS, 0, 0, "sm3- sm4-", "SM3 and SM4 are absent"},
    {THEIRS, 0, 0, "fmlal- fmlsl-", "FEAT_FHM is absent"},
    {THEIRS, 0, 0, "usdot sudot smmla ummla usmmla", "FEAT_I8MM is absent"},
    {THEIRS, 0, 0, "bf-", "FEAT_BF16 is absent"},
    {THEIRS, 0x3b200c00, 0x19000400, "cpy- set-", "FEAT_MOPS is absent"},
    {THEIRS, 0, 0, "tcancel tstart ttest tcommit", "transactions are absent"},
    {THEIRS, 0, 0, "ld64b st64b-", "FEAT_LS64 is absent"},
    {THEIRS, 0, 0, "wfet wfit", "FEAT_WFxT is absent"},
    {THEIRS, 0x7fe00000, 0x11c00000, NULL, "FEAT_CSSC is absent"},
    {THEIRS, 0x7fe0f000, 0x1ac06000, NULL, "FEAT_CSSC is absent"},
    {THEIRS, 0x7fffe000, 0x5ac02000, "abs", "FEAT_CSSC is absent"},
    {THEIRS, 0x7ffff800, 0x5ac01800, "ctz cnt", "FEAT_CSSC is absent"},
    {THEIRS, 0xfffff3ff, 0xd503323f, "dsb", "FEAT_XS is absent"},
    {THEIRS, 0xff000000, 0xd4000000, "hvc smc hlt dcps1 dcps2 dcps3", "not for EL0"},
    {THEIRS, 0xfe000000, 0xd6000000, "eret drps", "not for EL0"},
    {THEIRS, 0xffd80000, 0xd5080000, NULL, "system operations that are not for EL0"},
    {THEIRS, 0xffc00000, 0xd5000000, "msr mrs mrrs msrr smstart smstop",
     "registers that are not for EL0"},
    {OURS, 0x3fe00000, 0x08c00000, NULL, "fields that should be one are not looked at"},
    {OURS, 0x3fe0fc00, 0x38a0c000, NULL, "fields that should be one are not looked at"},
    {OURS, 0xfe400000, 0x68400000, NULL, "LDPSW of one register twice or of its base"},
};

/* ---- The comparison ---- */

static bool ours(uint32_t insn)
{
    struct builder b = {0};
    current = insn;
    return a64_decode(&b, insn);
}

int main(int argc, char **argv)
{
    unsigned words = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 400000;
    random_state = argc > 2 ? strtoul(argv[2], NULL, 0) | 1 : 20261122;
    char path[] = "/tmp/ferry-decode-XXXXXX", command[128], line[256];
    hostgen_init(host_isa_best()); /* the front end asks what the host does */
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "wb");
    for (unsigned i = 0; i < words; i++) {
        uint32_t insn = random_word();
        /* Few words are system instructions otherwise. */
        if (i % 16 == 0)
            insn = 0xd5000000 | (insn & 0x3fffff);
        fwrite(&insn, sizeof(insn), 1, file);
    }
    fclose(file);
    snprintf(command, sizeof(command), "aarch64-linux-gnu-objdump -D -z -b binary -m aarch64 %s",
             path);
    FILE *list = popen(command, "r");
    unsigned seen = 0, unexplained = 0, allocated = 0;
    while (list && fgets(line, sizeof(line), list)) {
        uint32_t insn;
        int at = 0;
        if (sscanf(line, " %*x: %8" SCNx32 " %n", &insn, &at) != 1 || !at)
            continue;
        char *text = line + at;
        text[strcspn(text, "\n")] = 0;
        bool theirs = strncmp(text, ".inst", 5) != 0, mine = ours(insn);
        seen++;
        allocated += mine;
        if (theirs == mine || explain(differences, sizeof(differences) / sizeof(differences[0]),
                                      theirs ? THEIRS : OURS, insn, text))
            continue;
        if (unexplained++ < 100)
            printf("%08" PRIx32 " binutils: %-40s ferry: %s%s\n", insn, text,
                   a64_decode_name(insn) ? a64_decode_name(insn) : "-", mine ? "" : " (undefined)");
    }
    if (list)
        pclose(list);
    unlink(path);
    printf("a64_decode: %u words, %u instructions, %u unexplained differences, %u bad micro-ops\n",
           seen, allocated, unexplained, bad);
    return seen < words || unexplained || bad;
}
