/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* include/uapi/linux/landlock.h; older headers lack what newer kernels have. */
struct ruleset_attributes {
    uint64_t files, net, scoped;
};
struct path_beneath {
    uint64_t access;
    int32_t fd;
} __attribute__((packed));
enum { RULE_PATH_BENEATH = 1, CREATE_VERSION = 1 };
enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_DIR = 1 << 3,
    MAKE_CHAR = 1 << 6,
    MAKE_BLOCK = 1 << 11,
    REFER = 1 << 13,
    TRUNCATE = 1 << 14,
    IOCTL_DEV = 1 << 15
};
enum { FOR_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV };
enum { NET_TCP = 3, SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 3 };

static uint64_t handled;

int landlock_begin(bool network)
{
    static const uint16_t up_to_version[] = {0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff};
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);
    struct ruleset_attributes a = {0};
    size_t size = sizeof a.files;

    if (version < 1)
        return -1;
    a.files = handled = up_to_version[version > 5 ? 4 : version - 1];
    if (version >= 4) {
        a.net = network ? 0 : NET_TCP;
        size = 2 * sizeof a.files;
    }
    if (version >= 6) {
        a.scoped = SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS;
        size = sizeof a;
    }
    return (int)syscall(SYS_landlock_create_ruleset, &a, size, 0);
}

bool landlock_allow(int ruleset, const char *path, enum landlock_access access)
{
    struct stat st;
    struct path_beneath rule = {.fd = open(path, O_PATH | O_CLOEXEC)};

    if (rule.fd < 0)
        return false;
    rule.access = EXECUTE | READ_FILE | READ_DIR;
    if (access == LANDLOCK_WRITE)
        rule.access = handled & ~(uint64_t)(MAKE_CHAR | MAKE_BLOCK);
    if (!fstat(rule.fd, &st) && !S_ISDIR(st.st_mode))
        rule.access &= FOR_FILES;
    rule.access &= handled;
    bool done = !syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
    close(rule.fd);
    return done;
}

int landlock_enter(int ruleset)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_landlock_restrict_self, ruleset, 0))
        return -errno;
    close(ruleset);
    return 0;
}
