# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests and benchmarks need, and the targets that run them.

T := $(BUILD)/tests
CROSS := aarch64-linux-gnu-
GUEST_CFLAGS := -O2 -g -w -fwrapv -ffp-contract=off -fno-strict-aliasing -fsigned-char -frounding-math -fno-builtin-rint -fno-builtin-nearbyint
JOBS ?= 2
# make check K=word runs only the suites whose names contain the word.
K ?=

# ---- guest programs ----
GUEST_C := $(patsubst tests/guest/%.c,%,$(wildcard tests/guest/*.c))
GUEST_CC := $(patsubst tests/guest/%.cc,%,$(wildcard tests/guest/*.cc))
GUEST_S := $(patsubst tests/guest/%.S,%,$(wildcard tests/guest/*.S))
# Programs with a .expected file have no native build.
GUEST_ONLY := $(patsubst tests/guest/%.expected,%,$(wildcard tests/guest/*.expected))
GUESTS := $(GUEST_C:%=$(T)/guest/%.static) $(GUEST_C:%=$(T)/guest/%.dynamic) \
          $(GUEST_CC:%=$(T)/guest/%.static) $(GUEST_CC:%=$(T)/guest/%.dynamic) \
          $(GUEST_S:%=$(T)/guest/%.static) \
          $(patsubst %,$(T)/guest/%.native,$(filter-out $(GUEST_ONLY),$(GUEST_C) $(GUEST_CC)))

$(T)/guest/%.static: tests/guest/%.c
	@mkdir -p $(@D)
	@$(CROSS)gcc $(GUEST_CFLAGS) -static -pthread -o $@ $< -lm
$(T)/guest/%.dynamic: tests/guest/%.c
	@mkdir -p $(@D)
	@$(CROSS)gcc $(GUEST_CFLAGS) -O3 -pthread -o $@ $< -lm
$(T)/guest/%.native: tests/guest/%.c
	@mkdir -p $(@D)
	@$(CC) $(GUEST_CFLAGS) -pthread -o $@ $< -lm
$(T)/guest/%.static: tests/guest/%.cc
	@mkdir -p $(@D)
	@$(CROSS)g++ $(GUEST_CFLAGS) -static -pthread -o $@ $<
$(T)/guest/%.dynamic: tests/guest/%.cc
	@mkdir -p $(@D)
	@$(CROSS)g++ $(GUEST_CFLAGS) -pthread -o $@ $<
$(T)/guest/%.native: tests/guest/%.cc
	@mkdir -p $(@D)
	@$(CXX) $(GUEST_CFLAGS) -pthread -o $@ $<
$(T)/guest/%.static: tests/guest/%.S
	@mkdir -p $(@D)
	@$(CROSS)gcc -g -static -nostdlib -Wl,--build-id=none -o $@ $<

# ---- the same programs for further guests: build/tests/guest-NAME/ ----
FURTHER_GUESTS := ppc:powerpc-linux-gnu- ppc64:powerpc64-linux-gnu- ppc64le:powerpc64le-linux-gnu-

# Without what is written for some processors only, and, for 32 bits, what
# they can't say or lay out differently (64-bit arguments of syscall(), halves of
# doubles).
GUEST_C_PORTABLE := $(filter-out $(GUEST_ONLY) sigregs loops lookups manyblocks seccomp,$(GUEST_C))
GUEST_C_ppc := $(filter-out int128 carries badptr math,$(GUEST_C_PORTABLE))
GUEST_C_ppc64 := $(GUEST_C_PORTABLE)
GUEST_C_ppc64le := $(GUEST_C_PORTABLE)
define further_guest
GUESTS += $$(GUEST_C_$(1):%=$$(T)/guest-$(1)/%.static) \
          $$(GUEST_C_$(1):%=$$(T)/guest-$(1)/%.dynamic) \
          $$(GUEST_CC:%=$$(T)/guest-$(1)/%.static) $$(GUEST_CC:%=$$(T)/guest-$(1)/%.dynamic)
$$(T)/guest-$(1)/%.static: tests/guest/%.c
	@mkdir -p $$(@D)
	@$(2)gcc $$(GUEST_CFLAGS) -static -pthread -o $$@ $$< -lm -latomic
$$(T)/guest-$(1)/%.dynamic: tests/guest/%.c
	@mkdir -p $$(@D)
	@$(2)gcc $$(GUEST_CFLAGS) -O3 -pthread -o $$@ $$< -Wl,--as-needed -lm -latomic
$$(T)/guest-$(1)/%.static: tests/guest/%.cc
	@mkdir -p $$(@D)
	@$(2)g++ $$(GUEST_CFLAGS) -static -pthread -o $$@ $$<
$$(T)/guest-$(1)/%.dynamic: tests/guest/%.cc
	@mkdir -p $$(@D)
	@$(2)g++ $$(GUEST_CFLAGS) -pthread -o $$@ $$<
endef
$(foreach g,$(FURTHER_GUESTS),$(eval $(call further_guest,$(firstword $(subst :, ,$(g))),$(lastword $(subst :, ,$(g))))))

# What 32-bit guests are compared with: the host runs programs for i686 too.
I686 := i686-linux-gnu-
GUESTS += $(patsubst %,$(T)/guest-ppc/%.native,$(filter-out sigfaults,$(GUEST_C_ppc))) $(GUEST_CC:%=$(T)/guest-ppc/%.native)
$(T)/guest-ppc/%.native: tests/guest/%.c
	@mkdir -p $(@D)
	@$(I686)gcc $(GUEST_CFLAGS) -msse2 -mfpmath=sse -static -pthread -o $@ $< -lm -latomic
$(T)/guest-ppc/%.native: tests/guest/%.cc
	@mkdir -p $(@D)
	@$(I686)g++ $(GUEST_CFLAGS) -msse2 -mfpmath=sse -static -pthread -o $@ $<

# ---- programs of the host ----
$(T)/runner: tests/runner.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(CFLAGS) $(WARN) -o $@ $<

# ---- unit tests: tests/unit/NAME.c, with Check where it helps ----
UNITS := $(patsubst tests/unit/%.c,$(T)/unit/%,$(wildcard tests/unit/*.c))

# What a test defines itself (a stand-in) is not taken from here.
$(T)/libferry.a: $(filter-out $(BUILD)/runner/main.o,$(OBJS))
	@mkdir -p $(@D)
	@rm -f $@
	@$(AR) rcs $@ $^
$(T)/unit/%: tests/unit/%.c $(T)/libferry.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -o $@ $< $(T)/libferry.a $(LIBS) $$(pkg-config --libs check)

# Layouts of structures as the cross compilers have them.
ABIS := aarch64 powerpc powerpc64 powerpc64le
$(T)/abi/%.h: tests/abi/structs.c
	@mkdir -p $(@D)
	$*-linux-gnu-gcc -O1 -w -S -o $(T)/abi/$*.s $<
	sed -n 's/^.*@@ \(size\|at\) \([a-z0-9_]*\) \([0-9]*\) \([0-9]*\).*/\1(\2, \3, \4)/p' $(T)/abi/$*.s >$@
$(T)/unit/layout: $(ABIS:%=$(T)/abi/%.h)
$(T)/unit/layout: CPPFLAGS += -I$(T)/abi

# The rows of the op tables as plain C, to compare templates with.
$(T)/reference_%.o: hostgen/ops/%.def $(HOSTGEN_TOOL) hostgen/reference.h
	@mkdir -p $(@D)
	$(HOSTGEN_TOOL) --reference $< >$(T)/reference_$*.c
	$(CC) $(CPPFLAGS) -std=gnu11 -O1 -w -fno-strict-aliasing -ffp-contract=off -frounding-math -c -o $@ $(T)/reference_$*.c
$(T)/unit/hostgen_exec: tests/unit/hostgen_exec.c $(OP_GROUPS:%=$(T)/reference_%.o) $(T)/libferry.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -o $@ $^ $(LIBS) $$(pkg-config --libs check)

# ---- programs of tests/loader.sh ----
LOADER_PROGRAMS := $(foreach k,static static-pie dynamic low,$(T)/loader/start.$(k))
$(T)/loader/start.static: LINK := -static
$(T)/loader/start.static-pie: LINK := -static-pie -fPIE
$(T)/loader/start.dynamic: LINK := -pie -fPIE
$(T)/loader/start.low: LINK := -static -no-pie -Wl,-Ttext-segment=0x10000
$(LOADER_PROGRAMS): tests/loader/start.c
	@mkdir -p $(@D)
	@$(CROSS)gcc -O2 -w $(LINK) -o $@ $<

# And of the suites elf-fuzz-NAME.
define damaged_guest
$(T)/loader/start.%.$(firstword $(subst :, ,$(1))): tests/loader/start.c
	@mkdir -p $$(@D)
	@$(lastword $(subst :, ,$(1)))gcc -O2 -w $$(LINK) -o $$@ $$<
$(T)/loader/start.static.$(firstword $(subst :, ,$(1))): LINK := -static
$(T)/loader/start.dynamic.$(firstword $(subst :, ,$(1))): LINK := -pie -fPIE
tests: $(foreach k,static dynamic,$(T)/loader/start.$(k).$(firstword $(subst :, ,$(1))))
endef
$(foreach g,$(FURTHER_GUESTS),$(eval $(call damaged_guest,$(g))))

# And of tests/binfmt.sh.
$(T)/loader/local $(T)/loader/identity: $(T)/loader/%: tests/loader/%.c
	@mkdir -p $(@D)
	@$(CROSS)gcc -O2 -w -static -o $@ $<
tests: $(T)/loader/local $(T)/loader/identity

# ---- programs of tests/core.sh and tests/gdb.sh ----
DEBUGGED := $(patsubst tests/debug/%.c,$(T)/debug/%,$(wildcard tests/debug/*.c))
$(T)/debug/%: tests/debug/%.c
	@mkdir -p $(@D)
	@$(CROSS)gcc -g -w -static -pthread -o $@ $<
$(T)/debug/%.dynamic: tests/debug/%.c
	@mkdir -p $(@D)
	@$(CROSS)gcc -g -w -pthread -o $@ $<
define debugged_guest
$(T)/debug/%.$(firstword $(subst :, ,$(1))): tests/debug/%.c
	@mkdir -p $$(@D)
	@$(lastword $(subst :, ,$(1)))gcc -g -w -static -pthread -o $$@ $$<
tests: $(DEBUGGED:%=%.$(firstword $(subst :, ,$(1))))
endef
$(foreach g,$(FURTHER_GUESTS),$(eval $(call debugged_guest,$(g))))
tests: $(DEBUGGED) $(T)/debug/steps.dynamic

# ---- programs of tests/sandbox.sh ----
$(T)/sandbox/%: tests/sandbox/%.c tests/sandbox/mappings.h
	@mkdir -p $(@D)
	@$(CROSS)gcc -O1 -g -w -static -pthread -o $@ $<
tests: $(patsubst tests/sandbox/%.c,$(T)/sandbox/%,$(wildcard tests/sandbox/*.c))
$(T)/sandbox/reach.ppc64 $(T)/sandbox/reach.ppc64le: $(T)/sandbox/reach.%: tests/sandbox/reach.c tests/sandbox/mappings.h
	@mkdir -p $(@D)
	@$(subst ppc,powerpc,$*)-linux-gnu-gcc -mcpu=power8 -O1 -g -w -static -o $@ $<
tests: $(T)/sandbox/reach.ppc64 $(T)/sandbox/reach.ppc64le

# ---- programs of tests/soak.sh ----
SOAKED := $(patsubst tests/soak/%.c,$(T)/soak/%,$(wildcard tests/soak/*.c))
$(T)/soak/%: tests/soak/%.c
	@mkdir -p $(@D)
	@$(CROSS)gcc -O1 -g -w -static -pthread -o $@ $<
define soaked_guest
$(T)/soak/%.$(firstword $(subst :, ,$(1))): tests/soak/%.c
	@mkdir -p $$(@D)
	@$(lastword $(subst :, ,$(1)))gcc -O1 -g -w -static -pthread -o $$@ $$< -latomic
tests: $(SOAKED:%=%.$(firstword $(subst :, ,$(1))))
endef
$(foreach g,$(FURTHER_GUESTS),$(eval $(call soaked_guest,$(g))))
tests: $(SOAKED)

# ---- random differential tester ----
$(T)/random-stub.o: tests/random/stub.S
	@mkdir -p $(@D)
	$(CROSS)gcc -c -o $(T)/stub.a64.o $<
	$(CROSS)ld -Ttext=0x10000000 -o $(T)/stub.elf $(T)/stub.a64.o
	$(CROSS)objcopy -O binary -j .text $(T)/stub.elf $(T)/stub
	cd $(T) && ld -r -b binary -z noexecstack -o random-stub.o stub
$(T)/random: $(wildcard tests/random/*.c tests/random/*.h) $(T)/random-stub.o
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE $(CFLAGS) $(WARN) -o $@ $(filter %.c %.o,$^)

$(T)/ppc-random: $(wildcard tests/ppc/*.c tests/ppc/*.h)
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE -I. $(CFLAGS) $(WARN) -o $@ $(filter %.c,$^)
tests: $(T)/ppc-random

# ---- interrupts ----
$(T)/kick: tests/kick.c signal/stop.h
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE -I. $(CFLAGS) $(WARN) -o $@ $<
tests: $(T)/kick

# ---- single vector instructions ----
SIMD_WORDS ?= 40
SIMD_SEED ?= 1
$(T)/simd: $(wildcard tests/a64/simd/*) translate/a64/a64_simd.decode
	@mkdir -p $(T)/simd-words
	perl tests/a64/simd/words.pl translate/a64/a64_simd.decode $(SIMD_WORDS) $(SIMD_SEED) $(T)/simd-words
	$(CROSS)gcc -O1 -w -static -I$(T)/simd-words -o $@ tests/a64/simd/native.c tests/a64/simd/harness.S

tests: $(T)/simd
# ---- benchmarks ----
BENCH := corelike intmix nbody spectral mandel once matmul-float matmul-double filter threads
$(T)/bench/once.c: tests/bench/once.sh
	@mkdir -p $(@D)
	$< >$@
# What the matrix products are compiled with where the compiler assumes no vectors.
VECTORS_ppc := -maltivec
VECTORS_ppc64 := -mcpu=power8
# bench_programs SUFFIX COMPILER: build/tests/bench/NAME.SUFFIX
define bench_programs
BENCHES += $$(BENCH:%=$$(T)/bench/%.$(1))
$$(T)/bench/%.$(1): tests/bench/%.c
	@mkdir -p $$(@D)
	$(2) -O2 -ffp-contract=off -w -static -pthread -o $$@ $$< -lm
$$(T)/bench/%.$(1): $$(T)/bench/%.c
	$(2) -O1 -w -static -o $$@ $$<
$$(T)/bench/matmul-%.$(1): tests/bench/matmul.c
	@mkdir -p $$(@D)
	$(2) -O3 -ffast-math $(VECTORS_$(1)) -DREAL=$$* -w -static -o $$@ $$<
endef
# Guests whose compiler is there.
BENCH_GUESTS := aarch64:$(CROSS) $(FURTHER_GUESTS)
BENCH_GUESTS := $(foreach g,$(BENCH_GUESTS),$(if $(shell command -v $(word 2,$(subst :, ,$(g)))gcc),$(g)))
$(eval $(call bench_programs,native,$(CC)))
$(foreach g,$(BENCH_GUESTS),$(eval $(call bench_programs,$(word 1,$(subst :, ,$(g))),$(word 2,$(subst :, ,$(g)))gcc)))
$(T)/bench/bench: tests/bench/bench.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE $(CFLAGS) $(WARN) -o $@ $<

# make bench K=word: only the work whose name contains the word.
bench: setup-tests
	$(MAKE) --no-print-directory all $(BENCHES) $(T)/bench/bench
	BUILD=$(BUILD) BENCH_GUESTS="$(foreach g,$(BENCH_GUESTS),$(word 1,$(subst :, ,$(g))))" scripts/bench $(K)
.PHONY: bench

tests: $(T)/runner $(T)/random $(GUESTS) $(UNITS) $(LOADER_PROGRAMS)

setup-tests:
	scripts/setup.sh --tests

# make runs itself again so that what the set-up installed is seen.
check: setup-tests
	$(MAKE) --no-print-directory -j$(JOBS) all tests
	@BUILD=$(BUILD) $(T)/runner -j $(JOBS) -t $(T)/total $(if $(K),-k $(K)) tests/list

# The unit tests with sanitizers, each in a build of its own.  What was learned and generated
# is taken over; generated code is not seen.  unit-lock is left out: its children borrow a thread
# from their parent, and the sanitizer's state with it, and are killed.
# sanitized NAME FLAGS TESTS: build/NAME, with the unit tests whose names match.
define sanitized
@mkdir -p $(BUILD)/$(1)/tests
@cp -rp $(BUILD)/gen $(BUILD)/hostgen-tool $(BUILD)/decodegen $(BUILD)/$(1)/
@rm -f $(BUILD)/$(1)/gen/*.o $(BUILD)/$(1)/gen/*.d
ASAN_OPTIONS=detect_leaks=0 $(MAKE) --no-print-directory -j$(JOBS) BUILD=$(BUILD)/$(1) \
    CFLAGS="-O1 -g -fno-omit-frame-pointer $(2)" \
    $(patsubst %,$(BUILD)/$(1)/tests/unit/%,$(3))
@sed -nE 's/^[0-9]+( +unit-($(subst $(space),|,$(subst _,-,$(3)))) )/900\1/p' tests/list >$(BUILD)/$(1)/list
@BUILD=$(BUILD)/$(1) UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
    ASAN_OPTIONS=handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0 \
    TSAN_OPTIONS=handle_segv=0:suppressions=tests/tsan.supp \
    $(T)/runner -j $(JOBS) -t $(BUILD)/$(1)/total $(BUILD)/$(1)/list
endef
space := $(subst ,, )
asan: all $(T)/runner
	$(call sanitized,asan,-fsanitize=address$(comma)undefined -fno-sanitize=alignment,$(filter-out lock,$(UNITS:$(T)/unit/%=%)))
# Those that have threads.
tsan: all $(T)/runner
	$(call sanitized,tsan,-fsanitize=thread,threads vm syscalls)
comma := ,
.PHONY: tsan
.PHONY: asan

.PHONY: tests setup-tests check

# ---- for people ----
demo:
	@scripts/setup.sh
	@$(MAKE) --no-print-directory all
	@BUILD=$(BUILD) scripts/demo

PREFIX ?= /usr/local
install: all
	install -D -m 755 $(BUILD)/ferry $(DESTDIR)$(PREFIX)/bin/ferry
	install -D -m 644 runner/ferry.1 $(DESTDIR)$(PREFIX)/share/man/man1/ferry.1

# Style, and what static checkers find; tools that are not installed are named
# and left out.
lint:
	@BUILD=$(BUILD) scripts/lint
.PHONY: demo install lint
