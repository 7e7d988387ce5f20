#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Translations on disk: used when they fit, ignored when anything is wrong.
. tests/lib.sh

program=$PWD/$BUILD/tests/guest/calls.dynamic
base=$work/base
cache=$work/cache
export FERRY_CACHE_DIR=$cache

run() { # run [OPTION...]: the program's output in got, statistics in stats
    timeout -k 1 60 "${ferry_command[@]}" --stats -D "$work/stats" -L "$SYSROOT" "$@" "$program" \
        >"$work/got" 2>&1
    echo "exit status $?" >>"$work/got"
}
fresh() { # an empty cache directory
    rm -rf "$cache"
    mkdir -m 700 "$cache"
}
filled() { # a copy of a good one
    rm -rf "$cache"
    cp -a "$base" "$cache"
}
count() { # count WORDS-BEFORE-NUMBER: from the statistics
    sed -n "s/^  $1 *\([0-9]*\).*/\1/p" "$work/stats" | head -n 1
}
# right NAME: the output is as without a cache.
right() {
    cmp -s "$work/want" "$work/got" && ok "$1" && return
    diff -a "$work/want" "$work/got" | head -n 5
    not_ok "$1" "output differs"
}
check() { # check NAME TEST...: the test is true
    local name=$1
    shift
    if "$@"; then ok "$name"; else not_ok "$name" "$* ($(count translated) translated, $(count 'from the cache') loaded)"; fi
}
moved() { [ "$(sed -n 's/.*bytes; \([0-9]*\) blocks of another place/\1/p' "$work/stats")" -gt 0 ]; }
loaded() { [ "$(count 'from the cache')" -gt 100 ]; }
not_loaded() { [ "$(count 'from the cache')" -eq 0 ]; }
not() { ! "$@"; }
verified() { "${ferry_command[@]}" cache verify >"$work/verify"; }
no_leavings() { ! ls "$cache"/*.tmp >/dev/null 2>&1; }

start() { rm -f "$work/stats"; }

start && run --no-cache
cp "$work/got" "$work/want"
check no-cache not_loaded

fresh
start && run && right first-run
check first-translates [ "$(count translated)" -gt 100 ]
first_look_ups=$(count look-ups)
check first-chains-at-once [ "$(count 'direct exits')" -lt "$(count translated)" ]
check first-saves [ "$(find "$cache" -name '*.code' | wc -l)" -ge 3 ]
check no-leavings no_leavings
start && run && right second-run
check second-loads loaded
check second-knows-targets [ "$(count look-ups)" -lt $((first_look_ups / 2)) ]
check second-translates-little [ "$(count translated)" -lt 20 ]
check verify verified
check private [ "$(stat -c %a "$cache"/*.code "$cache/secret" | sort -u)" = 600 ]
start && run -d in
check listings-are-complete grep -q '^IN: ' "$work/stats"
cp -a "$cache" "$base"

# ---- damage ----
damage() { # damage NAME COMMAND: done to each file, as $f
    filled
    for f in "$cache"/*.code; do
        eval "$2"
    done
    start && run && right "$1"
    check "$1.ignored" not_loaded
    start && run && right "$1.again"
    check "$1.replaced" loaded
}
flip() { # flip FILE OFFSET: one bit, the times kept
    touch -r "$1" "$work/times"
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf "%b" "\\x$(printf %02x $((byte ^ 16)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
    touch -r "$work/times" "$1"
}
# shellcheck disable=SC2016 # evaluated later
{
    damage truncated 'truncate -s 6000 "$f"'
    damage short 'truncate -s 100 "$f"'
    damage empty ': >"$f"'
    damage longer 'head -c 4096 /dev/zero >>"$f"'
    damage garbage 'head -c 100000 /dev/urandom >"$f"'
    damage magic 'flip "$f" 0'
    damage checksum 'flip "$f" 9'
    damage build 'flip "$f" 30'
    damage version 'flip "$f" 44'
    damage code 'flip "$f" 9000'
    damage in-the-middle 'flip "$f" $(($(stat -c %s "$f") / 2))'
    damage last-byte 'flip "$f" $(($(stat -c %s "$f") - 1))'
}
filled
f=$(find "$cache" -name '*.code' | head -n 1)
flip "$f" 5000
check verify-finds not verified
check verify-removes [ ! -e "$f" ]
check verify-once verified

# ---- whom to trust ----
for mode in 620 602; do
    filled
    chmod $mode "$cache"/*.code
    start && run && right "mode-$mode"
    check "mode-$mode.ignored" not_loaded
done
filled
chmod 777 "$cache"
start && run && right open-directory
check open-directory.ignored not_loaded
filled
for f in "$cache"/*.code; do
    mv "$f" "$work/elsewhere" && ln -s "$work/elsewhere" "$f"
done
start && run && right links
check links.ignored not_loaded
mkdir -p "$work/xdg"
(unset FERRY_CACHE_DIR && XDG_CACHE_HOME=$work/xdg/new && export XDG_CACHE_HOME && start && run)
check xdg-cache-home.made [ -d "$work/xdg/new/ferry" ]
check xdg-cache-home.private [ "$(stat -c %a "$work/xdg/new")" = 700 ]
if [ "$(id -u)" = 0 ]; then
    filled
    chown 12345 "$cache"/*.code
    start && run && right owner
    check owner.ignored not_loaded
    mkdir "$work/home"
    chown 12345 "$work/home"
    (unset FERRY_CACHE_DIR XDG_CACHE_HOME && HOME=$work/home && export HOME && start && run)
    check home-of-another [ ! -e "$work/home/.cache" ]
    (unset FERRY_CACHE_DIR && XDG_CACHE_HOME=$work/home/new && export XDG_CACHE_HOME && start && run)
    check cache-home-of-another [ ! -e "$work/home/new" ]
    filled
    chown 12345 "$cache"
    start && run && right directory-owner
    check directory-owner.ignored not_loaded
else
    skip owner "needs root"
fi
filled
head -c 32 /dev/urandom >"$cache/secret"
start && run && right other-secret
check other-secret.loaded loaded
check other-secret.moved moved
check other-secret.translates-little [ "$(count translated)" -lt 20 ]
filled
rm "$cache/secret"
mkdir "$cache/secret"
for k in 1 2 3; do
    start && run && right "no-secret.$k"
    check "no-secret.$k.moved" moved
done
check no-secret.verified verified

# ---- files that change ----
cat >"$work/answer.c" <<'END'
#include <stdio.h>
__asm__(".text\n.skip 16384"); /* behind what decides the name of the file in the cache */
__attribute__((noinline)) int answer(void) { return ANSWER; }
int main(void) { return printf("%d\n", answer()) < 0; }
END
for n in 41 42; do
    aarch64-linux-gnu-gcc -O1 -DANSWER=$n -Wl,--build-id=0x1234567890123456789012345678901234567890 \
        -o "$work/answer.$n" "$work/answer.c"
done
answer() { guest "$work/answer" 2>&1; }
fresh
cp "$work/answer.41" "$work/answer"
touch -d 2020-01-01 "$work/answer"
sleep 0.1 # what was changed just now is not kept
answer >/dev/null
check changed.before [ "$(answer)" = 41 ]
cat "$work/answer.42" >"$work/answer" # the same file, size, time and build-id
touch -d 2020-01-01 "$work/answer"
sleep 0.1
check changed.in-place [ "$(answer)" = 42 ]
check changed.in-place-again [ "$(answer)" = 42 ]
cp "$work/answer.41" "$work/answer.new" && mv "$work/answer.new" "$work/answer"
sleep 0.1
check changed.replaced [ "$(answer)" = 41 ]
cp "$work/answer.41" "$work/copy" && rm "$work/stats"
timeout 60 "${ferry_command[@]}" --stats -D "$work/stats" -L "$SYSROOT" "$work/copy" >/dev/null
check copy-is-the-same-code loaded
printf other | dd of="$work/copy" bs=1 seek=$((0x2100)) conv=notrunc 2>/dev/null # in what is skipped
sleep 0.1
rm "$work/stats"
timeout 60 "${ferry_command[@]}" --stats -D "$work/stats" -L "$SYSROOT" "$work/copy" >/dev/null
check what-is-never-read-may-differ loaded

# The code at `far` is not run at first, but whether it reads the flags is looked at.
cat >"$work/far.S" <<'END'
    .globl _start
_start:
    ldr x0, [sp]
    cmp x0, #100
    sub x2, x0, #1
    cbnz x2, far
    cmp x2, x2
    mov x0, #7
    mov x8, #93
    svc 0
    .skip 16384
far:
#if READS
    cset x0, lt
    add x0, x0, #40
#else
    cmp x2, x2
    mov x0, #40
#endif
    mov x8, #93
    svc 0
END
for n in 0 1; do
    aarch64-linux-gnu-gcc -nostdlib -static -DREADS=$n -Wl,--build-id=0x3234567890123456789012345678901234567890 \
        -o "$work/far.$n" "$work/far.S"
done
fresh
cp "$work/far.0" "$work/far"
sleep 0.1
guest "$work/far" 2>/dev/null
check looked-at.before [ $? = 7 ]
cp "$work/far.1" "$work/far.new" && mv "$work/far.new" "$work/far"
sleep 0.1
guest "$work/far" more 2>/dev/null
check looked-at.changed [ $? = 41 ]

# A file that changes while its program runs must not be kept for what it became.
cat >"$work/slow.c" <<'END'
#include <stdio.h>
__asm__(".text\n.skip 16384"); /* behind what decides the name of the file in the cache */
__attribute__((noinline)) int answer(void) { return ANSWER; }
int main(void)
{
    int a = answer();
    puts("ready");
    fflush(stdout);
    getchar();
    return printf("%d\n", a) < 0;
}
END
for n in 41 42; do
    aarch64-linux-gnu-gcc -O1 -DANSWER=$n -Wl,--build-id=0x2234567890123456789012345678901234567890 \
        -o "$work/slow.$n" "$work/slow.c"
done
cp "$work/slow.41" "$work/slow"
sleep 0.1
fresh
coproc guest "$work/slow"
slow_pid=$COPROC_PID
read -r _ <&"${COPROC[0]}"
dd if="$work/slow.42" of="$work/slow" conv=notrunc 2>/dev/null
echo >&"${COPROC[1]}"
wait "$slow_pid"
sleep 0.1
check changed.while-running [ "$(echo | guest "$work/slow" | tail -n 1)" = 42 ]

# ---- one file at two places ----
cat >"$work/twice.c" <<'END'
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        double (*f)(double) = (double (*)(double))dlsym(dlopen(argv[i], RTLD_NOW), "cos");
        printf("%.3f\n", f(0.5));
    }
    return 0;
}
END
aarch64-linux-gnu-gcc -O1 -o "$work/twice" "$work/twice.c"
cp -L "$SYSROOT/lib/libm.so.6" "$work/one.so"
cp "$work/one.so" "$work/two.so"
sleep 0.1
fresh
for k in 1 2; do
    start
    timeout 60 "${ferry_command[@]}" --stats -D "$work/stats" -L "$SYSROOT" "$work/twice" "$work/one.so" \
        "$work/two.so" >"$work/got" 2>&1
    check "places.$k" [ "$(tr '\n' ' ' <"$work/got")" = "0.878 0.878 " ]
