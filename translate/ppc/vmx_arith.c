/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exact vector integer arithmetic, element by element (Power ISA 3.1, Book I, 6.9). */
#include "translate/ppc/vmx.h"

enum op {
    NONE,
    ADD,
    SUB,
    ADD_SATURATED,
    SUB_SATURATED,
    CARRY_OF_ADD,
    CARRY_OF_SUB,
    AVERAGE,
    DISTANCE,
    MAX,
    MIN,
    MULTIPLY,
    MULTIPLY_HIGH,
    MULTIPLY_EVEN,
    MULTIPLY_ODD,
    DIVIDE,
    DIVIDE_EXTENDED,
    MODULO,
    ROTATE,
    SHIFT_LEFT,
    SHIFT_RIGHT
};

/* By bits 21:31 of the instruction: operation, element size, unsigned. */
static const struct {
    uint8_t op, size, is_unsigned;
} elementwise[2048] = {
    [384] = {CARRY_OF_ADD, 2, 1},    /* vaddcuw */
    [768] = {ADD_SATURATED, 0, 0},   /* vaddsbs */
    [832] = {ADD_SATURATED, 1, 0},   /* vaddshs */
    [896] = {ADD_SATURATED, 2, 0},   /* vaddsws */
    [0] = {ADD, 0, 1},               /* vaddubm */
    [64] = {ADD, 1, 1},              /* vadduhm */
    [128] = {ADD, 2, 1},             /* vadduwm */
    [192] = {ADD, 3, 1},             /* vaddudm */
    [256] = {ADD, 4, 1},             /* vadduqm */
    [320] = {CARRY_OF_ADD, 4, 1},    /* vaddcuq */
    [512] = {ADD_SATURATED, 0, 1},   /* vaddubs */
    [576] = {ADD_SATURATED, 1, 1},   /* vadduhs */
    [640] = {ADD_SATURATED, 2, 1},   /* vadduws */
    [1408] = {CARRY_OF_SUB, 2, 1},   /* vsubcuw */
    [1792] = {SUB_SATURATED, 0, 0},  /* vsubsbs */
    [1856] = {SUB_SATURATED, 1, 0},  /* vsubshs */
    [1920] = {SUB_SATURATED, 2, 0},  /* vsubsws */
    [1024] = {SUB, 0, 1},            /* vsububm */
    [1088] = {SUB, 1, 1},            /* vsubuhm */
    [1152] = {SUB, 2, 1},            /* vsubuwm */
    [1216] = {SUB, 3, 1},            /* vsubudm */
    [1280] = {SUB, 4, 1},            /* vsubuqm */
    [1344] = {CARRY_OF_SUB, 4, 1},   /* vsubcuq */
    [1536] = {SUB_SATURATED, 0, 1},  /* vsububs */
    [1600] = {SUB_SATURATED, 1, 1},  /* vsubuhs */
    [1664] = {SUB_SATURATED, 2, 1},  /* vsubuws */
    [776] = {MULTIPLY_EVEN, 0, 0},   /* vmulesb */
    [520] = {MULTIPLY_EVEN, 0, 1},   /* vmuleub */
    [840] = {MULTIPLY_EVEN, 1, 0},   /* vmulesh */
    [584] = {MULTIPLY_EVEN, 1, 1},   /* vmuleuh */
    [904] = {MULTIPLY_EVEN, 2, 0},   /* vmulesw */
    [648] = {MULTIPLY_EVEN, 2, 1},   /* vmuleuw */
    [968] = {MULTIPLY_EVEN, 3, 0},   /* vmulesd */
    [712] = {MULTIPLY_EVEN, 3, 1},   /* vmuleud */
    [264] = {MULTIPLY_ODD, 0, 0},    /* vmulosb */
    [8] = {MULTIPLY_ODD, 0, 1},      /* vmuloub */
    [328] = {MULTIPLY_ODD, 1, 0},    /* vmulosh */
    [72] = {MULTIPLY_ODD, 1, 1},     /* vmulouh */
    [392] = {MULTIPLY_ODD, 2, 0},    /* vmulosw */
    [136] = {MULTIPLY_ODD, 2, 1},    /* vmulouw */
    [456] = {MULTIPLY_ODD, 3, 0},    /* vmulosd */
    [200] = {MULTIPLY_ODD, 3, 1},    /* vmuloud */
    [137] = {MULTIPLY, 2, 1},        /* vmuluwm */
    [457] = {MULTIPLY, 3, 1},        /* vmulld */
    [905] = {MULTIPLY_HIGH, 2, 0},   /* vmulhsw */
    [649] = {MULTIPLY_HIGH, 2, 1},   /* vmulhuw */
    [969] = {MULTIPLY_HIGH, 3, 0},   /* vmulhsd */
    [713] = {MULTIPLY_HIGH, 3, 1},   /* vmulhud */
    [395] = {DIVIDE, 2, 0},          /* vdivsw */
    [139] = {DIVIDE, 2, 1},          /* vdivuw */
    [459] = {DIVIDE, 3, 0},          /* vdivsd */
    [203] = {DIVIDE, 3, 1},          /* vdivud */
    [907] = {DIVIDE_EXTENDED, 2, 0}, /* vdivesw */
    [651] = {DIVIDE_EXTENDED, 2, 1}, /* vdiveuw */
    [971] = {DIVIDE_EXTENDED, 3, 0}, /* vdivesd */
    [715] = {DIVIDE_EXTENDED, 3, 1}, /* vdiveud */
    [1931] = {MODULO, 2, 0},         /* vmodsw */
    [1675] = {MODULO, 2, 1},         /* vmoduw */
    [1995] = {MODULO, 3, 0},         /* vmodsd */
    [1739] = {MODULO, 3, 1},         /* vmodud */
    [1282] = {AVERAGE, 0, 0},        /* vavgsb */
    [1346] = {AVERAGE, 1, 0},        /* vavgsh */
    [1410] = {AVERAGE, 2, 0},        /* vavgsw */
    [1026] = {AVERAGE, 0, 1},        /* vavgub */
    [1090] = {AVERAGE, 1, 1},        /* vavguh */
    [1154] = {AVERAGE, 2, 1},        /* vavguw */
    [1027] = {DISTANCE, 0, 1},       /* vabsdub */
    [1091] = {DISTANCE, 1, 1},       /* vabsduh */
    [1155] = {DISTANCE, 2, 1},       /* vabsduw */
    [258] = {MAX, 0, 0},             /* vmaxsb */
    [322] = {MAX, 1, 0},             /* vmaxsh */
    [386] = {MAX, 2, 0},             /* vmaxsw */
    [450] = {MAX, 3, 0},             /* vmaxsd */
    [2] = {MAX, 0, 1},               /* vmaxub */
    [66] = {MAX, 1, 1},              /* vmaxuh */
    [130] = {MAX, 2, 1},             /* vmaxuw */
    [194] = {MAX, 3, 1},             /* vmaxud */
    [770] = {MIN, 0, 0},             /* vminsb */
    [834] = {MIN, 1, 0},             /* vminsh */
    [898] = {MIN, 2, 0},             /* vminsw */
    [962] = {MIN, 3, 0},             /* vminsd */
    [514] = {MIN, 0, 1},             /* vminub */
    [578] = {MIN, 1, 1},             /* vminuh */
    [642] = {MIN, 2, 1},             /* vminuw */
    [706] = {MIN, 3, 1},             /* vminud */
    [4] = {ROTATE, 0, 1},            /* vrlb */
    [68] = {ROTATE, 1, 1},           /* vrlh */
    [132] = {ROTATE, 2, 1},          /* vrlw */
    [196] = {ROTATE, 3, 1},          /* vrld */
    [260] = {SHIFT_LEFT, 0, 1},      /* vslb */
    [324] = {SHIFT_LEFT, 1, 1},      /* vslh */
    [388] = {SHIFT_LEFT, 2, 1},      /* vslw */
    [1476] = {SHIFT_LEFT, 3, 1},     /* vsld */
    [516] = {SHIFT_RIGHT, 0, 1},     /* vsrb */
    [580] = {SHIFT_RIGHT, 1, 1},     /* vsrh */
    [644] = {SHIFT_RIGHT, 2, 1},     /* vsrw */
    [1732] = {SHIFT_RIGHT, 3, 1},    /* vsrd */
    [772] = {SHIFT_RIGHT, 0, 0},     /* vsrab */
    [836] = {SHIFT_RIGHT, 1, 0},     /* vsrah */
    [900] = {SHIFT_RIGHT, 2, 0},     /* vsraw */
    [964] = {SHIFT_RIGHT, 3, 0},     /* vsrad */
};

