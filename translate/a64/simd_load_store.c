/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advanced SIMD load/store multiple structures and single structure, with and
 * without post-index (Arm ARM DDI 0487, C4.1.94).
 *
 * Structures of 2 and 4 elements are whole loads and stores with zips and
 * unzips in between; those of 3 elements are left to the helper.
 */
#include "translate/a64/simd.h"
#include "translate/builder.h"

#include <string.h>

static unsigned nth(const struct a64_insn *f, unsigned i)
{
    return (f->rd + i) & 31;
}

/* The base register after an access to bytes of memory: the immediate form is
 * Rm = 31. */
static void emit_post_index(struct builder *b, const struct a64_insn *f, unsigned bytes)
{
    if (insn_bits(f->raw, 23, 1))
        emit(b, UOP_add64, G(f->rn), G(f->rn), f->rm == 31 ? I(bytes) : G(f->rm));
}

/* ---- Multiple structures ---- */

/* Registers to a transfer and elements to a structure, by opcode. */
static bool multiple_shape(unsigned opcode, unsigned *registers, unsigned *elements)
{
    static const uint8_t shapes[16][2] = {[0] = {4, 4}, [2] = {4, 1}, [4] = {3, 3}, [6] = {3, 1},
                                          [7] = {1, 1}, [8] = {2, 2}, [10] = {2, 1}};
    *registers = shapes[opcode][0];
    *elements = shapes[opcode][1];
    return *registers != 0;
}

/* Any multiple structure transfer; without the post-index. */
void a64_helper_simd_structures(struct vcpu *cpu, uint32_t insn, uint32_t y, uint32_t z)
{
    (void)y, (void)z;
    unsigned registers, elements, size = insn_bits(insn, 10, 2), rt = insn_rd(insn);
    bool q = insn_bits(insn, 30, 1), load = insn_bits(insn, 22, 1);
    multiple_shape(insn_bits(insn, 12, 4), &registers, &elements);
    uint8_t *at = (uint8_t *)cpu->g[insn_rn(insn)];
    unsigned width = 1u << size, lanes = lane_count(q, size);
    uint8_t image[64];
    v128 r[4] = {{.q = 0}, {.q = 0}, {.q = 0}, {.q = 0}};
    if (load)
        memcpy(image, at, elements * lanes * width);
    else
        for (unsigned k = 0; k < elements; k++)
            r[k] = cpu->v[(rt + k) & 31];
    for (unsigned i = 0; i < lanes; i++)
        for (unsigned k = 0; k < elements; k++) {
            uint8_t *in_memory = image + (i * elements + k) * width;
            uint8_t *in_register = &r[k].b[i * width];
            memcpy(load ? in_register : in_memory, load ? in_memory : in_register, width);
        }
    if (!load)
        memcpy(at, image, elements * lanes * width);
    else
        for (unsigned k = 0; k < elements; k++)
            cpu->v[(rt + k) & 31] = r[k];
}

static void emit_plain(struct builder *b, const struct a64_insn *f, unsigned registers, bool load)
{
    static const uint16_t rows[2][2] = {{UOP_stv64, UOP_stv128}, {UOP_ldv64, UOP_ldv128}};
    for (unsigned i = 0; i < registers; i++)
        emit(b, rows[load][f->q], V(nth(f, i)), G(f->rn), I((f->q ? 16 : 8) * i));
}

#define FIRST(name)                                                                                \
    {                                                                                              \
        UOP_##name##_b, UOP_##name##_h, UOP_##name##_s, UOP_v_join64                               \
    }
#define SECOND(name)                                                                               \
    {                                                                                              \
        UOP_##name##_b, UOP_##name##_h, UOP_##name##_s, UOP_v_zip2_d                               \
    }

static const uint16_t even_rows[4] = FIRST(v_uzp1), odd_rows[4] = SECOND(v_uzp2);
static const uint16_t low_rows[4] = FIRST(v_zip1), high_rows[4] = SECOND(v_zip2);

/* The even elements of Vx:Vy to Vx, the odd ones to Vy. */
static void emit_unzip(struct builder *b, unsigned size, unsigned x, unsigned y)
{
    emit(b, even_rows[size], VT(0), V(x), V(y));
    emit(b, odd_rows[size], V(y), V(x), V(y));
    emit(b, UOP_v_mov, V(x), VT(0));
}

/* The even elements of from twice, in Vx, the odd ones in Vy: 8 bytes each. */
static void emit_unzip_low(struct builder *b, unsigned size, unsigned x, unsigned y,
                           struct opnd from)
{
    emit(b, even_rows[size], V(x), from, from);
    emit(b, odd_rows[size], V(y), from, from);
    emit(b, UOP_v_low64, V(x), V(x));
    emit(b, UOP_v_low64, V(y), V(y));
}

/* Loads the structures over all registers, 16 bytes each: separating even and
 * odd elements once for 2, twice for 4, sorts them. */
