/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a guest's kernel numbers the requests of ioctl(2), and what its termios
 * looks like.  Most architectures share all of it with x86.
 */
#ifndef FERRY_IOCTL_H
#define FERRY_IOCTL_H

#include <stdint.h>

/* A field of flags: the bits of both masks in ascending order. */
struct termios_field {
    uint32_t guest, host;
};

struct termios_abi {
    const struct termios_field *iflag, *oflag, *cflag, *lflag; /* end with 0 */
    /* Of c_cflag: speeds above 38400 follow `first` in the guest, in the
     * order of the host; `other` is BOTHER. */
    uint32_t baud_mask, first, other;
    uint8_t cc_count, cc_offset, line_offset, speed_offset, size;
    const uint8_t *cc; /* the host's index for each of the guest's characters */
};

struct ioctl_number {
    uint32_t guest, host;
};

struct ioctl_abi {
    /* Of numbers built as _IOC(direction, type, number, size). */
    uint8_t size_bits, none, read, write;
    const struct ioctl_number *numbers; /* that are built otherwise; ends with 0 */
    const struct termios_abi *termios;
};

#endif
