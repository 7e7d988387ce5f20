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

static unsigned random_insn(unsigned i, uint32_t *insn)
{
    *insn = random_word();
    /* Few words are system instructions otherwise. */
    if (i % 16 == 0)
        *insn = 0xd5000000 | (*insn & 0x3fffff);
    return 1;
}

int main(int argc, char **argv)
{
    static const struct decode_test test = {
        .name = "a64_decode",
        .objdump = "aarch64-linux-gnu-objdump -D -z -b binary -m aarch64 %s",
        .unknown = ".inst",
        .seed = 20261122,
        .max_words = 1,
        .random_insn = random_insn,
        .decode = a64_decode,
        .differences = differences,
        .difference_count = sizeof(differences) / sizeof(differences[0])};
    hostgen_init(host_isa_best()); /* the front end asks what the host does */
    return decode_test(&test, argc, argv);
}