static void emit_load(struct builder *b, const struct a64_insn *f, unsigned elements)
{
    if (elements == 2 && !f->q) {
        emit(b, UOP_ldv128, VT(0), G(f->rn), I(0));
        emit_unzip_low(b, f->size, nth(f, 0), nth(f, 1), VT(0));
        return;
    }
    for (unsigned i = 0; i < (f->q ? elements : 2); i++)
        emit(b, UOP_ldv128, V(nth(f, i)), G(f->rn), I(16 * i));
    emit_unzip(b, f->size, nth(f, 0), nth(f, 1));
    if (elements == 2)
        return;
    if (f->q) {
        emit_unzip(b, f->size, nth(f, 2), nth(f, 3));
        emit_unzip(b, f->size, nth(f, 0), nth(f, 2));
        emit_unzip(b, f->size, nth(f, 1), nth(f, 3));
    } else {
        emit(b, UOP_v_mov, VT(0), V(nth(f, 1)));
        emit_unzip_low(b, f->size, nth(f, 1), nth(f, 3), VT(0));
        emit(b, UOP_v_mov, VT(0), V(nth(f, 0)));
        emit_unzip_low(b, f->size, nth(f, 0), nth(f, 2), VT(0));
    }
}

/* The reverse, into memory.  The registers must stay as they are: halves of
 * the work are kept in spare slots. */
static void emit_store(struct builder *b, const struct a64_insn *f, unsigned elements)
{
    enum { SPARE = 32 };
    unsigned low = low_rows[f->size], high = high_rows[f->size];
    unsigned blocks = (f->q ? 2 : 1) * elements / 2;
    for (unsigned i = 0; i < blocks; i++) {
        struct opnd x = V(nth(f, 0)), y = V(nth(f, 1));
        if (elements == 4) {
            x = V(SPARE);
            y = V(SPARE + 1);
            if (!(i & 1)) {
                emit(b, i ? high : low, x, V(nth(f, 0)), V(nth(f, 2)));
                emit(b, i ? high : low, y, V(nth(f, 1)), V(nth(f, 3)));
            }
        }
        emit(b, i & 1 ? high : low, VT(0), x, y);
        emit(b, UOP_stv128, VT(0), G(f->rn), I(16 * i));
    }
}

/* Three registers of 16 bytes, element by element. */
static void emit_three(struct builder *b, const struct a64_insn *f, bool load)
{
    static const uint16_t unzip[4] = {UOP_v_unzip3_b, UOP_v_unzip3_h, UOP_v_unzip3_s,
                                      UOP_v_unzip3_d},
                          zip[4] = {UOP_v_zip3_b, UOP_v_zip3_h, UOP_v_zip3_s, UOP_v_zip3_d};
    enum { SPARE = 32 };
    if (load)
        for (unsigned i = 0; i < 3; i++)
            emit(b, UOP_ldv128, V(SPARE + i), G(f->rn), I(16 * i));
    for (unsigned i = 0; i < 3; i++) {
        if (load) {
            emit(b, unzip[f->size], V(nth(f, i)), V(SPARE), V(SPARE + 1), V(SPARE + 2), I(i));
        } else {
            emit(b, zip[f->size], VT(0), V(nth(f, 0)), V(nth(f, 1)), V(nth(f, 2)), I(i));
            emit(b, UOP_stv128, VT(0), G(f->rn), I(16 * i));
        }
    }
}

bool trans_simd_multiple_structures(struct builder *b, const struct a64_insn *f)
{
    unsigned registers, elements;
    bool load = insn_bits(f->raw, 22, 1);
    if (!multiple_shape(f->opcode, &registers, &elements))
        return false;
    if (elements > 1 && f->size == SIZE_D && !f->q)
        return false;
    if (elements == 1) {
        emit_plain(b, f, registers, load);
    } else if (elements == 3 && f->q && hostgen_does(UOP_v_unzip3_b)) {
        emit_three(b, f, load);
    } else if (elements == 3) {
        emit_call(b, A64_HELPER_simd_structures, f->raw, 0, 0);
    } else if (load) {
        emit_load(b, f, elements);
    } else {
        emit_store(b, f, elements);
    }
    emit_post_index(b, f, registers * (f->q ? 16 : 8));
    return true;
}

/* ---- Single structure ---- */

static const uint16_t load_rows[4] = {UOP_ld8, UOP_ld16, UOP_ld32, UOP_ld64};
static const uint16_t store_rows[4] = {UOP_st8, UOP_st16, UOP_st32, UOP_st64};

bool trans_simd_single_structure(struct builder *b, const struct a64_insn *f)
{
    unsigned opcode = insn_bits(f->raw, 13, 3), s = insn_bits(f->raw, 12, 1), size, index;
    unsigned elements = ((opcode & 1) << 1 | insn_bits(f->raw, 21, 1)) + 1;
    bool load = insn_bits(f->raw, 22, 1), replicate = opcode >= 6;
    /* Q:S:size is the element's number, less the bits that say the width. */
    index = f->q << 3 | s << 2 | f->size;
    switch (opcode >> 1) {
    case 0:
        size = SIZE_B;
        break;
    case 1:
        if (f->size & 1)
            return false;
        size = SIZE_H;
        break;
    case 2:
        if (f->size & 2 || (f->size & 1 && s))
            return false;
        size = f->size & 1 ? SIZE_D : SIZE_S;
        break;
    default: /* LDnR */
        if (!load || s)
            return false;
        size = f->size;
    }
    index >>= size;
    for (unsigned i = 0; i < elements; i++) {
        struct opnd at = I(i << size);
        if (!load) {
            simd_emit_extract(b, size, T(0), nth(f, i), index);
            emit(b, store_rows[size], T(0), G(f->rn), at);
            continue;
        }
        emit(b, load_rows[size], T(0), G(f->rn), at);
        if (replicate)
            simd_emit_spread(b, size, f->q, nth(f, i), T(0));
        else
            simd_emit_insert(b, size, nth(f, i), index, T(0));
    }
    emit_post_index(b, f, elements << size);
    return true;
}
