/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System V messages and semaphores, and control of shared memory. */
#include <stdlib.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "syscall/convert.h"
#include "syscall/pass.h"

syscall_fn sys_shmat, sys_shmdt;

/* Flag of a command for structures of the 64-bit kind, which are the only ones
 * here; kernels with one kind ignore it. */
enum { IPC_64 = 0x100 };

/* Hands a buffer of the structure to a control call. */
static int64_t control(struct vcpu *cpu, long nr, const uint64_t a[4], unsigned command_arg,
                       enum pass_way way, enum structure s)
{
    char buf[STRUCT_MAX_SIZE];
    long h[4] = {(long)a[0], (long)a[1], (long)a[2], (long)a[3]};

    h[command_arg] = (int)a[command_arg] & ~IPC_64;
    h[command_arg + 1] = (long)buf;
    if ((way & PASS_IN) && struct_read(cpu->guest, s, buf, a[command_arg + 1]))
        return -EFAULT;
    int64_t r = host_syscall(nr, h[0], h[1], h[2], h[3]);
    if (r >= 0 && (way & PASS_OUT) && struct_write(cpu->guest, s, buf, a[command_arg + 1]))
        return -EFAULT;
    return r;
}

/* ---- messages ---- */

PASS(msgget, 0)

SYSCALL(msgctl)
{
    switch ((int)a[1] & ~IPC_64) {
    case IPC_STAT:
    case MSG_STAT:
    case MSG_STAT_ANY:
        return control(cpu, SYS_msgctl, a, 1, PASS_OUT, STRUCT_msqid);
    case IPC_SET:
        return control(cpu, SYS_msgctl, a, 1, PASS_IN, STRUCT_msqid);
    case IPC_INFO:
    case MSG_INFO:
        return control(cpu, SYS_msgctl, a, 1, PASS_OUT, STRUCT_msginfo);
    default:
        return host_syscall(SYS_msgctl, a[0], (int)a[1] & ~IPC_64, 0);
    }
}

enum { MESSAGE_MAX = 1 << 20 };

SYSCALL(msgsnd)
{
    const struct guest *g = cpu->guest;
    uint64_t type;
    long *message;

    if (abi_is_native(g))
        return safe_syscall(SYS_msgsnd, a[0], guest_arg(a[1]), a[2], a[3]);
    if (a[2] > MESSAGE_MAX)
        return -EINVAL;
    if (guest_read_word(g, &type, a[1]))
        return -EFAULT;
    message = malloc(sizeof *message + a[2]);
    if (!message)
        return -ENOMEM;
    *message = guest_word(g) == 4 ? (int32_t)type : (long)type;
    int64_t r = guest_read(message + 1, a[1] + guest_word(g), a[2]);
    if (!r)
        r = safe_syscall(SYS_msgsnd, a[0], message, a[2], a[3]);
    free(message);
    return r;
}

SYSCALL(msgrcv)
{
    const struct guest *g = cpu->guest;
    long *message, type = guest_word(g) == 4 ? (int32_t)a[3] : (long)a[3];

    if (abi_is_native(g))
        return safe_syscall(SYS_msgrcv, a[0], guest_arg(a[1]), a[2], a[3], a[4]);
    if (a[2] > MESSAGE_MAX)
        return -EINVAL;
    message = malloc(sizeof *message + a[2]);
    if (!message)
        return -ENOMEM;
    int64_t r = safe_syscall(SYS_msgrcv, a[0], message, a[2], type, a[4]);
    if (r >= 0 && (guest_write_word(g, a[1], (uint64_t)*message) ||
                   guest_write(a[1] + guest_word(g), message + 1, (size_t)r)))
        r = -EFAULT;
    free(message);
    return r;
}

/* ---- semaphores ---- */

PASS(semget, 0)
CALL_SLEEP(semop, 0, IN_ARRAY(1, sembuf, 2))
CALL_SLEEP(semtimedop, 0, IN_ARRAY(1, sembuf, 2), IN(3, timespec))
CALL_SLEEP_AS(semtimedop_time64, semtimedop, 0, IN_ARRAY(1, sembuf, 2), IN(3, timespec64))

/* All values of a set. */
static int64_t semaphore_values(struct vcpu *cpu, const uint64_t a[6], int command)
{
    const struct guest *g = cpu->guest;
    struct semid_ds ds;
    int64_t r = host_syscall(SYS_semctl, a[0], 0, IPC_STAT, &ds);

    if (r < 0)
        return r;
    uint16_t *values = malloc((ds.sem_nsems + 1) * sizeof *values);
    size_t bytes = ds.sem_nsems * sizeof *values;
    if (!values)
        return -ENOMEM;
    if (command == SETALL)
        r = guest_read(values, a[3], bytes);
    for (unsigned long i = 0; command == SETALL && i < ds.sem_nsems; i++)
        values[i] = (uint16_t)number_load(g, &values[i], 2);
    if (!r)
        r = host_syscall(SYS_semctl, a[0], a[1], command, values);
    for (unsigned long i = 0; command == GETALL && i < ds.sem_nsems; i++)
        number_store(g, &values[i], 2, values[i]);
    if (!r && command == GETALL)
        r = guest_write(a[3], values, bytes);
    free(values);
    return r;
}

