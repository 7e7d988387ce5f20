/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Credentials.  They belong to a thread for the kernel: the guest's C library
 * tells its threads by signals, and the host's must not help. */
#include <limits.h>
#include <linux/capability.h>

#include "syscall/convert.h"
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
CALL(getresuid, 0, OUT(0, u32), OUT(1, u32), OUT(2, u32))
CALL(getresgid, 0, OUT(0, u32), OUT(1, u32), OUT(2, u32))
PASS(setfsuid, 0)
PASS(setfsgid, 0)
CALL(setgroups, 0, IN_ARRAY(1, u32, 0))

SYSCALL(getgroups)
{
    static const struct pass list = OUT_ARRAY(1, u32, 0);
    const uint64_t few[6] = {a[0] < NGROUPS_MAX ? a[0] : NGROUPS_MAX, a[1]};

    if ((int)a[0] < 0)
        return -EINVAL;
    if (!a[0])
        return host_syscall(SYS_getgroups, 0, NULL);
    return pass_call(cpu, host_syscall_raw, SYS_getgroups, few, 0, &list, 1);
}

/* Version 1 has 32 capabilities, the others 64 in two structures. */
static int64_t capabilities(struct vcpu *cpu, long nr, const uint64_t a[6], unsigned way)
{
    uint32_t version;

    if (struct_read(cpu->guest, STRUCT_u32, &version, a[0]))
        return -EFAULT;
    const struct pass p[] = {INOUT(0, cap_header), {1, (uint8_t)way, STRUCT_cap_data, PASS_ARG, 2}};
    const uint64_t with_count[6] = {a[0], a[1], version == _LINUX_CAPABILITY_VERSION_1 ? 1 : 2};
    int64_t r = pass_call(cpu, host_syscall_raw, nr, with_count, 0, p, 2);
    /* An unknown version is answered with the one that is known. */
    if (r == -EINVAL && !abi_is_native(cpu->guest)) {
        uint32_t header[2] = {version};
        host_syscall(SYS_capget, header, NULL);
        struct_write(cpu->guest, STRUCT_u32, header, a[0]);
    }
    return r;
}

SYSCALL(capget)
{
    return capabilities(cpu, SYS_capget, a, PASS_OUT);
}

SYSCALL(capset)
{
    return capabilities(cpu, SYS_capset, a, PASS_IN);
}

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
