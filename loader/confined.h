/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bounds of a confined guest (vm_confine(), loader/vm.h): it has the
 * lowest 2^VM_CONFINED_BITS bytes, the runner lies above them, below
 * 2^VM_HOST_BITS.  An address between the two that the guest comes with has
 * VM_CONFINED_MOVE added, which makes it one of the host kernel's half, where nobody's access
 * succeeds.
 */
#ifndef FERRY_CONFINED_H
#define FERRY_CONFINED_H

#define VM_CONFINED_BITS 45
#define VM_HOST_BITS     47
#define VM_CONFINED_MOVE 0xffff600000000000UL

#endif
