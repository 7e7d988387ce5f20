/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An integer workload of the kind that CoreMark has, written for this
 * benchmark: linked lists (find, reverse, merge sort), small integer
 * matrices, a state machine over text, and a bitwise CRC of all results.
 * Its numbers are not CoreMark scores.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = 120, N = 10, TEXT = 700 };

struct node {
    struct node *next;
    int16_t key, value;
};

static uint16_t crc16(uint32_t v, uint16_t crc)
{
    for (int i = 0; i < 32; i++) {
        unsigned carry = (v ^ crc) & 1;
        v >>= 1, crc >>= 1;
        if (carry)
            crc ^= 0xa001;
    }
    return crc;
}

static int by_key(const struct node *a, const struct node *b)
{
    return a->key - b->key;
}
static int by_value(const struct node *a, const struct node *b)
{
    return (a->value & 0xff) - (b->value & 0xff);
}

static struct node *merge_sort(struct node *list,
                               int (*compare)(const struct node *, const struct node *))
{
    if (!list || !list->next)
        return list;
    struct node *slow = list, *fast = list->next;
    while (fast && fast->next)
        slow = slow->next, fast = fast->next->next;
    struct node *b = slow->next, *head = NULL, **tail = &head;
    slow->next = NULL;
    struct node *a = merge_sort(list, compare);
    b = merge_sort(b, compare);
    while (a && b) {
        struct node **take = compare(a, b) <= 0 ? &a : &b;
        *tail = *take, tail = &(*take)->next, *take = *tail;
    }
    *tail = a ? a : b;
    return head;
}

static struct node *reverse(struct node *list)
{
    struct node *done = NULL;
    while (list) {
        struct node *next = list->next;
        list->next = done, done = list, list = next;
    }
    return done;
}

static const struct node *find(const struct node *list, int16_t key)
{
    while (list && list->key != key)
        list = list->next;
    return list;
}

static uint16_t lists(struct node *pool, unsigned seed, uint16_t crc)
{
    struct node *list = NULL;
    for (int i = 0; i < NODES; i++) {
        pool[i].key = (int16_t)((i * 37 + seed) % NODES), pool[i].value = (int16_t)(i * i ^ seed);
        pool[i].next = list, list = &pool[i];
    }
    for (int i = 0; i < 30; i++) {
        list = reverse(list);
        const struct node *n = find(list, (int16_t)((i * 11 + seed) % (NODES + 10)));
        crc = crc16(n ? (uint32_t)(uint16_t)n->value : 77u, crc);
    }
    list = merge_sort(list, by_value);
    crc = crc16((uint32_t)(uint16_t)list->value, crc);
    list = merge_sort(list, by_key);
    for (const struct node *n = list; n; n = n->next)
        if (n->key % 8 == 0)
            crc = crc16((uint32_t)(uint16_t)n->value, crc);
    return crc;
}

static uint16_t matrices(int16_t (*a)[N], int16_t (*b)[N], int32_t (*c)[N], unsigned seed,
                         uint16_t crc)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            a[i][j] = (int16_t)(i * j + seed), b[i][j] = (int16_t)((i + 3) * (j + seed % 7));
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            int32_t s = 0;
            for (int k = 0; k < N; k++)
                s += a[i][k] * b[k][j];
            c[i][j] = s;
        }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            c[i][j] = ((c[i][j] >> 2) & 15) * ((c[i][j] >> 5) & 127) + a[j][i];
    int32_t sum = 0, last = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            sum += c[i][j] > last ? 10 : c[i][j] & 3;
            last = c[i][j];
        }
    return crc16((uint32_t)sum, crc);
}

enum state { START, SIGN, INTEGER, POINT, FRACTION, EXPONENT, POWER, BAD, STATES };

static uint16_t states(const char *text, uint16_t crc)
{
    unsigned count[STATES] = {0};
    enum state s = START;
    for (; *text; text++) {
        char c = *text;
        if (c == ',') {
            count[s]++;
            s = START;
            continue;
        }
        int digit = c >= '0' && c <= '9';
        switch (s) {
        case START:
            s = digit ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? POINT : BAD;
            break;
        case SIGN:
            s = digit ? INTEGER : c == '.' ? POINT : BAD;
            break;
        case INTEGER:
            s = digit ? INTEGER : c == '.' ? FRACTION : c == 'e' ? EXPONENT : BAD;
            break;
        case POINT:
        case FRACTION:
            s = digit ? FRACTION : c == 'e' ? EXPONENT : BAD;
            break;
        case EXPONENT:
            s = digit || c == '-' ? POWER : BAD;
            break;
        case POWER:
            s = digit ? POWER : BAD;
            break;
        default:
            break;
        }
    }
    for (int i = 0; i < STATES; i++)
        crc = crc16(count[i], crc);
    return crc;
}

int main(int argc, char **argv)
{
    static struct node pool[NODES];
    static int16_t a[N][N], b[N][N];
    static int32_t c[N][N];
    static char text[TEXT + 32];
    static const char *const word[] = {"5012,", "-12.5e3,", "+.75,", "1e-9,",
                                       "abc,",  "12..3,",   "-,",    "7e,"};
    int turns = argc > 1 ? atoi(argv[1]) : 4000;
    uint16_t crc = 0;
    for (int i = 0; i < turns; i++) {
        unsigned n = 0;
        for (unsigned k = (unsigned)i; n < TEXT; k = k * 5 + 3) {
            strcpy(text + n, word[k >> 4 & 7]);
            n += (unsigned)strlen(text + n);
        }
        crc = lists(pool, (unsigned)i, crc);
        crc = matrices(a, b, c, (unsigned)i, crc);
        crc = states(text, crc);
    }
    printf("%04x\n", crc);
    return 0;
}
