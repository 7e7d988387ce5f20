/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall/strace_flags.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/falloc.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/prctl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define N(x)                                                                                       \
    {                                                                                              \
        (uint64_t)(uint32_t)(x), #x                                                                \
    }
#define TABLE static const struct strace_name

/* Directory and link bits are wider values than the bits they contain. */
TABLE open_names[] = {N(O_RDONLY),
                      N(O_WRONLY),
                      N(O_RDWR),
                      N(O_CREAT),
                      N(O_EXCL),
                      N(O_NOCTTY),
                      N(O_TRUNC),
                      N(O_APPEND),
                      N(O_NONBLOCK),
                      N(O_SYNC),
                      N(O_DSYNC),
                      N(O_ASYNC),
                      N(O_TMPFILE),
                      N(O_DIRECTORY),
                      N(O_NOFOLLOW),
                      N(O_DIRECT),
                      {0100000, "O_LARGEFILE"},
                      N(O_NOATIME),
                      N(O_CLOEXEC),
                      N(O_PATH),
                      {0, 0}};
TABLE epoll_create_names[] = {N(EPOLL_CLOEXEC), {0, 0}};
TABLE fd_names[] = {N(O_NONBLOCK), N(O_DIRECT), N(O_CLOEXEC), {0, 0}};
TABLE sigaction_names[] = {
    N(SA_NOCLDSTOP), N(SA_NOCLDWAIT), N(SA_SIGINFO),   N(SA_ONSTACK),
    N(SA_RESTART),   N(SA_NODEFER),   N(SA_RESETHAND), {0x04000000, "SA_RESTORER"},
    {0, 0}};
TABLE poll_names[] = {N(POLLIN),     N(POLLPRI),    N(POLLOUT),    N(POLLERR),
                      N(POLLHUP),    N(POLLNVAL),   N(POLLRDNORM), N(POLLRDBAND),
                      N(POLLWRNORM), N(POLLWRBAND), N(POLLRDHUP),  {0, 0}};
TABLE eventfd_names[] = {N(EFD_SEMAPHORE), N(EFD_NONBLOCK), N(EFD_CLOEXEC), {0, 0}};
TABLE at_names[] = {N(AT_SYMLINK_NOFOLLOW),
                    {AT_REMOVEDIR, "AT_REMOVEDIR"},
                    N(AT_SYMLINK_FOLLOW),
                    N(AT_NO_AUTOMOUNT),
                    N(AT_EMPTY_PATH),
                    {0x2000, "AT_STATX_FORCE_SYNC"},
                    {0x4000, "AT_STATX_DONT_SYNC"},
                    {0, 0}};
TABLE access_names[] = {N(F_OK), N(R_OK), N(W_OK), N(X_OK), {0, 0}};
TABLE whence_names[] = {N(SEEK_SET), N(SEEK_CUR), N(SEEK_END), N(SEEK_DATA), N(SEEK_HOLE), {0, 0}};
TABLE prot_names[] = {N(PROT_NONE),       N(PROT_READ),      N(PROT_WRITE),
                      N(PROT_EXEC),       {8, "PROT_SEM"},   {0x10, "PROT_BTI"},
                      {0x20, "PROT_MTE"}, N(PROT_GROWSDOWN), {0, 0}};
TABLE mmap_names[] = {N(MAP_SHARED),
                      N(MAP_PRIVATE),
                      N(MAP_SHARED_VALIDATE),
                      N(MAP_FIXED),
                      N(MAP_ANONYMOUS),
                      N(MAP_GROWSDOWN),
                      N(MAP_DENYWRITE),
                      N(MAP_EXECUTABLE),
                      N(MAP_LOCKED),
                      N(MAP_NORESERVE),
                      N(MAP_POPULATE),
                      N(MAP_NONBLOCK),
                      N(MAP_STACK),
                      N(MAP_HUGETLB),
                      N(MAP_SYNC),
                      N(MAP_FIXED_NOREPLACE),
                      {0, 0}};