SYSCALL(semctl)
{
    int command = (int)a[2] & ~IPC_64;

    switch (command) {
    case IPC_STAT:
    case SEM_STAT:
    case SEM_STAT_ANY:
        return control(cpu, SYS_semctl, a, 2, PASS_OUT, STRUCT_semid);
    case IPC_SET:
        return control(cpu, SYS_semctl, a, 2, PASS_IN, STRUCT_semid);
    case IPC_INFO:
    case SEM_INFO:
        return control(cpu, SYS_semctl, a, 2, PASS_OUT, STRUCT_seminfo);
    case GETALL:
    case SETALL:
        return semaphore_values(cpu, a, command);
    case SETVAL: {
        /* The union's int: the upper half of a large-endian word. */
        uint64_t value = guest_swaps(cpu->guest) && guest_word(cpu->guest) == 8 ? a[3] >> 32 : a[3];
        return host_syscall(SYS_semctl, a[0], a[1], command, (int)value);
    }
    default:
        return host_syscall(SYS_semctl, a[0], a[1], command, 0);
    }
}

/* ---- shared memory ---- */

PASS(shmget, 0)

SYSCALL(shmctl)
{
    switch ((int)a[1] & ~IPC_64) {
    case IPC_STAT:
    case SHM_STAT:
    case SHM_STAT_ANY:
        return control(cpu, SYS_shmctl, a, 1, PASS_OUT, STRUCT_shmid);
    case IPC_SET:
        return control(cpu, SYS_shmctl, a, 1, PASS_IN, STRUCT_shmid);
    case IPC_INFO:
        return control(cpu, SYS_shmctl, a, 1, PASS_OUT, STRUCT_shminfo);
    case SHM_INFO:
        return control(cpu, SYS_shmctl, a, 1, PASS_OUT, STRUCT_shm_info);
    default:
        return host_syscall(SYS_shmctl, a[0], (int)a[1] & ~IPC_64, 0);
    }
}

/* ---- ipc(2): all of them through one number ---- */

SYSCALL(ipc)
{
    const struct guest *g = cpu->guest;
    uint32_t call = (uint32_t)a[0] & 0xffff, version = (uint32_t)a[0] >> 16;
    const uint64_t first = a[1], second = a[2], third = a[3], ptr = a[4], fifth = a[5];
    uint64_t value;

    switch (call) { /* include/uapi/linux/ipc.h */
    case 1:         /* SEMOP */
        return sys_semop(cpu, (const uint64_t[6]){first, ptr, second});
    case 2: /* SEMGET */
        return sys_semget(cpu, (const uint64_t[6]){first, second, third});
    case 3: /* SEMCTL */
        if (!ptr)
            return -EINVAL;
        if (guest_read_word(g, &value, ptr))
            return -EFAULT;
        return sys_semctl(cpu, (const uint64_t[6]){first, second, third, value});
    case 4: /* SEMTIMEDOP */
        return sys_semtimedop(cpu, (const uint64_t[6]){first, ptr, second, fifth});
    case 11: /* MSGSND */
        return sys_msgsnd(cpu, (const uint64_t[6]){first, ptr, second, third});
    case 12: /* MSGRCV */
        if (version == 0) {
            uint64_t type;
            if (guest_read_word(g, &value, ptr) || guest_read_word(g, &type, ptr + guest_word(g)))
                return -EFAULT;
            return sys_msgrcv(cpu, (const uint64_t[6]){first, value, second, type, third});
        }
        return sys_msgrcv(cpu, (const uint64_t[6]){first, ptr, second, fifth, third});
    case 13: /* MSGGET */
        return sys_msgget(cpu, (const uint64_t[6]){first, second});
    case 14: /* MSGCTL */
        return sys_msgctl(cpu, (const uint64_t[6]){first, second, ptr});
    case 21: { /* SHMAT */
        int64_t at = sys_shmat(cpu, (const uint64_t[6]){first, ptr, second});
        if (at < 0 && at > -4096)
            return at;
        return guest_write_word(g, third, (uint64_t)at);
    }
    case 22: /* SHMDT */
        return sys_shmdt(cpu, (const uint64_t[6]){ptr});
    case 23: /* SHMGET */
        return sys_shmget(cpu, (const uint64_t[6]){first, second, third});
    case 24: /* SHMCTL */
        return sys_shmctl(cpu, (const uint64_t[6]){first, second, ptr});
    default:
        return -ENOSYS;
    }
}
