#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds the AArch64 programs of `make demo` again from their sources; needs
# gcc-aarch64-linux-gnu.
set -eu
cd "$(dirname "$0")"
for c in *.c; do
    aarch64-linux-gnu-gcc -Os -ffreestanding -fno-stack-protector -fno-asynchronous-unwind-tables \
        -static -nostdlib -s -Wl,--build-id=none -Wl,-z,max-page-size=4096 -o "${c%.c}.elf" "$c"
done
