# SPDX-License-Identifier: GPL-2.0-or-later
#
# make           build/ferry            make check    all tests
# make demo      a first look           make bench    speed against native and qemu-user

CC ?= gcc
BUILD := build
GEN := $(BUILD)/gen
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes
CFLAGS ?= -O2 -g
CPPFLAGS += -D_GNU_SOURCE -I. -I$(GEN) -Ihostgen
ALL_CFLAGS = -std=gnu11 $(CFLAGS) $(WARN) -fPIE -pthread -MMD -MP

# ---- the host's templates: hostgen/ops/<group>.def -> tables ----
OP_GROUPS := $(sort $(basename $(notdir $(wildcard hostgen/ops/*.def))))
HOSTGEN_TOOL := $(BUILD)/hostgen-tool
TABLES := $(OP_GROUPS:%=$(GEN)/hostgen_%.c) $(GEN)/hostgen_info.c

# ---- the guests' decoders: translate/<guest>/<guest>.decode, which may
# include others beside it -> decision trees ----
DECODES := $(foreach g,$(notdir $(wildcard translate/*)),$(wildcard translate/$(g)/$(g).decode))
DECODERS := $(foreach d,$(DECODES),$(GEN)/$(basename $(notdir $(d)))_decode.h)

SRCS := $(wildcard runner/*.c runner/*/*.c loader/*.c loader/*/*.c syscall/*.c syscall/*/*.c \
                   signal/*.c signal/*/*.c translate/*.c \
                   $(addsuffix *.c,$(dir $(DECODES))) hostgen/*.c)
HOSTGEN_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard hostgen/*.c)) $(TABLES:$(GEN)/%.c=$(BUILD)/gen/%.o)
OBJS := $(sort $(SRCS:%.c=$(BUILD)/%.o) $(HOSTGEN_OBJS)) $(BUILD)/gen/instances.o
# Listings show the host's and the guests' code.  The tables of capstone's other
# processors would cost each start of ferry 78,000 relocations.
CAPSTONE_UNUSED := ARM EVM M680X M68K Mips Sparc SystemZ TMS320C64x XCore
LIBS := $(foreach p,$(CAPSTONE_UNUSED),-Wl,--defsym=$(p)_global_init=0,--defsym=$(p)_option=0) \
        -lcapstone -lseccomp

all: $(BUILD)/ferry $(BUILD)/hostgen-report.txt
.PHONY: all

$(BUILD)/ferry: $(OBJS)
	$(CC) $(CFLAGS) -Wl,--build-id=sha1 -static-pie -Wl,-z,pack-relative-relocs -pthread -o $@ $(OBJS) $(LIBS)

$(BUILD)/%.o: %.c | $(GEN)/hostgen_ops.h $(DECODERS)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

# It carries them (.incbin).
$(BUILD)/runner/binfmt_boot.o: $(wildcard binfmt/ferry-binfmt.*)

$(BUILD)/gen/%.o: $(GEN)/%.c | $(GEN)/hostgen_ops.h
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(HOSTGEN_TOOL): $(wildcard hostgen/tool/*.c hostgen/tool/*.h) hostgen/tables.h hostgen/host_x86_64.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MF $(BUILD)/hostgen-tool.d -o $@ $(wildcard hostgen/tool/*.c) -lelf -lcapstone

# The list of the tables, so that one that has gone counts as a change.
$(GEN)/op_groups: FORCE
	@mkdir -p $(@D)
	@echo '$(OP_GROUPS)' | cmp -s - $@ || echo '$(OP_GROUPS)' >$@
.PHONY: FORCE

# Names and numbers of the micro-ops.
$(GEN)/hostgen_ops.h: $(GEN)/op_groups $(wildcard hostgen/ops/*.def) $(HOSTGEN_TOOL)
	@mkdir -p $(@D)
	$(HOSTGEN_TOOL) --names $(wildcard hostgen/ops/*.def) >$@.tmp
	cmp -s $@.tmp $@ || mv $@.tmp $@

$(GEN)/hostgen_info.c: $(GEN)/op_groups $(wildcard hostgen/ops/*.def) $(HOSTGEN_TOOL)
	@mkdir -p $(@D)
	$(HOSTGEN_TOOL) --info $(wildcard hostgen/ops/*.def) >$@.tmp
	mv $@.tmp $@

# One group's templates; learned again only when that group changes.
$(GEN)/hostgen_%.c: hostgen/ops/%.def hostgen/ops/ops.h $(HOSTGEN_TOOL)
	@mkdir -p $(@D)
	$(HOSTGEN_TOOL) --learn $< --report $(BUILD)/hostgen-report-$*.txt -o $@

# Instances that most programs need, made by what makes them at run time.
$(BUILD)/ready: hostgen/ready/ready.c $(HOSTGEN_OBJS)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MF $(BUILD)/ready.d -o $@ $^

$(GEN)/instances.c: hostgen/ready/shapes $(BUILD)/ready
	$(BUILD)/ready $< >$@.tmp
	mv $@.tmp $@

# What was learned, how it was proven, what is left to the legalizer.
$(BUILD)/hostgen-report.txt: $(TABLES)
	cat $(OP_GROUPS:%=$(BUILD)/hostgen-report-%.txt) >$@

$(BUILD)/decodegen: translate/decodegen/decodegen.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MF $(BUILD)/decodegen.d -o $@ $<

define decoder
$(GEN)/$(basename $(notdir $(1)))_decode.h: $(1) $(wildcard $(dir $(1))*.decode) $(BUILD)/decodegen
	@mkdir -p $$(@D)
	$(BUILD)/decodegen $$< >$$@.tmp
	mv $$@.tmp $$@
endef
$(foreach d,$(DECODES),$(eval $(call decoder,$(d))))

-include tests/tests.mk

clean:
	rm -rf $(BUILD)
.PHONY: clean

-include $(shell find $(BUILD) -name 'root-*' -prune -o -name '*.d' -type f -print 2>/dev/null)
