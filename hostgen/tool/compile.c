/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compiles instances of micro-ops, many in one run of the compiler, and reads
 * their bytes and relocations back from the object (System V ABI, chapter 4). */
#include "hostgen/tool/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BATCH = 250, JOBS = 2 };

static const char *const isa_flags[LEVELS][MAX_ISA_FLAGS] = HOST_ISA_FLAGS;
static const char *const errors[] = {"it calls a function", "it needs a stack",
                                     "it falls off its end without going on"};

/* ---- C source ---- */

static void write_prelude(struct text *t, const char *declarations, bool vector)
{
#define DECLARE_G(name, n) text_add(t, "register u64 " #name "_ asm(\"" #name "\"); ");
#define DECLARE_X(name, n) text_add(t, "register V " #name "_ asm(\"" #name "\"); ");
#define OUT_G(name, n)     text_add(t, ", \"=r\"(" #name "_)");
#define OUT_X(name, n)     text_add(t, ", \"=x\"(" #name "_)");
#define IN_G(name, n)      text_add(t, ", \"r\"(" #name "_)");
#define IN_X(name, n)      text_add(t, ", \"x\"(" #name "_)");
    text_add(t, "#include <stddef.h>\n#include \"hostgen/ops/ops.h\"\n"
                "#include \"translate/vcpu.h\"\n"
                "extern void next_(void), taken_(void), slow_(void);\n"
                "#define TAKEN() goto taken\n#define SLOW() goto slow\n"
                "#define JUMP(x) do { jump_to = (u64)(x); goto jump; } while (0)\n"
                "#define STATE(type, field) "
                "(*(type *)(S + offsetof(struct vcpu, field) - VCPU_BIAS))\n"
                "#define MEM(type, disp) (*(type *)(S + (disp)))\n");
    text_add(t, "#define REGISTERS register u64 S asm(\"" HOST_STATE_REG "\"); ");
    HOST_T_REGS(DECLARE_G)
    HOST_R_REGS(DECLARE_G)
    if (vector) {
        HOST_X_REGS(DECLARE_X)
    }
    text_add(t, "asm volatile(\"\" : \"=r\"(S)");
    HOST_T_REGS(OUT_G)
    HOST_R_REGS(OUT_G)
    if (vector) {
        HOST_X_REGS(OUT_X)
    }
    text_add(t, ");\n#define EXIT(to) do { asm volatile(\"\" :: \"r\"(S)");
    HOST_T_REGS(IN_G)
    HOST_R_REGS(IN_G)
    if (vector) {
        HOST_X_REGS(IN_X)
    }
    text_add(t, "); to(); return; } while (0)\n%s\n", declarations);
}

#define NUMBER(name, number, ...) number,

static const char *register_name(unsigned kind, int64_t n)
{
#define NAME(name, number)                                                                         \
    if (n == number)                                                                               \
        return #name;
    if (kind == HG_X) {
        HOST_X_REGS(NAME)
    } else {
        HOST_T_REGS(NAME)
        HOST_R_REGS(NAME)
    }
    die("no register %d", (int)n);
}

/* Registers for the short ones among the operands while the compiler has the instance: of those
 * that are no operands.  Returns how many. */
static unsigned stand_ins(const struct instance *k, struct stand_in *list)
{
    static const uint8_t pinned[] = {HOST_R_REGS(NUMBER)}, short_regs[] = {HOST_SHORT_REGS(NUMBER)};
    unsigned used = 0, operands = 0, count = 0;
    for (unsigned i = 0; i < APART; i++)
        used |= 1u << apart[i].reg;
    for (unsigned i = 0; i < sizeof short_regs; i++)
        used |= 1u << short_regs[i];
    for (unsigned i = 0; i < k->v->row->n; i++)
        if (kind_is_register(k->v->kind[i]) && k->v->kind[i] != HG_X)
            operands |= 1u << k->value[i];
    used |= operands;
    for (unsigned i = 0; i < sizeof short_regs; i++) {
        if (!(operands >> short_regs[i] & 1))
            continue;
        unsigned p = 0;
        while (p < sizeof pinned && (used >> pinned[p] & 1))
            p++;
        if (p == sizeof pinned)
            die("%s: no register to stand in for another", k->v->row->name);
        used |= 1u << pinned[p];
        list[count].reg = short_regs[i];
        list[count++].name = register_name(HG_R, pinned[p]);
    }
    return count;
}

/* What the compiler knows the register by. */
static const char *seen_name(const struct instance *k, unsigned kind, int64_t n)
{
    struct stand_in list[MAX_OPERANDS];
    unsigned count = kind == HG_X ? 0 : stand_ins(k, list);
    for (unsigned i = 0; i < count; i++)
        if (list[i].reg == n)
            return list[i].name;
    return register_name(kind, n);
}

