#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guest programs: each must print and return what its native build does, linked
# statically and dynamically.  Programs that exist for the guest only have
# their output in tests/guest/NAME.expected.
#
#     tests/guest.sh [static|dynamic] [NAME...]
#
# GUEST=ppc runs the programs of build/tests/guest-ppc.
. tests/lib.sh

programs=$BUILD/tests/guest${GUEST:+-$GUEST}

kinds="static dynamic"
case ${1-} in
static | dynamic)
    kinds=$1
    shift
    ;;
esac
names=$*
if [ -z "$names" ]; then
    for f in tests/guest/*.c tests/guest/*.cc tests/guest/*.S; do
        [ -e "$f" ] && names="$names $(basename "${f%.*}")"
    done
fi

for name in $names; do
    native=$programs/$name.native
    [ -x "$native" ] || native=$BUILD/tests/guest/$name.native
    if [ -x "$native" ]; then
        timeout -k 1 60 "$native" one "two words" >"$work/want" 2>"$work/want.err" </dev/null
        echo "exit status $?" >>"$work/want"
    else
        cp "tests/guest/$name.expected" "$work/want"
    fi
    for kind in $kinds; do
        program=$programs/$name.$kind
        [ -x "$program" ] || continue
        guest "$program" one "two words" >"$work/got" 2>"$work/got.err" </dev/null
        echo "exit status $?" >>"$work/got"
        [ -s "$work/want.err" ] || head -c 2000 "$work/got.err"
        # What depends on byte order or word size is as qemu-user has it.
        if [ -n "${GUEST-}" ] && ! cmp -s "$work/want" "$work/got"; then
            timeout -k 1 10 "qemu-$GUEST" -L "$SYSROOT" "$program" one "two words" \
                >"$work/qemu" 2>/dev/null </dev/null
            echo "exit status $?" >>"$work/qemu"
            cmp -s "$work/qemu" "$work/got" && cp "$work/qemu" "$work/want"
        fi
        same "${GUEST:+$GUEST.}$name.$kind${FERRY_ISA:+.$FERRY_ISA}" "$work/want" "$work/got"
    done
done