done
check places.loaded [ "$(count translated)" -lt 20 ]
check places.moved moved
check places.one-file [ "$(grep -laE "$work/(one|two).so" "$cache"/*.code | wc -l)" = 1 ]

# ---- what was made at one place, moved to another, is what is made there ----
gcc -D_GNU_SOURCE -O1 -I. -I"$BUILD/gen" -Ihostgen -o "$work/moved" tests/cache/moved.c translate/moved.c \
    translate/maps.c
cat >"$work/addresses.S" <<'END'
    .text
    .globl addresses
    .type addresses, %function
addresses:
#ifdef __aarch64__
    .rept 4
    adr x0, .
    adr x1, . + 4000
    adrp x2, . + 0x12345000
    add x2, x2, #0x678
    movk x2, #0x1234, lsl #32
    adrp x3, .
    cmp x1, x3
    adrp x3, .
    movk x3, #7
    adrp x4, .
    mov w4, w4
    ldr x5, .
    ldrsw x6, . + 8
    ldr q0, . + 16
    prfm pldl1keep, .
    cbz x0, 1f
    bl . + 0x100000
    blr x1
    adr x30, .
    blr x30
    brk #1
1:  svc #0
    udf #1
    b.ne . + 0x80000
    b . + 0x80000
    .endr
    ret
