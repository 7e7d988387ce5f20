/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which variants a row has, and bindings to learn and prove them with.
 *
 * The bindings to learn from are random (the seed is the row's name), but such
 * that each bit of each operand's number has its own pattern over the
 * instances: a bit of the code with that pattern can only come from there.
 */
#include "hostgen/tool/tool.h"

#include <stdlib.h>
#include <string.h>

/* Some with short encodings among them. */
static const uint8_t normal[] = {6, 7, 3, 8, 9, 10, 11, 14, 15};
/* Those of which all have the long encoding. */
static const uint8_t normal_x[] = {8, 9, 10, 11, 12, 13, 14, 15};
#define PAIR(number, kind) {number, kind},
const struct apart apart[APART] = {HOST_APART_REGS(PAIR)};

bool kind_is_register(unsigned kind)
{
    return kind == HG_R || kind == HG_X || kind == HG_ODD || kind == HG_ODD_DISP;
}

const struct apart *find_apart(unsigned kind, int64_t value)
{
    for (unsigned s = 0; kind == HG_R && s < APART; s++)
        if (apart[s].reg == value)
            return &apart[s];
    return NULL;
}

static const uint8_t *registers(unsigned kind, unsigned *n)
{
    switch (kind) {
    case HG_R:
        *n = sizeof normal;
        return normal;
    case HG_X:
        *n = 8;
        return normal_x;
    default:
        *n = 1;
        return &apart[kind != apart[0].kind].reg;
    }
}

/* True if an operand of the variant is this register. */
static bool taken_apart(const struct variant *v, const struct apart *s)
{
    for (unsigned i = 0; i < v->row->n; i++)
        if (v->kind[i] == s->kind)
            return true;
    return false;
}

/* ---- The list ---- */

static bool is_slot(unsigned kind)
{
    return kind_is_register(kind) || kind == HG_M || kind == HG_XM || kind == HG_W;
}

static bool in_vector_file(unsigned kind)
{
    return kind == HG_X || kind == HG_XM;
}

/* True if an output is the same slot as operand i. */
static bool shares_output(const struct variant *v, unsigned i)
{
    for (unsigned j = 0; j < v->row->n; j++)
        if (v->rep[j] == v->rep[i] && v->row->o[j].dir != ' ')
            return true;
    return false;
}

/* With three vectors or more: no output in memory (moving it through the scratch
 * register is what the compiler does too), and one input at least in a register
 * or shared with the output.  With four: one in memory, two if one is updated, as
 * a move is no dearer than such an operand; and no two inputs the same slot. */
static bool vectors_wanted(const struct variant *v)
{
    const struct row *r = v->row;
    unsigned vectors = 0, inputs = 0, in_memory = 0;
    bool updated = false;
    for (unsigned i = 0; i < r->n; i++) {
        if (r->o[i].cls != 'v')
            continue;
        vectors++;
        inputs += r->o[i].dir == ' ';
        updated |= r->o[i].dir == '+';
        in_memory += v->rep[i] == i && v->kind[i] == HG_XM;
    }
    if (vectors < 3)
        return true;
    for (unsigned i = 0; i < r->n; i++) {
        unsigned members = 0;
        if (r->o[i].dir != ' ' && v->kind[v->rep[i]] == HG_XM)
            return false;
        for (unsigned j = 0; j < r->n; j++)
            members += v->rep[j] == i;
        if (members > 1 && v->kind[i] == HG_XM)
            return false;
        if (members > 1 && vectors > 3 && r->o[i].cls == 'v' &&
            (members > 2 || !shares_output(v, i)))
            return false;
    }
    unsigned most = vectors > 3 ? 2 : inputs;
    return in_memory <= (updated ? most : most - 1);
}

/* Combinations that would only add to the build time are left to the run-time
 * legalizer: with three general operands or more, all but one in registers,
 * and only useful cases of two that are the same slot. */
bool variant_wanted(const struct variant *v)
{
    const struct row *r = v->row;
    unsigned general = 0, in_memory = 0;
    bool wide = false, zero = false;
    for (unsigned i = 0; i < r->n; i++) {
        general += strchr("gGwr", r->o[i].cls) != NULL;
        wide |= v->kind[i] == K_I32 || v->kind[i] == HG_P32 || v->kind[i] == HG_N32;
        zero |= v->kind[i] == HG_Z;
        in_memory += v->rep[i] == i && v->kind[i] == HG_M;
    }
    if (!vectors_wanted(v))
        return false;
    if (general >= 3 && (zero || in_memory > !wide))
        return false;
    for (unsigned i = 0; i < r->n; i++) {
        unsigned outputs = 0, members = 0;
        for (unsigned j = i; j < r->n; j++) {
            if (v->rep[j] != i)
                continue;
            members++;
            outputs += r->o[j].dir != ' ';
        }
        if (outputs > 1)
            return false;
        if (members > 1 && !in_vector_file(v->kind[i]) && general >= 3 &&
            (members > 2 || outputs == 0))
            return false;
    }
    return true;
}

static void add(struct variant **list, size_t *count, const struct variant *v)
{
    *list = grow(*list, *count, sizeof **list);
    (*list)[(*count)++] = *v;
}

static void enumerate(struct row *r, struct variant *v, unsigned i, struct variant **list,
                      size_t *count)
{
    static const struct {
        char cls;
        uint8_t kinds[6], n;
    } options[] = {
        {'g', {HG_R, HG_M}, 2},
        {'G', {HG_R, HG_M, HG_Z, K_I8, K_I32}, 5},
        {'r', {HG_R}, 1},
        {'w', {HG_W}, 1},
        {'v', {HG_X, HG_XM}, 2},
        {'i', {K_I8, K_I32}, 2},
        {'q', {HG_P32, HG_N32, HG_Q}, 3},
    };
    if (i == r->n) {
        if (variant_wanted(v))
            add(list, count, v);
        return;
    }
    v->rep[i] = (uint8_t)i;
    if (r->o[i].cls == 'n') {
        v->kind[i] = K_CONST;
        for (unsigned c = 0; c < r->o[i].limit; c++) {
            v->constant[i] = (uint8_t)c;
            enumerate(r, v, i + 1, list, count);
        }
        return;
    }
    for (unsigned o = 0; o < sizeof options / sizeof *options; o++) {
        if (options[o].cls != r->o[i].cls)
            continue;
        for (unsigned k = 0; k < options[o].n; k++) {
            v->kind[i] = options[o].kinds[k];
            v->rep[i] = (uint8_t)i;
            enumerate(r, v, i + 1, list, count);
            for (unsigned j = 0; j < i && is_slot(v->kind[i]); j++) {
                if (v->rep[j] != j || v->kind[j] != v->kind[i])
                    continue;
                v->rep[i] = (uint8_t)j;
                enumerate(r, v, i + 1, list, count);
            }
        }
    }
}

struct variant *variants_initial(struct row *r, size_t *count)
{
    struct variant *list = NULL, v = {.row = r};
    *count = 0;
    enumerate(r, &v, 0, &list, count);
    return list;
}

const char *variant_name(const struct variant *v)
{
    static const char *const names[] = {"R", "M",  "0",   "i8+", "i8-", "i32+", "i32-", "i64",
                                        "X", "XM", "r12", "M32", "r13", "i8",   "i32"};
    static char buf[128];
    char *p = buf;
    for (unsigned i = 0; i < v->row->n; i++) {
        if (i)
            *p++ = ' ';
        if (v->rep[i] != i)
            p += sprintf(p, "=%s", v->row->o[v->rep[i]].name);
        else if (v->kind[i] == K_CONST)
            p += sprintf(p, "%d", v->constant[i]);
        else
            p += sprintf(p, "%s", names[v->kind[i]]);
    }
    *p = 0;
    return buf;
}

/* ---- Bindings ---- */

static uint64_t rng_state;

static uint64_t rng(void)
{
    rng_state ^= rng_state << 13;
    rng_state ^= rng_state >> 7;
    rng_state ^= rng_state << 17;
    return rng_state * UINT64_C(0x2545f4914f6cdd1d);
}

static void rng_seed(const struct variant *v)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (const char *s = v->row->name; *s; s++)
        h = (h ^ (uint8_t)*s) * UINT64_C(0x100000001b3);
    for (unsigned i = 0; i < MAX_OPERANDS; i++)
        h = (h ^ (v->kind[i] + v->rep[i] * 32u + v->constant[i] * 256u)) * UINT64_C(0x100000001b3);
    rng_state = (h + v->level) | 1;
}