TABLE mremap_names[] = {N(MREMAP_MAYMOVE), N(MREMAP_FIXED), N(MREMAP_DONTUNMAP), {0, 0}};
TABLE madvise_names[] = {N(MADV_NORMAL),   N(MADV_RANDOM),     N(MADV_SEQUENTIAL),
                         N(MADV_WILLNEED), N(MADV_DONTNEED),   N(MADV_FREE),
                         N(MADV_REMOVE),   N(MADV_DONTFORK),   N(MADV_DOFORK),
                         N(MADV_HUGEPAGE), N(MADV_NOHUGEPAGE), N(MADV_DONTDUMP),
                         N(MADV_DODUMP),   N(MADV_WIPEONFORK), N(MADV_KEEPONFORK),
                         N(MADV_COLD),     N(MADV_PAGEOUT),    {0, 0}};
TABLE msync_names[] = {N(MS_ASYNC), N(MS_INVALIDATE), N(MS_SYNC), {0, 0}};
TABLE clock_names[] = {
    N(CLOCK_REALTIME),          N(CLOCK_MONOTONIC),     N(CLOCK_PROCESS_CPUTIME_ID),
    N(CLOCK_THREAD_CPUTIME_ID), N(CLOCK_MONOTONIC_RAW), N(CLOCK_REALTIME_COARSE),
    N(CLOCK_MONOTONIC_COARSE),  N(CLOCK_BOOTTIME),      N(CLOCK_REALTIME_ALARM),
    N(CLOCK_BOOTTIME_ALARM),    N(CLOCK_TAI),           {0, 0}};
TABLE clone_names[] = {N(CLONE_VM),
                       N(CLONE_FS),
                       N(CLONE_FILES),
                       N(CLONE_SIGHAND),
                       {0x1000, "CLONE_PIDFD"},
                       N(CLONE_PTRACE),
                       N(CLONE_VFORK),
                       N(CLONE_PARENT),
                       N(CLONE_THREAD),
                       N(CLONE_NEWNS),
                       N(CLONE_SYSVSEM),
                       N(CLONE_SETTLS),
                       N(CLONE_PARENT_SETTID),
                       N(CLONE_CHILD_CLEARTID),
                       N(CLONE_DETACHED),
                       N(CLONE_UNTRACED),
                       N(CLONE_CHILD_SETTID),
                       N(CLONE_NEWCGROUP),
                       N(CLONE_NEWUTS),
                       N(CLONE_NEWIPC),
                       N(CLONE_NEWUSER),
                       N(CLONE_NEWPID),
                       N(CLONE_NEWNET),
                       N(CLONE_IO),
                       {0, 0}};
TABLE futex_names[] = {N(FUTEX_WAIT),
                       N(FUTEX_WAKE),
                       N(FUTEX_REQUEUE),
                       N(FUTEX_CMP_REQUEUE),
                       N(FUTEX_WAKE_OP),
                       N(FUTEX_LOCK_PI),
                       N(FUTEX_UNLOCK_PI),
                       N(FUTEX_TRYLOCK_PI),
                       N(FUTEX_WAIT_BITSET),
                       N(FUTEX_WAKE_BITSET),
                       N(FUTEX_WAIT_REQUEUE_PI),
                       N(FUTEX_CMP_REQUEUE_PI),
                       {13, "FUTEX_LOCK_PI2"},
                       N(FUTEX_PRIVATE_FLAG),
                       N(FUTEX_CLOCK_REALTIME),
                       {0, 0}};
TABLE sighow_names[] = {N(SIG_BLOCK), N(SIG_UNBLOCK), N(SIG_SETMASK), {0, 0}};
TABLE wait_names[] = {N(WNOHANG),
                      N(WUNTRACED),
                      N(WEXITED),
                      N(WCONTINUED),
                      N(WNOWAIT),
                      {0x20000000, "__WNOTHREAD"},
                      {0x40000000, "__WALL"},
                      {0x80000000, "__WCLONE"},
                      {0, 0}};
TABLE resource_names[] = {N(RLIMIT_CPU),
                          N(RLIMIT_FSIZE),
                          N(RLIMIT_DATA),
                          N(RLIMIT_STACK),
                          N(RLIMIT_CORE),
                          N(RLIMIT_RSS),
                          N(RLIMIT_NPROC),
                          N(RLIMIT_NOFILE),
                          N(RLIMIT_MEMLOCK),
                          N(RLIMIT_AS),
                          N(RLIMIT_LOCKS),
                          N(RLIMIT_SIGPENDING),
                          N(RLIMIT_MSGQUEUE),
                          N(RLIMIT_NICE),
                          N(RLIMIT_RTPRIO),
                          N(RLIMIT_RTTIME),
                          {0, 0}};
