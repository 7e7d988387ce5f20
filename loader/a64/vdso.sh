#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Rebuilds vdso.c from vdso.S with the cross compiler.
set -eu
cd "$(dirname "$0")"
so=$(mktemp)
trap 'rm -f "$so"' EXIT
aarch64-linux-gnu-gcc -nostdlib -shared -Wl,-T,vdso.lds -Wl,-soname,linux-vdso.so.1 \
    -Wl,--hash-style=both -Wl,--eh-frame-hdr -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
    -Wl,-Bsymbolic -o "$so" vdso.S
sigreturn=$(aarch64-linux-gnu-nm -D "$so" | sed -n 's/^0*\([0-9a-f]*\) T __kernel_rt_sigreturn.*/\1/p')
aarch64-linux-gnu-strip -s "$so"
{
    cat <<END
/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made by vdso.sh from vdso.S. */
#include "loader/loader.h"

static const uint8_t image[] = {
END
    od -An -v -tx1 "$so" | sed 's/ \(..\)/0x\1, /g; s/^/    /; s/ $//'
    cat <<END
};

const struct guest_vdso a64_vdso = {
    .image = image,
    .size = sizeof image,
    .sigreturn = 0x$sigreturn,
};
END
} >vdso.c
