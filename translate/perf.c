/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of generated code for perf: its map file (one line a block) and
 * jitdump (Linux, tools/perf/Documentation/jitdump-specification.txt), which
 * holds the code too.
 *
 * Files are opened for each block, so that no descriptor of ours is among the
 * guest's; whoever profiles can wait.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "loader/symbols.h"
#include "hostgen/far.h"
#include "translate/block.h"
#include "translate/stats.h"

struct perf_options perf_options;

struct jitdump_header {
    uint32_t magic, version, total_size, elf_machine, pad, pid;
    uint64_t timestamp, flags;
};

struct jitdump_load {
    uint32_t id, total_size;
    uint64_t timestamp;
    uint32_t pid, tid;
    uint64_t vma, code_addr, code_size, code_index;
};

enum { JITDUMP_MAGIC = 0x4a695444, JITDUMP_VERSION = 1, JITDUMP_LOAD = 0 };

static pid_t owner; /* of the present files */
static uint64_t code_index;

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void append(const char *format, const void *data, size_t bytes, int flags)
{
    char path[64];
    snprintf(path, sizeof path, format, (int)owner);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes)
        perf_options = (struct perf_options){false, false}; /* a full disk: no more of it */
    if (fd >= 0)
        close(fd);
}

static const char map_path[] = "/tmp/perf-%d.map", dump_path[] = "/tmp/jit-%d.dump";

/* perf knows of the dump by an executable mapping of it. */
static void start_dump(void)
{
    struct jitdump_header h = {.magic = JITDUMP_MAGIC,
                               .version = JITDUMP_VERSION,
                               .total_size = sizeof h,
                               .elf_machine = host_elf_machine,
                               .pid = (uint32_t)owner,
                               .timestamp = now()};
    char path[64];
    append(dump_path, &h, sizeof h, O_TRUNC);
    snprintf(path, sizeof path, dump_path, (int)owner);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)!mmap(NULL, sizeof h, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    close(fd);
}

static void put_dump(struct found f, const char *name)
{
    const struct block *b = f.block;
    const uint8_t *code = block_x(f);
    size_t length = strlen(name) + 1;
    struct jitdump_load r = {.id = JITDUMP_LOAD,
                             .total_size = (uint32_t)(sizeof r + length + b->code_len),
                             .timestamp = now(),
                             .pid = (uint32_t)owner,
                             .tid = (uint32_t)syscall(SYS_gettid),
                             .vma = (uint64_t)code,
                             .code_addr = (uint64_t)code,
                             .code_size = b->code_len,
                             .code_index = code_index};
    code_index++;
    static uint8_t record[sizeof r + 512 + (1 << 20)] FAR_ZEROS;
    if (r.total_size > sizeof record)
        return;
    memcpy(record, &r, sizeof r);
    memcpy(record + sizeof r, name, length);
    memcpy(record + sizeof r + length, code, b->code_len);
    append(dump_path, record, r.total_size, 0);
}

static void put(struct found f)
{
    char name[400], line[512];
    symbols_name(block_pc(f), name, sizeof name);
    if (perf_options.map) {
        int n = snprintf(line, sizeof line, "%" PRIx64 " %x %s\n", (uint64_t)block_x(f),
                         f.block->code_len, name);
        append(map_path, line, (size_t)n, 0);
    }
    if (perf_options.jitdump)
        put_dump(f, name);
}

static void start_files(void)
{
    owner = getpid();
    if (perf_options.map)
        append(map_path, "", 0, O_TRUNC);
    if (perf_options.jitdump)
        start_dump();
}

void perf_block(struct found f)
{
    if (!perf_options.map && !perf_options.jitdump)
        return;
    if (!owner)
        start_files();
    put(f);
}

void perf_fork_child(void)
{
    if (!owner)
        return;
    start_files();
    cache_each(put);
}
