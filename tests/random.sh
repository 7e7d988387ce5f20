#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Random differential tests of all groups.
#
#     RANDOM_INSNS  instructions in each of the groups (default 20000)
#     RANDOM_SEED   (default 1)
#
#     tests/random.sh [options of build/tests/random]
. tests/lib.sh

options=(--seed "${RANDOM_SEED:-1}" --count "${RANDOM_INSNS:-20000}" --ferry "$FERRY")
if [ -n "${FERRY_ISA-}" ] && is_ferry; then
    options+=(--host-isa "$FERRY_ISA")
fi
"$BUILD/tests/random" "${options[@]}" --keep "$BUILD/tests/random-failures" "$@"