#else
    .machine power10
    .rept 4
    bl . + 0x100000
    bcl 20, 31, . + 4
    bctrl
    bcl 4, 2, . + 0x4000
    bclrl 4, 2
    tweqi 3, 1
    twi 5, 3, 1
#ifdef __powerpc64__
    addpcis 3, 5
    .balign 64
    paddi 4, 0, 0x12345, 1
    plwz 5, 0x12345(0), 1
    plxv 34, 0x12345(0), 1
    pstd 6, 0x12345(0), 1
    tdeqi 3, 1
    scv 0
#endif
    sc
    trap
    bne . + 0x4000
    b . + 0x80000
    .endr
    blr
#endif
END
for arch in aarch64 powerpc powerpc64 powerpc64le; do
    $arch-linux-gnu-gcc -nostdlib -shared -o "$work/addresses.$arch" "$work/addresses.S" || continue
    libraries=("$work/addresses.$arch")
    sleep 0.1
    for k in "/usr/$arch-linux-gnu/lib"/{libm,libc}.so.6; do
        [ -e "$k" ] && libraries+=("$k")
    done
    for k in 1 2; do
        fresh
        "${ferry_command[@]}" cache build "${libraries[@]}"
        rm -rf "$work/place$k"
        cp -a "$cache" "$work/place$k"
    done
    for f in "$work/place1"/*.code; do
        "$work/moved" "$f" "$work/place2/${f##*/}" || break
    done >"$work/moved.$arch"
    check "moved.$arch" [ "$(grep -c ' addresses$' "$work/moved.$arch")" = ${#libraries[@]} ]
    grep -v ' addresses$' "$work/moved.$arch"
done

# ---- programs that are mapped elsewhere ----
cat >"$work/pie.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static int by_name(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }
int main(void)
{
    char *names[] = {"d", "b", "a", "c"}, text[64];
    qsort(names, 4, sizeof *names, by_name);
    snprintf(text, sizeof text, "%s%s%s%s %.3f", names[0], names[1], names[2], names[3], atof("1.25"));
    return puts(text) < 0;
}
END
for arch in powerpc powerpc64; do
    $arch-linux-gnu-gcc -O1 -pie -fPIE -o "$work/pie.$arch" "$work/pie.c" || continue
    sleep 0.1
    fresh
    for k in 1 2 3; do
        head -c 32 /dev/urandom >"$cache/secret"
        start
        timeout 60 "${ferry_command[@]}" --stats -D "$work/stats" -L "/usr/$arch-linux-gnu" "$work/pie.$arch" >"$work/got" 2>&1
        check "pie.$arch.$k" [ "$(cat "$work/got")" = "abcd 1.250" ]
    done
    check "pie.$arch.moved" moved
    check "pie.$arch.translates-little" [ "$(count translated)" -lt 20 ]
done

# ---- the places of files leave the break of a small guest its room ----
cat >"$work/break.c" <<'END'
#include <unistd.h>
int main(void)
{
    return sbrk(400 << 20) == (void *)-1;
}
END
powerpc-linux-gnu-gcc -O1 -o "$work/break" "$work/break.c"
broken=0
for _ in {1..20}; do
    fresh
    SYSROOT=/usr/powerpc-linux-gnu guest "$work/break" || broken=$((broken + 1))
done
check places.break [ "$broken" = 0 ]

# ---- memory: code that is not run does not become resident when the rest is saved ----
cat >"$work/big.c" <<'END'
#include <stdio.h>
__asm__(".section .text.never, \"ax\"\n.zero 64 << 20\n.text");
int main(void)
{
    return puts("big") < 0;
}
END
cat >"$work/most.c" <<'END'
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    struct rusage usage;
    int status;
    if (argc > 1 && !fork())
        return execv(argv[1], argv + 1);
    wait4(-1, &status, 0, &usage);
    printf("%ld\n", usage.ru_maxrss >> 10); /* MB */
    return status != 0;
}
END
aarch64-linux-gnu-gcc -O1 -o "$work/big" "$work/big.c"
gcc -O1 -o "$work/most" "$work/most.c"
sleep 0.1
fresh
start
most=$("$work/most" "${ferry_command[@]}" --stats -D "$work/stats" -L "$SYSROOT" "$work/big" | tail -n 1)
check big.saved [ "$(grep -la "$work/big" "$cache"/*.code | wc -l)" -eq 1 ]
check big.memory [ "$most" -lt 50 ]

# ---- a loop too long for a block, and what comes before it, are translated once ----
cat >"$work/loop.S" <<'END'
    .globl _start
_start:
#ifdef __aarch64__
    mov x1, #3
    .rept 10
    add x0, x0, #1
    .endr
1:  .rept 100
    eor x0, x0, #1
    .endr
    subs x1, x1, #1
    b.ne 1b
    mov x8, #93
    mov x0, #0
    svc #0
#else
    li 4, 3
    mtctr 4
    .rept 10
    addi 3, 3, 1
    .endr
1:  .rept 100
    xori 3, 3, 1
    .endr
    bdnz 1b
    li 0, 1
    li 3, 0
    sc
#endif
END
for arch in aarch64 powerpc; do
    $arch-linux-gnu-gcc -nostdlib -static -o "$work/loop.$arch" "$work/loop.S"
    rm -f "$work/stats"
    timeout 60 "${ferry_command[@]}" --no-cache --stats -D "$work/stats" "$work/loop.$arch"
    check "loop.$arch" [ "$(sed -n 's/.* blocks, \([0-9]*\) instructions.*/\1/p' "$work/stats")" -eq 116 ]
done

# ---- what several add ----
cat >"$work/parts.c" <<'END'
#include <stdio.h>
#define F(n) __attribute__((noinline)) static int f##n(int x) { return x % (n + 2) ? x * n : x + n; }
#define CALL(n) x += f##n(x);
#define TEN(X, d) X(d##0) X(d##1) X(d##2) X(d##3) X(d##4) X(d##5) X(d##6) X(d##7) X(d##8) X(d##9)
TEN(F, 1) TEN(F, 2) TEN(F, 3) TEN(F, 4) TEN(F, 5) TEN(F, 6) TEN(F, 7)
int main(int argc, char **argv)
{
    int x = argc;
    if (argv[1][0] == 'a') {
        TEN(CALL, 1) TEN(CALL, 2)
    } else if (argv[1][0] == 'b') {
        TEN(CALL, 3) TEN(CALL, 4)
    } else {
        TEN(CALL, 5) TEN(CALL, 6) TEN(CALL, 7)
    }
    printf("%d\n", x);
    fflush(stdout);
    return getchar() == 0;
}
END
aarch64-linux-gnu-gcc -O1 -o "$work/parts" "$work/parts.c"
sleep 0.1
parts() { # parts WHICH: its output; how much was translated
    start
    timeout 60 "${ferry_command[@]}" --stats -D "$work/stats" -L "$SYSROOT" "$work/parts" "$1" </dev/null
    count translated
}
# together ORDER: all begin before one ends, in that order.
together() {
    local k pid
    local -A pids fds
    for k in a b c; do
        rm -f "$work/hold" "$work/said" && mkfifo "$work/hold"
        # No other one may hold it open.
        (for pid in "${fds[@]}"; do exec {pid}>&-; done
            guest "$work/parts" "$k" <"$work/hold" >"$work/said") &
        pids[$k]=$!
        exec {pid}>"$work/hold"
        fds[$k]=$pid
        for _ in {1..200}; do
            [ ! -s "$work/said" ] || break
            sleep 0.05
        done
    done
    for k in $1; do
        pid=${fds[$k]}
        exec {pid}>&-
        wait "${pids[$k]}"
    done
}
for k in a b c; do
    parts $k | head -n 1
done >"$work/parts.want"
for order in "a b c" "c a b"; do
    fresh
    together "$order"
    for k in a b c; do
        parts $k >"$work/parts.$k"
        check "merged.${order// /}.$k" [ "$(tail -n 1 "$work/parts.$k")" -lt 15 ]
        head -n 1 "$work/parts.$k"
    done >"$work/parts.out"
    grep -v '^[0-9-]' "$work/parts.out"
    grep '^[0-9-]' "$work/parts.out" >"$work/parts.got"
    same "merged.${order// /}" "$work/parts.want" "$work/parts.got"
done
check merged.verified verified
check merged.no-leavings no_leavings

# ---- a root without /proc ----
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
    (umask 022 && mkdir -p "$work/root/lib" "$work/root/run" "$work/root/cache")
    cp -L "$SYSROOT"/lib/ld-linux-aarch64.so.1 "$SYSROOT"/lib/libc.so.6 "$SYSROOT"/lib/libm.so.6 "$work/root/lib"
    cp "$FERRY" "$work/root/ferry"
    cp "$program" "$work/root/program"
    sleep 0.1
    for k in 1 2; do
        start
        FERRY_CACHE_DIR=/cache chroot "$work/root" /ferry --stats -D /stats /program >"$work/got" 2>&1
        mv "$work/root/stats" "$work/stats"
    done
    check no-proc loaded
    check no-proc.translates-little [ "$(count translated)" -lt 20 ]
    # shellcheck disable=SC2016
    unshare -m sh -c 'mount -t tmpfs -o mode=755 none "$1/run" && cd "$1" && unset FERRY_CACHE_DIR &&
        for k in 1 2; do rm -f stats && chroot . /ferry --stats -D /stats /program >got 2>&1; done' sh "$work/root"
    mv "$work/root/stats" "$work/stats"
    check no-proc.in-memory loaded
    check no-proc.leaves-nothing [ -z "$(ls "$work/root/run")" ]
else
    skip no-proc "needs root and a mount name space"
fi

# ---- many at once, and sudden ends ----
fresh
for k in 1 2 3 4 5 6 7 8; do
    timeout -k 1 60 "${ferry_command[@]}" -L "$SYSROOT" "$program" >"$work/got.$k" 2>&1 &
done
wait
for k in 1 2 3 4 5 6 7 8; do
    tail -n 1 "$work/want" >>"$work/got.$k"
    cmp -s "$work/want" "$work/got.$k" || not_ok "writers.$k" "output differs"
done
check writers verified
check writers.no-leavings no_leavings
start && run && right after-writers
fresh
for k in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 22 24 26 28 30 35 40 50; do
    timeout -s KILL "0.0$k" "${ferry_command[@]}" -L "$SYSROOT" "$program" >/dev/null 2>&1
done 2>/dev/null
check killed verified
start && run && right after-killed

# ---- places to write ----
if unshare -m true 2>/dev/null; then
    fresh
    # shellcheck disable=SC2016
    unshare -m sh -c 'mount -t tmpfs -o size=64k,mode=700 none "$1" && shift && "$@"' sh "$cache" \
        "${ferry_command[@]}" -L "$SYSROOT" "$program" >"$work/got" 2>&1
    echo "exit status $?" >>"$work/got"
    right full-disk
    filled
    start
    # shellcheck disable=SC2016
    unshare -m sh -c 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && "$@"' sh \
        "$cache" "${ferry_command[@]}" --stats -D "$work/stats" -L "$SYSROOT" "$program" \
        >"$work/got" 2>&1
    echo "exit status $?" >>"$work/got"
    right read-only
    check read-only.used loaded
else
    skip full-disk "no mount name space here"
fi
fresh
start && run --sandbox=pure && right sandbox-first
check sandbox.writes-nothing [ -z "$(find "$cache" -name '*.code')" ]
fresh
start && (ulimit -f 100 && run) && right file-size-limit
check file-size-limit.writes-nothing [ -z "$(find "$cache" -name '*.code')" ]
FERRY_CACHE_DIR=/proc/nowhere
start && run && right nowhere
FERRY_CACHE_DIR=$cache # the guest sees what it saw
start && run --cache-dir "$work/own:$base" && right layers
check layers.used loaded
check layers.nothing-new [ -z "$(find "$work/own" -name '*.code')" ]
FERRY_CACHE_DIR=$cache

# ---- ferry cache ----
fresh
"${ferry_command[@]}" cache build "$program" "$SYSROOT/lib/libc.so.6" "$SYSROOT/lib/ld-linux-aarch64.so.1"
start && run && right built
check built.used loaded
check built.complete [ "$(count translated)" -lt 20 ]
"${ferry_command[@]}" cache stat -v >"$work/stat"
check stat grep -q "calls.dynamic, [0-9]* blocks" "$work/stat"
FERRY_CACHE_SIZE=1 "${ferry_command[@]}" cache build "$program" "$SYSROOT/lib/libc.so.6" 2>"$work/said"
check evicted-says-so grep -q 'beyond 1 MiB' "$work/said"
check evicted [ "$(du -k "$cache" | cut -f1)" -le 1100 ]
"${ferry_command[@]}" cache clear
check clear [ -z "$(find "$cache" -name '*.code')" ]
check build-of-nothing not "${ferry_command[@]}" cache build /etc/passwd 2>/dev/null
