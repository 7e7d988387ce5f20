/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PowerPC's requests and terminals: asm/ioctl.h, ioctls.h, termbits.h. */
#include "syscall/ioctl.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/ioctl.h>
#include <linux/sockios.h>

#include "syscall/ppc/table.h"

enum { NONE = 1, READ = 2, WRITE = 4, TERMIOS_SIZE = 44, WINSIZE = 8 };
#define REQUEST(dir, type, nr, size)                                                               \
    ((uint32_t)(dir) << 29 | (uint32_t)(size) << 16 | (uint32_t)(type) << 8 | (uint32_t)(nr))

static const struct ioctl_number numbers[] = {
    {REQUEST(NONE, 'f', 1, 0), FIOCLEX},
    {REQUEST(NONE, 'f', 2, 0), FIONCLEX},
    {REQUEST(WRITE, 'f', 125, 4), FIOASYNC},
    {REQUEST(WRITE, 'f', 126, 4), FIONBIO},
    {REQUEST(READ, 'f', 127, 4), FIONREAD},
    {REQUEST(READ, 'f', 128, 8), FIOQSIZE},
    {REQUEST(READ, 't', 19, TERMIOS_SIZE), TCGETS2},
    {REQUEST(WRITE, 't', 20, TERMIOS_SIZE), TCSETS2},
    {REQUEST(WRITE, 't', 21, TERMIOS_SIZE), TCSETSW2},
    {REQUEST(WRITE, 't', 22, TERMIOS_SIZE), TCSETSF2},
    {REQUEST(NONE, 't', 29, 0), TCSBRK},
    {REQUEST(NONE, 't', 30, 0), TCXONC},
    {REQUEST(NONE, 't', 31, 0), TCFLSH},
    {REQUEST(WRITE, 't', 103, WINSIZE), TIOCSWINSZ},
    {REQUEST(READ, 't', 104, WINSIZE), TIOCGWINSZ},
    {REQUEST(READ, 't', 115, 4), TIOCOUTQ},
    {REQUEST(WRITE, 't', 118, 4), TIOCSPGRP},
    {REQUEST(READ, 't', 119, 4), TIOCGPGRP},
    {0, 0},
};

static const struct termios_field iflag[] = {
    {0x01ff, 0x01ff}, /* IGNBRK to ICRNL */
    {0x0200, IXON},    {0x0400, IXOFF}, {0x0800, IXANY}, {0x1000, IUCLC},
    {0x2000, IMAXBEL}, {0x4000, IUTF8}, {0, 0},
};
static const struct termios_field oflag[] = {
    {0x0001, OPOST}, {0x0002, ONLCR},  {0x0004, OLCUC}, {0x00f8, 0x00f8}, /* OCRNL to OFDEL */
    {0x0300, NLDLY}, {0x0c00, TABDLY}, {0x3000, CRDLY}, {0x4000, FFDLY},
    {0x8000, BSDLY}, {0x10000, VTDLY}, {0, 0},
};
static const struct termios_field cflag[] = {
    {0x0300, CSIZE},  {0x0400, CSTOPB}, {0x0800, CREAD},  {0x1000, PARENB},
    {0x2000, PARODD}, {0x4000, HUPCL},  {0x8000, CLOCAL}, {0xe0000000, ADDRB | CMSPAR | CRTSCTS},
    {0, 0},
};
static const struct termios_field lflag[] = {
    {0x00000001, ECHOKE},
    {0x00000002, ECHOE},
    {0x00000004, ECHOK},
    {0x00000008, ECHO},
    {0x00000010, ECHONL},
    {0x00000020, ECHOPRT},
    {0x00000040, ECHOCTL},
    {0x00000080, ISIG},
    {0x00000100, ICANON},
    {0x00000400, IEXTEN},
    {0x00004000, XCASE},
    {0x00400000, TOSTOP},
    {0x00800000, FLUSHO},
    {0x10000000, EXTPROC},
    {0x20000000, PENDIN},
    {0x80000000, NOFLSH},
    {0, 0},
};
static const uint8_t cc[] = {VINTR, VQUIT,   VERASE,   VKILL, VEOF,   VMIN,  VEOL,   VTIME,   VEOL2,
                             VSWTC, VWERASE, VREPRINT, VSUSP, VSTART, VSTOP, VLNEXT, VDISCARD};

static const struct termios_abi termios = {
    .iflag = iflag,
    .oflag = oflag,
    .cflag = cflag,
    .lflag = lflag,
    .baud_mask = 0xff,
    .first = 0x10, /* B57600 */
    .other = 0x1f,
    .cc_count = sizeof cc,
    .cc_offset = 16,
    .line_offset = 16 + 19,
    .speed_offset = 36,
    .size = TERMIOS_SIZE,
    .cc = cc,
};

const struct ioctl_abi ppc_ioctl = {
    .size_bits = 13,
    .none = NONE,
    .read = READ,
    .write = WRITE,
    .numbers = numbers,
    .termios = &termios,
};
