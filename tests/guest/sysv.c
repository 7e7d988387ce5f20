/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System V IPC, POSIX message queues, memory calls. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
};
struct message {
    long type;
    char text[16];
};

int main(void)
{
    int r;
    int shm = shmget(IPC_PRIVATE, 10000, IPC_CREAT | 0600);
    char *a = shmat(shm, NULL, 0), *b = shmat(shm, NULL, SHM_RDONLY);
    printf("attached %d %d\n", a != (char *)-1, b != (char *)-1);
    strcpy(a, "shared");
    printf("%s\n", b);
    struct shmid_ds sd;
    r = shmctl(shm, IPC_STAT, &sd);
    printf("stat %d size %zu attached %d mode %o\n", r, sd.shm_segsz, (int)sd.shm_nattch,
           sd.shm_perm.mode & 0777);
    pid_t pid = fork();
    if (!pid) {
        strcpy(a + 100, "by the child");
        _exit(0);
    }
    wait(NULL);
    printf("%s\n", b + 100);
    char *at = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *c = shmat(shm, at, SHM_REMAP);
    printf("at %d %s\n", c == at, c);
    r = shmat(shm, at + 4, 0) == (void *)-1;
    printf("unaligned %d %d\n", r, errno);
    r = shmdt(a);
    r = r * 10 + shmdt(b);
    r = r * 10 + shmdt(c);
    printf("detach %d", r);
    r = shmdt(a);
    printf(" %d %d\n", r, errno);
    printf("remove %d\n", shmctl(shm, IPC_RMID, NULL));

    int sem = semget(IPC_PRIVATE, 3, IPC_CREAT | 0600);
    semctl(sem, 0, SETVAL, (union semun){.val = 5});
    semctl(sem, 0, SETALL, (union semun){.array = (unsigned short[]){1, 2, 3}});
    struct semid_ds ds;
    semctl(sem, 0, IPC_STAT, (union semun){.buf = &ds});
    printf("semaphores %d mode %o uid %d\n", (int)ds.sem_nsems, ds.sem_perm.mode & 0777,
           ds.sem_perm.uid == getuid());
    printf("%d %d\n", semctl(sem, 1, GETVAL), semctl(sem, 2, GETVAL));
    struct sembuf op = {0, -1, 0};
    semop(sem, &op, 1);
    r = semtimedop(sem, &op, 1, &(struct timespec){0, 10000000});
    printf("timed %d %d\n", r, errno == EAGAIN);
    pid = fork();
    if (!pid) {
        op.sem_op = 1;
        semop(sem, &op, 1);
        _exit(0);
    }
    printf("semop %d\n", semop(sem, &op, 1));
    wait(NULL);
    semctl(sem, 0, IPC_RMID);

    int q = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    struct message m = {3, "three"};
    msgsnd(q, &m, sizeof m.text, 0);
    m.type = 2;
    strcpy(m.text, "two");
    msgsnd(q, &m, sizeof m.text, 0);
    struct msqid_ds md;
    msgctl(q, IPC_STAT, &md);
    printf("messages %d\n", (int)md.msg_qnum);
    r = (int)msgrcv(q, &m, sizeof m.text, 3, 0);
    printf("%d %ld %s\n", r, m.type, m.text);
    r = (int)msgrcv(q, &m, sizeof m.text, 0, 0);
    printf("%d %ld %s\n", r, m.type, m.text);
    r = (int)msgrcv(q, &m, sizeof m.text, 0, IPC_NOWAIT);
    printf("%d %d\n", r, errno == ENOMSG);
    msgctl(q, IPC_RMID, NULL);

    char name[50];
    sprintf(name, "/ferry-test-%d", (int)getpid());
    struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 32};
    mqd_t mq = mq_open(name, O_CREAT | O_RDWR | O_NONBLOCK, 0600, &attr);
    if (mq != (mqd_t)-1) {
        char buf[32];
        unsigned prio;
        mq_send(mq, "low", 4, 1);
        mq_send(mq, "high", 5, 9);
        r = (int)mq_receive(mq, buf, sizeof buf, &prio);
        printf("mq %d %s %u", r, buf, prio);
        mq_getattr(mq, &attr);
        printf(" %ld %ld\n", attr.mq_curmsgs, attr.mq_msgsize);
        mq_unlink(name);
    }

    /* Memory. */
    size_t page = 4096;
    char *p = mmap(NULL, 8 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(p, 7, 8 * page);
    r = madvise(p + page, page, MADV_DONTNEED);
    printf("dontneed %d %d\n", r, p[page] == 0 && p[0] == 7);
    unsigned char vec[8];
    r = mincore(p, 8 * page, vec);
    printf("mincore %d %d\n", r, vec[0] & 1);
    char *n = mremap(p, 8 * page, 64 * page, MREMAP_MAYMOVE);
    printf("grown %d %d\n", n != MAP_FAILED, n[7 * page] == 7 && n[63 * page] == 0);
    n = mremap(n, 64 * page, 2 * page, 0);
    printf("shrunk %d\n", n != MAP_FAILED);
    char *target = mmap(NULL, 4 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    p = mremap(n, 2 * page, 2 * page, MREMAP_MAYMOVE | MREMAP_FIXED, target);
    printf("moved %d %d\n", p == target, p[0]);
    r = mprotect((char *)1, 4096, PROT_READ);
    printf("mprotect %d %d", r, errno);
    r = mprotect(target + 3 * page, 100 * page, PROT_READ | 64);
    printf(" %d\n", r);
    r = munmap(target + 1, page);
    printf("munmap %d %d\n", r, errno);
    r = mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
    printf("empty %d %d\n", r, errno);
    r = mmap(NULL, page, PROT_READ, MAP_PRIVATE, -1, 0) == MAP_FAILED;
    printf("no file %d %d\n", r, errno);
    r = mmap(target, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) ==
        MAP_FAILED;
    printf("taken %d %d\n", r, errno);
    char *b0 = sbrk(0);
    sbrk(1000000);
    memset(b0, 1, 1000000);
    printf("brk %ld\n", (long)((char *)sbrk(0) - b0));
    sbrk(-1000000);
    printf("brk %ld\n", (long)((char *)sbrk(0) - b0));
    r = mlock(target, page);
    printf("mlock %d %d\n", r, munlock(target, page));
    char from[6] = "hello", to[6] = "";
    struct iovec li = {to, 6}, ri = {from, 6};
    r = (int)process_vm_readv(getpid(), &li, 1, &ri, 1, 0);
    printf("process_vm_readv %d %s\n", r, to);
    struct rlimit rl;
    getrlimit(RLIMIT_AS, &rl);
    printf("as %d\n", rl.rlim_cur == RLIM_INFINITY);
    rl.rlim_cur = 1 << 30;
    setrlimit(RLIMIT_AS, &rl);
    getrlimit(RLIMIT_AS, &rl);
    printf("as %ld\n", (long)rl.rlim_cur);
    int fd = open("/proc/self/exe", O_RDONLY);
    char *x = mmap(NULL, page, PROT_READ, MAP_PRIVATE, fd, 0);
    printf("file %d %.3s\n", x != MAP_FAILED, x + 1);
    r = msync(x, page, MS_SYNC);
    printf("msync %d\n", r);
    return 0;
}
