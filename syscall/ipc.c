/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System V messages and semaphores. */
#include <string.h>
#include <sys/sem.h>

#include "syscall/pass.h"

PASS(msgget, 0)
PASS(msgctl, P2)
PASS_SLEEP(msgsnd, P1)
PASS_SLEEP(msgrcv, P1)
PASS(semget, 0)
PASS_SLEEP(semop, P1)
PASS_SLEEP(semtimedop, P1 | P3)

/* struct semid64_ds of the generic kernel headers; x86 has gaps in its own. */
struct semid_generic {
    struct ipc_perm perm;
    int64_t otime, ctime;
    uint64_t nsems, unused[2];
};

static int64_t sem_stat(const uint64_t a[6])
{
    struct semid_ds ds;
    struct semid_generic g;
    int64_t r = host_syscall(SYS_semctl, a[0], a[1], a[2], &ds);

    if (r < 0)
        return r;
    memset(&g, 0, sizeof g);
    g.perm = ds.sem_perm;
    g.otime = ds.sem_otime;
    g.ctime = ds.sem_ctime;
    g.nsems = ds.sem_nsems;
    return guest_write(a[3], &g, sizeof g) ? -EFAULT : r;
}

SYSCALL(semctl)
{
    switch ((int)a[2]) {
    case IPC_STAT:
    case SEM_STAT:
    case SEM_STAT_ANY:
        return sem_stat(a);
    case IPC_SET: {
        struct semid_generic g;
        struct semid_ds ds = {0};
        if (guest_read(&g, a[3], sizeof g))
            return -EFAULT;
        ds.sem_perm = g.perm;
        return host_syscall(SYS_semctl, a[0], a[1], a[2], &ds);
    }
    case SETVAL:
        return host_syscall(SYS_semctl, a[0], a[1], a[2], a[3]);
    default:
        return host_syscall(SYS_semctl, a[0], a[1], a[2], guest_arg(a[3]));
    }
}
