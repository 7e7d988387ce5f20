/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps what was learned of a row in $HOSTGEN_CACHE, by a hash of all that it
 * depends on: the row, declarations in its table, ops.h, vcpu.h if it uses
 * STATE, the host's registers and flags, the compiler, and this tool. */
#include "hostgen/tool/tool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* To be raised with every change of the learner that changes results. */
enum { CACHE_VERSION = 8 };

struct hash {
    uint64_t a, b;
};

static void hash_add(struct hash *h, const void *p, size_t n)
{
    for (const uint8_t *s = p; n--; s++) {
        h->a = (h->a ^ *s) * UINT64_C(0x100000001b3);
        h->b = (h->b + *s) * UINT64_C(0x9e3779b97f4a7c15);
        h->b ^= h->b >> 29;
    }
}

static void hash_text(struct hash *h, const char *s)
{
    hash_add(h, s, strlen(s) + 1);
}

static char *compiler_version(void)
{
    FILE *f = popen("gcc -v 2>&1 | tail -1; as --version | head -1", "r");
    char buf[512];
    size_t n = f ? fread(buf, 1, sizeof buf - 1, f) : 0;
    if (!f || pclose(f) != 0 || n == 0)
        die("cannot ask gcc for its version");
    buf[n] = 0;
    return strdup(buf);
}

void cache_key(const struct table *t, struct row *r)
{
    static char *compiler, *ops, *vcpu, *host;
    struct hash h = {UINT64_C(0xcbf29ce484222325), CACHE_VERSION};
    if (!compiler) {
        compiler = compiler_version();
        ops = read_file("hostgen/ops/ops.h");
        vcpu = read_file("translate/vcpu.h");
        host = read_file("hostgen/host_x86_64.h");
    }
    hash_text(&h, compiler);
    hash_text(&h, ops);
    hash_text(&h, host);
    hash_text(&h, r->name);
    hash_add(&h, r->o, sizeof r->o);
    for (unsigned i = 0; i < LEVELS; i++) {
        hash_text(&h, t->prelude[i]);
        hash_text(&h, r->body[i]);
        if (strstr(r->body[i], "STATE"))
            hash_text(&h, vcpu);
    }
    size_t size = sizeof(struct result);
    hash_add(&h, &size, sizeof size);
    snprintf(r->key, sizeof r->key, "%016llx%016llx", (unsigned long long)h.a,
             (unsigned long long)h.b);
}

static bool cache_path(const struct row *r, char *path, size_t size)
{
    const char *dir = getenv("HOSTGEN_CACHE");
    if (!dir || !*dir)
        return false;
    mkdir(dir, 0777);
    snprintf(path, size, "%s/%s", dir, r->key);
    return true;
}

bool cache_load(struct row *r)
{
    char path[4096];
    size_t size;
    if (!cache_path(r, path, sizeof path))
        return false;
    uint8_t *data = read_bytes(path, &size);
    if (!data)
        return false;
    uint64_t count;
    if (size < 8 || (memcpy(&count, data, 8), size < 8 + count * sizeof(struct result)) || !count) {
        free(data);
        return false;
    }
    r->results = NULL;
    for (uint64_t i = 0; i < count; i++) {
        r->results = grow(r->results, r->result_count, sizeof *r->results);
        r->results[r->result_count] = malloc(sizeof(struct result));
        memcpy(r->results[r->result_count++], data + 8 + i * sizeof(struct result),
               sizeof(struct result));
    }
    for (uint64_t i = 0; i < count; i++) {
        if (!template_whole(r->results[i])) {
            r->result_count = 0;
            free(data);
            return false;
        }
    }
    size_t at = 8 + count * sizeof(struct result);
    if (size > at)
        text_write(&r->notes, data + at, size - at);
    free(data);
    r->cached = true;
    return true;
}

void cache_store(const struct row *r)
{
    char path[4096], tmp[4200];
    struct text t = {0};
    uint64_t count = r->result_count;
    if (!cache_path(r, path, sizeof path))
        return;
    text_write(&t, &count, 8);
    for (size_t i = 0; i < r->result_count; i++)
        text_write(&t, r->results[i], sizeof(struct result));
    if (r->notes.n)
        text_write(&t, r->notes.s, r->notes.n);
    snprintf(tmp, sizeof tmp, "%s.%d", path, (int)getpid());
    write_file(tmp, t.s, t.n);
    rename(tmp, path);
    free(t.s);
}

int cache_lock(void)
{
    const char *dir = getenv("HOSTGEN_CACHE");
    char path[4096];
    if (!dir || !*dir)
        return -1;
    mkdir(dir, 0777);
    snprintf(path, sizeof path, "%s/lock", dir);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    if (fd >= 0)
        flock(fd, LOCK_EX);
    return fd;
}

void cache_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}
