/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loads and stores of one register or a pair (DDI 0487, C4.1.94), general and
 * vector.  Ordered and exclusive accesses are in load_store_ordered.c.
 *
 * Registers are written after the last access that can fault, except that a
 * pair's first register may be, where it is not the base (as the manual allows).
 */
#include "translate/a64/a64.h"

/* One kind of access: micro-ops with a displacement, and where there are, with
 * an index and an index scaled by the size. */
struct access {
    uint16_t uop, indexed, scaled; /* uop 0: unallocated; others 0: none */
    uint8_t log_size;
    bool load, vector, prefetch;
};

#define BYTES(name, is_load)                                                                       \
    {                                                                                              \
        .uop = UOP_##name, .indexed = UOP_##name##x0, .load = is_load                              \
    }
#define SCALED(name, log, is_load)                                                                 \
    {                                                                                              \
        .uop = UOP_##name, .scaled = UOP_##name##x, .log_size = log, .load = is_load               \
    }
#define FULL(name, log, is_load)                                                                   \
    {                                                                                              \
        .uop = UOP_##name, .indexed = UOP_##name##x0, .scaled = UOP_##name##x, .log_size = log,    \
        .load = is_load                                                                            \
    }

/* By size and opc: store, load, load signed to 64 bits, to 32 bits. */
static const struct access general[4][4] = {
    {BYTES(st8, false), BYTES(ld8, true), BYTES(lds8_64, true), BYTES(lds8_32, true)},
    {SCALED(st16, 1, false), SCALED(ld16, 1, true), SCALED(lds16_64, 1, true),
     SCALED(lds16_32, 1, true)},
    {FULL(st32, 2, false), FULL(ld32, 2, true), SCALED(lds32_64, 2, true), {0}},
    {FULL(st64, 3, false),
     FULL(ld64, 3, true),
     {.uop = UOP_prefetch, .prefetch = true, .log_size = 3},
     {0}},
};

#define NARROW_V(name, log, is_load)                                                               \
    {                                                                                              \
        .uop = UOP_##name, .log_size = log, .load = is_load, .vector = true                        \
    }
#define FULL_V(name, log, is_load)                                                                 \
    {                                                                                              \
        .uop = UOP_##name, .indexed = UOP_##name##x0, .scaled = UOP_##name##x, .log_size = log,    \
        .load = is_load, .vector = true                                                            \
    }

/* By log2 of the size, and store or load. */
static const struct access vector[5][2] = {
    {NARROW_V(stv8, 0, false), NARROW_V(ldv8, 0, true)},
    {NARROW_V(stv16, 1, false), NARROW_V(ldv16, 1, true)},
    {FULL_V(stv32, 2, false), FULL_V(ldv32, 2, true)},
    {FULL_V(stv64, 3, false), FULL_V(ldv64, 3, true)},
    {FULL_V(stv128, 4, false), FULL_V(ldv128, 4, true)},
};

static const struct access *general_access(const struct a64_insn *f)
{
    const struct access *a = &general[f->size][f->opc];
    return a->uop ? a : NULL;
}

static const struct access *vector_access(const struct a64_insn *f)
{
    unsigned log = f->size | (f->opc & 2u) << 1;
    return log > 4 ? NULL : &vector[log][f->opc & 1];
}

/* The register rt as the place that an access reads or writes. */
static struct opnd place(const struct access *a, unsigned rt)
{
    return a->vector ? V(rt) : a->load ? a64_x_out(rt) : a64_x(rt);
}

/* Accesses base + offset, then base += step.  A load that would write the base
 * as well (constrained unpredictable, C6.2.192) loses its data. */
static void access_offset(struct builder *b, const struct access *a, unsigned rt, unsigned rn,
                          int64_t offset, int64_t step)
{
    struct opnd t = place(a, rt);
    if (a->prefetch) {
        emit(b, a->uop, G(rn), I(offset));
        return;
    }
    if (step && a->load && !a->vector && rt == rn && rt != 31)
        t = T(1);
    emit(b, a->uop, t, G(rn), I(offset));
    if (step)
        emit(b, UOP_add64, G(rn), G(rn), I(step));
}

enum { MODE_UNSCALED, MODE_POST, MODE_UNPRIVILEGED, MODE_PRE };

static bool access_imm9(struct builder *b, const struct a64_insn *f, const struct access *a)
{
    if (!a || (f->mode == MODE_UNPRIVILEGED && a->vector) || (f->mode && a->prefetch))
        return false;
    access_offset(b, a, f->rt, f->rn, f->mode == MODE_POST ? 0 : f->imm9,
                  f->mode & 1 ? f->imm9 : 0);
    return true;
}

bool trans_LDST_imm9(struct builder *b, const struct a64_insn *f)
{
    return access_imm9(b, f, general_access(f));
}

bool trans_LDST_imm9_v(struct builder *b, const struct a64_insn *f)
{
    return access_imm9(b, f, vector_access(f));
}