/* Immediates for which the compiler has no special way: no small factors or
 * counts of shifts, no powers of two. */
static int64_t pick_immediate(unsigned kind, char cls)
{
    for (;;) {
        int64_t v = (int64_t)rng();
        switch (kind) {
        case K_I8:
            v = (int8_t)v;
            break;
        case HG_P8:
            v &= 0x7f;
            break;
        case HG_N8:
            v = -1 - (v & 0x7f);
            break;
        case K_I32:
            v = (int32_t)v;
            break;
        case HG_P32:
            v &= cls == 'q' ? 0xffffffff : 0x7fffffff;
            break;
        case HG_N32:
            v = -1 - (v & 0x7fffffff);
            break;
        default:
            break;
        }
        if ((v & 31) < 5 || (v & 31) > 29 || (v & 7) == 0 || (v & 7) == 7)
            continue;
        if (kind != K_I8 && kind != HG_P8 && kind != HG_N8 &&
            (v >> 16 == 0 || v >> 16 == -1 || (v & 0xff00) == 0 || (v & 0xff00) == 0xff00))
            continue;
        if (kind == HG_Q && (v >> 31 == 0 || v >> 31 == -1 || v >> 32 == 0))
            continue;
        return v;
    }
}

static int64_t pick(const struct variant *v, unsigned i)
{
    unsigned n;
    switch (v->kind[i]) {
    case K_CONST:
        return v->constant[i];
    case HG_Z:
        return 0;
    case HG_M:
        return ((int64_t)(rng() >> 20) % 32) * 8 - 128;
    case HG_W:
        return (int32_t)(rng() & 0x7ffffff8) + 256;
    case HG_XM:
        return (int32_t)(rng() & 0x7ffffff0) + 256;
    default:
        if (kind_is_register(v->kind[i])) {
            const uint8_t *regs = registers(v->kind[i], &n);
            return regs[(rng() >> 20) % n];
        }
        return pick_immediate(v->kind[i], v->row->o[i].cls);
    }
}