static void place(struct text *t, const struct instance *k, unsigned i)
{
    unsigned kind = k->v->kind[i];
    if (kind == HG_M || kind == HG_W)
        text_add(t, "MEM(u64, %d)", (int)k->value[i]);
    else if (kind == HG_XM)
        text_add(t, "MEM(V, %d)", (int)k->value[i]);
    else
        text_add(t, "%s_", seen_name(k, kind, k->value[i]));
}

static void write_instance(struct text *t, const struct instance *k, size_t number)
{
    const struct row *r = k->v->row;
    text_add(t, "# 1 \"micro-op %s\"\nvoid f%zu(void) { REGISTERS\n", r->name, number);
    if (r->jump)
        text_add(t, "u64 jump_to;\n");
    for (unsigned i = 0; i < r->n; i++) {
        const struct operand *o = &r->o[i];
        unsigned kind = k->v->kind[i];
        if (o->direct) {
            text_add(t, "\n#define %s ", o->name);
            place(t, k, i);
            text_add(t, "\n");
        } else if (kind == K_CONST) {
            text_add(t, "enum { %s = %d };\n", o->name, (int)k->value[i]);
        } else if (o->cls == 'v' || o->cls == 'g' || o->cls == 'r' || o->cls == 'w' ||
                   (o->cls == 'G' && (kind_is_register(kind) || kind == HG_M))) {
            text_add(t, "%s %s", o->cls == 'v' ? "V" : "u64", o->name);
            if (o->dir != '=') {
                text_add(t, " = ");
                place(t, k, i);
            }
            text_add(t, ";\n");
        } else {
            text_add(t, "const %s %s = (s64)0x%llxul;\n",
                     o->cls == 'G' || o->cls == 'q' ? "u64" : "s64", o->name,
                     (unsigned long long)k->value[i]);
        }
    }
    text_add(t, "{ %s; }\n", r->body[k->v->level]);
    for (unsigned i = 0; i < r->n; i++) {
        if (r->o[i].dir == ' ' || r->o[i].direct)
            continue;
        place(t, k, i);
        text_add(t, " = %s;\n", r->o[i].name);
    }
    text_add(t, "EXIT(next_);\n");
    if (r->taken)
        text_add(t, "taken: EXIT(taken_);\n");
    if (r->slow)
        text_add(t, "slow: EXIT(slow_);\n");
    if (r->jump)
        text_add(t, "jump: EXIT(((void (*)(void))jump_to));\n");
    text_add(t, "}\n");
    for (unsigned i = 0; i < r->n; i++)
        if (r->o[i].direct)
            text_add(t, "#undef %s\n", r->o[i].name);
}

/* ---- Assembly ---- */

/* Constants' labels are made global, so that relocations name them. */
static void rename_constants(struct text *out, const char *s)
{
    const char *p = s, *q;
    if (strncmp(s, ".LC", 3) == 0)
        text_add(out, "\t.globl %.*s\n", (int)strcspn(s, ":") - 1, s + 1);
    while ((q = strstr(p, ".LC"))) {
        text_write(out, p, (size_t)(q - p));
        p = q + 1;
    }
    text_add(out, "%s\n", p);
}

/* list: the instances, by the numbers of their functions. */
static void filter(char *s, struct instance *const *list, struct text *out)
{
    char *line = s;
    while (line && *line) {
        char *end = strchr(line, '\n');
        if (end)
            *end = 0;
        unsigned number;
        int used = 0;
        if (sscanf(line, "f%u:%n", &number, &used) == 1 && used && !line[used]) {
            char *body = end + 1, *stop = strstr(body, "\t.size\tf");
            if (!stop)
                die("cannot find the end of a function in the compiler's output");
            stop[-1] = 0;
            struct text changed = {0}, renamed = {0};
            text_write(&changed, "", 0);
            struct stand_in renamed_from[MAX_OPERANDS];
            unsigned count = stand_ins(list[number], renamed_from);
            const char *error = asm_function(body, renamed_from, count, &changed);
            text_add(out, "f%u:\n", number);
            if (error) {
                unsigned e = 0;
                while (strcmp(errors[e], error) != 0)
                    e++;
                text_add(out, "\t.globl e%u\n\t.set e%u, %u\n", number, number, e);
            } else {
                rename_constants(&renamed, changed.s);
                text_write(out, renamed.s, renamed.n);
            }
            free(changed.s);
            free(renamed.s);
            line = stop;
            continue;
        }
        rename_constants(out, line);
        line = end ? end + 1 : NULL;
    }
}

static void run(const char *const *argv)
{
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
        die("%s failed", argv[0]);
}

