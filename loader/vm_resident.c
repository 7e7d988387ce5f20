/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/vm.h"
#include "loader/vm_table.h"

/* Linux, Documentation/admin-guide/mm/pagemap.rst */
enum { PRESENT = 63, SWAPPED = 62, OF_FILE = 61 };

static bool has_own_contents(uint64_t entry)
{
    return (entry >> SWAPPED & 1) || ((entry >> PRESENT & 1) && !(entry >> OF_FILE & 1));
}

/* Up to the next page that has, or has not, contents of its own. */
static size_t run_of(const uint64_t *entry, size_t count)
{
    size_t n = 1;
    while (n < count && has_own_contents(entry[n]) == has_own_contents(entry[0]))
        n++;
    return n;
}

static void give_back(int fd, uint64_t start, uint64_t end)
{
    enum { AT_ONCE = 512 };
    uint64_t entry[AT_ONCE];
    while (start < end) {
        size_t pages = (end - start) / VM_PAGE < AT_ONCE ? (end - start) / VM_PAGE : AT_ONCE;
        uint64_t from = (uint64_t)guest_ptr(start) / VM_PAGE * sizeof *entry;
        ssize_t got = pread(fd, entry, pages * sizeof *entry, (off_t)from);
        if (got < (ssize_t)sizeof *entry)
            break;
        pages = (size_t)got / sizeof *entry;
        for (size_t k = 0, n; k < pages; k += n) {
            n = run_of(entry + k, pages - k);
            if (!has_own_contents(entry[k]))
                madvise(guest_ptr(start + k * VM_PAGE), n * VM_PAGE, MADV_DONTNEED);
        }
        start += pages * VM_PAGE;
    }
}

static void give_back_mappings(int fd, uint64_t start, uint64_t end)
{
    for (const struct mapping *m; (m = vm_table_next(start, end)); start = m->end) {
        if (!(m->prot & PROT_WRITE))
            give_back(fd, m->start > start ? m->start : start, m->end < end ? m->end : end);
    }
}

static bool has_part(const uint64_t *parts, uint64_t n)
{
    return parts[n / 64] >> n % 64 & 1;
}

void vm_table_give_back(uint64_t start, uint64_t end, const uint64_t *parts)
{
    const uint64_t count = (end - start + VM_TEXT_PART - 1) / VM_TEXT_PART;
    int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    for (uint64_t n = 0, to; n < count; n = to) {
        for (to = n + 1; to < count && has_part(parts, to) == has_part(parts, n); to++)
            ;
        if (has_part(parts, n))
            give_back_mappings(fd, start + n * VM_TEXT_PART,
                               to < count ? start + to * VM_TEXT_PART : end);
    }
    close(fd);
}