TABLE fcntl_names[] = {N(F_DUPFD),         N(F_GETFD),       N(F_SETFD),       N(F_GETFL),
                       N(F_SETFL),         N(F_GETLK),       N(F_SETLK),       N(F_SETLKW),
                       N(F_SETOWN),        N(F_GETOWN),      N(F_SETSIG),      N(F_GETSIG),
                       N(F_SETOWN_EX),     N(F_GETOWN_EX),   N(F_OFD_GETLK),   N(F_OFD_SETLK),
                       N(F_OFD_SETLKW),    N(F_SETLEASE),    N(F_GETLEASE),    N(F_NOTIFY),
                       N(F_DUPFD_CLOEXEC), N(F_SETPIPE_SZ),  N(F_GETPIPE_SZ),  N(F_ADD_SEALS),
                       N(F_GET_SEALS),     N(F_GET_RW_HINT), N(F_SET_RW_HINT), {0, 0}};
TABLE flock_names[] = {{0, "0"}, N(LOCK_SH), N(LOCK_EX), {3, "3"}, N(LOCK_NB), N(LOCK_UN), {0, 0}};
TABLE falloc_names[] = {N(FALLOC_FL_KEEP_SIZE),
                        N(FALLOC_FL_PUNCH_HOLE),
                        N(FALLOC_FL_COLLAPSE_RANGE),
                        N(FALLOC_FL_ZERO_RANGE),
                        N(FALLOC_FL_INSERT_RANGE),
                        N(FALLOC_FL_UNSHARE_RANGE),
                        {0, 0}};
TABLE fadvise_names[] = {N(POSIX_FADV_NORMAL),
                         N(POSIX_FADV_RANDOM),
                         N(POSIX_FADV_SEQUENTIAL),
                         N(POSIX_FADV_WILLNEED),
                         N(POSIX_FADV_DONTNEED),
                         N(POSIX_FADV_NOREUSE),
                         {0, 0}};
TABLE splice_names[] = {
    N(SPLICE_F_MOVE), N(SPLICE_F_NONBLOCK), N(SPLICE_F_MORE), N(SPLICE_F_GIFT), {0, 0}};
TABLE rename_names[] = {N(RENAME_NOREPLACE), N(RENAME_EXCHANGE), N(RENAME_WHITEOUT), {0, 0}};
TABLE memfd_names[] = {N(MFD_CLOEXEC),         N(MFD_ALLOW_SEALING), N(MFD_HUGETLB),
                       {8, "MFD_NOEXEC_SEAL"}, {16, "MFD_EXEC"},     {0, 0}};
TABLE xattr_names[] = {N(XATTR_CREATE), N(XATTR_REPLACE), {0, 0}};
TABLE inotify_names[] = {
    N(IN_ACCESS),      N(IN_MODIFY),     N(IN_ATTRIB),   N(IN_CLOSE_WRITE), N(IN_CLOSE_NOWRITE),
    N(IN_OPEN),        N(IN_MOVED_FROM), N(IN_MOVED_TO), N(IN_CREATE),      N(IN_DELETE),
    N(IN_DELETE_SELF), N(IN_MOVE_SELF),  N(IN_ONLYDIR),  N(IN_DONT_FOLLOW), N(IN_EXCL_UNLINK),
    N(IN_MASK_CREATE), N(IN_MASK_ADD),   N(IN_ISDIR),    N(IN_ONESHOT),     {0, 0}};
TABLE epoll_op_names[] = {N(EPOLL_CTL_ADD), N(EPOLL_CTL_DEL), N(EPOLL_CTL_MOD), {0, 0}};
TABLE epoll_names[] = {N(EPOLLIN),     N(EPOLLPRI),     N(EPOLLOUT),    N(EPOLLERR),
                       N(EPOLLHUP),    N(EPOLLRDNORM),  N(EPOLLRDBAND), N(EPOLLWRNORM),
                       N(EPOLLWRBAND), N(EPOLLMSG),     N(EPOLLRDHUP),  N(EPOLLEXCLUSIVE),
                       N(EPOLLWAKEUP), N(EPOLLONESHOT), N(EPOLLET),     {0, 0}};
