/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listings for -d in, ops, out: guest code, micro-ops, host code. */
#include <capstone/capstone.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "loader/vm.h"
#include "translate/block.h"

static void list_code(int arch, int mode, const uint8_t *code, size_t bytes, uint64_t address)
{
    csh handle;
    if (cs_open(arch, mode, &handle) != CS_ERR_OK) {
        dprintf(log_options.fd, "  (no disassembler for this architecture)\n");
        return;
    }
    cs_option(handle, CS_OPT_SKIPDATA, CS_OPT_ON);
    cs_insn *insns;
    size_t n = cs_disasm(handle, code, bytes, address, 0, &insns);
    for (size_t k = 0; k < n; k++)
        dprintf(log_options.fd, "  %016" PRIx64 "  %-8s %s\n", insns[k].address, insns[k].mnemonic,
                insns[k].op_str);
    if (n)
        cs_free(insns, n);
    cs_close(&handle);
}

void list_guest(const struct builder *b)
{
    size_t bytes = b->pc + b->insn_len - b->start;
    dprintf(log_options.fd, "IN: 0x%" PRIx64 "\n", b->start);
    list_code(b->guest->cs_arch, b->guest->cs_mode, guest_ptr(b->start), bytes, b->start);
}

static void list_operand(struct opnd o)
{
    static const char *const prefix[] = {
        [OPND_NONE] = "?", [OPND_G] = "g", [OPND_V] = "v", [OPND_GT] = "t", [OPND_VT] = "vt"};
    if (o.kind == OPND_I)
        dprintf(log_options.fd, " %#" PRIx64, (uint64_t)o.v);
    else
        dprintf(log_options.fd, " %s%d", prefix[o.kind], (int)o.v);
}

void list_uops(const struct builder *b, const struct micro_op *uops, unsigned count)
{
    static const char *const names[] = {
        [UOP_CALL - UOP_TEMPLATE_COUNT] = "call",
        [UOP_GOTO - UOP_TEMPLATE_COUNT] = "goto",
        [UOP_GOTO_INDIRECT - UOP_TEMPLATE_COUNT] = "goto_indirect",
        [UOP_LINK - UOP_TEMPLATE_COUNT] = "link",
        [UOP_LINK_INDIRECT - UOP_TEMPLATE_COUNT] = "link_indirect",
        [UOP_RETURN - UOP_TEMPLATE_COUNT] = "return",
        [UOP_RAISE - UOP_TEMPLATE_COUNT] = "raise",
    };
    int insn = -1;
    dprintf(log_options.fd, "OPS: 0x%" PRIx64 "\n", b->start);
    for (unsigned i = 0; i < count; i++) {
        const struct micro_op *u = &uops[i];
        if (insn != u->insn) {
            insn = u->insn;
            dprintf(log_options.fd, " %" PRIx64 ":\n", b->insn_pc[insn]);
        }
        bool template = u->op < UOP_TEMPLATE_COUNT;
        dprintf(log_options.fd, "    %s",
                template ? uop_info[u->op].name : names[u->op - UOP_TEMPLATE_COUNT]);
        for (unsigned k = 0; k < u->n; k++)
            list_operand(u->o[k]);
        if (u->helper == HELPER_CC_NORMALIZE)
            dprintf(log_options.fd, " cc_normalize");
        else if (u->helper == HELPER_CC_CARRY)
            dprintf(log_options.fd, " cc_carry");
        else if (u->helper != HELPER_NONE)
            dprintf(log_options.fd, " %s(%#x, %#x, %#x)", b->guest->helper_names[u->helper],
                    u->arg[0], u->arg[1], u->arg[2]);
        if (u->target)
            dprintf(log_options.fd, " -> 0x%" PRIx64, u->target);
        dprintf(log_options.fd, "\n");
    }
}

void list_host(struct found f)
{
    dprintf(log_options.fd, "OUT: 0x%" PRIx64 ", %u bytes\n", block_pc(f), f.block->code_len);
    list_code(host_cs_arch, host_cs_mode, block_x(f), f.block->code_len, (uint64_t)block_x(f));
}