static void compile_batch(const char *dir, size_t number, struct instance *const *list)
{
    static const char *const flags[] = {HOST_CFLAGS}, *const no_vector[] = {HOST_CFLAGS_NO_VECTOR};
    unsigned level = list[0]->v->level;
    bool vector = list[0]->v->row->vector;
    char c[256], s[256], o[256];
    snprintf(c, sizeof c, "%s/%zu.c", dir, number);
    snprintf(s, sizeof s, "%s/%zu.s", dir, number);
    snprintf(o, sizeof o, "%s/%zu.o", dir, number);
    const char *argv[sizeof flags / sizeof *flags + sizeof no_vector / sizeof *no_vector + 16];
    unsigned n = 0;
    argv[n++] = "gcc";
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        argv[n++] = flags[i];
    for (size_t i = 0; !vector && i < sizeof no_vector / sizeof *no_vector; i++)
        argv[n++] = no_vector[i];
    for (unsigned i = 0; i < MAX_ISA_FLAGS && isa_flags[level][i]; i++)
        argv[n++] = isa_flags[level][i];
    const char *tail[] = {"-I.", "-S", "-o", s, c, NULL};
    memcpy(argv + n, tail, sizeof tail);
    run(argv);
    char *text = read_file(s);
    struct text out = {0};
    filter(text, list, &out);
    write_file(s, out.s, out.n);
    const char *as[] = {"as", "-o", o, s, NULL};
    run(as);
    unlink(c);
    unlink(s);
}

/* ---- Objects ---- */

static void read_reloc(struct instance *k, Elf *elf, const char *name, const GElf_Sym *sym,
                       uint64_t byte, int64_t addend)
{
    struct reloc *r = &k->reloc[k->relocs];
    if (strcmp(name, "next_") == 0) {
        int32_t rel = (int32_t)(k->size - byte + addend);
        memcpy(k->code + byte, &rel, 4);
        return;
    }
    if (k->relocs == MAX_RELOCS) {
        k->error = "it has too many relocations";
        return;
    }
    memset(r, 0, sizeof *r);
    r->byte = (uint16_t)byte;
    if (strcmp(name, "taken_") == 0) {
        r->kind = HG_TAKEN;
        r->addend = (int8_t)addend;
    } else if (strcmp(name, "slow_") == 0) {
        r->kind = HG_SLOW;
        r->addend = (int8_t)addend;
    } else if (strncmp(name, "LC", 2) == 0) {
        Elf_Scn *scn = elf_getscn(elf, sym->st_shndx);
        GElf_Shdr sh;
        Elf_Data *data = elf_getdata(scn, NULL);
        gelf_getshdr(scn, &sh);
        int64_t offset = addend > -4 ? addend + 4 : 0;
        size_t size = sh.sh_entsize ? sh.sh_entsize : 32;
        if (size > 16 || (uint64_t)offset >= size) {
            k->error = "it has a constant of more than 16 bytes";
            return;
        }
        r->kind = HG_POOL;
        r->addend = (int8_t)(addend > -4 ? -4 : addend);
        r->size = (uint8_t)(size - (size_t)offset);
        memcpy(r->data, (uint8_t *)data->d_buf + sym->st_value + offset, r->size);
    } else {
        k->error = "it calls a function";
        return;
    }
    k->relocs++;
}

static int compare_relocs(const void *a, const void *b)
{
    return ((const struct reloc *)a)->byte - ((const struct reloc *)b)->byte;
}