static u128 rotate_left(u128 x, unsigned n, unsigned bits)
{
    n %= bits;
    return n ? (x << n | x >> (bits - n)) & v_ones(bits) : x;
}

static s128 divide(s128 x, s128 y, bool is_unsigned, bool modulo, s128 least)
{
    if (y == 0 || (!is_unsigned && y == -1 && x == least))
        y = 1; /* undefined */
    if (is_unsigned)
        return (s128)(modulo ? (u128)x % (u128)y : (u128)x / (u128)y);
    return modulo ? x % y : x / y;
}

/* One element of the result; x and y are extended. */
static s128 element(enum op op, unsigned bits, bool is_unsigned, s128 x, s128 y, bool *saturated)
{
    unsigned n = (unsigned)y & (bits - 1);
    switch (op) {
    case ADD:
        return x + y;
    case SUB:
        return x - y;
    case ADD_SATURATED:
        return v_saturate(x + y, bits, !is_unsigned, saturated);
    case SUB_SATURATED:
        return v_saturate(x - y, bits, !is_unsigned, saturated);
    case CARRY_OF_ADD:
        return (x + y) >> bits & 1;
    case CARRY_OF_SUB:
        return x >= y;
    case AVERAGE:
        return (x + y + 1) >> 1;
    case DISTANCE:
        return x > y ? x - y : y - x;
    case MAX:
        return x > y ? x : y;
    case MIN:
        return x < y ? x : y;
    case MULTIPLY:
        return (s128)((u128)x * (u128)y);
    case MULTIPLY_HIGH:
        return (s128)((u128)x * (u128)y) >> bits;
    case DIVIDE:
    case MODULO:
        return divide(x, y, is_unsigned, op == MODULO, -((s128)1 << (bits - 1)));
    case DIVIDE_EXTENDED:
        return divide((s128)((u128)x << bits), y, is_unsigned, false, (s128)1 << 127);
    case ROTATE:
        return (s128)rotate_left((u128)x, n, bits);
    case SHIFT_LEFT:
        return (s128)((u128)x << n);
    default:
        return x >> n;
    }
}

