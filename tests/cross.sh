#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Programs of the guests that Debian has no packages for, cross-built from its
# sources: Lua, zlib, SQLite, BusyBox, bash; static and dynamic.  Their output
# must be that of the same source built for the host; where they have test suites of
# their own, those must pass.  What has been built stays in build/cross.
#
#     tests/cross.sh GUEST TOOL-PREFIX [PROGRAM...]
#     CROSS=full tests/cross.sh ...      all of their suites, not what is quick
# shellcheck disable=SC2030,SC2031,SC2086 # CC is for one build; flags are words
. tests/lib.sh

name=$1 prefix=$2
shift 2
programs=${*:-lua zlib sqlite busybox bash}
sources=$PWD/$BUILD/source
out=$PWD/$BUILD/cross
jobs=${JOBS:-2}
mkdir -p "$out"

# built WHAT COMPILER-PREFIX: builds it in a directory of its own, once; another suite may
# want the same at the same time.
built() {
    local what=$1 dir=$out/${2:-native}/$1
    mkdir -p "${dir%/*}"
    (
        flock 9
        [ ! -e "$dir/.built" ] || exit 0
        rm -rf "$dir"
        mkdir -p "$dir"
        (cd "$dir" && CC=${2}gcc && export CC && "build_$what" "$2") >"$dir/log" 2>&1 9>&- &&
            touch "$dir/.built"
    ) 9>"$dir.lock"
}

# source_of PACKAGE
source_of() {
    flock "$out" scripts/debian-source.sh "$sources/$1" "$1" >&2
}

build_lua() {
    cp "$sources"/lua5.4/src/*.[ch] .
    rm -f luac.c
    $CC -O2 -w -DLUA_USE_POSIX -static -o lua.static ./*.c -lm &&
        $CC -O2 -w -DLUA_USE_POSIX -o lua.dynamic ./*.c -lm
}
build_zlib() {
    cp "$sources"/zlib/*.[ch] .
    for p in minigzip example; do
        $CC -O2 -w -D_LARGEFILE64_SOURCE -I. -static -o $p.static "$sources/zlib/test/$p.c" ./*.c &&
            $CC -O2 -w -D_LARGEFILE64_SOURCE -I. -o $p.dynamic "$sources/zlib/test/$p.c" ./*.c || return 1
    done
}
build_sqlite() {
    local all=$sources/sqlite3/.amalgamation
    if [ ! -e "$all/sqlite3.c" ]; then
        mkdir -p "$all"
        (cd "$all" && CC=gcc ../configure --disable-tcl >/dev/null && make CC=gcc sqlite3.c shell.c) || return 1
    fi
    cp "$all"/{sqlite3.c,sqlite3.h,shell.c} .
    local flags="-O1 -w -DSQLITE_OMIT_LOAD_EXTENSION"
    $CC $flags -c sqlite3.c shell.c &&
        $CC -static -pthread -o sqlite.static sqlite3.o shell.o -lm &&
        $CC -pthread -o sqlite.dynamic sqlite3.o shell.o -lm || return 1
    # What of its own suite needs no Tcl: statements and damaged databases that must not hurt.
    local top=$sources/sqlite3
    $CC -O1 -w -I. -I"$top/ext/recover" -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION \
        -DSQLITE_ENABLE_MEMSYS5 -DSQLITE_OSS_FUZZ -DSQLITE_MAX_MEMORY=50000000 \
        -DSQLITE_PRINTF_PRECISION_LIMIT=1000 -DSQLITE_ENABLE_FTS4 -DSQLITE_ENABLE_FTS3_PARENTHESIS \
        -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE -DSQLITE_ENABLE_GEOPOLY \
        -DSQLITE_ENABLE_DBSTAT_VTAB -DSQLITE_ENABLE_BYTECODE_VTAB -static -o fuzzcheck.static \
        "$top"/test/{fuzzcheck,ossfuzz,fuzzinvariants,vt02}.c \
        "$top"/ext/recover/{dbdata,sqlite3recover}.c sqlite3.c -lm
}
build_busybox() {
    cp -a "$sources/busybox/." . && rm -f .unpacked
    make defconfig HOSTCC=gcc >/dev/null &&
        sed -i 's/^CONFIG_TC=y/# CONFIG_TC is not set/' .config || return 1
    local kind
    for kind in dynamic static; do
        [ $kind = dynamic ] || sed -i 's/.*CONFIG_STATIC\b.*/CONFIG_STATIC=y/' .config
        make -j"$jobs" HOSTCC=gcc CROSS_COMPILE="$1" SKIP_STRIP=y busybox && mv busybox busybox.$kind || return 1
    done
}
build_bash() {
    cp -a "$sources/bash/." .
    local host=
    [ -z "$1" ] || host=--host=${1%-}
    ./configure $host --without-bash-malloc --disable-nls --enable-static-link CFLAGS="-O1 -w" &&
        make -j"$jobs" && mv bash bash.static &&
        make STATIC_LD= bash && mv bash bash.dynamic || return 1
    # What its tests call.
    make CC_FOR_BUILD="$CC" LDFLAGS_FOR_BUILD=-static recho zecho printenv xcase
}

