/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syscall/layout.c: the layouts that it computes against those of the cross
 * compilers, and values on their way there and back. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "syscall/a64/table.h"
#include "syscall/layout.h"
#include "syscall/ppc/table.h"

static const struct guest aarch64 = {
    .elf_class = ELFCLASS64, .elf_data = ELFDATA2LSB, .abi = &a64_abi};
static const struct guest powerpc = {
    .elf_class = ELFCLASS32, .elf_data = ELFDATA2MSB, .abi = &ppc_abi};
static const struct guest powerpc64 = {
    .elf_class = ELFCLASS64, .elf_data = ELFDATA2MSB, .abi = &ppc64_abi};
static const struct guest powerpc64le = {
    .elf_class = ELFCLASS64, .elf_data = ELFDATA2LSB, .abi = &ppc64_abi};

static const char *const names[] = {
#define STRUCT(name, members) [STRUCT_##name] = #name,
#include "syscall/structs.def"
#undef STRUCT
};

static const struct fact {
    const struct guest *guest;
    enum structure structure;
    int index; /* of a member; -1: it is the size */
    unsigned value;
} facts[] = {
#define size(name, zero, value) {GUEST, STRUCT_##name, -1, value},
#define at(name, index, value)  {GUEST, STRUCT_##name, index, value},
#define GUEST                   &aarch64
#include "aarch64.h"
#undef GUEST
#define GUEST &powerpc
#include "powerpc.h"
#undef GUEST
#define GUEST &powerpc64
#include "powerpc64.h"
#undef GUEST
#define GUEST &powerpc64le
#include "powerpc64le.h"
#undef GUEST
#undef size
#undef at
};

START_TEST(equals_the_compilers)
{
    enum { COUNT = sizeof facts / sizeof *facts };

    ck_assert_int_gt(COUNT, 4 * 50);
    for (unsigned i = 0; i < COUNT; i++) {
        const struct fact *f = &facts[i];
        const struct layout *l = struct_layout(f->guest, f->structure);

        if (f->index < 0)
            ck_assert_msg(l->guest_size == f->value, "fact %u: %s has %u bytes instead of %u", i,
                          names[f->structure], l->guest_size, f->value);
        else
            ck_assert_msg(l->fields[f->index].guest == f->value,
                          "fact %u: member %d of %s is at %u instead of %u", i, f->index,
                          names[f->structure], l->fields[f->index].guest, f->value);
    }
}
END_TEST

/* Each member gets a value of its own that fits, and that has a sign if it can. */
static void there_and_back(const struct guest *g)
{
    for (unsigned s = 0; s < STRUCT_COUNT; s++) {
        const struct layout *l = struct_layout(g, (enum structure)s);
        uint8_t host[STRUCT_MAX_SIZE] = {0}, guest[STRUCT_MAX_SIZE], back[STRUCT_MAX_SIZE];

        for (unsigned i = 0; i < l->count; i++) {
            const struct layout_field *f = &l->fields[i];
            unsigned narrow = f->guest_size < f->host_size ? f->guest_size : f->host_size;
            bool is_signed = f->type == 'b' || f->type == 'h' || f->type == 'i' || f->type == 'l' ||
                             f->type == 'q';
            uint64_t v =
                is_signed ? (uint64_t) - (int64_t)(3 + i) : UINT64_C(0x0102030405060708) + i;

            ck_assert_uint_le(f->host + f->host_size, l->host_size);
            ck_assert_uint_le(f->guest + f->guest_size, l->guest_size);
            if (!is_signed && narrow < 8)
                v &= (UINT64_C(1) << (8 * narrow - 1)) - 1;
            if (f->type == 'n')
                v = 999999999 - i;
            if (f->type == 'x')
                memset(host + f->host, (int)i + 1, narrow);
            else
                memcpy(host + f->host, &v, f->host_size);
        }
        struct_to_guest(g, (enum structure)s, host, guest);
        struct_to_host(g, (enum structure)s, guest, back);
        ck_assert_msg(!memcmp(host, back, l->host_size), "%s came back changed", names[s]);
    }
}

START_TEST(keeps_values)
{
    there_and_back(&aarch64);
    there_and_back(&powerpc);
    there_and_back(&powerpc64);
    there_and_back(&powerpc64le);
}
END_TEST

START_TEST(orders_bytes)
{
    const struct {
        int64_t sec, nsec;
    } time = {0x01020304, -2};
    static const uint8_t big32[8] = {1, 2, 3, 4, 0xff, 0xff, 0xff, 0xfe};
    static const uint8_t big64[16] = {0,    0,    0,    0,    1,    2,    3,    4,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe};
    /* The first word holds signals 1 to 32. */
    static const uint8_t set32[8] = {0, 0, 0, 1, 0x80, 0, 0, 0};
    static const uint8_t set64[8] = {0x80, 0, 0, 0, 0, 0, 0, 1};
    const uint64_t set = UINT64_C(1) << 63 | 1;
    uint8_t out[16];

    struct_to_guest(&powerpc, STRUCT_timespec, &time, out);
    ck_assert(!memcmp(out, big32, 8));
    struct_to_guest(&powerpc64, STRUCT_timespec, &time, out);
    ck_assert(!memcmp(out, big64, 16));
    struct_to_guest(&powerpc, STRUCT_sigset, &set, out);
    ck_assert(!memcmp(out, set32, 8));
    struct_to_guest(&powerpc64, STRUCT_sigset, &set, out);
    ck_assert(!memcmp(out, set64, 8));
}
END_TEST

START_TEST(knows_what_is_the_same)
{
    ck_assert(struct_same(&aarch64, STRUCT_timespec));
    ck_assert(!struct_same(&aarch64, STRUCT_stat));
    ck_assert(!struct_same(&aarch64, STRUCT_epoll_event));
    ck_assert(struct_same(&powerpc64le, STRUCT_iovec));
    ck_assert(!struct_same(&powerpc64, STRUCT_iovec));
    ck_assert(!struct_same(&powerpc, STRUCT_u64));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("layout");
    TCase *t = tcase_create("all");

    tcase_add_test(t, equals_the_compilers);
    tcase_add_test(t, keeps_values);
    tcase_add_test(t, orders_bytes);
    tcase_add_test(t, knows_what_is_the_same);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_set_tap(r, "-");
    srunner_run_all(r, CK_SILENT);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