bool vmx_elementwise(struct vmx *w)
{
    unsigned xo = w->insn & 0x7ff, size = elementwise[xo].size, bits = 8u << size;
    bool is_unsigned = elementwise[xo].is_unsigned;
    enum op op = (enum op)elementwise[xo].op;
    if (op == NONE)
        return false;
    if (size == SIZE_Q) {
        u128 x = v_quad(&w->a), y = v_quad(&w->b), sum = x + y;
        w->r = v_of_quad(op == ADD            ? sum
                         : op == SUB          ? x - y
                         : op == CARRY_OF_ADD ? sum < x
                                              : x >= y);
        return true;
    }
    if (op == MULTIPLY_EVEN || op == MULTIPLY_ODD) {
        for (unsigned i = 0; i < vmx_count(size + 1); i++) {
            unsigned j = 2 * i + (op == MULTIPLY_ODD);
            u128 product =
                is_unsigned ? v_get(&w->a, size, j) * v_get(&w->b, size, j)
                            : (u128)(v_get_signed(&w->a, size, j) * v_get_signed(&w->b, size, j));
            v_set(&w->r, size + 1, i, product);
        }
        return true;
    }
    for (unsigned i = 0; i < vmx_count(size); i++) {
        s128 x = is_unsigned ? (s128)v_get(&w->a, size, i) : v_get_signed(&w->a, size, i);
        s128 y = is_unsigned ? (s128)v_get(&w->b, size, i) : v_get_signed(&w->b, size, i);
        v_set(&w->r, size, i, (u128)element(op, bits, is_unsigned, x, y, &w->saturated));
    }
    return true;
}

/* ---- 128 bits ---- */

static u128 mask_of(unsigned mb, unsigned me, unsigned bits)
{
    /* Ones from bit mb to bit me, wrapping, bit 0 the highest. */
    u128 from = v_ones(bits - mb), to = v_ones(bits) & ~v_ones(bits - 1 - me);
    return mb <= me ? from & to : from | to;
}