TABLE mount_names[] = {
    N(MS_RDONLY),   N(MS_NOSUID),   N(MS_NODEV),   N(MS_NOEXEC),   N(MS_SYNCHRONOUS),
    N(MS_REMOUNT),  N(MS_MANDLOCK), N(MS_DIRSYNC), N(MS_NOATIME),  N(MS_NODIRATIME),
    N(MS_BIND),     N(MS_MOVE),     N(MS_REC),     N(MS_SILENT),   N(MS_UNBINDABLE),
    N(MS_PRIVATE),  N(MS_SLAVE),    N(MS_SHARED),  N(MS_RELATIME), N(MS_STRICTATIME),
    N(MS_LAZYTIME), {0, 0}};
TABLE umount_names[] = {
    {1, "MNT_FORCE"}, {2, "MNT_DETACH"}, {4, "MNT_EXPIRE"}, {8, "UMOUNT_NOFOLLOW"}, {0, 0}};
TABLE family_names[] = {N(AF_UNSPEC), N(AF_UNIX),      N(AF_INET), N(AF_INET6), N(AF_NETLINK),
                        N(AF_PACKET), N(AF_BLUETOOTH), N(AF_ALG),  N(AF_VSOCK), {0, 0}};
TABLE socktype_names[] = {N(SOCK_STREAM),   N(SOCK_DGRAM),     N(SOCK_RAW),
                          N(SOCK_RDM),      N(SOCK_SEQPACKET), N(SOCK_DCCP),
                          N(SOCK_NONBLOCK), N(SOCK_CLOEXEC),   {0, 0}};
TABLE sockflags_names[] = {N(SOCK_NONBLOCK), N(SOCK_CLOEXEC), {0, 0}};
TABLE msg_names[] = {N(MSG_OOB),        N(MSG_PEEK),     N(MSG_DONTROUTE),    N(MSG_CTRUNC),
                     N(MSG_TRUNC),      N(MSG_DONTWAIT), N(MSG_EOR),          N(MSG_WAITALL),
                     N(MSG_CONFIRM),    N(MSG_ERRQUEUE), N(MSG_NOSIGNAL),     N(MSG_MORE),
                     N(MSG_WAITFORONE), N(MSG_FASTOPEN), N(MSG_CMSG_CLOEXEC), {0, 0}};
TABLE sollevel_names[] = {{0, "SOL_IP"},        N(SOL_SOCKET),
                          {6, "SOL_TCP"},       {17, "SOL_UDP"},
                          {41, "SOL_IPV6"},     {58, "SOL_ICMPV6"},
                          {255, "SOL_RAW"},     {263, "SOL_PACKET"},
                          {270, "SOL_NETLINK"}, {0, 0}};
/* Those of SOL_SOCKET. */
TABLE sockopt_names[] = {
    N(SO_DEBUG),        N(SO_REUSEADDR),     N(SO_TYPE),          N(SO_ERROR),     N(SO_DONTROUTE),
    N(SO_BROADCAST),    N(SO_SNDBUF),        N(SO_RCVBUF),        N(SO_KEEPALIVE), N(SO_OOBINLINE),
    N(SO_NO_CHECK),     N(SO_PRIORITY),      N(SO_LINGER),        N(SO_REUSEPORT), N(SO_PASSCRED),
    N(SO_PEERCRED),     N(SO_RCVLOWAT),      N(SO_SNDLOWAT),      N(SO_RCVTIMEO),  N(SO_SNDTIMEO),
    N(SO_BINDTODEVICE), N(SO_ATTACH_FILTER), N(SO_DETACH_FILTER), N(SO_TIMESTAMP), N(SO_ACCEPTCONN),
    N(SO_PEERSEC),      N(SO_SNDBUFFORCE),   N(SO_RCVBUFFORCE),   N(SO_MARK),      N(SO_PROTOCOL),
    N(SO_DOMAIN),       N(SO_BUSY_POLL),     N(SO_INCOMING_CPU),  {0, 0}};
