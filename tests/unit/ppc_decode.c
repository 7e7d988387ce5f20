/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Power decode tables against binutils' disassembler: on random words, what
 * one takes for an instruction and the other does not must be in the table of
 * known differences below.
 *
 *     ppc_decode [WORDS [SEED]]
 */
#include <sys/mman.h>

#include "translate/ppc/ppc.h"

#include "tests/unit/decode_test.h"

static const char *decode_name(uint32_t insn)
{
    return ppc_decode_name(insn);
}

/* ---- Known differences ---- */

static const struct difference differences[] = {
    {THEIRS, 0, 0,
     "rfi rfid rfscv hrfid rfebb stop nap sleep doze urfid rvwinkle mtmsr mtmsrd mfmsr slb- tlb- "
     "dcbi mfsr mfsrin mtsr mtsrin msg- lbzcix lhzcix lwzcix ldcix stbcix sthcix stwcix stdcix "
     "mtsle rmieg icswx icswx. pbt. attn",
     "not for problem state"},
    {THEIRS, 0, 0, "mtsrd mtsrdin", "not for problem state"},
    {THEIRS, 0, 0,
     "daddq- dsubq- dmulq- ddivq- dcmp- dtst- dqua- drrndq- drint- dctdp- dctqpq- drsp- drdpq- "
     "dcffix- dctfix- ddedpd- denbcd- dxex- diexq- dsclq- dscliq- dscriq-",
     "reserved bits and odd registers of decimal floating point"},
    {THEIRS, 0, 0,
     "dmx- dmset- xvbf16ger2- xvf16ger2- xvf32ger- xvf64ger- xvi16ger2- xvi4ger8- xvi8ger4- "
     "xxmfacc xxmtacc xxsetaccz",
     "matrices are absent"},
    {OURS, 0xfc000003, 0xe4000000, NULL, "LFDP is phased out"},
    {OURS, 0xfc000003, 0xf4000000, NULL, "STFDP is phased out"},
    {OURS, 0xfc0007ff, 0x7c00062e, NULL, "LFDPX is phased out"},
    {OURS, 0xfc0007ff, 0x7c00072e, NULL, "STFDPX is phased out"},
    {THEIRS, 0, 0, "xsrqpi xsrqpix xsrqpxp lxvpx stxvpx vgnb wait darn",
     "reserved bits and values"},
    {THEIRS, 0, 0, "eciwx ecowx", "no external device"},
    {THEIRS, 0, 0,
     "tbegin. tend. tabort. tabortwc. tabortwci. tabortdc. tabortdci. tsr. tcheck treclaim. "
     "trechkpt.",
     "transactions are absent"},
    {THEIRS, 0, 0, "copy paste paste. cpabort cp_abort", "no accelerator to copy to"},
    {THEIRS, 0, 0, "hashst hashchk hashstp hashchkp", "return addresses are not hashed"},
    {THEIRS, 0, 0, "mtspr mfspr mftb", "registers that are not for problem state"},
    {THEIRS, 0, 0, "clrbhrb mfbhrbe", "branch history is absent"},
    {THEIRS, 0xfc000000, 0x44000000, "sc scv", "levels other than 0 are not for problem state"},
    {THEIRS, 0, 0, "addex", "reserved values of CY"},
    {THEIRS, 0, 0, "bcctr bcctrl", "counting down the register that is jumped to"},
    {THEIRS, 0, 0, "icbt", "reserved targets"},
    {OURS, 0xfc000000, 0x44000000, NULL, "reserved bits are not looked at"},
    {OURS, 0xfc0007ff, 0x7c0000ac, NULL, "DCBF of reserved levels"},
    {OURS, 0xfc0007ff, 0x7c0004ac, NULL, "SYNC of reserved levels"},
    {THEIRS, 0, 0, "lwat ldat stwat stdat", "reserved function codes"},
    {THEIRS, 0, 0, "lswi lswx lmw lq lqarx stq stqcx. lqarx plq pstq", "invalid registers"},
    {OURS, 0xff000000, 0x05000000, NULL, "reserved bits of prefixes are not looked at"},
    {OURS, 0xfc000000, 0x40000000, NULL, "hints in BO are not looked at"},
    {OURS, 0xfc0007fe, 0x4c000020, NULL, "hints in BO are not looked at"},
    {OURS, 0xfc0007fe, 0x4c000420, NULL, "hints in BO are not looked at"},
    {OURS, 0xfc0007fe, 0x4c000460, NULL, "hints in BO are not looked at"},
    {OURS, 0xfc0007ff, 0x7c00003c, NULL, "WAIT of reserved kinds"},
    {OURS, 0xfc0007ff, 0x7c0005ec, NULL, "DCBA is gone in 3.0, and is a hint"},
    {OURS, 0xfc1007ff, 0x7c100026, NULL, "MFOCRF of several fields"},
    {OURS, 0xfc1007ff, 0x7c100120, NULL, "MTOCRF of several fields"},
    {OURS, 0xfc0007ff, 0x7c000400, NULL, "MCRXR is gone, and emulated by the kernel"},
};

/* ---- The comparison ---- */

static uint32_t word(void)
{
    static const uint8_t extended[] = {31, 31, 31, 19, 4, 59, 60, 63, 30, 57};
    uint32_t insn = random_word(), how = random_word();
    if (how & 1)
        insn = (insn & 0x03ffffff) | (uint32_t)extended[(how >> 8) % sizeof(extended)] << 26;
    if (how & 2)
        insn &= ~(31u << 21);
    if (how & 4)
        insn &= ~(31u << 16);
    if (how & 8)
        insn &= ~(31u << 11);
    if (how & 16)
        insn &= ~1u;
    return insn;
}

/* Many words are of the opcodes that have extended ones, and many have empty fields; prefixes
 * are mostly good ones. */
static unsigned random_insn(unsigned i, uint32_t *insn)
{
    uint32_t how = random_word();
    (void)i;
    insn[0] = word();
    if (insn[0] >> 26 == 1)
        insn[0] ^= 0x40000000;
    if (how % 8)
        return 1;
    insn[0] = 1u << 26 | (random_word() & 0x03ffffff);
    if (how >> 8 & 1)
        insn[0] &= ~0x00ec0000u;
    if (how >> 9 & 1)
        insn[0] &= 0xff0fffff;
    insn[1] = word();
    return 2;
}

int main(int argc, char **argv)
{
    static const struct decode_test test = {
        .name = "ppc_decode",
        .objdump = "powerpc64le-linux-gnu-objdump -D -z -EL -b binary -m powerpc:common64 "
                   "-M power10,raw %s",
        .unknown = ".long",
        .seed = 20261123,
        .max_words = 2,
        .random_insn = random_insn,
        .decode = ppc_decode,
        .differences = differences,
        .difference_count = sizeof(differences) / sizeof(differences[0])};
    ppc_set_cpu("power10");
    /* Some look at what follows. */
    if (mmap((void *)PC, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
             0) == MAP_FAILED)
        return 2;
    builder_mode_bits = PPC_MODE_64 | PPC_MODE_LE;
    return decode_test(&test, argc, argv);
}