/* Rotates by the lowest bits of y; the mask is in the next two bytes. */
static u128 rotate_mask(u128 x, u128 y, unsigned bits, u128 *mask)
{
    unsigned low = bits - 1;
    *mask = mask_of((unsigned)(y >> 16) & low, (unsigned)(y >> 8) & low, bits);
    return rotate_left(x, (unsigned)y & low, bits);
}

static u128 divide_quad(u128 x, u128 y, bool is_signed, bool modulo)
{
    u128 least = (u128)1 << 127;
    if (y == 0 || (is_signed && x == least && y == ~(u128)0))
        return x;
    if (!is_signed)
        return modulo ? x % y : x / y;
    return (u128)(modulo ? (s128)x % (s128)y : (s128)x / (s128)y);
}

/* (x << 128) / y by long division; 0 if it does not fit. */
static u128 divide_extended_quad(u128 x, u128 y)
{
    u128 rest = x, q = 0;
    if (x >= y)
        return 0;
    for (unsigned i = 0; i < 128; i++) {
        bool carry = rest >> 127;
        rest <<= 1;
        q <<= 1;
        if (carry || rest >= y) {
            rest -= y;
            q |= 1;
        }
    }
    return q;
}

static u128 divide_extended_quad_signed(u128 x, u128 y)
{
    bool sx = x >> 127, sy = y >> 127;
    u128 q = divide_extended_quad(sx ? -x : x, sy ? -y : y);
    return sx != sy ? -q : q;
}

bool vmx_quadword(struct vmx *w)
{
    u128 a = v_quad(&w->a), b = v_quad(&w->b), r, mask;
    unsigned n = (unsigned)(b >> 64) & 127, last = (unsigned)b & 0xff;
    switch (w->insn & 0x7ff) {
    case 5: /* vrlq */
        r = rotate_left(a, n, 128);
        break;
    case 69: /* vrlqmi */
        r = rotate_mask(a, b >> 64, 128, &mask);
        r = (r & mask) | (v_quad(&w->t) & ~mask);
        break;
    case 325: /* vrlqnm */
        r = rotate_mask(a, b >> 64, 128, &mask) & mask;
        break;
    case 261: /* vslq */
        r = a << n;
        break;
    case 517: /* vsrq */
        r = a >> n;
        break;
    case 773: /* vsraq */
        r = (u128)((s128)a >> n);
        break;
    case 452: /* vsl */
        r = a << (last & 7);
        break;
    case 708: /* vsr */
        r = a >> (last & 7);
        break;
    case 1036: /* vslo */
        r = a << (last & 0x78);
        break;
    case 1100: /* vsro */
        r = a >> (last & 0x78);
        break;
    case 11:  /* vdivuq */
    case 267: /* vdivsq */
        r = divide_quad(a, b, w->insn & 256, false);
        break;
    case 1547: /* vmoduq */
    case 1803: /* vmodsq */
        r = divide_quad(a, b, w->insn & 256, true);
        break;
    case 523: /* vdiveuq */
        r = b ? divide_extended_quad(a, b) : 0;
        break;
    case 779: /* vdivesq */
        r = b ? divide_extended_quad_signed(a, b) : 0;
        break;
    case 133:   /* vrlwmi */
    case 197:   /* vrldmi */
    case 389:   /* vrlwnm */
    case 453: { /* vrldnm */
        unsigned size = w->insn & 64 ? SIZE_D : SIZE_W;
        for (unsigned i = 0; i < vmx_count(size); i++) {
            r = rotate_mask(v_get(&w->a, size, i), v_get(&w->b, size, i), 8u << size, &mask);
            u128 old = w->insn & 256 ? 0 : v_get(&w->t, size, i);
            v_set(&w->r, size, i, (r & mask) | (old & ~mask));
        }
        return true;
    }
    default:
        return false;
    }
    w->r = v_of_quad(r);
    return true;
}

/* ---- Sums of products and across (6.9.1.6, 6.9.1.7) ---- */