/* Different slots are different places. */
static bool distinct(const struct variant *v, const int64_t *value)
{
    for (unsigned i = 0; i < v->row->n; i++)
        for (unsigned j = 0; j < i; j++)
            if (v->rep[i] == i && v->rep[j] == j && is_slot(v->kind[i]) && is_slot(v->kind[j]) &&
                kind_is_register(v->kind[i]) == kind_is_register(v->kind[j]) &&
                in_vector_file(v->kind[i]) == in_vector_file(v->kind[j]) && value[i] == value[j])
                return false;
    return true;
}

static void pick_all(const struct variant *v, int64_t *value)
{
    do {
        for (unsigned i = 0; i < v->row->n; i++)
            value[i] = v->rep[i] == i ? pick(v, i) : value[v->rep[i]];
    } while (!distinct(v, value));
}

static uint64_t kind_bits(unsigned kind, char cls)
{
    switch (kind) {
    case HG_R:
        return 0xf;
    case HG_X:
        return 7;
    case HG_M:
        return 0xf8;
    case HG_W:
        return 0x7ffffff8;
    case HG_XM:
        return 0x7ffffff0;
    case K_I8:
        return 0xff;
    case HG_P8:
    case HG_N8:
        return 0x7f;
    case K_I32:
        return 0xffffffff;
    case HG_P32:
        return cls == 'q' ? 0xffffffff : 0x7fffffff;
    case HG_N32:
        return 0x7fffffff;
    case HG_Q:
        return UINT64_MAX;
    default:
        return 0;
    }
}

