#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Rebuilds vdso.c from vdso.S with the cross compilers.
set -eu
cd "$(dirname "$0")"
so=$(mktemp)
trap 'rm -f "$so"' EXIT

address() {
    a=$("$1-nm" -D "$so" | sed -n "s/^0*\([0-9a-f]*\) T $2[@ ]*.*/\1/p")
    echo "0x${a:-0}"
}

{
    cat <<END
/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made by vdso.sh from vdso.S. */
#include "loader/ppc/start.h"
END
    for g in ppc:powerpc:32:32 ppc64:powerpc64:64:64 ppc64le:powerpc64le:64:64; do
        name=${g%%:*}
        rest=${g#*:}
        tool=${rest%%:*}-linux-gnu
        bits=${g##*:}
        "$tool-gcc" -nostdlib -shared -Wl,-T,vdso.lds -Wl,-soname,"linux-vdso$bits.so.1" \
            -Wl,--hash-style=both -Wl,--eh-frame-hdr -Wl,--build-id=none \
            -Wl,-z,max-page-size=4096 -Wl,-Bsymbolic -o "$so" vdso.S
        sigreturn=$(address "$tool" "__kernel_sigtramp_rt$bits")
        old=$(address "$tool" "__kernel_sigtramp32")
        "$tool-strip" -s "$so"
        printf '\nstatic const uint8_t %s_image[] = {\n' "$name"
        od -An -v -tx1 "$so" | sed 's/ \(..\)/0x\1, /g; s/^/    /; s/ $//'
        cat <<END
};

const struct guest_vdso ${name}_vdso = {
    .image = ${name}_image,
    .size = sizeof ${name}_image,
    .sigreturn = $sigreturn,
    .sigreturn_old = $old,
};
END
    done
} >vdso.c
