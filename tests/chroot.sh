#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ferry chroot, with the packages of tests/real.sh: as the user who calls, and if
# that is root as an ordinary user too.
. tests/lib.sh

read -r packages <tests/real/packages
root=$PWD/$BUILD/root-arm64
# shellcheck disable=SC2086 # a list of words
if ! flock "$BUILD" scripts/debian-root.sh arm64 "$BUILD/root-arm64" $packages >&2; then
    skip chroot "can't fetch Debian packages for arm64"
    exit 0
fi
if ! "$FERRY" chroot "$root" true 2>"$work/err"; then
    if grep -q 'user name spaces' "$work/err"; then
        skip chroot "no mount name space here"
        exit 0
    fi
    cat "$work/err"
fi
chmod 755 "$work"
mkdir "$work/share"
echo shared >"$work/share/file"

# inside NAME WANT SCRIPT: what a shell in the root prints, and its exit status.
inside() {
    "${as[@]}" "$FERRY" chroot "$root" bash -c "$3" >"$work/got" 2>&1
    echo "status $?" >>"$work/got"
    printf '%s\n' "$2" >"$work/want"
    same "chroot.$who.$1" "$work/want" "$work/got"
}

# shellcheck disable=SC2016 # the guest's shell expands them
suite() {
    inside identity $'0 0 aarch64\nstatus 0' 'echo $(id -u) $(id -g) $(uname -m)'
    inside proc $'1\nbash\nstatus 0' '[ -d /proc/1 ] && echo 1; read -r comm </proc/$$/comm; echo $comm'
    inside mounts $'/ /proc /sys /dev /run\nstatus 0' \
        'echo $(cut -d" " -f2 /proc/self/mounts | grep -x "/\|/proc\|/sys\|/dev\|/run")'
    inside environment $'/root yes\nstatus 0' \
        'case :$PATH: in *:/usr/sbin:*) echo $HOME yes ;; esac'
    TMPDIR=$work inside tmpdir $'unset\nstatus 0' 'echo ${TMPDIR-unset}'
    inside resolv $'same\nstatus 0' "[ \"\$(cat /etc/resolv.conf)\" = '$(cat /etc/resolv.conf)' ] && echo same"
    inside exit $'status 3' 'exit 3'
    inside killed $'status 143' 'kill -TERM $$'
    (
        trap '' HUP
        inside ignored $'alive\nstatus 0' 'kill -HUP $$; echo alive'
    )
    # Programs find ferry where there is no /proc.
    inside no-proc $'deep\nstatus 0' 'perl -e "\$p = qq(/proc); syscall(39, \$p, 2)"; sh -c "exec sh -c \"echo deep\""; exit 0'
    inside script $'/run/myscript one\nstatus 0' \
        'printf "#!/bin/sh\necho \$0 \$1\n" >/run/myscript; chmod 755 /run/myscript
         PATH=/run:$PATH; myscript one'

    "${as[@]}" "$FERRY" chroot --bind "$work/share:/run/s" "$root" cat /run/s/file >"$work/got" 2>&1
    echo shared >"$work/want"
    same "chroot.$who.bind" "$work/want" "$work/got"

    # Translations are kept where the caller keeps them, not in the root.
    mkdir -p "$work/cache.$who"
    [ $who = caller ] || chown 65534:65534 "$work/cache.$who"
    inside cache $'status 0' \
        "[ -z \"\$(find /root/.cache /dev/shm -name '*.code' -newermt @$(date +%s) 2>/dev/null)\" ]"
    "${as[@]}" env -u FERRY_CACHE_DIR "XDG_CACHE_HOME=$work/cache.$who" \
        "$FERRY" chroot "$root" true
    if [ "$(find "$work/cache.$who/ferry" -name "*.code" 2>/dev/null | wc -l)" -ge 2 ]; then
        ok "chroot.$who.cache-outside"
    else
        not_ok "chroot.$who.cache-outside" "no translations"
    fi

    # Nothing is left: no mount, no process, whatever ends it.
    local marker=3$who_number$$ how
    for how in KILL TERM; do
        "${as[@]}" "$FERRY" chroot "$root" bash -c "sleep $marker & sleep $marker" &
        local pid=$!
        for _ in {1..50}; do
            [ "$(pgrep -fc "sleep $marker")" -ge 3 ] && break
            sleep 0.1
        done
        kill -"$how" $pid
        { wait $pid; } 2>/dev/null
        for _ in {1..50}; do
            pgrep -f "sleep $marker" >/dev/null || break
            sleep 0.1
        done
        if pgrep -fa "sleep $marker" || grep "$root" /proc/self/mounts; then
            not_ok "chroot.$who.left.$how" "something is left"
        else
            ok "chroot.$who.left.$how"
        fi
    done
}

who=caller who_number=1 as=()
suite
if [ "$(id -u)" = 0 ]; then
    who=user who_number=2 as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    if ! "${as[@]}" test -x "$FERRY" || ! "${as[@]}" "$FERRY" chroot "$root" true; then
        skip chroot.user "can't be an ordinary user here"
    else
        suite
    fi
fi

# ferry from outside the root, as binfmt_misc starts it: translations are kept in
# /dev/shm, which may be mounted noexec.
unshare=(unshare -m)
[ "$(id -u)" = 0 ] || unshare=(unshare -r -m)
env -u FERRY_CACHE_DIR "${unshare[@]}" bash -c '
    root=$1
    mount --rbind /proc "$root/proc" && mount -t tmpfs -o noexec none "$root/dev" && mkdir "$root/dev/shm" || exit
    mount -t tmpfs none "$root/root" || exit
    exec 8<"$2"
    for i in 1 2; do
        HOME=/root chroot "$root" /proc/self/fd/8 --stats /bin/true
    done
    ls -A "$root/root"' bash "$root" "$FERRY" >"$work/got" 2>&1
if [ "$(grep -c 'from the cache *0 blocks' "$work/got")" = 1 ] && ! grep -q '^\.cache' "$work/got"; then
    ok chroot.cache-in-memory
else
    cat "$work/got"
    not_ok chroot.cache-in-memory "not kept there"
fi
