/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guest memory as a debugger sees it: whatever its protection. */
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "runner/gdb/server.h"
#include "loader/vm.h"
#include "translate/translate.h"

/* One page's part.  /proc/self/mem minds no protection, but needs /proc. */
static ssize_t transfer(bool write, uint64_t gva, void *bytes, size_t n)
{
    int fd = open("/proc/self/mem", (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    void *at = guest_ptr(gva);
    ssize_t done = -1;

    if (fd >= 0) {
        done = write ? pwrite(fd, bytes, n, (off_t)(uintptr_t)at)
                     : pread(fd, bytes, n, (off_t)(uintptr_t)at);
        close(fd);
    } else {
        struct iovec local = {bytes, n}, remote = {at, n};
        done = write ? process_vm_writev(getpid(), &local, 1, &remote, 1, 0)
                     : process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
    }
    return done;
}

static size_t each_page(bool write, uint64_t gva, uint8_t *bytes, size_t n)
{
    size_t done = 0;

    while (done < n) {
        uint64_t at = gva + done;
        size_t part = VM_PAGE - at % VM_PAGE;
        if (part > n - done)
            part = n - done;
        if (!vm_mapped(at, part) || transfer(write, at, bytes + done, part) != (ssize_t)part)
            break;
        done += part;
    }
    return done;
}

size_t memory_read(uint64_t gva, void *out, size_t n)
{
    return each_page(false, gva, out, n);
}

size_t memory_write(uint64_t gva, const void *in, size_t n)
{
    size_t done = each_page(true, gva, (uint8_t *)(uintptr_t)in, n);

    translate_invalidate(gva, done);
    return done;
}

bool watch_set(uint64_t addr, uint64_t size)
{
    if (server.watch_count == WATCHES_MAX || !size || size > WATCH_MAX_SIZE)
        return false;
    struct watch *w = &server.watch[server.watch_count];
    w->addr = addr;
    w->size = size;
    memset(w->old, 0, sizeof w->old);
    memory_read(addr, w->old, size);
    server.watch_count++;
    return true;
}

bool watch_remove(uint64_t addr, uint64_t size)
{
    for (unsigned i = 0; i < server.watch_count; i++)
        if (server.watch[i].addr == addr && server.watch[i].size == size) {
            server.watch[i] = server.watch[--server.watch_count];
            return true;
        }
    return false;
}

const struct watch *watch_changed(void)
{
    const struct watch *found = NULL;

    for (unsigned i = 0; i < server.watch_count; i++) {
        struct watch *w = &server.watch[i];
        uint8_t now[WATCH_MAX_SIZE];
        if (guest_read(now, w->addr, w->size) || !memcmp(now, w->old, w->size))
            continue;
        memcpy(w->old, now, w->size);
        found = w;
    }
    return found;
}