/* True if a hole may begin with this bit: the lowest, and those that can stand apart from
 * the ones below them (template_whole). */
static bool begins_field(unsigned kind, unsigned b)
{
    uint64_t below = kind_bits(kind, 0) & ((UINT64_C(1) << b) - 1);
    return !below || (kind == HG_R && b == 3) || (kind == K_I8 && b == 7) ||
           (kind == K_I32 && b == 31);
}

static uint32_t bit_pattern(const struct variant *v, unsigned n, unsigned i, unsigned b,
                            unsigned turn)
{
    uint32_t p = 0;
    for (unsigned k = 0; k < n; k++)
        p |= (uint32_t)(hg_turned(v->inst[k].value[i], turn) >> b & 1) << k;
    return p & 1 ? p ^ ((1u << n) - 1) : p;
}

/* True if each bit of an immediate varies, whichever way the compiler turns it. */
static bool turned_bits_vary(const struct variant *v, unsigned n, unsigned i)
{
    uint64_t bits = kind_bits(v->kind[i], v->row->o[i].cls);
    for (unsigned turn = HG_AS_IS + 1; turn < HG_TURNS && !is_slot(v->kind[i]); turn++)
        for (unsigned b = 0; b < 64; b++)
            if ((bits >> b & 1) && bit_pattern(v, n, i, b, turn) == 0)
                return false;
    return true;
}

/* The patterns of all operand bits; see learn.c, which matches them.  A hole goes on with
 * the operand's next bit, so bits in the middle of a field may be alike. */
bool variant_patterns_differ(const struct variant *v, unsigned n, bool middle_bits_too)
{
    struct {
        uint32_t pattern;
        bool begins;
    } seen[400];
    unsigned count = 0;
    for (unsigned i = 0; i < v->row->n; i++) {
        uint64_t bits = v->rep[i] == i ? kind_bits(v->kind[i], v->row->o[i].cls) : 0;
        for (unsigned b = 0; b < 64; b++) {
            if (!(bits >> b & 1))
                continue;
            uint32_t p = bit_pattern(v, n, i, b, HG_AS_IS);
            bool begins = middle_bits_too || begins_field(v->kind[i], b);
            if (p == 0)
                return false;
            for (unsigned s = 0; s < count; s++)
                if (seen[s].pattern == p && (begins || seen[s].begins))
                    return false;
            seen[count].pattern = p;
            seen[count++].begins = begins;
        }
        if (bits && !middle_bits_too && !turned_bits_vary(v, n, i))
            return false;
    }
    return true;
}

/* A register of operand i that was in no instance yet. */
static bool uncovered(const struct variant *v, unsigned i, uint8_t *reg)
{
    unsigned n;
    const uint8_t *regs = registers(v->kind[i], &n);
    unsigned start = (unsigned)(rng() >> 20) % n;
    for (unsigned k = 0; k < n; k++) {
        bool used = false;
        for (unsigned j = 0; j < v->count; j++)
            used |= v->inst[j].value[i] == regs[(start + k) % n];
        if (!used) {
            *reg = regs[(start + k) % n];
            return true;
        }
    }
    return false;
}

/* Number `proof` of the instances to prove with (-1: to learn from): those have registers
 * that are tried apart, each in one place at a time. */
static bool pick_special(const struct variant *v, unsigned i, int proof, unsigned places,
                         unsigned *place, int64_t *value)
{
    if (proof < 0 || v->kind[i] != HG_R)
        return false;
    unsigned at = ((*place)++ + (unsigned)proof) % (places < 3 ? 3 : places);
    if (at >= APART || taken_apart(v, &apart[at]))
        return false;
    *value = apart[at].reg;
    return true;
}

