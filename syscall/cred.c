/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Credentials.  They belong to a thread for the kernel: the guest's C library
 * tells its threads by signals, and the host's must not help. */
#include "syscall/pass.h"

PASS(getuid, 0)
PASS(geteuid, 0)
PASS(getgid, 0)
PASS(getegid, 0)
PASS(setuid, 0)
PASS(setgid, 0)
PASS(setreuid, 0)
PASS(setregid, 0)
PASS(setresuid, 0)
PASS(setresgid, 0)
PASS(getresuid, P0 | P1 | P2)
PASS(getresgid, P0 | P1 | P2)
PASS(setfsuid, 0)
PASS(setfsgid, 0)
PASS(getgroups, P1)
PASS(setgroups, P1)
PASS(capget, P0 | P1)
PASS(capset, P0 | P1)
PASS(add_key, P0 | P1 | P2)
PASS(request_key, P0 | P1 | P2)

SYSCALL(keyctl)
{
    enum {
        GET_KEYRING_ID = 0,
        JOIN_SESSION_KEYRING = 1,
        UPDATE = 2,
        DESCRIBE = 6,
        SEARCH = 10,
        READ = 11,
        GET_SECURITY = 17
    };

    switch ((int)a[0]) {
    case JOIN_SESSION_KEYRING:
        return host_syscall(SYS_keyctl, a[0], guest_arg(a[1]));
    case UPDATE:
    case DESCRIBE:
    case READ:
    case GET_SECURITY:
        return host_syscall(SYS_keyctl, a[0], a[1], guest_arg(a[2]), a[3]);
    case SEARCH:
        return host_syscall(SYS_keyctl, a[0], a[1], guest_arg(a[2]), guest_arg(a[3]), a[4]);
    case GET_KEYRING_ID:
    case 3:  /* KEYCTL_REVOKE */
    case 4:  /* KEYCTL_CHOWN */
    case 5:  /* KEYCTL_SETPERM */
    case 7:  /* KEYCTL_CLEAR */
    case 8:  /* KEYCTL_LINK */
    case 9:  /* KEYCTL_UNLINK */
    case 14: /* KEYCTL_SET_REQKEY_KEYRING */
    case 15: /* KEYCTL_SET_TIMEOUT */
    case 18: /* KEYCTL_SESSION_TO_PARENT */
    case 21: /* KEYCTL_INVALIDATE */
        return host_syscall(SYS_keyctl, a[0], a[1], a[2], a[3], a[4]);
    default:
        return -EOPNOTSUPP;
    }
}