# compare WHAT KIND SCRIPT: the script sees the program as $P.
compare() {
    local what=$1 kind=$2
    P=$out/native/$what timeout -k 1 60 bash -c "cd $work && P=$out/native/$what/$3.$kind; $4" \
        >"$work/want" 2>&1 </dev/null
    local run="timeout -k 1 ${LIMIT:-60} ${ferry_command[*]} -L $SYSROOT"
    bash -c "cd $work && P='$run $out/$prefix/$what/$3.$kind'; $4" >"$work/got" 2>&1 </dev/null
    same "$name.$3.$kind" "$work/want" "$work/got"
}

test_lua() {
    local kind
    for kind in static dynamic; do
        compare lua $kind lua "\$P $PWD/tests/cross/test.lua"
    done
}
test_zlib() {
    local kind
    for kind in static dynamic; do
        # The first line tells sizes of types.
        compare zlib $kind example '$P foo.gz | tail -n +2'
        compare zlib $kind minigzip 'seq 1 60000 | $P | md5sum; seq 1 60000 | $P -9 | $P -d | md5sum; $P -d </dev/null; echo $?'
    done
}
test_sqlite() {
    local kind
    for kind in static dynamic; do
        compare sqlite $kind sqlite "rm -f db; \$P db <$PWD/tests/cross/test.sql; \$P db 'select count(*), sum(length(s)) from t; pragma integrity_check;'"
    done
    local run="${ferry_command[*]} $out/$prefix/sqlite/fuzzcheck.static" data
    for data in ${CROSS:+1 2 3 5 7 8} 4 6; do
        if (cd "$work" && timeout -k 1 1200 $run "$sources/sqlite3/test/fuzzdata$data.db") >"$work/fuzz" 2>&1 </dev/null &&
            grep -q '0 errors' "$work/fuzz"; then
            ok "$name.sqlite.fuzzdata$data"
        else
            tail -n 5 "$work/fuzz"
            not_ok "$name.sqlite.fuzzdata$data" "its own test"
        fi
    done
}
# Its own suite, for applets that need nothing special of the machine.  What it
# takes for busybox is a script that has ferry run it under the link's name.
test_busybox() {
    local dir=$out/$prefix/busybox b kind applet
    for kind in static dynamic; do
        b=$work/bb.$kind
        mkdir -p "$b/scripts"
        cp -r "$dir/testsuite" "$dir/.config" "$b/"
        cp "$dir/scripts/echo.c" "$b/scripts/"
        printf '#!/bin/sh\nexec %s -L %s -0 "${0##*/}" %s "$@"\n' "${ferry_command[*]}" "$SYSROOT" \
            "$dir/busybox.$kind" >"$b/busybox"
        chmod +x "$b/busybox"
        for applet in basename cut dirname expand expr factor head md5sum paste printf sort sum tr uniq \
            wc xargs ${CROSS:+ash awk bc comm cp cpio date dd diff du echo find grep gunzip gzip \
            hexdump ls mkdir mv od patch pwd readlink rm rmdir sed seq strings tail tar test touch \
            true unexpand unzip uptime uuencode which xxd}; do
            (cd "$b/testsuite" && bindir=$b timeout -k 1 300 ./runtest $applet) >"$work/bb.log" 2>&1 </dev/null
            if grep -q '^FAIL' "$work/bb.log"; then
                grep '^FAIL' "$work/bb.log"
                not_ok "$name.busybox.$kind.$applet" "its own test"
            elif grep -q '^PASS' "$work/bb.log"; then
                ok "$name.busybox.$kind.$applet ($(grep -c '^PASS' "$work/bb.log"))"
            elif grep -q '^\(UNTESTED\|SKIPPED\)' "$work/bb.log"; then
                skip "$name.busybox.$kind.$applet" "not built, or nothing that can be tested here"
            else
                tail -n 3 "$work/bb.log"
                not_ok "$name.busybox.$kind.$applet" "its own test did not run"
            fi
        done
    done
}

