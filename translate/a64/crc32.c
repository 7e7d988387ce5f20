/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRC32 and CRC32C (DDI 0487, C6.2.68, C6.2.69). */
#include "translate/a64/a64.h"

/* Reflected polynomials of the two checksums. */
static const uint32_t polynomial[2] = {0xedb88320, 0x82f63b78};
static uint32_t table[2][256];

__attribute__((constructor)) static void make_tables(void)
{
    for (unsigned kind = 0; kind < 2; kind++)
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t crc = i;
            for (unsigned bit = 0; bit < 8; bit++)
                crc = crc >> 1 ^ (crc & 1 ? polynomial[kind] : 0);
            table[kind][i] = crc;
        }
}

/* regs: rn | rm << 8; kind: log2 of the bytes | castagnoli << 8 */
void a64_helper_crc32(struct vcpu *cpu, uint32_t rd, uint32_t regs, uint32_t kind)
{
    unsigned rn = regs & 31, rm = regs >> 8 & 31;
    uint32_t crc = rn == 31 ? 0 : (uint32_t)cpu->g[rn];
    uint64_t data = rm == 31 ? 0 : cpu->g[rm];
    for (unsigned n = 1u << (kind & 3); n; n--, data >>= 8)
        crc = crc >> 8 ^ table[kind >> 8][(crc ^ data) & 0xff];
    cpu->g[rd] = crc;
}
