#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How programs are found, loaded and started, the command line, and what ferry
# says to bad input.
. tests/lib.sh

# The set-up's own variables must not decide.
for v in $(compgen -v FERRY_) $(compgen -v QEMU_); do
    [ "$v" = FERRY_ISA ] || unset "$v"
done
programs=$PWD/$BUILD/tests/loader

# expect NAME STATUS PATTERN COMMAND...: exit status, and all of stdout and
# stderr matches the extended regular expression.
expect() {
    local name=$1 status=$2 pattern=$3 got
    shift 3
    timeout -k 1 30 "$@" >"$work/out" 2>&1 </dev/null
    got=$?
    if [ $got = "$status" ] && tr '\n' '|' <"$work/out" | grep -aqE "^$pattern\$"; then
        ok "$name"
    else
        head -n 10 "$work/out"
        not_ok "$name" "status $got, wanted $status and $pattern"
    fi
}

one_line='ferry: [^|]+: [^|]+: [^|]+\|'
cd "$work" || exit 1
cp "$programs/start.static" start
printf 'just text\n' >text
: >empty
printf '#!%s\n' "$work/missing" >script-missing
printf '#!\n' >script-empty
printf '#! %s  one  two \t\n' "$work/start" >script
printf '#!%s script\n' "$work/script" >script2
for i in 1 2 3 4 5 6 7; do printf '#!%s\n' "$work/deep$((i + 1))" >"deep$i"; done
cp start deep8
head -c 40 start >cut-header
head -c 100 start >cut-headers
head -c 5000 start >cut-segment
cp start unexecutable
chmod +x ./*
chmod -x unexecutable
mkdir sysroot directory

# ---- bad input ----
F=$FERRY
expect bad.missing 127 "ferry: cannot run: ./nothing: No such file or directory\|" "$F" ./nothing
expect bad.directory 126 "$one_line" "$F" ./directory
expect bad.not-a-directory 126 "$one_line" "$F" ./start/x
expect bad.unexecutable 126 "$one_line" "$F" ./unexecutable
expect bad.text 126 "ferry: cannot run: ./text: not an ELF file\|" "$F" ./text
expect bad.empty 126 "ferry: cannot run: ./empty: not an ELF file\|" "$F" ./empty
expect bad.machine 126 "ferry: cannot run: /bin/true: no guest runs [^|]* 62\|" "$F" /bin/true
expect bad.header 126 "ferry: cannot run: ./cut-header: ELF header is cut off\|" "$F" ./cut-header
expect bad.headers 126 "ferry: cannot run: ./cut-headers: program headers are cut off\|" \
    "$F" ./cut-headers
expect bad.segment 126 "ferry: cannot run: ./cut-segment: segment 0 ends after [^|]*\|" \
    "$F" ./cut-segment
expect bad.interpreter 127 "$one_line" "$F" -L sysroot "$programs/start.dynamic"
expect bad.sysroot 2 "ferry: -L: ./none: No such file or directory\|" "$F" -L ./none start
expect bad.sysroot-file 2 "ferry: --sysroot: start: not a directory\|" "$F" --sysroot start start
expect bad.script 127 "ferry: cannot run: $work/missing: No such file or directory\|" \
    "$F" ./script-missing
expect bad.script-empty 126 "$one_line" "$F" ./script-empty
expect bad.script-deep 126 "$one_line" "$F" ./deep1
expect bad.no-program 2 "$one_line" "$F"
expect bad.option 2 "ferry: option: --nothing: [^|]*\|" "$F" --nothing start
expect bad.letter 2 "ferry: option: -x: [^|]*\|" "$F" -x start
expect bad.no-value 2 "ferry: option: -L: needs a value\|" "$F" -L
expect bad.value 2 "ferry: option: --no-wait=1: takes no value\|" "$F" --no-wait=1 start
expect bad.size 2 "ferry: -s: 8X: [^|]*\|" "$F" -s 8X start
expect bad.cpu 2 "ferry: --cpu: 68040: [^|]*\|" "$F" --cpu 68040 ./start
expect bad.isa 2 "ferry: --host-isa: v9: [^|]*\|" "$F" --host-isa v9 ./start
expect bad.log 2 "$one_line" "$F" -d in,nonsense ./start
expect bad.log-file 2 "$one_line" "$F" -D directory ./start
expect bad.variable 2 "ferry: -E: X: not VAR=VALUE\|" "$F" -E X ./start
expect bad.environment 2 "ferry: FERRY_STACK_SIZE: x: [^|]*\|" env FERRY_STACK_SIZE=x "$F" ./start
expect help 0 'usage: ferry .*--host-isa.*' "$F" --help
expect version 0 'ferry [0-9.]+\|' "$F" --version
expect cpu-help 0 'aarch64: max any.*\|' "$F" --cpu help
expect log-help 0 'in .*page .*' "$F" -d help

# ---- what the translator tells of itself ----
expect stats 1 '.*translated +[1-9][0-9]* blocks, [1-9].*system calls +[1-9].*' "$F" --stats ./start
perf_map() {
    "$F" --perf all ./start >/dev/null &
    wait $!
    grep -qE '^[0-9a-f]+ [0-9a-f]+ main\+0x0 \[start\]$' /tmp/perf-$!.map &&
        head -c 4 /tmp/jit-$!.dump | grep -q DTiJ && grep -qaF 'main+0x0 [start]' /tmp/jit-$!.dump
    local found=$?
    rm -f /tmp/perf-$!.map /tmp/jit-$!.dump
    return $found
}
if perf_map; then ok perf; else not_ok perf "no name of main"; fi
expect bad.perf 2 "ferry: --perf: sum: [^|]*\|" "$F" --perf sum ./start

# ---- programs ----
for kind in static static-pie dynamic low; do
    expect "start.$kind" 3 "argument 0: $programs/start.$kind\|argument 1: a\|argument 2: b c\|" \
        "${ferry_command[@]}" -L "$SYSROOT" "$programs/start.$kind" a "b c"
    expect "start.$kind.legacy-layout" 1 "argument 0: $programs/start.$kind\|" \
        bash -c 'ulimit -s unlimited; exec "$@"' - "${ferry_command[@]}" -L "$SYSROOT" \
        "$programs/start.$kind"
    expect "start.$kind.small" 1 "argument 0: $programs/start.$kind\|" \
        bash -c 'ulimit -Sv 600000; exec "$@"' - "${ferry_command[@]}" -L "$SYSROOT" \
        "$programs/start.$kind"
    expect "start.$kind.fixed-layout" 1 "argument 0: $programs/start.$kind\|" \
        setarch -R "${ferry_command[@]}" -L "$SYSROOT" "$programs/start.$kind"
done
# Whatever the host's layout is.
for i in $(seq 20); do
    "${ferry_command[@]}" -L "$SYSROOT" "$programs/start.dynamic" >"$work/out" 2>&1
    [ $? = 1 ] || break
done
if [ "$i" = 20 ]; then ok start.again; else not_ok start.again "run $i: $(head -n 1 "$work/out")"; fi

expect script 6 "argument 0: $work/start\|argument 1: one  two\|argument 2: ./script\|argument 3: x\|argument 4: y\|argument 5: z\|" \
    "${ferry_command[@]}" ./script x y z
expect script.script 7 "argument 0: $work/start\|argument 1: one  two\|argument 2: $work/script\|argument 3: script\|argument 4: ./script2\|argument 5: x\|argument 6: y\|" \
    "${ferry_command[@]}" ./script2 x y
cp start sysroot/
echo '#!/start' >script-root
chmod +x script-root
expect script.sysroot 3 "argument 0: /start\|argument 1: ./script-root\|argument 2: x\|" \
    "${ferry_command[@]}" -L sysroot ./script-root x

# Local sockets; a name that is too long on the host too.
long=$(printf '%90s' '' | tr ' ' l)
mkdir -p "sysroot/own" "sysroot/$long"
for dir in /own "/$long"; do
    expect "socket.sysroot.${#dir}" 0 "1\|-1\|" "${ferry_command[@]}" -L sysroot "$programs/local" "$dir"
done

# ---- options ----
expect option.argv0 1 "argument 0: me\|" "$F" -0 me ./start
expect option.argv0-long 1 "argument 0: me\|" "$F" --argv0=me ./start
expect option.set 1 "argument 0: ./start\|SHOW=a,b=c\|" "$F" -E SHOW=a,b=c ./start
expect option.unset 1 "argument 0: ./start\|" env SHOW=x "$F" -U SHOW ./start
expect option.stop 2 "argument 0: ./start\|argument 1: -E\|" "$F" ./start -E
expect option.end 1 "argument 0: ./start\|" "$F" -- ./start
expect option.variable 1 "argument 0: me\|SHOW=1\|" env FERRY_SET_ENV=SHOW=1,B=2 FERRY_ARGV0=me \
    "$F" ./start
expect option.execfn 1 "argument 0: me\|AT_EXECFN: ./start\|" env EXECFN=1 "$F" -0 me ./start
expect option.stack 1 "argument 0: ./start\|" "$F" -s 256K ./start
expect option.cpu 1 "argument 0: ./start\|" "$F" --cpu max ./start
expect option.page 1 ".*\[stack\]\|.*argument 0: ./start\|" "$F" -d page ./start
expect option.page-file 1 "argument 0: ./start\|" "$F" -d page -D page.log ./start
expect option.page-file.log 0 ".*\[stack\]\|.*" cat page.log

# ---- under the name of another ----
ln -s "$F" qemu-aarch64-static
Q=./qemu-aarch64-static
expect qemu.set 1 "argument 0: me\|SHOW=1\|" "$Q" -cpu max -0 me -E SHOW=1,B=2 ./start
expect qemu.unset 1 "argument 0: ./start\|" env SHOW=1 "$Q" -U SHOW ./start
expect qemu.sysroot 1 "argument 0: $programs/start.dynamic\|" "$Q" -L "$SYSROOT" \
    "$programs/start.dynamic"
expect qemu.variable 1 "argument 0: me\|SHOW=1\|" env QEMU_SET_ENV=SHOW=1 QEMU_ARGV0=me "$Q" ./start
expect qemu.strace 1 ".*exit_group.*" "$Q" -strace ./start
expect qemu.version 0 "ferry [0-9.]+\|" "$Q" -version
expect qemu.bad 2 "ferry: option: -plugin: not supported[^|]*\|" "$Q" -plugin 1234 ./start
# binfmt_misc with flag P, by name: path, then argv[0].
ln -s "$F" aarch64-binfmt-P
expect binfmt.argv0 2 "argument 0: me\|argument 1: -E\|" ./aarch64-binfmt-P ./start me -E
