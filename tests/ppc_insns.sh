#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every floating-point and vector instruction of Power on special and random
# operands (tests/ppc-guest/insns.c), in all three guests: a digest of what
# ferry computes must be what qemu's is.
. tests/lib.sh

# QEMU 7.2: vrldmi clears what it should keep; xsaddsp and its kin round twice;
# conversions of vectors to integers go on with the flags of the elements
# before; xststdcsp takes the wrong sign; xsnmsubqpo does not round to odd; xsrqpix
# counts RN otherwise; bcdus. calls results negative; drdpq exchanges the pair, drsp
# loses payloads, dctfixqq goes beyond 128 bits; fcmpo changes C, fcfidu and its kin set no
# class, mtfsb1 no FX, xsrqpxp UX.  vdive* overflow is undefined.  What these are to do is in
# tests/ppc-guest/expected.def.
peer_bug='^(vrldmi|vdive|bcdus|xs(add|sub|mul|div)sp|xvcv[ds]p[su]x|xststdcsp|xsnmsubqpo|xsrqpix 0|drdpq|drsp|dctfixqq|fcmpo 6|fcfid(u|s|us) |mtfsb1 [37]|xsrqpxp)'

rounds=${INSNS_ROUNDS:-150}
check() {
    local name=$1 compiler=$2 peer=$3 cpu=$4
    shift 4
    local program=$BUILD/tests/ppc-guest/insns.$name
    mkdir -p "$(dirname "$program")"
    if ! command -v "${peer%% *}" "$compiler" >/dev/null; then
        skip "insns-$name" "no ${peer%% *} or $compiler"
        return
    fi
    # Other suites may be running it.
    if ! "$compiler" -O1 -static "$@" -Wa,-mpower10 -o "$program.$$" tests/ppc-guest/insns.c; then
        not_ok "insns-$name" "cannot compile"
        return
    fi
    mv "$program.$$" "$program"
    $peer "$program" -n "$rounds" | grep -Ev "$peer_bug" >"$work/want"
    LIMIT=300 guest --cpu "$cpu" "$program" -n "$rounds" 2>"$work/err" |
        grep -Ev "$peer_bug" >"$work/got"
    cat "$work/err"
    [ -s "$work/want" ] || echo "no output of the peer" >>"$work/want"
    same "insns-$name" "$work/want" "$work/got"
    $peer "$program" -m "$((rounds * 8))" -s "${INSNS_SEED:-1}" >"$work/want"
    LIMIT=300 guest --cpu "$cpu" "$program" -m "$((rounds * 8))" -s "${INSNS_SEED:-1}" >"$work/got"
    same "mixes-$name" "$work/want" "$work/got"
    case " $* " in
    *" -mcpu=power8 "*)
        LIMIT=300 guest --cpu "$cpu" "$program" -e >"$work/got"
        grep -vn ' as expected$' "$work/got"
        if awk '/ as expected$/ { ok = $1 == $3 && $1 > 0 } END { exit !ok }' "$work/got"; then
            ok "expected-$name"
        else
            not_ok "expected-$name" "results differ from expected.def"
        fi
        ;;
    esac
}
check ppc powerpc-linux-gnu-gcc "qemu-ppc -cpu 7450" 7450 -mcpu=7450 -maltivec -Wa,-many
check ppc64 powerpc64-linux-gnu-gcc "qemu-ppc64 -cpu power10" power10 -mcpu=power8
check ppc64le powerpc64le-linux-gnu-gcc "qemu-ppc64le -cpu power10" power10 -mcpu=power8

# Programs: NAME against what the peer prints, or what is expected.
program() {
    local name=$1 compiler=$2 cpu=$3 peer=$4
    shift 4
    local program=$BUILD/tests/ppc-guest/$name.${compiler%%-*}
    if ! command -v "$compiler" "${peer%% *}" >/dev/null; then
        skip "$name-${compiler%%-*}" "no $compiler or ${peer%% *}"
        return
    fi
    if ! "$compiler" -O1 -frounding-math -static "$@" -o "$program.$$" "tests/ppc-guest/$name.c" -lm; then
        not_ok "$name-${compiler%%-*}" "cannot compile"
        return
    fi
    mv "$program.$$" "$program"
    if [ -f "tests/ppc-guest/$name.expected" ]; then
        cp "tests/ppc-guest/$name.expected" "$work/want"
    else
        $peer "$program" >"$work/want"
    fi
    guest --cpu "$cpu" "$program" >"$work/got"
    same "$name-${compiler%%-*}" "$work/want" "$work/got"
}
program status powerpc-linux-gnu-gcc 7450 "qemu-ppc -cpu 7450" -maltivec
program status powerpc64le-linux-gnu-gcc power9 "qemu-ppc64le -cpu power9" -maltivec
program non_ieee powerpc-linux-gnu-gcc 750 qemu-ppc
program non_ieee powerpc-linux-gnu-gcc 7450 qemu-ppc
guest --cpu power8 "$BUILD/tests/ppc-guest/non_ieee.powerpc" ignored >"$work/got"
same non_ieee-ignored tests/ppc-guest/non_ieee.expected "$work/got"
program fp_traps powerpc64le-linux-gnu-gcc power9 qemu-ppc64le
program fp_traps powerpc64-linux-gnu-gcc power9 qemu-ppc64
program fpr_halves powerpc-linux-gnu-gcc 7450 qemu-ppc
program nan_chains powerpc-linux-gnu-gcc 7450 "qemu-ppc -cpu 7450"
program nan_chains powerpc64-linux-gnu-gcc power9 qemu-ppc64 -mcpu=power8
program nan_chains powerpc64le-linux-gnu-gcc power9 qemu-ppc64le
program late_faults powerpc-linux-gnu-gcc 7450 qemu-ppc
program late_faults powerpc64-linux-gnu-gcc power9 qemu-ppc64
program late_faults powerpc64le-linux-gnu-gcc power9 qemu-ppc64le
program vectors powerpc64le-linux-gnu-gcc power9 "qemu-ppc64le -cpu power9" -maltivec
program vectors powerpc64-linux-gnu-gcc power9 "qemu-ppc64 -cpu power9" -maltivec
program vectors powerpc64le-linux-gnu-gcc power10 "qemu-ppc64le -cpu power10" -mcpu=power10
