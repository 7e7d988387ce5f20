/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the op tables: OP(name, "signature", body) by way of the C preprocessor,
 * once per ISA level, so that bodies may depend on what the level has. */
#include "hostgen/tool/tool.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROW_BEGIN "@row@"
#define ROW_COMMA "@,@"
#define ROW_END   "@end@"

static const char *const isa_flags[LEVELS][MAX_ISA_FLAGS] = HOST_ISA_FLAGS;

static char *preprocess(const char *path, unsigned level)
{
    struct text cmd = {0};
    text_add(&cmd,
             "printf '%%s\\n' '#define OP(name, sig, ...) " ROW_BEGIN " name " ROW_COMMA
             " sig " ROW_COMMA " __VA_ARGS__ " ROW_END "' '#include \"%s\"' | "
             "gcc -E -P -std=gnu11 -x c -I. -imacros hostgen/ops/ops.h",
             path);
    for (unsigned i = 0; i < MAX_ISA_FLAGS && isa_flags[level][i]; i++)
        text_add(&cmd, " %s", isa_flags[level][i]);
    text_add(&cmd, " -");
    FILE *f = popen(cmd.s, "r");
    if (!f)
        die("cannot run the preprocessor");
    struct text out = {0};
    char buf[65536];
    size_t n;
    while ((n = fread(buf, 1, sizeof buf, f)) > 0)
        text_write(&out, buf, n);
    if (pclose(f) != 0)
        die("%s: the preprocessor failed", path);
    text_write(&out, "", 1);
    free(cmd.s);
    return out.s;
}

static char *trimmed(const char *s, const char *end)
{
    while (s < end && isspace((unsigned char)*s))
        s++;
    while (end > s && isspace((unsigned char)end[-1]))
        end--;
    return strndup(s, (size_t)(end - s));
}

/* "=d:g a:gi n:n4": see hostgen.h */
static void parse_signature(const char *path, struct row *r, char *sig)
{
    char *save = NULL, *flat = sig;
    /* Adjacent string literals from macros: drop the quotes. */
    for (char *p = sig; *p; p++)
        if (*p != '"')
            *flat++ = *p;
    *flat = 0;
    for (char *w = strtok_r(sig, " \t\n", &save); w; w = strtok_r(NULL, " \t\n", &save)) {
        if (r->n == MAX_OPERANDS)
            die("%s: %s: more than %d operands", path, r->name, MAX_OPERANDS);
        struct operand *o = &r->o[r->n++];
        o->dir = *w == '=' || *w == '+' ? *w++ : ' ';
        char *colon = strchr(w, ':');
        if (!colon || (size_t)(colon - w) >= sizeof o->name || colon == w)
            die("%s: %s: bad operand '%s'", path, r->name, w);
        memcpy(o->name, w, (size_t)(colon - w));
        const char *c = colon + 1;
        if (strcmp(c, "gi") == 0)
            o->cls = 'G';
        else if (strlen(c) == 1 && strchr("gviqwr", *c))
            o->cls = *c;
        else if (strcmp(c, "b") == 0 && o->dir != '=') {
            o->cls = 'r';
            o->direct = true;
        } else if (*c == 'n' && (o->limit = (uint16_t)atoi(c + 1)) > 0 && o->limit <= 64)
            o->cls = 'n';
        else
            die("%s: %s: bad operand class '%s'", path, r->name, c);
        if (o->dir != ' ' && !strchr("gvwr", o->cls))
            die("%s: %s: operand %s cannot be written", path, r->name, o->name);
        if (o->cls == 'v')
            r->vector = true;
    }
}

void rows_read(const char *path, struct table *t, bool bodies)
{
    memset(t, 0, sizeof *t);
    for (unsigned level = 0; level < (bodies ? LEVELS : 1); level++) {
        char *text = preprocess(path, level), *p = text;
        struct text prelude = {0};
        size_t index = 0;
        for (;;) {
            char *begin = strstr(p, ROW_BEGIN);
            text_write(&prelude, p, begin ? (size_t)(begin - p) : strlen(p));
            if (!begin)
                break;
            char *end = strstr(begin, ROW_END), *c1 = strstr(begin, ROW_COMMA);
            char *c2 = c1 ? strstr(c1 + 1, ROW_COMMA) : NULL;
            if (!end || !c2 || c2 > end)
                die("%s: broken row: %.60s", path, begin);
            char *name = trimmed(begin + strlen(ROW_BEGIN), c1);
            char *sig = trimmed(c1 + strlen(ROW_COMMA), c2);
            char *body = trimmed(c2 + strlen(ROW_COMMA), end);
            if (level == 0) {
                t->rows = grow(t->rows, t->count, sizeof *t->rows);
                struct row *r = &t->rows[t->count++];
                memset(r, 0, sizeof *r);
                if (strlen(name) >= sizeof r->name)
                    die("%s: name too long: %s", path, name);
                strcpy(r->name, name);
                parse_signature(path, r, sig);
                r->taken = strstr(body, "TAKEN") != NULL;
                r->slow = strstr(body, "SLOW") != NULL;
                r->jump = strstr(body, "JUMP") != NULL;
                for (size_t i = 0; i + 1 < t->count; i++)
                    if (strcmp(t->rows[i].name, name) == 0)
                        die("%s: %s is there twice", path, name);
            }
            if (index >= t->count || strcmp(t->rows[index].name, name) != 0)
                die("%s: the rows are not the same at all ISA levels", path);
            t->rows[index++].body[level] = body;
            free(name);
            free(sig);
            p = end + strlen(ROW_END);
        }
        text_write(&prelude, "", 1);
        t->prelude[level] = prelude.s;
        free(text);
    }
}