TABLE shutdown_names[] = {N(SHUT_RD), N(SHUT_WR), N(SHUT_RDWR), {0, 0}};
TABLE sched_names[] = {N(SCHED_OTHER),
                       N(SCHED_FIFO),
                       N(SCHED_RR),
                       N(SCHED_BATCH),
                       N(SCHED_IDLE),
                       {6, "SCHED_DEADLINE"},
                       {0x40000000, "SCHED_RESET_ON_FORK"},
                       {0, 0}};
TABLE prctl_names[] = {N(PR_SET_PDEATHSIG),
                       N(PR_GET_PDEATHSIG),
                       N(PR_GET_DUMPABLE),
                       N(PR_SET_DUMPABLE),
                       N(PR_GET_UNALIGN),
                       N(PR_SET_UNALIGN),
                       N(PR_GET_KEEPCAPS),
                       N(PR_SET_KEEPCAPS),
                       N(PR_SET_NAME),
                       N(PR_GET_NAME),
                       N(PR_GET_SECCOMP),
                       N(PR_SET_SECCOMP),
                       N(PR_CAPBSET_READ),
                       N(PR_CAPBSET_DROP),
                       N(PR_GET_TSC),
                       N(PR_SET_TSC),
                       N(PR_GET_SECUREBITS),
                       N(PR_SET_SECUREBITS),
                       N(PR_SET_TIMERSLACK),
                       N(PR_GET_TIMERSLACK),
                       N(PR_SET_MM),
                       N(PR_SET_CHILD_SUBREAPER),
                       N(PR_GET_CHILD_SUBREAPER),
                       N(PR_SET_NO_NEW_PRIVS),
                       N(PR_GET_NO_NEW_PRIVS),
                       N(PR_GET_TID_ADDRESS),
                       N(PR_SET_THP_DISABLE),
                       N(PR_GET_THP_DISABLE),
                       N(PR_CAP_AMBIENT),
                       N(PR_SVE_SET_VL),
                       N(PR_SVE_GET_VL),
                       N(PR_GET_SPECULATION_CTRL),
                       N(PR_SET_SPECULATION_CTRL),
                       N(PR_PAC_RESET_KEYS),
                       N(PR_SET_TAGGED_ADDR_CTRL),
                       N(PR_GET_TAGGED_ADDR_CTRL),
                       {0x53564d41, "PR_SET_VMA"},
                       {0, 0}};
