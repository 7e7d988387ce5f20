#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The debugger's server, with scripts for gdb-multiarch.
. tests/lib.sh

if ! command -v gdb-multiarch >/dev/null; then
    skip gdb "no gdb-multiarch"
    exit
fi
steps=$PWD/$BUILD/tests/debug/steps
crash=$PWD/$BUILD/tests/debug/crash
dynamic=$PWD/$BUILD/tests/debug/steps.dynamic

# debug NAME PROGRAM [ARG...]: the script on stdin; $work/NAME is what gdb says.
debug() {
    local name=$1
    shift
    {
        printf 'set pagination off\nset confirm off\nset sysroot %s\ntarget remote %s\n' \
            "${GDB_SYSROOT-target:}" "$work/socket"
        cat
    } >"$work/$name.gdb"
    rm -f "$work/socket"
    timeout 60 "${ferry_command[@]}" -L "$SYSROOT" -g "unix:$work/socket" "$@" >"$work/$name.out" 2>&1 &
    for _ in $(seq 100); do
        [ -S "$work/socket" ] && break
        sleep 0.05
    done
    timeout 60 gdb-multiarch -nx -batch -x "$work/$name.gdb" "$1" >"$work/$name" 2>&1 </dev/null
    for _ in $(seq 40); do kill -0 $! 2>/dev/null || break; sleep 0.05; done
    kill $! 2>/dev/null
    wait $! 2>/dev/null
}

# says NAME PATTERN...: in this order
says() {
    local name=$1 all
    shift
    all=$(tr '\n' ' ' <"$work/$name")
    for pattern in "$@"; do
        if [[ $all == *"$pattern"* ]]; then
            all=${all#*"$pattern"}
        else
            cat "$work/$name" "$work/$name.out"
            not_ok "gdb-$name" "no '$pattern'"
            return
        fi
    done
    ok "gdb-$name"
}

debug points "$steps" <<'END'
break change
continue
finish
watch pair.second
continue
continue
delete
break add if a > 15
continue
up
call add(4, 2)
p $pc
set var ratio = 2.25
p ratio
delete
handle SIGUSR1 stop print
continue
p $_siginfo.si_signo
continue
END
says points "Breakpoint 1, change (value=0)" "main (argc=1" "Breakpoint 1, change (value=10)" \
    "Old value = 1" "New value = 11" "add (a=20, b=1)" '$1 = 6' "<change" '2.25' "received signal SIGUSR1" \
    '= 10' "exited with code 07"

debug steps "$steps" <<'END'
break add
continue
p $pc
stepi
stepi
stepi
p $sp
p $v0.d.u
info registers cpsr fpsr
set var $x19 = 77
p $x19
nexti
kill
END
says steps "Breakpoint 1, add" "<add" "(void *) 0x" "= {" "cpsr" "= 77"

debug threads "$crash" segv <<'END'
break crash_here if depth == 2
continue
info threads
thread apply all bt
info auxv
info proc mappings
delete
continue
p $_siginfo._sifields._sigfault.si_addr
END
says threads "Breakpoint 1, crash_here" "depth=2" "* 1" "Thread" "sleeper" "crash_here" "AT_EXECFN" \
    "[stack]" "received signal SIGSEGV" "0x1230"

debug child "$steps" fork <<'END'
set follow-fork-mode child
break in_child
continue
p value
continue
END
says child "in_child (value=3)" '$1 = 3' "exited with code 03"

debug parent "$steps" fork <<'END'
break in_child
continue
END
says parent "[Inferior 1 (process" "exited normally]"

debug interrupt "$steps" loop <<'END'
shell (sleep 1; kill -INT "$PPID") &
continue
p turns > 1000
handle SIGUSR1 nostop
set var go_on = 0
continue
END
says interrupt "received signal SIGINT" '$1 = 1' "exited with code 07"

debug exec "$steps" exec <<'END'
catch exec
continue
delete
break change
continue
p value
END
says exec "Catchpoint 1 (exec'd" "change (value=0)" '$1 = 0'

debug detach "$steps" <<'END'
break change
continue
detach
END
says detach "[Inferior 1 (process" "detached]"
grep -q "pair 22 21" "$work/detach.out" || sleep 1
if grep -q "pair 22 21" "$work/detach.out"; then ok gdb-detached-runs; else not_ok gdb-detached-runs "$(cat "$work/detach.out")"; fi

debug libraries "$dynamic" <<'END'
break change
continue
info sharedlibrary
delete
handle SIGUSR1 nostop noprint
break printf
continue
bt
END
says libraries "change (value=0)" "libc.so.6" "printf" "main"

# Further guests
for program in "$steps".ppc "$steps".ppc64 "$steps".ppc64le; do
    name=${program##*.}
    debug "$name" "$program" <<'END'
break change
continue
watch pair.second
continue
continue
delete
break add if a > 15
continue
p $lr
stepi
call add(4, 2)
p $f1 = 2.5
p $f1
delete
handle SIGUSR1 stop print
continue
p $_siginfo.si_signo
continue
END
    says "$name" "change (value=0)" "New value = 1" "add (a=20" "<change" '= 6' '= 2.5' '= 2.5' "received signal SIGUSR1" \
        '= 10' "exited with code 07"
done

# Without waiting, at a port: the program runs, a debugger may come later.
timeout 60 "${ferry_command[@]}" -g 4719 --no-wait "$steps" loop >"$work/late.out" 2>&1 &
sleep 0.5
timeout 60 gdb-multiarch -nx -batch -ex 'target remote :4719' -ex 'p turns > 1000' -ex 'set var go_on = 0' \
    -ex 'detach' "$steps" >"$work/late" 2>&1 </dev/null
wait $!
if [ $? = 7 ] && grep -q '= 1' "$work/late"; then ok gdb-late; else cat "$work/late"; not_ok gdb-late "see above"; fi
