/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files, directories, links, times, attributes, locks and descriptors. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char *error(long r)
{
    return r < 0 ? strerrorname_np(errno) : "ok";
}
#define SHOW(call)  (errno = 0, printf("%s: %s\n", #call, error((long)(call))))
#define VALUE(call) printf("%s: %ld\n", #call, (long)(call))

static void put(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        printf("cannot write %s: %s\n", name, strerrorname_np(errno));
    close(fd);
}

static void get(const char *name)
{
    char b[200];
    int fd = open(name, O_RDONLY);
    ssize_t n = read(fd, b, sizeof(b) - 1);
    b[n > 0 ? n : 0] = 0;
    printf("%s holds \"%s\" (%zd)\n", name, b, n);
    close(fd);
}

static void show(const char *name)
{
    struct stat st, link;
    struct statx x;

    if (stat(name, &st) || lstat(name, &link)) {
        printf("stat %s: %s\n", name, strerrorname_np(errno));
        return;
    }
    printf("%s: mode %o links %ld size %ld blksize %ld times %ld.%09ld %ld.%09ld, %s\n", name,
           st.st_mode, (long)st.st_nlink, S_ISREG(st.st_mode) ? (long)st.st_size : -1L,
           (long)st.st_blksize, (long)st.st_atim.tv_sec, st.st_atim.tv_nsec,
           (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
           S_ISLNK(link.st_mode) ? "a link" : "no link");
    if (statx(AT_FDCWD, name, 0, STATX_ALL, &x))
        printf("statx: %s\n", strerrorname_np(errno));
    else
        printf("statx agrees: %d\n", x.stx_ino == st.st_ino && x.stx_mode == st.st_mode &&
                                         x.stx_size == (uint64_t)st.st_size &&
                                         x.stx_mtime.tv_nsec == st.st_mtim.tv_nsec &&
                                         x.stx_blocks == (uint64_t)st.st_blocks &&
                                         st.st_uid == getuid() && st.st_gid == getgid());
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void list(const char *name)
{
    struct dirent **entries;
    int n = scandir(name, &entries, NULL, by_name);

    printf("%s:", name);
    for (int i = 0; i < n; i++) {
        printf(" %s/%d", entries[i]->d_name, entries[i]->d_type);
        free(entries[i]);
    }
    printf("\n");
    if (n >= 0)
        free(entries);
}

static void names(void)
{
    const struct timespec times[2] = {{1000000000, 123456789}, {1234567890, 987654321}};
    const struct timespec omit[2] = {{0, UTIME_OMIT}, {5, 6}};
    char b[100];
    ssize_t n;

    put("a", "first file");
    SHOW(mkdir("d", 0750));
    SHOW(mkdir("d", 0750));
    SHOW(symlink("a", "l"));
    SHOW(symlink("missing", "dangling"));
    SHOW(link("l", "hard"));
    SHOW(linkat(AT_FDCWD, "l", AT_FDCWD, "hard2", AT_SYMLINK_FOLLOW));
    SHOW(utimensat(AT_FDCWD, "a", times, 0));
    SHOW(utimensat(AT_FDCWD, "hard2", omit, 0));
    show("a");
    show("l");
    show("none");
    n = readlink("l", b, sizeof(b));
    printf("readlink: %.*s\n", (int)n, b);
    printf("readlink cut: %zd\n", readlink("dangling", b, 3));
    SHOW(readlink("a", b, sizeof(b)));
    SHOW(open("dangling", O_RDONLY));
    SHOW(open("l", O_RDONLY | O_NOFOLLOW));
    SHOW(open("a", O_RDONLY | O_DIRECTORY));
    SHOW(open("d", O_WRONLY));
    SHOW(open("a", O_RDWR | O_CREAT | O_EXCL, 0600));
    SHOW(open("dangling", O_RDWR | O_CREAT | O_EXCL, 0600));
    SHOW(open("a/b", O_RDONLY));
    SHOW(open("", O_RDONLY));
    SHOW(rename("a", "d/b"));
    SHOW(rename("d", "d/e"));
    SHOW(renameat2(AT_FDCWD, "d/b", AT_FDCWD, "hard", RENAME_NOREPLACE));
    SHOW(renameat2(AT_FDCWD, "d/b", AT_FDCWD, "dangling", RENAME_EXCHANGE));
    SHOW(unlink("d"));
    SHOW(rmdir("d"));
    SHOW(rmdir("dangling"));
    int d = open("d", O_PATH | O_DIRECTORY);
    SHOW(mknodat(d, "pipe", S_IFIFO | 0600, 0));
    SHOW(symlinkat("x", d, "y"));
    SHOW(faccessat(d, "pipe", R_OK, 0));
    SHOW(faccessat(d, "y", F_OK, AT_SYMLINK_NOFOLLOW));
    SHOW(faccessat(d, "y", F_OK, 0));
    SHOW(fchmodat(d, "pipe", 0640, 0));
    SHOW(fchmod(d, 0700));
    SHOW(fchmodat(AT_FDCWD, "d", 0711, 0));
    SHOW(fchownat(d, "y", getuid(), getgid(), AT_SYMLINK_NOFOLLOW));
    SHOW(fstatat(d, "", &(struct stat){0}, AT_EMPTY_PATH));
    SHOW(unlinkat(AT_FDCWD, "d/pipe", AT_REMOVEDIR));
    list(".");
    list("d");
    umask(077);
    put("masked", "");
    struct stat masked;
    SHOW(stat("masked", &masked));
    printf("mode %o\n", masked.st_mode);
    umask(022);
    SHOW(chdir("d"));
    printf("cwd ends in %s\n", strrchr(getcwd(NULL, 0), '/'));
    SHOW(fchdir(d));
    SHOW(chdir(".."));
    /* getdents with little room. */
    char few[64];
    int here = open(".", O_RDONLY | O_DIRECTORY);
    int count = 0;
    while (syscall(SYS_getdents64, here, few, sizeof(few)) > 0)
        count++;
    printf("entries in more than one part: %d\n", count > 1);
    SHOW(syscall(SYS_getdents64, here, few, 8));
    struct {
        uint64_t flags, mode, resolve;
    } how = {O_RDONLY | O_NOFOLLOW | O_DIRECTORY, 0, 0};
    SHOW(syscall(SYS_openat2, AT_FDCWD, "d", &how, sizeof(how)));
    SHOW(syscall(SYS_openat2, AT_FDCWD, "l", &how, sizeof(how)));
    how.flags = O_RDONLY, how.resolve = 8 /* RESOLVE_BENEATH */;
    SHOW(syscall(SYS_openat2, here, "d/..", &how, sizeof(how)));
    SHOW(syscall(SYS_openat2, here, "/etc", &how, sizeof(how)));
    close(d), close(here);
}

static void data(void)
{
    char b[64];
    int fd = open("data", O_RDWR | O_CREAT | O_TRUNC, 0600),
        out = open("out", O_RDWR | O_CREAT, 0600);
    struct iovec v[3] = {{"one ", 4}, {"", 0}, {"two three", 9}};
    struct iovec r[2] = {{b, 3}, {b + 10, 5}};
    loff_t in_off = 2, out_off = 1;
    off_t off = 4;
    int p[2], q[2];

    VALUE(writev(fd, v, 3));
    VALUE(pwrite(fd, "XY", 2, 20));
    VALUE(lseek(fd, 0, SEEK_END));
    VALUE(pread(fd, b, 10, 18));
    printf("%d %d %.2s\n", b[0], b[1], b + 2);
    VALUE(lseek(fd, -4, SEEK_SET));
    VALUE(lseek(fd, 1, SEEK_SET));
    memset(b, '.', sizeof(b));
    VALUE(readv(fd, r, 2));
    printf("%.16s\n", b);
    VALUE(preadv(fd, r, 2, 4));
    VALUE(pwritev(fd, v, 3, 30));
    VALUE(ftruncate(fd, 40));
    VALUE(ftruncate(fd, -1));
    VALUE(truncate("data", 41));
    VALUE(syscall(SYS_preadv2, fd, r, 2, (long)-1, 0L, 0));
    SHOW(syscall(SYS_preadv2, fd, r, 2, (long)-1, 0L, 0x4000));
    VALUE(copy_file_range(fd, &in_off, out, &out_off, 10, 0));
    VALUE(in_off * 100 + out_off);
    VALUE(sendfile(out, fd, &off, 6));
    VALUE(off);
    get("out");
    SHOW(pipe2(p, O_NONBLOCK | O_CLOEXEC));
    SHOW(pipe(q));
    VALUE(fcntl(p[0], F_GETFL) & ~0400000);
    VALUE(fcntl(p[1], F_GETFD));
    SHOW(read(p[0], b, 1));
    VALUE(splice(fd, &in_off, p[1], NULL, 8, 0));
    VALUE(tee(p[0], q[1], 5, 0));
    VALUE(read(q[0], b, 64));
    VALUE(ioctl(p[0], FIONREAD, &(int){0}));
    int waiting = 0;
    ioctl(p[0], FIONREAD, &waiting);
    VALUE(waiting);
    VALUE(vmsplice(p[1], v, 3, 0));
    ioctl(p[0], FIONREAD, &waiting);
    VALUE(waiting);
    VALUE(fcntl(p[0], F_SETPIPE_SZ, 8192));
    VALUE(fcntl(p[0], F_GETPIPE_SZ));
    close(p[1]);
    VALUE(read(p[0], b, 64));
    VALUE(read(p[0], b, 64));
    VALUE(fallocate(fd, FALLOC_FL_KEEP_SIZE, 100, 1000));
    VALUE(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
    VALUE(fsync(fd));
    VALUE(fdatasync(fd));
    SHOW(fsync(q[0]));
    VALUE(fcntl(fd, F_GETFL) &
          (O_ACCMODE | O_APPEND | O_NONBLOCK | O_DIRECT | O_NOFOLLOW | O_DIRECTORY));
    VALUE(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
    VALUE(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
    VALUE(lseek(fd, 0, SEEK_SET));
    VALUE(write(fd, "end", 3));
    VALUE(lseek(fd, 0, SEEK_CUR));
    close(p[0]), close(q[0]), close(q[1]), close(out), close(fd);
}

static void locks(void)
{
    int fd = open("data", O_RDWR), other;
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 5};

    SHOW(fcntl(fd, F_SETLK, &l));
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        l.l_start = 0, l.l_len = 0, l.l_type = F_RDLCK;
        SHOW(fcntl(fd, F_GETLK, &l));
        printf("type %d start %ld len %ld by parent %d\n", l.l_type, (long)l.l_start, (long)l.l_len,
               l.l_pid == getppid());
        SHOW(fcntl(fd, F_SETLK, &l));
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    other = open("data", O_RDWR);
    struct flock o = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 5};
    SHOW(fcntl(other, F_OFD_SETLK, &o));
    SHOW(flock(fd, LOCK_EX));
    SHOW(flock(other, LOCK_SH | LOCK_NB));
    SHOW(flock(fd, LOCK_UN));
    SHOW(flock(other, LOCK_SH | LOCK_NB));
    SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
    struct f_owner_ex owner = {F_OWNER_PID, getpid()}, got;
    SHOW(fcntl(fd, F_SETOWN_EX, &owner));
    SHOW(fcntl(fd, F_GETOWN_EX, &got));
    printf("owner %d %d\n", got.type, got.pid == getpid());
    close(other), close(fd);
}

static void descriptors(void)
{
    int fd = open("data", O_RDONLY), m;

    VALUE(fcntl(fd, F_DUPFD, 50));
    VALUE(fcntl(fd, F_DUPFD_CLOEXEC, 50));
    VALUE(fcntl(51, F_GETFD));
    VALUE(dup2(fd, 60));
    VALUE(dup3(fd, 61, O_CLOEXEC));
    VALUE(fcntl(61, F_GETFD));
    SHOW(dup3(fd, fd, 0));
    VALUE(fcntl(60, F_SETFD, FD_CLOEXEC));
    VALUE(fcntl(60, F_GETFD));
    VALUE(ioctl(60, FIONCLEX));
    VALUE(fcntl(60, F_GETFD));
    VALUE(close_range(50, 60, 0));
    SHOW(fcntl(60, F_GETFD));
    VALUE(fcntl(61, F_GETFD));
    VALUE(close_range(61, ~0u, 0));
    SHOW(fcntl(61, F_GETFD));
    SHOW(close(61));
    m = memfd_create("name", MFD_ALLOW_SEALING | MFD_CLOEXEC);
    VALUE(write(m, "memory", 6));
    VALUE(fcntl(m, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK));
    VALUE(fcntl(m, F_GET_SEALS));
    SHOW(write(m, "x", 1));
    SHOW(ftruncate(m, 1));
    char link[64], target[64];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", m);
    ssize_t n = readlink(link, target, sizeof(target));
    printf("%.*s\n", (int)n, target);
    close(m), close(fd);
    /* What /proc shows of us. */
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *e;
    int count = 0;
    while ((e = readdir(dir)))
        count += e->d_name[0] != '.';
    printf("descriptors open: %d\n", count);
    closedir(dir);
}

static void attributes(void)
{
    char b[100];
    ssize_t n;
    struct statfs fs;

    put("x", "");
    if (setxattr("x", "user.test", "value", 5, 0)) {
        printf("no attributes: %d\n", errno == EOPNOTSUPP);
    } else {
        n = getxattr("x", "user.test", b, sizeof(b));
        printf("%.*s\n", (int)n, b);
        SHOW(setxattr("x", "user.test", "value", 5, XATTR_CREATE));
        VALUE(listxattr("x", NULL, 0) > 0);
        SHOW(removexattr("x", "user.test"));
    }
    SHOW(getxattr("x", "user.none", b, sizeof(b)));
    SHOW(getxattr("none", "user.none", b, sizeof(b)));
    SHOW(statfs(".", &fs));
    printf("statfs: %d %d\n", fs.f_bsize >= 512, fs.f_blocks >= fs.f_bavail);
}

int main(void)
{
    char dir[] = "/tmp/files.XXXXXX", command[64];

    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    if (!mkdtemp(dir) || chdir(dir))
        return 1;
    names();
    data();
    locks();
    descriptors();
    attributes();
    fflush(stdout);
    snprintf(command, sizeof(command), "rm -r %s", dir);
    return chdir("/") || system(command);
}
