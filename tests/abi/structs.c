/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sizes and offsets of the kernel's structures as a cross compiler lays them
 * out: it is compiled with -S, and tests/tests.mk makes a table of what the
 * assembly then contains, for tests/unit/layout.c.  AT: the place of a member
 * among those of the guest that the host has, too.
 */
#define _GNU_SOURCE
#include <stddef.h>

#include <asm/ipcbuf.h>
#include <asm/msgbuf.h>
#include <asm/sembuf.h>
#include <asm/shmbuf.h>
#include <asm/stat.h>
#include <linux/aio_abi.h>
#include <linux/capability.h>
#include <linux/eventpoll.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/inotify.h>
#include <linux/mount.h>
#include <linux/mqueue.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/poll.h>
#include <linux/quota.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <linux/seccomp.h>
#include <linux/sem.h>
#include <linux/signalfd.h>
#include <linux/sysinfo.h>
#include <linux/tcp.h>
#include <linux/time.h>
#include <linux/times.h>
#include <linux/timex.h>
#include <linux/uio.h>
#include <asm/statfs.h>
#include <asm/signal.h>

/* %c0: without what marks a constant. */
#define SIZE(name, type) __asm__ volatile("@@ size " #name " 0 %c0" ::"n"(sizeof(type)))
#define AT(name, type, index, member)                                                              \
    __asm__ volatile("@@ at " #name " " #index " %c0" ::"n"(offsetof(type, member)))

void table(void)
{
    SIZE(timespec, struct timespec);
    SIZE(timeval, struct timeval);
    SIZE(itimerspec, struct itimerspec);
    SIZE(itimerval, struct itimerval);
    SIZE(rusage, struct rusage);
    SIZE(rlimit, struct rlimit);
    SIZE(rlimit64, struct rlimit64);
    SIZE(tms, struct tms);
    SIZE(sysinfo, struct sysinfo);
    AT(sysinfo, struct sysinfo, 10, procs);
    AT(sysinfo, struct sysinfo, 14, mem_unit);
    SIZE(iovec, struct iovec);
    SIZE(pollfd, struct pollfd);
    SIZE(iocb, struct iocb);
    AT(iocb, struct iocb, 6, aio_buf);
    AT(iocb, struct iocb, 11, aio_resfd);
    SIZE(io_event, struct io_event);
    SIZE(epoll_event, struct epoll_event);
    AT(epoll_event, struct epoll_event, 1, data);
    SIZE(signalfd_siginfo, struct signalfd_siginfo);
    AT(signalfd_siginfo, struct signalfd_siginfo, 12, ssi_ptr);
    AT(signalfd_siginfo, struct signalfd_siginfo, 19, ssi_call_addr);
    SIZE(inotify_event, struct inotify_event);
    SIZE(sched_attr, struct sched_attr);
    SIZE(clone_args, struct clone_args);
    SIZE(open_how, struct open_how);
    SIZE(futex_waitv, struct futex_waitv);
    SIZE(robust_head, struct robust_list_head);
    AT(robust_head, struct robust_list_head, 2, list_op_pending);
    SIZE(cap_header, struct __user_cap_header_struct);
    SIZE(cap_data, struct __user_cap_data_struct);
    SIZE(mount_attr, struct mount_attr);
    SIZE(mq_attr, struct mq_attr);
    SIZE(sembuf, struct sembuf);
    SIZE(dqblk, struct if_dqblk);
    AT(dqblk, struct if_dqblk, 8, dqb_valid);
    SIZE(sockaddr_in6, struct sockaddr_in6);
    SIZE(sockaddr_netlink, struct sockaddr_nl);
    SIZE(sockaddr_packet, struct sockaddr_ll);
    SIZE(ip_mreqn, struct ip_mreqn);
    SIZE(ipv6_mreq, struct ipv6_mreq);
    SIZE(sock_fprog, struct sock_fprog);
    SIZE(sock_filter, struct sock_filter);
    SIZE(seccomp_notif, struct seccomp_notif);
    AT(seccomp_notif, struct seccomp_notif, 5, data.instruction_pointer);
    AT(seccomp_notif, struct seccomp_notif, 11, data.args[5]);
    SIZE(seccomp_notif_resp, struct seccomp_notif_resp);
    SIZE(seccomp_notif_addfd, struct seccomp_notif_addfd);
    SIZE(seccomp_notif_sizes, struct seccomp_notif_sizes);
    AT(tcp_info, struct tcp_info, 32, tcpi_pacing_rate);
    AT(tcp_info, struct tcp_info, 42, tcpi_delivery_rate);
    AT(tcp_info, struct tcp_info, 48, tcpi_bytes_sent);
    SIZE(statfs, struct statfs);
    AT(statfs, struct statfs, 7, f_fsid);
    SIZE(statfs64, struct statfs64);
    AT(statfs64, struct statfs64, 7, f_fsid);
    SIZE(timex64, struct __kernel_timex);
    AT(timex64, struct __kernel_timex, 11, tick);
    AT(timex64, struct __kernel_timex, 20, tai);
    SIZE(timex, struct timex);
    AT(timex, struct timex, 20, tai);
    SIZE(sigaltstack, stack_t);
    SIZE(sigaction, struct sigaction);
    SIZE(stat, struct stat);
#ifdef __powerpc64__
    AT(stat, struct stat, 3, st_mode);
#else
    AT(stat, struct stat, 2, st_mode);
#endif
    AT(stat, struct stat, 7, st_size);
    AT(stat, struct stat, 9, st_blocks);
    AT(stat, struct stat, 12, st_mtime);
#ifndef __LP64__
    SIZE(stat64, struct stat64);
    AT(stat64, struct stat64, 6, st_rdev);
    AT(stat64, struct stat64, 7, st_size);
    AT(stat64, struct stat64, 9, st_blocks);
    AT(stat64, struct stat64, 12, st_mtime);
#endif
    SIZE(shmid, struct shmid64_ds);
    SIZE(msqid, struct msqid64_ds);
    SIZE(semid, struct semid64_ds);
}