static void sum_across(struct vmx *w, unsigned xo)
{
    bool is_signed = xo != 1544;
    unsigned size = xo == 1800 || xo == 1544 ? SIZE_B : xo == 1608 ? SIZE_H : SIZE_W;
    unsigned words = xo == 1928 ? 4 : xo == 1672 ? 2 : 1; /* that make one result */
    memset(&w->r, 0, sizeof w->r);
    for (unsigned i = 0; i < 4; i += words) {
        unsigned last = i + words - 1, first = i * 4 >> size, end = (last + 1) * 4 >> size;
        s128 sum = is_signed ? v_get_signed(&w->b, SIZE_W, last) : (s128)v_get(&w->b, SIZE_W, last);
        for (unsigned j = first; j < end; j++)
            sum += is_signed ? v_get_signed(&w->a, size, j) : (s128)v_get(&w->a, size, j);
        v_set(&w->r, SIZE_W, last, (u128)v_saturate(sum, 32, is_signed, &w->saturated));
    }
}

static s128 pick(const v128 *v, unsigned size, unsigned i, bool is_signed)
{
    return is_signed ? v_get_signed(v, size, i) : (s128)v_get(v, size, i);
}

static void multiply_sum(struct vmx *w, unsigned size, bool a_signed, bool b_signed, bool saturate)
{
    unsigned each = 4 >> size;
    for (unsigned i = 0; i < 4; i++) {
        s128 sum = pick(&w->c, SIZE_W, i, a_signed);
        for (unsigned j = i * each; j < (i + 1) * each; j++)
            sum += pick(&w->a, size, j, a_signed) * pick(&w->b, size, j, b_signed);
        if (saturate)
            sum = v_saturate(sum, 32, a_signed, &w->saturated);
        v_set(&w->r, SIZE_W, i, (u128)sum);
    }
}

/* The two products and the addend in 130 bits. */
static void multiply_sum_quad(struct vmx *w, bool carry)
{
    u128 x = (u128)w->a.d[0] * w->b.d[0], y = (u128)w->a.d[1] * w->b.d[1];
    u128 sum = x + y, total = sum + v_quad(&w->c);
    w->r = v_of_quad(carry ? (u128)(sum < x) + (total < sum) : total);
}

static void multiply_high_add(struct vmx *w, s128 round)
{
    for (unsigned i = 0; i < 8; i++) {
        s128 p = v_get_signed(&w->a, SIZE_H, i) * v_get_signed(&w->b, SIZE_H, i) + round;
        s128 r = (p >> 15) + v_get_signed(&w->c, SIZE_H, i);
        v_set(&w->r, SIZE_H, i, (u128)v_saturate(r, 16, true, &w->saturated));
    }
}

static void add_extended(struct vmx *w, bool subtract, bool carry_out)
{
    u128 a = v_quad(&w->a), b = v_quad(&w->b), carry = w->c.d[1] & 1;
    if (subtract)
        b = ~b;
    u128 sum = a + b, total = sum + carry;
    w->r = v_of_quad(carry_out ? (sum < a) | (total < sum) : total);
}

bool vmx_multiply_sum(struct vmx *w)
{
    unsigned xo = w->insn & 0x7ff;
    if (xo == 1672 || xo == 1800 || xo == 1608 || xo == 1544 || xo == 1928) {
        sum_across(w, xo);
        return true;
    }
    switch (w->insn & 63) {
    case 23: /* vmsumcud */
    case 35: /* vmsumudm */
        multiply_sum_quad(w, (w->insn & 63) == 23);
        return true;
    case 32: /* vmhaddshs */
        multiply_high_add(w, 0);
        return true;
    case 33: /* vmhraddshs */
        multiply_high_add(w, 0x4000);
        return true;
    case 34: /* vmladduhm */
        for (unsigned i = 0; i < 8; i++)
            v_set(&w->r, SIZE_H, i,
                  v_get(&w->a, SIZE_H, i) * v_get(&w->b, SIZE_H, i) + v_get(&w->c, SIZE_H, i));
        return true;
    case 36: /* vmsumubm */
        multiply_sum(w, SIZE_B, false, false, false);
        return true;
    case 37: /* vmsummbm */
        multiply_sum(w, SIZE_B, true, false, false);
        return true;
    case 38: /* vmsumuhm */
    case 39: /* vmsumuhs */
        multiply_sum(w, SIZE_H, false, false, w->insn & 1);
        return true;
    case 40: /* vmsumshm */
    case 41: /* vmsumshs */
        multiply_sum(w, SIZE_H, true, true, w->insn & 1);
        return true;
    case 60 ... 63: /* vaddeuqm, vaddecuq, vsubeuqm, vsubecuq */
        add_extended(w, w->insn & 2, w->insn & 1);
        return true;
    default:
        return false;
    }
}
