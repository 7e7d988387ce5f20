/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include "translate/guest.h"

extern const struct guest a64_guest, ppc_guest, ppc64_guest, ppc64le_guest;

const struct guest *const guests[] = {&a64_guest, &ppc_guest, &ppc64_guest, &ppc64le_guest, NULL};