TABLE ioctl_names[] = {N(TCGETS),
                       N(TCSETS),
                       N(TCSETSW),
                       N(TCSETSF),
                       N(TCGETA),
                       N(TCSETA),
                       N(TCSBRK),
                       N(TCXONC),
                       N(TCFLSH),
                       N(TIOCEXCL),
                       N(TIOCNXCL),
                       N(TIOCSCTTY),
                       N(TIOCGPGRP),
                       N(TIOCSPGRP),
                       N(TIOCOUTQ),
                       N(TIOCSTI),
                       N(TIOCGWINSZ),
                       N(TIOCSWINSZ),
                       N(TIOCMGET),
                       N(TIOCMBIS),
                       N(TIOCMBIC),
                       N(TIOCMSET),
                       N(FIONREAD),
                       N(TIOCLINUX),
                       N(TIOCCONS),
                       N(TIOCPKT),
                       N(FIONBIO),
                       N(TIOCNOTTY),
                       N(TIOCSETD),
                       N(TIOCGETD),
                       N(TCSBRKP),
                       N(TIOCGSID),
                       {0x802c542a, "TCGETS2"},
                       {0x402c542b, "TCSETS2"},
                       {0x402c542c, "TCSETSW2"},
                       {0x402c542d, "TCSETSF2"},
                       N(TIOCGPTN),
                       N(TIOCSPTLCK),
                       N(TIOCGPTPEER),
                       N(FIONCLEX),
                       N(FIOCLEX),
                       N(FIOASYNC),
                       N(FIOQSIZE),
                       {0x5460, "FIOQSIZE"},
                       {0x8905, "SIOCATMARK"},
                       {0x8906, "SIOCGSTAMP"},
                       {0x8910, "SIOCGIFNAME"},
                       {0x8912, "SIOCGIFCONF"},
                       {0x8913, "SIOCGIFFLAGS"},
                       {0x8914, "SIOCSIFFLAGS"},
                       {0x8915, "SIOCGIFADDR"},
                       {0x8916, "SIOCSIFADDR"},
                       {0x8917, "SIOCGIFDSTADDR"},
                       {0x8919, "SIOCGIFBRDADDR"},
                       {0x891b, "SIOCGIFNETMASK"},
                       {0x891d, "SIOCGIFMETRIC"},
                       {0x8921, "SIOCGIFMTU"},
                       {0x8927, "SIOCGIFHWADDR"},
                       {0x8933, "SIOCGIFINDEX"},
                       {0x8942, "SIOCGIFTXQLEN"},
                       {0x8946, "SIOCETHTOOL"},
                       N(FICLONE),
                       N(FICLONERANGE),
                       N(FIDEDUPERANGE),
                       N(FS_IOC_GETFLAGS),
                       N(FS_IOC_SETFLAGS),
                       N(FS_IOC_GETVERSION),
                       N(FS_IOC_FIEMAP),
                       N(FS_IOC_FSGETXATTR),
                       N(FS_IOC_FSSETXATTR),
                       N(FIBMAP),
                       N(FIGETBSZ),
                       N(FIFREEZE),
                       N(FITHAW),
                       N(FITRIM),
                       N(BLKROSET),
                       N(BLKROGET),
                       N(BLKRRPART),
                       N(BLKGETSIZE),
                       N(BLKFLSBUF),
                       N(BLKRAGET),
                       N(BLKSSZGET),
                       N(BLKBSZGET),
                       N(BLKGETSIZE64),
                       N(BLKDISCARD),
                       N(BLKIOMIN),
                       N(BLKIOOPT),
                       N(BLKALIGNOFF),
                       N(BLKPBSZGET),
                       N(BLKZEROOUT),
                       {0x4c00, "LOOP_SET_FD"},
                       {0x4c01, "LOOP_CLR_FD"},
                       {0x4c04, "LOOP_SET_STATUS64"},
                       {0x4c05, "LOOP_GET_STATUS64"},
                       {0x4c0a, "LOOP_CONFIGURE"},
                       {0x4c82, "LOOP_CTL_GET_FREE"},
                       {0, 0}};

#define BITS 0
#define ENUM UINT64_MAX

const struct strace_names strace_names[] = {
    {"open", O_ACCMODE, open_names},   {"epollflags", BITS, epoll_create_names},
    {"fdflags", BITS, fd_names},       {"saflags", BITS, sigaction_names},
    {"pollbits", BITS, poll_names},    {"eventfd", BITS, eventfd_names},
    {"atflags", BITS, at_names},       {"access", BITS, access_names},
    {"whence", ENUM, whence_names},    {"prot", BITS, prot_names},
    {"mmap", MAP_TYPE, mmap_names},    {"mremap", BITS, mremap_names},
    {"madvise", ENUM, madvise_names},  {"msync", BITS, msync_names},
    {"clock", ENUM, clock_names},      {"clone", BITS, clone_names},
    {"futex", 0x7f, futex_names},      {"sighow", ENUM, sighow_names},
    {"waitopt", BITS, wait_names},     {"resource", ENUM, resource_names},
    {"fcntl", ENUM, fcntl_names},      {"flock", 3, flock_names},
    {"fallocate", BITS, falloc_names}, {"fadvise", ENUM, fadvise_names},
    {"splice", BITS, splice_names},    {"rename", BITS, rename_names},
    {"memfd", BITS, memfd_names},      {"xattr", BITS, xattr_names},
    {"inotify", BITS, inotify_names},  {"epoll_op", ENUM, epoll_op_names},
    {"epoll", BITS, epoll_names},      {"mount", BITS, mount_names},
    {"umount", BITS, umount_names},    {"family", ENUM, family_names},
    {"socktype", 0xf, socktype_names}, {"sockflags", BITS, sockflags_names},
    {"msgflags", BITS, msg_names},     {"sollevel", ENUM, sollevel_names},
    {"sockopt", ENUM, sockopt_names},  {"shutdown", ENUM, shutdown_names},
    {"sched", 0xf, sched_names},       {"prctl", ENUM, prctl_names},
    {"ioctl", ENUM, ioctl_names},      {NULL, 0, NULL},
};