static void read_object(const char *path, struct instance **list, size_t count)
{
    int fd = open(path, O_RDONLY);
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    if (fd < 0 || !elf)
        die("cannot read %s", path);
    Elf_Scn *scn = NULL, *text = NULL, *symtab = NULL, *rela = NULL;
    GElf_Shdr sh, symsh = {0};
    size_t shstr;
    elf_getshdrstrndx(elf, &shstr);
    while ((scn = elf_nextscn(elf, scn))) {
        gelf_getshdr(scn, &sh);
        const char *name = elf_strptr(elf, shstr, sh.sh_name);
        if (strcmp(name, ".text") == 0)
            text = scn;
        else if (strcmp(name, ".rela.text") == 0)
            rela = scn;
        else if (sh.sh_type == SHT_SYMTAB) {
            symtab = scn;
            symsh = sh;
        }
    }
    if (!text || !symtab)
        die("%s: no code", path);
    Elf_Data *code = elf_getdata(text, NULL), *syms = elf_getdata(symtab, NULL);
    size_t symbols = symsh.sh_size / symsh.sh_entsize;
    struct at {
        uint64_t start, end;
    } *at = calloc(count, sizeof *at);
    for (size_t i = 0; i < symbols; i++) {
        GElf_Sym sym;
        gelf_getsym(syms, (int)i, &sym);
        const char *name = elf_strptr(elf, symsh.sh_link, sym.st_name);
        char *end;
        if ((*name != 'f' && *name != 'e') || name[1] < '0' || name[1] > '9')
            continue;
        size_t number = strtoul(name + 1, &end, 10);
        if (*end || number >= count)
            continue;
        struct instance *k = list[number];
        if (*name == 'e') {
            k->error = errors[sym.st_value];
            continue;
        }
        at[number].start = sym.st_value;
        at[number].end = sym.st_value + sym.st_size;
        k->size = (unsigned)sym.st_size;
        k->code = malloc(k->size + 8);
        memcpy(k->code, (uint8_t *)code->d_buf + sym.st_value, k->size);
    }
    /* Functions lie in order, so do relocations. */
    if (rela) {
        gelf_getshdr(rela, &sh);
        Elf_Data *data = elf_getdata(rela, NULL);
        for (size_t i = 0; i < sh.sh_size / sh.sh_entsize; i++) {
            GElf_Rela r;
            GElf_Sym sym;
            gelf_getrela(data, (int)i, &r);
            gelf_getsym(syms, (int)GELF_R_SYM(r.r_info), &sym);
            size_t lo = 0, hi = count;
            while (hi - lo > 1) {
                size_t mid = (lo + hi) / 2;
                if (at[mid].start <= r.r_offset)
                    lo = mid;
                else
                    hi = mid;
            }
            /* empty functions share a start: take the one that has the byte */
            while (lo > 0 && r.r_offset >= at[lo].end)
                lo--;
            struct instance *k = list[lo];
            if (k->error)
                continue;
            unsigned type = GELF_R_TYPE(r.r_info);
            if (type != R_X86_64_PC32 && type != R_X86_64_PLT32)
                k->error = "it refers to an address other than a constant's";
            else
                read_reloc(k, elf, elf_strptr(elf, symsh.sh_link, sym.st_name), &sym,
                           r.r_offset - at[lo].start, r.r_addend);
        }
    }
    for (size_t i = 0; i < count; i++)
        qsort(list[i]->reloc, list[i]->relocs, sizeof *list[i]->reloc, compare_relocs);
    free(at);
    elf_end(elf);
    close(fd);
    unlink(path);
}

static int compare_instances(const void *a, const void *b)
{
    const struct variant *x = (*(struct instance *const *)a)->v,
                         *y = (*(struct instance *const *)b)->v;
    int xk = (int)x->level * 2 + x->row->vector, yk = (int)y->level * 2 + y->row->vector;
    if (xk != yk)
        return xk - yk;
    /* keep a variant's instances in order: the result must not depend on qsort */
    return *(struct instance *const *)a < *(struct instance *const *)b ? -1 : 1;
}

void compile_all(const struct table *t, struct instance **list, size_t count)
{
    struct batch {
        size_t first, count;
        pid_t pid;
    } *batch = NULL;
    size_t batches = 0, running = 0, started = 0;
    char dir[] = "/tmp/hostgen.XXXXXX";
    if (!mkdtemp(dir))
        die("cannot make a directory in /tmp: %s", strerror(errno));
    elf_version(EV_CURRENT);
    qsort(list, count, sizeof *list, compare_instances);
    for (size_t i = 0; i < count;) {
        const struct variant *v = list[i]->v;
        size_t n = 1;
        while (i + n < count && n < BATCH && list[i + n]->v->level == v->level &&
               list[i + n]->v->row->vector == v->row->vector)
            n++;
        batch = grow(batch, batches, sizeof *batch);
        batch[batches++] = (struct batch){.first = i, .count = n};
        i += n;
    }
    while (started < batches || running) {
        if (started < batches && running < JOBS) {
            struct batch *b = &batch[started];
            const struct variant *v = list[b->first]->v;
            struct text src = {0};
            char path[256];
            write_prelude(&src, t->prelude[v->level], v->row->vector);
            for (size_t i = 0; i < b->count; i++)
                write_instance(&src, list[b->first + i], i);
            snprintf(path, sizeof path, "%s/%zu.c", dir, started);
            write_file(path, src.s, src.n);
            free(src.s);
            fflush(NULL);
            b->pid = fork();
            if (b->pid < 0)
                die("fork: %s", strerror(errno));
            if (b->pid == 0) {
                compile_batch(dir, started, list + b->first);
                _exit(0);
            }
            started++;
            running++;
            continue;
        }
        int status;
        pid_t pid = wait(&status);
        for (size_t i = 0; i < started; i++) {
            if (batch[i].pid != pid)
                continue;
            char path[256];
            if (status != 0)
                die("the compiler rejected a micro-op, see above");
            snprintf(path, sizeof path, "%s/%zu.o", dir, i);
            read_object(path, list + batch[i].first, batch[i].count);
        }
        running--;
    }
    rmdir(dir);
    free(batch);
}