# bash_suite DIR KIND TEST [FERRY...]: one of its own tests, by the shell in DIR.  It shows its
# name, and hands functions on in the environment, which other shells would drop.
bash_suite() {
    local dir=$1 own=$work/bash-tests shell=$work/shell/bash
    rm -rf "$own" "$work/shell" "$work/bash"
    cp -r "$sources/bash/tests" "$own"
    cp "$dir"/{recho,zecho,printenv,xcase} "$own/"
    mkdir "$work/shell"
    ln -s "$dir/bash.$2" "$shell"
    if [ $# -gt 3 ]; then
        printf '#!%s\nexec %s -0 "$0" %s "$@"\n' "$BASH" "${*:4}" "$shell" >"$work/bash"
        chmod +x "$work/bash"
        shell=$work/bash
    fi
    (
        cd "$own" || exit
        export THIS_SH=$shell BASH_TSTOUT=$work/bash-out PATH=$own:$PATH TMPDIR=$work LC_ALL=C
        unset LANG LANGUAGE
        timeout -k 1 300 sh "./run-$3"
    ) >"$work/bash.log" 2>&1 </dev/null
}
# Those of its tests that pass with the native build.
test_bash() {
    local kind t tests="appendop arith arith-for array assoc case
        casemod comsub cond dollars dynvar extglob func getopts herestr ifs iquote nquote
        parser posixexp posixpat procsub quote rhs-exp set-x strip type"
    if [ -n "${CROSS-}" ]; then
        tests=$(cd "$sources/bash/tests" && echo run-*)
        tests=" ${tests//run-/}"
        tests=${tests/ all/}
    fi
    for kind in static dynamic; do
        compare bash $kind bash "\$P $PWD/tests/cross/test.bash one 'two words'"
    done
    for t in $tests; do
        for kind in static ${CROSS:+dynamic}; do
            if ! bash_suite "$out/native/bash" $kind $t; then
                skip "$name.bash.$kind.$t" "its native build fails it too"
                continue
            fi
            if bash_suite "$out/$prefix/bash" $kind $t "${ferry_command[@]}" -L "$SYSROOT"; then
                ok "$name.bash.$kind.$t"
            else
                tail -n 20 "$work/bash.log"
                not_ok "$name.bash.$kind.$t" "its own test"
            fi
        done
    done
}

for p in $programs; do
    package=$p
    case $p in
    lua) package=lua5.4 ;;
    sqlite) package=sqlite3 ;;
    esac
    if ! source_of $package; then
        skip "$name.$p" "can't fetch the Debian source of $package"
    elif ! { [ $p = busybox ] || built $p ''; } || ! built $p "$prefix"; then
        tail -n 5 "$out"/{native,"$prefix"}/$p/log
        not_ok "$name.$p" "can't be built"
    else
        test_$p
    fi
done