static bool access_uimm(struct builder *b, const struct a64_insn *f, const struct access *a)
{
    if (!a)
        return false;
    access_offset(b, a, f->rt, f->rn, (int64_t)f->imm12 << a->log_size, 0);
    return true;
}

bool trans_LDST_uimm(struct builder *b, const struct a64_insn *f)
{
    return access_uimm(b, f, general_access(f));
}

bool trans_LDST_uimm_v(struct builder *b, const struct a64_insn *f)
{
    return access_uimm(b, f, vector_access(f));
}

static bool access_register(struct builder *b, const struct a64_insn *f, const struct access *a)
{
    if (!a || !(f->option & 2))
        return false;
    struct opnd t = place(a, f->rt), x = G(f->rm);
    bool scaled = f->s && a->log_size;
    unsigned op = scaled ? a->scaled : a->indexed;
    if (f->rm == 31) {
        access_offset(b, a, f->rt, f->rn, 0, 0);
        return true;
    }
    if (!(f->option & 1)) {
        a64_emit_extend(b, f->option, T(0), x);
        x = T(0);
    }
    if (!op || t.kind == OPND_I) {
        static const uint16_t add[] = {UOP_add64, UOP_add_shl1, UOP_add_shl2, UOP_add_shl3};
        emit(b, add[scaled ? a->log_size : 0], T(0), G(f->rn), x);
        if (a->prefetch)
            emit(b, a->uop, T(0), I(0));
        else
            emit(b, a->uop, t, T(0), I(0));
        return true;
    }
    emit(b, op, t, G(f->rn), x);
    return true;
}

bool trans_LDST_reg(struct builder *b, const struct a64_insn *f)
{
    return access_register(b, f, general_access(f));
}

bool trans_LDST_reg_v(struct builder *b, const struct a64_insn *f)
{
    return access_register(b, f, vector_access(f));
}

/* ---- Literals: the address is known ---- */

static void access_literal(struct builder *b, const struct access *a, const struct a64_insn *f)
{
    emit_address(b, T(0), builder_pc(b) + (uint64_t)((int64_t)f->imm19 * 4));
    emit(b, a->uop, place(a, f->rt), T(0), I(0));
}

bool trans_LDR_literal(struct builder *b, const struct a64_insn *f)
{
    access_literal(b, &general[f->size + 2][1], f);
    return true;
}

bool trans_LDRSW_literal(struct builder *b, const struct a64_insn *f)
{
    access_literal(b, &general[2][2], f);
    return true;
}

bool trans_PRFM_literal(struct builder *b, const struct a64_insn *f)
{
    (void)b;
    (void)f;
    return true;
}

bool trans_LDR_literal_v(struct builder *b, const struct a64_insn *f)
{
    if (f->size == 3)
        return false;
    access_literal(b, &vector[f->size + 2][1], f);
    return true;
}

/* ---- Pairs ---- */

static void access_pair(struct builder *b, const struct access *a, const struct a64_insn *f)
{
    int64_t offset = (int64_t)f->imm7 * (1 << a->log_size), size = 1 << a->log_size;
    int64_t step = f->mode & 1 ? offset : 0, at = f->mode == MODE_POST ? 0 : offset;
    struct opnd t = place(a, f->rt), t2 = place(a, f->rt2);
    bool writes_base = false;
    if (a->load && !a->vector && f->rn != 31) {
        if (f->rt == f->rn && (step || f->rt2 == f->rn))
            t = T(1);
        else
            writes_base = f->rt == f->rn;
        if (f->rt2 == f->rn && step)
            t2 = T(1);
    }
    /* The base is overwritten last. */
    if (writes_base) {
        emit(b, a->uop, t2, G(f->rn), I(at + size));
        emit(b, a->uop, t, G(f->rn), I(at));
    } else {
        emit(b, a->uop, t, G(f->rn), I(at));
        emit(b, a->uop, t2, G(f->rn), I(at + size));
    }
    if (step)
        emit(b, UOP_add64, G(f->rn), G(f->rn), I(step));
}

bool trans_STP(struct builder *b, const struct a64_insn *f)
{
    access_pair(b, &general[f->size + 2][0], f);
    return true;
}

bool trans_LDP(struct builder *b, const struct a64_insn *f)
{
    access_pair(b, &general[f->size + 2][1], f);
    return true;
}

bool trans_LDPSW(struct builder *b, const struct a64_insn *f)
{
    if (!f->mode)
        return false;
    access_pair(b, &general[2][2], f);
    return true;
}

bool trans_STP_v(struct builder *b, const struct a64_insn *f)
{
    if (f->size == 3)
        return false;
    access_pair(b, &vector[f->size + 2][0], f);
    return true;
}

bool trans_LDP_v(struct builder *b, const struct a64_insn *f)
{
    if (f->size == 3)
        return false;
    access_pair(b, &vector[f->size + 2][1], f);
    return true;
}
