#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The guests' system call tables against the kernel headers of Debian's cross
# compilers: same numbers, same names, none left out.
. tests/lib.sh

# Names that the headers define under another one, or that are no calls.
sed -n 's/^#define __NR_\(3264_\)\?\([a-z0-9_]*\)[ \t]*\([0-9][0-9]*\)$/\3 \2/p; s/^#define __NR3264_\([a-z0-9_]*\)[ \t]*\([0-9][0-9]*\)$/\2 \1/p' \
    /usr/aarch64-linux-gnu/include/asm-generic/unistd.h |
    sed -e 's/^79 fstatat$/79 newfstatat/' \
        -e '/_time64$\|[a-z]64$/{/^40[3-9]\|^41\|^42[0-3]/d}' \
        -e '/ arch_specific_syscall$/d' -e '/ syscalls$/d' -e '/ sync_file_range2$/d' | sort -n >"$work/want"
last=$(tail -1 "$work/want" | cut -d' ' -f1)
sed -n 's/^\(NO\)\{0,1\}SYS(\([0-9]*\), \([a-z0-9_]*\),.*/\2 \3/p' syscall/a64/table.def |
    awk -v last="$last" '$1 <= last' >"$work/got"
same "arm64 system call numbers" "$work/want" "$work/got"

# PowerPC's headers list each word size; so do rows whose names end in one.
for bits in 32 64; do
    sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9][0-9]*\)$/\2 \1/p' \
        /usr/powerpc-linux-gnu/include/asm/unistd_$bits.h | sort -n >"$work/want"
    last=$(tail -1 "$work/want" | cut -d' ' -f1)
    sed -n "s/^\(SYS\|PAIR\|NOSYS\)\($bits\)\{0,1\}(\([0-9]*\), \([a-z0-9_]*\),.*/\3 \4/p" \
        syscall/ppc/table.def | awk -v last="$last" '$1 <= last' | sort -n >"$work/got"
    same "powerpc$bits system call numbers" "$work/want" "$work/got"
done