/* The next instance, with registers that were in none before if there are any. */
static void bind_next(struct variant *v, int proof, unsigned places)
{
    enum { ENOUGH = 40 };
    int64_t *value = v->inst[v->count].value;
    unsigned attempt = 0;
    do {
        unsigned place = 0;
        for (unsigned i = 0; i < v->row->n; i++) {
            uint8_t reg;
            if (v->rep[i] != i)
                value[i] = value[v->rep[i]];
            else if (pick_special(v, i, proof, places, &place, &value[i]))
                continue;
            else if (kind_is_register(v->kind[i]) && attempt < ENOUGH && uncovered(v, i, &reg))
                value[i] = reg;
            else
                value[i] = pick(v, i);
        }
        attempt++;
    } while (!distinct(v, value));
    v->count++;
}

static void bind_learning(struct variant *v)
{
    unsigned begins = 1, least = 1;
    for (unsigned i = 0; i < v->row->n; i++) {
        uint64_t bits = v->rep[i] == i ? kind_bits(v->kind[i], v->row->o[i].cls) : 0;
        if (bits)
            least = 5;
        for (unsigned b = 0; b < 64; b++)
            begins += (bits >> b & 1) && begins_field(v->kind[i], b);
    }
    while (least > 1 && least < MAX_LEARN && (1u << (least - 1)) <= begins)
        least++;
    for (v->learn = least;; v->learn++) {
        if (v->learn > MAX_LEARN)
            die("%s: too many operand bits to tell apart", v->row->name);
        for (unsigned attempt = 0; attempt < 2000; attempt++) {
            v->count = 0;
            while (v->count < v->learn)
                bind_next(v, -1, 0);
            if (variant_patterns_differ(v, v->learn, false))
                return;
        }
    }
}

static void bind_proofs(struct variant *v)
{
    unsigned places = 0;
    for (unsigned i = 0; i < v->row->n; i++)
        places += v->rep[i] == i && v->kind[i] == HG_R;
    for (unsigned p = 0; p < (places > 3 ? places : 3); p++)
        bind_next(v, (int)p, places);
}

static void allocate(struct variant *v)
{
    v->inst = calloc(MAX_TESTS, sizeof *v->inst);
    if (!v->inst)
        die("out of memory");
    for (unsigned i = 0; i < MAX_TESTS; i++)
        v->inst[i].v = v;
}

static void add_special(struct variant *v)
{
    for (unsigned i = 0; i < v->row->n; i++) {
        if (v->rep[i] != i || v->kind[i] != HG_R)
            continue;
        for (unsigned s = 0; s < APART && v->count < MAX_TESTS; s++) {
            struct instance *k = &v->inst[v->count];
            if (taken_apart(v, &apart[s]))
                continue;
            v->count++;
            do {
                pick_all(v, k->value);
                k->value[i] = apart[s].reg;
                for (unsigned j = 0; j < v->row->n; j++)
                    k->value[j] = k->value[v->rep[j]];
            } while (!distinct(v, k->value));
            k->odd_operand = i;
            k->odd_reg = apart[s].reg;
        }
    }
}

void variant_bind(struct variant *v)
{
    rng_seed(v);
    allocate(v);
    bind_learning(v);
    bind_proofs(v);
}

/* Instances for the case that the compiler has several shapes for one thing,
 * and for finding out which operands take the registers tried apart. */
void variant_bind_shapes(struct variant *v)
{
    rng_seed(v);
    allocate(v);
    v->count = v->learn = MAX_SHAPED;
    for (unsigned k = 0; k < v->learn; k++)
        pick_all(v, v->inst[k].value);
    add_special(v);
}

void variant_bind_sample(struct variant *v)
{
    rng_seed(v);
    allocate(v);
    v->learn = 0;
    v->count = 1;
    pick_all(v, v->inst[0].value);
}

void variant_bind_probe(struct variant *v)
{
    struct instance *learned = v->inst;
    allocate(v);
    v->stage = PROBE;
    v->count = 0;
    add_special(v);
    free(learned);
}
